/* connect.h: a household's accounts with shops: made, changed, taken away. One for each retailer.
 * One transaction with its audit line, which names no secret. Threads: the writing connection's. */
#pragma once
#include "agent/household/household.h"
#include "agent/store/connections.h"

struct ns_connect_input {
    ns_id id;            /* zero: make one */
    enum ns_retailer_type retailer;
    const char *client_id; /* NULL: as it is */
    const char *client_secret;
    const char *partner_tag;
    const char *store_id;
    const char *endpoint;
    int64_t per_hour;    /* 0: as it is, or the shop's own limit */
    int active;          /* NS_NONE: as it is */
};
ns_rc ns_connect(const struct ns_act *act, const struct ns_connect_input *in, struct ns_connection *out,
                 struct ns_err *err) NS_MUST_USE;
ns_rc ns_disconnect(const struct ns_act *act, ns_id id, struct ns_connection *out, struct ns_err *err) NS_MUST_USE;
