/* err.h: result codes and the one error object that travels with them.
 *
 * Every fallible function returns ns_rc. Detail goes into an optional struct ns_err: either a
 * catalogue message with arguments (what a person reads, in their language: shared/text) or a
 * short English note (what a log keeps). The first writer wins: a caller may add nothing, or
 * clear and replace it.
 * Memory: fixed size, no ownership. Threads: a value; give each thread its own. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_MUST_USE __attribute__((warn_unused_result))
#define NS_PRINTF(a, b) __attribute__((format(printf, a, b)))
#define NS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* code, text key, worth a retry, exit status (sysexits.h where one fits), HTTP status */
#define NS_RC_LIST(X)                                                                          \
    X(NS_OK, "ok", 0, 0, 200)                                                                  \
    X(NS_E_INPUT, "bad-input", 0, 65, 400)                                                     \
    X(NS_E_USAGE, "usage", 0, 64, 400)                                                         \
    X(NS_E_CONFIG, "config", 0, 78, 500)                                                       \
    X(NS_E_NOT_FOUND, "not-found", 0, 66, 404)                                                 \
    X(NS_E_CONFLICT, "conflict", 0, 73, 409)                                                   \
    X(NS_E_DENIED, "denied", 0, 77, 403)                                                       \
    X(NS_E_CONSENT, "consent-needed", 0, 77, 403)                                              \
    X(NS_E_NOT_SET_UP, "not-set-up", 0, 69, 501)                                               \
    X(NS_E_LIMIT, "limit", 0, 65, 413)                                                         \
    X(NS_E_BUSY, "busy", 1, 75, 503)                                                           \
    X(NS_E_TIMEOUT, "timeout", 1, 75, 504)                                                     \
    X(NS_E_OFFLINE, "agent-away", 1, 69, 503)                                                  \
    X(NS_E_KEY, "wrong-key", 0, 77, 401)                                                       \
    X(NS_E_DAMAGED, "damaged", 0, 74, 500)                                                     \
    X(NS_E_VERSION, "version", 0, 65, 500)                                                     \
    X(NS_E_FULL, "disk-full", 1, 74, 507)                                                      \
    X(NS_E_READONLY, "read-only", 0, 73, 500)                                                  \
    X(NS_E_IO, "io", 1, 74, 500)                                                               \
    X(NS_E_MEMORY, "memory", 1, 71, 500)                                                       \
    X(NS_E_CANCELLED, "cancelled", 0, 130, 499)                                                \
    X(NS_E_INTERNAL, "internal", 0, 70, 500)

typedef enum ns_rc {
#define NS_RC_ENUM(code, key, retry, exit_status, http) code,
    NS_RC_LIST(NS_RC_ENUM)
#undef NS_RC_ENUM
        NS_RC_COUNT
} ns_rc;

#define NS_ERR_ARGS 3

struct ns_err {
    ns_rc rc;
    int msg;                       /* enum ns_msg of shared/text, 0 when there is none */
    char arg[NS_ERR_ARGS][160];    /* its arguments, cut at a character border */
    char note[200];                /* English, for logs; never a name or a secret */
};

const char *ns_rc_key(ns_rc rc);
int ns_rc_exit_status(ns_rc rc);
int ns_rc_http_status(ns_rc rc);
bool ns_rc_may_retry(ns_rc rc);

/* Record rc with an English note. Returns rc, so that `return ns_err_note(...)` reads well.
 * err may be NULL; an error already recorded is kept. */
ns_rc ns_err_note(struct ns_err *err, ns_rc rc, const char *format, ...) NS_PRINTF(3, 4);

/* Record rc with catalogue message msg and up to three arguments (NULL ends them early). */
ns_rc ns_err_say(struct ns_err *err, ns_rc rc, int msg, const char *a0, const char *a1,
                 const char *a2);

void ns_err_clear(struct ns_err *err);
