#include "tui/cli/offline/forecast_case.h"

#include "agent/forecast/compat.h"
#include "shared/base/env.h"
#include "shared/text/message.h"
#include "shared/wire/json.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (32u << 20)
#define COLUMNS_MAX 64
#define FUTURE_DAYS 30

struct table {
    struct ns_str column[COLUMNS_MAX];
    size_t width;
    struct ns_str *cell; /* rows x width */
    size_t rows;
};

struct session {
    struct ns_arena arena;
    struct ns_json *settings_root;
    const struct ns_json *settings;
    struct ns_compat_model model;
    struct table history;
    struct table ask;
    bool has_ask;
    struct ns_err *err;
    const char *folder;
};

static ns_rc refuse(struct session *s, const char *file, const char *what) {
    return ns_err_say(s->err, NS_E_INPUT, NS_MSG_forecast_bad_case, s->folder, file, what);
}

/* --- files ------------------------------------------------------------------------------ */

static ns_rc read_text(struct session *s, const char *name, struct ns_str *out) {
    const struct ns_env *env = ns_env_system();
    struct ns_buf bytes = NS_BUF(BYTES_MAX);
    const char *path = ns_arena_printf(&s->arena, "%s/%s", s->folder, name);
    ns_rc rc = env->read_file(env->self, path, &bytes, NULL);
    if (rc == NS_OK) {
        *out = (struct ns_str){ns_arena_copy(&s->arena, ns_buf_view(&bytes)), bytes.len};
    }
    ns_buf_fini(&bytes);
    return rc;
}

static ns_rc read_table(struct session *s, const char *name, struct table *out) {
    struct ns_str text;
    ns_rc rc = read_text(s, name, &text);
    if (rc != NS_OK) {
        return rc;
    }
    size_t lines = 1;
    for (size_t i = 0; i < text.n; i++) {
        lines += text.p[i] == '\n';
    }
    struct ns_str head = ns_str_trim(ns_str_cut(&text, '\n'));
    while (head.p != NULL && out->width < COLUMNS_MAX) {
        out->column[out->width++] = ns_str_trim(ns_str_cut(&head, ','));
    }
    out->cell = NS_NEW_N(&s->arena, struct ns_str, lines * out->width);
    while (text.n > 0) {
        struct ns_str line = ns_str_trim(ns_str_cut(&text, '\n'));
        if (line.n == 0) {
            continue;
        }
        for (size_t c = 0; c < out->width; c++) {
            out->cell[out->rows * out->width + c] = ns_str_trim(ns_str_cut(&line, ','));
        }
        out->rows++;
    }
    return NS_OK;
}

static size_t column_of(const struct table *t, const char *prefix, const char *name) {
    for (size_t c = 0; c < t->width; c++) {
        size_t n = strlen(prefix);
        struct ns_str rest = t->column[c];
        if (ns_str_starts(rest, prefix)) {
            rest.p += n;
            rest.n -= n;
            if (ns_str_is(rest, name)) {
                return c;
            }
        }
    }
    return t->width;
}

/* NaN for an empty cell or NA; the session's locale is "C". */
static bool cell_number(const struct table *t, size_t row, size_t column, double *out) {
    char text[64];
    char *end;
    struct ns_str cell = t->cell[row * t->width + column];
    if (cell.n == 0 || ns_str_is(cell, "NA")) {
        *out = (double)NAN;
        return true;
    }
    if (!ns_str_copy(cell, text, sizeof text)) {
        return false;
    }
    *out = strtod(text, &end);
    return *end == '\0';
}

/* YYYY-MM-DD[ HH:MM:SS] as UTC. */
static bool parse_seconds(struct ns_str text, int64_t *out) {
    ns_date day;
    struct ns_str date = {text.p, text.n < 10 ? text.n : 10};
    int64_t clock[3] = {0, 0, 0};
    if (!ns_date_parse(date, &day)) {
        return false;
    }
    if (text.n > 10) {
        struct ns_str rest = {text.p + 11, text.n - 11};
        for (int i = 0; i < 3; i++) {
            if (!ns_str_int(ns_str_cut(&rest, ':'), 0, i == 0 ? 23 : 59, &clock[i])) {
                return false;
            }
        }
    }
    *out = (int64_t)day * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2];
    return true;
}

