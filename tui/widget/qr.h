/* qr.h: a text as a QR code of version 4 in half blocks: 41 columns by 21 rows with its margin
 * of four modules. Light modules are drawn, dark ones left: as a dark terminal shows it right. Pure. */
#pragma once
#include "tui/widget/draw.h"

#define NS_QR_TEXT_MOST 62 /* bytes, at level M */

/* From the pen's corner; dark_drawn: the other way round, for a light terminal without colour.
 * False: the text is too long or the grid is ASCII, which has no half blocks: nothing is drawn. */
bool ns_draw_qr(const struct ns_pen *pen, const char *text, bool dark_drawn);
/* Any text as the smallest square there is, at level L. 0: it does not fit the pen, or ASCII: nothing is
 * drawn; else the rows it took. */
int ns_draw_qr_any(const struct ns_pen *pen, const char *text, bool dark_drawn);
