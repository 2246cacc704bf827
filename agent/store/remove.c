/* remove.c: the statements of taking out of sight. */
#include "agent/store/remove.h"

#include <string.h>

#include "agent/store/rows.h"

enum { CHILD_GOES, CHILD_COMES, ITEM_GOES, ITEM_COMES, HOLDINGS, OVER, ITEM_LOGS, ITEMS_OVER, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [CHILD_GOES] = "UPDATE children SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL",
    [CHILD_COMES] = "UPDATE children SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NOT NULL AND "
                    "EXISTS (SELECT 1 FROM person_keys WHERE person_id = ?1)",
    [ITEM_GOES] = "UPDATE inventory_items SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL",
    [ITEM_COMES] = "UPDATE inventory_items SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NOT NULL",
    [HOLDINGS] = "SELECT (SELECT count(*) FROM usage_logs WHERE child_id = ?1), "
                 "(SELECT count(*) FROM inventory_items WHERE child_id = ?1), "
                 "(SELECT count(*) FROM consumption_predictions WHERE child_id = ?1), "
                 "(SELECT count(*) FROM measurements WHERE child_id = ?1), "
                 "(SELECT count(*) FROM reorder_transactions WHERE child_id = ?1)",
    [OVER] = "SELECT c.id FROM children c JOIN person_keys k ON k.person_id = c.id WHERE c.deleted_at < ? ORDER BY c.seq",
    [ITEM_LOGS] = "UPDATE usage_logs SET inventory_item_id = NULL WHERE inventory_item_id IN "
                  "(SELECT id FROM inventory_items WHERE deleted_at < ?)",
    [ITEMS_OVER] = "DELETE FROM inventory_items WHERE deleted_at < ?",
};
const struct ns_query_table ns_queries_remove = {"remove", queries, Q_COUNT};

ns_rc ns_row_removed(struct ns_db *db, enum ns_removable what, ns_id id, ns_time at, bool *done, struct ns_err *err) {
    struct ns_query q;
    bool goes = at != NS_TIME_NONE;
    ns_query_start(&q, db, queries[what == NS_REMOVE_CHILD ? (goes ? CHILD_GOES : CHILD_COMES) : goes ? ITEM_GOES : ITEM_COMES]);
    ns_query_id(&q, id);
    ns_query_opt(&q, at, NS_TIME_NONE);
    ns_rc rc = ns_query_run(&q, err);
    *done = rc == NS_OK && ns_db_changes(db) == 1;
    return rc;
}

ns_rc ns_row_holdings(struct ns_db *db, ns_id child, struct ns_holdings *out, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[HOLDINGS]);
    ns_query_id(&q, child);
    *out = (struct ns_holdings){0};
    if (ns_query_row(&q)) {
        *out = (struct ns_holdings){ns_col_int(&q, 0), ns_col_int(&q, 1), ns_col_int(&q, 2), ns_col_int(&q, 3), ns_col_int(&q, 4)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_removed_children(struct ns_db *db, ns_time before, struct ns_arena *arena, ns_id **out, int *count,
                              struct ns_err *err) {
    ns_id *list = NULL;
    int n = 0, cap = 0;
    struct ns_query q;
    ns_query_start(&q, db, queries[OVER]);
    ns_query_int(&q, before);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, n, cap, ns_id);
        list[n++] = ns_col_id(&q, 0);
    }
    *out = list;
    *count = n;
    return ns_query_end(&q, err);
}

ns_rc ns_row_removed_items_drop(struct ns_db *db, ns_time before, int64_t *rows, struct ns_err *err) {
    struct ns_query q;
    ns_rc rc = NS_OK;
    for (int i = ITEM_LOGS; rc == NS_OK && i <= ITEMS_OVER; i++) {
        ns_query_start(&q, db, queries[i]);
        ns_query_int(&q, before);
        rc = ns_query_run(&q, err);
    }
    *rows = rc == NS_OK ? ns_db_changes(db) : 0;
    return rc;
}
