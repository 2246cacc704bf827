/* init.h: the two faces of the first evening. Threads: main thread. */
#pragma once
#include "tui/cli/ctx.h"

/* Line by line. resume: the home exists and has no owner yet. */
ns_rc ns_init_plain(struct ns_cli *cli, bool resume, struct ns_err *err) NS_MUST_USE;
/* In the terminal. NS_E_CANCELLED: the person left before the home existed. */
ns_rc ns_init_wizard(struct ns_cli *cli, struct ns_err *err) NS_MUST_USE;
