#include "agent/retail/title.h"

#include "shared/base/err.h"
#include "shared/text/fold.h"

#include <string.h>

#define TOKENS 128
#define MOST_BYTES 500
#define MOST_PIECES 5000

/* A word, a whole number or a mark of the folded title. */
struct token {
    enum { WORD, NUMBER, MARK } kind;
    struct ns_str text;
    int number;
    bool used; /* belongs to a size or a weight: no piece count */
};
struct words {
    struct token at[TOKENS];
    int count;
};

static bool digit(char c) {
    return c >= '0' && c <= '9';
}
static bool letter(char c) {
    return c >= 'a' && c <= 'z';
}

/* "124ct" is a number and a word; "0.5" and "1,200" are no piece counts and stay marks. */
static void split(struct ns_str text, struct words *out) {
    size_t i = 0;
    while (i < text.n && out->count < TOKENS) {
        size_t from = i;
        struct token t = {.kind = MARK};
        if (digit(text.p[i])) {
            int64_t value = 0;
            while (i < text.n && digit(text.p[i])) {
                i++;
            }
            struct ns_str whole = {text.p + from, i - from};
            bool fraction = i + 1 < text.n && (text.p[i] == '.' || text.p[i] == ',') && digit(text.p[i + 1]);
            while (fraction && i < text.n && (digit(text.p[i]) || text.p[i] == '.' || text.p[i] == ',')) {
                i++;
            }
            if (!fraction && ns_str_int(whole, 0, MOST_PIECES, &value)) {
                t.kind = NUMBER;
                t.number = (int)value;
            }
        } else if (letter(text.p[i])) {
            while (i < text.n && letter(text.p[i])) {
                i++;
            }
            t.kind = WORD;
        } else {
            i++;
            if (text.p[from] == ' ' || text.p[from] == ':' || text.p[from] == '#' || text.p[from] == '.' ||
                text.p[from] == '\'') {
                continue;
            }
        }
        t.text = (struct ns_str){text.p + from, i - from};
        out->at[out->count++] = t;
    }
}

static bool among(const struct words *w, int i, const char *const *list, size_t n) {
    if (i < 0 || i >= w->count || w->at[i].kind != WORD) {
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        if (ns_str_is(w->at[i].text, list[k])) {
            return true;
        }
    }
    return false;
}
#define AMONG(w, i, list) among((w), (i), (list), NS_COUNT(list))

static bool word(const struct words *w, int i, const char *text) {
    const char *const one[] = {text};
    return AMONG(w, i, one);
}
static bool number(const struct words *w, int i) {
    return i >= 0 && i < w->count && w->at[i].kind == NUMBER;
}
static bool mark(const struct words *w, int i, char c) {
    return i >= 0 && i < w->count && w->at[i].kind == MARK && w->at[i].text.n == 1 &&
           w->at[i].text.p[0] == c;
}
static bool has(const struct words *w, const char *text) {
    for (int i = 0; i < w->count; i++) {
        if (word(w, i, text)) {
            return true;
        }
    }
    return false;
}

/* --- size */

static const char *const size_words[] = {"size", "sz", "taille", "grandeur"};
static const char *const newborn_words[] = {"newborn", "newborns", "nb", "n", "naissance"};

static bool newborn(const struct words *w, int i) {
    return AMONG(w, i, newborn_words) ||
           (word(w, i, "nouveau") && (word(w, i + 1, "ne") || (mark(w, i + 1, '-') && word(w, i + 2, "ne"))));
}

static bool range_mark(const struct words *w, int i) {
    static const char *const to[] = {"to", "a", "et", "and", "ou", "or"};
    return mark(w, i, '-') || mark(w, i, '/') || mark(w, i, '&') || AMONG(w, i, to);
}

static void size_found(struct ns_title *out, enum ns_title_gap gap, enum ns_size size) {
    if (out->size_gap == NS_TITLE_SILENT) {
        out->size_gap = gap;
        out->size = size;
    } else if (out->size_gap != gap || out->size != size) {
        out->size_gap = NS_TITLE_TWO_WAYS;
    }
}

