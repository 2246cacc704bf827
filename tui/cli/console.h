/* console.h: the faces of the console. Threads: main thread. */
#pragma once
#include "tui/cli/ctx.h"
#include "tui/term/term.h"

bool ns_console_utf8(void); /* does the locale say UTF-8? */
struct ns_term_setup ns_console_term_setup(const struct ns_cli *cli);
enum ns_theme ns_console_theme(const struct ns_cli *cli);

/* Numbered lines and a prompt that takes the words of the commands; no redraw, no colour. */
ns_rc ns_console_plain(struct ns_cli *cli, struct ns_err *err) NS_MUST_USE;
/* Runs one parsed command inside an open context (plain mode). */
ns_rc ns_cli_run_words(struct ns_cli *cli, struct ns_err *err) NS_MUST_USE;
