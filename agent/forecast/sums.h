/* sums.h: sums over rows of products of a trend's columns with each other and with features.
 * The columns are t, 1 and the hinges max(0, t - s): running moments about each changepoint give
 * all of them in one pass over the rows, without cancellation. Private to agent/forecast.
 * Memory: the caller's. Threads: pure. */
#pragma once
#include <stddef.h>

struct ns_knots {
    size_t rows;
    const double *t; /* ascending */
    size_t count;
    const double *at;    /* changepoints, ascending */
    const size_t *first; /* of each changepoint: the first row after it */
};

/* out: (2 + count)^2, in the order t, 1, hinges; weight: per row. */
void ns_sums_square(const struct ns_knots *k, const double *weight, double *out);
/* out: 2 + count sums of weight times a column. */
void ns_sums_plain(const struct ns_knots *k, const double *weight, double *out);
/* out: (2 + count) x width sums of weight times a column times a feature. */
void ns_sums_cross(const struct ns_knots *k, const double *weight, const double *feature,
                   size_t width, double *out);
/* out: width x width, both halves; width a multiple of 4. */
void ns_sums_gram(const double *feature, size_t rows, size_t width, double *out);
