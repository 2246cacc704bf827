#include "agent/forecast/compat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846
#define DAY_SECONDS 86400

struct column { /* one 0/1 column of the holidays */
    const char *holiday;
    int offset;
    double prior;
    const char *name;
};

struct design {
    const struct ns_compat_model *model;
    struct column *holiday;
    size_t holiday_count;
    size_t width;
    double *mean; /* of the regressors */
    double *sd;
    double *prior;
    bool *multiplicative;
    const char **name;
    bool empty; /* no features: one zero column */
    int64_t first;
    double t_scale;
    double y_scale;
};

static int64_t floor_day(int64_t seconds) {
    return seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct column *)a)->name, ((const struct column *)b)->name);
}

static void list_holidays(struct design *d, struct ns_arena *arena) {
    const struct ns_compat_model *m = d->model;
    size_t max = 0;
    for (size_t i = 0; i < m->holiday_count; i++) {
        max += (size_t)(m->holiday[i].upper - m->holiday[i].lower + 1);
    }
    d->holiday = NS_NEW_N(arena, struct column, max);
    for (size_t i = 0; i < m->holiday_count; i++) {
        for (int o = m->holiday[i].lower; o <= m->holiday[i].upper; o++) {
            struct column c = {m->holiday[i].name, o, m->holiday[i].prior, NULL};
            bool known = false;
            c.name = ns_arena_printf(arena, "%s_delim_%c%d", c.holiday, o < 0 ? '-' : '+',
                                     abs(o));
            for (size_t k = 0; k < d->holiday_count; k++) {
                known = known || strcmp(d->holiday[k].name, c.name) == 0;
            }
            if (!known) {
                d->holiday[d->holiday_count++] = c;
            }
        }
    }
    qsort(d->holiday, d->holiday_count, sizeof *d->holiday, by_name);
}

static void describe(struct design *d, size_t at, const char *name, double prior,
                     bool multiplicative) {
    d->name[at] = name;
    d->prior[at] = prior;
    d->multiplicative[at] = multiplicative;
}

static void list_columns(struct design *d, struct ns_arena *arena) {
    const struct ns_compat_model *m = d->model;
    size_t width = d->holiday_count + m->regressor_count;
    size_t at = 0;
    for (size_t s = 0; s < m->season_count; s++) {
        width += 2 * (size_t)m->season[s].order;
    }
    d->empty = width == 0;
    d->width = d->empty ? 1 : width;
    d->name = NS_NEW_N(arena, const char *, d->width);
    d->prior = NS_NEW_N(arena, double, d->width);
    d->multiplicative = NS_NEW_N(arena, bool, d->width);
    if (d->empty) {
        describe(d, 0, "zeros_delim_1", 1, false);
    }
    for (size_t s = 0; s < m->season_count; s++) {
        for (int i = 1; i <= 2 * m->season[s].order; i++) {
            describe(d, at++, ns_arena_printf(arena, "%s_delim_%d", m->season[s].name, i),
                     m->season[s].prior, m->season[s].multiplicative);
        }
    }
    for (size_t h = 0; h < d->holiday_count; h++) {
        describe(d, at++, d->holiday[h].name, d->holiday[h].prior, m->holidays_multiplicative);
    }
    for (size_t r = 0; r < m->regressor_count; r++) {
        describe(d, at++, m->regressor[r].name, m->regressor[r].prior,
                 m->regressor[r].multiplicative);
    }
}

/* Mean and n-1 deviation over the fitted rows, or 0 and 1 (A5). */
static void scale_regressor(struct design *d, size_t r, const struct ns_compat_rows *rows,
                            const size_t *used, size_t count) {
    size_t width = d->model->regressor_count;
    double sum = 0;
    double squares = 0;
    bool binary = true;
    bool varies = false;
    double first = rows->regressor[used[0] * width + r];
    for (size_t i = 0; i < count; i++) {
        double x = rows->regressor[used[i] * width + r];
        sum += x;
        binary = binary && (x == 0 || x == 1);
        varies = varies || x != first;
    }
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        double off = rows->regressor[used[i] * width + r] - mean;
        squares += off * off;
    }
    enum ns_compat_scale scale = d->model->regressor[r].scale;
    bool on = varies && (scale == NS_SCALE_YES || (scale == NS_SCALE_AUTO && !binary));
    d->mean[r] = on ? mean : 0;
    d->sd[r] = on ? sqrt(squares / (double)(count - 1)) : 1;
}

static bool on_holiday(const struct ns_compat_model *m, const struct column *c, int64_t day) {
    for (size_t i = 0; i < m->holiday_count; i++) {
        const struct ns_compat_holiday *h = &m->holiday[i];
        if (strcmp(h->name, c->holiday) == 0 && c->offset >= h->lower &&
            c->offset <= h->upper && day == (int64_t)h->date + c->offset) {
            return true;
        }
    }
    return false;
}

