/* id.c: UUIDs. */
#include "shared/base/id.h"
#include "shared/base/env.h"

#include <string.h>

ns_id ns_id_from_bytes(const uint8_t random[16]) {
    ns_id id;
    memcpy(id.b, random, sizeof id.b);
    id.b[6] = (uint8_t)((id.b[6] & 0x0F) | 0x40);
    id.b[8] = (uint8_t)((id.b[8] & 0x3F) | 0x80);
    return id;
}

ns_id ns_id_new(const struct ns_env *env) {
    uint8_t bytes[16];
    ns_env_random(env, bytes, sizeof bytes);
    return ns_id_from_bytes(bytes);
}

static int hex(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool ns_id_parse(struct ns_str text, ns_id *out) {
    if (text.n != NS_ID_TEXT - 1) {
        return false;
    }
    size_t at = 0;
    for (size_t i = 0; i < sizeof out->b; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            if (text.p[at++] != '-') {
                return false;
            }
        }
        int high = hex(text.p[at]);
        int low = hex(text.p[at + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->b[i] = (uint8_t)(high * 16 + low);
        at += 2;
    }
    return true;
}

void ns_id_format(ns_id id, char out[NS_ID_TEXT]) {
    static const char digit[] = "0123456789abcdef";
    char *p = out;
    for (size_t i = 0; i < sizeof id.b; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *p++ = '-';
        }
        *p++ = digit[id.b[i] >> 4];
        *p++ = digit[id.b[i] & 15];
    }
    *p = '\0';
}

bool ns_id_eq(ns_id a, ns_id b) {
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool ns_id_is_zero(ns_id id) {
    return ns_id_eq(id, (ns_id){{0}});
}
