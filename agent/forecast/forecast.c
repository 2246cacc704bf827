#include "agent/forecast/forecast.h"

#include "agent/forecast/accuracy.h"
#include "agent/forecast/engine.h"
#include "agent/forecast/horizon.h"
#include "agent/forecast/noise.h"
#include "agent/forecast/series.h"
#include "agent/forecast/size.h"

#include <math.h>
#include <string.h>

enum ns_model_kind ns_engine_kind(int ok_days) {
    return ok_days < 14    ? NS_MODEL_COLD_START
           : ok_days < 60  ? NS_MODEL_FLAT
           : ok_days < 730 ? NS_MODEL_TREND
                           : NS_MODEL_YEARLY;
}

static int good_days(const struct ns_forecast_input *input, ns_date until) {
    int n = 0;
    for (size_t i = 0; i < input->day_count && input->days[i].date < until; i++) {
        n += input->days[i].status == NS_USE_OK ||
             input->days[i].status == NS_USE_ZERO_CONFIRMED;
    }
    return n;
}

static struct ns_level_settings settings_for(const struct ns_forecast_input *input, int ok) {
    struct ns_level_settings set = ns_level_defaults();
    set.weekly = ok >= 14;
    set.year_sd = ns_engine_kind(ok) == NS_MODEL_YEARLY ? 0.04 : 0;
    if (input->has_sibling) { /* C7 */
        set.level_mean = fmin(fmax(input->sibling_log_level, -1), 1);
        set.level_sd = 0.15;
    }
    return set;
}

/* How the experts differ: a steady child, one who wanders, one who jumps about. */
static const struct {
    double prior;
    double level_step;
    double mood_step;
} experts[NS_EXPERTS] = {{0.8, 0.003, 0.042}, {0.1, 0.015, 0.038}, {0.1, 0.03, 0.05}};
#define FORGET 0.993 /* a weight's memory of past days; what is forgotten returns to the prior */

/* C10: a shift of one sd is found in about ten days, a false alarm comes once in 465. */
#define CUSUM_SLACK 0.5
#define CUSUM_LIMIT 5.0
#define SHIFT_DAYS 14  /* how long an alarm of the CUSUM stands */
#define MISSED_MOST 11 /* of 28; more has a chance under 1 in 100 when 1 in 5 should miss */
/* An alarm doubts the level and every total; the noise of a single day stays as measured. */
#define WIDEN 1.5

static void watch_day(struct ns_watch *watch, const struct ns_level_day *day,
                      const struct ns_level_guess *guess) {
    double phi = guess->variance / guess->mean;
    double z = (day->count - guess->mean) / sqrt(guess->variance);
    double place = (ns_noise_cdf(day->count, guess->mean, phi) +
                    ns_noise_cdf(day->count - 1, guess->mean, phi)) / 2;
    watch->high = fmax(0, watch->high + z - CUSUM_SLACK);
    watch->low = fmax(0, watch->low - z - CUSUM_SLACK);
    if (watch->high > CUSUM_LIMIT || watch->low > CUSUM_LIMIT) {
        watch->shifted = day->date;
        watch->high = watch->low = 0;
    }
    watch->missed = (watch->missed << 1 | (place < 0.1 || place > 0.9)) & 0xfffffffU;
}

uint32_t ns_engine_alarms(const struct ns_engine *engine) {
    ns_date last = engine->series.last_ok;
    bool shifted = engine->watch.shifted != NS_DATE_NONE && last - engine->watch.shifted < SHIFT_DAYS;
    bool missing = __builtin_popcount(engine->watch.missed) > MISSED_MOST;
    return (shifted ? 1U << NS_NOTE_DRIFT_SHIFT : 0) | (missing ? 1U << NS_NOTE_DRIFT_MISSES : 0);
}

/* Bayes' rule over the experts with slow forgetting; the floor keeps one strange day from
 * throwing an expert out. */
