/* stripe_wish.c: what people want, as requests of the outbox. */
#include "agent/sync/stripe_parts.h"

static const char *const wish_names[NS_WISH_COUNT] = {
    "subscribe", "checkout", "change", "cancel", "end", "resume", "card", "card_default", "card_remove", "move", "refund",
    "preview", "portal", "setup", "reopen"};

/* ---- a wish on its way stands in the intent's data ---- */

static const char *data_of(const struct ns_act *act, const struct stripe_step *st) {
    struct ns_buf out = NS_BUF(4096);
    ns_buf_fmt(&out, "{\"wish\":\"%s\",\"stage\":\"%s\",\"tier\":\"%s\",\"province\":\"%s\",\"default\":%s",
               wish_names[st->wish.kind], st->stage, ns_tier_name(st->wish.tier), ns_province_name(st->wish.province),
               st->wish.make_default ? "true" : "false");
    const char *const fields[][2] = {{"card", st->wish.card}, {"text", st->wish.text}, {"subject", st->subject}};
    for (size_t i = 0; i < NS_COUNT(fields); i++) {
        if (fields[i][1] != NULL) {
            ns_buf_fmt(&out, ",\"%s\":", fields[i][0]);
            ns_json_quote(&out, ns_str_of(fields[i][1]));
        }
    }
    ns_buf_char(&out, '}');
    const char *text = ns_arena_copy(act->arena, ns_buf_view(&out));
    ns_buf_fini(&out);
    return text;
}

static const char *kept(const struct ns_json *data, const char *name, struct ns_arena *arena) {
    const char *text = ns_json_text(ns_json_get(data, name));
    return text == NULL ? NULL : ns_arena_copy(arena, ns_str_of(text));
}

ns_rc stripe_step_of(const struct ns_act *act, const struct ns_intent *i, struct stripe_step *out, struct ns_err *err) {
    struct ns_json *data = NULL;
    *out = (struct stripe_step){.wish = {.kind = NS_WISH_COUNT}};
    ns_rc rc = ns_stripe_read(ns_str_of(i->data == NULL ? "" : i->data), &data, err);
    if (rc != NS_OK) {
        return ns_err_note(err, NS_E_INTERNAL, "an intent without its wish");
    }
    const char *name = ns_json_text(ns_json_get(data, "wish"));
    for (int k = 0; name != NULL && k < NS_WISH_COUNT; k++) {
        out->wish.kind = strcmp(wish_names[k], name) == 0 ? (enum ns_wish_kind)k : out->wish.kind;
    }
    const char *stage = ns_json_text(ns_json_get(data, "stage"));
    snprintf(out->stage, sizeof out->stage, "%s", stage == NULL ? "" : stage);
    (void)ns_tier_parse(ns_str_of(ns_json_text(ns_json_get(data, "tier"))), &out->wish.tier);
    (void)ns_province_parse(ns_str_of(ns_json_text(ns_json_get(data, "province"))), &out->wish.province);
    out->wish.make_default = ns_json_bool(ns_json_get(data, "default"), false);
    out->wish.card = kept(data, "card", act->arena);
    out->wish.text = kept(data, "text", act->arena);
    out->subject = kept(data, "subject", act->arena);
    ns_json_free(data);
    return out->wish.kind == NS_WISH_COUNT ? ns_err_note(err, NS_E_INTERNAL, "an unknown wish") : NS_OK;
}

/* ---- requests ---- */

void stripe_put(struct stripe_request *r, const char *name, const char *value) {
    if (r->count < NS_COUNT(r->value)) {
        r->value[r->count++] = (struct ns_egress_value){name, value};
    }
}

ns_rc stripe_body(const struct ns_act *act, const struct stripe_request *r, const char **out, struct ns_err *err) {
    const struct ns_egress_call *call = ns_egress_call_find(ns_egress_find("stripe"), r->method, r->path);
    struct ns_buf text = NS_BUF((size_t)16 << 10);
    if (call == NULL) {
        return ns_err_note(err, NS_E_DENIED, "%s %s is not declared", r->method, r->path);
    }
    ns_rc rc = ns_egress_build(call, r->value, r->count, &text, err);
    *out = rc == NS_OK ? ns_arena_copy(act->arena, ns_buf_view(&text)) : NULL;
    ns_buf_fini(&text);
    return rc;
}

