/* upkeep.h: work on the store instead of serving it: what `nestsync` hands to nestsyncd for
 * `store migrate` and its like. The store is unlocked as at a start; what a person
 * reads goes to standard output, the result is the error.
 * Threads: main's. */
#pragma once
#include "agent/agent.h"

ns_rc ns_upkeep_run(const struct ns_agent_setup *setup, struct ns_err *err) NS_MUST_USE;
