/* money.c: cents to text and back. */
#include "shared/base/money.h"

#include <stdio.h>

bool ns_money_parse(struct ns_str text, ns_money *out_cents) {
    bool negative = text.n > 0 && text.p[0] == '-';
    struct ns_str rest = negative ? (struct ns_str){text.p + 1, text.n - 1} : text;
    struct ns_str whole = ns_str_cut(&rest, '.');
    int64_t dollars;
    int64_t cents = 0;
    if (!ns_str_int(whole, 0, INT64_MAX / 100 - 1, &dollars)) {
        return false;
    }
    if (rest.p != NULL) {
        if (rest.n < 1 || rest.n > 2 || !ns_str_int(rest, 0, 99, &cents)) {
            return false;
        }
        if (rest.n == 1) {
            cents *= 10;
        }
    }
    int64_t total = dollars * 100 + cents;
    *out_cents = negative ? -total : total;
    return true;
}

void ns_money_format(ns_money cents, char out[NS_MONEY_TEXT]) {
    uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    snprintf(out, NS_MONEY_TEXT, "%s%llu.%02u", cents < 0 ? "-" : "",
             (unsigned long long)(size / 100), (unsigned)(size % 100));
}
