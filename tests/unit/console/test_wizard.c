/* The first evening: what each step refuses, what it sends, what stays secret. */
#include "tui/app/wizard.h"

#include <criterion/criterion.h>
#include <string.h>

static struct ns_wizard w;
static struct ns_wizard_cmd cmd;
static bool sent;

static void begin(void) {
    const struct ns_wizard_setup setup = {.today = 20525, .seed = 3, .rows = 24, .cols = 80};
    ns_wizard_init(&w, &setup);
}

static void press(uint32_t key) {
    const struct ns_wizard_event event = {.kind = NS_WIZARD_KEY, .key = key};
    sent = ns_wizard_step(&w, &event, &cmd);
}

static void type(const char *text) {
    for (const char *p = text; *p != '\0'; p++) {
        press(*p == '\n' ? NS_KEY_ENTER : (uint32_t)(unsigned char)*p);
    }
}

static void answer(enum ns_wizard_event_kind kind) {
    const struct ns_wizard_event event = {.kind = kind, .text = "refused"};
    ns_wizard_step(&w, &event, &cmd);
}

Test(wizard, nothing_is_chosen_or_ticked_beforehand) {
    begin();
    cr_assert_not(w.consent);
    cr_assert_not(w.province_chosen);
    type("\n\n\n");
    cr_assert_eq(w.step, NS_WIZARD_HOME);
    cr_assert_eq(w.error, NS_MSG_wizard_need_province);
}

Test(wizard, weak_or_differing_passphrases_are_refused_with_the_reason) {
    static const struct {
        const char *first;
        const char *second;
        enum ns_msg error;
    } cases[] = {{"short", "short", NS_MSG_wizard_pass_short},
                 {"aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", NS_MSG_wizard_pass_simple},
                 {"123456789012", "123456789012", NS_MSG_wizard_pass_simple},
                 {"Password12345", "Password12345", NS_MSG_wizard_pass_simple},
                 {"blue horse lamp", "blue horse lamb", NS_MSG_wizard_pass_differ}};
    for (size_t i = 0; i < NS_COUNT(cases); i++) {
        begin();
        type("\nq\nAlex\n");
        cr_assert_eq(w.step, NS_WIZARD_PASSPHRASE);
        type(cases[i].first);
        type("\n");
        type(cases[i].second);
        type("\n");
        cr_assert_not(sent);
        cr_assert_eq(w.error, cases[i].error, "case %zu", i);
    }
}

static void reach_words(void) {
    static const char *const words[] = {"one", "two", "three", "four", "five", "six"};
    begin();
    type("\nq\nAlex\nblue horse lamp\nblue horse lamp\n");
    cr_assert(sent && cmd.kind == NS_WIZARD_CMD_CREATE);
    cr_assert_str_eq(ns_wizard_province(&w), "QC");
    const struct ns_wizard_event got = {.kind = NS_WIZARD_GOT_WORDS, .words = words, .word_count = 6};
    ns_wizard_step(&w, &got, &cmd);
}

Test(wizard, the_passphrase_is_wiped_once_the_home_is_made) {
    reach_words();
    for (size_t i = 0; i < NS_WIZARD_TEXT; i++) {
        cr_assert_eq(w.field[NS_FIELD_PASS1][i], 0);
        cr_assert_eq(w.field[NS_FIELD_PASS2][i], 0);
    }
}

Test(wizard, a_wrong_recovery_word_is_refused_and_the_right_ones_are_wiped) {
    reach_words();
    type("\nwrong\nwrong\nwrong\n");
    cr_assert_eq(w.step, NS_WIZARD_WORDS_CHECK);
    cr_assert_eq(w.error, NS_MSG_wizard_word_wrong);
    for (int i = 0; i < 3; i++) {
        w.field[NS_FIELD_WORD1 + i][0] = '\0';
    }
    w.focus = 0;
    for (int i = 0; i < 3; i++) {
        type(w.words[w.asked[i]]);
        type("\n");
    }
    cr_assert_eq(w.step, NS_WIZARD_CONSENT);
    cr_assert_eq(w.words[0][0], '\0');
}

Test(wizard, words_that_do_not_fit_the_window_cannot_be_passed) {
    reach_words();
    w.rows = 15;
    type("\n");
    cr_assert_eq(w.step, NS_WIZARD_WORDS);
}

Test(wizard, consent_is_given_by_the_person_only_and_no_is_sent_too) {
    reach_words();
    w.step = NS_WIZARD_CONSENT;
    type("\n");
    cr_assert(sent && cmd.kind == NS_WIZARD_CMD_CONSENT);
    cr_assert_not(w.consent);
    answer(NS_WIZARD_FAILED);
    cr_assert_eq(w.step, NS_WIZARD_CONSENT);
    cr_assert_str_eq(w.error_text, "refused");
    type(" \n");
    cr_assert(w.consent);
}

