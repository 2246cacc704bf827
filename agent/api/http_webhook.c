#include "agent/api/http_webhook.h"
#include "agent/api/context.h"
#include "agent/billing/webhook.h"
#include "agent/store/stripe.h"
#include "agent/sync/courier.h"
#include "shared/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "webhook"
#include "shared/base/log.h"

#define JSON "application/json; charset=utf-8"
#define FRESH_WITHIN (2 * NS_DAY) /* news are polled hourly, everything is read once a day */

struct delivery {
    struct ns_job job; /* first */
    struct ns_api *api;
    struct ns_exchange *x;
    struct ns_arena arena;
    bool fresh;
    int status;
};

static void answer(struct ns_exchange *x, int status, const char *extra, const char *text) {
    ns_exchange_respond(x, status, JSON, extra, ns_str_of(text));
}

/* ---- storing, on the writer ---- */

static ns_rc store(struct delivery *d, const struct ns_act *act, const struct ns_json *event, struct ns_err *err) {
    struct ns_stripe_state state;
    ns_rc rc = ns_stripe_take_event(ns_courier_stripe(d->api->s.courier), act, event, "WEBHOOK", &d->fresh, err);
    if (rc == NS_OK) {
        rc = ns_row_stripe(act->db, act->arena, &state, err);
    }
    if (rc == NS_OK) {
        state.webhook_at = act->now;
        state.webhook_refused_at = d->api->webhook_refused_at == NS_TIME_NONE ? state.webhook_refused_at : d->api->webhook_refused_at;
        rc = ns_row_stripe_put(act->db, &state, err);
    }
    return rc;
}

/* 200 only after the commit; 400 for what no repetition makes better. */
static void run(struct ns_job *job) {
    struct delivery *d = (struct delivery *)job;
    struct ns_err err = {0};
    struct ns_json *event = NULL;
    const struct ns_act act = {.db = d->api->s.write_db, .env = d->api->s.env, .zone = d->api->zone, .now = ns_env_now(d->api->s.env),
                               .actor = {.role = NS_ROLE_FAMILY_CORE}, .arena = &d->arena};
    ns_rc rc = ns_stripe_read(ns_exchange_body(d->x), &event, &err);
    if (rc == NS_OK) {
        rc = ns_db_begin(act.db, &err);
        if (rc == NS_OK) {
            rc = store(d, &act, event, &err);
            rc = rc == NS_OK ? ns_db_commit(act.db, &err) : (ns_db_rollback(act.db), rc);
        }
    }
    ns_json_free(event);
    d->status = rc == NS_OK ? 200 : rc == NS_E_INPUT ? 400 : 500;
    if (rc != NS_OK) {
        LOG_WARN("act=webhook rc=%s note=\"%s\"", ns_rc_key(rc), err.note);
    }
}

static void done(struct ns_job *job) {
    struct delivery *d = (struct delivery *)job;
    answer(d->x, d->status, NULL,
           d->status == 200 ? "{\"received\":true}" : d->status == 400 ? "{\"error\":\"not an event\"}" : "{\"error\":\"not stored\"}");
    if (d->fresh && !d->api->closing) {
        ns_courier_kick(d->api->s.courier, d->api->zone);
    }
    ns_arena_fini(&d->arena);
    free(d);
}

/* ---- what comes ---- */

static void refuse(struct ns_api *api, struct ns_exchange *x, int status, const char *extra, const char *text) {
    api->webhook_refused_at = ns_env_now(api->s.env);
    answer(x, status, extra, text);
}

static void receive(struct ns_api *api, struct ns_exchange *x) {
    const struct ns_stripe_account *account = &ns_courier_stripe(api->s.courier)->account;
    struct ns_str body = ns_exchange_body(x);
    if (body.n > NS_WEBHOOK_BODY_MOST) {
        refuse(api, x, 413, NULL, "{\"error\":\"too long\"}");
        return;
    }
    switch (ns_webhook_signed(account->webhook_secret, ns_exchange_header(x, "stripe-signature"), body, ns_env_now(api->s.env))) {
    case NS_SIGNED_NOT:
        refuse(api, x, 400, NULL, "{\"error\":\"no signature\"}");
        return;
    case NS_SIGNED_WRONG:
        refuse(api, x, 400, NULL, "{\"error\":\"wrong signature\"}");
        return;
    case NS_SIGNED_LATE:
        refuse(api, x, 400, NULL, "{\"error\":\"too old\"}");
        return;
    case NS_SIGNED_EARLY: /* this machine booted in the past: Stripe tries again when the time is known */
        refuse(api, x, 503, "Retry-After: 300\r\n", "{\"error\":\"the clock here is behind\"}");
        return;
    case NS_SIGNED_WELL:
        break;
    }
    if (!ns_utf8_valid(body)) {
        refuse(api, x, 400, NULL, "{\"error\":\"not UTF-8\"}");
        return;
    }
    struct delivery *d = ns_xcalloc(1, sizeof *d);
    *d = (struct delivery){.job = {.run = run, .done = done}, .api = api, .x = x};
    if (ns_executor_submit(api->s.writer, &d->job) != NS_OK) {
        free(d);
        answer(x, 503, "Retry-After: 5\r\n", "{\"error\":\"busy\"}");
    }
}

