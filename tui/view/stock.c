/* stock.c: what is on the shelf, as a table whose less important columns go first when narrow. */
#include "tui/app/layout.h"
#include "tui/view/screens.h"

#include <string.h>

struct columns { /* first column of each, -1: not shown */
    int what;
    int what_cols;
    int child;
    int child_cols;
    int where;
    int size;
    int left;  /* right edge */
    int lasts; /* right edge */
    int note;
};

static struct columns columns_for(int cols, int child_cols) {
    struct columns c = {.what = 2, .where = -1, .child = -1, .child_cols = child_cols, .size = -1, .lasts = -1, .note = -1};
    child_cols = child_cols < 6 ? 6 : child_cols > 12 ? 12 : child_cols;
    c.child_cols = child_cols;
    if (cols >= 70) {
        int rest = cols - 2 - (child_cols + 2) - 9 - 9 - 9 - 11;
        c.where = 2;
        int where_cols = rest / 3 > 16 ? 16 : rest / 3;
        c.what = c.where + where_cols + 1;
        c.what_cols = rest - where_cols - 2;
        c.what_cols = c.what_cols > 40 ? 40 : c.what_cols;
        c.child = c.what + c.what_cols + 1;
        c.size = c.child + child_cols + 2;
        c.left = c.size + 9 + 8;
        c.lasts = c.left + 9;
        c.note = c.lasts + 2;
    } else {
        c.left = cols - 1;
        if (cols >= 36) {
            c.child = cols - 8 - child_cols - 8;
            c.size = cols - 14;
            c.size = c.child + child_cols + 1;
        }
        c.what_cols = (c.child > 0 ? c.child : cols - 7) - c.what - 1;
    }
    return c;
}

static struct ns_line what_words(enum ns_lang lang, const struct ns_app_stock *lot) {
    struct ns_line what = ns_line_join(ns_app_brand(lang, lot), " ", lot->name);
    return lot->product == 0 ? what
                             : ns_line_join(what.s, ", ", ns_msg(lang, ns_product_name(lot->product)));
}

static struct ns_line size_words(enum ns_lang lang, const char *size) {
    if (strcmp(size, "NEWBORN") == 0) {
        return ns_line_msg(lang, NS_MSG_size_newborn, NULL, NULL, NULL, NULL);
    }
    return ns_line_join(strncmp(size, "SIZE_", 5) == 0 ? size + 5 : size, "", "");
}

static enum ns_msg note_of(const struct ns_app_state *state, const struct ns_app_stock *lot, enum ns_role *role) {
    int32_t lasts = ns_app_lasts(state, lot);
    *role = NS_ROLE_TEXT;
    if (lot->remaining == 0) {
        *role = NS_ROLE_DIM;
        return NS_MSG_stock_finished;
    }
    if (lot->expired) {
        *role = NS_ROLE_BAD;
        return NS_MSG_stock_expired;
    }
    if (lasts != NS_APP_NUMBER_NONE && lasts < 30 && lot->opened) {
        *role = NS_ROLE_WARN;
        return NS_MSG_stock_low;
    }
    return lot->opened ? NS_MSG_stock_now : NS_MSG_stock_spare;
}

static void head(const struct ns_pen *pen, const struct columns *c, int row) {
    if (c->where >= 0) {
        ns_draw_msg(pen, row, c->where, NS_MSG_stock_where, NS_ROLE_DIM);
    }
    ns_draw_msg(pen, row, c->what, NS_MSG_stock_what, NS_ROLE_DIM);
    if (c->child >= 0) {
        ns_draw_msg(pen, row, c->child, NS_MSG_stock_child, NS_ROLE_DIM);
    }
    if (c->size >= 0) {
        ns_draw_msg(pen, row, c->size, NS_MSG_stock_size, NS_ROLE_DIM);
    }
    ns_draw_right(pen, row, c->left, ns_msg(pen->lang, NS_MSG_stock_left), NS_ROLE_DIM);
    if (c->lasts >= 0) {
        ns_draw_right(pen, row, c->lasts, ns_msg(pen->lang, NS_MSG_stock_lasts), NS_ROLE_DIM);
        ns_draw_msg(pen, row, c->note, NS_MSG_stock_note, NS_ROLE_DIM);
    }
}

