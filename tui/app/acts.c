/* acts.c: a change is shown at once and sent with a key of its own; the answer confirms it, or
 * takes it back and says why. */
#include "tui/app/acts.h"
#include "tui/app/layout.h"

#include <stdio.h>
#include <string.h>

#define TWICE_WITHIN (2 * NS_MINUTE)

struct ns_cmd *ns_app_cmd(struct ns_cmds *cmds, enum ns_cmd_kind kind) {
    size_t i = cmds->count < NS_CMD_MOST ? cmds->count++ : NS_CMD_MOST - 1;
    cmds->list[i] = (struct ns_cmd){.kind = kind};
    return &cmds->list[i];
}

void ns_app_load(struct ns_cmds *cmds, enum ns_app_load load, ns_id child) {
    for (size_t i = 0; i < cmds->count; i++) {
        if (cmds->list[i].kind == NS_CMD_LOAD && cmds->list[i].load == load &&
            ns_id_eq(cmds->list[i].child, child)) {
            return;
        }
    }
    struct ns_cmd *cmd = ns_app_cmd(cmds, NS_CMD_LOAD);
    cmd->load = load;
    cmd->child = child;
}

static uint64_t mix(uint64_t x) { /* splitmix64 */
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
}

ns_id ns_app_next_key(struct ns_app_state *state) {
    state->counter++;
    uint64_t part[2] = {mix(state->seed[0] + state->counter), mix(state->seed[1] ^ mix(state->counter))};
    uint8_t bytes[16];
    memcpy(bytes, part, sizeof bytes);
    return ns_id_from_bytes(bytes);
}

void ns_app_notice(struct ns_app_state *state, enum ns_app_tone tone, bool undo, enum ns_msg msg,
                   const char *a0, const char *a1, const char *a2) {
    struct ns_buf text = NS_BUF(1024);
    NS_MSG_TO(&text, state->lang, msg, a0, a1, a2);
    state->notice = (struct ns_app_notice){.present = true, .tone = tone, .undo = undo};
    snprintf(state->notice.text, sizeof state->notice.text, "%s", text.data == NULL ? "" : text.data);
    ns_buf_fini(&text);
    state->notice_at = state->now;
}

void ns_app_local(const struct ns_app_state *state, ns_time at, ns_date *day, int16_t *minute) {
    int64_t seconds = at / NS_SECOND - (at % NS_SECOND < 0) + state->utc_offset_s;
    int64_t days = seconds / 86400 - (seconds % 86400 < 0);
    *day = (ns_date)days;
    *minute = (int16_t)((seconds - days * 86400) / 60);
}

/* What the agent must do at once; only changes can wait for it. */
bool ns_app_agent_there(struct ns_app_state *state) {
    bool there = state->link == NS_LINK_LIVE || state->link == NS_LINK_CATCHING_UP;
    if (!there) {
        ns_app_notice(state, NS_TONE_WARN, false, NS_MSG_note_needs_agent, NULL, NULL, NULL);
    }
    return there;
}

void ns_app_wait_for(struct ns_app_state *state, ns_id key, ns_id child, uint8_t what) {
    if (state->pending_count == NS_COUNT(state->pending)) { /* forget the oldest */
        memmove(&state->pending[0], &state->pending[1],
                sizeof state->pending - sizeof state->pending[0]);
        state->pending_count--;
    }
    uint8_t i = state->pending_count++;
    state->pending[i].key = key;
    state->pending[i].child = child;
    state->pending[i].what = what;
}

static void remember(struct ns_app_state *state, struct ns_app_undo act) {
    if (state->undo_count == NS_APP_UNDO) {
        memmove(&state->undo[0], &state->undo[1], sizeof state->undo - sizeof state->undo[0]);
        state->undo_count--;
    }
    state->undo[state->undo_count++] = act;
}

static void count_change(struct ns_app_child *child, ns_date today, const struct ns_app_log *log,
                         int by) {
    if (log->day == today) {
        child->today_changes += by;
    }
    if (child->left != NS_APP_NUMBER_NONE && child->left + (by < 0 ? 1 : -1) >= 0) {
        child->left -= by;
    }
    for (int i = 0; i < child->day_count; i++) {
        if (child->days[i].date == log->day) {
            child->days[i].count = (int16_t)(child->days[i].count + by);
        }
    }
}

