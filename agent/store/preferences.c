#include "agent/store/preferences.h"

#include "agent/store/rows.h"

#include "shared/base/buf.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                \
    "id, child_id, auto_reorder_enabled, reorder_threshold_days, max_order_amount_cad, "       \
    "preferred_retailers, preferred_brands, size_preferences, preferred_delivery_days, "       \
    "emergency_contact_on_delivery, notify_before_order, notify_order_placed, "                \
    "notify_delivery_updates, notification_advance_hours, use_growth_prediction, "             \
    "use_seasonal_adjustments, prediction_confidence_threshold, created_at, updated_at, "      \
    "delivery_instructions"
#define READ                                                                                   \
    "p.id, child_id, auto_reorder_enabled, reorder_threshold_days, max_order_amount_cad, "     \
    "preferred_retailers, p.preferred_brands, size_preferences, preferred_delivery_days, "     \
    "emergency_contact_on_delivery, notify_before_order, notify_order_placed, "                \
    "notify_delivery_updates, notification_advance_hours, use_growth_prediction, "             \
    "use_seasonal_adjustments, prediction_confidence_threshold, p.created_at, p.updated_at, "  \
    "person_open(child_id, delivery_instructions)"

enum { OF_CHILD, ALL, PUT, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [OF_CHILD] = "SELECT " READ " FROM reorder_preferences p WHERE child_id = ?",
    [ALL] = "SELECT " READ " FROM children c JOIN reorder_preferences p ON p.child_id = c.id "
            "WHERE c.deleted_at IS NULL ORDER BY c.seq",
    [PUT] = "INSERT INTO reorder_preferences (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
            "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, person_seal(?2, ?20)) "
            "ON CONFLICT (child_id) DO UPDATE SET auto_reorder_enabled = excluded.auto_reorder_enabled, "
            "reorder_threshold_days = excluded.reorder_threshold_days, "
            "max_order_amount_cad = excluded.max_order_amount_cad, "
            "preferred_retailers = excluded.preferred_retailers, preferred_brands = excluded.preferred_brands, "
            "size_preferences = excluded.size_preferences, "
            "preferred_delivery_days = excluded.preferred_delivery_days, "
            "emergency_contact_on_delivery = excluded.emergency_contact_on_delivery, "
            "notify_before_order = excluded.notify_before_order, "
            "notify_order_placed = excluded.notify_order_placed, "
            "notify_delivery_updates = excluded.notify_delivery_updates, "
            "notification_advance_hours = excluded.notification_advance_hours, "
            "use_growth_prediction = excluded.use_growth_prediction, "
            "use_seasonal_adjustments = excluded.use_seasonal_adjustments, "
            "prediction_confidence_threshold = excluded.prediction_confidence_threshold, "
            "updated_at = excluded.updated_at, delivery_instructions = excluded.delivery_instructions",
};
const struct ns_query_table ns_queries_preferences = {"preferences", queries, Q_COUNT};

struct ns_preferences ns_preferences_default(ns_id child) {
    return (struct ns_preferences){
        .child_id = child, .threshold_days = 7, .max_order = 15000, .sizes = "{}",
        .notify_before = true, .notify_placed = true, .notify_delivery = true, .advance_hours = 24,
        .use_growth = true, .use_seasons = true, .threshold = NS_CONFIDENT_MEDIUM,
        .created_at = NS_TIME_NONE, .updated_at = NS_TIME_NONE};
}

