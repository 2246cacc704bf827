/* str.c: slices. */
#include "shared/base/str.h"

#include <string.h>
#include <strings.h>

struct ns_str ns_str_of(const char *text) {
    return text == NULL ? (struct ns_str){"", 0} : (struct ns_str){text, strlen(text)};
}

bool ns_str_eq(struct ns_str a, struct ns_str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool ns_str_is(struct ns_str a, const char *text) {
    return ns_str_eq(a, ns_str_of(text));
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ns_str_is_nocase(struct ns_str a, const char *text) {
    if (a.n != strlen(text)) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(text[i])) {
            return false;
        }
    }
    return true;
}

bool ns_str_starts(struct ns_str a, const char *prefix) {
    size_t n = strlen(prefix);
    return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

static bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct ns_str ns_str_trim(struct ns_str a) {
    while (a.n > 0 && blank(a.p[0])) {
        a.p++;
        a.n--;
    }
    while (a.n > 0 && blank(a.p[a.n - 1])) {
        a.n--;
    }
    return a;
}

struct ns_str ns_str_cut(struct ns_str *rest, char mark) {
    const char *at = rest->n == 0 ? NULL : memchr(rest->p, mark, rest->n);
    struct ns_str head = *rest;
    if (at == NULL) {
        *rest = (struct ns_str){NULL, 0};
        return head;
    }
    head.n = (size_t)(at - rest->p);
    rest->n -= head.n + 1;
    rest->p = at + 1;
    return head;
}

bool ns_str_int(struct ns_str a, int64_t min, int64_t max, int64_t *out) {
    bool negative = a.n > 0 && a.p[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == a.n || a.n - i > 19) {
        return false;
    }
    int64_t value = 0; /* kept negative: the range of int64 is larger below zero */
    for (; i < a.n; i++) {
        if (a.p[i] < '0' || a.p[i] > '9') {
            return false;
        }
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, a.p[i] - '0', &value)) {
            return false;
        }
    }
    if (!negative) {
        if (value == INT64_MIN) {
            return false;
        }
        value = -value;
    }
    if (value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}

bool ns_str_copy(struct ns_str a, char *out, size_t cap) {
    if (a.n >= cap) {
        out[0] = '\0';
        return false;
    }
    if (a.n > 0) {
        memcpy(out, a.p, a.n);
    }
    out[a.n] = '\0';
    return true;
}
