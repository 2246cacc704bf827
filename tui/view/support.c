/* support.c: states and counts for a support person. Its argument has no place for a name. */
#include "tui/view/screens.h"

#include <string.h>

static enum ns_msg health_word(enum ns_app_health h, enum ns_role *role) {
    static const enum ns_msg words[] = {NS_MSG_state_up, NS_MSG_state_degraded, NS_MSG_state_down,
                                        NS_MSG_state_unconfigured};
    static const enum ns_role roles[] = {NS_ROLE_GOOD, NS_ROLE_WARN, NS_ROLE_BAD, NS_ROLE_DIM};
    unsigned i = h <= NS_HEALTH_UNCONFIGURED ? h : 2;
    *role = roles[i];
    return words[i];
}

static void line(const struct ns_pen *pen, int row, enum ns_msg label, bool has_health, enum ns_app_health health,
                 const char *rest) {
    int col = 11;
    ns_draw_msg(pen, row, 0, label, NS_ROLE_DIM);
    if (has_health) {
        enum ns_role role;
        enum ns_msg word = health_word(health, &role);
        col = ns_draw(pen, row, col, health == NS_HEALTH_UP ? "\u25CF" : health == NS_HEALTH_DEGRADED ? "\u25D4" : "\u25CB", role);
        col = ns_draw_msg(pen, row, col + 1, word, role) + 2;
    }
    ns_draw(pen, row, col, rest, NS_ROLE_TEXT);
}

/* A number that may be long, with the marks between thousands. */
static struct ns_line counted(enum ns_lang lang, int64_t n, enum ns_msg one, enum ns_msg other) {
    return ns_line_msg(lang, ns_msg_plural(lang, n, one, other), ns_line_fixed(lang, n, 0).s, NULL, NULL, NULL);
}

static struct ns_line agent_words(enum ns_lang lang, const struct ns_app_support *s) {
    struct ns_line up = ns_line_msg(lang, NS_MSG_support_up, ns_line_duration(lang, s->uptime_s / 60).s, NULL, NULL, NULL);
    struct ns_line text = ns_line_join(ns_line_msg(lang, NS_MSG_support_version, s->version, NULL, NULL, NULL).s, "  ", up.s);
    return ns_line_join(text.s, "  ", ns_line_plural(lang, s->connections, NS_MSG_count_connection_one, NS_MSG_count_connection_other).s);
}

static struct ns_line store_words(enum ns_lang lang, const struct ns_app_support *s) {
    struct ns_line size = ns_line_msg(lang, NS_MSG_support_store_line, ns_line_fixed(lang, (s->store_bytes + 1023) / 1024, 0).s,
                                      ns_line_number(s->schema_version).s, NULL, NULL);
    if (s->last_verified == NS_TIME_NONE) {
        return ns_line_join(size.s, "  ", ns_msg(lang, NS_MSG_support_never_verified));
    }
    char at[NS_TIME_TEXT];
    ns_time_format(s->last_verified - s->last_verified % NS_SECOND, at);
    at[10] = '\0'; /* the day (UTC) is enough here */
    return ns_line_join(size.s, "  ", ns_line_msg(lang, NS_MSG_support_verified, at, NULL, NULL, NULL).s);
}

static void problems(const struct ns_pen *pen, const struct ns_app_support *s, int row, const struct ns_list *list, int focus) {
    if (s->problem_count == 0) {
        ns_draw_msg(pen, row, 0, NS_MSG_support_no_errors, NS_ROLE_GOOD);
        return;
    }
    for (int i = 0; i < list->rows && list->top + i < s->problem_count; i++) {
        int k = list->top + i;
        bool bad = strcmp(s->problems[k].level, "error") == 0;
        struct ns_line when = ns_line_join(ns_line_day_month(pen->lang, s->problems[k].day).s, " ",
                                           ns_line_clock(s->problems[k].minute).s);
        ns_draw(pen, row + i, 0, k == focus ? "\u25B8" : " ", NS_ROLE_KEY);
        int col = ns_draw(pen, row + i, 2, when.s, NS_ROLE_DIM) + 2;
        col = col < 18 && pen->area.cols >= 60 ? 18 : col; /* columns where there is room */
        int after = ns_draw(pen, row + i, col, s->problems[k].part, bad ? NS_ROLE_BAD : NS_ROLE_WARN) + 2;
        col = after < col + 11 && pen->area.cols >= 60 ? col + 11 : after;
        ns_draw(pen, row + i, col, s->problems[k].text, NS_ROLE_TEXT);
    }
}

void ns_screen_support(const struct ns_pen *body, const struct ns_app_support *s, ns_time now, int focus,
                       const struct ns_list *list, enum ns_form form) {
    (void)now;
    enum ns_lang lang = body->lang;
    struct ns_pen pen = ns_pen_part(body, 0, 1, body->area.rows, body->area.cols - 2);
    if (!s->present) {
        ns_draw_msg(&pen, 0, 0, NS_MSG_support_reading, NS_ROLE_TEXT);
        return;
    }
    int row = 0;
    if (form == NS_FORM_FULL) {
        ns_draw_msg(&pen, 0, 0, NS_MSG_support_title, NS_ROLE_TITLE);
        ns_draw_right(&pen, 0, pen.area.cols, ns_msg(lang, NS_MSG_support_hidden), NS_ROLE_WARN);
        row = 1;
    }
    line(&pen, row++, NS_MSG_support_agent, true, s->agent, agent_words(lang, s).s);
    line(&pen, row++, NS_MSG_support_store, true, s->store, store_words(lang, s).s);
    if (form == NS_FORM_SMALL) {
        problems(&pen, s, row, list, focus);
        return;
    }
    struct ns_line run = s->forecast_ms == NS_APP_NUMBER_NONE
                             ? ns_line_msg(lang, NS_MSG_support_no_run, NULL, NULL, NULL, NULL)
                             : ns_line_msg(lang, NS_MSG_support_run, ns_line_number(s->forecast_ms).s, NULL, NULL, NULL);
    struct ns_line fresh = ns_line_msg(lang, NS_MSG_support_fresh, ns_line_number(s->predictions_fresh).s,
                                       ns_line_number(s->children).s, NULL, NULL);
    line(&pen, row++, NS_MSG_support_forecast, true,
         s->predictions_fresh >= s->children ? NS_HEALTH_UP : NS_HEALTH_DEGRADED, ns_line_join(fresh.s, "  ", run.s).s);
    line(&pen, row++, NS_MSG_support_audit, true, s->audit_intact ? NS_HEALTH_UP : NS_HEALTH_DOWN,
         ns_line_msg(lang, s->audit_intact ? NS_MSG_support_audit_ok : NS_MSG_support_audit_bad,
                     counted(lang, s->audit_count, NS_MSG_count_line_one, NS_MSG_count_line_other).s, NULL, NULL, NULL).s);
    line(&pen, row++, NS_MSG_support_records, false, NS_HEALTH_UP,
         ns_line_msg(lang, NS_MSG_support_counts,
                     ns_line_plural(lang, s->children, NS_MSG_count_child_one, NS_MSG_count_child_other).s,
                     counted(lang, s->usage_count, NS_MSG_count_change_one, NS_MSG_count_change_other).s, NULL, NULL).s);
    if (form == NS_FORM_FULL) {
        ns_draw_heading(&pen, 7, ns_msg(lang, NS_MSG_support_head_errors));
        row = 8;
    }
    problems(&pen, s, row, list, focus);
}
