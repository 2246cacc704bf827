/* methods.h: what each method says of the 30 days after an origin. Pure. */
#pragma once
#include "tests/bench/forecast/homes.h"

#define AHEAD 30

enum method {
    METHOD_OURS,
    METHOD_NAIVE,  /* the last value of the same weekday */
    METHOD_ETS,    /* exponential smoothing, with or without a week, by AICc */
    METHOD_MEAN7,
    METHOD_MEAN28,
    METHOD_ORACLE, /* knows the true mean of each day to come */
    METHOD_SEED,   /* Prophet: yearly and weekly, multiplicative, two regressors, 90 days */
    METHOD_AUTO,   /* Prophet: the same, yearly automatic, all days */
    METHOD_PLAIN,  /* Prophet: nothing set */
    METHOD_COUNT
};
const char *method_name(enum method method);

struct told {
    double mean[AHEAD];
    double limit[AHEAD][3]; /* quantiles 0.1, 0.5, 0.9 */
    double total_mean;
    double total[3];
};

/* The methods between OURS and SEED that need only the counts of days before `origin`. */
bool method_tell(enum method method, const struct home *home, int origin, struct told *out);
/* Exponential smoothing (ets.c). */
bool ets_tell(const struct home *home, int origin, struct told *out);
/* Limits of a normal distribution in a day and in the sum. */
void told_normal(struct told *out, const double sd[AHEAD], double total_sd);
