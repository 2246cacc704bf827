/* The compatible mode on case folders: figures of the real Prophet, nothing read that a forecast
 * may not know, and files of every bad kind. */
#include "agent/forecast/validate.h"
#include "shared/text/message.h"
#include "tui/cli/offline/forecast_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const folders[] = {"day_conditional_holidays_mixed", "hour_conditional",
                                      "logistic_floor_conditional", "month_holidays_mixed",
                                      "week_changepoints_given"};

static struct ns_arena arena;

static void fini(void) {
    ns_arena_fini(&arena);
}

TestSuite(cases, .fini = fini, .timeout = 100);

static struct ns_str read_file(const char *folder, const char *name) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/tests/data/forecast/%s/%s", NS_TEST_SOURCE_ROOT, folder,
                   name);
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f, "%s", path);
    char *text = ns_arena_alloc(&arena, 1 << 17);
    size_t n = fread(text, 1, (1 << 17) - 1, f);
    fclose(f);
    return (struct ns_str){text, n};
}

static struct offline_case_texts texts_of(const char *folder) {
    return (struct offline_case_texts){read_file(folder, "case.json"),
                                       read_file(folder, "history.csv"),
                                       read_file(folder, "expected.csv"), true};
}

static ns_rc run(const struct offline_case_request *request,
                 const struct offline_case_texts *texts, struct ns_buf *out) {
    struct ns_err err = {0};
    return offline_forecast_texts(request, texts, out, &err);
}

static double number(const struct ns_json *value) {
    double out = (double)NAN;
    cr_assert(ns_json_number(value, &out));
    return out;
}

/* Every row of expected.csv in the answer, in its order. */
static void compare(const char *folder, const struct offline_case_texts *texts,
                    const struct ns_json *answer, double scale) {
    struct offline_table table;
    cr_assert_eq(offline_table_read(texts->expected, &arena, &table), NS_OK);
    const struct ns_json *row = ns_json_first(ns_json_get(answer, "rows"));
    static const char *const names[] = {"trend", "yhat"};
    for (size_t i = 0; i < table.rows; i++, row = ns_json_next(row)) {
        for (int c = 0; c < 2; c++) {
            double wanted = 0;
            cr_assert(offline_table_number(&table, i, offline_table_column(&table, "", names[c]),
                                           &wanted));
            cr_expect_float_eq(number(ns_json_get(row, names[c])), wanted, 1e-6 * scale,
                               "%s, row %zu, %s", folder, i, names[c]);
        }
    }
}

Test(cases, prophet_says_the_same_at_the_mode) {
    struct offline_case_request request;
    offline_case_usual(&request);
    request.folder = "-";
    for (size_t f = 0; f < NS_COUNT(folders); f++) {
        struct ns_buf out = NS_BUF(4 << 20);
        struct ns_json *answer;
        struct ns_json *wanted;
        struct offline_case_texts texts = texts_of(folders[f]);
        cr_assert_eq(run(&request, &texts, &out), NS_OK, "%s", folders[f]);
        cr_assert_eq(ns_json_read(ns_buf_view(&out), 4 << 20, &answer, NULL), NS_OK);
        cr_assert_eq(ns_json_read(texts.settings, 4 << 20, &wanted, NULL), NS_OK);
        double lp = number(ns_json_path(wanted, "optimum.lp"));
        double got = number(ns_json_get(answer, "lp"));
        cr_expect_float_eq(got, lp, 1e-7 * fabs(lp), "%s: %.9g %.9g", folders[f], got, lp);
        cr_expect(got >= number(ns_json_path(wanted, "stan_default.lp")) - 1e-7 * fabs(lp));
        compare(folders[f], &texts, answer, number(ns_json_path(wanted, "scaling.y_scale")));
        ns_json_free(answer);
        ns_json_free(wanted);
        ns_buf_fini(&out);
    }
}