static void fill_row(const struct design *d, const struct ns_compat_rows *rows, size_t i,
                     double *out) {
    const struct ns_compat_model *m = d->model;
    int64_t seconds = rows->seconds[i];
    double days = (double)seconds / DAY_SECONDS;
    size_t at = 0;
    out[0] = 0;
    for (size_t s = 0; s < m->season_count; s++) {
        for (int k = 1; k <= m->season[s].order; k++) {
            double angle = 2 * PI * k * days / m->season[s].period;
            out[at++] = sin(angle);
            out[at++] = cos(angle);
        }
    }
    for (size_t h = 0; h < d->holiday_count; h++) {
        out[at++] = on_holiday(m, &d->holiday[h], floor_day(seconds));
    }
    for (size_t r = 0; r < m->regressor_count; r++) {
        out[at++] = (rows->regressor[i * m->regressor_count + r] - d->mean[r]) / d->sd[r];
    }
}

/* Automatic changepoints: a grid over the first part of the rows, halves to even on the number
 * counted from 1 (A2). At least one entry: a dummy at 0 when there is no room. */
static size_t place_changes(const struct ns_compat_model *m, const double *t, size_t count,
                            double *change) {
    int reach = (int)floor((double)count * m->change_range);
    int n = m->change_count + 1 > reach ? reach - 1 : m->change_count;
    for (int j = 1; j <= n; j++) {
        long row = lrint(1 + (double)j * (reach - 1) / n);
        change[j - 1] = t[row - 1];
    }
    if (n <= 0) {
        change[0] = 0;
        return 0;
    }
    return (size_t)n;
}

static ns_rc usable(const struct ns_compat_model *m, const struct ns_compat_rows *history,
                    const struct ns_compat_rows *ask, struct ns_err *err) {
    for (size_t i = 0; i < history->count; i++) {
        if (isinf(history->y[i]) || (i > 0 && history->seconds[i] < history->seconds[i - 1])) {
            return ns_err_note(err, NS_E_INPUT, "history row %zu is not usable", i + 1);
        }
    }
    const struct ns_compat_rows *both[] = {history, ask};
    for (int b = 0; b < 2; b++) {
        for (size_t i = 0; i < both[b]->count && m->growth == NS_FIT_LOGISTIC; i++) {
            double floor = both[b]->floor != NULL ? both[b]->floor[i] : 0;
            if (both[b]->cap == NULL || !(both[b]->cap[i] > floor)) {
                return ns_err_note(err, NS_E_INPUT, "no cap above the floor in row %zu", i + 1);
            }
        }
        for (size_t i = 0; i < both[b]->count * m->regressor_count; i++) {
            if (!isfinite(both[b]->regressor[i])) {
                return ns_err_note(err, NS_E_INPUT, "a regressor is missing in row %zu",
                                   i / m->regressor_count + 1);
            }
        }
    }
    return NS_OK;
}

struct terms { /* of the rows asked for */
    double *t;
    double *line;
    double *cap;
    double *factor;
    double *add;
};

static double floor_of(const struct ns_compat_rows *rows, size_t i) {
    return rows->floor != NULL ? rows->floor[i] : 0;
}

static struct terms take_terms(const struct design *d, const struct ns_fit_problem *problem,
                               const struct ns_compat_rows *ask, struct ns_arena *arena,
                               const struct ns_fit *fit) {
    struct terms at = {NS_NEW_N(arena, double, ask->count), NS_NEW_N(arena, double, ask->count),
                       NS_NEW_N(arena, double, ask->count), NS_NEW_N(arena, double, ask->count),
                       NS_NEW_N(arena, double, ask->count)};
    double *x = NS_NEW_N(arena, double, d->width);
    for (size_t i = 0; i < ask->count; i++) {
        at.t[i] = (double)(ask->seconds[i] - d->first) / d->t_scale;
        at.line[i] = ns_fit_line(problem, fit, at.t[i]);
        at.cap[i] = problem->growth == NS_FIT_LOGISTIC
                        ? (ask->cap[i] - floor_of(ask, i)) / d->y_scale : 0;
        at.factor[i] = 1;
        fill_row(d, ask, i, x);
        for (size_t l = 0; l < d->width; l++) {
            *(d->multiplicative[l] ? &at.factor[i] : &at.add[i]) += x[l] * fit->beta[l];
        }
    }
    return at;
}

static double jump_scale(const struct ns_fit_problem *problem, const struct ns_fit *fit) {
    double jumps = 0;
    for (size_t c = 0; c < problem->change_count; c++) {
        jumps += fabs(fit->delta[c]);
    }
    return jumps / (double)problem->change_count + 1e-8;
}

