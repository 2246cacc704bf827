/* bench-accuracy [--prophet FILE] [--json FILE] [--svg FILE] LOG...: the product's forecast by
 * rolling origins (7 to 850 days of log, 30 days ahead) beside what a user could pick instead, on
 * simulated homes and real logs; FILE holds what prophet_origins.R said on some of them. */
#include "agent/forecast/engine.h"
#include "agent/forecast/noise.h"
#include "tests/bench/forecast/curve_plot.h"
#include "tests/bench/forecast/score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int origins[] = {7,   14,  21,  30,  45,  60,  90,  120, 180,
                              240, 300, 365, 450, 540, 640, 730, 850};

struct peer { /* what Prophet said */
    char home[64];
    int origin;
    enum method method;
    struct told told;
};

static struct {
    struct table all;
    struct table sample; /* origins that Prophet was asked too */
    struct table one;    /* the home at hand */
    struct curves curves;
    struct peer *peer;
    size_t peer_count;
    double median_absolute[GROUP_COUNT]; /* of q50 instead of the mean */
    int run_count, run_near, run_inside;
} bench;

/* Lines "method home origin day mean q10 q50 q90", day 1..30, then day 0 for the total. */
static bool read_peers(const char *path) {
    char line[300];
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        return false;
    }
    bench.peer = calloc(20000, sizeof *bench.peer);
    while (bench.peer != NULL && fgets(line, sizeof line, f) != NULL && bench.peer_count < 20000) {
        struct peer *p = &bench.peer[bench.peer_count];
        int method;
        int origin;
        int day;
        double v[4];
        if (sscanf(line, "%d %63s %d %d %lf %lf %lf %lf", &method, p->home, &origin, &day, &v[0],
                   &v[1], &v[2], &v[3]) != 8 || day < 0 || day > AHEAD) {
            continue;
        }
        p->method = (enum method)(METHOD_SEED + method);
        p->origin = origin;
        *(day > 0 ? &p->told.mean[day - 1] : &p->told.total_mean) = v[0];
        memcpy(day > 0 ? p->told.limit[day - 1] : p->told.total, v + 1, 3 * sizeof v[0]);
        bench.peer_count += day == 0;
    }
    fclose(f);
    return bench.peer != NULL;
}

/* --- ours ------------------------------------------------------------------------------- */

static int usual_use(const struct home *home, int origin) {
    double sum = 0;
    int n = 0;
    for (int i = origin - 1; i >= 0 && n < 28; i--) {
        sum += home_ok(home, i) ? home->day[i].count : 0;
        n += home_ok(home, i);
    }
    return n > 0 ? (int)lround(30 * sum / n) : 0;
}

static void note_runout(const struct home *home, int origin, const struct ns_forecast *f,
                        int stock) {
    double used = 0;
    for (int h = 0; origin + h < home->days && h < NS_FORECAST_RUNOUT_DAYS; h++) {
        bool ok = home_ok(home, origin + h);
        if (!ok && home->truth[origin + h] <= 0) {
            return; /* not known what was used */
        }
        used += ok ? home->day[origin + h].count : home->truth[origin + h];
        if (used >= stock - 0.25) {
            ns_date gone = home->day[origin + h].date;
            bench.run_count++;
            bench.run_near += f->has_runout && abs(f->runout_median - gone) <= 2;
            bench.run_inside += f->has_runout && f->runout_q10 <= gone && gone <= f->runout_q90;
            return;
        }
    }
}

/* Shares of days and totals below each quantile of the forecast. */
static void note_curves(const struct home *home, int origin, const struct ns_forecast_input *in,
                        const struct ns_forecast *f, struct ns_arena *arena) {
    struct ns_engine *engine = NS_NEW(arena, struct ns_engine);
    struct ns_path *path = NS_NEW(arena, struct ns_path);
    double used = 0;
    int n = 0;
    ns_engine_fit(engine, in, in->today, AHEAD, arena);
    ns_engine_path(engine, path, AHEAD, 1, false);
    for (int h = 0; h < AHEAD; h++) {
        if (!home_ok(home, origin + h)) {
            continue;
        }
        int y = home->day[origin + h].count;
        double phi = path->phi + path->mean[h] * path->relative_sd[h] * path->relative_sd[h];
        double low = ns_noise_cdf(y - 1, path->mean[h], phi);
        double high = ns_noise_cdf(y, path->mean[h], phi);
        double mapped[CURVE_POINTS];
        for (int p = 0; p < CURVE_POINTS; p++) {
            mapped[p] = ns_pit_map(&engine->pit, curve_share(p));
        }
        curve_note(&bench.curves.day, low, high, mapped);
        used += y;
        n++;
    }
    if (n > 0) {
        double share = n / (double)AHEAD;
        double place = ns_normal_cdf((used - f->total_mean * share) / (f->total_sd * share));
        double plain[CURVE_POINTS];
        for (int p = 0; p < CURVE_POINTS; p++) {
            plain[p] = curve_share(p);
        }
        curve_note(&bench.curves.total, place, place, plain);
    }
}

