#include "agent/household/act.h"

#define QUANTITY_MAX 10000
#define COST_MAX 1000000 /* cents: 10,000 dollars a pack */

static ns_rc check_quantity(int64_t quantity, int64_t low, int64_t high, struct ns_err *err) {
    char shown[24], from[24], to[24];
    if (quantity >= low && quantity <= high) {
        return NS_OK;
    }
    snprintf(shown, sizeof shown, "%lld", (long long)quantity);
    snprintf(from, sizeof from, "%lld", (long long)low);
    snprintf(to, sizeof to, "%lld", (long long)high);
    return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_quantity_range, shown, from, to);
}

static bool is_worn(enum ns_product_type type) {
    return type == NS_PRODUCT_DIAPER || type == NS_PRODUCT_TRAINING_PANTS ||
           type == NS_PRODUCT_SWIMWEAR;
}

/* One spelling for a size that is one of ours; what is worn must be one of them. */
static ns_rc size_text(const struct ns_act *act, enum ns_product_type type, const char *in,
                       const char **out, struct ns_err *err) {
    enum ns_size size;
    if (in != NULL && ns_size_parse(ns_str_of(in), &size)) {
        *out = ns_size_name(size);
        return NS_OK;
    }
    if (type == NS_PRODUCT_DIAPER) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_size_unknown, in != NULL ? in : "", NULL, NULL);
    }
    return act_text(act, in, 40, is_worn(type), NS_MSG_hh_field_size, out, err);
}

static ns_rc check_dates(const struct ns_act *act, struct ns_inventory_item *item,
                         struct ns_err *err) {
    char text[NS_DATE_TEXT];
    ns_date today = ns_act_today(act);
    ns_date bought = ns_zone_local_day(act->zone, item->purchase_date);
    if (bought > today + 1 || bought < today - 20 * 366) {
        ns_date_format(bought, text);
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_purchase_odd, text, NULL, NULL);
    }
    item->expiry_day = NS_DATE_NONE;
    if (item->expiry_date != NS_TIME_NONE) {
        item->expiry_day = ns_zone_local_day(act->zone, item->expiry_date);
        if (item->expiry_day < bought) {
            ns_date_format(item->expiry_day, text);
            return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_expiry_early, text, NULL, NULL);
        }
    }
    return NS_OK;
}

/* Empty: no brand was named; whoever shows it says so in the reader's language. */
static ns_rc act_brand(const struct ns_act *act, const char *in, const char **out, struct ns_err *err) {
    ns_rc rc = act_text(act, in, 100, false, NS_MSG_hh_field_brand, out, err);
    *out = *out != NULL ? *out : "";
    return rc;
}

static ns_rc take_item(const struct ns_act *act, const struct ns_item_input *in,
                       struct ns_inventory_item *item, struct ns_err *err) {
    ns_rc rc = act_brand(act, in->brand, &item->brand, err);
    if (rc == NS_OK) {
        rc = act_text(act, in->product_name, 200, false, NS_MSG_hh_field_product,
                      &item->product_name, err);
    }
    if (rc == NS_OK) {
        rc = size_text(act, in->product_type, in->size, &item->size, err);
        item->size = item->size != NULL ? item->size : "";
    }
    if (rc == NS_OK) {
        rc = check_quantity(in->quantity, 1, QUANTITY_MAX, err);
    }
    if (rc == NS_OK && in->has_cost && (in->cost < 0 || in->cost > COST_MAX)) {
        char shown[NS_MONEY_TEXT];
        ns_money_format(in->cost, shown);
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_hh_cost_range, shown, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = act_text(act, in->storage_location, 100, false, NS_MSG_hh_field_location,
                      &item->storage_location, err);
    }
    if (rc == NS_OK) {
        rc = act_text(act, in->notes, 2000, false, NS_MSG_hh_field_notes, &item->notes, err);
    }
    return rc == NS_OK ? check_dates(act, item, err) : rc;
}

ns_rc ns_item_create(const struct ns_act *act, const struct ns_item_input *in,
                     struct ns_inventory_item *out, ns_id *action, struct ns_err *err) {
    struct ns_child child;
    *out = (struct ns_inventory_item){
        .id = ns_id_new(act->env),
        .child_id = in->child_id,
        .product_type = in->product_type,
        .quantity_total = in->quantity,
        .quantity_remaining = in->quantity,
        .quantity_available = in->quantity,
        .purchase_date = in->purchase_date == NS_TIME_NONE ? act->now : in->purchase_date,
        .has_cost = in->has_cost,
        .cost = in->cost,
        .expiry_date = in->expiry_date,
        .opened_date = NS_TIME_NONE,
        .quality_rating = NS_NONE,
        .would_rebuy = NS_NONE,
        .created_at = act->now,
    };
    ns_rc rc = take_item(act, in, out, err);
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    rc = act_child(act, in->child_id, &child, err);
    if (rc == NS_OK) {
        rc = ns_row_item_add(act->db, out, false, err);
    }
    if (rc == NS_OK) {
        rc = act_undoable(act, NS_ACTION_STOCK, "ITEM_NEW", in->child_id, out->id, "{}", action, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "INVENTORY_CREATED", "inventory_item", out->id, NULL, err);
    }
    return act_end(act, rc, err);
}

