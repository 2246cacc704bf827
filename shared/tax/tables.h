/* tables.h: the shapes of the tables generated from schema/data/canada. Private to shared/tax. */
#pragma once
#include "shared/tax/tax.h"

struct ns_tax_span { /* rows of one province, or of one class in one province */
    int first;
    int count;
};
extern const struct ns_tax_rate ns_tax_rates[];
extern const struct ns_tax_span ns_tax_rate_spans[NS_PROVINCE_COUNT];
extern const struct ns_tax_rule ns_tax_rules[];
extern const struct ns_tax_span ns_tax_rule_spans[NS_TAX_CLASS_COUNT][NS_PROVINCE_COUNT];
