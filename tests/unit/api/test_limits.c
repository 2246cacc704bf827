/* Token buckets and held events, as plain values. */
#include "agent/api/held.h"
#include "agent/api/limits.h"

#include <criterion/criterion.h>

#define SECOND 1000000

static const struct ns_limit kinds[NS_LIMIT_KINDS] = {
    [NS_LIMIT_REQUESTS] = {600, 60}, [NS_LIMIT_MUTATIONS] = {60, 60}, [NS_LIMIT_REFRESHES] = {30, 60},
    [NS_LIMIT_ORDERS] = {6, 3600},   [NS_LIMIT_EXPORTS] = {2, 86400}, [NS_LIMIT_IMPORTS] = {10, 86400}};

static int take_all(struct ns_limits *limits, uint64_t caller, enum ns_limit_kind kind,
                    int64_t now) {
    int n = 0;
    while (ns_limits_take(limits, caller, kind, now)) {
        n++;
    }
    return n;
}

Test(limits, a_minutes_worth_at_once_and_then_the_pace) {
    struct ns_limits *limits = ns_limits_new(kinds);
    int64_t now = 5 * SECOND;
    cr_assert_eq(take_all(limits, 1, NS_LIMIT_REQUESTS, now), 600);
    cr_assert_eq(take_all(limits, 1, NS_LIMIT_MUTATIONS, now), 60, "kinds are counted apart");
    cr_assert_eq(take_all(limits, 2, NS_LIMIT_REQUESTS, now), 600, "and callers");
    cr_assert_eq(take_all(limits, 1, NS_LIMIT_REQUESTS, now + SECOND), 10);
    struct ns_allowance left = ns_limits_left(limits, 1, NS_LIMIT_REQUESTS, now + SECOND);
    cr_assert_eq(left.limit, 600);
    cr_assert_eq(left.remaining, 0);
    cr_assert_eq(left.reset_s, 60);
    left = ns_limits_left(limits, 1, NS_LIMIT_REQUESTS, now + 31 * SECOND);
    cr_assert_eq(left.remaining, 300);
    cr_assert_eq(left.reset_s, 30);
    cr_assert_eq(take_all(limits, 1, NS_LIMIT_REQUESTS, now + 1000000LL * SECOND), 600,
                 "never more than a minute's worth");
    ns_limits_free(limits);
}

Test(limits, many_small_looks_bring_as_much_as_one_long_wait) {
    struct ns_limits *limits = ns_limits_new(kinds);
    int64_t now = SECOND;
    take_all(limits, 1, NS_LIMIT_MUTATIONS, now);
    int taken = 0;
    for (int i = 0; i < 10000; i++) { /* ten seconds in steps of a millisecond */
        now += 1000;
        taken += ns_limits_take(limits, 1, NS_LIMIT_MUTATIONS, now);
    }
    cr_assert_eq(taken, 10);
    ns_limits_free(limits);
}

Test(limits, a_days_worth_comes_back_over_the_day_however_often_one_looks) {
    struct ns_limits *limits = ns_limits_new(kinds);
    int64_t now = SECOND;
    cr_assert_eq(take_all(limits, 1, NS_LIMIT_EXPORTS, now), 2);
    cr_assert_eq(ns_limits_left(limits, 1, NS_LIMIT_EXPORTS, now).reset_s, 86400);
    for (int64_t i = 0; i < 43200; i++) { /* half a day, looked at every second and once in between */
        cr_assert_not(ns_limits_take(limits, 1, NS_LIMIT_EXPORTS, now), "after %lld s", (long long)i);
        cr_assert_not(ns_limits_take(limits, 1, NS_LIMIT_EXPORTS, now + 7), "after %lld s", (long long)i);
        now += SECOND;
    }
    cr_assert_eq(take_all(limits, 1, NS_LIMIT_EXPORTS, now), 1);
    cr_assert_eq(take_all(limits, 1, NS_LIMIT_EXPORTS, now + 86400LL * SECOND), 2, "never more than a day's worth");
    ns_limits_free(limits);
}

Test(limits, new_callers_take_the_place_of_the_one_longest_silent) {
    struct ns_limits *limits = ns_limits_new(kinds);
    for (uint64_t caller = 0; caller < NS_LIMIT_CALLERS; caller++) {
        take_all(limits, caller, NS_LIMIT_MUTATIONS, SECOND + (int64_t)caller);
    }
    int64_t now = SECOND + NS_LIMIT_CALLERS;
    cr_assert_not(ns_limits_take(limits, 0, NS_LIMIT_MUTATIONS, now), "still known");
    cr_assert(ns_limits_take(limits, 999, NS_LIMIT_MUTATIONS, now + 1));
    cr_assert_not(ns_limits_take(limits, 0, NS_LIMIT_MUTATIONS, now + 2), "not the silent one");
    cr_assert(ns_limits_take(limits, 1, NS_LIMIT_MUTATIONS, now + 3), "whose place it took");
    ns_limits_free(limits);
}

static struct ns_event event(enum ns_event_kind kind, uint8_t child, uint8_t entity,
                             int64_t sequence) {
    return (struct ns_event){
        .kind = kind, .child = {{child}}, .entity = {{entity}}, .sequence = sequence};
}

Test(held, the_newest_state_of_each_thing_in_the_order_of_its_last_change) {
    struct ns_held held = {0};
    const struct ns_event in[] = {
        event(NS_EVENT_IMPORT, 1, 7, 1), event(NS_EVENT_PREDICTION, 1, 1, 2),
        event(NS_EVENT_IMPORT, 1, 8, 3), event(NS_EVENT_IMPORT, 1, 7, 4),
        event(NS_EVENT_PREDICTION, 1, 2, 5), event(NS_EVENT_PREDICTION, 2, 3, 6),
    };
    static const int64_t out[] = {3, 4, 5, 6};
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        cr_assert(ns_held_put(&held, &in[i]));
    }
    struct ns_event got;
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        cr_assert(ns_held_take(&held, &got));
        cr_assert_eq(got.sequence, out[i]);
    }
    cr_assert_not(ns_held_take(&held, &got));
}

Test(held, full_is_full_but_for_what_is_there_already) {
    struct ns_held held = {0};
    for (uint8_t i = 0; i < NS_HELD_MOST; i++) {
        struct ns_event e = event(NS_EVENT_USAGE, 1, i, i);
        cr_assert(ns_held_put(&held, &e));
    }
    struct ns_event known = event(NS_EVENT_USAGE, 1, 3, 100);
    struct ns_event strange = event(NS_EVENT_USAGE, 2, 3, 101);
    cr_assert(ns_held_put(&held, &known));
    cr_assert_not(ns_held_put(&held, &strange));
    cr_assert_eq(held.count, NS_HELD_MOST);
}