static void tell_ours(const struct home *home, int origin, struct ns_arena *arena,
                      struct told *out) {
    struct ns_forecast *f = NS_NEW(arena, struct ns_forecast);
    int stock = usual_use(home, origin);
    struct ns_forecast_input input = {.today = home->day[origin].date, .birth = home->birth,
        .days = home->day, .day_count = (size_t)origin, .stock_pieces = stock, .today_left = 1};
    if (ns_forecast_run_outlook(&input, arena, f, NULL) != NS_OK) {
        exit(1);
    }
    double off = 0;
    int n = 0;
    for (int h = 0; h < AHEAD; h++) {
        out->mean[h] = f->day[h].mean;
        out->limit[h][0] = f->day[h].q10;
        out->limit[h][1] = f->day[h].q50;
        out->limit[h][2] = f->day[h].q90;
        off += home_ok(home, origin + h) ? abs(home->day[origin + h].count - f->day[h].q50) : 0;
        n += home_ok(home, origin + h);
    }
    out->total_mean = f->total_mean;
    out->total[0] = f->total_q10;
    out->total[1] = f->total_q50;
    out->total[2] = f->total_q90;
    if (!home->real && n > 0) {
        int group = origin <= 21 ? GROUP_SHORT : origin <= 90 ? GROUP_MIDDLE : GROUP_LONG;
        bench.median_absolute[group] += off / n;
        note_runout(home, origin, f, stock);
        note_curves(home, origin, &input, f, arena);
    }
}

/* --- all methods on all logs ------------------------------------------------------------ */

static void score_origin(const struct home *home, int origin, struct ns_arena *arena) {
    struct told told[METHOD_COUNT];
    bool has[METHOD_COUNT] = {[METHOD_OURS] = true};
    bool asked = false;
    tell_ours(home, origin, arena, &told[METHOD_OURS]);
    for (int m = METHOD_NAIVE; m <= METHOD_ORACLE; m++) {
        has[m] = method_tell((enum method)m, home, origin, &told[m]);
    }
    for (size_t i = 0; i < bench.peer_count; i++) {
        const struct peer *p = &bench.peer[i];
        if (p->origin == origin && strcmp(p->home, home->name) == 0) {
            told[p->method] = p->told;
            has[p->method] = asked = true;
        }
    }
    for (int m = 0; m < METHOD_COUNT; m++) {
        if (!has[m]) {
            continue;
        }
        if (m <= METHOD_ORACLE) {
            score_add(&bench.all, (enum method)m, home, origin, &told[m]);
            score_add(&bench.one, (enum method)m, home, origin, &told[m]);
        }
        if (asked) {
            score_add(&bench.sample, (enum method)m, home, origin, &told[m]);
        }
    }
}

static void print_home(const struct home *home) {
    int g = home->real ? GROUP_REAL : GROUP_ALL;
    struct score *ours = &bench.one.cell[METHOD_OURS][g];
    double oracle = score_mae(&bench.one.cell[METHOD_ORACLE][g]);
    if (ours->origins == 0) {
        return;
    }
    printf("%-10s %4d %8d  %5.2f", home->name, home->days, ours->origins, score_mae(ours));
    printf(oracle > 0 ? " (%4.2f)" : " (   -)", score_mae(ours) / fmax(oracle, 1e-9));
    for (int m = METHOD_NAIVE; m <= METHOD_ORACLE; m++) {
        double mae = score_mae(&bench.one.cell[m][g]);
        printf(mae > 0 ? " %5.2f" : "     -", mae);
    }
    printf("  %5.2f  %5.2f  %6.3f  %5.2f\n",
           score_pinball(ours) / score_pinball(&bench.one.cell[METHOD_MEAN28][g]),
           score_cover(ours), score_total_error(ours), ours->total_inside / ours->origins);
}

static void goal(const char *what, double got, double low, double high, FILE *json) {
    printf("  %-52s %6.3f  goal %s%.3g%s\n", what, got, low > 0 ? "" : "<= ",
           low > 0 ? (low + high) / 2 : high, got >= low && got <= high ? "" : "  NOT MET");
    if (json != NULL) {
        fprintf(json, ",\n {\"what\": \"%s\", \"got\": %.4f, \"low\": %g, \"high\": %g}", what, got,
                low, high);
    }
}

