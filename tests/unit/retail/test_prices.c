/* Prices of a home: told, kept, found, compared. */
#include "tests/unit/household/home.h"

#include "agent/household/offers.h"
#include "agent/retail/prices.h"
#include "agent/retail/shops.h"

#include <stdio.h>

static struct ns_price_input told(enum ns_retailer_type shop, const char *brand, const char *title, ns_money cents) {
    struct ns_price_input in = ns_price_input_empty();
    in.retailer = shop;
    in.brand = brand;
    in.title = title;
    in.price = cents;
    in.price_read = true;
    in.shipping.flat = 0;
    return in;
}

static struct ns_offers_query about(const struct home *h, ns_id product, int64_t packs) {
    return (struct ns_offers_query){.product = product, .packs = packs, .province = NS_PROVINCE_ON,
                                    .day = ns_act_today(&h->act), .now = h->act.now};
}

Test(prices, what_a_title_says_is_read_and_the_same_thing_stays_one_product) {
    struct home h;
    struct ns_priced a, b;
    home_open(&h, ":memory:", true);
    struct ns_price_input in = told(NS_RETAILER_WALMART_CA, "Huggies", "Little Snugglers Size 2, 132 Count", 3997);
    in.barcode = "036000 291452";
    OK(ns_price_add(&h.act, &in, &a, &h.err));
    cr_assert_eq(a.product.size, NS_SIZE_2);
    cr_assert_eq(a.product.pieces, 132);
    cr_assert_eq(a.product.class, NS_TAX_CLASS_DIAPER_DISPOSABLE);
    cr_assert_str_eq(a.product.gtin, "00036000291452");
    cr_assert_str_eq(a.offer.shop, "Walmart Canada");
    in = told(NS_RETAILER_LOBLAWS, "HUGGIES", "little snugglers size 2, 132 count", 4299);
    OK(ns_price_add(&h.act, &in, &b, &h.err));
    cr_assert(ns_id_eq(a.product.id, b.product.id) && !ns_id_eq(a.offer.id, b.offer.id));
    struct ns_product p;
    OK(ns_product_scan(h.db, NS_STR("0036000291452"), &h.arena, &p, &h.err));
    cr_assert(ns_id_eq(p.id, a.product.id));
    cr_assert_eq(ns_product_scan(h.db, NS_STR("036000291453"), &h.arena, &p, &h.err), NS_E_INPUT);
    cr_assert_eq(h.err.msg, NS_MSG_shop_barcode_check);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_product_scan(h.db, NS_STR("4006381333931"), &h.arena, &p, &h.err), NS_E_NOT_FOUND);
    home_close(&h);
}

Test(prices, an_older_receipt_goes_into_the_history_alone) {
    struct home h;
    struct ns_priced a, b;
    struct ns_price_point *list = NULL;
    int count = 0;
    home_open(&h, ":memory:", true);
    struct ns_price_input in = told(NS_RETAILER_METRO, "Pampers", "Baby-Dry Size 3 - 92 ct", 3499);
    OK(ns_price_add(&h.act, &in, &a, &h.err));
    in.price = 2999;
    in.seen_at = h.act.now - 9 * NS_DAY;
    in.source = NS_OFFER_RECEIPT;
    OK(ns_price_add(&h.act, &in, &b, &h.err));
    cr_assert(ns_id_eq(a.offer.id, b.offer.id) && b.offer.price == 3499);
    OK(ns_row_prices(h.db, a.offer.id, 10, &h.arena, &list, &count, &h.err));
    cr_assert_eq(count, 2);
    cr_assert(list[0].price == 3499 && list[1].price == 2999 && list[1].source == NS_OFFER_RECEIPT);
    home_close(&h);
}

