/* link.c: the connection: opened, watched, lost and found again. What is read is in load.c, acts
 * are in act.c, changes on their way in queue.c, what is kept on disk in kept.c. */
#include "shared/base/arena.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/link/parts.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 500
#define RETRY_MOST_MS 30000
#define RETRY_LOOKING_US 1000000
#define ANSWER_MOST ((size_t)8 << 20)
#define QUIET_US 2000000   /* nothing heard for so long, and it matters: ask whether it lives */
#define SILENT_US 2000000  /* no answer to that for so long: it hangs */
#define WATCH_US 30000000  /* how long after a key somebody is taken to look */

const struct ns_link_wire ns_link_wire_socket = {
    .open = ns_client_new,
    .close = ns_client_free,
    .fd = ns_client_fd,
    .wants = ns_client_wants,
    .timeout_ms = ns_client_timeout_ms,
    .pump = ns_client_pump,
    .start = ns_client_start,
    .ping = ns_client_ping,
    .heard_us = ns_client_heard_us,
};

/* ---- events out --------------------------------------------------------------------------- */

void ns_link_emit(struct ns_link *link, const struct ns_event *event) {
    link->setup.event(link->setup.self, event);
}

void ns_link_emit_done(struct ns_link *link, const struct ns_app_done *done) {
    ns_link_emit(link, &(struct ns_event){.kind = NS_EVENT_DONE, .done = done});
}

