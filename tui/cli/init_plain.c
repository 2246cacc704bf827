/* init_plain.c: the first evening as questions and answers, line by line: for screen readers,
 * pipes, and for taking up an evening that was interrupted after the home existed.
 *
 * Answers come from standard input; the passphrase never does unless --passphrase-fd says so. */
#include "shared/base/env.h"
#include "shared/crypto/crypto.h"
#include "shared/model/size.h"
#include "shared/text/utf8.h"
#include "tui/app/wizard.h"
#include "tui/cli/import.h"
#include "tui/cli/init.h"
#include "tui/cli/newhome.h"
#include "tui/link/decode.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRIES 3

/* The question, then one line. False: the input has ended. */
static bool ask(struct ns_cli *cli, enum ns_msg question, char *out, size_t cap) {
    char line[1024];
    ns_buf_fmt(&cli->out, "%s ", ns_msg(cli->lang, question));
    ns_cli_flush(cli);
    if (fgets(line, sizeof line, stdin) == NULL) {
        return false;
    }
    if (!isatty(STDIN_FILENO)) {
        ns_buf_char(&cli->out, '\n');
    }
    return ns_str_copy(ns_str_trim(ns_str_of(line)), out, cap) || (out[0] = '\0', true);
}

static ns_rc ended(struct ns_err *err) {
    return ns_err_say(err, NS_E_CANCELLED, NS_MSG_init_ended, NULL, NULL, NULL);
}

static bool yes(const char *word) {
    struct ns_str w = ns_str_of(word);
    return ns_str_is_nocase(w, "y") || ns_str_is_nocase(w, "yes") || ns_str_is_nocase(w, "o") ||
           ns_str_is_nocase(w, "oui");
}

static bool no(const char *word) {
    struct ns_str w = ns_str_of(word);
    return ns_str_is_nocase(w, "n") || ns_str_is_nocase(w, "no") || ns_str_is_nocase(w, "non");
}

static ns_rc ask_yes_no(struct ns_cli *cli, enum ns_msg question, bool *out, struct ns_err *err) {
    char word[32];
    for (int i = 0; i < TRIES; i++) {
        if (!ask(cli, question, word, sizeof word)) {
            return ended(err);
        }
        if (yes(word) || no(word)) {
            *out = yes(word);
            return NS_OK;
        }
        ns_cli_line(cli, NS_MSG_init_yes_or_no);
    }
    return ended(err);
}

static bool province_known(const char *code) {
    return strlen(code) == 2 && ns_zone_of_province(code) != NULL;
}

static ns_rc ask_home(struct ns_cli *cli, char name[NS_APP_NAME], char province[4],
                      struct ns_err *err) {
    for (int i = 0; name[0] == '\0'; i++) {
        if (i == TRIES || !ask(cli, NS_MSG_init_ask_name, name, NS_APP_NAME)) {
            return ended(err);
        }
    }
    const char *given = cli->args.value[NS_OPT_PROVINCE];
    if (given != NULL) {
        (void)!ns_str_copy(ns_str_of(given), province, 4);
    }
    for (int i = 0; !province_known(province); i++) {
        if (i == TRIES || !ask(cli, NS_MSG_init_ask_province, province, 4)) {
            return ended(err);
        }
        for (char *p = province; *p != '\0'; p++) {
            *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
        }
        if (!province_known(province)) {
            ns_cli_line(cli, NS_MSG_init_province_unknown);
        }
    }
    return NS_OK;
}

