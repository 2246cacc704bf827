#include "agent/forecast/design.h"

#include "shared/text/messages_gen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846
#define DAY_SECONDS 86400

struct window { /* one 0/1 column of the holidays */
    const char *holiday;
    int offset;
    double prior;
    const char *name;
};

ns_rc ns_design_refuse(struct ns_err *err, int msg, size_t number, const char *name) {
    char text[24];
    (void)snprintf(text, sizeof text, "%zu", number);
    return ns_err_say(err, NS_E_INPUT, msg, text, name, NULL);
}

static int64_t floor_day(int64_t seconds) {
    return seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
}

/* --- columns ---------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct window *)a)->name, ((const struct window *)b)->name);
}

static int by_day(const void *a, const void *b) {
    const struct ns_design_mark *x = a;
    const struct ns_design_mark *y = b;
    int day = (x->day > y->day) - (x->day < y->day);
    return day != 0 ? day : (x->column > y->column) - (x->column < y->column);
}

/* A later entry of the same holiday and date says nothing new (A4). */
static bool repeated(const struct ns_compat_model *m, size_t i) {
    for (size_t k = 0; k < i; k++) {
        if (m->holiday[k].date == m->holiday[i].date &&
            strcmp(m->holiday[k].name, m->holiday[i].name) == 0) {
            return true;
        }
    }
    return false;
}

static size_t list_windows(const struct ns_compat_model *m, struct ns_arena *arena,
                           struct window **out) {
    size_t max = 0;
    size_t count = 0;
    for (size_t i = 0; i < m->holiday_count; i++) {
        max += (size_t)(m->holiday[i].upper - m->holiday[i].lower + 1);
    }
    struct window *list = NS_NEW_N(arena, struct window, max);
    for (size_t i = 0; i < m->holiday_count; i++) {
        const struct ns_compat_holiday *h = &m->holiday[i];
        for (int o = h->lower; o <= h->upper; o++) {
            bool known = false;
            for (size_t k = 0; k < count && !known; k++) {
                known = list[k].offset == o && strcmp(list[k].holiday, h->name) == 0;
            }
            if (!known) {
                list[count++] = (struct window){h->name, o, h->prior,
                    ns_arena_printf(arena, "%s_delim_%c%d", h->name, o < 0 ? '-' : '+', abs(o))};
            }
        }
    }
    if (count > 0) {
        qsort(list, count, sizeof *list, by_name);
    }
    *out = list;
    return count;
}

static void mark_days(struct ns_design *d, const struct window *list, struct ns_arena *arena) {
    const struct ns_compat_model *m = d->model;
    size_t max = 0;
    for (size_t i = 0; i < m->holiday_count; i++) {
        max += (size_t)(m->holiday[i].upper - m->holiday[i].lower + 1);
    }
    d->mark = NS_NEW_N(arena, struct ns_design_mark, max);
    for (size_t i = 0; i < m->holiday_count; i++) {
        const struct ns_compat_holiday *h = &m->holiday[i];
        for (size_t c = 0; c < d->holiday_width && !repeated(m, i); c++) {
            if (list[c].offset >= h->lower && list[c].offset <= h->upper &&
                strcmp(list[c].holiday, h->name) == 0) {
                d->mark[d->mark_count++] =
                    (struct ns_design_mark){(int64_t)h->date + list[c].offset, c};
            }
        }
    }
    if (d->mark_count > 0) {
        qsort(d->mark, d->mark_count, sizeof *d->mark, by_day);
    }
}

static size_t component_of(struct ns_design *d, const char *name) {
    for (size_t c = 0; c < d->component_count; c++) {
        if (strcmp(d->component_name[c], name) == 0) {
            return c;
        }
    }
    d->component_name[d->component_count] = name;
    return d->component_count++;
}

static void describe(struct ns_design *d, const char *component, const char *name, double prior,
                     bool multiplicative) {
    d->component[d->width] = component_of(d, component);
    d->name[d->width] = name;
    d->prior[d->width] = prior;
    d->multiplicative[d->width++] = multiplicative;
}

