/* lan.c: TLS listeners, and who gets past them. */
#include "agent/net/lan.h"
#include "agent/net/connection.h"
#include "shared/base/arena.h"
#include "shared/base/log.h"
#include "shared/text/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/listener.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MODULE "net"
#define SECOND_US 1000000
#define PAUSE_MS 200 /* when no descriptor is left */

struct ns_lan {
    struct ns_server *server;
    SSL_CTX *tls; /* NULL: plain, on loopback */
    bool any_page_port;
    struct evconnlistener *accepts[NS_LAN_ADDRESSES_MOST];
    struct event *pause;
    char address[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS];
    size_t count;     /* addresses we answer to */
    size_t listening; /* as many, or 0 once stopped */
    int port;
    int per_second;
    int64_t handshakes_us; /* what is in store, in parts of a second's worth */
    int64_t filled_us;
};

/* ---- addresses --------------------------------------------------------------------------- */

static bool is_home_v4(const struct sockaddr_in *a) {
    uint32_t ip = ntohl(a->sin_addr.s_addr);
    return ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8 || ip >> 16 == 0xa9fe ||
           ip >> 24 == 127;
}

static bool is_home_v6(const struct sockaddr_in6 *a) {
    return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr) || (a->sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
}

static bool home_address(const struct sockaddr *a, char out[NS_LAN_ADDRESS]) {
    if (a != NULL && a->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, a, sizeof v4);
        return is_home_v4(&v4) && inet_ntop(AF_INET, &v4.sin_addr, out, NS_LAN_ADDRESS) != NULL;
    }
    if (a != NULL && a->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, a, sizeof v6);
        return is_home_v6(&v6) && inet_ntop(AF_INET6, &v6.sin6_addr, out, NS_LAN_ADDRESS) != NULL;
    }
    return false;
}

size_t ns_lan_addresses(const char *interface, char out[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS]) {
    struct ifaddrs *all = NULL;
    size_t count = 0;
    if (getifaddrs(&all) != 0) {
        return 0;
    }
    for (const struct ifaddrs *each = all; each != NULL && count < NS_LAN_ADDRESSES_MOST; each = each->ifa_next) {
        if (strcmp(each->ifa_name, interface) == 0 && home_address(each->ifa_addr, out[count])) {
            count++;
        }
    }
    freeifaddrs(all);
    return count;
}

size_t ns_lan_interfaces(char out[NS_LAN_INTERFACES_MOST][NS_LAN_INTERFACE]) {
    struct ifaddrs *all = NULL;
    size_t count = 0;
    if (getifaddrs(&all) != 0) {
        return 0;
    }
    for (const struct ifaddrs *each = all; each != NULL && count < NS_LAN_INTERFACES_MOST; each = each->ifa_next) {
        char address[NS_LAN_ADDRESS];
        bool known = (each->ifa_flags & IFF_LOOPBACK) != 0 || strlen(each->ifa_name) >= NS_LAN_INTERFACE ||
                     !home_address(each->ifa_addr, address);
        for (size_t i = 0; i < count && !known; i++) {
            known = strcmp(out[i], each->ifa_name) == 0;
        }
        if (!known) {
            snprintf(out[count++], NS_LAN_INTERFACE, "%s", each->ifa_name);
        }
    }
    freeifaddrs(all);
    return count;
}

/* ---- who gets in ------------------------------------------------------------------------- */

static bool handshake_allowed(struct ns_lan *lan) {
    int64_t now = ns_env_steady_us(ns_env_system());
    int64_t most = (int64_t)lan->per_second * SECOND_US;
    int64_t passed = now - lan->filled_us < SECOND_US ? now - lan->filled_us : SECOND_US;
    lan->handshakes_us += passed * lan->per_second;
    lan->handshakes_us = lan->handshakes_us < most ? lan->handshakes_us : most;
    lan->filled_us = now;
    if (lan->handshakes_us < SECOND_US) {
        return false;
    }
    lan->handshakes_us -= SECOND_US;
    return true;
}

