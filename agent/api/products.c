/* products.c: products and their prices: search, barcode, history, adding a price, and stocking a
 * scanned pack. Threads: loop thread; work of mutations on the writer. */
#include "agent/api/forecaster.h"
#include "agent/api/mutation.h"
#include "agent/api/shop.h"
#include "agent/store/rows.h"

#include <string.h>

#define HISTORY_MOST 500

struct search_answer {
    struct ns_priced *list;
    int count;
    const char *message;
};
struct point {
    const struct ns_offer_row *offer;
    struct ns_price_point price;
};

static ns_money money_arg(const struct gql_value *v, ns_money none) {
    ns_money cents = 0;
    return !gql_given(v) ? none : ns_money_parse(v->text, &cents) ? cents : -2;
}

/* ---- queries ---- */

static void search(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct search_answer *a = NS_NEW(ctx->arena, struct search_answer);
    struct ns_err err = {0};
    const struct gql_value *args = call->args;
    struct ns_product_search s = {
        .query = arg_text(ctx->arena, &args[GQL_A_Query_searchProducts_searchQuery]),
        .size = arg_text(ctx->arena, &args[GQL_A_Query_searchProducts_diaperSize]),
        .brand = arg_text(ctx->arena, &args[GQL_A_Query_searchProducts_brand]),
        .retailer = arg_enum(&args[GQL_A_Query_searchProducts_retailerType], NS_NONE),
        .min_price = money_arg(&args[GQL_A_Query_searchProducts_minPriceCad], 0),
        .max_price = money_arg(&args[GQL_A_Query_searchProducts_maxPriceCad], 0),
        .most = arg_int(&args[GQL_A_Query_searchProducts_maxResults], 10)};
    ns_rc rc = ns_product_find(ctx->api->s.read_db, &s, ctx->arena, &a->list, &a->count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    a->message = ns_msg(ctx->lang, a->count > 0 ? NS_MSG_shop_from_home : NS_MSG_shop_nothing_known);
    gql_object(out, a);
}

static void by_barcode(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_product *p = NS_NEW(ctx->arena, struct ns_product);
    struct ns_err err = {0};
    ns_rc rc = ns_product_scan(ctx->api->s.read_db, call->args[GQL_A_Query_productByBarcode_barcode].text, ctx->arena, p,
                               &err);
    if (rc == NS_E_NOT_FOUND) {
        gql_null(out);
    } else if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
    } else {
        gql_object(out, p);
    }
}

static bool newer(const struct point *a, const struct point *b) {
    return a->price.seen_at > b->price.seen_at;
}

static void history(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_db *db = ctx->api->s.read_db;
    struct ns_offer_row *offers = NULL;
    struct ns_err err = {0};
    ns_id product;
    int count = 0, n = 0;
    int64_t most = arg_int(&call->args[GQL_A_Query_priceHistory_limit], 100);
    most = most < 1 ? 1 : most > HISTORY_MOST ? HISTORY_MOST : most;
    if (!need_id(ctx, &call->args[GQL_A_Query_priceHistory_productId], &product, out)) {
        return;
    }
    ns_rc rc = ns_row_offers_of(db, product, ctx->arena, &offers, &count, &err);
    struct point *list = NS_NEW_N(ctx->arena, struct point, (size_t)most + 1);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        struct ns_price_point *prices = NULL;
        int priced = 0;
        rc = ns_row_prices(db, offers[i].id, (int)most, ctx->arena, &prices, &priced, &err);
        for (int k = 0; k < priced; k++) { /* kept sorted, the oldest falls off */
            struct point p = {&offers[i], prices[k]};
            int at = n < most ? n++ : (int)most;
            while (at > 0 && newer(&p, &list[at - 1])) {
                list[at] = list[at - 1];
                at--;
            }
            list[at] = p;
        }
    }
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, list, (size_t)n, sizeof *list);
}

/* ---- a price is told ---- */

