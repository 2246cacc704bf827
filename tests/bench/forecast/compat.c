/* bench-compat --write FOLDER: the series as CSV, for the pair; bench-compat OUT.json [PAIR]: the
 * Prophet-compatible mode with the first documentation's settings (yearly and weekly,
 * multiplicative, two regressors, 30 days ahead) by length of history: processor time and memory
 * beside the goals, and beside the real Prophet where PAIR holds what prophet.R measured on the
 * same series ("n fit predict" in seconds, a line each). */
#include "agent/forecast/compat.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 41
#define AHEAD 30
#define DAYS_MAX 1000

static const struct {
    int n;
    double goal_ms;
} sizes[] = {{30, 2}, {90, 2}, {365, 4}, {1000, 6}};

static struct {
    int64_t seconds[DAYS_MAX + AHEAD + 1];
    double y[DAYS_MAX + AHEAD + 1];
    double regressor[2 * (DAYS_MAX + AHEAD + 1)];
    double cap[DAYS_MAX + AHEAD + 1];
} home;

/* A simulated home from birth on: the curve of use by age, a weekly and a yearly habit, noise. */
static void make_home(void) {
    uint64_t state = 7;
    for (int i = 0; i < DAYS_MAX + AHEAD + 1; i++) {
        double curve = 5 + 2.7 * exp(-i / 300.0) + 2.8 * exp(-i / 45.0);
        int day = 19000 + i; /* 2022-01-08 */
        double noise = 0;
        for (int k = 0; k < 12; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            noise += (double)(state >> 11) / 9007199254740992.0 - 0.5;
        }
        bool summer = (day - 18993) % 365 >= 181 && (day - 18993) % 365 <= 242;
        home.seconds[i] = (int64_t)day * 86400;
        home.cap[i] = 20;
        home.regressor[2 * i] = curve / (5 + 2.7 * exp(-365 / 300.0) + 2.8 * exp(-365 / 45.0));
        home.regressor[2 * i + 1] = summer ? 1.03 : day % 61 == 0 ? 1.05 : 1;
        home.y[i] = fmax(0, round(curve * (day % 7 < 2 ? 1.06 : 1) * home.regressor[2 * i + 1] +
                                  1.3 * noise));
    }
}

static struct ns_compat_model model_of(enum ns_fit_growth growth) {
    static const struct ns_compat_season season[] = {{"yearly", 365.25, 10, 10, true, 0},
                                                     {"weekly", 7, 3, 10, true, 0}};
    static const struct ns_compat_regressor regressor[] = {
        {"growth_factor", 10, true, NS_SCALE_AUTO}, {"seasonal_factor", 10, true, NS_SCALE_AUTO}};
    return (struct ns_compat_model){.growth = growth, .change_count = 25,
        .change_range = 0.8, .tau = 0.05, .interval = 0.8, .holidays_multiplicative = true,
        .season = season, .season_count = 2, .regressor = regressor, .regressor_count = 2};
}

static struct ns_compat_rows rows_of(int from, int count) {
    return (struct ns_compat_rows){.count = (size_t)count, .seconds = home.seconds + from,
                                   .y = home.y + from, .regressor = home.regressor + 2 * from,
                                   .cap = home.cap + from};
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times) {
    qsort(times, RUNS, sizeof times[0], ascending);
    return times[RUNS / 2];
}

struct result {
    double cold_ms;
    double warm_ms;
    size_t bytes;
    int steps;
    int warm_steps;
};

static void forecast(const struct ns_compat *before, enum ns_fit_growth growth, int n,
                     struct ns_arena *arena, struct ns_compat *out) {
    static struct ns_compat_model model;
    static struct ns_compat_rows history;
    model = model_of(growth);
    history = rows_of(0, n);
    struct ns_compat_rows ask = rows_of(n, AHEAD);
    if (ns_compat_fit(&model, &history, before, arena, out, NULL) != NS_OK ||
        ns_compat_predict(out, &ask, arena, &out->row, NULL) != NS_OK) {
        exit(1);
    }
}

