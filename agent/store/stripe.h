/* stripe.h: the rows of what the payment processor told and how far it was read. As rows.h.
 * Threads: the connection's. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/plan.h"

struct ns_stripe_state {
    const char *cursor; /* the newest event that is stored; NULL: read everything first; "": none yet */
    ns_time polled_at;
    ns_time reconciled_at;
    ns_time webhook_at;
    ns_time webhook_refused_at;
    const char *customer;
    const char *purchase; /* not finished */
    int purchase_tier;    /* enum ns_tier or NS_NONE */
    ns_time purchase_until;
    ns_time watch_until;
};
ns_rc ns_row_stripe(struct ns_db *db, struct ns_arena *arena, struct ns_stripe_state *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_stripe_put(struct ns_db *db, const struct ns_stripe_state *in, struct ns_err *err) NS_MUST_USE;

struct ns_stripe_event_row {
    const char *id;
    const char *type;
    const char *object; /* what must be read to know its effect */
    ns_time created;
    ns_time received;
    const char *via;   /* POLL or WEBHOOK */
    const char *state; /* STORED, APPLIED, IGNORED, PARKED */
    const char *reason;
    const char *body;
};
/* *fresh false: it was told before, nothing changes. */
ns_rc ns_row_event_add(struct ns_db *db, const struct ns_stripe_event_row *in, bool *fresh, struct ns_err *err) NS_MUST_USE;
/* The object that waits longest, subscriptions first; NULL: none. */
ns_rc ns_row_event_next(struct ns_db *db, struct ns_arena *arena, const char **object, struct ns_err *err) NS_MUST_USE;
/* All that wait for an object and came until then. */
ns_rc ns_row_events_end(struct ns_db *db, const char *object, ns_time until, const char *state, const char *reason,
                        struct ns_err *err) NS_MUST_USE;
struct ns_stripe_counts {
    int64_t stored;
    int64_t applied;
    int64_t ignored;
    int64_t parked;
};
ns_rc ns_row_event_counts(struct ns_db *db, struct ns_stripe_counts *out, struct ns_err *err) NS_MUST_USE;

struct ns_stripe_rate_row {
    const char *id;
    int kind;
};
ns_rc ns_row_stripe_rates(struct ns_db *db, struct ns_arena *arena, struct ns_stripe_rate_row **out, int *count,
                          struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_stripe_rate_put(struct ns_db *db, const char *id, int kind, ns_time now, struct ns_err *err) NS_MUST_USE;
/* The invoice a payment belongs to; NULL: unknown. */
ns_rc ns_row_invoice_of_payment(struct ns_db *db, const char *payment, struct ns_arena *arena, const char **out,
                                struct ns_err *err) NS_MUST_USE;
