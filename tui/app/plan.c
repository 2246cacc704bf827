/* plan.c: the page of the plan: what is paid next, other plans, the province, the card, the bills.
 * Nothing that costs or stops is sent before a question was answered with yes. */
#include "tui/app/acts.h"
#include "tui/app/layout.h"

#include <stdio.h>
#include <string.h>

const char *const ns_app_provinces[NS_APP_PROVINCES] = {"AB", "BC", "MB", "NB", "NL", "NS", "NT",
                                                        "NU", "ON", "PE", "QC", "SK", "YT"};

/* A plan that runs and can be changed, against one that must be bought first. */
static bool runs(const struct ns_app_plan *p) {
    return p->standing == NS_STANDING_PRACTICE || p->standing == NS_STANDING_PAID || p->standing == NS_STANDING_GRACE;
}

static bool stoppable(const struct ns_app_plan *p) {
    return p->next_day != NS_DATE_NONE && (runs(p) || p->standing == NS_STANDING_TRIAL);
}

bool ns_app_plan_offers(const struct ns_app_state *state, int action) {
    const struct ns_app_plan *p = &state->plan;
    uint8_t page = state->ui.plan_page;
    bool main = page == NS_PLAN_MAIN && p->present;
    bool sold = main && p->standing != NS_STANDING_SELF_HOSTED;
    switch (action) {
    case NS_ACT_PLAN_OPEN:
        return (main && p->bill_count > 0) || page == NS_PLAN_TIERS || page == NS_PLAN_PROVINCES;
    case NS_ACT_PLAN_CHANGE:
        return main && p->tier_count > 0;
    case NS_ACT_PLAN_MOVE:
        return sold;
    case NS_ACT_PLAN_CARD:
        return sold && p->standing != NS_STANDING_PRACTICE && p->brand[0] != '\0';
    case NS_ACT_PLAN_STOP:
        return sold && stoppable(p);
    default:
        return sold && (p->standing == NS_STANDING_ENDING || (p->standing == NS_STANDING_PRACTICE && p->next_day == NS_DATE_NONE));
    }
}

void ns_app_plan_list(const struct ns_app_state *state, enum ns_form form, int body_rows, struct ns_list *list, int *above) {
    const struct ns_app_plan *p = &state->plan;
    bool full = form == NS_FORM_FULL;
    *above = full ? 2 : 1;
    if (state->ui.plan_page == NS_PLAN_TIERS) {
        list->count = p->tier_count;
        list->focus = state->ui.tier_row;
    } else if (state->ui.plan_page == NS_PLAN_PROVINCES) {
        list->count = NS_APP_PROVINCES;
        list->focus = state->ui.province_row;
    } else if (state->ui.plan_page == NS_PLAN_MAIN) {
        list->count = p->bill_count;
        list->focus = state->ui.bill_row;
        *above = !full ? (body_rows > 6 ? 6 : body_rows) : body_rows > NS_PLAN_ABOVE + 2 ? NS_PLAN_ABOVE : NS_PLAN_ABOVE_FEW;
    }
}

void ns_app_plan_focus(struct ns_app_state *state, int row) {
    if (state->ui.plan_page == NS_PLAN_TIERS) {
        state->ui.tier_row = (uint8_t)row;
    } else if (state->ui.plan_page == NS_PLAN_PROVINCES) {
        state->ui.province_row = (uint8_t)row;
    } else if (state->ui.plan_page == NS_PLAN_MAIN && row < state->plan.bill_count) {
        state->ui.bill_row = (uint8_t)row;
        state->ui.bill_id = state->plan.bill[row].id;
    }
}

bool ns_app_plan_back(struct ns_app_state *state) {
    bool there = state->ui.plan_page != NS_PLAN_MAIN;
    state->ui.plan_page = NS_PLAN_MAIN;
    return there;
}

static void ask(struct ns_app_state *state, enum ns_app_dialog dialog) {
    state->ui.overlay = NS_OVERLAY_DIALOG;
    state->ui.dialog = (uint8_t)dialog;
    state->ui.dialog_yes = false;
}

static struct ns_cmd *send(struct ns_app_state *state, struct ns_cmds *cmds, enum ns_cmd_kind kind, uint8_t what) {
    struct ns_cmd *cmd = ns_app_cmd(cmds, kind);
    cmd->key = ns_app_next_key(state);
    ns_app_wait_for(state, cmd->key, (ns_id){{0}}, what);
    ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_plan_asking, NULL, NULL, NULL);
    return cmd;
}

/* A running plan's change is reckoned by the payment service first; a first purchase shows its price,
 * and a practice home has nobody to ask. */
static void choose_tier(struct ns_app_state *state, struct ns_cmds *cmds) {
    const struct ns_app_plan *p = &state->plan;
    const struct ns_app_tier *tier = &p->tier[state->ui.tier_row];
    state->plan_answer = (struct ns_app_plan_answer){0};
    if (p->standing == NS_STANDING_SELF_HOSTED) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_plan_self_hosted, NULL, NULL, NULL);
    } else if (runs(p) && strcmp(p->id, tier->id) == 0) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_plan_same, NULL, NULL, NULL);
    } else if (runs(p) && p->standing != NS_STANDING_PRACTICE) {
        struct ns_cmd *cmd = send(state, cmds, NS_CMD_PLAN_COST, NS_WAIT_COST);
        (void)ns_str_copy(ns_str_of(tier->id), cmd->text, sizeof cmd->text);
    } else {
        ask(state, NS_DIALOG_PLAN);
    }
}

