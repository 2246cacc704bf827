/* What the store refuses: each with a code and words of its own, and the file as it was. */
#include "shared/text/message.h"
#include "tests/fault/world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY 8192
#define FILL "CREATE TABLE t(i, x); WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<300) " \
             "INSERT INTO t SELECT i, hex(zeroblob(60)) FROM c"

struct bad {
    const char *what;
    void (*spoil)(uint8_t *bytes, long *n);
    const char *passphrase;
    ns_rc rc;
    int msg;
};

static void leave(uint8_t *b, long *n) {
    (void)b;
    (void)n;
}
static void both_bodies(uint8_t *b, long *n) {
    (void)n;
    b[100] ^= 1; /* inside the part that the MAC covers */
    b[COPY + 100] ^= 1;
}
static void both_gone(uint8_t *b, long *n) {
    (void)n;
    memset(b, 0x55, 2 * COPY);
}
static void both_formats(uint8_t *b, long *n) {
    (void)n;
    b[9] = b[COPY + 9] = 9;
}
static void suite(uint8_t *b, long *n) {
    (void)n;
    b[11] = b[COPY + 11] = 7;
}
static void memory(uint8_t *b, long *n) {
    (void)n;
    memset(b + 256 + 4, 0xFF, 4);
    memset(b + COPY + 256 + 4, 0xFF, 4);
}
static void passes(uint8_t *b, long *n) {
    (void)n;
    b[256 + 8 + 3] = b[COPY + 256 + 8 + 3] = 17;
}
static void cut(uint8_t *b, long *n) {
    (void)b;
    *n = 100;
}
static void plain(uint8_t *b, long *n) {
    memcpy(b, "SQLite format 3", 16);
    memset(b + 16, 0, 2 * COPY);
    (void)n;
}
static void empty(uint8_t *b, long *n) {
    (void)b;
    *n = 0;
}

static const struct bad bads[] = {
    {"a wrong passphrase", leave, "porridge for three", NS_E_KEY, NS_MSG_store_wrong_key},
    {"both copies of the header changed", both_bodies, KIT_PASSPHRASE, NS_E_DAMAGED, NS_MSG_store_header_damaged},
    {"both copies of the header gone", both_gone, KIT_PASSPHRASE, NS_E_INPUT, NS_MSG_store_not_ours},
    {"a newer format", both_formats, KIT_PASSPHRASE, NS_E_VERSION, NS_MSG_store_newer},
    {"a cipher that nobody knows", suite, KIT_PASSPHRASE, NS_E_DAMAGED, NS_MSG_store_header_damaged},
    {"a derivation that wants 4 TiB", memory, KIT_PASSPHRASE, NS_E_LIMIT, NS_MSG_store_kdf_greedy},
    {"a derivation of 17 passes", passes, KIT_PASSPHRASE, NS_E_LIMIT, NS_MSG_store_kdf_greedy},
    {"a file cut inside its header", cut, KIT_PASSPHRASE, NS_E_DAMAGED, NS_MSG_store_header_damaged},
    {"a plain SQLite file", plain, KIT_PASSPHRASE, NS_E_INPUT, NS_MSG_store_not_ours},
    {"an empty file", empty, KIT_PASSPHRASE, NS_E_INPUT, NS_MSG_store_not_ours},
};

Test(store_bad, every_file_that_is_not_right_has_its_code_and_words_and_stays_as_it_is) {
    struct kit k;
    uint8_t *good, *now;
    kit_make(&k);
    sqlite3 *db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, FILL), SQLITE_OK);
    sqlite3_close(db);
    ns_vault_release(k.vault);
    k.vault = NULL;
    long n = kit_load(k.path, &good);
    for (size_t i = 0; i < NS_COUNT(bads); i++) {
        uint8_t *b = malloc((size_t)n);
        long len = n;
        struct ns_vault *v = NULL;
        struct ns_err err = {0};
        memcpy(b, good, (size_t)n);
        bads[i].spoil(b, &len);
        kit_save(k.path, b, len);
        cr_assert_eq(ns_vault_unlock(k.path, ns_str_of(bads[i].passphrase), &v, &err), bads[i].rc, "%s: %s", bads[i].what, ns_rc_key(err.rc));
        cr_assert_eq(err.msg, bads[i].msg, "%s has other words: %d", bads[i].what, err.msg);
        cr_assert_not_null(strstr(err.arg[0], "home.db"), "%s: the words name the file", bads[i].what);
        cr_assert_null(v);
        db = kit_open(k.path); /* nobody gave SQLite a key */
        cr_assert(db == NULL || kit_int(db, "SELECT count(*) FROM sqlite_schema") == INT64_MIN, "%s: read by SQLite", bads[i].what);
        sqlite3_close(db);
        cr_assert_eq(kit_load(k.path, &now), len);
        cr_assert_eq(memcmp(now, b, (size_t)len), 0, "%s: the file was changed", bads[i].what);
        free(now);
        free(b);
    }
    free(good);
    kit_remove(&k);
}

