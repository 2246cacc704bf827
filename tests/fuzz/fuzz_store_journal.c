/* fuzz_store_journal.c: a hot journal from anywhere beside a file in mid-transaction: an error, or the state before or
 * after that transaction. */
#include "tests/fault/store_kit.h"
#include "shared/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint8_t *good, *journal;
static long good_n, journal_n;
static uint8_t key[NS_KEY_BYTES];

/* The files as a crash in mid-transaction would leave them. */
static void capture(void) {
    struct kit k;
    char path[160];
    ns_log_set_level(0);
    kit_make(&k);
    memcpy(key, k.key, sizeof key);
    sqlite3 *db = kit_open(k.path);
    if (kit_exec(db, "PRAGMA journal_mode=DELETE; CREATE TABLE t(i INTEGER PRIMARY KEY, x); WITH RECURSIVE c(i) AS (VALUES(1) "
                     "UNION ALL SELECT i+1 FROM c WHERE i<30) INSERT INTO t SELECT i, printf('%.*c', 2900, 'a') FROM c; "
                     "PRAGMA cache_size=2; BEGIN; UPDATE t SET x = printf('%.*c', 2900, 'b')") != SQLITE_OK) {
        abort();
    }
    snprintf(path, sizeof path, "%s-journal", k.path);
    good_n = kit_load(k.path, &good);
    journal_n = kit_load(path, &journal);
    if (journal_n < 4096) {
        abort();
    }
    kit_exec(db, "ROLLBACK");
    sqlite3_close(db);
    kit_remove(&k);
}

/* A long transaction writes a header for each time the cache spilled. A journal that is cut before one, or whose next magic
 * is not there, is to SQLite one that ended: like a deleted journal that cannot be noticed (docs/store-format.md). */
static bool ends_early(const uint8_t *changed, long len) {
    bool early = false;
    for (long h = 0; h + 8 <= journal_n; h += 512) {
        if (memcmp(journal + h, journal, 8) == 0) {
            early = early || (h - 512 < len && len < h + 512) || (h + 8 <= len && memcmp(changed + h, journal + h, 8) != 0);
        }
    }
    return early;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char folder[] = "/tmp/ns-fuzz-XXXXXX", path[80], beside[96];
    struct ns_vault *vault = NULL;
    if (good == NULL) {
        capture();
    }
    /* The input: 3 bytes place, 1 what to do, and the bytes; bit 1 cuts the journal there. */
    uint8_t *changed = malloc((size_t)journal_n);
    long len = journal_n;
    memcpy(changed, journal, (size_t)journal_n);
    if (n >= 4) {
        size_t at = (((size_t)data[0] << 16) | ((size_t)data[1] << 8) | data[2]) % (size_t)journal_n;
        size_t part = n - 4 < (size_t)journal_n - at ? n - 4 : (size_t)journal_n - at;
        for (size_t i = 0; i < part; i++) {
            changed[at + i] = (data[3] & 1) != 0 ? data[4 + i] : changed[at + i] ^ data[4 + i];
        }
        len = (data[3] & 2) != 0 ? (long)at : len;
    }
    if (mkdtemp(folder) == NULL) {
        free(changed);
        return 0;
    }
    snprintf(path, sizeof path, "%s/home.db", folder);
    snprintf(beside, sizeof beside, "%s-journal", path);
    kit_save(path, good, good_n);
    kit_save(beside, changed, len);
    if (ns_vault_unlock_machine(path, key, &vault, NULL) != NS_OK || ns_vault_attach(vault, NULL) != NS_OK) {
        abort();
    }
    sqlite3 *db = kit_open(path);
    if (db != NULL) {
        int64_t rows = kit_int(db, "SELECT count(*) FROM t");
        int64_t wrong = kit_int(db, "SELECT count(*) FROM t WHERE x <> printf('%.*c', 2900, 'a')");
        if (!ends_early(changed, len) && rows != INT64_MIN && wrong != INT64_MIN && (rows != 30 || wrong != 0)) {
            abort();
        }
    }
    sqlite3_close(db);
    ns_vault_release(vault);
    unlink(path);
    unlink(beside);
    rmdir(folder);
    free(changed);
    return 0;
}
