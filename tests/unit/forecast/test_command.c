/* The agent-free commands as a person calls them: files in, text out. */
#include "agent/forecast/forecast.h"
#include "shared/base/arena.h"
#include "tui/cli/offline/offline.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256];
static char text[2][1 << 20];

static const char *path_of(const char *name) {
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void init(void) {
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/forecast-XXXXXX", base == NULL ? "/tmp" : base);
    cr_assert_not_null(mkdtemp(folder));
}

static void fini(void) {
    static const char *const names[] = {"log.csv", "out", "case.json", "history.csv",
                                        "expected.csv"};
    for (size_t i = 0; i < NS_COUNT(names); i++) {
        (void)unlink(path_of(names[i]));
    }
    (void)rmdir(folder);
}

TestSuite(command, .init = init, .fini = fini);

static void write_text(const char *name, const char *content) {
    FILE *f = fopen(path_of(name), "w");
    cr_assert_not_null(f);
    fputs(content, f);
    fclose(f);
}

/* Standard output of a command, read back from a file. */
static int capture(int (*command)(enum ns_lang, int, char **), const char *const *words,
                   char *out) {
    char *argv[16];
    int argc = 0;
    for (; words[argc] != NULL; argc++) {
        argv[argc] = ns_xstrdup(words[argc]);
    }
    fflush(stdout);
    int kept = dup(1);
    FILE *f = fopen(path_of("out"), "w+");
    cr_assert_not_null(f);
    dup2(fileno(f), 1);
    int status = command(NS_LANG_EN, argc, argv);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    fflush(stdout);
    dup2(kept, 1);
    close(kept);
    rewind(f);
    size_t n = fread(out, 1, (1 << 20) - 1, f);
    out[n] = '\0';
    fclose(f);
    return status;
}

/* n rows; from row `blank` on nothing is told. */
static void write_log(int n, int blank) {
    FILE *f = fopen(path_of("log.csv"), "w");
    cr_assert_not_null(f);
    fputs("date,count,status\n", f);
    for (int i = 0; i < n; i++) {
        char day[NS_DATE_TEXT];
        ns_date_format(20000 + i, day);
        if (i >= blank || i % 17 == 9) {
            fprintf(f, "%s,,gap\n", day);
        } else {
            fprintf(f, "%s,%d,%s\n", day, 5 + i * 7 % 4, i == 0 ? "partial" : "ok");
        }
    }
    fclose(f);
}

static void run_backtest(char *out) {
    char file[512];
    (void)snprintf(file, sizeof file, "%s", path_of("log.csv"));
    const char *const argv[] = {"forecast", "--backtest", file, "--birth", "2024-10-04",
                    "--province", "QC",
                    "--origins", "7,30,60", "--horizon", "30", "--json", NULL};
    cr_assert_eq(capture(ns_offline_forecast, argv, out), 0);
    char *scores = strstr(out, "\"scores\"");
    cr_assert_not_null(scores);
    *scores = '\0'; /* the scores compare with the later days; forecasts may not know them */
}

Test(command, a_back_test_does_not_know_the_days_after_an_origin) {
    write_log(120, 1000);
    run_backtest(text[0]);
    write_log(120, 60);
    run_backtest(text[1]);
    cr_expect_not_null(strstr(text[0], "{\"n\": 60, \"last_date\": \"2024-12-02\""));
    cr_expect_not_null(strstr(text[0], "\"runout\": {\"stock\": "));
    cr_expect_str_eq(text[0], text[1]);
    write_log(60, 1000);
    run_backtest(text[1]);
    cr_expect_str_eq(text[0], text[1]);
}

Test(command, wrong_calls_and_files_are_refused_with_their_status) {
    char file[512];
    (void)snprintf(file, sizeof file, "%s", path_of("log.csv"));
    const char *const no_birth[] = {"forecast", "--backtest", file, NULL};
    const char *const bad_option[] = {"forecast", "--backtest", file, "--birth", "2024-10-04",
                          "--fast",                          "1", NULL};
    const char *const good[] = {"forecast", "--backtest", file, "--birth", "2024-10-04", NULL};
    cr_expect_eq(capture(ns_offline_forecast, no_birth, text[0]), 64);
    cr_expect_eq(capture(ns_offline_forecast, bad_option, text[0]), 64);
    cr_expect_eq(capture(ns_offline_forecast, good, text[0]), 66); /* no such file */
    write_text("log.csv", "date,count\n2025-01-02,6\n2025-01-01,6\n");
    cr_expect_eq(capture(ns_offline_forecast, good, text[0]), 65);
    write_text("log.csv", "date,count\n2025-01-02,-6\n");
    cr_expect_eq(capture(ns_offline_forecast, good, text[0]), 65);
    write_text("log.csv", "");
    cr_expect_eq(capture(ns_offline_forecast, good, text[0]), 65);
    struct ns_buf eleven_years = NS_BUF(1 << 20);
    ns_buf_text(&eleven_years, "date,count\n");
    for (int day = 0; day <= NS_FORECAST_SERIES_MAX; day++) {
        char date[NS_DATE_TEXT];
        ns_date_format(15000 + day, date);
        ns_buf_fmt(&eleven_years, "%s,6\n", date);
    }
    write_text("log.csv", eleven_years.data);
    ns_buf_fini(&eleven_years);
    cr_expect_eq(capture(ns_offline_forecast, good, text[0]), 65);
}

static const char settings[] =
    "{\"settings\": {\"growth\": \"linear\", \"n_changepoints\": 5, \"changepoint_range\": 0.8,"
    " \"changepoint_prior_scale\": 0.05, \"seasonality_mode\": \"additive\","
    " \"interval_width\": 0.8, \"seasonalities\": [{\"name\": \"weekly\", \"period\": 7,"
    " \"fourier.order\": 3, \"prior.scale\": 10, \"mode\": \"additive\"}],"
    " \"extra_regressors\": [{\"name\": \"x\", \"prior.scale\": 10, \"standardize\": \"auto\","
    " \"mode\": \"additive\"}]}%s}";

static void write_case(bool blank) {
    char json[2048];
    FILE *f = fopen(path_of("history.csv"), "w");
    cr_assert_not_null(f);
    fputs("ds,y,x\n", f);
    for (int i = 39; i >= 0; i--) { /* any order will do */
        char day[NS_DATE_TEXT];
        ns_date_format(20000 + i, day);
        fprintf(f, "%s,%d.5,%d\n", day, 5 + i * 7 % 4, i % 3);
    }
    fclose(f);
    f = fopen(path_of("expected.csv"), "w");
    cr_assert_not_null(f);
    fputs("ds,is_future,x_x,trend,yhat\n", f);
    for (int i = 35; i < 50; i++) {
        char day[NS_DATE_TEXT];
        ns_date_format(20000 + i, day);
        fprintf(f, "%s,%d,%d,%s,%s\n", day, i >= 40, i % 3, blank ? "" : "6.1",
                blank ? "" : "6.2");
    }
    fclose(f);
    (void)snprintf(json, sizeof json, settings, blank ? "" : ", \"optimum\": {\"k\": 0.3}");
    write_text("case.json", json);
}

static void run_case(char *out) {
    const char *const argv[] = {"forecast", folder, "--json", NULL};
    cr_assert_eq(capture(ns_offline_forecast, argv, out), 0);
    char *clock = strstr(out, "\"fit_ms\"");
    cr_assert_not_null(clock);
    *clock = '\0';
}

Test(command, the_compatible_mode_reads_no_answers) {
    write_case(false);
    run_case(text[0]);
    write_case(true);
    run_case(text[1]);
    cr_expect_str_eq(text[0], text[1]);
    cr_expect_not_null(strstr(text[0], "{\"ds\": \"2024-11-22\", \"trend\": "));
    cr_expect_not_null(strstr(text[0], "\"weekly_delim_6\": "));
    write_text("case.json", "{\"settings\": {\"growth\": \"cubic\"}}");
    const char *const argv[] = {"forecast", folder, "--json", NULL};
    cr_expect_eq(capture(ns_offline_forecast, argv, text[0]), 65);
}

Test(command, holidays_are_listed_as_json_and_as_text) {
    const char *const json[] = {"holidays", "--province", "QC", "--from", "2027-05-20", "--to",
                    "2027-06-30", "--json", NULL};
    const char *const plain[] = {"holidays", "--province", "QC", "--from", "2027-05-20", "--to",
                     "2027-06-30", NULL};
    const char *const unknown[] = {"holidays", "--province", "ZZ", "--from",
                       "2027-05-20", "--to",                       "2027-06-30", NULL};
    cr_assert_eq(capture(ns_offline_holidays, json, text[0]), 0);
    cr_expect_not_null(strstr(text[0], "{\"date\": \"2027-05-24\", \"id\": \"victoria_day\", "
                                       "\"name_en\": \"National Patriots' Day\""));
    cr_expect_not_null(strstr(text[0], "\"2027-06-24\""));
    cr_assert_eq(capture(ns_offline_holidays, plain, text[0]), 0);
    cr_expect_str_eq(text[0], "2027-05-24  National Patriots' Day\n"
                              "2027-06-24  Quebec National Holiday\n");
    cr_expect_eq(capture(ns_offline_holidays, unknown, text[0]), 64);
}
