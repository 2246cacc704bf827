/* bench-forecast OUT.json: time and memory of a forecast by length of history, beside the goals.
 * No peer runs here, so no ratio is given. */
#include "agent/forecast/forecast.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 31

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef ns_rc run_function(const struct ns_forecast_input *, struct ns_arena *,
                           struct ns_forecast *, struct ns_err *);

static double median_ms(run_function *run, const struct ns_forecast_input *input,
                        size_t *bytes) {
    double times[RUNS];
    struct ns_arena arena = {0};
    for (int i = 0; i < RUNS; i++) {
        struct ns_forecast out;
        double start = now_ms();
        if (run(input, &arena, &out, NULL) != NS_OK) {
            exit(1);
        }
        times[i] = now_ms() - start;
        *bytes = arena.total;
        ns_arena_reset(&arena);
    }
    ns_arena_fini(&arena);
    qsort(times, RUNS, sizeof times[0], ascending);
    return times[RUNS / 2];
}

/* Ten children of three years each, forecast one after the other. */
static double household_ms(void) {
    static struct ns_use_day days[10][1095];
    struct ns_arena arena = {0};
    for (int c = 0; c < 10; c++) {
        for (int i = 0; i < 1095; i++) {
            days[c][i] = (struct ns_use_day){20000 + i, 6 + ((i + c) * 7919 % 5) - 2, NS_USE_OK};
        }
    }
    double times[RUNS];
    for (int r = 0; r < RUNS; r++) {
        double start = now_ms();
        for (int c = 0; c < 10; c++) {
            struct ns_forecast_input input = {.today = 21095, .birth = 19990, .province = "ON",
                .days = days[c], .day_count = 1095, .stock_pieces = 200, .today_left = 1};
            struct ns_forecast out;
            if (ns_forecast_run_outlook(&input, &arena, &out, NULL) != NS_OK) {
                exit(1);
            }
            ns_arena_reset(&arena);
        }
        times[r] = now_ms() - start;
    }
    ns_arena_fini(&arena);
    qsort(times, RUNS, sizeof times[0], ascending);
    return times[RUNS / 2];
}

int main(int argc, char **argv) {
    static struct ns_use_day days[1000];
    static const struct {
        int n;
        double goal_ms;
    } rows[] = {{30, 2}, {90, 2}, {365, 4}, {1000, 6}};
    FILE *json = argc > 1 ? fopen(argv[1], "w") : NULL;
    for (int i = 0; i < 1000; i++) {
        days[i] = (struct ns_use_day){20000 + i, 6 + (i * 7919 % 5) - 2, NS_USE_OK};
    }
    if (json != NULL) {
        fputs("[", json);
    }
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_forecast_input input = {.today = 20000 + rows[i].n, .birth = 19990,
            .province = "ON", .days = days, .day_count = (size_t)rows[i].n,
            .stock_pieces = 200, .today_left = 1};
        size_t fast_bytes;
        size_t full_bytes;
        double fast = median_ms(ns_forecast_run_fast, &input, &fast_bytes);
        double full = median_ms(ns_forecast_run, &input, &full_bytes);
        printf("%4d days: fit and 30 days %.2f ms (goal %.0f), with "
               "back-tests and run-out %.2f ms (goal 100), memory %.2f MiB\n", rows[i].n, fast,
               rows[i].goal_ms, full, (double)full_bytes / 1048576);
        if (json != NULL) {
            fprintf(json, "%s{\"days\": %d, \"fit_ms\": %.3f, \"goal_ms\": %.1f, "
                    "\"full_ms\": %.3f, \"bytes\": %zu}",
                    i > 0 ? ", " : "", rows[i].n, fast, rows[i].goal_ms, full, full_bytes);
        }
    }
    printf("ten children of 1095 days refit in %.1f ms (goal 150)\n", household_ms());
    if (json != NULL) {
        fputs("]\n", json);
        return fclose(json) == 0 ? 0 : 1;
    }
    return 0;
}
