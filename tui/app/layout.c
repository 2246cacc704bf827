/* layout.c: forms of the screen, lists, children's letters, numbers that several screens show. */
#include "tui/app/layout.h"
#include "shared/base/err.h"
#include "shared/text/fold.h"
#include "shared/text/utf8.h"
#include "shared/text/width.h"
#include "tui/keys/keys.h"

#include <string.h>

bool ns_app_pairing_shown(const struct ns_app_state *state) {
    return state->ui.screen == NS_SCREEN_PAIR && state->pairing.code[0] != '\0';
}

bool ns_screen_exists(const struct ns_app_state *state, enum ns_app_screen screen) {
    return screen < NS_SCREEN_COUNT && (!state->support_only || screen == NS_SCREEN_SUPPORT);
}

enum ns_msg ns_screen_name(enum ns_app_screen screen) {
    static const enum ns_msg names[NS_SCREEN_COUNT] = {NS_MSG_tab_home, NS_MSG_tab_log,
                                                       NS_MSG_tab_next, NS_MSG_tab_stock,
                                                       NS_MSG_tab_plan, NS_MSG_tab_pair, NS_MSG_tab_support};
    return names[screen < NS_SCREEN_COUNT ? screen : 0];
}

enum ns_msg ns_kind_name(uint8_t kind, bool leak) {
    static const enum ns_msg names[2][4] = {
        {NS_MSG_kind_wet, NS_MSG_kind_dirty, NS_MSG_kind_both, NS_MSG_kind_dry},
        {NS_MSG_kind_wet_leak, NS_MSG_kind_dirty_leak, NS_MSG_kind_both_leak,
         NS_MSG_kind_dry_leak}};
    return names[leak][kind < 4 ? kind : 0];
}

enum ns_msg ns_product_name(uint8_t product) {
    static const enum ns_msg names[] = {NS_MSG_product_diaper, NS_MSG_product_wipes,
                                        NS_MSG_product_cream,  NS_MSG_product_powder,
                                        NS_MSG_product_bags,   NS_MSG_product_pants,
                                        NS_MSG_product_swim};
    return names[product < NS_COUNT(names) ? product : 0];
}

/* Every tab is there: where they do not fit, blanks go first, then the ends of the longest names. */
static void tabs_of(const struct ns_app_state *state, struct ns_layout *out) {
    int name[NS_SCREEN_COUNT] = {0};
    int count = 0, all = 0;
    for (int i = 0; i < NS_SCREEN_COUNT; i++) {
        if (ns_screen_exists(state, (enum ns_app_screen)i)) {
            name[i] = ns_width_text(ns_str_of(ns_msg(state->lang, ns_screen_name((enum ns_app_screen)i))));
            all += name[i];
            count++;
        }
    }
    out->tight = 1 + all + 5 * count - 1 > state->cols;
    int frame = out->tight ? 2 : 4;
    for (all += (frame + 1) * count; all > state->cols; all--) {
        int longest = 0;
        for (int i = 0; i < NS_SCREEN_COUNT; i++) {
            longest = name[i] >= name[longest] ? i : longest;
        }
        if (name[longest] <= 1) {
            break;
        }
        name[longest]--;
    }
    int col = 1;
    for (int i = 0; i < NS_SCREEN_COUNT; i++) {
        if (name[i] > 0) {
            out->tab[i] = (struct ns_span){col, frame + name[i]};
            col += frame + name[i] + 1;
        }
    }
}

void ns_layout_of(const struct ns_app_state *state, struct ns_layout *out) {
    *out = (struct ns_layout){.header = -1, .tabs = -1, .rule = -1, .notice = -1, .keys = -1};
    int rows = state->rows;
    if (rows >= 14 && state->cols >= 60) {
        out->form = NS_FORM_FULL;
        out->header = 0;
        out->tabs = 1;
        out->rule = 2;
        out->body = 3;
        out->notice = rows - 2;
        out->keys = rows - 1;
        out->body_rows = rows - 5;
    } else if (rows >= 8) {
        out->form = NS_FORM_NARROW;
        out->header = 0;
        out->body = 1;
        out->notice = rows - 2;
        out->keys = rows - 1;
        out->body_rows = rows - 3;
    } else {
        out->form = NS_FORM_SMALL;
        out->body = 0;
        out->keys = rows >= 2 ? rows - 1 : -1;
        out->notice = rows >= 4 ? rows - 2 : -1;
        out->body_rows = rows >= 4 ? rows - 2 : rows >= 2 ? rows - 1 : rows;
    }
    if (ns_app_pairing_shown(state) && out->form == NS_FORM_FULL && out->body_rows < NS_QR_ROWS) {
        out->tabs = -1; /* the square needs every row */
        out->rule = -1;
        out->body = 1;
        out->body_rows = rows - 3;
    }
    tabs_of(state, out);
}

