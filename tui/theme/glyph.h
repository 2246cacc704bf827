/* glyph.h: the glyphs the console draws with, and their ASCII twins. Threads: pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* ASCII for a code point beyond it: a twin of a glyph, or a letter without its accent. Writes at
 * most 8 bytes and returns how many; '?' (or "??" for a wide one) when there is no better. */
size_t ns_glyph_ascii(uint32_t cp, char out[8]);