/* The size after a word that announces one, at i. */
static void size_after(struct words *w, int i, struct ns_title *out) {
    if (newborn(w, i)) {
        size_found(out, NS_TITLE_SAID, NS_SIZE_NEWBORN);
        return;
    }
    if (!number(w, i)) {
        if (i < w->count && w->at[i].kind == WORD && w->at[i].text.n <= 7 &&
            (word(w, i, "p") || word(w, i, "preemie") || word(w, i, "premature"))) {
            size_found(out, NS_TITLE_NOT_OURS, NS_SIZE_NEWBORN);
        }
        return;
    }
    w->at[i].used = true;
    if (word(w, i + 1, "t")) {
        size_found(out, NS_TITLE_NOT_OURS, NS_SIZE_NEWBORN);
        return;
    }
    bool more = range_mark(w, i + 1) && number(w, i + 2) && w->at[i + 2].number <= 7 &&
                !(mark(w, i + 1, '-') && w->at[i + 2].number <= w->at[i].number);
    if (more) {
        w->at[i + 2].used = true;
        size_found(out, word(w, i + 3, "t") ? NS_TITLE_NOT_OURS : NS_TITLE_TWO_WAYS, NS_SIZE_NEWBORN);
    } else if (w->at[i].number >= 1 && w->at[i].number <= 7) {
        size_found(out, NS_TITLE_SAID, (enum ns_size)w->at[i].number);
    } else if (w->at[i].number == 0) {
        size_found(out, NS_TITLE_SAID, NS_SIZE_NEWBORN);
    } else {
        size_found(out, NS_TITLE_NOT_OURS, NS_SIZE_NEWBORN);
    }
}

/* Weights and toddler sizes carry numbers that count nothing. */
static void set_aside(struct words *w) {
    static const char *const units[] = {"lb", "lbs", "kg", "kgs", "t", "g", "oz", "ml", "livres",
                                        "mois", "months", "month", "mo", "m", "cm", "hours", "hour",
                                        "hr", "heures", "h", "ans", "years"};
    for (int i = 0; i < w->count; i++) {
        if (!number(w, i)) {
            continue;
        }
        if (w->at[i].number == 360 && (word(w, i - 1, "cruisers") || word(w, i + 1, "fit"))) {
            w->at[i].used = true; /* a name: Cruisers 360 */
            continue;
        }
        bool range = range_mark(w, i + 1) && number(w, i + 2);
        int unit = range ? i + 3 : i + 1;
        if (mark(w, unit, '+') || (mark(w, unit, '-') && !number(w, unit + 1))) {
            unit++;
        }
        if (AMONG(w, unit, units)) {
            w->at[i].used = true;
            if (range) {
                w->at[i + 2].used = true;
            }
        }
    }
}

static void read_size(struct words *w, struct ns_title *out) {
    out->size_gap = NS_TITLE_SILENT;
    for (int i = 0; i < w->count; i++) {
        if (AMONG(w, i, size_words)) {
            size_after(w, i + 1, out);
        }
    }
    for (int i = 0; out->size_gap == NS_TITLE_SILENT && i < w->count; i++) {
        if (number(w, i) && word(w, i + 1, "t") && w->at[i].number <= 6) {
            size_found(out, NS_TITLE_NOT_OURS, NS_SIZE_NEWBORN);
        } else if (!word(w, i, "n") && !word(w, i, "naissance") && newborn(w, i)) {
            size_found(out, NS_TITLE_SAID, NS_SIZE_NEWBORN);
        }
    }
}

/* --- pieces */

static const char *const piece_words[] = {
    "count", "counts", "ct", "cnt", "pieces", "piece", "pcs", "pc", "diapers", "diaper", "couches",
    "couche", "units", "unites", "unit", "unite", "wipes", "lingettes", "pants", "culottes", "underwear",
    "feuilles", "sheets"};
static const char *const pack_words[] = {"pack", "packs", "paquet", "paquets", "pk", "pks", "boite",
                                         "boites", "box", "boxes", "sacs", "bags"};
static const char *const between_words[] = {"baby", "disposable", "total", "training", "overnight", "swim"};

