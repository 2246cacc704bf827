#include "agent/forecast/ascent.h"

#include "agent/forecast/qp.h"
#include "agent/forecast/rows.h"

#include <math.h>
#include <string.h>

#define OUTER_MAX 200
#define OUTER_MIN 20
#define WORK 3e9 /* multiplications that a fit may take beyond OUTER_MIN steps */
#define DONE 1e-10   /* optimality, relative to the size of the problem */
#define PIVOT 1e-12  /* for columns nobody uses */
#define POLISH_MAX 4 /* steps taken below what lp can tell */
/* Few rows for many features leave several modes: the first steps are small enough to stay in the
 * basin of the start, as Prophet's own are. */
#define PATIENCE 6

/* --- one step --------------------------------------------------------------------------- */

/* A quadratic picture of -lp at theta. newton: with the second derivatives of mu and of sigma's
 * closed form; otherwise Gauss-Newton with sigma held. damp: extra on the diagonal, as a share. */
struct picture {
    double *body;   /* body x body */
    double *reach;  /* body x changes */
    double *change; /* changes x changes */
    double *body_slope;
    double *change_slope;
};

/* Where coordinate b of the body stands in theta. */
static size_t place(const struct ns_ascent *s, size_t b) {
    return b < 2 ? b : b + s->p->change_count;
}

static double body_sum(const struct ns_ascent *s, size_t a, size_t b, bool bent) {
    size_t n = 2 + s->changes;
    if (a < 2 && b < 2) {
        return (bent ? s->bent : s->square)[a * n + b];
    }
    if (a < 2) {
        return (bent ? s->crossed : s->cross)[a * s->wide + b - 2];
    }
    return bent ? 0 : s->gram[(a - 2) * s->wide + b - 2];
}

static double reach_sum(const struct ns_ascent *s, size_t b, size_t c, bool bent) {
    size_t n = 2 + s->changes;
    return b < 2 ? (bent ? s->bent : s->square)[b * n + 2 + c]
                 : (bent ? s->crossed : s->cross)[(2 + c) * s->wide + b - 2];
}

static struct picture paint(struct ns_ascent *s, bool newton, double damp) {
    struct ns_arena *a = &s->scratch;
    size_t nb = s->body;
    size_t nc = s->changes;
    struct picture p = {NS_NEW_N(a, double, nb * nb), NS_NEW_N(a, double, nb * nc),
                        NS_NEW_N(a, double, nc * nc), NS_NEW_N(a, double, nb),
                        NS_NEW_N(a, double, nc)};
    double rows = (double)s->p->rows;
    double shared = newton && !s->held ? 2 / (s->v * s->v * sqrt(rows * rows + 16 * s->sum)) : 0;
    double full = 1 / s->v;
    double bent = newton ? -1 / s->v : 0;
    for (size_t i = 0; i < nb; i++) {
        double qi = shared * s->q[place(s, i)];
        p.body_slope[i] = ns_rows_gradient(s, place(s, i));
        for (size_t j = i; j < nb; j++) {
            p.body[j * nb + i] = full * body_sum(s, i, j, false) - qi * s->q[place(s, j)] +
                                 (newton && i < 2 ? bent * body_sum(s, i, j, true) : 0);
        }
        for (size_t c = 0; c < nc; c++) {
            p.reach[i * nc + c] = full * reach_sum(s, i, c, false) - qi * s->q[2 + c] +
                                  (newton ? bent * reach_sum(s, i, c, true) : 0);
        }
        double precision = i < 2 ? NS_LEVEL_PRIOR : ns_prior_precision(s->p, i - 2);
        p.body[i * nb + i] += precision + PIVOT +
                              damp * (full * body_sum(s, i, i, false) + precision);
    }
    size_t n = 2 + nc;
    for (size_t c = 0; c < nc; c++) {
        p.change_slope[c] = ns_rows_gradient(s, 2 + c);
        for (size_t d = 0; d < nc; d++) {
            size_t at = (2 + c) * n + 2 + d;
            p.change[c * nc + d] = full * s->square[at] + (newton ? bent * s->bent[at] : 0) -
                                   shared * s->q[2 + c] * s->q[2 + d];
        }
        p.change[c * nc + c] += PIVOT + damp * full * s->square[(2 + c) * n + 2 + c];
    }
    return p;
}

