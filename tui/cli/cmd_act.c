/* cmd_act.c: what changes something: stock add, children, undo, consent; and graphql. */
#include "shared/base/env.h"
#include "shared/model/size.h"
#include "shared/text/fold.h"
#include "tui/cli/ctx.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

ns_rc ns_cli_bad_value(const char *option, const char *value, struct ns_err *err) {
    return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_bad_value, option, value, NULL);
}

void ns_cli_add_text(struct ns_buf *vars, const char *name, const char *value) {
    if (value != NULL) {
        ns_buf_char(vars, ',');
        ns_cli_json_text(vars, name, value);
    }
}

ns_rc ns_cli_act(struct ns_cli *cli, const char *document, struct ns_buf *vars,
                 const char *mutation, struct ns_json **answer, struct ns_err *err) {
    ns_rc rc = NS_E_LIMIT;
    if (!vars->failed) {
        rc = ns_cli_query(cli, document, vars->data, mutation, answer, err);
    } else {
        (void)ns_err_note(err, rc, "the words are too long");
    }
    ns_buf_fini(vars);
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, ns_json_get(ns_json_get(*answer, "data"), mutation), false);
        ns_buf_char(&cli->out, '\n');
    }
    return rc;
}

/* ---- stock add ---------------------------------------------------------------------------- */

static ns_rc size_named(const char *word, int fallback, enum ns_size *out, struct ns_err *err) {
    *out = (enum ns_size)fallback;
    if (word != NULL && !ns_size_parse(ns_str_of(word), out)) {
        return ns_cli_bad_value("size", word, err);
    }
    return NS_OK;
}

/* A row of what can be put on the shelf; diapers first. NULL: no such thing. */
struct product {
    const char *word;
    const char *mot;
    const char *product;
    enum ns_msg added;
};
static const struct product *product_named(const char *word) {
    static const struct product rows[] = {{"diapers", "couches", "DIAPER", NS_MSG_cli_stock_added},
                                          {"wipes", "lingettes", "WIPES", NS_MSG_cli_stock_added_wipes},
                                          {"cream", "creme", "DIAPER_CREAM", NS_MSG_cli_stock_added_cream}};
    struct ns_buf folded = NS_BUF(64);
    const struct product *found = NULL;
    for (size_t i = 0; word != NULL && ns_fold_to(&folded, ns_str_of(word)) && i < NS_COUNT(rows); i++) {
        if (ns_str_is(ns_buf_view(&folded), rows[i].word) || ns_str_is(ns_buf_view(&folded), rows[i].mot)) {
            found = &rows[i];
        }
        ns_buf_clear(&folded);
    }
    ns_buf_fini(&folded);
    return word == NULL ? &rows[0] : found;
}

