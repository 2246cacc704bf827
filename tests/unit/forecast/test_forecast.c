#include "tests/unit/forecast/series_make.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct ns_arena arena;

static void fini(void) {
    ns_arena_fini(&arena);
}

static int six(int i) {
    (void)i;
    return 6;
}

static int around_six(int i) {
    static const int pattern[] = {6, 7, 5, 6, 6, 8, 5, 7, 6, 5, 6};
    return pattern[i % 11];
}

static int weekend_heavy(int i) {
    int weekday = ns_date_weekday(SERIES_BIRTH + 100 + i);
    return (weekday >= 5 ? 8 : 5) + (i % 3 == 0);
}

static int falling(int i) {
    return (int)lround(0.9 * ns_use_of_age(20 + i) + (i % 3 - 1) * 0.4);
}

static struct ns_forecast run(const struct ns_forecast_input *input) {
    struct ns_forecast out;
    struct ns_err err = {0};
    cr_assert_eq(ns_forecast_run(input, &arena, &out, &err), NS_OK, "%s", err.note);
    return out;
}

static bool noted(const struct ns_forecast *f, enum ns_forecast_note note) {
    return (f->notes & (1u << note)) != 0;
}

static void check_sane(const struct ns_forecast *f) {
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        cr_assert(f->day[h].mean >= 0 && f->day[h].mean <= NS_FORECAST_DAY_MAX);
        cr_assert(f->day[h].q10 <= f->day[h].q50 && f->day[h].q50 <= f->day[h].q90);
        cr_assert(f->day[h].q10 >= 0 && f->day[h].q90 <= 20);
        cr_assert_eq(f->day[h].date, f->today + h);
    }
    cr_assert(f->total_q10 <= f->total_q50 && f->total_q50 <= f->total_q90);
}

TestSuite(forecast, .fini = fini);

Test(forecast, without_any_day_it_is_the_average_child_of_the_age) {
    struct ns_forecast_input input = series_input(NULL, 0, 100);
    struct ns_forecast f = run(&input);
    check_sane(&f);
    cr_expect_eq(f.kind, NS_MODEL_COLD_START);
    cr_expect_eq(f.confidence, NS_CONFIDENCE_VERY_LOW);
    cr_expect(noted(&f, NS_NOTE_NO_DAYS));
    cr_expect_not(f.has_mae);
    cr_expect_not(f.has_r2);
    cr_expect_float_eq(f.day[0].mean, ns_use_of_age(100) * exp(-0.02), 0.3);
}

Test(forecast, a_log_of_missing_days_only_equals_no_log) {
    struct ns_use_day days[40];
    series_make(days, 40, 60, six);
    for (int i = 0; i < 40; i++) {
        days[i].status = i % 2 == 0 ? NS_USE_MISSING : NS_USE_PARTIAL;
    }
    struct ns_forecast_input all_missing = series_input(days, 40, 60);
    struct ns_forecast_input none = series_input(NULL, 0, 100);
    struct ns_forecast a = run(&all_missing);
    struct ns_forecast b = run(&none);
    cr_expect_eq(a.day[7].mean, b.day[7].mean);
    cr_expect_eq(a.data_points, 0);
    cr_expect_eq(a.last_ok_day, NS_DATE_NONE);
}

Test(forecast, few_days_pull_the_level_towards_the_child_but_not_all_the_way) {
    struct ns_use_day days[3];
    series_make(days, 3, 100, six);
    struct ns_forecast_input input = series_input(days, 3, 100);
    struct ns_forecast f = run(&input);
    double average = ns_use_of_age(103);
    cr_expect(f.day[0].mean < average && f.day[0].mean > 6.0, "%g", f.day[0].mean);
    cr_expect(noted(&f, NS_NOTE_FEW_DAYS));
    cr_expect_eq(f.confidence, NS_CONFIDENCE_VERY_LOW);
}

Test(forecast, the_kind_of_model_follows_the_number_of_good_days) {
    static struct ns_use_day days[800];
    static const struct {
        int n;
        enum ns_model_kind kind;
    } facts[] = {{13, NS_MODEL_COLD_START}, {14, NS_MODEL_FLAT}, {59, NS_MODEL_FLAT},
                 {60, NS_MODEL_TREND}, {729, NS_MODEL_TREND}, {730, NS_MODEL_YEARLY}};
    series_make(days, 800, 30, around_six);
    for (size_t i = 0; i < NS_COUNT(facts); i++) {
        struct ns_forecast_input input = series_input(days, facts[i].n, 30);
        struct ns_forecast f = run(&input);
        cr_expect_eq(f.kind, facts[i].kind, "%d days", facts[i].n);
        cr_expect_eq(f.data_points, facts[i].n);
        check_sane(&f);
        ns_arena_reset(&arena);
    }
}

