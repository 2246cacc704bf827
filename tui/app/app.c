/* app.c: dispatch of events and keys. What acts do is in acts.c, keys in help, palette, dialogs,
 * forms and the filter line in overlay.c. */
#include "tui/app/app.h"
#include "tui/app/acts.h"
#include "tui/app/layout.h"
#include "tui/keys/keys.h"

#include <stdio.h>
#include <string.h>

#define NOTICE_LIFE (10 * NS_MINUTE)
#define BACK_MOST 720

static const char *const screen_words[NS_SCREEN_COUNT] = {"home", "log", "next", "stock", "plan", "pair", "support"};

enum ns_app_screen ns_app_screen_parse(struct ns_str word, bool *known) {
    for (int i = 0; i < NS_SCREEN_COUNT; i++) {
        if (ns_str_is_nocase(word, screen_words[i])) {
            *known = true;
            return (enum ns_app_screen)i;
        }
    }
    *known = false;
    return NS_SCREEN_HOME;
}

const char *ns_app_screen_word(enum ns_app_screen screen) {
    return screen_words[screen < NS_SCREEN_COUNT ? screen : 0];
}

void ns_app_init(struct ns_app_state *state, const struct ns_app_setup *setup) {
    memset(state, 0, sizeof *state);
    state->lang = setup->lang;
    state->theme = setup->theme;
    state->caps = setup->caps;
    state->support_only = setup->support_only;
    state->rows = setup->rows;
    state->cols = setup->cols;
    state->seed[0] = setup->seed[0];
    state->seed[1] = setup->seed[1];
    state->link_minute = -1;
    state->ui.times = 1;
    state->ui.hints = setup->first_run;
    state->ui.screen = setup->support_only                             ? NS_SCREEN_SUPPORT
                       : ns_screen_exists(state, setup->screen) ? setup->screen
                                                                       : NS_SCREEN_HOME;
}

static void load_all(struct ns_app_state *state, struct ns_cmds *cmds) {
    static const ns_id none = {0};
    if (state->support_only || state->ui.screen == NS_SCREEN_SUPPORT) {
        ns_app_load(cmds, NS_LOAD_SUPPORT, none);
    }
    if (state->support_only) {
        return; /* nothing with names in it is even asked for */
    }
    ns_app_load(cmds, NS_LOAD_HOUSEHOLD, none);
    ns_app_load(cmds, NS_LOAD_CHILDREN, none);
    ns_app_load(cmds, NS_LOAD_LOGS, none);
    ns_app_load(cmds, NS_LOAD_STOCK, none);
    if (state->ui.screen == NS_SCREEN_PAIR) {
        ns_app_load(cmds, NS_LOAD_DEVICES, none);
    } else if (state->ui.screen == NS_SCREEN_PLAN) {
        ns_app_load(cmds, NS_LOAD_PLAN, none);
    }
    for (int i = 0; i < state->child_count; i++) {
        ns_app_load(cmds, NS_LOAD_PREDICTION, state->children[i].id);
        ns_app_load(cmds, NS_LOAD_DAYS, state->children[i].id);
    }
}

static void go(struct ns_app_state *state, struct ns_cmds *cmds, enum ns_app_screen screen) {
    if (!ns_screen_exists(state, screen)) {
        return;
    }
    if (state->ui.screen != screen) {
        state->ui.filter = (struct ns_app_input){0};
        state->ui.filtering = false;
    }
    state->ui.screen = screen;
    if (screen == NS_SCREEN_SUPPORT) {
        ns_app_load(cmds, NS_LOAD_SUPPORT, (ns_id){0});
    } else if (screen == NS_SCREEN_PAIR) {
        ns_app_load(cmds, NS_LOAD_DEVICES, (ns_id){0});
    } else if (screen == NS_SCREEN_PLAN) {
        state->ui.plan_page = NS_PLAN_MAIN;
        ns_app_load(cmds, NS_LOAD_PLAN, (ns_id){0});
    }
}

