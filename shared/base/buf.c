/* buf.c: the bounded buffer. */
#include "shared/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct ns_buf *buf) {
    free(buf->data);
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
    buf->failed = true;
    return false;
}

/* Room for n more bytes and the closing NUL. */
static bool room(struct ns_buf *buf, size_t n) {
    if (buf->failed) {
        return false;
    }
    if (n > buf->max || buf->len > buf->max - n) {
        return fail(buf);
    }
    size_t need = buf->len + n + 1;
    if (need <= buf->cap) {
        return true;
    }
    size_t cap = buf->cap < 128 ? 256 : buf->cap * 2;
    if (cap < need) {
        cap = need;
    }
    char *data = realloc(buf->data, cap);
    if (data == NULL) {
        return fail(buf);
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

bool ns_buf_add(struct ns_buf *buf, const void *bytes, size_t n) {
    if (!room(buf, n)) {
        return false;
    }
    if (n > 0) {
        memcpy(buf->data + buf->len, bytes, n);
    }
    buf->len += n;
    buf->data[buf->len] = '\0';
    return true;
}

bool ns_buf_str(struct ns_buf *buf, struct ns_str text) {
    return ns_buf_add(buf, text.p, text.n);
}

bool ns_buf_text(struct ns_buf *buf, const char *text) {
    return ns_buf_add(buf, text, strlen(text));
}

bool ns_buf_char(struct ns_buf *buf, char c) {
    return ns_buf_add(buf, &c, 1);
}

bool ns_buf_fmt(struct ns_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    size_t spare = buf->data == NULL ? 0 : buf->cap - buf->len; /* what fits is written at once */
    int n = vsnprintf(spare == 0 ? NULL : buf->data + buf->len, spare, format, args);
    va_end(args);
    bool ok = n >= 0 && room(buf, (size_t)n);
    if (ok && (size_t)n >= spare) {
        vsnprintf(buf->data + buf->len, (size_t)n + 1, format, again);
    }
    buf->len += ok ? (size_t)n : 0;
    va_end(again);
    return ok;
}

bool ns_buf_int(struct ns_buf *buf, int64_t value) {
    char text[20];
    size_t at = sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        text[--at] = '-';
    }
    return ns_buf_add(buf, text + at, sizeof text - at);
}

void ns_buf_clear(struct ns_buf *buf) {
    buf->len = 0;
    buf->failed = false;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

void ns_buf_drop(struct ns_buf *buf, size_t n) {
    if (n >= buf->len) {
        ns_buf_cut(buf, 0);
        return;
    }
    memmove(buf->data, buf->data + n, buf->len - n);
    ns_buf_cut(buf, buf->len - n);
}

void ns_buf_cut(struct ns_buf *buf, size_t len) {
    if (len < buf->len) {
        buf->len = len;
    }
    if (buf->data != NULL) {
        buf->data[buf->len] = '\0';
    }
}

void ns_buf_fini(struct ns_buf *buf) {
    free(buf->data);
    *buf = (struct ns_buf){.max = buf->max};
}

char *ns_buf_take(struct ns_buf *buf) {
    if (!room(buf, 0)) {
        return NULL;
    }
    char *text = buf->data;
    text[buf->len] = '\0';
    *buf = (struct ns_buf){.max = buf->max};
    return text;
}

struct ns_str ns_buf_view(const struct ns_buf *buf) {
    return (struct ns_str){buf->data == NULL ? "" : buf->data, buf->len};
}
