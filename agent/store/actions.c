#include "agent/store/rows.h"

#include <string.h>

#define COLUMNS "id, kind, step, child_id, entity_id, data, at, user_id, undone_at"
#define OLD(column) #column " = json_extract(?1, '$." #column "')"

enum {
    ADD, TRIM, BY_ID, NEWEST, UNDONE, LATER, CHILD_JSON, ITEM_JSON,
    LOG_STOCK, LOG_DELETE,
    ITEM_USED, ITEM_DELETE, ITEM_BACK,
    INITIAL_USED, INITIAL_DELETE, INITIAL_BACK,
    CHILD_USED, CHILD_HIDE, CHILD_BACK,
    IMPORT_LOGS, IMPORT_EVENTS, IMPORT_STATE,
    Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [ADD] = "INSERT INTO actions (id, kind, step, child_id, entity_id, data, at, user_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [TRIM] = "DELETE FROM actions WHERE seq <= (SELECT max(seq) FROM actions) - 50",
    /* An import is known by its own id as well: that is the one a person was shown. */
    [BY_ID] = "SELECT " COLUMNS " FROM actions WHERE id = ?1 OR (step = 'IMPORT' AND "
              "entity_id = ?1)",
    [NEWEST] = "SELECT " COLUMNS " FROM actions WHERE undone_at IS NULL ORDER BY seq DESC LIMIT 1",
    [UNDONE] = "UPDATE actions SET undone_at = ? WHERE id = ?",
    [LATER] = "SELECT 1 FROM actions WHERE seq > (SELECT seq FROM actions WHERE id = ?1) AND "
              "entity_id = ?2 AND undone_at IS NULL AND step = ?3",
    [CHILD_JSON] =
        "SELECT json_object('name', name, 'date_of_birth', date_of_birth, 'gender', gender, "
        "'current_diaper_size', current_diaper_size, 'current_weight_g', current_weight_g, "
        "'current_height_mm', current_height_mm, 'daily_usage_count', daily_usage_count, "
        "'has_sensitive_skin', has_sensitive_skin, 'has_allergies', has_allergies, "
        "'allergies_notes', allergies_notes, 'preferred_brands', preferred_brands, "
        "'special_needs', special_needs) FROM children WHERE id = ?",
    [ITEM_JSON] = "SELECT json_object('storage_location', storage_location, 'notes', notes, "
                  "'quality_rating', quality_rating, 'would_rebuy', would_rebuy) "
                  "FROM inventory_items WHERE id = ?",
    [LOG_STOCK] =
        "UPDATE inventory_items SET quantity_remaining = min(quantity_total, quantity_remaining + "
        "u.quantity_used), opened_date = CASE WHEN json_extract(?1, '$.opened') = 1 AND "
        "quantity_remaining + u.quantity_used >= quantity_total THEN NULL ELSE opened_date END "
        "FROM usage_logs u WHERE u.id = ?2 AND inventory_items.id = u.inventory_item_id",
    [LOG_DELETE] = "DELETE FROM usage_logs WHERE id = ?",
    [ITEM_USED] = "SELECT 1 FROM usage_logs WHERE inventory_item_id = ?",
    [ITEM_DELETE] = "DELETE FROM inventory_items WHERE id = ?",
    [ITEM_BACK] =
        "UPDATE inventory_items SET quantity_remaining = max(0, min(quantity_total, "
        "quantity_remaining - json_extract(?1, '$.delta'))), "
        "storage_location = json_extract(?1, '$.was.storage_location'), "
        "notes = json_extract(?1, '$.was.notes'), "
        "quality_rating = json_extract(?1, '$.was.quality_rating'), "
        "would_rebuy = json_extract(?1, '$.was.would_rebuy') WHERE id = ?2",
    [INITIAL_USED] = "SELECT 1 FROM inventory_items i WHERE i.child_id = ?2 AND hex(i.id) IN "
                     "(SELECT value FROM json_each(?1, '$.added')) AND EXISTS "
                     "(SELECT 1 FROM usage_logs u WHERE u.inventory_item_id = i.id)",
    [INITIAL_DELETE] = "DELETE FROM inventory_items WHERE child_id = ?2 AND hex(id) IN "
                       "(SELECT value FROM json_each(?1, '$.added'))",
    [INITIAL_BACK] =
        "UPDATE inventory_items SET quantity_total = quantity_total - c.total, "
        "quantity_remaining = max(0, min(quantity_total - c.total, quantity_remaining - c.rest)) "
        "FROM (SELECT json_extract(value, '$.id') AS key, json_extract(value, '$.total') AS total, "
        "json_extract(value, '$.rest') AS rest FROM json_each(?1, '$.changed')) c "
        "WHERE child_id = ?2 AND hex(id) = c.key",
    [CHILD_USED] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM usage_logs WHERE child_id = ?1) OR EXISTS "
                   "(SELECT 1 FROM inventory_items WHERE child_id = ?1 AND deleted_at IS NULL)",
    [CHILD_HIDE] = "UPDATE children SET deleted_at = ? WHERE id = ?",
    [CHILD_BACK] = "UPDATE children SET " OLD(name) ", " OLD(date_of_birth) ", " OLD(gender) ", "
                   OLD(current_diaper_size) ", " OLD(current_weight_g) ", " OLD(current_height_mm)
                   ", " OLD(daily_usage_count) ", " OLD(has_sensitive_skin) ", "
                   OLD(has_allergies) ", " OLD(allergies_notes) ", " OLD(preferred_brands) ", "
                   OLD(special_needs) ", updated_at = ?3 WHERE id = ?2",
    [IMPORT_LOGS] = "DELETE FROM usage_logs WHERE import_id = ?",
    [IMPORT_EVENTS] = "DELETE FROM import_events WHERE import_id = ?",
    [IMPORT_STATE] = "UPDATE imports SET state = 'UNDONE' WHERE id = ?",
};

