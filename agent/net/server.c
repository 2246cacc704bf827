/* server.c: listeners and who may come in. */
#include "agent/net/connection.h"
#include "shared/base/arena.h"
#include "shared/base/log.h"
#include "shared/text/message.h"

#include <errno.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LOG_MODULE "net"
#define PATH_MOST (sizeof((struct sockaddr_un *)0)->sun_path - 1)
#define ACCEPT_PAUSE_MS 200 /* when no descriptor is left */

struct listener {
    struct listener *next;
    struct ns_server *server;
    struct evconnlistener *accepts;
    struct event *pause;
    char path[PATH_MOST + 1];
    dev_t device;
    ino_t inode;
};

struct ns_server *ns_server_new(struct ns_loop *loop, const struct ns_server_handlers *handlers,
                                const struct ns_server_deadlines *deadlines) {
    struct ns_server *server = ns_xcalloc(1, sizeof *server);
    struct ns_server_deadlines d = deadlines != NULL ? *deadlines : (struct ns_server_deadlines){0};
    server->loop = loop;
    server->base = ns_loop_base(loop);
    server->handlers = *handlers;
    server->most = NS_SERVER_CONNECTIONS;
    server->memory = NS_SERVER_MEMORY;
    server->owner = geteuid();
    server->deadlines = (struct ns_server_deadlines){
        .header = d.header > 0 ? d.header : 5000,
        .body = d.body > 0 ? d.body : 30000,
        .idle = d.idle > 0 ? d.idle : 60000,
        .ping = d.ping > 0 ? d.ping : 30000,
        .message = d.message > 0 ? d.message : 30000,
        .drain = d.drain > 0 ? d.drain : 10000,
    };
    return server;
}

void ns_server_set_owner(struct ns_server *server, uid_t owner) {
    server->owner = owner;
}

void ns_server_set_most(struct ns_server *server, size_t most) {
    server->most = most;
}

void ns_server_set_memory(struct ns_server *server, size_t bytes) {
    server->memory = bytes;
}

/* The peer of a Unix socket, by the kernel's word; only the owner and root may come in. */
static bool unix_peer(const struct ns_server *server, evutil_socket_t fd, struct ns_peer *peer) {
    struct ucred who;
    socklen_t n = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0 || n != sizeof who) {
        return false;
    }
    *peer = (struct ns_peer){.kind = NS_PEER_UNIX, .uid = who.uid, .pid = who.pid};
    return who.uid == server->owner || who.uid == 0;
}

static void accepted(struct evconnlistener *accepts, evutil_socket_t fd, struct sockaddr *from,
                     int n, void *arg) {
    struct listener *listener = arg;
    struct ns_peer peer;
    (void)accepts;
    (void)from;
    (void)n;
    if (!unix_peer(listener->server, fd, &peer)) {
        LOG_WARN("event=peer-refused reason=other-user");
        evutil_closesocket(fd);
        return;
    }
    connection_open(listener->server, fd, &peer, NULL);
}

static void accept_failed(struct evconnlistener *accepts, void *arg) {
    struct listener *listener = arg;
    struct timeval wait = {0, ACCEPT_PAUSE_MS * 1000};
    LOG_WARN("event=accept-failed errno=%d", errno);
    evconnlistener_disable(accepts);
    evtimer_add(listener->pause, &wait);
}

static void accept_again(evutil_socket_t fd, short what, void *arg) {
    struct listener *listener = arg;
    (void)fd;
    (void)what;
    evconnlistener_enable(listener->accepts);
}

