/* What people are told: from what is so, once, and not while they want quiet. */
#include "agent/household/notices.h"
#include "tests/unit/household/home.h"

static bool look(struct home *hp, bool backup_failed) {
    struct home h = *hp;
    bool changed = false;
    OK(ns_notices_look(&hp->act, backup_failed, &changed, &h.err));
    return changed;
}

static int list(struct home *hp, struct ns_notice **out) {
    struct home h = *hp;
    int count = 0;
    int64_t total = 0;
    OK(ns_row_notice_list(h.db, h.act.actor.user, UINT32_MAX, 0, 500, 0, &hp->arena, out, &count, &total, &h.err));
    cr_assert_eq(total, count);
    return count;
}

static int of_kind(struct home *hp, enum ns_notice_kind kind, struct ns_notice *out) {
    struct ns_notice *all = NULL;
    int n = 0;
    for (int i = list(hp, &all) - 1; i >= 0; i--) { /* the newest stays in *out */
        if (all[i].kind == kind && all[i].channel == NS_NOTICE_BY_IN_APP) {
            n++;
            *out = all[i];
        }
    }
    return n;
}

static struct ns_notice_wish nothing(void) {
    return (struct ns_notice_wish){.stock_days = NS_NONE, .change_hours = NS_NONE, .expiry_days = NS_NONE,
                                   .daily_limit = NS_NONE, .consent = NS_NONE, .marketing_consent = NS_NONE};
}

static void wish(struct home *hp, const struct ns_notice_wish *in) {
    struct home h = *hp;
    struct ns_notice_preferences p;
    OK(ns_notice_wish(&hp->act, in, &p, &h.err));
}

static void stock(struct home *hp, int64_t quantity) {
    struct home h = *hp;
    struct ns_item_input pack = home_pack(&h, quantity);
    struct ns_inventory_item item;
    OK(ns_item_create(&hp->act, &pack, &item, NULL, &h.err));
}

static void change(struct home *hp) {
    struct home h = *hp;
    struct ns_log_input in = home_log(&h);
    struct ns_log_result r;
    OK(ns_log_change(&hp->act, &in, &r, &h.err));
}

Test(notices, an_empty_shelf_is_told_once_and_again_after_it_was_filled) {
    struct home h;
    struct ns_notice n = {0};
    home_open(&h, ":memory:", true);
    cr_assert_not(look(&h, false), "nothing was ever stocked: nothing to tell");
    stock(&h, 1);
    change(&h);
    cr_assert(look(&h, false));
    cr_assert_eq(of_kind(&h, NS_NOTICE_OUT_OF_STOCK, &n), 1);
    cr_assert_eq(n.status, NS_NOTICE_IS_DELIVERED);
    cr_assert_str_eq(n.child_name, test_child().name);
    cr_assert_not(look(&h, false), "told once");
    stock(&h, 200);
    cr_assert_not(look(&h, false), "that it ended is no news");
    for (int i = 0; i < 200; i++) {
        change(&h);
    }
    cr_assert(look(&h, false));
    cr_assert_eq(of_kind(&h, NS_NOTICE_OUT_OF_STOCK, &n), 2);
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}

Test(notices, low_stock_follows_the_threshold_of_the_person) {
    struct home h;
    struct ns_notice n = {0};
    struct ns_notice_wish w = nothing();
    home_open(&h, ":memory:", true);
    stock(&h, 5 * h.child.daily_usage_count);
    (void)look(&h, false);
    cr_assert_eq(of_kind(&h, NS_NOTICE_LOW_STOCK, &n), 0, "five days, told at three");
    w.stock_days = 5;
    wish(&h, &w);
    cr_assert(look(&h, false));
    cr_assert_eq(of_kind(&h, NS_NOTICE_LOW_STOCK, &n), 1);
    cr_assert_eq(n.amount, 5);
    w.stock_days = 31;
    struct ns_notice_preferences p;
    REFUSED(ns_notice_wish(&h.act, &w, &p, &h.err), NS_E_INPUT, NS_MSG_hh_notice_range);
    home_close(&h);
}

Test(notices, quiet_hours_and_the_daily_limit_hold_back_all_but_the_critical) {
    struct ns_notice_preferences p = {.switches = NS_NOTIFY_QUIET, .quiet_from = 22 * 60, .quiet_until = 7 * 60, .daily_limit = 10};
    const struct {
        int minute, told;
        enum ns_notice_priority priority;
        bool may;
    } rows[] = {{22 * 60, 0, NS_NOTICE_IMPORTANT, false}, {22 * 60 - 1, 0, NS_NOTICE_IMPORTANT, true},
                {0, 0, NS_NOTICE_OPTIONAL, false},        {7 * 60, 0, NS_NOTICE_OPTIONAL, true},
                {3 * 60, 0, NS_NOTICE_CRITICAL, true},    {12 * 60, 10, NS_NOTICE_IMPORTANT, false},
                {12 * 60, 9, NS_NOTICE_IMPORTANT, true},  {12 * 60, 99, NS_NOTICE_CRITICAL, true}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        cr_assert_eq(ns_notice_may(&p, rows[i].priority, rows[i].minute, rows[i].told), rows[i].may, "row %zu", i);
    }
    p.switches = 0;
    cr_assert(ns_notice_may(&p, NS_NOTICE_OPTIONAL, 0, 0), "no quiet hours");
}

