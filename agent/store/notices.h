/* notices.h: what people are told in the app, and how each wants to be told.
 *
 * A notice of a state (the stock is low) stands until the state ends and can then be told anew; one
 * of an event stands for good. The unique index on (user, kind, subject) keeps both from being told
 * twice. Names are joined when a notice is read, so that forgetting a child leaves none behind.
 * Memory: texts live in the arena. Threads: the connection's; writes want a transaction. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/model.h"

/* Bits of switches. */
enum {
    NS_NOTIFY_ON = 1 << 0,
    NS_NOTIFY_CRITICAL = 1 << 1,
    NS_NOTIFY_IMPORTANT = 1 << 2,
    NS_NOTIFY_OPTIONAL = 1 << 3,
    NS_NOTIFY_PUSH = 1 << 4,
    NS_NOTIFY_EMAIL = 1 << 5,
    NS_NOTIFY_SMS = 1 << 6,
    NS_NOTIFY_QUIET = 1 << 7,
    NS_NOTIFY_STOCK = 1 << 8,
    NS_NOTIFY_CHANGE = 1 << 9,
    NS_NOTIFY_EXPIRY = 1 << 10,
    NS_NOTIFY_TIPS = 1 << 11,
    NS_NOTIFY_MARKETING = 1 << 12,
};
struct ns_notice_preferences {
    ns_id id; /* zero: nobody saved any, the defaults hold */
    ns_id user_id;
    uint32_t switches;
    int quiet_from; /* minute of the local day; NS_NONE: not told */
    int quiet_until;
    int stock_days;
    int change_hours;
    int expiry_days;
    int daily_limit;
    const char *timezone; /* NULL: of the household */
    ns_time consent_at;   /* NS_TIME_NONE: not given */
    ns_time marketing_consent_at;
    ns_time created_at;
    ns_time updated_at;
};
struct ns_notice {
    ns_id id;
    ns_id user_id;
    enum ns_notice_kind kind;
    const char *subject;
    ns_id child_id; /* zero: none */
    const char *child_name; /* NULL: none; reading only */
    int64_t amount;
    ns_date day;       /* NS_DATE_NONE: none */
    const char *words; /* NULL: none */
    enum ns_notice_channel channel;
    enum ns_notice_status status;
    ns_time created_at;
    ns_time delivered_at;
    ns_time opened_at;
    ns_time clicked_at;
    ns_time dismissed_at;
};
struct ns_notice_token {
    const char *token;
    const char *platform;
};

/* The defaults when no row is there. */
ns_rc ns_row_notice_preferences(struct ns_db *db, ns_id user, struct ns_arena *arena,
                                struct ns_notice_preferences *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_notice_preferences_put(struct ns_db *db, const struct ns_notice_preferences *in,
                                    struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_notice_tokens(struct ns_db *db, ns_id user, struct ns_arena *arena,
                           struct ns_notice_token **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_notice_token_put(struct ns_db *db, ns_id user, const char *token, const char *platform,
                              ns_time now, struct ns_err *err) NS_MUST_USE;

ns_rc ns_row_notice_add(struct ns_db *db, const struct ns_notice *in, struct ns_err *err) NS_MUST_USE;
/* Of a person, with names; *mine false: no such notice of theirs. */
ns_rc ns_row_notice_find(struct ns_db *db, ns_id user, ns_id id, struct ns_arena *arena,
                         struct ns_notice *out, bool *mine, struct ns_err *err) NS_MUST_USE;
/* Newest first, with names. The kinds asked for are bits of 1 << ns_notice_kind. */
ns_rc ns_row_notice_list(struct ns_db *db, ns_id user, uint32_t kinds, ns_time since, int limit,
                         int offset, struct ns_arena *arena, struct ns_notice **out, int *count,
                         int64_t *total, struct ns_err *err) NS_MUST_USE;
/* Standing ones of a person in the app. */
ns_rc ns_row_notice_standing(struct ns_db *db, ns_id user, struct ns_arena *arena,
                             struct ns_notice **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_notice_end(struct ns_db *db, ns_id id, ns_time now, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_notice_deliver(struct ns_db *db, ns_id id, ns_time now, struct ns_err *err) NS_MUST_USE;
/* Waiting ones of a person, oldest first. */
ns_rc ns_row_notice_waiting(struct ns_db *db, ns_id user, struct ns_arena *arena,
                            struct ns_notice **out, int *count, struct ns_err *err) NS_MUST_USE;
/* Delivered since, of the kinds. */
ns_rc ns_row_notice_told(struct ns_db *db, ns_id user, uint32_t kinds, ns_time since, int *out,
                         struct ns_err *err) NS_MUST_USE;
/* Opened, clicked, dismissed: the first time counts; NS_TIME_NONE changes nothing. */
ns_rc ns_row_notice_seen(struct ns_db *db, ns_id id, ns_time opened, ns_time clicked,
                         ns_time dismissed, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_notices_older(struct ns_db *db, ns_time than, int64_t *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_notices_drop(struct ns_db *db, ns_time older, struct ns_err *err) NS_MUST_USE;

/* Active people of the home. */
struct ns_notice_reader {
    ns_id user;
    enum ns_role role;
};
ns_rc ns_row_notice_readers(struct ns_db *db, struct ns_arena *arena, struct ns_notice_reader **out,
                            int *count, struct ns_err *err) NS_MUST_USE;
