/* The key table: no clashes, help for every key, letters of children. */
#include "tests/golden/household.h"
#include "tui/app/layout.h"
#include "tui/keys/keys.h"

#include <criterion/criterion.h>
#include <string.h>

Test(keys, no_key_means_two_things_on_one_screen) {
    for (size_t a = 0; a < ns_key_count; a++) {
        for (size_t b = a + 1; b < ns_key_count; b++) {
            const struct ns_key_row *x = &ns_key_rows[a];
            const struct ns_key_row *y = &ns_key_rows[b];
            if ((x->screens & y->screens) == 0) {
                continue;
            }
            bool clash = x->key == y->key || (x->key2 != 0 && (x->key2 == y->key || x->key2 == y->key2)) ||
                         (y->key2 != 0 && y->key2 == x->key);
            cr_assert_not(clash, "%s and %s share a key", ns_msg_key(x->label), ns_msg_key(y->label));
        }
    }
}

Test(keys, every_action_has_a_key_and_every_screen_has_help_back_and_quit) {
    for (int action = NS_ACT_NONE + 1; action < NS_ACT_COUNT; action++) {
        bool found = false;
        for (size_t i = 0; i < ns_key_count; i++) {
            found = found || ns_key_rows[i].action == (enum ns_action)action;
        }
        cr_assert(found, "action %d has no key", action);
    }
    for (unsigned screen = 0; screen < NS_SCREEN_COUNT; screen++) {
        cr_assert_eq(ns_keys_find(1U << screen, '?'), NS_ACT_HELP);
        cr_assert_eq(ns_keys_find(1U << screen, NS_KEY_ESC), NS_ACT_BACK);
        cr_assert_eq(ns_keys_find(1U << screen, 'q'), NS_ACT_QUIT);
    }
}

Test(keys, hjkl_only_ever_move) {
    for (unsigned screen = 0; screen < NS_SCREEN_COUNT; screen++) {
        enum ns_action j = ns_keys_find(1U << screen, 'j');
        enum ns_action h = ns_keys_find(1U << screen, 'h');
        cr_assert_eq(j, NS_ACT_DOWN);
        cr_assert(h == NS_ACT_CHILD_PREV || h == NS_ACT_NONE);
    }
}

Test(keys, names_are_short_and_readable) {
    static const struct {
        uint32_t key;
        const char *name;
    } cases[] = {{'w', "w"}, {NS_CTRL('p'), "^P"}, {NS_KEY_ESC, "Esc"}, {NS_KEY_F1, "F1"}, {0xE9, "\u00e9"}};
    for (size_t i = 0; i < NS_COUNT(cases); i++) {
        char name[12];
        ns_key_name(NS_LANG_EN, cases[i].key, name);
        cr_assert_str_eq(name, cases[i].name);
    }
    char french[12];
    ns_key_name(NS_LANG_FR, NS_KEY_ESC, french);
    cr_assert_str_eq(french, "\u00c9chap");
}

static bool offered(const struct ns_app_state *state, enum ns_action action) {
    uint16_t rows[64];
    size_t n = ns_app_help_rows(state, rows, NS_COUNT(rows));
    for (size_t i = 0; i < n; i++) {
        if (ns_key_rows[rows[i]].action == action) {
            return true;
        }
    }
    return false;
}

Test(keys, help_offers_only_what_would_do_something) {
    static struct ns_app_state state;
    golden_household(&state, 24, 80, NS_LANG_EN, false);
    cr_assert(offered(&state, NS_ACT_GO_STOCK) && offered(&state, NS_ACT_LOG_WET));
    cr_assert_not(offered(&state, NS_ACT_PAGE_UP), "Home has no list");
    golden_key(&state, '0');
    cr_assert_eq(state.ui.screen, NS_SCREEN_SUPPORT);
    cr_assert(offered(&state, NS_ACT_GO_HOME));
    golden_key(&state, '2');
    cr_assert_eq(state.ui.screen, NS_SCREEN_LOG, "digits lead back from the support page");
    cr_assert(offered(&state, NS_ACT_CHILD_NEXT));
    state.child_count = 1;
    cr_assert_not(offered(&state, NS_ACT_CHILD_NEXT));
    state.child_count = 0;
    cr_assert_not(offered(&state, NS_ACT_LOG_WET));
    state.support_only = true;
    state.ui.screen = NS_SCREEN_SUPPORT;
    cr_assert_not(offered(&state, NS_ACT_GO_HOME));
    cr_assert_not(offered(&state, NS_ACT_TAB_NEXT));
    cr_assert_not(offered(&state, NS_ACT_GO_SUPPORT));
}

static void named(struct ns_app_state *state, const char *const *names, int count) {
    memset(state, 0, sizeof *state);
    state->child_count = (uint8_t)count;
    for (int i = 0; i < count; i++) {
        ns_str_copy(ns_str_of(names[i]), state->children[i].name, NS_APP_NAME);
    }
}

static struct ns_app_state state;

Test(keys, children_get_their_initial_or_the_next_free_letter) {
    static const char *const names[] = {"Mila", "Th\u00e9o", "Mathis", "\u00c9mile", "Mia", "\u4e16\u754c"};
    named(&state, names, 6);
    cr_assert_eq(ns_app_child_letter(&state, 0), 'm');
    cr_assert_eq(ns_app_child_letter(&state, 1), 't');
    cr_assert_eq(ns_app_child_letter(&state, 2), 'a');
    cr_assert_eq(ns_app_child_letter(&state, 3), 'e');
    cr_assert_eq(ns_app_child_letter(&state, 4), 'i');
    cr_assert_neq(ns_app_child_letter(&state, 5), 0);
}

Test(keys, letters_of_children_never_clash_with_keys_or_each_other) {
    static const char *const names[] = {"Will", "Dan", "Ben", "Sue", "Xavi", "Uma", "Quinn", "Hal", "Joe", "Kim"};
    named(&state, names, 10);
    for (int i = 0; i < 10; i++) {
        uint32_t letter = ns_app_child_letter(&state, i);
        cr_assert(letter == 0 || !ns_keys_taken(letter), "%s got %c", names[i], (int)letter);
        for (int k = 0; k < i; k++) {
            cr_assert(letter == 0 || letter != ns_app_child_letter(&state, k));
        }
    }
}
