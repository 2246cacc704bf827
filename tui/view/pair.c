/* pair.c: the phones of the home, and the square that lets one in. */
#include "tui/app/layout.h"
#include "tui/view/screens.h"
#include "tui/widget/qr.h"

#include <string.h>

static struct ns_line address_of(const struct ns_app_network *n) {
    return ns_line_join(ns_line_join("https://", "", n->address).s, ":",
                        ns_line_join(ns_line_number(n->port).s, "", "/").s);
}

/* ---- a window is open ---- */

static void how_to(const struct ns_pen *pen, const struct ns_app_state *state, bool square) {
    enum ns_lang lang = state->lang;
    int64_t left = (state->pairing.closes - state->now + NS_SECOND - 1) / NS_SECOND;
    left = left < 0 ? 0 : left;
    char code[12] = "";
    int row = 0;
    (void)ns_str_copy((struct ns_str){state->pairing.code, 4}, code, sizeof code);
    struct ns_line spaced = ns_line_join(code, " ", state->pairing.code + strlen(code));
    struct ns_line second = ns_line_number(left % 60);
    struct ns_line clock = ns_line_join(ns_line_number(left / 60).s, ":", ns_line_join(left % 60 < 10 ? "0" : "", "", second.s).s);
    ns_draw_msg(pen, row, 0, NS_MSG_pair_title, NS_ROLE_TITLE);
    row += pen->area.rows > 8 ? 2 : 1;
    if (square) {
        row += ns_draw_wrapped(pen, row, 0, pen->area.cols, ns_msg(lang, NS_MSG_pair_camera), NS_ROLE_TEXT) + 1;
    } else if (pen->area.rows > 9) {
        row += ns_draw_wrapped(pen, row, 0, pen->area.cols, ns_msg(lang, NS_MSG_pair_no_square), NS_ROLE_DIM) + 1;
    }
    row += ns_draw_wrapped(pen, row, 0, pen->area.cols, ns_msg(lang, NS_MSG_pair_typed), NS_ROLE_TEXT);
    ns_draw(pen, row++, 2, address_of(&state->network).s, NS_ROLE_KEY);
    ns_draw_msg(pen, row++, 0, NS_MSG_pair_type_code, NS_ROLE_TEXT);
    ns_draw(pen, row++, 2, spaced.s, NS_ROLE_KEY);
    row += pen->area.rows > 9;
    ns_draw(pen, row, 0, ns_line_msg(lang, NS_MSG_pair_closes, clock.s, NULL, NULL, NULL).s, left < 60 ? NS_ROLE_WARN : NS_ROLE_TEXT);
    if (pen->area.rows - row > 6) {
        ns_draw_wrapped(pen, row + 2, 0, pen->area.cols, ns_msg(lang, NS_MSG_pair_warning), NS_ROLE_DIM);
    }
}

static void window(const struct ns_pen *body, const struct ns_app_state *state) {
    struct ns_line link = ns_line_join(address_of(&state->network).s, "#pair=", state->pairing.code);
    bool room = body->area.rows >= NS_QR_ROWS && body->area.cols >= NS_QR_COLS + 30;
    struct ns_pen square = ns_pen_part(body, 0, 0, NS_QR_ROWS, NS_QR_COLS);
    bool drawn = room && ns_draw_qr(&square, link.s, state->ui.qr_dark);
    int col = drawn ? NS_QR_COLS + 2 : 1;
    struct ns_pen words = ns_pen_part(body, 0, col, body->area.rows, body->area.cols - col - 1);
    how_to(&words, state, drawn);
}

/* ---- the list ---- */

