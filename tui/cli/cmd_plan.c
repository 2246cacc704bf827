/* cmd_plan.c: plan, bills, receipt. */
#include "shared/calendar/holiday.h"
#include "tui/cli/ctx.h"
#include "tui/cli/plan_tax.h"

#include <stdio.h>
#include <string.h>

#define BILL_FIELDS                                                                            \
    "records { id createdAt description subtotal taxAmount totalAmount province status refunded " \
    "refundAmount invoiceNumber taxRate taxBreakdown { gst pst hst qst } }"
#define PLAN_DOCUMENT                                                                          \
    "{ household { province today } getSubscriptionStatus { standing standsUntil nextBillingDate " \
    "currentPlan { id displayName price { amount } } paymentMethod { brand last4 } } "         \
    "mySubscription { province amount } availablePlans { plans { id displayName price description } } " \
    "myBillingHistory(limit: 3) { " BILL_FIELDS " } }"
#define BILLS_DOCUMENT                                                                         \
    "{ household { province } myBillingHistory(limit: 100) { totalRecords " BILL_FIELDS " } }"

/* An amount as the agent wrote it, read from its digits. */
static bool read_money(const struct ns_json *value, ns_money *out) {
    struct ns_buf text = NS_BUF(64);
    if (!ns_json_is_null(value)) {
        ns_json_write(&text, value, false);
    }
    bool well = text.data != NULL && ns_money_parse(ns_buf_view(&text), out);
    ns_buf_fini(&text);
    return well;
}

struct shown {
    char s[48];
};

static struct shown money(struct ns_cli *cli, ns_money cents) {
    struct shown out = {{0}};
    struct ns_buf text = NS_BUF(sizeof out.s);
    ns_text_money(&text, cli->lang, cents);
    (void)ns_str_copy(ns_buf_view(&text), out.s, sizeof out.s);
    ns_buf_fini(&text);
    return out;
}

/* The local day of an instant as JSON holds it: 2026-03-01, or nothing. */
static struct shown day(struct ns_cli *cli, const struct ns_json *value) {
    struct shown out = {{0}};
    ns_time t;
    const char *text = ns_json_text(value);
    if (text != NULL && ns_time_parse(ns_str_of(text), &t)) {
        char iso[NS_DATE_TEXT];
        ns_date_format(ns_zone_local_day(cli->zone, t), iso);
        memcpy(out.s, iso, sizeof iso);
    }
    return out;
}

static const char *text_of(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL ? "" : text;
}

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
    struct shown when = day(cli, ns_json_get(status, "nextBillingDate"));
    struct ns_buf taxes = NS_BUF(4096);
    ns_money price = 0, total = 0;
    ns_date on;
    ns_cli_line(cli, NS_MSG_plan_next_bill);
    if (when.s[0] == '\0' || !ns_date_parse(ns_str_of(when.s), &on) ||
        !read_money(ns_json_get(s, "amount"), &price) ||
        !ns_plan_tax_lines(&taxes, cli->lang, text_of(s, "province"), on, price, &total)) {
        ns_cli_line(cli, NS_MSG_plan_next_none);
        ns_buf_fini(&taxes);
        return;
    }
    ns_buf_fmt(&cli->out, "  %s  %s  %s\n%s  ", when.s, text_of(ns_json_get(status, "currentPlan"), "displayName"),
               money(cli, price).s, taxes.data);
    ns_buf_fini(&taxes);
    NS_SAY(cli, NS_MSG_plan_to_pay, money(cli, total).s);
    NS_SAY(cli, NS_MSG_plan_taxed_in, ns_province_title(text_of(s, "province"), cli->lang == NS_LANG_FR));
}

static void other_plans(struct ns_cli *cli, const struct ns_json *data) {
    const char *mine = ns_json_text(ns_json_path(data, "getSubscriptionStatus.currentPlan.id"));
    ns_cli_line(cli, NS_MSG_plan_others);
    for (const struct ns_json *p = ns_json_first(ns_json_path(data, "availablePlans.plans")); p != NULL;
         p = ns_json_next(p)) {
        ns_money price = 0;
        if (mine != NULL && strcmp(mine, text_of(p, "id")) == 0) {
            continue;
        }
        (void)read_money(ns_json_get(p, "price"), &price);
        ns_buf_text(&cli->out, "  ");
        NS_SAY(cli, NS_MSG_plan_other_line, text_of(p, "displayName"), money(cli, price).s, text_of(p, "description"));
    }
}

static enum ns_msg bill_state(const struct ns_json *bill) {
    const char *status = text_of(bill, "status");
    return strcmp(status, "SUCCEEDED") == 0  ? NS_MSG_bill_paid
           : strcmp(status, "FAILED") == 0   ? NS_MSG_bill_failed
           : strcmp(status, "REFUNDED") == 0 ? NS_MSG_bill_refunded
                                             : NS_MSG_bill_pending;
}

