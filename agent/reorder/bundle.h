/* bundle.h: which shop to buy each thing of a list at, so that the whole costs least with every
 * shop's delivery in it. Exact: every division of the list is weighed, not the first good one.
 *
 * Pure. Memory: the caller's arena, about 80 KiB for twelve things at six shops. Cost: 3^things *
 * shops additions, 3.2 million there. Threads: pure. */
#pragma once
#include "agent/reorder/compare.h"

#include "shared/base/arena.h"
#include "shared/base/err.h"

#define NS_BUNDLE_ITEMS 12
#define NS_BUNDLE_SHOPS 16

struct ns_bundle_shop {
    struct ns_shipping shipping;
    int32_t shipping_ppm; /* tax on delivery */
};

struct ns_bundle_query {
    const struct ns_bundle_shop *shops;
    int shop_count;
    int item_count;
    const ns_money *goods; /* [item * shop_count + shop]: before tax, for all packs; < 0: not sold there */
    const ns_money *taxed; /* the same with tax */
};

struct ns_bundle {
    int shop[NS_BUNDLE_ITEMS]; /* of each item */
    ns_money total;            /* goods, delivery and tax */
    ns_money shipping;         /* of it: delivery with its tax */
    int shops_used;
    ns_money best_single;      /* the whole list at the best one shop; -1: no shop has it all */
};

/* NS_E_INPUT: nothing on the list, or delivery not known at a shop; NS_E_NOT_FOUND: something is sold
 * nowhere; NS_E_LIMIT: too many items or shops. Of equal totals the one with fewer shops. */
ns_rc ns_bundle(const struct ns_bundle_query *query, struct ns_arena *arena, struct ns_bundle *out,
                struct ns_err *err) NS_MUST_USE;
