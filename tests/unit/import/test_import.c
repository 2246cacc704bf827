/* Importers: sample files of each app, the order of day and month, refused lines. */
#include "agent/household/import/reader.h"
#include "shared/base/buf.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static ns_rc read_text(struct ns_arena *arena, const char *text, enum ns_day_order order,
                       struct ns_import_file *out, struct ns_err *err) {
    struct ns_import_reading reading = {order, NS_DATE_NONE, NS_DATE_NONE};
    return ns_import_read(ns_str_of(text), &reading, arena, out, err);
}

static struct ns_import_file sample(struct ns_arena *arena, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/tests/data/import/%s", NS_TEST_SOURCE_ROOT, name);
    struct ns_buf text = NS_BUF(1 << 20);
    cr_assert_eq(ns_env_system()->read_file(NULL, path, &text, NULL), NS_OK, "%s", path);
    const char *copy = ns_arena_copy(arena, ns_buf_view(&text));
    ns_buf_fini(&text);
    struct ns_import_file file;
    struct ns_err err = {0};
    cr_assert_eq(read_text(arena, copy, NS_ORDER_AUTO, &file, &err), NS_OK, "%s: %d", name, err.msg);
    return file;
}

static ns_date day(int month, int d) {
    return ns_date_of((struct ns_civil){2026, month, d});
}

Test(import, samples_of_every_app_are_recognised_and_read) {
    static const struct {
        const char *name;
        enum ns_import_format format;
        const char *order;
        const char *reason;
        int count;
        int month;
        int first_day;
        int minute;
    } rows[] = {
        {"baby_buddy.csv", NS_IMPORT_BABY_BUDDY, "ISO", "written", 6, 3, 14, 18 * 60 + 20},
        {"baby_buddy_spreadsheet.csv", NS_IMPORT_BABY_BUDDY, "DAY_FIRST", "field", 3, 2, 28, 990},
        {"huckleberry.csv", NS_IMPORT_HUCKLEBERRY, "ISO", "written", 4, 3, 14, 14 * 60 + 31},
        {"hatch.csv", NS_IMPORT_HATCH, "MONTH_FIRST", "field", 3, 3, 14, 10},
        {"plain.csv", NS_IMPORT_PLAIN_CSV, "ISO", "written", 4, 3, 14, 365},
        {"plain_french.csv", NS_IMPORT_PLAIN_CSV, "DAY_FIRST", "field", 3, 3, 14, 365},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_arena arena = {0};
        struct ns_import_file f = sample(&arena, rows[i].name);
        cr_assert_eq(f.format, rows[i].format, "%s", rows[i].name);
        cr_assert_str_eq(f.day_order, rows[i].order, "%s", rows[i].name);
        cr_assert_str_eq(f.day_reason, rows[i].reason, "%s", rows[i].name);
        cr_assert_eq(f.count, rows[i].count, "%s: %d", rows[i].name, f.count);
        cr_assert_eq(f.refused, 0, "%s", rows[i].name);
        cr_assert_eq(f.events[0].day, day(rows[i].month, rows[i].first_day), "%s", rows[i].name);
        cr_assert_eq(f.events[0].minute, rows[i].minute, "%s", rows[i].name);
        ns_arena_fini(&arena);
    }
}

Test(import, kinds_and_notes_are_kept) {
    struct ns_arena arena = {0};
    struct ns_import_file f = sample(&arena, "huckleberry.csv");
    cr_assert(f.events[0].wet && f.events[0].soiled);
    cr_assert(f.events[1].wet && !f.events[1].soiled);
    cr_assert(!f.events[2].wet && f.events[2].soiled);
    cr_assert_str_eq(f.events[2].note, "red bottom");
    cr_assert(!f.events[3].wet && !f.events[3].soiled);
    f = sample(&arena, "baby_buddy.csv");
    cr_assert_str_eq(f.events[2].note, "said \"more\"");
    cr_assert_str_eq(f.events[4].note, "after the bath, a lot");
    ns_arena_fini(&arena);
}