/* --- settings --------------------------------------------------------------------------- */

static const char *text_at(const struct ns_json *object, const char *name,
                           const char *otherwise) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL ? otherwise : text;
}

static double number_at(const struct ns_json *object, const char *name, double otherwise) {
    double value;
    const struct ns_json *member = ns_json_get(object, name);
    return !ns_json_is_null(member) && ns_json_number(member, &value) ? value : otherwise;
}

static ns_rc read_seasons(struct session *s) {
    const struct ns_json *list = ns_json_get(s->settings, "seasonalities");
    size_t n = ns_json_is_list(list) ? ns_json_count(list) : 0;
    struct ns_compat_season *out = NS_NEW_N(&s->arena, struct ns_compat_season, n);
    const struct ns_json *item = n > 0 ? ns_json_first(list) : NULL;
    for (size_t i = 0; i < n; i++, item = ns_json_next(item)) {
        out[i] = (struct ns_compat_season){.name = text_at(item, "name", "season"),
            .period = number_at(item, "period", 0),
            .order = (int)number_at(item, "fourier.order", 0),
            .prior = number_at(item, "prior.scale", 10),
            .multiplicative = strcmp(text_at(item, "mode", "additive"), "additive") != 0};
        if (!(out[i].period > 0) || out[i].order < 1 || out[i].order > 200) {
            return refuse(s, "case.json", "seasonalities");
        }
        if (!ns_json_is_null(ns_json_get(item, "condition.name"))) {
            return refuse(s, "case.json", "condition.name");
        }
    }
    s->model.season = out;
    s->model.season_count = n;
    return NS_OK;
}

static ns_rc read_holidays(struct session *s) {
    const struct ns_json *list = ns_json_get(s->settings, "holidays");
    size_t n = ns_json_is_list(list) ? ns_json_count(list) : 0;
    double prior = number_at(s->settings, "holidays_prior_scale", 10);
    struct ns_compat_holiday *out = NS_NEW_N(&s->arena, struct ns_compat_holiday, n);
    const struct ns_json *item = n > 0 ? ns_json_first(list) : NULL;
    for (size_t i = 0; i < n; i++, item = ns_json_next(item)) {
        out[i] = (struct ns_compat_holiday){.name = text_at(item, "holiday", "holiday"),
            .lower = (int)number_at(item, "lower_window", 0),
            .upper = (int)number_at(item, "upper_window", 0),
            .prior = number_at(item, "prior_scale", prior)};
        if (!ns_date_parse(ns_str_of(text_at(item, "ds", "")), &out[i].date) ||
            out[i].lower > 0 || out[i].lower < -60 || out[i].upper < 0 || out[i].upper > 60) {
            return refuse(s, "case.json", "holidays");
        }
    }
    s->model.holiday = out;
    s->model.holiday_count = n;
    return NS_OK;
}

static enum ns_compat_scale scale_of(const struct ns_json *item) {
    const struct ns_json *value = ns_json_get(item, "standardize");
    const char *text = ns_json_text(value);
    if (text != NULL) {
        return strcmp(text, "auto") == 0 ? NS_SCALE_AUTO : NS_SCALE_NO;
    }
    return ns_json_bool(value, false) ? NS_SCALE_YES
           : ns_json_is_null(value)   ? NS_SCALE_AUTO
                                      : NS_SCALE_NO;
}

