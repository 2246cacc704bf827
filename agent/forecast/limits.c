#include "agent/forecast/compat.h"

#include "agent/forecast/noise.h"

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
