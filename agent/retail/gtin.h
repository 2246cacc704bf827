/* gtin.h: the number under a barcode, in one form: fourteen digits.
 *
 * EAN-13, UPC-A, GTIN-14, EAN-8 and the short UPC-E all name a trade item; a code a shop prints
 * for its own scales does not, and must never be looked up or kept as an identity.
 * Rules: GS1 General Specifications (check digit, UPC-E expansion, prefixes 02, 04 and 20 to 29 for
 * restricted circulation). Threads: pure. */
#pragma once
#include "shared/base/str.h"

#define NS_GTIN_TEXT 15

enum ns_gtin_kind {
    NS_GTIN_GOOD,
    NS_GTIN_IN_STORE,   /* well formed, but means something in one shop only */
    NS_GTIN_NOT_DIGITS, /* blanks and hyphens between digits are fine */
    NS_GTIN_LENGTH,     /* not 8, 12, 13 or 14 digits */
    NS_GTIN_CHECK,      /* the last digit does not fit: misread or mistyped */
};

/* out is set for GOOD and IN_STORE, else empty. Eight digits beginning with 0 are read as UPC-E
 * first: EAN-8 numbers of that beginning are in-store codes. */
enum ns_gtin_kind ns_gtin_read(struct ns_str text, char out[NS_GTIN_TEXT]);
/* An Amazon number: ten capital letters and digits. Never a GTIN. */
bool ns_asin_valid(struct ns_str text);
