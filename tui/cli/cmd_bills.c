/* cmd_bills.c: bills, receipt, audit. One record makes the text and the page that prints, in both languages. */
#include "shared/base/env.h"
#include "shared/calendar/holiday.h"
#include "shared/text/width.h"
#include "tui/cli/bills.h"
#include "tui/view/plan_tax.h"

#include <stdio.h>
#include <string.h>

#define BILLS_DOCUMENT                                                                         \
    "{ household { province } myBillingHistory(limit: 100) { totalRecords " NS_BILL_FIELDS " } }"

bool ns_bill_money(const struct ns_json *value, ns_money *out) {
    struct ns_buf text = NS_BUF(64);
    if (!ns_json_is_null(value)) {
        ns_json_write(&text, value, false);
    }
    bool well = text.data != NULL && ns_money_parse(ns_buf_view(&text), out);
    ns_buf_fini(&text);
    return well;
}

struct ns_shown ns_bill_amount(struct ns_cli *cli, ns_money cents) {
    struct ns_shown out = {{0}};
    struct ns_buf text = NS_BUF(sizeof out.s);
    ns_text_money(&text, cli->lang, cents);
    (void)ns_str_copy(ns_buf_view(&text), out.s, sizeof out.s);
    ns_buf_fini(&text);
    return out;
}

struct ns_shown ns_bill_day(struct ns_cli *cli, const struct ns_json *value) {
    struct ns_shown out = {{0}};
    ns_time t;
    const char *text = ns_json_text(value);
    if (text != NULL && ns_time_parse(ns_str_of(text), &t)) {
        char iso[NS_DATE_TEXT];
        ns_date_format(ns_zone_local_day(cli->zone, t), iso);
        memcpy(out.s, iso, sizeof iso);
    }
    return out;
}

const char *ns_bill_text(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL ? "" : text;
}

static enum ns_msg bill_state(const struct ns_json *bill) {
    const char *status = ns_bill_text(bill, "status");
    return strcmp(status, "SUCCEEDED") == 0  ? NS_MSG_bill_paid
           : strcmp(status, "FAILED") == 0   ? NS_MSG_bill_failed
           : strcmp(status, "REFUNDED") == 0 ? NS_MSG_bill_refunded
                                             : NS_MSG_bill_pending;
}

void ns_bill_lines(struct ns_cli *cli, const struct ns_json *records) {
    for (const struct ns_json *b = ns_json_first(records); b != NULL; b = ns_json_next(b)) {
        ns_money total = 0;
        (void)ns_bill_money(ns_json_get(b, "totalAmount"), &total);
        ns_buf_text(&cli->out, "  ");
        NS_SAY(cli, NS_MSG_bill_line, ns_bill_day(cli, ns_json_get(b, "createdAt")).s, ns_bill_text(b, "invoiceNumber"),
               ns_bill_amount(cli, total).s, ns_msg(cli->lang, bill_state(b)), ns_bill_text(b, "description"));
    }
}

ns_rc ns_bill_ask(struct ns_cli *cli, const char *document, struct ns_json **answer, struct ns_err *err) {
    ns_rc rc = ns_cli_home(cli, err);
    return rc == NS_OK ? ns_cli_query(cli, document, NULL, NULL, answer, err) : rc;
}

void ns_bill_put_json(struct ns_cli *cli, const struct ns_json *value) {
    ns_json_write(&cli->out, value, false);
    ns_buf_char(&cli->out, '\n');
}

ns_rc ns_cli_bills(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_bill_ask(cli, BILLS_DOCUMENT, &answer, err);
    const struct ns_json *records = ns_json_path(answer, "data.myBillingHistory.records");
    if (rc == NS_OK && cli->json) {
        ns_bill_put_json(cli, records);
    } else if (rc == NS_OK && ns_json_first(records) == NULL) {
        ns_cli_line(cli, NS_MSG_bills_none);
    } else if (rc == NS_OK) {
        ns_bill_lines(cli, records);
    }
    ns_json_free(answer);
    return rc;
}

