#include "agent/store/pauses.h"

#include "agent/store/rows.h"

enum { READ, PUT, DROP, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [READ] = "SELECT kind, until FROM reorder_pauses WHERE child_id = ?",
    [PUT] = "INSERT INTO reorder_pauses (child_id, kind, until, set_by, set_at) VALUES (?1, ?2, ?3, ?4, ?5) "
            "ON CONFLICT (child_id) DO UPDATE SET kind = excluded.kind, until = excluded.until, "
            "set_by = excluded.set_by, set_at = excluded.set_at",
    [DROP] = "DELETE FROM reorder_pauses WHERE child_id = ?",
};
const struct ns_query_table ns_queries_pauses = {"pauses", queries, Q_COUNT};

ns_rc ns_row_pause(struct ns_db *db, ns_id child, struct ns_pause *out, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_pause){NS_REORDER_NONE, NS_DATE_NONE};
    ns_query_start(&q, db, queries[READ]);
    ns_query_id(&q, child);
    if (ns_query_row(&q)) {
        (void)ns_reorder_pause_parse(ns_col_bytes(&q, 0), &out->kind);
        out->until = (ns_date)ns_col_opt(&q, 1, NS_DATE_NONE);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_pause_put(struct ns_db *db, ns_id child, const struct ns_pause *in, ns_id by, ns_time now,
                       struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[in->kind == NS_REORDER_NONE ? DROP : PUT]);
    ns_query_id(&q, child);
    if (in->kind != NS_REORDER_NONE) {
        ns_query_text(&q, ns_reorder_pause_name(in->kind));
        ns_query_opt(&q, in->until, NS_DATE_NONE);
        ns_query_id(&q, by);
        ns_query_int(&q, now);
    }
    return ns_query_run(&q, err);
}
