/* usage_fix.c: a line of the log that was wrong. What stood there before is kept as JSON with the
 * act, texts still sealed under the child's own key, until nobody can take the act back. */
#include "agent/store/rows.h"

#include <string.h>

enum { AS_JSON, CHANGE, TAKE_OUT, PUT_BACK, TAKE_AGAIN, IDS, RESTORE, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [AS_JSON] = "SELECT json_object('item', hex(inventory_item_id), 'client_key', hex(client_key), "
                "'import', hex(import_id), 'user', hex(user_id), 'usage_type', usage_type, "
                "'is_change', is_change, 'logged_at', logged_at, 'local_day', local_day, "
                "'quantity_used', quantity_used, 'context', context, "
                "'caregiver_name', caregiver_name, 'was_wet', was_wet, 'was_soiled', was_soiled, "
                "'had_leakage', had_leakage, 'diaper_condition', diaper_condition, "
                "'product_rating', product_rating, 'change_duration', change_duration, "
                "'notes', notes, 'health_notes', health_notes, 'created_at', created_at) "
                "FROM usage_logs WHERE id = ?",
    [CHANGE] = "UPDATE usage_logs SET inventory_item_id = ?3, logged_at = ?4, local_day = ?5, "
               "was_wet = ?6, was_soiled = ?7, had_leakage = ?8, "
               "caregiver_name = person_seal(?2, person_open(child_id, caregiver_name)), "
               "notes = person_seal(?2, person_open(child_id, notes)), "
               "health_notes = person_seal(?2, person_open(child_id, health_notes)), "
               "child_id = ?2 WHERE id = ?1",
    [TAKE_OUT] = "DELETE FROM usage_logs WHERE id = ?",
    [PUT_BACK] = "UPDATE inventory_items SET quantity_remaining = min(quantity_total, "
                 "quantity_remaining + ?2) WHERE id = ?1",
    /* The pack may have been counted since: never below nothing. */
    [TAKE_AGAIN] = "UPDATE inventory_items SET quantity_remaining = max(0, quantity_remaining - ?2) "
                   "WHERE id = ?1",
    [IDS] = "SELECT json_extract(?1, '$.item'), json_extract(?1, '$.client_key'), "
            "json_extract(?1, '$.import'), json_extract(?1, '$.user'), "
            "json_extract(?1, '$.quantity_used')",
#define OF(column) "json_extract(?7, '$." #column "'), "
    /* A pack or an import that is gone by now is not pointed at. */
    [RESTORE] = "INSERT INTO usage_logs (id, child_id, inventory_item_id, client_key, import_id, "
                "user_id, usage_type, is_change, logged_at, local_day, quantity_used, context, "
                "caregiver_name, was_wet, was_soiled, had_leakage, diaper_condition, "
                "product_rating, change_duration, notes, health_notes, created_at) "
                "VALUES (?1, ?2, (SELECT id FROM inventory_items WHERE id = ?3), ?4, "
                "(SELECT id FROM imports WHERE id = ?5), ?6, " OF(usage_type) OF(is_change)
                OF(logged_at) OF(local_day) OF(quantity_used) OF(context) OF(caregiver_name)
                OF(was_wet) OF(was_soiled) OF(had_leakage) OF(diaper_condition)
                OF(product_rating) OF(change_duration) OF(notes) OF(health_notes)
                "json_extract(?7, '$.created_at'))",
};
const struct ns_query_table ns_queries_usage_fix = {"usage_fix", queries, Q_COUNT};

ns_rc ns_row_log_json(struct ns_db *db, ns_id id, struct ns_arena *arena, const char **out,
                      struct ns_err *err) {
    struct ns_query q;
    *out = NULL;
    ns_query_start(&q, db, queries[AS_JSON]);
    ns_query_id(&q, id);
    if (ns_query_row(&q)) {
        *out = ns_col_text(&q, 0, arena);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_log_change(struct ns_db *db, const struct ns_usage_log *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[CHANGE]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->child_id);
    ns_query_id(&q, in->inventory_item_id);
    ns_query_int(&q, in->logged_at);
    ns_query_int(&q, in->local_day);
    ns_query_opt(&q, in->was_wet, NS_NONE);
    ns_query_opt(&q, in->was_soiled, NS_NONE);
    ns_query_opt(&q, in->had_leakage, NS_NONE);
    return ns_query_run(&q, err);
}

static ns_rc move_pieces(struct ns_db *db, int which, ns_id item, int64_t pieces, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[which]);
    ns_query_id(&q, item);
    ns_query_int(&q, pieces);
    return ns_query_run(&q, err);
}

ns_rc ns_row_item_put_back(struct ns_db *db, ns_id item, int64_t pieces, struct ns_err *err) {
    return move_pieces(db, PUT_BACK, item, pieces, err);
}

ns_rc ns_row_log_take_out(struct ns_db *db, ns_id id, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TAKE_OUT]);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

/* The 32 digits of hex(id); anything else is no id. */
static ns_id id_of(struct ns_str hex) {
    static const char digits[] = "0123456789ABCDEF";
    ns_id id = {{0}};
    if (hex.n != 2 * sizeof id.b) {
        return id;
    }
    for (size_t i = 0; i < hex.n; i++) {
        const char *at = memchr(digits, hex.p[i], 16);
        if (at == NULL) {
            return (ns_id){{0}};
        }
        id.b[i / 2] = (uint8_t)(id.b[i / 2] << 4 | (at - digits));
    }
    return id;
}

static ns_rc restore(struct ns_db *db, const struct ns_action_row *a, const ns_id ids[4],
                     struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[RESTORE]);
    ns_query_id(&q, a->entity_id);
    ns_query_id(&q, a->child_id);
    for (int i = 0; i < 4; i++) {
        ns_query_id(&q, ids[i]);
    }
    ns_query_text(&q, a->data);
    return ns_query_run(&q, err);
}

ns_rc ns_row_undo_log_fix(struct ns_db *db, const struct ns_action_row *a,
                          const struct ns_usage_log *now_there, struct ns_err *err) {
    struct ns_query q;
    ns_id ids[4] = {{{0}}};
    ns_query_start(&q, db, queries[IDS]);
    ns_query_text(&q, a->data);
    bool row = ns_query_row(&q);
    for (int i = 0; row && i < 4; i++) {
        ids[i] = id_of(ns_col_bytes(&q, i));
    }
    int64_t pieces = row ? ns_col_int(&q, 4) : 0;
    ns_rc rc = ns_query_end(&q, err);
    if (rc == NS_OK && now_there != NULL) {
        rc = ns_row_item_put_back(db, now_there->inventory_item_id, now_there->quantity_used, err);
        if (rc == NS_OK) {
            rc = ns_row_log_take_out(db, a->entity_id, err);
        }
    }
    if (rc == NS_OK && !ns_id_is_zero(ids[0])) {
        rc = move_pieces(db, TAKE_AGAIN, ids[0], pieces, err);
    }
    return rc == NS_OK ? restore(db, a, ids, err) : rc;
}
