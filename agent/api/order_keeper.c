/* order_keeper.c: the ten minutes of a yes and the 72 hours of a proposal run out by a timer that
 * is set anew from the store, so that a restart loses none of them. */
#include "agent/api/orders.h"

#include <stdlib.h>

#define LOG_MODULE "order"
#include "shared/base/log.h"

#define LOOK_AT_MOST_MS ((int64_t)60 * 60 * 1000) /* a clock set forward is noticed within it */
#define AT_ONCE 32

struct ns_order_keeper {
    struct ns_job job; /* first: the job is the keeper */
    struct ns_api *api;
    struct ns_timer *timer;
    struct ns_arena arena;
    struct ns_act act;
    bool running;
    bool again;
    bool closing;
    ns_rc rc;
    struct ns_err err;
    ns_time next;
    struct ns_event moved[AT_ONCE];
    int moved_count;
};

static void work(struct ns_job *job) {
    struct ns_order_keeper *k = (struct ns_order_keeper *)job;
    bool some = true;
    ns_err_clear(&k->err);
    k->moved_count = 0;
    k->rc = NS_OK;
    while (k->rc == NS_OK && some && k->moved_count < AT_ONCE) {
        struct ns_order o;
        k->rc = ns_order_tick(&k->act, &o, &some, &k->err);
        if (k->rc == NS_OK && some) {
            k->moved[k->moved_count++] = (struct ns_event){.kind = NS_EVENT_ORDER, .child = o.child_id,
                                                           .entity = o.id, .at = k->act.now};
        }
    }
    if (k->rc == NS_OK) {
        k->rc = ns_row_order_next(k->act.db, &k->next, &k->err);
    }
}

static void start(struct ns_order_keeper *k);

static void done(struct ns_job *job) {
    struct ns_order_keeper *k = (struct ns_order_keeper *)job;
    int64_t wait = LOOK_AT_MOST_MS;
    k->running = false;
    if (k->rc != NS_OK) {
        LOG_WARN("act=keep rc=%s note=\"%s\"", ns_rc_key(k->rc), k->err.note);
    }
    for (int i = 0; i < k->moved_count && !k->closing; i++) {
        ns_events_publish(k->api->s.events, k->moved[i]);
    }
    if (k->again && !k->closing) {
        start(k);
    } else if (!k->closing) {
        if (k->rc == NS_OK && k->next != NS_TIME_NONE) {
            int64_t left = (k->next - ns_env_now(k->api->s.env)) / 1000 + 1;
            wait = left < 1 ? 1 : left < wait ? left : wait;
        }
        ns_timer_set(k->timer, wait);
    }
}

static void start(struct ns_order_keeper *k) {
    struct ns_api *api = k->api;
    k->again = k->running;
    if (k->running || k->closing) {
        return;
    }
    ns_arena_reset(&k->arena);
    k->next = NS_TIME_NONE;
    k->act = (struct ns_act){.db = api->s.write_db, .env = api->s.env, .zone = api->zone,
                             .now = ns_env_now(api->s.env), .actor = {.role = NS_ROLE_FAMILY_CORE},
                             .arena = &k->arena};
    k->job = (struct ns_job){.run = work, .done = done};
    k->running = ns_executor_submit(api->s.writer, &k->job) == NS_OK;
}

static void on_time(void *arg) {
    start(arg);
}

struct ns_order_keeper *ns_order_keeper_new(struct ns_api *api) {
    struct ns_order_keeper *k = ns_xcalloc(1, sizeof *k);
    k->api = api;
    k->timer = ns_timer_new(api->s.loop, on_time, k);
    start(k);
    return k;
}

void ns_order_keeper_look(struct ns_order_keeper *k) {
    start(k);
}

void ns_order_keeper_close(struct ns_order_keeper *k) {
    k->closing = true;
    ns_timer_cancel(k->timer);
}

void ns_order_keeper_free(struct ns_order_keeper *k) {
    if (k == NULL) {
        return;
    }
    ns_timer_free(k->timer);
    ns_arena_fini(&k->arena);
    free(k);
}
