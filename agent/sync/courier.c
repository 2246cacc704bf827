#include "agent/sync/courier.h"
#include "agent/net/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "courier"
#include "shared/base/log.h"

#define CALL_MOST_MS 80000
#define AFTER_ERROR_MS 60000
#define SLEEP_MOST_MS ((int64_t)60 * 60 * 1000)

struct waiter {
    struct waiter *next;
    struct ns_courier *courier;
    enum ns_wish_kind kind;
    struct ns_timer *timer;
    ns_courier_fn *fn;
    void *arg;
};

struct ns_courier {
    struct ns_job job; /* first: the job is the courier */
    struct ns_courier_setup s;
    struct ns_timer *timer;
    struct ns_arena arena;
    struct ns_act act;
    struct ns_errand errand;
    struct ns_fetch_answer answer;
    struct ns_stripe_outcome outcome; /* a copy for the loop */
    struct waiter *waiters;
    const struct ns_zone *zone;
    ns_time wake;
    ns_rc rc;
    struct ns_err err;
    atomic_bool stop;
    bool changed;
    bool running;
    bool again;
    bool have_answer;
};

static void begin(struct ns_courier *c);

/* ---- on the writer ---- */

static void run_next(struct ns_job *job) {
    struct ns_courier *c = (struct ns_courier *)job;
    ns_err_clear(&c->err);
    c->act.now = ns_env_now(c->s.env);
    c->rc = ns_stripe_next(c->s.stripe, &c->act, &c->errand, &c->wake, &c->err);
    c->outcome = c->s.stripe->outcome;
}

static void run_heard(struct ns_job *job) {
    struct ns_courier *c = (struct ns_courier *)job;
    const struct ns_fetch_answer *f = &c->answer;
    const struct ns_outbox_answer a = {.arrived = f->arrived, .status = f->status, .body = ns_buf_view(&f->body),
                                       .should_retry = f->should_retry < 0 ? NS_NONE : f->should_retry,
                                       .retry_after_s = f->retry_after_s, .replayed = f->replayed,
                                       .request_id = f->request_id[0] == '\0' ? NULL : f->request_id, .date = f->date};
    ns_err_clear(&c->err);
    c->act.now = ns_env_now(c->s.env);
    c->rc = ns_stripe_heard(c->s.stripe, &c->act, &c->errand, &a, &c->err);
    c->outcome = c->s.stripe->outcome;
    c->changed = c->s.stripe->changed;
}

/* ---- outside ---- */

static void run_fetch(struct ns_job *job) {
    struct ns_courier *c = (struct ns_courier *)job;
    const struct ns_stripe_account *account = &c->s.stripe->account;
    struct ns_arena *arena = &c->arena;
    const char *headers[NS_FETCH_HEADERS_MOST] = {
        ns_arena_printf(arena, "Authorization: Bearer %s", account->key), "Stripe-Version: " NS_STRIPE_VERSION,
        "User-Agent: NestSync/" NS_VERSION, "Accept: application/json"};
    size_t n = 4;
    if (c->errand.body != NULL) {
        headers[n++] = "Content-Type: application/x-www-form-urlencoded";
    }
    if (c->errand.key != NULL) {
        headers[n++] = ns_arena_printf(arena, "Idempotency-Key: %s", c->errand.key);
    }
    const struct ns_fetch_request r = {.method = c->errand.method, .body = c->errand.body, .headers = headers,
                                       .url = ns_arena_printf(arena, "%s%s", account->base_url, c->errand.path),
                                       .most_ms = CALL_MOST_MS, .stop = &c->stop};
    ns_fetch(&r, &c->answer);
    c->have_answer = true;
}

/* ---- on the loop ---- */

static void drop(struct waiter **at) {
    struct waiter *w = *at;
    *at = w->next;
    ns_timer_free(w->timer);
    free(w);
}

/* Those who wait for that kind, or for any when it is over (outcome NULL). */
static void tell(struct ns_courier *c, const struct ns_stripe_outcome *outcome) {
    struct waiter **at = &c->waiters;
    while (*at != NULL) {
        struct waiter *w = *at;
        bool same = outcome == NULL || outcome->wish == w->kind ||
                    (w->kind == NS_WISH_CARD && outcome->wish == NS_WISH_CARD_DEFAULT) ||
                    ((w->kind == NS_WISH_SUBSCRIBE || w->kind == NS_WISH_CHECKOUT) && outcome->wish == NS_WISH_REOPEN);
        if (!same) {
            at = &w->next;
            continue;
        }
        ns_courier_fn *fn = w->fn;
        void *arg = w->arg;
        drop(at);
        fn(arg, outcome);
        at = &c->waiters;
    }
}

static void on_late(void *arg) {
    struct waiter *w = arg;
    struct ns_courier *c = w->courier;
    for (struct waiter **at = &c->waiters; *at != NULL; at = &(*at)->next) {
        if (*at == w) {
            ns_courier_fn *fn = w->fn;
            void *to = w->arg;
            drop(at);
            fn(to, NULL);
            return;
        }
    }
}

