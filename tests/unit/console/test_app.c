/* The reducer: one key logs, answers confirm or take back, undo, filter, dialogs, offline. */
#include "tests/golden/household.h"
#include "tui/app/layout.h"
#include "tui/view/screens.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct ns_app_state state;
static struct ns_cmds cmds;

static void start(void) {
    golden_household(&state, 24, 80, NS_LANG_EN, false);
    cmds.count = 0;
}

static void key(uint32_t k) {
    const struct ns_event event = {.kind = NS_EVENT_KEY, .key = k};
    cmds.count = 0;
    ns_app_step(&state, &event, &cmds);
}

static void done(const struct ns_app_done *d) {
    const struct ns_event event = {.kind = NS_EVENT_DONE, .done = d};
    cmds.count = 0;
    ns_app_step(&state, &event, &cmds);
}

static const struct ns_cmd *command(enum ns_cmd_kind kind) {
    for (size_t i = 0; i < cmds.count; i++) {
        if (cmds.list[i].kind == kind) {
            return &cmds.list[i];
        }
    }
    return NULL;
}

static bool loads(enum ns_app_load load) {
    for (size_t i = 0; i < cmds.count; i++) {
        if (cmds.list[i].kind == NS_CMD_LOAD && cmds.list[i].load == load) {
            return true;
        }
    }
    return false;
}

Test(app, one_key_logs_the_next_change_of_the_child_in_focus) {
    start();
    key('w');
    const struct ns_cmd *log = command(NS_CMD_LOG);
    cr_assert_not_null(log);
    cr_assert(ns_id_eq(log->child, state.children[0].id));
    cr_assert_eq(log->change, NS_CHANGE_WET);
    cr_assert_eq(log->at, state.now);
    cr_assert_not(ns_id_is_zero(log->key));
    cr_assert_eq(state.children[0].left, 37);
    cr_assert_eq(state.children[0].today_changes, 2);
    cr_assert_eq(state.logs[0].state, NS_LOG_SENDING);
    cr_assert_str_eq(state.notice.text, "Logged Mila, wet, 02:14");
}

Test(app, a_childs_letter_chooses_and_the_next_key_logs_for_it) {
    start();
    key('t');
    cr_assert_eq(cmds.count, 0);
    key('d');
    cr_assert(ns_id_eq(command(NS_CMD_LOG)->child, state.children[1].id));
    cr_assert_eq(command(NS_CMD_LOG)->change, NS_CHANGE_DIRTY);
}

Test(app, client_keys_differ_and_depend_on_the_seed) {
    start();
    key('w');
    ns_id first = command(NS_CMD_LOG)->key;
    key('d');
    cr_assert_not(ns_id_eq(first, command(NS_CMD_LOG)->key));
    start();
    state.seed[0] = 99;
    key('w');
    cr_assert_not(ns_id_eq(first, command(NS_CMD_LOG)->key));
}

Test(app, the_same_kind_twice_within_two_minutes_asks_and_no_is_the_default) {
    start();
    key('w');
    key('w');
    cr_assert_null(command(NS_CMD_LOG));
    cr_assert_eq(state.ui.overlay, NS_OVERLAY_DIALOG);
    key(NS_KEY_ENTER);
    cr_assert_null(command(NS_CMD_LOG));
    key('w');
    key('y');
    cr_assert_not_null(command(NS_CMD_LOG));
    cr_assert_eq(state.children[0].left, 36);
}

Test(app, earlier_leak_and_two_at_once_arm_the_next_change_only) {
    start();
    key('2');
    key('-');
    key('-');
    key('x');
    key('+');
    key('b');
    cr_assert_eq(cmds.count, 2);
    cr_assert_eq(cmds.list[0].at, state.now - 10 * NS_MINUTE);
    cr_assert(cmds.list[0].leak);
    cr_assert_not(ns_id_eq(cmds.list[0].key, cmds.list[1].key));
    key('d');
    cr_assert_eq(cmds.count, 1);
    cr_assert_eq(cmds.list[0].at, state.now);
    cr_assert_not(cmds.list[0].leak);
}

