/* chart.h: history and forecast of one child as a fan chart. Pure. */
#pragma once
#include "tui/widget/draw.h"

struct ns_fan {
    int back;               /* days of history, the last is yesterday or today */
    int ahead;
    const int32_t *history; /* hundredths a day, oldest first; negative: unknown */
    const int32_t *mean;
    const int32_t *lower;
    const int32_t *upper;
    ns_date today;          /* day `back` of the axis: the first forecast day */
    bool braille;           /* else blocks, else (ASCII grid) marks */
};

/* Fills the pen's area: axis at the left, dates in the last row. Needs 4 rows and 16 columns. */
void ns_draw_fan(const struct ns_pen *pen, const struct ns_fan *fan);
