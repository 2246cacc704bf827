/* line.c: formatting into fixed lines. */
#include "tui/widget/line.h"
#include "shared/text/utf8.h"

#include <stdio.h>
#include <string.h>

static struct ns_line from_buf(struct ns_buf *buf) {
    struct ns_line line;
    size_t n = buf->len < sizeof line.s - 1 ? buf->len : sizeof line.s - 1;
    if (n < buf->len) { /* never half a character */
        n = ns_utf8_back(ns_buf_view(buf), n + 1);
    }
    if (n > 0) {
        memcpy(line.s, buf->data, n);
    }
    line.s[n] = '\0';
    ns_buf_fini(buf);
    return line;
}

struct ns_line ns_line_msg(enum ns_lang lang, enum ns_msg id, const char *a0, const char *a1,
                           const char *a2, const char *a3) {
    struct ns_buf buf = NS_BUF(4096);
    NS_MSG_TO(&buf, lang, id, a0, a1, a2, a3);
    return from_buf(&buf);
}

struct ns_line ns_line_number(int64_t n) {
    struct ns_line line;
    snprintf(line.s, sizeof line.s, "%lld", (long long)n);
    return line;
}

struct ns_line ns_line_fixed(enum ns_lang lang, int64_t value, int decimals) {
    struct ns_buf buf = NS_BUF(128);
    ns_text_fixed(&buf, lang, value, decimals);
    return from_buf(&buf);
}

struct ns_line ns_line_tenths(enum ns_lang lang, int64_t hundredths, bool with_sign) {
    int64_t size = hundredths < 0 ? -hundredths : hundredths;
    int64_t tenths = (size + 5) / 10;
    struct ns_buf buf = NS_BUF(128);
    if (with_sign) {
        ns_buf_text(&buf, hundredths < 0 ? "\u2212" : "+");
    } else if (hundredths < 0) {
        ns_buf_char(&buf, '-');
    }
    ns_text_fixed(&buf, lang, tenths, 1);
    return from_buf(&buf);
}

struct ns_line ns_line_date(enum ns_lang lang, ns_date day) {
    struct ns_buf buf = NS_BUF(128);
    ns_text_date(&buf, lang, day, false);
    return from_buf(&buf);
}

struct ns_line ns_line_day_month(enum ns_lang lang, ns_date day) {
    struct ns_line line = ns_line_date(lang, day);
    const char *blank = strchr(line.s, ' ');
    struct ns_line out;
    snprintf(out.s, sizeof out.s, "%s", blank == NULL ? line.s : blank + 1);
    return out;
}

struct ns_line ns_line_clock(int minute) {
    struct ns_line line;
    if (minute < 0 || minute >= 1440) {
        snprintf(line.s, sizeof line.s, "--:--");
    } else {
        snprintf(line.s, sizeof line.s, "%02d:%02d", minute / 60, minute % 60);
    }
    return line;
}

struct ns_line ns_line_duration(enum ns_lang lang, int64_t minutes) {
    minutes = minutes < 0 ? 0 : minutes;
    if (minutes < 60) {
        return ns_line_msg(lang, NS_MSG_dur_min, ns_line_number(minutes).s, NULL, NULL, NULL);
    }
    if (minutes < 24 * 60) {
        return minutes % 60 == 0
                   ? ns_line_msg(lang, NS_MSG_dur_h, ns_line_number(minutes / 60).s, NULL, NULL, NULL)
                   : ns_line_msg(lang, NS_MSG_dur_h_min, ns_line_number(minutes / 60).s,
                                 ns_line_number(minutes % 60).s, NULL, NULL);
    }
    return ns_line_msg(lang, NS_MSG_dur_d, ns_line_number(minutes / 1440).s,
                       ns_line_number(minutes % 1440 / 60).s, NULL, NULL);
}

struct ns_line ns_line_plural(enum ns_lang lang, int64_t n, enum ns_msg one, enum ns_msg other) {
    return ns_line_msg(lang, ns_msg_plural(lang, n, one, other), ns_line_number(n).s, NULL, NULL,
                       NULL);
}

struct ns_line ns_line_upper(const char *text) {
    struct ns_line line;
    struct ns_str rest = ns_str_of(text);
    size_t n = 0;
    uint32_t cp;
    while (n + 4 < sizeof line.s && ns_utf8_next_clean(&rest, &cp)) {
        if ((cp >= 'a' && cp <= 'z') || (cp >= 0xE0 && cp <= 0xFE && cp != 0xF7)) {
            cp -= 0x20;
        } else if (cp == 0x153) {
            cp = 0x152;
        }
        n += ns_utf8_put(cp, line.s + n);
    }
    line.s[n] = '\0';
    return line;
}

struct ns_line ns_line_join(const char *a, const char *mark, const char *b) {
    struct ns_line line;
    bool both = a[0] != '\0' && b[0] != '\0';
    snprintf(line.s, sizeof line.s, "%s%s%s", a, both ? mark : "", b);
    return line;
}