static void read_regressors(struct session *s) {
    const struct ns_json *list = ns_json_get(s->settings, "extra_regressors");
    size_t n = ns_json_is_list(list) ? ns_json_count(list) : 0;
    double prior = number_at(s->settings, "holidays_prior_scale", 10);
    struct ns_compat_regressor *out = NS_NEW_N(&s->arena, struct ns_compat_regressor, n);
    const struct ns_json *item = n > 0 ? ns_json_first(list) : NULL;
    for (size_t i = 0; i < n; i++, item = ns_json_next(item)) {
        out[i] = (struct ns_compat_regressor){.name = text_at(item, "name", ""),
            .prior = number_at(item, "prior.scale", prior),
            .multiplicative = strcmp(text_at(item, "mode", "additive"), "additive") != 0,
            .scale = scale_of(item)};
    }
    s->model.regressor = out;
    s->model.regressor_count = n;
}

static ns_rc read_settings(struct session *s) {
    struct ns_str text;
    ns_rc rc = read_text(s, "case.json", &text);
    if (rc != NS_OK) {
        return refuse(s, "case.json", "-");
    }
    rc = ns_json_read(text, BYTES_MAX, &s->settings_root, NULL);
    s->settings = rc == NS_OK ? ns_json_get(s->settings_root, "settings") : NULL;
    if (rc != NS_OK || !ns_json_is_object(s->settings)) {
        return refuse(s, "case.json", "settings");
    }
    const char *growth = text_at(s->settings, "growth", "linear");
    bool flat = strcmp(growth, "flat") == 0;
    bool logistic = strcmp(growth, "logistic") == 0;
    if (strcmp(growth, "linear") != 0 && !flat && !logistic) {
        return refuse(s, "case.json", "growth");
    }
    s->model.growth = flat ? NS_FIT_FLAT : logistic ? NS_FIT_LOGISTIC : NS_FIT_LINEAR;
    double changes = number_at(s->settings, "n_changepoints", 25);
    s->model.change_range = number_at(s->settings, "changepoint_range", 0.8);
    s->model.tau = number_at(s->settings, "changepoint_prior_scale", 0.05);
    s->model.interval = number_at(s->settings, "interval_width", 0.8);
    s->model.holidays_multiplicative =
        strcmp(text_at(s->settings, "seasonality_mode", "additive"), "additive") != 0;
    if (!(changes >= 0 && changes <= 500) ||
        !(s->model.interval > 0 && s->model.interval < 1) ||
        !(s->model.change_range > 0 && s->model.change_range <= 1)) {
        return refuse(s, "case.json", "n_changepoints, changepoint_range, interval_width");
    }
    s->model.change_count = (int)changes;
    rc = read_seasons(s);
    if (rc == NS_OK) {
        rc = read_holidays(s);
    }
    read_regressors(s);
    return rc;
}

/* --- rows ------------------------------------------------------------------------------- */

struct order {
    int64_t seconds;
    size_t row;
};

static int by_time(const void *a, const void *b) {
    const struct order *x = a;
    const struct order *y = b;
    int time = (x->seconds > y->seconds) - (x->seconds < y->seconds);
    return time != 0 ? time : (x->row > y->row) - (x->row < y->row);
}

/* Rows may come in any order; equal times keep theirs. */
static bool sort_rows(struct session *s, struct table *t) {
    size_t ds = column_of(t, "", "ds");
    struct order *order = NS_NEW_N(&s->arena, struct order, t->rows);
    struct ns_str *cell = NS_NEW_N(&s->arena, struct ns_str, t->rows * t->width);
    for (size_t i = 0; i < t->rows && ds < t->width; i++) {
        order[i].row = i;
        if (!parse_seconds(t->cell[i * t->width + ds], &order[i].seconds)) {
            return false;
        }
    }
    if (ds == t->width) {
        return false;
    }
    qsort(order, t->rows, sizeof *order, by_time);
    for (size_t i = 0; i < t->rows; i++) {
        memcpy(cell + i * t->width, t->cell + order[i].row * t->width,
               t->width * sizeof *cell);
    }
    t->cell = cell;
    return true;
}

