#include "agent/forecast/fit.h"

#include "agent/forecast/qp.h"
#include "agent/forecast/sums.h"

#include <math.h>
#include <string.h>

#define OUTER_MAX 200
#define LEVEL_PRIOR 0.04 /* 1 / 5^2, for k and m */
#define DONE 1e-10       /* optimality, relative to the size of the problem */
#define PIVOT 1e-12      /* for columns nobody uses */
#define POLISH_MAX 4     /* steps taken below what lp can tell */
/* A model that can pass through every point has no mode: lp grows without bound as sigma falls.
 * The search ends where rounding would take over (values are scaled to 1). */
#define SIGMA_LEAST 1e-13

/* theta = k, m, delta.., beta... Inside, the penalised deltas stand apart: the "body" is k, m,
 * beta, and the Hessian comes in three blocks. Features are kept in rows padded to `wide`. */
struct state {
    const struct ns_fit_problem *p;
    struct ns_arena scratch; /* of one step */
    struct ns_knots knots;
    size_t changes;
    size_t wide;
    size_t body; /* 2 + features */
    size_t n;    /* length of theta */
    double *theta;
    double *trial;
    double *target;
    double *best;
    const double *x; /* rows x wide */
    double *f;       /* x times the trend where a feature is multiplicative */
    double *share;   /* wide: 1 for multiplicative features, else 0 */
    double *in_factor; /* wide: beta of the multiplicative features */
    double *in_add;    /* wide: of the others */
    /* per row at theta */
    double *level;
    double *first; /* how the trend follows its line */
    double *second;
    double *factor;
    double *r;
    double *w; /* scratch */
    /* at theta */
    double *q;       /* J'r, in the order of theta */
    double *square;  /* trend x trend of J'J */
    double *cross;   /* trend x wide */
    double *gram;    /* wide x wide */
    double *bent;    /* the same two of sum r d2mu */
    double *crossed;
    double sum; /* |r|^2 */
    double v;   /* sigma^2 */
    double lp;
    bool any_factor; /* a multiplicative feature */
    bool any_add;
    bool logistic;
    bool held; /* sigma stands at its floor */
    bool built;
    bool full; /* the last full Newton step was good */
};

static double hinge(double t, double s) {
    return t > s ? t - s : 0;
}

static double bend(const struct ns_fit_problem *p, double line, double cap) {
    return p->growth == NS_FIT_LOGISTIC ? cap / (1 + exp(-line)) : line;
}

static double prior_precision(const struct ns_fit_problem *p, size_t feature) {
    return 1 / (p->prior[feature] * p->prior[feature]);
}

/* --- rows ------------------------------------------------------------------------------- */

static double dot(const double *a, const double *b, size_t wide) {
    double s[4] = {0, 0, 0, 0};
    for (size_t l = 0; l < wide; l += 4) {
        for (size_t c = 0; c < 4; c++) {
            s[c] += a[l + c] * b[l + c];
        }
    }
    return (s[0] + s[1]) + (s[2] + s[3]);
}

static void split_beta(struct state *s, const double *theta) {
    const double *beta = theta + 2 + s->p->change_count;
    for (size_t l = 0; l < s->p->feature_count; l++) {
        s->in_factor[l] = s->share[l] * beta[l];
        s->in_add[l] = beta[l] - s->in_factor[l];
    }
}

/* |y - mu|^2 at theta; keep: also what the derivatives need of each row. (The offsets gamma of
 * the usual way to write a logistic trend only keep its line unbroken at the changepoints.) */
