/* audit.h: the audit trail: one line for every change, chained by SHA-256.
 *
 * A line holds who, from which device, when, what was done to which thing, and the names of the
 * fields concerned: never their contents. Lines cannot be changed or removed (triggers), and a
 * changed, missing or added one breaks the chain. Threads: the connection's. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/model.h"

/* To be called inside the transaction of the change itself. detail: JSON or NULL. */
ns_rc ns_audit_append(struct ns_db *db, const struct ns_env *env, ns_time now,
                      const struct ns_actor *actor, const char *action, const char *entity,
                      ns_id entity_id, const char *detail, struct ns_err *err) NS_MUST_USE;

struct ns_audit_state {
    int64_t lines;
    bool intact;
    int64_t broken_at; /* sequence of the first line that does not fit; 0: none */
    uint8_t head[NS_DIGEST];
};
/* Walks the whole chain (about a microsecond a line). */
ns_rc ns_audit_verify(struct ns_db *db, struct ns_audit_state *out, struct ns_err *err) NS_MUST_USE;

struct ns_audit_filter {
    const char *entity; /* NULL: all */
    ns_id actor_id;     /* zero: all */
    ns_time since;      /* NS_TIME_NONE: all */
    int64_t before_seq; /* 0: from the newest */
    int limit;          /* clamped to 500 */
};
struct ns_audit_page {
    const struct ns_audit_entry *entries; /* newest first */
    int count;
    int64_t total; /* of the filter, ignoring before_seq */
    bool more;
};
ns_rc ns_audit_list(struct ns_db *db, const struct ns_audit_filter *filter,
                    struct ns_arena *arena, struct ns_audit_page *out,
                    struct ns_err *err) NS_MUST_USE;

/* Forward, from seq on (that line included), at most limit lines; actor names are not read. */
ns_rc ns_audit_since(struct ns_db *db, int64_t seq, int limit, struct ns_arena *arena,
                     struct ns_audit_entry **out, int *count, struct ns_err *err) NS_MUST_USE;
/* The newest line; seq 0 when there is none. */
ns_rc ns_audit_head(struct ns_db *db, int64_t *seq, uint8_t digest[NS_DIGEST],
                    struct ns_err *err) NS_MUST_USE;

/* SHA-256 over the canonical bytes of a line (its digest field is not read). */
void ns_audit_digest(const struct ns_audit_entry *entry, uint8_t out[NS_DIGEST]);