Test(wizard, the_birth_date_is_read_in_three_ways_and_gives_size_and_usage) {
    static const char *const same[] = {"2025-11-02", "20251102", "2025/11/02"};
    for (size_t i = 0; i < NS_COUNT(same); i++) {
        begin();
        memcpy(w.field[NS_FIELD_BIRTH], same[i], strlen(same[i]) + 1);
        cr_assert_eq(ns_wizard_birth(&w), ns_date_of((struct ns_civil){2025, 11, 2}));
        cr_assert_eq(ns_wizard_usage(&w), 8);
    }
    static const char *const bad[] = {"2025-02-30", "02-11-2025", "2025-11", "yesterday", "2025-11-021"};
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        memcpy(w.field[NS_FIELD_BIRTH], bad[i], strlen(bad[i]) + 1);
        cr_assert_eq(ns_wizard_birth(&w), NS_DATE_NONE, "%s", bad[i]);
    }
}

Test(wizard, empty_stock_and_empty_path_go_on_without_a_command) {
    reach_words();
    w.step = NS_WIZARD_STOCK;
    w.focus = 0;
    type("\n\n");
    cr_assert_not(sent);
    cr_assert_eq(w.step, NS_WIZARD_IMPORT);
    type("\n");
    cr_assert_eq(w.step, NS_WIZARD_END);
    type("\n");
    cr_assert(sent && cmd.kind == NS_WIZARD_CMD_FINISH);
}

Test(wizard, nothing_but_leaving_works_while_a_command_runs) {
    reach_words();
    w.step = NS_WIZARD_CONSENT;
    type("\n");
    cr_assert(w.busy);
    type(" \n\n");
    cr_assert_not(sent);
    press(NS_CTRL('c'));
    cr_assert(sent && cmd.kind == NS_WIZARD_CMD_QUIT);
}

Test(wizard, without_consent_the_later_steps_lead_back_to_it_and_on_again) {
    static const enum ns_wizard_step later[] = {NS_WIZARD_CHILD, NS_WIZARD_STOCK, NS_WIZARD_IMPORT, NS_WIZARD_END};
    for (size_t i = 0; i < NS_COUNT(later); i++) {
        reach_words();
        w.step = later[i];
        w.focus = 0;
        cr_assert(ns_wizard_can_go_back(&w));
        press(NS_KEY_ESC);
        cr_assert_eq(w.step, NS_WIZARD_CONSENT, "from %d", (int)later[i]);
        type(" \n");
        cr_assert(sent && cmd.kind == NS_WIZARD_CMD_CONSENT && w.consent);
        answer(NS_WIZARD_DONE);
        cr_assert_eq(w.step, later[i]);
        if (later[i] != NS_WIZARD_CHILD) {
            cr_assert_not(ns_wizard_can_go_back(&w), "given: nothing to go back for");
        }
    }
}

Test(wizard, a_log_is_not_asked_for_without_consent) {
    reach_words();
    w.step = NS_WIZARD_IMPORT;
    w.focus = 0;
    type("/a.csv\n");
    cr_assert_not(sent);
    cr_assert_eq(w.error, NS_MSG_wizard_import_consent);
    w.consent = true;
    type("\n");
    cr_assert(sent && cmd.kind == NS_WIZARD_CMD_STAGE);
}

Test(wizard, a_date_is_not_taken_for_the_name_of_the_child) {
    reach_words();
    w.step = NS_WIZARD_CHILD;
    w.focus = 1;
    type("31/02/2026\n20260102\n\n");
    cr_assert_not(sent);
    cr_assert_eq(w.error, NS_MSG_wizard_child_no_name);
    cr_assert_eq(w.error_field, NS_FIELD_CHILD);
}

Test(wizard, a_file_without_a_usable_line_is_not_written_and_another_can_be_named) {
    reach_words();
    const struct ns_wizard_preview none = {.present = true, .refused = 3, .first = NS_DATE_NONE, .last = NS_DATE_NONE};
    const struct ns_wizard_event staged = {.kind = NS_WIZARD_GOT_PREVIEW, .preview = &none};
    ns_wizard_step(&w, &staged, &cmd);
    cr_assert_eq(w.step, NS_WIZARD_PREVIEW);
    type("\n");
    cr_assert_not(sent);
    cr_assert_eq(w.step, NS_WIZARD_IMPORT);
}
