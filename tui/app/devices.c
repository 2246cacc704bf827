/* devices.c: the page of phones: pairing, the network they come over, renaming, throwing out. */
#include "tui/app/acts.h"
#include "tui/app/layout.h"

#include <stdio.h>
#include <string.h>

static const struct ns_app_device *focus(const struct ns_app_state *state) {
    return state->ui.device_row < state->network.device_count ? &state->network.device[state->ui.device_row] : NULL;
}

static struct ns_cmd *send(struct ns_app_state *state, struct ns_cmds *cmds, enum ns_cmd_kind kind, uint8_t what) {
    struct ns_cmd *cmd = ns_app_cmd(cmds, kind);
    cmd->key = ns_app_next_key(state);
    ns_app_wait_for(state, cmd->key, (ns_id){{0}}, what);
    return cmd;
}

static void ask(struct ns_app_state *state, enum ns_app_dialog dialog) {
    state->ui.overlay = NS_OVERLAY_DIALOG;
    state->ui.dialog = (uint8_t)dialog;
    state->ui.dialog_yes = false;
}

/* Off asks to switch off; else one network after the other is offered. */
static void offer_network(struct ns_app_state *state) {
    const struct ns_app_network *n = &state->network;
    if (n->fixed) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_network_fixed, NULL, NULL, NULL);
    } else if (n->interface[0] == '\0' && n->choice_count == 0) {
        ns_app_notice(state, NS_TONE_WARN, false, NS_MSG_pair_no_choice, NULL, NULL, NULL);
    } else {
        state->ui.network_choice =
            (uint8_t)(n->choice_count == 0 ? 0 : (state->ui.network_choice + 1) % n->choice_count);
        ask(state, NS_DIALOG_NETWORK);
    }
}

static void open_rename(struct ns_app_state *state, const struct ns_app_device *d) {
    state->ui.overlay = NS_OVERLAY_FORM;
    state->ui.form = NS_FORM_RENAME;
    state->ui.form_field = 0;
    state->ui.form_error = NS_MSG_NONE;
    state->ui.form_item = d->id;
    state->ui.form_brand.len = (uint16_t)snprintf(state->ui.form_brand.text, NS_APP_INPUT, "%s", d->name);
}

void ns_app_device_act(struct ns_app_state *state, enum ns_action action, struct ns_cmds *cmds) {
    const struct ns_app_device *d = focus(state);
    if (action == NS_ACT_QR) {
        state->ui.qr_dark = !state->ui.qr_dark;
        return;
    }
    if (!ns_app_agent_there(state)) {
        return;
    }
    if (action == NS_ACT_PAIR && !state->network.listening) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_pair_first_network, NULL, NULL, NULL);
    } else if (action == NS_ACT_PAIR) {
        (void)send(state, cmds, NS_CMD_PAIR, NS_WAIT_PAIR);
    } else if (action == NS_ACT_NETWORK) {
        offer_network(state);
    } else if (action == NS_ACT_DEVICE_PANIC) {
        ask(state, NS_DIALOG_PANIC);
    } else if (d == NULL) {
        return;
    } else if (action == NS_ACT_DEVICE_RENAME) {
        open_rename(state, d);
    } else if (d->current) {
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_pair_not_this, NULL, NULL, NULL);
    } else {
        state->ui.form_item = d->id;
        ask(state, NS_DIALOG_REVOKE);
    }
}

void ns_app_device_answer(struct ns_app_state *state, struct ns_cmds *cmds) {
    const struct ns_app_network *n = &state->network;
    if (state->ui.dialog != NS_DIALOG_NETWORK) {
        struct ns_cmd *cmd = send(state, cmds, NS_CMD_DEVICE_REVOKE, NS_WAIT_DEVICE);
        cmd->item = state->ui.dialog == NS_DIALOG_REVOKE ? state->ui.form_item : (ns_id){{0}};
        return;
    }
    struct ns_cmd *cmd = send(state, cmds, NS_CMD_NETWORK, NS_WAIT_DEVICE);
    snprintf(cmd->text, sizeof cmd->text, "%s", n->interface[0] != '\0' ? "" : n->choice[state->ui.network_choice]);
}

void ns_app_device_rename(struct ns_app_state *state, struct ns_cmds *cmds) {
    struct ns_cmd *cmd = send(state, cmds, NS_CMD_DEVICE_RENAME, NS_WAIT_DEVICE);
    cmd->item = state->ui.form_item;
    (void)ns_str_copy((struct ns_str){state->ui.form_brand.text, state->ui.form_brand.len}, cmd->text, sizeof cmd->text);
}

void ns_app_device_done(struct ns_app_state *state, const struct ns_app_done *done, uint8_t what, struct ns_cmds *cmds) {
    if (what == NS_WAIT_PAIR && done->ok) {
        state->pairing = done->pairing;
    } else if (what == NS_WAIT_DEVICE && done->ok) {
        ns_app_notice(state, NS_TONE_GOOD, false, NS_MSG_pair_done, NULL, NULL, NULL);
    }
    if (what == NS_WAIT_PAIR || what == NS_WAIT_DEVICE) {
        ns_app_load(cmds, NS_LOAD_DEVICES, (ns_id){{0}});
    }
}

static bool was_there(const struct ns_app_network *before, ns_id id) {
    for (int i = 0; i < before->device_count; i++) {
        if (ns_id_eq(before->device[i].id, id)) {
            return true;
        }
    }
    return false;
}

/* A device that was not there before came in by the window that is open. */
void ns_app_take_network(struct ns_app_state *state, const struct ns_app_network *network) {
    for (int i = 0; state->network.present && i < network->device_count; i++) {
        if (!was_there(&state->network, network->device[i].id)) {
            ns_app_notice(state, NS_TONE_GOOD, false, NS_MSG_pair_came, network->device[i].name, NULL, NULL);
            state->pairing = (struct ns_app_pairing){0};
        }
    }
    state->network = *network;
    for (int i = 0; i < network->device_count; i++) {
        if (ns_id_eq(network->device[i].id, state->ui.device_id)) {
            state->ui.device_row = (uint8_t)i;
        }
    }
    if (state->ui.device_row >= network->device_count) {
        state->ui.device_row = (uint8_t)(network->device_count == 0 ? 0 : network->device_count - 1);
    }
}

void ns_app_pairing_tick(struct ns_app_state *state) {
    if (state->pairing.code[0] != '\0' && state->now >= state->pairing.closes) {
        state->pairing = (struct ns_app_pairing){0};
        ns_app_notice(state, NS_TONE_INFO, false, NS_MSG_pair_closed, NULL, NULL, NULL);
    }
}
