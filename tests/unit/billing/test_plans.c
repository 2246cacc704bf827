/* Plans, limits, entitlement and what is refused. */
#include "tests/unit/billing/money.h"

Test(plans, prices_limits_and_features_are_those_of_the_documentation) {
    cr_assert_eq(ns_plan_of(NS_TIER_BASIC)->price, 1999);
    cr_assert_eq(ns_plan_of(NS_TIER_PREMIUM)->price, 2999);
    cr_assert_eq(ns_plan_of(NS_TIER_FAMILY)->price, 3499);
    static const int children[] = {1, 1, 3, 10};
    for (int t = 0; t < NS_TIER_COUNT; t++) {
        cr_assert_eq(ns_plan_of((enum ns_tier)t)->children, children[t]);
    }
    cr_assert_eq(ns_plan_find(NS_STR("standard_monthly"))->tier, NS_TIER_BASIC);
    cr_assert_eq(ns_plan_find(NS_STR("STANDARD"))->tier, NS_TIER_BASIC);
    cr_assert_eq(ns_plan_find(NS_STR("basic"))->tier, NS_TIER_BASIC);
    cr_assert_null(ns_plan_find(NS_STR("gold")));
    cr_assert_eq(ns_plan_feature_find(NS_STR("smart_reorder_suggestions"))->from, NS_TIER_BASIC);
    cr_assert_eq(ns_plan_feature_find(NS_STR("price_alerts"))->from, NS_TIER_PREMIUM);
    cr_assert_eq(ns_plan_feature_find(NS_STR("priority_support"))->from, NS_TIER_FAMILY);
    cr_assert_null(ns_plan_feature_find(NS_STR("teleport")));
}

Test(plans, who_sells_nothing_grants_everything) {
    struct ns_entitlement e = ns_entitlement_of(false, NULL, 0);
    cr_assert_eq(e.standing, NS_STANDS_SELF_HOSTED);
    for (size_t i = 0; ns_plan_feature_at(i) != NULL; i++) {
        cr_assert(ns_entitled(&e, ns_plan_feature_at(i)->id));
    }
    cr_assert_not(ns_entitled(&e, "teleport"));
}

Test(plans, one_more_child_is_refused_on_write_and_none_is_taken_away) {
    struct home h;
    struct ns_child second;
    home_open(&h, ":memory:", true);
    OK(ns_billing_need_child(h.db, h.act.actor.user, NS_SALE_OFF, h.act.now, &h.err));
    OK(ns_billing_ensure(&h.act, NS_SALE_DIRECT, &h.err));
    OK(ns_billing_need_child(h.db, h.act.actor.user, NS_SALE_DIRECT, h.act.now, &h.err));
    struct ns_child_input child = {.set = NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE,
                                   .name = "Second", .date_of_birth = test_child().birth,
                                   .current_size = NS_SIZE_1};
    OK(ns_child_create(&h.act, &child, &second, NULL, &h.err));
    home_tick(&h, 20 * NS_DAY); /* the trial is over, two children are there */
    REFUSED(ns_billing_need_child(h.db, h.act.actor.user, NS_SALE_DIRECT, h.act.now, &h.err),
            NS_E_DENIED, NS_MSG_plan_children_premium);
    const struct ns_child *children;
    int count;
    OK(ns_child_list(h.db, &h.arena, &children, &count, &h.err));
    cr_assert_eq(count, 2);
    home_close(&h);
}

Test(plans, a_second_subscription_never_counts_and_is_told) {
    struct home h;
    struct ns_notice_row *notices;
    int count;
    home_open(&h, ":memory:", true);
    struct ns_seen_subscription one = money_seen(&h), two = money_seen(&h);
    two.id = "sub_2";
    two.tier = NS_TIER_FAMILY;
    cr_assert(money_see(&h, &one));
    cr_assert(money_see(&h, &two));
    STANDS(NS_TIER_BASIC, NS_STANDS_PAID);
    OK(ns_row_notices(h.db, 0, 10, &h.arena, &notices, &count, &h.err));
    cr_assert_eq(count, 1);
    cr_assert_str_eq(notices[0].kind, "SECOND_SUBSCRIPTION");
    home_close(&h);
}