static void insert_log(struct ns_app_state *state, const struct ns_app_log *log) {
    uint16_t at = 0;
    while (at < state->log_count && state->logs[at].at > log->at) {
        at++;
    }
    if (at == NS_APP_LOGS) {
        return;
    }
    if (state->log_count == NS_APP_LOGS) {
        state->log_count--;
    }
    memmove(&state->logs[at + 1], &state->logs[at],
            (size_t)(state->log_count - at) * sizeof state->logs[0]);
    state->logs[at] = *log;
    state->log_count++;
}

static const struct ns_app_log *newest_of(const struct ns_app_state *state, ns_id child) {
    for (uint16_t i = 0; i < state->log_count; i++) {
        if (ns_id_eq(state->logs[i].child, child)) {
            return &state->logs[i];
        }
    }
    return NULL;
}

void ns_app_log_change(struct ns_app_state *state, struct ns_cmds *cmds, uint8_t kind, bool sure) {
    if (state->child_count == 0) {
        ns_app_notice(state, NS_TONE_WARN, false, NS_MSG_note_no_child, NULL, NULL, NULL);
        return;
    }
    struct ns_app_child *child = &state->children[state->ui.child];
    ns_time at = state->now - state->ui.back_minutes * NS_MINUTE;
    const struct ns_app_log *last = newest_of(state, child->id);
    if (!sure && last != NULL && last->kind == kind && state->ui.times == 1 &&
        last->at - at < TWICE_WITHIN && at - last->at < TWICE_WITHIN) {
        state->ui.overlay = NS_OVERLAY_DIALOG;
        state->ui.dialog = NS_DIALOG_TWICE;
        state->ui.dialog_kind = kind;
        state->ui.dialog_yes = false;
        return;
    }
    state->group++;
    struct ns_app_log log = {.child = child->id, .at = at, .gap = -1, .kind = kind,
                             .leak = state->ui.leak, .quantity = 1, .state = NS_LOG_SENDING};
    ns_app_local(state, at, &log.day, &log.minute);
    for (int i = 0; i < state->ui.times; i++) {
        struct ns_cmd *cmd = ns_app_cmd(cmds, NS_CMD_LOG);
        cmd->key = ns_app_next_key(state);
        cmd->child = child->id;
        cmd->change = kind;
        cmd->leak = state->ui.leak;
        cmd->at = at;
        log.id = cmd->key;
        insert_log(state, &log);
        count_change(child, state->today, &log, 1);
        remember(state, (struct ns_app_undo){.client_key = cmd->key, .target = cmd->key,
                                             .child = child->id, .group = state->group,
                                             .kind = kind, .log = true});
    }
    if (child->last_change == NS_TIME_NONE || at > child->last_change) {
        child->last_change = at;
        child->last_kind = kind;
    }
    char clock[32];
    snprintf(clock, sizeof clock, "%02d:%02d", log.minute / 60, log.minute % 60);
    ns_app_notice(state, NS_TONE_GOOD, true,
                  state->ui.times > 1 ? NS_MSG_note_logged_twice : NS_MSG_note_logged, child->name,
                  ns_msg(state->lang, ns_kind_name(kind, state->ui.leak)), clock);
    state->ui.back_minutes = 0;
    state->ui.times = 1;
    state->ui.leak = false;
    state->ui.hints = false;
    ns_app_refocus(state);
}

void ns_app_log_again(struct ns_app_state *state, struct ns_cmds *cmds) {
    const struct ns_app_log *last =
        state->child_count == 0 ? NULL : newest_of(state, state->children[state->ui.child].id);
    if (last == NULL) {
        ns_app_notice(state, NS_TONE_WARN, false, NS_MSG_note_nothing_to_repeat, NULL, NULL, NULL);
        return;
    }
    ns_app_log_change(state, cmds, last->kind, false);
}

static void drop_log(struct ns_app_state *state, ns_id id) {
    for (uint16_t i = 0; i < state->log_count; i++) {
        if (!ns_id_eq(state->logs[i].id, id)) {
            continue;
        }
        int child = ns_app_child_index(state, state->logs[i].child);
        if (child >= 0) {
            count_change(&state->children[child], state->today, &state->logs[i], -1);
            const struct ns_app_log *newest;
            memmove(&state->logs[i], &state->logs[i + 1],
                    (size_t)(state->log_count - i - 1) * sizeof state->logs[0]);
            state->log_count--;
            newest = newest_of(state, state->children[child].id);
            state->children[child].last_change = newest == NULL ? NS_TIME_NONE : newest->at;
            state->children[child].last_kind = newest == NULL ? 0 : newest->kind;
        }
        return;
    }
}

