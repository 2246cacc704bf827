/* view.c: the frame around every screen: state line, tabs, last act, keys. */
#include "tui/view/view.h"
#include "tui/keys/keys.h"
#include "tui/view/screens.h"

#include <string.h>

/* "● live 02:14": mark, word and role say the same thing. */
static struct ns_line link_words(const struct ns_app_state *state, bool shortly, enum ns_role *role) {
    static const char *const mark[] = {"\u25D4", "\u25CF", "\u25D4", "\u25CB", "\u25CB"};
    static const enum ns_role roles[] = {NS_ROLE_WARN, NS_ROLE_GOOD, NS_ROLE_WARN, NS_ROLE_BAD,
                                          NS_ROLE_BAD};
    unsigned i = state->link <= NS_LINK_OFFLINE ? state->link : 0;
    *role = roles[i];
    struct ns_line words;
    struct ns_line now = ns_line_clock(state->minute);
    if (state->link == NS_LINK_LIVE) {
        words = ns_line_msg(state->lang, NS_MSG_link_live, now.s, NULL, NULL, NULL);
    } else if (state->link >= NS_LINK_SILENT && state->link_minute >= 0 && !shortly) {
        words = ns_line_msg(state->lang,
                            state->link == NS_LINK_SILENT ? NS_MSG_link_silent_since
                                                          : NS_MSG_link_offline_since,
                            ns_line_clock(state->link_minute).s, NULL, NULL, NULL);
    } else {
        static const enum ns_msg plain[] = {NS_MSG_link_starting, NS_MSG_link_starting,
                                            NS_MSG_link_catching, NS_MSG_link_silent,
                                            NS_MSG_link_offline};
        words = ns_line_msg(state->lang, plain[i], NULL, NULL, NULL, NULL);
    }
    if (shortly && state->link == NS_LINK_LIVE) {
        words = now;
    }
    words = ns_line_join(mark[i], " ", words.s);
    if (state->queued > 0) {
        words = ns_line_join(words.s, shortly ? " " : " \u00B7 ",
                             ns_line_msg(state->lang, NS_MSG_link_queued,
                                         ns_line_number(state->queued).s, NULL, NULL, NULL).s);
    }
    return words;
}

static void draw_header(const struct ns_pen *screen, const struct ns_app_state *state,
                        const struct ns_layout *layout) {
    enum ns_role role;
    bool full = layout->form == NS_FORM_FULL;
    struct ns_line words = link_words(state, !full, &role);
    int right = screen->area.cols - 1;
    int free_from = ns_draw_right(screen, layout->header, right, words.s, role) - 2;
    const char *name = ns_msg(state->lang, ns_screen_name(state->ui.screen));
    struct ns_line title = full ? ns_line_join(ns_msg(state->lang, NS_MSG_app_name), " \u00B7 ", name)
                                : ns_line_join(name, "", "");
    int col = ns_draw_fit(screen, layout->header, 1, free_from - 1, title.s, NS_ROLE_TITLE) + 2;
    if (state->household.demo && !state->support_only) {
        const char *demo = ns_msg(state->lang, full ? NS_MSG_app_demo_long : NS_MSG_app_demo);
        struct ns_line padded = ns_line_join(" ", demo, " ");
        if (ns_text_cols(screen, padded.s) > free_from - col) {
            padded = ns_line_join(" ", ns_msg(state->lang, NS_MSG_app_demo), " ");
        }
        if (ns_text_cols(screen, padded.s) <= free_from - col) {
            ns_draw(screen, layout->header, col, padded.s, NS_ROLE_DEMO);
        }
    }
}

static void draw_tabs(const struct ns_pen *screen, const struct ns_app_state *state,
                      const struct ns_layout *layout) {
    static const char *const digit[NS_SCREEN_COUNT] = {" 1 ", " 2 ", " 3 ", " 4 ", " 7 ", " 9 ", " 0 "};
    for (int i = 0; i < NS_SCREEN_COUNT; i++) {
        struct ns_span tab = layout->tab[i];
        if (tab.cols == 0) {
            continue;
        }
        bool open = state->ui.screen == (enum ns_app_screen)i;
        int col = ns_draw(screen, layout->tabs, tab.col, digit[i] + layout->tight, open ? NS_ROLE_TAB : NS_ROLE_KEY);
        col = ns_draw_fit(screen, layout->tabs, col, tab.cols - (layout->tight ? 2 : 4),
                          ns_msg(state->lang, ns_screen_name((enum ns_app_screen)i)),
                          open ? NS_ROLE_TAB : NS_ROLE_TEXT);
        if (!layout->tight) {
            ns_draw(screen, layout->tabs, col, " ", open ? NS_ROLE_TAB : NS_ROLE_TEXT);
        }
    }
    ns_grid_fill(screen->grid, (struct ns_rect){layout->rule, 0, 1, screen->area.cols}, 0x2500,
                 NS_ROLE_BORDER);
}

