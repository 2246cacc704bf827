#include "agent/reorder/bundle.h"

#define NONE INT64_MAX

/* What a set of items costs at one shop. */
struct basket {
    ns_money total;    /* NONE: the shop lacks one of them */
    ns_money shipping;
};

static struct basket basket_at(const struct ns_bundle_query *q, int shop, uint32_t set) {
    ns_money goods = 0;
    ns_money taxed = 0;
    for (int i = 0; i < q->item_count; i++) {
        if ((set >> i & 1) != 0) {
            ns_money price = q->goods[i * q->shop_count + shop];
            if (price < 0) {
                return (struct basket){.total = NONE};
            }
            goods += price;
            taxed += q->taxed[i * q->shop_count + shop];
        }
    }
    const struct ns_bundle_shop *s = &q->shops[shop];
    ns_money shipping = ns_shipping_for(&s->shipping, goods);
    shipping += ns_tax_round(shipping, s->shipping_ppm);
    return (struct basket){.total = taxed + shipping, .shipping = shipping};
}

struct best {
    ns_money total;
    int shops;
};

static bool better(struct best a, struct best b) {
    return a.total < b.total || (a.total == b.total && a.shops < b.shops);
}

/* best[set] with the shops before this one -> with this one too; take[set]: what this shop gets. */
static void add_shop(uint32_t sets, const struct basket *here, const struct best *without,
                     struct best *with, uint16_t *take) {
    for (uint32_t set = 0; set < sets; set++) {
        with[set] = without[set];
        take[set] = 0;
        for (uint32_t part = set; part != 0; part = (part - 1) & set) {
            if (here[part].total == NONE || without[set ^ part].total == NONE) {
                continue;
            }
            struct best found = {without[set ^ part].total + here[part].total, without[set ^ part].shops + 1};
            if (with[set].total == NONE || better(found, with[set])) {
                with[set] = found;
                take[set] = (uint16_t)part;
            }
        }
    }
}

static ns_rc check(const struct ns_bundle_query *q, struct ns_err *err) {
    if (q->item_count > NS_BUNDLE_ITEMS || q->shop_count > NS_BUNDLE_SHOPS) {
        return ns_err_note(err, NS_E_LIMIT, "bundle: %d items at %d shops", q->item_count, q->shop_count);
    }
    if (q->item_count < 1 || q->shop_count < 1) {
        return ns_err_note(err, NS_E_INPUT, "bundle: nothing to buy, or nowhere");
    }
    for (int s = 0; s < q->shop_count; s++) {
        if (q->shops[s].shipping.flat == NS_SHIPPING_UNKNOWN) {
            return ns_err_note(err, NS_E_INPUT, "bundle: delivery of shop %d is not known", s);
        }
    }
    return NS_OK;
}

ns_rc ns_bundle(const struct ns_bundle_query *query, struct ns_arena *arena, struct ns_bundle *out,
                struct ns_err *err) {
    ns_rc rc = check(query, err);
    if (rc != NS_OK) {
        return rc;
    }
    uint32_t sets = UINT32_C(1) << query->item_count;
    struct best *best[2] = {NS_NEW_N(arena, struct best, sets), NS_NEW_N(arena, struct best, sets)};
    struct basket *here = NS_NEW_N(arena, struct basket, sets);
    uint16_t *take = NS_NEW_N(arena, uint16_t, sets * (uint32_t)query->shop_count);
    *out = (struct ns_bundle){.best_single = -1};
    for (uint32_t set = 1; set < sets; set++) {
        best[0][set] = (struct best){NONE, 0};
    }
    for (int s = 0; s < query->shop_count; s++) {
        for (uint32_t set = 0; set < sets; set++) {
            here[set] = basket_at(query, s, set);
        }
        ns_money whole = here[sets - 1].total;
        if (whole != NONE && (out->best_single < 0 || whole < out->best_single)) {
            out->best_single = whole;
        }
        add_shop(sets, here, best[s % 2], best[(s + 1) % 2], take + (size_t)s * sets);
    }
    const struct best end = best[query->shop_count % 2][sets - 1];
    if (end.total == NONE) {
        return ns_err_note(err, NS_E_NOT_FOUND, "bundle: something on the list is sold nowhere");
    }
    out->total = end.total;
    out->shops_used = end.shops;
    uint32_t left = sets - 1;
    for (int s = query->shop_count - 1; s >= 0; s--) {
        uint32_t part = take[(size_t)s * sets + left];
        out->shipping += part == 0 ? 0 : basket_at(query, s, part).shipping;
        for (int i = 0; i < query->item_count; i++) {
            if ((part >> i & 1) != 0) {
                out->shop[i] = s;
            }
        }
        left ^= part;
    }
    return NS_OK;
}
