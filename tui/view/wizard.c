/* wizard.c: the steps of the first evening, one screen each. */
#include "tui/app/layout.h"
#include "tui/view/screens.h"

#include <stdio.h>
#include <string.h>

#define LABEL 14

/* Hide what is typed: one mark a character. */
static struct ns_line hidden(const char *text) {
    struct ns_line line = {0};
    size_t n = 0;
    for (const char *p = text; *p != '\0' && n + 1 < sizeof line.s; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80) {
            line.s[n++] = '*';
        }
    }
    line.s[n] = '\0';
    return line;
}

/* The end of a long text stays in sight, where it is being typed. */
static const char *tail(const struct ns_pen *pen, const char *text, int cols) {
    while (*text != '\0' && ns_text_cols(pen, text) > cols) {
        do {
            text++;
        } while (((unsigned char)*text & 0xC0) == 0x80);
    }
    return text;
}

static void entry(const struct ns_pen *pen, int row, const char *label, const char *text, bool focus) {
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw_fit(pen, row, 2, LABEL - 2, label, focus ? NS_ROLE_TITLE : NS_ROLE_DIM);
    int room = pen->area.cols - LABEL - 2;
    int col = ns_draw(pen, row, LABEL, tail(pen, text, room), NS_ROLE_FIELD);
    if (focus) {
        ns_draw(pen, row, col, "_", NS_ROLE_KEY);
    }
}

static int words(const struct ns_pen *pen, int row, enum ns_msg msg, enum ns_role role) {
    return row + ns_draw_wrapped(pen, row, 0, pen->area.cols, ns_msg(pen->lang, msg), role);
}

static const char *province_name(enum ns_lang lang, uint8_t i) {
    static const enum ns_msg names[NS_WIZARD_PROVINCES] = {
        NS_MSG_prov_on, NS_MSG_prov_qc, NS_MSG_prov_bc, NS_MSG_prov_ab, NS_MSG_prov_mb, NS_MSG_prov_sk, NS_MSG_prov_ns,
        NS_MSG_prov_nb, NS_MSG_prov_nl, NS_MSG_prov_pe, NS_MSG_prov_nt, NS_MSG_prov_yt, NS_MSG_prov_nu};
    return ns_msg(lang, names[i < NS_WIZARD_PROVINCES ? i : 0]);
}

static struct ns_line spinner(const char *value) {
    return ns_line_join("\u25C2 ", "", ns_line_join(value, "", " \u25B8").s);
}

static void step_language(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_lang_text, NS_ROLE_TEXT) + 1;
    for (int i = 0; i < 2; i++) {
        bool focus = w->focus == i;
        ns_draw(pen, row + i, 2, focus ? "\u25B8" : " ", NS_ROLE_KEY);
        ns_draw_msg(pen, row + i, 4, i == 0 ? NS_MSG_wizard_lang_en : NS_MSG_wizard_lang_fr,
                    focus ? NS_ROLE_SELECTED : NS_ROLE_TEXT);
    }
}

static void step_home(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_home_text, NS_ROLE_TEXT) + 1;
    bool focus = w->focus == 0;
    ns_draw(pen, row, 0, focus ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw_msg(pen, row, 2, NS_MSG_wizard_province, focus ? NS_ROLE_TITLE : NS_ROLE_DIM);
    if (w->province_chosen) {
        ns_draw(pen, row, LABEL, spinner(province_name(w->lang, w->province)).s, NS_ROLE_FIELD);
    } else {
        ns_draw_msg(pen, row, LABEL, NS_MSG_wizard_province_choose, NS_ROLE_DIM);
    }
    entry(pen, row + 1, ns_msg(w->lang, NS_MSG_wizard_name), w->field[NS_FIELD_NAME], w->focus == 1);
}

static void step_pass(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_pass_text, NS_ROLE_TEXT) + 1;
    for (int i = 0; i < 2; i++) {
        const char *typed = w->field[NS_FIELD_PASS1 + i];
        struct ns_line stars = hidden(typed);
        entry(pen, row++, ns_msg(w->lang, i == 0 ? NS_MSG_wizard_pass1 : NS_MSG_wizard_pass2),
              w->show_pass ? typed : stars.s, w->focus == i);
    }
    words(pen, row + 1, NS_MSG_wizard_pass_show, NS_ROLE_DIM);
}

