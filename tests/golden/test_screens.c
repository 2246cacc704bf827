/* Every screen against a saved picture: sizes, languages, ASCII and Unicode, style maps.
 * UPDATE_GOLDEN=1 writes the pictures anew; then read them with your own eyes. */
#include "tests/golden/household.h"
#include "tui/view/view.h"
#include "tui/widget/line.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int sizes[][2] = {{5, 30}, {10, 40}, {24, 80}, {36, 120}};
static struct ns_app_state state; /* large: not on the stack of a test */

static void compare(const char *name, const struct ns_buf *now) {
    char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/data/%s.txt", NS_TEST_SOURCE_ROOT, name);
    if (getenv("UPDATE_GOLDEN") != NULL) {
        FILE *out = fopen(path, "w");
        cr_assert_not_null(out, "%s cannot be written", path);
        cr_assert_eq(fwrite(now->data, 1, now->len, out), now->len);
        fclose(out);
        return;
    }
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in, "%s is missing: UPDATE_GOLDEN=1 writes it", path);
    static char want[64 * 1024];
    size_t n = fread(want, 1, sizeof want, in);
    fclose(in);
    cr_assert(n == now->len && memcmp(want, now->data, n) == 0, "%s differs; now:\n%s", name, now->data);
}

static void check(const char *name, bool styles) {
    struct ns_grid grid = {0};
    struct ns_buf text = NS_BUF(64 * 1024);
    ns_view_draw(&grid, &state);
    cr_assert(ns_grid_sound(&grid), "%s: a wide character is torn or ASCII is not kept", name);
    if (styles) {
        ns_grid_to_styles(&grid, &text);
    } else {
        ns_grid_to_text(&grid, &text);
    }
    compare(name, &text);
    ns_buf_fini(&text);
    ns_grid_fini(&grid);
}

static const char *file_name(const char *what, int rows, int cols, enum ns_lang lang, bool ascii) {
    static char name[128];
    snprintf(name, sizeof name, "%s-%dx%d-%s%s", what, cols, rows, ns_lang_code(lang), ascii ? "-ascii" : "");
    return name;
}

static void every_form(const char *what, const uint32_t *keys, size_t key_count, bool empty) {
    for (size_t s = 0; s < NS_COUNT(sizes); s++) {
        for (int lang = 0; lang < 2; lang++) {
            for (int ascii = 0; ascii < 2; ascii++) {
                (empty ? golden_empty : golden_household)(&state, sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii);
                for (size_t k = 0; k < key_count; k++) {
                    golden_key(&state, keys[k]);
                }
                check(file_name(what, sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii), false);
            }
        }
    }
}

#define FORMS(what, ...)                                                                       \
    every_form(what, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), false)

Test(golden, home) {
    FORMS("home", '1');
}
/* Nobody is left out in silence: every child is on the screen, or a line counts the others. */
static int children_seen(const char *text, int count) {
    int seen = 0;
    for (int i = 0; i < count; i++) {
        struct ns_line upper = ns_line_upper(state.children[i].name);
        seen += strstr(text, state.children[i].name) != NULL || strstr(text, upper.s) != NULL;
    }
    return seen;
}

Test(golden, home_of_a_large_family) {
    static const int families[] = {3, 5, 10};
    for (size_t f = 0; f < NS_COUNT(families); f++) {
        for (size_t s = 0; s < NS_COUNT(sizes); s++) {
            for (int lang = 0; lang < 2; lang++) {
                char what[32];
                snprintf(what, sizeof what, "home-family-%d", families[f]);
                golden_family(&state, families[f], sizes[s][0], sizes[s][1], (enum ns_lang)lang, false);
                check(file_name(what, sizes[s][0], sizes[s][1], (enum ns_lang)lang, false), false);
            }
        }
    }
}