static void bill_lines(struct ns_cli *cli, const struct ns_json *records) {
    for (const struct ns_json *b = ns_json_first(records); b != NULL; b = ns_json_next(b)) {
        ns_money total = 0;
        (void)read_money(ns_json_get(b, "totalAmount"), &total);
        ns_buf_text(&cli->out, "  ");
        NS_SAY(cli, NS_MSG_bill_line, day(cli, ns_json_get(b, "createdAt")).s, text_of(b, "invoiceNumber"),
               money(cli, total).s, ns_msg(cli->lang, bill_state(b)), text_of(b, "description"));
    }
}

static void say_plan(struct ns_cli *cli, const struct ns_json *data) {
    const struct ns_json *status = ns_json_get(data, "getSubscriptionStatus");
    struct shown until = day(cli, ns_json_get(status, "standsUntil"));
    struct ns_buf stands = NS_BUF(400);
    NS_MSG_TO(&stands, cli->lang, standing_text(text_of(status, "standing")), until.s);
    NS_SAY(cli, NS_MSG_plan_head, text_of(ns_json_get(status, "currentPlan"), "displayName"), stands.data);
    ns_buf_fini(&stands);
    const struct ns_json *card = ns_json_get(status, "paymentMethod");
    if (!ns_json_is_null(card)) {
        NS_SAY(cli, NS_MSG_plan_card_line, text_of(card, "brand"), text_of(card, "last4"));
    }
    next_bill(cli, data);
    other_plans(cli, data);
    const struct ns_json *records = ns_json_path(data, "myBillingHistory.records");
    if (ns_json_first(records) != NULL) {
        ns_cli_line(cli, NS_MSG_plan_bills);
        bill_lines(cli, records);
    }
}

static ns_rc ask(struct ns_cli *cli, const char *document, struct ns_json **answer, struct ns_err *err) {
    ns_rc rc = ns_cli_home(cli, err);
    return rc == NS_OK ? ns_cli_query(cli, document, NULL, NULL, answer, err) : rc;
}

static void put_json(struct ns_cli *cli, const struct ns_json *value) {
    ns_json_write(&cli->out, value, false);
    ns_buf_char(&cli->out, '\n');
}

ns_rc ns_cli_plan(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ask(cli, PLAN_DOCUMENT, &answer, err);
    if (rc == NS_OK && cli->json) {
        put_json(cli, ns_json_get(answer, "data"));
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

static struct wish wish_of(enum ns_cli_id id, bool has_plan) {
    switch ((int)id) {
    case NS_CLI_PLAN_CHOOSE:
        return has_plan ? (struct wish){"changeSubscriptionPlan", "mutation($v: String!) { changeSubscriptionPlan(input: "
                                        "{newPlanId: $v}) { success message error } }"}
                        : (struct wish){"subscribe", "mutation($v: String!, $p: CanadianProvince!) { subscribe(input: {planId: $v, "
                                        "paymentMethodId: \"default\", province: $p}) { success message error } }"};
    case NS_CLI_PLAN_STOP:
        return (struct wish){"cancelSubscription", "mutation { cancelSubscription { success message error } }"};
    case NS_CLI_PLAN_RESUME:
        return (struct wish){"updateSubscription", "mutation { updateSubscription(input: {cancelAtPeriodEnd: false}) "
                             "{ success message error } }"};
    case NS_CLI_PLAN_MOVE:
        return (struct wish){"updateBillingProvince", "mutation($v: CanadianProvince!) { updateBillingProvince(province: $v) "
                             "{ success message error } }"};
    default:
        return (struct wish){"addPaymentMethod", "mutation($v: String!) { addPaymentMethod(input: {stripePaymentMethodId: $v, "
                             "setAsDefault: true}) { success message error } }"};
    }
}

ns_rc ns_cli_plan_change(struct ns_cli *cli, struct ns_err *err) {
    enum ns_cli_id id = cli->args.command->id;
    struct ns_json *now = NULL, *answer = NULL;
    struct ns_buf vars = NS_BUF(1024);
    ns_rc rc = ask(cli, PLAN_DOCUMENT, &now, err);
    if (rc == NS_OK && id == NS_CLI_PLAN_STOP && !cli->args.given[NS_OPT_YES] &&
        !ns_cli_ask_yes(cli, NS_MSG_plan_stop_sure)) {
        ns_json_free(now);
        return NS_OK;
    }
    const char *standing = rc == NS_OK ? text_of(ns_json_path(now, "data.getSubscriptionStatus"), "standing") : "";
    bool has_plan = strcmp(standing, "paid") == 0 || strcmp(standing, "practice") == 0 || strcmp(standing, "grace") == 0;
    struct wish wish = wish_of(id, has_plan);
    if (cli->args.operand_count > 0) {
        const char *word = cli->args.operand[0];
        ns_buf_text(&vars, "{\"v\":");
        ns_json_quote(&vars, ns_str_of(id == NS_CLI_PLAN_CHOOSE ? plan_id(word) : word));
        ns_buf_fmt(&vars, ",\"p\":\"%s\"}", cli->home.province);
        if (strstr(wish.document, "$p") == NULL) {
            ns_buf_cut(&vars, vars.len - strlen(cli->home.province) - 8);
            ns_buf_char(&vars, '}');
        }
    }
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, wish.document, vars.data, wish.mutation, &answer, err);
    }
    if (rc == NS_OK && cli->json) {
        put_json(cli, ns_json_get(ns_json_get(answer, "data"), wish.mutation));
    } else if (rc == NS_OK) {
        const char *said = text_of(ns_json_get(ns_json_get(answer, "data"), wish.mutation), "message");
        ns_buf_fmt(&cli->out, "%s\n", said[0] != '\0' ? said : ns_msg(cli->lang, NS_MSG_plan_changed));
        ns_json_free(now);
        now = NULL;
        rc = ns_cli_plan(cli, err);
    }
    ns_json_free(now);
    ns_json_free(answer);
    ns_buf_fini(&vars);
    return rc;
}

