/* say.h: errors of the agent-free commands, on the standard error stream.
 * Private to tui/cli/offline. Threads: main thread only. */
#pragma once
#include "shared/text/message.h"

void offline_complain(enum ns_lang lang, const struct ns_err *err);
