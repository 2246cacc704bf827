/* grid.h: a grid of character cells with style roles, and drawing that always clips.
 *
 * A cell holds a base code point, up to four combining marks, its width and a role. A wide
 * character takes its cell (width 2) and the next (width 0); writing over one half blanks the
 * other, and a wide character that would be cut is not drawn. Texts are cleaned on the way in;
 * a grid in ASCII mode holds nothing but ASCII.
 * Ownership: the grid owns its cells; fini accepts a zeroed one. Threads: one owner. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/str.h"
#include "tui/theme/theme.h"

#include <stdbool.h>
#include <stdint.h>

#define NS_CELL_MARKS 4

struct ns_cell {
    uint32_t cp;
    uint32_t mark[NS_CELL_MARKS]; /* 0: none */
    uint8_t width;                /* 1, 2, or 0: right half of a wide character */
    uint8_t role;                 /* enum ns_role */
};

struct ns_rect {
    int row;
    int col;
    int rows;
    int cols;
};

struct ns_grid {
    int rows;
    int cols;
    bool ascii;
    struct ns_cell *cells;
};

void ns_grid_init(struct ns_grid *grid, int rows, int cols, bool ascii);
void ns_grid_fini(struct ns_grid *grid);
void ns_grid_clear(struct ns_grid *grid);
struct ns_rect ns_grid_rect(const struct ns_grid *grid);
struct ns_rect ns_rect_cut(struct ns_rect a, struct ns_rect b); /* what both cover */

/* Draw text from (row, col), clipped; col may lie left of the clip. Returns the column after
 * the text as if nothing had been clipped. */
int ns_grid_text(struct ns_grid *grid, struct ns_rect clip, int row, int col, struct ns_str text,
                 enum ns_role role);
/* Draw at most `cols` columns; a longer text ends with an ellipsis. Returns the columns used. */
int ns_grid_fit(struct ns_grid *grid, struct ns_rect clip, int row, int col, int cols,
                struct ns_str text, enum ns_role role);
/* Columns of the text on this grid (ASCII twins may be wider). */
int ns_grid_width(const struct ns_grid *grid, struct ns_str text);
void ns_grid_put(struct ns_grid *grid, struct ns_rect clip, int row, int col, uint32_t cp,
                 enum ns_role role);
void ns_grid_fill(struct ns_grid *grid, struct ns_rect area, uint32_t cp, enum ns_role role);
void ns_grid_role(struct ns_grid *grid, struct ns_rect area, enum ns_role role);

/* Break text into lines of at most cols columns at blanks (a longer word is cut). Calls `line`
 * for each; returns how many. line may be NULL to count only. */
int ns_grid_wrap(const struct ns_grid *grid, struct ns_str text, int cols,
                 void (*line)(void *self, int index, struct ns_str part), void *self);

/* Calls `changed` for every cell of `now` that differs from `before` (grids of the same size;
 * else for every cell), left to right; right halves are skipped. Returns how many. */
size_t ns_grid_diff(const struct ns_grid *before, const struct ns_grid *now,
                    void (*changed)(void *self, int row, int col, const struct ns_cell *cell),
                    void *self);
void ns_grid_copy(struct ns_grid *to, const struct ns_grid *from); /* to takes from's size */

/* Rows as text with blanks cut at the right, each ended by a newline. */
void ns_grid_to_text(const struct ns_grid *grid, struct ns_buf *out);
/* The same shape with one letter per cell for its role ('.' plain text). */
void ns_grid_to_styles(const struct ns_grid *grid, struct ns_buf *out);
/* Every row's widths add up to its columns and no half of a wide character stands alone. */
bool ns_grid_sound(const struct ns_grid *grid);
