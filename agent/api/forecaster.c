/* forecaster.c: one run a child at a time through writer, pool and writer again. */
#include "agent/api/forecaster.h"
#include "agent/api/context.h"
#include "agent/household/prediction.h"

#include <stdlib.h>

#define LOG_MODULE "forecast"
#include "shared/base/log.h"

#define CHECK_EVERY_MS ((int64_t)10 * 60 * 1000)

struct waiter {
    struct waiter *next;
    ns_forecast_done *done;
    void *arg;
};

struct run {
    struct ns_job job; /* first: a job is its run */
    struct run *next;
    struct ns_forecaster *f;
    struct ns_act act;
    struct ns_arena arena;
    ns_id child;
    struct ns_prediction_request *request;
    struct ns_prediction prediction;
    ns_rc rc;
    struct ns_err err;
    int64_t started_us;
    struct waiter *waiters; /* of this run */
    struct waiter *later;   /* of the run after it */
    bool again;
};

struct ns_forecaster {
    struct ns_api *api;
    struct run *runs; /* under way */
    struct ns_timer *timer;
    ns_date nightly_done; /* local day of the last nightly round */
    int64_t last_ms;
    bool closing;
};

static bool start(struct run *run);

static void tell(struct waiter *list, ns_rc rc, const struct ns_err *err,
                 const struct ns_prediction *prediction) {
    while (list != NULL) {
        struct waiter *next = list->next;
        list->done(list->arg, rc, err, prediction);
        free(list);
        list = next;
    }
}

static void unlink_run(struct run *run) {
    struct run **at = &run->f->runs;
    while (*at != run) {
        at = &(*at)->next;
    }
    *at = run->next;
}

static void finish(struct run *run) {
    struct ns_forecaster *f = run->f;
    ns_prediction_free(run->request);
    run->request = NULL;
    if (run->rc == NS_OK) {
        ns_health_good(f->api->s.health, NS_HEALTH_FORECAST);
        ns_events_publish(f->api->s.events, (struct ns_event){.kind = NS_EVENT_PREDICTION,
                                                              .child = run->child,
                                                              .entity = run->prediction.id,
                                                              .at = run->act.now});
    } else if (run->rc == NS_E_CONSENT || run->rc == NS_E_DENIED) {
        LOG_INFO("act=forecast skipped=%s", run->rc == NS_E_CONSENT ? "consent" : "plan");
    } else {
        ns_health_bad(f->api->s.health, NS_HEALTH_FORECAST, NS_HEALTH_DEGRADED, &run->err);
        LOG_WARN("act=forecast rc=%s note=\"%s\"", ns_rc_key(run->rc), run->err.note);
    }
    struct waiter *waiters = run->waiters;
    run->waiters = NULL;
    tell(waiters, run->rc, &run->err, &run->prediction);
    if (run->again && !f->closing) {
        run->again = false;
        run->waiters = run->later;
        run->later = NULL;
        if (!start(run)) {
            run->rc = ns_err_note(&run->err, NS_E_BUSY, "the queue is full");
            finish(run);
        }
        return;
    }
    struct ns_err closed = {0};
    ns_err_note(&closed, NS_E_CANCELLED, "closing");
    tell(run->later, NS_E_CANCELLED, &closed, NULL);
    unlink_run(run);
    ns_arena_fini(&run->arena);
    free(run);
}

static void submit(struct run *run, struct ns_executor *executor, void (*work)(struct ns_job *),
                   void (*done)(struct ns_job *)) {
    run->job.run = work;
    run->job.done = done;
    if (ns_executor_submit(executor, &run->job) != NS_OK) {
        run->rc = ns_err_note(&run->err, NS_E_BUSY, "the queue is full");
        finish(run);
    }
}

static void store_work(struct ns_job *job) {
    struct run *run = (struct run *)job;
    run->rc = ns_prediction_store(&run->act, run->request, &run->prediction, &run->err);
    if (run->rc != NS_OK) {
        ns_db_rollback(run->act.db);
    }
}

static void stored(struct ns_job *job) {
    finish((struct run *)job);
}

static void model_work(struct ns_job *job) {
    struct run *run = (struct run *)job;
    run->started_us = ns_env_steady_us(run->act.env);
    run->rc = ns_prediction_run(run->request, &run->err);
    run->started_us = ns_env_steady_us(run->act.env) - run->started_us;
}

static void modelled(struct ns_job *job) {
    struct run *run = (struct run *)job;
    run->f->last_ms = run->started_us / 1000;
    if (run->rc != NS_OK) {
        finish(run);
        return;
    }
    submit(run, run->f->api->s.writer, store_work, stored);
}

static void load_work(struct ns_job *job) {
    struct run *run = (struct run *)job;
    struct ns_api *api = run->f->api;
    run->rc = ns_billing_need(run->act.db, api->owner.user, api->s.sale, run->act.now, "predictions", &run->err);
    if (run->rc == NS_OK) {
        run->rc = ns_prediction_load(&run->act, run->child, &run->request, &run->err);
    }
}

static void loaded(struct ns_job *job) {
    struct run *run = (struct run *)job;
    if (run->rc != NS_OK) {
        finish(run);
        return;
    }
    submit(run, run->f->api->s.pool, model_work, modelled);
}

