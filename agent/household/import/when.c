/* when.c: dates and times as the apps write them. */
#include "agent/household/import/importer.h"

static bool number(struct ns_str *rest, int most_digits, int *out, int *digits) {
    int value = 0;
    int n = 0;
    while (rest->n > 0 && rest->p[0] >= '0' && rest->p[0] <= '9' && n < most_digits) {
        value = value * 10 + (rest->p[0] - '0');
        rest->p++;
        rest->n--;
        n++;
    }
    *out = value;
    *digits = n;
    return n > 0;
}

static bool mark(struct ns_str *rest, const char *any, char *out) {
    if (rest->n == 0) {
        return false;
    }
    for (const char *p = any; *p != '\0'; p++) {
        if (rest->p[0] == *p) {
            *out = *p;
            rest->p++;
            rest->n--;
            return true;
        }
    }
    return false;
}

/* Years of two digits are of this century: nobody's diaper log is older. */
static bool take_date(struct ns_str *rest, struct import_when *out) {
    int first;
    int n1;
    int second;
    int n2;
    int third;
    int n3;
    char sep;
    char again;
    if (!number(rest, 4, &first, &n1) || !mark(rest, "-/.", &sep) ||
        !number(rest, 2, &second, &n2) || !mark(rest, "-/.", &again) || sep != again ||
        !number(rest, 4, &third, &n3)) {
        return false;
    }
    if (n1 == 4) {
        *out = (struct import_when){.a = second, .b = third, .year = first, .iso = true};
        return n3 <= 2; /* a day that the calendar lacks is refused by that name later */
    }
    if (n1 > 2 || (n3 != 2 && n3 != 4)) {
        return false;
    }
    *out = (struct import_when){.a = first, .b = second, .year = n3 == 2 ? 2000 + third : third};
    return (ns_civil_valid((struct ns_civil){out->year, second, first}) ||
            ns_civil_valid((struct ns_civil){out->year, first, second}));
}

static struct ns_str skip_blanks(struct ns_str text) {
    while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == ',' || text.p[0] == '\t')) {
        text.p++;
        text.n--;
    }
    /* U+202F, a narrow no-break space, stands before AM and PM in newer phones' exports. */
    if (text.n >= 3 && (unsigned char)text.p[0] == 0xE2 && (unsigned char)text.p[1] == 0x80 &&
        (unsigned char)text.p[2] == 0xAF) {
        text.p += 3;
        text.n -= 3;
    }
    return text;
}

bool import_clock_parse(struct ns_str text, int *minute) {
    struct ns_str rest = ns_str_trim(text);
    int hour;
    int min;
    int second = 0;
    int digits;
    char sep;
    if (!number(&rest, 2, &hour, &digits) || !mark(&rest, ":h", &sep) ||
        !number(&rest, 2, &min, &digits) || digits != 2) {
        return false;
    }
    if (sep == ':' && rest.n > 0 && rest.p[0] == ':') {
        rest.p++;
        rest.n--;
        if (!number(&rest, 2, &second, &digits) || digits != 2) {
            return false;
        }
        if (rest.n > 0 && rest.p[0] == '.') { /* fractions of a second are dropped */
            rest.p++;
            rest.n--;
            int fraction;
            if (!number(&rest, 9, &fraction, &digits)) {
                return false;
            }
        }
    }
    rest = skip_blanks(rest);
    bool am = ns_str_is_nocase(rest, "am") || ns_str_is_nocase(rest, "a.m.");
    bool pm = ns_str_is_nocase(rest, "pm") || ns_str_is_nocase(rest, "p.m.");
    if (am || pm) {
        if (hour < 1 || hour > 12) {
            return false;
        }
        hour = hour % 12 + (pm ? 12 : 0);
    } else if (rest.n != 0) {
        return false;
    }
    *minute = hour * 60 + min;
    return hour <= 23 && min <= 59 && second <= 60;
}

bool import_date_parse(struct ns_str text, struct import_when *out) {
    struct ns_str rest = ns_str_trim(text);
    return take_date(&rest, out) && rest.n == 0;
}

bool import_when_parse(struct ns_str text, struct import_when *out) {
    struct ns_str rest = ns_str_trim(text);
    if (!take_date(&rest, out) || rest.n == 0) {
        return false;
    }
    if (rest.p[0] == 'T') {
        rest.p++;
        rest.n--;
    } else if (rest.p[0] != ' ' && rest.p[0] != ',') {
        return false;
    }
    return import_clock_parse(skip_blanks(rest), &out->minute);
}

bool import_contains(struct ns_str text, const char *lower_word) {
    size_t n = ns_str_of(lower_word).n;
    for (size_t i = 0; i + n <= text.n; i++) {
        if (ns_str_is_nocase((struct ns_str){text.p + i, n}, lower_word)) {
            return true;
        }
    }
    return false;
}
