/* preferences.c: getReorderPreferences and the two mutations that write them. Threads: loop thread. */
#include "agent/api/forecaster.h"
#include "agent/api/mutation.h"
#include "agent/api/plan.h"
#include "agent/household/preferences.h"
#include "agent/store/rows.h"

#include <string.h>

/* What a reader sees: the row, and the plan under which it stands. */
struct shown {
    struct ns_preferences p;
    ns_id subscription; /* zero: none */
};

static void read_texts(struct ns_arena *arena, const struct gql_value *v, struct ns_preferences *to) {
    const char **texts = NS_NEW_N(arena, const char *, v->count);
    for (uint32_t i = 0; i < v->count; i++) {
        texts[i] = ns_arena_copy(arena, v->items[i].text);
    }
    to->brands = texts;
    to->brand_count = (int)v->count;
}

static void read_numbers(struct ns_arena *arena, const struct gql_value *retailers, const struct gql_value *days,
                         struct ns_preferences_input *in) {
    if (gql_given(retailers)) {
        int *list = NS_NEW_N(arena, int, retailers->count);
        for (uint32_t i = 0; i < retailers->count; i++) {
            list[i] = (int)retailers->items[i].integer;
        }
        in->retailers = list;
        in->retailer_count = (int)retailers->count;
        in->set |= NS_PREF_RETAILERS;
    }
    if (gql_given(days)) {
        int64_t *list = NS_NEW_N(arena, int64_t, days->count);
        for (uint32_t i = 0; i < days->count; i++) {
            list[i] = days->items[i].integer;
        }
        in->delivery_days = list;
        in->delivery_day_count = (int)days->count;
        in->set |= NS_PREF_DELIVERY_DAYS;
    }
}

static const char *json_object(struct ns_arena *arena, const struct gql_value *v) {
    struct ns_buf b = NS_BUF((size_t)4 << 20);
    gql_json_value(&b, v);
    const char *text = ns_arena_copy(arena, ns_buf_view(&b));
    ns_buf_fini(&b);
    return text;
}

static int whole(const struct gql_value *v) { /* the household refuses what is out of its range */
    int64_t value = arg_int(v, 0);
    return value < -1000000 ? -1000000 : value > 1000000 ? 1000000 : (int)value;
}

static void read_flag(const struct gql_value *v, uint32_t bit, bool *to, uint32_t *set) {
    *set |= gql_given(v) ? bit : 0;
    *to = arg_bool(v, false);
}

