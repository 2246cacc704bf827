/* events.h: what changed in the home, told to whoever listens, after the commit.
 *
 * Publishing calls every listener at once, on the loop thread; a listener must be quick and may
 * neither publish nor unsubscribe others from inside.
 * Ownership: the bus owns its listeners. Threads: loop thread. */
#pragma once
#include "shared/base/id.h"
#include "shared/base/time.h"

/* In the order of ChangeKind in the schema. */
enum ns_event_kind {
    NS_EVENT_HOUSEHOLD,
    NS_EVENT_CHILD,
    NS_EVENT_USAGE,
    NS_EVENT_INVENTORY,
    NS_EVENT_PREDICTION,
    NS_EVENT_IMPORT,
    NS_EVENT_CONSENT,
    NS_EVENT_PLAN,
    NS_EVENT_PRICE,
    NS_EVENT_ORDER,
    NS_EVENT_NOTICE
};

struct ns_event {
    int64_t sequence; /* counts from 1 since the start; set by publish */
    enum ns_event_kind kind;
    ns_id child;  /* zero: concerns the home */
    ns_id entity; /* what changed: log, item, prediction, import; may be zero */
    ns_time at;
};

struct ns_events;
struct ns_listener;

typedef void ns_listener_fn(void *arg, const struct ns_event *event);

struct ns_events *ns_events_new(void);
void ns_events_free(struct ns_events *bus); /* NULL is fine */
void ns_events_publish(struct ns_events *bus, struct ns_event event);
int64_t ns_events_sequence(const struct ns_events *bus);
struct ns_listener *ns_events_listen(struct ns_events *bus, ns_listener_fn *fn, void *arg);
void ns_events_forget(struct ns_events *bus, struct ns_listener *listener); /* NULL is fine */
