/* Messages: filling in, plurals, numbers, money and dates in both languages. */
#include "shared/text/message.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(struct ns_buf *buf) {
    return buf->data == NULL ? "" : buf->data;
}

Test(text, arguments_are_filled_in_both_languages) {
    struct ns_buf buf = NS_BUF(500);
    cr_assert(NS_MSG_TO(&buf, NS_LANG_EN, NS_MSG_err_input, "x"));
    cr_assert_str_eq(text_of(&buf), "That is not something NestSync can use: x.");
    ns_buf_clear(&buf);
    cr_assert(NS_MSG_TO(&buf, NS_LANG_FR, NS_MSG_err_input, "x"));
    cr_assert_str_eq(text_of(&buf), "NestSync ne peut pas utiliser cette donnée : x.");
    ns_buf_fini(&buf);
}

Test(text, every_message_has_both_languages) {
    for (int i = 1; i < NS_MSG_COUNT; i++) {
        cr_assert_neq(ns_msg(NS_LANG_EN, (enum ns_msg)i)[0], '\0', "%s", ns_msg_key((enum ns_msg)i));
        cr_assert_neq(ns_msg(NS_LANG_FR, (enum ns_msg)i)[0], '\0', "%s", ns_msg_key((enum ns_msg)i));
    }
}

Test(text, languages_are_recognised) {
    enum ns_lang lang;
    cr_assert(ns_lang_parse(NS_STR("fr_CA.UTF-8"), &lang));
    cr_assert_eq(lang, NS_LANG_FR);
    cr_assert(ns_lang_parse(NS_STR("EN-ca"), &lang));
    cr_assert_eq(lang, NS_LANG_EN);
    cr_assert_not(ns_lang_parse(NS_STR("de"), &lang));
    cr_assert_not(ns_lang_parse(NS_STR("french"), &lang));
}

Test(text, money_numbers_and_dates_follow_the_language) {
    struct ns_buf buf = NS_BUF(500);
    ns_text_money(&buf, NS_LANG_EN, 123456);
    ns_buf_char(&buf, '|');
    ns_text_money(&buf, NS_LANG_FR, 123456);
    ns_buf_char(&buf, '|');
    ns_text_fixed(&buf, NS_LANG_FR, -912, 2);
    ns_buf_char(&buf, '|');
    ns_text_date(&buf, NS_LANG_EN, ns_date_of((struct ns_civil){2026, 3, 17}), false);
    ns_buf_char(&buf, '|');
    ns_text_date(&buf, NS_LANG_FR, ns_date_of((struct ns_civil){2026, 8, 1}), true);
    cr_assert_str_eq(text_of(&buf), "$1,234.56|1\u00a0234,56\u00a0$|-9,12|Tue 17 Mar|sam. 1 août 2026");
    ns_buf_fini(&buf);
}

/* Every pair of forms says its number, and the two differ in one language at least. */
Test(message, counts_agree_with_their_number) {
    static const struct {
        int64_t n;
        const char *en;
        const char *fr;
    } rows[] = {{0, "0 days", "0 jour"}, {1, "1 day", "1 jour"}, {2, "2 days", "2 jours"}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        for (int lang = 0; lang < 2; lang++) {
            struct ns_buf text = NS_BUF(100);
            char number[8];
            snprintf(number, sizeof number, "%d", (int)rows[i].n);
            NS_MSG_TO(&text, (enum ns_lang)lang,
                      ns_msg_plural((enum ns_lang)lang, rows[i].n, NS_MSG_count_day_one, NS_MSG_count_day_other), number);
            cr_assert_str_eq(text.data, lang == NS_LANG_FR ? rows[i].fr : rows[i].en);
            ns_buf_fini(&text);
        }
    }
}