/* Does a word for pieces follow the number at i? Blank hyphens and one adjective may stand between. */
static bool counts_pieces(const struct words *w, int i) {
    int next = i + 1;
    if (mark(w, next, '-')) {
        next++;
    }
    for (int skipped = 0; skipped < 2 && AMONG(w, next, between_words); skipped++) {
        next++;
    }
    return AMONG(w, next, piece_words);
}

struct counts {
    int plain[8];
    int plain_count;
    int factor[2]; /* packs and pieces of one */
    bool product;
    int packs;     /* "Pack of 3" alone */
    int total;     /* marked as the whole */
    bool clash;
};

static void add_plain(struct counts *c, int n) {
    for (int i = 0; i < c->plain_count; i++) {
        if (c->plain[i] == n) {
            return;
        }
    }
    if (c->plain_count == (int)NS_COUNT(c->plain)) {
        c->clash = true;
        return;
    }
    c->plain[c->plain_count++] = n;
}

static void add_product(struct counts *c, int packs, int each) {
    if (c->product && c->factor[0] * c->factor[1] != packs * each) {
        c->clash = true;
    }
    c->product = true;
    c->factor[0] = packs;
    c->factor[1] = each;
}

/* "2 x 62", "3 packs of 64", "64 count x 3", "3 packs x 64": answers the tokens read, 0 for none. */
static int read_product(const struct words *w, int i, struct counts *c) {
    static const char *const of[] = {"of", "de", "with", "x"};
    if (!number(w, i) || w->at[i].used) {
        return 0;
    }
    int next = i + 1;
    bool packs = AMONG(w, next, pack_words);
    bool pieces = counts_pieces(w, i);
    while (next < w->count && !AMONG(w, next, of) && w->at[next].kind == WORD && next < i + 4 &&
           (AMONG(w, next, pack_words) || AMONG(w, next, piece_words) || AMONG(w, next, between_words))) {
        next++;
    }
    bool times = word(w, next, "x") || mark(w, next, '*');
    if (!(times || (packs && AMONG(w, next, of))) || !number(w, next + 1) || w->at[next + 1].used) {
        return 0;
    }
    int a = w->at[i].number;
    int b = w->at[next + 1].number;
    bool swap = pieces || AMONG(w, next + 2, pack_words);
    add_product(c, swap ? b : a, swap ? a : b);
    return next + 2 - i;
}

static void gather(const struct words *w, struct counts *c) {
    for (int i = 0; i < w->count; i++) {
        int read = read_product(w, i, c);
        if (read > 0) {
            i += read - 1;
            continue;
        }
        if (AMONG(w, i, pack_words) && (word(w, i + 1, "of") || word(w, i + 1, "de")) && number(w, i + 2)) {
            if (counts_pieces(w, i + 2)) {
                add_plain(c, w->at[i + 2].number); /* "pack of 62 diapers" */
            } else {
                c->packs = w->at[i + 2].number;
            }
            i += 2;
            continue;
        }
        if (!number(w, i) || w->at[i].used || !counts_pieces(w, i)) {
            continue;
        }
        if (word(w, i + 1, "total") || word(w, i + 2, "total")) {
            c->clash = c->clash || (c->total != 0 && c->total != w->at[i].number);
            c->total = w->at[i].number;
        } else {
            add_plain(c, w->at[i].number);
        }
    }
}

/* One number that everything said agrees with; 0: none. */
static int settle(struct counts *c) {
    int whole = c->product ? c->factor[0] * c->factor[1] : 0;
    if (c->total != 0) {
        return whole != 0 && whole != c->total ? 0 : c->total;
    }
    if (whole != 0) {
        for (int i = 0; i < c->plain_count; i++) {
            if (c->plain[i] != whole && c->plain[i] != c->factor[1]) {
                return 0;
            }
        }
        return whole;
    }
    if (c->plain_count == 1) {
        return c->packs > 1 ? 0 : c->plain[0];
    }
    if (c->plain_count == 2 && c->packs > 1) {
        int least = c->plain[0] < c->plain[1] ? c->plain[0] : c->plain[1];
        int most = c->plain[0] + c->plain[1] - least;
        return least * c->packs == most ? most : 0;
    }
    return 0;
}

