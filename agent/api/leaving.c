/* leaving.c: egressReport: every place anything may leave for, out of the gate's own table, and what did.
 * Threads: loop thread. */
#include "agent/api/context.h"
#include "agent/net/egress.h"

#define JOURNAL_SHOWN 100
#define PLACES_MOST ((size_t)16)

struct report {
    struct ns_egress_line *line;
    int count;
};

static const struct ns_egress *gate(const struct gql_call *call) {
    const struct api_ctx *ctx = call->ctx;
    return ctx->api->s.gate;
}

static void get_report(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct report *r = NS_NEW(ctx->arena, struct report);
    struct ns_err err = {0};
    ns_rc rc = ns_row_egress(ctx->api->s.read_db, JOURNAL_SHOWN, ctx->arena, &r->line, &r->count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, r);
}

static void report(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct report *r = object;
    const void **places = NULL;
    size_t n = 0;
    switch (call->field) {
    case GQL_F_EgressReport_canadaOnly: gql_bool(out, gate(call) != NULL && gate(call)->canada_only); break;
    case GQL_F_EgressReport_journal: gql_array(out, r->line, (size_t)r->count, sizeof *r->line); break;
    default: /* the list is written after this function returned */
        places = NS_NEW_N(call->arena, const void *, PLACES_MOST);
        for (; n < PLACES_MOST && ns_egress_destination_at(n) != NULL; n++) {
            places[n] = ns_egress_destination_at(n);
        }
        gql_objects(out, places, n);
    }
}

static const char *address(const struct ns_egress *g, const struct ns_egress_destination *d) {
    return g != NULL && g->base_url != NULL && ns_str_is(ns_str_of(g->base_of), d->id) ? g->base_url : d->base_url;
}

static void destination(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_egress_destination *d = object;
    const struct api_ctx *ctx = call->ctx;
    static const char *const consents[] = {"none", "purchase", "sharing"};
    bool held = gate(call) != NULL && ns_egress_held(gate(call), d);
    size_t n = 0;
    switch (call->field) {
    case GQL_F_EgressDestination_id: gql_cstr(out, d->id); break;
    case GQL_F_EgressDestination_purpose: gql_cstr(out, ns_msg(ctx->lang, d->purpose)); break;
    case GQL_F_EgressDestination_jurisdiction: gql_cstr(out, d->jurisdiction); break;
    case GQL_F_EgressDestination_address: gql_cstr(out, address(gate(call), d)); break;
    case GQL_F_EgressDestination_inUse: gql_bool(out, ctx->api->s.courier != NULL && !held); break;
    case GQL_F_EgressDestination_consent: gql_cstr(out, consents[d->consent]); break;
    case GQL_F_EgressDestination_stops:
        if (held) {
            gql_cstr(out, ns_msg(ctx->lang, d->stops));
        } else {
            gql_null(out);
        }
        break;
    default:
        while (d->calls[n].method != NULL) {
            n++;
        }
        gql_array(out, d->calls, n, sizeof *d->calls);
    }
}

static void one_call(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_egress_call *c = object;
    struct gql_out *names;
    size_t n = 0;
    switch (call->field) {
    case GQL_F_EgressCall_method: gql_cstr(out, c->method); break;
    case GQL_F_EgressCall_path: gql_cstr(out, c->path); break;
    default:
        while (c->fields[n] != NULL) {
            n++;
        }
        names = NS_NEW_N(call->arena, struct gql_out, n + 1);
        for (size_t i = 0; i < n; i++) {
            gql_cstr(&names[i], c->fields[i]);
        }
        gql_list(out, names, n);
    }
}

static void line(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_egress_line *l = object;
    static const char hex[] = "0123456789abcdef";
    char digest[2 * NS_DIGEST];
    switch (call->field) {
    case GQL_F_EgressLine_at: gql_time(out, l->at); break;
    case GQL_F_EgressLine_destination: gql_cstr(out, l->destination); break;
    case GQL_F_EgressLine_jurisdiction: gql_cstr(out, l->jurisdiction); break;
    case GQL_F_EgressLine_method: gql_cstr(out, l->method); break;
    case GQL_F_EgressLine_path: gql_cstr(out, l->path); break;
    case GQL_F_EgressLine_fields: gql_cstr(out, l->fields); break;
    case GQL_F_EgressLine_bytes: gql_int(out, l->bytes); break;
    case GQL_F_EgressLine_outcome: gql_cstr(out, l->outcome); break;
    default:
        for (size_t i = 0; i < NS_DIGEST; i++) {
            digest[2 * i] = hex[l->hash[i] >> 4];
            digest[2 * i + 1] = hex[l->hash[i] & 15];
        }
        gql_cstr(out, ns_arena_copy(call->arena, (struct ns_str){digest, sizeof digest}));
    }
}

static const struct gql_root_bind roots[] = {{GQL_F_Query_egressReport, get_report}};
static const struct gql_type_bind types[] = {
    {GQL_T_EgressReport, report}, {GQL_T_EgressDestination, destination}, {GQL_T_EgressCall, one_call}, {GQL_T_EgressLine, line}};
const struct api_part api_leaving_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
