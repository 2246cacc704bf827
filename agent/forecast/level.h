/* level.h: the household's level and habits as hidden states, learned day by day.
 *
 * ln mean(day) = ln use(age) + level + mood + speed * f(age) + weekday + daycare + illness +
 * breaks + yearly. level wanders (random walk), mood fades in days (AR 1), the weekend drifts
 * slowly, the rest is constant with a prior.
 * Every day updates the states by an extended Kalman step, variance phi * mean for the day's
 * noise; nothing of a later day is used, so the one-step forecasts on the way are honest.
 * Memory: plain values. Threads: pure. */
#pragma once
#include "shared/base/time.h"

#include <stdbool.h>
#include <stddef.h>

enum ns_level_state {
    NS_STATE_LEVEL,
    NS_STATE_MOOD,
    NS_STATE_SPEED,
    NS_STATE_WEEKEND,
    NS_STATE_SATURDAY, /* against Sunday */
    NS_STATE_MIDWEEK1, /* three contrasts among Monday .. Friday */
    NS_STATE_MIDWEEK2,
    NS_STATE_MIDWEEK3,
    NS_STATE_BREAK,
    NS_STATE_SUMMER,
    NS_STATE_YEAR_SIN,
    NS_STATE_YEAR_COS,
    NS_STATE_CARE, /* a day at daycare */
    NS_STATE_ILL,  /* a day marked as ill */
    NS_STATE_COUNT
};

/* What one day looks like to the model. count < 0: unknown. */
struct ns_level_day {
    ns_date date;
    int count;
    double use;  /* of the average child, first days of life included */
    double extra; /* variance of the log mean beyond the states' */
    double h[NS_STATE_COUNT];
    bool away;    /* nothing is taken from the cupboard at home */
};

struct ns_level_settings {
    double level_mean, level_sd; /* prior of ln level (C7) */
    double level_step;           /* sd per sqrt(day) of the random walk (C6) */
    double mood_keep, mood_step; /* AR(1) */
    double speed_sd;
    double weekend_mean, weekend_sd, weekday_sd;
    double weekend_step;
    double care_mean, care_sd;
    double ill_mean, ill_sd;
    double break_sd, summer_sd;
    double year_sd;              /* 0: no yearly term */
    double phi_prior, phi_weight; /* C5 */
    double phi_memory;           /* days */
    double clip;                 /* standard deviations an outlier counts for (C9) */
    bool weekly;                 /* weekday terms on */
};
struct ns_level_settings ns_level_defaults(void);

struct ns_pit {
    double bin[20];
    double total;
};

struct ns_level {
    struct ns_level_settings set;
    double x[NS_STATE_COUNT];
    double p[NS_STATE_COUNT][NS_STATE_COUNT];
    double phi;
    double phi_sum, phi_n;
    int run_sign, run_length; /* days in a row far off on one side */
    int fast_days;            /* days left of faster wandering */
    int outliers;
    int seen;
};

void ns_level_start(struct ns_level *level, const struct ns_level_settings *set);
/* Fill day->h and day->use. */
void ns_level_describe(struct ns_level_day *day, ns_date birth, int days_early,
                       const char *province, const struct ns_level_settings *set);
/* Move the states one day on, before the day's count is known. */
void ns_level_advance(struct ns_level *level);
double ns_level_mean(const struct ns_level *level, const struct ns_level_day *day);
/* Variance of the log mean; row receives P h when not NULL. */
double ns_level_variance(const struct ns_level *level, const struct ns_level_day *day,
                         double row[NS_STATE_COUNT]);
void ns_level_learn(struct ns_level *level, const struct ns_level_day *day);
/* What the states say of the day before its count is known. */
struct ns_level_guess {
    double mean;
    double variance; /* of the count */
};
struct ns_level_guess ns_level_guess(const struct ns_level *level, const struct ns_level_day *day);
/* Note where the count fell in the forecast. */
void ns_pit_note(struct ns_pit *pit, int count, const struct ns_level_guess *guess);
/* The nominal probability whose quantile has held a share p of past days. */
double ns_pit_map(const struct ns_pit *pit, double p);
