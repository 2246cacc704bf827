/* The Prophet-compatible mode against figures that Prophet's own prediction gives at the exact
 * mode (20 days of a simulated home), and its limits against drawn ones. */
#include "agent/forecast/compat.h"

#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

static struct ns_arena arena;

static void fini(void) {
    ns_arena_fini(&arena);
}

TestSuite(compat, .fini = fini);

static const struct {
    const char *day;
    double y;
} history[] = {
    {"2023-03-16", 14},
    {"2023-03-17", 9},
    {"2023-03-18", 11},
    {"2023-03-19", 12},
    {"2023-03-22", 14},
    {"2023-03-23", 12},
    {"2023-03-24", 9},
    {"2023-03-25", 14},
    {"2023-03-26", 12},
    {"2023-03-27", 13},
    {"2023-03-28", 11},
    {"2023-03-29", 12},
    {"2023-03-30", 10},
    {"2023-03-31", 10},
    {"2023-04-01", 12},
    {"2023-04-02", 8},
    {"2023-04-03", 8},
    {"2023-04-04", 10},
};

/* lp and the rows from the reference run; limits there are sampled, to about 2 percent. */
#define REFERENCE_LP 34.3418933715889
static const struct {
    const char *day;
    double yhat;
    double half;
} expected[] = {
    {"2023-03-16", 13.0515203611, 1.605300},
    {"2023-03-17", 10.384873002, 1.590460},
    {"2023-04-04", 9.97384617726, 1.617265},
    {"2023-04-05", 11.4221093144, 1.600340},
    {"2023-04-20", 7.79292803364, 1.611080},
    {"2023-05-04", 5.68949110268, 1.616000},
};

static int64_t seconds(const char *day) {
    ns_date d = 0;
    cr_assert(ns_date_parse(ns_str_of(day), &d));
    return (int64_t)d * 86400;
}

static struct ns_compat_season weekly = {"weekly", 7, 3, 10, false, 0};

static struct ns_compat_model model_of(void) {
    return (struct ns_compat_model){.growth = NS_FIT_LINEAR, .change_count = 25,
        .change_range = 0.8, .tau = 0.05, .interval = 0.8, .season = &weekly,
        .season_count = 1};
}