static ns_rc add_work(struct mutation *m) {
    const struct ns_price_input *in = m->own;
    struct ns_priced *made = NS_NEW(m->ctx->arena, struct ns_priced);
    ns_rc rc = ns_price_add(&m->act, in, made, &m->err);
    m->response.payload = made;
    mutation_event(m, NS_EVENT_PRICE, (ns_id){{0}}, made->product.id);
    return rc;
}

static bool read_size(struct api_ctx *ctx, const struct gql_value *v, int *out_size, struct gql_out *out) {
    enum ns_size size;
    struct ns_err err = {0};
    if (!gql_given(v)) {
        return true;
    }
    if (!ns_size_parse(v->text, &size)) {
        ns_err_say(&err, NS_E_INPUT, NS_MSG_shop_no_size, arg_text(ctx->arena, v), NULL, NULL);
        api_fail(ctx, out, NS_E_INPUT, &err);
        return false;
    }
    *out_size = (int)size;
    return true;
}

static void add_price(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, add_work);
    struct api_ctx *ctx = m->ctx;
    struct ns_arena *arena = ctx->arena;
    const struct gql_value *f = call->args[GQL_A_Mutation_addPrice_input].items;
    struct ns_price_input *in = NS_NEW(arena, struct ns_price_input);
    *in = ns_price_input_empty();
    if (!need_id(ctx, &f[GQL_I_AddPriceInput_productId], &in->product, out) ||
        !read_size(ctx, &f[GQL_I_AddPriceInput_diaperSize], &in->size, out)) {
        return;
    }
    in->barcode = arg_text(arena, &f[GQL_I_AddPriceInput_barcode]);
    in->brand = arg_text(arena, &f[GQL_I_AddPriceInput_brand]);
    in->title = arg_text(arena, &f[GQL_I_AddPriceInput_title]);
    in->pieces = arg_int(&f[GQL_I_AddPriceInput_packCount], 0);
    in->retailer = (enum ns_retailer_type)arg_enum(&f[GQL_I_AddPriceInput_retailerType], NS_RETAILER_OTHER);
    in->shop = arg_text(arena, &f[GQL_I_AddPriceInput_shop]);
    in->sku = arg_text(arena, &f[GQL_I_AddPriceInput_retailerSku]);
    in->price_read = ns_money_parse(f[GQL_I_AddPriceInput_priceCad].text, &in->price);
    in->regular = money_arg(&f[GQL_I_AddPriceInput_regularPriceCad], 0);
    in->packs = arg_int(&f[GQL_I_AddPriceInput_fromPacks], 1);
    in->shipping.flat = money_arg(&f[GQL_I_AddPriceInput_deliveryCad], NS_SHIPPING_UNKNOWN);
    in->shipping.free_from = money_arg(&f[GQL_I_AddPriceInput_freeDeliveryFromCad], NS_SHIPPING_NEVER_FREE);
    int64_t days = arg_int(&f[GQL_I_AddPriceInput_deliveryDays], NS_NONE);
    in->delivery_days = days < 0 || days > 365 ? NS_NONE : (int)days;
    in->availability = arg_bool(&f[GQL_I_AddPriceInput_inStock], true) ? NS_IN_STOCK : NS_OUT_OF_STOCK;
    in->source = (enum ns_offer_source)arg_enum(&f[GQL_I_AddPriceInput_source], NS_OFFER_MANUAL);
    in->source = in->source == NS_OFFER_API ? NS_OFFER_MANUAL : in->source; /* only a shop's answer is that */
    in->url = arg_text(arena, &f[GQL_I_AddPriceInput_url]);
    in->seen_at = arg_time(&f[GQL_I_AddPriceInput_seenAt]);
    m->own = in;
    mutation_submit(m, out);
}

/* ---- a pack is scanned ---- */

struct stock {
    struct ns_str barcode;
    int64_t packs;
};

