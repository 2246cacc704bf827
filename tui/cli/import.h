/* import.h: the import steps that the command and the first evening share.
 * Ownership: the caller frees *answer. Threads: main thread; each call waits for the agent. */
#pragma once
#include "tui/cli/ctx.h"

#define NS_IMPORT_SHOWN 20 /* as many as the agent keeps */

struct ns_import_view { /* one job, as shown */
    char id[NS_ID_TEXT];
    char format[16];
    char state[12];
    char order[200];
    ns_date first;
    ns_date last;
    int64_t days, changes, duplicates, gaps, refused, written, total;
    char problem[NS_IMPORT_SHOWN][400]; /* "Line 17: what is wrong and what to do" */
    int problem_count;
    char reasons[400]; /* "in the future 2 · no such day 1"; of all refused lines */
};

const char *ns_import_format_title(const char *format);
/* order: AUTO, DAY_FIRST or MONTH_FIRST. */
ns_rc ns_import_stage_file(struct ns_cli *cli, ns_id child, const char *path, const char *order,
                           struct ns_import_view *out, struct ns_json **answer,
                           struct ns_err *err) NS_MUST_USE;
ns_rc ns_import_stage_text(struct ns_cli *cli, ns_id child, const char *name, struct ns_str text,
                           const char *order, struct ns_import_view *out,
                           struct ns_json **answer, struct ns_err *err) NS_MUST_USE;
/* Commits and waits for the end; progress is called while it writes. */
ns_rc ns_import_write(struct ns_cli *cli, struct ns_import_view *job,
                      void (*progress)(void *self, const struct ns_import_view *job), void *self,
                      struct ns_json **answer, struct ns_err *err) NS_MUST_USE;