static double squares(struct state *s, const double *theta, bool keep) {
    const struct ns_fit_problem *p = s->p;
    double slope = p->growth == NS_FIT_FLAT ? 0 : theta[0];
    double base = s->logistic ? -theta[0] * theta[1] : theta[1];
    double sum = 0;
    size_t next = 0;
    split_beta(s, theta);
    for (size_t i = 0; i < p->rows; i++) {
        while (next < s->changes && s->knots.first[next] <= i) {
            slope += theta[2 + next];
            base -= theta[2 + next] * p->change[next];
            next++;
        }
        const double *x = s->x + i * s->wide;
        double cap = s->logistic ? p->cap[i] : 0;
        double level = bend(p, slope * p->t[i] + base, cap);
        double factor = s->any_factor ? 1 + dot(x, s->in_factor, s->wide) : 1;
        double off = p->y[i] - level * factor - (s->any_add ? dot(x, s->in_add, s->wide) : 0);
        sum += off * off;
        if (keep) {
            s->level[i] = level;
            s->factor[i] = factor;
            s->r[i] = off;
            s->first[i] = s->logistic ? level * (1 - level / cap) : 1;
            s->second[i] = s->logistic ? s->first[i] * (1 - 2 * level / cap) : 0;
        }
    }
    return sum;
}

static double least_variance(const struct ns_fit_problem *p) {
    double least = fmax(p->sigma_floor, SIGMA_LEAST);
    return least * least;
}

/* sigma^2 that maximises lp for given squares, in closed form (B2). */
static double best_variance(const struct ns_fit_problem *p, double sum) {
    double rows = (double)p->rows;
    /* the same root without cancellation */
    double v = 2 * sum / (rows + sqrt(rows * rows + 16 * sum));
    return fmax(v, least_variance(p));
}

static double posterior(const struct ns_fit_problem *p, const double *theta, double sum,
                        double v) {
    double jumps = 0;
    double far = LEVEL_PRIOR * (theta[0] * theta[0] + theta[1] * theta[1]);
    for (size_t c = 0; c < p->change_count; c++) {
        jumps += fabs(theta[2 + c]);
    }
    for (size_t l = 0; l < p->feature_count; l++) {
        double scaled = theta[2 + p->change_count + l] / p->prior[l];
        far += scaled * scaled;
    }
    jumps = p->change_count > 0 ? jumps / p->tau : 0;
    return -(double)p->rows * 0.5 * log(v) - sum / (2 * v) - 2 * v - jumps - far / 2;
}

static double try_point(struct state *s, const double *theta) {
    double sum = squares(s, theta, false);
    return posterior(s->p, theta, sum, best_variance(s->p, sum));
}

/* --- derivatives ------------------------------------------------------------------------ */

/* From the columns t, 1 to those of k, m: a logistic line is k (t - m). */
static void turn_rows(const struct state *s, double *m, size_t width) {
    for (size_t l = 0; l < width && s->logistic; l++) {
        double one = m[width + l];
        m[l] -= s->theta[1] * one;
        m[width + l] = -s->theta[0] * one;
    }
}

static void turn_square(const struct state *s, double *m) {
    size_t n = 2 + s->changes;
    turn_rows(s, m, n);
    for (size_t r = 0; r < n && s->logistic; r++) {
        double one = m[r * n + 1];
        m[r * n] -= s->theta[1] * one;
        m[r * n + 1] = -s->theta[0] * one;
    }
}

static void still(const struct state *s, double *trend_sums, size_t width) {
    if (s->p->growth == NS_FIT_FLAT) { /* k does not move a flat trend */
        memset(trend_sums, 0, width * sizeof *trend_sums);
    }
}

static void scale_features(struct state *s) {
    for (size_t i = 0; i < s->p->rows; i++) {
        const double *x = s->x + i * s->wide;
        double *f = s->f + i * s->wide;
        double more = s->level[i] - 1;
        for (size_t l = 0; l < s->wide; l++) {
            f[l] = x[l] * (1 + s->share[l] * more);
        }
    }
}

static void fill_gram(struct state *s) {
    size_t rows = s->p->rows;
    size_t n = 2 + s->changes;
    if (s->any_factor || !s->built) {
        scale_features(s);
        ns_sums_gram(s->f, rows, s->wide, s->gram);
    }
    if (s->any_factor || s->logistic || !s->built) {
        for (size_t i = 0; i < rows; i++) {
            s->w[i] = s->factor[i] * s->first[i];
        }
        ns_sums_cross(&s->knots, s->w, s->f, s->wide, s->cross);
        for (size_t i = 0; i < rows; i++) {
            s->w[i] *= s->w[i];
        }
        ns_sums_square(&s->knots, s->w, s->square);
        turn_rows(s, s->cross, s->wide);
        turn_square(s, s->square);
        still(s, s->cross, s->wide);
        still(s, s->square, n);
        for (size_t r = 0; r < n && s->p->growth == NS_FIT_FLAT; r++) {
            s->square[r * n] = 0;
        }
    }
    s->built = true;
}

