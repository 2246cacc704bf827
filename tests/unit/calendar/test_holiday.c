#include "shared/base/err.h"
#include "shared/calendar/holiday.h"

#include <criterion/criterion.h>
#include <string.h>

static ns_date day(const char *text) {
    ns_date d = 0;
    cr_assert(ns_date_parse(ns_str_of(text), &d), "%s", text);
    return d;
}

static const struct ns_holiday *find(const char *province, const char *date, const char *id) {
    static struct ns_holiday list[16];
    size_t n = ns_holidays(province, day(date), day(date), list, 16);
    for (size_t i = 0; i < n && i < 16; i++) {
        if (strcmp(list[i].id, id) == 0) {
            return &list[i];
        }
    }
    return NULL;
}

Test(holiday, known_days_fall_where_the_calendars_say) {
    static const struct {
        const char *province;
        const char *date;
        const char *id;
        enum ns_holiday_kind kind;
    } facts[] = {
        {"ON", "2027-05-24", "victoria_day", NS_HOLIDAY_STATUTORY},
        {"QC", "2027-05-24", "victoria_day", NS_HOLIDAY_STATUTORY},
        {"ON", "2026-05-18", "victoria_day", NS_HOLIDAY_STATUTORY},
        {"NB", "2026-05-18", "victoria_day", NS_HOLIDAY_OPTIONAL},
        {"QC", "2026-06-24", "st_jean", NS_HOLIDAY_STATUTORY},
        {"BC", "2018-02-12", "bc_family_day_old", NS_HOLIDAY_STATUTORY},
        {"BC", "2019-02-18", "family_day", NS_HOLIDAY_STATUTORY},
        {"AB", "2026-02-16", "family_day", NS_HOLIDAY_STATUTORY},
        {"MB", "2026-02-16", "family_day", NS_HOLIDAY_STATUTORY},
        {"YT", "2026-02-20", "yt_heritage", NS_HOLIDAY_OPTIONAL},
        {"ON", "2026-04-03", "good_friday", NS_HOLIDAY_STATUTORY},
        {"QC", "2026-04-06", "easter_monday", NS_HOLIDAY_STATUTORY},
        {"NT", "2026-06-21", "indigenous_day", NS_HOLIDAY_STATUTORY},
        {"NL", "2026-07-01", "canada_day", NS_HOLIDAY_STATUTORY},
        {"NU", "2026-07-09", "nunavut_day", NS_HOLIDAY_STATUTORY},
        {"SK", "2026-08-03", "civic_august", NS_HOLIDAY_STATUTORY},
        {"ON", "2026-08-03", "civic_august", NS_HOLIDAY_OPTIONAL},
        {"YT", "2026-08-17", "discovery_yt", NS_HOLIDAY_STATUTORY},
        {"PE", "2026-09-07", "labour_day", NS_HOLIDAY_STATUTORY},
        {"PE", "2026-09-30", "ndtr", NS_HOLIDAY_STATUTORY},
        {"QC", "2026-10-12", "thanksgiving", NS_HOLIDAY_STATUTORY},
        {"NS", "2026-11-11", "remembrance", NS_HOLIDAY_STATUTORY},
        {"NB", "2026-12-25", "christmas", NS_HOLIDAY_STATUTORY},
        {"ON", "2026-12-26", "boxing_day", NS_HOLIDAY_STATUTORY},
        {"QC", "2026-11-27", "black_friday", NS_HOLIDAY_COMMERCIAL},
        {"SK", "2026-11-30", "cyber_monday", NS_HOLIDAY_COMMERCIAL},
        {"AB", "2026-12-29", "boxing_week", NS_HOLIDAY_COMMERCIAL},
        {"QC", "2026-07-01", "qc_moving_day", NS_HOLIDAY_COMMERCIAL},
        {"FED", "2026-08-03", "civic_august", (enum ns_holiday_kind) - 1},
        {"ON", "2026-09-30", "ndtr", (enum ns_holiday_kind) - 1},
        {"ON", "2026-06-24", "st_jean", (enum ns_holiday_kind) - 1},
        {"BC", "2018-02-19", "family_day", (enum ns_holiday_kind) - 1},
        {"BC", "2019-02-11", "bc_family_day_old", (enum ns_holiday_kind) - 1},
        {"NS", "2026-05-18", "victoria_day", (enum ns_holiday_kind) - 1},
        {"ON", "2027-05-31", "victoria_day", (enum ns_holiday_kind) - 1},
        {"ON", "2026-07-01", "qc_moving_day", (enum ns_holiday_kind) - 1},
    };
    for (size_t i = 0; i < NS_COUNT(facts); i++) {
        const struct ns_holiday *h = find(facts[i].province, facts[i].date, facts[i].id);
        bool expected = facts[i].kind != (enum ns_holiday_kind) - 1;
        cr_expect_eq(h != NULL, expected, "%s %s %s", facts[i].province, facts[i].date,
                     facts[i].id);
        if (h != NULL && expected) {
            cr_expect_eq(h->kind, facts[i].kind, "%s %s", facts[i].province, facts[i].id);
        }
    }
}

