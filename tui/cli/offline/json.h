/* json.h: writing the answers of the agent-free commands. Locale plays no part in the numbers.
 * Private to tui/cli/offline. Threads: pure. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/time.h"

#include <math.h>
#include <stdio.h>

static inline void offline_put_date(struct ns_buf *out, const char *key, ns_date day) {
    char text[NS_DATE_TEXT];
    ns_date_format(day, text);
    ns_buf_fmt(out, "\"%s\": \"%s\"", key, text);
}

/* Six decimals with a point, whatever the locale. */
static inline void offline_put_number(struct ns_buf *out, const char *key, double value) {
    long long scaled = llround(value * 1e6);
    unsigned long long size = scaled < 0 ? 0ULL - (unsigned long long)scaled
                                         : (unsigned long long)scaled;
    ns_buf_fmt(out, "\"%s\": %s%llu.%06llu", key, scaled < 0 ? "-" : "", size / 1000000,
               size % 1000000);
}

static inline void offline_put_text(struct ns_buf *out, const char *key, const char *text) {
    ns_buf_fmt(out, "\"%s\": \"", key);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            ns_buf_char(out, '\\');
        }
        if ((unsigned char)*c < 0x20) {
            ns_buf_fmt(out, "\\u%04x", (unsigned)*c);
        } else {
            ns_buf_char(out, *c);
        }
    }
    ns_buf_char(out, '"');
}
