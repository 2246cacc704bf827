/* server.h: HTTP/1.1 and WebSocket served to local peers, on the agent's loop.
 *
 * One server, several listeners: Unix sockets, and the home network (lan.h). A
 * request becomes an ns_exchange: answer it once, now or later; when its peer went away in the
 * meantime, answering just frees it. An accepted WebSocket becomes an ns_ws_peer.
 * Ownership: exchanges belong to the handler until ns_exchange_respond; peers belong to the
 * server and end with on_close, after which they must not be touched.
 * A peer that left is an error code here: the program ignores SIGPIPE (agent/process.c does).
 * Threads: the loop thread. */
#pragma once
#include "agent/loop/loop.h"
#include "shared/base/env.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

#include <sys/types.h>

#define NS_SERVER_CONNECTIONS 64
#define NS_SERVER_UNIX_BODY ((size_t)8 << 20)
#define NS_SERVER_WS_MESSAGE ((size_t)8 << 20)
/* What may wait for one WebSocket to read it. Past BACKLOG no request of the peer is taken up and
 * events are refused; past ANSWERS nothing is accepted any more. So one peer that does not read
 * costs ANSWERS and one answer at most, and nobody else waits for it. */
#define NS_SERVER_BACKLOG_BYTES ((size_t)256 << 10)
#define NS_SERVER_BACKLOG_MESSAGES 1000
#define NS_SERVER_ANSWERS_BYTES ((size_t)4 << 20)
/* What all peers together may make the server hold, requests coming in and answers going out.
 * When it is used up, whoever holds more than SHARE is refused more; smaller ones never notice. */
#define NS_SERVER_MEMORY ((size_t)64 << 20)
#define NS_SERVER_SHARE ((size_t)512 << 10)

struct ns_server;
struct ns_exchange;
struct ns_ws_peer;

enum ns_peer_kind { NS_PEER_UNIX, NS_PEER_LAN };

struct ns_peer {
    enum ns_peer_kind kind;
    uid_t uid; /* UNIX: by SO_PEERCRED: our own or root */
    pid_t pid;
    char address[46]; /* LAN: as text; else empty */
};

/* What to do with a WebSocket. The callbacks run on the loop thread and may send and close.
 * on_open: the peer exists; on_close: it is gone, whoever closed (always called once);
 * on_room (may be NULL): there is room again after ns_ws_peer_has_room() said no;
 * on_binary (may be NULL): else a binary message closes with 1003. */
struct ns_ws_accept {
    const char *protocol; /* subprotocol to name in the answer; NULL: none */
    size_t message_most; /* 0: as much as a request of that peer may have */
    void *user;
    void (*on_open)(struct ns_ws_peer *peer, void *user);
    void (*on_text)(struct ns_ws_peer *peer, void *user, struct ns_str text);
    void (*on_close)(struct ns_ws_peer *peer, void *user);
    void (*on_room)(struct ns_ws_peer *peer, void *user);
    void (*on_binary)(struct ns_ws_peer *peer, void *user, struct ns_str bytes);
};

struct ns_server_handlers {
    void *self;
    void (*request)(void *self, struct ns_exchange *x);
    /* Fill *accept (zeroed) and return true, or return false: 404. May be NULL: 404. request
     * is borrowed for the call. A protocol not offered: accept, then close in on_open. */
    bool (*websocket)(void *self, const struct ns_exchange *request,
                      struct ns_ws_accept *accept);
};

/* Deadlines in milliseconds; 0 takes the default. Tests shorten them. */
struct ns_server_deadlines {
    int header;  /* 5 s from the first byte */
    int body;    /* 30 s, renewed while it brings 1 kB/s, ten times at most */
    int idle;    /* 60 s between requests; an answer still being read at 1 kB/s renews it */
    int ping;    /* 30 s; closed when two in a row stay unanswered */
    int message; /* 30 s from the first byte of a WebSocket message to its last; then 1008 */
    int drain;   /* 10 s for the last bytes of a closing connection, renewed as `idle` */
};

struct ns_server *ns_server_new(struct ns_loop *loop, const struct ns_server_handlers *handlers,
                                const struct ns_server_deadlines *deadlines);
