/* erase.c: the statements of forgetting. */
#include "agent/store/erase.h"
#include "agent/store/rows.h"

#include <string.h>

/* In an order that leaves no reference hanging. */
enum {
    ANSWERS, LOGS, DAYS, EVENTS, PROBLEMS, IMPORTS, ITEMS, PREDICTIONS, MEASUREMENTS, MARKS, TERMS, PREFERENCES, PAUSES, NOTICES, ACTIONS, KEY,
    GOES, CHILD = GOES, LIVE, ALL, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    /* Kept answers may hold any name; a client that asks again is told that it was done. */
    [ANSWERS] = "UPDATE client_mutations SET answer = NULL WHERE at > 0 AND ?1 IS NOT NULL",
    [LOGS] = "DELETE FROM usage_logs WHERE child_id = ?1",
    [DAYS] = "DELETE FROM usage_days WHERE child_id = ?1",
    [EVENTS] = "DELETE FROM import_events WHERE import_id IN (SELECT id FROM imports WHERE child_id = ?1)",
    [PROBLEMS] = "DELETE FROM import_problems WHERE import_id IN (SELECT id FROM imports WHERE child_id = ?1)",
    [IMPORTS] = "DELETE FROM imports WHERE child_id = ?1",
    [ITEMS] = "DELETE FROM inventory_items WHERE child_id = ?1",
    [PREDICTIONS] = "DELETE FROM consumption_predictions WHERE child_id = ?1",
    [MEASUREMENTS] = "DELETE FROM measurements WHERE child_id = ?1",
    [MARKS] = "DELETE FROM child_marks WHERE child_id = ?1",
    [TERMS] = "DELETE FROM birth_terms WHERE child_id = ?1",
    [PREFERENCES] = "DELETE FROM reorder_preferences WHERE child_id = ?1",
    [PAUSES] = "DELETE FROM reorder_pauses WHERE child_id = ?1",
    [NOTICES] = "DELETE FROM notices WHERE child_id = ?1",
    [ACTIONS] = "DELETE FROM actions WHERE child_id = ?1",
    [KEY] = "DELETE FROM person_keys WHERE person_id = ?1",
    [CHILD] = "UPDATE children SET name = '', date_of_birth = 0, gender = NULL, current_weight_g = NULL, "
              "current_height_mm = NULL, daily_usage_count = 1, has_sensitive_skin = 0, has_allergies = 0, "
              "allergies_notes = NULL, preferred_brands = NULL, special_needs = NULL, created_at = 0, "
              "updated_at = ?2, deleted_at = ?2 WHERE id = ?1",
    [LIVE] = "SELECT 1 FROM person_keys WHERE person_id = ?",
    [ALL] = "SELECT c.id, person_open(c.id, c.name) FROM person_keys k JOIN children c ON c.id = k.person_id ORDER BY c.seq",
};
const struct ns_query_table ns_queries_erase = {"erase", queries, Q_COUNT};

const char *const ns_erase_goes[] = {
    "usage_logs", "usage_days", "imports", "inventory_items", "consumption_predictions", "measurements",
    "child_marks", "birth_terms", "reorder_preferences", "reorder_pauses", "notices", "actions", NULL,
};
/* Money: kept for the tax years, under an id that no longer means anybody. */
const char *const ns_erase_stays[] = {"reorder_transactions", NULL};

static ns_rc is_live(struct ns_db *db, ns_id child, bool *out, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[LIVE]);
    ns_query_id(&q, child);
    *out = ns_query_row(&q);
    return ns_query_end(&q, err);
}

ns_rc ns_row_child_erase(struct ns_db *db, ns_id child, ns_time now, struct ns_erased *out,
                         struct ns_err *err) {
    *out = (struct ns_erased){0};
    ns_rc rc = is_live(db, child, &out->found, err);
    for (int i = 0; rc == NS_OK && out->found && i <= CHILD; i++) {
        struct ns_query q;
        ns_query_start(&q, db, queries[i]);
        ns_query_id(&q, child);
        if (i == CHILD) {
            ns_query_int(&q, now);
        }
        rc = ns_query_run(&q, err);
        out->rows += i < CHILD ? ns_db_changes(db) : 0;
    }
    return rc;
}

ns_rc ns_row_children_erasable(struct ns_db *db, struct ns_arena *arena, struct ns_erasable **out,
                               int *count, struct ns_err *err) {
    struct ns_erasable *list = NULL;
    int n = 0, cap = 0;
    struct ns_query q;
    ns_query_start(&q, db, queries[ALL]);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, n, cap, struct ns_erasable);
        list[n++] = (struct ns_erasable){ns_col_id(&q, 0), ns_col_text(&q, 1, arena)};
    }
    *out = list;
    *count = n;
    return ns_query_end(&q, err);
}
