/* cmd_plan.c: plan, and what changes it. */
#include "shared/base/env.h"
#include "shared/calendar/holiday.h"
#include "tui/cli/bills.h"
#include "tui/view/plan_tax.h"

#include <stdio.h>
#include <string.h>

#define PLAN_DOCUMENT                                                                          \
    "{ household { province today } getSubscriptionStatus { standing standsUntil waiting waitingUntil nextBillingDate " \
    "currentPlan { id displayName price { amount } } paymentMethod { brand last4 } } "         \
    "mySubscription { province amount } availablePlans { plans { id displayName price description } } " \
    "myBillingHistory(limit: 3) { " NS_BILL_FIELDS " } }"

static enum ns_msg standing_text(const char *standing) {
    static const struct {
        const char *name;
        enum ns_msg text;
    } rows[] = {{"self-hosted", NS_MSG_standing_self_hosted}, {"practice", NS_MSG_standing_practice},
                {"trial", NS_MSG_standing_trial},             {"paid", NS_MSG_standing_paid},
                {"ending", NS_MSG_standing_ending},           {"grace", NS_MSG_standing_grace},
                {"unpaid", NS_MSG_standing_unpaid},           {"trial-over", NS_MSG_standing_trial_over},
                {"ended", NS_MSG_standing_ended}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        if (strcmp(rows[i].name, standing) == 0) {
            return rows[i].text;
        }
    }
    return NS_MSG_standing_free;
}

/* ---- plan ---- */

static void next_bill(struct ns_cli *cli, const struct ns_json *data) {
    const struct ns_json *s = ns_json_get(data, "mySubscription");
    const struct ns_json *status = ns_json_get(data, "getSubscriptionStatus");
    struct ns_shown when = ns_bill_day(cli, ns_json_get(status, "nextBillingDate"));
    struct ns_buf taxes = NS_BUF(4096);
    ns_money price = 0, total = 0;
    ns_date on;
    ns_cli_line(cli, NS_MSG_plan_next_bill);
    if (when.s[0] == '\0' || !ns_date_parse(ns_str_of(when.s), &on) ||
        !ns_bill_money(ns_json_get(s, "amount"), &price) ||
        !ns_plan_tax_lines(&taxes, cli->lang, ns_bill_text(s, "province"), on, price, &total)) {
        ns_cli_line(cli, NS_MSG_plan_next_none);
        ns_buf_fini(&taxes);
        return;
    }
    ns_buf_fmt(&cli->out, "  %s  %s  %s\n%s  ", when.s, ns_bill_text(ns_json_get(status, "currentPlan"), "displayName"),
               ns_bill_amount(cli, price).s, taxes.data);
    ns_buf_fini(&taxes);
    NS_SAY(cli, NS_MSG_plan_to_pay, ns_bill_amount(cli, total).s);
    NS_SAY(cli, NS_MSG_plan_taxed_in, ns_province_title(ns_bill_text(s, "province"), cli->lang == NS_LANG_FR));
}

static void other_plans(struct ns_cli *cli, const struct ns_json *data) {
    const char *mine = ns_json_text(ns_json_path(data, "getSubscriptionStatus.currentPlan.id"));
    ns_cli_line(cli, NS_MSG_plan_others);
    for (const struct ns_json *p = ns_json_first(ns_json_path(data, "availablePlans.plans")); p != NULL;
         p = ns_json_next(p)) {
        ns_money price = 0;
        if (mine != NULL && strcmp(mine, ns_bill_text(p, "id")) == 0) {
            continue;
        }
        (void)ns_bill_money(ns_json_get(p, "price"), &price);
        ns_buf_text(&cli->out, "  ");
        NS_SAY(cli, NS_MSG_plan_other_line, ns_bill_text(p, "displayName"), ns_bill_amount(cli, price).s, ns_bill_text(p, "description"));
    }
}

/* What is not settled with the payment service, and what to do about it. */
static void say_waiting(struct ns_cli *cli, const struct ns_json *status) {
    const char *waiting = ns_bill_text(status, "waiting");
    ns_time until;
    char clock[48] = "";
    if (ns_time_parse(ns_str_of(ns_bill_text(status, "waitingUntil")), &until)) {
        ns_cli_clock(cli, clock, until);
    }
    if (strcmp(waiting, "page") == 0) {
        NS_SAY(cli, NS_MSG_plan_waiting_page, clock);
    } else if (waiting[0] != '\0') {
        ns_cli_line(cli, strcmp(waiting, "person") == 0 ? NS_MSG_plan_waiting_person : NS_MSG_plan_waiting_request);
    }
}

