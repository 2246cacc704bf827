#include "agent/forecast/fit.h"

#include "agent/forecast/qp.h"

#include <math.h>
#include <string.h>

#define OUTER_MAX 400
#define LEVEL_PRIOR 0.04 /* 1 / 5^2, for k and m */
#define DONE 1e-10       /* optimality, relative to the size of the problem */

/* theta = k, m, delta.., beta..; the rows are touched only in build(). */
struct state {
    const struct ns_fit_problem *p;
    struct ns_arena *arena;
    size_t n;       /* length of theta */
    double *theta;
    double *trial;
    double *r;      /* y - mu at theta */
    double *j;      /* rows x n: d mu / d theta */
    double *gram;   /* J'J */
    double *jr;     /* J'r */
    double *curve;  /* sum r d2mu */
    double *slope;  /* scratch: one row of the trend's derivatives */
    double *a;
    double *b;
    double *weight;
    double sum;     /* |r|^2 */
    double v;       /* sigma^2 */
    bool additive; /* no multiplicative feature */
    bool fixed;    /* mu is linear in theta: its derivatives never change */
    bool built;
};

static double hinge(double t, double s) {
    return t > s ? t - s : 0;
}

/* The line under the trend: itself when linear, the logit when logistic. (The offsets gamma of
 * the usual way to write a logistic trend only keep this line unbroken at the changepoints.) */
static double line_at(const struct ns_fit_problem *p, const double *theta, double t) {
    if (p->growth == NS_FIT_FLAT) {
        return theta[1];
    }
    double sum = p->growth == NS_FIT_LINEAR ? theta[0] * t + theta[1]
                                            : theta[0] * (t - theta[1]);
    for (size_t c = 0; c < p->change_count; c++) {
        sum += theta[2 + c] * hinge(t, p->change[c]);
    }
    return sum;
}

static double bend(const struct ns_fit_problem *p, double line, double cap) {
    return p->growth == NS_FIT_LOGISTIC ? cap / (1 + exp(-line)) : line;
}

static double trend_at(const struct ns_fit_problem *p, const double *theta, size_t i) {
    return bend(p, line_at(p, theta, p->t[i]),
                p->growth == NS_FIT_LOGISTIC ? p->cap[i] : 0);
}

/* d line / d theta over the trend's coordinates. */
static void line_slopes(const struct ns_fit_problem *p, const double *theta, double t,
                        double *out) {
    bool flat = p->growth == NS_FIT_FLAT;
    bool logistic = p->growth == NS_FIT_LOGISTIC;
    out[0] = flat ? 0 : logistic ? t - theta[1] : t;
    out[1] = logistic ? -theta[0] : 1;
    for (size_t c = 0; c < p->change_count; c++) {
        out[2 + c] = flat ? 0 : hinge(t, p->change[c]);
    }
}

/* How the trend follows its line: first and second derivative. */
static void bends(const struct ns_fit_problem *p, double trend, size_t i, double *first,
                  double *second) {
    *first = 1;
    *second = 0;
    if (p->growth == NS_FIT_LOGISTIC) {
        double share = trend / p->cap[i];
        *first = trend * (1 - share);
        *second = *first * (1 - 2 * share);
    }
}

static double prior_precision(const struct ns_fit_problem *p, size_t c) {
    if (c < 2) {
        return LEVEL_PRIOR;
    }
    if (c < 2 + p->change_count) {
        return 0;
    }
    double sd = p->prior[c - 2 - p->change_count];
    return 1 / (sd * sd);
}

static void feature_sums(const struct ns_fit_problem *p, const double *theta, size_t i,
                         double *factor, double *add) {
    const double *beta = theta + 2 + p->change_count;
    const double *x = p->x + i * p->feature_count;
    *factor = 1;
    *add = 0;
    for (size_t l = 0; l < p->feature_count; l++) {
        *(p->multiplicative[l] ? factor : add) += x[l] * beta[l];
    }
}

