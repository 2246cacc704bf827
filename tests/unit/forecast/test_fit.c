/* The solver against independent judges: numeric slopes and GSL's own minimisers. */
#include "agent/forecast/fit.h"
#include "agent/forecast/qp.h"

#include <criterion/criterion.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>

static struct ns_arena arena;

static void fini(void) {
    ns_arena_fini(&arena);
}

TestSuite(fit, .fini = fini);

static double draw(uint64_t *state) { /* uniform in -1..1 */
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 4503599627370496.0 - 1;
}

/* --- the QP ----------------------------------------------------------------------------- */

static void random_qp(uint64_t *state, size_t n, double *a, double *b, double *weight) {
    double root[12][12];
    for (size_t i = 0; i < n; i++) {
        b[i] = 3 * draw(state);
        weight[i] = i % 3 == 0 ? 0 : fabs(draw(state)) * 2;
        for (size_t j = 0; j < n; j++) {
            root[i][j] = draw(state);
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            a[i * n + j] = i == j ? 0.05 : 0;
            for (size_t k = 0; k < n; k++) {
                a[i * n + j] += root[i][k] * root[j][k];
            }
        }
    }
}

static double qp_value(const struct ns_qp *qp, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < qp->n; i++) {
        sum += qp->weight[i] * fabs(x[i]) - qp->b[i] * x[i];
        for (size_t j = 0; j < qp->n; j++) {
            sum += 0.5 * x[i] * qp->a[i * qp->n + j] * x[j];
        }
    }
    return sum;
}

Test(fit, the_qp_meets_its_optimality_conditions_from_any_start) {
    uint64_t state = 1;
    double a[144];
    double b[12];
    double weight[12];
    double x[12];
    double again[12];
    int zeros = 0;
    for (int run = 0; run < 500; run++) {
        size_t n = 1 + (size_t)run % 12;
        random_qp(&state, n, a, b, weight);
        struct ns_qp qp = {n, a, b, weight};
        for (size_t i = 0; i < n; i++) {
            x[i] = 0;
            again[i] = 10 * draw(&state);
        }
        cr_assert(ns_qp_solve(&qp, x, &arena), "run %d", run);
        cr_assert(ns_qp_solve(&qp, again, &arena), "run %d", run);
        cr_assert(ns_qp_violation(&qp, x) < 1e-8, "run %d: %g", run, ns_qp_violation(&qp, x));
        for (size_t i = 0; i < n; i++) {
            zeros += x[i] == 0;
            cr_assert_float_eq(x[i], again[i], 1e-6, "run %d", run);
        }
        ns_arena_reset(&arena);
    }
    cr_expect(zeros > 200, "%d exact zeros", zeros);
}

static double simplex_value(const gsl_vector *v, void *data) {
    return qp_value(data, v->data);
}

Test(fit, no_other_minimiser_gets_below_the_qp) {
    uint64_t state = 5;
    double a[16];
    double b[4];
    double weight[4];
    for (int run = 0; run < 20; run++) {
        double x[4] = {0};
        random_qp(&state, 4, a, b, weight);
        struct ns_qp qp = {4, a, b, weight};
        cr_assert(ns_qp_solve(&qp, x, &arena));
        gsl_multimin_fminimizer *other =
            gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, 4);
        gsl_vector *start = gsl_vector_calloc(4);
        gsl_vector *step = gsl_vector_alloc(4);
        gsl_vector_set_all(step, 1);
        gsl_multimin_function f = {simplex_value, 4, &qp};
        gsl_multimin_fminimizer_set(other, &f, start, step);
        for (int i = 0; i < 3000 && gsl_multimin_fminimizer_size(other) > 1e-9; i++) {
            gsl_multimin_fminimizer_iterate(other);
        }
        cr_expect(other->fval >= qp_value(&qp, x) - 1e-9, "run %d", run);
        cr_expect(other->fval <= qp_value(&qp, x) + 0.05, "run %d: the judge lost its way",
                  run);
        gsl_multimin_fminimizer_free(other);
        gsl_vector_free(start);
        gsl_vector_free(step);
    }
}

/* --- the model -------------------------------------------------------------------------- */

#define ROWS 160
#define CHANGES 8
#define FEATURES 4

struct example {
    double t[ROWS];
    double y[ROWS];
    double x[ROWS * FEATURES];
    double change[CHANGES];
    double prior[FEATURES];
    bool multiplicative[FEATURES];
    struct ns_fit_problem problem;
};

