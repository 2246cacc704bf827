/* offers.h: what a product costs this home at each shop, tax and delivery in, best first.
 *
 * Reads only; prices are written by agent/retail. A price that has run out stands below every fresh
 * one, and what is not known (delivery, tax, pieces) is said and stands below what is whole
 * (agent/reorder/compare.h). Nothing leaves the home for it. The plan is not checked here.
 * Memory: the arena. Threads: the connection's. */
#pragma once
#include "agent/store/retail.h"

struct ns_offers_query {
    ns_id product;            /* zero: every product of class and size */
    enum ns_tax_class class;
    int size;                 /* enum ns_size, NS_NONE: things without one */
    int64_t packs;            /* 1..1000; the price of a shop's larger lot counts from its lot on */
    enum ns_province province;
    ns_date day;
    ns_time now;
};
/* One offer of `packs` packs: offer.id, offer.retailer and offer.shop, product.id,
 * landed.total in cents with all in, landed.piece_milli of one diaper, offer.url. */
struct ns_offer_seen {
    struct ns_product product;
    struct ns_offer_row offer;
    struct ns_landed landed;
};
struct ns_offers {
    struct ns_offer_seen *at; /* best first */
    int count;
    int whole;                /* of them: fresh, in stock and nothing unknown; they come first */
};
#define NS_OFFERS_MOST 500

ns_rc ns_offers_compare(struct ns_db *db, const struct ns_offers_query *query, struct ns_arena *arena,
                        struct ns_offers *out, struct ns_err *err) NS_MUST_USE;
/* The best that is fresh, in stock and whole, of the retailers and brands wished for (count 0: any;
 * brands compared without capitals and accents). found false: none is; nothing is guessed. */
struct ns_offer_wish {
    const enum ns_retailer_type *retailers;
    int retailer_count;
    const char *const *brands;
    int brand_count;
};
ns_rc ns_offers_best(struct ns_db *db, const struct ns_offers_query *query, const struct ns_offer_wish *wish,
                     struct ns_arena *arena, struct ns_offer_seen *out, bool *found,
                     struct ns_err *err) NS_MUST_USE;
