/* orders.c: orders asked for, agreed to, followed and looked up. Threads: loop thread; work of a
 * mutation on the writer. */
#include "agent/api/mutation.h"
#include "agent/api/orders.h"
#include "agent/retail/shops.h"
#include "agent/retail/title.h"

#include <stdio.h>
#include <string.h>

#define PRODUCTS_MOST ((size_t)16 << 10)

static const char *bad(struct api_ctx *ctx, struct gql_out *out, enum ns_msg msg) {
    gql_fail(out, GQL_CODE_BAD_USER_INPUT, ns_msg(ctx->lang, msg));
    return NULL;
}

static const char *json_text(struct ns_arena *arena, const struct gql_value *v) {
    struct ns_buf b = NS_BUF(PRODUCTS_MOST);
    gql_json_value(&b, v);
    const char *text = b.failed ? NULL : ns_arena_copy(arena, ns_buf_view(&b));
    ns_buf_fini(&b);
    return text;
}

/* ---- products as a client writes them ---- */

static const char *member(struct ns_arena *arena, const struct gql_value *map, const char *key) {
    const struct gql_value *v = gql_map_get(map, key);
    bool text = v != NULL && (v->kind == GQL_STRING || v->kind == GQL_NUMBER);
    struct ns_str s = text ? ns_str_trim(v->text) : NS_STR("");
    for (size_t i = 0; i < s.n; i++) {
        if (s.n > 300 || (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) {
            return NULL;
        }
    }
    return s.n == 0 ? NULL : ns_arena_copy(arena, s);
}

/* What a category or a title says the thing is; diapers when nothing is said. */
static enum ns_product_type kind_of(const char *category, const struct ns_title *title) {
    static const struct {
        const char *word;
        enum ns_product_type type;
    } words[] = {{"wipe", NS_PRODUCT_WIPES},         {"cream", NS_PRODUCT_DIAPER_CREAM},
                 {"powder", NS_PRODUCT_POWDER},      {"bag", NS_PRODUCT_DIAPER_BAGS},
                 {"training", NS_PRODUCT_TRAINING_PANTS}, {"swim", NS_PRODUCT_SWIMWEAR}};
    char low[40];
    size_t n = 0;
    for (; category != NULL && category[n] != '\0' && n + 1 < sizeof low; n++) {
        low[n] = category[n] >= 'A' && category[n] <= 'Z' ? (char)(category[n] + 32) : category[n];
    }
    low[n] = '\0';
    for (size_t i = 0; i < NS_COUNT(words); i++) {
        if (strstr(low, words[i].word) != NULL) {
            return words[i].type;
        }
    }
    return n == 0 && title->class_gap == NS_TITLE_SAID && title->class == NS_TAX_CLASS_BABY_WIPES
               ? NS_PRODUCT_WIPES : NS_PRODUCT_DIAPER;
}

static bool read_line(struct ns_arena *arena, const struct gql_value *map, struct ns_order_line *l, int64_t *ceiling) {
    const struct gql_value *quantity = map->kind == GQL_MAP ? gql_map_get(map, "quantity") : NULL;
    struct ns_title title;
    int64_t packs = 0;
    ns_money price = 0;
    if (quantity == NULL || quantity->kind != GQL_NUMBER || !ns_str_int(quantity->text, 1, NS_ORDER_PACKS_MOST, &packs)) {
        return false;
    }
    *l = (struct ns_order_line){.size = NS_NONE, .pieces = NS_NONE, .packs = (int)packs, .price = NS_NONE};
    l->product_id = member(arena, map, "retailerProductId");
    l->product_id = l->product_id != NULL ? l->product_id : member(arena, map, "productId");
    l->name = member(arena, map, "name");
    l->name = l->name != NULL ? l->name : l->product_id;
    if (l->name == NULL) {
        return false;
    }
    ns_title_read(ns_str_of(l->name), &title);
    l->size = title.size_gap == NS_TITLE_SAID ? (int)title.size : NS_NONE;
    l->pieces = title.pieces_gap == NS_TITLE_SAID ? title.pieces : NS_NONE;
    l->product = kind_of(member(arena, map, "category"), &title);
    const struct gql_value *told = gql_map_get(map, "price");
    if (told == NULL || told->kind == GQL_NULL) {
        *ceiling = NS_NONE; /* one line without a price: no ceiling of the whole */
        return true;
    }
    if ((told->kind != GQL_STRING && told->kind != GQL_NUMBER) || !arg_dollars(told, &price) || price <= 0 ||
        price > 1000000) {
        return false;
    }
    *ceiling += *ceiling == NS_NONE ? 0 : price * packs;
    return true;
}

static bool read_products(struct ns_arena *arena, const struct gql_value *v, struct ns_order_input *in) {
    const struct gql_value *items = v->kind == GQL_LIST ? v->items : v;
    uint32_t count = v->kind == GQL_LIST ? v->count : 1;
    int64_t ceiling = 0;
    if ((v->kind != GQL_LIST && v->kind != GQL_MAP) || count == 0 || count > NS_ORDER_LINES) {
        return false;
    }
    struct ns_order_line *lines = NS_NEW_N(arena, struct ns_order_line, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!read_line(arena, &items[i], &lines[i], &ceiling)) {
            return false;
        }
    }
    in->lines = lines;
    in->line_count = (int)count;
    in->ceiling = ceiling > 0 ? ceiling : NS_NONE;
    in->products = json_text(arena, v);
    return in->products != NULL;
}

