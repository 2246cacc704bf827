/* graphql.h: the GraphQL engine: request text in, response text out. It knows no socket, clock,
 * file or diaper.
 *
 * The life of a request:
 *     gql_body_read()     bytes of the body -> query, operationName, variables
 *     gql_exec_new()      parse, validate, plan (or find the plan), coerce variables;
 *                         NULL means refused and `response` holds {"errors":[...]}
 *     gql_exec_run()      GQL_DONE: `response` holds {"data":...}; GQL_WAITING: a root resolver
 *                         called gql_pending(); call gql_exec_resume() with its result later
 *     gql_exec_free()     always, also in the middle of waiting
 * A subscription is made by gql_exec_new() too; register gql_exec_root() and call
 * gql_exec_event() once an event.
 *
 * Objects are opaque pointers into plain structs that outlive the request (its arena is a good
 * place). One gql_get_fn per object type answers all its fields with a switch over
 * GQL_F_<Type>_<field> of agent/graphql/schema_gen.h, setting exactly one gql_* result.
 *
 * Ownership: the caller owns arena, body and response; they outlive the exec. The engine owns
 * plans. Threads: an engine and its execs belong to one thread. */
#pragma once
#include "agent/graphql/schema.h"
#include "agent/graphql/value.h"
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/base/time.h"

#define GQL_CODES(X)                                                                           \
    X(GRAPHQL_PARSE_FAILED)                                                                    \
    X(GRAPHQL_VALIDATION_FAILED) X(BAD_USER_INPUT) X(UNAUTHENTICATED) X(PERMISSION_DENIED)     \
        X(CONSENT_REQUIRED) X(NOT_SET_UP) X(NOT_FOUND) X(CONFLICT) X(RATE_LIMITED)             \
            X(QUERY_TOO_COMPLEX) X(TIMEOUT) X(TOO_MANY_ERRORS) X(INTERNAL)
enum gql_code {
#define GQL_CODE_ENUM(name) GQL_CODE_##name,
    GQL_CODES(GQL_CODE_ENUM)
#undef GQL_CODE_ENUM
        GQL_CODE_COUNT
};
const char *gql_code_text(enum gql_code code);

/* ---- results -------------------------------------------------------------------------- */

enum gql_out_kind {
    GQL_OUT_UNSET,
    GQL_OUT_NULL,
    GQL_OUT_BOOL,
    GQL_OUT_INT,
    GQL_OUT_FLOAT,
    GQL_OUT_TEXT,
    GQL_OUT_ENUM,
    GQL_OUT_DATE,
    GQL_OUT_TIME,
    GQL_OUT_MONEY,
    GQL_OUT_ID,
    GQL_OUT_RAW,
    GQL_OUT_OBJECT,
    GQL_OUT_OBJECTS,
    GQL_OUT_ARRAY,
    GQL_OUT_LIST,
    GQL_OUT_ERROR,
    GQL_OUT_PENDING
};

/* The answer to one field. Set it with the functions below. Nothing is copied: text and lists
 * must live until the exec is done (arena, static, or the object's own memory). */
struct gql_out {
    uint8_t kind;
    uint8_t code; /* enum gql_code of an error */
    uint32_t count;
    size_t stride;
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct ns_str text;
        ns_id id;
        const void *object;
        const void *const *objects;
        const struct gql_out *items;
    };
    struct ns_str extra; /* of an error: JSON members for extensions, "\"field\":\"name\"" */
};

