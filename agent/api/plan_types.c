/* plan_types.c: what each type of plans and bills reads from its struct. */
#include "agent/api/plan.h"
#include "shared/tax/explain.h"

#include <string.h>

#define GET(name) static void name(const struct gql_call *call, const void *object, struct gql_out *out)
#define PLANS_SINCE ((ns_time)1767225600 * NS_SECOND) /* 2026-01-01: these prices */

static enum ns_lang lang(const struct gql_call *call) {
    return ((const struct api_ctx *)call->ctx)->lang;
}

static ns_time now(const struct gql_call *call) {
    return ((const struct api_ctx *)call->ctx)->now;
}

static bool is(const struct gql_call *call, const char *name) {
    return strcmp(gql_schema_nestsync.fields[call->field].name, name) == 0;
}

static void rate(struct gql_out *out, struct ns_arena *arena, int64_t ppm) {
    gql_cstr(out, ns_arena_printf(arena, "0.%05lld", (long long)ppm / 10));
}

static void texts(const struct gql_call *call, const char *const *list, int count, struct gql_out *out) {
    struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, (size_t)count);
    for (int i = 0; i < count; i++) {
        gql_cstr(&items[i], list[i]);
    }
    gql_list(out, items, (size_t)count);
}

/* Ids or names of what a tier has; below: and this lower one lacks. */
static void features(const struct gql_call *call, enum ns_tier tier, bool names, int below, struct gql_out *out) {
    const char *list[32];
    int n = 0;
    for (size_t i = 0; ns_plan_feature_at(i) != NULL; i++) {
        const struct ns_plan_feature *f = ns_plan_feature_at(i);
        if (f->from <= tier && (below < 0 || (int)f->from > below)) {
            list[n++] = names ? ns_msg(lang(call), f->name) : f->id;
        }
    }
    texts(call, list, n, out);
}

/* ---- plans ---- */

GET(get_plan) {
    const struct ns_plan *p = object;
    switch (call->field) {
    case GQL_F_PremiumSubscriptionPlan_id:
    case GQL_F_PremiumSubscriptionPlan_name: gql_cstr(out, p->id); break;
    case GQL_F_PremiumSubscriptionPlan_displayName: gql_cstr(out, ns_msg(lang(call), p->name)); break;
    case GQL_F_PremiumSubscriptionPlan_tier: gql_enum(out, (int)p->tier); break;
    case GQL_F_PremiumSubscriptionPlan_price: gql_money(out, p->price); break;
    case GQL_F_PremiumSubscriptionPlan_billingInterval:
        gql_enum(out, p->yearly ? GQL_E_BillingInterval_YEARLY : GQL_E_BillingInterval_MONTHLY);
        break;
    case GQL_F_PremiumSubscriptionPlan_features: features(call, p->tier, false, -1, out); break;
    case GQL_F_PremiumSubscriptionPlan_limits: gql_object(out, p); break;
    case GQL_F_PremiumSubscriptionPlan_description: gql_cstr(out, ns_msg(lang(call), p->description)); break;
    case GQL_F_PremiumSubscriptionPlan_sortOrder: gql_int(out, (int)p->tier); break;
    case GQL_F_PremiumSubscriptionPlan_isActive: gql_bool(out, true); break;
    case GQL_F_PremiumSubscriptionPlan_createdAt:
    case GQL_F_PremiumSubscriptionPlan_updatedAt: gql_time(out, PLANS_SINCE); break;
    default: gql_null(out); /* stripePriceId, stripeProductId: of the seller's account */
    }
}

GET(get_feature_limits) {
    const struct ns_plan *p = object;
    switch (call->field) {
    case GQL_F_FeatureLimits_familyMembers: gql_int(out, p->family_members); break;
    case GQL_F_FeatureLimits_childProfiles: gql_int(out, p->children); break;
    case GQL_F_FeatureLimits_reorderSuggestions: gql_int(out, p->suggestions); break;
    case GQL_F_FeatureLimits_priceAlerts: gql_bool(out, p->price_alerts); break;
    default: gql_bool(out, p->automation);
    }
}

GET(get_plans) {
    const struct plan_plans *p = object;
    const struct ns_plan **list;
    switch (call->field) {
    case GQL_F_AvailablePlansResponse_plans:
        list = NS_NEW_N(call->arena, const struct ns_plan *, NS_TIER_COUNT);
        for (int i = 0; i < NS_TIER_COUNT; i++) {
            list[i] = ns_plan_of((enum ns_tier)i);
        }
        gql_objects(out, (const void *const *)list, NS_TIER_COUNT);
        break;
    case GQL_F_AvailablePlansResponse_currentTier: gql_enum(out, (int)p->current); break;
    default: gql_object(out, p->recommended);
    }
}

