#include "tests/unit/household/home.h"

#include "agent/store/backup.h"
#include "agent/store/erase.h"
#include "agent/store/export.h"
#include "agent/store/person.h"
#include "agent/store/rows.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Scans that are meant: each with the beginning of the one statement that may do it, and why. */
static const struct {
    const char *statement;
    const char *scan;
} allowed[] = {
    {"SELECT object_id, min(received_at)", "SCAN stripe_events USING INDEX events_of_object"}, /* what waits only: a partial index */
    {"SELECT sum(state = 'STORED')", "SCAN stripe_events"}, /* for a person who asks */
    {"SELECT id, kind FROM stripe_tax_rates", "SCAN stripe_tax_rates"}, /* the list of all */
    {"DELETE FROM imports WHERE child_id", "SCAN imports"}, /* once in a child's life */
    {"DELETE FROM import_events WHERE import_id IN", "SCAN imports"},
    {"DELETE FROM import_problems WHERE import_id IN", "SCAN imports"},
    {"DELETE FROM actions WHERE child_id", "SCAN actions"}, /* fifty rows */
    {"SELECT c.id FROM children c JOIN person_keys", "SCAN c"}, /* once an hour; a few children */
    {"UPDATE usage_logs SET inventory_item_id = NULL", "SCAN inventory_items"}, /* once an hour; packs of years */
    {"DELETE FROM inventory_items WHERE deleted_at", "SCAN inventory_items"},
    {"SELECT c.id, person_open(c.id, c.name)", "SCAN c"}, /* the list of all */
    {"SELECT name FROM sqlite_schema WHERE type = 'table'", "SCAN sqlite_schema"},
    {"SELECT created_at FROM usage_logs ORDER BY seq DESC LIMIT 1", "SCAN usage_logs"}, /* one row */
    {"SELECT path, jurisdiction, network", "SCAN backup_targets"}, /* the list of all */
    {"SELECT 1 FROM sqlite_schema WHERE type", "SCAN sqlite_schema"}, /* a few dozen rows */
    {"SELECT id, user_id, name, platform, last_address", "SCAN devices"}, /* the list of all */
    {"SELECT a.seq, a.id, a.at, a.actor_id", "SCAN a"}, /* the trail, by its key */
    {"SELECT count(*) FROM audit_log a WHERE a.at >= ?", "SCAN a"}, /* its length since a time */
    {"SELECT id, person_open(id, name)", "SCAN children"}, /* the list of all */
    {"SELECT count(*) FROM children WHERE deleted_at IS NULL", "SCAN children"},
    {"SELECT count(*) FROM usage_logs",
     "SCAN usage_logs USING COVERING INDEX sqlite_autoindex_usage_logs_1"}, /* how many there are */
    {"SELECT count(*) FROM audit_log", "SCAN audit_log USING COVERING INDEX audit_of_actor"},
    {"SELECT id, kind, step, child_id", "SCAN actions"}, /* fifty rows at most */
    {"SELECT id, child_id, file_name, format", "SCAN imports"}, /* the list of all */
    {"SELECT p.id, child_id, auto_reorder_enabled", "SCAN c"}, /* of all children, in their order */
    {"SELECT t.seq, t.id, t.subscription_id", "SCAN t"}, /* all, newest first */
    {"SELECT count(*), sum(status = 'DELIVERED')", "SCAN reorder_transactions"}, /* for a person who asks */
    {"SELECT retailer_type, count(*)", "SCAN reorder_transactions"},
    {"SELECT id, user_id, retailer_type, retailer_name", "SCAN retailer_configurations"}, /* one for each shop */
    {"SELECT seq, id, gtin, brand, title, size, pieces, class, created_at, updated_at FROM products WHERE instr",
     "SCAN products"}, /* the words may stand anywhere in a title */
    {"SELECT id, role FROM users", "SCAN users"}, /* everybody of the home is told */
    {"SELECT id, child_id, model_version", "SCAN consumption_predictions"}, /* all, newest first */
    {"SELECT count(*) FROM consumption_predictions",
     "SCAN consumption_predictions USING COVERING INDEX sqlite_autoindex_consumption_predictions_1"},
};

