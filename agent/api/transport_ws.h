/* transport_ws.h: the graphql-transport-ws protocol on /graphql and /subscriptions.
 *
 * struct ns_tws is the protocol alone: texts in, texts and closes out, no socket and no clock.
 * ns_transport_ws_accept() ties it to a WebSocket of agent/net and to a timer.
 * Ownership: new/free; the accepted ones end with their socket. Threads: the loop thread. */
#pragma once
#include "agent/api/operations.h"
#include "agent/loop/loop.h"
#include "agent/net/server.h"

#define NS_TWS_PROTOCOL "graphql-transport-ws"
#define NS_TWS_INIT_MS 5000
#define NS_TWS_OPERATIONS_MOST 100 /* at once on one socket; more close 4429 */

struct ns_tws;

struct ns_tws_out {
    void *self;
    /* event: a subscription's, may be refused to a slow reader; else an answer asked for. */
    void (*send)(void *self, struct ns_str text, bool event);
    void (*close)(void *self, int code, const char *reason); /* nothing is sent afterwards */
    void (*accepted)(void *self); /* connection_init came: the five seconds no longer count */
};

struct ns_tws *ns_tws_new(const struct ns_operations *operations,
                          const struct ns_op_caller *caller, const struct ns_tws_out *out);
void ns_tws_text(struct ns_tws *tws, struct ns_str message);
void ns_tws_init_timeout(struct ns_tws *tws); /* NS_TWS_INIT_MS passed */
size_t ns_tws_running(const struct ns_tws *tws);
void ns_tws_free(struct ns_tws *tws); /* cancels what runs; sends nothing; NULL is fine */

/* For ns_server_handlers.websocket: false when the path is not ours. */
bool ns_transport_ws_accept(struct ns_loop *loop, const struct ns_operations *operations,
                            const struct ns_exchange *request, struct ns_ws_accept *accept);