/* Listen on a Unix socket, 0600. A path over 107 bytes: NS_E_CONFIG with the remedy. A socket
 * file nobody answers on is removed first; one that answers: NS_E_BUSY (another agent runs). */
ns_rc ns_server_listen_unix(struct ns_server *server, const char *path, struct ns_err *err)
    NS_MUST_USE;
/* Whose processes may connect, besides root's; our own user's without this call. */
void ns_server_set_owner(struct ns_server *server, uid_t owner);
/* How many are served at once, instead of NS_SERVER_CONNECTIONS; others are told 503. */
void ns_server_set_most(struct ns_server *server, size_t most);
void ns_server_set_memory(struct ns_server *server, size_t bytes); /* else NS_SERVER_MEMORY */
size_t ns_server_connections(const struct ns_server *server);
/* No new connections or requests; WebSockets are closed with 1001; removes the socket files. */
void ns_server_close(struct ns_server *server);
/* Drops everything at once; exchanges still out stay valid for their one answer. */
void ns_server_free(struct ns_server *server); /* NULL is fine */

/* ---- exchange --------------------------------------------------------------------------- */

struct ns_str ns_exchange_method(const struct ns_exchange *x);
struct ns_str ns_exchange_path(const struct ns_exchange *x);  /* before the question mark */
struct ns_str ns_exchange_query(const struct ns_exchange *x); /* after it; p NULL: none */
/* First field of that name (ASCII case ignored); p NULL: none. */
struct ns_str ns_exchange_header(const struct ns_exchange *x, const char *name);
struct ns_str ns_exchange_body(const struct ns_exchange *x);
const struct ns_peer *ns_exchange_peer(const struct ns_exchange *x);
bool ns_exchange_gone(const struct ns_exchange *x); /* nobody waits for the answer any more */
/* Once an exchange; frees it. extra: whole header lines "Name: value\r\n", or NULL. */
void ns_exchange_respond(struct ns_exchange *x, int status, const char *content_type,
                         const char *extra, struct ns_str body);
/* The same for what a browser may keep or run: guards takes the place of the header lines that
 * otherwise forbid it (no-store, Content-Security-Policy and the like). */
void ns_exchange_respond_guarded(struct ns_exchange *x, int status, const char *content_type,
                                 const char *guards, struct ns_str body);

/* ---- an answer that goes on --------------------------------------------------------------- */

/* Called once when the peer went away or the server closes: the exchange is gone then, and
 * nothing more may be said. room (may be NULL): there is room again after a no. */
struct ns_stream_end {
    void *user;
    void (*gone)(void *user);
    void (*room)(void *user);
};

/* Begins an answer of unknown length with status 200, instead of ns_exchange_respond(). A comment
 * (":") goes out while nothing else does, so that a peer that left is noticed; whoever does not
 * read meanwhile is dropped. false: nobody waits any more, and the exchange is freed. */
bool ns_exchange_stream(struct ns_exchange *x, const char *content_type, const char *extra,
                        const struct ns_stream_end *end);
/* event: bytes nobody asked for. What does not fit into the limits of a WebSocket is refused: the
 * answer breaks off, gone() follows and false comes back. */
bool ns_exchange_stream_send(struct ns_exchange *x, struct ns_str bytes, bool event);
bool ns_exchange_stream_room(struct ns_exchange *x);
void ns_exchange_stream_end(struct ns_exchange *x); /* the answer is whole; frees the exchange */
void ns_exchange_stream_break(struct ns_exchange *x); /* it is not, and the peer can tell; gone() follows */

/* ---- WebSocket -------------------------------------------------------------------------- */

/* event: a message nobody asked for. What does not fit into the limits above is refused: the
 * socket closes with 4290 and false comes back. */
bool ns_ws_peer_send(struct ns_ws_peer *peer, struct ns_str text, bool event);
/* A binary message, under the limits of an answer. */
bool ns_ws_peer_send_binary(struct ns_ws_peer *peer, struct ns_str bytes);
/* May an event be sent? false: on_room follows when the backlog is half gone. */
bool ns_ws_peer_has_room(struct ns_ws_peer *peer);
void ns_ws_peer_close(struct ns_ws_peer *peer, int code, const char *reason);
