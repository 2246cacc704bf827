/* Properties of the tax engine over every province, class, span of days and many amounts. */
#include "shared/tax/tax.h"

#include <criterion/criterion.h>

static uint32_t state = 20261122;
static uint32_t next(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static struct ns_tax_query any_query(void) {
    return (struct ns_tax_query){.province = (enum ns_province)next(NS_PROVINCE_COUNT),
                                 .class = (enum ns_tax_class)next(NS_TAX_CLASS_COUNT),
                                 .day = 13879 + (ns_date)next(7300), /* 2008 to 2027 */
                                 .handed_on = NS_DATE_NONE,
                                 .subtotal = next(4) == 0 ? next(200) : next(5000000)};
}

Test(tax_property, parts_sum_and_each_is_the_exact_half_up_rounding) {
    for (int i = 0; i < 200000; i++) {
        struct ns_tax_query q = any_query();
        struct ns_tax_answer a;
        if (!ns_tax_line(&q, &a)) {
            cr_assert_eq(a.total, 0);
            continue;
        }
        ns_money sum = 0;
        for (int k = 0; k < a.part_count; k++) {
            const struct ns_tax_part *p = &a.part[k];
            ns_money exact = p->base_cents * p->rate_ppm; /* in millionths of a cent */
            ns_money off = p->cents * 1000000 - exact;
            cr_assert(off > -500000 && off <= 500000, "%lld of %lld", (long long)p->cents, (long long)exact);
            sum += p->cents;
        }
        cr_assert_eq(sum, a.total_tax);
        cr_assert_eq(a.total, q.subtotal + sum);
    }
}

Test(tax_property, more_never_costs_less_tax) {
    for (int i = 0; i < 100000; i++) {
        struct ns_tax_query q = any_query();
        struct ns_tax_answer a, b;
        if (ns_tax_line(&q, &a)) {
            q.subtotal += next(50);
            cr_assert(ns_tax_line(&q, &b));
            cr_assert_geq(b.total_tax, a.total_tax);
        }
    }
}

Test(tax_property, no_tax_on_tax_since_april_2013) {
    ns_date last = 15795; /* Prince Edward Island's tax ended on 2013-03-31 */
    for (int i = 0; i < 100000; i++) {
        struct ns_tax_query q = any_query();
        struct ns_tax_answer a;
        if (q.day > last && ns_tax_line(&q, &a)) {
            for (int k = 0; k < a.part_count; k++) {
                cr_assert_eq(a.part[k].base_cents, q.subtotal);
            }
        }
    }
    for (ns_date d = 15706; d <= last; d++) { /* 2013-01-01: Quebec's had ended before */
        cr_assert_not(ns_tax_rate_on(NS_PROVINCE_QC, d)->on_gst);
    }
}

Test(tax_property, refunds_of_a_charge_sum_to_what_was_taken) {
    for (int i = 0; i < 30000; i++) {
        struct ns_tax_query q = any_query();
        struct ns_tax_answer charge, back;
        if (!ns_tax_line(&q, &charge)) {
            continue;
        }
        ns_money given = 0, tax = 0, already = 0;
        while (already < q.subtotal) {
            ns_money piece = 1 + next((uint32_t)(q.subtotal - already));
            cr_assert(ns_tax_refund(&charge, already, piece, &back));
            for (int k = 0; k < back.part_count; k++) {
                cr_assert_leq(back.part[k].cents, 0);
            }
            already += piece;
            given += back.total;
            tax += back.total_tax;
        }
        cr_assert_eq(-given, charge.total);
        cr_assert_eq(-tax, charge.total_tax);
        cr_assert_not(ns_tax_refund(&charge, already, 1, &back));
        cr_assert(ns_tax_refund(&charge, 0, q.subtotal, &back));
        cr_assert_eq(back.total, -charge.total);
    }
}

Test(tax_property, spans_of_rates_and_rules_have_no_gap) {
    for (int p = 0; p < NS_PROVINCE_COUNT; p++) {
        for (ns_date d = 13879; d < 13879 + 7300; d++) {
            const struct ns_tax_rate *r = ns_tax_rate_on((enum ns_province)p, d);
            cr_assert_not_null(r);
            cr_assert(d >= r->from && (r->to == NS_DATE_NONE || d <= r->to));
        }
        for (int c = 0; c < NS_TAX_CLASS_COUNT; c++) {
            bool known = false;
            for (ns_date d = 13879; d < 13879 + 7300; d++) {
                bool now = ns_tax_rule_on((enum ns_tax_class)c, (enum ns_province)p, d) != NULL;
                cr_assert(now || !known, "a gap after the first day on file");
                known = now;
            }
            cr_assert(known);
        }
    }
}
