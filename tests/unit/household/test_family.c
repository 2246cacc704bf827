/* Weights, marks, term, deliveries, and what the model answers from them. */
#include "tests/unit/household/home.h"

#include "agent/household/outlook.h"
#include "agent/household/preferences.h"

static void log_days(struct home *hp, ns_id child, int per_day, int days) {
    struct home h = *hp;
    for (int d = days; d >= 1; d--) {
        for (int i = 0; i < per_day; i++) {
            struct ns_log_input in = home_log(hp);
            struct ns_log_result r;
            in.child_id = child;
            in.logged_at = hp->venv.now - d * NS_DAY + (i - 4) * NS_HOUR;
            OK(ns_log_change(&hp->act, &in, &r, &h.err));
        }
    }
}

static struct ns_prediction predicted(struct home *hp) {
    struct home h = *hp;
    struct ns_prediction_request *request = NULL;
    struct ns_prediction p;
    OK(ns_prediction_load(&hp->act, hp->child.id, &request, &h.err));
    OK(ns_prediction_run(request, &h.err));
    OK(ns_prediction_store(&hp->act, request, &p, &h.err));
    ns_prediction_free(request);
    return p;
}

Test(family, the_newest_weight_becomes_the_childs) {
    struct home h;
    struct ns_measurement m;
    struct ns_child child;
    home_open(&h, ":memory:", true);
    ns_date today = ns_act_today(&h.act);
    struct ns_measure_input in = {.child_id = h.child.id, .weight_kg = 8.2,
                                  .height_cm = (double)NAN, .day = today - 10};
    OK(ns_measurement_add(&h.act, &in, &m, &h.err));
    in.weight_kg = 7.1;
    in.day = today - 40; /* written down late */
    OK(ns_measurement_add(&h.act, &in, &m, &h.err));
    OK(ns_child_get(h.db, h.child.id, &h.arena, &child, &h.err));
    cr_assert_eq(child.weight_g, 8200);
    in.day = today + 1;
    REFUSED(ns_measurement_add(&h.act, &in, &m, &h.err), NS_E_INPUT, NS_MSG_hh_day_ahead);
    in.day = today;
    in.weight_kg = (double)NAN;
    REFUSED(ns_measurement_add(&h.act, &in, &m, &h.err), NS_E_INPUT, NS_MSG_hh_nothing_measured);
    for (int slip = 0; slip < 2; slip++) { /* a slipped comma, pounds for kilograms */
        in.weight_kg = slip == 0 ? 0.8 : 19.8;
        REFUSED(ns_measurement_add(&h.act, &in, &m, &h.err), NS_E_INPUT, NS_MSG_hh_weight_age);
    }
    in.weight_kg = 80;
    REFUSED(ns_measurement_add(&h.act, &in, &m, &h.err), NS_E_INPUT, NS_MSG_hh_weight_range);
    const struct ns_measurement *list = NULL;
    int count = 0;
    OK(ns_measurement_list(h.db, h.child.id, &h.arena, &list, &count, &h.err));
    cr_assert_eq(count, 2);
    cr_assert_eq(list[0].weight_g, 7100); /* by day, not by entry */
    home_close(&h);
}

Test(family, nothing_is_kept_without_consent) {
    struct home h;
    struct ns_measurement m;
    struct ns_mark mark;
    home_open(&h, ":memory:", false);
    struct ns_measure_input in = {.child_id = h.child.id, .weight_kg = 8.2,
                                  .height_cm = (double)NAN, .day = NS_DATE_NONE};
    cr_assert_eq(ns_measurement_add(&h.act, &in, &m, &h.err), NS_E_CONSENT);
    struct ns_mark ill = {.child_id = h.child.id, .kind = NS_CHILD_MARK_ILLNESS,
                          .first_day = ns_act_today(&h.act), .last_day = ns_act_today(&h.act)};
    cr_assert_eq(ns_mark_add(&h.act, &ill, &mark, &h.err), NS_E_CONSENT);
    cr_assert_not(ns_db_in_transaction(h.db));
    home_close(&h);
}

