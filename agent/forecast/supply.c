/* supply.c: run-out of what is used up without an age curve: a steady rate, its doubt and noise. */
#include "agent/forecast/engine.h"

#include <math.h>
#include <string.h>

#define DISPERSION_USUAL 1.5 /* of wipes and cream: less even than diapers */
#define DISPERSION_MAX 12.0

void ns_supply_forecast(const struct ns_supply_input *input, struct ns_supply *out) {
    *out = (struct ns_supply){.runout_q10 = NS_DATE_NONE, .runout_median = NS_DATE_NONE,
                              .runout_q90 = NS_DATE_NONE, .reorder_date = NS_DATE_NONE};
    if (input->days <= 0 || !(input->used > 0)) {
        return;
    }
    double spread = input->dispersion > 0 ? fmin(fmax(input->dispersion, 0.5), DISPERSION_MAX)
                                          : DISPERSION_USUAL;
    struct ns_path path = {.days = NS_FORECAST_RUNOUT_DAYS};
    out->rate = input->used / input->days;
    double doubt = spread * out->rate / input->days; /* variance of the rate itself */
    for (int h = 0; h < path.days; h++) {
        double days = h + 1;
        path.mean[h] = out->rate;
        path.sum_mean[h] = out->rate * days;
        path.sum_sd[h] = sqrt(spread * out->rate * days + doubt * days * days);
    }
    struct ns_forecast_input shelf = {.today = input->today, .stock_pieces = input->left};
    memcpy(shelf.lead_time, input->lead_time, sizeof shelf.lead_time);
    struct ns_forecast f = {0};
    ns_runout_fill(&path, &shelf, &f);
    out->has_runout = f.has_runout;
    out->reorder_date = f.reorder_date;
    if (f.has_runout) {
        out->runout_q10 = f.runout_q10;
        out->runout_median = f.runout_median;
        out->runout_q90 = f.runout_q90;
    }
}