static enum ns_product_type shelf_of(enum ns_tax_class class) {
    switch (class) {
    case NS_TAX_CLASS_TRAINING_PANTS: return NS_PRODUCT_TRAINING_PANTS;
    case NS_TAX_CLASS_SWIM_DIAPER: return NS_PRODUCT_SWIMWEAR;
    case NS_TAX_CLASS_BABY_WIPES: return NS_PRODUCT_WIPES;
    case NS_TAX_CLASS_DIAPER_CREAM: return NS_PRODUCT_DIAPER_CREAM;
    case NS_TAX_CLASS_DIAPER_DISPOSABLE:
    case NS_TAX_CLASS_DIAPER_CLOTH:
    case NS_TAX_CLASS_INCONTINENCE_ADULT:
    case NS_TAX_CLASS_SOFTWARE_LOCAL:
    case NS_TAX_CLASS_SOFTWARE_SAAS:
    case NS_TAX_CLASS_COUNT: break;
    }
    return NS_PRODUCT_DIAPER;
}

static ns_rc stock_work(struct mutation *m) {
    const struct stock *s = m->own;
    struct ns_product p;
    struct ns_inventory_item *item = NS_NEW(m->ctx->arena, struct ns_inventory_item);
    ns_rc rc = ns_product_scan(m->act.db, s->barcode, m->ctx->arena, &p, &m->err);
    if (rc == NS_OK && p.pieces == 0) {
        rc = ns_err_say(&m->err, NS_E_INPUT, NS_MSG_shop_gap_pieces, NULL, NULL, NULL);
    }
    if (rc == NS_OK && (s->packs < 1 || s->packs > 1000)) {
        rc = ns_err_say(&m->err, NS_E_INPUT, NS_MSG_shop_bad_packs, NULL, NULL, NULL);
    }
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_item_input in = {
        .child_id = m->id, .product_type = shelf_of(p.class), .brand = p.brand, .product_name = p.title,
        .size = p.size == NS_NONE ? NULL : ns_size_display((enum ns_size)p.size), .quantity = p.pieces * s->packs,
        .purchase_date = NS_TIME_NONE, .expiry_date = NS_TIME_NONE};
    rc = ns_item_create(&m->act, &in, item, &m->response.action, &m->err);
    m->response.payload = item;
    mutation_event(m, NS_EVENT_INVENTORY, m->id, item->id);
    return rc;
}

static void after_stock(struct mutation *m) {
    (void)ns_forecaster_request(m->ctx->api->forecaster, m->id, m->act.actor, NULL, NULL);
}

static void stock_barcode(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, stock_work);
    struct stock *s = NS_NEW(m->ctx->arena, struct stock);
    if (!need_id(m->ctx, &call->args[GQL_A_Mutation_stockByBarcode_childId], &m->id, out)) {
        return;
    }
    *s = (struct stock){ns_str_of(arg_text(m->ctx->arena, &call->args[GQL_A_Mutation_stockByBarcode_barcode])),
                        arg_int(&call->args[GQL_A_Mutation_stockByBarcode_packs], 1)};
    m->own = s;
    m->after = after_stock;
    mutation_submit(m, out);
}

/* ---- fields ---- */

static void put_search(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct search_answer *a = object;
    switch (call->field) {
    case GQL_F_ProductSearchResponse_success: gql_bool(out, true); break;
    case GQL_F_ProductSearchResponse_products: gql_array(out, a->list, (size_t)a->count, sizeof *a->list); break;
    case GQL_F_ProductSearchResponse_totalCount: gql_int(out, a->count); break;
    case GQL_F_ProductSearchResponse_fromCache: gql_bool(out, true); break;
    default: gql_cstr(out, a->message);
    }
}

static const char *size_shown(const struct ns_product *p) {
    return p->size == NS_NONE ? "" : ns_size_display((enum ns_size)p->size);
}

