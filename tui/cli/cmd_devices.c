/* cmd_devices.c: the devices of the home, and the network they come over. */
#include "shared/text/fold.h"
#include "tui/cli/ctx.h"
#include "tui/link/documents.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL ? "" : text;
}

static bool flag(const struct ns_json *object, const char *name) {
    return ns_json_bool(ns_json_get(object, name), false);
}

/* ---- the list ---- */

/* "Home network: eth0, https://192.168.1.20:8443", or why not. */
static void say_network(struct ns_cli *cli, const struct ns_json *network) {
    const char *interface = text_of(network, "interface");
    const char *problem = text_of(network, "problem");
    if (interface[0] == '\0') {
        ns_cli_line(cli, NS_MSG_cli_network_off);
    } else if (problem[0] != '\0') {
        NS_SAY(cli, NS_MSG_cli_network_problem, interface, problem);
    } else {
        char port[16];
        snprintf(port, sizeof port, "%d", (int)ns_json_int(ns_json_get(network, "port"), 0));
        for (const struct ns_json *a = ns_json_first(ns_json_get(network, "addresses")); a != NULL; a = ns_json_next(a)) {
            const char *address = ns_json_text(a);
            bool six = address != NULL && strchr(address, ':') != NULL;
            NS_SAY(cli, six ? NS_MSG_cli_network_on_six : NS_MSG_cli_network_on, interface, address, port);
        }
    }
}

static void say_device(struct ns_cli *cli, const struct ns_json *d) {
    char seen[48] = "";
    ns_time at;
    if (ns_time_parse(ns_str_of(text_of(d, "lastSeenAt")), &at)) {
        ns_cli_clock(cli, seen, at);
    }
    struct ns_buf name = NS_BUF(400);
    ns_cli_clean(&name, text_of(d, "name"));
    if (flag(d, "current")) {
        NS_SAY(cli, NS_MSG_cli_device_this, name.data, text_of(d, "mayDo"));
    } else if (flag(d, "connected")) {
        NS_SAY(cli, NS_MSG_cli_device_there, name.data, text_of(d, "mayDo"));
    } else {
        NS_SAY(cli, NS_MSG_cli_device_away, name.data, text_of(d, "mayDo"), seen);
    }
    ns_buf_fini(&name);
}

ns_rc ns_cli_devices(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, NS_DOC_DEVICES, NULL, NULL, &answer, err);
    }
    const struct ns_json *data = ns_json_get(answer, "data");
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, data, false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK) {
        say_network(cli, ns_json_get(data, "homeNetwork"));
        for (const struct ns_json *d = ns_json_first(ns_json_get(data, "pairedDevices")); d != NULL; d = ns_json_next(d)) {
            say_device(cli, d);
        }
    }
    ns_json_free(answer);
    return rc;
}

/* ---- which one is meant ---- */

/* By name (capitals and accents do not matter, a clear beginning is enough) or identifier. */
static ns_rc find(struct ns_cli *cli, const char *word, char id[NS_ID_TEXT], char name[NS_APP_NAME],
                  struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_query(cli, NS_DOC_DEVICES, NULL, NULL, &answer, err);
    int found = 0;
    bool exact = false;
    for (const struct ns_json *d = ns_json_first(ns_json_path(answer, "data.pairedDevices")); rc == NS_OK && d != NULL;
         d = ns_json_next(d)) {
        const char *its = text_of(d, "name");
        bool same = ns_str_is_nocase(ns_str_of(its), word) || strcmp(text_of(d, "id"), word) == 0;
        if (same || (!exact && ns_fold_contains(ns_str_of(its), ns_str_of(word)))) {
            found = same ? 1 : found + 1;
            exact = exact || same;
            snprintf(id, NS_ID_TEXT, "%s", text_of(d, "id"));
            (void)ns_str_copy(ns_str_of(its), name, NS_APP_NAME);
        }
    }
    ns_json_free(answer);
    if (rc == NS_OK && found != 1) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, found == 0 ? NS_MSG_cli_device_unknown : NS_MSG_cli_device_several, word,
                        NULL, NULL);
    }
    return rc;
}

