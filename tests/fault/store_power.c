/* store_power.c: a busy hour of the store is recorded write by write; the power is cut at random moments of it.
 * What was acknowledged must be there, nothing half done, the file opens by itself, and freshness raises no false
 * alarm. Every byte written meanwhile is searched for planted text and keys. Prints TAP. usage: store_power [CUTS] [SEED] */
#include "agent/store/vfs/nest.h"
#include "shared/base/log.h"
#include "tests/fault/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char planted[] = "PLANTED-by-the-crib";

struct mode {
    const char *name, *pragmas;
    bool lasting; /* an acknowledged commit must survive */
};

static const struct mode modes[] = {
    {"WAL FULL", "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=25", true},
    {"WAL NORMAL", "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=25", false},
    {"DELETE FULL", "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL", true},
};

/* Row i has a text that follows from i; s counts the commits. */
static bool work(struct kit *k, sqlite3 *db) {
    bool ok = kit_exec(db, "CREATE TABLE t(i INTEGER PRIMARY KEY, x); CREATE TABLE s(n); INSERT INTO s VALUES(0)") == SQLITE_OK;
    world_mark(0);
    int slot = -1;
    for (int i = 1; ok && i <= 120; i++) {
        char sql[500];
        snprintf(sql, sizeof sql, "BEGIN; INSERT INTO t VALUES(%d, printf('%s%%.*c%%d', %d, 'r', %d)); UPDATE s SET n = n + 1; "
                 "DELETE FROM t WHERE i < %d; COMMIT", i, planted, 50 + i * 37 % 5000, i, i - 40);
        ok = kit_exec(db, sql) == SQLITE_OK;
        world_mark(i);
        if (i % 23 == 0) { /* more than the cache holds, then taken back */
            ok = ok && kit_exec(db, "BEGIN; UPDATE t SET x = x || x; SAVEPOINT a; DELETE FROM t; ROLLBACK TO a; "
                                    "UPDATE t SET x = 'half'; ROLLBACK") == SQLITE_OK;
        }
        if (i % 37 == 0) {
            ok = ok && kit_exec(db, "VACUUM") == SQLITE_OK;
        }
        if (i % 11 == 0) { /* the file shrinks, and has holes when it grows again */
            ok = ok && kit_exec(db, "CREATE TABLE big(x); INSERT INTO big VALUES(zeroblob(60000)); DROP TABLE big; VACUUM") == SQLITE_OK;
        }
        if (i % 31 == 0) { /* a new epoch, beside the connection that goes on */
            struct ns_err err = {0};
            ns_rc rc = ns_vault_rekey(k->vault, &err);
            if (rc != NS_OK) {
                fprintf(stderr, "rekey at %d: %s\n", i, err.note);
            }
            ok = ok && rc == NS_OK;
        }
        if (i % 29 == 0) { /* the header changes too */
            uint8_t key[NS_KEY_BYTES] = {(uint8_t)i};
            ok = ok && (slot < 0 ? ns_vault_add_machine(k->vault, key, &slot, NULL) : ns_vault_remove_slot(k->vault, slot, NULL)) == NS_OK;
            slot = i % 58 == 0 ? -1 : slot;
        }
    }
    return ok;
}

struct check {
    struct kit *k;
    const struct mode *mode;
    char path[160];
    long cuts, midway;
};

