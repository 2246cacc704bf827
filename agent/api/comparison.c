/* comparison.c: getRetailerComparison: one product at every shop, with delivery and tax, and what of
 * the same size costs less. From the prices the home knows. Threads: loop thread. */
#include "agent/api/shop.h"
#include "agent/store/rows.h"
#include "shared/tax/explain.h"

#include <stdio.h>
#include <string.h>

#define ALTERNATIVES 5

struct comparison {
    const struct ns_product *product;
    struct shop_offer *offers;
    int count;
    int whole;
    struct shop_offer *others;
    int other_count;
    enum ns_province province;
    bool consent;
    ns_time updated;
};

bool shop_entitled(struct api_ctx *ctx, const char *feature, struct gql_out *out) {
    struct ns_standing_now now;
    struct ns_household home;
    struct ns_err err = {0};
    bool there = false;
    const struct ns_plan_feature *f = ns_plan_feature_find(ns_str_of(feature));
    ns_rc rc = ns_row_household(ctx->api->s.read_db, ctx->arena, &home, &there, &err);
    if (rc == NS_OK) {
        rc = ns_billing_now(ctx->api->s.read_db, home.owner_id, ctx->api->s.sale, ctx->now, ctx->arena, &now, &err);
    }
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return false;
    }
    if (ns_entitled(&now.entitlement, feature)) {
        return true;
    }
    const struct ns_plan *plan = ns_plan_of(f == NULL ? NS_TIER_PREMIUM : f->from);
    char price[NS_MONEY_TEXT];
    char shown[40];
    ns_money_format(plan->price, price);
    snprintf(shown, sizeof shown, ctx->lang == NS_LANG_FR ? "%s $" : "$%s", price);
    ns_err_say(&err, NS_E_DENIED, NS_MSG_shop_needs_plan, ns_msg(ctx->lang, plan->name), shown, NULL);
    gql_fail_with(out, GQL_CODE_PERMISSION_DENIED, api_error_text(ctx->arena, ctx->lang, NS_E_DENIED, &err),
                  ns_str_of(ns_arena_printf(ctx->arena, "\"requiredPlan\":\"%s\",\"priceCad\":\"%s\"", plan->id, price)));
    return false;
}

const char *shop_link(struct api_ctx *ctx, const struct ns_product *product, const struct ns_offer_row *offer) {
    struct ns_buf link = NS_BUF(2000);
    size_t n = strlen(product->brand);
    bool begins = strlen(product->title) >= n && ns_str_is_nocase((struct ns_str){product->title, n}, product->brand);
    const char *words = begins ? product->title : ns_arena_printf(ctx->arena, "%s %s", product->brand, product->title);
    if (offer->url != NULL) {
        return offer->url;
    }
    bool there = ns_shop_link(offer->retailer, offer->sku, words, NULL, &link);
    const char *text = there ? ns_arena_copy(ctx->arena, ns_buf_view(&link)) : NULL;
    ns_buf_fini(&link);
    return text;
}

ns_rc shop_offer_make(struct api_ctx *ctx, const struct ns_offer_seen *seen, int64_t packs,
                      struct shop_offer *out, struct ns_err *err) {
    struct ns_offer_row *rows = NULL;
    int count = 0, n = 0;
    *out = (struct shop_offer){.seen = seen, .packs = packs};
    ns_rc rc = ns_row_offers_of(ctx->api->s.read_db, seen->product.id, ctx->arena, &rows, &count, err);
    struct shop_bulk *bulk = NS_NEW_N(ctx->arena, struct shop_bulk, (size_t)count);
    for (int i = 0; i < count; i++) {
        if (rows[i].retailer != seen->offer.retailer || strcmp(rows[i].shop, seen->offer.shop) != 0) {
            continue;
        }
        if (rows[i].min_packs == 1) {
            out->base = rows[i].price;
        } else if (rows[i].min_packs > packs && rows[i].expires_at > ctx->now) {
            bulk[n++] = (struct shop_bulk){rows[i].min_packs, rows[i].price, 0};
        }
    }
    for (int i = 0; i < n; i++) {
        bulk[i].base = out->base;
    }
    out->bulk = bulk;
    out->bulk_count = n;
    return rc;
}

/* ---- the query ---- */

static ns_rc make_offers(struct api_ctx *ctx, const struct ns_offers *all, int64_t packs, struct comparison *c,
                         struct ns_err *err) {
    ns_rc rc = NS_OK;
    c->offers = NS_NEW_N(ctx->arena, struct shop_offer, (size_t)all->count);
    for (int i = 0; rc == NS_OK && i < all->count; i++) {
        rc = shop_offer_make(ctx, &all->at[i], packs, &c->offers[i], err);
        c->updated = all->at[i].offer.seen_at > c->updated ? all->at[i].offer.seen_at : c->updated;
    }
    c->count = all->count;
    c->whole = all->whole;
    return rc;
}

