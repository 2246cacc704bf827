/* order.h: an order's states, what may happen to it, and the one table of its ways. From it come
 * the machine (agent/order), `nestsync orders states` and docs/orders.md.
 *
 * A report (of a shop, the payment service, a person about what was) that comes late or twice
 * changes nothing; a wish that the table does not know is refused.
 * Threads: constant data. */
#pragma once
#include "shared/base/buf.h"
#include "shared/model/model.h"

/* PROPOSED waits for a yes; APPROVED is in its stop window; HANDED_OVER: a person has the link and
 * buys at the shop. RESERVED, SENDING, UNKNOWN and HUMAN only where a shop takes orders for us. */
#define NS_ORDER_STATE_LIST(X, P)                                                              \
    X(P, PROPOSED) X(P, APPROVED) X(P, HANDED_OVER) X(P, RESERVED) X(P, SENDING) X(P, UNKNOWN) \
    X(P, HUMAN) X(P, PLACED) X(P, PROCESSING) X(P, SHIPPED) X(P, IN_TRANSIT) X(P, DELIVERED)   \
    X(P, CANCELLED) X(P, EXPIRED) X(P, REJECTED) X(P, RETURNED)
/* In the order of OrderStatusType. */
#define NS_ORDER_STATUS_LIST(X, P)                                                             \
    X(P, PENDING) X(P, AUTHORIZED) X(P, CONFIRMED) X(P, PROCESSING) X(P, SHIPPED)              \
    X(P, IN_TRANSIT) X(P, DELIVERED) X(P, CANCELLED) X(P, FAILED) X(P, REFUNDED)
/* Wishes first (PROPOSE makes an order), then what passes by itself, then reports. */
#define NS_ORDER_EVENT_LIST(X, P)                                                              \
    X(P, PROPOSE) X(P, APPROVE) X(P, STOP) X(P, CANCEL) X(P, EXPIRE) X(P, WINDOW_OVER)         \
    X(P, HOLD) X(P, SEND) X(P, DECLINE) X(P, LOSE) X(P, ABSENT) X(P, GIVE_UP) X(P, CONFIRM) X(P, PROCESS) X(P, SHIP) \
    X(P, TRANSIT) X(P, DELIVER) X(P, FAIL) X(P, REFUND)
#define NS_ORDER_TYPE_LIST(X, P) X(P, AUTO) X(P, MANUAL) X(P, EMERGENCY)
#define NS_ORDER_SOURCE_LIST(X, P) X(P, RETAILER) X(P, STRIPE_WEBHOOK) X(P, USER) X(P, SCHEDULER)

/* Not to be reminded of a suggestion: for some days, this time, or until further notice. */
#define NS_REORDER_PAUSE_LIST(X, P) X(P, NONE) X(P, SNOOZE) X(P, SKIP) X(P, PAUSE)

#define NS_ORDER_ENUM_LIST(X)                                                                  \
    X(order_state, NS_ORDER_, NS_ORDER_STATE_LIST)                                             \
    X(order_status, NS_STATUS_, NS_ORDER_STATUS_LIST)                                          \
    X(order_event, NS_DO_, NS_ORDER_EVENT_LIST)                                                \
    X(order_type, NS_ORDER_IS_, NS_ORDER_TYPE_LIST)                                            \
    X(order_source, NS_TOLD_BY_, NS_ORDER_SOURCE_LIST)                                         \
    X(reorder_pause, NS_REORDER_, NS_REORDER_PAUSE_LIST)
NS_ORDER_ENUM_LIST(NS_ENUM_DECLARE)

/* All of an edge's guards must hold. */
enum {
    NS_IF_FRESH = 1 << 0,        /* no longer than NS_ORDER_PROPOSED_FOR since it was proposed */
    NS_IF_LAPSED = 1 << 1,       /* longer */
    NS_IF_IN_WINDOW = 1 << 2,    /* no longer than NS_ORDER_STOP_WINDOW since the yes */
    NS_IF_WINDOW_OVER = 1 << 3,
    NS_IF_LINK = 1 << 4,         /* the shop takes no orders for us */
    NS_IF_PLACES = 1 << 5,       /* it does */
    NS_IF_PAID = 1 << 6,         /* money left the house for it */
    NS_ORDER_GUARDS = 7
};
/* What has to be done in the transaction of the step. */
enum {
    NS_ACT_LINK = 1 << 0,    /* the shop's link is given */
    NS_ACT_CAPTURE = 1 << 1, /* take the money held, if any */
    NS_ACT_VOID = 1 << 2,    /* let go of the money held, if any */
    NS_ACT_STOCK = 1 << 3,   /* what was delivered goes on the shelf */
    NS_ORDER_ACTS = 4
};
#define NS_ORDER_PROPOSED_FOR (72 * NS_HOUR)
#define NS_ORDER_STOP_WINDOW (10 * NS_MINUTE)

struct ns_order_edge {
    enum ns_order_state from;
    enum ns_order_event event;
    enum ns_order_state to;
    unsigned guards;
    unsigned acts;
};
extern const struct ns_order_edge ns_order_edges[];
extern const int ns_order_edge_count;

enum ns_order_status ns_order_status_of(enum ns_order_state state);
bool ns_order_over(enum ns_order_state state);   /* its need is free again */
bool ns_order_reports(enum ns_order_event event); /* tells what was; else it asks for something */
/* Names joined by a blank: "FRESH LINK"; empty for none. */
void ns_order_guard_names(unsigned guards, struct ns_buf *out);
void ns_order_act_names(unsigned acts, struct ns_buf *out);
/* The table and its drawing, as docs/orders.md holds them. */
void ns_order_states_page(struct ns_buf *out);
