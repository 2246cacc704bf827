/* The worked vectors to the cent, the traps of Canadian sales tax one by one, and the words. */
#include "shared/tax/explain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static ns_date day(const char *text) {
    ns_date d = 0;
    cr_assert(ns_date_parse(ns_str_of(text), &d), "%s", text);
    return d;
}

static struct ns_tax_answer tax(const char *on, enum ns_province p, enum ns_tax_class c,
                                ns_money cents) {
    struct ns_tax_query q = {.province = p, .class = c, .day = day(on),
                             .handed_on = NS_DATE_NONE, .subtotal = cents};
    struct ns_tax_answer a;
    (void)ns_tax_line(&q, &a);
    return a;
}

static ns_money cell(struct ns_str s) {
    int64_t v = -1;
    cr_assert(ns_str_int(s, 0, INT64_MAX, &v));
    return v;
}

Test(tax, all_worked_vectors_are_exact) {
    FILE *in = fopen(NS_TEST_SOURCE_ROOT "/tests/data/canada/tax_vectors.csv", "r");
    char line[512];
    int rows = 0;
    cr_assert_not_null(in);
    cr_assert_not_null(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in) != NULL) {
        struct ns_str rest = ns_str_of(line);
        struct ns_str id = ns_str_cut(&rest, ',');
        struct ns_tax_query q = {.handed_on = NS_DATE_NONE};
        cr_assert(ns_date_parse(ns_str_cut(&rest, ','), &q.day));
        cr_assert(ns_province_parse(ns_str_cut(&rest, ','), &q.province));
        cr_assert(ns_tax_class_parse(ns_str_cut(&rest, ','), &q.class));
        q.subtotal = cell(ns_str_cut(&rest, ','));
        struct ns_tax_answer a;
        cr_assert(ns_tax_line(&q, &a), "%.*s", (int)id.n, id.p);
        for (int kind = 0; kind < NS_TAX_KINDS; kind++) {
            cr_assert_eq(ns_tax_of_kind(&a, (enum ns_tax_kind)kind), cell(ns_str_cut(&rest, ',')),
                         "%.*s, tax %d", (int)id.n, id.p, kind);
        }
        cr_assert_eq(a.total_tax, cell(ns_str_cut(&rest, ',')), "%.*s", (int)id.n, id.p);
        cr_assert_eq(a.total, cell(ns_str_cut(&rest, ',')), "%.*s", (int)id.n, id.p);
        rows++;
    }
    fclose(in);
    cr_assert_eq(rows, 100);
}

Test(tax, every_province_and_class_answers_today) {
    for (int p = 0; p < NS_PROVINCE_COUNT; p++) {
        cr_assert_not_null(ns_tax_rate_on((enum ns_province)p, day("2008-01-01")));
        cr_assert_null(ns_tax_rate_on((enum ns_province)p, day("2007-12-31")));
        for (int c = 0; c < NS_TAX_CLASS_COUNT; c++) {
            struct ns_tax_answer a = tax("2026-11-22", (enum ns_province)p, (enum ns_tax_class)c, 10000);
            cr_assert_eq(a.unknown, NS_TAX_KNOWN);
            cr_assert_geq(a.part_count, 1);
            cr_assert_leq(a.total_tax, 1500);
        }
    }
}

Test(tax, what_is_not_known_is_not_guessed) {
    struct ns_tax_answer a = tax("2009-06-01", NS_PROVINCE_ON, NS_TAX_CLASS_DIAPER_DISPOSABLE, 1000);
    cr_assert_eq(a.unknown, NS_TAX_BEFORE_DATA);
    cr_assert_eq(a.part_count, 0);
    cr_assert_eq(tax("2007-12-31", NS_PROVINCE_AB, NS_TAX_CLASS_SOFTWARE_LOCAL, 1000).unknown, NS_TAX_BEFORE_DATA);
    cr_assert_eq(tax("2026-01-01", NS_PROVINCE_AB, NS_TAX_CLASS_SOFTWARE_LOCAL, -1).unknown, NS_TAX_BAD_AMOUNT);
    cr_assert_eq(tax("2026-01-01", NS_PROVINCE_AB, NS_TAX_CLASS_SOFTWARE_LOCAL, INT64_MAX).unknown, NS_TAX_BAD_AMOUNT);
    cr_assert_eq(tax("2026-01-01", NS_PROVINCE_AB, NS_TAX_CLASS_COUNT, 100).unknown, NS_TAX_NO_CLASS);
    cr_assert_eq(tax("2026-01-01", NS_PROVINCE_COUNT, NS_TAX_CLASS_SOFTWARE_LOCAL, 100).unknown, NS_TAX_NO_CLASS);
}