static void fill_slope(struct state *s) {
    size_t rows = s->p->rows;
    double *beta = s->q + 2 + s->p->change_count;
    memset(s->q, 0, s->n * sizeof *s->q);
    for (size_t i = 0; i < rows; i++) {
        s->w[i] = s->r[i] * s->factor[i] * s->first[i];
    }
    ns_sums_plain(&s->knots, s->w, s->q);
    turn_rows(s, s->q, 1);
    still(s, s->q, 1);
    for (size_t i = 0; i < rows; i++) {
        const double *f = s->f + i * s->wide;
        for (size_t l = 0; l < s->p->feature_count; l++) {
            beta[l] += f[l] * s->r[i];
        }
    }
}

/* sum over the rows of r d2mu: between the trend and multiplicative features, and inside a
 * logistic trend. */
static void fill_bend(struct state *s) {
    size_t rows = s->p->rows;
    size_t n = 2 + s->changes;
    memset(s->bent, 0, n * n * sizeof *s->bent);
    memset(s->crossed, 0, n * s->wide * sizeof *s->crossed);
    if (s->any_factor) {
        for (size_t i = 0; i < rows; i++) {
            s->w[i] = s->r[i] * s->first[i];
        }
        ns_sums_cross(&s->knots, s->w, s->x, s->wide, s->crossed);
        turn_rows(s, s->crossed, s->wide);
        still(s, s->crossed, s->wide);
        for (size_t r = 0; r < n; r++) {
            for (size_t l = 0; l < s->wide; l++) {
                s->crossed[r * s->wide + l] *= s->share[l];
            }
        }
    }
    if (s->logistic) {
        double both = 0;
        for (size_t i = 0; i < rows; i++) {
            s->w[i] = s->r[i] * s->factor[i] * s->second[i];
            both += s->r[i] * s->factor[i] * s->first[i];
        }
        ns_sums_square(&s->knots, s->w, s->bent);
        turn_square(s, s->bent);
        s->bent[1] -= both; /* d2 line / dk dm = -1 */
        s->bent[n] -= both;
    }
}

static void build(struct state *s) {
    s->sum = squares(s, s->theta, true);
    s->v = best_variance(s->p, s->sum);
    s->held = s->v <= least_variance(s->p);
    s->lp = posterior(s->p, s->theta, s->sum, s->v);
    fill_gram(s);
    fill_slope(s);
}

/* Gradient of -lp without the penalty on the deltas. */
static double smooth_gradient(const struct state *s, size_t a) {
    double precision = a < 2 ? LEVEL_PRIOR
                       : a < 2 + s->p->change_count
                           ? 0 : prior_precision(s->p, a - 2 - s->p->change_count);
    return -s->q[a] / s->v + precision * s->theta[a];
}

static double violation(const struct state *s) {
    double worst = 0;
    for (size_t a = 0; a < s->n; a++) {
        bool penalised = a >= 2 && a < 2 + s->p->change_count;
        double weight = penalised ? 1 / s->p->tau : 0;
        double g = smooth_gradient(s, a);
        double off = s->theta[a] > 0   ? fabs(g + weight)
                     : s->theta[a] < 0 ? fabs(g - weight)
                                       : fmax(fabs(g) - weight, 0);
        worst = fmax(worst, off);
    }
    return worst;
}

/* --- one step --------------------------------------------------------------------------- */

/* A quadratic picture of -lp at theta. newton: with the second derivatives of mu and of sigma's
 * closed form; otherwise Gauss-Newton with sigma held. damp: extra on the diagonal, as a share. */