/* ---- a receipt ---- */

enum row_kind { ROW_PLAIN, ROW_MONEY, ROW_TOTAL };
struct receipt_row {
    enum row_kind kind;
    char label[96];
    char value[256];
};
struct receipt {
    struct ns_cli *cli;
    const char *number;
    bool practice;
    const char *url; /* of the processor's own invoice; NULL: none */
    struct receipt_row row[20];
    size_t count;
};

static struct receipt_row *add(struct receipt *r, enum row_kind kind, const char *label, const char *value) {
    struct receipt_row *row = &r->row[r->count < NS_COUNT(r->row) ? r->count++ : NS_COUNT(r->row) - 1];
    row->kind = kind;
    (void)ns_str_copy(ns_str_of(label), row->label, sizeof row->label);
    (void)ns_str_copy(ns_str_of(value), row->value, sizeof row->value);
    return row;
}

static void add_msg(struct receipt *r, enum row_kind kind, enum ns_msg label, const char *value) {
    (void)add(r, kind, ns_msg(r->cli->lang, label), value);
}

/* Each tax that was charged under its own name and rate, and no other: Quebec's two stand on two
 * lines, never as one figure, and a tax the seller is not registered for has no line. */
static void add_taxes(struct receipt *r, const struct ns_json *bill, ns_date on) {
    static const char *const names[NS_PLAN_TAXES] = {"gst", "hst", "pst", "qst"};
    const struct ns_json *taxes = ns_json_get(bill, "taxBreakdown");
    for (int k = 0; k < NS_PLAN_TAXES; k++) {
        struct ns_buf label = NS_BUF(96);
        ns_money cents;
        if (ns_bill_money(ns_json_get(taxes, names[k]), &cents)) {
            ns_plan_receipt_label(&label, r->cli->lang, ns_bill_text(bill, "province"), on, k);
            (void)add(r, ROW_MONEY, label.data == NULL ? "" : label.data, ns_bill_amount(r->cli, cents).s);
        }
        ns_buf_fini(&label);
    }
}

static void receipt_of(struct ns_cli *cli, const struct ns_json *bill, struct receipt *r) {
    *r = (struct receipt){.cli = cli, .number = ns_bill_text(bill, "invoiceNumber")};
    r->practice = strncmp(r->number, "PRACTICE", 8) == 0;
    const char *url = ns_bill_text(bill, "receiptUrl");
    r->url = strncmp(url, "https://", 8) == 0 ? url : NULL;
    struct ns_shown on = ns_bill_day(cli, ns_json_get(bill, "createdAt"));
    struct ns_shown from = ns_bill_day(cli, ns_json_get(bill, "periodStart"));
    struct ns_shown until = ns_bill_day(cli, ns_json_get(bill, "periodEnd"));
    ns_money subtotal = 0, total = 0, refund = 0;
    ns_date date = NS_DATE_NONE;
    char span[100];
    (void)ns_date_parse(ns_str_of(on.s), &date);
    (void)ns_bill_money(ns_json_get(bill, "subtotal"), &subtotal);
    (void)ns_bill_money(ns_json_get(bill, "totalAmount"), &total);
    add_msg(r, ROW_PLAIN, NS_MSG_receipt_seller,
            ns_msg(cli->lang, r->practice ? NS_MSG_receipt_practice_seller : NS_MSG_receipt_processor_seller));
    add_msg(r, ROW_PLAIN, NS_MSG_receipt_date, on.s);
    add_msg(r, ROW_PLAIN, NS_MSG_receipt_for, ns_bill_text(bill, "description"));
    if (from.s[0] != '\0' && until.s[0] != '\0') {
        struct ns_buf text = NS_BUF(sizeof span - 1);
        ns_buf_fmt(&text, "%s \u2013 %s", from.s, until.s);
        (void)ns_str_copy(ns_buf_view(&text), span, sizeof span);
        add_msg(r, ROW_PLAIN, NS_MSG_receipt_period, span);
        ns_buf_fini(&text);
    }
    const char *title = ns_province_title(ns_bill_text(bill, "province"), cli->lang == NS_LANG_FR);
    add_msg(r, ROW_PLAIN, NS_MSG_receipt_supply, title == NULL ? "" : title);
    add_msg(r, ROW_PLAIN, NS_MSG_receipt_status, ns_msg(cli->lang, bill_state(bill)));
    add_msg(r, ROW_MONEY, NS_MSG_receipt_subtotal, ns_bill_amount(cli, subtotal).s);
    add_taxes(r, bill, date);
    add_msg(r, ROW_TOTAL, NS_MSG_receipt_total, ns_bill_amount(cli, total).s);
    if (ns_bill_money(ns_json_get(bill, "refundAmount"), &refund)) {
        add_msg(r, ROW_MONEY, NS_MSG_receipt_refund, ns_bill_amount(cli, refund).s);
    }
}

