/* case_rows.c: history.csv and expected.csv into rows of the model. */
#include "tui/cli/offline/case.h"

#include <math.h>
#include <string.h>

#define FUTURE_DAYS 30

struct source {
    const char *file;
    const struct offline_table *table;
    const char *prefix; /* what stands before the name of a regressor */
    bool values;        /* it has y */
};

/* With the prefix or without. */
static size_t find_column(const struct source *from, const char *name) {
    size_t c = offline_table_column(from->table, from->prefix, name);
    return c < from->table->width ? c : offline_table_column(from->table, "", name);
}

static ns_rc take_numbers(struct offline_case *c, const struct source *from, const char *name,
                          size_t column, double *out, size_t step) {
    for (size_t i = 0; i < from->table->rows; i++) {
        if (column >= from->table->width ||
            !offline_table_number(from->table, i, column, &out[i * step])) {
            return offline_case_refuse(c, from->file, name);
        }
    }
    return NS_OK;
}

static ns_rc take_regressors(struct offline_case *c, const struct source *from,
                             struct ns_compat_rows *out) {
    size_t width = c->model.regressor_count;
    double *value = NS_NEW_N(&c->arena, double, from->table->rows * width);
    for (size_t r = 0; r < width; r++) {
        const char *name = c->model.regressor[r].name;
        ns_rc rc = take_numbers(c, from, name, find_column(from, name), value + r, width);
        if (rc != NS_OK) {
            return rc;
        }
    }
    out->regressor = value;
    return NS_OK;
}

/* A condition that is not told counts as false, except where a row is fitted or asked for. */
static ns_rc take_conditions(struct offline_case *c, const struct source *from,
                             struct ns_compat_rows *out) {
    size_t width = c->model.condition_count;
    size_t rows = from->table->rows;
    bool *value = NS_NEW_N(&c->arena, bool, rows * width);
    double *number = NS_NEW_N(&c->arena, double, rows);
    for (size_t k = 0; k < width; k++) {
        size_t column = find_column(from, c->condition[k]);
        ns_rc rc = take_numbers(c, from, c->condition[k], column, number, 1);
        for (size_t i = 0; i < rows && rc == NS_OK; i++) {
            bool needed = !from->values || !isnan(out->y[i]);
            if (isnan(number[i]) && needed) {
                rc = offline_case_refuse(c, from->file, c->condition[k]);
            }
            value[i * width + k] = number[i] > 0 || number[i] < 0;
        }
        if (rc != NS_OK) {
            return rc;
        }
    }
    out->condition = value;
    return NS_OK;
}

/* The columns cap and, when it is there, floor. */
static ns_rc take_limits(struct offline_case *c, const struct source *from,
                         struct ns_compat_rows *out) {
    size_t rows = from->table->rows;
    size_t floor = offline_table_column(from->table, "", "floor");
    double *value = NS_NEW_N(&c->arena, double, 2 * rows);
    ns_rc rc = take_numbers(c, from, "cap", offline_table_column(from->table, "", "cap"), value,
                            1);
    out->cap = value;
    if (rc == NS_OK && floor < from->table->width) {
        rc = take_numbers(c, from, "floor", floor, value + rows, 1);
        out->floor = value + rows;
    }
    return rc;
}

static ns_rc take_rows(struct offline_case *c, const struct source *from,
                       struct ns_compat_rows *out) {
    const struct offline_table *t = from->table;
    size_t ds = offline_table_column(t, "", "ds");
    int64_t *seconds = NS_NEW_N(&c->arena, int64_t, t->rows);
    double *y = NS_NEW_N(&c->arena, double, t->rows);
    *out = (struct ns_compat_rows){.count = t->rows, .seconds = seconds, .y = y};
    for (size_t i = 0; i < t->rows; i++) {
        if (ds >= t->width || !offline_seconds(t->cell[i * t->width + ds], &seconds[i])) {
            return offline_case_refuse(c, from->file, "ds");
        }
    }
    ns_rc rc = ds < t->width ? NS_OK : offline_case_refuse(c, from->file, "ds");
    if (rc == NS_OK && from->values) {
        rc = take_numbers(c, from, "y", offline_table_column(t, "", "y"), y, 1);
    }
    if (rc == NS_OK) {
        rc = take_regressors(c, from, out);
    }
    if (rc == NS_OK) {
        rc = take_conditions(c, from, out);
    }
    return rc == NS_OK && c->model.growth == NS_FIT_LOGISTIC ? take_limits(c, from, out) : rc;
}

/* Without expected.csv: the history and 30 days after it, if nothing must be known of them. */
static ns_rc extend_rows(struct offline_case *c) {
    const struct ns_compat_rows *h = &c->history;
    size_t n = h->count;
    if (c->model.regressor_count > 0 || c->model.condition_count > 0 ||
        c->model.growth == NS_FIT_LOGISTIC) {
        return offline_case_needs(c);
    }
    int64_t *seconds = NS_NEW_N(&c->arena, int64_t, n + FUTURE_DAYS);
    for (size_t i = 0; i < n + FUTURE_DAYS && n > 0; i++) {
        seconds[i] = i < n ? h->seconds[i] : h->seconds[n - 1] + (int64_t)(i - n + 1) * 86400;
    }
    c->ask = (struct ns_compat_rows){.count = n > 0 ? n + FUTURE_DAYS : 0, .seconds = seconds};
    return NS_OK;
}

ns_rc offline_case_read(struct offline_case *c, const struct offline_case_texts *texts) {
    struct offline_table history;
    struct offline_table expected;
    ns_rc rc = offline_case_settings(c, texts->settings);
    if (rc != NS_OK) {
        return rc;
    }
    rc = offline_table_read(texts->history, &c->arena, &history);
    if (rc != NS_OK) {
        return offline_case_refuse(c, "history.csv", rc == NS_E_LIMIT ? "its size" : "its form");
    }
    if (!offline_table_sort(&history, &c->arena)) {
        return offline_case_refuse(c, "history.csv", "ds");
    }
    struct source past = {"history.csv", &history, "", true};
    rc = take_rows(c, &past, &c->history);
    if (rc != NS_OK) {
        return rc;
    }
    bool has_ask = texts->has_expected && !c->without_ask;
    if (has_ask) {
        if (offline_table_read(texts->expected, &c->arena, &expected) != NS_OK) {
            return offline_case_refuse(c, "expected.csv", "its form");
        }
        struct source asked = {"expected.csv", &expected, "x_", false};
        rc = take_rows(c, &asked, &c->ask);
    }
    if (rc == NS_OK) {
        rc = offline_case_usual_seasons(c);
    }
    if (rc == NS_OK && !has_ask && !c->without_ask) {
        rc = extend_rows(c);
    }
    return rc == NS_OK ? offline_case_country(c) : rc;
}

void offline_case_end(struct offline_case *c) {
    ns_json_free(c->root);
    ns_arena_fini(&c->arena);
}
