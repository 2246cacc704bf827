/* qr.c */
#include "tui/widget/qr.h"

#include <qrencode.h>
#include <string.h>

#define VERSION 4
#define MARGIN 4

/* Is the module light? Everything around the square is. */
static bool is_light(const QRcode *code, int row, int col) {
    bool inside = row >= 0 && col >= 0 && row < code->width && col < code->width;
    return !inside || (code->data[row * code->width + col] & 1) == 0;
}

static void draw(const struct ns_pen *pen, const QRcode *code, bool dark_drawn) {
    static const uint32_t glyph[2][2] = {{' ', 0x2584}, {0x2580, 0x2588}}; /* [upper][lower] */
    for (int row = -MARGIN; row < code->width + MARGIN; row += 2) {
        for (int col = -MARGIN; col < code->width + MARGIN; col++) {
            bool upper = is_light(code, row, col) != dark_drawn;
            bool lower = (row + 1 < code->width + MARGIN && is_light(code, row + 1, col)) != dark_drawn;
            ns_grid_put(pen->grid, pen->area, pen->area.row + (row + MARGIN) / 2, pen->area.col + col + MARGIN,
                        glyph[upper][lower], NS_ROLE_QR);
        }
    }
}

bool ns_draw_qr(const struct ns_pen *pen, const char *text, bool dark_drawn) {
    if (pen->grid->ascii || strlen(text) > NS_QR_TEXT_MOST) {
        return false;
    }
    QRcode *code = QRcode_encodeString8bit(text, VERSION, QR_ECLEVEL_M);
    bool drawn = code != NULL && code->version == VERSION;
    if (drawn) {
        draw(pen, code, dark_drawn);
    }
    QRcode_free(code);
    return drawn;
}

int ns_draw_qr_any(const struct ns_pen *pen, const char *text, bool dark_drawn) {
    QRcode *code = pen->grid->ascii ? NULL : QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    int modules = code == NULL ? 0 : code->width + 2 * MARGIN;
    int rows = (modules + 1) / 2;
    if (rows > pen->area.rows || modules > pen->area.cols) {
        rows = 0;
    }
    if (rows > 0) {
        draw(pen, code, dark_drawn);
    }
    QRcode_free(code);
    return rows;
}
