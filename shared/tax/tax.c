/* tax.c: look-up and arithmetic. See tax.h. */
#include "shared/tax/tables.h"

#include <string.h>

#define MOST_CENTS ((ns_money)1000000000000) /* ten billion dollars: the products fit in 64 bits */

static const char *const class_ids[NS_TAX_CLASS_COUNT] = {
#define NS_TAX_CLASS_ID(name, id) [NS_TAX_CLASS_##name] = id,
    NS_TAX_CLASS_LIST(NS_TAX_CLASS_ID)
#undef NS_TAX_CLASS_ID
};

const char *ns_tax_class_id(enum ns_tax_class c) {
    return (unsigned)c < NS_TAX_CLASS_COUNT ? class_ids[c] : "";
}

bool ns_tax_class_parse(struct ns_str text, enum ns_tax_class *out) {
    for (int i = 0; i < NS_TAX_CLASS_COUNT; i++) {
        if (ns_str_is(text, class_ids[i])) {
            *out = (enum ns_tax_class)i;
            return true;
        }
    }
    return false;
}

static bool in_span(ns_date from, ns_date to, ns_date day) {
    return day >= from && (to == NS_DATE_NONE || day <= to);
}

const struct ns_tax_rate *ns_tax_rate_on(enum ns_province province, ns_date day) {
    if ((unsigned)province >= NS_PROVINCE_COUNT) {
        return NULL;
    }
    struct ns_tax_span span = ns_tax_rate_spans[province];
    for (int i = span.first + span.count - 1; i >= span.first; i--) { /* newest first */
        if (in_span(ns_tax_rates[i].from, ns_tax_rates[i].to, day)) {
            return &ns_tax_rates[i];
        }
    }
    return NULL;
}

const struct ns_tax_rule *ns_tax_rule_on(enum ns_tax_class class, enum ns_province province,
                                         ns_date day) {
    if ((unsigned)class >= NS_TAX_CLASS_COUNT || (unsigned)province >= NS_PROVINCE_COUNT) {
        return NULL;
    }
    struct ns_tax_span span = ns_tax_rule_spans[class][province];
    for (int i = span.first + span.count - 1; i >= span.first; i--) {
        if (in_span(ns_tax_rules[i].from, ns_tax_rules[i].to, day)) {
            return &ns_tax_rules[i];
        }
    }
    return NULL;
}

size_t ns_tax_rate_count(void) {
    struct ns_tax_span last = ns_tax_rate_spans[NS_PROVINCE_COUNT - 1];
    return (size_t)(last.first + last.count);
}

const struct ns_tax_rate *ns_tax_rate_at(size_t i) {
    return i < ns_tax_rate_count() ? &ns_tax_rates[i] : NULL;
}

int32_t ns_tax_combined_ppm(const struct ns_tax_rate *rate) {
    int32_t provincial = rate->pst_ppm + rate->qst_ppm;
    if (rate->on_gst) { /* tax on tax: 7.5 % of 105 % */
        provincial += (int32_t)((int64_t)provincial * rate->gst_ppm / 1000000);
    }
    return rate->gst_ppm + rate->hst_ppm + provincial;
}

ns_money ns_tax_round(ns_money base_cents, int32_t rate_ppm) {
    return (base_cents * rate_ppm + 500000) / 1000000;
}

/* The federal holiday asks that the goods were handed over inside it too; else the treatment of
 * the day before it holds. */
static const struct ns_tax_rule *rule_for(const struct ns_tax_query *q) {
    const struct ns_tax_rule *rule = ns_tax_rule_on(q->class, q->province, q->day);
    if (rule != NULL && rule->window && q->handed_on != NS_DATE_NONE &&
        !in_span(rule->from, rule->to, q->handed_on)) {
        return ns_tax_rule_on(q->class, q->province, rule->from - 1);
    }
    return rule;
}

/* What remains of the full rate under a treatment. */
static int32_t rate_left(enum ns_tax_treatment treatment, int32_t full, int32_t federal) {
    switch (treatment) {
    case NS_TAX_TAXABLE:
    case NS_TAX_HST_FULL:
    case NS_TAX_UNVERIFIED:
        return full;
    case NS_TAX_REBATE:
        return federal;
    case NS_TAX_ZERO_RATED:
    case NS_TAX_EXEMPT:
    case NS_TAX_ZERO_WITH_FEDERAL:
    case NS_TAX_NONE:
    case NS_TAX_NOT_TAXED:
        return 0;
    }
    return full;
}

