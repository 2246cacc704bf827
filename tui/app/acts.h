/* acts.h: what keys do, to the screen (app.c), to what lies over it (overlay.c) and to the
 * household (acts.c). Private to tui/app. */
#pragma once
#include "tui/app/app.h"
#include "tui/keys/keys.h"

enum { NS_WAIT_UNDO = 1, NS_WAIT_PREDICT, NS_WAIT_STOCK, NS_WAIT_FIX, NS_WAIT_PAIR, NS_WAIT_DEVICE, NS_WAIT_COST, NS_WAIT_PLAN };

/* app.c */
void ns_app_act(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds);
void ns_app_move_row(struct ns_app_state *state, int by);

/* overlay.c */
/* True: the key was for what lies over the screen, or for the filter line. */
bool ns_app_overlay_key(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds);
void ns_app_paste(struct ns_app_state *state, struct ns_str paste);

/* fix.c */
void ns_app_fix_open(struct ns_app_state *state);
void ns_app_fix_key(struct ns_app_state *state, uint32_t key, struct ns_cmds *cmds);

/* devices.c */
void ns_app_device_act(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds);
void ns_app_device_answer(struct ns_app_state *state, struct ns_cmds *cmds); /* yes, to the dialog */
void ns_app_device_rename(struct ns_app_state *state, struct ns_cmds *cmds);
void ns_app_device_done(struct ns_app_state *state, const struct ns_app_done *done, uint8_t what, struct ns_cmds *cmds);
void ns_app_take_network(struct ns_app_state *state, const struct ns_app_network *network);
void ns_app_pairing_tick(struct ns_app_state *state);

/* plan.c */
void ns_app_plan_act(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds);
bool ns_app_plan_back(struct ns_app_state *state); /* Esc; false: already on the first page */
void ns_app_plan_focus(struct ns_app_state *state, int row);
void ns_app_plan_answered(struct ns_app_state *state, struct ns_cmds *cmds); /* yes, to the dialog */
void ns_app_plan_done(struct ns_app_state *state, const struct ns_app_done *done, uint8_t what, struct ns_cmds *cmds);
void ns_app_take_plan(struct ns_app_state *state, const struct ns_app_plan *plan);

/* acts.c */
bool ns_app_agent_there(struct ns_app_state *state);
void ns_app_wait_for(struct ns_app_state *state, ns_id key, ns_id child, uint8_t what);
struct ns_cmd *ns_app_cmd(struct ns_cmds *cmds, enum ns_cmd_kind kind);
void ns_app_load(struct ns_cmds *cmds, enum ns_app_load load, ns_id child);
ns_id ns_app_next_key(struct ns_app_state *state);
void ns_app_notice(struct ns_app_state *state, enum ns_app_tone tone, bool undo, enum ns_msg msg,
                   const char *a0, const char *a1, const char *a2);

void ns_app_log_change(struct ns_app_state *state, struct ns_cmds *cmds, uint8_t kind, bool sure);
void ns_app_log_again(struct ns_app_state *state, struct ns_cmds *cmds);
void ns_app_undo_last(struct ns_app_state *state, struct ns_cmds *cmds);
/* The line becomes what `now` says; NULL: it is taken out. */
void ns_app_log_fix(struct ns_app_state *state, struct ns_cmds *cmds, ns_id line,
                    const struct ns_app_log *now);
void ns_app_predict(struct ns_app_state *state, struct ns_cmds *cmds);
void ns_app_stock_set(struct ns_app_state *state, struct ns_cmds *cmds, ns_id item, int32_t count);
void ns_app_stock_add(struct ns_app_state *state, struct ns_cmds *cmds, int32_t count);
void ns_app_done(struct ns_app_state *state, const struct ns_app_done *done, struct ns_cmds *cmds);
void ns_app_take_data(struct ns_app_state *state, const struct ns_app_data *data,
                      struct ns_cmds *cmds);
/* Local day and minute of an instant. */
void ns_app_local(const struct ns_app_state *state, ns_time at, ns_date *day, int16_t *minute);
const struct ns_app_stock *ns_app_stock_focus(const struct ns_app_state *state);
void ns_app_refocus(struct ns_app_state *state);
