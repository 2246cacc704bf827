/* orders.h: what the files of orders share. Private to agent/api. */
#pragma once
#include "agent/api/context.h"
#include "agent/order/book.h"

/* An order with what its type reads besides; the object of ReorderTransaction and OrderStatusEvent. */
struct order_view {
    struct ns_order o;
    struct ns_order_line *lines;
    int line_count;
    struct ns_order_entry *steps; /* oldest first */
    int step_count;
};
ns_rc order_view_load(struct api_ctx *ctx, struct ns_db *db, const struct ns_order *o, struct order_view *out, struct ns_err *err);
/* One step, with the order it belongs to. */
struct order_step_view {
    const struct order_view *order;
    const struct ns_order_entry *entry;
};
/* The newest orders; the objects of SubscriptionDashboard.recentOrders. */
ns_rc order_views(struct api_ctx *ctx, ns_id child, int status, int limit, int offset, struct order_view **out, int *count, struct ns_err *err);
ns_rc order_event_load(struct api_ctx *ctx, struct ns_db *db, ns_id order, const struct order_view **out, struct ns_err *err);
const char *order_shop_name(enum ns_retailer_type type);

/* order_keeper.c: windows that close and proposals that lapse, by a timer. */
struct ns_order_keeper *ns_order_keeper_new(struct ns_api *api);
void ns_order_keeper_look(struct ns_order_keeper *k);
void ns_order_keeper_close(struct ns_order_keeper *k);
void ns_order_keeper_free(struct ns_order_keeper *k); /* NULL is fine */