/* The taxes of a line with their rates, amounts still open. */
static int parts_of(const struct ns_tax_rate *rate, const struct ns_tax_rule *rule,
                    unsigned unregistered, struct ns_tax_part part[2], unsigned *left_out) {
    int n = 0;
    *left_out = 0;
    if (rate->hst_ppm > 0 || rate->gst_ppm > 0) {
        bool hst = rate->hst_ppm > 0;
        /* A diaper rebate leaves the federal part; where no ruling was found, the full HST. */
        enum ns_tax_treatment t = hst ? rule->provincial : rule->federal;
        struct ns_tax_part *p = &part[n];
        *p = (struct ns_tax_part){.kind = hst ? NS_TAX_HST : NS_TAX_GST, .treatment = t,
                                  .full_ppm = hst ? rate->hst_ppm : rate->gst_ppm};
        p->rate_ppm = rate_left(t, p->full_ppm, rate->federal_ppm);
        if ((unregistered & (1u << NS_TAX_GST)) != 0) {
            *left_out |= 1u << p->kind;
        } else {
            n++;
        }
    }
    if (rate->pst_ppm > 0 || rate->qst_ppm > 0) {
        bool qst = rate->qst_ppm > 0;
        struct ns_tax_part *p = &part[n];
        *p = (struct ns_tax_part){.kind = qst ? NS_TAX_QST : NS_TAX_PST,
                                  .treatment = rule->provincial,
                                  .full_ppm = qst ? rate->qst_ppm : rate->pst_ppm,
                                  .on_gst = rate->on_gst, .rst = rate->rst};
        p->rate_ppm = rate_left(rule->provincial, p->full_ppm, 0);
        if ((unregistered & (1u << p->kind)) != 0) {
            *left_out |= 1u << p->kind;
        } else {
            n++;
        }
    }
    return n;
}

static enum ns_tax_why_not look_up(const struct ns_tax_query *q, const struct ns_tax_rate **rate,
                                   const struct ns_tax_rule **rule) {
    if ((unsigned)q->class >= NS_TAX_CLASS_COUNT || (unsigned)q->province >= NS_PROVINCE_COUNT) {
        return NS_TAX_NO_CLASS;
    }
    if (q->subtotal < 0 || q->subtotal > MOST_CENTS) {
        return NS_TAX_BAD_AMOUNT;
    }
    *rate = ns_tax_rate_on(q->province, q->day);
    *rule = rule_for(q);
    return *rate == NULL || *rule == NULL ? NS_TAX_BEFORE_DATA : NS_TAX_KNOWN;
}

static enum ns_tax_sure least(enum ns_tax_sure a, enum ns_tax_sure b) {
    return a > b ? a : b;
}

bool ns_tax_line(const struct ns_tax_query *q, struct ns_tax_answer *out) {
    *out = (struct ns_tax_answer){0};
    const struct ns_tax_rate *rate = NULL;
    const struct ns_tax_rule *rule = NULL;
    out->unknown = look_up(q, &rate, &rule);
    if (out->unknown != NS_TAX_KNOWN) {
        return false;
    }
    out->rate = rate;
    out->rule = rule;
    out->sure = least(rate->sure, rule->sure);
    out->subtotal = q->subtotal;
    out->part_count = parts_of(rate, rule, q->unregistered, out->part, &out->left_out);
    for (int i = 0; i < out->part_count; i++) {
        struct ns_tax_part *p = &out->part[i];
        p->base_cents = q->subtotal + (p->on_gst ? ns_tax_of_kind(out, NS_TAX_GST) : 0);
        p->cents = ns_tax_round(p->base_cents, p->rate_ppm);
        out->total_tax += p->cents;
    }
    out->total = out->subtotal + out->total_tax;
    return true;
}

ns_money ns_tax_of_kind(const struct ns_tax_answer *answer, enum ns_tax_kind kind) {
    for (int i = 0; i < answer->part_count; i++) {
        if (answer->part[i].kind == kind) {
            return answer->part[i].cents;
        }
    }
    return 0;
}

/* ---- invoices ---- */

