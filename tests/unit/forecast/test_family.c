/* What a family is told besides the demand: sizes, packs, marked days, alarms, replays. */
#include "agent/forecast/record.h"
#include "agent/forecast/size.h"
#include "tests/unit/forecast/series_make.h"

#include <criterion/criterion.h>
#include <math.h>

static int seven(int i) {
    (void)i;
    return 7;
}

static void run(const struct ns_forecast_input *in, struct ns_forecast *out) {
    struct ns_arena arena = {0};
    struct ns_err err = {0};
    cr_assert_eq(ns_forecast_run(in, &arena, out, &err), NS_OK, "%s", err.note);
    ns_arena_fini(&arena);
}

static struct ns_forecast_input worn(const struct ns_use_day *days, int n, int start,
                                     enum ns_size size) {
    struct ns_forecast_input in = series_input(days, n, start);
    in.size_known = true;
    in.size = size;
    in.sex = NS_FORECAST_SEX_GIRL;
    return in;
}

Test(family, the_median_weight_is_the_published_one) {
    cr_assert_float_eq(ns_size_median(NS_FORECAST_SEX_BOY, 0), 3346, 1);
    cr_assert_float_eq(ns_size_median(NS_FORECAST_SEX_GIRL, 183), 7297, 25);
    cr_assert_float_eq(ns_size_median(NS_FORECAST_SEX_BOY, 365), 9648, 25);
    cr_assert_float_eq(ns_size_median(NS_FORECAST_SEX_UNKNOWN, 0), (3346 + 3232) / 2.0, 1);
}

Test(family, a_heavier_child_leaves_the_size_sooner) {
    struct ns_use_day days[40];
    series_make(days, 40, 60, seven);
    struct ns_forecast light, age_only, heavy;
    struct ns_forecast_input in = worn(days, 40, 60, NS_SIZE_2);
    run(&in, &age_only);
    struct ns_weighing w = {in.today - 3, 5400};
    in.weighings = &w;
    in.weighing_count = 1;
    run(&in, &light);
    w.grams = 6900;
    run(&in, &heavy);
    cr_assert(age_only.has_size_change && age_only.weighings == 0);
    cr_assert_eq(age_only.next_size, NS_SIZE_3);
    cr_assert_gt(heavy.size_change_chance, age_only.size_change_chance);
    cr_assert_gt(age_only.size_change_chance, light.size_change_chance);
    cr_assert_lt(heavy.size_change_date, light.size_change_date == NS_DATE_NONE
                                             ? INT32_MAX : light.size_change_date);
    for (int i = 0; i < 3; i++) {
        double p = (const double[]){light.size_change_chance, age_only.size_change_chance,
                                    heavy.size_change_chance}[i];
        cr_assert(p >= 0 && p <= 1);
    }
}

Test(family, leaks_make_a_change_more_likely) {
    struct ns_use_day days[40];
    series_make(days, 40, 60, seven);
    struct ns_forecast_input in = worn(days, 40, 60, NS_SIZE_2);
    struct ns_forecast calm, leaky, many;
    run(&in, &calm);
    in.complaints = 1;
    run(&in, &leaky);
    in.complaints = 50;
    run(&in, &many);
    double odds = calm.size_change_chance / (1 - calm.size_change_chance);
    cr_assert_float_eq(leaky.size_change_chance, 3 * odds / (1 + 3 * odds), 2e-3);
    cr_assert_gt(many.size_change_chance, leaky.size_change_chance);
    cr_assert_lt(many.size_change_chance, 1);
}

Test(family, the_largest_size_is_never_outgrown) {
    struct ns_use_day days[40];
    series_make(days, 40, 900, seven);
    struct ns_forecast_input in = worn(days, 40, 900, NS_SIZE_7);
    struct ns_forecast out;
    run(&in, &out);
    cr_assert(!out.has_size_change);
    cr_assert_eq(out.size_change_date, NS_DATE_NONE);
}

Test(family, born_early_means_smaller) {
    struct ns_use_day days[40];
    series_make(days, 40, 60, seven);
    struct ns_forecast_input in = worn(days, 40, 60, NS_SIZE_1);
    struct ns_forecast term, early;
    run(&in, &term);
    in.days_early = 49;
    run(&in, &early);
    cr_assert_lt(early.size_change_chance, term.size_change_chance);
    cr_assert_gt(early.growth_factor, term.growth_factor);
}