Test(holiday, easter_matches_published_sundays) {
    static const char *const sundays[] = {"2024-03-31", "2025-04-20", "2026-04-05",
                                          "2027-03-28", "2030-04-21", "2038-04-25"};
    for (size_t i = 0; i < NS_COUNT(sundays); i++) {
        ns_date d = day(sundays[i]);
        cr_expect_eq(ns_easter(ns_date_civil(d).year), d, "%s", sundays[i]);
    }
}

Test(holiday, the_monday_after_a_sunday_canada_day_is_observed) {
    const struct ns_holiday *h = find("ON", "2029-07-02", "canada_day"); /* a Monday */
    cr_assert_not_null(h);
    cr_expect(h->observed);
    cr_expect_null(find("ON", "2026-07-02", "canada_day"));
    h = find("QC", "2029-06-25", "st_jean");
    cr_assert_not_null(h);
    cr_expect(h->observed);
}

Test(holiday, provinces_give_their_own_names_in_both_languages) {
    const struct ns_holiday *h = find("QC", "2027-05-24", "victoria_day");
    cr_assert_not_null(h);
    cr_expect_str_eq(h->name_fr, "Journée nationale des patriotes");
    h = find("MB", "2026-02-16", "family_day");
    cr_assert_not_null(h);
    cr_expect_str_eq(h->name_en, "Louis Riel Day");
    cr_expect_str_eq(ns_province_title("QC", true), "Québec");
    cr_expect_null(ns_province_title("FED", false));
}

Test(holiday, lists_are_in_order_and_counted_in_full) {
    struct ns_holiday some[3];
    struct ns_holiday all[64];
    size_t n = ns_holidays("QC", day("2026-01-01"), day("2026-12-31"), all, 64);
    cr_expect_eq(ns_holidays("QC", day("2026-01-01"), day("2026-12-31"), some, 3), n);
    cr_assert(n > 15 && n < 40, "%zu", n);
    for (size_t i = 1; i < n; i++) {
        cr_expect_leq(all[i - 1].date, all[i].date);
    }
    cr_expect_eq(some[2].date, all[2].date);
    cr_expect_eq(ns_holidays("ZZ", day("2026-01-01"), day("2026-12-31"), all, 64), 0);
}

Test(holiday, every_province_has_at_least_five_statutory_days_a_year) {
    for (size_t i = 0; ns_province_at(i) != NULL; i++) {
        int n = 0;
        for (ns_date d = day("2026-01-01"); d <= day("2026-12-31"); d++) {
            n += ns_holiday_statutory(ns_province_at(i), d);
        }
        cr_expect(n >= 5 && n <= 14, "%s: %d", ns_province_at(i), n);
    }
    cr_expect_not(ns_holiday_statutory(NULL, day("2026-01-01")));
}
