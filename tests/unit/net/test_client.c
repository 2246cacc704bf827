/* The client against the real server, and against peers that are not what they should be. */
#include "shared/wire/client.h"
#include "tests/unit/net/served.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int number;
static int failures;

static void check(bool good, const char *what) {
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, what);
    failures += !good;
}

/* ---- blocking calls ---- */

static void test_calls(struct served *s) {
    struct ns_buf answer = NS_BUF(1 << 16);
    struct ns_err err = {0};
    char version[32];
    check(ns_client_probe(s->path, 2000, version, &err) == NS_OK && strcmp(version, NS_VERSION) == 0,
          "a probe tells the agent's version");
    check(ns_client_call(s->path, NS_LANG_FR, "{ now }", "{\"a\":[1]}", 2000, &answer, &err) ==
                  NS_OK &&
              strcmp(answer.data, "{\"data\":{\"now\":1}}") == 0,
          "a call brings the answer");
    check(strcmp(s->fake.last_body, "{\"query\":\"{ now }\",\"variables\":{\"a\":[1]}}") == 0 &&
              s->fake.last_caller.lang == NS_LANG_FR && s->fake.last_caller.uid == getuid(),
          "query, variables, language and caller arrive");
    ns_buf_clear(&answer);
    check(ns_client_call(s->path, NS_LANG_EN, "wrong", NULL, 2000, &answer, &err) == NS_OK &&
              strstr(answer.data, "\"errors\"") != NULL,
          "a refused request is an answer too");
    check(ns_client_call(s->path, NS_LANG_EN, "{ now }", "[1]", 2000, &answer, &err) == NS_E_INPUT,
          "variables must be an object");
    ns_err_clear(&err);
    check(ns_client_call(s->path, NS_LANG_EN, "{ later }", NULL, 100, &answer, &err) ==
                  NS_E_TIMEOUT &&
              err.msg == NS_MSG_wire_no_answer,
          "a late answer is given up");
    struct ns_buf small = NS_BUF(5);
    ns_err_clear(&err);
    check(ns_client_call(s->path, NS_LANG_EN, "{ now }", NULL, 2000, &small, &err) == NS_E_LIMIT,
          "an answer too long for its buffer is an error");
    ns_buf_fini(&small);
    ns_buf_fini(&answer);
}

static void test_nobody(void) {
    struct ns_err err = {0};
    char long_path[200];
    memset(long_path, 'x', sizeof long_path);
    long_path[108] = '\0';
    check(ns_client_probe("/tmp/nestsync-no-such/endpoint.sock", 100, NULL, &err) == NS_E_OFFLINE &&
              err.msg == NS_MSG_err_agent_away,
          "no agent: offline");
    ns_err_clear(&err);
    check(ns_client_probe(long_path, 100, NULL, &err) == NS_E_CONFIG &&
              err.msg == NS_MSG_wire_path_too_long,
          "a path of 108 bytes: configuration");
}

/* A peer that says one thing to whoever comes, once. */
struct liar {
    char path[108];
    int fd;
    const char *says;
    pthread_t thread;
};

static void *lie(void *arg) {
    struct liar *liar = arg;
    char heard[4096];
    int fd = accept(liar->fd, NULL, NULL);
    if (recv(fd, heard, sizeof heard, 0) > 0 && send(fd, liar->says, strlen(liar->says), MSG_NOSIGNAL) > 0) {
        shutdown(fd, SHUT_WR);
        while (recv(fd, heard, sizeof heard, 0) > 0) {
        }
    }
    close(fd);
    return NULL;
}

static void liar_start(struct liar *liar, const char *says) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(liar->path, sizeof liar->path, "/tmp/nestsync-liar-%d.sock", (int)getpid());
    memcpy(address.sun_path, liar->path, strlen(liar->path));
    liar->says = says;
    liar->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(liar->fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(liar->fd, 1) != 0 || pthread_create(&liar->thread, NULL, lie, liar) != 0) {
        perror("liar");
        exit(1);
    }
}