Test(family, marks_are_checked_listed_and_removed) {
    struct home h;
    struct ns_mark made;
    home_open(&h, ":memory:", true);
    ns_date today = ns_act_today(&h.act);
    struct ns_mark in = {.child_id = h.child.id, .kind = NS_CHILD_MARK_TRAVEL, .first_day = today,
                         .last_day = NS_DATE_NONE};
    REFUSED(ns_mark_add(&h.act, &in, &made, &h.err), NS_E_INPUT, NS_MSG_hh_mark_open);
    in.last_day = today - 1;
    REFUSED(ns_mark_add(&h.act, &in, &made, &h.err), NS_E_INPUT, NS_MSG_hh_mark_order);
    in.kind = NS_CHILD_MARK_DAYCARE;
    in.last_day = NS_DATE_NONE;
    in.weekdays = 200;
    REFUSED(ns_mark_add(&h.act, &in, &made, &h.err), NS_E_INPUT, NS_MSG_hh_mark_weekdays);
    in.weekdays = 3;
    OK(ns_mark_add(&h.act, &in, &made, &h.err));
    const struct ns_mark *list = NULL;
    int count = 0;
    OK(ns_mark_list(h.db, h.child.id, &h.arena, &list, &count, &h.err));
    cr_assert(count == 1 && list[0].weekdays == 3 && list[0].last_day == NS_DATE_NONE);
    ns_id child;
    OK(ns_mark_remove(&h.act, made.id, &child, &h.err));
    cr_assert(ns_id_eq(child, h.child.id));
    REFUSED(ns_mark_remove(&h.act, made.id, &child, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_mark_unknown);
    home_close(&h);
}

Test(family, weights_leaks_and_packs_reach_the_prediction_and_it_replays) {
    struct home h;
    struct ns_inventory_item item;
    struct ns_measurement m;
    home_open(&h, ":memory:", true);
    struct ns_item_input pack = home_pack(&h, 60);
    OK(ns_item_create(&h.act, &pack, &item, NULL, &h.err));
    log_days(&h, h.child.id, 6, 25);
    struct ns_prediction before = predicted(&h);
    cr_assert_str_eq(before.predicted_new_size, "Size 4");
    cr_assert_eq(before.weighings, 0);
    cr_assert_eq(before.pack_pieces, 60);
    struct ns_measure_input in = {.child_id = h.child.id, .weight_kg = 11.4,
                                  .height_cm = (double)NAN, .day = NS_DATE_NONE};
    OK(ns_measurement_add(&h.act, &in, &m, &h.err));
    struct ns_log_input leak = home_log(&h);
    struct ns_log_result logged;
    leak.had_leakage = 1;
    OK(ns_log_change(&h.act, &leak, &logged, &h.err));
    struct ns_delivery delivery = {1, 2, 3};
    OK(ns_delivery_set(&h.act, &delivery, &h.err));
    struct ns_prediction after = predicted(&h);
    cr_assert_eq(after.weighings, 1);
    cr_assert_gt(after.size_change_probability, before.size_change_probability);
    cr_assert_str_neq(after.data_hash, before.data_hash);
    cr_assert_not_null(strstr(after.settings, "\"leadTime\":[0,0.1,0.4,0.4,0.1"));
    struct ns_replay replay;
    OK(ns_replay_load(h.db, after.id, &h.arena, &replay, &h.err));
    OK(ns_replay_run(&replay, &h.arena, &h.err));
    cr_assert(replay.same_bits && replay.same_data && replay.same_model);
    struct ns_prediction read;
    bool found = false;
    OK(ns_prediction_newest(h.db, h.child.id, &h.arena, &read, &found, &h.err));
    cr_assert_str_eq(read.data_hash, after.data_hash);
    cr_assert_eq(read.packs_to_buy, after.packs_to_buy);
    OK(ns_db_script(h.db, "UPDATE prediction_records SET result_hash = 'x'", &h.err));
    OK(ns_replay_load(h.db, after.id, &h.arena, &replay, &h.err));
    OK(ns_replay_run(&replay, &h.arena, &h.err));
    cr_assert_not(replay.same_bits);
    OK(ns_db_script(h.db, "UPDATE prediction_records SET record = x'00'", &h.err));
    OK(ns_replay_load(h.db, after.id, &h.arena, &replay, &h.err));
    cr_assert_eq(ns_replay_run(&replay, &h.arena, &h.err), NS_E_DAMAGED);
    home_close(&h);
}

static const struct ns_shelf *shelves(struct home *h, int *count) {
    const struct ns_shelf *list = NULL;
    struct ns_shelves *all = NULL;
    cr_assert_eq(ns_shelves_load(&h->act, &all, &h->err), NS_OK, "%s", h->err.note);
    cr_assert_eq(ns_shelves_run(all, &h->arena, &list, count, &h->err), NS_OK, "%s", h->err.note);
    ns_shelves_free(all);
    return list;
}

static struct ns_review reviewed(struct home *h) {
    struct ns_prediction_request *request = NULL;
    struct ns_review review;
    cr_assert_eq(ns_prediction_load(&h->act, h->child.id, &request, &h->err), NS_OK, "%s", h->err.note);
    cr_assert_eq(ns_review_run(request, 30, &review, &h->err), NS_OK, "%s", h->err.note);
    ns_prediction_free(request);
    return review;
}

Test(family, two_children_of_one_size_share_a_shelf) {
    struct home h;
    struct ns_inventory_item item;
    struct ns_child second;
    home_open(&h, ":memory:", true);
    struct ns_item_input pack = home_pack(&h, 400);
    OK(ns_item_create(&h.act, &pack, &item, NULL, &h.err));
    log_days(&h, h.child.id, 6, 20);
    const struct ns_shelf *list;
    int count = 0;
    list = shelves(&h, &count);
    cr_assert_eq(count, 1);
    cr_assert(list[0].forecast.has_runout && list[0].child_count == 1);
    ns_date alone = list[0].forecast.runout_median;
    double one = list[0].forecast.total[29].mean;
    struct ns_child_input twin = {.set = NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE,
                                  .name = "Twin", .date_of_birth = h.child.date_of_birth,
                                  .current_size = NS_SIZE_3};
    OK(ns_child_create(&h.act, &twin, &second, NULL, &h.err));
    log_days(&h, second.id, 6, 20);
    list = shelves(&h, &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(list[0].child_count, 2);
    cr_assert_float_eq(list[0].forecast.total[29].mean, 2 * one, 0.2 * one);
    cr_assert_lt(list[0].forecast.runout_median, alone - 10);
    home_close(&h);
}

Test(family, wipes_run_out_by_their_own_log_or_count) {
    struct home h;
    struct ns_inventory_item item;
    home_open(&h, ":memory:", true);
    struct ns_item_input pack = home_pack(&h, 500);
    pack.product_type = NS_PRODUCT_WIPES;
    pack.size = NULL;
    pack.purchase_date = h.venv.now - 20 * NS_DAY;
    OK(ns_item_create(&h.act, &pack, &item, NULL, &h.err));
    const struct ns_supply_line *lines = NULL;
    int count = 0;
    OK(ns_supply_list(&h.act, h.child.id, &lines, &count, &h.err));
    cr_assert(count == 1 && !lines[0].supply.has_runout); /* nothing used yet: nothing to say */
    struct ns_item_change change = {.set = NS_ITEM_REMAINING, .quantity_remaining = 300};
    OK(ns_item_update(&h.act, item.id, &change, &item, NULL, &h.err));
    OK(ns_supply_list(&h.act, h.child.id, &lines, &count, &h.err));
    cr_assert(lines[0].supply.has_runout && !lines[0].from_logs);
    cr_assert_float_eq(lines[0].supply.rate, 10, 1e-9);
    cr_assert_eq(lines[0].supply.runout_median, ns_act_today(&h.act) + 29);
    for (int d = 12; d >= 1; d--) {
        for (int i = 0; i < 5; i++) {
            struct ns_log_input in = home_log(&h);
            struct ns_log_result r;
            in.usage_type = NS_USAGE_WIPE_USE;
            in.logged_at = h.venv.now - d * NS_DAY + i * NS_MINUTE;
            OK(ns_log_change(&h.act, &in, &r, &h.err));
        }
    }
    OK(ns_supply_list(&h.act, h.child.id, &lines, &count, &h.err));
    cr_assert(lines[0].from_logs && lines[0].left == 240);
    cr_assert_float_eq(lines[0].supply.rate, 5, 1e-9);
    cr_assert(lines[0].supply.runout_q10 <= lines[0].supply.runout_median &&
              lines[0].supply.runout_median <= lines[0].supply.runout_q90);
    cr_assert(lines[0].supply.reorder_date < lines[0].supply.runout_median);
    home_close(&h);
}

Test(family, a_look_back_uses_nothing_that_came_later) {
    struct home h;
    struct ns_review review, again;
    home_open(&h, ":memory:", true);
    review = reviewed(&h);
    cr_assert_not(review.has);
    log_days(&h, h.child.id, 6, 45);
    review = reviewed(&h);
    cr_assert(review.has);
    cr_assert_eq(review.days, 30);
    cr_assert_float_eq(review.used, 180, 1e-9);
    cr_assert(review.lower <= review.expected && review.expected <= review.upper);
    for (int i = 0; i < 6; i++) { /* more yesterday changes what was used, not what was expected */
        struct ns_log_input in = home_log(&h);
        struct ns_log_result r;
        in.logged_at = h.venv.now - NS_DAY + i * NS_MINUTE;
        OK(ns_log_change(&h.act, &in, &r, &h.err));
    }
    again = reviewed(&h);
    cr_assert_float_eq(again.used, 186, 1e-9);
    cr_assert_float_eq(again.expected, review.expected, 1e-12);
    home_close(&h);
}

Test(family, preferences_start_from_the_defaults_and_keep_what_is_not_named) {
    struct home h;
    struct ns_preferences p;
    bool found = true;
    home_open(&h, ":memory:", true);
    OK(ns_row_preferences(h.db, h.child.id, &h.arena, &p, &found, &h.err));
    cr_assert(!found && p.threshold_days == 7 && p.max_order == 15000 && p.use_growth && !p.auto_reorder);
    const int shops[] = {NS_RETAILER_WALMART_CA, NS_RETAILER_AMAZON_CA, NS_RETAILER_WALMART_CA};
    const int64_t days[] = {0, 6};
    const char *brands[] = {"Maple \"Soft\"", "Érable"};
    struct ns_preferences_input in = {
        .set = NS_PREF_RETAILERS | NS_PREF_DELIVERY_DAYS | NS_PREF_BRANDS | NS_PREF_INSTRUCTIONS,
        .child_id = h.child.id, .retailers = shops, .retailer_count = 3, .delivery_days = days,
        .delivery_day_count = 2,
        .to = {.brands = brands, .brand_count = 2, .instructions = "Side door"}};
    OK(ns_preferences_set(&h.act, &in, &p, &h.err));
    in = (struct ns_preferences_input){.set = NS_PREF_GROWTH | NS_PREF_CONFIDENCE, .child_id = h.child.id,
                                       .to = {.use_growth = false, .threshold = NS_CONFIDENT_HIGH}};
    OK(ns_preferences_set(&h.act, &in, &p, &h.err));
    struct ns_preferences *all = NULL;
    int count = 0;
    OK(ns_row_preferences_all(h.db, &h.arena, &all, &count, &h.err));
    cr_assert_eq(count, 1);
    cr_assert(ns_id_eq(all[0].id, p.id) && all[0].threshold == NS_CONFIDENT_HIGH && !all[0].use_growth);
    cr_assert(all[0].retailer_count == 2 && all[0].retailers[0] == NS_RETAILER_WALMART_CA &&
              all[0].retailers[1] == NS_RETAILER_AMAZON_CA);
    cr_assert_eq(all[0].delivery_days, 65);
    cr_assert(all[0].brand_count == 2 && strcmp(all[0].brands[0], brands[0]) == 0 &&
              strcmp(all[0].brands[1], brands[1]) == 0);
    cr_assert_str_eq(all[0].instructions, "Side door");
    bool plain = true;
    OK(ns_db_search(h.db, NS_STR("Side door"), &plain, &h.err));
    cr_assert_not(plain, "where the parcel is to be left is sealed for the child");
    home_close(&h);
}

Test(family, preferences_out_of_range_are_refused_with_their_range) {
    struct home h;
    struct ns_preferences p;
    home_open(&h, ":memory:", true);
    const int64_t day = 7;
    const struct {
        uint32_t set;
        struct ns_preferences to;
        int msg;
    } rows[] = {{NS_PREF_THRESHOLD_DAYS, {.threshold_days = 0}, NS_MSG_hh_pref_threshold},
                {NS_PREF_THRESHOLD_DAYS, {.threshold_days = 61}, NS_MSG_hh_pref_threshold},
                {NS_PREF_MAX_ORDER, {.max_order = 0}, NS_MSG_hh_pref_amount},
                {NS_PREF_MAX_ORDER, {.max_order = 1000001}, NS_MSG_hh_pref_amount},
                {NS_PREF_ADVANCE, {.advance_hours = 169}, NS_MSG_hh_pref_advance},
                {NS_PREF_DELIVERY_DAYS, {.advance_hours = 0}, NS_MSG_hh_pref_days},
                {NS_PREF_BRANDS, {.brand_count = 21}, NS_MSG_hh_brands_many},
                {NS_PREF_SIZES, {.sizes = ""}, NS_MSG_hh_pref_sizes}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_preferences_input in = {.set = rows[i].set, .child_id = h.child.id, .to = rows[i].to,
                                          .max_order_read = true, .delivery_days = &day, .delivery_day_count = 1};
        REFUSED(ns_preferences_set(&h.act, &in, &p, &h.err), NS_E_INPUT, rows[i].msg);
    }
    struct ns_preferences_input in = {.child_id = h.child.id, .create = true};
    OK(ns_preferences_set(&h.act, &in, &p, &h.err));
    REFUSED(ns_preferences_set(&h.act, &in, &p, &h.err), NS_E_CONFLICT, NS_MSG_hh_preferences_there);
    in.child_id = (ns_id){{1}};
    cr_assert_eq(ns_preferences_set(&h.act, &in, &p, &h.err), NS_E_NOT_FOUND);
    home_close(&h);
    home_open(&h, ":memory:", false);
    in = (struct ns_preferences_input){.child_id = h.child.id};
    cr_assert_eq(ns_preferences_set(&h.act, &in, &p, &h.err), NS_E_CONSENT);
    home_close(&h);
}

Test(family, a_forecast_without_growth_is_made_when_a_parent_wishes_so) {
    struct home h;
    struct ns_preferences p;
    home_open(&h, ":memory:", true);
    log_days(&h, h.child.id, 6, 25);
    struct ns_prediction usual = predicted(&h);
    cr_assert_not_null(strstr(usual.settings, "\"useGrowthPrediction\":true"));
    struct ns_preferences_input in = {.set = NS_PREF_GROWTH | NS_PREF_SEASONS, .child_id = h.child.id};
    OK(ns_preferences_set(&h.act, &in, &p, &h.err));
    struct ns_prediction flat = predicted(&h);
    cr_assert_not_null(strstr(flat.settings, "\"useGrowthPrediction\":false,\"useSeasonalAdjustments\":false"));
    cr_assert_eq(flat.growth_adjustment_factor, 1);
    cr_assert_not_null(strstr(flat.feature_importance, "\"growth_factor\":0.0000"));
    struct ns_replay replay;
    OK(ns_replay_load(h.db, flat.id, &h.arena, &replay, &h.err));
    OK(ns_replay_run(&replay, &h.arena, &h.err));
    cr_assert(replay.same_bits && replay.same_data && replay.same_model);
    home_close(&h);
}

Test(family, what_came_is_held_against_the_forecast_of_a_week_ago) {
    struct home h;
    double drift = 0;
    home_open(&h, ":memory:", true);
    for (int day = 30; day >= 1; day--) { /* five and seven in turn: a forecast is off by one */
        for (int i = 0; i < 6 + (day % 2 == 0 ? 1 : -1); i++) {
            struct ns_log_input in = home_log(&h);
            struct ns_log_result r;
            in.logged_at = h.venv.now - day * NS_DAY + (i - 4) * NS_HOUR;
            OK(ns_log_change(&h.act, &in, &r, &h.err));
        }
    }
    struct ns_prediction then = predicted(&h);
    cr_assert_gt(then.mean_absolute_error, 0.5);
    OK(ns_prediction_drift(&h.act, h.child.id, &drift, &h.err));
    cr_assert(isnan(drift), "a forecast of today has nothing to be held against");
    home_tick(&h, 10 * NS_DAY);
    OK(ns_prediction_drift(&h.act, h.child.id, &drift, &h.err));
    cr_assert(isnan(drift), "nothing was logged since");
    log_days(&h, h.child.id, 10, 9);
    OK(ns_prediction_drift(&h.act, h.child.id, &drift, &h.err));
    cr_assert_float_eq(drift, 4 / then.mean_absolute_error, 1.2); /* ten came, about six were told */
    cr_assert_gt(drift, 2);
    home_close(&h);
}