static void say_receipt(struct ns_cli *cli, const struct receipt *r) {
    int widest = 0;
    NS_SAY(cli, NS_MSG_receipt_title, r->number);
    if (r->practice) {
        ns_cli_line(cli, NS_MSG_receipt_practice);
    }
    for (size_t i = 0; i < r->count; i++) {
        int cols = ns_width_text(ns_str_of(r->row[i].label));
        widest = cols > widest ? cols : widest;
    }
    for (size_t i = 0; i < r->count; i++) {
        int cols = ns_width_text(ns_str_of(r->row[i].label));
        ns_buf_fmt(&cli->out, "%s%*s%s%s\n", r->row[i].label, widest - cols + 2, "", r->row[i].value,
                   r->row[i].kind == ROW_TOTAL ? " CAD" : "");
    }
    if (r->url != NULL) {
        ns_cli_line(cli, NS_MSG_receipt_invoice);
        ns_buf_fmt(&cli->out, "%s\n", r->url);
    }
    ns_cli_line(cli, NS_MSG_receipt_cancel);
}

static void escaped(struct ns_buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&': ns_buf_text(out, "&amp;"); break;
        case '<': ns_buf_text(out, "&lt;"); break;
        case '>': ns_buf_text(out, "&gt;"); break;
        case '"': ns_buf_text(out, "&quot;"); break;
        default: ns_buf_char(out, *text);
        }
    }
}

/* One page, nothing loaded from anywhere, black on white, wide enough for letter paper. */
static void html_receipt(struct ns_buf *out, const struct receipt *r) {
    enum ns_lang lang = r->cli->lang;
    struct ns_buf title = NS_BUF(400);
    NS_MSG_TO(&title, lang, NS_MSG_receipt_title, r->number);
    ns_buf_fmt(out, "<!doctype html>\n<html lang=\"%s-CA\">\n<head>\n<meta charset=\"utf-8\">\n<title>", lang == NS_LANG_FR ? "fr" : "en");
    escaped(out, title.data == NULL ? "" : title.data);
    ns_buf_text(out, "</title>\n<style>\n@page{size:letter;margin:20mm}\n"
                     "body{font:12pt/1.5 serif;color:#000;background:#fff;max-width:170mm;margin:10mm auto}\n"
                     "h1{font-size:16pt}\ntable{border-collapse:collapse;width:100%}\n"
                     "th{text-align:left;font-weight:normal;padding:1mm 4mm 1mm 0;vertical-align:top}\n"
                     "td{padding:1mm 0}\n.m td{text-align:right}\n"
                     ".t th,.t td{font-weight:bold;border-top:1pt solid #000;text-align:right}\n.t th{text-align:left}\n"
                     ".p{border:1pt solid #000;padding:2mm}\n</style>\n</head>\n<body>\n<h1>");
    escaped(out, title.data == NULL ? "" : title.data);
    ns_buf_text(out, "</h1>\n");
    ns_buf_fini(&title);
    if (r->practice) {
        ns_buf_fmt(out, "<p class=\"p\">%s</p>\n", ns_msg(lang, NS_MSG_receipt_practice));
    }
    ns_buf_text(out, "<table>\n");
    for (size_t i = 0; i < r->count; i++) {
        static const char *const classes[] = {"", " class=\"m\"", " class=\"t\""};
        ns_buf_fmt(out, "<tr%s><th scope=\"row\">", classes[r->row[i].kind]);
        escaped(out, r->row[i].label);
        ns_buf_text(out, "</th><td>");
        escaped(out, r->row[i].value);
        ns_buf_fmt(out, "%s</td></tr>\n", r->row[i].kind == ROW_TOTAL ? " CAD" : "");
    }
    ns_buf_text(out, "</table>\n");
    if (r->url != NULL) {
        ns_buf_fmt(out, "<p>%s<br>", ns_msg(lang, NS_MSG_receipt_invoice));
        escaped(out, r->url);
        ns_buf_text(out, "</p>\n");
    }
    ns_buf_text(out, "<p>");
    escaped(out, ns_msg(lang, NS_MSG_receipt_cancel));
    ns_buf_text(out, "</p>\n</body>\n</html>\n");
}

