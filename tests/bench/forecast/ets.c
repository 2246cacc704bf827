/* ets.c: simple exponential smoothing with additive errors, without a season, with a damped
 * trend, or with a week; smoothing constants by least squares, the form by AICc. */
#include "tests/bench/forecast/methods.h"

#include <math.h>
#include <string.h>

enum { FORM_LEVEL, FORM_DAMPED, FORM_WEEK, FORM_COUNT };

struct ets {
    int form;
    double alpha, beta, keep, gamma;
    double level, slope, week[7]; /* week[day % 7] */
    double square;
    int n;
};

static void start(struct ets *e, const struct home *home, int origin) {
    double sum[7] = {0};
    int count[7] = {0};
    double all = 0;
    int n = 0;
    for (int i = 0; i < origin && n < 14; i++) {
        if (home_ok(home, i)) {
            sum[i % 7] += home->day[i].count;
            count[i % 7]++;
            all += home->day[i].count;
            n++;
        }
    }
    e->level = n > 0 ? all / n : 0;
    e->slope = 0;
    for (int w = 0; w < 7; w++) {
        e->week[w] = e->form == FORM_WEEK && count[w] > 0 ? sum[w] / count[w] - e->level : 0;
    }
}

static double run(struct ets *e, const struct home *home, int origin) {
    start(e, home, origin);
    e->square = 0;
    e->n = 0;
    for (int i = 0; i < origin; i++) {
        double before = e->level + e->keep * e->slope;
        double off = home_ok(home, i) ? home->day[i].count - before - e->week[i % 7] : 0;
        e->square += off * off;
        e->n += home_ok(home, i);
        e->level = before + e->alpha * off;
        e->slope = e->keep * e->slope + e->beta * off;
        e->week[i % 7] += e->gamma * off;
    }
    return e->square;
}

/* Each constant in turn, in ever smaller steps. */
static void search(struct ets *e, const struct home *home, int origin) {
    double *free_one[3] = {&e->alpha, e->form == FORM_DAMPED ? &e->beta : NULL,
                           e->form == FORM_WEEK ? &e->gamma : NULL};
    e->alpha = 0.2;
    e->beta = e->form == FORM_DAMPED ? 0.02 : 0;
    e->keep = e->form == FORM_DAMPED ? 0.95 : 0;
    e->gamma = e->form == FORM_WEEK ? 0.05 : 0;
    double best = run(e, home, origin);
    for (double step = 0.16; step > 0.004; step /= 2) {
        bool moved = true;
        for (int round = 0; moved && round < 8; round++) {
            moved = false;
            for (int c = 0; c < 6; c++) {
                double *at = free_one[c / 2];
                if (at == NULL) {
                    continue;
                }
                double held = *at;
                *at = fmin(fmax(held + (c % 2 == 0 ? step : -step), 1e-4), 0.9999);
                double now = run(e, home, origin);
                moved = moved || now < best - 1e-9;
                *(now < best - 1e-9 ? &best : at) = now < best - 1e-9 ? now : held;
            }
        }
    }
    (void)run(e, home, origin);
}

static double aicc(const struct ets *e) {
    int k = e->form == FORM_LEVEL ? 3 : e->form == FORM_DAMPED ? 6 : 10;
    return e->n > k + 1 ? e->n * log(fmax(e->square / e->n, 1e-6)) + 2.0 * k +
                              2.0 * k * (k + 1) / (e->n - k - 1)
                        : HUGE_VAL;
}

/* How much an error of one day still moves the value j days later. */
static double echo(const struct ets *e, int j) {
    double trend = 0;
    for (int i = 1; i <= j; i++) {
        trend += pow(e->keep, i);
    }
    return e->alpha + e->beta * trend + (j % 7 == 0 ? e->gamma : 0);
}

bool ets_tell(const struct home *home, int origin, struct told *out) {
    struct ets best = {0};
    for (int form = 0; form < FORM_COUNT; form++) {
        struct ets e = {.form = form};
        search(&e, home, origin);
        best = form == 0 || aicc(&e) < aicc(&best) ? e : best;
    }
    if (best.n == 0) {
        return false;
    }
    double sigma = fmax(sqrt(best.square / fmax(best.n - 1, 1)), 0.3);
    double sd[AHEAD];
    double variance = 0;
    double total = 0;
    double lasting = 0;
    double slope = best.slope;
    double level = best.level;
    for (int h = 0; h < AHEAD; h++) { /* the sum's share of the error h days before its end */
        slope *= best.keep;
        level += slope;
        out->mean[h] = level + best.week[(origin + h) % 7];
        sd[h] = sigma * sqrt(1 + variance);
        variance += echo(&best, h + 1) * echo(&best, h + 1);
        total += (1 + lasting) * (1 + lasting);
        lasting += echo(&best, h + 1);
    }
    told_normal(out, sd, sigma * sqrt(total));
    return true;
}
