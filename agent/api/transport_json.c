/* transport_json.c: see the header. What a client says is answered in its order, at once. */
#include "agent/api/transport_json.h"

#include "agent/api/http_graphql.h"
#include "shared/base/arena.h"
#include "shared/wire/json.h"
#include "shared/wire/ws.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MOST ((size_t)1 << 20)
#define BEARER_MOST 4096

enum how { RAW, LOWER, NUMBER }; /* as it stands; a word of an enumeration; decimals without quotes */

struct field {
    const char *from; /* of the answer */
    const char *to;
    enum how how;
};

/* One subscription of this protocol: its names, what is asked, what an event becomes. */
static const struct topic {
    const char *subscribe, *name, *alias, *event, *root, *document;
    const struct field fields[12];
} topics[] = {
    {"subscribe_order_updates", "order_updates", "orders", "order_status_update", "orderStatusUpdates",
     "subscription ($u: String) { orderStatusUpdates(userId: $u) { orderId previousStatus newStatus statusMessage "
     "trackingNumber trackingUrl estimatedDelivery } }",
     {{"orderId", "order_id", RAW}, {"previousStatus", "previous_status", LOWER}, {"newStatus", "new_status", LOWER},
      {"statusMessage", "status_message", RAW}, {"trackingNumber", "tracking_number", RAW},
      {"trackingUrl", "tracking_url", RAW}, {"estimatedDelivery", "estimated_delivery", RAW}}},
    {"subscribe_prediction_updates", "prediction_updates", "predictions", "prediction_update", "predictionUpdates",
     "subscription { predictionUpdates { id childId confidenceLevel predictedRunoutDate recommendedReorderDate "
     "currentConsumptionRate predictedConsumption30d sizeChangeProbability predictedNewSize stockAtPrediction } }",
     {{"childId", "child_id", RAW}, {"id", "prediction_id", RAW}, {"confidenceLevel", "confidence_level", LOWER},
      {"predictedRunoutDate", "predicted_runout_date", RAW}, {"recommendedReorderDate", "recommended_reorder_date", RAW},
      {"currentConsumptionRate", "current_consumption_rate", NUMBER},
      {"predictedConsumption30d", "predicted_consumption_30d", NUMBER},
      {"sizeChangeProbability", "size_change_probability", NUMBER}, {"predictedNewSize", "predicted_new_size", RAW}}},
    {"subscribe_billing_events", "billing_events", "billing", "billing_event", "subscriptionBillingEvents",
     "subscription { subscriptionBillingEvents { id eventType subscriptionId amountCad status message } }",
     {{"eventType", "event_type", RAW}}},
};
#define TOPICS (sizeof topics / sizeof *topics)

static const struct field billing_fields[] = {{"id", "id", RAW}, {"subscriptionId", "subscription_id", RAW},
                                              {"amountCad", "amount_cad", NUMBER}, {"status", "status", LOWER},
                                              {"message", "message", RAW}};
static const struct field alert_fields[] = {{"childId", "child_id", RAW}, {"id", "prediction_id", RAW},
                                            {"stockAtPrediction", "current_stock", NUMBER},
                                            {"predictedRunoutDate", "predicted_runout_date", RAW},
                                            {"recommendedReorderDate", "recommended_reorder_date", RAW}};

struct listening {
    struct ns_jsonp *j;
    const struct topic *topic;
    struct ns_op *handle; /* NULL: nothing runs underneath */
    bool on;
    bool denied;
    char why[160]; /* of a denial */
};

struct ns_jsonp {
    const struct ns_operations *operations;
    struct ns_op_caller caller;
    struct ns_jsonp_out out;
    struct listening topics[TOPICS];
    int bad_tokens;
    int faults;
    bool closed;
};

/* ---- saying ----------------------------------------------------------------------------- */

static void cancel(struct listening *l) {
    if (l->handle != NULL) {
        l->j->operations->cancel(l->j->operations->self, l->handle);
        l->handle = NULL;
    }
}

static void cancel_all(struct ns_jsonp *j) {
    for (size_t i = 0; i < TOPICS; i++) {
        cancel(&j->topics[i]);
    }
}

