/* store_layout.c: the household's migrations, one step down after the other and up again, with rows in every table and a
 * row committed between any two. The power is cut at random writes, and a process at it is killed: the store opens by
 * itself in the old layout or the new one, to the last row. Prints TAP. usage: store_layout [CUTS] [SEED] */
#include "agent/store/migrate.h"
#include "shared/base/log.h"
#include "tests/fault/world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS 12
#define LOWEST 1   /* the migration of the household itself stays */
#define STEPS 200
#define DIGEST 32
/* Little cache and early checkpoints: a migration spills, and is moved in pieces. The rows keep no check but their kind. */
#define WORK "PRAGMA cache_size=10; PRAGMA wal_autocheckpoint=25; PRAGMA ignore_check_constraints=ON"

/* ---- what stands in a store, as one digest ---- */

static void fold(uint8_t digest[DIGEST], const void *bytes, size_t n) {
    uint8_t one[DIGEST], both[2 * DIGEST];
    ns_crypto_sha256(one, bytes, n);
    memcpy(both, digest, DIGEST);
    memcpy(both + DIGEST, one, DIGEST);
    ns_crypto_sha256(digest, both, sizeof both);
}

/* Every value of every row that the statement gives, with its type. */
static bool fold_rows(sqlite3 *db, const char *sql, uint8_t digest[DIGEST]) {
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
        return false;
    }
    while (sqlite3_step(st) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(st); i++) {
            int type = sqlite3_column_type(st, i);
            fold(digest, &type, sizeof type);
            const void *bytes = sqlite3_column_blob(st, i);
            fold(digest, bytes == NULL ? "" : bytes, (size_t)sqlite3_column_bytes(st, i));
        }
    }
    return sqlite3_finalize(st) == SQLITE_OK;
}

static bool digest_of(sqlite3 *db, uint8_t digest[DIGEST]) {
    sqlite3_stmt *st = NULL;
    memset(digest, 0, DIGEST);
    bool ok = fold_rows(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name", digest) &&
              sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
                                 -1, &st, NULL) == SQLITE_OK;
    while (ok && sqlite3_step(st) == SQLITE_ROW) {
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" ORDER BY 1, 2", (const char *)sqlite3_column_text(st, 0));
        ok = fold_rows(db, sql, digest);
    }
    return sqlite3_finalize(st) == SQLITE_OK && ok;
}

/* ---- the walk: even steps commit a row, odd ones migrate once ---- */

static int newest(void) {
    return ns_migrate_newest();
}

static int walk_steps(void) {
    return 4 * (newest() - LOWEST);
}

static int version_after(int step) {
    int moved = (step + 1) / 2, depth = newest() - LOWEST;
    return moved <= depth ? newest() - moved : LOWEST + moved - depth;
}

static struct ns_db *open_store(const char *path) {
    const struct ns_db_options options = {.vfs = "nest"};
    struct ns_db *db = NULL;
    struct ns_err err = {0};
    ns_rc rc = ns_db_open(path, &options, &db, &err);
    if (rc != NS_OK) {
        fprintf(stderr, "does not open: %s %s\n", ns_rc_key(rc), err.note);
    }
    return db;
}

static bool walk_step(struct ns_db *db, int step) {
    static const struct ns_migrate_options options = {.now = 1000};
    struct ns_err err = {0};
    ns_rc rc;
    if (step % 2 == 0) {
        char sql[160];
        snprintf(sql, sizeof sql, "UPDATE users SET phone_number = printf('%%.*c', %d, 'r'), created_at = %d", 300 + step * 61 % 3000, step);
        rc = ns_db_script(db, sql, &err);
    } else {
        rc = ns_migrate_to(db, version_after(step), &options, &err);
    }
    if (rc != NS_OK) {
        fprintf(stderr, "step %d: %s %s\n", step, ns_rc_key(rc), err.note);
    }
    return rc == NS_OK;
}

