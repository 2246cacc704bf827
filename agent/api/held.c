/* held.c: a short list, searched from its beginning. */
#include "agent/api/held.h"

#include <string.h>

/* A prediction replaces the one before it of the same child, though its id is another. */
static bool same_thing(const struct ns_event *a, const struct ns_event *b) {
    return a->kind == b->kind && ns_id_eq(a->child, b->child) &&
           (a->kind == NS_EVENT_PREDICTION || ns_id_eq(a->entity, b->entity));
}

static void remove_at(struct ns_held *held, int at) {
    held->count--;
    memmove(&held->events[at], &held->events[at + 1],
            (size_t)(held->count - at) * sizeof held->events[0]);
}

bool ns_held_put(struct ns_held *held, const struct ns_event *event) {
    for (int i = 0; i < held->count; i++) {
        if (same_thing(&held->events[i], event)) {
            remove_at(held, i);
            break;
        }
    }
    if (held->count == NS_HELD_MOST) {
        return false;
    }
    held->events[held->count++] = *event;
    return true;
}

bool ns_held_take(struct ns_held *held, struct ns_event *out) {
    if (held->count == 0) {
        return false;
    }
    *out = held->events[0];
    remove_at(held, 0);
    return true;
}