static void close_with(struct ns_jsonp *j, int code, const char *reason) {
    if (!j->closed) {
        j->closed = true;
        cancel_all(j);
        j->out.close(j->out.self, code, reason);
    }
}

static void open_message(struct ns_buf *text, const char *type) {
    ns_buf_fmt(text, "{\"type\":\"%s\",\"data\":{", type);
}

static void add_time(struct ns_buf *text, const struct ns_jsonp *j) {
    char now[NS_TIME_TEXT];
    ns_time_format(j->out.now(j->out.self), now);
    ns_buf_fmt(text, "\"timestamp\":\"%s\"", now);
}

static void add_user(struct ns_buf *text, const struct ns_jsonp *j) {
    char user[NS_ID_TEXT];
    ns_id_format(j->caller.who.actor.user, user);
    ns_buf_fmt(text, j->caller.who.auth == NS_AUTH_NONE ? "\"user_id\":null" : "\"user_id\":\"%s\"", user);
}

/* Closes data and the message, and sends it. */
static void send_message(struct ns_jsonp *j, struct ns_buf *text, bool event) {
    ns_buf_text(text, "},");
    add_time(text, j);
    ns_buf_char(text, ',');
    add_user(text, j);
    ns_buf_char(text, '}');
    if (!j->closed && !text->failed && !j->out.send(j->out.self, ns_buf_view(text), event)) {
        j->closed = true;
        cancel_all(j);
    }
    ns_buf_fini(text);
}

static void say(struct ns_jsonp *j, const char *type, const char *name, const char *value) {
    struct ns_buf text = NS_BUF(TEXT_MOST);
    open_message(&text, type);
    ns_buf_fmt(&text, "\"%s\":", name);
    ns_json_quote(&text, ns_str_of(value));
    send_message(j, &text, false);
}

/* Somebody who only says things that make no sense is not listened to for ever. A close overtakes
 * what was said just before, so that the last time it is the answer. */
static void say_error(struct ns_jsonp *j, const char *why) {
    if (++j->faults >= NS_JSONP_FAULTS_MOST) {
        close_with(j, 1008, "too many errors");
    } else {
        say(j, "error", "error", why);
    }
}

/* "Unknown message type: X" and its like, with as much of X as is sane. */
static void say_unknown(struct ns_jsonp *j, const char *what, const char *name) {
    struct ns_buf why = NS_BUF(512);
    size_t n = strnlen(name, 60);
    ns_buf_text(&why, what);
    ns_buf_str(&why, (struct ns_str){name, n});
    say_error(j, why.data);
    ns_buf_fini(&why);
}

/* ---- events ----------------------------------------------------------------------------- */

static void add_value(struct ns_buf *text, struct ns_str raw, enum how how) {
    bool quoted = raw.n >= 2 && raw.p[0] == '"';
    if (raw.p == NULL) {
        ns_buf_text(text, "null");
    } else if (how == NUMBER && quoted) {
        ns_buf_str(text, (struct ns_str){raw.p + 1, raw.n - 2});
    } else if (how == LOWER && quoted) {
        for (size_t i = 0; i < raw.n; i++) {
            ns_buf_char(text, raw.p[i] >= 'A' && raw.p[i] <= 'Z' ? (char)(raw.p[i] + 32) : raw.p[i]);
        }
    } else {
        ns_buf_str(text, raw);
    }
}

static void add_fields(struct ns_buf *text, struct ns_str object, const struct field *fields, size_t count) {
    for (size_t i = 0; i < count && fields[i].from != NULL; i++) {
        ns_buf_fmt(text, "\"%s\":", fields[i].to);
        add_value(text, ns_json_raw(object, fields[i].from), fields[i].how);
        ns_buf_char(text, ',');
    }
}

/* The day to order has come: people are told apart from the forecast. */
static bool is_alert(const struct ns_jsonp *j, struct ns_str prediction) {
    struct ns_str raw = ns_json_raw(prediction, "recommendedReorderDate");
    ns_time at;
    return raw.n > 2 && ns_time_parse((struct ns_str){raw.p + 1, raw.n - 2}, &at) && at <= j->out.now(j->out.self);
}

