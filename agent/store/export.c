/* export.c: the statements of an export, and the form of each value by its column's name.
 *
 * A section selects every column there is, so that a column added later is not forgotten; what is
 * sealed is selected once more, opened, under the same name, and the later one counts. */
#include "agent/store/export.h"
#include "shared/base/str.h"
#include "shared/model/model.h"

#include <sqlite3.h>
#include <string.h>

#define KEPT "(deleted_at IS NULL OR ?1)"
#define CHILDREN "(SELECT id FROM children WHERE (deleted_at IS NULL OR ?1) AND (?2 IS NULL OR id = ?2))"
#define OF_CHILD "child_id IN " CHILDREN

enum {
    HOUSEHOLD, USERS, DEVICES, CONSENTS, CHILDREN_ROWS, MEASUREMENTS, MARKS, TERMS, DAYS, LOGS, ITEMS, IMPORTS,
    REORDER, PAUSES, PREDICTIONS, PREDICTED, ORDERS, LINES, EVENTS, DELIVERY, LIMITS, SHOPS, PRODUCTS, OFFERS, PRICES,
    WATCHES, PLANS, TRIALS, USES, BILLS, CARDS, TOLD, WISHES, NOTICES, COPIES, LEFT, AUDIT, SECTIONS,
    LOG = SECTIONS, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [HOUSEHOLD] = "SELECT * FROM household",
    [USERS] = "SELECT * FROM users",
    [DEVICES] = "SELECT * FROM devices",
    [CONSENTS] = "SELECT * FROM consents ORDER BY seq",
    [CHILDREN_ROWS] = "SELECT *, person_open(id, name) AS name, person_open(id, allergies_notes) AS allergies_notes, "
                      "person_open(id, special_needs) AS special_needs FROM children "
                      "WHERE " KEPT " AND (?2 IS NULL OR id = ?2) ORDER BY seq",
    [MEASUREMENTS] = "SELECT * FROM measurements WHERE " OF_CHILD " ORDER BY seq",
    [MARKS] = "SELECT * FROM child_marks WHERE " OF_CHILD " ORDER BY seq",
    [TERMS] = "SELECT * FROM birth_terms WHERE " OF_CHILD,
    [DAYS] = "SELECT * FROM usage_days WHERE " OF_CHILD,
    [LOGS] = "SELECT *, person_open(child_id, caregiver_name) AS caregiver_name, person_open(child_id, notes) AS notes, "
             "person_open(child_id, health_notes) AS health_notes FROM usage_logs WHERE " OF_CHILD " ORDER BY seq",
    [ITEMS] = "SELECT *, person_open(child_id, notes) AS notes FROM inventory_items WHERE " KEPT " AND " OF_CHILD
              " ORDER BY seq",
    [IMPORTS] = "SELECT * FROM imports WHERE " OF_CHILD " ORDER BY seq",
    [REORDER] = "SELECT *, person_open(child_id, delivery_instructions) AS delivery_instructions "
                "FROM reorder_preferences WHERE " OF_CHILD,
    [PAUSES] = "SELECT * FROM reorder_pauses WHERE " OF_CHILD,
    [PREDICTIONS] = "SELECT * FROM consumption_predictions WHERE " OF_CHILD " ORDER BY seq",
    [PREDICTED] = "SELECT * FROM consumption_prediction_days WHERE prediction_seq IN "
                  "(SELECT seq FROM consumption_predictions WHERE " OF_CHILD ")",
    [ORDERS] = "SELECT *, person_open(child_id, delivery_address) AS delivery_address, "
               "person_open(child_id, score_note) AS score_note FROM reorder_transactions "
               "WHERE ?2 IS NULL OR child_id = ?2 ORDER BY seq",
    [LINES] = "SELECT * FROM order_lines WHERE order_seq IN "
              "(SELECT seq FROM reorder_transactions WHERE ?2 IS NULL OR child_id = ?2)",
    [EVENTS] = "SELECT * FROM order_events WHERE order_seq IN "
               "(SELECT seq FROM reorder_transactions WHERE ?2 IS NULL OR child_id = ?2) ORDER BY seq",
    [DELIVERY] = "SELECT * FROM delivery_times",
    [LIMITS] = "SELECT * FROM spending_limits",
    [SHOPS] = "SELECT id, user_id, retailer_type, retailer_name, is_active, api_endpoint, partner_tag, store_id, created_at "
              "FROM retailer_configurations", /* without its keys */
    [PRODUCTS] = "SELECT * FROM products ORDER BY seq",
    [OFFERS] = "SELECT * FROM offers",
    [PRICES] = "SELECT * FROM price_history ORDER BY seq",
    [WATCHES] = "SELECT * FROM price_watches",
    [PLANS] = "SELECT * FROM reorder_subscriptions",
    [TRIALS] = "SELECT * FROM trials",
    [USES] = "SELECT * FROM trial_uses",
    [BILLS] = "SELECT * FROM billing_records ORDER BY seq",
    [CARDS] = "SELECT * FROM payment_methods ORDER BY seq",
    [TOLD] = "SELECT * FROM billing_notices",
    [WISHES] = "SELECT * FROM notice_preferences",
    [NOTICES] = "SELECT * FROM notices WHERE ?2 IS NULL OR child_id = ?2 ORDER BY seq",
    [COPIES] = "SELECT * FROM backup_targets ORDER BY seq",
    [LEFT] = "SELECT * FROM egress_journal ORDER BY seq",
    [AUDIT] = "SELECT * FROM audit_log ORDER BY seq",
    [LOG] = "SELECT l.id, l.child_id, person_open(c.id, c.name), l.usage_type, person_open(c.id, l.caregiver_name), "
            "person_open(c.id, l.notes), l.logged_at, l.was_wet, l.was_soiled, l.had_leakage, l.quantity_used "
            "FROM usage_logs l JOIN children c ON c.id = l.child_id WHERE (c.deleted_at IS NULL OR ?1) "
            "AND (?2 IS NULL OR c.id = ?2) ORDER BY l.child_id, l.logged_at, l.seq",
};
const struct ns_query_table ns_queries_export = {"export", queries, Q_COUNT};

