/* store_steady.c: what the VFS asks of the machine once a store is open. In WAL mode the store's own code and libcrypto
 * under it then allocate nothing, in reads, commits, spilled transactions and checkpoints; and in synchronous=FULL it makes
 * no more write and sync calls than plain SQLite for the same statements. Counted, not timed. Prints TAP. */
#include "tests/fault/store_kit.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- counting: the store's allocations by the linker's --wrap, libcrypto's by its own table ---- */

static struct counts {
    long ours, crypto, writes, syncs;
} count;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n) {
    count.ours++;
    return __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size) {
    count.ours++;
    return __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t n) {
    count.ours++;
    return __real_realloc(p, n);
}

static void *crypto_malloc(size_t n, const char *file, int line) {
    (void)file;
    (void)line;
    count.crypto++;
    return __real_malloc(n);
}
static void *crypto_realloc(void *p, size_t n, const char *file, int line) {
    (void)file;
    (void)line;
    count.crypto++;
    return __real_realloc(p, n);
}
static void crypto_free(void *p, const char *file, int line) {
    (void)file;
    (void)line;
    free(p);
}

/* These stand before the C library's, for libsqlite3 too. */
#define OURS(name) __asm__(name) __attribute__((visibility("default")))
ssize_t steady_pwrite(int fd, const void *buf, size_t n, off_t at) OURS("pwrite64");
int steady_fsync(int fd) OURS("fsync");
int steady_fdatasync(int fd) OURS("fdatasync");

ssize_t steady_pwrite(int fd, const void *buf, size_t n, off_t at) {
    count.writes++;
    return syscall(SYS_pwrite64, fd, buf, n, at);
}
int steady_fsync(int fd) {
    (void)fd;
    count.syncs++;
    return 0;
}
int steady_fdatasync(int fd) {
    (void)fd;
    count.syncs++;
    return 0;
}

/* ---- the work ---- */

static bool round_of(sqlite3 *db) {
    bool ok = true;
    for (int i = 0; ok && i < 60; i++) {
        char sql[160];
        snprintf(sql, sizeof sql, "UPDATE t SET x = printf('%%.*c', %d, 'y') WHERE i = %d", 200 + i, 1 + i * 37 % 2000);
        ok = kit_exec(db, sql) == SQLITE_OK;
    }
    return ok && kit_int(db, "SELECT count(*) FROM t WHERE x LIKE '%y%'") > 0 &&
           kit_exec(db, "BEGIN; UPDATE t SET x = x || 'a' WHERE i % 3 = 0; UPDATE t SET x = x || 'b'; ROLLBACK") == SQLITE_OK && /* spills */
           kit_exec(db, "BEGIN; UPDATE t SET x = substr(x, 2) || 'c'; UPDATE t SET x = substr(x, 2) || 'd'; COMMIT") == SQLITE_OK &&
           kit_exec(db, "PRAGMA wal_checkpoint(PASSIVE)") == SQLITE_OK && kit_exec(db, "UPDATE t SET x = x WHERE i = 1; PRAGMA wal_checkpoint(RESTART)") == SQLITE_OK;
}

static bool prepare(sqlite3 *db, const char *mode) {
    char pragma[160];
    snprintf(pragma, sizeof pragma, "PRAGMA journal_mode=%s; PRAGMA synchronous=FULL; PRAGMA cache_size=20; PRAGMA temp_store=MEMORY; "
             "PRAGMA wal_autocheckpoint=100", mode);
    return db != NULL && kit_exec(db, pragma) == SQLITE_OK &&
           kit_exec(db, "CREATE TABLE t(i INTEGER PRIMARY KEY, x); WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c WHERE i < 2000) "
                        "INSERT INTO t SELECT i, printf('%.*c', 300, 'x') FROM c") == SQLITE_OK;
}

/* Two rounds to warm up, then three that are counted. */
static bool rounds(sqlite3 *db, struct counts *out) {
    bool ok = round_of(db) && round_of(db);
    count = (struct counts){0};
    for (int i = 0; ok && i < 3; i++) {
        ok = round_of(db);
    }
    *out = count;
    return ok;
}

int main(void) {
    static const char *const modes[] = {"wal", "delete"};
    int bad = 0, at = 0;
    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1) {
        printf("Bail out! libcrypto has allocated already\n");
        return 1;
    }
    printf("1..3\n");
    for (int m = 0; m < 2; m++) {
        struct counts sealed = {0}, plain = {0};
        struct kit k;
        sqlite3 *db = NULL;
        char path[160];
        kit_make(&k);
        bool ok = prepare(db = kit_open(k.path), modes[m]) && rounds(db, &sealed) && kit_text_is(db, "PRAGMA nest_verify", "ok");
        sqlite3_close(db);
        snprintf(path, sizeof path, "%s/plain.db", k.folder);
        db = NULL;
        ok = ok && sqlite3_open(path, &db) == SQLITE_OK && prepare(db, modes[m]) && rounds(db, &plain);
        sqlite3_close(db);
        kit_remove(&k);
        fprintf(stderr, "# %s: allocations %ld of the store, %ld of libcrypto; writes %ld, plain %ld; syncs %ld, plain %ld\n", modes[m],
                sealed.ours, sealed.crypto, sealed.writes, plain.writes, sealed.syncs, plain.syncs);
        bool calls = ok && plain.writes > 300 && plain.syncs > 100 && sealed.writes <= plain.writes && sealed.syncs <= plain.syncs;
        printf("%s %d - %s FULL: no more write and sync calls than plain SQLite\n", calls ? "ok" : "not ok", ++at, modes[m]);
        bad += calls ? 0 : 1;
        if (m == 0) { /* a rollback journal is another file for each transaction, and opens with its buffers */
            bool none = ok && sealed.ours + sealed.crypto == 0;
            printf("%s %d - %s: no allocation once it is open\n", none ? "ok" : "not ok", ++at, modes[m]);
            bad += none ? 0 : 1;
        }
    }
    return bad;
}
