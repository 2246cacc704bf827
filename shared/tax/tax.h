/* tax.h: Canadian sales tax on a price, by province, kind of product and day. Pure.
 *
 * Rates and treatments come from schema/data/canada, compiled in with their sources. Amounts are
 * cents, rates parts per million; each tax is rounded once, half up, on the sum that bears it.
 * What the data does not cover is answered as unknown with a reason, never with a number; what
 * it covers without a good source is an estimate and says so.
 * Memory: answers are values; texts are static. Threads: pure. Cost: a line takes well under a
 * microsecond (two look-ups in tables of at most four rows, one division a tax). */
#pragma once
#include "shared/base/money.h"
#include "shared/base/time.h"
#include "shared/model/enums.h"

#include <stddef.h>

#define NS_TAX_CLASS_LIST(X)                                                                   \
    X(DIAPER_DISPOSABLE, "diaper_disposable")                                                  \
    X(DIAPER_CLOTH, "diaper_cloth")                                                            \
    X(TRAINING_PANTS, "training_pants")                                                        \
    X(SWIM_DIAPER, "swim_diaper")                                                              \
    X(BABY_WIPES, "baby_wipes")                                                                \
    X(DIAPER_CREAM, "diaper_cream")                                                            \
    X(INCONTINENCE_ADULT, "incontinence_adult")                                                \
    X(SOFTWARE_LOCAL, "software_local") /* the plan: a program on the household's own machine */ \
    X(SOFTWARE_SAAS, "software_saas")

enum ns_tax_class {
#define NS_TAX_CLASS_ENUM(name, id) NS_TAX_CLASS_##name,
    NS_TAX_CLASS_LIST(NS_TAX_CLASS_ENUM)
#undef NS_TAX_CLASS_ENUM
        NS_TAX_CLASS_COUNT
};

const char *ns_tax_class_id(enum ns_tax_class c);
bool ns_tax_class_parse(struct ns_str text, enum ns_tax_class *out);

enum ns_tax_kind { NS_TAX_GST, NS_TAX_HST, NS_TAX_PST, NS_TAX_QST, NS_TAX_KINDS };

/* How a law treats one class in one place and span of days. */
enum ns_tax_treatment {
    NS_TAX_TAXABLE,
    NS_TAX_ZERO_RATED,
    NS_TAX_EXEMPT,
    NS_TAX_REBATE,     /* the seller credits the provincial part of the HST */
    NS_TAX_HST_FULL,
    NS_TAX_ZERO_WITH_FEDERAL,
    NS_TAX_NONE,       /* the province levies no tax of its own */
    NS_TAX_NOT_TAXED,  /* outside the provincial base */
    NS_TAX_UNVERIFIED, /* no good source: counted as taxable */
};

enum ns_tax_sure {
    NS_TAX_CONFIRMED, /* a public source says so */
    NS_TAX_INFERRED,  /* follows from one, or is recalled */
    NS_TAX_ESTIMATE,  /* no good source; the shop's own figure is to be preferred */
};

enum ns_tax_why_not {
    NS_TAX_KNOWN,
    NS_TAX_BEFORE_DATA, /* the day is before the first rate or treatment on file */
    NS_TAX_BAD_AMOUNT,  /* negative, or so large that the sum would not fit */
    NS_TAX_NO_CLASS,    /* no such class, or no such province */
};

#define NS_TAX_SOURCES 4
struct ns_tax_source {
    const char *id;
    const char *title;
    const char *url;
    const char *status;
};
extern const char ns_tax_read_on[]; /* the day the sources were read, YYYY-MM-DD */

