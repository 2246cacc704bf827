/* HTTP served on a real Unix socket. A plain program: the loop has its own thread. */
#include "agent/loop/loop.h"
#include "tests/unit/net/served.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int number;
static int failures;

static void check(bool good, const char *what) {
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, what);
    failures += !good;
}

#define HOST "Host: localhost\r\n"
#define END "\r\n"
#define CLOSE "Connection: close\r\n"
#define JSON_POST(accept, body_n, body)                                                        \
    "POST /graphql HTTP/1.1\r\n" HOST CLOSE accept                                             \
    "Content-Type: application/json\r\nContent-Length: " #body_n "\r\n\r\n" body
#define NEW "Accept: application/graphql-response+json\r\n"
#define OLD "Accept: application/json\r\n"

static const struct {
    const char *what;
    const char *say;
    const char *first; /* beginning of the answer */
    const char *has;   /* somewhere in it */
} rows[] = {
    {"healthz tells the version", "GET /healthz HTTP/1.1\r\n" HOST CLOSE END,
     "HTTP/1.1 200 OK\r\n", "\r\n\r\nok " NS_VERSION "\n"},
    {"HEAD has no body", "HEAD /healthz HTTP/1.1\r\n" HOST CLOSE END, "HTTP/1.1 200 OK\r\n",
     "Content-Length: 9\r\n"},
    {"healthz by POST", "POST /healthz HTTP/1.1\r\n" HOST CLOSE END, "HTTP/1.1 405 ",
     "Allow: GET, HEAD\r\n"},
    {"every answer has its guards, a 404 too", "GET /x HTTP/1.1\r\n" HOST CLOSE END,
     "HTTP/1.1 404 Not Found\r\n",
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
     "Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n"},
    {"what is left is told", JSON_POST("", 19, "{\"query\":\"{ now }\"}"), "HTTP/1.1 200 OK\r\n",
     "RateLimit-Limit: 100\r\nRateLimit-Remaining: 99\r\nRateLimit-Reset: 1\r\n"},
    {"asked too often", JSON_POST(OLD, 21, "{\"query\":\"too often\"}"), "HTTP/1.1 429 ",
     "Retry-After: 1\r\n"},
    {"another path", "GET /x HTTP/1.1\r\n" HOST CLOSE END, "HTTP/1.1 404 ", "404"},
    {"query by POST", JSON_POST("", 19, "{\"query\":\"{ now }\"}"), "HTTP/1.1 200 OK\r\n",
     "Content-Type: application/json; charset=utf-8\r\n"},
    {"query by POST, new type", JSON_POST(NEW, 19, "{\"query\":\"{ now }\"}"),
     "HTTP/1.1 200 OK\r\n", "application/graphql-response+json; charset=utf-8\r\n"},
    {"any type gives JSON", JSON_POST("Accept: */*\r\n", 19, "{\"query\":\"{ now }\"}"),
     "HTTP/1.1 200 OK\r\n", "Content-Type: application/json;"},
    {"both types, new preferred",
     JSON_POST("Accept: application/graphql-response+json, application/json;q=0.9\r\n", 19,
               "{\"query\":\"{ now }\"}"),
     "HTTP/1.1 200 OK\r\n", "application/graphql-response+json;"},
    {"both types, old preferred",
     JSON_POST("Accept: application/graphql-response+json;q=0.5, application/json\r\n", 19,
               "{\"query\":\"{ now }\"}"),
     "HTTP/1.1 200 OK\r\n", "Content-Type: application/json;"},
    {"JSON excluded", JSON_POST("Accept: application/json;q=0, */*\r\n", 19,
                                "{\"query\":\"{ now }\"}"),
     "HTTP/1.1 200 OK\r\n", "application/graphql-response+json;"},
    {"nothing acceptable", JSON_POST("Accept: text/html\r\n", 19, "{\"query\":\"{ now }\"}"),
     "HTTP/1.1 406 ", ""},
    {"mutation by POST", JSON_POST("", 22, "{\"query\":\"mutation M\"}"), "HTTP/1.1 200 OK\r\n",
     "{\"data\":"},
    {"refused, old type", JSON_POST(OLD, 17, "{\"query\":\"wrong\"}"), "HTTP/1.1 200 OK\r\n",
     "{\"errors\":"},
    {"refused, new type", JSON_POST(NEW, 17, "{\"query\":\"wrong\"}"), "HTTP/1.1 400 ",
     "{\"errors\":"},
    {"subscription by POST", JSON_POST(NEW, 26, "{\"query\":\"subscription S\"}"),
     "HTTP/1.1 400 ", "{\"errors\":"},
    {"no JSON", JSON_POST(OLD, 5, "{quer"), "HTTP/1.1 400 ", "{\"errors\":"},
    {"no query", JSON_POST(OLD, 2, "{}"), "HTTP/1.1 400 ", "{\"errors\":"},
    {"empty body", JSON_POST(OLD, 0, ""), "HTTP/1.1 400 ", "{\"errors\":"},
    {"batch", JSON_POST(OLD, 22, " [{\"query\":\"{ now }\"}]"), "HTTP/1.1 400 ",
     "one request at a time"},
    {"batch in French", JSON_POST("Accept-Language: de, fr-CA;q=0.8, en\r\n", 22,
                                  " [{\"query\":\"{ now }\"}]"),
     "HTTP/1.1 400 ", "une demande à la fois"},
    {"form type",
     "POST /graphql HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/x-www-form-urlencoded\r\n"
     "Content-Length: 4\r\n\r\na=bc",
     "HTTP/1.1 415 ", "{\"errors\":"},
    {"no type", "POST /graphql HTTP/1.1\r\n" HOST CLOSE "Content-Length: 2\r\n\r\n{}",
     "HTTP/1.1 415 ", ""},
    {"another charset",
     "POST /graphql HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json; charset=latin1\r\n"
     "Content-Length: 2\r\n\r\n{}",
     "HTTP/1.1 415 ", ""},
    {"charset named",
     "POST /graphql HTTP/1.1\r\n" HOST CLOSE "Content-Type: Application/JSON; Charset=\"UTF-8\"\r\n"
     "Content-Length: 19\r\n\r\n{\"query\":\"{ now }\"}",
     "HTTP/1.1 200 OK\r\n", "{\"data\":"},
    {"another method", "PUT /graphql HTTP/1.1\r\n" HOST CLOSE END, "HTTP/1.1 405 ",
     "Allow: GET, POST\r\n"},
    {"query by GET", "GET /graphql?query=%7B+now+%7D HTTP/1.1\r\n" HOST CLOSE END,
     "HTTP/1.1 200 OK\r\n", "{\"data\":"},
    {"mutation by GET", "GET /graphql?query=mutation%20M HTTP/1.1\r\n" HOST CLOSE END,
     "HTTP/1.1 405 ", "Allow: POST\r\n"},
    {"GET with variables",
     "GET /graphql?query=%7B+now+%7D&variables=%7B%22a%22:1%7D&operationName= HTTP/1.1\r\n" HOST
         CLOSE END,
     "HTTP/1.1 200 OK\r\n", "{\"data\":"},
    {"GET with broken variables",
     "GET /graphql?query=%7B+now+%7D&variables=%7B HTTP/1.1\r\n" HOST CLOSE END, "HTTP/1.1 400 ",
     "{\"errors\":"},
    {"GET with a broken escape", "GET /graphql?query=%7 HTTP/1.1\r\n" HOST CLOSE END,
     "HTTP/1.1 400 ", "{\"errors\":"},
    {"GET without query", "GET /graphql HTTP/1.1\r\n" HOST CLOSE END, "HTTP/1.1 400 ",
     "{\"errors\":"},
    {"chunked body",
     "POST /graphql HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\n"
     "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"query\":\r\na\r\n\"{ now }\"}\r\n0\r\n\r\n",
     "HTTP/1.1 200 OK\r\n", "{\"data\":"},
    {"expected body",
     "POST /graphql HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\n"
     "Expect: 100-continue\r\nContent-Length: 19\r\n\r\n{\"query\":\"{ now }\"}",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", "{\"data\":"},
    {"body over 8 MiB is refused before it comes",
     "POST /graphql HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 8388609\r\n\r\n",
     "HTTP/1.1 413 ", "Connection: close\r\n"},
    {"HTTP/1.0 closes", "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     "HTTP/1.1 200 OK\r\n", "Connection: close\r\n"},
    {"broken request", "nonsense\r\n\r\n", "HTTP/1.1 400 ", "Connection: close\r\n"},
    {"WebSocket of another version",
     "GET /graphql HTTP/1.1\r\n" HOST CLOSE "Connection: upgrade\r\nUpgrade: websocket\r\n"
     "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
     "HTTP/1.1 426 ", "Sec-WebSocket-Version: 13\r\n"},
    {"WebSocket with a broken key",
     "GET /graphql HTTP/1.1\r\n" HOST CLOSE "Connection: upgrade\r\nUpgrade: websocket\r\n"
     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
     "HTTP/1.1 400 ", "Sec-WebSocket-Key"},
    {"WebSocket on another path",
     "GET /x HTTP/1.1\r\n" HOST CLOSE "Connection: upgrade\r\nUpgrade: websocket\r\n"
     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
     "HTTP/1.1 404 ", ""},
    {"another upgrade is a plain request",
     "GET /healthz HTTP/1.1\r\n" HOST CLOSE "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n",
     "HTTP/1.1 200 OK\r\n", "ok "},
};

static void test_rows(struct served *s) {
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_buf got = served_ask(s, rows[i].say, NULL);
        bool good = ns_str_starts(ns_buf_view(&got), rows[i].first) &&
                    strstr(got.data, rows[i].has) != NULL && strstr(got.data, "(nothing") == NULL;
        check(good, rows[i].what);
        if (!good) {
            printf("# got: %.300s\n", got.data);
        }
        ns_buf_fini(&got);
    }
}

static size_t count(const struct ns_buf *got, const char *what) {
    size_t n = 0;
    for (const char *p = got->data; (p = strstr(p, what)) != NULL; p++) {
        n++;
    }
    return n;
}

#define PIPE "GET /graphql?query=%7B+now+%7D HTTP/1.1\r\n" HOST END
#define HEALTH "GET /healthz HTTP/1.1\r\n" HOST END

static void finish(void *arg) {
    fake_finish(arg);
}

static void test_pipelining(struct served *s) {
    struct ns_buf all = served_ask(s, HEALTH PIPE HEALTH PIPE "GET /healthz HTTP/1.1\r\n" HOST CLOSE END,
                                   NULL);
    check(count(&all, "HTTP/1.1 200 OK") == 5 && count(&all, "{\"data\"") == 2,
          "five requests in one go have five answers");
    const char *first = strstr(all.data, "ok ");
    check(first != NULL && first < strstr(all.data, "{\"data\""), "in their order");
    ns_buf_fini(&all);

    int fd = served_connect(s);
    const char *text = "GET /graphql?query=%7B+later+%7D HTTP/1.1\r\n" HOST END
           "GET /healthz HTTP/1.1\r\n" HOST CLOSE END;
    send(fd, text, strlen(text), MSG_NOSIGNAL);
    check(!served_peer_closed(fd, 50), "a late answer holds back those behind it");
    served_do(s, finish, &s->fake);
    struct ns_buf got = served_talk(fd, "", 0, NULL);
    check(count(&got, "HTTP/1.1 200 OK") == 2, "and both come in the end");
    ns_buf_fini(&got);
    close(fd);
}

static void test_half_close_and_loss(struct served *s) {
    int fd = served_connect(s);
    const char *text = PIPE HEALTH;
    send(fd, text, strlen(text), MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    struct ns_buf got = served_talk(fd, "", 0, NULL);
    check(count(&got, "HTTP/1.1 200 OK") == 2, "a peer that only half closed is answered");
    ns_buf_fini(&got);
    close(fd);

    fd = served_connect(s);
    text = "GET /graphql?query=%7B+later+%7D HTTP/1.1\r\n" HOST END;
    send(fd, text, strlen(text), MSG_NOSIGNAL);
    while (fake_running(&s->fake) == 0) { /* read while the loop writes: a test's look */
        usleep(1000);
    }
    close(fd);
    usleep(20000);
    served_do(s, finish, &s->fake);
    check(fake_running(&s->fake) == 0, "answering a peer that left does no harm");
}

#define STREAM_POST(accept, body_n, body)                                                      \
    "POST /graphql/stream HTTP/1.1\r\n" HOST accept                                            \
    "Content-Type: application/json\r\nContent-Length: " #body_n "\r\n\r\n" body
#define SSE "Accept: text/event-stream\r\n"

static const struct {
    const char *what, *say, *first, *has;
} stream_rows[] = {
    {"events: a query", STREAM_POST(CLOSE SSE, 19, "{\"query\":\"{ now }\"}"), "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream",
     "event: next\ndata: {\"data\":{\"now\":1}}\n\n\r\n17\r\nevent: complete\ndata:\n\n\r\n0\r\n\r\n"},
    {"events: a query by GET", "GET /graphql/stream?query=%7B+now+%7D HTTP/1.1\r\n" HOST CLOSE SSE END, "HTTP/1.1 200 ", "event: complete"},
    {"events: to an old client without chunks", "GET /graphql/stream?query=%7B+now+%7D HTTP/1.0\r\n" HOST END, "HTTP/1.1 200 ",
     "\r\n\r\nevent: next\ndata: {\"data\":{\"now\":1}}\n\nevent: complete\ndata:\n\n"},
    {"events: a refused document is an event", STREAM_POST(CLOSE SSE, 17, "{\"query\":\"wrong\"}"), "HTTP/1.1 200 ",
     "event: next\ndata: {\"errors\":"},
    {"events: with what is left told", STREAM_POST(CLOSE "Accept: text/*\r\n", 19, "{\"query\":\"{ now }\"}"), "HTTP/1.1 200 ", "RateLimit-Remaining: 99\r\n"},
    {"events: asked too often", STREAM_POST(CLOSE SSE, 21, "{\"query\":\"too often\"}"), "HTTP/1.1 429 ", "Retry-After: 1\r\n"},
    {"events: no JSON", STREAM_POST(CLOSE SSE, 5, "{quer"), "HTTP/1.1 400 ", "{\"errors\":"},
    {"events: a batch", STREAM_POST(CLOSE SSE, 2, "[]"), "HTTP/1.1 400 ", "{\"errors\":"},
    {"events: a form", "POST /graphql/stream HTTP/1.1\r\n" HOST CLOSE "Content-Length: 0\r\n\r\n", "HTTP/1.1 415 ", "{\"errors\":"},
    {"events: a mutation by GET", "GET /graphql/stream?query=mutation+M HTTP/1.1\r\n" HOST CLOSE SSE END, "HTTP/1.1 405 ", "Allow: POST"},
    {"events: the client wants something else", STREAM_POST(CLOSE "Accept: application/*\r\n", 19, "{\"query\":\"{ now }\"}"), "HTTP/1.1 406 ", ""},
    {"events: no reservations here", "PUT /graphql/stream HTTP/1.1\r\n" HOST CLOSE "Content-Length: 0\r\n\r\n", "HTTP/1.1 405 ", "Allow: GET, POST"},
};

static void say_event(void *arg) {
    fake_event(arg, NS_STR("{\"data\":{\"tick\":2}}"));
}

static void say_complete(void *arg) {
    fake_complete(arg);
}

/* Until n operations run: a test's look while the loop writes. */
static bool running(struct served *s, int n) {
    for (int i = 0; i < 2000 && fake_running(&s->fake) != n; i++) {
        usleep(1000);
    }
    return fake_running(&s->fake) == n;
}

static void test_streams(struct served *s) {
    static const char subscribe[] = STREAM_POST(SSE, 26, "{\"query\":\"subscription S\"}");
    for (size_t i = 0; i < sizeof stream_rows / sizeof *stream_rows; i++) {
        struct ns_buf got = served_ask(s, stream_rows[i].say, NULL);
        check(ns_str_starts(ns_buf_view(&got), stream_rows[i].first) && got.len > 0 && strstr(got.data, stream_rows[i].has) != NULL,
              stream_rows[i].what);
        ns_buf_fini(&got);
    }
    int fd = served_connect(s);
    struct ns_buf got = served_talk(fd, subscribe, strlen(subscribe), "\r\n\r\n");
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 200 ") && running(s, 1), "a subscription begins before it has anything to say");
    ns_buf_fini(&got);
    served_do(s, say_event, &s->fake);
    got = served_talk(fd, "", 0, "\n\n");
    check(got.len > 0 && strstr(got.data, "event: next\ndata: {\"data\":{\"tick\":2}}\n\n") != NULL, "an event comes when it happens");
    ns_buf_fini(&got);
    served_do(s, say_complete, &s->fake);
    got = served_talk(fd, HEALTH, strlen(HEALTH), "ok ");
    check(count(&got, "event: complete") == 1 && count(&got, "HTTP/1.1 200 OK") == 1, "after its end the connection serves on");
    ns_buf_fini(&got);
    got = served_talk(fd, subscribe, strlen(subscribe), "\r\n\r\n");
    ns_buf_fini(&got);
    check(running(s, 1), "again a subscription");
    int before = s->fake.cancelled;
    close(fd);
    check(running(s, 0) && s->fake.cancelled == before + 1, "who leaves is not kept waiting for");
}

static void say_long_event(void *arg) {
    static char text[16384];
    memset(text, ' ', sizeof text);
    fake_event(arg, (struct ns_str){text, sizeof text});
}

/* Nobody reads: events are refused before they are made many, and the answer breaks off. */
static void test_stream_unread(struct served *s) {
    static const char subscribe[] = STREAM_POST(SSE, 26, "{\"query\":\"subscription S\"}");
    int fd = served_connect(s);
    send(fd, subscribe, strlen(subscribe), MSG_NOSIGNAL);
    bool began = running(s, 1);
    int events = 0;
    while (began && fake_running(&s->fake) == 1 && events < 2000) {
        served_do(s, say_long_event, &s->fake);
        events++;
    }
    struct ns_buf got = served_talk(fd, "", 0, NULL);
    check(began && events > 10 && events < 2000, "a stream that nobody reads is cut off");
    check(got.len > 0 && strstr(got.data, "event: complete") == NULL && strstr(got.data, "\r\n0\r\n") == NULL, "and does not look whole");
    ns_buf_fini(&got);
    close(fd);
}

static void test_large(struct served *s) {
    size_t n = NS_SERVER_UNIX_BODY;
    struct ns_buf say = NS_BUF(n + 4096);
    ns_buf_fmt(&say, "POST /graphql HTTP/1.1\r\n" HOST CLOSE
                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n", n);
    const char *head = "{\"query\":\"{ now }\",\"x\":\"";
    ns_buf_text(&say, head);
    char *fill = malloc(n);
    memset(fill, 'a', n);
    ns_buf_add(&say, fill, n - strlen(head) - 2);
    ns_buf_text(&say, "\"}");
    free(fill);
    int fd = served_connect(s);
    struct ns_buf got = served_talk(fd, say.data, say.len, NULL);
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 200 OK"), "a body of 8 MiB is taken");
    close(fd);
    ns_buf_fini(&got);
    ns_buf_fini(&say);
}

struct counted {
    struct served *s;
    size_t n;
};

static void look(void *arg) {
    struct counted *c = arg;
    c->n = ns_server_connections(c->s->server);
}

static size_t connections(struct served *s) {
    struct counted c = {s, 0};
    served_do(s, look, &c);
    return c.n;
}

static void test_too_many(struct served *s) {
    int fds[NS_SERVER_CONNECTIONS];
    for (int i = 0; i < 400 && connections(s) > 0; i++) {
        usleep(5000);
    }
    for (size_t i = 0; i < NS_SERVER_CONNECTIONS; i++) {
        fds[i] = served_connect(s);
    }
    struct ns_buf got = served_ask(s, HEALTH, NULL);
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 503 "), "the 65th connection hears 503");
    ns_buf_fini(&got);
    got = served_talk(fds[0], HEALTH, strlen(HEALTH), "ok ");
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 200 "), "those inside are served on");
    ns_buf_fini(&got);
    for (size_t i = 0; i < NS_SERVER_CONNECTIONS; i++) {
        close(fds[i]);
    }
    for (int i = 0; i < 400 && connections(s) > 0; i++) {
        usleep(5000);
    }
    check(connections(s) == 0, "and their places are free again");
}

static void test_deadlines(void) {
    struct served s;
    const struct ns_server_deadlines brief = {.header = 60, .body = 60, .idle = 120, .drain = 60};
    served_start(&s, &brief);
    struct ns_buf got = served_ask(&s, "GET /hea", NULL);
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 408 "), "a header that does not come: 408");
    ns_buf_fini(&got);
    got = served_ask(&s, "POST /graphql HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\n{", NULL);
    check(ns_str_starts(ns_buf_view(&got), "HTTP/1.1 408 "), "a body that does not come: 408");
    ns_buf_fini(&got);
    int fd = served_connect(&s);
    check(!served_peer_closed(fd, 30), "an idle connection stays");
    check(served_peer_closed(fd, 1000), "but not for ever");
    close(fd);
    served_stop(&s);
}

static void close_server(void *arg) {
    ns_server_close(arg);
}

static void test_stream_and_stop(void) {
    static const char subscribe[] = STREAM_POST(SSE, 26, "{\"query\":\"subscription S\"}");
    struct served s;
    const struct ns_server_deadlines brief = {.ping = 40};
    served_start(&s, &brief);
    int fd = served_connect(&s);
    struct ns_buf got = served_talk(fd, subscribe, strlen(subscribe), "\r\n:\n\n");
    check(got.len > 0 && strstr(got.data, "3\r\n:\n\n\r\n") != NULL, "a silent stream gives a sign of life");
    ns_buf_fini(&got);
    served_do(&s, close_server, s.server);
    served_do(&s, say_complete, &s.fake);
    got = served_talk(fd, "", 0, NULL);
    check(got.data == NULL || (strstr(got.data, "complete") == NULL && strstr(got.data, "\r\n0\r\n") == NULL), "when the agent stops a stream breaks off: its client comes back");
    ns_buf_fini(&got);
    close(fd);
    served_stop(&s);
}

static void test_socket_file(void) {
    struct served s;
    struct stat st;
    struct ns_err err = {0};
    struct ns_loop *loop = NULL;
    served_start(&s, NULL);
    check(lstat(s.path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0600,
          "the socket is for its owner alone");
    if (ns_loop_new(&loop, &err) != NS_OK) {
        exit(1);
    }
    const struct ns_server_handlers handlers = {0};
    struct ns_server *other = ns_server_new(loop, &handlers, NULL);
    check(ns_server_listen_unix(other, s.path, &err) == NS_E_BUSY && err.msg == NS_MSG_net_agent_runs,
          "a socket that answers is not taken over");
    char long_path[120];
    memset(long_path, 'a', sizeof long_path);
    long_path[108] = '\0';
    ns_err_clear(&err);
    check(ns_server_listen_unix(other, long_path, &err) == NS_E_CONFIG &&
              err.msg == NS_MSG_wire_path_too_long, "108 bytes of path are refused");
    char plain[108];
    snprintf(plain, sizeof plain, "%.60s/plain", s.folder);
    FILE *f = fopen(plain, "w");
    if (f != NULL) {
        fclose(f);
    }
    ns_err_clear(&err);
    check(ns_server_listen_unix(other, plain, &err) == NS_E_CONFIG && lstat(plain, &st) == 0,
          "a file that is no socket is left alone");
    unlink(plain);
    char missing[108];
    snprintf(missing, sizeof missing, "%.60s/no/such", s.folder);
    ns_err_clear(&err);
    check(ns_server_listen_unix(other, missing, &err) != NS_OK && err.msg == NS_MSG_net_no_socket,
          "a missing folder is named");
    served_do(&s, close_server, s.server);
    check(lstat(s.path, &st) != 0, "closing removes the file");
    /* what a killed agent leaves: a bound socket that nobody listens on */
    struct served stale = s;
    ns_err_clear(&err);
    check(ns_server_listen_unix(other, stale.path, &err) == NS_OK, "a free place is taken");
    char moved[108];
    snprintf(moved, sizeof moved, "%.60s/left", s.folder);
    check(rename(s.path, moved) == 0, "moved away");
    ns_server_free(other); /* does not find its file any more, so it stays */
    check(lstat(moved, &st) == 0, "left behind");
    other = ns_server_new(loop, &handlers, NULL);
    ns_err_clear(&err);
    check(ns_server_listen_unix(other, moved, &err) == NS_OK, "a dead socket is replaced");
    ns_server_free(other);
    check(lstat(moved, &st) != 0, "and removed");
    ns_loop_free(loop);
    served_stop(&s);
}

int main(void) {
    struct served s;
    served_start(&s, NULL);
    test_rows(&s);
    test_pipelining(&s);
    test_half_close_and_loss(&s);
    test_streams(&s);
    test_stream_unread(&s);
    test_large(&s);
    test_too_many(&s);
    served_stop(&s);
    test_deadlines();
    test_stream_and_stop();
    test_socket_file();
    printf("1..%d\n", number);
    return failures > 0;
}
