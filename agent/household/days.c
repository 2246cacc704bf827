#include "agent/household/act.h"

#define BUSY_DAY 3 /* an empty day next to a day with so many changes was forgotten, not empty */
#define LONG_RUN 7 /* so many empty days one after another were not logged, whatever came before */

/* Sums of the logged days spread over every day from first to today. */
static struct ns_usage_day *spread(const struct ns_usage_day *sums, int n, ns_date first,
                                   ns_date today, struct ns_arena *arena) {
    int count = today - first + 1;
    struct ns_usage_day *days = NS_NEW_N(arena, struct ns_usage_day, (size_t)count);
    for (int i = 0; i < count; i++) {
        days[i].date = first + i;
        days[i].status = NS_DAY_OK;
    }
    for (int i = 0; i < n; i++) {
        if (sums[i].date >= first && sums[i].date <= today) {
            days[sums[i].date - first] = sums[i];
            days[sums[i].date - first].status = NS_DAY_OK;
        }
    }
    return days;
}

/* The most changes of a day in the week that ends at i: the last day before a journey is often
 * half a day. */
static int busiest(const struct ns_usage_day *days, int i) {
    int most = 0;
    for (int j = i; j >= 0 && j > i - 7; j--) {
        most = days[j].count > most ? days[j].count : most;
    }
    return most;
}

/* Runs of empty days after a busy week and, unless they reach up to today, before a busy day; and
 * every long run. */
static void mark_gaps(struct ns_usage_day *days, int count) {
    for (int i = 1; i < count - 1; i++) {
        if (days[i].count > 0) {
            continue;
        }
        int end = i;
        while (end < count - 1 && days[end].count == 0) {
            end++;
        }
        bool open = end == count - 1; /* today is not over: it can tell nothing */
        bool within = busiest(days, i - 1) >= BUSY_DAY && (open || days[end].count >= BUSY_DAY);
        if (within || end - i >= LONG_RUN) {
            for (int j = i; j < end; j++) {
                days[j].status = NS_DAY_GAP;
            }
        }
        i = end;
    }
}

static void apply_words(struct ns_usage_day *days, int count, const struct ns_usage_day *words,
                        int n) {
    for (int i = 0; i < n && count > 0; i++) {
        int at = words[i].date - days[0].date;
        if (at >= 0 && at < count - 1) { /* today stays as it is */
            days[at].status = words[i].status;
            days[at].confirmed = true;
        }
    }
}

ns_rc ns_household_series(struct ns_db *db, ns_id child, ns_date today, struct ns_arena *arena,
                          struct ns_series *out, struct ns_err *err) {
    struct ns_usage_day *sums = NULL, *words = NULL;
    int n = 0, word_count = 0;
    *out = (struct ns_series){0};
    ns_rc rc = ns_row_day_sums(db, child, INT32_MIN + 1, today, arena, &sums, &n, err);
    if (rc == NS_OK) {
        rc = ns_row_day_words(db, child, arena, &words, &word_count, err);
    }
    if (rc != NS_OK || n == 0) {
        return rc;
    }
    struct ns_usage_day *days = spread(sums, n, sums[0].date, today, arena);
    int count = today - sums[0].date + 1;
    mark_gaps(days, count);
    days[0].status = NS_DAY_PARTIAL;
    apply_words(days, count, words, word_count);
    days[count - 1].status = NS_DAY_PARTIAL;
    out->days = days;
    out->count = count;
    return NS_OK;
}

ns_rc ns_household_usage_days(struct ns_db *db, ns_id child, ns_date today, int days_back,
                              struct ns_arena *arena, struct ns_series *out,
                              struct ns_err *err) {
    struct ns_series all;
    int count = act_clamp(days_back, 1, 4000);
    struct ns_usage_day *days = NS_NEW_N(arena, struct ns_usage_day, (size_t)count);
    ns_rc rc = ns_household_series(db, child, today, arena, &all, err);
    for (int i = 0; i < count; i++) {
        days[i] = (struct ns_usage_day){.date = today - count + 1 + i, .status = NS_DAY_GAP};
    }
    days[count - 1].status = NS_DAY_PARTIAL;
    for (int i = 0; rc == NS_OK && i < all.count; i++) {
        int at = all.days[i].date - days[0].date;
        if (at >= 0 && at < count) {
            days[at] = all.days[i];
        }
    }
    *out = (struct ns_series){days, count};
    return rc;
}

ns_rc ns_household_confirm_day(const struct ns_act *act, ns_id child, ns_date day,
                               enum ns_day_status status, struct ns_err *err) {
    struct ns_child known;
    char text[NS_DATE_TEXT];
    if (day >= ns_act_today(act)) {
        ns_date_format(day, text);
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_day_not_over, text, NULL, NULL);
    }
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = act_child(act, child, &known, err);
    if (rc == NS_OK && day < known.date_of_birth - 1) {
        ns_date_format(day, text);
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_hh_day_before_birth, text, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_day_word_set(act->db, child, day, status, act->now, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "USAGE_DAY_CONFIRMED", "child", child,
                       ns_arena_printf(act->arena, "{\"status\":\"%s\"}",
                                       ns_day_status_name(status)), err);
    }
    return act_end(act, rc, err);
}