static void turn_tab(struct ns_app_state *state, struct ns_cmds *cmds, int by) {
    int screen = (int)state->ui.screen;
    do {
        screen = (screen + by + NS_SCREEN_COUNT) % NS_SCREEN_COUNT;
    } while (!ns_screen_exists(state, (enum ns_app_screen)screen));
    go(state, cmds, (enum ns_app_screen)screen);
}

/* Move the list's focus to an absolute row, clipped. */
static void focus_row(struct ns_app_state *state, int row) {
    struct ns_list list;
    ns_list_of(state, &list);
    row = row >= list.count ? list.count - 1 : row;
    row = row < 0 ? 0 : row;
    uint16_t shown[NS_APP_LOGS];
    if (state->ui.screen == NS_SCREEN_LOG && list.count > 0) {
        ns_app_logs_shown(state, shown, NS_COUNT(shown));
        state->ui.log_row = (uint8_t)row;
        state->ui.log_id = state->logs[shown[row]].id;
    } else if (state->ui.screen == NS_SCREEN_STOCK && list.count > 0) {
        ns_app_stock_shown(state, shown, NS_COUNT(shown));
        state->ui.stock_row = (uint8_t)row;
        state->ui.stock_id = state->stock[shown[row]].id;
    } else if (state->ui.screen == NS_SCREEN_PAIR && list.count > 0) {
        state->ui.device_row = (uint8_t)row;
        state->ui.device_id = state->network.device[row].id;
    } else if (state->ui.screen == NS_SCREEN_PLAN) {
        ns_app_plan_focus(state, row);
    } else if (state->ui.screen == NS_SCREEN_SUPPORT) {
        state->ui.support_row = (uint8_t)row;
    }
}

static void move_child(struct ns_app_state *state, int by) {
    if (state->child_count > 0) {
        state->ui.child = (uint8_t)((state->ui.child + by + state->child_count) % state->child_count);
    }
}

void ns_app_move_row(struct ns_app_state *state, int by) {
    struct ns_list list;
    ns_list_of(state, &list);
    if (state->ui.screen == NS_SCREEN_HOME || state->ui.screen == NS_SCREEN_NEXT) {
        move_child(state, by > 0 ? 1 : -1);
    } else {
        focus_row(state, list.focus + by);
    }
}

static void earlier(struct ns_app_state *state) {
    static const int16_t steps[] = {5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 600, BACK_MOST};
    int16_t next = 0; /* after the last step: back to now */
    for (size_t i = 0; i < NS_COUNT(steps) && next == 0; i++) {
        if (steps[i] > state->ui.back_minutes) {
            next = steps[i];
        }
    }
    state->ui.back_minutes = next;
}

static void open_form(struct ns_app_state *state, enum ns_app_form form) {
    const struct ns_app_stock *lot = ns_app_stock_focus(state);
    if (form == NS_FORM_COUNT && lot == NULL) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_note_no_lot, NULL, NULL, NULL);
        return;
    }
    if (form == NS_FORM_ADD && state->child_count == 0) {
        ns_app_notice(state, NS_TONE_WARN, false, NS_MSG_note_no_child, NULL, NULL, NULL);
        return;
    }
    state->ui.overlay = NS_OVERLAY_FORM;
    state->ui.form = (uint8_t)form;
    state->ui.form_field = 0;
    state->ui.form_error = NS_MSG_NONE;
    state->ui.form_count = (struct ns_app_input){0};
    state->ui.form_brand = (struct ns_app_input){0};
    if (form == NS_FORM_COUNT) {
        state->ui.form_item = lot->id;
    } else {
        state->ui.form_size = state->children[state->ui.child].size;
    }
}