/* {"type": "default"} or one that names a city and a postal code. */
static bool read_address(struct ns_arena *arena, const struct gql_value *v, struct ns_order_input *in) {
    if (v->kind != GQL_MAP) {
        return false;
    }
    const char *type = member(arena, v, "type");
    const char *code = member(arena, v, "postalCode");
    code = code != NULL ? code : member(arena, v, "postal_code");
    in->address = json_text(arena, v);
    return in->address != NULL && ((type != NULL && strcmp(type, "default") == 0) || v->count == 0 ||
                                   (member(arena, v, "city") != NULL && code != NULL));
}

/* ---- the shop's page ---- */

const char *order_shop_name(enum ns_retailer_type type) {
    return ns_shops[type].name;
}

/* No tag of anybody's: what a household buys for itself earns nobody a commission. */
static const char *page_of(struct ns_arena *arena, enum ns_retailer_type type, const struct ns_order_line *line) {
    struct ns_buf b = NS_BUF(2000);
    bool there = ns_shop_link(type, NULL, line->name, NULL, &b);
    const char *link = there && !b.failed ? ns_arena_copy(arena, ns_buf_view(&b)) : NULL;
    ns_buf_fini(&b);
    return link;
}

/* ---- mutations ---- */

struct order_wish {
    struct ns_order_input make;
    enum ns_order_event event;
    struct ns_order_report report;
    struct ns_order order;
    int score;
    const char *note;
    struct ns_spending limits;
};

static const char *say(struct mutation *m, enum ns_msg msg, const char *a, const char *b) {
    struct ns_buf text = NS_BUF(2000);
    NS_MSG_TO(&text, m->ctx->lang, msg, a, b == NULL ? "" : b);
    const char *copy = ns_arena_copy(m->ctx->arena, ns_buf_view(&text));
    ns_buf_fini(&text);
    return copy;
}

static ns_rc show(struct mutation *m, const struct ns_order *o, bool changed) {
    struct order_view *v = NS_NEW(m->ctx->arena, struct order_view);
    m->response.payload = v;
    if (changed) {
        mutation_event(m, NS_EVENT_ORDER, o->child_id, o->id);
    }
    return order_view_load(m->ctx, m->act.db, o, v, &m->err);
}

static const void *answer(struct mutation *m) {
    return &m->response;
}

/* Something serves that need already: not what was asked for, so no success. */
static const void *answer_made(struct mutation *m) {
    const struct order_wish *w = m->own;
    m->response.success = w->order.seq != 0;
    return &m->response;
}

static ns_rc create_work(struct mutation *m) {
    struct order_wish *w = m->own;
    struct ns_order o;
    enum ns_order_made made;
    ns_rc rc = ns_order_create(&m->act, &w->make, &o, &made, &m->err);
    if (rc != NS_OK) {
        return rc;
    }
    w->order = o;
    w->order.seq = made == NS_ORDER_OTHER ? 0 : o.seq;
    m->response.message = say(m, made == NS_ORDER_OTHER   ? NS_MSG_order_other
                                 : made == NS_ORDER_THERE ? NS_MSG_order_there
                                 : o.checkout_url == NULL ? NS_MSG_order_made_no_link
                                 : o.price_known          ? NS_MSG_order_made_priced
                                                          : NS_MSG_order_made,
                              o.number, order_shop_name(o.retailer));
    return show(m, &o, made == NS_ORDER_NEW);
}

static void look_again(struct mutation *m) {
    ns_order_keeper_look(m->ctx->api->order_keeper);
}

static struct mutation *begin(const struct gql_call *call, ns_rc (*work)(struct mutation *m)) {
    struct mutation *m = mutation_begin(call, work);
    struct order_wish *w = NS_NEW(m->ctx->arena, struct order_wish);
    w->report = (struct ns_order_report){.source = NS_TOLD_BY_USER, .estimated_delivery = NS_TIME_NONE, .paid = NS_NONE,
                                         .agreed = NS_NONE, .pieces = NS_NONE};
    m->own = w;
    m->after = look_again;
    m->answer = answer;
    return m;
}

