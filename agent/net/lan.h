/* lan.h: the same server on the home network: HTTPS and WSS, TLS 1.3 with 1.2 as floor.
 *
 * Only addresses that belong to a home are ever bound (RFC 1918, 3927, 4193, loopback), on the
 * one interface named. What comes in is a stranger until it shows a token: being on the network
 * gives no right. Bounds: handshakes a second over all, 8 open ones and 16 connections an
 * address, and room kept for the console; loopback peers are bound by the server's total alone.
 * A request must name one of our addresses or names as its Host (else 421) and, where it comes
 * from a browser's page, that page must be ours (else 403).
 * Ownership: the server owns what listens. Threads: the loop thread. */
#pragma once
#include "agent/net/server.h"

#define NS_LAN_ADDRESS 46
#define NS_LAN_ADDRESSES_MOST 8
#define NS_LAN_INTERFACE 16 /* a name, with its NUL */
#define NS_LAN_INTERFACES_MOST 8
#define NS_LAN_BODY ((size_t)256 << 10)    /* of a request, and of a WebSocket message */
#define NS_LAN_PER_ADDRESS 16
#define NS_LAN_HANDSHAKES_PER_ADDRESS 8
#define NS_LAN_KEPT_FOR_CONSOLE 8

struct ns_lan_setup {
    const char *interface;
    int port;                  /* 0: any, for tests */
    int handshakes_per_second; /* with as much in store */
    bool any_page_port;        /* a page of ours may come from another port of the same name */
    bool not_loopback;         /* leave the interface's loopback addresses to somebody else */
    struct ns_str key;         /* DER; n 0: no TLS, and then on loopback addresses only */
    struct ns_str leaf;
    struct ns_str root;
};

/* The home addresses of an interface now, as text; 0: it is not there or has none. */
size_t ns_lan_addresses(const char *interface, char out[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS]);
/* The interfaces that have such an address, each once, loopback left out. */
size_t ns_lan_interfaces(char out[NS_LAN_INTERFACES_MOST][NS_LAN_INTERFACE]);
/* NS_E_OFFLINE: no such interface, or without a home address; NS_E_BUSY: the port is taken. */
ns_rc ns_server_listen_lan(struct ns_server *server, const struct ns_lan_setup *setup,
                           struct ns_err *err) NS_MUST_USE;
/* Stops listening; connections that are open stay. */
void ns_server_unlisten_lan(struct ns_server *server);
/* Ends what is open on the network, WebSockets with 1001. */
void ns_server_drop_lan(struct ns_server *server);
int ns_server_lan_port(const struct ns_server *server); /* 0: not listening */
