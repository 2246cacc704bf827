/* explain.c: the words of explain.h. */
#include "shared/tax/explain.h"

const char *ns_tax_name(enum ns_lang lang, enum ns_tax_kind kind, bool rst) {
    switch (kind) {
    case NS_TAX_GST:
        return ns_msg(lang, NS_MSG_tax_gst);
    case NS_TAX_HST:
        return ns_msg(lang, NS_MSG_tax_hst);
    case NS_TAX_PST:
        return ns_msg(lang, rst ? NS_MSG_tax_rst : NS_MSG_tax_pst);
    case NS_TAX_QST:
    case NS_TAX_KINDS:
        break;
    }
    return ns_msg(lang, NS_MSG_tax_qst);
}

const char *ns_tax_class_name(enum ns_lang lang, enum ns_tax_class c) {
    static const enum ns_msg names[NS_TAX_CLASS_COUNT] = {
        [NS_TAX_CLASS_DIAPER_DISPOSABLE] = NS_MSG_tax_class_disposable,
        [NS_TAX_CLASS_DIAPER_CLOTH] = NS_MSG_tax_class_cloth,
        [NS_TAX_CLASS_TRAINING_PANTS] = NS_MSG_tax_class_training,
        [NS_TAX_CLASS_SWIM_DIAPER] = NS_MSG_tax_class_swim,
        [NS_TAX_CLASS_BABY_WIPES] = NS_MSG_tax_class_wipes,
        [NS_TAX_CLASS_DIAPER_CREAM] = NS_MSG_tax_class_cream,
        [NS_TAX_CLASS_INCONTINENCE_ADULT] = NS_MSG_tax_class_incontinence,
        [NS_TAX_CLASS_SOFTWARE_LOCAL] = NS_MSG_tax_class_plan,
        [NS_TAX_CLASS_SOFTWARE_SAAS] = NS_MSG_tax_class_hosted,
    };
    return (unsigned)c < NS_TAX_CLASS_COUNT ? ns_msg(lang, names[c]) : "";
}

void ns_tax_percent(struct ns_buf *out, enum ns_lang lang, int32_t ppm) {
    int decimals = 4; /* of a percent: 1 ppm is 0.0001 % */
    int64_t value = ppm;
    while (decimals > 0 && value % 10 == 0) {
        value /= 10;
        decimals--;
    }
    ns_text_fixed(out, lang, value, decimals);
    ns_buf_text(out, lang == NS_LANG_FR ? "\u00a0%" : "%");
}

/* A short text of its own, for use as an argument. */
#define SHORT_TEXT 64
struct short_text {
    char s[SHORT_TEXT];
};

static struct short_text kept(struct ns_buf *buf) {
    struct short_text t = {{0}};
    (void)ns_str_copy(ns_buf_view(buf), t.s, sizeof t.s);
    ns_buf_fini(buf);
    return t;
}

static struct short_text percent(enum ns_lang lang, int32_t ppm) {
    struct ns_buf buf = NS_BUF(SHORT_TEXT);
    ns_tax_percent(&buf, lang, ppm);
    return kept(&buf);
}

static struct short_text money(enum ns_lang lang, ns_money cents) {
    struct ns_buf buf = NS_BUF(SHORT_TEXT);
    ns_text_money(&buf, lang, cents);
    return kept(&buf);
}

void ns_tax_part_line(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_part *part) {
    struct short_text rate = percent(lang, part->rate_ppm);
    struct short_text base = money(lang, part->base_cents);
    struct short_text cents = money(lang, part->cents);
    NS_MSG_TO(out, lang, NS_MSG_tax_line, ns_tax_name(lang, part->kind, part->rst), rate.s, base.s,
              cents.s);
}

static enum ns_msg treatment_text(enum ns_tax_treatment t) {
    switch (t) {
    case NS_TAX_TAXABLE:
        return NS_MSG_tax_why_taxable;
    case NS_TAX_ZERO_RATED:
        return NS_MSG_tax_why_zero_rated;
    case NS_TAX_EXEMPT:
        return NS_MSG_tax_why_exempt;
    case NS_TAX_REBATE:
        return NS_MSG_tax_why_rebate;
    case NS_TAX_HST_FULL:
        return NS_MSG_tax_why_hst_full;
    case NS_TAX_ZERO_WITH_FEDERAL:
        return NS_MSG_tax_why_zero_with_federal;
    case NS_TAX_NONE:
        return NS_MSG_tax_why_none;
    case NS_TAX_NOT_TAXED:
        return NS_MSG_tax_why_not_taxed;
    case NS_TAX_UNVERIFIED:
        break;
    }
    return NS_MSG_tax_why_unverified;
}

