/* events.c: a list of listeners. */
#include "agent/events/events.h"
#include "shared/base/arena.h"

#include <stdlib.h>

struct ns_listener {
    struct ns_listener *next;
    ns_listener_fn *fn;
    void *arg;
    bool gone; /* forgotten while events were being told */
};

struct ns_events {
    struct ns_listener *first;
    int64_t sequence;
    bool telling;
};

struct ns_events *ns_events_new(void) {
    return ns_xcalloc(1, sizeof(struct ns_events));
}

static void sweep(struct ns_events *bus, bool all) {
    struct ns_listener **at = &bus->first;
    while (*at != NULL) {
        struct ns_listener *listener = *at;
        if (all || listener->gone) {
            *at = listener->next;
            free(listener);
        } else {
            at = &listener->next;
        }
    }
}

void ns_events_free(struct ns_events *bus) {
    if (bus != NULL) {
        sweep(bus, true);
        free(bus);
    }
}

void ns_events_publish(struct ns_events *bus, struct ns_event event) {
    event.sequence = ++bus->sequence;
    bus->telling = true;
    for (struct ns_listener *l = bus->first; l != NULL; l = l->next) {
        if (!l->gone) {
            l->fn(l->arg, &event);
        }
    }
    bus->telling = false;
    sweep(bus, false);
}

int64_t ns_events_sequence(const struct ns_events *bus) {
    return bus->sequence;
}

struct ns_listener *ns_events_listen(struct ns_events *bus, ns_listener_fn *fn, void *arg) {
    struct ns_listener *listener = ns_xcalloc(1, sizeof *listener);
    listener->fn = fn;
    listener->arg = arg;
    listener->next = bus->first;
    bus->first = listener;
    return listener;
}

void ns_events_forget(struct ns_events *bus, struct ns_listener *listener) {
    if (listener == NULL) {
        return;
    }
    listener->gone = true;
    if (!bus->telling) {
        sweep(bus, false);
    }
}