void ns_link_emit_connection(struct ns_link *link, enum ns_app_link_state state) {
    link->state = state;
    ns_link_emit(link, &(struct ns_event){.kind = NS_EVENT_CONNECTION,
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

void ns_link_away(struct ns_link *link, ns_id key) {
    struct ns_err err = {0};
    (void)ns_err_say(&err, NS_E_OFFLINE, NS_MSG_err_agent_away, link->setup.socket_path, NULL,
                     NULL);
    ns_link_failed(link, key, &err);
}

/* ---- operations --------------------------------------------------------------------------- */

bool ns_link_connected(const struct ns_link *link) {
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

/* An operation has its answer (data may be NULL: it was refused). */
static void answered(struct ns_link *link, const struct ns_link_op *op,
                     const struct ns_json *answer) {
    const struct ns_json *data = ns_json_get(answer, "data");
    bool good = ns_json_is_object(data) && ns_json_get(answer, "errors") == NULL;
    if (good && op->kind >= NS_OP_HOUSEHOLD && op->kind <= NS_OP_PLAN) {
        ns_link_take(link, op->kind, op->child, data);
        if (op->kind < NS_OP_SUPPORT) {
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
    case NS_OP_STATE:
    case NS_OP_LOGS:
    case NS_OP_STOCK:
        ns_load_answered(link, op->kind);
        break;
    case NS_OP_SEND:
        ns_queue_sent(link, op->key, answer);
        break;
    case NS_OP_ACT:
        ns_act_answered(link, op, answer);
        break;
    case NS_OP_NONE:
    case NS_OP_CHANGES:
    case NS_OP_HOUSEHOLD:
    case NS_OP_PREDICTION:
    case NS_OP_ANSWERS:
    case NS_OP_DAYS:
    case NS_OP_SUPPORT:
    case NS_OP_DEVICES:
    case NS_OP_PLAN:
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
                                        "PREDICTION", "IMPORT", "CONSENT", "PLAN"};
    const struct ns_json *change = ns_json_path(answer, "data.householdChanges");
    const char *kind = ns_json_text(ns_json_get(change, "kind"));
    const char *child = ns_json_text(ns_json_get(change, "childId"));
    for (size_t i = 0; kind != NULL && i < NS_COUNT(kinds); i++) {
        if (strcmp(kind, kinds[i]) == 0) {
            struct ns_event event = {.kind = NS_EVENT_CHANGED, .change = (enum ns_app_change)i};
            if (child != NULL && !ns_id_parse(ns_str_of(child), &event.child)) {
                event.child = (ns_id){{0}};
            }
            ns_link_emit(link, &event);
        }
    }
}

/* ---- callbacks of the wire ---------------------------------------------------------------- */

static void on_ready(void *self) {
    struct ns_link *link = self;
    link->retry_ms = RETRY_FIRST_MS;
    link->ping_us = 0;
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
    ns_load_forget(link);
    link->retry_at_us = ns_env_steady_us(link->setup.env) + (int64_t)link->retry_ms * 1000;
    link->retry_ms = link->retry_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : link->retry_ms * 2;
    link->state = NS_LINK_OFFLINE;
    ns_queue_kept(link, true);
    for (size_t i = 0; i < count; i++) {
        ns_link_away(link, acts[i].key);
    }
    ns_kept_save(link);
    ns_link_emit_connection(link, NS_LINK_OFFLINE);
}

/* ---- is it alive? -------------------------------------------------------------------------- */

static int64_t steady(const struct ns_link *link) {
    return ns_env_steady_us(link->setup.env);
}

/* Somebody waits for an answer, or looks at what the header says. */
static bool matters(const struct ns_link *link, int64_t now) {
    bool waits = now < link->watch_until_us;
    for (size_t i = 0; i < NS_LINK_OPS && !waits; i++) {
        waits = link->ops[i].kind != NS_OP_NONE && link->ops[i].kind != NS_OP_CHANGES;
    }
    return waits;
}

static int64_t sooner(int64_t a, int64_t b) {
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* When the watch has something to do; 0: nothing. An agent that is silent wakes us itself. */
static int64_t watch_due(const struct ns_link *link, int64_t now) {
    if (!ns_link_connected(link)) {
        return 0;
    }
    int64_t due = 0;
    if (link->ping_us != 0) {
        due = link->ping_us + SILENT_US;
    } else if (matters(link, now)) {
        due = link->wire->heard_us(link->client) + QUIET_US;
    }
    due = sooner(due, link->save_us);
    return sooner(due, link->again_us);
}

static void ping(struct ns_link *link, int64_t now) {
    if (ns_link_connected(link) && link->ping_us == 0 &&
        now - link->wire->heard_us(link->client) >= QUIET_US) {
        link->ping_us = now;
        link->wire->ping(link->client);
    }
}

static void fall_silent(struct ns_link *link) {
    link->state = NS_LINK_SILENT;
    ns_queue_kept(link, false);
    ns_kept_save(link);
    ns_link_emit_connection(link, NS_LINK_SILENT);
}

static void watch(struct ns_link *link) {
    int64_t now = steady(link);
    if (link->client == NULL) {
        return;
    }
    if (link->ping_us != 0 && link->wire->heard_us(link->client) >= link->ping_us) {
        link->ping_us = 0;
        if (link->state == NS_LINK_SILENT) {
            ns_link_emit_connection(link, NS_LINK_CATCHING_UP);
            ns_queue_flush(link);
        }
    }
    if (link->save_us != 0 && now >= link->save_us) {
        ns_kept_save(link);
    }
    if (!ns_link_connected(link)) {
        return;
    }
    if (link->again_us != 0 && now >= link->again_us) {
        ns_queue_flush(link);
    }
    if (link->ping_us != 0 && now >= link->ping_us + SILENT_US) {
        fall_silent(link);
    } else if (matters(link, now)) {
        ping(link, now);
    }
}

void ns_link_watch(struct ns_link *link, bool person) {
    int64_t now = steady(link);
    if (person) {
        link->watch_until_us = now + WATCH_US;
        /* who looks need not wait for a long pause between two attempts */
        if (link->client == NULL && link->retry_at_us > now + RETRY_LOOKING_US) {
            link->retry_at_us = now + RETRY_LOOKING_US;
        }
    }
    ping(link, now);
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
    int64_t now = steady(link);
    int64_t due = link->client != NULL ? watch_due(link, now) : link->retry_at_us;
    int64_t left = due == 0 ? -1 : due <= now ? 0 : (due - now + 999) / 1000;
    int wire = link->client != NULL ? link->wire->timeout_ms(link->client) : -1;
    return wire >= 0 && (left < 0 || wire < left) ? wire : (int)left;
}

void ns_link_pump(struct ns_link *link) {
    if (link->client != NULL) {
        link->wire->pump(link->client);
        watch(link);
    } else if (link->retry_at_us != 0 && steady(link) >= link->retry_at_us) {
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

void ns_link_command(struct ns_link *link, const struct ns_cmd *cmd) {
    switch (cmd->kind) {
    case NS_CMD_LOAD: ns_load_command(link, cmd); break;
    case NS_CMD_LOG: ns_queue_add(link, cmd); break;
    case NS_CMD_UNDO:
    case NS_CMD_FIX:
    case NS_CMD_TAKE_OUT:
    case NS_CMD_STOCK_SET:
    case NS_CMD_STOCK_ADD:
    case NS_CMD_PAIR:
    case NS_CMD_NETWORK:
    case NS_CMD_DEVICE_RENAME:
    case NS_CMD_DEVICE_REVOKE:
    case NS_CMD_PLAN_COST:
    case NS_CMD_PLAN_BUY:
    case NS_CMD_PLAN_CHANGE:
    case NS_CMD_PLAN_STOP:
    case NS_CMD_PLAN_RESUME:
    case NS_CMD_PLAN_MOVE:
    case NS_CMD_PLAN_CARD:
    case NS_CMD_PREDICT: ns_act_command(link, cmd); break;
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
