/* input.h: keys and mouse as the reducer sees them. Threads: plain values. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* A key is a Unicode code point (control keys: 1..26, Enter '\r', Tab '\t', Esc 27) or one of: */
enum ns_key {
    NS_KEY_NONE = 0,
    NS_KEY_TAB = 9,
    NS_KEY_ENTER = 13,
    NS_KEY_ESC = 27,
    NS_KEY_BACKSPACE = 127,
    NS_KEY_UP = 0x110001,
    NS_KEY_DOWN,
    NS_KEY_LEFT,
    NS_KEY_RIGHT,
    NS_KEY_HOME,
    NS_KEY_END,
    NS_KEY_PAGE_UP,
    NS_KEY_PAGE_DOWN,
    NS_KEY_DELETE,
    NS_KEY_BACKTAB,
    NS_KEY_F1
};

#define NS_CTRL(letter) ((uint32_t)(letter) & 31U)

enum ns_mouse_action { NS_MOUSE_PRESS, NS_MOUSE_WHEEL_UP, NS_MOUSE_WHEEL_DOWN };

struct ns_mouse {
    int row;
    int col;
    enum ns_mouse_action action;
};