Test(family, packs_cover_the_month_but_not_the_size) {
    struct ns_use_day days[60];
    series_make(days, 60, 200, seven);
    struct ns_forecast_input in = worn(days, 60, 200, NS_SIZE_3);
    in.pack_pieces = 78;
    in.stock_pieces = 70;
    struct ns_forecast roomy, tight;
    struct ns_weighing w = {in.today - 1, 7500};
    in.weighings = &w;
    in.weighing_count = 1;
    run(&in, &roomy);
    cr_assert(roomy.has_packs);
    cr_assert_eq(roomy.packs, 3); /* 34 days at 7: 238, less 70, in packs of 78 */
    cr_assert_eq(roomy.packs_held_back, 0);
    w.grams = 10300; /* about to leave the size */
    in.complaints = 2;
    run(&in, &tight);
    cr_assert_lt(tight.packs, roomy.packs);
    cr_assert_eq(tight.packs + tight.packs_held_back, 3);
    in.stock_pieces = -1;
    run(&in, &tight);
    cr_assert(!tight.has_packs);
}

Test(family, a_pack_of_an_unknown_brand_is_the_charts) {
    cr_assert_eq(ns_size_pack("Huggies", NS_SIZE_4), 60);
    cr_assert_gt(ns_size_pack("Nobody's", NS_SIZE_4), 0);
    cr_assert_gt(ns_size_pack(NULL, NS_SIZE_NEWBORN), 0);
}

static int with_care(int i) {
    return (SERIES_BIRTH + 200 + i + 3) % 7 < 5 ? 5 : 8; /* days since 1970 begin on a Thursday */
}

Test(family, daycare_days_are_learned_and_a_closed_week_is_not_one) {
    struct ns_use_day days[90];
    series_make(days, 90, 200, with_care);
    struct ns_forecast_input in = worn(days, 90, 200, NS_SIZE_3);
    in.province = NULL;
    struct ns_use_mark marks[2] = {
        {NS_MARK_CARE, SERIES_BIRTH + 200, NS_DATE_NONE, 0},
        {NS_MARK_CARE_CLOSED, in.today, in.today + 13, 0},
    };
    in.marks = marks;
    in.mark_count = 1;
    struct ns_forecast open, closed;
    run(&in, &open);
    in.mark_count = 2;
    run(&in, &closed);
    cr_assert_gt(closed.total[13].mean, open.total[13].mean + 4);
    cr_assert_float_eq(closed.day[20].mean, open.day[20].mean, 1e-9);
}

Test(family, sick_days_raise_the_use_and_days_away_spare_the_cupboard) {
    struct ns_use_day days[60];
    series_make(days, 60, 200, seven);
    struct ns_forecast_input in = worn(days, 60, 200, NS_SIZE_3);
    in.stock_pieces = 100;
    struct ns_use_mark mark = {NS_MARK_ILL, in.today, in.today + 3, 0};
    struct ns_forecast plain, ill, away;
    run(&in, &plain);
    in.marks = &mark;
    in.mark_count = 1;
    run(&in, &ill);
    cr_assert_gt(ill.total[3].mean, plain.total[3].mean + 1);
    cr_assert_leq(ill.runout_median, plain.runout_median);
    mark = (struct ns_use_mark){NS_MARK_AWAY, in.today + 2, in.today + 6, 0};
    run(&in, &away);
    cr_assert_float_eq(away.total_mean, plain.total_mean, 1e-9);
    cr_assert_eq(away.runout_median, plain.runout_median + 5);
    cr_assert_eq(away.reorder_date, plain.reorder_date + 5);
}

static int jumps(int i) {
    return i < 70 ? 7 : 11;
}

static int wavers(int i) {
    return 7 + (i * 7 % 3) - 1;
}