/* The best of each other product, while it costs less a piece than the best of this one. */
static ns_rc make_others(struct api_ctx *ctx, const struct ns_offers_query *q, struct comparison *c,
                         struct ns_err *err) {
    struct ns_offers all;
    struct ns_offers_query other = *q;
    int64_t best = c->whole > 0 ? c->offers[0].seen->landed.piece_milli : 0;
    other.product = (ns_id){{0}};
    other.class = c->product->class;
    other.size = c->product->size;
    c->others = NS_NEW_N(ctx->arena, struct shop_offer, ALTERNATIVES);
    ns_rc rc = ns_offers_compare(ctx->api->s.read_db, &other, ctx->arena, &all, err);
    for (int i = 0; rc == NS_OK && i < all.whole && c->other_count < ALTERNATIVES; i++) {
        const struct ns_offer_seen *s = &all.at[i];
        bool known = s->landed.piece_milli > 0 && (best == 0 || s->landed.piece_milli < best);
        bool again = ns_id_eq(s->product.id, c->product->id);
        for (int k = 0; k < c->other_count; k++) {
            again = again || ns_id_eq(s->product.id, c->others[k].seen->product.id);
        }
        if (known && !again) {
            rc = shop_offer_make(ctx, s, q->packs, &c->others[c->other_count++], err);
        }
    }
    return rc;
}

static void get_comparison(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_db *db = ctx->api->s.read_db;
    struct ns_product *product = NS_NEW(ctx->arena, struct ns_product);
    struct comparison *c = NS_NEW(ctx->arena, struct comparison);
    struct ns_offers all;
    struct ns_err err = {0}, no_consent = {0};
    bool found = false;
    struct ns_offers_query q = {
        .packs = arg_int(&call->args[GQL_A_Query_getRetailerComparison_quantity], 1),
        .province = (enum ns_province)arg_enum(&call->args[GQL_A_Query_getRetailerComparison_province],
                                               (int)ctx->api->province),
        .day = ctx->today, .now = ctx->now};
    if (!need_id(ctx, &call->args[GQL_A_Query_getRetailerComparison_productId], &q.product, out) ||
        !shop_entitled(ctx, "price_comparison", out)) {
        return;
    }
    if (q.packs < 1 || q.packs > 1000) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT, ns_msg(ctx->lang, NS_MSG_shop_bad_packs));
        return;
    }
    ns_rc rc = ns_row_product(db, q.product, ctx->arena, product, &found, &err);
    if (rc == NS_OK && !found) {
        gql_null(out);
        return;
    }
    *c = (struct comparison){.product = product, .province = q.province, .updated = product->updated_at};
    if (rc == NS_OK) {
        rc = ns_offers_compare(db, &q, ctx->arena, &all, &err);
    }
    if (rc == NS_OK) {
        rc = make_offers(ctx, &all, q.packs, c, &err);
    }
    if (rc == NS_OK) {
        rc = make_others(ctx, &q, c, &err);
    }
    c->consent = ns_consent_need(db, ctx->now, NS_CONSENT_DATA_SHARING, &no_consent) == NS_OK;
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, c);
}

/* ---- the comparison ---- */

static void put_comparison(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct comparison *c = object;
    switch (call->field) {
    case GQL_F_RetailerComparison_productId: gql_id(out, c->product->id); break;
    case GQL_F_RetailerComparison_product: gql_object(out, c->product); break;
    case GQL_F_RetailerComparison_retailers: gql_array(out, c->offers, (size_t)c->count, sizeof *c->offers); break;
    case GQL_F_RetailerComparison_alternatives:
        gql_array(out, c->others, (size_t)c->other_count, sizeof *c->others);
        break;
    case GQL_F_RetailerComparison_province: gql_enum(out, (int)c->province); break;
    case GQL_F_RetailerComparison_wholeCount: gql_int(out, c->whole); break;
    case GQL_F_RetailerComparison_priceComparison: gql_object(out, c->whole > 0 ? c : NULL); break;
    case GQL_F_RetailerComparison_priceDataConsent: gql_bool(out, c->consent); break;
    default: gql_time(out, c->updated);
    }
}

static ns_money total_of(const struct comparison *c, int i) {
    return c->offers[i].seen->landed.total;
}

