/* line.h: short pieces of text by value, so that a view can write them in place. Pure. */
#pragma once
#include "shared/text/message.h"

struct ns_line {
    char s[400];
};

/* A message with up to four arguments (NULL: empty). */
struct ns_line ns_line_msg(enum ns_lang lang, enum ns_msg id, const char *a0, const char *a1,
                           const char *a2, const char *a3);
struct ns_line ns_line_number(int64_t n);
struct ns_line ns_line_fixed(enum ns_lang lang, int64_t value, int decimals);
/* hundredths shown with one decimal, rounded half away from zero; signed: with + or − in front */
struct ns_line ns_line_tenths(enum ns_lang lang, int64_t hundredths, bool with_sign);
struct ns_line ns_line_date(enum ns_lang lang, ns_date day);
struct ns_line ns_line_day_month(enum ns_lang lang, ns_date day); /* without the weekday */
struct ns_line ns_line_clock(int minute); /* HH:MM; "--:--" when unknown */
struct ns_line ns_line_duration(enum ns_lang lang, int64_t minutes);
struct ns_line ns_line_plural(enum ns_lang lang, int64_t n, enum ns_msg one, enum ns_msg other);
struct ns_line ns_line_upper(const char *text); /* Latin letters, accents kept: Théo -> THÉO */
struct ns_line ns_line_join(const char *a, const char *mark, const char *b); /* empty parts vanish */
