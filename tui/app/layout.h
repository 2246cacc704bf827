/* layout.h: where things stand on the screen and which rows a list shows: the part of the
 * layout that the reducer (mouse, paging) and the views must agree on. Pure. */
#pragma once
#include "tui/app/state.h"

enum ns_form {
    NS_FORM_FULL,   /* header, tabs, rule, body, notice, keys */
    NS_FORM_NARROW, /* header, body, notice, keys */
    NS_FORM_SMALL   /* body and keys only */
};

struct ns_span {
    int col;
    int cols;
};

struct ns_layout {
    enum ns_form form;
    int header; /* rows; -1: not there */
    int tabs;
    int rule;
    int notice;
    int keys;
    int body;   /* first row of the body */
    int body_rows;
    bool tight;  /* tabs without blanks around them */
    struct ns_span tab[NS_SCREEN_COUNT]; /* cols 0: this screen does not exist now */
};

struct ns_list { /* the list of the open screen */
    int row;     /* first row on the screen */
    int rows;    /* visible */
    int top;     /* index shown first */
    int count;   /* after the filter */
    int focus;
};

void ns_layout_of(const struct ns_app_state *state, struct ns_layout *layout);
void ns_list_of(const struct ns_app_state *state, struct ns_list *list);
#define NS_PLAN_ABOVE 13 /* rows of the page of the plan before the bills, when there is room for the other plans */
#define NS_PLAN_ABOVE_FEW 9
/* The page of the plan: what its keys would do, and its list. */
bool ns_app_plan_offers(const struct ns_app_state *state, int action);
void ns_app_plan_list(const struct ns_app_state *state, enum ns_form form, int body_rows, struct ns_list *list, int *above);
#define NS_QR_ROWS 21 /* a square of version 4 with its margin, two modules a cell */
#define NS_QR_COLS 41
bool ns_app_pairing_shown(const struct ns_app_state *state); /* a window is open and looked at */
bool ns_screen_exists(const struct ns_app_state *state, enum ns_app_screen screen);
enum ns_msg ns_screen_name(enum ns_app_screen screen);
enum ns_msg ns_kind_name(uint8_t kind, bool leak);
enum ns_msg ns_product_name(uint8_t product);

/* Would the key do anything now? Help, palette and footer offer only such. */
struct ns_key_row;
bool ns_app_key_useful(const struct ns_app_state *state, const struct ns_key_row *row);
const char *ns_app_brand(enum ns_lang lang, const struct ns_app_stock *lot); /* or "no brand" in words */

/* Indexes after filter and sort; at most `most`. */
size_t ns_app_logs_shown(const struct ns_app_state *state, uint16_t *out, size_t most);
size_t ns_app_stock_shown(const struct ns_app_state *state, uint16_t *out, size_t most);
/* Rows of ns_key_rows: those of the screen, and those that fit the palette's text, best first. */
size_t ns_app_help_rows(const struct ns_app_state *state, uint16_t *out, size_t most);
size_t ns_app_palette_rows(const struct ns_app_state *state, uint16_t *out, size_t most);

/* Days a lot lasts in tenths at its child's rate, or NONE without a rate. */
int32_t ns_app_lasts(const struct ns_app_state *state, const struct ns_app_stock *lot);
/* Hundredths a day: of the prediction, else of the last 7 full days (14 changes or more), else
 * what the parents expect. */
int32_t ns_app_rate(const struct ns_app_child *child);
/* Whole days until nothing is left, or NONE. */
int32_t ns_app_days_left(const struct ns_app_state *state, const struct ns_app_child *child);
