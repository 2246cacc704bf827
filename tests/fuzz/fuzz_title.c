/* Titles and barcodes of any bytes: never out of bounds, and a number said is a number in range. */
#include "agent/retail/gtin.h"
#include "agent/retail/title.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ns_str text = {(const char *)data, size};
    struct ns_title t;
    ns_title_read(text, &t);
    if (t.pieces_gap == NS_TITLE_SAID ? t.pieces < 1 || t.pieces > 5000 : t.pieces != 0) {
        abort();
    }
    if (t.size_gap == NS_TITLE_SAID && (int)t.size >= (int)NS_SIZE_COUNT) {
        abort();
    }
    char gtin[NS_GTIN_TEXT];
    char again[NS_GTIN_TEXT];
    enum ns_gtin_kind kind = ns_gtin_read(text, gtin);
    if ((kind == NS_GTIN_GOOD || kind == NS_GTIN_IN_STORE) != (strlen(gtin) == 14)) {
        abort();
    }
    if (kind == NS_GTIN_GOOD && (ns_gtin_read(ns_str_of(gtin), again) != NS_GTIN_GOOD || strcmp(gtin, again) != 0)) {
        abort();
    }
    return 0;
}
