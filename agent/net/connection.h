/* connection.h: inside of agent/net: one accepted socket, from HTTP to WebSocket to its end.
 *
 * A connection is freed only from libevent's own callbacks (connection_settle) or with the
 * server, never under a handler. Threads: the loop thread. */
#pragma once
#include "agent/net/http.h"
#include "agent/net/server.h"
#include "shared/base/buf.h"
#include "shared/wire/ws.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/stat.h>

#define INPUT_MOST 65536            /* bytes read ahead of their use */
#define OUTPUT_PAUSE ((size_t)1 << 20) /* unsent answers beyond which no request is taken up */
#define FLOOR_PER_SECOND 1024 /* bytes a slow peer must send or read */
#define LINGER_MS 1000
#define TOO_MUCH "too much is under way at once"

enum connection_state {
    CONNECTION_HANDSHAKE, /* of TLS */
    CONNECTION_IDLE,    /* between requests */
    CONNECTION_HEAD,
    CONNECTION_BODY,
    CONNECTION_WAITING, /* the handler has the exchange */
    CONNECTION_WEBSOCKET,
    CONNECTION_STREAM,  /* an answer goes on */
    CONNECTION_CLOSING, /* last bytes leave */
    CONNECTION_LINGER,  /* they have left; what still comes is thrown away */
    CONNECTION_DEAD     /* to be freed by connection_settle */
};

struct connection {
    struct ns_server *server;
    struct connection *previous, *next;
    struct bufferevent *stream;
    struct ssl_st *tls; /* NULL: plain; owned by the stream */
    struct event *deadline;
    struct ns_peer peer;
    enum connection_state state;
    bool busy;       /* inside connection_advance: do not enter again */
    bool input_ended; /* the peer will send nothing more */
    bool counted;    /* among the 64 */
    size_t passed;   /* of the body, or unsent, when the deadline was set: what moved since? */
    int body_turns;  /* body deadlines so far */
    struct ns_http_reader reader;
    struct ns_exchange *exchange;
    struct ns_ws_peer *websocket;
};

struct ns_exchange {
    struct connection *connection; /* NULL: gone */
    bool handed; /* to the handler, who frees it by answering */
    struct ns_peer peer;
    struct ns_http_reader head;
    char *head_bytes;
    struct ns_buf body;
    struct ns_stream_end end; /* of an answer that goes on; gone NULL: it is none */
    bool starved;             /* somebody was told that there is no room */
};

struct ns_ws_peer {
    struct connection *connection;
    struct ns_ws *ws;
    struct ns_ws_accept accept;
    struct event *message; /* runs while a message has begun and not ended */
    int unanswered; /* pings in a row */
    bool starved;   /* somebody was told that there is no room */
};

struct listener;
struct ns_lan;
struct ssl_st;

struct ns_server {
    struct ns_loop *loop;
    struct event_base *base;
    struct ns_server_handlers handlers;
    struct ns_server_deadlines deadlines;
    struct listener *listeners;
    struct ns_lan *lan; /* NULL: the home network is not served */
    struct connection *connections;
    size_t memory;  /* for all connections together */
    uid_t owner;    /* who may come in, besides root */
    size_t most;    /* connections served at once */
    size_t counted; /* connections being served */
    size_t refused; /* connections that are being told 503 */
    bool closing;
};

/* connection.c */
/* tls: taken, NULL: plain */
void connection_open(struct ns_server *server, evutil_socket_t fd, const struct ns_peer *peer,
                     struct ssl_st *tls);
void connection_advance(struct connection *c);
void connection_settle(struct connection *c); /* free when dead; only at the end of a callback */
void connection_close_soon(struct connection *c); /* after what is queued has left */
void connection_free(struct connection *c);
void connection_deadline(struct connection *c, int milliseconds);
size_t connection_unsent(const struct connection *c);
bool connection_too_greedy(const struct connection *c); /* over its share while all is used up */
void connection_answered(struct connection *c, bool keep_alive);

/* lan.c */
int lan_refuses(const struct ns_exchange *x); /* a status, or 0 */
void lan_stop(struct ns_lan *lan);            /* NULL is fine, here and below */
void lan_free(struct ns_lan *lan);

/* exchange.c */
struct ns_exchange *exchange_new(struct connection *c, const char *head);
void exchange_free(struct ns_exchange *x);
/* A head whose body follows by itself; length: a header line. */
void exchange_write_head(struct connection *c, int status, const char *type, const char *length,
                         bool keep_alive, const char *extra);
void exchange_refuse(struct connection *c, int status, const char *why);

/* stream.c */
void stream_written(struct connection *c);
void stream_deadline(struct connection *c);

/* websocket.c */
bool websocket_wanted(const struct ns_exchange *x);
void websocket_begin(struct connection *c); /* answers c->exchange: 101 or a refusal */
void websocket_read(struct connection *c);
void websocket_written(struct connection *c);
void websocket_deadline(struct connection *c);
void websocket_end(struct connection *c); /* the connection is going away */
