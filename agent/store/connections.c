#include "agent/store/connections.h"

#include "agent/store/person.h"
#include "agent/store/rows.h"

#include <string.h>

#define READ                                                                                   \
    "id, user_id, retailer_type, retailer_name, is_active, api_endpoint, api_version, rate_limit_per_hour, "        \
    "person_open(id, client_id), person_open(id, client_secret), partner_tag, store_id, requests_this_hour, "       \
    "last_successful_request, total_requests_made, total_successful_orders, average_response_time_ms, "             \
    "consecutive_failures, last_error_message, last_error_date, created_at, updated_at"

enum { OF_USER, ONE, ADD, UPDATE, REMOVE, KEY, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [OF_USER] = "SELECT " READ " FROM retailer_configurations WHERE user_id = ? ORDER BY created_at, id",
    [ONE] = "SELECT " READ " FROM retailer_configurations WHERE id = ?",
    [ADD] = "INSERT INTO retailer_configurations (id, user_id, retailer_type, retailer_name, is_active, api_endpoint, "
            "rate_limit_per_hour, client_id, client_secret, partner_tag, store_id, created_at, updated_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, person_seal(?1, ?8), person_seal(?1, ?9), ?10, ?11, ?12, ?12)",
    [UPDATE] = "UPDATE retailer_configurations SET is_active = ?2, api_endpoint = ?3, rate_limit_per_hour = ?4, "
               "client_id = person_seal(?1, ?5), client_secret = person_seal(?1, ?6), partner_tag = ?7, store_id = ?8, "
               "updated_at = ?9 WHERE id = ?1",
    [REMOVE] = "DELETE FROM retailer_configurations WHERE id = ?",
    [KEY] = "DELETE FROM person_keys WHERE person_id = ?",
};
const struct ns_query_table ns_queries_connections = {"connections", queries, Q_COUNT};

static void read_row(const struct ns_query *q, struct ns_arena *arena, struct ns_connection *c) {
    *c = (struct ns_connection){
        .id = ns_col_id(q, 0), .user_id = ns_col_id(q, 1), .name = ns_col_text(q, 3, arena),
        .active = ns_col_int(q, 4) != 0, .endpoint = ns_col_text(q, 5, arena), .api_version = ns_col_text(q, 6, arena),
        .per_hour = ns_col_int(q, 7), .client_id = ns_col_text(q, 8, arena), .client_secret = ns_col_text(q, 9, arena),
        .partner_tag = ns_col_text(q, 10, arena), .store_id = ns_col_text(q, 11, arena),
        .requests_this_hour = ns_col_int(q, 12), .last_success = ns_col_opt(q, 13, NS_TIME_NONE),
        .requests = ns_col_int(q, 14), .orders = ns_col_int(q, 15), .response_ms = ns_col_opt(q, 16, NS_NONE),
        .failures = ns_col_int(q, 17), .last_error = ns_col_text(q, 18, arena),
        .last_error_at = ns_col_opt(q, 19, NS_TIME_NONE), .created_at = ns_col_int(q, 20), .updated_at = ns_col_int(q, 21)};
    (void)ns_retailer_type_parse(ns_col_bytes(q, 2), &c->retailer);
}

ns_rc ns_row_connections(struct ns_db *db, ns_id user, struct ns_arena *arena, struct ns_connection **out, int *count,
                         struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[OF_USER]);
    ns_query_id(&q, user);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_connection);
        read_row(&q, arena, &(*out)[(*count)++]);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_connection(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_connection *out, bool *found,
                        struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_connection){0};
    ns_query_start(&q, db, queries[ONE]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        read_row(&q, arena, out);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_connection_add(struct ns_db *db, const struct ns_connection *in, struct ns_err *err) {
    struct ns_query q;
    ns_rc rc = ns_person_key_add(db, in->id, in->created_at, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->user_id);
    ns_query_text(&q, ns_retailer_type_name(in->retailer));
    ns_query_text(&q, in->name);
    ns_query_int(&q, in->active);
    ns_query_text(&q, in->endpoint);
    ns_query_int(&q, in->per_hour);
    ns_query_text(&q, in->client_id);
    ns_query_text(&q, in->client_secret);
    ns_query_text(&q, in->partner_tag);
    ns_query_text(&q, in->store_id);
    ns_query_int(&q, in->created_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_connection_update(struct ns_db *db, const struct ns_connection *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[UPDATE]);
    ns_query_id(&q, in->id);
    ns_query_int(&q, in->active);
    ns_query_text(&q, in->endpoint);
    ns_query_int(&q, in->per_hour);
    ns_query_text(&q, in->client_id);
    ns_query_text(&q, in->client_secret);
    ns_query_text(&q, in->partner_tag);
    ns_query_text(&q, in->store_id);
    ns_query_int(&q, in->updated_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_connection_remove(struct ns_db *db, ns_id id, struct ns_err *err) {
    struct ns_query q;
    for (int i = REMOVE; i <= KEY; i++) {
        ns_query_start(&q, db, queries[i]);
        ns_query_id(&q, id);
        ns_rc rc = ns_query_run(&q, err);
        if (rc != NS_OK) {
            return rc;
        }
    }
    return NS_OK;
}
