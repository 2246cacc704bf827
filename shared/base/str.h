/* str.h: borrowed slices of bytes, and strict number reading.
 * Ownership: none; a slice is valid as long as the bytes it points into. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ns_str {
    const char *p;
    size_t n;
};

#define NS_STR(literal) ((struct ns_str){(literal), sizeof(literal) - 1})

struct ns_str ns_str_of(const char *text); /* NULL gives an empty slice */
bool ns_str_eq(struct ns_str a, struct ns_str b);
bool ns_str_is(struct ns_str a, const char *text);
bool ns_str_is_nocase(struct ns_str a, const char *text); /* ASCII letters only */
bool ns_str_starts(struct ns_str a, const char *prefix);
struct ns_str ns_str_trim(struct ns_str a); /* ASCII blanks, tab, CR, LF at both ends */

/* Cut *rest at the first `mark`: returns what stood before it, *rest keeps what follows.
 * Without a mark returns everything and leaves *rest empty with p == NULL. */
struct ns_str ns_str_cut(struct ns_str *rest, char mark);

/* The whole slice must be a decimal integer in [min, max]; no blanks, no plus sign. */
bool ns_str_int(struct ns_str a, int64_t min, int64_t max, int64_t *out);

/* Copy into out with a closing NUL; false (and an empty out) if it does not fit. */
bool ns_str_copy(struct ns_str a, char *out, size_t cap);
