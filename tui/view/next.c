/* next.c: the forecast of one child: chart or table, why, and how right it was. */
#include "tui/app/layout.h"
#include "tui/view/screens.h"

#include <string.h>

static int back_days(const struct ns_app_state *state) {
    static const int days[] = {60, 30, 14};
    return days[state->ui.next_span < 3 ? state->ui.next_span : 0];
}

static struct ns_line runout_words(const struct ns_app_state *state, const struct ns_app_child *child) {
    enum ns_lang lang = state->lang;
    const struct ns_app_prediction *p = &child->prediction;
    if (!child->ever_stocked) {
        return ns_line_msg(lang, NS_MSG_next_no_stock, NULL, NULL, NULL, NULL);
    }
    if (p->runout == NS_DATE_NONE) {
        return ns_line_msg(lang, NS_MSG_next_beyond, NULL, NULL, NULL, NULL);
    }
    struct ns_line line = ns_line_msg(lang, NS_MSG_next_runs_out, ns_line_date(lang, p->runout).s,
                                      NULL, NULL, NULL);
    if (p->runout_earliest != NS_DATE_NONE) {
        line = ns_line_join(line.s, "  ", ns_view_runout_range(lang, p).s);
    }
    return line;
}

static struct ns_line order_words(const struct ns_app_state *state, const struct ns_app_prediction *p) {
    if (p->reorder_by == NS_DATE_NONE) {
        return (struct ns_line){0};
    }
    if (p->reorder_by <= state->today) {
        return ns_line_msg(state->lang, NS_MSG_order_today, NULL, NULL, NULL, NULL);
    }
    return ns_line_msg(state->lang, NS_MSG_order_by, ns_line_date(state->lang, p->reorder_by).s, NULL, NULL, NULL);
}

static struct ns_line model_words(enum ns_lang lang, const struct ns_app_prediction *p) {
    static const enum ns_msg words[] = {NS_MSG_next_model_cold, NS_MSG_next_model_flat,
                                        NS_MSG_next_model_trend, NS_MSG_next_model_yearly};
    return ns_line_msg(lang, words[p->model <= NS_MODEL_YEARLY ? p->model : 0],
                       ns_line_number(p->training_points).s, NULL, NULL, NULL);
}

/* Mean of Saturdays and Sundays against the other days, in hundredths; false with under two of
 * either kind. */
static bool weekend_effect(const struct ns_app_child *child, ns_date today, int32_t *out) {
    int64_t sum[2] = {0};
    int n[2] = {0};
    for (int i = 0; i < child->day_count; i++) {
        const struct ns_app_day *day = &child->days[i];
        if (day->status == NS_DAY_OK && day->date < today) {
            int weekend = ns_date_weekday(day->date) >= 5;
            sum[weekend] += day->count * 100;
            n[weekend]++;
        }
    }
    if (n[0] < 5 || n[1] < 4) {
        return false;
    }
    *out = (int32_t)(sum[1] / n[1] - sum[0] / n[0]);
    return true;
}

static int why(const struct ns_pen *pen, const struct ns_app_state *state, const struct ns_app_child *child) {
    enum ns_lang lang = state->lang;
    const struct ns_app_prediction *p = &child->prediction;
    int row = 0;
    ns_draw(pen, row++, 0,
            ns_line_msg(lang, NS_MSG_next_head_why, ns_line_tenths(lang, p->rate, false).s, NULL, NULL, NULL).s,
            NS_ROLE_TITLE);
    ns_draw(pen, row++, 0, model_words(lang, p).s, NS_ROLE_TEXT);
    int32_t effect;
    if (weekend_effect(child, state->today, &effect)) {
        ns_draw(pen, row++, 0,
                ns_line_msg(lang, NS_MSG_next_weekend, ns_line_tenths(lang, effect, true).s, NULL, NULL, NULL).s,
                NS_ROLE_TEXT);
    }
    ns_draw(pen, row++, 0,
            ns_line_msg(lang, NS_MSG_next_demand, ns_line_number(p->demand30).s,
                        ns_line_number(p->demand30_lower).s, ns_line_number(p->demand30_upper).s, NULL).s,
            NS_ROLE_TEXT);
    if (p->size_change != NS_APP_NUMBER_NONE && p->new_size >= 0 && p->size_change >= 10) {
        struct ns_line size = ns_line_number(p->new_size);
        struct ns_line chance = ns_line_number(p->size_change);
        ns_draw(pen, row++, 0,
                (p->size_change_on == NS_DATE_NONE
                     ? ns_line_msg(lang, NS_MSG_next_size, size.s, chance.s, NULL, NULL)
                     : ns_line_msg(lang, NS_MSG_next_size_on, size.s,
                                   ns_line_day_month(lang, p->size_change_on).s, chance.s, NULL)).s,
                NS_ROLE_TEXT);
    } else {
        ns_draw_msg(pen, row++, 0, NS_MSG_next_size_none, NS_ROLE_DIM);
    }
    return row;
}

