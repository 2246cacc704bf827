/* together.c: all children on one page of Next: a line each, shelves they share, and the days to come
 * stacked child upon child. The lines say everything the picture does. */
#include "tui/view/screens.h"

#include <string.h>

#define AXIS 4
#define DAYS NS_APP_FORECAST

/* Each child's layer, told apart without colour too; they come round again after three. */
static const struct {
    uint32_t glyph;
    enum ns_role role;
} layers[] = {{0x2588, NS_ROLE_CHART}, {0x2592, NS_ROLE_BAND}, {0x2591, NS_ROLE_MEDIAN}};

/* What a child is expected to use on a day, in hundredths; 0 when its forecast does not reach it. */
static int32_t expected_on(const struct ns_app_child *child, ns_date day) {
    const struct ns_app_prediction *p = &child->prediction;
    for (int i = 0; p->present && i < p->forecast_count; i++) {
        if (p->forecast[i].date == day) {
            return p->forecast[i].expected;
        }
    }
    return 0;
}

static void child_line(const struct ns_pen *pen, const struct ns_app_state *state, int row, int i) {
    const struct ns_app_child *child = &state->children[i];
    enum ns_lang lang = state->lang;
    bool wide = pen->area.cols >= 76;
    int name_cols = wide ? 12 : 9;
    ns_grid_put(pen->grid, pen->area, pen->area.row + row, pen->area.col, layers[i % 3].glyph, layers[i % 3].role);
    ns_draw_fit(pen, row, 2, name_cols, child->name, i == state->ui.child ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
    int col = 3 + name_cols;
    if (!child->prediction.present) {
        ns_draw_fit(pen, row, col, pen->area.cols - col, ns_msg(lang, NS_MSG_runs_out_waiting), NS_ROLE_DIM);
        return;
    }
    const struct ns_app_prediction *p = &child->prediction;
    ns_draw(pen, row, col, ns_line_msg(lang, NS_MSG_rate, ns_line_tenths(lang, p->rate, false).s, NULL, NULL, NULL).s,
            NS_ROLE_TEXT);
    col += 11;
    if (wide) {
        ns_draw(pen, row, col,
                ns_line_msg(lang, NS_MSG_next_demand, ns_line_number(p->demand30).s,
                            ns_line_number(p->demand30_lower).s, ns_line_number(p->demand30_upper).s, NULL).s,
                NS_ROLE_DIM);
        col += 26;
    }
    int room = pen->area.cols - col;
    ns_draw_fit(pen, row, col, room, ns_view_runout(pen, state, child, room).s, ns_view_urgency(state, child));
}

/* "Mila, Théo wear size 2: 59 left together", for each size that two or more wear. */
static int shared_lines(const struct ns_pen *pen, const struct ns_app_state *state, int row) {
    int first = row;
    for (int size = 0; size <= 7; size++) {
        struct ns_line names = {0};
        int wearers = 0;
        int64_t left = 0;
        for (int i = 0; i < state->child_count; i++) {
            const struct ns_app_child *child = &state->children[i];
            if (child->size == size && child->left != NS_APP_NUMBER_NONE) {
                names = ns_line_join(names.s, ", ", child->name);
                left += child->left;
                wearers++;
            }
        }
        if (wearers > 1 && row < pen->area.rows) {
            ns_draw_fit(pen, row++, 0, pen->area.cols,
                        ns_line_msg(state->lang, NS_MSG_next_shared, names.s, ns_view_size(state->lang, size).s,
                                    ns_line_number(left).s, NULL).s,
                        NS_ROLE_TEXT);
        }
    }
    return row - first;
}

/* The sum of the middles; no range: those of the children do not add up to one. */
static void total_line(const struct ns_pen *pen, const struct ns_app_state *state, int row) {
    int64_t sum = 0;
    for (int i = 0; i < state->child_count; i++) {
        if (!state->children[i].prediction.present) {
            return;
        }
        sum += state->children[i].prediction.demand30;
    }
    ns_draw_fit(pen, row, 0, pen->area.cols,
                ns_line_msg(state->lang, NS_MSG_next_together_sum, ns_line_number(sum).s, NULL, NULL, NULL).s, NS_ROLE_TITLE);
}

static int32_t highest(const struct ns_app_state *state) {
    int32_t most = 400;
    for (int d = 0; d < DAYS; d++) {
        int32_t sum = 0;
        for (int i = 0; i < state->child_count; i++) {
            sum += expected_on(&state->children[i], state->today + d);
        }
        most = sum > most ? sum : most;
    }
    return (most + 99) / 100 * 100;
}

/* The child whose layer holds that height on that day; -1: above all of them. */
static int layer_at(const struct ns_app_state *state, ns_date day, int32_t height) {
    int32_t top = 0;
    for (int i = 0; i < state->child_count; i++) {
        top += expected_on(&state->children[i], day);
        if (height < top) {
            return i;
        }
    }
    return -1;
}

static void stack(const struct ns_pen *pen, const struct ns_app_state *state) {
    int rows = pen->area.rows - 1;
    int each = (pen->area.cols - AXIS) / DAYS;
    if (rows < 3 || each < 1) {
        return;
    }
    int32_t most = highest(state);
    int last = -1;
    for (int row = 0; row < rows; row++) {
        int32_t height = (int32_t)((int64_t)most * (2 * (rows - row) - 1) / (2 * rows));
        int whole = (height + 50) / 100;
        if (whole != last) {
            ns_draw_right(pen, row, AXIS - 1, ns_line_number(whole).s, NS_ROLE_DIM);
        }
        last = whole;
        ns_grid_put(pen->grid, pen->area, pen->area.row + row, pen->area.col + AXIS - 1, 0x2502, NS_ROLE_BORDER);
        for (int c = 0; c < DAYS * each; c++) {
            int i = layer_at(state, state->today + c / each, height);
            if (i >= 0) {
                ns_grid_put(pen->grid, pen->area, pen->area.row + row, pen->area.col + AXIS + c, layers[i % 3].glyph,
                            layers[i % 3].role);
            }
        }
    }
    ns_draw(pen, rows, AXIS, ns_line_day_month(state->lang, state->today).s, NS_ROLE_TEXT);
    ns_draw_right(pen, rows, AXIS + DAYS * each, ns_line_day_month(state->lang, state->today + DAYS - 1).s, NS_ROLE_DIM);
}

void ns_view_together(const struct ns_pen *pen, const struct ns_app_state *state) {
    int room = pen->area.rows - 1;
    bool all = state->child_count <= room;
    int shown = all ? state->child_count : room - 1;
    int from = !all && state->ui.child >= shown ? state->ui.child - shown + 1 : 0;
    int row = 0;
    for (; row < shown; row++) {
        child_line(pen, state, row, from + row);
    }
    if (!all) {
        ns_draw(pen, row++, 0, ns_line_plural(state->lang, state->child_count - shown, NS_MSG_home_more_one, NS_MSG_home_more_other).s,
                NS_ROLE_KEY);
    }
    row += shared_lines(pen, state, row);
    if (row < pen->area.rows) {
        total_line(pen, state, row++);
    }
    struct ns_pen chart = ns_pen_part(pen, row + 1, 0, pen->area.rows - row - 1, pen->area.cols);
    stack(&chart, state);
}
