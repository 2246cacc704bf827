#include "shared/model/size.h"

#include "shared/base/err.h"

static const char *const names[NS_SIZE_COUNT] = {"NEWBORN", "SIZE_1", "SIZE_2", "SIZE_3",
                                                 "SIZE_4",  "SIZE_5", "SIZE_6", "SIZE_7"};
static const char *const shown[NS_SIZE_COUNT] = {"Newborn", "Size 1", "Size 2", "Size 3",
                                                 "Size 4",  "Size 5", "Size 6", "Size 7"};

/* Letters lower, everything between words gone: "Size 1", "SIZE_1" and "size-1" meet here. */
static size_t squeeze(struct ns_str text, char *out, size_t cap) {
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == ' ' || c == '_' || c == '-' || c == '\t' || c == '#' || c == '.') {
            continue;
        }
        if (n + 1 >= cap) {
            return 0;
        }
        out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    out[n] = '\0';
    return n;
}

bool ns_size_parse(struct ns_str text, enum ns_size *out) {
    static const char *const newborn[] = {"newborn", "newborns",     "nb",           "n",
                                          "sizen",   "sizenewborn",  "sizenb",       "0",
                                          "size0",   "nouveauné", "nouveaune", "taille0"};
    static const char *const before_number[] = {"", "size", "sz", "taille", "s", "t"};
    char word[32];
    size_t n = squeeze(ns_str_trim(text), word, sizeof word);
    if (n == 0) {
        return false;
    }
    struct ns_str squeezed = {word, n};
    for (size_t i = 0; i < NS_COUNT(newborn); i++) {
        if (ns_str_is(squeezed, newborn[i])) {
            *out = NS_SIZE_NEWBORN;
            return true;
        }
    }
    char digit = word[n - 1];
    if (digit < '1' || digit > '7') {
        return false;
    }
    squeezed.n = n - 1;
    for (size_t i = 0; i < NS_COUNT(before_number); i++) {
        if (ns_str_is(squeezed, before_number[i])) {
            *out = (enum ns_size)(digit - '0');
            return true;
        }
    }
    return false;
}

const char *ns_size_name(enum ns_size size) {
    return (size_t)size < NS_SIZE_COUNT ? names[size] : "";
}

const char *ns_size_display(enum ns_size size) {
    return (size_t)size < NS_SIZE_COUNT ? shown[size] : "";
}
