/* queue.c: changes on their way to the agent. */
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/link/parts.h"

#include <string.h>

static struct ns_link_change *find(struct ns_link *link, ns_id key) {
    for (size_t i = 0; i < link->queue_count; i++) {
        if (ns_id_eq(link->queue[i].key, key)) {
            return &link->queue[i];
        }
    }
    return NULL;
}

static void drop(struct ns_link *link, struct ns_link_change *change) {
    size_t i = (size_t)(change - link->queue);
    memmove(change, change + 1, (link->queue_count - i - 1) * sizeof *change);
    link->queue_count--;
}

/* The instant is the change's natural key: no two of one child share it. */
static ns_time own_instant(const struct ns_link *link, ns_id child, ns_time at) {
    for (size_t i = 0; i < link->queue_count; i++) {
        if (ns_id_eq(link->queue[i].child, child) && link->queue[i].at == at) {
            return own_instant(link, child, at + 1);
        }
    }
    for (size_t i = 0; i < link->log_count; i++) {
        if (ns_id_eq(link->logs[i].child, child) && link->logs[i].at == at) {
            return own_instant(link, child, at + 1);
        }
    }
    return at;
}

void ns_queue_add(struct ns_link *link, const struct ns_cmd *cmd) {
    if (link->queue_count == NS_LINK_QUEUE) {
        struct ns_err err = {0};
        (void)ns_err_say(&err, NS_E_FULL, NS_MSG_cli_queue_full, NULL, NULL, NULL);
        ns_link_failed(link, cmd->key, &err);
        return;
    }
    link->queue[link->queue_count++] =
        (struct ns_link_change){.key = cmd->key,
                                .child = cmd->child,
                                .at = own_instant(link, cmd->child, cmd->at),
                                .kind = cmd->change,
                                .leak = cmd->leak};
    if (link->state == NS_LINK_LIVE || link->state == NS_LINK_CATCHING_UP) {
        ns_queue_flush(link);
        return;
    }
    ns_kept_save(link);
    ns_link_emit_done(link, &(struct ns_app_done){.key = cmd->key, .ok = true, .queued = true});
    ns_link_emit_connection(link, link->state);
}

static void send(struct ns_link *link, struct ns_link_change *c) {
    char child[NS_ID_TEXT];
    char at[NS_TIME_TEXT];
    ns_id_format(c->child, child);
    ns_time_format(c->at, at);
    bool wet = c->kind == NS_CHANGE_WET || c->kind == NS_CHANGE_BOTH;
    bool soiled = c->kind == NS_CHANGE_DIRTY || c->kind == NS_CHANGE_BOTH;
    struct ns_buf vars = NS_BUF(600);
    enum ns_link_op_kind kind = NS_OP_SEND;
    const char *document = NS_DOC_LOG_CHANGE;
    if (c->maybe_sent) {
        kind = NS_OP_SENT_CHECK;
        document = NS_DOC_LOGS;
        ns_time age = ns_env_now(link->setup.env) - c->at;
        int days = age > 0 ? (int)(age / NS_DAY) + 2 : 2;
        ns_buf_fmt(&vars, "{\"child\":\"%s\",\"days\":%d,\"limit\":500}", child, days);
    } else {
        ns_buf_fmt(&vars,
                   "{\"input\":{\"childId\":\"%s\",\"wasWet\":%s,\"wasSoiled\":%s,"
                   "\"hadLeakage\":%s,\"loggedAt\":\"%s\"}}",
                   child, wet ? "true" : "false", soiled ? "true" : "false",
                   c->leak ? "true" : "false", at);
    }
    struct ns_link_op *op = ns_link_ask(link, kind, document, vars.data, c->child);
    ns_buf_fini(&vars);
    if (op != NULL) {
        op->key = c->key;
        op->mutation = "logDiaperChange";
        c->under_way = true;
    }
}

/* One after another: the order of logging is kept and an answer is never mistaken. */
void ns_queue_flush(struct ns_link *link) {
    if (link->queue_count == 0) {
        ns_link_live(link);
        return;
    }
    if (!link->queue[0].under_way) {
        send(link, &link->queue[0]);
    }
}

