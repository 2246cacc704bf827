/* agent.h: the running agent: every module in the order it is built, and taken down in reverse.
 *
 * Ownership: everything inside belongs to the agent. Threads: main's thread is the loop thread. */
#pragma once
#include "agent/options.h"
#include "shared/config/paths.h"
#include "shared/config/settings.h"

struct ns_agent;

struct ns_agent_setup {
    const struct ns_env *env;
    const struct ns_options *options;
    const struct ns_paths *paths;
    const struct ns_settings *settings;
    const char *notify_socket; /* NOTIFY_SOCKET, NULL: none */
};

/* Lock, unlock, open, migrate, listen. On refusal everything made so far is taken down again. */
ns_rc ns_agent_start(const struct ns_agent_setup *setup, struct ns_agent **out,
                     struct ns_err *err) NS_MUST_USE;
/* Tells whoever waits that it is ready; returns when SIGTERM or SIGINT came. */
void ns_agent_run(struct ns_agent *agent);
/* Refuses new work, finishes what was accepted, checkpoints and closes. NULL is fine. */
void ns_agent_stop(struct ns_agent *agent);
