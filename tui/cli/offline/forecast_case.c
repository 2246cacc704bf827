#include "tui/cli/offline/forecast_case.h"

#include "agent/forecast/validate.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400
#define FUTURE_MAX 100000

/* --- options ---------------------------------------------------------------------------- */

void offline_case_usual(struct offline_case_request *out) {
    *out = (struct offline_case_request){.freq = "day", .horizon = 30, .window = 0.1};
}

static bool days_of(const char *text, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out > 0 && *out < 1e6;
}

bool offline_case_option(struct offline_case_request *out, const char *name, const char *value) {
    if (strcmp(name, "--future") == 0) {
        return ns_str_int(ns_str_of(value), 1, FUTURE_MAX, &out->future);
    }
    if (strcmp(name, "--freq") == 0) {
        out->freq = value;
        return true;
    }
    if (strcmp(name, "--horizon") == 0) {
        return days_of(value, &out->horizon);
    }
    if (strcmp(name, "--period") == 0) {
        return days_of(value, &out->period);
    }
    if (strcmp(name, "--initial") == 0) {
        return days_of(value, &out->initial);
    }
    if (strcmp(name, "--cutoffs") == 0) {
        out->cutoffs = value;
        return true;
    }
    if (strcmp(name, "--window") == 0) {
        char *end;
        out->window = strtod(value, &end);
        return end != value && *end == '\0' && out->window >= -1 && out->window <= 1;
    }
    return false;
}

/* --- writing ---------------------------------------------------------------------------- */

static void put_value(struct ns_buf *out, const char *name, double value) {
    ns_buf_fmt(out, "\"%s\": ", name);
    if (isfinite(value)) {
        ns_buf_fmt(out, "%.17g", value);
    } else {
        ns_buf_text(out, "null");
    }
}

static void put_next(struct ns_buf *out, const char *name, double value) {
    ns_buf_text(out, ", ");
    put_value(out, name, value);
}

static void put_time(struct ns_buf *out, const char *name, int64_t seconds) {
    int64_t day = seconds / DAY - (seconds % DAY < 0);
    int64_t rest = seconds - day * DAY;
    char date[NS_DATE_TEXT];
    ns_date_format((ns_date)day, date);
    ns_buf_fmt(out, "\"%s\": \"%s", name, date);
    if (rest != 0) {
        ns_buf_fmt(out, " %02d:%02d:%02d", (int)(rest / 3600), (int)(rest / 60 % 60),
                   (int)(rest % 60));
    }
    ns_buf_text(out, "\"");
}

static void put_parameters(struct ns_buf *out, const struct ns_compat *c) {
    ns_buf_text(out, "{");
    put_value(out, "lp", c->fit.lp);
    ns_buf_text(out, ", \"params\": {");
    put_value(out, "k", c->fit.k);
    put_next(out, "m", c->fit.m);
    ns_buf_text(out, ", \"delta\": [");
    for (size_t i = 0; i < c->change_count; i++) {
        ns_buf_fmt(out, "%s%.17g", i > 0 ? ", " : "", c->fit.delta[i]);
    }
    ns_buf_text(out, "]");
    put_next(out, "sigma_obs", c->fit.sigma);
    ns_buf_text(out, ", \"beta\": {");
    for (size_t i = 0; i < c->beta_count; i++) {
        ns_buf_text(out, i > 0 ? ", " : "");
        ns_json_quote(out, ns_str_of(c->beta_name[i]));
        ns_buf_fmt(out, ": %.17g", c->fit.beta[i]);
    }
    ns_buf_text(out, "}}, \"rows\": [");
}

static void put_rows(struct offline_case *s, struct ns_buf *out, const struct ns_compat *c,
                     const struct ns_compat_rows *ask) {
    size_t components = ns_compat_component_count(c);
    const double *effect = ns_compat_effects(c, ask, &s->arena);
    for (size_t i = 0; i < ask->count; i++) {
        ns_buf_text(out, i > 0 ? ",\n{" : "{");
        put_time(out, "ds", ask->seconds[i]);
        put_next(out, "trend", c->row[i].trend);
        put_next(out, "yhat", c->row[i].yhat);
        put_next(out, "yhat_lower", c->row[i].lower);
        put_next(out, "yhat_upper", c->row[i].upper);
        put_next(out, "additive_terms", c->row[i].additive);
        put_next(out, "multiplicative_terms", c->row[i].multiplicative);
        ns_buf_text(out, ", \"components\": {");
        for (size_t k = 0; k < components; k++) {
            bool multiplicative = false;
            ns_buf_text(out, k > 0 ? ", " : "");
            ns_json_quote(out, ns_str_of(ns_compat_component_name(c, k, &multiplicative)));
            ns_buf_fmt(out, ": %.17g", effect[i * components + k]);
        }
        ns_buf_text(out, "}}");
    }
}

