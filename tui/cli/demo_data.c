/* demo_data.c: the two logs of the practice household. */
#include "tui/cli/demo.h"

static bool read_line(struct ns_str line, ns_date *day, int *minute, struct ns_str *type) {
    int64_t hour = 0;
    int64_t min = 0;
    struct ns_str rest = line;
    struct ns_str date = ns_str_cut(&rest, ',');
    struct ns_str time = ns_str_cut(&rest, ',');
    struct ns_str h = ns_str_cut(&time, ':');
    *type = ns_str_trim(rest);
    if (!ns_date_parse(date, day) || !ns_str_int(h, 0, 23, &hour) ||
        !ns_str_int(time, 0, 59, &min) || type->n == 0) {
        return false;
    }
    *minute = (int)(hour * 60 + min);
    return true;
}

ns_rc ns_demo_shift(struct ns_str csv, ns_date today, int minute, struct ns_buf *out,
                    ns_date *first, struct ns_err *err) {
    ns_date last = NS_DATE_NONE;
    ns_date day = 0;
    int at = 0;
    struct ns_str type;
    *first = NS_DATE_NONE;
    for (struct ns_str rest = csv; rest.p != NULL;) {
        struct ns_str line = ns_str_cut(&rest, '\n');
        if (read_line(line, &day, &at, &type)) {
            last = last == NS_DATE_NONE || day > last ? day : last;
            *first = *first == NS_DATE_NONE || day < *first ? day : *first;
        }
    }
    if (last == NS_DATE_NONE) {
        return ns_err_note(err, NS_E_INPUT, "the demo log has no line of date,time,type");
    }
    ns_date move = today - last;
    *first += move;
    ns_buf_text(out, "date,time,type\n");
    for (struct ns_str rest = csv; rest.p != NULL;) {
        struct ns_str line = ns_str_cut(&rest, '\n');
        if (!read_line(line, &day, &at, &type) || (day + move == today && at > minute)) {
            continue;
        }
        char text[NS_DATE_TEXT];
        ns_date_format(day + move, text);
        ns_buf_fmt(out, "%s,%02d:%02d,%.*s\n", text, at / 60, at % 60, (int)type.n, type.p);
    }
    return out->failed ? ns_err_note(err, NS_E_LIMIT, "the demo log is too long") : NS_OK;
}

/* splitmix64 (Steele, Lea, Flood 2014): a small generator whose every run is the same. */
static uint64_t next(uint64_t *seed) {
    uint64_t z = (*seed += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static int draw(uint64_t *seed, int below) {
    return (int)(next(seed) % (uint64_t)below);
}

/* Hours of a day with n changes, earliest first: which of the six usual ones are used. */
static const uint8_t used[7][6] = {
    {0}, {1, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 1}, {1, 0, 1, 0, 0, 1},
    {1, 0, 1, 1, 0, 1}, {1, 1, 1, 0, 1, 1}, {1, 1, 1, 1, 1, 1}};

static void one_day(ns_date day, int until, uint64_t *seed, struct ns_buf *out) {
    static const int usual[6] = {7 * 60 + 10, 9 * 60 + 50, 12 * 60 + 40, 15 * 60 + 20, 17 * 60 + 50, 19 * 60 + 40};
    int weekday = ns_date_weekday(day);
    int chance = draw(seed, 5);
    int n = 5 + (chance == 0) - (chance == 1) - (weekday == 1 || weekday == 3);
    char text[NS_DATE_TEXT];
    ns_date_format(day, text);
    for (int i = 0; i < 6; i++) {
        int at = usual[i] + draw(seed, 81) - 40;
        bool soiled = i == 1 || draw(seed, 12) == 0;
        bool wet = !soiled || draw(seed, 2) == 0;
        if (used[n][i] != 0 && at <= until) {
            ns_buf_fmt(out, "%s,%02d:%02d,%s\n", text, at / 60, at % 60, !soiled ? "wet" : wet ? "mixed" : "dirty");
        }
    }
}

void ns_demo_sibling(ns_date today, int minute, struct ns_buf *out) {
    uint64_t seed = 20260324;
    ns_buf_text(out, "date,time,type\n");
    for (ns_date day = today - NS_DEMO_SIBLING_DAYS + 1; day <= today; day++) {
        one_day(day, day == today ? minute : 24 * 60, &seed, out);
    }
}
