/* overlay.c: help, palette, dialogs, forms and the lock, drawn over the screen. */
#include "tui/app/layout.h"
#include "tui/keys/keys.h"
#include "tui/view/screens.h"

#include <stdio.h>
#include <string.h>

static void key_line(const struct ns_pen *pen, int row, const struct ns_app_state *state, uint16_t index, bool focus) {
    const struct ns_key_row *k = &ns_key_rows[index];
    char name[12];
    char second[12];
    ns_key_name(state->lang, k->key, name);
    struct ns_line keys = ns_line_join(name, "", "");
    if (k->key2 != 0) {
        ns_key_name(state->lang, k->key2, second);
        keys = ns_line_join(name, " ", second);
    }
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw_fit(pen, row, 2, 9, keys.s, NS_ROLE_KEY);
    ns_draw(pen, row, 12, ns_msg(state->lang, k->help), focus ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
}

static void key_list(const struct ns_pen *pen, const struct ns_app_state *state, int row, const uint16_t *rows,
                     int count, int focus) {
    int visible = pen->area.rows - row;
    int top = focus - visible / 2;
    top = top > count - visible ? count - visible : top;
    top = top < 0 ? 0 : top;
    for (int i = 0; i < visible && top + i < count; i++) {
        key_line(pen, row + i, state, rows[top + i], top + i == focus);
    }
    if (top > 0) { /* there is more this way */
        ns_draw(pen, row, pen->area.cols - 1, "\u2191", NS_ROLE_KEY);
    }
    if (top + visible < count) {
        ns_draw(pen, row + visible - 1, pen->area.cols - 1, "\u2193", NS_ROLE_KEY);
    }
}

static void help(const struct ns_pen *screen, const struct ns_app_state *state) {
    uint16_t rows[64];
    int count = (int)ns_app_help_rows(state, rows, NS_COUNT(rows));
    int extra = state->child_count > 1 && !state->support_only;
    struct ns_pen in = ns_draw_box(screen, count + 2 + extra, 76, ns_msg(state->lang, NS_MSG_help_title));
    if (extra) {
        struct ns_line letters = {0};
        for (int i = 0; i < state->child_count; i++) {
            char letter[2] = {(char)ns_app_child_letter(state, i), 0};
            letters = ns_line_join(letters.s, "  ", ns_line_join(letter, " ", state->children[i].name).s);
        }
        ns_draw(&in, 0, 2, ns_line_msg(state->lang, NS_MSG_help_letters, letters.s, NULL, NULL, NULL).s, NS_ROLE_DIM);
    }
    key_list(&in, state, extra, rows, count, state->ui.help_row);
}

static void palette(const struct ns_pen *screen, const struct ns_app_state *state) {
    uint16_t rows[64];
    int count = (int)ns_app_palette_rows(state, rows, NS_COUNT(rows));
    struct ns_pen in = ns_draw_box(screen, 14, 72, ns_msg(state->lang, NS_MSG_palette_title));
    int col = ns_draw(&in, 0, 0, ":", NS_ROLE_KEY) + 1;
    col = ns_draw_fit(&in, 0, col, in.area.cols - col - 1, state->ui.palette.text, NS_ROLE_FIELD);
    ns_draw(&in, 0, col, "_", NS_ROLE_KEY);
    if (count == 0) {
        ns_draw_msg(&in, 1, 2, NS_MSG_palette_none, NS_ROLE_DIM);
    }
    key_list(&in, state, 1, rows, count, state->ui.palette_row);
}

static void button(const struct ns_pen *pen, int row, int *col, const char *key, const char *label, bool chosen) {
    *col = ns_draw(pen, row, *col, chosen ? "\u25B8" : " ", NS_ROLE_KEY) + 1;
    *col = ns_draw(pen, row, *col, key, NS_ROLE_KEY) + 1;
    *col = ns_draw(pen, row, *col, label, chosen ? NS_ROLE_SELECTED : NS_ROLE_TEXT) + 4;
}

void ns_view_yes_no(const struct ns_pen *in, const struct ns_app_state *state) {
    int col = 0;
    int row = in->area.rows - 1;
    button(in, row, &col, "n", ns_msg(state->lang, NS_MSG_dialog_no), !state->ui.dialog_yes);
    button(in, row, &col, ns_msg(state->lang, NS_MSG_dialog_yes_key), ns_msg(state->lang, NS_MSG_dialog_yes), state->ui.dialog_yes);
}

static struct ns_line device_question(const struct ns_app_state *state, enum ns_msg *title) {
    const struct ns_app_network *n = &state->network;
    enum ns_lang lang = state->lang;
    if (state->ui.dialog == NS_DIALOG_NETWORK) {
        bool on = n->interface[0] != '\0';
        *title = NS_MSG_dialog_network_title;
        return on ? ns_line_msg(lang, NS_MSG_dialog_network_off, n->interface, NULL, NULL, NULL)
                  : ns_line_msg(lang, NS_MSG_dialog_network_on, n->choice[state->ui.network_choice], NULL, NULL, NULL);
    }
    *title = NS_MSG_dialog_revoke_title;
    if (state->ui.dialog == NS_DIALOG_PANIC) {
        return ns_line_msg(lang, NS_MSG_dialog_panic, NULL, NULL, NULL, NULL);
    }
    for (int i = 0; i < n->device_count; i++) {
        if (ns_id_eq(n->device[i].id, state->ui.form_item)) {
            return ns_line_msg(lang, NS_MSG_dialog_revoke, n->device[i].name, NULL, NULL, NULL);
        }
    }
    return (struct ns_line){0};
}

static void dialog(const struct ns_pen *screen, const struct ns_app_state *state) {
    enum ns_lang lang = state->lang;
    struct ns_line text = {0};
    enum ns_msg title = NS_MSG_dialog_twice_title;
    if (state->ui.dialog >= NS_DIALOG_PLAN) {
        ns_view_plan_dialog(screen, state);
        return;
    }
    if (state->ui.dialog == NS_DIALOG_TWICE) {
        text = ns_line_msg(lang, NS_MSG_dialog_twice, state->children[state->ui.child].name,
                           ns_msg(lang, ns_kind_name(state->ui.dialog_kind, state->ui.leak)), NULL, NULL);
    } else if (state->ui.dialog >= NS_DIALOG_REVOKE) {
        text = device_question(state, &title);
    } else {
        title = NS_MSG_dialog_finish_title;
        for (int i = 0; i < state->stock_count; i++) {
            if (ns_id_eq(state->stock[i].id, state->ui.form_item)) {
                text = ns_line_msg(lang, NS_MSG_dialog_finish, ns_app_brand(lang, &state->stock[i]),
                                   ns_line_number(state->stock[i].remaining).s, NULL, NULL);
            }
        }
    }
    int cols = screen->area.cols < 64 ? screen->area.cols : 60;
    int lines = ns_grid_wrap(screen->grid, ns_str_of(text.s), cols - 4, NULL, NULL);
    struct ns_pen in = ns_draw_box(screen, lines + 4 > screen->area.rows ? screen->area.rows : lines + 4, cols,
                                   ns_msg(lang, title));
    int row = in.area.rows - 1; /* the buttons are there even when the text is not */
    if (row > 0) {
        struct ns_pen words = ns_pen_part(&in, 0, 0, row, in.area.cols);
        ns_draw_wrapped(&words, 0, 0, words.area.cols, text.s, NS_ROLE_TEXT);
    }
    ns_view_yes_no(&in, state);
}

static void field(const struct ns_pen *pen, int row, const char *label, const char *text, bool focus) {
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw_fit(pen, row, 2, 9, label, NS_ROLE_DIM);
    int room = pen->area.cols - 13;
    int col = ns_draw_fit(pen, row, 12, room, text, NS_ROLE_FIELD);
    if (focus) {
        ns_draw(pen, row, col, "_", NS_ROLE_KEY);
    }
}

static const char *brand_of(const struct ns_app_state *state, ns_id item) {
    for (int i = 0; i < state->stock_count; i++) {
        if (ns_id_eq(state->stock[i].id, item)) {
            return state->stock[i].brand;
        }
    }
    return "";
}

static void form(const struct ns_pen *screen, const struct ns_app_state *state) {
    enum ns_lang lang = state->lang;
    bool adding = state->ui.form == NS_FORM_ADD;
    struct ns_line title = adding ? ns_line_msg(lang, NS_MSG_form_add_title,
                                                ns_line_upper(state->children[state->ui.child].name).s, NULL, NULL, NULL)
                                  : ns_line_msg(lang, NS_MSG_form_count_title,
                                                brand_of(state, state->ui.form_item), NULL, NULL, NULL);
    bool renaming = state->ui.form == NS_FORM_RENAME;
    if (renaming) {
        title = ns_line_msg(lang, NS_MSG_form_rename_title, NULL, NULL, NULL, NULL);
    }
    struct ns_pen in = ns_draw_box(screen, adding ? 8 : 6, 56, title.s);
    int row = 0;
    int focus = state->ui.form_field;
    if (adding) {
        struct ns_line size = ns_line_join("\u25C2 ", "", ns_line_join(ns_view_size(lang, state->ui.form_size).s, "", " \u25B8").s);
        field(&in, row++, ns_msg(lang, NS_MSG_form_field_size), size.s, false);
        if (focus == 0) {
            ns_draw(&in, 0, 0, "\u25B8", NS_ROLE_KEY);
        }
        field(&in, row++, ns_msg(lang, NS_MSG_form_field_brand), state->ui.form_brand.text, focus == 1);
        field(&in, row++, ns_msg(lang, NS_MSG_form_field_number), state->ui.form_count.text, focus == 2);
    } else if (renaming) {
        field(&in, row++, ns_msg(lang, NS_MSG_pair_col_name), state->ui.form_brand.text, true);
    } else {
        field(&in, row++, ns_msg(lang, NS_MSG_form_field_count), state->ui.form_count.text, true);
    }
    if (state->ui.form_error != NS_MSG_NONE) {
        ns_draw_msg(&in, row + 1, 0, state->ui.form_error, NS_ROLE_BAD);
    }
    enum ns_msg keys = !adding || focus == 2 ? NS_MSG_form_keys_last : NS_MSG_form_keys;
    ns_draw_msg(&in, in.area.rows - 1, 0, keys, NS_ROLE_DIM);
}

/* A line of choices: its arrows say that left and right turn it. */
static void choice(const struct ns_pen *pen, int row, const char *label, const char *text, bool focus) {
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    int col = ns_draw_fit(pen, row, 2, 12, label, NS_ROLE_DIM);
    col = ns_draw(pen, row, 15, focus ? "\u25C2 " : "  ", NS_ROLE_KEY);
    col = ns_draw(pen, row, col, text, focus ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
    ns_draw(pen, row, col, focus ? " \u25B8" : "", NS_ROLE_KEY);
}

static void fix(const struct ns_pen *screen, const struct ns_app_state *state) {
    enum ns_lang lang = state->lang;
    const struct ns_app_log *log = &state->ui.fix;
    int child = ns_app_child_index(state, log->child);
    int focus = state->ui.fix_field;
    struct ns_pen in = ns_draw_box(screen, 9, 60, ns_msg(lang, NS_MSG_fix_title));
    struct ns_line when = log->day == state->today ? ns_line_clock(log->minute)
                                                   : ns_line_join(ns_line_date(lang, log->day).s, "  ",
                                                                  ns_line_clock(log->minute).s);
    choice(&in, 0, ns_msg(lang, NS_MSG_fix_child), child < 0 ? "?" : state->children[child].name,
           focus == NS_FIX_CHILD);
    choice(&in, 1, ns_msg(lang, NS_MSG_fix_time), when.s, focus == NS_FIX_TIME);
    choice(&in, 2, ns_msg(lang, NS_MSG_fix_kind), ns_msg(lang, ns_kind_name(log->kind, false)),
           focus == NS_FIX_KIND);
    choice(&in, 3, ns_msg(lang, NS_MSG_fix_leak),
           ns_msg(lang, log->leak ? NS_MSG_dialog_yes : NS_MSG_dialog_no), focus == NS_FIX_LEAK);
    ns_draw(&in, 4, 0, focus == NS_FIX_OUT ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw_msg(&in, 4, 2, state->ui.fix_sure ? NS_MSG_fix_out_sure : NS_MSG_fix_out,
                state->ui.fix_sure ? NS_ROLE_BAD : NS_ROLE_TEXT);
    ns_draw_msg(&in, in.area.rows - 1, 0, focus == NS_FIX_OUT ? NS_MSG_fix_keys_out : NS_MSG_fix_keys,
                NS_ROLE_DIM);
}

void ns_overlay_draw(const struct ns_pen *screen, const struct ns_app_state *state) {
    switch (state->ui.overlay) {
    case NS_OVERLAY_HELP:
        help(screen, state);
        break;
    case NS_OVERLAY_PALETTE:
        palette(screen, state);
        break;
    case NS_OVERLAY_DIALOG:
        dialog(screen, state);
        break;
    case NS_OVERLAY_FORM:
        form(screen, state);
        break;
    case NS_OVERLAY_FIX:
        fix(screen, state);
        break;
    case NS_OVERLAY_LOCKED: {
        struct ns_pen in = ns_draw_box(screen, 5, 50, ns_msg(state->lang, NS_MSG_lock_title));
        ns_draw_wrapped(&in, in.area.rows > 1 ? 1 : 0, 0, in.area.cols,
                        ns_line_msg(state->lang, NS_MSG_lock_text, ns_msg(state->lang, NS_MSG_lock_word), NULL, NULL, NULL).s,
                        NS_ROLE_TEXT);
        break;
    }
    case NS_OVERLAY_NONE:
        break;
    }
}