static bool amount(struct api_ctx *ctx, const struct gql_value *v, int64_t *out_cents, struct gql_out *out) {
    ns_money cents = 0;
    *out_cents = NS_NONE;
    if (!gql_given(v)) {
        return true;
    }
    if (!ns_money_parse(v->text, &cents) || cents < 0) {
        bad(ctx, out, NS_MSG_order_amount);
        return false;
    }
    *out_cents = cents;
    return true;
}

static void create(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    const struct gql_value *f = call->args[GQL_A_Mutation_createManualOrder_input].items;
    struct mutation *m = begin(call, create_work);
    struct order_wish *w = m->own;
    struct ns_order_input *in = &w->make;
    *in = (struct ns_order_input){.type = NS_ORDER_IS_MANUAL, .ceiling = NS_NONE, .agreed = NS_NONE,
                                  .runout = NS_DATE_NONE, .approved = true,
                                  .retailer = (enum ns_retailer_type)arg_enum(&f[GQL_I_ManualOrderInput_retailerType], 0),
                                  .payment_method = arg_text(m->ctx->arena, &f[GQL_I_ManualOrderInput_paymentMethodId])};
    m->answer = answer_made;
    if (!need_id(m->ctx, &f[GQL_I_ManualOrderInput_childId], &in->child_id, out) ||
        !amount(m->ctx, &f[GQL_I_ManualOrderInput_agreedTotalCad], &in->agreed, out)) {
        return;
    }
    if (!read_products(m->ctx->arena, &f[GQL_I_ManualOrderInput_products], in)) {
        in->line_count = 0; /* refused by the book, in the words of the home */
    } else if (!read_address(m->ctx->arena, &f[GQL_I_ManualOrderInput_deliveryAddress], in)) {
        bad(m->ctx, out, NS_MSG_order_address);
        return;
    }
    in->checkout_url = in->line_count > 0 ? page_of(m->ctx->arena, in->retailer, &in->lines[0]) : NULL;
    mutation_submit(m, out);
}

static enum ns_msg word_for(enum ns_order_event event, const struct ns_order_moved *moved) {
    if (event == NS_DO_DELIVER && moved->moved) {
        return moved->unshelved > 0 ? NS_MSG_order_arrived_uncounted : NS_MSG_order_arrived;
    }
    return !moved->moved             ? NS_MSG_order_again
           : event == NS_DO_APPROVE  ? NS_MSG_order_approved
           : event == NS_DO_STOP     ? NS_MSG_order_stopped
           : event == NS_DO_CANCEL   ? NS_MSG_order_cancelled
                                     : NS_MSG_order_noted;
}

static ns_rc happen_work(struct mutation *m) {
    struct order_wish *w = m->own;
    struct ns_order_moved moved;
    char pieces[24];
    ns_rc rc = ns_order_happen(&m->act, m->id, w->event, &w->report, &moved, &m->err);
    if (rc != NS_OK) {
        return rc;
    }
    snprintf(pieces, sizeof pieces, "%lld", (long long)moved.shelved);
    m->response.message = say(m, word_for(w->event, &moved), moved.order.number, pieces);
    if (moved.moved && moved.shelved > 0) {
        mutation_event(m, NS_EVENT_INVENTORY, moved.order.child_id, moved.order.child_id);
    }
    return show(m, &moved.order, moved.moved);
}

static void submit(struct mutation *m, const struct gql_value *id, enum ns_order_event event, struct gql_out *out) {
    struct order_wish *w = m->own;
    w->event = event;
    if (need_id(m->ctx, id, &m->id, out)) {
        mutation_submit(m, out);
    }
}

static void approve(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = begin(call, happen_work);
    struct order_wish *w = m->own;
    if (amount(m->ctx, &call->args[GQL_A_Mutation_approveOrder_agreedTotalCad], &w->report.agreed, out)) {
        submit(m, &call->args[GQL_A_Mutation_approveOrder_orderId], NS_DO_APPROVE, out);
    }
}

static void stop(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    submit(begin(call, happen_work), &call->args[GQL_A_Mutation_stopOrder_orderId], NS_DO_STOP, out);
}

static void cancel(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = begin(call, happen_work);
    struct order_wish *w = m->own;
    w->report.message = arg_text(m->ctx->arena, &call->args[GQL_A_Mutation_cancelOrder_reason]);
    submit(m, &call->args[GQL_A_Mutation_cancelOrder_orderId], NS_DO_CANCEL, out);
}