Test(plans, bills_must_sum_and_refunds_stay_within_them) {
    struct home h;
    ns_id id;
    bool changed;
    home_open(&h, ":memory:", true);
    struct ns_seen_subscription s = money_seen(&h);
    (void)money_see(&h, &s);
    struct ns_seen_invoice bad = money_invoice(&h, "in_1", NS_BILL_IS_SUCCEEDED);
    bad.total++;
    ns_err_clear(&h.err);
    cr_assert_eq(ns_billing_see_invoice(&h.act, &bad, false, &id, &changed, &h.err), NS_E_INPUT);
    bad.total--;
    cr_assert(money_bill(&h, &bad));
    ns_err_clear(&h.err);
    cr_assert_eq(ns_billing_see_refund(&h.act, "in_1", 2260, "too much", &changed, &h.err), NS_E_INPUT);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_billing_see_refund(&h.act, "in_9", 1, "whose", &changed, &h.err), NS_E_NOT_FOUND);
    OK(ns_billing_see_refund(&h.act, "in_1", 1000, "part", &changed, &h.err));
    cr_assert(changed);
    OK(ns_billing_see_refund(&h.act, "in_1", 1000, "part", &changed, &h.err));
    cr_assert_not(changed); /* the same news twice */
    OK(ns_billing_see_refund(&h.act, "in_1", 2259, "all", &changed, &h.err));
    struct ns_bill *bills;
    cr_assert_eq(money_bills(&h, &bills), 1);
    cr_assert_eq(bills[0].status, NS_BILL_IS_REFUNDED);
    home_close(&h);
}

Test(plans, a_move_changes_the_rates_of_a_trial) {
    struct home h;
    home_open(&h, ":memory:", true);
    OK(ns_billing_ensure(&h.act, NS_SALE_DIRECT, &h.err));
    cr_assert_eq(money_now(&h).subscription.total_ppm, 130000);
    OK(ns_billing_move(&h.act, NS_PROVINCE_QC, &h.err));
    struct ns_subscription s = money_now(&h).subscription;
    cr_assert_eq(s.gst_ppm, 50000);
    cr_assert_eq(s.pst_hst_ppm, 99750);
    cr_assert_eq(s.total_ppm, 149750);
    home_close(&h);
}

Test(plans, the_trial_counts_what_it_was_used_for) {
    struct home h;
    struct ns_trial t;
    bool had;
    home_open(&h, ":memory:", true);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_billing_track(&h.act, NS_TRIAL_FEATURE_USED, "automation", 0, &h.err), NS_E_NOT_FOUND);
    OK(ns_billing_start_trial(&h.act, NS_TIER_PREMIUM, NS_PROVINCE_BC, &h.err));
    OK(ns_billing_track(&h.act, NS_TRIAL_FEATURE_USED, "automation", 0, &h.err));
    OK(ns_billing_track(&h.act, NS_TRIAL_FEATURE_USED, "automation", 0, &h.err));
    OK(ns_billing_track(&h.act, NS_TRIAL_FEATURE_USED, "price_alerts", 0, &h.err));
    OK(ns_billing_track(&h.act, NS_TRIAL_VALUE_SAVED, "price_alerts", 250, &h.err));
    OK(ns_row_trial(h.db, h.act.actor.user, &t, &had, &h.err));
    cr_assert_eq(t.features_used, 2);
    cr_assert_eq(t.usage_days, 1);
    cr_assert_eq(t.value_saved, 250);
    cr_assert_eq(t.engagement_score, 40);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_billing_track(&h.act, NS_TRIAL_VALUE_SAVED, "x", -1, &h.err), NS_E_INPUT);
    home_close(&h);
}