static int row_of_tier(const struct ns_app_plan *p) {
    for (int i = 0; i < p->tier_count; i++) {
        if (strcmp(p->tier[i].id, p->id) == 0) {
            return i;
        }
    }
    return 0;
}

static int row_of_province(const char *code) {
    for (int i = 0; i < NS_APP_PROVINCES; i++) {
        if (strcmp(ns_app_provinces[i], code) == 0) {
            return i;
        }
    }
    return 0;
}

static void open(struct ns_app_state *state, struct ns_cmds *cmds) {
    if (state->ui.plan_page == NS_PLAN_MAIN) {
        state->ui.plan_page = NS_PLAN_RECEIPT;
    } else if (!ns_app_agent_there(state)) {
        return;
    } else if (state->ui.plan_page == NS_PLAN_TIERS) {
        choose_tier(state, cmds);
    } else if (strcmp(ns_app_provinces[state->ui.province_row], state->plan.province) == 0) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_plan_same_province, NULL, NULL, NULL);
    } else {
        ask(state, NS_DIALOG_PLAN_MOVE);
    }
}

void ns_app_plan_act(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds) {
    if (!ns_app_plan_offers(state, (int)action)) {
        return;
    }
    switch ((int)action) {
    case NS_ACT_PLAN_OPEN:
        open(state, cmds);
        break;
    case NS_ACT_PLAN_CHANGE:
        state->ui.plan_page = NS_PLAN_TIERS;
        state->ui.tier_row = (uint8_t)row_of_tier(&state->plan);
        break;
    case NS_ACT_PLAN_MOVE:
        state->ui.plan_page = NS_PLAN_PROVINCES;
        state->ui.province_row = (uint8_t)row_of_province(state->plan.province);
        break;
    case NS_ACT_PLAN_CARD:
        if (ns_app_agent_there(state)) {
            (void)send(state, cmds, NS_CMD_PLAN_CARD, NS_WAIT_PLAN);
        }
        break;
    case NS_ACT_PLAN_STOP:
        ask(state, NS_DIALOG_PLAN_STOP);
        break;
    default:
        if (ns_app_agent_there(state)) {
            (void)send(state, cmds, NS_CMD_PLAN_RESUME, NS_WAIT_PLAN);
        }
        break;
    }
}

void ns_app_plan_answered(struct ns_app_state *state, struct ns_cmds *cmds) {
    const struct ns_app_plan *p = &state->plan;
    struct ns_cmd *cmd;
    if (!ns_app_agent_there(state)) {
        return;
    }
    if (state->ui.dialog == NS_DIALOG_PLAN_STOP) {
        (void)send(state, cmds, NS_CMD_PLAN_STOP, NS_WAIT_PLAN);
        return;
    }
    if (state->ui.dialog == NS_DIALOG_PLAN_MOVE) {
        cmd = send(state, cmds, NS_CMD_PLAN_MOVE, NS_WAIT_PLAN);
        (void)ns_str_copy(ns_str_of(ns_app_provinces[state->ui.province_row]), cmd->text, sizeof cmd->text);
    } else {
        cmd = send(state, cmds, runs(p) ? NS_CMD_PLAN_CHANGE : NS_CMD_PLAN_BUY, NS_WAIT_PLAN);
        (void)ns_str_copy(ns_str_of(p->tier[state->ui.tier_row].id), cmd->text, sizeof cmd->text);
        (void)ns_str_copy(ns_str_of(p->province), cmd->brand, sizeof cmd->brand);
    }
    state->ui.plan_page = NS_PLAN_MAIN;
}

void ns_app_plan_done(struct ns_app_state *state, const struct ns_app_done *done, uint8_t what, struct ns_cmds *cmds) {
    if (what != NS_WAIT_COST && what != NS_WAIT_PLAN) {
        return;
    }
    bool looked_at = state->ui.screen == NS_SCREEN_PLAN && state->ui.overlay == NS_OVERLAY_NONE;
    if (done->ok) {
        state->plan_answer = done->plan;
        state->notice.present = false;
    }
    if (done->ok && what == NS_WAIT_COST && looked_at && state->ui.plan_page == NS_PLAN_TIERS && done->plan.costs) {
        ask(state, NS_DIALOG_PLAN);
    } else if (done->ok && what == NS_WAIT_PLAN) {
        if (done->plan.url[0] != '\0' && state->ui.screen == NS_SCREEN_PLAN) {
            state->ui.plan_page = NS_PLAN_LINK;
        }
        if (done->plan.said[0] != '\0') {
            ns_app_notice(state, NS_TONE_GOOD, false, NS_MSG_note_plain, done->plan.said, NULL, NULL);
        } else {
            ns_app_notice(state, NS_TONE_GOOD, false, NS_MSG_plan_changed, NULL, NULL, NULL);
        }
    }
    ns_app_load(cmds, NS_LOAD_PLAN, (ns_id){{0}});
}

void ns_app_take_plan(struct ns_app_state *state, const struct ns_app_plan *plan) {
    state->plan = *plan;
    for (int i = 0; i < plan->bill_count; i++) {
        if (state->ui.bill_row != 0 && ns_id_eq(plan->bill[i].id, state->ui.bill_id)) {
            state->ui.bill_row = (uint8_t)i;
        }
    }
    if (state->ui.bill_row >= plan->bill_count) {
        state->ui.bill_row = (uint8_t)(plan->bill_count == 0 ? 0 : plan->bill_count - 1);
    }
    if (state->ui.tier_row >= plan->tier_count) {
        state->ui.tier_row = 0;
    }
    if (state->ui.plan_page == NS_PLAN_RECEIPT && plan->bill_count == 0) {
        state->ui.plan_page = NS_PLAN_MAIN;
    }
}
