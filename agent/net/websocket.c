/* websocket.c: the opening handshake and the life of a WebSocket on a connection. Messages wait
 * inside wslay until the socket has room, so that the backlog can be counted. */
#include "agent/net/connection.h"
#include "agent/net/lan.h"
#include "shared/base/arena.h"

#include <stdlib.h>

#define FLUSH_BELOW ((size_t)65536) /* bytes in the socket's buffer below which more is framed */
#define PINGS_MISSED 2

bool websocket_wanted(const struct ns_exchange *x) {
    return x->head.upgrade && ns_ws_list_has(ns_exchange_header(x, "upgrade"), "websocket", false);
}

static size_t backlog(const struct ns_ws_peer *peer) {
    return ns_ws_queued_bytes(peer->ws) + connection_unsent(peer->connection);
}

static bool has_room(const struct ns_ws_peer *peer) {
    return backlog(peer) <= NS_SERVER_BACKLOG_BYTES &&
           ns_ws_queued_messages(peer->ws) < NS_SERVER_BACKLOG_MESSAGES;
}

/* Move frames to the socket's buffer while it has room; begin the end when all has passed. */
static void flush(struct ns_ws_peer *peer) {
    struct connection *c = peer->connection;
    struct evbuffer *out = bufferevent_get_output(c->stream);
    struct ns_buf frames = NS_BUF(NS_SERVER_WS_MESSAGE * 8);
    while (connection_unsent(c) < FLUSH_BELOW) {
        ns_buf_clear(&frames);
        ns_ws_take(peer->ws, FLUSH_BELOW, &frames);
        if (frames.len == 0) {
            break;
        }
        evbuffer_add(out, frames.data, frames.len);
    }
    ns_buf_fini(&frames);
    if (ns_ws_finished(peer->ws)) {
        connection_close_soon(c);
    }
}

static void got_event(void *arg, enum ns_ws_event event, int code, struct ns_str payload) {
    struct ns_ws_peer *peer = arg;
    (void)code;
    switch (event) {
    case NS_WS_TEXT:
        peer->unanswered = 0;
        if (!ns_ws_closing(peer->ws)) {
            peer->accept.on_text(peer, peer->accept.user, payload);
        }
        break;
    case NS_WS_BINARY:
        peer->unanswered = 0;
        if (peer->accept.on_binary == NULL) {
            ns_ws_peer_close(peer, 1003, "text only");
        } else if (!ns_ws_closing(peer->ws)) {
            peer->accept.on_binary(peer, peer->accept.user, payload);
        }
        break;
    case NS_WS_PONG:
        peer->unanswered = 0;
        break;
    case NS_WS_CLOSE:
        break;
    }
}

static void refuse(struct ns_exchange *x, int status, const char *extra, const char *why) {
    x->handed = true;
    ns_exchange_respond(x, status, "text/plain; charset=utf-8", extra, ns_str_of(why));
}

static void message_late(evutil_socket_t fd, short what, void *arg) {
    struct ns_ws_peer *peer = arg;
    struct connection *c = peer->connection;
    (void)fd;
    (void)what;
    ns_ws_peer_close(peer, 1008, "the message came too slowly");
    connection_settle(c);
}

/* The time of a message runs from its first byte, whatever comes in between. */
static void time_message(struct ns_ws_peer *peer) {
    if (!ns_ws_middle(peer->ws) || ns_ws_closing(peer->ws)) {
        evtimer_del(peer->message);
    } else if (!evtimer_pending(peer->message, NULL)) {
        int milliseconds = peer->connection->server->deadlines.message;
        struct timeval wait = {milliseconds / 1000, milliseconds % 1000 * 1000};
        evtimer_add(peer->message, &wait);
    }
}

void websocket_begin(struct connection *c) {
    struct ns_exchange *x = c->exchange;
    struct ns_server *server = c->server;
    struct ns_str key = ns_exchange_header(x, "sec-websocket-key");
    struct ns_ws_accept accept = {0};
    char answer[NS_WS_ACCEPT_TEXT];
    if (!ns_str_is(ns_exchange_method(x), "GET") || x->body.len > 0) {
        refuse(x, 400, NULL, "400: a WebSocket begins with GET and no body\n");
        return;
    }
    if (!ns_str_is(ns_exchange_header(x, "sec-websocket-version"), "13")) {
        refuse(x, 426, "Sec-WebSocket-Version: 13\r\n", "426: WebSocket version 13 only\n");
        return;
    }
    if (!ns_ws_key_valid(key)) {
        refuse(x, 400, NULL, "400: Sec-WebSocket-Key is not 16 bytes in base64\n");
        return;
    }
    if (server->closing || server->handlers.websocket == NULL ||
        !server->handlers.websocket(server->handlers.self, x, &accept)) {
        refuse(x, server->closing ? 503 : 404, NULL, "no WebSocket here\n");
        return;
    }
    ns_ws_accept(key, answer);
    struct evbuffer *out = bufferevent_get_output(c->stream);
    evbuffer_add_printf(out,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
                        answer);
    if (accept.protocol != NULL) {
        evbuffer_add_printf(out, "Sec-WebSocket-Protocol: %s\r\n", accept.protocol);
    }
    evbuffer_add_printf(out, "\r\n");
    exchange_free(x);
    c->exchange = NULL;
    struct ns_ws_peer *peer = ns_xcalloc(1, sizeof *peer);
    peer->connection = c;
    peer->accept = accept;
    size_t most = c->peer.kind == NS_PEER_LAN ? NS_LAN_BODY : NS_SERVER_WS_MESSAGE;
    peer->ws = ns_ws_new(NS_WS_SERVER, NULL, accept.message_most > 0 ? accept.message_most : most,
                         got_event, peer);
    peer->message = evtimer_new(server->base, message_late, peer);
    c->websocket = peer;
    c->state = CONNECTION_WEBSOCKET;
    connection_deadline(c, server->deadlines.ping);
    peer->accept.on_open(peer, peer->accept.user);
}