/* Seasons as given, holidays by name, regressors; one column of zeros if there is none (A6). */
static ns_rc list_columns(struct ns_design *d, struct ns_arena *arena, struct ns_err *err) {
    const struct ns_compat_model *m = d->model;
    struct window *windows;
    size_t max = m->regressor_count + 1;
    for (size_t h = 0; h < m->holiday_count; h++) {
        max += (size_t)(m->holiday[h].upper - m->holiday[h].lower + 1);
    }
    for (size_t s = 0; s < m->season_count; s++) {
        max += 2 * (size_t)m->season[s].order;
    }
    if (m->holiday_count > 10 * NS_DESIGN_COLUMNS_MAX || max > 100 * NS_DESIGN_COLUMNS_MAX) {
        return ns_err_say(err, NS_E_LIMIT, NS_MSG_forecast_rows_wide, NULL, NULL, NULL);
    }
    d->name = NS_NEW_N(arena, const char *, max);
    d->prior = NS_NEW_N(arena, double, max);
    d->multiplicative = NS_NEW_N(arena, bool, max);
    d->component = NS_NEW_N(arena, size_t, max);
    d->component_name = NS_NEW_N(arena, const char *, max);
    for (size_t s = 0; s < m->season_count; s++) {
        const struct ns_compat_season *season = &m->season[s];
        for (int i = 1; i <= 2 * season->order; i++) {
            describe(d, season->name, ns_arena_printf(arena, "%s_delim_%d", season->name, i),
                     season->prior, season->multiplicative);
        }
    }
    d->holiday_width = list_windows(m, arena, &windows);
    for (size_t h = 0; h < d->holiday_width; h++) {
        describe(d, windows[h].holiday, windows[h].name, windows[h].prior,
                 m->holidays_multiplicative);
    }
    for (size_t r = 0; r < m->regressor_count; r++) {
        describe(d, m->regressor[r].name, m->regressor[r].name, m->regressor[r].prior,
                 m->regressor[r].multiplicative);
    }
    if (d->width == 0) {
        describe(d, "zeros", "zeros", 1, false);
        d->component_count = 0;
    }
    mark_days(d, windows, arena);
    return d->width <= NS_DESIGN_COLUMNS_MAX &&
                   d->width * d->used_count <= NS_DESIGN_CELLS_MAX
               ? NS_OK
               : ns_err_say(err, NS_E_LIMIT, NS_MSG_forecast_rows_wide, NULL, NULL, NULL);
}

/* --- rows ------------------------------------------------------------------------------- */

static void fill_season(const struct ns_compat_season *season, double days, double *out) {
    double angle = 2 * PI * days / season->period;
    double s1 = sin(angle);
    double c1 = cos(angle);
    double s = s1;
    double c = c1;
    for (int k = 0; k < season->order; k++) { /* multiples of the angle by rotation */
        out[2 * k] = s;
        out[2 * k + 1] = c;
        double turned = s * c1 + c * s1;
        c = c * c1 - s * s1;
        s = turned;
    }
}

static void fill_marks(const struct ns_design *d, int64_t day, double *out) {
    size_t low = 0;
    size_t high = d->mark_count;
    memset(out, 0, d->holiday_width * sizeof *out);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (d->mark[mid].day < day) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    for (; low < d->mark_count && d->mark[low].day == day; low++) {
        out[d->mark[low].column] = 1;
    }
}

void ns_design_row(const struct ns_design *d, const struct ns_compat_rows *rows, size_t i,
                   double *out) {
    const struct ns_compat_model *m = d->model;
    int64_t seconds = rows->seconds[i];
    size_t at = 0;
    out[0] = 0;
    for (size_t s = 0; s < m->season_count; s++) {
        const struct ns_compat_season *season = &m->season[s];
        if (season->condition == 0 ||
            rows->condition[i * m->condition_count + season->condition - 1]) {
            fill_season(season, (double)seconds / DAY_SECONDS, out + at);
        } else {
            memset(out + at, 0, 2 * (size_t)season->order * sizeof *out);
        }
        at += 2 * (size_t)season->order;
    }
    if (d->holiday_width > 0) {
        fill_marks(d, floor_day(seconds), out + at);
        at += d->holiday_width;
    }
    for (size_t r = 0; r < m->regressor_count; r++) {
        out[at++] = (rows->regressor[i * m->regressor_count + r] - d->mean[r]) / d->sd[r];
    }
}

double ns_design_time(const struct ns_design *d, int64_t seconds) {
    return (double)(seconds - d->first) / d->t_scale;
}

/* --- scales ----------------------------------------------------------------------------- */

/* Mean and n-1 deviation over the fitted rows, or 0 and 1 (A5). */
static void scale_regressor(struct ns_design *d, size_t r, const struct ns_compat_rows *rows) {
    size_t width = d->model->regressor_count;
    double sum = 0;
    double squares = 0;
    bool binary = true;
    bool varies = false;
    double first = rows->regressor[d->used[0] * width + r];
    for (size_t i = 0; i < d->used_count; i++) {
        double x = rows->regressor[d->used[i] * width + r];
        sum += x;
        binary = binary && (x == 0 || x == 1);
        varies = varies || x != first;
    }
    double mean = sum / (double)d->used_count;
    for (size_t i = 0; i < d->used_count; i++) {
        double off = rows->regressor[d->used[i] * width + r] - mean;
        squares += off * off;
    }
    enum ns_compat_scale scale = d->model->regressor[r].scale;
    bool on = varies && (scale == NS_SCALE_YES || (scale == NS_SCALE_AUTO && !binary));
    d->mean[r] = on ? mean : 0;
    d->sd[r] = on ? sqrt(squares / (double)(d->used_count - 1)) : 1;
}

