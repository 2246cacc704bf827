/* cmd_orders.c: orders, their states, and what a parent says about one. */
#include "tui/cli/bills.h"
#include "tui/cli/order_words.h"

#include <stdio.h>
#include <string.h>

#define FIELDS                                                                                 \
    "id orderNumber stage status retailerType totalAmountCad priceKnown paidAmountCad checkoutUrl trackingNumber " \
    "createdAt stopUntil expiresAt lines { name packs piecesPerPack size } updates { newStatus statusMessage createdAt }"

static void put_json(struct ns_cli *cli, const struct ns_json *value) {
    ns_json_write(&cli->out, value, false);
    ns_buf_char(&cli->out, '\n');
}

static const char *text_of(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL ? "" : text;
}

static void clock_of(struct ns_cli *cli, const struct ns_json *value, char out[48]) {
    ns_time t;
    const char *text = ns_json_text(value);
    out[0] = '\0';
    if (text != NULL && ns_time_parse(ns_str_of(text), &t)) {
        ns_cli_clock(cli, out, t);
    }
}

static void amount(struct ns_cli *cli, const struct ns_json *o, struct ns_buf *out) {
    ns_money cents = 0;
    const char *paid = ns_json_text(ns_json_get(o, "paidAmountCad"));
    const char *total = text_of(o, "totalAmountCad");
    if (paid == NULL && !ns_json_bool(ns_json_get(o, "priceKnown"), false)) {
        ns_buf_text(out, ns_msg(cli->lang, NS_MSG_orders_at_checkout));
    } else if (ns_money_parse(ns_str_of(paid != NULL ? paid : total), &cents)) {
        ns_text_money(out, cli->lang, cents);
    }
}

/* "NEST-20261125-AB3DE7  to buy at the shop  Maple Size 4, 62 Count x2  price at the checkout" */
static void line(struct ns_cli *cli, const struct ns_json *o) {
    struct ns_buf what = NS_BUF(8000), price = NS_BUF(100);
    for (const struct ns_json *l = ns_json_first(ns_json_get(o, "lines")); l != NULL; l = ns_json_next(l)) {
        int64_t packs = ns_json_int(ns_json_get(l, "packs"), 1);
        ns_buf_text(&what, what.len > 0 ? ", " : "");
        ns_cli_clean(&what, text_of(l, "name"));
        ns_buf_fmt(&what, " x%lld", (long long)packs);
    }
    amount(cli, o, &price);
    NS_SAY(cli, NS_MSG_orders_line, text_of(o, "orderNumber"), ns_msg(cli->lang, ns_order_stage_word(text_of(o, "stage"))),
           what.data == NULL ? "" : what.data, price.data == NULL ? "" : price.data);
    ns_buf_fini(&what);
    ns_buf_fini(&price);
}

ns_rc ns_cli_orders(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, "{ getOrderHistory(limit: 50) { " FIELDS " } }", NULL, NULL, &answer, err);
    }
    const struct ns_json *orders = ns_json_path(answer, "data.getOrderHistory");
    if (rc == NS_OK && cli->json) {
        put_json(cli, orders);
    } else if (rc == NS_OK && ns_json_first(orders) == NULL) {
        ns_cli_line(cli, NS_MSG_orders_none);
    }
    for (const struct ns_json *o = rc == NS_OK && !cli->json ? ns_json_first(orders) : NULL; o != NULL; o = ns_json_next(o)) {
        line(cli, o);
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_orders_states(struct ns_cli *cli, struct ns_err *err) {
    (void)err;
    ns_order_states_table(&cli->out, cli->json);
    return NS_OK;
}

/* ---- one order ---- */

static ns_rc find(struct ns_cli *cli, const char *number, struct ns_json **answer, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(1000);
    ns_buf_text(&vars, "{\"o\":");
    ns_json_quote(&vars, ns_str_of(number));
    ns_buf_char(&vars, '}');
    ns_rc rc = ns_cli_home(cli, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, "query($o: ID!) { order(orderId: $o) { " FIELDS " } }", vars.data, NULL, answer, err);
    }
    ns_buf_fini(&vars);
    if (rc == NS_OK && ns_json_is_null(ns_json_path(*answer, "data.order"))) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_order_unknown, NULL, NULL, NULL);
    }
    return rc;
}

