/* engine.h: one fitted child: series, states and fence. Private to agent/forecast.
 * Memory: the series lies in the arena of the fit. Threads: pure. */
#pragma once
#include "agent/forecast/horizon.h"
#include "agent/forecast/series.h"

struct ns_engine {
    struct ns_series series;
    struct ns_level level;
    struct ns_guard guard;
};

enum ns_model_kind ns_engine_kind(int ok_days);
/* Reads only days before `until` and describes `ahead` days from there on. */
void ns_engine_fit(struct ns_engine *engine, const struct ns_forecast_input *input,
                   ns_date until, int ahead, struct ns_arena *arena);
void ns_engine_path(const struct ns_engine *engine, struct ns_path *path, int days,
                    double today_left);
void ns_engine_day(const struct ns_engine *engine, const struct ns_path *path, int h,
                   struct ns_forecast_value *out);
/* runout.c, explain.c */
void ns_runout_fill(const struct ns_path *path, const struct ns_forecast_input *input,
                    struct ns_forecast *out);
void ns_explain_effects(const struct ns_engine *engine, struct ns_forecast *out);
