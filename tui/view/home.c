/* home.c: when does each child run out, what needs a look, what was logged last. */
#include "tui/app/layout.h"
#include "tui/view/screens.h"

#include <stdio.h>
#include <string.h>

#define CARD_ROWS 6
#define COMPACT_ROWS 3 /* name, what is left, when it runs out */

/* Which children stand on the screen, and how. */
struct cards {
    int rows;  /* of one card */
    int gap;   /* between two */
    int lines; /* of cards */
    int first; /* child */
    int shown;
    int used; /* rows, with the line that tells of the others */
};

static int cards_rows(int lines, int rows, int gap) {
    return lines <= 0 ? 0 : lines * rows + (lines - 1) * gap;
}

/* `look`: rows wanted below. All children when they fit, in full or else in compact cards; what does not fit is told in a
 * line of its own. The child in focus is always there. */
static struct cards cards_of(const struct ns_app_state *state, int room, int per_line, int look) {
    static const int ways[][2] = {{CARD_ROWS, 1}, {COMPACT_ROWS, 1}, {COMPACT_ROWS, 0}};
    int count = state->child_count;
    int need = (count + per_line - 1) / per_line;
    for (size_t i = 0; i < NS_COUNT(ways); i++) {
        int spare = i == 0 && need > 1 ? look : 0; /* full cards leave room for what needs a look */
        if (cards_rows(need, ways[i][0], ways[i][1]) + spare <= room) {
            return (struct cards){ways[i][0], ways[i][1], need, 0, count, cards_rows(need, ways[i][0], ways[i][1])};
        }
    }
    struct cards c = {.rows = COMPACT_ROWS, .lines = (room - 1) / COMPACT_ROWS};
    c.lines = c.lines < 1 ? 1 : c.lines;
    c.shown = c.lines * per_line;
    c.first = state->ui.child / per_line * per_line - (c.lines - 1) * per_line;
    c.first = c.first < 0 ? 0 : c.first;
    c.shown = c.first + c.shown > count ? count - c.first : c.shown;
    c.used = cards_rows(c.lines, c.rows, 0) + 1;
    return c;
}

/* "+2 more: h l": nobody is left out without a word. */
static void draw_others(const struct ns_pen *pen, int row, int col, int more) {
    if (more > 0 && row < pen->area.rows) {
        ns_draw_fit(pen, row, col, pen->area.cols - col,
                    ns_line_plural(pen->lang, more, NS_MSG_home_more_one, NS_MSG_home_more_other).s, NS_ROLE_KEY);
    }
}

static void card_sure(const struct ns_pen *pen, int row, int col, const struct ns_app_child *child) {
    enum ns_app_confidence c = child->prediction.runout_confidence;
    if (!child->prediction.present) {
        return;
    }
    const char *word = ns_msg(pen->lang, NS_MSG_sureness);
    const char *level = ns_msg(pen->lang, ns_view_sure(c));
    int cols = ns_text_cols(pen, word) + ns_text_cols(pen, level) + 7;
    if (col + cols > pen->area.cols) {
        if (col + 6 + ns_text_cols(pen, level) > pen->area.cols) {
            return;
        }
    } else {
        col = ns_draw(pen, row, col, word, NS_ROLE_DIM) + 1;
    }
    col = ns_draw_dots(pen, row, col, (int)c + 1, 5, NS_ROLE_TEXT);
    ns_draw(pen, row, col + 1, level, NS_ROLE_TEXT);
}

