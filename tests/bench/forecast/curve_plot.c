#include "tests/bench/forecast/curve_plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void curve_note(struct curve *curve, double low, double high, const double at[CURVE_POINTS]) {
    for (int p = 0; p < CURVE_POINTS; p++) {
        double part = high > low ? (at[p] - low) / (high - low) : at[p] >= low;
        curve->below[p] += fmin(fmax(part, 0), 1);
    }
    curve->count++;
}

static double share_below(const struct curve *curve, int point) {
    return curve->count > 0 ? curve->below[point] / curve->count : 0;
}

#define WIDE 2 /* columns a point */

void curve_print(const struct curves *curves) {
    char grid[CURVE_POINTS + 2][WIDE * (CURVE_POINTS + 1) + 2];
    puts("Calibration: share of values below the quantile told (d days, t 30-day totals, . ideal)");
    for (int r = 0; r <= CURVE_POINTS + 1; r++) {
        memset(grid[r], ' ', sizeof grid[r]);
        grid[r][sizeof grid[r] - 1] = '\0';
    }
    for (int p = 0; p < CURVE_POINTS; p++) {
        const struct {
            double share;
            char mark;
        } marks[] = {{curve_share(p), '.'}, {share_below(&curves->total, p), 't'},
                     {share_below(&curves->day, p), 'd'}};
        for (int m = 0; m < 3; m++) {
            long row = lround(marks[m].share * (CURVE_POINTS + 1));
            char *at = &grid[row][WIDE * (p + 1)];
            at += m == 2 && *at == 't'; /* side by side where they meet */
            *at = marks[m].mark;
        }
    }
    for (int r = CURVE_POINTS + 1; r >= 0; r--) {
        printf("%4.2f |%s\n", r / (double)(CURVE_POINTS + 1), grid[r]);
    }
    printf("      %-*s\n      0%*s0.5%*s1\n", WIDE * (CURVE_POINTS + 1) + 1,
           "-----------------------------------------", CURVE_POINTS - 1, "", CURVE_POINTS - 2, "");
    for (int p = 1; p < CURVE_POINTS; p += 2) {
        printf("  told %.2f: days %.3f, totals %.3f\n", curve_share(p),
               share_below(&curves->day, p), share_below(&curves->total, p));
    }
}

static void line(FILE *f, const struct curve *curve, const char *colour) {
    fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"40,340", colour);
    for (int p = 0; p < CURVE_POINTS; p++) {
        fprintf(f, " %.1f,%.1f", 40 + 300 * curve_share(p), 340 - 300 * share_below(curve, p));
    }
    fputs(" 340,40\"/>\n", f);
}

bool curve_write(const struct curves *curves, const char *path) {
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"380\" height=\"400\" "
          "font-family=\"sans-serif\" font-size=\"12\">\n"
          "<title>Share of values below the quantile told</title>\n"
          "<rect width=\"380\" height=\"400\" fill=\"white\"/>\n"
          "<rect x=\"40\" y=\"40\" width=\"300\" height=\"300\" fill=\"none\" stroke=\"#999\"/>\n"
          "<line x1=\"40\" y1=\"340\" x2=\"340\" y2=\"40\" stroke=\"#999\" "
          "stroke-dasharray=\"4\"/>\n", f);
    for (int tick = 0; tick <= 10; tick += 2) {
        fprintf(f, "<text x=\"%d\" y=\"356\" text-anchor=\"middle\">%.1f</text>\n"
                "<text x=\"34\" y=\"%d\" text-anchor=\"end\">%.1f</text>\n", 40 + 30 * tick,
                tick / 10.0, 344 - 30 * tick, tick / 10.0);
    }
    line(f, &curves->day, "#1f6fb2");
    line(f, &curves->total, "#c2571a");
    fprintf(f, "<text x=\"40\" y=\"24\" fill=\"#1f6fb2\">%d days</text>\n"
            "<text x=\"130\" y=\"24\" fill=\"#c2571a\">%d totals of 30 days</text>\n"
            "<text x=\"190\" y=\"378\" text-anchor=\"middle\">quantile told</text>\n"
            "<text x=\"14\" y=\"190\" text-anchor=\"middle\" transform=\"rotate(-90 14 190)\">"
            "share below it</text>\n</svg>\n", curves->day.count, curves->total.count);
    return fclose(f) == 0;
}
