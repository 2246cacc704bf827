#include "shared/calendar/tables.h"
#include "shared/calendar/zone.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static ns_time at(const char *text) {
    ns_time t = 0;
    cr_assert(ns_time_parse(ns_str_of(text), &t), "%s", text);
    return t;
}

static ns_date day(const char *text) {
    ns_date d = 0;
    cr_assert(ns_date_parse(ns_str_of(text), &d), "%s", text);
    return d;
}

static const struct ns_zone *zone(const char *name) {
    const struct ns_zone *z = ns_zone_find(name);
    cr_assert(z != NULL, "%s", name);
    return z;
}

/* Facts of the tz database, release 2026f, and of the acts it cites. */
Test(zone, offsets_of_canadian_zones_are_the_published_ones) {
    static const struct {
        const char *name;
        const char *instant;
        int minutes;
        bool dst;
    } facts[] = {
        {"America/St_Johns", "2026-01-15T12:00:00Z", -210, false},
        {"America/St_Johns", "2026-07-15T12:00:00Z", -150, true},
        {"America/St_Johns", "2030-07-15T12:00:00Z", -150, true},
        {"America/Goose_Bay", "2026-01-15T12:00:00Z", -240, false},
        {"America/Halifax", "2040-07-15T12:00:00Z", -180, true},
        {"America/Moncton", "2026-12-15T12:00:00Z", -240, false},
        {"America/Toronto", "2026-03-08T06:59:59Z", -300, false},
        {"America/Toronto", "2026-03-08T07:00:00Z", -240, true},
        {"America/Toronto", "2026-11-01T05:59:59Z", -240, true},
        {"America/Toronto", "2026-11-01T06:00:00Z", -300, false},
        {"America/Toronto", "2039-03-13T06:59:59Z", -300, false}, /* from the closing rule */
        {"America/Toronto", "2039-03-13T07:00:00Z", -240, true},
        {"America/Toronto", "2039-11-06T06:00:00Z", -300, false},
        {"America/Blanc-Sablon", "2026-07-15T12:00:00Z", -240, false},
        {"America/Winnipeg", "2026-01-15T12:00:00Z", -360, false},
        {"America/Winnipeg", "2027-01-15T12:00:00Z", -300, false}, /* -05 since October 2026 */
        {"America/Regina", "2026-07-15T12:00:00Z", -360, false},
        {"America/Regina", "2026-01-15T12:00:00Z", -360, false},
        {"America/Edmonton", "2026-01-15T12:00:00Z", -420, false},
        {"America/Edmonton", "2027-01-15T12:00:00Z", -360, false}, /* permanent since 2026-06 */
        {"America/Yellowknife", "2027-01-15T12:00:00Z", -360, false},
        {"America/Vancouver", "2026-01-15T12:00:00Z", -480, false},
        {"America/Vancouver", "2026-12-15T12:00:00Z", -420, false}, /* since 2026-03 */
        {"America/Whitehorse", "2026-01-15T12:00:00Z", -420, false},
        {"America/Iqaluit", "2026-07-15T12:00:00Z", -240, true},
        {"America/Rankin_Inlet", "2026-07-15T12:00:00Z", -300, true},
        {"UTC", "2026-07-15T12:00:00Z", 0, false},
    };
    for (size_t i = 0; i < NS_COUNT(facts); i++) {
        const struct ns_zone *z = zone(facts[i].name);
        ns_time t = at(facts[i].instant);
        cr_expect_eq(ns_zone_offset_seconds(z, t), facts[i].minutes * 60, "%s %s: %d",
                     facts[i].name, facts[i].instant, ns_zone_offset_seconds(z, t) / 60);
        cr_expect_eq(ns_zone_is_dst(z, t), facts[i].dst, "%s %s", facts[i].name,
                     facts[i].instant);
    }
}

Test(zone, local_day_and_minute_follow_the_wall_clock) {
    const struct ns_zone *z = zone("America/St_Johns");
    cr_expect_eq(ns_zone_local_day(z, at("2026-01-16T03:29:59Z")), day("2026-01-15"));
    cr_expect_eq(ns_zone_local_minute(z, at("2026-01-16T03:29:59Z")), 1439);
    cr_expect_eq(ns_zone_local_day(z, at("2026-01-16T03:30:00Z")), day("2026-01-16"));
    cr_expect_eq(ns_zone_local_minute(z, at("2026-01-16T03:30:00Z")), 0);
    cr_expect_eq(ns_zone_local_day(z, at("1969-12-31T12:00:00.000001Z")), day("1969-12-31"));
}

Test(zone, days_have_23_24_or_25_hours) {
    static const struct {
        const char *name;
        const char *day;
        int hours;
    } facts[] = {
        {"America/Toronto", "2026-03-08", 23}, {"America/Toronto", "2026-11-01", 25},
        {"America/Toronto", "2026-07-01", 24}, {"America/St_Johns", "2027-03-14", 23},
        {"America/Regina", "2026-03-08", 24},  {"America/Vancouver", "2026-11-01", 24},
        {"America/Vancouver", "2025-11-02", 25}, {"America/Halifax", "2035-11-04", 25},
    };
    for (size_t i = 0; i < NS_COUNT(facts); i++) {
        const struct ns_zone *z = zone(facts[i].name);
        ns_date d = day(facts[i].day);
        cr_expect_eq(ns_zone_day_start(z, d + 1) - ns_zone_day_start(z, d),
                     facts[i].hours * NS_HOUR, "%s %s", facts[i].name, facts[i].day);
    }
}

