/* forecast_case.h: `nestsync forecast FOLDER`, the Prophet-compatible mode on a folder with
 * case.json and history.csv. Private to tui/cli/offline. Threads: main thread. */
#pragma once
#include "tui/cli/offline/case.h"

struct offline_case_request {
    const char *folder;
    int64_t future;     /* steps after the history instead of expected.csv; 0: none */
    const char *freq;   /* second, minute, hour, day, week, month, quarter, year */
    bool no_history;    /* with future: only the dates to come */
    bool validate;      /* cross-validation instead of a forecast */
    double horizon;     /* days */
    double period;      /* days; 0: half the horizon */
    double initial;     /* days; 0: by rule */
    const char *cutoffs; /* times with commas between; NULL: by rule */
    double window;
};

void offline_case_usual(struct offline_case_request *out);
/* False: no such option, or a wrong value. */
bool offline_case_option(struct offline_case_request *out, const char *name, const char *value);

/* Appends the answer to out. */
ns_rc offline_forecast_case(const struct offline_case_request *request, struct ns_buf *out,
                            struct ns_err *err);
/* The same on texts in memory instead of the files. */
ns_rc offline_forecast_texts(const struct offline_case_request *request,
                             const struct offline_case_texts *texts, struct ns_buf *out,
                             struct ns_err *err);
