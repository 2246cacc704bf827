#include "agent/forecast/validate.h"

#include "agent/forecast/design.h"
#include "shared/text/messages_gen.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400
#define SECONDS_MAX (INT64_C(1) << 38) /* about the year 10,000 */

/* --- dates to come ---------------------------------------------------------------------- */

bool ns_compat_future(int64_t last, enum ns_step step, int64_t size, size_t n, int64_t *out) {
    int64_t day = last / DAY - (last % DAY < 0);
    struct ns_civil civil = ns_date_civil((ns_date)day);
    for (size_t i = 0; i < n; i++) {
        int64_t far = size * (int64_t)(i + 1);
        if (size < 1 || size > SECONDS_MAX || far / size != (int64_t)(i + 1)) {
            return false;
        }
        out[i] = last + far;
        if (step == NS_STEP_MONTHS) {
            int64_t month = civil.year * INT64_C(12) + civil.month - 1 + far;
            if (month / 12 > 9999) {
                return false;
            }
            ns_date first =
                ns_date_of((struct ns_civil){(int)(month / 12), (int)(month % 12) + 1, 1});
            out[i] = ((int64_t)first + civil.day - 1) * DAY + (last - day * DAY);
        }
        if (out[i] > SECONDS_MAX) {
            return false;
        }
    }
    return true;
}

/* --- cutoffs ---------------------------------------------------------------------------- */

struct known { /* the rows with a value */
    struct ns_compat_rows rows;
    size_t *at;
    size_t count;
};

static int64_t known_time(const struct known *k, size_t i) {
    return k->rows.seconds[k->at[i]];
}

/* How many known rows are not after the time. */
static size_t known_until(const struct known *k, int64_t time) {
    size_t low = 0;
    size_t high = k->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (known_time(k, mid) <= time) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static int64_t initial_of(const struct ns_compat_model *model, const struct ns_validate *how) {
    int64_t initial = 3 * how->horizon;
    for (size_t s = 0; s < model->season_count; s++) {
        double period = model->season[s].period * DAY;
        initial = period > (double)initial && period < SECONDS_MAX ? (int64_t)period : initial;
    }
    return how->initial > 0 ? how->initial : initial;
}

static ns_rc by_rule(const struct known *k, const struct ns_compat_model *model,
                     const struct ns_validate *how, int64_t *out, size_t *count,
                     struct ns_err *err) {
    int64_t first = known_time(k, 0);
    int64_t start = first + initial_of(model, how);
    int64_t period = how->period > 0 ? how->period : how->horizon / 2;
    int64_t cutoff = known_time(k, k->count - 1) - how->horizon;
    *count = 0;
    while (cutoff >= start && period > 0) {
        if (*count == NS_CUTOFFS_MAX) {
            return ns_design_refuse(err, NS_MSG_forecast_cutoffs_many, NS_CUTOFFS_MAX, NULL);
        }
        out[(*count)++] = cutoff;
        cutoff -= period;
        size_t before = known_until(k, cutoff);
        if (known_until(k, cutoff + how->horizon) == before && cutoff > first && before > 0) {
            cutoff = known_time(k, before - 1) - how->horizon; /* a gap is jumped over */
        }
    }
    for (size_t i = 0; i < *count / 2; i++) { /* from the first to the last */
        int64_t other = out[i];
        out[i] = out[*count - 1 - i];
        out[*count - 1 - i] = other;
    }
    return *count > 0 ? NS_OK
                      : ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_cutoffs_none, NULL, NULL, NULL);
}

static ns_rc choose_cutoffs(const struct known *k, const struct ns_compat_model *model,
                            const struct ns_validate *how, struct ns_arena *arena,
                            const int64_t **out, size_t *count, struct ns_err *err) {
    if (k->count < 2 || how->horizon < 1 || how->horizon > SECONDS_MAX / 4) {
        return ns_err_say(err, NS_E_INPUT, k->count < 2 ? NS_MSG_forecast_rows_few : NS_MSG_forecast_cutoffs_none, NULL,
                          NULL, NULL);
    }
    if (how->cutoff == NULL) {
        int64_t *list = NS_NEW_N(arena, int64_t, NS_CUTOFFS_MAX);
        *out = list;
        return by_rule(k, model, how, list, count, err);
    }
    for (size_t i = 0; i < how->cutoff_count; i++) {
        if (how->cutoff[i] <= known_time(k, 0) ||
            how->cutoff[i] > known_time(k, k->count - 1) - how->horizon) {
            return ns_design_refuse(err, NS_MSG_forecast_cutoff_place, i + 1, NULL);
        }
    }
    *out = how->cutoff;
    *count = how->cutoff_count;
    return NS_OK;
}

