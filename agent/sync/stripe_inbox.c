/* stripe_inbox.c: news from Stripe: events stored once, and what is to be asked next: the objects they
 * name, the news since, everything anew after a long absence. stripe_heard.c hears the answers. */
#include "agent/sync/stripe_parts.h"

#define LOG_MODULE "stripe"
#include "shared/base/log.h"

#define POLL_OFTEN (10 * NS_SECOND)
#define POLL_SELDOM NS_HOUR
#define LATE_EVERY NS_HOUR
#define RECONCILE_EVERY NS_DAY
#define EVENT_BODY_MOST ((size_t)256 << 10)

/* Twenty types is what one request may name. */
static const char *const types[] = {
    "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
    "customer.subscription.trial_will_end", "customer.subscription.paused", "customer.subscription.resumed",
    "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required",
    "invoice.upcoming", "invoice.voided", "invoice.marked_uncollectible", "invoice.finalization_failed",
    "checkout.session.completed", "checkout.session.expired", "payment_method.attached", "payment_method.detached",
    "charge.refunded", "customer.updated"};

ns_rc ns_stripe_begin(struct ns_stripe *s, const struct ns_env *env, struct ns_db *db, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_stripe_rate_row *rows;
    int count = 0;
    struct ns_outbox_handler handler = ns_stripe_handler;
    handler.self = s;
    s->gate.base_url = s->account.base_url;
    s->gate.base_of = "stripe";
    s->polled_us = s->late_us = INT64_MIN;
    ns_outbox_init(&s->box, env, &s->gate, handler);
    ns_rc rc = ns_row_stripe_rates(db, &arena, &rows, &count, err);
    for (int i = 0; rc == NS_OK && i < count && s->rates.count < (int)NS_COUNT(s->rates.row); i++) {
        snprintf(s->rates.row[s->rates.count].id, sizeof s->rates.row[0].id, "%s", rows[i].id);
        s->rates.row[s->rates.count++].kind = (enum ns_tax_kind)rows[i].kind;
    }
    ns_arena_fini(&arena);
    return rc;
}

void ns_stripe_look(struct ns_stripe *s, bool everything) {
    s->look = true;
    if (everything && s->reconcile == 0) {
        s->reconcile = 1;
    }
}

/* ---- one event ---- */

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* What must be fetched to know the effect; NULL: nothing of ours. */
static const char *object_of(const char *type, const struct ns_json *object, struct ns_arena *arena) {
    if (begins(type, "customer.subscription.")) {
        return ns_stripe_id(ns_json_get(object, "id"), "sub_", arena);
    }
    if (begins(type, "invoice.") && strcmp(type, "invoice.upcoming") != 0) {
        return ns_stripe_id(ns_json_get(object, "id"), "in_", arena);
    }
    if (strcmp(type, "checkout.session.completed") == 0) {
        return ns_stripe_id(ns_json_get(object, "subscription"), "sub_", arena);
    }
    if (begins(type, "payment_method.") || strcmp(type, "customer.updated") == 0) {
        return "cards";
    }
    if (strcmp(type, "charge.refunded") == 0) {
        return ns_stripe_id(ns_json_get(object, "payment_intent"), "pi_", arena);
    }
    return NULL;
}

static const char *owner_of(const char *type, const struct ns_json *object) {
    const char *name = strcmp(type, "customer.updated") == 0 ? "id" : "customer";
    const struct ns_json *owner = ns_json_get(object, name);
    return ns_json_text(owner) != NULL ? ns_json_text(owner) : ns_json_text(ns_json_get(owner, "id"));
}

/* Told once from the event itself: nothing is changed by it. */
static ns_rc notice_of(const struct ns_act *act, const char *type, const struct ns_json *object, struct ns_err *err) {
    bool fresh;
    ns_money due;
    char detail[32];
    if (strcmp(type, "customer.subscription.trial_will_end") == 0) {
        const char *id = ns_json_text(ns_json_get(object, "id"));
        return ns_row_notice(act->db, "TRIAL_ENDS", id == NULL ? "" : id, act->now, NULL, &fresh, err);
    }
    if (strcmp(type, "invoice.upcoming") == 0 && ns_stripe_cents(ns_json_get(object, "amount_due"), &due)) {
        ns_time when = ns_stripe_time(ns_json_get(object, "next_payment_attempt"));
        snprintf(detail, sizeof detail, "%lld", (long long)due);
        return ns_row_notice(act->db, "RENEWAL", ns_arena_printf(act->arena, "%lld", (long long)when), act->now, detail, &fresh, err);
    }
    return NS_OK;
}

