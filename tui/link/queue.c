/* queue.c: changes on their way to the agent. */
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/link/parts.h"

#include <string.h>

/* An answer takes milliseconds; a change that has waited longer goes to disk. Writing it there
 * first would hold up every key for an fsync. */
#define SAVE_US 300000
#define AGAIN_MS 10000 /* the agent could not just now */
#define STUMBLES 6     /* an error of its own: for a minute it is taken to pass */

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
                                .at = cmd->at,
                                .kind = cmd->change,
                                .leak = cmd->leak};
    if (ns_link_connected(link)) {
        ns_queue_flush(link);
        if (link->save_us == 0) {
            link->save_us = ns_env_steady_us(link->setup.env) + SAVE_US;
        }
        return;
    }
    ns_kept_save(link);
    ns_queue_kept(link, false);
    ns_link_emit_connection(link, link->state);
}

static void send(struct ns_link *link, struct ns_link_change *c) {
    char key[NS_ID_TEXT];
    char child[NS_ID_TEXT];
    char at[NS_TIME_TEXT];
    ns_id_format(c->key, key);
    ns_id_format(c->child, child);
    ns_time_format(c->at, at);
    bool wet = c->kind == NS_CHANGE_WET || c->kind == NS_CHANGE_BOTH;
    bool soiled = c->kind == NS_CHANGE_DIRTY || c->kind == NS_CHANGE_BOTH;
    struct ns_buf vars = NS_BUF(600);
    ns_buf_fmt(&vars,
               "{\"input\":{\"childId\":\"%s\",\"wasWet\":%s,\"wasSoiled\":%s,"
               "\"hadLeakage\":%s,\"loggedAt\":\"%s\",\"clientKey\":\"%s\"}}",
               child, wet ? "true" : "false", soiled ? "true" : "false",
               c->leak ? "true" : "false", at, key);
    struct ns_link_op *op = ns_link_ask(link, NS_OP_SEND, NS_DOC_LOG_CHANGE, vars.data, c->child);
    ns_buf_fini(&vars);
    if (op != NULL) {
        op->key = c->key;
        op->mutation = "logDiaperChange";
        c->under_way = true;
    }
}

/* One after another: the order of logging is kept and an answer is never mistaken. */
void ns_queue_flush(struct ns_link *link) {
    link->again_us = 0;
    if (link->queue_count == 0) {
        bool waited = link->kept_queue;
        if (waited) { /* what lies on disk would be shown as waiting once more */
            ns_kept_save(link);
        }
        link->save_us = 0;
        if (link->state == NS_LINK_CATCHING_UP || (waited && link->state == NS_LINK_LIVE)) {
            ns_link_emit_connection(link, NS_LINK_LIVE);
        }
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

void ns_queue_sent(struct ns_link *link, ns_id key, const struct ns_json *answer) {
    struct ns_link_change *c = find(link, key);
    if (c == NULL) {
        ns_queue_flush(link);
        return;
    }
    struct ns_err err = {0};
    ns_rc rc = ns_decode_verdict(answer, "logDiaperChange", &err);
    bool stumbled = rc == NS_E_INTERNAL && ++c->stumbles < STUMBLES; /* its disk may be full */
    if (answer == NULL || stumbled || ns_rc_may_retry(rc)) {
        c->under_way = false;
        c->maybe_sent = true;
        link->again_us = ns_env_steady_us(link->setup.env) + AGAIN_MS * 1000;
        ns_queue_kept(link, false);
        ns_kept_save(link);
        ns_link_emit_connection(link, link->state);
        return;
    }
    if (rc != NS_OK) {
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

void ns_queue_kept(struct ns_link *link, bool lost) {
    for (size_t i = 0; i < link->queue_count; i++) {
        struct ns_link_change *c = &link->queue[i];
        if (lost && c->under_way) {
            c->under_way = false;
            c->maybe_sent = true;
        }
        if (!c->told) {
            c->told = true;
            ns_link_emit_done(link,
                              &(struct ns_app_done){.key = c->key, .ok = true, .queued = true});
        }
    }
}

/* The log as last read and what waits, newest first. */
void ns_queue_rows(const struct ns_link *link, struct ns_app_log *rows, size_t *count, size_t most) {
    size_t n = link->log_count < most ? link->log_count : most;
    memcpy(rows, link->logs, n * sizeof rows[0]);
    for (size_t i = 0; i < link->queue_count; i++) {
        const struct ns_link_change *c = &link->queue[i];
        size_t at = 0;
        while (at < n && rows[at].at > c->at) {
            at++;
        }
        if (at == most) {
            continue;
        }
        n = n < most ? n + 1 : n;
        memmove(&rows[at + 1], &rows[at], (n - at - 1) * sizeof rows[0]);
        int64_t local = c->at / NS_SECOND + ns_zone_offset_seconds(link->zone, c->at);
        rows[at] = (struct ns_app_log){.id = c->key,
                                       .child = c->child,
                                       .at = c->at,
                                       .day = ns_zone_local_day(link->zone, c->at),
                                       .minute = (int16_t)(local % 86400 / 60),
                                       .gap = -1,
                                       .kind = c->kind,
                                       .leak = c->leak,
                                       .quantity = 1,
                                       .state = ns_link_connected(link) ? NS_LOG_SENDING : NS_LOG_QUEUED};
    }
    *count = n;
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
