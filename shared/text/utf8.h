/* utf8.h: strict UTF-8 reading, and text made safe to show. Threads: pure. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define NS_UTF8_BAD 0xFFFD /* what a malformed byte reads as */

/* Read one code point at the front of *rest and move past it. Overlong forms, surrogates, values
 * beyond U+10FFFF and cut sequences give NS_UTF8_BAD and consume one byte. False at the end. */
bool ns_utf8_next(struct ns_str *rest, uint32_t *out);
/* Bytes written (1..4); an invalid code point is written as U+FFFD. */
size_t ns_utf8_put(uint32_t cp, char out[4]);
bool ns_utf8_valid(struct ns_str text);
/* Is there a letter of any script (or a sign that stands for one)? Digits, blanks and ASCII marks
 * are none: "31/02/2026" is no name. */
bool ns_utf8_has_letter(struct ns_str text);
/* Start of the last code point before `at` (0 stays 0). */
size_t ns_utf8_back(struct ns_str text, size_t at);

/* The next code point fit for a screen: control characters become a blank, malformed bytes '?';
 * bidirectional controls, joiners, variation selectors and skin tones vanish; the letters of
 * flags become A to Z, since no two terminals agree on how wide a flag is. */
bool ns_utf8_next_clean(struct ns_str *rest, uint32_t *out);
