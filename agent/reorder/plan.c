#include "agent/reorder/plan.h"

#include <math.h>

#define Q90 1.2815515655446004 /* of the normal distribution */
#define SERVICE 0.95           /* chance not to run dry before the delivery */
#define RATE_DAYS 7            /* beyond the forecast use goes on as in its last days */
#define LIKELY 0.5             /* chance of another size from which one pack is the most */

/* What is used up from now to the end of day h, on average, and how unsure that is. */
struct demand {
    double mean[NS_PLAN_HORIZON];
    double sd[NS_PLAN_HORIZON];
};

static double spread_of(double low, double high) {
    return high > low ? (high - low) / 2 / Q90 : 0;
}

/* Days vary each on their own; what the whole range holds beyond that is doubt about the level,
 * which grows with the sum. */
static double level_doubt(const struct ns_plan_input *in) {
    double whole = spread_of(in->total_low, in->total_high), noise = 0, mean = 0;
    for (int i = 0; i < in->day_count; i++) {
        double s = spread_of(in->days[i].low, in->days[i].high);
        noise += s * s;
        mean += in->days[i].mean;
    }
    return mean > 0 && whole * whole > noise ? sqrt(whole * whole - noise) / mean : 0;
}

static void fill_demand(const struct ns_plan_input *in, struct demand *d) {
    int skip = in->today - in->first;
    int left = in->day_count - skip;
    int tail = left < RATE_DAYS ? left : RATE_DAYS;
    double level = level_doubt(in), mean = 0, noise = 0, rate = 0, rate_noise = 0;
    for (int i = 0; i < tail; i++) {
        const struct ns_plan_day *day = &in->days[in->day_count - 1 - i];
        double s = spread_of(day->low, day->high);
        rate += day->mean / tail;
        rate_noise += s * s / tail;
    }
    for (int h = 0; h < NS_PLAN_HORIZON; h++) {
        const struct ns_plan_day *day = h < left ? &in->days[skip + h] : NULL;
        double s = day != NULL ? spread_of(day->low, day->high) : 0;
        double share = h == 0 ? fmin(fmax(in->today_left, 0), 1) : 1;
        mean += share * (day != NULL ? fmax(day->mean, 0) : rate);
        noise += share * (day != NULL ? s * s : rate_noise);
        d->mean[h] = mean;
        d->sd[h] = sqrt(noise + level * mean * level * mean);
    }
}

/* P(used up by the end of day h), made to rise: a sum of counts never falls. */
static void fill_gone(const struct demand *d, int64_t stock, double gone[NS_PLAN_HORIZON]) {
    double high = 0;
    for (int h = 0; h < NS_PLAN_HORIZON; h++) {
        double over = (double)stock - 0.5 - d->mean[h];
        double p = stock <= 0 ? 1 : d->sd[h] > 0 ? 0.5 * erfc(over / d->sd[h] / sqrt(2)) : over < 0 ? 1 : 0;
        high = fmax(high, p);
        gone[h] = high;
    }
}

/* Last day to order on so that the delivery comes in time often enough; today, when even that is
 * late; NS_DATE_NONE: beyond the horizon. */
static ns_date order_day(const struct ns_plan_input *in, const double gone[NS_PLAN_HORIZON]) {
    int best = 0;
    for (int d = 0; d + NS_PLAN_LEAD_MAX <= NS_PLAN_HORIZON; d++) {
        double enough = 0;
        for (int l = 0; l < NS_PLAN_LEAD_MAX; l++) {
            enough += in->lead[l] * (1 - gone[d + l]);
        }
        if (enough < SERVICE) {
            return in->today + best;
        }
        best = d;
    }
    return NS_DATE_NONE;
}

static int slow_days(const struct ns_plan_input *in) {
    double sum = 0;
    int l = 0;
    for (; l < NS_PLAN_LEAD_MAX - 1; l++) {
        sum += in->lead[l];
        if (sum >= 0.9 - 1e-9) {
            break;
        }
    }
    return l;
}

