/* operations.h: what the transports (http_graphql.h, transport_ws.h) ask of the API, whoever
 * carries it out. One call for queries, mutations and subscriptions.
 *
 * Rules of the answers: any number of NEXT, then exactly one of the others, after which nothing
 * comes and the handle is dead. They may come from inside start() (which then returns NULL if
 * the last one came) or later, on the loop thread. A query or mutation gives one NEXT and DONE.
 * Payloads are borrowed for the length of the call.
 * Threads: the loop thread. */
#pragma once
#include "agent/api/caller.h"
#include "agent/api/limits.h"
#include "shared/base/str.h"
#include "shared/text/message.h"

#include <sys/types.h>

enum ns_op_kind { NS_OP_QUERY = 1, NS_OP_MUTATION = 2, NS_OP_SUBSCRIPTION = 4 }; /* a set */

struct ns_op_caller {
    struct ns_caller who;
    uid_t uid;             /* of the process on the Unix socket; 0 elsewhere */
    uint64_t bucket;       /* whose limits: a user here, a device or an address out there */
    enum ns_lang lang;     /* of messages to people, from Accept-Language */
    bool may_introspect;
};

struct ns_op_request {
    struct ns_str body;          /* JSON {query, operationName, variables, extensions} */
    unsigned allowed;            /* set of enum ns_op_kind */
    struct ns_op_caller caller;
    /* Is there room for an event of this subscription now? Asked before an event is made; when
     * there is none it is held, and resume() is to follow. NULL: there always is. */
    bool (*room)(void *arg);
};

enum ns_op_event {
    NS_OP_NEXT,       /* {"data":..} perhaps with "errors": execution began */
    NS_OP_DONE,       /* empty payload: it is over */
    NS_OP_MALFORMED,  /* the body is no request (no JSON, no query): {"errors":[..]} */
    NS_OP_REFUSED,    /* syntax, validation, variables, rights: {"errors":[..]}, no data */
    NS_OP_WRONG_KIND, /* the operation is of a kind not allowed here: {"errors":[..]} */
    NS_OP_LIMITED,    /* the caller asks too often: {"errors":[..]} */
    NS_OP_EXPIRED,    /* the caller's proof has ended or was taken back; no payload */
    NS_OP_SLOW,       /* too many events wait for room: the subscription is over; no payload */
};

typedef void ns_op_fn(void *arg, enum ns_op_event event, struct ns_str payload);

struct ns_op; /* of the implementation */

struct ns_operations {
    void *self;
    /* request and its body are borrowed for the call only. */
    struct ns_op *(*start)(void *self, const struct ns_op_request *request, ns_op_fn *fn,
                           void *arg);
    /* Nothing more is delivered for op. A mutation that has begun is finished all the same.
     * May be called from inside fn, during a NEXT. */
    void (*cancel)(void *self, struct ns_op *op);
    /* There is room again: delivers one held event; true: more are held. op may be gone when the
     * receiver cancelled it meanwhile. */
    bool (*resume)(void *self, struct ns_op *op);
    /* Reads an Authorization value into a caller that had none; false: it proves nothing, and the
     * caller is marked as having shown it. */
    bool (*prove)(void *self, struct ns_str authorization, struct ns_op_caller *caller);
    /* What the caller may still ask, for the headers of answers. */
    struct ns_allowance (*allowance)(void *self, const struct ns_op_caller *caller);
};