static bool log_matches(const struct ns_app_state *state, const struct ns_app_log *log) {
    struct ns_str needle = {state->ui.filter.text, state->ui.filter.len};
    if (needle.n == 0) {
        return true;
    }
    int child = ns_app_child_index(state, log->child);
    const char *kind = ns_msg(state->lang, ns_kind_name(log->kind, log->leak));
    return (child >= 0 && ns_fold_contains(ns_str_of(state->children[child].name), needle)) ||
           ns_fold_contains(ns_str_of(kind), needle) ||
           ns_fold_contains(ns_str_of(log->by), needle);
}

size_t ns_app_logs_shown(const struct ns_app_state *state, uint16_t *out, size_t most) {
    size_t n = 0;
    for (uint16_t i = 0; i < state->log_count && n < most; i++) {
        if (log_matches(state, &state->logs[i])) {
            out[n++] = i;
        }
    }
    return n;
}

const char *ns_app_brand(enum ns_lang lang, const struct ns_app_stock *lot) {
    return lot->brand[0] != '\0' ? lot->brand : ns_msg(lang, NS_MSG_cli_brand_unknown);
}

static bool stock_matches(const struct ns_app_state *state, const struct ns_app_stock *lot) {
    struct ns_str needle = {state->ui.filter.text, state->ui.filter.len};
    int child = ns_app_child_index(state, lot->child);
    return needle.n == 0 || ns_fold_contains(ns_str_of(ns_app_brand(state->lang, lot)), needle) ||
           ns_fold_contains(ns_str_of(lot->name), needle) ||
           ns_fold_contains(ns_str_of(lot->where), needle) ||
           (child >= 0 && ns_fold_contains(ns_str_of(state->children[child].name), needle)) ||
           ns_fold_contains(ns_str_of(ns_msg(state->lang, ns_product_name(lot->product))), needle);
}

static bool stock_before(const struct ns_app_state *state, uint16_t a, uint16_t b) {
    const struct ns_app_stock *x = &state->stock[a];
    const struct ns_app_stock *y = &state->stock[b];
    if (state->ui.stock_sort == 1 && x->remaining != y->remaining) {
        return x->remaining < y->remaining;
    }
    if (state->ui.stock_sort == 2) {
        int order = strcmp(x->brand, y->brand);
        if (order != 0) {
            return order < 0;
        }
    }
    return a < b;
}

size_t ns_app_stock_shown(const struct ns_app_state *state, uint16_t *out, size_t most) {
    size_t n = 0;
    for (uint16_t i = 0; i < state->stock_count && n < most; i++) {
        if (!stock_matches(state, &state->stock[i])) {
            continue;
        }
        size_t at = n++;
        while (at > 0 && stock_before(state, i, out[at - 1])) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = i;
    }
    return n;
}