static void judge(struct ns_engine *engine, const struct ns_level_day *day) {
    struct ns_level_guess joint = {0};
    double sum = 0;
    double square = 0;
    double next[NS_EXPERTS];
    for (int k = 0; k < NS_EXPERTS; k++) {
        struct ns_level_guess guess = ns_level_guess(&engine->level[k], day);
        double phi = guess.variance / guess.mean;
        double chance = ns_noise_cdf(day->count, guess.mean, phi) -
                        ns_noise_cdf(day->count - 1, guess.mean, phi);
        joint.mean += engine->weight[k] * guess.mean;
        square += engine->weight[k] * (guess.variance + guess.mean * guess.mean);
        next[k] = pow(engine->weight[k], FORGET) * pow(experts[k].prior, 1 - FORGET) *
                  fmax(chance, 1e-3);
        sum += next[k];
    }
    joint.variance = square - joint.mean * joint.mean;
    if (engine->level[0].seen >= 7) {
        ns_pit_note(&engine->pit, day->count, &joint);
        watch_day(&engine->watch, day, &joint);
    }
    for (int k = 0; k < NS_EXPERTS; k++) {
        engine->weight[k] = next[k] / sum;
    }
}

void ns_engine_fit(struct ns_engine *engine, const struct ns_forecast_input *input,
                   ns_date until, int ahead, struct ns_arena *arena) {
    struct ns_level_settings set = settings_for(input, good_days(input, until));
    ns_series_build(&engine->series, input, until, ahead, &set, arena);
    memset(&engine->pit, 0, sizeof engine->pit);
    engine->watch = (struct ns_watch){.shifted = NS_DATE_NONE};
    for (int k = 0; k < NS_EXPERTS; k++) {
        set.level_step = experts[k].level_step;
        set.mood_step = experts[k].mood_step;
        engine->weight[k] = experts[k].prior;
        ns_level_start(&engine->level[k], &set);
    }
    for (int i = 0; i < engine->series.past; i++) {
        const struct ns_level_day *day = &engine->series.day[i];
        for (int k = 0; k < NS_EXPERTS; k++) {
            ns_level_advance(&engine->level[k]);
        }
        if (day->count >= 0) {
            judge(engine, day);
        }
        for (int k = 0; k < NS_EXPERTS; k++) {
            ns_level_learn(&engine->level[k], day);
        }
    }
    engine->guard = ns_series_guard(&engine->series);
    engine->widen = ns_engine_alarms(engine) != 0 ? WIDEN : 1;
}

const struct ns_level *ns_engine_lead(const struct ns_engine *engine) {
    int best = 0;
    for (int k = 1; k < NS_EXPERTS; k++) {
        best = engine->weight[k] > engine->weight[best] ? k : best;
    }
    return &engine->level[best];
}

void ns_engine_path(const struct ns_engine *engine, struct ns_path *path, int days,
                    double today_left, bool shelf) {
    struct ns_path each[NS_EXPERTS];
    for (int k = 0; k < NS_EXPERTS; k++) {
        ns_path_run(&each[k], &engine->level[k], engine->series.day + engine->series.past, days,
                    today_left, &engine->guard, shelf);
    }
    ns_path_blend(path, each, engine->weight, NS_EXPERTS);
    for (int h = 0; h < days; h++) {
        path->relative_sd[h] *= engine->widen;
        path->sum_sd[h] *= engine->widen;
    }
}

void ns_engine_day(const struct ns_engine *engine, const struct ns_path *path, int h,
                   struct ns_forecast_value *out) {
    const struct ns_pit *pit = &engine->pit;
    double mean = path->mean[h];
    double relative = path->relative_sd[h];
    double phi = path->phi + mean * relative * relative;
    out->date = engine->series.day[engine->series.past + h].date;
    out->mean = mean;
    if (mean <= 0) { /* not born yet */
        out->q10 = out->q50 = out->q90 = 0;
        return;
    }
    out->q10 = ns_noise_quantile(ns_pit_map(pit, 0.1), mean, phi);
    out->q50 = ns_noise_quantile(ns_pit_map(pit, 0.5), mean, phi);
    out->q90 = ns_noise_quantile(ns_pit_map(pit, 0.9), mean, phi);
    out->q10 = out->q10 < 20 ? out->q10 : 20;
    out->q50 = out->q50 < 20 ? out->q50 : 20;
    out->q90 = out->q90 < 20 ? out->q90 : 20;
}

