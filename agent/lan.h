/* lan.h: the household on its own network: the root certificate kept in the store, a fresh leaf
 * for the addresses of today, and the listener. Off until the owner names an interface, in the
 * console or by [lan] interface, which then fixes it.
 * Ownership: new/free; the server is borrowed. Threads: the loop thread, but prepare. */
#pragma once
#include "agent/agent.h"
#include "agent/api/network.h"
#include "agent/net/lan.h"
#include "agent/store/db.h"

struct ns_lan_home;

/* Where a network is chosen, reads the root from the store, or makes it there. */
ns_rc ns_lan_home_new(const struct ns_agent_setup *setup, struct ns_db *write_db, struct ns_server *server,
                      struct ns_lan_home **out, struct ns_err *err) NS_MUST_USE;
struct ns_api_network ns_lan_home_door(struct ns_lan_home *lan); /* what the API asks of it */
/* Listens unless it does already, on the addresses of now; when they have changed, anew. Says in
 * the log, once for each reason, why it cannot. */
void ns_lan_home_look(struct ns_lan_home *lan); /* NULL is fine */
/* The root's certificate, DER, for everyone to see; n 0: there is none yet. */
struct ns_str ns_lan_home_root(const struct ns_lan_home *lan);
/* Listens there too, whenever this one does anew; borrowed. */
struct ns_json_port;
void ns_lan_home_beside(struct ns_lan_home *lan, struct ns_json_port *json);
void ns_lan_home_free(struct ns_lan_home *lan);
