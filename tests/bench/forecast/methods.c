#include "tests/bench/forecast/methods.h"

#include "agent/forecast/noise.h"

#include <math.h>

static const double shares[3] = {0.1, 0.5, 0.9};

const char *method_name(enum method method) {
    static const char *const names[METHOD_COUNT] = {
        "nestsync", "seasonal naive (7)", "ETS", "mean of 7 days", "mean of 28 days",
        "oracle", "Prophet, 90 days, as documented", "Prophet, yearly auto", "Prophet, defaults"};
    return names[method];
}

void told_normal(struct told *out, const double sd[AHEAD], double total_sd) {
    out->total_mean = 0;
    for (int h = 0; h < AHEAD; h++) {
        out->total_mean += out->mean[h];
        for (int q = 0; q < 3; q++) {
            out->limit[h][q] = out->mean[h] + ns_normal_quantile(shares[q]) * sd[h];
        }
    }
    for (int q = 0; q < 3; q++) {
        out->total[q] = out->total_mean + ns_normal_quantile(shares[q]) * total_sd;
    }
}

static void even(struct told *out, double sd) {
    double each[AHEAD];
    for (int h = 0; h < AHEAD; h++) {
        each[h] = sd;
    }
    told_normal(out, each, sd * sqrt(AHEAD));
}

static bool tell_mean(const struct home *home, int origin, int window, struct told *out) {
    double sum = 0;
    double square = 0;
    int n = 0;
    for (int i = origin - 1; i >= 0 && n < window; i--) {
        if (home_ok(home, i)) {
            sum += home->day[i].count;
            square += (double)home->day[i].count * home->day[i].count;
            n++;
        }
    }
    if (n == 0) {
        return false;
    }
    double mean = sum / n;
    double sd = n > 1 ? sqrt(fmax(square - sum * mean, 0) / (n - 1)) : 1;
    for (int h = 0; h < AHEAD; h++) {
        out->mean[h] = mean;
    }
    even(out, fmax(sd, 0.3));
    return true;
}

static bool tell_naive(const struct home *home, int origin, struct told *out) {
    double last[7];
    double square = 0;
    int n = 0;
    bool any = false;
    for (int w = 0; w < 7; w++) {
        last[w] = -1;
        for (int i = origin - 7 + w; i >= 0 && last[w] < 0; i -= 7) {
            last[w] = home_ok(home, i) ? home->day[i].count : -1;
        }
        any = any || last[w] >= 0;
    }
    for (int i = 7; i < origin; i++) {
        if (home_ok(home, i) && home_ok(home, i - 7)) {
            double off = home->day[i].count - home->day[i - 7].count;
            square += off * off;
            n++;
        }
    }
    struct told flat;
    if (!any || !tell_mean(home, origin, 7, &flat)) {
        return false;
    }
    for (int h = 0; h < AHEAD; h++) {
        out->mean[h] = last[h % 7] >= 0 ? last[h % 7] : flat.mean[h];
    }
    even(out, n > 0 ? fmax(sqrt(square / n), 0.3) : 1);
    return true;
}

/* Whole counts about the true mean, with one dispersion for the home. */
static bool tell_oracle(const struct home *home, int origin, struct told *out) {
    double phi = home_dispersion(home);
    double sd[AHEAD];
    double variance = 0;
    if (home->truth[origin] <= 0) {
        return false;
    }
    for (int h = 0; h < AHEAD; h++) {
        out->mean[h] = home->truth[origin + h];
        sd[h] = sqrt(fmax(phi * out->mean[h], 1e-6));
        variance += sd[h] * sd[h];
    }
    told_normal(out, sd, sqrt(variance));
    for (int h = 0; h < AHEAD; h++) {
        for (int q = 0; q < 3; q++) {
            out->limit[h][q] = fmax(0, ceil(out->limit[h][q] - 0.5));
        }
    }
    return true;
}

bool method_tell(enum method method, const struct home *home, int origin, struct told *out) {
    switch (method) {
    case METHOD_NAIVE: return tell_naive(home, origin, out);
    case METHOD_ETS: return ets_tell(home, origin, out);
    case METHOD_MEAN7: return tell_mean(home, origin, 7, out);
    case METHOD_MEAN28: return tell_mean(home, origin, 28, out);
    case METHOD_ORACLE: return tell_oracle(home, origin, out);
    case METHOD_OURS:
    case METHOD_SEED:
    case METHOD_AUTO:
    case METHOD_PLAIN:
    case METHOD_COUNT: break;
    }
    return false;
}
