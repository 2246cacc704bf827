/* fit.h: additive or multiplicative trend-and-seasons model, fitted to its exact mode.
 *
 * mu = g(t) * (1 + X_m beta_m) + X_a beta_a with g flat, linear or logistic, the last two
 * with changepoints; priors
 * k, m ~ N(0, 5), delta ~ Laplace(tau), beta ~ N(0, prior), sigma ~ half normal(0.5), as in
 * Prophet (forecasting.md A2, A6, A7). Solved by Gauss-Newton over the sign-exact QP of qp.h
 * with sigma in closed form, finished by Newton on the active set and ln sigma (part B).
 * Memory: results in the arena. Threads: pure. Cost: rows * p^2 per outer step; the Gram matrix
 * of an additive model once. */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum ns_fit_growth { NS_FIT_FLAT, NS_FIT_LINEAR, NS_FIT_LOGISTIC };

struct ns_fit_problem {
    size_t rows;
    const double *t; /* scaled time, ascending */
    const double *y; /* scaled values */
    enum ns_fit_growth growth;
    const double *cap; /* scaled, per row; logistic only */
    size_t change_count;
    const double *change; /* scaled times of the changepoints, ascending */
    double tau;           /* scale of their Laplace prior */
    size_t feature_count;
    const double *x;           /* rows x features, row by row */
    const double *prior;       /* per feature */
    const bool *multiplicative; /* per feature */
    double sigma_floor;        /* 0 for none; the product's own models use 0.02 (D1) */
    const double *start;       /* k, m, delta.., beta.. to begin from; NULL: Prophet's start */
};

struct ns_fit {
    double k;
    double m;
    double *delta;
    double *beta;
    double sigma;
    double lp;       /* log posterior, constants dropped (A7) */
    double residual; /* largest violation of the optimality conditions */
    int steps;
    bool unbounded;  /* the model passes through every point: no mode, sigma at 1e-13 */
    bool constant;   /* y does not vary: the start values, sigma 0 */
};

/* NS_E_INPUT: under 2 rows, times out of order, a value that is not finite, a bad prior. */
ns_rc ns_fit_solve(const struct ns_fit_problem *problem, struct ns_arena *arena,
                   struct ns_fit *out, struct ns_err *err) NS_MUST_USE;
/* cap matters to logistic growth only. */
double ns_fit_trend(const struct ns_fit_problem *problem, const struct ns_fit *fit, double t,
                    double cap);
/* The line a logistic trend bends; the trend itself for the others. */
double ns_fit_line(const struct ns_fit_problem *problem, const struct ns_fit *fit, double t);
/* Log posterior of any point, for checks. */
double ns_fit_log_posterior(const struct ns_fit_problem *problem, const struct ns_fit *fit);
