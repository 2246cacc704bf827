/* connection.c: HTTP on one socket: read ahead a little, one request at a time, answers in
 * order, a deadline for every state that waits for the peer. */
#include "agent/net/connection.h"
#include "agent/net/lan.h"

#include "shared/base/arena.h"

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>

#define BODY_TURNS 10

void connection_deadline(struct connection *c, int milliseconds) {
    if (milliseconds <= 0) {
        evtimer_del(c->deadline);
        return;
    }
    struct timeval wait = {milliseconds / 1000, milliseconds % 1000 * 1000};
    evtimer_add(c->deadline, &wait);
}

size_t connection_unsent(const struct connection *c) {
    return evbuffer_get_length(bufferevent_get_output(c->stream));
}

/* Bytes kept for this peer, in either direction. */
static size_t held(const struct connection *c) {
    size_t bytes = connection_unsent(c) + evbuffer_get_length(bufferevent_get_input(c->stream));
    bytes += c->exchange != NULL ? c->exchange->body.len : 0;
    return bytes + (c->websocket != NULL ? ns_ws_held(c->websocket->ws) : 0);
}

/* The sum is taken only for those who hold much, so that the others pay nothing for it. */
bool connection_too_greedy(const struct connection *c) {
    if (held(c) <= NS_SERVER_SHARE) {
        return false;
    }
    size_t sum = 0;
    for (const struct connection *each = c->server->connections; each != NULL; each = each->next) {
        sum += held(each);
    }
    return sum > c->server->memory;
}

/* A deadline that a peer which goes on reading our answer at the floor's pace renews. */
static void reading_deadline(struct connection *c, int milliseconds) {
    c->passed = connection_unsent(c);
    connection_deadline(c, milliseconds);
}

static bool moved_enough(size_t bytes, int milliseconds) {
    return bytes * 1000 >= (size_t)milliseconds * FLOOR_PER_SECOND;
}

static void reading_is_late(struct connection *c, int milliseconds) {
    size_t unsent = connection_unsent(c);
    if (unsent > 0 && unsent < c->passed && moved_enough(c->passed - unsent, milliseconds)) {
        reading_deadline(c, milliseconds);
    } else {
        c->state = CONNECTION_DEAD;
    }
}

static void become_idle(struct connection *c) {
    c->state = CONNECTION_IDLE;
    reading_deadline(c, c->server->deadlines.idle);
}

/* What was queued has left: say so, and throw away what still comes for a moment, so that a
 * peer in the middle of sending reads our answer instead of a broken pipe. */
static void linger(struct connection *c) {
    if (c->input_ended) {
        c->state = CONNECTION_DEAD;
        return;
    }
    c->state = CONNECTION_LINGER;
    if (c->tls != NULL) { /* the end is part of what TLS protects */
        SSL_shutdown(c->tls);
        ERR_clear_error();
    }
    shutdown(bufferevent_getfd(c->stream), SHUT_WR);
    connection_deadline(c, LINGER_MS);
}

void connection_close_soon(struct connection *c) {
    if (c->state >= CONNECTION_CLOSING) {
        return;
    }
    c->state = CONNECTION_CLOSING;
    reading_deadline(c, c->server->deadlines.drain);
    if (connection_unsent(c) == 0) {
        linger(c);
    }
}

void connection_answered(struct connection *c, bool keep_alive) {
    if (!keep_alive) {
        connection_close_soon(c);
        if (c->state == CONNECTION_DEAD) { /* we may be under a handler */
            connection_deadline(c, 1);
        }
        return;
    }
    become_idle(c);
    if (!c->busy) {
        connection_advance(c);
        if (c->state == CONNECTION_DEAD) {
            connection_deadline(c, 1);
        }
    }
}

static void dispatch(struct connection *c) {
    struct ns_exchange *x = c->exchange;
    int refused = c->peer.kind == NS_PEER_LAN ? lan_refuses(x) : 0;
    if (refused != 0) {
        exchange_refuse(c, refused, refused == 421 ? "no name of this agent" : "a page from elsewhere");
        return;
    }
    if (websocket_wanted(x)) {
        websocket_begin(c);
        return;
    }
    c->state = CONNECTION_WAITING;
    connection_deadline(c, 0);
    x->handed = true;
    c->server->handlers.request(c->server->handlers.self, x);
}

