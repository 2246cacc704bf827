/* size.h: when the child outgrows the size worn, from weights, age and complaints (C8).
 *
 * Weight follows the WHO median of its age times a factor of the child's own, learned from the
 * weighings; a family leaves a size somewhere between the lower limit of the next and its own
 * upper limit. Private to agent/forecast. Threads: pure. */
#pragma once
#include "agent/forecast/forecast.h"

/* chance[h]: that the size has been left by h days from today, h = 0 .. NS_FORECAST_RUNOUT_DAYS.
 * All zero when there is no next size or the size is not known. */
struct ns_size_course {
    bool known;
    double chance[NS_FORECAST_RUNOUT_DAYS + 1];
};
void ns_size_course(const struct ns_forecast_input *input, struct ns_size_course *out);
/* The 30-day chance, the likely day and the next size. */
void ns_size_fill(const struct ns_size_course *course, const struct ns_forecast_input *input,
                  struct ns_forecast *out);
/* Median weight in grams of this sex at an age. */
double ns_size_median(enum ns_forecast_sex sex, int age_days);
/* The usual smaller pack of a brand and size; a chart's value when the brand is not known. */
int ns_size_pack(const char *brand, enum ns_size size);