Test(golden, no_child_is_left_out_in_silence_at_any_size) {
    for (int count = 2; count <= NS_APP_CHILDREN; count++) {
        for (int rows = 3; rows <= 40; rows++) {
            for (int cols = 30; cols <= 130; cols += 25) {
                golden_family(&state, count, rows, cols, NS_LANG_EN, false);
                state.ui.child = (uint8_t)((rows + cols) % count);
                struct ns_grid grid = {0};
                struct ns_buf text = NS_BUF(64 * 1024);
                state.ui.hints = false;
                ns_view_draw(&grid, &state);
                ns_grid_to_text(&grid, &text);
                const char *more = strstr(text.data, " more: h l");
                int others = 0;
                while (more != NULL && more > text.data && more[-1] != '+') {
                    more--;
                }
                if (more != NULL) {
                    int64_t n = 0;
                    struct ns_str rest = ns_str_of(more);
                    cr_assert(ns_str_int(ns_str_cut(&rest, ' '), 1, 99, &n));
                    others = (int)n;
                }
                cr_assert_geq(children_seen(text.data, count) + others, rows >= 5 ? count : 1, "%d children at %dx%d:\n%s",
                              count, cols, rows, text.data);
                const char *focus = state.children[state.ui.child].name;
                cr_assert(strstr(text.data, focus) != NULL || strstr(text.data, ns_line_upper(focus).s) != NULL,
                          "%s at %dx%d:\n%s", focus, cols, rows, text.data);
                ns_buf_fini(&text);
                ns_grid_fini(&grid);
            }
        }
    }
}

/* Help is the last key to go, in both languages and on every screen. */
Test(golden, the_footer_always_names_help) {
    static const uint32_t screens[] = {'1', '2', '3', '4', '7', '9', '0'};
    for (size_t k = 0; k < NS_COUNT(screens); k++) {
        for (int lang = 0; lang < 2; lang++) {
            for (int cols = 20; cols <= 100; cols++) {
                golden_household(&state, 10, cols, (enum ns_lang)lang, true);
                golden_key(&state, screens[k]);
                struct ns_grid grid = {0};
                struct ns_buf text = NS_BUF(64 * 1024);
                ns_view_draw(&grid, &state);
                ns_grid_to_text(&grid, &text);
                cr_assert_not_null(strstr(text.data, lang == NS_LANG_FR ? "? aide" : "? help"), "%c at %d:\n%s",
                                   (char)screens[k], cols, text.data);
                ns_buf_fini(&text);
                ns_grid_fini(&grid);
            }
        }
    }
}

Test(golden, next_without_a_forecast) {
    for (size_t s = 0; s < NS_COUNT(sizes); s++) {
        for (int lang = 0; lang < 2; lang++) {
            golden_family(&state, 3, sizes[s][0], sizes[s][1], (enum ns_lang)lang, false);
            golden_key(&state, '3');
            golden_key(&state, 'l');
            golden_key(&state, 'l');
            check(file_name("next-none", sizes[s][0], sizes[s][1], (enum ns_lang)lang, false), false);
        }
    }
}

