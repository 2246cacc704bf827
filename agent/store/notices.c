#include "agent/store/notices.h"

#include "agent/store/rows.h"

#include <string.h>

#define PREFERENCE_COLUMNS                                                                     \
    "user_id, id, switches, quiet_from, quiet_until, stock_days, change_hours, expiry_days, "  \
    "daily_limit, timezone, consent_at, marketing_consent_at, created_at, updated_at"
#define COLUMNS                                                                                \
    "n.id, n.user_id, n.kind, n.subject, n.child_id, n.amount, n.local_day, n.words, "         \
    "n.channel, n.status, n.created_at, n.delivered_at, n.opened_at, n.clicked_at, "           \
    "n.dismissed_at"
#define NAMED "SELECT " COLUMNS ", person_open(c.id, c.name) FROM notices n LEFT JOIN children c ON c.id = n.child_id "
#define STANDS " n.ended_at IS NULL AND n.channel = 'IN_APP' "

enum {
    PREFERENCES, PREFERENCES_PUT, TOKENS, TOKEN_PUT, ADD, FIND, LIST, COUNT, STANDING, END, DELIVER, WAITING,
    TOLD, SEEN, OLDER, DROP, READERS, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [PREFERENCES] = "SELECT " PREFERENCE_COLUMNS " FROM notice_preferences WHERE user_id = ?",
    [PREFERENCES_PUT] = "INSERT INTO notice_preferences (" PREFERENCE_COLUMNS ") "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                        "ON CONFLICT (user_id) DO UPDATE SET switches = excluded.switches, "
                        "quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, "
                        "stock_days = excluded.stock_days, change_hours = excluded.change_hours, "
                        "expiry_days = excluded.expiry_days, daily_limit = excluded.daily_limit, "
                        "timezone = excluded.timezone, consent_at = excluded.consent_at, "
                        "marketing_consent_at = excluded.marketing_consent_at, "
                        "updated_at = excluded.updated_at",
    [TOKENS] = "SELECT token, platform FROM notice_tokens WHERE user_id = ? ORDER BY token",
    [TOKEN_PUT] = "INSERT INTO notice_tokens (user_id, token, platform, at) VALUES (?, ?, ?, ?) "
                  "ON CONFLICT (user_id, token) DO UPDATE SET platform = excluded.platform, at = excluded.at",
    [ADD] = "INSERT INTO notices (id, user_id, kind, subject, child_id, amount, local_day, words, channel, "
            "status, created_at, delivered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [FIND] = NAMED "WHERE n.id = ? AND n.user_id = ?",
    [LIST] = NAMED "JOIN json_each(?3) k ON k.value = n.kind WHERE n.user_id = ?1 AND n.created_at >= ?2 "
                   "ORDER BY n.created_at DESC, n.seq DESC LIMIT ?4 OFFSET ?5",
    [COUNT] = "SELECT count(*) FROM notices n JOIN json_each(?3) k ON k.value = n.kind "
              "WHERE n.user_id = ?1 AND n.created_at >= ?2",
    [STANDING] = "SELECT " COLUMNS ", NULL FROM notices n WHERE n.user_id = ? AND" STANDS,
    [END] = "UPDATE notices SET ended_at = ?1, status = CASE status WHEN 'PENDING' THEN 'CANCELLED' ELSE status END "
            "WHERE id = ?2",
    [DELIVER] = "UPDATE notices SET status = 'DELIVERED', delivered_at = ? WHERE id = ?",
    [WAITING] = "SELECT " COLUMNS ", NULL FROM notices n WHERE n.user_id = ? AND n.status = 'PENDING' AND" STANDS
                "ORDER BY n.seq",
    [TOLD] = "SELECT count(*) FROM notices n JOIN json_each(?3) k ON k.value = n.kind "
             "WHERE n.user_id = ?1 AND n.created_at >= ?2 - 604800000000 AND n.delivered_at >= ?2 AND n.channel = 'IN_APP'",
    [SEEN] = "UPDATE notices SET opened_at = coalesce(opened_at, ?), clicked_at = coalesce(clicked_at, ?), "
             "dismissed_at = coalesce(dismissed_at, ?) WHERE id = ?",
    [OLDER] = "SELECT count(*) FROM notices WHERE created_at < ?",
    [DROP] = "DELETE FROM notices WHERE created_at < ?",
    [READERS] = "SELECT id, role FROM users WHERE status = 'ACTIVE'",
};
const struct ns_query_table ns_queries_notices = {"notices", queries, Q_COUNT};

