/* The life of one plan, day by day: import, trial, day 15, Basic, a failed card, grace, paid,
 * cancelled. Nothing the family wrote is ever out of reach. */
#include "tests/unit/billing/money.h"

#define FILE_MOST (1 << 20)

static void import_log(struct home *hp) {
    struct home h = *hp;
    struct ns_buf csv = NS_BUF(FILE_MOST);
    struct ns_import_job job;
    bool done = false;
    ns_buf_text(&csv, "date,time,type\n");
    for (int day = 1; day <= 14; day++) {
        for (int n = 0; n < 7; n++) {
            ns_buf_fmt(&csv, "2026-06-%02d,%02d:05,wet\n", day, 6 + 2 * n);
        }
    }
    struct ns_import_options options = {0};
    OK(ns_import_stage(&hp->act, hp->child.id, NS_STR("log.csv"), ns_buf_view(&csv), &options, &job, &h.err));
    while (!done) {
        OK(ns_import_write_chunk(&hp->act, job.id, &job, &done, &h.err));
    }
    ns_buf_fini(&csv);
}

/* Logging, reading stock and children, whatever the plan. */
static void home_still_works(struct home *hp) {
    struct home h = *hp;
    struct ns_log_input in = home_log(hp);
    struct ns_log_result r;
    struct ns_log_page page;
    const struct ns_child *children;
    int count;
    in.logged_at = hp->act.now;
    OK(ns_log_change(&hp->act, &in, &r, &h.err));
    OK(ns_log_list(&hp->act, hp->child.id, NS_NONE, 400, 500, 0, &page, &h.err));
    cr_assert_gt(page.count, 98);
    OK(ns_child_list(hp->db, &hp->arena, &children, &count, &h.err));
    cr_assert_geq(count, 1);
}

static ns_rc may_forecast(struct home *h) {
    ns_err_clear(&h->err);
    return ns_billing_need(h->db, h->act.actor.user, NS_SALE_DIRECT, h->act.now, "predictions", &h->err);
}

Test(walk, import_to_day_15_to_basic_to_failed_card_to_paid_to_cancelled) {
    struct home h;
    bool changed;
    struct ns_bill *bills;
    home_open(&h, ":memory:", true);
    OK(ns_billing_ensure(&h.act, NS_SALE_DIRECT, &h.err));
    STANDS(NS_TIER_FAMILY, NS_STANDS_TRIAL);
    import_log(&h);
    cr_assert_eq(may_forecast(&h), NS_OK);

    home_tick(&h, 13 * NS_DAY + 23 * NS_HOUR);
    OK(ns_billing_pass_time(&h.act, &changed, &h.err));
    STANDS(NS_TIER_FAMILY, NS_STANDS_TRIAL);
    home_tick(&h, 2 * NS_HOUR); /* day 15 */
    STANDS(NS_TIER_FREE, NS_STANDS_TRIAL_OVER); /* by the clock alone */
    OK(ns_billing_pass_time(&h.act, &changed, &h.err));
    cr_assert(changed);
    STANDS(NS_TIER_FREE, NS_STANDS_TRIAL_OVER);
    home_still_works(&h);
    cr_assert_eq(may_forecast(&h), NS_E_DENIED);
    cr_assert_eq(h.err.msg, NS_MSG_plan_needs_basic);
    REFUSED(ns_billing_start_trial(&h.act, NS_TIER_BASIC, NS_PROVINCE_ON, &h.err), NS_E_CONFLICT,
            NS_MSG_plan_trial_once);
    OK(ns_billing_ensure(&h.act, NS_SALE_DIRECT, &h.err)); /* no second trial by itself either */
    STANDS(NS_TIER_FREE, NS_STANDS_TRIAL_OVER);

    struct ns_seen_subscription basic = money_seen(&h);
    basic.status = NS_PAY_INCOMPLETE;
    cr_assert(money_see(&h, &basic));
    STANDS(NS_TIER_FREE, NS_STANDS_UNPAID); /* asked for, not yet paid */
    basic.status = NS_PAY_ACTIVE;
    cr_assert(money_see(&h, &basic));
    cr_assert_not(money_see(&h, &basic)); /* the same again changes nothing */
    struct ns_seen_invoice first = money_invoice(&h, "in_1", NS_BILL_IS_SUCCEEDED);
    cr_assert(money_bill(&h, &first));
    STANDS(NS_TIER_BASIC, NS_STANDS_PAID);
    cr_assert_eq(may_forecast(&h), NS_OK);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_billing_need(h.db, h.act.actor.user, NS_SALE_DIRECT, h.act.now, "price_alerts", &h.err),
                 NS_E_DENIED);
    cr_assert_eq(h.err.msg, NS_MSG_plan_needs_premium);

    home_tick(&h, 30 * NS_DAY + NS_HOUR);
    struct ns_seen_invoice second = money_invoice(&h, "in_2", NS_BILL_IS_FAILED);
    second.kind = NS_BILL_RENEWAL;
    cr_assert(money_bill(&h, &second));
    STANDS(NS_TIER_BASIC, NS_STANDS_GRACE);
    cr_assert_eq(may_forecast(&h), NS_OK);
    basic.status = NS_PAY_PAST_DUE;
    basic.period_start = h.act.now;
    basic.period_end = h.act.now + 30 * NS_DAY;
    (void)money_see(&h, &basic);
    home_tick(&h, 6 * NS_DAY + 23 * NS_HOUR);
    STANDS(NS_TIER_BASIC, NS_STANDS_GRACE); /* seeing it again did not move the end */
    home_tick(&h, 2 * NS_HOUR);
    STANDS(NS_TIER_FREE, NS_STANDS_UNPAID);
    home_still_works(&h);
    cr_assert_eq(may_forecast(&h), NS_E_DENIED);

    second.status = NS_BILL_IS_SUCCEEDED;
    cr_assert(money_bill(&h, &second));
    STANDS(NS_TIER_BASIC, NS_STANDS_PAID);
    second.status = NS_BILL_IS_FAILED; /* late news of the first try */
    cr_assert_not(money_bill(&h, &second));
    STANDS(NS_TIER_BASIC, NS_STANDS_PAID);

    basic.status = NS_PAY_ACTIVE;
    basic.cancel_at_period_end = true;
    basic.cancelled_at = h.act.now;
    cr_assert(money_see(&h, &basic));
    STANDS(NS_TIER_BASIC, NS_STANDS_ENDING);
    home_tick(&h, 30 * NS_DAY);
    STANDS(NS_TIER_FREE, NS_STANDS_ENDED); /* to the day, without word from anybody */
    basic.status = NS_PAY_CANCELED;
    cr_assert(money_see(&h, &basic));
    basic.status = NS_PAY_ACTIVE; /* old news after the end */
    cr_assert_not(money_see(&h, &basic));
    STANDS(NS_TIER_FREE, NS_STANDS_ENDED);
    home_still_works(&h);

    cr_assert_eq(money_bills(&h, &bills), 2);
    cr_assert_eq(bills[0].status, NS_BILL_IS_SUCCEEDED);
    cr_assert_eq(bills[0].total, 2259);
    cr_assert(money_chain_intact(&h));
    home_close(&h);
}

