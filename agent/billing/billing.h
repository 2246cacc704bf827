/* billing.h: the life of a plan in one home: trial, what the processor was seen to hold, bills,
 * cards, and the entitlement that follows.
 *
 * Nothing here talks to anybody. A subscription changes by a trial (nobody bills it) or by
 * ns_billing_see_*(), which take what was fetched from the processor; in a practice home the
 * processor is practice.h. Every edge writes its audit line in the same transaction.
 * Memory: results in act->arena. Threads: the connection's; writes want the writing one. */
#pragma once
#include "agent/billing/entitlement.h"
#include "agent/household/household.h"
#include "shared/tax/tax.h"

/* How plans are sold here (stripe.mode). */
enum ns_sale { NS_SALE_UNSET, NS_SALE_RELAY, NS_SALE_DIRECT, NS_SALE_KEYLESS, NS_SALE_OFF };

/* What a home has now. has false: no subscription was ever there. */
struct ns_standing_now {
    struct ns_entitlement entitlement;
    bool has;
    struct ns_subscription subscription; /* the live one, else the last */
    bool practice;                       /* a demo home */
};
ns_rc ns_billing_now(struct ns_db *db, ns_id owner, enum ns_sale sale, ns_time now,
                     struct ns_arena *arena, struct ns_standing_now *out, struct ns_err *err) NS_MUST_USE;

/* ---- writes; each one transaction ---- */

/* A home without a plan begins its trial by itself; a demo gets its practice plan. Nothing
 * happens when there is one, or was. */
ns_rc ns_billing_ensure(const struct ns_act *act, enum ns_sale sale, struct ns_err *err) NS_MUST_USE;
/* Once a household: NS_E_CONFLICT the second time or beside a paid plan. */
ns_rc ns_billing_start_trial(const struct ns_act *act, enum ns_tier tier, enum ns_province province,
                             struct ns_err *err) NS_MUST_USE;
ns_rc ns_billing_track(const struct ns_act *act, enum ns_trial_event type, const char *feature,
                       ns_money saved, struct ns_err *err) NS_MUST_USE;
/* Writes down what time did: a trial that ended. Called at start and every hour. *changed: the
 * entitlement may be another. */
ns_rc ns_billing_pass_time(const struct ns_act *act, bool *changed, struct ns_err *err) NS_MUST_USE;
/* The rates of the plan in another province, for a subscription nobody bills. */
ns_rc ns_billing_move(const struct ns_act *act, enum ns_province province, struct ns_err *err) NS_MUST_USE;

/* ---- guards, inside or outside a transaction ---- */

/* NS_OK, or NS_E_DENIED with a sentence that says which plan has it. */
ns_rc ns_billing_need(struct ns_db *db, ns_id owner, enum ns_sale sale, ns_time now,
                      const char *feature, struct ns_err *err) NS_MUST_USE;
/* May one more child be added? Existing ones are never touched. */
ns_rc ns_billing_need_child(struct ns_db *db, ns_id owner, enum ns_sale sale, ns_time now,
                            struct ns_err *err) NS_MUST_USE;

/* ---- what the processor holds ---- */

struct ns_seen_subscription {
    const char *id;
    const char *customer;
    const char *price;
    const char *item;
    enum ns_tier tier; /* by price id */
    bool yearly;
    ns_money amount;
    enum ns_pay_status status;
    ns_time trial_start;
    ns_time trial_end;
    ns_time period_start;
    ns_time period_end;
    ns_time cancelled_at;
    bool cancel_at_period_end;
    int next_tier; /* NS_NONE */
    ns_time created;
};
/* The fetched object is the truth: applying it twice, or late, changes nothing more. A terminal
 * state of one id is never left. *changed false: it was known. */
ns_rc ns_billing_see_subscription(const struct ns_act *act, const struct ns_seen_subscription *seen,
                                  enum ns_pay_source source, bool *changed, struct ns_err *err) NS_MUST_USE;

struct ns_seen_invoice {
    const char *id;
    const char *subscription; /* NULL: none of ours */
    const char *payment;
    const char *number;
    const char *url;
    const char *pdf;
    enum ns_bill_status status;
    enum ns_bill_kind kind;
    ns_money subtotal;
    ns_money tax[4]; /* NS_NO_TAX; the processor's own lines */
    ns_money total;
    ns_time period_start;
    ns_time period_end;
    ns_time created;
    bool attempted; /* a payment was tried and failed */
};
/* One record an invoice. A paid one ends PAST_DUE; a failed one begins the grace. */
ns_rc ns_billing_see_invoice(const struct ns_act *act, const struct ns_seen_invoice *seen,
                             bool practice, ns_id *bill, bool *changed, struct ns_err *err) NS_MUST_USE;
/* refunded: the sum given back so far. */
ns_rc ns_billing_see_refund(const struct ns_act *act, const char *invoice, ns_money refunded,
                            const char *reason, bool *changed, struct ns_err *err) NS_MUST_USE;
struct ns_seen_card {
    const char *id;
    const char *brand;
    const char *last4;
    int exp_month;
    int exp_year;
    bool is_default;
    bool detached;
};
ns_rc ns_billing_see_card(const struct ns_act *act, const struct ns_seen_card *seen,
                          struct ns_card *out, struct ns_err *err) NS_MUST_USE;

/* ---- the next bill ---- */

/* The tax of the plan in a province on a day; parts as shown. False: unknown. */
bool ns_billing_tax(ns_money price, enum ns_province province, ns_date day, struct ns_tax_answer *out);
/* A yearly plan within its fourteen days, with a charge that can go back. */
bool ns_billing_cooling_off(const struct ns_subscription *s, ns_time now);
/* The last charge not given back; found false: none. */
ns_rc ns_billing_refundable(struct ns_db *db, ns_id owner, struct ns_arena *arena,
                            struct ns_bill *out, bool *found, struct ns_err *err) NS_MUST_USE;
