#include "agent/forecast/noise.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double ns_normal_cdf(double z) {
    return gsl_cdf_ugaussian_P(z);
}

double ns_normal_quantile(double p) {
    return gsl_cdf_ugaussian_Pinv(p);
}

static double phi_bounded(double phi) {
    return fmin(fmax(phi, NS_NOISE_PHI_MIN), NS_NOISE_PHI_MAX);
}

double ns_noise_cdf(int k, double mean, double phi) {
    if (k < 0) {
        return 0;
    }
    if (mean < 1e-9) {
        return 1;
    }
    phi = phi_bounded(phi);
    if (phi < 1) {
        return gsl_cdf_ugaussian_P((k + 0.5 - mean) / sqrt(phi * mean));
    }
    double p = 1 / phi;
    if (p > 0.999) {
        return gsl_cdf_poisson_P((unsigned)k, mean);
    }
    return gsl_cdf_negative_binomial_P((unsigned)k, p, mean * p / (1 - p));
}

int ns_noise_quantile(double p, double mean, double phi) {
    phi = phi_bounded(phi);
    double guess = mean + ns_normal_quantile(p) * sqrt(phi * mean);
    int k = (int)fmin(fmax(floor(guess), 0), NS_NOISE_COUNT_MAX);
    while (k > 0 && ns_noise_cdf(k - 1, mean, phi) >= p) {
        k--;
    }
    while (k < NS_NOISE_COUNT_MAX && ns_noise_cdf(k, mean, phi) < p) {
        k++;
    }
    return k;
}
