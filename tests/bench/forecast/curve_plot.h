/* curve_plot.h: how many values fell below each quantile told, as text and as a picture. */
#pragma once
#include <stdbool.h>

#define CURVE_POINTS 19 /* 0.05, 0.10 .. 0.95 */
static inline double curve_share(int point) {
    return (point + 1) / (double)(CURVE_POINTS + 1);
}

struct curve {
    double below[CURVE_POINTS];
    int count;
};
struct curves {
    struct curve day;
    struct curve total;
};

/* A value lies in [low, high] of its own distribution, in part below a quantile inside;
 * at[p]: the place in it of the quantile that was told for point p. */
void curve_note(struct curve *curve, double low, double high, const double at[CURVE_POINTS]);
void curve_print(const struct curves *curves);
bool curve_write(const struct curves *curves, const char *path); /* SVG */
