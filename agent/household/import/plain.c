/* plain.c: date,time,type: the form to write when no app's export is at hand. Types in English
 * or French. */
#include "agent/household/import/importer.h"
#include "shared/text/message.h"

enum { DATE, TIME, TYPE, NOTES };

static bool kind(struct ns_str word, struct import_row *out) {
    static const struct {
        const char *word;
        bool wet;
        bool soiled;
    } rows[] = {
        {"wet", true, false},   {"pee", true, false},    {"pipi", true, false},
        {"mouillée", true, false}, {"dirty", false, true}, {"poo", false, true},
        {"caca", false, true},  {"souillée", false, true}, {"mixed", true, true},
        {"both", true, true},   {"mixte", true, true},   {"les deux", true, true},
        {"dry", false, false},  {"sèche", false, false},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        if (ns_str_is_nocase(word, rows[i].word)) {
            out->wet = rows[i].wet;
            out->soiled = rows[i].soiled;
            return true;
        }
    }
    return false;
}

static enum import_verdict row(const struct ns_str *values, struct import_row *out,
                               struct import_problem *problem) {
    if (!import_date_parse(values[DATE], &out->when)) {
        *problem = (struct import_problem){NS_MSG_import_bad_time, values[DATE]};
        return IMPORT_PROBLEM;
    }
    if (!import_clock_parse(values[TIME], &out->when.minute)) {
        *problem = (struct import_problem){NS_MSG_import_bad_time, values[TIME]};
        return IMPORT_PROBLEM;
    }
    if (!kind(ns_str_trim(values[TYPE]), out)) {
        *problem = (struct import_problem){NS_MSG_import_bad_kind, values[TYPE]};
        return IMPORT_PROBLEM;
    }
    out->note = ns_str_trim(values[NOTES]);
    return IMPORT_EVENT;
}

const struct importer ns_importer_plain = {
    .format = NS_IMPORT_PLAIN_CSV,
    .columns = {"date", "time", "type", "notes"},
    .required = 3,
    .written = NS_ORDER_AUTO,
    .row = row,
};
