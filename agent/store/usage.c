#include "agent/store/rows.h"

#include <string.h>

/* Minutes since the change before are computed on reading, so that a back-dated log, an undo or
 * an import corrects its successor by itself. A list finds it in its own next rows. */
#define PLAIN                                                                                \
    "u.id, u.child_id, u.inventory_item_id, u.usage_type, u.logged_at, u.local_day, "          \
    "u.quantity_used, u.context, person_open(u.child_id, u.caregiver_name), u.was_wet, "        \
    "u.was_soiled, u.had_leakage, "                                                            \
    "u.diaper_condition, u.product_rating, u.change_duration, "                                \
    "person_open(u.child_id, u.notes), person_open(u.child_id, u.health_notes), "              \
    "u.created_at"
#define COLUMNS                                                                                \
    PLAIN ", CASE WHEN u.is_change THEN (u.logged_at - (SELECT p.logged_at FROM "              \
    "usage_logs p WHERE p.child_id = u.child_id AND p.logged_at < u.logged_at AND "            \
    "p.is_change ORDER BY p.logged_at DESC LIMIT 1)) / 60000000 END"
#define PAGE "ORDER BY u.logged_at DESC, u.seq DESC LIMIT ? OFFSET ?"

enum {
    ADD, BY_ID, BY_KEY, BEFORE, LIST, LIST_TYPE, TOTAL, TOTAL_TYPE, DAY_SUMS, DAY_WORDS, DAY_WORD_SET,
    LAST_CHANGE, SINCE, MARKS, COUNT_CHILDREN, COUNT_LOGS, COUNT_AUDIT, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [ADD] = "INSERT INTO usage_logs (id, child_id, inventory_item_id, usage_type, is_change, "
            "logged_at, local_day, quantity_used, context, caregiver_name, was_wet, was_soiled, "
            "had_leakage, diaper_condition, product_rating, change_duration, notes, health_notes, "
            "client_key, import_id, user_id, created_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, person_seal(?2, ?10), ?11, ?12, ?13, ?14, "
            "?15, ?16, person_seal(?2, ?17), person_seal(?2, ?18), ?19, ?20, ?21, ?22)",
    [BY_ID] = "SELECT " COLUMNS " FROM usage_logs u WHERE u.id = ?",
    [BY_KEY] = "SELECT id FROM usage_logs WHERE client_key = ?",
    [BEFORE] = "SELECT logged_at FROM usage_logs INDEXED BY usage_in_time WHERE child_id = ? AND "
               "logged_at < ? AND is_change ORDER BY logged_at DESC LIMIT 1",
    /* A local day begins less than a day from the same day of UTC: the walk ends there. */
    [LIST] = "SELECT " PLAIN ", NULL FROM usage_logs u INDEXED BY usage_in_time "
             "WHERE u.child_id = ?1 AND u.local_day >= ?2 AND u.logged_at >= (?2 - 1) * 86400000000 " PAGE,
    [LIST_TYPE] = "SELECT " COLUMNS " FROM usage_logs u INDEXED BY usage_in_time "
                  "WHERE u.child_id = ?1 AND u.local_day >= ?2 AND "
                  "u.logged_at >= (?2 - 1) * 86400000000 AND u.usage_type = ?3 " PAGE,
    [TOTAL] = "SELECT count(*) FROM usage_logs WHERE child_id = ? AND local_day >= ?",
    [TOTAL_TYPE] = "SELECT count(*) FROM usage_logs WHERE child_id = ? AND local_day >= ? "
                   "AND usage_type = ?",
    [DAY_SUMS] = "SELECT local_day, sum(quantity_used), sum(coalesce(was_wet, 0)), "
                 "sum(coalesce(was_soiled, 0)) FROM usage_logs WHERE child_id = ? AND "
                 "local_day BETWEEN ? AND ? AND is_change GROUP BY local_day ORDER BY local_day",
    [DAY_WORDS] = "SELECT local_day, status FROM usage_days WHERE child_id = ? ORDER BY local_day",
    [DAY_WORD_SET] = "INSERT INTO usage_days (child_id, local_day, status, at) VALUES (?, ?, ?, ?) "
                     "ON CONFLICT (child_id, local_day) "
                     "DO UPDATE SET status = excluded.status, at = excluded.at",
    [LAST_CHANGE] = "SELECT logged_at FROM usage_logs WHERE child_id = ? AND is_change "
                    "ORDER BY logged_at DESC LIMIT 1",
    /* Rows are numbered as they come: walk back from the newest until one is old enough. */
    [SINCE] = "SELECT count(*) FROM (SELECT created_at FROM usage_logs WHERE child_id = ? "
              "ORDER BY logged_at DESC LIMIT 200) WHERE created_at > ?",
    [MARKS] = "SELECT logged_at, was_wet, was_soiled FROM usage_logs WHERE child_id = ? AND "
              "logged_at BETWEEN ? AND ? AND is_change ORDER BY logged_at",
    [COUNT_CHILDREN] = "SELECT count(*) FROM children WHERE deleted_at IS NULL",
    [COUNT_LOGS] = "SELECT count(*) FROM usage_logs",
    [COUNT_AUDIT] = "SELECT count(*) FROM audit_log",
};

