/* held.h: events that wait for a subscriber to have room: the newest state of each thing, in the
 * order of the last change. So a phone that reads slowly hears less often, not wrongly.
 * Pure. Ownership: a value. Threads: a value. */
#pragma once
#include "agent/events/events.h"

#define NS_HELD_MOST 64 /* different things; beyond it the subscriber is too slow to keep */

struct ns_held {
    struct ns_event events[NS_HELD_MOST];
    int count;
};

/* An event about the same thing is replaced. false: full. */
bool ns_held_put(struct ns_held *held, const struct ns_event *event);
/* The oldest; false: none. */
bool ns_held_take(struct ns_held *held, struct ns_event *out);