/* ---- bills and receipts ---- */

ns_rc ns_cli_bills(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ask(cli, BILLS_DOCUMENT, &answer, err);
    const struct ns_json *records = ns_json_path(answer, "data.myBillingHistory.records");
    if (rc == NS_OK && cli->json) {
        put_json(cli, records);
    } else if (rc == NS_OK && ns_json_first(records) == NULL) {
        ns_cli_line(cli, NS_MSG_bills_none);
    } else if (rc == NS_OK) {
        bill_lines(cli, records);
    }
    ns_json_free(answer);
    return rc;
}

/* Each tax under its own name and rate; Quebec's two stand on two lines, never as one figure. */
static void receipt_taxes(struct ns_cli *cli, const struct ns_json *bill, ns_date on) {
    static const char *const names[NS_PLAN_TAXES] = {"gst", "hst", "pst", "qst"};
    const struct ns_json *taxes = ns_json_get(bill, "taxBreakdown");
    for (int k = 0; k < NS_PLAN_TAXES; k++) {
        ns_money cents;
        if (read_money(ns_json_get(taxes, names[k]), &cents)) {
            ns_plan_receipt_tax(&cli->out, cli->lang, text_of(bill, "province"), on, k, money(cli, cents).s);
        }
    }
}

static void say_receipt(struct ns_cli *cli, const struct ns_json *bill) {
    const char *number = text_of(bill, "invoiceNumber");
    bool practice = strncmp(number, "PRACTICE", 8) == 0;
    struct shown on = day(cli, ns_json_get(bill, "createdAt"));
    ns_money subtotal = 0, total = 0, refund = 0;
    ns_date date = NS_DATE_NONE;
    (void)ns_date_parse(ns_str_of(on.s), &date);
    (void)read_money(ns_json_get(bill, "subtotal"), &subtotal);
    (void)read_money(ns_json_get(bill, "totalAmount"), &total);
    NS_SAY(cli, NS_MSG_receipt_title, number);
    if (practice) {
        ns_cli_line(cli, NS_MSG_receipt_practice);
    }
    NS_SAY(cli, NS_MSG_receipt_seller,
           ns_msg(cli->lang, practice ? NS_MSG_receipt_practice_seller : NS_MSG_receipt_processor_seller));
    NS_SAY(cli, NS_MSG_receipt_date, on.s);
    NS_SAY(cli, NS_MSG_receipt_for, text_of(bill, "description"));
    const char *title = ns_province_title(text_of(bill, "province"), cli->lang == NS_LANG_FR);
    NS_SAY(cli, NS_MSG_receipt_supply, title == NULL ? "" : title);
    NS_SAY(cli, NS_MSG_receipt_subtotal, money(cli, subtotal).s);
    receipt_taxes(cli, bill, date);
    NS_SAY(cli, NS_MSG_receipt_total, money(cli, total).s);
    if (read_money(ns_json_get(bill, "refundAmount"), &refund)) {
        NS_SAY(cli, NS_MSG_receipt_refund, money(cli, refund).s);
    }
    NS_SAY(cli, NS_MSG_receipt_status, ns_msg(cli->lang, bill_state(bill)));
    ns_cli_line(cli, NS_MSG_receipt_cancel);
}

ns_rc ns_cli_receipt(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ask(cli, BILLS_DOCUMENT, &answer, err);
    const char *wanted = cli->args.operand_count > 0 ? cli->args.operand[0] : NULL;
    const struct ns_json *bill = ns_json_first(ns_json_path(answer, "data.myBillingHistory.records"));
    while (rc == NS_OK && bill != NULL && wanted != NULL && strcmp(wanted, text_of(bill, "invoiceNumber")) != 0) {
        bill = ns_json_next(bill);
    }
    if (rc == NS_OK && bill == NULL) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_no_bill, NULL, NULL, NULL);
    } else if (rc == NS_OK && cli->json) {
        put_json(cli, bill);
    } else if (rc == NS_OK) {
        say_receipt(cli, bill);
    }
    ns_json_free(answer);
    return rc;
}
