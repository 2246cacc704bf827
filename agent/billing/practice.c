#include "agent/billing/practice.h"
#include "agent/billing/parts.h"

#include <stdio.h>

#define PERIOD (30 * NS_DAY)

/* The live subscription in the shape in which a processor tells it. */
static struct ns_seen_subscription seen_of(const struct ns_subscription *s) {
    return (struct ns_seen_subscription){
        .id = s->stripe_subscription_id, .customer = s->stripe_customer_id, .price = s->stripe_price_id,
        .item = s->stripe_item_id, .tier = s->tier, .amount = s->billing_amount, .status = s->status,
        .trial_start = s->trial_start, .trial_end = s->trial_end, .period_start = s->period_start,
        .period_end = s->period_end, .cancelled_at = s->cancelled_at,
        .cancel_at_period_end = s->cancel_at_period_end, .next_tier = s->next_tier,
        .created = s->created_at};
}

static ns_rc show(const struct ns_act *act, const struct ns_seen_subscription *seen, struct ns_err *err) {
    bool changed;
    return ns_billing_see_subscription(act, seen, NS_SOURCE_PRACTICE, &changed, err);
}

static ns_rc live(const struct ns_act *act, struct ns_subscription *out, struct ns_err *err) {
    struct ns_household home;
    bool has = false;
    ns_rc rc = billing_owner(act, &home, err);
    if (rc == NS_OK) {
        rc = ns_row_subscription(act->db, home.owner_id, act->arena, out, &has, err);
    }
    if (rc == NS_OK && (!has || out->source != NS_SOURCE_PRACTICE)) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_none, NULL, NULL, NULL);
    }
    return rc;
}

static ns_rc bill(const struct ns_act *act, const struct ns_seen_subscription *s, ns_money amount,
                  enum ns_bill_kind kind, enum ns_bill_status status, struct ns_err *err) {
    struct ns_household home;
    struct ns_tax_answer tax;
    struct ns_bill *none = NULL;
    int count = 0;
    int64_t total = 0;
    ns_id made;
    bool changed;
    ns_rc rc = billing_owner(act, &home, err);
    if (rc == NS_OK) {
        rc = ns_row_bills(act->db, home.owner_id, 1, 0, act->arena, &none, &count, &total, err);
    }
    struct ns_subscription row = {.province = home.province};
    bool known = false;
    if (rc == NS_OK) {
        rc = ns_row_subscription_at_stripe(act->db, s->id, act->arena, &row, &known, err);
    }
    if (rc == NS_OK && !ns_billing_tax(amount, known ? row.province : home.province, ns_act_today(act), &tax)) {
        rc = ns_err_note(err, NS_E_INPUT, "no tax is known");
    }
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_seen_invoice in = {
        .id = ns_arena_printf(act->arena, "in_practice_%04lld", (long long)total + 1),
        .subscription = s->id,
        .number = ns_arena_printf(act->arena, "PRACTICE-%04lld", (long long)total + 1),
        .status = status, .kind = kind, .subtotal = amount,
        .tax = {NS_NO_TAX, NS_NO_TAX, NS_NO_TAX, NS_NO_TAX}, .total = tax.total,
        .period_start = s->period_start, .period_end = s->period_end, .created = act->now,
        .attempted = true};
    for (int i = 0; i < tax.part_count; i++) {
        in.tax[tax.part[i].kind] = tax.part[i].cents;
    }
    return ns_billing_see_invoice(act, &in, true, &made, &changed, err);
}

static ns_rc begin_plan(const struct ns_act *act, enum ns_tier tier, enum ns_bill_kind kind,
                        struct ns_err *err) {
    char id[NS_ID_TEXT];
    ns_id_format(ns_id_new(act->env), id);
    struct ns_seen_subscription seen = {
        .id = ns_arena_printf(act->arena, "sub_practice_%.8s", id), .customer = "cus_practice",
        .price = ns_plan_of(tier)->id, .item = "si_practice", .tier = tier,
        .amount = ns_plan_of(tier)->price, .status = NS_PAY_ACTIVE, .trial_start = NS_TIME_NONE,
        .trial_end = NS_TIME_NONE, .period_start = act->now, .period_end = act->now + PERIOD,
        .cancelled_at = NS_TIME_NONE, .next_tier = NS_NONE, .created = act->now};
    ns_rc rc = show(act, &seen, err);
    return rc == NS_OK ? bill(act, &seen, seen.amount, kind, NS_BILL_IS_SUCCEEDED, err) : rc;
}

ns_rc ns_practice_begin(const struct ns_act *act, const struct ns_household *home, struct ns_err *err) {
    (void)home;
    bool own;
    struct ns_card card;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc == NS_OK) {
        rc = begin_plan(act, NS_TIER_FAMILY, NS_BILL_SUBSCRIPTION_CHARGE, err);
    }
    if (rc == NS_OK) {
        rc = ns_practice_card(act, "pm_card_visa", true, &card, err);
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_practice_subscribe(const struct ns_act *act, enum ns_tier tier, struct ns_err *err) {
    struct ns_household home;
    struct ns_subscription s;
    bool own, has = false;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = billing_owner(act, &home, err);
    if (rc == NS_OK) {
        rc = ns_row_subscription(act->db, home.owner_id, act->arena, &s, &has, err);
    }
    if (rc == NS_OK && has && s.source == NS_SOURCE_PRACTICE) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_plan_present, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = begin_plan(act, tier, has ? NS_BILL_TRIAL_CONVERSION : NS_BILL_SUBSCRIPTION_CHARGE, err);
    }
    return billing_end(act, own, rc, err);
}

