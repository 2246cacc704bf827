/* sessions.h: pairing by a code, refresh tokens, revoking. A code or token is never stored, only
 * its hash; tries are counted on disk before anything is compared.
 * Refusals say the same whether a window is closed, used up or the code wrong (NS_E_INPUT).
 * Threads: those of act->db. */
#pragma once
#include "agent/household/household.h"

#define NS_NETWORK_CHOICE "lan.interface" /* its name in the store; empty: off */
#define NS_PAIR_CODE 9            /* eight digits and NUL */
#define NS_PAIR_TRIES 5           /* a window */
#define NS_PAIR_DAY_TRIES 10      /* a day, until the owner unlocks at the console */
#define NS_PAIR_MINUTES 5
#define NS_PAIR_MINUTES_MOST 15
#define NS_REFRESH_TEXT 44        /* 256 bits as base64url, and NUL */
#define NS_REFRESH_US (INT64_C(30) * 86400 * 1000000)
#define NS_REFRESH_AGAIN_US (INT64_C(30) * 1000000) /* a lost answer may be asked for once more */

/* run: a number of this process, so that a restart closes the window. */
ns_rc ns_pairing_open(const struct ns_act *act, ns_id run, int minutes, bool unlock,
                      char code[NS_PAIR_CODE], struct ns_err *err) NS_MUST_USE;
struct ns_session {
    ns_id device;
    char refresh[NS_REFRESH_TEXT];
};
/* Spends a try, then compares; one device wins a window. */
ns_rc ns_pairing_enter(const struct ns_act *act, ns_id run, const char *code, const char *name,
                       const char *platform, struct ns_session *out, struct ns_err *err) NS_MUST_USE;
/* NS_E_CONFLICT: it was used before: the device has been revoked. */
ns_rc ns_session_refresh(const struct ns_act *act, const char *refresh, struct ns_session *out,
                         struct ns_err *err) NS_MUST_USE;
ns_rc ns_device_revoke(const struct ns_act *act, ns_id id, struct ns_err *err) NS_MUST_USE;
ns_rc ns_device_revoke_all(const struct ns_act *act, ns_id keep, struct ns_err *err) NS_MUST_USE;
/* What was done with a passphrase goes into the trail: a try before it is compared. */
ns_rc ns_step_up_note(const struct ns_act *act, bool was_right, struct ns_err *err) NS_MUST_USE;
/* The interface phones are served on; empty: none. */
ns_rc ns_network_choose(const struct ns_act *act, const char *interface, struct ns_err *err) NS_MUST_USE;
ns_rc ns_device_rename(const struct ns_act *act, ns_id id, const char *name,
                       struct ns_err *err) NS_MUST_USE;
