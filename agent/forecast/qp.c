#include "agent/forecast/qp.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-11 /* of a gradient, against the size of b */

struct work {
    const struct ns_qp *qp;
    double *x;
    double *next;
    double *block;
    double *rhs;
    double *trial;
    size_t *active;
    signed char *sign; /* of penalised coordinates; 0: held at zero */
    size_t count;
};

/* Row by row, so that every inner loop runs over neighbours in memory. */
bool ns_qp_factor(double *m, size_t n) {
    for (size_t j = 0; j < n; j++) {
        double *row = m + j * n;
        for (size_t k = 0; k <= j; k++) {
            const double *other = m + k * n;
            double part[4] = {row[k], 0, 0, 0};
            size_t i = 0;
            for (; i + 4 <= k; i += 4) {
                for (size_t c = 0; c < 4; c++) {
                    part[c] -= row[i + c] * other[i + c];
                }
            }
            for (; i < k; i++) {
                part[0] -= row[i] * other[i];
            }
            double sum = (part[0] + part[1]) + (part[2] + part[3]);
            if (k < j) {
                row[k] = sum / other[k];
            } else if (sum > 0 && isfinite(sum)) {
                row[j] = sqrt(sum);
            } else {
                return false;
            }
        }
    }
    return true;
}

void ns_qp_forward(const double *m, size_t n, double *rhs, size_t width) {
    for (size_t j = 0; j < n; j++) {
        double *row = rhs + j * width;
        for (size_t k = 0; k < j; k++) {
            double share = m[j * n + k];
            for (size_t c = 0; c < width; c++) {
                row[c] -= share * rhs[k * width + c];
            }
        }
        for (size_t c = 0; c < width; c++) {
            row[c] /= m[j * n + j];
        }
    }
}

void ns_qp_backward(const double *m, size_t n, double *rhs) {
    for (size_t j = n; j-- > 0;) {
        rhs[j] /= m[j * n + j];
        for (size_t k = 0; k < j; k++) {
            rhs[k] -= m[j * n + k] * rhs[j];
        }
    }
}

bool ns_qp_cholesky(double *m, double *rhs, size_t n) {
    if (!ns_qp_factor(m, n)) {
        return false;
    }
    ns_qp_forward(m, n, rhs, 1);
    ns_qp_backward(m, n, rhs);
    return true;
}

static double gradient(const struct ns_qp *qp, const double *x, size_t i) {
    double sum = -qp->b[i];
    const double *row = qp->a + i * qp->n;
    for (size_t j = 0; j < qp->n; j++) {
        sum += row[j] * x[j];
    }
    return sum;
}

static double objective(const struct ns_qp *qp, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < qp->n; i++) {
        double g = gradient(qp, x, i); /* Ax - b */
        sum += 0.5 * x[i] * (g - qp->b[i]) + qp->weight[i] * fabs(x[i]);
    }
    return sum;
}

double ns_qp_violation(const struct ns_qp *qp, const double *x) {
    double worst = 0;
    for (size_t i = 0; i < qp->n; i++) {
        double g = gradient(qp, x, i);
        double off = x[i] > 0   ? fabs(g + qp->weight[i])
                     : x[i] < 0 ? fabs(g - qp->weight[i])
                                : fmax(fabs(g) - qp->weight[i], 0);
        worst = fmax(worst, off);
    }
    return worst;
}

static void list_active(struct work *w) {
    w->count = 0;
    for (size_t i = 0; i < w->qp->n; i++) {
        if (w->qp->weight[i] <= 0 || w->sign[i] != 0) {
            w->active[w->count++] = i;
        }
    }
}

/* The unpenalised-looking minimum with the present signs. */
static bool solve_block(struct work *w) {
    const struct ns_qp *qp = w->qp;
    for (size_t r = 0; r < w->count; r++) {
        size_t i = w->active[r];
        w->rhs[r] = qp->b[i] - qp->weight[i] * w->sign[i];
        for (size_t c = 0; c < w->count; c++) {
            w->block[r * w->count + c] = qp->a[i * qp->n + w->active[c]];
        }
    }
    if (!ns_qp_cholesky(w->block, w->rhs, w->count)) {
        return false;
    }
    memset(w->next, 0, qp->n * sizeof *w->next);
    for (size_t r = 0; r < w->count; r++) {
        w->next[w->active[r]] = w->rhs[r];
    }
    return true;
}