/* What is left of the period, of the difference in price, half up. */
static ns_money difference(const struct ns_subscription *s, ns_money price, ns_time now) {
    ns_time span = s->period_end - s->period_start;
    ns_time left = s->period_end > now ? s->period_end - now : 0;
    ns_money more = price - s->billing_amount;
    return span <= 0 ? 0 : (more * (left / NS_SECOND) + span / NS_SECOND / 2) / (span / NS_SECOND);
}

ns_rc ns_practice_change(const struct ns_act *act, enum ns_tier tier, struct ns_err *err) {
    struct ns_subscription s;
    bool own;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = live(act, &s, err);
    if (rc == NS_OK && (tier == NS_TIER_FREE || (tier == s.tier && s.next_tier == NS_NONE))) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_plan_same, NULL, NULL, NULL);
    }
    struct ns_seen_subscription seen = rc == NS_OK ? seen_of(&s) : (struct ns_seen_subscription){0};
    if (rc == NS_OK && tier > s.tier) {
        ns_money due = difference(&s, ns_plan_of(tier)->price, act->now);
        seen.tier = tier;
        seen.amount = ns_plan_of(tier)->price;
        seen.price = ns_plan_of(tier)->id;
        seen.next_tier = NS_NONE;
        rc = show(act, &seen, err);
        if (rc == NS_OK && due > 0) {
            rc = bill(act, &seen, due, NS_BILL_UPGRADE, NS_BILL_IS_SUCCEEDED, err);
        }
    } else if (rc == NS_OK) {
        seen.next_tier = tier == s.tier ? NS_NONE : (int)tier;
        rc = show(act, &seen, err);
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_practice_cancel(const struct ns_act *act, bool at_once, struct ns_err *err) {
    struct ns_subscription s;
    bool own;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = live(act, &s, err);
    if (rc == NS_OK) {
        struct ns_seen_subscription seen = seen_of(&s);
        seen.cancel_at_period_end = !at_once;
        seen.status = at_once ? NS_PAY_CANCELED : seen.status;
        seen.cancelled_at = act->now;
        rc = show(act, &seen, err);
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_practice_resume(const struct ns_act *act, struct ns_err *err) {
    struct ns_subscription s;
    bool own;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = live(act, &s, err);
    if (rc == NS_OK) {
        struct ns_seen_subscription seen = seen_of(&s);
        seen.cancel_at_period_end = false;
        seen.cancelled_at = NS_TIME_NONE;
        seen.next_tier = NS_NONE;
        rc = show(act, &seen, err);
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_practice_refund(const struct ns_act *act, const char *reason, ns_money *out, struct ns_err *err) {
    struct ns_subscription s;
    struct ns_bill last;
    bool own, found = false, changed;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = live(act, &s, err);
    if (rc == NS_OK) {
        rc = ns_billing_refundable(act->db, s.user_id, act->arena, &last, &found, err);
    }
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_no_charge, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        *out = last.total;
        rc = ns_billing_see_refund(act, last.stripe_invoice_id, last.total, reason, &changed, err);
    }
    if (rc == NS_OK) {
        rc = ns_practice_cancel(act, true, err);
    }
    return billing_end(act, own, rc, err);
}

/* A bad card brings the renewal forward and fails it; a good one pays what is open. */
static ns_rc try_card(const struct ns_act *act, bool bad, struct ns_err *err) {
    struct ns_subscription s;
    struct ns_err none = {0};
    if (live(act, &s, &none) != NS_OK) {
        return NS_OK; /* no plan to pay for */
    }
    struct ns_seen_subscription seen = seen_of(&s);
    if (bad && s.status == NS_PAY_ACTIVE) {
        return bill(act, &seen, s.billing_amount, NS_BILL_RENEWAL, NS_BILL_IS_FAILED, err);
    }
    if (!bad && s.status == NS_PAY_PAST_DUE) {
        seen.period_start = act->now;
        seen.period_end = act->now + PERIOD;
        return bill(act, &seen, s.billing_amount, NS_BILL_RENEWAL, NS_BILL_IS_SUCCEEDED, err);
    }
    return NS_OK;
}

ns_rc ns_practice_card(const struct ns_act *act, const char *token, bool make_default,
                       struct ns_card *out, struct ns_err *err) {
    bool own;
    bool bad = strstr(token, "Fail") != NULL || strstr(token, "declined") != NULL;
    struct ns_seen_card seen = {
        .id = ns_arena_printf(act->arena, "%.60s_practice", token), .brand = "VISA",
        .last4 = bad ? "0341" : "4242", .exp_month = 12,
        .exp_year = ns_date_civil(ns_act_today(act)).year + 3, .is_default = make_default};
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_billing_see_card(act, &seen, out, err);
    if (rc == NS_OK && make_default) {
        rc = try_card(act, bad, err);
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_practice_pass_time(const struct ns_act *act, struct ns_subscription *s, bool *changed,
                            struct ns_err *err) {
    if (s->status != NS_PAY_ACTIVE || s->period_end == NS_TIME_NONE || act->now < s->period_end) {
        return NS_OK;
    }
    struct ns_seen_subscription seen = seen_of(s);
    *changed = true;
    if (s->cancel_at_period_end) {
        seen.status = NS_PAY_CANCELED;
        return show(act, &seen, err);
    }
    if (s->next_tier != NS_NONE) {
        seen.tier = (enum ns_tier)s->next_tier;
        seen.amount = ns_plan_of(seen.tier)->price;
        seen.price = ns_plan_of(seen.tier)->id;
        seen.next_tier = NS_NONE;
    }
    seen.period_start = act->now;
    seen.period_end = act->now + PERIOD;
    ns_rc rc = show(act, &seen, err);
    return rc == NS_OK ? bill(act, &seen, seen.amount, NS_BILL_RENEWAL, NS_BILL_IS_SUCCEEDED, err) : rc;
}
