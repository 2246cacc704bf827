#include "shared/model/order.h"

#include <string.h>

#define E(from, event, to, guards, acts)                                                       \
    {NS_ORDER_##from, NS_DO_##event, NS_ORDER_##to, guards, acts}
/* What a shop or a person may report once an order is on its way, skipping steps forward. */
#define FROM_PROCESSING(from, guards, acts)                                                    \
    E(from, PROCESS, PROCESSING, guards, acts), FROM_SHIPPED(from, guards, acts)
#define FROM_SHIPPED(from, guards, acts)                                                       \
    E(from, SHIP, SHIPPED, guards, acts), FROM_TRANSIT(from, guards, acts)
#define FROM_TRANSIT(from, guards, acts)                                                       \
    E(from, TRANSIT, IN_TRANSIT, guards, acts), FROM_DELIVERED(from, guards, acts)
#define FROM_DELIVERED(from, guards, acts)                                                     \
    E(from, DELIVER, DELIVERED, guards, (acts) | NS_ACT_STOCK)
#define FROM_CONFIRMED(from, guards, acts)                                                     \
    E(from, CONFIRM, PLACED, guards, acts), FROM_PROCESSING(from, guards, acts)

const struct ns_order_edge ns_order_edges[] = {
    E(PROPOSED, APPROVE, APPROVED, NS_IF_FRESH, 0),
    E(PROPOSED, EXPIRE, EXPIRED, NS_IF_LAPSED, 0),
    E(PROPOSED, CANCEL, CANCELLED, 0, 0),

    E(APPROVED, STOP, PROPOSED, NS_IF_IN_WINDOW, 0),
    E(APPROVED, CANCEL, CANCELLED, 0, 0),
    E(APPROVED, WINDOW_OVER, HANDED_OVER, NS_IF_WINDOW_OVER | NS_IF_LINK, NS_ACT_LINK),
    E(APPROVED, HOLD, RESERVED, NS_IF_WINDOW_OVER | NS_IF_PLACES, 0),
    E(APPROVED, DECLINE, REJECTED, NS_IF_PLACES, 0),
    FROM_CONFIRMED(APPROVED, NS_IF_LINK, 0), /* the link was used at once */
    E(APPROVED, FAIL, REJECTED, NS_IF_LINK, 0),

    FROM_CONFIRMED(HANDED_OVER, 0, 0),
    E(HANDED_OVER, CANCEL, CANCELLED, 0, 0),
    E(HANDED_OVER, FAIL, REJECTED, 0, 0),

    E(RESERVED, SEND, SENDING, 0, 0),
    E(RESERVED, CANCEL, CANCELLED, 0, NS_ACT_VOID),
    E(RESERVED, FAIL, REJECTED, 0, NS_ACT_VOID),

    FROM_CONFIRMED(SENDING, 0, NS_ACT_CAPTURE),
    E(SENDING, LOSE, UNKNOWN, 0, 0),
    E(SENDING, FAIL, REJECTED, 0, NS_ACT_VOID),

    FROM_CONFIRMED(UNKNOWN, 0, NS_ACT_CAPTURE),
    E(UNKNOWN, ABSENT, RESERVED, 0, 0),
    E(UNKNOWN, GIVE_UP, HUMAN, 0, 0),
    E(UNKNOWN, FAIL, REJECTED, 0, NS_ACT_VOID),

    FROM_CONFIRMED(HUMAN, 0, NS_ACT_CAPTURE),
    E(HUMAN, FAIL, REJECTED, 0, NS_ACT_VOID),

    FROM_PROCESSING(PLACED, 0, 0),
    E(PLACED, CANCEL, CANCELLED, 0, 0),
    E(PLACED, FAIL, REJECTED, 0, 0),

    FROM_SHIPPED(PROCESSING, 0, 0),
    E(PROCESSING, CANCEL, CANCELLED, 0, 0),
    E(PROCESSING, FAIL, REJECTED, 0, 0),

    FROM_TRANSIT(SHIPPED, 0, 0),
    E(SHIPPED, FAIL, REJECTED, 0, 0),

    FROM_DELIVERED(IN_TRANSIT, 0, 0),
    E(IN_TRANSIT, FAIL, REJECTED, 0, 0),

    E(DELIVERED, REFUND, RETURNED, NS_IF_PAID, 0),
    E(CANCELLED, REFUND, RETURNED, NS_IF_PAID, 0),
    E(REJECTED, REFUND, RETURNED, NS_IF_PAID, 0),
};
const int ns_order_edge_count = (int)(sizeof ns_order_edges / sizeof ns_order_edges[0]);

enum ns_order_status ns_order_status_of(enum ns_order_state state) {
    static const enum ns_order_status of[NS_ORDER_COUNT] = {
        [NS_ORDER_PROPOSED] = NS_STATUS_PENDING,     [NS_ORDER_APPROVED] = NS_STATUS_PENDING,
        [NS_ORDER_HANDED_OVER] = NS_STATUS_PENDING,  [NS_ORDER_RESERVED] = NS_STATUS_AUTHORIZED,
        [NS_ORDER_SENDING] = NS_STATUS_AUTHORIZED,   [NS_ORDER_UNKNOWN] = NS_STATUS_AUTHORIZED,
        [NS_ORDER_HUMAN] = NS_STATUS_AUTHORIZED,     [NS_ORDER_PLACED] = NS_STATUS_CONFIRMED,
        [NS_ORDER_PROCESSING] = NS_STATUS_PROCESSING, [NS_ORDER_SHIPPED] = NS_STATUS_SHIPPED,
        [NS_ORDER_IN_TRANSIT] = NS_STATUS_IN_TRANSIT, [NS_ORDER_DELIVERED] = NS_STATUS_DELIVERED,
        [NS_ORDER_CANCELLED] = NS_STATUS_CANCELLED,  [NS_ORDER_EXPIRED] = NS_STATUS_CANCELLED,
        [NS_ORDER_REJECTED] = NS_STATUS_FAILED,      [NS_ORDER_RETURNED] = NS_STATUS_REFUNDED,
    };
    return of[state];
}

bool ns_order_over(enum ns_order_state state) {
    return state == NS_ORDER_DELIVERED || state == NS_ORDER_CANCELLED || state == NS_ORDER_EXPIRED ||
           state == NS_ORDER_REJECTED || state == NS_ORDER_RETURNED;
}

bool ns_order_reports(enum ns_order_event event) {
    return event >= NS_DO_DECLINE;
}

static void names(unsigned bits, const char *const *list, int count, struct ns_buf *out) {
    bool first = true;
    for (int i = 0; i < count; i++) {
        if ((bits & 1u << i) != 0) {
            ns_buf_fmt(out, "%s%s", first ? "" : " ", list[i]);
            first = false;
        }
    }
}

void ns_order_guard_names(unsigned guards, struct ns_buf *out) {
    static const char *const list[NS_ORDER_GUARDS] = {"FRESH", "LAPSED", "IN_WINDOW", "WINDOW_OVER",
                                                      "LINK", "PLACES", "PAID"};
    names(guards, list, NS_ORDER_GUARDS, out);
}

void ns_order_act_names(unsigned acts, struct ns_buf *out) {
    static const char *const list[NS_ORDER_ACTS] = {"LINK", "CAPTURE", "VOID", "STOCK"};
    names(acts, list, NS_ORDER_ACTS, out);
}

/* One arrow for all the events between two states. */
static void drawing(struct ns_buf *out) {
    ns_buf_text(out, "```mermaid\nstateDiagram-v2\n    [*] --> PROPOSED: PROPOSE\n");
    for (int i = 0; i < ns_order_edge_count; i++) {
        const struct ns_order_edge *e = &ns_order_edges[i];
        ns_buf_fmt(out, "    %s --> %s: %s\n", ns_order_state_name(e->from), ns_order_state_name(e->to),
                   ns_order_event_name(e->event));
    }
    for (int s = 0; s < NS_ORDER_COUNT; s++) {
        if (ns_order_over((enum ns_order_state)s)) {
            ns_buf_fmt(out, "    %s --> [*]\n", ns_order_state_name((enum ns_order_state)s));
        }
    }
    ns_buf_text(out, "```\n");
}

void ns_order_states_page(struct ns_buf *out) {
    ns_buf_text(out, "| state | shown as | open |\n| --- | --- | --- |\n");
    for (int s = 0; s < NS_ORDER_COUNT; s++) {
        enum ns_order_state state = (enum ns_order_state)s;
        ns_buf_fmt(out, "| %s | %s | %s |\n", ns_order_state_name(state),
                   ns_order_status_name(ns_order_status_of(state)), ns_order_over(state) ? "no" : "yes");
    }
    ns_buf_text(out, "\n| from | event | to | if | does |\n| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < ns_order_edge_count; i++) {
        const struct ns_order_edge *e = &ns_order_edges[i];
        ns_buf_fmt(out, "| %s | %s | %s | ", ns_order_state_name(e->from), ns_order_event_name(e->event),
                   ns_order_state_name(e->to));
        ns_order_guard_names(e->guards, out);
        ns_buf_text(out, " | ");
        ns_order_act_names(e->acts, out);
        ns_buf_text(out, " |\n");
    }
    ns_buf_char(out, '\n');
    drawing(out);
}
