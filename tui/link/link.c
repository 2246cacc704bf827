/* link.c: connection, loads and acts. The queue of changes is in queue.c, what is kept on disk
 * in kept.c. */
#include "shared/base/arena.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/link/parts.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 500
#define RETRY_MOST_MS 30000
#define ANSWER_MOST ((size_t)8 << 20)

const struct ns_link_wire ns_link_wire_socket = {
    .open = ns_client_new,
    .close = ns_client_free,
    .fd = ns_client_fd,
    .wants = ns_client_wants,
    .timeout_ms = ns_client_timeout_ms,
    .pump = ns_client_pump,
    .start = ns_client_start,
};

/* ---- events out --------------------------------------------------------------------------- */

static void emit(struct ns_link *link, const struct ns_event *event) {
    link->setup.event(link->setup.self, event);
}

void ns_link_emit_done(struct ns_link *link, const struct ns_app_done *done) {
    emit(link, &(struct ns_event){.kind = NS_EVENT_DONE, .done = done});
}

void ns_link_emit_connection(struct ns_link *link, enum ns_app_link_state state) {
    link->state = state;
    emit(link, &(struct ns_event){.kind = NS_EVENT_CONNECTION,
                                  .link = state,
                                  .queued = (int32_t)link->queue_count});
}

void ns_link_failed(struct ns_link *link, ns_id key, const struct ns_err *err) {
    struct ns_app_done done = {.key = key};
    struct ns_buf text = NS_BUF(1000);
    ns_err_text(&text, link->setup.lang, err);
    ns_decode_text(done.text, sizeof done.text, text.data);
    ns_buf_fini(&text);
    ns_link_emit_done(link, &done);
}

static void away(struct ns_link *link, ns_id key) {
    struct ns_err err = {0};
    (void)ns_err_say(&err, NS_E_OFFLINE, NS_MSG_err_agent_away, link->setup.socket_path, NULL,
                     NULL);
    ns_link_failed(link, key, &err);
}

static void emit_data(struct ns_link *link, const struct ns_app_data *data) {
    emit(link, &(struct ns_event){.kind = NS_EVENT_DATA, .data = data});
}

void ns_link_hand_out(struct ns_link *link, enum ns_link_op_kind kind) {
    struct ns_app_data data = {0};
    if (kind == NS_OP_CHILDREN) {
        data.load = NS_LOAD_CHILDREN;
        data.children = link->children;
        data.count = link->child_count;
    } else if (kind == NS_OP_LOGS) {
        data.load = NS_LOAD_LOGS;
        data.logs = link->logs;
        data.count = link->log_count;
    } else {
        data.load = NS_LOAD_STOCK;
        data.stock = link->stock;
        data.count = link->stock_count;
    }
    emit_data(link, &data);
}

static int index_of(const struct ns_link *link, ns_id child) {
    for (size_t i = 0; i < link->child_count; i++) {
        if (ns_id_eq(link->children[i].id, child)) {
            return (int)i;
        }
    }
    return -1;
}

static void take_single(struct ns_link *link, enum ns_link_op_kind kind, ns_id child,
                        const struct ns_json *data) {
    if (kind == NS_OP_PREDICTION) {
        struct ns_app_prediction prediction;
        ns_decode_prediction(data, link->zone, &prediction);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_PREDICTION,
                                              .prediction = &prediction,
                                              .child = child});
    } else if (kind == NS_OP_DAYS) {
        struct ns_app_day days[NS_APP_DAYS];
        size_t n = ns_decode_days(data, days, NS_APP_DAYS);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_DAYS,
                                              .days = days,
                                              .count = n,
                                              .child = child});
    } else {
        struct ns_app_support support;
        ns_decode_support(data, link->zone, ns_env_now(link->setup.env), &support);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_SUPPORT, .support = &support});
    }
}

