/* Messages: filling in, plurals, numbers, money and dates in both languages. */
#include "shared/text/message.h"

#include <criterion/criterion.h>

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
