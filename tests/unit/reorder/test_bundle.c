/* The cheapest division of a list over shops, beside trying every one. */
#include "agent/reorder/bundle.h"

#include <criterion/criterion.h>

struct world {
    struct ns_bundle_shop shop[NS_BUNDLE_SHOPS];
    ns_money goods[NS_BUNDLE_ITEMS * NS_BUNDLE_SHOPS];
    ns_money taxed[NS_BUNDLE_ITEMS * NS_BUNDLE_SHOPS];
    struct ns_bundle_query q;
};

static uint64_t next(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static void fill(struct world *w, int items, int shops, uint64_t seed) {
    w->q = (struct ns_bundle_query){w->shop, shops, items, w->goods, w->taxed};
    for (int s = 0; s < shops; s++) {
        w->shop[s] = (struct ns_bundle_shop){
            {(ns_money)(next(&seed) % 1500), next(&seed) % 4 == 0 ? NS_SHIPPING_NEVER_FREE
                                                                 : (ns_money)(next(&seed) % 9000)},
            (int32_t)(next(&seed) % 150000)};
    }
    for (int i = 0; i < items * shops; i++) {
        bool sold = next(&seed) % 5 != 0;
        w->goods[i] = sold ? (ns_money)(1 + next(&seed) % 5000) : -1;
        w->taxed[i] = sold ? w->goods[i] + ns_tax_round(w->goods[i], 130000) : -1;
    }
}

/* What one division costs; -1: it cannot be bought like that. */
static ns_money cost(const struct ns_bundle_query *q, const int *shop) {
    ns_money goods[NS_BUNDLE_SHOPS] = {0};
    ns_money total = 0;
    for (int i = 0; i < q->item_count; i++) {
        int at = i * q->shop_count + shop[i];
        if (q->goods[at] < 0) {
            return -1;
        }
        goods[shop[i]] += q->goods[at];
        total += q->taxed[at];
    }
    for (int s = 0; s < q->shop_count; s++) {
        ns_money fee = ns_shipping_for(&q->shops[s].shipping, goods[s]);
        total += fee + ns_tax_round(fee, q->shops[s].shipping_ppm);
    }
    return total;
}

static ns_money try_all(const struct ns_bundle_query *q) {
    int shop[NS_BUNDLE_ITEMS] = {0};
    ns_money best = -1;
    for (;;) {
        ns_money here = cost(q, shop);
        if (here >= 0 && (best < 0 || here < best)) {
            best = here;
        }
        int i = 0;
        while (i < q->item_count && ++shop[i] == q->shop_count) {
            shop[i++] = 0;
        }
        if (i == q->item_count) {
            return best;
        }
    }
}

Test(bundle, no_division_of_the_list_is_cheaper) {
    struct ns_arena arena = {0};
    int bought = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct world w;
        fill(&w, 1 + (int)(seed % 5), 1 + (int)(seed % 4), seed);
        struct ns_bundle b;
        ns_rc rc = ns_bundle(&w.q, &arena, &b, NULL);
        ns_money best = try_all(&w.q);
        cr_assert_eq(rc, best < 0 ? NS_E_NOT_FOUND : NS_OK, "seed %d", (int)seed);
        if (rc == NS_OK) {
            cr_assert_eq(b.total, best, "seed %d", (int)seed);
            cr_assert_eq(cost(&w.q, b.shop), b.total, "seed %d", (int)seed);
            cr_assert(b.best_single < 0 || b.best_single >= b.total);
            bought++;
        }
        ns_arena_reset(&arena);
    }
    cr_assert_gt(bought, 100);
    ns_arena_fini(&arena);
}

/* Taking each thing where it is cheapest pays two deliveries here; one more dollar saves nine. */
Test(bundle, a_dearer_pack_may_save_the_delivery) {
    const struct ns_bundle_shop shops[] = {{{999, 3500}, 0}, {{999, 3500}, 0}};
    const ns_money price[] = {3400, 3600, 300, 200};
    struct ns_bundle_query q = {shops, 2, 2, price, price};
    struct ns_arena arena = {0};
    struct ns_bundle b;
    cr_assert_eq(ns_bundle(&q, &arena, &b, NULL), NS_OK);
    cr_assert_eq(b.total, 3700);
    cr_assert_eq(b.shop[0], 0);
    cr_assert_eq(b.shop[1], 0);
    cr_assert_eq(b.shops_used, 1);
    cr_assert_eq(b.shipping, 0);
    ns_arena_fini(&arena);
}

Test(bundle, what_cannot_be_weighed_is_refused) {
    const struct ns_bundle_shop unknown[] = {{{NS_SHIPPING_UNKNOWN, NS_SHIPPING_NEVER_FREE}, 0}};
    const ns_money price[] = {100};
    struct ns_bundle_query q = {unknown, 1, 1, price, price};
    struct ns_arena arena = {0};
    struct ns_bundle b;
    cr_assert_eq(ns_bundle(&q, &arena, &b, NULL), NS_E_INPUT);
    q.item_count = 0;
    cr_assert_eq(ns_bundle(&q, &arena, &b, NULL), NS_E_INPUT);
    q.item_count = NS_BUNDLE_ITEMS + 1;
    cr_assert_eq(ns_bundle(&q, &arena, &b, NULL), NS_E_LIMIT);
    ns_arena_fini(&arena);
}
