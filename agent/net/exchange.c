/* exchange.c: a request and its one answer. */
#include "agent/net/connection.h"
#include "shared/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ns_exchange *exchange_new(struct connection *c, const char *head) {
    struct ns_exchange *x = ns_xcalloc(1, sizeof *x);
    x->connection = c;
    x->peer = c->peer;
    x->head = c->reader;
    x->head_bytes = ns_xcalloc(1, c->reader.head_bytes + (size_t)1);
    memcpy(x->head_bytes, head, c->reader.head_bytes);
    x->body = NS_BUF((size_t)c->reader.body_most);
    return x;
}

void exchange_free(struct ns_exchange *x) {
    if (x != NULL) {
        ns_buf_fini(&x->body);
        free(x->head_bytes);
        free(x);
    }
}

/* On every answer, whatever its status: browsers keep, guess, embed and pass on nothing. */
#define GUARDS                                                                                 \
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"                            \
    "Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n"

/* No length where there is never a body. */
void exchange_write_head(struct connection *c, int status, const char *type, const char *length,
                         bool keep_alive, const char *extra) {
    evbuffer_add_printf(bufferevent_get_output(c->stream), "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n%s%s" GUARDS "%s\r\n",
                        status, ns_http_reason(status), type, length, keep_alive ? "" : "Connection: close\r\n",
                        extra != NULL ? extra : "");
}

static void write_answer(struct connection *c, int status, const char *type, const char *guards,
                         const char *extra, struct ns_str body, bool keep_alive, bool head_only) {
    struct evbuffer *out = bufferevent_get_output(c->stream);
    char length[48] = "";
    if (status != 204 && status != 304) {
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", body.n);
    }
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n%s%s%s%s%s%s%s\r\n", status,
                        ns_http_reason(status), type != NULL ? "Content-Type: " : "",
                        type != NULL ? type : "", type != NULL ? "\r\n" : "", length, guards,
                        keep_alive ? "" : "Connection: close\r\n", extra != NULL ? extra : "");
    if (!head_only && status != 204 && status != 304 && body.n > 0) {
        evbuffer_add(out, body.p, body.n);
    }
}

/* Answer a request that was not understood, and close. */
void exchange_refuse(struct connection *c, int status, const char *why) {
    struct ns_buf text = NS_BUF(256);
    ns_buf_fmt(&text, "%d %s: %s\n", status, ns_http_reason(status), why);
    write_answer(c, status, "text/plain; charset=utf-8", GUARDS, NULL, ns_buf_view(&text), false, false);
    ns_buf_fini(&text);
    exchange_free(c->exchange);
    c->exchange = NULL;
    connection_close_soon(c);
}

static void respond(struct ns_exchange *x, int status, const char *type, const char *guards,
                    const char *extra, struct ns_str body) {
    struct connection *c = x->connection;
    if (c != NULL) {
        bool keep_alive = x->head.keep_alive && !c->server->closing;
        c->exchange = NULL;
        if (connection_too_greedy(c)) { /* earlier answers wait unread */
            exchange_refuse(c, 503, TOO_MUCH);
        } else {
            write_answer(c, status, type, guards, extra, body, keep_alive,
                         ns_str_is(ns_exchange_method(x), "HEAD"));
            connection_answered(c, keep_alive);
        }
    }
    exchange_free(x);
}

void ns_exchange_respond(struct ns_exchange *x, int status, const char *content_type,
                         const char *extra, struct ns_str body) {
    respond(x, status, content_type, GUARDS, extra, body);
}

void ns_exchange_respond_guarded(struct ns_exchange *x, int status, const char *content_type,
                                 const char *guards, struct ns_str body) {
    respond(x, status, content_type, guards, NULL, body);
}

struct ns_str ns_exchange_method(const struct ns_exchange *x) {
    return ns_http_text(x->head_bytes, x->head.method);
}

struct ns_str ns_exchange_path(const struct ns_exchange *x) {
    return ns_http_text(x->head_bytes, x->head.path);
}

struct ns_str ns_exchange_query(const struct ns_exchange *x) {
    return x->head.query.at == 0 ? (struct ns_str){0}
                                 : ns_http_text(x->head_bytes, x->head.query);
}

struct ns_str ns_exchange_header(const struct ns_exchange *x, const char *name) {
    return ns_http_field(&x->head, x->head_bytes, name);
}

struct ns_str ns_exchange_body(const struct ns_exchange *x) {
    return ns_buf_view(&x->body);
}

const struct ns_peer *ns_exchange_peer(const struct ns_exchange *x) {
    return &x->peer;
}

bool ns_exchange_gone(const struct ns_exchange *x) {
    return x->connection == NULL;
}
