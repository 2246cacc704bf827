/* plain.c: the console as lines, for screen readers and slow lines. What is typed are the words
 * of the command line without "nestsync". */
#include "tui/cli/console.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS 40

/* Words at blanks; "two words" keep together. The line is changed. */
static int split(char *line, char *words[WORDS]) {
    int n = 1;
    char *p = line;
    while (n < WORDS) {
        p += strspn(p, " \t\r\n");
        if (*p == '\0') {
            break;
        }
        char stop = ' ';
        if (*p == '"') {
            stop = '"';
            p++;
        }
        words[n++] = p;
        while (*p != '\0' && *p != stop && (stop == '"' || strchr("\t\r\n", *p) == NULL)) {
            p++;
        }
        if (*p == '\0') {
            break;
        }
        *p++ = '\0';
    }
    return n;
}

static void one_line(struct ns_cli *cli, char *line) {
    char program[] = "nestsync";
    char *words[WORDS] = {program};
    struct ns_err err = {0};
    struct ns_cli inner = *cli;
    int n = split(line, words);
    ns_buf_clear(&inner.out);
    ns_rc rc = ns_cli_parse(n, words, cli->lang, &inner.args, &err);
    if (rc == NS_OK) {
        inner.lang = inner.args.lang;
        inner.json = inner.args.given[NS_OPT_JSON];
        if (inner.args.given[NS_OPT_HELP] || inner.args.command->id == NS_CLI_HELP) {
            ns_cli_help(&inner.out, inner.lang, inner.args.operand_count > 0
                                                    ? ns_cli_find(inner.args.operand[0])
                                                    : inner.args.command);
        } else {
            rc = ns_cli_run_words(&inner, &err);
        }
    }
    ns_cli_flush(&inner);
    if (rc != NS_OK) {
        ns_cli_fail(&inner, &err);
    }
    cli->out = inner.out;
}

ns_rc ns_console_plain(struct ns_cli *cli, struct ns_err *err) {
    char line[2048];
    bool asks = isatty(STDIN_FILENO);
    ns_rc rc = ns_cli_status(cli, err);
    ns_cli_line(cli, NS_MSG_cli_plain_hint);
    while (rc == NS_OK) {
        if (asks) {
            ns_buf_text(&cli->out, "> ");
        }
        ns_cli_flush(cli);
        if (fgets(line, sizeof line, stdin) == NULL) {
            break;
        }
        struct ns_str word = ns_str_trim(ns_str_of(line));
        if (ns_str_is(word, "q") || ns_str_is(word, "quit") || ns_str_is(word, "quitter")) {
            break;
        }
        if (word.n > 0) {
            one_line(cli, line);
        }
    }
    return rc;
}
