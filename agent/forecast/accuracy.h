/* accuracy.h: how well the model has forecast this child's own past weeks (C4), and the two
 * confidence levels that follow. Private to agent/forecast. Threads: pure. */
#pragma once
#include "agent/forecast/forecast.h"

/* Fills mae, r2, coverage, the literal confidence and their notes. */
void ns_accuracy_measure(const struct ns_forecast_input *input, struct ns_arena *arena,
                         struct ns_forecast *out);
/* The confidence in the run-out, once the demand is filled in. */
void ns_accuracy_conclude(struct ns_forecast *out);
/* The documented table; n good days. */
enum ns_confidence ns_accuracy_table(int n, bool measured, double r2, double mae);
enum ns_confidence ns_accuracy_runout(double half_width, bool has_coverage, double coverage);