/* The exact minimum of the picture plus the penalty: the body is eliminated by Cholesky, the QP
 * is left in the deltas alone. The body is told as a step, the deltas as they end, so that their
 * zeros are exact. */
static bool solve_picture(struct ns_ascent *s, struct picture *p) {
    size_t nb = s->body;
    size_t nc = s->changes;
    const double *delta = s->theta + 2;
    double *b = NS_NEW_N(&s->scratch, double, nc);
    double *weight = NS_NEW_N(&s->scratch, double, nc);
    double *end = NS_NEW_N(&s->scratch, double, nc);
    if (!ns_qp_factor(p->body, nb)) {
        return false;
    }
    for (size_t i = 0; i < nb; i++) {
        p->body_slope[i] = -p->body_slope[i];
        for (size_t c = 0; c < nc; c++) {
            p->body_slope[i] += p->reach[i * nc + c] * delta[c];
        }
    }
    ns_qp_forward(p->body, nb, p->reach, nc);
    ns_qp_forward(p->body, nb, p->body_slope, 1);
    for (size_t c = 0; c < nc; c++) {
        end[c] = delta[c];
        weight[c] = 1 / s->p->tau;
        b[c] = -p->change_slope[c];
        for (size_t d = 0; d < nc; d++) {
            b[c] += p->change[c * nc + d] * delta[d];
        }
    }
    for (size_t i = 0; i < nb; i++) {
        const double *reach = p->reach + i * nc;
        for (size_t c = 0; c < nc; c++) {
            b[c] -= reach[c] * p->body_slope[i];
            for (size_t d = 0; d < nc; d++) {
                p->change[c * nc + d] -= reach[c] * reach[d];
            }
        }
    }
    struct ns_qp qp = {nc, p->change, b, weight};
    if (nc > 0 && !ns_qp_solve(&qp, end, &s->scratch)) {
        return false;
    }
    for (size_t i = 0; i < nb; i++) {
        for (size_t c = 0; c < nc; c++) {
            p->body_slope[i] -= p->reach[i * nc + c] * end[c];
        }
    }
    ns_qp_backward(p->body, nb, p->body_slope);
    memcpy(s->target, s->theta, s->n * sizeof *s->target);
    for (size_t i = 0; i < nb; i++) {
        s->target[place(s, i)] += p->body_slope[i];
    }
    memcpy(s->target + 2, end, nc * sizeof *end);
    return true;
}

static bool aim(struct ns_ascent *s, bool newton, double damp) {
    ns_arena_reset(&s->scratch);
    struct picture p = paint(s, newton, damp);
    return solve_picture(s, &p);
}

/* The largest share of the way to the target that raises lp; 0: none. lp receives the value. */
static double walk(struct ns_ascent *s, double least, double *lp) {
    for (double share = 1; share >= least; share *= 0.5) {
        for (size_t a = 0; a < s->n; a++) {
            s->trial[a] = share >= 1 ? s->target[a]
                                     : s->theta[a] + share * (s->target[a] - s->theta[a]);
        }
        *lp = ns_rows_try(s, s->trial);
        if (*lp > s->lp) {
            return share;
        }
    }
    return 0;
}

/* Features fitted exactly to the trend of the trial point (a ridge regression): a product of
 * trend and seasons has curved valleys, which a straight step leaves and this one follows. */
static bool project(struct ns_ascent *s) {
    size_t count = s->p->feature_count;
    double *beta = s->trial + 2 + s->p->change_count;
    double *m = NS_NEW_N(&s->scratch, double, count * count);
    double *gram = NS_NEW_N(&s->scratch, double, s->wide * s->wide);
    double v = s->v;
    ns_rows_line(s, s->trial);
    ns_rows_scale(s, s->w);
    ns_sums_gram(s->f, s->p->rows, s->wide, gram);
    memset(beta, 0, count * sizeof *beta);
    for (size_t i = 0; i < s->p->rows; i++) {
        const double *f = s->f + i * s->wide;
        double off = s->p->y[i] - s->w[i];
        for (size_t l = 0; l < count; l++) {
            beta[l] += f[l] * off;
        }
    }
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            m[a * count + b] = gram[a * s->wide + b];
        }
        m[a * count + a] += v * ns_prior_precision(s->p, a);
    }
    return ns_qp_cholesky(m, beta, count);
}

struct best {
    double lp;
    int how; /* 0: none yet */
};

enum { NONE, NEWTON, PROJECTED, GAUSS };

