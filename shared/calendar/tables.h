/* tables.h: the shapes of the tables generated from schema/data. Private to shared/calendar. */
#pragma once
#include "shared/calendar/holiday.h"

#include <stddef.h>

struct ns_zone_file {
    const char *name;
    const unsigned char *bytes;
    size_t n;
};
extern const struct ns_zone_file ns_zone_files[];
extern const size_t ns_zone_file_count;
extern const char ns_zone_release[];

struct ns_province_row {
    const char *code;
    const char *name_en;
    const char *name_fr;
    const char *zone; /* the first one listed: where most people live */
};
extern const struct ns_province_row ns_province_rows[];
extern const size_t ns_province_count;

enum ns_holiday_rule {
    NS_RULE_FIXED,         /* month, day */
    NS_RULE_NTH,           /* n-th weekday of month, plus offset days */
    NS_RULE_EASTER,        /* Easter Sunday plus offset days */
    NS_RULE_BEFORE,        /* last such weekday strictly before month/day */
    NS_RULE_LAST,          /* last such weekday of month, plus offset days */
    NS_RULE_RANGE,         /* month/day to end_month/end_day of the same year */
};

struct ns_holiday_row { /* one rule in one province */
    const char *id;
    const char *name_en;
    const char *name_fr;
    const char *province; /* "*": all */
    const char *why;
    enum ns_holiday_rule rule;
    enum ns_holiday_kind kind;
    int month;
    int day;
    int weekday; /* 0 = Monday */
    int n;
    int offset;
    int end_month;
    int end_day;
    int from_year; /* 0: always; the first year it holds */
    int to_year;   /* 0: still; the last year it holds */
    bool sunday_moves; /* on a Sunday the Monday after is a holiday too */
};
extern const struct ns_holiday_row ns_holiday_rows[];
extern const size_t ns_holiday_row_count;
