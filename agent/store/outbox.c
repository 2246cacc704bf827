#include "agent/store/outbox.h"

#include "agent/store/rows.h"

#include <string.h>

#define COLUMNS                                                                                \
    "id, destination, purpose, kind, method, path, body, idempotency_key, state, tries, "      \
    "lookups, next_at, first_sent_at, absent_at, amount, actor_id, data, answer, request_id, created_at"
#define OPEN "state IN ('NEW', 'SENT', 'UNKNOWN', 'LOOKUP')"

enum { ADD, WRITE, ONE, OPEN_ONE, DUE, NEXT, CYCLE, ATTEMPT_ADD, ATTEMPT_FIRST, EGRESS_ADD, EGRESS, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [ADD] = "INSERT INTO outbox (" COLUMNS ", updated_at) VALUES "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [WRITE] = "UPDATE outbox SET state = ?, tries = ?, lookups = ?, next_at = ?, first_sent_at = ?, "
              "absent_at = ?, answer = ?, request_id = ?, updated_at = ? WHERE id = ?",
    [ONE] = "SELECT " COLUMNS " FROM outbox WHERE id = ?",
    [OPEN_ONE] = "SELECT " COLUMNS " FROM outbox INDEXED BY outbox_of_purpose WHERE purpose = ? AND "
                 "state IN ('NEW', 'SENT', 'UNKNOWN', 'LOOKUP', 'HUMAN') LIMIT 1",
    [DUE] = "SELECT " COLUMNS " FROM outbox INDEXED BY outbox_due WHERE next_at <= ? AND " OPEN " ORDER BY next_at LIMIT 1",
    [NEXT] = "SELECT min(next_at) FROM outbox INDEXED BY outbox_due WHERE next_at > ? AND " OPEN,
    [CYCLE] = "SELECT count(*) FROM outbox INDEXED BY outbox_of_purpose WHERE purpose = ? AND state IN ('DONE', 'FAILED', 'HUMAN')",
    [ATTEMPT_ADD] = "INSERT INTO outbox_attempts (outbox_id, n, at, steady_us, body_hash, run, heard) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [ATTEMPT_FIRST] = "SELECT n, at, steady_us, body_hash, run, heard FROM outbox_attempts WHERE outbox_id = ? ORDER BY n LIMIT 1",
    [EGRESS_ADD] = "INSERT INTO egress_journal (at, destination, purpose, jurisdiction, method, path, fields, bytes, "
                   "hash, consent_id, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [EGRESS] = "SELECT at, destination, purpose, jurisdiction, method, path, fields, bytes, hash, consent_id, outcome "
               "FROM egress_journal WHERE seq > 0 ORDER BY seq DESC LIMIT ?",
};

static const char *const names[NS_INTENT_COUNT] = {
#define NS_INTENT_NAME(prefix, name) #name,
    NS_INTENT_STATE_LIST(NS_INTENT_NAME, )
#undef NS_INTENT_NAME
};

const char *ns_intent_state_name(enum ns_intent_state state) {
    return (unsigned)state < NS_INTENT_COUNT ? names[state] : "";
}

static void read_intent(struct ns_query *q, struct ns_arena *arena, struct ns_intent *i) {
    *i = (struct ns_intent){.id = ns_col_id(q, 0)};
    const char **texts[] = {&i->destination, &i->purpose, &i->kind, &i->method, &i->path, &i->body, &i->key};
    for (int k = 0; k < (int)NS_COUNT(texts); k++) {
        *texts[k] = ns_col_text(q, 1 + k, arena);
    }
    for (int s = 0; s < NS_INTENT_COUNT; s++) {
        i->state = ns_str_is(ns_col_bytes(q, 8), names[s]) ? (enum ns_intent_state)s : i->state;
    }
    i->tries = (int)ns_col_int(q, 9);
    i->lookups = (int)ns_col_int(q, 10);
    i->next_at = ns_col_int(q, 11);
    i->first_sent_at = ns_col_opt(q, 12, NS_TIME_NONE);
    i->absent_at = ns_col_opt(q, 13, NS_TIME_NONE);
    i->amount = ns_col_opt(q, 14, NS_NONE);
    i->actor = ns_col_id(q, 15);
    i->data = ns_col_text(q, 16, arena);
    i->answer = ns_col_text(q, 17, arena);
    i->request_id = ns_col_text(q, 18, arena);
    i->created_at = ns_col_int(q, 19);
}

static ns_rc one(struct ns_query *q, struct ns_arena *arena, struct ns_intent *out, bool *found, struct ns_err *err) {
    *found = ns_query_row(q);
    if (*found) {
        read_intent(q, arena, out);
    }
    return ns_query_end(q, err);
}

