/* http_graphql.h: GraphQL over HTTP on /graphql, and GET /healthz.
 *
 * POST and GET (queries only), media types by Accept, status codes as the working draft has
 * them, batches refused. The operations are somebody else's (operations.h).
 * Ownership: everything borrowed. Threads: the loop thread. */
#pragma once
#include "agent/api/operations.h"
#include "agent/net/server.h"

/* Serve one exchange. Always answers it, now or later. */
void ns_http_graphql_serve(const struct ns_operations *operations, struct ns_exchange *x);

/* Who speaks, from the peer and the headers of the exchange. */
struct ns_op_caller ns_http_graphql_caller(const struct ns_exchange *x);
