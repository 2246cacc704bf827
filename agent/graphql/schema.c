/* schema.c: looking names up in the tables. */
#include "agent/graphql/schema.h"

#include <string.h>

static int compare(struct ns_str name, const char *other) {
    int c = strncmp(name.p, other, name.n);
    return c != 0 ? c : other[name.n] == '\0' ? 0 : -1;
}

/* Binary search over order[first..first+count); NAME(i) is the name of entry i. */
#define SEARCH(order, first, count, table)                                                     \
    do {                                                                                       \
        size_t low_ = (first);                                                                 \
        size_t high_ = low_ + (count);                                                         \
        while (low_ < high_) {                                                                 \
            size_t middle_ = (low_ + high_) / 2;                                               \
            uint16_t i_ = (order)[middle_];                                                    \
            int c_ = compare(name, (table)[i_].name);                                          \
            if (c_ == 0) {                                                                     \
                return i_;                                                                     \
            }                                                                                  \
            if (c_ < 0) {                                                                      \
                high_ = middle_;                                                               \
            } else {                                                                           \
                low_ = middle_ + 1;                                                            \
            }                                                                                  \
        }                                                                                      \
        return GQL_NONE;                                                                       \
    } while (0)

uint16_t gql_schema_type(const struct gql_schema *s, struct ns_str name) {
    SEARCH(s->types_by_name, 0, s->type_count, s->types);
}

static uint16_t find_field(const struct gql_schema *s, uint16_t type, struct ns_str name) {
    SEARCH(s->fields_by_name, s->types[type].first, s->types[type].count, s->fields);
}

uint16_t gql_schema_field(const struct gql_schema *s, uint16_t type, struct ns_str name) {
    if (type == s->query && ns_str_starts(name, "__")) {
        return find_field(s, GQL_T__Root, name);
    }
    return s->types[type].kind == GQL_KIND_OBJECT ? find_field(s, type, name) : GQL_NONE;
}

static uint16_t find_arg(const struct gql_schema *s, uint16_t first, uint16_t count,
                         struct ns_str name) {
    SEARCH(s->args_by_name, first, count, s->args);
}

uint16_t gql_schema_arg(const struct gql_schema *s, uint16_t first, uint16_t count,
                        struct ns_str name) {
    uint16_t found = find_arg(s, first, count, name);
    return found == GQL_NONE ? GQL_NONE : (uint16_t)(found - first);
}

static uint16_t find_value(const struct gql_schema *s, uint16_t type, struct ns_str name) {
    SEARCH(s->values_by_name, s->types[type].first, s->types[type].count, s->values);
}

uint16_t gql_schema_value(const struct gql_schema *s, uint16_t type, struct ns_str name) {
    uint16_t found = find_value(s, type, name);
    return found == GQL_NONE ? GQL_NONE : (uint16_t)(found - s->types[type].first);
}

const struct gql_directive_def *gql_schema_directive(const struct gql_schema *s,
                                                     struct ns_str name) {
    for (uint16_t i = 0; i < s->directive_count; i++) {
        if (ns_str_is(name, s->directives[i].name)) {
            return &s->directives[i];
        }
    }
    return NULL;
}

void gql_ref_print(const struct gql_schema *s, struct gql_ref ref, struct ns_buf *out) {
    if (gql_ref_list(ref)) {
        ns_buf_char(out, '[');
        gql_ref_print(s, gql_ref_inner(ref), out);
        ns_buf_char(out, ']');
    } else if (gql_ref_non_null(ref)) {
        gql_ref_print(s, gql_ref_inner(ref), out);
        ns_buf_char(out, '!');
    } else {
        ns_buf_text(out, s->types[ref.type].name);
    }
}