static double two_decimals(double value) {
    return round(value * 100) / 100;
}

static void fill_demand(const struct ns_engine *engine, const struct ns_path *path,
                        struct ns_forecast *out) {
    double week = 0;
    int last = NS_FORECAST_DAYS - 1;
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        ns_engine_day(engine, path, h, &out->day[h]);
        week += h < 7 ? path->mean[h] : 0;
        out->total[h] = (struct ns_forecast_sum){path->sum_mean[h],
            ns_path_total_quantile(path, h, 0.1), ns_path_total_quantile(path, h, 0.5),
            ns_path_total_quantile(path, h, 0.9)};
    }
    out->current_rate = two_decimals(week / 7);
    out->total_mean = path->sum_mean[last];
    out->total_rounded = (int)lround(out->total_mean);
    out->total_sd = path->sum_sd[last];
    out->total_q10 = out->total[last].q10;
    out->total_q50 = out->total[last].q50;
    out->total_q90 = out->total[last].q90;
}

static void fill_facts(const struct ns_engine *engine, const struct ns_forecast_input *input,
                       const struct ns_path *path, struct ns_forecast *out) {
    const struct ns_series *series = &engine->series;
    out->model_version = NS_FORECAST_MODEL_VERSION;
    out->kind = ns_engine_kind(series->ok_days);
    out->today = input->today;
    out->last_ok_day = series->last_ok;
    out->data_points = series->ok_days;
    out->period_days = series->ok_days > 0 ? series->last_ok - series->first_ok + 1 : 0;
    out->growth_factor = input->no_growth ? 1 : ns_growth_factor(input->today - input->birth - input->days_early);
    out->seasonal_factor = input->no_seasons ? 1 : ns_seasonal_factor(input->province, input->today);
    const struct ns_level *lead = ns_engine_lead(engine);
    out->log_level = lead->x[NS_STATE_LEVEL];
    out->log_level_sd = sqrt(fmax(lead->p[NS_STATE_LEVEL][NS_STATE_LEVEL], 0));
    out->dispersion = lead->phi;
    const struct {
        bool on;
        enum ns_forecast_note note;
    } notes[] = {
        {series->ok_days == 0, NS_NOTE_NO_DAYS},
        {series->ok_days < 14, NS_NOTE_FEW_DAYS},
        {series->ok_days > 0 && input->today - series->last_ok > 7, NS_NOTE_LONG_GAP},
        {series->past >= 28 && ns_series_recent(series, 28) < 21, NS_NOTE_MANY_MISSING},
        {lead->fast_days > 0, NS_NOTE_LEVEL_SHIFT},
        {lead->outliers > 0, NS_NOTE_OUTLIERS},
        {input->stock_pieces < 0, NS_NOTE_STOCK_UNKNOWN},
        {path->guarded, NS_NOTE_GUARDED},
        {series->zero_as_missing, NS_NOTE_ZERO_AS_MISSING},
    };
    out->notes |= ns_engine_alarms(engine);
    for (size_t i = 0; i < NS_COUNT(notes); i++) {
        out->notes |= notes[i].on ? 1u << notes[i].note : 0;
    }
}

static ns_rc check(const struct ns_forecast_input *input, struct ns_err *err) {
    if (!(input->today_left >= 0 && input->today_left <= 1)) {
        return ns_err_note(err, NS_E_INPUT, "forecast: today_left outside 0..1");
    }
    return ns_series_check(input, err);
}

ns_rc ns_forecast_run_fast(const struct ns_forecast_input *input, struct ns_arena *arena,
                           struct ns_forecast *out, struct ns_err *err) {
    memset(out, 0, sizeof *out);
    ns_rc rc = check(input, err);
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_engine *engine = NS_NEW(arena, struct ns_engine);
    struct ns_path *path = NS_NEW(arena, struct ns_path);
    ns_engine_fit(engine, input, input->today, NS_FORECAST_DAYS, arena);
    ns_engine_path(engine, path, NS_FORECAST_DAYS, 1, false);
    fill_facts(engine, input, path, out);
    fill_demand(engine, path, out);
    out->reorder_date = NS_DATE_NONE;
    return NS_OK;
}

