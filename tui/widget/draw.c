/* draw.c: bars, dots, sparks, boxes and lines of text. */
#include "tui/widget/draw.h"

#include <string.h>

struct ns_pen ns_pen_part(const struct ns_pen *pen, int row, int col, int rows, int cols) {
    struct ns_pen part = *pen;
    part.area = ns_rect_cut(pen->area, (struct ns_rect){pen->area.row + row, pen->area.col + col,
                                                        rows, cols});
    return part;
}

int ns_text_cols(const struct ns_pen *pen, const char *text) {
    return ns_grid_width(pen->grid, ns_str_of(text));
}

int ns_draw(const struct ns_pen *pen, int row, int col, const char *text, enum ns_role role) {
    return ns_draw_fit(pen, row, col, pen->area.cols - col, text, role);
}

int ns_draw_fit(const struct ns_pen *pen, int row, int col, int cols, const char *text,
                enum ns_role role) {
    if (cols > pen->area.cols - col) {
        cols = pen->area.cols - col;
    }
    return col + ns_grid_fit(pen->grid, pen->area, pen->area.row + row, pen->area.col + col, cols,
                             ns_str_of(text), role);
}

int ns_draw_right(const struct ns_pen *pen, int row, int end, const char *text, enum ns_role role) {
    int cols = ns_text_cols(pen, text);
    int col = end - cols;
    ns_draw_fit(pen, row, col < 0 ? 0 : col, cols, text, role);
    return col;
}

int ns_draw_msg(const struct ns_pen *pen, int row, int col, enum ns_msg id, enum ns_role role) {
    return ns_draw(pen, row, col, ns_msg(pen->lang, id), role);
}

int ns_draw_key(const struct ns_pen *pen, int row, int col, const char *key, const char *label) {
    col = ns_draw(pen, row, col, key, NS_ROLE_KEY);
    return ns_draw(pen, row, col + 1, label, NS_ROLE_TEXT);
}

void ns_draw_heading(const struct ns_pen *pen, int row, const char *title) {
    int col = ns_draw_fit(pen, row, 0, pen->area.cols, title, NS_ROLE_TITLE);
    for (col++; col < pen->area.cols; col++) {
        ns_grid_put(pen->grid, pen->area, pen->area.row + row, pen->area.col + col, 0x2500,
                    NS_ROLE_BORDER);
    }
}

void ns_draw_bar(const struct ns_pen *pen, int row, int col, int cols, int permille,
                 enum ns_role role) {
    permille = permille < 0 ? 0 : permille > 1000 ? 1000 : permille;
    int full = (permille * cols + 500) / 1000;
    full = full == 0 && permille > 0 ? 1 : full;
    for (int i = 0; i < cols; i++) {
        ns_grid_put(pen->grid, pen->area, pen->area.row + row, pen->area.col + col + i,
                    i < full ? 0x2588 : 0x2591, i < full ? role : NS_ROLE_DIM);
    }
}

int ns_draw_dots(const struct ns_pen *pen, int row, int col, int full, int of, enum ns_role role) {
    for (int i = 0; i < of; i++) {
        ns_grid_put(pen->grid, pen->area, pen->area.row + row, pen->area.col + col + i,
                    i < full ? 0x25CF : 0x25CB, role);
    }
    return col + of;
}

void ns_draw_spark(const struct ns_pen *pen, int row, int col, const int32_t *values, int count,
                   int32_t most, enum ns_role role) {
    for (int i = 0; i < count; i++) {
        if (values[i] < 0) {
            continue;
        }
        int32_t level = most <= 0 ? 0 : (int32_t)((int64_t)values[i] * 7 / most);
        level = level > 7 ? 7 : level;
        ns_grid_put(pen->grid, pen->area, pen->area.row + row, pen->area.col + col + i,
                    0x2581U + (uint32_t)level, role);
    }
}

struct wrapped {
    const struct ns_pen *pen;
    int row;
    int col;
    int cols;
    enum ns_role role;
};

static void wrapped_line(void *self, int index, struct ns_str part) {
    const struct wrapped *w = self;
    ns_grid_fit(w->pen->grid, w->pen->area, w->pen->area.row + w->row + index,
                w->pen->area.col + w->col, w->cols, part, w->role);
}

int ns_draw_wrapped(const struct ns_pen *pen, int row, int col, int cols, const char *text,
                    enum ns_role role) {
    struct wrapped w = {pen, row, col, cols, role};
    return ns_grid_wrap(pen->grid, ns_str_of(text), cols, wrapped_line, &w);
}

static void edge(const struct ns_pen *box, int row, uint32_t left, uint32_t right) {
    int last = box->area.cols - 1;
    for (int col = 0; col <= last; col++) {
        uint32_t cp = col == 0 ? left : col == last ? right : 0x2500;
        ns_grid_put(box->grid, box->area, box->area.row + row, box->area.col + col, cp,
                    NS_ROLE_BORDER);
    }
}

struct ns_pen ns_draw_box(const struct ns_pen *pen, int rows, int cols, const char *title) {
    rows = rows > pen->area.rows ? pen->area.rows : rows;
    cols = cols > pen->area.cols ? pen->area.cols : cols;
    struct ns_pen box = ns_pen_part(pen, (pen->area.rows - rows) / 2, (pen->area.cols - cols) / 2,
                                    rows, cols);
    ns_grid_fill(box.grid, box.area, ' ', NS_ROLE_TEXT);
    if (rows < 3 || cols < 8) {
        return box;
    }
    edge(&box, 0, 0x250C, 0x2510);
    edge(&box, rows - 1, 0x2514, 0x2518);
    for (int row = 1; row < rows - 1; row++) {
        ns_grid_put(box.grid, box.area, box.area.row + row, box.area.col, 0x2502, NS_ROLE_BORDER);
        ns_grid_put(box.grid, box.area, box.area.row + row, box.area.col + cols - 1, 0x2502,
                    NS_ROLE_BORDER);
    }
    ns_draw_fit(&box, 0, 2, cols - 4, ns_line_join(" ", title, " ").s, NS_ROLE_TITLE);
    return ns_pen_part(&box, 1, 2, rows - 2, cols - 4);
}
