#include "tests/bench/store/loads.h"
#include "shared/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint32_t next(void) { /* the same for every engine and run */
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static sqlite3_stmt *ready(const struct engine *e, sqlite3 *db, const char *sql) {
    sqlite3_stmt *st = NULL;
    if (e->prepare(db, sql, -1, &st, NULL) != SQLITE_OK) {
        fprintf(stderr, "bench-store: %s: %s: %s\n", e->name, sql, e->errmsg(db));
        exit(1);
    }
    return st;
}

static void once(const struct engine *e, sqlite3_stmt *st) {
    int rc;
    while ((rc = e->step(st)) == SQLITE_ROW) {
        (void)e->column_int64(st, 0);
    }
    if (rc != SQLITE_DONE) {
        fprintf(stderr, "bench-store: %s: step gave %d\n", e->name, rc);
        exit(1);
    }
    e->reset(st);
}

/* Words of a number, as long rows of varying length. */
static int words(char *out, size_t cap, uint32_t n) {
    static const char *const digits[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};
    size_t at = 0;
    uint32_t v = n;
    int rounds = 2 + (int)(n % 5);
    while (rounds-- > 0) {
        for (v = n; v > 0; v /= 10) {
            at += (size_t)snprintf(out + at, cap - at, "%s ", digits[v % 10]);
        }
        n = n * 7 + 13;
        n %= 1000000;
    }
    return (int)at;
}

static void insert_rows(const struct engine *e, sqlite3 *db, const char *sql, int rows, bool ordered) {
    char text[700];
    sqlite3_stmt *st = ready(e, db, sql);
    for (int i = 1; i <= rows; i++) {
        uint32_t n = next() % 1000000;
        e->bind_int64(st, 1, ordered ? i : (int64_t)n * 100000 + i);
        e->bind_int64(st, 2, n);
        e->bind_text(st, 3, text, words(text, sizeof text, n + 1), SQLITE_STATIC);
        once(e, st);
    }
    e->finalize(st);
}

static void ranged(const struct engine *e, sqlite3 *db, const char *sql, int times, uint32_t width) {
    sqlite3_stmt *st = ready(e, db, sql);
    for (int i = 0; i < times; i++) {
        uint32_t from = next() % 900000;
        e->bind_int64(st, 1, from);
        e->bind_int64(st, 2, from + width);
        once(e, st);
    }
    e->finalize(st);
}

/* After the description of speedtest1: tables without and with keys and indexes filled; rows in their
 * order and at random; ranges, LIKE, sorting, joins of four tables, subqueries in the result, views of text;
 * changes with and without an index, thinning out, filling again, VACUUM, and the recursive queries of its
 * second half. 7 MB through a cache of 2 MB; at least 30 page reads and writes a millisecond of plain. */
static void mixed(const struct engine *e, sqlite3 *db) {
    state = 1;
    engine_run(e, db, "BEGIN; CREATE TABLE a(x INTEGER, y INTEGER, z TEXT)");
    insert_rows(e, db, "INSERT INTO a VALUES(?1,?2,?3)", 6000, true);
    engine_run(e, db, "COMMIT; BEGIN; CREATE TABLE b(x INTEGER PRIMARY KEY, y INTEGER, z TEXT)");
    insert_rows(e, db, "INSERT INTO b VALUES(?1,?2,?3)", 6000, true);
    engine_run(e, db, "COMMIT; BEGIN; CREATE TABLE c(x INTEGER UNIQUE, y INTEGER, z TEXT)");
    insert_rows(e, db, "INSERT INTO c VALUES(?1,?2,?3)", 6000, false);
    engine_run(e, db, "COMMIT; BEGIN");
    ranged(e, db, "SELECT count(*), avg(y), sum(length(x)) FROM a WHERE y BETWEEN ?1 AND ?2", 8, 100000);
    ranged(e, db, "SELECT count(*), sum(z LIKE '%nine two%'), sum(z LIKE '%one%six%'), max(upper(z)) FROM a WHERE ?1 < ?2", 4, 100000);
    ranged(e, db, "SELECT x, y, z FROM a WHERE y BETWEEN ?1 AND ?2 ORDER BY z LIMIT 10", 6, 300000);
    engine_run(e, db, "COMMIT; BEGIN; CREATE INDEX by ON b(y); CREATE INDEX cyz ON c(y, z); COMMIT; BEGIN");
    ranged(e, db, "SELECT count(*), sum(length(z)), sum(z LIKE '%four%') FROM b WHERE y BETWEEN ?1 AND ?2", 60, 10000);
    ranged(e, db, "SELECT count(*), sum(instr(z, 'eight')) FROM c WHERE y BETWEEN ?1 AND ?2", 60, 10000);
    ranged(e, db, "SELECT count(*) FROM b, c, b AS d, c AS f WHERE b.y BETWEEN ?1 AND ?2 AND c.y >= b.y AND c.y < b.y + 1500 "
                  "AND d.x = b.x + 1 AND f.y = c.y", 30, 10000);
    ranged(e, db, "SELECT x, (SELECT count(*) FROM c WHERE c.y BETWEEN b.y AND b.y + 3000), lower(z) FROM b WHERE y BETWEEN ?1 AND ?2", 30, 10000);
    engine_run(e, db, "COMMIT; BEGIN");
    ranged(e, db, "UPDATE b SET z = substr(z || 'more', 3) WHERE y BETWEEN ?1 AND ?2", 20, 10000);
    ranged(e, db, "UPDATE c SET y = y + 1 WHERE y BETWEEN ?1 AND ?2", 20, 10000);
    engine_run(e, db, "COMMIT");
    for (int i = 0; i < 30; i++) { /* small transactions */
        engine_run(e, db, "BEGIN");
        ranged(e, db, "UPDATE b SET z = z || '.' WHERE y BETWEEN ?1 AND ?2", 2, 500);
        engine_run(e, db, "COMMIT");
    }
    engine_run(e, db, "BEGIN; DELETE FROM a WHERE y < 500000; INSERT INTO a SELECT * FROM b WHERE y > 500000; COMMIT");
    engine_run(e, db, "BEGIN; DELETE FROM c WHERE y BETWEEN 100000 AND 400000; COMMIT; VACUUM");
    ranged(e, db, "SELECT count(*), sum(length(z)), sum(z LIKE '%seven%') FROM b WHERE y BETWEEN ?1 AND ?2", 60, 10000);
    engine_run(e, db, "WITH RECURSIVE xs(x) AS (VALUES(-2.0) UNION ALL SELECT x + 0.05 FROM xs WHERE x < 1.2), "
                      "ys(y) AS (VALUES(-1.0) UNION ALL SELECT y + 0.1 FROM ys WHERE y < 1.0), "
                      "m(i, cx, cy, x, y) AS (SELECT 0, x, y, 0.0, 0.0 FROM xs, ys UNION ALL "
                      "SELECT i + 1, cx, cy, x*x - y*y + cx, 2.0*x*y + cy FROM m WHERE x*x + y*y < 4.0 AND i < 40) "
                      "SELECT sum(i) FROM m");
}

