#include "agent/store/retail.h"

#include "agent/store/rows.h"
#include "shared/text/fold.h"

#include <string.h>

#define PRODUCT "seq, id, gtin, brand, title, size, pieces, class, created_at, updated_at"
#define OFFER                                                                                  \
    "id, product_id, retailer_type, shop, min_packs, sku, price_cents, regular_cents, "        \
    "delivery_cents, free_from_cents, delivery_days, availability, source, url, seen_at, "     \
    "expires_at, created_at"

enum {
    ONE, OF_GTIN, ALIKE, ADD, UPDATE, SEARCH, OF_SIZE, MAPPING_PUT, MAPPING, OFFER_PUT, OFFER_ONE, OFFER_AT,
    OFFERS_OF, PRICE_ADD, PRICES, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [ONE] = "SELECT " PRODUCT " FROM products WHERE id = ?",
    [OF_GTIN] = "SELECT " PRODUCT " FROM products WHERE gtin = ?",
    [ALIKE] = "SELECT " PRODUCT " FROM products WHERE folded = ? AND pieces = ? AND size IS ? AND class = ? LIMIT 1",
    [ADD] = "INSERT INTO products (id, gtin, brand, title, folded, size, pieces, class, created_at, updated_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [UPDATE] = "UPDATE products SET gtin = ?, brand = ?, title = ?, folded = ?, size = ?, pieces = ?, class = ?, "
               "updated_at = ? WHERE id = ?",
    [SEARCH] = "SELECT " PRODUCT " FROM products WHERE instr(folded, ?) > 0 AND instr(folded, ?) > 0 AND "
               "instr(folded, ?) > 0 AND instr(folded, ?) > 0 AND instr(folded, ?) > 0 AND instr(folded, ?) > 0 "
               "ORDER BY seq DESC LIMIT ?",
    [OF_SIZE] = "SELECT " PRODUCT " FROM products INDEXED BY products_of_size WHERE class = ? AND size IS ? LIMIT ?",
    [MAPPING_PUT] = "INSERT INTO product_mappings (retailer_type, sku, product_id, url) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET product_id = excluded.product_id, url = coalesce(excluded.url, url)",
    [MAPPING] = "SELECT product_id FROM product_mappings WHERE retailer_type = ? AND sku = ?",
    [OFFER_PUT] = "INSERT INTO offers (" OFFER ", currency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'CAD') "
                  "ON CONFLICT (product_id, retailer_type, shop, min_packs) DO UPDATE SET "
                  "sku = coalesce(excluded.sku, sku), price_cents = excluded.price_cents, "
                  "regular_cents = excluded.regular_cents, "
                  "delivery_cents = coalesce(excluded.delivery_cents, delivery_cents), "
                  "free_from_cents = coalesce(excluded.free_from_cents, free_from_cents), "
                  "delivery_days = coalesce(excluded.delivery_days, delivery_days), "
                  "availability = excluded.availability, source = excluded.source, "
                  "url = coalesce(excluded.url, url), seen_at = excluded.seen_at, expires_at = excluded.expires_at",
    [OFFER_ONE] = "SELECT " OFFER " FROM offers WHERE id = ?",
    [OFFER_AT] = "SELECT id FROM offers WHERE product_id = ? AND retailer_type = ? AND shop = ? AND min_packs = ?",
    [OFFERS_OF] = "SELECT " OFFER " FROM offers WHERE product_id = ? ORDER BY retailer_type, shop, min_packs",
    [PRICE_ADD] = "INSERT INTO price_history (offer_id, seen_at, price_cents, source) VALUES (?, ?, ?, ?)",
    [PRICES] = "SELECT seen_at, price_cents, source FROM price_history WHERE offer_id = ? "
               "ORDER BY seen_at DESC, seq DESC LIMIT ?",
};
const struct ns_query_table ns_queries_retail = {"retail", queries, Q_COUNT};

const char *ns_offer_source_name(enum ns_offer_source source) {
    static const char *const names[] = {
#define NAME(name) #name,
        NS_OFFER_SOURCE_LIST(NAME)
#undef NAME
    };
    return names[source];
}

static enum ns_offer_source source_of(struct ns_str name) {
    int i = 0;
    while (i + 1 < NS_OFFER_SOURCE_COUNT && !ns_str_is(name, ns_offer_source_name((enum ns_offer_source)i))) {
        i++;
    }
    return (enum ns_offer_source)i;
}

/* ---- products ---- */

static void read_product(const struct ns_query *q, struct ns_arena *arena, struct ns_product *p) {
    enum ns_size size;
    *p = (struct ns_product){
        .id = ns_col_id(q, 1), .gtin = ns_col_text(q, 2, arena), .brand = ns_col_text(q, 3, arena),
        .title = ns_col_text(q, 4, arena), .size = NS_NONE, .pieces = ns_col_int(q, 6),
        .created_at = ns_col_int(q, 8), .updated_at = ns_col_int(q, 9)};
    if (!ns_col_null(q, 5) && ns_size_parse(ns_col_bytes(q, 5), &size)) {
        p->size = (int)size;
    }
    (void)ns_tax_class_parse(ns_col_bytes(q, 7), &p->class);
}

