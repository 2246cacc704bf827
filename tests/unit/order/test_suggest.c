/* What to order next, from what a home knows. */
#include "agent/order/suggest.h"
#include "tests/unit/household/home.h"

static void forecast_now(struct home *hp) {
    struct home h = *hp;
    struct ns_prediction_request *r = NULL;
    struct ns_prediction p;
    OK(ns_prediction_load(&hp->act, hp->child.id, &r, &h.err));
    OK(ns_prediction_run(r, &h.err));
    OK(ns_prediction_store(&hp->act, r, &p, &h.err));
    ns_prediction_free(r);
}

static struct ns_suggestion look(struct home *hp) {
    struct home h = *hp;
    struct ns_suggestion s;
    OK(ns_suggest(&hp->act, NS_PROVINCE_ON, hp->child.id, &s, &h.err));
    return s;
}

static void shelf(struct home *hp, int64_t pieces) {
    struct home h = *hp;
    struct ns_initial_item item = {.size = hp->child.current_size, .brand = "Maple Soft", .quantity = pieces,
                                   .purchase_date = NS_DATE_NONE, .expiry_date = NS_DATE_NONE};
    ns_id action;
    OK(ns_item_set_initial(&hp->act, hp->child.id, &item, 1, &action, &h.err));
}

Test(suggest, it_says_what_is_missing_before_it_suggests) {
    struct home h;
    home_open(&h, ":memory:", true);
    cr_assert_eq(look(&h).plan.kind, NS_PLAN_NO_FORECAST);
    forecast_now(&h);
    struct ns_suggestion s = look(&h);
    cr_assert(s.plan.kind == NS_PLAN_NO_STOCK && s.left == NS_NONE && !ns_suggestion_stands(&s));
    shelf(&h, 6);
    s = look(&h);
    cr_assert(s.plan.kind == NS_PLAN_DUE && s.left == 6 && s.plan.packs > 0 && ns_suggestion_stands(&s), "kind %d", (int)s.plan.kind);
    cr_assert_not(s.offered); /* no price is known, none is made up */
    home_tick(&h, 31 * NS_DAY);
    cr_assert_eq(look(&h).plan.kind, NS_PLAN_NO_FORECAST); /* a forecast that has ended is none */
    home_close(&h);
}

Test(suggest, one_need_one_order) {
    struct home h;
    home_open(&h, ":memory:", true);
    shelf(&h, 6);
    forecast_now(&h);
    struct ns_order_line line = {.name = "Diapers", .product = NS_PRODUCT_DIAPER, .size = NS_NONE, .pieces = NS_NONE,
                                 .packs = 1, .price = NS_NONE};
    struct ns_order_input in = {.child_id = h.child.id, .retailer = NS_RETAILER_OTHER, .type = NS_ORDER_IS_MANUAL,
                                .lines = &line, .line_count = 1, .products = "[]", .ceiling = NS_NONE,
                                .runout = NS_DATE_NONE, .approved = true, .agreed = NS_NONE};
    struct ns_order o;
    enum ns_order_made made;
    OK(ns_order_create(&h.act, &in, &o, &made, &h.err)); /* no size said: the one worn */
    struct ns_suggestion s = look(&h);
    cr_assert(s.plan.kind == NS_PLAN_COVERED && s.plan.packs == 0 && !ns_suggestion_stands(&s));
    cr_assert(s.ordered && ns_id_eq(s.order.id, o.id));
    struct ns_order_report r = {.source = NS_TOLD_BY_USER, .estimated_delivery = NS_TIME_NONE, .paid = NS_NONE,
                                .agreed = NS_NONE, .pieces = NS_NONE};
    struct ns_order_moved moved;
    OK(ns_order_happen(&h.act, o.id, NS_DO_CANCEL, &r, &moved, &h.err));
    s = look(&h);
    cr_assert(ns_suggestion_stands(&s));
    home_close(&h);
}

Test(suggest, a_pause_holds_as_long_as_it_says) {
    struct home h;
    struct ns_suggestion s;
    home_open(&h, ":memory:", true);
    shelf(&h, 6);
    forecast_now(&h);
    OK(ns_reorder_pause(&h.act, NS_PROVINCE_ON, h.child.id, NS_REORDER_SNOOZE, &s, &h.err));
    s = look(&h);
    cr_assert(s.pause.kind == NS_REORDER_SNOOZE && s.pause.until == ns_act_today(&h.act) + NS_SNOOZE_DAYS);
    cr_assert(!ns_suggestion_stands(&s) && s.plan.kind == NS_PLAN_DUE); /* what there is to do is still told */
    home_tick(&h, NS_SNOOZE_DAYS * NS_DAY);
    s = look(&h);
    cr_assert(s.pause.kind == NS_REORDER_NONE && ns_suggestion_stands(&s));
    OK(ns_reorder_pause(&h.act, NS_PROVINCE_ON, h.child.id, NS_REORDER_PAUSE, &s, &h.err));
    home_tick(&h, 20 * NS_DAY);
    cr_assert_eq(look(&h).pause.kind, NS_REORDER_PAUSE);
    OK(ns_reorder_pause(&h.act, NS_PROVINCE_ON, h.child.id, NS_REORDER_NONE, &s, &h.err));
    s = look(&h);
    cr_assert(s.pause.kind == NS_REORDER_NONE && ns_suggestion_stands(&s));
    OK(ns_reorder_pause(&h.act, NS_PROVINCE_ON, h.child.id, NS_REORDER_SKIP, &s, &h.err));
    cr_assert(s.pause.until >= ns_act_today(&h.act) + NS_SKIP_DAYS);
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}
