/* base64url.h: base64url without padding (RFC 4648 section 5), strict: one text for one value.
 * Pure. Threads: any. */
#pragma once
#include "shared/base/str.h"

#define NS_BASE64URL_TEXT(bytes) (((bytes) * 4 + 2) / 3)

/* out has room for NS_BASE64URL_TEXT(n) characters and a NUL. */
void ns_base64url_write(const void *bytes, size_t n, char *out);
/* false: padding, a character outside the alphabet, an impossible length, bits left over that are
 * not zero, or longer than most. */
bool ns_base64url_read(struct ns_str text, void *out, size_t most, size_t *n);