/* Lowest, highest, mean of the sums that are known whole. */
static void spread(const struct comparison *c, ns_money *low, ns_money *high, ns_money *mean) {
    ns_money sum = 0;
    *low = *high = total_of(c, 0);
    for (int i = 0; i < c->whole; i++) {
        ns_money one = total_of(c, i);
        *low = one < *low ? one : *low;
        *high = one > *high ? one : *high;
        sum += one;
    }
    *mean = (sum + c->whole / 2) / c->whole;
}

static const ns_money *cents(const struct gql_call *call, ns_money value) {
    ns_money *m = NS_NEW(call->arena, ns_money);
    *m = value;
    return m;
}

static void put_prices(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct comparison *c = object;
    ns_money low, high, mean;
    spread(c, &low, &high, &mean);
    switch (call->field) {
    case GQL_F_PriceComparison_averagePrice: gql_object(out, cents(call, mean)); break;
    case GQL_F_PriceSpread_min:
    case GQL_F_LowestPrice_amount: gql_money(out, low); break;
    case GQL_F_PriceSpread_max: gql_money(out, high); break;
    case GQL_F_PriceSpread_average: gql_money(out, mean); break;
    case GQL_F_LowestPrice_currency: gql_cstr(out, "CAD"); break;
    case GQL_F_LowestPrice_savings: gql_null(out); break; /* nothing was bought to measure it by */
    case GQL_F_LowestPrice_retailerId:
        for (int i = 0; i < c->whole; i++) {
            if (total_of(c, i) == low) {
                gql_id(out, c->offers[i].seen->offer.id);
                return;
            }
        }
        break;
    default: gql_object(out, c); /* lowestPrice, priceSpread */
    }
}

/* ---- one offer ---- */

static const char *missing(const struct api_ctx *ctx, const struct shop_offer *o) {
    static const enum ns_msg gaps[] = {[NS_LANDED_SHIPPING] = NS_MSG_shop_gap_shipping,
                                       [NS_LANDED_TAX] = NS_MSG_shop_gap_tax,
                                       [NS_LANDED_PRICE] = NS_MSG_shop_gap_price};
    const struct ns_landed *l = &o->seen->landed;
    return l->gap != NS_LANDED_WHOLE ? ns_msg(ctx->lang, gaps[l->gap])
           : l->piece_milli == 0    ? ns_msg(ctx->lang, NS_MSG_shop_gap_pieces)
                                     : NULL;
}

static const char *tax_reason(const struct gql_call *call, const struct shop_offer *o) {
    const struct api_ctx *ctx = call->ctx;
    const struct ns_tax_answer *t = &o->seen->landed.tax;
    struct ns_buf text = NS_BUF(4000);
    if (o->seen->landed.gap == NS_LANDED_PRICE || t->unknown != NS_TAX_KNOWN) {
        return ns_tax_unknown_text(ctx->lang, t->unknown);
    }
    for (int i = 0; i < t->part_count; i++) {
        if (i > 0) {
            ns_buf_char(&text, '\n');
        }
        ns_tax_part_line(&text, ctx->lang, &t->part[i]);
        ns_buf_text(&text, " \u2014 ");
        ns_tax_part_why(&text, ctx->lang, &t->part[i], t->rate->federal_ppm);
    }
    const char *copy = ns_arena_copy(call->arena, ns_buf_view(&text));
    ns_buf_fini(&text);
    return copy;
}

