/* suggestions.c: what to order next, and why; and not to be reminded of it. Threads: loop thread; a
 * pause is set on the writer. */
#include "agent/api/mutation.h"
#include "agent/api/shop.h"
#include "agent/order/suggest.h"

#include <stdio.h>

#define REASONS 6
#define KEPT_DAYS 0 /* no term: until the family erases it */

struct plan_words {
    struct ns_arena *arena;
    enum ns_lang lang;
    const char *list[REASONS];
    int count;
};

static void say(struct plan_words *w, enum ns_msg msg, const char *a, const char *b, const char *c) {
    struct ns_buf buf = NS_BUF(2000);
    if (w->count < REASONS && NS_MSG_TO(&buf, w->lang, msg, a, b, c)) {
        w->list[w->count++] = ns_arena_copy(w->arena, ns_buf_view(&buf));
    }
    ns_buf_fini(&buf);
}

static const char *whole(struct plan_words *w, int64_t value) {
    return ns_arena_printf(w->arena, "%lld", (long long)value);
}

static const char *days(struct plan_words *w, int64_t n) {
    struct ns_buf buf = NS_BUF(60);
    NS_MSG_TO(&buf, w->lang, ns_msg_plural(w->lang, n, NS_MSG_count_day_one, NS_MSG_count_day_other), whole(w, n));
    const char *text = ns_arena_copy(w->arena, ns_buf_view(&buf));
    ns_buf_fini(&buf);
    return text;
}

static const char *date(struct plan_words *w, ns_date day) {
    struct ns_buf buf = NS_BUF(60);
    ns_text_date(&buf, w->lang, day, false);
    const char *text = ns_arena_copy(w->arena, ns_buf_view(&buf));
    ns_buf_fini(&buf);
    return text;
}

/* ---- reasons ---- */

static const char *next_size(struct plan_words *w, const struct ns_suggestion *s) {
    enum ns_size size = s->child.current_size;
    return s->prediction.predicted_new_size != NULL ? s->prediction.predicted_new_size
           : size < NS_SIZE_7                       ? ns_size_display((enum ns_size)(size + 1))
                                                    : date(w, s->prediction.size_change_estimated_date);
}

static void say_packs(struct plan_words *w, const struct ns_suggestion *s) {
    const struct ns_reorder *p = &s->plan;
    bool few = p->held_back > 0;
    say(w, few ? ns_msg_plural(w->lang, p->packs, NS_MSG_plan_packs_few_one, NS_MSG_plan_packs_few_other)
               : ns_msg_plural(w->lang, p->packs, NS_MSG_plan_packs_one, NS_MSG_plan_packs_other),
        whole(w, p->packs), whole(w, s->pack_pieces), days(w, p->review_days));
    if (few && s->prediction.size_change_estimated_date != NS_DATE_NONE) {
        say(w, NS_MSG_plan_held_back, next_size(w, s), date(w, s->prediction.size_change_estimated_date),
            whole(w, p->held_back));
    } else if (few) {
        say(w, NS_MSG_plan_held_back_soon, whole(w, p->held_back), NULL, NULL);
    }
}

static void say_plan(struct plan_words *w, const struct ns_suggestion *s, ns_date today) {
    const struct ns_reorder *p = &s->plan;
    if (p->runout != NS_DATE_NONE && s->left != NS_NONE) {
        say(w, NS_MSG_plan_runs_out, whole(w, s->left), date(w, p->runout), NULL);
    }
    switch (p->kind) {
    case NS_PLAN_NO_FORECAST: say(w, NS_MSG_plan_no_forecast, NULL, NULL, NULL); break;
    case NS_PLAN_NO_STOCK: say(w, NS_MSG_plan_no_stock, NULL, NULL, NULL); break;
    case NS_PLAN_COVERED: say(w, NS_MSG_plan_covered, s->order.number, NULL, NULL); break;
    case NS_PLAN_OUTGROWN:
        say(w, NS_MSG_plan_outgrown, next_size(w, s), date(w, s->prediction.size_change_estimated_date), NULL);
        break;
    case NS_PLAN_LASTS: say(w, NS_MSG_plan_lasts, NULL, NULL, NULL); break;
    case NS_PLAN_LATER:
    case NS_PLAN_DUE:
        say(w, p->order_by <= today ? NS_MSG_plan_order_today : NS_MSG_plan_order_by, days(w, p->slow_days),
            date(w, p->order_by), NULL);
        say_packs(w, s);
        break;
    }
    if (s->pause.kind != NS_REORDER_NONE) {
        say(w, s->pause.until == NS_DATE_NONE ? NS_MSG_plan_paused : NS_MSG_plan_paused_until,
            s->pause.until == NS_DATE_NONE ? NULL : date(w, s->pause.until), NULL, NULL);
    }
}