/* Rows whose values follow from their number, equal in kind: references find their rows. */
static bool fill(sqlite3 *db) {
    static const char tables[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'";
    sqlite3_stmt *st = NULL;
    bool ok = kit_exec(db, "PRAGMA foreign_keys=OFF; BEGIN") == SQLITE_OK &&
              sqlite3_prepare_v2(db, tables, -1, &st, NULL) == SQLITE_OK;
    int filled = 0;
    while (ok && sqlite3_step(st) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(st, 0);
        for (int row = 1; ok && row <= ROWS; row++) {
            char *sql = NULL;
            sqlite3_stmt *info = NULL;
            ok = sqlite3_prepare_v2(db, "SELECT group_concat(CASE type WHEN 'TEXT' THEN printf('''%.*c%d''', 40 * ?2, 't', ?2) WHEN 'BLOB' THEN printf('x''%.32d''', ?2) "
                                        "WHEN 'REAL' THEN ?2 + 0.5 ELSE ?2 END, ', ') FROM pragma_table_info(?1)", -1, &info, NULL) == SQLITE_OK;
            sqlite3_bind_text(info, 1, table, -1, SQLITE_STATIC);
            sqlite3_bind_int(info, 2, row);
            if (ok && sqlite3_step(info) == SQLITE_ROW) {
                sql = sqlite3_mprintf("INSERT OR IGNORE INTO \"%w\" VALUES (%s)", table, (const char *)sqlite3_column_text(info, 0));
            }
            sqlite3_finalize(info);
            ok = sql != NULL && kit_exec(db, sql) == SQLITE_OK;
            if (!ok) {
                fprintf(stderr, "%s: %s\n  %.300s\n", table, sqlite3_errmsg(db), sql == NULL ? "" : sql);
            }
            sqlite3_free(sql);
        }
        filled++;
    }
    sqlite3_finalize(st);
    return ok && filled > 20 && kit_exec(db, "COMMIT; PRAGMA foreign_keys=ON") == SQLITE_OK;
}

static bool prepare(struct ns_db *db) {
    static const struct ns_migrate_options options = {.now = 1000};
    struct ns_err err = {0};
    return db != NULL && kit_exec(ns_db_handle(db), WORK "; PRAGMA synchronous=OFF") == SQLITE_OK && ns_migrate_up(db, &options, &err) == NS_OK && fill(ns_db_handle(db));
}

/* state[i]: the store when step i begins. The same for every file, since no value is random. */
static uint8_t state[STEPS + 1][DIGEST];

static bool learn_states(void) {
    struct kit k;
    kit_make(&k);
    struct ns_db *db = open_store(k.path);
    bool ok = prepare(db) && walk_steps() <= STEPS && digest_of(ns_db_handle(db), state[0]);
    for (int i = 0; ok && i < walk_steps(); i++) {
        ok = walk_step(db, i) && digest_of(ns_db_handle(db), state[i + 1]);
        for (int j = 0; ok && j <= i; j++) { /* or a lost step would not be seen */
            ok = memcmp(state[j], state[i + 1], DIGEST) != 0;
        }
    }
    ns_db_close(db);
    kit_remove(&k);
    return ok;
}

/* Which step would be next; -1: a state that never was. */
static int where(sqlite3 *db) {
    uint8_t digest[DIGEST];
    bool read = digest_of(db, digest);
    for (int i = 0; read && i <= walk_steps(); i++) {
        if (memcmp(digest, state[i], DIGEST) == 0) {
            return i;
        }
    }
    return -1;
}

/* ---- power cuts ---- */

struct check {
    struct kit *k;
    const char *name;
    bool lasting;
    char path[160];
    long cuts, older, newer;
};

static bool whole(void *self, int64_t acknowledged) {
    struct check *c = self;
    struct ns_vault *vault = NULL;
    struct ns_fresh fresh = {0};
    struct ns_err err = {0};
    char gone[200];
    snprintf(gone, sizeof gone, "%s-shm", c->path);
    unlink(gone);
    c->cuts++;
    if (ns_vault_unlock_machine(c->path, c->k->key, &vault, &err) != NS_OK || ns_vault_attach(vault, &err) != NS_OK ||
        ns_vault_fresh(vault, &fresh, &err) != NS_OK) {
        fprintf(stderr, "%s: cut %ld does not unlock: %s\n", c->name, c->cuts, err.note);
        ns_vault_release(vault);
        return false;
    }
    struct ns_db *db = open_store(c->path);
    int at = db == NULL ? -1 : where(ns_db_handle(db)), least = acknowledged < 0 ? 0 : (int)acknowledged;
    bool ok = at >= 0 && at <= least + 1 && (at >= least || !c->lasting) && ns_vault_held(vault) == NS_HOLD_NONE &&
              (fresh.state == NS_FRESH_GOOD || fresh.state == NS_FRESH_OFF);
    c->older += at == least;
    c->newer += at == least + 1;
    if (ok && c->cuts % 8 == 0) { /* and the agent's start brings it to the head */
        static const struct ns_migrate_options options = {.now = 2000};
        ok = kit_exec(ns_db_handle(db), WORK) == SQLITE_OK && ns_migrate_up(db, &options, &err) == NS_OK && kit_text_is(ns_db_handle(db), "PRAGMA integrity_check", "ok") &&
             kit_int(ns_db_handle(db), "SELECT count(*) FROM users") == ROWS;
    }
    if (!ok) {
        fprintf(stderr, "%s: cut %ld: acknowledged %lld, found %d, state %d, hold %d %s\n", c->name, c->cuts, (long long)acknowledged, at,
                (int)fresh.state, (int)ns_vault_held(vault), err.note);
    }
    ns_db_close(db);
    ns_vault_release(vault);
    return ok;
}

static bool cut_power(const char *name, const char *pragmas, bool lasting, long cuts, uint64_t seed) {
    struct kit k;
    struct check c = {.k = &k, .name = name, .lasting = lasting};
    char to[96];
    kit_make(&k);
    struct ns_db *db = open_store(k.path);
    bool ok = prepare(db);
    ns_db_close(db);
    snprintf(to, sizeof to, "%.60s-cut", k.folder);
    snprintf(c.path, sizeof c.path, "%s/home.db", to);
    uint8_t *bytes = NULL;
    long n = kit_load(k.path, &bytes);
    world_record(k.folder);
    FILE *out = fopen(k.path, "r+b"); /* the record begins with the whole file as it stands */
    ok = ok && mkdir(to, 0700) == 0 && out != NULL && pwrite(fileno(out), bytes, (size_t)n, 0) == n && fsync(fileno(out)) == 0;
    if (out != NULL) {
        fclose(out);
    }
    free(bytes);
    kit_reopen(&k);
    db = open_store(k.path);
    ok = ok && db != NULL && kit_exec(ns_db_handle(db), WORK) == SQLITE_OK && kit_exec(ns_db_handle(db), pragmas) == SQLITE_OK;
    world_mark(0);
    for (int i = 0; ok && i < walk_steps(); i++) {
        ok = walk_step(db, i);
        world_mark(i + 1);
    }
    ns_db_close(db);
    world_record(NULL);
    ok = ok && world_replay(to, cuts, seed, whole, &c);
    fprintf(stderr, "# %s: %d steps, %ld calls recorded, %ld power cuts: %ld in the older state, %ld in the newer\n", name, walk_steps(),
            world_events(), c.cuts, c.older, c.newer);
    struct kit copy = {0};
    memcpy(copy.folder, to, sizeof to);
    kit_remove(&copy);
    kit_remove(&k);
    return ok && c.cuts == cuts && c.newer > 0;
}

/* ---- kill -9 ---- */

static _Noreturn void child(struct kit *k, int step, int out) {
    kit_reopen(k);
    struct ns_db *db = open_store(k->path);
    if (db == NULL || kit_exec(ns_db_handle(db), WORK) != SQLITE_OK) {
        _exit(3);
    }
    bool told = write(out, &step, sizeof step) == sizeof step; /* ready */
    for (; told && step < walk_steps(); step++) {
        int done = step + 1;
        if (!walk_step(db, step) || write(out, &done, sizeof done) != sizeof done) {
            _exit(4);
        }
    }
    for (;;) {
        pause();
    }
}

/* The step that is next as the child told it; -1: it failed by itself. */
static int killed_at(struct kit *k, int step, uint32_t us) {
    int ends[2], done = step, status = 0;
    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(k, step, ends[1]);
    }
    close(ends[1]);
    const struct timespec pause = {us / 1000000, (long)(us % 1000000) * 1000};
    bool ready = read(ends[0], &done, sizeof done) == sizeof done;
    nanosleep(&pause, NULL);
    kill(pid, SIGKILL);
    for (int value; read(ends[0], &value, sizeof value) == sizeof value;) {
        done = value;
    }
    close(ends[0]);
    return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && ready ? done : -1;
}

