/* draw.h: the small widgets that screens are made of. All clip to the pen's area; rows and
 * columns count from its corner. Pure. */
#pragma once
#include "tui/cell/grid.h"
#include "tui/widget/line.h"

struct ns_pen {
    struct ns_grid *grid;
    struct ns_rect area;
    enum ns_lang lang;
    const struct ns_caps *caps;
};

struct ns_pen ns_pen_part(const struct ns_pen *pen, int row, int col, int rows, int cols);

/* All return the column after what was drawn. */
int ns_draw(const struct ns_pen *pen, int row, int col, const char *text, enum ns_role role);
int ns_draw_fit(const struct ns_pen *pen, int row, int col, int cols, const char *text,
                enum ns_role role);
int ns_draw_right(const struct ns_pen *pen, int row, int end, const char *text, enum ns_role role);
int ns_draw_msg(const struct ns_pen *pen, int row, int col, enum ns_msg id, enum ns_role role);
int ns_draw_key(const struct ns_pen *pen, int row, int col, const char *key, const char *label);
int ns_text_cols(const struct ns_pen *pen, const char *text);

void ns_draw_heading(const struct ns_pen *pen, int row, const char *title);
/* A bar of `cols` cells, `permille` of it full. */
void ns_draw_bar(const struct ns_pen *pen, int row, int col, int cols, int permille,
                 enum ns_role role);
int ns_draw_dots(const struct ns_pen *pen, int row, int col, int full, int of, enum ns_role role);
/* Eight levels, one cell a value; negative values leave a hole. */
void ns_draw_spark(const struct ns_pen *pen, int row, int col, const int32_t *values, int count,
                   int32_t most, enum ns_role role);
/* Text broken into lines; returns how many were needed. */
int ns_draw_wrapped(const struct ns_pen *pen, int row, int col, int cols, const char *text,
                    enum ns_role role);
/* A cleared box with a border and a title; returns the pen of its inside (one blank of margin). */
struct ns_pen ns_draw_box(const struct ns_pen *pen, int rows, int cols, const char *title);
