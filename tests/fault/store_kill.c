/* store_kill.c: a child commits rows and tells each number through a pipe, another one gives the store new epochs
 * meanwhile; both are killed at random moments; every acknowledged row must be there, in WAL and in DELETE mode. Prints TAP.
 * usage: store_kill [ROUNDS] */
#include "tests/fault/store_kit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;

static uint64_t next(void) {
    state += 0x9E3779B97F4A7C15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* A row of n: its text follows from its number, so that a wrong row is seen. */
static _Noreturn void child(struct kit *k, int64_t from, int out) {
    kit_reopen(k);
    sqlite3 *db = kit_open(k->path);
    if (db == NULL || kit_exec(db, "PRAGMA synchronous=NORMAL; PRAGMA cache_size=20; PRAGMA wal_autocheckpoint=40") != SQLITE_OK) {
        fprintf(stderr, "writer, opening: %s\n", db == NULL ? "no connection" : sqlite3_errmsg(db));
        _exit(3);
    }
    for (int64_t i = from;; i++) {
        char sql[600];
        snprintf(sql, sizeof sql, "BEGIN; INSERT INTO t VALUES(%lld, printf('%%.*c%%d', 50 + %lld %% 5000, 'r', %lld)); "
                 "UPDATE s SET n = n + 1; DELETE FROM t WHERE i < %lld; COMMIT",
                 (long long)i, (long long)(i * 37), (long long)i, (long long)(i - 60));
        if (kit_exec(db, sql) != SQLITE_OK || write(out, &i, sizeof i) != sizeof i) {
            fprintf(stderr, "writer, row %lld: %s\n", (long long)i, sqlite3_errmsg(db));
            _exit(4);
        }
    }
}

/* New epochs, one after the other. A busy file is no fault: it is tried again. */
static _Noreturn void child_rekey(struct kit *k) {
    struct ns_err err = {0};
    kit_reopen(k);
    for (;;) {
        ns_rc rc = ns_vault_rekey(k->vault, &err);
        if (rc != NS_OK && rc != NS_E_BUSY) {
            fprintf(stderr, "rekey: %s\n", err.note);
            _exit(5);
        }
    }
}

static void reap(pid_t pid, bool *killed) {
    int status = 0;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    *killed = *killed && WIFSIGNALED(status);
}

/* The last row acknowledged, or -1 when the child failed by itself. */
static int64_t one_round(struct kit *k, int64_t from) {
    int ends[2];
    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(k, from, ends[1]);
    }
    close(ends[1]);
    pid_t other = next() % 2 == 0 ? fork() : -1;
    if (other == 0) {
        close(ends[0]);
        child_rekey(k);
    }
    int64_t seen = from - 1, value;
    bool killed = true;
    int wanted = (int)(next() % 6);
    while (wanted-- > 0 && read(ends[0], &value, sizeof value) == sizeof value) {
        seen = value;
    }
    struct timespec pause = {0, (long)(next() % 3000000)};
    nanosleep(&pause, NULL);
    if (other > 0 && next() % 2 == 0) {
        reap(other, &killed);
        other = -1;
    }
    kill(pid, SIGKILL);
    while (read(ends[0], &value, sizeof value) == sizeof value) {
        seen = value;
    }
    close(ends[0]);
    reap(pid, &killed);
    if (other > 0) {
        reap(other, &killed);
    }
    return killed ? seen : -1;
}

static bool run(const char *mode, int rounds) {
    struct kit k;
    bool ok = true;
    int64_t last = 0, rows = 0;
    uint32_t epoch = 0, old;
    int midway = 0;
    char begin[200];
    kit_make(&k);
    sqlite3 *db = kit_open(k.path);
    /* The mode is set while nobody else is there: SQLite answers busy at once, without waiting, to whoever changes it beside
     * another connection. */
    snprintf(begin, sizeof begin, "PRAGMA journal_mode=%s; CREATE TABLE t(i INTEGER PRIMARY KEY, x); CREATE TABLE s(n); "
             "INSERT INTO s VALUES(0)", mode);
    ok = db != NULL && kit_exec(db, begin) == SQLITE_OK;
    sqlite3_close(db);
    for (int i = 0; ok && i < rounds; i++) {
        int64_t seen = one_round(&k, last + 1);
        struct ns_fresh fresh = {0};
        bool alarm = ns_vault_fresh(k.vault, &fresh, NULL) != NS_OK || (fresh.state != NS_FRESH_GOOD && fresh.state != NS_FRESH_OFF);
        db = kit_open(k.path);
        int64_t top = db == NULL ? INT64_MIN : kit_int(db, "SELECT coalesce(max(i), 0) FROM t");
        ok = !alarm && seen >= 0 && top >= seen && kit_int(db, "SELECT n FROM s") == top &&
             kit_int(db, "SELECT count(*) FROM t WHERE x <> printf('%.*c%d', 50 + (i*37) % 5000, 'r', i)") == 0 &&
             kit_int(db, "SELECT count(*) FROM t") == (top < 61 ? top : 61) &&
             kit_text_is(db, "PRAGMA integrity_check", "ok");
        if (!ok) {
            fprintf(stderr, "%s round %d: acknowledged %lld, found %lld, freshness %d: %s\n", mode, i, (long long)seen,
                    (long long)top, (int)fresh.state, db == NULL ? "no connection" : sqlite3_errmsg(db));
        }
        sqlite3_close(db);
        ns_vault_epochs(k.vault, &epoch, &old);
        midway += old != 0;
        rows += seen - last;
        last = top;
    }
    if (ok) {
        struct ns_verify report = {0};
        ok = ns_vault_rekey(k.vault, NULL) == NS_OK && ns_vault_verify(k.vault, &report, NULL) == NS_OK && report.damaged == 0;
    }
    fprintf(stderr, "# %s: %d rounds, %lld rows acknowledged, %u epochs, %d times cut within a rekey\n", mode, rounds, (long long)rows, epoch, midway);
    kit_remove(&k);
    return ok && rows > 0;
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 300;
    state = (uint64_t)time(NULL) ^ ((uint64_t)getpid() << 32);
    fprintf(stderr, "# seed %llu\n", (unsigned long long)state);
    static const char *const modes[] = {"wal", "delete"};
    int bad = 0;
    printf("1..2\n");
    for (int m = 0; m < 2; m++) {
        bool ok = run(modes[m], (int)rounds / 2);
        printf("%s %d - no acknowledged row is lost to kill -9 in %s mode\n", ok ? "ok" : "not ok", m + 1, modes[m]);
        bad += ok ? 0 : 1;
    }
    return bad;
}
