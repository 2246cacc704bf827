#include "agent/forecast/compat.h"

#include "agent/forecast/design.h"
#include "shared/text/messages_gen.h"

#include <math.h>
#include <string.h>

#define DAY 86400

/* --- seasons by rule -------------------------------------------------------------------- */

static void add_usual(struct ns_compat_season *out, size_t *count, const char *name,
                      double period, int order, int usual_order, bool fits,
                      const struct ns_compat_usual *usual, const struct ns_compat_season *taken,
                      size_t taken_count) {
    bool known = false;
    for (size_t s = 0; s < taken_count; s++) {
        known = known || strcmp(taken[s].name, name) == 0;
    }
    order = order < 0 ? (fits ? usual_order : 0) : order;
    if (!known && order > 0) {
        out[(*count)++] = (struct ns_compat_season){name, period, order, usual->prior,
                                                    usual->multiplicative, 0};
    }
}

size_t ns_compat_usual_seasons(const struct ns_compat_usual *usual,
                               const struct ns_compat_rows *history,
                               const struct ns_compat_season *taken, size_t taken_count,
                               struct ns_compat_season out[3]) {
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    int64_t gap = INT64_MAX;
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        if (!isnan(history->y[i])) {
            int64_t now = history->seconds[i];
            gap = last < now && first != INT64_MAX && now - last < gap ? now - last : gap;
            first = first == INT64_MAX ? now : first;
            last = now;
        }
    }
    int64_t span = first == INT64_MAX ? 0 : last - first;
    add_usual(out, &count, "yearly", 365.25, usual->yearly, 10, span >= 730 * (int64_t)DAY, usual,
              taken, taken_count);
    add_usual(out, &count, "weekly", 7, usual->weekly, 3,
              span >= 14 * (int64_t)DAY && gap < 7 * (int64_t)DAY, usual, taken, taken_count);
    add_usual(out, &count, "daily", 1, usual->daily, 4,
              span >= 2 * (int64_t)DAY && gap < DAY, usual, taken, taken_count);
    return count;
}

/* --- fit -------------------------------------------------------------------------------- */

static ns_rc fill_problem(const struct ns_compat_rows *history, struct ns_arena *arena,
                          struct ns_compat *out, struct ns_err *err) {
    const struct ns_design *d = out->design;
    const struct ns_compat_model *m = d->model;
    size_t n = d->used_count;
    double *t = NS_NEW_N(arena, double, n);
    double *y = NS_NEW_N(arena, double, n);
    double *cap = NS_NEW_N(arena, double, n);
    double *x = NS_NEW_N(arena, double, n * d->width);
    double *change = NS_NEW_N(arena, double,
                              (size_t)(m->change_count > 0 ? m->change_count : 0) + 1);
    for (size_t i = 0; i < n; i++) {
        size_t row = d->used[i];
        double base = ns_design_floor(history, row);
        t[i] = ns_design_time(d, history->seconds[row]);
        y[i] = (history->y[row] - base) / d->y_scale;
        cap[i] = m->growth == NS_FIT_LOGISTIC ? (history->cap[row] - base) / d->y_scale : 0;
        ns_design_row(d, history, row, x + i * d->width);
    }
    ns_rc rc = ns_design_changes(d, t, change, &out->change_count, err);
    out->problem = (struct ns_fit_problem){.rows = n, .t = t, .y = y, .cap = cap,
        .growth = m->growth, .change_count = out->change_count > 0 ? out->change_count : 1,
        .change = change, .tau = m->tau, .feature_count = d->width, .x = x, .prior = d->prior,
        .multiplicative = d->multiplicative};
    return rc;
}

/* The means and deviations of regressors move with every row. Their coefficients follow exactly: what a
 * moved mean adds goes to the offset, or as a factor to the trend and out of the other effects. */
