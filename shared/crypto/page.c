/* page.c: seal and open one page. */
#include "shared/crypto/page.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define AAD_BYTES 30
#define PREFIX 16 /* of the nonce: what HChaCha20 takes */

struct side {
    EVP_CIPHER_CTX *ctx; /* NULL: libsodium */
    uint8_t prefix[PREFIX];
    bool keyed;
};

struct ns_page_cipher {
    const uint8_t *key;
    struct side seal, open;
    uint8_t prefix[PREFIX];
    uint64_t counter;
    unsigned process; /* 0: no prefix drawn yet */
};

/* Counts forks down the line of this process, so that no page pays for a getpid(). */
static atomic_uint process = 1;
static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

static void forked(void) {
    atomic_fetch_add_explicit(&process, 1, memory_order_relaxed);
}

static void watch_forks(void) {
    pthread_atfork(NULL, NULL, forked);
}

static void put32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static void aad_of(uint8_t aad[AAD_BYTES], const struct ns_page_place *place) {
    aad[0] = place->domain;
    aad[1] = place->suite;
    put32(aad + 2, place->epoch);
    memcpy(aad + 6, place->file_id, 16);
    put32(aad + 22, place->number);
    put32(aad + 26, place->extra);
}

static bool side_init(struct side *side, bool seal) {
    const EVP_CIPHER *cipher = EVP_chacha20_poly1305();
    if (cipher == NULL) {
        return true; /* this libcrypto has none: libsodium does the work */
    }
    side->ctx = EVP_CIPHER_CTX_new();
    if (side->ctx == NULL) {
        return false;
    }
    if (EVP_CipherInit_ex(side->ctx, cipher, NULL, NULL, NULL, seal ? 1 : 0) != 1) {
        EVP_CIPHER_CTX_free(side->ctx);
        side->ctx = NULL;
    }
    return true;
}

struct ns_page_cipher *ns_page_cipher_new(const uint8_t *key, bool use_openssl) {
    struct ns_page_cipher *cipher = calloc(1, sizeof *cipher);
    if (cipher == NULL) {
        return NULL;
    }
    pthread_once(&watch_once, watch_forks);
    cipher->key = key;
    if (use_openssl && (!side_init(&cipher->seal, true) || !side_init(&cipher->open, false))) {
        ns_page_cipher_free(cipher);
        return NULL;
    }
    return cipher;
}

void ns_page_cipher_use(struct ns_page_cipher *cipher, const uint8_t *key) {
    cipher->key = key;
    cipher->seal.keyed = cipher->open.keyed = false;
}

void ns_page_cipher_free(struct ns_page_cipher *cipher) {
    if (cipher != NULL) {
        EVP_CIPHER_CTX_free(cipher->seal.ctx);
        EVP_CIPHER_CTX_free(cipher->open.ctx);
        free(cipher);
    }
}

/* Give the context its subkey if the nonce's first 16 bytes are new, and the 12-byte nonce. */
static bool side_ready(const struct ns_page_cipher *cipher, struct side *side,
                       const uint8_t nonce[NS_NONCE_BYTES]) {
    uint8_t iv[12] = {0};
    memcpy(iv + 4, nonce + PREFIX, 8);
    if (side->keyed && memcmp(side->prefix, nonce, PREFIX) == 0) {
        return EVP_CipherInit_ex(side->ctx, NULL, NULL, NULL, iv, -1) == 1;
    }
    uint8_t subkey[32];
    side->keyed = false;
    bool ok = crypto_core_hchacha20(subkey, nonce, cipher->key, NULL) == 0 &&
              EVP_CipherInit_ex(side->ctx, NULL, NULL, subkey, iv, -1) == 1;
    ns_crypto_wipe(subkey, sizeof subkey);
    if (ok) {
        memcpy(side->prefix, nonce, PREFIX);
        side->keyed = true;
    }
    return ok;
}

static void next_nonce(struct ns_page_cipher *cipher, uint8_t nonce[NS_NONCE_BYTES]) {
    unsigned here = atomic_load_explicit(&process, memory_order_relaxed);
    if (here != cipher->process) { /* new, or a child that would count on beside its parent */
        ns_crypto_random(cipher->prefix, PREFIX);
        cipher->counter = 0;
        cipher->process = here;
    }
    memcpy(nonce, cipher->prefix, PREFIX);
    uint64_t v = cipher->counter++;
    put32(nonce + PREFIX, (uint32_t)(v >> 32));
    put32(nonce + PREFIX + 4, (uint32_t)v);
}

bool ns_page_seal(struct ns_page_cipher *cipher, const struct ns_page_place *place, uint8_t *out,
                  const uint8_t *in, size_t n, uint8_t trailer[NS_TRAILER_BYTES]) {
    uint8_t aad[AAD_BYTES];
    uint8_t nonce[NS_NONCE_BYTES];
    uint8_t tag[NS_TAG_BYTES];
    aad_of(aad, place);
    next_nonce(cipher, nonce);
    if (cipher->seal.ctx == NULL) {
        if (crypto_aead_xchacha20poly1305_ietf_encrypt_detached(out, tag, NULL, in, n, aad,
                                                                sizeof aad, NULL, nonce,
                                                                cipher->key) != 0) {
            return false;
        }
    } else {
        EVP_CIPHER_CTX *ctx = cipher->seal.ctx;
        int len = 0;
        if (!side_ready(cipher, &cipher->seal, nonce) ||
            EVP_CipherUpdate(ctx, NULL, &len, aad, sizeof aad) != 1 ||
            EVP_CipherUpdate(ctx, out, &len, in, (int)n) != 1 ||
            EVP_CipherFinal_ex(ctx, out + len, &len) != 1 ||
            EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, NS_TAG_BYTES, tag) != 1) {
            cipher->seal.keyed = false;
            return false;
        }
    }
    memcpy(trailer, nonce, sizeof nonce);
    memcpy(trailer + sizeof nonce, tag, sizeof tag);
    return true;
}

bool ns_page_open(struct ns_page_cipher *cipher, const struct ns_page_place *place, uint8_t *out,
                  const uint8_t *in, size_t n, const uint8_t trailer[NS_TRAILER_BYTES]) {
    uint8_t aad[AAD_BYTES];
    uint8_t nonce[NS_NONCE_BYTES];
    uint8_t tag[NS_TAG_BYTES];
    bool ok;
    aad_of(aad, place);
    memcpy(nonce, trailer, sizeof nonce); /* trailer may stand in the buffer that is overwritten */
    memcpy(tag, trailer + sizeof nonce, sizeof tag);
    if (cipher->open.ctx == NULL) {
        ok = crypto_aead_xchacha20poly1305_ietf_decrypt_detached(out, NULL, in, n, tag, aad,
                                                                 sizeof aad, nonce,
                                                                 cipher->key) == 0;
    } else {
        EVP_CIPHER_CTX *ctx = cipher->open.ctx;
        int len = 0;
        ok = side_ready(cipher, &cipher->open, nonce) &&
             EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, NS_TAG_BYTES, tag) == 1 &&
             EVP_CipherUpdate(ctx, NULL, &len, aad, sizeof aad) == 1 &&
             EVP_CipherUpdate(ctx, out, &len, in, (int)n) == 1 &&
             EVP_CipherFinal_ex(ctx, tag, &len) == 1;
    }
    if (!ok) {
        memset(out, 0, n);
    }
    return ok;
}
