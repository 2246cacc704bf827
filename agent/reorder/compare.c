#include "agent/reorder/compare.h"

#include <string.h>

#define MOST_CENTS (INT64_C(1000000000))

ns_money ns_shipping_for(const struct ns_shipping *s, ns_money goods) {
    if (goods == 0) {
        return 0;
    }
    if (s->free_from != NS_SHIPPING_NEVER_FREE && goods >= s->free_from) {
        return 0; /* known to be free although the fee is not known */
    }
    return s->flat;
}

static void land(const struct ns_compare_query *q, const struct ns_offer *o, struct ns_landed *out) {
    out->stale = o->expires_at != NS_TIME_NONE && q->now >= o->expires_at;
    if (o->price <= 0 || o->price > MOST_CENTS || q->packs < 1 || q->packs > 1000) {
        out->gap = NS_LANDED_PRICE;
        return;
    }
    out->goods = o->price * q->packs;
    ns_money shipping = ns_shipping_for(&o->shipping, out->goods);
    if (shipping == NS_SHIPPING_UNKNOWN) {
        out->gap = NS_LANDED_SHIPPING;
        shipping = 0;
    }
    out->shipping = shipping;
    struct ns_tax_query tax = {.province = q->province, .class = o->class, .day = q->day,
                               .handed_on = NS_DATE_NONE, .subtotal = out->goods + shipping};
    out->total = out->goods + shipping;
    if (ns_tax_line(&tax, &out->tax)) {
        out->total = out->tax.total;
    } else {
        out->gap = NS_LANDED_TAX;
    }
    if (o->pieces > 0) {
        int64_t pieces = o->pieces * q->packs;
        out->piece_milli = (out->total * 1000 + pieces / 2) / pieces;
    }
}

/* Fresh before stale, there before gone, whole before partial, known pieces before unknown; then
 * the price of a piece, the sum, the shop's name and the order given. */
static bool before(const struct ns_landed *a, const struct ns_landed *b, const struct ns_offer *offers) {
    const struct ns_offer *x = &offers[a->offer];
    const struct ns_offer *y = &offers[b->offer];
    if (a->stale != b->stale) {
        return b->stale;
    }
    bool gone[2] = {x->availability == NS_OUT_OF_STOCK, y->availability == NS_OUT_OF_STOCK};
    if (gone[0] != gone[1]) {
        return gone[1];
    }
    if (a->gap != b->gap) {
        return a->gap < b->gap;
    }
    if ((a->piece_milli == 0) != (b->piece_milli == 0)) {
        return b->piece_milli == 0;
    }
    if (a->piece_milli != b->piece_milli) {
        return a->piece_milli < b->piece_milli;
    }
    if (a->total != b->total) {
        return a->total < b->total;
    }
    int name = strcmp(x->shop, y->shop);
    return name != 0 ? name < 0 : a->offer < b->offer;
}

/* Shell sort: no memory, a few hundred offers at most. */
static void rank(struct ns_landed *at, size_t count, const struct ns_offer *offers) {
    for (size_t gap = count / 2; gap > 0; gap /= 2) {
        for (size_t i = gap; i < count; i++) {
            struct ns_landed one = at[i];
            size_t k = i;
            for (; k >= gap && before(&one, &at[k - gap], offers); k -= gap) {
                at[k] = at[k - gap];
            }
            at[k] = one;
        }
    }
}

size_t ns_compare(const struct ns_compare_query *query, const struct ns_offer *offers, size_t count,
                  struct ns_landed *out) {
    size_t whole = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct ns_landed){.offer = (int)i};
        land(query, &offers[i], &out[i]);
        whole += !out[i].stale && out[i].gap == NS_LANDED_WHOLE &&
                 offers[i].availability != NS_OUT_OF_STOCK;
    }
    rank(out, count, offers);
    return whole;
}
