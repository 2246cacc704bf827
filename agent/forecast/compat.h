/* compat.h: the Prophet-compatible model: the caller's own settings, no fence, exact mode and
 * exact limits (forecasting.md A1 to A8); the limits of logistic growth are drawn, with a seed.
 * Memory: results in the arena. Threads: pure. */
#pragma once
#include "agent/forecast/fit.h"
#include "shared/base/time.h"

struct ns_compat_season {
    const char *name;
    double period; /* days */
    int order;
    double prior;
    bool multiplicative;
};

struct ns_compat_holiday {
    const char *name;
    ns_date date;
    int lower; /* 0 or below */
    int upper;
    double prior;
};

enum ns_compat_scale { NS_SCALE_AUTO, NS_SCALE_YES, NS_SCALE_NO };

struct ns_compat_regressor {
    const char *name;
    double prior;
    bool multiplicative;
    enum ns_compat_scale scale;
};

struct ns_compat_model {
    enum ns_fit_growth growth;
    int change_count;    /* asked for; fewer when the history is short */
    double change_range;
    double tau;
    double interval;     /* 0.8 */
    bool holidays_multiplicative;
    const struct ns_compat_season *season;
    size_t season_count;
    const struct ns_compat_holiday *holiday;
    size_t holiday_count;
    const struct ns_compat_regressor *regressor;
    size_t regressor_count;
};

struct ns_compat_rows {
    size_t count;
    const int64_t *seconds;  /* since 1970, UTC; the history ascends */
    const double *y;         /* history only; NaN: missing */
    const double *regressor; /* count x regressor_count, row by row */
    const double *cap;       /* logistic growth only */
    const double *floor;     /* the same; NULL: 0 */
};

struct ns_compat_value {
    double trend;
    double yhat;
    double lower;
    double upper;
};

struct ns_compat {
    struct ns_fit fit;
    const char *const *beta_name; /* "<component>_delim_<column>" */
    size_t beta_count;
    size_t change_count;
    double y_scale;
    struct ns_compat_value *row; /* of the rows asked for */
};

ns_rc ns_compat_run(const struct ns_compat_model *model, const struct ns_compat_rows *history,
                    const struct ns_compat_rows *ask, struct ns_arena *arena,
                    struct ns_compat *out, struct ns_err *err) NS_MUST_USE;

/* Half width of the central interval of a deviation made of Poisson(rate * span) Laplace(scale)
 * slope changes, uniform over the last `span`, plus N(0, sigma^2) (A8): by inversion of the
 * characteristic function, no sampling. */
double ns_compat_half_width(double rate, double span, double scale, double sigma,
                            double interval);

/* Lower and upper limit of (a logistic trend with drawn future changepoints) * factor + noise,
 * in scaled units. line: the logit at each of the times asked for. */
struct ns_compat_draw {
    double rate;  /* changepoints per unit of time */
    double t_max; /* the last time asked for */
    double scale; /* of their Laplace jumps */
    double sigma;
    double interval;
};
void ns_compat_draw_limits(const struct ns_compat_draw *draw, const double *t,
                           const double *line, const double *cap, const double *factor,
                           const double *add, size_t count, struct ns_arena *arena,
                           double *lower, double *upper);