Test(tax, an_unverified_rule_is_an_estimate_at_the_full_rate) {
    struct ns_tax_answer a = tax("2026-11-22", NS_PROVINCE_SK, NS_TAX_CLASS_DIAPER_DISPOSABLE, 1000);
    cr_assert_eq(a.sure, NS_TAX_ESTIMATE);
    cr_assert_eq(a.total_tax, 110);
    cr_assert_eq(tax("2026-11-22", NS_PROVINCE_ON, NS_TAX_CLASS_DIAPER_DISPOSABLE, 1000).sure, NS_TAX_CONFIRMED);
}

Test(tax, the_federal_holiday_asks_for_payment_and_handing_over_within_it) {
    struct ns_tax_query q = {.province = NS_PROVINCE_NS, .class = NS_TAX_CLASS_DIAPER_DISPOSABLE,
                             .day = day("2025-02-15"), .handed_on = day("2025-02-16"), .subtotal = 4000};
    struct ns_tax_answer a;
    cr_assert(ns_tax_line(&q, &a));
    cr_assert_eq(a.total_tax, 200); /* handed over a day late: the rebated 5 % */
    q.handed_on = day("2025-02-15");
    cr_assert(ns_tax_line(&q, &a));
    cr_assert_eq(a.total_tax, 0);
    q.day = day("2024-12-13");
    cr_assert(ns_tax_line(&q, &a));
    cr_assert_eq(a.total_tax, 200); /* paid a day early */
}

Test(tax, no_line_for_a_tax_the_seller_is_not_registered_for) {
    struct ns_tax_query q = {.province = NS_PROVINCE_QC, .class = NS_TAX_CLASS_SOFTWARE_LOCAL,
                             .day = day("2026-11-22"), .handed_on = NS_DATE_NONE,
                             .subtotal = 2999, .unregistered = 1u << NS_TAX_QST};
    struct ns_tax_answer a;
    cr_assert(ns_tax_line(&q, &a));
    cr_assert_eq(a.part_count, 1);
    cr_assert_eq(a.total_tax, 150);
    cr_assert_eq(a.left_out, 1u << NS_TAX_QST);
    q.province = NS_PROVINCE_ON;
    q.unregistered = 1u << NS_TAX_GST; /* one registration stands for GST and HST */
    cr_assert(ns_tax_line(&q, &a));
    cr_assert_eq(a.part_count, 0);
    cr_assert_eq(a.total, 2999);
}

Test(tax, an_invoice_rounds_each_tax_and_rate_once_on_its_sum) {
    struct ns_tax_query lines[3];
    for (int i = 0; i < 3; i++) {
        lines[i] = (struct ns_tax_query){.province = NS_PROVINCE_ON, .class = NS_TAX_CLASS_BABY_WIPES,
                                         .day = day("2026-11-22"), .handed_on = NS_DATE_NONE,
                                         .subtotal = 104};
    }
    lines[2].class = NS_TAX_CLASS_DIAPER_DISPOSABLE;
    struct ns_tax_invoice invoice;
    cr_assert(ns_tax_invoice(lines, 3, &invoice));
    cr_assert_eq(invoice.group_count, 2); /* 13 % on 208, the rebated 5 % on 104 */
    cr_assert_eq(invoice.group[0].cents, 27); /* 27.04; by line it would be 14 + 14 */
    cr_assert_eq(invoice.group[1].cents, 5);
    cr_assert_eq(invoice.total, 312 + 32);
    lines[1].day = day("2001-01-01");
    cr_assert_not(ns_tax_invoice(lines, 3, &invoice));
    cr_assert_eq(invoice.unknown_line, 1);
}

