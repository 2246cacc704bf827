/* fake_operations.h: operations by hand, for tests of the transports. The query text decides:
 *   "{ now }"          NEXT and DONE from inside start()
 *   "{ later }"        waits: fake_finish() answers it
 *   "mutation ..."     as "{ now }", when mutations are allowed
 *   "subscription ..." stays until cancelled; fake_event() sends to all
 *   "too often"        the caller's limit is reached
 *   "wrong"            refused; a body without query: malformed
 * Threads: those of the transport. */
#pragma once
#include "agent/api/operations.h"

#define FAKE_MOST 200

struct fake_op {
    ns_op_fn *fn; /* NULL: free place */
    void *arg;
    bool subscription;
};

struct fake_operations {
    struct ns_operations operations;
    struct fake_op ops[FAKE_MOST];
    int started;
    int cancelled;
    int resumed;
    char last_body[2048];
    struct ns_op_caller last_caller;
};

void fake_init(struct fake_operations *fake);
int fake_running(const struct fake_operations *fake);
void fake_finish(struct fake_operations *fake);                 /* all that wait */
void fake_event(struct fake_operations *fake, struct ns_str payload); /* to all subscriptions */
void fake_complete(struct fake_operations *fake);               /* end all subscriptions */
void fake_too_slow(struct fake_operations *fake);               /* the first one is given up */
