/* grid.c: cells, clipping, wide characters, difference of two grids. */
#include "tui/cell/grid.h"
#include "shared/base/arena.h"
#include "shared/text/utf8.h"
#include "shared/text/width.h"
#include "tui/theme/glyph.h"

#include <stdlib.h>
#include <string.h>

static const struct ns_cell blank = {.cp = ' ', .width = 1};

void ns_grid_init(struct ns_grid *grid, int rows, int cols, bool ascii) {
    grid->rows = rows < 1 ? 1 : rows;
    grid->cols = cols < 1 ? 1 : cols;
    grid->ascii = ascii;
    grid->cells = ns_xcalloc((size_t)grid->rows * (size_t)grid->cols, sizeof *grid->cells);
    ns_grid_clear(grid);
}

void ns_grid_fini(struct ns_grid *grid) {
    free(grid->cells);
    *grid = (struct ns_grid){0};
}

void ns_grid_clear(struct ns_grid *grid) {
    for (int i = 0; i < grid->rows * grid->cols; i++) {
        grid->cells[i] = blank;
    }
}

struct ns_rect ns_grid_rect(const struct ns_grid *grid) {
    return (struct ns_rect){0, 0, grid->rows, grid->cols};
}

struct ns_rect ns_rect_cut(struct ns_rect a, struct ns_rect b) {
    int top = a.row > b.row ? a.row : b.row;
    int left = a.col > b.col ? a.col : b.col;
    int bottom = a.row + a.rows < b.row + b.rows ? a.row + a.rows : b.row + b.rows;
    int right = a.col + a.cols < b.col + b.cols ? a.col + a.cols : b.col + b.cols;
    return (struct ns_rect){top, left, bottom > top ? bottom - top : 0,
                            right > left ? right - left : 0};
}

static struct ns_cell *cell_at(struct ns_grid *grid, int row, int col) {
    return &grid->cells[row * grid->cols + col];
}

/* Blank the halves that writing columns [col, col + width) would tear apart. */
static void mend(struct ns_grid *grid, int row, int col, int width) {
    struct ns_cell *first = cell_at(grid, row, col);
    if (first->width == 0 && col > 0) {
        uint8_t role = first->role;
        *cell_at(grid, row, col - 1) = blank;
        cell_at(grid, row, col - 1)->role = role;
    }
    int after = col + width;
    if (after < grid->cols && cell_at(grid, row, after)->width == 0) {
        uint8_t role = cell_at(grid, row, after)->role;
        *cell_at(grid, row, after) = blank;
        cell_at(grid, row, after)->role = role;
    }
}

static void place(struct ns_grid *grid, struct ns_rect clip, int row, int col, uint32_t cp,
                  int width, enum ns_role role) {
    if (row < clip.row || row >= clip.row + clip.rows || col < clip.col ||
        col + width > clip.col + clip.cols) {
        return;
    }
    mend(grid, row, col, width);
    *cell_at(grid, row, col) =
        (struct ns_cell){.cp = cp, .width = (uint8_t)width, .role = (uint8_t)role};
    if (width == 2) {
        *cell_at(grid, row, col + 1) = (struct ns_cell){.cp = ' ', .width = 0, .role = (uint8_t)role};
    }
}

static void add_mark(struct ns_grid *grid, struct ns_rect clip, int row, int col, uint32_t cp) {
    if (row < clip.row || row >= clip.row + clip.rows || col < clip.col ||
        col >= clip.col + clip.cols) {
        return;
    }
    struct ns_cell *cell = cell_at(grid, row, col);
    for (int i = 0; i < NS_CELL_MARKS; i++) {
        if (cell->mark[i] == 0) {
            cell->mark[i] = cp;
            return;
        }
    }
}

int ns_grid_text(struct ns_grid *grid, struct ns_rect clip, int row, int col, struct ns_str text,
                 enum ns_role role) {
    clip = ns_rect_cut(clip, ns_grid_rect(grid));
    int last = -1; /* column of the character that marks join, -1: none yet */
    uint32_t cp;
    while (ns_utf8_next_clean(&text, &cp)) {
        if (grid->ascii && cp >= 0x80) {
            char twin[8];
            size_t n = ns_glyph_ascii(cp, twin);
            for (size_t i = 0; i < n; i++) {
                place(grid, clip, row, col++, (unsigned char)twin[i], 1, role);
            }
            continue;
        }
        int width = ns_width_of(cp);
        if (width == 0) {
            if (last >= 0) {
                add_mark(grid, clip, row, last, cp);
            }
            continue;
        }
        place(grid, clip, row, col, cp, width, role);
        last = col;
        col += width;
    }
    return col;
}

