/* sessions.h: rows of pairing, refresh tokens and the state of one device.
 * Threads: that of the connection. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/model.h"

struct ns_pairing_row {
    ns_id run;
    uint8_t code_hash[32];
    uint8_t salt[16];
    int64_t closes_steady_us;
    int64_t tries;
    bool used;
    int64_t day;
    int64_t day_tries;
};
ns_rc ns_row_pairing(struct ns_db *db, struct ns_pairing_row *out, bool *found,
                     struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_pairing_put(struct ns_db *db, const struct ns_pairing_row *in,
                         struct ns_err *err) NS_MUST_USE;

struct ns_session_row {
    uint8_t refresh_hash[32];
    ns_id device;
    ns_time issued_at;
    ns_time expires_at;
    ns_time spent_at; /* NS_TIME_NONE: not yet */
    uint8_t successor[32];
    bool again; /* traded a second time, for an answer that was lost */
};
ns_rc ns_row_session(struct ns_db *db, const uint8_t hash[32], struct ns_session_row *out,
                     bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_session_add(struct ns_db *db, const struct ns_session_row *in,
                         struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_session_spend(struct ns_db *db, const struct ns_session_row *in,
                           struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_session_drop(struct ns_db *db, const uint8_t hash[32], struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_sessions_drop_old(struct ns_db *db, ns_time before, struct ns_err *err) NS_MUST_USE;

ns_rc ns_row_device(struct ns_db *db, ns_id id, struct ns_device *out, enum ns_role *role,
                    bool *found, struct ns_err *err) NS_MUST_USE; /* no texts */
/* Zero id: all but the one named keep. *count: how many were not revoked before. */
ns_rc ns_row_device_revoke(struct ns_db *db, ns_id id, ns_id keep, ns_time now, int64_t *count,
                           struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_device_rename(struct ns_db *db, ns_id id, const char *name,
                           struct ns_err *err) NS_MUST_USE;