/* All on but marketing and SMS; quiet hours off. */
static struct ns_notice_preferences usual(ns_id user) {
    return (struct ns_notice_preferences){
        .user_id = user,
        .switches = NS_NOTIFY_ON | NS_NOTIFY_CRITICAL | NS_NOTIFY_IMPORTANT | NS_NOTIFY_OPTIONAL |
                    NS_NOTIFY_PUSH | NS_NOTIFY_EMAIL | NS_NOTIFY_STOCK | NS_NOTIFY_CHANGE |
                    NS_NOTIFY_EXPIRY | NS_NOTIFY_TIPS,
        .quiet_from = NS_NONE, .quiet_until = NS_NONE, .stock_days = 3, .change_hours = 4,
        .expiry_days = 7, .daily_limit = 10, .consent_at = NS_TIME_NONE,
        .marketing_consent_at = NS_TIME_NONE, .created_at = NS_TIME_NONE, .updated_at = NS_TIME_NONE};
}

ns_rc ns_row_notice_preferences(struct ns_db *db, ns_id user, struct ns_arena *arena,
                                struct ns_notice_preferences *out, struct ns_err *err) {
    struct ns_query q;
    *out = usual(user);
    ns_query_start(&q, db, queries[PREFERENCES]);
    ns_query_id(&q, user);
    if (ns_query_row(&q)) {
        *out = (struct ns_notice_preferences){
            .user_id = user, .id = ns_col_id(&q, 1), .switches = (uint32_t)ns_col_int(&q, 2),
            .quiet_from = (int)ns_col_opt(&q, 3, NS_NONE), .quiet_until = (int)ns_col_opt(&q, 4, NS_NONE),
            .stock_days = (int)ns_col_int(&q, 5), .change_hours = (int)ns_col_int(&q, 6),
            .expiry_days = (int)ns_col_int(&q, 7), .daily_limit = (int)ns_col_int(&q, 8),
            .timezone = ns_col_text(&q, 9, arena), .consent_at = ns_col_opt(&q, 10, NS_TIME_NONE),
            .marketing_consent_at = ns_col_opt(&q, 11, NS_TIME_NONE), .created_at = ns_col_int(&q, 12),
            .updated_at = ns_col_int(&q, 13)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_notice_preferences_put(struct ns_db *db, const struct ns_notice_preferences *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[PREFERENCES_PUT]);
    ns_query_id(&q, in->user_id);
    ns_query_id(&q, in->id);
    ns_query_int(&q, in->switches);
    ns_query_opt(&q, in->quiet_from, NS_NONE);
    ns_query_opt(&q, in->quiet_until, NS_NONE);
    ns_query_int(&q, in->stock_days);
    ns_query_int(&q, in->change_hours);
    ns_query_int(&q, in->expiry_days);
    ns_query_int(&q, in->daily_limit);
    ns_query_text(&q, in->timezone);
    ns_query_opt(&q, in->consent_at, NS_TIME_NONE);
    ns_query_opt(&q, in->marketing_consent_at, NS_TIME_NONE);
    ns_query_int(&q, in->created_at);
    ns_query_int(&q, in->updated_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_notice_tokens(struct ns_db *db, ns_id user, struct ns_arena *arena,
                           struct ns_notice_token **out, int *count, struct ns_err *err) {
    struct ns_query q;
    struct ns_notice_token *list = NULL;
    int n = 0, cap = 0;
    ns_query_start(&q, db, queries[TOKENS]);
    ns_query_id(&q, user);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, n, cap, struct ns_notice_token);
        list[n++] = (struct ns_notice_token){ns_col_text(&q, 0, arena), ns_col_text(&q, 1, arena)};
    }
    *out = list;
    *count = n;
    return ns_query_end(&q, err);
}

ns_rc ns_row_notice_token_put(struct ns_db *db, ns_id user, const char *token, const char *platform,
                              ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TOKEN_PUT]);
    ns_query_id(&q, user);
    ns_query_text(&q, token);
    ns_query_text(&q, platform);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

ns_rc ns_row_notice_add(struct ns_db *db, const struct ns_notice *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->user_id);
    ns_query_text(&q, ns_notice_kind_name(in->kind));
    ns_query_text(&q, in->subject);
    ns_query_id(&q, in->child_id);
    ns_query_int(&q, in->amount);
    ns_query_opt(&q, in->day, NS_DATE_NONE);
    ns_query_text(&q, in->words);
    ns_query_text(&q, ns_notice_channel_name(in->channel));
    ns_query_text(&q, ns_notice_status_name(in->status));
    ns_query_int(&q, in->created_at);
    ns_query_opt(&q, in->delivered_at, NS_TIME_NONE);
    return ns_query_run(&q, err);
}

