/* crypto.h: hashes, keys and random bytes. libsodium and libcrypto are spoken to here only.
 *
 * Nothing here ends the program for want of memory: a failure is a code or false.
 * Threads: any, after ns_crypto_init (which may be called again and again). */
#pragma once
#include "shared/base/err.h"

#define NS_KEY_BYTES 32
#define NS_TAG_BYTES 16
#define NS_NONCE_BYTES 24
#define NS_SALT_BYTES 16
#define NS_WRAPPED_BYTES (NS_KEY_BYTES + NS_TAG_BYTES)

ns_rc ns_crypto_init(struct ns_err *err) NS_MUST_USE;
void ns_crypto_random(void *out, size_t n);
bool ns_crypto_equal(const void *a, const void *b, size_t n); /* time does not tell where they differ */
void ns_crypto_wipe(void *bytes, size_t n);

/* BLAKE2b-256 keyed by `key`, salt and personal name (at most 16 characters), over `message`. */
bool ns_crypto_subkey(uint8_t out[NS_KEY_BYTES], const uint8_t key[NS_KEY_BYTES],
                      const uint8_t salt[NS_SALT_BYTES], const char *name, const void *message,
                      size_t n) NS_MUST_USE;
bool ns_crypto_mac(uint8_t out[32], const uint8_t key[NS_KEY_BYTES], const void *message,
                   size_t n) NS_MUST_USE; /* BLAKE2b-256, keyed */
void ns_crypto_hmac_sha256(uint8_t out[32], const void *key, size_t key_n, const void *message, size_t n);
void ns_crypto_sha256(uint8_t out[32], const void *message, size_t n);
uint64_t ns_crypto_siphash(const uint8_t key[16], const void *message, size_t n); /* SipHash-2-4 */

/* HChaCha20: 32 bytes that nobody without the key can foretell from 16. */
void ns_crypto_prf(uint8_t out[32], const uint8_t key[NS_KEY_BYTES], const uint8_t in[16]);

/* Argon2id, one lane. Bounds are checked before any memory is taken: NS_E_LIMIT. */
#define NS_KDF_MIN_KIB 8u
#define NS_KDF_MAX_KIB (1024u * 1024u)
#define NS_KDF_MAX_PASSES 16u
#define NS_KDF_FLOOR_KIB (64u * 1024u) /* what a new slot of the product never goes below */
#define NS_KDF_FLOOR_PASSES 3u
struct ns_kdf {
    uint32_t memory_kib;
    uint32_t passes;
};
bool ns_kdf_in_bounds(struct ns_kdf cost);
ns_rc ns_kdf_run(uint8_t out[NS_KEY_BYTES], const char *passphrase, size_t n,
                 const uint8_t salt[NS_SALT_BYTES], struct ns_kdf cost) NS_MUST_USE;
/* A cost of 0.8 to 1.2 s of this host's processor, whatever else runs there; never under the floor, at most a quarter of
 * its memory. cpu_us: ns_env_thread_cpu_us. */
struct ns_kdf ns_kdf_calibrate(int64_t (*cpu_us)(void));
/* The pure part, from what the floor took; 0 or less: as fast as any host could be. */
struct ns_kdf ns_kdf_choose(int64_t floor_us, int64_t quarter_kib);

/* XChaCha20-Poly1305 of one key under another. */
bool ns_crypto_wrap(uint8_t out[NS_WRAPPED_BYTES], const uint8_t key[NS_KEY_BYTES],
                    const uint8_t under[NS_KEY_BYTES], const uint8_t nonce[NS_NONCE_BYTES],
                    const void *aad, size_t aad_n) NS_MUST_USE;
bool ns_crypto_unwrap(uint8_t out[NS_KEY_BYTES], const uint8_t wrapped[NS_WRAPPED_BYTES],
                      const uint8_t under[NS_KEY_BYTES], const uint8_t nonce[NS_NONCE_BYTES],
                      const void *aad, size_t aad_n) NS_MUST_USE;

/* XChaCha20-Poly1305 of any bytes: n + NS_TAG_BYTES out; open takes that n and may work in place. */
bool ns_crypto_seal(void *out, const void *in, size_t n, const uint8_t key[NS_KEY_BYTES],
                    const uint8_t nonce[NS_NONCE_BYTES], const void *aad, size_t aad_n) NS_MUST_USE;
bool ns_crypto_open(void *out, const void *in, size_t n, const uint8_t key[NS_KEY_BYTES],
                    const uint8_t nonce[NS_NONCE_BYTES], const void *aad, size_t aad_n) NS_MUST_USE;

/* Ed25519 (RFC 8032). A key is seed and public half, kept in ns_secret_new memory. Verifying is
 * strict: S below the order of the group, no key of small order. */
#define NS_SIGN_KEY_BYTES 64
#define NS_SIGN_SEED_BYTES 32
#define NS_SIGNATURE_BYTES 64
bool ns_sign_key(uint8_t key[NS_SIGN_KEY_BYTES], const uint8_t seed[NS_SIGN_SEED_BYTES]) NS_MUST_USE;
bool ns_sign(uint8_t out[NS_SIGNATURE_BYTES], const uint8_t key[NS_SIGN_KEY_BYTES], const void *message,
             size_t n) NS_MUST_USE;
bool ns_sign_holds(const uint8_t signature[NS_SIGNATURE_BYTES], const uint8_t key[NS_SIGN_KEY_BYTES],
                   const void *message, size_t n);

/* Guarded, locked memory kept out of core dumps; NULL when there is none. */
void *ns_secret_new(size_t n) NS_MUST_USE;
void ns_secret_free(void *secret); /* wipes; NULL is fine */