ns_rc ns_row_intent_add(struct ns_db *db, const struct ns_intent *i, struct ns_err *err) {
    struct ns_query q;
    const char *texts[] = {i->destination, i->purpose, i->kind, i->method, i->path, i->body, i->key};
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, i->id);
    for (size_t k = 0; k < NS_COUNT(texts); k++) {
        ns_query_text(&q, texts[k]);
    }
    ns_query_text(&q, names[i->state]);
    ns_query_int(&q, i->tries);
    ns_query_int(&q, i->lookups);
    ns_query_int(&q, i->next_at);
    ns_query_opt(&q, i->first_sent_at, NS_TIME_NONE);
    ns_query_opt(&q, i->absent_at, NS_TIME_NONE);
    ns_query_opt(&q, i->amount, NS_NONE);
    ns_query_id(&q, i->actor);
    ns_query_text(&q, i->data);
    ns_query_text(&q, i->answer);
    ns_query_text(&q, i->request_id);
    ns_query_int(&q, i->created_at);
    ns_query_int(&q, i->created_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_intent_write(struct ns_db *db, const struct ns_intent *i, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[WRITE]);
    ns_query_text(&q, names[i->state]);
    ns_query_int(&q, i->tries);
    ns_query_int(&q, i->lookups);
    ns_query_int(&q, i->next_at);
    ns_query_opt(&q, i->first_sent_at, NS_TIME_NONE);
    ns_query_opt(&q, i->absent_at, NS_TIME_NONE);
    ns_query_text(&q, i->answer);
    ns_query_text(&q, i->request_id);
    ns_query_int(&q, now);
    ns_query_id(&q, i->id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_intent(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_intent *out,
                    bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ONE]);
    ns_query_id(&q, id);
    return one(&q, arena, out, found, err);
}

ns_rc ns_row_intent_open(struct ns_db *db, const char *purpose, struct ns_arena *arena,
                         struct ns_intent *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[OPEN_ONE]);
    ns_query_text(&q, purpose);
    return one(&q, arena, out, found, err);
}

ns_rc ns_row_intent_due(struct ns_db *db, ns_time now, struct ns_arena *arena, struct ns_intent *out,
                        bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DUE]);
    ns_query_int(&q, now);
    return one(&q, arena, out, found, err);
}

ns_rc ns_row_intent_next(struct ns_db *db, ns_time *out, struct ns_err *err) {
    struct ns_query q;
    *out = NS_TIME_NONE;
    ns_query_start(&q, db, queries[NEXT]);
    ns_query_int(&q, INT64_MIN);
    if (ns_query_row(&q)) {
        *out = ns_col_opt(&q, 0, NS_TIME_NONE);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_intent_cycle(struct ns_db *db, const char *purpose, int64_t *out, struct ns_err *err) {
    struct ns_query q;
    *out = 0;
    ns_query_start(&q, db, queries[CYCLE]);
    ns_query_text(&q, purpose);
    if (ns_query_row(&q)) {
        *out = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_attempt_add(struct ns_db *db, ns_id intent, const struct ns_attempt_row *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ATTEMPT_ADD]);
    ns_query_id(&q, intent);
    ns_query_int(&q, in->n);
    ns_query_int(&q, in->at);
    ns_query_int(&q, in->steady_us);
    ns_query_blob(&q, in->body_hash, sizeof in->body_hash);
    ns_query_int(&q, in->run);
    ns_query_int(&q, in->heard);
    return ns_query_run(&q, err);
}

ns_rc ns_row_attempt_first(struct ns_db *db, ns_id intent, struct ns_attempt_row *out, bool *found,
                          struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_attempt_row){0};
    ns_query_start(&q, db, queries[ATTEMPT_FIRST]);
    ns_query_id(&q, intent);
    *found = ns_query_row(&q);
    if (*found) {
        out->n = (int)ns_col_int(&q, 0);
        out->at = ns_col_int(&q, 1);
        out->steady_us = ns_col_int(&q, 2);
        struct ns_str hash = ns_col_bytes(&q, 3);
        memcpy(out->body_hash, hash.p, hash.n < NS_DIGEST ? hash.n : NS_DIGEST);
        out->run = ns_col_int(&q, 4);
        out->heard = ns_col_int(&q, 5) != 0;
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_egress_add(struct ns_db *db, const struct ns_egress_line *in, struct ns_err *err) {
    struct ns_query q;
    const char *texts[] = {in->destination, in->purpose, in->jurisdiction, in->method, in->path, in->fields};
    ns_query_start(&q, db, queries[EGRESS_ADD]);
    ns_query_int(&q, in->at);
    for (size_t k = 0; k < NS_COUNT(texts); k++) {
        ns_query_text(&q, texts[k]);
    }
    ns_query_int(&q, in->bytes);
    ns_query_blob(&q, in->hash, sizeof in->hash);
    ns_query_id(&q, in->consent_id);
    ns_query_text(&q, in->outcome);
    return ns_query_run(&q, err);
}

ns_rc ns_row_egress(struct ns_db *db, int limit, struct ns_arena *arena, struct ns_egress_line **out,
                    int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[EGRESS]);
    ns_query_int(&q, limit);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_egress_line);
        struct ns_egress_line *l = &(*out)[(*count)++];
        *l = (struct ns_egress_line){.at = ns_col_int(&q, 0), .bytes = ns_col_int(&q, 7),
                                     .consent_id = ns_col_id(&q, 9)};
        const char **texts[] = {&l->destination, &l->purpose, &l->jurisdiction, &l->method, &l->path, &l->fields};
        for (int k = 0; k < (int)NS_COUNT(texts); k++) {
            *texts[k] = ns_col_text(&q, 1 + k, arena);
        }
        struct ns_str hash = ns_col_bytes(&q, 8);
        memcpy(l->hash, hash.p, hash.n < NS_DIGEST ? hash.n : NS_DIGEST);
        l->outcome = ns_col_text(&q, 10, arena);
    }
    return ns_query_end(&q, err);
}

const struct ns_query_table ns_queries_outbox = {"outbox", queries, Q_COUNT};
