#include "tests/unit/net/served.h"

#include "agent/api/http_graphql.h"
#include "agent/api/transport_ws.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void request(void *self, struct ns_exchange *x) {
    struct served *s = self;
    ns_http_graphql_serve(&s->fake.operations, x);
}

static bool websocket(void *self, const struct ns_exchange *x, struct ns_ws_accept *accept) {
    struct served *s = self;
    return ns_transport_ws_accept(s->loop, &s->fake.operations, x, accept);
}

static void *run(void *arg) {
    struct served *s = arg;
    ns_loop_run(s->loop);
    return NULL;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

void served_start(struct served *s, const struct ns_server_deadlines *deadlines) {
    struct ns_err err = {0};
    memset(s, 0, sizeof *s);
    signal(SIGPIPE, SIG_IGN); /* as the agent does for its process */
    snprintf(s->folder, sizeof s->folder, "/tmp/nestsync-net-XXXXXX");
    if (mkdtemp(s->folder) == NULL) {
        die("mkdtemp");
    }
    snprintf(s->path, sizeof s->path, "%s/endpoint.sock", s->folder);
    fake_init(&s->fake);
    if (ns_loop_new(&s->loop, &err) != NS_OK) {
        die("loop");
    }
    const struct ns_server_handlers handlers = {s, request, websocket};
    s->server = ns_server_new(s->loop, &handlers, deadlines);
    if (ns_server_listen_unix(s->server, s->path, &err) != NS_OK ||
        pthread_create(&s->thread, NULL, run, s) != 0) {
        die("listen");
    }
}

struct task {
    ns_loop_fn *fn;
    void *arg;
    sem_t done;
};

static void run_task(void *arg) {
    struct task *task = arg;
    task->fn(task->arg);
    sem_post(&task->done);
}

void served_do(struct served *s, ns_loop_fn *fn, void *arg) {
    struct task task = {.fn = fn, .arg = arg};
    sem_init(&task.done, 0, 0);
    ns_loop_post(s->loop, run_task, &task);
    while (sem_wait(&task.done) != 0) {
    }
    sem_destroy(&task.done);
}

static void stop(void *arg) {
    ns_loop_stop(arg);
}

void served_stop(struct served *s) {
    served_do(s, stop, s->loop);
    pthread_join(s->thread, NULL);
    ns_server_free(s->server);
    ns_loop_free(s->loop);
    rmdir(s->folder);
}

int served_connect(const struct served *s) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, s->path, strlen(s->path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        die("connect");
    }
    return fd;
}

struct ns_buf served_talk(int fd, const char *bytes, size_t n, const char *until) {
    struct ns_buf got = NS_BUF((size_t)32 << 20);
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent < 0) {
            break;
        }
        bytes += sent;
        n -= (size_t)sent;
    }
    ns_buf_add(&got, "", 0);
    while (until == NULL || memmem(got.data, got.len, until, strlen(until)) == NULL) {
        char piece[65536];
        struct pollfd ready = {fd, POLLIN, 0};
        if (poll(&ready, 1, 2000) <= 0) {
            ns_buf_text(&got, "(nothing more within two seconds)");
            break;
        }
        ssize_t came = recv(fd, piece, sizeof piece, 0);
        if (came <= 0) {
            break;
        }
        ns_buf_add(&got, piece, (size_t)came);
    }
    return got;
}

struct ns_buf served_ask(const struct served *s, const char *text, const char *until) {
    int fd = served_connect(s);
    struct ns_buf got = served_talk(fd, text, strlen(text), until);
    close(fd);
    return got;
}

void served_frame(struct ns_buf *out, int first, const char *payload, size_t n) {
    ns_buf_char(out, (char)first);
    if (n < 126) {
        ns_buf_char(out, (char)(0x80 | n));
    } else {
        ns_buf_char(out, (char)(0x80 | 126));
        ns_buf_char(out, (char)(n >> 8));
        ns_buf_char(out, (char)n);
    }
    ns_buf_add(out, "\0\0\0", 4); /* a mask of zeros leaves the bytes as they are */
    ns_buf_add(out, payload, n);
}

int served_upgrade(const struct served *s) {
    static const char ask[] = "GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                              "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
    int fd = served_connect(s);
    struct ns_buf got = served_talk(fd, ask, sizeof ask - 1, "\r\n\r\n");
    if (!ns_str_starts(ns_buf_view(&got), "HTTP/1.1 101 ")) {
        die("upgrade");
    }
    ns_buf_fini(&got);
    return fd;
}

bool served_peer_closed(int fd, int milliseconds) {
    char piece[4096];
    struct pollfd ready = {fd, POLLIN, 0};
    while (poll(&ready, 1, milliseconds) > 0) {
        if (recv(fd, piece, sizeof piece, 0) <= 0) {
            return true;
        }
    }
    return false;
}
