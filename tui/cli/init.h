/* init.h: the two faces of the first evening. Threads: main thread. */
#pragma once
#include "tui/cli/ctx.h"

/* Line by line. resume: the home exists and has no owner yet. */
ns_rc ns_init_plain(struct ns_cli *cli, bool resume, struct ns_err *err) NS_MUST_USE;
/* In the terminal. NS_E_CANCELLED: the person left before the home existed. *finished: the last
 * page was reached, whose Enter promises the console; false when it was left before. */
ns_rc ns_init_wizard(struct ns_cli *cli, bool *finished, struct ns_err *err) NS_MUST_USE;
/* The first evening of a home that does not exist yet, in the face that fits the terminal. */
ns_rc ns_init_new(struct ns_cli *cli, bool *finished, struct ns_err *err) NS_MUST_USE;
