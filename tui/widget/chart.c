/* chart.c: the log as a line of braille dots (or block tops, or stars), the forecast as a shaded
 * band around its middle. Heights are in hundredths of a change. */
#include "tui/widget/chart.h"

#include <stdio.h>
#include <string.h>

#define COLS_MOST 240
#define ROWS_MOST 60
#define AXIS 4 /* "13│" and a blank */

struct plot {
    const struct ns_pen *pen;
    const struct ns_fan *fan;
    int rows;
    int cols;
    int32_t low;
    int32_t high;
    uint8_t dots[ROWS_MOST][COLS_MOST]; /* braille bits */
};

static void bounds(struct plot *p) {
    int32_t low = INT32_MAX;
    int32_t high = 0;
    const struct ns_fan *f = p->fan;
    for (int i = 0; i < f->back; i++) {
        if (f->history[i] >= 0) {
            low = f->history[i] < low ? f->history[i] : low;
            high = f->history[i] > high ? f->history[i] : high;
        }
    }
    for (int i = 0; i < f->ahead; i++) {
        low = f->lower[i] < low ? f->lower[i] : low;
        high = f->upper[i] > high ? f->upper[i] : high;
    }
    low = low == INT32_MAX ? 0 : low / 100 * 100 - 100;
    p->low = low < 0 ? 0 : low;
    p->high = (high + 99) / 100 * 100;
    if (p->high < p->low + 400) {
        p->high = p->low + 400;
    }
}

/* Dot row (0 at the top) of a value, with `per` dots a cell. */
static int y_of(const struct plot *p, int32_t value, int per) {
    int most = p->rows * per - 1;
    int64_t y = (int64_t)(p->high - value) * most / (p->high - p->low);
    return y < 0 ? 0 : y > most ? most : (int)y;
}

static int x_of(const struct plot *p, int day, int per) {
    int days = p->fan->back + p->fan->ahead;
    return days <= 1 ? 0 : day * (p->cols * per - 1) / (days - 1);
}

static void dot(struct plot *p, int x, int y) {
    static const uint8_t bit[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x >= 0 && y >= 0 && x / 2 < p->cols && y / 4 < p->rows) {
        p->dots[y / 4][x / 2] |= bit[y % 4][x % 2];
    }
}

static void segment(struct plot *p, int x0, int y0, int x1, int y1) {
    int steps = x1 - x0 > (y1 > y0 ? y1 - y0 : y0 - y1) ? x1 - x0 : (y1 > y0 ? y1 - y0 : y0 - y1);
    for (int i = 0; i <= steps; i++) {
        dot(p, x0 + (steps == 0 ? 0 : (x1 - x0) * i / steps),
            y0 + (steps == 0 ? 0 : (y1 - y0) * i / steps));
    }
}

static void put(const struct plot *p, int row, int col, uint32_t cp, enum ns_role role) {
    ns_grid_put(p->pen->grid, p->pen->area, p->pen->area.row + row, p->pen->area.col + AXIS + col,
                cp, role);
}

static void draw_line(struct plot *p) {
    const struct ns_fan *f = p->fan;
    for (int i = 0; i < f->back; i++) {
        if (f->history[i] < 0) {
            continue;
        }
        int x = x_of(p, i, 2);
        int y = y_of(p, f->history[i], 4);
        dot(p, x, y);
        if (i > 0 && f->history[i - 1] >= 0) { /* an unknown day breaks the line */
            segment(p, x_of(p, i - 1, 2), y_of(p, f->history[i - 1], 4), x, y);
        }
    }
    for (int row = 0; row < p->rows; row++) {
        for (int col = 0; col < p->cols; col++) {
            if (p->dots[row][col] != 0) {
                put(p, row, col, 0x2800U + p->dots[row][col], NS_ROLE_CHART);
            }
        }
    }
}

/* Without braille: the mean of the days that share a column, as the top of a bar or a star. */
static void draw_tops(struct plot *p) {
    const struct ns_fan *f = p->fan;
    for (int col = 0; col < p->cols; col++) {
        int64_t sum = 0;
        int n = 0;
        for (int i = 0; i < f->back; i++) {
            if (x_of(p, i, 1) == col && f->history[i] >= 0) {
                sum += f->history[i];
                n++;
            }
        }
        if (n == 0) {
            continue;
        }
        int y = y_of(p, (int32_t)(sum / n), 8);
        put(p, y / 8, col, p->pen->grid->ascii ? '*' : 0x2588U - (uint32_t)(y % 8), NS_ROLE_CHART);
    }
}

