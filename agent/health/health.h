/* health.h: how each part of the agent does, and the worst of the parts it cannot do without.
 *
 * Parts report in when something went well or badly; the disk is looked at when somebody asks.
 * A detail may hold a path, so it is for the owner; a support person sees states and times.
 * Ownership: new/free. Threads: the loop thread. */
#pragma once
#include "shared/base/env.h"
#include "shared/base/log.h"
#include "shared/text/message.h"

enum ns_health_part {
    NS_HEALTH_STORE,
    NS_HEALTH_FORECAST,
    NS_HEALTH_ENDPOINT,
    NS_HEALTH_DISK,
    NS_HEALTH_PARTS
};

/* In the order of ComponentState in the schema. */
enum ns_health_state {
    NS_HEALTH_UP,
    NS_HEALTH_DEGRADED,
    NS_HEALTH_DOWN,
    NS_HEALTH_UNCONFIGURED
};

struct ns_health_component {
    const char *name; /* "store", "forecast", "endpoint", "disk" */
    enum ns_health_state state;
    char detail[480];    /* a sentence or two in the language asked for; "": none */
    ns_time last_ok;     /* NS_TIME_NONE: never yet */
};

struct ns_health_view {
    enum ns_health_state state;
    ns_time started;
    ns_time checked;
    int64_t uptime_seconds; /* by the clock that nobody sets */
    struct ns_health_component parts[NS_HEALTH_PARTS];
};

struct ns_health;

/* folder: of the store; its disk is watched. env is borrowed. */
struct ns_health *ns_health_new(const struct ns_env *env, const char *folder);
void ns_health_free(struct ns_health *health); /* NULL is fine */

/* It went well at `when`, which may be before this start. */
void ns_health_good_at(struct ns_health *health, enum ns_health_part part, ns_time when);
void ns_health_good(struct ns_health *health, enum ns_health_part part);
/* state: DEGRADED (it went on) or DOWN (it stopped); err: why, NULL when there is nothing to say. */
void ns_health_bad(struct ns_health *health, enum ns_health_part part,
                   enum ns_health_state state, const struct ns_err *err);
/* One request of many went well, or was refused. Neither hides what a look at the whole found: damage and the reason
 * of a hold stay until ns_health_good or ns_health_bad. */
void ns_health_worked(struct ns_health *health, enum ns_health_part part);
void ns_health_refused(struct ns_health *health, enum ns_health_part part, const struct ns_err *err);

void ns_health_look(struct ns_health *health, enum ns_lang lang, struct ns_health_view *out);

/* Room for others than root on the store's disk in bytes; -1: not known. */
int64_t ns_health_disk_room(const struct ns_health *health);
/* Of a disk with that much room left; free_bytes < 0: not known. Pure. */
enum ns_health_state ns_health_disk_state(int64_t free_bytes);
