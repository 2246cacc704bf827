/* tables.c: every statement of the store in one list. */
#include "agent/store/db.h"

extern const struct ns_query_table ns_queries_db, ns_queries_backup, ns_queries_person, ns_queries_erase, ns_queries_migrate, ns_queries_people, ns_queries_ledger,
    ns_queries_children, ns_queries_inventory, ns_queries_usage, ns_queries_actions,
    ns_queries_imports, ns_queries_predictions, ns_queries_plans, ns_queries_outbox, ns_queries_stripe, ns_queries_family,
    ns_queries_once, ns_queries_sessions, ns_queries_usage_fix, ns_queries_preferences, ns_queries_pauses,
    ns_queries_orders, ns_queries_orders_write, ns_queries_retail, ns_queries_connections, ns_queries_notices, ns_queries_export, ns_queries_remove;

const struct ns_query_table *const ns_query_tables[] = {
    &ns_queries_db,        &ns_queries_backup,  &ns_queries_person, &ns_queries_erase,
    &ns_queries_migrate,   &ns_queries_people,  &ns_queries_ledger,
    &ns_queries_children,  &ns_queries_inventory, &ns_queries_usage,
    &ns_queries_actions,   &ns_queries_imports, &ns_queries_predictions,
    &ns_queries_plans,      &ns_queries_outbox, &ns_queries_stripe,
    &ns_queries_family,     &ns_queries_once,     &ns_queries_sessions, &ns_queries_usage_fix,
    &ns_queries_preferences, &ns_queries_pauses, &ns_queries_orders,   &ns_queries_orders_write, &ns_queries_retail, &ns_queries_connections, &ns_queries_notices, &ns_queries_export, &ns_queries_remove,
};
const size_t ns_query_table_count = NS_COUNT(ns_query_tables);