/* A trend with one true bend, a weekly wave and noise. */
static void make_example(struct example *e, enum ns_fit_growth growth, bool multiplicative) {
    uint64_t state = 99;
    memset(e, 0, sizeof *e);
    for (int i = 0; i < ROWS; i++) {
        double t = i / (ROWS - 1.0);
        double trend = 0.6 + 0.3 * t - 0.8 * (t > 0.5 ? t - 0.5 : 0);
        trend = growth == NS_FIT_FLAT ? 0.6 : trend;
        e->t[i] = t;
        for (int l = 0; l < FEATURES; l++) {
            double angle = 2 * 3.14159265358979 * (l / 2 + 1) * i / 7.0;
            e->x[i * FEATURES + l] = l % 2 == 0 ? sin(angle) : cos(angle);
        }
        double wave = 0.15 * e->x[i * FEATURES] - 0.05 * e->x[i * FEATURES + 3];
        e->y[i] = trend * (multiplicative ? 1 + wave : 1) + (multiplicative ? 0 : wave) +
                  0.05 * draw(&state);
    }
    for (int c = 0; c < CHANGES; c++) {
        e->change[c] = 0.1 * (c + 1);
    }
    for (int l = 0; l < FEATURES; l++) {
        e->prior[l] = 10;
        e->multiplicative[l] = multiplicative;
    }
    e->problem = (struct ns_fit_problem){.rows = ROWS, .t = e->t, .y = e->y, .growth = growth,
        .change_count = CHANGES, .change = e->change, .tau = 0.05, .feature_count = FEATURES,
        .x = e->x, .prior = e->prior, .multiplicative = e->multiplicative};
}

static double *coordinate(struct ns_fit *fit, int i) {
    return i == 0   ? &fit->k
           : i == 1 ? &fit->m
           : i == 2 ? &fit->sigma
           : i < 3 + CHANGES ? &fit->delta[i - 3]
                             : &fit->beta[i - 3 - CHANGES];
}

/* lp along one coordinate: flat at the mode, or a kink that falls to both sides at zero. */
static void check_mode(const struct ns_fit_problem *problem, struct ns_fit *fit) {
    double h = 1e-6;
    for (int i = 0; i < 3 + CHANGES + FEATURES; i++) {
        double *value = coordinate(fit, i);
        double kept = *value;
        double here = ns_fit_log_posterior(problem, fit);
        *value = kept + h;
        double right = (ns_fit_log_posterior(problem, fit) - here) / h;
        *value = kept - h;
        double left = (ns_fit_log_posterior(problem, fit) - here) / h;
        *value = kept;
        bool kink = i >= 3 && i < 3 + CHANGES && kept == 0;
        if (kink) {
            cr_expect(right <= 1e-3 && left <= 1e-3, "coordinate %d: %g %g", i, left, right);
        } else {
            cr_expect(fabs(right - left) / 2 < 1e-2, "coordinate %d: %g %g", i, left, right);
        }
    }
}

Test(fit, every_kind_of_model_ends_at_a_mode) {
    static const struct {
        enum ns_fit_growth growth;
        bool multiplicative;
    } kinds[] = {{NS_FIT_FLAT, false}, {NS_FIT_FLAT, true}, {NS_FIT_LINEAR, false},
                 {NS_FIT_LINEAR, true}};
    static struct example e;
    for (size_t i = 0; i < NS_COUNT(kinds); i++) {
        struct ns_fit fit;
        make_example(&e, kinds[i].growth, kinds[i].multiplicative);
        cr_assert_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_OK);
        cr_expect(fit.residual < 1e-6, "kind %zu: %g after %d", i, fit.residual, fit.steps);
        cr_expect_float_eq(ns_fit_log_posterior(&e.problem, &fit), fit.lp, 1e-8);
        cr_expect(fit.steps < 40, "%d", fit.steps);
        cr_expect_float_eq(fit.sigma, 0.05 / sqrt(3), 0.005, "%g", fit.sigma);
        check_mode(&e.problem, &fit);
    }
}

Test(fit, the_true_bend_is_found_and_most_others_are_exactly_zero) {
    static struct example e;
    struct ns_fit fit;
    make_example(&e, NS_FIT_LINEAR, false);
    cr_assert_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_OK);
    int zeros = 0;
    for (int c = 0; c < CHANGES; c++) {
        zeros += fit.delta[c] == 0;
    }
    cr_expect(zeros >= 4, "%d", zeros);
    cr_expect(fit.delta[4] < -0.3, "%g", fit.delta[4]);
    cr_expect_float_eq(ns_fit_trend(&e.problem, &fit, 0.5, 0), 0.75, 0.02);
    cr_expect_float_eq(ns_fit_trend(&e.problem, &fit, 1.0, 0), 0.5, 0.03);
}