Test(import, day_and_month_are_decided_over_the_whole_file) {
    static const struct {
        const char *text;
        enum ns_day_order asked;
        int msg; /* 0: taken */
        const char *order;
        const char *reason;
    } rows[] = {
        {"date,time,type\n03/04/2026,10:00,wet\n25/04/2026,10:00,wet\n", NS_ORDER_AUTO, 0, "DAY_FIRST", "field"},
        {"date,time,type\n03/04/2026,10:00,wet\n04/25/2026,10:00,wet\n", NS_ORDER_AUTO, 0, "MONTH_FIRST", "field"},
        {"date,time,type\n25/04/2026,10:00,wet\n04/25/2026,10:00,wet\n", NS_ORDER_AUTO, NS_MSG_import_both_orders, "", ""},
        {"date,time,type\n11/01/2026,10:00,wet\n12/01/2026,10:00,wet\n01/02/2026,10:00,wet\n", NS_ORDER_AUTO, 0, "DAY_FIRST", "order"},
        {"date,time,type\n02/10/2026,10:00,wet\n02/11/2026,10:00,wet\n03/01/2026,10:00,wet\n", NS_ORDER_AUTO, 0, "MONTH_FIRST", "order"},
        {"date,time,type\n03/04/2026,10:00,wet\n", NS_ORDER_AUTO, NS_MSG_import_order_unknown, "", ""},
        {"date,time,type\n03/04/2026,10:00,wet\n", NS_ORDER_DAY_FIRST, 0, "DAY_FIRST", "asked"},
        {"date,time,type\n03/04/2026,10:00,wet\n", NS_ORDER_MONTH_FIRST, 0, "MONTH_FIRST", "asked"},
        {"Baby Name,Start Time,Activity,Info\nA,03/04/2026 1:00 AM,DIAPER,Wet\n", NS_ORDER_AUTO, 0, "MONTH_FIRST", "format"},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_arena arena = {0};
        struct ns_import_file f;
        struct ns_err err = {0};
        ns_rc rc = read_text(&arena, rows[i].text, rows[i].asked, &f, &err);
        cr_assert_eq(err.msg, rows[i].msg, "row %zu: %d", i, err.msg);
        cr_assert_eq(rc == NS_OK, rows[i].msg == 0);
        if (rc == NS_OK) {
            cr_assert_str_eq(f.day_order, rows[i].order, "row %zu", i);
            cr_assert_str_eq(f.day_reason, rows[i].reason, "row %zu", i);
        }
        ns_arena_fini(&arena);
    }
}

Test(import, refused_lines_name_their_place_and_the_rest_is_read) {
    struct ns_arena arena = {0};
    struct ns_import_file f;
    struct ns_import_reading reading = {NS_ORDER_AUTO, day(3, 1), day(3, 20)};
    const char *text = "date,time,type\n"      /* 1 */
                       "2026-03-14,06:05,wet\n" /* 2 */
                       "2026-02-30,06:05,wet\n" /* 3 no such day */
                       "2026-03-14,25:05,wet\n" /* 4 no such time */
                       "2026-03-14,07:05,blue\n"
                       "2026-03-21,07:05,wet\n" /* 6 future */
                       "2026-02-28,07:05,wet\n" /* 7 before birth */
                       "\n"
                       "\"2026-03-15,08:00,wet\n" /* 9 unclosed quote */
                       "2026-03-16,08:00,dry\n";
    struct ns_err err = {0};
    cr_assert_eq(ns_import_read(ns_str_of(text), &reading, &arena, &f, &err), NS_OK);
    static const struct {
        int line;
        int msg;
    } found[] = {{3, NS_MSG_import_no_such_day}, {4, NS_MSG_import_bad_time},
                 {5, NS_MSG_import_bad_kind},    {6, NS_MSG_import_after_today},
                 {7, NS_MSG_import_before_birth}, {9, NS_MSG_import_bad_quotes}};
    cr_assert_eq(f.refused, (int)NS_COUNT(found), "%d", f.refused);
    for (size_t i = 0; i < NS_COUNT(found); i++) {
        cr_assert_eq(f.problems[i].line, found[i].line, "%zu: line %d", i, f.problems[i].line);
        cr_assert_eq(f.problems[i].msg, found[i].msg, "%zu", i);
    }
    cr_assert_eq(f.count, 2);
    cr_assert_eq(f.events[1].day, day(3, 16));
    ns_arena_fini(&arena);
}

