#include "agent/store/rows.h"

#include <string.h>

#define COLUMNS                                                                                \
    "id, child_id, file_name, format, state, day_order, day_reason, first_day, last_day, "     \
    "days, changes, duplicates, gap_days, refused_lines, written, total, created_at"

enum { ADD, EVENTS_ADD, EVENTS, EVENTS_DONE, PROBLEM_ADD, REASON_ADD, PROGRESS, COUNTS, BY_ID, NEWEST, PROBLEMS, REASONS,
       Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [ADD] = "INSERT INTO imports (" COLUMNS ") "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [EVENTS_ADD] = "INSERT INTO import_events (import_id, chunk, events) VALUES (?, ?, ?)",
    [EVENTS] = "SELECT chunk, events FROM import_events WHERE import_id = ? ORDER BY chunk LIMIT 1",
    [EVENTS_DONE] = "DELETE FROM import_events WHERE import_id = ? AND chunk = ?",
    [PROBLEM_ADD] = "INSERT INTO import_problems (import_id, n, line, message, arg0, arg1, arg2) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
    [REASON_ADD] = "INSERT INTO import_reasons (import_id, n, message, lines) VALUES (?, ?, ?, ?)",
    [PROGRESS] = "UPDATE imports SET state = ?, written = written + ?, "
                 "duplicates = duplicates + ? WHERE id = ?",
    [COUNTS] = "UPDATE imports SET days = ?, gap_days = ?, duplicates = ?, total = ? WHERE id = ?",
    [BY_ID] = "SELECT " COLUMNS " FROM imports WHERE id = ?",
    [NEWEST] = "SELECT " COLUMNS " FROM imports ORDER BY seq DESC LIMIT ?",
    [PROBLEMS] = "SELECT line, message, arg0, arg1, arg2 FROM import_problems "
                 "WHERE import_id = ? ORDER BY n",
    [REASONS] = "SELECT message, lines FROM import_reasons WHERE import_id = ? ORDER BY n",
};

ns_rc ns_row_import_add(struct ns_db *db, const struct ns_import_job *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->child_id);
    ns_query_text(&q, in->file_name);
    ns_query_text(&q, ns_import_format_name(in->format));
    ns_query_text(&q, ns_import_state_name(in->state));
    ns_query_text(&q, in->day_order);
    ns_query_text(&q, in->day_reason);
    ns_query_opt(&q, in->first_date, NS_DATE_NONE);
    ns_query_opt(&q, in->last_date, NS_DATE_NONE);
    const int64_t numbers[] = {in->days,          in->changes, in->duplicates, in->gap_days,
                               in->refused_lines, in->written, in->total,      in->created_at};
    for (size_t i = 0; i < NS_COUNT(numbers); i++) {
        ns_query_int(&q, numbers[i]);
    }
    return ns_query_run(&q, err);
}

ns_rc ns_row_import_events_add(struct ns_db *db, ns_id import, int chunk, const void *bytes,
                               size_t n, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[EVENTS_ADD]);
    ns_query_id(&q, import);
    ns_query_int(&q, chunk);
    ns_query_blob(&q, bytes, n);
    return ns_query_run(&q, err);
}

ns_rc ns_row_import_events(struct ns_db *db, ns_id import, struct ns_arena *arena, int *chunk,
                           struct ns_str *out, struct ns_err *err) {
    struct ns_query q;
    *chunk = -1;
    *out = (struct ns_str){0};
    ns_query_start(&q, db, queries[EVENTS]);
    ns_query_id(&q, import);
    if (ns_query_row(&q)) {
        struct ns_str bytes = ns_col_bytes(&q, 1);
        *chunk = (int)ns_col_int(&q, 0);
        out->p = ns_arena_copy(arena, bytes);
        out->n = bytes.n;
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_import_events_done(struct ns_db *db, ns_id import, int chunk, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[EVENTS_DONE]);
    ns_query_id(&q, import);
    ns_query_int(&q, chunk);
    return ns_query_run(&q, err);
}

ns_rc ns_row_import_problem_add(struct ns_db *db, ns_id import, int n, int line,
                                const char *message, const char *const arg[3],
                                struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[PROBLEM_ADD]);
    ns_query_id(&q, import);
    ns_query_int(&q, n);
    ns_query_int(&q, line);
    ns_query_text(&q, message);
    for (int i = 0; i < 3; i++) {
        ns_query_text(&q, arg[i]);
    }
    return ns_query_run(&q, err);
}