Test(compat, a_short_series_is_predicted_as_the_reference_does) {
    int64_t past[NS_COUNT(history)];
    double y[NS_COUNT(history)];
    int64_t times[NS_COUNT(expected)];
    for (size_t i = 0; i < NS_COUNT(history); i++) {
        past[i] = seconds(history[i].day);
        y[i] = history[i].y;
    }
    for (size_t i = 0; i < NS_COUNT(expected); i++) {
        times[i] = seconds(expected[i].day);
    }
    struct ns_compat_model model = model_of();
    struct ns_compat_rows rows = {.count = NS_COUNT(history), .seconds = past, .y = y};
    struct ns_compat_rows ask = {.count = NS_COUNT(expected), .seconds = times};
    struct ns_compat out;
    struct ns_err err = {0};
    cr_assert_eq(ns_compat_run(&model, &rows, &ask, &arena, &out, &err), NS_OK, "%s", err.note);
    cr_expect_float_eq(out.fit.lp, REFERENCE_LP, 1e-7 * REFERENCE_LP);
    cr_expect_str_eq(out.beta_name[5], "weekly_delim_6");
    for (size_t i = 0; i < NS_COUNT(expected); i++) {
        double half = (out.row[i].upper - out.row[i].lower) / 2;
        cr_expect_float_eq(out.row[i].yhat, expected[i].yhat, 1e-6 * out.y_scale, "%s",
                           expected[i].day);
        cr_expect_float_eq(half / expected[i].half, 1, 0.04, "%s: %g %g", expected[i].day, half,
                           expected[i].half);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

Test(compat, exact_limits_agree_with_sampled_ones) {
    static const struct {
        double span;
        double scale;
        double sigma;
    } cases[] = {{0.1, 0.05, 0.03}, {0.5, 0.2, 0.05}, {1, 0.02, 0.2}, {0.3, 1e-8, 0.1}};
    static double value[20000];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, 4);
    for (size_t c = 0; c < NS_COUNT(cases); c++) {
        for (size_t s = 0; s < NS_COUNT(value); s++) {
            unsigned n = gsl_ran_poisson(random, 25 * cases[c].span);
            value[s] = gsl_ran_gaussian(random, cases[c].sigma);
            for (unsigned k = 0; k < n; k++) {
                value[s] += gsl_ran_laplace(random, cases[c].scale) *
                            gsl_rng_uniform(random) * cases[c].span;
            }
            value[s] = fabs(value[s]);
        }
        qsort(value, NS_COUNT(value), sizeof value[0], ascending);
        double half = ns_compat_half_width(25, cases[c].span, cases[c].scale, cases[c].sigma,
                                           0.8);
        cr_expect_float_eq(half / value[16000], 1, 0.025, "case %zu: %g %g", c, half,
                           value[16000]);
    }
    gsl_rng_free(random);
}

/* About the middle of the curve a small change moves it by a quarter of the cap: then the exact
 * limits of a straight trend must come out. Rows are asked for in any order. */
Test(compat, drawn_limits_of_a_logistic_trend_agree_with_exact_ones) {
    const double t[] = {1.5, 1.02, 3, 1.2};
    struct ns_compat_draw draw = {25, 0.002, 0.01, 0.8};
    struct ns_compat_point point[NS_COUNT(t)];
    for (size_t i = 0; i < NS_COUNT(t); i++) {
        point[i] = (struct ns_compat_point){.t = t[i], .cap = 4, .factor = 1.5, .add = -1};
    }
    ns_compat_draw_limits(&draw, point, NS_COUNT(t), &arena);
    for (size_t i = 0; i < NS_COUNT(t); i++) {
        double half = ns_compat_half_width(25, t[i] - 1, 0.002 * 1.5, 0.01, 0.8);
        double drawn = (point[i].upper - point[i].lower) / 2;
        cr_expect_float_eq(drawn / half, 1, 0.03, "t %g: %g %g", t[i], drawn, half);
        cr_expect_float_eq((point[i].upper + point[i].lower) / 2, 2, 0.08 * half, "t %g", t[i]);
    }
}

Test(compat, holidays_and_regressors_are_learned_with_their_windows) {
    int64_t times[140];
    double y[140];
    double x[140];
    for (int i = 0; i < 140; i++) {
        times[i] = (int64_t)(20000 + i) * 86400;
        x[i] = i % 5 + 10;
        y[i] = 5 + 0.5 * x[i] + (i % 40 == 10 ? 4 : i % 40 == 11 ? 2 : 0) + i % 3 * 0.1;
    }
    struct ns_compat_holiday holiday[4];
    for (int i = 0; i < 4; i++) {
        holiday[i] = (struct ns_compat_holiday){"feast", 20010 + 40 * i, 0, 1, 10};
    }
    struct ns_compat_regressor regressor = {"x", 10, false, NS_SCALE_AUTO};
    struct ns_compat_model model = model_of();
    model.holiday = holiday;
    model.holiday_count = 4;
    model.regressor = &regressor;
    model.regressor_count = 1;
    struct ns_compat_rows rows = {.count = 120, .seconds = times, .y = y, .regressor = x};
    struct ns_compat_rows ask = {.count = 140, .seconds = times, .regressor = x};
    struct ns_compat out;
    cr_assert_eq(ns_compat_run(&model, &rows, &ask, &arena, &out, NULL), NS_OK);
    cr_expect_str_eq(out.beta_name[6], "feast_delim_+0");
    cr_expect_str_eq(out.beta_name[7], "feast_delim_+1");
    for (int i = 0; i < 140; i++) {
        cr_expect_float_eq(out.row[i].yhat, y[i], 0.5, "day %d: %g %g", i,
                           out.row[i].yhat, y[i]);
    }
    x[130] = (double)NAN;
    cr_expect_eq(ns_compat_run(&model, &rows, &ask, &arena, &out, NULL), NS_E_INPUT);
}

/* Scales, changepoints and the means of the regressors all move with a day more. */
Test(compat, a_fit_begun_at_the_day_before_ends_at_the_same_mode_sooner) {
    enum { N = 200 };
    static int64_t times[N + 1];
    static double y[N + 1];
    static double x[2 * (N + 1)];
    for (int i = 0; i <= N; i++) {
        times[i] = (int64_t)(20000 + i) * 86400;
        x[2 * i] = 2 - i * 0.004 + i % 13 * 0.02;
        x[2 * i + 1] = 10 + i % 5;
        y[i] = (7 - i * 0.01) * (1 + 0.1 * (x[2 * i] - 1.6) + (i % 7 == 0 ? 0.2 : 0)) +
               0.1 * x[2 * i + 1] + (i * 37 % 11 - 5) * 0.1;
    }
    y[N] = 12; /* and the scale of y with this one */
    struct ns_compat_regressor regressor[] = {{"a", 10, true, NS_SCALE_AUTO},
                                              {"b", 10, false, NS_SCALE_AUTO}};
    struct ns_compat_season week = weekly;
    week.multiplicative = true;
    for (int growth = NS_FIT_FLAT; growth <= NS_FIT_LINEAR; growth++) {
        struct ns_compat_model model = model_of();
        model.growth = (enum ns_fit_growth)growth;
        model.season = &week;
        model.regressor = regressor;
        model.regressor_count = 2;
        struct ns_compat_rows rows = {.count = N, .seconds = times, .y = y, .regressor = x};
        struct ns_compat before;
        struct ns_compat warm;
        struct ns_compat cold;
        cr_assert_eq(ns_compat_fit(&model, &rows, NULL, &arena, &before, NULL), NS_OK);
        rows.count = N + 1;
        cr_assert_eq(ns_compat_fit(&model, &rows, &before, &arena, &warm, NULL), NS_OK);
        cr_assert_eq(ns_compat_fit(&model, &rows, NULL, &arena, &cold, NULL), NS_OK);
        cr_expect_float_eq(warm.fit.lp, cold.fit.lp, 1e-9 * fabs(cold.fit.lp), "%.12g %.12g",
                           warm.fit.lp, cold.fit.lp);
        cr_expect(warm.fit.residual < 1e-6, "%g", warm.fit.residual);
        cr_expect(growth == NS_FIT_FLAT || warm.fit.steps < cold.fit.steps, "%d %d", warm.fit.steps, cold.fit.steps);
        for (size_t l = 0; l < cold.beta_count; l++) {
            cr_expect_float_eq(warm.fit.beta[l], cold.fit.beta[l], 1e-6, "%s", cold.beta_name[l]);
        }
    }
}

Test(compat, logistic_growth_stays_under_its_cap_and_above_its_floor) {
    int64_t times[200];
    double y[200];
    double cap[200];
    double floor[200];
    for (int i = 0; i < 200; i++) {
        times[i] = (int64_t)(20000 + i) * 86400;
        cap[i] = 12;
        floor[i] = 2;
        y[i] = 2 + 10 / (1 + exp(-(i - 60) / 20.0)) + (i * 37 % 11 - 5) * 0.02;
    }
    struct ns_compat_model model = model_of();
    model.growth = NS_FIT_LOGISTIC;
    struct ns_compat_rows rows = {.count = 120, .seconds = times, .y = y, .cap = cap,
                                  .floor = floor};
    struct ns_compat_rows ask = {.count = 200, .seconds = times, .cap = cap, .floor = floor};
    struct ns_compat out;
    cr_assert_eq(ns_compat_run(&model, &rows, &ask, &arena, &out, NULL), NS_OK);
    cr_expect(out.fit.residual < 1e-4, "%g", out.fit.residual);
    for (int i = 0; i < 200; i++) {
        cr_expect(out.row[i].trend >= 2 && out.row[i].trend <= 12);
        cr_expect(out.row[i].lower <= out.row[i].yhat && out.row[i].yhat <= out.row[i].upper);
        cr_expect_float_eq(out.row[i].yhat, y[i], 0.4, "day %d", i);
    }
    rows.cap = NULL;
    cr_expect_eq(ns_compat_run(&model, &rows, &ask, &arena, &out, NULL), NS_E_INPUT);
}

Test(compat, a_constant_series_predicts_itself_without_width) {
    int64_t times[40];
    double y[40];
    for (int i = 0; i < 40; i++) {
        times[i] = (int64_t)(20000 + i) * 86400;
        y[i] = 6;
    }
    struct ns_compat_model model = model_of();
    struct ns_compat_rows rows = {.count = 30, .seconds = times, .y = y};
    struct ns_compat_rows ask = {.count = 40, .seconds = times};
    struct ns_compat out;
    cr_assert_eq(ns_compat_run(&model, &rows, &ask, &arena, &out, NULL), NS_OK);
    for (int i = 0; i < 40; i++) {
        cr_expect_eq(out.row[i].yhat, 6);
    }
    cr_expect_eq(out.row[5].upper, 6);
    rows.count = 1;
    cr_expect_eq(ns_compat_run(&model, &rows, &ask, &arena, &out, NULL), NS_E_INPUT);
}
