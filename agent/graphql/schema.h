/* schema.h: the compiled schema: constant tables made from SDL (sdl.c), either at build time by
 * gen/schemac.c from schema/schema.graphql or in an arena by tests.
 *
 * Types, fields, arguments and enum values are numbered by position. Type numbers below
 * GQL_BUILT_IN_TYPES belong to the built-in prelude, in every schema alike.
 * Ownership: constant data. Threads: read only. */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

enum gql_kind { GQL_KIND_SCALAR, GQL_KIND_OBJECT, GQL_KIND_ENUM, GQL_KIND_INPUT };

/* A type with its wrappers, outermost first, two bits each: 1 non-null, 2 list, 0 end. */
struct gql_ref {
    uint16_t type;
    uint16_t wrap;
};
enum { GQL_WRAP_NON_NULL = 1, GQL_WRAP_LIST = 2, GQL_WRAP_MAX = 8 };

#define GQL_NONE UINT16_MAX

/* An argument or an input field. */
struct gql_arg_def {
    const char *name;
    const char *description;  /* NULL when there is none, as below */
    const char *default_text; /* GraphQL literal */
    const char *deprecated;
    struct gql_ref ref;
};

struct gql_field_def {
    const char *name;
    const char *description;
    const char *deprecated;
    struct gql_ref ref;
    uint16_t owner;     /* type number */
    uint16_t first_arg; /* in args */
    uint16_t arg_count;
    uint8_t access; /* who may ask: position + 1 among the values of enum Access; 0: no such rule */
};

struct gql_enum_def {
    const char *name;
    const char *description;
    const char *deprecated;
};

struct gql_type_def {
    const char *name;
    const char *description;
    const char *specified_by;
    uint8_t kind;
    bool one_of;
    uint16_t first; /* fields, args (input object) or values (enum) */
    uint16_t count;
};

struct gql_directive_def {
    const char *name;
    const char *description;
    uint16_t first_arg;
    uint16_t arg_count;
    uint32_t places; /* bits of enum gql_place */
    bool repeatable;
};

#define GQL_PLACES(X)                                                                          \
    X(QUERY)                                                                                   \
    X(MUTATION) X(SUBSCRIPTION) X(FIELD) X(FRAGMENT_DEFINITION) X(FRAGMENT_SPREAD)             \
        X(INLINE_FRAGMENT) X(VARIABLE_DEFINITION) X(SCHEMA) X(SCALAR) X(OBJECT)                \
            X(FIELD_DEFINITION) X(ARGUMENT_DEFINITION) X(INTERFACE) X(UNION) X(ENUM)           \
                X(ENUM_VALUE) X(INPUT_OBJECT) X(INPUT_FIELD_DEFINITION)
enum gql_place {
#define GQL_PLACE_ENUM(name) GQL_PLACE_##name,
    GQL_PLACES(GQL_PLACE_ENUM)
#undef GQL_PLACE_ENUM
        GQL_PLACE_COUNT
};

struct gql_schema {
    const char *description;
    const struct gql_type_def *types;
    const struct gql_field_def *fields;
    const struct gql_arg_def *args;
    const struct gql_enum_def *values;
    const struct gql_directive_def *directives;
    /* Permutations sorted by name: of all types, and within each type of its members. */
    const uint16_t *types_by_name;
    const uint16_t *fields_by_name;
    const uint16_t *args_by_name;
    const uint16_t *values_by_name;
    uint16_t type_count, field_count, arg_count, value_count, directive_count;
    uint16_t query, mutation, subscription; /* type numbers; GQL_NONE */
};

/* Numbers of the prelude (sdl_prelude.c), the same in every schema. */
enum {
    GQL_T_Int,
    GQL_T_Float,
    GQL_T_String,
    GQL_T_Boolean,
    GQL_T_ID,
    GQL_T__Root,
    GQL_T___Schema,
    GQL_T___Type,
    GQL_T___Field,
    GQL_T___InputValue,
    GQL_T___EnumValue,
    GQL_T___Directive,
    GQL_T___TypeKind,
    GQL_T___DirectiveLocation,
    GQL_BUILT_IN_TYPES
};

extern const char gql_prelude[];

/* Compile SDL. Where the SDL declares `directive @access(to: SomeEnum!)`, every field of its own
 * carries one, itself or through its type, and one without is a mistake. A mistake is refused with "line N: what is wrong" in err's note. All memory of
 * the result, text included, is in the arena. */
ns_rc gql_schema_compile(struct ns_arena *arena, struct ns_str sdl,
                         const struct gql_schema **out, struct ns_err *err) NS_MUST_USE;

/* GQL_NONE when there is no such name. Fields and arguments are numbered in the whole table. */
uint16_t gql_schema_type(const struct gql_schema *s, struct ns_str name);
uint16_t gql_schema_field(const struct gql_schema *s, uint16_t type, struct ns_str name);
/* Position within the argument list that starts at first. */
uint16_t gql_schema_arg(const struct gql_schema *s, uint16_t first, uint16_t count,
                        struct ns_str name);
uint16_t gql_schema_value(const struct gql_schema *s, uint16_t type, struct ns_str name);
const struct gql_directive_def *gql_schema_directive(const struct gql_schema *s,
                                                     struct ns_str name);

static inline struct gql_ref gql_ref_inner(struct gql_ref ref) {
    return (struct gql_ref){ref.type, (uint16_t)(ref.wrap >> 2)};
}
static inline bool gql_ref_non_null(struct gql_ref ref) {
    return (ref.wrap & 3) == GQL_WRAP_NON_NULL;
}
static inline bool gql_ref_list(struct gql_ref ref) {
    return (ref.wrap & 3) == GQL_WRAP_LIST;
}
/* "[Order!]!" */
void gql_ref_print(const struct gql_schema *s, struct gql_ref ref, struct ns_buf *out);
