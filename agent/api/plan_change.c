/* plan_change.c: the mutations of plans, trial, bills and cards.
 *
 * A practice home changes at once, on the spot. Elsewhere a change is asked of the processor;
 * where none is set up the answer says so and nothing changes. */
#include "agent/api/plan.h"
#include "agent/api/mutation.h"
#include "agent/billing/practice.h"
#include "agent/net/egress.h"

#include <string.h>

#define LOG_MODULE "plan"
#include "shared/base/log.h"

#define ANSWER_WITHIN_MS 25000

#define ROOT(name) static void name(const struct gql_call *call, const void *none, struct gql_out *out)

enum change_kind {
    CHANGE_TRIAL,
    CHANGE_TRACK,
    CHANGE_SUBSCRIBE,
    CHANGE_PLAN,
    CHANGE_CANCEL,
    CHANGE_RESUME,
    CHANGE_REFUND,
    CHANGE_PROVINCE,
    CHANGE_CARD_ADD,
    CHANGE_CARD_REMOVE,
    CHANGE_CARD_DEFAULT,
    CHANGE_SYNC,
    CHANGE_PORTAL,
    CHANGE_SETUP,
    CHANGE_PREVIEW,
};

struct change {
    enum change_kind kind;
    enum ns_tier tier;
    int province; /* NS_NONE: of the home */
    bool refund;  /* with a cancellation */
    bool make_default;
    const char *text; /* reason, payment method, feature */
    ns_id id;
    enum ns_trial_event event;
    ns_money value;
    struct plan_answer answer;
    struct ns_card card;
    /* asked of the payment service */
    bool asked;
    bool answered;
    enum ns_wish_kind wish;
    struct ns_stripe_outcome outcome;
};

static struct change *change_of(struct mutation *m) {
    return m->own;
}

/* ---- the work, on the writer ---- */

static ns_rc not_for_sale(const struct mutation *m, struct ns_err *err) {
    return ns_err_say(err, NS_E_NOT_SET_UP, m->ctx->api->s.sale == NS_SALE_OFF
                                                ? NS_MSG_plan_self_hosted : NS_MSG_plan_not_sold_here,
                      NULL, NULL, NULL);
}

static ns_rc consented(struct mutation *m, struct plan_view *v) {
    struct ns_subscription s = v->now.subscription;
    s.consent_at = m->act.now;
    return ns_row_subscription_put(m->act.db, &s, &m->err);
}

static ns_rc cancel(struct mutation *m, struct change *c, struct plan_view *v) {
    if (!v->now.has || !v->now.subscription.is_active) {
        return ns_err_say(&m->err, NS_E_NOT_FOUND, NS_MSG_plan_none, NULL, NULL, NULL);
    }
    if (c->refund && v->refundable) {
        v->has_refunded = true;
        return ns_practice_refund(&m->act, c->text, &v->refunded, &m->err);
    }
    return ns_practice_cancel(&m->act, false, &m->err);
}

static ns_rc card_of(struct mutation *m, struct change *c, struct plan_view *v, const struct ns_card **out) {
    for (int i = 0; i < v->card_count; i++) {
        if (ns_id_eq(v->cards[i].id, c->id)) {
            *out = &v->cards[i];
            return NS_OK;
        }
    }
    return ns_err_say(&m->err, NS_E_NOT_FOUND, NS_MSG_plan_no_card, NULL, NULL, NULL);
}

static ns_rc change_card(struct mutation *m, struct change *c, struct plan_view *v) {
    const struct ns_card *card = NULL;
    ns_rc rc = card_of(m, c, v, &card);
    if (rc != NS_OK) {
        return rc;
    }
    bool remove = c->kind == CHANGE_CARD_REMOVE;
    if (remove && v->card_count == 1 && v->now.has && v->now.subscription.is_active &&
        v->now.subscription.stripe_subscription_id != NULL) {
        return ns_err_say(&m->err, NS_E_CONFLICT, NS_MSG_plan_last_card, NULL, NULL, NULL);
    }
    struct ns_seen_card seen = {.id = card->stripe_id, .brand = card->brand, .last4 = card->last4,
                                .exp_month = card->exp_month, .exp_year = card->exp_year,
                                .is_default = !remove, .detached = remove};
    return ns_billing_see_card(&m->act, &seen, &c->card, &m->err);
}