static double squares(const struct ns_fit_problem *p, const double *theta, double *r) {
    double sum = 0;
    for (size_t i = 0; i < p->rows; i++) {
        double factor;
        double add;
        feature_sums(p, theta, i, &factor, &add);
        double off = p->y[i] - trend_at(p, theta, i) * factor - add;
        sum += off * off;
        if (r != NULL) {
            r[i] = off;
        }
    }
    return sum;
}

/* sigma^2 that maximises lp for given squares, in closed form (B2). */
static double best_variance(const struct ns_fit_problem *p, double sum) {
    double rows = (double)p->rows;
    /* the same root without cancellation */
    double v = 2 * sum / (rows + sqrt(rows * rows + 16 * sum));
    return fmax(v, fmax(p->sigma_floor * p->sigma_floor, 1e-300));
}

static double posterior(const struct ns_fit_problem *p, const double *theta, double sum,
                        double v) {
    double lp = -(double)p->rows * 0.5 * log(v) - sum / (2 * v) - 2 * v;
    for (size_t c = 0; c < 2 + p->change_count + p->feature_count; c++) {
        bool penalised = c >= 2 && c < 2 + p->change_count;
        lp -= penalised ? fabs(theta[c]) / p->tau
                        : 0.5 * prior_precision(p, c) * theta[c] * theta[c];
    }
    return lp;
}

/* --- derivatives ------------------------------------------------------------------------ */

static void fill_jacobian(struct state *s) {
    const struct ns_fit_problem *p = s->p;
    size_t trends = 2 + p->change_count;
    for (size_t i = 0; i < p->rows; i++) {
        double factor;
        double add;
        double *row = s->j + i * s->n;
        double level = trend_at(p, s->theta, i);
        feature_sums(p, s->theta, i, &factor, &add);
        double first;
        double second;
        bends(p, level, i, &first, &second);
        line_slopes(p, s->theta, p->t[i], row);
        for (size_t c = 0; c < trends; c++) {
            row[c] *= factor * first;
        }
        for (size_t l = 0; l < p->feature_count; l++) {
            row[trends + l] = p->x[i * p->feature_count + l] *
                              (p->multiplicative[l] ? level : 1);
        }
    }
}

static void fill_gram(struct state *s) {
    size_t n = s->n;
    memset(s->gram, 0, n * n * sizeof *s->gram);
    for (size_t i = 0; i < s->p->rows; i++) {
        const double *row = s->j + i * n;
        for (size_t a = 0; a < n; a++) {
            if (row[a] != 0) {
                for (size_t b = a; b < n; b++) {
                    s->gram[a * n + b] += row[a] * row[b];
                }
            }
        }
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < a; b++) {
            s->gram[a * n + b] = s->gram[b * n + a];
        }
    }
}

/* sum over the rows of r d2mu: between the trend and multiplicative features, and inside a
 * logistic trend. */
static void fill_curve(struct state *s) {
    const struct ns_fit_problem *p = s->p;
    size_t trends = 2 + p->change_count;
    bool logistic = p->growth == NS_FIT_LOGISTIC;
    memset(s->curve, 0, s->n * s->n * sizeof *s->curve);
    for (size_t i = 0; i < p->rows && !(s->additive && !logistic); i++) {
        double factor;
        double add;
        double first;
        double second;
        double *z = s->slope;
        feature_sums(p, s->theta, i, &factor, &add);
        bends(p, trend_at(p, s->theta, i), i, &first, &second);
        line_slopes(p, s->theta, p->t[i], z);
        for (size_t c = 0; c < trends; c++) {
            for (size_t b = c; b < trends && logistic; b++) {
                double cross = c == 0 && b == 1 ? -first : 0; /* d2 line / dk dm = -1 */
                s->curve[c * s->n + b] += s->r[i] * factor * (second * z[c] * z[b] + cross);
            }
            for (size_t l = 0; l < p->feature_count; l++) {
                if (p->multiplicative[l]) {
                    s->curve[c * s->n + trends + l] +=
                        s->r[i] * first * z[c] * p->x[i * p->feature_count + l];
                }
            }
        }
    }
    for (size_t c = 0; c < s->n; c++) {
        for (size_t l = 0; l < c; l++) {
            s->curve[c * s->n + l] = s->curve[l * s->n + c];
        }
    }
}

