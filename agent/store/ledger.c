#include "agent/store/rows.h"

#include <string.h>

#define AUDIT_COLUMNS                                                                          \
    "a.seq, a.id, a.at, a.actor_id, a.device_id, a.action, a.entity, a.entity_id, a.detail, "  \
    "a.previous, a.digest"
#define AUDIT_NAMED                                                                            \
    "SELECT " AUDIT_COLUMNS ", u.display_name FROM audit_log a LEFT JOIN users u ON u.id = a.actor_id "
#define AUDIT_TAIL "a.at >= ? AND a.seq < ? ORDER BY a.seq DESC LIMIT ?"
#define AUDIT_COUNT "SELECT count(*) FROM audit_log a WHERE "

enum {
    CONSENT_ADD, CONSENT, GRANTED_AT, HEAD, HEAD_SET, AUDIT_ADD, WALK, SINCE,
    PAGE_ALL, PAGE_ENTITY, PAGE_ACTOR, PAGE_BOTH, COUNT_ALL, COUNT_ENTITY, COUNT_ACTOR, COUNT_BOTH,
    Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [CONSENT_ADD] = "INSERT INTO consents (id, user_id, consent_type, granted, at, expires_at, "
                    "consent_version, language, device_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [CONSENT] = "SELECT id, user_id, granted, at, expires_at, consent_version, language, device_id "
                "FROM consents WHERE user_id = ? AND consent_type = ? ORDER BY seq DESC LIMIT 1",
    [GRANTED_AT] = "SELECT at FROM consents WHERE user_id = ? AND consent_type = ? AND granted = 1 "
                   "ORDER BY seq DESC LIMIT 1",
    [HEAD] = "SELECT seq, digest FROM audit_head WHERE one = 1",
    [HEAD_SET] = "INSERT INTO audit_head (one, seq, digest) VALUES (1, ?, ?) "
                 "ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, digest = excluded.digest",
    [AUDIT_ADD] = "INSERT INTO audit_log (seq, id, at, actor_id, device_id, action, entity, "
                  "entity_id, detail, previous, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [WALK] = "SELECT " AUDIT_COLUMNS " FROM audit_log a ORDER BY a.seq",
    [SINCE] = "SELECT " AUDIT_COLUMNS " FROM audit_log a WHERE a.seq >= ? ORDER BY a.seq LIMIT ?",
    [PAGE_ALL] = AUDIT_NAMED "WHERE " AUDIT_TAIL,
    [PAGE_ENTITY] = AUDIT_NAMED "WHERE a.entity = ? AND " AUDIT_TAIL,
    [PAGE_ACTOR] = AUDIT_NAMED "WHERE a.actor_id = ? AND " AUDIT_TAIL,
    [PAGE_BOTH] = AUDIT_NAMED "WHERE a.entity = ? AND a.actor_id = ? AND " AUDIT_TAIL,
    [COUNT_ALL] = AUDIT_COUNT "a.at >= ?",
    [COUNT_ENTITY] = AUDIT_COUNT "a.entity = ? AND a.at >= ?",
    [COUNT_ACTOR] = AUDIT_COUNT "a.actor_id = ? AND a.at >= ?",
    [COUNT_BOTH] = AUDIT_COUNT "a.entity = ? AND a.actor_id = ? AND a.at >= ?",
};

