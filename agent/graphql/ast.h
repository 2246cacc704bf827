/* ast.h: one node type for executable documents and SDL.
 * Ownership: arena; text points into the source or the arena. */
#pragma once
#include "agent/graphql/lex.h"

enum gql_node_kind {
    GQL_N_OPERATION,     /* name (may be empty), text = query/mutation/subscription */
    GQL_N_FRAGMENT,      /* name, type = condition */
    GQL_N_FIELD,         /* name, alias, args, directives, selections */
    GQL_N_SPREAD,        /* name, directives */
    GQL_N_INLINE,        /* type = condition or NULL, directives, selections */
    GQL_N_VARIABLE_DEF,  /* name, type, value = default */
    GQL_N_ARGUMENT,      /* name, value; also an object field */
    GQL_N_DIRECTIVE,     /* name, args */
    GQL_N_NAMED_TYPE,    /* name */
    GQL_N_LIST_TYPE,     /* type */
    GQL_N_NON_NULL_TYPE, /* type */
    GQL_N_VARIABLE,      /* values from here on: name */
    GQL_N_INT,           /* text */
    GQL_N_FLOAT,
    GQL_N_STRING,  /* text = decoded */
    GQL_N_BOOLEAN, /* text */
    GQL_N_NULL,
    GQL_N_ENUM,       /* text */
    GQL_N_LIST,       /* args = items */
    GQL_N_OBJECT,     /* args = fields */
    GQL_N_TYPE_DEF,   /* SDL: text = scalar/type/enum/input, name, args = members */
    GQL_N_MEMBER_DEF, /* SDL: field, input field, argument or enum value; type, value, args */
    GQL_N_DIRECTIVE_DEF, /* SDL: name, args, selections = places (named nodes) */
    GQL_N_SCHEMA_DEF     /* SDL: args = members named query/mutation/subscription */
};

struct gql_node {
    uint8_t kind;
    bool seen;   /* free for the rules: fragment used, ... */
    uint32_t at; /* byte offset */
    uint32_t name_at;
    struct ns_str name;
    struct ns_str alias; /* of a field, else empty */
    struct ns_str text;
    struct ns_str description; /* p == NULL when there is none */
    struct gql_node *next;
    struct gql_node *args;
    struct gql_node *directives;
    struct gql_node *selections;
    struct gql_node *type;
    struct gql_node *value;
    const void *note; /* what validation resolved: field definition, ... */
    uint32_t number;  /* of a field: where its selections begin; else as the kind says */
};

struct gql_document {
    struct ns_str source;
    struct gql_node *definitions;
    uint32_t tokens;
};

struct gql_parse_error {
    char message[256];
    uint32_t at;
    bool over_limit; /* tokens or nesting, not grammar */
};

#define GQL_NESTING_MAX 64 /* selection sets, list and object values, list types */

/* True on success. sdl chooses the type system grammar, else executable. */
bool gql_parse(struct ns_arena *arena, struct ns_str source, bool sdl, uint32_t token_limit,
               struct gql_document *out, struct gql_parse_error *error);

/* One constant value, as defaults of the tables are kept; NULL when malformed. */
struct gql_node *gql_parse_value(struct ns_arena *arena, struct ns_str source);