static void step_words(const struct ns_pen *pen, const struct ns_wizard *w) {
    if (!ns_wizard_words_fit(w)) { /* a word cut off is a store lost */
        words(pen, 1, NS_MSG_wizard_words_room, NS_ROLE_WARN);
        return;
    }
    int row = words(pen, 1, NS_MSG_wizard_words_text, NS_ROLE_TEXT) + 1;
    int columns = 4;
    int width = pen->area.cols / columns > 17 ? 17 : pen->area.cols / columns;
    int rows = (w->word_count + columns - 1) / columns;
    for (int i = 0; i < w->word_count; i++) {
        int col = i / rows * width;
        char number[16];
        snprintf(number, sizeof number, "%2d", i + 1);
        ns_draw(pen, row + i % rows, col, number, NS_ROLE_DIM);
        ns_draw(pen, row + i % rows, col + 3, w->words[i], NS_ROLE_TITLE);
    }
    words(pen, row + rows + 1, NS_MSG_wizard_words_next, NS_ROLE_TEXT);
}

static void step_check(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_check_text, NS_ROLE_TEXT) + 1;
    for (int i = 0; i < NS_WIZARD_ASKED; i++) {
        struct ns_line label = ns_line_msg(w->lang, NS_MSG_wizard_word, ns_line_number(w->asked[i] + 1).s, NULL, NULL, NULL);
        entry(pen, row++, label.s, w->field[NS_FIELD_WORD1 + i], w->focus == i);
    }
}

static void step_consent(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_consent_text, NS_ROLE_TEXT) + 1;
    int col = ns_draw(pen, row, 0, w->consent ? "[x]" : "[ ]", NS_ROLE_KEY) + 1;
    ns_draw_msg(pen, row, col, NS_MSG_wizard_consent_box, NS_ROLE_TITLE);
    ns_draw_msg(pen, row + 1, 4, NS_MSG_wizard_consent_toggle, NS_ROLE_DIM);
    if (!w->consent) {
        words(pen, row + 3, NS_MSG_wizard_consent_without, NS_ROLE_WARN);
    }
}

static void step_child(const struct ns_pen *pen, const struct ns_wizard *w) {
    enum ns_lang lang = w->lang;
    entry(pen, 2, ns_msg(lang, NS_MSG_wizard_child_name), w->field[NS_FIELD_CHILD], w->focus == 1);
    entry(pen, 3, ns_msg(lang, NS_MSG_wizard_child_birth), w->field[NS_FIELD_BIRTH], w->focus == 2);
    entry(pen, 4, ns_msg(lang, NS_MSG_wizard_child_usage), w->field[NS_FIELD_USAGE], w->focus == 3);
    ns_draw(pen, 5, 0, w->focus == 0 ? "\u25B8" : " ", NS_ROLE_KEY);
    ns_draw_msg(pen, 5, 2, NS_MSG_form_field_size, w->focus == 0 ? NS_ROLE_TITLE : NS_ROLE_DIM);
    ns_draw(pen, 5, LABEL, spinner(ns_view_size(lang, w->size).s).s, NS_ROLE_FIELD);
    struct ns_line hint = {0};
    if (w->focus == 0) {
        hint = ns_line_msg(lang, NS_MSG_wizard_child_size_hint, NULL, NULL, NULL, NULL);
    } else if (w->focus == 2) {
        hint = ns_line_msg(lang, NS_MSG_wizard_child_birth_hint, NULL, NULL, NULL, NULL);
    } else if (w->focus == 3) {
        struct ns_wizard usual = *w;
        usual.field[NS_FIELD_USAGE][0] = '\0';
        hint = ns_line_msg(lang, NS_MSG_wizard_child_usage_hint, ns_line_number(ns_wizard_usage(&usual)).s, NULL, NULL, NULL);
        ns_wizard_fini(&usual);
    }
    ns_draw(pen, 7, 2, hint.s, NS_ROLE_DIM);
}

static void step_stock(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_stock_text, NS_ROLE_TEXT) + 1;
    ns_draw(pen, row, 2, ns_line_join(w->field[NS_FIELD_CHILD], " \u00B7 ", ns_view_size(w->lang, w->size).s).s, NS_ROLE_TITLE);
    entry(pen, row + 1, ns_msg(w->lang, NS_MSG_form_field_number), w->field[NS_FIELD_COUNT], w->focus == 0);
    entry(pen, row + 2, ns_msg(w->lang, NS_MSG_form_field_brand), w->field[NS_FIELD_BRAND], w->focus == 1);
}

