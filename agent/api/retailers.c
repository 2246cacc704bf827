/* retailers.c: the household's connections to shops. Keys go in and never come out.
 * Threads: loop thread; work on the writer. */
#include "agent/api/mutation.h"
#include "agent/api/shop.h"
#include "agent/retail/connect.h"

#include <string.h>

static void list(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_connection *all = NULL;
    struct ns_err err = {0};
    int count = 0;
    ns_rc rc = ns_row_connections(ctx->api->s.read_db, ctx->api->owner.user, ctx->arena, &all, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, api_connection_of(ctx->arena, all, sizeof *all, count, 0, count));
}

static ns_rc connect_work(struct mutation *m) {
    struct ns_connection *c = NS_NEW(m->ctx->arena, struct ns_connection);
    m->response.payload = c;
    mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
    return ns_connect(&m->act, m->own, c, &m->err);
}

static ns_rc disconnect_work(struct mutation *m) {
    struct ns_connection *c = NS_NEW(m->ctx->arena, struct ns_connection);
    m->response.payload = c;
    mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
    return ns_disconnect(&m->act, m->id, c, &m->err);
}

static struct ns_connect_input *input_of(struct mutation *m) {
    struct ns_connect_input *in = NS_NEW(m->ctx->arena, struct ns_connect_input);
    in->active = NS_NONE;
    m->own = in;
    return in;
}

/* What the family may expect of it. */
static enum ns_msg expectation(enum ns_retailer_type shop) {
    return ns_shops[shop].api[0] == '\0' ? NS_MSG_shop_links_only : NS_MSG_shop_kept;
}

static void create(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, connect_work);
    struct ns_arena *arena = m->ctx->arena;
    struct ns_connect_input *in = input_of(m);
    const struct gql_value *f = call->args[GQL_A_Mutation_createRetailerConfig_input].items;
    in->retailer = (enum ns_retailer_type)arg_enum(&f[GQL_I_CreateRetailerConfigInput_retailerType], 0);
    in->client_id = arg_text(arena, &f[GQL_I_CreateRetailerConfigInput_clientId]);
    in->client_secret = arg_text(arena, &f[GQL_I_CreateRetailerConfigInput_clientSecret]);
    in->partner_tag = arg_text(arena, &f[GQL_I_CreateRetailerConfigInput_partnerTag]);
    in->store_id = arg_text(arena, &f[GQL_I_CreateRetailerConfigInput_storeId]);
    in->endpoint = arg_text(arena, &f[GQL_I_CreateRetailerConfigInput_apiEndpoint]);
    in->per_hour = arg_int(&f[GQL_I_CreateRetailerConfigInput_rateLimitPerHour], 0);
    m->message = expectation(in->retailer);
    mutation_submit(m, out);
}

static void update(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, connect_work);
    struct ns_arena *arena = m->ctx->arena;
    struct ns_connect_input *in = input_of(m);
    const struct gql_value *f = call->args[GQL_A_Mutation_updateRetailerConfig_input].items;
    if (!need_id(m->ctx, &call->args[GQL_A_Mutation_updateRetailerConfig_configId], &in->id, out)) {
        return;
    }
    in->client_id = arg_text(arena, &f[GQL_I_UpdateRetailerConfigInput_clientId]);
    in->client_secret = arg_text(arena, &f[GQL_I_UpdateRetailerConfigInput_clientSecret]);
    in->partner_tag = arg_text(arena, &f[GQL_I_UpdateRetailerConfigInput_partnerTag]);
    in->store_id = arg_text(arena, &f[GQL_I_UpdateRetailerConfigInput_storeId]);
    in->endpoint = arg_text(arena, &f[GQL_I_UpdateRetailerConfigInput_apiEndpoint]);
    in->per_hour = arg_int(&f[GQL_I_UpdateRetailerConfigInput_rateLimitPerHour], 0);
    in->active = arg_flag(&f[GQL_I_UpdateRetailerConfigInput_isActive]);
    mutation_submit(m, out);
}

