/* fuzz_store_header.c: a file header from anywhere: parsing, listing, unlocking and opening through
 * SQLite never crash, and never give a table. The KDF is kept out by asking for the machine key. */
#include "agent/store/vfs/header.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    static uint8_t bytes[NEST_H];
    static const uint8_t key[NS_KEY_BYTES] = {1};
    struct nest_header header;
    struct ns_slot_info slots[NS_VAULT_SLOTS];
    struct ns_vault *vault = NULL;
    char path[64], uri[100];
    sqlite3 *db = NULL;
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, data, n < NEST_COPY ? n : NEST_COPY);
    memcpy(bytes + NEST_COPY, data, n < NEST_COPY ? n : NEST_COPY);
    enum nest_shape shape = nest_header_parse(bytes, &header);
    if (shape == NEST_OK && (header.page_size < 4096 || header.page_size > 65536)) {
        abort();
    }
    snprintf(path, sizeof path, "/tmp/ns-fuzz-%ld.db", (long)getpid());
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        return 0;
    }
    fwrite(bytes, 1, sizeof bytes, out);
    fclose(out);
    if (ns_vfs_register(NULL) != NS_OK ||
        (ns_vault_slots(path, slots, NULL) == NS_OK) != (shape == NEST_OK) ||
        ns_vault_unlock_machine(path, key, &vault, NULL) == NS_OK) {
        abort();
    }
    snprintf(uri, sizeof uri, "file:%s?vfs=nest", path);
    int rc = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL);
    if (rc == SQLITE_OK && sqlite3_exec(db, "CREATE TABLE t(i)", NULL, NULL, NULL) == SQLITE_OK) {
        abort(); /* nobody has the key */
    }
    sqlite3_close(db);
    unlink(path);
    return 0;
}
