/* consent.h: what a person has agreed to. Every grant and withdrawal is a line of its own; the
 * newest one of a kind counts, for twelve months. Threads: the connection's. */
#pragma once
#include "agent/privacy/audit.h"

#define NS_CONSENT_MONTHS 12

/* One transaction of its own unless one is open. version: of the text shown; lang: its language. */
ns_rc ns_consent_set(struct ns_db *db, const struct ns_env *env, ns_time now,
                     const struct ns_actor *actor, enum ns_consent_type type, bool granted,
                     const char *version, const char *lang, struct ns_err *err) NS_MUST_USE;
/* Newest state of every kind the person was ever asked about. */
ns_rc ns_consent_list(struct ns_db *db, ns_id user, ns_time now, struct ns_arena *arena,
                      const struct ns_consent **out, int *count, struct ns_err *err) NS_MUST_USE;
/* NS_OK when the home's owner has given it and it has not run out; NS_E_CONSENT with the reason. */
ns_rc ns_consent_need(struct ns_db *db, ns_time now, enum ns_consent_type type,
                      struct ns_err *err) NS_MUST_USE;
