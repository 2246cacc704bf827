/* cmd_suggest.c: what to order next, and not to be reminded of it. */
#include "tui/cli/ctx.h"

#include <string.h>

#define FIELDS                                                                                 \
    "childId childName kind stands size left orderBy runsOutOn priority packs piecesPerPack packsHeldBack productName " \
    "retailerType shop taxCad totalCad openOrderNumber pause pausedUntil reasons"

static const char *text_of(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL ? "" : text;
}

static const char *view(const struct ns_buf *b) {
    return b->data == NULL ? "" : b->data;
}

static void what(struct ns_cli *cli, const struct ns_json *p, struct ns_buf *out) {
    ns_date day = NS_DATE_NONE;
    struct ns_buf shown = NS_BUF(100);
    bool due = strcmp(text_of(p, "kind"), "DUE") == 0;
    if (!ns_date_parse(ns_str_of(text_of(p, "orderBy")), &day)) {
        ns_buf_text(out, ns_msg(cli->lang, NS_MSG_suggest_nothing));
    } else if (due && ns_json_int(ns_json_get(p, "packs"), 0) > 0) {
        ns_buf_text(out, ns_msg(cli->lang, NS_MSG_suggest_due_today));
    } else {
        ns_text_date(&shown, cli->lang, day, false);
        NS_MSG_TO(out, cli->lang, NS_MSG_suggest_due_by, view(&shown));
    }
    ns_buf_fini(&shown);
}

static void say_offer(struct ns_cli *cli, const struct ns_json *p) {
    ns_money cents = 0;
    struct ns_buf name = NS_BUF(1000), shop = NS_BUF(1000), sum = NS_BUF(100);
    if (ns_money_parse(ns_str_of(text_of(p, "totalCad")), &cents)) {
        ns_cli_clean(&name, text_of(p, "productName"));
        ns_cli_clean(&shop, text_of(p, "shop"));
        ns_text_money(&sum, cli->lang, cents);
        ns_buf_text(&cli->out, "  ");
        NS_SAY(cli, NS_MSG_suggest_offer, view(&name), view(&shop), view(&sum));
    }
    ns_buf_fini(&name);
    ns_buf_fini(&shop);
    ns_buf_fini(&sum);
}

/* "Mila, size 3: order by 4 Dec", then why, a sentence a line. */
static void say_plan(struct ns_cli *cli, const struct ns_json *p) {
    struct ns_buf name = NS_BUF(1000), wish = NS_BUF(400);
    const char *size = text_of(p, "size");
    char word[32];
    int n = strncmp(size, "SIZE_", 5) == 0 ? size[5] - '0' : 0;
    ns_cli_clean(&name, text_of(p, "childName"));
    what(cli, p, &wish);
    NS_SAY(cli, NS_MSG_suggest_head, view(&name), ns_cli_size_word(cli, n, word), view(&wish));
    for (const struct ns_json *r = ns_json_first(ns_json_get(p, "reasons")); r != NULL; r = ns_json_next(r)) {
        ns_buf_text(&cli->out, "  ");
        ns_cli_clean(&cli->out, ns_json_text(r));
        ns_buf_char(&cli->out, '\n');
    }
    say_offer(cli, p);
    ns_buf_fini(&name);
    ns_buf_fini(&wish);
}

ns_rc ns_cli_orders_suggest(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, "{ reorderPlans { " FIELDS " } }", NULL, NULL, &answer, err);
    }
    const struct ns_json *plans = ns_json_path(answer, "data.reorderPlans");
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, plans, false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK && ns_json_first(plans) == NULL) {
        ns_cli_line(cli, NS_MSG_suggest_no_children);
    }
    for (const struct ns_json *p = rc == NS_OK && !cli->json ? ns_json_first(plans) : NULL; p != NULL; p = ns_json_next(p)) {
        say_plan(cli, p);
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_orders_pause(struct ns_cli *cli, struct ns_err *err) {
    static const char *const kinds[][2] = {{"none", "NONE"}, {"snooze", "SNOOZE"}, {"skip", "SKIP"}, {"pause", "PAUSE"}};
    static struct ns_app_child child;
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(1000);
    char id[NS_ID_TEXT];
    const char *kind = NULL;
    for (size_t i = 0; i < NS_COUNT(kinds); i++) {
        kind = strcmp(cli->args.operand[1], kinds[i][0]) == 0 ? kinds[i][1] : kind;
    }
    if (kind == NULL) {
        return ns_cli_bad_value("PAUSE", cli->args.operand[1], err);
    }
    ns_rc rc = ns_cli_child(cli, cli->args.operand[0], &child, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_id_format(child.id, id);
    ns_buf_fmt(&vars, "{\"c\":\"%s\",\"p\":\"%s\"}", id, kind);
    rc = ns_cli_act(cli, "mutation($c: ID!, $p: ReorderPause!) { pauseReorder(childId: $c, pause: $p) { success message plan { "
                    FIELDS " } } }", &vars, "pauseReorder", &answer, err);
    if (rc == NS_OK && !cli->json) {
        ns_cli_clean(&cli->out, text_of(ns_json_path(answer, "data.pauseReorder"), "message"));
        ns_buf_char(&cli->out, '\n');
    }
    ns_json_free(answer);
    return rc;
}
