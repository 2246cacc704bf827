/* forecast: the product's own model run back over a daily series, an origin after each given
 * number of days. Days after an origin are not handed to the model at all. */
#include "agent/forecast/forecast.h"

#include "shared/base/env.h"
#include "shared/calendar/holiday.h"
#include "shared/text/message.h"
#include "tui/cli/offline/forecast_case.h"
#include "tui/cli/offline/json.h"
#include "tui/cli/offline/offline.h"
#include "tui/cli/offline/say.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORIGINS_MAX 200
#define FILE_MAX_BYTES (4u << 20)

struct request {
    struct offline_case_request compatible; /* with a folder; else the back-test of a file */
    const char *file;
    ns_date birth;
    const char *province;
    int origins[ORIGINS_MAX];
    size_t origin_count;
    int horizon;
    bool json;
};

struct score {
    int pairs;
    double absolute;
    double pinball;
    double inside;
    int totals;
    int totals_inside;
};

static bool parse_origins(const char *text, struct request *out) {
    struct ns_str rest = ns_str_of(text);
    while (rest.n > 0) {
        int64_t value;
        struct ns_str part = ns_str_cut(&rest, ',');
        if (out->origin_count == ORIGINS_MAX || !ns_str_int(part, 1, NS_FORECAST_SERIES_MAX,
                                                            &value)) {
            return false;
        }
        out->origins[out->origin_count++] = (int)value;
    }
    return true;
}

static bool parse_option(const char *name, const char *value, struct request *out) {
    int64_t number;
    if (strcmp(name, "--backtest") == 0) {
        out->file = value;
    } else if (strcmp(name, "--birth") == 0) {
        return ns_date_parse(ns_str_of(value), &out->birth);
    } else if (strcmp(name, "--province") == 0) {
        out->province = value;
        return ns_province_known(value);
    } else if (strcmp(name, "--origins") == 0) {
        return parse_origins(value, out);
    } else if (strcmp(name, "--horizon") == 0) {
        if (!ns_str_int(ns_str_of(value), 1, NS_FORECAST_DAYS, &number)) {
            return false;
        }
        out->horizon = (int)number;
    } else {
        return false;
    }
    return true;
}

/* The compatible mode has options of its own once its folder was named. */
static bool any_option(const char *name, const char *value, struct request *out) {
    return out->compatible.folder != NULL
               ? offline_case_option(&out->compatible, name, value)
               : parse_option(name, value, out);
}

static bool parse_flag(const char *name, struct request *out) {
    if (strcmp(name, "--json") == 0) {
        out->json = true;
    } else if (strcmp(name, "--no-history") == 0) {
        out->compatible.no_history = true;
    } else if (strcmp(name, "--cross-validate") == 0) {
        out->compatible.validate = true;
    } else if (name[0] != '-' && out->compatible.folder == NULL) {
        out->compatible.folder = name;
    } else {
        return false;
    }
    return true;
}

static ns_rc parse_request(int argc, char **argv, struct request *out, struct ns_err *err) {
    *out = (struct request){.birth = NS_DATE_NONE, .horizon = NS_FORECAST_DAYS};
    offline_case_usual(&out->compatible);
    for (int i = 1; i < argc; i++) {
        if (parse_flag(argv[i], out)) {
            continue;
        }
        if (i + 1 >= argc || !any_option(argv[i], argv[i + 1], out)) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_forecast_usage, argv[i], NULL, NULL);
        }
        i++;
    }
    if (out->compatible.folder == NULL && (out->file == NULL || out->birth == NS_DATE_NONE)) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_forecast_usage, "--backtest, --birth", NULL,
                          NULL);
    }
    return NS_OK;
}

/* --- the series ------------------------------------------------------------------------- */

struct columns {
    int date;
    int count;
    int status;
};

static bool read_header(struct ns_str line, struct columns *out) {
    *out = (struct columns){-1, -1, -1};
    for (int i = 0; line.p != NULL; i++) {
        struct ns_str name = ns_str_trim(ns_str_cut(&line, ','));
        if (ns_str_is(name, "date")) {
            out->date = i;
        } else if (ns_str_is(name, "count")) {
            out->count = i;
        } else if (ns_str_is(name, "status")) {
            out->status = i;
        }
    }
    return out->date >= 0 && out->count >= 0;
}

static bool read_row(struct ns_str line, const struct columns *at, struct ns_use_day *out) {
    struct ns_str date = {0};
    struct ns_str count = {0};
    struct ns_str status = {0};
    int64_t value = 0;
    for (int i = 0; line.p != NULL; i++) {
        struct ns_str field = ns_str_trim(ns_str_cut(&line, ','));
        date = i == at->date ? field : date;
        count = i == at->count ? field : count;
        status = i == at->status ? field : status;
    }
    if (!ns_date_parse(date, &out->date)) {
        return false;
    }
    out->status = NS_USE_OK;
    if (ns_str_is(status, "gap") || ns_str_is(status, "missing") || count.n == 0) {
        out->status = NS_USE_MISSING;
        return true;
    }
    if (ns_str_is(status, "partial")) {
        out->status = NS_USE_PARTIAL;
    } else if (status.n > 0 && !ns_str_is(status, "ok")) {
        return false;
    }
    if (!ns_str_int(count, 0, 99, &value)) {
        return false;
    }
    out->count = (int)value;
    return true;
}

