/* csv.h: records of a CSV text (RFC 4180, and what spreadsheets make of it). Pure. */
#pragma once
#include "shared/base/arena.h"

#define CSV_FIELDS 64

struct csv {
    struct ns_str rest;
    char separator; /* , or ; or tab */
    int line;       /* of the record last read, from 1 */
    int next_line;
    struct ns_arena *arena; /* for fields with doubled quotes */
    int count;              /* fields of the record; more than CSV_FIELDS are dropped */
    struct ns_str field[CSV_FIELDS];
    bool broken; /* the record had an unclosed quote or text after a closing one */
};

void csv_start(struct csv *csv, struct ns_str text, char separator, struct ns_arena *arena);
bool csv_next(struct csv *csv); /* false at the end */
