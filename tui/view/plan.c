/* plan.c: the plan: what is paid next and why, other plans, the province, a bill, the page to pay on. */
#include "shared/calendar/holiday.h"
#include "tui/app/layout.h"
#include "tui/view/plan_parts.h"
#include "tui/widget/qr.h"

#include <string.h>

static int amount_end(const struct ns_pen *body) {
    return body->area.cols > 48 ? 34 : body->area.cols - 1;
}

static const char *title_of(enum ns_lang lang, const char *province) {
    const char *title = ns_province_title(province, lang == NS_LANG_FR);
    return title == NULL ? province : title;
}

/* ---- the first page ---- */

/* What needs a person first: an open question, then the card. */
static void second_line(const struct ns_pen *body, const struct ns_app_state *state, int row) {
    const struct ns_app_plan *p = &state->plan;
    struct ns_line text = {0};
    enum ns_role role = NS_ROLE_DIM;
    if (p->waiting != NS_WAITING_NONE) {
        static const enum ns_msg texts[] = {NS_MSG_NONE, NS_MSG_plan_waiting_request, NS_MSG_plan_waiting_page_here,
                                            NS_MSG_plan_waiting_person};
        text = ns_line_msg(state->lang, texts[p->waiting], ns_line_clock(p->page_minute).s, NULL, NULL, NULL);
        role = NS_ROLE_WARN;
    } else if (p->brand[0] != '\0') {
        text = ns_line_msg(state->lang, NS_MSG_plan_card_line, p->brand, p->last4, NULL, NULL);
    }
    ns_draw_fit(body, row, 1, body->area.cols - 2, text.s, role);
}

/* Returns the row after the taxes and the total. */
static int next_bill(const struct ns_pen *body, const struct ns_app_state *state, int row, enum ns_form form) {
    const struct ns_app_plan *p = &state->plan;
    if (p->standing == NS_STANDING_SELF_HOSTED) {
        return row + ns_draw_wrapped(body, row, 1, body->area.cols - 2, ns_msg(state->lang, NS_MSG_plan_not_set_up), NS_ROLE_TEXT);
    }
    if (p->next_day == NS_DATE_NONE || p->price <= 0) {
        ns_draw_fit(body, row, 1, body->area.cols - 2, ns_msg(state->lang, NS_MSG_plan_next_none), NS_ROLE_TEXT);
        return row + 1;
    }
    struct ns_line label = ns_line_join(ns_view_iso(p->next_day).s, "  ", p->name);
    if (form == NS_FORM_SMALL) {
        ns_view_total(body, row, amount_end(body), p->province, p->next_day, label.s, p->price);
        return row + 1;
    }
    row += ns_view_priced(body, row, amount_end(body), p->province, p->next_day, label.s, p->price, NS_MSG_plan_pay_label);
    if (form == NS_FORM_FULL) {
        ns_draw_fit(body, row++, 1, body->area.cols - 2,
                    ns_line_msg(state->lang, NS_MSG_plan_taxed_here, title_of(state->lang, p->province), NULL, NULL, NULL).s, NS_ROLE_DIM);
    }
    return row;
}

static void other_tiers(const struct ns_pen *body, const struct ns_app_state *state, int row) {
    const struct ns_app_plan *p = &state->plan;
    ns_draw_heading(body, row++, ns_msg(state->lang, NS_MSG_plan_others));
    for (int i = 0; i < p->tier_count && row < NS_PLAN_ABOVE - 1; i++) {
        bool mine = strcmp(p->tier[i].id, p->id) == 0;
        if (mine && p->tier_count > NS_PLAN_ABOVE - 10) {
            continue;
        }
        int col = ns_draw_fit(body, row, 3, 10, p->tier[i].name, NS_ROLE_TEXT);
        ns_draw_right(body, row, 24, ns_view_money(state->lang, p->tier[i].price).s, NS_ROLE_TEXT);
        col = col > 26 ? col : 26;
        ns_draw_fit(body, row++, col, body->area.cols - col - 1, p->tier[i].what, NS_ROLE_DIM);
    }
}

static struct ns_line bill_mark(enum ns_lang lang, const struct ns_app_bill *b, enum ns_role *role) {
    static const enum ns_msg words[] = {NS_MSG_bill_pending, NS_MSG_bill_paid, NS_MSG_bill_failed, NS_MSG_bill_refunded};
    static const char *const marks[] = {"\u25D4", "\u2713", "\u2715", "\u21BA"};
    static const enum ns_role roles[] = {NS_ROLE_WARN, NS_ROLE_GOOD, NS_ROLE_BAD, NS_ROLE_DIM};
    unsigned i = b->state <= NS_BILL_GIVEN_BACK ? b->state : 0;
    *role = roles[i];
    return ns_line_join(marks[i], " ", ns_msg(lang, words[i]));
}