struct picture {
    double *body;   /* body x body */
    double *reach;  /* body x changes */
    double *change; /* changes x changes */
    double *body_slope;
    double *change_slope;
};

/* Where coordinate b of the body stands in theta. */
static size_t place(const struct state *s, size_t b) {
    return b < 2 ? b : b + s->p->change_count;
}

static double body_sum(const struct state *s, size_t a, size_t b, bool bent) {
    size_t n = 2 + s->changes;
    if (a < 2 && b < 2) {
        return (bent ? s->bent : s->square)[a * n + b];
    }
    if (a < 2) {
        return (bent ? s->crossed : s->cross)[a * s->wide + b - 2];
    }
    return bent ? 0 : s->gram[(a - 2) * s->wide + b - 2];
}

static double reach_sum(const struct state *s, size_t b, size_t c, bool bent) {
    size_t n = 2 + s->changes;
    return b < 2 ? (bent ? s->bent : s->square)[b * n + 2 + c]
                 : (bent ? s->crossed : s->cross)[(2 + c) * s->wide + b - 2];
}

static struct picture paint(struct state *s, bool newton, double damp) {
    struct ns_arena *a = &s->scratch;
    size_t nb = s->body;
    size_t nc = s->changes;
    struct picture p = {NS_NEW_N(a, double, nb * nb), NS_NEW_N(a, double, nb * nc),
                        NS_NEW_N(a, double, nc * nc), NS_NEW_N(a, double, nb),
                        NS_NEW_N(a, double, nc)};
    double rows = (double)s->p->rows;
    double shared = newton && !s->held ? 2 / (s->v * s->v * sqrt(rows * rows + 16 * s->sum)) : 0;
    double full = 1 / s->v;
    double bent = newton ? -1 / s->v : 0;
    for (size_t i = 0; i < nb; i++) {
        double qi = shared * s->q[place(s, i)];
        p.body_slope[i] = smooth_gradient(s, place(s, i));
        for (size_t j = i; j < nb; j++) {
            p.body[j * nb + i] = full * body_sum(s, i, j, false) - qi * s->q[place(s, j)] +
                                 (newton && i < 2 ? bent * body_sum(s, i, j, true) : 0);
        }
        for (size_t c = 0; c < nc; c++) {
            p.reach[i * nc + c] = full * reach_sum(s, i, c, false) - qi * s->q[2 + c] +
                                  (newton ? bent * reach_sum(s, i, c, true) : 0);
        }
        double precision = i < 2 ? LEVEL_PRIOR : prior_precision(s->p, i - 2);
        p.body[i * nb + i] += precision + PIVOT +
                              damp * (full * body_sum(s, i, i, false) + precision);
    }
    size_t n = 2 + nc;
    for (size_t c = 0; c < nc; c++) {
        p.change_slope[c] = smooth_gradient(s, 2 + c);
        for (size_t d = 0; d < nc; d++) {
            size_t at = (2 + c) * n + 2 + d;
            p.change[c * nc + d] = full * s->square[at] + (newton ? bent * s->bent[at] : 0) -
                                   shared * s->q[2 + c] * s->q[2 + d];
        }
        p.change[c * nc + c] += PIVOT + damp * full * s->square[(2 + c) * n + 2 + c];
    }
    return p;
}

/* The exact minimum of the picture plus the penalty: the body is eliminated by Cholesky, the QP
 * is left in the deltas alone. The body is told as a step, the deltas as they end, so that their
 * zeros are exact. */
