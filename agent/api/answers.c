/* answers.c: errors, pages and numbers as the engine wants them. */
#include "agent/api/context.h"

#include <stdio.h>
#include <stdlib.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

const char *api_text(struct ns_arena *arena, enum ns_lang lang, enum ns_msg msg) {
    (void)arena;
    return ns_msg(lang, msg);
}

const char *api_error_text(struct ns_arena *arena, enum ns_lang lang, ns_rc rc,
                           const struct ns_err *err) {
    struct ns_err copy = *err;
    if (copy.rc == NS_OK) {
        copy.rc = rc;
    }
    struct ns_buf buf = NS_BUF(2000);
    ns_err_text(&buf, lang, &copy);
    const char *text = ns_arena_copy(arena, ns_buf_view(&buf));
    ns_buf_fini(&buf);
    return text;
}

static enum gql_code code_of(ns_rc rc) {
    switch (rc) {
    case NS_E_INPUT:
    case NS_E_USAGE:
    case NS_E_LIMIT:
        return GQL_CODE_BAD_USER_INPUT;
    case NS_E_NOT_FOUND:
        return GQL_CODE_NOT_FOUND;
    case NS_E_CONFLICT:
        return GQL_CODE_CONFLICT;
    case NS_E_DENIED:
        return GQL_CODE_PERMISSION_DENIED;
    case NS_E_CONSENT:
        return GQL_CODE_CONSENT_REQUIRED;
    case NS_E_NOT_SET_UP:
        return GQL_CODE_NOT_SET_UP;
    case NS_E_TIMEOUT:
    case NS_E_BUSY:
        return GQL_CODE_TIMEOUT;
    case NS_OK:
    case NS_E_CONFIG:
    case NS_E_OFFLINE:
    case NS_E_KEY:
    case NS_E_DAMAGED:
    case NS_E_VERSION:
    case NS_E_FULL:
    case NS_E_READONLY:
    case NS_E_IO:
    case NS_E_MEMORY:
    case NS_E_CANCELLED:
    case NS_E_INTERNAL:
    case NS_RC_COUNT:
        break;
    }
    return GQL_CODE_INTERNAL;
}

void api_fail(struct api_ctx *ctx, struct gql_out *out, ns_rc rc, const struct ns_err *err) {
    enum gql_code code = code_of(rc);
    if (code == GQL_CODE_INTERNAL) {
        LOG_ERROR("act=resolve rc=%s note=\"%s\"", ns_rc_key(rc), err->note);
    }
    gql_fail(out, code, api_error_text(ctx->arena, ctx->lang, rc, err));
}

void api_decimal(struct gql_out *out, struct ns_arena *arena, double value, int decimals) {
    if (!isfinite(value)) {
        gql_null(out);
        return;
    }
    gql_cstr(out, ns_arena_printf(arena, "%.*f", decimals, value));
}

void api_enum_named(struct gql_out *out, uint16_t type, const char *name) {
    uint16_t index = name == NULL ? GQL_NONE : gql_schema_value(&gql_schema_nestsync, type, ns_str_of(name));
    if (index == GQL_NONE) {
        gql_null(out);
    } else {
        gql_enum(out, index);
    }
}

/* Noon: a client in a neighbouring zone still shows the same day. */
void api_day_as_instant(const struct api_ctx *ctx, struct gql_out *out, ns_date day) {
    gql_time(out, day == NS_DATE_NONE ? NS_TIME_NONE : ns_zone_instant(ctx->api->zone, day, 720));
}

struct api_connection *api_connection_of(struct ns_arena *arena, const void *first,
                                               size_t size, int count, int64_t offset,
                                               int64_t total) {
    struct api_connection *c = NS_NEW(arena, struct api_connection);
    struct api_edge *edges = NS_NEW_N(arena, struct api_edge, (size_t)count);
    for (int i = 0; i < count; i++) {
        edges[i].node = (const char *)first + (size_t)i * size;
        edges[i].position = offset + i;
    }
    *c = (struct api_connection){.edges = edges, .count = count, .total = total,
                                 .has_next = offset + count < total, .has_previous = offset > 0};
    return c;
}

struct ns_act api_act(struct api_ctx *ctx, struct ns_db *db) {
    return (struct ns_act){.db = db,
                           .env = ctx->api->s.env,
                           .zone = ctx->api->zone,
                           .now = ctx->now,
                           .actor = ctx->actor,
                           .arena = ctx->arena};
}