void ns_link_take(struct ns_link *link, enum ns_link_op_kind kind, ns_id child,
                  const struct ns_json *data) {
    int i = index_of(link, child);
    switch (kind) {
    case NS_OP_HOUSEHOLD: {
        struct ns_app_household home;
        ns_decode_household(data, &home, &link->zone, link->timezone);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_HOUSEHOLD, .household = &home});
        break;
    }
    case NS_OP_CHILDREN:
        link->child_count = ns_decode_children(data, link->children, NS_APP_CHILDREN);
        break;
    case NS_OP_STATE:
        if (i >= 0) {
            ns_decode_child_state(data, &link->children[i]);
        }
        break;
    case NS_OP_LOGS:
        ns_decode_logs(data, link->zone, link->logs, &link->log_count, NS_APP_LOGS);
        break;
    case NS_OP_STOCK:
        ns_decode_stock(data, link->zone, link->stock, &link->stock_count, NS_APP_STOCK);
        break;
    case NS_OP_PREDICTION:
    case NS_OP_DAYS:
    case NS_OP_SUPPORT:
        take_single(link, kind, child, data);
        break;
    case NS_OP_NONE:
    case NS_OP_ZONE:
    case NS_OP_CHANGES:
    case NS_OP_SENT_CHECK:
    case NS_OP_SEND:
    case NS_OP_ACT:
        break;
    }
}

/* ---- operations --------------------------------------------------------------------------- */

static bool connected(const struct ns_link *link) {
    return link->client != NULL &&
           (link->state == NS_LINK_LIVE || link->state == NS_LINK_CATCHING_UP);
}

struct ns_link_op *ns_link_ask(struct ns_link *link, enum ns_link_op_kind kind,
                               const char *document, const char *variables, ns_id child) {
    if (link->client == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < NS_LINK_OPS; i++) {
        struct ns_link_op *op = &link->ops[i];
        if (op->kind != NS_OP_NONE) {
            continue;
        }
        uint32_t id = link->wire->start(link->client, document, variables);
        if (id == 0) {
            return NULL;
        }
        *op = (struct ns_link_op){.id = id, .kind = kind, .child = child};
        return op;
    }
    return NULL;
}

static void ask_for(struct ns_link *link, enum ns_link_op_kind kind, const char *document,
                    ns_id child) {
    char id[NS_ID_TEXT];
    char vars[120];
    struct ns_buf text = NS_BUF(sizeof vars);
    ns_id_format(child, id);
    ns_buf_fmt(&text, kind == NS_OP_LOGS ? "{\"child\":\"%s\",\"days\":30,\"limit\":200}"
                                         : "{\"child\":\"%s\"}",
               id);
    (void)ns_link_ask(link, kind, document, text.data, child);
    ns_buf_fini(&text);
}

/* One question a child; the batch is handed out when the last answer is there. */
static void ask_each(struct ns_link *link, struct ns_link_batch *batch, enum ns_link_op_kind kind,
                     const char *document, enum ns_link_op_kind whole) {
    batch->waiting = (int)link->child_count;
    for (size_t i = 0; i < link->child_count; i++) {
        ask_for(link, kind, document, link->children[i].id);
    }
    if (link->child_count == 0) {
        ns_link_hand_out(link, whole);
    }
}

static void load_logs(struct ns_link *link) {
    if (link->logs_batch.waiting > 0) {
        link->logs_batch.again = true;
        return;
    }
    link->log_count = 0;
    ask_each(link, &link->logs_batch, NS_OP_LOGS, NS_DOC_LOGS, NS_OP_LOGS);
}

static void load_stock(struct ns_link *link) {
    if (link->stock_batch.waiting > 0) {
        link->stock_batch.again = true;
        return;
    }
    link->stock_count = 0;
    ask_each(link, &link->stock_batch, NS_OP_STOCK, NS_DOC_STOCK, NS_OP_STOCK);
}

static void load_children(struct ns_link *link) {
    if (link->children_batch.waiting > 0) {
        link->children_batch.again = true;
        return;
    }
    link->children_batch.waiting = 1;
    link->listing = true;
    (void)ns_link_ask(link, NS_OP_CHILDREN, NS_DOC_CHILDREN, NULL, (ns_id){{0}});
}