static void delete(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, disconnect_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_deleteRetailerConfig_configId], &m->id, out)) {
        mutation_submit(m, out);
    }
}

/* ---- fields ---- */

static void put_page(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_connection *c = object;
    switch (call->field) {
    case GQL_F_RetailerConfigurationConnection_items: api_page_nodes(call, c, out); break;
    case GQL_F_RetailerConfigurationConnection_totalCount: gql_int(out, c->total); break;
    default: gql_bool(out, false);
    }
}

static void put_counts(const struct gql_call *call, const struct ns_connection *c, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_RetailerConfiguration_rateLimitPerHour: gql_int(out, c->per_hour); break;
    case GQL_F_RetailerConfiguration_requestsThisHour: gql_int(out, c->requests_this_hour); break;
    case GQL_F_RetailerConfiguration_totalRequestsMade: gql_int(out, c->requests); break;
    case GQL_F_RetailerConfiguration_totalSuccessfulOrders: gql_int(out, c->orders); break;
    case GQL_F_RetailerConfiguration_consecutiveFailures: gql_int(out, c->failures); break;
    case GQL_F_RetailerConfiguration_averageResponseTimeMs:
        if (c->response_ms == NS_NONE) {
            gql_null(out);
        } else {
            gql_int(out, c->response_ms);
        }
        break;
    case GQL_F_RetailerConfiguration_lastSuccessfulRequest: gql_time(out, c->last_success); break;
    case GQL_F_RetailerConfiguration_lastErrorDate: gql_time(out, c->last_error_at); break;
    case GQL_F_RetailerConfiguration_createdAt: gql_time(out, c->created_at); break;
    default: gql_time(out, c->updated_at);
    }
}

static void put_config(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_connection *c = object;
    switch (call->field) {
    case GQL_F_RetailerConfiguration_id: gql_id(out, c->id); break;
    case GQL_F_RetailerConfiguration_userId: gql_id(out, c->user_id); break;
    case GQL_F_RetailerConfiguration_retailerType: gql_enum(out, (int)c->retailer); break;
    case GQL_F_RetailerConfiguration_retailerName: gql_cstr(out, c->name); break;
    case GQL_F_RetailerConfiguration_isActive: gql_bool(out, c->active); break;
    case GQL_F_RetailerConfiguration_apiEndpoint: gql_cstr(out, c->endpoint); break;
    case GQL_F_RetailerConfiguration_apiVersion: gql_cstr(out, c->api_version); break;
    case GQL_F_RetailerConfiguration_partnerTag: gql_cstr(out, c->partner_tag); break;
    case GQL_F_RetailerConfiguration_storeId: gql_cstr(out, c->store_id); break;
    case GQL_F_RetailerConfiguration_affiliateId: gql_null(out); break; /* no link bears one */
    case GQL_F_RetailerConfiguration_supportsDirectOrders:
        gql_bool(out, (ns_shop_can(c->retailer) & NS_SHOP_SUBMIT_ORDER) != 0);
        break;
    case GQL_F_RetailerConfiguration_lastErrorMessage: gql_cstr(out, c->last_error); break;
    default: put_counts(call, c, out);
    }
}

static void put_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_response *r = object;
    switch (call->field) {
    case GQL_F_RetailerConfigResponse_success: gql_bool(out, r->success); break;
    case GQL_F_RetailerConfigResponse_config: gql_object(out, r->success ? r->payload : NULL); break;
    case GQL_F_RetailerConfigResponse_message: gql_cstr(out, r->message); break;
    default: gql_null(out); /* authorizationUrl: no shop here asks for one */
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_getRetailerConfigurations, list},
    {GQL_F_Mutation_createRetailerConfig, create},
    {GQL_F_Mutation_updateRetailerConfig, update},
    {GQL_F_Mutation_deleteRetailerConfig, delete},
};
static const struct gql_type_bind types[] = {
    {GQL_T_RetailerConfiguration, put_config},
    {GQL_T_RetailerConfigurationConnection, put_page},
    {GQL_T_RetailerConfigResponse, put_response},
};
const struct api_part api_retailers_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
