/* erase.h: forgetting a child: its data key, everything it did, its own row but for a tombstone.
 *
 * The tombstone keeps the id (bills and orders of the tax years point at it), a deletion time and
 * no more. Threads: the connection's; inside a transaction of the caller. */
#pragma once
#include "agent/store/db.h"

struct ns_erased {
    int64_t rows; /* that went */
    bool found;   /* false: no such child here, or erased before */
};
ns_rc ns_row_child_erase(struct ns_db *db, ns_id child, ns_time now, struct ns_erased *out,
                         struct ns_err *err) NS_MUST_USE;
/* Children that have a key, for finding one by what a person types. */
struct ns_erasable {
    ns_id id;
    const char *name;
};
ns_rc ns_row_children_erasable(struct ns_db *db, struct ns_arena *arena, struct ns_erasable **out,
                               int *count, struct ns_err *err) NS_MUST_USE;
/* Tables with a child in them: what happens to their rows, for the test that knows them all. */
extern const char *const ns_erase_goes[], *const ns_erase_stays[];