ns_rc ns_row_log_add(struct ns_db *db, const struct ns_usage_row *in, struct ns_err *err) {
    struct ns_query q;
    const struct ns_usage_log *u = &in->log;
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, u->id);
    ns_query_id(&q, u->child_id);
    ns_query_id(&q, u->inventory_item_id);
    ns_query_text(&q, ns_usage_type_name(u->usage_type));
    ns_query_int(&q, ns_usage_is_change(u->usage_type));
    ns_query_int(&q, u->logged_at);
    ns_query_int(&q, u->local_day);
    ns_query_int(&q, u->quantity_used);
    ns_query_text(&q, u->context == NS_NONE ? NULL
                                            : ns_usage_context_name((enum ns_usage_context)u->context));
    ns_query_text(&q, u->caregiver_name);
    ns_query_opt(&q, u->was_wet, NS_NONE);
    ns_query_opt(&q, u->was_soiled, NS_NONE);
    ns_query_opt(&q, u->had_leakage, NS_NONE);
    ns_query_text(&q, u->diaper_condition);
    ns_query_opt(&q, u->product_rating, NS_NONE);
    ns_query_opt(&q, u->change_duration, NS_NONE);
    ns_query_text(&q, u->notes);
    ns_query_text(&q, u->health_notes);
    ns_query_id(&q, in->client_key);
    ns_query_id(&q, in->import_id);
    ns_query_id(&q, in->user_id);
    ns_query_int(&q, u->created_at);
    return ns_query_run(&q, err);
}

static void read_log(const struct ns_query *q, struct ns_arena *arena, struct ns_usage_log *u) {
    enum ns_usage_context context;
    *u = (struct ns_usage_log){
        .id = ns_col_id(q, 0),
        .child_id = ns_col_id(q, 1),
        .inventory_item_id = ns_col_id(q, 2),
        .logged_at = ns_col_int(q, 4),
        .local_day = (ns_date)ns_col_int(q, 5),
        .quantity_used = ns_col_int(q, 6),
        .context = ns_usage_context_parse(ns_col_bytes(q, 7), &context) ? (int)context : NS_NONE,
        .caregiver_name = ns_col_text(q, 8, arena),
        .was_wet = (int)ns_col_opt(q, 9, NS_NONE),
        .was_soiled = (int)ns_col_opt(q, 10, NS_NONE),
        .had_leakage = (int)ns_col_opt(q, 11, NS_NONE),
        .diaper_condition = ns_col_text(q, 12, arena),
        .product_rating = (int)ns_col_opt(q, 13, NS_NONE),
        .change_duration = (int)ns_col_opt(q, 14, NS_NONE),
        .notes = ns_col_text(q, 15, arena),
        .health_notes = ns_col_text(q, 16, arena),
        .created_at = ns_col_int(q, 17),
        .time_since_last_change = ns_col_opt(q, 18, NS_NONE),
    };
    ns_usage_type_parse(ns_col_bytes(q, 3), &u->usage_type);
}

ns_rc ns_row_log(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_usage_log *out,
                 bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_usage_log){0};
    ns_query_start(&q, db, queries[BY_ID]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        read_log(&q, arena, out);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_log_by_key(struct ns_db *db, ns_id client_key, ns_id *out, struct ns_err *err) {
    struct ns_query q;
    *out = (ns_id){{0}};
    ns_query_start(&q, db, queries[BY_KEY]);
    ns_query_id(&q, client_key);
    if (ns_query_row(&q)) {
        *out = ns_col_id(&q, 0);
    }
    return ns_query_end(&q, err);
}

/* The change before a row stands further down the list; below the last of a page it is asked for. */
static ns_rc find_gaps(struct ns_db *db, struct ns_usage_log *logs, int count, struct ns_err *err) {
    ns_rc rc = NS_OK;
    int before = 0;
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (!ns_usage_is_change(logs[i].usage_type)) {
            continue;
        }
        before = before > i ? before : i + 1;
        while (before < count && (!ns_usage_is_change(logs[before].usage_type) ||
                                  logs[before].logged_at >= logs[i].logged_at)) {
            before++;
        }
        ns_time at = before < count ? logs[before].logged_at : NS_TIME_NONE;
        if (before == count) {
            struct ns_query q;
            ns_query_start(&q, db, queries[BEFORE]);
            ns_query_id(&q, logs[i].child_id);
            ns_query_int(&q, logs[i].logged_at);
            at = ns_query_row(&q) ? ns_col_opt(&q, 0, NS_TIME_NONE) : NS_TIME_NONE;
            rc = ns_query_end(&q, err);
        }
        logs[i].time_since_last_change = at == NS_TIME_NONE ? NS_NONE : (logs[i].logged_at - at) / NS_MINUTE;
    }
    return rc;
}