int ns_grid_width(const struct ns_grid *grid, struct ns_str text) {
    if (!grid->ascii) {
        return ns_width_text(text);
    }
    int columns = 0;
    uint32_t cp;
    while (ns_utf8_next_clean(&text, &cp)) {
        char twin[8];
        columns += cp < 0x80 ? 1 : (int)ns_glyph_ascii(cp, twin);
    }
    return columns;
}

/* Bytes of text that fit in cols columns; *used tells how many columns they take. */
static size_t fitting(const struct ns_grid *grid, struct ns_str text, int cols, int *used) {
    struct ns_str rest = text;
    uint32_t cp;
    size_t fits = 0;
    *used = 0;
    while (ns_utf8_next_clean(&rest, &cp)) {
        char twin[8];
        int width = grid->ascii && cp >= 0x80 ? (int)ns_glyph_ascii(cp, twin) : ns_width_of(cp);
        if (*used + width > cols) {
            break;
        }
        *used += width;
        fits = text.n - rest.n;
    }
    return fits;
}

int ns_grid_fit(struct ns_grid *grid, struct ns_rect clip, int row, int col, int cols,
                struct ns_str text, enum ns_role role) {
    if (cols <= 0) {
        return 0;
    }
    int width = ns_grid_width(grid, text);
    if (width <= cols) {
        ns_grid_text(grid, clip, row, col, text, role);
        return width;
    }
    struct ns_str dots = NS_STR("\u2026");
    int dot_cols = ns_grid_width(grid, dots);
    if (dot_cols > cols) {
        dots = (struct ns_str){"...", (size_t)cols};
        dot_cols = cols;
    }
    int used;
    size_t n = fitting(grid, text, cols - dot_cols, &used);
    while (n > 0 && text.p[n - 1] == ' ') { /* no blank before the ellipsis */
        n--;
        used--;
    }
    ns_grid_text(grid, clip, row, col, (struct ns_str){text.p, n}, role);
    ns_grid_text(grid, clip, row, col + used, dots, role);
    return used + dot_cols;
}

void ns_grid_put(struct ns_grid *grid, struct ns_rect clip, int row, int col, uint32_t cp,
                 enum ns_role role) {
    char bytes[4];
    size_t n = ns_utf8_put(cp, bytes);
    ns_grid_text(grid, clip, row, col, (struct ns_str){bytes, n}, role);
}

void ns_grid_fill(struct ns_grid *grid, struct ns_rect area, uint32_t cp, enum ns_role role) {
    area = ns_rect_cut(area, ns_grid_rect(grid));
    int width = ns_width_of(cp) == 2 ? 2 : 1;
    for (int row = area.row; row < area.row + area.rows; row++) {
        for (int col = area.col; col < area.col + area.cols; col += width) {
            ns_grid_put(grid, area, row, col, cp, role);
        }
    }
}

void ns_grid_role(struct ns_grid *grid, struct ns_rect area, enum ns_role role) {
    area = ns_rect_cut(area, ns_grid_rect(grid));
    for (int row = area.row; row < area.row + area.rows; row++) {
        for (int col = area.col; col < area.col + area.cols; col++) {
            cell_at(grid, row, col)->role = (uint8_t)role;
        }
    }
}

