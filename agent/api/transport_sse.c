/* transport_sse.c: an operation and its events on one HTTP answer. The answer begins with the
 * first event, or when a subscription stands and has none yet. */
#include "agent/api/transport_sse.h"

#include "agent/api/http_graphql.h"
#include "shared/base/arena.h"
#include "shared/base/buf.h"

#include <stdlib.h>

#define EVENT_MOST ((size_t)8 << 20) /* an answer of the greatest size with its envelope */
#define REQUEST_MOST NS_SERVER_UNIX_BODY

struct stream {
    const struct ns_operations *operations;
    struct ns_exchange *x; /* NULL: the peer is gone */
    struct ns_op_caller caller;
    struct ns_op *handle; /* NULL while start() runs */
    bool starting;
    bool begun;    /* the head is out */
    bool answered; /* one next was sent: those that follow are events */
    bool over;     /* the last event came; nothing is to be cancelled */
};

static void finish(struct stream *s) {
    s->over = true;
    if (!s->starting) {
        free(s);
    }
}

static void gone(void *user) {
    struct stream *s = user;
    s->x = NULL;
    if (s->handle != NULL) {
        s->operations->cancel(s->operations->self, s->handle);
        finish(s);
    } else if (s->over) {
        finish(s);
    }
}

static void room(void *user) {
    struct stream *s = user;
    bool more = true;
    while (more && s->handle != NULL && ns_exchange_stream_room(s->x)) {
        more = s->operations->resume(s->operations->self, s->handle);
    }
}

static bool begin(struct stream *s) {
    char lines[256];
    const struct ns_stream_end end = {s, gone, room};
    if (s->begun) {
        return s->x != NULL;
    }
    s->begun = true;
    ns_http_graphql_allowance(s->operations, &s->caller, lines, sizeof lines);
    if (!ns_exchange_stream(s->x, "text/event-stream; charset=utf-8", lines, &end)) {
        s->x = NULL;
    }
    return s->x != NULL;
}

/* payload: one line of JSON, as our writer makes it. */
static void send_next(struct stream *s, struct ns_str payload, bool event) {
    struct ns_buf text = NS_BUF(EVENT_MOST);
    if (begin(s)) {
        ns_buf_text(&text, "event: next\ndata: ");
        ns_buf_str(&text, payload);
        ns_buf_text(&text, "\n\n");
        if (text.failed) {
            ns_exchange_stream_break(s->x);
        } else if (!ns_exchange_stream_send(s->x, ns_buf_view(&text), event) && s->handle != NULL) {
            s->operations->cancel(s->operations->self, s->handle); /* gone() follows and frees */
            s->handle = NULL;
            s->over = true;
        }
    }
    ns_buf_fini(&text);
}

static void send_complete(struct stream *s) {
    if (begin(s)) {
        struct ns_exchange *x = s->x;
        s->x = NULL;
        (void)ns_exchange_stream_send(x, NS_STR("event: complete\ndata:\n\n"), false);
        ns_exchange_stream_end(x);
    }
    finish(s);
}

/* The last word before any event: a status of its own. */
static void refuse(struct stream *s, int status, const char *extra, struct ns_str body) {
    if (s->begun) {
        send_next(s, body, false);
        send_complete(s);
        return;
    }
    ns_exchange_respond(s->x, status, "application/json; charset=utf-8", extra, body);
    s->x = NULL;
    finish(s);
}

static void op_event(void *arg, enum ns_op_event event, struct ns_str payload) {
    struct stream *s = arg;
    if (event == NS_OP_NEXT) {
        bool unasked = s->answered;
        s->answered = true;
        send_next(s, payload, unasked);
        return;
    }
    s->handle = NULL;
    switch (event) {
    case NS_OP_MALFORMED:
        refuse(s, 400, NULL, payload);
        break;
    case NS_OP_LIMITED:
        refuse(s, 429, "Retry-After: 1\r\n", payload);
        break;
    case NS_OP_WRONG_KIND: /* a mutation by GET */
        refuse(s, 405, "Allow: POST\r\n", payload);
        break;
    case NS_OP_EXPIRED:
        refuse(s, 401, NULL, NS_STR("{\"errors\":[{\"message\":\"Authentication required\","
                                    "\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}"));
        break;
    case NS_OP_SLOW:
        s->over = true; /* gone() follows and frees */
        if (s->x != NULL) {
            ns_exchange_stream_break(s->x);
        }
        break;
    case NS_OP_REFUSED:
        send_next(s, payload, false);
        send_complete(s);
        break;
    case NS_OP_NEXT:
    case NS_OP_DONE:
        send_complete(s);
        break;
    }
}

static bool op_room(void *arg) {
    const struct stream *s = arg;
    return s->x == NULL || !s->begun || ns_exchange_stream_room(s->x);
}

static void start(const struct ns_operations *operations, struct ns_exchange *x, struct ns_str body,
                  bool get) {
    struct stream *s = ns_xcalloc(1, sizeof *s);
    *s = (struct stream){.operations = operations, .x = x, .caller = ns_http_graphql_proven(operations, x),
                         .starting = true};
    struct ns_op_request request = {
        .body = body,
        .allowed = NS_OP_QUERY | NS_OP_SUBSCRIPTION | (get ? 0u : (unsigned)NS_OP_MUTATION),
        .caller = s->caller,
        .room = op_room,
    };
    struct ns_op *handle = operations->start(operations->self, &request, op_event, s);
    s->starting = false;
    if (s->over) {
        free(s);
        return;
    }
    s->handle = handle;
    if (!begin(s)) { /* nobody waits any more */
        gone(s);
    }
}

void ns_transport_sse_serve(const struct ns_operations *operations, struct ns_exchange *x) {
    struct ns_str method = ns_exchange_method(x);
    struct ns_str accept = ns_exchange_header(x, "accept");
    bool get = ns_str_is(method, "GET");
    if (!get && !ns_str_is(method, "POST")) {
        ns_exchange_respond(x, 405, "text/plain; charset=utf-8", "Allow: GET, POST\r\n", NS_STR("405: GET or POST\n"));
        return;
    }
    if (accept.n > 0 && ns_http_graphql_quality(accept, "text/event-stream") <= 0) {
        ns_exchange_respond(x, 406, "text/plain; charset=utf-8", NULL, NS_STR("406: text/event-stream\n"));
        return;
    }
    struct ns_buf body = NS_BUF(REQUEST_MOST);
    if (ns_http_graphql_request(operations, x, get, &body)) {
        start(operations, x, ns_buf_view(&body), get);
    }
    ns_buf_fini(&body);
}