static void send_event(struct ns_jsonp *j, const struct topic *topic, struct ns_str object) {
    struct ns_buf text = NS_BUF(TEXT_MOST);
    open_message(&text, topic->event);
    add_fields(&text, object, topic->fields, NS_COUNT(topic->fields));
    if (strcmp(topic->name, "billing_events") == 0) {
        ns_buf_text(&text, "\"event_data\":{");
        add_fields(&text, object, billing_fields, NS_COUNT(billing_fields));
        ns_buf_cut(&text, text.len - 1);
        ns_buf_text(&text, "},");
    }
    add_time(&text, j);
    send_message(j, &text, true);
    if (strcmp(topic->name, "prediction_updates") == 0 && is_alert(j, object) && !j->closed) {
        struct ns_buf alert = NS_BUF(TEXT_MOST);
        open_message(&alert, "inventory_alert");
        add_fields(&alert, object, alert_fields, NS_COUNT(alert_fields));
        add_time(&alert, j);
        send_message(j, &alert, true);
    }
}

/* ---- what runs underneath ----------------------------------------------------------------- */

static void refused(struct listening *l, struct ns_str payload) {
    struct ns_json *root = NULL;
    if (ns_json_read(payload, TEXT_MOST, &root, NULL) == NS_OK) {
        const struct ns_json *first = ns_json_first(ns_json_get(root, "errors"));
        const char *code = ns_json_text(ns_json_path(first, "extensions.code"));
        const char *message = ns_json_text(ns_json_get(first, "message"));
        l->denied = code == NULL || strcmp(code, "NOT_SET_UP") != 0; /* nothing will come: that is no fault */
        (void)ns_str_copy(ns_str_of(message != NULL ? message : "refused"), l->why, sizeof l->why);
    }
    ns_json_free(root);
}

static void op_event(void *arg, enum ns_op_event event, struct ns_str payload) {
    struct listening *l = arg;
    struct ns_jsonp *j = l->j;
    if (event == NS_OP_NEXT) {
        struct ns_str object = ns_json_raw(ns_json_raw(payload, "data"), l->topic->root);
        if (object.n > 0 && object.p[0] == '{' && !j->closed) {
            send_event(j, l->topic, object);
        }
        return;
    }
    l->handle = NULL;
    if (event == NS_OP_EXPIRED) {
        close_with(j, 4401, "Unauthorized");
    } else if (event == NS_OP_SLOW) {
        close_with(j, 4290, "slow consumer");
    } else if (event == NS_OP_DONE) { /* the agent stops */
        close_with(j, 1001, "agent stops");
    } else {
        refused(l, payload);
    }
}

static bool op_room(void *arg) {
    const struct listening *l = arg;
    return l->j->closed || l->j->out.room(l->j->out.self);
}

static void start(struct listening *l) {
    struct ns_jsonp *j = l->j;
    struct ns_buf body = NS_BUF(TEXT_MOST);
    char user[NS_ID_TEXT];
    ns_id_format(j->caller.who.actor.user, user);
    ns_buf_text(&body, "{\"query\":");
    ns_json_quote(&body, ns_str_of(l->topic->document));
    ns_buf_fmt(&body, ",\"variables\":{\"u\":\"%s\"}}", user);
    const struct ns_op_request request = {
        .body = ns_buf_view(&body), .allowed = NS_OP_SUBSCRIPTION, .caller = j->caller, .room = op_room};
    l->denied = false;
    struct ns_op *handle = j->operations->start(j->operations->self, &request, op_event, l);
    if (j->closed && handle != NULL) {
        j->operations->cancel(j->operations->self, handle);
        handle = NULL;
    }
    l->handle = handle;
    ns_buf_fini(&body);
}

void ns_jsonp_room(struct ns_jsonp *j) {
    bool more = true;
    while (more && !j->closed) {
        more = false;
        for (size_t i = 0; i < TOPICS && !j->closed && j->out.room(j->out.self); i++) {
            if (j->topics[i].handle != NULL) {
                more |= j->operations->resume(j->operations->self, j->topics[i].handle);
            }
        }
        more = more && !j->closed && j->out.room(j->out.self);
    }
}

/* ---- messages of the client --------------------------------------------------------------- */

