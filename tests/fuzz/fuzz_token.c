/* Access tokens: what is shown as one, and claims of any form under our own signature. Nothing
 * is accepted that ends in the past, names another home, or that another key has signed; and
 * base64url has one spelling for each run of bytes. The first byte chooses. */
#include "agent/api/tokens.h"
#include "shared/crypto/base64url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1773382440)
#define HEADER "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9."
#define CLAIMS_MOST 900

static const ns_id home = {{1, 2, 3, 4, 5, 6, 0x40, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};

static void make_key(uint8_t key[NS_SIGN_KEY_BYTES], uint8_t fill) {
    uint8_t seed[32];
    memset(seed, fill, sizeof seed);
    if (!ns_sign_key(key, seed)) {
        abort();
    }
}

static void judge(struct ns_str text) {
    uint8_t key[NS_SIGN_KEY_BYTES];
    uint8_t other[NS_SIGN_KEY_BYTES];
    struct ns_token token;
    struct ns_token none;
    make_key(key, 1);
    make_key(other, 2);
    bool good = ns_token_read(text, key, home, NOW, &token);
    if (good && (token.until <= NOW || token.from > NOW + NS_TOKEN_LEEWAY_S || !ns_id_eq(token.home, home) ||
                 ns_token_read(text, other, home, NOW, &none) || ns_token_read(text, key, token.device, NOW, &none) ||
                 ns_token_read(text, key, home, token.until, &none))) {
        abort();
    }
    char again[NS_TOKEN_MOST];
    if (good && (!ns_token_write(&token, key, again) || !ns_token_read(ns_str_of(again), key, home, NOW, &none))) {
        abort();
    }
}

/* The bytes as claims, signed as the agent signs. */
static void judge_claims(const uint8_t *data, size_t n) {
    char text[NS_TOKEN_MOST] = HEADER;
    uint8_t key[NS_SIGN_KEY_BYTES];
    uint8_t signature[NS_SIGNATURE_BYTES];
    if (n > CLAIMS_MOST) {
        return;
    }
    make_key(key, 1);
    ns_base64url_write(data, n, text + sizeof HEADER - 1);
    size_t signed_n = strlen(text);
    if (!ns_sign(signature, key, text, signed_n)) {
        abort();
    }
    text[signed_n] = '.';
    ns_base64url_write(signature, sizeof signature, text + signed_n + 1);
    judge(ns_str_of(text));
}

static void judge_base64url(struct ns_str text) {
    uint8_t bytes[1024];
    char again[NS_BASE64URL_TEXT(sizeof bytes) + 1];
    size_t n = 0;
    if (ns_base64url_read(text, bytes, sizeof bytes, &n)) {
        ns_base64url_write(bytes, n, again);
        if (!ns_str_is(text, again)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char *copy = malloc(n + 1); /* exact in size, so that reading past it is seen */
    if (n == 0) {
        free(copy);
        return 0;
    }
    copy = realloc(copy, n - 1 + (n == 1));
    memcpy(copy, data + 1, n - 1);
    struct ns_str text = {copy, n - 1};
    switch (data[0] % 3) {
    case 0: judge(text); break;
    case 1: judge_claims(data + 1, n - 1); break;
    default: judge_base64url(text); break;
    }
    free(copy);
    return 0;
}
