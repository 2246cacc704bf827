/* args.c: coerced arguments to plain values. */
#include "agent/api/context.h"

#include <stdlib.h>
#include <string.h>

bool arg_id(const struct gql_value *v, ns_id *out) {
    *out = (ns_id){{0}};
    return !gql_given(v) || ns_id_parse(v->text, out);
}

const char *arg_text(struct ns_arena *arena, const struct gql_value *v) {
    return gql_given(v) ? ns_arena_copy(arena, v->text) : NULL;
}

int64_t arg_int(const struct gql_value *v, int64_t fallback) {
    return gql_given(v) ? v->integer : fallback;
}

bool arg_bool(const struct gql_value *v, bool fallback) {
    return gql_given(v) ? v->boolean : fallback;
}

int arg_enum(const struct gql_value *v, int fallback) {
    return gql_given(v) ? (int)v->integer : fallback;
}

int arg_flag(const struct gql_value *v) {
    return gql_given(v) ? (v->boolean ? 1 : 0) : NS_NONE;
}

double arg_number(const struct gql_value *v) {
    if (!gql_given(v)) {
        return (double)NAN;
    }
    return v->kind == GQL_INT ? (double)v->integer : v->number;
}

ns_time arg_time(const struct gql_value *v) {
    return gql_given(v) ? v->integer : NS_TIME_NONE;
}

ns_date arg_date(const struct gql_value *v) {
    return gql_given(v) ? (ns_date)v->integer : NS_DATE_NONE;
}

bool need_id(struct api_ctx *ctx, const struct gql_value *v, ns_id *id, struct gql_out *out) {
    if (arg_id(v, id)) {
        return true;
    }
    gql_fail(out, GQL_CODE_BAD_USER_INPUT, api_text(ctx->arena, ctx->lang, NS_MSG_api_bad_id));
    return false;
}

bool arg_after(struct api_ctx *ctx, const struct gql_value *v, int64_t *offset,
               struct gql_out *out) {
    *offset = 0;
    if (!gql_given(v)) {
        return true;
    }
    struct ns_str text = v->text;
    int64_t position;
    if (text.n < 2 || text.p[0] != 'c' ||
        !ns_str_int((struct ns_str){text.p + 1, text.n - 1}, 0, INT32_MAX, &position)) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT,
                 api_text(ctx->arena, ctx->lang, NS_MSG_api_bad_cursor));
        return false;
    }
    *offset = position + 1;
    return true;
}

/* Two decimals are kept as written; a longer fraction is rounded, an exponent is refused. */
bool arg_dollars(const struct gql_value *v, ns_money *out) {
    struct ns_str text = v->text;
    size_t point = 0;
    while (point < text.n && text.p[point] != '.') {
        point++;
    }
    size_t digits = point < text.n ? text.n - point - 1 : 0;
    if (digits <= 2) {
        return ns_money_parse(text, out);
    }
    bool up = text.p[point + 3] >= '5';
    for (size_t i = point + 3; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
    }
    if (!ns_money_parse((struct ns_str){text.p, point + 3}, out)) {
        return false;
    }
    *out += up ? (text.p[0] == '-' ? -1 : 1) : 0;
    return true;
}
