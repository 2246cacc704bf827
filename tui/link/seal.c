/* seal.c: console.state. */
#include "tui/link/seal.h"
#include "shared/base/arena.h"
#include "shared/crypto/crypto.h"
#include "shared/crypto/page.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC "NSCS\x01"
#define MAGIC_BYTES 5
#define HEAD_BYTES (MAGIC_BYTES + NS_SALT_BYTES + NS_TRAILER_BYTES)

static bool machine_key(const struct ns_seal *seal, uint8_t out[NS_KEY_BYTES]) {
    if (seal == NULL || seal->key_path == NULL || seal->state_path == NULL) {
        return false;
    }
    struct ns_buf file = NS_BUF(NS_KEY_BYTES + 1);
    bool ok = seal->env->read_file(seal->env->self, seal->key_path, &file, NULL) == NS_OK &&
              file.len == NS_KEY_BYTES;
    if (ok) {
        memcpy(out, file.data, NS_KEY_BYTES);
    }
    if (file.data != NULL) {
        ns_crypto_wipe(file.data, file.len);
    }
    ns_buf_fini(&file);
    return ok;
}

bool ns_seal_possible(const struct ns_seal *seal) {
    uint8_t key[NS_KEY_BYTES];
    bool ok = machine_key(seal, key);
    ns_crypto_wipe(key, sizeof key);
    return ok;
}

/* One cipher per writing: the key depends on the salt, so no nonce can meet another. */
static struct ns_page_cipher *cipher_of(const struct ns_seal *seal,
                                        const uint8_t salt[NS_SALT_BYTES],
                                        uint8_t sub[NS_KEY_BYTES]) {
    uint8_t key[NS_KEY_BYTES];
    struct ns_page_cipher *cipher = NULL;
    if (machine_key(seal, key) &&
        ns_crypto_subkey(sub, key, salt, "console state", MAGIC, MAGIC_BYTES)) {
        cipher = ns_page_cipher_new(sub, true);
    }
    ns_crypto_wipe(key, sizeof key);
    return cipher;
}

static struct ns_page_place place_of(const uint8_t salt[NS_SALT_BYTES]) {
    return (struct ns_page_place){.domain = NS_PAGE_TEMP, .suite = 1, .file_id = salt};
}

ns_rc ns_seal_read(const struct ns_seal *seal, struct ns_buf *out, struct ns_err *err) {
    struct ns_buf file = NS_BUF(NS_SEAL_MOST + HEAD_BYTES);
    struct ns_page_cipher *cipher = NULL;
    uint8_t sub[NS_KEY_BYTES] = {0};
    ns_rc rc = NS_E_NOT_FOUND;
    if (!ns_seal_possible(seal)) {
        goto out;
    }
    rc = seal->env->read_file(seal->env->self, seal->state_path, &file, err);
    if (rc != NS_OK) {
        goto out;
    }
    rc = NS_E_DAMAGED;
    if (file.len < HEAD_BYTES || memcmp(file.data, MAGIC, MAGIC_BYTES) != 0) {
        goto out;
    }
    const uint8_t *salt = (const uint8_t *)file.data + MAGIC_BYTES;
    const uint8_t *trailer = salt + NS_SALT_BYTES;
    uint8_t *body = (uint8_t *)file.data + HEAD_BYTES;
    size_t n = file.len - HEAD_BYTES;
    struct ns_page_place place = place_of(salt);
    cipher = cipher_of(seal, salt, sub);
    if (cipher != NULL && ns_page_open(cipher, &place, body, body, n, trailer)) {
        rc = ns_buf_add(out, body, n) ? NS_OK : NS_E_LIMIT;
    }
    ns_crypto_wipe(body, n);
out:
    ns_page_cipher_free(cipher);
    ns_crypto_wipe(sub, sizeof sub);
    ns_buf_fini(&file);
    return rc == NS_OK ? rc : ns_err_note(err, rc, "console.state could not be read");
}

ns_rc ns_seal_write(const struct ns_seal *seal, struct ns_str text, struct ns_err *err) {
    uint8_t sub[NS_KEY_BYTES] = {0};
    uint8_t *file = NULL;
    struct ns_page_cipher *cipher = NULL;
    ns_rc rc = NS_E_NOT_FOUND;
    if (text.n > NS_SEAL_MOST) {
        return ns_err_note(err, NS_E_LIMIT, "too much to keep in console.state");
    }
    if (!ns_seal_possible(seal)) {
        goto out;
    }
    file = ns_xcalloc(1, HEAD_BYTES + text.n);
    memcpy(file, MAGIC, MAGIC_BYTES);
    uint8_t *salt = file + MAGIC_BYTES;
    ns_env_random(seal->env, salt, NS_SALT_BYTES);
    struct ns_page_place place = place_of(salt);
    cipher = cipher_of(seal, salt, sub);
    rc = NS_E_INTERNAL;
    if (cipher == NULL || !ns_page_seal(cipher, &place, file + HEAD_BYTES,
                                        (const uint8_t *)text.p, text.n, salt + NS_SALT_BYTES)) {
        goto out;
    }
    rc = seal->env->write_file(seal->env->self, seal->state_path, file, HEAD_BYTES + text.n,
                               0600, err);
out:
    ns_page_cipher_free(cipher);
    ns_crypto_wipe(sub, sizeof sub);
    free(file);
    return rc == NS_OK ? rc : ns_err_note(err, rc, "console.state could not be written");
}
