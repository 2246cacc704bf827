/* design.h: from settings and rows to scaled columns (forecasting.md A1 to A6).
 * Private to agent/forecast. Memory: in the arena of the fit. Threads: pure. */
#pragma once
#include "agent/forecast/compat.h"

struct ns_design_mark { /* a day on which a holiday's column is 1 */
    int64_t day;
    size_t column; /* among the holidays' columns */
};

struct ns_design {
    const struct ns_compat_model *model;
    size_t width;
    const char **name;
    double *prior;
    bool *multiplicative;
    size_t *component;
    size_t component_count;
    const char **component_name;
    struct ns_design_mark *mark; /* by day */
    size_t mark_count;
    size_t holiday_width;
    double *mean; /* of the regressors */
    double *sd;
    int64_t first;
    double t_scale;
    double y_scale;
    size_t *used; /* the rows with a value */
    size_t used_count;
};

#define NS_DESIGN_COLUMNS_MAX 600
#define NS_DESIGN_CELLS_MAX 20000000 /* rows x columns */

/* Checks the rows, finds the scales and lists the columns. */
ns_rc ns_design_make(const struct ns_compat_model *model, const struct ns_compat_rows *history,
                     struct ns_arena *arena, struct ns_design *out, struct ns_err *err);
/* A row, changepoint or cutoff (counted from 1) that cannot be used, for people; name may be NULL. */
ns_rc ns_design_refuse(struct ns_err *err, int msg, size_t number, const char *name);
/* Are all numbers there that a row needs for its features and, if logistic, its cap? */
ns_rc ns_design_check(const struct ns_compat_model *model, const struct ns_compat_rows *rows,
                      size_t row, struct ns_err *err);
void ns_design_row(const struct ns_design *design, const struct ns_compat_rows *rows, size_t row,
                   double *out);
double ns_design_time(const struct ns_design *design, int64_t seconds);
/* Times of the changepoints into change (room for max(change_count, 1)); returns how many are
 * real: 0 leaves a dummy at 0. */
ns_rc ns_design_changes(const struct ns_design *design, const double *t, double *change,
                        size_t *placed, struct ns_err *err);

static inline double ns_design_floor(const struct ns_compat_rows *rows, size_t i) {
    return rows->floor != NULL ? rows->floor[i] : 0;
}
