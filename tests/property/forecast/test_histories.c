/* No history, however odd, may give a forecast that leaves [0, 20] or the factor-2 fence. */
#include "agent/forecast/forecast.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define BIRTH 19000
#define DAYS_MAX 1100

static uint64_t next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int below(uint64_t *state, int n) {
    return (int)(next(state) % (uint64_t)n);
}

/* Kinds of history: plausible, wild, mostly missing, steps, zeros, exponential growth. */
static int draw_count(uint64_t *state, int kind, int i, int level) {
    switch (kind) {
    case 0:
        return level + below(state, 4);
    case 1:
        return below(state, 100);
    case 2:
        return i / 50 % 2 == 0 ? 2 : 15;
    case 3:
        return below(state, 5) == 0 ? below(state, 60) : 0;
    case 4:
        return i < 90 ? i : 99;
    default:
        return below(state, 40) == 0 ? 99 : level;
    }
}

static int make_history(uint64_t *state, struct ns_use_day *days, int limit) {
    int n = 3 + below(state, below(state, 8) == 0 ? limit - 3 : 60);
    int kind = below(state, 6);
    int level = below(state, 12);
    int missing = below(state, 3) == 0 ? 1 + below(state, 9) : 0; /* in ten */
    ns_date date = BIRTH + below(state, 900);
    for (int i = 0; i < n; i++) {
        date += 1 + (below(state, 30) == 0 ? below(state, 20) : 0);
        int odd = below(state, 10);
        days[i].date = date;
        days[i].count = draw_count(state, kind, i, level);
        days[i].status = odd < missing ? (odd % 2 == 0 ? NS_USE_MISSING : NS_USE_PARTIAL)
                         : below(state, 50) == 0 ? NS_USE_ZERO_CONFIRMED
                                                 : NS_USE_OK;
    }
    return n;
}

/* The mean of the last 28 good days as the page defines them, counted here a second time. */
static bool recent_ratio(const struct ns_use_day *days, int n, double *ratio) {
    double used = 0;
    double usual = 0;
    int good = 0;
    for (int i = n - 1; i >= 0 && good < 28; i--) {
        bool confirmed = days[i].status == NS_USE_ZERO_CONFIRMED;
        if (days[i].status == NS_USE_OK && days[i].count == 0) {
            return false; /* may count as missing: the fence is then not ours to repeat */
        }
        if (confirmed || days[i].status == NS_USE_OK) {
            int age = days[i].date - BIRTH;
            static const double first_days[] = {0.35, 0.55, 0.75};
            used += confirmed ? 0 : days[i].count;
            usual += ns_use_of_age(age) * (age < 3 ? first_days[age] : 1);
            good++;
        }
    }
    *ratio = good > 0 ? used / usual : 0;
    return good >= 7;
}

static void check(const struct ns_forecast *f, const struct ns_use_day *days, int n, int run) {
    double ratio = 0;
    bool fenced = recent_ratio(days, n, &ratio);
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        const struct ns_forecast_value *day = &f->day[h];
        cr_assert(day->mean >= 0 && day->mean <= NS_FORECAST_DAY_MAX, "run %d: %g", run,
                  day->mean);
        cr_assert(day->q10 >= 0 && day->q10 <= day->q50 && day->q50 <= day->q90 &&
                      day->q90 <= 20, "run %d: %d %d %d", run, day->q10, day->q50, day->q90);
        if (fenced) { /* 1.2: what a holiday in the summer break may add */
            double middle = ratio * ns_use_of_age(day->date - BIRTH);
            cr_assert(day->mean <= middle * 2 * 1.2 + 1e-9, "run %d: %g of %g", run, day->mean,
                      middle);
            cr_assert(day->mean >= fmin(middle / 2 / 1.2, 20) - 1e-9, "run %d: %g of %g", run,
                      day->mean, middle);
        }
    }
    cr_assert(isfinite(f->total_mean) && f->total_q10 <= f->total_q90, "run %d", run);
    cr_assert(isfinite(f->log_level) && isfinite(f->dispersion), "run %d", run);
}

/* No NaN and no negative width anywhere in what is told. */
static void check_widths(const struct ns_forecast *f, int run) {
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        const struct ns_forecast_sum *sum = &f->total[h];
        cr_assert(isfinite(sum->mean) && sum->q10 >= 0 && sum->q10 <= sum->q50 && sum->q50 <= sum->q90,
                  "run %d day %d", run, h);
        cr_assert(h == 0 || sum->mean >= f->total[h - 1].mean, "run %d day %d", run, h);
    }
    cr_assert(isfinite(f->total_sd) && f->total_sd >= 0, "run %d", run);
}

/* A million by ./dev verify forecast. */
static int histories(void) {
    const char *wanted = getenv("NS_HISTORIES");
    int64_t n = 0;
    return wanted != NULL && ns_str_int(ns_str_of(wanted), 1, 100000000, &n) ? (int)n : 20000;
}

Test(histories, twenty_thousand_random_ones_stay_within_the_fence, .timeout = 0) {
    static struct ns_use_day days[DAYS_MAX];
    struct ns_arena arena = {0};
    uint64_t state = 20261124;
    for (int run = 0; run < histories(); run++) {
        int n = make_history(&state, days, run % 50 == 0 ? DAYS_MAX : 400);
        struct ns_forecast_input input = {.today = days[n - 1].date + 1 + below(&state, 5),
            .birth = BIRTH, .province = "QC", .days = days, .day_count = (size_t)n,
            .stock_pieces = -1, .today_left = 1};
        struct ns_forecast f;
        cr_assert_eq(ns_forecast_run_fast(&input, &arena, &f, NULL), NS_OK);
        check(&f, days, n, run);
        check_widths(&f, run);
        ns_arena_reset(&arena);
    }
    ns_arena_fini(&arena);
}

Test(histories, two_hundred_long_ones_keep_every_measure_in_range) {
    static struct ns_use_day days[DAYS_MAX];
    struct ns_arena arena = {0};
    uint64_t state = 7;
    for (int run = 0; run < 200; run++) {
        int n = make_history(&state, days, DAYS_MAX);
        struct ns_forecast_input input = {.today = days[n - 1].date + 1, .birth = BIRTH,
            .province = "QC", .days = days, .day_count = (size_t)n,
            .stock_pieces = below(&state, 2000), .today_left = below(&state, 11) / 10.0};
        struct ns_forecast f;
        cr_assert_eq(ns_forecast_run(&input, &arena, &f, NULL), NS_OK);
        check(&f, days, n, run);
        cr_assert(!f.has_mae || (isfinite(f.mae) && f.mae >= 0));
        cr_assert(!f.has_r2 || (isfinite(f.r2) && f.r2 <= 1));
        cr_assert(!f.has_coverage || (f.coverage >= 0 && f.coverage <= 1));
        cr_assert(!f.has_runout || (f.runout_q10 <= f.runout_median &&
                                    f.runout_median <= f.runout_q90 &&
                                    f.runout_q10 >= input.today));
        ns_arena_reset(&arena);
    }
    ns_arena_fini(&arena);
}
