/* importer.h: one app's export format: its columns, and how a row becomes an event.
 * Private to agent/household/import. A new format is one file like plain.c and a line in
 * reader.c's list. */
#pragma once
#include "agent/household/import/reader.h"

#define IMPORT_COLUMNS 8

/* A date and time as written; which of a and b is the day is decided over the whole file. */
struct import_when {
    int a;
    int b;
    int year;
    bool iso;
    int minute;
};

struct import_row {
    struct import_when when;
    bool wet;
    bool soiled;
    struct ns_str note;
};

enum import_verdict { IMPORT_EVENT, IMPORT_SKIP, IMPORT_PROBLEM };

struct import_problem {
    int msg; /* enum ns_msg */
    struct ns_str word;
};

struct importer {
    enum ns_import_format format;
    const char *columns[IMPORT_COLUMNS]; /* names in the header, any case */
    int required;                        /* the first so many must be there */
    enum ns_day_order written;           /* order of the app's own files; AUTO: none fixed */
    /* values[i] belongs to columns[i]; absent columns are empty. */
    enum import_verdict (*row)(const struct ns_str *values, struct import_row *out,
                               struct import_problem *problem);
};

extern const struct importer ns_importer_baby_buddy;
extern const struct importer ns_importer_huckleberry;
extern const struct importer ns_importer_hatch;
extern const struct importer ns_importer_plain;

/* "2026-03-04 14:05[:06]", "4/3/2026 2:05 PM", "04.03.26, 14:05", "2026-03-04T14:05". */
bool import_when_parse(struct ns_str text, struct import_when *out);
bool import_date_parse(struct ns_str text, struct import_when *out); /* the date alone */
bool import_clock_parse(struct ns_str text, int *minute);
bool import_contains(struct ns_str text, const char *lower_word); /* ASCII case ignored */