static void liar_stop(struct liar *liar) {
    pthread_join(liar->thread, NULL);
    close(liar->fd);
    unlink(liar->path);
}

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: "

static void test_liars(void) {
    static const struct {
        const char *what;
        const char *says;
        ns_rc rc;
        int msg;
        const char *version;
    } liars[] = {
        {"another version", OK_HEAD "9\r\n\r\nok 9.9.9\n", NS_E_VERSION, NS_MSG_wire_other_version,
         "9.9.9"},
        {"no agent at all", OK_HEAD "2\r\n\r\nhi", NS_E_INPUT, NS_MSG_wire_bad_answer, ""},
        {"no HTTP", "220 mail.example ESMTP\r\n", NS_E_INPUT, NS_MSG_wire_bad_answer, ""},
        {"half an answer", OK_HEAD "9\r\n\r\nok 9", NS_E_IO, NS_MSG_wire_lost, ""},
        {"a length beyond all limits", OK_HEAD "999999999999\r\n\r\nok", NS_E_INPUT,
         NS_MSG_wire_bad_answer, ""},
        {"a negative length", OK_HEAD "-1\r\n\r\nok", NS_E_INPUT, NS_MSG_wire_bad_answer, ""},
        {"too many connections", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
         NS_E_BUSY, NS_MSG_wire_no_answer, ""},
    };
    for (size_t i = 0; i < NS_COUNT(liars); i++) {
        struct liar liar;
        struct ns_err err = {0};
        char version[32];
        liar_start(&liar, liars[i].says);
        ns_rc rc = ns_client_probe(liar.path, 2000, version, &err);
        check(rc == liars[i].rc && err.msg == liars[i].msg && strcmp(version, liars[i].version) == 0,
              liars[i].what);
        liar_stop(&liar);
    }
}

/* ---- the console's connection ---- */

struct heard {
    struct ns_client *client;
    struct ns_buf log;
    struct ns_err why;
    bool closed;
    bool ask_when_ready;
};

static void on_ready(void *self) {
    struct heard *h = self;
    ns_buf_text(&h->log, "ready;");
    if (h->ask_when_ready) {
        ns_client_start(h->client, "{ now }", NULL);
    }
}

static void on_next(void *self, uint32_t id, struct ns_str payload) {
    struct heard *h = self;
    ns_buf_fmt(&h->log, "next %u %.*s;", id, payload.n < 60 ? (int)payload.n : 60, payload.p);
}

static void on_error(void *self, uint32_t id, struct ns_str payload) {
    struct heard *h = self;
    ns_buf_fmt(&h->log, "error %u %.*s;", id, (int)payload.n, payload.p);
}

static void on_complete(void *self, uint32_t id) {
    ns_buf_fmt(&((struct heard *)self)->log, "complete %u;", id);
}

static void on_closed(void *self, const struct ns_err *why) {
    struct heard *h = self;
    ns_buf_text(&h->log, "closed;");
    h->why = *why;
    h->closed = true;
}

static struct ns_client *open_client(const char *path, struct heard *h) {
    *h = (struct heard){.log = NS_BUF(1 << 20)};
    ns_buf_add(&h->log, "", 0);
    const struct ns_client_handlers handlers = {h, on_ready, on_next, on_error, on_complete,
                                                on_closed};
    h->client = ns_client_new(path, NS_LANG_EN, ns_env_system(), &handlers);
    return h->client;
}

/* Pump until the log holds `what`, for two seconds at most without news. */
static bool pump(struct heard *h, const char *what) {
    while (strstr(h->log.data, what) == NULL) {
        struct pollfd ready = {ns_client_fd(h->client), ns_client_wants(h->client), 0};
        int wait = ns_client_timeout_ms(h->client);
        if (ready.fd < 0 && wait < 0) {
            return false;
        }
        if (poll(&ready, 1, wait >= 0 && wait < 2000 ? wait : 2000) == 0 && wait != 0) {
            return false;
        }
        ns_client_pump(h->client);
    }
    return true;
}