/* The columns cap and, when it is there, floor. */
static ns_rc take_limits(struct session *s, const struct table *t, const char *file,
                         struct ns_compat_rows *out) {
    static const char *const names[] = {"cap", "floor"};
    const double **const fields[] = {&out->cap, &out->floor};
    for (int f = 0; f < 2; f++) {
        size_t c = column_of(t, "", names[f]);
        double *value = NS_NEW_N(&s->arena, double, t->rows);
        if (c == t->width) {
            if (f == 0) {
                return refuse(s, file, "cap");
            }
            break;
        }
        for (size_t i = 0; i < t->rows; i++) {
            if (!cell_number(t, i, c, &value[i])) {
                return refuse(s, file, names[f]);
            }
        }
        *fields[f] = value;
    }
    return NS_OK;
}

/* prefix: what stands before a regressor's name ("" in the history, "x_" in expected.csv). */
static ns_rc take_rows(struct session *s, const struct table *t, const char *file,
                       const char *prefix, bool values, struct ns_compat_rows *out) {
    size_t width = s->model.regressor_count;
    size_t ds = column_of(t, "", "ds");
    size_t y = values ? column_of(t, "", "y") : 0;
    int64_t *seconds = NS_NEW_N(&s->arena, int64_t, t->rows);
    double *value = NS_NEW_N(&s->arena, double, t->rows);
    double *regressor = NS_NEW_N(&s->arena, double, t->rows * width);
    if (ds == t->width || y == t->width) {
        return refuse(s, file, "ds, y");
    }
    for (size_t i = 0; i < t->rows; i++) {
        if (!parse_seconds(t->cell[i * t->width + ds], &seconds[i])) {
            return refuse(s, file, "ds");
        }
        if (values && !cell_number(t, i, y, &value[i])) {
            return refuse(s, file, "y");
        }
        for (size_t r = 0; r < width; r++) {
            size_t c = column_of(t, prefix, s->model.regressor[r].name);
            if (c == t->width || !cell_number(t, i, c, &regressor[i * width + r])) {
                return refuse(s, file, s->model.regressor[r].name);
            }
        }
    }
    *out = (struct ns_compat_rows){t->rows, seconds, value, regressor, NULL, NULL};
    return s->model.growth == NS_FIT_LOGISTIC ? take_limits(s, t, file, out) : NS_OK;
}

/* Without expected.csv: the history and 30 days after it. */
static ns_rc extend_rows(struct session *s, const struct ns_compat_rows *history,
                         struct ns_compat_rows *out) {
    if (s->model.regressor_count > 0) {
        return refuse(s, "expected.csv", s->model.regressor[0].name);
    }
    if (s->model.growth == NS_FIT_LOGISTIC) {
        return refuse(s, "expected.csv", "cap");
    }
    size_t n = history->count;
    int64_t *seconds = NS_NEW_N(&s->arena, int64_t, n + FUTURE_DAYS);
    for (size_t i = 0; i < n + FUTURE_DAYS; i++) {
        seconds[i] = i < n ? history->seconds[i]
                           : history->seconds[n - 1] + (int64_t)(i - n + 1) * 86400;
    }
    *out = (struct ns_compat_rows){.count = n + FUTURE_DAYS, .seconds = seconds};
    return NS_OK;
}

/* --- answer ----------------------------------------------------------------------------- */

static void put_value(struct ns_buf *out, const char *name, double value) {
    ns_buf_fmt(out, "\"%s\": ", name);
    if (isfinite(value)) {
        ns_buf_fmt(out, "%.17g", value);
    } else {
        ns_buf_text(out, "null");
    }
}

static void put_parameters(struct ns_buf *out, const struct ns_compat *c) {
    ns_buf_text(out, "{");
    put_value(out, "lp", c->fit.lp);
    ns_buf_text(out, ", \"params\": {");
    put_value(out, "k", c->fit.k);
    ns_buf_text(out, ", ");
    put_value(out, "m", c->fit.m);
    ns_buf_text(out, ", \"delta\": [");
    for (size_t i = 0; i < c->change_count; i++) {
        ns_buf_fmt(out, "%s%.17g", i > 0 ? ", " : "", c->fit.delta[i]);
    }
    ns_buf_text(out, "], ");
    put_value(out, "sigma_obs", c->fit.sigma);
    ns_buf_text(out, ", \"beta\": {");
    for (size_t i = 0; i < c->beta_count; i++) {
        ns_buf_text(out, i > 0 ? ", " : "");
        ns_json_quote(out, ns_str_of(c->beta_name[i]));
        ns_buf_fmt(out, ": %.17g", c->fit.beta[i]);
    }
    ns_buf_text(out, "}}, \"rows\": [");
}

