/* The order machine: its table, its pure step, and the page made from them. */
#include "agent/order/step.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0 ((ns_time)20000 * NS_DAY)

static struct ns_order_facts link_shop(void) {
    return (struct ns_order_facts){.now = T0, .proposed_at = T0, .approved_at = NS_TIME_NONE};
}

static void expect(enum ns_order_state from, enum ns_order_event event, const struct ns_order_facts *f,
                   enum ns_step step, enum ns_order_state to) {
    struct ns_step_result r = ns_order_step(from, event, f);
    cr_assert(r.step == step && r.to == to, "%s %s: step %d to %s", ns_order_state_name(from),
              ns_order_event_name(event), (int)r.step, ns_order_state_name(r.to));
    cr_assert(r.step == NS_STEP_MOVED || r.acts == 0);
}

Test(order_step, from_a_yes_to_the_door_at_a_shop_with_a_link) {
    struct ns_order_facts f = link_shop();
    expect(NS_ORDER_PROPOSED, NS_DO_APPROVE, &f, NS_STEP_MOVED, NS_ORDER_APPROVED);
    f.approved_at = f.now;
    expect(NS_ORDER_APPROVED, NS_DO_APPROVE, &f, NS_STEP_LATE, NS_ORDER_APPROVED);
    expect(NS_ORDER_APPROVED, NS_DO_WINDOW_OVER, &f, NS_STEP_NO_WINDOW, NS_ORDER_APPROVED);
    f.now += NS_ORDER_STOP_WINDOW;
    expect(NS_ORDER_APPROVED, NS_DO_STOP, &f, NS_STEP_NO_WINDOW, NS_ORDER_APPROVED);
    cr_assert_eq(ns_order_step(NS_ORDER_APPROVED, NS_DO_WINDOW_OVER, &f).acts, NS_ACT_LINK);
    expect(NS_ORDER_HANDED_OVER, NS_DO_CONFIRM, &f, NS_STEP_MOVED, NS_ORDER_PLACED);
    expect(NS_ORDER_SHIPPED, NS_DO_CONFIRM, &f, NS_STEP_LATE, NS_ORDER_SHIPPED);
    cr_assert_eq(ns_order_step(NS_ORDER_PLACED, NS_DO_DELIVER, &f).acts, NS_ACT_STOCK);
    expect(NS_ORDER_DELIVERED, NS_DO_DELIVER, &f, NS_STEP_LATE, NS_ORDER_DELIVERED);
    expect(NS_ORDER_DELIVERED, NS_DO_CANCEL, &f, NS_STEP_NOT_NOW, NS_ORDER_DELIVERED);
}

Test(order_step, a_yes_comes_in_time_or_not_at_all) {
    struct ns_order_facts f = link_shop();
    f.now += NS_ORDER_PROPOSED_FOR;
    expect(NS_ORDER_PROPOSED, NS_DO_APPROVE, &f, NS_STEP_MOVED, NS_ORDER_APPROVED);
    expect(NS_ORDER_PROPOSED, NS_DO_EXPIRE, &f, NS_STEP_NOT_NOW, NS_ORDER_PROPOSED);
    f.now += 1;
    expect(NS_ORDER_PROPOSED, NS_DO_APPROVE, &f, NS_STEP_LAPSED, NS_ORDER_PROPOSED);
    expect(NS_ORDER_PROPOSED, NS_DO_EXPIRE, &f, NS_STEP_MOVED, NS_ORDER_EXPIRED);
    expect(NS_ORDER_EXPIRED, NS_DO_APPROVE, &f, NS_STEP_NOT_NOW, NS_ORDER_EXPIRED);
}

Test(order_step, an_order_without_an_answer_is_looked_up_and_cannot_be_cancelled) {
    struct ns_order_facts f = link_shop();
    f.places = true;
    f.approved_at = T0;
    f.now = T0 + NS_ORDER_STOP_WINDOW;
    expect(NS_ORDER_APPROVED, NS_DO_WINDOW_OVER, &f, NS_STEP_NOT_NOW, NS_ORDER_APPROVED);
    expect(NS_ORDER_APPROVED, NS_DO_HOLD, &f, NS_STEP_MOVED, NS_ORDER_RESERVED);
    expect(NS_ORDER_RESERVED, NS_DO_SEND, &f, NS_STEP_MOVED, NS_ORDER_SENDING);
    expect(NS_ORDER_SENDING, NS_DO_CANCEL, &f, NS_STEP_NOT_NOW, NS_ORDER_SENDING);
    expect(NS_ORDER_SENDING, NS_DO_LOSE, &f, NS_STEP_MOVED, NS_ORDER_UNKNOWN);
    expect(NS_ORDER_UNKNOWN, NS_DO_SEND, &f, NS_STEP_NOT_NOW, NS_ORDER_UNKNOWN);
    expect(NS_ORDER_UNKNOWN, NS_DO_ABSENT, &f, NS_STEP_MOVED, NS_ORDER_RESERVED);
    expect(NS_ORDER_UNKNOWN, NS_DO_GIVE_UP, &f, NS_STEP_MOVED, NS_ORDER_HUMAN);
    cr_assert_eq(ns_order_step(NS_ORDER_HUMAN, NS_DO_CONFIRM, &f).acts, NS_ACT_CAPTURE);
    cr_assert_eq(ns_order_step(NS_ORDER_UNKNOWN, NS_DO_FAIL, &f).acts, NS_ACT_VOID);
    expect(NS_ORDER_DELIVERED, NS_DO_REFUND, &f, NS_STEP_NOT_NOW, NS_ORDER_DELIVERED);
    f.paid = true;
    expect(NS_ORDER_DELIVERED, NS_DO_REFUND, &f, NS_STEP_MOVED, NS_ORDER_RETURNED);
}

