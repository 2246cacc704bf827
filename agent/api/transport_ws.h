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
#define NS_TWS_INIT_MS 3000
#define NS_TWS_OPERATIONS_MOST 32 /* at once on one socket; more close 4429 */

struct ns_tws;

struct ns_tws_out {
    void *self;
    /* event: a subscription's; else an answer asked for. false: refused, the peer does not read
     * and is being closed; nothing more is to be sent. */
    bool (*send)(void *self, struct ns_str text, bool event);
    bool (*room)(void *self); /* for an event; after a no, ns_tws_room() is to follow */
    void (*close)(void *self, int code, const char *reason); /* nothing is sent afterwards */
    void (*accepted)(void *self); /* connection_init came: its time no longer counts */
};

struct ns_tws *ns_tws_new(const struct ns_operations *operations,
                          const struct ns_op_caller *caller, const struct ns_tws_out *out);
void ns_tws_text(struct ns_tws *tws, struct ns_str message);
void ns_tws_init_timeout(struct ns_tws *tws); /* NS_TWS_INIT_MS passed */
void ns_tws_room(struct ns_tws *tws); /* there is room again: events that were held may follow */
size_t ns_tws_running(const struct ns_tws *tws);
void ns_tws_free(struct ns_tws *tws); /* cancels what runs; sends nothing; NULL is fine */

/* For ns_server_handlers.websocket: false when the path is not ours. */
bool ns_transport_ws_accept(struct ns_loop *loop, const struct ns_operations *operations,
                            const struct ns_exchange *request, struct ns_ws_accept *accept);