static void bill_row(const struct ns_pen *body, enum ns_lang lang, int row, const struct ns_app_bill *b, bool focus) {
    enum ns_role role;
    struct ns_line mark = bill_mark(lang, b, &role);
    ns_draw(body, row, 1, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw(body, row, 3, ns_view_iso(b->day).s, focus ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
    ns_draw_right(body, row, 25, ns_view_money(lang, b->total).s, NS_ROLE_TEXT);
    ns_draw_fit(body, row, 27, 13, mark.s, role);
    if (body->area.cols > 52) {
        ns_draw_fit(body, row, 41, body->area.cols - 42, b->what, NS_ROLE_DIM);
    }
}

static void bills(const struct ns_pen *body, const struct ns_app_state *state, int row) {
    const struct ns_app_plan *p = &state->plan;
    struct ns_list list;
    ns_list_of(state, &list);
    if (p->bill_count == 0) {
        ns_draw_fit(body, row, 1, body->area.cols - 2, ns_msg(state->lang, NS_MSG_bills_none), NS_ROLE_DIM);
    }
    for (int i = 0; i < list.rows && list.top + i < p->bill_count; i++) {
        bill_row(body, state->lang, row + i, &p->bill[list.top + i], list.top + i == list.focus);
    }
}

static void first_page(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    const struct ns_app_plan *p = &state->plan;
    struct ns_layout layout;
    struct ns_list list;
    ns_layout_of(state, &layout);
    ns_list_of(state, &list);
    struct ns_line head = ns_line_msg(state->lang, NS_MSG_plan_head, p->name, ns_view_standing(state).s, NULL, NULL);
    bool bad = p->standing == NS_STANDING_GRACE || p->standing == NS_STANDING_UNPAID;
    ns_draw_fit(body, 0, 1, body->area.cols - 2, head.s, bad ? NS_ROLE_BAD : NS_ROLE_TITLE);
    if (form != NS_FORM_FULL) {
        int row = next_bill(body, state, 1, form);
        if (row < list.row - layout.body) {
            second_line(body, state, row);
        }
        if (list.rows > 0) {
            bills(body, state, list.row - layout.body);
        }
        return;
    }
    second_line(body, state, 1);
    ns_draw_heading(body, 2, ns_msg(state->lang, NS_MSG_plan_next_bill));
    (void)next_bill(body, state, 3, form);
    int above = list.row - layout.body;
    if (above == NS_PLAN_ABOVE) {
        other_tiers(body, state, 8);
    }
    if (list.rows > 0) {
        ns_draw_heading(body, above - 1, ns_msg(state->lang, NS_MSG_plan_bills));
        bills(body, state, above);
    }
}

/* ---- choosing ---- */

/* Rows of the list from its place; each draws name, what it costs with tax, and a mark. */
static int list_at(const struct ns_app_state *state, struct ns_list *list) {
    struct ns_layout layout;
    ns_layout_of(state, &layout);
    ns_list_of(state, list);
    return list->row - layout.body;
}

static void price_row(const struct ns_pen *body, const struct ns_app_state *state, int row, bool focus, bool mine,
                      int name_cols, const char *name, const char *province, ns_money price) {
    struct ns_plan_tax_row taxes[NS_PLAN_TAX_ROWS];
    struct ns_line with = {0};
    ns_money total = price;
    ns_date day = state->plan.next_day == NS_DATE_NONE ? state->today : state->plan.next_day;
    int n = ns_plan_tax_rows(state->lang, province, day, price, taxes, &total);
    for (int i = 0; i < n; i++) {
        with = ns_line_join(with.s, " + ", ns_line_join(taxes[i].label, " ", ns_view_money(state->lang, taxes[i].cents).s).s);
    }
    name_cols = body->area.cols >= 60 ? name_cols : body->area.cols - 16;
    if (name_cols < 20) {
        with = ns_line_join(ns_view_money(state->lang, price).s, " + ", with.s);
    }
    ns_draw(body, row, 1, focus ? "\u25B8" : mine ? "\u2713" : " ", NS_ROLE_KEY);
    ns_draw_fit(body, row, 3, name_cols, name, focus ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
    ns_draw_right(body, row, 3 + name_cols + 11, n < 0 ? "?" : ns_view_money(state->lang, total).s, NS_ROLE_TITLE);
    if (body->area.cols >= 60 && n > 0) {
        ns_draw_fit(body, row, name_cols + 17, body->area.cols - name_cols - 18,
                    with.s, NS_ROLE_DIM);
    }
}

static void tiers(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    const struct ns_app_plan *p = &state->plan;
    struct ns_list list;
    int row = list_at(state, &list);
    ns_draw_fit(body, 0, 1, body->area.cols - 2,
                ns_line_msg(state->lang, NS_MSG_plan_choose_title, title_of(state->lang, p->province), NULL, NULL, NULL).s, NS_ROLE_TITLE);
    for (int i = 0; i < list.rows && list.top + i < list.count; i++) {
        const struct ns_app_tier *t = &p->tier[list.top + i];
        price_row(body, state, row + i, list.top + i == list.focus, strcmp(t->id, p->id) == 0, 12, t->name, p->province, t->price);
    }
    row += list.count + 1;
    if (form == NS_FORM_FULL && state->ui.tier_row < p->tier_count && row + 3 < body->area.rows) {
        const struct ns_app_tier *t = &p->tier[state->ui.tier_row];
        ns_draw_heading(body, row++, t->name);
        row += ns_draw_wrapped(body, row, 1, body->area.cols - 2, t->what, NS_ROLE_TEXT) + 1;
        ns_draw_wrapped(body, row, 1, body->area.cols - 2,
                        ns_msg(state->lang, p->standing == NS_STANDING_SELF_HOSTED ? NS_MSG_plan_self_hosted : NS_MSG_plan_choose_how), NS_ROLE_DIM);
    }
}

static void provinces(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    const struct ns_app_plan *p = &state->plan;
    struct ns_list list;
    int row = list_at(state, &list);
    ns_draw_fit(body, 0, 1, body->area.cols - 2, ns_msg(state->lang, NS_MSG_plan_province_title), NS_ROLE_TITLE);
    for (int i = 0; i < list.rows && list.top + i < list.count; i++) {
        const char *code = ns_app_provinces[list.top + i];
        ns_money price = p->price > 0 ? p->price : p->tier_count > 0 ? p->tier[0].price : 0;
        price_row(body, state, row + i, list.top + i == list.focus, strcmp(code, p->province) == 0, 26, title_of(state->lang, code), code, price);
    }
    if (form == NS_FORM_FULL && body->area.rows > row + NS_APP_PROVINCES + 1) {
        ns_draw_wrapped(body, row + NS_APP_PROVINCES + 1, 1, body->area.cols - 2, ns_msg(state->lang, NS_MSG_plan_province_how), NS_ROLE_DIM);
    }
}

/* ---- a receipt ---- */

static void said(const struct ns_pen *body, int *row, enum ns_msg label, const char *text) {
    if (*row < body->area.rows && text != NULL && text[0] != '\0') {
        ns_draw_fit(body, *row, 1, 22, ns_msg(body->lang, label), NS_ROLE_DIM);
        ns_draw_fit(body, (*row)++, 24, body->area.cols - 25, text, NS_ROLE_TEXT);
    }
}

static void receipt(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    const struct ns_app_bill *b = &state->plan.bill[state->ui.bill_row];
    enum ns_lang lang = state->lang;
    bool practice = strncmp(b->number, "PRACTICE", 8) == 0;
    enum ns_role role;
    int end = amount_end(body), row = 0;
    ns_draw_fit(body, row++, 1, body->area.cols - 2, ns_line_msg(lang, NS_MSG_receipt_title, b->number, NULL, NULL, NULL).s, NS_ROLE_TITLE);
    if (form == NS_FORM_FULL) {
        if (practice) {
            ns_draw_fit(body, row++, 1, body->area.cols - 2, ns_msg(lang, NS_MSG_receipt_practice), NS_ROLE_WARN);
        }
        said(body, &row, NS_MSG_receipt_seller, ns_msg(lang, practice ? NS_MSG_receipt_practice_seller : NS_MSG_receipt_processor_seller));
        said(body, &row, NS_MSG_receipt_date, ns_view_iso(b->day).s);
        said(body, &row, NS_MSG_receipt_for, b->what);
        if (b->from != NS_DATE_NONE && b->until != NS_DATE_NONE) {
            said(body, &row, NS_MSG_receipt_period, ns_line_join(ns_view_iso(b->from).s, " \u2013 ", ns_view_iso(b->until).s).s);
        }
        said(body, &row, NS_MSG_receipt_supply, title_of(lang, b->province));
        said(body, &row, NS_MSG_receipt_status, bill_mark(lang, b, &role).s);
        row++;
    }
    ns_view_amount(body, row++, end, ns_msg(lang, NS_MSG_receipt_subtotal), b->subtotal, NS_ROLE_TEXT);
    row += ns_view_charged(body, row, end, b->province, b->day, b->tax);
    ns_view_amount(body, row++, end, ns_msg(lang, NS_MSG_plan_total_cad), b->total, NS_ROLE_TITLE);
    if (b->refund != NS_APP_MONEY_NONE) {
        ns_view_amount(body, row++, end, ns_msg(lang, NS_MSG_receipt_refund), b->refund, NS_ROLE_TEXT);
    }
    row++;
    if (b->url[0] != '\0' && row + 1 < body->area.rows) {
        ns_draw_fit(body, row++, 1, body->area.cols - 2, ns_msg(lang, NS_MSG_receipt_invoice), NS_ROLE_DIM);
        row += ns_draw_wrapped(body, row, 1, body->area.cols - 2, b->url, NS_ROLE_TEXT);
    }
    if (row < body->area.rows) {
        ns_draw_wrapped(body, row, 1, body->area.cols - 2, ns_line_msg(lang, NS_MSG_plan_receipt_print, b->number, NULL, NULL, NULL).s, NS_ROLE_DIM);
    }
}

/* ---- the page of the payment service ---- */

/* As one text without blanks in it, so that what is selected on the screen is the address. */
static void address(const struct ns_pen *body, int row, const char *url) {
    int cols = body->area.cols;
    for (size_t at = 0; url[at] != '\0' && row < body->area.rows; row++) {
        struct ns_line part = {0};
        size_t left = strlen(url + at);
        size_t n = left < (size_t)cols ? left : (size_t)cols;
        memcpy(part.s, url + at, n < sizeof part.s - 1 ? n : sizeof part.s - 1);
        ns_draw(body, row, 0, part.s, NS_ROLE_KEY);
        at += n;
    }
}

static void page_link(const struct ns_pen *body, const struct ns_app_state *state) {
    const char *url = state->plan_answer.url;
    enum ns_lang lang = state->lang;
    bool wide = body->area.cols >= 100;
    struct ns_pen words = *body;
    int row = 0;
    int square = wide ? ns_draw_qr_any(body, url, state->ui.qr_dark) : 0;
    if (square > 0) { /* two modules a row, one a column */
        words = ns_pen_part(body, 0, 2 * square + 1, body->area.rows, body->area.cols - 2 * square - 1);
    }
    ns_draw_fit(&words, row, 1, words.area.cols - 2, ns_msg(lang, NS_MSG_plan_link_title), NS_ROLE_TITLE);
    row += words.area.rows > 8 ? 2 : 1;
    row += ns_draw_wrapped(&words, row, 1, words.area.cols - 2, ns_msg(lang, NS_MSG_plan_link_words), NS_ROLE_TEXT);
    row += words.area.rows > 8;
    address(&words, row, url);
    row += (int)strlen(url) / words.area.cols + 2;
    if (row < words.area.rows) {
        ns_draw_wrapped(&words, row, 1, words.area.cols - 2, ns_msg(lang, NS_MSG_plan_link_after), NS_ROLE_DIM);
    }
}

void ns_screen_plan(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form) {
    if (!state->plan.present) {
        enum ns_msg msg = state->link >= NS_LINK_SILENT ? NS_MSG_empty_offline : NS_MSG_empty_reading;
        ns_draw_wrapped(body, body->area.rows > 4 ? 1 : 0, 1, body->area.cols - 2, ns_msg(state->lang, msg), NS_ROLE_TEXT);
    } else if (state->ui.plan_page == NS_PLAN_TIERS) {
        tiers(body, state, form);
    } else if (state->ui.plan_page == NS_PLAN_PROVINCES) {
        provinces(body, state, form);
    } else if (state->ui.plan_page == NS_PLAN_RECEIPT) {
        receipt(body, state, form);
    } else if (state->ui.plan_page == NS_PLAN_LINK) {
        page_link(body, state);
    } else {
        first_page(body, state, form);
    }
}