ns_rc stripe_live(const struct ns_act *act, struct ns_subscription *out, struct ns_err *err) {
    struct ns_household home;
    bool there = false, has = false;
    ns_rc rc = ns_row_household(act->db, act->arena, &home, &there, err);
    if (rc == NS_OK && there) {
        rc = ns_row_subscription(act->db, home.owner_id, act->arena, out, &has, err);
    }
    if (rc == NS_OK && (!has || out->source != NS_SOURCE_STRIPE || out->stripe_subscription_id == NULL)) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_none, NULL, NULL, NULL);
    }
    return rc;
}

static const char *household_mark(const struct ns_act *act) {
    struct ns_household home;
    struct ns_err err = {0};
    bool there = false;
    char id[NS_ID_TEXT] = "";
    if (ns_row_household(act->db, act->arena, &home, &there, &err) == NS_OK && there) {
        ns_id_format(home.id, id);
    }
    return ns_arena_copy(act->arena, ns_str_of(id));
}

static void customer_request(const struct ns_act *act, const struct stripe_step *st, const char *op, struct stripe_request *r) {
    *r = (struct stripe_request){.purpose = "customer", .method = "POST", .path = "/v1/customers", .amount = NS_NONE};
    stripe_put(r, "address[state]", ns_province_name(st->wish.province));
    stripe_put(r, "address[country]", "CA");
    stripe_put(r, "metadata[household]", household_mark(act));
    stripe_put(r, "metadata[op]", op);
}

static void subscribe_request(const struct ns_stripe *s, const struct ns_act *act, const struct stripe_step *st,
                              const char *customer, const char *op, struct stripe_request *r) {
    const char *price = s->account.price[st->wish.tier];
    r->amount = ns_plan_of(st->wish.tier)->price;
    r->method = "POST";
    if (st->wish.kind == NS_WISH_CHECKOUT) {
        r->path = "/v1/checkout/sessions";
        stripe_put(r, "mode", "subscription");
        stripe_put(r, "customer", customer);
        stripe_put(r, "line_items[0][price]", price);
        stripe_put(r, "line_items[0][quantity]", "1");
        stripe_put(r, "success_url", STRIPE_RETURN_URL);
        stripe_put(r, "cancel_url", STRIPE_RETURN_URL);
        stripe_put(r, "client_reference_id", op);
        stripe_put(r, "subscription_data[metadata][household]", household_mark(act));
        stripe_put(r, "subscription_data[metadata][op]", op);
        stripe_put(r, "automatic_tax[enabled]", s->account.taxed ? "true" : NULL);
        stripe_put(r, "expires_at", ns_arena_printf(act->arena, "%lld", (long long)((act->now + STRIPE_CHECKOUT_OPEN) / NS_SECOND)));
        return;
    }
    r->path = "/v1/subscriptions";
    stripe_put(r, "customer", customer);
    stripe_put(r, "items[0][price]", price);
    stripe_put(r, "default_payment_method", st->wish.card);
    stripe_put(r, "payment_behavior", "default_incomplete");
    stripe_put(r, "payment_settings[save_default_payment_method]", "on_subscription");
    stripe_put(r, "automatic_tax[enabled]", s->account.taxed ? "true" : NULL);
    stripe_put(r, "metadata[household]", household_mark(act));
    stripe_put(r, "metadata[op]", op);
    stripe_put(r, "expand[0]", "latest_invoice.confirmation_secret");
    stripe_put(r, "expand[1]", "pending_setup_intent");
}

/* Up: at once, the difference is billed and the old plan stays until it is paid. Down, or back to
 * what is paid for: no money moves, the marks say until when the larger plan is paid. */
