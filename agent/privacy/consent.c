#include "agent/privacy/consent.h"

#include "agent/store/rows.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <stdio.h>

/* The same day of the month a year later; 29 February becomes 28 February. */
static ns_time year_later(ns_time at) {
    ns_date day = (ns_date)(at / NS_DAY);
    struct ns_civil c = ns_date_civil(day);
    int months = c.month - 1 + NS_CONSENT_MONTHS;
    c.year += months / 12;
    c.month = months % 12 + 1;
    int last = ns_month_days(c.year, c.month);
    c.day = c.day > last ? last : c.day;
    return at + (ns_time)(ns_date_of(c) - day) * NS_DAY;
}

static ns_rc set(struct ns_db *db, const struct ns_env *env, ns_time now,
                 const struct ns_actor *actor, enum ns_consent_type type, bool granted,
                 const char *version, const char *lang, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_consent_line old;
    struct ns_user user;
    bool found = false;
    char detail[200];
    ns_time given = NS_TIME_NONE;
    ns_rc rc = ns_row_user(db, actor->user, &arena, &user, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_user_unknown, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_consent(db, actor->user, type, &arena, &old, &found, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_consent_granted_at(db, actor->user, type, &given, err);
    }
    if (rc != NS_OK) {
        goto out;
    }
    const char *no = given == NS_TIME_NONE ? "PENDING" : "WITHDRAWN"; /* what was never given cannot be taken back */
    struct ns_consent_line line = {
        .id = ns_id_new(env),
        .user_id = actor->user,
        .type = type,
        .granted = granted,
        .at = now,
        .expires_at = granted ? year_later(now) : NS_TIME_NONE,
        .version = version != NULL ? version : "1",
        .language = lang != NULL ? lang : "en",
        .device_id = actor->device,
    };
    rc = ns_row_consent_add(db, &line, err);
    if (rc == NS_OK) {
        snprintf(detail, sizeof detail, "{\"consentType\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}",
                 ns_consent_type_name(type),
                 found && old.granted ? "GRANTED" : no, granted ? "GRANTED" : no);
        rc = ns_audit_append(db, env, now, actor,
                             granted                  ? "CONSENT_GRANTED"
                             : given == NS_TIME_NONE ? "CONSENT_REFUSED"
                                                     : "CONSENT_WITHDRAWN",
                             "consent", line.id, detail, err);
    }
out:
    ns_arena_fini(&arena);
    return rc;
}

ns_rc ns_consent_set(struct ns_db *db, const struct ns_env *env, ns_time now,
                     const struct ns_actor *actor, enum ns_consent_type type, bool granted,
                     const char *version, const char *lang, struct ns_err *err) {
    if (ns_db_in_transaction(db)) {
        return set(db, env, now, actor, type, granted, version, lang, err);
    }
    ns_rc rc = ns_db_begin(db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = set(db, env, now, actor, type, granted, version, lang, err);
    if (rc == NS_OK) {
        return ns_db_commit(db, err);
    }
    ns_db_rollback(db);
    return rc;
}

/* granted_at: of the last grant; NONE: the person has only ever said no. */
static enum ns_consent_status state_of(const struct ns_consent_line *line, ns_time granted_at,
                                       ns_time now) {
    if (!line->granted) {
        return granted_at == NS_TIME_NONE ? NS_CONSENT_IS_PENDING : NS_CONSENT_IS_WITHDRAWN;
    }
    return line->expires_at != NS_TIME_NONE && line->expires_at <= now ? NS_CONSENT_IS_EXPIRED
                                                                       : NS_CONSENT_IS_GRANTED;
}

ns_rc ns_consent_list(struct ns_db *db, ns_id user, ns_time now, struct ns_arena *arena,
                      const struct ns_consent **out, int *count, struct ns_err *err) {
    struct ns_consent *list = NS_NEW_N(arena, struct ns_consent, NS_CONSENT_COUNT);
    ns_rc rc = NS_OK;
    *out = list;
    *count = 0;
    for (int type = 0; rc == NS_OK && type < NS_CONSENT_COUNT; type++) {
        struct ns_consent_line line;
        bool found = false;
        ns_time granted_at = NS_TIME_NONE;
        rc = ns_row_consent(db, user, (enum ns_consent_type)type, arena, &line, &found, err);
        if (rc == NS_OK && found) {
            rc = ns_row_consent_granted_at(db, user, (enum ns_consent_type)type, &granted_at, err);
            list[(*count)++] = (struct ns_consent){
                .type = (enum ns_consent_type)type,
                .status = state_of(&line, granted_at, now),
                .granted_at = granted_at,
                .withdrawn_at = line.granted || granted_at == NS_TIME_NONE ? NS_TIME_NONE : line.at,
                .expires_at = line.expires_at,
                .version = line.version,
            };
        }
    }
    return rc;
}

ns_rc ns_consent_need(struct ns_db *db, ns_time now, enum ns_consent_type type,
                      struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_household home;
    struct ns_consent_line line;
    bool found = false;
    enum ns_consent_status state = NS_CONSENT_IS_PENDING;
    ns_time granted_at = NS_TIME_NONE;
    ns_rc rc = ns_row_household(db, &arena, &home, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_hh_not_set_up, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_consent(db, home.owner_id, type, &arena, &line, &found, err);
    }
    if (rc == NS_OK && found) {
        rc = ns_row_consent_granted_at(db, home.owner_id, type, &granted_at, err);
    }
    if (rc == NS_OK) {
        state = found ? state_of(&line, granted_at, now) : NS_CONSENT_IS_PENDING;
        if (state != NS_CONSENT_IS_GRANTED) {
            int msg = state == NS_CONSENT_IS_EXPIRED     ? NS_MSG_hh_consent_expired
                      : state == NS_CONSENT_IS_WITHDRAWN ? NS_MSG_hh_consent_withdrawn
                                                         : NS_MSG_hh_consent_missing;
            rc = ns_err_say(err, NS_E_CONSENT, msg, ns_consent_type_name(type), NULL, NULL);
        }
    }
    ns_arena_fini(&arena);
    return rc;
}