static void put_measures(struct ns_buf *out, const struct ns_measure *m, size_t count) {
    ns_buf_text(out, "], \"metrics\": [");
    for (size_t i = 0; i < count; i++) {
        ns_buf_text(out, i > 0 ? ",\n{" : "{");
        put_value(out, "horizon_days", (double)m[i].horizon / DAY);
        put_next(out, "mse", m[i].mse);
        put_next(out, "rmse", m[i].rmse);
        put_next(out, "mae", m[i].mae);
        put_next(out, "mape", m[i].mape);
        put_next(out, "mdape", m[i].mdape);
        put_next(out, "smape", m[i].smape);
        put_next(out, "wape", m[i].wape);
        put_next(out, "coverage", m[i].coverage);
        ns_buf_text(out, "}");
    }
    ns_buf_text(out, "]}\n");
}

/* --- dates to come ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum ns_step step;
    int64_t size;
} steps[] = {
    {"second", NS_STEP_SECONDS, 1},     {"minute", NS_STEP_SECONDS, 60},
    {"hour", NS_STEP_SECONDS, 3600},    {"day", NS_STEP_SECONDS, DAY},
    {"week", NS_STEP_SECONDS, 7 * DAY}, {"month", NS_STEP_MONTHS, 1},
    {"quarter", NS_STEP_MONTHS, 3},     {"year", NS_STEP_MONTHS, 12},
};

/* The rows asked for become the history (with missing values too) and the steps after it. What
 * a row must know besides its time cannot be told this way. */
static ns_rc make_future(struct offline_case *c, const struct offline_case_request *request) {
    const struct ns_compat_rows *h = &c->history;
    size_t n = (size_t)request->future;
    size_t past = request->no_history ? 0 : h->count;
    if (c->model.regressor_count > 0 || c->model.condition_count > 0 ||
        c->model.growth == NS_FIT_LOGISTIC || h->count == 0) {
        return h->count == 0 ? ns_err_say(c->err, NS_E_INPUT, NS_MSG_forecast_rows_few, NULL, NULL, NULL)
                             : offline_case_needs(c);
    }
    int64_t *seconds = NS_NEW_N(&c->arena, int64_t, past + n);
    memcpy(seconds, h->seconds, past * sizeof *seconds);
    for (size_t s = 0; s < NS_COUNT(steps); s++) {
        if (strcmp(request->freq, steps[s].name) == 0 &&
            ns_compat_future(h->seconds[h->count - 1], steps[s].step, steps[s].size, n,
                             seconds + past)) {
            c->ask = (struct ns_compat_rows){.count = past + n, .seconds = seconds};
            return offline_case_country(c);
        }
    }
    return ns_err_say(c->err, NS_E_INPUT, NS_MSG_forecast_bad_option, c->folder, "--future, --freq", NULL);
}

/* --- answers ---------------------------------------------------------------------------- */

