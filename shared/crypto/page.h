/* page.h: the page cipher: XChaCha20-Poly1305, its body done by OpenSSL under the HChaCha20
 * subkey (the same bytes as libsodium's function; libsodium takes over when OpenSSL has no
 * ChaCha20). Nonce: 16 random bytes drawn at birth and again after a fork, then a 64-bit counter.
 *
 * Ownership: new/free; the key is borrowed and must outlive the cipher. No allocation after new.
 * Threads: one at a time. Cost: about 3.3 us a page of 4 KiB. */
#pragma once
#include "shared/crypto/crypto.h"

#define NS_TRAILER_BYTES (NS_NONCE_BYTES + NS_TAG_BYTES)

enum ns_page_domain { NS_PAGE_MAIN = 1, NS_PAGE_JOURNAL = 2, NS_PAGE_TEMP = 3 };

struct ns_page_cipher;

/* What a page is bound to besides its content. */
struct ns_page_place {
    uint8_t domain; /* enum ns_page_domain */
    uint8_t suite;
    uint32_t epoch;
    const uint8_t *file_id; /* 16 bytes */
    uint32_t number;
    uint32_t extra; /* 0 in format 1 */
};

/* use_openssl false: libsodium's own code (tests compare the two). */
struct ns_page_cipher *ns_page_cipher_new(const uint8_t *key, bool use_openssl) NS_MUST_USE;
/* Goes on with another key, borrowed as the first was. */
void ns_page_cipher_use(struct ns_page_cipher *cipher, const uint8_t *key);
void ns_page_cipher_free(struct ns_page_cipher *cipher); /* NULL is fine */

/* out may be in; trailer = nonce, tag. */
bool ns_page_seal(struct ns_page_cipher *cipher, const struct ns_page_place *place, uint8_t *out,
                  const uint8_t *in, size_t n, uint8_t trailer[NS_TRAILER_BYTES]) NS_MUST_USE;
/* False: the tag does not fit, and out is all zero. */
bool ns_page_open(struct ns_page_cipher *cipher, const struct ns_page_place *place, uint8_t *out,
                  const uint8_t *in, size_t n,
                  const uint8_t trailer[NS_TRAILER_BYTES]) NS_MUST_USE;