static void predict(const struct design *d, const struct ns_fit_problem *problem,
                    const struct ns_compat_rows *ask, struct ns_arena *arena,
                    struct ns_compat *out) {
    const struct ns_fit *fit = &out->fit;
    struct terms at = take_terms(d, problem, ask, arena, fit);
    double scale = jump_scale(problem, fit);
    double rate = (double)problem->change_count;
    double t_max = 1;
    out->row = NS_NEW_N(arena, struct ns_compat_value, ask->count);
    double *lower = NS_NEW_N(arena, double, ask->count);
    double *upper = NS_NEW_N(arena, double, ask->count);
    for (size_t i = 0; i < ask->count; i++) {
        double trend = ns_fit_trend(problem, fit, at.t[i], at.cap[i]);
        double base = floor_of(ask, i);
        out->row[i].trend = trend * d->y_scale + base;
        out->row[i].yhat = out->row[i].trend * at.factor[i] + at.add[i] * d->y_scale;
        bool moves = problem->growth == NS_FIT_LINEAR && at.t[i] > 1;
        double half = ns_compat_half_width(rate, moves ? at.t[i] - 1 : 0,
                                           scale * fabs(at.factor[i]), fit->sigma,
                                           d->model->interval);
        out->row[i].lower = out->row[i].yhat - half * d->y_scale;
        out->row[i].upper = out->row[i].yhat + half * d->y_scale;
        t_max = fmax(t_max, at.t[i]);
    }
    if (problem->growth != NS_FIT_LOGISTIC) {
        return;
    }
    struct ns_compat_draw draw = {rate, t_max, scale, fit->sigma, d->model->interval};
    ns_compat_draw_limits(&draw, at.t, at.line, at.cap, at.factor, at.add, ask->count, arena,
                          lower, upper);
    for (size_t i = 0; i < ask->count; i++) {
        double base = floor_of(ask, i) * at.factor[i];
        out->row[i].lower = at.t[i] > 1 ? lower[i] * d->y_scale + base : out->row[i].lower;
        out->row[i].upper = at.t[i] > 1 ? upper[i] * d->y_scale + base : out->row[i].upper;
    }
}

ns_rc ns_compat_run(const struct ns_compat_model *model, const struct ns_compat_rows *history,
                    const struct ns_compat_rows *ask, struct ns_arena *arena,
                    struct ns_compat *out, struct ns_err *err) {
    *out = (struct ns_compat){0};
    ns_rc rc = usable(model, history, ask, err);
    if (rc != NS_OK) {
        return rc;
    }
    size_t *used = NS_NEW_N(arena, size_t, history->count);
    size_t count = 0;
    struct design d = {.model = model, .y_scale = 0};
    for (size_t i = 0; i < history->count; i++) {
        if (!isnan(history->y[i])) {
            used[count++] = i;
            d.y_scale = fmax(d.y_scale, fabs(history->y[i] - floor_of(history, i)));
        }
    }
    if (count < 2) {
        return ns_err_note(err, NS_E_INPUT, "fewer than 2 rows with a value");
    }
    d.first = history->seconds[used[0]];
    d.t_scale = (double)(history->seconds[used[count - 1]] - d.first);
    if (d.t_scale <= 0) {
        return ns_err_note(err, NS_E_INPUT, "all rows have the same time");
    }
    d.y_scale = d.y_scale == 0 ? 1 : d.y_scale;
    d.mean = NS_NEW_N(arena, double, model->regressor_count);
    d.sd = NS_NEW_N(arena, double, model->regressor_count);
    for (size_t r = 0; r < model->regressor_count; r++) {
        scale_regressor(&d, r, history, used, count);
    }
    list_holidays(&d, arena);
    list_columns(&d, arena);
    double *t = NS_NEW_N(arena, double, count);
    double *y = NS_NEW_N(arena, double, count);
    double *cap = NS_NEW_N(arena, double, count);
    bool logistic = model->growth == NS_FIT_LOGISTIC;
    double *x = NS_NEW_N(arena, double, count * d.width);
    for (size_t i = 0; i < count; i++) {
        t[i] = (double)(history->seconds[used[i]] - d.first) / d.t_scale;
        double base = floor_of(history, used[i]);
        y[i] = (history->y[used[i]] - base) / d.y_scale;
        cap[i] = logistic ? (history->cap[used[i]] - base) / d.y_scale : 0;
        fill_row(&d, history, used[i], x + i * d.width);
    }
    double *change = NS_NEW_N(arena, double, (size_t)(model->change_count > 0
                                                          ? model->change_count : 0) + 1);
    size_t placed = place_changes(model, t, count, change);
    struct ns_fit_problem *problem = NS_NEW(arena, struct ns_fit_problem);
    *problem = (struct ns_fit_problem){.rows = count, .t = t, .y = y, .cap = cap,
        .growth = model->growth,
        .change_count = placed > 0 ? placed : 1, .change = change, .tau = model->tau,
        .feature_count = d.width, .x = x, .prior = d.prior, .multiplicative = d.multiplicative};
    rc = ns_fit_solve(problem, arena, &out->fit, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (placed == 0) { /* the dummy's slope belongs to k */
        out->fit.k += out->fit.delta[0];
        out->fit.delta[0] = 0;
    }
    out->beta_name = d.name;
    out->beta_count = d.width;
    out->change_count = problem->change_count;
    out->y_scale = d.y_scale;
    predict(&d, problem, ask, arena, out);
    return NS_OK;
}
