#include "agent/forecast/documented.h"

#include "agent/forecast/compat.h"
#include "shared/text/message.h"

#include <math.h>

#define DAY 86400

static const struct ns_compat_season seasons[] = {{"yearly", 365.25, 10, 10, true, 0},
                                                  {"weekly", 7, 3, 10, true, 0}};
static const struct ns_compat_regressor regressors[] = {
    {"growth_factor", 10, true, NS_SCALE_AUTO}, {"seasonal_factor", 10, true, NS_SCALE_AUTO}};

static const struct ns_compat_model model = {.growth = NS_FIT_LINEAR, .change_count = 25,
    .change_range = 0.8, .tau = 0.05, .interval = 0.8, .holidays_multiplicative = true,
    .season = seasons, .season_count = NS_COUNT(seasons), .regressor = regressors,
    .regressor_count = NS_COUNT(regressors)};

static void describe(const struct ns_forecast_input *in, ns_date day, int64_t *seconds,
                     double *regressor) {
    *seconds = (int64_t)day * DAY;
    regressor[0] = ns_growth_factor(day - in->birth);
    regressor[1] = ns_seasonal_factor(in->province, day);
}

static unsigned doubts_of(const struct ns_documented *d, ns_date first, ns_date today,
                          const struct ns_compat *fitted) {
    unsigned out = 0;
    out |= today - first < 365 ? 1u << NS_DOUBT_YEAR : 0;
    out |= d->days < d->unknowns ? 1u << NS_DOUBT_FEW : 0;
    out |= d->least < 0 || d->most > NS_FORECAST_DAY_MAX ? 1u << NS_DOUBT_OUTSIDE : 0;
    out |= fitted->fit.unbounded ? 1u << NS_DOUBT_UNBOUNDED : 0;
    return out;
}

ns_rc ns_documented_run(const struct ns_forecast_input *in, struct ns_arena *arena,
                        struct ns_documented *out, struct ns_err *err) {
    size_t room = NS_DOCUMENTED_DAYS + NS_FORECAST_DAYS;
    int64_t *seconds = NS_NEW_N(arena, int64_t, room);
    double *regressor = NS_NEW_N(arena, double, 2 * room);
    double *y = NS_NEW_N(arena, double, room);
    size_t n = 0;
    *out = (struct ns_documented){.least = HUGE_VAL, .most = -HUGE_VAL};
    for (size_t i = 0; i < in->day_count && n < NS_DOCUMENTED_DAYS; i++) {
        const struct ns_use_day *day = &in->days[i];
        bool told = day->status == NS_USE_OK || day->status == NS_USE_ZERO_CONFIRMED;
        if (told && day->date < in->today && day->date >= in->today - NS_DOCUMENTED_DAYS) {
            describe(in, day->date, &seconds[n], &regressor[2 * n]);
            y[n++] = day->status == NS_USE_OK ? day->count : 0;
        }
    }
    struct ns_compat_rows history = {.count = n, .seconds = seconds, .y = y,
                                     .regressor = regressor};
    struct ns_compat_rows ahead = {.count = NS_FORECAST_DAYS, .seconds = seconds + n,
                                   .regressor = regressor + 2 * n};
    for (size_t h = 0; h < NS_FORECAST_DAYS; h++) {
        describe(in, in->today + (ns_date)h, &seconds[n + h], &regressor[2 * (n + h)]);
    }
    struct ns_compat fitted;
    ns_rc rc = ns_compat_run(&model, &history, &ahead, arena, &fitted, err);
    if (rc != NS_OK) {
        return rc;
    }
    out->days = (int)n;
    out->unknowns = (int)(2 + fitted.change_count + fitted.beta_count);
    for (size_t h = 0; h < NS_FORECAST_DAYS; h++) {
        const struct ns_compat_value *v = &fitted.row[h];
        out->day[h] = (struct ns_documented_day){in->today + (ns_date)h, v->yhat, v->lower,
                                                 v->upper};
        out->total += v->yhat;
        out->least = fmin(out->least, v->yhat);
        out->most = fmax(out->most, v->yhat);
    }
    out->doubts = doubts_of(out, n > 0 ? (ns_date)(seconds[0] / DAY) : in->today, in->today,
                            &fitted);
    return NS_OK;
}

int ns_documented_msg(enum ns_documented_doubt doubt) {
    switch (doubt) {
    case NS_DOUBT_YEAR:
        return NS_MSG_forecast_doubt_year;
    case NS_DOUBT_FEW:
        return NS_MSG_forecast_doubt_few;
    case NS_DOUBT_OUTSIDE:
        return NS_MSG_forecast_doubt_outside;
    case NS_DOUBT_UNBOUNDED:
    case NS_DOUBT_COUNT:
        break;
    }
    return NS_MSG_forecast_doubt_unbounded;
}
