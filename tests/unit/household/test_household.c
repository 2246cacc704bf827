#include "tests/unit/household/home.h"

Test(household, a_change_without_consent_is_refused_and_leaves_nothing) {
    struct home h;
    struct ns_log_result r;
    home_open(&h, ":memory:", false);
    struct ns_log_input in = home_log(&h);
    REFUSED(ns_log_change(&h.act, &in, &r, &h.err), NS_E_CONSENT, NS_MSG_hh_consent_missing);
    cr_assert_eq(home_logs(&h), 0);
    OK(ns_consent_set(h.db, h.act.env, h.act.now, &h.act.actor, NS_CONSENT_CHILD_DATA, true, "1",
                      "en", &h.err));
    OK(ns_log_change(&h.act, &in, &r, &h.err));
    OK(ns_consent_set(h.db, h.act.env, h.act.now, &h.act.actor, NS_CONSENT_CHILD_DATA, false, "1",
                      "en", &h.err));
    REFUSED(ns_log_change(&h.act, &in, &r, &h.err), NS_E_CONSENT, NS_MSG_hh_consent_withdrawn);
    OK(ns_consent_set(h.db, h.act.env, h.act.now, &h.act.actor, NS_CONSENT_CHILD_DATA, true, "1",
                      "en", &h.err));
    home_tick(&h, 366 * NS_DAY);
    REFUSED(ns_log_change(&h.act, &in, &r, &h.err), NS_E_CONSENT, NS_MSG_hh_consent_expired);
    const struct ns_consent *list = NULL;
    int count = 0;
    OK(ns_consent_list(h.db, h.act.actor.user, h.act.now, &h.arena, &list, &count, &h.err));
    cr_assert_eq(count, 1);
    cr_assert_eq(list[0].status, NS_CONSENT_IS_EXPIRED);
    home_close(&h);
}

Test(household, a_consent_never_given_is_not_called_withdrawn) {
    struct home h;
    struct ns_log_result r;
    const struct ns_consent *list = NULL;
    int count = 0;
    home_open(&h, ":memory:", false);
    struct ns_log_input in = home_log(&h);
    for (int i = 0; i < 2; i++) { /* "no" said once, and again */
        OK(ns_consent_set(h.db, h.act.env, h.act.now, &h.act.actor, NS_CONSENT_CHILD_DATA, false, "1", "en", &h.err));
        REFUSED(ns_log_change(&h.act, &in, &r, &h.err), NS_E_CONSENT, NS_MSG_hh_consent_missing);
        cr_assert_str_eq(h.err.arg[0], "CHILD_DATA");
        OK(ns_consent_list(h.db, h.act.actor.user, h.act.now, &h.arena, &list, &count, &h.err));
        cr_assert_eq(count, 1);
        cr_assert_eq(list[0].status, NS_CONSENT_IS_PENDING);
        cr_assert_eq(list[0].withdrawn_at, NS_TIME_NONE);
    }
    home_close(&h);
}

Test(household, a_number_or_a_date_is_no_name_of_a_child) {
    static const char *const odd[] = {"31/02/2026", "2026-02-14", "12", "- -", "\u00bf?"};
    static const char *const good[] = {"L\u00e9a", "\u5065", "X \u00c6 A-12", "2nd", "\u0645\u062d\u0645\u062f"};
    struct home h;
    struct ns_child made;
    home_open(&h, ":memory:", true);
    struct ns_child_input in = {.set = NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE,
                                .date_of_birth = ns_act_today(&h.act) - 100,
                                .current_size = NS_SIZE_2};
    for (size_t i = 0; i < NS_COUNT(odd); i++) {
        in.name = odd[i];
        REFUSED(ns_child_create(&h.act, &in, &made, NULL, &h.err), NS_E_INPUT, NS_MSG_hh_child_name_odd);
    }
    for (size_t i = 0; i < NS_COUNT(good); i++) {
        in.name = good[i];
        OK(ns_child_create(&h.act, &in, &made, NULL, &h.err));
    }
    home_close(&h);
}

