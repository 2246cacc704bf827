/* case_settings.c: case.json into the settings of the model. A setting is looked for under its
 * name with underscores or dots, first resolved, then as the caller passed it ("asked"). */
#include "shared/calendar/holiday.h"
#include "shared/text/message.h"
#include "tui/cli/offline/case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

ns_rc offline_case_refuse(struct offline_case *c, const char *file, const char *what) {
    return ns_err_say(c->err, NS_E_INPUT, NS_MSG_forecast_bad_case, c->folder, file, what);
}

ns_rc offline_case_needs(struct offline_case *c) {
    return ns_err_say(c->err, NS_E_INPUT, NS_MSG_forecast_needs_rows,
                      c->model.regressor_count > 0   ? c->model.regressor[0].name
                      : c->model.condition_count > 0 ? c->condition[0]
                                                     : "cap",
                      c->folder, NULL);
}

/* --- look-ups --------------------------------------------------------------------------- */

static const struct ns_json *member(const struct ns_json *object, const char *name) {
    char dotted[64];
    const struct ns_json *value = ns_json_get(object, name);
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < sizeof dotted; i++) {
        dotted[i] = name[i] == '_' ? '.' : name[i];
    }
    dotted[i] = '\0';
    return ns_json_is_null(value) ? ns_json_get(object, dotted) : value;
}

static const struct ns_json *setting(const struct offline_case *c, const char *name) {
    const struct ns_json *value = member(c->settings, name);
    return ns_json_is_null(value) ? member(ns_json_get(c->settings, "asked"), name) : value;
}

static const char *text_of(const struct ns_json *value, const char *otherwise) {
    const char *text = ns_json_text(value);
    return text == NULL ? otherwise : text;
}

/* False: it is there, but no number. */
static bool number_of(const struct ns_json *value, double otherwise, double *out) {
    *out = otherwise;
    return ns_json_is_null(value) || (ns_json_number(value, out) && isfinite(*out));
}

static bool setting_number(const struct offline_case *c, const char *name, double otherwise,
                           double least, double most, double *out) {
    return number_of(setting(c, name), otherwise, out) && *out >= least && *out <= most;
}

static bool is_multiplicative(const struct ns_json *value, bool otherwise) {
    const char *text = ns_json_text(value);
    return text == NULL ? otherwise : strcmp(text, "multiplicative") == 0;
}

/* A word that is none of the two is a slip, not a choice. */
static bool is_mode(const struct ns_json *value) {
    const char *text = ns_json_text(value);
    return ns_json_is_null(value) ||
           (text != NULL && (strcmp(text, "additive") == 0 || strcmp(text, "multiplicative") == 0));
}

static size_t list_size(const struct ns_json *list) {
    return ns_json_is_list(list) ? ns_json_count(list) : 0;
}

/* --- seasons ---------------------------------------------------------------------------- */

static bool find_condition(struct offline_case *c, const char *name, size_t *out) {
    *out = 0;
    if (name == NULL || name[0] == '\0') {
        return true;
    }
    for (size_t i = 0; i < c->model.condition_count; i++) {
        if (strcmp(c->condition[i], name) == 0) {
            *out = i + 1;
            return true;
        }
    }
    if (c->model.condition_count == OFFLINE_CONDITIONS_MAX) {
        return false;
    }
    c->condition[c->model.condition_count++] = name;
    *out = c->model.condition_count;
    return true;
}