static void end_round(struct ns_courier *c) {
    if (c->have_answer) {
        ns_fetch_answer_fini(&c->answer);
        c->have_answer = false;
    }
    ns_arena_reset(&c->arena);
    c->running = false;
}

static void sleep_until(struct ns_courier *c) {
    int64_t ms = c->wake == NS_TIME_NONE ? SLEEP_MOST_MS : (c->wake - ns_env_now(c->s.env)) / 1000 + 1;
    ns_timer_set(c->timer, ms < 1 ? 1 : ms > SLEEP_MOST_MS ? SLEEP_MOST_MS : ms);
}

static void on_heard(struct ns_job *job) {
    struct ns_courier *c = (struct ns_courier *)job;
    struct ns_stripe_outcome outcome = c->outcome;
    ns_rc rc = c->rc;
    LOG_INFO("act=call method=%s status=%d request=%s rc=%s", c->errand.method, c->answer.status, c->answer.request_id, ns_rc_key(rc));
    end_round(c);
    if (rc != NS_OK) {
        LOG_WARN("act=heard rc=%s note=\"%s\"", ns_rc_key(rc), c->err.note);
    }
    if (c->changed && rc == NS_OK && !atomic_load(&c->stop)) {
        c->s.changed(c->s.self);
    }
    if (outcome.ended && rc == NS_OK) {
        tell(c, &outcome);
    }
    if (rc != NS_OK) {
        ns_timer_set(c->timer, AFTER_ERROR_MS);
    } else {
        begin(c);
    }
}

static void submit(struct ns_courier *c, struct ns_executor *to, void (*run)(struct ns_job *), void (*done)(struct ns_job *)) {
    c->job = (struct ns_job){.run = run, .done = done};
    if (ns_executor_submit(to, &c->job) != NS_OK) { /* full, or the agent ends */
        end_round(c);
        ns_timer_set(c->timer, AFTER_ERROR_MS);
    }
}

static void on_fetched(struct ns_job *job) {
    struct ns_courier *c = (struct ns_courier *)job;
    submit(c, c->s.writer, run_heard, on_heard);
}

static void on_next(struct ns_job *job) {
    struct ns_courier *c = (struct ns_courier *)job;
    struct ns_stripe_outcome outcome = c->outcome;
    if (c->rc == NS_OK && c->errand.kind != NS_ERRAND_NONE && !atomic_load(&c->stop)) {
        submit(c, c->s.outside, run_fetch, on_fetched);
        return;
    }
    ns_rc rc = c->rc;
    end_round(c);
    if (rc != NS_OK) {
        LOG_WARN("act=next rc=%s note=\"%s\"", ns_rc_key(rc), c->err.note);
        c->wake = ns_env_now(c->s.env) + AFTER_ERROR_MS * 1000;
    }
    if (rc == NS_OK && outcome.ended) {
        tell(c, &outcome);
    }
    if (c->again) {
        begin(c);
    } else if (!c->running) {
        sleep_until(c);
    }
}

static void begin(struct ns_courier *c) {
    c->again = c->running;
    if (c->running || atomic_load(&c->stop) || c->zone == NULL) {
        return;
    }
    c->act = (struct ns_act){.db = c->s.write_db, .env = c->s.env, .zone = c->zone,
                             .actor = {.role = NS_ROLE_FAMILY_CORE}, .arena = &c->arena};
    c->running = true;
    submit(c, c->s.writer, run_next, on_next);
}

static void on_timer(void *arg) {
    begin(arg);
}

struct ns_courier *ns_courier_new(const struct ns_courier_setup *setup) {
    struct ns_courier *c = ns_xcalloc(1, sizeof *c);
    c->s = *setup;
    c->timer = ns_timer_new(setup->loop, on_timer, c);
    return c;
}

struct ns_stripe *ns_courier_stripe(struct ns_courier *c) {
    return c->s.stripe;
}

void ns_courier_kick(struct ns_courier *c, const struct ns_zone *zone) {
    c->zone = zone != NULL ? zone : c->zone;
    begin(c);
}

void ns_courier_wait(struct ns_courier *c, enum ns_wish_kind kind, int64_t most_ms, ns_courier_fn *fn, void *arg) {
    struct waiter *w = ns_xcalloc(1, sizeof *w);
    *w = (struct waiter){.courier = c, .kind = kind, .fn = fn, .arg = arg, .next = c->waiters};
    w->timer = ns_timer_new(c->s.loop, on_late, w);
    ns_timer_set(w->timer, most_ms);
    c->waiters = w;
}

void ns_courier_close(struct ns_courier *c) {
    if (c != NULL) {
        atomic_store(&c->stop, true);
        ns_timer_cancel(c->timer);
        tell(c, NULL);
    }
}

void ns_courier_free(struct ns_courier *c) {
    if (c == NULL) {
        return;
    }
    ns_timer_free(c->timer);
    ns_arena_fini(&c->arena);
    free(c);
}
