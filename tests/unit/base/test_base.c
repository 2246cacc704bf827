/* Base: times, money, ids, slices, buffers, arenas, errors. */
#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/base/time.h"
#include "tests/harness/venv.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(base, days_and_civil_dates_agree_over_eight_centuries) {
    ns_date first = ns_date_of((struct ns_civil){1600, 1, 1});
    ns_date last = ns_date_of((struct ns_civil){2400, 12, 31});
    cr_assert_eq(ns_date_of((struct ns_civil){1970, 1, 1}), 0);
    for (ns_date d = first; d <= last; d++) {
        struct ns_civil c = ns_date_civil(d);
        cr_assert(ns_civil_valid(c));
        cr_assert_eq(ns_date_of(c), d);
    }
    cr_assert_eq(ns_date_weekday(ns_date_of((struct ns_civil){2026, 11, 24})), 1);
}

Test(base, impossible_dates_are_refused) {
    static const char *const bad[] = {"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
                                      "26-01-01",   "2026-1-01",  "2026/01/01", "1500-01-01"};
    ns_date d;
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        cr_assert_not(ns_date_parse(ns_str_of(bad[i]), &d), "%s", bad[i]);
    }
    cr_assert(ns_date_parse(NS_STR("2028-02-29"), &d));
}

Test(base, instants_round_trip_with_offsets) {
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {{"2026-11-24T18:54:00Z", "2026-11-24T18:54:00Z"},
                {"2026-11-24T13:54:00-05:00", "2026-11-24T18:54:00Z"},
                {"2026-11-24T13:54:00.25-05:00", "2026-11-24T18:54:00.250000Z"},
                {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        ns_time t;
        char text[NS_TIME_TEXT];
        cr_assert(ns_time_parse(ns_str_of(rows[i].in), &t), "%s", rows[i].in);
        ns_time_format(t, text);
        cr_assert_str_eq(text, rows[i].out);
    }
    ns_time t;
    cr_assert_not(ns_time_parse(NS_STR("2026-11-24T18:54:00"), &t));
    cr_assert_not(ns_time_parse(NS_STR("2026-11-24T25:54:00Z"), &t));
    cr_assert_not(ns_time_parse(NS_STR("2026-11-24T18:54:00.Z"), &t));
}

Test(base, money_is_exact_cents) {
    static const struct {
        const char *text;
        ns_money cents;
        const char *back;
    } rows[] = {{"0", 0, "0.00"},       {"19.99", 1999, "19.99"}, {"12.5", 1250, "12.50"},
                {"-0.05", -5, "-0.05"}, {"34.9", 3490, "34.90"}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        ns_money m;
        char text[NS_MONEY_TEXT];
        cr_assert(ns_money_parse(ns_str_of(rows[i].text), &m));
        cr_assert_eq(m, rows[i].cents);
        ns_money_format(m, text);
        cr_assert_str_eq(text, rows[i].back);
    }
    ns_money m;
    cr_assert_not(ns_money_parse(NS_STR("1.999"), &m));
    cr_assert_not(ns_money_parse(NS_STR("1,99"), &m));
    cr_assert_not(ns_money_parse(NS_STR("."), &m));
    cr_assert_not(ns_money_parse(NS_STR("99999999999999999999"), &m));
}

Test(base, ids_are_version_four_and_round_trip) {
    struct venv v;
    venv_init(&v, 0, 7);
    ns_id a = ns_id_new(&v.env);
    ns_id b = ns_id_new(&v.env);
    char text[NS_ID_TEXT];
    ns_id_format(a, text);
    ns_id back;
    cr_assert(ns_id_parse(ns_str_of(text), &back));
    cr_assert(ns_id_eq(a, back));
    cr_assert_not(ns_id_eq(a, b));
    cr_assert_eq(text[14], '4');
    cr_assert_not(ns_id_parse(NS_STR("not-an-id"), &back));
    venv_fini(&v);
}

Test(base, integers_keep_their_bounds) {
    int64_t n;
    cr_assert(ns_str_int(NS_STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &n));
    cr_assert_eq(n, INT64_MIN);
    cr_assert_not(ns_str_int(NS_STR("9223372036854775808"), INT64_MIN, INT64_MAX, &n));
    cr_assert_not(ns_str_int(NS_STR(""), 0, 9, &n));
    cr_assert_not(ns_str_int(NS_STR("-"), -9, 9, &n));
    cr_assert_not(ns_str_int(NS_STR("1 "), 0, 9, &n));
    cr_assert_not(ns_str_int(NS_STR("10"), 0, 9, &n));
}

Test(base, a_buffer_never_passes_its_maximum) {
    struct ns_buf buf = NS_BUF(10);
    cr_assert(ns_buf_text(&buf, "12345"));
    cr_assert(ns_buf_text(&buf, "67890"));
    cr_assert_not(ns_buf_char(&buf, 'x'));
    cr_assert(buf.failed);
    cr_assert_not(ns_buf_text(&buf, "y"));
    cr_assert_eq(ns_buf_view(&buf).n, 0);
    ns_buf_fini(&buf);
}

Test(base, numbers_and_formats_come_out_as_printf_has_them_at_every_length) {
    static const int64_t numbers[] = {0, 7, -7, 10, 99, 100, INT64_MAX, INT64_MIN, -1000000007, 4294967296};
    for (size_t i = 0; i < NS_COUNT(numbers); i++) {
        char want[40];
        struct ns_buf one = NS_BUF(64);
        snprintf(want, sizeof want, "%lld", (long long)numbers[i]);
        cr_assert(ns_buf_int(&one, numbers[i]));
        cr_assert_str_eq(one.data, want);
        ns_buf_fini(&one);
    }
    for (size_t n = 0; n < 700; n++) { /* across every step of the buffer's growth, up to its maximum */
        char text[701];
        struct ns_buf two = NS_BUF(600);
        memset(text, 'x', n);
        text[n] = '\0';
        bool fits = ns_buf_text(&two, "ab") && ns_buf_fmt(&two, "%s", text);
        cr_assert_eq(fits, n + 2 <= 600);
        cr_assert(!fits || (two.len == n + 2 && strlen(two.data) == n + 2 && two.data[1] == 'b'));
        ns_buf_fini(&two);
    }
}

Test(base, an_arena_gives_zeroed_memory_again_after_reset) {
    struct ns_arena arena = {0};
    for (int round = 0; round < 3; round++) {
        for (int i = 1; i < 200; i++) {
            unsigned char *p = ns_arena_alloc(&arena, (size_t)i * 37);
            for (int k = 0; k < i * 37; k++) {
                cr_assert_eq(p[k], 0);
                p[k] = 0xAA;
            }
        }
        ns_arena_reset(&arena);
    }
    ns_arena_fini(&arena);
}

Test(base, the_first_error_is_kept_and_cut_at_a_character) {
    struct ns_err err = {0};
    char longname[400];
    for (size_t i = 0; i + 2 < sizeof longname; i += 2) {
        longname[i] = (char)0xC3;
        longname[i + 1] = (char)0xA9;
    }
    longname[398] = '\0';
    cr_assert_eq(ns_err_say(&err, NS_E_INPUT, 1, longname, NULL, NULL), NS_E_INPUT);
    cr_assert_eq(ns_err_note(&err, NS_E_IO, "later"), NS_E_IO);
    cr_assert_eq(err.rc, NS_E_INPUT);
    cr_assert_eq((unsigned char)err.arg[0][157], 0xA9);
    cr_assert_eq(ns_rc_exit_status(NS_E_CONFIG), 78);
}

Test(base, files_are_written_whole_or_not_at_all) {
    char path[256];
    snprintf(path, sizeof path, "%s/file", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    const struct ns_env *env = ns_env_system();
    struct ns_err err = {0};
    cr_assert_eq(env->write_file(env->self, path, "one", 3, 0600, &err), NS_OK);
    cr_assert_eq(env->write_file(env->self, path, "second", 6, 0600, &err), NS_OK);
    struct ns_buf buf = NS_BUF(100);
    cr_assert_eq(env->read_file(env->self, path, &buf, &err), NS_OK);
    cr_assert_str_eq(buf.data, "second");
    ns_buf_fini(&buf);
    struct ns_buf small = NS_BUF(3);
    cr_assert_eq(env->read_file(env->self, path, &small, &err), NS_E_LIMIT);
    ns_buf_fini(&small);
    cr_assert_eq(env->remove_file(env->self, path, &err), NS_OK);
    ns_err_clear(&err);
    cr_assert_eq(env->remove_file(env->self, path, &err), NS_E_NOT_FOUND);
    cr_assert_neq(env->write_file(env->self, "/nowhere/at/all", "x", 1, 0600, &err), NS_OK);
}
