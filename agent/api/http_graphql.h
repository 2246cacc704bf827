/* http_graphql.h: GraphQL over HTTP on /graphql, and GET /healthz.
 *
 * POST and GET (queries only), media types by Accept, status codes as the working draft has
 * them, batches refused. The operations are somebody else's (operations.h).
 * Ownership: everything borrowed. Threads: the loop thread. */
#pragma once
#include "agent/api/operations.h"
#include "agent/net/server.h"
#include "shared/base/buf.h"

/* Serve one exchange. Always answers it, now or later. */
void ns_http_graphql_serve(const struct ns_operations *operations, struct ns_exchange *x);

/* The request of a POST (its JSON) or of a GET (its parameters), for other transports. false: it is
 * none, and the exchange has been answered. */
bool ns_http_graphql_request(const struct ns_operations *operations, struct ns_exchange *x, bool get,
                             struct ns_buf *body);
/* With what the Authorization header proves. */
struct ns_op_caller ns_http_graphql_proven(const struct ns_operations *operations, const struct ns_exchange *x);
/* The RateLimit header lines of an answer to this caller. */
void ns_http_graphql_allowance(const struct ns_operations *operations, const struct ns_op_caller *caller,
                               char *out, size_t cap);
/* What the Accept header thinks of a media type: in thousandths, -1: nothing. */
int ns_http_graphql_quality(struct ns_str accept, const char *type);

/* Who speaks, from the peer and the headers of the exchange. */
struct ns_op_caller ns_http_graphql_caller(const struct ns_exchange *x);