static bool solve_picture(struct state *s, struct picture *p) {
    size_t nb = s->body;
    size_t nc = s->changes;
    const double *delta = s->theta + 2;
    double *b = NS_NEW_N(&s->scratch, double, nc);
    double *weight = NS_NEW_N(&s->scratch, double, nc);
    double *end = NS_NEW_N(&s->scratch, double, nc);
    if (!ns_qp_factor(p->body, nb)) {
        return false;
    }
    for (size_t i = 0; i < nb; i++) {
        p->body_slope[i] = -p->body_slope[i];
        for (size_t c = 0; c < nc; c++) {
            p->body_slope[i] += p->reach[i * nc + c] * delta[c];
        }
    }
    ns_qp_forward(p->body, nb, p->reach, nc);
    ns_qp_forward(p->body, nb, p->body_slope, 1);
    for (size_t c = 0; c < nc; c++) {
        end[c] = delta[c];
        weight[c] = 1 / s->p->tau;
        b[c] = -p->change_slope[c];
        for (size_t d = 0; d < nc; d++) {
            b[c] += p->change[c * nc + d] * delta[d];
        }
    }
    for (size_t i = 0; i < nb; i++) {
        const double *reach = p->reach + i * nc;
        for (size_t c = 0; c < nc; c++) {
            b[c] -= reach[c] * p->body_slope[i];
            for (size_t d = 0; d < nc; d++) {
                p->change[c * nc + d] -= reach[c] * reach[d];
            }
        }
    }
    struct ns_qp qp = {nc, p->change, b, weight};
    if (nc > 0 && !ns_qp_solve(&qp, end, &s->scratch)) {
        return false;
    }
    for (size_t i = 0; i < nb; i++) {
        for (size_t c = 0; c < nc; c++) {
            p->body_slope[i] -= p->reach[i * nc + c] * end[c];
        }
    }
    ns_qp_backward(p->body, nb, p->body_slope);
    memcpy(s->target, s->theta, s->n * sizeof *s->target);
    for (size_t i = 0; i < nb; i++) {
        s->target[place(s, i)] += p->body_slope[i];
    }
    memcpy(s->target + 2, end, nc * sizeof *end);
    return true;
}

static bool aim(struct state *s, bool newton, double damp) {
    ns_arena_reset(&s->scratch);
    struct picture p = paint(s, newton, damp);
    return solve_picture(s, &p);
}

/* The largest share of the way to the target that raises lp; 0: none. lp receives the value. */
static double walk(struct state *s, double least, double *lp) {
    for (double share = 1; share >= least; share *= 0.5) {
        for (size_t a = 0; a < s->n; a++) {
            s->trial[a] = share >= 1 ? s->target[a]
                                     : s->theta[a] + share * (s->target[a] - s->theta[a]);
        }
        *lp = try_point(s, s->trial);
        if (*lp > s->lp) {
            return share;
        }
    }
    return 0;
}

static void keep_if_better(struct state *s, double lp, double *best, double *where) {
    if (lp > *best) {
        *best = lp;
        memcpy(where, s->trial, s->n * sizeof *where);
    }
}

/* Newton where -lp is convex, damped until it is elsewhere, against Gauss-Newton: whichever gets
 * further. After a good Newton step the next is tried alone. */
static bool advance(struct state *s) {
    double best = s->lp;
    double lp;
    fill_bend(s);
    bool convex = aim(s, true, 0);
    if (convex && s->full && walk(s, 1, &lp) >= 1) {
        memcpy(s->theta, s->trial, s->n * sizeof *s->theta);
        return true;
    }
    double *where = s->best;
    double share = 0;
    for (double damp = 1e-4; !convex && damp < 1e4; damp *= 10) {
        convex = aim(s, true, damp);
        s->full = false;
    }
    if (convex) {
        share = walk(s, 1.0 / 64, &lp);
        keep_if_better(s, lp, &best, where);
    }
    double newton = best;
    if (aim(s, false, 0) && walk(s, best > s->lp ? 1.0 / 4 : 1e-10, &lp) > 0) {
        keep_if_better(s, lp, &best, where);
    }
    s->full = share >= 1 && newton >= best;
    if (best > s->lp) {
        memcpy(s->theta, where, s->n * sizeof *s->theta);
        return true;
    }
    return false;
}

