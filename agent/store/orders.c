/* orders.c: reading orders. */
#include "agent/store/orders.h"
#include "agent/store/rows.h"

#include <math.h>
#include <string.h>

#define COLUMNS                                                                                \
    "t.seq, t.id, t.subscription_id, t.child_id, t.order_number, t.retailer_type, t.retailer_order_id, t.state, " \
    "t.order_type, t.places, t.products, t.price_known, t.subtotal_cad, t.shipping_cad, t.tax_cad, "              \
    "t.total_amount_cad, t.agreed_cad, t.paid_cad, person_open(t.child_id, t.delivery_address), "                 \
    "t.payment_method, t.checkout_url, t.tracking_number, t.tracking_url, t.estimated_delivery_date, "            \
    "t.prediction_id, t.runout_day, t.explanation, t.failure_reason, t.retry_count, t.last_retry_at, "            \
    "t.created_by, t.approved_by, t.proposed_at, t.approved_at, t.confirmed_at, t.shipped_at, t.delivered_at, "   \
    "t.cancelled_at, t.stocked_at, t.score, person_open(t.child_id, t.score_note), t.created_at, t.updated_at, "  \
    "(SELECT sum(l.packs) FROM order_lines l WHERE l.order_seq = t.seq)"
#define FROM " FROM reorder_transactions t "
#define PAGE "ORDER BY t.seq DESC LIMIT ? OFFSET ?"
#define COUNTS "state NOT IN ('CANCELLED', 'EXPIRED', 'REJECTED', 'RETURNED')"

enum {
    ONE, NUMBER, PAGE_ALL, PAGE_CHILD, PAGE_STATUS, PAGE_BOTH, DUE_PROPOSED, DUE_APPROVED, NEXT_PROPOSED, NEXT_APPROVED,
    LINES, ENTRIES, STEPS, NEED_COUNT, NEED_OPEN, SUMS, SPENT, SHOPS, LIMITS, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [ONE] = "SELECT " COLUMNS FROM "WHERE t.id = ?",
    [NUMBER] = "SELECT " COLUMNS FROM "WHERE t.order_number = ?",
    [PAGE_ALL] = "SELECT " COLUMNS FROM PAGE,
    [PAGE_CHILD] = "SELECT " COLUMNS FROM "WHERE t.child_id = ? " PAGE,
    [PAGE_STATUS] = "SELECT " COLUMNS FROM "WHERE t.status = ? " PAGE,
    [PAGE_BOTH] = "SELECT " COLUMNS FROM "WHERE t.child_id = ? AND t.status = ? " PAGE,
    [DUE_PROPOSED] = "SELECT " COLUMNS FROM "WHERE t.state = 'PROPOSED' AND t.proposed_at < ? ORDER BY t.proposed_at LIMIT 1",
    [DUE_APPROVED] = "SELECT " COLUMNS FROM "WHERE t.state = 'APPROVED' AND t.places = 0 AND t.approved_at <= ? LIMIT 1",
    [NEXT_PROPOSED] = "SELECT min(proposed_at) FROM reorder_transactions WHERE state = 'PROPOSED'",
    [NEXT_APPROVED] = "SELECT min(approved_at) FROM reorder_transactions WHERE state = 'APPROVED' AND places = 0",
    [LINES] = "SELECT product_id, name, product_type, size, pieces, packs, price_cad FROM order_lines "
              "WHERE order_seq = ? ORDER BY n",
    [ENTRIES] = "SELECT id, event, moved, previous_status, new_status, message, source, external_reference, "
                "tracking_number, tracking_url, estimated_delivery, actor_id, at FROM order_events "
                "WHERE order_seq = ? ORDER BY seq",
    [STEPS] = "SELECT id, event, moved, previous_status, new_status, message, source, external_reference, "
              "tracking_number, tracking_url, estimated_delivery, actor_id, at FROM order_events "
              "WHERE order_seq = ? AND moved = 1 ORDER BY seq",
    [NEED_COUNT] = "SELECT count(*) FROM order_needs WHERE need = ?",
    [NEED_OPEN] = "SELECT t.id FROM order_needs n JOIN reorder_transactions t ON t.seq = n.order_seq "
                  "WHERE n.need = ? AND n.open = 1",
    [SUMS] = "SELECT count(*), sum(status = 'DELIVERED'), sum(status = 'FAILED'), "
             "sum(" COUNTS " AND (paid_cad IS NOT NULL OR price_known)), "
             "sum(CASE WHEN " COUNTS " THEN coalesce(paid_cad, total_amount_cad) ELSE 0 END), "
             "sum(score IS NOT NULL), sum(score), avg((delivered_at - approved_at) / 86400e6) FROM reorder_transactions",
    [SPENT] = "SELECT sum(coalesce(paid_cad, total_amount_cad)) FROM reorder_transactions "
              "WHERE approved_at >= ? AND id <> ? AND " COUNTS,
    [SHOPS] = "SELECT retailer_type, count(*), sum(coalesce(paid_cad, total_amount_cad)) FROM reorder_transactions "
              "WHERE " COUNTS " GROUP BY retailer_type ORDER BY 2 DESC, 1",
    [LIMITS] = "SELECT per_order_cad, per_month_cad FROM spending_limits WHERE one = 1",
};
const struct ns_query_table ns_queries_orders = {"orders", queries, Q_COUNT};