ns_rc ns_row_import_reason_add(struct ns_db *db, ns_id import, int n, const char *message,
                               int64_t lines, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[REASON_ADD]);
    ns_query_id(&q, import);
    ns_query_int(&q, n);
    ns_query_text(&q, message);
    ns_query_int(&q, lines);
    return ns_query_run(&q, err);
}

ns_rc ns_row_import_progress(struct ns_db *db, ns_id import, enum ns_import_state state,
                             int64_t written, int64_t duplicates, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[PROGRESS]);
    ns_query_text(&q, ns_import_state_name(state));
    ns_query_int(&q, written);
    ns_query_int(&q, duplicates);
    ns_query_id(&q, import);
    return ns_query_run(&q, err);
}

ns_rc ns_row_import_counts(struct ns_db *db, const struct ns_import_job *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[COUNTS]);
    ns_query_int(&q, in->days);
    ns_query_int(&q, in->gap_days);
    ns_query_int(&q, in->duplicates);
    ns_query_int(&q, in->total);
    ns_query_id(&q, in->id);
    return ns_query_run(&q, err);
}

static void read_job(const struct ns_query *q, struct ns_arena *arena, struct ns_import_job *j) {
    *j = (struct ns_import_job){
        .id = ns_col_id(q, 0),
        .child_id = ns_col_id(q, 1),
        .file_name = ns_col_text(q, 2, arena),
        .day_order = ns_col_text(q, 5, arena),
        .day_reason = ns_col_text(q, 6, arena),
        .first_date = (ns_date)ns_col_opt(q, 7, NS_DATE_NONE),
        .last_date = (ns_date)ns_col_opt(q, 8, NS_DATE_NONE),
        .days = ns_col_int(q, 9),
        .changes = ns_col_int(q, 10),
        .duplicates = ns_col_int(q, 11),
        .gap_days = ns_col_int(q, 12),
        .refused_lines = ns_col_int(q, 13),
        .written = ns_col_int(q, 14),
        .total = ns_col_int(q, 15),
        .created_at = ns_col_int(q, 16),
    };
    ns_import_format_parse(ns_col_bytes(q, 3), &j->format);
    ns_import_state_parse(ns_col_bytes(q, 4), &j->state);
}

static ns_rc read_problems(struct ns_db *db, int (*key_of)(struct ns_str), struct ns_arena *arena,
                           struct ns_import_job *j, struct ns_err *err) {
    struct ns_query q;
    struct ns_import_problem *list = NULL;
    int count = 0, cap = 0;
    ns_query_start(&q, db, queries[PROBLEMS]);
    ns_query_id(&q, j->id);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, count, cap, struct ns_import_problem);
        list[count++] = (struct ns_import_problem){
            .line = (int)ns_col_int(&q, 0),
            .msg = key_of(ns_col_bytes(&q, 1)),
            .arg = {ns_col_text(&q, 2, arena), ns_col_text(&q, 3, arena),
                    ns_col_text(&q, 4, arena)},
        };
    }
    j->problems = list;
    j->problem_count = count;
    return ns_query_end(&q, err);
}

static ns_rc read_reasons(struct ns_db *db, int (*key_of)(struct ns_str), struct ns_arena *arena,
                          struct ns_import_job *j, struct ns_err *err) {
    struct ns_query q;
    struct ns_import_reason *list = NULL;
    int count = 0, cap = 0;
    ns_query_start(&q, db, queries[REASONS]);
    ns_query_id(&q, j->id);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, count, cap, struct ns_import_reason);
        list[count++] = (struct ns_import_reason){key_of(ns_col_bytes(&q, 0)), ns_col_int(&q, 1)};
    }
    j->reasons = list;
    j->reason_count = count;
    return ns_query_end(&q, err);
}

ns_rc ns_row_imports(struct ns_db *db, ns_id id, int limit, int (*key_of)(struct ns_str),
                     struct ns_arena *arena, struct ns_import_job **out, int *count,
                     struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    bool one = !ns_id_is_zero(id);
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[one ? BY_ID : NEWEST]);
    if (one) {
        ns_query_id(&q, id);
    } else {
        ns_query_int(&q, limit);
    }
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_import_job);
        read_job(&q, arena, &(*out)[(*count)++]);
    }
    ns_rc rc = ns_query_end(&q, err);
    for (int i = 0; rc == NS_OK && i < *count; i++) {
        rc = read_problems(db, key_of, arena, &(*out)[i], err);
        if (rc == NS_OK) {
            rc = read_reasons(db, key_of, arena, &(*out)[i], err);
        }
    }
    return rc;
}

const struct ns_query_table ns_queries_imports = {"imports", queries, Q_COUNT};
