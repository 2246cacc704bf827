#include "agent/forecast/engine.h"

#include "shared/text/messages_gen.h"

#include <math.h>

#define WINDOW 30

/* A component as a factor on the day's use. */
static double component(const struct ns_level *level, const struct ns_level_day *day,
                        enum ns_feature feature, double growth_base) {
    const double *x = level->x;
    double sum = 0;
    switch (feature) {
    case NS_FEATURE_TREND: /* how this child's course differs from the curve */
        return exp(x[NS_STATE_SPEED] * day->h[NS_STATE_SPEED]);
    case NS_FEATURE_WEEKLY:
        for (int i = NS_STATE_WEEKEND; i <= NS_STATE_MIDWEEK3; i++) {
            sum += x[i] * day->h[i];
        }
        return exp(sum);
    case NS_FEATURE_YEARLY:
        return exp(x[NS_STATE_YEAR_SIN] * day->h[NS_STATE_YEAR_SIN] +
                   x[NS_STATE_YEAR_COS] * day->h[NS_STATE_YEAR_COS]);
    case NS_FEATURE_HOLIDAYS:
        return exp(x[NS_STATE_BREAK] * day->h[NS_STATE_BREAK]);
    case NS_FEATURE_GROWTH:
        return day->use / growth_base;
    case NS_FEATURE_SEASONAL:
        return exp(x[NS_STATE_SUMMER] * day->h[NS_STATE_SUMMER]);
    case NS_FEATURE_COUNT:
        break;
    }
    return 1;
}

/* Mean over the last and the next 30 days of |component - its mean| in pieces a day (C8). */
static double effect(const struct ns_engine *engine, enum ns_feature feature, int from,
                     int to) {
    const struct ns_level_day *day = engine->series.day;
    double base = fmax(day[engine->series.past].use, 0.05);
    double use = ns_level_mean(ns_engine_lead(engine), &day[engine->series.past]);
    double mean = 0;
    double sum = 0;
    for (int i = from; i < to; i++) {
        mean += component(ns_engine_lead(engine), &day[i], feature, base) / (to - from);
    }
    for (int i = from; i < to; i++) {
        sum += fabs(component(ns_engine_lead(engine), &day[i], feature, base) - mean);
    }
    sum = use * sum / (to - from);
    return sum > 1e-9 ? sum : 0; /* an absent component leaves only rounding */
}

void ns_explain_effects(const struct ns_engine *engine, struct ns_forecast *out) {
    int past = engine->series.past;
    int from = past > WINDOW ? past - WINDOW : 0;
    int to = past + (engine->series.ahead < WINDOW ? engine->series.ahead : WINDOW);
    double all = 0;
    for (int f = 0; f < NS_FEATURE_COUNT; f++) {
        out->importance[f] = effect(engine, (enum ns_feature)f, from, to);
        all += out->importance[f];
    }
    for (int f = 0; f < NS_FEATURE_COUNT; f++) {
        out->importance[f] = all > 1e-9 ? out->importance[f] / all : 0;
    }
}

const char *ns_model_kind_name(enum ns_model_kind kind) {
    static const char *const names[] = {"COLD_START", "FLAT", "TREND", "YEARLY"};
    return names[kind];
}

const char *ns_confidence_name(enum ns_confidence confidence) {
    static const char *const names[] = {"VERY_LOW", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"};
    return names[confidence];
}

const char *ns_feature_name(enum ns_feature feature) {
    static const char *const names[] = {"trend", "weekly", "yearly", "holidays",
                                        "growth_factor", "seasonal_factor"};
    return names[feature];
}

int ns_forecast_note_msg(enum ns_forecast_note note) {
    static const enum ns_msg messages[NS_NOTE_COUNT] = {
        [NS_NOTE_NO_DAYS] = NS_MSG_forecast_note_no_days,
        [NS_NOTE_FEW_DAYS] = NS_MSG_forecast_note_few_days,
        [NS_NOTE_ONE_ORIGIN] = NS_MSG_forecast_note_one_origin,
        [NS_NOTE_NO_VARIATION] = NS_MSG_forecast_note_no_variation,
        [NS_NOTE_LONG_GAP] = NS_MSG_forecast_note_long_gap,
        [NS_NOTE_MANY_MISSING] = NS_MSG_forecast_note_many_missing,
        [NS_NOTE_LEVEL_SHIFT] = NS_MSG_forecast_note_level_shift,
        [NS_NOTE_OUTLIERS] = NS_MSG_forecast_note_outliers,
        [NS_NOTE_STOCK_UNKNOWN] = NS_MSG_forecast_note_stock_unknown,
        [NS_NOTE_STOCK_LASTS] = NS_MSG_forecast_note_stock_lasts,
        [NS_NOTE_COVERAGE_OFF] = NS_MSG_forecast_note_coverage_off,
        [NS_NOTE_GUARDED] = NS_MSG_forecast_note_guarded,
        [NS_NOTE_ZERO_AS_MISSING] = NS_MSG_forecast_note_zero_as_missing,
        [NS_NOTE_DRIFT_SHIFT] = NS_MSG_forecast_note_drift_shift,
        [NS_NOTE_DRIFT_MISSES] = NS_MSG_forecast_note_drift_misses,
        [NS_NOTE_DRIFT_WEEKS] = NS_MSG_forecast_note_drift_weeks,
    };
    return (int)messages[note];
}
