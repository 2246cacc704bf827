/* see.c: what the processor was seen to hold, written down once. */
#include "agent/billing/parts.h"

#include <stdio.h>

/* ---- subscription ---- */

static bool same_text(const char *a, const char *b) {
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static bool same(const struct ns_subscription *a, const struct ns_subscription *b) {
    return a->tier == b->tier && a->is_active == b->is_active && a->status == b->status &&
           a->source == b->source && same_text(a->stripe_subscription_id, b->stripe_subscription_id) &&
           same_text(a->stripe_customer_id, b->stripe_customer_id) &&
           same_text(a->stripe_price_id, b->stripe_price_id) &&
           same_text(a->stripe_item_id, b->stripe_item_id) &&
           a->billing_amount == b->billing_amount && a->yearly == b->yearly &&
           a->next_tier == b->next_tier && a->trial_end == b->trial_end &&
           a->period_start == b->period_start && a->period_end == b->period_end &&
           a->grace_until == b->grace_until && a->cancelled_at == b->cancelled_at &&
           a->cancel_at_period_end == b->cancel_at_period_end &&
           a->cooling_off_end == b->cooling_off_end;
}

/* The row that a subscription of the processor is kept in: its own, or that of the trial. */
static ns_rc row_for(const struct ns_act *act, const struct ns_household *home,
                     const struct ns_seen_subscription *seen, struct ns_subscription *row,
                     bool *known, bool *doubled, struct ns_err *err) {
    struct ns_subscription live;
    bool has_live = false;
    *doubled = false;
    *known = false;
    ns_rc rc = NS_OK;
    if (seen->id != NULL) {
        rc = ns_row_subscription_at_stripe(act->db, seen->id, act->arena, row, known, err);
    }
    if (rc == NS_OK && !*known) {
        rc = ns_row_subscription(act->db, home->owner_id, act->arena, &live, &has_live, err);
    }
    if (rc != NS_OK || *known) {
        return rc;
    }
    bool free_row = has_live && live.stripe_subscription_id == NULL;
    if (free_row && seen->status == NS_PAY_INCOMPLETE) { /* not paid: the trial goes on */
        *row = live;
        return NS_OK;
    }
    if (free_row && !billing_terminal(seen->status)) {
        *row = live;
        *known = true;
        return NS_OK;
    }
    *doubled = has_live && !billing_terminal(seen->status);
    *row = (struct ns_subscription){.id = ns_id_new(act->env), .user_id = home->owner_id,
                                    .province = home->province, .next_tier = NS_NONE,
                                    .consent_at = NS_TIME_NONE, .cooling_off_end = NS_TIME_NONE,
                                    .grace_until = NS_TIME_NONE, .trial_start = NS_TIME_NONE,
                                    .created_at = act->now};
    return NS_OK;
}

static void take(const struct ns_act *act, struct ns_subscription *row,
                 const struct ns_seen_subscription *seen, enum ns_pay_source source) {
    row->tier = seen->tier;
    row->status = seen->status;
    row->source = source;
    row->stripe_subscription_id = seen->id;
    row->stripe_customer_id = seen->customer;
    row->stripe_price_id = seen->price;
    row->stripe_item_id = seen->item;
    row->billing_amount = seen->amount;
    row->yearly = seen->yearly;
    row->next_tier = seen->next_tier;
    row->trial_end = seen->trial_end;
    row->trial_start = seen->trial_start == NS_TIME_NONE ? row->trial_start : seen->trial_start;
    row->period_start = seen->period_start;
    row->period_end = seen->period_end;
    row->cancelled_at = seen->cancelled_at;
    row->cancel_at_period_end = seen->cancel_at_period_end;
    row->is_active = !billing_terminal(seen->status);
    if (seen->status == NS_PAY_PAST_DUE) {
        row->grace_until = row->grace_until == NS_TIME_NONE ? act->now + NS_GRACE_DAYS * NS_DAY
                                                            : row->grace_until;
    } else {
        row->grace_until = NS_TIME_NONE;
    }
    if (seen->yearly && row->cooling_off_end == NS_TIME_NONE && seen->status == NS_PAY_ACTIVE) {
        row->cooling_off_end = seen->period_start + NS_COOLING_OFF_DAYS * NS_DAY;
    }
}

/* A plan took the trial's place, or the family stopped it. */
static ns_rc note_trial(const struct ns_act *act, ns_id owner, enum ns_pay_source source, struct ns_err *err) {
    struct ns_trial trial;
    bool had = false;
    ns_rc rc = ns_row_trial(act->db, owner, &trial, &had, err);
    bool open = had && trial.converted_at == NS_TIME_NONE && act->now <= trial.ends_at;
    if (rc == NS_OK && open) {
        *(source == NS_SOURCE_TRIAL ? &trial.cancelled_at : &trial.converted_at) = act->now;
        trial.updated_at = act->now;
        rc = ns_row_trial_put(act->db, &trial, err);
    }
    return rc;
}

static const char *edge_name(const struct ns_subscription *was, bool known,
                             const struct ns_subscription *is) {
    if (is->source == NS_SOURCE_TRIAL) {
        return "TRIAL_WILL_END";
    }
    if (!known || was->stripe_subscription_id == NULL) {
        return "SUBSCRIPTION_CREATED";
    }
    if (was->status != is->status) {
        return billing_terminal(is->status)       ? "SUBSCRIPTION_ENDED"
               : is->status == NS_PAY_PAST_DUE    ? "SUBSCRIPTION_PAST_DUE"
               : is->status == NS_PAY_ACTIVE      ? "SUBSCRIPTION_ACTIVE"
                                                  : "SUBSCRIPTION_CHANGED";
    }
    if (was->cancel_at_period_end != is->cancel_at_period_end) {
        return is->cancel_at_period_end ? "SUBSCRIPTION_WILL_END" : "SUBSCRIPTION_RESUMED";
    }
    return "SUBSCRIPTION_CHANGED";
}

static ns_rc see_subscription(const struct ns_act *act, const struct ns_seen_subscription *seen,
                              enum ns_pay_source source, bool *changed, struct ns_err *err) {
    struct ns_household home;
    struct ns_subscription row;
    bool known, doubled;
    ns_rc rc = billing_owner(act, &home, err);
    if (rc == NS_OK) {
        rc = row_for(act, &home, seen, &row, &known, &doubled, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_subscription was = row;
    if (known && billing_terminal(was.status) && !billing_terminal(seen->status)) {
        return NS_OK; /* late news of something that has ended */
    }
    if (!known && row.is_active && seen->status == NS_PAY_INCOMPLETE) {
        return NS_OK;
    }
    take(act, &row, seen, source);
    if (doubled) {
        row.is_active = false; /* the first one counts; a person must look at the second */
        rc = billing_notice(act, "SECOND_SUBSCRIPTION", seen->id, NULL, err);
    }
    if (rc != NS_OK || (known && same(&was, &row))) {
        return rc;
    }
    row.updated_at = act->now;
    rc = billing_price(act, &row, err);
    if (rc == NS_OK) {
        rc = ns_row_subscription_put(act->db, &row, err);
    }
    if (rc == NS_OK && row.is_active) {
        rc = note_trial(act, home.owner_id, source, err);
    }
    *changed = true;
    return rc == NS_OK ? billing_audit(act, doubled ? "SUBSCRIPTION_SECOND" : edge_name(&was, known, &row),
                                       &row, err) : rc;
}

ns_rc ns_billing_see_subscription(const struct ns_act *act, const struct ns_seen_subscription *seen,
                                  enum ns_pay_source source, bool *changed, struct ns_err *err) {
    bool own;
    *changed = false;
    ns_rc rc = billing_begin(act, &own, err);
    return rc == NS_OK ? billing_end(act, own, see_subscription(act, seen, source, changed, err), err) : rc;
}

/* ---- invoice ---- */

static bool sums(const struct ns_seen_invoice *seen) {
    ns_money sum = seen->subtotal;
    for (int i = 0; i < 4; i++) {
        if (seen->tax[i] != NS_NO_TAX && __builtin_add_overflow(sum, seen->tax[i], &sum)) {
            return false;
        }
    }
    return sum == seen->total && seen->subtotal >= 0 && seen->total >= 0;
}

static ns_rc audit_bill(const struct ns_act *act, const char *action, const struct ns_bill *b,
                        struct ns_err *err) {
    const char *detail = ns_arena_printf(act->arena, "{\"amountCents\":%lld,\"status\":\"%s\",\"invoice\":\"%s\"}",
                                         (long long)b->total, ns_bill_status_name(b->status),
                                         b->stripe_invoice_id == NULL ? "" : b->stripe_invoice_id);
    return ns_audit_append(act->db, act->env, act->now, &act->actor, action, "bill", b->id, detail, err);
}

/* A paid invoice ends PAST_DUE and moves the period on; a failed one begins the grace. */
static ns_rc follow(const struct ns_act *act, const struct ns_seen_invoice *seen,
                    struct ns_subscription *s, struct ns_err *err) {
    const char *action = NULL;
    bool newer = seen->period_end != NS_TIME_NONE &&
                 (s->period_end == NS_TIME_NONE || seen->period_end > s->period_end);
    bool of_now = s->period_end == NS_TIME_NONE || seen->period_end == NS_TIME_NONE ||
                  seen->period_end >= s->period_end;
    if (billing_terminal(s->status)) {
        return NS_OK;
    }
    if (seen->status == NS_BILL_IS_SUCCEEDED && of_now && (s->status == NS_PAY_PAST_DUE || newer)) {
        action = s->status == NS_PAY_PAST_DUE ? "SUBSCRIPTION_ACTIVE" : "PERIOD_PAID";
        s->status = s->status == NS_PAY_PAST_DUE || s->status == NS_PAY_TRIALING ? NS_PAY_ACTIVE : s->status;
        s->grace_until = NS_TIME_NONE;
        s->period_start = newer ? seen->period_start : s->period_start;
        s->period_end = newer ? seen->period_end : s->period_end;
    } else if (seen->status == NS_BILL_IS_FAILED && of_now &&
               (s->status == NS_PAY_ACTIVE || s->status == NS_PAY_TRIALING)) {
        action = "SUBSCRIPTION_PAST_DUE";
        s->status = NS_PAY_PAST_DUE;
        s->grace_until = act->now + NS_GRACE_DAYS * NS_DAY;
    }
    if (action == NULL) {
        return NS_OK;
    }
    s->updated_at = act->now;
    ns_rc rc = ns_row_subscription_put(act->db, s, err);
    return rc == NS_OK ? billing_audit(act, action, s, err) : rc;
}

static void fill_bill(struct ns_bill *b, const struct ns_seen_invoice *seen) {
    b->status = b->refunded > 0 && b->refunded == b->total ? NS_BILL_IS_REFUNDED : seen->status;
    b->kind = seen->kind;
    b->subtotal = seen->subtotal;
    memcpy(b->tax, seen->tax, sizeof b->tax);
    b->total = seen->total;
    b->stripe_payment_id = seen->payment != NULL ? seen->payment : b->stripe_payment_id;
    b->invoice_number = seen->number;
    b->invoice_url = seen->url;
    b->pdf_url = seen->pdf;
    b->period_start = seen->period_start;
    b->period_end = seen->period_end;
}

static const char *bill_edge(enum ns_bill_status status) {
    return status == NS_BILL_IS_SUCCEEDED ? "BILL_PAID"
           : status == NS_BILL_IS_FAILED  ? "BILL_FAILED"
                                          : "BILL_SEEN";
}

static ns_rc see_invoice(const struct ns_act *act, const struct ns_seen_invoice *seen, bool practice,
                         ns_id *bill, bool *changed, struct ns_err *err) {
    struct ns_household home;
    struct ns_subscription s;
    struct ns_bill b = {0};
    bool has = false, known = false;
    ns_rc rc = billing_owner(act, &home, err);
    if (rc == NS_OK && seen->subscription != NULL) {
        rc = ns_row_subscription_at_stripe(act->db, seen->subscription, act->arena, &s, &has, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_bill_of_invoice(act->db, seen->id, act->arena, &b, &known, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (known && (b.status == NS_BILL_IS_REFUNDED || b.status == seen->status ||
                  b.status == NS_BILL_IS_SUCCEEDED)) {
        *bill = b.id; /* a paid bill stays paid */
        return NS_OK;
    }
    if (!known) {
        b = (struct ns_bill){.id = ns_id_new(act->env), .user_id = home.owner_id,
                             .subscription_id = has ? s.id : (ns_id){{0}},
                             .tier = has ? s.tier : NS_TIER_FREE,
                             .province = (int)(has ? s.province : home.province),
                             .stripe_invoice_id = seen->id, .practice = practice,
                             .created_at = seen->created};
    }
    fill_bill(&b, seen);
    *bill = b.id;
    *changed = true;
    rc = ns_row_bill_put(act->db, &b, err);
    if (rc == NS_OK) {
        rc = audit_bill(act, bill_edge(b.status), &b, err);
    }
    if (rc == NS_OK && b.status == NS_BILL_IS_FAILED) {
        rc = billing_notice(act, "PAYMENT_FAILED", seen->id, NULL, err);
    }
    return rc == NS_OK && has ? follow(act, seen, &s, err) : rc;
}

ns_rc ns_billing_see_invoice(const struct ns_act *act, const struct ns_seen_invoice *seen,
                             bool practice, ns_id *bill, bool *changed, struct ns_err *err) {
    bool own;
    *changed = false;
    if (!sums(seen)) {
        return ns_err_note(err, NS_E_INPUT, "an invoice whose lines are not its total");
    }
    ns_rc rc = billing_begin(act, &own, err);
    return rc == NS_OK
               ? billing_end(act, own, see_invoice(act, seen, practice, bill, changed, err), err) : rc;
}

/* ---- refund ---- */

static ns_rc see_refund(const struct ns_act *act, const char *invoice, ns_money refunded,
                        const char *reason, bool *changed, struct ns_err *err) {
    struct ns_bill b;
    bool known = false;
    ns_rc rc = ns_row_bill_of_invoice(act->db, invoice, act->arena, &b, &known, err);
    if (rc == NS_OK && !known) {
        rc = ns_err_note(err, NS_E_NOT_FOUND, "a refund of an unknown invoice");
    }
    if (rc == NS_OK && refunded > b.total) {
        rc = ns_err_note(err, NS_E_INPUT, "a refund of more than was paid");
    }
    if (rc != NS_OK || refunded <= b.refunded) {
        return rc; /* known already */
    }
    b.refunded = refunded;
    b.refund_reason = reason;
    b.status = refunded == b.total ? NS_BILL_IS_REFUNDED : b.status;
    *changed = true;
    rc = ns_row_bill_put(act->db, &b, err);
    return rc == NS_OK ? audit_bill(act, "BILL_REFUNDED", &b, err) : rc;
}

ns_rc ns_billing_see_refund(const struct ns_act *act, const char *invoice, ns_money refunded,
                            const char *reason, bool *changed, struct ns_err *err) {
    bool own;
    *changed = false;
    ns_rc rc = billing_begin(act, &own, err);
    return rc == NS_OK
               ? billing_end(act, own, see_refund(act, invoice, refunded, reason, changed, err), err) : rc;
}

/* ---- cards ---- */

static ns_rc see_card(const struct ns_act *act, const struct ns_seen_card *seen, struct ns_card *out,
                      struct ns_err *err) {
    struct ns_household home;
    bool known = false;
    ns_rc rc = billing_owner(act, &home, err);
    if (rc == NS_OK) {
        rc = ns_row_card_at_stripe(act->db, seen->id, act->arena, out, &known, err);
    }
    if (rc == NS_OK && !known) {
        *out = (struct ns_card){.id = ns_id_new(act->env), .user_id = home.owner_id,
                                .stripe_id = seen->id, .created_at = act->now};
    }
    if (rc == NS_OK && seen->is_default && !seen->detached) {
        rc = ns_row_cards_no_default(act->db, home.owner_id, act->now, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    out->brand = seen->brand;
    out->last4 = seen->last4;
    out->exp_month = seen->exp_month;
    out->exp_year = seen->exp_year;
    out->is_active = !seen->detached;
    out->is_default = seen->is_default && !seen->detached;
    out->updated_at = act->now;
    rc = ns_row_card_put(act->db, out, err);
    return rc == NS_OK ? ns_audit_append(act->db, act->env, act->now, &act->actor,
                                         seen->detached ? "CARD_REMOVED" : known ? "CARD_CHANGED" : "CARD_ADDED",
                                         "card", out->id, NULL, err) : rc;
}

ns_rc ns_billing_see_card(const struct ns_act *act, const struct ns_seen_card *seen,
                          struct ns_card *out, struct ns_err *err) {
    bool own;
    ns_rc rc = billing_begin(act, &own, err);
    return rc == NS_OK ? billing_end(act, own, see_card(act, seen, out, err), err) : rc;
}
