/* documented.h: the workflow of the first documentation, taken literally, on one child: the last
 * 90 days, Prophet with linear growth, multiplicative, yearly and weekly seasons forced on, the
 * regressors growth_factor and seasonal_factor, 30 days ahead. Shown beside the product's
 * own model, never used: a yearly season cannot be learned from 90 days.
 * Memory: in the arena. Threads: pure. */
#pragma once
#include "agent/forecast/forecast.h"

#define NS_DOCUMENTED_DAYS 90

enum ns_documented_doubt {
    NS_DOUBT_YEAR,      /* a yearly season from less than a year of days */
    NS_DOUBT_FEW,       /* more unknowns than days with a count */
    NS_DOUBT_OUTSIDE,   /* some day's forecast is below 0 or above 20 */
    NS_DOUBT_UNBOUNDED, /* the curve passes through every day: no noise is left */
    NS_DOUBT_COUNT
};

struct ns_documented_day {
    ns_date date;
    double expected;
    double lower; /* 80 % */
    double upper;
};

struct ns_documented {
    int days;     /* with a count */
    int unknowns; /* of the model */
    struct ns_documented_day day[NS_FORECAST_DAYS];
    double total;
    double least; /* of the days ahead */
    double most;
    unsigned doubts; /* bits of enum ns_documented_doubt */
};

/* Reads today, birth, province and days of the input. NS_E_INPUT: fewer than 2 days. */
ns_rc ns_documented_run(const struct ns_forecast_input *input, struct ns_arena *arena,
                        struct ns_documented *out, struct ns_err *err) NS_MUST_USE;
int ns_documented_msg(enum ns_documented_doubt doubt); /* enum ns_msg */
