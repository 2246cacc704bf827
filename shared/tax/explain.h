/* explain.h: where every cent of a tax comes from, in the reader's language.
 * Memory: appends to the caller's buffer. Threads: pure. */
#pragma once
#include "shared/tax/tax.h"
#include "shared/text/message.h"

/* GST, HST, PST, RST, QST; TPS, TVH, TVP, TVD, TVQ. */
const char *ns_tax_name(enum ns_lang lang, enum ns_tax_kind kind, bool rst);
const char *ns_tax_class_name(enum ns_lang lang, enum ns_tax_class c);
/* "13%" or "9,975 %": as few decimals as the rate needs. */
void ns_tax_percent(struct ns_buf *out, enum ns_lang lang, int32_t ppm);
/* One line: "HST 13% on $29.99: $3.90". */
void ns_tax_part_line(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_part *part);
/* Why a part is what it is: the rule in one sentence. */
void ns_tax_part_why(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_part *part,
                     int32_t federal_ppm);
/* Why there is no answer. */
const char *ns_tax_unknown_text(enum ns_lang lang, enum ns_tax_why_not why);
/* Several lines: each tax with its rule, remarks, how sure it is, sources with the reading day. */
void ns_tax_explain(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_answer *answer);