static void network_line(const struct ns_pen *body, const struct ns_app_state *state, int row) {
    const struct ns_app_network *n = &state->network;
    struct ns_line line;
    enum ns_role role = NS_ROLE_GOOD;
    if (!n->present) {
        line = ns_line_msg(state->lang, NS_MSG_empty_reading, NULL, NULL, NULL, NULL);
        role = NS_ROLE_DIM;
    } else if (n->interface[0] == '\0') {
        line = ns_line_msg(state->lang, NS_MSG_pair_network_off, NULL, NULL, NULL, NULL);
        role = NS_ROLE_TEXT;
    } else if (!n->listening) {
        line = ns_line_msg(state->lang, NS_MSG_pair_network_problem, n->interface, n->problem, NULL, NULL);
        role = NS_ROLE_WARN;
    } else {
        line = ns_line_msg(state->lang, NS_MSG_pair_network_on, n->interface, address_of(n).s, NULL, NULL);
    }
    ns_draw_fit(body, row, 1, body->area.cols - 2, line.s, role);
}

static struct ns_line seen_words(const struct ns_app_state *state, const struct ns_app_device *d) {
    if (d->current) {
        return ns_line_msg(state->lang, NS_MSG_pair_this, NULL, NULL, NULL, NULL);
    }
    if (d->connected) {
        return ns_line_msg(state->lang, NS_MSG_pair_connected, NULL, NULL, NULL, NULL);
    }
    if (d->seen == NS_TIME_NONE) {
        return ns_line_msg(state->lang, NS_MSG_pair_never, NULL, NULL, NULL, NULL);
    }
    struct ns_line at = ns_line_clock(d->seen_minute);
    return d->seen_day == state->today ? at : ns_line_join(ns_line_day_month(state->lang, d->seen_day).s, " ", at.s);
}

static void device_row(const struct ns_pen *body, const struct ns_app_state *state, int row,
                       const struct ns_app_device *d, bool focus) {
    int name_cols = body->area.cols >= 70 ? 22 : (body->area.cols - 4) / 2;
    int seen_cols = body->area.cols >= 70 ? 15 : body->area.cols - name_cols - 5;
    int col = 3;
    ns_draw(body, row, 1, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw_fit(body, row, col, name_cols, d->name, focus ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
    col += name_cols + 1;
    ns_draw_fit(body, row, col, seen_cols, seen_words(state, d).s, d->current || d->connected ? NS_ROLE_GOOD : NS_ROLE_DIM);
    col += seen_cols + 1;
    if (col < body->area.cols - 20) {
        ns_draw_fit(body, row, col, body->area.cols - col - 1, d->may, NS_ROLE_DIM);
    }
}

static void devices(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    struct ns_list list;
    ns_list_of(state, &list);
    int row = 0;
    network_line(body, state, row++);
    if (form == NS_FORM_FULL) {
        row++;
        ns_draw_heading(body, row++, ns_msg(state->lang, NS_MSG_pair_devices));
    }
    if (form != NS_FORM_SMALL) {
        int name_cols = body->area.cols >= 70 ? 22 : (body->area.cols - 4) / 2;
        ns_draw_msg(body, row, 3, NS_MSG_pair_col_name, NS_ROLE_DIM);
        ns_draw_msg(body, row, 3 + name_cols + 1, NS_MSG_pair_col_seen, NS_ROLE_DIM);
        if (body->area.cols >= 70) {
            ns_draw_msg(body, row, 3 + name_cols + 17, NS_MSG_pair_col_may, NS_ROLE_DIM);
        }
        row++;
    }
    for (int i = 0; i < list.rows && list.top + i < list.count; i++) {
        device_row(body, state, row + i, &state->network.device[list.top + i], list.top + i == list.focus);
    }
    if (form == NS_FORM_FULL && state->ui.device_row < state->network.device_count) {
        ns_draw_fit(body, body->area.rows - 1, 1, body->area.cols - 2, state->network.device[state->ui.device_row].may, NS_ROLE_TEXT);
    }
}

void ns_screen_pair(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    if (ns_app_pairing_shown(state)) {
        window(body, state);
    } else {
        devices(body, state, form);
    }
}