static void say_plan(struct ns_cli *cli, const struct ns_json *data) {
    const struct ns_json *status = ns_json_get(data, "getSubscriptionStatus");
    struct ns_shown until = ns_bill_day(cli, ns_json_get(status, "standsUntil"));
    struct ns_buf stands = NS_BUF(400);
    NS_MSG_TO(&stands, cli->lang, standing_text(ns_bill_text(status, "standing")), until.s);
    NS_SAY(cli, NS_MSG_plan_head, ns_bill_text(ns_json_get(status, "currentPlan"), "displayName"), stands.data);
    ns_buf_fini(&stands);
    say_waiting(cli, status);
    const struct ns_json *card = ns_json_get(status, "paymentMethod");
    if (!ns_json_is_null(card)) {
        NS_SAY(cli, NS_MSG_plan_card_line, ns_bill_text(card, "brand"), ns_bill_text(card, "last4"));
    }
    next_bill(cli, data);
    other_plans(cli, data);
    const struct ns_json *records = ns_json_path(data, "myBillingHistory.records");
    if (ns_json_first(records) != NULL) {
        ns_cli_line(cli, NS_MSG_plan_bills);
        ns_bill_lines(cli, records);
    }
}

ns_rc ns_cli_plan(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_bill_ask(cli, PLAN_DOCUMENT, &answer, err);
    if (rc == NS_OK && cli->json) {
        ns_bill_put_json(cli, ns_json_get(answer, "data"));
    } else if (rc == NS_OK) {
        say_plan(cli, ns_json_get(answer, "data"));
    }
    ns_json_free(answer);
    return rc;
}

/* ---- changes ---- */

/* The plan a person names: an id, or its first word. */
static const char *plan_id(const char *word) {
    static const char *const ids[][2] = {
        {"basic", "standard_monthly"}, {"standard", "standard_monthly"}, {"premium", "premium_monthly"},
        {"family", "family_monthly"}};
    for (size_t i = 0; i < NS_COUNT(ids); i++) {
        if (ns_str_is_nocase(ns_str_of(word), ids[i][0])) {
            return ids[i][1];
        }
    }
    return word;
}

struct wish {
    const char *mutation;
    const char *document;
};

static struct wish wish_of(const struct ns_cli *cli, bool has_plan) {
    switch ((int)cli->args.command->id) {
    case NS_CLI_PLAN_CHOOSE:
        return has_plan ? (struct wish){"changeSubscriptionPlan", "mutation($v: String!) { changeSubscriptionPlan(input: "
                                        "{newPlanId: $v}) { success message error } }"}
                        : (struct wish){"subscribe", "mutation($v: String!, $p: CanadianProvince!) { subscribe(input: {planId: $v, "
                                        "paymentMethodId: \"default\", province: $p}) { success message error url: checkoutUrl } }"};
    case NS_CLI_PLAN_STOP:
        return (struct wish){"cancelSubscription", "mutation { cancelSubscription { success message error } }"};
    case NS_CLI_PLAN_RESUME:
        return (struct wish){"updateSubscription", "mutation { updateSubscription(input: {cancelAtPeriodEnd: false}) "
                             "{ success message error } }"};
    case NS_CLI_PLAN_MOVE:
        return (struct wish){"updateBillingProvince", "mutation($v: CanadianProvince!) { updateBillingProvince(province: $v) "
                             "{ success message error } }"};
    default:
        return cli->args.operand_count == 0
                   ? (struct wish){"openBillingPortal", "mutation { openBillingPortal(flow: \"payment_method_update\") "
                                   "{ success message error url } }"}
                   : (struct wish){"addPaymentMethod", "mutation($v: String!) { addPaymentMethod(input: {stripePaymentMethodId: $v, "
                                   "setAsDefault: true}) { success message error } }"};
    }
}

/* {"v": the operand, "p": the home's province}, as far as the document asks for them. */
static void variables(const struct ns_cli *cli, const struct wish *wish, struct ns_buf *out) {
    if (cli->args.operand_count == 0) {
        return;
    }
    const char *word = cli->args.operand[0];
    ns_buf_text(out, "{\"v\":");
    ns_json_quote(out, ns_str_of(cli->args.command->id == NS_CLI_PLAN_CHOOSE ? plan_id(word) : word));
    if (strstr(wish->document, "$p") != NULL) {
        ns_buf_fmt(out, ",\"p\":\"%s\"", cli->home.province);
    }
    ns_buf_char(out, '}');
}

