/* transport_json.h: the plain JSON protocol of port 8002: text frames {"type", "data",
 * "timestamp", "user_id"}, data in snake_case, statuses in lower case.
 *
 *   client: authenticate, subscribe_order_updates, subscribe_prediction_updates,
 *           subscribe_billing_events, unsubscribe, ping, pong
 *   server: ping (on connect), authenticated, auth_error, the subscribe type back, unsubscribe,
 *           pong, order_status_update, prediction_update, inventory_alert, billing_event, error
 *
 * Each subscription is one of GraphQL underneath, so rights, limits, revocation and the end of a
 * token are the same; what the home has no part for yet is subscribed and stays silent. Three bad
 * tokens, or a token that ends, close with 4401; twenty messages that make no sense with 1008.
 * struct ns_jsonp is the protocol alone, without socket and clock; ns_transport_json_accept() ties
 * it to a WebSocket without a subprotocol, on any path.
 * Ownership: new/free; the accepted ones end with their socket. Threads: the loop thread. */
#pragma once
#include "agent/api/operations.h"
#include "agent/loop/loop.h"
#include "agent/net/server.h"
#include "shared/base/env.h"

#define NS_JSONP_MESSAGE ((size_t)16 << 10) /* a longer frame closes with 1009 */
#define NS_JSONP_TOKEN_TRIES 3
#define NS_JSONP_FAULTS_MOST 20
#define NS_JSONP_STRANGER_MS 60000 /* to show a token */

struct ns_jsonp;

struct ns_jsonp_out {
    void *self;
    /* event: nobody asked for it. false: refused, the peer does not read and is being closed. */
    bool (*send)(void *self, struct ns_str text, bool event);
    bool (*room)(void *self); /* for an event; after a no, ns_jsonp_room() is to follow */
    void (*close)(void *self, int code, const char *reason); /* nothing is sent afterwards */
    ns_time (*now)(void *self);
};

/* Says its first ping at once. */
struct ns_jsonp *ns_jsonp_new(const struct ns_operations *operations, const struct ns_op_caller *caller,
                              const struct ns_jsonp_out *out);
void ns_jsonp_text(struct ns_jsonp *j, struct ns_str message);
void ns_jsonp_stranger_late(struct ns_jsonp *j); /* NS_JSONP_STRANGER_MS passed */
void ns_jsonp_room(struct ns_jsonp *j);
void ns_jsonp_free(struct ns_jsonp *j); /* cancels what runs; sends nothing; NULL is fine */

/* For ns_server_handlers.websocket. */
bool ns_transport_json_accept(struct ns_loop *loop, const struct ns_env *env,
                              const struct ns_operations *operations, const struct ns_exchange *request,
                              struct ns_ws_accept *accept);
