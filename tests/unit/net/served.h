/* served.h: a server with GraphQL over fake operations, its loop on a thread of its own, and the
 * small tools to talk to it. */
#pragma once
#include "agent/loop/loop.h"
#include "agent/net/server.h"
#include "tests/unit/net/fake_operations.h"

#include <pthread.h>
#include <semaphore.h>

struct served {
    char folder[64];
    char path[108];
    struct ns_loop *loop;
    struct ns_server *server;
    struct fake_operations fake;
    pthread_t thread;
};

void served_start(struct served *s, const struct ns_server_deadlines *deadlines);
void served_stop(struct served *s);
/* Run fn(arg) on the loop thread and wait until it has run. */
void served_do(struct served *s, ns_loop_fn *fn, void *arg);

int served_connect(const struct served *s);
/* Send and read until `until` has come, the peer closed or two seconds passed. */
struct ns_buf served_talk(int fd, const char *bytes, size_t n, const char *until);
/* One connection, one text, what came until the peer closed or `until` stood in it. */
struct ns_buf served_ask(const struct served *s, const char *text, const char *until);
bool served_peer_closed(int fd, int milliseconds);

/* A frame as clients send it; first: FIN, reserved bits and opcode; n below 65,536. */
void served_frame(struct ns_buf *out, int first, const char *payload, size_t n);
/* A connection that has become a WebSocket. */
int served_upgrade(const struct served *s);
