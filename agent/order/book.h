/* book.h: the household's orders: made, agreed to, followed and ended, one step at a time by the
 * table of shared/model/order.h.
 *
 * Each act is one transaction: the order, its line in the history, the audit line, and what the
 * step does (the shelf). One need has one open order. Rights are checked before (agent/api),
 * consent here. Results live in act->arena. Threads: the connection's; acts want the writing one. */
#pragma once
#include "agent/household/household.h"
#include "agent/order/step.h"
#include "agent/store/orders.h"

#define NS_ORDER_LINES 24
#define NS_ORDER_PACKS_MOST 50 /* of one line */

struct ns_order_input {
    ns_id child_id;
    enum ns_retailer_type retailer;
    enum ns_order_type type;
    const struct ns_order_line *lines;
    int line_count;
    const char *products;  /* JSON array, kept as it was asked for */
    const char *address;   /* JSON; NULL */
    const char *payment_method;
    const char *checkout_url; /* the shop's link; NULL: none is known */
    bool price_known;      /* the three below, from an offer of the shop */
    ns_money subtotal, shipping, tax;
    int64_t ceiling;       /* no more than this; NS_NONE */
    const char *explanation; /* JSON object */
    ns_id subscription_id, prediction_id;
    ns_date runout;        /* NS_DATE_NONE */
    bool approved;         /* a person asks for it: the yes comes with it */
    int64_t agreed;        /* the amount a person typed, for what is above a limit; NS_NONE */
};
enum ns_order_made {
    NS_ORDER_NEW,
    NS_ORDER_THERE, /* the same was asked for before: that order */
    NS_ORDER_OTHER, /* an open order serves a need of this one: that order, and nothing was made */
};
ns_rc ns_order_create(const struct ns_act *act, const struct ns_order_input *in, struct ns_order *out,
                      enum ns_order_made *made, struct ns_err *err) NS_MUST_USE;

/* What a person or a shop tells with an event. */
struct ns_order_report {
    enum ns_order_source source;
    const char *message;
    const char *reference; /* the shop's own order number */
    const char *tracking_number;
    const char *tracking_url;
    ns_time estimated_delivery;
    int64_t paid;          /* cents; NS_NONE */
    int64_t agreed;        /* with APPROVE; NS_NONE */
    int pieces;            /* in a pack, for lines that do not say; NS_NONE */
};
struct ns_order_moved {
    struct ns_order order;
    bool moved;     /* false: it came late or twice and changed nothing */
    int64_t shelved; /* pieces that went on the shelf */
    int unshelved;  /* lines whose packs hold nobody knows how many */
};
ns_rc ns_order_happen(const struct ns_act *act, ns_id order, enum ns_order_event event,
                      const struct ns_order_report *report, struct ns_order_moved *out, struct ns_err *err) NS_MUST_USE;
/* What passes by itself: windows close, proposals lapse. One order a call; *some false: none is due. */
ns_rc ns_order_tick(const struct ns_act *act, struct ns_order *out, bool *some, struct ns_err *err) NS_MUST_USE;
/* How well it went, once it is there. Again: the newer word counts. */
ns_rc ns_order_rate(const struct ns_act *act, ns_id order, int score, const char *note, struct ns_order *out,
                    struct ns_err *err) NS_MUST_USE;
/* By id; zero: by number. NS_E_NOT_FOUND. */
ns_rc ns_order_get(struct ns_db *db, ns_id id, const char *number, struct ns_arena *arena, struct ns_order *out,
                   struct ns_err *err) NS_MUST_USE;
/* NS_NONE takes a limit away. */
ns_rc ns_order_limits_set(const struct ns_act *act, const struct ns_spending *limits, struct ns_err *err) NS_MUST_USE;
/* The first instant of the month of `now`. */
ns_time ns_order_month(const struct ns_zone *zone, ns_time now);
