/* Freshness: old pages, old WALs and old files put back are noticed; ordinary work never is. */
#include "shared/text/message.h"
#include "tests/fault/store_kit.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILL(from, n) "WITH RECURSIVE c(i) AS (VALUES(" #from ") UNION ALL SELECT i+1 FROM c WHERE i<" #n ") " \
                      "INSERT OR REPLACE INTO t SELECT i, hex(randomblob(300)) FROM c;"
#define PAGE 4096

static enum ns_fresh_state state_of(struct kit *k) {
    struct ns_fresh fresh;
    struct ns_err err = {0};
    cr_assert_eq(ns_vault_fresh(k->vault, &fresh, &err), NS_OK, "%s", err.note);
    return fresh.state;
}

static sqlite3 *begin(struct kit *k) {
    kit_make(k);
    sqlite3 *db = kit_open(k->path);
    cr_assert_eq(kit_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(i INTEGER PRIMARY KEY, x);" FILL(1, 200)), SQLITE_OK, "%s", sqlite3_errmsg(db));
    return db;
}

static char *beside(const struct kit *k, const char *suffix) {
    static char path[200];
    snprintf(path, sizeof path, "%s%s", k->path, suffix);
    return path;
}

static void again(struct kit *k) { /* a new process would see the file so */
    kit_reopen(k);
}

Test(store_fresh, ordinary_work_in_every_shape_keeps_the_sum_right) {
    struct kit k;
    sqlite3 *db = begin(&k);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD, "a WAL and no checkpoint yet");
    cr_assert_eq(kit_exec(db, "PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_OK);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD, "after a checkpoint");
    cr_assert_eq(kit_exec(db, "PRAGMA wal_autocheckpoint=20"), SQLITE_OK);
    sqlite3 *other = kit_open(k.path);
    for (int i = 0; i < 40; i++) { /* two connections take turns; readers keep some checkpoints from ending */
        sqlite3 *who = i % 3 == 0 ? other : db, *reader = i % 3 == 0 ? db : other;
        if (i % 5 == 2) {
            cr_assert_eq(kit_exec(reader, "BEGIN"), SQLITE_OK);
            cr_assert_neq(kit_int(reader, "SELECT count(*) FROM t"), INT64_MIN);
        }
        cr_assert_eq(kit_exec(who, FILL(150, 260)), SQLITE_OK, "%s", sqlite3_errmsg(who));
        cr_assert_eq(kit_exec(who, "DELETE FROM t WHERE i % 7 = 3; PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_OK);
        cr_assert_eq(state_of(&k), NS_FRESH_GOOD, "round %d, in between", i);
        if (i % 5 == 2) {
            cr_assert_eq(kit_exec(reader, "COMMIT"), SQLITE_OK);
        }
        if (i % 10 == 9) {
            cr_assert_eq(kit_exec(who, "DELETE FROM t WHERE i < 120; VACUUM"), SQLITE_OK, "%s", sqlite3_errmsg(who));
            cr_assert_eq(kit_exec(who, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
            cr_assert_eq(kit_exec(who, FILL(1, 400)), SQLITE_OK);
        }
        cr_assert_eq(state_of(&k), NS_FRESH_GOOD, "round %d", i);
    }
    cr_assert(kit_text_is(db, "PRAGMA nest_verify", "ok"));
    cr_assert(kit_text_is(db, "PRAGMA integrity_check", "ok"));
    sqlite3_close(other);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD);
    sqlite3_close(db);
    again(&k);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD, "closed");
    db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "PRAGMA journal_mode=DELETE; DELETE FROM t WHERE i = 5"), SQLITE_OK);
    cr_assert_eq(state_of(&k), NS_FRESH_OFF);
    cr_assert_eq(kit_exec(db, "PRAGMA journal_mode=WAL; DELETE FROM t WHERE i = 6"), SQLITE_OK);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD, "taken up again");
    cr_assert_eq(ns_vault_held(k.vault), NS_HOLD_NONE);
    sqlite3_close(db);
    kit_remove(&k);
}

Test(store_fresh, without_shared_memory_it_says_off_and_comes_back) {
    struct kit k;
    sqlite3 *db = begin(&k);
    sqlite3_close(db);
    db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "PRAGMA locking_mode=EXCLUSIVE; DELETE FROM t WHERE i = 1; PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_OK);
    cr_assert_eq(state_of(&k), NS_FRESH_OFF);
    sqlite3_close(db);
    db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "DELETE FROM t WHERE i = 2"), SQLITE_OK);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD);
    sqlite3_close(db);
    kit_remove(&k);
}

