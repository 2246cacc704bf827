/* title.h: what a shop's title says of size, pieces and kind: "Size 4, 124 Count", "Taille 4 - 2 x
 * 62 couches". Shops have no other place for it.
 *
 * What a title does not say, or says in two ways, is absent with the reason: a wrong pack count
 * makes a wrong price per diaper, and that is worse than none. Threads: pure. */
#pragma once
#include "shared/base/str.h"
#include "shared/model/size.h"
#include "shared/tax/tax.h"

enum ns_title_gap {
    NS_TITLE_SAID,
    NS_TITLE_SILENT,    /* not in the title */
    NS_TITLE_TWO_WAYS,  /* the title contradicts itself, or can be read in two ways */
    NS_TITLE_NOT_OURS,  /* a size that is no diaper size of the house, as 2T-3T or Preemie */
};

struct ns_title {
    enum ns_title_gap size_gap;
    enum ns_size size;
    enum ns_title_gap pieces_gap;
    int pieces;          /* in the whole parcel */
    int packs;           /* inner packs, 1 when none are named */
    enum ns_title_gap class_gap;
    enum ns_tax_class class;
};

/* Reads at most the first 500 bytes; any bytes are fine. */
void ns_title_read(struct ns_str title, struct ns_title *out);
