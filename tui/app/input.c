/* input.c: typing at the end of a line; whole characters only. */
#include "tui/app/input.h"
#include "shared/text/utf8.h"
#include "shared/text/width.h"

#include <string.h>

static void add(char *text, size_t cap, size_t *len, uint32_t cp) {
    char bytes[4];
    size_t n = ns_utf8_put(cp, bytes);
    if (*len + n < cap) {
        memcpy(text + *len, bytes, n);
        *len += n;
        text[*len] = '\0';
    }
}

bool ns_input_key(char *text, size_t cap, size_t *len, uint32_t key) {
    if (key == NS_KEY_BACKSPACE || key == NS_KEY_DELETE || key == 8) {
        uint32_t cp = 0;
        do { /* a letter goes together with its combining marks */
            *len = ns_utf8_back((struct ns_str){text, *len}, *len);
            struct ns_str last = {text + *len, strlen(text + *len)};
            if (!ns_utf8_next(&last, &cp)) {
                break;
            }
            text[*len] = '\0';
        } while (*len > 0 && ns_width_of(cp) == 0);
        return true;
    }
    if (key == NS_CTRL('u')) {
        *len = 0;
        text[0] = '\0';
        return true;
    }
    if (key < 0x20 || (key >= 0x7F && key < 0xA0) || key >= 0x110000) {
        return false;
    }
    add(text, cap, len, key);
    return true;
}

void ns_input_paste(char *text, size_t cap, size_t *len, struct ns_str paste) {
    uint32_t cp;
    while (ns_utf8_next_clean(&paste, &cp)) {
        if (cp == ' ' && *len == 0) {
            continue;
        }
        add(text, cap, len, cp);
    }
    while (*len > 0 && text[*len - 1] == ' ') {
        text[--*len] = '\0';
    }
}