ns_rc ns_row_logs(struct ns_db *db, ns_id child, int usage_type, ns_date from_day, int limit,
                  int offset, struct ns_arena *arena, struct ns_usage_log **out, int *count,
                  struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    const char *type = usage_type == NS_NONE ? NULL
                                             : ns_usage_type_name((enum ns_usage_type)usage_type);
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[type == NULL ? LIST : LIST_TYPE]);
    ns_query_id(&q, child);
    ns_query_int(&q, from_day);
    if (type != NULL) {
        ns_query_text(&q, type);
    }
    ns_query_int(&q, limit);
    ns_query_int(&q, offset);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_usage_log);
        read_log(&q, arena, &(*out)[(*count)++]);
    }
    ns_rc rc = ns_query_end(&q, err);
    return rc == NS_OK && type == NULL ? find_gaps(db, *out, *count, err) : rc;
}

ns_rc ns_row_logs_total(struct ns_db *db, ns_id child, int usage_type, ns_date from_day, int64_t *out,
                        struct ns_err *err) {
    struct ns_query q;
    *out = 0;
    ns_query_start(&q, db, queries[usage_type == NS_NONE ? TOTAL : TOTAL_TYPE]);
    ns_query_id(&q, child);
    ns_query_int(&q, from_day);
    if (usage_type != NS_NONE) {
        ns_query_text(&q, ns_usage_type_name((enum ns_usage_type)usage_type));
    }
    if (ns_query_row(&q)) {
        *out = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_day_sums(struct ns_db *db, ns_id child, ns_date from_day, ns_date to_day,
                      struct ns_arena *arena, struct ns_usage_day **out, int *count,
                      struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[DAY_SUMS]);
    ns_query_id(&q, child);
    ns_query_int(&q, from_day);
    ns_query_int(&q, to_day);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_usage_day);
        (*out)[(*count)++] = (struct ns_usage_day){
            .date = (ns_date)ns_col_int(&q, 0),
            .count = (int)ns_col_int(&q, 1),
            .wet = (int)ns_col_int(&q, 2),
            .soiled = (int)ns_col_int(&q, 3),
        };
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_day_words(struct ns_db *db, ns_id child, struct ns_arena *arena,
                       struct ns_usage_day **out, int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[DAY_WORDS]);
    ns_query_id(&q, child);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_usage_day);
        struct ns_usage_day *d = &(*out)[(*count)++];
        *d = (struct ns_usage_day){.date = (ns_date)ns_col_int(&q, 0), .confirmed = true};
        ns_day_status_parse(ns_col_bytes(&q, 1), &d->status);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_day_word_set(struct ns_db *db, ns_id child, ns_date day, enum ns_day_status status,
                          ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DAY_WORD_SET]);
    ns_query_id(&q, child);
    ns_query_int(&q, day);
    ns_query_text(&q, ns_day_status_name(status));
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

ns_rc ns_row_last_change(struct ns_db *db, ns_id child, ns_time *out, struct ns_err *err) {
    struct ns_query q;
    *out = NS_TIME_NONE;
    ns_query_start(&q, db, queries[LAST_CHANGE]);
    ns_query_id(&q, child);
    if (ns_query_row(&q)) {
        *out = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_logs_since(struct ns_db *db, ns_id child, ns_time created_after, int64_t *out,
                        struct ns_err *err) {
    struct ns_query q;
    *out = 0;
    ns_query_start(&q, db, queries[SINCE]);
    ns_query_id(&q, child);
    ns_query_int(&q, created_after);
    if (ns_query_row(&q)) {
        *out = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_marks(struct ns_db *db, ns_id child, ns_time from, ns_time to,
                   struct ns_arena *arena, struct ns_usage_mark **out, int *count,
                   struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[MARKS]);
    ns_query_id(&q, child);
    ns_query_int(&q, from);
    ns_query_int(&q, to);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_usage_mark);
        (*out)[(*count)++] = (struct ns_usage_mark){
            .at = ns_col_int(&q, 0),
            .wet = (int)ns_col_opt(&q, 1, NS_NONE),
            .soiled = (int)ns_col_opt(&q, 2, NS_NONE),
        };
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_counts(struct ns_db *db, int64_t *children, int64_t *logs, int64_t *audit_lines,
                    struct ns_err *err) {
    int64_t *into[] = {children, logs, audit_lines};
    ns_rc rc = NS_OK;
    for (int i = 0; rc == NS_OK && i < 3; i++) {
        struct ns_query q;
        ns_query_start(&q, db, queries[COUNT_CHILDREN + i]);
        *into[i] = ns_query_row(&q) ? ns_col_int(&q, 0) : 0;
        rc = ns_query_end(&q, err);
    }
    return rc;
}

const struct ns_query_table ns_queries_usage = {"usage", queries, Q_COUNT};
