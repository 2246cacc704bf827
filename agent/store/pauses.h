/* pauses.h: the suggestions a parent asked not to be reminded of: one row a child, none when none.
 * Threads: the connection's; writes want a transaction. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/order.h"

struct ns_pause {
    enum ns_reorder_pause kind; /* NONE: no row */
    ns_date until;              /* the first day on which it no longer holds; NS_DATE_NONE: until taken back */
};
ns_rc ns_row_pause(struct ns_db *db, ns_id child, struct ns_pause *out, struct ns_err *err) NS_MUST_USE;
/* NONE takes it away. */
ns_rc ns_row_pause_put(struct ns_db *db, ns_id child, const struct ns_pause *in, ns_id by, ns_time now,
                       struct ns_err *err) NS_MUST_USE;
