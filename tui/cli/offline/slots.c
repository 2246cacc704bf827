/* slots.c: nestsync store slots: the ways into a file: list, add, remove, change, check. */
#include "tui/cli/offline/store_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void say_slot(const struct store_ask *a, enum ns_msg id, int slot) {
    char number[12];
    snprintf(number, sizeof number, "%d", slot + 1);
    store_say(stdout, a->lang, id, a->file, number, NULL);
}

static ns_rc add_words(const struct store_ask *a, struct ns_vault *vault, int *slot, struct ns_err *err) {
    char words[NS_WORDS_TEXT];
    ns_rc rc = ns_vault_add_recovery(vault, words, slot, err);
    if (rc == NS_OK) {
        store_say(stderr, a->lang, NS_MSG_store_words_made, a->file, NULL, NULL);
        store_print_words(words);
    }
    ns_crypto_wipe(words, sizeof words);
    return rc;
}

static ns_rc add_key_file(const struct store_ask *a, struct ns_vault *vault, int *slot, struct ns_err *err) {
    uint8_t *key = ns_secret_new(NS_KEY_BYTES);
    if (key == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no locked memory for a key");
    }
    ns_rc rc = ns_vault_key_write(a->new_key, key, err);
    if (rc == NS_OK) {
        rc = ns_vault_add_machine(vault, key, slot, err);
        if (rc != NS_OK) {
            unlink(a->new_key);
        }
    }
    ns_secret_free(key);
    return rc;
}

static ns_rc add_passphrase(const struct store_ask *a, struct ns_vault *vault, int *slot, struct ns_err *err) {
    struct store_secret *secret = ns_secret_new(sizeof *secret);
    if (secret == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no locked memory for a passphrase");
    }
    ns_rc rc = store_new_passphrase(a, a->new_fd, secret, err);
    if (rc == NS_OK) {
        rc = ns_vault_add_passphrase(vault, (struct ns_str){secret->text, secret->n}, NULL, slot, err);
    }
    ns_secret_free(secret);
    return rc;
}

/* The new one stands before the old one goes. */
static ns_rc change_passphrase(const struct store_ask *a, struct ns_vault *vault, int *slot, struct ns_err *err) {
    struct ns_slot_info before[NS_VAULT_SLOTS];
    ns_rc rc = ns_vault_slots(a->file, before, err);
    if (rc == NS_OK) {
        rc = add_passphrase(a, vault, slot, err);
    }
    for (int i = 0; rc == NS_OK && i < NS_VAULT_SLOTS; i++) {
        if (before[i].type == NS_SLOT_PASSPHRASE) {
            rc = ns_vault_remove_slot(vault, i, err);
        }
    }
    return rc;
}

int store_slots_change(const struct store_ask *a) {
    struct ns_err err = {0};
    struct ns_vault *vault = NULL;
    int slot = a->slot;
    enum ns_msg done = NS_MSG_store_slot_added;
    ns_rc rc = store_unlock(a, &vault, &err);
    if (rc != NS_OK) {
        return store_complain(a->lang, &err, rc);
    }
    switch (a->slots) {
    case SLOTS_ADD_PASSPHRASE:
        rc = add_passphrase(a, vault, &slot, &err);
        break;
    case SLOTS_ADD_WORDS:
        rc = add_words(a, vault, &slot, &err);
        break;
    case SLOTS_ADD_KEY:
        rc = add_key_file(a, vault, &slot, &err);
        break;
    case SLOTS_CHANGE:
        rc = change_passphrase(a, vault, &slot, &err);
        done = NS_MSG_store_slot_changed;
        break;
    case SLOTS_REMOVE:
        rc = ns_vault_remove_slot(vault, slot, &err);
        done = NS_MSG_store_slot_removed;
        break;
    case SLOTS_CHECK:
        done = NS_MSG_store_key_opens;
        break;
    case SLOTS_LIST:
        break;
    }
    ns_vault_release(vault);
    if (rc != NS_OK) {
        return store_complain(a->lang, &err, rc);
    }
    say_slot(a, done, slot);
    return 0;
}

int store_slots_list(const struct store_ask *a) {
    static const enum ns_msg kinds[] = {NS_MSG_NONE, NS_MSG_store_slot_passphrase,
                                        NS_MSG_store_slot_recovery, NS_MSG_store_slot_machine};
    static const char *const names[] = {"", "passphrase", "recovery", "machine"};
    struct ns_slot_info slots[NS_VAULT_SLOTS];
    struct ns_err err = {0};
    ns_rc rc = ns_vault_slots(a->file, slots, &err);
    if (rc != NS_OK) {
        return store_complain(a->lang, &err, rc);
    }
    bool first = true;
    for (int i = 0; i < NS_VAULT_SLOTS; i++) {
        if (slots[i].type == NS_SLOT_EMPTY) {
            continue;
        }
        char number[12];
        snprintf(number, sizeof number, "%d", i + 1);
        if (a->json) {
            printf("%s{\"slot\":%s,\"type\":\"%s\",\"memoryKib\":%u,\"passes\":%u}", first ? "[" : ",", number,
                   names[slots[i].type], slots[i].cost.memory_kib, slots[i].cost.passes);
        } else {
            store_say(stdout, a->lang, NS_MSG_store_slot_row, number, ns_msg(a->lang, kinds[slots[i].type]), NULL);
        }
        first = false;
    }
    if (a->json) {
        printf("%s]\n", first ? "[" : "");
    }
    return 0;
}