bool ns_app_key_useful(const struct ns_app_state *state, const struct ns_key_row *row) {
    if ((row->screens & 1U << state->ui.screen) == 0) {
        return false;
    }
    switch ((int)row->action) {
    case NS_ACT_GO_HOME:
    case NS_ACT_GO_LOG:
    case NS_ACT_GO_NEXT:
    case NS_ACT_GO_STOCK:
    case NS_ACT_GO_PLAN:
    case NS_ACT_GO_PAIR:
    case NS_ACT_GO_SUPPORT:
    case NS_ACT_TAB_NEXT:
    case NS_ACT_TAB_PREV:
        return !state->support_only;
    case NS_ACT_CHILD_PREV:
    case NS_ACT_CHILD_NEXT:
        return state->child_count > 1;
    case NS_ACT_LOG_WET:
    case NS_ACT_LOG_DIRTY:
    case NS_ACT_LOG_BOTH:
    case NS_ACT_LOG_DRY:
    case NS_ACT_LEAK:
    case NS_ACT_TWICE:
    case NS_ACT_EARLIER:
    case NS_ACT_AGAIN:
    case NS_ACT_OPEN:
    case NS_ACT_FORECAST:
    case NS_ACT_TABLE:
    case NS_ACT_STOCK_ADD:
        return state->child_count > 0;
    case NS_ACT_SPAN:
        return state->child_count > 0 && state->ui.next_page == NS_NEXT_CHART;
    case NS_ACT_STOCK_COUNT:
    case NS_ACT_STOCK_FINISH:
    case NS_ACT_SORT:
        return state->stock_count > 0;
    case NS_ACT_PAIR:
        return state->network.listening;
    case NS_ACT_NETWORK:
        return state->network.present;
    case NS_ACT_DEVICE_RENAME:
    case NS_ACT_DEVICE_REVOKE:
    case NS_ACT_DEVICE_PANIC:
        return state->network.device_count > 0 && !ns_app_pairing_shown(state);
    case NS_ACT_QR:
        return ns_app_pairing_shown(state) || (state->ui.screen == NS_SCREEN_PLAN && state->ui.plan_page == NS_PLAN_LINK &&
                                                 state->cols >= 100 && state->caps.unicode);
    case NS_ACT_PLAN_OPEN:
    case NS_ACT_PLAN_CHANGE:
    case NS_ACT_PLAN_MOVE:
    case NS_ACT_PLAN_CARD:
    case NS_ACT_PLAN_STOP:
    case NS_ACT_PLAN_RESUME:
        return ns_app_plan_offers(state, (int)row->action);
    case NS_ACT_FIX:
        return state->log_count > 0;
    case NS_ACT_UNDO:
        return state->undo_count > 0;
    default:
        return true;
    }
}

size_t ns_app_help_rows(const struct ns_app_state *state, uint16_t *out, size_t most) {
    size_t n = 0;
    for (uint16_t i = 0; i < ns_key_count && n < most; i++) {
        if (ns_app_key_useful(state, &ns_key_rows[i])) {
            out[n++] = i;
        }
    }
    return n;
}

size_t ns_app_palette_rows(const struct ns_app_state *state, uint16_t *out, size_t most) {
    struct ns_str needle = {state->ui.palette.text, state->ui.palette.len};
    uint16_t all[64];
    int score[64];
    size_t count = ns_app_help_rows(state, all, NS_COUNT(all));
    size_t n = 0;
    for (size_t i = 0; i < count && n < most; i++) {
        enum ns_action action = ns_key_rows[all[i]].action;
        if (action == NS_ACT_PALETTE || action == NS_ACT_UP || action == NS_ACT_DOWN) {
            continue;
        }
        int s = ns_fold_score(ns_str_of(ns_msg(state->lang, ns_key_rows[all[i]].help)), needle);
        int name = ns_fold_score(ns_str_of(ns_msg(state->lang, ns_key_rows[all[i]].label)), needle);
        s = name >= 0 && name + 8 > s ? name + 8 : s; /* its own name says more than its line */
        if (s < 0) {
            continue;
        }
        size_t at = n++;
        while (at > 0 && score[at - 1] < s) {
            out[at] = out[at - 1];
            score[at] = score[at - 1];
            at--;
        }
        out[at] = all[i];
        score[at] = s;
    }
    return n;
}

