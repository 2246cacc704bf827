/* theme.c: roles of the six themes for 256, 16 and 8 colours and for none.
 *
 * Palette indexes 0 to 15 are the terminal's own colours, which the person chose; the others
 * are fixed by xterm's 6x6x6 cube. Contrast of the fixed ones against black (dark, night) and
 * white (light) is at least 4.5:1. */
#include "tui/theme/theme.h"
#include "shared/base/err.h"

struct row {
    int16_t fg256;
    int16_t fg16;
    int16_t fg8;
    uint8_t attrs;
};

#define B NS_ATTR_BOLD
#define D NS_ATTR_DIM
#define U NS_ATTR_UNDERLINE
#define R NS_ATTR_REVERSE

static const char *const role_key[NS_ROLE_COUNT] = {
    "text", "dim", "title", "good", "warn", "bad", "key", "selected",
    "tab", "border", "chart", "median", "band", "demo", "field", "square"};

/* What attributes alone can tell; shared by every theme. */
static const uint8_t mono[NS_ROLE_COUNT] = {0, D, B, 0, B, B | U, B, R, R, D, 0, B, D, R, U, 0};

static const struct row themes[NS_THEME_NONE][NS_ROLE_COUNT] = {
    [NS_THEME_DARK] =
        {
            {-1, -1, -1, 0}, {246, 8, -1, 0}, {117, 14, 6, B}, {114, 10, 2, 0},
            {221, 11, 3, B}, {210, 9, 1, B}, {117, 14, 6, B}, {-1, -1, -1, R},
            {117, 14, 6, R}, {242, 8, -1, 0}, {151, 10, 2, 0}, {231, 15, 7, B},
            {67, 4, 4, 0}, {221, 11, 3, R}, {-1, -1, -1, U},
        },
    [NS_THEME_LIGHT] =
        {
            {-1, -1, -1, 0}, {241, 8, -1, 0}, {25, 4, 4, B}, {28, 2, 2, 0},
            {94, 5, 5, B}, {160, 1, 1, B}, {25, 4, 4, B}, {-1, -1, -1, R},
            {25, 4, 4, R}, {246, 8, -1, 0}, {28, 2, 2, 0}, {16, 0, -1, B},
            {67, 6, 6, 0}, {94, 5, 5, R}, {-1, -1, -1, U},
        },
    [NS_THEME_CONTRAST] =
        {
            {231, 15, 7, 0}, {231, 15, 7, 0}, {231, 15, 7, B}, {46, 10, 2, B},
            {226, 11, 3, B}, {226, 11, 3, B | U}, {226, 11, 3, B}, {231, 15, 7, R | B},
            {231, 15, 7, R | B}, {231, 15, 7, 0}, {46, 10, 2, B}, {231, 15, 7, B},
            {51, 14, 6, 0}, {226, 11, 3, R | B}, {231, 15, 7, U | B},
        },
    [NS_THEME_NIGHT] =
        {
            {160, 1, 1, 0}, {124, 1, 1, 0}, {196, 9, 1, B}, {160, 1, 1, 0},
            {196, 9, 1, B}, {196, 9, 1, B | U}, {196, 9, 1, B}, {160, 1, 1, R},
            {160, 1, 1, R}, {124, 1, 1, 0}, {160, 1, 1, 0}, {196, 9, 1, B},
            {88, 1, 1, 0}, {160, 1, 1, R}, {160, 1, 1, U},
        },
    [NS_THEME_CALM] =
        {
            {-1, -1, -1, 0}, {246, 8, -1, 0}, {111, 12, 4, B}, {111, 12, 4, 0},
            {215, 11, 3, B}, {215, 11, 3, B | U}, {111, 12, 4, B}, {-1, -1, -1, R},
            {111, 12, 4, R}, {242, 8, -1, 0}, {153, 14, 6, 0}, {231, 15, 7, B},
            {67, 4, 4, 0}, {215, 11, 3, R}, {-1, -1, -1, U},
        },
};

static const char *const theme_key[NS_THEME_COUNT] = {"dark",  "light", "contrast",
                                                      "night", "calm",  "none"};

struct ns_style ns_theme_style(enum ns_theme theme, enum ns_role role, int colours) {
    if ((unsigned)role >= NS_ROLE_COUNT) {
        role = NS_ROLE_TEXT;
    }
    if (colours < 8 || (unsigned)theme >= NS_THEME_NONE) {
        return (struct ns_style){-1, -1, mono[role]};
    }
    if (role == NS_ROLE_QR) {
        return colours >= 256  ? (struct ns_style){231, 16, 0}
               : colours >= 16 ? (struct ns_style){15, 0, 0}
                               : (struct ns_style){7, 0, 0};
    }
    const struct row *row = &themes[theme][role];
    int16_t fg = colours >= 256 ? row->fg256 : colours >= 16 ? row->fg16 : row->fg8;
    uint8_t attrs = row->attrs;
    if (colours < 16 && role == NS_ROLE_DIM) {
        attrs |= NS_ATTR_DIM; /* eight colours have no grey */
    }
    return (struct ns_style){fg, -1, attrs};
}

const char *ns_theme_key(enum ns_theme theme) {
    return theme_key[(unsigned)theme < NS_THEME_COUNT ? theme : NS_THEME_DARK];
}

bool ns_theme_parse(struct ns_str text, enum ns_theme *out) {
    for (int i = 0; i < NS_THEME_COUNT; i++) {
        if (ns_str_is_nocase(text, theme_key[i])) {
            *out = (enum ns_theme)i;
            return true;
        }
    }
    return false;
}

const char *ns_role_key(enum ns_role role) {
    return role_key[(unsigned)role < NS_ROLE_COUNT ? role : NS_ROLE_TEXT];
}

char ns_role_letter(enum ns_role role) {
    static const char letters[] = ".dTgwbkstBcmnDfq";
    return letters[(unsigned)role < NS_ROLE_COUNT ? role : NS_ROLE_TEXT];
}