Test(walk, subscribing_during_the_trial_keeps_its_row_and_marks_it_converted) {
    struct home h;
    struct ns_trial trial;
    bool had;
    home_open(&h, ":memory:", true);
    OK(ns_billing_ensure(&h.act, NS_SALE_DIRECT, &h.err));
    ns_id row = money_now(&h).subscription.id;
    home_tick(&h, 3 * NS_DAY);
    struct ns_seen_subscription seen = money_seen(&h);
    seen.status = NS_PAY_TRIALING;
    seen.trial_end = h.act.now + 11 * NS_DAY;
    cr_assert(money_see(&h, &seen));
    cr_assert(ns_id_eq(money_now(&h).subscription.id, row));
    STANDS(NS_TIER_BASIC, NS_STANDS_TRIAL);
    OK(ns_row_trial(h.db, h.act.actor.user, &trial, &had, &h.err));
    cr_assert(had && trial.converted_at == h.act.now);
    home_tick(&h, 12 * NS_DAY); /* Stripe bills at the trial's end; without word it goes on */
    STANDS(NS_TIER_BASIC, NS_STANDS_PAID);
    home_tick(&h, 30 * NS_DAY);
    STANDS(NS_TIER_FREE, NS_STANDS_TRIAL_OVER); /* but not for ever */
    home_close(&h);
}

Test(walk, a_demo_home_lives_on_a_practice_plan) {
    struct home h;
    struct ns_card card;
    struct ns_bill *bills;
    struct ns_subscription s;
    ns_money back = 0;
    bool changed, has;
    home_open(&h, ":memory:", true);
    OK(ns_db_script(h.db, "UPDATE household SET demo = 1", &h.err));
    OK(ns_billing_ensure(&h.act, NS_SALE_UNSET, &h.err));
    STANDS(NS_TIER_FAMILY, NS_STANDS_PRACTICE);
    cr_assert_eq(money_bills(&h, &bills), 1);
    cr_assert(bills[0].practice);
    cr_assert_eq(bills[0].total, 3499 + 455);
    OK(ns_practice_card(&h.act, "pm_card_chargeCustomerFail", true, &card, &h.err));
    STANDS(NS_TIER_FAMILY, NS_STANDS_GRACE);
    home_tick(&h, NS_DAY);
    OK(ns_practice_card(&h.act, "pm_card_visa", true, &card, &h.err));
    STANDS(NS_TIER_FAMILY, NS_STANDS_PRACTICE);
    OK(ns_practice_change(&h.act, NS_TIER_BASIC, &h.err)); /* down: at the period's end */
    cr_assert_eq(money_now(&h).entitlement.tier, NS_TIER_FAMILY);
    home_tick(&h, 30 * NS_DAY);
    OK(ns_billing_pass_time(&h.act, &changed, &h.err));
    STANDS(NS_TIER_BASIC, NS_STANDS_PRACTICE);
    home_tick(&h, 15 * NS_DAY);
    OK(ns_practice_change(&h.act, NS_TIER_PREMIUM, &h.err)); /* up: at once, half the difference */
    STANDS(NS_TIER_PREMIUM, NS_STANDS_PRACTICE);
    (void)money_bills(&h, &bills);
    cr_assert_eq(bills[0].kind, NS_BILL_UPGRADE);
    cr_assert_eq(bills[0].subtotal, 500);
    OK(ns_practice_cancel(&h.act, false, &h.err));
    STANDS(NS_TIER_PREMIUM, NS_STANDS_ENDING);
    OK(ns_practice_resume(&h.act, &h.err));
    STANDS(NS_TIER_PREMIUM, NS_STANDS_PRACTICE);
    OK(ns_practice_refund(&h.act, "no longer needed", &back, &h.err));
    cr_assert_gt(back, 0);
    STANDS(NS_TIER_FREE, NS_STANDS_ENDED);
    OK(ns_practice_subscribe(&h.act, NS_TIER_BASIC, &h.err));
    STANDS(NS_TIER_BASIC, NS_STANDS_PRACTICE);
    OK(ns_row_subscription(h.db, h.act.actor.user, &h.arena, &s, &has, &h.err));
    cr_assert(has);
    cr_assert(money_chain_intact(&h));
    home_close(&h);
}
