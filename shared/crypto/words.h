/* words.h: 256 random bits as 24 words that can be written on paper and typed again.
 *
 * A word is consonant, vowel, consonant, vowel, e.g. "tofa": 11 bits, made by the rule in words.c,
 * so that no list is needed. 24 words carry the 256 bits and a checksum of 8.
 * Threads: any. */
#pragma once
#include "shared/crypto/crypto.h"

#define NS_WORDS 24
#define NS_WORDS_TEXT 128 /* room for the words, blanks between, closing NUL */

void ns_words_from_key(const uint8_t key[NS_KEY_BYTES], char out[NS_WORDS_TEXT]);
/* Blanks, line breaks, hyphens and capitals do not matter. NS_E_INPUT: not 24 words, a word that
 * does not exist (its position from 1 in *bad_word), or a checksum that does not fit (0). */
ns_rc ns_words_to_key(const char *text, size_t n, uint8_t key[NS_KEY_BYTES], int *bad_word)
    NS_MUST_USE;
