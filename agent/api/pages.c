/* pages.c: field readers of the page types: ...Connection, ...Edge, PageInfo. */
#include "agent/api/context.h"

static const char *cursor(struct ns_arena *arena, int64_t position) {
    return ns_arena_printf(arena, "c%lld", (long long)position);
}

/* All types of the form {edges, pageInfo}: the numbers of their fields differ, the shape does
 * not, so fields are told apart by name order within the type. */
void api_get_edges(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_connection *c = object;
    const struct gql_field_def *field = &gql_schema_nestsync.fields[call->field];
    if (field->name[0] == 'e') {
        gql_array(out, c->edges, (size_t)c->count, sizeof *c->edges);
    } else {
        gql_object(out, c);
    }
}

void api_get_edge(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_edge *edge = object;
    const struct gql_field_def *field = &gql_schema_nestsync.fields[call->field];
    if (field->name[0] == 'n') {
        gql_object(out, edge->node);
    } else {
        gql_cstr(out, cursor(call->arena, edge->position));
    }
}

static void total(struct api_ctx *ctx, const struct api_connection *c, struct gql_out *out) {
    int64_t n = c->total;
    struct ns_err err = {0};
    ns_rc rc = c->total_of == NULL ? NS_OK : c->total_of(ctx, c->list, &n, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_int(out, n);
}

void api_get_page_info(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_connection *c = object;
    switch (call->field) {
    case GQL_F_PageInfo_hasNextPage:
        gql_bool(out, c->has_next);
        break;
    case GQL_F_PageInfo_hasPreviousPage:
        gql_bool(out, c->has_previous);
        break;
    case GQL_F_PageInfo_startCursor:
        gql_cstr(out, c->count == 0 ? NULL : cursor(call->arena, c->edges[0].position));
        break;
    case GQL_F_PageInfo_endCursor:
        gql_cstr(out, c->count == 0
                          ? NULL
                          : cursor(call->arena, c->edges[c->count - 1].position));
        break;
    default:
        total(call->ctx, c, out);
    }
}

void api_page_nodes(const struct gql_call *call, const struct api_connection *c,
                    struct gql_out *out) {
    const void **list = NS_NEW_N(call->arena, const void *, (size_t)c->count);
    for (int i = 0; i < c->count; i++) {
        list[i] = c->edges[i].node;
    }
    gql_objects(out, list, (size_t)c->count);
}

void api_get_prediction_connection(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_connection *c = object;
    switch (call->field) {
    case GQL_F_ConsumptionPredictionConnection_items:
        api_page_nodes(call, c, out);
        break;
    case GQL_F_ConsumptionPredictionConnection_totalCount:
        gql_int(out, c->total);
        break;
    case GQL_F_ConsumptionPredictionConnection_hasNextPage:
        gql_bool(out, c->has_next);
        break;
    default:
        gql_bool(out, c->has_previous);
    }
}