/* The columns a forecast may not know, overwritten. */
static struct ns_str blank(struct ns_str text) {
    struct ns_str rest = text;
    char *copy = ns_arena_alloc(&arena, text.n + 1);
    size_t n = 0;
    size_t keep = 0;
    for (bool head = true; rest.n > 0; head = false) {
        struct ns_str line = ns_str_cut(&rest, '\n');
        for (size_t c = 0; line.p != NULL; c++) {
            struct ns_str cell = ns_str_cut(&line, ',');
            keep = head && ns_str_is(cell, "trend") ? c : keep; /* it and all after it */
            bool empty = !head && c >= keep;
            n += (size_t)sprintf(copy + n, "%s%.*s", c > 0 ? "," : "", empty ? 0 : (int)cell.n,
                                 cell.p);
        }
        copy[n++] = '\n';
    }
    return (struct ns_str){copy, n};
}

Test(cases, answers_that_lie_beside_the_question_are_not_read) {
    struct offline_case_request request;
    offline_case_usual(&request);
    request.folder = "-";
    for (size_t f = 0; f < NS_COUNT(folders); f++) {
        struct ns_buf out[2] = {NS_BUF(4 << 20), NS_BUF(4 << 20)};
        struct offline_case_texts texts = texts_of(folders[f]);
        cr_assert_eq(run(&request, &texts, &out[0]), NS_OK);
        texts.expected = blank(texts.expected);
        const char *cut = strstr(texts.settings.p, "\"scaling\"");
        cr_assert_not_null(cut);
        texts.settings = ns_str_of(ns_arena_printf(&arena, "%.*s\"x\": 1}",
                                                   (int)(cut - texts.settings.p),
                                                   texts.settings.p));
        cr_assert_eq(run(&request, &texts, &out[1]), NS_OK);
        for (int i = 0; i < 2; i++) {
            ns_buf_char(&out[i], '\0');
            char *clock = strstr(out[i].data, "\"fit_ms\"");
            cr_assert_not_null(clock);
            *clock = '\0';
        }
        cr_expect_str_eq(out[0].data, out[1].data, "%s", folders[f]);
        ns_buf_fini(&out[0]);
        ns_buf_fini(&out[1]);
    }
}

static ns_rc small(const char *settings, const char *history, struct ns_buf *out) {
    struct offline_case_request request;
    struct offline_case_texts texts = {ns_str_of(settings), ns_str_of(history), {"", 0}, false};
    offline_case_usual(&request);
    request.folder = "-";
    ns_buf_clear(out);
    return run(&request, &texts, out);
}

#define PLAIN "{\"settings\": {\"weekly.seasonality\": false}}"

