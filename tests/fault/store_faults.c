/* store_faults.c: the n-th write, read, sync or allocation fails, for n = 1, 2, 3... until the work gets through: each
 * time a clean error, and afterwards the file opens with every acknowledged commit. Prints TAP. usage: store_faults [STRIDE [TURN]] */
#include "shared/base/log.h"
#include "tests/fault/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- allocation: SQLite's by its own table, the store's by the linker's --wrap ---- */

static long memory_at;
static bool memory_all, memory_came;

static bool no_memory(void) {
    if (memory_at == 0) {
        return false;
    }
    if (memory_at > 0) {
        memory_at--;
    }
    if (memory_at == 0) {
        memory_came = true;
        memory_at = memory_all ? -1 : 0;
        return true;
    }
    if (memory_at < 0) {
        return true;
    }
    return false;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
static bool ours; /* the test's own allocations never fail */

void *__wrap_malloc(size_t n) {
    return ours && no_memory() ? NULL : __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size) {
    return ours && no_memory() ? NULL : __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t n) {
    return ours && no_memory() ? NULL : __real_realloc(p, n);
}

static sqlite3_mem_methods stock;
static void *sqlite_malloc(int n) {
    return ours && no_memory() ? NULL : stock.xMalloc(n);
}
static void *sqlite_realloc(void *p, int n) {
    return ours && no_memory() ? NULL : stock.xRealloc(p, n);
}

static void watch_sqlite(void) {
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &stock);
    sqlite3_mem_methods mine = stock;
    mine.xMalloc = sqlite_malloc;
    mine.xRealloc = sqlite_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &mine);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation comes by here */
}

/* ---- the work ---- */

struct progress {
    int64_t acknowledged;
    int rc; /* first that was not OK */
};

static bool step(sqlite3 *db, struct progress *p, const char *sql) {
    int rc = kit_exec(db, sql);
    if (rc != SQLITE_OK && p->rc == SQLITE_OK) {
        p->rc = rc;
    }
    return rc == SQLITE_OK;
}

static void work(const struct kit *k, const char *mode, struct progress *p) {
    char sql[300];
    sqlite3 *db = kit_open(k->path);
    if (db == NULL) {
        p->rc = SQLITE_CANTOPEN;
        return;
    }
    snprintf(sql, sizeof sql, "PRAGMA journal_mode=%s; PRAGMA cache_size=5; PRAGMA wal_autocheckpoint=8", mode);
    bool ok = step(db, p, sql);
    for (int i = 1; ok && i <= 8; i++) {
        snprintf(sql, sizeof sql, "BEGIN; INSERT INTO t VALUES(%lld, zeroblob(%d)); UPDATE s SET n = n + 1; COMMIT",
                 (long long)p->acknowledged + 1, 300 + i * 900);
        ok = step(db, p, sql);
        if (ok) {
            p->acknowledged++;
        } else if (sqlite3_get_autocommit(db) == 0) {
            kit_exec(db, "ROLLBACK");
        }
        if (ok && i == 5) {
            ok = step(db, p, "BEGIN; UPDATE t SET x = zeroblob(4000); ROLLBACK; VACUUM");
        }
        if (ok && i == 6) { /* half done it must not be in anybody's way */
            struct ns_err err = {0};
            ns_rc rc = ns_vault_rekey(k->vault, &err);
            p->rc = rc != NS_OK && p->rc == SQLITE_OK ? SQLITE_IOERR : p->rc;
        }
    }
    sqlite3_close(db);
}

struct kind {
    const char *name;
    enum world_fault fault;
    bool memory, all;
};