static void print_goals(FILE *json) {
    static const char *const names[] = {"up to 21 days", "30 to 90 days", "from 120 days"};
    static const double most[] = {1.27, 1.09, 1.08};
    struct score(*cell)[GROUP_COUNT] = bench.all.cell;
    struct score *ours = cell[METHOD_OURS];
    char text[80];
    puts("\nGoals (simulated homes):");
    for (int g = GROUP_SHORT; g <= GROUP_LONG; g++) {
        double oracle = score_mae(&cell[METHOD_ORACLE][g]);
        (void)snprintf(text, sizeof text, "mean error x oracle, %s", names[g]);
        goal(text, score_mae(&ours[g]) / oracle, 0, most[g], json);
        printf("  %-52s %6.3f\n", "  the same of the median told (no goal)",
               bench.median_absolute[g] / ours[g].origins / oracle);
        (void)snprintf(text, sizeof text, "80 %% band of a day holds, %s", names[g]);
        goal(text, score_cover(&ours[g]), 0.77, 0.83, json);
    }
    goal("pinball x mean of 28 days",
         score_pinball(&ours[GROUP_ALL]) / score_pinball(&cell[METHOD_MEAN28][GROUP_ALL]), 0, 0.88,
         json);
    goal("pinball x oracle",
         score_pinball(&ours[GROUP_ALL]) / score_pinball(&cell[METHOD_ORACLE][GROUP_ALL]), 0, 1.12,
         json);
    goal("30-day total, median error", score_total_error(&ours[GROUP_ALL]), 0, 0.045, json);
    goal("30-day total, 80 % range holds", ours[GROUP_ALL].total_inside / ours[GROUP_ALL].origins,
         0.75, 0.85, json);
    /* The other way round: a share that must be reached. */
    double near = bench.run_near / fmax(bench.run_count, 1);
    printf("  %-52s %6.3f  goal >= 0.8%s\n", "run-out day told within 2 days", near,
           near >= 0.8 ? "" : "  NOT MET");
    goal("run-out, 80 % range holds", bench.run_inside / fmax(bench.run_count, 1), 0.75, 0.85, json);
}

static void score_file(const char *path) {
    static struct home home;
    struct ns_arena arena = {0};
    if (!home_read(path, &home)) {
        fprintf(stderr, "%s: not a log\n", path);
        exit(1);
    }
    memset(&bench.one, 0, sizeof bench.one);
    for (size_t i = 0; i < NS_COUNT(origins) && origins[i] + AHEAD <= home.days; i++) {
        score_origin(&home, origins[i], &arena);
        ns_arena_reset(&arena);
    }
    ns_arena_fini(&arena);
    print_home(&home);
}

int main(int argc, char **argv) {
    const char *svg = NULL;
    FILE *json = NULL;
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--svg") == 0) {
            svg = argv[i + 1];
        } else if (strcmp(argv[i], "--json") == 0) {
            json = fopen(argv[i + 1], "w");
        } else if (!read_peers(argv[i + 1])) {
            perror(argv[i + 1]);
            return 1;
        }
    }
    puts("MAE of each home: ours, seasonal naive, ETS, means of 7 and 28 days, oracle; then ours: pinball x\n"
         "28-day mean, cover of a day, median error and cover of the 30-day total\n"
         "home       days  origins   ours          naive   ETS    7d   28d oracle  x 28d cover  total  cover");
    for (; i < argc; i++) {
        score_file(argv[i]);
    }
    puts("\nSimulated homes, all origins:");
    score_print(&bench.all, false);
    puts("\nReal logs, all origins:");
    score_print(&bench.all, true);
    if (bench.peer_count > 0) {
        puts("\nSimulated homes, the origins real Prophet was asked too:");
        score_print(&bench.sample, false);
        puts("\nReal logs, the same:");
        score_print(&bench.sample, true);
    }
    if (json != NULL) {
        fprintf(json, "[{\"origins\": %d}", bench.all.cell[METHOD_OURS][GROUP_ALL].origins);
    }
    print_goals(json);
    puts("");
    curve_print(&bench.curves);
    free(bench.peer);
    bool written = svg == NULL || curve_write(&bench.curves, svg);
    if (json != NULL) {
        fputs("]\n", json);
        written = fclose(json) == 0 && written;
    }
    return written ? 0 : 1;
}