Test(forecast, a_constant_series_is_forecast_as_itself_without_r2) {
    static struct ns_use_day days[200];
    series_make(days, 200, 300, six);
    struct ns_forecast_input input = series_input(days, 200, 300);
    struct ns_forecast f = run(&input);
    check_sane(&f);
    cr_expect_float_eq(f.current_rate, 6, 0.25, "%g", f.current_rate);
    cr_expect_float_eq(f.total_mean, 180, 6, "%g", f.total_mean);
    cr_expect(f.has_mae && f.mae < 0.4, "%g", f.mae);
    cr_expect_not(f.has_r2);
    cr_expect(noted(&f, NS_NOTE_NO_VARIATION));
    cr_expect_eq(f.confidence, NS_CONFIDENCE_VERY_LOW);
}

Test(forecast, a_weekly_habit_is_learned) {
    static struct ns_use_day days[150];
    series_make(days, 150, 100, weekend_heavy);
    struct ns_forecast_input input = series_input(days, 150, 100);
    input.province = NULL;
    struct ns_forecast f = run(&input);
    double weekend = 0;
    double week = 0;
    for (int h = 0; h < 28; h++) {
        *(ns_date_weekday(f.day[h].date) >= 5 ? &weekend : &week) += f.day[h].mean;
    }
    cr_expect(weekend / 8 > week / 20 + 1.5, "%g %g", weekend / 8, week / 20);
    cr_expect(f.importance[NS_FEATURE_WEEKLY] > 0.5);
    double sum = 0;
    for (int i = 0; i < NS_FEATURE_COUNT; i++) {
        sum += f.importance[i];
    }
    cr_expect_float_eq(sum, 1, 1e-9);
    cr_expect_eq(f.importance[NS_FEATURE_YEARLY], 0);
    cr_expect(f.has_r2 && f.r2 > 0.5, "%g", f.r2);
    cr_expect_geq(f.confidence, NS_CONFIDENCE_MEDIUM);
}

Test(forecast, a_need_that_falls_with_age_is_followed_down) {
    static struct ns_use_day days[200];
    series_make(days, 200, 20, falling);
    struct ns_forecast_input input = series_input(days, 200, 20);
    struct ns_forecast f = run(&input);
    cr_expect_float_eq(f.day[0].mean, 0.9 * ns_use_of_age(220), 0.4, "%g", f.day[0].mean);
    cr_expect(f.total[29].mean - f.total[22].mean < f.total[6].mean);
}

Test(forecast, one_huge_day_hardly_moves_it) {
    static struct ns_use_day days[90];
    series_make(days, 90, 200, around_six);
    struct ns_forecast_input input = series_input(days, 90, 200);
    struct ns_forecast plain = run(&input);
    days[88].count = 60;
    struct ns_forecast f = run(&input);
    check_sane(&f);
    cr_expect(noted(&f, NS_NOTE_OUTLIERS));
    cr_expect_not(noted(&plain, NS_NOTE_OUTLIERS));
    cr_expect_float_eq(f.total_mean, plain.total_mean, 0.08 * plain.total_mean, "%g %g",
                       f.total_mean, plain.total_mean);
}

Test(forecast, gaps_need_no_filling_and_are_not_zeros) {
    static struct ns_use_day days[120];
    series_make(days, 120, 200, around_six);
    struct ns_forecast_input input = series_input(days, 120, 200);
    struct ns_forecast plain = run(&input);
    for (int i = 40; i < 80; i++) {
        days[i].status = NS_USE_MISSING;
        days[i].count = 0;
    }
    struct ns_forecast f = run(&input);
    cr_expect_float_eq(f.total_mean, plain.total_mean, 8);
    cr_expect_eq(f.data_points, 80);
    /* a long silence at the end widens the forecast */
    input.today += 60;
    struct ns_forecast later = run(&input);
    cr_expect(noted(&later, NS_NOTE_LONG_GAP));
    cr_expect(noted(&later, NS_NOTE_MANY_MISSING));
    cr_expect(later.log_level_sd > f.log_level_sd);
}

Test(forecast, an_unlogged_zero_between_busy_days_is_missing_but_a_confirmed_one_counts) {
    static struct ns_use_day days[40];
    series_make(days, 40, 200, around_six);
    days[30].count = 0;
    struct ns_forecast_input input = series_input(days, 40, 200);
    struct ns_forecast f = run(&input);
    cr_expect(noted(&f, NS_NOTE_ZERO_AS_MISSING));
    cr_expect_eq(f.data_points, 39);
    days[30].status = NS_USE_ZERO_CONFIRMED;
    struct ns_forecast g = run(&input);
    cr_expect_eq(g.data_points, 40);
    cr_expect(g.total_mean < f.total_mean);
}

Test(forecast, a_sibling_informs_the_start) {
    struct ns_forecast_input input = series_input(NULL, 0, 100);
    struct ns_forecast plain = run(&input);
    input.has_sibling = true;
    input.sibling_log_level = 0.3;
    struct ns_forecast f = run(&input);
    cr_expect_float_eq(log(f.day[3].mean / plain.day[3].mean), 0.32, 0.01);
    cr_expect(f.log_level_sd < plain.log_level_sd);
}