static void put_rows(struct ns_buf *out, const struct ns_compat *c,
                     const struct ns_compat_rows *ask) {
    for (size_t i = 0; i < ask->count; i++) {
        int64_t seconds = ask->seconds[i];
        int64_t day = seconds / 86400 - (seconds % 86400 < 0);
        int64_t rest = seconds - day * 86400;
        char date[NS_DATE_TEXT];
        ns_date_format((ns_date)day, date);
        ns_buf_fmt(out, "%s{\"ds\": \"%s", i > 0 ? ",\n" : "", date);
        if (rest != 0) {
            ns_buf_fmt(out, " %02d:%02d:%02d", (int)(rest / 3600), (int)(rest / 60 % 60),
                       (int)(rest % 60));
        }
        ns_buf_text(out, "\", ");
        put_value(out, "trend", c->row[i].trend);
        ns_buf_text(out, ", ");
        put_value(out, "yhat", c->row[i].yhat);
        ns_buf_text(out, ", ");
        put_value(out, "yhat_lower", c->row[i].lower);
        ns_buf_text(out, ", ");
        put_value(out, "yhat_upper", c->row[i].upper);
        ns_buf_text(out, "}");
    }
}

static ns_rc run(struct session *s, struct ns_buf *out) {
    const struct ns_env *env = ns_env_system();
    struct ns_compat_rows history;
    struct ns_compat_rows ask;
    struct ns_compat_rows none = {0};
    struct ns_compat fitted;
    struct ns_compat whole;
    ns_rc rc = read_settings(s);
    if (rc != NS_OK) {
        return rc;
    }
    if (read_table(s, "history.csv", &s->history) != NS_OK) {
        return refuse(s, "history.csv", "-");
    }
    s->has_ask = read_table(s, "expected.csv", &s->ask) == NS_OK;
    if (!sort_rows(s, &s->history)) {
        return refuse(s, "history.csv", "ds");
    }
    rc = take_rows(s, &s->history, "history.csv", "", true, &history);
    if (rc == NS_OK) {
        rc = s->has_ask ? take_rows(s, &s->ask, "expected.csv", "x_", false, &ask)
                        : extend_rows(s, &history, &ask);
    }
    if (rc != NS_OK) {
        return rc;
    }
    int64_t start = ns_env_steady_us(env);
    rc = ns_compat_run(&s->model, &history, &none, &s->arena, &fitted, s->err);
    int64_t fit_us = ns_env_steady_us(env) - start;
    start = ns_env_steady_us(env);
    if (rc == NS_OK) {
        rc = ns_compat_run(&s->model, &history, &ask, &s->arena, &whole, s->err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    int64_t both_us = ns_env_steady_us(env) - start;
    put_parameters(out, &whole);
    put_rows(out, &whole, &ask);
    ns_buf_text(out, "], ");
    put_value(out, "fit_ms", (double)fit_us / 1e3);
    ns_buf_text(out, ", ");
    put_value(out, "predict_ms", fmax((double)(both_us - fit_us) / 1e3, 0));
    ns_buf_text(out, "}\n");
    return NS_OK;
}

ns_rc offline_forecast_case(const char *folder, struct ns_buf *out, struct ns_err *err) {
    struct session s = {.folder = folder, .err = err};
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = plain == (locale_t)0 ? (locale_t)0 : uselocale(plain);
    ns_rc rc = run(&s, out);
    if (plain != (locale_t)0) {
        (void)uselocale(before);
        freelocale(plain);
    }
    ns_json_free(s.settings_root);
    ns_arena_fini(&s.arena);
    return rc;
}
