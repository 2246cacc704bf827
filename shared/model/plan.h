/* plan.h: plans, bills and cards of a household, as plain structs.
 * Ownership and threads as in model.h. */
#pragma once
#include "shared/model/model.h"

/* In the order of the schema's SubscriptionTier; SubscriptionTierType lacks the first. */
#define NS_TIER_LIST(X, P) X(P, FREE) X(P, BASIC) X(P, PREMIUM) X(P, FAMILY)
#define NS_PAY_STATUS_LIST(X, P)                                                               \
    X(P, TRIALING) X(P, ACTIVE) X(P, PAST_DUE) X(P, CANCELED) X(P, UNPAID) X(P, INCOMPLETE)    \
    X(P, INCOMPLETE_EXPIRED) X(P, PAUSED)
/* TRIAL: nobody bills it. PRACTICE: a demo home, no money moves. */
#define NS_PAY_SOURCE_LIST(X, P) X(P, TRIAL) X(P, STRIPE) X(P, PRACTICE)
/* In the order of TransactionType and TransactionStatus. */
#define NS_BILL_KIND_LIST(X, P)                                                                \
    X(P, SUBSCRIPTION_CHARGE) X(P, UPGRADE) X(P, DOWNGRADE) X(P, REFUND) X(P, TRIAL_CONVERSION) \
    X(P, RENEWAL) X(P, CANCELLATION_FEE)
#define NS_BILL_STATUS_LIST(X, P)                                                              \
    X(P, PENDING) X(P, SUCCEEDED) X(P, FAILED) X(P, REFUNDED) X(P, CANCELED)
#define NS_TRIAL_EVENT_LIST(X, P)                                                              \
    X(P, FEATURE_USED) X(P, VALUE_SAVED) X(P, PROMPT_SHOWN) X(P, PROMPT_CLICKED)               \
    X(P, TRIAL_STARTED) X(P, TRIAL_ENDED) X(P, TRIAL_CONVERTED) X(P, TRIAL_CANCELED)

#define NS_PLAN_ENUM_LIST(X)                                                                   \
    X(tier, NS_TIER_, NS_TIER_LIST)                                                            \
    X(pay_status, NS_PAY_, NS_PAY_STATUS_LIST)                                                 \
    X(pay_source, NS_SOURCE_, NS_PAY_SOURCE_LIST)                                              \
    X(bill_kind, NS_BILL_, NS_BILL_KIND_LIST)                                                  \
    X(bill_status, NS_BILL_IS_, NS_BILL_STATUS_LIST)                                           \
    X(trial_event, NS_TRIAL_, NS_TRIAL_EVENT_LIST)
NS_PLAN_ENUM_LIST(NS_ENUM_DECLARE)

struct ns_subscription {
    ns_id id;
    ns_id user_id;
    enum ns_tier tier;
    bool is_active;
    enum ns_pay_status status;
    enum ns_pay_source source;
    const char *stripe_subscription_id;
    const char *stripe_customer_id;
    const char *stripe_price_id;
    const char *stripe_item_id;
    ns_money billing_amount; /* a period, before tax */
    bool yearly;
    enum ns_province province;
    int64_t gst_ppm;
    int64_t pst_hst_ppm; /* HST, PST or QST */
    int64_t total_ppm;
    const char *features; /* JSON object {"id":true} */
    int next_tier;        /* enum ns_tier or NS_NONE */
    ns_time trial_start;
    ns_time trial_end;
    ns_time period_start;
    ns_time period_end;
    ns_time cooling_off_end;
    ns_time consent_at;
    ns_time grace_until;
    ns_time cancelled_at;
    bool cancel_at_period_end;
    ns_time created_at;
    ns_time updated_at;
};

struct ns_trial {
    ns_id id;
    ns_id user_id;
    enum ns_tier tier;
    ns_time started_at;
    ns_time ends_at;
    ns_time converted_at;
    ns_time cancelled_at;
    ns_time updated_at;
    int features_used; /* different ones */
    int usage_days;
    ns_money value_saved;
    int engagement_score; /* 0 to 100 */
};

#define NS_NO_TAX INT64_MIN /* a tax the province does not levy */
struct ns_bill {
    int64_t seq;
    ns_id id;
    ns_id user_id;
    ns_id subscription_id;
    enum ns_bill_kind kind;
    enum ns_bill_status status;
    enum ns_tier tier;
    ns_money subtotal;
    ns_money tax[4]; /* in the order of enum ns_tax_kind: GST, HST, PST, QST; NS_NO_TAX */
    ns_money total;
    int province; /* enum ns_province or NS_NONE */
    const char *stripe_invoice_id;
    const char *stripe_payment_id;
    const char *invoice_number;
    const char *invoice_url;
    const char *pdf_url;
    ns_time period_start;
    ns_time period_end;
    ns_money refunded;
    const char *refund_reason;
    bool practice;
    ns_time created_at;
};

struct ns_card {
    ns_id id;
    ns_id user_id;
    const char *stripe_id;
    const char *brand; /* "VISA", as CardBrand */
    const char *last4;
    int exp_month;
    int exp_year;
    bool is_default;
    bool is_active;
    ns_time created_at;
    ns_time updated_at;
};
