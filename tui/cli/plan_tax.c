#include "tui/cli/plan_tax.h"

#include "shared/tax/explain.h"

bool ns_plan_tax_lines(struct ns_buf *out, enum ns_lang lang, const char *province, ns_date day,
                       ns_money price, ns_money *total) {
    struct ns_tax_query q = {.class = NS_TAX_CLASS_SOFTWARE_LOCAL, .day = day, .handed_on = NS_DATE_NONE,
                             .subtotal = price};
    struct ns_tax_answer tax;
    if (!ns_province_parse(ns_str_of(province), &q.province) || !ns_tax_line(&q, &tax)) {
        return false;
    }
    for (int i = 0; i < tax.part_count; i++) {
        ns_buf_text(out, "  ");
        ns_tax_part_line(out, lang, &tax.part[i]);
        ns_buf_text(out, "\n    ");
        ns_tax_part_why(out, lang, &tax.part[i], tax.rate->federal_ppm);
        ns_buf_char(out, '\n');
    }
    *total = tax.total;
    return true;
}

void ns_plan_receipt_label(struct ns_buf *out, enum ns_lang lang, const char *province, ns_date on, int kind) {
    enum ns_province p;
    const struct ns_tax_rate *rate = NULL;
    if (ns_province_parse(ns_str_of(province), &p)) {
        rate = ns_tax_rate_on(p, on);
    }
    ns_buf_text(out, ns_tax_name(lang, (enum ns_tax_kind)kind, rate != NULL && rate->rst));
    if (rate != NULL) {
        ns_buf_char(out, ' ');
        ns_tax_percent(out, lang, kind == NS_TAX_GST   ? rate->gst_ppm
                                  : kind == NS_TAX_HST ? rate->hst_ppm
                                  : kind == NS_TAX_PST ? rate->pst_ppm
                                                       : rate->qst_ppm);
    }
}