static void keep_if_better(struct ns_ascent *s, double lp, int how, struct best *best) {
    if (lp > best->lp) {
        *best = (struct best){lp, how};
        memcpy(s->best, s->trial, s->n * sizeof *s->best);
    }
}

/* How much lp gains on the way to the target if the picture is true. */
static double promise(const struct ns_ascent *s) {
    double sum = 0;
    for (size_t a = 0; a < s->n; a++) {
        bool penalised = a >= 2 && a < 2 + s->p->change_count;
        sum += ns_rows_gradient(s, a) * (s->target[a] - s->theta[a]);
        sum += penalised ? (fabs(s->target[a]) - fabs(s->theta[a])) / s->p->tau : 0;
    }
    return -sum / 2;
}

static bool project_share(struct ns_ascent *s, double share, double *lp) {
    for (size_t a = 0; a < 2 + s->p->change_count; a++) {
        s->trial[a] = share >= 1 && share <= 1
                          ? s->target[a] : s->theta[a] + share * (s->target[a] - s->theta[a]);
    }
    bool good = project(s);
    *lp = good ? ns_rows_try(s, s->trial) : s->lp;
    return good;
}

/* The trend of a share of the step, the features fitted to it: shorter until it leads uphill, or
 * longer while it leads further up. */
static void try_projected(struct ns_ascent *s, struct best *best) {
    double lp = s->lp;
    double share = 1;
    if (!project_share(s, share, &lp)) {
        return;
    }
    double before = s->lp;
    bool longer = lp > s->lp;
    for (int i = 0; i < 5; i++) {
        keep_if_better(s, lp, PROJECTED, best);
        if (longer ? lp <= before : lp > s->lp) {
            return;
        }
        before = lp;
        share *= longer ? 2 : 0.5;
        if (!project_share(s, share, &lp)) {
            return;
        }
    }
}

/* Newton where -lp is convex, damped until it is elsewhere (not in haste: near the mode of a day
 * before, Gauss-Newton is there sooner); when it does not keep its promise,
 * the projected step and Gauss-Newton too: whichever gets furthest. */
static bool advance(struct ns_ascent *s) {
    struct best best = {s->lp, NONE};
    double lp;
    bool curved = (s->any_factor || s->logistic) && s->steps >= s->patience;
    ns_rows_bend(s);
    bool convex = aim(s, true, 0);
    bool true_newton = convex;
    for (double damp = 1e-3; !convex && !s->hasty && damp < 1e4; damp *= 10) {
        convex = aim(s, true, damp);
    }
    if (convex) {
        double promised = promise(s);
        if (true_newton && promised < 1e-12 * (1 + fabs(s->lp))) {
            s->finished = true; /* the rest is left to the polish */
            return false;
        }
        double share = walk(s, 1.0 / 64, &lp);
        keep_if_better(s, lp, NEWTON, &best);
        double kept = (lp - s->lp) / promised;
        if (true_newton && share >= 1 && kept > 0.9 && kept < 1.1) {
            memcpy(s->theta, s->best, s->n * sizeof *s->theta);
            return true;
        }
        if (curved) {
            try_projected(s, &best);
        }
    }
    /* Past the first steps an undamped one is hardly ever beaten, and Gauss-Newton costs more. */
    bool enough = true_newton && curved && best.how != NONE;
    if (!enough && aim(s, false, 0)) {
        if (walk(s, best.how != NONE ? 1.0 / 4 : 1e-10, &lp) > 0) {
            keep_if_better(s, lp, GAUSS, &best);
        }
        if (curved) {
            try_projected(s, &best);
        }
    }
    if (best.how != NONE) {
        memcpy(s->theta, s->best, s->n * sizeof *s->theta);
    }
    return best.how != NONE;
}

/* Newton steps that lp, rounded, cannot judge. In a curved valley a step may meet the conditions worse
 * and the next one far better: all are taken, the best kept. */
static void polish(struct ns_ascent *s, struct ns_fit *out, double goal) {
    double now = out->residual;
    memcpy(s->best, s->theta, s->n * sizeof *s->best);
    for (int i = 0; i < POLISH_MAX && now > goal; i++) {
        bool aimed = i == 0 && s->finished; /* the climb ended on a step not taken */
        if (!aimed) {
            ns_rows_bend(s);
            aimed = aim(s, true, 0);
        }
        if (!aimed || !(ns_rows_try(s, s->target) > s->lp - 1e-9 * (1 + fabs(s->lp)))) {
            break;
        }
        memcpy(s->theta, s->target, s->n * sizeof *s->theta);
        ns_rows_build(s);
        now = ns_rows_violation(s);
        if (now < out->residual) {
            out->residual = now;
            memcpy(s->best, s->theta, s->n * sizeof *s->best);
        }
    }
    if (now > out->residual) {
        memcpy(s->theta, s->best, s->n * sizeof *s->theta);
        ns_rows_build(s);
    }
}

