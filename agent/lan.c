/* lan.c: certificates and addresses for agent/net/lan.c. */
#include "agent/lan.h"
#include "agent/household/sessions.h"
#include "agent/json_port.h"
#include "agent/store/money.h"
#include "shared/crypto/base64url.h"
#include "shared/crypto/cert.h"
#include "shared/text/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "agent"
#include "shared/base/log.h"

#define ROOT_KEY "lan.root.key"
#define ROOT_CERT "lan.root.cert"
#define LEAF_FRESH_US (INT64_C(200) * 86400 * 1000000) /* half of a leaf's life */

struct ns_lan_home {
    const struct ns_agent_setup *setup;
    struct ns_server *server;
    struct ns_cert *root; /* in locked memory; NULL: nobody needed it yet */
    char interface[NS_LAN_INTERFACE]; /* empty: off */
    bool fixed; /* by nestsync.conf */
    char address[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS]; /* listened on */
    size_t count;
    struct ns_json_port *json; /* NULL: none beside */
    ns_time leaf_at;
    ns_rc said; /* the last reason in the log */
};

static ns_rc put(struct ns_db *db, const char *name, const uint8_t *bytes, size_t n, ns_time now,
                 struct ns_err *err) {
    char text[NS_BASE64URL_TEXT(NS_CERT_MOST) + 1];
    ns_base64url_write(bytes, n, text);
    ns_rc rc = ns_row_secret_put(db, name, text, now, err);
    ns_crypto_wipe(text, sizeof text);
    return rc;
}

static ns_rc make_root(struct ns_lan_home *lan, struct ns_db *db, struct ns_err *err) {
    ns_time now = ns_env_now(lan->setup->env);
    if (!ns_cert_root_make(lan->root, now / 1000000)) {
        return ns_err_note(err, NS_E_INTERNAL, "no root certificate could be made");
    }
    ns_rc rc = ns_db_begin(db, err);
    if (rc == NS_OK) {
        rc = put(db, ROOT_KEY, lan->root->key, lan->root->key_n, now, err);
    }
    if (rc == NS_OK) {
        rc = put(db, ROOT_CERT, lan->root->der, lan->root->der_n, now, err);
    }
    if (rc == NS_OK) {
        rc = ns_db_commit(db, err);
    }
    if (rc != NS_OK) {
        ns_db_rollback(db);
    }
    return rc;
}

static ns_rc read_root(struct ns_lan_home *lan, struct ns_db *db, struct ns_err *err) {
    struct ns_arena arena = {0};
    const char *key = NULL;
    const char *der = NULL;
    ns_rc rc = ns_row_secret(db, ROOT_KEY, &arena, &key, err);
    if (rc == NS_OK) {
        rc = ns_row_secret(db, ROOT_CERT, &arena, &der, err);
    }
    if (rc == NS_OK && (key == NULL || der == NULL)) {
        rc = make_root(lan, db, err);
    } else if (rc == NS_OK &&
               (!ns_base64url_read(ns_str_of(key), lan->root->key, NS_CERT_KEY_MOST, &lan->root->key_n) ||
                !ns_base64url_read(ns_str_of(der), lan->root->der, NS_CERT_MOST, &lan->root->der_n) ||
                !ns_cert_sound(lan->root))) {
        rc = ns_err_note(err, NS_E_DAMAGED, "the household's root certificate cannot be read");
    }
    ns_arena_fini(&arena);
    return rc;
}

/* The root is there before anything listens. */
static ns_rc need_root(struct ns_lan_home *lan, struct ns_db *db, struct ns_err *err) {
    if (lan->root != NULL) {
        return NS_OK;
    }
    lan->root = ns_secret_new(sizeof *lan->root);
    ns_rc rc = lan->root != NULL ? read_root(lan, db, err) : ns_err_note(err, NS_E_INTERNAL, "no locked memory is left");
    if (rc != NS_OK) {
        ns_secret_free(lan->root);
        lan->root = NULL;
    }
    return rc;
}

/* What nestsync.conf says, else what was chosen in the console. */
static ns_rc read_choice(struct ns_lan_home *lan, struct ns_db *db, struct ns_err *err) {
    struct ns_arena arena = {0};
    const char *chosen = ns_settings_text(lan->setup->settings, NS_SET_LAN_INTERFACE);
    ns_rc rc = NS_OK;
    lan->fixed = chosen[0] != '\0';
    if (!lan->fixed) {
        rc = ns_row_secret(db, NS_NETWORK_CHOICE, &arena, &chosen, err);
    }
    snprintf(lan->interface, sizeof lan->interface, "%s", rc == NS_OK && chosen != NULL ? chosen : "");
    ns_arena_fini(&arena);
    return rc;
}

ns_rc ns_lan_home_new(const struct ns_agent_setup *setup, struct ns_db *write_db, struct ns_server *server,
                      struct ns_lan_home **out, struct ns_err *err) {
    struct ns_lan_home *lan = ns_xcalloc(1, sizeof *lan);
    lan->setup = setup;
    lan->server = server;
    ns_rc rc = read_choice(lan, write_db, err);
    if (rc == NS_OK && lan->interface[0] != '\0') {
        rc = need_root(lan, write_db, err);
    }
    if (rc != NS_OK) {
        ns_lan_home_free(lan);
        return rc;
    }
    *out = lan;
    return NS_OK;
}