static ns_rc practice(struct mutation *m, struct change *c, struct plan_view *v) {
    switch (c->kind) {
    case CHANGE_SUBSCRIBE:
        return ns_practice_subscribe(&m->act, c->tier, &m->err);
    case CHANGE_PLAN:
        return ns_practice_change(&m->act, c->tier, &m->err);
    case CHANGE_CANCEL:
        return cancel(m, c, v);
    case CHANGE_RESUME:
        return ns_practice_resume(&m->act, &m->err);
    case CHANGE_REFUND:
        v->has_refunded = true;
        return ns_practice_refund(&m->act, c->text, &v->refunded, &m->err);
    case CHANGE_CARD_ADD:
        return ns_practice_card(&m->act, c->text, c->make_default || v->card_count == 0, &c->card, &m->err);
    case CHANGE_CARD_REMOVE:
    case CHANGE_CARD_DEFAULT:
        return change_card(m, c, v);
    case CHANGE_TRIAL:
    case CHANGE_TRACK:
    case CHANGE_PROVINCE:
    case CHANGE_SYNC:
        break;
    case CHANGE_PORTAL:
    case CHANGE_SETUP:
    case CHANGE_PREVIEW: /* pages of a service that a practice home does not speak to */
        return ns_err_say(&m->err, NS_E_NOT_SET_UP, NS_MSG_plan_not_sold_here, NULL, NULL, NULL);
    }
    return NS_OK;
}

/* A trial that nobody bills ends by its owner's word. */
static ns_rc end_trial(struct mutation *m, struct plan_view *v) {
    struct ns_seen_subscription none = {.tier = v->now.subscription.tier,
                                        .amount = v->now.subscription.billing_amount,
                                        .status = NS_PAY_TRIALING,
                                        .trial_start = v->now.subscription.trial_start,
                                        .trial_end = v->now.subscription.trial_end,
                                        .period_start = NS_TIME_NONE, .period_end = NS_TIME_NONE,
                                        .cancelled_at = m->act.now, .cancel_at_period_end = true,
                                        .next_tier = NS_NONE};
    bool changed;
    return ns_billing_see_subscription(&m->act, &none, NS_SOURCE_TRIAL, &changed, &m->err);
}

static bool on_free_trial(const struct plan_view *v) {
    return v->now.has && v->now.subscription.is_active && v->now.subscription.source == NS_SOURCE_TRIAL;
}

/* ---- asked of the payment service ---- */

static bool is_card_id(const char *text) {
    return text != NULL && strncmp(text, "pm_", 3) == 0;
}

static ns_rc wish_of(struct mutation *m, struct change *c, struct plan_view *v, struct ns_wish *out) {
    const struct ns_card *card = NULL;
    *out = (struct ns_wish){.tier = c->tier, .province = (enum ns_province)c->province, .make_default = c->make_default};
    switch (c->kind) {
    case CHANGE_SUBSCRIBE:
        out->kind = is_card_id(c->text) ? NS_WISH_SUBSCRIBE : NS_WISH_CHECKOUT;
        out->card = is_card_id(c->text) ? c->text : NULL;
        break;
    case CHANGE_PLAN: out->kind = NS_WISH_CHANGE; break;
    case CHANGE_PREVIEW: out->kind = NS_WISH_PREVIEW; break;
    case CHANGE_CANCEL: out->kind = NS_WISH_CANCEL; break;
    case CHANGE_RESUME: out->kind = NS_WISH_RESUME; break;
    case CHANGE_PROVINCE: out->kind = NS_WISH_MOVE; break;
    case CHANGE_SETUP: out->kind = NS_WISH_SETUP; break;
    case CHANGE_PORTAL:
        out->kind = NS_WISH_PORTAL;
        out->text = c->text;
        break;
    case CHANGE_REFUND:
        out->kind = NS_WISH_REFUND;
        out->text = c->text;
        break;
    case CHANGE_CARD_ADD:
        out->kind = NS_WISH_CARD;
        out->card = is_card_id(c->text) ? c->text : "";
        out->make_default = c->make_default || v->card_count == 0;
        break;
    case CHANGE_CARD_REMOVE:
    case CHANGE_CARD_DEFAULT:
        out->kind = c->kind == CHANGE_CARD_REMOVE ? NS_WISH_CARD_REMOVE : NS_WISH_CARD_DEFAULT;
        if (card_of(m, c, v, &card) != NS_OK) {
            return m->err.rc;
        }
        if (c->kind == CHANGE_CARD_REMOVE && v->card_count == 1 && v->now.has && v->now.subscription.is_active) {
            return ns_err_say(&m->err, NS_E_CONFLICT, NS_MSG_plan_last_card, NULL, NULL, NULL);
        }
        out->card = card->stripe_id;
        break;
    case CHANGE_TRIAL:
    case CHANGE_TRACK:
    case CHANGE_SYNC:
        return ns_err_note(&m->err, NS_E_INTERNAL, "not asked of anybody");
    }
    return NS_OK;
}

