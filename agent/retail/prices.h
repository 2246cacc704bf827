/* prices.h: products by barcode or title, and the prices a family tells or a receipt shows.
 *
 * A price is one transaction with its audit line. It is kept for ever in the history; the offer of
 * its shop shows the newest one, so that an older receipt typed in later never takes its place.
 * Nothing leaves the home. Memory: act->arena. Threads: the connection's. */
#pragma once
#include "agent/household/household.h"
#include "agent/store/retail.h"

#define NS_PRICE_TOLD_DAYS 30 /* how long a price told by a person counts as fresh */

struct ns_price_input {
    ns_id product;       /* zero: by barcode, else by brand and title */
    const char *barcode; /* NULL: none */
    const char *brand;
    const char *title;   /* size, pieces and kind are read from it unless given */
    int size;            /* NS_NONE: of the title */
    int64_t pieces;      /* 0: of the title */
    int class;           /* NS_NONE: of the title, else disposable diapers */
    enum ns_retailer_type retailer;
    const char *shop;    /* NULL: the retailer's name */
    const char *sku;
    int64_t packs;       /* the price is of each, from so many on */
    ns_money price;
    bool price_read;     /* it was an amount */
    ns_money regular;    /* 0: not told */
    struct ns_shipping shipping;
    int delivery_days;   /* NS_NONE */
    enum ns_availability availability;
    enum ns_offer_source source;
    const char *url;
    ns_time seen_at;     /* NS_TIME_NONE: now */
};
struct ns_price_input ns_price_input_empty(void);
ns_rc ns_price_add(const struct ns_act *act, const struct ns_price_input *in, struct ns_priced *out,
                   struct ns_err *err) NS_MUST_USE;

/* NS_E_INPUT with the reason: no barcode, misread, or one that means something in one shop only;
 * NS_E_NOT_FOUND: no product of this home bears it. */
ns_rc ns_product_scan(struct ns_db *db, struct ns_str barcode, struct ns_arena *arena, struct ns_product *out,
                      struct ns_err *err) NS_MUST_USE;

struct ns_product_search {
    const char *query; /* words, any order; "size 2" counts as the size; NULL: everything */
    const char *size;  /* "Size 2"; NULL: any */
    const char *brand;
    int retailer;      /* enum ns_retailer_type; NS_NONE: any */
    ns_money min_price;
    ns_money max_price; /* 0: any */
    int64_t most;       /* 1..100 */
};
/* Offers of products that fit, newest product first. NS_E_INPUT: the size is none. */
ns_rc ns_product_find(struct ns_db *db, const struct ns_product_search *search, struct ns_arena *arena,
                      struct ns_priced **out, int *count, struct ns_err *err) NS_MUST_USE;