ns_rc ns_cli_stock_add(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child child;
    struct ns_json *answer = NULL;
    enum ns_size size = NS_SIZE_NEWBORN;
    int64_t count = 0;
    const struct product *product = product_named(cli->args.value[NS_OPT_PRODUCT]);
    if (product == NULL) {
        return ns_cli_bad_value("product", cli->args.value[NS_OPT_PRODUCT], err);
    }
    if (!ns_str_int(ns_str_of(cli->args.operand[1]), 1, 100000, &count)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_bad_count, cli->args.operand[1], NULL, NULL);
    }
    ns_rc rc = ns_cli_child(cli, cli->args.operand[0], &child, err);
    if (rc == NS_OK) {
        rc = size_named(cli->args.value[NS_OPT_SIZE], child.size, &size, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(8192);
    const char *brand = cli->args.value[NS_OPT_BRAND];
    ns_id_format(child.id, id);
    ns_buf_fmt(&vars,
               "{\"input\":{\"childId\":\"%s\",\"productType\":\"%s\",\"size\":\"%s\","
               "\"quantityTotal\":%d",
               id, product->product, strcmp(product->product, "DIAPER") == 0 ? ns_size_name(size) : "-", (int)count);
    ns_cli_add_text(&vars, "brand", brand != NULL ? brand : "");
    ns_cli_add_text(&vars, "storageLocation", cli->args.value[NS_OPT_WHERE]);
    ns_buf_text(&vars, "}}");
    rc = ns_cli_act(cli, NS_DOC_STOCK_ADD, &vars, "createInventoryItem", &answer, err);
    ns_json_free(answer);
    if (rc == NS_OK && !cli->json) {
        char word[32];
        NS_SAY(cli, product->added, cli->args.operand[1],
               ns_cli_size_word(cli, (int)size, word), child.name);
    }
    return rc;
}

/* ---- children ----------------------------------------------------------------------------- */

/* The options that both add and edit know, checked and appended. */
static ns_rc child_fields(struct ns_cli *cli, struct ns_buf *vars, struct ns_err *err) {
    const char *born = cli->args.value[NS_OPT_BORN];
    const char *usage = cli->args.value[NS_OPT_USAGE];
    const char *weight = cli->args.value[NS_OPT_WEIGHT];
    const char *size_word = cli->args.value[NS_OPT_SIZE];
    ns_date day = 0;
    int64_t number = 0;
    double kg = 0;
    if (born != NULL && !ns_date_parse(ns_str_of(born), &day)) {
        return ns_cli_bad_value("born", born, err);
    }
    if (usage != NULL && !ns_str_int(ns_str_of(usage), 1, 20, &number)) {
        return ns_cli_bad_value("usage", usage, err);
    }
    ns_cli_add_text(vars, "dateOfBirth", born);
    if (usage != NULL) {
        ns_buf_fmt(vars, ",\"dailyUsageCount\":%d", (int)number);
    }
    if (weight != NULL) {
        struct ns_str rest = ns_str_of(weight);
        struct ns_str first = ns_str_cut(&rest, strchr(weight, ',') != NULL ? ',' : '.');
        int64_t a = 0;
        int64_t b = 0;
        bool good = ns_str_int(first, 0, 60, &a) && rest.n <= 3 &&
                    (rest.n == 0 || ns_str_int(rest, 0, 999, &b));
        for (size_t i = rest.n; i < 3; i++) {
            b *= 10;
        }
        kg = (double)a + (double)b / 1000.0;
        if (!good || kg < 0.3 || kg > 60) {
            return ns_cli_bad_value("weight", weight, err);
        }
        ns_buf_fmt(vars, ",\"currentWeightKg\":%d.%03d", (int)a, (int)b);
    }
    if (size_word != NULL) {
        enum ns_size size;
        ns_rc rc = size_named(size_word, 0, &size, err);
        if (rc != NS_OK) {
            return rc;
        }
        ns_cli_add_text(vars, "currentDiaperSize", ns_size_name(size));
    }
    return NS_OK;
}

ns_rc ns_cli_children_add(struct ns_cli *cli, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(8192);
    struct ns_json *answer = NULL;
    if (cli->args.value[NS_OPT_BORN] == NULL) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_born_missing, cli->args.operand[0], NULL, NULL);
    }
    ns_buf_text(&vars, "{\"input\":{");
    ns_cli_json_text(&vars, "name", cli->args.operand[0]);
    ns_rc rc = child_fields(cli, &vars, err);
    if (rc == NS_OK && cli->args.value[NS_OPT_SIZE] == NULL) {
        ns_date born = 0;
        (void)!ns_date_parse(ns_str_of(cli->args.value[NS_OPT_BORN]), &born);
        ns_date today = (ns_date)(ns_env_now(cli->env) / NS_DAY);
        ns_cli_add_text(&vars, "currentDiaperSize", ns_size_name((enum ns_size)ns_cli_size_of_age(today - born)));
    }
    ns_buf_text(&vars, "}}");
    if (rc != NS_OK) {
        ns_buf_fini(&vars);
        return rc;
    }
    rc = ns_cli_act(cli, NS_DOC_CHILD_CREATE, &vars, "createChild", &answer, err);
    ns_json_free(answer);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, NS_MSG_cli_child_added, cli->args.operand[0]);
    }
    return rc;
}

ns_rc ns_cli_children_edit(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child child;
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_child(cli, cli->args.operand[0], &child, err);
    if (rc != NS_OK) {
        return rc;
    }
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(8192);
    struct ns_buf fields = NS_BUF(8000);
    ns_id_format(child.id, id);
    ns_cli_add_text(&fields, "name", cli->args.value[NS_OPT_NAME]);
    rc = child_fields(cli, &fields, err);
    bool early = cli->args.given[NS_OPT_EARLY];
    if (rc == NS_OK && fields.len == 0 && !early) {
        rc = ns_err_say(err, NS_E_USAGE, NS_MSG_cli_edit_nothing, NULL, NULL, NULL);
    }
    if (rc == NS_OK && early) {
        rc = ns_cli_born_early(cli, &child, err);
    }
    if (rc == NS_OK && fields.len > 0) {
        ns_buf_fmt(&vars, "{\"child\":\"%s\",\"input\":{%s}}", id, fields.data + 1);
        rc = ns_cli_act(cli, NS_DOC_CHILD_UPDATE, &vars, "updateChild", &answer, err);
    }
    ns_buf_fini(&fields);
    ns_json_free(answer);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, NS_MSG_cli_child_changed, child.name);
    }
    return rc;
}

/* ---- undo, consent, graphql --------------------------------------------------------------- */

