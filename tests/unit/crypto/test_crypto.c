/* Crypto: published vectors, OpenSSL against libsodium, recovery words, bounds of the KDF. */
#include "shared/crypto/base64url.h"
#include "shared/crypto/cert.h"
#include "shared/crypto/page.h"
#include "shared/crypto/words.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

static void from_hex(uint8_t *out, const char *hex) {
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        unsigned v = 0;
        sscanf(hex + 2 * i, "%2x", &v);
        out[i] = (uint8_t)v;
    }
}

Test(crypto, hashes_give_the_published_vectors) {
    cr_assert_eq(ns_crypto_init(NULL), NS_OK);
    uint8_t got[32], want[32];
    ns_crypto_sha256(got, "abc", 3); /* FIPS 180-2 */
    from_hex(want, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cr_assert(memcmp(got, want, 32) == 0);
    uint8_t key[16], message[15]; /* SipHash paper, appendix A */
    for (uint8_t i = 0; i < 16; i++) {
        key[i] = i;
    }
    memcpy(message, key, sizeof message);
    cr_assert_eq(ns_crypto_siphash(key, message, sizeof message), 0xa129ca6149be45e5u);
}

Test(crypto, subkeys_differ_by_name_salt_and_epoch) {
    uint8_t key[32] = {1}, salt[16] = {2}, other[16] = {3}, a[32], b[32];
    cr_assert(ns_crypto_subkey(a, key, salt, "page", "\0\0\0\1", 4));
    cr_assert(ns_crypto_subkey(b, key, salt, "page", "\0\0\0\1", 4));
    cr_assert(ns_crypto_equal(a, b, 32));
    cr_assert(ns_crypto_subkey(b, key, salt, "header", "\0\0\0\1", 4));
    cr_assert_not(ns_crypto_equal(a, b, 32));
    cr_assert(ns_crypto_subkey(b, key, other, "page", "\0\0\0\1", 4));
    cr_assert_not(ns_crypto_equal(a, b, 32));
    cr_assert(ns_crypto_subkey(b, key, salt, "page", "\0\0\0\2", 4));
    cr_assert_not(ns_crypto_equal(a, b, 32));
    cr_assert_not(ns_crypto_subkey(b, key, salt, "a name beyond sixteen", "", 0));
}

Test(crypto, openssl_and_libsodium_write_the_same_bytes) {
    static uint8_t in[65536], sealed[65536], opened[65536], expected[65536];
    uint8_t key[32], id[16], trailer[NS_TRAILER_BYTES], tag[16], aad[30] = {1, 1, 0, 0, 0, 7};
    ns_crypto_random(key, sizeof key);
    ns_crypto_random(id, sizeof id);
    ns_crypto_random(in, sizeof in);
    struct ns_page_cipher *fast = ns_page_cipher_new(key, true);
    struct ns_page_cipher *plain = ns_page_cipher_new(key, false);
    cr_assert(fast != NULL && plain != NULL);
    memcpy(aad + 6, id, 16);
    static const size_t sizes[] = {1, 63, 64, 65, 4056, 65496};
    for (size_t i = 0; i < NS_COUNT(sizes); i++) {
        for (uint32_t page = 1; page < 20; page++) {
            struct ns_page_place place = {NS_PAGE_MAIN, 1, 7, id, page, 0};
            aad[25] = (uint8_t)page;
            cr_assert(ns_page_seal(fast, &place, sealed, in, sizes[i], trailer));
            crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
                expected, tag, NULL, in, sizes[i], aad, sizeof aad, NULL, trailer, key);
            cr_assert(memcmp(sealed, expected, sizes[i]) == 0);
            cr_assert(memcmp(trailer + NS_NONCE_BYTES, tag, 16) == 0);
            cr_assert(ns_page_open(plain, &place, opened, sealed, sizes[i], trailer));
            cr_assert(memcmp(opened, in, sizes[i]) == 0);
            cr_assert(ns_page_seal(plain, &place, sealed, in, sizes[i], trailer));
            cr_assert(ns_page_open(fast, &place, opened, sealed, sizes[i], trailer));
            cr_assert(memcmp(opened, in, sizes[i]) == 0);
        }
    }
    ns_page_cipher_free(fast);
    ns_page_cipher_free(plain);
}

