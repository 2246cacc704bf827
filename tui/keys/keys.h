/* keys.h: the one table of keys. Dispatch, the footer, help, the palette and the manual page all
 * read it; a test proves that no key means two things on one screen.
 * Memory: constant. Threads: pure. */
#pragma once
#include "shared/text/message.h"
#include "tui/keys/input.h"

#include <stddef.h>

enum ns_action {
    NS_ACT_NONE,
    NS_ACT_GO_HOME,
    NS_ACT_GO_LOG,
    NS_ACT_GO_NEXT,
    NS_ACT_GO_STOCK,
    NS_ACT_GO_PLAN,
    NS_ACT_GO_PAIR,
    NS_ACT_GO_SUPPORT,
    NS_ACT_TAB_NEXT,
    NS_ACT_TAB_PREV,
    NS_ACT_UP,
    NS_ACT_DOWN,
    NS_ACT_CHILD_PREV,
    NS_ACT_CHILD_NEXT,
    NS_ACT_PAGE_UP,
    NS_ACT_PAGE_DOWN,
    NS_ACT_FIRST,
    NS_ACT_LAST,
    NS_ACT_LOG_WET,
    NS_ACT_LOG_DIRTY,
    NS_ACT_LOG_BOTH,
    NS_ACT_LOG_DRY,
    NS_ACT_LEAK,
    NS_ACT_TWICE,
    NS_ACT_EARLIER,
    NS_ACT_AGAIN,
    NS_ACT_FIX,
    NS_ACT_UNDO,
    NS_ACT_OPEN,
    NS_ACT_FORECAST,
    NS_ACT_TABLE,
    NS_ACT_SPAN,
    NS_ACT_STOCK_ADD,
    NS_ACT_STOCK_COUNT,
    NS_ACT_STOCK_FINISH,
    NS_ACT_PAIR,
    NS_ACT_NETWORK,
    NS_ACT_DEVICE_RENAME,
    NS_ACT_DEVICE_REVOKE,
    NS_ACT_DEVICE_PANIC,
    NS_ACT_QR,
    NS_ACT_PLAN_OPEN,
    NS_ACT_PLAN_CHANGE,
    NS_ACT_PLAN_MOVE,
    NS_ACT_PLAN_CARD,
    NS_ACT_PLAN_STOP,
    NS_ACT_PLAN_RESUME,
    NS_ACT_SORT,
    NS_ACT_FILTER,
    NS_ACT_HELP,
    NS_ACT_PALETTE,
    NS_ACT_THEME,
    NS_ACT_LANGUAGE,
    NS_ACT_MOUSE,
    NS_ACT_LOCK,
    NS_ACT_RELOAD,
    NS_ACT_REDRAW,
    NS_ACT_SUSPEND,
    NS_ACT_BACK,
    NS_ACT_QUIT,
    NS_ACT_COUNT
};

/* Bits of enum ns_app_screen, which this folder does not include. */
#define NS_ON_HOME 1U
#define NS_ON_LOG 2U
#define NS_ON_NEXT 4U
#define NS_ON_STOCK 8U
#define NS_ON_PLAN 16U
#define NS_ON_PAIR 32U
#define NS_ON_SUPPORT 64U
#define NS_ON_FAMILY (NS_ON_HOME | NS_ON_LOG | NS_ON_NEXT | NS_ON_STOCK)
#define NS_ON_ALL (NS_ON_FAMILY | NS_ON_PLAN | NS_ON_PAIR | NS_ON_SUPPORT)
#define NS_ON_LISTS (NS_ON_LOG | NS_ON_STOCK | NS_ON_PLAN | NS_ON_PAIR | NS_ON_SUPPORT)

struct ns_key_row {
    enum ns_action action;
    unsigned screens;
    uint32_t key;
    uint32_t key2;        /* 0: none */
    enum ns_msg label;    /* one or two words, for the footer */
    enum ns_msg help;     /* a line, for help and the palette */
    unsigned char footer; /* 1 first .. 9 last, 0 never */
};

extern const struct ns_key_row ns_key_rows[];
extern const size_t ns_key_count;

enum ns_action ns_keys_find(unsigned screen_bit, uint32_t key);
/* Is the key any row's key where children are chosen? Children's letters keep clear of these. */
bool ns_keys_taken(uint32_t key);
/* The key as printed: "w", "^P", "Tab", "Esc" or "Échap". */
void ns_key_name(enum ns_lang lang, uint32_t key, char out[12]);
