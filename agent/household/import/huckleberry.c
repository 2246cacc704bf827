/* huckleberry.c: one CSV for all activities: Type,Start,End,Duration,Start Condition,Start
 * Location,End Condition,Notes. Diaper rows carry Pee, Poo, Both or Dry in End Condition; newer
 * exports add amounts after a colon ("Both, pee:medium poo:large"). */
#include "agent/household/import/importer.h"
#include "shared/text/message.h"

enum { TYPE, START, END, DURATION, END_CONDITION, NOTES };

static enum import_verdict row(const struct ns_str *values, struct import_row *out,
                               struct import_problem *problem) {
    if (!ns_str_is_nocase(ns_str_trim(values[TYPE]), "diaper")) {
        return IMPORT_SKIP;
    }
    if (!import_when_parse(values[START], &out->when)) {
        *problem = (struct import_problem){NS_MSG_import_bad_time, values[START]};
        return IMPORT_PROBLEM;
    }
    struct ns_str condition = values[END_CONDITION];
    bool both = import_contains(condition, "both");
    out->wet = both || import_contains(condition, "pee");
    out->soiled = both || import_contains(condition, "poo");
    if (!out->wet && !out->soiled && !import_contains(condition, "dry")) {
        *problem = (struct import_problem){NS_MSG_import_bad_kind, condition};
        return IMPORT_PROBLEM;
    }
    out->note = ns_str_trim(values[NOTES]);
    return IMPORT_EVENT;
}

const struct importer ns_importer_huckleberry = {
    .format = NS_IMPORT_HUCKLEBERRY,
    .columns = {"Type", "Start", "End", "Duration", "End Condition", "Notes"},
    .required = 5,
    .written = NS_ORDER_AUTO,
    .row = row,
};
