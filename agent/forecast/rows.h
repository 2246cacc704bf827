/* rows.h: the posterior of a fit and its derivatives as sums over the rows, at one point.
 * Private to agent/forecast (ascent.c). Memory: the arena of the fit; `scratch` is emptied at
 * every step. Threads: pure. Cost: rows x features^2 / 2 for the Gram matrix of the features, all
 * else linear in rows x features. */
#pragma once
#include "agent/forecast/fit.h"
#include "agent/forecast/sums.h"

#define NS_LEVEL_PRIOR 0.04 /* 1 / 5^2, for k and m */
/* A model that can pass through every point has no mode: lp grows without bound as sigma falls.
 * The search ends where rounding would take over (values are scaled to 1). */
#define NS_SIGMA_LEAST 1e-13
/* No step changes the size of a multiplied trend by more. */
#define NS_TREND_FENCE 0.7

/* theta = k, m, delta.., beta... Inside, the penalised deltas stand apart: the "body" is k, m,
 * beta, and the Hessian comes in three blocks. Features are kept in rows padded to `wide`. */
struct ns_ascent {
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
    double mean; /* of the trend */
    bool fenced;   /* steps stay near the trend's present size */
    bool hasty;  /* begun at an earlier mode: no damping is tried before Gauss-Newton */
    int patience;  /* steps before the first projected one */
    int steps;
    bool finished; /* lp cannot tell any more */
    bool held; /* sigma stands at its floor */
    bool built;
};

/* theta and x, share, knots, start of the flags are set by the caller. Everything at theta: */
void ns_rows_build(struct ns_ascent *s);
/* J'J and the second derivatives of mu, weighted by the residuals, at theta: after a build. */
void ns_rows_bend(struct ns_ascent *s);
/* lp at another point; -HUGE_VAL beyond the fence. Overwrites w with the trend there. */
double ns_rows_try(struct ns_ascent *s, const double *theta);
/* The trend alone at any point, into w. */
void ns_rows_line(struct ns_ascent *s, const double *theta);
/* f = x, times the level where a feature is multiplicative. */
void ns_rows_scale(struct ns_ascent *s, const double *level);
/* Gradient of -lp without the penalty on the deltas, for one coordinate of theta. */
double ns_rows_gradient(const struct ns_ascent *s, size_t coordinate);
/* The largest violation of the optimality conditions. */
double ns_rows_violation(const struct ns_ascent *s);

static inline double ns_prior_precision(const struct ns_fit_problem *p, size_t feature) {
    return 1 / (p->prior[feature] * p->prior[feature]);
}