/* ---- the subscription, in both views ---- */

GET(get_reorder_subscription) {
    const struct ns_subscription *s = object;
    struct ns_entitlement e = ns_entitlement_of(true, s, now(call));
    switch (call->field) {
    case GQL_F_ReorderSubscription_id: gql_id(out, s->id); break;
    case GQL_F_ReorderSubscription_userId: gql_id(out, s->user_id); break;
    case GQL_F_ReorderSubscription_tier: gql_enum(out, s->tier == NS_TIER_FREE ? 0 : (int)s->tier - 1); break;
    case GQL_F_ReorderSubscription_isActive: gql_bool(out, e.tier != NS_TIER_FREE); break;
    case GQL_F_ReorderSubscription_stripeSubscriptionId: gql_cstr(out, s->stripe_subscription_id); break;
    case GQL_F_ReorderSubscription_stripeCustomerId: gql_cstr(out, s->stripe_customer_id); break;
    case GQL_F_ReorderSubscription_stripePriceId: gql_cstr(out, s->stripe_price_id); break;
    case GQL_F_ReorderSubscription_billingAmountCad: gql_money(out, s->billing_amount); break;
    case GQL_F_ReorderSubscription_billingInterval: gql_cstr(out, s->yearly ? "year" : "month"); break;
    case GQL_F_ReorderSubscription_gstRate: rate(out, call->arena, s->gst_ppm); break;
    case GQL_F_ReorderSubscription_pstHstRate: rate(out, call->arena, s->pst_hst_ppm); break;
    case GQL_F_ReorderSubscription_totalTaxRate: rate(out, call->arena, s->total_ppm); break;
    case GQL_F_ReorderSubscription_trialEndDate: gql_time(out, s->trial_end); break;
    case GQL_F_ReorderSubscription_currentPeriodStart: gql_time(out, s->period_start); break;
    case GQL_F_ReorderSubscription_currentPeriodEnd: gql_time(out, s->period_end); break;
    case GQL_F_ReorderSubscription_cancelAtPeriodEnd: gql_bool(out, s->cancel_at_period_end); break;
    case GQL_F_ReorderSubscription_cancelledAt: gql_time(out, s->cancelled_at); break;
    case GQL_F_ReorderSubscription_features: gql_raw(out, ns_str_of(ns_plan_features_json(e.tier, call->arena))); break;
    case GQL_F_ReorderSubscription_createdAt: gql_time(out, s->created_at); break;
    default: gql_time(out, s->updated_at);
    }
}

static int app_status(enum ns_pay_status status) {
    static const int map[NS_PAY_COUNT] = {
        [NS_PAY_TRIALING] = GQL_E_PremiumSubscriptionStatus_TRIALING,
        [NS_PAY_ACTIVE] = GQL_E_PremiumSubscriptionStatus_ACTIVE,
        [NS_PAY_PAST_DUE] = GQL_E_PremiumSubscriptionStatus_PAST_DUE,
        [NS_PAY_CANCELED] = GQL_E_PremiumSubscriptionStatus_CANCELED,
        [NS_PAY_UNPAID] = GQL_E_PremiumSubscriptionStatus_UNPAID,
        [NS_PAY_INCOMPLETE] = GQL_E_PremiumSubscriptionStatus_UNPAID,
        [NS_PAY_INCOMPLETE_EXPIRED] = GQL_E_PremiumSubscriptionStatus_CANCELED,
        [NS_PAY_PAUSED] = GQL_E_PremiumSubscriptionStatus_UNPAID};
    return map[status];
}