Test(golden, log) {
    FORMS("log", '2');
}
Test(golden, next) {
    FORMS("next", '3');
}
Test(golden, next_table) {
    FORMS("next-table", '3', 'l', 'v');
}
Test(golden, next_together) {
    FORMS("next-together", '3', 'v', 'v', 'v');
}
Test(golden, next_together_of_a_large_family) {
    for (size_t s = 0; s < NS_COUNT(sizes); s++) {
        golden_family(&state, 10, sizes[s][0], sizes[s][1], NS_LANG_EN, false);
        golden_key(&state, '3');
        for (int k = 0; k < 3; k++) {
            golden_key(&state, 'v');
        }
        check(file_name("next-together-10", sizes[s][0], sizes[s][1], NS_LANG_EN, false), false);
    }
}
Test(golden, next_words) {
    FORMS("next-words", '3', 'v', 'v');
}
Test(golden, stock) {
    FORMS("stock", '4');
}
Test(golden, phones) {
    FORMS("phones", '9');
}
Test(golden, phones_throw_out) {
    FORMS("phones-out", '9', 'j', 'X');
}
Test(golden, phones_rename) {
    FORMS("phones-rename", '9', 'j', 'r');
}
Test(golden, a_phone_is_let_in) {
    for (size_t s = 0; s < NS_COUNT(sizes); s++) {
        for (int lang = 0; lang < 2; lang++) {
            for (int ascii = 0; ascii < 2; ascii++) {
                golden_household(&state, sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii);
                golden_key(&state, '9');
                golden_pairing(&state);
                check(file_name("pairing", sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii), false);
            }
        }
    }
}
Test(golden, plan) {
    FORMS("plan", '7');
}
Test(golden, plan_tiers) {
    FORMS("plan-tiers", '7', 'c');
}
Test(golden, plan_provinces) {
    FORMS("plan-provinces", '7', 'p');
}
Test(golden, plan_receipt) {
    FORMS("plan-receipt", '7', NS_KEY_ENTER);
}
Test(golden, plan_stop) {
    FORMS("plan-stop", '7', 'x');
}
Test(golden, plan_of_ontario_and_where_nothing_is_sold) {
    for (size_t s = 2; s < NS_COUNT(sizes); s++) {
        for (int lang = 0; lang < 2; lang++) {
            golden_household(&state, sizes[s][0], sizes[s][1], (enum ns_lang)lang, false);
            golden_key(&state, '7');
            memcpy(state.plan.province, "ON", 3);
            check(file_name("plan-ontario", sizes[s][0], sizes[s][1], (enum ns_lang)lang, false), false);
            state.plan.standing = NS_STANDING_SELF_HOSTED;
            state.plan.bill_count = 0;
            check(file_name("plan-not-set-up", sizes[s][0], sizes[s][1], (enum ns_lang)lang, false), false);
        }
    }
}
/* The question, with what the payment service reckoned, and the page to finish on. */
Test(golden, plan_cost_and_page) {
    for (size_t s = 0; s < NS_COUNT(sizes); s++) {
        for (int lang = 0; lang < 2; lang++) {
            for (int ascii = 0; ascii < 2; ascii++) {
                golden_household(&state, sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii);
                golden_plan_cost(&state);
                cr_assert(state.ui.overlay == NS_OVERLAY_DIALOG && !state.ui.dialog_yes, "no is chosen until somebody says yes");
                check(file_name("plan-cost", sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii), false);
                golden_household(&state, sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii);
                golden_plan_page(&state);
                check(file_name("plan-page", sizes[s][0], sizes[s][1], (enum ns_lang)lang, ascii), false);
            }
        }
    }
}
Test(golden, support) {
    FORMS("support", '0');
}
Test(golden, help) {
    FORMS("help", '2', '?');
}
Test(golden, palette) {
    FORMS("palette", ':', 't', 'h');
}
Test(golden, home_after_one_key) {
    FORMS("home-logged", 't', 'w');
}
Test(golden, log_filter) {
    FORMS("log-filter", '2', '/', 't', 'h', 'e', 'o');
}
Test(golden, log_fix) {
    FORMS("log-fix", '2', NS_KEY_ENTER, NS_KEY_LEFT, 'x');
}
Test(golden, dialog_twice) {
    FORMS("dialog", 'w', 'w');
}
Test(golden, form_add) {
    FORMS("form-add", '4', '+', NS_KEY_ENTER, 'A', NS_KEY_ENTER, NS_KEY_ENTER);
}
Test(golden, empty_home) {
    every_form("empty", NULL, 0, true);
}

Test(golden, demo_and_offline_queue_are_said_in_words) {
    for (size_t s = 0; s < NS_COUNT(sizes); s++) {
        for (int lang = 0; lang < 2; lang++) {
            golden_household(&state, sizes[s][0], sizes[s][1], (enum ns_lang)lang, false);
            state.household.demo = true;
            struct ns_cmds cmds = {0};
            const struct ns_event off = {.kind = NS_EVENT_CONNECTION, .link = NS_LINK_OFFLINE, .queued = 2};
            ns_app_step(&state, &off, &cmds);
            check(file_name("demo-offline", sizes[s][0], sizes[s][1], (enum ns_lang)lang, false), false);
        }
    }
}

Test(golden, style_maps) {
    static const struct {
        const char *name;
        uint32_t key;
    } screens[] = {{"style-home", '1'}, {"style-log", '2'}, {"style-next", '3'}, {"style-stock", '4'}, {"style-plan", '7'}, {"style-support", '0'}};
    for (size_t i = 0; i < NS_COUNT(screens); i++) {
        golden_household(&state, 24, 80, NS_LANG_EN, false);
        golden_key(&state, screens[i].key);
        check(screens[i].name, true);
    }
}

static void wizard_screen(struct ns_wizard *w, const char *what, int rows, int cols) {
    struct ns_grid grid = {0};
    struct ns_buf text = NS_BUF(64 * 1024);
    w->rows = rows;
    w->cols = cols;
    ns_view_wizard(&grid, w);
    cr_assert(ns_grid_sound(&grid));
    ns_grid_to_text(&grid, &text);
    compare(file_name(what, rows, cols, w->lang, !w->caps.unicode), &text);
    ns_buf_fini(&text);
    ns_grid_fini(&grid);
}

