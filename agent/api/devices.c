/* devices.c: pairing, sessions and the list of devices. */
#include "agent/api/mutation.h"
#include "agent/api/sessions.h"
#include "agent/api/tokens.h"
#include "agent/household/sessions.h"
#include "agent/store/money.h"
#include "shared/crypto/base64url.h"

#include <string.h>

#define CONNECTED_US (INT64_C(60) * 1000000) /* since it was heard */
#define ROOT(name)                                                                             \
    static void name(const struct gql_call *call, const void *none, struct gql_out *out)

/* Arguments and answer of every mutation here; api_response comes first for its readers. */
struct act {
    struct api_response response;
    ns_id run;
    ns_id owner;
    const char *code;
    const char *name;
    const char *platform;
    int minutes;
    bool unlock;
    ns_time closes_at;
    char window_code[NS_PAIR_CODE];
    struct ns_session session;
    struct ns_user *user;
    char *token;
    uint8_t seed[32];
    const struct ns_network *network;
};

static struct act *begin(const struct gql_call *call, ns_rc (*work)(struct mutation *m), struct mutation **m) {
    struct act *a = NS_NEW(call->arena, struct act);
    *m = mutation_begin(call, work);
    a->run = ns_sessions_run((*m)->ctx->api->sessions);
    a->owner = (*m)->ctx->api->owner.user;
    (*m)->own = a;
    return a;
}

/* The refusal or success of the mutation, with what only this area knows. */
static const void *answer(struct mutation *m) {
    struct act *a = m->own;
    a->response = m->response;
    return a;
}

/* ---- pairing ---- */

static ns_rc open_window(struct mutation *m) {
    struct act *a = m->own;
    if (ns_id_is_zero(a->owner)) {
        return ns_err_say(&m->err, NS_E_NOT_SET_UP, NS_MSG_api_no_home, NULL, NULL, NULL);
    }
    a->closes_at = m->act.now + (int64_t)a->minutes * 60 * 1000000;
    return ns_pairing_open(&m->act, a->run, a->minutes, a->unlock, a->window_code, &m->err);
}

ROOT(open_pairing) {
    (void)none;
    struct mutation *m;
    struct act *a = begin(call, open_window, &m);
    a->minutes = (int)arg_int(&call->args[GQL_A_Mutation_openPairing_minutes], NS_PAIR_MINUTES);
    a->unlock = arg_bool(&call->args[GQL_A_Mutation_openPairing_unlock], false);
    m->answer = answer;
    mutation_submit(m, out);
}

static ns_rc load_user(struct mutation *m) {
    struct act *a = m->own;
    a->user = NS_NEW(m->ctx->arena, struct ns_user);
    return ns_user_get(m->act.db, a->owner, m->ctx->arena, a->user, &m->err);
}

static ns_rc enter(struct mutation *m) {
    struct act *a = m->own;
    ns_rc rc = ns_pairing_enter(&m->act, a->run, a->code, a->name, a->platform, &a->session, &m->err);
    if (rc == NS_OK) {
        mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, a->session.device); /* the family is told */
    }
    return rc == NS_OK ? load_user(m) : rc;
}

/* The token is made on the loop, where its key is. */
static const void *answer_session(struct mutation *m) {
    struct act *a = m->own;
    if (m->rc == NS_OK) {
        a->token = NS_NEW_N(m->ctx->arena, char, NS_TOKEN_MOST);
        if (!ns_sessions_token(m->ctx->api->sessions, a->session.device, a->token)) {
            m->response = (struct api_response){.error = "INTERNAL", .message = "INTERNAL"};
        }
    }
    if (m->rc == NS_E_CONFLICT) { /* a token was used twice: its device is out */
        ns_sessions_changed(m->ctx->api->sessions);
    }
    return answer(m);
}

ROOT(pair_device) {
    (void)none;
    struct mutation *m;
    struct act *a = begin(call, enter, &m);
    const struct gql_value *in = call->args[GQL_A_Mutation_pairDevice_input].items;
    a->code = arg_text(call->arena, &in[GQL_I_PairDeviceInput_code]);
    a->name = arg_text(call->arena, &in[GQL_I_PairDeviceInput_deviceName]);
    a->platform = arg_text(call->arena, &in[GQL_I_PairDeviceInput_platform]);
    m->message = NS_MSG_device_paired;
    mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
    m->answer = answer_session;
    mutation_submit(m, out);
}