void websocket_read(struct connection *c) {
    struct ns_ws_peer *peer = c->websocket;
    struct evbuffer *in = bufferevent_get_input(c->stream);
    flush(peer); /* what on_open said */
    /* One frame a turn: each may ask for an answer of the greatest size. */
    while (c->state == CONNECTION_WEBSOCKET && evbuffer_get_length(in) > 0 && has_room(peer)) {
        size_t n = evbuffer_get_contiguous_space(in);
        size_t used = 0;
        ns_rc rc = ns_ws_feed(peer->ws, evbuffer_pullup(in, (ev_ssize_t)n), n, &used);
        evbuffer_drain(in, used);
        time_message(peer);
        bool greedy = ns_ws_middle(peer->ws) && connection_too_greedy(c);
        if (greedy) {
            ns_ws_peer_close(peer, 1013, TOO_MUCH);
        }
        flush(peer);
        if (rc != NS_OK || greedy) { /* its message is not waited for */
            connection_close_soon(c);
        }
    }
}

void websocket_written(struct connection *c) {
    struct ns_ws_peer *peer = c->websocket;
    flush(peer);
    if (peer->starved && backlog(peer) <= NS_SERVER_BACKLOG_BYTES / 2 &&
        !ns_ws_closing(peer->ws)) {
        peer->starved = false;
        if (peer->accept.on_room != NULL) {
            peer->accept.on_room(peer, peer->accept.user);
        }
    }
    if (c->state == CONNECTION_WEBSOCKET) {
        connection_advance(c);
    }
}

void websocket_deadline(struct connection *c) {
    struct ns_ws_peer *peer = c->websocket;
    if (ns_ws_closing(peer->ws) || peer->unanswered >= PINGS_MISSED) {
        c->state = CONNECTION_DEAD;
        return;
    }
    peer->unanswered++;
    ns_ws_ping(peer->ws);
    flush(peer);
    connection_deadline(c, c->server->deadlines.ping);
}

void websocket_end(struct connection *c) {
    struct ns_ws_peer *peer = c->websocket;
    c->websocket = NULL;
    peer->accept.on_close(peer, peer->accept.user);
    event_free(peer->message);
    ns_ws_free(peer->ws);
    free(peer);
}

/* Not while a feed or another callback of ours runs on the same connection: they flush. */
static void flush_later(struct ns_ws_peer *peer) {
    struct connection *c = peer->connection;
    if (c->busy || c->state != CONNECTION_WEBSOCKET) {
        return;
    }
    flush(peer);
    if (c->state == CONNECTION_DEAD) {
        connection_deadline(c, 1);
    }
}

bool ns_ws_peer_has_room(struct ns_ws_peer *peer) {
    peer->starved = !has_room(peer);
    return !peer->starved;
}

static bool too_slow(struct ns_ws_peer *peer, bool event) {
    bool slow = backlog(peer) > NS_SERVER_ANSWERS_BYTES || (event && !has_room(peer)) ||
                (!has_room(peer) && connection_too_greedy(peer->connection));
    if (slow) {
        ns_ws_peer_close(peer, 4290, "slow consumer");
    }
    return slow;
}

bool ns_ws_peer_send(struct ns_ws_peer *peer, struct ns_str text, bool event) {
    bool good = !too_slow(peer, event) && ns_ws_text(peer->ws, text);
    flush_later(peer);
    return good;
}

bool ns_ws_peer_send_binary(struct ns_ws_peer *peer, struct ns_str bytes) {
    bool good = !too_slow(peer, false) && ns_ws_binary(peer->ws, bytes);
    flush_later(peer);
    return good;
}

void ns_ws_peer_close(struct ns_ws_peer *peer, int code, const char *reason) {
    if (ns_ws_closing(peer->ws)) {
        return;
    }
    ns_ws_close(peer->ws, code, reason);
    connection_deadline(peer->connection, peer->connection->server->deadlines.drain);
    flush_later(peer);
}