/* Newton steps that lp, rounded, cannot judge: kept while the conditions are met better. */
static void polish(struct state *s, struct ns_fit *out, double goal) {
    for (int i = 0; i < POLISH_MAX && out->residual > goal; i++) {
        memcpy(s->best, s->theta, s->n * sizeof *s->best);
        fill_bend(s);
        if (!aim(s, true, 0) || !(try_point(s, s->target) > s->lp - 1e-9 * (1 + fabs(s->lp)))) {
            return;
        }
        memcpy(s->theta, s->target, s->n * sizeof *s->theta);
        build(s);
        double now = violation(s);
        if (!(now < out->residual)) {
            memcpy(s->theta, s->best, s->n * sizeof *s->theta);
            build(s);
            return;
        }
        out->residual = now;
    }
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
    size_t wide = (p->feature_count + 3) / 4 * 4;
    size_t changes = p->growth == NS_FIT_FLAT ? 0 : p->change_count;
    size_t n = 2 + p->change_count + p->feature_count;
    size_t trends = 2 + changes;
    double *x = NS_NEW_N(arena, double, p->rows * wide);
    size_t *first = NS_NEW_N(arena, size_t, changes);
    double *row = NS_NEW_N(arena, double, 6 * p->rows);
    *s = (struct state){.p = p, .changes = changes, .wide = wide,
        .body = 2 + p->feature_count, .n = n, .theta = NS_NEW_N(arena, double, n),
        .trial = NS_NEW_N(arena, double, n), .target = NS_NEW_N(arena, double, n),
        .best = NS_NEW_N(arena, double, n), .x = x,
        .f = NS_NEW_N(arena, double, p->rows * wide), .share = NS_NEW_N(arena, double, wide),
        .in_factor = NS_NEW_N(arena, double, wide), .in_add = NS_NEW_N(arena, double, wide),
        .level = row, .first = row + p->rows, .second = row + 2 * p->rows,
        .factor = row + 3 * p->rows, .r = row + 4 * p->rows, .w = row + 5 * p->rows,
        .q = NS_NEW_N(arena, double, n), .square = NS_NEW_N(arena, double, trends * trends),
        .cross = NS_NEW_N(arena, double, trends * wide),
        .gram = NS_NEW_N(arena, double, wide * wide),
        .bent = NS_NEW_N(arena, double, trends * trends),
        .crossed = NS_NEW_N(arena, double, trends * wide),
        .logistic = p->growth == NS_FIT_LOGISTIC};
    for (size_t l = 0; l < p->feature_count; l++) {
        s->share[l] = p->multiplicative[l];
        *(p->multiplicative[l] ? &s->any_factor : &s->any_add) = true;
    }
    for (size_t i = 0; i < p->rows; i++) {
        memcpy(x + i * wide, p->x + i * p->feature_count, p->feature_count * sizeof *x);
    }
    for (size_t c = 0; c < changes; c++) {
        first[c] = c > 0 ? first[c - 1] : 0;
        while (first[c] < p->rows && p->t[first[c]] <= p->change[c]) {
            first[c]++;
        }
    }
    s->knots = (struct ns_knots){p->rows, p->t, changes, p->change, first};
    if (p->start != NULL) {
        memcpy(s->theta, p->start, n * sizeof *s->theta);
        s->full = true;
    } else {
        start_values(p, s->theta);
    }
}

static void climb(struct state *s, struct ns_fit *out) {
    double goal = DONE * (1 + (double)s->p->rows);
    build(s);
    out->residual = violation(s);
    for (out->steps = 0; out->steps < OUTER_MAX && out->residual > goal; out->steps++) {
        if (!advance(s)) {
            break; /* no uphill step left above rounding */
        }
        build(s);
        out->residual = violation(s);
    }
    polish(s, out, goal);
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
        out->lp = s.lp;
        out->unbounded = s.v <= SIGMA_LEAST * SIGMA_LEAST;
    }
    ns_arena_fini(&s.scratch);
    out->k = s.theta[0];
    out->m = s.theta[1];
    out->delta = s.theta + 2;
    out->beta = s.theta + 2 + problem->change_count;
    return out->constant || isfinite(out->lp)
               ? NS_OK
               : ns_err_note(err, NS_E_INPUT, "fit: the numbers are too far apart");
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
