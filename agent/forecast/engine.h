/* engine.h: one fitted child: series, states and fence. Private to agent/forecast.
 * Memory: the series lies in the arena of the fit. Threads: pure. */
#pragma once
#include "agent/forecast/horizon.h"
#include "agent/forecast/series.h"

/* Two alarms over the one-step forecasts (C10). */
struct ns_watch {
    double high; /* CUSUM of standardised residuals, either way */
    double low;
    ns_date shifted; /* the newest alarm of the CUSUM; NS_DATE_NONE: none */
    uint32_t missed; /* bit i: the i-th newest of 28 days fell outside the 80 % band */
};

/* Several experts learn side by side, from a child who hardly changes to one who changes all
 * the time; each has the weight its one-step forecasts have earned. */
#define NS_EXPERTS 3

struct ns_engine {
    struct ns_series series;
    struct ns_level level[NS_EXPERTS];
    double weight[NS_EXPERTS]; /* sums to 1 */
    struct ns_pit pit;         /* of the joint one-step forecasts */
    struct ns_watch watch;
    double widen;              /* what an alarm makes of every interval; 1 without */
    struct ns_guard guard;
};

/* Alarms that stand at the end of the fit, as bits of enum ns_forecast_note. */
uint32_t ns_engine_alarms(const struct ns_engine *engine);
/* The expert with the greatest weight. */
const struct ns_level *ns_engine_lead(const struct ns_engine *engine);

enum ns_model_kind ns_engine_kind(int ok_days);
/* Reads only days before `until` and describes `ahead` days from there on. */
void ns_engine_fit(struct ns_engine *engine, const struct ns_forecast_input *input,
                   ns_date until, int ahead, struct ns_arena *arena);
void ns_engine_path(const struct ns_engine *engine, struct ns_path *path, int days,
                    double today_left, bool shelf);
void ns_engine_day(const struct ns_engine *engine, const struct ns_path *path, int h,
                   struct ns_forecast_value *out);
struct ns_size_course;
/* runout.c, packs.c, explain.c */
void ns_packs_fill(const struct ns_path *path, const struct ns_size_course *course,
                   const struct ns_forecast_input *input, struct ns_forecast *out);
void ns_runout_fill(const struct ns_path *path, const struct ns_forecast_input *input,
                    struct ns_forecast *out);
void ns_explain_effects(const struct ns_engine *engine, struct ns_forecast *out);
