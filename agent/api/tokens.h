/* tokens.h: access tokens: JSON Web Tokens signed with Ed25519 (RFC 7519, 8037, 8725, 9068).
 *
 * One algorithm, one header, byte for byte: what a token says of itself chooses nothing. It names
 * a device and the time it ends; rights come from the store. Pure but for the key.
 * Threads: a value; the key is borrowed. */
#pragma once
#include "shared/base/id.h"
#include "shared/base/str.h"
#include "shared/base/time.h"
#include "shared/crypto/crypto.h"

#define NS_TOKEN_MOST 2048
#define NS_TOKEN_SECONDS 2700    /* of a device that cannot sign: behaviour.md 3 asks 30 to 60 minutes */
#define NS_TOKEN_LEEWAY_S 60

struct ns_token {
    ns_id home;    /* iss */
    ns_id device;  /* sub */
    int64_t from;  /* iat, nbf: seconds since 1970 */
    int64_t until; /* exp */
};

/* out: NS_TOKEN_MOST bytes. */
bool ns_token_write(const struct ns_token *token, const uint8_t key[NS_SIGN_KEY_BYTES], char *out) NS_MUST_USE;
/* Form, signature, home and times; now in seconds. */
bool ns_token_read(struct ns_str text, const uint8_t key[NS_SIGN_KEY_BYTES], ns_id home, int64_t now,
                   struct ns_token *out);
