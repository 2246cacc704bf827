/* transport_ws.c: graphql-transport-ws as in PROTOCOL.md of graphql-ws: every message is checked
 * before anything is done, every fault has its close code. */
#include "agent/api/transport_ws.h"

#include "agent/api/http_graphql.h"
#include "shared/base/arena.h"
#include "shared/wire/json.h"
#include "shared/wire/ws.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MOST ((size_t)16 << 20) /* an answer of the greatest size with its envelope */

struct operation {
    struct operation *next;
    struct ns_tws *tws;
    char *id;
    struct ns_op *handle; /* NULL while start() runs */
    bool starting;
    bool answered; /* one next was sent: those that follow are events */
    bool ended;
};

struct ns_tws {
    const struct ns_operations *operations;
    struct ns_op_caller caller;
    struct ns_tws_out out;
    struct operation *running;
    bool initialised;
    bool closed;
};

struct ns_tws *ns_tws_new(const struct ns_operations *operations,
                          const struct ns_op_caller *caller, const struct ns_tws_out *out) {
    struct ns_tws *tws = ns_xcalloc(1, sizeof *tws);
    tws->operations = operations;
    tws->caller = *caller;
    tws->out = *out;
    return tws;
}

static struct operation **find(struct ns_tws *tws, const char *id) {
    struct operation **at = &tws->running;
    while (*at != NULL && strcmp((*at)->id, id) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static void operation_free(struct operation *o) {
    free(o->id);
    free(o);
}

static void unlink_operation(struct ns_tws *tws, const struct operation *o) {
    struct operation **at = &tws->running;
    while (*at != o) {
        at = &(*at)->next;
    }
    *at = o->next;
}

static void cancel(struct ns_tws *tws, struct operation *o) {
    unlink_operation(tws, o);
    if (o->starting) { /* start() is on the stack below us and will free it */
        o->ended = true;
        o->tws = NULL;
        return;
    }
    tws->operations->cancel(tws->operations->self, o->handle);
    operation_free(o);
}

static void cancel_all(struct ns_tws *tws) {
    while (tws->running != NULL) {
        cancel(tws, tws->running);
    }
}

static void close_with(struct ns_tws *tws, int code, const char *reason) {
    if (!tws->closed) {
        tws->closed = true;
        cancel_all(tws);
        tws->out.close(tws->out.self, code, reason);
    }
}

/* An answer or an event; a peer that is refused one hears nothing more. */
static void tell(struct ns_tws *tws, struct ns_str text, bool event) {
    if (!tws->closed && !tws->out.send(tws->out.self, text, event)) {
        tws->closed = true;
        cancel_all(tws);
    }
}

/* {"id":..,"type":..,"payload":..}; payload p NULL: none */
static void send(struct ns_tws *tws, const char *id, const char *type, struct ns_str payload,
                 bool event) {
    struct ns_buf message = NS_BUF(MESSAGE_MOST);
    ns_buf_text(&message, "{\"id\":");
    ns_json_quote(&message, ns_str_of(id));
    ns_buf_fmt(&message, ",\"type\":\"%s\"", type);
    if (payload.p != NULL) {
        ns_buf_text(&message, ",\"payload\":");
        ns_buf_str(&message, payload);
    }
    ns_buf_char(&message, '}');
    if (message.failed) {
        close_with(tws, 4500, "answer is too long");
    } else {
        tell(tws, ns_buf_view(&message), event);
    }
    ns_buf_fini(&message);
}

static void op_event(void *arg, enum ns_op_event event, struct ns_str payload) {
    struct operation *o = arg;
    struct ns_tws *tws = o->tws;
    if (tws == NULL) {
        return; /* cancelled from inside start() */
    }
    if (event == NS_OP_NEXT) {
        bool unasked = o->answered;
        o->answered = true;
        send(tws, o->id, "next", payload, unasked);
        return;
    }
    unlink_operation(tws, o);
    o->ended = true;
    if (event == NS_OP_SLOW) {
        close_with(tws, 4290, "slow consumer");
    } else if (event == NS_OP_EXPIRED) {
        close_with(tws, 4401, "Unauthorized");
    } else if (event == NS_OP_DONE) {
        send(tws, o->id, "complete", (struct ns_str){0}, false);
    } else {
        struct ns_str errors = ns_json_raw(payload, "errors");
        send(tws, o->id, "error", errors.p != NULL ? errors : NS_STR("[]"), false);
    }
    if (!o->starting) {
        operation_free(o);
    }
}

static bool op_room(void *arg) {
    const struct operation *o = arg;
    return o->tws == NULL || o->tws->out.room(o->tws->out.self);
}

/* What was held goes out in turns, one event of each subscription, as long as there is room. */
void ns_tws_room(struct ns_tws *tws) {
    bool more = true;
    while (more) {
        more = false;
        for (struct operation *o = tws->running, *next; o != NULL; o = next) {
            next = o->next;
            if (tws->closed || !tws->out.room(tws->out.self)) {
                return;
            }
            if (o->handle != NULL) {
                more |= tws->operations->resume(tws->operations->self, o->handle);
            }
            if (tws->closed) {
                return; /* all operations are gone, next among them */
            }
        }
    }
}

/* ---- messages of the client ------------------------------------------------------------ */

static bool object_or_none(const struct ns_json *value) {
    return ns_json_is_null(value) || ns_json_is_object(value);
}

static bool payload_is_request(const struct ns_json *payload) {
    const struct ns_json *name = ns_json_get(payload, "operationName");
    return ns_json_is_object(payload) && ns_json_text(ns_json_get(payload, "query")) != NULL &&
           (ns_json_is_null(name) || ns_json_text(name) != NULL) &&
           object_or_none(ns_json_get(payload, "variables")) &&
           object_or_none(ns_json_get(payload, "extensions"));
}

/* Without a token only this computer's own socket is let in. */
static bool let_in(struct ns_tws *tws, const struct ns_json *payload) {
    const char *authorization = ns_json_text(ns_json_get(payload, "authorization"));
    if (authorization == NULL) {
        authorization = ns_json_text(ns_json_get(payload, "Authorization"));
    }
    if (tws->caller.who.auth != NS_AUTH_NONE) {
        return true;
    }
    return authorization != NULL &&
           tws->operations->prove(tws->operations->self, ns_str_of(authorization), &tws->caller);
}

static void on_init(struct ns_tws *tws, const struct ns_json *payload) {
    if (tws->initialised) {
        close_with(tws, 4429, "Too many initialisation requests");
        return;
    }
    tws->initialised = true;
    if (!let_in(tws, payload)) {
        close_with(tws, 4401, "Unauthorized");
        return;
    }
    tws->out.accepted(tws->out.self);
    tell(tws, NS_STR("{\"type\":\"connection_ack\"}"), false);
}

static void on_ping(struct ns_tws *tws, struct ns_str payload) {
    struct ns_buf message = NS_BUF(MESSAGE_MOST);
    ns_buf_text(&message, "{\"type\":\"pong\"");
    if (payload.p != NULL) {
        ns_buf_text(&message, ",\"payload\":");
        ns_buf_str(&message, payload);
    }
    ns_buf_char(&message, '}');
    tell(tws, ns_buf_view(&message), false);
    ns_buf_fini(&message);
}

static void on_subscribe(struct ns_tws *tws, const char *id, struct ns_str payload) {
    if (*find(tws, id) != NULL) {
        struct ns_buf reason = NS_BUF(1024);
        ns_buf_fmt(&reason, "Subscriber for %.80s already exists", id);
        close_with(tws, 4409, reason.data);
        ns_buf_fini(&reason);
        return;
    }
    if (ns_tws_running(tws) >= NS_TWS_OPERATIONS_MOST) {
        close_with(tws, 4429, "Too many operations at once");
        return;
    }
    struct operation *o = ns_xcalloc(1, sizeof *o);
    o->tws = tws;
    o->id = ns_xstrdup(id);
    o->starting = true;
    o->next = tws->running;
    tws->running = o;
    struct ns_op_request request = {
        .body = payload,
        .allowed = NS_OP_QUERY | NS_OP_MUTATION | NS_OP_SUBSCRIPTION,
        .caller = tws->caller,
        .room = op_room,
    };
    const struct ns_operations *operations = tws->operations;
    struct ns_op *handle = operations->start(operations->self, &request, op_event, o);
    o->starting = false;
    if (!o->ended) {
        o->handle = handle;
        return;
    }
    if (handle != NULL) { /* we were closed while it started */
        operations->cancel(operations->self, handle);
    }
    operation_free(o);
}

/* Messages with an id. */
static void on_operation_message(struct ns_tws *tws, const char *type,
                                 const struct ns_json *root, struct ns_str text) {
    const char *id = ns_json_text(ns_json_get(root, "id"));
    bool subscribe = strcmp(type, "subscribe") == 0;
    if (!subscribe && strcmp(type, "complete") != 0) {
        close_with(tws, 4400, "Invalid message: unknown type");
    } else if (id == NULL || *id == '\0') {
        close_with(tws, 4400, "Invalid message: id is missing");
    } else if (subscribe && !payload_is_request(ns_json_get(root, "payload"))) {
        close_with(tws, 4400, "Invalid message: payload is no request");
    } else if (!subscribe) {
        struct operation *o = *find(tws, id);
        if (o != NULL) {
            cancel(tws, o);
        }
    } else if (!tws->initialised) {
        close_with(tws, 4401, "Unauthorized");
    } else {
        on_subscribe(tws, id, ns_json_raw(text, "payload"));
    }
}

void ns_tws_text(struct ns_tws *tws, struct ns_str message) {
    struct ns_json *root = NULL;
    if (tws->closed) {
        return;
    }
    if (ns_json_read(message, NS_SERVER_WS_MESSAGE, &root, NULL) != NS_OK) {
        close_with(tws, 4400, "Invalid message: no JSON");
        return;
    }
    const char *type = ns_json_text(ns_json_get(root, "type"));
    bool plain = object_or_none(ns_json_get(root, "payload"));
    if (!ns_json_is_object(root) || type == NULL) {
        close_with(tws, 4400, "Invalid message: type is missing");
    } else if (strcmp(type, "connection_init") != 0 && strcmp(type, "ping") != 0 &&
               strcmp(type, "pong") != 0) {
        on_operation_message(tws, type, root, message);
    } else if (!plain) {
        close_with(tws, 4400, "Invalid message: payload is no object");
    } else if (strcmp(type, "connection_init") == 0) {
        on_init(tws, ns_json_get(root, "payload"));
    } else if (strcmp(type, "ping") == 0) {
        on_ping(tws, ns_json_raw(message, "payload"));
    }
    ns_json_free(root);
}

void ns_tws_init_timeout(struct ns_tws *tws) {
    if (!tws->initialised) {
        close_with(tws, 4408, "Connection initialisation timeout");
    }
}

size_t ns_tws_running(const struct ns_tws *tws) {
    size_t n = 0;
    for (const struct operation *o = tws->running; o != NULL; o = o->next) {
        n++;
    }
    return n;
}

void ns_tws_free(struct ns_tws *tws) {
    if (tws != NULL) {
        cancel_all(tws);
        free(tws);
    }
}

/* ---- on a socket ----------------------------------------------------------------------- */

struct socket {
    struct ns_loop *loop;
    const struct ns_operations *operations;
    struct ns_op_caller caller;
    bool agreed; /* on the subprotocol */
    struct ns_tws *tws;
    struct ns_timer *init;
    struct ns_ws_peer *peer;
};

static bool socket_send(void *self, struct ns_str text, bool event) {
    struct socket *s = self;
    return ns_ws_peer_send(s->peer, text, event);
}

static bool socket_room(void *self) {
    struct socket *s = self;
    return ns_ws_peer_has_room(s->peer);
}

static void socket_close(void *self, int code, const char *reason) {
    struct socket *s = self;
    ns_ws_peer_close(s->peer, code, reason);
}

static void socket_accepted(void *self) {
    struct socket *s = self;
    ns_timer_cancel(s->init);
}

static void init_late(void *arg) {
    struct socket *s = arg;
    ns_tws_init_timeout(s->tws);
}

static void on_open(struct ns_ws_peer *peer, void *user) {
    struct socket *s = user;
    s->peer = peer;
    if (!s->agreed) {
        ns_ws_peer_close(peer, 4406, "Subprotocol not acceptable");
        return;
    }
    const struct ns_tws_out out = {s, socket_send, socket_room, socket_close, socket_accepted};
    s->tws = ns_tws_new(s->operations, &s->caller, &out);
    s->init = ns_timer_new(s->loop, init_late, s);
    ns_timer_set(s->init, NS_TWS_INIT_MS);
}

static void on_text(struct ns_ws_peer *peer, void *user, struct ns_str text) {
    struct socket *s = user;
    (void)peer;
    if (s->tws != NULL) {
        ns_tws_text(s->tws, text);
    }
}

static void on_room(struct ns_ws_peer *peer, void *user) {
    struct socket *s = user;
    (void)peer;
    if (s->tws != NULL) {
        ns_tws_room(s->tws);
    }
}

static void on_close(struct ns_ws_peer *peer, void *user) {
    struct socket *s = user;
    (void)peer;
    ns_timer_free(s->init);
    ns_tws_free(s->tws);
    free(s);
}

bool ns_transport_ws_accept(struct ns_loop *loop, const struct ns_operations *operations,
                            const struct ns_exchange *request, struct ns_ws_accept *accept) {
    struct ns_str path = ns_exchange_path(request);
    if (!ns_str_is(path, "/graphql") && !ns_str_is(path, "/subscriptions")) {
        return false;
    }
    struct socket *s = ns_xcalloc(1, sizeof *s);
    struct ns_str offered = ns_exchange_header(request, "sec-websocket-protocol");
    s->loop = loop;
    s->operations = operations;
    s->caller = ns_http_graphql_caller(request);
    s->agreed = ns_ws_list_has(offered, NS_TWS_PROTOCOL, true);
    *accept = (struct ns_ws_accept){.protocol = s->agreed ? NS_TWS_PROTOCOL : NULL,
                                    .user = s,
                                    .on_open = on_open,
                                    .on_text = on_text,
                                    .on_close = on_close,
                                    .on_room = on_room};
    return true;
}
