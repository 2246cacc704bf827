/* reader.h: the log of another app, as text, to events. Pure: no store, no clock.
 *
 * The format is told by the header line. The order of day and month is decided over the whole
 * file, never row by row. Lines that cannot be used are findings; the rest is still read.
 * Ownership: everything lies in the arena; notes may point into the text. Threads: pure. */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/time.h"
#include "shared/model/model.h"

#define NS_IMPORT_EVENTS_MAX 500000
#define NS_IMPORT_PROBLEMS_KEPT 20
#define NS_IMPORT_REASONS_MOST 16 /* kinds of problem; import_*.c know fewer */

enum ns_day_order { NS_ORDER_AUTO, NS_ORDER_DAY_FIRST, NS_ORDER_MONTH_FIRST };

struct ns_import_event {
    ns_date day; /* local */
    int32_t line;
    int16_t minute; /* of the day, 0..1439 */
    bool wet;
    bool soiled;
    const char *note; /* NULL: none */
};

struct ns_import_reading {
    enum ns_day_order order;
    ns_date earliest; /* events before it are refused; NS_DATE_NONE: no bound */
    ns_date latest;
};

struct ns_import_file {
    enum ns_import_format format;
    const char *day_order;  /* "ISO", "DAY_FIRST", "MONTH_FIRST" */
    const char *day_reason; /* "written", "field", "order", "format", "asked" */
    const struct ns_import_event *events; /* by day, minute, line */
    int count;
    const struct ns_import_problem *problems; /* the first NS_IMPORT_PROBLEMS_KEPT */
    int problem_count;
    int refused; /* all of them */
    const struct ns_import_reason *reasons; /* how often each; most frequent first */
    int reason_count;
};

/* NS_E_INPUT with a remedy for a file that cannot be used at all: not UTF-8, no known header,
 * an order of day and month that cannot be told, nothing but a header, too many events. A file of
 * which every line is refused is read: its problems say why. */
ns_rc ns_import_read(struct ns_str text, const struct ns_import_reading *reading,
                     struct ns_arena *arena, struct ns_import_file *out,
                     struct ns_err *err) NS_MUST_USE;
