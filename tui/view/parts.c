/* parts.c: words about a child that several screens use. A number that is absent becomes the
 * reason for its absence. */
#include "tui/view/screens.h"
#include "tui/widget/chart.h"

#include <string.h>

struct ns_line ns_view_size(enum ns_lang lang, int size) {
    if (size == 0) {
        return ns_line_msg(lang, NS_MSG_size_newborn, NULL, NULL, NULL, NULL);
    }
    return ns_line_msg(lang, NS_MSG_size_n, ns_line_number(size).s, NULL, NULL, NULL);
}

struct ns_line ns_view_age(enum ns_lang lang, ns_date birth, ns_date today) {
    if (birth > today) {
        return ns_line_msg(lang, NS_MSG_age_unborn, NULL, NULL, NULL, NULL);
    }
    struct ns_civil b = ns_date_civil(birth);
    struct ns_civil t = ns_date_civil(today);
    int months = (t.year - b.year) * 12 + t.month - b.month - (t.day < b.day);
    if (months < 1) {
        return ns_line_plural(lang, today - birth, NS_MSG_age_days_one, NS_MSG_age_days_other);
    }
    if (months < 24) {
        return ns_line_plural(lang, months, NS_MSG_age_months_one, NS_MSG_age_months_other);
    }
    return ns_line_plural(lang, months / 12, NS_MSG_age_years_one, NS_MSG_age_years_other);
}

struct ns_line ns_view_left(enum ns_lang lang, const struct ns_app_child *child) {
    if (child->left == NS_APP_NUMBER_NONE) {
        return ns_line_msg(lang, NS_MSG_left_unknown, NULL, NULL, NULL, NULL);
    }
    if (!child->ever_stocked) {
        return ns_line_msg(lang, NS_MSG_left_never, NULL, NULL, NULL, NULL);
    }
    if (child->left == 0) {
        return ns_line_msg(lang, NS_MSG_left_none, NULL, NULL, NULL, NULL);
    }
    return ns_line_msg(lang, NS_MSG_left_n, ns_line_number(child->left).s, NULL, NULL, NULL);
}

struct ns_line ns_view_runout(const struct ns_pen *pen, const struct ns_app_state *state,
                              const struct ns_app_child *child, int cols) {
    enum ns_lang lang = state->lang;
    if (!child->ever_stocked) {
        return ns_line_msg(lang, NS_MSG_runs_out_none, NULL, NULL, NULL, NULL);
    }
    if (!child->prediction.present) {
        return ns_line_msg(lang, NS_MSG_runs_out_waiting, NULL, NULL, NULL, NULL);
    }
    int32_t days = ns_app_days_left(state, child);
    if (days == 0) {
        return ns_line_msg(lang, NS_MSG_about_days_zero, NULL, NULL, NULL, NULL);
    }
    if (child->prediction.runout == NS_DATE_NONE) {
        return ns_line_msg(lang, NS_MSG_runs_out_beyond, NULL, NULL, NULL, NULL);
    }
    if (days == NS_APP_NUMBER_NONE) {
        return ns_line_msg(lang, NS_MSG_runs_out_waiting, NULL, NULL, NULL, NULL);
    }
    struct ns_line about = ns_line_plural(lang, days, NS_MSG_about_days_one, NS_MSG_about_days_other);
    struct ns_line line = ns_line_msg(lang, NS_MSG_runs_out, about.s,
                                      ns_line_date(lang, state->today + days).s, NULL, NULL);
    if (ns_text_cols(pen, line.s) > cols) {
        about = ns_line_msg(lang, NS_MSG_small_days, ns_line_number(days).s, NULL, NULL, NULL);
        line = ns_line_msg(lang, NS_MSG_runs_out, about.s,
                           ns_line_day_month(lang, state->today + days).s, NULL, NULL);
    }
    return ns_text_cols(pen, line.s) > cols ? about : line;
}

enum ns_msg ns_view_sure(enum ns_app_confidence confidence) {
    static const enum ns_msg words[] = {NS_MSG_sure_very_low, NS_MSG_sure_low, NS_MSG_sure_medium,
                                        NS_MSG_sure_high, NS_MSG_sure_very_high};
    return words[confidence <= NS_CONFIDENCE_VERY_HIGH ? confidence : 0];
}

struct ns_line ns_view_runout_range(enum ns_lang lang, const struct ns_app_prediction *p) {
    struct ns_line from = ns_line_day_month(lang, p->runout_earliest);
    if (p->runout_latest == NS_DATE_NONE) {
        return ns_line_msg(lang, NS_MSG_range_8_open, from.s, NULL, NULL, NULL);
    }
    if (p->runout_latest == p->runout_earliest) {
        return ns_line_msg(lang, NS_MSG_range_8_same, from.s, NULL, NULL, NULL);
    }
    return ns_line_msg(lang, NS_MSG_range_8, from.s, ns_line_day_month(lang, p->runout_latest).s, NULL, NULL);
}

enum ns_role ns_view_urgency(const struct ns_app_state *state, const struct ns_app_child *child) {
    int32_t days = ns_app_days_left(state, child);
    if (days == NS_APP_NUMBER_NONE) {
        return NS_ROLE_DIM;
    }
    return days <= 1 ? NS_ROLE_BAD : days <= 3 ? NS_ROLE_WARN : NS_ROLE_GOOD;
}

void ns_view_fan(const struct ns_pen *pen, const struct ns_app_state *state,
                 const struct ns_app_child *child, int back) {
    int32_t history[NS_APP_DAYS];
    int32_t mean[NS_APP_FORECAST];
    int32_t lower[NS_APP_FORECAST];
    int32_t upper[NS_APP_FORECAST];
    const struct ns_app_prediction *p = &child->prediction;
    ns_date first_ahead = p->forecast_count > 0 ? p->forecast[0].date : state->today;
    int days = 0;
    for (int i = 0; i < NS_APP_DAYS; i++) {
        history[i] = -1;
    }
    back = back > NS_APP_DAYS ? NS_APP_DAYS : back;
    for (int i = 0; i < child->day_count; i++) {
        int at = back - (first_ahead - child->days[i].date);
        if (at >= 0 && at < back && child->days[i].date < state->today &&
            child->days[i].status == NS_DAY_OK) {
            history[at] = child->days[i].count * 100;
            days++;
        }
    }
    int ahead = p->present ? p->forecast_count : 0;
    for (int i = 0; i < ahead; i++) {
        mean[i] = p->forecast[i].expected;
        lower[i] = p->forecast[i].lower;
        upper[i] = p->forecast[i].upper;
    }
    if (days == 0 && ahead == 0) {
        ns_draw_wrapped(pen, 0, 1, pen->area.cols - 2, ns_msg(state->lang, NS_MSG_next_no_history),
                        NS_ROLE_DIM);
        return;
    }
    struct ns_fan fan = {.back = back, .ahead = ahead, .history = history, .mean = mean,
                         .lower = lower, .upper = upper, .today = first_ahead,
                         .braille = state->caps.braille};
    ns_draw_fan(pen, &fan);
}
