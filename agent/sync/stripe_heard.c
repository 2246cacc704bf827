/* stripe_heard.c: the answers to what stripe_inbox.c asked: objects become what is known, what cannot be
 * understood is put aside with its reason, so that the rest goes on. */
#include "agent/sync/stripe_parts.h"

#define LOG_MODULE "stripe"
#include "shared/base/log.h"

/* ---- what was read and cannot be understood ---- */

static bool is_odd(const struct ns_stripe *s, const char *id) {
    for (int i = 0; i < s->odd_count; i++) {
        if (strcmp(s->odd[i], id) == 0) {
            return true;
        }
    }
    return false;
}

/* Not asked for again until all is read anew; false: there are too many of them. */
static bool note_odd(struct ns_stripe *s, const char *id) {
    if (id[0] == '\0' || is_odd(s, id)) {
        return true;
    }
    if (s->odd_count == (int)NS_COUNT(s->odd)) {
        return false;
    }
    snprintf(s->odd[s->odd_count++], sizeof s->odd[0], "%s", id);
    return true;
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
    if (rc == NS_OK && unknown != NULL && is_odd(s, unknown)) {
        return ns_err_note(err, NS_E_INPUT, "an invoice with a tax that is no Canadian one");
    }
    if (rc == NS_OK && unknown != NULL) {
        snprintf(s->want_rate, sizeof s->want_rate, "%s", unknown);
        *again = true;
        return NS_OK;
    }
    if (rc == NS_OK && seen.subscription != NULL) {
        rc = ns_row_subscription_at_stripe(act->db, seen.subscription, act->arena, &sub, &known, err);
    }
    if (rc == NS_OK && !known && is_odd(s, seen.subscription)) {
        return ns_err_note(err, NS_E_INPUT, "an invoice of a subscription that is none of ours");
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
    bool there = false, odd = false;
    int count = 0;
    ns_rc rc = ns_row_household(act->db, act->arena, &home, &there, err);
    if (rc == NS_OK && there) {
        rc = ns_row_cards(act->db, home.owner_id, act->arena, &cards, &count, err);
    }
    for (const struct ns_json *o = ns_json_first(list); rc == NS_OK && o != NULL; o = ns_json_next(o)) {
        struct ns_card old;
        bool known = false;
        rc = ns_stripe_card(o, customer, NULL, act->arena, &seen, err);
        if (rc == NS_E_INPUT) {
            ns_err_clear(err);
            rc = NS_OK;
            odd = true;
            continue;
        }
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
    for (int i = 0; rc == NS_OK && !odd && i < count; i++) { /* from a list that is odd nothing follows */
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
    s->odd_count = 0;
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
        if (rc == NS_OK && strcmp(e->object, s->want_subscription) == 0) {
            s->want_subscription[0] = '\0'; /* else it is put aside below, and not wanted again */
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
    bool room = true;
    if (e->object != NULL && strcmp(e->object, s->want_subscription) == 0) {
        room = note_odd(s, s->want_subscription);
        s->want_subscription[0] = '\0';
    }
    if (e->read == NS_READ_RATE) {
        room = note_odd(s, s->want_rate);
        s->want_rate[0] = '\0';
    }
    if (!room) {
        s->reads_not_before_us = ns_env_steady_us(act->env) + STRIPE_WAIT_MOST;
    }
    if (e->read == NS_READ_RATE && room) {
        return NS_OK;
    }
    if (e->object != NULL) {
        return ns_row_events_end(act->db, e->object, e->at, "PARKED", reason, err);
    }
    s->reads_not_before_us = ns_env_steady_us(act->env) + STRIPE_WAIT_MOST; /* a list or a page of events */
    return NS_OK;
}

static void hold_reads(struct ns_stripe *s, const struct ns_act *act, const struct ns_outbox_answer *a) {
    int64_t wait = NS_SECOND / 2;
    for (int i = 0; i < s->failures && wait < STRIPE_WAIT_MOST; i++) {
        wait *= 2;
    }
    if (a->retry_after_s > 0 && a->retry_after_s < 24 * 3600 && a->retry_after_s * NS_SECOND > wait) {
        wait = a->retry_after_s * NS_SECOND;
    }
    s->failures++;
    s->look = false;
    s->reads_not_before_us = ns_env_steady_us(act->env) + (wait < STRIPE_WAIT_MOST ? wait : STRIPE_WAIT_MOST);
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