static int32_t between(const int32_t *values, int count, int64_t at, int64_t unit) {
    int64_t i = at / unit;
    if (i >= count - 1) {
        return values[count - 1];
    }
    int64_t part = at % unit;
    return (int32_t)(values[i] + (values[i + 1] - values[i]) * part / unit);
}

static void draw_band(struct plot *p) {
    const struct ns_fan *f = p->fan;
    int first = x_of(p, f->back, 1);
    int width = p->cols - first;
    for (int col = first; col < p->cols && f->ahead > 0; col++) {
        int64_t unit = width > 1 ? width - 1 : 1;
        int64_t at = (int64_t)(col - first) * (f->ahead - 1);
        int top = y_of(p, between(f->upper, f->ahead, at, unit), 1);
        int bottom = y_of(p, between(f->lower, f->ahead, at, unit), 1);
        int middle = y_of(p, between(f->mean, f->ahead, at, unit), 1);
        for (int row = top; row <= bottom; row++) {
            put(p, row, col, row == middle ? 0x2501 : 0x2592,
                row == middle ? NS_ROLE_MEDIAN : NS_ROLE_BAND);
        }
    }
}

static void draw_axes(struct plot *p) {
    const struct ns_fan *f = p->fan;
    int last = -1;
    for (int row = 0; row < p->rows; row++) {
        ns_grid_put(p->pen->grid, p->pen->area, p->pen->area.row + row, p->pen->area.col + AXIS - 1,
                    0x2502, NS_ROLE_BORDER);
        /* the value in the middle of this cell row, named when it is a new whole number */
        int64_t value = p->high - (int64_t)(2 * row + 1) * (p->high - p->low) / (2 * p->rows);
        int whole = (int)((value + 50) / 100);
        if (whole != last) {
            ns_draw_right(p->pen, row, AXIS - 1, ns_line_number(whole).s, NS_ROLE_DIM);
        }
        last = whole;
    }
    int today = x_of(p, f->back, 1);
    ns_grid_put(p->pen->grid, p->pen->area, p->pen->area.row + p->rows, p->pen->area.col + AXIS - 1,
                0x2514, NS_ROLE_BORDER);
    for (int col = 0; col < p->cols; col++) {
        put(p, p->rows, col, f->back > 0 && col == today ? 0x2534 : 0x2500, NS_ROLE_BORDER);
    }
    struct ns_line from = ns_line_day_month(p->pen->lang, f->today - f->back);
    struct ns_line now = ns_line_day_month(p->pen->lang, f->today);
    struct ns_line to = ns_line_day_month(p->pen->lang, f->today + f->ahead - 1);
    int end = p->pen->area.cols;
    int to_col = end - ns_text_cols(p->pen, to.s);
    int now_cols = ns_text_cols(p->pen, now.s);
    int now_col = AXIS + today + (f->back > 0 ? 1 : 0);
    if (now_col + now_cols + 1 < to_col) {
        ns_draw(p->pen, p->rows, now_col, now.s, NS_ROLE_TEXT);
        ns_draw_right(p->pen, p->rows, end, to.s, NS_ROLE_DIM);
    } else if (now_col + now_cols <= end) {
        ns_draw(p->pen, p->rows, now_col, now.s, NS_ROLE_TEXT);
    }
    if (f->back > 0 && AXIS + ns_text_cols(p->pen, from.s) + 1 < now_col) {
        ns_draw(p->pen, p->rows, AXIS, from.s, NS_ROLE_DIM);
    }
}

void ns_draw_fan(const struct ns_pen *pen, const struct ns_fan *fan) {
    struct plot p = {.pen = pen, .fan = fan, .rows = pen->area.rows - 1, .cols = pen->area.cols - AXIS};
    if (p.rows < 3 || p.cols < 12 || fan->back + fan->ahead < 2) {
        return;
    }
    p.rows = p.rows > ROWS_MOST ? ROWS_MOST : p.rows;
    p.cols = p.cols > COLS_MOST ? COLS_MOST : p.cols;
    bounds(&p);
    draw_axes(&p);
    draw_band(&p);
    if (fan->braille && !pen->grid->ascii) {
        draw_line(&p);
    } else {
        draw_tops(&p);
    }
}
