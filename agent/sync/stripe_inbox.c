/* stripe_inbox.c: news from Stripe: events stored once, objects fetched, everything read anew after a
 * long absence. */
#include "agent/store/money.h"
#include "agent/store/rows.h"
#include "agent/sync/stripe.h"

#include <stdio.h>
#include <string.h>

#define LOG_MODULE "stripe"
#include "shared/base/log.h"

#define POLL_OFTEN (10 * NS_SECOND)
#define POLL_SELDOM NS_HOUR
#define LATE_EVERY NS_HOUR
#define RECONCILE_EVERY NS_DAY
#define WAIT_MOST NS_HOUR
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
        s->reads_not_before_us = ns_env_steady_us(act->env) + WAIT_MOST;
        *wake = act->now + WAIT_MOST;
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

/* ---- what was read ---- */

static ns_rc saw_invoice(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *object, const char *customer,
                         bool *again, struct ns_err *err) {
    struct ns_seen_invoice seen;
    struct ns_subscription sub;
    const char *unknown = NULL;
    ns_id bill;
    bool changed = false, known = true;
    *again = false;
    ns_rc rc = ns_stripe_invoice(&s->account, object, customer, &s->rates, act->arena, &seen, &unknown, err);
    if (rc == NS_OK && unknown != NULL) {
        snprintf(s->want_rate, sizeof s->want_rate, "%s", unknown);
        *again = true;
        return NS_OK;
    }
    if (rc == NS_OK && seen.subscription != NULL) {
        rc = ns_row_subscription_at_stripe(act->db, seen.subscription, act->arena, &sub, &known, err);
    }
    if (rc == NS_OK && !known && seen.status != NS_BILL_IS_PENDING) {
        snprintf(s->want_subscription, sizeof s->want_subscription, "%s", seen.subscription);
        *again = true;
        return NS_OK;
    }
    if (rc == NS_OK && (known || seen.status != NS_BILL_IS_PENDING)) {
        rc = ns_billing_see_invoice(act, &seen, false, &bill, &changed, err);
    }
    s->changed = s->changed || changed;
    return rc;
}

static ns_rc saw_refunds(struct ns_stripe *s, const struct ns_act *act, const char *payment, const struct ns_json *body,
                         struct ns_err *err) {
    const char *invoice = NULL;
    ns_money sum = 0, one;
    bool changed = false;
    const struct ns_json *list = ns_json_get(body, "data");
    for (const struct ns_json *r = ns_json_first(list); r != NULL; r = ns_json_next(r)) {
        const char *status = ns_json_text(ns_json_get(r, "status"));
        bool counts = status != NULL && strcmp(status, "failed") != 0 && strcmp(status, "canceled") != 0;
        if (!ns_stripe_cents(ns_json_get(r, "amount"), &one) || one < 0) {
            return ns_err_note(err, NS_E_INPUT, "a refund without amount");
        }
        sum += counts ? one : 0;
    }
    ns_rc rc = ns_row_invoice_of_payment(act->db, payment, act->arena, &invoice, err);
    if (rc == NS_OK && invoice != NULL) {
        rc = ns_billing_see_refund(act, invoice, sum, "requested_by_customer", &changed, err);
    }
    s->changed = s->changed || changed;
    return rc == NS_OK && invoice == NULL ? ns_err_note(err, NS_E_INPUT, "a refund of no known bill") : rc;
}

