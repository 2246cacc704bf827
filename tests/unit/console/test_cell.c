/* Cells: whatever is drawn, wherever, nothing is written outside and no wide character is torn;
 * every screen holds at every size. */
#include "tests/golden/household.h"
#include "tui/theme/glyph.h"
#include "tui/view/view.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static uint32_t seed = 1;
static uint32_t next_random(uint32_t below) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

static const char *const pieces[] = {"a", "Th\u00e9o", "\u4e16\u754c", "e\u0301\u0301\u0301\u0301\u0301\u0301", "\U0001F476", "\xff\xfe", "\u200d",
                                     "\x1b[31m", "\U0001FAE8", "\U0001F1E8\U0001F1E6", "\u2588", "\u00a0", "\xe4\xb8", "\ufe0f", "0"};

Test(cell, any_text_anywhere_keeps_the_grid_sound) {
    for (int round = 0; round < 3000; round++) {
        struct ns_grid grid;
        ns_grid_init(&grid, 1 + (int)next_random(6), 1 + (int)next_random(12), next_random(4) == 0);
        for (int i = 0; i < 12; i++) {
            char text[128] = "";
            size_t n = 0;
            for (uint32_t k = next_random(5) + 1; k > 0; k--) {
                const char *piece = pieces[next_random(NS_COUNT(pieces))];
                memcpy(text + n, piece, strlen(piece));
                n += strlen(piece);
            }
            struct ns_rect clip = {(int)next_random(8) - 2, (int)next_random(14) - 2, (int)next_random(8), (int)next_random(14)};
            struct ns_grid before = {0};
            ns_grid_copy(&before, &grid);
            int row = (int)next_random(8) - 1;
            int col = (int)next_random(16) - 3;
            if (next_random(2) == 0) {
                ns_grid_text(&grid, clip, row, col, (struct ns_str){text, n}, NS_ROLE_TITLE);
            } else {
                int cols = (int)next_random(14);
                cr_assert_leq(ns_grid_fit(&grid, clip, row, col, cols, (struct ns_str){text, n}, NS_ROLE_TITLE), cols);
            }
            cr_assert(ns_grid_sound(&grid));
            struct ns_rect may = ns_rect_cut(clip, ns_grid_rect(&grid));
            for (int r = 0; r < grid.rows; r++) {
                for (int c = 0; c < grid.cols; c++) {
                    bool inside = r >= may.row && r < may.row + may.rows && c >= may.col - 1 && c <= may.col + may.cols;
                    cr_assert(inside || grid.cells[r * grid.cols + c].cp == before.cells[r * grid.cols + c].cp);
                }
            }
            ns_grid_fini(&before);
        }
        ns_grid_fini(&grid);
    }
}

static const char *drawn(struct ns_grid *grid, struct ns_buf *out) {
    ns_buf_clear(out);
    ns_grid_to_text(grid, out);
    return out->data;
}

Test(cell, a_text_that_does_not_fit_ends_with_an_ellipsis) {
    struct ns_grid grid;
    struct ns_buf out = NS_BUF(1000);
    ns_grid_init(&grid, 1, 6, false);
    ns_grid_fit(&grid, ns_grid_rect(&grid), 0, 0, 6, NS_STR("abcdefgh"), NS_ROLE_TEXT);
    cr_assert_str_eq(drawn(&grid, &out), "abcde\u2026\n");
    ns_grid_clear(&grid);
    ns_grid_fit(&grid, ns_grid_rect(&grid), 0, 0, 6, NS_STR("\u4e16\u754c\u4e16\u754c"), NS_ROLE_TEXT);
    cr_assert_str_eq(drawn(&grid, &out), "\u4e16\u754c\u2026\n");
    ns_grid_fini(&grid);
    ns_buf_fini(&out);
}

Test(cell, writing_over_half_of_a_wide_character_blanks_the_other) {
    struct ns_grid grid;
    struct ns_buf out = NS_BUF(1000);
    ns_grid_init(&grid, 1, 5, false);
    ns_grid_text(&grid, ns_grid_rect(&grid), 0, 0, NS_STR("\u4e16\u754c"), NS_ROLE_TEXT);
    ns_grid_text(&grid, ns_grid_rect(&grid), 0, 1, NS_STR("x"), NS_ROLE_TEXT);
    cr_assert_str_eq(drawn(&grid, &out), " x\u754c\n");
    ns_grid_fini(&grid);
    ns_buf_fini(&out);
}

