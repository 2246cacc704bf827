/* input.h: a line of text being typed. Private to tui/app. */
#pragma once
#include "tui/app/state.h"

/* Printable keys, backspace, ctrl-u; false when the key is none of these. */
bool ns_input_key(char *text, size_t cap, size_t *len, uint32_t key);
void ns_input_paste(char *text, size_t cap, size_t *len, struct ns_str paste);