static void back(struct ns_app_state *state, struct ns_cmds *cmds) {
    if (state->ui.filter.len > 0) {
        state->ui.filter = (struct ns_app_input){0};
        ns_app_refocus(state);
    } else if (state->ui.screen == NS_SCREEN_PAIR && state->pairing.code[0] != '\0') {
        state->pairing = (struct ns_app_pairing){0};
    } else if (state->ui.screen == NS_SCREEN_PLAN && ns_app_plan_back(state)) {
        return;
    } else if (state->ui.back_minutes != 0 || state->ui.leak || state->ui.times != 1) {
        state->ui.back_minutes = 0;
        state->ui.leak = false;
        state->ui.times = 1;
    } else {
        go(state, cmds, state->support_only ? NS_SCREEN_SUPPORT : NS_SCREEN_HOME);
    }
}

static void settings_changed(struct ns_app_state *state, struct ns_cmds *cmds, enum ns_msg msg,
                             const char *value) {
    ns_app_cmd(cmds, NS_CMD_SAVE_SETTINGS);
    ns_app_notice(state, NS_TONE_INFO, false, msg, value, NULL, NULL);
}

static void act_settings(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds) {
    if (action == NS_ACT_THEME) {
        static const enum ns_msg names[NS_THEME_COUNT] = {NS_MSG_theme_dark,  NS_MSG_theme_light,
                                                          NS_MSG_theme_contrast, NS_MSG_theme_night,
                                                          NS_MSG_theme_calm,  NS_MSG_theme_none};
        state->theme = (enum ns_theme)((state->theme + 1) % NS_THEME_COUNT);
        settings_changed(state, cmds, NS_MSG_note_theme, ns_msg(state->lang, names[state->theme]));
    } else if (action == NS_ACT_LANGUAGE) {
        state->lang = state->lang == NS_LANG_EN ? NS_LANG_FR : NS_LANG_EN;
        settings_changed(state, cmds, NS_MSG_note_language, NULL);
        if (state->ui.screen == NS_SCREEN_PLAN) {
            ns_app_load(cmds, NS_LOAD_PLAN, (ns_id){0}); /* some of its words are the agent's */
        }
    } else {
        state->caps.mouse = !state->caps.mouse;
        ns_app_cmd(cmds, NS_CMD_MOUSE);
        settings_changed(state, cmds,
                         state->caps.mouse ? NS_MSG_note_mouse_on : NS_MSG_note_mouse_off, NULL);
    }
}

static void act_stock(struct ns_app_state *state, enum ns_action action) {
    if (action == NS_ACT_STOCK_ADD) {
        open_form(state, NS_FORM_ADD);
    } else if (action == NS_ACT_STOCK_COUNT) {
        open_form(state, NS_FORM_COUNT);
    } else if (ns_app_stock_focus(state) != NULL) {
        state->ui.overlay = NS_OVERLAY_DIALOG;
        state->ui.dialog = NS_DIALOG_FINISH;
        state->ui.dialog_yes = false;
        state->ui.form_item = ns_app_stock_focus(state)->id;
    }
}

static void act_move(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds) {
    struct ns_list list;
    ns_list_of(state, &list);
    int page = list.rows > 1 ? list.rows - 1 : 1;
    switch ((int)action) {
    case NS_ACT_TAB_NEXT:
        turn_tab(state, cmds, 1);
        break;
    case NS_ACT_TAB_PREV:
        turn_tab(state, cmds, -1);
        break;
    case NS_ACT_UP:
        ns_app_move_row(state, -1);
        break;
    case NS_ACT_DOWN:
        ns_app_move_row(state, 1);
        break;
    case NS_ACT_PAGE_UP:
        focus_row(state, list.focus - page);
        break;
    case NS_ACT_PAGE_DOWN:
        focus_row(state, list.focus + page);
        break;
    case NS_ACT_FIRST:
        focus_row(state, 0);
        break;
    case NS_ACT_LAST:
        focus_row(state, list.count - 1);
        break;
    default:
        move_child(state, action == NS_ACT_CHILD_NEXT ? 1 : -1);
        break;
    }
}