Test(app, undo_takes_back_a_whole_key_press_with_the_agents_own_number) {
    start();
    key('w');
    ns_id sent = command(NS_CMD_LOG)->key;
    const struct ns_app_done ok = {.key = sent, .ok = true, .action = {{7}}, .log = {{8}}};
    done(&ok);
    cr_assert(loads(NS_LOAD_CHILDREN) && loads(NS_LOAD_LOGS));
    cr_assert_eq(state.logs[0].state, NS_LOG_SAVED);
    key('u');
    const struct ns_cmd *undo = command(NS_CMD_UNDO);
    cr_assert_not_null(undo);
    cr_assert(ns_id_eq(undo->undo_key, sent));
    cr_assert_eq(undo->undo_action.b[0], 7);
    cr_assert_eq(state.children[0].left, 38);
    cr_assert_eq(state.children[0].today_changes, 1);
    cr_assert_eq(state.log_count, 16);
    key('u');
    cr_assert_null(command(NS_CMD_UNDO));
}

Test(app, two_at_once_are_undone_together) {
    start();
    key('2');
    key('+');
    key('w');
    key('u');
    cr_assert_eq(cmds.count, 2);
    cr_assert_eq(state.children[0].left, 38);
}

Test(app, a_refused_log_disappears_and_the_reason_is_shown) {
    start();
    key('w');
    struct ns_app_done bad = {.key = command(NS_CMD_LOG)->key};
    snprintf(bad.text, sizeof bad.text, "No consent yet");
    done(&bad);
    cr_assert_eq(state.log_count, 16);
    cr_assert_eq(state.children[0].left, 38);
    cr_assert_str_eq(state.notice.text, "No consent yet");
    cr_assert_eq(state.notice.tone, NS_TONE_BAD);
    cr_assert_eq(state.undo_count, 0);
}

Test(app, a_queued_log_stays_in_sight_when_the_list_is_read_again) {
    start();
    key('w');
    const struct ns_app_done queued = {.key = command(NS_CMD_LOG)->key, .ok = true, .queued = true};
    done(&queued);
    cr_assert_eq(state.logs[0].state, NS_LOG_QUEUED);
    struct ns_app_log old[2];
    memcpy(old, &state.logs[1], sizeof old);
    const struct ns_app_data data = {.load = NS_LOAD_LOGS, .logs = old, .count = 2};
    const struct ns_event event = {.kind = NS_EVENT_DATA, .data = &data};
    ns_app_step(&state, &event, &cmds);
    cr_assert_eq(state.log_count, 3);
    cr_assert_eq(state.logs[0].state, NS_LOG_QUEUED);
}

Test(app, kept_here_is_not_said_any_longer_once_the_agent_has_it) {
    start();
    key('w');
    ns_id first = command(NS_CMD_LOG)->key;
    key('t');
    key('d');
    ns_id second = command(NS_CMD_LOG)->key;
    const struct ns_app_done kept[] = {{.key = first, .ok = true, .queued = true}, {.key = second, .ok = true, .queued = true}};
    done(&kept[0]);
    done(&kept[1]);
    cr_assert_str_eq(state.notice.text, "The agent is away: kept here and sent later.");
    const struct ns_app_done sent[] = {{.key = first, .ok = true, .log = {{41}}}, {.key = second, .ok = true, .log = {{42}}}};
    done(&sent[0]);
    cr_assert_str_eq(state.notice.text, "The agent is away: kept here and sent later.", "one still waits");
    done(&sent[1]);
    cr_assert_null(strstr(state.notice.text, "kept here and sent later"), "%s", state.notice.text);
    cr_assert_eq(state.notice.tone, NS_TONE_GOOD);
}

Test(app, reading_the_children_again_keeps_focus_forecast_and_history_by_id) {
    start();
    key('t');
    struct ns_app_child swapped[2] = {state.children[1], state.children[0]};
    swapped[0].prediction = (struct ns_app_prediction){0};
    swapped[0].day_count = 0;
    const struct ns_app_data data = {.load = NS_LOAD_CHILDREN, .children = swapped, .count = 2};
    const struct ns_event event = {.kind = NS_EVENT_DATA, .data = &data};
    ns_app_step(&state, &event, &cmds);
    cr_assert_str_eq(state.children[state.ui.child].name, "Th\u00e9o");
    cr_assert_eq(state.children[0].prediction.rate, 520);
    cr_assert_eq(state.children[1].prediction.rate, 910);
    cr_assert_eq(state.children[0].day_count, 60);
}