/* The list of children is known: what waited for it may go. */
static void children_listed(struct ns_link *link) {
    link->listing = false;
    if (link->want_logs) {
        link->want_logs = false;
        load_logs(link);
    }
    if (link->want_stock) {
        link->want_stock = false;
        load_stock(link);
    }
    link->children_batch.waiting = 0;
    ask_each(link, &link->children_batch, NS_OP_STATE, NS_DOC_CHILD_STATE, NS_OP_CHILDREN);
}

static void batch_step(struct ns_link *link, struct ns_link_batch *batch,
                       enum ns_link_op_kind whole, void (*again)(struct ns_link *)) {
    if (batch->waiting == 0 || --batch->waiting > 0) {
        return;
    }
    bool repeat = batch->again;
    batch->again = false;
    ns_link_hand_out(link, whole);
    if (repeat) {
        again(link);
    }
}

/* An operation has its answer (data may be NULL: it was refused). */
static void answered(struct ns_link *link, const struct ns_link_op *op,
                     const struct ns_json *answer) {
    const struct ns_json *data = ns_json_get(answer, "data");
    bool good = ns_json_is_object(data) && ns_json_get(answer, "errors") == NULL;
    if (good && op->kind >= NS_OP_HOUSEHOLD && op->kind <= NS_OP_SUPPORT) {
        ns_link_take(link, op->kind, op->child, data);
        if (op->kind != NS_OP_SUPPORT) {
            ns_kept_put(link, op->kind, op->child, data);
        }
    }
    switch (op->kind) {
    case NS_OP_ZONE:
        if (good) {
            struct ns_app_household home;
            ns_decode_household(data, &home, &link->zone, link->timezone);
        }
        ns_queue_flush(link);
        break;
    case NS_OP_CHILDREN:
        children_listed(link);
        break;
    case NS_OP_STATE:
        batch_step(link, &link->children_batch, NS_OP_CHILDREN, load_children);
        break;
    case NS_OP_LOGS:
        batch_step(link, &link->logs_batch, NS_OP_LOGS, load_logs);
        break;
    case NS_OP_STOCK:
        batch_step(link, &link->stock_batch, NS_OP_STOCK, load_stock);
        break;
    case NS_OP_SENT_CHECK:
        ns_queue_checked(link, op->key, data);
        break;
    case NS_OP_SEND:
        ns_queue_sent(link, op->key, answer);
        break;
    case NS_OP_ACT: {
        struct ns_err err = {0};
        if (ns_decode_verdict(answer, op->mutation, &err) != NS_OK) {
            ns_link_failed(link, op->key, &err);
            break;
        }
        struct ns_app_done done = {.key = op->key, .ok = true};
        const char *action =
            ns_json_text(ns_json_get(ns_json_get(data, op->mutation), "actionId"));
        if (action != NULL && !ns_id_parse(ns_str_of(action), &done.action)) {
            done.action = (ns_id){{0}};
        }
        ns_link_emit_done(link, &done);
        break;
    }
    case NS_OP_NONE:
    case NS_OP_CHANGES:
    case NS_OP_HOUSEHOLD:
    case NS_OP_PREDICTION:
    case NS_OP_DAYS:
    case NS_OP_SUPPORT:
        break;
    }
}

static struct ns_link_op *op_of(struct ns_link *link, uint32_t id) {
    for (size_t i = 0; i < NS_LINK_OPS; i++) {
        if (link->ops[i].kind != NS_OP_NONE && link->ops[i].id == id) {
            return &link->ops[i];
        }
    }
    return NULL;
}

static void news(struct ns_link *link, const struct ns_json *answer) {
    static const char *const kinds[] = {"HOUSEHOLD",  "CHILD",  "USAGE",  "INVENTORY",
                                        "PREDICTION", "IMPORT", "CONSENT"};
    const struct ns_json *change = ns_json_path(answer, "data.householdChanges");
    const char *kind = ns_json_text(ns_json_get(change, "kind"));
    const char *child = ns_json_text(ns_json_get(change, "childId"));
    for (size_t i = 0; kind != NULL && i < NS_COUNT(kinds); i++) {
        if (strcmp(kind, kinds[i]) == 0) {
            struct ns_event event = {.kind = NS_EVENT_CHANGED, .change = (enum ns_app_change)i};
            if (child != NULL && !ns_id_parse(ns_str_of(child), &event.child)) {
                event.child = (ns_id){{0}};
            }
            emit(link, &event);
        }
    }
}

