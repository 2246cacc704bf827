/* caller.h: who asks, as one request carries it from the transport to its resolvers.
 *
 * A transport fills it from what it can prove: the kernel's word on the Unix socket, or a token
 * that was checked against the store. Nothing a client writes into its request changes it. The
 * zero value is a stranger, who may ask what is open to anyone (operations.c) and nothing else.
 * Resolvers find it as api_ctx.caller; rights are decided by role and auth, never by a claim.
 * Threads: a value. */
#pragma once
#include "shared/model/model.h"

enum ns_auth {
    NS_AUTH_NONE,   /* a stranger on the network */
    NS_AUTH_BEARER, /* a device whose tokens are not bound to a key of its own: the weaker class */
    NS_AUTH_DEVICE, /* a device that proves its own key to get new tokens */
    NS_AUTH_LOCAL,  /* this computer's own console, on the Unix socket */
};

struct ns_caller {
    enum ns_auth auth;
    struct ns_actor actor; /* NONE: all zero. LOCAL: the home's owner when the request begins */
    ns_time until;         /* when the proof ends; 0: it does not by itself */
    bool stale;            /* NONE: a token was shown that does not hold (any more) */
    uint64_t epoch;        /* of sessions.h, when the token was checked */
    bool stepped_up;       /* the passphrase was given again just now: asked anew for every request */
};

/* Where a device is told to prove itself again: money, export, erasure, pairing. */
static inline bool ns_caller_is_sure(const struct ns_caller *caller) {
    return caller->auth == NS_AUTH_LOCAL || caller->stepped_up;
}
