/* shops.h: the shops by name, and links to their public pages, from schema/data/retail/shops.psv.
 *
 * A link goes to the host of the list and nowhere else; what is filled in is percent-encoded.
 * Memory: constant table; links go to the caller's buffer. Threads: pure. */
#pragma once
#include "shared/base/buf.h"
#include "shared/model/enums.h"

struct ns_shop {
    const char *name;
    const char *host;     /* "": has no pages */
    const char *api;      /* "": answers no programs */
    int calls_per_hour;
    const char *product_page;
    const char *search_page;
    const char *tag_name; /* of the parameter that names who sent the visitor */
};
extern const struct ns_shop ns_shops[NS_RETAILER_COUNT];

/* What a shop lets a program do; a shop that answers no programs has the links at most. */
enum {
    NS_SHOP_SEARCH = 1 << 0,
    NS_SHOP_LOOKUP_GTIN = 1 << 1,
    NS_SHOP_PRICE = 1 << 2,
    NS_SHOP_AVAILABILITY = 1 << 3,
    NS_SHOP_LINK = 1 << 4,
    NS_SHOP_PREPARE_ORDER = 1 << 5,
    NS_SHOP_SUBMIT_ORDER = 1 << 6,
    NS_SHOP_TRACK = 1 << 7,
};
unsigned ns_shop_can(enum ns_retailer_type shop);

/* The page of a product, by its number at the shop, else a search for the words. tag NULL: none.
 * False: the shop has no such page; nothing is appended. */
bool ns_shop_link(enum ns_retailer_type shop, const char *sku, const char *words, const char *tag,
                  struct ns_buf *out);
/* https, a host, no blanks and no controls, at most 500 bytes; and for a shop with a host, that one or
 * a subdomain of its name. */
bool ns_shop_url_ok(enum ns_retailer_type shop, struct ns_str url);
