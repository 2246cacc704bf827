/* tax.c: the tax of an amount and the rates of a day. The rates are those of the plan; diapers
 * have their own rules (shared/tax). */
#include "agent/api/context.h"
#include "shared/calendar/holiday.h"
#include "shared/tax/tax.h"

struct tax_object {
    enum ns_province province;
    struct ns_tax_answer answer;
};

static double fraction(int32_t ppm) {
    return (double)ppm / 1e6;
}

static int tax_type(const struct ns_tax_rate *rate) {
    return rate->hst_ppm > 0   ? GQL_E_TaxType_HST
           : rate->qst_ppm > 0 ? GQL_E_TaxType_GST_QST
           : rate->pst_ppm > 0 ? GQL_E_TaxType_GST_PST
                               : GQL_E_TaxType_GST;
}

static void get_calculation(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct tax_object *t = NS_NEW(ctx->arena, struct tax_object);
    struct ns_tax_query q = {.class = NS_TAX_CLASS_SOFTWARE_LOCAL, .handed_on = NS_DATE_NONE};
    q.day = arg_date(&call->args[GQL_A_Query_calculateTax_on]);
    q.day = q.day == NS_DATE_NONE ? ctx->today : q.day;
    t->province = (enum ns_province)arg_enum(&call->args[GQL_A_Query_calculateTax_province], 0);
    q.province = t->province;
    if (!arg_dollars(&call->args[GQL_A_Query_calculateTax_amount], &q.subtotal)) {
        q.subtotal = -1;
    }
    if (!ns_tax_line(&q, &t->answer)) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT,
                 ns_msg(ctx->lang, t->answer.unknown == NS_TAX_BAD_AMOUNT
                                       ? NS_MSG_tax_unknown_amount : NS_MSG_tax_unknown_before));
        return;
    }
    gql_object(out, t);
}

static void get_tax(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct tax_object *t = object;
    switch (call->field) {
    case GQL_F_TaxCalculation_subtotal: gql_money(out, t->answer.subtotal); break;
    case GQL_F_TaxCalculation_province: gql_enum(out, (int)t->province); break;
    case GQL_F_TaxCalculation_taxBreakdown: gql_object(out, &t->answer); break;
    case GQL_F_TaxCalculation_taxType: gql_enum(out, tax_type(t->answer.rate)); break;
    case GQL_F_TaxCalculation_combinedRate:
        gql_float(out, fraction(ns_tax_combined_ppm(t->answer.rate)));
        break;
    case GQL_F_TaxCalculation_totalTax: gql_money(out, t->answer.total_tax); break;
    case GQL_F_TaxCalculation_totalAmount: gql_money(out, t->answer.total); break;
    case GQL_F_TaxCalculation_currency: gql_cstr(out, "CAD"); break;
    default: gql_date(out, t->answer.rate->from);
    }
}

/* A tax the place does not levy is null, one that comes to nothing is 0. */
static void get_breakdown(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_tax_answer *a = object;
    enum ns_tax_kind kind = call->field == GQL_F_PremiumTaxBreakdown_gst   ? NS_TAX_GST
                            : call->field == GQL_F_PremiumTaxBreakdown_pst ? NS_TAX_PST
                            : call->field == GQL_F_PremiumTaxBreakdown_hst ? NS_TAX_HST
                                                                           : NS_TAX_QST;
    gql_null(out);
    for (int i = 0; i < a->part_count; i++) {
        if (a->part[i].kind == kind) {
            gql_money(out, a->part[i].cents);
        }
    }
}

static void get_rates(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_date day = arg_date(&call->args[GQL_A_Query_taxRates_on]);
    const struct ns_tax_rate **rates = NS_NEW_N(ctx->arena, const struct ns_tax_rate *, NS_PROVINCE_COUNT);
    size_t n = 0;
    for (int p = 0; p < NS_PROVINCE_COUNT; p++) {
        const struct ns_tax_rate *r =
            ns_tax_rate_on((enum ns_province)p, day == NS_DATE_NONE ? ctx->today : day);
        if (r != NULL) {
            rates[n++] = r;
        }
    }
    gql_objects(out, (const void *const *)rates, n);
}

static void rate_or_null(struct gql_out *out, int32_t ppm) {
    if (ppm == 0) {
        gql_null(out);
    } else {
        gql_float(out, fraction(ppm));
    }
}

static void get_rate(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_tax_rate *r = object;
    const struct api_ctx *ctx = call->ctx;
    switch (call->field) {
    case GQL_F_CanadianTaxRate_province: gql_enum(out, (int)r->province); break;
    case GQL_F_CanadianTaxRate_provinceName:
        gql_cstr(out, ns_province_title(ns_province_name(r->province), ctx->lang == NS_LANG_FR));
        break;
    case GQL_F_CanadianTaxRate_taxType: gql_enum(out, tax_type(r)); break;
    case GQL_F_CanadianTaxRate_gstRate: rate_or_null(out, r->gst_ppm); break;
    case GQL_F_CanadianTaxRate_pstRate: rate_or_null(out, r->pst_ppm); break;
    case GQL_F_CanadianTaxRate_hstRate: rate_or_null(out, r->hst_ppm); break;
    case GQL_F_CanadianTaxRate_qstRate: rate_or_null(out, r->qst_ppm); break;
    case GQL_F_CanadianTaxRate_combinedRate: gql_float(out, fraction(ns_tax_combined_ppm(r))); break;
    case GQL_F_CanadianTaxRate_effectiveFrom: api_day_as_instant(ctx, out, r->from); break;
    default:
        if (r->to == NS_DATE_NONE) {
            gql_null(out);
        } else {
            api_day_as_instant(ctx, out, r->to);
        }
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_calculateTax, get_calculation},
    {GQL_F_Query_taxRates, get_rates},
};
static const struct gql_type_bind types[] = {
    {GQL_T_TaxCalculation, get_tax},
    {GQL_T_PremiumTaxBreakdown, get_breakdown},
    {GQL_T_CanadianTaxRate, get_rate},
};
const struct api_part api_tax_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