static ns_rc listen_now(struct ns_lan_home *lan, struct ns_err *err) {
    const struct ns_settings *settings = lan->setup->settings;
    const char *names[NS_LAN_ADDRESSES_MOST + 2];
    size_t count = 0;
    names[count++] = "nestsync.local";
    names[count++] = "localhost";
    for (size_t i = 0; i < lan->count; i++) {
        names[count++] = lan->address[i];
    }
    struct ns_cert leaf;
    ns_time now = ns_env_now(lan->setup->env);
    if (!ns_cert_leaf_make(&leaf, lan->root, names, count, now / 1000000)) {
        return ns_err_note(err, NS_E_INTERNAL, "no certificate could be made");
    }
    const struct ns_lan_setup setup = {
        .interface = lan->interface,
        .port = (int)ns_settings_int(settings, NS_SET_LAN_PORT),
        .handshakes_per_second = (int)ns_settings_int(settings, NS_SET_HANDSHAKES),
        .key = {(const char *)leaf.key, leaf.key_n},
        .leaf = {(const char *)leaf.der, leaf.der_n},
        .root = {(const char *)lan->root->der, lan->root->der_n},
    };
    ns_rc rc = ns_server_listen_lan(lan->server, &setup, err);
    ns_json_port_listen(lan->json, &setup);
    ns_crypto_wipe(&leaf, sizeof leaf);
    lan->leaf_at = now;
    return rc;
}

void ns_lan_home_look(struct ns_lan_home *lan) {
    if (lan == NULL || lan->interface[0] == '\0') {
        return;
    }
    char now[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS] = {0};
    size_t count = ns_lan_addresses(lan->interface, now);
    bool same = count == lan->count && memcmp(now, lan->address, sizeof now) == 0;
    bool fresh = ns_env_now(lan->setup->env) - lan->leaf_at < LEAF_FRESH_US;
    if (ns_server_lan_port(lan->server) != 0 && same && fresh) {
        return;
    }
    struct ns_err err = {0};
    memcpy(lan->address, now, sizeof now);
    lan->count = count;
    ns_server_unlisten_lan(lan->server);
    ns_rc rc = count == 0 ? ns_err_say(&err, NS_E_OFFLINE, NS_MSG_net_no_interface, lan->interface, NULL, NULL)
                          : listen_now(lan, &err);
    if (rc != NS_OK && rc != lan->said) {
        struct ns_buf text = NS_BUF(1024);
        (void)ns_err_text(&text, NS_LANG_EN, &err);
        LOG_WARN("event=lan-off reason=%s %s", ns_rc_key(rc), text.len > 0 ? text.data : err.note);
        ns_buf_fini(&text);
    }
    lan->said = rc;
}

/* ---- what the API asks ---- */

/* On the writer. */
static ns_rc prepare(void *self, struct ns_db *db, const char *interface, struct ns_err *err) {
    char address[NS_LAN_ADDRESSES_MOST][NS_LAN_ADDRESS];
    if (strlen(interface) >= NS_LAN_INTERFACE || ns_lan_addresses(interface, address) == 0) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_net_no_interface, interface, NULL, NULL);
    }
    return need_root(self, db, err);
}

static void use(void *self, const char *interface) {
    struct ns_lan_home *lan = self;
    if (strcmp(lan->interface, interface) != 0) {
        ns_server_unlisten_lan(lan->server);
        ns_server_drop_lan(lan->server);
        ns_json_port_stop(lan->json);
        snprintf(lan->interface, sizeof lan->interface, "%s", interface);
        lan->said = NS_OK;
    }
    ns_lan_home_look(lan);
}

static void look(void *self, struct ns_network *out) {
    const struct ns_lan_home *lan = self;
    uint8_t pin[32];
    *out = (struct ns_network){.fixed = lan->fixed, .why = lan->said,
                               .port = (int)ns_settings_int(lan->setup->settings, NS_SET_LAN_PORT)};
    snprintf(out->interface, sizeof out->interface, "%s", lan->interface);
    out->listening = lan->interface[0] != '\0' && ns_server_lan_port(lan->server) != 0;
    if (out->listening) {
        out->port = ns_server_lan_port(lan->server);
        out->address_count = lan->count;
        memcpy(out->address, lan->address, sizeof out->address);
    }
    if (lan->root != NULL && out->interface[0] != '\0' && ns_cert_pin(lan->root, pin)) {
        ns_base64url_write(pin, sizeof pin, out->pin);
    }
    out->choice_count = ns_lan_interfaces(out->choice);
}

struct ns_api_network ns_lan_home_door(struct ns_lan_home *lan) {
    return (struct ns_api_network){lan, prepare, use, look};
}

struct ns_str ns_lan_home_root(const struct ns_lan_home *lan) {
    return lan->root != NULL ? (struct ns_str){(const char *)lan->root->der, lan->root->der_n} : (struct ns_str){0};
}

void ns_lan_home_beside(struct ns_lan_home *lan, struct ns_json_port *json) {
    lan->json = json;
}

void ns_lan_home_free(struct ns_lan_home *lan) {
    if (lan != NULL) {
        ns_secret_free(lan->root);
        free(lan);
    }
}