static void on_authenticate(struct ns_jsonp *j, const char *token) {
    struct ns_buf bearer = NS_BUF(BEARER_MOST);
    struct ns_op_caller caller = {.lang = j->caller.lang, .bucket = j->caller.bucket, .uid = j->caller.uid};
    ns_buf_fmt(&bearer, "Bearer %s", token != NULL ? token : "");
    bool good = token != NULL && !bearer.failed &&
                j->operations->prove(j->operations->self, ns_buf_view(&bearer), &caller);
    ns_buf_fini(&bearer);
    if (!good) {
        if (++j->bad_tokens >= NS_JSONP_TOKEN_TRIES) {
            close_with(j, 4401, "Unauthorized");
        } else {
            say(j, "auth_error", "error", "This token does not hold");
        }
        return;
    }
    j->caller = caller;
    struct ns_buf text = NS_BUF(TEXT_MOST);
    open_message(&text, "authenticated");
    add_user(&text, j);
    ns_buf_text(&text, ",\"message\":\"Welcome home\"");
    send_message(j, &text, false);
    for (size_t i = 0; i < TOPICS && !j->closed; i++) { /* a newer token: what runs goes on under it */
        if (j->topics[i].on) {
            cancel(&j->topics[i]);
            start(&j->topics[i]);
            j->topics[i].on = !j->topics[i].denied;
        }
    }
}

static void on_subscribe(struct ns_jsonp *j, struct listening *l) {
    if (!l->on) {
        start(l);
        if (j->closed) {
            return;
        }
        if (l->denied) {
            say_error(j, l->why);
            return;
        }
        l->on = true;
    }
    struct ns_buf text = NS_BUF(TEXT_MOST);
    open_message(&text, l->topic->subscribe);
    ns_buf_fmt(&text, "\"subscribed\":true,\"subscription\":\"%s\",", l->topic->name);
    add_user(&text, j);
    send_message(j, &text, false);
}

static void on_unsubscribe(struct ns_jsonp *j, const char *name) {
    for (size_t i = 0; name != NULL && i < TOPICS; i++) {
        if (strcmp(name, topics[i].name) == 0 || strcmp(name, topics[i].alias) == 0) {
            cancel(&j->topics[i]);
            j->topics[i].on = false;
            struct ns_buf text = NS_BUF(TEXT_MOST);
            open_message(&text, "unsubscribe");
            ns_buf_fmt(&text, "\"unsubscribed\":true,\"subscription\":\"%s\"", topics[i].name);
            send_message(j, &text, false);
            return;
        }
    }
    say_unknown(j, "Unknown subscription: ", name != NULL ? name : "");
}

static void on_ping(struct ns_jsonp *j) {
    struct ns_buf text = NS_BUF(TEXT_MOST);
    open_message(&text, "pong");
    add_time(&text, j);
    send_message(j, &text, false);
}

static struct listening *topic_of(struct ns_jsonp *j, const char *type) {
    for (size_t i = 0; i < TOPICS; i++) {
        if (strcmp(type, topics[i].subscribe) == 0) {
            return &j->topics[i];
        }
    }
    return NULL;
}

static void on_message(struct ns_jsonp *j, const char *type, const struct ns_json *data) {
    struct listening *topic = topic_of(j, type);
    bool unsubscribe = strcmp(type, "unsubscribe") == 0;
    if (strcmp(type, "authenticate") == 0) {
        on_authenticate(j, ns_json_text(ns_json_get(data, "token")));
    } else if (strcmp(type, "ping") == 0) {
        on_ping(j);
    } else if (strcmp(type, "pong") == 0) {
        return;
    } else if (topic == NULL && !unsubscribe) {
        say_unknown(j, "Unknown message type: ", type);
    } else if (j->caller.who.auth == NS_AUTH_NONE) {
        say_error(j, "Authentication required");
    } else if (unsubscribe) {
        on_unsubscribe(j, ns_json_text(ns_json_get(data, "subscription")));
    } else {
        on_subscribe(j, topic);
    }
}

