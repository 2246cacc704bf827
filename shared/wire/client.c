/* client.c: the console's connection: health, upgrade, connection_init, then operations. */
#include "shared/wire/client.h"

#include "shared/base/arena.h"
#include "shared/wire/json.h"
#include "shared/wire/link.h"
#include "shared/wire/ws.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MS 10000 /* until the agent has acknowledged us */

enum phase { AT_HEALTH, AT_UPGRADE, AT_ACK, AT_WORK };

struct operation {
    struct operation *next;
    uint32_t id;
    char *message; /* not sent yet: waits for the acknowledgement */
};

struct ns_client {
    char path[NS_SOCKET_PATH_MOST + 1];
    char key[NS_WS_KEY_TEXT];
    enum ns_lang lang;
    const struct ns_env *env;
    struct ns_client_handlers handlers;
    struct link link;
    struct ns_ws *ws;
    enum phase phase;
    bool closed;
    int64_t open_until_us;
    int64_t heard_us;
    struct operation *operations; /* in order of their start */
    uint32_t last_id;
    struct ns_err why; /* rc set: the end has come */
};

struct ns_client *ns_client_new(const char *socket_path, enum ns_lang lang,
                                const struct ns_env *env,
                                const struct ns_client_handlers *handlers) {
    struct ns_client *client = ns_xcalloc(1, sizeof *client);
    client->lang = lang;
    client->env = env;
    client->handlers = *handlers;
    client->open_until_us = ns_env_steady_us(env) + OPEN_MS * 1000;
    if (link_open(&client->link, socket_path, NS_CLIENT_ANSWER_MOST, &client->why) == NS_OK) {
        memcpy(client->path, socket_path, strlen(socket_path));
        ns_buf_text(&client->link.out, LINK_HEALTH_REQUEST);
    }
    return client;
}

static void forget(struct ns_client *client, uint32_t id) {
    for (struct operation **at = &client->operations; *at != NULL; at = &(*at)->next) {
        if ((*at)->id == id) {
            struct operation *gone = *at;
            *at = gone->next;
            free(gone->message);
            free(gone);
            return;
        }
    }
}

static struct operation *find(const struct ns_client *client, uint32_t id) {
    struct operation *o = client->operations;
    while (o != NULL && o->id != id) {
        o = o->next;
    }
    return o;
}

static void drop_all(struct ns_client *client) {
    while (client->operations != NULL) {
        forget(client, client->operations->id);
    }
    ns_ws_free(client->ws);
    client->ws = NULL;
    link_close(&client->link);
}

void ns_client_free(struct ns_client *client) {
    if (client == NULL) {
        return;
    }
    if (client->ws != NULL && client->link.fd >= 0) { /* a polite end, as far as it goes */
        ns_ws_close(client->ws, 1000, "");
        ns_ws_take(client->ws, SIZE_MAX, &client->link.out);
        (void)link_move(&client->link, client->path, NULL);
    }
    drop_all(client);
    free(client);
}

static void lost(struct ns_client *client, const char *why) {
    ns_err_say(&client->why, NS_E_IO, NS_MSG_wire_lost, client->path, why, NULL);
}

static void bad_answer(struct ns_client *client, const char *what) {
    ns_err_say(&client->why, NS_E_INPUT, NS_MSG_wire_bad_answer, client->path, what, NULL);
}

/* ---- messages -------------------------------------------------------------------------- */

static void send_waiting(struct ns_client *client) {
    for (struct operation *o = client->operations; o != NULL; o = o->next) {
        if (o->message != NULL) {
            ns_ws_text(client->ws, ns_str_of(o->message));
            free(o->message);
            o->message = NULL;
        }
    }
}

static void operation_message(struct ns_client *client, const char *type, uint32_t id,
                              struct ns_str payload) {
    if (find(client, id) == NULL) {
        return; /* cancelled, or late */
    }
    if (strcmp(type, "next") == 0 && payload.p != NULL) {
        client->handlers.next(client->handlers.self, id, payload);
    } else if (strcmp(type, "error") == 0 && payload.p != NULL) {
        forget(client, id);
        client->handlers.error(client->handlers.self, id, payload);
    } else if (strcmp(type, "complete") == 0) {
        forget(client, id);
        client->handlers.complete(client->handlers.self, id);
    } else {
        bad_answer(client, type);
    }
}