/* ---- callbacks of the wire ---------------------------------------------------------------- */

static void on_ready(void *self) {
    struct ns_link *link = self;
    link->retry_ms = RETRY_FIRST_MS;
    ns_link_emit_connection(link, NS_LINK_CATCHING_UP);
    if (!link->setup.support_only) {
        (void)ns_link_ask(link, NS_OP_CHANGES, NS_DOC_CHANGES, NULL, (ns_id){{0}});
    }
    (void)ns_link_ask(link, NS_OP_ZONE, NS_DOC_HOUSEHOLD, NULL, (ns_id){{0}});
}

static void on_next(void *self, uint32_t id, struct ns_str payload) {
    struct ns_link *link = self;
    struct ns_link_op *op = op_of(link, id);
    struct ns_json *answer = NULL;
    if (op == NULL) {
        return;
    }
    if (ns_json_read(payload, ANSWER_MOST, &answer, NULL) != NS_OK) {
        answer = NULL; /* counts as refused */
    }
    if (op->kind == NS_OP_CHANGES) {
        news(link, answer);
    } else {
        struct ns_link_op copy = *op;
        op->kind = NS_OP_NONE; /* one answer each; complete follows and finds nothing */
        answered(link, &copy, answer);
    }
    ns_json_free(answer);
}

/* Refused before it ran: the payload is the list of errors. */
static void on_error(void *self, uint32_t id, struct ns_str payload) {
    struct ns_buf whole = NS_BUF(1 << 16);
    ns_buf_text(&whole, "{\"errors\":");
    ns_buf_str(&whole, payload);
    ns_buf_text(&whole, "}");
    on_next(self, id, ns_buf_view(&whole));
    ns_buf_fini(&whole);
}

static void on_complete(void *self, uint32_t id) {
    struct ns_link *link = self;
    struct ns_link_op *op = op_of(link, id);
    if (op != NULL) {
        struct ns_link_op copy = *op;
        op->kind = NS_OP_NONE;
        answered(link, &copy, NULL);
    }
}

static void forget_batches(struct ns_link *link) {
    link->children_batch = (struct ns_link_batch){0};
    link->logs_batch = (struct ns_link_batch){0};
    link->stock_batch = (struct ns_link_batch){0};
    link->want_logs = false;
    link->want_stock = false;
    link->listing = false;
}

static void on_closed(void *self, const struct ns_err *why) {
    struct ns_link *link = self;
    (void)why;
    link->dead = link->client;
    link->client = NULL;
    struct ns_link_op acts[NS_LINK_OPS];
    size_t count = 0;
    for (size_t i = 0; i < NS_LINK_OPS; i++) {
        if (link->ops[i].kind == NS_OP_ACT) {
            acts[count++] = link->ops[i];
        }
        link->ops[i].kind = NS_OP_NONE;
    }
    forget_batches(link);
    link->retry_at_us = ns_env_steady_us(link->setup.env) + (int64_t)link->retry_ms * 1000;
    link->retry_ms = link->retry_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : link->retry_ms * 2;
    link->state = NS_LINK_OFFLINE;
    ns_queue_lost(link);
    for (size_t i = 0; i < count; i++) {
        away(link, acts[i].key);
    }
    ns_kept_save(link);
    ns_link_emit_connection(link, NS_LINK_OFFLINE);
}

void ns_link_live(struct ns_link *link) {
    if (link->state == NS_LINK_CATCHING_UP) {
        ns_link_emit_connection(link, NS_LINK_LIVE);
    }
}

/* ---- life --------------------------------------------------------------------------------- */

