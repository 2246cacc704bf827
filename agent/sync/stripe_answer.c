/* stripe_answer.c: what is asked and not kept, and what answers mean. */
#include "agent/sync/stripe_parts.h"

#define WATCH (15 * NS_MINUTE)
#define INCOMPLETE_OPEN (23 * NS_HOUR)

/* ---- what is asked and not kept ---- */

static ns_rc preview_request(const struct ns_stripe *s, const struct ns_act *act, const char *customer,
                             struct stripe_request *r, struct ns_err *err) {
    struct ns_subscription now;
    ns_rc rc = stripe_live(act, &now, err);
    r->method = "POST";
    r->path = "/v1/invoices/create_preview";
    if (rc == NS_OK) {
        stripe_put(r, "customer", customer);
        stripe_put(r, "subscription", now.stripe_subscription_id);
        stripe_put(r, "subscription_details[items][0][id]", now.stripe_item_id);
        stripe_put(r, "subscription_details[items][0][price]", s->account.price[s->asked.tier]);
        stripe_put(r, "subscription_details[proration_date]", ns_arena_printf(act->arena, "%lld", (long long)(act->now / NS_SECOND)));
    }
    return rc;
}

ns_rc ns_stripe_ask(struct ns_stripe *s, const struct ns_act *act, struct ns_errand *out, struct ns_err *err) {
    struct ns_stripe_state state;
    struct stripe_request r = {.method = "POST", .amount = NS_NONE};
    ns_rc rc = ns_row_stripe(act->db, act->arena, &state, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (s->asked.kind == NS_WISH_PREVIEW) {
        rc = preview_request(s, act, state.customer, &r, err);
    } else if (s->asked.kind == NS_WISH_PORTAL) {
        r.path = "/v1/billing_portal/sessions";
        stripe_put(&r, "customer", state.customer);
        stripe_put(&r, "return_url", STRIPE_RETURN_URL);
        stripe_put(&r, "flow_data[type]", s->asked.text);
    } else if (s->asked.kind == NS_WISH_SETUP) {
        r.path = "/v1/setup_intents";
        stripe_put(&r, "customer", state.customer);
        stripe_put(&r, "usage", "off_session");
    } else {
        bool session = state.purchase != NULL && strncmp(state.purchase, "cs_", 3) == 0;
        r.method = "GET";
        r.path = ns_arena_printf(act->arena, session ? "/v1/checkout/sessions/%s"
                                                     : "/v1/subscriptions/%s?expand[0]=latest_invoice.confirmation_secret",
                                 state.purchase == NULL ? "none" : state.purchase);
    }
    *out = (struct ns_errand){.kind = NS_ERRAND_ASK, .method = r.method, .path = r.path};
    if (rc == NS_OK && strcmp(r.method, "POST") == 0) {
        uint64_t dice[2];
        ns_env_random(act->env, dice, sizeof dice);
        out->key = ns_arena_printf(act->arena, "ns_ask_%016llx%016llx", (unsigned long long)dice[0], (unsigned long long)dice[1]);
        rc = stripe_body(act, &r, &out->body, err);
    }
    return rc;
}

static void take_text(char *out, size_t cap, const struct ns_json *value) {
    const char *text = ns_json_text(value);
    bool fits = text != NULL && strlen(text) < cap && strpbrk(text, " \r\n\t\"<>\033") == NULL;
    snprintf(out, cap, "%s", fits ? text : "");
}

static void take_secret(struct ns_stripe *s, const struct ns_json *subscription) {
    const struct ns_json *invoice = ns_json_get(subscription, "latest_invoice");
    const struct ns_json *secret = ns_json_path(invoice, "confirmation_secret.client_secret");
    take_text(s->outcome.client_secret, sizeof s->outcome.client_secret,
              ns_json_is_null(secret) ? ns_json_path(invoice, "payment_intent.client_secret") : secret);
}

/* The sums of a preview, and its taxes as far as the rates are known. */
static ns_rc take_preview(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *object, struct ns_err *err) {
    if (!ns_stripe_cents(ns_json_get(object, "total"), &s->outcome.amount) ||
        !ns_stripe_cents(ns_json_get(object, "subtotal"), &s->outcome.subtotal)) {
        return ns_err_note(err, NS_E_INPUT, "a preview without sums");
    }
    for (int k = 0; k < 4; k++) {
        s->outcome.tax[k] = NS_NO_TAX;
    }
    const struct ns_json *list = ns_json_get(object, "total_taxes");
    for (const struct ns_json *t = ns_json_first(list); t != NULL; t = ns_json_next(t)) {
        const char *rate = ns_stripe_id(ns_json_path(t, "tax_rate_details.tax_rate"), "txr_", act->arena);
        for (int i = 0; rate != NULL && i < s->rates.count; i++) {
            if (strcmp(s->rates.row[i].id, rate) == 0) {
                (void)ns_stripe_cents(ns_json_get(t, "amount"), &s->outcome.tax[s->rates.row[i].kind]);
            }
        }
    }
    return NS_OK;
}

static ns_rc told(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *object, struct ns_err *err) {
    struct ns_stripe_state state;
    ns_rc rc = NS_OK;
    if (s->asked.kind == NS_WISH_PREVIEW) {
        rc = take_preview(s, act, object, err);
    } else if (s->asked.kind == NS_WISH_PORTAL) {
        take_text(s->outcome.url, sizeof s->outcome.url, ns_json_get(object, "url"));
    } else if (s->asked.kind == NS_WISH_SETUP) {
        take_text(s->outcome.client_secret, sizeof s->outcome.client_secret, ns_json_get(object, "client_secret"));
    } else {
        const char *status = ns_json_text(ns_json_get(object, "status"));
        bool open = status != NULL && (strcmp(status, "open") == 0 || strcmp(status, "incomplete") == 0);
        take_text(s->outcome.url, sizeof s->outcome.url, ns_json_get(object, "url"));
        take_secret(s, object);
        rc = open ? NS_OK : ns_row_stripe(act->db, act->arena, &state, err);
        if (!open && rc == NS_OK) { /* finished or gone meanwhile: look what became of it */
            state.purchase = NULL;
            rc = ns_row_stripe_put(act->db, &state, err);
            s->outcome.msg = NS_MSG_plan_purchase_over;
            s->look = true;
        }
        s->outcome.good = open;
        return rc;
    }
    s->outcome.good = rc == NS_OK && (s->asked.kind == NS_WISH_PREVIEW || s->outcome.url[0] != '\0' || s->outcome.client_secret[0] != '\0');
    return rc;
}

ns_rc ns_stripe_told(struct ns_stripe *s, const struct ns_act *act, const struct ns_outbox_answer *answer, struct ns_err *err) {
    struct ns_json *object = NULL;
    s->asking = false;
    s->outcome = (struct ns_stripe_outcome){.ended = true, .wish = s->asked.kind, .tier = s->asked.tier, .at = act->now};
    if (ns_outbox_judge(answer) != NS_VERDICT_DONE) {
        ns_stripe_refusal(s, answer);
        return NS_OK;
    }
    ns_rc rc = ns_stripe_read(answer->body, &object, err);
    if (rc == NS_OK) {
        rc = told(s, act, object, err);
        ns_json_free(object);
    }
    if (rc == NS_E_INPUT) {
        ns_err_clear(err);
        s->outcome.msg = NS_MSG_plan_stripe_unreadable;
        return NS_OK;
    }
    return rc;
}

/* ---- answers of intents ---- */

void ns_stripe_refusal(struct ns_stripe *s, const struct ns_outbox_answer *a) {
    struct ns_json *body = NULL;
    s->outcome.ended = true;
    s->outcome.good = false;
    s->outcome.msg = !a->arrived        ? NS_MSG_plan_stripe_away
                     : a->status == 401 ? NS_MSG_plan_stripe_key
                     : a->status == 403 ? NS_MSG_plan_stripe_right
                     : a->status == 402 ? NS_MSG_plan_card_refused
                     : a->status >= 500 || a->status == 429 ? NS_MSG_plan_stripe_away : NS_MSG_plan_stripe_refused;
    if (a->arrived && ns_stripe_read(a->body, &body, NULL) == NS_OK) {
        const char *type = ns_json_text(ns_json_path(body, "error.type"));
        const char *code = ns_json_text(ns_json_path(body, "error.code"));
        const char *message = ns_json_text(ns_json_path(body, "error.message"));
        if (type != NULL && strcmp(type, "card_error") == 0 && message != NULL) { /* the only words meant for people */
            snprintf(s->outcome.said, sizeof s->outcome.said, "%.190s", message);
        }
        if (code != NULL && strcmp(code, "customer_tax_location_invalid") == 0) {
            s->outcome.msg = NS_MSG_plan_stripe_place;
        }
    }
    ns_json_free(body);
}

ns_rc ns_stripe_see(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *object, const char *customer,
                    struct ns_err *err) {
    struct ns_seen_subscription seen;
    struct ns_stripe_state state;
    bool changed = false;
    ns_rc rc = ns_stripe_subscription(&s->account, object, customer, act->now, act->arena, &seen, err);
    if (rc == NS_OK) {
        rc = ns_billing_see_subscription(act, &seen, NS_SOURCE_STRIPE, &changed, err);
    }
    s->changed = s->changed || changed;
    if (rc == NS_OK && seen.status != NS_PAY_INCOMPLETE) { /* paid, or over: the purchase is finished */
        rc = ns_row_stripe(act->db, act->arena, &state, err);
        bool session = state.purchase != NULL && strncmp(state.purchase, "cs_", 3) == 0;
        if (rc == NS_OK && state.purchase != NULL && (session ? seen.status == NS_PAY_ACTIVE : strcmp(state.purchase, seen.id) == 0)) {
            state.purchase = NULL;
            rc = ns_row_stripe_put(act->db, &state, err);
        }
    }
    return rc;
}

static ns_rc keep_purchase(const struct ns_act *act, struct ns_stripe_state *state, const char *id, enum ns_tier tier,
                           ns_time open, struct ns_err *err) {
    state->purchase = id;
    state->purchase_tier = (int)tier;
    state->purchase_until = act->now + open;
    state->watch_until = act->now + WATCH;
    return ns_row_stripe_put(act->db, state, err);
}

static ns_rc bought(struct ns_stripe *s, const struct ns_act *act, const struct stripe_step *st, struct ns_stripe_state *state,
                    const struct ns_json *object, struct ns_err *err) {
    if (st->wish.kind == NS_WISH_CHECKOUT) {
        const char *id = ns_stripe_id(ns_json_get(object, "id"), "cs_", act->arena);
        take_text(s->outcome.url, sizeof s->outcome.url, ns_json_get(object, "url"));
        if (id == NULL || strncmp(s->outcome.url, "https://", 8) != 0) {
            return ns_err_note(err, NS_E_INPUT, "a checkout without a page");
        }
        return keep_purchase(act, state, id, st->wish.tier, STRIPE_CHECKOUT_OPEN, err);
    }
    const char *id = ns_stripe_id(ns_json_get(object, "id"), "sub_", act->arena);
    const char *status = ns_json_text(ns_json_get(object, "status"));
    take_secret(s, object);
    ns_rc rc = id == NULL || status == NULL ? ns_err_note(err, NS_E_INPUT, "a subscription without id") : NS_OK;
    if (rc == NS_OK && strcmp(status, "incomplete") == 0) {
        rc = keep_purchase(act, state, id, st->wish.tier, INCOMPLETE_OPEN, err);
    }
    return rc == NS_OK ? ns_stripe_see(s, act, object, state->customer, err) : rc;
}

/* The step after this one. What stops it stops the wish, not the step that is done. */
static ns_rc go_on(struct ns_stripe *s, const struct ns_act *act, struct stripe_step *next, const char *customer, struct ns_err *err) {
    struct ns_err why = {0};
    ns_rc rc = stripe_add(s, act, next, customer, &why);
    if (rc == NS_OK) {
        s->outcome.ended = false;
        return NS_OK;
    }
    if (why.msg != NS_MSG_NONE) {
        s->outcome.good = false;
        s->outcome.msg = why.msg;
        return NS_OK;
    }
    return ns_err_note(err, rc, "%s", why.note);
}

static ns_rc card_done(struct ns_stripe *s, const struct ns_act *act, struct stripe_step *st, struct ns_stripe_state *state,
                       const struct ns_json *object, struct ns_err *err) {
    struct ns_seen_card seen;
    struct ns_card card;
    struct ns_subscription now;
    struct ns_err none = {0};
    bool attached = strcmp(st->stage, "attach") == 0;
    ns_rc rc = NS_OK;
    if (attached || st->wish.kind == NS_WISH_CARD_REMOVE) {
        rc = ns_stripe_card(object, state->customer, NULL, act->arena, &seen, err);
        if (rc == NS_OK && attached) {
            seen.is_default = st->wish.make_default || stripe_buys(st->wish.kind);
        }
        rc = rc == NS_OK ? ns_billing_see_card(act, &seen, &card, err) : rc;
        s->changed = true;
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (attached) {
        st->wish.card = seen.id;
        snprintf(s->outcome.card, sizeof s->outcome.card, "%s", seen.id);
    }
    struct stripe_step next = *st;
    if (attached && stripe_buys(st->wish.kind)) {
        next.stage[0] = '\0';
    } else if (attached && st->wish.make_default) {
        next.wish.kind = NS_WISH_CARD_DEFAULT;
        next.stage[0] = '\0';
    } else if (st->wish.kind == NS_WISH_CARD_DEFAULT && st->stage[0] == '\0' && stripe_live(act, &now, &none) == NS_OK) {
        snprintf(next.stage, sizeof next.stage, "subscription");
    } else {
        return NS_OK;
    }
    return go_on(s, act, &next, state->customer, err);
}

static ns_rc mark_default(struct ns_stripe *s, const struct ns_act *act, const char *id, struct ns_err *err) {
    struct ns_card card;
    bool known = false;
    ns_rc rc = ns_row_card_at_stripe(act->db, id, act->arena, &card, &known, err);
    if (rc == NS_OK && known) {
        const struct ns_seen_card seen = {.id = id, .brand = card.brand, .last4 = card.last4, .exp_month = card.exp_month,
                                          .exp_year = card.exp_year, .is_default = true};
        s->changed = true;
        rc = ns_billing_see_card(act, &seen, &card, err);
    }
    return rc;
}

static ns_rc done_step(struct ns_stripe *s, const struct ns_act *act, struct stripe_step *st, struct ns_stripe_state *state,
                       const struct ns_json *object, struct ns_err *err) {
    bool changed = false;
    if (strcmp(st->stage, "customer") == 0) {
        state->customer = ns_stripe_id(ns_json_get(object, "id"), "cus_", act->arena);
        if (state->customer == NULL) {
            return ns_err_note(err, NS_E_INPUT, "a customer without id");
        }
        ns_rc rc = ns_row_stripe_put(act->db, state, err);
        struct stripe_step next = *st;
        snprintf(next.stage, sizeof next.stage, "%s", st->wish.card != NULL ? "attach" : "");
        return rc == NS_OK ? go_on(s, act, &next, state->customer, err) : rc;
    }
    if (strcmp(st->stage, "attach") == 0) {
        return card_done(s, act, st, state, object, err);
    }
    switch (st->wish.kind) {
    case NS_WISH_SUBSCRIBE:
    case NS_WISH_CHECKOUT:
        return bought(s, act, st, state, object, err);
    case NS_WISH_CHANGE:
    case NS_WISH_CANCEL:
    case NS_WISH_END:
    case NS_WISH_RESUME:
        return ns_stripe_see(s, act, object, state->customer, err);
    case NS_WISH_CARD_DEFAULT: {
        snprintf(s->outcome.card, sizeof s->outcome.card, "%s", st->wish.card);
        ns_rc rc = st->stage[0] == '\0' ? mark_default(s, act, st->wish.card, err) : NS_OK;
        return rc == NS_OK ? card_done(s, act, st, state, object, err) : rc;
    }
    case NS_WISH_CARD:
    case NS_WISH_CARD_REMOVE:
        return card_done(s, act, st, state, object, err);
    case NS_WISH_MOVE:
        s->changed = true;
        return ns_billing_move(act, st->wish.province, err);
    case NS_WISH_REFUND:
        if (!ns_stripe_cents(ns_json_get(object, "amount"), &s->outcome.amount) || st->subject == NULL) {
            return ns_err_note(err, NS_E_INPUT, "a refund without amount");
        }
        s->changed = true;
        return ns_billing_see_refund(act, st->subject, s->outcome.amount, st->wish.text, &changed, err);
    case NS_WISH_PREVIEW: case NS_WISH_PORTAL: case NS_WISH_SETUP: case NS_WISH_REOPEN: case NS_WISH_COUNT:
        break;
    }
    return NS_OK;
}

/* What follows from a wish is wished by the same person: the gate asks who agreed. */
static struct ns_act on_behalf(const struct ns_act *act, const struct ns_intent *i) {
    struct ns_act theirs = *act;
    theirs.actor.user = i->actor;
    return theirs;
}

static ns_rc on_done(void *self, const struct ns_act *act, const struct ns_intent *i,
                     const struct ns_outbox_answer *a, struct ns_err *err) {
    struct ns_stripe *s = self;
    struct ns_stripe_state state;
    struct ns_json *object = NULL;
    struct stripe_step st;
    ns_rc rc = stripe_step_of(act, i, &st, err);
    if (rc == NS_OK) {
        rc = ns_row_stripe(act->db, act->arena, &state, err);
    }
    if (rc == NS_OK) {
        rc = ns_stripe_read(a->body, &object, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    s->outcome = (struct ns_stripe_outcome){.ended = true, .good = true, .wish = st.wish.kind, .tier = st.wish.tier, .at = act->now};
    const struct ns_act theirs = on_behalf(act, i);
    rc = done_step(s, &theirs, &st, &state, object, err);
    ns_json_free(object);
    s->look = true; /* what it brought about (an invoice, a card) stands in the events */
    if (rc != NS_OK) {
        s->outcome = (struct ns_stripe_outcome){0};
    }
    return rc;
}

static ns_rc on_failed(void *self, const struct ns_act *act, const struct ns_intent *i,
                       const struct ns_outbox_answer *a, struct ns_err *err) {
    struct ns_stripe *s = self;
    struct stripe_step st;
    ns_rc rc = stripe_step_of(act, i, &st, err);
    if (rc == NS_OK) {
        s->outcome = (struct ns_stripe_outcome){.wish = st.wish.kind, .tier = st.wish.tier, .at = act->now};
        ns_stripe_refusal(s, a);
        s->look = true; /* a 404 on something that ended elsewhere */
    }
    return rc;
}

/* ---- looking up ---- */

static const char *lookup_path(void *self, const struct ns_act *act, const struct ns_intent *i) {
    struct ns_stripe_state state;
    struct ns_err err = {0};
    struct stripe_step st;
    (void)self;
    if (stripe_step_of(act, i, &st, &err) != NS_OK || ns_row_stripe(act->db, act->arena, &state, &err) != NS_OK) {
        return NULL;
    }
    if (strcmp(st.stage, "customer") == 0) {
        return "/v1/customers?limit=100";
    }
    if (state.customer == NULL) {
        return NULL;
    }
    if (strcmp(i->purpose, "card_default") == 0) {
        return ns_arena_printf(act->arena, "/v1/customers/%s", state.customer);
    }
    if (strcmp(i->purpose, "card") == 0) {
        return ns_arena_printf(act->arena, "/v1/customers/%s/payment_methods?type=card&limit=100", state.customer);
    }
    switch (st.wish.kind) {
    case NS_WISH_SUBSCRIBE:
        return ns_arena_printf(act->arena, "/v1/subscriptions?customer=%s&status=all&limit=100", state.customer);
    case NS_WISH_CHECKOUT:
        return ns_arena_printf(act->arena, "/v1/checkout/sessions?customer=%s&limit=100", state.customer);
    case NS_WISH_REFUND:
        return ns_arena_printf(act->arena, "/v1/refunds?%.*s&limit=100", (int)strcspn(i->body, "&"), i->body);
    case NS_WISH_MOVE:
        return ns_arena_printf(act->arena, "/v1/customers/%s", state.customer);
    case NS_WISH_CHANGE: case NS_WISH_CANCEL: case NS_WISH_END: case NS_WISH_RESUME: case NS_WISH_CARD:
    case NS_WISH_CARD_DEFAULT: case NS_WISH_CARD_REMOVE: case NS_WISH_PREVIEW: case NS_WISH_PORTAL: case NS_WISH_SETUP:
    case NS_WISH_REOPEN: case NS_WISH_COUNT:
        break;
    }
    return st.subject == NULL ? NULL : ns_arena_printf(act->arena, "/v1/subscriptions/%s", st.subject);
}

static bool has_op(const struct ns_json *object, const char *op) {
    const char *mark = ns_json_text(ns_json_path(object, "metadata.op"));
    const char *reference = ns_json_text(ns_json_get(object, "client_reference_id"));
    return (mark != NULL && strcmp(mark, op) == 0) || (reference != NULL && strcmp(reference, op) == 0);
}

/* Does the object look as the request wanted it? For changes that carry no mark. */
static bool is_as_wanted(const struct ns_stripe *s, const struct stripe_step *st, const struct ns_json *object, const char *op) {
    const char *price = ns_json_text(ns_json_path(ns_json_first(ns_json_path(object, "items.data")), "price.id"));
    const char *status = ns_json_text(ns_json_get(object, "status"));
    switch (st->wish.kind) {
    case NS_WISH_CHANGE:
        return price != NULL && ns_stripe_tier(&s->account, price) == (int)st->wish.tier;
    case NS_WISH_END:
        return status != NULL && strcmp(status, "canceled") == 0;
    case NS_WISH_CARD: case NS_WISH_CARD_DEFAULT: case NS_WISH_CARD_REMOVE: case NS_WISH_SUBSCRIBE: case NS_WISH_CHECKOUT:
    case NS_WISH_CANCEL: case NS_WISH_RESUME: case NS_WISH_MOVE: case NS_WISH_REFUND: case NS_WISH_PREVIEW:
    case NS_WISH_PORTAL: case NS_WISH_SETUP: case NS_WISH_REOPEN: case NS_WISH_COUNT:
        break;
    }
    return has_op(object, op);
}

static const struct ns_json *find(const struct ns_stripe *s, const struct stripe_step *st, const struct ns_intent *i,
                                  const struct ns_json *body, bool *whole) {
    char op[NS_ID_TEXT];
    const struct ns_json *list = ns_json_get(body, "data");
    ns_id_format(i->id, op);
    *whole = !ns_json_bool(ns_json_get(body, "has_more"), false);
    if (!ns_json_is_list(list)) {
        return is_as_wanted(s, st, body, op) ? body : NULL;
    }
    for (const struct ns_json *o = ns_json_first(list); o != NULL; o = ns_json_next(o)) {
        const char *id = ns_json_text(ns_json_get(o, "id"));
        bool card = st->wish.card != NULL && id != NULL && strcmp(id, st->wish.card) == 0;
        if (has_op(o, op) || (strcmp(i->purpose, "card") == 0 && card && st->wish.kind != NS_WISH_CARD_REMOVE)) {
            return o;
        }
    }
    return NULL;
}

static ns_rc on_looked(void *self, const struct ns_act *act, const struct ns_intent *i,
                       const struct ns_outbox_answer *a, enum ns_lookup *out, struct ns_err *err) {
    struct ns_stripe *s = self;
    struct ns_stripe_state state;
    struct ns_json *body = NULL;
    struct stripe_step st;
    bool whole = false;
    ns_rc rc = stripe_step_of(act, i, &st, err);
    if (rc == NS_OK) {
        rc = ns_row_stripe(act->db, act->arena, &state, err);
    }
    if (rc == NS_OK) {
        rc = ns_stripe_read(a->body, &body, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    const struct ns_json *object = find(s, &st, i, body, &whole);
    *out = object != NULL ? NS_LOOKUP_FOUND : whole ? NS_LOOKUP_ABSENT : NS_LOOKUP_UNCLEAR;
    if (object != NULL) {
        s->outcome = (struct ns_stripe_outcome){.ended = true, .good = true, .wish = st.wish.kind, .tier = st.wish.tier, .at = act->now};
        const struct ns_act theirs = on_behalf(act, i);
        rc = done_step(s, &theirs, &st, &state, object, err);
        s->look = true;
    }
    ns_json_free(body);
    return rc;
}

const struct ns_outbox_handler ns_stripe_handler = {NULL, on_done, on_failed, lookup_path, on_looked};
