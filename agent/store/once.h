/* once.h: changes a client named with an id of its own, and what they were answered.
 *
 * The line is written in the transaction of the change itself, so that neither is there without
 * the other; the answer follows. Threads: the connection's. */
#pragma once
#include "agent/store/db.h"

#define NS_ONCE_DAYS 30
#define NS_ONCE_ID_MOST 128 /* bytes of a client's id */

struct ns_once {
    ns_id user;
    const char *client_id; /* NULL: the client named none */
    const char *field;
    int64_t digest;     /* of the arguments */
    const char *answer; /* read only; NULL: not kept */
};

/* found: was it done in the last 30 days? Then out holds what was asked and answered. */
ns_rc ns_row_once_find(struct ns_db *db, ns_id user, const char *client_id, ns_time now,
                       struct ns_arena *arena, struct ns_once *out, bool *found,
                       struct ns_err *err) NS_MUST_USE;
/* Also forgets what is older than 30 days. */
ns_rc ns_row_once_add(struct ns_db *db, const struct ns_once *in, ns_time now,
                      struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_once_answer(struct ns_db *db, ns_id user, const char *client_id, const char *answer,
                         struct ns_err *err) NS_MUST_USE;
