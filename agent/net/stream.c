/* stream.c: an answer that goes on, in chunks (HTTP/1.0: until the end of the connection). */
#include "agent/net/connection.h"

static size_t room_left(const struct connection *c) {
    size_t unsent = connection_unsent(c);
    return unsent < NS_SERVER_BACKLOG_BYTES ? NS_SERVER_BACKLOG_BYTES - unsent : 0;
}

static bool is_chunked(const struct ns_exchange *x) {
    return x->head.minor > 0;
}

static void write_piece(struct ns_exchange *x, struct ns_str bytes) {
    struct evbuffer *out = bufferevent_get_output(x->connection->stream);
    if (bytes.n == 0) {
        return; /* an empty chunk would be the end */
    }
    if (is_chunked(x)) {
        evbuffer_add_printf(out, "%zx\r\n", bytes.n);
    }
    evbuffer_add(out, bytes.p, bytes.n);
    if (is_chunked(x)) {
        evbuffer_add(out, "\r\n", 2);
    }
}

bool ns_exchange_stream(struct ns_exchange *x, const char *content_type, const char *extra,
                        const struct ns_stream_end *end) {
    struct connection *c = x->connection;
    if (c == NULL) {
        exchange_free(x);
        return false;
    }
    exchange_write_head(c, 200, content_type, is_chunked(x) ? "Transfer-Encoding: chunked\r\n" : "",
                        is_chunked(x) && x->head.keep_alive, extra);
    x->end = *end;
    c->state = CONNECTION_STREAM;
    c->passed = 0;
    connection_deadline(c, c->server->deadlines.ping);
    return true;
}

bool ns_exchange_stream_room(struct ns_exchange *x) {
    x->starved = x->connection->state == CONNECTION_STREAM && room_left(x->connection) == 0;
    return !x->starved;
}

bool ns_exchange_stream_send(struct ns_exchange *x, struct ns_str bytes, bool event) {
    struct connection *c = x->connection;
    if (c->state != CONNECTION_STREAM) {
        return false;
    }
    if ((event && room_left(c) == 0) || connection_unsent(c) > NS_SERVER_ANSWERS_BYTES ||
        connection_too_greedy(c)) {
        ns_exchange_stream_break(x);
        return false;
    }
    write_piece(x, bytes);
    return true;
}

void ns_exchange_stream_end(struct ns_exchange *x) {
    struct connection *c = x->connection;
    bool keep_alive = is_chunked(x) && x->head.keep_alive && !c->server->closing;
    c->exchange = NULL;
    if (c->state == CONNECTION_STREAM) {
        if (is_chunked(x)) {
            evbuffer_add(bufferevent_get_output(c->stream), "0\r\n\r\n", 5);
        }
        connection_answered(c, keep_alive);
    }
    exchange_free(x);
}

/* Without the last chunk, and with the connection: nobody takes it for whole. */
void ns_exchange_stream_break(struct ns_exchange *x) {
    struct connection *c = x->connection;
    connection_close_soon(c);
    if (c->state == CONNECTION_DEAD) { /* we may be under a handler */
        connection_deadline(c, 1);
    }
}

void stream_written(struct connection *c) {
    struct ns_exchange *x = c->exchange;
    if (x->starved && room_left(c) >= NS_SERVER_BACKLOG_BYTES / 2) {
        x->starved = false;
        if (x->end.room != NULL) {
            x->end.room(x->end.user);
        }
    }
}

void stream_deadline(struct connection *c) {
    size_t unsent = connection_unsent(c);
    if (c->passed > 0 && unsent >= c->passed) { /* nothing was read since the last time */
        c->state = CONNECTION_DEAD;
        return;
    }
    c->passed = unsent;
    if (unsent == 0) {
        write_piece(c->exchange, NS_STR(":\n\n"));
    }
    connection_deadline(c, c->server->deadlines.ping);
}