static void put_reasons(const struct gql_call *call, const struct ns_suggestion *s, struct gql_out *out) {
    struct api_ctx *ctx = call->ctx;
    struct plan_words *w = NS_NEW(call->arena, struct plan_words);
    w->arena = call->arena;
    w->lang = ctx->lang;
    say_plan(w, s, ctx->today);
    api_words_list(out, call->arena, w->list, w->count);
}

/* ---- queries ---- */

static ns_rc load(struct api_ctx *ctx, ns_id only, struct ns_suggestion **out, int *count, struct ns_err *err) {
    struct ns_act act = api_act(ctx, ctx->api->s.read_db);
    const struct ns_child *children = NULL;
    int n = 0;
    *count = 0;
    ns_rc rc = ns_child_list(act.db, ctx->arena, &children, &n, err);
    *out = NS_NEW_N(ctx->arena, struct ns_suggestion, (size_t)n);
    for (int i = 0; rc == NS_OK && i < n; i++) {
        if (ns_id_is_zero(only) || ns_id_eq(only, children[i].id)) {
            rc = ns_suggest(&act, ctx->api->province, children[i].id, &(*out)[(*count)++], err);
        }
    }
    return rc;
}

static void plans(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_suggestion *all = NULL;
    struct ns_err err = {0};
    ns_id child;
    int count = 0;
    if (!need_id(ctx, &call->args[GQL_A_Query_reorderPlans_childId], &child, out)) {
        return;
    }
    ns_rc rc = load(ctx, child, &all, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, all, (size_t)count, sizeof *all);
}

