/* The encrypted store under ordinary and unusual SQL, keys and slots. */
#include "tests/fault/store_kit.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILL(n) "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<" #n ") " \
                "INSERT INTO t SELECT i, 'PLANTED-SECRET-' || i || hex(zeroblob(60)) FROM c"

static const char *const modes[] = {"wal", "delete", "truncate", "persist", "memory"};

Test(store_sql, every_journal_mode_keeps_rows_rolls_back_and_stays_whole) {
    for (size_t m = 0; m < NS_COUNT(modes); m++) {
        struct kit k;
        char pragma[64];
        kit_make(&k);
        sqlite3 *db = kit_open(k.path);
        cr_assert_not_null(db);
        snprintf(pragma, sizeof pragma, "PRAGMA journal_mode=%s", modes[m]);
        cr_assert(kit_text_is(db, pragma, modes[m]));
        cr_assert_eq(kit_exec(db, "CREATE TABLE t(i INTEGER PRIMARY KEY, x TEXT)"), SQLITE_OK);
        cr_assert_eq(kit_exec(db, FILL(3000)), SQLITE_OK);
        cr_assert_eq(kit_exec(db, "PRAGMA cache_size=10"), SQLITE_OK); /* spills */
        cr_assert_eq(kit_exec(db, "BEGIN; UPDATE t SET x = x || 'changed'; SAVEPOINT a; "
                                  "DELETE FROM t WHERE i % 3 = 0; UPDATE t SET x = 'gone'; ROLLBACK TO a; "
                                  "UPDATE t SET x = x || '!' WHERE i < 1500; COMMIT"), SQLITE_OK, "%s: %s", modes[m], sqlite3_errmsg(db));
        cr_assert_eq(kit_int(db, "SELECT count(*) FROM t WHERE x LIKE '%changed'"), 1501, "%s", modes[m]);
        cr_assert_eq(kit_exec(db, "BEGIN; DELETE FROM t; ROLLBACK"), SQLITE_OK);
        cr_assert_eq(kit_int(db, "SELECT count(*) FROM t WHERE x LIKE '%changed!'"), 1499, "%s", modes[m]);
        cr_assert(kit_text_is(db, "PRAGMA integrity_check", "ok"));
        cr_assert_eq(kit_exec(db, "DELETE FROM t WHERE i > 100; VACUUM"), SQLITE_OK, "%s", sqlite3_errmsg(db));
        cr_assert(kit_text_is(db, "PRAGMA nest_verify", "ok"));
        sqlite3_close(db);
        kit_reopen(&k);
        db = kit_open(k.path);
        cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 100, "%s", modes[m]);
        cr_assert(kit_text_is(db, "PRAGMA integrity_check", "ok"));
        sqlite3_close(db);
        kit_remove(&k);
    }
}

