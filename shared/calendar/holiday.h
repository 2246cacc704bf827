/* holiday.h: public and commercial days of a province, from rules (schema/data/canada).
 *
 * Ownership: names and ids are static text. Threads: pure. */
#pragma once
#include "shared/base/time.h"

#include <stdbool.h>
#include <stddef.h>

enum ns_holiday_kind {
    NS_HOLIDAY_STATUTORY,  /* general holiday by provincial law */
    NS_HOLIDAY_OPTIONAL,   /* custom, or the employer's choice */
    NS_HOLIDAY_GOVERNMENT, /* public sector only */
    NS_HOLIDAY_COMMERCIAL, /* shops and carriers: promotions, delays */
};

struct ns_holiday {
    ns_date date;
    const char *id; /* "victoria_day" */
    const char *name_en;
    const char *name_fr;
    enum ns_holiday_kind kind;
    bool observed;   /* the substitute day of one that fell on a Sunday */
    const char *why; /* English: the rule's note or what it means for delivery; "" if nothing */
};

const char *ns_holiday_kind_name(enum ns_holiday_kind kind); /* "statutory", ... */
/* Province letters as the post writes them ("QC"), or "FED" for federally regulated work. */
bool ns_province_known(const char *code);
const char *ns_province_at(size_t index); /* "AB", "BC", ...; NULL past the last; without FED */
const char *ns_province_title(const char *code, bool french); /* NULL: unknown */

/* Days from..to (both included) in order of date, then of the table; at most max are written.
 * Returns how many there are in all, which may exceed max. */
size_t ns_holidays(const char *province, ns_date from, ns_date to, struct ns_holiday *out,
                   size_t max);
/* Is this day statutory in the province? (What the forecast counts as a holiday.) */
bool ns_holiday_statutory(const char *province, ns_date day);
ns_date ns_easter(int year); /* Gregorian Easter Sunday */
