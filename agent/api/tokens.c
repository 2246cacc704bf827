/* tokens.c */
#include "agent/api/tokens.h"
#include "shared/crypto/base64url.h"
#include "shared/wire/json.h"

#include <stdio.h>
#include <string.h>

/* {"alg":"EdDSA","typ":"at+jwt"} */
#define HEADER "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9"
#define AUDIENCE "nestsync"
#define CLAIMS_MOST 512

bool ns_token_write(const struct ns_token *token, const uint8_t key[NS_SIGN_KEY_BYTES], char *out) {
    char home[NS_ID_TEXT];
    char device[NS_ID_TEXT];
    char claims[CLAIMS_MOST];
    uint8_t signature[NS_SIGNATURE_BYTES];
    ns_id_format(token->home, home);
    ns_id_format(token->device, device);
    int n = snprintf(claims, sizeof claims,
                     "{\"iss\":\"%s\",\"aud\":\"" AUDIENCE "\",\"sub\":\"%s\",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld}",
                     home, device, (long long)token->from, (long long)token->from, (long long)token->until);
    memcpy(out, HEADER ".", sizeof HEADER);
    ns_base64url_write(claims, (size_t)n, out + sizeof HEADER);
    size_t signed_n = strlen(out);
    if (!ns_sign(signature, key, out, signed_n)) {
        return false;
    }
    out[signed_n] = '.';
    ns_base64url_write(signature, sizeof signature, out + signed_n + 1);
    return true;
}

static bool is_text(const struct ns_json *claims, const char *name, const char *wanted) {
    const char *text = ns_json_text(ns_json_get(claims, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

static bool seconds(const struct ns_json *claims, const char *name, int64_t *out) {
    *out = ns_json_int(ns_json_get(claims, name), -1);
    return *out >= 0 && *out < INT64_C(1) << 40;
}

static bool read_claims(const struct ns_json *claims, ns_id home, int64_t now, struct ns_token *out) {
    char issuer[NS_ID_TEXT];
    const char *device = ns_json_text(ns_json_get(claims, "sub"));
    int64_t not_before = 0;
    ns_id_format(home, issuer);
    *out = (struct ns_token){.home = home};
    return is_text(claims, "iss", issuer) && is_text(claims, "aud", AUDIENCE) && device != NULL &&
           ns_id_parse(ns_str_of(device), &out->device) &&
           seconds(claims, "iat", &out->from) && seconds(claims, "nbf", &not_before) &&
           seconds(claims, "exp", &out->until) &&
           not_before - NS_TOKEN_LEEWAY_S <= now && out->from - NS_TOKEN_LEEWAY_S <= now && now < out->until;
}

bool ns_token_read(struct ns_str text, const uint8_t key[NS_SIGN_KEY_BYTES], ns_id home, int64_t now,
                   struct ns_token *out) {
    uint8_t signature[NS_SIGNATURE_BYTES];
    char claims[CLAIMS_MOST];
    size_t n = 0;
    struct ns_str rest = text;
    if (text.n >= NS_TOKEN_MOST) {
        return false;
    }
    struct ns_str head = ns_str_cut(&rest, '.');
    struct ns_str body = rest.p != NULL ? ns_str_cut(&rest, '.') : (struct ns_str){0};
    if (!ns_str_is(head, HEADER) || rest.p == NULL ||
        !ns_base64url_read(rest, signature, sizeof signature, &n) || n != sizeof signature ||
        !ns_sign_holds(signature, key, text.p, head.n + 1 + body.n) ||
        !ns_base64url_read(body, claims, sizeof claims, &n)) {
        return false;
    }
    struct ns_json *json = NULL;
    bool good = ns_json_read((struct ns_str){claims, n}, sizeof claims, &json, NULL) == NS_OK &&
                read_claims(json, home, now, out);
    ns_json_free(json);
    return good;
}