static void step_import(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_import_text, NS_ROLE_TEXT) + 1;
    entry(pen, row, ns_msg(w->lang, NS_MSG_wizard_path), w->field[NS_FIELD_PATH], w->focus == 0);
}

static void fact(const struct ns_pen *pen, int row, enum ns_msg label, const char *text, enum ns_role role) {
    ns_draw_msg(pen, row, 2, label, NS_ROLE_DIM);
    ns_draw(pen, row, LABEL, text, role);
}

static void step_preview(const struct ns_pen *pen, const struct ns_wizard *w) {
    enum ns_lang lang = w->lang;
    const struct ns_wizard_preview *p = &w->preview;
    enum ns_msg order = strcmp(p->day_order, "DAY_FIRST") == 0     ? NS_MSG_order_day_first
                        : strcmp(p->day_order, "MONTH_FIRST") == 0 ? NS_MSG_order_month_first
                                                                   : NS_MSG_order_iso;
    int row = 2;
    fact(pen, row++, NS_MSG_wizard_preview_file, p->file, NS_ROLE_TEXT);
    fact(pen, row++, NS_MSG_wizard_preview_format, ns_line_join(p->format, ", ", ns_msg(lang, order)).s, NS_ROLE_TEXT);
    if (p->first != NS_DATE_NONE) {
        fact(pen, row++, NS_MSG_wizard_preview_span,
             ns_line_msg(lang, NS_MSG_wizard_preview_span_text, ns_line_day_month(lang, p->first).s,
                         ns_line_day_month(lang, p->last).s,
                         ns_line_plural(lang, p->days, NS_MSG_count_day_one, NS_MSG_count_day_other).s, NULL).s, NS_ROLE_TEXT);
    }
    fact(pen, row++, NS_MSG_wizard_preview_changes, ns_line_fixed(lang, p->changes, 0).s, NS_ROLE_GOOD);
    fact(pen, row++, NS_MSG_wizard_preview_gaps,
         ns_line_plural(lang, p->gaps, NS_MSG_wizard_preview_gaps_one, NS_MSG_wizard_preview_gaps_other).s, NS_ROLE_TEXT);
    fact(pen, row++, NS_MSG_wizard_preview_dup,
         ns_line_plural(lang, p->duplicates, NS_MSG_wizard_preview_dup_one, NS_MSG_wizard_preview_dup_other).s, NS_ROLE_TEXT);
    fact(pen, row++, NS_MSG_wizard_preview_bad, ns_line_number(p->refused).s, p->refused > 0 ? NS_ROLE_WARN : NS_ROLE_TEXT);
    if (p->refused > 1) {
        row += ns_draw_wrapped(pen, row, LABEL, pen->area.cols - LABEL, p->reasons, NS_ROLE_WARN);
    }
    for (int i = 0; i < p->problem_count && i < NS_WIZARD_PROBLEMS; i++) {
        row += ns_draw_wrapped(pen, row, LABEL, pen->area.cols - LABEL, p->problem[i], NS_ROLE_WARN);
    }
    if (p->refused > p->problem_count) {
        int64_t more = p->refused - p->problem_count;
        ns_draw(pen, row++, LABEL, ns_line_plural(lang, more, NS_MSG_cli_import_more_one, NS_MSG_cli_import_more_other).s, NS_ROLE_WARN);
    }
    words(pen, row + 1, p->changes > 0 ? NS_MSG_wizard_preview_go : NS_MSG_wizard_preview_none, NS_ROLE_TEXT);
}

static void step_end(const struct ns_pen *pen, const struct ns_wizard *w) {
    int row = words(pen, 1, NS_MSG_wizard_end_text, NS_ROLE_TEXT) + 1;
    if (!w->consent) {
        row = words(pen, row, NS_MSG_wizard_end_consent, NS_ROLE_WARN) + 1;
    }
    words(pen, row, w->imported ? NS_MSG_wizard_end_imported : NS_MSG_wizard_end_fresh, NS_ROLE_TEXT);
}

