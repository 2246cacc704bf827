/* utf8.c: the decoder follows table 3-7 of the Unicode Standard. */
#include "shared/text/utf8.h"

bool ns_utf8_next(struct ns_str *rest, uint32_t *out) {
    if (rest->n == 0) {
        return false;
    }
    const unsigned char *p = (const unsigned char *)rest->p;
    uint32_t cp = NS_UTF8_BAD;
    size_t used = 1;
    if (p[0] < 0x80) {
        cp = p[0];
    } else if (p[0] >= 0xC2 && p[0] <= 0xF4) {
        size_t need = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
        unsigned low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
        unsigned high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
        uint32_t value = p[0] & (need == 2 ? 0x1FU : need == 3 ? 0x0FU : 0x07U);
        size_t i = 1;
        while (i < need && i < rest->n && p[i] >= low && p[i] <= high) {
            value = value << 6 | (p[i] & 0x3FU);
            low = 0x80;
            high = 0xBF;
            i++;
        }
        if (i == need) {
            cp = value;
            used = need;
        }
    }
    rest->p += used;
    rest->n -= used;
    *out = cp;
    return true;
}

size_t ns_utf8_put(uint32_t cp, char out[4]) {
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        cp = NS_UTF8_BAD;
    }
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

bool ns_utf8_valid(struct ns_str text) {
    uint32_t cp;
    while (text.n > 0) {
        size_t before = text.n;
        ns_utf8_next(&text, &cp);
        if (cp == NS_UTF8_BAD && before - text.n == 1) {
            return false;
        }
    }
    return true;
}

size_t ns_utf8_back(struct ns_str text, size_t at) {
    if (at > text.n) {
        at = text.n;
    }
    if (at == 0) {
        return 0;
    }
    at--;
    while (at > 0 && ((unsigned char)text.p[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

static bool vanishes(uint32_t cp) {
    return (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
           (cp >= 0x2060 && cp <= 0x206F) || (cp >= 0xFE00 && cp <= 0xFE0F) || cp == 0xFEFF ||
           cp == 0x061C || (cp >= 0x1F3FB && cp <= 0x1F3FF) || (cp >= 0xE0000 && cp <= 0xE0FFF) ||
           (cp >= 0xFFF9 && cp <= 0xFFFB);
}

bool ns_utf8_next_clean(struct ns_str *rest, uint32_t *out) {
    uint32_t cp;
    while (ns_utf8_next(rest, &cp)) {
        if (vanishes(cp)) {
            continue;
        }
        if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029) {
            cp = ' ';
        } else if (cp == NS_UTF8_BAD || (cp >= 0xE000 && cp <= 0xF8FF) || cp >= 0xF0000) {
            cp = '?'; /* private use: no font can be relied on */
        } else if (cp >= 0x1F1E6 && cp <= 0x1F1FF) {
            cp = 'A' + (cp - 0x1F1E6);
        }
        *out = cp;
        return true;
    }
    return false;
}

bool ns_utf8_has_letter(struct ns_str text) {
    uint32_t cp;
    while (ns_utf8_next(&text, &cp)) {
        bool latin = (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z';
        bool marks = cp < 0xC0 || cp == 0xD7 || cp == 0xF7 || (cp >= 0x2000 && cp < 0x2070);
        if (latin || (!marks && cp != NS_UTF8_BAD)) {
            return true;
        }
    }
    return false;
}
