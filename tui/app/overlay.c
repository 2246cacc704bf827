/* overlay.c: keys while something lies over the screen: help, palette, dialog, form, lock, and
 * the filter line. */
#include "tui/app/acts.h"
#include "tui/app/input.h"
#include "tui/app/layout.h"
#include "tui/keys/keys.h"

#include <string.h>

static bool type(struct ns_app_input *input, uint32_t key) {
    size_t len = input->len;
    bool typed = ns_input_key(input->text, sizeof input->text, &len, key);
    input->len = (uint16_t)len;
    return typed;
}

/* Help and palette share moving, choosing and leaving. */
static void key_in_list(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds) {
    bool palette = state->ui.overlay == NS_OVERLAY_PALETTE;
    uint16_t rows[64];
    size_t n = palette ? ns_app_palette_rows(state, rows, NS_COUNT(rows))
                       : ns_app_help_rows(state, rows, NS_COUNT(rows));
    uint8_t *row = palette ? &state->ui.palette_row : &state->ui.help_row;
    bool letter_moves = !palette && (key == 'j' || key == 'k');
    if (key == NS_KEY_DOWN || key == NS_CTRL('n') || (letter_moves && key == 'j')) {
        *row = (uint8_t)(*row + 1U < n ? *row + 1U : *row);
    } else if (key == NS_KEY_UP || (palette && key == NS_CTRL('p')) || letter_moves) {
        *row = (uint8_t)(*row > 0 ? *row - 1 : 0);
    } else if (key == NS_KEY_PAGE_DOWN) {
        *row = (uint8_t)(*row + 10U < n ? *row + 10U : n == 0 ? 0 : n - 1);
    } else if (key == NS_KEY_PAGE_UP) {
        *row = (uint8_t)(*row > 10 ? *row - 10 : 0);
    } else if (key == NS_KEY_ENTER) {
        state->ui.overlay = NS_OVERLAY_NONE;
        if (*row < n) {
            ns_app_act(state, ns_key_rows[rows[*row]].action, cmds);
        }
    } else if (key == NS_KEY_ESC || (!palette && (key == 'q' || key == '?' || key == NS_KEY_F1))) {
        state->ui.overlay = NS_OVERLAY_NONE;
    } else if (palette && type(&state->ui.palette, key)) {
        *row = 0;
    } else if (!palette) {
        state->ui.overlay = NS_OVERLAY_NONE; /* a key of the screen: leave help and do it */
        ns_app_act(state, ns_keys_find(1U << state->ui.screen, key), cmds);
    }
}

static void answer(struct ns_app_state *state, bool yes, struct ns_cmds *cmds) {
    state->ui.overlay = NS_OVERLAY_NONE;
    if (!yes) {
        return;
    }
    if (state->ui.dialog >= NS_DIALOG_PLAN) {
        ns_app_plan_answered(state, cmds);
    } else if (state->ui.dialog >= NS_DIALOG_REVOKE) {
        ns_app_device_answer(state, cmds);
    } else if (state->ui.dialog == NS_DIALOG_TWICE) {
        ns_app_log_change(state, cmds, state->ui.dialog_kind, true);
    } else {
        ns_app_stock_set(state, cmds, state->ui.form_item, 0);
    }
}

static void key_in_dialog(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds) {
    uint32_t yes = (uint32_t)ns_msg(state->lang, NS_MSG_dialog_yes_key)[0];
    if (key == NS_KEY_ENTER) {
        answer(state, state->ui.dialog_yes, cmds);
    } else if (key == yes || key == yes - 'a' + 'A') {
        answer(state, true, cmds);
    } else if (key == 'n' || key == 'N' || key == NS_KEY_ESC || key == 'q') {
        answer(state, false, cmds);
    } else if (key == NS_KEY_LEFT || key == NS_KEY_RIGHT || key == NS_KEY_TAB || key == 'h' ||
               key == 'l' || key == NS_KEY_BACKTAB) {
        state->ui.dialog_yes = !state->ui.dialog_yes;
    }
}

static void form_submit(struct ns_app_state *state, struct ns_cmds *cmds) {
    bool adding = state->ui.form == NS_FORM_ADD;
    int64_t count = 0;
    if (state->ui.form == NS_FORM_RENAME) {
        state->ui.overlay = NS_OVERLAY_NONE;
        ns_app_device_rename(state, cmds);
        return;
    }
    struct ns_str text = ns_str_trim((struct ns_str){state->ui.form_count.text, state->ui.form_count.len});
    if (adding && state->ui.form_brand.len == 0) {
        state->ui.form_error = NS_MSG_form_need_brand;
        state->ui.form_field = 1;
    } else if (!ns_str_int(text, adding ? 1 : 0, 9999, &count)) {
        state->ui.form_error = adding ? NS_MSG_form_need_add : NS_MSG_form_need_count;
        state->ui.form_field = adding ? 2 : 0;
    } else {
        state->ui.overlay = NS_OVERLAY_NONE;
        if (adding) {
            ns_app_stock_add(state, cmds, (int32_t)count);
        } else {
            ns_app_stock_set(state, cmds, state->ui.form_item, (int32_t)count);
        }
    }
}

