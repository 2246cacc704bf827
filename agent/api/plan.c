/* plan.c: plans, trial, bills, cards and feature access, read. */
#include "agent/api/plan.h"
#include "agent/store/outbox.h"
#include "agent/store/rows.h"
#include "agent/store/stripe.h"

#include <string.h>

#define ROOT(name) static void name(const struct gql_call *call, const void *none, struct gql_out *out)

static struct ns_db *reader(const struct api_ctx *ctx) {
    return ctx->api->s.read_db;
}

/* What is still open with the payment service: a person's question first, then what is on its way. */
static ns_rc waiting_load(struct api_ctx *ctx, struct ns_db *db, struct plan_view *v, struct ns_err *err) {
    static const char *const chains[] = {"customer", "subscription", "card", "move", "refund"};
    struct ns_stripe_state state;
    struct ns_intent intent;
    bool open = false;
    v->waiting_until = NS_TIME_NONE;
    ns_rc rc = NS_OK;
    for (size_t i = 0; rc == NS_OK && i < NS_COUNT(chains) && v->waiting == NULL; i++) {
        rc = ns_row_intent_open(db, chains[i], ctx->arena, &intent, &open, err);
        v->waiting = rc == NS_OK && open && intent.state == NS_INTENT_HUMAN ? "person" : NULL;
    }
    if (rc == NS_OK && v->waiting == NULL) {
        rc = ns_row_intent_due(db, INT64_MAX, ctx->arena, &intent, &open, err);
        v->waiting = rc == NS_OK && open ? "request" : NULL;
    }
    if (rc == NS_OK && v->waiting == NULL) {
        rc = ns_row_stripe(db, ctx->arena, &state, err);
        if (rc == NS_OK && state.purchase != NULL && ctx->now < state.purchase_until) {
            v->waiting = "page";
            v->waiting_until = state.purchase_until;
        }
    }
    return rc;
}

ns_rc plan_view_load(struct api_ctx *ctx, struct ns_db *db, struct plan_view **out,
                     struct ns_err *err) {
    struct plan_view *v = NS_NEW(ctx->arena, struct plan_view);
    struct ns_household home;
    struct ns_child *children;
    bool there = false;
    *out = v;
    ns_rc rc = ns_row_household(db, ctx->arena, &home, &there, err);
    if (rc != NS_OK || !there) {
        v->now.entitlement = ns_entitlement_of(ctx->api->s.sale != NS_SALE_OFF, NULL, ctx->now);
        return rc;
    }
    v->owner = home.owner_id;
    v->member_since = home.created_at;
    v->province = home.province;
    rc = ns_billing_now(db, v->owner, ctx->api->s.sale, ctx->now, ctx->arena, &v->now, err);
    if (rc == NS_OK) {
        rc = ns_row_trial(db, v->owner, &v->trial, &v->had_trial, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_cards(db, v->owner, ctx->arena, &v->cards, &v->card_count, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_children(db, ctx->arena, &children, &v->children, err);
    }
    if (rc == NS_OK && v->now.has && ns_billing_cooling_off(&v->now.subscription, ctx->now)) {
        rc = ns_billing_refundable(db, v->owner, ctx->arena, &v->last_charge, &v->refundable, err);
    }
    if (v->now.has) {
        v->province = v->now.subscription.province;
    }
    return rc == NS_OK ? waiting_load(ctx, db, v, err) : rc;
}

const char *plan_access_word(const struct ns_entitlement *e) {
    if (e->tier == NS_TIER_FREE) {
        return "free";
    }
    return e->tier == NS_TIER_FAMILY && e->standing != NS_STANDS_TRIAL ? "family" : "premium";
}

static struct plan_view *view(const struct gql_call *call, struct gql_out *out) {
    struct plan_view *v;
    struct ns_err err = {0};
    ns_rc rc = plan_view_load(call->ctx, reader(call->ctx), &v, &err);
    if (rc != NS_OK) {
        api_fail(call->ctx, out, rc, &err);
        return NULL;
    }
    return v;
}

/* ---- plans ---- */

static const struct ns_plan *recommended(const struct plan_view *v) {
    enum ns_tier fits = v->children <= 1 ? NS_TIER_BASIC : v->children <= 3 ? NS_TIER_PREMIUM : NS_TIER_FAMILY;
    return fits > v->now.entitlement.tier ? ns_plan_of(fits) : NULL;
}

ROOT(get_plans) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v != NULL) {
        struct plan_plans *p = NS_NEW(call->arena, struct plan_plans);
        *p = (struct plan_plans){v->now.entitlement.tier, recommended(v)};
        gql_object(out, p);
    }
}

ROOT(get_plan) {
    (void)none;
    gql_object(out, ns_plan_find(call->args[GQL_A_Query_subscriptionPlan_planId].text));
}

ROOT(get_subscription) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v != NULL) {
        gql_object(out, v->now.has ? &v->now.subscription : NULL);
    }
}

ROOT(get_status) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v != NULL) {
        gql_object(out, ns_id_is_zero(v->owner) ? NULL : v);
    }
}

ROOT(get_trial) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v != NULL) {
        gql_object(out, v->had_trial ? &v->trial : NULL);
    }
}

ROOT(get_cancellation) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v != NULL) {
        gql_object(out, v->now.has ? v : NULL);
    }
}

static int clamp(int64_t value, int64_t low, int64_t high) {
    return (int)(value < low ? low : value > high ? high : value);
}