struct ns_link *ns_link_new(const struct ns_link_setup *setup) {
    struct ns_link *link = ns_xcalloc(1, sizeof *link);
    link->setup = *setup;
    link->wire = setup->wire != NULL ? setup->wire : &ns_link_wire_socket;
    link->state = NS_LINK_STARTING;
    link->retry_ms = RETRY_FIRST_MS;
    link->zone = ns_zone_find("America/Toronto");
    return link;
}

static void connect_now(struct ns_link *link) {
    const struct ns_client_handlers handlers = {.self = link,
                                                .ready = on_ready,
                                                .next = on_next,
                                                .error = on_error,
                                                .complete = on_complete,
                                                .closed = on_closed};
    link->retry_at_us = 0;
    link->client = link->wire->open(link->setup.socket_path, link->setup.lang, link->setup.env,
                                    &handlers);
}

void ns_link_start(struct ns_link *link) {
    ns_kept_load(link);
    connect_now(link);
}

void ns_link_free(struct ns_link *link) {
    if (link == NULL) {
        return;
    }
    ns_kept_save(link);
    link->wire->close(link->client);
    link->wire->close(link->dead);
    ns_kept_free(link);
    free(link);
}

int ns_link_fd(const struct ns_link *link) {
    return link->client != NULL ? link->wire->fd(link->client) : -1;
}

short ns_link_wants(const struct ns_link *link) {
    return link->client != NULL ? link->wire->wants(link->client) : (short)0;
}

int ns_link_timeout_ms(const struct ns_link *link) {
    if (link->client != NULL) {
        return link->wire->timeout_ms(link->client);
    }
    if (link->retry_at_us == 0) {
        return -1;
    }
    int64_t left = (link->retry_at_us - ns_env_steady_us(link->setup.env) + 999) / 1000;
    return left < 0 ? 0 : (int)left;
}

void ns_link_pump(struct ns_link *link) {
    if (link->client != NULL) {
        link->wire->pump(link->client);
    } else if (link->retry_at_us != 0 &&
               ns_env_steady_us(link->setup.env) >= link->retry_at_us) {
        connect_now(link);
    }
    link->wire->close(link->dead);
    link->dead = NULL;
}

int32_t ns_link_utc_offset(const struct ns_link *link, ns_time now) {
    return ns_zone_offset_seconds(link->zone, now);
}

size_t ns_link_queued(const struct ns_link *link) {
    return link->queue_count;
}

bool ns_link_idle(const struct ns_link *link) {
    if (link->state != NS_LINK_LIVE || link->queue_count > 0) {
        return false;
    }
    for (size_t i = 0; i < NS_LINK_OPS; i++) {
        if (link->ops[i].kind != NS_OP_NONE && link->ops[i].kind != NS_OP_CHANGES) {
            return false;
        }
    }
    return true;
}

/* ---- commands ----------------------------------------------------------------------------- */

static void act(struct ns_link *link, const struct ns_cmd *cmd, const char *document,
                const char *mutation, struct ns_buf *vars) {
    struct ns_link_op *op =
        connected(link) ? ns_link_ask(link, NS_OP_ACT, document, vars->data, cmd->child) : NULL;
    if (op == NULL) {
        away(link, cmd->key);
    } else {
        op->mutation = mutation;
        op->key = cmd->key;
    }
    ns_buf_fini(vars);
}

static void undo(struct ns_link *link, const struct ns_cmd *cmd) {
    if (ns_id_is_zero(cmd->undo_action)) {
        if (ns_queue_undo(link, cmd)) {
            return;
        }
        struct ns_err err = {0};
        (void)ns_err_say(&err, NS_E_NOT_FOUND, NS_MSG_cli_undo_unknown, NULL, NULL, NULL);
        ns_link_failed(link, cmd->key, &err);
        return;
    }
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(100);
    ns_id_format(cmd->undo_action, id);
    ns_buf_fmt(&vars, "{\"action\":\"%s\"}", id);
    act(link, cmd, NS_DOC_UNDO, "undo", &vars);
}

