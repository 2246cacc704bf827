/* glyph.c: one table from glyph to ASCII. Box corners become '+', states keep a mark that
 * differs in shape; a word always stands beside them. */
#include "tui/theme/glyph.h"
#include "shared/base/err.h"
#include "shared/text/fold.h"
#include "shared/text/width.h"

#include <string.h>

struct twin {
    uint32_t cp;
    const char *ascii;
};

static const struct twin twins[] = {
    {0x00A0, " "},  {0x00A2, "c"},   {0x00AB, "\""}, {0x00B0, "o"},  {0x00B1, "+-"},
    {0x00B7, "-"},  {0x00BB, "\""},  {0x00D7, "x"},  {0x2013, "-"},  {0x2014, "-"},
    {0x2018, "'"},  {0x2019, "'"},   {0x201C, "\""}, {0x201D, "\""}, {0x2022, "*"},
    {0x2026, "..."}, {0x202F, " "},  {0x20AC, "EUR"}, {0x2190, "<-"}, {0x2191, "^"},
    {0x2192, "->"}, {0x2193, "v"},   {0x2212, "-"},  {0x2248, "~"},  {0x2264, "<="},
    {0x2265, ">="}, {0x2500, "-"},   {0x2501, "="},  {0x2502, "|"},  {0x250A, "|"},
    {0x250C, "+"},  {0x2510, "+"},   {0x2514, "+"},  {0x2518, "+"},  {0x251C, "+"},
    {0x2524, "+"},  {0x252C, "+"},   {0x2534, "+"},  {0x253C, "+"},  {0x2581, "_"},
    {0x2582, "."},  {0x2583, "-"},   {0x2584, "="},  {0x2585, "+"},  {0x2586, "*"},
    {0x2587, "%"},  {0x2588, "#"},   {0x2591, "."},  {0x2592, ":"},  {0x2593, "#"},
    {0x25B8, ">"},  {0x25BE, "v"},   {0x25B2, "^"},  {0x25C2, "<"},  {0x25CB, "o"},
    {0x25CF, "*"},  {0x25D0, "~"},   {0x25D4, "~"},  {0x2713, "+"},  {0x2715, "x"},
};

size_t ns_glyph_ascii(uint32_t cp, char out[8]) {
    for (size_t i = 0; i < NS_COUNT(twins); i++) {
        if (twins[i].cp == cp) {
            size_t n = strlen(twins[i].ascii);
            memcpy(out, twins[i].ascii, n);
            return n;
        }
    }
    size_t n = ns_fold_ascii(cp, out);
    if (n == 0) {
        int width = ns_width_of(cp);
        for (int i = 0; i < width; i++) {
            out[n++] = '?';
        }
    }
    return n;
}
