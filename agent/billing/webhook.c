#include "agent/billing/webhook.h"
#include "shared/base/buf.h"
#include "shared/crypto/crypto.h"

#include <string.h>

#define HEADER_MOST 1024
#define SIGNATURES_MOST 8
#define MAC 32

struct parts {
    struct ns_str time; /* as written: it is signed so */
    int64_t seconds;
    uint8_t v1[SIGNATURES_MOST][MAC];
    int count;
};

static int nibble(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_mac(struct ns_str hex, uint8_t out[MAC]) {
    for (size_t i = 0; hex.n == 2 * MAC && i < MAC; i++) {
        int high = nibble(hex.p[2 * i]), low = nibble(hex.p[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return hex.n == 2 * MAC;
}

static bool read_seconds(struct ns_str text, int64_t *out) {
    *out = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        *out = *out * 10 + (text.p[i] - '0');
    }
    return text.n > 0;
}

/* Other schemes than v1 are passed over, and so is a v1 that is no signature: another may be one. */
static bool read_header(struct ns_str header, struct parts *out) {
    *out = (struct parts){0};
    if (header.p == NULL || header.n > HEADER_MOST) {
        return false;
    }
    while (header.p != NULL) {
        struct ns_str value = ns_str_trim(ns_str_cut(&header, ','));
        struct ns_str name = ns_str_cut(&value, '=');
        if (ns_str_is(name, "t") && value.p != NULL) {
            if (out->time.p != NULL || value.n > 12 || !read_seconds(value, &out->seconds)) {
                return false; /* two times leave open which one was signed */
            }
            out->time = value;
        } else if (ns_str_is(name, "v1") && value.p != NULL && out->count < SIGNATURES_MOST) {
            out->count += read_mac(value, out->v1[out->count]);
        }
    }
    return out->time.p != NULL && out->count > 0;
}

static bool one_fits(const char *secret, struct ns_str text, const struct parts *p) {
    uint8_t mac[MAC];
    bool fits = false;
    ns_crypto_hmac_sha256(mac, secret, strlen(secret), text.p, text.n);
    for (int i = 0; i < p->count; i++) {
        fits = ns_crypto_equal(mac, p->v1[i], MAC) || fits;
    }
    return fits;
}

enum ns_signed ns_webhook_signed(const char secrets[2][128], struct ns_str header, struct ns_str body, ns_time now) {
    struct parts p;
    if (!read_header(header, &p)) {
        return NS_SIGNED_NOT;
    }
    struct ns_buf text = NS_BUF(NS_WEBHOOK_BODY_MOST + 64);
    ns_buf_str(&text, p.time);
    ns_buf_char(&text, '.');
    ns_buf_str(&text, body);
    bool fits = false;
    for (int i = 0; i < 2 && !text.failed; i++) {
        fits = (secrets[i][0] != '\0' && one_fits(secrets[i], ns_buf_view(&text), &p)) || fits;
    }
    ns_buf_fini(&text);
    ns_time at = p.seconds * NS_SECOND;
    return !fits                            ? NS_SIGNED_WRONG
           : now - at > NS_WEBHOOK_TOLERANCE ? NS_SIGNED_LATE
           : at - now > NS_WEBHOOK_TOLERANCE ? NS_SIGNED_EARLY
                                             : NS_SIGNED_WELL;
}
