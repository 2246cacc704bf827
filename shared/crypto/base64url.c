/* base64url.c */
#include "shared/crypto/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void ns_base64url_write(const void *bytes, size_t n, char *out) {
    const uint8_t *in = bytes;
    uint32_t bits = 0;
    int count = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | in[i];
        for (count += 8; count >= 6; count -= 6) {
            *out++ = alphabet[bits >> (count - 6) & 63];
        }
    }
    if (count > 0) {
        *out++ = alphabet[bits << (6 - count) & 63];
    }
    *out = '\0';
}

static int value_of(char c) {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '-'             ? 62
           : c == '_'             ? 63
                                  : -1;
}

bool ns_base64url_read(struct ns_str text, void *out, size_t most, size_t *n) {
    uint8_t *to = out;
    uint32_t bits = 0;
    int count = 0;
    *n = text.n / 4 * 3 + (text.n % 4 > 0 ? text.n % 4 - 1 : 0);
    if (text.n % 4 == 1 || *n > most) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        int value = value_of(text.p[i]);
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *to++ = (uint8_t)(bits >> count);
        }
    }
    return (bits & ((1u << count) - 1)) == 0;
}