Test(forecast, runout_and_reorder_follow_stock_and_delivery) {
    static struct ns_use_day days[90];
    series_make(days, 90, 300, six);
    struct ns_forecast_input input = series_input(days, 90, 300);
    input.stock_pieces = 60;
    struct ns_forecast f = run(&input);
    cr_assert(f.has_runout);
    cr_expect(f.runout_q10 <= f.runout_median && f.runout_median <= f.runout_q90);
    cr_expect(abs((f.runout_median - input.today) - 9) <= 1, "%d",
              f.runout_median - input.today);
    /* the slowest delivery takes 6 days and the whole stock may be gone by day 9 */
    cr_expect(f.reorder_date >= input.today && f.reorder_date <= f.runout_q10 - 2);
    input.lead_time[0] = 1;
    struct ns_forecast fast = run(&input);
    cr_expect(fast.reorder_date > f.reorder_date);
    input.stock_pieces = 0;
    f = run(&input);
    cr_expect(f.has_runout && f.runout_median == input.today && f.reorder_date == input.today);
    input.stock_pieces = 100000;
    f = run(&input);
    cr_expect_not(f.has_runout);
    cr_expect(noted(&f, NS_NOTE_STOCK_LASTS));
    cr_expect_eq(f.reorder_date, NS_DATE_NONE);
    input.stock_pieces = -1;
    f = run(&input);
    cr_expect(noted(&f, NS_NOTE_STOCK_UNKNOWN));
    cr_expect_not(f.has_runout);
}

Test(forecast, a_part_of_today_uses_less_of_the_stock) {
    static struct ns_use_day days[90];
    series_make(days, 90, 300, six);
    struct ns_forecast_input input = series_input(days, 90, 300);
    input.stock_pieces = 30;
    struct ns_forecast whole = run(&input);
    input.today_left = 0.1;
    struct ns_forecast evening = run(&input);
    cr_expect_eq(evening.runout_median, whole.runout_median + 1);
    cr_expect_eq(evening.total_rounded, whole.total_rounded);
}

Test(forecast, nothing_dated_today_or_later_is_read) {
    static struct ns_use_day days[200];
    series_make(days, 200, 100, around_six);
    struct ns_forecast_input input = series_input(days, 200, 100);
    input.today = days[120].date;
    struct ns_forecast with = run(&input);
    for (int i = 120; i < 200; i++) {
        days[i].count = 19;
        days[i].status = i % 3 == 0 ? NS_USE_MISSING : NS_USE_OK;
    }
    struct ns_forecast blanked = run(&input);
    input.day_count = 120;
    struct ns_forecast cut = run(&input);
    cr_expect_eq(memcmp(&with, &blanked, sizeof with), 0);
    cr_expect_eq(memcmp(&with, &cut, sizeof with), 0);
}

Test(forecast, equal_input_gives_identical_bits) {
    static struct ns_use_day days[400];
    series_make(days, 400, 30, weekend_heavy);
    struct ns_forecast_input input = series_input(days, 400, 30);
    struct ns_forecast first = run(&input);
    for (int i = 0; i < 3; i++) {
        ns_arena_reset(&arena);
        struct ns_forecast again = run(&input);
        cr_expect_eq(memcmp(&first, &again, sizeof first), 0);
    }
}

Test(forecast, a_fast_run_gives_the_same_days) {
    static struct ns_use_day days[100];
    series_make(days, 100, 30, around_six);
    struct ns_forecast_input input = series_input(days, 100, 30);
    struct ns_forecast full = run(&input);
    struct ns_forecast fast;
    cr_assert_eq(ns_forecast_run_fast(&input, &arena, &fast, NULL), NS_OK);
    cr_expect_eq(memcmp(full.day, fast.day, sizeof full.day), 0);
    cr_expect_eq(full.total_q90, fast.total_q90);
}

Test(forecast, wrong_input_is_refused) {
    struct ns_use_day days[3];
    struct ns_forecast out;
    series_make(days, 3, 100, six);
    struct ns_forecast_input input = series_input(days, 3, 100);
    days[2].date = days[1].date;
    cr_expect_eq(ns_forecast_run(&input, &arena, &out, NULL), NS_E_INPUT);
    series_make(days, 3, 100, six);
    days[1].count = -1;
    cr_expect_eq(ns_forecast_run(&input, &arena, &out, NULL), NS_E_INPUT);
    days[1].count = 100;
    cr_expect_eq(ns_forecast_run_fast(&input, &arena, &out, NULL), NS_E_INPUT);
    days[1].count = 6;
    input.today_left = (double)NAN;
    cr_expect_eq(ns_forecast_run(&input, &arena, &out, NULL), NS_E_INPUT);
    input.today_left = 1;
    input.day_count = NS_FORECAST_SERIES_MAX + 1;
    cr_expect_eq(ns_forecast_run(&input, &arena, &out, NULL), NS_E_INPUT);
}