/* Every page of an earlier state, one at a time, laid into the later file. */
Test(store_fresh, every_old_page_put_back_is_found_and_nothing_is_written_then) {
    struct kit k;
    uint8_t *old, *new;
    int tried = 0;
    sqlite3 *db = begin(&k);
    cr_assert_eq(kit_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    long old_n = kit_load(k.path, &old);
    cr_assert_eq(kit_exec(db, "UPDATE t SET x = hex(randomblob(300)); PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    sqlite3_close(db);
    long new_n = kit_load(k.path, &new);
    for (long at = 16384; at + PAGE <= old_n && at + PAGE <= new_n; at += PAGE) {
        if (memcmp(old + at, new + at, PAGE) == 0) {
            continue;
        }
        uint8_t keep[PAGE];
        memcpy(keep, new + at, PAGE);
        memcpy(new + at, old + at, PAGE);
        kit_save(k.path, new, new_n);
        memcpy(new + at, keep, PAGE);
        again(&k);
        cr_assert_eq(state_of(&k), NS_FRESH_OLD_PAGES, "page at %ld", at);
        cr_assert_eq(ns_vault_held(k.vault), NS_HOLD_OLD_PAGES);
        db = kit_open(k.path);
        cr_assert_eq(kit_exec(db, "CREATE TABLE u(i)") & 0xff, SQLITE_READONLY);
        sqlite3_close(db);
        tried++;
    }
    cr_assert_gt(tried, 10);
    struct ns_verify report = {0};
    cr_assert_eq(ns_vault_verify(k.vault, &report, NULL), NS_OK);
    cr_assert_eq(report.damaged, 1, "every tag is right, the sum is not");
    /* Wanted so: accepted, and sound from here on. */
    struct ns_err err = {0};
    cr_assert_eq(ns_vault_accept(k.vault, &err), NS_OK, "%s", err.note);
    again(&k);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD);
    db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "CREATE TABLE u(i); DROP TABLE u"), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    free(old);
    free(new);
    kit_remove(&k);
}

Test(store_fresh, a_stale_wal_is_left_aside_kept_and_told) {
    struct kit k;
    uint8_t *wal, *later;
    sqlite3 *db = begin(&k);
    long wal_n = kit_load(beside(&k, "-wal"), &wal); /* 200 rows */
    cr_assert_eq(kit_exec(db, "PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM t WHERE i > 50; PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    sqlite3_close(db);
    kit_save(beside(&k, "-wal"), wal, wal_n);
    again(&k);
    db = kit_open(k.path);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 50, "the main file's state");
    cr_assert_eq(ns_vault_held(k.vault), NS_HOLD_OLD_WAL);
    cr_assert_eq(kit_exec(db, "DELETE FROM t") & 0xff, SQLITE_READONLY);
    sqlite3_close(db);
    cr_assert_eq(kit_load(beside(&k, "-wal"), &later), wal_n, "kept for whoever decides");
    cr_assert_eq(state_of(&k), NS_FRESH_OLD_WAL);
    struct ns_err err = {0};
    cr_assert_eq(ns_vault_accept(k.vault, &err), NS_OK, "%s", err.note);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD);
    db = kit_open(k.path);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 50);
    cr_assert_eq(kit_exec(db, "DELETE FROM t WHERE i = 1"), SQLITE_OK);
    sqlite3_close(db);
    free(wal);
    free(later);
    kit_remove(&k);
}

Test(store_fresh, an_older_main_file_beside_its_newer_wal_is_told_too) {
    struct kit k;
    uint8_t *old, *wal;
    sqlite3 *db = begin(&k);
    cr_assert_eq(kit_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    long old_n = kit_load(k.path, &old);
    cr_assert_eq(kit_exec(db, "DELETE FROM t WHERE i > 50; PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM t WHERE i > 40"), SQLITE_OK);
    long wal_n = kit_load(beside(&k, "-wal"), &wal);
    sqlite3_close(db);
    kit_save(k.path, old, old_n);
    kit_save(beside(&k, "-wal"), wal, wal_n);
    again(&k);
    db = kit_open(k.path);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 200, "one state, never a mixture");
    cr_assert_eq(ns_vault_held(k.vault), NS_HOLD_OLD_WAL);
    sqlite3_close(db);
    free(old);
    free(wal);
    kit_remove(&k);
}

