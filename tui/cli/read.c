/* read.c: home and children, as the commands need them. */
#include "tui/cli/ctx.h"
#include "shared/text/fold.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"

#include <string.h>

ns_rc ns_cli_home(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_query(cli, NS_DOC_HOUSEHOLD, NULL, NULL, &answer, err);
    if (rc != NS_OK) {
        return rc;
    }
    char timezone[48];
    bool present = ns_decode_household(ns_json_get(answer, "data"), &cli->home, &cli->zone,
                                       timezone);
    ns_json_free(answer);
    if (!present) {
        return ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_cli_not_set_up, NULL, NULL, NULL);
    }
    return NS_OK;
}

static ns_rc child_piece(struct ns_cli *cli, const char *document, struct ns_app_child *child,
                         bool state, struct ns_err *err) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(100);
    struct ns_json *answer = NULL;
    ns_id_format(child->id, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
    ns_rc rc = ns_cli_query(cli, document, vars.data, NULL, &answer, err);
    ns_buf_fini(&vars);
    if (rc != NS_OK) {
        return rc;
    }
    if (state) {
        ns_decode_child_state(ns_json_get(answer, "data"), child);
    } else {
        ns_decode_prediction(ns_json_get(answer, "data"), cli->zone, &child->prediction);
    }
    ns_json_free(answer);
    return NS_OK;
}

static ns_rc list(struct ns_cli *cli, struct ns_app_child *out, size_t *count,
                  struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, NS_DOC_CHILDREN, NULL, NULL, &answer, err);
    }
    if (rc == NS_OK) {
        *count = ns_decode_children(ns_json_get(answer, "data"), out, NS_APP_CHILDREN);
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_children(struct ns_cli *cli, struct ns_app_child *out, size_t *count,
                      struct ns_err *err) {
    ns_rc rc = list(cli, out, count, err);
    for (size_t i = 0; rc == NS_OK && i < *count; i++) {
        rc = child_piece(cli, NS_DOC_CHILD_STATE, &out[i], true, err);
        if (rc == NS_OK) {
            rc = child_piece(cli, NS_DOC_PREDICTION, &out[i], false, err);
        }
    }
    return rc;
}

/* How well the word names the child: 0 not, 1 its beginning, 2 whole. */
static int likeness(const char *name, const char *word) {
    struct ns_buf n = NS_BUF(400);
    struct ns_buf w = NS_BUF(400);
    int like = 0;
    if (ns_fold_to(&n, ns_str_of(name)) && ns_fold_to(&w, ns_str_of(word)) && w.len > 0 &&
        n.len >= w.len && memcmp(n.data, w.data, w.len) == 0) {
        like = n.len == w.len ? 2 : 1;
    }
    ns_buf_fini(&n);
    ns_buf_fini(&w);
    return like;
}

ns_rc ns_cli_child(struct ns_cli *cli, const char *word, struct ns_app_child *out,
                   struct ns_err *err) {
    static struct ns_app_child all[NS_APP_CHILDREN];
    size_t count = 0;
    ns_rc rc = list(cli, all, &count, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_id id;
    bool by_id = ns_id_parse(ns_str_of(word), &id);
    int best = 0;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        int like = by_id ? (ns_id_eq(all[i].id, id) ? 2 : 0) : likeness(all[i].name, word);
        if (like > best) {
            best = like;
            found = 0;
        }
        if (like == best && like > 0) {
            *out = all[i];
            found++;
        }
    }
    if (found == 1 && word[0] != '\0') {
        return NS_OK;
    }
    struct ns_buf names = NS_BUF(160);
    for (size_t i = 0; i < count; i++) {
        ns_buf_fmt(&names, "%s%s", i > 0 ? ", " : "", all[i].name);
    }
    if (count == 0) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_cli_no_children, NULL, NULL, NULL);
    } else {
        rc = ns_err_say(err, NS_E_NOT_FOUND,
                        found > 1 ? NS_MSG_cli_child_unclear : NS_MSG_cli_child_unknown, word,
                        names.failed ? all[0].name : names.data, NULL);
    }
    ns_buf_fini(&names);
    return rc;
}

/* Days of age until which a size is mostly worn: the same steps as the wizard's. */
int ns_cli_size_of_age(int32_t days) {
    static const int32_t until[] = {21, 120, 210, 365, 730, 1095, 1460};
    int size = 0;
    while (size < 7 && days > until[size]) {
        size++;
    }
    return size;
}
