#include "agent/forecast/horizon.h"

#include "agent/forecast/noise.h"

#include <math.h>
#include <string.h>

/* Changes are paced: a sum of days varies less than independent days would, for what is late
 * today is early tomorrow. Set so that 30-day totals of the searched homes hold 80 to 85 in 100. */
#define SUM_NOISE 0.2
/* Set so that the daily band holds 80 in 100 of the searched homes' days. */
#define DAY_NOISE 1.12

static double guarded(double mean, const struct ns_level_day *day, const struct ns_guard *guard,
                      bool *hit) {
    double low = 0;
    double high = NS_FORECAST_DAY_MAX;
    if (guard->known) {
        double holiday = exp(fabs(day->h[NS_STATE_BREAK]) + fabs(day->h[NS_STATE_SUMMER]));
        low = fmin(guard->ratio * day->use / 2 / holiday, high);
        high = fmin(guard->ratio * day->use * 2 * holiday, high);
    }
    double held = fmin(fmax(mean, low), high);
    *hit = *hit || held != mean;
    return held;
}

static void carry(double cov[NS_STATE_COUNT], const struct ns_level_settings *set) {
    cov[NS_STATE_MOOD] *= set->mood_keep;
}

void ns_path_run(struct ns_path *path, const struct ns_level *level,
                 const struct ns_level_day *day, int days, double today_left,
                 const struct ns_guard *guard, bool shelf) {
    struct ns_level ahead = *level;
    double cov[NS_STATE_COUNT] = {0}; /* between the states and the sum so far */
    double row[NS_STATE_COUNT];
    double sum = 0;
    double variance = 0;
    memset(path, 0, sizeof *path);
    path->days = days;
    path->phi = level->phi * DAY_NOISE;
    for (int h = 0; h < days; h++) {
        double share = shelf && day[h].away ? 0 : h == 0 ? today_left : 1;
        double between = 0;
        ns_level_advance(&ahead);
        carry(cov, &ahead.set);
        double mean = guarded(ns_level_mean(&ahead, &day[h]), &day[h], guard, &path->guarded);
        double relative = ns_level_variance(&ahead, &day[h], row);
        double part = mean * share;
        for (int i = 0; i < NS_STATE_COUNT; i++) {
            between += day[h].h[i] * cov[i];
            cov[i] += part * row[i];
        }
        sum += part;
        variance += part * part * relative + SUM_NOISE * path->phi * part + 2 * part * between;
        path->mean[h] = mean;
        path->relative_sd[h] = sqrt(relative);
        path->sum_mean[h] = sum;
        path->sum_sd[h] = sqrt(fmax(variance, 0));
    }
}

void ns_path_blend(struct ns_path *out, const struct ns_path *path, const double *weight,
                   int count) {
    memset(out, 0, sizeof *out);
    out->days = path[0].days;
    for (int k = 0; k < count; k++) {
        out->phi += weight[k] * path[k].phi;
        out->guarded = out->guarded || path[k].guarded;
    }
    for (int h = 0; h < out->days; h++) {
        double mean = 0, sum = 0, square = 0, sum_square = 0;
        double low = path[0].mean[h];
        double high = low;
        for (int k = 0; k < count; k++) {
            double sd = path[k].relative_sd[h] * path[k].mean[h];
            low = fmin(low, path[k].mean[h]);
            high = fmax(high, path[k].mean[h]);
            mean += weight[k] * path[k].mean[h];
            sum += weight[k] * path[k].sum_mean[h];
            square += weight[k] * (sd * sd + path[k].mean[h] * path[k].mean[h]);
            sum_square += weight[k] * (path[k].sum_sd[h] * path[k].sum_sd[h] +
                                       path[k].sum_mean[h] * path[k].sum_mean[h]);
        }
        mean = fmin(fmax(mean, low), high); /* weights sum to 1 but for rounding */
        out->mean[h] = mean;
        out->relative_sd[h] = mean > 1e-9 ? sqrt(fmax(square - mean * mean, 0)) / mean : 0;
        out->sum_mean[h] = sum;
        out->sum_sd[h] = sqrt(fmax(sum_square - sum * sum, 0));
    }
}

double ns_path_gone(const struct ns_path *path, int h, int64_t stock) {
    if (stock <= 0) {
        return 1;
    }
    double gap = (double)stock - 0.5 - path->sum_mean[h];
    if (path->sum_sd[h] < 1e-9) {
        return gap <= 0 ? 1 : 0;
    }
    return 1 - ns_normal_cdf(gap / path->sum_sd[h]);
}

int ns_path_total_quantile(const struct ns_path *path, int h, double p) {
    double value = path->sum_mean[h] + ns_normal_quantile(p) * path->sum_sd[h];
    return (int)lround(fmax(value, 0));
}
