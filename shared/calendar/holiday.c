#include "shared/calendar/holiday.h"

#include "shared/calendar/tables.h"

#include <string.h>

const char *ns_holiday_kind_name(enum ns_holiday_kind kind) {
    switch (kind) {
    case NS_HOLIDAY_STATUTORY:
        return "statutory";
    case NS_HOLIDAY_OPTIONAL:
        return "optional";
    case NS_HOLIDAY_GOVERNMENT:
        return "government";
    case NS_HOLIDAY_COMMERCIAL:
        break;
    }
    return "commercial";
}

static const struct ns_province_row *province_row(const char *code) {
    for (size_t i = 0; code != NULL && i < ns_province_count; i++) {
        if (strcmp(ns_province_rows[i].code, code) == 0) {
            return &ns_province_rows[i];
        }
    }
    return NULL;
}

bool ns_province_known(const char *code) {
    return code != NULL && (strcmp(code, "FED") == 0 || province_row(code) != NULL);
}

const char *ns_province_at(size_t index) {
    return index < ns_province_count ? ns_province_rows[index].code : NULL;
}

const char *ns_province_title(const char *code, bool french) {
    const struct ns_province_row *row = province_row(code);
    if (row == NULL) {
        return NULL;
    }
    return french ? row->name_fr : row->name_en;
}

/* The anonymous Gregorian computation (Meeus, Jones, Butcher). */
ns_date ns_easter(int year) {
    int a = year % 19;
    int b = year / 100;
    int c = year % 100;
    int h = (19 * a + b - b / 4 - (8 * b + 13) / 25 + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;
    return ns_date_of((struct ns_civil){year, n / 31, n % 31 + 1});
}

static ns_date civil(int year, int month, int day) {
    return ns_date_of((struct ns_civil){year, month, day});
}

static ns_date rule_date(const struct ns_holiday_row *row, int year) {
    switch (row->rule) {
    case NS_RULE_NTH: {
        ns_date first = civil(year, row->month, 1);
        int ahead = (row->weekday - ns_date_weekday(first) + 7) % 7;
        return first + ahead + 7 * (row->n - 1) + row->offset;
    }
    case NS_RULE_EASTER:
        return ns_easter(year) + row->offset;
    case NS_RULE_BEFORE: {
        ns_date last = civil(year, row->month, row->day) - 1;
        return last - (ns_date_weekday(last) - row->weekday + 7) % 7;
    }
    case NS_RULE_LAST: {
        ns_date last = civil(year, row->month, ns_month_days(year, row->month));
        return last - (ns_date_weekday(last) - row->weekday + 7) % 7 + row->offset;
    }
    case NS_RULE_FIXED:
    case NS_RULE_RANGE:
        break;
    }
    return civil(year, row->month, row->day);
}

static bool applies(const struct ns_holiday_row *row, const char *province, int year) {
    return (strcmp(row->province, "*") == 0 || strcmp(row->province, province) == 0) &&
           (row->from_year == 0 || year >= row->from_year) &&
           (row->to_year == 0 || year <= row->to_year);
}

/* Does the rule fall on this day? Sets *observed for the Monday after a Sunday. */
static bool falls_on(const struct ns_holiday_row *row, int year, ns_date day, bool *observed) {
    ns_date date = rule_date(row, year);
    *observed = false;
    if (row->rule == NS_RULE_RANGE) {
        return day >= date && day <= civil(year, row->end_month, row->end_day);
    }
    if (day == date) {
        return true;
    }
    *observed = row->sunday_moves && day == date + 1 && ns_date_weekday(date) == 6;
    return *observed;
}

size_t ns_holidays(const char *province, ns_date from, ns_date to, struct ns_holiday *out,
                   size_t max) {
    size_t count = 0;
    if (!ns_province_known(province)) {
        return 0;
    }
    for (ns_date day = from; day <= to; day++) {
        int year = ns_date_civil(day).year;
        for (size_t i = 0; i < ns_holiday_row_count; i++) {
            const struct ns_holiday_row *row = &ns_holiday_rows[i];
            bool observed;
            if (!applies(row, province, year) || !falls_on(row, year, day, &observed)) {
                continue;
            }
            if (count < max) {
                out[count] = (struct ns_holiday){.date = day, .id = row->id,
                    .name_en = row->name_en, .name_fr = row->name_fr, .kind = row->kind,
                    .observed = observed, .why = row->why};
            }
            count++;
        }
    }
    return count;
}

bool ns_holiday_statutory(const char *province, ns_date day) {
    int year = ns_date_civil(day).year;
    for (size_t i = 0; province != NULL && i < ns_holiday_row_count; i++) {
        const struct ns_holiday_row *row = &ns_holiday_rows[i];
        bool observed;
        if (row->kind == NS_HOLIDAY_STATUTORY && applies(row, province, year) &&
            falls_on(row, year, day, &observed)) {
            return true;
        }
    }
    return false;
}