static bool is_meant(const char *sql, const char *detail) {
    for (size_t i = 0; i < NS_COUNT(allowed); i++) {
        if (strncmp(sql, allowed[i].statement, strlen(allowed[i].statement)) == 0 &&
            strcmp(detail, allowed[i].scan) == 0) {
            return true;
        }
    }
    return false;
}

Test(store, no_statement_scans_a_table_unasked) {
    struct home h;
    int explained = 0, scans = 0;
    home_open(&h, ":memory:", true);
    for (size_t t = 0; t < ns_query_table_count; t++) {
        for (size_t i = 0; i < ns_query_tables[t]->count; i++) {
            const char *sql = ns_query_tables[t]->sql[i];
            char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
            sqlite3_stmt *st = NULL;
            int code = sqlite3_prepare_v2(ns_db_handle(h.db), explain, -1, &st, NULL);
            cr_assert_eq(code, SQLITE_OK, "%s: %s", ns_query_tables[t]->name, sql);
            while (sqlite3_step(st) == SQLITE_ROW) {
                const char *detail = (const char *)sqlite3_column_text(st, 3);
                bool of_table = strncmp(detail, "SCAN ", 5) == 0 && strstr(detail, "VIRTUAL TABLE") == NULL &&
                                strstr(detail, "(subquery") == NULL && strcmp(detail, "SCAN CONSTANT ROW") != 0;
                of_table = of_table && strcmp(ns_query_tables[t]->name, "export") != 0; /* it reads everything, once */
                cr_assert(!of_table || is_meant(sql, detail), "%s: %s\n  %s", ns_query_tables[t]->name, sql, detail);
                scans += of_table ? 1 : 0;
            }
            sqlite3_finalize(st);
            sqlite3_free(explain);
            explained++;
        }
    }
    cr_assert_gt(explained, 70);
    cr_assert_geq(scans, (int)NS_COUNT(allowed)); /* nothing is listed that no longer happens */
    home_close(&h);
}

Test(store, migrations_go_up_and_down_with_a_copy_before) {
    struct home h = {0};
    char dir[] = "/tmp/ns-store-XXXXXX", path[64], backups[64], copy[128];
    int version = -1;
    cr_assert_not_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a.db", dir);
    snprintf(backups, sizeof backups, "%s/backups", dir);
    struct ns_migrate_options o = {.backup_dir = backups, .now = home_noon(2026, 6, 15)};
    OK(ns_db_open(path, NULL, &h.db, &h.err));
    for (int target = 0; target <= ns_migrate_newest(); target++) {
        OK(ns_migrate_to(h.db, target, &o, &h.err));
        OK(ns_migrate_version(h.db, &version, &h.err));
        cr_assert_eq(version, target);
    }
    struct ns_migrate_options dry = o;
    dry.dry_run = true;
    OK(ns_migrate_to(h.db, 0, &dry, &h.err));
    OK(ns_migrate_version(h.db, &version, &h.err));
    cr_assert_eq(version, ns_migrate_newest());
    OK(ns_migrate_to(h.db, 1, &o, &h.err));
    OK(ns_migrate_to(h.db, 0, &o, &h.err));
    OK(ns_migrate_up(h.db, &o, &h.err));
    snprintf(copy, sizeof copy, "%s/pre-0003-20260615T170000Z.db", backups);
    cr_assert_eq(access(copy, R_OK), 0);
    OK(ns_db_script(h.db, "INSERT INTO schema_migrations VALUES (99, '0099_later', 0)", &h.err));
    REFUSED(ns_migrate_up(h.db, &o, &h.err), NS_E_VERSION, NS_MSG_hh_store_newer);
    struct ns_buf out = NS_BUF(10000);
    const char *const words[] = {"sideways"};
    cr_assert_eq(ns_migrate_command(h.db, 1, words, &o, false, &out, &h.err), NS_E_USAGE);
    const char *const show[] = {"--status"};
    OK(ns_migrate_command(h.db, 1, show, &o, true, &out, &h.err));
    cr_assert_not_null(strstr(out.data, "0002_usage"));
    ns_buf_fini(&out);
    ns_db_close(h.db);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
}