GET(get_premium_subscription) {
    const struct ns_subscription *s = object;
    switch (call->field) {
    case GQL_F_PremiumSubscription_id: gql_id(out, s->id); break;
    case GQL_F_PremiumSubscription_userId: gql_id(out, s->user_id); break;
    case GQL_F_PremiumSubscription_plan: gql_object(out, ns_plan_of(s->tier)); break;
    case GQL_F_PremiumSubscription_tier: gql_enum(out, (int)s->tier); break;
    case GQL_F_PremiumSubscription_status: gql_enum(out, app_status(s->status)); break;
    case GQL_F_PremiumSubscription_billingInterval:
        gql_enum(out, s->yearly ? GQL_E_BillingInterval_YEARLY : GQL_E_BillingInterval_MONTHLY);
        break;
    case GQL_F_PremiumSubscription_amount: gql_money(out, s->billing_amount); break;
    case GQL_F_PremiumSubscription_currency: gql_cstr(out, "CAD"); break;
    case GQL_F_PremiumSubscription_province: gql_enum(out, (int)s->province); break;
    case GQL_F_PremiumSubscription_stripeCustomerId: gql_cstr(out, s->stripe_customer_id); break;
    case GQL_F_PremiumSubscription_stripeSubscriptionId: gql_cstr(out, s->stripe_subscription_id); break;
    case GQL_F_PremiumSubscription_trialStart: gql_time(out, s->trial_start); break;
    case GQL_F_PremiumSubscription_trialEnd: gql_time(out, s->trial_end); break;
    case GQL_F_PremiumSubscription_coolingOffEnd: gql_time(out, s->cooling_off_end); break;
    case GQL_F_PremiumSubscription_paymentConsentAt: gql_time(out, s->consent_at); break;
    case GQL_F_PremiumSubscription_isOnTrial:
        gql_bool(out, s->status == NS_PAY_TRIALING && (s->trial_end == NS_TIME_NONE || now(call) < s->trial_end));
        break;
    case GQL_F_PremiumSubscription_isInCoolingOffPeriod: gql_bool(out, ns_billing_cooling_off(s, now(call))); break;
    case GQL_F_PremiumSubscription_createdAt: gql_time(out, s->created_at); break;
    default: gql_time(out, s->updated_at);
    }
}

GET(get_trial) {
    const struct ns_trial *t = object;
    ns_time left = t->ends_at - now(call);
    bool active = left > 0 && t->converted_at == NS_TIME_NONE && t->cancelled_at == NS_TIME_NONE;
    switch (call->field) {
    case GQL_F_TrialProgress_id: gql_id(out, t->id); break;
    case GQL_F_TrialProgress_userId: gql_id(out, t->user_id); break;
    case GQL_F_TrialProgress_isActive: gql_bool(out, active); break;
    case GQL_F_TrialProgress_trialTier: gql_enum(out, (int)t->tier); break;
    case GQL_F_TrialProgress_trialStartedAt: gql_time(out, t->started_at); break;
    case GQL_F_TrialProgress_trialEndsAt: gql_time(out, t->ends_at); break;
    case GQL_F_TrialProgress_daysRemaining: gql_int(out, left > 0 ? (left + NS_DAY - 1) / NS_DAY : 0); break;
    case GQL_F_TrialProgress_convertedToPaid: gql_bool(out, t->converted_at != NS_TIME_NONE); break;
    case GQL_F_TrialProgress_convertedAt: gql_time(out, t->converted_at); break;
    case GQL_F_TrialProgress_canceled: gql_bool(out, t->cancelled_at != NS_TIME_NONE); break;
    case GQL_F_TrialProgress_featuresUsedCount: gql_int(out, t->features_used); break;
    case GQL_F_TrialProgress_usageDays: gql_int(out, t->usage_days); break;
    case GQL_F_TrialProgress_valueSavedEstimate: gql_money(out, t->value_saved); break;
    case GQL_F_TrialProgress_engagementScore: gql_int(out, t->engagement_score); break;
    case GQL_F_TrialProgress_createdAt: gql_time(out, t->started_at); break;
    default: gql_time(out, t->updated_at);
    }
}

/* ---- SubscriptionStatus and what hangs on it ---- */

ns_time plan_next_billing(const struct plan_view *v) {
    const struct ns_subscription *s = &v->now.subscription;
    bool renews = v->now.has && s->is_active && !s->cancel_at_period_end && s->stripe_subscription_id != NULL;
    return !renews ? NS_TIME_NONE : s->status == NS_PAY_TRIALING ? s->trial_end : s->period_end;
}

static const struct plan_shown *shown(const struct gql_call *call, enum ns_tier tier, enum ns_province province) {
    struct plan_shown *p = NS_NEW(call->arena, struct plan_shown);
    *p = (struct plan_shown){ns_plan_of(tier), province};
    return p;
}

static void upgrades(const struct gql_call *call, const struct plan_view *v, struct gql_out *out) {
    const void **list = NS_NEW_N(call->arena, const void *, NS_TIER_COUNT);
    size_t n = 0;
    for (int t = (int)v->now.entitlement.tier + 1; t < NS_TIER_COUNT; t++) {
        list[n++] = ns_plan_of((enum ns_tier)t);
    }
    gql_objects(out, list, n);
}

static const ns_money *cents(const struct gql_call *call, ns_money amount) {
    ns_money *m = NS_NEW(call->arena, ns_money);
    *m = amount;
    return m;
}