Test(tax, what_a_shop_took_too_much_can_be_reclaimed) {
    struct ns_tax_query q = {.province = NS_PROVINCE_ON, .class = NS_TAX_CLASS_DIAPER_DISPOSABLE,
                             .day = day("2026-11-22"), .handed_on = NS_DATE_NONE, .subtotal = 4197};
    cr_assert_eq(ns_tax_reclaimable(&q, 546), 546 - 210);
    cr_assert_eq(ns_tax_reclaimable(&q, 210), 0);
    q.province = NS_PROVINCE_PE;
    cr_assert_eq(ns_tax_reclaimable(&q, 630), 0); /* no rebate on the island */
}

static void explained(enum ns_lang lang, const struct ns_tax_answer *a, const char *const *wanted,
                      size_t n) {
    struct ns_buf out = NS_BUF(1 << 16);
    ns_tax_explain(&out, lang, a);
    for (size_t i = 0; i < n; i++) {
        cr_assert_not_null(strstr(out.data, wanted[i]), "“%s” in:\n%s", wanted[i], out.data);
    }
    cr_assert_null(strstr(out.data, "{"));
    ns_buf_fini(&out);
}

Test(tax, every_cent_is_explained_in_both_languages) {
    struct ns_tax_answer on = tax("2026-03-17", NS_PROVINCE_ON, NS_TAX_CLASS_DIAPER_DISPOSABLE, 4197);
    static const char *const en[] = {"HST 5% on $41.97: $2.10", "provincial 8%", "13%", "2026-11-22", "GI-063"};
    static const char *const fr[] = {"TVH de 5\u00a0% sur 41,97\u00a0$ : 2,10\u00a0$", "8\u00a0%", "caisse"};
    explained(NS_LANG_EN, &on, en, NS_COUNT(en));
    explained(NS_LANG_FR, &on, fr, NS_COUNT(fr));
    struct ns_tax_answer qc = tax("2026-03-17", NS_PROVINCE_QC, NS_TAX_CLASS_SOFTWARE_LOCAL, 2999);
    static const char *const two[] = {"TPS de 5\u00a0%", "TVQ de 9,975\u00a0%", "1,50", "2,99", "34,48"};
    explained(NS_LANG_FR, &qc, two, NS_COUNT(two));
    struct ns_tax_answer mb = tax("2026-03-17", NS_PROVINCE_MB, NS_TAX_CLASS_SOFTWARE_LOCAL, 2999);
    static const char *const rst[] = {"RST 7%"};
    explained(NS_LANG_EN, &mb, rst, 1);
    struct ns_tax_answer none = tax("1999-01-01", NS_PROVINCE_MB, NS_TAX_CLASS_SOFTWARE_LOCAL, 2999);
    static const char *const no[] = {"Unknown: "};
    explained(NS_LANG_EN, &none, no, 1);
    for (int c = 0; c < NS_TAX_CLASS_COUNT; c++) {
        for (int p = 0; p < NS_PROVINCE_COUNT; p++) {
            struct ns_tax_answer a = tax("2025-01-10", (enum ns_province)p, (enum ns_tax_class)c, 1234);
            explained(NS_LANG_EN, &a, NULL, 0);
            explained(NS_LANG_FR, &a, NULL, 0);
        }
    }
}

Test(tax, the_figures_quebec_forbids_on_receipts_are_never_shown) {
    struct ns_tax_answer qc = tax("2026-03-17", NS_PROVINCE_QC, NS_TAX_CLASS_SOFTWARE_LOCAL, 10000);
    for (int lang = 0; lang < 2; lang++) {
        struct ns_buf out = NS_BUF(1 << 16);
        ns_tax_explain(&out, (enum ns_lang)lang, &qc);
        cr_assert_null(strstr(out.data, "14.975"));
        cr_assert_null(strstr(out.data, "14,975"));
        ns_buf_fini(&out);
    }
}
