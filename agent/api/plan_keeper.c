#include "agent/api/plan_keeper.h"
#include "agent/api/context.h"

#include <stdlib.h>

#define LOG_MODULE "billing"
#include "shared/base/log.h"

#define LOOK_EVERY_MS ((int64_t)60 * 60 * 1000)

struct ns_plan_keeper {
    struct ns_job job; /* first: the job is the keeper */
    struct ns_api *api;
    struct ns_timer *timer;
    struct ns_arena arena;
    struct ns_act act;
    bool running;
    bool again;
    bool closing;
    bool changed;
    ns_rc rc;
    struct ns_err err;
};

static void work(struct ns_job *job) {
    struct ns_plan_keeper *k = (struct ns_plan_keeper *)job;
    ns_err_clear(&k->err);
    k->changed = false;
    k->rc = ns_billing_ensure(&k->act, k->api->s.sale, &k->err);
    if (k->rc == NS_OK) {
        k->rc = ns_billing_pass_time(&k->act, &k->changed, &k->err);
    }
    if (k->rc != NS_OK) {
        ns_db_rollback(k->act.db);
    }
}

static void start(struct ns_plan_keeper *k);

static void done(struct ns_job *job) {
    struct ns_plan_keeper *k = (struct ns_plan_keeper *)job;
    k->running = false;
    if (k->rc != NS_OK) {
        LOG_WARN("act=keep rc=%s note=\"%s\"", ns_rc_key(k->rc), k->err.note);
    }
    if (k->changed && !k->closing) {
        ns_events_publish(k->api->s.events,
                          (struct ns_event){.kind = NS_EVENT_PLAN, .at = k->act.now});
    }
    if (k->again && !k->closing) {
        start(k);
    } else if (k->api->s.courier != NULL && !k->closing) {
        ns_courier_kick(k->api->s.courier, k->api->zone); /* the zone is known once there is a home */
    }
}

static void start(struct ns_plan_keeper *k) {
    struct ns_api *api = k->api;
    k->again = k->running;
    if (k->running || k->closing) {
        return;
    }
    ns_arena_reset(&k->arena);
    k->act = (struct ns_act){.db = api->s.write_db, .env = api->s.env, .zone = api->zone,
                             .now = ns_env_now(api->s.env),
                             .actor = {.role = NS_ROLE_FAMILY_CORE}, .arena = &k->arena};
    k->job = (struct ns_job){.run = work, .done = done};
    k->running = ns_executor_submit(api->s.writer, &k->job) == NS_OK;
}

static void on_hour(void *arg) {
    struct ns_plan_keeper *k = arg;
    start(k);
    ns_timer_set(k->timer, LOOK_EVERY_MS);
}

struct ns_plan_keeper *ns_plan_keeper_new(struct ns_api *api) {
    struct ns_plan_keeper *k = ns_xcalloc(1, sizeof *k);
    k->api = api;
    k->timer = ns_timer_new(api->s.loop, on_hour, k);
    ns_timer_set(k->timer, LOOK_EVERY_MS);
    start(k);
    return k;
}

void ns_plan_keeper_look(struct ns_plan_keeper *k) {
    start(k);
}

void ns_plan_keeper_close(struct ns_plan_keeper *k) {
    k->closing = true;
    ns_timer_cancel(k->timer);
}

void ns_plan_keeper_free(struct ns_plan_keeper *k) {
    if (k == NULL) {
        return;
    }
    ns_timer_free(k->timer);
    ns_arena_fini(&k->arena);
    free(k);
}