/* What a change costs now, each tax on its line, before anybody agrees to it. */
static ns_rc show_cost(struct ns_cli *cli, const char *vars, struct ns_err *err) {
    static const char *const names[NS_PLAN_TAXES] = {"gst", "hst", "pst", "qst"};
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_query(cli, "mutation($v: String!) { previewPlanChange(planId: $v) { success message error subtotal dueNow "
                            "taxBreakdown { gst pst hst qst } } }", vars, "previewPlanChange", &answer, err);
    const struct ns_json *cost = ns_json_path(answer, "data.previewPlanChange");
    ns_money cents = 0;
    if (rc == NS_OK && ns_bill_money(ns_json_get(cost, "subtotal"), &cents)) {
        ns_date today = ns_zone_local_day(cli->zone, ns_env_now(cli->env));
        ns_buf_fmt(&cli->out, "%s  %s\n", ns_msg(cli->lang, NS_MSG_receipt_subtotal), ns_bill_amount(cli, cents).s);
        for (int k = 0; k < NS_PLAN_TAXES; k++) {
            if (ns_bill_money(ns_json_get(ns_json_get(cost, "taxBreakdown"), names[k]), &cents)) {
                ns_plan_receipt_label(&cli->out, cli->lang, cli->home.province, today, k);
                ns_buf_fmt(&cli->out, "  %s\n", ns_bill_amount(cli, cents).s);
            }
        }
        (void)ns_bill_money(ns_json_get(cost, "dueNow"), &cents);
        NS_SAY(cli, cents < 0 ? NS_MSG_plan_cost_credit : NS_MSG_plan_cost_now, ns_bill_amount(cli, cents < 0 ? -cents : cents).s);
    }
    ns_json_free(answer);
    return rc;
}

/* Stopping, and a change that costs money, take a second step; *go false: not agreed. */
static ns_rc agree(struct ns_cli *cli, const char *standing, bool has_plan, const char *vars, bool *go, struct ns_err *err) {
    enum ns_cli_id id = cli->args.command->id;
    bool costs = id == NS_CLI_PLAN_CHOOSE && has_plan && strcmp(standing, "practice") != 0;
    *go = cli->args.given[NS_OPT_YES] || (!costs && id != NS_CLI_PLAN_STOP);
    if (*go) {
        return NS_OK;
    }
    ns_rc rc = costs ? show_cost(cli, vars, err) : NS_OK;
    *go = rc == NS_OK && ns_cli_ask_yes(cli, costs ? NS_MSG_plan_change_sure : NS_MSG_plan_stop_sure);
    if (rc == NS_OK && !*go) {
        ns_cli_line(cli, NS_MSG_plan_unchanged);
    }
    return rc;
}

/* What the agent said to it, a page to finish on, and the plan as it is now. */
static ns_rc said(struct ns_cli *cli, const struct ns_json *outcome, struct ns_err *err) {
    const char *words = ns_bill_text(outcome, "message"), *url = ns_bill_text(outcome, "url");
    ns_buf_fmt(&cli->out, "%s\n", words[0] != '\0' ? words : ns_msg(cli->lang, NS_MSG_plan_changed));
    if (strncmp(url, "https://", 8) == 0) {
        ns_cli_clean(&cli->out, url);
        ns_buf_char(&cli->out, '\n');
    }
    return ns_cli_plan(cli, err);
}

ns_rc ns_cli_plan_change(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *now = NULL, *answer = NULL;
    struct ns_buf vars = NS_BUF(1024);
    bool go = false;
    ns_rc rc = ns_bill_ask(cli, PLAN_DOCUMENT, &now, err);
    const char *standing = rc == NS_OK ? ns_bill_text(ns_json_path(now, "data.getSubscriptionStatus"), "standing") : "";
    bool has_plan = strcmp(standing, "paid") == 0 || strcmp(standing, "practice") == 0 || strcmp(standing, "grace") == 0;
    struct wish wish = wish_of(cli, has_plan);
    variables(cli, &wish, &vars);
    if (rc == NS_OK) {
        rc = agree(cli, standing, has_plan, vars.data, &go, err);
    }
    if (rc == NS_OK && go) {
        rc = ns_cli_query(cli, wish.document, vars.data, wish.mutation, &answer, err);
    }
    const struct ns_json *outcome = ns_json_get(ns_json_get(answer, "data"), wish.mutation);
    if (rc == NS_OK && go && cli->json) {
        ns_bill_put_json(cli, outcome);
    } else if (rc == NS_OK && go) {
        rc = said(cli, outcome, err);
    }
    ns_json_free(now);
    ns_json_free(answer);
    ns_buf_fini(&vars);
    return rc;
}
