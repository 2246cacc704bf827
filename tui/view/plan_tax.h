/* plan_tax.h: tax lines of the plan in words, from plain data; apart from ctx.h because the names
 * of shared/model and of the console's own state are two vocabularies. Threads: pure. */
#pragma once
#include "shared/text/message.h"

enum { NS_PLAN_TAXES = 4 }; /* GST, HST, PST, QST */

/* Each tax of a price with its reason, two lines each. False: the tax is not known. */
bool ns_plan_tax_lines(struct ns_buf *out, enum ns_lang lang, const char *province, ns_date day,
                       ns_money price, ns_money *total);
/* "GST 5%": kind 0..3. */
void ns_plan_receipt_label(struct ns_buf *out, enum ns_lang lang, const char *province, ns_date on, int kind);

/* The same as rows of a page: "HST 13%", its cents, and why. -1: the tax is not known; else how many. */
enum { NS_PLAN_TAX_ROWS = 2 };
struct ns_plan_tax_row {
    char label[40];
    char why[240];
    ns_money cents;
};
int ns_plan_tax_rows(enum ns_lang lang, const char *province, ns_date day, ns_money price,
                     struct ns_plan_tax_row rows[NS_PLAN_TAX_ROWS], ns_money *total);
