/* qp.h: min over x of x'Ax/2 - b'x + sum over j of weight_j |x_j|, solved exactly.
 *
 * Active set by signs (feature-sign search, Lee et al. 2007): solve the block of non-zero
 * coordinates by Cholesky, step to the best sign change, let in the worst violator. Ends after
 * finitely many p^3 solves with exact zeros. Memory: scratch in the arena. Threads: pure. */
#pragma once
#include "shared/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct ns_qp {
    size_t n;
    const double *a;      /* n x n, symmetric positive definite, row by row */
    const double *b;      /* n */
    const double *weight; /* n; 0: not penalised */
};

/* x holds the start and receives the answer. False when a block is not positive definite. */
bool ns_qp_solve(const struct ns_qp *qp, double *x, struct ns_arena *arena);
/* Largest violation of the optimality conditions at x. */
double ns_qp_violation(const struct ns_qp *qp, const double *x);
/* Solves M z = rhs for symmetric positive definite M (n x n, overwritten); rhs becomes z. */
bool ns_qp_cholesky(double *m, double *rhs, size_t n);
/* The same in steps, with L of M = LL' left in the lower half of m: solve L y = rhs for `width`
 * right sides (n x width, row by row), then L'z = y for one. */
bool ns_qp_factor(double *m, size_t n);
void ns_qp_forward(const double *m, size_t n, double *rhs, size_t width);
void ns_qp_backward(const double *m, size_t n, double *rhs);
