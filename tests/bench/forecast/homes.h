/* homes.h: logs to score a forecast on: simulated ones with their true mean, and real ones.
 * Memory: owned by the caller, plain values. */
#pragma once
#include "agent/forecast/forecast.h"

#define HOME_DAYS_MAX 1400

struct home {
    char name[64];
    bool real;
    ns_date birth;
    int days;
    struct ns_use_day day[HOME_DAYS_MAX];
    double truth[HOME_DAYS_MAX]; /* mean of the day; 0: not known */
};

/* A daily table with true_mean, or a log of events "date,time,type" from the day of birth; days
 * without an entry are OK with 0, the first and the last are partial. False: cannot be read. */
bool home_read(const char *path, struct home *out);
bool home_ok(const struct home *home, int day);
/* Variance / mean of the counts about the true mean. */
double home_dispersion(const struct home *home);