static ns_rc ask(struct mutation *m, struct change *c, struct plan_view *v) {
    const struct ns_egress *gate = m->ctx->api->s.gate;
    const struct ns_egress_destination *to = ns_egress_find("stripe");
    struct ns_wish wish;
    if (gate != NULL && ns_egress_held(gate, to)) { /* nothing would come of waiting */
        return ns_err_say(&m->err, NS_E_DENIED, NS_MSG_egress_canada_only, to->id, to->jurisdiction, NULL);
    }
    ns_rc rc = wish_of(m, c, v, &wish);
    if (rc == NS_OK) {
        rc = ns_stripe_wish(ns_courier_stripe(m->ctx->api->s.courier), &m->act, &wish, &m->err);
    }
    c->asked = rc == NS_OK;
    c->wish = wish.kind;
    return rc;
}

static void on_outcome(void *arg, const struct ns_stripe_outcome *outcome) {
    struct mutation *m = arg;
    struct change *c = change_of(m);
    c->answered = outcome != NULL;
    if (outcome != NULL) {
        c->outcome = *outcome;
    }
    mutation_resume(m);
}

static bool wait_for_it(struct mutation *m) {
    struct change *c = change_of(m);
    struct ns_courier *courier = m->ctx->api->s.courier;
    if (c->kind == CHANGE_SYNC && courier != NULL) {
        ns_courier_kick(courier, m->ctx->api->zone);
    }
    if (!c->asked || m->ctx->api->closing) {
        return false;
    }
    ns_courier_wait(courier, c->wish, ANSWER_WITHIN_MS, on_outcome, m);
    ns_courier_kick(courier, m->ctx->api->zone);
    return true;
}

/* The second half: what the payment service said, as an answer. */
static ns_rc say_outcome(struct mutation *m, struct change *c) {
    const struct ns_stripe_outcome *o = &c->outcome;
    struct ns_arena *arena = m->ctx->arena;
    if (!c->answered) {
        m->message = NS_MSG_plan_kept;
        return c->wish < NS_WISH_PREVIEW ? NS_OK : ns_err_say(&m->err, NS_E_TIMEOUT, NS_MSG_plan_stripe_away, NULL, NULL, NULL);
    }
    if (!o->good) {
        if (o->said[0] != '\0') {
            LOG_INFO("act=refused note=\"%s\"", o->said);
        }
        return ns_err_say(&m->err, NS_E_CONFLICT, o->msg != 0 ? o->msg : NS_MSG_plan_stripe_refused, NULL, NULL, NULL);
    }
    c->answer.outcome = o;
    c->answer.client_secret = o->client_secret[0] == '\0' ? NULL : ns_arena_copy(arena, ns_str_of(o->client_secret));
    c->answer.url = o->url[0] == '\0' ? NULL : ns_arena_copy(arena, ns_str_of(o->url));
    m->message = c->answer.url != NULL ? NS_MSG_plan_page : c->answer.client_secret != NULL ? NS_MSG_plan_confirm : NS_MSG_NONE;
    if (o->card[0] != '\0') {
        bool known = false;
        return ns_row_card_at_stripe(m->act.db, o->card, arena, &c->card, &known, &m->err);
    }
    return NS_OK;
}

static bool sold_by_stripe(const struct mutation *m) {
    return m->ctx->api->s.courier != NULL && m->ctx->api->s.sale == NS_SALE_DIRECT;
}

