#include "agent/retail/prices.h"

#include "agent/household/act.h"
#include "agent/retail/gtin.h"
#include "agent/retail/shops.h"
#include "agent/retail/title.h"
#include "shared/text/fold.h"

#define MOST_CENTS ((ns_money)1000000)
#define OLDEST (3 * 365 * NS_DAY)
#define SEARCHED 1000

struct ns_price_input ns_price_input_empty(void) {
    return (struct ns_price_input){
        .size = NS_NONE, .class = NS_NONE, .retailer = NS_RETAILER_OTHER, .packs = 1,
        .shipping = {NS_SHIPPING_UNKNOWN, NS_SHIPPING_NEVER_FREE}, .delivery_days = NS_NONE,
        .availability = NS_IN_STOCK, .source = NS_OFFER_MANUAL, .seen_at = NS_TIME_NONE};
}

static ns_rc bad(struct ns_err *err, enum ns_msg msg) {
    return ns_err_say(err, NS_E_INPUT, (int)msg, NULL, NULL, NULL);
}

static ns_rc read_barcode(struct ns_str text, char out[NS_GTIN_TEXT], struct ns_err *err) {
    switch (ns_gtin_read(text, out)) {
    case NS_GTIN_GOOD: return NS_OK;
    case NS_GTIN_IN_STORE: return bad(err, NS_MSG_shop_barcode_in_store);
    case NS_GTIN_CHECK: return bad(err, NS_MSG_shop_barcode_check);
    case NS_GTIN_NOT_DIGITS:
    case NS_GTIN_LENGTH: break;
    }
    return bad(err, NS_MSG_shop_barcode_digits);
}

ns_rc ns_product_scan(struct ns_db *db, struct ns_str barcode, struct ns_arena *arena, struct ns_product *out,
                      struct ns_err *err) {
    char gtin[NS_GTIN_TEXT];
    bool found = false;
    ns_rc rc = read_barcode(barcode, gtin, err);
    if (rc == NS_OK) {
        rc = ns_row_product_of_gtin(db, gtin, arena, out, &found, err);
    }
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_shop_barcode_unknown, gtin, NULL, NULL);
    }
    return rc;
}

/* ---- a price is told ---- */

