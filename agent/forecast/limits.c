#include "agent/forecast/compat.h"

#include "agent/forecast/noise.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#define STEPS 2000 /* Simpson intervals, even */
#define PI 3.14159265358979323846

/* ln of the characteristic function, which is real and even. */
static double log_phi(double u, double rate, double span, double scale, double sigma) {
    double a = scale * u;
    /* atan(aL)/a - L without cancellation near 0 */
    double z = a * span;
    double part = z < 1e-3 ? -span * z * z / 3 * (1 - 0.6 * z * z) : atan(z) / a - span;
    return rate * part - sigma * sigma * u * u / 2;
}

static double cut_off(double rate, double span, double scale, double sigma) {
    double low = 0;
    double high = 9 / sigma; /* there the noise alone is below e^-40 */
    for (int i = 0; i < 60; i++) {
        double mid = (low + high) / 2;
        *(log_phi(mid, rate, span, scale, sigma) > -36 ? &low : &high) = mid;
    }
    return high;
}

/* P(|D| <= x) = 2/pi int phi(u) sin(ux)/u du and its derivative in x. */
static double inside(double x, const double *phi, double step, double *density) {
    double sum = 0;
    double slope = 0;
    for (int i = 0; i <= STEPS; i++) {
        double u = i * step;
        double weight = i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2;
        sum += weight * phi[i] * (i == 0 ? x : sin(u * x) / u);
        slope += weight * phi[i] * cos(u * x);
    }
    *density = 2 / PI * slope * step / 3;
    return 2 / PI * sum * step / 3;
}

double ns_compat_half_width(double rate, double span, double scale, double sigma,
                            double interval) {
    double phi[STEPS + 1];
    double z = ns_normal_quantile(0.5 + interval / 2);
    double trend = 2 * rate * scale * scale * span * span * span / 3;
    double total = sqrt(trend + sigma * sigma);
    if (span <= 0 || trend < 1e-12 * sigma * sigma || total == 0) {
        return z * sigma;
    }
    double step = cut_off(rate, span, scale, sigma) / STEPS;
    for (int i = 0; i <= STEPS; i++) {
        phi[i] = exp(i == 0 ? 0 : log_phi(i * step, rate, span, scale, sigma));
    }
    double low = 0;
    double high = 40 * total;
    double x = z * total;
    for (int i = 0; i < 80; i++) { /* Newton inside a bracket */
        double density;
        double off = inside(x, phi, step, &density) - interval;
        *(off > 0 ? &high : &low) = x;
        double next = density > 0 ? x - off / density : -1;
        next = next > low && next < high ? next : (low + high) / 2;
        if (fabs(next - x) < 1e-10 * total) {
            return next;
        }
        x = next;
    }
    return x;
}

#define DRAWS 4000
#define DRAW_SEED 20260101
#define CHANGES_MAX 10000

static size_t draw_changes(const struct ns_compat_draw *draw, gsl_rng *random, double *at,
                           double *jump) {
    double span = draw->t_max - 1;
    size_t n = span > 0 ? gsl_ran_poisson(random, draw->rate * span) : 0;
    n = n < CHANGES_MAX ? n : CHANGES_MAX;
    for (size_t c = 0; c < n; c++) {
        at[c] = 1 + span * gsl_rng_uniform(random);
        jump[c] = gsl_ran_laplace(random, draw->scale);
    }
    return n;
}

void ns_compat_draw_limits(const struct ns_compat_draw *draw, const double *t,
                           const double *line, const double *cap, const double *factor,
                           const double *add, size_t count, struct ns_arena *arena,
                           double *lower, double *upper) {
    double *value = NS_NEW_N(arena, double, count * DRAWS);
    double *at = NS_NEW_N(arena, double, CHANGES_MAX);
    double *jump = NS_NEW_N(arena, double, CHANGES_MAX);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, DRAW_SEED);
    for (size_t s = 0; s < DRAWS; s++) {
        size_t n = draw_changes(draw, random, at, jump);
        for (size_t i = 0; i < count; i++) {
            double moved = line[i];
            for (size_t c = 0; c < n; c++) {
                moved += t[i] > at[c] ? jump[c] * (t[i] - at[c]) : 0;
            }
            value[i * DRAWS + s] = cap[i] / (1 + exp(-moved)) * factor[i] + add[i] +
                                   gsl_ran_gaussian_ziggurat(random, draw->sigma);
        }
    }
    gsl_rng_free(random);
    for (size_t i = 0; i < count; i++) {
        double *row = value + i * DRAWS;
        gsl_sort(row, 1, DRAWS);
        lower[i] = gsl_stats_quantile_from_sorted_data(row, 1, DRAWS, (1 - draw->interval) / 2);
        upper[i] = gsl_stats_quantile_from_sorted_data(row, 1, DRAWS, (1 + draw->interval) / 2);
    }
}