Test(store, a_failure_inside_an_act_leaves_nothing_half_written) {
    struct home h;
    struct ns_log_result r;
    struct ns_inventory_item item;
    home_open(&h, ":memory:", true);
    struct ns_item_input pack = home_pack(&h, 10);
    OK(ns_item_create(&h.act, &pack, &item, NULL, &h.err));
    OK(ns_db_script(h.db, "CREATE TRIGGER no_audit BEFORE INSERT ON audit_log "
                          "BEGIN SELECT raise(ABORT, 'no'); END", &h.err));
    struct ns_log_input in = home_log(&h);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_log_change(&h.act, &in, &r, &h.err), NS_E_CONFLICT);
    cr_assert_not(ns_db_in_transaction(h.db));
    cr_assert_eq(home_logs(&h), 0);
    cr_assert_eq(home_stock(&h), 10);
    OK(ns_db_integrity(h.db, &h.err));
    home_close(&h);
}

Test(store, a_busy_read_only_or_foreign_file_is_told_apart) {
    struct home h = {0};
    struct ns_db *reader = NULL, *other = NULL;
    char path[] = "/tmp/ns-busy-XXXXXX";
    close(mkstemp(path));
    home_open(&h, path, true);
    OK(ns_db_begin(h.db, &h.err));
    struct ns_db_options quick = {.busy_ms = 1};
    OK(ns_db_open(path, &quick, &other, &h.err));
    ns_err_clear(&h.err);
    cr_assert_eq(ns_db_begin(other, &h.err), NS_E_BUSY);
    ns_db_rollback(h.db);
    struct ns_db_options ro = {.read_only = true};
    OK(ns_db_open(path, &ro, &reader, &h.err));
    ns_err_clear(&h.err);
    cr_assert_eq(ns_db_script(reader, "DELETE FROM usage_days", &h.err), NS_E_READONLY);
    ns_db_close(reader);
    ns_db_close(other);
    home_close(&h);
    FILE *f = fopen(path, "wb");
    fputs("this is a letter to grandmother and no store at all, however long it may become", f);
    for (int i = 0; i < 100; i++) {
        fputs(" and so on and so on and so on", f);
    }
    fclose(f);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_db_open(path, NULL, &other, &h.err), NS_E_KEY);
    cr_assert_null(other);
    char side[64];
    snprintf(side, sizeof side, "%s-wal", path);
    unlink(side);
    snprintf(side, sizeof side, "%s-shm", path);
    unlink(side);
    unlink(path);
}

Test(store, the_documented_tables_have_every_documented_column) {
    static const char *const checks[] = {
        "SELECT id, user_id, tier, is_active, stripe_subscription_id, stripe_customer_id, "
        "billing_amount_cad, gst_rate, pst_hst_rate, total_tax_rate, features, created_at, "
        "updated_at FROM reorder_subscriptions",
        "SELECT id, child_id, model_version, confidence_level, current_consumption_rate, "
        "predicted_consumption_30d, predicted_runout_date, recommended_reorder_date, "
        "size_change_probability, feature_importance, created_at FROM consumption_predictions",
        "SELECT id, user_id, retailer_type, is_active, api_endpoint, rate_limit_per_hour, "
        "total_successful_orders, consecutive_failures, created_at FROM retailer_configurations",
        "SELECT id, subscription_id, child_id, order_number, retailer_order_id, status, products, "
        "total_amount_cad, stripe_payment_intent_id, tracking_number, estimated_delivery_date, "
        "created_at FROM reorder_transactions",
    };
    struct home h;
    home_open(&h, ":memory:", true);
    for (size_t i = 0; i < NS_COUNT(checks); i++) {
        OK(ns_db_script(h.db, checks[i], &h.err));
    }
    home_close(&h);
}