static bool kill_rounds(long rounds, uint64_t seed) {
    struct kit k;
    long walks = 0, moved = 0, unsaid = 0;
    uint32_t most_us = 60000; /* longer where a step needs longer */
    bool ok = true;
    for (long round = 0; ok && round < rounds; walks++) {
        kit_make(&k);
        struct ns_db *db = open_store(k.path);
        ok = prepare(db);
        ns_db_close(db);
        for (int at = 0; ok && round < rounds && at < walk_steps(); round++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            int told = killed_at(&k, at, (uint32_t)(seed >> 40) % most_us);
            kit_reopen(&k);
            db = open_store(k.path);
            int found = db == NULL ? -1 : where(ns_db_handle(db));
            ok = told >= at && (found == told || found == told + 1) &&
                 kit_exec(ns_db_handle(db), WORK) == SQLITE_OK && kit_text_is(ns_db_handle(db), "PRAGMA quick_check", "ok");
            if (!ok) {
                fprintf(stderr, "kill -9, round %ld: from %d, told %d, found %d\n", round, at, told, found);
            }
            ns_db_close(db);
            most_us = found > at || most_us > 4000000 ? 60000 : most_us * 2;
            moved += found - at;
            unsaid += found > told;
            at = found;
        }
        kit_remove(&k);
    }
    fprintf(stderr, "# kill -9: %ld rounds, %ld steps on %ld stores, %ld done and not told\n", rounds, moved, walks, unsaid);
    return ok && moved > 0;
}

int main(int argc, char **argv) {
    long cuts = argc > 1 ? strtol(argv[1], NULL, 10) : 90;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    int bad = 0;
    fprintf(stderr, "# seed %llu\n", (unsigned long long)seed);
    ns_log_set_level(1);
    printf("1..4\n");
    bool ok[4];
    ok[0] = ns_crypto_init(NULL) == NS_OK && learn_states();
    ok[1] = ok[0] && cut_power("WAL FULL", "PRAGMA synchronous=FULL", true, cuts / 3, seed);
    ok[2] = ok[0] && cut_power("WAL NORMAL", "PRAGMA synchronous=NORMAL", false, cuts / 3, seed + 1);
    ok[3] = ok[0] && kill_rounds(cuts / 3, seed);
    static const char *const says[] = {"every migration goes down and up again with rows in every table, each time another state",
        "a power cut leaves the old layout or the new one, to the last row (WAL FULL)", "the same in WAL NORMAL, but for commits not yet synced",
        "kill -9 in a migration loses nothing acknowledged"};
    for (int i = 0; i < 4; i++) {
        printf("%s %d - %s\n", ok[i] ? "ok" : "not ok", i + 1, says[i]);
        bad += ok[i] ? 0 : 1;
    }
    return bad;
}
