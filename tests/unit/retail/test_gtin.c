/* Barcodes as scanners and people give them. */
#include "agent/retail/gtin.h"

#include "shared/base/err.h"

#include <criterion/criterion.h>
#include <string.h>

static void reads(const char *text, enum ns_gtin_kind kind, const char *gtin) {
    char out[NS_GTIN_TEXT];
    enum ns_gtin_kind got = ns_gtin_read(ns_str_of(text), out);
    cr_assert_eq(got, kind, "%s: %d", text, (int)got);
    cr_assert_str_eq(out, gtin, "%s: %s", text, out);
}

Test(gtin, every_length_has_one_form) {
    reads("036000291452", NS_GTIN_GOOD, "00036000291452");
    reads("0036000291452", NS_GTIN_GOOD, "00036000291452");
    reads("0 36000 29145 2", NS_GTIN_GOOD, "00036000291452");
    reads("4006381333931", NS_GTIN_GOOD, "04006381333931");
    reads("10036000291459", NS_GTIN_GOOD, "10036000291459");
    reads("96385074", NS_GTIN_GOOD, "00000096385074");
}

/* One number of each form of the sixth digit, with the UPC-A it stands for. */
Test(gtin, the_short_form_is_expanded) {
    reads("04252614", NS_GTIN_GOOD, "00042100005264");
    reads("01234505", NS_GTIN_GOOD, "00012000003455");
    reads("01278907", NS_GTIN_GOOD, "00012000007897");
    reads("01234531", NS_GTIN_GOOD, "00012300000451");
    reads("01234543", NS_GTIN_GOOD, "00012340000053");
    reads("01234565", NS_GTIN_GOOD, "00012345000065");
}

Test(gtin, what_is_no_identity) {
    reads("", NS_GTIN_NOT_DIGITS, "");
    reads("abc", NS_GTIN_NOT_DIGITS, "");
    reads("B07XYZ1234", NS_GTIN_NOT_DIGITS, "");
    reads("123456789", NS_GTIN_LENGTH, "");
    reads("123456789012345", NS_GTIN_LENGTH, "");
    reads("036000291453", NS_GTIN_CHECK, "");
    reads("063000291452", NS_GTIN_CHECK, ""); /* two digits exchanged */
    reads("212345678992", NS_GTIN_IN_STORE, "00212345678992");
    reads("2012345678903", NS_GTIN_IN_STORE, "02012345678903");
    reads("2912345678906", NS_GTIN_IN_STORE, "02912345678906");
    reads("20123451", NS_GTIN_IN_STORE, "00000020123451");
}

/* Any single wrong digit is seen. */
Test(gtin, a_misread_digit_never_passes) {
    const char good[] = "4006381333931";
    char out[NS_GTIN_TEXT];
    for (size_t i = 0; i + 1 < sizeof good; i++) {
        for (char d = '0'; d <= '9'; d++) {
            char bad[sizeof good];
            memcpy(bad, good, sizeof good);
            bad[i] = d;
            bool same = d == good[i];
            bool passed = ns_gtin_read(ns_str_of(bad), out) == NS_GTIN_GOOD;
            cr_assert_eq(passed, same, "%s", bad);
        }
    }
}

Test(gtin, an_amazon_number_is_none) {
    cr_assert(ns_asin_valid(NS_STR("B07XYZ1234")));
    cr_assert_not(ns_asin_valid(NS_STR("b07xyz1234")));
    cr_assert_not(ns_asin_valid(NS_STR("B07XYZ123")));
    cr_assert_not(ns_asin_valid(NS_STR("")));
}
