/* fold.h: text as a person searches for it: lower case, without accents (Théo = theo,
 * Œuvre = oeuvre). Threads: pure. */
#pragma once
#include "shared/base/buf.h"

/* Append the folded text. */
bool ns_fold_to(struct ns_buf *out, struct ns_str text);
/* Does the folded text hold the folded needle? An empty needle is in everything. */
bool ns_fold_contains(struct ns_str text, struct ns_str needle);
/* Fuzzy: all letters of the needle in order. Higher is better, -1: no match; 0 for an empty
 * needle. Starts of words and runs of letters score more. */
int ns_fold_score(struct ns_str text, struct ns_str needle);
/* The ASCII form of an accented letter or ligature with its case kept (É = E, œ = oe); bytes
 * written, 0 when there is none. */
size_t ns_fold_ascii(uint32_t cp, char out[8]);
