/* forecast.h: how many diapers a child will use, how sure that is, and when the stock runs out.
 *
 * Pure: no clock, no file, no random source; equal input gives identical bits. `today` is the
 * first day to forecast (the day that has not ended yet); nothing dated today or later is read.
 * Memory: everything the result points to lies in the caller's arena. Threads: any; one arena
 * each. Cost: 0.5 ms for a year of days, 5 ms with back-tests and run-out (tests/bench). */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/time.h"
#include "shared/model/size.h"

#define NS_FORECAST_MODEL_VERSION "nestsync-level-3"
#define NS_FORECAST_DAYS 30
#define NS_FORECAST_RUNOUT_DAYS 180
#define NS_FORECAST_LEAD_MAX 15    /* delivery days 0..14 */
#define NS_FORECAST_DAY_MAX 20.0   /* no forecast leaves [0, 20] pieces a day */
#define NS_FORECAST_SERIES_MAX 4000

enum ns_use_status {
    NS_USE_OK,
    NS_USE_MISSING,        /* travel, forgotten: unknown, not zero */
    NS_USE_PARTIAL,        /* only part of the day was logged */
    NS_USE_ZERO_CONFIRMED, /* a parent says that none was used */
};

struct ns_use_day {
    ns_date date;
    int count; /* read only for OK; 0..99 */
    enum ns_use_status status;
};

/* What a family marks in the calendar, past or to come. */
enum ns_mark_kind {
    NS_MARK_ILL,
    NS_MARK_CARE,        /* daycare on these weekdays, but not on public holidays */
    NS_MARK_CARE_CLOSED, /* daycare shut: the child is at home */
    NS_MARK_AWAY,        /* travel: the cupboard at home is not used */
};
struct ns_use_mark {
    enum ns_mark_kind kind;
    ns_date first;
    ns_date last;      /* NS_DATE_NONE: open end */
    unsigned weekdays; /* of CARE: bit 0 Monday .. bit 6 Sunday; 0: Monday to Friday */
};

enum ns_forecast_sex { NS_FORECAST_SEX_BOY, NS_FORECAST_SEX_GIRL, NS_FORECAST_SEX_UNKNOWN };
struct ns_weighing {
    ns_date date;
    int grams;
};

struct ns_forecast_input {
    ns_date today;
    ns_date birth;
    int days_early;       /* born this many days before term; 0 for term */
    const char *province; /* "QC"; NULL: no public holidays */
    bool no_growth;  /* a family's wish: use is not expected to change with age */
    bool no_seasons; /* ... nor with breaks, summer and the time of year */
    const struct ns_use_day *days; /* strictly ascending; days left out count as missing */
    size_t day_count;
    int64_t stock_pieces; /* of the size worn now; negative: unknown, no run-out */
    double today_left;    /* share of today still to come, 0..1; 1 for a whole day */
    /* P(delivery takes l days), summing to 1; all zero: 2:.2 3:.4 4:.25 6:.15 */
    double lead_time[NS_FORECAST_LEAD_MAX];
    double service_level;  /* chance not to run dry before the delivery; 0 means 0.95 */
    const struct ns_use_mark *marks; /* in any order */
    size_t mark_count;
    bool size_known; /* false: nothing is said about sizes and packs */
    enum ns_size size;
    const char *brand; /* NULL: any */
    enum ns_forecast_sex sex;
    const struct ns_weighing *weighings; /* ascending */
    size_t weighing_count;
    int complaints;        /* leaks and "too tight" of the last 14 days */
    int pack_pieces;       /* of the pack usually bought; 0: the chart's */
    int review_days;       /* how long an order should last; 0 means 30 */
    double leftover_value; /* share of its price an outgrown pack still fetches; 0 means 0.5 */
    bool has_sibling;
    double sibling_log_level; /* ns_forecast.log_level of an older child of the household */
};