static void small_table(const struct engine *e, sqlite3 *db) {
    engine_run(e, db, "CREATE TABLE t(i INTEGER PRIMARY KEY, at INTEGER, note TEXT); CREATE INDEX ta ON t(at)");
}

static void commits(const struct engine *e, sqlite3 *db, int rows) {
    state = 3;
    sqlite3_stmt *st = ready(e, db, "INSERT INTO t(at, note) VALUES(?1, ?2)");
    for (int i = 0; i < rows; i++) {
        e->bind_int64(st, 1, next());
        e->bind_text(st, 2, "wet, 02:14, size 2, by the door", -1, SQLITE_STATIC);
        once(e, st);
    }
    e->finalize(st);
}
static void commits_3000(const struct engine *e, sqlite3 *db) {
    commits(e, db, 3000);
}
static void commits_150(const struct engine *e, sqlite3 *db) {
    commits(e, db, 150);
}

static void many_rows(const struct engine *e, sqlite3 *db) {
    state = 2;
    engine_run(e, db, "CREATE TABLE b(x INTEGER PRIMARY KEY, y INTEGER, z TEXT); BEGIN");
    insert_rows(e, db, "INSERT INTO b VALUES(?1,?2,?3)", 60000, true);
    engine_run(e, db, "COMMIT");
}
static void scan(const struct engine *e, sqlite3 *db) {
    engine_run(e, db, "SELECT count(*), sum(y), sum(length(z)) FROM b");
}
static void warm(const struct engine *e, sqlite3 *db) {
    many_rows(e, db);
    scan(e, db);
}
static void scans(const struct engine *e, sqlite3 *db) {
    for (int i = 0; i < 6; i++) {
        scan(e, db);
    }
}
static void points(const struct engine *e, sqlite3 *db) {
    state = 5;
    sqlite3_stmt *st = ready(e, db, "SELECT y + length(z) FROM b WHERE x = ?1");
    for (int i = 0; i < 30000; i++) {
        e->bind_int64(st, 1, 1 + next() % 60000);
        once(e, st);
    }
    e->finalize(st);
}

static void sixty_megabytes(const struct engine *e, sqlite3 *db) {
    engine_run(e, db, "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(i INTEGER PRIMARY KEY, x BLOB); BEGIN; "
                      "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<15000) "
                      "INSERT INTO t SELECT i, zeroblob(3900) FROM c; COMMIT; PRAGMA wal_checkpoint(TRUNCATE); "
                      "UPDATE t SET x = zeroblob(3901)");
}
static void checkpoint(const struct engine *e, sqlite3 *db) {
    engine_run(e, db, "PRAGMA wal_checkpoint(PASSIVE)");
}

#define SMALL "PRAGMA cache_size=500; PRAGMA temp_store=MEMORY; "
#define LARGE "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; "
const struct load loads[] = {
    {"mixed, WAL", 1100000, SMALL "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", NULL, false, false, true, mixed},
    {"mixed, DELETE", 1100000, SMALL "PRAGMA journal_mode=DELETE; PRAGMA synchronous=NORMAL", NULL, false, false, true, mixed},
    {"one-row commits, NORMAL", 1300000, SMALL "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", small_table, false, false, false, commits_3000},
    {"one-row commits, FULL, disk", 0, SMALL "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", small_table, false, true, false, commits_150},
    {"scan, cold cache", 1450000, LARGE "PRAGMA journal_mode=WAL", many_rows, true, false, false, scan},
    {"scan, hot cache", 1030000, LARGE "PRAGMA journal_mode=WAL", warm, false, false, false, scans},
    {"point reads, small cache", 1450000, SMALL "PRAGMA journal_mode=WAL", many_rows, true, false, false, points},
    {"checkpoint of 60 MB", 1150000, LARGE "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", sixty_megabytes, false, false, false, checkpoint},
};
const int load_count = (int)NS_COUNT(loads);