/* The table itself: every state can be reached and left unless it is over, no two edges claim one
 * case, and the status that is shown never goes back. */
Test(order_step, the_table_is_whole) {
    bool reached[NS_ORDER_COUNT] = {[NS_ORDER_PROPOSED] = true}, left[NS_ORDER_COUNT] = {0};
    for (int turn = 0; turn < NS_ORDER_COUNT; turn++) {
        for (int i = 0; i < ns_order_edge_count; i++) {
            const struct ns_order_edge *e = &ns_order_edges[i];
            reached[e->to] |= reached[e->from];
            left[e->from] = true;
            cr_assert(ns_order_status_of(e->to) >= ns_order_status_of(e->from) ||
                          (e->from == NS_ORDER_UNKNOWN && e->to == NS_ORDER_RESERVED),
                      "%s to %s goes back", ns_order_state_name(e->from), ns_order_state_name(e->to));
            for (int j = i + 1; j < ns_order_edge_count; j++) {
                const struct ns_order_edge *o = &ns_order_edges[j];
                cr_assert_not(o->from == e->from && o->event == e->event, "%s %s stands twice",
                              ns_order_state_name(e->from), ns_order_event_name(e->event));
            }
        }
    }
    for (int s = 0; s < NS_ORDER_COUNT; s++) {
        cr_assert(reached[s], "%s is never reached", ns_order_state_name((enum ns_order_state)s));
        cr_assert(left[s] || ns_order_over((enum ns_order_state)s));
    }
}

static uint32_t rng;
static uint32_t dice(uint32_t below) {
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % below;
}

/* Any events in any order: what was sent is never sent twice without proof, the shelf is filled at
 * most once, money is taken or let go at most once and only what is held, no order lives on after
 * its end, and nothing is sent or handed over without a yes in time and a window gone by. */
Test(order_step, holds_whatever_comes) {
    rng = 1;
    for (int seed = 0; seed < 20000; seed++) {
        struct ns_order_facts f = link_shop();
        enum ns_order_state state = NS_ORDER_PROPOSED;
        int stocked = 0, captured = 0, let_go = 0, sent = 0, absent = 0, ended = 0;
        f.places = dice(2) == 0;
        for (int n = 0; n < 60; n++) {
            enum ns_order_event event = (enum ns_order_event)(dice(NS_DO_COUNT));
            f.now += (ns_time)(dice(20)) * NS_MINUTE + (dice(40) == 0 ? 30 * NS_HOUR : 0);
            struct ns_step_result r = ns_order_step(state, event, &f);
            if (r.step != NS_STEP_MOVED) {
                cr_assert(r.to == state && r.acts == 0);
                continue;
            }
            cr_assert(!ns_order_over(state) || r.to == NS_ORDER_RETURNED);
            if (event == NS_DO_APPROVE) {
                cr_assert(f.now - f.proposed_at <= NS_ORDER_PROPOSED_FOR);
                f.approved_at = f.now;
            }
            if (event == NS_DO_STOP) {
                cr_assert(f.now - f.approved_at < NS_ORDER_STOP_WINDOW);
                f.approved_at = NS_TIME_NONE;
            }
            if (r.to == NS_ORDER_SENDING) {
                cr_assert(f.places && f.approved_at != NS_TIME_NONE &&
                          f.now - f.approved_at >= NS_ORDER_STOP_WINDOW);
                sent++;
            }
            absent += event == NS_DO_ABSENT;
            stocked += (r.acts & NS_ACT_STOCK) != 0;
            captured += (r.acts & NS_ACT_CAPTURE) != 0;
            let_go += (r.acts & NS_ACT_VOID) != 0;
            ended += ns_order_over(r.to) && r.to != NS_ORDER_RETURNED;
            f.paid |= (r.acts & NS_ACT_CAPTURE) != 0;
            state = r.to;
            cr_assert(sent <= absent + 1, "seed %d: sent again without proof", seed);
            cr_assert(stocked <= 1 && captured + let_go <= 1 && ended <= 1, "seed %d", seed);
            cr_assert(f.places || captured + let_go == 0);
        }
    }
}

Test(order_step, the_page_in_docs_is_current) {
    const char *path = NS_TEST_SOURCE_ROOT "/docs/orders.md";
    static const char mark[] = "unit-order -->\n\n";
    static char kept[65536];
    struct ns_buf now = NS_BUF(65536);
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in);
    size_t n = fread(kept, 1, sizeof kept - 1, in);
    fclose(in);
    kept[n] = '\0';
    char *from = strstr(kept, mark);
    cr_assert_not_null(from);
    from += strlen(mark);
    ns_order_states_page(&now);
    if (getenv("UPDATE_GOLDEN") != NULL) {
        FILE *out = fopen(path, "w");
        cr_assert_not_null(out);
        cr_assert_eq(fwrite(kept, 1, (size_t)(from - kept), out), (size_t)(from - kept));
        cr_assert_eq(fwrite(now.data, 1, now.len, out), now.len);
        fclose(out);
    } else {
        cr_assert_str_eq(from, now.data, "docs/orders.md is not what the table says: UPDATE_GOLDEN=1 writes it anew");
    }
    ns_buf_fini(&now);
}
