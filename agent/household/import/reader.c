/* reader.c: find the format, read every row, decide the order of day and month, put events in
 * order. */
#include "agent/household/import/csv.h"
#include "agent/household/import/importer.h"
#include "shared/text/message.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_WITHIN 20 /* records looked at for a header line */

static const struct importer *const importers[] = {
    &ns_importer_baby_buddy,
    &ns_importer_huckleberry,
    &ns_importer_hatch,
    &ns_importer_plain,
};

struct read_event {
    struct ns_import_event event;
    struct import_when when;
};

struct reader {
    const struct ns_import_reading *reading;
    struct ns_arena *arena;
    struct csv csv;
    const struct importer *importer;
    int index[IMPORT_COLUMNS]; /* field of each column, -1: absent */
    struct read_event *events;
    int count;
    int cap;
    struct ns_import_problem problems[NS_IMPORT_PROBLEMS_KEPT];
    int refused;
    struct ns_import_reason reasons[NS_IMPORT_REASONS_MOST];
    int reason_count;
};

/* ---- the text as a whole ---- */

static bool valid_utf8(struct ns_str text) {
    const unsigned char *p = (const unsigned char *)text.p;
    const unsigned char *end = p + text.n;
    while (p < end) {
        int more = *p < 0x80 ? 0 : *p >= 0xC2 && *p < 0xE0 ? 1 : *p >= 0xE0 && *p < 0xF0 ? 2
                   : *p >= 0xF0 && *p < 0xF5 ? 3 : -1;
        if (*p == 0 || more < 0 || end - p <= more) {
            return false;
        }
        if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) ||
            (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F)) {
            return false;
        }
        p++;
        for (; more > 0; more--, p++) {
            if ((*p & 0xC0) != 0x80) {
                return false;
            }
        }
    }
    return true;
}

static struct ns_str without_mark(struct ns_str text) {
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0) {
        return (struct ns_str){text.p + 3, text.n - 3};
    }
    return text;
}

/* ---- the header ---- */

static bool match_header(struct reader *r, const struct importer *importer) {
    for (int c = 0; c < IMPORT_COLUMNS && importer->columns[c] != NULL; c++) {
        r->index[c] = -1;
        for (int f = 0; f < r->csv.count && r->index[c] < 0; f++) {
            if (ns_str_is_nocase(ns_str_trim(r->csv.field[f]), importer->columns[c])) {
                r->index[c] = f;
            }
        }
        if (r->index[c] < 0 && c < importer->required) {
            return false;
        }
    }
    r->importer = importer;
    return true;
}

static bool find_header(struct reader *r, struct ns_str text) {
    static const char separators[] = ",;\t";
    for (const char *s = separators; *s != '\0'; s++) {
        csv_start(&r->csv, text, *s, r->arena);
        for (int record = 0; record < HEADER_WITHIN && csv_next(&r->csv); record++) {
            for (size_t i = 0; i < NS_COUNT(importers); i++) {
                if (match_header(r, importers[i])) {
                    return true;
                }
            }
        }
    }
    return false;
}

/* ---- rows ---- */

static void count_reason(struct reader *r, int msg) {
    int i = 0;
    while (i < r->reason_count && r->reasons[i].msg != msg) {
        i++;
    }
    if (i == r->reason_count) {
        r->reasons[r->reason_count++].msg = msg;
    }
    r->reasons[i].count++;
}

static void refuse(struct reader *r, int line, int msg, struct ns_str word) {
    count_reason(r, msg);
    if (r->refused < NS_IMPORT_PROBLEMS_KEPT) {
        struct ns_str shown = word;
        while (shown.n > 60 || (shown.n > 0 && shown.n < word.n && ((unsigned char)shown.p[shown.n] & 0xC0) == 0x80)) {
            shown.n--;
        }
        r->problems[r->refused] = (struct ns_import_problem){
            .line = line, .msg = msg, .arg = {ns_arena_copy(r->arena, shown)}};
    }
    r->refused++;
}

/* Does the record end before a column that must be there? */
static bool too_short(const struct reader *r) {
    for (int c = 0; c < r->importer->required; c++) {
        if (r->index[c] >= r->csv.count) {
            return true;
        }
    }
    return false;
}

