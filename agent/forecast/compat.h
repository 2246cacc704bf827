/* compat.h: the Prophet-compatible model: the caller's own settings, no fence, exact mode and
 * exact limits (forecasting.md A1 to A9); the limits of logistic growth are drawn, with a seed.
 * Memory: results in the arena; model and rows are borrowed for as long as the fit is used.
 * Threads: pure. */
#pragma once
#include "agent/forecast/fit.h"
#include "shared/base/time.h"

struct ns_compat_season {
    const char *name;
    double period; /* days */
    int order;
    double prior;
    bool multiplicative;
    size_t condition; /* 0: always; n: only where condition n of the rows holds */
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
    int change_count;      /* asked for; fewer when the history is short */
    const int64_t *change; /* given times, any order; NULL: a grid over change_range */
    double change_range;
    bool change_from_zero; /* the grid's halves are rounded on row numbers counted from 0 */
    double tau;
    double interval; /* 0.8 */
    bool holidays_multiplicative;
    const struct ns_compat_season *season;
    size_t season_count;
    const struct ns_compat_holiday *holiday;
    size_t holiday_count;
    const struct ns_compat_regressor *regressor;
    size_t regressor_count;
    size_t condition_count;
};

struct ns_compat_rows {
    size_t count;
    const int64_t *seconds;  /* since 1970, UTC; the history ascends */
    const double *y;         /* history only; NaN: missing */
    const double *regressor; /* count x regressor_count, row by row */
    const double *cap;       /* logistic growth only */
    const double *floor;     /* the same; NULL: 0 */
    const bool *condition;   /* count x condition_count, row by row */
};

struct ns_compat_value {
    double trend;
    double yhat;
    double lower;
    double upper;
    double additive;       /* the sum of the additive components, in units of y */
    double multiplicative; /* of the others, as a share of the trend */
};

struct ns_design;

struct ns_compat {
    struct ns_fit fit;
    struct ns_fit_problem problem;
    struct ns_design *design;
    const char *const *beta_name; /* "<component>_delim_<column>"; a regressor's own name */
    size_t beta_count;
    size_t change_count;
    double y_scale;
    struct ns_compat_value *row; /* ns_compat_run: of the rows asked for */
};

/* before: a fit of the same model on slightly other rows to start from; NULL: Prophet's start.
 * NS_E_INPUT says what is wrong with the rows; NS_E_LIMIT: too large. */
ns_rc ns_compat_fit(const struct ns_compat_model *model, const struct ns_compat_rows *history,
                    const struct ns_compat *before, struct ns_arena *arena,
                    struct ns_compat *out, struct ns_err *err) NS_MUST_USE;
/* *out receives ask->count values. */
ns_rc ns_compat_predict(const struct ns_compat *fitted, const struct ns_compat_rows *ask,
                        struct ns_arena *arena, struct ns_compat_value **out,
                        struct ns_err *err) NS_MUST_USE;
/* Both in one. */
ns_rc ns_compat_run(const struct ns_compat_model *model, const struct ns_compat_rows *history,
                    const struct ns_compat_rows *ask, struct ns_arena *arena,
                    struct ns_compat *out, struct ns_err *err) NS_MUST_USE;

/* The components of a fit (seasons, holidays, regressors by name) and their effects on rows:
 * count x number of components, row by row, in units of y or as a share of the trend. */
size_t ns_compat_component_count(const struct ns_compat *fitted);
const char *ns_compat_component_name(const struct ns_compat *fitted, size_t component,
                                     bool *multiplicative);
double *ns_compat_effects(const struct ns_compat *fitted, const struct ns_compat_rows *rows,
                          struct ns_arena *arena);

/* Yearly, weekly and daily seasons by the automatic rules (A3). order: -1 automatic, 0 off,
 * else the order to use. Names already in `taken` are left out. Returns how many. */
struct ns_compat_usual {
    int yearly;
    int weekly;
    int daily;
    double prior;
    bool multiplicative;
};
size_t ns_compat_usual_seasons(const struct ns_compat_usual *usual,
                               const struct ns_compat_rows *history,
                               const struct ns_compat_season *taken, size_t taken_count,
                               struct ns_compat_season out[3]);

/* Half width of the central interval of a deviation made of Poisson(rate * span) Laplace(scale)
 * slope changes, uniform over the last `span`, plus N(0, sigma^2) (A8): by inversion of the
 * characteristic function, no sampling. */
double ns_compat_half_width(double rate, double span, double scale, double sigma,
                            double interval);

/* Lower and upper limit of (a logistic trend with drawn future changepoints) * factor + noise,
 * in scaled units. line: the logit at each of the times asked for. */
struct ns_compat_draw {
    double rate;  /* changepoints per unit of time */
    double scale; /* of their Laplace jumps */
    double sigma;
    double interval;
};
struct ns_compat_point {
    double t;
    double line;
    double cap;
    double factor;
    double add;
    double lower; /* answers */
    double upper;
};
void ns_compat_draw_limits(const struct ns_compat_draw *draw, struct ns_compat_point *point,
                           size_t count, struct ns_arena *arena);