static void build(struct state *s) {
    s->sum = squares(s->p, s->theta, s->r);
    s->v = best_variance(s->p, s->sum);
    if (!s->fixed || !s->built) {
        fill_jacobian(s);
        fill_gram(s);
        s->built = true;
    }
    memset(s->jr, 0, s->n * sizeof *s->jr);
    for (size_t i = 0; i < s->p->rows; i++) {
        for (size_t a = 0; a < s->n; a++) {
            s->jr[a] += s->j[i * s->n + a] * s->r[i];
        }
    }
}

static double smooth_gradient(const struct state *s, size_t a) {
    return -s->jr[a] / s->v + prior_precision(s->p, a) * s->theta[a];
}

static double violation(const struct state *s) {
    double worst = 0;
    for (size_t a = 0; a < s->n; a++) {
        double g = smooth_gradient(s, a);
        double off = s->theta[a] > 0   ? fabs(g + s->weight[a])
                     : s->theta[a] < 0 ? fabs(g - s->weight[a])
                                       : fmax(fabs(g) - s->weight[a], 0);
        worst = fmax(worst, off);
    }
    return worst;
}

/* --- steps ------------------------------------------------------------------------------ */

/* Accept theta + share * (target - theta) for the largest share that raises lp. */
static bool walk(struct state *s, const double *target) {
    double now = posterior(s->p, s->theta, s->sum, s->v);
    for (double share = 1; share > 1e-10; share *= 0.5) {
        for (size_t a = 0; a < s->n; a++) {
            s->trial[a] = share == 1 ? target[a]
                                     : s->theta[a] + share * (target[a] - s->theta[a]);
        }
        double sum = squares(s->p, s->trial, NULL);
        if (posterior(s->p, s->trial, sum, best_variance(s->p, sum)) > now) {
            memcpy(s->theta, s->trial, s->n * sizeof *s->theta);
            return true;
        }
    }
    return false;
}

static bool gauss_newton(struct state *s) {
    size_t n = s->n;
    double *target = NS_NEW_N(s->arena, double, n);
    for (size_t a = 0; a < n; a++) {
        s->b[a] = s->jr[a] / s->v;
        for (size_t c = 0; c < n; c++) {
            s->a[a * n + c] = s->gram[a * n + c] / s->v;
            s->b[a] += s->a[a * n + c] * s->theta[c];
        }
        /* columns nobody uses (the trend of a flat model) still need a positive pivot */
        s->a[a * n + a] += prior_precision(s->p, a) + 1e-12;
    }
    memcpy(target, s->theta, n * sizeof *target);
    struct ns_qp qp = {n, s->a, s->b, s->weight};
    return ns_qp_solve(&qp, target, s->arena) && walk(s, target);
}