static ns_rc write_html(struct ns_cli *cli, const struct receipt *r, const char *path, struct ns_err *err) {
    struct ns_buf page = NS_BUF((size_t)64 << 10);
    html_receipt(&page, r);
    ns_rc rc = NS_OK;
    if (strcmp(path, "-") == 0) {
        ns_buf_str(&cli->out, ns_buf_view(&page));
    } else {
        rc = cli->env->write_file(cli->env->self, path, page.data, page.len, 0600, err);
        if (rc == NS_OK) {
            NS_SAY(cli, NS_MSG_receipt_written, path);
        }
    }
    ns_buf_fini(&page);
    return rc;
}

ns_rc ns_cli_receipt(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    struct receipt receipt;
    ns_rc rc = ns_bill_ask(cli, BILLS_DOCUMENT, &answer, err);
    const char *wanted = cli->args.operand_count > 0 ? cli->args.operand[0] : NULL;
    const struct ns_json *bill = ns_json_first(ns_json_path(answer, "data.myBillingHistory.records"));
    while (rc == NS_OK && bill != NULL && wanted != NULL && strcmp(wanted, ns_bill_text(bill, "invoiceNumber")) != 0 &&
           strcmp(wanted, ns_bill_text(bill, "id")) != 0) {
        bill = ns_json_next(bill);
    }
    if (rc == NS_OK && bill == NULL) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_plan_no_bill, NULL, NULL, NULL);
    } else if (rc == NS_OK && cli->args.given[NS_OPT_HTML]) {
        receipt_of(cli, bill, &receipt);
        rc = write_html(cli, &receipt, cli->args.value[NS_OPT_HTML], err);
    } else if (rc == NS_OK && cli->json) {
        ns_bill_put_json(cli, bill);
    } else if (rc == NS_OK) {
        receipt_of(cli, bill, &receipt);
        say_receipt(cli, &receipt);
    }
    ns_json_free(answer);
    return rc;
}

/* ---- the audit trail ---- */

/* When, who, what, how much, under which key, and by what name the payment service knows it. */
static void say_audit(struct ns_cli *cli, const struct ns_json *line) {
    const struct ns_json *detail = ns_json_get(line, "detail");
    const char *who = ns_bill_text(line, "actorName");
    const char *key = ns_bill_text(detail, "key"), *request = ns_bill_text(detail, "request");
    const char *kind = ns_bill_text(detail, "kind");
    int64_t cents = ns_json_int(ns_json_get(detail, "amountCents"), 0);
    ns_time at = NS_TIME_NONE;
    char when[48] = "";
    if (ns_time_parse(ns_str_of(ns_bill_text(line, "at")), &at)) {
        ns_cli_clock(cli, when, at);
    }
    ns_buf_fmt(&cli->out, "%s  %s", when, ns_bill_text(line, "action"));
    if (kind[0] != '\0') {
        ns_buf_fmt(&cli->out, " (%s)", kind);
    }
    if (cents != 0) {
        ns_buf_fmt(&cli->out, "  %s", ns_bill_amount(cli, cents).s);
    }
    ns_buf_text(&cli->out, "  ");
    ns_cli_clean(&cli->out, who[0] == '\0' ? ns_msg(cli->lang, NS_MSG_audit_agent) : who);
    ns_buf_char(&cli->out, '\n');
    if (key[0] != '\0' || request[0] != '\0') {
        ns_buf_text(&cli->out, "  ");
        NS_SAY(cli, NS_MSG_audit_keys, key, request[0] == '\0' ? "\u2014" : request);
    }
}