static ns_rc take_change(const struct ns_act *act, const struct ns_item_change *in,
                         struct ns_inventory_item *item, struct ns_err *err) {
    ns_rc rc = NS_OK;
    if ((in->set & NS_ITEM_REMAINING) != 0) {
        rc = check_quantity(in->quantity_remaining, 0, item->quantity_total, err);
        item->quantity_remaining = in->quantity_remaining;
    }
    if (rc == NS_OK && (in->set & NS_ITEM_LOCATION) != 0) {
        rc = act_text(act, in->storage_location, 100, false, NS_MSG_hh_field_location,
                      &item->storage_location, err);
    }
    if (rc == NS_OK && (in->set & NS_ITEM_NOTES) != 0) {
        rc = act_text(act, in->notes, 2000, false, NS_MSG_hh_field_notes, &item->notes, err);
    }
    if (rc == NS_OK && (in->set & NS_ITEM_RATING) != 0) {
        if (in->quality_rating != NS_NONE && (in->quality_rating < 1 || in->quality_rating > 5)) {
            rc = ns_err_say(err, NS_E_INPUT, NS_MSG_hh_rating_range, NULL, NULL, NULL);
        }
        item->quality_rating = in->quality_rating;
    }
    if ((in->set & NS_ITEM_REBUY) != 0) {
        item->would_rebuy = in->would_rebuy;
    }
    int64_t left = item->quantity_remaining - item->quantity_reserved;
    item->quantity_available = left > 0 ? left : 0;
    return rc;
}

