/* score.h: forecasts of 30 days against what was counted, by method and length of history. */
#pragma once
#include "tests/bench/forecast/methods.h"

enum group { GROUP_SHORT, GROUP_MIDDLE, GROUP_LONG, GROUP_ALL, GROUP_REAL, GROUP_COUNT };
#define ORIGINS_MAX 6000

struct score {
    int origins;
    int days;
    double absolute; /* sums over origins of the origin's mean */
    double pinball;
    double inside;   /* days, a count on a limit in part */
    double total_inside;
    double each_pinball[ORIGINS_MAX];
    double each_error[ORIGINS_MAX]; /* |total - told| / total */
};

struct table {
    struct score cell[METHOD_COUNT][GROUP_COUNT];
};

/* Adds one origin to its group; simulated homes to GROUP_ALL too. */
void score_add(struct table *table, enum method method, const struct home *home, int origin,
               const struct told *told);
double score_mae(const struct score *score);
double score_pinball(const struct score *score);
double score_cover(const struct score *score);
double score_total_error(struct score *score); /* the median; sorts */
/* A row for each method met: simulated homes, or the real ones. */
void score_print(struct table *table, bool real);
