/* case_table.h: comma separated values with a head line, as a case folder holds them.
 * Private to tui/cli/offline. Memory: in the arena; cells borrow the text. Threads: pure. */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/err.h"

struct offline_table {
    struct ns_str *column; /* names */
    size_t width;
    struct ns_str *cell; /* rows x width; missing cells are empty */
    size_t rows;
};

#define OFFLINE_TABLE_CELLS_MAX 8000000

/* Quotes around a cell are taken off, doubled ones inside made single. NS_E_INPUT: no head line,
 * a quote left open, a row longer than the head; NS_E_LIMIT: too many cells. */
ns_rc offline_table_read(struct ns_str text, struct ns_arena *arena, struct offline_table *out);
/* width when there is no column of the name (prefix + name). */
size_t offline_table_column(const struct offline_table *table, const char *prefix,
                            const char *name);
/* NaN for an empty cell, NA or NaN; true and false count as 1 and 0. */
bool offline_table_number(const struct offline_table *table, size_t row, size_t column,
                          double *out);
/* YYYY-MM-DD, then optionally a blank or T, HH:MM[:SS] and Z: seconds since 1970, UTC. */
bool offline_seconds(struct ns_str text, int64_t *out);
/* Sorts the rows by the column ds; equal times keep their order. False: a ds is not a time. */
bool offline_table_sort(struct offline_table *table, struct ns_arena *arena);
