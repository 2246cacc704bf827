/* validate.h: dates to come, cross-validation and its measures, as Prophet makes them
 * (forecasting.md A9). Memory: results in the arena. Threads: pure. */
#pragma once
#include "agent/forecast/compat.h"

enum ns_step { NS_STEP_SECONDS, NS_STEP_MONTHS };

/* n dates after the last: last + 1..n times `size` seconds or months. A day of the month that
 * does not exist runs over into the next month. False: out of range. */
bool ns_compat_future(int64_t last, enum ns_step step, int64_t size, size_t n, int64_t *out);

#define NS_CUTOFFS_MAX 5000

struct ns_validate {
    int64_t horizon; /* seconds, all three */
    int64_t period;  /* 0: half the horizon */
    int64_t initial; /* 0: the larger of three horizons and the longest season */
    const int64_t *cutoff; /* given ones, ascending; NULL: by rule */
    size_t cutoff_count;
};

struct ns_validate_row {
    int64_t seconds;
    int64_t cutoff;
    double y;
    struct ns_compat_value value;
};

/* Refits up to each cutoff, seasons and settings frozen, and predicts the horizon after it.
 * Rows come by cutoff, then time. NS_E_INPUT: no cutoff is possible. */
ns_rc ns_compat_validate(const struct ns_compat_model *model,
                         const struct ns_compat_rows *history, const struct ns_validate *how,
                         struct ns_arena *arena, struct ns_validate_row **out, size_t *count,
                         struct ns_err *err) NS_MUST_USE;

struct ns_measure {
    int64_t horizon;
    double mse;
    double rmse;
    double mae;
    double mape; /* NaN, like mdape, when some y is all but 0 */
    double mdape;
    double smape;
    double coverage;
    double wape; /* sum |y - yhat| / sum |y|: defined where counts are 0; NaN if all are */
};

/* One measure for each distinct horizon over the last window * count rows up to it; a window
 * below 0: one for each row, not averaged. Returns how many. Sorts rows by horizon. */
size_t ns_compat_measures(struct ns_validate_row *rows, size_t count, double window,
                          struct ns_arena *arena, struct ns_measure **out);