/* A reader keeps the checkpoint from ending: some pages have moved, so the WAL is needed as it is. */
Test(store_fresh, a_wal_that_a_checkpoint_needs_cannot_be_cut_or_taken_away) {
    for (int how = 0; how < 4; how++) {
        struct kit k;
        uint8_t *main_bytes, *wal;
        sqlite3 *db = begin(&k), *reader = kit_open(k.path);
        cr_assert_eq(kit_exec(db, "PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET x = 'one' WHERE i % 2"), SQLITE_OK);
        cr_assert_eq(kit_exec(reader, "BEGIN"), SQLITE_OK);
        cr_assert_eq(kit_int(reader, "SELECT count(*) FROM t WHERE x = 'one'"), 100);
        cr_assert_eq(kit_exec(db, "UPDATE t SET x = 'two' WHERE i > 150; PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_OK);
        long main_n = kit_load(k.path, &main_bytes), wal_n = kit_load(beside(&k, "-wal"), &wal);
        cr_assert_eq(kit_exec(reader, "COMMIT"), SQLITE_OK);
        sqlite3_close(reader);
        sqlite3_close(db);
        if (how == 3) {
            wal[32 + 4] ^= 1; /* its first frame */
        }
        kit_save(k.path, main_bytes, main_n);
        kit_save(beside(&k, "-wal"), wal, how == 0 ? wal_n : how == 1 ? -1 : how == 2 ? 32 + 4120 : wal_n);
        again(&k);
        db = kit_open(k.path);
        if (how == 0) {
            cr_assert_eq(kit_int(db, "SELECT count(*) FROM t WHERE x = 'two'"), 50, "%s", sqlite3_errmsg(db));
            cr_assert_eq(state_of(&k), NS_FRESH_GOOD);
        } else {
            cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), INT64_MIN, "case %d", how);
            cr_assert_eq(sqlite3_extended_errcode(db), SQLITE_IOERR_DATA);
            cr_assert_eq(state_of(&k), NS_FRESH_CUT_WAL, "case %d", how);
        }
        sqlite3_close(db);
        free(main_bytes);
        free(wal);
        kit_remove(&k);
    }
}

Test(store_fresh, whole_commits_beyond_a_damaged_frame_are_no_torn_tail) {
    struct kit k;
    uint8_t *wal;
    sqlite3 *db = begin(&k);
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(kit_exec(db, "UPDATE t SET x = x || 'y' WHERE i = 3"), SQLITE_OK);
    }
    long wal_n = kit_load(beside(&k, "-wal"), &wal);
    uint8_t *main_bytes;
    long main_n = kit_load(k.path, &main_bytes);
    sqlite3_close(db);
    long frames = (wal_n - 32) / 4120;
    wal[32 + (frames - 4) * 4120 + 100] ^= 4;
    kit_save(k.path, main_bytes, main_n);
    kit_save(beside(&k, "-wal"), wal, wal_n);
    again(&k);
    db = kit_open(k.path);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t WHERE x LIKE '%yy'"), 1, "what was committed before it");
    cr_assert_eq(ns_vault_held(k.vault), NS_HOLD_WAL_DAMAGE);
    cr_assert_eq(kit_exec(db, "DELETE FROM t") & 0xff, SQLITE_READONLY, "the commits behind it are not written over");
    sqlite3_close(db);
    struct ns_err err = {0};
    cr_assert_eq(ns_vault_accept(k.vault, &err), NS_OK, "%s", err.note);
    db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "DELETE FROM t"), SQLITE_OK);
    sqlite3_close(db);
    free(wal);
    free(main_bytes);
    kit_remove(&k);
}

static void keep_damage(void *self, enum ns_damage kind, uint64_t place) {
    bool *seen = self;
    *seen = *seen || (kind == NS_DAMAGE_WAL && place == 0);
}

