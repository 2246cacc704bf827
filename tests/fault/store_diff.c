/* store_diff.c: the same SQL, made at random from a seed, on a plain file and on an encrypted one: every answer, error
 * and count must be the same, in every journal mode. Prints TAP. usage: store_diff [SCRIPTS] [SEED]
 *
 * Not compared, since they must differ: the size of a page's usable part, file sizes, page numbers, the order of rows that no
 * ORDER BY fixes (all queries here have one), and what the store refuses (page_size, mmap_size, journal_mode=off). */
#include "shared/base/log.h"
#include "tests/fault/store_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATEMENTS 60

static uint64_t state;

static uint64_t next(void) {
    state += 0x9E3779B97F4A7C15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
static int below(int n) {
    return (int)(next() % (uint64_t)n);
}

/* One of two dozen kinds; many fail by themselves (no such table, no transaction), and must fail alike. */
static void statement(char *sql, size_t cap) {
    int a = below(60), b = below(60), t = below(3);
    switch (below(24)) {
    case 0: snprintf(sql, cap, "CREATE TABLE t%d(a INTEGER PRIMARY KEY, b TEXT, c REAL, d BLOB)", t); return;
    case 1: snprintf(sql, cap, "CREATE INDEX i%d_%d ON t%d(b, c)", t, below(3), t); return;
    case 2: snprintf(sql, cap, "DROP INDEX IF EXISTS i%d_%d", t, below(3)); return;
    case 3: snprintf(sql, cap, "ALTER TABLE t%d ADD COLUMN e%d DEFAULT %d", t, below(4), a); return;
    case 4: snprintf(sql, cap, "DELETE FROM t%d WHERE a %% %d = 1", t, 2 + below(5)); return;
    case 5: case 6: case 7:
        snprintf(sql, cap, "WITH RECURSIVE n(i) AS (VALUES(%d) UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT OR REPLACE INTO t%d(a, b, c, d) "
                 "SELECT i * %d, printf('%%.*c%%d', i * %d %% 700, 'x', i), i / 3.0, zeroblob(i %% 9 * %d) FROM n", a, a + b, t, 1 + below(4), 1 + b, 1 + below(900));
        return;
    case 8: snprintf(sql, cap, "INSERT INTO t%d(a, b) VALUES(%d, 'twice')", t, a); return;
    case 9: case 10: snprintf(sql, cap, "UPDATE t%d SET b = b || 'u%d', c = c + a WHERE a BETWEEN %d AND %d", t, a, a, a + b); return;
    case 11: snprintf(sql, cap, "UPDATE t%d SET d = zeroblob(%d) WHERE a = %d", t, below(30000), a); return;
    case 12: snprintf(sql, cap, "BEGIN %s", below(2) == 0 ? "IMMEDIATE" : ""); return;
    case 13: snprintf(sql, cap, "COMMIT"); return;
    case 14: snprintf(sql, cap, "ROLLBACK"); return;
    case 15: snprintf(sql, cap, "SAVEPOINT s%d", below(2)); return;
    case 16: snprintf(sql, cap, "ROLLBACK TO s%d", below(2)); return;
    case 17: snprintf(sql, cap, "RELEASE s%d", below(2)); return;
    case 18: snprintf(sql, cap, "VACUUM"); return;
    case 19: snprintf(sql, cap, "SELECT count(*), sum(a), sum(length(b)), sum(length(d)), round(sum(c), 3) FROM t%d", t); return;
    case 20: snprintf(sql, cap, "SELECT x.a, y.a, x.b FROM t%d x JOIN t%d y ON x.b = y.b WHERE x.a < %d ORDER BY 1, 2 LIMIT 40", t, below(3), a); return;
    case 21: snprintf(sql, cap, "SELECT b, count(*) FROM t%d GROUP BY substr(b, 1, 2) ORDER BY 2, 1 LIMIT 9", t); return;
    case 22: snprintf(sql, cap, "PRAGMA integrity_check"); return;
    default: snprintf(sql, cap, "CREATE TABLE IF NOT EXISTS u%d AS SELECT * FROM t%d ORDER BY a LIMIT %d", below(3), t, a); return;
    }
}

struct answer {
    uint64_t hash;
    long rows;
};

static int row(void *self, int n, char **value, char **name) {
    struct answer *a = self;
    (void)name;
    a->rows++;
    for (int i = 0; i < n; i++) {
        for (const char *p = value[i] == NULL ? "\1" : value[i]; *p != '\0'; p++) {
            a->hash = (a->hash ^ (uint8_t)*p) * 1099511628211u;
        }
        a->hash = (a->hash ^ 0x1F) * 1099511628211u;
    }
    return 0;
}

static bool script(struct kit *k, const char *mode, uint64_t seed, long *compared) {
    char plain_path[160], sql[900], pragma[120];
    sqlite3 *plain = NULL, *db = kit_open(k->path);
    bool same = db != NULL;
    snprintf(plain_path, sizeof plain_path, "%s/plain.db", k->folder);
    same = same && sqlite3_open(plain_path, &plain) == SQLITE_OK;
    snprintf(pragma, sizeof pragma, "PRAGMA journal_mode=%s; PRAGMA cache_size=%d; PRAGMA secure_delete=ON", mode, 5 + (int)(seed % 40));
    same = same && kit_exec(plain, pragma) == SQLITE_OK && kit_exec(db, pragma) == SQLITE_OK;
    state = seed;
    for (int i = 0; same && i < STATEMENTS; i++) {
        struct answer a = {0}, b = {0};
        statement(sql, sizeof sql);
        int ra = sqlite3_exec(plain, sql, row, &a, NULL), rb = sqlite3_exec(db, sql, row, &b, NULL);
        same = ra == rb && a.hash == b.hash && a.rows == b.rows && sqlite3_total_changes64(plain) == sqlite3_total_changes64(db) &&
               sqlite3_get_autocommit(plain) == sqlite3_get_autocommit(db) &&
               (ra == SQLITE_OK || strcmp(sqlite3_errmsg(plain), sqlite3_errmsg(db)) == 0);
        (*compared)++;
        if (!same) {
            fprintf(stderr, "seed %llu, %s, statement %d: %s\n  plain %d %s (%ld rows)\n  store %d %s (%ld rows)\n", (unsigned long long)seed, mode, i, sql,
                    ra, sqlite3_errmsg(plain), a.rows, rb, sqlite3_errmsg(db), b.rows);
        }
    }
    sqlite3_close(db);
    sqlite3_close(plain);
    return same;
}

int main(int argc, char **argv) {
    static const char *const modes[] = {"wal", "delete", "truncate", "persist", "memory"};
    long scripts = argc > 1 ? strtol(argv[1], NULL, 10) : 60, compared = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    bool ok = true;
    ns_log_set_level(0);
    fprintf(stderr, "# seed %llu\n", (unsigned long long)seed);
    for (long i = 0; ok && i < scripts; i++) {
        struct kit k;
        kit_make(&k);
        ok = script(&k, modes[i % 5], seed + (uint64_t)i, &compared);
        if (ok) {
            struct ns_fresh fresh;
            ok = ns_vault_fresh(k.vault, &fresh, NULL) == NS_OK && (fresh.state == NS_FRESH_GOOD || fresh.state == NS_FRESH_OFF);
        }
        kit_remove(&k);
    }
    fprintf(stderr, "# %ld statements in %ld scripts answered alike\n", compared, scripts);
    printf("1..1\n%s 1 - plain and encrypted give the same answers\n", ok ? "ok" : "not ok");
    return ok ? 0 : 1;
}