/* ---- health, from what was seen ---- */

static void put_time(struct ns_buf *out, const char *name, ns_time t) {
    char text[NS_TIME_TEXT];
    if (t == NS_TIME_NONE) {
        ns_buf_fmt(out, ",\"%s\":null", name);
    } else {
        ns_time_format(t, text);
        ns_buf_fmt(out, ",\"%s\":\"%s\"", name, text);
    }
}

static const char *word(const struct ns_api *api, const struct ns_stripe_state *s, const struct ns_stripe_counts *n, ns_time now) {
    ns_time last = s->webhook_at != NS_TIME_NONE && s->webhook_at > s->polled_at ? s->webhook_at : s->polled_at;
    if (s->webhook_at == NS_TIME_NONE && s->polled_at == NS_TIME_NONE) {
        return "waiting"; /* nothing was heard yet, and nothing may be due */
    }
    bool refusing = api->webhook_refused_at != NS_TIME_NONE && (s->webhook_at == NS_TIME_NONE || api->webhook_refused_at > s->webhook_at);
    return last == NS_TIME_NONE || now - last > FRESH_WITHIN ? "stale" : n->parked > 0 || refusing ? "degraded" : "healthy";
}

static void health(struct ns_api *api, struct ns_exchange *x) {
    struct ns_arena arena = {0};
    struct ns_err err = {0};
    struct ns_stripe_state state;
    struct ns_stripe_counts n;
    struct ns_buf out = NS_BUF(1024);
    ns_rc rc = ns_row_stripe(api->s.read_db, &arena, &state, &err);
    if (rc == NS_OK) {
        rc = ns_row_event_counts(api->s.read_db, &n, &err);
    }
    if (rc != NS_OK) {
        answer(x, 500, NULL, "{\"status\":\"unknown\"}");
    } else {
        const char *status = word(api, &state, &n, ns_env_now(api->s.env));
        ns_buf_fmt(&out, "{\"status\":\"%s\",\"livemode\":%s", status, ns_courier_stripe(api->s.courier)->account.live ? "true" : "false");
        put_time(&out, "lastReceivedAt", state.webhook_at);
        put_time(&out, "lastRefusedAt", api->webhook_refused_at != NS_TIME_NONE ? api->webhook_refused_at : state.webhook_refused_at);
        put_time(&out, "lastPolledAt", state.polled_at);
        put_time(&out, "lastReadWholeAt", state.reconciled_at);
        ns_buf_fmt(&out, ",\"events\":{\"waiting\":%lld,\"applied\":%lld,\"ignored\":%lld,\"parked\":%lld}}", (long long)n.stored,
                   (long long)n.applied, (long long)n.ignored, (long long)n.parked);
        ns_exchange_respond(x, strcmp(status, "stale") == 0 ? 503 : 200, JSON, NULL, ns_buf_view(&out));
    }
    ns_buf_fini(&out);
    ns_arena_fini(&arena);
}

bool ns_http_webhook_serve(struct ns_api *api, struct ns_exchange *x) {
    struct ns_str path = ns_exchange_path(x), method = ns_exchange_method(x);
    bool asks = ns_str_is(path, "/webhooks/stripe/health");
    if (!asks && !ns_str_is(path, "/webhooks/stripe") && !ns_str_is(path, "/webhooks/stripe/subscription-events")) {
        return false;
    }
    const struct ns_stripe *s = api->s.courier == NULL ? NULL : ns_courier_stripe(api->s.courier);
    bool open = s != NULL && (s->account.webhook_secret[0][0] != '\0' || s->account.webhook_secret[1][0] != '\0');
    if (!ns_str_is(method, asks ? "GET" : "POST")) {
        answer(x, 405, asks ? "Allow: GET\r\n" : "Allow: POST\r\n", "{\"error\":\"another method\"}");
    } else if (!open) {
        answer(x, asks ? 200 : 404, NULL, "{\"status\":\"off\"}");
    } else if (asks) {
        health(api, x);
    } else {
        receive(api, x);
    }
    return true;
}
