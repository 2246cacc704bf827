/* sessions.h: which tokens hold. A token that was checked is remembered until it ends or the
 * epoch changes, which every revocation does: so taking back is immediate and checking is cheap.
 * Ownership: new/free. Threads: loop thread. */
#pragma once
#include "agent/api/context.h"

struct ns_sessions;

/* Reads the signing key from the store, or makes it there. */
ns_rc ns_sessions_new(struct ns_api *api, struct ns_sessions **out, struct ns_err *err) NS_MUST_USE;
void ns_sessions_free(struct ns_sessions *sessions); /* NULL is fine */
ns_id ns_sessions_run(const struct ns_sessions *sessions); /* a number of this process */
/* "Bearer <token>" into a caller; false: it proves nothing, and who->stale is set. */
bool ns_sessions_prove(struct ns_sessions *sessions, struct ns_str authorization, struct ns_caller *who);
/* When a device last showed its token to this process; NS_TIME_NONE: not lately. */
ns_time ns_sessions_heard(const struct ns_sessions *sessions, ns_id device);
/* Does what it proved still hold? Always for this computer and for strangers. */
bool ns_sessions_still(struct ns_sessions *sessions, struct ns_caller *who);
/* A device was revoked: look at everyone again, end what no longer holds. */
void ns_sessions_changed(struct ns_sessions *sessions);
/* The key that was stored under NS_TOKEN_SEED takes the place of the one before. */
#define NS_TOKEN_SEED "token.seed"
bool ns_sessions_rekey(struct ns_sessions *sessions, const uint8_t seed[32]) NS_MUST_USE;
/* Step-up (step_up.c). A try is counted before it is compared; false: so many were wrong that one has to wait. */
bool ns_sessions_may_try(struct ns_sessions *sessions, int64_t *wait_s);
/* The passphrase was right: until then the device may do what needs its owner surely. */
ns_time ns_sessions_step_up(struct ns_sessions *sessions, ns_id device);
/* An access token for a device; out: NS_TOKEN_MOST bytes. */
bool ns_sessions_token(struct ns_sessions *sessions, ns_id device, char *out) NS_MUST_USE;
