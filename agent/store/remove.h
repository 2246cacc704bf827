/* remove.h: what is taken out of sight and can come back until its time is over, and what is over.
 * Threads: the connection's; inside a transaction of the caller. */
#pragma once
#include "agent/store/db.h"

enum ns_removable { NS_REMOVE_CHILD, NS_REMOVE_ITEM };
/* at: NS_TIME_NONE brings it back. *done false: it is not there, or was so before, or is erased. */
ns_rc ns_row_removed(struct ns_db *db, enum ns_removable what, ns_id id, ns_time at, bool *done,
                     struct ns_err *err) NS_MUST_USE;

struct ns_holdings {
    int64_t changes, packs, forecasts, weights, orders;
};
ns_rc ns_row_holdings(struct ns_db *db, ns_id child, struct ns_holdings *out, struct ns_err *err) NS_MUST_USE;

/* Children that were removed before `before` and still have their key. */
ns_rc ns_row_removed_children(struct ns_db *db, ns_time before, struct ns_arena *arena, ns_id **out,
                              int *count, struct ns_err *err) NS_MUST_USE;
/* Packs likewise: their row goes, changes that used them keep their time. */
ns_rc ns_row_removed_items_drop(struct ns_db *db, ns_time before, int64_t *rows, struct ns_err *err) NS_MUST_USE;