static bool listed(const struct ns_json *list, const char *id) {
    for (const struct ns_json *o = ns_json_first(list); o != NULL; o = ns_json_next(o)) {
        const char *is = ns_json_text(ns_json_get(o, "id"));
        if (is != NULL && strcmp(is, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Cards that are there are written down, those that are not any more are put away. */
static ns_rc saw_cards(struct ns_stripe *s, const struct ns_act *act, const char *customer, const struct ns_json *body,
                       struct ns_err *err) {
    const struct ns_json *list = ns_json_get(body, "data");
    struct ns_household home;
    struct ns_card *cards = NULL, card;
    struct ns_seen_card seen;
    bool there = false;
    int count = 0;
    ns_rc rc = ns_row_household(act->db, act->arena, &home, &there, err);
    if (rc == NS_OK && there) {
        rc = ns_row_cards(act->db, home.owner_id, act->arena, &cards, &count, err);
    }
    for (const struct ns_json *o = ns_json_first(list); rc == NS_OK && o != NULL; o = ns_json_next(o)) {
        struct ns_card old;
        bool known = false;
        rc = ns_stripe_card(o, customer, NULL, act->arena, &seen, err);
        if (rc == NS_OK) {
            rc = ns_row_card_at_stripe(act->db, seen.id, act->arena, &old, &known, err);
        }
        bool same = known && old.is_active && !seen.detached && old.exp_month == seen.exp_month && old.exp_year == seen.exp_year;
        if (rc == NS_OK && !same) {
            seen.is_default = known ? old.is_default : count == 0;
            rc = ns_billing_see_card(act, &seen, &card, err);
            s->changed = true;
        }
    }
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (!listed(list, cards[i].stripe_id)) {
            seen = (struct ns_seen_card){.id = cards[i].stripe_id, .brand = cards[i].brand, .last4 = cards[i].last4,
                                         .exp_month = cards[i].exp_month, .exp_year = cards[i].exp_year, .detached = true};
            rc = ns_billing_see_card(act, &seen, &card, err);
            s->changed = true;
        }
    }
    return rc;
}

/* One object of a list that cannot be read does not hide the others. */
static ns_rc saw_list(struct ns_stripe *s, const struct ns_act *act, const char *customer, bool invoices,
                      const struct ns_json *body, bool *again, struct ns_err *err) {
    *again = false;
    ns_rc rc = NS_OK;
    for (const struct ns_json *o = ns_json_first(ns_json_get(body, "data")); rc == NS_OK && o != NULL && !*again; o = ns_json_next(o)) {
        rc = invoices ? saw_invoice(s, act, o, customer, again, err) : ns_stripe_see(s, act, o, customer, err);
        if (rc == NS_E_INPUT) {
            LOG_WARN("act=parked note=\"%s\"", err == NULL ? "" : err->note);
            ns_err_clear(err);
            rc = NS_OK;
        }
    }
    return rc;
}

static const char *end_of_list(const struct ns_json *body, bool last, struct ns_arena *arena) {
    const struct ns_json *found = NULL;
    for (const struct ns_json *o = ns_json_first(ns_json_get(body, "data")); o != NULL; o = ns_json_next(o)) {
        found = found == NULL || last ? o : found;
    }
    const char *id = ns_json_text(ns_json_get(found, "id"));
    return id == NULL ? NULL : ns_arena_copy(arena, ns_str_of(id));
}

static ns_rc reconciled(struct ns_stripe *s, const struct ns_act *act, struct ns_stripe_state *state, struct ns_err *err) {
    s->reconcile = 0;
    state->cursor = s->newest;
    state->reconciled_at = act->now;
    return ns_row_stripe_put(act->db, state, err);
}

static ns_rc read_step(struct ns_stripe *s, const struct ns_act *act, const struct ns_errand *e,
                       struct ns_stripe_state *state, const struct ns_json *body, struct ns_err *err) {
    bool again = false, more = ns_json_bool(ns_json_get(body, "has_more"), false);
    const char *last = end_of_list(body, true, act->arena);
    ns_rc rc = NS_OK;
    if (e->read == NS_READ_NEWEST) {
        snprintf(s->newest, sizeof s->newest, "%s", last == NULL ? "" : last);
    } else if (e->read == NS_READ_CARDS) {
        rc = saw_cards(s, act, state->customer, body, err);
        return rc == NS_OK ? reconciled(s, act, state, err) : rc;
    } else {
        rc = saw_list(s, act, state->customer, e->read == NS_READ_INVOICES, body, &again, err);
    }
    if (rc == NS_OK && !again) {
        bool goes_on = more && last != NULL && e->read != NS_READ_NEWEST;
        snprintf(s->after, sizeof s->after, "%s", goes_on ? last : "");
        s->reconcile += goes_on ? 0 : 1;
    }
    return rc;
}

/* Oldest first; the cursor moves in the same transaction. */
static ns_rc took_events(struct ns_stripe *s, const struct ns_act *act, const struct ns_errand *e,
                         struct ns_stripe_state *state, const struct ns_json *body, struct ns_err *err) {
    const struct ns_json *page[100];
    int count = 0;
    bool fresh;
    ns_rc rc = NS_OK;
    for (const struct ns_json *o = ns_json_first(ns_json_get(body, "data")); o != NULL && count < 100; o = ns_json_next(o)) {
        page[count++] = o;
    }
    for (int i = count - 1; rc == NS_OK && i >= 0; i--) {
        rc = ns_stripe_take_event(s, act, page[i], "POLL", &fresh, err);
        if (rc == NS_E_INPUT) {
            LOG_WARN("act=parked note=\"an odd event\"");
            ns_err_clear(err);
            rc = NS_OK;
        }
    }
    if (rc != NS_OK || e->read == NS_READ_LATE_EVENTS) {
        return rc;
    }
    bool more = ns_json_bool(ns_json_get(body, "has_more"), false);
    const char *newest = end_of_list(body, false, act->arena);
    if (more && state->cursor[0] == '\0') {
        s->reconcile = 1; /* without a cursor only the newest page is seen: read everything instead */
    }
    state->cursor = newest == NULL ? state->cursor : newest;
    state->polled_at = act->now;
    s->polled_us = ns_env_steady_us(act->env);
    s->look = more && newest != NULL;
    return ns_row_stripe_put(act->db, state, err);
}

static ns_rc took_rate(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *body, struct ns_err *err) {
    enum ns_tax_kind kind;
    if (!ns_stripe_rate(body, &kind) || s->rates.count == (int)NS_COUNT(s->rates.row)) {
        return ns_err_note(err, NS_E_INPUT, "a tax rate that is no Canadian one");
    }
    ns_rc rc = ns_row_stripe_rate_put(act->db, s->want_rate, (int)kind, act->now, err);
    if (rc == NS_OK) {
        snprintf(s->rates.row[s->rates.count].id, sizeof s->rates.row[0].id, "%.63s", s->want_rate);
        s->rates.row[s->rates.count++].kind = kind;
        s->want_rate[0] = '\0';
    }
    return rc;
}

static ns_rc took(struct ns_stripe *s, const struct ns_act *act, const struct ns_errand *e, struct ns_stripe_state *state,
                  const struct ns_json *body, struct ns_err *err) {
    bool again = false;
    ns_rc rc;
    switch (e->read) {
    case NS_READ_NEWEST:
    case NS_READ_SUBSCRIPTIONS:
    case NS_READ_INVOICES:
        return read_step(s, act, e, state, body, err);
    case NS_READ_EVENTS:
    case NS_READ_LATE_EVENTS:
        return took_events(s, act, e, state, body, err);
    case NS_READ_RATE:
        return took_rate(s, act, body, err);
    case NS_READ_CARDS:
        if (e->object == NULL) {
            return read_step(s, act, e, state, body, err);
        }
        rc = saw_cards(s, act, state->customer, body, err);
        break;
    case NS_READ_SUBSCRIPTION:
        rc = ns_stripe_see(s, act, body, state->customer, err);
        if (strcmp(e->object, s->want_subscription) == 0) {
            s->want_subscription[0] = '\0';
        }
        break;
    case NS_READ_INVOICE:
        rc = saw_invoice(s, act, body, state->customer, &again, err);
        break;
    case NS_READ_REFUNDS:
    default:
        rc = saw_refunds(s, act, e->object, body, err);
        break;
    }
    return rc == NS_OK && !again ? ns_row_events_end(act->db, e->object, e->at, "APPLIED", NULL, err) : rc;
}

/* What cannot be read is put aside with its reason, so that the rest goes on. */
static ns_rc park(struct ns_stripe *s, const struct ns_act *act, const struct ns_errand *e, const char *reason, struct ns_err *err) {
    LOG_WARN("act=parked object=%s note=\"%s\"", e->object == NULL ? "-" : e->object, reason);
    if (e->object != NULL && strcmp(e->object, s->want_subscription) == 0) {
        s->want_subscription[0] = '\0';
    }
    if (e->read == NS_READ_RATE) {
        s->want_rate[0] = '\0';
    }
    if (e->object != NULL) {
        return ns_row_events_end(act->db, e->object, e->at, "PARKED", reason, err);
    }
    s->reads_not_before_us = ns_env_steady_us(act->env) + WAIT_MOST; /* a list or a page of events */
    return NS_OK;
}

static void hold_reads(struct ns_stripe *s, const struct ns_act *act, const struct ns_outbox_answer *a) {
    int64_t wait = NS_SECOND / 2;
    for (int i = 0; i < s->failures && wait < WAIT_MOST; i++) {
        wait *= 2;
    }
    if (a->retry_after_s > 0 && a->retry_after_s < 24 * 3600 && a->retry_after_s * NS_SECOND > wait) {
        wait = a->retry_after_s * NS_SECOND;
    }
    s->failures++;
    s->look = false;
    s->reads_not_before_us = ns_env_steady_us(act->env) + (wait < WAIT_MOST ? wait : WAIT_MOST);
}

static ns_rc read_heard(struct ns_stripe *s, const struct ns_act *act, const struct ns_errand *e,
                        const struct ns_outbox_answer *a, struct ns_err *err) {
    struct ns_stripe_state state;
    struct ns_json *body = NULL;
    ns_rc rc = ns_row_stripe(act->db, act->arena, &state, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (a->arrived && a->status == 404) {
        if (e->read == NS_READ_EVENTS && state.cursor != NULL) { /* older than is kept, or a restored copy */
            state.cursor = NULL;
            return ns_row_stripe_put(act->db, &state, err);
        }
        return park(s, act, e, "it is not there any more", err);
    }
    if (!a->arrived || a->status < 200 || a->status >= 300) {
        hold_reads(s, act, a);
        return NS_OK;
    }
    rc = ns_stripe_read(a->body, &body, err);
    if (rc != NS_OK) { /* a hotel's page, half an answer */
        ns_err_clear(err);
        hold_reads(s, act, a);
        return NS_OK;
    }
    rc = took(s, act, e, &state, body, err);
    s->failures = rc == NS_OK ? 0 : s->failures;
    if (rc == NS_E_INPUT || rc == NS_E_NOT_FOUND) {
        const char *reason = ns_arena_copy(act->arena, ns_str_of(err == NULL || err->note[0] == '\0' ? "unreadable" : err->note));
        ns_err_clear(err);
        rc = park(s, act, e, reason, err);
    }
    ns_json_free(body);
    return rc;
}

ns_rc ns_stripe_heard(struct ns_stripe *s, const struct ns_act *act, const struct ns_errand *errand,
                      const struct ns_outbox_answer *answer, struct ns_err *err) {
    s->outcome = (struct ns_stripe_outcome){0};
    s->changed = false;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (answer->arrived && answer->status == 401) { /* the key is refused: nothing more is asked for a while */
        s->locked_until_us = ns_env_steady_us(act->env) + NS_HOUR;
        LOG_ERROR("act=locked note=\"the key is refused\"");
    }
    if (errand->kind == NS_ERRAND_OUTBOX) {
        rc = ns_outbox_answered(&s->box, act, &errand->attempt, answer, err);
        if (rc == NS_OK && !s->outcome.ended && answer->arrived && answer->status == 401) {
            ns_stripe_refusal(s, answer);
        }
    } else if (errand->kind == NS_ERRAND_ASK) {
        rc = ns_stripe_told(s, act, answer, err);
    } else {
        rc = read_heard(s, act, errand, answer, err);
    }
    if (rc == NS_OK) {
        return ns_db_commit(act->db, err);
    }
    ns_db_rollback(act->db);
    return rc;
}