Test(import, files_that_cannot_be_used_are_refused_whole) {
    static const struct {
        const char *text;
        int msg;
    } rows[] = {
        {"", NS_MSG_import_unknown_format},
        {"hello\nworld\n", NS_MSG_import_unknown_format},
        {"date,time\n2026-03-14,06:05\n", NS_MSG_import_unknown_format},
        {"date,time,type\n", NS_MSG_import_no_event},
        {"date,time,type\n2026-03-14,06:05,mouill\xE9" "e\n", NS_MSG_import_not_utf8},
        {"\xFF\xFE" "d", NS_MSG_import_not_utf8},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_arena arena = {0};
        struct ns_import_file f;
        struct ns_err err = {0};
        cr_assert_eq(read_text(&arena, rows[i].text, NS_ORDER_AUTO, &f, &err), NS_E_INPUT, "row %zu", i);
        cr_assert_eq(err.msg, rows[i].msg, "row %zu: %d", i, err.msg);
        ns_arena_fini(&arena);
    }
}

Test(import, a_file_without_one_usable_line_tells_why_of_each) {
    static const struct {
        int line;
        int msg;
    } wanted[] = {
        {2, NS_MSG_import_no_such_day},   {3, NS_MSG_import_bad_time},
        {4, NS_MSG_import_bad_kind},      {5, NS_MSG_import_short_line},
        {6, NS_MSG_import_before_birth},  {7, NS_MSG_import_before_birth},
        {8, NS_MSG_import_after_today},
    };
    struct ns_arena arena = {0};
    struct ns_import_file f;
    struct ns_err err = {0};
    struct ns_import_reading reading = {NS_ORDER_AUTO, day(3, 10), day(3, 20)};
    cr_assert_eq(ns_import_read(NS_STR("date,time,type\n2026-02-30,06:05,wet\n2026-03-14,25:00,wet\n"
                                       "2026-03-14,06:05,purple\n2026-03-14,06:05\n2026-03-01,06:05,wet\n"
                                       "2026-03-02,06:05,wet\n2026-03-21,06:05,wet\n"),
                                &reading, &arena, &f, &err),
                 NS_OK);
    cr_assert_eq(f.count, 0);
    cr_assert_eq(f.refused, (int)NS_COUNT(wanted));
    cr_assert_eq(f.problem_count, (int)NS_COUNT(wanted));
    for (size_t i = 0; i < NS_COUNT(wanted); i++) {
        cr_assert_eq(f.problems[i].line, wanted[i].line, "%zu: line %d", i, f.problems[i].line);
        cr_assert_eq(f.problems[i].msg, wanted[i].msg, "%zu", i);
    }
    cr_assert_eq(f.reason_count, 6);
    cr_assert_eq(f.reasons[0].msg, NS_MSG_import_before_birth);
    cr_assert_eq(f.reasons[0].count, 2);
    ns_arena_fini(&arena);
}

Test(import, a_hundred_refusals_are_counted_and_twenty_kept) {
    struct ns_arena arena = {0};
    struct ns_buf text = NS_BUF(1 << 16);
    ns_buf_text(&text, "date,time,type\n2026-03-14,06:05,wet\n");
    for (int i = 0; i < 100; i++) {
        ns_buf_text(&text, "2026-03-14,06:05,never seen such a kind of change in all my long life as an importer\n");
    }
    struct ns_import_file f;
    cr_assert_eq(read_text(&arena, text.data, NS_ORDER_AUTO, &f, NULL), NS_OK);
    cr_assert_eq(f.refused, 100);
    cr_assert_eq(f.problem_count, NS_IMPORT_PROBLEMS_KEPT);
    cr_assert_leq(strlen(f.problems[0].arg[0]), 60);
    ns_buf_fini(&text);
    ns_arena_fini(&arena);
}
