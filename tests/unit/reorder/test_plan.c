/* When to order next: what the plan says of plain cases, and what holds for any. */
#include "agent/reorder/plan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define TODAY ((ns_date)20600)

struct scene {
    struct ns_plan_day days[30];
    struct ns_plan_input in;
};

static void steady(struct scene *s, double rate, int64_t stock) {
    *s = (struct scene){.in = {.today = TODAY, .first = TODAY, .day_count = 30, .today_left = 1, .stock = stock,
                               .pack_pieces = 62, .size_chance = (double)NAN, .size_change = NS_DATE_NONE,
                               .total_low = 30 * rate - 20, .total_high = 30 * rate + 20}};
    static const double usual[NS_PLAN_LEAD_MAX] = {[2] = 0.2, [3] = 0.4, [4] = 0.25, [6] = 0.15};
    memcpy(s->in.lead, usual, sizeof usual);
    for (int i = 0; i < 30; i++) {
        s->days[i] = (struct ns_plan_day){rate, rate - 2, rate + 2};
    }
}

static struct ns_reorder plan(struct scene *s) {
    struct ns_reorder p;
    s->in.days = s->days;
    ns_reorder_plan(&s->in, &p);
    return p;
}

Test(plan, a_steady_child_is_ordered_for_before_the_slow_delivery) {
    struct scene s;
    steady(&s, 6, 120);
    struct ns_reorder p = plan(&s);
    cr_assert_eq(p.kind, NS_PLAN_LATER);
    cr_assert_eq(p.runout, TODAY + 19, "run-out after %d days", p.runout - TODAY); /* the 120th piece falls on day 20 */
    cr_assert(p.order_by >= TODAY + 11 && p.order_by <= TODAY + 14, "order in %d days", p.order_by - TODAY);
    cr_assert_eq(p.slow_days, 6);
    cr_assert(p.packs == 2 && p.held_back == 0, "%d packs", p.packs); /* 34 days of 6 less 120: 84 pieces */
    s.in.stock = 10;
    p = plan(&s);
    cr_assert(p.kind == NS_PLAN_DUE && p.order_by == TODAY && p.priority == 1);
    cr_assert_eq(p.packs, 4); /* 204 less 10 */
    s.in.stock = 27; /* the fifth day */
    cr_assert_eq(plan(&s).priority, 2);
    s.in.stock = 40;
    p = plan(&s);
    cr_assert(p.kind == NS_PLAN_DUE && p.priority == 3);
}

Test(plan, without_data_it_says_which_and_suggests_nothing) {
    struct scene s;
    steady(&s, 6, 20);
    s.in.stock = -1;
    struct ns_reorder p = plan(&s);
    cr_assert(p.kind == NS_PLAN_NO_STOCK && p.packs == 0 && p.order_by == NS_DATE_NONE);
    s.in.stock = 20;
    s.in.day_count = 0;
    p = plan(&s);
    cr_assert(p.kind == NS_PLAN_NO_FORECAST && p.packs == 0);
    s.in.day_count = 30;
    s.in.first = TODAY - 30; /* it ended yesterday */
    cr_assert_eq(plan(&s).kind, NS_PLAN_NO_FORECAST);
    s.in.first = TODAY - 29;
    cr_assert_eq(plan(&s).kind, NS_PLAN_DUE);
    s.in.first = TODAY;
    s.in.pack_pieces = 0;
    cr_assert_eq(plan(&s).kind, NS_PLAN_NO_FORECAST);
}

Test(plan, nobody_buys_a_size_that_is_left_before_it_is_used) {
    struct scene s;
    steady(&s, 6, 10);
    s.in.size_change = TODAY + 25; /* 150 pieces till then: two packs of 62 and the ten */
    struct ns_reorder p = plan(&s);
    cr_assert(p.packs == 2 && p.held_back == 2 && !p.one_only, "%d packs, %d held back", p.packs, p.held_back);
    s.in.size_chance = 0.6;
    p = plan(&s);
    cr_assert(p.packs == 1 && p.held_back == 3 && p.one_only);
    s.in.size_chance = 0.3;
    s.in.size_change = TODAY + 5; /* the shelf is bare before: one pack bridges it */
    p = plan(&s);
    cr_assert(p.kind == NS_PLAN_DUE && p.packs == 1);
    s.in.stock = 30;
    p = plan(&s);
    cr_assert(p.kind == NS_PLAN_OUTGROWN && p.packs == 0 && p.order_by == NS_DATE_NONE);
    s.in.size_change = TODAY - 3; /* overdue, and nothing left: still one, the child has to wear something */
    s.in.stock = 0;
    p = plan(&s);
    cr_assert(p.kind == NS_PLAN_DUE && p.packs == 1);
}