static void when(struct ns_cli *cli, const struct ns_json *value, enum ns_msg msg) {
    char at[48];
    clock_of(cli, value, at);
    if (at[0] != '\0') {
        NS_SAY(cli, msg, at);
    }
}

static void say_order(struct ns_cli *cli, const struct ns_json *o) {
    line(cli, o);
    when(cli, ns_json_get(o, "stopUntil"), NS_MSG_orders_stop_until);
    when(cli, ns_json_get(o, "expiresAt"), NS_MSG_orders_yes_until);
    if (ns_json_text(ns_json_get(o, "checkoutUrl")) != NULL) {
        struct ns_buf url = NS_BUF(4000);
        ns_cli_clean(&url, text_of(o, "checkoutUrl"));
        NS_SAY(cli, NS_MSG_orders_page, url.data == NULL ? "" : url.data);
        ns_buf_fini(&url);
    }
    for (const struct ns_json *u = ns_json_first(ns_json_get(o, "updates")); u != NULL; u = ns_json_next(u)) {
        char at[48];
        clock_of(cli, ns_json_get(u, "createdAt"), at);
        ns_buf_fmt(&cli->out, "  %s  %s  ", at, text_of(u, "newStatus"));
        ns_cli_clean(&cli->out, text_of(u, "statusMessage"));
        ns_buf_char(&cli->out, '\n');
    }
}

ns_rc ns_cli_order(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = find(cli, cli->args.operand[0], &answer, err);
    if (rc == NS_OK && cli->json) {
        put_json(cli, ns_json_path(answer, "data.order"));
    } else if (rc == NS_OK) {
        say_order(cli, ns_json_path(answer, "data.order"));
    }
    ns_json_free(answer);
    return rc;
}

static ns_rc send(struct ns_cli *cli, const char *document, const char *mutation, struct ns_buf *vars, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_act(cli, document, vars, mutation, &answer, err);
    if (rc == NS_OK && !cli->json) {
        ns_cli_clean(&cli->out, text_of(ns_json_get(ns_json_get(answer, "data"), mutation), "message"));
        ns_buf_char(&cli->out, '\n');
    }
    ns_json_free(answer);
    return rc;
}

/* order new CHILD WORDS: nothing is asked for without a yes. Without --shop, the best by the prices the
 * home knows, which are shown first. */
ns_rc ns_cli_order_new(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child child;
    struct ns_buf vars = NS_BUF(4000);
    char id[NS_ID_TEXT], best[24], name[400];
    int64_t packs = 1;
    const char *shop = cli->args.value[NS_OPT_SHOP], *what = cli->args.operand[1];
    if (cli->args.given[NS_OPT_COUNT] && !ns_str_int(ns_str_of(cli->args.value[NS_OPT_COUNT]), 1, 50, &packs)) {
        return ns_cli_bad_value("count", cli->args.value[NS_OPT_COUNT], err);
    }
    ns_rc rc = ns_cli_child(cli, cli->args.operand[0], &child, err);
    if (rc == NS_OK && shop == NULL && ns_bill_best_shop(cli, what, packs, best, name)) {
        shop = best;
        what = name;
    }
    if (rc == NS_OK && !cli->args.given[NS_OPT_YES] && !ns_cli_ask_yes(cli, NS_MSG_orders_sure)) {
        ns_cli_line(cli, NS_MSG_orders_not_asked);
        return rc;
    }
    if (rc != NS_OK) {
        return rc;
    }
    ns_id_format(child.id, id);
    ns_buf_fmt(&vars, "{\"i\":{\"childId\":\"%s\",\"retailerType\":", id);
    ns_json_quote(&vars, ns_str_of(shop != NULL ? shop : "OTHER"));
    ns_buf_text(&vars, ",\"products\":[{\"name\":");
    ns_json_quote(&vars, ns_str_of(what));
    ns_buf_fmt(&vars, ",\"quantity\":%lld}],\"deliveryAddress\":{\"type\":\"default\"},\"paymentMethodId\":\"default\"}}",
               (long long)packs);
    return send(cli, "mutation($i: ManualOrderInput!) { createManualOrder(input: $i) { success message transaction { " FIELDS " } } }",
                "createManualOrder", &vars, err);
}