GET(get_status) {
    const struct plan_view *v = object;
    const struct ns_subscription *s = &v->now.subscription;
    switch (call->field) {
    case GQL_F_SubscriptionStatus_id: gql_id(out, v->now.has ? s->id : v->owner); break;
    case GQL_F_SubscriptionStatus_status: gql_cstr(out, plan_access_word(&v->now.entitlement)); break;
    case GQL_F_SubscriptionStatus_currentPlan:
        gql_object(out, shown(call, v->now.entitlement.tier, v->province));
        break;
    case GQL_F_SubscriptionStatus_nextBillingDate: gql_time(out, plan_next_billing(v)); break;
    case GQL_F_SubscriptionStatus_paymentMethod: gql_object(out, v->card_count > 0 ? &v->cards[0] : NULL); break;
    case GQL_F_SubscriptionStatus_usage: gql_object(out, v); break;
    case GQL_F_SubscriptionStatus_availableUpgrades: upgrades(call, v, out); break;
    case GQL_F_SubscriptionStatus_billingDataConsent:
        gql_bool(out, v->now.has && s->consent_at != NS_TIME_NONE);
        break;
    case GQL_F_SubscriptionStatus_updatedAt: gql_time(out, v->now.has ? s->updated_at : v->member_since); break;
    case GQL_F_SubscriptionStatus_standing: gql_cstr(out, ns_standing_name(v->now.entitlement.standing)); break;
    case GQL_F_SubscriptionStatus_standsUntil: gql_time(out, v->now.entitlement.until); break;
    case GQL_F_SubscriptionStatus_waiting: gql_cstr(out, v->waiting); break;
    case GQL_F_SubscriptionStatus_waitingUntil: gql_time(out, v->waiting_until); break;
    case GQL_F_SubscriptionStatus_cancelledAt: gql_time(out, v->now.has ? s->cancelled_at : NS_TIME_NONE); break;
    case GQL_F_SubscriptionStatus_activeUntil:
        gql_time(out, v->now.entitlement.standing == NS_STANDS_ENDING ? v->now.entitlement.until : NS_TIME_NONE);
        break;
    case GQL_F_SubscriptionStatus_refundAmount:
        gql_object(out, v->has_refunded ? cents(call, v->refunded) : NULL);
        break;
    default: gql_null(out); /* prorationAmount: the processor's, known on its bill */
    }
}

GET(get_plan_shown) {
    const struct plan_shown *p = object;
    struct ns_tax_answer tax;
    switch (call->field) {
    case GQL_F_SubscriptionPlan_id:
    case GQL_F_SubscriptionPlan_name: gql_cstr(out, p->plan->id); break;
    case GQL_F_SubscriptionPlan_displayName: gql_cstr(out, ns_msg(lang(call), p->plan->name)); break;
    case GQL_F_SubscriptionPlan_description: gql_cstr(out, ns_msg(lang(call), p->plan->description)); break;
    case GQL_F_SubscriptionPlan_features: features(call, p->plan->tier, false, -1, out); break;
    case GQL_F_SubscriptionPlan_price:
    case GQL_F_SubscriptionPlan_limits: gql_object(out, p); break;
    case GQL_F_PlanPrice_amount: gql_money(out, p->plan->price); break;
    case GQL_F_PlanPrice_currency: gql_cstr(out, "CAD"); break;
    case GQL_F_PlanPrice_billingInterval: gql_cstr(out, p->plan->yearly ? "year" : "month"); break;
    case GQL_F_PlanPrice_canadianTaxes: {
        struct ns_tax_answer *a = NS_NEW(call->arena, struct ns_tax_answer);
        if (ns_billing_tax(p->plan->price, p->province, ((const struct api_ctx *)call->ctx)->today, &tax)) {
            *a = tax;
        }
        gql_object(out, a);
        break;
    }
    case GQL_F_PlanLimits_reorderSuggestions:
        if (p->plan->suggestions == NS_UNLIMITED) {
            gql_null(out);
        } else {
            gql_int(out, p->plan->suggestions);
        }
        break;
    case GQL_F_PlanLimits_familyMembers: gql_int(out, p->plan->family_members); break;
    case GQL_F_PlanLimits_priceAlerts:
        if (p->plan->price_alerts) {
            gql_null(out);
        } else {
            gql_int(out, 0);
        }
        break;
    default: gql_bool(out, p->plan->automation);
    }
}

/* QST counts as pst here. */
GET(get_breakdown) {
    const struct ns_tax_answer *a = object;
    switch (call->field) {
    case GQL_F_TaxBreakdown_gst: gql_money(out, ns_tax_of_kind(a, NS_TAX_GST)); break;
    case GQL_F_TaxBreakdown_pst:
        gql_money(out, ns_tax_of_kind(a, NS_TAX_PST) + ns_tax_of_kind(a, NS_TAX_QST));
        break;
    case GQL_F_TaxBreakdown_hst: gql_money(out, ns_tax_of_kind(a, NS_TAX_HST)); break;
    default: gql_money(out, a->total_tax);
    }
}

