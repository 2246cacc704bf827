/* introspect.c: the schema about itself, as ordinary fields over the tables.
 * Objects: __Schema the schema, __Type a struct gql_ref in the arena, the others table rows. */
#include "agent/graphql/internal.h"

/* Fields in the order of the prelude; a test holds them together. */
enum {
    SCHEMA_DESCRIPTION,
    SCHEMA_TYPES,
    SCHEMA_QUERY,
    SCHEMA_MUTATION,
    SCHEMA_SUBSCRIPTION,
    SCHEMA_DIRECTIVES
};
enum {
    TYPE_KIND,
    TYPE_NAME,
    TYPE_DESCRIPTION,
    TYPE_SPECIFIED_BY,
    TYPE_FIELDS,
    TYPE_INTERFACES,
    TYPE_POSSIBLE,
    TYPE_VALUES,
    TYPE_INPUTS,
    TYPE_OF,
    TYPE_ONE_OF
};
enum { FIELD_NAME, FIELD_DESCRIPTION, FIELD_ARGS, FIELD_TYPE, FIELD_DEPRECATED, FIELD_REASON };
enum {
    INPUT_NAME,
    INPUT_DESCRIPTION,
    INPUT_TYPE,
    INPUT_DEFAULT,
    INPUT_DEPRECATED,
    INPUT_REASON
};
enum { VALUE_NAME, VALUE_DESCRIPTION, VALUE_DEPRECATED, VALUE_REASON };
enum {
    DIRECTIVE_NAME,
    DIRECTIVE_DESCRIPTION,
    DIRECTIVE_REPEATABLE,
    DIRECTIVE_LOCATIONS,
    DIRECTIVE_ARGS
};
enum {
    KIND_SCALAR,
    KIND_OBJECT,
    KIND_INTERFACE,
    KIND_UNION,
    KIND_ENUM,
    KIND_INPUT,
    KIND_LIST,
    KIND_NON_NULL
};

static void type_of(const struct gql_call *call, struct gql_ref ref, struct gql_out *out) {
    if (ref.type == GQL_NONE) {
        gql_null(out);
        return;
    }
    struct gql_ref *copy = NS_NEW(call->arena, struct gql_ref);
    *copy = ref;
    gql_object(out, copy);
}

static void all_types(const struct gql_call *call, const struct gql_schema *s,
                      struct gql_out *out) {
    struct gql_ref *refs = NS_NEW_N(call->arena, struct gql_ref, s->type_count);
    size_t n = 0;
    for (uint16_t t = 0; t < s->type_count; t++) {
        if (t != GQL_T__Root) {
            refs[n++] = (struct gql_ref){t, 0};
        }
    }
    gql_array(out, refs, n, sizeof *refs);
}

static void of_schema(const struct gql_call *call, uint16_t i, const struct gql_schema *s,
                      struct gql_out *out) {
    switch (i) {
    case SCHEMA_DESCRIPTION:
        gql_cstr(out, s->description);
        break;
    case SCHEMA_TYPES:
        all_types(call, s, out);
        break;
    case SCHEMA_QUERY:
        type_of(call, (struct gql_ref){s->query, 0}, out);
        break;
    case SCHEMA_MUTATION:
        type_of(call, (struct gql_ref){s->mutation, 0}, out);
        break;
    case SCHEMA_SUBSCRIPTION:
        type_of(call, (struct gql_ref){s->subscription, 0}, out);
        break;
    case SCHEMA_DIRECTIVES:
    default:
        gql_array(out, s->directives, s->directive_count, sizeof *s->directives);
    }
}

/* Rows of a table from first on, without the deprecated ones unless asked for. */
#define LIST_ROWS(call, table, first, count, out)                                              \
    do {                                                                                       \
        const void **rows_ = NS_NEW_N((call)->arena, const void *, (count));                   \
        size_t n_ = 0;                                                                         \
        bool all_ = (call)->args[0].boolean;                                                   \
        for (size_t i_ = (first); i_ < (size_t)(first) + (count); i_++) {                      \
            if (all_ || (table)[i_].deprecated == NULL) {                                      \
                rows_[n_++] = &(table)[i_];                                                    \
            }                                                                                  \
        }                                                                                      \
        gql_objects((out), rows_, n_);                                                         \
    } while (0)

static int kind_of(const struct gql_schema *s, struct gql_ref ref) {
    static const int kinds[] = {KIND_SCALAR, KIND_OBJECT, KIND_ENUM, KIND_INPUT};
    return gql_ref_non_null(ref) ? KIND_NON_NULL
           : gql_ref_list(ref)   ? KIND_LIST
                                 : kinds[s->types[ref.type].kind];
}

static void members(const struct gql_call *call, const struct gql_schema *s, uint16_t i,
                    const struct gql_type_def *t, struct gql_out *out) {
    gql_null(out);
    if (i == TYPE_FIELDS && t->kind == GQL_KIND_OBJECT) {
        LIST_ROWS(call, s->fields, t->first, t->count, out);
    } else if (i == TYPE_INTERFACES && t->kind == GQL_KIND_OBJECT) {
        gql_objects(out, NULL, 0);
    } else if (i == TYPE_VALUES && t->kind == GQL_KIND_ENUM) {
        LIST_ROWS(call, s->values, t->first, t->count, out);
    } else if (i == TYPE_INPUTS && t->kind == GQL_KIND_INPUT) {
        LIST_ROWS(call, s->args, t->first, t->count, out);
    } else if (i == TYPE_ONE_OF && t->kind == GQL_KIND_INPUT) {
        gql_bool(out, t->one_of);
    }
}

