/* vault_new.h: a new encrypted file for a new home. The vault is reached from here only, so that
 * the rest of the console knows nothing of keys. Threads: main thread; about a second of work. */
#pragma once
#include "shared/crypto/words.h"

/* key_path NULL: no machine key. Files that exist already are never written over. */
ns_rc ns_offline_vault_new(const char *store_path, const char *key_path, const char *passphrase,
                           char words[NS_WORDS_TEXT], struct ns_err *err) NS_MUST_USE;
