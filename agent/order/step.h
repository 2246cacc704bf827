/* step.h: one step of one order, by the table of shared/model/order.h. Pure: the caller gives what
 * the guards ask about and does, in one transaction, what the edge says. Threads: pure. */
#pragma once
#include "shared/model/order.h"

struct ns_order_facts {
    ns_time now;
    ns_time proposed_at;
    ns_time approved_at; /* NS_TIME_NONE: nobody said yes */
    bool places;         /* the shop takes orders for us */
    bool paid;           /* money left the house for it */
};

enum ns_step {
    NS_STEP_MOVED,
    NS_STEP_LATE,      /* a report or a wish come again: keep the line, change nothing */
    NS_STEP_LAPSED,    /* the proposal is too old for a yes */
    NS_STEP_NO_WINDOW, /* too late to stop, or too early to go on */
    NS_STEP_NOT_NOW,   /* the table knows no such way */
};
struct ns_step_result {
    enum ns_step step;
    enum ns_order_state to; /* unchanged unless MOVED */
    unsigned acts;
};
struct ns_step_result ns_order_step(enum ns_order_state from, enum ns_order_event event,
                                    const struct ns_order_facts *facts);