static void put_product(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_product *p = object;
    switch (call->field) {
    case GQL_F_ProductInfo_id: gql_id(out, p->id); break;
    case GQL_F_ProductInfo_name: gql_cstr(out, p->title); break;
    case GQL_F_ProductInfo_brand: gql_cstr(out, p->brand); break;
    case GQL_F_ProductInfo_size: gql_cstr(out, size_shown(p)); break;
    case GQL_F_ProductInfo_category: gql_cstr(out, ns_tax_class_id(p->class)); break;
    case GQL_F_ProductInfo_features: gql_list(out, NULL, 0); break;
    case GQL_F_ProductInfo_gtin: gql_cstr(out, p->gtin); break;
    case GQL_F_ProductInfo_packCount:
        if (p->pieces > 0) {
            gql_int(out, p->pieces);
        } else {
            gql_null(out);
        }
        break;
    default: gql_null(out); /* image, description, specifications: nobody told them */
    }
}

/* Four decimals of a dollar; the price of one piece without tax and delivery. */
static void per_piece(const struct gql_call *call, const struct ns_priced *p, struct gql_out *out) {
    if (p->product.pieces == 0) {
        gql_null(out);
        return;
    }
    int64_t parts = (p->offer.price * 100 + p->product.pieces / 2) / p->product.pieces;
    gql_cstr(out, ns_arena_printf(call->arena, "%lld.%04lld", (long long)(parts / 10000), (long long)(parts % 10000)));
}