void ns_app_act(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds) {
    if (action >= NS_ACT_GO_HOME && action <= NS_ACT_GO_SUPPORT) {
        go(state, cmds, (enum ns_app_screen)(action - NS_ACT_GO_HOME));
        return;
    }
    if (action >= NS_ACT_TAB_NEXT && action <= NS_ACT_LAST) {
        act_move(state, action, cmds);
        return;
    }
    if (action >= NS_ACT_LOG_WET && action <= NS_ACT_LOG_DRY) {
        ns_app_log_change(state, cmds, (uint8_t)(action - NS_ACT_LOG_WET), false);
        return;
    }
    if (action >= NS_ACT_PAIR && action <= NS_ACT_QR) {
        ns_app_device_act(state, action, cmds);
        return;
    }
    if (action >= NS_ACT_PLAN_OPEN && action <= NS_ACT_PLAN_RESUME) {
        ns_app_plan_act(state, action, cmds);
        return;
    }
    switch ((int)action) {
    case NS_ACT_LEAK:
        state->ui.leak = !state->ui.leak;
        break;
    case NS_ACT_TWICE:
        state->ui.times = state->ui.times == 1 ? 2 : 1;
        break;
    case NS_ACT_EARLIER:
        earlier(state);
        break;
    case NS_ACT_AGAIN:
        ns_app_log_again(state, cmds);
        break;
    case NS_ACT_UNDO:
        ns_app_undo_last(state, cmds);
        break;
    case NS_ACT_OPEN:
        go(state, cmds, NS_SCREEN_NEXT);
        break;
    case NS_ACT_FORECAST:
        ns_app_predict(state, cmds);
        break;
    case NS_ACT_TABLE:
        state->ui.next_page = (uint8_t)((state->ui.next_page + 1) %
                                        (state->child_count > 1 ? NS_NEXT_PAGES : NS_NEXT_TOGETHER));
        state->ui.answers_asked = 0;
        break;
    case NS_ACT_SPAN:
        state->ui.next_span = (uint8_t)((state->ui.next_span + 1) % 3);
        break;
    case NS_ACT_STOCK_ADD:
    case NS_ACT_STOCK_COUNT:
    case NS_ACT_STOCK_FINISH:
        act_stock(state, action);
        break;
    case NS_ACT_SORT:
        state->ui.stock_sort = (uint8_t)((state->ui.stock_sort + 1) % 3);
        ns_app_refocus(state);
        break;
    case NS_ACT_FIX:
        ns_app_fix_open(state);
        break;
    case NS_ACT_FILTER:
        state->ui.filtering = true;
        break;
    case NS_ACT_HELP:
        state->ui.overlay = NS_OVERLAY_HELP;
        state->ui.help_row = 0;
        break;
    case NS_ACT_PALETTE:
        state->ui.overlay = NS_OVERLAY_PALETTE;
        state->ui.palette_row = 0;
        state->ui.palette = (struct ns_app_input){0};
        break;
    case NS_ACT_THEME:
    case NS_ACT_LANGUAGE:
    case NS_ACT_MOUSE:
        act_settings(state, action, cmds);
        break;
    case NS_ACT_LOCK:
        state->ui.overlay = NS_OVERLAY_LOCKED;
        state->ui.lock = (struct ns_app_input){0};
        break;
    case NS_ACT_RELOAD:
        if (state->link != NS_LINK_LIVE) {
            ns_app_cmd(cmds, NS_CMD_RECONNECT);
        }
        load_all(state, cmds);
        break;
    case NS_ACT_REDRAW:
        ns_app_cmd(cmds, NS_CMD_REDRAW);
        break;
    case NS_ACT_SUSPEND:
        ns_app_cmd(cmds, NS_CMD_SUSPEND);
        break;
    case NS_ACT_BACK:
        back(state, cmds);
        break;
    case NS_ACT_QUIT:
        state->quitting = true;
        ns_app_cmd(cmds, NS_CMD_QUIT);
        break;
    default:
        break;
    }
}

