/* money.h: Canadian dollars as whole cents. No floating point comes near. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef int64_t ns_money; /* cents */

#define NS_MONEY_TEXT 24

/* "12", "12.5", "12.50", "-0.05": at most two decimals, no blanks, no thousands mark. */
bool ns_money_parse(struct ns_str text, ns_money *out_cents);
void ns_money_format(ns_money cents, char out[NS_MONEY_TEXT]); /* "12.50", "-0.05" */