ns_rc ns_row_consent_add(struct ns_db *db, const struct ns_consent_line *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[CONSENT_ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->user_id);
    ns_query_text(&q, ns_consent_type_name(in->type));
    ns_query_int(&q, in->granted);
    ns_query_int(&q, in->at);
    ns_query_opt(&q, in->expires_at, NS_TIME_NONE);
    ns_query_text(&q, in->version);
    ns_query_text(&q, in->language);
    ns_query_id(&q, in->device_id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_consent(struct ns_db *db, ns_id user, enum ns_consent_type type,
                     struct ns_arena *arena, struct ns_consent_line *out, bool *found,
                     struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_consent_line){.type = type};
    ns_query_start(&q, db, queries[CONSENT]);
    ns_query_id(&q, user);
    ns_query_text(&q, ns_consent_type_name(type));
    *found = ns_query_row(&q);
    if (*found) {
        out->id = ns_col_id(&q, 0);
        out->user_id = ns_col_id(&q, 1);
        out->granted = ns_col_int(&q, 2) != 0;
        out->at = ns_col_int(&q, 3);
        out->expires_at = ns_col_opt(&q, 4, NS_TIME_NONE);
        out->version = ns_col_text(&q, 5, arena);
        out->language = ns_col_text(&q, 6, arena);
        out->device_id = ns_col_id(&q, 7);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_consent_granted_at(struct ns_db *db, ns_id user, enum ns_consent_type type,
                                ns_time *out, struct ns_err *err) {
    struct ns_query q;
    *out = NS_TIME_NONE;
    ns_query_start(&q, db, queries[GRANTED_AT]);
    ns_query_id(&q, user);
    ns_query_text(&q, ns_consent_type_name(type));
    if (ns_query_row(&q)) {
        *out = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

static void digest_of(const struct ns_query *q, int i, uint8_t out[NS_DIGEST]) {
    struct ns_str bytes = ns_col_bytes(q, i);
    memset(out, 0, NS_DIGEST);
    if (bytes.n == NS_DIGEST) {
        memcpy(out, bytes.p, NS_DIGEST);
    }
}

ns_rc ns_row_audit_head(struct ns_db *db, int64_t *seq, uint8_t digest[NS_DIGEST],
                        struct ns_err *err) {
    struct ns_query q;
    *seq = 0;
    memset(digest, 0, NS_DIGEST);
    ns_query_start(&q, db, queries[HEAD]);
    if (ns_query_row(&q)) {
        *seq = ns_col_int(&q, 0);
        digest_of(&q, 1, digest);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_audit_add(struct ns_db *db, const struct ns_audit_entry *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[AUDIT_ADD]);
    ns_query_int(&q, in->seq);
    ns_query_id(&q, in->id);
    ns_query_int(&q, in->at);
    ns_query_id(&q, in->actor_id);
    ns_query_id(&q, in->device_id);
    ns_query_text(&q, in->action);
    ns_query_text(&q, in->entity);
    ns_query_id(&q, in->entity_id);
    ns_query_text(&q, in->detail);
    ns_query_blob(&q, in->previous, NS_DIGEST);
    ns_query_blob(&q, in->digest, NS_DIGEST);
    ns_rc rc = ns_query_run(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[HEAD_SET]);
    ns_query_int(&q, in->seq);
    ns_query_blob(&q, in->digest, NS_DIGEST);
    return ns_query_run(&q, err);
}

static void read_line(const struct ns_query *q, struct ns_arena *arena, struct ns_audit_entry *e) {
    e->seq = ns_col_int(q, 0);
    e->id = ns_col_id(q, 1);
    e->at = ns_col_int(q, 2);
    e->actor_id = ns_col_id(q, 3);
    e->device_id = ns_col_id(q, 4);
    e->action = ns_col_text(q, 5, arena);
    e->entity = ns_col_text(q, 6, arena);
    e->entity_id = ns_col_id(q, 7);
    e->detail = ns_col_text(q, 8, arena);
    digest_of(q, 9, e->previous);
    digest_of(q, 10, e->digest);
}

ns_rc ns_row_audit_walk(struct ns_db *db, bool (*visit)(void *, const struct ns_audit_entry *),
                        void *self, struct ns_err *err) {
    struct ns_query q;
    struct ns_arena arena = {0};
    bool go_on = true;
    ns_query_start(&q, db, queries[WALK]);
    while (go_on && ns_query_row(&q)) {
        struct ns_audit_entry e = {0};
        read_line(&q, &arena, &e);
        go_on = visit(self, &e);
        ns_arena_reset(&arena);
    }
    ns_arena_fini(&arena);
    return ns_query_end(&q, err);
}

ns_rc ns_row_audit_since(struct ns_db *db, int64_t seq, int limit, struct ns_arena *arena,
                         struct ns_audit_entry **out, int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[SINCE]);
    ns_query_int(&q, seq);
    ns_query_int(&q, limit);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_audit_entry);
        struct ns_audit_entry *e = &(*out)[(*count)++];
        *e = (struct ns_audit_entry){0};
        read_line(&q, arena, e);
    }
    return ns_query_end(&q, err);
}

static void bind_span(struct ns_query *q, const struct ns_audit_span *s, bool page) {
    if (s->entity != NULL) {
        ns_query_text(q, s->entity);
    }
    if (!ns_id_is_zero(s->actor_id)) {
        ns_query_id(q, s->actor_id);
    }
    ns_query_int(q, s->since == NS_TIME_NONE ? INT64_MIN : s->since);
    if (page) {
        ns_query_int(q, s->before_seq > 0 ? s->before_seq : INT64_MAX);
        ns_query_int(q, s->limit);
    }
}

ns_rc ns_row_audit_page(struct ns_db *db, const struct ns_audit_span *span, struct ns_arena *arena,
                        struct ns_audit_entry **out, int *count, int64_t *total,
                        struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    int which = (span->entity != NULL ? 1 : 0) + (ns_id_is_zero(span->actor_id) ? 0 : 2);
    *out = NULL;
    *count = 0;
    *total = 0;
    ns_query_start(&q, db, queries[PAGE_ALL + which]);
    bind_span(&q, span, true);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_audit_entry);
        struct ns_audit_entry *e = &(*out)[(*count)++];
        *e = (struct ns_audit_entry){0};
        read_line(&q, arena, e);
        e->actor_name = ns_col_text(&q, 11, arena);
    }
    ns_rc rc = ns_query_end(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[COUNT_ALL + which]);
    bind_span(&q, span, false);
    if (ns_query_row(&q)) {
        *total = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

const struct ns_query_table ns_queries_ledger = {"ledger", queries, Q_COUNT};
