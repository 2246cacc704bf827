/* cmd_notices.c: notices: what the agent wanted this person to know. */
#include "tui/cli/ctx.h"

#include <string.h>

#define LIST                                                                                   \
    "{ getNotificationHistory(limit: 100) { edges { node { id createdAt channel title message " \
    "deliveryStatus priority notificationType openedAt dismissedAt } } } }"
#define SEEN                                                                                   \
    "mutation($id: ID!) { markNotificationRead(notificationId: $id, action: \"opened\") { success error } }"

static const char *text_of(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL ? "" : text;
}

static bool is(const struct ns_json *node, const char *name, const char *value) {
    return strcmp(text_of(node, name), value) == 0;
}

/* Seen in the app or put aside. */
static bool is_seen(const struct ns_json *node) {
    return !ns_json_is_null(ns_json_get(node, "openedAt")) || !ns_json_is_null(ns_json_get(node, "dismissedAt"));
}

static void show(struct ns_cli *cli, const struct ns_json *node) {
    ns_time at = NS_TIME_NONE;
    char when[48];
    if (!ns_time_parse(ns_str_of(text_of(node, "createdAt")), &at)) {
        at = NS_TIME_NONE;
    }
    ns_cli_clock(cli, when, at);
    ns_buf_fmt(&cli->out, "%s %s  ", is_seen(node) ? " " : "*", when);
    ns_cli_clean(&cli->out, text_of(node, "title"));
    ns_buf_text(&cli->out, "\n    ");
    ns_cli_clean(&cli->out, text_of(node, "message"));
    ns_buf_char(&cli->out, '\n');
    if (is(node, "deliveryStatus", "PENDING")) {
        ns_buf_text(&cli->out, "    ");
        ns_cli_line(cli, NS_MSG_cli_notice_waits);
    }
}

static ns_rc mark(struct ns_cli *cli, const struct ns_json *node, struct ns_err *err) {
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(200);
    ns_buf_fmt(&vars, "{\"id\":\"%s\"}", text_of(node, "id"));
    ns_rc rc = ns_cli_query(cli, SEEN, vars.data, "markNotificationRead", &answer, err);
    ns_buf_fini(&vars);
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_notices(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    bool any = false;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, LIST, NULL, NULL, &answer, err);
    }
    const struct ns_json *edges = ns_json_path(answer, "data.getNotificationHistory.edges");
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, edges, false);
        ns_buf_char(&cli->out, '\n');
    }
    for (const struct ns_json *e = ns_json_first(edges); rc == NS_OK && e != NULL; e = ns_json_next(e)) {
        const struct ns_json *node = ns_json_get(e, "node");
        if (!is(node, "channel", "IN_APP") || is(node, "deliveryStatus", "CANCELLED")) {
            continue; /* what failed elsewhere stands here as well; what is over before it was told is nothing */
        }
        any = true;
        if (!cli->json) {
            show(cli, node);
        }
        if (cli->args.given[NS_OPT_READ] && !is_seen(node) && is(node, "deliveryStatus", "DELIVERED")) {
            rc = mark(cli, node, err);
        }
    }
    if (rc == NS_OK && !any && !cli->json) {
        ns_cli_line(cli, NS_MSG_cli_notices_none);
    }
    ns_json_free(answer);
    return rc;
}