static ns_rc read_series(const struct request *request, struct ns_arena *arena,
                         struct ns_use_day **days, size_t *count, struct ns_err *err) {
    const struct ns_env *env = ns_env_system();
    struct ns_buf bytes = NS_BUF(FILE_MAX_BYTES);
    struct columns at;
    char line_text[16];
    ns_rc rc = env->read_file(env->self, request->file, &bytes, err);
    if (rc != NS_OK) {
        ns_err_clear(err);
        rc = ns_err_say(err, rc, NS_MSG_forecast_no_file, request->file, NULL, NULL);
        goto out;
    }
    *count = 0;
    *days = NS_NEW_N(arena, struct ns_use_day, NS_FORECAST_SERIES_MAX);
    struct ns_str rest = ns_buf_view(&bytes);
    bool header = false;
    for (int number = 1; rest.n > 0; number++) {
        struct ns_str line = ns_str_trim(ns_str_cut(&rest, '\n'));
        if (line.n == 0) {
            continue;
        }
        if (header && *count == NS_FORECAST_SERIES_MAX) {
            (void)snprintf(line_text, sizeof line_text, "%d", NS_FORECAST_SERIES_MAX);
            rc = ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_too_long, line_text, NULL, NULL);
            goto out;
        }
        bool good = header ? read_row(line, &at, &(*days)[*count]) : read_header(line, &at);
        good = good && (!header || *count == 0 ||
                        (*days)[*count].date > (*days)[*count - 1].date);
        if (!good) {
            (void)snprintf(line_text, sizeof line_text, "%d", number);
            rc = ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_bad_line, request->file, line_text,
                            NULL);
            goto out;
        }
        *count += header;
        header = true;
    }
    if (*count == 0) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_bad_line, request->file, "1", NULL);
    }
out:
    ns_buf_fini(&bytes);
    return rc;
}

/* --- scores ----------------------------------------------------------------------------- */

static double pinball(double actual, const struct ns_forecast_value *day) {
    const double p[] = {0.1, 0.5, 0.9};
    const double q[] = {day->q10, day->q50, day->q90};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        sum += fmax(p[i] * (actual - q[i]), (p[i] - 1) * (actual - q[i]));
    }
    return sum / 3;
}

static double inside(int actual, int low, int high) {
    if (actual == low || actual == high) {
        return low == high ? 1 : 0.5;
    }
    return actual > low && actual < high ? 1 : 0;
}

static void add_scores(struct score *score, const struct ns_forecast *forecast, int horizon,
                       const struct ns_use_day *days, size_t count, size_t after) {
    int observed = 0;
    double sum = 0;
    for (size_t i = after; i < count; i++) {
        ns_date h = days[i].date - forecast->today;
        if (h >= horizon || days[i].status != NS_USE_OK) {
            continue;
        }
        const struct ns_forecast_value *day = &forecast->day[h];
        score->pairs++;
        score->absolute += fabs(days[i].count - day->mean);
        score->pinball += pinball(days[i].count, day);
        score->inside += inside(days[i].count, day->q10, day->q90);
        observed++;
        sum += days[i].count;
    }
    if (observed > 0) {
        const struct ns_forecast_sum *total = &forecast->total[horizon - 1];
        double share = observed / (double)horizon;
        score->totals++;
        score->totals_inside += total->q10 * share <= sum && sum <= total->q90 * share;
    }
}

/* --- output ----------------------------------------------------------------------------- */

static void put_total(struct ns_buf *out, const struct ns_forecast *forecast, int horizon) {
    ns_buf_text(out, "], \"total\": {");
    const struct ns_forecast_sum *total = &forecast->total[horizon - 1];
    offline_put_number(out, "mean", total->mean);
    ns_buf_fmt(out, ", \"q10\": %d, \"q50\": %d, \"q90\": %d", total->q10, total->q50,
               total->q90);
    ns_buf_text(out, "}, \"runout\": {");
}

static void put_runout(struct ns_buf *out, const struct ns_forecast *forecast, int64_t stock) {
    ns_buf_fmt(out, "\"stock\": %lld, ", (long long)stock);
    if (forecast->has_runout) {
        offline_put_date(out, "q10", forecast->runout_q10);
        ns_buf_text(out, ", ");
        offline_put_date(out, "q50", forecast->runout_median);
        ns_buf_text(out, ", ");
        offline_put_date(out, "q90", forecast->runout_q90);
    } else {
        ns_buf_text(out, "\"q10\": null, \"q50\": null, \"q90\": null");
    }
    ns_buf_text(out, "}}");
}