static void outcome(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    static const enum ns_order_event of[NS_STATUS_COUNT] = {
        [NS_STATUS_CONFIRMED] = NS_DO_CONFIRM, [NS_STATUS_PROCESSING] = NS_DO_PROCESS, [NS_STATUS_SHIPPED] = NS_DO_SHIP,
        [NS_STATUS_IN_TRANSIT] = NS_DO_TRANSIT, [NS_STATUS_DELIVERED] = NS_DO_DELIVER,
        [NS_STATUS_CANCELLED] = NS_DO_CANCEL, [NS_STATUS_FAILED] = NS_DO_FAIL, [NS_STATUS_REFUNDED] = NS_DO_REFUND};
    const struct gql_value *f = call->args[GQL_A_Mutation_recordOrderOutcome_input].items;
    struct mutation *m = begin(call, happen_work);
    struct order_wish *w = m->own;
    struct ns_arena *arena = m->ctx->arena;
    enum ns_order_event event = of[arg_enum(&f[GQL_I_OrderOutcomeInput_status], 0)];
    int64_t pieces = arg_int(&f[GQL_I_OrderOutcomeInput_piecesPerPack], NS_NONE);
    if (event == NS_DO_PROPOSE) {
        bad(m->ctx, out, NS_MSG_order_no_outcome);
        return;
    }
    w->report.reference = arg_text(arena, &f[GQL_I_OrderOutcomeInput_retailerOrderId]);
    w->report.tracking_number = arg_text(arena, &f[GQL_I_OrderOutcomeInput_trackingNumber]);
    w->report.tracking_url = arg_text(arena, &f[GQL_I_OrderOutcomeInput_trackingUrl]);
    w->report.estimated_delivery = arg_time(&f[GQL_I_OrderOutcomeInput_estimatedDelivery]);
    w->report.message = arg_text(arena, &f[GQL_I_OrderOutcomeInput_note]);
    w->report.pieces = pieces < NS_NONE || pieces > 100000 ? 100000 : (int)pieces;
    if (amount(m->ctx, &f[GQL_I_OrderOutcomeInput_paidAmountCad], &w->report.paid, out)) {
        submit(m, &call->args[GQL_A_Mutation_recordOrderOutcome_orderId], event, out);
    }
}

static ns_rc rate_work(struct mutation *m) {
    struct order_wish *w = m->own;
    ns_rc rc = ns_order_rate(&m->act, m->id, w->score, w->note, &w->order, &m->err);
    if (rc == NS_OK) {
        m->response.message = say(m, NS_MSG_order_rated, w->order.number, NULL);
        rc = show(m, &w->order, true);
    }
    return rc;
}

static void rate(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = begin(call, rate_work);
    struct order_wish *w = m->own;
    int64_t score = arg_int(&call->args[GQL_A_Mutation_rateOrder_score], 0);
    w->score = score < 1 || score > 5 ? 0 : (int)score;
    w->note = arg_text(m->ctx->arena, &call->args[GQL_A_Mutation_rateOrder_note]);
    submit(m, &call->args[GQL_A_Mutation_rateOrder_orderId], NS_DO_DELIVER, out);
}

struct limits_view {
    struct ns_spending limits;
    ns_money spent;
};

static ns_rc limits_load(struct api_ctx *ctx, struct ns_db *db, struct limits_view *out, struct ns_err *err) {
    ns_rc rc = ns_row_spending(db, &out->limits, err);
    return rc == NS_OK ? ns_row_order_spent(db, ns_order_month(ctx->api->zone, ctx->now), (ns_id){{0}}, &out->spent, err) : rc;
}

static ns_rc limits_work(struct mutation *m) {
    struct order_wish *w = m->own;
    struct limits_view *v = NS_NEW(m->ctx->arena, struct limits_view);
    m->response.payload = v;
    mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
    ns_rc rc = ns_order_limits_set(&m->act, &w->limits, &m->err);
    return rc == NS_OK ? limits_load(m->ctx, m->act.db, v, &m->err) : rc;
}

static void set_limits(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = begin(call, limits_work);
    struct order_wish *w = m->own;
    if (amount(m->ctx, &call->args[GQL_A_Mutation_setSpendingLimits_perOrderCad], &w->limits.per_order, out) &&
        amount(m->ctx, &call->args[GQL_A_Mutation_setSpendingLimits_perMonthCad], &w->limits.per_month, out)) {
        mutation_submit(m, out);
    }
}

/* ---- queries ---- */