static void type_text(struct ns_wizard *w, const char *text, struct ns_wizard_cmd *cmd) {
    for (const char *p = text; *p != '\0'; p++) {
        const struct ns_wizard_event event = {.kind = NS_WIZARD_KEY, .key = *p == '\n' ? NS_KEY_ENTER : (uint32_t)*p};
        ns_wizard_step(w, &event, cmd);
    }
}

static const char *const recovery[] = {"maple", "otter", "lamp", "river", "stone", "apple", "candle", "forest",
                                       "window", "pencil", "harbour", "violin", "meadow", "copper", "blanket", "thunder",
                                       "garden", "pillow", "anchor", "silver", "lantern", "orchard", "feather", "compass"};

Test(golden, wizard_from_first_to_last_step) {
    for (int lang = 0; lang < 2; lang++) {
        struct ns_wizard w;
        struct ns_wizard_cmd cmd;
        const struct ns_wizard_setup setup = {.lang = (enum ns_lang)lang, .caps = {.unicode = true},
                                              .today = ns_date_of((struct ns_civil){2026, 3, 13}), .seed = 7};
        ns_wizard_init(&w, &setup);
        wizard_screen(&w, "wizard-1", 24, 80);
        type_text(&w, "\n", &cmd);
        type_text(&w, "q\nAlex", &cmd);
        wizard_screen(&w, "wizard-2", 24, 80);
        type_text(&w, "\ncorrect horse lamp\ncorrect horse lamb\n", &cmd);
        wizard_screen(&w, "wizard-3", 24, 80);
        type_text(&w, "\x7f", &cmd);
        type_text(&w, "p\n", &cmd);
        cr_assert_eq(cmd.kind, NS_WIZARD_CMD_CREATE);
        const struct ns_wizard_event got = {.kind = NS_WIZARD_GOT_WORDS, .words = recovery, .word_count = 24};
        ns_wizard_step(&w, &got, &cmd);
        wizard_screen(&w, "wizard-4", 24, 80);
        wizard_screen(&w, "wizard-4", 16, 60);
        type_text(&w, "\n", &cmd);
        wizard_screen(&w, "wizard-5", 24, 80);
        for (int i = 0; i < NS_WIZARD_ASKED; i++) {
            type_text(&w, recovery[w.asked[i]], &cmd);
            type_text(&w, "\n", &cmd);
        }
        wizard_screen(&w, "wizard-6", 24, 80);
        type_text(&w, " \n", &cmd);
        const struct ns_wizard_event done = {.kind = NS_WIZARD_DONE};
        ns_wizard_step(&w, &done, &cmd);
        type_text(&w, "Mila\n2025-11-02\n", &cmd);
        wizard_screen(&w, "wizard-7", 24, 80);
        type_text(&w, "\n", &cmd);
        ns_wizard_step(&w, &done, &cmd);
        type_text(&w, "38\nSoftNest", &cmd);
        wizard_screen(&w, "wizard-8", 24, 80);
        type_text(&w, "\n", &cmd);
        ns_wizard_step(&w, &done, &cmd);
        type_text(&w, "/home/alex/babybuddy-export.csv", &cmd);
        wizard_screen(&w, "wizard-9", 24, 80);
        type_text(&w, "\n", &cmd);
        cr_assert_eq(cmd.kind, NS_WIZARD_CMD_STAGE);
        const struct ns_wizard_preview preview = {.present = true, .file = "babybuddy-export.csv", .format = "Baby Buddy",
                                                  .day_order = "ISO", .first = w.today - 120, .last = w.today - 1,
                                                  .days = 120, .changes = 1034, .gaps = 3, .duplicates = 2, .refused = 1,
                                                  .problem = {"Line 17: There is no such day in the calendar. Correct the date."},
                                                  .problem_count = 1};
        const struct ns_wizard_event staged = {.kind = NS_WIZARD_GOT_PREVIEW, .preview = &preview};
        ns_wizard_step(&w, &staged, &cmd);
        wizard_screen(&w, "wizard-10", 24, 80);
        type_text(&w, "\n", &cmd);
        cr_assert_eq(cmd.kind, NS_WIZARD_CMD_COMMIT);
        ns_wizard_step(&w, &done, &cmd);
        wizard_screen(&w, "wizard-11", 24, 80);
        ns_wizard_fini(&w);
    }
}