static void stock_set(struct ns_link *link, const struct ns_cmd *cmd) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(200);
    ns_id_format(cmd->item, id);
    ns_buf_fmt(&vars, "{\"item\":\"%s\",\"input\":{\"quantityRemaining\":%d}}", id,
               (int)cmd->count);
    act(link, cmd, NS_DOC_STOCK_SET, "updateInventoryItem", &vars);
}

static void stock_add(struct ns_link *link, const struct ns_cmd *cmd) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(1000);
    ns_id_format(cmd->child, id);
    ns_buf_fmt(&vars, "{\"input\":{\"childId\":\"%s\",\"productType\":\"DIAPER\",\"size\":\"", id);
    if (cmd->size > 0) {
        ns_buf_fmt(&vars, "SIZE_%d", (int)cmd->size);
    } else {
        ns_buf_text(&vars, "NEWBORN");
    }
    ns_buf_fmt(&vars, "\",\"quantityTotal\":%d,\"brand\":", (int)cmd->count);
    ns_json_quote(&vars, ns_str_of(cmd->brand));
    ns_buf_text(&vars, "}}");
    act(link, cmd, NS_DOC_STOCK_ADD, "createInventoryItem", &vars);
}

static void predict(struct ns_link *link, const struct ns_cmd *cmd) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(100);
    ns_id_format(cmd->child, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
    act(link, cmd, NS_DOC_PREDICT, "triggerPredictionUpdate", &vars);
}

static void load_per_child(struct ns_link *link, const struct ns_cmd *cmd,
                           enum ns_link_op_kind kind, const char *document) {
    if (!ns_id_is_zero(cmd->child)) {
        ask_for(link, kind, document, cmd->child);
        return;
    }
    for (size_t i = 0; i < link->child_count; i++) {
        ask_for(link, kind, document, link->children[i].id);
    }
}

static void load(struct ns_link *link, const struct ns_cmd *cmd) {
    static const ns_id none = {{0}};
    if (!connected(link)) {
        return; /* the reducer asks again when the connection is live */
    }
    switch (cmd->load) {
    case NS_LOAD_HOUSEHOLD:
        (void)ns_link_ask(link, NS_OP_HOUSEHOLD, NS_DOC_HOUSEHOLD, NULL, none);
        break;
    case NS_LOAD_CHILDREN:
        load_children(link);
        break;
    case NS_LOAD_PREDICTION:
        load_per_child(link, cmd, NS_OP_PREDICTION, NS_DOC_PREDICTION);
        break;
    case NS_LOAD_DAYS:
        load_per_child(link, cmd, NS_OP_DAYS, NS_DOC_DAYS);
        break;
    case NS_LOAD_LOGS:
        if (link->listing) {
            link->want_logs = true;
        } else {
            load_logs(link);
        }
        break;
    case NS_LOAD_STOCK:
        if (link->listing) {
            link->want_stock = true;
        } else {
            load_stock(link);
        }
        break;
    case NS_LOAD_SUPPORT:
        (void)ns_link_ask(link, NS_OP_SUPPORT, NS_DOC_SUPPORT, NULL, none);
        break;
    }
}

void ns_link_command(struct ns_link *link, const struct ns_cmd *cmd) {
    switch (cmd->kind) {
    case NS_CMD_LOAD: load(link, cmd); break;
    case NS_CMD_LOG: ns_queue_add(link, cmd); break;
    case NS_CMD_UNDO: undo(link, cmd); break;
    case NS_CMD_STOCK_SET: stock_set(link, cmd); break;
    case NS_CMD_STOCK_ADD: stock_add(link, cmd); break;
    case NS_CMD_PREDICT: predict(link, cmd); break;
    case NS_CMD_RECONNECT:
        if (link->client == NULL) {
            connect_now(link);
        }
        break;
    case NS_CMD_SAVE_SETTINGS:
    case NS_CMD_MOUSE:
    case NS_CMD_REDRAW:
    case NS_CMD_SUSPEND:
    case NS_CMD_QUIT:
        break;
    }
}
