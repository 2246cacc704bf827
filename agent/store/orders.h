/* orders.h: the rows of orders, their lines, needs and events, as rows.h.
 * Memory: texts live in the arena. Threads: the connection's; writes want a transaction. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/order.h"

#define NS_ORDER_NUMBER 21 /* NEST-20261125-AB3DE7 */

struct ns_order_line {
    const char *product_id; /* NULL: none was named */
    const char *name;
    enum ns_product_type product;
    int size;               /* enum ns_size or NS_NONE */
    int pieces;             /* in a pack; NS_NONE: not known */
    int packs;
    ns_money price;         /* of a pack; NS_NONE: not known */
};

struct ns_order {
    int64_t seq;
    ns_id id;
    ns_id subscription_id;
    ns_id child_id;
    char number[NS_ORDER_NUMBER];
    enum ns_retailer_type retailer;
    const char *retailer_order_id;
    enum ns_order_state state;
    enum ns_order_type type;
    bool places;
    const char *products; /* JSON array */
    bool price_known;
    ns_money subtotal, shipping, tax, total; /* 0 while the price is not known */
    int64_t agreed;       /* cents; NS_NONE: the price at the checkout */
    int64_t paid;         /* cents, as told; NS_NONE */
    const char *address;  /* JSON; NULL: none */
    const char *payment_method;
    const char *checkout_url;
    const char *tracking_number;
    const char *tracking_url;
    ns_time estimated_delivery;
    ns_id prediction_id;
    ns_date runout;
    const char *explanation; /* JSON object */
    const char *failure_reason;
    int retries;
    ns_time last_retry_at;
    ns_id created_by;
    ns_id approved_by;
    ns_time proposed_at, approved_at, confirmed_at, shipped_at, delivered_at, cancelled_at, stocked_at;
    int score; /* 1..5 or NS_NONE */
    const char *score_note;
    ns_time created_at, updated_at;
    int packs; /* of all lines */
};

/* A new order with its seq set. NS_E_CONFLICT: the number is taken, or a need is already served. */
ns_rc ns_row_order_add(struct ns_db *db, struct ns_order *in, struct ns_err *err) NS_MUST_USE;
/* What changes after it was made. */
ns_rc ns_row_order_write(struct ns_db *db, const struct ns_order *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_order_line_add(struct ns_db *db, int64_t order, int n, const struct ns_order_line *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_order_need_add(struct ns_db *db, int64_t order, const uint8_t need[32], int64_t cycle, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_order_needs_free(struct ns_db *db, int64_t order, struct ns_err *err) NS_MUST_USE;
/* Orders there were for a need, and the open one; zero id: none. */
ns_rc ns_row_order_need(struct ns_db *db, const uint8_t need[32], int64_t *cycle, ns_id *open, struct ns_err *err) NS_MUST_USE;

struct ns_order_entry {
    ns_id id;
    enum ns_order_event event;
    bool moved;
    int previous; /* enum ns_order_status; NS_NONE: its first */
    enum ns_order_status status;
    const char *message;
    enum ns_order_source source;
    const char *reference;
    const char *tracking_number;
    const char *tracking_url;
    ns_time estimated_delivery;
    ns_id actor;
    ns_time at;
};
ns_rc ns_row_order_entry_add(struct ns_db *db, int64_t order, const struct ns_order_entry *in, struct ns_err *err) NS_MUST_USE;
/* Oldest first. moved_only: steps alone. */
ns_rc ns_row_order_entries(struct ns_db *db, int64_t order, bool moved_only, struct ns_arena *arena,
                           struct ns_order_entry **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_order_lines(struct ns_db *db, int64_t order, struct ns_arena *arena, struct ns_order_line **out,
                         int *count, struct ns_err *err) NS_MUST_USE;

ns_rc ns_row_order(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_order *out, bool *found,
                   struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_order_by_number(struct ns_db *db, const char *number, struct ns_arena *arena, struct ns_order *out,
                             bool *found, struct ns_err *err) NS_MUST_USE;
/* Newest first. child zero: all; status NS_NONE: any. */
ns_rc ns_row_orders(struct ns_db *db, ns_id child, int status, int limit, int offset, struct ns_arena *arena,
                    struct ns_order **out, int *count, struct ns_err *err) NS_MUST_USE;
/* One whose window or proposal is over by then; found false: none. */
ns_rc ns_row_order_due(struct ns_db *db, ns_time now, struct ns_arena *arena, struct ns_order *out, bool *found,
                       struct ns_err *err) NS_MUST_USE;
/* When the next one is; NS_TIME_NONE: nothing waits. */
ns_rc ns_row_order_next(struct ns_db *db, ns_time *out, struct ns_err *err) NS_MUST_USE;

struct ns_order_sums {
    int64_t orders, delivered, failed;
    int64_t valued;   /* orders with an amount */
    ns_money amount;  /* paid where told, else as agreed; of what was not called off */
    int64_t scored, score;
    double delivery_days; /* from the yes to the door, on average; NAN: none came */
};
ns_rc ns_row_order_sums(struct ns_db *db, struct ns_order_sums *out, struct ns_err *err) NS_MUST_USE;
/* Agreed to since then and not called off, but for one order. */
ns_rc ns_row_order_spent(struct ns_db *db, ns_time since, ns_id but, ns_money *out, struct ns_err *err) NS_MUST_USE;
/* How often each shop was chosen. */
struct ns_order_shop {
    enum ns_retailer_type retailer;
    int64_t orders;
    ns_money amount;
};
ns_rc ns_row_order_shops(struct ns_db *db, struct ns_order_shop out[NS_RETAILER_COUNT], int *count, struct ns_err *err) NS_MUST_USE;

struct ns_spending {
    int64_t per_order; /* cents; NS_NONE: no limit */
    int64_t per_month;
};
ns_rc ns_row_spending(struct ns_db *db, struct ns_spending *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_spending_put(struct ns_db *db, const struct ns_spending *in, ns_time now, struct ns_err *err) NS_MUST_USE;