/* False: something was lost, or an error came out of nothing. */
static bool once(struct kit *k, const char *mode, const struct kind *kind, long n, int64_t *rows, bool *came) {
    struct progress p = {.acknowledged = *rows};
    if (kind->memory) {
        memory_at = n;
        memory_all = kind->all;
        memory_came = false;
    } else {
        world_fail(kind->fault, n, kind->all);
    }
    ours = true;
    work(k, mode, &p);
    ours = false;
    *came = kind->memory ? memory_came : world_failed();
    memory_at = 0;
    world_fail(WORLD_NONE, 0, false);
    if (getenv("NS_FAULT_TRACE") != NULL) {
        fprintf(stderr, "# %s, %s %ld: rc %d, rows to %lld\n", mode, kind->name, n, p.rc, (long long)p.acknowledged);
    }
    bool clean = *came || p.rc == SQLITE_OK;
    kit_reopen(k); /* as a new process would */
    sqlite3 *db = kit_open(k->path);
    int64_t found = db == NULL ? INT64_MIN : kit_int(db, "SELECT n FROM s");
    struct ns_fresh fresh = {0};
    bool whole = found >= p.acknowledged && found <= p.acknowledged + 1 && kit_int(db, "SELECT max(i) FROM t") == found &&
                 kit_text_is(db, "PRAGMA integrity_check", "ok") && kit_exec(db, "DELETE FROM t WHERE i < (SELECT max(i) FROM t) - 3") == SQLITE_OK &&
                 ns_vault_held(k->vault) == NS_HOLD_NONE;
    if (!whole || !clean) {
        fprintf(stderr, "%s, %s %ld%s: rc %d, acknowledged %lld, found %lld, hold %d, %s\n", mode, kind->name, n, kind->all ? " and all after" : "",
                p.rc, (long long)p.acknowledged, (long long)found, (int)ns_vault_held(k->vault), db == NULL ? "does not open" : sqlite3_errmsg(db));
    }
    sqlite3_close(db);
    bool fits = ns_vault_fresh(k->vault, &fresh, NULL) == NS_OK && (fresh.state == NS_FRESH_GOOD || fresh.state == NS_FRESH_OFF);
    if (!fits) {
        fprintf(stderr, "%s, %s %ld: a false alarm (state %d)\n", mode, kind->name, n, (int)fresh.state);
    }
    *rows = found;
    return whole && clean && fits;
}

static const struct kind kinds[] = {
    {"write error", WORLD_EIO, false, false}, {"disk full", WORLD_FULL, false, true},  {"short write", WORLD_SHORT, false, true},
    {"failed sync", WORLD_SYNC, false, false}, {"read error", WORLD_READ, false, false}, {"no memory", WORLD_NONE, true, false},
    {"no memory", WORLD_NONE, true, true},
};

int main(int argc, char **argv) {
    static const char *const modes[] = {"wal", "delete"};
    long stride = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    int bad = 0, at = 0;
    stride = stride < 1 ? 1 : stride;
    long turn = argc > 2 ? strtol(argv[2], NULL, 10) : (long)time(NULL); /* another place to begin at each time */
    fprintf(stderr, "# turn %ld\n", turn % stride);
    ns_log_set_level(0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    watch_sqlite();
    printf("1..%d\n", (int)(2 * NS_COUNT(kinds)));
    for (int m = 0; m < 2; m++) {
        for (size_t i = 0; i < NS_COUNT(kinds); i++) {
            struct kit k;
            int64_t rows = 0;
            long tried = 0;
            bool ok, came = true;
            kit_make(&k);
            sqlite3 *db = kit_open(k.path);
            ok = kit_exec(db, "CREATE TABLE t(i INTEGER PRIMARY KEY, x); CREATE TABLE s(n); INSERT INTO s VALUES(0)") == SQLITE_OK;
            sqlite3_close(db);
            for (long n = 1 + turn % stride; ok && came; n += stride) {
                ok = once(&k, modes[m], &kinds[i], n, &rows, &came);
                tried++;
            }
            kit_remove(&k);
            printf("%s %d - %s: %s%s at each of %ld places: a clean error, nothing lost\n", ok ? "ok" : "not ok", ++at, modes[m], kinds[i].name,
                   kinds[i].all ? " from there on" : "", tried);
            bad += ok ? 0 : 1;
        }
    }
    return bad;
}