Test(prices, a_stale_price_never_stands_above_a_fresh_one) {
    struct home h;
    struct ns_priced cheap, dear, out;
    struct ns_offers all;
    struct ns_offer_seen best;
    bool found = false;
    home_open(&h, ":memory:", true);
    struct ns_price_input in = told(NS_RETAILER_COSTCO_CA, "Kirkland", "Diapers Size 4, 198 count", 100);
    in.seen_at = h.act.now - (NS_PRICE_TOLD_DAYS + 1) * NS_DAY;
    OK(ns_price_add(&h.act, &in, &cheap, &h.err));
    in = told(NS_RETAILER_SOBEYS, "Kirkland", "Diapers Size 4, 198 count", 9999);
    OK(ns_price_add(&h.act, &in, &dear, &h.err));
    in = told(NS_RETAILER_WELL_CA, "Kirkland", "Diapers Size 4, 198 count", 5000);
    in.shipping.flat = NS_SHIPPING_UNKNOWN;
    OK(ns_price_add(&h.act, &in, &out, &h.err));
    struct ns_offers_query q = about(&h, cheap.product.id, 1);
    OK(ns_offers_compare(h.db, &q, &h.arena, &all, &h.err));
    cr_assert(all.count == 3 && all.whole == 1);
    cr_assert_eq(all.at[0].offer.retailer, NS_RETAILER_SOBEYS);
    cr_assert(all.at[1].offer.retailer == NS_RETAILER_WELL_CA && all.at[1].landed.gap == NS_LANDED_SHIPPING);
    cr_assert(all.at[2].landed.stale);
    OK(ns_offers_best(h.db, &q, NULL, &h.arena, &best, &found, &h.err));
    cr_assert(found && best.offer.price == 9999 && best.landed.total == 10499); /* ON: 5 % on diapers */
    const enum ns_retailer_type costco[] = {NS_RETAILER_COSTCO_CA};
    struct ns_offer_wish wish = {.retailers = costco, .retailer_count = 1};
    OK(ns_offers_best(h.db, &q, &wish, &h.arena, &best, &found, &h.err));
    cr_assert_not(found, "an old price is no offer");
    const char *brands[] = {"KIRKLAND"};
    wish = (struct ns_offer_wish){.brands = brands, .brand_count = 1};
    q = about(&h, (ns_id){{0}}, 1);
    q.size = NS_SIZE_4;
    OK(ns_offers_best(h.db, &q, &wish, &h.arena, &best, &found, &h.err));
    cr_assert(found && best.offer.retailer == NS_RETAILER_SOBEYS);
    home_close(&h);
}

Test(prices, a_larger_lot_counts_from_its_lot_on) {
    struct home h;
    struct ns_priced out;
    struct ns_offers all;
    home_open(&h, ":memory:", true);
    struct ns_price_input in = told(NS_RETAILER_OTHER, "Seventh", "Free & Clear Size 1, 80 count", 3000);
    in.shop = "Épicerie du coin";
    OK(ns_price_add(&h.act, &in, &out, &h.err));
    in.packs = 3;
    in.price = 2500;
    OK(ns_price_add(&h.act, &in, &out, &h.err));
    for (int64_t packs = 1; packs <= 4; packs++) {
        struct ns_offers_query q = about(&h, out.product.id, packs);
        OK(ns_offers_compare(h.db, &q, &h.arena, &all, &h.err));
        cr_assert_eq(all.count, 1);
        cr_assert_eq(all.at[0].landed.goods, packs * (packs >= 3 ? 2500 : 3000));
    }
    home_close(&h);
}

Test(prices, what_is_no_price_is_refused_with_its_reason) {
    struct home h;
    struct ns_priced out;
    home_open(&h, ":memory:", true);
    struct ns_price_input good = told(NS_RETAILER_METRO, "Brand", "Diapers size 2, 40 count", 1000);
    static const char *const urls[] = {"http://www.metro.ca/x", "https://metro.ca.evil.example/x", "https://www.metro.ca@evil.example/"};
    struct ns_price_input bad[12];
    const int why[12] = {NS_MSG_shop_bad_price, NS_MSG_shop_bad_price, NS_MSG_shop_bad_price, NS_MSG_shop_bad_price, NS_MSG_shop_bad_packs, NS_MSG_shop_bad_day, NS_MSG_shop_bad_url, NS_MSG_shop_bad_url, NS_MSG_shop_bad_url, NS_MSG_shop_barcode_in_store, NS_MSG_shop_barcode_digits, NS_MSG_shop_bad_pieces};
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        bad[i] = good;
    }
    bad[0].price = 0;
    bad[1].price = 1000001;
    bad[2].price_read = false;
    bad[3].shipping.flat = -2;
    bad[4].packs = 0;
    bad[5].seen_at = h.act.now + NS_DAY;
    bad[6].url = urls[0];
    bad[7].url = urls[1];
    bad[8].url = urls[2];
    bad[9].barcode = "2012345000001";
    bad[10].barcode = "B00ABCDEFG";
    bad[11].pieces = 10001;
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        REFUSED(ns_price_add(&h.act, &bad[i], &out, &h.err), NS_E_INPUT, why[i]);
    }
    good.url = "https://metro.ca/p/1?a=%20b";
    OK(ns_price_add(&h.act, &good, &out, &h.err));
    good.brand = "\033[2Jx";
    cr_assert_eq(ns_price_add(&h.act, &good, &out, &h.err), NS_E_INPUT);
    ns_err_clear(&h.err);
    home_close(&h);
}