Test(store, sizes_written_in_many_ways_are_one) {
    static const char *const ones[] = {"size_1", "SIZE_1", "Size 1", "size-1", " 1 ", "S1", "taille 1"};
    static const char *const newborns[] = {"NB", "nb", "N", "Newborn", "NEWBORN", "size n", "Nouveau-n\xc3\xa9"};
    static const char *const none[] = {"", "8", "size 9", "XL", "1.5", "size", "11"};
    enum ns_size size;
    for (size_t i = 0; i < NS_COUNT(ones); i++) {
        cr_assert(ns_size_parse(ns_str_of(ones[i]), &size) && size == NS_SIZE_1, "%s", ones[i]);
    }
    for (size_t i = 0; i < NS_COUNT(newborns); i++) {
        cr_assert(ns_size_parse(ns_str_of(newborns[i]), &size) && size == NS_SIZE_NEWBORN, "%s",
                  newborns[i]);
    }
    for (size_t i = 0; i < NS_COUNT(none); i++) {
        cr_assert_not(ns_size_parse(ns_str_of(none[i]), &size), "%s", none[i]);
    }
}

/* Two years of one copy a day: which of them would stay. */
Test(store, backups_thin_out_by_day_week_and_month) {
    enum { N = 730 };
    static struct ns_backup list[N];
    static bool keep[N];
    ns_time now = home_noon(2026, 6, 15); /* a Monday */
    for (int i = 0; i < N; i++) {
        list[i] = (struct ns_backup){.at = now - i * NS_DAY};
    }
    list[3].before = 4; /* made before a migration three days ago, and one a month ago */
    list[30].before = 4;
    ns_backup_keep(list, N, now, keep);
    int kept = 0, months = 0;
    for (int i = 0; i < N; i++) {
        kept += keep[i] ? 1 : 0;
        months += keep[i] && i > 31 ? 1 : 0;
    }
    for (int i = 0; i < 8; i++) { /* seven ordinary days and the migration's */
        cr_assert(keep[i], "%d", i);
    }
    cr_assert(keep[8] && keep[15], "Sundays: the newest of their weeks");
    cr_assert_not(keep[30]);
    cr_assert_eq(months, 10, "%d", months);
    cr_assert_leq(kept, 7 + 1 + 4 + 12);
    ns_backup_keep(list, 2, now + 400 * NS_DAY, keep);
    cr_assert(keep[0] && keep[1]);
}

Test(store, a_backup_is_complete_or_not_there) {
    struct home h = {0};
    char dir[] = "/tmp/ns-backup-XXXXXX", store[64], folder[64], path[NS_BACKUP_PATH], again[NS_BACKUP_PATH], command[NS_BACKUP_PATH + 200];
    struct ns_backup_facts facts;
    struct ns_backup *list = NULL;
    struct ns_arena arena = {0};
    int count = 0, removed = 0;
    cr_assert_not_null(mkdtemp(dir));
    snprintf(store, sizeof store, "%s/a.db", dir);
    snprintf(folder, sizeof folder, "%s/backups", dir);
    home_open(&h, store, true);
    OK(ns_backup_make(h.db, NULL, folder, home_noon(2026, 6, 15), path, &h.err));
    OK(ns_backup_check(path, NULL, &facts, &h.err));
    cr_assert_eq(facts.schema, ns_migrate_newest());
    cr_assert_eq(facts.children, 1);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_backup_make(h.db, NULL, folder, home_noon(2026, 6, 15), again, &h.err), NS_E_CONFLICT);
    snprintf(command, sizeof command, "touch %s/.nestsync-20260101T000000Z.db.part %s/holiday.db %s/nestsync-20260101.db", folder, folder, folder);
    cr_assert_eq(system(command), 0);
    OK(ns_backup_list(folder, &arena, &list, &count, &h.err));
    cr_assert_eq(count, 1);
    OK(ns_backup_rotate(folder, home_noon(2026, 6, 15), &removed, &h.err));
    cr_assert_eq(removed, 0);
    snprintf(command, sizeof command, "ls -A %s | wc -l | grep -qx 3", folder); /* the part is gone, strangers stay */
    cr_assert_eq(system(command), 0);
    snprintf(command, sizeof command, "truncate -s 9000 %s", path);
    cr_assert_eq(system(command), 0);
    ns_err_clear(&h.err);
    cr_assert_eq(ns_backup_check(path, NULL, &facts, &h.err), NS_E_DAMAGED);
    home_close(&h);
    ns_arena_fini(&arena);
    snprintf(command, sizeof command, "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
}

