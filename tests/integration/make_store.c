/* make_store FOLDER: a store for the tests of the starting agent: nestsync.db with passphrase
 * "correct horse" (at a cost that takes no time), machine.key and recovery words, which are
 * printed. An empty, unmigrated file, as `nestsync init` leaves it to the agent. */
#include "agent/store/vfs/vault.h"

#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 2) {
        fputs("usage: make_store FOLDER\n", stderr);
        return 64;
    }
    char store[512];
    char key_file[512];
    snprintf(store, sizeof store, "%s/nestsync.db", argv[1]);
    snprintf(key_file, sizeof key_file, "%s/machine.key", argv[1]);
    struct ns_err err = {0};
    uint8_t key[NS_KEY_BYTES];
    char words[NS_WORDS_TEXT] = "";
    struct ns_vault *vault = NULL;
    const struct ns_kdf cheap = {.memory_kib = 64, .passes = 1};
    const struct ns_vault_options options = {.passphrase = NS_STR("correct horse"),
                                             .recovery = true,
                                             .machine_key = key,
                                             .cost = &cheap};
    ns_rc rc = ns_crypto_init(&err);
    if (rc == NS_OK) {
        rc = ns_vault_key_write(key_file, key, &err);
    }
    if (rc == NS_OK) {
        rc = ns_vault_create(store, &options, words, &vault, &err);
    }
    if (rc != NS_OK) {
        fprintf(stderr, "make_store: %s: %s\n", ns_rc_key(rc), err.note);
    } else {
        puts(words);
    }
    ns_vault_release(vault);
    return ns_rc_exit_status(rc);
}
