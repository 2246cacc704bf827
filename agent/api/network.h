/* network.h: what the API may ask about the home's own network, and of whom. Its addresses are
 * those of agent/net; the choice is the owner's and kept in the store.
 * Threads: prepare runs on the writer; all else on the loop. */
#pragma once
#include "agent/net/lan.h"
#include "agent/store/db.h"

#define NS_NETWORK_PIN 44 /* SHA-256 as base64url, and NUL */

struct ns_network {
    char interface[NS_LAN_INTERFACE]; /* empty: switched off */
    bool fixed;     /* nestsync.conf names it: nothing else changes it */
    bool listening;
    ns_rc why;      /* not listening: the reason */
    int port;
    size_t address_count;
    char address[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS];
    char pin[NS_NETWORK_PIN]; /* of the household's root; empty: not made yet */
    size_t choice_count;
    char choice[NS_LAN_INTERFACES_MOST][NS_LAN_INTERFACE];
};

struct ns_api_network { /* look NULL: there is none */
    void *self;
    /* Is it an interface of a home, and is the root there to serve on it? */
    ns_rc (*prepare)(void *self, struct ns_db *db, const char *interface, struct ns_err *err);
    void (*use)(void *self, const char *interface);
    void (*look)(void *self, struct ns_network *out);
};