static ns_rc answer_forecast(struct offline_case *c, struct ns_buf *out) {
    const struct ns_env *env = ns_env_system();
    struct ns_compat fitted;
    int64_t start = ns_env_steady_us(env);
    ns_rc rc = ns_compat_fit(&c->model, &c->history, NULL, &c->arena, &fitted, c->err);
    int64_t between = ns_env_steady_us(env);
    if (rc == NS_OK) {
        rc = ns_compat_predict(&fitted, &c->ask, &c->arena, &fitted.row, c->err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    int64_t end = ns_env_steady_us(env);
    put_parameters(out, &fitted);
    put_rows(c, out, &fitted, &c->ask);
    ns_buf_fmt(out, "], \"unbounded\": %s, \"steps\": %d",
               fitted.fit.unbounded ? "true" : "false", fitted.fit.steps);
    put_next(out, "residual", fitted.fit.residual);
    put_next(out, "fit_ms", (double)(between - start) / 1e3);
    put_next(out, "predict_ms", (double)(end - between) / 1e3);
    ns_buf_text(out, "}\n");
    return NS_OK;
}

static ns_rc read_cutoffs(struct offline_case *c, const char *text, struct ns_validate *how) {
    struct ns_str rest = ns_str_of(text);
    int64_t *list = NS_NEW_N(&c->arena, int64_t, strlen(text) + 1);
    size_t count = 0;
    while (rest.p != NULL) {
        if (!offline_seconds(ns_str_trim(ns_str_cut(&rest, ',')), &list[count++])) {
            return ns_err_say(c->err, NS_E_INPUT, NS_MSG_forecast_usage, text, NULL, NULL);
        }
    }
    how->cutoff = list;
    how->cutoff_count = count;
    return NS_OK;
}

static ns_rc answer_validation(struct offline_case *c, const struct offline_case_request *request,
                               struct ns_buf *out) {
    struct ns_validate how = {.horizon = llround(request->horizon * DAY),
        .period = llround(request->period * DAY), .initial = llround(request->initial * DAY)};
    struct ns_validate_row *rows;
    struct ns_measure *measure;
    size_t count;
    ns_rc rc = request->cutoffs == NULL ? NS_OK : read_cutoffs(c, request->cutoffs, &how);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_compat_validate(&c->model, &c->history, &how, &c->arena, &rows, &count, c->err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_text(out, "{\"rows\": [");
    for (size_t i = 0; i < count; i++) {
        ns_buf_text(out, i > 0 ? ",\n{" : "{");
        put_time(out, "ds", rows[i].seconds);
        ns_buf_text(out, ", ");
        put_time(out, "cutoff", rows[i].cutoff);
        put_next(out, "y", rows[i].y);
        put_next(out, "yhat", rows[i].value.yhat);
        put_next(out, "yhat_lower", rows[i].value.lower);
        put_next(out, "yhat_upper", rows[i].value.upper);
        ns_buf_text(out, "}");
    }
    size_t n = ns_compat_measures(rows, count, request->window, &c->arena, &measure);
    put_measures(out, measure, n);
    return NS_OK;
}

ns_rc offline_forecast_texts(const struct offline_case_request *request,
                             const struct offline_case_texts *texts, struct ns_buf *out,
                             struct ns_err *err) {
    struct offline_case c = {.folder = request->folder, .err = err,
                             .without_ask = request->future > 0 || request->validate};
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = plain == (locale_t)0 ? (locale_t)0 : uselocale(plain);
    ns_rc rc = offline_case_read(&c, texts);
    if (rc == NS_OK && request->future > 0) {
        rc = make_future(&c, request);
    }
    if (rc == NS_OK) {
        rc = request->validate ? answer_validation(&c, request, out) : answer_forecast(&c, out);
    }
    if (plain != (locale_t)0) {
        (void)uselocale(before);
        freelocale(plain);
    }
    offline_case_end(&c);
    return rc;
}

static ns_rc read_text(const char *folder, const char *name, struct ns_arena *arena,
                       struct ns_str *out) {
    const struct ns_env *env = ns_env_system();
    struct ns_buf bytes = NS_BUF(OFFLINE_CASE_BYTES_MAX);
    ns_rc rc = env->read_file(env->self, ns_arena_printf(arena, "%s/%s", folder, name), &bytes,
                              NULL);
    if (rc == NS_OK) {
        *out = (struct ns_str){ns_arena_copy(arena, ns_buf_view(&bytes)), bytes.len};
    }
    ns_buf_fini(&bytes);
    return rc;
}

ns_rc offline_forecast_case(const struct offline_case_request *request, struct ns_buf *out,
                            struct ns_err *err) {
    struct offline_case_texts texts = {0};
    struct ns_arena arena = {0};
    ns_rc rc = read_text(request->folder, "case.json", &arena, &texts.settings);
    const char *missing = rc == NS_OK ? "history.csv" : "case.json";
    if (rc == NS_OK) {
        rc = read_text(request->folder, "history.csv", &arena, &texts.history);
    }
    if (rc != NS_OK) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_bad_case, request->folder, missing, "-");
        goto out;
    }
    rc = read_text(request->folder, "expected.csv", &arena, &texts.expected);
    texts.has_expected = rc == NS_OK;
    if (rc == NS_OK || rc == NS_E_NOT_FOUND) {
        rc = offline_forecast_texts(request, &texts, out, err);
    } else {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_bad_case, request->folder,
                        "expected.csv", "-");
    }
out:
    ns_arena_fini(&arena);
    return rc;
}
