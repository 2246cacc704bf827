/* width.c: binary search in the generated ranges. */
#include "shared/text/width.h"
#include "shared/text/utf8.h"
#include "shared/text/width_table.h"

#include "shared/base/err.h"

static bool in_ranges(const struct ns_width_range *table, size_t count, uint32_t cp) {
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (cp > table[mid].last) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < count && cp >= table[low].first;
}

int ns_width_of(uint32_t cp) {
    if (cp < 0x20 || cp == 0x7F) {
        return 0;
    }
    if (cp < 0x7F) {
        return 1;
    }
    if (in_ranges(ns_width_zero, NS_COUNT(ns_width_zero), cp)) {
        return 0;
    }
    return in_ranges(ns_width_wide, NS_COUNT(ns_width_wide), cp) ? 2 : 1;
}

int ns_width_text(struct ns_str text) {
    int columns = 0;
    uint32_t cp;
    while (ns_utf8_next_clean(&text, &cp)) {
        columns += ns_width_of(cp);
    }
    return columns;
}
