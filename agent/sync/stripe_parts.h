/* stripe_parts.h: what the files of the Stripe client share. Internal. */
#pragma once
#include "agent/store/money.h"
#include "agent/store/rows.h"
#include "agent/sync/stripe.h"

#include <stdio.h>
#include <string.h>

#define STRIPE_RETURN_URL "https://localhost:8443/plan"
#define STRIPE_CHECKOUT_OPEN NS_HOUR
#define STRIPE_WAIT_MOST NS_HOUR /* until something is read again */

/* A wish on its way, as it stands in an intent's data. */
struct stripe_step {
    struct ns_wish wish;
    char stage[16];      /* "customer", "attach", "subscription"; "": the wish itself */
    const char *subject; /* the object that is changed */
};
ns_rc stripe_step_of(const struct ns_act *act, const struct ns_intent *i, struct stripe_step *out, struct ns_err *err);
/* The next intent of a wish; one that is open for the same purpose is shared if it is of the same kind
 * of wish, else NS_E_BUSY. */
ns_rc stripe_add(struct ns_stripe *s, const struct ns_act *act, struct stripe_step *st, const char *customer, struct ns_err *err);

struct stripe_request {
    const char *purpose;
    const char *method;
    const char *path;
    struct ns_egress_value value[16];
    size_t count;
    int64_t amount;
};
void stripe_put(struct stripe_request *r, const char *name, const char *value);
ns_rc stripe_body(const struct ns_act *act, const struct stripe_request *r, const char **out, struct ns_err *err);
/* The subscription that Stripe bills; NS_E_NOT_FOUND: none. */
ns_rc stripe_live(const struct ns_act *act, struct ns_subscription *out, struct ns_err *err);

static inline bool stripe_buys(enum ns_wish_kind kind) {
    return kind == NS_WISH_SUBSCRIBE || kind == NS_WISH_CHECKOUT;
}