void ns_tax_part_why(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_part *part,
                     int32_t federal_ppm) {
    struct short_text full = percent(lang, part->full_ppm);
    struct short_text provincial = percent(lang, part->full_ppm - federal_ppm);
    struct short_text left = percent(lang, part->rate_ppm);
    NS_MSG_TO(out, lang, treatment_text(part->treatment), ns_tax_name(lang, part->kind, part->rst),
              full.s, provincial.s, left.s);
    if (part->on_gst) {
        ns_buf_char(out, ' ');
        ns_buf_text(out, ns_msg(lang, NS_MSG_tax_on_gst));
    }
}

const char *ns_tax_unknown_text(enum ns_lang lang, enum ns_tax_why_not why) {
    switch (why) {
    case NS_TAX_BEFORE_DATA:
        return ns_msg(lang, NS_MSG_tax_unknown_before);
    case NS_TAX_BAD_AMOUNT:
        return ns_msg(lang, NS_MSG_tax_unknown_amount);
    case NS_TAX_NO_CLASS:
        return ns_msg(lang, NS_MSG_tax_unknown_class);
    case NS_TAX_KNOWN:
        break;
    }
    return "";
}

static void put_line(struct ns_buf *out, const char *text) {
    ns_buf_text(out, "  ");
    ns_buf_text(out, text);
    ns_buf_char(out, '\n');
}

static void put_since(struct ns_buf *out, enum ns_lang lang, ns_date from) {
    char day[NS_DATE_TEXT];
    ns_date_format(from, day);
    ns_buf_text(out, "  ");
    NS_MSG_TO(out, lang, NS_MSG_tax_rate_since, day);
    ns_buf_char(out, '\n');
}

/* Sources of rate and treatment, each once. */
static void put_sources(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_answer *a) {
    int seen[2 * NS_TAX_SOURCES];
    int n = 0;
    ns_buf_text(out, "  ");
    NS_MSG_TO(out, lang, NS_MSG_tax_sources, ns_tax_read_on);
    ns_buf_char(out, '\n');
    for (int i = 0; i < 2 * NS_TAX_SOURCES; i++) {
        int s = i < NS_TAX_SOURCES ? a->rate->source[i] : a->rule->source[i - NS_TAX_SOURCES];
        bool known = s < 0;
        for (int k = 0; k < n; k++) {
            known = known || seen[k] == s;
        }
        if (known) {
            continue;
        }
        seen[n++] = s;
        ns_buf_fmt(out, "    %s", ns_tax_sources[s].title);
        if (ns_tax_sources[s].url[0] != '\0') {
            ns_buf_fmt(out, " <%s>", ns_tax_sources[s].url);
        }
        ns_buf_char(out, '\n');
    }
}

void ns_tax_explain(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_answer *a) {
    if (a->unknown != NS_TAX_KNOWN) {
        NS_MSG_TO(out, lang, NS_MSG_tax_unknown, ns_tax_unknown_text(lang, a->unknown));
        ns_buf_char(out, '\n');
        return;
    }
    for (int i = 0; i < a->part_count; i++) {
        ns_tax_part_line(out, lang, &a->part[i]);
        ns_buf_text(out, "\n  ");
        ns_tax_part_why(out, lang, &a->part[i], a->rate->federal_ppm);
        ns_buf_char(out, '\n');
    }
    if (a->left_out != 0) {
        put_line(out, ns_msg(lang, NS_MSG_tax_unregistered));
    }
    struct short_text tax = money(lang, a->total_tax);
    struct short_text total = money(lang, a->total);
    NS_MSG_TO(out, lang, NS_MSG_tax_total, tax.s, total.s);
    ns_buf_char(out, '\n');
    put_since(out, lang, a->rate->from);
    for (int i = 0; i < 2; i++) {
        if (a->rule->note[i] != 0) {
            put_line(out, ns_msg(lang, (enum ns_msg)a->rule->note[i]));
        }
    }
    static const enum ns_msg sure[] = {NS_MSG_tax_sure_confirmed, NS_MSG_tax_sure_inferred,
                                       NS_MSG_tax_sure_estimate};
    put_line(out, ns_msg(lang, sure[a->sure]));
    put_sources(out, lang, a);
}
