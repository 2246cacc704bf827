/* store_parts.h: what store.c and slots.c share; nobody else includes it. */
#pragma once
#include "agent/store/vfs/vault.h"
#include "tui/cli/offline/offline.h"

#include <stdio.h>

#define STORE_SECRET_MOST 1024

/* Lives in locked memory (ns_secret_new). */
struct store_secret {
    size_t n;
    char text[STORE_SECRET_MOST];
    char again[STORE_SECRET_MOST];
};

enum store_slots { SLOTS_LIST, SLOTS_ADD_PASSPHRASE, SLOTS_ADD_WORDS, SLOTS_ADD_KEY, SLOTS_REMOVE, SLOTS_CHANGE, SLOTS_CHECK };

struct store_ask {
    enum ns_lang lang;
    const char *verb, *file, *keyring, *machine_key;
    int passphrase_fd, words_fd, new_fd; /* -1: not given */
    bool json;
    enum store_slots slots;
    int slot;            /* SLOTS_REMOVE: from 0 */
    const char *new_key; /* SLOTS_ADD_KEY: path */
};

void store_say(FILE *to, enum ns_lang lang, enum ns_msg id, const char *a, const char *b, const char *c);
int store_complain(enum ns_lang lang, const struct ns_err *err, ns_rc rc);
void store_print_words(const char *words); /* six a line, for the paper */
ns_rc store_new_passphrase(const struct store_ask *a, int fd, struct store_secret *out, struct ns_err *err) NS_MUST_USE;
ns_rc store_unlock(const struct store_ask *a, struct ns_vault **out, struct ns_err *err) NS_MUST_USE;

int store_slots_change(const struct store_ask *a);
int store_slots_list(const struct store_ask *a);