Test(crypto, a_page_opens_in_its_own_place_only_and_failure_leaves_zeros) {
    uint8_t key[32] = {9}, id[16] = {1}, other_id[16] = {2}, in[256], out[256], zero[256] = {0};
    uint8_t trailer[NS_TRAILER_BYTES], first[NS_TRAILER_BYTES];
    memset(in, 'x', sizeof in);
    for (int engine = 0; engine < 2; engine++) {
        struct ns_page_cipher *c = ns_page_cipher_new(key, engine == 0);
        struct ns_page_place place = {NS_PAGE_MAIN, 1, 1, id, 5, 0};
        uint8_t sealed[256];
        cr_assert(ns_page_seal(c, &place, sealed, in, sizeof in, first));
        cr_assert(ns_page_seal(c, &place, sealed, in, sizeof in, trailer));
        cr_assert(memcmp(first, trailer, NS_NONCE_BYTES) != 0, "a nonce came twice");
        struct ns_page_place wrong[] = {
            {NS_PAGE_JOURNAL, 1, 1, id, 5, 0}, {NS_PAGE_MAIN, 2, 1, id, 5, 0},
            {NS_PAGE_MAIN, 1, 2, id, 5, 0},    {NS_PAGE_MAIN, 1, 1, other_id, 5, 0},
            {NS_PAGE_MAIN, 1, 1, id, 6, 0},    {NS_PAGE_MAIN, 1, 1, id, 5, 1}};
        for (size_t i = 0; i < NS_COUNT(wrong); i++) {
            cr_assert_not(ns_page_open(c, &wrong[i], out, sealed, sizeof in, trailer));
            cr_assert(memcmp(out, zero, sizeof out) == 0);
        }
        for (size_t i = 0; i < sizeof sealed; i += 15) {
            sealed[i] ^= 1;
            cr_assert_not(ns_page_open(c, &place, out, sealed, sizeof in, trailer));
            sealed[i] ^= 1;
        }
        cr_assert(ns_page_open(c, &place, sealed, sealed, sizeof in, trailer), "in place");
        cr_assert(memcmp(sealed, in, sizeof in) == 0);
        ns_page_cipher_free(c);
    }
}

Test(crypto, recovery_words_come_back_and_slips_of_the_pen_are_found) {
    uint8_t key[32], back[32];
    char words[NS_WORDS_TEXT];
    int bad;
    for (int round = 0; round < 200; round++) {
        ns_crypto_random(key, sizeof key);
        ns_words_from_key(key, words);
        cr_assert_eq(strlen(words), NS_WORDS * 5 - 1);
        cr_assert_eq(ns_words_to_key(words, strlen(words), back, &bad), NS_OK);
        cr_assert(memcmp(key, back, 32) == 0);
    }
    char typed[2 * NS_WORDS_TEXT];
    size_t n = 0;
    for (size_t i = 0; words[i] != '\0'; i++) {
        if (words[i] == ' ') {
            typed[n++] = '\n';
            typed[n++] = '-';
        } else {
            typed[n++] = (char)(words[i] - 'a' + 'A');
        }
    }
    cr_assert_eq(ns_words_to_key(typed, n, back, &bad), NS_OK, "capitals, hyphens, lines");
    cr_assert_eq(ns_words_to_key(words, 100, back, &bad), NS_E_INPUT);
    char wrong[NS_WORDS_TEXT];
    memcpy(wrong, words, sizeof wrong);
    wrong[5 * 6] = 'x';
    cr_assert_eq(ns_words_to_key(wrong, strlen(wrong), back, &bad), NS_E_INPUT);
    cr_assert_eq(bad, 7, "names the seventh word");
    int missed = 0, tried = 0;
    for (size_t i = 0; words[i] != '\0'; i += 5) { /* another first letter: a word that exists */
        for (const char *c = "bdfghjklmnprstvz"; *c != '\0'; c++) {
            memcpy(wrong, words, sizeof wrong);
            wrong[i] = *c;
            if (*c != words[i]) {
                tried++;
                missed += ns_words_to_key(wrong, strlen(wrong), back, &bad) == NS_OK;
            }
        }
    }
    cr_assert_eq(tried, 24 * 15);
    cr_assert_leq(missed, 12, "an 8-bit checksum misses one in 256: %d of %d", missed, tried);
}

Test(crypto, kdf_refuses_costs_out_of_bounds_before_it_runs) {
    uint8_t out[32], salt[16] = {0};
    static const struct ns_kdf bad[] = {{0, 1}, {7, 1}, {NS_KDF_MAX_KIB + 1, 1}, {UINT32_MAX, 1},
                                        {64, 0}, {64, 17}, {64, UINT32_MAX}};
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        cr_assert_eq(ns_kdf_run(out, "x", 1, salt, bad[i]), NS_E_LIMIT);
    }
    cr_assert_eq(ns_kdf_run(out, "x", 1, salt, (struct ns_kdf){64, 1}), NS_OK);
}

static int64_t clock_us, clock_step_us;

static int64_t fake_cpu_us(void) {
    return clock_us += clock_step_us;
}

