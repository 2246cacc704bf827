/* packs.c: how many packs to buy, and how long they are on the way. */
#include "agent/forecast/engine.h"
#include "agent/forecast/size.h"

#include <math.h>

#define PACKS_MAX 20

/* mass spread evenly over the days after `from` up to `to`; on `from` itself when there are none. */
static void spread(double *out, int from, int to, double mass) {
    if (to <= from) {
        out[from] += mass;
        return;
    }
    for (int l = from + 1; l <= to; l++) {
        out[l] += mass / (to - from);
    }
}

void ns_forecast_lead_time(int early, int usual, int late, double out[NS_FORECAST_LEAD_MAX]) {
    int last = NS_FORECAST_LEAD_MAX - 1;
    for (int l = 0; l <= last; l++) {
        out[l] = 0;
    }
    out[early] += 0.1;
    spread(out, early, usual, 0.4);
    spread(out, usual, late, 0.4);
    out[late > early && late < last ? late + 1 : late] += 0.1;
}

/* P(at least `pieces` are used before the size is left). */
static double used_before_change(const struct ns_path *path, const struct ns_size_course *course,
                                 int64_t pieces) {
    int last = path->days - 1;
    double chance = (1 - course->chance[last + 1]) * ns_path_gone(path, last, pieces);
    for (int h = 0; h <= last; h++) {
        chance += (course->chance[h + 1] - course->chance[h]) * ns_path_gone(path, h, pieces);
    }
    return chance;
}

/* Packs that last over the review period and the delivery, but none that would rather be
 * outgrown than used: the newsvendor's rule with the share of the price a leftover still fetches. */
void ns_packs_fill(const struct ns_path *path, const struct ns_size_course *course,
                   const struct ns_forecast_input *input, struct ns_forecast *out) {
    out->pack_pieces = input->pack_pieces > 0 ? input->pack_pieces
                                              : ns_size_pack(input->brand, input->size);
    if (input->stock_pieces < 0 || !input->size_known) {
        return;
    }
    int review = input->review_days > 0 ? input->review_days : 30;
    double lead[NS_FORECAST_LEAD_MAX];
    double wait = 0;
    ns_lead_times(input, lead);
    for (int l = 0; l < NS_FORECAST_LEAD_MAX; l++) {
        wait += lead[l] * l;
    }
    int horizon = review + (int)ceil(wait);
    horizon = horizon < path->days ? horizon : path->days;
    double need = path->sum_mean[horizon - 1] - (double)input->stock_pieces;
    int wanted = need > 0 ? (int)ceil(need / out->pack_pieces) : 0;
    wanted = wanted < PACKS_MAX ? wanted : PACKS_MAX;
    double floor = 1 - (input->leftover_value > 0 ? fmin(input->leftover_value, 0.95) : 0.5);
    out->has_packs = true;
    for (int k = 1; k <= wanted; k++) {
        if (course->known &&
            used_before_change(path, course, input->stock_pieces + (int64_t)k * out->pack_pieces) < floor) {
            break;
        }
        out->packs = k;
    }
    out->packs_held_back = wanted - out->packs;
}