static ns_rc read_seasons(struct offline_case *c) {
    const struct ns_json *list = setting(c, "seasonalities");
    size_t n = list_size(list);
    double prior;
    struct ns_compat_season *out = NS_NEW_N(&c->arena, struct ns_compat_season, n);
    const struct ns_json *item = n > 0 ? ns_json_first(list) : NULL;
    if (!setting_number(c, "seasonality_prior_scale", 10, 1e-9, 1e9, &prior)) {
        return offline_case_refuse(c, "case.json", "seasonality_prior_scale");
    }
    for (size_t i = 0; i < n; i++, item = ns_json_next(item)) {
        double order;
        bool good = is_mode(member(item, "mode")) && number_of(member(item, "period"), 0, &out[i].period) &&
                    number_of(member(item, "fourier_order"), 0, &order) &&
                    number_of(member(item, "prior_scale"), prior, &out[i].prior) &&
                    find_condition(c, ns_json_text(member(item, "condition_name")),
                                   &out[i].condition);
        out[i].name = text_of(member(item, "name"), "season");
        out[i].multiplicative = is_multiplicative(
            member(item, "mode"), is_multiplicative(setting(c, "seasonality_mode"), false));
        if (!good || !(out[i].period > 0) || order < 1 || order > 200 || !(out[i].prior > 0)) {
            return offline_case_refuse(c, "case.json", "seasonalities");
        }
        out[i].order = (int)order;
    }
    c->model.season = out;
    c->model.season_count = n;
    return NS_OK;
}

/* *out: -1 for auto, 0 for off. False: none of auto, on, off and a number of waves. */
static bool usual_order(const struct offline_case *c, const char *name, int when_on, int *out) {
    const struct ns_json *value = setting(c, name);
    const char *text = ns_json_text(value);
    double order = -1;
    *out = -1;
    if (ns_json_is_null(value) || (text != NULL && strcmp(text, "auto") == 0)) {
        return true;
    }
    if (ns_json_number(value, &order)) {
        *out = order >= 0 && order <= 200 ? (int)order : -1;
        return *out >= 0;
    }
    bool on = text != NULL ? strcasecmp(text, "true") == 0 : ns_json_bool(value, false);
    *out = on ? when_on : 0;
    return text == NULL || on || strcasecmp(text, "false") == 0;
}

/* Without a list of resolved seasons the built-in ones follow the switches and the rules. */
ns_rc offline_case_usual_seasons(struct offline_case *c) {
    struct ns_compat_usual usual = {.multiplicative = is_multiplicative(setting(c, "seasonality_mode"), false)};
    if (ns_json_is_list(setting(c, "seasonalities"))) {
        return NS_OK;
    }
    if (!usual_order(c, "yearly_seasonality", 10, &usual.yearly) || !usual_order(c, "weekly_seasonality", 3, &usual.weekly) ||
        !usual_order(c, "daily_seasonality", 4, &usual.daily)) {
        return offline_case_refuse(c, "case.json", "yearly_seasonality, weekly_seasonality, daily_seasonality");
    }
    (void)setting_number(c, "seasonality_prior_scale", 10, 1e-9, 1e9, &usual.prior);
    struct ns_compat_season *out = NS_NEW_N(&c->arena, struct ns_compat_season, 3);
    c->model.season_count = ns_compat_usual_seasons(&usual, &c->history, NULL, 0, out);
    c->model.season = out;
    return NS_OK;
}

/* --- holidays --------------------------------------------------------------------------- */

static ns_rc read_holidays(struct offline_case *c) {
    const struct ns_json *list = setting(c, "holidays");
    size_t n = list_size(list);
    double usual;
    struct ns_compat_holiday *out = NS_NEW_N(&c->arena, struct ns_compat_holiday, n);
    const struct ns_json *item = n > 0 ? ns_json_first(list) : NULL;
    if (!setting_number(c, "holidays_prior_scale", 10, 1e-9, 1e9, &usual)) {
        return offline_case_refuse(c, "case.json", "holidays_prior_scale");
    }
    for (size_t i = 0; i < n; i++, item = ns_json_next(item)) {
        double lower;
        double upper;
        struct ns_str day = ns_str_of(ns_json_text(member(item, "ds")));
        day.n = day.n > 10 ? 10 : day.n;
        bool good = number_of(member(item, "lower_window"), 0, &lower) &&
                    number_of(member(item, "upper_window"), 0, &upper) &&
                    number_of(member(item, "prior_scale"), usual, &out[i].prior) &&
                    ns_date_parse(day, &out[i].date);
        out[i].name = text_of(member(item, "holiday"), "holiday");
        if (!good || lower > 0 || lower < -365 || upper < 0 || upper > 365 ||
            !(out[i].prior > 0)) {
            return offline_case_refuse(c, "case.json", "holidays");
        }
        out[i].lower = (int)lower;
        out[i].upper = (int)upper;
    }
    c->model.holiday = out;
    c->model.holiday_count = n;
    return NS_OK;
}

