/* outbox.h: the rows of what is asked of the world, and of what left the house. As rows.h.
 * Threads: the connection's. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/model.h"

#define NS_INTENT_STATE_LIST(X, P)                                                             \
    X(P, NEW) X(P, SENT) X(P, UNKNOWN) X(P, LOOKUP) X(P, DONE) X(P, FAILED) X(P, HUMAN)
enum ns_intent_state {
#define NS_INTENT_STATE(prefix, name) prefix##name,
    NS_INTENT_STATE_LIST(NS_INTENT_STATE, NS_INTENT_)
#undef NS_INTENT_STATE
        NS_INTENT_COUNT
};

struct ns_intent {
    ns_id id;
    const char *destination;
    const char *purpose; /* one open intent each */
    const char *kind;
    const char *method;
    const char *path;
    const char *body; /* exactly as it is sent, every time */
    const char *key;
    enum ns_intent_state state;
    int tries;
    int lookups;
    ns_time next_at;
    ns_time first_sent_at;
    ns_time absent_at;
    int64_t amount; /* cents agreed to; NS_NONE: no money */
    ns_id actor;
    const char *data; /* what the answer is applied to; may be NULL */
    const char *answer;
    const char *request_id;
    ns_time created_at;
};

const char *ns_intent_state_name(enum ns_intent_state state);
ns_rc ns_row_intent_add(struct ns_db *db, const struct ns_intent *in, struct ns_err *err) NS_MUST_USE;
/* Writes what changes: state, counts, times, answer. */
ns_rc ns_row_intent_write(struct ns_db *db, const struct ns_intent *in, ns_time now, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_intent(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_intent *out,
                    bool *found, struct ns_err *err) NS_MUST_USE;
/* The one that is not settled: open, or waiting for a person. */
ns_rc ns_row_intent_open(struct ns_db *db, const char *purpose, struct ns_arena *arena,
                         struct ns_intent *out, bool *found, struct ns_err *err) NS_MUST_USE;
/* The open intent that is due first; found false: none is. */
ns_rc ns_row_intent_due(struct ns_db *db, ns_time now, struct ns_arena *arena, struct ns_intent *out,
                        bool *found, struct ns_err *err) NS_MUST_USE;
/* When the next one is; NS_TIME_NONE: nothing is open. */
ns_rc ns_row_intent_next(struct ns_db *db, ns_time *out, struct ns_err *err) NS_MUST_USE;
/* Ended ones of a purpose: its cycle. */
ns_rc ns_row_intent_cycle(struct ns_db *db, const char *purpose, int64_t *out, struct ns_err *err) NS_MUST_USE;

struct ns_attempt_row {
    int n;
    ns_time at;
    int64_t steady_us;
    int64_t run;  /* of the program: which steady clock */
    bool heard;   /* `at` agreed with the other side's clock */
    uint8_t body_hash[NS_DIGEST];
};
ns_rc ns_row_attempt_add(struct ns_db *db, ns_id intent, const struct ns_attempt_row *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_attempt_first(struct ns_db *db, ns_id intent, struct ns_attempt_row *out, bool *found,
                          struct ns_err *err) NS_MUST_USE;

struct ns_egress_line {
    ns_time at;
    const char *destination;
    const char *purpose;
    const char *jurisdiction;
    const char *method;
    const char *path;
    const char *fields;
    int64_t bytes;
    uint8_t hash[NS_DIGEST];
    ns_id consent_id;
    const char *outcome;
};
ns_rc ns_row_egress_add(struct ns_db *db, const struct ns_egress_line *in, struct ns_err *err) NS_MUST_USE;
/* Newest first. */
ns_rc ns_row_egress(struct ns_db *db, int limit, struct ns_arena *arena, struct ns_egress_line **out,
                    int *count, struct ns_err *err) NS_MUST_USE;