const struct ns_export_section ns_export_sections[] = {
    [HOUSEHOLD] = {"household", false},
    [USERS] = {"users", false},
    [DEVICES] = {"devices", false},
    [CONSENTS] = {"consents", false},
    [CHILDREN_ROWS] = {"children", true},
    [MEASUREMENTS] = {"measurements", true},
    [MARKS] = {"child_marks", true},
    [TERMS] = {"birth_terms", true},
    [DAYS] = {"usage_days", true},
    [LOGS] = {"usage_logs", true},
    [ITEMS] = {"inventory_items", true},
    [IMPORTS] = {"imports", true},
    [REORDER] = {"reorder_preferences", true},
    [PAUSES] = {"reorder_pauses", true},
    [PREDICTIONS] = {"consumption_predictions", true},
    [PREDICTED] = {"consumption_prediction_days", true},
    [ORDERS] = {"reorder_transactions", true},
    [LINES] = {"order_lines", true},
    [EVENTS] = {"order_events", true},
    [DELIVERY] = {"delivery_times", false},
    [LIMITS] = {"spending_limits", false},
    [SHOPS] = {"retailer_configurations", false},
    [PRODUCTS] = {"products", false},
    [OFFERS] = {"offers", false},
    [PRICES] = {"price_history", false},
    [WATCHES] = {"price_watches", false},
    [PLANS] = {"reorder_subscriptions", false},
    [TRIALS] = {"trials", false},
    [USES] = {"trial_uses", false},
    [BILLS] = {"billing_records", false},
    [CARDS] = {"payment_methods", false},
    [TOLD] = {"billing_notices", false},
    [WISHES] = {"notice_preferences", false},
    [NOTICES] = {"notices", true},
    [COPIES] = {"backup_targets", false},
    [LEFT] = {"egress_journal", false},
    [AUDIT] = {"audit_log", false},
};
const size_t ns_export_section_count = NS_COUNT(ns_export_sections);