static uint64_t state;
static double any(double low, double high) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return low + (high - low) * (double)(state >> 33) / 2147483648.0;
}

static void make_any(struct scene *s) {
    double sum = 0, level = any(0.5, 14), total = 0;
    *s = (struct scene){.in = {.today = TODAY, .first = TODAY - (int)any(0, 3), .day_count = 30, .today_left = any(0, 1),
                               .stock = (int64_t)any(0, 400), .pack_pieces = (int)any(10, 250),
                               .size_chance = any(0, 1), .review_days = (int)any(5, 60),
                               .size_change = any(0, 1) < 0.5 ? NS_DATE_NONE : TODAY + (int)any(-5, 170)}};
    for (int l = 0; l < NS_PLAN_LEAD_MAX; l++) {
        s->in.lead[l] = any(0, 1) < 0.6 ? 0 : any(0, 1);
        sum += s->in.lead[l];
    }
    s->in.lead[3] += sum > 0 ? 0 : 1;
    for (int l = 0; l < NS_PLAN_LEAD_MAX; l++) {
        s->in.lead[l] /= sum > 0 ? sum : 1;
    }
    for (int i = 0; i < 30; i++) {
        double mean = level * any(0.7, 1.3), spread = any(0, 4);
        s->days[i] = (struct ns_plan_day){mean, fmax(mean - spread, 0), mean + spread};
        total += mean;
    }
    s->in.total_low = total * any(0.6, 1);
    s->in.total_high = total * any(1, 1.4);
}

static bool asks(const struct ns_reorder *p) {
    return p->kind == NS_PLAN_LATER || p->kind == NS_PLAN_DUE;
}

/* How soon something has to be done: a suggestion now is soonest, none at all is last. */
static int when(const struct ns_reorder *p) {
    return !asks(p) ? 10000 : p->kind == NS_PLAN_DUE ? -1 : p->order_by - TODAY;
}

Test(plan, more_on_the_shelf_is_never_an_earlier_day_or_more_packs) {
    state = 7;
    for (int i = 0; i < 3000; i++) {
        struct scene s;
        make_any(&s);
        struct ns_reorder before = plan(&s);
        for (int more = 1; more <= 64; more *= 4) {
            s.in.stock += more;
            struct ns_reorder p = plan(&s);
            cr_assert(when(&p) >= when(&before), "case %d: stock %d, %d then %d", i, (int)s.in.stock, when(&before), when(&p));
            cr_assert(!asks(&p) || !asks(&before) || p.order_by >= before.order_by);
            cr_assert(!asks(&p) || !asks(&before) || p.packs <= before.packs, "case %d", i);
            cr_assert(p.runout == NS_DATE_NONE || (before.runout != NS_DATE_NONE && p.runout >= before.runout));
            before = p;
        }
    }
}

Test(plan, an_open_order_leaves_nothing_to_suggest) {
    state = 11;
    for (int i = 0; i < 3000; i++) {
        struct scene s;
        make_any(&s);
        s.in.covered = true;
        s.in.stock = any(0, 1) < 0.2 ? -1 : s.in.stock;
        struct ns_reorder p = plan(&s);
        cr_assert(p.kind == NS_PLAN_COVERED && p.packs == 0 && p.priority == 0 && p.order_by == NS_DATE_NONE);
    }
}

Test(plan, whatever_it_is_given_its_answer_makes_sense) {
    state = 13;
    int asked = 0;
    for (int i = 0; i < 5000; i++) {
        struct scene s;
        make_any(&s);
        struct ns_reorder p = plan(&s), again = plan(&s);
        cr_assert_eq(memcmp(&p, &again, sizeof p), 0);
        cr_assert_eq(asks(&p), p.packs > 0);
        cr_assert_eq(asks(&p), p.order_by != NS_DATE_NONE);
        cr_assert(p.packs <= NS_PLAN_PACKS_MOST && p.held_back >= 0 && (!asks(&p) || p.order_by >= TODAY));
        cr_assert(!p.one_only || p.packs <= 1);
        cr_assert_eq(p.kind == NS_PLAN_DUE, p.priority > 0);
        cr_assert(p.kind != NS_PLAN_LATER || p.order_by > TODAY);
        asked += asks(&p);
    }
    cr_assert(asked > 1000);
}

Test(plan, a_slower_shop_is_ordered_from_earlier) {
    struct scene s;
    steady(&s, 6, 150);
    ns_date quick = plan(&s).order_by;
    memset(s.in.lead, 0, sizeof s.in.lead);
    s.in.lead[10] = 1;
    struct ns_reorder p = plan(&s);
    cr_assert(p.order_by < quick && p.slow_days == 10);
}