static void rescale(const struct ns_design *a, const struct ns_design *b, size_t changes, bool linear,
                    double *theta) {
    size_t count = b->model->regressor_count;
    double *beta = theta + 2 + changes;
    double factor = 1;
    double offset = 0;
    for (size_t r = 0; r < count; r++) {
        size_t l = b->width - count + r;
        double moved = beta[l] * (b->mean[r] - a->mean[r]) / a->sd[r];
        *(b->multiplicative[l] ? &factor : &offset) += moved;
        beta[l] *= b->sd[r] / a->sd[r];
    }
    if (!linear || !(factor > 0.5)) {
        return; /* a bent trend cannot take a factor */
    }
    for (size_t i = 0; i < 2 + changes; i++) {
        theta[i] *= factor;
    }
    for (size_t l = 0; l < b->width; l++) {
        beta[l] /= b->multiplicative[l] ? factor : 1;
    }
    theta[1] += offset;
}

/* The parameters of an earlier fit in the scales of this one. */
static const double *carry(const struct ns_compat *before, const struct ns_compat *now,
                           struct ns_arena *arena) {
    const struct ns_design *a = before->design;
    const struct ns_design *b = now->design;
    if (before->fit.constant || before->beta_count != b->width ||
        before->problem.change_count != now->problem.change_count ||
        before->problem.growth != now->problem.growth) {
        return NULL;
    }
    size_t changes = now->problem.change_count;
    double slower = b->t_scale / a->t_scale;
    double lower = a->y_scale / b->y_scale;
    bool logistic = now->problem.growth == NS_FIT_LOGISTIC;
    double *start = NS_NEW_N(arena, double, 2 + changes + b->width);
    double slope = slower * (logistic ? 1 : lower);
    start[0] = before->fit.k * slope;
    start[1] = logistic ? before->fit.m / slower : before->fit.m * lower;
    for (size_t c = 0; c < changes; c++) {
        start[2 + c] = before->fit.delta[c] * slope;
    }
    for (size_t l = 0; l < b->width; l++) {
        start[2 + changes + l] = before->fit.beta[l] * (b->multiplicative[l] ? 1 : lower);
    }
    rescale(a, b, changes, !logistic, start);
    return start;
}

