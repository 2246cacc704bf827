/* theme.h: what a role looks like on a terminal, and the ASCII twin of every glyph.
 *
 * Views name roles, never colours. A theme maps each role to a foreground of the 256, 16 or 8
 * colour palette plus attributes; without colour the attributes alone must still tell states
 * apart, and views say every state in words as well. The background is the terminal's own.
 * Memory: constant tables. Threads: pure. */
#pragma once
#include "shared/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum ns_role {
    NS_ROLE_TEXT,
    NS_ROLE_DIM,
    NS_ROLE_TITLE,
    NS_ROLE_GOOD,
    NS_ROLE_WARN,
    NS_ROLE_BAD,
    NS_ROLE_KEY,      /* the letter to press */
    NS_ROLE_SELECTED, /* the row or child in focus */
    NS_ROLE_TAB,      /* the open tab */
    NS_ROLE_BORDER,
    NS_ROLE_CHART,    /* history line, bars */
    NS_ROLE_MEDIAN,
    NS_ROLE_BAND,     /* 80 % band */
    NS_ROLE_DEMO,     /* the banner of a practice home */
    NS_ROLE_FIELD,    /* input field */
    NS_ROLE_QR,       /* light on dark whatever the theme: a camera reads it */
    NS_ROLE_COUNT
};

enum ns_attr { NS_ATTR_BOLD = 1, NS_ATTR_DIM = 2, NS_ATTR_UNDERLINE = 4, NS_ATTR_REVERSE = 8 };

struct ns_style {
    int16_t fg; /* palette index, -1: the terminal's own */
    int16_t bg; /* the same */
    uint8_t attrs;
};

enum ns_theme {
    NS_THEME_DARK,
    NS_THEME_LIGHT,
    NS_THEME_CONTRAST,
    NS_THEME_NIGHT, /* red, for small hours */
    NS_THEME_CALM,  /* blue and grey, no red or green: for colour-blind eyes */
    NS_THEME_NONE,  /* attributes only */
    NS_THEME_COUNT
};

/* What the terminal can do. */
struct ns_caps {
    bool unicode; /* false: every glyph has an ASCII twin */
    bool braille; /* false: blocks (unicode) or ASCII in charts */
    bool mouse;
    int colours;  /* 256, 16, 8 or 0 */
};

struct ns_style ns_theme_style(enum ns_theme theme, enum ns_role role, int colours);
const char *ns_theme_key(enum ns_theme theme); /* the word in console.ini */
bool ns_theme_parse(struct ns_str text, enum ns_theme *out);
const char *ns_role_key(enum ns_role role);
/* One letter per role for style maps of golden tests. */
char ns_role_letter(enum ns_role role);