/* One cut: the copy in a folder of its own. */
static bool whole(void *self, int64_t acknowledged) {
    struct check *c = self;
    struct ns_vault *vault = NULL;
    struct ns_fresh fresh = {0};
    struct ns_err err = {0};
    bool ok = false;
    char gone[200];
    snprintf(gone, sizeof gone, "%s-shm", c->path);
    unlink(gone);
    c->cuts++;
    ns_rc rc = ns_vault_unlock_machine(c->path, c->k->key, &vault, &err);
    if (rc != NS_OK || ns_vault_attach(vault, NULL) != NS_OK || ns_vault_fresh(vault, &fresh, &err) != NS_OK) {
        fprintf(stderr, "%s: cut %ld does not unlock: %s %s\n", c->mode->name, c->cuts, ns_rc_key(rc), err.note);
        return false;
    }
    sqlite3 *db = kit_open(c->path);
    int64_t tables = db == NULL ? INT64_MIN : kit_int(db, "SELECT count(*) FROM sqlite_schema");
    int64_t n = tables < 2 ? tables : kit_int(db, "SELECT coalesce((SELECT n FROM s), 0)");
    char sql[300];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM t WHERE x <> printf('%s%%.*c%%d', 50 + i*37%%5000, 'r', i)", planted);
    if (tables == INT64_MIN) {
        fprintf(stderr, "%s: cut %ld does not open: %s\n", c->mode->name, c->cuts, db == NULL ? "" : sqlite3_errmsg(db));
    } else if (tables < 2) {
        ok = !c->mode->lasting || acknowledged == INT64_MIN;
    } else {
        ok = (!c->mode->lasting || acknowledged == INT64_MIN || n >= acknowledged) && kit_int(db, sql) == 0 &&
             kit_int(db, "SELECT count(*) FROM t") == (n < 41 ? n : 41) && kit_int(db, "SELECT coalesce(max(i),0) FROM t") == n &&
             kit_text_is(db, "PRAGMA integrity_check", "ok") && kit_exec(db, "UPDATE s SET n = n") == SQLITE_OK;
    }
    if (ns_vault_held(vault) != NS_HOLD_NONE || (fresh.state != NS_FRESH_GOOD && fresh.state != NS_FRESH_OFF)) {
        fprintf(stderr, "%s: cut %ld: a false alarm (state %d, hold %d)\n", c->mode->name, c->cuts, (int)fresh.state, (int)ns_vault_held(vault));
        ok = false;
    }
    if (!ok) {
        fprintf(stderr, "%s: cut %ld: acknowledged %lld, found %lld\n", c->mode->name, c->cuts, (long long)acknowledged, (long long)n);
    }
    sqlite3_close(db);
    uint32_t now, old;
    ns_vault_epochs(vault, &now, &old);
    c->midway += old != 0;
    if (ok && (old != 0 || c->cuts % 16 == 0)) { /* a rekey that was cut goes on, and another one begins */
        struct ns_verify report = {0};
        rc = ns_vault_rekey(vault, &err);
        ns_vault_epochs(vault, &now, &old);
        ok = rc == NS_OK && old == 0 && ns_vault_verify(vault, &report, &err) == NS_OK && report.damaged == 0;
        if (!ok) {
            fprintf(stderr, "%s: cut %ld: the rekey does not go on: %s\n", c->mode->name, c->cuts, err.note);
        }
    }
    if (ok) {
        ok = ns_vault_fresh(vault, &fresh, NULL) == NS_OK && (fresh.state == NS_FRESH_GOOD || fresh.state == NS_FRESH_OFF);
        if (!ok) {
            fprintf(stderr, "%s: cut %ld: a false alarm after the repair (state %d)\n", c->mode->name, c->cuts, (int)fresh.state);
        }
    }
    ns_vault_release(vault);
    return ok;
}

static bool run(const struct mode *mode, long cuts, uint64_t seed) {
    struct kit k;
    struct check c = {.mode = mode};
    char to[96], command[300];
    static uint8_t secrets[3][NS_KEY_BYTES];
    kit_make(&k);
    c.k = &k;
    memcpy(secrets[0], k.key, NS_KEY_BYTES);
    memcpy(secrets[1], k.vault->keys->master, NS_KEY_BYTES);
    memcpy(secrets[2], k.vault->keys->page[1], NS_KEY_BYTES);
    world_seek(NULL, 0);
    world_seek(planted, sizeof planted - 1);
    for (int i = 0; i < 3; i++) {
        world_seek(secrets[i], NS_KEY_BYTES);
    }
    uint8_t *header;
    long n = kit_load(k.path, &header);
    snprintf(to, sizeof to, "%.60s-cut", k.folder);
    if (mkdir(to, 0700) != 0) {
        return false;
    }
    snprintf(c.path, sizeof c.path, "%s/home.db", to);
    snprintf(command, sizeof command, "PRAGMA cache_size=10; %s", mode->pragmas);
    world_record(k.folder);
    FILE *out = fopen(k.path, "r+b"); /* the header that was made is the first event */
    bool ok = out != NULL;
    if (ok) {
        ok = pwrite(fileno(out), header, (size_t)n, 0) == n && fsync(fileno(out)) == 0;
        fclose(out);
    }
    free(header);
    kit_reopen(&k);
    sqlite3 *db = kit_open(k.path);
    ok = ok && db != NULL && kit_exec(db, command) == SQLITE_OK && work(&k, db);
    if (!ok) {
        fprintf(stderr, "%s: the work itself failed: %s\n", mode->name, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
    world_record(NULL);
    bool leaked = world_found();
    ok = ok && !leaked && world_replay(to, cuts, seed, whole, &c);
    fprintf(stderr, "# %s: %ld calls recorded, %ld power cuts (%ld within a rekey), %lld bytes searched%s\n", mode->name, world_events(), c.cuts, c.midway,
            (long long)world_bytes(), leaked ? ", SOMETHING FOUND" : "");
    struct kit copy = {0};
    memcpy(copy.folder, to, sizeof to);
    kit_remove(&copy);
    kit_remove(&k);
    return ok;
}

int main(int argc, char **argv) {
    long cuts = argc > 1 ? strtol(argv[1], NULL, 10) : 300;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    int bad = 0;
    fprintf(stderr, "# seed %llu\n", (unsigned long long)seed);
    ns_log_set_level(1);
    printf("1..%d\n", (int)NS_COUNT(modes));
    for (size_t m = 0; m < NS_COUNT(modes); m++) {
        bool ok = run(&modes[m], cuts / (long)NS_COUNT(modes), seed + m);
        printf("%s %d - a power cut at any moment loses nothing acknowledged and leaves nothing half done (%s)\n", ok ? "ok" : "not ok", (int)m + 1, modes[m].name);
        bad += ok ? 0 : 1;
    }
    return bad;
}
