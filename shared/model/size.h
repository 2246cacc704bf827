/* size.h: diaper sizes. Clients write them in many ways; the store and every comparison know
 * one. Threads: pure. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>

enum ns_size {
    NS_SIZE_NEWBORN,
    NS_SIZE_1,
    NS_SIZE_2,
    NS_SIZE_3,
    NS_SIZE_4,
    NS_SIZE_5,
    NS_SIZE_6,
    NS_SIZE_7,
    NS_SIZE_COUNT
};

/* "size_1", "SIZE_1", "Size 1", "size-1", "1", "NB", "N", "Newborn", "taille 1", "Nouveau-né". */
bool ns_size_parse(struct ns_str text, enum ns_size *out);
const char *ns_size_name(enum ns_size size);    /* DiaperSizeType: "SIZE_1" */
const char *ns_size_display(enum ns_size size); /* as clients of the contract show it: "Size 1" */
