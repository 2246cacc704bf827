/* sessions.c */
#include "agent/store/sessions.h"

#include <string.h>

enum {
    PAIRING, PAIRING_PUT, SESSION, SESSION_ADD, SESSION_SPEND, SESSION_DROP, SESSIONS_OLD, DEVICE,
    REVOKE, REVOKE_ALL, RENAME, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [PAIRING] = "SELECT run, code_hash, salt, closes_steady_us, tries, used, day, day_tries "
                "FROM pairing WHERE one = 1",
    [PAIRING_PUT] = "INSERT OR REPLACE INTO pairing (one, run, code_hash, salt, closes_steady_us, "
                    "tries, used, day, day_tries) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SESSION] = "SELECT device_id, issued_at, expires_at, spent_at, successor, again "
                "FROM sessions WHERE refresh_hash = ?",
    [SESSION_ADD] = "INSERT INTO sessions (refresh_hash, device_id, issued_at, expires_at) "
                    "VALUES (?, ?, ?, ?)",
    [SESSION_SPEND] = "UPDATE sessions SET spent_at = ?, successor = ?, again = ? "
                      "WHERE refresh_hash = ?",
    [SESSION_DROP] = "DELETE FROM sessions WHERE refresh_hash = ?",
    [SESSIONS_OLD] = "DELETE FROM sessions WHERE expires_at < ?",
    [DEVICE] = "SELECT d.user_id, d.paired_at, d.last_seen_at, d.revoked_at, u.role "
               "FROM devices d JOIN users u ON u.id = d.user_id WHERE d.id = ?",
    [REVOKE] = "UPDATE devices SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
    [REVOKE_ALL] = "UPDATE devices SET revoked_at = ? WHERE id > x'' AND id <> ? AND revoked_at IS NULL",
    [RENAME] = "UPDATE devices SET name = ? WHERE id = ?",
};

static void copy(const struct ns_query *q, int column, void *out, size_t n) {
    struct ns_str bytes = ns_col_bytes(q, column);
    if (bytes.n == n) {
        memcpy(out, bytes.p, n);
    }
}

ns_rc ns_row_pairing(struct ns_db *db, struct ns_pairing_row *out, bool *found,
                     struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_pairing_row){0};
    ns_query_start(&q, db, queries[PAIRING]);
    *found = ns_query_row(&q);
    if (*found) {
        out->run = ns_col_id(&q, 0);
        copy(&q, 1, out->code_hash, sizeof out->code_hash);
        copy(&q, 2, out->salt, sizeof out->salt);
        out->closes_steady_us = ns_col_int(&q, 3);
        out->tries = ns_col_int(&q, 4);
        out->used = ns_col_int(&q, 5) != 0;
        out->day = ns_col_int(&q, 6);
        out->day_tries = ns_col_int(&q, 7);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_pairing_put(struct ns_db *db, const struct ns_pairing_row *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[PAIRING_PUT]);
    ns_query_id(&q, in->run);
    ns_query_blob(&q, in->code_hash, sizeof in->code_hash);
    ns_query_blob(&q, in->salt, sizeof in->salt);
    ns_query_int(&q, in->closes_steady_us);
    ns_query_int(&q, in->tries);
    ns_query_int(&q, in->used);
    ns_query_int(&q, in->day);
    ns_query_int(&q, in->day_tries);
    return ns_query_run(&q, err);
}

ns_rc ns_row_session(struct ns_db *db, const uint8_t hash[32], struct ns_session_row *out,
                     bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_session_row){0};
    memcpy(out->refresh_hash, hash, 32);
    ns_query_start(&q, db, queries[SESSION]);
    ns_query_blob(&q, hash, 32);
    *found = ns_query_row(&q);
    if (*found) {
        out->device = ns_col_id(&q, 0);
        out->issued_at = ns_col_int(&q, 1);
        out->expires_at = ns_col_int(&q, 2);
        out->spent_at = ns_col_opt(&q, 3, NS_TIME_NONE);
        copy(&q, 4, out->successor, sizeof out->successor);
        out->again = ns_col_int(&q, 5) != 0;
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_session_add(struct ns_db *db, const struct ns_session_row *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SESSION_ADD]);
    ns_query_blob(&q, in->refresh_hash, 32);
    ns_query_id(&q, in->device);
    ns_query_int(&q, in->issued_at);
    ns_query_int(&q, in->expires_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_session_spend(struct ns_db *db, const struct ns_session_row *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SESSION_SPEND]);
    ns_query_int(&q, in->spent_at);
    ns_query_blob(&q, in->successor, 32);
    ns_query_int(&q, in->again);
    ns_query_blob(&q, in->refresh_hash, 32);
    return ns_query_run(&q, err);
}

ns_rc ns_row_session_drop(struct ns_db *db, const uint8_t hash[32], struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SESSION_DROP]);
    ns_query_blob(&q, hash, 32);
    return ns_query_run(&q, err);
}

ns_rc ns_row_sessions_drop_old(struct ns_db *db, ns_time before, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SESSIONS_OLD]);
    ns_query_int(&q, before);
    return ns_query_run(&q, err);
}

ns_rc ns_row_device(struct ns_db *db, ns_id id, struct ns_device *out, enum ns_role *role,
                    bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_device){.id = id};
    ns_query_start(&q, db, queries[DEVICE]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        out->user_id = ns_col_id(&q, 0);
        out->paired_at = ns_col_int(&q, 1);
        out->last_seen_at = ns_col_opt(&q, 2, NS_TIME_NONE);
        out->revoked_at = ns_col_opt(&q, 3, NS_TIME_NONE);
        *found = ns_role_parse(ns_col_bytes(&q, 4), role);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_device_revoke(struct ns_db *db, ns_id id, ns_id keep, ns_time now, int64_t *count,
                           struct ns_err *err) {
    struct ns_query q;
    bool all = ns_id_is_zero(id);
    ns_query_start(&q, db, queries[all ? REVOKE_ALL : REVOKE]);
    ns_query_int(&q, now);
    ns_query_blob(&q, all ? &keep : &id, sizeof id); /* zero too: nobody is kept */
    ns_rc rc = ns_query_run(&q, err);
    *count = rc == NS_OK ? ns_db_changes(db) : 0;
    return rc;
}

ns_rc ns_row_device_rename(struct ns_db *db, ns_id id, const char *name, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[RENAME]);
    ns_query_text(&q, name);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

const struct ns_query_table ns_queries_sessions = {"sessions", queries, Q_COUNT};
