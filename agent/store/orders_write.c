/* orders_write.c: writing orders. */
#include "agent/store/orders.h"

enum { ADD, WRITE, LINE, NEED, FREE, ENTRY, LIMITS, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [ADD] = "INSERT INTO reorder_transactions (id, subscription_id, child_id, order_number, status, products, "
            "total_amount_cad, created_at, state, retailer_type, order_type, places, price_known, subtotal_cad, "
            "shipping_cad, tax_cad, agreed_cad, delivery_address, payment_method, checkout_url, prediction_id, "
            "runout_day, explanation, created_by, proposed_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
            "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, person_seal(?3, ?18), ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?8) "
            "RETURNING seq",
    [WRITE] = "UPDATE reorder_transactions SET status = ?2, state = ?3, retailer_order_id = ?4, agreed_cad = ?5, "
              "paid_cad = ?6, tracking_number = ?7, tracking_url = ?8, estimated_delivery_date = ?9, "
              "failure_reason = ?10, retry_count = ?11, last_retry_at = ?12, proposed_at = ?13, approved_by = ?14, "
              "approved_at = ?15, confirmed_at = ?16, shipped_at = ?17, delivered_at = ?18, cancelled_at = ?19, "
              "stocked_at = ?20, score = ?21, score_note = person_seal(child_id, ?22), checkout_url = ?23, "
              "updated_at = ?24 WHERE id = ?1",
    [LINE] = "INSERT INTO order_lines (order_seq, n, product_id, name, product_type, size, pieces, packs, price_cad) "
             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [NEED] = "INSERT INTO order_needs (need, cycle, order_seq, open) VALUES (?, ?, ?, 1)",
    [FREE] = "UPDATE order_needs SET open = 0 WHERE order_seq = ?",
    [ENTRY] = "INSERT INTO order_events (id, order_seq, event, moved, previous_status, new_status, message, source, "
              "external_reference, tracking_number, tracking_url, estimated_delivery, actor_id, at) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [LIMITS] = "INSERT INTO spending_limits (one, per_order_cad, per_month_cad, updated_at) VALUES (1, ?, ?, ?) "
               "ON CONFLICT (one) DO UPDATE SET per_order_cad = excluded.per_order_cad, "
               "per_month_cad = excluded.per_month_cad, updated_at = excluded.updated_at",
};
const struct ns_query_table ns_queries_orders_write = {"orders_write", queries, Q_COUNT};

ns_rc ns_row_order_add(struct ns_db *db, struct ns_order *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->subscription_id);
    ns_query_id(&q, in->child_id);
    ns_query_text(&q, in->number);
    ns_query_text(&q, ns_order_status_name(ns_order_status_of(in->state)));
    ns_query_text(&q, in->products);
    ns_query_int(&q, in->total);
    ns_query_int(&q, in->created_at);
    ns_query_text(&q, ns_order_state_name(in->state));
    ns_query_text(&q, ns_retailer_type_name(in->retailer));
    ns_query_text(&q, ns_order_type_name(in->type));
    ns_query_int(&q, in->places);
    ns_query_int(&q, in->price_known);
    ns_query_int(&q, in->subtotal);
    ns_query_int(&q, in->shipping);
    ns_query_int(&q, in->tax);
    ns_query_opt(&q, in->agreed, NS_NONE);
    ns_query_text(&q, in->address);
    ns_query_text(&q, in->payment_method);
    ns_query_text(&q, in->checkout_url);
    ns_query_id(&q, in->prediction_id);
    ns_query_opt(&q, in->runout, NS_DATE_NONE);
    ns_query_text(&q, in->explanation);
    ns_query_id(&q, in->created_by);
    ns_query_int(&q, in->proposed_at);
    if (ns_query_row(&q)) {
        in->seq = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_order_write(struct ns_db *db, const struct ns_order *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[WRITE]);
    ns_query_id(&q, in->id);
    ns_query_text(&q, ns_order_status_name(ns_order_status_of(in->state)));
    ns_query_text(&q, ns_order_state_name(in->state));
    ns_query_text(&q, in->retailer_order_id);
    ns_query_opt(&q, in->agreed, NS_NONE);
    ns_query_opt(&q, in->paid, NS_NONE);
    ns_query_text(&q, in->tracking_number);
    ns_query_text(&q, in->tracking_url);
    ns_query_opt(&q, in->estimated_delivery, NS_TIME_NONE);
    ns_query_text(&q, in->failure_reason);
    ns_query_int(&q, in->retries);
    ns_query_opt(&q, in->last_retry_at, NS_TIME_NONE);
    ns_query_int(&q, in->proposed_at);
    ns_query_id(&q, in->approved_by);
    ns_query_opt(&q, in->approved_at, NS_TIME_NONE);
    ns_query_opt(&q, in->confirmed_at, NS_TIME_NONE);
    ns_query_opt(&q, in->shipped_at, NS_TIME_NONE);
    ns_query_opt(&q, in->delivered_at, NS_TIME_NONE);
    ns_query_opt(&q, in->cancelled_at, NS_TIME_NONE);
    ns_query_opt(&q, in->stocked_at, NS_TIME_NONE);
    ns_query_opt(&q, in->score, NS_NONE);
    ns_query_text(&q, in->score_note);
    ns_query_text(&q, in->checkout_url);
    ns_query_int(&q, in->updated_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_order_line_add(struct ns_db *db, int64_t order, int n, const struct ns_order_line *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[LINE]);
    ns_query_int(&q, order);
    ns_query_int(&q, n);
    ns_query_text(&q, in->product_id);
    ns_query_text(&q, in->name);
    ns_query_text(&q, ns_product_type_name(in->product));
    ns_query_text(&q, in->size == NS_NONE ? NULL : ns_size_name((enum ns_size)in->size));
    ns_query_opt(&q, in->pieces, NS_NONE);
    ns_query_int(&q, in->packs);
    ns_query_opt(&q, in->price, NS_NONE);
    return ns_query_run(&q, err);
}

ns_rc ns_row_order_need_add(struct ns_db *db, int64_t order, const uint8_t need[32], int64_t cycle, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[NEED]);
    ns_query_blob(&q, need, 32);
    ns_query_int(&q, cycle);
    ns_query_int(&q, order);
    return ns_query_run(&q, err);
}

ns_rc ns_row_order_needs_free(struct ns_db *db, int64_t order, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[FREE]);
    ns_query_int(&q, order);
    return ns_query_run(&q, err);
}

ns_rc ns_row_order_entry_add(struct ns_db *db, int64_t order, const struct ns_order_entry *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ENTRY]);
    ns_query_id(&q, in->id);
    ns_query_int(&q, order);
    ns_query_text(&q, ns_order_event_name(in->event));
    ns_query_int(&q, in->moved);
    ns_query_text(&q, in->previous == NS_NONE ? NULL : ns_order_status_name((enum ns_order_status)in->previous));
    ns_query_text(&q, ns_order_status_name(in->status));
    ns_query_text(&q, in->message);
    ns_query_text(&q, ns_order_source_name(in->source));
    ns_query_text(&q, in->reference);
    ns_query_text(&q, in->tracking_number);
    ns_query_text(&q, in->tracking_url);
    ns_query_opt(&q, in->estimated_delivery, NS_TIME_NONE);
    ns_query_id(&q, in->actor);
    ns_query_int(&q, in->at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_spending_put(struct ns_db *db, const struct ns_spending *in, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[LIMITS]);
    ns_query_opt(&q, in->per_order, NS_NONE);
    ns_query_opt(&q, in->per_month, NS_NONE);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}
