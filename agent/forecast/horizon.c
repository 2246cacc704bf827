#include "agent/forecast/horizon.h"

#include "agent/forecast/noise.h"

#include <math.h>
#include <string.h>

/* Changes are paced, so sums should vary a little less than independent days would. Set by hand:
 * on the tuning homes 0.7 and 1.0 gave nearly the same cover of 30-day totals. */
#define SUM_NOISE 0.8
/* Raised until the daily cover of the tuning homes came to 0.80; the cause was not looked into. */
#define DAY_NOISE 1.15

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
    cov[NS_STATE_LEVEL] += cov[NS_STATE_DRIFT];
    cov[NS_STATE_MOOD] *= set->mood_keep;
    cov[NS_STATE_DRIFT] *= set->drift_keep;
}

void ns_path_run(struct ns_path *path, const struct ns_level *level,
                 const struct ns_level_day *day, int days, double today_left,
                 const struct ns_guard *guard) {
    struct ns_level ahead = *level;
    double cov[NS_STATE_COUNT] = {0}; /* between the states and the sum so far */
    double row[NS_STATE_COUNT];
    double sum = 0;
    double variance = 0;
    memset(path, 0, sizeof *path);
    path->days = days;
    path->phi = level->phi * DAY_NOISE;
    for (int h = 0; h < days; h++) {
        double share = h == 0 ? today_left : 1;
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
