#include "tui/cli/offline/case_table.h"

#include "shared/base/time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- cells ------------------------------------------------------------------------------ */

/* What stands between two quotes, doubled ones halved in a copy if there are any. */
static struct ns_str unquote(struct ns_str in, struct ns_arena *arena) {
    if (memchr(in.p, '"', in.n) == NULL) {
        return in;
    }
    char *copy = ns_arena_alloc(arena, in.n);
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        copy[n++] = in.p[i];
        i += in.p[i] == '"' && i + 1 < in.n && in.p[i + 1] == '"';
    }
    return (struct ns_str){copy, n};
}

/* One cell; *rest starts at the comma or line end after it. False: a quote is left open. */
static bool take_cell(struct ns_str *rest, struct ns_arena *arena, struct ns_str *out) {
    size_t i = 0;
    if (rest->n > 0 && rest->p[0] == '"') {
        for (i = 1; i < rest->n; i++) {
            if (rest->p[i] == '"' && !(i + 1 < rest->n && rest->p[i + 1] == '"')) {
                break;
            }
            i += rest->p[i] == '"';
        }
        if (i >= rest->n) {
            return false;
        }
        *out = ns_str_trim(unquote((struct ns_str){rest->p + 1, i - 1}, arena));
        i++;
        while (i < rest->n && rest->p[i] != ',' && rest->p[i] != '\n') {
            i++;
        }
    } else {
        while (i < rest->n && rest->p[i] != ',' && rest->p[i] != '\n') {
            i++;
        }
        *out = ns_str_trim((struct ns_str){rest->p, i});
    }
    rest->p += i;
    rest->n -= i;
    return true;
}

/* The cells of one line, of which max are kept; *count tells how many there were. */
static bool take_line(struct ns_str *rest, struct ns_arena *arena, struct ns_str *out,
                      size_t max, size_t *count) {
    *count = 0;
    for (bool more = true; more;) {
        struct ns_str cell;
        if (!take_cell(rest, arena, &cell)) {
            return false;
        }
        if (*count < max) {
            out[*count] = cell;
        }
        (*count)++;
        more = rest->n > 0 && rest->p[0] == ',';
        if (rest->n > 0) {
            rest->p++;
            rest->n--;
        }
    }
    return true;
}

ns_rc offline_table_read(struct ns_str text, struct ns_arena *arena, struct offline_table *out) {
    size_t commas = 1;
    size_t lines = 1;
    size_t count;
    *out = (struct offline_table){0};
    if (ns_str_starts(text, "\xEF\xBB\xBF")) {
        text.p += 3;
        text.n -= 3;
    }
    for (size_t i = 0; i < text.n && text.p[i] != '\n'; i++) {
        commas += text.p[i] == ',';
    }
    for (size_t i = 0; i < text.n; i++) {
        lines += text.p[i] == '\n';
    }
    if (lines > OFFLINE_TABLE_CELLS_MAX / commas) {
        return NS_E_LIMIT;
    }
    out->column = NS_NEW_N(arena, struct ns_str, commas);
    if (!take_line(&text, arena, out->column, commas, &out->width) || out->width > commas) {
        return NS_E_INPUT;
    }
    out->cell = NS_NEW_N(arena, struct ns_str, lines * out->width);
    while (text.n > 0) {
        struct ns_str *row = out->cell + out->rows * out->width;
        if (!take_line(&text, arena, row, out->width, &count) || count > out->width) {
            return NS_E_INPUT;
        }
        out->rows += count > 1 || row[0].n > 0; /* an empty line is none */
    }
    return NS_OK;
}

size_t offline_table_column(const struct offline_table *t, const char *prefix,
                            const char *name) {
    size_t n = strlen(prefix);
    for (size_t c = 0; c < t->width; c++) {
        struct ns_str rest = t->column[c];
        if (ns_str_starts(rest, prefix) &&
            ns_str_is((struct ns_str){rest.p + n, rest.n - n}, name)) {
            return c;
        }
    }
    return t->width;
}

bool offline_table_number(const struct offline_table *t, size_t row, size_t column,
                          double *out) {
    static const struct {
        const char *word;
        double value;
    } words[] = {{"", (double)NAN}, {"NA", (double)NAN}, {"NaN", (double)NAN}, {"true", 1},
                 {"false", 0}};
    char text[64];
    char *end;
    struct ns_str cell = t->cell[row * t->width + column];
    for (size_t w = 0; w < NS_COUNT(words); w++) {
        if (ns_str_is_nocase(cell, words[w].word)) {
            *out = words[w].value;
            return true;
        }
    }
    if (!ns_str_copy(cell, text, sizeof text) || strpbrk(text, "xXpP") != NULL) {
        return false;
    }
    *out = strtod(text, &end);
    return *end == '\0';
}

/* --- times ------------------------------------------------------------------------------ */

bool offline_seconds(struct ns_str text, int64_t *out) {
    ns_date day;
    struct ns_str date = {text.p, text.n < 10 ? text.n : 10};
    int64_t clock[3] = {0, 0, 0};
    if (!ns_date_parse(date, &day)) {
        return false;
    }
    if (text.n > 10) {
        struct ns_str rest = {text.p + 11, text.n - 11};
        if (text.p[10] != ' ' && text.p[10] != 'T') {
            return false;
        }
        rest.n -= rest.n > 0 && rest.p[rest.n - 1] == 'Z';
        for (int i = 0; i < 3 && rest.p != NULL; i++) {
            struct ns_str part = ns_str_cut(&rest, ':');
            if (!ns_str_int(part, 0, i == 0 ? 23 : 59, &clock[i]) || (i == 0 && rest.p == NULL)) {
                return false;
            }
        }
        if (rest.p != NULL) {
            return false;
        }
    }
    *out = (int64_t)day * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2];
    return true;
}

struct order {
    int64_t seconds;
    size_t row;
};

static int by_time(const void *a, const void *b) {
    const struct order *x = a;
    const struct order *y = b;
    int time = (x->seconds > y->seconds) - (x->seconds < y->seconds);
    return time != 0 ? time : (x->row > y->row) - (x->row < y->row);
}

bool offline_table_sort(struct offline_table *t, struct ns_arena *arena) {
    size_t ds = offline_table_column(t, "", "ds");
    struct order *order = NS_NEW_N(arena, struct order, t->rows);
    struct ns_str *cell = NS_NEW_N(arena, struct ns_str, t->rows * t->width);
    bool sorted = true;
    for (size_t i = 0; i < t->rows; i++) {
        order[i].row = i;
        if (ds == t->width || !offline_seconds(t->cell[i * t->width + ds], &order[i].seconds)) {
            return false;
        }
        sorted = sorted && (i == 0 || order[i].seconds >= order[i - 1].seconds);
    }
    if (sorted) {
        return ds < t->width;
    }
    qsort(order, t->rows, sizeof *order, by_time);
    for (size_t i = 0; i < t->rows; i++) {
        memcpy(cell + i * t->width, t->cell + order[i].row * t->width, t->width * sizeof *cell);
    }
    t->cell = cell;
    return true;
}