/* "{0} days" cannot be right for one: a text that counts days or changes has two forms. */
Test(message, no_text_counts_days_or_changes_in_one_form_only) {
    static const char *const bad[] = {"} days",  "} changes",     "} diapers", "} lines",  "} children",
                                      "} jours", "} changements", "} couches", "} lignes", "} enfants"};
    for (int id = 1; id < NS_MSG_COUNT; id++) {
        const char *key = ns_msg_key((enum ns_msg)id);
        size_t n = strlen(key);
        bool named = false; /* numbers out of bounds, spans of two weeks and more, decimals */
        static const char *const never_one[] = {"hh_", "next_", "explain_", "outlook_"};
        for (size_t i = 0; i < NS_COUNT(never_one); i++) {
            named = named || strncmp(key, never_one[i], strlen(never_one[i])) == 0;
        }
        if (named || (n > 6 && strcmp(key + n - 6, "_other") == 0)) {
            continue;
        }
        for (int lang = 0; lang < 2; lang++) {
            for (size_t i = 0; i < NS_COUNT(bad); i++) {
                cr_expect_null(strstr(ns_msg((enum ns_lang)lang, (enum ns_msg)id), bad[i]), "%s: %s", key,
                               ns_msg((enum ns_lang)lang, (enum ns_msg)id));
            }
        }
    }
}

Test(message, a_sentence_that_ends_in_a_date_has_one_full_stop) {
    const ns_date december = ns_date_of((struct ns_civil){2026, 12, 3});
    const ns_date may = ns_date_of((struct ns_civil){2026, 5, 3});
    static const struct {
        enum ns_lang lang;
        bool december;
        const char *want;
    } rows[] = {{NS_LANG_EN, true, "Order by Thu 3 Dec."}, {NS_LANG_FR, true, "Commandez d’ici le jeu. 3 déc."},
                {NS_LANG_FR, false, "Commandez d’ici le dim. 3 mai."}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_buf day = NS_BUF(60), text = NS_BUF(200);
        ns_text_date(&day, rows[i].lang, rows[i].december ? december : may, false);
        cr_assert(NS_MSG_TO(&text, rows[i].lang, NS_MSG_cli_outlook_order, day.data));
        cr_assert_str_eq(text.data, rows[i].want);
        ns_buf_fini(&day);
        ns_buf_fini(&text);
    }
}

Test(message, a_span_of_one_day_is_said_as_one_day) {
    const ns_date day = ns_date_of((struct ns_civil){2026, 12, 3});
    static const char *const want[2][3] = {{"between Thu 3 Dec and Fri 4 Dec", "on Thu 3 Dec", "from Thu 3 Dec on"},
                                           {"entre le jeu. 3 déc. et le ven. 4 déc.", "le jeu. 3 déc.", "à partir du jeu. 3 déc."}};
    const ns_date last[] = {day + 1, day, NS_DATE_NONE};
    for (int lang = 0; lang < 2; lang++) {
        for (int i = 0; i < 3; i++) {
            struct ns_buf text = NS_BUF(200);
            ns_text_span(&text, (enum ns_lang)lang, day, last[i]);
            cr_assert_str_eq(text.data, want[lang][i]);
            ns_buf_fini(&text);
        }
    }
}

Test(message, a_field_is_named_in_the_language_of_who_reads) {
    static const char *const want[2] = {"The text is too long (brand): at most 100 characters.",
                                        "Le texte est trop long (marque) : au plus 100 caractères."};
    struct ns_err err = {0};
    char word[NS_ERR_WORD];
    cr_assert_eq(ns_err_say(&err, NS_E_INPUT, NS_MSG_hh_text_long, ns_err_word(NS_MSG_hh_field_brand, word), "100", NULL),
                 NS_E_INPUT);
    for (int lang = 0; lang < 2; lang++) {
        struct ns_buf text = NS_BUF(300);
        cr_assert(ns_err_text(&text, (enum ns_lang)lang, &err));
        cr_assert_str_eq(text.data, want[lang]);
        ns_buf_fini(&text);
    }
}

Test(message, who_is_busy_does_not_blame_what_was_asked) {
    struct ns_buf text = NS_BUF(300);
    struct ns_err err = {0};
    cr_assert_eq(ns_err_note(&err, NS_E_BUSY, "the queue is full"), NS_E_BUSY);
    cr_assert(ns_err_text(&text, NS_LANG_EN, &err));
    cr_assert_str_eq(text.data, ns_msg(NS_LANG_EN, NS_MSG_err_busy));
    ns_buf_fini(&text);
}