static void draw_notice(const struct ns_pen *screen, const struct ns_app_state *state, int row) {
    static const enum ns_role roles[] = {NS_ROLE_TEXT, NS_ROLE_GOOD, NS_ROLE_WARN, NS_ROLE_BAD};
    static const char *const marks[] = {"i", "\u2713", "!", "\u2715"};
    if (state->ui.filtering || state->ui.filter.len > 0) {
        struct ns_line line = ns_line_msg(state->lang, NS_MSG_filter_line, state->ui.filter.text,
                                          NULL, NULL, NULL);
        int col = ns_draw_fit(screen, row, 1, screen->area.cols - 3, line.s, NS_ROLE_FIELD);
        if (state->ui.filtering) {
            ns_draw(screen, row, col, "_", NS_ROLE_KEY);
        }
        return;
    }
    if (!state->notice.present) {
        if (state->ui.hints && state->child_count > 0 && state->cols >= 60 && state->ui.screen <= NS_SCREEN_LOG) {
            ns_draw_fit(screen, row, 1, screen->area.cols - 2, ns_msg(state->lang, NS_MSG_hint_first),
                        NS_ROLE_DIM);
        }
        return;
    }
    int end = screen->area.cols - 1;
    if (state->notice.undo && state->undo_count > 0) {
        struct ns_line undo = ns_line_join("u ", "", ns_msg(state->lang, NS_MSG_key_undo));
        int col = end - ns_text_cols(screen, undo.s);
        if (col > 12) {
            ns_draw_key(screen, row, col, "u", ns_msg(state->lang, NS_MSG_key_undo));
            end = col - 1;
        }
    }
    enum ns_role role = roles[state->notice.tone <= NS_TONE_BAD ? state->notice.tone : 0];
    int col = ns_draw(screen, row, 1, marks[state->notice.tone <= NS_TONE_BAD ? state->notice.tone : 0], role);
    ns_draw_fit(screen, row, col + 1, end - col - 1, state->notice.text, role);
}

static int key_cols(const struct ns_pen *screen, const char *key, const char *label) {
    return ns_text_cols(screen, key) + 1 + ns_text_cols(screen, label) + 2;
}

static int one_key(const struct ns_pen *screen, const struct ns_app_state *state, int row, int col,
                   int end, const struct ns_key_row *k) {
    char name[12];
    ns_key_name(state->lang, k->key, name);
    const char *label = ns_msg(state->lang, k->label);
    if (col + key_cols(screen, name, label) - 2 > end - 1) {
        return col;
    }
    return ns_draw_key(screen, row, col, name, label) + 2;
}

/* Columns of the useful keys of a screen: those of rank 1, or help alone. */
static int keys_cols(const struct ns_pen *screen, const struct ns_app_state *state, bool first_rank) {
    int cols = 0;
    for (size_t i = 0; i < ns_key_count; i++) {
        const struct ns_key_row *k = &ns_key_rows[i];
        if ((first_rank ? k->footer == 1 : k->action == NS_ACT_HELP) && ns_app_key_useful(state, k)) {
            char name[12];
            ns_key_name(state->lang, k->key, name);
            cols += key_cols(screen, name, ns_msg(state->lang, k->label));
        }
    }
    return cols;
}

/* Most useful first; those that do not fit drop from the right, but help and the way out stay:
 * their room is kept free until they are drawn. */
