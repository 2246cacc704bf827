/* entitlement.h: what a home may use now, from what is known of its subscription. Pure.
 *
 * Nothing a family wrote is hidden or deleted for want of payment: an entitlement gates new
 * forecasts, suggestions, automation and further children, and nothing else. */
#pragma once
#include "agent/billing/plans.h"

enum ns_standing {
    NS_STANDS_FREE,        /* never had a plan */
    NS_STANDS_SELF_HOSTED, /* nobody sells here: everything is granted */
    NS_STANDS_PRACTICE,    /* a demo home */
    NS_STANDS_TRIAL,
    NS_STANDS_PAID,
    NS_STANDS_ENDING,      /* paid, will not renew */
    NS_STANDS_GRACE,       /* a payment failed; everything still works until `until` */
    NS_STANDS_UNPAID,      /* grace is over, or the first payment never came */
    NS_STANDS_TRIAL_OVER,
    NS_STANDS_ENDED,
    NS_STANDING_COUNT
};

struct ns_entitlement {
    enum ns_tier tier;
    enum ns_standing standing;
    ns_time until; /* when this changes by itself; NS_TIME_NONE: not foreseen */
};

/* s NULL: no subscription was ever seen. sold false: stripe.mode = off. */
struct ns_entitlement ns_entitlement_of(bool sold, const struct ns_subscription *s, ns_time now);
bool ns_entitled(const struct ns_entitlement *e, const char *feature);
const char *ns_standing_name(enum ns_standing standing); /* "trial", "grace", ... */