static ns_rc change_request(const struct ns_stripe *s, const struct ns_act *act, struct stripe_step *st, const char *op,
                            struct stripe_request *r, struct ns_err *err) {
    struct ns_subscription now;
    ns_rc rc = stripe_live(act, &now, err);
    if (rc != NS_OK) {
        return rc;
    }
    bool up = st->wish.tier > now.tier;
    if (st->wish.tier == NS_TIER_FREE || (st->wish.tier == now.tier && now.next_tier == NS_NONE) ||
        (now.next_tier != NS_NONE && st->wish.tier == (enum ns_tier)now.next_tier)) {
        return ns_err_say(err, NS_E_CONFLICT, NS_MSG_plan_same, NULL, NULL, NULL);
    }
    if (up && now.next_tier != NS_NONE) { /* else the difference would be taken from the smaller plan */
        return ns_err_say(err, NS_E_CONFLICT, NS_MSG_plan_change_waits, NULL, NULL, NULL);
    }
    st->subject = now.stripe_subscription_id;
    r->method = "POST";
    r->path = ns_arena_printf(act->arena, "/v1/subscriptions/%s", now.stripe_subscription_id);
    r->amount = ns_plan_of(st->wish.tier)->price;
    stripe_put(r, "items[0][id]", now.stripe_item_id);
    stripe_put(r, "items[0][price]", s->account.price[st->wish.tier]);
    stripe_put(r, "proration_behavior", up ? "always_invoice" : "none");
    if (up) {
        stripe_put(r, "proration_date", ns_arena_printf(act->arena, "%lld", (long long)(act->now / NS_SECOND)));
        stripe_put(r, "payment_behavior", "pending_if_incomplete"); /* which allows no metadata beside it */
        return NS_OK;
    }
    bool back = st->wish.tier == now.tier;
    stripe_put(r, "metadata[down_from]", back ? "" : ns_tier_name(now.tier));
    stripe_put(r, "metadata[down_until]",
        back ? "" : ns_arena_printf(act->arena, "%lld", (long long)(now.period_end / NS_SECOND)));
    stripe_put(r, "metadata[op]", op);
    return NS_OK;
}

static ns_rc stop_request(const struct ns_act *act, struct stripe_step *st, const char *op, struct stripe_request *r, struct ns_err *err) {
    struct ns_subscription now;
    ns_rc rc = stripe_live(act, &now, err);
    if (rc != NS_OK) {
        return rc;
    }
    st->subject = now.stripe_subscription_id;
    r->method = st->wish.kind == NS_WISH_END ? "DELETE" : "POST";
    r->path = ns_arena_printf(act->arena, "/v1/subscriptions/%s", now.stripe_subscription_id);
    if (st->wish.kind != NS_WISH_END) {
        stripe_put(r, "cancel_at_period_end", st->wish.kind == NS_WISH_CANCEL ? "true" : "false");
        stripe_put(r, "metadata[op]", op);
    }
    return NS_OK;
}

static ns_rc card_request(const struct ns_act *act, struct stripe_step *st, const char *customer, const char *op,
                          struct stripe_request *r, struct ns_err *err) {
    struct ns_subscription now;
    struct ns_err none = {0};
    r->method = "POST";
    if (strcmp(st->stage, "subscription") == 0) {
        if (stripe_live(act, &now, &none) != NS_OK) {
            return ns_err_note(err, NS_E_NOT_FOUND, "no plan to pay for");
        }
        st->subject = now.stripe_subscription_id;
        r->path = ns_arena_printf(act->arena, "/v1/subscriptions/%s", now.stripe_subscription_id);
        stripe_put(r, "default_payment_method", st->wish.card);
        stripe_put(r, "metadata[op]", op);
    } else if (strcmp(st->stage, "attach") == 0) {
        r->path = ns_arena_printf(act->arena, "/v1/payment_methods/%s/attach", st->wish.card);
        stripe_put(r, "customer", customer);
    } else if (st->wish.kind == NS_WISH_CARD_REMOVE) {
        r->path = ns_arena_printf(act->arena, "/v1/payment_methods/%s/detach", st->wish.card);
    } else {
        r->path = ns_arena_printf(act->arena, "/v1/customers/%s", customer);
        stripe_put(r, "invoice_settings[default_payment_method]", st->wish.card);
        stripe_put(r, "metadata[op]", op);
    }
    return NS_OK;
}

static ns_rc refund_request(const struct ns_act *act, struct stripe_step *st, const char *op, struct stripe_request *r, struct ns_err *err) {
    struct ns_household home;
    struct ns_bill last;
    bool there = false, found = false;
    ns_rc rc = ns_row_household(act->db, act->arena, &home, &there, err);
    if (rc == NS_OK && there) {
        rc = ns_billing_refundable(act->db, home.owner_id, act->arena, &last, &found, err);
    }
    if (rc == NS_OK && (!found || last.stripe_payment_id == NULL)) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_no_charge, NULL, NULL, NULL);
    }
    if (rc != NS_OK) {
        return rc;
    }
    st->subject = last.stripe_invoice_id;
    r->purpose = "refund";
    r->method = "POST";
    r->path = "/v1/refunds";
    r->amount = last.total;
    stripe_put(r, "payment_intent", last.stripe_payment_id);
    stripe_put(r, "reason", "requested_by_customer");
    stripe_put(r, "metadata[op]", op);
    return NS_OK;
}