static int right(const struct ns_pen *pen, const struct ns_app_state *state, const struct ns_app_child *child) {
    enum ns_lang lang = state->lang;
    const struct ns_app_prediction *p = &child->prediction;
    int row = 0;
    ns_draw_msg(pen, row++, 0, NS_MSG_next_head_right, NS_ROLE_TITLE);
    if (p->mae == NS_APP_NUMBER_NONE) {
        ns_draw_msg(pen, row++, 0, NS_MSG_next_mae_none, NS_ROLE_DIM);
    } else {
        ns_draw(pen, row++, 0,
                ns_line_msg(lang, NS_MSG_next_mae, ns_line_tenths(lang, p->mae, false).s, NULL, NULL, NULL).s,
                NS_ROLE_TEXT);
    }
    if (p->coverage == NS_APP_NUMBER_NONE) {
        ns_draw_msg(pen, row++, 0, NS_MSG_next_cover_none, NS_ROLE_DIM);
    } else {
        ns_draw(pen, row++, 0,
                ns_line_msg(lang, NS_MSG_next_cover, ns_line_number(p->coverage).s, NULL, NULL, NULL).s,
                NS_ROLE_TEXT);
    }
    int col = ns_draw_msg(pen, row, 0, NS_MSG_sureness, NS_ROLE_DIM) + 1;
    col = ns_draw_dots(pen, row, col, (int)p->runout_confidence + 1, 5, NS_ROLE_TEXT) + 1;
    col = ns_draw_msg(pen, row, col, ns_view_sure(p->runout_confidence), NS_ROLE_TEXT) + 1;
    struct ns_line days = ns_line_plural(lang, p->training_points, NS_MSG_count_day_one, NS_MSG_count_day_other);
    ns_draw(pen, row++, col, ns_line_join("(", "", ns_line_join(days.s, "", ")").s).s, NS_ROLE_DIM);
    return row;
}

/* Days ahead in columns of figures. */
static void table(const struct ns_pen *pen, const struct ns_app_state *state, const struct ns_app_child *child) {
    const struct ns_app_prediction *p = &child->prediction;
    enum ns_lang lang = state->lang;
    int unit = 38;
    int columns = pen->area.cols / unit < 1 ? 1 : pen->area.cols / unit;
    int rows = pen->area.rows - 1;
    for (int c = 0; c < columns; c++) {
        int col = c * unit;
        if (c * rows < p->forecast_count) {
            ns_draw_msg(pen, 0, col, NS_MSG_next_t_date, NS_ROLE_DIM);
            ns_draw_right(pen, 0, col + 23, ns_msg(lang, NS_MSG_next_t_mean), NS_ROLE_DIM);
            ns_draw_right(pen, 0, col + 35, ns_msg(lang, NS_MSG_next_t_band), NS_ROLE_DIM);
        }
        for (int i = 0; i < rows && c * rows + i < p->forecast_count; i++) {
            const struct ns_app_forecast_day *day = &p->forecast[c * rows + i];
            ns_draw(pen, 1 + i, col, ns_line_date(lang, day->date).s, NS_ROLE_TEXT);
            ns_draw_right(pen, 1 + i, col + 23, ns_line_tenths(lang, day->expected, false).s, NS_ROLE_MEDIAN);
            ns_draw_right(pen, 1 + i, col + 35,
                          ns_line_join(ns_line_tenths(lang, day->lower, false).s, "\u2013",
                                       ns_line_tenths(lang, day->upper, false).s).s,
                          NS_ROLE_DIM);
        }
    }
}

/* Why the forecast is what it is, the other things on the shelf, and four questions people have. */
static void words(const struct ns_pen *pen, const struct ns_app_child *child) {
    static const enum ns_msg heads[] = {NS_MSG_next_ask_why, NS_MSG_next_ask_sick, NS_MSG_next_ask_closed,
                                        NS_MSG_next_ask_travel, NS_MSG_next_ask_second, NS_MSG_next_ask_supplies};
    const struct ns_app_answers *answers = &child->answers;
    int row = 0;
    int head = -1;
    if (answers->count == 0) {
        ns_draw_msg(pen, 0, 0, NS_MSG_next_ask_reading, NS_ROLE_DIM);
    }
    for (int i = 0; i < answers->count && row < pen->area.rows; i++) {
        if (answers->line[i].question != head) {
            head = answers->line[i].question;
            ns_draw_msg(pen, row++, 0, heads[head < (int)NS_COUNT(heads) ? head : 0], NS_ROLE_TITLE);
        }
        row += ns_draw_wrapped(pen, row, 2, pen->area.cols - 2, answers->line[i].text, NS_ROLE_TEXT);
    }
}

static struct ns_line packs_words(enum ns_lang lang, const struct ns_app_prediction *p) {
    if (p->packs == NS_APP_NUMBER_NONE || p->packs <= 0) {
        return (struct ns_line){0};
    }
    return ns_line_msg(lang, ns_msg_plural(lang, p->packs, NS_MSG_next_packs_one, NS_MSG_next_packs_other),
                       ns_line_number(p->packs).s, ns_line_number(p->pack_pieces).s, NULL, NULL);
}