Test(zone, a_time_that_happens_twice_means_the_first) {
    const struct ns_zone *z = zone("America/Toronto");
    cr_expect_eq(ns_zone_instant(z, day("2026-11-01"), 90), at("2026-11-01T05:30:00Z"));
    cr_expect_eq(ns_zone_instant(z, day("2026-11-01"), 180), at("2026-11-01T08:00:00Z"));
}

Test(zone, a_skipped_time_lands_past_the_jump) {
    const struct ns_zone *z = zone("America/Toronto");
    ns_time t = ns_zone_instant(z, day("2026-03-08"), 150);
    cr_expect_eq(t, at("2026-03-08T07:30:00Z"));
    cr_expect_eq(ns_zone_local_minute(z, t), 210);
    cr_expect_eq(ns_zone_instant(z, day("2026-03-08"), 119), at("2026-03-08T06:59:00Z"));
    cr_expect_eq(ns_zone_instant(z, day("2026-03-08"), 180), at("2026-03-08T07:00:00Z"));
}

Test(zone, every_minute_of_a_normal_day_comes_back) {
    for (size_t i = 0; ns_zone_name_at(i) != NULL; i++) {
        const struct ns_zone *z = zone(ns_zone_name_at(i));
        for (ns_date d = day("2024-01-10"); d < day("2030-01-10"); d += 37) {
            if (ns_zone_day_start(z, d + 1) - ns_zone_day_start(z, d) != 24 * NS_HOUR) {
                continue; /* the days of change have their own tests */
            }
            for (int minute = 0; minute < 1440; minute += 29) {
                ns_time t = ns_zone_instant(z, d, minute);
                cr_assert_eq(ns_zone_local_day(z, t), d, "%s", ns_zone_name(z));
                cr_assert_eq(ns_zone_local_minute(z, t), minute, "%s", ns_zone_name(z));
            }
        }
    }
}

Test(zone, every_compiled_in_file_and_province_has_its_zone) {
    size_t n = 0;
    for (; ns_zone_name_at(n) != NULL; n++) {
        cr_expect(ns_zone_find(ns_zone_name_at(n)) != NULL, "%s", ns_zone_name_at(n));
    }
    cr_expect_geq(n, 25);
    for (size_t i = 0; ns_province_at(i) != NULL; i++) {
        cr_expect(ns_zone_of_province(ns_province_at(i)) != NULL, "%s", ns_province_at(i));
    }
    cr_expect_str_eq(ns_zone_name(ns_zone_of_province("QC")), "America/Toronto");
    cr_expect_str_eq(ns_zone_name(ns_zone_of_province("NL")), "America/St_Johns");
    cr_expect_str_eq(ns_zone_name(ns_zone_of_province("SK")), "America/Regina");
    cr_expect_null(ns_zone_of_province("XX"));
    cr_expect_null(ns_zone_find("Europe/Paris"));
    cr_expect_null(ns_zone_find(NULL));
    cr_expect(strcmp(ns_zone_version(), "2026c") >= 0, "stale zones: %s", ns_zone_version());
}

Test(zone, damaged_files_are_refused_wherever_they_break) {
    for (size_t f = 0; f < ns_zone_file_count; f += 7) {
        const struct ns_zone_file *file = &ns_zone_files[f];
        struct ns_zone *z = NULL;
        for (size_t n = 0; n < file->n; n += n < 64 ? 1 : 41) {
            unsigned char *copy = malloc(n + 1);
            memcpy(copy, file->bytes, n);
            struct ns_err err = {0};
            cr_assert_eq(ns_zone_read("x", copy, n, &z, &err), NS_E_DAMAGED, "%zu bytes", n);
            cr_assert_null(z);
            free(copy);
        }
        cr_assert_eq(ns_zone_read("x", file->bytes, file->n, &z, NULL), NS_OK);
        free(z);
    }
}

Test(zone, an_old_file_is_found_to_differ_from_its_change_on) {
    /* Vancouver as files before 2026 had it: the clocks go back in autumn. */
    static const unsigned char part[] = {'T', 'Z', 'i', 'f', '2', [35] = 0, [39] = 1, [43] = 4, /* one type, four letters */
                                         0xff, 0xff, 0x8f, 0x80, 0, 0, 'P', 'S', 'T', 0};
    static const char rule[] = "\nPST8PDT,M3.2.0,M11.1.0\n";
    unsigned char old[2 * sizeof part + sizeof rule - 1];
    memcpy(old, part, sizeof part);
    memcpy(old + sizeof part, part, sizeof part);
    memcpy(old + 2 * sizeof part, rule, sizeof rule - 1);
    struct ns_zone *read = NULL;
    struct ns_err err = {0};
    cr_assert_eq(ns_zone_read("America/Vancouver", old, sizeof old, &read, &err), NS_OK, "%s", err.note);
    const struct ns_zone *ours = zone("America/Vancouver");
    cr_assert_eq(ns_zone_differs(ours, read, at("2026-06-01T12:00:00Z"), 366), day("2026-11-01"));
    cr_assert_eq(ns_zone_differs(ours, read, at("2026-06-01T12:00:00Z"), 100), NS_DATE_NONE);
    cr_assert_eq(ns_zone_differs(ours, ours, at("2026-06-01T12:00:00Z"), 366), NS_DATE_NONE);
    free(read);
}
