#include "agent/forecast/level.h"

#include "agent/forecast/curve.h"
#include "agent/forecast/noise.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
#define PIT_BINS 20
#define PIT_MEMORY 120.0 /* days */
#define PIT_PRIOR 350.0  /* even days it is mixed with: fewer made the cover worse */
#define EARLY_DAYS 6
#define EARLY_VARIANCE 0.005 /* of the log mean in the first days of life */
#define PHI_CLIP 4.0 /* standard deviations a day counts for in the dispersion */

/* Set by a random search over 100 simulated homes and the real log, then rounded; the steps of
 * level and mood are the experts' (forecast.c). On homes not searched over the search gained
 * nothing on average: see docs/decisions. */
struct ns_level_settings ns_level_defaults(void) {
    return (struct ns_level_settings){
        .level_mean = -0.02, .level_sd = 0.22, .level_step = 0.003,
        .mood_keep = 0.85, .mood_step = 0.042, .speed_sd = 0.25,
        .weekend_mean = 0.02, .weekend_sd = 0.08, .weekday_sd = 0.016, .weekend_step = 0.0015,
        .care_mean = -0.08, .care_sd = 0.08, .ill_mean = 0.2, .ill_sd = 0.2,
        .break_sd = 0.3, .summer_sd = 0.5, .year_sd = 0.0,
        .phi_prior = 0.3, .phi_weight = 10, .phi_memory = 60, .clip = 2.5, .weekly = true,
    };
}

void ns_level_start(struct ns_level *level, const struct ns_level_settings *set) {
    memset(level, 0, sizeof *level);
    level->set = *set;
    double sd[NS_STATE_COUNT] = {0};
    sd[NS_STATE_LEVEL] = set->level_sd;
    sd[NS_STATE_MOOD] = set->mood_step / sqrt(1 - set->mood_keep * set->mood_keep);
    sd[NS_STATE_SPEED] = set->speed_sd;
    sd[NS_STATE_BREAK] = set->break_sd;
    sd[NS_STATE_SUMMER] = set->summer_sd;
    sd[NS_STATE_YEAR_SIN] = set->year_sd;
    sd[NS_STATE_YEAR_COS] = set->year_sd;
    sd[NS_STATE_CARE] = set->care_sd;
    sd[NS_STATE_ILL] = set->ill_sd;
    if (set->weekly) {
        sd[NS_STATE_WEEKEND] = set->weekend_sd;
        for (int i = NS_STATE_SATURDAY; i <= NS_STATE_MIDWEEK3; i++) {
            sd[i] = set->weekday_sd;
        }
    }
    for (int i = 0; i < NS_STATE_COUNT; i++) {
        level->p[i][i] = sd[i] * sd[i];
    }
    level->x[NS_STATE_LEVEL] = set->level_mean;
    level->x[NS_STATE_BREAK] = 1;
    level->x[NS_STATE_SUMMER] = 1;
    level->x[NS_STATE_WEEKEND] = set->weekly ? set->weekend_mean : 0;
    level->x[NS_STATE_CARE] = set->care_mean;
    level->x[NS_STATE_ILL] = set->ill_mean;
    level->phi = set->phi_prior;
}

void ns_level_describe(struct ns_level_day *day, ns_date birth, int days_early,
                       const char *province, const struct ns_level_settings *set) {
    int born = day->date - birth;
    int corrected = born - days_early;
    struct ns_season season = ns_curve_season(province, day->date);
    memset(day->h, 0, sizeof day->h);
    day->away = false;
    day->extra = born >= 0 && born < EARLY_DAYS ? EARLY_VARIANCE : 0;
    day->use = ns_curve_use(born, corrected);
    day->h[NS_STATE_LEVEL] = 1;
    day->h[NS_STATE_MOOD] = 1;
    day->h[NS_STATE_SPEED] = ns_curve_speed(corrected);
    day->h[NS_STATE_BREAK] = log1p(season.break_add);
    day->h[NS_STATE_SUMMER] = log1p(season.summer_add);
    if (set->weekly) {
        /* Contrasts that sum to zero over a week, so that the level keeps its meaning. */
        static const signed char midweek[3][5] = {{1, 0, 0, 0, -1}, {0, 1, 0, -1, 0},
                                                  {1, -1, 0, -1, 1}};
        int weekday = ns_date_weekday(day->date);
        day->h[NS_STATE_WEEKEND] = weekday >= 5 ? 5 / 7.0 : -2 / 7.0;
        if (weekday >= 5) {
            day->h[NS_STATE_SATURDAY] = weekday == 5 ? 1 : -1;
        } else {
            for (int i = 0; i < 3; i++) {
                day->h[NS_STATE_MIDWEEK1 + i] = midweek[i][weekday];
            }
        }
    }
    if (set->year_sd > 0) {
        day->h[NS_STATE_YEAR_SIN] = sin(2 * PI * day->date / 365.25);
        day->h[NS_STATE_YEAR_COS] = cos(2 * PI * day->date / 365.25);
    }
}

