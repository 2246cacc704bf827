/* Logs nobody should have, and some do: each is refused with a reason or answered sanely, by the
 * product's model and by the documentation's workflow beside it. */
#include "agent/forecast/compat.h"
#include "agent/forecast/documented.h"
#include "shared/text/messages_gen.h"
#include "tests/unit/forecast/series_make.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct ns_arena arena;

static void fini(void) {
    ns_arena_fini(&arena);
}

TestSuite(odd, .fini = fini, .timeout = 60);

#define LONG NS_FORECAST_SERIES_MAX

static int six(int i) {
    (void)i;
    return 6;
}

static int none(int i) {
    (void)i;
    return 0;
}

static int most(int i) {
    (void)i;
    return 99;
}

static int either(int i) {
    return i % 2 == 0 ? 99 : 0;
}

static int usual(int i) {
    return 5 + i * 7 % 4;
}

static void check_sane(const struct ns_forecast *f, const char *what) {
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        const struct ns_forecast_value *day = &f->day[h];
        cr_assert(day->mean >= 0 && day->mean <= NS_FORECAST_DAY_MAX, "%s: %g", what, day->mean);
        cr_assert(day->q10 >= 0 && day->q10 <= day->q50 && day->q50 <= day->q90 && day->q90 <= 20,
                  "%s", what);
    }
    cr_assert(isfinite(f->total_sd) && f->total_q10 <= f->total_q90, "%s", what);
    cr_assert(!f->has_runout || (f->runout_q10 <= f->runout_median &&
                                 f->runout_median <= f->runout_q90), "%s", what);
}

Test(odd, logs_of_every_kind_are_answered_sanely) {
    static struct ns_use_day days[LONG];
    static const struct {
        const char *what;
        int n;
        int (*count)(int);
        enum ns_use_status status;
        int born; /* days after the usual birth */
    } logs[] = {
        {"constant", 200, six, NS_USE_OK, 0},
        {"all zero", 60, none, NS_USE_OK, 0},
        {"all zero and confirmed", 60, none, NS_USE_ZERO_CONFIRMED, 0},
        {"one day", 1, six, NS_USE_OK, 0},
        {"one zero", 1, none, NS_USE_OK, 0},
        {"as many as can be", 400, most, NS_USE_OK, 0},
        {"all or nothing", 400, either, NS_USE_OK, 0},
        {"never a whole day", 100, six, NS_USE_PARTIAL, 0},
        {"ten years", 3652, usual, NS_USE_OK, 0},
        {"born after the log", 90, usual, NS_USE_OK, 400},
        {"born long before it", 90, usual, NS_USE_OK, -20000},
    };
    for (size_t i = 0; i < NS_COUNT(logs); i++) {
        series_make(days, logs[i].n, 30, logs[i].count);
        for (int d = 0; d < logs[i].n; d++) {
            days[d].status = logs[i].status;
        }
        struct ns_forecast_input input = series_input(days, logs[i].n, 30);
        struct ns_forecast f;
        struct ns_documented literal;
        struct ns_err err = {0};
        input.birth += logs[i].born;
        cr_assert_eq(ns_forecast_run(&input, &arena, &f, &err), NS_OK, "%s: %s", logs[i].what,
                     err.note);
        check_sane(&f, logs[i].what);
        ns_rc rc = ns_documented_run(&input, &arena, &literal, &err);
        cr_assert(rc == NS_OK || rc == NS_E_INPUT, "%s", logs[i].what);
        cr_expect(rc != NS_OK || isfinite(literal.total), "%s", logs[i].what);
        cr_expect(rc != NS_OK || literal.doubts != 0, "%s", logs[i].what);
        cr_expect(logs[i].n > 1 || rc == NS_E_INPUT, "%s", logs[i].what);
        ns_arena_reset(&arena);
    }
}

Test(odd, days_to_come_are_as_good_as_no_days) {
    static struct ns_use_day days[60];
    struct ns_forecast f[2];
    series_make(days, 60, 100, six);
    struct ns_forecast_input input = series_input(days, 0, 100);
    cr_assert_eq(ns_forecast_run(&input, &arena, &f[0], NULL), NS_OK);
    input.day_count = 60;
    cr_assert_eq(ns_forecast_run(&input, &arena, &f[1], NULL), NS_OK);
    cr_expect_eq(memcmp(f[0].day, f[1].day, sizeof f[0].day), 0);
    cr_expect_eq(f[1].data_points, 0);
}