/* False: the writer's queue is full and nothing was begun. */
static bool start(struct run *run) {
    struct ns_api *api = run->f->api;
    ns_arena_reset(&run->arena);
    ns_err_clear(&run->err);
    run->rc = NS_OK;
    run->prediction = (struct ns_prediction){0};
    run->act.db = api->s.write_db;
    run->act.env = api->s.env;
    run->act.zone = api->zone;
    run->act.now = ns_env_now(api->s.env);
    run->act.arena = &run->arena;
    run->job.run = load_work;
    run->job.done = loaded;
    return ns_executor_submit(api->s.writer, &run->job) == NS_OK;
}

bool ns_forecaster_request(struct ns_forecaster *f, ns_id child, struct ns_actor actor,
                           ns_forecast_done *done, void *arg) {
    struct waiter *waiter = NULL;
    if (f->closing) {
        return false;
    }
    if (done != NULL) {
        waiter = ns_xcalloc(1, sizeof *waiter);
        waiter->done = done;
        waiter->arg = arg;
    }
    for (struct run *run = f->runs; run != NULL; run = run->next) {
        if (ns_id_eq(run->child, child)) {
            run->again = true;
            if (waiter != NULL) {
                waiter->next = run->later;
                run->later = waiter;
            }
            return true;
        }
    }
    struct run *run = ns_xcalloc(1, sizeof *run);
    run->f = f;
    run->child = child;
    run->act.actor = actor;
    run->waiters = waiter;
    run->next = f->runs;
    f->runs = run;
    if (start(run)) {
        return true;
    }
    LOG_WARN("act=forecast note=\"the queue is full\"");
    unlink_run(run);
    free(waiter);
    free(run);
    return false;
}

static void ask_if_due(struct ns_forecaster *f, ns_id child) {
    struct ns_api *api = f->api;
    struct ns_arena arena = {0};
    struct ns_act act = {.db = api->s.read_db,
                         .env = api->s.env,
                         .zone = api->zone,
                         .now = ns_env_now(api->s.env),
                         .actor = api->owner,
                         .arena = &arena};
    bool due = false;
    struct ns_err err = {0};
    if (ns_prediction_due(&act, child, &due, &err) != NS_OK) {
        LOG_WARN("act=due note=\"%s\"", err.note);
    } else if (due) {
        (void)ns_forecaster_request(f, child, (struct ns_actor){.role = NS_ROLE_FAMILY_CORE}, NULL, NULL);
    }
    ns_arena_fini(&arena);
}

void ns_forecaster_logged(struct ns_forecaster *f, ns_id child) {
    ask_if_due(f, child);
}

void ns_forecaster_check(struct ns_forecaster *f) {
    struct ns_arena arena = {0};
    const struct ns_child *children = NULL;
    int count = 0;
    struct ns_err err = {0};
    if (ns_child_list(f->api->s.read_db, &arena, &children, &count, &err) != NS_OK) {
        LOG_WARN("act=check note=\"%s\"", err.note);
    }
    for (int i = 0; i < count; i++) {
        ask_if_due(f, children[i].id);
    }
    ns_arena_fini(&arena);
}

/* Looks at the clock instead of sleeping until the hour: a laptop that slept through the night
 * catches up when it wakes. */
static void nightly(void *arg) {
    struct ns_forecaster *f = arg;
    ns_time now = ns_env_now(f->api->s.env);
    ns_date today = ns_zone_local_day(f->api->zone, now);
    if (today != f->nightly_done &&
        ns_zone_local_minute(f->api->zone, now) / 60 >= f->api->s.nightly_hour) {
        f->nightly_done = today;
        ns_forecaster_check(f);
    }
    ns_timer_set(f->timer, CHECK_EVERY_MS);
}

/* What earlier runs of the agent left in the store is the state until a new forecast is made. */
static void remember(struct ns_forecaster *f) {
    struct ns_arena arena = {0};
    const struct ns_child *children = NULL;
    ns_time newest = NS_TIME_NONE;
    int count = 0;
    struct ns_err err = {0};
    if (ns_child_list(f->api->s.read_db, &arena, &children, &count, &err) != NS_OK) {
        LOG_WARN("act=remember note=\"%s\"", err.note);
    }
    for (int i = 0; i < count; i++) {
        struct ns_prediction p;
        bool found = false;
        if (ns_prediction_newest(f->api->s.read_db, children[i].id, &arena, &p, &found, NULL) == NS_OK &&
            found && (newest == NS_TIME_NONE || p.created_at > newest)) {
            newest = p.created_at;
        }
    }
    if (newest != NS_TIME_NONE) {
        ns_health_good_at(f->api->s.health, NS_HEALTH_FORECAST, newest);
    }
    ns_arena_fini(&arena);
}

struct ns_forecaster *ns_forecaster_new(struct ns_api *api) {
    struct ns_forecaster *f = ns_xcalloc(1, sizeof *f);
    f->api = api;
    f->last_ms = -1;
    f->nightly_done = NS_DATE_NONE;
    remember(f);
    f->timer = ns_timer_new(api->s.loop, nightly, f);
    ns_timer_set(f->timer, CHECK_EVERY_MS);
    return f;
}

void ns_forecaster_close(struct ns_forecaster *f) {
    f->closing = true;
    ns_timer_cancel(f->timer);
}

void ns_forecaster_free(struct ns_forecaster *f) {
    if (f != NULL) {
        ns_timer_free(f->timer);
        free(f);
    }
}

int64_t ns_forecaster_last_ms(const struct ns_forecaster *f) {
    return f->last_ms;
}
