/* scalars.c: ready hooks for the custom scalars of house style. */
#include "agent/graphql/graphql.h"

const char *gql_scalar_date(struct ns_arena *arena, const struct gql_value *raw,
                            struct gql_value *out) {
    (void)arena;
    ns_date day;
    if (raw->kind != GQL_STRING || !ns_date_parse(raw->text, &day)) {
        return "expected a calendar day written YYYY-MM-DD";
    }
    *out = (struct gql_value){.kind = GQL_INT, .text = raw->text, .integer = day};
    return NULL;
}

const char *gql_scalar_datetime(struct ns_arena *arena, const struct gql_value *raw,
                                struct gql_value *out) {
    (void)arena;
    ns_time t;
    if (raw->kind != GQL_STRING || !ns_time_parse(raw->text, &t)) {
        return "expected an instant written as in RFC 3339, with an offset";
    }
    *out = (struct gql_value){.kind = GQL_INT, .text = raw->text, .integer = t};
    return NULL;
}

const char *gql_scalar_money(struct ns_arena *arena, const struct gql_value *raw,
                             struct gql_value *out) {
    (void)arena;
    ns_money cents;
    if ((raw->kind != GQL_STRING && raw->kind != GQL_NUMBER) ||
        !ns_money_parse(raw->text, &cents)) {
        return "expected an amount with at most two decimals";
    }
    *out = (struct gql_value){.kind = GQL_INT, .text = raw->text, .integer = cents};
    return NULL;
}

/* [-]digits[.digits], at most 40 characters: exact, never through a double. */
const char *gql_scalar_decimal(struct ns_arena *arena, const struct gql_value *raw,
                               struct gql_value *out) {
    static const char *const bad = "expected a decimal number of at most 40 characters";
    (void)arena;
    struct ns_str t = raw->text;
    if ((raw->kind != GQL_STRING && raw->kind != GQL_NUMBER) || t.n == 0 || t.n > 40) {
        return bad;
    }
    size_t i = t.p[0] == '-' ? 1 : 0;
    size_t digits = 0;
    size_t points = 0;
    for (; i < t.n; i++) {
        if (t.p[i] >= '0' && t.p[i] <= '9') {
            digits++;
        } else if (t.p[i] == '.' && points == 0 && digits > 0 && i + 1 < t.n) {
            points++;
        } else {
            return bad;
        }
    }
    if (digits == 0) {
        return bad;
    }
    *out = (struct gql_value){.kind = GQL_STRING, .text = t};
    return NULL;
}

const char *gql_scalar_json(struct ns_arena *arena, const struct gql_value *raw,
                            struct gql_value *out) {
    (void)arena;
    *out = *raw;
    return NULL;
}
