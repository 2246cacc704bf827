#include "agent/retail/gtin.h"

#include <string.h>

/* Weights 3 and 1 from the right of the body. */
static char check_digit(const char *body, size_t n) {
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (body[n - 1 - i] - '0') * (i % 2 == 0 ? 3 : 1);
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

static bool checks(const char *digits, size_t n) {
    return digits[n - 1] == check_digit(digits, n - 1);
}

static void pad(const char *digits, size_t n, char out[NS_GTIN_TEXT]) {
    memset(out, '0', NS_GTIN_TEXT - 1);
    memcpy(out + (NS_GTIN_TEXT - 1 - n), digits, n);
    out[NS_GTIN_TEXT - 1] = '\0';
}

/* UPC-E leaves out the zeros between maker and item; its sixth digit tells where they stood. */
static bool expand(const char e[8], char out[12]) {
    static const char zeros[] = "00000";
    if (e[0] > '1') {
        return false;
    }
    char last = e[6];
    size_t head = last <= '2' ? 2 : last == '3' ? 3 : last == '4' ? 4 : 5;
    char *p = out;
    *p++ = e[0];
    memcpy(p, e + 1, head);
    p += head;
    if (last <= '2') {
        *p++ = last;
    }
    size_t tail = last <= '2' ? 3 : last == '3' ? 2 : 1;
    const char *from = last >= '5' ? e + 6 : e + 6 - tail;
    size_t gap = (size_t)(out + 11 - tail - p);
    memcpy(p, zeros, gap);
    memcpy(p + gap, from, tail);
    out[11] = e[7];
    return checks(out, 12);
}

static bool in_store(const char gtin[NS_GTIN_TEXT], size_t written) {
    if (written == 8) {
        return gtin[6] == '0' || gtin[6] == '2';
    }
    return gtin[0] == '0' && ((gtin[1] == '0' && (gtin[2] == '2' || gtin[2] == '4')) || gtin[1] == '2');
}

enum ns_gtin_kind ns_gtin_read(struct ns_str text, char out[NS_GTIN_TEXT]) {
    char digits[14];
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == ' ' || c == '-') {
            continue;
        }
        if (c < '0' || c > '9') {
            return NS_GTIN_NOT_DIGITS;
        }
        if (n == sizeof digits) {
            return NS_GTIN_LENGTH;
        }
        digits[n++] = c;
    }
    if (n != 8 && n != 12 && n != 13 && n != 14) {
        return n == 0 ? NS_GTIN_NOT_DIGITS : NS_GTIN_LENGTH;
    }
    char full[12];
    bool short_form = n == 8 && (digits[0] == '0' || !checks(digits, n)) && expand(digits, full);
    if (!short_form && !checks(digits, n)) {
        return NS_GTIN_CHECK;
    }
    if (short_form) {
        pad(full, sizeof full, out);
        n = sizeof full;
    } else {
        pad(digits, n, out);
    }
    return in_store(out, n) ? NS_GTIN_IN_STORE : NS_GTIN_GOOD;
}

bool ns_asin_valid(struct ns_str text) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z')) {
            return false;
        }
    }
    return text.n == 10;
}
