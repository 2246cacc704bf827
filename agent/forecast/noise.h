/* noise.h: the spread of a day's count around its mean: narrower or wider than Poisson.
 *
 * Real logs have a variance of 0.1 to 0.7 of the mean, which Poisson and negative binomial
 * cannot show. phi = variance / mean: below 1 a normal cut into whole pieces (mass below 0
 * folded onto 0), from 1 on a negative binomial. Threads: pure. */
#pragma once

#define NS_NOISE_PHI_MIN 0.05
#define NS_NOISE_PHI_MAX 3.0
#define NS_NOISE_COUNT_MAX 120

/* P(Y <= k) for mean >= 0; k below 0 gives 0. */
double ns_noise_cdf(int k, double mean, double phi);
/* Smallest k with P(Y <= k) >= p. */
int ns_noise_quantile(double p, double mean, double phi);
double ns_normal_cdf(double z);
double ns_normal_quantile(double p); /* p in (0, 1) */