static ns_rc carry_out(struct mutation *m, struct change *c, struct plan_view *v) {
    switch (c->kind) {
    case CHANGE_TRIAL:
        return ns_billing_start_trial(&m->act, c->tier, (enum ns_province)c->province, &m->err);
    case CHANGE_TRACK:
        return ns_billing_track(&m->act, c->event, c->text, c->value, &m->err);
    case CHANGE_SYNC:
        if (m->ctx->api->s.courier != NULL) {
            ns_stripe_look(ns_courier_stripe(m->ctx->api->s.courier), true);
        }
        return NS_OK;
    case CHANGE_PROVINCE:
        if (v->now.has && v->now.subscription.is_active && v->now.subscription.source == NS_SOURCE_STRIPE && sold_by_stripe(m)) {
            return ask(m, c, v);
        }
        return ns_billing_move(&m->act, (enum ns_province)c->province, &m->err);
    case CHANGE_SUBSCRIBE:
    case CHANGE_PLAN:
    case CHANGE_CANCEL:
    case CHANGE_RESUME:
    case CHANGE_REFUND:
    case CHANGE_CARD_ADD:
    case CHANGE_CARD_REMOVE:
    case CHANGE_CARD_DEFAULT:
    case CHANGE_PORTAL:
    case CHANGE_SETUP:
    case CHANGE_PREVIEW:
        break;
    }
    if (c->kind == CHANGE_CANCEL && on_free_trial(v)) {
        return end_trial(m, v);
    }
    return v->now.practice ? practice(m, c, v) : sold_by_stripe(m) ? ask(m, c, v) : not_for_sale(m, &m->err);
}

static void sync_lists(struct mutation *m, struct change *c, const struct plan_view *v) {
    const char **granted = NS_NEW_N(m->ctx->arena, const char *, 32);
    const char **revoked = NS_NEW_N(m->ctx->arena, const char *, 32);
    for (size_t i = 0; ns_plan_feature_at(i) != NULL; i++) {
        const struct ns_plan_feature *f = ns_plan_feature_at(i);
        if (f->from <= v->now.entitlement.tier) {
            granted[c->answer.granted_count++] = f->id;
        } else if (v->now.has && f->from <= v->now.subscription.tier) {
            revoked[c->answer.revoked_count++] = f->id;
        }
    }
    c->answer.granted = granted;
    c->answer.revoked = revoked;
}

static ns_rc work(struct mutation *m) {
    struct change *c = change_of(m);
    struct plan_view *before, *v;
    ns_rc rc = plan_view_load(m->ctx, m->act.db, &before, &m->err);
    if (rc == NS_OK && ns_id_is_zero(before->owner)) {
        rc = ns_err_say(&m->err, NS_E_NOT_SET_UP, NS_MSG_hh_not_set_up, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        c->province = c->province == NS_NONE ? (int)before->province : c->province;
        rc = c->asked ? say_outcome(m, c) : carry_out(m, c, before);
    }
    if (rc == NS_OK) {
        rc = plan_view_load(m->ctx, m->act.db, &v, &m->err);
    }
    if (rc == NS_OK && c->kind == CHANGE_SUBSCRIBE && v->now.has && !c->answered) {
        rc = consented(m, v);
        v->now.subscription.consent_at = m->act.now;
    }
    if (rc != NS_OK) {
        return rc;
    }
    v->has_refunded = before->has_refunded;
    v->refunded = before->refunded;
    c->answer.view = v;
    c->answer.card = ns_id_is_zero(c->card.id) ? NULL : &c->card;
    c->answer.province = v->province;
    c->answer.tax_rate = (double)v->now.subscription.total_ppm / 1e6;
    if (c->kind == CHANGE_SYNC) {
        sync_lists(m, c, v);
    }
    m->message = v->now.practice ? NS_MSG_plan_practice_done : m->message;
    mutation_event(m, NS_EVENT_PLAN, (ns_id){{0}}, v->now.subscription.id);
    return NS_OK;
}

static const void *answer(struct mutation *m) {
    struct change *c = change_of(m);
    c->answer.success = m->response.success;
    c->answer.message = m->response.message;
    c->answer.error = m->response.error;
    return &c->answer;
}

/* ---- arguments ---- */

static struct change *change_begin(const struct gql_call *call, enum change_kind kind, struct mutation **m) {
    *m = mutation_begin(call, work);
    struct change *c = NS_NEW(call->arena, struct change);
    c->kind = kind;
    c->province = NS_NONE;
    (*m)->own = c;
    (*m)->answer = answer;
    (*m)->hold = wait_for_it;
    return c;
}

/* A plan by its id in c->tier; false when out is set: the refusal is an answer, not an error. */
static bool take_plan(struct mutation *m, struct change *c, struct ns_str id, struct gql_out *out) {
    const struct ns_plan *plan = ns_plan_find(id);
    if (plan == NULL || plan->tier == NS_TIER_FREE) {
        c->answer.message = ns_msg(m->ctx->lang, NS_MSG_plan_unknown);
        c->answer.error = c->answer.message;
        gql_object(out, &c->answer);
        return false;
    }
    c->tier = plan->tier;
    return true;
}

ROOT(start_trial) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_TRIAL, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_startTrial_input].items;
    c->tier = (enum ns_tier)arg_enum(&in[GQL_I_StartTrialInput_tier], 0);
    c->province = arg_enum(&in[GQL_I_StartTrialInput_province], 0);
    mutation_submit(m, out);
}