Test(family, a_lasting_change_raises_the_alarm_and_widens) {
    struct ns_use_day days[80];
    struct ns_forecast calm, alarmed;
    series_make(days, 80, 200, wavers);
    struct ns_forecast_input in = worn(days, 80, 200, NS_SIZE_3);
    run(&in, &calm);
    cr_assert_eq(calm.notes & NS_NOTE_ALARMS, 0);
    series_make(days, 80, 200, jumps);
    run(&in, &alarmed);
    cr_assert((alarmed.notes & 1u << NS_NOTE_DRIFT_SHIFT) != 0);
    cr_assert_gt((alarmed.total_q90 - alarmed.total_q10) / alarmed.total_mean,
                 1.5 * (calm.total_q90 - calm.total_q10) / calm.total_mean);
}

static int wild(int i) {
    return (i / 7) % 2 == 0 ? 4 : 12;
}

Test(family, weeks_that_swing_raise_the_weekly_alarm) {
    struct ns_use_day days[84];
    series_make(days, 84, 200, wild);
    struct ns_forecast_input in = worn(days, 84, 200, NS_SIZE_3);
    struct ns_forecast out;
    run(&in, &out);
    cr_assert(out.has_week_accuracy);
    cr_assert_lt(out.week_accuracy, 0.8);
    cr_assert((out.notes & 1u << NS_NOTE_DRIFT_WEEKS) != 0);
}

Test(family, a_record_gives_the_same_bits_again) {
    struct ns_use_day days[90];
    series_make(days, 90, 100, wavers);
    struct ns_forecast_input in = worn(days, 90, 100, NS_SIZE_2), again;
    struct ns_weighing w = {in.today - 9, 6100};
    struct ns_use_mark mark = {NS_MARK_CARE, in.today - 30, NS_DATE_NONE, 0x15};
    in.weighings = &w;
    in.weighing_count = 1;
    in.marks = &mark;
    in.mark_count = 1;
    in.brand = "Huggies";
    in.lead_time[2] = 1;
    struct ns_arena arena = {0};
    struct ns_err err = {0};
    struct ns_buf record = NS_BUF(1 << 20), copy = NS_BUF(1 << 20);
    struct ns_buf first = NS_BUF(1 << 20), second = NS_BUF(1 << 20);
    ns_forecast_record_input(&in, &record);
    cr_assert_eq(ns_forecast_record_read(ns_buf_view(&record), &arena, &again, &err), NS_OK);
    ns_forecast_record_input(&again, &copy);
    cr_assert(ns_str_eq(ns_buf_view(&record), ns_buf_view(&copy)));
    struct ns_forecast a, b;
    run(&in, &a);
    run(&again, &b);
    ns_forecast_record_result(&a, &first);
    ns_forecast_record_result(&b, &second);
    cr_assert_gt(first.len, 1000);
    cr_assert(ns_str_eq(ns_buf_view(&first), ns_buf_view(&second)));
    w.grams++;
    run(&in, &b);
    ns_buf_clear(&second);
    ns_forecast_record_result(&b, &second);
    cr_assert(!ns_str_eq(ns_buf_view(&first), ns_buf_view(&second)));
    for (size_t n = 0; n < record.len; n += 7) { /* cut anywhere: refused, never read beyond */
        struct ns_str cut = {record.data, n};
        cr_assert_eq(ns_forecast_record_read(cut, &arena, &again, &err), NS_E_DAMAGED);
    }
    ns_buf_fini(&record);
    ns_buf_fini(&copy);
    ns_buf_fini(&first);
    ns_buf_fini(&second);
    ns_arena_fini(&arena);
}

Test(family, what_a_family_does_not_want_reckoned_with_is_left_out_and_replays) {
    struct ns_use_day days[200];
    series_make(days, 200, 20, seven);
    struct ns_forecast_input in = series_input(days, 200, 20);
    struct ns_forecast usual, flat;
    run(&in, &usual);
    cr_assert_gt(usual.importance[NS_FEATURE_GROWTH], 0);
    cr_assert_neq(usual.growth_factor, 1);
    in.no_growth = true;
    in.no_seasons = true;
    run(&in, &flat);
    cr_assert_eq(flat.importance[NS_FEATURE_GROWTH] + flat.importance[NS_FEATURE_TREND] +
                     flat.importance[NS_FEATURE_SEASONAL] + flat.importance[NS_FEATURE_HOLIDAYS], 0);
    cr_assert_eq(flat.growth_factor, 1);
    cr_assert_eq(flat.seasonal_factor, 1);
    for (int h = 0; h + 7 < NS_FORECAST_DAYS; h++) {
        cr_assert_float_eq(flat.day[h].mean, flat.day[h + 7].mean, 0.05); /* a mood may still fade */
        cr_assert_float_eq(flat.day[h].mean, 7, 0.3);
    }
    struct ns_arena arena = {0};
    struct ns_err err = {0};
    struct ns_buf bytes = NS_BUF(1 << 20), again = NS_BUF(1 << 20);
    struct ns_forecast_input read;
    ns_forecast_record_input(&in, &bytes);
    cr_assert_eq(ns_forecast_record_read(ns_buf_view(&bytes), &arena, &read, &err), NS_OK);
    cr_assert(read.no_growth && read.no_seasons);
    ns_forecast_record_input(&read, &again);
    cr_assert(bytes.len == again.len && memcmp(bytes.data, again.data, bytes.len) == 0);
    ns_buf_fini(&bytes);
    ns_buf_fini(&again);
    ns_arena_fini(&arena);
}

