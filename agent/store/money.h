/* money.h: the rows of plans, bills, cards, the outbox and what the processor told; as rows.h,
 * one statement at a time and no rule of the house. Threads: the connection's. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/plan.h"

/* --- plans.c */
/* The live subscription; found false: none. */
ns_rc ns_row_subscription(struct ns_db *db, ns_id user, struct ns_arena *arena,
                          struct ns_subscription *out, bool *found, struct ns_err *err) NS_MUST_USE;
/* The newest, live or not. */
ns_rc ns_row_subscription_last(struct ns_db *db, ns_id user, struct ns_arena *arena,
                               struct ns_subscription *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_subscription_at_stripe(struct ns_db *db, const char *stripe_id, struct ns_arena *arena,
                                    struct ns_subscription *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_subscriptions(struct ns_db *db, ns_id user, int limit, struct ns_arena *arena,
                           struct ns_subscription **out, int *count, struct ns_err *err) NS_MUST_USE;
/* New or changed: every column is written. */
ns_rc ns_row_subscription_put(struct ns_db *db, const struct ns_subscription *in, struct ns_err *err) NS_MUST_USE;
/* Its uses are counted in. */
ns_rc ns_row_trial(struct ns_db *db, ns_id user, struct ns_trial *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_trial_put(struct ns_db *db, const struct ns_trial *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_trial_use(struct ns_db *db, ns_id user, ns_date day, const char *feature,
                       enum ns_trial_event type, ns_money saved, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_bill_put(struct ns_db *db, const struct ns_bill *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_bill(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_bill *out,
                  bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_bill_of_invoice(struct ns_db *db, const char *invoice, struct ns_arena *arena,
                             struct ns_bill *out, bool *found, struct ns_err *err) NS_MUST_USE;
/* Newest first. */
ns_rc ns_row_bills(struct ns_db *db, ns_id user, int limit, int offset, struct ns_arena *arena,
                   struct ns_bill **out, int *count, int64_t *total, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_card_put(struct ns_db *db, const struct ns_card *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_card_at_stripe(struct ns_db *db, const char *stripe_id, struct ns_arena *arena,
                            struct ns_card *out, bool *found, struct ns_err *err) NS_MUST_USE;
/* Active ones, default first. */
ns_rc ns_row_cards(struct ns_db *db, ns_id user, struct ns_arena *arena, struct ns_card **out,
                   int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_cards_no_default(struct ns_db *db, ns_id user, ns_time now, struct ns_err *err) NS_MUST_USE;
/* *fresh false: it was told before. */
ns_rc ns_row_notice(struct ns_db *db, const char *kind, const char *subject, ns_time now,
                    const char *detail, bool *fresh, struct ns_err *err) NS_MUST_USE;
struct ns_notice_row {
    const char *kind;
    const char *subject;
    ns_time at;
    const char *detail;
};
ns_rc ns_row_notices(struct ns_db *db, ns_time since, int limit, struct ns_arena *arena,
                     struct ns_notice_row **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_secret(struct ns_db *db, const char *name, struct ns_arena *arena, const char **out,
                    struct ns_err *err) NS_MUST_USE; /* NULL: none */
ns_rc ns_row_secret_put(struct ns_db *db, const char *name, const char *value, ns_time now,
                        struct ns_err *err) NS_MUST_USE;