Test(household, a_pack_without_a_brand_keeps_none_in_any_language) {
    struct home h;
    struct ns_inventory_item item;
    home_open(&h, ":memory:", true);
    struct ns_item_input pack = home_pack(&h, 10);
    pack.brand = "";
    OK(ns_item_create(&h.act, &pack, &item, NULL, &h.err));
    cr_assert_str_eq(item.brand, "");
    home_close(&h);
}

Test(household, a_change_takes_from_the_lot_that_expires_first) {
    struct home h;
    struct ns_inventory_item late, soon, old;
    struct ns_log_result r;
    home_open(&h, ":memory:", true);
    struct ns_item_input pack = home_pack(&h, 2);
    OK(ns_item_create(&h.act, &pack, &late, NULL, &h.err));
    pack.expiry_date = h.act.now + 30 * NS_DAY;
    OK(ns_item_create(&h.act, &pack, &soon, NULL, &h.err));
    pack.purchase_date = h.act.now - 60 * NS_DAY;
    pack.expiry_date = h.act.now - NS_DAY;
    OK(ns_item_create(&h.act, &pack, &old, NULL, &h.err));
    cr_assert(ns_item_expired(&old, ns_act_today(&h.act)));
    cr_assert_eq(home_stock(&h), 4);
    struct ns_log_input in = home_log(&h);
    for (int i = 0; i < 4; i++) {
        OK(ns_log_change(&h.act, &in, &r, &h.err));
        cr_assert(r.took_item && r.item.is_opened);
        cr_assert(ns_id_eq(r.item.id, i < 2 ? soon.id : late.id));
        home_tick(&h, NS_HOUR);
    }
    OK(ns_log_change(&h.act, &in, &r, &h.err));
    cr_assert_not(r.took_item);
    cr_assert(ns_id_is_zero(r.log.inventory_item_id));
    cr_assert_eq(r.notice, NS_MSG_hh_log_no_stock);
    cr_assert_eq(home_stock(&h), 0);
    home_close(&h);
}

Test(household, a_back_dated_change_corrects_its_successor) {
    struct home h;
    struct ns_log_result first, second, between;
    struct ns_log_page page;
    home_open(&h, ":memory:", true);
    struct ns_log_input in = home_log(&h);
    OK(ns_log_change(&h.act, &in, &first, &h.err));
    cr_assert_eq(first.log.time_since_last_change, NS_NONE);
    home_tick(&h, 3 * NS_HOUR);
    OK(ns_log_change(&h.act, &in, &second, &h.err));
    cr_assert_eq(second.log.time_since_last_change, 180);
    in.logged_at = h.act.now - NS_HOUR;
    OK(ns_log_change(&h.act, &in, &between, &h.err));
    cr_assert_eq(between.log.time_since_last_change, 120);
    OK(ns_log_list(&h.act, h.child.id, NS_NONE, 7, 2, 0, &page, &h.err));
    int64_t total = 0;
    OK(ns_log_total(&h.act, h.child.id, NS_NONE, 7, &total, &h.err));
    cr_assert_eq(total, 3);
    cr_assert(page.count == 2 && page.more);
    cr_assert_eq(page.logs[0].time_since_last_change, 60);
    cr_assert(ns_id_eq(page.logs[1].id, between.log.id));
    home_close(&h);
}

Test(household, a_repeated_client_key_writes_once) {
    struct home h;
    struct ns_log_result a, b;
    home_open(&h, ":memory:", true);
    struct ns_log_input in = home_log(&h);
    in.client_key = ns_id_new(h.act.env);
    OK(ns_log_change(&h.act, &in, &a, &h.err));
    OK(ns_log_change(&h.act, &in, &b, &h.err));
    cr_assert(!a.repeated && b.repeated);
    cr_assert(ns_id_eq(a.log.id, b.log.id));
    cr_assert_eq(home_logs(&h), 1);
    home_close(&h);
}