/* Full Newton on what is not zero, together with ln sigma; the signs are kept. */
static bool newton(struct state *s) {
    size_t n = s->n;
    size_t *active = NS_NEW_N(s->arena, size_t, n);
    size_t count = 0;
    for (size_t a = 0; a < n; a++) {
        if (s->weight[a] <= 0 || s->theta[a] != 0) {
            active[count++] = a;
        }
    }
    size_t size = count + 1;
    double *h = NS_NEW_N(s->arena, double, size * size);
    double *g = NS_NEW_N(s->arena, double, size);
    double *target = NS_NEW_N(s->arena, double, n);
    fill_curve(s);
    for (size_t r = 0; r < count; r++) {
        size_t a = active[r];
        g[r] = -smooth_gradient(s, a) - (s->theta[a] > 0 ? s->weight[a] : -s->weight[a]);
        for (size_t c = 0; c < count; c++) {
            size_t b = active[c];
            h[r * size + c] = (s->gram[a * n + b] - s->curve[a * n + b]) / s->v;
        }
        h[r * size + r] += prior_precision(s->p, a) + 1e-12;
        h[r * size + count] = h[count * size + r] = 2 * s->jr[a] / s->v;
    }
    h[count * size + count] = 2 * s->sum / s->v + 8 * s->v;
    if (!ns_qp_cholesky(h, g, size)) {
        return false;
    }
    memcpy(target, s->theta, n * sizeof *target);
    for (size_t r = 0; r < count; r++) {
        size_t a = active[r];
        target[a] += g[r];
        if (s->weight[a] > 0 && target[a] * s->theta[a] <= 0) {
            return false;
        }
    }
    return walk(s, target);
}

/* --- the whole -------------------------------------------------------------------------- */

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

static void begin(struct state *s, const struct ns_fit_problem *p, struct ns_arena *arena) {
    size_t n = 2 + p->change_count + p->feature_count;
    *s = (struct state){.p = p, .arena = arena, .n = n, .additive = true,
        .theta = NS_NEW_N(arena, double, n), .trial = NS_NEW_N(arena, double, n),
        .r = NS_NEW_N(arena, double, p->rows), .j = NS_NEW_N(arena, double, p->rows * n),
        .gram = NS_NEW_N(arena, double, n * n), .jr = NS_NEW_N(arena, double, n),
        .curve = NS_NEW_N(arena, double, n * n), .a = NS_NEW_N(arena, double, n * n),
        .slope = NS_NEW_N(arena, double, n), .b = NS_NEW_N(arena, double, n),
        .weight = NS_NEW_N(arena, double, n)};
    for (size_t c = 0; c < p->change_count; c++) {
        s->weight[2 + c] = 1 / p->tau;
    }
    for (size_t l = 0; l < p->feature_count; l++) {
        s->additive = s->additive && !p->multiplicative[l];
    }
    s->fixed = s->additive && p->growth != NS_FIT_LOGISTIC;
    start_values(p, s->theta);
}

static void climb(struct state *s, struct ns_fit *out) {
    double size = 1 + (double)s->p->rows;
    for (out->steps = 0; out->steps < OUTER_MAX; out->steps++) {
        build(s);
        out->residual = violation(s);
        if (out->residual < DONE * size) {
            break;
        }
        bool moved = out->steps >= 3 && newton(s);
        if (!moved && !gauss_newton(s)) {
            break; /* no uphill step left above rounding */
        }
    }
}

ns_rc ns_fit_solve(const struct ns_fit_problem *problem, struct ns_arena *arena,
                   struct ns_fit *out, struct ns_err *err) {
    *out = (struct ns_fit){0};
    ns_rc rc = check(problem, err);
    if (rc != NS_OK) {
        return rc;
    }
    struct state s;
    begin(&s, problem, arena);
    out->constant = problem->growth != NS_FIT_LOGISTIC && is_constant(problem);
    if (!out->constant) {
        climb(&s, out);
        out->sigma = sqrt(s.v);
        out->lp = posterior(problem, s.theta, s.sum, s.v);
    }
    out->k = s.theta[0];
    out->m = s.theta[1];
    out->delta = s.theta + 2;
    out->beta = s.theta + 2 + problem->change_count;
    return NS_OK;
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
    return bend(problem, ns_fit_line(problem, fit, t), cap);
}

double ns_fit_log_posterior(const struct ns_fit_problem *problem, const struct ns_fit *fit) {
    double sum = 0;
    double v = fit->sigma * fit->sigma;
    double lp = -LEVEL_PRIOR / 2 * (fit->k * fit->k + fit->m * fit->m) - 2 * v;
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