Test(store_fresh, a_wal_whose_first_bytes_are_gone_is_no_empty_wal) {
    struct kit k;
    uint8_t *wal, *main_bytes, *after;
    sqlite3 *db = begin(&k);
    cr_assert_eq(kit_exec(db, "UPDATE t SET x = 'acknowledged'"), SQLITE_OK);
    long wal_n = kit_load(beside(&k, "-wal"), &wal), main_n = kit_load(k.path, &main_bytes);
    sqlite3_close(db);
    memset(wal, 0x5a, 32);
    kit_save(k.path, main_bytes, main_n);
    kit_save(beside(&k, "-wal"), wal, wal_n);
    again(&k);
    bool seen = false;
    struct ns_err err = {0};
    struct ns_verify report = {.found = keep_damage, .self = &seen};
    cr_assert_eq(ns_vault_verify(k.vault, &report, &err), NS_OK, "%s", err.note);
    cr_assert(seen && report.damaged > 0, "the check of the file tells of it");
    cr_assert_eq(state_of(&k), NS_FRESH_OLD_WAL);
    db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "CREATE TABLE u(x)") & 0xff, SQLITE_READONLY, "nothing is written over its commits");
    sqlite3_close(db);
    cr_assert_eq(kit_load(beside(&k, "-wal"), &after), wal_n);
    cr_assert_arr_eq(after, wal, (size_t)wal_n);
    free(after);
    free(wal);
    free(main_bytes);
    kit_remove(&k);
}

Test(store_fresh, a_file_cut_to_its_header_is_not_accepted_as_an_empty_one) {
    struct kit k;
    uint8_t *bytes;
    sqlite3 *db = begin(&k);
    sqlite3_close(db);
    kit_load(k.path, &bytes);
    kit_save(k.path, bytes, 16384);
    again(&k);
    struct ns_err err = {0};
    cr_assert_eq(state_of(&k), NS_FRESH_OLD_PAGES);
    cr_assert_eq(ns_vault_accept(k.vault, &err), NS_E_DAMAGED);
    cr_assert_eq((int)err.msg, (int)NS_MSG_store_cut_all);
    free(bytes);
    kit_remove(&k);
}

/* ---- a look at the whole file while somebody writes ---- */

static void say_damage(void *self, enum ns_damage kind, uint64_t place) {
    (void)self;
    fprintf(stderr, "# damage %d at %llu\n", (int)kind, (unsigned long long)place);
}

struct busy {
    struct kit *k;
    atomic_bool stop;
    int failures;
};

static void *write_on(void *arg) {
    struct busy *b = arg;
    sqlite3 *db = kit_open(b->k->path);
    kit_exec(db, "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=8; PRAGMA busy_timeout=20000");
    for (int i = 0; !atomic_load(&b->stop); i++) {
        b->failures += kit_exec(db, FILL(1, 150)) != SQLITE_OK;
        if (i % 7 == 6) {
            b->failures += kit_exec(db, "DELETE FROM t WHERE i > 20; VACUUM; PRAGMA wal_checkpoint(PASSIVE)") != SQLITE_OK;
        }
    }
    sqlite3_close(db);
    return NULL;
}

Test(store_fresh, a_look_at_the_file_while_somebody_writes_is_never_an_alarm, .timeout = 120) {
    struct kit k;
    sqlite3 *db = begin(&k);
    struct busy b = {.k = &k};
    pthread_t writer;
    cr_assert_eq(pthread_create(&writer, NULL, write_on, &b), 0);
    for (int i = 0; i < 60; i++) {
        struct ns_fresh fresh;
        struct ns_verify report = {.found = say_damage};
        ns_rc rc = i % 2 ? ns_vault_fresh(k.vault, &fresh, NULL) : ns_vault_verify(k.vault, &report, NULL);
        cr_assert(rc == NS_OK || rc == NS_E_BUSY, "look %d: %s", i, ns_rc_key(rc));
        cr_assert_eq(report.damaged, 0, "look %d: %d places", i, (int)report.damaged);
        cr_assert_eq(ns_vault_held(k.vault), NS_HOLD_NONE, "look %d", i);
    }
    atomic_store(&b.stop, true);
    pthread_join(writer, NULL);
    cr_assert_eq(b.failures, 0);
    sqlite3_close(db);
    cr_assert_eq(state_of(&k), NS_FRESH_GOOD);
    kit_remove(&k);
}