static ns_rc trade(struct mutation *m) {
    struct act *a = m->own;
    ns_rc rc = ns_session_refresh(&m->act, a->code, &a->session, &m->err);
    return rc == NS_OK ? load_user(m) : rc;
}

ROOT(refresh_token) {
    (void)none;
    struct mutation *m;
    struct act *a = begin(call, trade, &m);
    a->code = arg_text(call->arena, &call->args[GQL_A_Mutation_refreshToken_refreshToken]);
    m->answer = answer_session;
    mutation_submit(m, out);
}

/* ---- devices ---- */

static const void *answer_revoked(struct mutation *m) {
    if (m->rc == NS_OK) {
        ns_sessions_changed(m->ctx->api->sessions);
    }
    return answer(m);
}

static ns_rc revoke(struct mutation *m) {
    return ns_device_revoke(&m->act, m->id, &m->err);
}

/* Its own device, or any from a caller that is sure. */
static bool may_touch(const struct api_ctx *ctx, ns_id id, struct gql_out *out) {
    if (ns_caller_is_sure(&ctx->caller) || ns_id_eq(id, ctx->caller.actor.device)) {
        return true;
    }
    gql_fail(out, GQL_CODE_PERMISSION_DENIED, ns_msg(ctx->lang, NS_MSG_device_not_here));
    return false;
}

static void submit_revoke(const struct gql_call *call, ns_id id, struct gql_out *out) {
    struct mutation *m;
    (void)begin(call, revoke, &m);
    m->id = id;
    m->message = NS_MSG_device_revoked;
    m->answer = answer_revoked;
    mutation_submit(m, out);
}

ROOT(revoke_device) {
    (void)none;
    ns_id id;
    if (need_id(call->ctx, &call->args[GQL_A_Mutation_revokeDevice_deviceId], &id, out) &&
        may_touch(call->ctx, id, out)) {
        submit_revoke(call, id, out);
    }
}

ROOT(sign_out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    if (ctx->caller.auth == NS_AUTH_LOCAL) { /* there is no session to end */
        gql_fail(out, GQL_CODE_BAD_USER_INPUT, ns_msg(ctx->lang, NS_MSG_device_unknown));
        return;
    }
    submit_revoke(call, ctx->caller.actor.device, out);
}

static ns_rc revoke_all(struct mutation *m) {
    struct act *a = m->own;
    char text[NS_BASE64URL_TEXT(32) + 1];
    ns_rc rc = ns_device_revoke_all(&m->act, m->act.actor.device, &m->err);
    if (rc == NS_OK) {
        ns_crypto_random(a->seed, sizeof a->seed);
        ns_base64url_write(a->seed, sizeof a->seed, text);
        rc = ns_row_secret_put(m->act.db, NS_TOKEN_SEED, text, m->act.now, &m->err);
        ns_crypto_wipe(text, sizeof text);
    }
    return rc;
}

static const void *answer_revoked_all(struct mutation *m) {
    struct act *a = m->own;
    if (m->rc == NS_OK && !ns_sessions_rekey(m->ctx->api->sessions, a->seed)) {
        m->response = (struct api_response){.error = "INTERNAL", .message = "INTERNAL"};
    }
    ns_crypto_wipe(a->seed, sizeof a->seed);
    return answer_revoked(m);
}

ROOT(revoke_all_devices) {
    (void)none;
    struct mutation *m;
    (void)begin(call, revoke_all, &m);
    m->message = NS_MSG_device_revoked;
    m->answer = answer_revoked_all;
    mutation_submit(m, out);
}

static ns_rc rename_it(struct mutation *m) {
    const struct act *a = m->own;
    return ns_device_rename(&m->act, m->id, a->name, &m->err);
}

ROOT(rename_device) {
    (void)none;
    struct mutation *m;
    ns_id id;
    if (!need_id(call->ctx, &call->args[GQL_A_Mutation_renameDevice_deviceId], &id, out) ||
        !may_touch(call->ctx, id, out)) {
        return;
    }
    struct act *a = begin(call, rename_it, &m);
    a->name = arg_text(call->arena, &call->args[GQL_A_Mutation_renameDevice_name]);
    m->id = id;
    m->message = NS_MSG_device_renamed;
    m->answer = answer;
    mutation_submit(m, out);
}