Test(cases, bad_rows_and_settings_are_refused_and_odd_ones_answered) {
    static const struct {
        const char *settings;
        const char *history;
        ns_rc rc;
    } tries[] = {
        {PLAIN, "ds,y\n2024-01-01,3\n2024-01-02,3\n2024-01-03,3\n", NS_OK}, /* constant */
        {PLAIN, "ds,y\n2024-01-01,0\n2024-01-02,0\n2024-01-03,0\n", NS_OK}, /* all zero */
        {PLAIN, "ds,y\n2024-01-03,5\n2024-01-01,4\n2024-01-02,6\n", NS_OK}, /* unsorted */
        {PLAIN, "ds,y\n2024-01-01,5\n2024-01-01,4\n2024-01-02,6\n", NS_OK}, /* twice */
        {PLAIN, "\"ds\",\"y\"\n\"2199-01-01\",5\n\"2199-01-02 06:30\",4\n", NS_OK}, /* to come */
        {PLAIN, "ds,y\n2024-01-01,1e300\n2024-01-02,2e300\n2024-01-05,-1e300\n", NS_OK},
        {PLAIN, "ds,y\n2024-01-01,3\n2024-01-02,NA\n", NS_E_INPUT},  /* one day */
        {PLAIN, "ds,y\n2024-01-01,3\n2024-01-01,4\n", NS_E_INPUT},   /* one time */
        {PLAIN, "ds,y\n2024-01-01,3\n2024-01-02,inf\n", NS_E_INPUT},
        {PLAIN, "ds,y\n2024-01-01,3\n2024-02-30,4\n", NS_E_INPUT},
        {PLAIN, "ds,y\n2024-01-01,\"3\n", NS_E_INPUT},
        {PLAIN, "ds,y\n2024-01-01,3,4\n", NS_E_INPUT},
        {PLAIN, "ds\n2024-01-01\n", NS_E_INPUT},
        {PLAIN, "", NS_E_INPUT},
        {"{}", "ds,y\n2024-01-01,3\n2024-01-02,4\n", NS_E_INPUT},
        {"{\"settings\": {\"interval_width\": 2}}", "ds,y\n2024-01-01,3\n2024-01-02,4\n",
         NS_E_INPUT},
        {"{\"settings\": {\"changepoints\": [\"2025-01-01\"]}}",
         "ds,y\n2024-01-01,3\n2024-01-02,4\n", NS_E_INPUT},
        {"{\"settings\": {\"extra_regressors\": [{\"name\": \"x\"}]}}",
         "ds,y\n2024-01-01,3\n2024-01-02,4\n", NS_E_INPUT},
        {"{\"settings\": {\"growth\": \"logistic\"}}", "ds,y\n2024-01-01,3\n2024-01-02,4\n",
         NS_E_INPUT},
        {"{\"settings\": {\"country_holidays\": \"CA\", \"province\": \"ZZ\"}}",
         "ds,y\n2024-01-01,3\n2024-01-02,4\n", NS_E_INPUT},
    };
    struct ns_buf out = NS_BUF(4 << 20);
    for (size_t i = 0; i < NS_COUNT(tries); i++) {
        cr_expect_eq(small(tries[i].settings, tries[i].history, &out), tries[i].rc, "try %zu", i);
        ns_buf_char(&out, '\0');
        cr_expect_null(strstr(out.data, "nan"), "try %zu", i);
    }
    ns_buf_fini(&out);
}

Test(cases, dates_to_come_follow_the_calendar) {
    int64_t out[3];
    int64_t last = (int64_t)19753 * 86400 + 3600; /* 2024-01-31 01:00 */
    cr_assert(ns_compat_future(last, NS_STEP_MONTHS, 1, 3, out));
    cr_expect_eq(out[0], (int64_t)19784 * 86400 + 3600); /* 2 March, as R counts */
    cr_expect_eq(out[1], (int64_t)19813 * 86400 + 3600); /* 31 March */
    cr_assert(ns_compat_future(last, NS_STEP_SECONDS, 604800, 2, out));
    cr_expect_eq(out[1], last + 14 * 86400);
    cr_expect_not(ns_compat_future(last, NS_STEP_MONTHS, 12 * 9000, 1, out));
}

Test(cases, measures_are_means_over_the_rows_up_to_a_horizon) {
    struct ns_measure *m;
    struct ns_validate_row rows[4] = {
        {20, 10, 10, {.yhat = 12, .lower = 11, .upper = 13}}, {30, 10, 5, {.yhat = 5, .upper = 9}},
        {120, 110, 4, {.yhat = 3, .lower = 2, .upper = 4}}, {130, 110, 8, {.yhat = 4, .upper = 6}},
    };
    cr_assert_eq(ns_compat_measures(rows, 4, 0.1, &arena, &m), 2);
    cr_expect_eq(m[0].horizon, 10);
    cr_expect_float_eq(m[0].mse, 2.5, 1e-12); /* (4 + 1) / 2: a horizon enters whole */
    cr_expect_float_eq(m[0].coverage, 0.5, 1e-12);
    cr_expect_float_eq(m[0].mdape, (0.2 + 0.25) / 2, 1e-12);
    cr_expect_float_eq(m[1].mae, 2, 1e-12);
    cr_expect_float_eq(m[1].smape, (0 + 2.0 / 3) / 2, 1e-12);
    cr_assert_eq(ns_compat_measures(rows, 4, 1, &arena, &m), 1);
    cr_expect_float_eq(m[0].rmse, sqrt(21 / 4.0), 1e-12);
    cr_expect_float_eq(m[0].wape, 7.0 / 27, 1e-12);
    rows[0].y = 0;
    cr_assert_eq(ns_compat_measures(rows, 4, -1, &arena, &m), 4);
    cr_expect(isnan(m[0].mape));
}