static void shared(const struct ns_forecast_input *const *inputs, int count, int64_t stock, struct ns_forecast *out) {
    struct ns_arena arena = {0};
    struct ns_err err = {0};
    cr_assert_eq(ns_forecast_run_shared(inputs, count, stock, &arena, out, &err), NS_OK, "%s", err.note);
    ns_arena_fini(&arena);
}

static int less_lately(int i) {
    return i < 90 ? 9 : 5; /* raises an alarm */
}

Test(family, a_child_alone_on_its_shelf_is_told_the_same_as_by_itself) {
    int (*const uses[])(int) = {seven, less_lately};
    for (int u = 0; u < 2; u++) {
        struct ns_use_day days[100];
        series_make(days, 100, 60, uses[u]);
        struct ns_forecast_input in = series_input(days, 100, 60);
        const struct ns_use_mark away = {NS_MARK_AWAY, in.today + 3, in.today + 6, 0};
        in.today_left = 0.4;
        in.marks = &away;
        in.mark_count = 1;
        struct ns_forecast alone, together, twins;
        const struct ns_forecast_input *inputs[] = {&in, &in};
        run(&in, &alone);
        cr_assert_eq((alone.notes & NS_NOTE_ALARMS) != 0, u == 1);
        shared(inputs, 1, in.stock_pieces, &together);
        cr_assert(memcmp(alone.total, together.total, sizeof alone.total) == 0);
        cr_assert_eq(alone.total_rounded, (int)lround(together.total[NS_FORECAST_DAYS - 1].mean));
        cr_assert(alone.has_runout && together.has_runout);
        cr_assert_eq(alone.runout_q10, together.runout_q10);
        cr_assert_eq(alone.runout_median, together.runout_median);
        cr_assert_eq(alone.runout_q90, together.runout_q90);
        cr_assert_eq(alone.reorder_date, together.reorder_date);
        shared(inputs, 2, 2 * in.stock_pieces, &twins);
        cr_assert_float_eq(twins.total[29].mean, 2 * alone.total[29].mean, 1e-9);
        cr_assert_eq(twins.runout_median, alone.runout_median);
        cr_assert_lt(twins.total[29].q90 - twins.total[29].q10, 2 * (alone.total[29].q90 - alone.total[29].q10));
    }
}

Test(family, a_child_who_is_awaited_needs_nothing_before_its_birth) {
    struct ns_forecast_input in = series_input(NULL, 0, 0);
    struct ns_forecast f;
    in.birth = in.today + 20;
    run(&in, &f);
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        cr_assert(h < 20 ? f.day[h].mean == 0 && f.day[h].q90 == 0 : f.day[h].mean > 2 && f.day[h].q90 > 2, "%d: %g", h, f.day[h].mean);
    }
    cr_assert_eq(f.current_rate, 0);
    cr_assert(f.total_mean > 40 && f.total_mean < 110, "%g", f.total_mean);
    cr_assert(f.has_runout && f.runout_median > in.birth && isfinite(f.importance[NS_FEATURE_GROWTH]));
    struct ns_use_day days[30];
    series_make(days, 30, 0, seven); /* a birth date that cannot be right */
    struct ns_forecast_input odd = series_input(days, 30, 0);
    odd.birth = odd.today + 20;
    run(&odd, &f);
    cr_assert_float_eq(f.day[0].mean, 7, 1.5);
}
