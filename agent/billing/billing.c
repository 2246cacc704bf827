/* billing.c: standing, trial, guards. */
#include "agent/billing/parts.h"
#include "agent/billing/practice.h"

#include <stdio.h>

bool billing_terminal(enum ns_pay_status status) {
    return status == NS_PAY_CANCELED || status == NS_PAY_INCOMPLETE_EXPIRED;
}

ns_rc billing_owner(const struct ns_act *act, struct ns_household *home, struct ns_err *err) {
    bool found = false;
    ns_rc rc = ns_row_household(act->db, act->arena, home, &found, err);
    return rc == NS_OK && !found
               ? ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_hh_not_set_up, NULL, NULL, NULL) : rc;
}

bool ns_billing_tax(ns_money price, enum ns_province province, ns_date day,
                    struct ns_tax_answer *out) {
    const struct ns_tax_query q = {.province = province, .class = NS_TAX_CLASS_SOFTWARE_LOCAL,
                                   .day = day, .handed_on = NS_DATE_NONE, .subtotal = price};
    return ns_tax_line(&q, out);
}

ns_rc billing_price(const struct ns_act *act, struct ns_subscription *s, struct ns_err *err) {
    struct ns_tax_answer tax;
    if (!ns_billing_tax(s->billing_amount, s->province, ns_act_today(act), &tax)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_plan_tax_unknown, ns_province_name(s->province),
                          NULL, NULL);
    }
    s->gst_ppm = tax.rate->gst_ppm;
    s->pst_hst_ppm = tax.rate->hst_ppm + tax.rate->pst_ppm + tax.rate->qst_ppm;
    s->total_ppm = ns_tax_combined_ppm(tax.rate);
    s->features = ns_plan_features_json(s->tier, act->arena);
    return NS_OK;
}

ns_rc billing_audit(const struct ns_act *act, const char *action, const struct ns_subscription *s,
                    struct ns_err *err) {
    const char *detail = ns_arena_printf(
        act->arena, "{\"tier\":\"%s\",\"status\":\"%s\",\"amountCents\":%lld,\"source\":\"%s\"}",
        ns_tier_name(s->tier), ns_pay_status_name(s->status), (long long)s->billing_amount,
        ns_pay_source_name(s->source));
    return ns_audit_append(act->db, act->env, act->now, &act->actor, action, "subscription", s->id,
                           detail, err);
}

ns_rc billing_notice(const struct ns_act *act, const char *kind, const char *subject,
                     const char *detail, struct ns_err *err) {
    bool fresh;
    return ns_row_notice(act->db, kind, subject, act->now, detail, &fresh, err);
}

ns_rc ns_billing_now(struct ns_db *db, ns_id owner, enum ns_sale sale, ns_time now,
                     struct ns_arena *arena, struct ns_standing_now *out, struct ns_err *err) {
    *out = (struct ns_standing_now){0};
    ns_rc rc = NS_OK;
    if (!ns_id_is_zero(owner)) {
        rc = ns_row_subscription(db, owner, arena, &out->subscription, &out->has, err);
    }
    if (rc == NS_OK && !out->has && !ns_id_is_zero(owner)) {
        rc = ns_row_subscription_last(db, owner, arena, &out->subscription, &out->has, err);
    }
    out->practice = out->has && out->subscription.source == NS_SOURCE_PRACTICE;
    out->entitlement = ns_entitlement_of(sale != NS_SALE_OFF || out->practice,
                                         out->has ? &out->subscription : NULL, now);
    return rc;
}

/* ---- trial ---- */

