/* series_make.h: small logs for the forecast tests. */
#pragma once
#include "agent/forecast/forecast.h"

#define SERIES_BIRTH 20000 /* 2024-10-04 */

/* n days from birth + start with the count that `count` gives; dates ascend by one. */
static inline void series_make(struct ns_use_day *days, int n, int start, int (*count)(int)) {
    for (int i = 0; i < n; i++) {
        days[i] = (struct ns_use_day){SERIES_BIRTH + start + i, count(i), NS_USE_OK};
    }
}

static inline struct ns_forecast_input series_input(const struct ns_use_day *days, int n,
                                                    int start) {
    return (struct ns_forecast_input){.today = SERIES_BIRTH + start + n, .birth = SERIES_BIRTH,
        .province = "ON", .days = days, .day_count = (size_t)n, .stock_pieces = 150,
        .today_left = 1};
}
