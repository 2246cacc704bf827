#include "agent/store/rows.h"
#include "tests/unit/household/home.h"

#include <stdlib.h>

static struct ns_child second_child(struct home *hp) {
    struct home h = *hp;
    struct ns_child made;
    struct ns_child_input in = {.set = NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE,
                                .name = "Second", .date_of_birth = test_child().birth,
                                .current_size = NS_SIZE_3};
    OK(ns_child_create(&h.act, &in, &made, NULL, &h.err));
    return made;
}

static struct ns_inventory_item pack_for(struct home *hp, ns_id child, int64_t n) {
    struct home h = *hp;
    struct ns_inventory_item item;
    struct ns_item_input in = home_pack(&h, n);
    in.child_id = child;
    OK(ns_item_create(&h.act, &in, &item, NULL, &h.err));
    return item;
}

static int64_t left_of(struct home *hp, ns_id item) {
    struct home h = *hp;
    struct ns_item_page page;
    OK(ns_item_list(h.db, h.child.id, NS_NONE, 50, 0, &h.arena, &page, &h.err));
    for (int i = 0; i < page.count; i++) {
        if (ns_id_eq(page.items[i].id, item)) {
            return page.items[i].quantity_remaining;
        }
    }
    return -1;
}

/* The line as one text, to compare what came back with what stood there. */
static const char *line(struct home *hp, ns_id id) {
    struct home h = *hp;
    struct ns_usage_log l;
    bool found = false;
    OK(ns_row_log(h.db, id, &hp->arena, &l, &found, &h.err));
    return !found ? "none"
                  : ns_arena_printf(&hp->arena, "%02x%02x %02x%02x %lld %d %d%d%d %s|%s", l.child_id.b[0],
                                    l.child_id.b[1], l.inventory_item_id.b[0], l.inventory_item_id.b[1],
                                    (long long)l.logged_at, (int)l.local_day, l.was_wet, l.was_soiled,
                                    l.had_leakage, l.caregiver_name == NULL ? "-" : l.caregiver_name,
                                    l.notes == NULL ? "-" : l.notes);
}

Test(correct, the_wrong_child_the_wrong_hour_and_back_again) {
    struct home h;
    struct ns_log_result made, fixed;
    struct ns_undo_result undone;
    ns_id before;
    home_open(&h, ":memory:", true);
    struct ns_child other = second_child(&h);
    struct ns_inventory_item mine = pack_for(&h, h.child.id, 10);
    pack_for(&h, other.id, 10);
    struct ns_log_input in = home_log(&h);
    in.notes = "rash on the left";
    in.caregiver_name = "Sam";
    OK(ns_log_change(&h.act, &in, &made, &h.err));
    const char *was = line(&h, made.log.id);
    cr_assert_eq(left_of(&h, mine.id), 9);
    struct ns_log_fix fix = {.set = NS_LOG_CHILD | NS_LOG_AT | NS_LOG_SOILED | NS_LOG_LEAK,
                             .child_id = other.id, .logged_at = h.act.now - 26 * NS_HOUR,
                             .was_soiled = 1, .had_leakage = 1};
    OK(ns_log_correct(&h.act, made.log.id, &fix, &fixed, &before, &h.err));
    cr_assert(ns_id_eq(before, h.child.id) && ns_id_eq(fixed.log.child_id, other.id));
    cr_assert(fixed.took_item && !ns_id_eq(fixed.log.inventory_item_id, mine.id));
    cr_assert_eq(left_of(&h, mine.id), 10);
    cr_assert_eq(fixed.log.local_day, made.log.local_day - 1);
    cr_assert(fixed.log.was_wet == 1 && fixed.log.was_soiled == 1 && fixed.log.had_leakage == 1);
    cr_assert_str_eq(fixed.log.notes, "rash on the left");
    cr_assert_str_eq(fixed.log.caregiver_name, "Sam");
    REFUSED(ns_household_undo(&h.act, made.action, &undone, &h.err), NS_E_CONFLICT, NS_MSG_hh_undo_overtaken);
    OK(ns_household_undo(&h.act, fixed.action, &undone, &h.err));
    cr_assert_eq(undone.message, NS_MSG_hh_undone_fix);
    cr_assert_str_eq(line(&h, made.log.id), was);
    cr_assert_eq(left_of(&h, mine.id), 9);
    OK(ns_household_undo(&h.act, made.action, &undone, &h.err));
    cr_assert_eq(home_logs(&h), 0);
    cr_assert(home_chain_intact(&h));
    home_close(&h);
}