static void read_rest(const struct ns_query *q, struct ns_arena *arena, struct ns_order *o) {
    o->runout = ns_col_null(q, 25) ? NS_DATE_NONE : (ns_date)ns_col_int(q, 25);
    o->explanation = ns_col_text(q, 26, arena);
    o->failure_reason = ns_col_text(q, 27, arena);
    o->retries = (int)ns_col_int(q, 28);
    o->last_retry_at = ns_col_opt(q, 29, NS_TIME_NONE);
    o->created_by = ns_col_id(q, 30);
    o->approved_by = ns_col_id(q, 31);
    o->proposed_at = ns_col_int(q, 32);
    o->approved_at = ns_col_opt(q, 33, NS_TIME_NONE);
    o->confirmed_at = ns_col_opt(q, 34, NS_TIME_NONE);
    o->shipped_at = ns_col_opt(q, 35, NS_TIME_NONE);
    o->delivered_at = ns_col_opt(q, 36, NS_TIME_NONE);
    o->cancelled_at = ns_col_opt(q, 37, NS_TIME_NONE);
    o->stocked_at = ns_col_opt(q, 38, NS_TIME_NONE);
    o->score = (int)ns_col_opt(q, 39, NS_NONE);
    o->score_note = ns_col_text(q, 40, arena);
    o->created_at = ns_col_int(q, 41);
    o->updated_at = ns_col_int(q, 42);
    o->packs = (int)ns_col_int(q, 43);
}

static void read_order(const struct ns_query *q, struct ns_arena *arena, struct ns_order *o) {
    *o = (struct ns_order){
        .seq = ns_col_int(q, 0), .id = ns_col_id(q, 1), .subscription_id = ns_col_id(q, 2),
        .child_id = ns_col_id(q, 3), .retailer_order_id = ns_col_text(q, 6, arena), .places = ns_col_int(q, 9) != 0,
        .products = ns_col_text(q, 10, arena), .price_known = ns_col_int(q, 11) != 0, .subtotal = ns_col_int(q, 12),
        .shipping = ns_col_int(q, 13), .tax = ns_col_int(q, 14), .total = ns_col_int(q, 15),
        .agreed = ns_col_opt(q, 16, NS_NONE), .paid = ns_col_opt(q, 17, NS_NONE),
        .address = ns_col_text(q, 18, arena), .payment_method = ns_col_text(q, 19, arena),
        .checkout_url = ns_col_text(q, 20, arena), .tracking_number = ns_col_text(q, 21, arena),
        .tracking_url = ns_col_text(q, 22, arena), .estimated_delivery = ns_col_opt(q, 23, NS_TIME_NONE),
        .prediction_id = ns_col_id(q, 24)};
    (void)ns_str_copy(ns_col_bytes(q, 4), o->number, sizeof o->number);
    (void)ns_retailer_type_parse(ns_col_bytes(q, 5), &o->retailer);
    (void)ns_order_state_parse(ns_col_bytes(q, 7), &o->state);
    (void)ns_order_type_parse(ns_col_bytes(q, 8), &o->type);
    read_rest(q, arena, o);
}