static void got_text(struct ns_client *client, struct ns_str text) {
    struct ns_json *root = NULL;
    if (ns_json_read(text, NS_CLIENT_ANSWER_MOST, &root, NULL) != NS_OK) {
        bad_answer(client, "JSON");
        return;
    }
    const char *type = ns_json_text(ns_json_get(root, "type"));
    const char *id_text = ns_json_text(ns_json_get(root, "id"));
    int64_t id = 0;
    if (type == NULL) {
        bad_answer(client, "type");
    } else if (strcmp(type, "connection_ack") == 0 && client->phase == AT_ACK) {
        client->phase = AT_WORK;
        send_waiting(client);
        if (client->handlers.ready != NULL) {
            client->handlers.ready(client->handlers.self);
        }
    } else if (strcmp(type, "ping") == 0) {
        ns_ws_text(client->ws, NS_STR("{\"type\":\"pong\"}"));
    } else if (strcmp(type, "pong") != 0) {
        if (id_text == NULL || !ns_str_int(ns_str_of(id_text), 1, UINT32_MAX, &id)) {
            bad_answer(client, type);
        } else {
            operation_message(client, type, (uint32_t)id, ns_json_raw(text, "payload"));
        }
    }
    ns_json_free(root);
}

static void got_event(void *arg, enum ns_ws_event event, int code, struct ns_str payload) {
    struct ns_client *client = arg;
    char why[140];
    if (client->why.rc != NS_OK) {
        return;
    }
    if (event == NS_WS_TEXT) {
        got_text(client, payload);
    } else if (event == NS_WS_CLOSE) {
        snprintf(why, sizeof why, "%d %.*s", code, (int)payload.n,
                 payload.p != NULL ? payload.p : "");
        lost(client, why);
    } else if (event == NS_WS_BINARY) {
        bad_answer(client, "binary");
    }
}

/* ---- opening --------------------------------------------------------------------------- */

static void ask_upgrade(struct ns_client *client) {
    ns_ws_make_key(client->env, client->key);
    ns_buf_fmt(&client->link.out,
               "GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
               "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
               "Sec-WebSocket-Protocol: graphql-transport-ws\r\nAccept-Language: %s-CA\r\n\r\n",
               client->key, ns_lang_code(client->lang));
    client->phase = AT_UPGRADE;
}

static void upgraded(struct ns_client *client, const struct link_answer *answer) {
    char expected[NS_WS_ACCEPT_TEXT];
    ns_ws_accept(ns_str_of(client->key), expected);
    if (answer->status != 101 ||
        !ns_str_is(link_answer_field(answer, "sec-websocket-accept"), expected) ||
        !ns_str_is(link_answer_field(answer, "sec-websocket-protocol"),
                   "graphql-transport-ws")) {
        bad_answer(client, "WebSocket");
        return;
    }
    client->ws = ns_ws_new(NS_WS_CLIENT, client->env, NS_CLIENT_ANSWER_MOST, got_event, client);
    ns_ws_text(client->ws, NS_STR("{\"type\":\"connection_init\"}"));
    client->phase = AT_ACK;
}

/* One HTTP answer, when it is whole; false: more is needed. */
static bool open_further(struct ns_client *client) {
    struct link_answer answer;
    char version[32];
    int whole = link_answer_read(&client->link, &answer);
    if (whole < 0) {
        bad_answer(client, "HTTP");
    }
    if (whole <= 0) {
        return false;
    }
    if (client->phase == AT_UPGRADE) {
        upgraded(client, &answer);
    } else if (link_check_health(&answer, client->path, version, &client->why) == NS_OK) {
        ask_upgrade(client);
    }
    ns_buf_drop(&client->link.in, answer.bytes);
    return client->why.rc == NS_OK;
}