Test(odd, what_cannot_be_a_log_is_refused_with_the_day) {
    static struct ns_use_day days[LONG + 1];
    struct ns_forecast f;
    struct ns_err err = {0};
    series_make(days, 3, 30, six);
    struct ns_forecast_input input = series_input(days, 3, 30);
    days[1].date = days[2].date; /* twice */
    cr_expect_eq(ns_forecast_run(&input, &arena, &f, &err), NS_E_INPUT);
    cr_expect(err.msg == NS_MSG_forecast_days_order && strcmp(err.arg[0], "2024-11-05") == 0, "%s", err.arg[0]);
    days[1].date = days[0].date - 1; /* out of order */
    err = (struct ns_err){0};
    cr_expect_eq(ns_forecast_run(&input, &arena, &f, &err), NS_E_INPUT);
    cr_expect(err.msg == NS_MSG_forecast_days_order && strcmp(err.arg[0], "2024-11-02") == 0, "%s", err.arg[0]);
    series_make(days, LONG + 1, 30, six);
    input = series_input(days, LONG + 1, 30);
    err = (struct ns_err){0};
    cr_expect_eq(ns_forecast_run(&input, &arena, &f, &err), NS_E_INPUT);
    cr_expect(err.msg == NS_MSG_forecast_too_long && strcmp(err.arg[0], "4000") == 0);
    input.day_count = 1; /* few days over too long a time */
    cr_expect_eq(ns_forecast_run(&input, &arena, &f, &err), NS_E_INPUT);
}

Test(odd, ten_years_of_days_end_at_a_mode) {
    enum { N = 3652 };
    static int64_t seconds[N];
    static double y[N];
    for (int i = 0; i < N; i++) {
        seconds[i] = (int64_t)(16000 + i) * 86400;
        y[i] = 6 - i * 0.0008 + sin(i / 58.0) + (i % 7 == 0) + (i * 37 % 11 - 5) * 0.1;
    }
    struct ns_compat_season season[] = {{"yearly", 365.25, 10, 10, true, 0},
                                        {"weekly", 7, 3, 10, true, 0}};
    struct ns_compat_model model = {.growth = NS_FIT_LINEAR, .change_count = 25,
        .change_range = 0.8, .tau = 0.05, .interval = 0.8, .season = season, .season_count = 2};
    struct ns_compat_rows rows = {.count = N, .seconds = seconds, .y = y};
    struct ns_compat out;
    cr_assert_eq(ns_compat_fit(&model, &rows, NULL, &arena, &out, NULL), NS_OK);
    cr_expect(out.fit.steps < 100 && out.fit.residual < 1e-5, "%d steps, %g", out.fit.steps,
              out.fit.residual);
}

/* The documentation's settings on three months: told, and told that it is only a guess. */
Test(odd, the_documented_workflow_says_what_it_doubts) {
    static struct ns_use_day days[500];
    struct ns_documented literal;
    series_make(days, 120, 30, usual);
    struct ns_forecast_input input = series_input(days, 120, 30);
    cr_assert_eq(ns_documented_run(&input, &arena, &literal, NULL), NS_OK);
    cr_expect_eq(literal.days, NS_DOCUMENTED_DAYS);
    cr_expect((literal.doubts & 1U << NS_DOUBT_YEAR) != 0);
    cr_expect_not(literal.doubts & 1U << NS_DOUBT_FEW);
    cr_expect_eq(literal.day[0].date, input.today);
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        cr_expect(literal.day[h].lower <= literal.day[h].expected &&
                  literal.day[h].expected <= literal.day[h].upper);
        cr_expect(literal.least <= literal.day[h].expected &&
                  literal.day[h].expected <= literal.most);
    }
    input.day_count = 12; /* more unknowns than days */
    input.today = days[12].date;
    cr_assert_eq(ns_documented_run(&input, &arena, &literal, NULL), NS_OK);
    cr_expect((literal.doubts & 1U << NS_DOUBT_FEW) != 0);
    cr_expect_geq(literal.unknowns, literal.days);
}
