/* handshake.c: keys of the WebSocket opening (RFC 6455 section 4). SHA-1 (RFC 3174) serves here
 * as a checksum that the protocol asks for, nothing secret rests on it. */
#include "shared/wire/ws.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* out: 4 * ceil(n / 3) characters and NUL */
static void base64(const uint8_t *bytes, size_t n, char *out) {
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)bytes[i] << 16;
        v |= i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0;
        v |= i + 2 < n ? (uint32_t)bytes[i + 2] : 0;
        *out++ = alphabet[v >> 18];
        *out++ = alphabet[(v >> 12) & 63];
        *out++ = i + 1 < n ? alphabet[(v >> 6) & 63] : '=';
        *out++ = i + 2 < n ? alphabet[v & 63] : '=';
    }
    *out = '\0';
}

static uint32_t rotate(uint32_t x, unsigned bits) {
    return (x << bits) | (x >> (32 - bits));
}

static void sha1_block(uint32_t h[5], const uint8_t *block) {
    uint32_t w[80];
    for (size_t i = 0; i < 16; i++) {
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    }
    for (size_t i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (size_t i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                              : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = rotate(a, 5) + f + e + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

/* Of texts shorter than 120 bytes: two blocks at most. */
static void sha1(const char *text, size_t n, uint8_t out[20]) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t block[128] = {0};
    size_t blocks = n < 56 ? 1 : 2;
    memcpy(block, text, n);
    block[n] = 0x80;
    block[64 * blocks - 2] = (uint8_t)(n * 8 >> 8);
    block[64 * blocks - 1] = (uint8_t)(n * 8);
    for (size_t i = 0; i < blocks; i++) {
        sha1_block(h, block + 64 * i);
    }
    for (size_t i = 0; i < 20; i++) {
        out[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void ns_ws_make_key(const struct ns_env *env, char out[NS_WS_KEY_TEXT]) {
    uint8_t random[16];
    ns_env_random(env, random, sizeof random);
    base64(random, sizeof random, out);
}

bool ns_ws_key_valid(struct ns_str key) {
    if (key.n != 24 || key.p[22] != '=' || key.p[23] != '=') {
        return false;
    }
    for (size_t i = 0; i < 22; i++) {
        if (key.p[i] == '\0' || strchr(alphabet, key.p[i]) == NULL) {
            return false;
        }
    }
    return true;
}

void ns_ws_accept(struct ns_str key, char out[NS_WS_ACCEPT_TEXT]) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[24 + sizeof guid];
    uint8_t digest[20];
    size_t n = key.n < 24 ? key.n : 24;
    memcpy(text, key.p, n);
    memcpy(text + n, guid, sizeof guid - 1);
    sha1(text, n + sizeof guid - 1, digest);
    base64(digest, sizeof digest, out);
}

bool ns_ws_list_has(struct ns_str list, const char *token, bool exact) {
    struct ns_str rest = list;
    while (rest.p != NULL) {
        struct ns_str item = ns_str_trim(ns_str_cut(&rest, ','));
        if (exact ? ns_str_is(item, token) : ns_str_is_nocase(item, token)) {
            return true;
        }
    }
    return false;
}