#define LINES "{ edges { node { at actorId actorName action entity entityId detail digest } } }"
#define AUDIT_ALL "{ supportReport { auditIntact auditCount } all: auditTrail(first: 500) " LINES " }"
#define AUDIT_MONEY                                                                            \
    "{ supportReport { auditIntact auditCount } intent: auditTrail(first: 500, entity: \"intent\") " LINES \
    " subscription: auditTrail(first: 500, entity: \"subscription\") " LINES                  \
    " bill: auditTrail(first: 500, entity: \"bill\") " LINES                                  \
    " card: auditTrail(first: 500, entity: \"card\") " LINES " }"

/* The newest line of the lists, taken off its list. NULL: they are at their end. */
static const struct ns_json *newest_line(const struct ns_json *heads[], size_t count) {
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        if (heads[i] != NULL && (best == count || strcmp(ns_bill_text(ns_json_get(heads[i], "node"), "at"),
                                                         ns_bill_text(ns_json_get(heads[best], "node"), "at")) > 0)) {
            best = i;
        }
    }
    if (best == count) {
        return NULL;
    }
    const struct ns_json *line = ns_json_get(heads[best], "node");
    heads[best] = ns_json_next(heads[best]);
    return line;
}

/* Newest first, 500 of each kind at most. */
ns_rc ns_cli_audit(struct ns_cli *cli, struct ns_err *err) {
    static const char *const lists[] = {"all", "intent", "subscription", "bill", "card"};
    const struct ns_json *heads[NS_COUNT(lists)], *line;
    struct ns_json *answer = NULL;
    size_t shown = 0;
    ns_rc rc = ns_bill_ask(cli, cli->args.given[NS_OPT_PAYMENTS] ? AUDIT_MONEY : AUDIT_ALL, &answer, err);
    if (rc != NS_OK) {
        return rc;
    }
    const struct ns_json *data = ns_json_get(answer, "data");
    for (size_t i = 0; i < NS_COUNT(lists); i++) {
        heads[i] = ns_json_first(ns_json_get(ns_json_get(data, lists[i]), "edges"));
    }
    ns_buf_text(&cli->out, cli->json ? "[" : "");
    for (; (line = newest_line(heads, NS_COUNT(heads))) != NULL; shown++) {
        if (cli->json) {
            ns_buf_text(&cli->out, shown > 0 ? "," : "");
            ns_json_write(&cli->out, line, false);
        } else {
            say_audit(cli, line);
        }
    }
    const struct ns_json *report = ns_json_get(data, "supportReport");
    struct ns_shown count;
    snprintf(count.s, sizeof count.s, "%lld", (long long)ns_json_int(ns_json_get(report, "auditCount"), 0));
    if (cli->json) {
        ns_buf_text(&cli->out, "]\n");
    } else if (shown == 0) {
        ns_cli_line(cli, NS_MSG_audit_none);
    } else if (ns_json_bool(ns_json_get(report, "auditIntact"), false)) {
        NS_SAY(cli, NS_MSG_cli_audit_intact, count.s);
    }
    if (!ns_json_bool(ns_json_get(report, "auditIntact"), false)) {
        rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_cli_audit_broken, count.s, NULL, NULL);
    }
    ns_json_free(answer);
    return rc;
}
