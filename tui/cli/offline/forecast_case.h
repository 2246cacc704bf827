/* forecast_case.h: `nestsync forecast FOLDER`, the Prophet-compatible mode on a folder with
 * case.json and history.csv. Private to tui/cli/offline. Threads: main thread. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"

/* Appends the answer to out. Of expected.csv only the times and the columns that a forecast
 * needs to know in advance are read. */
ns_rc offline_forecast_case(const char *folder, struct ns_buf *out, struct ns_err *err);
