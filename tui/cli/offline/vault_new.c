/* vault_new.c: key file and store, in the order that leaves no store without its key. */
#include "tui/cli/offline/vault_new.h"
#include "agent/store/vfs/vault.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

ns_rc ns_offline_vault_new(const char *store_path, const char *key_path, const char *passphrase,
                           char words[NS_WORDS_TEXT], struct ns_err *err) {
    uint8_t key[NS_KEY_BYTES] = {0};
    struct ns_vault *vault = NULL;
    ns_rc rc = ns_crypto_init(err);
    if (rc == NS_OK) {
        rc = ns_vfs_register(err);
    }
    if (rc == NS_OK && key_path != NULL) {
        rc = ns_vault_key_write(key_path, key, err);
    }
    if (rc == NS_OK) {
        struct ns_vault_options options = {
            .passphrase = {passphrase != NULL ? passphrase : "", passphrase != NULL ? strlen(passphrase) : 0},
            .recovery = true,
            .machine_key = key_path != NULL ? key : NULL};
        rc = ns_vault_create(store_path, &options, words, &vault, err);
        if (rc != NS_OK && key_path != NULL) {
            unlink(key_path);
        }
    }
    ns_vault_release(vault);
    ns_crypto_wipe(key, sizeof key);
    return rc;
}
