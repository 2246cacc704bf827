/* ws_echo.c: whatever message comes goes back, over the HTTP and frame layers of the agent. For
 * suites that try frames; never shipped.
 *
 * ws-echo --socket PATH   on a Unix socket
 * ws-echo --port N        on 127.0.0.1 (0: any free port), for suites that know only TCP
 * Says "listening PLACE" when it does; ends with SIGTERM, SIGINT or the end of its input. */
#include "agent/net/connection.h"

#include <arpa/inet.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void echo_text(struct ns_ws_peer *peer, void *user, struct ns_str text) {
    (void)user;
    (void)ns_ws_peer_send(peer, text, false); /* a peer too slow for its echoes is closed */
}

static void echo_binary(struct ns_ws_peer *peer, void *user, struct ns_str bytes) {
    (void)user;
    (void)ns_ws_peer_send_binary(peer, bytes);
}

static void nothing(struct ns_ws_peer *peer, void *user) {
    (void)peer;
    (void)user;
}

static bool accept_any(void *self, const struct ns_exchange *request,
                       struct ns_ws_accept *accept) {
    (void)self;
    (void)request;
    *accept = (struct ns_ws_accept){.on_open = nothing,
                                    .on_text = echo_text,
                                    .on_close = nothing,
                                    .on_binary = echo_binary};
    return true;
}

static void refuse(void *self, struct ns_exchange *x) {
    (void)self;
    ns_exchange_respond(x, 426, "text/plain", "Upgrade: websocket\r\n",
                        NS_STR("426: a WebSocket is wanted here\n"));
}

static void from_tcp(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                     int n, void *arg) {
    const struct ns_peer peer = {.kind = NS_PEER_UNIX, .uid = geteuid()};
    (void)listener;
    (void)from;
    (void)n;
    connection_open(arg, fd, &peer, NULL);
}

static struct evconnlistener *listen_tcp(struct ns_loop *loop, struct ns_server *server,
                                         int port) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    struct evconnlistener *listener = evconnlistener_new_bind(
        ns_loop_base(loop), from_tcp, server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 128,
        (struct sockaddr *)&address, sizeof address);
    if (listener != NULL &&
        getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &n) == 0) {
        printf("listening 127.0.0.1:%d\n", ntohs(address.sin_port));
    }
    return listener;
}

static void stop(void *loop) {
    ns_loop_stop(loop);
}

static void input_ended(evutil_socket_t fd, short what, void *loop) {
    char byte;
    (void)what;
    if (read((int)fd, &byte, 1) <= 0) {
        ns_loop_stop(loop);
    }
}

int main(int argc, char **argv) {
    struct ns_err err = {0};
    struct ns_loop *loop = NULL;
    int64_t port = 0;
    bool tcp = argc == 3 && strcmp(argv[1], "--port") == 0 &&
               ns_str_int(ns_str_of(argv[2]), 0, 65535, &port);
    if (!tcp && (argc != 3 || strcmp(argv[1], "--socket") != 0)) {
        fputs("ws-echo --socket PATH | --port N\n", stderr);
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    if (ns_loop_new(&loop, &err) != NS_OK ||
        ns_loop_on_signal(loop, SIGTERM, stop, loop, &err) != NS_OK ||
        ns_loop_on_signal(loop, SIGINT, stop, loop, &err) != NS_OK) {
        return 1;
    }
    const struct ns_server_handlers handlers = {NULL, refuse, accept_any};
    struct ns_server *server = ns_server_new(loop, &handlers, NULL);
    struct evconnlistener *listener = NULL;
    bool good;
    if (tcp) {
        listener = listen_tcp(loop, server, (int)port);
        good = listener != NULL;
    } else {
        good = ns_server_listen_unix(server, argv[2], &err) == NS_OK;
        printf("listening %s\n", argv[2]);
    }
    fflush(stdout);
    struct event *input = event_new(ns_loop_base(loop), STDIN_FILENO, EV_READ | EV_PERSIST,
                                    input_ended, loop);
    if (good) {
        event_add(input, NULL); /* a terminal or a file that cannot be watched: signals end it */
        ns_loop_run(loop);
    }
    event_free(input);
    if (listener != NULL) {
        evconnlistener_free(listener);
    }
    ns_server_free(server);
    ns_loop_free(loop);
    return good ? 0 : 1;
}
