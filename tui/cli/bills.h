/* bills.h: what the commands of plan and bills share: amounts, days and lines from the agent's answers.
 * Ownership: texts are borrowed from the answer. Threads: main thread. */
#pragma once
#include "tui/cli/ctx.h"

#define NS_BILL_FIELDS                                                                         \
    "records { id createdAt description subtotal taxAmount totalAmount province status refunded " \
    "refundAmount invoiceNumber receiptUrl periodStart periodEnd taxBreakdown { gst pst hst qst } }"

struct ns_shown {
    char s[48];
};
/* An amount as the agent wrote it, read from its digits. */
bool ns_bill_money(const struct ns_json *value, ns_money *out);
struct ns_shown ns_bill_amount(struct ns_cli *cli, ns_money cents);
/* The local day of an instant: 2026-03-01, or nothing. */
struct ns_shown ns_bill_day(struct ns_cli *cli, const struct ns_json *value);
const char *ns_bill_text(const struct ns_json *object, const char *name); /* "" for none */
void ns_bill_lines(struct ns_cli *cli, const struct ns_json *records);
ns_rc ns_bill_ask(struct ns_cli *cli, const char *document, struct ns_json **answer, struct ns_err *err) NS_MUST_USE;
/* What the home knows of the words' price at each shop, shown best first (not with --json). True: one is
 * fresh, in stock and known whole; its retailer and the product's name as kept. False: nothing is shown. */
bool ns_bill_best_shop(struct ns_cli *cli, const char *words, int64_t packs, char retailer[24], char name[400]);
void ns_bill_put_json(struct ns_cli *cli, const struct ns_json *value);