ns_rc ns_compat_fit(const struct ns_compat_model *model, const struct ns_compat_rows *history,
                    const struct ns_compat *before, struct ns_arena *arena,
                    struct ns_compat *out, struct ns_err *err) {
    *out = (struct ns_compat){.design = NS_NEW(arena, struct ns_design)};
    ns_rc rc = ns_design_make(model, history, arena, out->design, err);
    if (rc == NS_OK) {
        rc = fill_problem(history, arena, out, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (before != NULL) {
        out->problem.start = carry(before, out, arena);
    }
    rc = ns_fit_solve(&out->problem, arena, &out->fit, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (out->change_count == 0) { /* the dummy's slope belongs to k */
        out->fit.k += out->fit.delta[0];
        out->fit.delta[0] = 0;
    }
    out->beta_name = out->design->name;
    out->beta_count = out->design->width;
    out->change_count = out->problem.change_count;
    out->y_scale = out->design->y_scale;
    return NS_OK;
}

/* --- prediction ------------------------------------------------------------------------- */

static double jump_scale(const struct ns_compat *c) {
    double jumps = 0;
    for (size_t i = 0; i < c->problem.change_count; i++) {
        jumps += fabs(c->fit.delta[i]);
    }
    return jumps / (double)c->problem.change_count + 1e-8;
}

static struct ns_compat_point point_of(const struct ns_compat *c,
                                       const struct ns_compat_rows *ask, size_t i, double *x) {
    const struct ns_design *d = c->design;
    struct ns_compat_point at = {.t = ns_design_time(d, ask->seconds[i]), .factor = 1};
    at.line = ns_fit_line(&c->problem, &c->fit, at.t);
    at.cap = c->problem.growth == NS_FIT_LOGISTIC
                 ? (ask->cap[i] - ns_design_floor(ask, i)) / d->y_scale : 0;
    ns_design_row(d, ask, i, x);
    for (size_t l = 0; l < d->width; l++) {
        *(d->multiplicative[l] ? &at.factor : &at.add) += x[l] * c->fit.beta[l];
    }
    return at;
}

/* Drawn limits for the rows after the history. */
static void draw_future(const struct ns_compat *c, const struct ns_compat_rows *ask,
                        const struct ns_compat_point *at, struct ns_arena *arena,
                        struct ns_compat_value *out) {
    struct ns_compat_draw draw = {(double)c->problem.change_count, jump_scale(c),
                                  c->fit.sigma, c->design->model->interval};
    struct ns_compat_point *later = NS_NEW_N(arena, struct ns_compat_point, ask->count);
    size_t *row = NS_NEW_N(arena, size_t, ask->count);
    size_t count = 0;
    for (size_t i = 0; i < ask->count; i++) {
        if (at[i].t > 1) {
            row[count] = i;
            later[count++] = at[i];
        }
    }
    if (count > 0) {
        ns_compat_draw_limits(&draw, later, count, arena);
    }
    for (size_t k = 0; k < count; k++) {
        double base = ns_design_floor(ask, row[k]) * later[k].factor;
        out[row[k]].lower = later[k].lower * c->y_scale + base;
        out[row[k]].upper = later[k].upper * c->y_scale + base;
    }
}

ns_rc ns_compat_predict(const struct ns_compat *c, const struct ns_compat_rows *ask,
                        struct ns_arena *arena, struct ns_compat_value **out,
                        struct ns_err *err) {
    bool linear = c->problem.growth == NS_FIT_LINEAR;
    struct ns_compat_value *row = NS_NEW_N(arena, struct ns_compat_value, ask->count);
    struct ns_compat_point *at = NS_NEW_N(arena, struct ns_compat_point, ask->count);
    double *x = NS_NEW_N(arena, double, c->design->width);
    double scale = jump_scale(c);
    for (size_t i = 0; i < ask->count; i++) {
        ns_rc rc = ns_design_check(c->design->model, ask, i, err);
        if (rc != NS_OK) {
            return rc;
        }
        at[i] = point_of(c, ask, i, x);
        double trend = ns_fit_trend(&c->problem, &c->fit, at[i].t, at[i].cap);
        struct ns_compat_value *v = &row[i];
        v->trend = trend * c->y_scale + ns_design_floor(ask, i);
        v->additive = at[i].add * c->y_scale;
        v->multiplicative = at[i].factor - 1;
        v->yhat = v->trend * at[i].factor + v->additive;
        double half = ns_compat_half_width((double)c->problem.change_count,
                                           linear && at[i].t > 1 ? at[i].t - 1 : 0,
                                           scale * fabs(at[i].factor), c->fit.sigma,
                                           c->design->model->interval) * c->y_scale;
        v->lower = v->yhat - half;
        v->upper = v->yhat + half;
        if (!isfinite(v->yhat)) {
            return ns_design_refuse(err, NS_MSG_forecast_rows_beyond, i + 1, NULL);
        }
    }
    if (c->problem.growth == NS_FIT_LOGISTIC) {
        draw_future(c, ask, at, arena, row);
    }
    *out = row;
    return NS_OK;
}

ns_rc ns_compat_run(const struct ns_compat_model *model, const struct ns_compat_rows *history,
                    const struct ns_compat_rows *ask, struct ns_arena *arena,
                    struct ns_compat *out, struct ns_err *err) {
    ns_rc rc = ns_compat_fit(model, history, NULL, arena, out, err);
    return rc == NS_OK ? ns_compat_predict(out, ask, arena, &out->row, err) : rc;
}

/* --- components ------------------------------------------------------------------------- */

size_t ns_compat_component_count(const struct ns_compat *c) {
    return c->design->component_count;
}

const char *ns_compat_component_name(const struct ns_compat *c, size_t component,
                                     bool *multiplicative) {
    for (size_t l = 0; l < c->design->width; l++) {
        if (c->design->component[l] == component) {
            *multiplicative = c->design->multiplicative[l];
        }
    }
    return c->design->component_name[component];
}

double *ns_compat_effects(const struct ns_compat *c, const struct ns_compat_rows *rows,
                          struct ns_arena *arena) {
    const struct ns_design *d = c->design;
    double *x = NS_NEW_N(arena, double, d->width);
    double *out = NS_NEW_N(arena, double, rows->count * d->component_count);
    for (size_t i = 0; i < rows->count && d->component_count > 0; i++) {
        ns_design_row(d, rows, i, x);
        for (size_t l = 0; l < d->width; l++) {
            out[i * d->component_count + d->component[l]] +=
                x[l] * c->fit.beta[l] * (d->multiplicative[l] ? 1 : c->y_scale);
        }
    }
    return out;
}
