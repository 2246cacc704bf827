/* cmd_export.c: export FOLDER: everything as JSON, and the log of each child as CSV. */
#include "shared/base/env.h"
#include "tui/cli/ctx.h"

#include <stdio.h>
#include <string.h>

#define FILE_MOST ((size_t)1 << 30)
#define DOCUMENT                                                                               \
    "mutation($f: String!, $c: ID) { exportUserData(input: {format: $f, childId: $c}) { success error message " \
    "exportUrl exportData } }"

/* What the answer holds, or what lies in the file it names; that file goes. */
static ns_rc take(struct ns_cli *cli, const struct ns_json *answer, struct ns_buf *out, struct ns_err *err) {
    static const char scheme[] = "file://";
    const char *text = ns_json_text(ns_json_get(answer, "exportData"));
    const char *url = ns_json_text(ns_json_get(answer, "exportUrl"));
    if (text != NULL) {
        ns_buf_text(out, text);
        return out->failed ? ns_err_note(err, NS_E_MEMORY, "an export does not fit") : NS_OK;
    }
    if (url == NULL || strncmp(url, scheme, sizeof scheme - 1) != 0) {
        return ns_err_note(err, NS_E_INTERNAL, "an export without content");
    }
    ns_rc rc = cli->env->read_file(cli->env->self, url + sizeof scheme - 1, out, err);
    return rc == NS_OK ? cli->env->remove_file(cli->env->self, url + sizeof scheme - 1, err) : rc;
}

static ns_rc write_one(struct ns_cli *cli, const char *folder, const char *name, const char *format, const char *child,
                       struct ns_err *err) {
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(200), text = NS_BUF(FILE_MOST);
    char path[NS_PATH], bytes[24];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        return ns_err_note(err, NS_E_LIMIT, "a path is too long");
    }
    ns_buf_fmt(&vars, "{\"f\":\"%s\"", format);
    ns_cli_add_text(&vars, "c", child);
    ns_buf_char(&vars, '}');
    ns_rc rc = ns_cli_query(cli, DOCUMENT, vars.data, "exportUserData", &answer, err);
    if (rc == NS_OK) {
        rc = take(cli, ns_json_path(answer, "data.exportUserData"), &text, err);
    }
    if (rc == NS_OK) {
        rc = cli->env->write_file(cli->env->self, path, text.data, text.len, 0600, err);
    }
    if (rc == NS_OK) {
        snprintf(bytes, sizeof bytes, "%zu", text.len);
        NS_SAY(cli, NS_MSG_cli_export_file, path, bytes);
    }
    ns_buf_fini(&vars);
    ns_buf_fini(&text);
    ns_json_free(answer);
    return rc;
}

/* A child's name as part of a file's name. */
static void file_name(char *out, size_t cap, size_t number, const char *name) {
    int n = snprintf(out, cap, "%zu-%s", number, name);
    for (char *p = out; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == '/' || *p == 0x7F) {
            *p = '_';
        }
    }
    if (n > 0) {
        size_t len = strlen(out);
        snprintf(out + len, cap - len, ".csv");
    }
}

/* A folder that holds an export already is left alone. */
static ns_rc make_folder(struct ns_cli *cli, const char *folder, struct ns_err *err) {
    struct ns_buf there = NS_BUF(1);
    char path[NS_PATH];
    if (snprintf(path, sizeof path, "%s/everything.json", folder) >= (int)sizeof path) {
        return ns_err_note(err, NS_E_LIMIT, "a path is too long");
    }
    ns_rc rc = cli->env->read_file(cli->env->self, path, &there, NULL);
    ns_buf_fini(&there);
    if (rc != NS_E_NOT_FOUND) {
        return ns_err_say(err, NS_E_CONFLICT, NS_MSG_cli_export_there, path, NULL, NULL);
    }
    return cli->env->make_dir(cli->env->self, folder, 0700, err);
}

ns_rc ns_cli_export(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child children[NS_APP_CHILDREN];
    const char *folder = cli->args.operand[0];
    size_t count = 0;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_children(cli, children, &count, err);
    }
    if (rc == NS_OK) {
        rc = make_folder(cli, folder, err);
    }
    if (rc == NS_OK) {
        rc = write_one(cli, folder, "everything.json", "json", NULL, err);
    }
    for (size_t i = 0; rc == NS_OK && i < count; i++) {
        char name[NS_APP_NAME + 32], id[NS_ID_TEXT];
        ns_id_format(children[i].id, id);
        file_name(name, sizeof name, i + 1, children[i].name);
        rc = write_one(cli, folder, name, "csv", id, err);
    }
    if (rc == NS_OK) {
        ns_cli_line(cli, NS_MSG_export_limits);
    }
    return rc;
}