const struct ns_export_stay ns_export_stays[] = {
    {"person_keys", "a key"},
    {"secrets", "keys of services"},
    {"sessions", "tokens of devices"},
    {"pairing", "a code"},
    {"notice_tokens", "tokens of devices"},
    {"audit_head", "repeats the last line of audit_log"},
    {"actions", "repeats what can be taken back, from the rows themselves"},
    {"client_mutations", "repeats answers for thirty days"},
    {"import_events", "repeats usage_logs"},
    {"import_problems", "lines of a file the family has"},
    {"import_reasons", "counts of import_problems"},
    {"prediction_records", "repeats usage_logs, packed"},
    {"order_needs", "hashes that keep an order from being made twice"},
    {"product_mappings", "numbers of products at shops"},
    {"outbox", "requests under way; bills and orders show what became of them"},
    {"outbox_attempts", "requests under way"},
    {"stripe_events", "reports of the payment service; bills show what they said"},
    {"stripe_state", "where reading those reports had come"},
    {"stripe_tax_rates", "names of tax rates at the payment service"},
};
const size_t ns_export_stay_count = NS_COUNT(ns_export_stays);

/* ---- one value ---- */

static bool is_one_of(const char *name, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool ends(const char *name, const char *tail) {
    size_t n = strlen(name), t = strlen(tail);
    return n >= t && strcmp(name + n - t, tail) == 0;
}

static bool is_instant(const char *name) {
    static const char *const names[] = {"at", "trial_start", "trial_end", "period_start", "period_end", "cooling_off_end",
                                        "grace_until", "purchase_date", "expiry_date", "opened_date", "prediction_date",
                                        "estimated_delivery_date", "estimated_delivery"};
    return ends(name, "_at") || is_one_of(name, names, NS_COUNT(names));
}

static bool is_day(const char *name) {
    static const char *const names[] = {"date_of_birth", "predicted_runout_date", "recommended_reorder_date",
                                        "size_change_estimated_date", "last_usage_date", "runout_earliest_date",
                                        "runout_latest_date"};
    return ends(name, "_day") || is_one_of(name, names, NS_COUNT(names));
}

static bool is_money(int section, const char *name) {
    static const char *const bill[] = {"subtotal", "gst", "hst", "pst", "qst", "total", "refunded"};
    return ends(name, "_cad") || ends(name, "_cents") || (section == USES && strcmp(name, "value_saved") == 0) ||
           (section == BILLS && is_one_of(name, bill, NS_COUNT(bill)));
}

static bool is_json(int section, const char *name) {
    static const char *const names[] = {"preferred_brands", "size_preferences", "feature_importance", "products",
                                        "explanation", "features"};
    return is_one_of(name, names, NS_COUNT(names)) || (section == AUDIT && strcmp(name, "detail") == 0);
}

static void quote(struct ns_buf *out, const char *text, size_t n) {
    ns_buf_char(out, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            ns_buf_char(out, '\\');
            ns_buf_char(out, (char)c);
        } else if (c < 0x20 || c == 0x7F) {
            ns_buf_fmt(out, "\\u%04x", c);
        } else {
            ns_buf_char(out, (char)c);
        }
    }
    ns_buf_char(out, '"');
}

static void put_int(struct ns_buf *out, int section, const char *name, int64_t value) {
    char text[NS_TIME_TEXT > NS_DATE_TEXT ? NS_TIME_TEXT : NS_DATE_TEXT];
    if (is_instant(name)) {
        ns_time_format(value, text);
        ns_buf_fmt(out, "\"%s\"", text);
    } else if (is_day(name)) {
        ns_date_format((ns_date)value, text);
        ns_buf_fmt(out, "\"%s\"", text);
    } else if (is_money(section, name)) {
        uint64_t cents = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
        ns_buf_fmt(out, "\"%s%llu.%02llu\"", value < 0 ? "-" : "", (unsigned long long)(cents / 100),
                   (unsigned long long)(cents % 100));
    } else {
        ns_buf_int(out, value);
    }
}

static void put_bytes(struct ns_buf *out, const uint8_t *bytes, size_t n) {
    ns_id id;
    char text[NS_ID_TEXT];
    ns_buf_char(out, '"');
    if (n == sizeof id.b) {
        memcpy(id.b, bytes, n);
        ns_id_format(id, text);
        ns_buf_text(out, text);
    } else {
        for (size_t i = 0; i < n; i++) {
            ns_buf_fmt(out, "%02x", bytes[i]);
        }
    }
    ns_buf_char(out, '"');
}