static ns_rc one(struct ns_query *q, struct ns_arena *arena, struct ns_order *out, bool *found, struct ns_err *err) {
    *found = ns_query_row(q);
    if (*found) {
        read_order(q, arena, out);
    }
    return ns_query_end(q, err);
}

ns_rc ns_row_order(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_order *out, bool *found,
                   struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ONE]);
    ns_query_id(&q, id);
    return one(&q, arena, out, found, err);
}

ns_rc ns_row_order_by_number(struct ns_db *db, const char *number, struct ns_arena *arena, struct ns_order *out,
                             bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[NUMBER]);
    ns_query_text(&q, number);
    return one(&q, arena, out, found, err);
}

ns_rc ns_row_orders(struct ns_db *db, ns_id child, int status, int limit, int offset, struct ns_arena *arena,
                    struct ns_order **out, int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0, which = (ns_id_is_zero(child) ? 0 : 1) + (status == NS_NONE ? 0 : 2);
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[PAGE_ALL + which]);
    if ((which & 1) != 0) {
        ns_query_id(&q, child);
    }
    if ((which & 2) != 0) {
        ns_query_text(&q, ns_order_status_name((enum ns_order_status)status));
    }
    ns_query_int(&q, limit);
    ns_query_int(&q, offset);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_order);
        read_order(&q, arena, &(*out)[(*count)++]);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_order_due(struct ns_db *db, ns_time now, struct ns_arena *arena, struct ns_order *out, bool *found,
                       struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DUE_PROPOSED]);
    ns_query_int(&q, now - NS_ORDER_PROPOSED_FOR);
    ns_rc rc = one(&q, arena, out, found, err);
    if (rc == NS_OK && !*found) {
        ns_query_start(&q, db, queries[DUE_APPROVED]);
        ns_query_int(&q, now - NS_ORDER_STOP_WINDOW);
        rc = one(&q, arena, out, found, err);
    }
    return rc;
}

ns_rc ns_row_order_next(struct ns_db *db, ns_time *out, struct ns_err *err) {
    static const int which[2] = {NEXT_PROPOSED, NEXT_APPROVED};
    static const ns_time after[2] = {NS_ORDER_PROPOSED_FOR + 1, NS_ORDER_STOP_WINDOW};
    ns_rc rc = NS_OK;
    *out = NS_TIME_NONE;
    for (int i = 0; rc == NS_OK && i < 2; i++) {
        struct ns_query q;
        ns_query_start(&q, db, queries[which[i]]);
        if (ns_query_row(&q) && !ns_col_null(&q, 0)) {
            ns_time t = ns_col_int(&q, 0) + after[i];
            *out = *out == NS_TIME_NONE || t < *out ? t : *out;
        }
        rc = ns_query_end(&q, err);
    }
    return rc;
}

