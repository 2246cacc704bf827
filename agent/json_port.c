/* json_port.c: two listeners, one protocol. */
#include "agent/json_port.h"
#include "agent/api/transport_json.h"
#include "shared/base/arena.h"

#include <stdlib.h>

#define LOG_MODULE "agent"
#include "shared/base/log.h"

#define LOOPBACK "lo"

struct ns_json_port {
    const struct ns_agent_setup *setup;
    struct ns_loop *loop;
    const struct ns_operations *operations;
    struct ns_server *plain; /* this computer */
    struct ns_server *tls;   /* the home network */
    bool said;               /* that the port is taken */
};

static void serve(void *self, struct ns_exchange *x) {
    (void)self;
    ns_exchange_respond(x, 426, "text/plain; charset=utf-8", "Upgrade: websocket\r\nConnection: Upgrade\r\n",
                        NS_STR("426: a WebSocket is served here\n"));
}

static bool accept_websocket(void *self, const struct ns_exchange *request, struct ns_ws_accept *accept) {
    struct ns_json_port *port = self;
    return ns_transport_json_accept(port->loop, port->setup->env, port->operations, request, accept);
}

static struct ns_server *make_server(struct ns_json_port *port) {
    const struct ns_server_handlers handlers = {port, serve, accept_websocket};
    struct ns_server *server = ns_server_new(port->loop, &handlers, NULL);
    ns_server_set_most(server, (size_t)ns_settings_int(port->setup->settings, NS_SET_CONNECTIONS));
    return server;
}

struct ns_json_port *ns_json_port_new(const struct ns_agent_setup *setup, struct ns_loop *loop,
                                      const struct ns_operations *operations) {
    struct ns_json_port *port = ns_xcalloc(1, sizeof *port);
    *port = (struct ns_json_port){.setup = setup, .loop = loop, .operations = operations};
    port->plain = make_server(port);
    port->tls = make_server(port);
    return port;
}

static void listen_one(struct ns_json_port *port, struct ns_server *server, const struct ns_lan_setup *lan) {
    struct ns_err err = {0};
    ns_rc rc = ns_server_listen_lan(server, lan, &err);
    if (rc != NS_OK && rc != NS_E_OFFLINE && !port->said) { /* offline: no address of that kind */
        struct ns_buf text = NS_BUF(1024);
        (void)ns_err_text(&text, NS_LANG_EN, &err);
        LOG_WARN("event=json-off %s", text.len > 0 ? text.data : err.note);
        ns_buf_fini(&text);
        port->said = true;
    }
}

void ns_json_port_listen(struct ns_json_port *port, const struct ns_lan_setup *lan) {
    if (port == NULL) {
        return;
    }
    struct ns_lan_setup setup = *lan;
    setup.port = (int)ns_settings_int(port->setup->settings, NS_SET_JSON_PORT);
    setup.any_page_port = true; /* a page is served on another port; what it may do its token says */
    setup.not_loopback = true;
    ns_server_unlisten_lan(port->tls);
    listen_one(port, port->tls, &setup);
    setup.not_loopback = false;
    if (ns_server_lan_port(port->plain) == 0) {
        setup.interface = LOOPBACK;
        setup.key = (struct ns_str){0};
        listen_one(port, port->plain, &setup);
    }
}

void ns_json_port_stop(struct ns_json_port *port) {
    if (port != NULL) {
        ns_server_unlisten_lan(port->plain);
        ns_server_drop_lan(port->plain);
        ns_server_unlisten_lan(port->tls);
        ns_server_drop_lan(port->tls);
        port->said = false;
    }
}

size_t ns_json_port_connections(const struct ns_json_port *port) {
    return port == NULL ? 0 : ns_server_connections(port->plain) + ns_server_connections(port->tls);
}

void ns_json_port_close(struct ns_json_port *port) {
    if (port != NULL) {
        ns_server_close(port->plain);
        ns_server_close(port->tls);
    }
}

void ns_json_port_free(struct ns_json_port *port) {
    if (port != NULL) {
        ns_server_free(port->plain);
        ns_server_free(port->tls);
        free(port);
    }
}