static bool keeps_sign(const struct work *w, size_t i) {
    return w->qp->weight[i] <= 0 || w->sign[i] == 0 || w->next[i] * w->sign[i] > 0;
}

static bool signs_kept(const struct work *w) {
    for (size_t i = 0; i < w->qp->n; i++) {
        if (!keeps_sign(w, i)) {
            return false;
        }
    }
    return true;
}

/* Walk from x towards next; stop where the true objective is lowest among the sign changes and
 * the end. Coordinates that reach zero leave the active set. */
static void step_to_best(struct work *w) {
    const struct ns_qp *qp = w->qp;
    double best_share = 1;
    double best = objective(qp, w->next);
    for (size_t i = 0; i < qp->n; i++) {
        double change = w->next[i] - w->x[i];
        double share = change == 0 ? -1 : -w->x[i] / change;
        if (keeps_sign(w, i) || !(share >= 0 && share < 1)) {
            continue;
        }
        for (size_t j = 0; j < qp->n; j++) {
            w->trial[j] = w->x[j] + share * (w->next[j] - w->x[j]);
        }
        w->trial[i] = 0;
        double value = objective(qp, w->trial);
        if (value < best) {
            best = value;
            best_share = share;
        }
    }
    for (size_t i = 0; i < qp->n; i++) {
        double change = w->next[i] - w->x[i];
        bool lands = !keeps_sign(w, i) && change != 0 &&
                     fabs(-w->x[i] / change - best_share) < 1e-14;
        double value = lands ? 0 : w->x[i] + best_share * change;
        w->x[i] = value;
        if (qp->weight[i] > 0) {
            w->sign[i] = value > 0 ? 1 : value < 0 ? -1 : 0;
        }
    }
}

/* The held coordinate whose gradient breaks its bound most; false: none does. */
static bool let_in_worst(struct work *w, double tolerance) {
    const struct ns_qp *qp = w->qp;
    double worst = tolerance;
    size_t which = qp->n;
    double slope = 0;
    for (size_t i = 0; i < qp->n; i++) {
        if (qp->weight[i] > 0 && w->sign[i] == 0) {
            double g = gradient(qp, w->x, i);
            if (fabs(g) - qp->weight[i] > worst) {
                worst = fabs(g) - qp->weight[i];
                which = i;
                slope = g;
            }
        }
    }
    if (which == qp->n) {
        return false;
    }
    w->sign[which] = slope > 0 ? -1 : 1;
    return true;
}

bool ns_qp_solve(const struct ns_qp *qp, double *x, struct ns_arena *arena) {
    size_t n = qp->n;
    struct work w = {.qp = qp, .x = x, .next = NS_NEW_N(arena, double, n),
                     .block = NS_NEW_N(arena, double, n * n), .rhs = NS_NEW_N(arena, double, n),
                     .trial = NS_NEW_N(arena, double, n), .active = NS_NEW_N(arena, size_t, n),
                     .sign = NS_NEW_N(arena, signed char, n)};
    double size = 1;
    for (size_t i = 0; i < n; i++) {
        size = fmax(size, fabs(qp->b[i]));
        w.sign[i] = (signed char)(qp->weight[i] > 0 ? (x[i] > 0) - (x[i] < 0) : 0);
    }
    for (size_t round = 0; round < 20 * n + 50; round++) {
        list_active(&w);
        if (!solve_block(&w)) {
            return false;
        }
        if (!signs_kept(&w)) {
            step_to_best(&w);
            continue;
        }
        memcpy(x, w.next, n * sizeof *x);
        if (!let_in_worst(&w, TOLERANCE * size)) {
            return true;
        }
    }
    return false;
}
