#include "agent/forecast/engine.h"

#include <math.h>

#define RANGE_LEAST 0.75 /* of what the 80 % range of the run-out must hold, days being whole */

/* P(demand to day h >= stock), made to rise: a sum of counts never falls. */
static void fill_gone(const struct ns_path *path, int64_t stock,
                      double gone[NS_FORECAST_RUNOUT_DAYS]) {
    double high = 0;
    for (int h = 0; h < path->days; h++) {
        high = fmax(high, ns_path_gone(path, h, stock));
        gone[h] = high;
    }
}

static int first_day(const double *gone, int days, double p) {
    for (int h = 0; h < days; h++) {
        if (gone[h] >= p) {
            return h;
        }
    }
    return days;
}

/* Limits of the 80 % range: the days whose tails come nearest to ten in a hundred, since days are
 * whole and taking the outer one each time made the range hold 90. */
static int low_limit(const double *gone, int days) {
    int h = first_day(gone, days, 0.1);
    double before = h > 0 ? gone[h - 1] : 0;
    return h < days && gone[h] - 0.1 < 0.1 - before ? h + 1 : h;
}

static int high_limit(const double *gone, int days) {
    int h = first_day(gone, days, 0.9);
    return h > 0 && h < days && 0.9 - gone[h - 1] < gone[h] - 0.9 ? h - 1 : h;
}

/* The usual delivery time, or what the retailer's own past says. */
void ns_lead_times(const struct ns_forecast_input *input, double out[NS_FORECAST_LEAD_MAX]) {
    static const double usual[NS_FORECAST_LEAD_MAX] = {[2] = 0.2, [3] = 0.4, [4] = 0.25,
                                                       [6] = 0.15};
    double sum = 0;
    for (int l = 0; l < NS_FORECAST_LEAD_MAX; l++) {
        sum += fmax(input->lead_time[l], 0);
    }
    for (int l = 0; l < NS_FORECAST_LEAD_MAX; l++) {
        out[l] = sum > 0 ? fmax(input->lead_time[l], 0) / sum : usual[l];
    }
}

/* Last day to order on so that the stock outlasts the delivery often enough (C8). */
static ns_date reorder_day(const double *gone, int days,
                           const struct ns_forecast_input *input) {
    double lead[NS_FORECAST_LEAD_MAX];
    double level = input->service_level > 0 ? input->service_level : 0.95;
    int best = 0; /* today, when even today is late */
    ns_lead_times(input, lead);
    for (int d = 0; d + NS_FORECAST_LEAD_MAX <= days; d++) {
        double enough = 0;
        for (int l = 0; l < NS_FORECAST_LEAD_MAX; l++) {
            enough += lead[l] * (1 - gone[d + l]);
        }
        if (enough < level) {
            return input->today + best;
        }
        best = d;
    }
    return NS_DATE_NONE;
}

void ns_runout_fill(const struct ns_path *path, const struct ns_forecast_input *input,
                    struct ns_forecast *out) {
    double gone[NS_FORECAST_RUNOUT_DAYS];
    out->reorder_date = NS_DATE_NONE;
    if (input->stock_pieces < 0) {
        return;
    }
    fill_gone(path, input->stock_pieces, gone);
    out->reorder_date = reorder_day(gone, path->days, input);
    if (gone[path->days - 1] < 0.5) {
        out->notes |= 1u << NS_NOTE_STOCK_LASTS;
        return;
    }
    out->has_runout = true;
    int median = first_day(gone, path->days, 0.5);
    int low = low_limit(gone, path->days);
    int high = high_limit(gone, path->days);
    low = low < median ? low : median;
    high = high > median ? high : median;
    /* A short stock spans a day or two: the nearest limits may then hold too little. */
    double before = low > 0 ? gone[low - 1] : 0;
    if (high < path->days && gone[high] - before < RANGE_LEAST) {
        bool early = before > 1 - gone[high];
        low -= early && low > 0;
        high += !early;
    }
    out->runout_q10 = input->today + low;
    out->runout_median = input->today + median;
    out->runout_q90 = input->today + high;
}