static struct read_event *next_slot(struct reader *r) {
    if (r->count == r->cap) {
        int cap = r->cap == 0 ? 4096 : r->cap * 2;
        struct read_event *more = NS_NEW_N(r->arena, struct read_event, (size_t)cap);
        if (r->count > 0) {
            memcpy(more, r->events, (size_t)r->count * sizeof *more);
        }
        r->events = more;
        r->cap = cap;
    }
    return &r->events[r->count];
}

static bool empty_record(const struct csv *csv) {
    for (int i = 0; i < csv->count; i++) {
        if (ns_str_trim(csv->field[i]).n > 0) {
            return false;
        }
    }
    return true;
}

/* Blank lines, section marks and repeated headers carry no event. */
static bool decoration(struct reader *r) {
    return empty_record(&r->csv) || ns_str_starts(ns_str_trim(r->csv.field[0]), "===") ||
           ns_str_is_nocase(ns_str_trim(r->csv.field[r->index[0] < r->csv.count ? r->index[0] : 0]),
                            r->importer->columns[0]);
}

static void take_record(struct reader *r) {
    struct ns_str values[IMPORT_COLUMNS] = {0};
    for (int c = 0; c < IMPORT_COLUMNS && r->importer->columns[c] != NULL; c++) {
        values[c] = r->index[c] >= 0 && r->index[c] < r->csv.count ? r->csv.field[r->index[c]] : NS_STR("");
    }
    if (r->csv.broken) {
        refuse(r, r->csv.line, NS_MSG_import_bad_quotes, r->csv.field[0]);
        return;
    }
    struct import_row row = {0};
    struct import_problem problem = {0};
    switch (r->importer->row(values, &row, &problem)) {
    case IMPORT_SKIP:
        break;
    case IMPORT_PROBLEM:
        if (too_short(r)) { /* truer than a complaint about an empty field */
            refuse(r, r->csv.line, NS_MSG_import_short_line, r->csv.field[0]);
        } else {
            refuse(r, r->csv.line, problem.msg, problem.word);
        }
        break;
    case IMPORT_EVENT: {
        struct read_event *slot = next_slot(r);
        slot->when = row.when;
        slot->event = (struct ns_import_event){
            .line = r->csv.line,
            .minute = (int16_t)row.when.minute,
            .wet = row.wet,
            .soiled = row.soiled,
            .note = row.note.n == 0 ? NULL : ns_arena_copy(r->arena, row.note),
        };
        r->count++;
        break;
    }
    }
}

/* ---- day and month ---- */

static ns_date day_of(const struct import_when *w, bool day_first) {
    struct ns_civil c = {w->year, w->iso || !day_first ? w->a : w->b, w->iso || !day_first ? w->b : w->a};
    return ns_civil_valid(c) ? ns_date_of(c) : NS_DATE_NONE;
}

/* Apps write a log from old to new or from new to old. */
static bool in_order(const struct reader *r, bool day_first) {
    bool up = true;
    bool down = true;
    for (int i = 1; i < r->count; i++) {
        ns_date before = day_of(&r->events[i - 1].when, day_first);
        ns_date after = day_of(&r->events[i].when, day_first);
        up &= before <= after;
        down &= before >= after;
    }
    return up || down;
}

static ns_rc decide(struct reader *r, bool *day_first, struct ns_import_file *out, struct ns_err *err) {
    bool ambiguous = false;
    bool a_is_day = false;
    bool b_is_day = false;
    for (int i = 0; i < r->count; i++) {
        const struct import_when *w = &r->events[i].when;
        ambiguous |= !w->iso;
        a_is_day |= !w->iso && w->a > 12;
        b_is_day |= !w->iso && w->b > 12;
    }
    *day_first = false;
    out->day_order = "ISO";
    out->day_reason = "written";
    if (!ambiguous) {
        return NS_OK;
    }
    if (a_is_day && b_is_day) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_import_both_orders, NULL, NULL, NULL);
    }
    if (a_is_day || b_is_day) {
        *day_first = a_is_day;
        out->day_reason = "field";
    } else if (r->reading->order != NS_ORDER_AUTO) {
        *day_first = r->reading->order == NS_ORDER_DAY_FIRST;
        out->day_reason = "asked";
    } else if (in_order(r, true) != in_order(r, false)) {
        *day_first = in_order(r, true);
        out->day_reason = "order";
    } else if (r->importer->written != NS_ORDER_AUTO) {
        *day_first = r->importer->written == NS_ORDER_DAY_FIRST;
        out->day_reason = "format";
    } else {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_import_order_unknown, NULL, NULL, NULL);
    }
    out->day_order = *day_first ? "DAY_FIRST" : "MONTH_FIRST";
    return NS_OK;
}

