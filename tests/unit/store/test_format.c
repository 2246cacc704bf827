/* The fixed files of format 1 open for ever, by each of their keys, and hold what they held. */
#include "agent/store/vfs/vault.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

#define DATA NS_TEST_SOURCE_ROOT "/tests/data/store/"

static char dir[64];

static void copy(const char *name) {
    char command[600];
    snprintf(command, sizeof command, "cp %s%s %s/ && chmod u+w %s/%s", DATA, name, dir, dir, name);
    cr_assert_eq(system(command), 0, "%s", name);
}

static void begin(void) {
    snprintf(dir, sizeof dir, "/tmp/ns-format-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    copy("format1.db");
    copy("format1-wal.db");
    copy("format1-wal.db-wal");
    copy("format1.key");
    char path[128];
    snprintf(path, sizeof path, "%s/format1.key", dir);
    chmod(path, 0400);
}

static void end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    cr_assert_eq(system(command), 0);
}

static void line_of(const char *name, char out[256]) {
    char path[300];
    snprintf(path, sizeof path, "%s%s", DATA, name);
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    cr_assert_not_null(fgets(out, 256, f));
    fclose(f);
    out[strcspn(out, "\n")] = '\0';
}

/* Reads through the VFS what the vault opens, and compares with format1.txt. */
static void holds(struct ns_vault *vault) {
    char wanted[256], got[256] = "";
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    line_of("format1.txt", wanted);
    cr_assert_eq(ns_vault_attach(vault, NULL), NS_OK);
    cr_assert_eq(sqlite3_open_v2(ns_vault_path(vault), &db, SQLITE_OPEN_READWRITE, "nest"), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, "SELECT group_concat(x, ' ') FROM t", -1, &st, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    snprintf(got, sizeof got, "%s", (const char *)sqlite3_column_text(st, 0));
    cr_assert_str_eq(got, wanted);
    sqlite3_finalize(st);
    cr_assert_eq(sqlite3_prepare_v2(db, "PRAGMA nest_verify", -1, &st, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    cr_assert_str_eq((const char *)sqlite3_column_text(st, 0), "ok");
    sqlite3_finalize(st);
    sqlite3_close(db);
    ns_vault_release(vault);
}

static void opens(const char *name) {
    char path[128], key_path[128], words[256], passphrase[256];
    uint8_t key[NS_KEY_BYTES];
    struct ns_vault *vault = NULL;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(key_path, sizeof key_path, "%s/format1.key", dir);
    line_of("format1.words", words);
    line_of("format1.passphrase", passphrase);
    cr_assert_eq(ns_vault_key_read(key_path, key, NULL), NS_OK);
    cr_assert_eq(ns_vault_unlock_machine(path, key, &vault, NULL), NS_OK);
    holds(vault);
    cr_assert_eq(ns_vault_unlock_words(path, ns_str_of(words), &vault, NULL), NS_OK);
    holds(vault);
    cr_assert_eq(ns_vault_unlock(path, ns_str_of(passphrase), &vault, NULL), NS_OK);
    holds(vault);
}

Test(format, a_file_of_format_1_opens_by_each_of_its_keys) {
    begin();
    opens("format1.db");
    end();
}

Test(format, a_file_with_its_log_beside_it_opens_too) {
    begin();
    opens("format1-wal.db");
    end();
}
