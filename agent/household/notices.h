/* notices.h: telling people what they would want to know, from what is so in the store: stock that
 * runs low, a pack that expires, a device that was paired, a payment that failed.
 * Rules of household.h. */
#pragma once
#include "agent/household/household.h"
#include "agent/store/notices.h"

#define NS_NOTICES_KEPT_DAYS 90

enum ns_notice_priority { NS_NOTICE_CRITICAL, NS_NOTICE_IMPORTANT, NS_NOTICE_OPTIONAL }; /* of the schema */
enum ns_notice_priority ns_notice_priority(enum ns_notice_kind kind);

/* Compares what is so with what was told, for every person: tells, ends, delivers what waited.
 * Nothing is written when nothing changed. *changed: somebody has something new to read.
 * backup_failed: the last round made no copy in the home's own folder. */
ns_rc ns_notices_look(const struct ns_act *act, bool backup_failed, bool *changed,
                      struct ns_err *err) NS_MUST_USE;
/* Whether one of that priority may be told now; told: delivered today, critical ones not counted. Pure. */
bool ns_notice_may(const struct ns_notice_preferences *p, enum ns_notice_priority priority,
                   int local_minute, int told);

/* Those who asked not to be told hear nothing of it; that is a question of preferences. Pure. */
bool ns_notice_wanted(const struct ns_notice_preferences *p, enum ns_notice_kind kind);

/* A trial notice with that text; through every channel that was asked for. */
ns_rc ns_notice_test(const struct ns_act *act, const char *message, struct ns_notice *out,
                     struct ns_err *err) NS_MUST_USE;
enum ns_notice_seen { NS_NOTICE_OPENED, NS_NOTICE_CLICKED, NS_NOTICE_DISMISSED };
ns_rc ns_notice_mark(const struct ns_act *act, ns_id id, enum ns_notice_seen how,
                     struct ns_err *err) NS_MUST_USE;
ns_rc ns_notice_token(const struct ns_act *act, const char *token, const char *platform,
                      struct ns_err *err) NS_MUST_USE;

struct ns_notice_wish {
    uint32_t set;      /* switches that were given */
    uint32_t switches; /* their values */
    int64_t stock_days; /* NS_NONE: not given, as the next three */
    int64_t change_hours;
    int64_t expiry_days;
    int64_t daily_limit;
    const char *quiet_from; /* "22:00"; NULL: not given */
    const char *quiet_until;
    const char *timezone;
    int consent; /* 0, 1 or NS_NONE */
    int marketing_consent;
};
ns_rc ns_notice_wish(const struct ns_act *act, const struct ns_notice_wish *in,
                     struct ns_notice_preferences *out, struct ns_err *err) NS_MUST_USE;

/* Title and sentence in a language. */
void ns_notice_words(const struct ns_notice *n, enum ns_lang lang, struct ns_buf *title, struct ns_buf *text);