void ns_list_of(const struct ns_app_state *state, struct ns_list *list) {
    struct ns_layout layout;
    ns_layout_of(state, &layout);
    uint16_t shown[NS_APP_LOGS];
    int above = 0; /* body rows before the list */
    int below = 0; /* and after it */
    *list = (struct ns_list){0};
    if (state->ui.screen == NS_SCREEN_LOG) {
        list->count = (int)ns_app_logs_shown(state, shown, NS_COUNT(shown));
        list->focus = state->ui.log_row;
        above = layout.form == NS_FORM_FULL ? 6 : layout.form == NS_FORM_NARROW ? 2 : 1;
        below = layout.form == NS_FORM_FULL ? 2 : 0;
    } else if (state->ui.screen == NS_SCREEN_STOCK) {
        list->count = (int)ns_app_stock_shown(state, shown, NS_COUNT(shown));
        list->focus = state->ui.stock_row;
        above = layout.form == NS_FORM_FULL ? 2 : layout.form == NS_FORM_NARROW ? 1 : 0;
        below = layout.form == NS_FORM_FULL ? 3 : 0;
    } else if (state->ui.screen == NS_SCREEN_PAIR) {
        list->count = ns_app_pairing_shown(state) ? 0 : state->network.device_count;
        list->focus = state->ui.device_row;
        above = layout.form == NS_FORM_FULL ? 4 : layout.form == NS_FORM_NARROW ? 2 : 1;
        below = layout.form == NS_FORM_FULL ? 2 : 0;
    } else if (state->ui.screen == NS_SCREEN_PLAN) {
        ns_app_plan_list(state, layout.form, layout.body_rows, list, &above);
    } else if (state->ui.screen == NS_SCREEN_SUPPORT) {
        list->count = state->support.problem_count;
        list->focus = state->ui.support_row;
        above = layout.form == NS_FORM_FULL ? 8 : layout.form == NS_FORM_NARROW ? 5 : 2;
    }
    list->row = layout.body + above;
    list->rows = layout.body_rows - above - below;
    list->rows = list->rows < 0 ? 0 : list->rows;
    list->top = list->focus - list->rows / 2;
    if (list->top > list->count - list->rows) {
        list->top = list->count - list->rows;
    }
    list->top = list->top < 0 ? 0 : list->top;
}

int ns_app_child_index(const struct ns_app_state *state, ns_id id) {
    for (int i = 0; i < state->child_count; i++) {
        if (ns_id_eq(state->children[i].id, id)) {
            return i;
        }
    }
    return -1;
}

static uint32_t letter_for(const char *name, uint32_t given) {
    struct ns_buf folded = NS_BUF(512);
    ns_fold_to(&folded, ns_str_of(name));
    uint32_t letter = 0;
    for (size_t k = 0; k < folded.len + 26 && letter == 0; k++) {
        unsigned char c = k < folded.len ? (unsigned char)folded.data[k]
                                         : (unsigned char)('a' + (k - folded.len));
        if (c >= 'a' && c <= 'z' && !ns_keys_taken(c) && (given & 1U << (c - 'a')) == 0) {
            letter = c;
        }
    }
    ns_buf_fini(&folded);
    return letter;
}

uint32_t ns_app_child_letter(const struct ns_app_state *state, int i) {
    uint32_t given = 0;
    for (int k = 0; k <= i && k < state->child_count; k++) {
        uint32_t letter = letter_for(state->children[k].name, given);
        if (k == i) {
            return letter;
        }
        if (letter != 0) {
            given |= 1U << (letter - 'a');
        }
    }
    return 0;
}

int32_t ns_app_rate(const struct ns_app_child *child) {
    if (child->prediction.present) {
        return child->prediction.rate;
    }
    int days = 0;
    int changes = 0;
    for (int i = child->day_count - 1; i >= 0 && days < 7; i--) {
        if (child->days[i].status == NS_DAY_OK) {
            changes += child->days[i].count;
            days++;
        }
    }
    if (days == 7 && changes >= 14) {
        return changes * 100 / days;
    }
    return child->expected > 0 ? child->expected * 100 : NS_APP_NUMBER_NONE;
}

int32_t ns_app_days_left(const struct ns_app_state *state, const struct ns_app_child *child) {
    if (child->left == NS_APP_NUMBER_NONE || !child->ever_stocked) {
        return NS_APP_NUMBER_NONE;
    }
    if (child->left == 0) {
        return 0;
    }
    if (child->prediction.present && child->prediction.runout != NS_DATE_NONE &&
        child->prediction.runout >= state->today && child->prediction.stock == child->left) {
        return child->prediction.runout - state->today;
    }
    int32_t rate = ns_app_rate(child);
    return rate <= 0 ? NS_APP_NUMBER_NONE : child->left * 100 / rate;
}

int32_t ns_app_lasts(const struct ns_app_state *state, const struct ns_app_stock *lot) {
    int child = ns_app_child_index(state, lot->child);
    if (child < 0 || lot->product != 0 || lot->expired) {
        return NS_APP_NUMBER_NONE;
    }
    int32_t rate = ns_app_rate(&state->children[child]);
    return rate <= 0 ? NS_APP_NUMBER_NONE : (int32_t)((int64_t)lot->remaining * 1000 / rate);
}
