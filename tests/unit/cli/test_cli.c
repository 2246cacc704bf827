/* The command line: parsing, help in both languages, completions that shells accept. */
#include "tui/cli/table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ns_rc parse(const char *line, struct ns_cli_args *out, struct ns_err *err) {
    static char words[600];
    static char *argv[40];
    cr_assert(strlen(line) < sizeof words);
    memcpy(words, line, strlen(line) + 1);
    int argc = 0;
    char *save = NULL;
    for (char *w = strtok_r(words, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        argv[argc++] = w;
    }
    ns_err_clear(err);
    return ns_cli_parse(argc, argv, NS_LANG_EN, out, err);
}

Test(cli, words_and_options_are_understood_in_any_order) {
    struct ns_cli_args a;
    struct ns_err err = {0};
    cr_assert_eq(parse("nestsync log wet mila --minutes-ago 20 --json", &a, &err), NS_OK);
    cr_assert_eq(a.command->id, NS_CLI_LOG);
    cr_assert_eq(a.operand_count, 2);
    cr_assert_str_eq(a.operand[1], "mila");
    cr_assert_str_eq(a.value[NS_OPT_MINUTES_AGO], "20");
    cr_assert(a.given[NS_OPT_JSON]);
    cr_assert_eq(parse("nestsync --lang=fr stock add --size 2 théo 84", &a, &err), NS_OK);
    cr_assert_eq(a.command->id, NS_CLI_STOCK_ADD);
    cr_assert_eq(a.lang, NS_LANG_FR);
    cr_assert_str_eq(a.operand[1], "84");
    cr_assert_eq(parse("nestsync log -m5 wet -- -x", &a, &err), NS_OK);
    cr_assert_str_eq(a.value[NS_OPT_MINUTES_AGO], "5");
    cr_assert_str_eq(a.operand[1], "-x");
    cr_assert_eq(parse("nestsync", &a, &err), NS_OK);
    cr_assert_eq(a.command->id, NS_CLI_CONSOLE);
    cr_assert_eq(parse("nestsync --support", &a, &err), NS_OK);
    cr_assert(a.given[NS_OPT_SUPPORT]);
    cr_assert_eq(parse("nestsync graphql -", &a, &err), NS_OK);
    cr_assert_str_eq(a.operand[0], "-");
}

Test(cli, commands_without_agent_keep_their_own_words) {
    struct ns_cli_args a;
    struct ns_err err = {0};
    cr_assert_eq(parse("nestsync --lang fr forecast --backtest x.csv --json", &a, &err), NS_OK);
    cr_assert_eq(a.command->id, NS_CLI_FORECAST);
    cr_assert_eq(a.rest_count, 4);
    cr_assert_str_eq(a.rest[0], "forecast");
    cr_assert_str_eq(a.rest[3], "--json");
}

Test(cli, refusals_are_usage_errors_that_name_the_word) {
    static const char *const bad[][2] = {
        {"nestsync statsu", "status"},          {"nestsync status --leak", "--leak"},
        {"nestsync status --nonsense", "--nonsense"}, {"nestsync log --at", "--at"},
        {"nestsync status --json=1", "--json"}, {"nestsync stock add mila", "CHILD COUNT"},
        {"nestsync status more", "more"},       {"nestsync --lang de", "de"},
        {"nestsync status -x", "-x"},
    };
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        struct ns_cli_args a;
        struct ns_err err = {0};
        cr_assert_eq(parse(bad[i][0], &a, &err), NS_E_USAGE, "%s", bad[i][0]);
        struct ns_buf text = NS_BUF(600);
        ns_err_text(&text, NS_LANG_EN, &err);
        cr_assert_not_null(strstr(text.data, bad[i][1]), "%s: %s", bad[i][0], text.data);
        ns_buf_fini(&text);
    }
}

Test(cli, the_locale_chooses_the_language) {
    cr_assert_eq(ns_cli_locale_lang(NULL, NULL, "fr_CA.UTF-8"), NS_LANG_FR);
    cr_assert_eq(ns_cli_locale_lang("en_CA.UTF-8", NULL, "fr_CA.UTF-8"), NS_LANG_EN);
    cr_assert_eq(ns_cli_locale_lang("", "fr_FR", "en_CA"), NS_LANG_FR);
    cr_assert_eq(ns_cli_locale_lang(NULL, NULL, NULL), NS_LANG_EN);
}

Test(cli, help_lists_every_command_and_option_in_both_languages) {
    for (int lang = 0; lang < 2; lang++) {
        struct ns_buf all = NS_BUF(1 << 20);
        ns_cli_help(&all, (enum ns_lang)lang, NULL);
        for (size_t i = 0; i < ns_cli_command_count; i++) {
            const struct ns_cli_command *c = &ns_cli_commands[i];
            struct ns_buf own = NS_BUF(1 << 20);
            ns_cli_help(&own, (enum ns_lang)lang, c);
            cr_assert_not_null(strstr(own.data, c->name));
            for (int o = 0; o < c->option_count; o++) {
                cr_assert_not_null(strstr(own.data, ns_cli_options[c->options[o]].name));
            }
            cr_assert_eq(strstr(all.data, ns_msg((enum ns_lang)lang, c->help)) == NULL, c->hidden);
            ns_buf_fini(&own);
        }
        ns_buf_fini(&all);
    }
}

Test(cli, the_manual_page_names_every_command_and_exit_code) {
    struct ns_buf man = NS_BUF(1 << 20);
    ns_cli_man(&man, NS_LANG_FR);
    cr_assert_not(man.failed);
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        if (!ns_cli_commands[i].hidden) {
            cr_assert_not_null(strstr(man.data, ns_cli_commands[i].name));
        }
    }
    cr_assert_not_null(strstr(man.data, "consent\\-needed"));
    ns_buf_fini(&man);
}

/* docs/man holds what the program prints, so that packagers and readers need not run it. */
static void same_page(const char *file, void (*page)(struct ns_buf *, enum ns_lang)) {
    char path[512];
    static char kept[1 << 17];
    struct ns_buf now = NS_BUF(1 << 17);
    page(&now, NS_LANG_EN);
    snprintf(path, sizeof path, "%s/docs/man/%s", NS_TEST_SOURCE_ROOT, file);
    if (getenv("UPDATE_GOLDEN") != NULL) {
        FILE *out = fopen(path, "w");
        cr_assert_not_null(out, "%s cannot be written", path);
        cr_assert_eq(fwrite(now.data, 1, now.len, out), now.len);
        fclose(out);
    } else {
        FILE *in = fopen(path, "r");
        cr_assert_not_null(in, "%s is missing: nestsync man writes it", path);
        size_t n = fread(kept, 1, sizeof kept, in);
        fclose(in);
        cr_assert(n == now.len && memcmp(kept, now.data, n) == 0,
                  "%s is not what the tables say: UPDATE_GOLDEN=1 writes it anew", path);
    }
    ns_buf_fini(&now);
}

Test(cli, the_manual_pages_in_docs_are_current) {
    same_page("nestsync.1", ns_cli_man);
    same_page("nestsync.ini.5", ns_cli_man_ini);
}
