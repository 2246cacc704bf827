/* store_kit.h: an encrypted file in a folder of its own, opened the cheap way (key file). */
#pragma once
#include "agent/store/vfs/vault.h"

#include <sqlite3.h>

struct kit {
    char folder[96], path[128];
    uint8_t key[NS_KEY_BYTES];
    char words[NS_WORDS_TEXT];
    struct ns_vault *vault;
};

#define KIT_PASSPHRASE "porridge for two"

void kit_make(struct kit *k);          /* folder, file (all three slots, cheap KDF), attached */
void kit_remove(struct kit *k);        /* releases and removes the folder */
void kit_reopen(struct kit *k);        /* unlock and attach again, by the machine key */
sqlite3 *kit_open(const char *path);   /* NULL: could not */
int kit_exec(sqlite3 *db, const char *sql);
int64_t kit_int(sqlite3 *db, const char *sql);      /* first column of the first row, INT64_MIN on error */
bool kit_text_is(sqlite3 *db, const char *sql, const char *want);
long kit_load(const char *path, uint8_t **out);     /* -1: no file */
void kit_save(const char *path, const uint8_t *bytes, long n); /* n < 0: removes it */
