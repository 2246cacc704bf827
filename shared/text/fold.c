/* fold.c: case and accents by the generated table; combining marks vanish. */
#include "shared/text/fold.h"
#include "shared/text/fold_table.h"
#include "shared/text/utf8.h"
#include "shared/text/width.h"

#include "shared/base/err.h"

#include <string.h>

#define LONGEST 4096

static const struct ns_fold_row *row_of(uint32_t cp) {
    size_t low = 0;
    size_t high = NS_COUNT(ns_fold_rows);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (ns_fold_rows[mid].from < cp) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < NS_COUNT(ns_fold_rows) && ns_fold_rows[low].from == cp ? &ns_fold_rows[low]
                                                                        : NULL;
}

bool ns_fold_to(struct ns_buf *out, struct ns_str text) {
    uint32_t cp;
    while (ns_utf8_next_clean(&text, &cp)) {
        const struct ns_fold_row *row = cp < 0x80 ? NULL : row_of(cp);
        if (row != NULL) {
            ns_buf_text(out, row->to);
        } else if (cp >= 'A' && cp <= 'Z') {
            ns_buf_char(out, (char)(cp - 'A' + 'a'));
        } else if (ns_width_of(cp) > 0) {
            char bytes[4];
            ns_buf_add(out, bytes, ns_utf8_put(cp, bytes));
        }
    }
    return !out->failed;
}

bool ns_fold_contains(struct ns_str text, struct ns_str needle) {
    struct ns_buf a = NS_BUF(LONGEST);
    struct ns_buf b = NS_BUF(LONGEST);
    ns_fold_to(&a, text);
    ns_fold_to(&b, needle);
    bool found = b.len == 0 || (a.len >= b.len && memmem(a.data, a.len, b.data, b.len) != NULL);
    found = found && !a.failed && !b.failed;
    ns_buf_fini(&a);
    ns_buf_fini(&b);
    return found;
}

int ns_fold_score(struct ns_str text, struct ns_str needle) {
    struct ns_buf a = NS_BUF(LONGEST);
    struct ns_buf b = NS_BUF(LONGEST);
    ns_fold_to(&a, text);
    ns_fold_to(&b, needle);
    int score = 0;
    size_t at = 0;
    bool run = false;
    for (size_t i = 0; i < b.len && score >= 0; i++) {
        if (b.data[i] == ' ') {
            continue;
        }
        bool found = false;
        for (; at < a.len && !found; at++) {
            if (a.data[at] == b.data[i]) {
                bool start = at == 0 || a.data[at - 1] == ' ';
                score += 1 + (start ? 6 : 0) + (run ? 4 : 0);
                found = true;
            }
            run = found;
        }
        if (!found) {
            score = -1;
        }
    }
    ns_buf_fini(&a);
    ns_buf_fini(&b);
    return score;
}

size_t ns_fold_ascii(uint32_t cp, char out[8]) {
    const struct ns_fold_row *row = row_of(cp);
    if (row == NULL) {
        return 0;
    }
    size_t n = strlen(row->to);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)row->to[i] >= 0x80) {
            return 0;
        }
        out[i] = row->to[i];
    }
    if (row->upper && out[0] >= 'a' && out[0] <= 'z') {
        out[0] = (char)(out[0] - 'a' + 'A');
    }
    return n;
}
