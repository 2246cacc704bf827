/* money.h: a home with its plan, for the tests of billing. */
#pragma once
#include "agent/billing/billing.h"
#include "agent/billing/practice.h"
#include "agent/store/money.h"
#include "tests/unit/household/home.h"

static inline struct ns_standing_now money_now(struct home *h) {
    struct ns_standing_now at;
    struct ns_err err = {0};
    cr_assert_eq(ns_billing_now(h->db, h->act.actor.user, NS_SALE_DIRECT, h->act.now, &h->arena, &at, &err), NS_OK);
    return at;
}
#define STANDS(tier_, standing_)                                                               \
    do {                                                                                       \
        struct ns_standing_now at_ = money_now(&h);                                            \
        cr_assert_eq(at_.entitlement.tier, (tier_), "tier %s", ns_tier_name(at_.entitlement.tier)); \
        cr_assert_eq(at_.entitlement.standing, (standing_), "%s",                              \
                     ns_standing_name(at_.entitlement.standing));                              \
    } while (0)

/* What a processor would show of a Basic plan of this home. */
static inline struct ns_seen_subscription money_seen(const struct home *h) {
    return (struct ns_seen_subscription){
        .id = "sub_1", .customer = "cus_1", .price = "price_basic", .item = "si_1",
        .tier = NS_TIER_BASIC, .amount = 1999, .status = NS_PAY_ACTIVE, .trial_start = NS_TIME_NONE,
        .trial_end = NS_TIME_NONE, .period_start = h->act.now, .period_end = h->act.now + 30 * NS_DAY,
        .cancelled_at = NS_TIME_NONE, .next_tier = NS_NONE, .created = h->act.now};
}
static inline struct ns_seen_invoice money_invoice(const struct home *h, const char *id,
                                                   enum ns_bill_status status) {
    return (struct ns_seen_invoice){
        .id = id, .subscription = "sub_1", .payment = "pi_1", .number = "NS-0001", .status = status,
        .kind = NS_BILL_SUBSCRIPTION_CHARGE, .subtotal = 1999,
        .tax = {NS_NO_TAX, 260, NS_NO_TAX, NS_NO_TAX}, .total = 2259, .period_start = h->act.now,
        .period_end = h->act.now + 30 * NS_DAY, .created = h->act.now, .attempted = true};
}
static inline bool money_see(struct home *hp, const struct ns_seen_subscription *seen) {
    struct home h = *hp;
    bool changed = false;
    OK(ns_billing_see_subscription(&hp->act, seen, NS_SOURCE_STRIPE, &changed, &h.err));
    return changed;
}
static inline bool money_bill(struct home *hp, const struct ns_seen_invoice *seen) {
    struct home h = *hp;
    bool changed = false;
    ns_id id;
    OK(ns_billing_see_invoice(&hp->act, seen, false, &id, &changed, &h.err));
    return changed;
}
static inline int money_bills(struct home *hp, struct ns_bill **bills) {
    struct home h = *hp;
    int count = 0;
    int64_t total = 0;
    OK(ns_row_bills(hp->db, hp->act.actor.user, 100, 0, &hp->arena, bills, &count, &total, &h.err));
    return count;
}
static inline bool money_chain_intact(struct home *h) {
    struct ns_audit_state state;
    return ns_audit_verify(h->db, &state, NULL) == NS_OK && state.intact;
}