static ns_rc begin_trial(const struct ns_act *act, ns_id owner, enum ns_tier tier,
                         enum ns_province province, struct ns_err *err) {
    struct ns_trial trial = {.id = ns_id_new(act->env), .user_id = owner, .tier = tier,
                             .started_at = act->now,
                             .ends_at = act->now + NS_TRIAL_DAYS * NS_DAY,
                             .converted_at = NS_TIME_NONE, .cancelled_at = NS_TIME_NONE,
                             .updated_at = act->now};
    struct ns_subscription s = {.id = ns_id_new(act->env), .user_id = owner, .tier = tier,
                                .is_active = true, .status = NS_PAY_TRIALING,
                                .source = NS_SOURCE_TRIAL, .province = province,
                                .billing_amount = ns_plan_of(tier)->price, .next_tier = NS_NONE,
                                .trial_start = trial.started_at, .trial_end = trial.ends_at,
                                .period_start = NS_TIME_NONE, .period_end = NS_TIME_NONE,
                                .cooling_off_end = NS_TIME_NONE, .consent_at = NS_TIME_NONE,
                                .grace_until = NS_TIME_NONE, .cancelled_at = NS_TIME_NONE,
                                .created_at = act->now, .updated_at = act->now};
    ns_rc rc = billing_price(act, &s, err);
    if (rc == NS_OK) {
        rc = ns_row_trial_put(act->db, &trial, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_subscription_put(act->db, &s, err);
    }
    return rc == NS_OK ? billing_audit(act, "TRIAL_STARTED", &s, err) : rc;
}

ns_rc ns_billing_start_trial(const struct ns_act *act, enum ns_tier tier, enum ns_province province,
                             struct ns_err *err) {
    struct ns_household home;
    struct ns_subscription live;
    struct ns_trial trial;
    bool own, has_live = false, had_trial = false;
    if (tier == NS_TIER_FREE) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_plan_trial_free, NULL, NULL, NULL);
    }
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = billing_owner(act, &home, err);
    if (rc == NS_OK) {
        rc = ns_row_trial(act->db, home.owner_id, &trial, &had_trial, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_subscription(act->db, home.owner_id, act->arena, &live, &has_live, err);
    }
    if (rc == NS_OK && (had_trial || has_live)) {
        rc = ns_err_say(err, NS_E_CONFLICT, had_trial ? NS_MSG_plan_trial_once : NS_MSG_plan_present,
                        NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = begin_trial(act, home.owner_id, tier, province, err);
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_billing_ensure(const struct ns_act *act, enum ns_sale sale, struct ns_err *err) {
    struct ns_household home;
    struct ns_subscription last;
    struct ns_trial trial;
    bool own, home_there = false, had = false, had_trial = false;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_household(act->db, act->arena, &home, &home_there, err);
    if (rc == NS_OK && home_there) {
        rc = ns_row_subscription_last(act->db, home.owner_id, act->arena, &last, &had, err);
    }
    if (rc == NS_OK && home_there && !had) {
        rc = ns_row_trial(act->db, home.owner_id, &trial, &had_trial, err);
    }
    if (rc == NS_OK && home_there && !had && !had_trial) {
        if (home.demo) {
            rc = ns_practice_begin(act, &home, err);
        } else if (sale != NS_SALE_OFF) {
            /* Of everything, so that nothing is refused in the first two weeks. */
            rc = begin_trial(act, home.owner_id, NS_TIER_FAMILY, home.province, err);
        }
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_billing_track(const struct ns_act *act, enum ns_trial_event type, const char *feature,
                       ns_money saved, struct ns_err *err) {
    struct ns_household home;
    struct ns_trial trial;
    bool own, had = false;
    if (saved < 0 || saved > 100000 || (feature != NULL && strlen(feature) > 64)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_plan_bad_event, NULL, NULL, NULL);
    }
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = billing_owner(act, &home, err);
    if (rc == NS_OK) {
        rc = ns_row_trial(act->db, home.owner_id, &trial, &had, err);
    }
    if (rc == NS_OK && !had) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_no_trial, NULL, NULL, NULL);
    }
    if (rc == NS_OK && act->now < trial.ends_at) { /* later ones say nothing about the trial */
        rc = ns_row_trial_use(act->db, home.owner_id, ns_act_today(act), feature == NULL ? "" : feature,
                              type, saved, err);
    }
    return billing_end(act, own, rc, err);
}

/* ---- time ---- */

static ns_rc end_of(const struct ns_act *act, struct ns_subscription *s, const char *action,
                    const char *notice, ns_time when, struct ns_err *err) {
    s->status = NS_PAY_CANCELED;
    s->is_active = false;
    s->cancelled_at = s->cancelled_at == NS_TIME_NONE ? when : s->cancelled_at;
    s->updated_at = act->now;
    ns_rc rc = ns_row_subscription_put(act->db, s, err);
    if (rc == NS_OK) {
        rc = billing_audit(act, action, s, err);
    }
    return rc == NS_OK ? billing_notice(act, notice, s->stripe_subscription_id != NULL
                                                         ? s->stripe_subscription_id : "trial",
                                        NULL, err) : rc;
}

static ns_rc pass(const struct ns_act *act, struct ns_subscription *s, bool *changed,
                  struct ns_err *err) {
    bool trial = s->source == NS_SOURCE_TRIAL && s->status == NS_PAY_TRIALING;
    if (trial && act->now >= s->trial_end) {
        *changed = true;
        return end_of(act, s, "TRIAL_ENDED", "TRIAL_ENDED", s->trial_end, err);
    }
    if (s->status == NS_PAY_TRIALING && s->trial_end != NS_TIME_NONE &&
        act->now >= s->trial_end - 3 * NS_DAY) {
        return billing_notice(act, "TRIAL_ENDS", trial ? "trial" : s->stripe_subscription_id, NULL, err);
    }
    if (s->status == NS_PAY_PAST_DUE && s->grace_until != NS_TIME_NONE && act->now >= s->grace_until) {
        *changed = true;
        return billing_notice(act, "GRACE_OVER",
                              ns_arena_printf(act->arena, "%lld", (long long)s->grace_until), NULL, err);
    }
    return s->source == NS_SOURCE_PRACTICE ? ns_practice_pass_time(act, s, changed, err) : NS_OK;
}

ns_rc ns_billing_pass_time(const struct ns_act *act, bool *changed, struct ns_err *err) {
    struct ns_household home;
    struct ns_subscription s;
    bool own, there = false, has = false;
    *changed = false;
    ns_rc rc = billing_begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_household(act->db, act->arena, &home, &there, err);
    if (rc == NS_OK && there) {
        rc = ns_row_subscription(act->db, home.owner_id, act->arena, &s, &has, err);
    }
    if (rc == NS_OK && has) {
        rc = pass(act, &s, changed, err);
    }
    return billing_end(act, own, rc, err);
}

ns_rc ns_billing_move(const struct ns_act *act, enum ns_province province, struct ns_err *err) {
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
    if (rc == NS_OK && !has) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_none, NULL, NULL, NULL);
    }
    if (rc == NS_OK && s.province != province) {
        s.province = province;
        s.updated_at = act->now;
        rc = billing_price(act, &s, err);
        if (rc == NS_OK) {
            rc = ns_row_subscription_put(act->db, &s, err);
        }
        if (rc == NS_OK) {
            rc = billing_audit(act, "PROVINCE_CHANGED", &s, err);
        }
    }
    return billing_end(act, own, rc, err);
}