void ns_app_undo_last(struct ns_app_state *state, struct ns_cmds *cmds) {
    if (state->undo_count == 0) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_note_nothing_to_undo, NULL, NULL, NULL);
        return;
    }
    if (!ns_id_is_zero(state->undo[state->undo_count - 1].action) && !ns_app_agent_there(state)) {
        return;
    }
    uint32_t group = state->undo[state->undo_count - 1].group;
    struct ns_app_undo act = {0};
    while (state->undo_count > 0 && state->undo[state->undo_count - 1].group == group) {
        act = state->undo[--state->undo_count];
        struct ns_cmd *cmd = ns_app_cmd(cmds, NS_CMD_UNDO);
        cmd->key = ns_app_next_key(state);
        cmd->undo_key = act.client_key;
        cmd->undo_action = act.action;
        cmd->child = act.child;
        ns_app_wait_for(state, cmd->key, act.child, NS_WAIT_UNDO);
        if (act.log) {
            drop_log(state, act.target);
        }
    }
    int child = ns_app_child_index(state, act.child);
    const char *name = child < 0 ? "" : state->children[child].name;
    if (act.log) {
        ns_app_notice(state, NS_TONE_GOOD, false, NS_MSG_note_undone_log, name,
                      ns_msg(state->lang, ns_kind_name(act.kind, false)), NULL);
    } else {
        ns_app_notice(state, NS_TONE_GOOD, false,
                      act.fix ? NS_MSG_note_undone_fix : NS_MSG_note_undone_stock, NULL, NULL, NULL);
    }
    ns_app_refocus(state);
}

void ns_app_log_fix(struct ns_app_state *state, struct ns_cmds *cmds, ns_id line,
                    const struct ns_app_log *now) {
    if (!ns_app_agent_there(state)) {
        return;
    }
    struct ns_cmd *cmd = ns_app_cmd(cmds, now == NULL ? NS_CMD_TAKE_OUT : NS_CMD_FIX);
    cmd->key = ns_app_next_key(state);
    cmd->item = line;
    for (uint16_t i = 0; i < state->log_count; i++) {
        cmd->child = ns_id_eq(state->logs[i].id, line) ? state->logs[i].child : cmd->child;
    }
    drop_log(state, line);
    if (now != NULL) {
        int child = ns_app_child_index(state, now->child);
        cmd->child = now->child;
        cmd->at = now->at;
        cmd->change = now->kind;
        cmd->leak = now->leak;
        insert_log(state, now);
        if (child >= 0) {
            count_change(&state->children[child], state->today, now, 1);
        }
    }
    state->group++;
    remember(state, (struct ns_app_undo){.client_key = cmd->key, .child = cmd->child,
                                         .group = state->group, .fix = true});
    ns_app_wait_for(state, cmd->key, cmd->child, NS_WAIT_FIX);
    ns_app_notice(state, NS_TONE_GOOD, true, now == NULL ? NS_MSG_note_taken_out : NS_MSG_note_fixed,
                  NULL, NULL, NULL);
    ns_app_refocus(state);
}

void ns_app_predict(struct ns_app_state *state, struct ns_cmds *cmds) {
    if (state->child_count == 0) {
        ns_app_notice(state, NS_TONE_WARN, false, NS_MSG_note_no_child, NULL, NULL, NULL);
        return;
    }
    if (!ns_app_agent_there(state)) {
        return;
    }
    struct ns_cmd *cmd = ns_app_cmd(cmds, NS_CMD_PREDICT);
    cmd->key = ns_app_next_key(state);
    cmd->child = state->children[state->ui.child].id;
    state->predicting |= 1U << state->ui.child;
    ns_app_wait_for(state, cmd->key, cmd->child, NS_WAIT_PREDICT);
    ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_note_predicting,
                  state->children[state->ui.child].name, NULL, NULL);
}