static const char *size_text(int size) {
    return size == NS_NONE ? NULL : ns_size_name((enum ns_size)size);
}

/* Brand and title as they are searched. */
static void put_folded(struct ns_query *q, const struct ns_product *p, struct ns_buf *text) {
    ns_fold_to(text, ns_str_of(p->brand));
    ns_buf_char(text, ' ');
    ns_fold_to(text, ns_str_of(p->title));
    ns_query_text(q, text->data);
}

static ns_rc one_product(struct ns_query *q, struct ns_arena *arena, struct ns_product *out, bool *found,
                         struct ns_err *err) {
    *out = (struct ns_product){.size = NS_NONE};
    *found = ns_query_row(q);
    if (*found) {
        read_product(q, arena, out);
    }
    return ns_query_end(q, err);
}

ns_rc ns_row_product(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_product *out, bool *found,
                     struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ONE]);
    ns_query_id(&q, id);
    return one_product(&q, arena, out, found, err);
}

ns_rc ns_row_product_of_gtin(struct ns_db *db, const char *gtin, struct ns_arena *arena, struct ns_product *out,
                             bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[OF_GTIN]);
    ns_query_text(&q, gtin);
    return one_product(&q, arena, out, found, err);
}

ns_rc ns_row_product_alike(struct ns_db *db, const struct ns_product *in, struct ns_arena *arena,
                           struct ns_product *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    struct ns_buf text = NS_BUF(4096);
    ns_query_start(&q, db, queries[ALIKE]);
    put_folded(&q, in, &text);
    ns_query_int(&q, in->pieces);
    ns_query_text(&q, size_text(in->size));
    ns_query_text(&q, ns_tax_class_id(in->class));
    ns_rc rc = one_product(&q, arena, out, found, err);
    ns_buf_fini(&text);
    return rc;
}

ns_rc ns_row_product_add(struct ns_db *db, const struct ns_product *in, struct ns_err *err) {
    struct ns_query q;
    struct ns_buf text = NS_BUF(4096);
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    ns_query_text(&q, in->gtin);
    ns_query_text(&q, in->brand);
    ns_query_text(&q, in->title);
    put_folded(&q, in, &text);
    ns_query_text(&q, size_text(in->size));
    ns_query_int(&q, in->pieces);
    ns_query_text(&q, ns_tax_class_id(in->class));
    ns_query_int(&q, in->created_at);
    ns_query_int(&q, in->updated_at);
    ns_rc rc = ns_query_run(&q, err);
    ns_buf_fini(&text);
    return rc;
}

ns_rc ns_row_product_update(struct ns_db *db, const struct ns_product *in, struct ns_err *err) {
    struct ns_query q;
    struct ns_buf text = NS_BUF(4096);
    ns_query_start(&q, db, queries[UPDATE]);
    ns_query_text(&q, in->gtin);
    ns_query_text(&q, in->brand);
    ns_query_text(&q, in->title);
    put_folded(&q, in, &text);
    ns_query_text(&q, size_text(in->size));
    ns_query_int(&q, in->pieces);
    ns_query_text(&q, ns_tax_class_id(in->class));
    ns_query_int(&q, in->updated_at);
    ns_query_id(&q, in->id);
    ns_rc rc = ns_query_run(&q, err);
    ns_buf_fini(&text);
    return rc;
}

static ns_rc list_products(struct ns_query *q, struct ns_arena *arena, struct ns_product **out, int *count,
                           struct ns_err *err) {
    int cap = 0;
    *out = NULL;
    *count = 0;
    while (ns_query_row(q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_product);
        read_product(q, arena, &(*out)[(*count)++]);
    }
    return ns_query_end(q, err);
}

ns_rc ns_row_products_search(struct ns_db *db, const char *const *words, int word_count, int limit,
                             struct ns_arena *arena, struct ns_product **out, int *count, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SEARCH]);
    for (int i = 0; i < NS_PRODUCT_WORDS; i++) {
        ns_query_text(&q, i < word_count ? words[i] : "");
    }
    ns_query_int(&q, limit);
    return list_products(&q, arena, out, count, err);
}

ns_rc ns_row_products_of_size(struct ns_db *db, enum ns_tax_class class, int size, int limit, struct ns_arena *arena,
                              struct ns_product **out, int *count, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[OF_SIZE]);
    ns_query_text(&q, ns_tax_class_id(class));
    ns_query_text(&q, size_text(size));
    ns_query_int(&q, limit);
    return list_products(&q, arena, out, count, err);
}

