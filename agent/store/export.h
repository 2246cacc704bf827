/* export.h: everything the store holds about a home and its people, written out as JSON.
 *
 * One object a row, under the names of the columns; absent means null. Identifiers are UUIDs,
 * instants RFC 3339 in UTC, days YYYY-MM-DD, amounts decimal texts in dollars. What is sealed is
 * opened. Keys, tokens and what only repeats other rows stay inside (ns_export_stays says why).
 * Threads: the connection's; inside a transaction of the caller, so that all of it is one moment. */
#pragma once
#include "agent/store/db.h"
#include "shared/base/buf.h"

struct ns_export_what {
    bool deleted; /* rows that were deleted and wait for their end, too */
    ns_id child;  /* zero: the whole home; else the sections of this child */
};
/* "tables":{"children":[{...}],...} appended, one member a section; *rows counts all of them. */
ns_rc ns_row_export(struct ns_db *db, const struct ns_export_what *what, struct ns_buf *out,
                    int64_t *rows, struct ns_err *err) NS_MUST_USE;

/* One line of the log, oldest first; texts live as long as the call. */
struct ns_export_log {
    ns_id id, child_id;
    const char *child, *usage_type, *by, *notes;
    ns_time at;
    int wet, soiled, leak; /* 0, 1 or NS_NONE */
    int quantity;
};
ns_rc ns_row_export_log(struct ns_db *db, const struct ns_export_what *what,
                        bool (*visit)(void *self, const struct ns_export_log *line), void *self,
                        struct ns_err *err) NS_MUST_USE;

/* Every table is in one of the two, and a test sees to it. */
struct ns_export_section {
    const char *name; /* of the table */
    bool of_child;
};
extern const struct ns_export_section ns_export_sections[];
extern const size_t ns_export_section_count;
struct ns_export_stay {
    const char *table, *why;
};
extern const struct ns_export_stay ns_export_stays[];
extern const size_t ns_export_stay_count;