/* Both inputs carry these under names of their own. */
#define READ_SHARED(input)                                                                      \
    do {                                                                                        \
        read_flag(&f[GQL_I_##input##_autoReorderEnabled], NS_PREF_AUTO, &in->to.auto_reorder, &in->set); \
        read_numbers(arena, &f[GQL_I_##input##_preferredRetailers],                             \
                     &f[GQL_I_##input##_preferredDeliveryDays], in);                            \
        rest[0] = &f[GQL_I_##input##_reorderThresholdDays];                                     \
        rest[1] = &f[GQL_I_##input##_maxOrderAmountCad];                                        \
        rest[2] = &f[GQL_I_##input##_preferredBrands];                                          \
        rest[3] = &f[GQL_I_##input##_deliveryInstructions];                                     \
        rest[4] = &f[GQL_I_##input##_notificationAdvanceHours];                                 \
        rest[5] = &f[GQL_I_##input##_predictionConfidenceThreshold];                            \
    } while (0)

static void read_rest(struct ns_arena *arena, const struct gql_value *const rest[6], struct ns_preferences_input *in) {
    static const uint32_t bits[6] = {NS_PREF_THRESHOLD_DAYS, NS_PREF_MAX_ORDER, NS_PREF_BRANDS,
                                     NS_PREF_INSTRUCTIONS, NS_PREF_ADVANCE, NS_PREF_CONFIDENCE};
    for (int i = 0; i < 6; i++) {
        in->set |= gql_given(rest[i]) ? bits[i] : 0;
    }
    in->set |= rest[3]->kind == GQL_NULL ? NS_PREF_INSTRUCTIONS : 0; /* takes them away */
    in->to.threshold_days = whole(rest[0]);
    in->max_order_read = gql_given(rest[1]) && ns_money_parse(rest[1]->text, &in->to.max_order);
    if (gql_given(rest[2])) {
        read_texts(arena, rest[2], &in->to);
    }
    in->to.instructions = arg_text(arena, rest[3]);
    in->to.advance_hours = whole(rest[4]);
    in->to.threshold = (enum ns_prediction_confidence)arg_enum(rest[5], NS_CONFIDENT_MEDIUM);
}

static void read_create(struct ns_arena *arena, const struct gql_value *f, struct ns_preferences_input *in) {
    const struct gql_value *rest[6];
    in->create = true;
    READ_SHARED(CreateReorderPreferencesInput);
    read_rest(arena, rest, in);
}

static void read_update(struct ns_arena *arena, const struct gql_value *f, struct ns_preferences_input *in) {
    const struct gql_value *rest[6];
    const struct gql_value *sizes = &f[GQL_I_UpdateReorderPreferencesInput_sizePreferences];
    READ_SHARED(UpdateReorderPreferencesInput);
    read_rest(arena, rest, in);
    if (gql_given(sizes)) {
        in->set |= NS_PREF_SIZES;
        in->sizes_read = sizes->kind == GQL_MAP;
        in->to.sizes = in->sizes_read ? json_object(arena, sizes) : "";
    }
    const struct {
        int field;
        uint32_t bit;
        bool *to;
    } flags[] = {
        {GQL_I_UpdateReorderPreferencesInput_emergencyContactOnDelivery, NS_PREF_EMERGENCY, &in->to.emergency_contact},
        {GQL_I_UpdateReorderPreferencesInput_notifyBeforeOrder, NS_PREF_NOTIFY_BEFORE, &in->to.notify_before},
        {GQL_I_UpdateReorderPreferencesInput_notifyOrderPlaced, NS_PREF_NOTIFY_PLACED, &in->to.notify_placed},
        {GQL_I_UpdateReorderPreferencesInput_notifyDeliveryUpdates, NS_PREF_NOTIFY_DELIVERY, &in->to.notify_delivery},
        {GQL_I_UpdateReorderPreferencesInput_useGrowthPrediction, NS_PREF_GROWTH, &in->to.use_growth},
        {GQL_I_UpdateReorderPreferencesInput_useSeasonalAdjustments, NS_PREF_SEASONS, &in->to.use_seasons},
    };
    for (size_t i = 0; i < NS_COUNT(flags); i++) {
        read_flag(&f[flags[i].field], flags[i].bit, flags[i].to, &in->set);
    }
}

static ns_rc plan_of_home(struct ns_db *db, struct ns_arena *arena, ns_id *out, struct ns_err *err) {
    struct ns_household home;
    struct ns_subscription plan;
    bool there = false, has = false;
    *out = (ns_id){{0}};
    ns_rc rc = ns_row_household(db, arena, &home, &there, err);
    if (rc == NS_OK && there) {
        rc = ns_row_subscription(db, home.owner_id, arena, &plan, &has, err);
        *out = rc == NS_OK && has ? plan.id : *out;
    }
    return rc;
}

static ns_rc set_work(struct mutation *m) {
    const struct ns_preferences_input *in = m->own;
    struct shown *made = NS_NEW(m->ctx->arena, struct shown);
    m->response.payload = made;
    mutation_event(m, NS_EVENT_CHILD, m->id, m->id);
    ns_rc rc = ns_preferences_set(&m->act, in, &made->p, &m->err);
    return rc == NS_OK ? plan_of_home(m->act.db, m->ctx->arena, &made->subscription, &m->err) : rc;
}

/* The forecast is made anew when what it reckons with has changed. */
static void again(struct mutation *m) {
    const struct ns_preferences_input *in = m->own;
    if ((in->set & (NS_PREF_GROWTH | NS_PREF_SEASONS)) != 0) {
        (void)ns_forecaster_request(m->ctx->api->forecaster, m->id, m->act.actor, NULL, NULL);
    }
}

static void set(const struct gql_call *call, const struct gql_value *child, const struct gql_value *f, bool create,
                struct gql_out *out) {
    struct mutation *m = mutation_begin(call, set_work);
    struct ns_preferences_input *in = NS_NEW(m->ctx->arena, struct ns_preferences_input);
    if (!need_id(m->ctx, child, &m->id, out)) {
        return;
    }
    in->child_id = m->id;
    (create ? read_create : read_update)(m->ctx->arena, f, in);
    m->own = in;
    m->after = again;
    mutation_submit(m, out);
}

static void create(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    const struct gql_value *f = call->args[GQL_A_Mutation_createReorderPreferences_input].items;
    set(call, &f[GQL_I_CreateReorderPreferencesInput_childId], f, true, out);
}

static void update(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    set(call, &call->args[GQL_A_Mutation_updateReorderPreferences_childId],
        call->args[GQL_A_Mutation_updateReorderPreferences_input].items, false, out);
}

ns_rc api_preferences(struct api_ctx *ctx, ns_id child, const struct api_connection **out, struct ns_err *err) {
    struct ns_db *db = ctx->api->s.read_db;
    struct ns_preferences *all = NULL;
    ns_id plan;
    int count = 0, kept = 0;
    ns_rc rc = plan_of_home(db, ctx->arena, &plan, err);
    if (rc == NS_OK) {
        rc = ns_row_preferences_all(db, ctx->arena, &all, &count, err);
    }
    struct shown *shown = NS_NEW_N(ctx->arena, struct shown, (size_t)count);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (ns_id_is_zero(child) || ns_id_eq(all[i].child_id, child)) {
            shown[kept++] = (struct shown){all[i], plan};
        }
    }
    *out = api_connection_of(ctx->arena, shown, sizeof *shown, kept, 0, kept);
    return rc;
}

static void query(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct api_connection *page = NULL;
    struct ns_err err = {0};
    ns_id child;
    if (!need_id(ctx, &call->args[GQL_A_Query_getReorderPreferences_childId], &child, out)) {
        return;
    }
    ns_rc rc = api_preferences(ctx, child, &page, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, page);
}

/* ---- fields ---- */

static void get_page(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_connection *c = object;
    switch (call->field) {
    case GQL_F_ReorderPreferencesConnection_items: api_page_nodes(call, c, out); break;
    case GQL_F_ReorderPreferencesConnection_totalCount: gql_int(out, c->total); break;
    case GQL_F_ReorderPreferencesConnection_hasNextPage: gql_bool(out, c->has_next); break;
    default: gql_bool(out, c->has_previous);
    }
}

static void get_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_response *r = object;
    switch (call->field) {
    case GQL_F_PreferencesResponse_success: gql_bool(out, r->success); break;
    case GQL_F_PreferencesResponse_message: gql_cstr(out, r->message); break;
    default: gql_object(out, r->payload);
    }
}

static void put_retailers(const struct gql_call *call, const struct ns_preferences *p, struct gql_out *out) {
    struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, (size_t)p->retailer_count);
    for (int i = 0; i < p->retailer_count; i++) {
        gql_enum(&items[i], (int)p->retailers[i]);
    }
    gql_list(out, items, (size_t)p->retailer_count);
}

static void put_days(const struct gql_call *call, int days, struct gql_out *out) {
    struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, 7);
    size_t n = 0;
    for (int day = 0; day < 7; day++) {
        if ((days & 1 << day) != 0) {
            gql_int(&items[n++], day);
        }
    }
    gql_list(out, items, n);
}

static void get(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct shown *s = object;
    const struct ns_preferences *p = &s->p;
    switch (call->field) {
    case GQL_F_ReorderPreferences_id: gql_id(out, p->id); break;
    case GQL_F_ReorderPreferences_subscriptionId: gql_id(out, s->subscription); break;
    case GQL_F_ReorderPreferences_childId: gql_id(out, p->child_id); break;
    case GQL_F_ReorderPreferences_autoReorderEnabled: gql_bool(out, p->auto_reorder); break;
    case GQL_F_ReorderPreferences_reorderThresholdDays: gql_int(out, p->threshold_days); break;
    case GQL_F_ReorderPreferences_maxOrderAmountCad: gql_money(out, p->max_order); break;
    case GQL_F_ReorderPreferences_preferredRetailers: put_retailers(call, p, out); break;
    case GQL_F_ReorderPreferences_preferredBrands:
        api_words_list(out, call->arena, p->brands, p->brand_count);
        break;
    case GQL_F_ReorderPreferences_sizePreferences: gql_raw(out, ns_str_of(p->sizes)); break;
    case GQL_F_ReorderPreferences_preferredDeliveryDays: put_days(call, p->delivery_days, out); break;
    case GQL_F_ReorderPreferences_deliveryInstructions: gql_cstr(out, p->instructions); break;
    case GQL_F_ReorderPreferences_emergencyContactOnDelivery: gql_bool(out, p->emergency_contact); break;
    case GQL_F_ReorderPreferences_notifyBeforeOrder: gql_bool(out, p->notify_before); break;
    case GQL_F_ReorderPreferences_notifyOrderPlaced: gql_bool(out, p->notify_placed); break;
    case GQL_F_ReorderPreferences_notifyDeliveryUpdates: gql_bool(out, p->notify_delivery); break;
    case GQL_F_ReorderPreferences_notificationAdvanceHours: gql_int(out, p->advance_hours); break;
    case GQL_F_ReorderPreferences_useGrowthPrediction: gql_bool(out, p->use_growth); break;
    case GQL_F_ReorderPreferences_useSeasonalAdjustments: gql_bool(out, p->use_seasons); break;
    case GQL_F_ReorderPreferences_predictionConfidenceThreshold: gql_enum(out, (int)p->threshold); break;
    case GQL_F_ReorderPreferences_createdAt: gql_time(out, p->created_at); break;
    default: gql_time(out, p->updated_at);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_getReorderPreferences, query},
    {GQL_F_Mutation_createReorderPreferences, create},
    {GQL_F_Mutation_updateReorderPreferences, update},
};
static const struct gql_type_bind types[] = {
    {GQL_T_ReorderPreferences, get},
    {GQL_T_ReorderPreferencesConnection, get_page},
    {GQL_T_PreferencesResponse, get_response},
};
const struct api_part api_preferences_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
