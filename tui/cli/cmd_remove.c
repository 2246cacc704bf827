/* cmd_remove.c: stock remove, children remove: out of sight, asked first (No is the default), with a way back. */
#include "shared/base/env.h"
#include "tui/cli/ctx.h"

#include <string.h>

#define ITEMS "query($c: ID!) { getInventoryItems(childId: $c, limit: 500) { edges { node { id brand size } } } }"
#define ITEM                                                                                   \
    "mutation($id: ID!, $w: String!) { deleteInventoryItem(inventoryItemId: $id, input: {confirmationText: $w}) { " \
    "success error message } }"
#define CHILD                                                                                  \
    "mutation($id: ID!, $w: String!) { deleteChild(childId: $id, input: {confirmationText: $w}) { success error message } }"

/* The words that the agent wants typed are given for who said yes. */
static ns_rc remove_it(struct ns_cli *cli, const char *document, const char *mutation, ns_id id, const char *name,
                       struct ns_err *err) {
    char text[NS_ID_TEXT];
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(4096), words = NS_BUF(2048), where = NS_BUF(80);
    ns_id_format(id, text);
    ns_buf_fmt(&words, "DELETE %s", name);
    ns_buf_fmt(&vars, "{\"id\":\"%s\"", text);
    ns_cli_add_text(&vars, "w", words.data);
    ns_buf_char(&vars, '}');
    ns_buf_fmt(&where, "data.%s", mutation);
    ns_rc rc = ns_cli_query(cli, document, vars.data, mutation, &answer, err);
    const struct ns_json *said = ns_json_path(answer, where.data);
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, said, false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK) {
        const char *message = ns_json_text(ns_json_get(said, "message"));
        ns_buf_fmt(&cli->out, "%s\n", message == NULL ? "" : message);
    }
    ns_buf_fini(&vars);
    ns_buf_fini(&words);
    ns_buf_fini(&where);
    ns_json_free(answer);
    return rc;
}

static bool agreed(struct ns_cli *cli, enum ns_msg question, const char *name) {
    if (cli->args.given[NS_OPT_YES]) {
        return true;
    }
    NS_SAY(cli, question, name);
    if (ns_cli_ask_yes(cli, NS_MSG_cli_remove_question)) {
        return true;
    }
    ns_cli_line(cli, NS_MSG_cli_remove_left);
    return false;
}

ns_rc ns_cli_stock_remove(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(100), name = NS_BUF(1024);
    char text[NS_ID_TEXT];
    ns_id id, child;
    ns_rc rc = ns_cli_stock_item(cli, cli->args.operand[0], &id, &child, err);
    if (rc == NS_OK) {
        ns_id_format(child, text);
        ns_buf_fmt(&vars, "{\"c\":\"%s\"}", text);
        rc = ns_cli_query(cli, ITEMS, vars.data, NULL, &answer, err);
    }
    ns_id_format(id, text);
    for (const struct ns_json *e = ns_json_first(ns_json_path(answer, "data.getInventoryItems.edges"));
         rc == NS_OK && e != NULL; e = ns_json_next(e)) {
        const struct ns_json *node = ns_json_get(e, "node");
        const char *own = ns_json_text(ns_json_get(node, "id"));
        if (own != NULL && strcmp(own, text) == 0) {
            ns_buf_fmt(&name, "%s %s", ns_json_text(ns_json_get(node, "brand")), ns_json_text(ns_json_get(node, "size")));
        }
    }
    if (rc == NS_OK && agreed(cli, NS_MSG_cli_stock_remove_preview, name.data == NULL ? "" : name.data)) {
        rc = remove_it(cli, ITEM, "deleteInventoryItem", id, name.data == NULL ? "" : name.data, err);
    }
    ns_buf_fini(&vars);
    ns_buf_fini(&name);
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_children_remove(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child child;
    ns_rc rc = ns_cli_child(cli, cli->args.operand[0], &child, err);
    if (rc == NS_OK && agreed(cli, NS_MSG_cli_children_remove_preview, child.name)) {
        rc = remove_it(cli, CHILD, "deleteChild", child.id, child.name, err);
    }
    return rc;
}
