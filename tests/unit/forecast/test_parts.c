#include "agent/forecast/accuracy.h"
#include "agent/forecast/forecast.h"
#include "agent/forecast/horizon.h"
#include "agent/forecast/level.h"
#include "agent/forecast/noise.h"
#include "shared/text/message.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

Test(parts, the_confidence_table_is_the_documented_one) {
    static const struct {
        int n;
        double r2;
        double mae;
        enum ns_confidence level;
    } rows[] = {
        {30, 0.81, 1.49, NS_CONFIDENCE_VERY_HIGH}, {29, 0.81, 1.49, NS_CONFIDENCE_MEDIUM},
        {30, 0.80, 1.49, NS_CONFIDENCE_HIGH},      {30, 0.81, 1.50, NS_CONFIDENCE_HIGH},
        {30, 0.70, 1.00, NS_CONFIDENCE_MEDIUM},    {14, 0.51, 2.99, NS_CONFIDENCE_MEDIUM},
        {14, 0.50, 2.99, NS_CONFIDENCE_LOW},       {14, 0.31, 3.99, NS_CONFIDENCE_LOW},
        {14, 0.30, 1.00, NS_CONFIDENCE_VERY_LOW},  {13, 0.99, 0.10, NS_CONFIDENCE_VERY_LOW},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        cr_expect_eq(ns_accuracy_table(rows[i].n, true, rows[i].r2, rows[i].mae), rows[i].level,
                     "row %zu", i);
    }
    cr_expect_eq(ns_accuracy_table(100, false, 0.9, 0.1), NS_CONFIDENCE_VERY_LOW);
}

Test(parts, runout_confidence_needs_a_narrow_range_that_holds) {
    cr_expect_eq(ns_accuracy_runout(0.08, true, 0.8), NS_CONFIDENCE_VERY_HIGH);
    cr_expect_eq(ns_accuracy_runout(0.12, true, 0.8), NS_CONFIDENCE_HIGH);
    cr_expect_eq(ns_accuracy_runout(0.20, true, 0.8), NS_CONFIDENCE_MEDIUM);
    cr_expect_eq(ns_accuracy_runout(0.35, true, 0.8), NS_CONFIDENCE_LOW);
    cr_expect_eq(ns_accuracy_runout(0.36, true, 0.8), NS_CONFIDENCE_VERY_LOW);
    cr_expect_eq(ns_accuracy_runout(0.08, true, 0.64), NS_CONFIDENCE_HIGH);
    cr_expect_eq(ns_accuracy_runout(0.08, true, 0.96), NS_CONFIDENCE_HIGH);
    cr_expect_eq(ns_accuracy_runout(0.08, false, 0), NS_CONFIDENCE_HIGH);
    cr_expect_eq(ns_accuracy_runout(0.40, false, 0), NS_CONFIDENCE_VERY_LOW);
}

Test(parts, noise_has_the_asked_mean_and_variance) {
    static const double phis[] = {0.1, 0.35, 0.7, 1.5, 2.5};
    for (size_t i = 0; i < NS_COUNT(phis); i++) {
        double mean = 0;
        double square = 0;
        for (int k = 0; k <= NS_NOISE_COUNT_MAX; k++) {
            double mass = ns_noise_cdf(k, 8, phis[i]) - ns_noise_cdf(k - 1, 8, phis[i]);
            cr_assert(mass >= 0);
            mean += k * mass;
            square += k * k * mass;
        }
        double variance = square - mean * mean;
        cr_expect_float_eq(mean, 8, 0.05, "phi %g: %g", phis[i], mean);
        /* cutting a normal into whole pieces adds a twelfth */
        cr_expect_float_eq(variance / 8, phis[i], 0.03, "phi %g: %g", phis[i], variance / 8);
    }
}

Test(parts, quantiles_are_the_smallest_counts_reaching_their_share) {
    for (double mean = 0.2; mean < 15; mean += 0.37) {
        for (double p = 0.02; p < 1; p += 0.07) {
            int k = ns_noise_quantile(p, mean, 0.4);
            cr_assert(ns_noise_cdf(k, mean, 0.4) >= p);
            cr_assert(k == 0 || ns_noise_cdf(k - 1, mean, 0.4) < p);
        }
    }
    cr_expect_eq(ns_noise_quantile(0.9, 0, 0.4), 0);
}

