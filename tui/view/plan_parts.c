/* plan_parts.c: amounts in columns, and what is asked before anything about the plan is sent. */
#include "tui/view/plan_parts.h"
#include "shared/calendar/holiday.h"

#include <stdio.h>
#include <string.h>

struct ns_line ns_view_money(enum ns_lang lang, ns_money cents) {
    struct ns_line out = {0};
    struct ns_buf text = NS_BUF(sizeof out.s - 1);
    ns_text_money(&text, lang, cents);
    (void)ns_str_copy(ns_buf_view(&text), out.s, sizeof out.s);
    ns_buf_fini(&text);
    return out;
}

struct ns_line ns_view_iso(ns_date day) {
    struct ns_line out = {0};
    if (day != NS_DATE_NONE) {
        char iso[NS_DATE_TEXT];
        ns_date_format(day, iso);
        memcpy(out.s, iso, sizeof iso);
    }
    return out;
}

void ns_view_amount(const struct ns_pen *pen, int row, int end, const char *label, ns_money cents, enum ns_role role) {
    if (row < 0 || row >= pen->area.rows) {
        return;
    }
    int from = ns_draw_right(pen, row, end, ns_view_money(pen->lang, cents).s, role);
    ns_draw_fit(pen, row, 1, from - 2, label, role);
}

/* Beside the amount, or on a row of its own when it is alone and long; returns the rows it took. */
static int why(const struct ns_pen *pen, int row, int end, const char *text, bool alone) {
    int room = pen->area.cols - end - 4;
    if (room < 20 || row >= pen->area.rows) {
        return 0;
    }
    if (alone && ns_text_cols(pen, text) > room && row + 1 < pen->area.rows) {
        ns_draw_fit(pen, row + 1, 3, pen->area.cols - 4, text, NS_ROLE_DIM);
        return 1;
    }
    ns_draw_fit(pen, row, end + 3, room, text, NS_ROLE_DIM);
    return 0;
}

int ns_view_priced(const struct ns_pen *pen, int row, int end, const char *province, ns_date day,
                   const char *label, ns_money price, enum ns_msg total_label) {
    struct ns_plan_tax_row taxes[NS_PLAN_TAX_ROWS];
    ns_money total = 0;
    int n = ns_plan_tax_rows(pen->lang, province, day, price, taxes, &total);
    ns_view_amount(pen, row, end, label, price, NS_ROLE_TEXT);
    if (n < 0) {
        const char *title = ns_province_title(province, pen->lang == NS_LANG_FR);
        ns_draw_fit(pen, row + 1, 1, pen->area.cols - 2,
                    ns_line_msg(pen->lang, NS_MSG_plan_tax_unknown, title == NULL ? province : title, NULL, NULL, NULL).s, NS_ROLE_WARN);
        return 2;
    }
    int rows = 1;
    for (int i = 0; i < n; i++) {
        ns_view_amount(pen, row + rows, end, taxes[i].label, taxes[i].cents, NS_ROLE_TEXT);
        rows += 1 + why(pen, row + rows, end, taxes[i].why, n == 1);
    }
    ns_view_amount(pen, row + rows, end, ns_msg(pen->lang, total_label), total, NS_ROLE_TITLE);
    return rows + 1;
}

void ns_view_total(const struct ns_pen *pen, int row, int end, const char *province, ns_date day, const char *label, ns_money price) {
    struct ns_plan_tax_row taxes[NS_PLAN_TAX_ROWS];
    ns_money total = price;
    if (ns_plan_tax_rows(pen->lang, province, day, price, taxes, &total) >= 0) {
        ns_view_amount(pen, row, end, label, total, NS_ROLE_TITLE);
    }
}

int ns_view_charged(const struct ns_pen *pen, int row, int end, const char *province, ns_date day,
                    const ns_money tax[NS_APP_TAXES]) {
    int rows = 0;
    for (int i = 0; i < NS_APP_TAXES; i++) {
        if (tax[i] == NS_APP_MONEY_NONE) {
            continue;
        }
        char label[60];
        struct ns_buf text = NS_BUF(sizeof label - 1);
        ns_plan_receipt_label(&text, pen->lang, province, day, i);
        (void)ns_str_copy(ns_buf_view(&text), label, sizeof label);
        ns_buf_fini(&text);
        ns_view_amount(pen, row + rows++, end, label, tax[i], NS_ROLE_TEXT);
    }
    return rows;
}

struct ns_line ns_view_standing(const struct ns_app_state *state) {
    static const enum ns_msg texts[NS_STANDING_COUNT] = {
        NS_MSG_standing_free,   NS_MSG_standing_self_hosted, NS_MSG_standing_practice, NS_MSG_standing_trial,      NS_MSG_standing_paid,
        NS_MSG_standing_ending, NS_MSG_standing_grace,       NS_MSG_standing_unpaid,   NS_MSG_standing_trial_over, NS_MSG_standing_ended};
    const struct ns_app_plan *p = &state->plan;
    return ns_line_msg(state->lang, texts[p->standing < NS_STANDING_COUNT ? p->standing : 0], ns_view_iso(p->until).s, NULL, NULL, NULL);
}

/* ---- questions ---- */

