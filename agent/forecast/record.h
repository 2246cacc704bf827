/* record.h: a forecast's input and result as bytes, so that it can be made again bit for bit.
 *
 * The input's bytes are stored with the prediction; their hash names the data it was made from,
 * the hash of the result's bytes proves a replay. Threads: pure. */
#pragma once
#include "agent/forecast/forecast.h"
#include "shared/base/buf.h"

void ns_forecast_record_input(const struct ns_forecast_input *input, struct ns_buf *out);
/* Lists and texts lie in the arena. NS_E_DAMAGED when the bytes are not such a record. */
ns_rc ns_forecast_record_read(struct ns_str bytes, struct ns_arena *arena,
                              struct ns_forecast_input *out, struct ns_err *err) NS_MUST_USE;
void ns_forecast_record_result(const struct ns_forecast *result, struct ns_buf *out);
