/* json_port.h: the plain JSON protocol (agent/api/transport_json.h) on a port of its own: without
 * TLS for programs on this computer, with TLS on the home network. It is there when the home
 * network is switched on: without it nobody has a token to show.
 * Ownership: new/free; operations are borrowed. Threads: the loop thread. */
#pragma once
#include "agent/agent.h"
#include "agent/api/operations.h"
#include "agent/loop/loop.h"
#include "agent/net/lan.h"

struct ns_json_port;

struct ns_json_port *ns_json_port_new(const struct ns_agent_setup *setup, struct ns_loop *loop,
                                      const struct ns_operations *operations);
/* Listens with this certificate, beside the listener it was made for. A port that is taken is said
 * in the log, once; the rest goes on without it. NULL port is fine, here and below. */
void ns_json_port_listen(struct ns_json_port *port, const struct ns_lan_setup *lan);
/* The home network was switched off or is another one: nobody is listened to any more. */
void ns_json_port_stop(struct ns_json_port *port);
size_t ns_json_port_connections(const struct ns_json_port *port);
void ns_json_port_close(struct ns_json_port *port); /* WebSockets hear 1001 */
void ns_json_port_free(struct ns_json_port *port);
