/* literal.h: literals and JSON values into typed value trees.
 * Ownership: results live in the arena. Threads: pure. */
#pragma once
#include "agent/graphql/ast.h"
#include "agent/graphql/schema.h"
#include "agent/graphql/value.h"

/* A coerced default per argument of the whole schema (kind ABSENT without default), and the
 * parse hook of each custom scalar by type number. */
struct gql_inputs {
    const struct gql_schema *schema;
    const struct gql_value *defaults;
    const char *(*const *parse)(struct ns_arena *, const struct gql_value *,
                                struct gql_value *);
};

typedef void gql_complain_fn(void *ctx, uint32_t at, const char *message);

/* Variables in a literal: the checker is asked whether name may stand at a place of type ref
 * (has_default: the place has a default); it returns the variable's position. */
struct gql_literal {
    const struct gql_inputs *inputs;
    struct ns_arena *arena;
    gql_complain_fn *complain;
    uint32_t (*variable)(void *ctx, const struct gql_node *n, struct gql_ref ref,
                         bool has_default, bool in_one_of);
    void *ctx;
    bool names_checked; /* repeated input fields were told already */
    bool dynamic;       /* set when a variable was met */
    bool hints;         /* "did you mean" allowed */
};

/* False after at least one complaint. */
bool gql_literal_coerce(struct gql_literal *l, const struct gql_node *n, struct gql_ref ref,
                        bool has_default, struct gql_value *out);

/* A raw JSON value of variable `name`. A complaint reads ` 3 at "input.items[0]"; reason`. */
bool gql_json_coerce(const struct gql_inputs *inputs, struct ns_arena *arena,
                     struct ns_str name, const struct gql_value *raw, struct gql_ref ref,
                     struct gql_value *out, struct ns_buf *complaint);

/* Replace GQL_VARIABLE inside `from` by the operation's values. A variable without value takes
 * the place's default, or is absent; null in a list item. NULL on success, else the name of
 * the place that may not be null. */
const char *gql_value_fill(const struct gql_inputs *inputs, struct ns_arena *arena,
                           const struct gql_value *from, const struct gql_value *variables,
                           struct gql_ref ref, const struct gql_value *fallback,
                           struct gql_value *out);

/* The same for a whole argument list. */
bool gql_args_fill(const struct gql_inputs *inputs, struct ns_arena *arena, uint16_t first,
                   uint16_t count, const struct gql_value *from,
                   const struct gql_value *variables, struct gql_value *out,
                   const char **bad_place);

/* Append `. Did you mean "a", "b", or "c"?` or "." with the names nearest to name. */
void gql_suggest(struct ns_buf *out, struct ns_str name, const char *const *names, size_t n);
void gql_print_literal(const struct gql_node *n, struct ns_buf *out);

/* Shared by literal.c and coerce.c: a built-in scalar (NULL, or the beginning of a message that
 * the value follows; literal: 1.0 is no Int), and two messages about input objects. */
const char *gql_built_in(uint16_t type, const struct gql_value *raw, bool literal,
                         struct gql_value *out);
void gql_missing_field(const struct gql_schema *s, uint16_t type, uint16_t field,
                       struct ns_buf *text);
void gql_unknown_field(const struct gql_schema *s, uint16_t type, struct ns_str name,
                       bool hints, struct ns_buf *text);