Test(app, the_filter_folds_accents_and_escape_shows_everything) {
    start();
    key('2');
    key('/');
    for (const char *p = "THEO"; *p != '\0'; p++) {
        key((uint32_t)*p);
    }
    uint16_t shown[NS_APP_LOGS];
    cr_assert_eq(ns_app_logs_shown(&state, shown, NS_APP_LOGS), 5);
    key(NS_KEY_ENTER);
    key(NS_KEY_ESC);
    cr_assert_eq(ns_app_logs_shown(&state, shown, NS_APP_LOGS), 16);
    cr_assert_eq(state.ui.screen, NS_SCREEN_LOG);
}

Test(app, help_runs_the_chosen_line) {
    start();
    key('?');
    key(NS_KEY_ENTER);
    cr_assert_not_null(command(NS_CMD_LOG));
    cr_assert_eq(state.ui.overlay, NS_OVERLAY_NONE);
}

Test(app, the_palette_finds_a_command_by_its_words_and_runs_it) {
    start();
    key(':');
    for (const char *p = "go to the stock"; *p != '\0'; p++) {
        key((uint32_t)*p);
    }
    key(NS_KEY_ENTER);
    cr_assert_eq(state.ui.screen, NS_SCREEN_STOCK);
}

Test(app, counting_a_pack_sends_the_number_and_a_bad_number_says_why) {
    start();
    key('4');
    key('c');
    key(NS_KEY_ENTER);
    cr_assert_eq(state.ui.form_error, NS_MSG_form_need_count);
    key('x');
    key('7');
    key(NS_KEY_ENTER);
    const struct ns_cmd *set = command(NS_CMD_STOCK_SET);
    cr_assert_not_null(set);
    cr_assert_eq(set->count, 7);
    cr_assert(ns_id_eq(set->item, state.stock[0].id));
}

Test(app, used_up_asks_first_and_no_is_the_default) {
    start();
    key('4');
    key('X');
    key(NS_KEY_ENTER);
    cr_assert_null(command(NS_CMD_STOCK_SET));
    key('X');
    key(NS_KEY_TAB);
    key(NS_KEY_ENTER);
    cr_assert_eq(command(NS_CMD_STOCK_SET)->count, 0);
}

Test(app, a_locked_keyboard_logs_nothing_until_the_word_is_typed) {
    start();
    key('!');
    for (int i = 0; i < 200; i++) {
        key((uint32_t)"wdbquxX:?1"[i % 10]);
        cr_assert_eq(cmds.count, 0);
    }
    for (const char *p = "open"; *p != '\0'; p++) {
        key((uint32_t)*p);
    }
    cr_assert_eq(state.ui.overlay, NS_OVERLAY_NONE);
    key('w');
    cr_assert_not_null(command(NS_CMD_LOG));
}

Test(app, the_support_console_asks_for_its_report_and_nothing_with_names) {
    const struct ns_app_setup setup = {.support_only = true, .rows = 24, .cols = 80};
    ns_app_init(&state, &setup);
    const struct ns_event events[] = {{.kind = NS_EVENT_START}, {.kind = NS_EVENT_CONNECTION, .link = NS_LINK_LIVE},
                                      {.kind = NS_EVENT_KEY, .key = '1'}, {.kind = NS_EVENT_KEY, .key = NS_KEY_TAB},
                                      {.kind = NS_EVENT_KEY, .key = 'R'}, {.kind = NS_EVENT_CHANGED, .change = NS_CHANGED_CHILD}};
    for (size_t i = 0; i < NS_COUNT(events); i++) {
        cmds.count = 0;
        ns_app_step(&state, &events[i], &cmds);
        for (size_t k = 0; k < cmds.count; k++) {
            cr_assert(cmds.list[k].kind == NS_CMD_LOAD && cmds.list[k].load == NS_LOAD_SUPPORT);
        }
    }
    cr_assert_eq(state.ui.screen, NS_SCREEN_SUPPORT);
}

