#include "agent/store/rows.h"

#include <string.h>

#define USER_COLUMNS                                                                           \
    "id, email, first_name, last_name, display_name, phone_number, timezone, language, "       \
    "currency, province, postal_code, status, role, email_verified, onboarding_completed, "    \
    "created_at"

enum { HOUSEHOLD, HOUSEHOLD_ADD, USER, USER_ADD, DEVICE_BY_NAME, DEVICE_ADD, DEVICE_TOUCH, DEVICES, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [HOUSEHOLD] = "SELECT h.id, h.province, h.timezone, h.language, h.demo, h.owner_id, "
                  "u.display_name, h.created_at FROM household h JOIN users u ON u.id = h.owner_id "
                  "WHERE h.one = 1",
    [HOUSEHOLD_ADD] = "INSERT INTO household (one, id, province, timezone, language, demo, "
                      "owner_id, created_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
    [USER] = "SELECT " USER_COLUMNS " FROM users WHERE id = ?",
    [USER_ADD] = "INSERT INTO users (" USER_COLUMNS ") "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [DEVICE_BY_NAME] = "SELECT id FROM devices WHERE user_id = ? AND name = ?",
    [DEVICE_ADD] = "INSERT INTO devices (id, user_id, name, platform, last_address, paired_at, "
                   "last_seen_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [DEVICE_TOUCH] = "UPDATE devices SET last_address = ?, last_seen_at = ? WHERE id = ?",
    [DEVICES] = "SELECT id, user_id, name, platform, last_address, paired_at, last_seen_at, "
                "revoked_at FROM devices ORDER BY paired_at DESC",
};

ns_rc ns_row_household(struct ns_db *db, struct ns_arena *arena, struct ns_household *out,
                       bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_household){0};
    ns_query_start(&q, db, queries[HOUSEHOLD]);
    *found = ns_query_row(&q);
    if (*found) {
        out->id = ns_col_id(&q, 0);
        ns_province_parse(ns_col_bytes(&q, 1), &out->province);
        out->timezone = ns_col_text(&q, 2, arena);
        out->language = ns_col_text(&q, 3, arena);
        out->demo = ns_col_int(&q, 4) != 0;
        out->owner_id = ns_col_id(&q, 5);
        out->owner_name = ns_col_text(&q, 6, arena);
        out->created_at = ns_col_int(&q, 7);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_household_add(struct ns_db *db, const struct ns_household *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[HOUSEHOLD_ADD]);
    ns_query_id(&q, in->id);
    ns_query_text(&q, ns_province_name(in->province));
    ns_query_text(&q, in->timezone);
    ns_query_text(&q, in->language);
    ns_query_int(&q, in->demo);
    ns_query_id(&q, in->owner_id);
    ns_query_int(&q, in->created_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_user(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_user *out,
                  bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_user){0};
    ns_query_start(&q, db, queries[USER]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        out->id = ns_col_id(&q, 0);
        const char **texts[] = {&out->email,        &out->first_name, &out->last_name,
                                &out->display_name, &out->phone_number, &out->timezone,
                                &out->language,     &out->currency,   &out->province,
                                &out->postal_code};
        for (int i = 0; i < (int)NS_COUNT(texts); i++) {
            *texts[i] = ns_col_text(&q, i + 1, arena);
        }
        ns_user_status_parse(ns_col_bytes(&q, 11), &out->status);
        ns_role_parse(ns_col_bytes(&q, 12), &out->role);
        out->email_verified = ns_col_int(&q, 13) != 0;
        out->onboarding_completed = ns_col_int(&q, 14) != 0;
        out->created_at = ns_col_int(&q, 15);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_user_add(struct ns_db *db, const struct ns_user *in, struct ns_err *err) {
    struct ns_query q;
    const char *texts[] = {in->email,    in->first_name, in->last_name, in->display_name,
                           in->phone_number, in->timezone, in->language, in->currency,
                           in->province, in->postal_code};
    ns_query_start(&q, db, queries[USER_ADD]);
    ns_query_id(&q, in->id);
    for (size_t i = 0; i < NS_COUNT(texts); i++) {
        ns_query_text(&q, texts[i]);
    }
    ns_query_text(&q, ns_user_status_name(in->status));
    ns_query_text(&q, ns_role_name(in->role));
    ns_query_int(&q, in->email_verified);
    ns_query_int(&q, in->onboarding_completed);
    ns_query_int(&q, in->created_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_device_by_name(struct ns_db *db, ns_id user, const char *name, ns_id *out,
                            struct ns_err *err) {
    struct ns_query q;
    *out = (ns_id){{0}};
    ns_query_start(&q, db, queries[DEVICE_BY_NAME]);
    ns_query_id(&q, user);
    ns_query_text(&q, name);
    if (ns_query_row(&q)) {
        *out = ns_col_id(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_device_add(struct ns_db *db, const struct ns_device *in, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DEVICE_ADD]);
    ns_query_id(&q, in->id);
    ns_query_id(&q, in->user_id);
    ns_query_text(&q, in->name);
    ns_query_text(&q, in->platform);
    ns_query_text(&q, in->last_address);
    ns_query_int(&q, in->paired_at);
    ns_query_opt(&q, in->last_seen_at, NS_TIME_NONE);
    ns_query_opt(&q, in->revoked_at, NS_TIME_NONE);
    return ns_query_run(&q, err);
}

ns_rc ns_row_device_touch(struct ns_db *db, ns_id id, const char *address, ns_time now,
                          struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[DEVICE_TOUCH]);
    ns_query_text(&q, address);
    ns_query_int(&q, now);
    ns_query_id(&q, id);
    return ns_query_run(&q, err);
}

ns_rc ns_row_devices(struct ns_db *db, struct ns_arena *arena, struct ns_device **out, int *count,
                     struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[DEVICES]);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_device);
        (*out)[(*count)++] = (struct ns_device){
            .id = ns_col_id(&q, 0),
            .user_id = ns_col_id(&q, 1),
            .name = ns_col_text(&q, 2, arena),
            .platform = ns_col_text(&q, 3, arena),
            .last_address = ns_col_text(&q, 4, arena),
            .paired_at = ns_col_int(&q, 5),
            .last_seen_at = ns_col_opt(&q, 6, NS_TIME_NONE),
            .revoked_at = ns_col_opt(&q, 7, NS_TIME_NONE),
        };
    }
    return ns_query_end(&q, err);
}

const struct ns_query_table ns_queries_people = {"people", queries, Q_COUNT};