static void suggestions(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_suggestion *all = NULL;
    struct ns_err err = {0};
    ns_id child;
    int count = 0;
    if (!need_id(ctx, &call->args[GQL_A_Query_getReorderSuggestions_childId], &child, out) ||
        !shop_entitled(ctx, "reorder_suggestions", out)) {
        return;
    }
    ns_rc rc = load(ctx, child, &all, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    bool any = count == 1 && ns_suggestion_stands(all) && arg_int(&call->args[GQL_A_Query_getReorderSuggestions_limit], 10) > 0;
    gql_array(out, all, any ? 1 : 0, sizeof *all);
}

static void put_offer_part(const struct gql_call *call, const struct ns_suggestion *s, struct gql_out *out) {
    if (!s->offered) {
        gql_null(out);
        return;
    }
    switch (call->field) {
    case GQL_F_ReorderPlan_productName: gql_cstr(out, s->offer.product.title); break;
    case GQL_F_ReorderPlan_retailerType: gql_enum(out, (int)s->offer.offer.retailer); break;
    case GQL_F_ReorderPlan_shop: gql_cstr(out, s->offer.offer.shop); break;
    case GQL_F_ReorderPlan_taxCad:
        gql_money(out, s->offer.landed.total - s->offer.landed.goods - s->offer.landed.shipping);
        break;
    default: gql_money(out, s->offer.landed.total);
    }
}

static void put_count(int64_t value, bool known, struct gql_out *out) {
    if (known) {
        gql_int(out, value);
    } else {
        gql_null(out);
    }
}

static void get_plan(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_suggestion *s = object;
    switch (call->field) {
    case GQL_F_ReorderPlan_childId: gql_id(out, s->child.id); break;
    case GQL_F_ReorderPlan_childName: gql_cstr(out, s->child.name); break;
    case GQL_F_ReorderPlan_kind: gql_enum(out, (int)s->plan.kind); break;
    case GQL_F_ReorderPlan_stands: gql_bool(out, ns_suggestion_stands(s)); break;
    case GQL_F_ReorderPlan_size: gql_cstr(out, ns_size_name(s->child.current_size)); break;
    case GQL_F_ReorderPlan_left: put_count(s->left, s->left != NS_NONE, out); break;
    case GQL_F_ReorderPlan_orderBy: gql_date(out, s->plan.order_by); break;
    case GQL_F_ReorderPlan_runsOutOn: gql_date(out, s->plan.runout); break;
    case GQL_F_ReorderPlan_priority: gql_int(out, s->plan.priority); break;
    case GQL_F_ReorderPlan_packs: gql_int(out, s->plan.packs); break;
    case GQL_F_ReorderPlan_piecesPerPack: put_count(s->pack_pieces, s->pack_pieces > 0, out); break;
    case GQL_F_ReorderPlan_packsHeldBack: gql_int(out, s->plan.held_back); break;
    case GQL_F_ReorderPlan_openOrderNumber: gql_cstr(out, s->ordered ? s->order.number : NULL); break;
    case GQL_F_ReorderPlan_pause: gql_enum(out, (int)s->pause.kind); break;
    case GQL_F_ReorderPlan_pausedUntil: gql_date(out, s->pause.until); break;
    case GQL_F_ReorderPlan_reasons: put_reasons(call, s, out); break;
    default: put_offer_part(call, s, out);
    }
}

/* ---- the suggestion as phones know it ---- */

/* Where no product is known: the size by its name, under the child's id, which no product has. */
static const struct ns_product *product_of(const struct gql_call *call, const struct ns_suggestion *s) {
    struct ns_product *p = NS_NEW(call->arena, struct ns_product);
    if (s->offered) {
        return &s->offer.product;
    }
    *p = (struct ns_product){.id = s->child.id, .title = ns_size_display(s->child.current_size), .brand = "",
                             .class = NS_TAX_CLASS_DIAPER_DISPOSABLE, .size = (int)s->child.current_size,
                             .pieces = s->pack_pieces};
    return p;
}

static void put_shops(const struct gql_call *call, const struct ns_suggestion *s, struct gql_out *out) {
    struct shop_offer *o = NS_NEW(call->arena, struct shop_offer);
    struct ns_err err = {0};
    ns_rc rc = s->offered ? shop_offer_make(call->ctx, &s->offer, s->plan.packs, o, &err) : NS_OK;
    if (rc != NS_OK) {
        api_fail(call->ctx, out, rc, &err);
        return;
    }
    gql_array(out, o, s->offered ? 1 : 0, sizeof *o);
}

static double fraction(const struct ns_suggestion *s) {
    static const double of[] = {0.3, 0.5, 0.7, 0.85, 0.95};
    enum ns_prediction_confidence level;
    return ns_prediction_confidence_parse(ns_str_of(s->prediction.confidence_level), &level) ? of[level] : of[0];
}

static const ns_money nothing_saved;

static void get_suggestion(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_suggestion *s = object;
    struct ns_err none = {0};
    switch (call->field) {
    case GQL_F_ReorderSuggestion_id: gql_id(out, s->prediction.id); break;
    case GQL_F_ReorderSuggestion_childId: gql_id(out, s->child.id); break;
    case GQL_F_ReorderSuggestion_productId: gql_id(out, product_of(call, s)->id); break;
    case GQL_F_ReorderSuggestion_product: gql_object(out, product_of(call, s)); break;
    case GQL_F_ReorderSuggestion_predictedRunOutDate:
        api_day_as_instant(call->ctx, out, s->plan.runout != NS_DATE_NONE ? s->plan.runout : s->plan.order_by);
        break;
    case GQL_F_ReorderSuggestion_confidence: gql_float(out, fraction(s)); break;
    case GQL_F_ReorderSuggestion_priority: gql_int(out, s->plan.priority); break;
    case GQL_F_ReorderSuggestion_suggestedQuantity: gql_int(out, s->plan.packs); break;
    case GQL_F_ReorderSuggestion_currentInventoryLevel: gql_int(out, s->left == NS_NONE ? 0 : s->left); break;
    case GQL_F_ReorderSuggestion_availableRetailers: put_shops(call, s, out); break;
    case GQL_F_ReorderSuggestion_createdAt:
    case GQL_F_ReorderSuggestion_updatedAt: gql_time(out, s->prediction.created_at); break;
    case GQL_F_ReorderSuggestion_mlProcessingConsent: {
        struct api_ctx *ctx = call->ctx;
        gql_bool(out, ns_consent_need(ctx->api->s.read_db, ctx->now, NS_CONSENT_CHILD_DATA, &none) == NS_OK);
        break;
    }
    case GQL_F_ReorderSuggestion_dataRetentionDays: gql_int(out, KEPT_DAYS); break;
    case GQL_F_ReorderSuggestion_estimatedCostSavings: gql_object(out, &nothing_saved); break; /* nothing was bought to measure it by */
    default: gql_object(out, s); /* usagePattern */
    }
}

/* The last seven whole days against the seven before, in per cent. */
static void put_trend(const struct gql_call *call, const struct ns_suggestion *s, struct gql_out *out) {
    struct api_ctx *ctx = call->ctx;
    struct ns_series days;
    struct ns_err err = {0};
    int64_t sums[2] = {0, 0};
    ns_rc rc = ns_household_usage_days(ctx->api->s.read_db, s->child.id, ctx->today, 15, ctx->arena, &days, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    for (int i = 0; i < 14 && i < days.count - 1; i++) { /* but for today */
        sums[i / 7] += days.days[i].count;
    }
    gql_float(out, sums[0] == 0 ? 0 : (double)((sums[1] - sums[0]) * 1000 / sums[0]) / 10);
}

static void get_pattern(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_suggestion *s = object;
    switch (call->field) {
    case GQL_F_ReorderUsagePattern_averageDailyUsage: gql_float(out, s->prediction.current_consumption_rate); break;
    case GQL_F_ReorderUsagePattern_weeklyTrend: put_trend(call, s, out); break;
    default: gql_raw(out, NS_STR("{}"));
    }
}

static void get_shop(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct shop_offer *o = object;
    const struct ns_offer_row *row = &o->seen->offer;
    switch (call->field) {
    case GQL_F_RetailerInfo_id: gql_id(out, row->id); break;
    case GQL_F_RetailerInfo_name: gql_cstr(out, row->shop); break;
    case GQL_F_RetailerInfo_price: gql_object(out, o); break;
    case GQL_F_RetailerInfo_deliveryTime: gql_int(out, row->delivery_days == NS_NONE ? 0 : row->delivery_days); break;
    case GQL_F_RetailerInfo_inStock: gql_bool(out, row->availability != NS_OUT_OF_STOCK); break;
    case GQL_F_RetailerInfo_freeShipping: gql_bool(out, o->seen->landed.shipping == 0); break;
    default: gql_null(out); /* no logo, no rating, no tag */
    }
}

/* ---- pauses ---- */

static ns_rc pause_work(struct mutation *m) {
    const enum ns_reorder_pause *kind = m->own;
    struct ns_suggestion *s = NS_NEW(m->ctx->arena, struct ns_suggestion);
    m->response.payload = s;
    mutation_event(m, NS_EVENT_CHILD, m->id, m->id);
    return ns_reorder_pause(&m->act, m->ctx->api->province, m->id, *kind, s, &m->err);
}

static const void *pause_answer(struct mutation *m) {
    const struct ns_suggestion *s = m->response.payload;
    struct plan_words w = {.arena = m->ctx->arena, .lang = m->ctx->lang};
    if (m->rc == NS_OK) {
        say(&w, s->pause.kind == NS_REORDER_NONE    ? NS_MSG_plan_unpaused
                : s->pause.until == NS_DATE_NONE ? NS_MSG_plan_paused
                                                 : NS_MSG_plan_paused_until,
            s->pause.until == NS_DATE_NONE ? NULL : date(&w, s->pause.until), NULL, NULL);
        m->response.message = w.list[0];
    }
    return &m->response;
}

static void pause_reorder(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, pause_work);
    enum ns_reorder_pause *kind = NS_NEW(m->ctx->arena, enum ns_reorder_pause);
    *kind = (enum ns_reorder_pause)arg_enum(&call->args[GQL_A_Mutation_pauseReorder_pause], NS_REORDER_NONE);
    m->own = kind;
    m->answer = pause_answer;
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_pauseReorder_childId], &m->id, out)) {
        mutation_submit(m, out);
    }
}

static void get_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_response *r = object;
    switch (call->field) {
    case GQL_F_ReorderPlanResponse_success: gql_bool(out, r->success); break;
    case GQL_F_ReorderPlanResponse_message: gql_cstr(out, r->message); break;
    default: gql_object(out, r->success ? r->payload : NULL);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_getReorderSuggestions, suggestions},
    {GQL_F_Query_reorderPlans, plans},
    {GQL_F_Mutation_pauseReorder, pause_reorder},
};
static const struct gql_type_bind types[] = {
    {GQL_T_ReorderPlan, get_plan},
    {GQL_T_ReorderPlanResponse, get_response},
    {GQL_T_ReorderSuggestion, get_suggestion},
    {GQL_T_ReorderUsagePattern, get_pattern},
    {GQL_T_RetailerInfo, get_shop},
};
const struct api_part api_suggestions_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