static void put_mapping_money(const struct gql_call *call, const struct ns_priced *p, struct gql_out *out) {
    const struct ns_shipping *s = &p->offer.shipping;
    switch (call->field) {
    case GQL_F_ProductMapping_priceCad:
    case GQL_F_ProductMapping_currentPriceCad: gql_money(out, p->offer.price); break;
    case GQL_F_ProductMapping_pricePerUnit:
    case GQL_F_ProductMapping_pricePerDiaperCad: per_piece(call, p, out); break;
    case GQL_F_ProductMapping_regularPriceCad:
        if (p->offer.regular > 0) {
            gql_money(out, p->offer.regular);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_ProductMapping_shippingCostCad:
        if (s->flat == NS_SHIPPING_UNKNOWN) {
            gql_null(out);
        } else {
            gql_money(out, s->flat);
        }
        break;
    case GQL_F_ProductMapping_freeShippingThresholdCad:
        if (s->free_from == NS_SHIPPING_NEVER_FREE) {
            gql_null(out);
        } else {
            gql_money(out, s->free_from);
        }
        break;
    default: gql_null(out); /* imageUrl, userRating, userNotes */
    }
}

static void put_price_history(const struct gql_call *call, const struct ns_priced *p, struct gql_out *out) {
    struct api_ctx *ctx = call->ctx;
    struct ns_price_point *list = NULL;
    struct ns_err err = {0};
    struct ns_buf json = NS_BUF(20000);
    int count = 0;
    ns_rc rc = ns_row_prices(ctx->api->s.read_db, p->offer.id, 50, ctx->arena, &list, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    ns_buf_char(&json, '[');
    for (int i = 0; i < count; i++) {
        char price[NS_MONEY_TEXT], at[NS_TIME_TEXT];
        ns_money_format(list[i].price, price);
        ns_time_format(list[i].seen_at, at);
        ns_buf_fmt(&json, "%s{\"at\":\"%s\",\"priceCad\":\"%s\",\"source\":\"%s\"}", i > 0 ? "," : "", at, price,
                   ns_offer_source_name(list[i].source));
    }
    ns_buf_char(&json, ']');
    gql_raw(out, ns_str_of(ns_arena_copy(call->arena, ns_buf_view(&json))));
    ns_buf_fini(&json);
}

static void put_mapping(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_priced *p = object;
    struct api_ctx *ctx = call->ctx;
    char id[NS_ID_TEXT];
    switch (call->field) {
    case GQL_F_ProductMapping_id:
    case GQL_F_ProductMapping_retailerConfigId: gql_id(out, p->offer.id); break;
    case GQL_F_ProductMapping_productId: gql_id(out, p->product.id); break;
    case GQL_F_ProductMapping_shop: gql_cstr(out, p->offer.shop); break;
    case GQL_F_ProductMapping_seenAt: gql_time(out, p->offer.seen_at); break;
    case GQL_F_ProductMapping_source: gql_enum(out, (int)p->offer.source); break;
    case GQL_F_ProductMapping_retailerType: gql_enum(out, (int)p->offer.retailer); break;
    case GQL_F_ProductMapping_retailerProductId: /* the shop's number, else ours */
        ns_id_format(p->product.id, id);
        gql_cstr(out, p->offer.sku != NULL ? p->offer.sku : ns_arena_copy(call->arena, ns_str_of(id)));
        break;
    case GQL_F_ProductMapping_retailerSku: gql_cstr(out, p->offer.sku); break;
    case GQL_F_ProductMapping_productUrl: gql_cstr(out, shop_link(ctx, &p->product, &p->offer)); break;
    case GQL_F_ProductMapping_brand: gql_cstr(out, p->product.brand); break;
    case GQL_F_ProductMapping_name:
    case GQL_F_ProductMapping_productName: gql_cstr(out, p->product.title); break;
    case GQL_F_ProductMapping_diaperSize: gql_cstr(out, size_shown(&p->product)); break;
    case GQL_F_ProductMapping_packCount: gql_int(out, p->product.pieces); break;
    case GQL_F_ProductMapping_availability:
    case GQL_F_ProductMapping_isAvailable: gql_bool(out, p->offer.availability != NS_OUT_OF_STOCK); break;
    case GQL_F_ProductMapping_estimatedDeliveryDays:
        if (p->offer.delivery_days == NS_NONE) {
            gql_null(out);
        } else {
            gql_int(out, p->offer.delivery_days);
        }
        break;
    case GQL_F_ProductMapping_features: gql_raw(out, NS_STR("{}")); break;
    case GQL_F_ProductMapping_ingredients:
    case GQL_F_ProductMapping_certifications: gql_list(out, NULL, 0); break;
    case GQL_F_ProductMapping_priceHistory: put_price_history(call, p, out); break;
    case GQL_F_ProductMapping_lastPriceUpdate:
    case GQL_F_ProductMapping_lastAvailabilityCheck:
    case GQL_F_ProductMapping_updatedAt: gql_time(out, p->offer.seen_at); break;
    case GQL_F_ProductMapping_createdAt: gql_time(out, p->offer.created_at); break;
    default: put_mapping_money(call, p, out);
    }
}

static void put_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_response *r = object;
    const struct ns_priced *p = r->payload;
    switch (call->field) {
    case GQL_F_PriceResponse_success: gql_bool(out, r->success); break;
    case GQL_F_PriceResponse_message: gql_cstr(out, r->message); break;
    case GQL_F_PriceResponse_error: gql_cstr(out, r->error); break;
    case GQL_F_PriceResponse_product: gql_object(out, p == NULL ? NULL : &p->product); break;
    default: gql_object(out, p);
    }
}

static void put_point(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct point *p = object;
    switch (call->field) {
    case GQL_F_PricePoint_seenAt: gql_time(out, p->price.seen_at); break;
    case GQL_F_PricePoint_retailerType: gql_enum(out, (int)p->offer->retailer); break;
    case GQL_F_PricePoint_shop: gql_cstr(out, p->offer->shop); break;
    case GQL_F_PricePoint_fromPacks: gql_int(out, p->offer->min_packs); break;
    case GQL_F_PricePoint_priceCad: gql_money(out, p->price.price); break;
    default: gql_enum(out, (int)p->price.source);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_searchProducts, search},
    {GQL_F_Query_productByBarcode, by_barcode},
    {GQL_F_Query_priceHistory, history},
    {GQL_F_Mutation_addPrice, add_price},
    {GQL_F_Mutation_stockByBarcode, stock_barcode},
};
static const struct gql_type_bind types[] = {
    {GQL_T_ProductSearchResponse, put_search},
    {GQL_T_ProductInfo, put_product},
    {GQL_T_ProductMapping, put_mapping},
    {GQL_T_PriceResponse, put_response},
    {GQL_T_PricePoint, put_point},
};
const struct api_part api_products_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
