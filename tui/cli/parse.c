/* parse.c: the command line against the table. */
#include "tui/cli/table.h"

#include <stdlib.h>
#include <string.h>

const struct ns_cli_command *ns_cli_find(const char *name) {
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        if (strcmp(ns_cli_commands[i].name, name) == 0) {
            return &ns_cli_commands[i];
        }
    }
    return NULL;
}

enum ns_lang ns_cli_locale_lang(const char *lc_all, const char *lc_messages, const char *lang) {
    const char *const in_order[] = {lc_all, lc_messages, lang};
    enum ns_lang out = NS_LANG_EN;
    for (size_t i = 0; i < NS_COUNT(in_order); i++) {
        if (in_order[i] != NULL && in_order[i][0] != '\0') {
            ns_lang_parse(ns_str_of(in_order[i]), &out);
            return out;
        }
    }
    return out;
}

/* Changes needed to make b of a; words are short, longer ones count as far apart. */
static size_t distance(const char *a, const char *b) {
    enum { MOST = 24 };
    size_t n = strlen(a);
    size_t m = strlen(b);
    if (n > MOST || m > MOST) {
        return MOST;
    }
    size_t row[MOST + 1];
    for (size_t j = 0; j <= m; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best) {
                best = above + 1;
            }
            if (row[j - 1] + 1 < best) {
                best = row[j - 1] + 1;
            }
            diagonal = above;
            row[j] = best;
        }
    }
    return row[m];
}

static const char *nearest_command(const char *word) {
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        const struct ns_cli_command *c = &ns_cli_commands[i];
        if (c->hidden || c->name[0] == '\0') {
            continue;
        }
        size_t d = distance(word, c->name);
        if (d < best_distance) {
            best = c->name;
            best_distance = d;
        }
    }
    return best != NULL ? best : "help";
}

static bool belongs(const struct ns_cli_command *command, int option) {
    for (size_t i = 0; i < ns_cli_global_option_count; i++) {
        if (ns_cli_global_options[i] == option) {
            return true;
        }
    }
    for (int i = 0; i < command->option_count; i++) {
        if (command->options[i] == option) {
            return true;
        }
    }
    return false;
}

static int option_named(struct ns_str name) {
    for (int i = 0; i < NS_OPT_COUNT_ALL; i++) {
        if (ns_str_is(name, ns_cli_options[i].name)) {
            return i;
        }
    }
    return -1;
}

static int option_lettered(const struct ns_cli_command *command, char letter) {
    for (int i = 0; i < NS_OPT_COUNT_ALL; i++) {
        if (ns_cli_options[i].letter == letter && belongs(command, i)) {
            return i;
        }
    }
    return -1;
}

static const char *shown_name(const struct ns_cli_command *command) {
    return command->name[0] != '\0' ? command->name : "nestsync";
}

static ns_rc unknown_option(const struct ns_cli_command *command, const char *word,
                            struct ns_err *err) {
    return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_unknown_option, shown_name(command), word,
                      NULL);
}

/* One word that begins with a dash; *i moves on when the value is the next word. */
static ns_rc take_option(int argc, char **argv, int *i, struct ns_cli_args *out,
                         struct ns_err *err) {
    const char *word = argv[*i];
    int option;
    const char *value = NULL;
    if (word[1] == '-') {
        struct ns_str rest = ns_str_of(word + 2);
        struct ns_str name = ns_str_cut(&rest, '=');
        value = rest.p;
        option = option_named(name);
    } else {
        option = option_lettered(out->command, word[1]);
        if (option >= 0 && word[2] != '\0') {
            value = word + 2;
        }
    }
    if (option < 0 || !belongs(out->command, option)) {
        return unknown_option(out->command, word, err);
    }
    const struct ns_cli_option *row = &ns_cli_options[option];
    if (row->value == NS_MSG_NONE && value != NULL) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_switch_value, row->name, NULL, NULL);
    }
    if (row->value != NS_MSG_NONE && value == NULL) {
        if (*i + 1 >= argc) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_value_missing, row->name, NULL, NULL);
        }
        value = argv[++*i];
    }
    out->given[option] = true;
    out->value[option] = value;
    if (option == NS_OPT_LANG && !ns_lang_parse(ns_str_of(value), &out->lang)) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_lang_unknown, value, NULL, NULL);
    }
    return NS_OK;
}

/* The longest chain of words in the table; *next is the first word after it. Global options may
 * stand before the command. */
static ns_rc find_command(int argc, char **argv, int *next, struct ns_cli_args *out,
                          struct ns_err *err) {
    int i = *next;
    if (i >= argc) {
        return NS_OK;
    }
    if (i + 1 < argc) {
        char two[64];
        struct ns_buf both = NS_BUF(sizeof two);
        ns_buf_fmt(&both, "%s %s", argv[i], argv[i + 1]);
        const struct ns_cli_command *c = both.failed ? NULL : ns_cli_find(both.data);
        ns_buf_fini(&both);
        if (c != NULL) {
            out->command = c;
            *next = i + 2;
            return NS_OK;
        }
    }
    const struct ns_cli_command *c = argv[i][0] != '\0' ? ns_cli_find(argv[i]) : NULL;
    if (c == NULL) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_unknown_command, argv[i],
                          nearest_command(argv[i]), NULL);
    }
    out->command = c;
    *next = i + 1;
    return NS_OK;
}

ns_rc ns_cli_parse(int argc, char **argv, enum ns_lang lang, struct ns_cli_args *out,
                   struct ns_err *err) {
    *out = (struct ns_cli_args){.command = ns_cli_find(""), .lang = lang};
    int i = 1;
    while (i < argc && argv[i][0] == '-' && argv[i][1] != '\0') {
        ns_rc rc = take_option(argc, argv, &i, out, err);
        if (rc != NS_OK) {
            return rc;
        }
        i++;
    }
    ns_rc rc = find_command(argc, argv, &i, out, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (out->command->operand_max < 0) {
        out->rest_count = argc - (i - 1);
        out->rest = argv + (i - 1);
        return NS_OK;
    }
    bool only_words = false;
    for (; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
            rc = take_option(argc, argv, &i, out, err);
            if (rc != NS_OK) {
                return rc;
            }
        } else if (out->operand_count < out->command->operand_max) {
            out->operand[out->operand_count++] = argv[i];
        } else {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_too_many, shown_name(out->command),
                              argv[i], NULL);
        }
    }
    if (out->operand_count < out->command->operand_min && !out->given[NS_OPT_HELP]) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_too_few, out->command->name,
                          ns_msg(out->lang, out->command->operands), NULL);
    }
    return NS_OK;
}
