#include "agent/forecast/rows.h"

#include <math.h>
#include <string.h>

static double bend(const struct ns_fit_problem *p, double line, double cap) {
    return p->growth == NS_FIT_LOGISTIC ? cap / (1 + exp(-line)) : line;
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

static void split_beta(struct ns_ascent *s, const double *theta) {
    const double *beta = theta + 2 + s->p->change_count;
    for (size_t l = 0; l < s->p->feature_count; l++) {
        s->in_factor[l] = s->share[l] * beta[l];
        s->in_add[l] = beta[l] - s->in_factor[l];
    }
}

/* The trend alone at any point, into w. */
void ns_rows_line(struct ns_ascent *s, const double *theta) {
    const struct ns_fit_problem *p = s->p;
    double slope = p->growth == NS_FIT_FLAT ? 0 : theta[0];
    double base = s->logistic ? -theta[0] * theta[1] : theta[1];
    size_t next = 0;
    for (size_t i = 0; i < p->rows; i++) {
        for (; next < s->changes && s->knots.first[next] <= i; next++) {
            slope += theta[2 + next];
            base -= theta[2 + next] * p->change[next];
        }
        s->w[i] = bend(p, slope * p->t[i] + base, s->logistic ? p->cap[i] : 0);
    }
}

/* |y - mu|^2 at theta; keep: also what the derivatives need of each row. (The offsets gamma of
 * the usual way to write a logistic trend only keep its line unbroken at the changepoints.) */
static double squares(struct ns_ascent *s, const double *theta, bool keep) {
    const struct ns_fit_problem *p = s->p;
    double sum = 0;
    split_beta(s, theta);
    ns_rows_line(s, theta);
    for (size_t i = 0; i < p->rows; i++) {
        const double *x = s->x + i * s->wide;
        double cap = s->logistic ? p->cap[i] : 0;
        double level = s->w[i];
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
    double least = fmax(p->sigma_floor, NS_SIGMA_LEAST);
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
    double far = NS_LEVEL_PRIOR * (theta[0] * theta[0] + theta[1] * theta[1]);
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

static double mean_of(const double *x, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += x[i];
    }
    return sum / (double)count;
}

/* A product has a twin: trend and factor with both signs turned. No step may cross over to it. */
double ns_rows_try(struct ns_ascent *s, const double *theta) {
    double sum = squares(s, theta, false);
    double ratio = mean_of(s->w, s->p->rows) / s->mean;
    if (s->fenced && s->any_factor && !(ratio > NS_TREND_FENCE && ratio * NS_TREND_FENCE < 1)) {
        return -HUGE_VAL;
    }
    return posterior(s->p, theta, sum, best_variance(s->p, sum));
}

/* --- derivatives ------------------------------------------------------------------------ */

/* From the columns t, 1 to those of k, m: a logistic line is k (t - m). */
static void turn_rows(const struct ns_ascent *s, double *m, size_t width) {
    for (size_t l = 0; l < width && s->logistic; l++) {
        double one = m[width + l];
        m[l] -= s->theta[1] * one;
        m[width + l] = -s->theta[0] * one;
    }
}

static void turn_square(const struct ns_ascent *s, double *m) {
    size_t n = 2 + s->changes;
    turn_rows(s, m, n);
    for (size_t r = 0; r < n && s->logistic; r++) {
        double one = m[r * n + 1];
        m[r * n] -= s->theta[1] * one;
        m[r * n + 1] = -s->theta[0] * one;
    }
}

static void still(const struct ns_ascent *s, double *trend_sums, size_t width) {
    if (s->p->growth == NS_FIT_FLAT) { /* k does not move a flat trend */
        memset(trend_sums, 0, width * sizeof *trend_sums);
    }
}

void ns_rows_scale(struct ns_ascent *s, const double *level) {
    for (size_t i = 0; i < s->p->rows; i++) {
        const double *x = s->x + i * s->wide;
        double *f = s->f + i * s->wide;
        double more = level[i] - 1;
        for (size_t l = 0; l < s->wide; l++) {
            f[l] = x[l] * (1 + s->share[l] * more);
        }
    }
}

/* J'J, only where something in it has moved. */
static void fill_gram(struct ns_ascent *s) {
    size_t rows = s->p->rows;
    size_t n = 2 + s->changes;
    if (s->any_factor || !s->built) {
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

static void fill_slope(struct ns_ascent *s) {
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
void ns_rows_bend(struct ns_ascent *s) {
    size_t rows = s->p->rows;
    size_t n = 2 + s->changes;
    fill_gram(s);
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

void ns_rows_build(struct ns_ascent *s) {
    s->sum = squares(s, s->theta, true);
    s->mean = mean_of(s->level, s->p->rows);
    s->v = best_variance(s->p, s->sum);
    s->held = s->v <= least_variance(s->p);
    s->lp = posterior(s->p, s->theta, s->sum, s->v);
    if (s->any_factor || !s->built) {
        ns_rows_scale(s, s->level);
    }
    fill_slope(s);
}

/* Gradient of -lp without the penalty on the deltas. */
double ns_rows_gradient(const struct ns_ascent *s, size_t a) {
    double precision = a < 2 ? NS_LEVEL_PRIOR
                       : a < 2 + s->p->change_count
                           ? 0 : ns_prior_precision(s->p, a - 2 - s->p->change_count);
    return -s->q[a] / s->v + precision * s->theta[a];
}

double ns_rows_violation(const struct ns_ascent *s) {
    double worst = 0;
    for (size_t a = 0; a < s->n; a++) {
        bool penalised = a >= 2 && a < 2 + s->p->change_count;
        double weight = penalised ? 1 / s->p->tau : 0;
        double g = ns_rows_gradient(s, a);
        double off = s->theta[a] > 0   ? fabs(g + weight)
                     : s->theta[a] < 0 ? fabs(g - weight)
                                       : fmax(fabs(g) - weight, 0);
        worst = fmax(worst, off);
    }
    return worst;
}