static struct ns_tax_part *group_of(struct ns_tax_invoice *out, const struct ns_tax_part *like) {
    for (int i = 0; i < out->group_count; i++) {
        struct ns_tax_part *g = &out->group[i];
        if (g->kind == like->kind && g->rate_ppm == like->rate_ppm) {
            return g;
        }
    }
    if (out->group_count == NS_TAX_GROUPS) {
        return NULL; /* five kinds and rates at most stand in one province's tables */
    }
    out->group[out->group_count] = *like;
    return &out->group[out->group_count++];
}

/* The GST of an invoice that a tax of the same goods is taken on stays a sum per line: the
 * provinces that did so are long past, and their vectors are single lines. */
static bool add_line(struct ns_tax_invoice *out, const struct ns_tax_query *q,
                     const struct ns_tax_rate *rate, const struct ns_tax_rule *rule) {
    struct ns_tax_part part[2];
    unsigned left_out;
    int n = parts_of(rate, rule, q->unregistered, part, &left_out);
    out->sure = least(out->sure, least(rate->sure, rule->sure));
    out->subtotal += q->subtotal;
    ns_money gst = 0;
    for (int i = 0; i < n; i++) {
        struct ns_tax_part *g = group_of(out, &part[i]);
        if (g == NULL) {
            return false;
        }
        g->base_cents += q->subtotal + (part[i].on_gst ? gst : 0);
        gst = part[i].kind == NS_TAX_GST ? ns_tax_round(q->subtotal, part[i].rate_ppm) : gst;
    }
    return out->subtotal <= MOST_CENTS;
}

bool ns_tax_invoice(const struct ns_tax_query *lines, size_t count, struct ns_tax_invoice *out) {
    *out = (struct ns_tax_invoice){0};
    for (size_t i = 0; i < count; i++) {
        const struct ns_tax_rate *rate = NULL;
        const struct ns_tax_rule *rule = NULL;
        enum ns_tax_why_not why = look_up(&lines[i], &rate, &rule);
        if (why == NS_TAX_KNOWN && !add_line(out, &lines[i], rate, rule)) {
            why = NS_TAX_BAD_AMOUNT;
        }
        if (why != NS_TAX_KNOWN) {
            *out = (struct ns_tax_invoice){.unknown = why, .unknown_line = i};
            return false;
        }
    }
    for (int i = 0; i < out->group_count; i++) {
        struct ns_tax_part *g = &out->group[i];
        g->cents = ns_tax_round(g->base_cents, g->rate_ppm);
        out->total_tax += g->cents;
    }
    out->total = out->subtotal + out->total_tax;
    return true;
}

/* ---- the way back ---- */

/* Tax on the first `price` cents of a charge: reaches the charge's own tax at its full price. */
static ns_money tax_up_to(const struct ns_tax_answer *charge, const struct ns_tax_part *p,
                          ns_money price) {
    if (price == charge->subtotal) {
        return p->cents;
    }
    ns_money part = ns_tax_round(price, p->rate_ppm);
    return part < p->cents ? part : p->cents;
}

bool ns_tax_refund(const struct ns_tax_answer *charge, ns_money already, ns_money now_cents,
                   struct ns_tax_answer *out) {
    *out = (struct ns_tax_answer){.unknown = NS_TAX_BAD_AMOUNT};
    if (charge->unknown != NS_TAX_KNOWN || charge->subtotal < 0 || already < 0 || now_cents < 0 ||
        already > charge->subtotal || now_cents > charge->subtotal - already) {
        return false;
    }
    *out = *charge;
    out->subtotal = -now_cents;
    out->total_tax = 0;
    for (int i = 0; i < charge->part_count; i++) {
        const struct ns_tax_part *p = &charge->part[i];
        ns_money cents = tax_up_to(charge, p, already + now_cents) - tax_up_to(charge, p, already);
        out->part[i].base_cents = -now_cents;
        out->part[i].cents = -cents;
        out->total_tax -= cents;
    }
    out->total = out->subtotal + out->total_tax;
    return true;
}

ns_money ns_tax_reclaimable(const struct ns_tax_query *query, ns_money tax_charged) {
    struct ns_tax_answer due;
    if (!ns_tax_line(query, &due) || due.part_count != 1 ||
        due.part[0].treatment != NS_TAX_REBATE) {
        return 0;
    }
    ns_money full = ns_tax_round(query->subtotal, due.part[0].full_ppm);
    return tax_charged >= full ? full - due.part[0].cents : 0;
}
