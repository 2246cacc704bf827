/* act.c: undo, stock and forecasts on demand: sent at once or refused at once. Changes wait in
 * queue.c instead. */
#include "shared/base/arena.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/link/parts.h"

#include <string.h>

static void act(struct ns_link *link, const struct ns_cmd *cmd, const char *document,
                const char *mutation, struct ns_buf *vars) {
    struct ns_link_op *op =
        ns_link_connected(link) ? ns_link_ask(link, NS_OP_ACT, document, vars->data, cmd->child) : NULL;
    if (op == NULL) {
        ns_link_away(link, cmd->key);
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

static void fix(struct ns_link *link, const struct ns_cmd *cmd) {
    char id[NS_ID_TEXT];
    char child[NS_ID_TEXT];
    char at[NS_TIME_TEXT];
    struct ns_buf vars = NS_BUF(400);
    bool wet = cmd->change == NS_CHANGE_WET || cmd->change == NS_CHANGE_BOTH;
    bool soiled = cmd->change == NS_CHANGE_DIRTY || cmd->change == NS_CHANGE_BOTH;
    ns_id_format(cmd->item, id);
    ns_id_format(cmd->child, child);
    ns_time_format(cmd->at, at);
    ns_buf_fmt(&vars,
               "{\"log\":\"%s\",\"input\":{\"childId\":\"%s\",\"loggedAt\":\"%s\",\"wasWet\":%s,"
               "\"wasSoiled\":%s,\"hadLeakage\":%s}}",
               id, child, at, wet ? "true" : "false", soiled ? "true" : "false",
               cmd->leak ? "true" : "false");
    act(link, cmd, NS_DOC_FIX, "correctDiaperChange", &vars);
}

static void take_out(struct ns_link *link, const struct ns_cmd *cmd) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(100);
    ns_id_format(cmd->item, id);
    ns_buf_fmt(&vars, "{\"log\":\"%s\"}", id);
    act(link, cmd, NS_DOC_TAKE_OUT, "removeDiaperChange", &vars);
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

static void device(struct ns_link *link, const struct ns_cmd *cmd) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(1000);
    ns_id_format(cmd->item, id);
    if (cmd->kind == NS_CMD_PAIR) {
        ns_buf_text(&vars, "{}");
        act(link, cmd, NS_DOC_PAIR, "openPairing", &vars);
    } else if (cmd->kind == NS_CMD_NETWORK) {
        ns_buf_text(&vars, "{\"interface\":");
        if (cmd->text[0] == '\0') {
            ns_buf_text(&vars, "null");
        } else {
            ns_json_quote(&vars, ns_str_of(cmd->text));
        }
        ns_buf_char(&vars, '}');
        act(link, cmd, NS_DOC_NETWORK, "setHomeNetwork", &vars);
    } else if (cmd->kind == NS_CMD_DEVICE_RENAME) {
        ns_buf_fmt(&vars, "{\"device\":\"%s\",\"name\":", id);
        ns_json_quote(&vars, ns_str_of(cmd->text));
        ns_buf_char(&vars, '}');
        act(link, cmd, NS_DOC_DEVICE_RENAME, "renameDevice", &vars);
    } else if (ns_id_is_zero(cmd->item)) {
        ns_buf_text(&vars, "{}");
        act(link, cmd, NS_DOC_DEVICES_PANIC, "revokeAllDevices", &vars);
    } else {
        ns_buf_fmt(&vars, "{\"device\":\"%s\"}", id);
        act(link, cmd, NS_DOC_DEVICE_REVOKE, "revokeDevice", &vars);
    }
}

static void plan(struct ns_link *link, const struct ns_cmd *cmd) {
    static const struct {
        const char *document;
        const char *mutation;
        const char *name; /* of the variable that text goes into */
    } wishes[] = {{NS_DOC_PLAN_COST, "previewPlanChange", "plan"},        {NS_DOC_PLAN_BUY, "subscribe", "plan"},
                  {NS_DOC_PLAN_CHANGE, "changeSubscriptionPlan", "plan"}, {NS_DOC_PLAN_STOP, "cancelSubscription", NULL},
                  {NS_DOC_PLAN_RESUME, "updateSubscription", NULL},       {NS_DOC_PLAN_MOVE, "updateBillingProvince", "province"},
                  {NS_DOC_PLAN_CARD, "openBillingPortal", NULL}};
    unsigned i = cmd->kind - NS_CMD_PLAN_COST;
    struct ns_buf vars = NS_BUF(400);
    ns_buf_char(&vars, '{');
    if (wishes[i].name != NULL) {
        ns_buf_fmt(&vars, "\"%s\":", wishes[i].name);
        ns_json_quote(&vars, ns_str_of(cmd->text));
    }
    if (cmd->kind == NS_CMD_PLAN_BUY) {
        ns_buf_text(&vars, ",\"province\":");
        ns_json_quote(&vars, ns_str_of(cmd->brand));
    }
    ns_buf_char(&vars, '}');
    act(link, cmd, wishes[i].document, wishes[i].mutation, &vars);
}

void ns_act_command(struct ns_link *link, const struct ns_cmd *cmd) {
    switch ((int)cmd->kind) {
    case NS_CMD_UNDO: undo(link, cmd); break;
    case NS_CMD_FIX: fix(link, cmd); break;
    case NS_CMD_TAKE_OUT: take_out(link, cmd); break;
    case NS_CMD_STOCK_SET: stock_set(link, cmd); break;
    case NS_CMD_STOCK_ADD: stock_add(link, cmd); break;
    case NS_CMD_PREDICT: predict(link, cmd); break;
    case NS_CMD_PAIR:
    case NS_CMD_NETWORK:
    case NS_CMD_DEVICE_RENAME:
    case NS_CMD_DEVICE_REVOKE: device(link, cmd); break;
    case NS_CMD_PLAN_COST:
    case NS_CMD_PLAN_BUY:
    case NS_CMD_PLAN_CHANGE:
    case NS_CMD_PLAN_STOP:
    case NS_CMD_PLAN_RESUME:
    case NS_CMD_PLAN_MOVE:
    case NS_CMD_PLAN_CARD: plan(link, cmd); break;
    default: break;
    }
}

void ns_act_answered(struct ns_link *link, const struct ns_link_op *op,
                     const struct ns_json *answer) {
    struct ns_err err = {0};
    if (ns_decode_verdict(answer, op->mutation, &err) != NS_OK) {
        ns_link_failed(link, op->key, &err);
        return;
    }
    struct ns_app_done done = {.key = op->key, .ok = true};
    const struct ns_json *data = ns_json_get(answer, "data");
    const char *action = ns_json_text(ns_json_get(ns_json_get(data, op->mutation), "actionId"));
    if (action != NULL && !ns_id_parse(ns_str_of(action), &done.action)) {
        done.action = (ns_id){{0}};
    }
    ns_decode_plan_answer(ns_json_get(data, op->mutation), &done.plan);
    ns_decode_pairing(ns_json_get(data, "openPairing"), &done.pairing);
    ns_link_emit_done(link, &done);
}
