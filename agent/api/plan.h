/* plan.h: what the files of plans and bills share. Private to agent/api. */
#pragma once
#include "agent/api/context.h"
#include "agent/billing/billing.h"
#include "agent/store/money.h"

/* Everything the plan types read: loaded once a request. */
struct plan_view {
    struct ns_standing_now now;
    bool had_trial;
    struct ns_trial trial;
    struct ns_card *cards;
    int card_count;
    int children;
    ns_id owner;
    ns_time member_since;
    enum ns_province province;
    bool refundable; /* within the cooling-off, a charge that can go back */
    struct ns_bill last_charge;
    const char *waiting; /* "request", "page", "person"; NULL: all is settled */
    ns_time waiting_until;
    ns_money refunded; /* of a change */
    bool has_refunded;
};
ns_rc plan_view_load(struct api_ctx *ctx, struct ns_db *db, struct plan_view **out, struct ns_err *err);
/* "family", "premium" or "free", as the app compares it. */
const char *plan_access_word(const struct ns_entitlement *e);

/* A plan as shown in a province. */
struct plan_shown {
    const struct ns_plan *plan;
    enum ns_province province;
};
/* One feature for one home. */
struct plan_feature_view {
    const char *id;
    const struct ns_plan_feature *feature; /* NULL: unknown */
    struct ns_entitlement entitlement;
};
struct plan_page {
    struct ns_bill *bills;
    int count;
    int64_t total;
    int page;
    int size;
};
struct plan_plans {
    enum ns_tier current;
    const struct ns_plan *recommended;
};

struct plan_dashboard {
    const struct api_connection *predictions;
    const struct api_connection *preferences;
    struct plan_view *view;
    struct order_view *orders;
    int order_count;
};
/* The object of BillingEvent: the standing after a change. */
const void *plan_billing_event(struct api_ctx *ctx, const struct plan_view *v, const struct ns_event *event);
ns_time plan_next_billing(const struct plan_view *v); /* NS_TIME_NONE: nothing will be billed */

/* What a change answers: the object of every response type of this area. */
struct plan_answer {
    bool success;
    const char *message;
    const char *error;
    const char *client_secret;
    const char *url;
    const struct ns_stripe_outcome *outcome; /* what the payment service said; NULL: nothing yet */
    const struct plan_view *view;
    const struct ns_card *card;
    const struct ns_bill *bill;
    ns_id record;
    enum ns_province province;
    double tax_rate;
    const char *const *granted;
    int granted_count;
    const char *const *revoked;
    int revoked_count;
};