ns_rc ns_row_mapping_put(struct ns_db *db, enum ns_retailer_type retailer, const char *sku, ns_id product,
                         const char *url, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[MAPPING_PUT]);
    ns_query_text(&q, ns_retailer_type_name(retailer));
    ns_query_text(&q, sku);
    ns_query_id(&q, product);
    ns_query_text(&q, url);
    return ns_query_run(&q, err);
}

ns_rc ns_row_mapping(struct ns_db *db, enum ns_retailer_type retailer, const char *sku, ns_id *product,
                     struct ns_err *err) {
    struct ns_query q;
    *product = (ns_id){{0}};
    ns_query_start(&q, db, queries[MAPPING]);
    ns_query_text(&q, ns_retailer_type_name(retailer));
    ns_query_text(&q, sku);
    if (ns_query_row(&q)) {
        *product = ns_col_id(&q, 0);
    }
    return ns_query_end(&q, err);
}

/* ---- offers ---- */

static void read_offer(const struct ns_query *q, struct ns_arena *arena, struct ns_offer_row *o) {
    *o = (struct ns_offer_row){
        .id = ns_col_id(q, 0), .product_id = ns_col_id(q, 1), .shop = ns_col_text(q, 3, arena),
        .min_packs = (int)ns_col_int(q, 4), .sku = ns_col_text(q, 5, arena), .price = ns_col_int(q, 6),
        .regular = ns_col_opt(q, 7, 0),
        .shipping = {ns_col_opt(q, 8, NS_SHIPPING_UNKNOWN), ns_col_opt(q, 9, NS_SHIPPING_NEVER_FREE)},
        .delivery_days = (int)ns_col_opt(q, 10, NS_NONE),
        .availability = (enum ns_availability)ns_col_int(q, 11), .source = source_of(ns_col_bytes(q, 12)),
        .url = ns_col_text(q, 13, arena), .seen_at = ns_col_int(q, 14), .expires_at = ns_col_int(q, 15),
        .created_at = ns_col_int(q, 16)};
    (void)ns_retailer_type_parse(ns_col_bytes(q, 2), &o->retailer);
}

ns_rc ns_row_offer_put(struct ns_db *db, const struct ns_offer_row *in, ns_id *id, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[OFFER_PUT]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->product_id);
    ns_query_text(&q, ns_retailer_type_name(in->retailer));
    ns_query_text(&q, in->shop);
    ns_query_int(&q, in->min_packs);
    ns_query_text(&q, in->sku);
    ns_query_int(&q, in->price);
    ns_query_opt(&q, in->regular, 0);
    ns_query_opt(&q, in->shipping.flat, NS_SHIPPING_UNKNOWN);
    ns_query_opt(&q, in->shipping.free_from, NS_SHIPPING_NEVER_FREE);
    ns_query_opt(&q, in->delivery_days, NS_NONE);
    ns_query_int(&q, (int64_t)in->availability);
    ns_query_text(&q, ns_offer_source_name(in->source));
    ns_query_text(&q, in->url);
    ns_query_int(&q, in->seen_at);
    ns_query_int(&q, in->expires_at);
    ns_query_int(&q, in->created_at);
    ns_rc rc = ns_query_run(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[OFFER_AT]);
    ns_query_id(&q, in->product_id);
    ns_query_text(&q, ns_retailer_type_name(in->retailer));
    ns_query_text(&q, in->shop);
    ns_query_int(&q, in->min_packs);
    *id = ns_query_row(&q) ? ns_col_id(&q, 0) : in->id;
    return ns_query_end(&q, err);
}

ns_rc ns_row_offer(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_offer_row *out, bool *found,
                   struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_offer_row){.delivery_days = NS_NONE};
    ns_query_start(&q, db, queries[OFFER_ONE]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        read_offer(&q, arena, out);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_offers_of(struct ns_db *db, ns_id product, struct ns_arena *arena, struct ns_offer_row **out,
                       int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[OFFERS_OF]);
    ns_query_id(&q, product);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_offer_row);
        read_offer(&q, arena, &(*out)[(*count)++]);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_price_add(struct ns_db *db, ns_id offer, const struct ns_price_point *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[PRICE_ADD]);
    ns_query_id(&q, offer);
    ns_query_int(&q, in->seen_at);
    ns_query_int(&q, in->price);
    ns_query_text(&q, ns_offer_source_name(in->source));
    return ns_query_run(&q, err);
}

ns_rc ns_row_prices(struct ns_db *db, ns_id offer, int limit, struct ns_arena *arena, struct ns_price_point **out,
                    int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[PRICES]);
    ns_query_id(&q, offer);
    ns_query_int(&q, limit);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_price_point);
        (*out)[(*count)++] = (struct ns_price_point){ns_col_int(&q, 0), ns_col_int(&q, 1), source_of(ns_col_bytes(&q, 2))};
    }
    return ns_query_end(&q, err);
}
