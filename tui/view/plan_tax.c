#include "tui/view/plan_tax.h"

#include "shared/tax/explain.h"

static bool tax_of(const char *province, ns_date day, ns_money price, struct ns_tax_answer *tax) {
    struct ns_tax_query q = {.class = NS_TAX_CLASS_SOFTWARE_LOCAL, .day = day, .handed_on = NS_DATE_NONE,
                             .subtotal = price};
    return ns_province_parse(ns_str_of(province), &q.province) && ns_tax_line(&q, tax);
}

bool ns_plan_tax_lines(struct ns_buf *out, enum ns_lang lang, const char *province, ns_date day,
                       ns_money price, ns_money *total) {
    struct ns_tax_answer tax;
    if (!tax_of(province, day, price, &tax)) {
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

int ns_plan_tax_rows(enum ns_lang lang, const char *province, ns_date day, ns_money price,
                     struct ns_plan_tax_row rows[NS_PLAN_TAX_ROWS], ns_money *total) {
    struct ns_tax_answer tax;
    if (!tax_of(province, day, price, &tax)) {
        return -1;
    }
    for (int i = 0; i < tax.part_count; i++) {
        struct ns_buf label = NS_BUF(sizeof rows[i].label - 1);
        struct ns_buf why = NS_BUF(sizeof rows[i].why - 1);
        ns_plan_receipt_label(&label, lang, province, day, (int)tax.part[i].kind);
        ns_tax_part_why(&why, lang, &tax.part[i], tax.rate->federal_ppm);
        (void)ns_str_copy(ns_buf_view(&label), rows[i].label, sizeof rows[i].label);
        (void)ns_str_copy(ns_buf_view(&why), rows[i].why, sizeof rows[i].why);
        rows[i].cents = tax.part[i].cents;
        ns_buf_fini(&label);
        ns_buf_fini(&why);
    }
    *total = tax.total;
    return tax.part_count;
}