static void on_key(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds) {
    if (state->ui.overlay != NS_OVERLAY_LOCKED &&
        (key == NS_CTRL('c') || key == NS_CTRL('z') || key == NS_CTRL('l'))) {
        ns_app_act(state, ns_keys_find(NS_ON_ALL, key), cmds);
        return;
    }
    if (ns_app_overlay_key(state, key, cmds)) {
        return;
    }
    enum ns_action action = ns_keys_find(1U << state->ui.screen, key);
    if (action != NS_ACT_NONE) {
        ns_app_act(state, action, cmds);
        return;
    }
    for (int i = 0; i < state->child_count && !state->support_only; i++) {
        if (ns_app_child_letter(state, i) == key) {
            state->ui.child = (uint8_t)i;
        }
    }
}

static void on_mouse(struct ns_app_state *state, struct ns_mouse mouse, struct ns_cmds *cmds) {
    if (state->ui.overlay != NS_OVERLAY_NONE) {
        return; /* a dialog is answered by keys: a stray click must not say yes */
    }
    if (mouse.action != NS_MOUSE_PRESS) {
        ns_app_move_row(state, mouse.action == NS_MOUSE_WHEEL_UP ? -1 : 1);
        return;
    }
    struct ns_layout layout;
    ns_layout_of(state, &layout);
    for (int i = 0; mouse.row == layout.tabs && i < NS_SCREEN_COUNT; i++) {
        if (layout.tab[i].cols > 0 && mouse.col >= layout.tab[i].col &&
            mouse.col < layout.tab[i].col + layout.tab[i].cols) {
            go(state, cmds, (enum ns_app_screen)i);
            return;
        }
    }
    struct ns_list list;
    ns_list_of(state, &list);
    if (mouse.row >= list.row && mouse.row < list.row + list.rows &&
        list.top + mouse.row - list.row < list.count) {
        focus_row(state, list.top + mouse.row - list.row);
    }
}

static void on_tick(struct ns_app_state *state, const struct ns_event *event, struct ns_cmds *cmds) {
    ns_date before = state->today;
    bool first = state->now == 0;
    state->now = event->now;
    state->utc_offset_s = event->utc_offset_s;
    ns_app_local(state, event->now, &state->today, &state->minute);
    if (state->notice.present && event->now - state->notice_at > NOTICE_LIFE) {
        state->notice.present = false;
    }
    if (!first && before != state->today && state->link == NS_LINK_LIVE) {
        load_all(state, cmds); /* a new day: today's counts start anew */
    }
}

static void on_connection(struct ns_app_state *state, const struct ns_event *event,
                          struct ns_cmds *cmds) {
    bool came_back = event->link == NS_LINK_LIVE && state->link != NS_LINK_LIVE;
    if (event->link >= NS_LINK_SILENT && state->link < NS_LINK_SILENT) {
        ns_date day;
        state->link_since = state->now;
        ns_app_local(state, state->now, &day, &state->link_minute);
    }
    state->link = event->link;
    state->queued = event->queued;
    if (came_back) {
        load_all(state, cmds);
    }
    if (event->link != NS_LINK_LIVE || event->queued > 0) {
        state->waited = event->queued;
    } else if (state->waited > 0) {
        char number[16];
        snprintf(number, sizeof number, "%d", (int)state->waited);
        ns_app_notice(state, NS_TONE_GOOD, false,
                      ns_msg_plural(state->lang, state->waited, NS_MSG_note_sent_one,
                                    NS_MSG_note_sent_other), number, NULL, NULL);
        state->waited = 0;
    }
}

