/* ascent.h: from a start to the mode of the posterior (docs/decisions, "the mode of a Prophet fit"): Newton
 * over an exact QP in the changepoints, sigma in closed form. Private to agent/forecast.
 * Memory: in the arena. Threads: pure. Cost: rows * features^2 / 2 + p^3 / 3 a step, usually 4 to
 * 17 steps, at most 200 (20 when the model is large). */
#pragma once
#include "agent/forecast/fit.h"

/* theta (k, m, delta.., beta..) holds the start and receives the mode; sigma, lp, residual, steps
 * and unbounded of out are filled. */
void ns_ascend(const struct ns_fit_problem *problem, double *theta, struct ns_arena *arena,
               struct ns_fit *out);
