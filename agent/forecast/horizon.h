/* horizon.h: the learned states carried forward: daily use, sums of use and run-out.
 * Private to agent/forecast. Memory: plain values. Threads: pure. */
#pragma once
#include "agent/forecast/forecast.h"
#include "agent/forecast/level.h"

/* Demand of the days up to and including day h has this mean and standard deviation. */
struct ns_path {
    int days;
    double mean[NS_FORECAST_RUNOUT_DAYS];
    double relative_sd[NS_FORECAST_RUNOUT_DAYS]; /* of the day's mean */
    double sum_mean[NS_FORECAST_RUNOUT_DAYS];
    double sum_sd[NS_FORECAST_RUNOUT_DAYS];
    double phi;
    bool guarded;
};

/* What may not be left: recent[0] the mean of the last 28 days' use over the average child's,
 * 0 when unknown; see forecasting.md D1. */
struct ns_guard {
    bool known;
    double ratio;
};

/* day: the days to forecast, described; today_left scales the first. shelf: what is taken from
 * the cupboard at home, which days away leave alone. */
void ns_path_run(struct ns_path *path, const struct ns_level *level,
                 const struct ns_level_day *day, int days, double today_left,
                 const struct ns_guard *guard, bool shelf);
/* The mixture of several paths of equal length by its mean and variance. */
void ns_path_blend(struct ns_path *out, const struct ns_path *path, const double *weight,
                   int count);
/* P(demand of days 0..h >= stock). */
double ns_path_gone(const struct ns_path *path, int h, int64_t stock);
int ns_path_total_quantile(const struct ns_path *path, int h, double p);
