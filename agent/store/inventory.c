#include "agent/store/rows.h"

#include <string.h>

#define COLUMNS                                                                                \
    "id, child_id, product_type, brand, product_name, size, quantity_total, "                  \
    "quantity_remaining, quantity_reserved, purchase_date, cost_cents, expiry_date, "          \
    "expiry_day, storage_location, opened_date, notes, quality_rating, would_rebuy, created_at"
#define READ                                                                                   \
    "id, child_id, product_type, brand, product_name, size, quantity_total, "                  \
    "quantity_remaining, quantity_reserved, purchase_date, cost_cents, expiry_date, "          \
    "expiry_day, storage_location, opened_date, person_open(child_id, notes), "                \
    "quality_rating, would_rebuy, created_at"
#define AVAILABLE "quantity_remaining > quantity_reserved AND deleted_at IS NULL "
#define OLDEST_FIRST "ORDER BY expiry_day IS NULL, expiry_day, purchase_date, seq LIMIT 1"

enum {
    BY_ID, LIST, LIST_TYPE, TOTAL, TOTAL_TYPE, ADD, WRITE, TO_TAKE, TO_TAKE_ANY, TAKE, INITIAL,
    STOCK, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [BY_ID] = "SELECT " READ " FROM inventory_items WHERE id = ? AND deleted_at IS NULL",
    [LIST] = "SELECT " READ " FROM inventory_items WHERE child_id = ? AND deleted_at IS NULL "
             "ORDER BY purchase_date DESC, seq DESC LIMIT ? OFFSET ?",
    [LIST_TYPE] = "SELECT " READ " FROM inventory_items WHERE child_id = ? AND "
                  "product_type = ? AND deleted_at IS NULL "
                  "ORDER BY purchase_date DESC, seq DESC LIMIT ? OFFSET ?",
    [TOTAL] = "SELECT count(*) FROM inventory_items WHERE child_id = ? AND deleted_at IS NULL",
    [TOTAL_TYPE] = "SELECT count(*) FROM inventory_items WHERE child_id = ? AND product_type = ? "
                   "AND deleted_at IS NULL",
    [ADD] = "INSERT INTO inventory_items (" COLUMNS ", initial) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
            "person_seal(?2, ?16), ?17, ?18, ?19, ?20)",
    [WRITE] = "UPDATE inventory_items SET quantity_total = ?, quantity_remaining = ?, "
              "storage_location = ?, notes = person_seal(child_id, ?), quality_rating = ?, would_rebuy = ?, "
              "purchase_date = ?, opened_date = ? WHERE id = ?",
    [TO_TAKE] = "SELECT id FROM inventory_items WHERE child_id = ? AND product_type = ? AND "
                "size = ? AND (expiry_day IS NULL OR expiry_day >= ?) AND " AVAILABLE OLDEST_FIRST,
    [TO_TAKE_ANY] = "SELECT id FROM inventory_items WHERE child_id = ? AND product_type = ? AND "
                    "(expiry_day IS NULL OR expiry_day >= ?) AND " AVAILABLE OLDEST_FIRST,
    [TAKE] = "UPDATE inventory_items SET quantity_remaining = quantity_remaining - ?, "
             "opened_date = coalesce(opened_date, ?) WHERE id = ?",
    [INITIAL] = "SELECT id FROM inventory_items WHERE child_id = ? AND product_type = 'DIAPER' AND "
                "size = ? AND lower(brand) = lower(?) AND expiry_day IS ? AND initial = 1 AND "
                "deleted_at IS NULL ORDER BY seq LIMIT 1",
    [STOCK] = "SELECT count(*), coalesce(sum(CASE WHEN size = ? AND deleted_at IS NULL AND "
              "(expiry_day IS NULL OR expiry_day >= ?) "
              "THEN max(0, quantity_remaining - quantity_reserved) ELSE 0 END), 0) "
              "FROM inventory_items WHERE child_id = ? AND product_type = 'DIAPER'",
};

static void read_item(const struct ns_query *q, struct ns_arena *arena,
                      struct ns_inventory_item *i) {
    int64_t remaining = ns_col_int(q, 7), reserved = ns_col_int(q, 8);
    *i = (struct ns_inventory_item){
        .id = ns_col_id(q, 0),
        .child_id = ns_col_id(q, 1),
        .brand = ns_col_text(q, 3, arena),
        .product_name = ns_col_text(q, 4, arena),
        .size = ns_col_text(q, 5, arena),
        .quantity_total = ns_col_int(q, 6),
        .quantity_remaining = remaining,
        .quantity_reserved = reserved,
        .quantity_available = remaining > reserved ? remaining - reserved : 0,
        .purchase_date = ns_col_int(q, 9),
        .has_cost = !ns_col_null(q, 10),
        .cost = ns_col_int(q, 10),
        .expiry_date = ns_col_opt(q, 11, NS_TIME_NONE),
        .expiry_day = (ns_date)ns_col_opt(q, 12, NS_DATE_NONE),
        .storage_location = ns_col_text(q, 13, arena),
        .is_opened = !ns_col_null(q, 14),
        .opened_date = ns_col_opt(q, 14, NS_TIME_NONE),
        .notes = ns_col_text(q, 15, arena),
        .quality_rating = (int)ns_col_opt(q, 16, NS_NONE),
        .would_rebuy = (int)ns_col_opt(q, 17, NS_NONE),
        .created_at = ns_col_int(q, 18),
    };
    ns_product_type_parse(ns_col_bytes(q, 2), &i->product_type);
}