static void got_head(struct connection *c, const char *bytes) {
    c->exchange = exchange_new(c, bytes);
    evbuffer_drain(bufferevent_get_input(c->stream), c->reader.head_bytes);
    c->state = CONNECTION_BODY;
    c->passed = 0;
    c->body_turns = 0;
    connection_deadline(c, c->server->deadlines.body);
    if (c->reader.expect_continue && c->reader.body != NS_HTTP_NO_BODY) {
        evbuffer_add_printf(bufferevent_get_output(c->stream), "HTTP/1.1 100 Continue\r\n\r\n");
    }
}

/* One step of the head or body; false: more bytes are needed. */
static bool step_head(struct connection *c) {
    struct evbuffer *in = bufferevent_get_input(c->stream);
    size_t n = evbuffer_get_length(in);
    n = n < NS_HTTP_HEAD_MOST + 1 ? n : NS_HTTP_HEAD_MOST + 1;
    const char *bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)n);
    enum ns_http_step step = ns_http_head(&c->reader, bytes, n);
    if (step == NS_HTTP_ERROR) {
        exchange_refuse(c, c->reader.status, c->reader.why);
    } else if (step == NS_HTTP_HEAD) {
        got_head(c, bytes);
    }
    return step != NS_HTTP_MORE;
}

static bool step_body(struct connection *c) {
    struct evbuffer *in = bufferevent_get_input(c->stream);
    size_t n = evbuffer_get_length(in);
    n = n < INPUT_MOST ? n : INPUT_MOST;
    const char *bytes = n > 0 ? (const char *)evbuffer_pullup(in, (ev_ssize_t)n) : "";
    size_t used = 0;
    struct ns_str piece;
    enum ns_http_step step = ns_http_body(&c->reader, bytes, n, &used, &piece);
    if (piece.n > 0) {
        ns_buf_str(&c->exchange->body, piece);
    }
    evbuffer_drain(in, used);
    if (step == NS_HTTP_ERROR) {
        exchange_refuse(c, c->reader.status, c->reader.why);
    } else if (connection_too_greedy(c)) {
        exchange_refuse(c, 503, TOO_MUCH);
        return true;
    } else if (step == NS_HTTP_END) {
        dispatch(c);
    }
    return step != NS_HTTP_MORE;
}

static bool step(struct connection *c) {
    struct evbuffer *in = bufferevent_get_input(c->stream);
    switch (c->state) {
    case CONNECTION_HANDSHAKE:
        return false;
    case CONNECTION_IDLE:
        if (evbuffer_get_length(in) == 0 || connection_unsent(c) > OUTPUT_PAUSE) {
            return false;
        }
        ns_http_begin(&c->reader, c->peer.kind == NS_PEER_LAN ? NS_LAN_BODY : NS_SERVER_UNIX_BODY);
        c->state = CONNECTION_HEAD;
        connection_deadline(c, c->server->deadlines.header);
        return true;
    case CONNECTION_HEAD:
        return step_head(c);
    case CONNECTION_BODY:
        return step_body(c);
    case CONNECTION_WEBSOCKET:
        websocket_read(c);
        return false;
    case CONNECTION_CLOSING:
    case CONNECTION_LINGER:
        evbuffer_drain(in, evbuffer_get_length(in));
        return false;
    case CONNECTION_WAITING:
    case CONNECTION_STREAM:
    case CONNECTION_DEAD:
        break;
    }
    return false;
}

void connection_advance(struct connection *c) {
    if (c->busy) {
        return;
    }
    c->busy = true;
    while (step(c)) {
    }
    /* A peer that only half closed still gets its answers; nothing new can come. */
    if (c->input_ended && (c->state == CONNECTION_IDLE || c->state == CONNECTION_HEAD ||
                           c->state == CONNECTION_BODY) &&
        connection_unsent(c) <= OUTPUT_PAUSE) {
        connection_close_soon(c);
    } else if (c->input_ended && c->state == CONNECTION_LINGER) {
        c->state = CONNECTION_DEAD;
    }
    c->busy = false;
}

void connection_settle(struct connection *c) {
    if (c->state == CONNECTION_DEAD && !c->busy) {
        connection_free(c);
    }
}

static void on_read(struct bufferevent *stream, void *arg) {
    (void)stream;
    connection_advance(arg);
    connection_settle(arg);
}

static void on_written(struct bufferevent *stream, void *arg) {
    struct connection *c = arg;
    (void)stream;
    if (c->state == CONNECTION_CLOSING) {
        if (connection_unsent(c) == 0) {
            linger(c);
        }
    } else if (c->state == CONNECTION_WEBSOCKET) {
        websocket_written(c);
    } else if (c->state == CONNECTION_STREAM) {
        stream_written(c);
    } else {
        connection_advance(c);
    }
    connection_settle(c);
}

