/* Orders in a home: made once, agreed to in time, followed, and on the shelf once. */
#include "agent/order/book.h"
#include "tests/unit/household/home.h"

#include <stdio.h>
#include <unistd.h>

static struct ns_order_line two_packs(void) {
    return (struct ns_order_line){.product_id = "0063000012345", .name = "Maple Soft, Size 3, 100 Count",
                                  .product = NS_PRODUCT_DIAPER, .size = NS_SIZE_3, .pieces = 100, .packs = 2,
                                  .price = NS_NONE};
}

static struct ns_order_input ask(const struct home *h, const struct ns_order_line *line) {
    return (struct ns_order_input){.child_id = h->child.id, .retailer = NS_RETAILER_WALMART_CA, .type = NS_ORDER_IS_MANUAL,
                                   .lines = line, .line_count = 1, .products = "[{\"quantity\":2}]",
                                   .address = "{\"type\":\"default\"}", .payment_method = "default",
                                   .checkout_url = "https://www.walmart.ca/search?q=x", .ceiling = NS_NONE,
                                   .runout = NS_DATE_NONE, .approved = true, .agreed = NS_NONE};
}

static struct ns_order_report told(void) {
    return (struct ns_order_report){.source = NS_TOLD_BY_USER, .estimated_delivery = NS_TIME_NONE, .paid = NS_NONE,
                                    .agreed = NS_NONE, .pieces = NS_NONE};
}

static struct ns_order made(struct home *hp, enum ns_order_made want) {
    struct home h = *hp;
    struct ns_order_line line = two_packs();
    struct ns_order_input in = ask(hp, &line);
    struct ns_order o;
    enum ns_order_made how;
    OK(ns_order_create(&hp->act, &in, &o, &how, &h.err));
    cr_assert_eq(how, want);
    return o;
}

static struct ns_order_moved happen(struct home *hp, ns_id id, enum ns_order_event event) {
    struct home h = *hp;
    struct ns_order_report r = told();
    struct ns_order_moved m;
    OK(ns_order_happen(&hp->act, id, event, &r, &m, &h.err));
    return m;
}

Test(order_book, a_number_says_the_local_day_and_is_never_given_twice) {
    struct home h;
    home_open(&h, ":memory:", true);
    home_tick(&h, 10 * NS_HOUR); /* 03:00 UTC: still the 15th at home */
    for (int i = 0; i < 300; i++) {
        struct ns_order o = made(&h, NS_ORDER_NEW);
        cr_assert_eq(strncmp(o.number, "NEST-20260615-", 14), 0, "%s", o.number);
        cr_assert_eq(strlen(o.number), 20);
        cr_assert_eq(strspn(o.number + 14, "23456789ABCDEFGHJKMNPQRSTVWXYZ"), 6);
        happen(&h, o.id, NS_DO_CANCEL);
    }
    home_close(&h);
}

Test(order_book, two_parents_two_phones_one_order) {
    struct home h;
    struct ns_order_line other = two_packs();
    enum ns_order_made how;
    struct ns_order o, again;
    home_open(&h, ":memory:", true);
    o = made(&h, NS_ORDER_NEW);
    cr_assert_eq(o.state, NS_ORDER_APPROVED);
    cr_assert(o.total == 0 && !o.price_known && o.agreed == NS_NONE);
    again = made(&h, NS_ORDER_THERE);
    cr_assert(ns_id_eq(o.id, again.id));
    other.packs = 3;
    struct ns_order_input in = ask(&h, &other);
    OK(ns_order_create(&h.act, &in, &again, &how, &h.err));
    cr_assert(how == NS_ORDER_OTHER && ns_id_eq(o.id, again.id));
    other.product = NS_PRODUCT_WIPES; /* another need */
    OK(ns_order_create(&h.act, &in, &again, &how, &h.err));
    cr_assert(how == NS_ORDER_NEW && !ns_id_eq(o.id, again.id));
    happen(&h, o.id, NS_DO_CANCEL);
    cr_assert_not(ns_id_eq(made(&h, NS_ORDER_NEW).id, o.id)); /* the need is free again */
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}