static void history(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct order_view *views = NULL;
    struct ns_err err = {0};
    int count = 0;
    ns_id child;
    int64_t limit = arg_int(&call->args[GQL_A_Query_getOrderHistory_limit], 20);
    int64_t offset = arg_int(&call->args[GQL_A_Query_getOrderHistory_offset], 0);
    if (!need_id(ctx, &call->args[GQL_A_Query_getOrderHistory_childId], &child, out)) {
        return;
    }
    limit = limit < 0 ? 0 : limit > 500 ? 500 : limit;
    offset = offset < 0 ? 0 : offset > INT32_MAX ? INT32_MAX : offset;
    ns_rc rc = order_views(ctx, child, arg_enum(&call->args[GQL_A_Query_getOrderHistory_status], NS_NONE), (int)limit,
                           (int)offset, &views, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, views, (size_t)count, sizeof *views);
}

static void one(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct order_view *v = NS_NEW(ctx->arena, struct order_view);
    struct ns_order o;
    struct ns_err err = {0};
    const char *word = arg_text(ctx->arena, &call->args[GQL_A_Query_order_orderId]);
    ns_id id = {{0}};
    (void)ns_id_parse(ns_str_of(word), &id);
    ns_rc rc = ns_order_get(ctx->api->s.read_db, id, word, ctx->arena, &o, &err);
    if (rc == NS_OK) {
        rc = order_view_load(ctx, ctx->api->s.read_db, &o, v, &err);
    }
    if (rc == NS_E_NOT_FOUND) {
        gql_null(out);
    } else if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
    } else {
        gql_object(out, v);
    }
}

static void updates(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct order_view *v = NULL;
    struct ns_err err = {0};
    ns_id id;
    int64_t offset = 0, first = arg_int(&call->args[GQL_A_Query_getOrderStatusUpdates_first], 10);
    if (!need_id(ctx, &call->args[GQL_A_Query_getOrderStatusUpdates_transactionId], &id, out) ||
        !arg_after(ctx, &call->args[GQL_A_Query_getOrderStatusUpdates_after], &offset, out)) {
        return;
    }
    ns_rc rc = order_event_load(ctx, ctx->api->s.read_db, id, &v, &err);
    if (rc != NS_OK && rc != NS_E_NOT_FOUND) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    int total = v == NULL ? 0 : v->step_count;
    int from = offset > total ? total : (int)offset;
    int count = first < 0 ? 0 : first > total - from ? total - from : (int)first;
    struct order_step_view *steps = NS_NEW_N(ctx->arena, struct order_step_view, (size_t)count);
    for (int i = 0; i < count; i++) {
        steps[i] = (struct order_step_view){v, &v->steps[from + i]};
    }
    gql_object(out, api_connection_of(ctx->arena, steps, sizeof *steps, count, from, total));
}

static void analytics(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    gql_object(out, call->ctx); /* read when its fields are */
}

static void limits(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct limits_view *v = NS_NEW(ctx->arena, struct limits_view);
    struct ns_err err = {0};
    ns_rc rc = limits_load(ctx, ctx->api->s.read_db, v, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, v);
}

static void get_limits(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct limits_view *v = object;
    int64_t cents = call->field == GQL_F_SpendingLimits_perOrderCad   ? v->limits.per_order
                    : call->field == GQL_F_SpendingLimits_perMonthCad ? v->limits.per_month
                                                                      : v->spent;
    if (cents == NS_NONE) {
        gql_null(out);
    } else {
        gql_money(out, cents);
    }
}

static void get_limits_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_response *r = object;
    switch (call->field) {
    case GQL_F_SpendingLimitsResponse_success: gql_bool(out, r->success); break;
    case GQL_F_SpendingLimitsResponse_message: gql_cstr(out, r->message); break;
    default: gql_object(out, r->payload);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_getOrderHistory, history},
    {GQL_F_Query_order, one},
    {GQL_F_Query_getOrderStatusUpdates, updates},
    {GQL_F_Query_getReorderAnalytics, analytics},
    {GQL_F_Query_spendingLimits, limits},
    {GQL_F_Mutation_createManualOrder, create},
    {GQL_F_Mutation_approveOrder, approve},
    {GQL_F_Mutation_stopOrder, stop},
    {GQL_F_Mutation_cancelOrder, cancel},
    {GQL_F_Mutation_recordOrderOutcome, outcome},
    {GQL_F_Mutation_rateOrder, rate},
    {GQL_F_Mutation_setSpendingLimits, set_limits},
};
static const struct gql_type_bind types[] = {
    {GQL_T_SpendingLimits, get_limits},
    {GQL_T_SpendingLimitsResponse, get_limits_response},
};
const struct api_part api_orders_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