/* The brands text is kept aside: reading it needs a statement of its own. */
static void read_row(const struct ns_query *q, struct ns_arena *arena, struct ns_preferences *p,
                     const char **brands) {
    *p = (struct ns_preferences){
        .id = ns_col_id(q, 0), .child_id = ns_col_id(q, 1), .auto_reorder = ns_col_int(q, 2) != 0,
        .threshold_days = (int)ns_col_int(q, 3), .max_order = ns_col_int(q, 4),
        .sizes = ns_col_text(q, 7, arena), .delivery_days = (int)ns_col_int(q, 8),
        .emergency_contact = ns_col_int(q, 9) != 0, .notify_before = ns_col_int(q, 10) != 0,
        .notify_placed = ns_col_int(q, 11) != 0, .notify_delivery = ns_col_int(q, 12) != 0,
        .advance_hours = (int)ns_col_int(q, 13), .use_growth = ns_col_int(q, 14) != 0,
        .use_seasons = ns_col_int(q, 15) != 0, .created_at = ns_col_int(q, 17),
        .updated_at = ns_col_int(q, 18), .instructions = ns_col_text(q, 19, arena)};
    struct ns_str rest = ns_col_bytes(q, 5);
    while (rest.n > 0 && p->retailer_count < NS_RETAILER_COUNT) {
        p->retailer_count += ns_retailer_type_parse(ns_str_cut(&rest, ','), &p->retailers[p->retailer_count]);
    }
    *brands = ns_col_text(q, 6, arena);
    ns_prediction_confidence_parse(ns_col_bytes(q, 16), &p->threshold);
}

ns_rc ns_row_preferences(struct ns_db *db, ns_id child, struct ns_arena *arena,
                         struct ns_preferences *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    const char *brands = NULL;
    *out = ns_preferences_default(child);
    ns_query_start(&q, db, queries[OF_CHILD]);
    ns_query_id(&q, child);
    *found = ns_query_row(&q);
    if (*found) {
        read_row(&q, arena, out, &brands);
    }
    ns_rc rc = ns_query_end(&q, err);
    return rc == NS_OK && *found ? ns_row_texts(db, brands, arena, &out->brands, &out->brand_count, err) : rc;
}

ns_rc ns_row_preferences_all(struct ns_db *db, struct ns_arena *arena, struct ns_preferences **out,
                             int *count, struct ns_err *err) {
    struct ns_query q;
    const char **brands = NULL;
    int cap = 0, brands_cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[ALL]);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_preferences);
        NS_LIST_ROOM(arena, brands, *count, brands_cap, const char *);
        read_row(&q, arena, &(*out)[*count], &brands[*count]);
        (*count)++;
    }
    ns_rc rc = ns_query_end(&q, err);
    for (int i = 0; rc == NS_OK && i < *count; i++) {
        rc = ns_row_texts(db, brands[i], arena, &(*out)[i].brands, &(*out)[i].brand_count, err);
    }
    return rc;
}

ns_rc ns_row_preferences_put(struct ns_db *db, const struct ns_preferences *in, struct ns_err *err) {
    struct ns_query q;
    char *brands = ns_row_texts_json(in->brands, in->brand_count);
    struct ns_buf retailers = NS_BUF(200);
    for (int i = 0; i < in->retailer_count; i++) {
        ns_buf_fmt(&retailers, "%s%s", i > 0 ? "," : "", ns_retailer_type_name(in->retailers[i]));
    }
    ns_query_start(&q, db, queries[PUT]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->child_id);
    ns_query_int(&q, in->auto_reorder);
    ns_query_int(&q, in->threshold_days);
    ns_query_int(&q, in->max_order);
    ns_query_text(&q, retailers.data != NULL ? retailers.data : "");
    ns_query_text(&q, brands);
    ns_query_text(&q, in->sizes);
    ns_query_int(&q, in->delivery_days);
    ns_query_int(&q, in->emergency_contact);
    ns_query_int(&q, in->notify_before);
    ns_query_int(&q, in->notify_placed);
    ns_query_int(&q, in->notify_delivery);
    ns_query_int(&q, in->advance_hours);
    ns_query_int(&q, in->use_growth);
    ns_query_int(&q, in->use_seasons);
    ns_query_text(&q, ns_prediction_confidence_name(in->threshold));
    ns_query_int(&q, in->created_at);
    ns_query_int(&q, in->updated_at);
    ns_query_text(&q, in->instructions);
    ns_rc rc = ns_query_run(&q, err);
    ns_buf_fini(&retailers);
    free(brands);
    return rc;
}
