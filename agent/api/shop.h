/* shop.h: what the resolvers of products, prices and orders share. Private to agent/api.
 *
 * The objects of these types: ProductInfo: struct ns_product; ProductMapping: struct ns_priced;
 * RetailerSummary: struct shop_named; RetailerOffer, RetailerPrice, Availability, DeliveryTerms,
 * AffiliateInfo: struct shop_offer. Threads: loop thread. */
#pragma once
#include "agent/api/context.h"
#include "agent/household/offers.h"
#include "agent/retail/prices.h"
#include "agent/retail/shops.h"

struct shop_named {
    enum ns_retailer_type retailer;
    const char *shop;
};

struct shop_bulk {
    int packs;
    ns_money price;
    ns_money base; /* of one, from one on */
};
struct shop_offer {
    const struct ns_offer_seen *seen;
    int64_t packs;
    ns_money base;                /* of a pack when one is bought; 0: sold in lots only */
    const struct shop_bulk *bulk; /* larger lots of the same shop */
    int bulk_count;
};
/* The object of RetailerOffer and of its parts. */
ns_rc shop_offer_make(struct api_ctx *ctx, const struct ns_offer_seen *seen, int64_t packs,
                      struct shop_offer *out, struct ns_err *err) NS_MUST_USE;
/* The shop's page, else a search there; NULL: it has none. Never with a tag of the household. */
const char *shop_link(struct api_ctx *ctx, const struct ns_product *product, const struct ns_offer_row *offer);
/* Is the feature in the plan? Else out is an error naming the plan and its price. */
bool shop_entitled(struct api_ctx *ctx, const char *feature, struct gql_out *out);
