/* fix.c: the form over Log that corrects a line or takes it out. */
#include "tui/app/acts.h"
#include "tui/app/layout.h"

void ns_app_fix_open(struct ns_app_state *state) {
    uint16_t shown[NS_APP_LOGS];
    size_t n = ns_app_logs_shown(state, shown, NS_APP_LOGS);
    if (state->ui.log_row >= n) {
        return;
    }
    const struct ns_app_log *log = &state->logs[shown[state->ui.log_row]];
    if (log->state != NS_LOG_SAVED) { /* until the agent has it, undo is the way */
        ns_app_notice(state, NS_TONE_WARN, false, NS_MSG_note_fix_waits, NULL, NULL, NULL);
        return;
    }
    state->ui.fix = *log;
    state->ui.fix_field = NS_FIX_TIME;
    state->ui.fix_sure = false;
    state->ui.overlay = NS_OVERLAY_FIX;
}

static void turn_child(struct ns_app_state *state, int by) {
    int at = ns_app_child_index(state, state->ui.fix.child);
    if (at >= 0 && state->child_count > 1) {
        at = (at + by + state->child_count) % state->child_count;
        state->ui.fix.child = state->children[at].id;
    }
}

static void turn_time(struct ns_app_state *state, int minutes) {
    ns_time at = state->ui.fix.at + minutes * NS_MINUTE;
    if (at <= state->now) {
        state->ui.fix.at = at;
        ns_app_local(state, at, &state->ui.fix.day, &state->ui.fix.minute);
    }
}

static void turn(struct ns_app_state *state, int by) {
    struct ns_app_log *fix = &state->ui.fix;
    switch ((enum ns_fix_field)state->ui.fix_field) {
    case NS_FIX_CHILD: turn_child(state, by); break;
    case NS_FIX_TIME: turn_time(state, 5 * by); break;
    case NS_FIX_KIND: fix->kind = (uint8_t)((fix->kind + 4 + by) % 4); break;
    case NS_FIX_LEAK: fix->leak = !fix->leak; break;
    case NS_FIX_OUT:
    case NS_FIX_FIELDS: break;
    }
}

static bool same(const struct ns_app_state *state) {
    const struct ns_app_log *fix = &state->ui.fix;
    for (uint16_t i = 0; i < state->log_count; i++) {
        const struct ns_app_log *log = &state->logs[i];
        if (ns_id_eq(log->id, fix->id)) {
            return ns_id_eq(log->child, fix->child) && log->at == fix->at &&
                   log->kind == fix->kind && log->leak == fix->leak;
        }
    }
    return false;
}

static void enter(struct ns_app_state *state, struct ns_cmds *cmds) {
    bool out = state->ui.fix_field == NS_FIX_OUT;
    if (out && !state->ui.fix_sure) {
        state->ui.fix_sure = true;
        return;
    }
    state->ui.overlay = NS_OVERLAY_NONE;
    if (out || !same(state)) {
        ns_app_log_fix(state, cmds, state->ui.fix.id, out ? NULL : &state->ui.fix);
    }
}

void ns_app_fix_key(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds) {
    uint8_t *field = &state->ui.fix_field;
    if (key == NS_KEY_ENTER) {
        enter(state, cmds);
        return;
    }
    state->ui.fix_sure = false;
    if (key == NS_KEY_ESC || key == 'q') {
        state->ui.overlay = NS_OVERLAY_NONE;
    } else if (key == NS_KEY_TAB || key == NS_KEY_DOWN || key == 'j') {
        *field = (uint8_t)((*field + 1) % NS_FIX_FIELDS);
    } else if (key == NS_KEY_BACKTAB || key == NS_KEY_UP || key == 'k') {
        *field = (uint8_t)((*field + NS_FIX_FIELDS - 1) % NS_FIX_FIELDS);
    } else if (key == NS_KEY_LEFT || key == 'h' || key == '-') {
        turn(state, -1);
    } else if (key == NS_KEY_RIGHT || key == 'l' || key == '+') {
        turn(state, 1);
    } else if (key == NS_KEY_PAGE_UP || key == NS_KEY_PAGE_DOWN) {
        turn_time(state, key == NS_KEY_PAGE_UP ? -60 : 60);
    } else { /* the keys that log it */
        enum ns_action act = ns_keys_find(NS_ON_LOG, key);
        if (act >= NS_ACT_LOG_WET && act <= NS_ACT_LOG_DRY) {
            state->ui.fix.kind = (uint8_t)(act - NS_ACT_LOG_WET);
        } else if (act == NS_ACT_LEAK) {
            state->ui.fix.leak = !state->ui.fix.leak;
        }
    }
}