Test(app, a_click_on_a_tab_or_row_goes_there_but_answers_no_dialog) {
    start();
    struct ns_layout layout;
    ns_layout_of(&state, &layout);
    struct ns_event click = {.kind = NS_EVENT_MOUSE, .mouse = {layout.tabs, layout.tab[NS_SCREEN_STOCK].col + 1, NS_MOUSE_PRESS}};
    ns_app_step(&state, &click, &cmds);
    cr_assert_eq(state.ui.screen, NS_SCREEN_STOCK);
    struct ns_list list;
    ns_list_of(&state, &list);
    click.mouse.row = list.row + 2;
    ns_app_step(&state, &click, &cmds);
    cr_assert_eq(state.ui.stock_row, 2);
    key('X');
    cmds.count = 0;
    ns_app_step(&state, &click, &cmds);
    cr_assert_eq(cmds.count, 0);
    cr_assert_eq(state.ui.overlay, NS_OVERLAY_DIALOG);
}

Test(app, any_keys_in_any_order_never_break_the_state) {
    uint32_t x = 7;
    golden_household(&state, 24, 80, NS_LANG_FR, false);
    for (int i = 0; i < 40000; i++) {
        x = x * 1664525U + 1013904223U;
        uint32_t k = (x >> 10) % 140;
        k = k < 128 ? k : NS_KEY_UP + (k - 128);
        key(k);
        cr_assert_leq(cmds.count, NS_CMD_MOST);
        cr_assert_lt(state.ui.child, 2);
        cr_assert_leq(state.log_count, NS_APP_LOGS);
        cr_assert_leq(state.undo_count, NS_APP_UNDO);
    }
}

static void connection(enum ns_app_link_state link, int32_t queued) {
    const struct ns_event event = {.kind = NS_EVENT_CONNECTION, .link = link, .queued = queued};
    cmds.count = 0;
    ns_app_step(&state, &event, &cmds);
}

Test(app, what_waited_is_told_when_it_has_arrived_and_everything_is_read_anew) {
    start();
    connection(NS_LINK_SILENT, 2);
    connection(NS_LINK_CATCHING_UP, 2);
    cr_assert_not(state.notice.present && strstr(state.notice.text, "2 changes") != NULL);
    connection(NS_LINK_LIVE, 0);
    cr_assert_str_eq(state.notice.text, "The 2 changes kept here are now with the agent.");
    cr_assert(loads(NS_LOAD_LOGS));
    connection(NS_LINK_OFFLINE, 1);
    connection(NS_LINK_OFFLINE, 0); /* taken back meanwhile */
    state.notice.present = false;
    connection(NS_LINK_LIVE, 0);
    cr_assert_not(state.notice.present);
}

Test(app, without_the_agent_only_changes_are_taken) {
    start();
    key('w');
    const struct ns_app_done saved = {.key = command(NS_CMD_LOG)->key, .ok = true, .action = state.children[0].id};
    done(&saved);
    connection(NS_LINK_SILENT, 0);
    int undos = state.undo_count;
    key('u');
    cr_assert_null(command(NS_CMD_UNDO));
    cr_assert_eq(state.undo_count, undos, "it can be taken back when the agent is there");
    key('f');
    cr_assert_null(command(NS_CMD_PREDICT));
    cr_assert(strstr(state.notice.text, "has to wait") != NULL);
    key('d');
    cr_assert_not_null(command(NS_CMD_LOG));
    key('u');
    cr_assert_not_null(command(NS_CMD_UNDO), "what has not been sent yet is taken back here");
}

Test(app, a_change_left_waiting_by_an_earlier_console_counts_once_and_settles) {
    start();
    int32_t left = state.children[0].left;
    struct ns_app_log row = {.id = {{9}}, .child = state.children[0].id, .at = state.now,
                             .day = state.today, .state = NS_LOG_QUEUED};
    const struct ns_app_data data = {.load = NS_LOAD_LOGS, .logs = &row, .count = 1};
    const struct ns_event event = {.kind = NS_EVENT_DATA, .data = &data};
    ns_app_step(&state, &event, &cmds);
    ns_app_step(&state, &event, &cmds); /* read again: the same row */
    cr_assert_eq(state.log_count, 1);
    cr_assert_eq(state.children[0].left, left - 1);
    const struct ns_app_done saved = {.key = {{9}}, .ok = true, .log = {{7}}};
    done(&saved);
    cr_assert_eq(state.logs[0].state, NS_LOG_SAVED);
    cr_assert_eq(state.logs[0].id.b[0], 7);
    cr_assert(loads(NS_LOAD_LOGS));
}