/* Orders and savings are measured where orders are; none were placed through here yet. */
GET(get_usage) {
    const struct plan_view *v = object;
    if (is(call, "savingsGenerated") || is(call, "totalSavings")) {
        gql_object(out, cents(call, 0));
    } else if (is(call, "currentPeriod") || is(call, "lifetime")) {
        gql_object(out, v);
    } else if (is(call, "memberSince")) {
        gql_time(out, v->member_since);
    } else {
        gql_int(out, 0);
    }
}

GET(get_amount) {
    const ns_money *m = object;
    if (is(call, "amount")) {
        gql_money(out, *m);
    } else if (is(call, "currency")) {
        gql_cstr(out, "CAD");
    } else {
        gql_null(out);
    }
}

GET(get_upgrade) {
    const struct ns_plan *p = object;
    switch (call->field) {
    case GQL_F_AvailableUpgrade_planId: gql_cstr(out, p->id); break;
    case GQL_F_AvailableUpgrade_name: gql_cstr(out, ns_msg(lang(call), p->name)); break;
    case GQL_F_AvailableUpgrade_monthlyPricing: gql_object(out, cents(call, p->price)); break;
    case GQL_F_AvailableUpgrade_newFeatures: features(call, p->tier, true, (int)p->tier - 1, out); break;
    case GQL_F_AvailableUpgrade_valueProposition: gql_cstr(out, ns_msg(lang(call), p->description)); break;
    default: gql_null(out); /* yearlyPricing: only where a yearly price is set */
    }
}

GET(get_none) {
    (void)call;
    (void)object;
    gql_null(out);
}