ns_rc ns_row_order_lines(struct ns_db *db, int64_t order, struct ns_arena *arena, struct ns_order_line **out,
                         int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[LINES]);
    ns_query_int(&q, order);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_order_line);
        struct ns_order_line *l = &(*out)[(*count)++];
        enum ns_size size;
        *l = (struct ns_order_line){.product_id = ns_col_text(&q, 0, arena), .name = ns_col_text(&q, 1, arena),
                                    .size = ns_size_parse(ns_col_bytes(&q, 3), &size) ? (int)size : NS_NONE,
                                    .pieces = (int)ns_col_opt(&q, 4, NS_NONE), .packs = (int)ns_col_int(&q, 5),
                                    .price = ns_col_opt(&q, 6, NS_NONE)};
        (void)ns_product_type_parse(ns_col_bytes(&q, 2), &l->product);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_order_entries(struct ns_db *db, int64_t order, bool moved_only, struct ns_arena *arena,
                           struct ns_order_entry **out, int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[moved_only ? STEPS : ENTRIES]);
    ns_query_int(&q, order);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_order_entry);
        struct ns_order_entry *e = &(*out)[(*count)++];
        enum ns_order_status was;
        *e = (struct ns_order_entry){
            .id = ns_col_id(&q, 0), .moved = ns_col_int(&q, 2) != 0,
            .previous = ns_order_status_parse(ns_col_bytes(&q, 3), &was) ? (int)was : NS_NONE,
            .message = ns_col_text(&q, 5, arena), .reference = ns_col_text(&q, 7, arena),
            .tracking_number = ns_col_text(&q, 8, arena), .tracking_url = ns_col_text(&q, 9, arena),
            .estimated_delivery = ns_col_opt(&q, 10, NS_TIME_NONE), .actor = ns_col_id(&q, 11), .at = ns_col_int(&q, 12)};
        (void)ns_order_event_parse(ns_col_bytes(&q, 1), &e->event);
        (void)ns_order_status_parse(ns_col_bytes(&q, 4), &e->status);
        (void)ns_order_source_parse(ns_col_bytes(&q, 6), &e->source);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_order_need(struct ns_db *db, const uint8_t need[32], int64_t *cycle, ns_id *open, struct ns_err *err) {
    struct ns_query q;
    *cycle = 0;
    *open = (ns_id){{0}};
    ns_query_start(&q, db, queries[NEED_COUNT]);
    ns_query_blob(&q, need, 32);
    if (ns_query_row(&q)) {
        *cycle = ns_col_int(&q, 0);
    }
    ns_rc rc = ns_query_end(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[NEED_OPEN]);
    ns_query_blob(&q, need, 32);
    if (ns_query_row(&q)) {
        *open = ns_col_id(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_order_sums(struct ns_db *db, struct ns_order_sums *out, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_order_sums){.delivery_days = (double)NAN};
    ns_query_start(&q, db, queries[SUMS]);
    if (ns_query_row(&q)) {
        *out = (struct ns_order_sums){ns_col_int(&q, 0), ns_col_int(&q, 1), ns_col_int(&q, 2), ns_col_int(&q, 3),
                                      ns_col_int(&q, 4), ns_col_int(&q, 5), ns_col_int(&q, 6),
                                      ns_col_real(&q, 7)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_order_spent(struct ns_db *db, ns_time since, ns_id but, ns_money *out, struct ns_err *err) {
    struct ns_query q;
    *out = 0;
    ns_query_start(&q, db, queries[SPENT]);
    ns_query_int(&q, since);
    ns_query_blob(&q, but.b, sizeof but.b);
    if (ns_query_row(&q)) {
        *out = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_order_shops(struct ns_db *db, struct ns_order_shop out[NS_RETAILER_COUNT], int *count, struct ns_err *err) {
    struct ns_query q;
    *count = 0;
    ns_query_start(&q, db, queries[SHOPS]);
    while (*count < NS_RETAILER_COUNT && ns_query_row(&q)) {
        struct ns_order_shop *s = &out[*count];
        if (ns_retailer_type_parse(ns_col_bytes(&q, 0), &s->retailer)) {
            s->orders = ns_col_int(&q, 1);
            s->amount = ns_col_int(&q, 2);
            (*count)++;
        }
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_spending(struct ns_db *db, struct ns_spending *out, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_spending){NS_NONE, NS_NONE};
    ns_query_start(&q, db, queries[LIMITS]);
    if (ns_query_row(&q)) {
        *out = (struct ns_spending){ns_col_opt(&q, 0, NS_NONE), ns_col_opt(&q, 1, NS_NONE)};
    }
    return ns_query_end(&q, err);
}
