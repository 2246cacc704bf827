/* internal.h: what the files of the engine share: the engine, plans and errors.
 * Ownership: a plan owns its arena and is counted; execs and the cache hold counts.
 * Threads: one. */
#pragma once
#include "agent/graphql/ast.h"
#include "agent/graphql/graphql.h"
#include "agent/graphql/literal.h"

/* A chain of @skip and @include that must all hold; NULL holds always. */
struct gql_cond {
    const struct gql_cond *outer;
    int32_t variable; /* -1: never */
    bool expect;
};

/* One place of the document that asks for the field. */
struct gql_occurrence {
    const struct gql_cond *cond;
    struct gql_occurrence *next;
    uint32_t at; /* byte offset: line and column are found when an error needs them */
    const struct gql_node *node; /* while the plan is made */
};

struct gql_plan_set;

struct gql_plan_field {
    struct gql_plan_field *next;
    const struct gql_field_def *def; /* NULL: __typename */
    uint16_t field;
    bool always;        /* some occurrence has no condition */
    bool dynamic;       /* arguments hold variables */
    struct ns_str name; /* response name, for paths */
    struct ns_str key;  /* `"name":` */
    struct gql_occurrence *occurrences;
    const struct gql_value *args;
    const struct gql_plan_set *set;
};

struct gql_plan_set {
    uint16_t type;
    uint32_t count;
    struct gql_plan_field *fields;
};

struct gql_plan_variable {
    struct ns_str name;
    struct gql_ref ref;
    struct gql_value fallback; /* ABSENT without default */
    bool condition;            /* stands in @skip or @include: null is refused */
    uint32_t at;
};

struct gql_plan {
    struct ns_arena arena;
    uint32_t refs;
    uint64_t hash;
    uint64_t used; /* tick of the last use */
    struct ns_str query;
    struct ns_str operation_name;
    bool may_introspect;
    enum gql_operation operation;
    struct gql_plan_variable *variables;
    uint32_t variable_count;
    const struct gql_plan_set *root;
};

struct gql_engine {
    struct ns_arena arena;
    const struct gql_schema *schema;
    struct gql_inputs inputs;
    struct gql_limits limits;
    const char *not_served;
    const char *denied;
    gql_get_fn **get_of_type;      /* by type number */
    gql_batch_fn **batch_of_field; /* by field number */
    gql_get_fn **root_of_field;
    bool *served;      /* by field number */
    bool *number_type; /* types whose money is a JSON number */
    struct gql_plan **plans;
    uint32_t plan_count;
    uint64_t tick;
};

/* The list of errors of one response: JSON objects, comma between. */
struct gql_errors {
    struct ns_buf text;
    uint32_t count;
    uint32_t limit;
};

struct gql_path {
    const struct gql_path *up;
    struct ns_str name; /* p == NULL: an index */
    size_t index;
};

struct gql_place_at {
    uint32_t line, column;
};

/* Returns false (and counts) when the limit is passed; the limit itself is reported once. */
bool gql_errors_add(struct gql_errors *e, enum gql_code code, const char *message,
                    const struct gql_place_at *places, size_t place_count,
                    const struct gql_path *path, struct ns_str extra);
/* {"errors":[...]} */
void gql_errors_refuse(struct gql_errors *e, struct ns_buf *response);

/* validate.c: all rules; merging only says where when the document is refused anyway, or when
 * plan.c has found that it breaks that rule (merging = true). False after an error. */
bool gql_validate(const struct gql_engine *engine, struct ns_arena *arena,
                  struct gql_document *doc, bool may_introspect, bool merging,
                  struct gql_errors *errors);

/* plan.c: merging rule for every operation, and the plan of the chosen one (chosen != NULL). */
bool gql_plan_build(const struct gql_engine *engine, struct gql_plan *plan,
                    struct gql_document *doc, struct gql_node *chosen,
                    struct gql_errors *errors);

/* What validation leaves in node->note of fields: the definition; of spreads: the fragment. */

/* plan.c: the same literal, members of objects in any order. */
bool gql_same_value(const struct gql_node *a, const struct gql_node *b);

/* exec.c and engine.c */
struct gql_exec *gql_exec_make(struct gql_engine *engine, struct gql_plan *plan,
                               struct ns_arena *arena, struct gql_value *variables,
                               struct ns_buf *response);
void gql_plan_release(struct gql_plan *plan);

/* introspect.c */
void gql_introspect(const struct gql_call *call, const void *object, struct gql_out *out);
const struct gql_schema *gql_exec_schema(const struct gql_exec *exec);