static void classify(const struct ns_stripe *s, const struct ns_stripe_state *state, const struct ns_json *event,
                     const struct ns_json *object, struct ns_stripe_event_row *row) {
    const char *owner = owner_of(row->type, object);
    bool detached = strcmp(row->type, "payment_method.detached") == 0; /* its customer is gone already */
    row->state = "IGNORED";
    if (ns_json_bool(ns_json_get(event, "livemode"), !s->account.live) != s->account.live) {
        row->state = "PARKED";
        row->reason = "the other mode";
    } else if (!detached && (state->customer == NULL || owner == NULL || strcmp(owner, state->customer) != 0)) {
        row->reason = "another customer's";
    } else if (row->object[0] == '\0') {
        row->reason = "nothing here depends on it";
    } else if (strlen(row->body) > EVENT_BODY_MOST) {
        row->body = "{}";
        row->state = "STORED"; /* the object is fetched anyway */
    } else {
        row->state = "STORED";
    }
}

ns_rc ns_stripe_take_event(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *event, const char *via,
                           bool *fresh, struct ns_err *err) {
    struct ns_stripe_state state;
    const char *type = ns_json_text(ns_json_get(event, "type"));
    const struct ns_json *object = ns_json_path(event, "data.object");
    const char *kind = ns_json_text(ns_json_get(event, "object"));
    struct ns_stripe_event_row row = {.id = ns_stripe_id(ns_json_get(event, "id"), "evt_", act->arena), .type = type,
                                      .created = ns_stripe_time(ns_json_get(event, "created")), .received = act->now, .via = via};
    *fresh = false;
    if (row.id == NULL || type == NULL || strlen(type) > 80 || kind == NULL || strcmp(kind, "event") != 0 ||
        row.created == NS_TIME_NONE || !ns_json_is_object(object)) {
        return ns_err_note(err, NS_E_INPUT, "not an event");
    }
    struct ns_buf text = NS_BUF((size_t)1 << 20);
    ns_json_write(&text, event, false);
    row.body = text.failed ? "{}" : ns_arena_copy(act->arena, ns_buf_view(&text));
    ns_buf_fini(&text);
    row.object = object_of(type, object, act->arena);
    row.object = row.object == NULL ? "" : row.object;
    ns_rc rc = ns_row_stripe(act->db, act->arena, &state, err);
    if (rc == NS_OK) {
        classify(s, &state, event, object, &row);
        rc = ns_row_event_add(act->db, &row, fresh, err);
    }
    bool ours = row.reason == NULL || strcmp(row.reason, "nothing here depends on it") == 0;
    if (rc == NS_OK && *fresh && ours) {
        rc = notice_of(act, type, object, err);
    }
    return rc;
}

/* ---- what to read ---- */

static ns_rc errand(struct ns_stripe *s, const struct ns_act *act, enum ns_stripe_read read, const char *object,
                    const char *path, struct ns_errand *out, struct ns_err *err) {
    struct ns_egress_request r = {.destination = "stripe", .method = "GET", .path = path, .body = NS_STR(""), .agreed = true};
    *out = (struct ns_errand){.kind = NS_ERRAND_READ, .read = read, .object = object, .at = act->now, .method = "GET", .path = path};
    return ns_egress_permit(&s->gate, act->db, act->now, &r, err);
}

static const char *with_types(const struct ns_act *act, const char *path) {
    struct ns_buf out = NS_BUF(4096);
    ns_buf_text(&out, path);
    for (size_t i = 0; i < NS_COUNT(types); i++) {
        ns_buf_fmt(&out, "&types[%zu]=%s", i, types[i]);
    }
    const char *text = ns_arena_copy(act->arena, ns_buf_view(&out));
    ns_buf_fini(&out);
    return text;
}

static const char *after(const struct ns_stripe *s, const struct ns_act *act) {
    return s->after[0] == '\0' ? "" : ns_arena_printf(act->arena, "&starting_after=%s", s->after);
}