Test(cases, cross_validation_forecasts_only_what_it_has_not_seen) {
    enum { N = 200 };
    static int64_t seconds[N];
    static double y[N];
    for (int i = 0; i < N; i++) {
        seconds[i] = (int64_t)(20000 + i) * 86400;
        y[i] = 5 + i * 0.01 + (i % 7 == 0 ? 1 : 0) + (i * 37 % 11) * 0.05;
    }
    struct ns_compat_season weekly = {"weekly", 7, 3, 10, false, 0};
    struct ns_compat_model model = {.growth = NS_FIT_LINEAR, .change_count = 25,
        .change_range = 0.8, .tau = 0.05, .interval = 0.8, .season = &weekly, .season_count = 1};
    struct ns_compat_rows history = {.count = N, .seconds = seconds, .y = y};
    struct ns_validate how = {.horizon = 20 * 86400};
    struct ns_validate_row *rows;
    size_t count;
    cr_assert_eq(ns_compat_validate(&model, &history, &how, &arena, &rows, &count, NULL), NS_OK);
    /* last cutoff 20 days before the end, then every 10, the first at least 60 days in */
    cr_expect_eq(count, 12 * 20);
    cr_expect_eq(rows[count - 1].cutoff, seconds[N - 21]);
    double first = rows[0].value.yhat;
    y[N - 1] = 1000; /* after the first horizon: it cannot matter there */
    cr_assert_eq(ns_compat_validate(&model, &history, &how, &arena, &rows, &count, NULL), NS_OK);
    cr_expect_eq(rows[0].value.yhat, first);
    how.initial = 300 * 86400;
    cr_expect_eq(ns_compat_validate(&model, &history, &how, &arena, &rows, &count, NULL),
                 NS_E_INPUT);
}

/* A slip in a setting is told, in the language of who reads; nothing else is done instead. */
Test(cases, a_slip_is_no_choice) {
    static const struct {
        const char *settings, *says[2];
    } bad[] = {
        {"\"seasonality_mode\": \"multiplicativ\"", {"look at seasonality_mode", "vérifiez seasonality_mode"}},
        {"\"holidays_mode\": 3", {"look at seasonality_mode", "vérifiez seasonality_mode"}},
        {"\"yearly_seasonality\": 201", {"look at yearly_seasonality", "vérifiez yearly_seasonality"}},
        {"\"weekly_seasonality\": -4", {"look at yearly_seasonality", "vérifiez yearly_seasonality"}},
        {"\"daily_seasonality\": \"often\"", {"look at yearly_seasonality", "vérifiez yearly_seasonality"}},
        {"\"changepoints\": [\"2030-01-01\"]", {"Changepoint 1 lies outside", "Le point de rupture 1 est hors"}},
        {"\"growth\": \"logistic\"", {"look at cap", "vérifiez cap"}},
        {"\"extra_regressors\": [{\"name\": \"y\"}]", {"y must be known for every day ahead", "y doit être connu pour chaque jour"}},
    };
    struct offline_case_request request;
    offline_case_usual(&request);
    request.folder = "here";
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        struct ns_err err = {0};
        struct ns_buf out = NS_BUF(1 << 20);
        struct offline_case_texts texts = {
            .settings = ns_str_of(ns_arena_printf(&arena, "{\"settings\": {%s}}", bad[i].settings)),
            .history = ns_str_of("ds,y\n2024-01-01,3\n2024-01-02,4\n2024-01-03,6\n2024-01-04,4\n")};
        cr_assert_neq(offline_forecast_texts(&request, &texts, &out, &err), NS_OK, "%s", bad[i].settings);
        for (int lang = 0; lang < 2; lang++) {
            struct ns_buf text = NS_BUF(1000);
            cr_assert(ns_err_text(&text, (enum ns_lang)lang, &err));
            cr_assert_not_null(strstr(text.data, bad[i].says[lang]), "%s: %s", bad[i].settings, text.data);
            ns_buf_fini(&text);
        }
        ns_buf_fini(&out);
    }
}