static void (*const draw_step[NS_WIZARD_STEPS])(const struct ns_pen *, const struct ns_wizard *) = {
    step_language, step_home, step_pass, step_words, step_check, step_consent,
    step_child, step_stock, step_import, step_preview, step_end};

static enum ns_msg head_of(enum ns_wizard_step step) {
    static const enum ns_msg heads[NS_WIZARD_STEPS] = {
        NS_MSG_wizard_lang_head, NS_MSG_wizard_home_head, NS_MSG_wizard_pass_head, NS_MSG_wizard_words_head,
        NS_MSG_wizard_check_head, NS_MSG_wizard_consent_head, NS_MSG_wizard_child_head, NS_MSG_wizard_stock_head,
        NS_MSG_wizard_import_head, NS_MSG_wizard_preview_head, NS_MSG_wizard_end_head};
    return heads[step < NS_WIZARD_STEPS ? step : 0];
}

static void footer(const struct ns_pen *screen, const struct ns_wizard *w, int row) {
    bool back = ns_wizard_can_go_back(w);
    bool skip = w->step == NS_WIZARD_IMPORT || w->step == NS_WIZARD_PREVIEW;
    ns_draw_msg(screen, row, 1,
                skip && back ? NS_MSG_wizard_keys_both
                : skip       ? NS_MSG_wizard_keys_skip
                : back       ? NS_MSG_wizard_keys
                             : NS_MSG_wizard_keys_done,
                NS_ROLE_DIM);
}

void ns_view_wizard(struct ns_grid *grid, const struct ns_wizard *w) {
    int rows = w->rows < 1 ? 1 : w->rows;
    int cols = w->cols < 1 ? 1 : w->cols;
    if (grid->rows != rows || grid->cols != cols || grid->cells == NULL) {
        ns_grid_fini(grid);
        ns_grid_init(grid, rows, cols, !w->caps.unicode);
    }
    grid->ascii = !w->caps.unicode;
    ns_grid_clear(grid);
    struct ns_pen screen = {grid, ns_grid_rect(grid), w->lang, &w->caps};
    bool roomy = rows >= 16;
    int top = 0;
    if (roomy) {
        ns_draw_msg(&screen, 0, 1, NS_MSG_wizard_title, NS_ROLE_TITLE);
        ns_draw_right(&screen, 0, cols - 1,
                      ns_line_msg(w->lang, NS_MSG_wizard_step, ns_line_number(w->step + 1).s,
                                  ns_line_number(NS_WIZARD_STEPS).s, NULL, NULL).s, NS_ROLE_DIM);
        ns_grid_fill(grid, (struct ns_rect){1, 0, 1, cols}, 0x2500, NS_ROLE_BORDER);
        top = 3;
    }
    int width = cols > 78 ? 74 : cols - 2;
    struct ns_pen body = ns_pen_part(&screen, top, cols > 78 ? 3 : 1, rows - top - 2, width);
    ns_draw_msg(&body, 0, 0, head_of(w->step), NS_ROLE_TITLE);
    draw_step[w->step < NS_WIZARD_STEPS ? w->step : 0](&body, w);
    struct ns_pen note = ns_pen_part(&screen, rows - 2, cols > 78 ? 3 : 1, 1, cols - (cols > 78 ? 4 : 2));
    if (w->busy) {
        struct ns_line text = w->progress_total > 0
                                  ? ns_line_msg(w->lang, NS_MSG_wizard_progress, ns_line_fixed(w->lang, w->progress_done, 0).s,
                                                ns_line_fixed(w->lang, w->progress_total, 0).s, NULL, NULL)
                                  : ns_line_msg(w->lang, NS_MSG_wizard_working, NULL, NULL, NULL, NULL);
        ns_draw(&note, 0, 0, text.s, NS_ROLE_WARN);
    } else if (w->error != NS_MSG_NONE) {
        ns_draw_msg(&note, 0, 0, w->error, NS_ROLE_BAD);
    } else if (w->error_text[0] != '\0') {
        struct ns_pen wide_note = ns_pen_part(&screen, rows > 6 ? rows - 4 : rows - 2, cols > 78 ? 3 : 1, rows > 6 ? 3 : 1, width);
        ns_draw_wrapped(&wide_note, 0, 0, width, w->error_text, NS_ROLE_BAD);
    }
    footer(&screen, w, rows - 1);
}
