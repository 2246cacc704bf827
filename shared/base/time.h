/* time.h: instants, civil days and their text, without any clock or zone.
 *
 * ns_time is microseconds since 1970-01-01T00:00:00Z (UTC, POSIX: no leap seconds).
 * ns_date is days since 1970-01-01 in the proleptic Gregorian calendar; which day an instant
 * belongs to depends on the household's zone (shared/calendar/zone.h). Clocks are in env.h. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef int64_t ns_time;
typedef int32_t ns_date;

#define NS_SECOND ((ns_time)1000000)
#define NS_MINUTE (60 * NS_SECOND)
#define NS_HOUR (60 * NS_MINUTE)
#define NS_DAY (24 * NS_HOUR)
#define NS_DATE_NONE INT32_MIN
#define NS_TIME_NONE INT64_MIN

struct ns_civil {
    int year;  /* 1583..9999 */
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

#define NS_DATE_TEXT 11 /* YYYY-MM-DD and NUL */
#define NS_TIME_TEXT 28 /* YYYY-MM-DDTHH:MM:SS.uuuuuuZ and NUL */

bool ns_civil_valid(struct ns_civil c);
ns_date ns_date_of(struct ns_civil c);
struct ns_civil ns_date_civil(ns_date d);
int ns_date_weekday(ns_date d); /* 0 = Monday .. 6 = Sunday */
int ns_month_days(int year, int month);

bool ns_date_parse(struct ns_str text, ns_date *out); /* exactly YYYY-MM-DD, a real day */
void ns_date_format(ns_date d, char out[NS_DATE_TEXT]);

/* RFC 3339 with any offset; seconds required, fraction optional (kept to microseconds). */
bool ns_time_parse(struct ns_str text, ns_time *out);
/* UTC with a trailing Z; the fraction only when it is not zero. */
void ns_time_format(ns_time t, char out[NS_TIME_TEXT]);
