/* baby_buddy.c: diaper changes of Baby Buddy: id,child_id,time,wet,solid,color,amount,notes,tags,
 * or the older form without id and tags. Newest first. Spreadsheets turn the time into
 * DD/MM/YYYY HH:MM. */
#include "agent/household/import/importer.h"
#include "shared/text/message.h"

enum { TIME, WET, SOLID, NOTES };

static bool flag(struct ns_str text, bool *out) {
    text = ns_str_trim(text);
    *out = ns_str_is(text, "1") || ns_str_is_nocase(text, "true");
    return *out || ns_str_is(text, "0") || ns_str_is_nocase(text, "false") || text.n == 0;
}

static enum import_verdict row(const struct ns_str *values, struct import_row *out,
                               struct import_problem *problem) {
    if (!import_when_parse(values[TIME], &out->when)) {
        *problem = (struct import_problem){NS_MSG_import_bad_time, values[TIME]};
        return IMPORT_PROBLEM;
    }
    if (!flag(values[WET], &out->wet)) {
        *problem = (struct import_problem){NS_MSG_import_bad_flag, values[WET]};
        return IMPORT_PROBLEM;
    }
    if (!flag(values[SOLID], &out->soiled)) {
        *problem = (struct import_problem){NS_MSG_import_bad_flag, values[SOLID]};
        return IMPORT_PROBLEM;
    }
    out->note = ns_str_trim(values[NOTES]);
    return IMPORT_EVENT;
}

const struct importer ns_importer_baby_buddy = {
    .format = NS_IMPORT_BABY_BUDDY,
    .columns = {"time", "wet", "solid", "notes"},
    .required = 3,
    .written = NS_ORDER_AUTO,
    .row = row,
};