static void lot_row(const struct ns_pen *pen, const struct ns_app_state *state, const struct columns *c,
                    int row, const struct ns_app_stock *lot, bool focus) {
    int child = ns_app_child_index(state, lot->child);
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    if (c->where >= 0) {
        ns_draw_fit(pen, row, c->where, c->what - c->where - 1, lot->where, NS_ROLE_TEXT);
    }
    ns_draw_fit(pen, row, c->what, c->what_cols, what_words(state->lang, lot).s, NS_ROLE_TEXT);
    if (c->child >= 0) {
        ns_draw_fit(pen, row, c->child, c->child_cols, child < 0 ? "" : state->children[child].name, NS_ROLE_TEXT);
    }
    if (c->size >= 0) {
        ns_draw_fit(pen, row, c->size, c->left - c->size - 5, size_words(state->lang, lot->size).s, NS_ROLE_TEXT);
    }
    enum ns_role role;
    enum ns_msg note = note_of(state, lot, &role);
    struct ns_line left = ns_line_join(ns_line_number(lot->remaining).s, "/", ns_line_number(lot->total).s);
    if (c->lasts < 0) {
        left = ns_line_number(lot->remaining);
    }
    ns_draw_right(pen, row, c->left, left.s, role == NS_ROLE_TEXT ? NS_ROLE_TEXT : role);
    if (c->lasts >= 0) {
        int32_t lasts = ns_app_lasts(state, lot);
        struct ns_line days = lasts == NS_APP_NUMBER_NONE
                                  ? ns_line_join("\u2014", "", "")
                                  : ns_line_msg(state->lang, NS_MSG_stock_days,
                                                ns_line_fixed(state->lang, lasts, 1).s, NULL, NULL, NULL);
        ns_draw_right(pen, row, c->lasts, days.s, NS_ROLE_TEXT);
        ns_draw(pen, row, c->note, ns_msg(state->lang, note), role);
    }
    if (focus) {
        ns_grid_role(pen->grid, ns_rect_cut(pen->area, (struct ns_rect){pen->area.row + row, pen->area.col, 1,
                                                                        pen->area.cols}), NS_ROLE_SELECTED);
    }
}

static void sums(const struct ns_pen *body, const struct ns_app_state *state, int row) {
    int first = state->ui.child > 0 && state->child_count > 2 ? state->ui.child - 1 : 0;
    for (int i = first; i < state->child_count && row < body->area.rows; i++, row++) {
        const struct ns_app_child *child = &state->children[i];
        int32_t days = ns_app_days_left(state, child);
        struct ns_line size = child->size == 0 ? ns_view_size(state->lang, 0) : ns_line_number(child->size);
        if (child->left == NS_APP_NUMBER_NONE) {
            continue;
        }
        struct ns_line line =
            days == NS_APP_NUMBER_NONE
                ? ns_line_msg(state->lang, NS_MSG_stock_sum_norate, child->name, ns_line_number(child->left).s, size.s, NULL)
                : ns_line_msg(state->lang, NS_MSG_stock_sum, child->name, ns_line_number(child->left).s, size.s,
                              ns_line_plural(state->lang, days, NS_MSG_count_day_one, NS_MSG_count_day_other).s);
        ns_draw(body, row, 1, line.s, ns_view_urgency(state, child));
    }
}

void ns_screen_stock(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    uint16_t shown[NS_APP_STOCK];
    int count = (int)ns_app_stock_shown(state, shown, NS_APP_STOCK);
    struct ns_list list;
    ns_list_of(state, &list);
    int row = 0;
    int child_cols = 0;
    for (int i = 0; i < state->child_count; i++) {
        int cols = ns_text_cols(body, state->children[i].name);
        child_cols = cols > child_cols ? cols : child_cols;
    }
    struct columns c = columns_for(body->area.cols - 2, child_cols);
    if (form == NS_FORM_FULL) {
        static const enum ns_msg sorts[] = {NS_MSG_sort_stored, NS_MSG_sort_left, NS_MSG_sort_brand};
        ns_draw_msg(body, 0, 1, NS_MSG_stock_head, NS_ROLE_TITLE);
        ns_draw_right(body, 0, body->area.cols - 1,
                      ns_line_msg(state->lang, NS_MSG_stock_sort,
                                  ns_msg(state->lang, sorts[state->ui.stock_sort < 3 ? state->ui.stock_sort : 0]),
                                  NULL, NULL, NULL).s, NS_ROLE_DIM);
        row = 1;
        sums(body, state, body->area.rows - 2);
    }
    struct ns_pen lines = ns_pen_part(body, 0, 1, body->area.rows, body->area.cols - 2);
    if (form != NS_FORM_SMALL) {
        head(&lines, &c, row++);
    }
    if (count == 0) {
        ns_draw_wrapped(&lines, row, 1, lines.area.cols - 2,
                        ns_msg(state->lang, state->ui.filter.len > 0 ? NS_MSG_log_filter_empty
                                            : state->stock_read      ? NS_MSG_stock_empty
                                                                     : NS_MSG_empty_reading),
                        NS_ROLE_TEXT);
        return;
    }
    for (int i = 0; i < list.rows && list.top + i < count; i++) {
        lot_row(&lines, state, &c, row + i, &state->stock[shown[list.top + i]], list.top + i == list.focus);
    }
}