static void count_cells(void *self, int row, int col, const struct ns_cell *cell) {
    (void)row;
    (void)col;
    (void)cell;
    ++*(int *)self;
}

Test(cell, the_difference_of_two_grids_is_what_changed) {
    struct ns_grid a;
    struct ns_grid b = {0};
    int seen = 0;
    ns_grid_init(&a, 3, 20, false);
    ns_grid_copy(&b, &a);
    cr_assert_eq(ns_grid_diff(&a, &b, count_cells, &seen), 0);
    ns_grid_text(&b, ns_grid_rect(&b), 1, 2, NS_STR("abc"), NS_ROLE_TEXT);
    cr_assert_eq(ns_grid_diff(&a, &b, count_cells, &seen), 3);
    cr_assert_eq(seen, 3);
    ns_grid_role(&b, (struct ns_rect){0, 0, 1, 20}, NS_ROLE_BAD);
    cr_assert_eq(ns_grid_diff(&a, &b, count_cells, &seen), 23);
    ns_grid_fini(&a);
    ns_grid_fini(&b);
}

static struct ns_app_state state;

Test(cell, every_screen_and_overlay_is_sound_at_every_size) {
    static const uint32_t keys[][3] = {{'1'}, {'2'}, {'3'}, {'3', 'v'}, {'4'}, {'0'}, {'?'}, {':', 'a'}, {'4', '+'}, {'4', 'X'}, {'w', 'w'}, {'!'}};
    for (int rows = 1; rows <= 40; rows += rows < 16 ? 1 : 5) {
        for (int cols = 1; cols <= 130; cols += cols < 8 ? 1 : 7) {
            for (size_t k = 0; k < NS_COUNT(keys); k++) {
                struct ns_grid grid = {0};
                golden_household(&state, rows, cols, (enum ns_lang)((rows + cols) % 2), rows % 3 == 0);
                for (size_t i = 0; i < 3 && keys[k][i] != 0; i++) {
                    golden_key(&state, keys[k][i]);
                }
                ns_view_draw(&grid, &state);
                cr_assert(ns_grid_sound(&grid), "%dx%d, screen %zu", cols, rows, k);
                ns_grid_fini(&grid);
            }
        }
    }
}

Test(cell, every_glyph_the_catalogue_uses_has_an_ascii_twin) {
    for (int i = 1; i < NS_MSG_COUNT; i++) {
        for (int lang = 0; lang < 2; lang++) {
            struct ns_grid grid;
            struct ns_buf out = NS_BUF(8000);
            const char *text = ns_msg((enum ns_lang)lang, (enum ns_msg)i);
            ns_grid_init(&grid, 1, 900, true);
            ns_grid_text(&grid, ns_grid_rect(&grid), 0, 0, ns_str_of(text), NS_ROLE_TEXT);
            ns_grid_to_text(&grid, &out);
            int asked = 0;
            int wanted = 0;
            for (const char *p = text; *p != '\0'; p++) {
                wanted += *p == '?';
            }
            for (size_t k = 0; k < out.len; k++) {
                asked += out.data[k] == '?';
            }
            cr_assert_eq(asked, wanted, "%s: %s", ns_msg_key((enum ns_msg)i), out.data);
            ns_buf_fini(&out);
            ns_grid_fini(&grid);
        }
    }
}

Test(cell, every_theme_differs_by_attribute_without_colour) {
    for (int theme = 0; theme < NS_THEME_COUNT; theme++) {
        struct ns_style good = ns_theme_style((enum ns_theme)theme, NS_ROLE_GOOD, 0);
        struct ns_style bad = ns_theme_style((enum ns_theme)theme, NS_ROLE_BAD, 0);
        struct ns_style warn = ns_theme_style((enum ns_theme)theme, NS_ROLE_WARN, 0);
        cr_assert(good.attrs != bad.attrs && good.attrs != warn.attrs && warn.attrs != bad.attrs);
        for (int role = 0; role < NS_ROLE_COUNT; role++) {
            cr_assert_lt(ns_theme_style((enum ns_theme)theme, (enum ns_role)role, 8).fg, 8);
            cr_assert_lt(ns_theme_style((enum ns_theme)theme, (enum ns_role)role, 16).fg, 16);
        }
    }
}
