#include "agent/store/rows.h"

#include <string.h>

enum {
    MEASURE_ADD, MEASURES, WEIGHT_NEWEST, WEIGHT_WRITE, HEIGHT_WRITE, MARK_ADD, MARK, MARK_DROP, MARKS,
    TERM, TERM_SET, DELIVERY, DELIVERY_SET, LEAKS, PACK, SUPPLY_USE, SUPPLY_STOCK, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [MEASURE_ADD] = "INSERT INTO measurements (id, child_id, local_day, weight_g, height_mm, "
                    "created_at) VALUES (?, ?, ?, ?, ?, ?)",
    [MEASURES] = "SELECT id, child_id, local_day, weight_g, height_mm, created_at "
                 "FROM measurements WHERE child_id = ? ORDER BY local_day, seq",
    [WEIGHT_NEWEST] = "SELECT max(local_day) FROM measurements WHERE child_id = ?",
    [WEIGHT_WRITE] = "UPDATE children SET current_weight_g = ?, updated_at = ? WHERE id = ?",
    [HEIGHT_WRITE] = "UPDATE children SET current_height_mm = ?, updated_at = ? WHERE id = ?",
    [MARK_ADD] = "INSERT INTO child_marks (id, child_id, kind, first_day, last_day, weekdays, "
                 "created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [MARK] = "SELECT id, child_id, kind, first_day, last_day, weekdays, created_at "
             "FROM child_marks WHERE id = ?",
    [MARK_DROP] = "DELETE FROM child_marks WHERE id = ?",
    [MARKS] = "SELECT id, child_id, kind, first_day, last_day, weekdays, created_at "
              "FROM child_marks WHERE child_id = ? ORDER BY first_day",
    [TERM] = "SELECT days_early FROM birth_terms WHERE child_id = ?",
    [TERM_SET] = "INSERT INTO birth_terms (child_id, days_early) VALUES (?, ?) "
                 "ON CONFLICT (child_id) DO UPDATE SET days_early = excluded.days_early",
    [DELIVERY] = "SELECT early_days, usual_days, late_days FROM delivery_times WHERE one = 1",
    [DELIVERY_SET] = "INSERT INTO delivery_times (one, early_days, usual_days, late_days) "
                     "VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET "
                     "early_days = excluded.early_days, usual_days = excluded.usual_days, "
                     "late_days = excluded.late_days",
    [LEAKS] = "SELECT count(*) FROM usage_logs WHERE child_id = ? AND local_day >= ? AND "
              "is_change AND had_leakage = 1",
    [PACK] = "SELECT brand, quantity_total, initial, max(seq) FROM inventory_items WHERE child_id = ? "
             "AND product_type = 'DIAPER' AND size = ? AND deleted_at IS NULL",
    [SUPPLY_USE] = "SELECT local_day, sum(quantity_used) FROM usage_logs WHERE child_id = ? AND "
                   "local_day BETWEEN ? AND ? AND usage_type = ? GROUP BY local_day",
    [SUPPLY_STOCK] = "SELECT sum(quantity_remaining), sum(quantity_total), min(purchase_date) "
                     "FROM inventory_items WHERE child_id = ? AND product_type = ? AND "
                     "deleted_at IS NULL",
};

