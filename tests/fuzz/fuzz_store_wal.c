/* fuzz_store_wal.c: a WAL from anywhere beside a good file: an error or the one row that was committed. */
#include "tests/fault/store_kit.h"
#include "shared/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static struct kit k;
    static uint8_t *good, *wal;
    static long good_n, wal_n;
    char path[160];
    if (good == NULL) {
        ns_log_set_level(0);
        kit_make(&k);
        sqlite3 *db = kit_open(k.path);
        if (kit_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(i); INSERT INTO t VALUES(42)") != SQLITE_OK ||
            kit_exec(db, "PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES(42); DELETE FROM t WHERE rowid = 2") != SQLITE_OK) {
            abort();
        }
        snprintf(path, sizeof path, "%s-wal", k.path);
        good_n = kit_load(k.path, &good);
        wal_n = kit_load(path, &wal);
        sqlite3_close(db);
        kit_remove(&k); /* the folder; the vault is made again for each input */
    }
    /* The input: 4 bytes place and the bytes that go there, in the true WAL. */
    uint8_t *changed = malloc((size_t)wal_n);
    memcpy(changed, wal, (size_t)wal_n);
    if (n > 4) {
        size_t at = (((size_t)data[0] << 16) | ((size_t)data[1] << 8) | data[2]) % (size_t)wal_n;
        size_t len = n - 4 < (size_t)wal_n - at ? n - 4 : (size_t)wal_n - at;
        if ((data[3] & 1) != 0) {
            memcpy(changed + at, data + 4, len);
        } else {
            for (size_t i = 0; i < len; i++) {
                changed[at + i] ^= data[4 + i];
            }
        }
    }
    char folder[] = "/tmp/ns-fuzz-XXXXXX";
    struct ns_vault *vault = NULL;
    if (mkdtemp(folder) == NULL) {
        free(changed);
        return 0;
    }
    char db_path[80], wal_path[90];
    snprintf(db_path, sizeof db_path, "%s/home.db", folder);
    snprintf(wal_path, sizeof wal_path, "%s-wal", db_path);
    kit_save(db_path, good, good_n);
    kit_save(wal_path, changed, wal_n);
    if (ns_vault_unlock_machine(db_path, k.key, &vault, NULL) != NS_OK || ns_vault_attach(vault, NULL) != NS_OK) {
        abort();
    }
    sqlite3 *db = kit_open(db_path);
    if (db != NULL) {
        int64_t other = kit_int(db, "SELECT count(*) FROM t WHERE i <> 42");
        int64_t rows = kit_int(db, "SELECT count(*) FROM t");
        if ((other != INT64_MIN && other != 0) || (rows != INT64_MIN && rows != 1 && rows != 2)) {
            abort();
        }
    }
    sqlite3_close(db);
    ns_vault_release(vault);
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", db_path, ends[i]);
        unlink(path);
    }
    rmdir(folder);
    free(changed);
    return 0;
}