static void draw_keys(const struct ns_pen *screen, const struct ns_app_state *state, int row) {
    int col = 1;
    const char *quit = ns_msg(state->lang, NS_MSG_key_quit);
    int end = screen->area.cols - key_cols(screen, "q", quit);
    int help = keys_cols(screen, state, false);
    if (state->ui.screen <= NS_SCREEN_LOG && keys_cols(screen, state, true) + help > end) {
        col = ns_draw_msg(screen, row, 1, NS_MSG_small_log, NS_ROLE_KEY) + 2; /* letters before labels */
        if (col <= end) {
            ns_draw_key(screen, row, col, "q", quit);
        }
        return;
    }
    for (unsigned rank = 1; rank <= 9; rank++) {
        for (size_t i = 0; i < ns_key_count; i++) {
            const struct ns_key_row *k = &ns_key_rows[i];
            if (k->footer == rank && k->action != NS_ACT_QUIT && ns_app_key_useful(state, k)) {
                help = k->action == NS_ACT_HELP ? 0 : help;
                col = one_key(screen, state, row, col, end - help, k);
            }
        }
        for (int i = 0; rank == 2 && !state->support_only && state->ui.screen < NS_SCREEN_PLAN &&
                        state->child_count > 1 && i < state->child_count; i++) {
            char letter[2] = {(char)ns_app_child_letter(state, i), 0};
            if (letter[0] == 0 ||
                col + key_cols(screen, letter, state->children[i].name) - 2 > end - help - 1) {
                continue;
            }
            col = ns_draw_key(screen, row, col, letter, state->children[i].name) + 2;
        }
    }
    ns_draw_key(screen, row, col, "q", quit);
}

void ns_view_empty(const struct ns_pen *body, const struct ns_app_state *state) {
    enum ns_msg msg = state->children_read || state->household.present ? NS_MSG_empty_home
                      : state->link >= NS_LINK_SILENT                  ? NS_MSG_empty_offline
                                                                       : NS_MSG_empty_reading;
    if (state->household.present && !state->children_read) {
        msg = state->link >= NS_LINK_SILENT ? NS_MSG_empty_offline : NS_MSG_empty_reading;
    }
    int row = body->area.rows > 4 ? 1 : 0;
    ns_draw_wrapped(body, row, 1, body->area.cols - 2, ns_msg(state->lang, msg), NS_ROLE_TEXT);
}

static void draw_body(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    if (state->ui.screen == NS_SCREEN_SUPPORT) {
        struct ns_list list;
        ns_list_of(state, &list);
        ns_screen_support(body, &state->support, state->now, state->ui.support_row, &list, form);
        return;
    }
    if (state->ui.screen == NS_SCREEN_PLAN) {
        ns_screen_plan(body, state, form);
        return;
    }
    if (state->ui.screen == NS_SCREEN_PAIR) {
        ns_screen_pair(body, state, form);
        return;
    }
    if (state->child_count == 0) {
        ns_view_empty(body, state);
        return;
    }
    switch (state->ui.screen) {
    case NS_SCREEN_HOME:
        ns_screen_home(body, state, form);
        break;
    case NS_SCREEN_LOG:
        ns_screen_log(body, state, form);
        break;
    case NS_SCREEN_NEXT:
        ns_screen_next(body, state, form);
        break;
    case NS_SCREEN_STOCK:
        ns_screen_stock(body, state, form);
        break;
    case NS_SCREEN_PLAN:
    case NS_SCREEN_PAIR:
    case NS_SCREEN_SUPPORT:
    case NS_SCREEN_COUNT:
        break;
    }
}

void ns_view_draw(struct ns_grid *grid, const struct ns_app_state *state) {
    int rows = state->rows < 1 ? 1 : state->rows;
    int cols = state->cols < 1 ? 1 : state->cols;
    if (grid->rows != rows || grid->cols != cols || grid->cells == NULL) {
        ns_grid_fini(grid);
        ns_grid_init(grid, rows, cols, !state->caps.unicode);
    }
    grid->ascii = !state->caps.unicode;
    ns_grid_clear(grid);
    struct ns_pen screen = {grid, ns_grid_rect(grid), state->lang, &state->caps};
    if (state->ui.overlay == NS_OVERLAY_LOCKED) {
        ns_overlay_draw(&screen, state);
        return;
    }
    struct ns_layout layout;
    ns_layout_of(state, &layout);
    if (layout.header >= 0) {
        draw_header(&screen, state, &layout);
    }
    if (layout.tabs >= 0) {
        draw_tabs(&screen, state, &layout);
    }
    struct ns_pen body = ns_pen_part(&screen, layout.body, 0, layout.body_rows, cols);
    draw_body(&body, state, layout.form);
    bool notice_on_keys = layout.notice < 0 && layout.keys >= 0 &&
                          (state->notice.present || state->ui.filtering);
    if (layout.notice >= 0 || notice_on_keys) {
        draw_notice(&screen, state, layout.notice >= 0 ? layout.notice : layout.keys);
    }
    if (layout.keys >= 0 && !notice_on_keys) {
        draw_keys(&screen, state, layout.keys);
    }
    if (state->ui.overlay != NS_OVERLAY_NONE) {
        ns_overlay_draw(&screen, state);
    }
}