static void finish(void *arg) {
    fake_finish(arg);
}

static void event(void *arg) {
    fake_event(arg, NS_STR("{\"data\":{\"n\":7}}"));
}

static void complete(void *arg) {
    fake_complete(arg);
}

static void test_operations(struct served *s) {
    struct heard h;
    struct ns_client *client = open_client(s->path, &h);
    check(ns_client_state(client) == NS_CLIENT_CONNECTING, "connecting at first");
    uint32_t later = ns_client_start(client, "{ later }", NULL);
    uint32_t now = ns_client_start(client, "{ now }", "{\"a\":1}");
    uint32_t wrong = ns_client_start(client, "wrong", NULL);
    uint32_t sub = ns_client_start(client, "subscription S", NULL);
    check(later == 1 && now == 2 && wrong == 3 && sub == 4, "operations may start before ready");
    check(ns_client_start(client, "{ now }", "nonsense") == 0, "but not with broken variables");
    check(pump(&h, "error 3 [{\"message\":\"no\"}];"), "a refusal brings its errors");
    check(ns_client_state(client) == NS_CLIENT_READY, "ready");
    check(strcmp(h.log.data, "ready;next 2 {\"data\":{\"now\":1}};complete 2;"
                             "error 3 [{\"message\":\"no\"}];") == 0,
          "answers come in the order of their ends");
    served_do(s, finish, &s->fake);
    check(pump(&h, "next 1 {\"data\":{\"now\":1}};complete 1;"), "a late one comes too");
    served_do(s, event, &s->fake);
    served_do(s, event, &s->fake);
    check(pump(&h, "next 4 {\"data\":{\"n\":7}};next 4 {\"data\":{\"n\":7}};"), "events come");
    served_do(s, complete, &s->fake);
    check(pump(&h, "complete 4;"), "the agent may end a subscription");
    sub = ns_client_start(client, "subscription S", NULL);
    while (fake_running(&s->fake) == 0) {
        ns_client_pump(client);
    }
    check(sub == 5 && strstr(h.log.data, " 5") == NULL,
          "another subscription");
    ns_client_cancel(client, sub);
    uint32_t last = ns_client_start(client, "{ now }", NULL);
    check(last == 6 && pump(&h, "complete 6;") && fake_running(&s->fake) == 0,
          "and the client may end it");
    check(strstr(h.log.data, "complete 5") == NULL, "then nothing more is heard of it");
    ns_client_free(client);
    ns_buf_fini(&h.log);
}

static void big_event(void *arg) {
    struct ns_buf payload = NS_BUF((size_t)1 << 20);
    ns_buf_text(&payload, "{\"data\":\"");
    for (int i = 0; i < 4000; i++) {
        ns_buf_text(&payload, "0123456789");
    }
    ns_buf_text(&payload, "\"}");
    for (int i = 0; i < 40; i++) { /* 1.6 MB: more than sockets and backlog hold */
        fake_event(arg, ns_buf_view(&payload));
    }
    ns_buf_fini(&payload);
}

static void test_slow_consumer(struct served *s) {
    struct heard h;
    open_client(s->path, &h);
    ns_client_start(h.client, "subscription S", NULL);
    pump(&h, "ready;");
    while (fake_running(&s->fake) == 0) {
        ns_client_pump(h.client);
    }
    served_do(s, big_event, &s->fake);
    check(pump(&h, "closed;") && strstr(h.why.arg[1], "4290 slow consumer") != NULL,
          "a reader too slow for its events is closed with 4290");
    check(ns_client_state(h.client) == NS_CLIENT_CLOSED && ns_client_fd(h.client) == -1 &&
              ns_client_start(h.client, "{ now }", NULL) == 0,
          "a closed client takes nothing more");
    ns_client_free(h.client);
    ns_buf_fini(&h.log);
}

