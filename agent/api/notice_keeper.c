#include "agent/api/notice_keeper.h"
#include "agent/api/context.h"
#include "agent/household/notices.h"

#include <stdlib.h>

#define LOG_MODULE "notices"
#include "shared/base/log.h"

#define LOOK_EVERY_MS ((int64_t)15 * 60 * 1000)

struct ns_notice_keeper {
    struct ns_job job; /* first: the job is the keeper */
    struct ns_api *api;
    struct ns_timer *timer;
    struct ns_listener *listener;
    struct ns_arena arena;
    struct ns_act act;
    bool backup_failed;
    bool failed_now; /* as the running look knows it */
    bool running;
    bool again;
    bool closing;
    bool changed;
    ns_rc rc;
    struct ns_err err;
};

static void work(struct ns_job *job) {
    struct ns_notice_keeper *k = (struct ns_notice_keeper *)job;
    ns_err_clear(&k->err);
    k->rc = ns_notices_look(&k->act, k->failed_now, &k->changed, &k->err);
    if (k->rc != NS_OK) {
        ns_db_rollback(k->act.db);
    }
}

static void start(struct ns_notice_keeper *k);

static void done(struct ns_job *job) {
    struct ns_notice_keeper *k = (struct ns_notice_keeper *)job;
    k->running = false;
    if (k->rc != NS_OK && k->rc != NS_E_READONLY) {
        LOG_WARN("act=look rc=%s note=\"%s\"", ns_rc_key(k->rc), k->err.note);
    }
    if (k->rc == NS_OK && k->changed && !k->closing) {
        ns_events_publish(k->api->s.events,
                          (struct ns_event){.kind = NS_EVENT_NOTICE, .at = k->act.now});
    }
    if (k->again && !k->closing) {
        start(k);
    }
}

static void start(struct ns_notice_keeper *k) {
    struct ns_api *api = k->api;
    k->again = k->running;
    if (k->running || k->closing) {
        return;
    }
    ns_arena_reset(&k->arena);
    k->act = (struct ns_act){.db = api->s.write_db, .env = api->s.env, .zone = api->zone,
                             .now = ns_env_now(api->s.env),
                             .actor = {.role = NS_ROLE_FAMILY_CORE}, .arena = &k->arena};
    k->failed_now = k->backup_failed;
    k->job = (struct ns_job){.run = work, .done = done};
    k->running = ns_executor_submit(api->s.writer, &k->job) == NS_OK;
}

static void on_event(void *arg, const struct ns_event *event) {
    if (event->kind != NS_EVENT_NOTICE) {
        start(arg);
    }
}

static void on_quarter(void *arg) {
    struct ns_notice_keeper *k = arg;
    start(k);
    ns_timer_set(k->timer, LOOK_EVERY_MS);
}

struct ns_notice_keeper *ns_notice_keeper_new(struct ns_api *api) {
    struct ns_notice_keeper *k = ns_xcalloc(1, sizeof *k);
    k->api = api;
    k->timer = ns_timer_new(api->s.loop, on_quarter, k);
    k->listener = ns_events_listen(api->s.events, on_event, k);
    ns_timer_set(k->timer, LOOK_EVERY_MS);
    start(k);
    return k;
}

void ns_notice_keeper_backup(struct ns_notice_keeper *k, bool failed) {
    k->backup_failed = failed;
    start(k);
}

void ns_notice_keeper_look(struct ns_notice_keeper *k) {
    start(k);
}

void ns_notice_keeper_close(struct ns_notice_keeper *k) {
    k->closing = true;
    ns_timer_cancel(k->timer);
    ns_events_forget(k->api->s.events, k->listener);
    k->listener = NULL;
}

void ns_notice_keeper_free(struct ns_notice_keeper *k) {
    if (k == NULL) {
        return;
    }
    ns_timer_free(k->timer);
    ns_arena_fini(&k->arena);
    free(k);
}
