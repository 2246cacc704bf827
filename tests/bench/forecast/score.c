#include "tests/bench/forecast/score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double pinball(double value, const double limit[3]) {
    static const double share[3] = {0.1, 0.5, 0.9};
    double sum = 0;
    for (int q = 0; q < 3; q++) {
        double off = value - limit[q];
        sum += fmax(share[q] * off, (share[q] - 1) * off) / 3;
    }
    return sum;
}

static double inside(double value, double low, double high) {
    if (low == high) {
        return value == low;
    }
    return value == low || value == high ? 0.5 : low < value && value < high;
}

static void add(struct score *s, const struct home *home, int origin, const struct told *told) {
    double absolute = 0;
    double loss = 0;
    double used = 0;
    int n = 0;
    for (int h = 0; h < AHEAD; h++) {
        if (home_ok(home, origin + h)) {
            double y = home->day[origin + h].count;
            absolute += fabs(y - told->mean[h]);
            loss += pinball(y, told->limit[h]);
            s->inside += inside(y, told->limit[h][0], told->limit[h][2]);
            used += y;
            n++;
        }
    }
    if (n == 0 || s->origins == ORIGINS_MAX) {
        return;
    }
    double share = n / (double)AHEAD;
    s->days += n;
    s->absolute += absolute / n;
    s->pinball += loss / n;
    s->each_pinball[s->origins] = loss / n;
    s->each_error[s->origins++] = fabs(told->total_mean * share - used) / fmax(used, 1);
    s->total_inside += told->total[0] * share <= used && used <= told->total[2] * share;
}

void score_add(struct table *table, enum method method, const struct home *home, int origin,
               const struct told *told) {
    struct score *row = table->cell[method];
    if (home->real) {
        add(&row[GROUP_REAL], home, origin, told);
        return;
    }
    add(&row[origin <= 21 ? GROUP_SHORT : origin <= 90 ? GROUP_MIDDLE : GROUP_LONG], home, origin,
        told);
    add(&row[GROUP_ALL], home, origin, told);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, ascending);
    return n > 0 ? values[n / 2] : 0;
}

double score_mae(const struct score *s) {
    return s->origins > 0 ? s->absolute / s->origins : 0;
}

double score_pinball(const struct score *s) {
    return s->origins > 0 ? s->pinball / s->origins : 0;
}

double score_cover(const struct score *s) {
    return s->days > 0 ? s->inside / s->days : 0;
}

double score_total_error(struct score *s) {
    return median(s->each_error, s->origins);
}

static double total_mean(const struct score *s) {
    double sum = 0;
    for (int i = 0; i < s->origins; i++) {
        sum += s->each_error[i] / s->origins;
    }
    return sum;
}

static void print_row(struct table *t, int method, bool real) {
    struct score *all = &t->cell[method][real ? GROUP_REAL : GROUP_ALL];
    printf("%-31s", method_name((enum method)method));
    for (int g = GROUP_SHORT; g <= GROUP_LONG && !real; g++) {
        double oracle = score_mae(&t->cell[METHOD_ORACLE][g]);
        double mae = score_mae(&t->cell[method][g]);
        printf(mae < 100 ? " %6.2f" : " %6.0f", mae);
        printf(oracle > 0 && mae / oracle < 10 ? " (%4.2f)" : " (   -)", mae / fmax(oracle, 1e-9));
    }
    if (real) {
        printf(" %6.2f", score_mae(all));
    }
    double mean28 = score_pinball(&t->cell[METHOD_MEAN28][real ? GROUP_REAL : GROUP_ALL]);
    printf("  %7.3f (%6.3f)  %6.2f  %5.2f  %7.3f (%5.3f)  %5.2f\n", score_pinball(all),
           median(all->each_pinball, all->origins), score_pinball(all) / mean28, score_cover(all),
           total_mean(all), score_total_error(all), all->total_inside / all->origins);
}

void score_print(struct table *t, bool real) {
    printf("%-31s", "");
    printf(real ? "    MAE" : " MAE <=21 days     30 to 90    from 120 (x oracle)");
    puts("  pinball (median)  x 28d  cover  total error (med)  cover");
    for (int m = 0; m < METHOD_COUNT; m++) {
        if (t->cell[m][real ? GROUP_REAL : GROUP_ALL].origins > 0) {
            print_row(t, m, real);
        }
    }
}