/* Whatever a clock says, a passphrase costs the floor at least, and never so much that the house waits for ever. */
Test(crypto, a_passphrase_costs_the_floor_at_least_whatever_the_clock_says) {
    static const struct {
        int64_t floor_us, quarter_kib;
        struct ns_kdf want;
    } hosts[] = {
        {200000, 4096 * 1024, {256 * 1024, 3}},    /* a laptop: 0.8 s */
        {200000, 100 * 1024, {64 * 1024, 13}},     /* the same with 400 MB of memory */
        {1000000, 1024 * 1024, {64 * 1024, 3}},    /* a small board is there already */
        {500000, 1024 * 1024, {128 * 1024, 3}},    /* 1.0 s */
        {60000000, 1024 * 1024, {64 * 1024, 3}},   /* so loaded that it takes a minute */
        {INT64_MAX / 4, 1024 * 1024, {64 * 1024, 3}},
        {50000, 4096 * 1024, {256 * 1024, 13}},    /* as fast as can be */
        {0, 4096 * 1024, {256 * 1024, 13}},        /* a clock that stands */
        {-5000000, 4096 * 1024, {256 * 1024, 13}}, /* or runs backwards */
        {0, 0, {64 * 1024, 16}},                   /* no memory known: the bound of passes */
    };
    for (size_t i = 0; i < NS_COUNT(hosts); i++) {
        struct ns_kdf got = ns_kdf_choose(hosts[i].floor_us, hosts[i].quarter_kib);
        cr_expect(got.memory_kib == hosts[i].want.memory_kib && got.passes == hosts[i].want.passes, "host %d: %u KiB, %u passes",
                  (int)i, got.memory_kib, got.passes);
    }
    clock_step_us = 40000000; /* the whole way: a clock that says 40 s */
    struct ns_kdf cost = ns_kdf_calibrate(fake_cpu_us);
    cr_assert(cost.memory_kib == NS_KDF_FLOOR_KIB && cost.passes == NS_KDF_FLOOR_PASSES);
    clock_step_us = -1;
    cost = ns_kdf_calibrate(fake_cpu_us);
    cr_assert(ns_kdf_in_bounds(cost) && cost.memory_kib >= NS_KDF_FLOOR_KIB && cost.passes > NS_KDF_FLOOR_PASSES);
}

Test(crypto, wrapped_keys_open_under_the_same_aad_only) {
    uint8_t key[32] = {5}, under[32] = {6}, nonce[24] = {7}, wrapped[NS_WRAPPED_BYTES], out[32];
    cr_assert(ns_crypto_wrap(wrapped, key, under, nonce, "slot 1", 6));
    cr_assert(ns_crypto_unwrap(out, wrapped, under, nonce, "slot 1", 6));
    cr_assert(memcmp(out, key, 32) == 0);
    cr_assert_not(ns_crypto_unwrap(out, wrapped, under, nonce, "slot 2", 6));
}

/* ---- base64url and certificates ---- */

Test(crypto, base64url_has_one_text_for_one_value) {
    static const char *const broken[] = {"A", "AAAAA", "Zh", "Zm9", "Zg==", "Z g", "Zm+v", "Zm/v", "Zm9\n"};
    uint8_t bytes[8];
    size_t n = 0;
    for (size_t i = 0; i < NS_COUNT(broken); i++) {
        cr_assert(!ns_base64url_read(ns_str_of(broken[i]), bytes, sizeof bytes, &n), "%s", broken[i]);
    }
    cr_assert(!ns_base64url_read(NS_STR("AAAAAAAAAAAA"), bytes, sizeof bytes, &n), "too long for its place");
    for (size_t len = 0; len <= sizeof bytes; len++) {
        for (int round = 0; round < 50; round++) {
            uint8_t in[8];
            char text[NS_BASE64URL_TEXT(sizeof in) + 1];
            ns_crypto_random(in, sizeof in);
            ns_base64url_write(in, len, text);
            cr_assert_eq(strlen(text), NS_BASE64URL_TEXT(len));
            cr_assert(ns_base64url_read(ns_str_of(text), bytes, sizeof bytes, &n) && n == len &&
                      memcmp(in, bytes, len) == 0);
        }
    }
    char known[8];
    ns_base64url_write("\xfb\xff", 2, known); /* both characters that differ from base64 */
    cr_assert_str_eq(known, "-_8");
}

Test(crypto, certificates_are_made_and_known_again) {
    static struct ns_cert root, leaf, other;
    const char *names[] = {"nestsync.local", "192.168.1.20", "fd00::1"};
    const char *tricky[] = {"a.local,DNS:evil.example"};
    uint8_t pin[32], again[32];
    cr_assert(ns_cert_root_make(&root, 1764000000) && ns_cert_sound(&root));
    cr_assert(ns_cert_leaf_make(&leaf, &root, names, 3, 1764000000) && ns_cert_sound(&leaf));
    cr_assert(ns_cert_pin(&root, pin) && ns_cert_pin(&root, again) && memcmp(pin, again, 32) == 0);
    cr_assert(ns_cert_pin(&leaf, again) && memcmp(pin, again, 32) != 0);
    cr_assert(!ns_cert_leaf_make(&other, &root, tricky, 1, 1764000000), "one name is one name");
    cr_assert(!ns_cert_leaf_make(&other, &root, names, 0, 1764000000));
    other = root;
    memcpy(other.key, leaf.key, leaf.key_n);
    cr_assert(!ns_cert_sound(&other), "the key of another certificate");
    other = root;
    other.der_n = 20;
    cr_assert(!ns_cert_sound(&other) && !ns_cert_pin(&other, again), "half a certificate");
}