static struct ns_notice read_row(const struct ns_query *q, struct ns_arena *arena) {
    struct ns_notice n = {
        .id = ns_col_id(q, 0), .user_id = ns_col_id(q, 1), .subject = ns_col_text(q, 3, arena),
        .child_id = ns_col_id(q, 4), .amount = ns_col_int(q, 5),
        .day = (ns_date)ns_col_opt(q, 6, NS_DATE_NONE), .words = ns_col_text(q, 7, arena),
        .created_at = ns_col_int(q, 10), .delivered_at = ns_col_opt(q, 11, NS_TIME_NONE),
        .opened_at = ns_col_opt(q, 12, NS_TIME_NONE), .clicked_at = ns_col_opt(q, 13, NS_TIME_NONE),
        .dismissed_at = ns_col_opt(q, 14, NS_TIME_NONE), .child_name = ns_col_text(q, 15, arena)};
    ns_notice_kind_parse(ns_col_bytes(q, 2), &n.kind);
    ns_notice_channel_parse(ns_col_bytes(q, 8), &n.channel);
    ns_notice_status_parse(ns_col_bytes(q, 9), &n.status);
    return n;
}

static ns_rc read_all(struct ns_query *q, struct ns_arena *arena, struct ns_notice **out, int *count,
                      struct ns_err *err) {
    struct ns_notice *list = NULL;
    int n = 0, cap = 0;
    while (ns_query_row(q)) {
        NS_LIST_ROOM(arena, list, n, cap, struct ns_notice);
        list[n++] = read_row(q, arena);
    }
    *out = list;
    *count = n;
    return ns_query_end(q, err);
}

ns_rc ns_row_notice_find(struct ns_db *db, ns_id user, ns_id id, struct ns_arena *arena,
                         struct ns_notice *out, bool *mine, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[FIND]);
    ns_query_id(&q, id);
    ns_query_id(&q, user);
    *mine = ns_query_row(&q);
    if (*mine) {
        *out = read_row(&q, arena);
    }
    return ns_query_end(&q, err);
}

/* ["LOW_STOCK","TEST"] */
static const char *kinds_json(struct ns_arena *arena, uint32_t kinds) {
    const char *text = "[";
    for (int k = 0; k < NS_NOTICE_COUNT; k++) {
        if ((kinds >> k & 1U) != 0) {
            text = ns_arena_printf(arena, "%s%s\"%s\"", text, text[1] == '\0' ? "" : ",",
                                   ns_notice_kind_name((enum ns_notice_kind)k));
        }
    }
    return ns_arena_printf(arena, "%s]", text);
}

