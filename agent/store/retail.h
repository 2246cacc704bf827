/* retail.h: products, what they cost at each shop, every price seen, and the connections to shops.
 *
 * No rule lives here (agent/household/offers.h, agent/retail). Lists and texts live in the arena.
 * Threads: the connection's; writes want a transaction. */
#pragma once
#include "agent/reorder/compare.h"
#include "agent/store/db.h"
#include "shared/model/model.h"

struct ns_product {
    ns_id id;
    const char *gtin;  /* fourteen digits; NULL: not known */
    const char *brand;
    const char *title;
    int size;          /* enum ns_size; NS_NONE: has none */
    int64_t pieces;    /* in a pack; 0: not known */
    enum ns_tax_class class;
    ns_time created_at;
    ns_time updated_at;
};

#define NS_OFFER_SOURCE_LIST(X) X(MANUAL) X(RECEIPT) X(API) X(LINK)
enum ns_offer_source {
#define NS_OFFER_SOURCE_ENUM(name) NS_OFFER_##name,
    NS_OFFER_SOURCE_LIST(NS_OFFER_SOURCE_ENUM)
#undef NS_OFFER_SOURCE_ENUM
        NS_OFFER_SOURCE_COUNT
};
const char *ns_offer_source_name(enum ns_offer_source source);

struct ns_offer_row {
    ns_id id;
    ns_id product_id;
    enum ns_retailer_type retailer;
    const char *shop;      /* as shown: "Jean Coutu, rue Fleury" */
    const char *sku;       /* NULL: not known */
    int min_packs;         /* the price is of each pack, from so many on */
    ns_money price;        /* before tax */
    ns_money regular;      /* 0: not known */
    struct ns_shipping shipping;
    int delivery_days;     /* NS_NONE: not known */
    enum ns_availability availability;
    enum ns_offer_source source;
    const char *url;       /* NULL: none */
    ns_time seen_at;
    ns_time expires_at;
    ns_time created_at;
};
struct ns_priced { /* an offer with its product */
    struct ns_product product;
    struct ns_offer_row offer;
};
struct ns_price_point {
    ns_time seen_at;
    ns_money price;
    enum ns_offer_source source;
};

ns_rc ns_row_product(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_product *out, bool *found,
                     struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_product_of_gtin(struct ns_db *db, const char *gtin, struct ns_arena *arena, struct ns_product *out,
                             bool *found, struct ns_err *err) NS_MUST_USE;
/* The one with the same text and count. */
ns_rc ns_row_product_alike(struct ns_db *db, const struct ns_product *in, struct ns_arena *arena,
                           struct ns_product *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_product_add(struct ns_db *db, const struct ns_product *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_product_update(struct ns_db *db, const struct ns_product *in, struct ns_err *err) NS_MUST_USE;
#define NS_PRODUCT_WORDS 6
/* Those whose brand and title hold every word (already folded), newest first. */
ns_rc ns_row_products_search(struct ns_db *db, const char *const *words, int word_count, int limit,
                             struct ns_arena *arena, struct ns_product **out, int *count,
                             struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_products_of_size(struct ns_db *db, enum ns_tax_class class, int size, int limit, struct ns_arena *arena,
                              struct ns_product **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_mapping_put(struct ns_db *db, enum ns_retailer_type retailer, const char *sku, ns_id product,
                         const char *url, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_mapping(struct ns_db *db, enum ns_retailer_type retailer, const char *sku, ns_id *product,
                     struct ns_err *err) NS_MUST_USE; /* zero: none */

/* The row of its product, retailer, shop and min_packs is made or written anew; *id is the row's. */
ns_rc ns_row_offer_put(struct ns_db *db, const struct ns_offer_row *in, ns_id *id, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_offer(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_offer_row *out, bool *found,
                   struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_offers_of(struct ns_db *db, ns_id product, struct ns_arena *arena, struct ns_offer_row **out,
                       int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_price_add(struct ns_db *db, ns_id offer, const struct ns_price_point *in, struct ns_err *err) NS_MUST_USE;
/* Newest first. */
ns_rc ns_row_prices(struct ns_db *db, ns_id offer, int limit, struct ns_arena *arena, struct ns_price_point **out,
                    int *count, struct ns_err *err) NS_MUST_USE;