/* --- refits ----------------------------------------------------------------------------- */

static struct known list_known(const struct ns_compat_rows *history, struct ns_arena *arena) {
    struct known k = {.rows = *history, .at = NS_NEW_N(arena, size_t, history->count)};
    for (size_t i = 0; i < history->count; i++) {
        if (!isnan(history->y[i])) {
            k.at[k.count++] = i;
        }
    }
    return k;
}

/* Given changepoints stay only where they lie before the last row known. */
static struct ns_compat_model shorten(const struct ns_compat_model *model, int64_t last,
                                      int64_t *change) {
    struct ns_compat_model out = *model;
    if (model->change != NULL) {
        out.change = change;
        out.change_count = 0;
        for (int c = 0; c < model->change_count; c++) {
            if (model->change[c] < last) {
                change[out.change_count++] = model->change[c];
            }
        }
    }
    return out;
}

/* Rows from..to of others, as a view. */
static struct ns_compat_rows slice(const struct ns_compat_rows *rows,
                                   const struct ns_compat_model *m, size_t from, size_t to) {
    struct ns_compat_rows out = *rows;
    out.count = to - from;
    out.seconds += from;
    out.y += from;
    out.regressor = rows->regressor == NULL ? NULL : rows->regressor + from * m->regressor_count;
    out.cap = rows->cap == NULL ? NULL : rows->cap + from;
    out.floor = rows->floor == NULL ? NULL : rows->floor + from;
    out.condition = rows->condition == NULL ? NULL : rows->condition + from * m->condition_count;
    return out;
}

static ns_rc predict_after(const struct known *k, const struct ns_compat *fitted, size_t from,
                           size_t to, int64_t cutoff, struct ns_arena *work,
                           struct ns_validate_row *out, size_t *count, struct ns_err *err) {
    struct ns_compat_value *value;
    size_t first = k->at[from];
    /* Rows without a value stand between: their regressors may be missing, so they are asked
     * for one stretch of known rows at a time only when there are any. */
    for (size_t i = from; i < to;) {
        size_t end = i + 1;
        while (end < to && k->at[end] == k->at[end - 1] + 1) {
            end++;
        }
        first = k->at[i];
        struct ns_compat_rows ask = slice(&k->rows, fitted->design->model, first,
                                          k->at[end - 1] + 1);
        ns_rc rc = ns_compat_predict(fitted, &ask, work, &value, err);
        if (rc != NS_OK) {
            return rc;
        }
        for (size_t r = 0; r < ask.count; r++) {
            out[(*count)++] = (struct ns_validate_row){ask.seconds[r], cutoff, ask.y[r], value[r]};
        }
        i = end;
    }
    return NS_OK;
}

ns_rc ns_compat_validate(const struct ns_compat_model *model,
                         const struct ns_compat_rows *history, const struct ns_validate *how,
                         struct ns_arena *arena, struct ns_validate_row **out, size_t *count,
                         struct ns_err *err) {
    struct known k = list_known(history, arena);
    const int64_t *cutoff = NULL;
    size_t cutoffs = 0;
    struct ns_arena work = {0};
    int64_t *change = NS_NEW_N(arena, int64_t,
                               (size_t)(model->change_count > 0 ? model->change_count : 0));
    *count = 0;
    ns_rc rc = choose_cutoffs(&k, model, how, arena, &cutoff, &cutoffs, err);
    size_t room = 0;
    for (size_t c = 0; c < cutoffs && rc == NS_OK; c++) {
        room += known_until(&k, cutoff[c] + how->horizon) - known_until(&k, cutoff[c]);
    }
    *out = NS_NEW_N(arena, struct ns_validate_row, room);
    for (size_t c = 0; c < cutoffs && rc == NS_OK; c++) {
        size_t known = known_until(&k, cutoff[c]);
        size_t to = known_until(&k, cutoff[c] + how->horizon);
        if (known < 2) {
            rc = ns_design_refuse(err, NS_MSG_forecast_cutoff_place, c + 1, NULL);
            break;
        }
        struct ns_compat fitted;
        struct ns_compat_model frozen = shorten(model, known_time(&k, known - 1), change);
        struct ns_compat_rows past = slice(history, model, 0, k.at[known - 1] + 1);
        rc = ns_compat_fit(&frozen, &past, NULL, &work, &fitted, err);
        if (rc == NS_OK && to > known) {
            rc = predict_after(&k, &fitted, known, to, cutoff[c], &work, *out, count, err);
        }
        ns_arena_reset(&work);
    }
    ns_arena_fini(&work);
    return rc;
}