enum ns_model_kind { NS_MODEL_COLD_START, NS_MODEL_FLAT, NS_MODEL_TREND, NS_MODEL_YEARLY };
enum ns_confidence {
    NS_CONFIDENCE_VERY_LOW,
    NS_CONFIDENCE_LOW,
    NS_CONFIDENCE_MEDIUM,
    NS_CONFIDENCE_HIGH,
    NS_CONFIDENCE_VERY_HIGH,
};

/* Why a measure is absent or what weakens the forecast; bit set in ns_forecast.notes. */
enum ns_forecast_note {
    NS_NOTE_NO_DAYS,          /* nothing logged: the average child of this age */
    NS_NOTE_FEW_DAYS,         /* under 14 good days: accuracy not measured */
    NS_NOTE_ONE_ORIGIN,       /* 14 to 20 good days: accuracy measured once */
    NS_NOTE_NO_VARIATION,     /* the days compared were all alike: no R2 */
    NS_NOTE_LONG_GAP,         /* the last good day is more than 7 days old */
    NS_NOTE_MANY_MISSING,     /* over a quarter of the last 28 days is missing */
    NS_NOTE_LEVEL_SHIFT,      /* the last days differ from what was expected */
    NS_NOTE_OUTLIERS,         /* days far off were given less weight */
    NS_NOTE_STOCK_UNKNOWN,
    NS_NOTE_STOCK_LASTS,      /* the stock outlasts the horizon more likely than not */
    NS_NOTE_COVERAGE_OFF,     /* the interval has held too few or too many past days */
    NS_NOTE_GUARDED,          /* the forecast was held within a factor 2 of recent use */
    NS_NOTE_ZERO_AS_MISSING,  /* zero days between days with 3 or more were taken as missing */
    NS_NOTE_DRIFT_SHIFT,      /* alarm: use differs lastingly from what was forecast */
    NS_NOTE_DRIFT_MISSES,     /* alarm: too many of 28 days fell outside the band */
    NS_NOTE_DRIFT_WEEKS,      /* alarm: weekly accuracy under 80 % over four weeks */
    NS_NOTE_COUNT
};

struct ns_forecast_value {
    ns_date date;
    double mean; /* expected use */
    int q10;
    int q50;
    int q90;
};

struct ns_forecast_sum { /* use of days 1..h together */
    double mean;
    int q10;
    int q50;
    int q90;
};

/* Notes that are alarms: shown as such; level and totals are held for half as unsure again. */
#define NS_NOTE_ALARMS                                                                         \
    (1u << NS_NOTE_DRIFT_SHIFT | 1u << NS_NOTE_DRIFT_MISSES | 1u << NS_NOTE_DRIFT_WEEKS)

enum ns_feature {
    NS_FEATURE_TREND,
    NS_FEATURE_WEEKLY,
    NS_FEATURE_YEARLY,
    NS_FEATURE_HOLIDAYS,
    NS_FEATURE_GROWTH,
    NS_FEATURE_SEASONAL,
    NS_FEATURE_COUNT
};

struct ns_forecast {
    enum ns_model_kind kind;
    const char *model_version;
    ns_date today;
    ns_date last_ok_day;     /* NS_DATE_NONE: none */
    int data_points;         /* good days fitted */
    int period_days;         /* first good day .. last good day, both counted */
    struct ns_forecast_value day[NS_FORECAST_DAYS];
    double current_rate;     /* mean of the next 7 days, 2 decimals */
    struct ns_forecast_sum total[NS_FORECAST_DAYS]; /* total[h - 1]: of the first h days */
    double total_mean;       /* of 30 days */
    int total_rounded;
    int total_q10;
    int total_q50;
    int total_q90;
    double total_sd;

    bool has_runout;
    ns_date runout_q10; /* ten in a hundred chance that it is earlier */
    ns_date runout_median;
    ns_date runout_q90; /* last day of the horizon + 1 when it may come later still */
    ns_date reorder_date; /* NS_DATE_NONE: no known stock, or beyond the horizon */

    bool has_packs;      /* the stock is known */
    int packs;           /* to buy with the next order */
    int pack_pieces;
    int packs_held_back; /* would be used, but the size may be left before */
    bool has_size_change;
    enum ns_size next_size;
    double size_change_chance; /* within 30 days, 4 decimals */
    ns_date size_change_date;  /* more likely left than not; NS_DATE_NONE: beyond the horizon */
    int weighings;             /* 0: the date is from age alone */