ns_rc ns_row_measurement_add(struct ns_db *db, const struct ns_measurement *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[MEASURE_ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->child_id);
    ns_query_int(&q, in->local_day);
    ns_query_opt(&q, in->weight_g, NS_NONE);
    ns_query_opt(&q, in->height_mm, NS_NONE);
    ns_query_int(&q, in->created_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_measurements(struct ns_db *db, ns_id child, struct ns_arena *arena,
                          struct ns_measurement **out, int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[MEASURES]);
    ns_query_id(&q, child);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_measurement);
        (*out)[(*count)++] = (struct ns_measurement){
            .id = ns_col_id(&q, 0), .child_id = ns_col_id(&q, 1),
            .local_day = (ns_date)ns_col_int(&q, 2), .weight_g = (int)ns_col_opt(&q, 3, NS_NONE),
            .height_mm = (int)ns_col_opt(&q, 4, NS_NONE), .created_at = ns_col_int(&q, 5)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_measured_last(struct ns_db *db, ns_id child, ns_date *out, struct ns_err *err) {
    struct ns_query q;
    *out = NS_DATE_NONE;
    ns_query_start(&q, db, queries[WEIGHT_NEWEST]);
    ns_query_id(&q, child);
    if (ns_query_row(&q)) {
        *out = (ns_date)ns_col_opt(&q, 0, NS_DATE_NONE);
    }
    return ns_query_end(&q, err);
}

static ns_rc write_one(struct ns_db *db, int query, ns_id child, int value, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[query]);
    ns_query_int(&q, value);
    ns_query_int(&q, now);
    ns_query_id(&q, child);
    return ns_query_run(&q, err);
}

ns_rc ns_row_child_measured(struct ns_db *db, const struct ns_measurement *in, ns_time now, struct ns_err *err) {
    ns_rc rc = in->weight_g == NS_NONE ? NS_OK : write_one(db, WEIGHT_WRITE, in->child_id, in->weight_g, now, err);
    return rc != NS_OK || in->height_mm == NS_NONE
               ? rc : write_one(db, HEIGHT_WRITE, in->child_id, in->height_mm, now, err);
}

ns_rc ns_row_mark_add(struct ns_db *db, const struct ns_mark *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[MARK_ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->child_id);
    ns_query_text(&q, ns_child_mark_name(in->kind));
    ns_query_int(&q, in->first_day);
    ns_query_opt(&q, in->last_day, NS_DATE_NONE);
    ns_query_int(&q, in->weekdays);
    ns_query_int(&q, in->created_at);
    return ns_query_run(&q, err);
}

static void read_mark(const struct ns_query *q, struct ns_mark *out) {
    *out = (struct ns_mark){.id = ns_col_id(q, 0), .child_id = ns_col_id(q, 1),
                            .first_day = (ns_date)ns_col_int(q, 3),
                            .last_day = (ns_date)ns_col_opt(q, 4, NS_DATE_NONE),
                            .weekdays = (int)ns_col_int(q, 5), .created_at = ns_col_int(q, 6)};
    ns_child_mark_parse(ns_col_bytes(q, 2), &out->kind);
}

ns_rc ns_row_mark(struct ns_db *db, ns_id id, struct ns_mark *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[MARK]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        read_mark(&q, out);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_mark_drop(struct ns_db *db, ns_id id, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[MARK_DROP]);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_child_marks(struct ns_db *db, ns_id child, struct ns_arena *arena, struct ns_mark **out,
                   int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[MARKS]);
    ns_query_id(&q, child);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_mark);
        read_mark(&q, &(*out)[(*count)++]);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_days_early(struct ns_db *db, ns_id child, int *out, struct ns_err *err) {
    struct ns_query q;
    *out = 0;
    ns_query_start(&q, db, queries[TERM]);
    ns_query_id(&q, child);
    if (ns_query_row(&q)) {
        *out = (int)ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_days_early_set(struct ns_db *db, ns_id child, int days, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TERM_SET]);
    ns_query_id(&q, child);
    ns_query_int(&q, days);
    return ns_query_run(&q, err);
}

ns_rc ns_row_delivery(struct ns_db *db, struct ns_delivery *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DELIVERY]);
    *found = ns_query_row(&q);
    if (*found) {
        *out = (struct ns_delivery){(int)ns_col_int(&q, 0), (int)ns_col_int(&q, 1), (int)ns_col_int(&q, 2)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_delivery_set(struct ns_db *db, const struct ns_delivery *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DELIVERY_SET]);
    ns_query_int(&q, in->early_days);
    ns_query_int(&q, in->usual_days);
    ns_query_int(&q, in->late_days);
    return ns_query_run(&q, err);
}

ns_rc ns_row_leaks_since(struct ns_db *db, ns_id child, ns_date since, int *out, struct ns_err *err) {
    struct ns_query q;
    *out = 0;
    ns_query_start(&q, db, queries[LEAKS]);
    ns_query_id(&q, child);
    ns_query_int(&q, since);
    if (ns_query_row(&q)) {
        *out = (int)ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_pack_newest(struct ns_db *db, ns_id child, enum ns_size size, struct ns_arena *arena,
                         struct ns_pack *out, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_pack){0};
    ns_query_start(&q, db, queries[PACK]);
    ns_query_id(&q, child);
    ns_query_text(&q, ns_size_name(size));
    if (ns_query_row(&q) && !ns_col_null(&q, 3)) {
        out->brand = ns_col_text(&q, 0, arena);
        out->pieces = ns_col_int(&q, 2) != 0 ? 0 : ns_col_int(&q, 1); /* a count at the start is no pack */
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_supply(struct ns_db *db, ns_id child, enum ns_product_type product, enum ns_usage_type usage,
                    ns_date from, ns_date to, struct ns_supply_rows *out, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_supply_rows){.first_day = NS_DATE_NONE, .first_purchase = NS_TIME_NONE};
    ns_query_start(&q, db, queries[SUPPLY_USE]);
    ns_query_id(&q, child);
    ns_query_int(&q, from);
    ns_query_int(&q, to);
    ns_query_text(&q, ns_usage_type_name(usage));
    while (ns_query_row(&q)) {
        double used = (double)ns_col_int(&q, 1);
        ns_date day = (ns_date)ns_col_int(&q, 0);
        out->first_day = out->first_day == NS_DATE_NONE || day < out->first_day ? day : out->first_day;
        out->used += used;
        out->used_square += used * used;
    }
    ns_rc rc = ns_query_end(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[SUPPLY_STOCK]);
    ns_query_id(&q, child);
    ns_query_text(&q, ns_product_type_name(product));
    if (ns_query_row(&q) && !ns_col_null(&q, 0)) {
        out->stocked = true;
        out->left = ns_col_int(&q, 0);
        out->bought = ns_col_int(&q, 1);
        out->first_purchase = ns_col_int(&q, 2);
    }
    return ns_query_end(&q, err);
}

const struct ns_query_table ns_queries_family = {"family", queries, Q_COUNT};
