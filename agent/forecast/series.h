/* series.h: the days as logged, made into an unbroken row of days for the model (C1).
 * Private to agent/forecast. Memory: in the arena. Threads: pure. */
#pragma once
#include "agent/forecast/forecast.h"
#include "agent/forecast/horizon.h"
#include "agent/forecast/level.h"

struct ns_series {
    struct ns_level_day *day; /* first good day .. the day before today, then the horizon */
    int past;                 /* how many lie before today; 0: nothing good was logged */
    int ahead;
    int ok_days;
    ns_date first_ok;
    ns_date last_ok;
    bool zero_as_missing;
};

ns_rc ns_series_check(const struct ns_forecast_input *input, struct ns_err *err);
/* Only days before `until` are read; `ahead` days from `until` on are described after them. */
void ns_series_build(struct ns_series *series, const struct ns_forecast_input *input,
                     ns_date until, int ahead, const struct ns_level_settings *set,
                     struct ns_arena *arena);
struct ns_guard ns_series_guard(const struct ns_series *series);
/* Good days in the `window` days before `until`. */
int ns_series_recent(const struct ns_series *series, int window);
