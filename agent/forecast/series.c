#include "agent/forecast/series.h"

#include "shared/calendar/holiday.h"
#include "shared/text/messages_gen.h"

#include <math.h>
#include <stdio.h>

static bool is_ok(const struct ns_use_day *day) {
    return day->status == NS_USE_OK || day->status == NS_USE_ZERO_CONFIRMED;
}

static ns_rc too_long(struct ns_err *err) {
    char most[16];
    snprintf(most, sizeof most, "%d", NS_FORECAST_SERIES_MAX);
    return ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_too_long, most, NULL, NULL);
}

static ns_rc at_day(struct ns_err *err, int msg, ns_date day) {
    char text[NS_DATE_TEXT];
    ns_date_format(day, text);
    return ns_err_say(err, NS_E_INPUT, msg, text, NULL, NULL);
}

ns_rc ns_series_check(const struct ns_forecast_input *input, struct ns_err *err) {
    if (input->day_count > NS_FORECAST_SERIES_MAX) {
        return too_long(err);
    }
    for (size_t i = 0; i < input->day_count; i++) {
        const struct ns_use_day *day = &input->days[i];
        if (i > 0 && day->date <= input->days[i - 1].date) {
            return at_day(err, NS_MSG_forecast_days_order, day->date);
        }
        if (day->status == NS_USE_OK && (day->count < 0 || day->count > 99)) {
            return at_day(err, NS_MSG_forecast_count_range, day->date);
        }
    }
    if (input->day_count > 0 && input->today - input->days[0].date > NS_FORECAST_SERIES_MAX) {
        return too_long(err);
    }
    return NS_OK;
}

/* A zero between days of 3 or more is a day nobody logged (C1). The newest day has only one
 * neighbour; it counts as missing when that one has 3 or more. */
static bool zero_is_missing(const struct ns_use_day *days, size_t count, size_t i) {
    if (days[i].status != NS_USE_OK || days[i].count != 0) {
        return false;
    }
    bool before = i > 0 && is_ok(&days[i - 1]) && days[i - 1].count >= 3;
    bool after = i + 1 < count && is_ok(&days[i + 1]) && days[i + 1].count >= 3;
    return (before && (after || i + 1 == count)) || (i == 0 && after);
}

static bool covers(const struct ns_use_mark *mark, ns_date day) {
    return day >= mark->first && (mark->last == NS_DATE_NONE || day <= mark->last);
}

static void mark_day(struct ns_level_day *day, const struct ns_forecast_input *input) {
    bool care = false;
    bool closed = false;
    unsigned weekday = 1U << ns_date_weekday(day->date);
    for (size_t i = 0; i < input->mark_count; i++) {
        const struct ns_use_mark *mark = &input->marks[i];
        if (!covers(mark, day->date)) {
            continue;
        }
        switch (mark->kind) {
        case NS_MARK_ILL: day->h[NS_STATE_ILL] = 1; closed = true; break;
        case NS_MARK_CARE:
            care = care || ((mark->weekdays != 0 ? mark->weekdays : 0x1fU) & weekday) != 0;
            break;
        case NS_MARK_CARE_CLOSED: closed = true; break;
        case NS_MARK_AWAY: day->away = true; closed = true; break;
        }
    }
    if (care && !closed && !ns_holiday_statutory(input->province, day->date)) {
        day->h[NS_STATE_CARE] = 1;
    }
}

/* What a family does not want reckoned with is alike on all days. */
static void level_out(struct ns_level_day *day, const struct ns_forecast_input *input, double use) {
    if (input->no_growth) {
        day->use = use;
        day->h[NS_STATE_SPEED] = 0;
    }
    if (input->no_seasons) {
        day->h[NS_STATE_BREAK] = day->h[NS_STATE_SUMMER] = 0;
        day->h[NS_STATE_YEAR_SIN] = day->h[NS_STATE_YEAR_COS] = 0;
    }
}

void ns_series_build(struct ns_series *series, const struct ns_forecast_input *input,
                     ns_date until, int ahead, const struct ns_level_settings *set,
                     struct ns_arena *arena) {
    size_t count = 0;
    size_t first = 0;
    while (count < input->day_count && input->days[count].date < until) {
        count++;
    }
    while (first < count && !is_ok(&input->days[first])) {
        first++;
    }
    *series = (struct ns_series){.ahead = ahead, .first_ok = NS_DATE_NONE,
                                 .last_ok = NS_DATE_NONE};
    ns_date start = first < count ? input->days[first].date : until;
    series->past = until - start;
    series->day = NS_NEW_N(arena, struct ns_level_day, (size_t)(series->past + ahead));
    struct ns_level_day now = {.date = until};
    ns_level_describe(&now, input->birth, input->days_early, input->province, set);
    for (int i = 0; i < series->past + ahead; i++) {
        series->day[i].date = start + i;
        series->day[i].count = -1;
        ns_level_describe(&series->day[i], input->birth, input->days_early, input->province,
                          set);
        level_out(&series->day[i], input, now.use);
        mark_day(&series->day[i], input);
    }
    for (size_t i = first; i < count; i++) {
        const struct ns_use_day *day = &input->days[i];
        if (!is_ok(day)) {
            continue;
        }
        if (zero_is_missing(input->days, count, i)) {
            series->zero_as_missing = true;
            continue;
        }
        series->day[day->date - start].count =
            day->status == NS_USE_ZERO_CONFIRMED ? 0 : day->count;
        series->first_ok = series->ok_days == 0 ? day->date : series->first_ok;
        series->last_ok = day->date;
        series->ok_days++;
    }
    for (int i = series->past; series->ok_days == 0 && i < series->past + ahead; i++) {
        if (series->day[i].date < input->birth) {
            series->day[i].use = 0; /* a child who is awaited; one with a log was born, whatever the date says */
        }
    }
}

int ns_series_recent(const struct ns_series *series, int window) {
    int ok = 0;
    for (int i = series->past - 1; i >= 0 && i >= series->past - window; i--) {
        ok += series->day[i].count >= 0;
    }
    return ok;
}

struct ns_guard ns_series_guard(const struct ns_series *series) {
    int ok = 0;
    double used = 0;
    double usual = 0;
    for (int i = series->past - 1; i >= 0 && ok < 28; i--) {
        if (series->day[i].count >= 0) {
            used += series->day[i].count;
            usual += series->day[i].use;
            ok++;
        }
    }
    /* Under a week one busy day would move the fence; there the prior holds the level. */
    return (struct ns_guard){.known = ok >= 7, .ratio = ok > 0 ? used / usual : 0};
}
