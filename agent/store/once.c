#include "agent/store/once.h"

enum { FIND, FORGET, ADD, ANSWER, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [FIND] = "SELECT field, digest, answer FROM client_mutations WHERE user_id = ? AND client_id = ? AND at > ?",
    [FORGET] = "DELETE FROM client_mutations WHERE at <= ?",
    [ADD] = "INSERT INTO client_mutations (user_id, client_id, field, digest, at) VALUES (?, ?, ?, ?, ?)",
    [ANSWER] = "UPDATE client_mutations SET answer = ? WHERE user_id = ? AND client_id = ?",
};
const struct ns_query_table ns_queries_once = {"once", queries, Q_COUNT};

static ns_time oldest(ns_time now) {
    return now - NS_ONCE_DAYS * NS_DAY;
}

ns_rc ns_row_once_find(struct ns_db *db, ns_id user, const char *client_id, ns_time now,
                       struct ns_arena *arena, struct ns_once *out, bool *found,
                       struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_once){.user = user, .client_id = client_id};
    ns_query_start(&q, db, queries[FIND]);
    ns_query_id(&q, user);
    ns_query_text(&q, client_id);
    ns_query_int(&q, oldest(now));
    *found = ns_query_row(&q);
    if (*found) {
        out->field = ns_col_text(&q, 0, arena);
        out->digest = ns_col_int(&q, 1);
        out->answer = ns_col_text(&q, 2, arena);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_once_add(struct ns_db *db, const struct ns_once *in, ns_time now,
                      struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[FORGET]);
    ns_query_int(&q, oldest(now));
    ns_rc rc = ns_query_run(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->user);
    ns_query_text(&q, in->client_id);
    ns_query_text(&q, in->field);
    ns_query_int(&q, in->digest);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

ns_rc ns_row_once_answer(struct ns_db *db, ns_id user, const char *client_id, const char *answer,
                         struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ANSWER]);
    ns_query_text(&q, answer);
    ns_query_id(&q, user);
    ns_query_text(&q, client_id);
    return ns_query_run(&q, err);
}