ROOT(track_event) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_TRACK, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_trackTrialEvent_input].items;
    m->answer = NULL; /* MutationResponse */
    c->event = (enum ns_trial_event)arg_enum(&in[GQL_I_TrackTrialEventInput_eventType], 0);
    c->text = arg_text(call->arena, &in[GQL_I_TrackTrialEventInput_featureUsed]);
    c->value = arg_int(&in[GQL_I_TrackTrialEventInput_valueSaved], 0);
    mutation_submit(m, out);
}

ROOT(subscribe) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_SUBSCRIBE, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_subscribe_input].items;
    c->text = arg_text(call->arena, &in[GQL_I_SubscribeInput_paymentMethodId]);
    c->province = arg_enum(&in[GQL_I_SubscribeInput_province], 0);
    if (take_plan(m, c, in[GQL_I_SubscribeInput_planId].text, out)) {
        mutation_submit(m, out);
    }
}

ROOT(create_subscription) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_SUBSCRIBE, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_createSubscription_input].items;
    enum ns_province province;
    c->tier = (enum ns_tier)(arg_enum(&in[GQL_I_CreateSubscriptionInput_tier], 0) + 1);
    c->text = arg_text(call->arena, &in[GQL_I_CreateSubscriptionInput_stripePaymentMethodId]);
    if (!ns_province_parse(in[GQL_I_CreateSubscriptionInput_provinceCode].text, &province)) {
        c->answer.message = ns_msg(m->ctx->lang, NS_MSG_plan_bad_province); /* never assumed */
        c->answer.error = c->answer.message;
        gql_object(out, &c->answer);
        return;
    }
    c->province = (int)province;
    mutation_submit(m, out);
}

ROOT(update_subscription) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_PLAN, &m);
    const struct gql_value *input = &call->args[GQL_A_Mutation_updateSubscription_input];
    const struct gql_value *plan = &call->args[GQL_A_Mutation_updateSubscription_planId];
    if (gql_given(input)) {
        const struct gql_value *in = input->items;
        if (gql_given(&in[GQL_I_UpdateSubscriptionInput_cancelAtPeriodEnd])) {
            c->kind = arg_bool(&in[GQL_I_UpdateSubscriptionInput_cancelAtPeriodEnd], false) ? CHANGE_CANCEL
                                                                                            : CHANGE_RESUME;
        } else {
            c->tier = (enum ns_tier)(arg_enum(&in[GQL_I_UpdateSubscriptionInput_tier], -1) + 1);
        }
        mutation_submit(m, out);
        return;
    }
    if (take_plan(m, c, gql_given(plan) ? plan->text : NS_STR(""), out)) {
        mutation_submit(m, out);
    }
}

ROOT(change_plan) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_PLAN, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_changeSubscriptionPlan_input].items;
    if (take_plan(m, c, in[GQL_I_ChangeSubscriptionPlanInput_newPlanId].text, out)) {
        mutation_submit(m, out);
    }
}

ROOT(cancel_subscription) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_CANCEL, &m);
    c->text = arg_text(call->arena, &call->args[GQL_A_Mutation_cancelSubscription_reason]);
    mutation_submit(m, out);
}

