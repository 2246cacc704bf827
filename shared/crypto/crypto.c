/* crypto.c: libsodium behind our names. */
#include "shared/crypto/crypto.h"
#include "shared/base/env.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

ns_rc ns_crypto_init(struct ns_err *err) {
    if (sodium_init() < 0) {
        return ns_err_note(err, NS_E_INTERNAL, "libsodium does not start");
    }
    return NS_OK;
}

void ns_crypto_random(void *out, size_t n) {
    randombytes_buf(out, n);
}

bool ns_crypto_equal(const void *a, const void *b, size_t n) {
    return sodium_memcmp(a, b, n) == 0;
}

void ns_crypto_wipe(void *bytes, size_t n) {
    sodium_memzero(bytes, n);
}

bool ns_crypto_subkey(uint8_t out[NS_KEY_BYTES], const uint8_t key[NS_KEY_BYTES],
                      const uint8_t salt[NS_SALT_BYTES], const char *name, const void *message,
                      size_t n) {
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};
    size_t len = strlen(name);
    if (len > sizeof personal) {
        return false;
    }
    memcpy(personal, name, len);
    return crypto_generichash_blake2b_salt_personal(out, NS_KEY_BYTES, message, n, key,
                                                    NS_KEY_BYTES, salt, personal) == 0;
}

bool ns_crypto_mac(uint8_t out[32], const uint8_t key[NS_KEY_BYTES], const void *message,
                   size_t n) {
    return crypto_generichash_blake2b(out, 32, message, n, key, NS_KEY_BYTES) == 0;
}

void ns_crypto_hmac_sha256(uint8_t out[32], const void *key, size_t key_n, const void *message, size_t n) {
    crypto_auth_hmacsha256_state st;
    crypto_auth_hmacsha256_init(&st, key, key_n);
    crypto_auth_hmacsha256_update(&st, message, n);
    crypto_auth_hmacsha256_final(&st, out);
    sodium_memzero(&st, sizeof st);
}

void ns_crypto_sha256(uint8_t out[32], const void *message, size_t n) {
    crypto_hash_sha256(out, message, n);
}

void ns_crypto_prf(uint8_t out[32], const uint8_t key[NS_KEY_BYTES], const uint8_t in[16]) {
    crypto_core_hchacha20(out, in, key, NULL);
}

uint64_t ns_crypto_siphash(const uint8_t key[16], const void *message, size_t n) {
    uint8_t out[crypto_shorthash_siphash24_BYTES];
    crypto_shorthash_siphash24(out, message, n, key);
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof out; i++) {
        value |= (uint64_t)out[i] << (8 * i); /* little-endian, as SipHash defines its output */
    }
    return value;
}

#define KDF_AIM_LEAST_US 800000
#define KDF_AIM_MOST_US 1200000
#define KDF_FASTEST_US 50000 /* no host does the floor faster: a clock that says so is wrong */
#define KDF_MOST_KIB (256u * 1024u)

bool ns_kdf_in_bounds(struct ns_kdf cost) {
    return cost.memory_kib >= NS_KDF_MIN_KIB && cost.memory_kib <= NS_KDF_MAX_KIB &&
           cost.passes >= 1 && cost.passes <= NS_KDF_MAX_PASSES;
}

ns_rc ns_kdf_run(uint8_t out[NS_KEY_BYTES], const char *passphrase, size_t n,
                 const uint8_t salt[NS_SALT_BYTES], struct ns_kdf cost) {
    if (!ns_kdf_in_bounds(cost)) {
        return NS_E_LIMIT;
    }
    int rc = crypto_pwhash_argon2id(out, NS_KEY_BYTES, n == 0 ? "" : passphrase, n, salt,
                                    cost.passes, (size_t)cost.memory_kib * 1024,
                                    crypto_pwhash_argon2id_ALG_ARGON2ID13);
    return rc == 0 ? NS_OK : NS_E_MEMORY;
}