void ns_level_advance(struct ns_level *level) {
    const struct ns_level_settings *set = &level->set;
    double boost = level->fast_days > 0 ? 25 : 1; /* five times the step (C9) */
    level->fast_days -= level->fast_days > 0;
    level->x[NS_STATE_MOOD] *= set->mood_keep;
    for (int i = 0; i < NS_STATE_COUNT; i++) {
        level->p[NS_STATE_MOOD][i] *= set->mood_keep;
    }
    for (int i = 0; i < NS_STATE_COUNT; i++) {
        level->p[i][NS_STATE_MOOD] *= set->mood_keep;
    }
    level->p[NS_STATE_LEVEL][NS_STATE_LEVEL] += boost * set->level_step * set->level_step;
    level->p[NS_STATE_MOOD][NS_STATE_MOOD] += set->mood_step * set->mood_step;
    if (set->weekly) {
        level->p[NS_STATE_WEEKEND][NS_STATE_WEEKEND] += set->weekend_step * set->weekend_step;
    }
}

double ns_level_mean(const struct ns_level *level, const struct ns_level_day *day) {
    double sum = 0;
    for (int i = 0; i < NS_STATE_COUNT; i++) {
        sum += day->h[i] * level->x[i];
    }
    return day->use * exp(fmin(fmax(sum, -6), 3));
}

double ns_level_variance(const struct ns_level *level, const struct ns_level_day *day,
                         double row[NS_STATE_COUNT]) {
    double local[NS_STATE_COUNT];
    double *ph = row == NULL ? local : row;
    double sum = 0;
    for (int i = 0; i < NS_STATE_COUNT; i++) {
        ph[i] = 0;
        for (int j = 0; j < NS_STATE_COUNT; j++) {
            ph[i] += level->p[i][j] * day->h[j];
        }
        sum += ph[i] * day->h[i];
    }
    return fmax(sum, 0);
}

struct ns_level_guess ns_level_guess(const struct ns_level *level,
                                     const struct ns_level_day *day) {
    double mean = fmax(ns_level_mean(level, day), 0.05);
    double relative = ns_level_variance(level, day, NULL) + day->extra;
    return (struct ns_level_guess){mean, level->phi * mean + relative * mean * mean};
}

void ns_pit_note(struct ns_pit *pit, int count, const struct ns_level_guess *guess) {
    double phi = guess->variance / guess->mean;
    double low = ns_noise_cdf(count - 1, guess->mean, phi);
    double high = fmax(ns_noise_cdf(count, guess->mean, phi), low + 1e-12);
    for (int i = 0; i < PIT_BINS; i++) {
        double a = fmax(low, i / (double)PIT_BINS);
        double b = fmin(high, (i + 1) / (double)PIT_BINS);
        pit->bin[i] *= 1 - 1 / PIT_MEMORY;
        pit->bin[i] += b > a ? (b - a) / (high - low) : 0;
    }
    pit->total = pit->total * (1 - 1 / PIT_MEMORY) + 1;
}

static void note_run(struct ns_level *level, double z) {
    int sign = z > 2.0 ? 1 : z < -2.0 ? -1 : 0;
    bool longer = sign != 0 && sign == level->run_sign;
    level->run_length = longer ? level->run_length + 1 : sign != 0;
    level->run_sign = sign;
    if (level->run_length >= 3) {
        level->fast_days = 7;
    }
}

void ns_level_learn(struct ns_level *level, const struct ns_level_day *day) {
    const struct ns_level_settings *set = &level->set;
    if (day->count < 0) {
        return;
    }
    double ph[NS_STATE_COUNT];
    double mean = fmax(ns_level_mean(level, day), 0.05);
    double variance = ns_level_variance(level, day, ph);
    double spread = level->phi / mean + variance + day->extra; /* of the relative deviation */
    double off = (day->count - mean) / mean;
    double z = off / sqrt(spread);
    if (level->seen >= 7) {
        note_run(level, z);
    }
    double wide = fmin(fabs(z), PHI_CLIP);
    double square = wide * wide * spread;
    if (fabs(z) > set->clip) {
        level->outliers++;
        off *= set->clip / fabs(z);
        z = z > 0 ? set->clip : -set->clip;
    }
    for (int i = 0; i < NS_STATE_COUNT; i++) {
        level->x[i] += ph[i] / spread * off;
        for (int j = 0; j < NS_STATE_COUNT; j++) {
            level->p[i][j] -= ph[i] * ph[j] / spread;
        }
    }
    double keep = 1 - 1 / set->phi_memory;
    level->phi_sum = level->phi_sum * keep + (square - variance - day->extra) * mean;
    level->phi_n = level->phi_n * keep + 1;
    level->phi = (level->phi_sum + set->phi_weight * set->phi_prior) /
                 (level->phi_n + set->phi_weight);
    level->phi = fmin(fmax(level->phi, NS_NOISE_PHI_MIN), NS_NOISE_PHI_MAX);
    level->seen++;
}

double ns_pit_map(const struct ns_pit *pit, double p) {
    double all = pit->total + PIT_PRIOR;
    double sum = 0;
    for (int i = 0; i < PIT_BINS; i++) {
        double mass = (pit->bin[i] + PIT_PRIOR / PIT_BINS) / all;
        if (sum + mass >= p) {
            double inside = (p - sum) / mass;
            return fmin(fmax((i + inside) / PIT_BINS, 0.002), 0.998);
        }
        sum += mass;
    }
    return 0.998;
}