ns_rc ns_row_action_add(struct ns_db *db, const struct ns_action_row *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    ns_query_text(&q, ns_action_kind_name(in->kind));
    ns_query_text(&q, in->step);
    ns_query_id(&q, in->child_id);
    ns_query_id(&q, in->entity_id);
    ns_query_text(&q, in->data);
    ns_query_int(&q, in->at);
    ns_query_id(&q, in->user_id);
    ns_rc rc = ns_query_run(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[TRIM]);
    return ns_query_run(&q, err);
}

ns_rc ns_row_action(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_action_row *out,
                    bool *found, struct ns_err *err) {
    struct ns_query q;
    bool newest = ns_id_is_zero(id);
    *out = (struct ns_action_row){0};
    ns_query_start(&q, db, queries[newest ? NEWEST : BY_ID]);
    if (!newest) {
        ns_query_id(&q, id);
    }
    *found = ns_query_row(&q);
    if (*found) {
        out->id = ns_col_id(&q, 0);
        ns_action_kind_parse(ns_col_bytes(&q, 1), &out->kind);
        out->step = ns_col_text(&q, 2, arena);
        out->child_id = ns_col_id(&q, 3);
        out->entity_id = ns_col_id(&q, 4);
        out->data = ns_col_text(&q, 5, arena);
        out->at = ns_col_int(&q, 6);
        out->user_id = ns_col_id(&q, 7);
        out->undone = !ns_col_null(&q, 8);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_action_undone(struct ns_db *db, ns_id id, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[UNDONE]);
    ns_query_int(&q, now);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

static ns_rc row_json(struct ns_db *db, int which, ns_id id, struct ns_arena *arena,
                      const char **out, struct ns_err *err) {
    struct ns_query q;
    *out = "{}";
    ns_query_start(&q, db, queries[which]);
    ns_query_id(&q, id);
    if (ns_query_row(&q)) {
        *out = ns_col_text(&q, 0, arena);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_child_json(struct ns_db *db, ns_id id, struct ns_arena *arena, const char **out,
                        struct ns_err *err) {
    return row_json(db, CHILD_JSON, id, arena, out, err);
}

ns_rc ns_row_item_json(struct ns_db *db, ns_id id, struct ns_arena *arena, const char **out,
                       struct ns_err *err) {
    return row_json(db, ITEM_JSON, id, arena, out, err);
}

/* Statements of one id. */
static ns_rc run_id(struct ns_db *db, int which, ns_id id, bool *row, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[which]);
    ns_query_id(&q, id);
    bool any = ns_query_row(&q);
    if (row != NULL) {
        *row = any;
    }
    return ns_query_end(&q, err);
}

/* Statements of the action's data (?1) and one id (?2). */
static ns_rc run_data(struct ns_db *db, int which, const char *data, ns_id id, bool *row,
                      struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[which]);
    ns_query_text(&q, data);
    ns_query_id(&q, id);
    bool any = ns_query_row(&q);
    if (row != NULL) {
        *row = any;
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_action_overtaken(struct ns_db *db, const struct ns_action_row *a, const char *step,
                              bool *yes, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[LATER]);
    ns_query_id(&q, a->id);
    ns_query_id(&q, a->entity_id);
    ns_query_text(&q, step);
    *yes = ns_query_row(&q);
    return ns_query_end(&q, err);
}

static ns_rc overtaken(struct ns_db *db, const struct ns_action_row *a, bool *yes,
                       struct ns_err *err) {
    return ns_row_action_overtaken(db, a, a->step, yes, err);
}

ns_rc ns_row_undo_log(struct ns_db *db, const struct ns_action_row *a, bool *done,
                      struct ns_err *err) {
    bool later = false;
    ns_rc rc = ns_row_action_overtaken(db, a, "LOG_FIX", &later, err);
    *done = !later;
    if (rc != NS_OK || later) {
        return rc;
    }
    rc = run_data(db, LOG_STOCK, a->data, a->entity_id, NULL, err);
    return rc == NS_OK ? run_id(db, LOG_DELETE, a->entity_id, NULL, err) : rc;
}

ns_rc ns_row_undo_item_new(struct ns_db *db, const struct ns_action_row *a, bool *done,
                           struct ns_err *err) {
    bool used = false;
    ns_rc rc = run_id(db, ITEM_USED, a->entity_id, &used, err);
    *done = !used;
    return rc == NS_OK && !used ? run_id(db, ITEM_DELETE, a->entity_id, NULL, err) : rc;
}

ns_rc ns_row_undo_item_change(struct ns_db *db, const struct ns_action_row *a, bool *done,
                              struct ns_err *err) {
    bool later = false;
    ns_rc rc = overtaken(db, a, &later, err);
    *done = !later;
    return rc == NS_OK && !later ? run_data(db, ITEM_BACK, a->data, a->entity_id, NULL, err) : rc;
}

ns_rc ns_row_undo_initial(struct ns_db *db, const struct ns_action_row *a, bool *done,
                          struct ns_err *err) {
    bool later = false, used = false;
    ns_rc rc = overtaken(db, a, &later, err);
    if (rc == NS_OK) {
        rc = run_data(db, INITIAL_USED, a->data, a->child_id, &used, err);
    }
    *done = !later && !used;
    if (rc != NS_OK || !*done) {
        return rc;
    }
    rc = run_data(db, INITIAL_DELETE, a->data, a->child_id, NULL, err);
    return rc == NS_OK ? run_data(db, INITIAL_BACK, a->data, a->child_id, NULL, err) : rc;
}

ns_rc ns_row_undo_child_new(struct ns_db *db, const struct ns_action_row *a, ns_time now,
                            bool *done, struct ns_err *err) {
    bool used = false;
    struct ns_query q;
    ns_rc rc = run_id(db, CHILD_USED, a->entity_id, &used, err);
    *done = !used;
    if (rc != NS_OK || used) {
        return rc;
    }
    ns_query_start(&q, db, queries[CHILD_HIDE]);
    ns_query_int(&q, now);
    ns_query_id(&q, a->entity_id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_undo_child_change(struct ns_db *db, const struct ns_action_row *a, ns_time now,
                               bool *done, struct ns_err *err) {
    bool later = false;
    struct ns_query q;
    ns_rc rc = overtaken(db, a, &later, err);
    *done = !later;
    if (rc != NS_OK || later) {
        return rc;
    }
    ns_query_start(&q, db, queries[CHILD_BACK]);
    ns_query_text(&q, a->data);
    ns_query_id(&q, a->entity_id);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

ns_rc ns_row_undo_import(struct ns_db *db, const struct ns_action_row *a, bool *done,
                         struct ns_err *err) {
    ns_rc rc = NS_OK;
    *done = true;
    for (int which = IMPORT_LOGS; rc == NS_OK && which <= IMPORT_STATE; which++) {
        rc = run_id(db, which, a->entity_id, NULL, err);
    }
    return rc;
}

const struct ns_query_table ns_queries_actions = {"actions", queries, Q_COUNT};