/* "country_holidays": "CA" with "province": "QC": the statutory days of the province over the
 * years asked about, under their English names. */
ns_rc offline_case_country(struct offline_case *c) {
    const char *country = ns_json_text(setting(c, "country_holidays"));
    const char *province = text_of(setting(c, "province"), "FED");
    const struct ns_compat_rows *rows[] = {&c->history, &c->ask};
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    double prior;
    if (country == NULL) {
        return NS_OK;
    }
    if (strcmp(country, "CA") != 0 || !ns_province_known(province)) {
        return offline_case_refuse(c, "case.json", "country_holidays, province");
    }
    for (int t = 0; t < 2; t++) {
        for (size_t i = 0; i < rows[t]->count; i++) {
            first = rows[t]->seconds[i] < first ? rows[t]->seconds[i] : first;
            last = rows[t]->seconds[i] > last ? rows[t]->seconds[i] : last;
        }
    }
    if (first > last || last - first > INT64_C(200) * 366 * 86400) {
        return offline_case_refuse(c, "history.csv", "ds");
    }
    ns_date from = (ns_date)(first / 86400) - 1;
    ns_date to = (ns_date)(last / 86400) + 1;
    size_t room = ns_holidays(province, from, to, NULL, 0);
    size_t count = c->model.holiday_count;
    struct ns_holiday *day = NS_NEW_N(&c->arena, struct ns_holiday, room);
    struct ns_compat_holiday *out = NS_NEW_N(&c->arena, struct ns_compat_holiday, count + room);
    (void)setting_number(c, "holidays_prior_scale", 10, 1e-9, 1e9, &prior);
    (void)ns_holidays(province, from, to, day, room);
    for (size_t i = 0; i < count; i++) {
        out[i] = c->model.holiday[i];
    }
    for (size_t i = 0; i < room; i++) {
        if (day[i].kind == NS_HOLIDAY_STATUTORY) {
            out[count++] = (struct ns_compat_holiday){day[i].name_en, day[i].date, 0, 0, prior};
        }
    }
    c->model.holiday = out;
    c->model.holiday_count = count;
    return NS_OK;
}

/* --- regressors, changepoints ------------------------------------------------------------ */

static enum ns_compat_scale scale_of(const struct ns_json *value) {
    const char *text = ns_json_text(value);
    if (ns_json_is_null(value) || (text != NULL && strcmp(text, "auto") == 0)) {
        return NS_SCALE_AUTO;
    }
    bool yes = text != NULL ? strcmp(text, "TRUE") == 0 || strcmp(text, "true") == 0
                            : ns_json_bool(value, false);
    return yes ? NS_SCALE_YES : NS_SCALE_NO;
}

static ns_rc read_regressors(struct offline_case *c) {
    const struct ns_json *list = setting(c, "extra_regressors");
    size_t n = list_size(list);
    double usual;
    struct ns_compat_regressor *out = NS_NEW_N(&c->arena, struct ns_compat_regressor, n);
    const struct ns_json *item = n > 0 ? ns_json_first(list) : NULL;
    (void)setting_number(c, "holidays_prior_scale", 10, 1e-9, 1e9, &usual);
    for (size_t i = 0; i < n; i++, item = ns_json_next(item)) {
        out[i].name = ns_json_text(member(item, "name"));
        out[i].multiplicative = is_multiplicative(
            member(item, "mode"), is_multiplicative(setting(c, "seasonality_mode"), false));
        out[i].scale = scale_of(member(item, "standardize"));
        if (out[i].name == NULL || !is_mode(member(item, "mode")) || !number_of(member(item, "prior_scale"), usual, &out[i].prior) ||
            !(out[i].prior > 0)) {
            return offline_case_refuse(c, "case.json", "extra_regressors");
        }
    }
    c->model.regressor = out;
    c->model.regressor_count = n;
    return NS_OK;
}