/* What the title says, unless the person said otherwise. */
static ns_rc describe(const struct ns_act *act, const struct ns_price_input *in, struct ns_product *p,
                      struct ns_err *err) {
    struct ns_title said;
    ns_rc rc = act_text(act, in->title, 200, true, NS_MSG_shop_field_title, &p->title, err);
    if (rc == NS_OK) {
        rc = act_text(act, in->brand, 100, true, NS_MSG_hh_field_brand, &p->brand, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    ns_title_read(ns_str_of(p->title), &said);
    p->size = in->size != NS_NONE ? in->size : said.size_gap == NS_TITLE_SAID ? (int)said.size : NS_NONE;
    p->pieces = in->pieces > 0 ? in->pieces : said.pieces_gap == NS_TITLE_SAID ? said.pieces : 0;
    p->class = in->class != NS_NONE ? (enum ns_tax_class)in->class
               : said.class_gap == NS_TITLE_SAID ? said.class : NS_TAX_CLASS_DIAPER_DISPOSABLE;
    if (in->pieces < 0 || in->pieces > 10000 || p->pieces > 10000) {
        return bad(err, NS_MSG_shop_bad_pieces);
    }
    return NS_OK;
}

/* A barcode told for a product that had none, or a count that nobody knew. */
static ns_rc complete(const struct ns_act *act, const struct ns_price_input *in, const char *gtin,
                      struct ns_product *p, struct ns_err *err) {
    bool more = (gtin[0] != '\0' && p->gtin == NULL) || (in->pieces > 0 && p->pieces == 0) ||
                (in->size != NS_NONE && p->size == NS_NONE);
    if (gtin[0] != '\0' && p->gtin == NULL) {
        p->gtin = ns_arena_copy(act->arena, ns_str_of(gtin));
    }
    p->pieces = p->pieces == 0 && in->pieces <= 10000 ? in->pieces : p->pieces;
    p->size = p->size == NS_NONE ? in->size : p->size;
    p->updated_at = act->now;
    return more ? ns_row_product_update(act->db, p, err) : NS_OK;
}

static ns_rc find_product(const struct ns_act *act, const struct ns_price_input *in, struct ns_product *p,
                          struct ns_err *err) {
    char gtin[NS_GTIN_TEXT] = "";
    bool found = false;
    ns_rc rc = in->barcode == NULL ? NS_OK : read_barcode(ns_str_of(in->barcode), gtin, err);
    if (rc == NS_OK && !ns_id_is_zero(in->product)) {
        rc = ns_row_product(act->db, in->product, act->arena, p, &found, err);
        if (rc == NS_OK && !found) {
            return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_shop_no_product, NULL, NULL, NULL);
        }
    } else if (rc == NS_OK && gtin[0] != '\0') {
        rc = ns_row_product_of_gtin(act->db, gtin, act->arena, p, &found, err);
    }
    if (rc == NS_OK && !found) {
        struct ns_product made = {.size = NS_NONE};
        rc = describe(act, in, &made, err);
        if (rc == NS_OK) {
            rc = ns_row_product_alike(act->db, &made, act->arena, p, &found, err);
        }
        if (rc == NS_OK && found && gtin[0] != '\0' && p->gtin != NULL) {
            found = false; /* alike, but another barcode: another thing */
        }
        if (rc == NS_OK && !found) {
            made.id = ns_id_new(act->env);
            made.gtin = gtin[0] != '\0' ? ns_arena_copy(act->arena, ns_str_of(gtin)) : NULL;
            made.created_at = made.updated_at = act->now;
            *p = made;
            return ns_row_product_add(act->db, p, err);
        }
    }
    return rc == NS_OK ? complete(act, in, gtin, p, err) : rc;
}

static ns_rc check(const struct ns_act *act, const struct ns_price_input *in, struct ns_offer_row *o,
                   struct ns_err *err) {
    ns_time seen = in->seen_at == NS_TIME_NONE ? act->now : in->seen_at;
    if (!in->price_read || in->price < 1 || in->price > MOST_CENTS || in->regular < 0 || in->regular > MOST_CENTS ||
        in->shipping.flat < NS_SHIPPING_UNKNOWN || in->shipping.flat > MOST_CENTS || in->shipping.free_from < 0) {
        return bad(err, NS_MSG_shop_bad_price);
    }
    if (in->packs < 1 || in->packs > 1000) {
        return bad(err, NS_MSG_shop_bad_packs);
    }
    if (seen > act->now + 5 * NS_MINUTE || seen < act->now - OLDEST) {
        return bad(err, NS_MSG_shop_bad_day);
    }
    if (in->url != NULL && !ns_shop_url_ok(in->retailer, ns_str_of(in->url))) {
        return bad(err, NS_MSG_shop_bad_url);
    }
    *o = (struct ns_offer_row){
        .retailer = in->retailer, .min_packs = (int)in->packs, .price = in->price, .regular = in->regular,
        .shipping = in->shipping, .delivery_days = in->delivery_days, .availability = in->availability,
        .source = in->source, .url = in->url, .seen_at = seen < act->now ? seen : act->now,
        .created_at = act->now};
    o->expires_at = o->seen_at + NS_PRICE_TOLD_DAYS * NS_DAY;
    ns_rc rc = act_text(act, in->shop != NULL && in->shop[0] != '\0' ? in->shop : ns_shops[in->retailer].name, 80,
                        true, NS_MSG_shop_field_shop, &o->shop, err);
    return rc == NS_OK ? act_text(act, in->sku, 60, false, NS_MSG_shop_field_sku, &o->sku, err) : rc;
}

/* The newest price stands; an older one goes into the history alone. */
static ns_rc keep(const struct ns_act *act, struct ns_offer_row *o, struct ns_err *err) {
    struct ns_offer_row *rows = NULL;
    const struct ns_offer_row *newer = NULL;
    int count = 0;
    ns_rc rc = ns_row_offers_of(act->db, o->product_id, act->arena, &rows, &count, err);
    for (int i = 0; i < count; i++) {
        if (rows[i].retailer == o->retailer && rows[i].min_packs == o->min_packs &&
            strcmp(rows[i].shop, o->shop) == 0 && rows[i].seen_at > o->seen_at) {
            newer = &rows[i];
        }
    }
    struct ns_price_point point = {o->seen_at, o->price, o->source};
    if (rc == NS_OK && newer == NULL) {
        o->id = ns_id_new(act->env);
        rc = ns_row_offer_put(act->db, o, &o->id, err);
    } else if (rc == NS_OK) {
        *o = *newer;
    }
    if (rc == NS_OK) {
        rc = ns_row_price_add(act->db, o->id, &point, err);
    }
    return rc == NS_OK && o->sku != NULL
               ? ns_row_mapping_put(act->db, o->retailer, o->sku, o->product_id, o->url, err) : rc;
}

static ns_rc add(const struct ns_act *act, const struct ns_price_input *in, struct ns_priced *out,
                 struct ns_err *err) {
    bool found = false;
    ns_rc rc = check(act, in, &out->offer, err);
    if (rc == NS_OK) {
        rc = find_product(act, in, &out->product, err);
    }
    if (rc == NS_OK) {
        out->offer.product_id = out->product.id;
        rc = keep(act, &out->offer, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_offer(act->db, out->offer.id, act->arena, &out->offer, &found, err);
    }
    return rc == NS_OK ? act_audit(act, "PRICE_ADDED", "product", out->product.id, NULL, err) : rc;
}

ns_rc ns_price_add(const struct ns_act *act, const struct ns_price_input *in, struct ns_priced *out,
                   struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    return rc != NS_OK ? rc : act_end(act, add(act, in, out, err), err);
}

/* ---- searching ---- */

struct words {
    const char *at[NS_PRODUCT_WORDS];
    int count;
    int size; /* "size 2" among them */
};

static void read_words(const char *query, struct ns_arena *arena, struct words *w) {
    static const char *const said[] = {"diapers", "diaper", "couches", "couche", "for", "pour", "the", "les"};
    struct ns_buf folded = NS_BUF(2048);
    ns_fold_to(&folded, ns_str_of(query));
    struct ns_str rest = ns_buf_view(&folded);
    bool size_follows = false;
    while (rest.n > 0 && w->count < NS_PRODUCT_WORDS) {
        struct ns_str word = ns_str_trim(ns_str_cut(&rest, ' '));
        enum ns_size size;
        bool filler = word.n == 0;
        for (size_t i = 0; i < NS_COUNT(said); i++) {
            filler = filler || ns_str_is(word, said[i]);
        }
        if (size_follows && ns_size_parse(word, &size)) {
            w->size = (int)size;
        } else if (!filler && !ns_str_is(word, "size") && !ns_str_is(word, "taille")) {
            w->at[w->count++] = ns_arena_copy(arena, word);
        }
        size_follows = ns_str_is(word, "size") || ns_str_is(word, "taille");
    }
    ns_buf_fini(&folded);
}

static bool fits(const struct ns_product_search *s, const struct ns_offer_row *o) {
    return (s->retailer == NS_NONE || s->retailer == (int)o->retailer) && o->price >= s->min_price &&
           (s->max_price == 0 || o->price <= s->max_price);
}

ns_rc ns_product_find(struct ns_db *db, const struct ns_product_search *search, struct ns_arena *arena,
                      struct ns_priced **out, int *count, struct ns_err *err) {
    struct words w = {.size = NS_NONE};
    enum ns_size size;
    struct ns_product *products = NULL;
    int found = 0, most = act_clamp((int)(search->most < 1 ? 1 : search->most > 100 ? 100 : search->most), 1, 100);
    *count = 0;
    *out = NS_NEW_N(arena, struct ns_priced, (size_t)most);
    read_words(search->query == NULL ? "" : search->query, arena, &w);
    if (search->size != NULL && search->size[0] != '\0') {
        if (!ns_size_parse(ns_str_of(search->size), &size)) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_shop_no_size, search->size, NULL, NULL);
        }
        w.size = (int)size;
    }
    if (search->brand != NULL && w.count < NS_PRODUCT_WORDS) {
        struct ns_buf folded = NS_BUF(500);
        ns_fold_to(&folded, ns_str_of(search->brand));
        w.at[w.count++] = ns_arena_copy(arena, ns_buf_view(&folded));
        ns_buf_fini(&folded);
    }
    ns_rc rc = ns_row_products_search(db, w.at, w.count, SEARCHED, arena, &products, &found, err);
    for (int i = 0; rc == NS_OK && i < found && *count < most; i++) {
        struct ns_offer_row *rows = NULL;
        int n = 0;
        if (w.size != NS_NONE && products[i].size != w.size) {
            continue;
        }
        rc = ns_row_offers_of(db, products[i].id, arena, &rows, &n, err);
        for (int k = 0; rc == NS_OK && k < n && *count < most; k++) {
            if (rows[k].min_packs == 1 && fits(search, &rows[k])) {
                (*out)[(*count)++] = (struct ns_priced){products[i], rows[k]};
            }
        }
    }
    return rc;
}