/* Rates of one province over a span of days; to NS_DATE_NONE: still in force. */
struct ns_tax_rate {
    enum ns_province province;
    ns_date from;
    ns_date to;
    int32_t gst_ppm;
    int32_t hst_ppm; /* in one: federal and provincial part */
    int32_t pst_ppm;
    int32_t qst_ppm;
    int32_t federal_ppm; /* of the HST, or the GST */
    bool on_gst;         /* the provincial tax was taken on price plus GST */
    bool rst;            /* the PST is called RST here */
    enum ns_tax_sure sure;
    int source[NS_TAX_SOURCES]; /* into ns_tax_sources; -1 ends */
};
struct ns_tax_rule { /* treatment of one class in one province over a span of days */
    enum ns_tax_class class;
    enum ns_province province;
    ns_date from;
    ns_date to;
    enum ns_tax_treatment federal;
    enum ns_tax_treatment provincial;
    enum ns_tax_sure sure;
    bool window; /* the federal holiday of winter 2024-25: also the hand-over must fall in it */
    int note[2]; /* enum ns_msg; 0: none */
    int source[NS_TAX_SOURCES];
};
extern const struct ns_tax_source ns_tax_sources[];

/* NULL: the day is before the data. */
const struct ns_tax_rate *ns_tax_rate_on(enum ns_province province, ns_date day);
const struct ns_tax_rule *ns_tax_rule_on(enum ns_tax_class class, enum ns_province province, ns_date day);
/* Every span, in order of province and day. */
size_t ns_tax_rate_count(void);
const struct ns_tax_rate *ns_tax_rate_at(size_t i);
/* The provincial rate of a span, whatever it is called; HST counts its provincial part. */
int32_t ns_tax_combined_ppm(const struct ns_tax_rate *rate);

struct ns_tax_query {
    enum ns_province province; /* of delivery for goods, of the home for the plan */
    enum ns_tax_class class;
    ns_date day;       /* when tax becomes payable: paid or due, whichever is first */
    ns_date handed_on; /* given to the carrier; NS_DATE_NONE: that same day */
    ns_money subtotal; /* >= 0 */
    unsigned unregistered; /* set of 1 << enum ns_tax_kind the seller may not charge; GST stands
                            * for HST too */
};

struct ns_tax_part {
    enum ns_tax_kind kind;
    enum ns_tax_treatment treatment;
    int32_t rate_ppm;      /* applied */
    int32_t full_ppm;      /* of the table */
    bool on_gst;
    bool rst;
    ns_money base_cents;
    ns_money cents;
};

struct ns_tax_answer {
    enum ns_tax_why_not unknown; /* not KNOWN: nothing below is set */
    enum ns_tax_sure sure;
    int part_count;
    struct ns_tax_part part[2];
    ns_money subtotal;
    ns_money total_tax;
    ns_money total;
    unsigned left_out;           /* taxes not charged for want of a registration */
    const struct ns_tax_rate *rate;
    const struct ns_tax_rule *rule;
};

/* Half up, base >= 0. */
ns_money ns_tax_round(ns_money base_cents, int32_t rate_ppm);
/* Answers whether the tax is known. */
bool ns_tax_line(const struct ns_tax_query *query, struct ns_tax_answer *out);
ns_money ns_tax_of_kind(const struct ns_tax_answer *answer, enum ns_tax_kind kind); /* 0: none */

/* One invoice: lines of one day and province; every tax and rate is rounded once, on its sum. */
#define NS_TAX_GROUPS 6
struct ns_tax_invoice {
    enum ns_tax_why_not unknown; /* of the first line that is */
    size_t unknown_line;
    enum ns_tax_sure sure;       /* of the least sure line */
    int group_count;
    struct ns_tax_part group[NS_TAX_GROUPS];
    ns_money subtotal;
    ns_money total_tax;
    ns_money total;
};
bool ns_tax_invoice(const struct ns_tax_query *lines, size_t count, struct ns_tax_invoice *out);

/* Part or all of a charge given back: amounts negative, at the rates of the charge, so that the
 * refunds of a charge sum to exactly what was taken. already: price returned before, >= 0.
 * False: more than was charged, or the charge itself is unknown. */
bool ns_tax_refund(const struct ns_tax_answer *charge, ns_money already, ns_money now_cents,
                   struct ns_tax_answer *out);

/* The provincial part a shop charged on diapers that bear the federal part only (form GST189,
 * reason 16): what the family can reclaim of tax_charged; 0: nothing. */
ns_money ns_tax_reclaimable(const struct ns_tax_query *query, ns_money tax_charged);