static bool is_loopback(const char *address) {
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static bool address_has_room(const struct ns_server *server, const char *address) {
    size_t all = 0;
    size_t shaking = 0;
    for (const struct connection *c = server->connections; c != NULL; c = c->next) {
        if (strcmp(c->peer.address, address) == 0) {
            all++;
            shaking += c->state == CONNECTION_HANDSHAKE;
        }
    }
    return is_loopback(address) ||
           (all < NS_LAN_PER_ADDRESS && shaking < NS_LAN_HANDSHAKES_PER_ADDRESS);
}

static bool is_let_in(struct ns_lan *lan, const char *address) {
    const struct ns_server *server = lan->server;
    size_t kept = server->most > 2 * NS_LAN_KEPT_FOR_CONSOLE ? NS_LAN_KEPT_FOR_CONSOLE : 1;
    return !server->closing && server->counted + kept < server->most &&
           address_has_room(server, address) && handshake_allowed(lan);
}

static void accepted(struct evconnlistener *accepts, evutil_socket_t fd, struct sockaddr *from,
                     int n, void *arg) {
    struct ns_lan *lan = arg;
    struct ns_peer peer = {.kind = NS_PEER_LAN};
    (void)accepts;
    (void)n;
    if (!home_address(from, peer.address) || !is_let_in(lan, peer.address)) {
        evutil_closesocket(fd); /* before any work is done for it */
        return;
    }
    int on = 1; /* an answer is more than one record: the second must not wait for the phone's word on the first */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL *tls = lan->tls != NULL ? SSL_new(lan->tls) : NULL;
    if (tls == NULL && lan->tls != NULL) {
        evutil_closesocket(fd);
        return;
    }
    connection_open(lan->server, fd, &peer, tls);
}

static void accept_failed(struct evconnlistener *accepts, void *arg) {
    struct ns_lan *lan = arg;
    struct timeval wait = {0, PAUSE_MS * 1000};
    LOG_WARN("event=accept-failed errno=%d", errno);
    evconnlistener_disable(accepts);
    evtimer_add(lan->pause, &wait);
}

static void accept_again(evutil_socket_t fd, short what, void *arg) {
    struct ns_lan *lan = arg;
    (void)fd;
    (void)what;
    for (size_t i = 0; i < lan->listening; i++) {
        evconnlistener_enable(lan->accepts[i]);
    }
}

/* ---- Host and Origin ----------------------------------------------------------------------- */

/* Cuts the port off "name:port"; false when it is not ours. Without one the scheme's 443.
 * port 0: any. */
static bool cut_port(struct ns_str *host, int port) {
    size_t at = host->n;
    int64_t number = 443;
    while (at > 0 && host->p[at - 1] >= '0' && host->p[at - 1] <= '9') {
        at--;
    }
    if (at > 0 && at < host->n && host->p[at - 1] == ':') {
        if (!ns_str_int((struct ns_str){host->p + at, host->n - at}, 1, 65535, &number)) {
            return false;
        }
        host->n = at - 1;
    }
    return port == 0 || number == port;
}

static bool is_our_name(const struct ns_lan *lan, struct ns_str host, bool any_port) {
    if (!cut_port(&host, any_port ? 0 : lan->port)) {
        return false;
    }
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
        host = (struct ns_str){host.p + 1, host.n - 2};
    }
    for (size_t i = 0; i < lan->count; i++) {
        if (ns_str_is(host, lan->address[i])) {
            return true;
        }
    }
    return ns_str_is_nocase(host, "nestsync.local") ||
           (ns_str_is_nocase(host, "localhost") && is_loopback(lan->address[0]));
}

int lan_refuses(const struct ns_exchange *x) {
    const struct ns_lan *lan = x->connection->server->lan;
    const char *scheme = lan->tls != NULL ? "https://" : "http://";
    struct ns_str origin = ns_exchange_header(x, "origin");
    if (!is_our_name(lan, ns_exchange_header(x, "host"), false)) {
        return 421;
    }
    if (origin.p == NULL) {
        return 0;
    }
    size_t n = strlen(scheme);
    bool ours = origin.n > n && memcmp(origin.p, scheme, n) == 0 &&
                is_our_name(lan, (struct ns_str){origin.p + n, origin.n - n}, lan->any_page_port);
    return ours ? 0 : 403;
}

/* ---- listening ----------------------------------------------------------------------------- */