ns_rc ns_row_item(struct ns_db *db, ns_id id, struct ns_arena *arena,
                  struct ns_inventory_item *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_inventory_item){0};
    ns_query_start(&q, db, queries[BY_ID]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        read_item(&q, arena, out);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_items(struct ns_db *db, ns_id child, int product, int limit, int offset,
                   struct ns_arena *arena, struct ns_inventory_item **out, int *count,
                   int64_t *total, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    const char *type = product == NS_NONE ? NULL
                                          : ns_product_type_name((enum ns_product_type)product);
    *out = NULL;
    *count = 0;
    *total = 0;
    ns_query_start(&q, db, queries[type == NULL ? LIST : LIST_TYPE]);
    ns_query_id(&q, child);
    if (type != NULL) {
        ns_query_text(&q, type);
    }
    ns_query_int(&q, limit);
    ns_query_int(&q, offset);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_inventory_item);
        read_item(&q, arena, &(*out)[(*count)++]);
    }
    ns_rc rc = ns_query_end(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[type == NULL ? TOTAL : TOTAL_TYPE]);
    ns_query_id(&q, child);
    if (type != NULL) {
        ns_query_text(&q, type);
    }
    if (ns_query_row(&q)) {
        *total = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_item_add(struct ns_db *db, const struct ns_inventory_item *in, bool initial,
                      struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->child_id);
    ns_query_text(&q, ns_product_type_name(in->product_type));
    ns_query_text(&q, in->brand);
    ns_query_text(&q, in->product_name);
    ns_query_text(&q, in->size);
    ns_query_int(&q, in->quantity_total);
    ns_query_int(&q, in->quantity_remaining);
    ns_query_int(&q, in->quantity_reserved);
    ns_query_int(&q, in->purchase_date);
    ns_query_opt(&q, in->has_cost ? in->cost : -1, -1);
    ns_query_opt(&q, in->expiry_date, NS_TIME_NONE);
    ns_query_opt(&q, in->expiry_day, NS_DATE_NONE);
    ns_query_text(&q, in->storage_location);
    ns_query_opt(&q, in->opened_date, NS_TIME_NONE);
    ns_query_text(&q, in->notes);
    ns_query_opt(&q, in->quality_rating, NS_NONE);
    ns_query_opt(&q, in->would_rebuy, NS_NONE);
    ns_query_int(&q, in->created_at);
    ns_query_int(&q, initial);
    return ns_query_run(&q, err);
}

ns_rc ns_row_item_write(struct ns_db *db, const struct ns_inventory_item *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[WRITE]);
    ns_query_int(&q, in->quantity_total);
    ns_query_int(&q, in->quantity_remaining);
    ns_query_text(&q, in->storage_location);
    ns_query_text(&q, in->notes);
    ns_query_opt(&q, in->quality_rating, NS_NONE);
    ns_query_opt(&q, in->would_rebuy, NS_NONE);
    ns_query_int(&q, in->purchase_date);
    ns_query_opt(&q, in->opened_date, NS_TIME_NONE);
    ns_query_id(&q, in->id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_item_to_take(struct ns_db *db, ns_id child, enum ns_product_type product,
                          const char *size, ns_date day, ns_id *out, struct ns_err *err) {
    struct ns_query q;
    *out = (ns_id){{0}};
    ns_query_start(&q, db, queries[size == NULL ? TO_TAKE_ANY : TO_TAKE]);
    ns_query_id(&q, child);
    ns_query_text(&q, ns_product_type_name(product));
    if (size != NULL) {
        ns_query_text(&q, size);
    }
    ns_query_int(&q, day);
    if (ns_query_row(&q)) {
        *out = ns_col_id(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_item_take(struct ns_db *db, ns_id id, int64_t pieces, ns_time now,
                       struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TAKE]);
    ns_query_int(&q, pieces);
    ns_query_int(&q, now);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_item_initial(struct ns_db *db, ns_id child, const char *brand, const char *size,
                          ns_date expiry_day, ns_id *out, struct ns_err *err) {
    struct ns_query q;
    *out = (ns_id){{0}};
    ns_query_start(&q, db, queries[INITIAL]);
    ns_query_id(&q, child);
    ns_query_text(&q, size);
    ns_query_text(&q, brand);
    ns_query_opt(&q, expiry_day, NS_DATE_NONE);
    if (ns_query_row(&q)) {
        *out = ns_col_id(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_stock(struct ns_db *db, ns_id child, const char *size, ns_date today, int64_t *usable,
                   bool *ever, struct ns_err *err) {
    struct ns_query q;
    *usable = 0;
    *ever = false;
    ns_query_start(&q, db, queries[STOCK]);
    ns_query_text(&q, size);
    ns_query_int(&q, today);
    ns_query_id(&q, child);
    if (ns_query_row(&q)) {
        *ever = ns_col_int(&q, 0) > 0;
        *usable = ns_col_int(&q, 1);
    }
    return ns_query_end(&q, err);
}

const struct ns_query_table ns_queries_inventory = {"inventory", queries, Q_COUNT};