ROOT(get_my_subscription) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_subscription *rows;
    int count = 0;
    int64_t offset;
    struct ns_err err = {0};
    if (!arg_after(ctx, &call->args[GQL_A_Query_getMySubscription_after], &offset, out)) {
        return;
    }
    ns_rc rc = ns_row_subscriptions(reader(ctx), ctx->api->owner.user, 500, ctx->arena, &rows, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    int from = clamp(offset, 0, count);
    int n = clamp(arg_int(&call->args[GQL_A_Query_getMySubscription_first], 10), 0, count - from);
    gql_object(out, api_connection_of(ctx->arena, rows + from, sizeof *rows, n, from, count));
}

/* ---- bills ---- */

/* page and pageSize, or limit and offset; a page counts from 1. */
static void span_of(const struct gql_call *call, struct plan_page *p, int64_t *offset) {
    const struct gql_value *a = call->args;
    p->size = clamp(arg_int(&a[GQL_A_Query_myBillingHistory_pageSize],
                            arg_int(&a[GQL_A_Query_myBillingHistory_limit], 20)), 1, 500);
    int64_t page = clamp(arg_int(&a[GQL_A_Query_myBillingHistory_page], 1), 1, 100000);
    *offset = gql_given(&a[GQL_A_Query_myBillingHistory_offset])
                  ? clamp(a[GQL_A_Query_myBillingHistory_offset].integer, 0, INT32_MAX)
                  : (page - 1) * p->size;
    p->page = (int)(*offset / p->size) + 1;
}

ROOT(get_history) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct plan_page *p = NS_NEW(ctx->arena, struct plan_page);
    struct ns_err err = {0};
    int64_t offset;
    span_of(call, p, &offset);
    ns_rc rc = ns_row_bills(reader(ctx), ctx->api->owner.user, p->size, (int)offset, ctx->arena, &p->bills,
                            &p->count, &p->total, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, p);
}

/* The bill an argument names; false when out is set already. */
static bool find_bill(const struct gql_call *call, const struct gql_value *arg, struct ns_bill **out_bill,
                      ns_id *id, struct gql_out *out) {
    struct api_ctx *ctx = call->ctx;
    bool found = false;
    struct ns_err err = {0};
    if (!need_id(ctx, arg, id, out)) {
        return false;
    }
    struct ns_bill *bill = NS_NEW(ctx->arena, struct ns_bill);
    ns_rc rc = ns_row_bill(reader(ctx), *id, ctx->arena, bill, &found, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return false;
    }
    *out_bill = found ? bill : NULL;
    return true;
}

ROOT(get_bill) {
    (void)none;
    struct ns_bill *bill;
    ns_id id;
    if (find_bill(call, &call->args[GQL_A_Query_billingRecord_recordId], &bill, &id, out)) {
        gql_object(out, bill);
    }
}

ROOT(get_download) {
    (void)none;
    struct ns_bill *bill;
    ns_id id;
    struct api_ctx *ctx = call->ctx;
    if (!find_bill(call, &call->args[GQL_A_Query_downloadInvoice_recordId], &bill, &id, out)) {
        return;
    }
    struct plan_answer *a = NS_NEW(ctx->arena, struct plan_answer);
    a->record = id;
    a->bill = bill;
    a->success = bill != NULL && (bill->pdf_url != NULL || bill->invoice_url != NULL);
    if (!a->success) {
        a->error = ns_msg(ctx->lang, bill == NULL ? NS_MSG_plan_no_bill : NS_MSG_plan_bill_here);
    }
    gql_object(out, a);
}

/* ---- cards and features ---- */

ROOT(get_cards) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v != NULL) {
        gql_array(out, v->cards, (size_t)v->card_count, sizeof *v->cards);
    }
}

static const struct plan_feature_view *feature_view(struct ns_arena *arena, const char *id,
                                                    const struct plan_view *v) {
    struct plan_feature_view *f = NS_NEW(arena, struct plan_feature_view);
    *f = (struct plan_feature_view){id, ns_plan_feature_find(ns_str_of(id)), v->now.entitlement};
    return f;
}

ROOT(check_feature) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v != NULL) {
        const char *id = arg_text(call->arena, &call->args[GQL_A_Query_checkFeatureAccess_featureId]);
        gql_object(out, feature_view(call->arena, id, v));
    }
}

ROOT(get_features) {
    (void)none;
    struct plan_view *v = view(call, out);
    if (v == NULL) {
        return;
    }
    const void **list = NS_NEW_N(call->arena, const void *, 32);
    size_t n = 0;
    for (; ns_plan_feature_at(n) != NULL; n++) {
        list[n] = feature_view(call->arena, ns_plan_feature_at(n)->id, v);
    }
    gql_objects(out, list, n);
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_availablePlans, get_plans},
    {GQL_F_Query_subscriptionPlan, get_plan},
    {GQL_F_Query_mySubscription, get_subscription},
    {GQL_F_Query_getMySubscription, get_my_subscription},
    {GQL_F_Query_getSubscriptionStatus, get_status},
    {GQL_F_Query_myTrialProgress, get_trial},
    {GQL_F_Query_cancellationPreview, get_cancellation},
    {GQL_F_Query_myBillingHistory, get_history},
    {GQL_F_Query_billingRecord, get_bill},
    {GQL_F_Query_downloadInvoice, get_download},
    {GQL_F_Query_myPaymentMethods, get_cards},
    {GQL_F_Query_checkFeatureAccess, check_feature},
    {GQL_F_Query_myFeatureAccess, get_features},
};
const struct api_part api_plan_part = {roots, NS_COUNT(roots), NULL, 0};
