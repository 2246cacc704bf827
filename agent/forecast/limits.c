#include "agent/forecast/compat.h"

#include "agent/forecast/noise.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#define PI 3.14159265358979323846
#define NODES_MAX 4000
#define TAIL 30  /* e^-30: probability left outside the range looked at */
#define FADED 34 /* e^-34: where the characteristic function is given up */

struct deviation {
    double rate;
    double span;
    double scale;
    double sigma; /* not below a share of the trend's own doubt: it would only cost nodes */
    double noise; /* what it really is */
};

/* ln of the characteristic function, which is real and even. */
static double log_phi(const struct deviation *d, double u) {
    double a = d->scale * u;
    /* atan(aL)/a - L without cancellation near 0 */
    double z = a * d->span;
    double part = z < 1e-3 ? -d->span * z * z / 3 * (1 - 0.6 * z * z) : atan(z) / a - d->span;
    return d->rate * part - d->sigma * d->sigma * u * u / 2;
}

/* A bound beyond which the deviation lies with less than 2 e^-TAIL (Chernoff). */
static double range_of(const struct deviation *d) {
    double best = HUGE_VAL;
    double pole = 1 / (d->scale * d->span);
    double gauss = sqrt(2 * TAIL) / d->sigma;
    for (int i = 0; i < 20; i++) {
        double s = i == 0 ? fmin(gauss, 0.95 * pole) : pole * i / 20;
        double a = d->scale * s;
        double z = a * d->span;
        double grows = d->rate * (z < 1e-3 ? d->span * z * z / 3 : atanh(z) / a - d->span) +
                       d->sigma * d->sigma * s * s / 2;
        best = fmin(best, (grows + TAIL) / s);
    }
    return best;
}

/* P(|D| <= x) and its density: the trapezoidal rule, whose error is what lies beyond the range,
 * because the integrand is smooth and even. Sines by rotation. */
static double inside(double x, double step, const double *phi, int count, double *density) {
    double s1 = sin(step * x);
    double c1 = cos(step * x);
    double s = s1;
    double c = c1;
    double sum = step * x / 2;
    double slope = 0.5;
    for (int k = 1; k <= count; k++) {
        sum += phi[k] * s / k;
        slope += phi[k] * c;
        double turned = s * c1 + c * s1;
        c = c * c1 - s * s1;
        s = turned;
    }
    *density = 2 / PI * step * slope;
    return 2 / PI * sum;
}

/* The paths without any change have the true noise, not the one in the sum. */
static double settle(const struct deviation *d, double x, double *density) {
    double none = exp(-d->rate * d->span);
    double fine = x / d->noise;
    double coarse = x / d->sigma;
    if (d->noise >= d->sigma) {
        return 0;
    }
    *density += none * sqrt(2 / PI) *
                (exp(-fine * fine / 2) / d->noise - exp(-coarse * coarse / 2) / d->sigma);
    return none * (erf(fine / sqrt(2)) - erf(coarse / sqrt(2)));
}

/* Its own function: nothing is cleared when the trend has no doubt. */
static double invert(const struct deviation *d, double total, double interval) {
    double phi[NODES_MAX + 1];
    double range = range_of(d);
    double step = PI / range;
    int count = 0;
    for (double exponent = 0; count < NODES_MAX && exponent > -FADED;) {
        count++;
        exponent = log_phi(d, count * step);
        phi[count] = exp(exponent);
    }
    double low = 0;
    double high = range;
    double x = fmin(ns_normal_quantile(0.5 + interval / 2) * total, range / 2);
    for (int i = 0; i < 100; i++) { /* Newton inside a bracket */
        double density;
        double off = inside(x, step, phi, count, &density) - interval;
        off += settle(d, x, &density);
        *(off > 0 ? &high : &low) = x;
        double next = density > 0 ? x - off / density : -1;
        next = next > low && next < high ? next : (low + high) / 2;
        if (fabs(next - x) < 1e-11 * total) {
            return next;
        }
        x = next;
    }
    return x;
}

double ns_compat_half_width(double rate, double span, double scale, double sigma,
                            double interval) {
    double trend = 2 * rate * scale * scale * span * span * span / 3;
    double total = sqrt(trend + sigma * sigma);
    if (!(span > 0) || trend < 1e-12 * sigma * sigma || total == 0 || !isfinite(total)) {
        return ns_normal_quantile(0.5 + interval / 2) * sigma;
    }
    struct deviation d = {rate, span, scale, fmax(sigma, total / 150), fmax(sigma, 1e-300)};
    return invert(&d, total, interval);
}

/* --- drawn ------------------------------------------------------------------------------ */

#define DRAWS 4000
#define DRAW_SEED 20260101
#define CHANGES_MAX 1000 /* of one draw: beyond, the horizon is many histories long */

struct path { /* the changes of one draw */
    size_t count;
    double *at;
    double *jump;
};

static void draw_path(const struct ns_compat_draw *draw, gsl_rng *random,
                      struct ns_arena *arena, struct path *out) {
    double span = draw->t_max - 1;
    double mean = fmin(draw->rate * span, CHANGES_MAX);
    out->count = mean > 0 ? gsl_ran_poisson(random, mean) : 0;
    out->at = NS_NEW_N(arena, double, out->count);
    out->jump = NS_NEW_N(arena, double, out->count);
    for (size_t c = 0; c < out->count; c++) {
        out->at[c] = 1 + span * gsl_rng_uniform(random);
        out->jump[c] = gsl_ran_laplace(random, draw->scale);
    }
}

void ns_compat_draw_limits(const struct ns_compat_draw *draw, struct ns_compat_point *point,
                           size_t count, struct ns_arena *arena) {
    struct path *path = NS_NEW_N(arena, struct path, DRAWS);
    double *value = NS_NEW_N(arena, double, DRAWS);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, DRAW_SEED);
    for (size_t s = 0; s < DRAWS; s++) {
        draw_path(draw, random, arena, &path[s]);
    }
    for (size_t i = 0; i < count; i++) {
        struct ns_compat_point *p = &point[i];
        for (size_t s = 0; s < DRAWS; s++) {
            double moved = p->line;
            for (size_t c = 0; c < path[s].count; c++) {
                moved += p->t > path[s].at[c] ? path[s].jump[c] * (p->t - path[s].at[c]) : 0;
            }
            value[s] = p->cap / (1 + exp(-moved)) * p->factor + p->add +
                       gsl_ran_gaussian_ziggurat(random, draw->sigma);
        }
        gsl_sort(value, 1, DRAWS);
        p->lower = gsl_stats_quantile_from_sorted_data(value, 1, DRAWS, (1 - draw->interval) / 2);
        p->upper = gsl_stats_quantile_from_sorted_data(value, 1, DRAWS, (1 + draw->interval) / 2);
    }
    gsl_rng_free(random);
}