Test(notices, what_waits_for_the_morning_is_delivered_then) {
    struct home h;
    struct ns_notice n = {0};
    struct ns_notice_wish w = nothing();
    home_open(&h, ":memory:", true); /* 13:00 in Toronto */
    w.set = w.switches = NS_NOTIFY_QUIET;
    struct ns_notice_preferences p;
    REFUSED(ns_notice_wish(&h.act, &w, &p, &h.err), NS_E_INPUT, NS_MSG_hh_quiet_needs);
    w.quiet_from = "12:30";
    w.quiet_until = "14:00";
    wish(&h, &w);
    (void)look(&h, true);
    cr_assert_eq(of_kind(&h, NS_NOTICE_BACKUP_FAILED, &n), 1);
    cr_assert_eq(n.status, NS_NOTICE_IS_PENDING);
    home_tick(&h, NS_HOUR);
    cr_assert(look(&h, true));
    cr_assert_eq(of_kind(&h, NS_NOTICE_BACKUP_FAILED, &n), 1);
    cr_assert_eq(n.status, NS_NOTICE_IS_DELIVERED);
    cr_assert_eq(n.delivered_at, h.act.now);
    home_close(&h);
}

Test(notices, without_consent_nothing_is_made_of_a_childs_data) {
    struct home h;
    struct ns_notice n = {0};
    home_open(&h, ":memory:", true);
    stock(&h, 1);
    change(&h);
    OK(ns_consent_set(h.db, h.act.env, h.act.now, &h.act.actor, NS_CONSENT_CHILD_DATA, false, "1", "en", &h.err));
    (void)look(&h, false);
    cr_assert_eq(of_kind(&h, NS_NOTICE_OUT_OF_STOCK, &n), 0);
    home_close(&h);
}

Test(notices, a_channel_the_agent_has_not_is_written_down_as_failed) {
    struct home h;
    struct ns_notice n;
    struct ns_notice *all = NULL;
    home_open(&h, ":memory:", true);
    REFUSED(ns_notice_token(&h.act, "t", "fridge", &h.err), NS_E_INPUT, NS_MSG_hh_platform_unknown);
    OK(ns_notice_token(&h.act, "ExponentPushToken[x]", "ios", &h.err));
    OK(ns_notice_test(&h.act, "Bonjour", &n, &h.err));
    cr_assert_eq(list(&h, &all), 2);
    for (int i = 0; i < 2; i++) {
        bool push = all[i].channel == NS_NOTICE_BY_PUSH;
        cr_assert_eq(all[i].status, push ? NS_NOTICE_IS_FAILED : NS_NOTICE_IS_DELIVERED);
    }
    home_close(&h);
}

Test(notices, only_ones_own_are_marked_and_the_first_time_counts) {
    struct home h;
    struct ns_notice n, seen;
    bool mine = false;
    home_open(&h, ":memory:", true);
    OK(ns_notice_test(&h.act, "once", &n, &h.err));
    struct ns_act other = h.act;
    other.actor.user = ns_id_new(h.act.env);
    REFUSED(ns_notice_mark(&other, n.id, NS_NOTICE_OPENED, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_notice_unknown);
    OK(ns_notice_mark(&h.act, n.id, NS_NOTICE_OPENED, &h.err));
    ns_time first = h.act.now;
    home_tick(&h, NS_HOUR);
    OK(ns_notice_mark(&h.act, n.id, NS_NOTICE_CLICKED, &h.err));
    OK(ns_row_notice_find(h.db, h.act.actor.user, n.id, &h.arena, &seen, &mine, &h.err));
    cr_assert_eq(seen.opened_at, first);
    cr_assert_eq(seen.clicked_at, h.act.now);
    home_tick(&h, (NS_NOTICES_KEPT_DAYS + 1) * NS_DAY);
    (void)look(&h, false);
    OK(ns_row_notice_find(h.db, h.act.actor.user, n.id, &h.arena, &seen, &mine, &h.err));
    cr_assert_not(mine, "kept ninety days");
    home_close(&h);
}

Test(notices, words_in_both_languages_name_the_child) {
    for (int k = 0; k < NS_NOTICE_COUNT; k++) {
        for (int lang = 0; lang < 2; lang++) {
            struct ns_notice n = {.kind = (enum ns_notice_kind)k, .child_name = "Zoé", .amount = 2, .day = 20000};
            struct ns_buf title = NS_BUF(1000), text = NS_BUF(1000);
            ns_notice_words(&n, (enum ns_lang)lang, &title, &text);
            cr_assert(title.len > 3 && text.len > 0, "%s", ns_notice_kind_name(n.kind));
            cr_assert_null(strchr(text.data, '{'), "%s", text.data);
            ns_buf_fini(&title);
            ns_buf_fini(&text);
        }
    }
}