static void card_title(const struct ns_pen *pen, const struct ns_app_state *state, int i) {
    const struct ns_app_child *child = &state->children[i];
    bool focus = state->ui.child == i && state->child_count > 1;
    struct ns_line about = ns_line_join(ns_view_size(state->lang, child->size).s, " \u00B7 ",
                                        ns_view_age(state->lang, child->birth, state->today).s);
    ns_draw(pen, 0, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    int room = pen->area.cols - 3 - ns_text_cols(pen, about.s);
    int col = ns_draw_fit(pen, 0, 2, room < 8 ? pen->area.cols - 2 : room,
                          ns_line_upper(child->name).s, focus ? NS_ROLE_SELECTED : NS_ROLE_TITLE);
    if (pen->area.cols - col - 2 >= 8) {
        ns_draw(pen, 0, col + 2, about.s, NS_ROLE_TEXT);
    }
}

static void card_order(const struct ns_pen *pen, int row, const struct ns_app_state *state,
                       const struct ns_app_child *child) {
    const struct ns_app_prediction *p = &child->prediction;
    if (!p->present || p->reorder_by == NS_DATE_NONE) {
        if (child->ever_stocked && p->runout != NS_DATE_NONE) {
            ns_draw_msg(pen, row, 2, NS_MSG_order_none, NS_ROLE_DIM);
        }
        return;
    }
    if (p->reorder_by <= state->today) {
        ns_draw_msg(pen, row, 2, NS_MSG_order_today, NS_ROLE_WARN);
        return;
    }
    ns_draw(pen, row, 2,
            ns_line_msg(state->lang, NS_MSG_order_by, ns_line_date(state->lang, p->reorder_by).s,
                        NULL, NULL, NULL).s,
            NS_ROLE_TEXT);
}

static void card_range(const struct ns_pen *pen, int row, const struct ns_app_state *state,
                       const struct ns_app_child *child) {
    const struct ns_app_prediction *p = &child->prediction;
    if (!p->present || p->runout == NS_DATE_NONE || p->runout_earliest == NS_DATE_NONE) {
        return;
    }
    ns_draw(pen, row, 2, ns_view_runout_range(state->lang, p).s, NS_ROLE_DIM);
}

static void card(const struct ns_pen *pen, const struct ns_app_state *state, int i) {
    const struct ns_app_child *child = &state->children[i];
    enum ns_role urgency = ns_view_urgency(state, child);
    card_title(pen, state, i);
    struct ns_line left = ns_view_left(state->lang, child);
    int bar = pen->area.cols - 5 - ns_text_cols(pen, left.s);
    bar = bar > 20 ? 20 : bar;
    int col = 2;
    int32_t days = ns_app_days_left(state, child);
    if (bar >= 6 && days != NS_APP_NUMBER_NONE) { /* full: two weeks */
        ns_draw_bar(pen, 1, 2, bar, days >= 14 ? 1000 : days * 1000 / 14, urgency);
        col = 4 + bar;
    }
    ns_draw(pen, 1, col, left.s, urgency);
    ns_draw(pen, 2, 2, ns_view_runout(pen, state, child, pen->area.cols - 2).s,
            urgency == NS_ROLE_GOOD ? NS_ROLE_TEXT : urgency);
    if (pen->area.rows < CARD_ROWS) {
        return;
    }
    card_range(pen, 3, state, child);
    int32_t rate = ns_app_rate(child);
    col = 2;
    if (rate != NS_APP_NUMBER_NONE) {
        col = ns_draw(pen, 4, 2,
                      ns_line_msg(state->lang, NS_MSG_rate, ns_line_tenths(state->lang, rate, false).s,
                                  NULL, NULL, NULL).s, NS_ROLE_TEXT) + 2;
    }
    card_sure(pen, 4, col, child);
    card_order(pen, 5, state, child);
}

/* ---- things to look at ---- */

struct look {
    const struct ns_pen *pen;
    int row;
    int rows;
};

static void look_say(struct look *look, struct ns_line line) {
    if (look->row < look->rows) {
        ns_draw(look->pen, look->row, 1, line.s, line.s[0] == '!' ? NS_ROLE_WARN : NS_ROLE_TEXT);
    }
    look->row++;
}

static void look_urgent(struct look *look, const struct ns_app_state *state,
                        const struct ns_app_child *child) {
    enum ns_lang lang = state->lang;
    int32_t days = ns_app_days_left(state, child);
    if (child->ever_stocked && child->left == 0) {
        look_say(look, ns_line_msg(lang, NS_MSG_look_out, child->name, NULL, NULL, NULL));
    } else if (days != NS_APP_NUMBER_NONE && days <= 3) {
        look_say(look, ns_line_msg(lang, NS_MSG_look_runs_out, child->name,
                                   ns_line_date(lang, state->today + days).s, NULL, NULL));
    }
    if (child->prediction.present && child->prediction.reorder_by != NS_DATE_NONE &&
        child->prediction.reorder_by <= state->today) {
        look_say(look, ns_line_msg(lang, NS_MSG_look_order, child->name, NULL, NULL, NULL));
    }
    if (child->prediction.present && child->prediction.alert) {
        look_say(look, ns_line_msg(lang, NS_MSG_look_astray, child->name, NULL, NULL, NULL));
    }
}

static void look_later(struct look *look, const struct ns_app_state *state,
                       const struct ns_app_child *child) {
    enum ns_lang lang = state->lang;
    const struct ns_app_prediction *p = &child->prediction;
    if (child->left != NS_APP_NUMBER_NONE && !child->ever_stocked) {
        look_say(look, ns_line_msg(lang, NS_MSG_look_never_stocked, child->name, NULL, NULL, NULL));
    }
    if (p->present && p->size_change != NS_APP_NUMBER_NONE && p->size_change >= 40 && p->new_size >= 0) {
        struct ns_line size = ns_line_number(p->new_size);
        struct ns_line chance = ns_line_number(p->size_change);
        look_say(look, p->size_change_on == NS_DATE_NONE
                           ? ns_line_msg(lang, NS_MSG_look_size_undated, child->name, size.s, chance.s, NULL)
                           : ns_line_msg(lang, NS_MSG_look_size, child->name, size.s,
                                         ns_line_day_month(lang, p->size_change_on).s, chance.s));
    }
    int gaps = 0;
    for (int i = 0; i < child->day_count; i++) {
        gaps += child->days[i].status == NS_DAY_GAP && child->days[i].date >= state->today - 14 &&
                child->days[i].date < state->today;
    }
    if (gaps > 0) {
        look_say(look, ns_line_msg(lang, ns_msg_plural(lang, gaps, NS_MSG_look_gaps_one, NS_MSG_look_gaps_other),
                                   child->name, ns_line_number(gaps).s, NULL, NULL));
    }
}

/* Returns the rows used. */
static int look_at(const struct ns_pen *pen, const struct ns_app_state *state, int row, int rows) {
    struct look look = {pen, row + 1, row + rows};
    ns_draw_heading(&(struct ns_pen){pen->grid, {pen->area.row, pen->area.col + 1, pen->area.rows,
                                                 pen->area.cols - 2}, pen->lang, pen->caps},
                    row, ns_msg(state->lang, NS_MSG_head_look));
    for (int i = 0; i < state->child_count; i++) {
        look_urgent(&look, state, &state->children[i]);
    }
    if (state->household.clock_old > 0) {
        look_say(&look, ns_line_msg(state->lang, NS_MSG_look_clock, ns_line_day_month(state->lang, state->household.clock_old).s,
                                    NULL, NULL, NULL));
    }
    if (state->queued > 0) {
        look_say(&look, ns_line_msg(state->lang, NS_MSG_look_queued, ns_line_number(state->queued).s,
                                    NULL, NULL, NULL));
    }
    for (int i = 0; i < state->child_count; i++) {
        look_later(&look, state, &state->children[i]);
    }
    for (int i = 0; i < state->stock_count; i++) {
        const struct ns_app_stock *lot = &state->stock[i];
        if (lot->expired && lot->remaining > 0) {
            look_say(&look, ns_line_msg(state->lang, NS_MSG_look_expired, ns_app_brand(state->lang, lot),
                                        ns_line_number(lot->remaining).s, NULL, NULL));
        }
    }
    if (look.row == row + 1) {
        ns_draw_msg(pen, look.row++, 1, NS_MSG_look_nothing, NS_ROLE_GOOD);
    }
    return (look.row < look.rows ? look.row : look.rows) - row;
}

static int today_line(const struct ns_pen *pen, const struct ns_app_state *state, int row, int col,
                      const struct ns_app_child *child) {
    int32_t week[8];
    int n = 0;
    int32_t most = 1;
    for (int i = child->day_count > 8 ? child->day_count - 8 : 0; i < child->day_count; i++) {
        bool known = child->days[i].status != NS_DAY_GAP;
        week[n] = known ? child->days[i].count : -1;
        most = known && week[n] > most ? week[n] : most;
        n++;
    }
    col = ns_draw(pen, row, col, child->name, NS_ROLE_TITLE) + 1;
    ns_draw_spark(pen, row, col, week, n, most, NS_ROLE_CHART);
    col += n + (n > 0);
    return ns_draw(pen, row, col,
                   ns_line_msg(state->lang, NS_MSG_today_n, ns_line_number(child->today_changes).s,
                               NULL, NULL, NULL).s, NS_ROLE_TEXT);
}

/* In the longest form that fits: with the kind, without it; a date or time is never cut. */
static struct ns_line last_words(const struct ns_pen *pen, const struct ns_app_state *state, int cols) {
    if (state->log_count == 0) {
        return ns_line_msg(state->lang, NS_MSG_last_none, NULL, NULL, NULL, NULL);
    }
    const struct ns_app_log *log = &state->logs[0];
    int child = ns_app_child_index(state, log->child);
    const char *name = child < 0 ? "" : state->children[child].name;
    struct ns_line who = ns_line_join(name, " ", ns_msg(state->lang, ns_kind_name(log->kind, log->leak)));
    struct ns_line when = ns_line_clock(log->minute);
    if (log->day != state->today) {
        when = ns_line_join(ns_line_day_month(state->lang, log->day).s, " ", when.s);
    }
    struct ns_line line = ns_line_msg(state->lang, NS_MSG_last_change, who.s, when.s, NULL, NULL);
    if (ns_text_cols(pen, line.s) > cols) {
        line = ns_line_msg(state->lang, NS_MSG_last_short, name, when.s, NULL, NULL);
    }
    return ns_text_cols(pen, line.s) > cols ? when : line;
}

static void wide(const struct ns_pen *body, const struct ns_app_state *state) {
    int left_cols = body->area.cols / 2;
    struct ns_pen left = ns_pen_part(body, 0, 1, body->area.rows, left_cols - 3);
    struct ns_pen right = ns_pen_part(body, 0, left_cols + 1, body->area.rows,
                                      body->area.cols - left_cols - 1);
    for (int row = 0; row < body->area.rows; row++) {
        ns_grid_put(body->grid, body->area, body->area.row + row, left_cols - 1, 0x2502, NS_ROLE_BORDER);
    }
    struct cards c = cards_of(state, left.area.rows, 1, 0);
    int row = 0;
    for (int i = c.first; i < c.first + c.shown; i++) {
        struct ns_pen pen = ns_pen_part(&left, row, 0, c.rows, left.area.cols);
        card(&pen, state, i);
        row += c.rows + c.gap;
    }
    draw_others(&left, row, 2, state->child_count - c.shown);
    row += c.gap == 0;
    if (left.area.rows - row >= 8) {
        struct ns_pen head = ns_pen_part(&left, row, 0, 1, left.area.cols);
        const struct ns_app_child *child = &state->children[state->ui.child];
        ns_draw_heading(&head, 0, ns_line_msg(state->lang, NS_MSG_head_forecast,
                                              ns_line_upper(child->name).s, NULL, NULL, NULL).s);
        struct ns_pen chart = ns_pen_part(&left, row + 1, 0, left.area.rows - row - 1, left.area.cols);
        ns_view_fan(&chart, state, child, 30);
    }
    row = look_at(&right, state, 0, right.area.rows / 3) + 1;
    struct ns_pen rest = ns_pen_part(&right, row, 1, right.area.rows - row, right.area.cols - 2);
    ns_draw_heading(&rest, 0, ns_msg(state->lang, NS_MSG_head_today));
    row = 1;
    for (int i = 0; i < state->child_count && row < rest.area.rows; i++) {
        today_line(&rest, state, row++, 0, &state->children[i]);
    }
    row++;
    if (rest.area.rows - row >= 3) {
        struct ns_pen logs = ns_pen_part(&rest, row, 0, rest.area.rows - row, rest.area.cols);
        ns_draw_heading(&logs, 0, ns_msg(state->lang, NS_MSG_head_last));
        uint16_t shown[NS_APP_LOGS];
        for (uint16_t i = 0; i < state->log_count; i++) {
            shown[i] = i;
        }
        ns_view_log_lines(&logs, state, 1, logs.area.rows - 1, shown, state->log_count, 0, -1);
    }
}

#define FOOT_ROWS 3 /* a blank, today's counts, the last change */

static void full(const struct ns_pen *body, const struct ns_app_state *state) {
    int per_row = 2;
    int card_cols = (body->area.cols - 2) / per_row;
    struct cards c = cards_of(state, body->area.rows - FOOT_ROWS, per_row, 6);
    for (int i = c.first; i < c.first + c.shown; i++) {
        int slot = i - c.first;
        int cols = state->child_count == 1 ? body->area.cols - 2 : card_cols;
        struct ns_pen pen = ns_pen_part(body, slot / per_row * (c.rows + c.gap), slot % per_row * card_cols, c.rows, cols - 1);
        card(&pen, state, i);
    }
    draw_others(body, c.used - 1, 2, state->child_count - c.shown);
    int row = c.used + (body->area.rows > 11);
    int look_rows = body->area.rows - row - 3;
    struct ns_line line = last_words(body, state, body->area.cols - 2);
    if (look_rows >= 2) {
        look_at(body, state, row, look_rows);
    }
    int last = body->area.rows - 1;
    int today_row = look_rows >= 2 ? last - 1 : last;
    if (today_row != last || body->area.cols < 60) {
        ns_draw(body, last, 1, line.s, NS_ROLE_DIM);
    }
    const char *today = ns_msg(state->lang, NS_MSG_head_today);
    int col = 1;
    if (body->area.cols >= 1 + ns_text_cols(body, today) + 2 + 2 * 29) {
        col = ns_draw(body, today_row, col, today, NS_ROLE_DIM) + 2;
    }
    for (int i = c.first; i < c.first + c.shown; i++) {
        const struct ns_app_child *child = &state->children[i];
        if (col + ns_text_cols(body, child->name) + 24 > body->area.cols) {
            break;
        }
        col = today_line(body, state, today_row, col, child) + 4;
    }
}

/* "Théo  2 d !  10 left" on one line; never cuts the days. */
static void short_line(const struct ns_pen *pen, int row, const struct ns_app_state *state, int i,
                       bool with_left) {
    const struct ns_app_child *child = &state->children[i];
    int32_t days = ns_app_days_left(state, child);
    enum ns_role urgency = ns_view_urgency(state, child);
    struct ns_line text =
        days == NS_APP_NUMBER_NONE
            ? ns_line_join("?", "", "")
            : ns_line_msg(state->lang, NS_MSG_small_days, ns_line_number(days).s, NULL, NULL, NULL);
    if (urgency == NS_ROLE_WARN || urgency == NS_ROLE_BAD) {
        text = ns_line_join(text.s, " ", "!");
    }
    if (with_left) {
        text = ns_line_join(text.s, "  ", ns_view_left(state->lang, child).s);
    }
    int cols = ns_text_cols(pen, text.s);
    bool focus = state->ui.child == i && state->child_count > 1;
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    int name_cols = pen->area.cols - cols - 4;
    int widest = 0;
    for (int k = 0; k < state->child_count; k++) {
        int c = ns_text_cols(pen, state->children[k].name);
        widest = c > widest ? c : widest;
    }
    name_cols = widest < name_cols ? widest : name_cols;
    ns_draw_fit(pen, row, 2, name_cols, child->name, focus ? NS_ROLE_SELECTED : NS_ROLE_TITLE);
    ns_draw(pen, row, 2 + name_cols + 2, text.s, urgency);
}

static void narrow(const struct ns_pen *body, const struct ns_app_state *state) {
    int each = body->area.rows / state->child_count;
    each = each > 3 ? 3 : each < 1 ? 1 : each;
    bool all = state->child_count * each <= body->area.rows;
    int visible = all ? state->child_count : body->area.rows - 1;
    int first = state->ui.child >= visible ? state->ui.child - visible + 1 : 0;
    int row = 0;
    for (int i = first; i < first + visible; i++) {
        short_line(body, row, state, i, true);
        if (each >= 2) {
            ns_draw(body, row + 1, 4, ns_view_runout(body, state, &state->children[i], body->area.cols - 4).s, NS_ROLE_TEXT);
        }
        if (each >= 3) {
            struct ns_pen line = ns_pen_part(body, row + 2, 2, 1, body->area.cols - 2);
            card_order(&line, 0, state, &state->children[i]);
        }
        row += each;
    }
    if (!all) {
        draw_others(body, row, 2, state->child_count - visible);
    } else if (body->area.rows - row >= 1) {
        ns_draw(body, body->area.rows - 1, 2, last_words(body, state, body->area.cols - 3).s, NS_ROLE_DIM);
    }
}

static void small(const struct ns_pen *body, const struct ns_app_state *state) {
    bool all = state->child_count <= body->area.rows;
    int visible = all ? state->child_count : body->area.rows > 1 ? body->area.rows - 1 : 1;
    int first = state->ui.child >= visible ? state->ui.child - visible + 1 : 0;
    for (int i = first; i < first + visible; i++) {
        short_line(body, i - first, state, i, body->area.cols >= 28);
    }
    draw_others(body, visible, 2, state->child_count - visible);
    if (state->child_count < body->area.rows) {
        ns_draw(body, body->area.rows - 1, 2, last_words(body, state, body->area.cols - 3).s, NS_ROLE_DIM);
    }
}

void ns_screen_home(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    if (form == NS_FORM_SMALL) {
        small(body, state);
    } else if (form == NS_FORM_NARROW) {
        narrow(body, state);
    } else if (body->area.cols >= 100 && body->area.rows >= 24) {
        wide(body, state);
    } else {
        full(body, state);
    }
}
