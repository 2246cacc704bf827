/* fetch.h: one request to the world, on libcurl: strict TLS, no redirects, no proxy of the
 * environment, a limit on time and bytes. Whether it may be made at all is the gate's (egress.h).
 * Ownership: the answer owns its body until ns_fetch_answer_fini. Threads: any, but never the loop
 * thread: it blocks until the answer is there, the time is over or *stop is set. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/time.h"

#include <stdatomic.h>

#define NS_FETCH_BODY_MOST ((size_t)8 << 20)
#define NS_FETCH_CONNECT_MS 10000
#define NS_FETCH_HEADERS_MOST 8

struct ns_fetch_request {
    const char *method;
    const char *url;     /* https, or http to this very machine */
    const char *body;    /* NULL: none; "": an empty one, with its length */
    const char *const *headers; /* "Name: value", NULL-terminated */
    long most_ms;
    const atomic_bool *stop; /* may be NULL */
};

struct ns_fetch_answer {
    bool arrived; /* whole */
    int status;
    struct ns_buf body;
    char request_id[64];
    int should_retry;      /* Stripe-Should-Retry: 1, 0 or -1 */
    int64_t retry_after_s; /* -1: not said; a date counts from the answer's own Date */
    bool replayed;
    ns_time date;          /* NS_TIME_NONE */
    char why[160];         /* when it did not arrive */
};

/* Once, before any thread. */
ns_rc ns_fetch_begin(struct ns_err *err) NS_MUST_USE;
/* Always fills *out. */
void ns_fetch(const struct ns_fetch_request *request, struct ns_fetch_answer *out);
void ns_fetch_answer_fini(struct ns_fetch_answer *answer);