struct ns_kdf ns_kdf_choose(int64_t floor_us, int64_t quarter_kib) {
    struct ns_kdf cost = {NS_KDF_FLOOR_KIB, NS_KDF_FLOOR_PASSES};
    int64_t took = floor_us > KDF_FASTEST_US ? floor_us : KDF_FASTEST_US;
    /* Memory first while twice of it stays within the aim; time grows with the product. */
    while (cost.memory_kib < KDF_MOST_KIB && took * 2 <= KDF_AIM_MOST_US && (int64_t)cost.memory_kib * 2 <= quarter_kib) {
        cost.memory_kib *= 2;
        took *= 2;
    }
    int64_t a_pass = took / cost.passes;
    while (cost.passes < NS_KDF_MAX_PASSES && took + a_pass <= KDF_AIM_MOST_US && took < KDF_AIM_LEAST_US) {
        cost.passes++;
        took += a_pass;
    }
    return cost;
}

/* A busy host makes a run slower (shared caches and memory), never faster: of two runs the faster one counts. */
struct ns_kdf ns_kdf_calibrate(int64_t (*cpu_us)(void)) {
    static const struct ns_kdf floor = {NS_KDF_FLOOR_KIB, NS_KDF_FLOOR_PASSES};
    uint8_t salt[NS_SALT_BYTES] = {0};
    uint8_t out[NS_KEY_BYTES];
    int64_t best = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        int64_t from = cpu_us();
        if (ns_kdf_run(out, "measure", 7, salt, floor) != NS_OK) {
            return floor;
        }
        int64_t took = cpu_us() - from;
        best = took < best ? took : best;
    }
    ns_crypto_wipe(out, sizeof out);
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    return ns_kdf_choose(best, pages > 0 && page > 0 ? (int64_t)pages * (page / 1024) / 4 : 0);
}

bool ns_crypto_wrap(uint8_t out[NS_WRAPPED_BYTES], const uint8_t key[NS_KEY_BYTES],
                    const uint8_t under[NS_KEY_BYTES], const uint8_t nonce[NS_NONCE_BYTES],
                    const void *aad, size_t aad_n) {
    return crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, key, NS_KEY_BYTES, aad, aad_n,
                                                      NULL, nonce, under) == 0;
}

bool ns_crypto_unwrap(uint8_t out[NS_KEY_BYTES], const uint8_t wrapped[NS_WRAPPED_BYTES],
                      const uint8_t under[NS_KEY_BYTES], const uint8_t nonce[NS_NONCE_BYTES],
                      const void *aad, size_t aad_n) {
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, wrapped, NS_WRAPPED_BYTES,
                                                      aad, aad_n, nonce, under) == 0;
}

bool ns_crypto_seal(void *out, const void *in, size_t n, const uint8_t key[NS_KEY_BYTES],
                    const uint8_t nonce[NS_NONCE_BYTES], const void *aad, size_t aad_n) {
    return crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in, n, aad, aad_n, NULL, nonce, key) == 0;
}

bool ns_crypto_open(void *out, const void *in, size_t n, const uint8_t key[NS_KEY_BYTES],
                    const uint8_t nonce[NS_NONCE_BYTES], const void *aad, size_t aad_n) {
    return n >= NS_TAG_BYTES && crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in, n, aad, aad_n,
                                                                           nonce, key) == 0;
}

bool ns_sign_key(uint8_t key[NS_SIGN_KEY_BYTES], const uint8_t seed[NS_SIGN_SEED_BYTES]) {
    uint8_t public_half[crypto_sign_PUBLICKEYBYTES];
    return crypto_sign_seed_keypair(public_half, key, seed) == 0;
}

bool ns_sign(uint8_t out[NS_SIGNATURE_BYTES], const uint8_t key[NS_SIGN_KEY_BYTES], const void *message,
             size_t n) {
    return crypto_sign_detached(out, NULL, message, n, key) == 0;
}

bool ns_sign_holds(const uint8_t signature[NS_SIGNATURE_BYTES], const uint8_t key[NS_SIGN_KEY_BYTES],
                   const void *message, size_t n) {
    return crypto_sign_verify_detached(signature, message, n, key + NS_SIGN_SEED_BYTES) == 0;
}

void *ns_secret_new(size_t n) {
    return sodium_malloc(n);
}

void ns_secret_free(void *secret) {
    sodium_free(secret);
}