Test(prices, ten_thousand_offers_are_searched_with_accents_folded) {
    struct home h;
    struct ns_priced out, *list = NULL;
    int count = 0;
    home_open(&h, ":memory:", true);
    OK(ns_db_begin(h.db, &h.err));
    for (int i = 0; i < 10000; i++) {
        char title[80];
        snprintf(title, sizeof title, "Numéro %d Taille %d, %d couches", i, i % 7 + 1, 40 + i % 60);
        struct ns_product p = {.id = ns_id_new(h.act.env), .brand = i % 2 == 0 ? "Érable" : "Huggies", .title = title,
                               .size = i % 7 + 1, .pieces = 40 + i % 60, .created_at = i, .updated_at = i};
        struct ns_offer_row o = {.id = ns_id_new(h.act.env), .product_id = p.id, .shop = "X", .min_packs = 1, .price = 1000,
                                 .delivery_days = NS_NONE, .expires_at = h.act.now + 1, .seen_at = h.act.now};
        OK(ns_row_product_add(h.db, &p, &h.err));
        OK(ns_row_offer_put(h.db, &o, &o.id, &h.err));
    }
    OK(ns_db_commit(h.db, &h.err));
    struct ns_product_search s = {.query = "ERABLE numero 4242", .retailer = NS_NONE, .most = 10};
    OK(ns_product_find(h.db, &s, &h.arena, &list, &count, &h.err));
    cr_assert_eq(count, 1);
    cr_assert_str_eq(list[0].product.brand, "Érable");
    s = (struct ns_product_search){.query = "huggies size 2 diapers", .size = "Size 2", .retailer = NS_NONE, .most = 10};
    OK(ns_product_find(h.db, &s, &h.arena, &list, &count, &h.err));
    cr_assert_eq(count, 10);
    cr_assert(list[0].product.size == NS_SIZE_2 && strcmp(list[9].product.brand, "Huggies") == 0);
    s.size = "Size 9";
    cr_assert_eq(ns_product_find(h.db, &s, &h.arena, &list, &count, &h.err), NS_E_INPUT);
    ns_err_clear(&h.err);
    (void)out;
    home_close(&h);
}

Test(prices, a_link_goes_to_the_shops_own_page) {
    struct ns_buf b = NS_BUF(1000);
    cr_assert(ns_shop_link(NS_RETAILER_AMAZON_CA, "B0CXYZ1234", "x", "maker-20", &b));
    cr_assert_str_eq(b.data, "https://www.amazon.ca/dp/B0CXYZ1234?tag=maker-20");
    ns_buf_clear(&b);
    cr_assert(ns_shop_link(NS_RETAILER_AMAZON_CA, NULL, "couches & lingettes é", NULL, &b));
    cr_assert_str_eq(b.data, "https://www.amazon.ca/s?k=couches%20%26%20lingettes%20%C3%A9");
    ns_buf_clear(&b);
    cr_assert(ns_shop_link(NS_RETAILER_METRO, "123", "huggies", "maker-20", &b), "a shop without product pages is searched");
    cr_assert_str_eq(b.data, "https://www.metro.ca/en/search?filter=huggies");
    ns_buf_clear(&b);
    cr_assert_not(ns_shop_link(NS_RETAILER_PHARMACY, "1", "x", NULL, &b));
    cr_assert_eq(ns_shop_can(NS_RETAILER_PHARMACY), 0);
    cr_assert_eq(ns_shop_can(NS_RETAILER_SHOPPERS), NS_SHOP_LINK);
    for (int i = 0; i < NS_RETAILER_COUNT; i++) {
        cr_assert_gt(strlen(ns_shops[i].name), 0);
    }
    ns_buf_fini(&b);
}
