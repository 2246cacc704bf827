/* connections.h: the household's connections to shops: retailer_configurations. What opens an account
 * is sealed with a key of the connection's own, which goes with it.
 * Memory: the arena. Threads: the connection's; writes want a transaction. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/model.h"

struct ns_connection {
    ns_id id;
    ns_id user_id;
    enum ns_retailer_type retailer;
    const char *name;
    bool active;
    const char *endpoint;
    const char *api_version;
    int64_t per_hour;
    const char *client_id;     /* never leaves the agent but to that shop */
    const char *client_secret;
    const char *partner_tag;
    const char *store_id;
    int64_t requests_this_hour;
    ns_time last_success;      /* NS_TIME_NONE */
    int64_t requests;
    int64_t orders;
    int64_t response_ms;       /* NS_NONE: never asked */
    int64_t failures;          /* in a row */
    const char *last_error;
    ns_time last_error_at;
    ns_time created_at;
    ns_time updated_at;
};
ns_rc ns_row_connections(struct ns_db *db, ns_id user, struct ns_arena *arena, struct ns_connection **out, int *count,
                         struct ns_err *err) NS_MUST_USE;
/* found false: there is none. */
ns_rc ns_row_connection(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_connection *out, bool *found,
                        struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_connection_add(struct ns_db *db, const struct ns_connection *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_connection_update(struct ns_db *db, const struct ns_connection *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_connection_remove(struct ns_db *db, ns_id id, struct ns_err *err) NS_MUST_USE; /* and its key */