Test(order_book, a_delivery_fills_the_shelf_exactly_once) {
    struct home h;
    home_open(&h, ":memory:", true);
    struct ns_order o = made(&h, NS_ORDER_NEW);
    struct ns_order_moved m = happen(&h, o.id, NS_DO_CONFIRM);
    cr_assert(m.moved && m.order.state == NS_ORDER_PLACED && m.order.confirmed_at == h.act.now);
    cr_assert_eq(home_stock(&h), 0);
    m = happen(&h, o.id, NS_DO_DELIVER);
    cr_assert(m.moved && m.shelved == 200 && m.order.delivered_at == h.act.now);
    cr_assert_eq(home_stock(&h), 200);
    m = happen(&h, o.id, NS_DO_DELIVER); /* told again */
    cr_assert(!m.moved && m.shelved == 0);
    m = happen(&h, o.id, NS_DO_SHIP); /* and late */
    cr_assert(!m.moved && m.order.state == NS_ORDER_DELIVERED);
    cr_assert_eq(home_stock(&h), 200);
    struct ns_order_entry *e = NULL;
    int all = 0, steps = 0;
    OK(ns_row_order_entries(h.db, o.seq, false, &h.arena, &e, &all, &h.err));
    OK(ns_row_order_entries(h.db, o.seq, true, &h.arena, &e, &steps, &h.err));
    cr_assert(all == 6 && steps == 4, "%d lines, %d steps", all, steps);
    cr_assert(e[3].previous == NS_STATUS_CONFIRMED && e[3].status == NS_STATUS_DELIVERED);
    REFUSED(ns_order_rate(&h.act, o.id, 6, NULL, &o, &h.err), NS_E_INPUT, NS_MSG_order_score);
    OK(ns_order_rate(&h.act, o.id, 4, "soft", &o, &h.err));
    OK(ns_order_get(h.db, o.id, NULL, &h.arena, &o, &h.err));
    cr_assert(o.score == 4 && strcmp(o.score_note, "soft") == 0);
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}

Test(order_book, a_pack_of_unknown_count_is_asked_about_and_not_guessed) {
    struct home h;
    struct ns_order_line line = two_packs();
    struct ns_order_report r = told();
    struct ns_order_moved m;
    struct ns_order o;
    enum ns_order_made how;
    home_open(&h, ":memory:", true);
    line.pieces = NS_NONE;
    struct ns_order_input in = ask(&h, &line);
    OK(ns_order_create(&h.act, &in, &o, &how, &h.err));
    m = happen(&h, o.id, NS_DO_DELIVER);
    cr_assert(m.moved && m.shelved == 0 && m.unshelved == 1);
    cr_assert_eq(home_stock(&h), 0);
    OK(ns_order_create(&h.act, &in, &o, &how, &h.err));
    r.pieces = 64;
    OK(ns_order_happen(&h.act, o.id, NS_DO_DELIVER, &r, &m, &h.err));
    cr_assert_eq(home_stock(&h), 128);
    home_close(&h);
}

Test(order_book, a_yes_can_be_taken_back_for_ten_minutes_also_after_a_restart) {
    char path[] = "/tmp/ns-orders-XXXXXX", side[64];
    struct home h;
    struct ns_order_report r = told();
    struct ns_order_moved m;
    struct ns_order o, moved;
    bool some = false;
    ns_time next = NS_TIME_NONE;
    close(mkstemp(path));
    home_open(&h, path, true);
    o = made(&h, NS_ORDER_NEW);
    home_tick(&h, 9 * NS_MINUTE);
    m = happen(&h, o.id, NS_DO_STOP);
    cr_assert(m.moved && m.order.state == NS_ORDER_PROPOSED && m.order.approved_at == NS_TIME_NONE);
    m = happen(&h, o.id, NS_DO_APPROVE);
    cr_assert(m.moved);
    cr_assert_not(happen(&h, o.id, NS_DO_APPROVE).moved); /* the other parent's yes, a moment later */
    OK(ns_row_order_next(h.db, &next, &h.err));
    cr_assert_eq(next, h.act.now + NS_ORDER_STOP_WINDOW);
    OK(ns_order_tick(&h.act, &moved, &some, &h.err));
    cr_assert_not(some);
    ns_db_close(h.db); /* the agent ends and comes again */
    OK(ns_db_open(path, NULL, &h.db, &h.err));
    h.act.db = h.db;
    home_tick(&h, NS_ORDER_STOP_WINDOW);
    OK(ns_order_tick(&h.act, &moved, &some, &h.err));
    cr_assert(some && moved.state == NS_ORDER_HANDED_OVER && ns_id_eq(moved.id, o.id));
    OK(ns_order_tick(&h.act, &moved, &some, &h.err));
    cr_assert_not(some);
    REFUSED(ns_order_happen(&h.act, o.id, NS_DO_STOP, &r, &m, &h.err), NS_E_CONFLICT, NS_MSG_order_not_now);
    home_close(&h);
    for (int i = 0; i < 3; i++) {
        snprintf(side, sizeof side, "%s%s", path, i == 0 ? "" : i == 1 ? "-wal" : "-shm");
        unlink(side);
    }
}

Test(order_book, a_proposal_lapses_and_a_yes_that_comes_later_is_none) {
    struct home h;
    struct ns_order_line line = two_packs();
    struct ns_order_report r = told();
    struct ns_order_moved m;
    struct ns_order o, moved;
    enum ns_order_made how;
    bool some = false;
    home_open(&h, ":memory:", true);
    struct ns_order_input in = ask(&h, &line);
    in.approved = false;
    in.type = NS_ORDER_IS_AUTO;
    OK(ns_order_create(&h.act, &in, &o, &how, &h.err));
    cr_assert_eq(o.state, NS_ORDER_PROPOSED);
    home_tick(&h, NS_ORDER_PROPOSED_FOR + NS_SECOND);
    REFUSED(ns_order_happen(&h.act, o.id, NS_DO_APPROVE, &r, &m, &h.err), NS_E_CONFLICT, NS_MSG_order_lapsed);
    OK(ns_order_tick(&h.act, &moved, &some, &h.err));
    cr_assert(some && moved.state == NS_ORDER_EXPIRED);
    OK(ns_order_create(&h.act, &in, &o, &how, &h.err));
    cr_assert_eq(how, NS_ORDER_NEW);
    home_close(&h);
}

