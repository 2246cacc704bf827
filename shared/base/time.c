/* time.c: calendar arithmetic (days from civil by the era method: 400 years = 146097 days). */
#include "shared/base/time.h"

#include <string.h>

static bool leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int ns_month_days(int year, int month) {
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

bool ns_civil_valid(struct ns_civil c) {
    return c.year >= 1583 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
           c.day <= ns_month_days(c.year, c.month);
}

/* Years are counted from March so that the leap day comes last. */
ns_date ns_date_of(struct ns_civil c) {
    int y = c.month <= 2 ? c.year - 1 : c.year;
    int era = y / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct ns_civil ns_date_civil(ns_date d) {
    int64_t z = (int64_t)d + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct ns_civil){(int)(yoe + era * 400 + (month <= 2 ? 1 : 0)), month,
                             (int)(doy - (153 * mp + 2) / 5 + 1)};
}

int ns_date_weekday(ns_date d) {
    int w = (int)(((int64_t)d + 3) % 7); /* 1970-01-01 was a Thursday */
    return w < 0 ? w + 7 : w;
}

static bool digits(const char *p, int n, int *out) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return false;
        }
        value = value * 10 + (p[i] - '0');
    }
    *out = value;
    return true;
}

bool ns_date_parse(struct ns_str text, ns_date *out) {
    struct ns_civil c;
    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' || !digits(text.p, 4, &c.year) ||
        !digits(text.p + 5, 2, &c.month) || !digits(text.p + 8, 2, &c.day) ||
        !ns_civil_valid(c)) {
        return false;
    }
    *out = ns_date_of(c);
    return true;
}

/* The last `n` decimal digits of v; printf would cost more than the rest of a row of an answer. */
static char *put_digits(char *to, unsigned v, int n) {
    for (int i = n - 1; i >= 0; i--) {
        to[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return to + n;
}

void ns_date_format(ns_date d, char out[NS_DATE_TEXT]) {
    struct ns_civil c = ns_date_civil(d);
    if (c.year < 0 || c.year > 9999) {
        c = (struct ns_civil){0, 1, 1};
    }
    char *p = put_digits(out, (unsigned)c.year, 4);
    *p++ = '-';
    p = put_digits(p, (unsigned)c.month, 2);
    *p++ = '-';
    *put_digits(p, (unsigned)c.day, 2) = '\0';
}

/* Reads ".digits" at p; returns its length, 0 when there is none, -1 when malformed. */
static int fraction(struct ns_str text, size_t at, int64_t *micros) {
    if (at >= text.n || text.p[at] != '.') {
        return 0;
    }
    int64_t unit = 100000;
    size_t i = at + 1;
    for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
        *micros += unit * (text.p[i] - '0');
        unit /= 10;
    }
    return i == at + 1 ? -1 : (int)(i - at);
}

static bool offset(struct ns_str text, size_t at, int64_t *seconds) {
    if (at + 1 == text.n && (text.p[at] == 'Z' || text.p[at] == 'z')) {
        return true;
    }
    int hour = 0;
    int minute = 0;
    if (at + 6 != text.n || (text.p[at] != '+' && text.p[at] != '-') ||
        text.p[at + 3] != ':' || !digits(text.p + at + 1, 2, &hour) ||
        !digits(text.p + at + 4, 2, &minute) || hour > 23 || minute > 59) {
        return false;
    }
    *seconds = (text.p[at] == '-' ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

bool ns_time_parse(struct ns_str text, ns_time *out) {
    ns_date day;
    int hour;
    int minute;
    int second;
    if (text.n < 20 || !ns_date_parse((struct ns_str){text.p, 10}, &day) ||
        (text.p[10] != 'T' && text.p[10] != 't' && text.p[10] != ' ') || text.p[13] != ':' ||
        text.p[16] != ':' || !digits(text.p + 11, 2, &hour) ||
        !digits(text.p + 14, 2, &minute) || !digits(text.p + 17, 2, &second) || hour > 23 ||
        minute > 59 || second > 60) {
        return false;
    }
    int64_t micros = 0;
    int64_t shift = 0;
    int used = fraction(text, 19, &micros);
    if (used < 0 || !offset(text, 19 + (size_t)used, &shift)) {
        return false;
    }
    *out = (int64_t)day * NS_DAY + hour * NS_HOUR + minute * NS_MINUTE + second * NS_SECOND +
           micros - shift * NS_SECOND;
    return true;
}

void ns_time_format(ns_time t, char out[NS_TIME_TEXT]) {
    int64_t day = t / NS_DAY;
    int64_t rest = t % NS_DAY;
    if (rest < 0) {
        rest += NS_DAY;
        day--;
    }
    ns_date_format((ns_date)day, out);
    unsigned second = (unsigned)(rest / NS_SECOND);
    unsigned micros = (unsigned)(rest % NS_SECOND);
    char *p = out + strlen(out);
    *p++ = 'T';
    p = put_digits(p, second / 3600, 2);
    *p++ = ':';
    p = put_digits(p, second / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, second % 60, 2);
    if (micros != 0) {
        *p++ = '.';
        p = put_digits(p, micros, 6);
    }
    *p++ = 'Z';
    *p = '\0';
}