static double minus_lp(const gsl_vector *v, void *data) {
    struct example *e = data;
    double beta[FEATURES];
    double delta[CHANGES] = {0};
    struct ns_fit fit = {.k = v->data[0], .m = v->data[1], .sigma = exp(v->data[2]),
                         .delta = delta, .beta = beta};
    memcpy(beta, v->data + 3, sizeof beta);
    return -ns_fit_log_posterior(&e->problem, &fit);
}

static void slope(const gsl_vector *v, void *data, gsl_vector *out) {
    gsl_vector *moved = gsl_vector_alloc(v->size);
    for (size_t i = 0; i < v->size; i++) {
        gsl_vector_memcpy(moved, v);
        moved->data[i] = v->data[i] + 1e-6;
        double up = minus_lp(moved, data);
        moved->data[i] = v->data[i] - 1e-6;
        out->data[i] = (up - minus_lp(moved, data)) / 2e-6;
    }
    gsl_vector_free(moved);
}

static void both(const gsl_vector *v, void *data, double *f, gsl_vector *df) {
    *f = minus_lp(v, data);
    slope(v, data, df);
}

Test(fit, without_changepoints_gsl_bfgs_finds_the_same_mode) {
    static struct example e;
    for (int kind = 0; kind < 2; kind++) {
        struct ns_fit fit;
        make_example(&e, NS_FIT_LINEAR, kind == 1);
        e.problem.change_count = 0;
        cr_assert_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_OK);
        gsl_multimin_function_fdf f = {minus_lp, slope, both, 3 + FEATURES, &e};
        gsl_vector *start = gsl_vector_calloc(3 + FEATURES);
        start->data[1] = 0.6;
        start->data[2] = log(0.1);
        gsl_multimin_fdfminimizer *other = gsl_multimin_fdfminimizer_alloc(
            gsl_multimin_fdfminimizer_vector_bfgs2, 3 + FEATURES);
        gsl_multimin_fdfminimizer_set(other, &f, start, 0.01, 0.1);
        for (int i = 0; i < 500 && gsl_multimin_fdfminimizer_iterate(other) == 0; i++) {
        }
        cr_expect_float_eq(-other->f, fit.lp, 1e-5, "%.9g %.9g", -other->f, fit.lp);
        cr_expect_float_eq(other->x->data[0], fit.k, 1e-4);
        cr_expect_float_eq(other->x->data[3], fit.beta[0], 1e-4);
        gsl_multimin_fdfminimizer_free(other);
        gsl_vector_free(start);
    }
}

Test(fit, a_constant_series_needs_no_fit) {
    static struct example e;
    struct ns_fit fit;
    make_example(&e, NS_FIT_LINEAR, false);
    for (int i = 0; i < ROWS; i++) {
        e.y[i] = 1;
    }
    cr_assert_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_OK);
    cr_expect(fit.constant);
    cr_expect_eq(fit.sigma, 0);
    cr_expect_eq(ns_fit_trend(&e.problem, &fit, 3, 0), 1);
}

Test(fit, the_floor_keeps_sigma_away_from_zero_when_the_design_could_interpolate) {
    static struct example e;
    struct ns_fit fit;
    make_example(&e, NS_FIT_LINEAR, false);
    e.problem.rows = 5;
    e.problem.sigma_floor = 0.02;
    cr_assert_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_OK);
    cr_expect_geq(fit.sigma, 0.02 - 1e-12);
    cr_expect(isfinite(fit.lp) && isfinite(fit.k));
}

Test(fit, unusable_input_is_refused) {
    static struct example e;
    struct ns_fit fit;
    make_example(&e, NS_FIT_LINEAR, false);
    e.problem.rows = 1;
    cr_expect_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_E_INPUT);
    e.problem.rows = ROWS;
    e.y[7] = (double)INFINITY;
    cr_expect_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_E_INPUT);
    make_example(&e, NS_FIT_LINEAR, false);
    e.t[7] = 0;
    cr_expect_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_E_INPUT);
    make_example(&e, NS_FIT_LINEAR, false);
    e.prior[0] = 0;
    cr_expect_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_E_INPUT);
    make_example(&e, NS_FIT_LINEAR, false);
    e.problem.tau = 0;
    cr_expect_eq(ns_fit_solve(&e.problem, &arena, &fit, NULL), NS_E_INPUT);
}