static void work(struct ns_client *client) {
    struct ns_buf *in = &client->link.in;
    if (in->len > 0) {
        client->heard_us = ns_env_steady_us(client->env);
    }
    while (client->ws == NULL && open_further(client)) {
    }
    size_t at = 0;
    while (client->ws != NULL && at < in->len && client->why.rc == NS_OK) {
        size_t used = 0;
        if (ns_ws_feed(client->ws, in->data + at, in->len - at, &used) != NS_OK) {
            bad_answer(client, "WebSocket");
        }
        at += used;
    }
    ns_buf_drop(in, client->ws != NULL ? at : 0);
    if (client->ws != NULL) {
        ns_ws_take(client->ws, SIZE_MAX, &client->link.out);
    }
    if (client->link.out.failed || in->failed) {
        lost(client, "memory");
    }
}

void ns_client_pump(struct ns_client *client) {
    if (client->closed) {
        return;
    }
    for (int turn = 0; turn < 2 && client->why.rc == NS_OK; turn++) {
        /* first: what came and the answers to it; second: send those */
        if (link_move(&client->link, client->path, &client->why) == NS_OK) {
            work(client);
        }
        if (client->why.rc == NS_OK && client->link.ended) {
            lost(client, "EOF");
        }
    }
    if (client->why.rc == NS_OK && client->phase != AT_WORK &&
        ns_env_steady_us(client->env) >= client->open_until_us) {
        ns_err_say(&client->why, NS_E_TIMEOUT, NS_MSG_wire_no_answer, client->path, NULL, NULL);
    }
    if (client->why.rc != NS_OK) {
        client->closed = true;
        drop_all(client);
        client->handlers.closed(client->handlers.self, &client->why);
    }
}

/* ---- from outside ---------------------------------------------------------------------- */

enum ns_client_state ns_client_state(const struct ns_client *client) {
    return client->closed             ? NS_CLIENT_CLOSED
           : client->phase == AT_WORK ? NS_CLIENT_READY
                                      : NS_CLIENT_CONNECTING;
}

int ns_client_fd(const struct ns_client *client) {
    return client->link.fd;
}

short ns_client_wants(const struct ns_client *client) {
    if (client->link.fd < 0) {
        return 0;
    }
    bool more = client->ws != NULL && ns_ws_queued_messages(client->ws) > 0;
    return (short)(link_wants(&client->link) | (more ? POLLOUT : 0));
}

int ns_client_timeout_ms(const struct ns_client *client) {
    if (client->closed) {
        return -1;
    }
    if (client->why.rc != NS_OK) {
        return 0;
    }
    if (client->phase == AT_WORK) {
        return -1;
    }
    int64_t left_us = client->open_until_us - ns_env_steady_us(client->env);
    return left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
}

uint32_t ns_client_start(struct ns_client *client, const char *query,
                         const char *variables_json) {
    struct ns_buf message = NS_BUF(NS_CLIENT_ANSWER_MOST);
    if (client->closed) {
        return 0;
    }
    uint32_t id = client->last_id + 1;
    ns_buf_fmt(&message, "{\"id\":\"%u\",\"type\":\"subscribe\",\"payload\":", id);
    bool good = link_request_body(&message, query, variables_json);
    ns_buf_char(&message, '}');
    char *text = ns_buf_take(&message);
    if (!good || text == NULL) {
        free(text);
        return 0;
    }
    struct operation *o = ns_xcalloc(1, sizeof *o);
    struct operation **at = &client->operations;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = o;
    o->id = client->last_id = id;
    o->message = text;
    if (client->phase == AT_WORK) {
        send_waiting(client);
    }
    return id;
}

void ns_client_ping(struct ns_client *client) {
    if (!client->closed && client->phase == AT_WORK) {
        ns_ws_text(client->ws, NS_STR("{\"type\":\"ping\"}"));
    }
}

int64_t ns_client_heard_us(const struct ns_client *client) {
    return client->heard_us;
}

void ns_client_cancel(struct ns_client *client, uint32_t id) {
    const struct operation *o = find(client, id);
    char text[64];
    if (o == NULL) {
        return;
    }
    if (o->message == NULL && client->ws != NULL) {
        snprintf(text, sizeof text, "{\"id\":\"%u\",\"type\":\"complete\"}", id);
        ns_ws_text(client->ws, ns_str_of(text));
    }
    forget(client, id);
}
