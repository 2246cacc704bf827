/* UTF-8, widths and folding. */
#include "shared/base/err.h"
#include "shared/text/fold.h"
#include "shared/text/utf8.h"
#include "shared/text/width.h"

#include <criterion/criterion.h>
#include <string.h>

Test(unicode, malformed_bytes_read_as_one_bad_character_each) {
    static const struct {
        const char *bytes;
        size_t bad;
    } cases[] = {{"\xc0\xaf", 2}, {"\xe0\x80\x80", 3}, {"\xed\xa0\x80", 3}, {"\xf4\x90\x80\x80", 4}, {"\x80", 1}, {"\xe4\xb8", 2},
                 {"\xff", 1}, {"\xf8\x88\x80\x80\x80", 5}, {"\u00e9", 0}, {"\U0010FFFF", 0}};
    for (size_t i = 0; i < NS_COUNT(cases); i++) {
        struct ns_str rest = ns_str_of(cases[i].bytes);
        cr_assert_eq(ns_utf8_valid(rest), cases[i].bad == 0, "case %zu", i);
        size_t bad = 0;
        uint32_t cp;
        while (ns_utf8_next(&rest, &cp)) {
            bad += cp == NS_UTF8_BAD;
        }
        cr_assert_eq(bad, cases[i].bad, "case %zu", i);
    }
}

Test(unicode, every_code_point_survives_writing_and_reading) {
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            continue;
        }
        char bytes[4];
        struct ns_str text = {bytes, ns_utf8_put(cp, bytes)};
        uint32_t back;
        cr_assert(ns_utf8_next(&text, &back) && back == cp && text.n == 0, "%x", cp);
    }
}

Test(unicode, widths_of_letters_marks_ideographs_and_new_emoji) {
    static const struct {
        uint32_t cp;
        int width;
    } cases[] = {{'a', 1}, {0xE9, 1}, {0x301, 0}, {0x4E16, 2}, {0xAC00, 2}, {0x1160, 0}, {0x200D, 0}, {0x2588, 1}, {0x2801, 1}, {0x1F476, 2},
                 {0x1FAE8, 2}, {0x1FADC, 2}, {0x1F6DC, 2}, {0xFF21, 2}, {0x20000, 2}, {0xAD, 1}, {0x25CF, 1}, {0x2713, 1}, {0x1B, 0}};
    for (size_t i = 0; i < NS_COUNT(cases); i++) {
        cr_assert_eq(ns_width_of(cases[i].cp), cases[i].width, "U+%04X", cases[i].cp);
    }
}

Test(unicode, shown_text_has_no_control_joiner_or_direction_marks) {
    struct ns_str text = NS_STR("a\x1b[0m\u202eb\u200d\ufe0f\U0001F1E8\U0001F1E6\xff\n\ue000");
    char out[64];
    size_t n = 0;
    uint32_t cp;
    while (ns_utf8_next_clean(&text, &cp)) {
        cr_assert(cp >= 0x20 && cp < 0x7f);
        out[n++] = (char)cp;
    }
    out[n] = '\0';
    cr_assert_str_eq(out, "a [0mbCA? ?");
}

Test(unicode, search_ignores_case_and_accents) {
    cr_assert(ns_fold_contains(NS_STR("Th\u00e9o"), NS_STR("theo")));
    cr_assert(ns_fold_contains(NS_STR("theo"), NS_STR("TH\u00c9O")));
    cr_assert(ns_fold_contains(NS_STR("The\u0301o"), NS_STR("th\u00e9")));
    cr_assert(ns_fold_contains(NS_STR("\u0152uvre"), NS_STR("oeuvre")));
    cr_assert(ns_fold_contains(NS_STR("anything"), NS_STR("")));
    cr_assert_not(ns_fold_contains(NS_STR("Mila"), NS_STR("theo")));
}

Test(unicode, fuzzy_search_prefers_the_beginning_of_words) {
    int start = ns_fold_score(NS_STR("go to the stock"), NS_STR("gs"));
    int inside = ns_fold_score(NS_STR("bagels"), NS_STR("gs"));
    cr_assert_gt(start, inside);
    cr_assert_eq(ns_fold_score(NS_STR("help"), NS_STR("z")), -1);
}

Test(unicode, ascii_twins_keep_the_case) {
    char out[8];
    cr_assert_eq(ns_fold_ascii(0xC9, out), 1);
    cr_assert_eq(out[0], 'E');
    cr_assert_eq(ns_fold_ascii(0x153, out), 2);
    cr_assert(memcmp(out, "oe", 2) == 0);
    cr_assert_eq(ns_fold_ascii(0x4E16, out), 0);
}
