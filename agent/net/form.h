/* form.h: application/x-www-form-urlencoded as the payment processor's own libraries write it:
 * nested names with brackets, spaces as %20, and ! ' ( ) * encoded too.
 * Threads: pure. */
#pragma once
#include "shared/base/buf.h"

/* Appends name=value, after & when something stands there already. Brackets of the name stay. */
void ns_form_add(struct ns_buf *out, const char *name, struct ns_str value);
/* The next pair; false at the end. Names and values are decoded into the buffers (emptied first);
 * a broken escape gives NS_E_INPUT through *bad. */
bool ns_form_next(struct ns_str *rest, struct ns_buf *name, struct ns_buf *value, bool *bad);