ns_rc ns_cli_order_change(struct ns_cli *cli, struct ns_err *err) {
    static const struct {
        enum ns_cli_id id;
        const char *mutation, *document;
    } ways[] = {
        {NS_CLI_ORDER_APPROVE, "approveOrder", "mutation($o: ID!, $a: Decimal) { approveOrder(orderId: $o, agreedTotalCad: $a) { success message } }"},
        {NS_CLI_ORDER_STOP, "stopOrder", "mutation($o: ID!) { stopOrder(orderId: $o) { success message } }"},
        {NS_CLI_ORDER_CANCEL, "cancelOrder", "mutation($o: ID!, $n: String) { cancelOrder(orderId: $o, reason: $n) { success message } }"},
        {NS_CLI_ORDER_TOLD, "recordOrderOutcome", "mutation($o: ID!, $w: OrderStatusType!, $p: Decimal, $n: String, $k: Int) { "
         "recordOrderOutcome(orderId: $o, input: {status: $w, paidAmountCad: $p, note: $n, piecesPerPack: $k}) { success message } }"},
        {NS_CLI_ORDER_RATE, "rateOrder", "mutation($o: ID!, $s: Int!, $n: String) { rateOrder(orderId: $o, score: $s, note: $n) { success message } }"},
    };
    struct ns_json *answer = NULL;
    struct ns_buf vars = NS_BUF(4000);
    const struct ns_cli_args *a = &cli->args;
    size_t w = 0;
    int64_t n = 0;
    while (ways[w].id != a->command->id) {
        w++;
    }
    ns_rc rc = find(cli, a->operand[0], &answer, err);
    if (rc == NS_OK && (a->command->id == NS_CLI_ORDER_APPROVE || a->command->id == NS_CLI_ORDER_CANCEL) &&
        !a->given[NS_OPT_YES]) {
        say_order(cli, ns_json_path(answer, "data.order"));
        if (!ns_cli_ask_yes(cli, a->command->id == NS_CLI_ORDER_APPROVE ? NS_MSG_orders_sure : NS_MSG_orders_cancel_sure)) {
            ns_json_free(answer);
            return NS_OK;
        }
    }
    ns_buf_fmt(&vars, "{\"o\":\"%s\"", rc == NS_OK ? text_of(ns_json_path(answer, "data.order"), "id") : "");
    ns_cli_add_text(&vars, "a", a->command->id == NS_CLI_ORDER_APPROVE ? a->value[NS_OPT_PAID] : NULL);
    ns_cli_add_text(&vars, "p", a->command->id == NS_CLI_ORDER_TOLD ? a->value[NS_OPT_PAID] : NULL);
    ns_cli_add_text(&vars, "n", a->command->id == NS_CLI_ORDER_CANCEL || a->operand_count > 1 ? a->value[NS_OPT_NOTE] : NULL);
    if (rc == NS_OK && a->command->id == NS_CLI_ORDER_TOLD) {
        char word[16];
        size_t i = 0;
        for (; a->operand[1][i] != '\0' && i + 1 < sizeof word; i++) {
            word[i] = (char)(a->operand[1][i] >= 'a' && a->operand[1][i] <= 'z' ? a->operand[1][i] - 32 : a->operand[1][i]);
        }
        word[i] = '\0';
        ns_cli_add_text(&vars, "w", word);
        if (a->given[NS_OPT_COUNT] && !ns_str_int(ns_str_of(a->value[NS_OPT_COUNT]), 1, 1000, &n)) {
            rc = ns_cli_bad_value("count", a->value[NS_OPT_COUNT], err);
        } else if (n > 0) {
            ns_buf_fmt(&vars, ",\"k\":%lld", (long long)n);
        }
    } else if (rc == NS_OK && a->command->id == NS_CLI_ORDER_RATE) {
        rc = ns_str_int(ns_str_of(a->operand[1]), 1, 5, &n) ? NS_OK : ns_err_say(err, NS_E_INPUT, NS_MSG_order_score, NULL, NULL, NULL);
        ns_buf_fmt(&vars, ",\"s\":%lld", (long long)n);
    }
    ns_buf_char(&vars, '}');
    ns_json_free(answer);
    if (rc != NS_OK) {
        ns_buf_fini(&vars);
        return rc;
    }
    return send(cli, ways[w].document, ways[w].mutation, &vars, err);
}
