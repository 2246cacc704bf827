/* case.h: a case of the Prophet-compatible mode, read from its texts: settings as case.json has
 * them, rows as history.csv and expected.csv have them. Of expected.csv only the times and the
 * columns that a forecast must know in advance are read. Private to tui/cli/offline.
 * Memory: all in the case's arena; ns_json of the settings is freed by the end call.
 * Threads: one owner; the locale must be "C" (numbers with a point). */
#pragma once
#include "agent/forecast/compat.h"
#include "shared/wire/json.h"
#include "tui/cli/offline/case_table.h"

#define OFFLINE_CASE_BYTES_MAX (32u << 20)
#define OFFLINE_CONDITIONS_MAX 32

struct offline_case {
    struct ns_arena arena;
    struct ns_err *err;
    const char *folder; /* for messages */
    struct ns_json *root;
    const struct ns_json *settings;
    struct ns_compat_model model;
    const char *condition[OFFLINE_CONDITIONS_MAX]; /* their column names */
    struct ns_compat_rows history;
    struct ns_compat_rows ask;
    bool without_ask; /* set by the caller: which rows to predict is not read from files */
};

struct offline_case_texts {
    struct ns_str settings;
    struct ns_str history;
    struct ns_str expected;
    bool has_expected;
};

/* A zeroed case with folder and err set in; ended by offline_case_end also after a failure. */
ns_rc offline_case_read(struct offline_case *c, const struct offline_case_texts *texts);
void offline_case_end(struct offline_case *c);

/* case_settings.c. Seasons by the automatic rules need the history: they are settled last. */
ns_rc offline_case_settings(struct offline_case *c, struct ns_str text);
ns_rc offline_case_usual_seasons(struct offline_case *c);
ns_rc offline_case_country(struct offline_case *c);
ns_rc offline_case_refuse(struct offline_case *c, const char *file, const char *what);
/* What must be known of the days ahead is not told. */
ns_rc offline_case_needs(struct offline_case *c);