ROOT(paired_devices) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct ns_device *devices = NULL;
    struct ns_err err = {0};
    int count = 0;
    size_t kept = 0;
    ns_rc rc = ns_device_list(ctx->api->s.read_db, ctx->arena, &devices, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    const void **list = NS_NEW_N(ctx->arena, const void *, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        if (devices[i].revoked_at == NS_TIME_NONE) {
            list[kept++] = &devices[i];
        }
    }
    gql_objects(out, list, kept);
}

/* ---- the home's own network ---- */

static struct ns_network *look_at_network(const struct api_ctx *ctx) {
    struct ns_network *n = NS_NEW(ctx->arena, struct ns_network);
    if (ctx->api->network.look != NULL) {
        ctx->api->network.look(ctx->api->network.self, n);
    }
    return n;
}

ROOT(home_network) {
    (void)none;
    gql_object(out, look_at_network(call->ctx));
}

static ns_rc choose_network(struct mutation *m) {
    const struct act *a = m->own;
    const struct ns_api_network *network = &m->ctx->api->network;
    ns_rc rc = a->name[0] != '\0' ? network->prepare(network->self, m->act.db, a->name, &m->err) : NS_OK;
    return rc == NS_OK ? ns_network_choose(&m->act, a->name, &m->err) : rc;
}

static void network_chosen(struct mutation *m) {
    const struct act *a = m->own;
    m->ctx->api->network.use(m->ctx->api->network.self, a->name);
}

static const void *answer_network(struct mutation *m) {
    struct act *a = m->own;
    if (m->rc == NS_OK) {
        a->network = look_at_network(m->ctx);
    }
    return answer(m);
}

ROOT(set_home_network) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct mutation *m;
    struct act *a = begin(call, choose_network, &m);
    const char *name = arg_text(call->arena, &call->args[GQL_A_Mutation_setHomeNetwork_interface]);
    a->name = name != NULL ? name : "";
    if (ctx->api->network.look == NULL || look_at_network(ctx)->fixed) {
        a->response.error = a->response.message = ns_msg(ctx->lang, NS_MSG_network_fixed);
        gql_object(out, a);
        return;
    }
    m->after = network_chosen;
    m->message = a->name[0] != '\0' ? NS_MSG_network_on : NS_MSG_network_off;
    m->answer = answer_network;
    mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
    mutation_submit(m, out);
}

/* ---- readers ---- */

static void time_or_null(struct gql_out *out, ns_time at) {
    if (at == NS_TIME_NONE || at == 0) {
        gql_null(out);
    } else {
        gql_time(out, at);
    }
}

/* The store is told at every refresh only. */
static ns_time last_seen(const struct api_ctx *ctx, const struct ns_device *d) {
    ns_time heard = ns_sessions_heard(ctx->api->sessions, d->id);
    return heard > d->last_seen_at ? heard : d->last_seen_at;
}

static bool is_connected(const struct api_ctx *ctx, ns_id id) {
    ns_time heard = ns_sessions_heard(ctx->api->sessions, id);
    return ns_id_eq(id, ctx->actor.device) || api_operations_held_by(ctx->api->operations, id) > 0 ||
           (heard != NS_TIME_NONE && ctx->now - heard < CONNECTED_US);
}

static void get_device(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_device *d = object;
    const struct api_ctx *ctx = call->ctx;
    switch (call->field) {
    case GQL_F_PairedDevice_id: gql_id(out, d->id); break;
    case GQL_F_PairedDevice_name: gql_cstr(out, d->name); break;
    case GQL_F_PairedDevice_platform: gql_cstr(out, d->platform); break;
    case GQL_F_PairedDevice_userId: gql_id(out, d->user_id); break;
    case GQL_F_PairedDevice_pairedAt: gql_time(out, d->paired_at); break;
    case GQL_F_PairedDevice_lastSeenAt: time_or_null(out, last_seen(ctx, d)); break;
    case GQL_F_PairedDevice_lastAddress: gql_cstr(out, d->last_address); break;
    case GQL_F_PairedDevice_current: gql_bool(out, ns_id_eq(d->id, ctx->actor.device)); break;
    case GQL_F_PairedDevice_connected: gql_bool(out, is_connected(ctx, d->id)); break;
    default: gql_cstr(out, ns_msg(ctx->lang, ns_id_eq(d->id, ctx->api->owner.device) ? NS_MSG_device_may_all : NS_MSG_device_may_phone));
    }
}