static void close_server(void *arg) {
    ns_server_close(arg);
}

static void test_endings(struct served *s) {
    struct heard h;
    open_client(s->path, &h);
    h.ask_when_ready = true;
    check(pump(&h, "complete 1;"), "ready may start operations");
    served_do(s, close_server, s->server);
    check(pump(&h, "closed;") && strstr(h.why.arg[1], "1001") != NULL,
          "an agent that stops says goodbye");
    ns_client_free(h.client);
    ns_buf_fini(&h.log);
    open_client(s->path, &h);
    check(pump(&h, "closed;") && h.why.rc == NS_E_OFFLINE && h.why.msg == NS_MSG_err_agent_away,
          "an agent that is away is reported by the first pump");
    ns_client_pump(h.client);
    check(strcmp(h.log.data, "closed;") == 0, "once");
    ns_client_free(h.client);
    ns_buf_fini(&h.log);
    struct liar liar;
    liar_start(&liar, OK_HEAD "9\r\n\r\nok 9.9.9\n");
    open_client(liar.path, &h);
    check(pump(&h, "closed;") && h.why.rc == NS_E_VERSION && strcmp(h.why.arg[0], "9.9.9") == 0,
          "an agent of another version is refused");
    ns_client_free(h.client);
    ns_buf_fini(&h.log);
    liar_stop(&liar);
}

static void test_raw_socket(struct served *s) {
    static const char opening[] =
        "GET /subscriptions HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    struct ns_buf say = NS_BUF(4096);
    ns_buf_fmt(&say, "%sSec-WebSocket-Protocol: graphql-ws\r\n\r\n", opening);
    int fd = served_connect(s);
    struct ns_buf got = served_talk(fd, say.data, say.len, "\x11\x36" "Sub");
    check(strstr(got.data, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != NULL &&
              strstr(got.data, "Sec-WebSocket-Protocol") == NULL &&
              memmem(got.data, got.len, "\x11\x36", 2) != NULL, /* 4406 */
          "another subprotocol is closed with 4406");
    close(fd);
    ns_buf_fini(&got);
    ns_buf_clear(&say);
    /* an unmasked frame right behind the opening */
    ns_buf_fmt(&say, "%sSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n\x81\x02hi", opening);
    fd = served_connect(s);
    got = served_talk(fd, say.data, say.len, NULL);
    check(strstr(got.data, "101 Switching") != NULL &&
              memmem(got.data, got.len, "\x03\xEA" "frame is not masked", 21) != NULL, /* 1002 */
          "an unmasked frame is closed with 1002 after the 101");
    close(fd);
    ns_buf_fini(&got);
    ns_buf_fini(&say);
}

static void test_pings(void) {
    struct served s;
    struct heard h;
    const struct ns_server_deadlines brief = {.ping = 30};
    served_start(&s, &brief);
    open_client(s.path, &h);
    check(pump(&h, "ready;"), "connected");
    for (int i = 0; i < 12; i++) { /* ten pings, all answered */
        ns_client_pump(h.client);
        usleep(15000);
    }
    ns_client_start(h.client, "{ now }", NULL);
    check(pump(&h, "complete 1;"), "who answers pings stays");
    usleep(300000); /* no pump: no pong */
    check(pump(&h, "closed;"), "who misses two is dropped");
    ns_client_free(h.client);
    ns_buf_fini(&h.log);
    served_stop(&s);
}

int main(void) {
    struct served s;
    served_start(&s, NULL);
    test_calls(&s);
    served_do(&s, finish, &s.fake); /* the one that timed out */
    test_nobody();
    test_liars();
    test_operations(&s);
    test_slow_consumer(&s);
    test_raw_socket(&s);
    test_endings(&s);
    served_stop(&s);
    test_pings();
    printf("1..%d\n", number);
    return failures > 0;
}
