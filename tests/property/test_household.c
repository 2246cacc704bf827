/* Random days of a family: stock never negative, what is gone from the cupboard is what the log
 * took, the audit chain holds, whatever is done in whatever order. */
#include "tests/unit/household/home.h"

static uint32_t state;
static uint32_t next(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

Test(household_property, stock_and_log_agree_after_any_sequence) {
    for (uint32_t seed = 1; seed <= 12; seed++) {
        struct home h;
        int64_t bought = 0;
        state = seed * 7919u;
        home_open(&h, ":memory:", true);
        for (int step = 0; step < 120; step++) {
            struct ns_item_input pack = home_pack(&h, 1 + next(6));
            struct ns_log_input in = home_log(&h);
            struct ns_inventory_item item;
            struct ns_log_result r;
            struct ns_undo_result u;
            ns_err_clear(&h.err);
            switch (next(6)) {
            case 0:
                if (ns_item_create(&h.act, &pack, &item, NULL, &h.err) != NS_OK) {
                    cr_assert_eq(h.err.rc, NS_E_NOT_FOUND); /* the child was taken back */
                }
                break;
            case 1: {
                ns_rc rc = ns_household_undo(&h.act, (ns_id){{0}}, &u, &h.err);
                cr_assert(rc == NS_OK || rc == NS_E_CONFLICT || rc == NS_E_NOT_FOUND);
                break;
            }
            default:
                in.logged_at = h.act.now - (ns_time)next(72) * NS_HOUR;
                if (ns_log_change(&h.act, &in, &r, &h.err) != NS_OK) {
                    cr_assert_eq(h.err.rc, NS_E_NOT_FOUND); /* the child was taken back */
                }
            }
            home_tick(&h, next(120) * NS_MINUTE);
        }
        struct ns_item_page items;
        struct ns_log_page logs;
        int64_t left = 0, taken = 0;
        bought = 0;
        OK(ns_item_list(h.db, h.child.id, NS_NONE, 500, 0, &h.arena, &items, &h.err));
        OK(ns_log_list(&h.act, h.child.id, NS_NONE, 400, 500, 0, &logs, &h.err));
        for (int i = 0; i < items.count; i++) {
            cr_assert_geq(items.items[i].quantity_remaining, 0);
            bought += items.items[i].quantity_total;
            left += items.items[i].quantity_remaining;
        }
        for (int i = 0; i < logs.count; i++) {
            taken += ns_id_is_zero(logs.logs[i].inventory_item_id) ? 0 : logs.logs[i].quantity_used;
        }
        cr_assert_eq(bought - left, taken, "seed %u: %lld bought, %lld left, %lld taken", seed,
                     (long long)bought, (long long)left, (long long)taken);
        cr_assert(home_chain_intact(&h));
        OK(ns_db_integrity(h.db, &h.err));
        home_close(&h);
    }
}