Test(parts, an_even_history_of_hits_leaves_quantiles_alone_and_a_narrow_one_moves_them) {
    struct ns_pit pit = {0};
    cr_expect_float_eq(ns_pit_map(&pit, 0.1), 0.1, 1e-9);
    cr_expect_float_eq(ns_pit_map(&pit, 0.9), 0.9, 1e-9);
    for (int i = 0; i < 20; i++) { /* everything fell in the middle: the range was too wide */
        pit.bin[i] = i >= 8 && i < 12 ? 1000 : 0;
    }
    pit.total = 4000;
    cr_expect(ns_pit_map(&pit, 0.1) > 0.2);
    cr_expect(ns_pit_map(&pit, 0.9) < 0.8);
}

/* The sum's variance from the covariance recursion against the same by drawing paths. */
Test(parts, the_spread_of_a_sum_matches_simulated_paths) {
    struct ns_level_settings set = ns_level_defaults();
    struct ns_level level;
    struct ns_level_day day[30];
    struct ns_path path;
    struct ns_guard none = {0};
    set.speed_sd = set.weekend_sd = set.weekday_sd = set.break_sd = set.summer_sd = 0;
    ns_level_start(&level, &set);
    for (int i = 0; i < 30; i++) {
        day[i] = (struct ns_level_day){.date = 20000 + i, .count = -1};
        ns_level_describe(&day[i], 19600, 0, NULL, &set);
    }
    ns_path_run(&path, &level, day, 30, 1, &none, false);
    uint64_t state = 12345;
    double sum = 0;
    double square = 0;
    int draws = 20000;
    for (int n = 0; n < draws; n++) {
        double noise[64];
        for (int i = 0; i < 64; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            noise[i] = ns_normal_quantile((double)((state >> 11) + 1) / 9007199254740994.0);
        }
        double base = set.level_sd * noise[60];
        double mood = set.mood_step / sqrt(1 - set.mood_keep * set.mood_keep) * noise[61];
        double total = 0;
        for (int h = 0; h < 30; h++) {
            base += set.level_step * noise[h];
            mood = set.mood_keep * mood + set.mood_step * noise[30 + h];
            total += path.mean[h] * (1 + base + mood);
        }
        sum += total;
        square += total * total;
    }
    double sd = sqrt(square / draws - sum / draws * (sum / draws));
    double noise = path.sum_sd[29] * path.sum_sd[29] - sd * sd; /* the days' own */
    cr_expect_float_eq(sum / draws, path.sum_mean[29], 0.01 * path.sum_mean[29]);
    cr_expect_float_eq(noise / path.sum_mean[29], level.phi * 0.864, 0.7, "%g",
                       noise / path.sum_mean[29]);
    cr_expect_float_eq(path.sum_sd[29] / sd, 1.0, 0.05, "%g %g", path.sum_sd[29], sd);
}

Test(parts, growth_and_season_are_the_documented_figures) {
    cr_expect_float_eq(ns_growth_factor(365), 1, 1e-12);
    cr_expect_float_eq(ns_use_of_age(30), 5 + 2.7 * exp(-0.1) + 2.8 * exp(-30 / 45.0), 1e-12);
    ns_date christmas = ns_date_of((struct ns_civil){2026, 12, 25});
    ns_date summer = ns_date_of((struct ns_civil){2026, 7, 15});
    ns_date plain = ns_date_of((struct ns_civil){2026, 3, 17});
    cr_expect_float_eq(ns_seasonal_factor("ON", christmas), 1.11, 1e-12);
    cr_expect_float_eq(ns_seasonal_factor("ON", summer), 1.03, 1e-12);
    cr_expect_float_eq(ns_seasonal_factor("ON", plain), 1, 1e-12);
    cr_expect_float_eq(ns_seasonal_factor(NULL, christmas), 1.06, 1e-12);
}

Test(parts, every_note_has_a_text_in_both_languages) {
    for (int i = 0; i < NS_NOTE_COUNT; i++) {
        enum ns_msg id = (enum ns_msg)ns_forecast_note_msg((enum ns_forecast_note)i);
        cr_expect(ns_msg(NS_LANG_EN, id)[0] != '\0');
        cr_expect_str_neq(ns_msg(NS_LANG_EN, id), ns_msg(NS_LANG_FR, id));
    }
}