static ns_rc run(const struct ns_forecast_input *input, bool measured, struct ns_arena *arena,
                 struct ns_forecast *out, struct ns_err *err) {
    memset(out, 0, sizeof *out);
    ns_rc rc = check(input, err);
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_engine *engine = NS_NEW(arena, struct ns_engine);
    struct ns_path *path = NS_NEW(arena, struct ns_path);
    struct ns_size_course *course = NS_NEW(arena, struct ns_size_course);
    ns_engine_fit(engine, input, input->today, NS_FORECAST_RUNOUT_DAYS, arena);
    if (measured) {
        ns_accuracy_measure(input, arena, out);
    }
    if ((out->notes & NS_NOTE_ALARMS) != 0) {
        engine->widen = WIDEN;
    }
    ns_engine_path(engine, path, NS_FORECAST_RUNOUT_DAYS, 1, false);
    fill_facts(engine, input, path, out);
    fill_demand(engine, path, out);
    ns_accuracy_conclude(out);
    ns_explain_effects(engine, out);
    ns_engine_path(engine, path, NS_FORECAST_RUNOUT_DAYS, input->today_left, true);
    ns_runout_fill(path, input, out);
    ns_size_course(input, course);
    ns_size_fill(course, input, out);
    ns_packs_fill(path, course, input, out);
    return NS_OK;
}

ns_rc ns_forecast_run(const struct ns_forecast_input *input, struct ns_arena *arena,
                      struct ns_forecast *out, struct ns_err *err) {
    return run(input, true, arena, out, err);
}

ns_rc ns_forecast_run_outlook(const struct ns_forecast_input *input, struct ns_arena *arena,
                              struct ns_forecast *out, struct ns_err *err) {
    return run(input, false, arena, out, err);
}

/* Children need independently: their variances add up. */
static void join(struct ns_path *sum, const struct ns_path *path) {
    for (int h = 0; h < sum->days; h++) {
        sum->mean[h] += path->mean[h];
        sum->sum_mean[h] += path->sum_mean[h];
        sum->sum_sd[h] = hypot(sum->sum_sd[h], path->sum_sd[h]);
    }
}

ns_rc ns_forecast_run_shared(const struct ns_forecast_input *const *inputs, int count, int64_t stock,
                             struct ns_arena *arena, struct ns_forecast *out, struct ns_err *err) {
    struct ns_path *need = NS_NEW(arena, struct ns_path);
    struct ns_path *shelf = NS_NEW(arena, struct ns_path);
    memset(out, 0, sizeof *out);
    need->days = shelf->days = NS_FORECAST_RUNOUT_DAYS;
    for (int i = 0; i < count; i++) {
        ns_rc rc = check(inputs[i], err);
        if (rc != NS_OK) {
            return rc;
        }
        struct ns_engine *engine = NS_NEW(arena, struct ns_engine);
        struct ns_path *path = NS_NEW(arena, struct ns_path);
        struct ns_forecast *alone = NS_NEW(arena, struct ns_forecast);
        ns_engine_fit(engine, inputs[i], inputs[i]->today, NS_FORECAST_RUNOUT_DAYS, arena);
        ns_accuracy_measure(inputs[i], arena, alone); /* an alarm widens here as it does alone */
        engine->widen = (alone->notes & NS_NOTE_ALARMS) != 0 ? WIDEN : engine->widen;
        ns_engine_path(engine, path, NS_FORECAST_RUNOUT_DAYS, 1, false);
        join(need, path);
        ns_engine_path(engine, path, NS_FORECAST_RUNOUT_DAYS, inputs[i]->today_left, true);
        join(shelf, path);
    }
    out->model_version = NS_FORECAST_MODEL_VERSION;
    out->today = inputs[0]->today;
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        out->total[h] = (struct ns_forecast_sum){need->sum_mean[h], ns_path_total_quantile(need, h, 0.1),
            ns_path_total_quantile(need, h, 0.5), ns_path_total_quantile(need, h, 0.9)};
    }
    struct ns_forecast_input together = *inputs[0];
    together.stock_pieces = stock;
    ns_runout_fill(shelf, &together, out);
    return NS_OK;
}