/* ---- guards ---- */

static ns_rc refuse_feature(enum ns_tier from, struct ns_err *err) {
    static const enum ns_msg texts[] = {NS_MSG_plan_needs_basic, NS_MSG_plan_needs_basic,
                                        NS_MSG_plan_needs_premium, NS_MSG_plan_needs_family};
    return ns_err_say(err, NS_E_DENIED, (int)texts[from], NULL, NULL, NULL);
}

static ns_rc refuse_child(const struct ns_plan *plan, int count, struct ns_err *err) {
    char most[12];
    snprintf(most, sizeof most, "%d", plan->children);
    if (plan->tier == NS_TIER_FAMILY) {
        return ns_err_say(err, NS_E_LIMIT, NS_MSG_plan_children_most, NULL, NULL, NULL);
    }
    return ns_err_say(err, NS_E_DENIED, count < ns_plan_of(NS_TIER_PREMIUM)->children
                                            ? NS_MSG_plan_children_premium
                                            : NS_MSG_plan_children_family, most, NULL, NULL);
}

ns_rc ns_billing_need(struct ns_db *db, ns_id owner, enum ns_sale sale, ns_time now,
                      const char *feature, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_standing_now at;
    const struct ns_plan_feature *f = ns_plan_feature_find(ns_str_of(feature));
    ns_rc rc = ns_billing_now(db, owner, sale, now, &arena, &at, err);
    if (rc == NS_OK && !ns_entitled(&at.entitlement, feature)) {
        rc = refuse_feature(f == NULL ? NS_TIER_PREMIUM : f->from, err);
    }
    ns_arena_fini(&arena);
    return rc;
}

ns_rc ns_billing_need_child(struct ns_db *db, ns_id owner, enum ns_sale sale, ns_time now,
                            struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_standing_now at;
    struct ns_child *children = NULL;
    int count = 0;
    ns_rc rc = ns_billing_now(db, owner, sale, now, &arena, &at, err);
    if (rc == NS_OK) {
        rc = ns_row_children(db, &arena, &children, &count, err);
    }
    const struct ns_plan *plan = ns_plan_of(at.entitlement.tier);
    if (rc == NS_OK && at.entitlement.standing != NS_STANDS_SELF_HOSTED && count >= plan->children) {
        rc = refuse_child(plan, count, err);
    }
    ns_arena_fini(&arena);
    return rc;
}

bool ns_billing_cooling_off(const struct ns_subscription *s, ns_time now) {
    return s->cooling_off_end != NS_TIME_NONE && now < s->cooling_off_end;
}

ns_rc ns_billing_refundable(struct ns_db *db, ns_id owner, struct ns_arena *arena,
                            struct ns_bill *out, bool *found, struct ns_err *err) {
    struct ns_bill *bills = NULL;
    int count = 0;
    int64_t total;
    *found = false;
    ns_rc rc = ns_row_bills(db, owner, 24, 0, arena, &bills, &count, &total, err);
    for (int i = 0; i < count && !*found; i++) {
        if (bills[i].status == NS_BILL_IS_SUCCEEDED && bills[i].refunded == 0 && bills[i].total > 0) {
            *out = bills[i];
            *found = true;
        }
    }
    return rc;
}
