/* keys.c: the table. h j k l only ever move; capitals are for the rarer or riskier act. */
#include "tui/keys/keys.h"
#include "shared/base/err.h"
#include "shared/text/utf8.h"

#include <stdio.h>
#include <string.h>

#define ROW(action, screens, key, key2, name, footer)                                          \
    {NS_ACT_##action, screens, key, key2, NS_MSG_key_##name, NS_MSG_keyhelp_##name, footer}

const struct ns_key_row ns_key_rows[] = {
    ROW(LOG_WET, NS_ON_HOME | NS_ON_LOG, 'w', 0, wet, 1),
    ROW(LOG_DIRTY, NS_ON_HOME | NS_ON_LOG, 'd', 0, dirty, 1),
    ROW(LOG_BOTH, NS_ON_HOME | NS_ON_LOG, 'b', 0, both, 1),
    ROW(LOG_DRY, NS_ON_LOG, 's', 0, dry, 6),
    ROW(LEAK, NS_ON_LOG, 'x', 0, leak, 6),
    ROW(EARLIER, NS_ON_LOG, '-', 0, earlier, 4),
    ROW(FIX, NS_ON_LOG, NS_KEY_ENTER, 0, fix, 5),
    ROW(AGAIN, NS_ON_LOG, '.', 0, again, 6),
    ROW(TWICE, NS_ON_LOG, '+', 0, twice, 7),
    ROW(TABLE, NS_ON_NEXT, 'v', 0, table, 2),
    ROW(SPAN, NS_ON_NEXT, 'z', 0, span, 2),
    ROW(FORECAST, NS_ON_HOME | NS_ON_NEXT, 'f', 0, forecast, 5),
    ROW(STOCK_ADD, NS_ON_STOCK, '+', 0, stock_add, 1),
    ROW(STOCK_COUNT, NS_ON_STOCK, 'c', NS_KEY_ENTER, stock_count, 1),
    ROW(STOCK_FINISH, NS_ON_STOCK, 'X', 0, stock_finish, 2),
    ROW(PAIR, NS_ON_PAIR, 'p', NS_KEY_ENTER, pair, 1),
    ROW(NETWORK, NS_ON_PAIR, 'w', 0, network, 1),
    ROW(DEVICE_RENAME, NS_ON_PAIR, 'r', 0, device_rename, 2),
    ROW(DEVICE_REVOKE, NS_ON_PAIR, 'X', 0, device_revoke, 2),
    ROW(DEVICE_PANIC, NS_ON_PAIR, 'P', 0, device_panic, 4),
    ROW(QR, NS_ON_PLAN | NS_ON_PAIR, 'i', 0, qr, 5),
    ROW(PLAN_OPEN, NS_ON_PLAN, NS_KEY_ENTER, 0, plan_open, 1),
    ROW(PLAN_CHANGE, NS_ON_PLAN, 'c', 0, plan_change, 1),
    ROW(PLAN_MOVE, NS_ON_PLAN, 'p', 0, plan_move, 2),
    ROW(PLAN_CARD, NS_ON_PLAN, 'o', 0, plan_card, 2),
    ROW(PLAN_STOP, NS_ON_PLAN, 'x', 0, plan_stop, 2),
    ROW(PLAN_RESUME, NS_ON_PLAN, 'b', 0, plan_resume, 1),
    ROW(SORT, NS_ON_STOCK, 's', 0, sort, 4),
    ROW(FILTER, NS_ON_LOG | NS_ON_STOCK, '/', 0, filter, 5),
    ROW(OPEN, NS_ON_HOME, NS_KEY_ENTER, 0, open, 0),
    ROW(UNDO, NS_ON_FAMILY, 'u', 0, undo, 4),
    ROW(RELOAD, NS_ON_ALL, 'R', 0, reload, 0),
    ROW(GO_HOME, NS_ON_ALL, '1', 0, home, 0),
    ROW(GO_LOG, NS_ON_ALL, '2', 0, log, 0),
    ROW(GO_NEXT, NS_ON_ALL, '3', 0, next, 0),
    ROW(GO_STOCK, NS_ON_ALL, '4', 0, stock, 0),
    ROW(GO_PLAN, NS_ON_ALL, '7', 0, plan_page, 0),
    ROW(GO_PAIR, NS_ON_ALL, '9', 0, pair_page, 0),
    ROW(GO_SUPPORT, NS_ON_ALL, '0', 0, support, 0),
    ROW(TAB_NEXT, NS_ON_ALL, NS_KEY_TAB, 0, tab_next, 0),
    ROW(TAB_PREV, NS_ON_ALL, NS_KEY_BACKTAB, 0, tab_prev, 0),
    ROW(UP, NS_ON_ALL, 'k', NS_KEY_UP, up, 0),
    ROW(DOWN, NS_ON_ALL, 'j', NS_KEY_DOWN, down, 0),
    ROW(CHILD_PREV, NS_ON_FAMILY, 'h', NS_KEY_LEFT, child_prev, 0),
    ROW(CHILD_NEXT, NS_ON_FAMILY, 'l', NS_KEY_RIGHT, child_next, 0),
    ROW(PAGE_UP, NS_ON_LISTS, NS_KEY_PAGE_UP, 0, page_up, 0),
    ROW(PAGE_DOWN, NS_ON_LISTS, NS_KEY_PAGE_DOWN, 0, page_down, 0),
    ROW(FIRST, NS_ON_LISTS, 'g', NS_KEY_HOME, first, 0),
    ROW(LAST, NS_ON_LISTS, 'G', NS_KEY_END, last, 0),
    ROW(PALETTE, NS_ON_ALL, ':', NS_CTRL('p'), palette, 8),
    ROW(HELP, NS_ON_ALL, '?', NS_KEY_F1, help, 3),
    ROW(THEME, NS_ON_ALL, 'T', 0, theme, 0),
    ROW(LANGUAGE, NS_ON_ALL, 'L', 0, language, 0),
    ROW(MOUSE, NS_ON_ALL, 'M', 0, mouse, 0),
    ROW(LOCK, NS_ON_ALL, '!', 0, lock, 0),
    ROW(REDRAW, NS_ON_ALL, NS_CTRL('l'), 0, redraw, 0),
    ROW(SUSPEND, NS_ON_ALL, NS_CTRL('z'), 0, suspend, 0),
    ROW(BACK, NS_ON_ALL, NS_KEY_ESC, 0, back, 0),
    ROW(QUIT, NS_ON_ALL, 'q', NS_CTRL('c'), quit, 6),
};
const size_t ns_key_count = NS_COUNT(ns_key_rows);

enum ns_action ns_keys_find(unsigned screen_bit, uint32_t key) {
    for (size_t i = 0; i < ns_key_count; i++) {
        const struct ns_key_row *row = &ns_key_rows[i];
        if ((row->screens & screen_bit) != 0 &&
            (row->key == key || (row->key2 != 0 && row->key2 == key))) {
            return row->action;
        }
    }
    return NS_ACT_NONE;
}

bool ns_keys_taken(uint32_t key) {
    return ns_keys_find(NS_ON_FAMILY | NS_ON_SUPPORT, key) != NS_ACT_NONE; /* the page of phones shows no child, nor does that of the plan */
}

void ns_key_name(enum ns_lang lang, uint32_t key, char out[12]) {
    static const struct {
        uint32_t key;
        enum ns_msg name;
    } words[] = {
        {NS_KEY_ENTER, NS_MSG_keyname_enter},     {NS_KEY_ESC, NS_MSG_keyname_esc},
        {NS_KEY_HOME, NS_MSG_keyname_home},       {NS_KEY_END, NS_MSG_keyname_end},
        {NS_KEY_PAGE_UP, NS_MSG_keyname_page_up}, {NS_KEY_PAGE_DOWN, NS_MSG_keyname_page_down},
        {NS_KEY_DELETE, NS_MSG_keyname_delete},   {NS_KEY_BACKTAB, NS_MSG_keyname_backtab},
        {NS_KEY_BACKSPACE, NS_MSG_keyname_backspace},
    };
    static const struct {
        uint32_t key;
        const char *name;
    } signs[] = {
        {NS_KEY_TAB, "Tab"},         {NS_KEY_UP, "\u2191"},    {NS_KEY_DOWN, "\u2193"},
        {NS_KEY_LEFT, "\u2190"},     {NS_KEY_RIGHT, "\u2192"}, {NS_KEY_F1, "F1"},
    };
    for (size_t i = 0; i < NS_COUNT(words); i++) {
        if (words[i].key == key) {
            snprintf(out, 12, "%s", ns_msg(lang, words[i].name));
            return;
        }
    }
    for (size_t i = 0; i < NS_COUNT(signs); i++) {
        if (signs[i].key == key) {
            snprintf(out, 12, "%s", signs[i].name);
            return;
        }
    }
    if (key < 27) {
        snprintf(out, 12, "^%c", (int)(key + 64));
        return;
    }
    char bytes[4];
    size_t n = ns_utf8_put(key, bytes);
    memcpy(out, bytes, n);
    out[n] = '\0';
}
