#include "agent/forecast/compat.h"

#include "agent/forecast/noise.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

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

/* Every draw's departure from the line, as bend + slope * t: what the changes met so far add to
 * the logit at any later time. */
struct drawn {
    double bend[DRAWS];
    double slope[DRAWS];
    double noise[DRAWS]; /* standard normal, ascending: the paths are in no order */
    double value[DRAWS];
};

static int by_time(const void *a, const void *b) {
    double x = (*(const struct ns_compat_point *const *)a)->t;
    double y = (*(const struct ns_compat_point *const *)b)->t;
    return (x > y) - (x < y);
}

/* The changes of all draws within (from, to]: together a Poisson process, each change belonging
 * to any draw alike. No change is kept, so that the cost follows their number alone. */
static void meet_changes(struct drawn *d, double from, double to, double rate, double scale,
                         gsl_rng *random) {
    unsigned count = gsl_ran_poisson(random, rate * (to - from) * DRAWS);
    for (unsigned c = 0; c < count; c++) {
        unsigned long s = gsl_rng_uniform_int(random, DRAWS);
        double at = from + (to - from) * gsl_rng_uniform(random);
        double jump = gsl_ran_laplace(random, scale);
        d->slope[s] += jump;
        d->bend[s] -= jump * at;
    }
}

/* Moves the k smallest of value[from .. count - 1] before index k (quickselect). */
static double smallest(double *value, size_t from, size_t count, size_t k) {
    size_t low = from;
    size_t high = count - 1;
    while (low < high) {
        double pivot = value[low + (high - low) / 2];
        size_t i = low;
        size_t j = high;
        for (;;) {
            while (value[i] < pivot) {
                i++;
            }
            while (value[j] > pivot) {
                j--;
            }
            if (i >= j) {
                break;
            }
            double held = value[i];
            value[i++] = value[j];
            value[j--] = held;
        }
        *(k <= j ? &high : &low) = k <= j ? j : j + 1;
    }
    return value[k];
}

/* Sample quantile, type 7; what lies before `from` is smaller and may be left out. */
static double drawn_quantile(double *value, size_t from, double p) {
    double place = p * (DRAWS - 1);
    size_t k = (size_t)place;
    double here = smallest(value, from, DRAWS, k);
    double next = k + 1 < DRAWS ? smallest(value, k + 1, DRAWS, k + 1) : here;
    return here + (place - (double)k) * (next - here);
}

static void limit_point(const struct ns_compat_draw *draw, struct drawn *d,
                        struct ns_compat_point *p) {
    double still = p->cap / (1 + exp(-p->line)) * p->factor + p->add;
    for (size_t s = 0; s < DRAWS; s++) {
        double trend = still;
        if (d->slope[s] != 0) {
            double moved = p->line + d->bend[s] + d->slope[s] * p->t;
            trend = p->cap / (1 + exp(-moved)) * p->factor + p->add;
        }
        d->value[s] = trend + draw->sigma * d->noise[s];
    }
    double low = (1 - draw->interval) / 2;
    p->lower = drawn_quantile(d->value, 0, low);
    p->upper = drawn_quantile(d->value, (size_t)(low * (DRAWS - 1)), 1 - low);
}

void ns_compat_draw_limits(const struct ns_compat_draw *draw, struct ns_compat_point *point,
                           size_t count, struct ns_arena *arena) {
    struct drawn *d = NS_NEW(arena, struct drawn);
    struct ns_compat_point **order = NS_NEW_N(arena, struct ns_compat_point *, count);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, DRAW_SEED);
    for (size_t s = 0; s < DRAWS; s++) {
        d->noise[s] = ns_normal_quantile(((double)s + 0.5) / DRAWS);
    }
    double last = 1;
    for (size_t i = 0; i < count; i++) {
        order[i] = &point[i];
        last = fmax(last, point[i].t);
    }
    qsort(order, count, sizeof order[0], by_time);
    double rate = fmin(draw->rate, CHANGES_MAX / fmax(last - 1, 1e-9));
    double met = 1;
    for (size_t i = 0; i < count; i++) {
        meet_changes(d, met, fmax(order[i]->t, met), rate, draw->scale, random);
        met = fmax(order[i]->t, met);
        limit_point(draw, d, order[i]);
    }
    gsl_rng_free(random);
}