static struct result measure(enum ns_fit_growth growth, int n) {
    struct ns_arena cold = {0};
    struct ns_arena warm = {0};
    double times[RUNS];
    double warm_times[RUNS];
    struct result r = {0};
    for (int i = 0; i < RUNS; i++) {
        struct ns_compat fitted;
        struct ns_compat again;
        ns_arena_reset(&cold);
        double start = now_ms();
        forecast(NULL, growth, n, &cold, &fitted);
        times[i] = now_ms() - start;
        r.bytes = cold.total;
        r.steps = fitted.fit.steps;
        ns_arena_reset(&warm);
        start = now_ms();
        forecast(&fitted, growth, n + 1, &warm, &again);
        warm_times[i] = now_ms() - start;
        r.warm_steps = again.fit.steps;
    }
    ns_arena_fini(&cold);
    ns_arena_fini(&warm);
    r.cold_ms = median(times);
    r.warm_ms = median(warm_times);
    return r;
}

static int write_series(const char *folder) {
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%d.csv", folder, sizes[s].n);
        FILE *f = fopen(path, "w");
        if (f == NULL) {
            perror(path);
            return 1;
        }
        fputs("day,y,growth_factor,seasonal_factor\n", f);
        for (int i = 0; i < sizes[s].n + AHEAD; i++) {
            fprintf(f, "%d,%g,%.15g,%g\n", 19000 + i, home.y[i], home.regressor[2 * i],
                    home.regressor[2 * i + 1]);
        }
        fclose(f);
    }
    return 0;
}

/* Seconds Prophet took on n days; 0: not measured. */
static double pair_of(const char *path, int n) {
    FILE *f = path == NULL ? NULL : fopen(path, "r");
    char line[200];
    double found = 0;
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        char *at = line;
        long days = strtol(at, &at, 10);
        double fit = strtod(at, &at);
        double predict = strtod(at, &at);
        found = days == n ? fit + predict : found;
    }
    if (f != NULL) {
        fclose(f);
    }
    return found;
}

int main(int argc, char **argv) {
    make_home();
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        return write_series(argv[2]);
    }
    FILE *json = argc > 1 ? fopen(argv[1], "w") : NULL;
    puts("Prophet-compatible mode: fit, limits and 30 days (processor time, median)");
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        struct result r = measure(NS_FIT_LINEAR, sizes[s].n);
        double prophet = pair_of(argc > 2 ? argv[2] : NULL, sizes[s].n);
        printf("%4d days: %.2f ms in %d steps (goal %.0f), one day more %.2f ms in %d steps "
               "(goal 0.5), %.2f MiB (goal 4)", sizes[s].n, r.cold_ms, r.steps,
               sizes[s].goal_ms, r.warm_ms, r.warm_steps, (double)r.bytes / 1048576);
        if (prophet > 0) {
            printf(", Prophet %.0f ms: %.0f times as long", prophet * 1e3,
                   prophet * 1e3 / r.cold_ms);
        }
        putchar('\n');
        if (json != NULL) {
            fprintf(json, "%s{\"days\": %d, \"ms\": %.3f, \"goal_ms\": %.1f, \"warm_ms\": %.3f, "
                    "\"steps\": %d, \"bytes\": %zu, \"prophet_ms\": %.1f}",
                    s > 0 ? ",\n " : "[", sizes[s].n, r.cold_ms, sizes[s].goal_ms, r.warm_ms,
                    r.steps, r.bytes, prophet * 1e3);
        }
    }
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        struct result r = measure(NS_FIT_LOGISTIC, sizes[s].n);
        printf("%4d days, logistic growth (limits drawn): %.2f ms in %d steps, one day more %.2f ms "
               "in %d steps\n", sizes[s].n, r.cold_ms, r.steps, r.warm_ms, r.warm_steps);
    }
    if (json != NULL) {
        fputs("]\n", json);
        return fclose(json) == 0 ? 0 : 1;
    }
    return 0;
}