static struct ns_app_input *form_input(struct ns_app_state *state) {
    if (state->ui.form == NS_FORM_RENAME) {
        return &state->ui.form_brand;
    }
    if (state->ui.form == NS_FORM_COUNT || state->ui.form_field == 2) {
        return &state->ui.form_count;
    }
    return state->ui.form_field == 1 ? &state->ui.form_brand : NULL;
}

static void key_in_form(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds) {
    int fields = state->ui.form == NS_FORM_ADD ? 3 : 1;
    struct ns_app_input *input = form_input(state);
    if (key == NS_KEY_ESC) {
        state->ui.overlay = NS_OVERLAY_NONE;
    } else if (key == NS_KEY_ENTER) {
        if (state->ui.form_field + 1 < fields) {
            state->ui.form_field++;
        } else {
            form_submit(state, cmds);
        }
    } else if (key == NS_KEY_TAB || key == NS_KEY_DOWN) {
        state->ui.form_field = (uint8_t)((state->ui.form_field + 1) % fields);
    } else if (key == NS_KEY_BACKTAB || key == NS_KEY_UP) {
        state->ui.form_field = (uint8_t)((state->ui.form_field + fields - 1) % fields);
    } else if (input == NULL) {
        if (key == NS_KEY_LEFT && state->ui.form_size > 0) {
            state->ui.form_size--;
        } else if (key == NS_KEY_RIGHT && state->ui.form_size + 1 < NS_APP_SIZES) {
            state->ui.form_size++;
        } else if (key >= '1' && key <= '7') {
            state->ui.form_size = (int8_t)(key - '0');
        } else if (key == 'n' || key == 'N') {
            state->ui.form_size = 0;
        }
    } else if (input != &state->ui.form_count || key < 0x20 || (key >= '0' && key <= '9') ||
               key == NS_KEY_BACKSPACE) {
        type(input, key);
        state->ui.form_error = NS_MSG_NONE;
    }
}

static void key_when_locked(struct ns_app_state *state, uint32_t key) {
    const char *word = ns_msg(state->lang, NS_MSG_lock_word);
    size_t len = strlen(word);
    type(&state->ui.lock, key);
    struct ns_app_input *typed = &state->ui.lock;
    if (typed->len >= len && memcmp(typed->text + typed->len - len, word, len) == 0) {
        state->ui.overlay = NS_OVERLAY_NONE;
    }
    if (typed->len > 40) { /* keep the end, where the word may be growing */
        memmove(typed->text, typed->text + typed->len - len, len);
        typed->len = (uint16_t)len;
        typed->text[len] = '\0';
    }
}

static void key_in_filter(struct ns_app_state *state, uint32_t key) {
    if (key == NS_KEY_ENTER) {
        state->ui.filtering = false;
    } else if (key == NS_KEY_ESC) {
        state->ui.filtering = false;
        state->ui.filter = (struct ns_app_input){0};
    } else if (key == NS_KEY_DOWN || key == NS_KEY_UP) {
        ns_app_move_row(state, key == NS_KEY_DOWN ? 1 : -1);
        return;
    } else {
        type(&state->ui.filter, key);
        state->ui.log_row = 0;
    }
    ns_app_refocus(state);
}

bool ns_app_overlay_key(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds) {
    switch (state->ui.overlay) {
    case NS_OVERLAY_HELP:
    case NS_OVERLAY_PALETTE:
        key_in_list(state, key, cmds);
        return true;
    case NS_OVERLAY_DIALOG:
        key_in_dialog(state, key, cmds);
        return true;
    case NS_OVERLAY_FORM:
        key_in_form(state, key, cmds);
        return true;
    case NS_OVERLAY_FIX:
        ns_app_fix_key(state, key, cmds);
        return true;
    case NS_OVERLAY_LOCKED:
        key_when_locked(state, key);
        return true;
    case NS_OVERLAY_NONE:
        break;
    }
    bool filtering = state->ui.filtering;
    if (filtering) {
        key_in_filter(state, key);
    }
    return filtering;
}

void ns_app_paste(struct ns_app_state *state, struct ns_str paste) {
    struct ns_app_input *input = NULL;
    if (state->ui.overlay == NS_OVERLAY_PALETTE) {
        input = &state->ui.palette;
    } else if (state->ui.overlay == NS_OVERLAY_FORM) {
        input = form_input(state);
    } else if (state->ui.overlay == NS_OVERLAY_NONE && state->ui.filtering) {
        input = &state->ui.filter;
    }
    if (input != NULL) {
        size_t len = input->len;
        ns_input_paste(input->text, sizeof input->text, &len, paste);
        input->len = (uint16_t)len;
    }
}