Test(store_sql, vacuum_into_makes_a_file_of_its_own_that_opens_by_the_words_alone) {
    struct kit k;
    char sql[300], copy[140];
    kit_make(&k);
    sqlite3 *db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(i, x);" FILL(500)), SQLITE_OK);
    snprintf(copy, sizeof copy, "%s/copy.db", k.folder);
    snprintf(sql, sizeof sql, "VACUUM INTO '%s'", copy);
    cr_assert_eq(kit_exec(db, sql), SQLITE_OK, "%s", sqlite3_errmsg(db));
    snprintf(sql, sizeof sql, "ATTACH '%s' AS other", copy);
    cr_assert_eq(kit_exec(db, sql), SQLITE_OK, "%s", sqlite3_errmsg(db));
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t JOIN other.t USING(i, x)"), 500);
    snprintf(sql, sizeof sql, "ATTACH '%s/new.db' AS fresh; CREATE TABLE fresh.u(v); INSERT INTO fresh.u SELECT i FROM t", k.folder);
    cr_assert_eq(kit_exec(db, sql), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    ns_vault_release(k.vault);
    k.vault = NULL;
    cr_assert_null(kit_open(copy), "no key, no opening");
    uint8_t *a, *b;
    cr_assert(kit_load(k.path, &a) > 16384 && kit_load(copy, &b) > 16384);
    cr_assert(memcmp(a + 24, b + 24, 16) != 0, "file id");
    cr_assert(memcmp(a + 40, b + 40, 16) == 0, "vault id");
    free(a);
    free(b);
    cr_assert_eq(ns_vault_unlock_words(copy, ns_str_of(k.words), &k.vault, NULL), NS_OK);
    cr_assert_eq(ns_vault_attach(k.vault, NULL), NS_OK);
    db = kit_open(copy);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM t"), 500);
    cr_assert(kit_text_is(db, "PRAGMA integrity_check", "ok"));
    cr_assert_eq(kit_int(db, "PRAGMA page_size"), 4096);
    sqlite3_close(db);
    snprintf(sql, sizeof sql, "%s/new.db", k.folder);
    db = kit_open(sql);
    cr_assert_eq(kit_int(db, "SELECT count(*) FROM u"), 500);
    sqlite3_close(db);
    kit_remove(&k);
}

Test(store_sql, reader_and_writer_share_a_file_and_a_wal_starts_again_under_the_reader) {
    struct kit k;
    kit_make(&k);
    sqlite3 *w = kit_open(k.path), *r = kit_open(k.path);
    cr_assert_eq(kit_exec(w, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=20; CREATE TABLE t(i, x)"), SQLITE_OK);
    for (int64_t i = 1; i <= 300; i++) {
        cr_assert_eq(kit_exec(w, "INSERT INTO t SELECT count(*), hex(randomblob(700)) FROM t"), SQLITE_OK);
        if (i % 7 == 0) {
            cr_assert_eq(kit_int(r, "SELECT count(*) FROM t"), i);
        }
        if (i == 100) {
            cr_assert_eq(kit_exec(r, "BEGIN"), SQLITE_OK);
            cr_assert_eq(kit_int(r, "SELECT count(*) FROM t"), 100);
            cr_assert_eq(kit_exec(w, "INSERT INTO t VALUES(-1, 'x'); DELETE FROM t WHERE i = -1"), SQLITE_OK);
            cr_assert_eq(kit_int(r, "SELECT count(*) FROM t"), 100);
            cr_assert_eq(kit_exec(r, "COMMIT"), SQLITE_OK);
        }
    }
    cr_assert_eq(kit_exec(w, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    cr_assert_eq(kit_int(r, "SELECT count(*) FROM t"), 300);
    cr_assert(kit_text_is(r, "PRAGMA integrity_check", "ok"));
    cr_assert(kit_text_is(w, "PRAGMA nest_verify", "ok"));
    sqlite3_close(r);
    sqlite3_close(w);
    kit_remove(&k);
}

/* Spilled frames are written again before the commit, the first of the WAL among them: their chain of checksums must
 * hold when the WAL is recovered. */
Test(store_sql, a_transaction_that_wrote_its_first_frame_twice_is_there_after_a_crash) {
    struct kit k, copy;
    uint8_t *bytes;
    kit_make(&k);
    sqlite3 *db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "PRAGMA journal_mode=WAL; PRAGMA cache_size=10; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(i, x);" FILL(600)), SQLITE_OK);
    for (int round = 0; round < 2; round++) { /* at the head of a WAL, and behind another commit */
        cr_assert_eq(kit_exec(db, round == 0 ? "PRAGMA wal_checkpoint(TRUNCATE)" : "UPDATE t SET i = i + 1 WHERE i < 3"), SQLITE_OK);
        cr_assert_eq(kit_exec(db, "BEGIN; UPDATE t SET x = 'one'; UPDATE t SET x = 'two' || i; COMMIT"), SQLITE_OK);
        kit_make(&copy);
        for (int i = 0; i < 2; i++) {
            char from[140], to[140];
            snprintf(from, sizeof from, "%s%s", k.path, i == 0 ? "" : "-wal");
            snprintf(to, sizeof to, "%s%s", copy.path, i == 0 ? "" : "-wal");
            long n = kit_load(from, &bytes);
            cr_assert_gt(n, 16384);
            kit_save(to, bytes, n);
            free(bytes);
        }
        memcpy(copy.key, k.key, sizeof k.key);
        kit_reopen(&copy);
        sqlite3 *after = kit_open(copy.path);
        cr_assert_eq(kit_int(after, "SELECT count(*) FROM t WHERE x = 'two' || i"), 600, "round %d", round);
        cr_assert(kit_text_is(after, "PRAGMA integrity_check", "ok"));
        sqlite3_close(after);
        kit_remove(&copy);
        cr_assert_eq(kit_exec(db, "UPDATE t SET x = 'again'"), SQLITE_OK);
    }
    sqlite3_close(db);
    kit_remove(&k);
}

Test(store_sql, pragmas_that_would_hurt_are_refused) {
    struct kit k;
    kit_make(&k);
    sqlite3 *db = kit_open(k.path);
    cr_assert_eq(kit_exec(db, "CREATE TABLE t(i)"), SQLITE_OK);
    cr_assert_eq(kit_exec(db, "PRAGMA page_size=8192"), SQLITE_ERROR);
    cr_assert_eq(kit_exec(db, "PRAGMA mmap_size=1000000"), SQLITE_ERROR);
    cr_assert_eq(kit_exec(db, "PRAGMA journal_mode=OFF"), SQLITE_ERROR);
    cr_assert_eq(kit_exec(db, "PRAGMA journal_mode=WAL"), SQLITE_OK);
    cr_assert(kit_text_is(db, "PRAGMA nest_status", "format=1 suite=xchacha20-poly1305 page_size=4096 epoch=1 freshness=off counter=0 hold=none damage=none"));
    sqlite3_close(db);
    kit_remove(&k);
}

static int holds(const char *path, const char *needle) {
    uint8_t *bytes;
    long n = kit_load(path, &bytes);
    int found = n > 0 && memmem(bytes, (size_t)n, needle, strlen(needle)) != NULL;
    free(bytes);
    return found;
}

Test(store_sql, no_byte_of_any_file_shows_what_was_written) {
    for (size_t m = 0; m < 2; m++) {
        struct kit k;
        char sql[200];
        kit_make(&k);
        sqlite3 *db = kit_open(k.path);
        snprintf(sql, sizeof sql, "PRAGMA journal_mode=%s", modes[m]);
        cr_assert_eq(kit_exec(db, sql), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(db, "PRAGMA temp_store=FILE", NULL, NULL, NULL), SQLITE_OK);
        snprintf(sql, sizeof sql, "PRAGMA temp_store_directory='%s'", k.folder);
        cr_assert_eq(kit_exec(db, sql), SQLITE_OK);
        cr_assert_eq(kit_exec(db, "PRAGMA cache_size=10; PRAGMA cache_spill=1; CREATE TABLE t(i, x);" FILL(4000)), SQLITE_OK);
        cr_assert_eq(kit_exec(db, "CREATE TEMP TABLE tt AS SELECT * FROM t; BEGIN; UPDATE t SET x = 'PLANTED-SECRET-2' || i; SAVEPOINT s; DELETE FROM t"), SQLITE_OK);
        DIR *dir = opendir(k.folder); /* with journal, WAL and shm beside it, in mid-transaction */
        int files = 0;
        for (struct dirent *e; (e = readdir(dir)) != NULL;) {
            char path[400];
            snprintf(path, sizeof path, "%s/%s", k.folder, e->d_name);
            struct stat st;
            if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
                files++;
                cr_assert_not(holds(path, "PLANTED"), "%s", path);
                cr_assert_not(holds(path, "SQLite format"), "%s", path);
                cr_assert_not(holds(path, "CREATE TABLE"), "%s", path);
            }
        }
        closedir(dir);
        /* Temporary files are unlinked at once: look through our own descriptors. */
        int unlinked = 0;
        for (int fd = 3; fd < 64; fd++) {
            char link[40], target[300];
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            ssize_t n = readlink(link, target, sizeof target - 1);
            if (n > 0) {
                target[n] = '\0';
                if (strstr(target, "(deleted)") != NULL && strstr(target, "etilqs") != NULL) {
                    unlinked++;
                    cr_assert_not(holds(link, "PLANTED"), "%s", target);
                }
            }
        }
        cr_assert_geq(files, 2);
        cr_assert_geq(unlinked, 1, "a temporary file was looked at");
        cr_assert_eq(kit_exec(db, "ROLLBACK"), SQLITE_OK);
        cr_assert(kit_text_is(db, "PRAGMA integrity_check", "ok"));
        cr_assert_eq(kit_int(db, "SELECT count(*) FROM tt"), 4000);
        cr_assert_eq(kit_exec(db, "PRAGMA temp_store_directory=''"), SQLITE_OK);
        sqlite3_close(db);
        kit_remove(&k);
    }
}

Test(store_sql, slots_open_change_and_go_and_the_last_one_stays) {
    static const struct ns_kdf cheap = {64, 1};
    struct kit k;
    struct ns_vault *v = NULL;
    struct ns_err err = {0};
    struct ns_slot_info slots[NS_VAULT_SLOTS];
    uint8_t wrong[NS_KEY_BYTES] = {1};
    char words[NS_WORDS_TEXT];
    int slot;
    kit_make(&k);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, &err), NS_OK);
    ns_vault_release(v);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR("porridge for three"), &v, &err), NS_E_KEY);
    cr_assert(err.msg != 0 && strstr(err.arg[0], "home.db") != NULL, "names the file");
    cr_assert_eq(ns_vault_unlock_machine(k.path, wrong, &v, NULL), NS_E_KEY);
    cr_assert_eq(ns_vault_unlock_words(k.path, NS_STR("tofa tofa"), &v, NULL), NS_E_KEY);
    cr_assert_eq(ns_vault_change_passphrase(k.vault, NS_STR("no"), NS_STR("tea at four"), &cheap, NULL), NS_E_KEY);
    cr_assert_eq(ns_vault_change_passphrase(k.vault, NS_STR(KIT_PASSPHRASE), NS_STR("tea at four"), &cheap, NULL), NS_OK);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_KEY);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR("tea at four"), &v, NULL), NS_OK);
    ns_vault_release(v);
    cr_assert_eq(ns_vault_add_passphrase(k.vault, NS_STR("second"), &cheap, &slot, NULL), NS_OK);
    cr_assert_eq(slot, 3);
    cr_assert_eq(ns_vault_add_recovery(k.vault, words, &slot, NULL), NS_OK);
    cr_assert_eq(ns_vault_unlock_words(k.path, ns_str_of(words), &v, NULL), NS_OK);
    ns_vault_release(v);
    cr_assert_eq(ns_vault_slots(k.path, slots, NULL), NS_OK);
    cr_assert_eq(slots[0].type, NS_SLOT_PASSPHRASE);
    cr_assert_eq(slots[0].cost.memory_kib, 64);
    cr_assert_eq(slots[4].type, NS_SLOT_RECOVERY);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(ns_vault_remove_slot(k.vault, i, NULL), NS_OK);
    }
    cr_assert_eq(ns_vault_remove_slot(k.vault, 0, NULL), NS_E_NOT_FOUND);
    cr_assert_eq(ns_vault_remove_slot(k.vault, 4, NULL), NS_E_CONFLICT);
    cr_assert_eq(ns_vault_unlock_words(k.path, ns_str_of(k.words), &v, NULL), NS_E_KEY, "removed");
    for (int i = 0; i < 7; i++) {
        cr_assert_eq(ns_vault_add_machine(k.vault, wrong, &slot, NULL), NS_OK);
    }
    cr_assert_eq(ns_vault_add_machine(k.vault, wrong, &slot, NULL), NS_E_LIMIT);
    kit_remove(&k);
}