static size_t characters(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

static ns_rc ask_passphrase(struct ns_cli *cli, char *out, size_t cap, struct ns_err *err) {
    char again[600];
    bool from_fd = cli->args.given[NS_OPT_PASSPHRASE_FD];
    ns_rc rc = NS_OK;
    ns_cli_line(cli, NS_MSG_init_passphrase_why);
    for (int i = 0; i < TRIES; i++) {
        rc = ns_cli_secret(cli, NS_MSG_cli_passphrase_prompt, out, cap, err);
        if (rc != NS_OK) {
            return rc;
        }
        if (characters(out) < NS_WIZARD_PASSPHRASE_MIN || characters(out) > NS_WIZARD_PASSPHRASE_MAX) {
            if (from_fd) {
                return ns_err_say(err, NS_E_INPUT, NS_MSG_init_passphrase_short, NULL, NULL, NULL);
            }
            ns_cli_line(cli, NS_MSG_init_passphrase_short);
            continue;
        }
        if (from_fd) {
            return NS_OK;
        }
        rc = ns_cli_secret(cli, NS_MSG_init_passphrase_again, again, sizeof again, err);
        bool same = rc == NS_OK && strcmp(out, again) == 0;
        ns_crypto_wipe(again, sizeof again);
        if (rc != NS_OK || same) {
            return rc;
        }
        ns_cli_line(cli, NS_MSG_init_passphrase_differs);
    }
    return ended(err);
}

/* The words once, then three of them. Wrong three times: nothing was made. */
static ns_rc show_words(struct ns_cli *cli, const char *words, struct ns_err *err) {
    char list[NS_WORDS][16];
    struct ns_str rest = ns_str_of(words);
    size_t count = 0;
    while (rest.p != NULL && count < NS_WORDS) {
        struct ns_str word = ns_str_cut(&rest, ' ');
        if (word.n > 0 && ns_str_copy(word, list[count], sizeof list[count])) {
            count++;
        }
    }
    ns_cli_line(cli, NS_MSG_init_words_why);
    for (size_t i = 0; i < count; i++) {
        ns_buf_fmt(&cli->out, "%2zu. %s\n", i + 1, list[i]);
    }
    uint8_t random[3];
    ns_env_random(cli->env, random, sizeof random);
    ns_rc rc = NS_OK;
    for (size_t k = 0; rc == NS_OK && k < 3; k++) {
        size_t at = k * (count / 3) + random[k] % (count / 3); /* one of each third */
        char number[8];
        char typed[32] = "";
        snprintf(number, sizeof number, "%zu", at + 1);
        int tries = 0;
        while (rc == NS_OK && strcmp(typed, list[at]) != 0) {
            if (tries++ == TRIES) {
                rc = ns_err_say(err, NS_E_CANCELLED, NS_MSG_init_words_wrong, NULL, NULL, NULL);
                break;
            }
            NS_MSG_TO(&cli->out, cli->lang, NS_MSG_init_ask_word, number);
            ns_buf_char(&cli->out, ' ');
            ns_cli_flush(cli);
            char line[256];
            if (fgets(line, sizeof line, stdin) == NULL) {
                rc = ended(err);
            } else {
                (void)!ns_str_copy(ns_str_trim(ns_str_of(line)), typed, sizeof typed);
            }
        }
    }
    ns_crypto_wipe(list, sizeof list);
    return rc;
}

static ns_rc ask_child(struct ns_cli *cli, char name[NS_APP_NAME], ns_date *birth, int *size,
                       struct ns_err *err) {
    char word[64] = "";
    enum ns_size parsed;
    for (int i = 0; i == 0 || (name[0] != '\0' && !ns_utf8_has_letter(ns_str_of(name))); i++) {
        if (i > 0) {
            ns_cli_line(cli, NS_MSG_wizard_child_no_name);
        }
        if (i == TRIES || !ask(cli, NS_MSG_init_ask_child, name, NS_APP_NAME)) {
            return ended(err);
        }
    }
    if (name[0] == '\0') {
        return NS_OK;
    }
    for (int i = 0; !ns_date_parse(ns_str_of(word), birth); i++) {
        if (i > 0) {
            ns_cli_line(cli, NS_MSG_init_birth_wrong);
        }
        if (i == TRIES || !ask(cli, NS_MSG_init_ask_birth, word, sizeof word)) {
            return ended(err);
        }
    }
    *size = ns_cli_size_of_age((ns_date)(ns_env_now(cli->env) / NS_DAY) - *birth);
    if (!ask(cli, NS_MSG_init_ask_size, word, sizeof word)) {
        return ended(err);
    }
    if (word[0] != '\0' && ns_size_parse(ns_str_of(word), &parsed)) {
        *size = (int)parsed;
    }
    return NS_OK;
}

static ns_rc ask_stock(struct ns_cli *cli, ns_id child, int size, struct ns_err *err) {
    char word[64];
    char brand[NS_APP_NAME];
    int64_t count = 0;
    if (!ask(cli, NS_MSG_init_ask_stock, word, sizeof word)) {
        return ended(err);
    }
    if (!ns_str_int(ns_str_of(word), 1, 9999, &count)) {
        return NS_OK; /* none, or to be counted later */
    }
    if (!ask(cli, NS_MSG_init_ask_brand, brand, sizeof brand)) {
        return ended(err);
    }
    return ns_newhome_stock(cli, child, size, brand, (int32_t)count, err);
}

static ns_rc ask_import(struct ns_cli *cli, ns_id child, struct ns_err *err) {
    char path[NS_PATH];
    char id[NS_ID_TEXT];
    if (!ask(cli, NS_MSG_init_ask_import, path, sizeof path) || path[0] == '\0') {
        return NS_OK;
    }
    ns_id_format(child, id);
    cli->args.operand[0] = path;
    cli->args.operand_count = 1;
    cli->args.given[NS_OPT_CHILD] = true;
    cli->args.value[NS_OPT_CHILD] = id;
    struct ns_err refused = {0};
    if (ns_cli_import(cli, &refused) != NS_OK) {
        ns_cli_flush(cli);
        ns_cli_fail(cli, &refused); /* the home stands; a file can be imported any day */
    }
    cli->args.operand_count = 0;
    cli->args.given[NS_OPT_CHILD] = false;
    (void)err;
    return NS_OK;
}

/* From the owner on: also the way back into an evening that was interrupted. */
static ns_rc ask_family(struct ns_cli *cli, struct ns_err *err) {
    char child[NS_APP_NAME] = "";
    bool granted = false;
    ns_date birth = NS_DATE_NONE;
    int size = 0;
    ns_id id = {{0}};
    ns_cli_line(cli, NS_MSG_init_consent_why);
    ns_rc rc = ask_yes_no(cli, NS_MSG_init_ask_consent, &granted, err);
    if (rc == NS_OK) {
        rc = ns_newhome_consent(cli, granted, err);
    }
    if (rc == NS_OK && !granted) {
        ns_cli_line(cli, NS_MSG_init_refused);
        return NS_OK;
    }
    if (rc == NS_OK) {
        rc = ask_child(cli, child, &birth, &size, err);
    }
    if (rc != NS_OK || child[0] == '\0') {
        return rc;
    }
    int32_t age = (ns_date)(ns_env_now(cli->env) / NS_DAY) - birth;
    rc = ns_newhome_child(cli, child, birth, size, age < 90 ? 9 : age < 365 ? 7 : 5, &id, err);
    if (rc == NS_OK) {
        rc = ask_stock(cli, id, size, err);
    }
    return rc == NS_OK ? ask_import(cli, id, err) : rc;
}

ns_rc ns_init_plain(struct ns_cli *cli, bool resume, struct ns_err *err) {
    static struct ns_newhome home;
    char name[NS_APP_NAME] = "";
    char province[4] = "";
    char secret[600] = "";
    char word[16];
    enum ns_lang lang;
    bool machine = cli->args.given[NS_OPT_MACHINE_KEY];
    ns_rc rc = NS_OK;
    if (!cli->args.given[NS_OPT_LANG] && !resume) {
        if (!ask(cli, NS_MSG_init_ask_language, word, sizeof word)) {
            return ended(err);
        }
        if (word[0] != '\0' && ns_lang_parse(ns_str_of(word), &lang)) {
            cli->lang = lang;
        }
    }
    ns_cli_line(cli, resume ? NS_MSG_init_resume : NS_MSG_init_welcome);
    rc = ask_home(cli, name, province, err);
    if (rc == NS_OK && !resume) {
        rc = ask_passphrase(cli, secret, sizeof secret, err);
    }
    if (rc == NS_OK && !resume && !machine && !cli->args.given[NS_OPT_NO_MACHINE_KEY]) {
        ns_cli_line(cli, NS_MSG_init_machine_why);
        rc = ask_yes_no(cli, NS_MSG_init_ask_machine, &machine, err);
    }
    if (rc == NS_OK && !resume) {
        ns_cli_line(cli, NS_MSG_init_making);
        ns_cli_flush(cli);
        rc = ns_newhome_create(&home, cli, secret, machine, err);
        ns_crypto_wipe(secret, sizeof secret);
        if (rc == NS_OK) {
            rc = show_words(cli, home.words, err);
        }
        if (rc == NS_OK) {
            rc = ns_newhome_settle(&home, err);
        }
        ns_newhome_drop(&home);
    }
    ns_crypto_wipe(secret, sizeof secret);
    if (rc == NS_OK) {
        rc = ns_newhome_owner(cli, name, province, false, err);
    }
    if (rc == NS_OK) {
        rc = ask_family(cli, err);
    }
    if (rc == NS_OK) {
        ns_cli_line(cli, NS_MSG_init_done);
    }
    return rc;
}