/* The agent has it: name it, and take it back when that was asked meanwhile. */
static void settled(struct ns_link *link, struct ns_link_change *c, ns_id action, ns_id log,
                    bool no_stock) {
    struct ns_link_change copy = *c;
    drop(link, c);
    ns_link_emit_done(link, &(struct ns_app_done){.key = copy.key,
                                                  .ok = true,
                                                  .action = action,
                                                  .log = log,
                                                  .no_stock = no_stock});
    if (copy.undo) {
        struct ns_cmd undo = {.kind = NS_CMD_UNDO, .key = copy.undo_key, .undo_action = action};
        ns_link_command(link, &undo);
    }
    ns_queue_flush(link);
}

void ns_queue_checked(struct ns_link *link, ns_id key, const struct ns_json *data) {
    struct ns_link_change *c = find(link, key);
    if (c == NULL) {
        ns_queue_flush(link);
        return;
    }
    c->under_way = false;
    const struct ns_json *edges = ns_json_path(data, "getUsageLogs.edges");
    for (const struct ns_json *e = ns_json_first(edges); e != NULL; e = ns_json_next(e)) {
        const struct ns_json *node = ns_json_get(e, "node");
        const char *at = ns_json_text(ns_json_get(node, "loggedAt"));
        const char *id = ns_json_text(ns_json_get(node, "id"));
        ns_time logged = NS_TIME_NONE;
        ns_id log = {{0}};
        if (at != NULL && ns_time_parse(ns_str_of(at), &logged) && logged == c->at &&
            id != NULL && ns_id_parse(ns_str_of(id), &log)) {
            settled(link, c, (ns_id){{0}}, log, false);
            return;
        }
    }
    c->maybe_sent = false;
    ns_queue_flush(link);
}

void ns_queue_sent(struct ns_link *link, ns_id key, const struct ns_json *answer) {
    struct ns_link_change *c = find(link, key);
    if (c == NULL) {
        ns_queue_flush(link);
        return;
    }
    struct ns_err err = {0};
    if (ns_decode_verdict(answer, "logDiaperChange", &err) != NS_OK) {
        drop(link, c);
        ns_link_failed(link, key, &err);
        ns_queue_flush(link);
        return;
    }
    const struct ns_json *result = ns_json_path(answer, "data.logDiaperChange");
    const char *action = ns_json_text(ns_json_get(result, "actionId"));
    const char *log = ns_json_text(ns_json_path(result, "usageLog.id"));
    ns_id action_id = {{0}};
    ns_id log_id = {{0}};
    if (action != NULL && !ns_id_parse(ns_str_of(action), &action_id)) {
        action_id = (ns_id){{0}};
    }
    if (log != NULL && !ns_id_parse(ns_str_of(log), &log_id)) {
        log_id = (ns_id){{0}};
    }
    settled(link, c, action_id, log_id,
            ns_json_is_null(ns_json_path(result, "usageLog.inventoryItemId")));
}

void ns_queue_lost(struct ns_link *link) {
    for (size_t i = 0; i < link->queue_count; i++) {
        struct ns_link_change *c = &link->queue[i];
        if (c->under_way) {
            c->under_way = false;
            c->maybe_sent = true;
        }
        ns_link_emit_done(link,
                          &(struct ns_app_done){.key = c->key, .ok = true, .queued = true});
    }
}

bool ns_queue_undo(struct ns_link *link, const struct ns_cmd *cmd) {
    struct ns_link_change *c = find(link, cmd->undo_key);
    if (c == NULL) {
        return false;
    }
    if (c->under_way || c->maybe_sent) {
        c->undo = true;
        c->undo_key = cmd->key;
        return true;
    }
    drop(link, c);
    ns_kept_save(link);
    ns_link_emit_done(link, &(struct ns_app_done){.key = cmd->key, .ok = true});
    ns_link_emit_connection(link, link->state);
    return true;
}