static void on_changed(struct ns_app_state *state, const struct ns_event *event,
                       struct ns_cmds *cmds) {
    static const ns_id none = {0};
    if (state->support_only) {
        ns_app_load(cmds, NS_LOAD_SUPPORT, none);
        return;
    }
    switch (event->change) {
    case NS_CHANGED_HOUSEHOLD:
    case NS_CHANGED_CONSENT:
        ns_app_load(cmds, NS_LOAD_HOUSEHOLD, none);
        if (state->ui.screen == NS_SCREEN_PAIR) {
            ns_app_load(cmds, NS_LOAD_DEVICES, none);
        }
        break;
    case NS_CHANGED_PLAN:
        if (state->ui.screen == NS_SCREEN_PLAN) {
            ns_app_load(cmds, NS_LOAD_PLAN, none);
        }
        break;
    case NS_CHANGED_CHILD:
    case NS_CHANGED_IMPORT:
        load_all(state, cmds);
        break;
    case NS_CHANGED_USAGE:
        ns_app_load(cmds, NS_LOAD_CHILDREN, none);
        ns_app_load(cmds, NS_LOAD_LOGS, none);
        ns_app_load(cmds, NS_LOAD_STOCK, none);
        if (!ns_id_is_zero(event->child)) {
            ns_app_load(cmds, NS_LOAD_DAYS, event->child);
        }
        break;
    case NS_CHANGED_INVENTORY:
        ns_app_load(cmds, NS_LOAD_CHILDREN, none);
        ns_app_load(cmds, NS_LOAD_STOCK, none);
        break;
    case NS_CHANGED_PREDICTION:
        if (ns_app_child_index(state, event->child) >= 0) {
            ns_app_load(cmds, NS_LOAD_PREDICTION, event->child);
            state->ui.answers_asked = 0;
        }
        break;
    }
    if (state->ui.screen == NS_SCREEN_SUPPORT) {
        ns_app_load(cmds, NS_LOAD_SUPPORT, none);
    }
}

/* The page of words is read when it is looked at, and anew for another child or forecast. */
static void want_answers(struct ns_app_state *state, struct ns_cmds *cmds) {
    if (state->ui.screen == NS_SCREEN_NEXT && state->ui.next_page == NS_NEXT_WORDS &&
        state->child_count > 0 && state->ui.answers_asked != state->ui.child + 1) {
        state->ui.answers_asked = (uint8_t)(state->ui.child + 1);
        ns_app_load(cmds, NS_LOAD_ANSWERS, state->children[state->ui.child].id);
    }
}

bool ns_app_step(struct ns_app_state *state, const struct ns_event *event, struct ns_cmds *cmds) {
    switch (event->kind) {
    case NS_EVENT_START:
        load_all(state, cmds);
        break;
    case NS_EVENT_KEY:
        on_key(state, event->key, cmds);
        break;
    case NS_EVENT_PASTE:
        ns_app_paste(state, event->paste);
        break;
    case NS_EVENT_MOUSE:
        on_mouse(state, event->mouse, cmds);
        break;
    case NS_EVENT_RESIZE:
        state->rows = event->rows;
        state->cols = event->cols;
        break;
    case NS_EVENT_TICK: {
        ns_date day = state->today;
        int16_t minute = state->minute;
        bool notice = state->notice.present;
        on_tick(state, event, cmds);
        if (state->ui.screen == NS_SCREEN_PAIR && minute != state->minute && state->link == NS_LINK_LIVE) {
            ns_app_load(cmds, NS_LOAD_DEVICES, (ns_id){0}); /* who is connected is no news of its own */
        }
        bool counting = state->pairing.code[0] != '\0';
        ns_app_pairing_tick(state);
        return counting || day != state->today || minute != state->minute || notice != state->notice.present;
    }
    case NS_EVENT_DATA:
        if (!state->support_only || event->data->load == NS_LOAD_SUPPORT) {
            ns_app_take_data(state, event->data, cmds);
        }
        break;
    case NS_EVENT_DONE:
        ns_app_done(state, event->done, cmds);
        break;
    case NS_EVENT_CONNECTION:
        on_connection(state, event, cmds);
        break;
    case NS_EVENT_CHANGED:
        on_changed(state, event, cmds);
        break;
    }
    want_answers(state, cmds);
    return true;
}