static void stop_words(const struct ns_app_state *state, struct ns_buf *out) {
    const struct ns_app_plan *p = &state->plan;
    if (p->access_until != NS_DATE_NONE) {
        NS_MSG_TO(out, state->lang, NS_MSG_plan_stop_when, ns_view_iso(p->access_until).s);
    } else {
        ns_buf_text(out, ns_msg(state->lang, NS_MSG_plan_stop_now));
    }
    ns_buf_char(out, ' ');
    for (int i = 0; i < p->lost_count; i++) {
        ns_buf_fmt(out, "%s%s", i > 0 ? ", " : "", p->lost[i]);
    }
    ns_buf_fmt(out, "%s%s", p->lost_count > 0 ? ". " : "", ns_msg(state->lang, NS_MSG_plan_cancel_keeps));
}

static const char *words(const struct ns_app_state *state, struct ns_buf *out) {
    const struct ns_app_plan *p = &state->plan;
    if (state->ui.dialog == NS_DIALOG_PLAN_STOP) {
        stop_words(state, out);
    } else if (p->standing == NS_STANDING_PRACTICE) {
        ns_buf_text(out, ns_msg(state->lang, NS_MSG_plan_practice_words));
    } else if (state->ui.dialog == NS_DIALOG_PLAN_MOVE) {
        ns_buf_text(out, ns_msg(state->lang, NS_MSG_plan_move_words));
    } else if (state->plan_answer.costs) {
        ns_buf_text(out, ns_msg(state->lang, NS_MSG_plan_change_words));
    } else {
        ns_buf_text(out, ns_msg(state->lang, NS_MSG_plan_buy_words));
    }
    return out->data == NULL ? "" : out->data;
}

/* What it costs now, as the payment service reckoned it, then each month. */
static int cost_rows(const struct ns_pen *in, const struct ns_app_state *state, const struct ns_app_tier *tier) {
    const struct ns_app_plan_answer *a = &state->plan_answer;
    bool few = in->area.rows < 12; /* the totals alone */
    int end = in->area.cols - 1;
    int row = 0;
    if (a->costs && few) {
        ns_view_amount(in, row++, end, ns_msg(state->lang, a->due < 0 ? NS_MSG_plan_credit_label : NS_MSG_plan_now_label),
                       a->due < 0 ? -a->due : a->due, NS_ROLE_TITLE);
    } else if (a->costs) {
        ns_view_amount(in, row++, end, ns_msg(state->lang, NS_MSG_plan_difference), a->subtotal, NS_ROLE_TEXT);
        row += ns_view_charged(in, row, end, state->plan.province, state->today, a->tax);
        ns_view_amount(in, row++, end, ns_msg(state->lang, a->due < 0 ? NS_MSG_plan_credit_label : NS_MSG_plan_now_label),
                       a->due < 0 ? -a->due : a->due, NS_ROLE_TITLE);
        row++;
    }
    const char *province = state->ui.dialog == NS_DIALOG_PLAN_MOVE ? ns_app_provinces[state->ui.province_row] : state->plan.province;
    ns_date day = state->plan.next_day == NS_DATE_NONE ? state->today : state->plan.next_day;
    struct ns_line label = ns_line_msg(state->lang, NS_MSG_plan_a_month, tier->name, NULL, NULL, NULL);
    if (few && a->costs) {
        ns_view_total(in, row, end, province, day, ns_msg(state->lang, NS_MSG_plan_month_total), tier->price);
        return row + 1;
    }
    if (in->area.rows < 4) {
        ns_view_total(in, row, end, province, day, label.s, tier->price);
        return row + 1;
    }
    return row + ns_view_priced(in, row, end, province, day, label.s, tier->price, NS_MSG_plan_month_total);
}

void ns_view_plan_dialog(const struct ns_pen *screen, const struct ns_app_state *state) {
    const struct ns_app_plan *p = &state->plan;
    bool stop = state->ui.dialog == NS_DIALOG_PLAN_STOP;
    struct ns_app_tier mine = {.price = p->price};
    (void)ns_str_copy(ns_str_of(p->name), mine.name, sizeof mine.name);
    const struct ns_app_tier *tier = state->ui.dialog == NS_DIALOG_PLAN ? &p->tier[state->ui.tier_row] : &mine;
    struct ns_line title = ns_line_msg(state->lang, NS_MSG_plan_stop_title, NULL, NULL, NULL, NULL);
    if (state->ui.dialog == NS_DIALOG_PLAN_MOVE) {
        const char *name = ns_province_title(ns_app_provinces[state->ui.province_row], state->lang == NS_LANG_FR);
        title = ns_line_msg(state->lang, NS_MSG_plan_move_title, ns_line_upper(name == NULL ? "" : name).s, NULL, NULL, NULL);
    } else if (!stop) {
        title = ns_line_msg(state->lang, NS_MSG_plan_take_title, ns_line_upper(tier->name).s, NULL, NULL, NULL);
    }
    struct ns_buf text = NS_BUF(1600);
    const char *said = words(state, &text);
    int cols = screen->area.cols < 68 ? screen->area.cols : 64;
    int lines = ns_grid_wrap(screen->grid, ns_str_of(said), cols - 4, NULL, NULL);
    int rows = (stop ? 0 : 5 + (state->plan_answer.costs ? 5 : 0)) + lines + 4;
    struct ns_pen in = ns_draw_box(screen, rows > screen->area.rows ? screen->area.rows : rows, cols, title.s);
    struct ns_pen above = ns_pen_part(&in, 0, 0, in.area.rows - 1, in.area.cols);
    int row = stop || in.area.rows < 2 ? 0 : cost_rows(&above, state, tier) + 1;
    if (row + 1 < in.area.rows) {
        ns_draw_wrapped(&above, row, 1, in.area.cols - 1, said, NS_ROLE_TEXT);
    }
    ns_view_yes_no(&in, state);
    ns_buf_fini(&text);
}
