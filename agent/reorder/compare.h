/* compare.h: what a pack really costs at each shop: price, delivery and the province's tax, by the
 * piece. Pure.
 *
 * A price that has run out is shown last with its day, whatever it says; so is one that is not in
 * stock. What cannot be known (no piece count, an unknown tax, delivery never told) is absent with
 * its reason, and such an offer stands below those that are whole.
 * Memory: the caller's arrays. Threads: pure. */
#pragma once
#include "shared/tax/tax.h"

enum ns_availability { NS_IN_STOCK, NS_LOW_STOCK, NS_STOCK_UNKNOWN, NS_OUT_OF_STOCK };

#define NS_SHIPPING_UNKNOWN (-1)
#define NS_SHIPPING_NEVER_FREE INT64_MAX

/* How a shop charges for delivery, before tax. */
struct ns_shipping {
    ns_money flat;      /* NS_SHIPPING_UNKNOWN: not known; 0: always free, or fetched by hand */
    ns_money free_from; /* goods before tax; NS_SHIPPING_NEVER_FREE */
};
/* NS_SHIPPING_UNKNOWN when it is; nothing is charged for nothing. */
ns_money ns_shipping_for(const struct ns_shipping *s, ns_money goods);

struct ns_offer {
    const char *shop;          /* breaks ties, so that equal prices keep one order */
    ns_money price;            /* of one pack, before tax; > 0 */
    int64_t pieces;            /* in a pack; 0: not known */
    enum ns_tax_class class;
    struct ns_shipping shipping;
    enum ns_availability availability;
    ns_time observed_at;
    ns_time expires_at;        /* NS_TIME_NONE: never */
};

enum ns_landed_gap {
    NS_LANDED_WHOLE,
    NS_LANDED_SHIPPING, /* delivery not known: the sums are without it */
    NS_LANDED_TAX,      /* tax not known: the sums are before tax */
    NS_LANDED_PRICE,    /* no price, or one too large: no sum at all */
};

struct ns_landed {
    int offer;            /* index into the offers */
    enum ns_landed_gap gap;
    bool stale;
    ns_money goods;
    ns_money shipping;
    struct ns_tax_answer tax; /* on goods and delivery: what is delivered with goods is taxed like them */
    ns_money total;
    int64_t piece_milli;  /* thousandths of a cent for a piece; 0: pieces not known */
};

struct ns_compare_query {
    enum ns_province province; /* of delivery */
    ns_date day;
    ns_time now;
    int64_t packs;             /* 1 to 1000 */
};

/* Fills out[0..count) best first and answers how many of them are whole, fresh and in stock. */
size_t ns_compare(const struct ns_compare_query *query, const struct ns_offer *offers, size_t count,
                  struct ns_landed *out);
