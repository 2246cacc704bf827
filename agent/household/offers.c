#include "agent/household/offers.h"

#include "shared/text/fold.h"

#include <string.h>

#define PRODUCTS_MOST 200

/* Of a shop's lots the largest that the number of packs reaches. */
static bool lot_counts(const struct ns_offer_row *rows, int count, int i, int64_t packs) {
    if (rows[i].min_packs > packs) {
        return false;
    }
    for (int k = i + 1; k < count; k++) { /* in order of shop and lot */
        bool same = rows[k].retailer == rows[i].retailer && strcmp(rows[k].shop, rows[i].shop) == 0;
        if (same && rows[k].min_packs <= packs) {
            return false;
        }
    }
    return true;
}

static ns_rc add_product(struct ns_db *db, const struct ns_offers_query *q, const struct ns_product *p,
                         struct ns_arena *arena, struct ns_offers *all, struct ns_err *err) {
    struct ns_offer_row *rows = NULL;
    int count = 0;
    ns_rc rc = ns_row_offers_of(db, p->id, arena, &rows, &count, err);
    for (int i = 0; i < count && all->count < NS_OFFERS_MOST; i++) {
        if (lot_counts(rows, count, i, q->packs)) {
            all->at[all->count++] = (struct ns_offer_seen){.product = *p, .offer = rows[i]};
        }
    }
    return rc;
}

static void rank(const struct ns_offers_query *q, struct ns_arena *arena, struct ns_offers *all) {
    struct ns_offer *plain = NS_NEW_N(arena, struct ns_offer, (size_t)all->count);
    struct ns_landed *landed = NS_NEW_N(arena, struct ns_landed, (size_t)all->count);
    struct ns_offer_seen *sorted = NS_NEW_N(arena, struct ns_offer_seen, (size_t)all->count);
    for (int i = 0; i < all->count; i++) {
        const struct ns_offer_seen *s = &all->at[i];
        plain[i] = (struct ns_offer){
            .shop = s->offer.shop, .price = s->offer.price, .pieces = s->product.pieces, .class = s->product.class,
            .shipping = s->offer.shipping, .availability = s->offer.availability,
            .observed_at = s->offer.seen_at, .expires_at = s->offer.expires_at};
    }
    struct ns_compare_query c = {.province = q->province, .day = q->day, .now = q->now, .packs = q->packs};
    all->whole = (int)ns_compare(&c, plain, (size_t)all->count, landed);
    for (int i = 0; i < all->count; i++) {
        sorted[i] = all->at[landed[i].offer];
        sorted[i].landed = landed[i];
    }
    all->at = sorted;
}

ns_rc ns_offers_compare(struct ns_db *db, const struct ns_offers_query *query, struct ns_arena *arena,
                        struct ns_offers *out, struct ns_err *err) {
    struct ns_product *products = NS_NEW(arena, struct ns_product);
    bool found = false;
    int count = 1;
    *out = (struct ns_offers){.at = NS_NEW_N(arena, struct ns_offer_seen, NS_OFFERS_MOST)};
    ns_rc rc;
    if (ns_id_is_zero(query->product)) {
        rc = ns_row_products_of_size(db, query->class, query->size, PRODUCTS_MOST, arena, &products, &count, err);
    } else {
        rc = ns_row_product(db, query->product, arena, products, &found, err);
        count = found ? 1 : 0;
    }
    for (int i = 0; rc == NS_OK && i < count; i++) {
        rc = add_product(db, query, &products[i], arena, out, err);
    }
    if (rc == NS_OK) {
        rank(query, arena, out);
    }
    return rc;
}

static bool same_word(const char *a, const char *b) {
    return ns_fold_contains(ns_str_of(a), ns_str_of(b)) && ns_fold_contains(ns_str_of(b), ns_str_of(a));
}

static bool wished(const struct ns_offer_seen *s, const struct ns_offer_wish *wish) {
    bool shop = wish == NULL || wish->retailer_count == 0, brand = wish == NULL || wish->brand_count == 0;
    for (int i = 0; !shop && i < wish->retailer_count; i++) {
        shop = wish->retailers[i] == s->offer.retailer;
    }
    for (int i = 0; !brand && i < wish->brand_count; i++) {
        brand = same_word(wish->brands[i], s->product.brand);
    }
    return shop && brand;
}

ns_rc ns_offers_best(struct ns_db *db, const struct ns_offers_query *query, const struct ns_offer_wish *wish,
                     struct ns_arena *arena, struct ns_offer_seen *out, bool *found, struct ns_err *err) {
    struct ns_offers all;
    *found = false;
    ns_rc rc = ns_offers_compare(db, query, arena, &all, err);
    for (int i = 0; rc == NS_OK && i < all.whole && !*found; i++) {
        if (wished(&all.at[i], wish)) {
            *out = all.at[i];
            *found = true;
        }
    }
    return rc;
}