static int choose_protocol(SSL *tls, const unsigned char **out, unsigned char *n,
                           const unsigned char *in, unsigned in_n, void *arg) {
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    (void)tls;
    (void)arg;
    if (SSL_select_next_proto(&chosen, n, ours, sizeof ours - 1, in, in_n) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool add_root(SSL_CTX *tls, struct ns_str der) {
    const unsigned char *at = (const unsigned char *)der.p;
    X509 *root = d2i_X509(NULL, &at, (long)der.n);
    if (root == NULL || SSL_CTX_add_extra_chain_cert(tls, root) != 1) {
        X509_free(root);
        return false;
    }
    return true; /* the context owns it */
}

static SSL_CTX *make_tls(const struct ns_lan_setup *setup) {
    static char groups[] = "X25519:P-256"; /* openssl's macro drops the const of a literal */
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    const unsigned char *key = (const unsigned char *)setup->key.p;
    const unsigned char *leaf = (const unsigned char *)setup->leaf.p;
    if (tls == NULL || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(tls, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
                                      "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_set_cipher_list(tls, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
                                     "ECDHE-ECDSA-AES128-GCM-SHA256") != 1 ||
        SSL_CTX_set1_groups_list(tls, groups) != 1 ||
        SSL_CTX_use_certificate_ASN1(tls, (int)setup->leaf.n, leaf) != 1 ||
        SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, tls, key, (long)setup->key.n) != 1 ||
        SSL_CTX_check_private_key(tls) != 1 || !add_root(tls, setup->root)) {
        SSL_CTX_free(tls);
        return NULL;
    }
    SSL_CTX_set_options(tls, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(tls, 0);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS); /* an idle socket keeps no 34 kB of them */
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    return tls;
}

static bool listen_on(struct ns_lan *lan, const char *address, int port) {
    struct sockaddr_storage to = {0};
    int n = (int)sizeof to;
    char text[NS_LAN_ADDRESS + 16];
    bool v6 = strchr(address, ':') != NULL;
    snprintf(text, sizeof text, v6 ? "[%s]:%d" : "%s:%d", address, port);
    if (port == 0) {
        snprintf(text, sizeof text, "%.45s", address);
    }
    if (evutil_parse_sockaddr_port(text, (struct sockaddr *)&to, &n) != 0) {
        return false;
    }
    struct evconnlistener *accepts = evconnlistener_new_bind(
        lan->server->base, accepted, lan,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE | (v6 ? LEV_OPT_BIND_IPV6ONLY : 0),
        128, (struct sockaddr *)&to, n);
    if (accepts == NULL) {
        return false;
    }
    evconnlistener_set_error_cb(accepts, accept_failed);
    struct sockaddr_in bound;
    socklen_t bound_n = sizeof bound;
    if (port == 0 && getsockname(evconnlistener_get_fd(accepts), (struct sockaddr *)&bound, &bound_n) == 0) {
        port = ntohs(bound.sin_port); /* at the same place in an IPv6 address */
    }
    lan->port = port;
    memcpy(lan->address[lan->count], address, NS_LAN_ADDRESS);
    lan->accepts[lan->count++] = accepts;
    lan->listening = lan->count;
    return true;
}

ns_rc ns_server_listen_lan(struct ns_server *server, const struct ns_lan_setup *setup,
                           struct ns_err *err) {
    char address[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS];
    size_t count = ns_lan_addresses(setup->interface, address);
    if (count == 0) {
        return ns_err_say(err, NS_E_OFFLINE, NS_MSG_net_no_interface, setup->interface, NULL, NULL);
    }
    bool plain = setup->key.n == 0;
    SSL_CTX *tls = plain ? NULL : make_tls(setup);
    if (tls == NULL && !plain) {
        return ns_err_note(err, NS_E_INTERNAL, "TLS does not start");
    }
    struct ns_lan *lan = ns_xcalloc(1, sizeof *lan);
    *lan = (struct ns_lan){.server = server, .tls = tls, .per_second = setup->handshakes_per_second,
                           .any_page_port = setup->any_page_port, .port = setup->port};
    lan->pause = evtimer_new(server->base, accept_again, lan);
    for (size_t i = 0; i < count; i++) {
        bool loopback = is_loopback(address[i]);
        if (loopback ? setup->not_loopback : plain) {
            continue;
        }
        if (!listen_on(lan, address[i], lan->port)) {
            char number[16];
            snprintf(number, sizeof number, "%d", lan->port);
            LOG_WARN("event=listen-failed errno=%d", errno);
            lan_free(lan);
            return ns_err_say(err, NS_E_BUSY, NS_MSG_net_port_taken, number, setup->interface, NULL);
        }
    }
    if (lan->count == 0) { /* no address of that kind */
        lan_free(lan);
        return ns_err_say(err, NS_E_OFFLINE, NS_MSG_net_no_interface, setup->interface, NULL, NULL);
    }
    lan_free(server->lan);
    server->lan = lan;
    LOG_INFO("event=listening kind=%s interface=%s port=%d addresses=%zu", plain ? "plain" : "lan", setup->interface,
             lan->port, lan->count);
    return NS_OK;
}

int ns_server_lan_port(const struct ns_server *server) {
    return server->lan != NULL && server->lan->listening > 0 ? server->lan->port : 0;
}

/* What is open still asks its Host and Origin rules: the rest goes when new ones come. */
void ns_server_unlisten_lan(struct ns_server *server) {
    lan_stop(server->lan);
}

void ns_server_drop_lan(struct ns_server *server) {
    for (struct connection *c = server->connections, *next; c != NULL; c = next) {
        next = c->next;
        if (c->peer.kind != NS_PEER_LAN) {
            continue;
        }
        if (c->state == CONNECTION_WEBSOCKET) {
            ns_ws_peer_close(c->websocket, 1001, "network switched off");
        } else {
            connection_close_soon(c); /* an answer on its way still leaves */
            connection_settle(c);
        }
    }
}

void lan_stop(struct ns_lan *lan) {
    for (size_t i = 0; lan != NULL && i < lan->listening; i++) {
        evconnlistener_free(lan->accepts[i]);
    }
    if (lan != NULL) {
        lan->listening = 0;
    }
}

void lan_free(struct ns_lan *lan) {
    if (lan != NULL) {
        lan_stop(lan);
        event_free(lan->pause);
        SSL_CTX_free(lan->tls);
        free(lan);
    }
}