/* Also reads what refuse() made: then only the response is there. */
static void get_auth(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct act *a = object;
    switch (call->field) {
    case GQL_F_AuthResponse_success: gql_bool(out, a->response.success); break;
    case GQL_F_AuthResponse_message: gql_cstr(out, a->response.message); break;
    case GQL_F_AuthResponse_error: gql_cstr(out, a->response.error); break;
    case GQL_F_AuthResponse_user: gql_object(out, a->response.success ? a->user : NULL); break;
    default: gql_object(out, a->response.success ? a : NULL);
    }
}

static void get_session(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct act *a = object;
    switch (call->field) {
    case GQL_F_UserSession_accessToken: gql_cstr(out, a->token); break;
    case GQL_F_UserSession_refreshToken: gql_cstr(out, a->session.refresh); break;
    case GQL_F_UserSession_expiresIn: gql_int(out, NS_TOKEN_SECONDS); break;
    default: gql_cstr(out, "Bearer");
    }
}

static void get_window(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct act *a = object;
    switch (call->field) {
    case GQL_F_PairingWindow_success: gql_bool(out, a->response.success); break;
    case GQL_F_PairingWindow_message: gql_cstr(out, a->response.message); break;
    case GQL_F_PairingWindow_error: gql_cstr(out, a->response.error); break;
    case GQL_F_PairingWindow_code: gql_cstr(out, a->response.success ? a->window_code : NULL); break;
    default: time_or_null(out, a->response.success ? a->closes_at : NS_TIME_NONE);
    }
}

static void texts(const struct gql_call *call, struct gql_out *out, const char *first, size_t step, size_t count) {
    const char **list = NS_NEW_N(call->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        list[i] = first + i * step;
    }
    api_words_list(out, call->arena, list, (int)count);
}

static void get_network(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_network *n = object;
    const struct api_ctx *ctx = call->ctx;
    bool on = n->interface[0] != '\0';
    switch (call->field) {
    case GQL_F_HomeNetwork_interface: gql_cstr(out, on ? n->interface : NULL); break;
    case GQL_F_HomeNetwork_fixed: gql_bool(out, n->fixed); break;
    case GQL_F_HomeNetwork_listening: gql_bool(out, n->listening); break;
    case GQL_F_HomeNetwork_problem:
        gql_cstr(out, !on || n->listening ? NULL
                      : ns_msg(ctx->lang, n->why == NS_E_BUSY ? NS_MSG_network_port : NS_MSG_network_away));
        break;
    case GQL_F_HomeNetwork_port: gql_int(out, n->port); break;
    case GQL_F_HomeNetwork_addresses: texts(call, out, n->address[0], NS_LAN_ADDRESS, n->address_count); break;
    case GQL_F_HomeNetwork_pin: gql_cstr(out, n->pin[0] != '\0' ? n->pin : NULL); break;
    default: texts(call, out, n->choice[0], NS_LAN_INTERFACE, n->choice_count);
    }
}

static void get_network_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct act *a = object;
    switch (call->field) {
    case GQL_F_HomeNetworkResponse_success: gql_bool(out, a->response.success); break;
    case GQL_F_HomeNetworkResponse_message: gql_cstr(out, a->response.message); break;
    case GQL_F_HomeNetworkResponse_error: gql_cstr(out, a->response.error); break;
    default: gql_object(out, a->response.success ? a->network : NULL);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_homeNetwork, home_network},
    {GQL_F_Mutation_setHomeNetwork, set_home_network},
    {GQL_F_Query_pairedDevices, paired_devices},
    {GQL_F_Mutation_openPairing, open_pairing},
    {GQL_F_Mutation_pairDevice, pair_device},
    {GQL_F_Mutation_refreshToken, refresh_token},
    {GQL_F_Mutation_revokeDevice, revoke_device},
    {GQL_F_Mutation_revokeAllDevices, revoke_all_devices},
    {GQL_F_Mutation_renameDevice, rename_device},
    {GQL_F_Mutation_signOut, sign_out},
};
static const struct gql_type_bind types[] = {
    {GQL_T_AuthResponse, get_auth},
    {GQL_T_PairedDevice, get_device},
    {GQL_T_UserSession, get_session},
    {GQL_T_PairingWindow, get_window},
    {GQL_T_HomeNetwork, get_network},
    {GQL_T_HomeNetworkResponse, get_network_response},
};
const struct api_part api_devices_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