static ns_rc read_everything(struct ns_stripe *s, const struct ns_act *act, const char *customer, struct ns_errand *out,
                             struct ns_err *err) {
    switch (s->reconcile) {
    case 1:
        return errand(s, act, NS_READ_NEWEST, NULL, with_types(act, "/v1/events?limit=1"), out, err);
    case 2:
        return errand(s, act, NS_READ_SUBSCRIPTIONS, NULL,
                      ns_arena_printf(act->arena, "/v1/subscriptions?customer=%s&status=all&limit=100%s", customer, after(s, act)), out, err);
    case 3:
        return errand(s, act, NS_READ_INVOICES, NULL,
                      ns_arena_printf(act->arena, "/v1/invoices?customer=%s&limit=100%s&expand[0]=data.payments", customer, after(s, act)), out, err);
    default:
        return errand(s, act, NS_READ_CARDS, NULL,
                      ns_arena_printf(act->arena, "/v1/customers/%s/payment_methods?type=card&limit=100", customer), out, err);
    }
}

static ns_rc read_object(struct ns_stripe *s, const struct ns_act *act, const char *object, const char *customer,
                         struct ns_errand *out, struct ns_err *err) {
    if (begins(object, "sub_")) {
        return errand(s, act, NS_READ_SUBSCRIPTION, object, ns_arena_printf(act->arena, "/v1/subscriptions/%s", object), out, err);
    }
    if (begins(object, "in_")) {
        return errand(s, act, NS_READ_INVOICE, object, ns_arena_printf(act->arena, "/v1/invoices/%s?expand[0]=payments", object), out, err);
    }
    if (begins(object, "pi_")) {
        return errand(s, act, NS_READ_REFUNDS, object, ns_arena_printf(act->arena, "/v1/refunds?payment_intent=%s&limit=100", object), out, err);
    }
    return errand(s, act, NS_READ_CARDS, object,
                  ns_arena_printf(act->arena, "/v1/customers/%s/payment_methods?type=card&limit=100", customer), out, err);
}

static ns_rc read_events(struct ns_stripe *s, const struct ns_act *act, const struct ns_stripe_state *state, int64_t steady,
                         struct ns_errand *out, struct ns_err *err) {
    if (s->late_us == INT64_MIN) {
        s->late_us = steady; /* everything was read just before */
    }
    if (steady - s->late_us >= LATE_EVERY) { /* some become visible late */
        s->late_us = steady;
        return errand(s, act, NS_READ_LATE_EVENTS, NULL,
                      with_types(act, ns_arena_printf(act->arena, "/v1/events?limit=100&created[gte]=%lld",
                                                      (long long)((act->now - NS_DAY) / NS_SECOND))), out, err);
    }
    const char *from = state->cursor[0] == '\0' ? "" : ns_arena_printf(act->arena, "&ending_before=%s", state->cursor);
    return errand(s, act, NS_READ_EVENTS, NULL,
                  with_types(act, ns_arena_printf(act->arena, "/v1/events?limit=100%s", from)), out, err);
}

/* When to poll next by the schedule, in steady time. */
static int64_t poll_due(const struct ns_stripe *s, const struct ns_act *act, const struct ns_stripe_state *state) {
    bool often = state->watch_until != NS_TIME_NONE && act->now < state->watch_until;
    if (s->polled_us == INT64_MIN || s->look) {
        return 0;
    }
    /* hourly, give or take a tenth, so that homes do not all ask at once */
    int64_t span = often ? POLL_OFTEN : POLL_SELDOM - POLL_SELDOM / 10 + (s->box.run & 0xFFFF) * (POLL_SELDOM / 5) / 0xFFFF;
    return s->polled_us + span;
}