void gql_null(struct gql_out *out);
void gql_bool(struct gql_out *out, bool value);
void gql_int(struct gql_out *out, int64_t value);        /* Int; beyond 32 bits is an error */
void gql_float(struct gql_out *out, double value);       /* Float; not finite is an error */
void gql_text(struct gql_out *out, struct ns_str value); /* String, ID, Decimal; p NULL: null */
void gql_cstr(struct gql_out *out, const char *value);   /* NULL: null */
void gql_enum(struct gql_out *out, int index);           /* GQL_E_<Enum>_<VALUE> */
void gql_date(struct gql_out *out, ns_date value);       /* NS_DATE_NONE: null */
void gql_time(struct gql_out *out, ns_time value);       /* NS_TIME_NONE: null */
void gql_money(struct gql_out *out, ns_money cents);     /* Money: number, Decimal: string */
void gql_id(struct gql_out *out, ns_id value);           /* all zero: null */
/* Already JSON: of a JSON scalar, or the whole answer of an object field, written as it stands. */
void gql_raw(struct gql_out *out, struct ns_str json);
void gql_object(struct gql_out *out, const void *object); /* NULL: null */
void gql_objects(struct gql_out *out, const void *const *objects, size_t n);
/* n structs of `size` bytes in a row. */
void gql_array(struct gql_out *out, const void *first, size_t n, size_t size);
/* A list of leaves or of lists: n results made by the functions above. */
void gql_list(struct gql_out *out, const struct gql_out *items, size_t n);
/* The field is null with an error; message in the caller's language. */
void gql_fail(struct gql_out *out, enum gql_code code, const char *message);
void gql_fail_with(struct gql_out *out, enum gql_code code, const char *message,
                   struct ns_str extension_members);
/* Root fields only: the result follows through gql_exec_resume(). */
void gql_pending(struct gql_out *out);

/* ---- resolvers ------------------------------------------------------------------------ */

struct gql_call {
    void *ctx;                    /* what gql_exec_run() was given */
    struct ns_arena *arena;       /* of the request (subscription: of the event) */
    uint16_t field;               /* GQL_F_<Type>_<field> */
    const struct gql_value *args; /* [GQL_A_<Type>_<field>_<arg>]; NULL without arguments */
    const void *plan;             /* for gql_selects() */
    const struct gql_exec *exec;
};

/* Answer call->field of object (NULL for root fields). */
typedef void gql_get_fn(const struct gql_call *call, const void *object, struct gql_out *out);
/* Answer call->field for n objects at once: all members of one list, or a single object. */
typedef void gql_batch_fn(const struct gql_call *call, const void *const *objects, size_t n,
                          struct gql_out *out);

/* True when the selection below this field asks for field `child` (of its result type), so
 * that a loader need not read what nobody wants. */
bool gql_selects(const struct gql_call *call, uint16_t child);

struct gql_type_bind {
    uint16_t type; /* GQL_T_<Type> */
    gql_get_fn *get;
};
struct gql_field_bind {
    uint16_t field;
    gql_batch_fn *batch; /* wins over the type's get */
};
struct gql_root_bind {
    uint16_t field;  /* of Query, Mutation or Subscription */
    gql_get_fn *get; /* Subscription: NULL, the event's object is the value */
};

/* Custom scalars: turn a raw value (STRING, NUMBER, BOOL, LIST, MAP; never null) into what
 * resolvers see. Returns NULL, or a short reason for the refusal ("is not a day"). */
typedef const char *gql_scalar_fn(struct ns_arena *arena, const struct gql_value *raw,
                                  struct gql_value *out);
struct gql_scalar_bind {
    uint16_t type;
    gql_scalar_fn *parse;
};
/* Ready ones. Date: INT days (ns_date). DateTime: INT microseconds (ns_time). Money: INT cents.
 * Decimal: STRING as written, checked. JSON: any raw tree. */
gql_scalar_fn gql_scalar_date, gql_scalar_datetime, gql_scalar_money, gql_scalar_decimal,
    gql_scalar_json;

/* ---- engine --------------------------------------------------------------------------- */

/* 0 takes the default. */
struct gql_limits {
    uint32_t tokens;      /* 10,000 */
    uint32_t depth;       /* 12, ofType not counted */
    uint32_t aliases;     /* 200 */
    uint32_t root_fields; /* 20 */
    uint32_t selections;  /* 5,000, fragments counted as often as they are spread */
    uint32_t directives;  /* 50 on one selection */
    uint32_t variables;   /* 256 */
    uint32_t objects;     /* 20,000 objects in a response */
    uint32_t errors;      /* 20, then TOO_MANY_ERRORS */
    uint32_t plans;       /* 64 kept */
};

