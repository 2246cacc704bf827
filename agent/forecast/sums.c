#include "agent/forecast/sums.h"

#include <string.h>

#define CHUNK 64 /* rows whose features stay in the nearest cache */
#define TILE 4

/* Also compiled for processors with vectors of four doubles, chosen when the program starts. Sums
 * keep their order and nothing is fused, so that the bits are the same on both. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define FOR_WIDE_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define FOR_WIDE_VECTORS
#endif

/* The rows are met from the last to the first, the changepoints likewise: when changepoint c is
 * reached, exactly the rows after it are summed, as moments about it. Index `count` down to 1 are
 * the changepoints, 0 is time 0 with all rows. */
static double knot_at(const struct ns_knots *k, size_t step) {
    return step > 0 ? k->at[step - 1] : 0;
}

static size_t knot_first(const struct ns_knots *k, size_t step) {
    return step > 0 ? k->first[step - 1] : 0;
}

void ns_sums_square(const struct ns_knots *k, const double *weight, double *out) {
    size_t n = k->count + 2;
    double a0 = 0;
    double a1 = 0;
    double a2 = 0;
    double before = 0;
    size_t row = k->rows;
    for (size_t step = k->count + 1; step-- > 0;) {
        double s = knot_at(k, step);
        double shift = row < k->rows ? before - s : 0;
        a2 += shift * (2 * a1 + shift * a0);
        a1 += shift * a0;
        for (; row > knot_first(k, step); row--) {
            double d = k->t[row - 1] - s;
            double w = weight[row - 1];
            a0 += w;
            a1 += w * d;
            a2 += w * d * d;
        }
        before = s;
        size_t b = step > 0 ? step + 1 : 0;
        out[b * n + b] = a2;
        out[b * n + 1] = out[n + b] = a1;
        for (size_t c = 0; c < step; c++) { /* earlier hinges reach further back */
            size_t a = c > 0 ? c + 1 : 0;
            out[a * n + b] = out[b * n + a] = a2 + (s - knot_at(k, c)) * a1;
        }
    }
    out[n + 1] = a0;
}

void ns_sums_plain(const struct ns_knots *k, const double *weight, double *out) {
    double a0 = 0;
    double a1 = 0;
    double before = 0;
    size_t row = k->rows;
    for (size_t step = k->count + 1; step-- > 0;) {
        double s = knot_at(k, step);
        a1 += row < k->rows ? (before - s) * a0 : 0;
        for (; row > knot_first(k, step); row--) {
            a0 += weight[row - 1];
            a1 += weight[row - 1] * (k->t[row - 1] - s);
        }
        before = s;
        out[step > 0 ? step + 1 : 0] = a1;
    }
    out[1] = a0;
}

FOR_WIDE_VECTORS
void ns_sums_cross(const struct ns_knots *k, const double *weight, const double *feature,
                   size_t width, double *out) {
    double *a0 = out + width; /* the row of the column 1 is the running sum itself */
    double before = 0;
    const double *later = NULL;
    size_t row = k->rows;
    memset(a0, 0, width * sizeof *a0);
    for (size_t step = k->count + 1; step-- > 0;) {
        double s = knot_at(k, step);
        double *a1 = out + (step > 0 ? step + 1 : 0) * width;
        for (size_t l = 0; l < width; l++) {
            a1[l] = later != NULL ? later[l] + (before - s) * a0[l] : 0;
        }
        for (; row > knot_first(k, step); row--) {
            const double *f = feature + (row - 1) * width;
            double w = weight[row - 1];
            double wd = w * (k->t[row - 1] - s);
            for (size_t l = 0; l < width; l++) {
                a0[l] += w * f[l];
                a1[l] += wd * f[l];
            }
        }
        before = s;
        later = a1;
    }
}

static inline __attribute__((always_inline)) void
add_tile(const double *a, const double *b, size_t rows, size_t width, double *out) {
    double sum[TILE][TILE] = {{0}};
    for (size_t i = 0; i < rows; i++, a += width, b += width) {
        for (int r = 0; r < TILE; r++) {
            for (int c = 0; c < TILE; c++) {
                sum[r][c] += a[r] * b[c];
            }
        }
    }
    for (size_t r = 0; r < TILE; r++) {
        for (size_t c = 0; c < TILE; c++) {
            out[r * width + c] += sum[r][c];
        }
    }
}

FOR_WIDE_VECTORS
void ns_sums_gram(const double *feature, size_t rows, size_t width, double *out) {
    memset(out, 0, width * width * sizeof *out);
    for (size_t i = 0; i < rows; i += CHUNK) {
        const double *f = feature + i * width;
        size_t count = rows - i < CHUNK ? rows - i : CHUNK;
        for (size_t a = 0; a < width; a += TILE) {
            for (size_t b = a; b < width; b += TILE) {
                add_tile(f + a, f + b, count, width, out + a * width + b);
            }
        }
    }
    for (size_t a = 0; a < width; a++) {
        for (size_t b = 0; b < a; b++) {
            out[a * width + b] = out[b * width + a];
        }
    }
}