Test(household, impossible_input_is_refused_with_its_reason) {
    struct home h;
    struct ns_child c;
    struct ns_inventory_item item;
    struct ns_log_result r;
    home_open(&h, ":memory:", true);
    ns_date today = ns_act_today(&h.act);
    const struct {
        uint32_t set;
        struct ns_child_input in;
        enum ns_msg why;
    } children[] = {
        {NS_CHILD_BIRTH, {.date_of_birth = today + 271}, NS_MSG_hh_birth_ahead},
        {NS_CHILD_BIRTH, {.date_of_birth = today - 8000}, NS_MSG_hh_birth_old},
        {NS_CHILD_NAME, {.name = "  "}, NS_MSG_hh_text_missing},
        {NS_CHILD_NAME, {.name = "a\x01"}, NS_MSG_hh_text_bytes},
        {NS_CHILD_NAME, {.name = "\xc3("}, NS_MSG_hh_text_bytes},
        {NS_CHILD_WEIGHT, {.weight_kg = -3}, NS_MSG_hh_weight_range},
        {NS_CHILD_WEIGHT, {.weight_kg = 4500}, NS_MSG_hh_weight_range},
        {NS_CHILD_HEIGHT, {.height_cm = 3}, NS_MSG_hh_height_range},
        {NS_CHILD_DAILY, {.daily_usage_count = 0}, NS_MSG_hh_daily_range},
        {NS_CHILD_DAILY, {.daily_usage_count = 21}, NS_MSG_hh_daily_range},
    };
    for (size_t i = 0; i < NS_COUNT(children); i++) {
        struct ns_child_input in = children[i].in;
        in.set = children[i].set;
        REFUSED(ns_child_update(&h.act, h.child.id, &in, &c, NULL, &h.err), NS_E_INPUT,
                children[i].why);
    }
    struct ns_item_input pack = home_pack(&h, 0);
    REFUSED(ns_item_create(&h.act, &pack, &item, NULL, &h.err), NS_E_INPUT, NS_MSG_hh_quantity_range);
    pack = home_pack(&h, -5);
    REFUSED(ns_item_create(&h.act, &pack, &item, NULL, &h.err), NS_E_INPUT, NS_MSG_hh_quantity_range);
    pack = home_pack(&h, 5);
    pack.size = "Size 9";
    REFUSED(ns_item_create(&h.act, &pack, &item, NULL, &h.err), NS_E_INPUT, NS_MSG_hh_size_unknown);
    pack = home_pack(&h, 5);
    pack.expiry_date = h.act.now - 10 * NS_DAY;
    REFUSED(ns_item_create(&h.act, &pack, &item, NULL, &h.err), NS_E_INPUT, NS_MSG_hh_expiry_early);
    pack = home_pack(&h, 5);
    pack.child_id = ns_id_new(h.act.env);
    REFUSED(ns_item_create(&h.act, &pack, &item, NULL, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_child_unknown);
    struct ns_log_input in = home_log(&h);
    in.logged_at = h.act.now + 6 * NS_MINUTE;
    REFUSED(ns_log_change(&h.act, &in, &r, &h.err), NS_E_INPUT, NS_MSG_hh_log_ahead);
    REFUSED(ns_household_confirm_day(&h.act, h.child.id, today, NS_DAY_OK, &h.err), NS_E_INPUT,
            NS_MSG_hh_day_not_over);
    struct ns_setup_input again = {.display_name = "X", .province = "QC"};
    struct ns_user user;
    REFUSED(ns_household_set_up(&h.act, &again, &user, &h.err), NS_E_CONFLICT, NS_MSG_hh_has_owner);
    again.province = "QQ";
    REFUSED(ns_household_set_up(&h.act, &again, &user, &h.err), NS_E_INPUT, NS_MSG_hh_province_unknown);
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}

Test(household, the_first_stock_said_twice_is_there_once) {
    struct home h;
    ns_id action;
    struct ns_undo_result u;
    home_open(&h, ":memory:", true);
    struct ns_initial_item in[] = {
        {NS_SIZE_3, "Maple", 40, NS_DATE_NONE, NS_DATE_NONE},
        {NS_SIZE_3, "maple", 20, NS_DATE_NONE, NS_DATE_NONE},
        {NS_SIZE_4, "Maple", 10, NS_DATE_NONE, NS_DATE_NONE},
    };
    OK(ns_item_set_initial(&h.act, h.child.id, in, 3, NULL, &h.err));
    OK(ns_item_set_initial(&h.act, h.child.id, in, 3, NULL, &h.err));
    cr_assert_eq(home_stock(&h), 60);
    struct ns_log_result r;
    struct ns_log_input log = home_log(&h);
    OK(ns_log_change(&h.act, &log, &r, &h.err));
    in[0].quantity = 30; /* a correction: one piece is gone already */
    OK(ns_item_set_initial(&h.act, h.child.id, in, 3, &action, &h.err));
    cr_assert_eq(home_stock(&h), 49);
    OK(ns_household_undo(&h.act, action, &u, &h.err));
    cr_assert_eq(home_stock(&h), 59);
    home_close(&h);
}

Test(household, every_kind_of_act_can_be_taken_back) {
    struct home h;
    struct ns_inventory_item item;
    struct ns_log_result r;
    struct ns_undo_result u;
    struct ns_child c;
    ns_id created, changed, renamed;
    home_open(&h, ":memory:", true);
    struct ns_item_input pack = home_pack(&h, 10);
    OK(ns_item_create(&h.act, &pack, &item, &created, &h.err));
    struct ns_item_change change = {.set = NS_ITEM_REMAINING | NS_ITEM_NOTES,
                                    .quantity_remaining = 6, .notes = "shelf"};
    OK(ns_item_update(&h.act, item.id, &change, &item, &changed, &h.err));
    struct ns_child_input name = {.set = NS_CHILD_NAME | NS_CHILD_SIZE, .name = "Zo\xc3\xa9",
                                  .current_size = NS_SIZE_4};
    OK(ns_child_update(&h.act, h.child.id, &name, &c, &renamed, &h.err));
    OK(ns_household_undo(&h.act, (ns_id){{0}}, &u, &h.err)); /* newest: the name */
    cr_assert(ns_id_eq(u.action, renamed));
    OK(ns_child_get(h.db, h.child.id, &h.arena, &c, &h.err));
    cr_assert_str_eq(c.name, test_child().name);
    cr_assert_eq(c.current_size, NS_SIZE_3);
    struct ns_log_input in = home_log(&h);
    OK(ns_log_change(&h.act, &in, &r, &h.err));
    cr_assert_eq(home_stock(&h), 5);
    REFUSED(ns_household_undo(&h.act, created, &u, &h.err), NS_E_CONFLICT, NS_MSG_hh_undo_overtaken);
    OK(ns_household_undo(&h.act, changed, &u, &h.err)); /* the log in between keeps counting */
    cr_assert_eq(home_stock(&h), 9);
    OK(ns_household_undo(&h.act, r.action, &u, &h.err));
    cr_assert_eq(u.kind, NS_ACTION_LOG);
    cr_assert_eq(home_stock(&h), 10);
    cr_assert_eq(home_logs(&h), 0);
    REFUSED(ns_household_undo(&h.act, r.action, &u, &h.err), NS_E_CONFLICT, NS_MSG_hh_undo_twice);
    OK(ns_household_undo(&h.act, created, &u, &h.err));
    OK(ns_household_undo(&h.act, (ns_id){{0}}, &u, &h.err)); /* the child */
    cr_assert_eq(u.kind, NS_ACTION_CHILD);
    REFUSED(ns_household_undo(&h.act, (ns_id){{0}}, &u, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_undo_none);
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}

static void log_days(struct home *hp, const int *counts, int n, int64_t first_days_ago) {
    struct home h = *hp;
    for (int d = 0; d < n; d++) {
        for (int i = 0; i < counts[d]; i++) {
            struct ns_log_input in = home_log(&h);
            struct ns_log_result r;
            in.logged_at = h.act.now - (first_days_ago - d) * NS_DAY - i * NS_HOUR / 2;
            OK(ns_log_change(&h.act, &in, &r, &h.err));
        }
    }
}

Test(household, an_unlogged_stretch_is_no_zero_however_few_the_changes_before_it) {
    struct home h;
    struct ns_series s;
    home_open(&h, ":memory:", true);
    /* half a day before a journey; nothing since; and a toddler who needs one every other day */
    const int counts[3][12] = {{6, 6, 6, 6, 2, 0, 0, 0, 6, 6, 6, 6},
                               {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                               {1, 0, 1, 0, 2, 0, 1, 0, 1, 0, 0, 1}};
    const int gaps[3] = {3, 9, 0};
    ns_date today = ns_act_today(&h.act);
    for (int k = 0; k < 3; k++) {
        int gap = 0;
        home_close(&h);
        home_open(&h, ":memory:", true);
        log_days(&h, counts[k], 12, 12);
        OK(ns_household_series(h.db, h.child.id, today, &h.arena, &s, &h.err));
        for (int i = 0; i < s.count; i++) {
            gap += s.days[i].status == NS_DAY_GAP;
        }
        cr_expect_eq(gap, gaps[k], "stretch %d: %d", k, gap);
    }
    home_close(&h);
}

Test(household, empty_days_between_busy_ones_are_missing_unless_confirmed) {
    struct home h;
    struct ns_series s;
    home_open(&h, ":memory:", true);
    ns_date today = ns_act_today(&h.act);
    const int counts[] = {4, 5, 0, 3, 2, 0, 4, 0, 0, 5, 0};
    log_days(&h, counts, 11, 11);
    OK(ns_household_series(h.db, h.child.id, today, &h.arena, &s, &h.err));
    cr_assert_eq(s.count, 12);
    const enum ns_day_status want[] = {NS_DAY_PARTIAL, NS_DAY_OK, NS_DAY_GAP, NS_DAY_OK, NS_DAY_OK,
                                       NS_DAY_GAP,     NS_DAY_OK, NS_DAY_GAP, NS_DAY_GAP, NS_DAY_OK,
                                       NS_DAY_GAP,     NS_DAY_PARTIAL};
    for (int i = 0; i < s.count; i++) {
        cr_assert_eq(s.days[i].status, want[i], "day %d", i);
        cr_assert_eq(s.days[i].count, i < 11 ? counts[i] : 0, "day %d", i);
    }
    OK(ns_household_confirm_day(&h.act, h.child.id, today - 9, NS_DAY_OK, &h.err));
    OK(ns_household_confirm_day(&h.act, h.child.id, today - 11, NS_DAY_OK, &h.err));
    OK(ns_household_series(h.db, h.child.id, today, &h.arena, &s, &h.err));
    cr_assert_eq(s.days[2].status, NS_DAY_OK);
    cr_assert(s.days[2].confirmed);
    cr_assert_eq(s.days[0].status, NS_DAY_OK);
    OK(ns_household_usage_days(h.db, h.child.id, today, 20, &h.arena, &s, &h.err));
    cr_assert_eq(s.count, 20);
    cr_assert_eq(s.days[0].status, NS_DAY_GAP);
    cr_assert_eq(s.days[19].date, today);
    home_close(&h);
}

Test(household, the_dashboard_follows_the_newest_rate) {
    struct home h;
    struct ns_dashboard d;
    struct ns_inventory_item item;
    struct ns_prediction_request *request = NULL;
    struct ns_prediction p, again;
    bool found = false, due = false;
    home_open(&h, ":memory:", true);
    OK(ns_household_dashboard(&h.act, h.child.id, &d, &h.err));
    cr_assert(d.has_days_remaining && d.days_remaining == 0 && d.last_change == NS_TIME_NONE);
    struct ns_item_input pack = home_pack(&h, 80);
    OK(ns_item_create(&h.act, &pack, &item, NULL, &h.err));
    OK(ns_household_dashboard(&h.act, h.child.id, &d, &h.err));
    cr_assert_eq(d.days_remaining, 10); /* eight a day expected */
    const int counts[] = {4, 4, 4, 4, 4, 4, 4};
    log_days(&h, counts, 7, 7);
    OK(ns_household_dashboard(&h.act, h.child.id, &d, &h.err));
    cr_assert_eq(d.diapers_left, 52);
    cr_assert_eq(d.days_remaining, 13);
    OK(ns_prediction_due(&h.act, h.child.id, &due, &h.err));
    cr_assert(due);
    OK(ns_prediction_load(&h.act, h.child.id, &request, &h.err));
    OK(ns_prediction_run(request, &h.err));
    OK(ns_prediction_store(&h.act, request, &p, &h.err));
    ns_prediction_free(request);
    OK(ns_prediction_newest(h.db, h.child.id, &h.arena, &again, &found, &h.err));
    cr_assert(found);
    cr_assert_eq(again.day_count, NS_FORECAST_DAYS);
    cr_assert_str_eq(again.confidence_level, "VERY_LOW");
    cr_assert(isnan(again.r_squared_score));
    cr_assert_eq(again.stock_at_prediction, 52);
    cr_assert_eq(again.note_count, p.note_count);
    cr_assert_float_eq(again.days[3].expected, p.days[3].expected, 1e-12);
    cr_assert_eq(again.predicted_runout_date, p.predicted_runout_date);
    OK(ns_prediction_due(&h.act, h.child.id, &due, &h.err));
    cr_assert_not(due);
    home_tick(&h, NS_MINUTE);
    for (int i = 0; i < 10; i++) {
        struct ns_log_input in = home_log(&h);
        struct ns_log_result r;
        OK(ns_log_change(&h.act, &in, &r, &h.err));
    }
    OK(ns_prediction_due(&h.act, h.child.id, &due, &h.err));
    cr_assert(due);
    home_close(&h);
}

Test(household, a_changed_removed_or_added_audit_line_shows) {
    static const char *const tampering[] = {
        "UPDATE audit_log SET action = 'X' WHERE seq = 2",
        "UPDATE audit_log SET actor_id = randomblob(16) WHERE seq = 3",
        "UPDATE audit_log SET at = at + 1 WHERE seq = 1",
        "DELETE FROM audit_log WHERE seq = 2",
        "DELETE FROM audit_log WHERE seq = (SELECT max(seq) FROM audit_log)",
        "INSERT INTO audit_log SELECT seq + 1, id, at, actor_id, device_id, action, entity, "
        "entity_id, detail, previous, digest FROM audit_log ORDER BY seq DESC LIMIT 1",
    };
    for (size_t i = 0; i < NS_COUNT(tampering); i++) {
        struct home h;
        home_open(&h, ":memory:", true);
        cr_assert(home_chain_intact(&h));
        if (i < 5) { /* the store itself refuses first */
            ns_err_clear(&h.err);
            cr_assert_neq(ns_db_script(h.db, tampering[i], &h.err), NS_OK);
        }
        OK(ns_db_script(h.db, "DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_shrinks",
                        &h.err));
        OK(ns_db_script(h.db, tampering[i], &h.err));
        cr_assert_not(home_chain_intact(&h), "case %zu", i);
        home_close(&h);
    }
}

Test(household, audit_lines_name_actor_and_thing_but_no_contents) {
    struct home h;
    struct ns_audit_page page;
    home_open(&h, ":memory:", true);
    struct ns_audit_filter filter = {.since = NS_TIME_NONE, .limit = 2};
    OK(ns_audit_list(h.db, &filter, &h.arena, &page, &h.err));
    cr_assert_eq(page.total, 3);
    cr_assert(page.more && page.count == 2);
    cr_assert_str_eq(page.entries[0].action, "CHILD_CREATED");
    cr_assert_str_eq(page.entries[0].actor_name, test_user().display_name);
    cr_assert_null(strstr(page.entries[0].detail, test_child().name));
    filter.entity = "consent";
    filter.actor_id = h.act.actor.user;
    OK(ns_audit_list(h.db, &filter, &h.arena, &page, &h.err));
    cr_assert_eq(page.total, 1);
    home_close(&h);
}

Test(household, time_passed_reads_well_in_both_languages) {
    const struct {
        ns_time passed;
        enum ns_lang lang;
        const char *text;
    } cases[] = {
        {0, NS_LANG_EN, "just now"},
        {NS_MINUTE, NS_LANG_EN, "1 minute ago"},
        {2 * NS_HOUR, NS_LANG_EN, "2 hours ago"},
        {49 * NS_HOUR, NS_LANG_FR, "il y a 2 jours"},
        {-NS_MINUTE, NS_LANG_FR, "\xc3\xa0 l\xe2\x80\x99instant"},
    };
    for (size_t i = 0; i < NS_COUNT(cases); i++) {
        struct ns_buf b = NS_BUF(200);
        ns_household_ago(&b, cases[i].lang, 0, cases[i].passed);
        cr_assert_str_eq(b.data, cases[i].text);
        ns_buf_fini(&b);
    }
}