/* --- measures --------------------------------------------------------------------------- */

static int by_horizon(const void *a, const void *b) {
    const struct ns_validate_row *x = a;
    const struct ns_validate_row *y = b;
    int64_t hx = x->seconds - x->cutoff;
    int64_t hy = y->seconds - y->cutoff;
    int first = (hx > hy) - (hx < hy);
    return first != 0 ? first : (x->cutoff > y->cutoff) - (x->cutoff < y->cutoff);
}

enum { SQUARE, ABSOLUTE, SHARE, SYMMETRIC, INSIDE, SIZE, PARTS };

static double part_of(const struct ns_validate_row *r, int part) {
    double off = fabs(r->y - r->value.yhat);
    double both = fabs(r->y) + fabs(r->value.yhat);
    switch (part) {
    case SQUARE:
        return off * off;
    case ABSOLUTE:
        return off;
    case SHARE:
        return off / fabs(r->y);
    case SYMMETRIC:
        return both > 0 ? 2 * off / both : 0;
    case INSIDE:
        return r->value.lower <= r->y && r->y <= r->value.upper;
    default:
        return fabs(r->y);
    }
}

struct group { /* the rows of one horizon */
    int64_t horizon;
    size_t first;
    size_t count;
    double sum[PARTS];
};

static size_t list_groups(const struct ns_validate_row *rows, size_t count, bool apart,
                          struct group *out) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t horizon = rows[i].seconds - rows[i].cutoff;
        if (n == 0 || out[n - 1].horizon != horizon || apart) {
            out[n++] = (struct group){.horizon = horizon, .first = i};
        }
        out[n - 1].count++;
        for (int p = 0; p < PARTS; p++) {
            out[n - 1].sum[p] += part_of(&rows[i], p);
        }
    }
    return n;
}

/* Mean over the last w rows up to the end of group `last`, an earlier group used in part enters
 * with its mean. False: there are fewer. */
static bool mean_of(const struct group *g, size_t last, size_t w, int part, double *out) {
    double sum = 0;
    size_t have = 0;
    for (size_t i = last + 1; i-- > 0;) {
        size_t missing = w - have;
        if (g[i].count >= missing) {
            *out = (sum + g[i].sum[part] * (double)missing / (double)g[i].count) / (double)w;
            return true;
        }
        sum += g[i].sum[part];
        have += g[i].count;
    }
    return false;
}

/* Median over the whole group and as many rows before it as w asks for. */
static double median_of(const struct ns_validate_row *rows, const struct group *g, size_t w,
                        double *room) {
    size_t end = g->first + g->count;
    size_t first = g->count >= w ? g->first : end - w;
    for (size_t i = first; i < end; i++) {
        room[i - first] = part_of(&rows[i], SHARE);
    }
    gsl_sort(room, 1, end - first);
    return gsl_stats_median_from_sorted_data(room, 1, end - first);
}

size_t ns_compat_measures(struct ns_validate_row *rows, size_t count, double window,
                          struct ns_arena *arena, struct ns_measure **out) {
    struct group *g = NS_NEW_N(arena, struct group, count);
    double *room = NS_NEW_N(arena, double, count);
    size_t w = window < 0 ? 1 : (size_t)(fmin(window, 1) * (double)count);
    double least = HUGE_VAL;
    w = w < 1 ? 1 : w;
    *out = NS_NEW_N(arena, struct ns_measure, count);
    if (count == 0) {
        return 0;
    }
    qsort(rows, count, sizeof *rows, by_horizon);
    for (size_t i = 0; i < count; i++) {
        least = fmin(least, fabs(rows[i].y));
    }
    size_t groups = list_groups(rows, count, window < 0, g);
    size_t n = 0;
    for (size_t i = 0; i < groups; i++) {
        double mean[PARTS];
        bool enough = true;
        for (int p = 0; p < PARTS && enough; p++) {
            enough = mean_of(g, i, w, p, &mean[p]);
        }
        if (!enough) {
            continue;
        }
        bool shares = least >= 1e-8;
        (*out)[n++] = (struct ns_measure){.horizon = g[i].horizon, .mse = mean[SQUARE],
            .rmse = sqrt(mean[SQUARE]), .mae = mean[ABSOLUTE],
            .mape = shares ? mean[SHARE] : (double)NAN,
            .mdape = shares ? median_of(rows, &g[i], w, room) : (double)NAN,
            .smape = mean[SYMMETRIC], .coverage = mean[INSIDE],
            .wape = mean[SIZE] > 0 ? mean[ABSOLUTE] / mean[SIZE] : (double)NAN};
    }
    return n;
}
