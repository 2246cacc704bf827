/* lan.h: the household on its own network: the root certificate kept in the store, a fresh leaf
 * for the addresses of today, and the listener. Off until [lan] interface names one.
 * Ownership: new/free; the server is borrowed. Threads: the loop thread. */
#pragma once
#include "agent/agent.h"
#include "agent/net/lan.h"
#include "agent/store/db.h"

struct ns_lan_home;

/* Reads the root from the store, or makes it there. *out NULL: the network is not switched on. */
ns_rc ns_lan_home_new(const struct ns_agent_setup *setup, struct ns_db *write_db,
                      struct ns_lan_home **out, struct ns_err *err) NS_MUST_USE;
/* Listens unless it does already, on the addresses of now; when they have changed, anew. Says in
 * the log, once for each reason, why it cannot. */
void ns_lan_home_look(struct ns_lan_home *lan, struct ns_server *server); /* NULL lan is fine */
void ns_lan_home_free(struct ns_lan_home *lan);