static const char *purpose_of(const struct stripe_step *st) {
    if (strcmp(st->stage, "customer") == 0) {
        return "customer";
    }
    switch (st->wish.kind) {
    case NS_WISH_CARD: case NS_WISH_CARD_REMOVE: return "card";
    case NS_WISH_CARD_DEFAULT: return strcmp(st->stage, "subscription") == 0 ? "card_pays" : "card_default";
    case NS_WISH_MOVE: return "move";
    case NS_WISH_REFUND: return "refund";
    case NS_WISH_SUBSCRIBE: case NS_WISH_CHECKOUT: case NS_WISH_CHANGE: case NS_WISH_CANCEL: case NS_WISH_END:
    case NS_WISH_RESUME: case NS_WISH_PREVIEW: case NS_WISH_PORTAL: case NS_WISH_SETUP: case NS_WISH_REOPEN:
    case NS_WISH_COUNT:
        break;
    }
    return strcmp(st->stage, "attach") == 0 ? "card" : "subscription";
}

static ns_rc request_of(const struct ns_stripe *s, const struct ns_act *act, struct stripe_step *st, const char *customer,
                        const char *op, struct stripe_request *r, struct ns_err *err) {
    *r = (struct stripe_request){.purpose = purpose_of(st), .amount = NS_NONE};
    if (strcmp(st->stage, "customer") == 0) {
        customer_request(act, st, op, r);
        return NS_OK;
    }
    if (strcmp(st->stage, "attach") == 0) {
        return card_request(act, st, customer, op, r, err);
    }
    switch (st->wish.kind) {
    case NS_WISH_SUBSCRIBE:
    case NS_WISH_CHECKOUT:
        subscribe_request(s, act, st, customer, op, r);
        return NS_OK;
    case NS_WISH_CHANGE:
        return change_request(s, act, st, op, r, err);
    case NS_WISH_CANCEL:
    case NS_WISH_END:
    case NS_WISH_RESUME:
        return stop_request(act, st, op, r, err);
    case NS_WISH_CARD:
    case NS_WISH_CARD_DEFAULT:
    case NS_WISH_CARD_REMOVE:
        return card_request(act, st, customer, op, r, err);
    case NS_WISH_MOVE:
        r->method = "POST";
        r->path = ns_arena_printf(act->arena, "/v1/customers/%s", customer);
        stripe_put(r, "address[state]", ns_province_name(st->wish.province));
        stripe_put(r, "address[country]", "CA");
        stripe_put(r, "metadata[op]", op);
        return NS_OK;
    case NS_WISH_REFUND:
        return refund_request(act, st, op, r, err);
    case NS_WISH_PREVIEW: case NS_WISH_PORTAL: case NS_WISH_SETUP: case NS_WISH_REOPEN: case NS_WISH_COUNT:
        break;
    }
    return ns_err_note(err, NS_E_INTERNAL, "a wish without a request");
}

