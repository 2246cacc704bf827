/* witness.c: a phone remembers how far the store had come, and notices an older one put back.
 * Threads: loop thread. */
#include "agent/api/context.h"

struct mark {
    char text[NS_API_MARK];
    int64_t changes;
    ns_time at;
};

static void get_mark(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct ns_api_outside *o = &ctx->api->s.outside;
    struct mark *m = NS_NEW(ctx->arena, struct mark);
    struct ns_err err = {0};
    if (o->store_mark == NULL) {
        gql_null(out);
        return;
    }
    m->at = ctx->now;
    ns_rc rc = o->store_mark(o->self, &m->changes, m->text, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, m);
}

static const char *name_of(struct api_ctx *ctx) {
    const struct ns_device *devices = NULL;
    int count = 0;
    ns_rc rc = ns_device_list(ctx->api->s.read_db, ctx->arena, &devices, &count, NULL);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (ns_id_eq(devices[i].id, ctx->actor.device)) {
            return devices[i].name;
        }
    }
    return "?";
}

static void show_mark(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct ns_api_outside *o = &ctx->api->s.outside;
    struct api_response *r = NS_NEW(ctx->arena, struct api_response);
    struct ns_err err = {0};
    const char *mark = arg_text(ctx->arena, &call->args[GQL_A_Mutation_showStoreMark_mark]);
    ns_rc rc = o->store_seen == NULL ? ns_err_note(&err, NS_E_NOT_SET_UP, "no store to look at")
                                     : o->store_seen(o->self, mark, name_of(ctx), &err);
    *r = rc == NS_OK ? (struct api_response){.success = true, .message = api_text(ctx->arena, ctx->lang, NS_MSG_store_mark_good)}
                     : (struct api_response){.message = api_error_text(ctx->arena, ctx->lang, rc, &err)};
    r->error = rc == NS_OK ? NULL : r->message;
    gql_object(out, r);
}

static void get(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct mark *m = object;
    switch (call->field) {
    case GQL_F_StoreMark_mark: gql_cstr(out, m->text); break;
    case GQL_F_StoreMark_changes: gql_int(out, m->changes); break;
    default: gql_time(out, m->at);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_storeMark, get_mark},
    {GQL_F_Mutation_showStoreMark, show_mark},
};
static const struct gql_type_bind types[] = {{GQL_T_StoreMark, get}};
const struct api_part api_witness_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