static void below(const struct ns_pen *pen, const struct ns_app_state *state, const struct ns_app_child *child) {
    int half = pen->area.cols / 2;
    struct ns_pen a = ns_pen_part(pen, 0, 1, pen->area.rows - 2, half - 2);
    struct ns_pen b = ns_pen_part(pen, 0, half, pen->area.rows - 2, pen->area.cols - half - 1);
    why(&a, state, child);
    right(&b, state, child);
    enum ns_role urgency = ns_view_urgency(state, child);
    ns_draw(pen, pen->area.rows - 2, 1, runout_words(state, child).s,
            urgency == NS_ROLE_GOOD ? NS_ROLE_TEXT : urgency);
    int col = ns_draw(pen, pen->area.rows - 1, 1, order_words(state, &child->prediction).s,
                      child->prediction.reorder_by <= state->today ? NS_ROLE_WARN : NS_ROLE_TEXT);
    ns_draw(pen, pen->area.rows - 1, col > 1 ? col + 2 : 1, packs_words(state->lang, &child->prediction).s,
            NS_ROLE_TEXT);
}

void ns_screen_next(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    const struct ns_app_child *child = &state->children[state->ui.child];
    struct ns_line title = ns_line_msg(state->lang, NS_MSG_next_title, ns_line_upper(child->name).s,
                                       ns_line_number(back_days(state)).s, NULL, NULL);
    bool running = (state->predicting & 1U << state->ui.child) != 0;
    if (form == NS_FORM_SMALL) {
        ns_draw(body, 0, 1, ns_line_join(child->name, "  ", ns_view_left(state->lang, child).s).s, NS_ROLE_TITLE);
        if (body->area.rows > 1) {
            ns_draw(body, 1, 1, ns_view_runout(body, state, child, body->area.cols - 2).s, NS_ROLE_TEXT);
        }
        if (body->area.rows > 2) {
            ns_draw(body, 2, 1,
                    child->prediction.present
                        ? ns_line_msg(state->lang, NS_MSG_rate, ns_line_tenths(state->lang, child->prediction.rate, false).s,
                                      NULL, NULL, NULL).s
                        : ns_msg(state->lang, NS_MSG_next_waiting),
                    NS_ROLE_DIM);
        }
        return;
    }
    if (state->ui.next_page == NS_NEXT_TOGETHER && state->child_count > 1) {
        ns_draw_msg(body, 0, 1, NS_MSG_next_together, NS_ROLE_TITLE);
        struct ns_pen page = ns_pen_part(body, 1, 1, body->area.rows - 1, body->area.cols - 2);
        ns_view_together(&page, state);
        return;
    }
    const char *said = running                      ? ns_msg(state->lang, NS_MSG_next_running)
                       : !child->prediction.present ? ns_msg(state->lang, NS_MSG_next_waiting)
                       : child->prediction.alert    ? ns_msg(state->lang, NS_MSG_next_alert)
                                                    : "";
    int room = body->area.cols - 2 - (said[0] != '\0' ? ns_text_cols(body, said) + 2 : 0);
    bool whole = form == NS_FORM_FULL && ns_text_cols(body, title.s) <= room;
    ns_draw_fit(body, 0, 1, room, whole ? title.s : ns_line_upper(child->name).s, NS_ROLE_TITLE);
    ns_draw_right(body, 0, body->area.cols - 1, said, NS_ROLE_WARN);
    if (state->ui.next_page == NS_NEXT_WORDS) {
        struct ns_pen page = ns_pen_part(body, 1, 1, body->area.rows - 1, body->area.cols - 2);
        words(&page, child);
        return;
    }
    int low = form == NS_FORM_FULL && child->prediction.present ? 7 : 1;
    struct ns_pen chart = ns_pen_part(body, 1, 1, body->area.rows - low - 1 - (low > 1), body->area.cols - 2);
    if (state->ui.next_page == NS_NEXT_TABLE && child->prediction.present) {
        table(&chart, state, child);
    } else {
        ns_view_fan(&chart, state, child, form == NS_FORM_FULL ? back_days(state) : 20);
        if (low > 1) {
            ns_draw(body, body->area.rows - low - 1, 5,
                    ns_line_msg(state->lang, NS_MSG_next_legend, body->grid->ascii ? "=" : "\u2501",
                                body->grid->ascii ? ":" : "\u2592", NULL, NULL).s,
                    NS_ROLE_DIM);
        }
    }
    if (low > 1) {
        struct ns_pen rest = ns_pen_part(body, body->area.rows - low, 0, low, body->area.cols);
        below(&rest, state, child);
    } else {
        ns_draw(body, body->area.rows - 1, 1, ns_view_runout(body, state, child, body->area.cols - 2).s, NS_ROLE_TEXT);
    }
}
