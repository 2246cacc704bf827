/* plan.h: when to order diapers next, and how many packs: from what is on the shelf, what the
 * forecast expects, how long a delivery takes, what a pack holds and when the size is left.
 *
 * It refuses with a reason where it knows nothing, and asks for nothing while an order for the same
 * need is open. More on the shelf never means an earlier day, nor more packs.
 * Memory: none. Cost: under 0.1 ms. Threads: pure. */
#pragma once
#include "shared/base/time.h"

#include <stdbool.h>

#define NS_PLAN_LEAD_MAX 15  /* delivery days 0..14 */
#define NS_PLAN_HORIZON 180  /* days looked ahead */
#define NS_PLAN_PACKS_MOST 50
#define NS_PLAN_SHOWN_DAYS 7 /* a suggestion is made when so many days of supply are left */

enum ns_plan_kind {
    NS_PLAN_NO_FORECAST, /* none, or none that reaches beyond today */
    NS_PLAN_NO_STOCK,    /* nobody ever counted the shelf */
    NS_PLAN_COVERED,     /* an order for this need is open */
    NS_PLAN_OUTGROWN,    /* what is there outlasts the size */
    NS_PLAN_LASTS,       /* beyond the horizon */
    NS_PLAN_LATER,       /* nothing to do before order_by */
    NS_PLAN_DUE
};

struct ns_plan_day { /* use of a day: expected, and the limits of its 80 % range */
    double mean;
    double low;
    double high;
};

struct ns_plan_input {
    ns_date today;
    ns_date first;     /* of days */
    const struct ns_plan_day *days;
    int day_count;
    double total_low;  /* 80 % range of all the days together */
    double total_high;
    double today_left; /* share of today still to come, 0..1 */
    int64_t stock;     /* pieces of the size worn; negative: never counted */
    bool covered;      /* an open order serves this need */
    /* P(delivery takes l days), summing to 1 */
    double lead[NS_PLAN_LEAD_MAX];
    int pack_pieces;      /* over 0 */
    double size_chance;   /* to leave the size within 30 days; NAN: not known */
    ns_date size_change;  /* NS_DATE_NONE: not known */
    int review_days;      /* how long an order should last; 0 means 30 */
    int shown_days;       /* 0 means NS_PLAN_SHOWN_DAYS */
};

struct ns_reorder {
    enum ns_plan_kind kind;
    ns_date order_by;  /* NS_DATE_NONE but for LATER and DUE */
    ns_date runout;    /* more likely than not; NS_DATE_NONE: beyond the horizon or not known */
    int priority;      /* 1: two days of supply or less, 2: five, 3; 0 unless DUE */
    int packs;         /* 0 unless LATER (as of today) or DUE */
    int held_back;     /* packs that would be used, but the size is left before */
    bool one_only;     /* the size is likely left within 30 days: one pack at most */
    int slow_days;     /* nine deliveries in ten take no longer */
    int review_days;   /* how long packs last, after they came */
};

void ns_reorder_plan(const struct ns_plan_input *in, struct ns_reorder *out);