/* --- the whole -------------------------------------------------------------------------- */

static void begin(struct ns_ascent *s, const struct ns_fit_problem *p, double *theta,
                  struct ns_arena *arena) {
    size_t wide = (p->feature_count + 3) / 4 * 4;
    size_t changes = p->growth == NS_FIT_FLAT ? 0 : p->change_count;
    size_t n = 2 + p->change_count + p->feature_count;
    size_t trends = 2 + changes;
    double *x = NS_NEW_N(arena, double, p->rows * wide);
    size_t *first = NS_NEW_N(arena, size_t, changes);
    double *row = NS_NEW_N(arena, double, 6 * p->rows);
    *s = (struct ns_ascent){.p = p, .changes = changes, .wide = wide,
        .body = 2 + p->feature_count, .n = n, .theta = theta,
        .trial = NS_NEW_N(arena, double, n), .target = NS_NEW_N(arena, double, n),
        .best = NS_NEW_N(arena, double, n), .x = x,
        .f = NS_NEW_N(arena, double, p->rows * wide), .share = NS_NEW_N(arena, double, wide),
        .in_factor = NS_NEW_N(arena, double, wide), .in_add = NS_NEW_N(arena, double, wide),
        .level = row, .first = row + p->rows, .second = row + 2 * p->rows,
        .factor = row + 3 * p->rows, .r = row + 4 * p->rows, .w = row + 5 * p->rows,
        .q = NS_NEW_N(arena, double, n), .square = NS_NEW_N(arena, double, trends * trends),
        .cross = NS_NEW_N(arena, double, trends * wide),
        .gram = NS_NEW_N(arena, double, wide * wide),
        .bent = NS_NEW_N(arena, double, trends * trends),
        .crossed = NS_NEW_N(arena, double, trends * wide),
        .logistic = p->growth == NS_FIT_LOGISTIC, .fenced = true,
        .hasty = p->start != NULL,
        .patience = p->start != NULL ? 0 : PATIENCE};
    for (size_t l = 0; l < p->feature_count; l++) {
        s->share[l] = p->multiplicative[l];
        *(p->multiplicative[l] ? &s->any_factor : &s->any_add) = true;
    }
    for (size_t i = 0; i < p->rows; i++) {
        memcpy(x + i * wide, p->x + i * p->feature_count, p->feature_count * sizeof *x);
    }
    for (size_t c = 0; c < changes; c++) {
        first[c] = c > 0 ? first[c - 1] : 0;
        while (first[c] < p->rows && p->t[first[c]] <= p->change[c]) {
            first[c]++;
        }
    }
    s->knots = (struct ns_knots){p->rows, p->t, changes, p->change, first};
}

void ns_ascend(const struct ns_fit_problem *problem, double *theta, struct ns_arena *arena,
               struct ns_fit *out) {
    double goal = DONE * (1 + (double)problem->rows);
    struct ns_ascent s;
    begin(&s, problem, theta, arena);
    double size = (double)s.n;
    double step = size * size * (size / 3 + (double)problem->rows / 2);
    int most = (int)fmax(OUTER_MIN, fmin(OUTER_MAX, WORK / step));
    ns_rows_build(&s);
    out->residual = ns_rows_violation(&s);
    for (s.steps = 0; s.steps < most && out->residual > goal; s.steps++) {
        if (!advance(&s)) {
            if (s.finished || (!s.fenced && !s.hasty)) {
                break; /* no uphill step left above rounding */
            }
            s.fenced = s.fenced && s.hasty; /* one freedom after the other */
            s.hasty = false;
        }
        ns_rows_build(&s);
        out->residual = ns_rows_violation(&s);
    }
    polish(&s, out, goal);
    out->steps = s.steps;
    out->sigma = sqrt(s.v);
    out->lp = s.lp;
    out->unbounded = s.v <= NS_SIGMA_LEAST * NS_SIGMA_LEAST;
    ns_arena_fini(&s.scratch);
}
