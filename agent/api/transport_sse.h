/* transport_sse.h: GraphQL over server-sent events on /graphql/stream, one operation a request
 * ("distinct connections" of the graphql-sse protocol): POST, or GET without mutations.
 *
 * Refusals before execution come as a next event with the errors; what is no request at all, too
 * many requests or a token that ended get their HTTP status. When the agent stops or the peer does
 * not read, the answer breaks off without a complete event, so that a client knows to come back.
 * Ownership: everything borrowed. Threads: the loop thread. */
#pragma once
#include "agent/api/operations.h"
#include "agent/net/server.h"

/* Serve one exchange. Always answers it, now or later. */
void ns_transport_sse_serve(const struct ns_operations *operations, struct ns_exchange *x);