int ns_grid_wrap(const struct ns_grid *grid, struct ns_str text, int cols,
                 void (*line)(void *self, int index, struct ns_str part), void *self) {
    int count = 0;
    cols = cols < 1 ? 1 : cols;
    while (text.n > 0 && text.p[0] == ' ') {
        text.p++;
        text.n--;
    }
    while (text.n > 0) {
        int used;
        size_t n = fitting(grid, text, cols, &used);
        if (n == 0) {
            uint32_t cp; /* wider than the line: one character alone, to move on */
            struct ns_str rest = text;
            ns_utf8_next(&rest, &cp);
            n = text.n - rest.n;
        } else if (n < text.n) {
            size_t cut = n;
            if (text.p[n] != ' ') {
                while (cut > 0 && text.p[cut - 1] != ' ') {
                    cut--;
                }
            }
            n = cut > 0 ? cut : n;
        }
        struct ns_str part = {text.p, n};
        while (part.n > 0 && part.p[part.n - 1] == ' ') {
            part.n--;
        }
        if (line != NULL) {
            line(self, count, part);
        }
        count++;
        text.p += n;
        text.n -= n;
        while (text.n > 0 && text.p[0] == ' ') {
            text.p++;
            text.n--;
        }
    }
    return count;
}

static bool same(const struct ns_cell *a, const struct ns_cell *b) {
    return a->cp == b->cp && a->width == b->width && a->role == b->role &&
           memcmp(a->mark, b->mark, sizeof a->mark) == 0;
}

size_t ns_grid_diff(const struct ns_grid *before, const struct ns_grid *now,
                    void (*changed)(void *self, int row, int col, const struct ns_cell *cell),
                    void *self) {
    bool all = before == NULL || before->cells == NULL || before->rows != now->rows ||
               before->cols != now->cols;
    size_t count = 0;
    for (int row = 0; row < now->rows; row++) {
        for (int col = 0; col < now->cols; col++) {
            int i = row * now->cols + col;
            const struct ns_cell *cell = &now->cells[i];
            if (cell->width == 0 || (!all && same(cell, &before->cells[i]))) {
                continue;
            }
            count++;
            changed(self, row, col, cell);
        }
    }
    return count;
}

void ns_grid_copy(struct ns_grid *to, const struct ns_grid *from) {
    if (to->rows != from->rows || to->cols != from->cols || to->cells == NULL) {
        ns_grid_fini(to);
        ns_grid_init(to, from->rows, from->cols, from->ascii);
    }
    to->ascii = from->ascii;
    memcpy(to->cells, from->cells,
           (size_t)from->rows * (size_t)from->cols * sizeof *from->cells);
}

static int row_end(const struct ns_grid *grid, int row, bool by_role) {
    int end = grid->cols;
    while (end > 0) {
        const struct ns_cell *cell = &grid->cells[row * grid->cols + end - 1];
        bool plain = cell->cp == ' ' && cell->width == 1 && cell->mark[0] == 0;
        if (!plain || (by_role && cell->role != NS_ROLE_TEXT)) {
            break;
        }
        end--;
    }
    return end;
}

void ns_grid_to_text(const struct ns_grid *grid, struct ns_buf *out) {
    for (int row = 0; row < grid->rows; row++) {
        int end = row_end(grid, row, false);
        for (int col = 0; col < end; col++) {
            const struct ns_cell *cell = &grid->cells[row * grid->cols + col];
            if (cell->width == 0) {
                continue;
            }
            char bytes[4];
            ns_buf_add(out, bytes, ns_utf8_put(cell->cp, bytes));
            for (int i = 0; i < NS_CELL_MARKS && cell->mark[i] != 0; i++) {
                ns_buf_add(out, bytes, ns_utf8_put(cell->mark[i], bytes));
            }
        }
        ns_buf_char(out, '\n');
    }
}

void ns_grid_to_styles(const struct ns_grid *grid, struct ns_buf *out) {
    for (int row = 0; row < grid->rows; row++) {
        int end = row_end(grid, row, true);
        for (int col = 0; col < end; col++) {
            ns_buf_char(out, ns_role_letter((enum ns_role)grid->cells[row * grid->cols + col].role));
        }
        ns_buf_char(out, '\n');
    }
}

bool ns_grid_sound(const struct ns_grid *grid) {
    for (int row = 0; row < grid->rows; row++) {
        for (int col = 0; col < grid->cols; col++) {
            const struct ns_cell *cell = &grid->cells[row * grid->cols + col];
            bool next_is_half = col + 1 < grid->cols && cell[1].width == 0;
            if (cell->width > 2 || (cell->width == 2) != next_is_half ||
                (col == 0 && cell->width == 0) || (grid->ascii && cell->cp >= 0x80)) {
                return false;
            }
            if (cell->width == 0) {
                continue;
            }
        }
    }
    return true;
}
