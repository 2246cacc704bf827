#include "agent/store/stripe.h"

#include "agent/store/rows.h"

#include <string.h>

enum { STATE, STATE_PUT, EVENT_ADD, EVENT_NEXT, EVENTS_END, EVENT_COUNTS, RATES, RATE_PUT, INVOICE_OF, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [STATE] = "SELECT cursor, polled_at, reconciled_at, webhook_at, webhook_refused_at, customer, purchase, "
              "purchase_tier, purchase_until, watch_until FROM stripe_state WHERE one = 1",
    [STATE_PUT] = "UPDATE stripe_state SET cursor = ?, polled_at = ?, reconciled_at = ?, webhook_at = ?, "
                  "webhook_refused_at = ?, customer = ?, purchase = ?, purchase_tier = ?, purchase_until = ?, "
                  "watch_until = ? WHERE one = 1",
    [EVENT_ADD] = "INSERT INTO stripe_events (id, type, object_id, created, received_at, via, state, reason, body) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    [EVENT_NEXT] = "SELECT object_id, min(received_at) FROM stripe_events INDEXED BY events_of_object WHERE state = 'STORED' "
                   "GROUP BY object_id ORDER BY object_id NOT LIKE 'sub_%', 2 LIMIT 1",
    [EVENTS_END] = "UPDATE stripe_events INDEXED BY events_of_object SET state = ?, reason = ? "
                   "WHERE state = 'STORED' AND object_id = ? AND received_at <= ?",
    [EVENT_COUNTS] = "SELECT sum(state = 'STORED'), sum(state = 'APPLIED'), sum(state = 'IGNORED'), sum(state = 'PARKED') "
                     "FROM stripe_events",
    [RATES] = "SELECT id, kind FROM stripe_tax_rates ORDER BY id LIMIT 100",
    [RATE_PUT] = "INSERT OR REPLACE INTO stripe_tax_rates (id, kind, at) VALUES (?, ?, ?)",
    [INVOICE_OF] = "SELECT stripe_invoice_id FROM billing_records INDEXED BY bills_of_payment WHERE stripe_payment_id = ?",
};

ns_rc ns_row_stripe(struct ns_db *db, struct ns_arena *arena, struct ns_stripe_state *out, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_stripe_state){.purchase_tier = NS_NONE};
    ns_query_start(&q, db, queries[STATE]);
    if (ns_query_row(&q)) {
        out->cursor = ns_col_text(&q, 0, arena);
        out->polled_at = ns_col_opt(&q, 1, NS_TIME_NONE);
        out->reconciled_at = ns_col_opt(&q, 2, NS_TIME_NONE);
        out->webhook_at = ns_col_opt(&q, 3, NS_TIME_NONE);
        out->webhook_refused_at = ns_col_opt(&q, 4, NS_TIME_NONE);
        out->customer = ns_col_text(&q, 5, arena);
        out->purchase = ns_col_text(&q, 6, arena);
        const char *tier = ns_col_text(&q, 7, arena);
        enum ns_tier of;
        out->purchase_tier = tier != NULL && ns_tier_parse(ns_str_of(tier), &of) ? (int)of : NS_NONE;
        out->purchase_until = ns_col_opt(&q, 8, NS_TIME_NONE);
        out->watch_until = ns_col_opt(&q, 9, NS_TIME_NONE);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_stripe_put(struct ns_db *db, const struct ns_stripe_state *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[STATE_PUT]);
    ns_query_text(&q, in->cursor);
    ns_query_opt(&q, in->polled_at, NS_TIME_NONE);
    ns_query_opt(&q, in->reconciled_at, NS_TIME_NONE);
    ns_query_opt(&q, in->webhook_at, NS_TIME_NONE);
    ns_query_opt(&q, in->webhook_refused_at, NS_TIME_NONE);
    ns_query_text(&q, in->customer);
    ns_query_text(&q, in->purchase);
    ns_query_text(&q, in->purchase_tier == NS_NONE ? NULL : ns_tier_name((enum ns_tier)in->purchase_tier));
    ns_query_opt(&q, in->purchase_until, NS_TIME_NONE);
    ns_query_opt(&q, in->watch_until, NS_TIME_NONE);
    return ns_query_run(&q, err);
}

ns_rc ns_row_event_add(struct ns_db *db, const struct ns_stripe_event_row *in, bool *fresh, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[EVENT_ADD]);
    ns_query_text(&q, in->id);
    ns_query_text(&q, in->type);
    ns_query_text(&q, in->object);
    ns_query_int(&q, in->created);
    ns_query_int(&q, in->received);
    ns_query_text(&q, in->via);
    ns_query_text(&q, in->state);
    ns_query_text(&q, in->reason);
    ns_query_text(&q, in->body);
    ns_rc rc = ns_query_run(&q, err);
    *fresh = rc == NS_OK && ns_db_changes(db) > 0;
    return rc;
}

ns_rc ns_row_event_next(struct ns_db *db, struct ns_arena *arena, const char **object, struct ns_err *err) {
    struct ns_query q;
    *object = NULL;
    ns_query_start(&q, db, queries[EVENT_NEXT]);
    if (ns_query_row(&q)) {
        *object = ns_col_text(&q, 0, arena);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_events_end(struct ns_db *db, const char *object, ns_time until, const char *state, const char *reason,
                        struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[EVENTS_END]);
    ns_query_text(&q, state);
    ns_query_text(&q, reason);
    ns_query_text(&q, object);
    ns_query_int(&q, until);
    return ns_query_run(&q, err);
}

ns_rc ns_row_event_counts(struct ns_db *db, struct ns_stripe_counts *out, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_stripe_counts){0};
    ns_query_start(&q, db, queries[EVENT_COUNTS]);
    if (ns_query_row(&q)) {
        *out = (struct ns_stripe_counts){ns_col_opt(&q, 0, 0), ns_col_opt(&q, 1, 0), ns_col_opt(&q, 2, 0), ns_col_opt(&q, 3, 0)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_stripe_rates(struct ns_db *db, struct ns_arena *arena, struct ns_stripe_rate_row **out, int *count,
                          struct ns_err *err) {
    struct ns_query q;
    *out = NS_NEW_N(arena, struct ns_stripe_rate_row, 100);
    *count = 0;
    ns_query_start(&q, db, queries[RATES]);
    while (*count < 100 && ns_query_row(&q)) {
        (*out)[(*count)++] = (struct ns_stripe_rate_row){ns_col_text(&q, 0, arena), (int)ns_col_int(&q, 1)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_stripe_rate_put(struct ns_db *db, const char *id, int kind, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[RATE_PUT]);
    ns_query_text(&q, id);
    ns_query_int(&q, kind);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

ns_rc ns_row_invoice_of_payment(struct ns_db *db, const char *payment, struct ns_arena *arena, const char **out,
                                struct ns_err *err) {
    struct ns_query q;
    *out = NULL;
    ns_query_start(&q, db, queries[INVOICE_OF]);
    ns_query_text(&q, payment);
    if (ns_query_row(&q)) {
        *out = ns_col_text(&q, 0, arena);
    }
    return ns_query_end(&q, err);
}

const struct ns_query_table ns_queries_stripe = {"stripe", queries, Q_COUNT};