ns_rc stripe_add(struct ns_stripe *s, const struct ns_act *act, struct stripe_step *st, const char *customer, struct ns_err *err) {
    struct stripe_request r;
    char op[NS_ID_TEXT];
    ns_id id;
    bool fresh = false;
    const char *body = NULL;
    ns_rc rc = ns_outbox_op(act, purpose_of(st), &id, err);
    if (rc == NS_OK) {
        ns_id_format(id, op);
        rc = request_of(s, act, st, customer, ns_arena_copy(act->arena, ns_str_of(op)), &r, err);
    }
    if (rc == NS_OK) {
        rc = stripe_body(act, &r, &body, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    const struct ns_intent_input in = {.destination = "stripe", .purpose = r.purpose, .kind = wish_names[st->wish.kind],
                                       .method = r.method, .path = r.path, .body = body, .amount = r.amount,
                                       .data = data_of(act, st)};
    rc = ns_outbox_add(act, &in, &id, &fresh, err);
    if (rc == NS_OK && !fresh) {
        struct ns_intent open;
        struct stripe_step other;
        bool found = false;
        rc = ns_row_intent(act->db, id, act->arena, &open, &found, err);
        if (rc == NS_OK && found && stripe_step_of(act, &open, &other, err) == NS_OK &&
            (other.wish.kind != st->wish.kind || other.wish.tier != st->wish.tier)) {
            rc = ns_err_say(err, NS_E_BUSY, NS_MSG_plan_request_open, NULL, NULL, NULL);
        }
    }
    return rc;
}

/* ---- wishing ---- */

static bool is_kept(enum ns_wish_kind kind) {
    return kind < NS_WISH_PREVIEW;
}

static void remember(struct ns_stripe *s, const struct ns_wish *wish) {
    s->asked = *wish;
    snprintf(s->asked_card, sizeof s->asked_card, "%s", wish->card == NULL ? "" : wish->card);
    snprintf(s->asked_text, sizeof s->asked_text, "%s", wish->text == NULL ? "" : wish->text);
    s->asked.card = wish->card == NULL ? NULL : s->asked_card;
    s->asked.text = wish->text == NULL ? NULL : s->asked_text;
    s->asking = true;
}

static bool card_id_fits(const char *card) {
    return card == NULL || (strncmp(card, "pm_", 3) == 0 && strlen(card) < 120 &&
                            card[strspn(card, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0');
}

/* A plan there is already, or a purchase that is not finished: nothing new is bought. */
static ns_rc may_buy(struct ns_stripe *s, const struct ns_act *act, const struct ns_wish *wish,
                     const struct ns_stripe_state *state, bool *reopen, struct ns_err *err) {
    struct ns_subscription now;
    struct ns_err none = {0};
    *reopen = false;
    if (stripe_live(act, &now, &none) == NS_OK) {
        return ns_err_say(err, NS_E_CONFLICT, now.status == NS_PAY_PAST_DUE ? NS_MSG_plan_pay_open : NS_MSG_plan_present,
                          NULL, NULL, NULL);
    }
    if (wish->tier == NS_TIER_FREE || s->account.price[wish->tier][0] == '\0') {
        return ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_plan_no_price, NULL, NULL, NULL);
    }
    if (state->purchase != NULL && act->now < state->purchase_until) {
        if (state->purchase_tier != (int)wish->tier) {
            return ns_err_say(err, NS_E_CONFLICT, NS_MSG_plan_purchase_open, NULL, NULL, NULL);
        }
        *reopen = true;
    }
    return NS_OK;
}

static ns_rc wish_it(struct ns_stripe *s, const struct ns_act *act, const struct ns_wish *wish, struct ns_err *err) {
    struct ns_stripe_state state;
    bool reopen = false;
    ns_rc rc = ns_row_stripe(act->db, act->arena, &state, err);
    if (rc == NS_OK && !card_id_fits(wish->card)) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_plan_no_card, NULL, NULL, NULL);
    }
    if (rc == NS_OK && stripe_buys(wish->kind)) {
        rc = may_buy(s, act, wish, &state, &reopen, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (reopen) {
        const struct ns_wish again = {.kind = NS_WISH_REOPEN, .tier = wish->tier};
        remember(s, &again);
        return NS_OK;
    }
    bool needs_customer = state.customer == NULL;
    if (!is_kept(wish->kind)) {
        if (needs_customer) {
            return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_none, NULL, NULL, NULL);
        }
        remember(s, wish);
        return NS_OK;
    }
    if (needs_customer && wish->kind != NS_WISH_CARD && !stripe_buys(wish->kind)) {
        return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_none, NULL, NULL, NULL);
    }
    struct stripe_step st = {.wish = *wish};
    bool attach = wish->card != NULL && (stripe_buys(wish->kind) || wish->kind == NS_WISH_CARD);
    snprintf(st.stage, sizeof st.stage, "%s", needs_customer ? "customer" : attach ? "attach" : "");
    return stripe_add(s, act, &st, state.customer, err);
}

ns_rc ns_stripe_wish(struct ns_stripe *s, const struct ns_act *act, const struct ns_wish *wish, struct ns_err *err) {
    bool own = !ns_db_in_transaction(act->db);
    ns_rc rc = own ? ns_db_begin(act->db, err) : NS_OK;
    if (rc != NS_OK) {
        return rc;
    }
    rc = wish_it(s, act, wish, err);
    if (own && rc == NS_OK) {
        return ns_db_commit(act->db, err);
    }
    if (own) {
        ns_db_rollback(act->db);
    }
    return rc;
}