ns_rc ns_item_update(const struct ns_act *act, ns_id item, const struct ns_item_change *in,
                     struct ns_inventory_item *out, ns_id *action, struct ns_err *err) {
    bool found = false;
    const char *was = NULL;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_item(act->db, item, act->arena, out, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_item_unknown, NULL, NULL, NULL);
    }
    int64_t before = out->quantity_remaining;
    if (rc == NS_OK) {
        rc = take_change(act, in, out, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_item_json(act->db, item, act->arena, &was, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_item_write(act->db, out, err);
    }
    if (rc == NS_OK) {
        char *data = ns_arena_printf(act->arena, "{\"delta\":%lld,\"was\":%s}",
                                     (long long)(out->quantity_remaining - before), was);
        rc = act_undoable(act, NS_ACTION_STOCK, "ITEM_CHANGE", out->child_id, item, data, action,
                          err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "INVENTORY_UPDATED", "inventory_item", item, NULL, err);
    }
    return act_end(act, rc, err);
}

/* What a repeated or corrected start of stock did, for the way back. */
struct initial_notes {
    struct ns_buf added;
    struct ns_buf changed;
};

static void hex_id(ns_id id, char out[33]) {
    for (int i = 0; i < 16; i++) {
        snprintf(out + 2 * i, 3, "%02X", id.b[i]);
    }
}

static ns_rc set_one(const struct ns_act *act, ns_id child, const struct ns_initial_item *in,
                     const char *brand, int64_t quantity, struct initial_notes *notes,
                     struct ns_err *err) {
    struct ns_inventory_item item;
    ns_id known;
    bool found = false;
    char hex[33];
    ns_rc rc = ns_row_item_initial(act->db, child, brand, ns_size_name(in->size), in->expiry_date,
                                   &known, err);
    if (rc == NS_OK && !ns_id_is_zero(known)) {
        rc = ns_row_item(act->db, known, act->arena, &item, &found, err);
        if (rc != NS_OK || item.quantity_total == quantity) {
            return rc; /* said before: nothing to do */
        }
        int64_t used = item.quantity_total - item.quantity_remaining;
        int64_t rest = quantity > used ? quantity - used : 0;
        hex_id(known, hex);
        ns_buf_fmt(&notes->changed, "%s{\"id\":\"%s\",\"total\":%lld,\"rest\":%lld}",
                   notes->changed.len > 0 ? "," : "", hex,
                   (long long)(quantity - item.quantity_total),
                   (long long)(rest - item.quantity_remaining));
        item.quantity_total = quantity;
        item.quantity_remaining = rest;
        return ns_row_item_write(act->db, &item, err);
    }
    item = (struct ns_inventory_item){
        .id = ns_id_new(act->env),
        .child_id = child,
        .product_type = NS_PRODUCT_DIAPER,
        .brand = brand,
        .size = ns_size_name(in->size),
        .quantity_total = quantity,
        .quantity_remaining = quantity,
        .purchase_date = in->purchase_date == NS_DATE_NONE
                             ? act->now
                             : ns_zone_instant(act->zone, in->purchase_date, 12 * 60),
        .expiry_date = in->expiry_date == NS_DATE_NONE
                           ? NS_TIME_NONE
                           : ns_zone_instant(act->zone, in->expiry_date, 12 * 60),
        .opened_date = NS_TIME_NONE,
        .quality_rating = NS_NONE,
        .would_rebuy = NS_NONE,
        .created_at = act->now,
    };
    if (rc == NS_OK) {
        rc = check_dates(act, &item, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_item_add(act->db, &item, true, err);
        hex_id(item.id, hex);
        ns_buf_fmt(&notes->added, "%s\"%s\"", notes->added.len > 0 ? "," : "", hex);
    }
    return rc;
}

/* Equal packs named twice in one call are one pack of the sum. */
static ns_rc set_all(const struct ns_act *act, ns_id child, const struct ns_initial_item *in,
                     int count, struct initial_notes *notes, struct ns_err *err) {
    const char **brands = NS_NEW_N(act->arena, const char *, (size_t)count);
    bool *counted = NS_NEW_N(act->arena, bool, (size_t)count);
    ns_rc rc = NS_OK;
    for (int i = 0; rc == NS_OK && i < count; i++) {
        rc = act_brand(act, in[i].brand, &brands[i], err);
        if (rc == NS_OK) {
            rc = check_quantity(in[i].quantity, 1, QUANTITY_MAX, err);
        }
    }
    for (int i = 0; rc == NS_OK && i < count; i++) {
        int64_t quantity = 0;
        for (int j = i; j < count && !counted[i]; j++) {
            if (!counted[j] && in[j].size == in[i].size &&
                in[j].expiry_date == in[i].expiry_date &&
                ns_str_is_nocase(ns_str_of(brands[j]), brands[i])) {
                quantity += in[j].quantity;
                counted[j] = j > i;
            }
        }
        if (quantity > 0) {
            rc = set_one(act, child, &in[i], brands[i], quantity, notes, err);
        }
    }
    return rc;
}

ns_rc ns_item_set_initial(const struct ns_act *act, ns_id child, const struct ns_initial_item *in,
                          int count, ns_id *action, struct ns_err *err) {
    struct initial_notes notes = {NS_BUF(1 << 18), NS_BUF(1 << 18)};
    struct ns_child known;
    if (count < 1 || count > 200) {
        return check_quantity(count, 1, 200, err);
    }
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = act_child(act, child, &known, err);
    if (rc == NS_OK) {
        rc = set_all(act, child, in, count, &notes, err);
    }
    if (rc == NS_OK) {
        char *data = ns_arena_printf(act->arena, "{\"added\":[%s],\"changed\":[%s]}",
                                     notes.added.data != NULL ? notes.added.data : "",
                                     notes.changed.data != NULL ? notes.changed.data : "");
        rc = act_undoable(act, NS_ACTION_STOCK, "INITIAL", child, child, data, action, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "INVENTORY_SET_INITIAL", "child", child,
                       ns_arena_printf(act->arena, "{\"items\":%d}", count), err);
    }
    ns_buf_fini(&notes.added);
    ns_buf_fini(&notes.changed);
    return act_end(act, rc, err);
}

ns_rc ns_item_list(struct ns_db *db, ns_id child, int product, int limit, int offset,
                   struct ns_arena *arena, struct ns_item_page *out, struct ns_err *err) {
    struct ns_inventory_item *items = NULL;
    *out = (struct ns_item_page){0};
    ns_rc rc = ns_row_items(db, child, product, act_clamp(limit, 0, 500),
                            act_clamp(offset, 0, INT32_MAX), arena, &items, &out->count,
                            &out->total, err);
    out->items = items;
    return rc;
}

bool ns_item_expired(const struct ns_inventory_item *item, ns_date today) {
    return item->expiry_day != NS_DATE_NONE && today > item->expiry_day;
}

ns_rc ns_household_usable_stock(struct ns_db *db, ns_id child, enum ns_size size, ns_date today,
                                int64_t *out, bool *ever, struct ns_err *err) {
    return ns_row_stock(db, child, ns_size_name(size), today, out, ever, err);
}
