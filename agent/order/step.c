#include "agent/order/step.h"

/* Those of the guards that do not hold. */
static unsigned unmet(unsigned guards, const struct ns_order_facts *f) {
    bool fresh = f->now - f->proposed_at <= NS_ORDER_PROPOSED_FOR;
    bool yes = f->approved_at != NS_TIME_NONE;
    bool window = yes && f->now - f->approved_at < NS_ORDER_STOP_WINDOW;
    unsigned held = (fresh ? NS_IF_FRESH : NS_IF_LAPSED) | (window ? NS_IF_IN_WINDOW : yes ? NS_IF_WINDOW_OVER : 0) |
                    (f->places ? NS_IF_PLACES : NS_IF_LINK) | (f->paid ? NS_IF_PAID : 0);
    return guards & ~held;
}

/* A wish that has come true already: asking twice is one. */
static bool true_already(enum ns_order_state from, enum ns_order_event event) {
    switch (event) {
    case NS_DO_APPROVE: return from != NS_ORDER_PROPOSED && !ns_order_over(from);
    case NS_DO_STOP: return from == NS_ORDER_PROPOSED;
    case NS_DO_CANCEL: return from == NS_ORDER_CANCELLED;
    case NS_DO_PROPOSE:
    case NS_DO_EXPIRE:
    case NS_DO_WINDOW_OVER:
    case NS_DO_HOLD:
    case NS_DO_SEND:
    case NS_DO_DECLINE:
    case NS_DO_LOSE:
    case NS_DO_ABSENT:
    case NS_DO_GIVE_UP:
    case NS_DO_CONFIRM:
    case NS_DO_PROCESS:
    case NS_DO_SHIP:
    case NS_DO_TRANSIT:
    case NS_DO_DELIVER:
    case NS_DO_FAIL:
    case NS_DO_REFUND:
    case NS_DO_COUNT: break;
    }
    return false;
}

struct ns_step_result ns_order_step(enum ns_order_state from, enum ns_order_event event,
                                    const struct ns_order_facts *facts) {
    struct ns_step_result r = {.step = NS_STEP_NOT_NOW, .to = from};
    unsigned missed = 0;
    for (int i = 0; i < ns_order_edge_count; i++) {
        const struct ns_order_edge *e = &ns_order_edges[i];
        if (e->from != from || e->event != event) {
            continue;
        }
        missed = unmet(e->guards, facts);
        if (missed == 0) {
            return (struct ns_step_result){NS_STEP_MOVED, e->to, e->acts};
        }
    }
    if ((missed & NS_IF_FRESH) != 0) {
        r.step = NS_STEP_LAPSED;
    } else if ((missed & (NS_IF_IN_WINDOW | NS_IF_WINDOW_OVER)) != 0) {
        r.step = NS_STEP_NO_WINDOW;
    } else if (true_already(from, event) || (ns_order_reports(event) && missed == 0 && from != NS_ORDER_PROPOSED)) {
        r.step = NS_STEP_LATE;
    }
    return r;
}