Test(store_bad, one_copy_of_the_header_is_enough_and_the_damage_is_told) {
    for (int which = 0; which < 2; which++) {
        struct kit k;
        uint8_t *b;
        kit_make(&k);
        sqlite3 *db = kit_open(k.path);
        cr_assert_eq(kit_exec(db, FILL), SQLITE_OK);
        sqlite3_close(db);
        long n = kit_load(k.path, &b);
        memset(b + which * COPY, 0x55, COPY);
        kit_save(k.path, b, n);
        free(b);
        kit_reopen(&k);
        struct ns_verify report = {0};
        cr_assert_eq(ns_vault_verify(k.vault, &report, NULL), NS_OK);
        cr_assert_eq(report.damaged, 1);
        db = kit_open(k.path);
        cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 300);
        sqlite3_close(db);
        kit_remove(&k);
    }
}

Test(store_bad, no_room_and_no_rights_are_told_and_leave_nothing_behind) {
    static const struct ns_kdf cheap = {64, 1};
    struct kit k;
    struct ns_vault *v = NULL;
    char path[160], words[NS_WORDS_TEXT];
    struct ns_vault_options options = {.passphrase = NS_STR(KIT_PASSPHRASE), .cost = &cheap};
    kit_make(&k);
    snprintf(path, sizeof path, "%s/new.db", k.folder);
    struct ns_err err = {0};
    world_fail(WORLD_FULL, 1, true);
    cr_assert_eq(ns_vault_create(path, &options, words, &v, &err), NS_E_FULL);
    world_fail(WORLD_NONE, 0, false);
    cr_assert_neq(err.msg, 0);
    cr_assert_neq(access(path, F_OK), 0, "nothing half made stays");
    err = (struct ns_err){0};
    ns_rc rc = ns_vault_create("/sys/nestsync.db", &options, words, &v, &err); /* where even root may not */
    cr_assert(rc == NS_E_READONLY || rc == NS_E_DENIED, "%s", ns_rc_key(rc));
    cr_assert_eq(err.msg, NS_MSG_store_io);
    err = (struct ns_err){0};
    snprintf(path, sizeof path, "%s/home.db", k.folder);
    cr_assert_eq(ns_vault_create(path, &options, words, &v, &err), NS_E_CONFLICT, "never over a file");
    cr_assert_eq(err.msg, NS_MSG_store_exists);
    sqlite3 *db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, FILL), SQLITE_OK);
    world_fail(WORLD_FULL, 1, true);
    cr_assert_eq(kit_exec(db, "DELETE FROM t"), SQLITE_FULL);
    world_fail(WORLD_NONE, 0, false);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 300);
    sqlite3_close(db);
    kit_remove(&k);
}

Test(store_bad, what_sqlite_is_asked_to_do_wrong_is_refused_in_words) {
    static const struct {
        const char *sql, *words;
    } asks[] = {
        {"PRAGMA page_size=8192", "page size"},
        {"PRAGMA mmap_size=1000000", "mapped into memory"},
        {"PRAGMA journal_mode=OFF", "keeps a journal"},
    };
    struct kit k;
    kit_make(&k);
    sqlite3 *db = kit_open(k.path), *other = NULL;
    cr_assert_eq(kit_exec(db, FILL), SQLITE_OK);
    for (size_t i = 0; i < NS_COUNT(asks); i++) {
        cr_assert_eq(kit_exec(db, asks[i].sql), SQLITE_ERROR);
        cr_assert_not_null(strstr(sqlite3_errmsg(db), asks[i].words), "%s", sqlite3_errmsg(db));
    }
    /* Raw pages from a plain file: its reserved bytes are not ours. */
    cr_assert_eq(sqlite3_open(":memory:", &other), SQLITE_OK);
    cr_assert_eq(kit_exec(other, "CREATE TABLE foreign_rows(i); INSERT INTO foreign_rows VALUES(1)"), SQLITE_OK);
    sqlite3_backup *raw = sqlite3_backup_init(db, "main", other, "main");
    cr_assert_not_null(raw);
    int step = sqlite3_backup_step(raw, -1), rc = sqlite3_backup_finish(raw);
    cr_assert(step != SQLITE_DONE && rc != SQLITE_OK, "%d %d", step, rc);
    sqlite3_close(other);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 300, "%s", sqlite3_errmsg(db));
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'foreign_rows'"), 0);
    cr_assert(kit_text_is(db, "PRAGMA integrity_check", "ok"));
    cr_assert(kit_text_is(db, "PRAGMA nest_verify", "ok"));
    sqlite3_close(db);
    kit_remove(&k);
}