static void on_event(struct bufferevent *stream, short what, void *arg) {
    struct connection *c = arg;
    (void)stream;
    if (what & BEV_EVENT_CONNECTED) {
        become_idle(c);
        connection_advance(c);
    } else if ((what & BEV_EVENT_EOF) && (what & BEV_EVENT_READING)) {
        c->input_ended = true;
        if (c->state == CONNECTION_WEBSOCKET || c->state == CONNECTION_STREAM) {
            c->state = CONNECTION_DEAD;
        }
        connection_advance(c);
    } else if (what & (BEV_EVENT_ERROR | BEV_EVENT_EOF)) {
        c->state = CONNECTION_DEAD;
    }
    connection_settle(c);
}

/* A long body may take several deadlines, as long as each of them brought its share. */
static void body_is_late(struct connection *c) {
    size_t now = c->exchange->body.len;
    int milliseconds = c->server->deadlines.body;
    if (++c->body_turns >= BODY_TURNS || !moved_enough(now - c->passed, milliseconds)) {
        exchange_refuse(c, 408, "the body came too slowly");
        return;
    }
    c->passed = now;
    connection_deadline(c, milliseconds);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg) {
    struct connection *c = arg;
    (void)fd;
    (void)what;
    switch (c->state) {
    case CONNECTION_HEAD:
        exchange_refuse(c, 408, "the header came too slowly");
        break;
    case CONNECTION_BODY:
        body_is_late(c);
        break;
    case CONNECTION_WEBSOCKET:
        websocket_deadline(c);
        break;
    case CONNECTION_STREAM:
        stream_deadline(c);
        break;
    case CONNECTION_WAITING:
        break;
    case CONNECTION_IDLE:
        reading_is_late(c, c->server->deadlines.idle);
        break;
    case CONNECTION_CLOSING:
        reading_is_late(c, c->server->deadlines.drain);
        break;
    case CONNECTION_HANDSHAKE:
    case CONNECTION_LINGER:
    case CONNECTION_DEAD:
        c->state = CONNECTION_DEAD;
        break;
    }
    connection_settle(c);
}

static struct bufferevent *make_stream(struct event_base *base, evutil_socket_t fd, SSL *tls) {
    if (tls == NULL) {
        return bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    }
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        base, fd, tls, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (stream != NULL) { /* every message says its own length: a cut one is noticed anyway */
        bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    }
    return stream;
}

void connection_open(struct ns_server *server, evutil_socket_t fd, const struct ns_peer *peer,
                     SSL *tls) {
    bool room = server->counted < server->most;
    if (!room && server->refused >= NS_SERVER_CONNECTIONS) {
        evutil_closesocket(fd);
        SSL_free(tls);
        return;
    }
    struct bufferevent *stream = make_stream(server->base, fd, tls);
    if (stream == NULL) {
        evutil_closesocket(fd);
        return;
    }
    struct connection *c = ns_xcalloc(1, sizeof *c);
    c->server = server;
    c->stream = stream;
    c->tls = tls;
    c->peer = *peer;
    c->counted = room;
    c->deadline = evtimer_new(server->base, on_deadline, c);
    c->next = server->connections;
    if (c->next != NULL) {
        c->next->previous = c;
    }
    server->connections = c;
    bufferevent_setcb(stream, on_read, on_written, on_event, c);
    bufferevent_setwatermark(stream, EV_READ, 0, INPUT_MOST);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    if (room) {
        server->counted++;
        if (tls != NULL) {
            c->state = CONNECTION_HANDSHAKE;
            connection_deadline(c, server->deadlines.header);
        } else {
            become_idle(c);
        }
    } else {
        server->refused++;
        exchange_refuse(c, 503, "too many connections");
    }
}

void connection_free(struct connection *c) {
    struct ns_server *server = c->server;
    if (c->websocket != NULL) {
        websocket_end(c);
    }
    struct ns_exchange *x = c->exchange;
    if (x != NULL && x->end.gone != NULL) {
        x->end.gone(x->end.user);
        exchange_free(x);
    } else if (c->exchange != NULL && c->exchange->handed) {
        c->exchange->connection = NULL;
    } else {
        exchange_free(c->exchange);
    }
    if (c->previous != NULL) {
        c->previous->next = c->next;
    } else {
        server->connections = c->next;
    }
    if (c->next != NULL) {
        c->next->previous = c->previous;
    }
    server->counted -= c->counted;
    server->refused -= !c->counted;
    event_free(c->deadline);
    bufferevent_free(c->stream);
    free(c);
}
