/* curve.h: average use by age and the calendar's factors, as data shipped with the program.
 * Private to agent/forecast. Threads: pure. */
#pragma once
#include "shared/base/time.h"

struct ns_season {
    double break_add;   /* year-end break and public holiday: share added */
    double summer_add;  /* summer break: share added */
};

/* Use of an average child `born` days after birth and `corrected` days after term. */
double ns_curve_use(int born, int corrected);
/* d ln(use) / d ln(time scale): how use differs for a child whose need falls slower. */
double ns_curve_speed(int corrected);
struct ns_season ns_curve_season(const char *province, ns_date day);