static void put_offer_more(const struct gql_call *call, const struct shop_offer *o, struct gql_out *out) {
    struct api_ctx *ctx = call->ctx;
    const struct ns_offer_row *row = &o->seen->offer;
    switch (call->field) {
    case GQL_F_RetailerOffer_product: gql_object(out, &o->seen->product); break;
    case GQL_F_RetailerOffer_packs: gql_int(out, o->packs); break;
    case GQL_F_RetailerOffer_pieceMilliCents:
        if (o->seen->landed.piece_milli > 0 && o->seen->landed.piece_milli <= INT32_MAX) {
            gql_int(out, o->seen->landed.piece_milli);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_RetailerOffer_deliveryCharge:
        if (o->seen->landed.gap == NS_LANDED_SHIPPING || o->seen->landed.gap == NS_LANDED_PRICE) {
            gql_null(out);
        } else {
            gql_money(out, o->seen->landed.shipping);
        }
        break;
    case GQL_F_RetailerOffer_taxReason: gql_cstr(out, tax_reason(call, o)); break;
    case GQL_F_RetailerOffer_missing: gql_cstr(out, missing(ctx, o)); break;
    case GQL_F_RetailerOffer_stale: gql_bool(out, o->seen->landed.stale); break;
    case GQL_F_RetailerOffer_source: gql_enum(out, (int)row->source); break;
    case GQL_F_RetailerOffer_seenAt: gql_time(out, row->seen_at); break;
    default: gql_cstr(out, shop_link(ctx, &o->seen->product, row));
    }
}

static void put_offer(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct shop_offer *o = object;
    const struct ns_offer_row *row = &o->seen->offer;
    switch (call->field) {
    case GQL_F_RetailerOffer_id: gql_id(out, row->id); break;
    case GQL_F_RetailerOffer_name: gql_cstr(out, row->shop); break;
    case GQL_F_RetailerOffer_price:
    case GQL_F_RetailerOffer_availability:
    case GQL_F_RetailerOffer_delivery: gql_object(out, o); break;
    case GQL_F_RetailerOffer_lastPriceUpdate: gql_time(out, row->seen_at); break;
    case GQL_F_RetailerOffer_retailerType: gql_enum(out, (int)row->retailer); break;
    case GQL_F_RetailerOffer_verificationStatus: gql_cstr(out, ns_offer_source_name(row->source)); break;
    case GQL_F_RetailerOffer_logo:
    case GQL_F_RetailerOffer_trustScore:
    case GQL_F_RetailerOffer_customerReviews:
    case GQL_F_RetailerOffer_affiliateInfo: gql_null(out); break; /* no link here bears a tag */
    default: put_offer_more(call, o, out);
    }
}

static void put_price(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct shop_offer *o = object;
    const struct ns_offer_row *row = &o->seen->offer;
    bool reduced = row->regular > row->price;
    switch (call->field) {
    case GQL_F_RetailerPrice_amount: gql_money(out, o->seen->landed.goods); break;
    case GQL_F_RetailerPrice_currency: gql_cstr(out, "CAD"); break;
    case GQL_F_RetailerPrice_originalPrice:
        if (reduced) {
            gql_money(out, row->regular * o->packs);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_RetailerPrice_discountPercentage:
        if (reduced) {
            gql_float(out, (double)((row->regular - row->price) * 1000 / row->regular) / 10);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_RetailerPrice_bulkDiscounts:
        gql_array(out, o->bulk, o->base > 0 ? (size_t)o->bulk_count : 0, sizeof *o->bulk);
        break;
    case GQL_F_RetailerPrice_taxes: gql_object(out, &o->seen->landed.tax); break;
    default: gql_money(out, o->seen->landed.total);
    }
}

static void put_bulk(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct shop_bulk *b = object;
    switch (call->field) {
    case GQL_F_BulkDiscount_quantity: gql_int(out, b->packs); break;
    case GQL_F_BulkDiscount_discountPercentage:
        gql_float(out, (double)((b->base - b->price) * 1000 / b->base) / 10);
        break;
    default: gql_object(out, cents(call, (b->base - b->price) * b->packs));
    }
}

static void put_availability(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct shop_offer *o = object;
    switch (call->field) {
    case GQL_F_Availability_inStock: gql_bool(out, o->seen->offer.availability != NS_OUT_OF_STOCK); break;
    case GQL_F_Availability_lastUpdated: gql_time(out, o->seen->offer.seen_at); break;
    default: gql_null(out);
    }
}

static void put_delivery(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct shop_offer *o = object;
    const struct ns_shipping *s = &o->seen->offer.shipping;
    switch (call->field) {
    case GQL_F_DeliveryTerms_estimatedDays:
    case GQL_F_DeliveryTerms_minDeliveryDays:
    case GQL_F_DeliveryTerms_maxDeliveryDays:
        if (o->seen->offer.delivery_days == NS_NONE) {
            gql_null(out);
        } else {
            gql_int(out, o->seen->offer.delivery_days);
        }
        break;
    case GQL_F_DeliveryTerms_freeShippingThreshold:
        if (s->free_from == NS_SHIPPING_NEVER_FREE) {
            gql_null(out);
        } else {
            gql_money(out, s->free_from);
        }
        break;
    case GQL_F_DeliveryTerms_shippingCost:
        gql_object(out, s->flat == NS_SHIPPING_UNKNOWN ? NULL : cents(call, s->flat));
        break;
    default: gql_list(out, NULL, 0);
    }
}

static const struct gql_root_bind roots[] = {{GQL_F_Query_getRetailerComparison, get_comparison}};
static const struct gql_type_bind types[] = {
    {GQL_T_RetailerComparison, put_comparison},
    {GQL_T_PriceComparison, put_prices},
    {GQL_T_LowestPrice, put_prices},
    {GQL_T_PriceSpread, put_prices},
    {GQL_T_RetailerOffer, put_offer},
    {GQL_T_RetailerPrice, put_price},
    {GQL_T_BulkDiscount, put_bulk},
    {GQL_T_Availability, put_availability},
    {GQL_T_DeliveryTerms, put_delivery},
};
const struct api_part api_comparison_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
