/* log.c: log a change, and what was logged. */
#include "tui/app/layout.h"
#include "tui/keys/keys.h"
#include "tui/view/screens.h"

#include <string.h>

static int draw_children(const struct ns_pen *body, const struct ns_app_state *state, int row, int end) {
    int col = ns_draw_msg(body, row, 1, NS_MSG_log_for, NS_ROLE_DIM) + 1;
    int first = state->ui.child > 2 ? state->ui.child - 2 : 0;
    for (int i = first; i < state->child_count; i++) {
        bool focus = state->ui.child == i;
        struct ns_line name = ns_line_upper(state->children[i].name);
        char letter[4] = {'(', (char)ns_app_child_letter(state, i), ')', 0};
        if (state->child_count == 1) {
            letter[0] = 0;
        }
        int cols = 2 + ns_text_cols(body, name.s) + (letter[0] ? 4 : 0);
        if (col + cols > end) {
            if (focus) {
                ns_draw_fit(body, row, col, end - col, name.s, NS_ROLE_SELECTED);
            }
            break;
        }
        col = ns_draw(body, row, col, focus ? "\u25B8" : " ", NS_ROLE_KEY) + 1;
        col = ns_draw(body, row, col, name.s, focus ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
        if (letter[0] != 0) {
            col = ns_draw(body, row, col + 1, letter, NS_ROLE_KEY);
        }
        col += 2;
    }
    return col;
}

static struct ns_line time_words(const struct ns_app_state *state) {
    if (state->ui.back_minutes == 0) {
        return ns_line_msg(state->lang, NS_MSG_log_time_now, NULL, NULL, NULL, NULL);
    }
    int minute = (state->minute - state->ui.back_minutes + 2880) % 1440;
    return ns_line_msg(state->lang, NS_MSG_log_time_back,
                       ns_line_duration(state->lang, state->ui.back_minutes).s,
                       ns_line_clock(minute).s, NULL, NULL);
}

static void draw_kinds(const struct ns_pen *body, const struct ns_app_state *state, int row) {
    static const enum ns_action acts[] = {NS_ACT_LOG_WET, NS_ACT_LOG_DIRTY, NS_ACT_LOG_BOTH,
                                          NS_ACT_LOG_DRY, NS_ACT_LEAK, NS_ACT_AGAIN, NS_ACT_TWICE};
    int per_row = 4;
    int width = (body->area.cols - 6) / per_row;
    width = width > 20 ? 20 : width;
    for (size_t a = 0; a < NS_COUNT(acts); a++) {
        for (size_t i = 0; i < ns_key_count; i++) {
            if (ns_key_rows[i].action != acts[a]) {
                continue;
            }
            char name[12];
            ns_key_name(state->lang, ns_key_rows[i].key, name);
            int col = 5 + (int)(a % (size_t)per_row) * width;
            bool armed = (acts[a] == NS_ACT_LEAK && state->ui.leak) ||
                         (acts[a] == NS_ACT_TWICE && state->ui.times == 2);
            int after = ns_draw(body, row + (int)a / per_row, col, name, NS_ROLE_KEY) + 2;
            ns_draw(body, row + (int)a / per_row, after, ns_msg(state->lang, ns_key_rows[i].label),
                    armed ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
        }
    }
}

static void log_line(const struct ns_pen *pen, const struct ns_app_state *state, int row,
                     const struct ns_app_log *log, bool focus, int name_cols, int kind_cols) {
    int child = ns_app_child_index(state, log->child);
    bool narrow = pen->area.cols < 60;
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    int col = 2;
    if (log->day != state->today) {
        struct ns_line day = narrow ? ns_line_day_month(state->lang, log->day)
                                    : ns_line_date(state->lang, log->day);
        ns_draw(pen, row, col, day.s, NS_ROLE_DIM);
    } else if (!narrow) {
        ns_draw_msg(pen, row, col, NS_MSG_log_today, NS_ROLE_DIM);
    }
    col += narrow ? 9 : 14;
    ns_draw(pen, row, col, ns_line_clock(log->minute).s, NS_ROLE_TEXT);
    col += 7;
    ns_draw_fit(pen, row, col, name_cols, child < 0 ? "?" : state->children[child].name, NS_ROLE_TITLE);
    col += name_cols + 2;
    ns_draw_fit(pen, row, col, kind_cols, ns_msg(state->lang, ns_kind_name(log->kind, log->leak)),
                log->leak ? NS_ROLE_WARN : NS_ROLE_TEXT);
    col += kind_cols + 2;
    if (log->state == NS_LOG_SENDING || log->state == NS_LOG_QUEUED) {
        ns_draw_msg(pen, row, col, log->state == NS_LOG_SENDING ? NS_MSG_log_sending : NS_MSG_log_queued,
                    NS_ROLE_WARN);
    } else if (log->by[0] != '\0' && pen->area.cols - col >= 8) {
        ns_draw(pen, row, col, ns_line_msg(state->lang, NS_MSG_log_by, log->by, NULL, NULL, NULL).s,
                NS_ROLE_DIM);
    }
    if (focus) {
        ns_grid_role(pen->grid, ns_rect_cut(pen->area, (struct ns_rect){pen->area.row + row, pen->area.col,
                                                                        1, pen->area.cols}),
                     NS_ROLE_SELECTED);
    }
}

void ns_view_log_lines(const struct ns_pen *pen, const struct ns_app_state *state, int row, int rows,
                       const uint16_t *shown, int count, int top, int focus) {
    int name_cols = 4;
    int kind_cols = 6;
    for (int i = 0; i < state->child_count; i++) {
        int cols = ns_text_cols(pen, state->children[i].name);
        name_cols = cols > name_cols ? cols : name_cols;
    }
    for (int i = 0; i < rows && top + i < count; i++) {
        const struct ns_app_log *log = &state->logs[shown[top + i]];
        int cols = ns_text_cols(pen, ns_msg(state->lang, ns_kind_name(log->kind, log->leak)));
        kind_cols = cols > kind_cols ? cols : kind_cols;
    }
    name_cols = name_cols > pen->area.cols / 4 ? pen->area.cols / 4 : name_cols;
    for (int i = 0; i < rows && top + i < count; i++) {
        log_line(pen, state, row + i, &state->logs[shown[top + i]], focus == top + i, name_cols, kind_cols);
    }
}

static void gap_line(const struct ns_pen *body, const struct ns_app_state *state, int row) {
    const struct ns_app_child *child = &state->children[state->ui.child];
    struct ns_line line =
        child->last_change == NS_TIME_NONE
            ? ns_line_msg(state->lang, NS_MSG_log_gap_none, child->name, NULL, NULL, NULL)
            : ns_line_msg(state->lang, NS_MSG_log_gap, child->name,
                          ns_line_duration(state->lang, (state->now - child->last_change) / NS_MINUTE).s,
                          ns_view_left(state->lang, child).s, NULL);
    ns_draw(body, row, 1, line.s, NS_ROLE_TEXT);
}

static void small(const struct ns_pen *body, const struct ns_app_state *state, const uint16_t *shown,
                  int count) {
    draw_children(body, state, 0, body->area.cols - 1);
    for (int i = 0; i + 1 < body->area.rows && i < count; i++) {
        const struct ns_app_log *log = &state->logs[shown[i]];
        int child = ns_app_child_index(state, log->child);
        struct ns_line what = ns_line_join(child < 0 ? "" : state->children[child].name, " ",
                                           ns_msg(state->lang, ns_kind_name(log->kind, log->leak)));
        ns_draw(body, i + 1, 1, ns_line_clock(log->minute).s, NS_ROLE_DIM);
        ns_draw(body, i + 1, 7, what.s, NS_ROLE_TEXT);
    }
}

void ns_screen_log(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    uint16_t shown[NS_APP_LOGS];
    int count = (int)ns_app_logs_shown(state, shown, NS_APP_LOGS);
    if (form == NS_FORM_SMALL) {
        small(body, state, shown, count);
        return;
    }
    struct ns_list list;
    ns_list_of(state, &list);
    struct ns_line when = time_words(state);
    int end = body->area.cols - 1;
    int row = 0;
    if (form == NS_FORM_FULL) {
        int time_col = ns_draw_right(body, 0, end, when.s, state->ui.back_minutes ? NS_ROLE_WARN : NS_ROLE_DIM);
        draw_children(body, state, 0, time_col - 1);
        draw_kinds(body, state, 2);
        struct ns_pen head = ns_pen_part(body, 0, 1, body->area.rows, body->area.cols - 2);
        ns_draw_heading(&head, 5, state->ui.filter.len > 0
                                      ? ns_line_msg(state->lang, NS_MSG_log_head_found,
                                                    ns_line_number(count).s, NULL, NULL, NULL).s
                                      : ns_msg(state->lang, NS_MSG_log_head));
        row = 6;
        gap_line(body, state, body->area.rows - 1);
    } else {
        draw_children(body, state, 0, end);
        ns_draw(body, 1, 1, when.s, state->ui.back_minutes ? NS_ROLE_WARN : NS_ROLE_DIM);
        row = 2;
    }
    struct ns_pen lines = ns_pen_part(body, row, 1, list.rows, body->area.cols - 2);
    if (count == 0) {
        ns_draw_wrapped(&lines, 0, 0, lines.area.cols,
                        ns_msg(state->lang, state->ui.filter.len > 0 ? NS_MSG_log_filter_empty : NS_MSG_log_empty),
                        NS_ROLE_TEXT);
        return;
    }
    ns_view_log_lines(&lines, state, 0, list.rows, shown, count, list.top, list.focus);
}
