/* store_tamper.c: a file set is changed at random and opened again. Allowed: an error, or rows of one
 * state that really was committed. Never a wrong row. Prints TAP. usage: store_tamper [CASES] [SEED]
 *
 * The table holds state N in every row (x = text of N and i), so a mixture of states shows. */
#include "shared/base/log.h"
#include "tests/fault/store_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define FRAME (24 + PAGE)
#define ROWS 12
#define STATES 6

static uint64_t state;

static uint64_t next(void) {
    state += 0x9E3779B97F4A7C15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static long below(long n) {
    return n <= 0 ? 0 : (long)(next() % (uint64_t)n);
}

struct set { /* what is on disk: main file and the file beside it */
    uint8_t *main, *beside;
    long main_n, beside_n;
    const char *suffix;
    uint8_t *old_main, *old_wal; /* of an earlier checkpoint; NULL with a journal */
    long old_main_n, old_wal_n;
};

static bool write_state(sqlite3 *db, int n) {
    char sql[400];
    snprintf(sql, sizeof sql, "BEGIN; DELETE FROM t; WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<%d) "
             "INSERT INTO t SELECT i, printf('%%.*c/%%d/%%d', 200 + i * 700, 'z', %d, i) FROM c; COMMIT", ROWS, n);
    return kit_exec(db, sql) == SQLITE_OK;
}

/* -1: an error; 0: a wrong row or mixture; 1: a committed state. */
static int judge(struct kit *k) {
    struct ns_fresh fresh;
    ns_vault_hold(k->vault, NS_HOLD_NONE);
    if (ns_vault_fresh(k->vault, &fresh, NULL) != NS_OK || (fresh.state != NS_FRESH_GOOD && fresh.state != NS_FRESH_OFF)) {
        return -1; /* the agent looks first */
    }
    sqlite3 *db = kit_open(k->path);
    if (db == NULL) {
        return -1;
    }
    int64_t tables = kit_int(db, "SELECT count(*) FROM sqlite_schema");
    int verdict = 0;
    if (tables == INT64_MIN) {
        verdict = -1;
    } else if (tables == 0) {
        verdict = 1; /* before the first commit */
    } else {
        int64_t n = kit_int(db, "SELECT count(*) FROM t");
        int64_t wrong = kit_int(db, "SELECT count(*) FROM t WHERE x <> printf('%.*c/%d/%d', 200 + i * 700, 'z', "
                                    "(SELECT substr(x, instr(x, '/') + 1, 1) FROM t LIMIT 1), i)");
        /* f stands in the main file alone; it came with the second table, in a commit of its own. */
        int64_t fixed = tables < 2 ? 0 : kit_int(db, "SELECT count(*) FROM f WHERE x <> printf('%.*c/%d', 50 + i * 250, 'f', i)");
        int64_t fixed_n = tables < 2 ? 0 : kit_int(db, "SELECT count(*) FROM f");
        wrong = fixed == INT64_MIN || fixed_n == INT64_MIN ? INT64_MIN : wrong == INT64_MIN ? wrong : wrong + fixed;
        wrong += wrong != INT64_MIN && fixed_n != 40 && !(fixed_n == 0 && n == 0) ? 1 : 0;
        verdict = n == INT64_MIN || wrong == INT64_MIN ? -1 : (n == 0 || n == ROWS) && wrong == 0;
    }
    sqlite3_close(db);
    return verdict;
}

static void flip(uint8_t *bytes, long n) {
    if (n > 0) {
        bytes[below(n)] ^= (uint8_t)(1u << below(8));
    }
}

static void swap(uint8_t *a, uint8_t *b, long n) {
    for (long i = 0; i < n; i++) {
        uint8_t t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

/* One change; the name of what was done. */
static const char *harm(struct set *s) {
    long pages = (s->main_n - 16384) / PAGE;
    long frames = s->beside_n > 32 ? (s->beside_n - 32) / FRAME : 0;
    bool wal = strcmp(s->suffix, "-wal") == 0;
    long a = below(pages), b = below(pages);
    switch (below(14)) {
    case 0: flip(s->main + 16384, s->main_n - 16384); return "flip in a page";
    case 1: flip(s->main, 16384); return "flip in the header";
    case 2: flip(s->beside, s->beside_n); return "flip beside";
    case 3: swap(s->main + 16384 + a * PAGE, s->main + 16384 + b * PAGE, PAGE); return "pages swapped";
    case 4: memset(s->main + 16384 + a * PAGE, 0, PAGE); return "page zeroed";
    case 5: memcpy(s->main + 16384 + a * PAGE, s->main + 16384 + b * PAGE, PAGE); return "page copied";
    case 6: s->main_n = below(s->main_n); return "main file cut";
    case 7: s->beside_n = below(s->beside_n); return "file beside cut";
    case 8: s->main_n = 16384 + below(pages) * PAGE; return "main file cut at a page";
    case 9: for (int i = 0; i < 8; i++) { flip(s->main + 256, 2048); } return "slots scrambled";
    default: break;
    }
    if (wal && below(3) == 0) {
        long old_pages = (s->old_main_n - 16384) / PAGE, p = below(old_pages < pages ? old_pages : pages);
        switch (below(4)) {
        case 0:
        case 1: memcpy(s->main + 16384 + p * PAGE, s->old_main + 16384 + p * PAGE, PAGE); return "an old page";
        case 2: memcpy(s->main, s->old_main, 16384); return "an old header";
        default:
            s->beside_n = s->old_wal_n < s->beside_n ? s->old_wal_n : s->beside_n;
            memcpy(s->beside, s->old_wal, (size_t)s->beside_n);
            return "an old WAL";
        }
    }
    if (wal && frames > 1) {
        uint8_t *x = s->beside + 32 + below(frames) * FRAME, *y = s->beside + 32 + below(frames) * FRAME;
        switch (below(5)) {
        case 0: swap(x, y, FRAME); return "frames swapped";
        case 1: memcpy(x, y, FRAME); return "frame copied";
        case 2: memset(x + 4, 0, 4); x[7] = (uint8_t)below(30); return "commit mark forged";
        case 3: memcpy(s->beside + 16, x, 8); return "salts changed";
        default: memset(x, 0, FRAME); return "frame zeroed";
        }
    }
    if (s->beside_n > 0) {
        long at = below(s->beside_n);
        switch (below(3)) {
        case 0: s->beside[8 + below(20)] ^= (uint8_t)(1 + below(255)); return "journal header edited";
        case 1: memset(s->beside + at, 0, (size_t)(s->beside_n - at < 4100 ? s->beside_n - at : 4100)); return "zeros beside";
        default: for (int i = 0; i < 6; i++) { flip(s->beside, s->beside_n); } return "flips beside";
        }
    }
    flip(s->main, s->main_n);
    return "flip anywhere";
}

static void put(const struct kit *k, const struct set *s) {
    char beside[160], other[160];
    snprintf(beside, sizeof beside, "%s%s", k->path, s->suffix);
    kit_save(k->path, s->main, s->main_n);
    kit_save(beside, s->beside, s->beside_n > 0 ? s->beside_n : -1);
    snprintf(other, sizeof other, "%s-shm", k->path);
    unlink(other);
}

/* The files as a crash in mid-work would leave them. */
static bool capture(struct kit *k, bool wal, struct set *s) {
    sqlite3 *db = kit_open(k->path);
    char beside[160];
    s->suffix = wal ? "-wal" : "-journal";
    bool ok = db != NULL && kit_exec(db, wal ? "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0" : "PRAGMA journal_mode=DELETE") == SQLITE_OK &&
              kit_exec(db, "CREATE TABLE t(i INTEGER PRIMARY KEY, x)") == SQLITE_OK;
    ok = ok && kit_exec(db, "CREATE TABLE f(i INTEGER PRIMARY KEY, x); WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c "
                            "WHERE i<40) INSERT INTO f SELECT i, printf('%.*c/%d', 50 + i * 250, 'f', i) FROM c") == SQLITE_OK;
    if (wal) { /* an earlier state, for what is put back */
        snprintf(beside, sizeof beside, "%s-wal", k->path);
        ok = ok && write_state(db, 9);
        s->old_wal_n = kit_load(beside, &s->old_wal);
        ok = ok && kit_exec(db, "PRAGMA wal_checkpoint(RESTART)") == SQLITE_OK;
        s->old_main_n = kit_load(k->path, &s->old_main);
    }
    ok = ok && (!wal || (write_state(db, 1) && kit_exec(db, "PRAGMA wal_checkpoint(RESTART)") == SQLITE_OK));
    for (int n = 2; ok && n < STATES; n++) {
        ok = write_state(db, n);
    }
    if (ok && !wal) { /* a hot journal: the cache spills in mid-transaction */
        ok = kit_exec(db, "PRAGMA cache_size=2; BEGIN; UPDATE t SET x = 'half'; DELETE FROM t WHERE i < 4; "
                          "UPDATE t SET x = printf('%.*c', 9000, 'q')") == SQLITE_OK;
    }
    snprintf(beside, sizeof beside, "%s%s", k->path, s->suffix);
    s->main_n = kit_load(k->path, &s->main);
    s->beside_n = kit_load(beside, &s->beside);
    if (db != NULL && !wal) {
        kit_exec(db, "ROLLBACK");
    }
    sqlite3_close(db);
    return ok && s->beside_n > 8000;
}

static bool run(bool wal, long cases) {
    struct kit k;
    struct set good = {0};
    long errors = 0, states = 0, wrong = 0;
    kit_make(&k);
    bool ok = capture(&k, wal, &good);
    put(&k, &good);
    if (!ok || judge(&k) != 1) {
        fprintf(stderr, "the untouched files do not open (%s)\n", good.suffix);
        ok = false;
    }
    for (long i = 0; ok && i < cases; i++) {
        struct set s = good;
        s.main = malloc((size_t)good.main_n);
        s.beside = malloc((size_t)good.beside_n);
        memcpy(s.main, good.main, (size_t)good.main_n);
        memcpy(s.beside, good.beside, (size_t)good.beside_n);
        const char *what = harm(&s);
        put(&k, &s);
        int verdict = judge(&k);
        errors += verdict < 0;
        states += verdict > 0;
        if (verdict == 0) {
            wrong++;
            fprintf(stderr, "case %ld (%s): a wrong row\n", i, what);
        }
        free(s.main);
        free(s.beside);
    }
    fprintf(stderr, "# %s: %ld errors, %ld committed states, %ld wrong\n", good.suffix + 1, errors, states, wrong);
    free(good.main);
    free(good.beside);
    free(good.old_main);
    free(good.old_wal);
    kit_remove(&k);
    return ok && wrong == 0 && errors > 0 && states > 0;
}

int main(int argc, char **argv) {
    long cases = argc > 1 ? strtol(argv[1], NULL, 10) : 2000;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    fprintf(stderr, "# seed %llu\n", (unsigned long long)state);
    ns_log_set_level(0); /* thousands of expected errors */
    printf("1..2\n");
    int bad = 0;
    for (int i = 0; i < 2; i++) {
        bool ok = run(i == 0, cases / 2);
        printf("%s %d - no change to the files gives a wrong row (%s)\n", ok ? "ok" : "not ok", i + 1, i == 0 ? "WAL" : "hot journal");
        bad += ok ? 0 : 1;
    }
    return bad;
}