ROOT(cancel_premium) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_CANCEL, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_cancelSubscriptionPremium_input].items;
    c->text = arg_text(call->arena, &in[GQL_I_CancelSubscriptionInput_reason]);
    c->refund = arg_bool(&in[GQL_I_CancelSubscriptionInput_requestRefund], false);
    mutation_submit(m, out);
}

ROOT(request_refund) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_REFUND, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_requestRefund_input].items;
    c->text = arg_text(call->arena, &in[GQL_I_RequestRefundInput_reason]);
    mutation_submit(m, out);
}

ROOT(move_province) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_PROVINCE, &m);
    c->province = arg_enum(&call->args[GQL_A_Mutation_updateBillingProvince_province], 0);
    c->answer.province = (enum ns_province)c->province;
    mutation_submit(m, out);
}

ROOT(add_card) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_CARD_ADD, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_addPaymentMethod_input].items;
    c->text = arg_text(call->arena, &in[GQL_I_AddPaymentMethodInput_stripePaymentMethodId]);
    c->make_default = arg_bool(&in[GQL_I_AddPaymentMethodInput_setAsDefault], false);
    mutation_submit(m, out);
}

static void card_root(const struct gql_call *call, enum change_kind kind, int arg, struct gql_out *out) {
    struct mutation *m;
    struct change *c = change_begin(call, kind, &m);
    if (need_id(m->ctx, &call->args[arg], &c->id, out)) {
        mutation_submit(m, out);
    }
}

ROOT(remove_card) {
    (void)none;
    card_root(call, CHANGE_CARD_REMOVE, GQL_A_Mutation_removePaymentMethod_paymentMethodId, out);
}

ROOT(default_card) {
    (void)none;
    card_root(call, CHANGE_CARD_DEFAULT, GQL_A_Mutation_setDefaultPaymentMethod_paymentMethodId, out);
}

ROOT(sync_features) {
    (void)none;
    struct mutation *m;
    (void)change_begin(call, CHANGE_SYNC, &m);
    mutation_submit(m, out);
}

ROOT(open_portal) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_PORTAL, &m);
    static const char *const flows[] = {"payment_method_update", "subscription_cancel", "subscription_update"};
    const char *flow = arg_text(call->arena, &call->args[GQL_A_Mutation_openBillingPortal_flow]);
    for (size_t i = 0; flow != NULL && i < NS_COUNT(flows); i++) {
        c->text = strcmp(flow, flows[i]) == 0 ? flows[i] : c->text;
    }
    mutation_submit(m, out);
}

ROOT(setup_intent) {
    (void)none;
    struct mutation *m;
    (void)change_begin(call, CHANGE_SETUP, &m);
    mutation_submit(m, out);
}

ROOT(preview_change) {
    (void)none;
    struct mutation *m;
    struct change *c = change_begin(call, CHANGE_PREVIEW, &m);
    if (take_plan(m, c, call->args[GQL_A_Mutation_previewPlanChange_planId].text, out)) {
        mutation_submit(m, out);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Mutation_openBillingPortal, open_portal},
    {GQL_F_Mutation_createSetupIntent, setup_intent},
    {GQL_F_Mutation_previewPlanChange, preview_change},
    {GQL_F_Mutation_startTrial, start_trial},
    {GQL_F_Mutation_trackTrialEvent, track_event},
    {GQL_F_Mutation_subscribe, subscribe},
    {GQL_F_Mutation_createSubscription, create_subscription},
    {GQL_F_Mutation_updateSubscription, update_subscription},
    {GQL_F_Mutation_changeSubscriptionPlan, change_plan},
    {GQL_F_Mutation_cancelSubscription, cancel_subscription},
    {GQL_F_Mutation_cancelSubscriptionPremium, cancel_premium},
    {GQL_F_Mutation_requestRefund, request_refund},
    {GQL_F_Mutation_updateBillingProvince, move_province},
    {GQL_F_Mutation_addPaymentMethod, add_card},
    {GQL_F_Mutation_removePaymentMethod, remove_card},
    {GQL_F_Mutation_setDefaultPaymentMethod, default_card},
    {GQL_F_Mutation_syncFeatureAccess, sync_features},
};
const struct api_part api_plan_change_part = {roots, NS_COUNT(roots), NULL, 0};
