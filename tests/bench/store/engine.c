#include "tests/bench/store/engine.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct counts counted;
static struct ns_vault *vault;
static uint8_t machine_key[NS_KEY_BYTES] = {7};

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "bench-store: %s: %s\n", what, why);
    exit(1);
}

/* ---- system calls of this process, counted ----
 * These definitions stand before the C library's, for libsqlite3 too. */

#define OURS(name) __asm__(name) __attribute__((visibility("default")))
ssize_t counted_pread(int fd, void *buf, size_t n, off_t at) OURS("pread64");
ssize_t counted_pwrite(int fd, const void *buf, size_t n, off_t at) OURS("pwrite64");
ssize_t counted_preadv(int fd, const struct iovec *iov, int n, off_t at) OURS("preadv64");
int counted_fsync(int fd) OURS("fsync");
int counted_fdatasync(int fd) OURS("fdatasync");

ssize_t counted_pread(int fd, void *buf, size_t n, off_t at) {
    counted.reads++;
    return syscall(SYS_pread64, fd, buf, n, at);
}
ssize_t counted_pwrite(int fd, const void *buf, size_t n, off_t at) {
    counted.writes++;
    return syscall(SYS_pwrite64, fd, buf, n, at);
}
ssize_t counted_preadv(int fd, const struct iovec *iov, int n, off_t at) {
    counted.reads++;
    return syscall(SYS_preadv, fd, iov, n, at, 0);
}
int counted_fsync(int fd) {
    counted.syncs++;
    return (int)syscall(SYS_fsync, fd);
}
int counted_fdatasync(int fd) {
    counted.syncs++;
    return (int)syscall(SYS_fdatasync, fd);
}

void engine_counts(struct counts *out) {
    *out = counted;
    counted = (struct counts){0};
}

/* ---- engines ---- */

static struct engine plain = {"plain", sqlite3_open_v2, sqlite3_close, sqlite3_exec, sqlite3_prepare_v2,
    sqlite3_step, sqlite3_reset, sqlite3_finalize, sqlite3_bind_int64, sqlite3_bind_text,
    sqlite3_column_int64, sqlite3_errmsg, false, false};
static struct engine nest, cipher;

static sqlite3_syscall_ptr symbol(void *lib, const char *name) {
    union {
        void *object;
        sqlite3_syscall_ptr function;
    } f;
    f.object = dlsym(lib, name);
    if (f.object == NULL) {
        die("SQLCipher", name);
    }
    return f.function;
}

static bool load_cipher(void) {
    void *lib = dlopen("libsqlcipher.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (lib == NULL) {
        return false;
    }
    cipher = plain;
    cipher.name = "sqlcipher";
    cipher.cipher = true;
    cipher.open = (int (*)(const char *, sqlite3 **, int, const char *))symbol(lib, "sqlite3_open_v2");
    cipher.close = (int (*)(sqlite3 *))symbol(lib, "sqlite3_close");
    cipher.exec = (int (*)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **))symbol(lib, "sqlite3_exec");
    cipher.prepare = (int (*)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **))symbol(lib, "sqlite3_prepare_v2");
    cipher.step = (int (*)(sqlite3_stmt *))symbol(lib, "sqlite3_step");
    cipher.reset = (int (*)(sqlite3_stmt *))symbol(lib, "sqlite3_reset");
    cipher.finalize = (int (*)(sqlite3_stmt *))symbol(lib, "sqlite3_finalize");
    cipher.bind_int64 = (int (*)(sqlite3_stmt *, int, sqlite3_int64))symbol(lib, "sqlite3_bind_int64");
    cipher.bind_text = (int (*)(sqlite3_stmt *, int, const char *, int, void (*)(void *)))symbol(lib, "sqlite3_bind_text");
    cipher.column_int64 = (sqlite3_int64 (*)(sqlite3_stmt *, int))symbol(lib, "sqlite3_column_int64");
    cipher.errmsg = (const char *(*)(sqlite3 *))symbol(lib, "sqlite3_errmsg");
    return true;
}

const struct engine *engine_get(const char *name) {
    if (strcmp(name, "plain") == 0) {
        return &plain;
    }
    if (strcmp(name, "nest") == 0) {
        nest = plain;
        nest.name = "nest";
        nest.sealed = true;
        return &nest;
    }
    return cipher.name != NULL || load_cipher() ? &cipher : NULL;
}

/* ---- files ---- */

const char *engine_path(const char *folder) {
    static char path[400];
    snprintf(path, sizeof path, "%s/bench.db", folder);
    return path;
}

struct ns_vault *engine_vault(void) {
    return vault;
}

void engine_run(const struct engine *e, sqlite3 *db, const char *sql) {
    if (e->exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "bench-store: %s: %s\n  %.200s\n", e->name, e->errmsg(db), sql);
        exit(1);
    }
}

sqlite3 *engine_again(const struct engine *e, const char *folder) {
    char uri[440];
    sqlite3 *db = NULL;
    snprintf(uri, sizeof uri, "file:%s%s", engine_path(folder), e->sealed ? "?vfs=nest" : "");
    if (e->open(uri, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL) != SQLITE_OK) {
        die(e->name, "the file does not open");
    }
    if (e->cipher) { /* a raw key: no derivation is timed; pages as large as everybody's */
        engine_run(e, db, "PRAGMA key=\"x'2DD29CA851E7B56E4697B0E1F08507293D761A05CE4D1B628663F411A8086D99'\"; "
                          "PRAGMA cipher_page_size=4096");
    }
    return db;
}

sqlite3 *engine_new(const struct engine *e, const char *folder) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (int i = 0; i < 4; i++) {
        char path[440];
        snprintf(path, sizeof path, "%s%s", engine_path(folder), ends[i]);
        unlink(path);
    }
    if (e->sealed) {
        static const struct ns_kdf cheap = {64, 1};
        struct ns_vault_options options = {.machine_key = machine_key, .cost = &cheap};
        char words[NS_WORDS_TEXT];
        struct ns_err err = {0};
        if (ns_vault_create(engine_path(folder), &options, words, &vault, &err) != NS_OK ||
            ns_vault_attach(vault, &err) != NS_OK) {
            die("nest", err.note);
        }
    }
    return engine_again(e, folder);
}

void engine_drop(const struct engine *e, const char *folder) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    if (e->sealed) {
        ns_vault_release(vault);
        vault = NULL;
    }
    for (int i = 0; i < 4; i++) {
        char path[440];
        snprintf(path, sizeof path, "%s%s", engine_path(folder), ends[i]);
        unlink(path);
    }
}