GET(get_cancellation) {
    const struct plan_view *v = object;
    bool can = v->now.has && v->now.subscription.is_active && !v->now.subscription.cancel_at_period_end;
    switch (call->field) {
    case GQL_F_CancellationPreview_canCancel: gql_bool(out, can); break;
    case GQL_F_CancellationPreview_currentPeriodEnd: gql_time(out, v->now.subscription.period_end); break;
    case GQL_F_CancellationPreview_refundEligible:
    case GQL_F_CancellationPreview_isRefundEligible: gql_bool(out, v->refundable); break;
    case GQL_F_CancellationPreview_refundAmount:
        if (v->refundable) {
            gql_money(out, v->last_charge.total);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_CancellationPreview_accessUntil:
    case GQL_F_CancellationPreview_accessEndsAt: gql_time(out, v->now.entitlement.until); break;
    case GQL_F_CancellationPreview_featuresLost: features(call, v->now.entitlement.tier, true, -1, out); break;
    default: gql_cstr(out, ns_msg(lang(call), NS_MSG_plan_cancel_keeps));
    }
}

/* ---- bills and cards ---- */

static void description(const struct gql_call *call, const struct ns_bill *b, struct gql_out *out) {
    static const enum ns_msg texts_of[] = {
        [NS_BILL_SUBSCRIPTION_CHARGE] = NS_MSG_bill_charge, [NS_BILL_UPGRADE] = NS_MSG_bill_upgrade,
        [NS_BILL_DOWNGRADE] = NS_MSG_bill_downgrade, [NS_BILL_REFUND] = NS_MSG_bill_refund,
        [NS_BILL_TRIAL_CONVERSION] = NS_MSG_bill_conversion, [NS_BILL_RENEWAL] = NS_MSG_bill_renewal,
        [NS_BILL_CANCELLATION_FEE] = NS_MSG_bill_fee};
    struct ns_buf text = NS_BUF(256);
    NS_MSG_TO(&text, lang(call), texts_of[b->kind], ns_msg(lang(call), ns_plan_of(b->tier)->name));
    if (b->practice) {
        ns_buf_fmt(&text, " (%s)", ns_msg(lang(call), NS_MSG_plan_practice_mark));
    }
    gql_cstr(out, ns_arena_copy(call->arena, ns_buf_view(&text)));
    ns_buf_fini(&text);
}

/* Those that were charged, each for itself. */
static void tax_lines(const struct gql_call *call, const ns_money *tax, struct gql_out *out) {
    struct ns_tax_answer *a = NS_NEW(call->arena, struct ns_tax_answer);
    for (int k = 0; k < NS_TAX_KINDS; k++) {
        if (tax[k] != NS_NO_TAX && a->part_count < 2) {
            a->part[a->part_count++] = (struct ns_tax_part){.kind = (enum ns_tax_kind)k, .cents = tax[k]};
        }
    }
    gql_object(out, a);
}

GET(get_bill) {
    const struct ns_bill *b = object;
    const struct api_ctx *ctx = call->ctx;
    switch (call->field) {
    case GQL_F_BillingRecord_id: gql_id(out, b->id); break;
    case GQL_F_BillingRecord_userId: gql_id(out, b->user_id); break;
    case GQL_F_BillingRecord_subscriptionId: gql_id(out, b->subscription_id); break;
    case GQL_F_BillingRecord_transactionType: gql_enum(out, (int)b->kind); break;
    case GQL_F_BillingRecord_description: description(call, b, out); break;
    case GQL_F_BillingRecord_subtotal: gql_money(out, b->subtotal); break;
    case GQL_F_BillingRecord_taxAmount: gql_money(out, b->total - b->subtotal); break;
    case GQL_F_BillingRecord_totalAmount: gql_money(out, b->total); break;
    case GQL_F_BillingRecord_currency: gql_cstr(out, "CAD"); break;
    case GQL_F_BillingRecord_province:
        if (b->province == NS_NONE) {
            gql_null(out);
        } else {
            gql_enum(out, b->province);
        }
        break;
    case GQL_F_BillingRecord_taxBreakdown: tax_lines(call, b->tax, out); break;
    case GQL_F_BillingRecord_taxRate: {
        struct ns_tax_answer tax;
        ns_date day = ns_zone_local_day(ctx->api->zone, b->created_at);
        if (b->province != NS_NONE && ns_billing_tax(0, (enum ns_province)b->province, day, &tax)) {
            gql_float(out, (double)ns_tax_combined_ppm(tax.rate) / 1e6);
        } else {
            gql_null(out);
        }
        break;
    }
    case GQL_F_BillingRecord_status: gql_enum(out, (int)b->status); break;
    case GQL_F_BillingRecord_stripeInvoiceId: gql_cstr(out, b->practice ? NULL : b->stripe_invoice_id); break;
    case GQL_F_BillingRecord_refunded: gql_bool(out, b->refunded > 0); break;
    case GQL_F_BillingRecord_refundAmount:
        if (b->refunded > 0) {
            gql_money(out, b->refunded);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_BillingRecord_refundReason: gql_cstr(out, b->refund_reason); break;
    case GQL_F_BillingRecord_invoiceNumber: gql_cstr(out, b->invoice_number); break;
    case GQL_F_BillingRecord_invoicePdfUrl: gql_cstr(out, b->pdf_url); break;
    case GQL_F_BillingRecord_receiptUrl: gql_cstr(out, b->invoice_url); break;
    case GQL_F_BillingRecord_periodStart: gql_time(out, b->period_start); break;
    case GQL_F_BillingRecord_periodEnd: gql_time(out, b->period_end); break;
    default: gql_time(out, b->created_at);
    }
}

GET(get_history) {
    const struct plan_page *p = object;
    switch (call->field) {
    case GQL_F_BillingHistory_records: gql_array(out, p->bills, (size_t)p->count, sizeof *p->bills); break;
    case GQL_F_BillingHistory_page: gql_int(out, p->page); break;
    case GQL_F_BillingHistory_pageSize: gql_int(out, p->size); break;
    case GQL_F_BillingHistory_totalPages: gql_int(out, (p->total + p->size - 1) / p->size); break;
    case GQL_F_BillingHistory_hasMore: gql_bool(out, (int64_t)p->page * p->size < p->total); break;
    default: gql_int(out, p->total);
    }
}

GET(get_card) {
    const struct ns_card *c = object;
    if (is(call, "id")) {
        gql_id(out, c->id);
    } else if (is(call, "userId")) {
        gql_id(out, c->user_id);
    } else if (is(call, "cardBrand")) {
        api_enum_named(out, GQL_T_CardBrand, c->brand);
    } else if (is(call, "brand")) {
        gql_cstr(out, c->brand);
    } else if (is(call, "cardLast4") || is(call, "last4")) {
        gql_cstr(out, c->last4);
    } else if (is(call, "cardExpMonth") || is(call, "expiryMonth")) {
        gql_int(out, c->exp_month);
    } else if (is(call, "cardExpYear") || is(call, "expiryYear")) {
        gql_int(out, c->exp_year);
    } else if (is(call, "isDefault")) {
        gql_bool(out, c->is_default);
    } else if (is(call, "isActive")) {
        gql_bool(out, c->is_active);
    } else if (is(call, "createdAt")) {
        gql_time(out, c->created_at);
    } else if (call->field == GQL_F_PaymentMethod_type) {
        gql_enum(out, GQL_E_PaymentMethodType_CARD);
    } else if (is(call, "type")) {
        gql_cstr(out, "card");
    } else {
        gql_time(out, c->updated_at);
    }
}

/* ---- features ---- */

static int access_source(enum ns_standing standing) {
    return standing == NS_STANDS_TRIAL         ? GQL_E_FeatureAccessSource_TRIAL
           : standing == NS_STANDS_SELF_HOSTED ? GQL_E_FeatureAccessSource_ADMIN_GRANT
           : standing == NS_STANDS_PRACTICE    ? GQL_E_FeatureAccessSource_PROMO
                                               : GQL_E_FeatureAccessSource_SUBSCRIPTION;
}

GET(get_feature) {
    const struct plan_feature_view *f = object;
    enum ns_tier from = f->feature == NULL ? NS_TIER_PREMIUM : f->feature->from;
    bool has = f->feature != NULL && from <= f->entitlement.tier;
    static const enum ns_msg needs[] = {NS_MSG_plan_needs_basic, NS_MSG_plan_needs_basic,
                                        NS_MSG_plan_needs_premium, NS_MSG_plan_needs_family};
    switch (call->field) {
    case GQL_F_FeatureAccessResponse_featureId: gql_cstr(out, f->id); break;
    case GQL_F_FeatureAccessResponse_featureName:
        gql_cstr(out, f->feature == NULL ? NULL : ns_msg(lang(call), f->feature->name));
        break;
    case GQL_F_FeatureAccessResponse_hasAccess: gql_bool(out, has); break;
    case GQL_F_FeatureAccessResponse_tierRequired: gql_enum(out, (int)from); break;
    case GQL_F_FeatureAccessResponse_accessSource:
        if (has) {
            gql_enum(out, access_source(f->entitlement.standing));
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_FeatureAccessResponse_upgradeRecommendation:
        gql_cstr(out, has || f->feature == NULL ? NULL : ns_msg(lang(call), needs[from]));
        break;
    default: gql_null(out); /* usageCount, usageLimit: nothing is counted */
    }
}

/* ---- answers to changes ---- */

static void answer_subscription(const struct gql_call *call, const struct plan_answer *a, struct gql_out *out) {
    if (a->view == NULL) {
        gql_null(out);
    } else if (call->field == GQL_F_SubscriptionChangeResponse_subscription) {
        gql_object(out, a->view);
    } else {
        gql_object(out, a->view->now.has ? &a->view->now.subscription : NULL);
    }
}

GET(get_answer) {
    const struct plan_answer *a = object;
    if (is(call, "success")) {
        gql_bool(out, a->success);
    } else if (is(call, "message")) {
        gql_cstr(out, a->message);
    } else if (is(call, "error")) {
        gql_cstr(out, a->error);
    } else if (is(call, "subscription")) {
        answer_subscription(call, a, out);
    } else if (is(call, "clientSecret")) {
        gql_cstr(out, a->client_secret);
    } else if (is(call, "checkoutUrl") || is(call, "url")) {
        gql_cstr(out, a->url);
    } else if (is(call, "paymentIntent")) {
        gql_object(out, a->client_secret == NULL ? NULL : a);
    } else if (is(call, "status")) {
        gql_cstr(out, "requires_confirmation");
    } else if (is(call, "trialProgress")) {
        gql_object(out, a->view != NULL && a->view->had_trial ? &a->view->trial : NULL);
    } else if (is(call, "paymentMethod")) {
        gql_object(out, a->card);
    } else if (is(call, "newProvince")) {
        gql_enum(out, (int)a->province);
    } else if (is(call, "newTaxRate")) {
        gql_float(out, a->tax_rate);
    } else if (is(call, "refundAmount")) {
        if (a->view != NULL && a->view->has_refunded) {
            gql_money(out, a->view->refunded);
        } else {
            gql_null(out);
        }
    } else if (is(call, "currency")) {
        gql_cstr(out, "CAD");
    } else if (is(call, "refundStatus")) {
        gql_cstr(out, a->success ? "succeeded" : NULL);
    } else if (is(call, "featuresGranted")) {
        texts(call, a->granted, a->granted_count, out);
    } else if (is(call, "featuresRevoked")) {
        texts(call, a->revoked, a->revoked_count, out);
    } else if (is(call, "recordId")) {
        gql_id(out, a->record);
    } else if (is(call, "invoiceUrl")) {
        gql_cstr(out, a->bill == NULL ? NULL : a->bill->invoice_url);
    } else if (is(call, "downloadUrl")) {
        gql_cstr(out, a->bill == NULL ? NULL : a->bill->pdf_url);
    } else {
        gql_null(out); /* refundId, expiresAt */
    }
}

struct billing_event {
    const struct plan_view *view;
    const struct ns_event *event;
};

const void *plan_billing_event(struct api_ctx *ctx, const struct plan_view *v, const struct ns_event *event) {
    struct billing_event *e = NS_NEW(ctx->arena, struct billing_event);
    *e = (struct billing_event){v, event};
    return e;
}

GET(get_billing_event) {
    const struct billing_event *e = object;
    const struct ns_subscription *s = &e->view->now.subscription;
    switch (call->field) {
    case GQL_F_BillingEvent_id:
        gql_cstr(out, ns_arena_printf(call->arena, "%lld", (long long)e->event->sequence));
        break;
    case GQL_F_BillingEvent_eventType: gql_cstr(out, "subscription.updated"); break;
    case GQL_F_BillingEvent_subscriptionId: gql_id(out, s->id); break;
    case GQL_F_BillingEvent_amountCad: gql_money(out, s->billing_amount); break;
    case GQL_F_BillingEvent_status: gql_cstr(out, ns_standing_name(e->view->now.entitlement.standing)); break;
    case GQL_F_BillingEvent_at: gql_time(out, e->event->at); break;
    default: gql_null(out); /* message, data */
    }
}

static void get_subscriptions(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_connection *c = object;
    const void **list;
    switch (call->field) {
    case GQL_F_ReorderSubscriptionConnection_items:
        list = NS_NEW_N(call->arena, const void *, (size_t)c->count);
        for (int i = 0; i < c->count; i++) {
            list[i] = c->edges[i].node;
        }
        gql_objects(out, list, (size_t)c->count);
        break;
    case GQL_F_ReorderSubscriptionConnection_totalCount: gql_int(out, c->total); break;
    case GQL_F_ReorderSubscriptionConnection_hasNextPage: gql_bool(out, c->has_next); break;
    default: gql_bool(out, c->has_previous);
    }
}

/* What a change costs, as the payment service computed it. */
GET(get_preview) {
    const struct plan_answer *a = object;
    const struct ns_stripe_outcome *o = a->success ? a->outcome : NULL;
    if (o == NULL || is(call, "success") || is(call, "message") || is(call, "error")) {
        get_answer(call, object, out);
    } else if (is(call, "subtotal")) {
        gql_money(out, o->subtotal);
    } else if (is(call, "taxAmount")) {
        gql_money(out, o->amount - o->subtotal);
    } else if (is(call, "dueNow")) {
        gql_money(out, o->amount);
    } else {
        tax_lines(call, o->tax, out);
    }
}

static const struct gql_type_bind types[] = {
    {GQL_T_HostedPageResponse, get_answer},
    {GQL_T_PlanPreviewResponse, get_preview},
    {GQL_T_PremiumSubscriptionPlan, get_plan},
    {GQL_T_FeatureLimits, get_feature_limits},
    {GQL_T_AvailablePlansResponse, get_plans},
    {GQL_T_ReorderSubscription, get_reorder_subscription},
    {GQL_T_ReorderSubscriptionConnection, get_subscriptions},
    {GQL_T_PremiumSubscription, get_premium_subscription},
    {GQL_T_TrialProgress, get_trial},
    {GQL_T_SubscriptionStatus, get_status},
    {GQL_T_SubscriptionPlan, get_plan_shown},
    {GQL_T_PlanPrice, get_plan_shown},
    {GQL_T_PlanLimits, get_plan_shown},
    {GQL_T_TaxBreakdown, get_breakdown},
    {GQL_T_SubscriptionUsage, get_usage},
    {GQL_T_PeriodUsage, get_usage},
    {GQL_T_LifetimeUsage, get_usage},
    {GQL_T_CostSavings, get_amount},
    {GQL_T_MoneyAmount, get_amount},
    {GQL_T_AvailableUpgrade, get_upgrade},
    {GQL_T_YearlyPricing, get_none},
    {GQL_T_CancellationPreview, get_cancellation},
    {GQL_T_BillingRecord, get_bill},
    {GQL_T_BillingHistory, get_history},
    {GQL_T_BillingEvent, get_billing_event},
    {GQL_T_InvoiceDownload, get_answer},
    {GQL_T_PaymentMethod, get_card},
    {GQL_T_PaymentMethodInfo, get_card},
    {GQL_T_FeatureAccessResponse, get_feature},
    {GQL_T_SubscriptionResponse, get_answer},
    {GQL_T_SubscriptionChangeResponse, get_answer},
    {GQL_T_PaymentIntentInfo, get_answer},
    {GQL_T_PremiumSubscriptionResponse, get_answer},
    {GQL_T_RefundResponse, get_answer},
    {GQL_T_TrialStartResponse, get_answer},
    {GQL_T_BillingProvinceResponse, get_answer},
    {GQL_T_PaymentMethodResponse, get_answer},
    {GQL_T_FeatureSyncResponse, get_answer},
};
const struct api_part api_plan_types_part = {NULL, 0, types, NS_COUNT(types)};