static void of_type(const struct gql_call *call, const struct gql_schema *s, uint16_t i,
                    struct gql_ref ref, struct gql_out *out) {
    const struct gql_type_def *t = ref.wrap == 0 ? &s->types[ref.type] : NULL;
    if (i == TYPE_KIND) {
        gql_enum(out, kind_of(s, ref));
    } else if (i == TYPE_OF && t == NULL) {
        type_of(call, gql_ref_inner(ref), out);
    } else if (t == NULL) {
        gql_null(out);
    } else if (i == TYPE_NAME) {
        gql_cstr(out, t->name);
    } else if (i == TYPE_DESCRIPTION) {
        gql_cstr(out, t->description);
    } else if (i == TYPE_SPECIFIED_BY) {
        gql_cstr(out, t->specified_by);
    } else {
        members(call, s, i, t, out);
    }
}

static void of_field(const struct gql_call *call, const struct gql_schema *s, uint16_t i,
                     const struct gql_field_def *f, struct gql_out *out) {
    switch (i) {
    case FIELD_NAME:
        gql_cstr(out, f->name);
        break;
    case FIELD_DESCRIPTION:
        gql_cstr(out, f->description);
        break;
    case FIELD_ARGS:
        LIST_ROWS(call, s->args, f->first_arg, f->arg_count, out);
        break;
    case FIELD_TYPE:
        type_of(call, f->ref, out);
        break;
    case FIELD_DEPRECATED:
        gql_bool(out, f->deprecated != NULL);
        break;
    case FIELD_REASON:
    default:
        gql_cstr(out, f->deprecated);
    }
}

static void of_input(const struct gql_call *call, uint16_t i, const struct gql_arg_def *a,
                     struct gql_out *out) {
    switch (i) {
    case INPUT_NAME:
        gql_cstr(out, a->name);
        break;
    case INPUT_DESCRIPTION:
        gql_cstr(out, a->description);
        break;
    case INPUT_TYPE:
        type_of(call, a->ref, out);
        break;
    case INPUT_DEFAULT:
        gql_cstr(out, a->default_text);
        break;
    case INPUT_DEPRECATED:
        gql_bool(out, a->deprecated != NULL);
        break;
    case INPUT_REASON:
    default:
        gql_cstr(out, a->deprecated);
    }
}

static void of_value(uint16_t i, const struct gql_enum_def *v, struct gql_out *out) {
    switch (i) {
    case VALUE_NAME:
        gql_cstr(out, v->name);
        break;
    case VALUE_DESCRIPTION:
        gql_cstr(out, v->description);
        break;
    case VALUE_DEPRECATED:
        gql_bool(out, v->deprecated != NULL);
        break;
    case VALUE_REASON:
    default:
        gql_cstr(out, v->deprecated);
    }
}

static void places(const struct gql_call *call, uint32_t bits, struct gql_out *out) {
    struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, GQL_PLACE_COUNT);
    size_t n = 0;
    for (int i = 0; i < GQL_PLACE_COUNT; i++) {
        if ((bits & 1U << i) != 0) {
            gql_enum(&items[n++], i);
        }
    }
    gql_list(out, items, n);
}

static void of_directive(const struct gql_call *call, const struct gql_schema *s, uint16_t i,
                         const struct gql_directive_def *d, struct gql_out *out) {
    switch (i) {
    case DIRECTIVE_NAME:
        gql_cstr(out, d->name);
        break;
    case DIRECTIVE_DESCRIPTION:
        gql_cstr(out, d->description);
        break;
    case DIRECTIVE_REPEATABLE:
        gql_bool(out, d->repeatable);
        break;
    case DIRECTIVE_LOCATIONS:
        places(call, d->places, out);
        break;
    case DIRECTIVE_ARGS:
    default:
        LIST_ROWS(call, s->args, d->first_arg, d->arg_count, out);
    }
}

void gql_introspect(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct gql_schema *s = gql_exec_schema(call->exec);
    uint16_t owner = s->fields[call->field].owner;
    uint16_t i = (uint16_t)(call->field - s->types[owner].first);
    switch (owner) {
    case GQL_T__Root:
        if (i == 0) {
            gql_object(out, s);
        } else {
            uint16_t type = gql_schema_type(s, call->args[0].text);
            type_of(call, (struct gql_ref){type == GQL_T__Root ? GQL_NONE : type, 0}, out);
        }
        break;
    case GQL_T___Schema:
        of_schema(call, i, object, out);
        break;
    case GQL_T___Type:
        of_type(call, s, i, *(const struct gql_ref *)object, out);
        break;
    case GQL_T___Field:
        of_field(call, s, i, object, out);
        break;
    case GQL_T___InputValue:
        of_input(call, i, object, out);
        break;
    case GQL_T___EnumValue:
        of_value(i, object, out);
        break;
    default:
        of_directive(call, s, i, object, out);
    }
}