ns_rc ns_design_check(const struct ns_compat_model *m, const struct ns_compat_rows *rows,
                      size_t i, struct ns_err *err) {
    double floor = ns_design_floor(rows, i);
    if (m->growth == NS_FIT_LOGISTIC &&
        (rows->cap == NULL || !isfinite(floor) || !isfinite(rows->cap[i]) ||
         !(rows->cap[i] > floor))) {
        return ns_design_refuse(err, NS_MSG_forecast_rows_cap, i + 1, NULL);
    }
    for (size_t r = 0; r < m->regressor_count; r++) {
        if (!isfinite(rows->regressor[i * m->regressor_count + r])) {
            return ns_design_refuse(err, NS_MSG_forecast_rows_regressor, i + 1, m->regressor[r].name);
        }
    }
    return NS_OK;
}

static ns_rc choose_rows(struct ns_design *d, const struct ns_compat_rows *history,
                         struct ns_arena *arena, struct ns_err *err) {
    d->used = NS_NEW_N(arena, size_t, history->count);
    for (size_t i = 0; i < history->count; i++) {
        if (i > 0 && history->seconds[i] < history->seconds[i - 1]) {
            return ns_design_refuse(err, NS_MSG_forecast_rows_order, i + 1, NULL);
        }
        if (isnan(history->y[i])) {
            continue;
        }
        ns_rc rc = ns_design_check(d->model, history, i, err);
        if (rc != NS_OK) {
            return rc;
        }
        d->used[d->used_count++] = i;
        d->y_scale = fmax(d->y_scale, fabs(history->y[i] - ns_design_floor(history, i)));
    }
    if (!isfinite(d->y_scale)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_rows_infinite, NULL, NULL, NULL);
    }
    if (d->used_count < 2) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_rows_few, NULL, NULL, NULL);
    }
    d->y_scale = d->y_scale == 0 ? 1 : d->y_scale;
    d->first = history->seconds[d->used[0]];
    d->t_scale = (double)(history->seconds[d->used[d->used_count - 1]] - d->first);
    return d->t_scale > 0 ? NS_OK
                          : ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_rows_one_time, NULL, NULL, NULL);
}

ns_rc ns_design_make(const struct ns_compat_model *m, const struct ns_compat_rows *history,
                     struct ns_arena *arena, struct ns_design *d, struct ns_err *err) {
    *d = (struct ns_design){.model = m};
    ns_rc rc = choose_rows(d, history, arena, err);
    if (rc != NS_OK) {
        return rc;
    }
    d->mean = NS_NEW_N(arena, double, m->regressor_count);
    d->sd = NS_NEW_N(arena, double, m->regressor_count);
    for (size_t r = 0; r < m->regressor_count; r++) {
        scale_regressor(d, r, history);
        if (!isfinite(d->mean[r]) || !isfinite(d->sd[r]) || !(d->sd[r] > 0)) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_rows_spread, m->regressor[r].name, NULL, NULL);
        }
    }
    return list_columns(d, arena, err);
}

/* --- changepoints ----------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static ns_rc take_changes(const struct ns_design *d, double *change, struct ns_err *err) {
    size_t count = (size_t)d->model->change_count;
    for (size_t c = 0; c < count; c++) {
        change[c] = ns_design_time(d, d->model->change[c]);
        if (change[c] < 0 || change[c] > 1) {
            return ns_design_refuse(err, NS_MSG_forecast_rows_change, c + 1, NULL);
        }
    }
    qsort(change, count, sizeof *change, ascending);
    return NS_OK;
}

/* A grid over the first part of the rows; halves go to the even row number, counted from 1 or
 * from 0 (A2). */
static size_t spread_changes(const struct ns_design *d, const double *t, double *change) {
    const struct ns_compat_model *m = d->model;
    int reach = (int)floor((double)d->used_count * m->change_range);
    int n = m->change_count + 1 > reach ? reach - 1 : m->change_count;
    int base = m->change_from_zero ? 0 : 1;
    double step = n > 0 ? (double)(reach - 1) / n : 0;
    for (int j = 1; j <= n; j++) {
        double row = j == n ? reach - 1 + base : base + j * step;
        change[j - 1] = t[lrint(row) - base];
    }
    return n > 0 ? (size_t)n : 0;
}

ns_rc ns_design_changes(const struct ns_design *d, const double *t, double *change,
                        size_t *placed, struct ns_err *err) {
    ns_rc rc = NS_OK;
    *placed = (size_t)(d->model->change_count > 0 ? d->model->change_count : 0);
    if (d->model->change == NULL) {
        *placed = spread_changes(d, t, change);
    } else if (*placed > 0) {
        rc = take_changes(d, change, err);
    }
    if (*placed == 0) {
        change[0] = 0;
    }
    return rc;
}