const struct ns_app_stock *ns_app_stock_focus(const struct ns_app_state *state) {
    uint16_t shown[NS_APP_STOCK];
    size_t n = ns_app_stock_shown(state, shown, NS_APP_STOCK);
    return state->ui.stock_row < n ? &state->stock[shown[state->ui.stock_row]] : NULL;
}

static void stock_sent(struct ns_app_state *state, ns_id key, ns_id child) {
    state->group++;
    remember(state, (struct ns_app_undo){.client_key = key, .child = child, .group = state->group});
    ns_app_wait_for(state, key, child, NS_WAIT_STOCK);
}

void ns_app_stock_set(struct ns_app_state *state, struct ns_cmds *cmds, ns_id item, int32_t count) {
    for (uint16_t i = 0; i < state->stock_count; i++) {
        struct ns_app_stock *lot = &state->stock[i];
        if (!ns_id_eq(lot->id, item)) {
            continue;
        }
        if (!ns_app_agent_there(state)) {
            return;
        }
        struct ns_cmd *cmd = ns_app_cmd(cmds, NS_CMD_STOCK_SET);
        cmd->key = ns_app_next_key(state);
        cmd->item = item;
        cmd->child = lot->child;
        cmd->count = count;
        stock_sent(state, cmd->key, lot->child);
        char before[16];
        char after[16];
        snprintf(before, sizeof before, "%d", (int)lot->remaining);
        snprintf(after, sizeof after, "%d", (int)count);
        ns_app_notice(state, NS_TONE_GOOD, true, NS_MSG_note_counted, ns_app_brand(state->lang, lot), before, after);
        lot->remaining = count;
        return;
    }
}

void ns_app_stock_add(struct ns_app_state *state, struct ns_cmds *cmds, int32_t count) {
    if (!ns_app_agent_there(state)) {
        return;
    }
    struct ns_cmd *cmd = ns_app_cmd(cmds, NS_CMD_STOCK_ADD);
    cmd->key = ns_app_next_key(state);
    cmd->child = state->children[state->ui.child].id;
    cmd->size = state->ui.form_size;
    cmd->count = count;
    ns_str_copy((struct ns_str){state->ui.form_brand.text, state->ui.form_brand.len}, cmd->brand,
                sizeof cmd->brand);
    stock_sent(state, cmd->key, cmd->child);
    char number[16];
    snprintf(number, sizeof number, "%d", (int)count);
    ns_app_notice(state, NS_TONE_GOOD, true, NS_MSG_note_added, number, cmd->brand, NULL);
}

static void reload_usage(struct ns_cmds *cmds, ns_id child) {
    ns_app_load(cmds, NS_LOAD_CHILDREN, (ns_id){0});
    ns_app_load(cmds, NS_LOAD_LOGS, (ns_id){0});
    ns_app_load(cmds, NS_LOAD_STOCK, (ns_id){0});
    if (!ns_id_is_zero(child)) {
        ns_app_load(cmds, NS_LOAD_DAYS, child);
    }
}

/* The row of a change that is on its way; also of one that an earlier console left waiting. */
static bool row_done(struct ns_app_state *state, const struct ns_app_done *done) {
    for (uint16_t k = 0; k < state->log_count; k++) {
        struct ns_app_log *log = &state->logs[k];
        if (!ns_id_eq(log->id, done->key)) {
            continue;
        }
        if (!done->ok) {
            drop_log(state, done->key);
            return true;
        }
        log->state = done->queued ? NS_LOG_QUEUED : NS_LOG_SAVED;
        if (!done->queued && !ns_id_is_zero(done->log)) {
            log->id = done->log;
        }
        return true;
    }
    return false;
}

/* A log or a stock change came back. */
static bool act_done(struct ns_app_state *state, const struct ns_app_done *done) {
    bool row = row_done(state, done);
    for (int i = state->undo_count - 1; i >= 0; i--) {
        struct ns_app_undo *act = &state->undo[i];
        if (!ns_id_eq(act->client_key, done->key)) {
            continue;
        }
        if (done->ok) {
            act->action = done->action;
            if (!ns_id_is_zero(done->log)) {
                act->target = done->log;
            }
        } else {
            memmove(act, act + 1, (size_t)(state->undo_count - i - 1) * sizeof *act);
            state->undo_count--;
        }
        return true;
    }
    return row;
}