Test(order_book, limits_hold_unless_the_exact_amount_is_agreed_to) {
    struct home h;
    struct ns_order_line line = two_packs();
    struct ns_order_report r = told();
    struct ns_order_moved m;
    struct ns_order o;
    enum ns_order_made how;
    home_open(&h, ":memory:", true);
    struct ns_order_input in = ask(&h, &line);
    in.price_known = true;
    in.subtotal = 8000;
    in.shipping = 0;
    in.tax = 1040;
    OK(ns_order_limits_set(&h.act, &(struct ns_spending){9000, 15000}, &h.err));
    REFUSED(ns_order_create(&h.act, &in, &o, &how, &h.err), NS_E_LIMIT, NS_MSG_order_over_limit);
    in.agreed = 9000;
    REFUSED(ns_order_create(&h.act, &in, &o, &how, &h.err), NS_E_LIMIT, NS_MSG_order_other_amount);
    in.agreed = 9040;
    in.ceiling = 9039;
    REFUSED(ns_order_create(&h.act, &in, &o, &how, &h.err), NS_E_LIMIT, NS_MSG_order_above_ceiling);
    in.ceiling = NS_NONE;
    OK(ns_order_create(&h.act, &in, &o, &how, &h.err));
    cr_assert(o.agreed == 9040 && o.total == 9040);
    line.product = NS_PRODUCT_WIPES;
    in.subtotal = 5960;
    in.tax = 1;
    in.agreed = NS_NONE;
    REFUSED(ns_order_create(&h.act, &in, &o, &how, &h.err), NS_E_LIMIT, NS_MSG_order_over_month);
    in.tax = 0;
    OK(ns_order_create(&h.act, &in, &o, &how, &h.err)); /* to the cent */
    happen(&h, o.id, NS_DO_CANCEL);
    in.approved = false;
    in.subtotal = 99900;
    OK(ns_order_create(&h.act, &in, &o, &how, &h.err)); /* a proposal spends nothing */
    REFUSED(ns_order_happen(&h.act, o.id, NS_DO_APPROVE, &r, &m, &h.err), NS_E_LIMIT, NS_MSG_order_over_limit);
    r.agreed = 99900;
    OK(ns_order_happen(&h.act, o.id, NS_DO_APPROVE, &r, &m, &h.err));
    ns_err_clear(&h.err);
    cr_assert_neq(ns_db_script(h.db, "UPDATE reorder_transactions SET subtotal_cad = 1, total_amount_cad = 1", &h.err), NS_OK,
                  "what was agreed to can be changed");
    home_close(&h);
}

Test(order_book, what_is_told_is_checked) {
    struct home h;
    struct ns_order_report r = told();
    struct ns_order_moved m;
    struct ns_order_line line = two_packs();
    enum ns_order_made how;
    struct ns_order o;
    home_open(&h, ":memory:", true);
    struct ns_order_input in = ask(&h, &line);
    line.packs = 51;
    REFUSED(ns_order_create(&h.act, &in, &o, &how, &h.err), NS_E_INPUT, NS_MSG_order_products);
    line.packs = 1;
    in.checkout_url = "javascript:alert(1)";
    REFUSED(ns_order_create(&h.act, &in, &o, &how, &h.err), NS_E_INPUT, NS_MSG_order_url);
    o = made(&h, NS_ORDER_NEW);
    r.tracking_url = "http://track.example/1";
    REFUSED(ns_order_happen(&h.act, o.id, NS_DO_SHIP, &r, &m, &h.err), NS_E_INPUT, NS_MSG_order_url);
    r.tracking_url = NULL;
    r.reference = "A\x1b[2J";
    REFUSED(ns_order_happen(&h.act, o.id, NS_DO_SHIP, &r, &m, &h.err), NS_E_INPUT, NS_MSG_order_text);
    r.reference = "200013456";
    r.paid = 9040;
    OK(ns_order_happen(&h.act, o.id, NS_DO_SHIP, &r, &m, &h.err));
    OK(ns_order_get(h.db, (ns_id){{0}}, o.number, &h.arena, &o, &h.err));
    cr_assert(o.paid == 9040 && strcmp(o.retailer_order_id, "200013456") == 0 && o.shipped_at == h.act.now);
    cr_assert_null(o.tracking_number);
    REFUSED(ns_order_get(h.db, (ns_id){{0}}, "NEST-20260615-000000", &h.arena, &o, &h.err), NS_E_NOT_FOUND,
            NS_MSG_order_unknown);
    home_close(&h);
}