    enum ns_confidence confidence;
    enum ns_confidence runout_confidence;
    bool has_mae;
    double mae;
    bool has_r2;
    double r2;
    bool has_coverage;
    double coverage;    /* share of back-test days inside the 80 % band, limits counted half */
    int backtest_pairs;
    bool has_week_accuracy;
    double week_accuracy; /* 1 - |error| / use of whole weeks, mean of the last four (C10) */

    double importance[NS_FEATURE_COUNT]; /* shares of effect; sum to 1, or all 0 */
    double growth_factor;   /* mu(age today) / mu(365) */
    double seasonal_factor; /* of today */
    double log_level;       /* posterior mean and sd of ln(use / average child) */
    double log_level_sd;
    double dispersion;      /* variance / mean of the day noise */
    uint32_t notes; /* 1u << enum ns_forecast_note */
};

/* NS_E_INPUT for days out of order, a count out of range or over NS_FORECAST_SERIES_MAX. */
ns_rc ns_forecast_run(const struct ns_forecast_input *input, struct ns_arena *arena,
                      struct ns_forecast *out, struct ns_err *err) NS_MUST_USE;
/* The same without accuracy measures and run-out: for back-tests and property tests. */
ns_rc ns_forecast_run_fast(const struct ns_forecast_input *input, struct ns_arena *arena,
                           struct ns_forecast *out, struct ns_err *err) NS_MUST_USE;

/* Chances per delivery day from what a family knows: one in ten comes by `early`, half by
 * `usual`, nine in ten by `late` days. */
void ns_forecast_lead_time(int early, int usual, int late, double out[NS_FORECAST_LEAD_MAX]);
/* The chances a forecast uses: those given, else the usual ones. Sum to 1. */
void ns_lead_times(const struct ns_forecast_input *input, double out[NS_FORECAST_LEAD_MAX]);

/* The same without accuracy measures: for what-if questions. */
ns_rc ns_forecast_run_outlook(const struct ns_forecast_input *input, struct ns_arena *arena,
                              struct ns_forecast *out, struct ns_err *err) NS_MUST_USE;
/* Several children (count >= 1) who draw on one shelf of `stock` pieces: fills total[] (whole days
 * from today on, as for one child), run-out (the rest of today, days at home), reorder_date and
 * nothing else; lead times and service level are the first's. For one child it says what
 * ns_forecast_run does. */
ns_rc ns_forecast_run_shared(const struct ns_forecast_input *const *inputs, int count, int64_t stock,
                             struct ns_arena *arena, struct ns_forecast *out,
                             struct ns_err *err) NS_MUST_USE;

/* Wipes, cream: things without a model of their own, from what was used over some days. */
struct ns_supply_input {
    ns_date today;
    double used;       /* pieces over `days` days */
    int days;
    double dispersion; /* variance / mean of a day; 0: not known */
    int64_t left;
    double lead_time[NS_FORECAST_LEAD_MAX]; /* all zero: the usual */
};
struct ns_supply {
    double rate; /* pieces a day */
    bool has_runout;
    ns_date runout_q10;
    ns_date runout_median;
    ns_date runout_q90;
    ns_date reorder_date;
};
void ns_supply_forecast(const struct ns_supply_input *input, struct ns_supply *out);

const char *ns_model_kind_name(enum ns_model_kind kind);      /* "COLD_START", ... */
const char *ns_confidence_name(enum ns_confidence confidence); /* "VERY_LOW", ... */
const char *ns_feature_name(enum ns_feature feature); /* "trend", "growth_factor", ... */
int ns_forecast_note_msg(enum ns_forecast_note note);          /* enum ns_msg */

/* Average use of a child of this age in pieces a day, and its factors (forecasting.md C2). */
double ns_use_of_age(int age_days);
double ns_growth_factor(int age_days);
double ns_seasonal_factor(const char *province, ns_date day);