static bool one_waits(const struct ns_app_state *state) {
    for (uint16_t i = 0; i < state->log_count; i++) {
        if (state->logs[i].state == NS_LOG_QUEUED) {
            return true;
        }
    }
    return false;
}

void ns_app_done(struct ns_app_state *state, const struct ns_app_done *done, struct ns_cmds *cmds) {
    bool act = act_done(state, done);
    uint8_t what = 0;
    ns_id child = {0};
    for (uint8_t i = 0; i < state->pending_count; i++) {
        if (ns_id_eq(state->pending[i].key, done->key)) {
            what = state->pending[i].what;
            child = state->pending[i].child;
            memmove(&state->pending[i], &state->pending[i + 1],
                    (size_t)(state->pending_count - i - 1) * sizeof state->pending[0]);
            state->pending_count--;
            break;
        }
    }
    int index = ns_app_child_index(state, child);
    ns_app_device_done(state, done, what, cmds);
    ns_app_plan_done(state, done, what, cmds);
    if (what == NS_WAIT_PREDICT && index >= 0) {
        state->predicting &= ~(1U << index);
        if (done->ok) {
            ns_app_load(cmds, NS_LOAD_PREDICTION, child);
            ns_app_notice(state, NS_TONE_GOOD, false, NS_MSG_note_predicted,
                          state->children[index].name, NULL, NULL);
        }
    }
    if (!done->ok) {
        state->waited -= act && state->waited > 0;
        ns_app_notice(state, NS_TONE_BAD, false, NS_MSG_note_plain, done->text, NULL, NULL);
    } else if (done->queued && act) {
        ns_app_notice(state, NS_TONE_WARN, true, NS_MSG_note_queued, NULL, NULL, NULL);
        state->notice.kept = true;
    } else if (done->no_stock) {
        ns_app_notice(state, NS_TONE_WARN, true, NS_MSG_note_no_stock, NULL, NULL, NULL);
    } else if (act && state->notice.kept && state->waited == 0 && !one_waits(state)) {
        /* "kept here" is no longer true; several that wait are counted when the last has gone */
        ns_app_notice(state, NS_TONE_GOOD, true, NS_MSG_note_sent_one, NULL, NULL, NULL);
    }
    if (what == NS_WAIT_UNDO || what == NS_WAIT_STOCK || what == NS_WAIT_FIX || (act && !done->queued)) {
        reload_usage(cmds, child);
    }
    ns_app_refocus(state);
}

static bool on_its_way(const struct ns_app_log *log) {
    return log->state == NS_LOG_SENDING || log->state == NS_LOG_QUEUED;
}

static void take_children(struct ns_app_state *state, const struct ns_app_data *data,
                          struct ns_cmds *cmds) {
    ns_id focus = state->child_count > 0 ? state->children[state->ui.child].id : (ns_id){0};
    struct ns_app_child old[NS_APP_CHILDREN];
    int old_count = state->child_count;
    memcpy(old, state->children, sizeof old);
    size_t n = data->count < NS_APP_CHILDREN ? data->count : NS_APP_CHILDREN;
    for (size_t i = 0; i < n; i++) {
        struct ns_app_child *child = &state->children[i];
        *child = data->children[i];
        child->prediction = (struct ns_app_prediction){0};
        child->day_count = 0;
        bool known = false;
        for (int k = 0; k < old_count && !known; k++) {
            if (ns_id_eq(old[k].id, child->id)) {
                child->prediction = old[k].prediction;
                child->day_count = old[k].day_count;
                memcpy(child->days, old[k].days, sizeof child->days);
                known = true;
            }
        }
        if (!known) {
            ns_app_load(cmds, NS_LOAD_PREDICTION, child->id);
            ns_app_load(cmds, NS_LOAD_DAYS, child->id);
        }
    }
    state->child_count = (uint8_t)n;
    state->children_read = true;
    for (uint16_t i = 0; i < state->log_count; i++) { /* not yet in the agent's figures */
        const struct ns_app_log *log = &state->logs[i];
        int child = ns_app_child_index(state, log->child);
        if (child >= 0 && on_its_way(log)) {
            count_change(&state->children[child], state->today, log, 1);
        }
    }
    int at = ns_id_is_zero(focus) ? -1 : ns_app_child_index(state, focus);
    state->ui.child = (uint8_t)(at < 0 ? 0 : at);
}