static void read_pieces(const struct words *w, struct ns_title *out) {
    struct counts c = {0};
    gather(w, &c);
    if (!c.product && c.plain_count == 0 && c.total == 0) {
        out->pieces_gap = NS_TITLE_SILENT;
        return;
    }
    int pieces = c.clash ? 0 : settle(&c);
    bool sane = pieces >= 1 && pieces <= MOST_PIECES;
    out->pieces_gap = sane ? NS_TITLE_SAID : NS_TITLE_TWO_WAYS;
    out->pieces = sane ? pieces : 0;
    out->packs = c.product ? c.factor[0] : c.packs > 1 ? c.packs : 1;
}

/* --- kind */

static void read_class(const struct words *w, struct ns_title *out) {
    bool diaper = has(w, "diaper") || has(w, "diapers") || has(w, "couche") || has(w, "couches");
    bool wipes = has(w, "wipes") || has(w, "lingettes");
    bool cream = has(w, "cream") || has(w, "creme") || has(w, "ointment") || has(w, "onguent") ||
                 has(w, "pommade") || has(w, "paste");
    out->class_gap = NS_TITLE_SAID;
    if (has(w, "adult") || has(w, "adulte") || has(w, "adultes") || has(w, "incontinence")) {
        out->class = NS_TAX_CLASS_INCONTINENCE_ADULT;
    } else if (wipes && diaper) {
        out->class_gap = NS_TITLE_TWO_WAYS; /* a bundle: two kinds, two taxes */
    } else if (wipes) {
        out->class = NS_TAX_CLASS_BABY_WIPES;
    } else if (cream) {
        out->class = NS_TAX_CLASS_DIAPER_CREAM;
    } else if (has(w, "swim") || has(w, "swimmers") || has(w, "maillot") || has(w, "baignade") || has(w, "piscine")) {
        out->class = NS_TAX_CLASS_SWIM_DIAPER;
    } else if (has(w, "training") || has(w, "pullups") || has(w, "apprentissage") || has(w, "proprete") ||
               (has(w, "pull") && has(w, "ups")) || (has(w, "easy") && has(w, "ups"))) {
        out->class = NS_TAX_CLASS_TRAINING_PANTS;
    } else if (diaper && (has(w, "cloth") || has(w, "reusable") || has(w, "lavable") || has(w, "lavables") ||
                          has(w, "tissu"))) {
        out->class = NS_TAX_CLASS_DIAPER_CLOTH;
    } else if (diaper) {
        out->class = NS_TAX_CLASS_DIAPER_DISPOSABLE;
    } else {
        out->class_gap = NS_TITLE_SILENT;
    }
}

/* The sign of multiplication folds to nothing: make it the letter people type for it. */
static size_t plain_times(struct ns_str in, char out[MOST_BYTES]) {
    size_t n = 0;
    for (size_t i = 0; i < in.n && n < MOST_BYTES; i++) {
        bool sign = i + 1 < in.n && in.p[i] == '\xC3' && in.p[i + 1] == '\x97';
        bool dash = i + 2 < in.n && memcmp(in.p + i, "\xE2\x80", 2) == 0 &&
                    (in.p[i + 2] == '\x93' || in.p[i + 2] == '\x94');
        out[n++] = (char)(sign ? 'x' : dash ? '-' : in.p[i]);
        i += sign ? 1 : dash ? 2 : 0;
    }
    return n;
}

void ns_title_read(struct ns_str title, struct ns_title *out) {
    char plain[MOST_BYTES];
    struct ns_buf folded = NS_BUF(4 * MOST_BYTES);
    struct words w = {.count = 0};
    *out = (struct ns_title){.packs = 1};
    (void)ns_fold_to(&folded, (struct ns_str){plain, plain_times(title, plain)});
    split(ns_buf_view(&folded), &w);
    read_size(&w, out);
    set_aside(&w);
    read_pieces(&w, out);
    read_class(&w, out);
    ns_buf_fini(&folded);
}