static bool listed(const char *const *list, const char *name) {
    for (; *list != NULL; list++) {
        if (strcmp(*list, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whoever adds a table with a child in it says here what an erasure does to it. */
Test(store, every_table_of_a_child_is_known_to_the_erasure) {
    struct home h;
    sqlite3_stmt *st = NULL;
    home_open(&h, ":memory:", true);
    cr_assert_eq(sqlite3_prepare_v2(ns_db_handle(h.db),
                                    "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c "
                                    "WHERE m.type = 'table' AND c.name = 'child_id' ORDER BY 1", -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(st, 0);
        cr_assert(listed(ns_erase_goes, name) != listed(ns_erase_stays, name), "agent/store/erase.c: %s goes or stays?", name);
    }
    sqlite3_finalize(st);
    home_close(&h);
}

/* Whoever adds a table says here whether a family can take it along, or why not. */
Test(store, every_table_is_known_to_the_export) {
    struct home h;
    sqlite3_stmt *st = NULL;
    int tables = 0;
    home_open(&h, ":memory:", true);
    cr_assert_eq(sqlite3_prepare_v2(ns_db_handle(h.db),
                                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                                    "AND name NOT LIKE 'schema_%' ORDER BY 1", -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(st, 0);
        int known = 0;
        for (size_t i = 0; i < ns_export_section_count; i++) {
            known += strcmp(ns_export_sections[i].name, name) == 0;
        }
        for (size_t i = 0; i < ns_export_stay_count; i++) {
            known += strcmp(ns_export_stays[i].table, name) == 0;
        }
        cr_assert_eq(known, 1, "agent/store/export.c: %s goes or stays?", name);
        tables++;
    }
    cr_assert_eq((size_t)tables, ns_export_section_count + ns_export_stay_count);
    sqlite3_finalize(st);
    home_close(&h);
}

Test(store, an_erased_child_leaves_a_tombstone_and_no_text) {
    struct home h;
    struct ns_log_result r;
    struct ns_erased erased;
    struct ns_child child;
    bool found = true;
    uint8_t key[32];
    home_open(&h, ":memory:", true);
    struct ns_log_input in = home_log(&h);
    in.notes = "red behind the knee";
    OK(ns_log_change(&h.act, &in, &r, &h.err));
    OK(ns_row_child(h.db, in.child_id, h.act.arena, &child, &found, &h.err));
    cr_assert(found);
    OK(ns_db_search(h.db, ns_str_of(child.name), &found, &h.err));
    cr_assert_not(found); /* sealed under its own key */
    OK(ns_db_search(h.db, NS_STR("behind the knee"), &found, &h.err));
    cr_assert_not(found);
    OK(ns_person_key_read(h.db, in.child_id, key, &h.err));
    OK(ns_db_search(h.db, (struct ns_str){(const char *)key, sizeof key}, &found, &h.err));
    cr_assert(found);
    OK(ns_db_begin(h.db, &h.err));
    OK(ns_row_child_erase(h.db, in.child_id, h.act.now, &erased, &h.err));
    OK(ns_db_commit(h.db, &h.err));
    cr_assert(erased.found);
    cr_assert_geq(erased.rows, 2);
    OK(ns_db_search(h.db, (struct ns_str){(const char *)key, sizeof key}, &found, &h.err));
    cr_assert_not(found);
    OK(ns_row_child(h.db, in.child_id, h.act.arena, &child, &found, &h.err));
    cr_assert_not(found);
    OK(ns_db_integrity(h.db, &h.err));
    OK(ns_db_begin(h.db, &h.err));
    OK(ns_row_child_erase(h.db, in.child_id, h.act.now, &erased, &h.err));
    OK(ns_db_commit(h.db, &h.err));
    cr_assert_not(erased.found);
    home_close(&h);
}
