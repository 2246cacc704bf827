/* offline.h: commands that need no agent. The dispatcher (tui/cli/command.c) hands over everything
 * after the global options; argv[0] is the command's own name ("store", "forecast", "holidays").
 *
 * Each body writes its result to standard output and its errors, in the language given, to
 * standard error, and returns the exit status of the error table (ns_rc_exit_status).
 * Options are parsed by the body itself; the words for help and completions stand in
 * tui/cli/table.c. Threads: main thread. */
#pragma once
#include "shared/text/message.h"

int ns_offline_store(enum ns_lang lang, int argc, char **argv);    /* offline/store.c */
int ns_offline_forecast(enum ns_lang lang, int argc, char **argv); /* offline/forecast.c */
int ns_offline_holidays(enum ns_lang lang, int argc, char **argv); /* offline/holidays.c */
int ns_offline_tax(enum ns_lang lang, int argc, char **argv);      /* offline/tax.c */