/* ---- putting it together ---- */

static int by_time(const void *left, const void *right) {
    const struct ns_import_event *a = left;
    const struct ns_import_event *b = right;
    if (a->day != b->day) {
        return a->day < b->day ? -1 : 1;
    }
    if (a->minute != b->minute) {
        return a->minute < b->minute ? -1 : 1;
    }
    return a->line < b->line ? -1 : a->line > b->line;
}

static void place_events(struct reader *r, bool day_first, struct ns_import_file *out) {
    struct ns_import_event *events = NS_NEW_N(r->arena, struct ns_import_event, (size_t)r->count);
    int n = 0;
    for (int i = 0; i < r->count; i++) {
        struct ns_import_event event = r->events[i].event;
        event.day = day_of(&r->events[i].when, day_first);
        char shown[NS_DATE_TEXT] = "";
        if (event.day != NS_DATE_NONE) {
            ns_date_format(event.day, shown);
        }
        if (event.day == NS_DATE_NONE) {
            refuse(r, event.line, NS_MSG_import_no_such_day, NS_STR(""));
        } else if (r->reading->latest != NS_DATE_NONE && event.day > r->reading->latest) {
            refuse(r, event.line, NS_MSG_import_after_today, ns_str_of(shown));
        } else if (r->reading->earliest != NS_DATE_NONE && event.day < r->reading->earliest) {
            refuse(r, event.line, NS_MSG_import_before_birth, ns_str_of(shown));
        } else {
            events[n++] = event;
        }
    }
    qsort(events, (size_t)n, sizeof *events, by_time);
    out->events = events;
    out->count = n;
}

static int by_line(const void *left, const void *right) {
    const struct ns_import_problem *a = left, *b = right;
    return (a->line > b->line) - (a->line < b->line);
}

static int by_count(const void *left, const void *right) {
    const struct ns_import_reason *a = left, *b = right;
    return a->count != b->count ? (a->count < b->count ? 1 : -1) : a->msg - b->msg;
}

static void keep_problems(struct reader *r, struct ns_import_file *out) {
    int kept = r->refused < NS_IMPORT_PROBLEMS_KEPT ? r->refused : NS_IMPORT_PROBLEMS_KEPT;
    struct ns_import_problem *problems = NS_NEW_N(r->arena, struct ns_import_problem, (size_t)kept);
    if (kept > 0) {
        memcpy(problems, r->problems, (size_t)kept * sizeof *problems);
        qsort(problems, (size_t)kept, sizeof *problems, by_line);
    }
    out->problems = problems;
    out->problem_count = kept;
    out->refused = r->refused;
    qsort(r->reasons, (size_t)r->reason_count, sizeof *r->reasons, by_count);
    out->reasons = r->reasons;
    out->reason_count = r->reason_count;
}

ns_rc ns_import_read(struct ns_str text, const struct ns_import_reading *reading,
                     struct ns_arena *arena, struct ns_import_file *out, struct ns_err *err) {
    *out = (struct ns_import_file){0};
    if (!valid_utf8(text)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_import_not_utf8, NULL, NULL, NULL);
    }
    struct reader *r = NS_NEW(arena, struct reader);
    r->reading = reading;
    r->arena = arena;
    if (!find_header(r, without_mark(text))) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_import_unknown_format, NULL, NULL, NULL);
    }
    while (csv_next(&r->csv)) {
        if (!decoration(r)) {
            take_record(r);
        }
        if (r->count > NS_IMPORT_EVENTS_MAX) {
            return ns_err_say(err, NS_E_LIMIT, NS_MSG_import_too_many, "500000", NULL, NULL);
        }
    }
    out->format = r->importer->format;
    bool day_first;
    ns_rc rc = decide(r, &day_first, out, err);
    if (rc != NS_OK) {
        return rc;
    }
    place_events(r, day_first, out);
    keep_problems(r, out);
    if (out->count == 0 && out->refused == 0) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_import_no_event, NULL, NULL, NULL);
    }
    return NS_OK;
}