void ns_jsonp_text(struct ns_jsonp *j, struct ns_str message) {
    struct ns_json *root = NULL;
    if (j->closed) {
        return;
    }
    bool good = ns_json_read(message, NS_JSONP_MESSAGE, &root, NULL) == NS_OK && ns_json_is_object(root);
    const char *type = good ? ns_json_text(ns_json_get(root, "type")) : NULL;
    const struct ns_json *data = good ? ns_json_get(root, "data") : NULL;
    if (type == NULL || (!ns_json_is_null(data) && !ns_json_is_object(data))) {
        say_error(j, "Invalid JSON format");
    } else {
        on_message(j, type, data);
    }
    ns_json_free(root);
}

void ns_jsonp_stranger_late(struct ns_jsonp *j) {
    if (j->caller.who.auth == NS_AUTH_NONE) {
        close_with(j, 4401, "Unauthorized");
    }
}

struct ns_jsonp *ns_jsonp_new(const struct ns_operations *operations, const struct ns_op_caller *caller,
                              const struct ns_jsonp_out *out) {
    struct ns_jsonp *j = ns_xcalloc(1, sizeof *j);
    j->operations = operations;
    j->caller = *caller;
    j->out = *out;
    for (size_t i = 0; i < TOPICS; i++) {
        j->topics[i] = (struct listening){.j = j, .topic = &topics[i]};
    }
    say(j, "ping", "message", "NestSync " NS_VERSION);
    return j;
}

void ns_jsonp_free(struct ns_jsonp *j) {
    if (j != NULL) {
        j->closed = true;
        cancel_all(j);
        free(j);
    }
}

/* ---- on a socket --------------------------------------------------------------------------- */

struct socket {
    const struct ns_env *env;
    struct ns_loop *loop;
    const struct ns_operations *operations;
    struct ns_op_caller caller;
    bool plain; /* no subprotocol was asked for */
    struct ns_jsonp *j;
    struct ns_timer *stranger;
    struct ns_ws_peer *peer;
};

static bool socket_send(void *self, struct ns_str text, bool event) {
    return ns_ws_peer_send(((struct socket *)self)->peer, text, event);
}

static bool socket_room(void *self) {
    return ns_ws_peer_has_room(((struct socket *)self)->peer);
}

static void socket_close(void *self, int code, const char *reason) {
    ns_ws_peer_close(((struct socket *)self)->peer, code, reason);
}

static ns_time socket_now(void *self) {
    return ns_env_now(((struct socket *)self)->env);
}

static void stranger_late(void *arg) {
    ns_jsonp_stranger_late(((struct socket *)arg)->j);
}

static void on_open(struct ns_ws_peer *peer, void *user) {
    struct socket *s = user;
    const struct ns_jsonp_out out = {s, socket_send, socket_room, socket_close, socket_now};
    s->peer = peer;
    if (!s->plain) {
        ns_ws_peer_close(peer, 4406, "Subprotocol not acceptable");
        return;
    }
    s->j = ns_jsonp_new(s->operations, &s->caller, &out);
    s->stranger = ns_timer_new(s->loop, stranger_late, s);
    ns_timer_set(s->stranger, NS_JSONP_STRANGER_MS);
}

static void on_text(struct ns_ws_peer *peer, void *user, struct ns_str text) {
    struct socket *s = user;
    (void)peer;
    if (s->j != NULL) {
        ns_jsonp_text(s->j, text);
    }
}

static void on_room(struct ns_ws_peer *peer, void *user) {
    struct socket *s = user;
    (void)peer;
    if (s->j != NULL) {
        ns_jsonp_room(s->j);
    }
}

static void on_close(struct ns_ws_peer *peer, void *user) {
    struct socket *s = user;
    (void)peer;
    ns_timer_free(s->stranger);
    ns_jsonp_free(s->j);
    free(s);
}

bool ns_transport_json_accept(struct ns_loop *loop, const struct ns_env *env,
                              const struct ns_operations *operations, const struct ns_exchange *request,
                              struct ns_ws_accept *accept) {
    struct socket *s = ns_xcalloc(1, sizeof *s);
    *s = (struct socket){.env = env, .loop = loop, .operations = operations,
                         .caller = ns_http_graphql_caller(request),
                         .plain = ns_exchange_header(request, "sec-websocket-protocol").p == NULL};
    *accept = (struct ns_ws_accept){.user = s, .message_most = NS_JSONP_MESSAGE, .on_open = on_open,
                                    .on_text = on_text, .on_close = on_close, .on_room = on_room};
    return true;
}