Test(app, a_range_of_one_day_is_said_as_one_day) {
    const ns_date day = ns_date_of((struct ns_civil){2026, 11, 29});
    struct ns_app_prediction p = {.runout_earliest = day, .runout_latest = day};
    cr_assert_str_eq(ns_view_runout_range(NS_LANG_EN, &p).s, "8 in 10: on 29 Nov");
    cr_assert_str_eq(ns_view_runout_range(NS_LANG_FR, &p).s, "8 fois sur 10 : le 29 nov.");
    p.runout_latest = day + 2;
    cr_assert_str_eq(ns_view_runout_range(NS_LANG_EN, &p).s, "8 in 10: 29 Nov – 1 Dec");
    p.runout_latest = NS_DATE_NONE;
    cr_assert_str_eq(ns_view_runout_range(NS_LANG_EN, &p).s, "8 in 10: after 29 Nov");
}

Test(app, a_line_of_the_log_is_corrected_and_the_figures_follow) {
    start();
    key('2');
    ns_id line = state.logs[0].id;
    ns_time at = state.logs[0].at;
    int owner = ns_app_child_index(&state, state.logs[0].child);
    int32_t left = state.children[owner].left;
    key(NS_KEY_ENTER);
    cr_assert_eq(state.ui.overlay, NS_OVERLAY_FIX);
    key(NS_KEY_LEFT); /* when: five minutes earlier */
    key(NS_KEY_UP);   /* whose */
    key(NS_KEY_RIGHT);
    key('b');
    key('x');
    key(NS_KEY_ENTER);
    const struct ns_cmd *fix = command(NS_CMD_FIX);
    cr_assert_not_null(fix);
    cr_assert(ns_id_eq(fix->item, line));
    cr_assert_eq(fix->at, at - 5 * NS_MINUTE);
    cr_assert(ns_id_eq(fix->child, state.children[1 - owner].id));
    cr_assert(fix->change == NS_CHANGE_BOTH && fix->leak);
    cr_assert_eq(state.children[owner].left, left + 1);
    const struct ns_app_done ok = {.key = fix->key, .ok = true, .action = {{9}}};
    done(&ok);
    cr_assert(loads(NS_LOAD_LOGS) && loads(NS_LOAD_CHILDREN));
    key('u');
    cr_assert_eq(command(NS_CMD_UNDO)->undo_action.b[0], 9);
}

Test(app, a_line_is_taken_out_only_by_two_enters_and_nothing_changed_sends_nothing) {
    start();
    key('2');
    uint16_t lines = state.log_count;
    key(NS_KEY_ENTER);
    key(NS_KEY_ENTER);
    cr_assert_eq(cmds.count, 0, "the same line is not sent");
    key(NS_KEY_ENTER);
    for (int i = 0; i < 3; i++) {
        key(NS_KEY_DOWN);
    }
    key(NS_KEY_ENTER);
    cr_assert_null(command(NS_CMD_TAKE_OUT));
    key(NS_KEY_DOWN); /* whoever moves on did not mean it */
    key(NS_KEY_UP);
    key(NS_KEY_ENTER);
    cr_assert_null(command(NS_CMD_TAKE_OUT));
    key(NS_KEY_ENTER);
    cr_assert_not_null(command(NS_CMD_TAKE_OUT));
    cr_assert_eq(state.log_count, lines - 1);
}

Test(app, a_line_on_its_way_or_without_an_agent_is_not_corrected) {
    start();
    key('w');
    key('2');
    key('g');
    key(NS_KEY_ENTER);
    cr_assert_eq(state.ui.overlay, NS_OVERLAY_NONE);
    cr_assert_eq(state.notice.tone, NS_TONE_WARN);
    start();
    state.link = NS_LINK_OFFLINE;
    uint16_t lines = state.log_count;
    key('2');
    key(NS_KEY_ENTER);
    key('b');
    key(NS_KEY_ENTER);
    cr_assert_null(command(NS_CMD_FIX));
    cr_assert_eq(state.log_count, lines);
}