Test(correct, a_line_taken_out_comes_back_with_its_sealed_texts) {
    struct home h;
    struct ns_log_result made, gone;
    struct ns_undo_result undone;
    home_open(&h, ":memory:", true);
    struct ns_inventory_item mine = pack_for(&h, h.child.id, 3);
    struct ns_log_input in = home_log(&h);
    in.notes = "h\u00e9morro\u00efde";
    in.client_key = ns_id_new(h.act.env);
    OK(ns_log_change(&h.act, &in, &made, &h.err));
    const char *was = line(&h, made.log.id);
    OK(ns_log_remove(&h.act, made.log.id, &gone, &h.err));
    cr_assert_str_eq(line(&h, made.log.id), "none");
    cr_assert_eq(left_of(&h, mine.id), 3);
    REFUSED(ns_log_remove(&h.act, made.log.id, &gone, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_log_gone);
    OK(ns_household_undo(&h.act, (ns_id){{0}}, &undone, &h.err));
    cr_assert_str_eq(line(&h, made.log.id), was);
    cr_assert_eq(left_of(&h, mine.id), 2);
    /* Its key is its own again: the phone that repeats itself logs nothing new. */
    OK(ns_log_change(&h.act, &in, &made, &h.err));
    cr_assert(made.repeated);
    home_close(&h);
}

Test(correct, what_cannot_be_is_refused_and_changes_nothing) {
    struct home h;
    struct ns_log_result made, fixed;
    ns_id before;
    home_open(&h, ":memory:", true);
    struct ns_inventory_item mine = pack_for(&h, h.child.id, 3);
    struct ns_log_input in = home_log(&h);
    OK(ns_log_change(&h.act, &in, &made, &h.err));
    const char *was = line(&h, made.log.id);
    struct ns_log_fix none = {0}, ahead = {.set = NS_LOG_AT, .logged_at = h.act.now + NS_HOUR},
                      old = {.set = NS_LOG_AT, .logged_at = h.act.now - 4000 * NS_DAY},
                      nobody = {.set = NS_LOG_CHILD, .child_id = ns_id_new(h.act.env)};
    REFUSED(ns_log_correct(&h.act, made.log.id, &none, &fixed, &before, &h.err), NS_E_INPUT, NS_MSG_hh_log_nothing);
    REFUSED(ns_log_correct(&h.act, made.log.id, &ahead, &fixed, &before, &h.err), NS_E_INPUT, NS_MSG_hh_log_ahead);
    REFUSED(ns_log_correct(&h.act, made.log.id, &old, &fixed, &before, &h.err), NS_E_INPUT, NS_MSG_hh_log_old);
    REFUSED(ns_log_correct(&h.act, made.log.id, &nobody, &fixed, &before, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_child_unknown);
    REFUSED(ns_log_correct(&h.act, ns_id_new(h.act.env), &ahead, &fixed, &before, &h.err), NS_E_NOT_FOUND, NS_MSG_hh_log_gone);
    cr_assert_str_eq(line(&h, made.log.id), was);
    cr_assert_eq(left_of(&h, mine.id), 2);
    home_close(&h);
}

/* Whatever is logged, corrected, taken out and taken back: every piece is on the shelf or in the
 * log, once; and with everything taken back the shelf is as it was. */
Test(correct, no_piece_is_lost_or_made_by_any_sequence) {
    for (unsigned seed = 1; seed <= 12; seed++) {
        struct home h;
        struct ns_log_result r;
        struct ns_undo_result undone;
        home_open(&h, ":memory:", true);
        struct ns_child other = second_child(&h);
        struct ns_inventory_item packs[2] = {pack_for(&h, h.child.id, 200), pack_for(&h, other.id, 200)};
        ns_id ids[20];
        int made = 0, acts = 0;
        srand(seed);
        for (int step = 0; step < 40; step++) {
            int what = rand() % 4;
            home_tick(&h, NS_MINUTE);
            ns_err_clear(&h.err);
            if (what == 0 && made < 20) {
                struct ns_log_input in = home_log(&h);
                in.child_id = rand() % 2 ? h.child.id : other.id;
                OK(ns_log_change(&h.act, &in, &r, &h.err));
                ids[made++] = r.log.id;
                acts++;
            } else if (made > 0 && what == 1) {
                ns_id before;
                struct ns_log_fix fix = {.set = NS_LOG_CHILD | NS_LOG_WET, .was_wet = rand() % 2,
                                         .child_id = rand() % 2 ? h.child.id : other.id};
                acts += ns_log_correct(&h.act, ids[rand() % made], &fix, &r, &before, &h.err) == NS_OK;
            } else if (made > 0 && what == 2) {
                acts += ns_log_remove(&h.act, ids[rand() % made], &r, &h.err) == NS_OK;
            } else if (what == 3 && acts > 0) {
                OK(ns_household_undo(&h.act, (ns_id){{0}}, &undone, &h.err));
                acts--;
            }
            int64_t on_shelf = 0;
            struct ns_item_page page;
            for (int c = 0; c < 2; c++) {
                OK(ns_item_list(h.db, c == 0 ? h.child.id : other.id, NS_NONE, 50, 0, &h.arena, &page, &h.err));
                on_shelf += page.items[0].quantity_remaining;
            }
            cr_assert_eq(on_shelf + home_logs(&h), 400, "seed %u step %d", seed, step);
        }
        while (acts-- > 0) {
            OK(ns_household_undo(&h.act, (ns_id){{0}}, &undone, &h.err));
        }
        cr_assert_eq(home_logs(&h), 0);
        cr_assert_eq(left_of(&h, packs[0].id), 200);
        cr_assert(home_chain_intact(&h));
        home_close(&h);
    }
}
