/* import.h: logs of other apps. Stage (read, say what is in it), then write in chunks.
 *
 * A file is read whole by pure functions (agent/household/import/), its events rest in the store,
 * and each chunk is one short transaction, so that others write in between. What was written can
 * be taken back (ns_household_undo). Stock is not touched: the past is past.
 * Threads: the connection's. */
#pragma once
#include "agent/household/household.h"
#include "agent/household/import/reader.h"

#define NS_IMPORT_BYTES_MAX ((size_t)8 << 20)
#define NS_IMPORT_CHUNK 2000

struct ns_import_options {
    enum ns_day_order order; /* asked for with --day-first or --month-first */
};

/* Refusals of the whole file (unknown format, order that cannot be told, too big, not UTF-8,
 * nothing under the header) are errors; refused lines are findings of the job, even when no line
 * is left to write. */
ns_rc ns_import_stage(const struct ns_act *act, ns_id child, struct ns_str file_name,
                      struct ns_str content, const struct ns_import_options *options,
                      struct ns_import_job *out, struct ns_err *err) NS_MUST_USE;

/* Writes the next chunk; call until *done. Safe to repeat after a crash. */
ns_rc ns_import_write_chunk(const struct ns_act *act, ns_id import, struct ns_import_job *out,
                            bool *done, struct ns_err *err) NS_MUST_USE;
/* All chunks, with a report after each; a false answer stops between chunks (NS_E_CANCELLED). */
ns_rc ns_import_write_all(const struct ns_act *act, ns_id import,
                          bool (*progress)(void *self, const struct ns_import_job *job), void *self,
                          struct ns_import_job *out, struct ns_err *err) NS_MUST_USE;

ns_rc ns_import_get(struct ns_db *db, ns_id import, struct ns_arena *arena,
                    struct ns_import_job *out, struct ns_err *err) NS_MUST_USE; /* NS_E_NOT_FOUND */
ns_rc ns_import_list(struct ns_db *db, int limit, struct ns_arena *arena,
                     const struct ns_import_job **out, int *count, struct ns_err *err) NS_MUST_USE;
/* A few words for the kind of a problem, to be counted. */
enum ns_msg ns_import_reason_word(int msg);
/* "What is wrong and what to do." */
void ns_import_problem_text(struct ns_buf *out, enum ns_lang lang,
                            const struct ns_import_problem *problem);