struct gql_config {
    const struct gql_schema *schema;
    const struct gql_root_bind *roots;
    size_t root_count;
    const struct gql_type_bind *types;
    size_t type_count;
    const struct gql_field_bind *fields;
    size_t field_count;
    const struct gql_scalar_bind *scalars;
    size_t scalar_count;
    struct gql_limits limits;
    const char *not_served; /* message (NOT_SET_UP) of a root field without resolver */
    const char *denied;     /* message (PERMISSION_DENIED) of a field the caller may not ask for */
};

struct gql_engine;

/* Refuses an incomplete configuration with the name of what is missing: a scalar without hook,
 * an object type that a bound root field can reach but that has no get (or batch per field). */
ns_rc gql_engine_new(const struct gql_config *config, struct gql_engine **out,
                     struct ns_err *err) NS_MUST_USE;
void gql_engine_free(struct gql_engine *engine); /* NULL is fine; no exec may be left */

struct gql_body {
    struct ns_str query;          /* p == NULL: missing */
    struct ns_str operation_name; /* p == NULL: none */
    struct gql_value variables;   /* MAP, NULL or ABSENT */
    struct gql_value extensions;
};

/* The JSON body {query, operationName, variables, extensions}. When refused, response holds
 * {"errors":[...]} with code BAD_USER_INPUT. A missing query is refused too. */
ns_rc gql_body_read(struct ns_arena *arena, struct ns_str json, struct gql_body *out,
                    struct ns_buf *response) NS_MUST_USE;

enum gql_operation { GQL_QUERY, GQL_MUTATION, GQL_SUBSCRIPTION };
enum gql_state { GQL_DONE, GQL_WAITING };

struct gql_exec;

/* may_introspect: __schema and __type allowed, and "did you mean" hints given. */
struct gql_exec *gql_exec_new(struct gql_engine *engine, struct ns_arena *arena,
                              const struct gql_body *body, bool may_introspect,
                              struct ns_buf *response);
enum gql_operation gql_exec_operation(const struct gql_exec *exec);
enum gql_state gql_exec_run(struct gql_exec *exec, void *ctx) NS_MUST_USE;
/* The result of the root field that was pending. */
enum gql_state gql_exec_resume(struct gql_exec *exec, const struct gql_out *result) NS_MUST_USE;
/* What the caller may ask for, before running: a set of bits 1 << (position of the value in the
 * enum of @access). Without it nothing that carries @access is answered. */
void gql_exec_grant(struct gql_exec *exec, uint32_t access);
/* The JSON of the field the last gql_exec_resume() gave a result to; empty when it failed. Lives
 * until the response changes. */
struct ns_str gql_exec_resumed(const struct gql_exec *exec);
/* Objects written so far: what the request cost. */
uint32_t gql_exec_cost(const struct gql_exec *exec);
/* Root fields in order, for access checks before running: number and argument values (NULL
 * without arguments; may hold nothing when skipped by @skip). Returns false past the end. */
bool gql_exec_root(const struct gql_exec *exec, size_t index, uint16_t *field,
                   const struct gql_value **args);
/* One event of a subscription: value is what the root field's get would have set (usually
 * gql_object). Writes a whole {"data":...} into response. */
void gql_exec_event(struct gql_exec *exec, void *ctx, const struct gql_out *value,
                    struct ns_arena *arena, struct ns_buf *response);
void gql_exec_free(struct gql_exec *exec); /* NULL is fine */

/* {"errors":[{"message":..,"extensions":{"code":..}}]}: a refusal made by the embedder. */
void gql_refusal(struct ns_buf *response, enum gql_code code, const char *message);
