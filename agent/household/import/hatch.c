/* hatch.c: Hatch Baby, sections in one file: Baby Name,Start Time,End Time,Activity,Amount,
 * Percentile,Duration,Info,Notes. Section lines ("=== BEGIN Diapers ===") are skipped by the
 * reader; diaper rows say DIAPER. Times are month first. */
#include "agent/household/import/importer.h"
#include "shared/text/message.h"

enum { BABY, START, ACTIVITY, INFO, NOTES };

static enum import_verdict row(const struct ns_str *values, struct import_row *out,
                               struct import_problem *problem) {
    if (!ns_str_is_nocase(ns_str_trim(values[ACTIVITY]), "diaper")) {
        return IMPORT_SKIP;
    }
    if (!import_when_parse(values[START], &out->when)) {
        *problem = (struct import_problem){NS_MSG_import_bad_time, values[START]};
        return IMPORT_PROBLEM;
    }
    bool both = import_contains(values[INFO], "both");
    out->wet = both || import_contains(values[INFO], "wet");
    out->soiled = both || import_contains(values[INFO], "dirty");
    if (!out->wet && !out->soiled && !import_contains(values[INFO], "dry")) {
        *problem = (struct import_problem){NS_MSG_import_bad_kind, values[INFO]};
        return IMPORT_PROBLEM;
    }
    out->note = ns_str_trim(values[NOTES]);
    return IMPORT_EVENT;
}

const struct importer ns_importer_hatch = {
    .format = NS_IMPORT_HATCH,
    .columns = {"Baby Name", "Start Time", "Activity", "Info", "Notes"},
    .required = 4,
    .written = NS_ORDER_MONTH_FIRST,
    .row = row,
};
