#include "agent/forecast/accuracy.h"

#include "agent/forecast/engine.h"

#include <math.h>

#define ORIGINS 8
#define WEEK 7
#define FIRST_DAYS 14 /* good days before the first origin */

enum ns_confidence ns_accuracy_table(int n, bool measured, double r2, double mae) {
    static const struct {
        double r2;
        double mae;
        int n;
    } rows[] = {{0.8, 1.5, 30}, {0.7, 2.0, 30}, {0.5, 3.0, 14}, {0.3, 4.0, 14}};
    for (int i = 0; measured && i < 4; i++) {
        if (r2 > rows[i].r2 && mae < rows[i].mae && n >= rows[i].n) {
            return (enum ns_confidence)(NS_CONFIDENCE_VERY_HIGH - i);
        }
    }
    return NS_CONFIDENCE_VERY_LOW;
}

enum ns_confidence ns_accuracy_runout(double half_width, bool has_coverage, double coverage) {
    static const double limits[] = {0.08, 0.12, 0.20, 0.35};
    int level = NS_CONFIDENCE_VERY_LOW;
    for (int i = 3; i >= 0; i--) {
        if (half_width <= limits[i]) {
            level = NS_CONFIDENCE_VERY_HIGH - i;
        }
    }
    bool sound = has_coverage && coverage >= 0.65 && coverage <= 0.95;
    if (!sound && level > NS_CONFIDENCE_VERY_LOW) {
        level--;
    }
    return (enum ns_confidence)level;
}

struct tally {
    int pairs;
    int origins;
    double absolute;
    double residual;
    double total;
    double inside;
    double week_accuracy; /* sum over the newest four origins */
    int weeks;
};

#define ACCURACY_WEEKS 4
#define ACCURACY_FLOOR 0.80

static double held(int count, const struct ns_forecast_value *day) {
    if (count == day->q10 && count == day->q90) {
        return 1;
    }
    if (count == day->q10 || count == day->q90) {
        return 0.5;
    }
    return count > day->q10 && count < day->q90 ? 1 : 0;
}

static double training_mean(const struct ns_series *series) {
    double sum = 0;
    for (int i = 0; i < series->past; i++) {
        sum += series->day[i].count >= 0 ? series->day[i].count : 0;
    }
    return sum / series->ok_days;
}

/* One origin: fit on what lies before `from`, compare with the week that begins there. */
static bool add_origin(const struct ns_forecast_input *input, const struct ns_series *truth,
                       ns_date from, struct ns_arena *arena, struct tally *tally) {
    struct ns_engine *engine = NS_NEW(arena, struct ns_engine);
    struct ns_path *path = NS_NEW(arena, struct ns_path);
    ns_engine_fit(engine, input, from, WEEK, arena);
    if (engine->series.ok_days < FIRST_DAYS) {
        return false;
    }
    double mean = training_mean(&engine->series);
    ns_engine_path(engine, path, WEEK, 1, false);
    tally->origins++;
    double used = 0;
    double told = 0;
    for (int h = 0; h < WEEK; h++) {
        int index = from + h - truth->day[0].date;
        int count = index < truth->past ? truth->day[index].count : -1;
        struct ns_forecast_value day;
        if (count < 0) {
            continue;
        }
        ns_engine_day(engine, path, h, &day);
        tally->pairs++;
        used += count;
        told += day.mean;
        tally->absolute += fabs(count - day.mean);
        tally->residual += (count - day.mean) * (count - day.mean);
        tally->total += (count - mean) * (count - mean);
        tally->inside += held(count, &day);
    }
    if (tally->weeks < ACCURACY_WEEKS && used > 0) {
        tally->week_accuracy += 1 - fabs(used - told) / used;
        tally->weeks++;
    }
    return true;
}

static void conclude(const struct tally *tally, struct ns_forecast *out) {
    out->backtest_pairs = tally->pairs;
    if (tally->pairs > 0) {
        out->has_mae = true;
        out->mae = tally->absolute / tally->pairs;
        out->has_coverage = true;
        out->coverage = tally->inside / tally->pairs;
        out->has_r2 = tally->total > 1e-9;
        out->r2 = out->has_r2 ? 1 - tally->residual / tally->total : 0;
        out->notes |= out->has_r2 ? 0 : 1u << NS_NOTE_NO_VARIATION;
        out->notes |= tally->origins == 1 ? 1u << NS_NOTE_ONE_ORIGIN : 0;
        if (out->coverage < 0.65 || out->coverage > 0.95) {
            out->notes |= 1u << NS_NOTE_COVERAGE_OFF;
        }
        out->has_week_accuracy = tally->weeks > 0;
        out->week_accuracy = tally->weeks > 0 ? tally->week_accuracy / tally->weeks : 0;
        if (tally->weeks == ACCURACY_WEEKS && out->week_accuracy < ACCURACY_FLOOR) {
            out->notes |= 1u << NS_NOTE_DRIFT_WEEKS;
        }
    } else {
        out->notes |= 1u << NS_NOTE_FEW_DAYS;
    }
}

void ns_accuracy_measure(const struct ns_forecast_input *input, struct ns_arena *arena,
                         struct ns_forecast *out) {
    struct tally tally = {0};
    struct ns_level_settings set = ns_level_defaults();
    struct ns_series truth;
    ns_series_build(&truth, input, input->today, 0, &set, arena);
    if (truth.ok_days >= FIRST_DAYS) {
        ns_date from = truth.last_ok + 1 - WEEK;
        for (int i = 0; i < ORIGINS; i++) {
            if (from - i * WEEK <= truth.first_ok ||
                !add_origin(input, &truth, from - i * WEEK, arena, &tally)) {
                break;
            }
        }
    }
    conclude(&tally, out);
    out->confidence = ns_accuracy_table(truth.ok_days, out->has_r2, out->r2, out->mae);
}

void ns_accuracy_conclude(struct ns_forecast *out) {
    double width = out->total_mean > 0
                       ? (out->total_q90 - out->total_q10) / 2.0 / out->total_mean
                       : 1e9;
    out->runout_confidence = ns_accuracy_runout(width, out->has_coverage, out->coverage);
}