static void put_origin(struct ns_buf *out, const struct ns_forecast *forecast, int n,
                       int horizon, int64_t stock) {
    ns_buf_fmt(out, "{\"n\": %d, ", n);
    offline_put_date(out, "last_date", forecast->today - 1);
    ns_buf_fmt(out, ", \"model\": \"%s\", \"days\": [", ns_model_kind_name(forecast->kind));
    for (int h = 0; h < horizon; h++) {
        const struct ns_forecast_value *day = &forecast->day[h];
        ns_buf_text(out, h > 0 ? ", {" : "{");
        offline_put_date(out, "date", day->date);
        ns_buf_text(out, ", ");
        offline_put_number(out, "mean", day->mean);
        ns_buf_fmt(out, ", \"q10\": %d, \"q50\": %d, \"q90\": %d}", day->q10, day->q50,
                   day->q90);
    }
    put_total(out, forecast, horizon);
    put_runout(out, forecast, stock);
}

static void put_score(struct ns_buf *out, const struct score *score) {
    ns_buf_fmt(out, "], \"scores\": {\"pairs\": %d", score->pairs);
    if (score->pairs > 0) {
        ns_buf_text(out, ", ");
        offline_put_number(out, "mae", score->absolute / score->pairs);
        ns_buf_text(out, ", ");
        offline_put_number(out, "pinball", score->pinball / score->pairs);
        ns_buf_text(out, ", ");
        offline_put_number(out, "coverage", score->inside / score->pairs);
    }
    if (score->totals > 0) {
        ns_buf_text(out, ", ");
        offline_put_number(out, "total_coverage",
                           score->totals_inside / (double)score->totals);
    }
    ns_buf_text(out, "}}\n");
}

/* Thirty days of the last 28 good days' use: a stock to tell a run-out date from. */
static int64_t usual_stock(const struct ns_use_day *days, size_t count) {
    int ok = 0;
    int sum = 0;
    for (size_t i = count; i > 0 && ok < 28; i--) {
        if (days[i - 1].status == NS_USE_OK) {
            sum += days[i - 1].count;
            ok++;
        }
    }
    return ok > 0 ? llround(30.0 * sum / ok) : 0;
}

static ns_rc backtest(const struct request *request, const struct ns_use_day *days,
                      size_t count, struct ns_buf *out, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct score score = {0};
    ns_rc rc = NS_OK;
    ns_buf_text(out, "{\"origins\": [");
    bool first = true;
    for (size_t i = 0; i < request->origin_count && rc == NS_OK; i++) {
        size_t n = (size_t)request->origins[i];
        if (n > count) {
            continue;
        }
        struct ns_forecast forecast;
        struct ns_forecast_input input = {
            .today = days[n - 1].date + 1, .birth = request->birth,
            .province = request->province, .days = days, .day_count = n,
            .stock_pieces = usual_stock(days, n), .today_left = 1};
        rc = ns_forecast_run(&input, &arena, &forecast, err);
        if (rc == NS_OK) {
            ns_buf_text(out, first ? "" : ",\n");
            put_origin(out, &forecast, (int)n, request->horizon, input.stock_pieces);
            add_scores(&score, &forecast, request->horizon, days, count, n);
            first = false;
        }
        ns_arena_reset(&arena);
    }
    put_score(out, &score);
    ns_arena_fini(&arena);
    return rc;
}

static void usual_origins(struct request *request, size_t count) {
    static const int usual[] = {7, 14, 21, 30, 45, 60, 90, 120, 180, 240, 300, 365, 450, 540,
                                640, 730, 850};
    if (request->origin_count > 0) {
        return;
    }
    for (size_t i = 0; i < NS_COUNT(usual) && (size_t)usual[i] <= count; i++) {
        request->origins[request->origin_count++] = usual[i];
    }
}

int ns_offline_forecast(enum ns_lang lang, int argc, char **argv) {
    struct ns_err err = {0};
    struct ns_arena arena = {0};
    struct ns_buf out = NS_BUF(64u << 20);
    struct ns_use_day *days = NULL;
    size_t count = 0;
    struct request request;
    ns_rc rc = parse_request(argc, argv, &request, &err);
    if (rc == NS_OK && request.compatible.folder != NULL) {
        rc = offline_forecast_case(&request.compatible, &out, &err);
        goto out;
    }
    if (rc == NS_OK) {
        rc = read_series(&request, &arena, &days, &count, &err);
    }
    if (rc == NS_OK) {
        usual_origins(&request, count);
        rc = backtest(&request, days, count, &out, &err);
    }
out:
    if (rc == NS_OK) {
        (void)fwrite(out.data, 1, out.len, stdout);
    } else {
        offline_complain(lang, &err);
    }
    ns_buf_fini(&out);
    ns_arena_fini(&arena);
    return ns_rc_exit_status(rc);
}
