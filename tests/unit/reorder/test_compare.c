/* One pack at several shops: what it comes to, and who stands first. */
#include "agent/reorder/compare.h"

#include "shared/base/err.h"

#include <criterion/criterion.h>

#define NOW ((ns_time)1764000000000)
#define HOUR ((ns_time)3600000)

static const struct ns_shipping fetched = {0, NS_SHIPPING_NEVER_FREE};
static const struct ns_shipping from_35 = {999, 3500};

static struct ns_compare_query in(enum ns_province province, int64_t packs) {
    struct ns_compare_query q = {.province = province, .now = NOW, .packs = packs};
    cr_assert(ns_date_parse(NS_STR("2026-11-25"), &q.day));
    return q;
}
static struct ns_offer offer(const char *shop, ns_money price, int64_t pieces) {
    return (struct ns_offer){.shop = shop, .price = price, .pieces = pieces, .shipping = fetched,
                             .class = NS_TAX_CLASS_DIAPER_DISPOSABLE, .observed_at = NOW - HOUR,
                             .expires_at = NOW + HOUR};
}

Test(compare, the_piece_decides_and_tax_is_that_of_the_province) {
    struct ns_offer o[] = {offer("a", 3999, 100), offer("b", 4999, 140), offer("c", 2999, 60)};
    struct ns_landed l[3];
    struct ns_compare_query q = in(NS_PROVINCE_AB, 1);
    cr_assert_eq(ns_compare(&q, o, 3, l), 3);
    cr_assert_eq(l[0].offer, 1);
    cr_assert_eq(l[1].offer, 0);
    cr_assert_eq(l[2].offer, 2);
    for (int i = 0; i < 3; i++) {
        struct ns_tax_answer tax;
        struct ns_tax_query t = {.province = q.province, .class = o[0].class, .day = q.day,
                                 .handed_on = NS_DATE_NONE, .subtotal = o[l[i].offer].price};
        cr_assert(ns_tax_line(&t, &tax));
        cr_assert_eq(l[i].total, tax.total);
    }
    cr_assert_eq(l[0].piece_milli, (l[0].total * 1000 + 70) / 140);
}

Test(compare, delivery_turns_the_order_and_falls_away_above_a_sum) {
    struct ns_offer o[] = {offer("far", 2000, 100), offer("near", 2300, 100)};
    o[0].shipping = from_35;
    struct ns_landed l[2];
    struct ns_compare_query q = in(NS_PROVINCE_AB, 1);
    (void)ns_compare(&q, o, 2, l);
    cr_assert_eq(l[0].offer, 1);
    cr_assert_eq(l[1].shipping, 999);
    cr_assert_eq(l[1].tax.subtotal, 2999, "delivery is taxed like the goods");
    q.packs = 2;
    (void)ns_compare(&q, o, 2, l);
    cr_assert_eq(l[0].offer, 0);
    cr_assert_eq(l[0].shipping, 0);
}

Test(compare, old_gone_and_half_known_offers_stand_below) {
    struct ns_offer o[] = {offer("old", 100, 100), offer("gone", 200, 100), offer("no count", 300, 0),
                           offer("no fee", 400, 100), offer("no price", 0, 100), offer("whole", 9000, 100)};
    o[0].expires_at = NOW;
    o[1].availability = NS_OUT_OF_STOCK;
    o[3].shipping.flat = NS_SHIPPING_UNKNOWN;
    struct ns_landed l[6];
    struct ns_compare_query q = in(NS_PROVINCE_QC, 1);
    cr_assert_eq(ns_compare(&q, o, 6, l), 2);
    const int order[] = {5, 2, 3, 4, 1, 0};
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(l[i].offer, order[i], "%d", i);
    }
    cr_assert_eq(l[1].piece_milli, 0);
    cr_assert_eq((int)l[2].gap, (int)NS_LANDED_SHIPPING);
    cr_assert_eq((int)l[3].gap, (int)NS_LANDED_PRICE);
    cr_assert(l[5].stale);
}

Test(compare, an_unknown_tax_is_no_zero) {
    struct ns_offer o[] = {offer("a", 1000, 10)};
    struct ns_landed l[1];
    struct ns_compare_query q = in(NS_PROVINCE_ON, 1);
    cr_assert(ns_date_parse(NS_STR("1999-01-01"), &q.day));
    cr_assert_eq(ns_compare(&q, o, 1, l), 0);
    cr_assert_eq((int)l[0].gap, (int)NS_LANDED_TAX);
    cr_assert_eq(l[0].total, 1000);
}

Test(compare, equal_prices_keep_one_order) {
    struct ns_offer o[] = {offer("b", 1000, 10), offer("a", 1000, 10), offer("a", 1000, 10)};
    struct ns_landed l[3];
    struct ns_compare_query q = in(NS_PROVINCE_ON, 1);
    (void)ns_compare(&q, o, 3, l);
    cr_assert_eq(l[0].offer, 1);
    cr_assert_eq(l[1].offer, 2);
    cr_assert_eq(l[2].offer, 0);
}
