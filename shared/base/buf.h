/* buf.h: a growing byte buffer that is told its maximum at birth.
 *
 * A write past the maximum (or a failed allocation) marks the buffer failed, frees what it
 * held and turns later writes into nothing, so that callers check once at the end.
 * Ownership: the buffer owns data. Threads: one owner at a time. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct ns_buf {
    char *data; /* always NUL-terminated when not NULL */
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
};

#define NS_BUF(max_bytes) ((struct ns_buf){.max = (max_bytes)})

bool ns_buf_add(struct ns_buf *buf, const void *bytes, size_t n);
bool ns_buf_str(struct ns_buf *buf, struct ns_str text);
bool ns_buf_text(struct ns_buf *buf, const char *text);
bool ns_buf_char(struct ns_buf *buf, char c);
bool ns_buf_int(struct ns_buf *buf, int64_t value);
bool ns_buf_fmt(struct ns_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ns_buf_clear(struct ns_buf *buf);             /* keeps the memory, forgets a failure */
void ns_buf_drop(struct ns_buf *buf, size_t n);    /* remove n bytes at the front */
void ns_buf_cut(struct ns_buf *buf, size_t len);   /* shorten to len */
void ns_buf_fini(struct ns_buf *buf);
char *ns_buf_take(struct ns_buf *buf);             /* moves the text out; free() it; NULL if failed */
struct ns_str ns_buf_view(const struct ns_buf *buf);
