#include "agent/retail/connect.h"

#include "agent/household/act.h"
#include "agent/retail/shops.h"

#define MOST_PER_HOUR 100000

static ns_rc take(const struct ns_act *act, const char *in, int msg, const char **to, struct ns_err *err) {
    return in == NULL ? NS_OK : act_text(act, in, 300, false, msg, to, err);
}

/* https, or http to this very machine for practice. */
static bool endpoint_ok(const char *text) {
    struct ns_str url = ns_str_of(text);
    bool here = ns_str_starts(url, "http://127.0.0.1:") || ns_str_starts(url, "http://127.0.0.1/");
    return url.n < 300 && (here ? strchr(text, '@') == NULL : ns_shop_url_ok(NS_RETAILER_OTHER, url));
}

static ns_rc merge(const struct ns_act *act, const struct ns_connect_input *in, struct ns_connection *c,
                   struct ns_err *err) {
    if (in->per_hour < 0 || in->per_hour > MOST_PER_HOUR) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_shop_bad_limit, NULL, NULL, NULL);
    }
    if (in->endpoint != NULL && !endpoint_ok(in->endpoint)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_shop_bad_endpoint, NULL, NULL, NULL);
    }
    ns_rc rc = take(act, in->client_id, NS_MSG_shop_field_account, &c->client_id, err);
    if (rc == NS_OK) {
        rc = take(act, in->client_secret, NS_MSG_shop_field_account, &c->client_secret, err);
    }
    if (rc == NS_OK) {
        rc = take(act, in->partner_tag, NS_MSG_shop_field_account, &c->partner_tag, err);
    }
    if (rc == NS_OK) {
        rc = take(act, in->store_id, NS_MSG_shop_field_account, &c->store_id, err);
    }
    c->endpoint = in->endpoint != NULL ? in->endpoint : c->endpoint;
    c->per_hour = in->per_hour > 0 ? in->per_hour : c->per_hour;
    c->active = in->active == NS_NONE ? c->active : in->active != 0;
    c->updated_at = act->now;
    return rc;
}

static ns_rc owner_of(const struct ns_act *act, ns_id *owner, struct ns_err *err) {
    struct ns_household home;
    bool there = false;
    ns_rc rc = ns_row_household(act->db, act->arena, &home, &there, err);
    if (rc == NS_OK && !there) {
        rc = ns_err_note(err, NS_E_NOT_SET_UP, "no home");
    }
    *owner = there ? home.owner_id : (ns_id){{0}};
    return rc;
}

static ns_rc make(const struct ns_act *act, const struct ns_connect_input *in, struct ns_connection *c,
                  struct ns_err *err) {
    struct ns_connection *all = NULL;
    ns_id owner;
    int count = 0;
    ns_rc rc = owner_of(act, &owner, err);
    if (rc == NS_OK) {
        rc = ns_row_connections(act->db, owner, act->arena, &all, &count, err);
    }
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (all[i].retailer == in->retailer) {
            return ns_err_say(err, NS_E_CONFLICT, NS_MSG_shop_connected, all[i].name, NULL, NULL);
        }
    }
    const struct ns_shop *shop = &ns_shops[in->retailer];
    *c = (struct ns_connection){.id = ns_id_new(act->env), .user_id = owner, .retailer = in->retailer,
                                .name = shop->name, .active = true, .endpoint = shop->api,
                                .per_hour = shop->calls_per_hour, .last_success = NS_TIME_NONE, .response_ms = NS_NONE,
                                .last_error_at = NS_TIME_NONE, .created_at = act->now};
    if (rc == NS_OK) {
        rc = merge(act, in, c, err);
    }
    return rc == NS_OK ? ns_row_connection_add(act->db, c, err) : rc;
}

static ns_rc find(const struct ns_act *act, ns_id id, struct ns_connection *c, struct ns_err *err) {
    bool found = false;
    ns_rc rc = ns_row_connection(act->db, id, act->arena, c, &found, err);
    return rc == NS_OK && !found ? ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_shop_no_connection, NULL, NULL, NULL) : rc;
}

static ns_rc change(const struct ns_act *act, const struct ns_connect_input *in, struct ns_connection *c,
                    struct ns_err *err) {
    ns_rc rc = find(act, in->id, c, err);
    if (rc == NS_OK) {
        rc = merge(act, in, c, err);
    }
    return rc == NS_OK ? ns_row_connection_update(act->db, c, err) : rc;
}

ns_rc ns_connect(const struct ns_act *act, const struct ns_connect_input *in, struct ns_connection *out,
                 struct ns_err *err) {
    bool fresh = ns_id_is_zero(in->id);
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = (fresh ? make : change)(act, in, out, err);
    if (rc == NS_OK) {
        rc = act_audit(act, fresh ? "RETAILER_CONNECTED" : "RETAILER_CHANGED", "retailer", out->id, NULL, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_disconnect(const struct ns_act *act, ns_id id, struct ns_connection *out, struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = find(act, id, out, err);
    if (rc == NS_OK) {
        rc = ns_row_connection_remove(act->db, id, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "RETAILER_REMOVED", "retailer", id, NULL, err);
    }
    return act_end(act, rc, err);
}