Test(store_sql, damaged_foreign_newer_and_greedy_headers_are_told_apart) {
    struct kit k;
    struct ns_vault *v = NULL;
    uint8_t *good, *b;
    kit_make(&k);
    long n = kit_load(k.path, &good);
    cr_assert_eq(n, 16384);
    b = malloc((size_t)n);
    memcpy(b, good, (size_t)n);
    memset(b, 0x55, 8192); /* one copy gone: the other serves */
    kit_save(k.path, b, n);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_OK);
    struct ns_verify report = {0};
    cr_assert_eq(ns_vault_verify(v, &report, NULL), NS_OK);
    cr_assert_eq(report.damaged, 1);
    ns_vault_release(v);
    memset(b + 8192, 0x55, 8192);
    kit_save(k.path, b, n);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_INPUT);
    for (int i = 0; i < 2; i++) { /* KDF asking for 4 TiB and for 2^32 passes */
        memcpy(b, good, (size_t)n);
        memset(b + 256 + 4 + i * 4, 0xFF, 4);
        memset(b + 8192 + 256 + 4 + i * 4, 0xFF, 4);
        kit_save(k.path, b, n);
        cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_LIMIT);
    }
    memcpy(b, good, (size_t)n);
    b[9] = b[8192 + 9] = 2;
    kit_save(k.path, b, n);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_VERSION);
    memcpy(b, good, (size_t)n);
    b[56] ^= 1; /* epoch: the wrap opens, the MAC does not fit */
    b[8192 + 56] ^= 1;
    kit_save(k.path, b, n);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_DAMAGED);
    kit_save(k.path, good, 100);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_DAMAGED);
    kit_save(k.path, (const uint8_t *)"SQLite format 3", 16);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_INPUT);
    kit_save(k.path, NULL, -1);
    cr_assert_eq(ns_vault_unlock(k.path, NS_STR(KIT_PASSPHRASE), &v, NULL), NS_E_NOT_FOUND);
    free(good);
    free(b);
    kit_remove(&k);
}

Test(store_sql, a_plain_file_is_never_taken_for_ours_nor_written_over) {
    struct kit k;
    char path[140];
    kit_make(&k);
    snprintf(path, sizeof path, "%s/plain.db", k.folder);
    sqlite3 *plain = NULL;
    cr_assert_eq(sqlite3_open(path, &plain), SQLITE_OK);
    cr_assert_eq(kit_exec(plain, "CREATE TABLE t(i, x);" FILL(200)), SQLITE_OK);
    uint8_t *before, *after;
    long n = kit_load(path, &before);
    cr_assert(n > 16384);
    cr_assert_null(kit_open(path));
    cr_assert_eq(kit_load(path, &after), n);
    cr_assert(memcmp(before, after, (size_t)n) == 0);
    free(before);
    free(after);
    /* The backup API from a plain file would bring foreign reserved bytes: refused. */
    sqlite3 *db = kit_open(k.path);
    sqlite3_backup *backup = sqlite3_backup_init(db, "main", plain, "main");
    if (backup != NULL) {
        sqlite3_backup_step(backup, -1);
        cr_assert_neq(sqlite3_backup_finish(backup), SQLITE_OK);
    }
    sqlite3_close(db);
    sqlite3_close(plain);
    kit_remove(&k);
}