static ns_rc act(struct ns_cli *cli, const char *document, struct ns_buf *vars, const char *mutation,
                 struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_act(cli, document, vars, mutation, &answer, err);
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_devices_rename(struct ns_cli *cli, struct ns_err *err) {
    char id[NS_ID_TEXT];
    char name[NS_APP_NAME];
    struct ns_buf vars = NS_BUF(1000);
    ns_rc rc = find(cli, cli->args.operand[0], id, name, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_fmt(&vars, "{\"device\":\"%s\"", id);
    ns_cli_add_text(&vars, "name", cli->args.operand[1]);
    ns_buf_char(&vars, '}');
    rc = act(cli, NS_DOC_DEVICE_RENAME, &vars, "renameDevice", err);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, NS_MSG_cli_device_renamed, name, cli->args.operand[1]);
    }
    return rc;
}

/* Without --yes it is asked; where nobody can be asked, nothing happens. */
static ns_rc sure(struct ns_cli *cli, enum ns_msg question, struct ns_err *err) {
    if (cli->args.given[NS_OPT_YES] || ns_cli_ask_yes(cli, question)) {
        return NS_OK;
    }
    return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_device_not_sure, NULL, NULL, NULL);
}

ns_rc ns_cli_devices_revoke(struct ns_cli *cli, struct ns_err *err) {
    char id[NS_ID_TEXT];
    char name[NS_APP_NAME];
    struct ns_buf vars = NS_BUF(200);
    ns_rc rc = find(cli, cli->args.operand[0], id, name, err);
    if (rc == NS_OK) {
        rc = sure(cli, NS_MSG_cli_device_revoke_sure, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_fmt(&vars, "{\"device\":\"%s\"}", id);
    rc = act(cli, NS_DOC_DEVICE_REVOKE, &vars, "revokeDevice", err);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, NS_MSG_cli_device_revoked, name);
    }
    return rc;
}

ns_rc ns_cli_devices_panic(struct ns_cli *cli, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(16);
    ns_rc rc = sure(cli, NS_MSG_cli_devices_panic_sure, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_text(&vars, "{}");
    rc = act(cli, NS_DOC_DEVICES_PANIC, &vars, "revokeAllDevices", err);
    if (rc == NS_OK && !cli->json) {
        ns_cli_line(cli, NS_MSG_cli_devices_gone);
    }
    return rc;
}

/* ---- network and pairing ---- */

ns_rc ns_cli_devices_network(struct ns_cli *cli, struct ns_err *err) {
    const char *word = cli->args.operand[0];
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(1000);
    ns_buf_char(&vars, '{');
    if (ns_str_is_nocase(ns_str_of(word), "off")) {
        ns_buf_text(&vars, "\"interface\":null");
    } else {
        ns_cli_json_text(&vars, "interface", word);
    }
    ns_buf_char(&vars, '}');
    ns_rc rc = ns_cli_act(cli, NS_DOC_NETWORK, &vars, "setHomeNetwork", &answer, err);
    if (rc == NS_OK && !cli->json) {
        say_network(cli, ns_json_path(answer, "data.setHomeNetwork.network"));
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_devices_pair(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    struct ns_json *home = NULL;
    struct ns_buf vars = NS_BUF(100);
    ns_buf_fmt(&vars, "{\"unlock\":%s}", cli->args.given[NS_OPT_UNLOCK] ? "true" : "false");
    ns_rc rc = ns_cli_query(cli, NS_DOC_DEVICES, NULL, NULL, &home, err);
    const struct ns_json *network = ns_json_path(home, "data.homeNetwork");
    if (rc == NS_OK && !flag(network, "listening")) {
        rc = ns_err_say(err, NS_E_OFFLINE, NS_MSG_cli_pair_no_network, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_cli_act(cli, NS_DOC_PAIR, &vars, "openPairing", &answer, err);
    }
    if (rc == NS_OK && !cli->json) {
        const char *code = text_of(ns_json_path(answer, "data.openPairing"), "code");
        NS_SAY(cli, NS_MSG_cli_pair_code, code);
        say_network(cli, network);
        ns_cli_line(cli, NS_MSG_cli_pair_how);
    }
    ns_buf_fini(&vars);
    ns_json_free(home);
    ns_json_free(answer);
    return rc;
}
