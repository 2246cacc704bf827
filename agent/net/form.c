#include "agent/net/form.h"

#include <string.h>

static bool plain(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

static void encode(struct ns_buf *out, struct ns_str text, bool brackets) {
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (plain(c) || (brackets && (c == '[' || c == ']'))) {
            ns_buf_char(out, (char)c);
        } else {
            ns_buf_fmt(out, "%%%02X", c);
        }
    }
}

void ns_form_add(struct ns_buf *out, const char *name, struct ns_str value) {
    if (out->len > 0) {
        ns_buf_char(out, '&');
    }
    encode(out, ns_str_of(name), true);
    ns_buf_char(out, '=');
    encode(out, value, false);
}

static int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static bool decode(struct ns_buf *out, struct ns_str text) {
    ns_buf_clear(out);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '%') {
            ns_buf_char(out, text.p[i] == '+' ? ' ' : text.p[i]);
            continue;
        }
        bool room = text.n - i > 2;
        int high = room ? hex(text.p[i + 1]) : -1;
        int low = room ? hex(text.p[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return false;
        }
        ns_buf_char(out, (char)(high * 16 + low));
        i += 2;
    }
    return !out->failed;
}

bool ns_form_next(struct ns_str *rest, struct ns_buf *name, struct ns_buf *value, bool *bad) {
    *bad = false;
    if (rest->n == 0) {
        return false;
    }
    struct ns_str pair = ns_str_cut(rest, '&');
    struct ns_str first = ns_str_cut(&pair, '=');
    *bad = first.n == 0 || pair.p == NULL || !decode(name, first) || !decode(value, pair);
    return true;
}
