/* Titles as Canadian shops write them, in both languages, and those that must not be guessed at. */
#include "agent/retail/title.h"

#include "shared/base/err.h"

#include <criterion/criterion.h>

struct said {
    const char *title;
    int size;   /* enum ns_size; -1: absent */
    int pieces; /* 0: absent */
    int class;  /* enum ns_tax_class; -1: absent */
};
#define DIAPER NS_TAX_CLASS_DIAPER_DISPOSABLE
#define WIPES NS_TAX_CLASS_BABY_WIPES
#define PANTS NS_TAX_CLASS_TRAINING_PANTS

static void check(const struct said *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct ns_title t;
        ns_title_read(ns_str_of(rows[i].title), &t);
        int size = t.size_gap == NS_TITLE_SAID ? (int)t.size : -1;
        int pieces = t.pieces_gap == NS_TITLE_SAID ? t.pieces : 0;
        int class = t.class_gap == NS_TITLE_SAID ? (int)t.class : -1;
        cr_expect_eq(size, rows[i].size, "%s: size %d", rows[i].title, size);
        cr_expect_eq(pieces, rows[i].pieces, "%s: pieces %d", rows[i].title, pieces);
        cr_expect_eq(class, rows[i].class, "%s: class %d", rows[i].title, class);
    }
}

Test(title, size_and_count_as_shops_write_them) {
    const struct said rows[] = {
        {"Huggies Little Snugglers Baby Diapers, Size 2, 124 Count", NS_SIZE_2, 124, DIAPER},
        {"Pampers Swaddlers Diapers Size 4 - 150 Count", NS_SIZE_4, 150, DIAPER},
        {"Pampers Cruisers 360 Diapers, Size 5 (27+ lb), 124ct", NS_SIZE_5, 124, DIAPER},
        {"Diapers Size 1 (8-14 lb) 198 Count, Economy Pack", NS_SIZE_1, 198, DIAPER},
        {"Huggies Overnites Size 6 (over 35 lbs), 84 Count Nighttime Diapers", NS_SIZE_6, 84, DIAPER},
        {"Newborn Diapers, up to 10 lb, 84 Count", NS_SIZE_NEWBORN, 84, DIAPER},
        {"Size N Diapers 31 ct", NS_SIZE_NEWBORN, 31, DIAPER},
        {"Size: 3 | 136 Baby Diapers", NS_SIZE_3, 136, DIAPER},
        {"Diapers Size 3 136-Count", NS_SIZE_3, 136, DIAPER},
        {"Diapers for up to 12 hours, size 4, 92 pieces", NS_SIZE_4, 92, DIAPER},
        {"Couches Pampers Baby-Dry, taille 3, 92 couches", NS_SIZE_3, 92, DIAPER},
        {"Couches jetables, Taille 4, 2 \xC3\x97 62 unit\xC3\xA9s", NS_SIZE_4, 124, DIAPER},
        {"Couches Nouveau-n\xC3\xA9 (jusqu\xE2\x80\x99\xC3\xA0 4,5 kg), 76 unit\xC3\xA9s", NS_SIZE_NEWBORN, 76, DIAPER},
        {"Taille 2 (5-8 kg) 100 couches", NS_SIZE_2, 100, DIAPER},
    };
    check(rows, NS_COUNT(rows));
}

Test(title, inner_packs_are_multiplied_once) {
    const struct said rows[] = {
        {"Diapers Size 5, 2 x 64", NS_SIZE_5, 128, DIAPER},
        {"Diapers Size 5, 3 packs of 64 (192 count)", NS_SIZE_5, 192, DIAPER},
        {"Diapers Size 5, 64 count x 3", NS_SIZE_5, 192, DIAPER},
        {"Baby Wipes, 12 packs x 56 wipes, 672 Count", -1, 672, WIPES},
        {"Lingettes pour b\xC3\xA9" "b\xC3\xA9, 6 paquets de 64 lingettes", -1, 384, WIPES},
        {"Diapers Size 2, 168 Count (Pack of 1)", NS_SIZE_2, 168, DIAPER},
        {"Diapers Size 2, 42 count (Pack of 4), 168 count", NS_SIZE_2, 168, DIAPER},
        {"Baby wipes 672 total wipes, 12 packs", -1, 672, WIPES},
    };
    check(rows, NS_COUNT(rows));
}

Test(title, what_can_be_read_in_two_ways_is_absent) {
    const struct said rows[] = {
        {"Diapers Size 2, 84 Count (Pack of 2)", NS_SIZE_2, 0, DIAPER},
        {"Diapers Size 3, 100 Count, 92 Count", NS_SIZE_3, 0, DIAPER},
        {"Diapers Size 4-5, 60 Count", -1, 60, DIAPER},
        {"Diapers Size 4 / Size 5, 60 Count", -1, 60, DIAPER},
        {"Pull-Ups Training Pants 2T-3T, 94 Count", -1, 94, PANTS},
        {"Easy Ups Training Underwear Size 4T-5T 80 ct", -1, 80, PANTS},
        {"Preemie diapers size P, 27 count", -1, 27, DIAPER},
        {"Diapers and wipes bundle, size 2, 124 count", NS_SIZE_2, 124, -1},
        {"Diapers Size 4, one month supply", NS_SIZE_4, 0, DIAPER},
        {"Diapers Size 12, 20 count", -1, 20, DIAPER},
        {"Gift card 50", -1, 0, -1},
        {"", -1, 0, -1},
    };
    check(rows, NS_COUNT(rows));
}

Test(title, kinds_with_taxes_of_their_own) {
    const struct said rows[] = {
        {"Little Swimmers Swim Diapers, Size 4, 18 Count", NS_SIZE_4, 18, NS_TAX_CLASS_SWIM_DIAPER},
        {"Diaper Rash Cream 113 g", -1, 0, NS_TAX_CLASS_DIAPER_CREAM},
        {"Onguent de zinc 113 g", -1, 0, NS_TAX_CLASS_DIAPER_CREAM},
        {"Adult incontinence underwear, 36 count", -1, 36, NS_TAX_CLASS_INCONTINENCE_ADULT},
        {"Couche lavable en tissu, 6 couches", -1, 6, NS_TAX_CLASS_DIAPER_CLOTH},
    };
    check(rows, NS_COUNT(rows));
}