static ns_rc next_read(struct ns_stripe *s, const struct ns_act *act, struct ns_errand *out, ns_time *wake, struct ns_err *err) {
    struct ns_stripe_state state;
    const char *object = NULL;
    int64_t steady = ns_env_steady_us(act->env);
    ns_rc rc = ns_row_stripe(act->db, act->arena, &state, err);
    if (rc != NS_OK || state.customer == NULL) {
        return rc; /* nothing there can be ours */
    }
    if (steady < s->reads_not_before_us) {
        *wake = act->now + (s->reads_not_before_us - steady);
        return NS_OK;
    }
    if (s->want_rate[0] != '\0') {
        return errand(s, act, NS_READ_RATE, NULL, ns_arena_printf(act->arena, "/v1/tax_rates/%s", s->want_rate), out, err);
    }
    if (s->want_subscription[0] != '\0') {
        return read_object(s, act, ns_arena_copy(act->arena, ns_str_of(s->want_subscription)), state.customer, out, err);
    }
    bool stale = state.reconciled_at == NS_TIME_NONE || act->now - state.reconciled_at > RECONCILE_EVERY;
    if (s->reconcile == 0 && (state.cursor == NULL || stale)) {
        s->reconcile = 1;
        s->after[0] = '\0';
    }
    if (s->reconcile > 0) {
        return read_everything(s, act, state.customer, out, err);
    }
    rc = ns_row_event_next(act->db, act->arena, &object, err);
    if (rc != NS_OK || object != NULL) {
        return rc == NS_OK ? read_object(s, act, object, state.customer, out, err) : rc;
    }
    int64_t due = poll_due(s, act, &state);
    if (steady >= due) {
        return read_events(s, act, &state, steady, out, err);
    }
    *wake = act->now + (due - steady);
    return NS_OK;
}

static ns_rc next(struct ns_stripe *s, const struct ns_act *act, struct ns_errand *out, ns_time *wake, struct ns_err *err) {
    bool some = false;
    int64_t steady = ns_env_steady_us(act->env);
    if (steady < s->locked_until_us) {
        *wake = act->now + (s->locked_until_us - steady);
        return NS_OK;
    }
    if (s->asking) {
        ns_rc rc = ns_stripe_ask(s, act, out, err);
        const struct ns_egress_request r = {.destination = "stripe", .method = out->method, .path = out->path,
                                            .body = ns_str_of(out->body == NULL ? "" : out->body), .agreed = true};
        return rc == NS_OK ? ns_egress_permit(&s->gate, act->db, act->now, &r, err) : rc;
    }
    ns_rc rc = ns_outbox_take(&s->box, act, &out->attempt, &some, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (some) {
        out->kind = NS_ERRAND_OUTBOX;
        out->method = out->attempt.lookup ? "GET" : out->attempt.intent.method;
        out->path = out->attempt.path;
        out->body = out->attempt.lookup || strcmp(out->method, "POST") != 0 ? NULL : out->attempt.intent.body;
        out->key = out->body != NULL ? out->attempt.intent.key : NULL;
        return NS_OK;
    }
    rc = next_read(s, act, out, wake, err);
    if (rc == NS_OK && out->kind == NS_ERRAND_NONE) {
        ns_time due = NS_TIME_NONE;
        rc = ns_row_intent_next(act->db, &due, err);
        *wake = due != NS_TIME_NONE && (*wake == NS_TIME_NONE || due < *wake) ? due : *wake;
    }
    return rc;
}

/* The journal's line of a refusal stands too: what the gate writes is committed either way. */
ns_rc ns_stripe_next(struct ns_stripe *s, const struct ns_act *act, struct ns_errand *out, ns_time *wake, struct ns_err *err) {
    *out = (struct ns_errand){0};
    *wake = NS_TIME_NONE;
    s->outcome = (struct ns_stripe_outcome){0};
    s->changed = false;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    bool asked = s->asking;
    rc = next(s, act, out, wake, err);
    if (rc == NS_E_DENIED || rc == NS_E_CONSENT || (asked && rc == NS_E_NOT_FOUND)) {
        LOG_WARN("act=refused note=\"%s\"", err->note);
        *out = (struct ns_errand){0};
        s->asking = false;
        s->reads_not_before_us = ns_env_steady_us(act->env) + STRIPE_WAIT_MOST;
        *wake = act->now + STRIPE_WAIT_MOST;
        s->outcome = (struct ns_stripe_outcome){.ended = asked, .wish = s->asked.kind, .msg = NS_MSG_plan_stripe_gate};
        ns_err_clear(err);
        return ns_db_commit(act->db, err);
    }
    if (rc == NS_OK) {
        return ns_db_commit(act->db, err);
    }
    ns_db_rollback(act->db);
    return rc;
}