static int usual_days(const struct ns_plan_input *in) {
    double wait = 0;
    for (int l = 0; l < NS_PLAN_LEAD_MAX; l++) {
        wait += in->lead[l] * l;
    }
    return (int)ceil(wait - 1e-9);
}

static int packs_within(double pieces, int pack, bool whole_only) {
    double n = pieces > 0 ? pieces / pack : 0;
    n = whole_only ? floor(n) : ceil(n);
    return n < NS_PLAN_PACKS_MOST ? (int)n : NS_PLAN_PACKS_MOST;
}

/* As if ordered today: the delivery and the days after it are covered, but no pack is bought that
 * would rather be outgrown than used; the one that bridges the time till then is. */
static void fill_packs(const struct ns_plan_input *in, const struct demand *d, struct ns_reorder *out) {
    int horizon = out->review_days + usual_days(in);
    int change = in->size_change == NS_DATE_NONE ? NS_PLAN_HORIZON : in->size_change - in->today;
    horizon = horizon < NS_PLAN_HORIZON ? horizon : NS_PLAN_HORIZON;
    int wanted = packs_within(d->mean[horizon - 1] - (double)in->stock, in->pack_pieces, false);
    int most = NS_PLAN_PACKS_MOST;
    wanted = wanted > 1 ? wanted : 1;
    out->one_only = in->size_chance > LIKELY;
    if (change < NS_PLAN_HORIZON) {
        double used = change > 0 ? d->mean[change - 1] : 0;
        most = packs_within(used - (double)in->stock, in->pack_pieces, true);
    }
    most = out->one_only || most < 1 ? 1 : most;
    out->packs = wanted < most ? wanted : most;
    out->held_back = wanted - out->packs;
}

static bool outgrown(const struct ns_plan_input *in, const struct demand *d) {
    int change = in->size_change == NS_DATE_NONE ? NS_PLAN_HORIZON : in->size_change - in->today;
    return change < NS_PLAN_HORIZON && (double)in->stock >= (change > 0 ? d->mean[change - 1] : 0) && in->stock > 0;
}

static int priority(const struct ns_plan_input *in, const struct ns_reorder *out) {
    int days = out->runout == NS_DATE_NONE ? NS_PLAN_HORIZON : out->runout - in->today;
    return days <= 2 ? 1 : days <= 5 ? 2 : 3;
}

void ns_reorder_plan(const struct ns_plan_input *in, struct ns_reorder *out) {
    struct demand d;
    double gone[NS_PLAN_HORIZON];
    int shown = in->shown_days > 0 ? in->shown_days : NS_PLAN_SHOWN_DAYS;
    *out = (struct ns_reorder){.kind = NS_PLAN_NO_FORECAST, .order_by = NS_DATE_NONE, .runout = NS_DATE_NONE,
                            .slow_days = slow_days(in), .review_days = in->review_days > 0 ? in->review_days : 30};
    if (in->day_count <= 0 || in->first > in->today || in->today - in->first >= in->day_count || in->pack_pieces <= 0) {
        return;
    }
    if (in->stock < 0) {
        out->kind = in->covered ? NS_PLAN_COVERED : NS_PLAN_NO_STOCK;
        return;
    }
    fill_demand(in, &d);
    fill_gone(&d, in->stock, gone);
    for (int h = 0; h < NS_PLAN_HORIZON && out->runout == NS_DATE_NONE; h++) {
        out->runout = gone[h] >= 0.5 ? in->today + h : NS_DATE_NONE;
    }
    if (in->covered) {
        out->kind = NS_PLAN_COVERED;
        return;
    }
    if (outgrown(in, &d)) {
        out->kind = NS_PLAN_OUTGROWN;
        return;
    }
    out->order_by = order_day(in, gone);
    if (out->order_by == NS_DATE_NONE) {
        out->kind = NS_PLAN_LASTS;
        return;
    }
    bool short_now = out->runout != NS_DATE_NONE && out->runout - in->today < shown;
    out->kind = out->order_by <= in->today || short_now ? NS_PLAN_DUE : NS_PLAN_LATER;
    fill_packs(in, &d, out);
    out->priority = out->kind == NS_PLAN_DUE ? priority(in, out) : 0;
}