static bool has_log(const struct ns_app_log *logs, size_t n, ns_id id) {
    for (size_t i = 0; i < n; i++) {
        if (ns_id_eq(logs[i].id, id)) {
            return true;
        }
    }
    return false;
}

/* What is on its way stays in sight, and counts, until the agent has it. */
static void take_logs(struct ns_app_state *state, const struct ns_app_data *data) {
    struct ns_app_log kept[NS_APP_LOGS];
    size_t count = 0;
    size_t n = data->count < NS_APP_LOGS ? data->count : NS_APP_LOGS;
    for (uint16_t i = 0; i < state->log_count; i++) {
        if (on_its_way(&state->logs[i]) && !has_log(data->logs, n, state->logs[i].id)) {
            kept[count++] = state->logs[i];
        }
    }
    for (size_t i = 0; i < n; i++) { /* left waiting by an earlier console */
        int child = ns_app_child_index(state, data->logs[i].child);
        if (child >= 0 && on_its_way(&data->logs[i]) &&
            !has_log(state->logs, state->log_count, data->logs[i].id)) {
            count_change(&state->children[child], state->today, &data->logs[i], 1);
        }
    }
    memcpy(state->logs, data->logs, n * sizeof state->logs[0]);
    state->log_count = (uint16_t)n;
    for (size_t i = count; i > 0; i--) {
        insert_log(state, &kept[i - 1]);
    }
    state->logs_read = true;
}

void ns_app_take_data(struct ns_app_state *state, const struct ns_app_data *data,
                      struct ns_cmds *cmds) {
    int child = ns_app_child_index(state, data->child);
    switch (data->load) {
    case NS_LOAD_HOUSEHOLD:
        state->household = *data->household;
        break;
    case NS_LOAD_CHILDREN:
        take_children(state, data, cmds);
        break;
    case NS_LOAD_PREDICTION:
        if (child >= 0) {
            state->children[child].prediction = *data->prediction;
        }
        break;
    case NS_LOAD_ANSWERS:
        if (child >= 0) {
            state->children[child].answers = *data->answers;
        }
        break;
    case NS_LOAD_DAYS:
        if (child >= 0) {
            size_t n = data->count < NS_APP_DAYS ? data->count : NS_APP_DAYS;
            memcpy(state->children[child].days, data->days + (data->count - n),
                   n * sizeof *data->days);
            state->children[child].day_count = (uint8_t)n;
        }
        break;
    case NS_LOAD_LOGS:
        take_logs(state, data);
        break;
    case NS_LOAD_STOCK: {
        size_t n = data->count < NS_APP_STOCK ? data->count : NS_APP_STOCK;
        memcpy(state->stock, data->stock, n * sizeof state->stock[0]);
        state->stock_count = (uint16_t)n;
        state->stock_read = true;
        break;
    }
    case NS_LOAD_SUPPORT:
        state->support = *data->support;
        break;
    case NS_LOAD_DEVICES:
        ns_app_take_network(state, data->network);
        break;
    case NS_LOAD_PLAN:
        ns_app_take_plan(state, data->plan);
        break;
    }
    ns_app_refocus(state);
}

/* Keep the focus on the same row id; without one, on the same place. */
void ns_app_refocus(struct ns_app_state *state) {
    uint16_t shown[NS_APP_LOGS];
    size_t n = ns_app_logs_shown(state, shown, NS_COUNT(shown));
    for (size_t i = 0; i < n && state->ui.log_row != 0; i++) {
        if (ns_id_eq(state->logs[shown[i]].id, state->ui.log_id)) {
            state->ui.log_row = (uint8_t)i;
            break;
        }
    }
    if (state->ui.log_row >= n) {
        state->ui.log_row = (uint8_t)(n == 0 ? 0 : n - 1);
    }
    n = ns_app_stock_shown(state, shown, NS_COUNT(shown));
    for (size_t i = 0; i < n; i++) {
        if (ns_id_eq(state->stock[shown[i]].id, state->ui.stock_id)) {
            state->ui.stock_row = (uint8_t)i;
            break;
        }
    }
    if (state->ui.stock_row >= n) {
        state->ui.stock_row = (uint8_t)(n == 0 ? 0 : n - 1);
    }
    if (n > 0) {
        state->ui.stock_id = state->stock[shown[state->ui.stock_row]].id;
    }
}