static void put_value(struct ns_buf *out, int section, sqlite3_stmt *st, int c) {
    const char *name = sqlite3_column_name(st, c);
    const char *text;
    size_t n;
    switch (sqlite3_column_type(st, c)) {
    case SQLITE_INTEGER: put_int(out, section, name, sqlite3_column_int64(st, c)); break;
    case SQLITE_FLOAT: ns_buf_fmt(out, "%.12g", sqlite3_column_double(st, c)); break;
    case SQLITE_BLOB:
        put_bytes(out, sqlite3_column_blob(st, c), (size_t)sqlite3_column_bytes(st, c));
        break;
    default:
        text = (const char *)sqlite3_column_text(st, c);
        n = (size_t)sqlite3_column_bytes(st, c);
        if (is_json(section, name) && n > 0 && (text[0] == '{' || text[0] == '[')) {
            ns_buf_add(out, text, n);
        } else {
            quote(out, text, n);
        }
        break;
    }
}

/* ---- rows ---- */

static void bind(struct ns_query *q, const struct ns_export_what *what) {
    int count = q->st == NULL ? 0 : sqlite3_bind_parameter_count(q->st);
    if (count >= 1) {
        ns_query_int(q, what->deleted ? 1 : 0);
    }
    if (count >= 2) {
        ns_query_id(q, what->child);
    }
}

/* A later column of the same name counts. */
static bool is_overtaken(sqlite3_stmt *st, int c, int count) {
    for (int later = c + 1; later < count; later++) {
        if (strcmp(sqlite3_column_name(st, c), sqlite3_column_name(st, later)) == 0) {
            return true;
        }
    }
    return false;
}

static ns_rc put_section(struct ns_db *db, const struct ns_export_what *what, int section, struct ns_buf *out,
                         int64_t *rows, struct ns_err *err) {
    struct ns_query q;
    int64_t before = *rows;
    ns_query_start(&q, db, queries[section]);
    bind(&q, what);
    while (ns_query_row(&q) && !out->failed) {
        int count = sqlite3_column_count(q.st);
        bool first = true;
        ns_buf_text(out, *rows > before ? ",\n  {" : "\n  {");
        for (int c = 0; c < count; c++) {
            if (sqlite3_column_type(q.st, c) != SQLITE_NULL && !is_overtaken(q.st, c, count)) {
                ns_buf_fmt(out, "%s\"%s\":", first ? "" : ",", sqlite3_column_name(q.st, c));
                put_value(out, section, q.st, c);
                first = false;
            }
        }
        ns_buf_char(out, '}');
        (*rows)++;
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_export(struct ns_db *db, const struct ns_export_what *what, struct ns_buf *out, int64_t *rows,
                    struct ns_err *err) {
    bool first = true;
    ns_rc rc = NS_OK;
    *rows = 0;
    ns_buf_text(out, "\"tables\":{");
    for (int s = 0; rc == NS_OK && s < SECTIONS; s++) {
        if (ns_id_is_zero(what->child) || ns_export_sections[s].of_child) {
            ns_buf_fmt(out, "%s\n \"%s\":[", first ? "" : ",", ns_export_sections[s].name);
            rc = put_section(db, what, s, out, rows, err);
            ns_buf_char(out, ']');
            first = false;
        }
    }
    ns_buf_text(out, "}");
    return rc == NS_OK && out->failed ? ns_err_note(err, NS_E_LIMIT, "an export is too large") : rc;
}

ns_rc ns_row_export_log(struct ns_db *db, const struct ns_export_what *what,
                        bool (*visit)(void *self, const struct ns_export_log *line), void *self,
                        struct ns_err *err) {
    struct ns_query q;
    bool more = true;
    struct ns_arena arena = {0};
    ns_query_start(&q, db, queries[LOG]);
    bind(&q, what);
    while (more && ns_query_row(&q)) {
        const struct ns_export_log line = {
            .id = ns_col_id(&q, 0),
            .child_id = ns_col_id(&q, 1),
            .child = ns_col_text(&q, 2, &arena),
            .usage_type = ns_col_text(&q, 3, &arena),
            .by = ns_col_text(&q, 4, &arena),
            .notes = ns_col_text(&q, 5, &arena),
            .at = ns_col_int(&q, 6),
            .wet = (int)ns_col_opt(&q, 7, NS_NONE),
            .soiled = (int)ns_col_opt(&q, 8, NS_NONE),
            .leak = (int)ns_col_opt(&q, 9, NS_NONE),
            .quantity = (int)ns_col_int(&q, 10),
        };
        more = visit(self, &line);
        ns_arena_reset(&arena);
    }
    ns_arena_fini(&arena);
    return ns_query_end(&q, err);
}