ns_rc ns_row_notice_list(struct ns_db *db, ns_id user, uint32_t kinds, ns_time since, int limit,
                         int offset, struct ns_arena *arena, struct ns_notice **out, int *count,
                         int64_t *total, struct ns_err *err) {
    struct ns_query q;
    const char *names = kinds_json(arena, kinds);
    ns_query_start(&q, db, queries[LIST]);
    ns_query_id(&q, user);
    ns_query_int(&q, since);
    ns_query_text(&q, names);
    ns_query_int(&q, limit);
    ns_query_int(&q, offset);
    ns_rc rc = read_all(&q, arena, out, count, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[COUNT]);
    ns_query_id(&q, user);
    ns_query_int(&q, since);
    ns_query_text(&q, names);
    *total = ns_query_row(&q) ? ns_col_int(&q, 0) : 0;
    return ns_query_end(&q, err);
}

static ns_rc of_user(struct ns_db *db, int query, ns_id user, struct ns_arena *arena,
                     struct ns_notice **out, int *count, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[query]);
    ns_query_id(&q, user);
    return read_all(&q, arena, out, count, err);
}

ns_rc ns_row_notice_standing(struct ns_db *db, ns_id user, struct ns_arena *arena,
                             struct ns_notice **out, int *count, struct ns_err *err) {
    return of_user(db, STANDING, user, arena, out, count, err);
}

ns_rc ns_row_notice_waiting(struct ns_db *db, ns_id user, struct ns_arena *arena,
                            struct ns_notice **out, int *count, struct ns_err *err) {
    return of_user(db, WAITING, user, arena, out, count, err);
}

static ns_rc stamp(struct ns_db *db, int query, ns_id id, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[query]);
    ns_query_int(&q, now);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_notice_end(struct ns_db *db, ns_id id, ns_time now, struct ns_err *err) {
    return stamp(db, END, id, now, err);
}

ns_rc ns_row_notice_deliver(struct ns_db *db, ns_id id, ns_time now, struct ns_err *err) {
    return stamp(db, DELIVER, id, now, err);
}

ns_rc ns_row_notice_told(struct ns_db *db, ns_id user, uint32_t kinds, ns_time since, int *out,
                         struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_query q;
    ns_query_start(&q, db, queries[TOLD]);
    ns_query_id(&q, user);
    ns_query_int(&q, since);
    ns_query_text(&q, kinds_json(&arena, kinds));
    *out = ns_query_row(&q) ? (int)ns_col_int(&q, 0) : 0;
    ns_rc rc = ns_query_end(&q, err);
    ns_arena_fini(&arena);
    return rc;
}

ns_rc ns_row_notice_seen(struct ns_db *db, ns_id id, ns_time opened, ns_time clicked,
                         ns_time dismissed, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SEEN]);
    ns_query_opt(&q, opened, NS_TIME_NONE);
    ns_query_opt(&q, clicked, NS_TIME_NONE);
    ns_query_opt(&q, dismissed, NS_TIME_NONE);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_notices_older(struct ns_db *db, ns_time than, int64_t *out, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[OLDER]);
    ns_query_int(&q, than);
    *out = ns_query_row(&q) ? ns_col_int(&q, 0) : 0;
    return ns_query_end(&q, err);
}

ns_rc ns_row_notices_drop(struct ns_db *db, ns_time older, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DROP]);
    ns_query_int(&q, older);
    return ns_query_run(&q, err);
}

ns_rc ns_row_notice_readers(struct ns_db *db, struct ns_arena *arena, struct ns_notice_reader **out,
                            int *count, struct ns_err *err) {
    struct ns_query q;
    struct ns_notice_reader *list = NULL;
    int n = 0, cap = 0;
    ns_query_start(&q, db, queries[READERS]);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, n, cap, struct ns_notice_reader);
        list[n] = (struct ns_notice_reader){.user = ns_col_id(&q, 0)};
        n += ns_role_parse(ns_col_bytes(&q, 1), &list[n].role);
    }
    *out = list;
    *count = n;
    return ns_query_end(&q, err);
}