/* A time as text, or a number of days (below ten million) or seconds since 1970. */
static bool time_of(const struct ns_json *value, int64_t *out) {
    double number;
    const char *text = ns_json_text(value);
    if (text != NULL) {
        return offline_seconds(ns_str_of(text), out);
    }
    if (!ns_json_number(value, &number) || !(fabs(number) < 1e12)) {
        return false;
    }
    *out = (int64_t)(fabs(number) < 1e7 ? number * 86400 : number);
    return true;
}

static ns_rc read_changes(struct offline_case *c) {
    const struct ns_json *given = setting(c, "changepoints");
    size_t n = ns_json_is_list(given) ? ns_json_count(given) : !ns_json_is_null(given);
    const struct ns_json *item = ns_json_is_list(given) && n > 0 ? ns_json_first(given) : given;
    double count;
    const char *rounding = text_of(setting(c, "changepoint_rounding"), "one");
    if (!setting_number(c, "n_changepoints", 25, 0, 500, &count) || n > 500 ||
        !setting_number(c, "changepoint_range", 0.8, 1e-9, 1, &c->model.change_range) ||
        !setting_number(c, "changepoint_prior_scale", 0.05, 1e-12, 1e9, &c->model.tau)) {
        return offline_case_refuse(c, "case.json",
                                   "n_changepoints, changepoint_range, changepoint_prior_scale");
    }
    c->model.change_count = (int)count;
    c->model.change_from_zero = strcmp(rounding, "zero") == 0;
    if (!c->model.change_from_zero && strcmp(rounding, "one") != 0) {
        return offline_case_refuse(c, "case.json", "changepoint_rounding");
    }
    if (n == 0) {
        return NS_OK;
    }
    int64_t *change = NS_NEW_N(&c->arena, int64_t, n);
    for (size_t i = 0; i < n; i++, item = n > i ? ns_json_next(item) : NULL) {
        if (!time_of(item, &change[i])) {
            return offline_case_refuse(c, "case.json", "changepoints");
        }
    }
    c->model.change = change;
    c->model.change_count = (int)n;
    return NS_OK;
}

/* --- all -------------------------------------------------------------------------------- */

ns_rc offline_case_settings(struct offline_case *c, struct ns_str text) {
    ns_rc rc = ns_json_read(text, OFFLINE_CASE_BYTES_MAX, &c->root, NULL);
    c->settings = rc == NS_OK ? ns_json_get(c->root, "settings") : NULL;
    if (rc != NS_OK || !ns_json_is_object(c->settings)) {
        return offline_case_refuse(c, "case.json", "settings");
    }
    const char *growth = text_of(setting(c, "growth"), "linear");
    bool flat = strcmp(growth, "flat") == 0;
    bool logistic = strcmp(growth, "logistic") == 0;
    if (strcmp(growth, "linear") != 0 && !flat && !logistic) {
        return offline_case_refuse(c, "case.json", "growth");
    }
    c->model.growth = flat ? NS_FIT_FLAT : logistic ? NS_FIT_LOGISTIC : NS_FIT_LINEAR;
    if (!is_mode(setting(c, "seasonality_mode")) || !is_mode(setting(c, "holidays_mode"))) {
        return offline_case_refuse(c, "case.json", "seasonality_mode, holidays_mode");
    }
    if (!setting_number(c, "interval_width", 0.8, 1e-6, 1 - 1e-6, &c->model.interval)) {
        return offline_case_refuse(c, "case.json", "interval_width");
    }
    bool mode = is_multiplicative(setting(c, "seasonality_mode"), false);
    c->model.holidays_multiplicative = is_multiplicative(setting(c, "holidays_mode"), mode);
    rc = read_changes(c);
    if (rc == NS_OK) {
        rc = read_seasons(c);
    }
    if (rc == NS_OK) {
        rc = read_holidays(c);
    }
    return rc == NS_OK ? read_regressors(c) : rc;
}
