/* Cross-validation and its measures beside Prophet's own cross_validation and performance_metrics
 * on one series (tests/data/forecast/cross_validation). */
#include "agent/forecast/validate.h"
#include "tui/cli/offline/case_table.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#define DAY 86400

static struct ns_arena arena;

static void fini(void) {
    ns_arena_fini(&arena);
}

TestSuite(validate, .fini = fini);

static struct offline_table table_of(const char *name) {
    struct offline_table table;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/tests/data/forecast/cross_validation/%s",
                   NS_TEST_SOURCE_ROOT, name);
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f, "%s", path);
    char *text = ns_arena_alloc(&arena, 1 << 16);
    size_t n = fread(text, 1, (1 << 16) - 1, f);
    fclose(f);
    cr_assert_eq(offline_table_read((struct ns_str){text, n}, &arena, &table), NS_OK);
    return table;
}

/* NaN for NA. */
static double number(const struct offline_table *table, size_t row, const char *column) {
    double out = (double)NAN;
    return offline_table_number(table, row, offline_table_column(table, "", column), &out)
               ? out : (double)NAN;
}

static int64_t seconds(const struct offline_table *table, size_t row, const char *column) {
    int64_t out = 0;
    size_t at = row * table->width + offline_table_column(table, "", column);
    cr_assert(offline_seconds(table->cell[at], &out));
    return out;
}

Test(validate, cutoffs_and_forecasts_are_those_of_prophet) {
    struct offline_table history = table_of("history.csv");
    struct offline_table wanted = table_of("rows.csv");
    int64_t *at = NS_NEW_N(&arena, int64_t, history.rows);
    double *y = NS_NEW_N(&arena, double, history.rows);
    double *x = NS_NEW_N(&arena, double, history.rows);
    for (size_t i = 0; i < history.rows; i++) {
        at[i] = seconds(&history, i, "ds");
        y[i] = number(&history, i, "y");
        x[i] = number(&history, i, "x");
    }
    struct ns_compat_season weekly = {"weekly", 7, 3, 10, false, 0};
    struct ns_compat_regressor regressor = {"x", 10, false, NS_SCALE_AUTO};
    struct ns_compat_model model = {.growth = NS_FIT_LINEAR, .change_count = 4,
        .change_range = 0.8, .tau = 0.05, .interval = 0.8, .season = &weekly, .season_count = 1,
        .regressor = &regressor, .regressor_count = 1};
    struct ns_compat_rows rows = {.count = history.rows, .seconds = at, .y = y, .regressor = x};
    struct ns_validate how = {.horizon = 20 * DAY, .period = 13 * DAY, .initial = 75 * DAY};
    struct ns_validate_row *out;
    size_t count;
    struct ns_err err = {0};
    cr_assert_eq(ns_compat_validate(&model, &rows, &how, &arena, &out, &count, &err), NS_OK, "%s",
                 err.note);
    cr_assert_eq(count, wanted.rows);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(out[i].seconds, seconds(&wanted, i, "ds"), "row %zu", i);
        cr_expect_eq(out[i].cutoff, seconds(&wanted, i, "cutoff"), "row %zu", i);
        cr_expect_eq(out[i].y, number(&wanted, i, "y"), "row %zu", i);
        /* Prophet stops a little short of the mode (0.3 % of y), and draws its limits. */
        cr_expect_float_eq(out[i].value.yhat, number(&wanted, i, "yhat"), 0.03, "row %zu: %g %g", i,
                           out[i].value.yhat, number(&wanted, i, "yhat"));
        cr_expect_float_eq(out[i].value.lower, number(&wanted, i, "yhat_lower"), 0.08,
                           "row %zu: %g %g", i, out[i].value.lower,
                           number(&wanted, i, "yhat_lower"));
        cr_expect_float_eq(out[i].value.upper, number(&wanted, i, "yhat_upper"), 0.08,
                           "row %zu: %g %g", i, out[i].value.upper,
                           number(&wanted, i, "yhat_upper"));
    }
}

Test(validate, every_measure_is_that_of_prophet_at_any_window) {
    struct offline_table given = table_of("rows.csv");
    struct offline_table wanted = table_of("measures.csv");
    size_t met = 0;
    while (met < wanted.rows) {
        struct ns_validate_row *rows = NS_NEW_N(&arena, struct ns_validate_row, given.rows);
        struct ns_measure *m;
        double window = number(&wanted, met, "window");
        for (size_t i = 0; i < given.rows; i++) {
            rows[i] = (struct ns_validate_row){seconds(&given, i, "ds"),
                seconds(&given, i, "cutoff"), number(&given, i, "y"),
                {.yhat = number(&given, i, "yhat"), .lower = number(&given, i, "yhat_lower"),
                 .upper = number(&given, i, "yhat_upper")}};
        }
        size_t count = ns_compat_measures(rows, given.rows, window, &arena, &m);
        cr_assert(count > 0 && met + count <= wanted.rows, "window %g", window);
        for (size_t i = 0; i < count; i++, met++) {
            const struct {
                const char *name;
                double got;
            } pairs[] = {{"mse", m[i].mse}, {"rmse", m[i].rmse}, {"mae", m[i].mae},
                         {"mape", m[i].mape}, {"mdape", m[i].mdape}, {"smape", m[i].smape},
                         {"coverage", m[i].coverage}};
            cr_assert_eq(number(&wanted, met, "window"), window);
            cr_expect_eq(m[i].horizon, (int64_t)number(&wanted, met, "days") * DAY);
            for (size_t k = 0; k < NS_COUNT(pairs); k++) {
                cr_expect_float_eq(pairs[k].got, number(&wanted, met, pairs[k].name), 1e-9,
                                   "window %g, day %g, %s: %.10g", window,
                                   number(&wanted, met, "days"), pairs[k].name, pairs[k].got);
            }
        }
    }
}