/* A socket file left behind by an agent that was killed is removed; one that answers is not. */
static ns_rc clear_way(const struct sockaddr_un *address, struct ns_err *err) {
    const char *path = address->sun_path;
    struct stat found;
    if (lstat(path, &found) != 0) {
        return errno == ENOENT ? NS_OK
                               : ns_err_say(err, ns_rc_from_errno(errno), NS_MSG_net_no_socket,
                                            path, strerror(errno), NULL);
    }
    if (!S_ISSOCK(found.st_mode)) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_net_not_a_socket, path, NULL, NULL);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ns_err_note(err, NS_E_IO, "socket: %s", strerror(errno));
    }
    int rc = connect(fd, (const struct sockaddr *)address, sizeof *address);
    int why = errno;
    close(fd);
    if (rc != 0 && why == ECONNREFUSED) {
        return unlink(path) == 0 || errno == ENOENT
                   ? NS_OK
                   : ns_err_say(err, ns_rc_from_errno(errno), NS_MSG_net_no_socket, path,
                                strerror(errno), NULL);
    }
    return ns_err_say(err, NS_E_BUSY, NS_MSG_net_agent_runs, path, NULL, NULL);
}

static ns_rc bind_unix(const struct sockaddr_un *address, int *out, struct ns_err *err) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ns_err_note(err, NS_E_IO, "socket: %s", strerror(errno));
    }
    mode_t before = umask(077); /* never open to others, not even between bind and chmod */
    int rc = bind(fd, (const struct sockaddr *)address, sizeof *address);
    int why = errno;
    umask(before);
    if (rc == 0 && (chmod(address->sun_path, 0600) != 0 || listen(fd, 128) != 0)) {
        why = errno;
        rc = -1;
        unlink(address->sun_path);
    }
    if (rc != 0) {
        close(fd);
        return ns_err_say(err, ns_rc_from_errno(why), NS_MSG_net_no_socket, address->sun_path,
                          strerror(why), NULL);
    }
    *out = fd;
    return NS_OK;
}

ns_rc ns_server_listen_unix(struct ns_server *server, const char *path, struct ns_err *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat made;
    int fd = -1;
    if (path[0] == '\0' || strlen(path) > PATH_MOST) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_wire_path_too_long, path, NULL, NULL);
    }
    memcpy(address.sun_path, path, strlen(path));
    ns_rc rc = clear_way(&address, err);
    if (rc == NS_OK) {
        rc = bind_unix(&address, &fd, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    struct listener *listener = ns_xcalloc(1, sizeof *listener);
    listener->server = server;
    memcpy(listener->path, address.sun_path, sizeof listener->path);
    if (lstat(path, &made) == 0) {
        listener->device = made.st_dev;
        listener->inode = made.st_ino;
    }
    listener->accepts = evconnlistener_new(server->base, accepted, listener,
                                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    listener->pause = evtimer_new(server->base, accept_again, listener);
    if (listener->accepts == NULL || listener->pause == NULL) {
        abort(); /* memory: nothing can go on */
    }
    evconnlistener_set_error_cb(listener->accepts, accept_failed);
    listener->next = server->listeners;
    server->listeners = listener;
    LOG_INFO("event=listening kind=unix");
    return NS_OK;
}

size_t ns_server_connections(const struct ns_server *server) {
    return server->counted;
}

static void close_listeners(struct ns_server *server) {
    while (server->listeners != NULL) {
        struct listener *listener = server->listeners;
        struct stat found;
        server->listeners = listener->next;
        /* only our own file: a newer agent may stand at the same path */
        if (lstat(listener->path, &found) == 0 && found.st_dev == listener->device &&
            found.st_ino == listener->inode) {
            unlink(listener->path);
        }
        evconnlistener_free(listener->accepts);
        event_free(listener->pause);
        free(listener);
    }
}

void ns_server_close(struct ns_server *server) {
    server->closing = true;
    close_listeners(server);
    lan_stop(server->lan);
    for (struct connection *c = server->connections, *next; c != NULL; c = next) {
        next = c->next;
        if (c->state == CONNECTION_WEBSOCKET) {
            ns_ws_peer_close(c->websocket, 1001, "agent stops");
        } else if (c->state == CONNECTION_STREAM) {
            ns_exchange_stream_break(c->exchange);
        } else if (!c->busy && c->state < CONNECTION_WAITING) {
            connection_close_soon(c);
            connection_settle(c);
        }
    }
}

void ns_server_free(struct ns_server *server) {
    if (server == NULL) {
        return;
    }
    close_listeners(server);
    while (server->connections != NULL) {
        connection_free(server->connections);
    }
    lan_free(server->lan);
    free(server);
}