ns_rc ns_cli_undo(struct ns_cli *cli, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(200);
    struct ns_json *answer = NULL;
    ns_id id;
    if (cli->args.operand_count == 0) {
        ns_buf_text(&vars, "{}");
    } else if (!ns_id_parse(ns_str_of(cli->args.operand[0]), &id)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_act_unknown, cli->args.operand[0], NULL, NULL);
    } else {
        ns_buf_fmt(&vars, "{\"action\":\"%s\"}", cli->args.operand[0]);
    }
    ns_rc rc = ns_cli_act(cli, NS_DOC_UNDO, &vars, "undo", &answer, err);
    if (rc == NS_OK && !cli->json) {
        const char *message = ns_json_text(ns_json_path(answer, "data.undo.message"));
        ns_buf_fmt(&cli->out, "%s\n", message == NULL ? "" : message);
    }
    ns_json_free(answer);
    return rc;
}

static ns_rc change_consent(struct ns_cli *cli, const char *type, bool granted,
                            struct ns_err *err) {
    struct ns_buf vars = NS_BUF(400);
    struct ns_json *answer = NULL;
    ns_buf_text(&vars, "{\"input\":{");
    ns_cli_json_text(&vars, "consentType", type);
    ns_buf_fmt(&vars, ",\"granted\":%s}}", granted ? "true" : "false");
    ns_rc rc = ns_cli_act(cli, NS_DOC_CONSENT, &vars, "updateConsent", &answer, err);
    ns_json_free(answer);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, granted ? NS_MSG_cli_consent_given : NS_MSG_cli_consent_taken, type);
    }
    return rc;
}

ns_rc ns_cli_consent(struct ns_cli *cli, struct ns_err *err) {
    if (cli->args.given[NS_OPT_GRANT]) {
        return change_consent(cli, cli->args.value[NS_OPT_GRANT], true, err);
    }
    if (cli->args.given[NS_OPT_WITHDRAW]) {
        return change_consent(cli, cli->args.value[NS_OPT_WITHDRAW], false, err);
    }
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, NS_DOC_CONSENTS, NULL, NULL, &answer, err);
    }
    const struct ns_json *edges = ns_json_path(answer, "data.myConsents.edges");
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, edges, false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK && ns_json_first(edges) == NULL) {
        ns_cli_line(cli, NS_MSG_cli_consent_none);
    } else if (rc == NS_OK) {
        for (const struct ns_json *e = ns_json_first(edges); e != NULL; e = ns_json_next(e)) {
            const struct ns_json *node = ns_json_get(e, "node");
            const char *type = ns_json_text(ns_json_get(node, "consentType"));
            const char *status = ns_json_text(ns_json_get(node, "status"));
            bool granted = status != NULL && strcmp(status, "GRANTED") == 0;
            const char *at = ns_json_text(ns_json_get(node, granted ? "grantedAt" : "withdrawnAt"));
            ns_time t = NS_TIME_NONE;
            char shown[48];
            if (at == NULL || !ns_time_parse(ns_str_of(at), &t)) {
                t = NS_TIME_NONE;
            }
            ns_cli_clock(cli, shown, t);
            bool never = status != NULL && strcmp(status, "PENDING") == 0;
            NS_SAY(cli,
                   granted ? NS_MSG_cli_consent_line_yes
                   : never ? NS_MSG_cli_consent_line_never
                           : NS_MSG_cli_consent_line_no,
                   type != NULL ? type : "", shown);
        }
    }
    ns_json_free(answer);
    return rc;
}

static ns_rc read_stdin(struct ns_buf *out, struct ns_err *err) {
    char piece[4096];
    for (;;) {
        ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
        if (n <= 0) {
            break;
        }
        ns_buf_add(out, piece, (size_t)n);
    }
    return out->failed ? ns_err_note(err, NS_E_LIMIT, "the document is longer than 1 MiB") : NS_OK;
}

ns_rc ns_cli_graphql(struct ns_cli *cli, struct ns_err *err) {
    struct ns_buf document = NS_BUF(1 << 20);
    struct ns_json *answer = NULL;
    const char *vars = cli->args.value[NS_OPT_VARIABLES];
    ns_rc rc = NS_OK;
    if (strcmp(cli->args.operand[0], "-") == 0) {
        rc = read_stdin(&document, err);
    } else {
        ns_buf_text(&document, cli->args.operand[0]);
    }
    if (rc == NS_OK && vars != NULL) {
        struct ns_json *check = NULL;
        if (ns_json_read(ns_str_of(vars), 1 << 20, &check, NULL) != NS_OK ||
            !ns_json_is_object(check)) {
            rc = ns_cli_bad_value("variables", vars, err);
        }
        ns_json_free(check);
    }
    if (rc == NS_OK) {
        /* The answer is shown also when it holds errors: whoever sends documents wants both. */
        struct ns_err refused = {0};
        rc = ns_cli_query(cli, document.data != NULL ? document.data : "", vars, NULL, &answer, &refused);
        if (answer != NULL) {
            ns_json_write(&cli->out, answer, !cli->json);
            ns_buf_char(&cli->out, '\n');
        }
        if (rc != NS_OK && err != NULL) {
            *err = refused;
        }
    }
    ns_json_free(answer);
    ns_buf_fini(&document);
    return rc;
}
