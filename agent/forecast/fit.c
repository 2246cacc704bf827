#include "agent/forecast/fit.h"

#include "agent/forecast/ascent.h"
#include "agent/forecast/rows.h"
#include "shared/text/messages_gen.h"

#include <math.h>
#include <string.h>


static double hinge(double t, double s) {
    return t > s ? t - s : 0;
}

static ns_rc check(const struct ns_fit_problem *p, struct ns_err *err) {
    if (p->rows < 2) {
        return ns_err_note(err, NS_E_INPUT, "fit: fewer than 2 rows");
    }
    for (size_t i = 0; i < p->rows; i++) {
        if (!isfinite(p->y[i]) || !isfinite(p->t[i]) || (i > 0 && p->t[i] < p->t[i - 1])) {
            return ns_err_note(err, NS_E_INPUT, "fit: row %zu is not usable", i + 1);
        }
        if (p->growth == NS_FIT_LOGISTIC && !(p->cap[i] > 0 && isfinite(p->cap[i]))) {
            return ns_err_note(err, NS_E_INPUT, "fit: no usable cap in row %zu", i + 1);
        }
    }
    for (size_t i = 0; i < p->rows * p->feature_count; i++) {
        if (!isfinite(p->x[i])) {
            return ns_err_note(err, NS_E_INPUT, "fit: a feature is not finite");
        }
    }
    for (size_t l = 0; l < p->feature_count; l++) {
        if (!(p->prior[l] > 0)) {
            return ns_err_note(err, NS_E_INPUT, "fit: prior scale %zu is not positive", l + 1);
        }
    }
    return p->change_count == 0 || p->tau > 0
               ? NS_OK
               : ns_err_note(err, NS_E_INPUT, "fit: changepoint scale is not positive");
}

/* Logistic: the line through the logits of the first and the last value (A7). */
static void start_logistic(const struct ns_fit_problem *p, double *theta) {
    const size_t at[2] = {0, p->rows - 1};
    double r[2];
    for (int i = 0; i < 2; i++) {
        double cap = p->cap[at[i]];
        r[i] = cap / fmin(fmax(p->y[at[i]], 0.01 * cap), 0.99 * cap);
    }
    if (fabs(r[0] - r[1]) <= 0.01) {
        r[0] *= 1.05;
    }
    double span = p->t[at[1]] - p->t[0];
    double l0 = log(r[0] - 1);
    double l1 = log(r[1] - 1);
    theta[1] = l0 * span / (l0 - l1);
    theta[0] = (l0 - l1) / span;
}

static void start_values(const struct ns_fit_problem *p, double *theta) {
    double span = p->t[p->rows - 1] - p->t[0];
    double sum = 0;
    for (size_t i = 0; i < p->rows; i++) {
        sum += p->y[i];
    }
    theta[0] = 0;
    theta[1] = sum / (double)p->rows;
    if (p->growth == NS_FIT_LINEAR && span > 0) {
        theta[0] = (p->y[p->rows - 1] - p->y[0]) / span;
        theta[1] = p->y[0] - theta[0] * p->t[0];
    } else if (p->growth == NS_FIT_LOGISTIC && span > 0) {
        start_logistic(p, theta);
    }
}

static bool is_constant(const struct ns_fit_problem *p) {
    for (size_t i = 1; i < p->rows; i++) {
        if (p->y[i] != p->y[0]) {
            return false;
        }
    }
    return true;
}


ns_rc ns_fit_solve(const struct ns_fit_problem *problem, struct ns_arena *arena,
                   struct ns_fit *out, struct ns_err *err) {
    *out = (struct ns_fit){0};
    ns_rc rc = check(problem, err);
    if (rc != NS_OK) {
        return rc;
    }
    size_t n = 2 + problem->change_count + problem->feature_count;
    double *theta = NS_NEW_N(arena, double, n);
    out->constant = problem->growth != NS_FIT_LOGISTIC && is_constant(problem);
    if (problem->start != NULL && !out->constant) {
        memcpy(theta, problem->start, n * sizeof *theta);
    } else {
        start_values(problem, theta);
    }
    if (!out->constant) {
        ns_ascend(problem, theta, arena, out);
    }
    out->k = theta[0];
    out->m = theta[1];
    out->delta = theta + 2;
    out->beta = theta + 2 + problem->change_count;
    return out->constant || isfinite(out->lp)
               ? NS_OK
               : ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_rows_apart, NULL, NULL, NULL);
}

double ns_fit_line(const struct ns_fit_problem *problem, const struct ns_fit *fit, double t) {
    double line = fit->m;
    if (problem->growth == NS_FIT_FLAT) {
        return line;
    }
    line = problem->growth == NS_FIT_LINEAR ? fit->k * t + fit->m : fit->k * (t - fit->m);
    for (size_t c = 0; c < problem->change_count; c++) {
        line += fit->delta[c] * hinge(t, problem->change[c]);
    }
    return line;
}

double ns_fit_trend(const struct ns_fit_problem *problem, const struct ns_fit *fit, double t,
                    double cap) {
    double line = ns_fit_line(problem, fit, t);
    return problem->growth == NS_FIT_LOGISTIC ? cap / (1 + exp(-line)) : line;
}

double ns_fit_log_posterior(const struct ns_fit_problem *problem, const struct ns_fit *fit) {
    double sum = 0;
    double v = fit->sigma * fit->sigma;
    double lp = -NS_LEVEL_PRIOR / 2 * (fit->k * fit->k + fit->m * fit->m) - 2 * v;
    for (size_t i = 0; i < problem->rows; i++) {
        double factor = 1;
        double add = 0;
        for (size_t l = 0; l < problem->feature_count; l++) {
            double part = problem->x[i * problem->feature_count + l] * fit->beta[l];
            *(problem->multiplicative[l] ? &factor : &add) += part;
        }
        double cap = problem->growth == NS_FIT_LOGISTIC ? problem->cap[i] : 0;
        double off =
            problem->y[i] - ns_fit_trend(problem, fit, problem->t[i], cap) * factor - add;
        sum += off * off;
    }
    for (size_t c = 0; c < problem->change_count; c++) {
        lp -= fabs(fit->delta[c]) / problem->tau;
    }
    for (size_t l = 0; l < problem->feature_count; l++) {
        double scaled = fit->beta[l] / problem->prior[l];
        lp -= scaled * scaled / 2;
    }
    return lp - (double)problem->rows * log(fit->sigma) - sum / (2 * v);
}
