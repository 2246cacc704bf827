/* tiny.c: kennels and dogs. */
#include "tests/unit/graphql/tiny.h"

#include <stdlib.h>
#include <string.h>

const char tiny_sdl[] =
    "scalar Date\nscalar DateTime\nscalar Decimal\nscalar JSON\nscalar Money\n"
    "enum Size { SMALL BIG HUGE @deprecated(reason: \"no such dog\") }\n"
    "input Collar { color: String! = \"red\" length: Int owner: String! tags: [String!] }\n"
    "input Find @oneOf { id: ID name: String }\n"
    "type Dog { id: ID! name: String! size: Size! age: Int weight: Float good: Boolean\n"
    "  bad: String! maybeBad: String price: Money exact: Decimal born: Date seen: DateTime\n"
    "  extra: JSON puppies: [Dog!]! friend: Dog mother: Dog! tricks(first: Int = 2): [String]\n"
    "  count: Int }\n"
    "type Query { dog(id: ID): Dog mustDog: Dog! dogs(n: Int = 3): [Dog!]! dogsMaybe: [Dog]\n"
    "  echo(text: String, n: Int, f: Float, b: Boolean, size: Size = SMALL, list: [Int!],\n"
    "    collar: Collar, find: Find, day: Date, at: DateTime, money: Money, exact: Decimal,\n"
    "    json: JSON, id: ID): String\n"
    "  must(n: Int!): Int needed(n: Int! = 7): Int unserved: Int huge: Int }\n"
    "type Mutation { first(n: Int): Int second: Int! slow(n: Int!): Int fail: Int! }\n"
    "type Subscription { barked(id: ID!): Dog! other: Int }\n";

struct dog {
    const char *id;
    const char *name;
    size_t puppies;
};

static const struct dog dogs[] = {{"1", "Rex", 2}, {"2", "Ada", 0}, {"3", "Lou \"x\"\n", 1}};

/* Position of a field in its type, the same for every tiny schema. */
static struct ns_str field_name(const struct gql_call *call, struct tiny **t) {
    *t = call->ctx;
    return ns_str_of((*t)->schema->fields[call->field].name);
}

static void dog_get(const struct gql_call *call, const void *object, struct gql_out *out) {
    struct tiny *t;
    const struct dog *d = object;
    struct ns_str f = field_name(call, &t);
    if (ns_str_is(f, "id")) {
        gql_cstr(out, d->id);
    } else if (ns_str_is(f, "name")) {
        gql_cstr(out, d->name);
    } else if (ns_str_is(f, "size")) {
        gql_enum(out, d == &dogs[0] ? 1 : 0);
    } else if (ns_str_is(f, "age")) {
        gql_int(out, 7);
    } else if (ns_str_is(f, "weight")) {
        gql_float(out, 0.1);
    } else if (ns_str_is(f, "good")) {
        gql_bool(out, true);
    } else if (ns_str_is(f, "bad")) {
        gql_fail_with(out, GQL_CODE_NOT_FOUND, "bad dog", NS_STR("\"field\":\"bad\""));
    } else if (ns_str_is(f, "maybeBad")) {
        gql_fail(out, GQL_CODE_PERMISSION_DENIED, "not yours");
    } else if (ns_str_is(f, "price") || ns_str_is(f, "exact")) {
        gql_money(out, 1250);
    } else if (ns_str_is(f, "born")) {
        gql_date(out, 20000);
    } else if (ns_str_is(f, "seen")) {
        gql_time(out, 86400 * NS_SECOND);
    } else if (ns_str_is(f, "extra")) {
        gql_raw(out, NS_STR("{\"a\":[1]}"));
    } else if (ns_str_is(f, "puppies")) {
        gql_array(out, dogs, d->puppies, sizeof *dogs);
    } else if (ns_str_is(f, "friend") || ns_str_is(f, "mother")) {
        gql_object(out, ns_str_is(f, "friend") ? &dogs[1] : NULL);
    } else if (ns_str_is(f, "tricks")) {
        size_t n = (size_t)call->args[0].integer;
        struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, n);
        for (size_t i = 0; i < n; i++) {
            gql_cstr(&items[i], i == 1 ? NULL : "sit");
        }
        gql_list(out, items, n);
    }
}

static void count_batch(const struct gql_call *call, const void *const *objects, size_t n,
                        struct gql_out *out) {
    struct tiny *t = call->ctx;
    t->batch_calls++;
    t->batch_objects += n;
    for (size_t i = 0; i < n; i++) {
        const struct dog *d = objects[i];
        gql_int(&out[i], (int64_t)d->puppies);
    }
}

static void print_value(const struct gql_schema *s, struct ns_buf *b,
                        const struct gql_value *v) {
    static const char *const kinds[] = {"absent", "null", "bool", "int",   "float", "string",
                                        "number", "enum", "list", "input", "map",   "variable"};
    ns_buf_fmt(b, "%s", kinds[v->kind]);
    if (v->kind == GQL_LIST || v->kind == GQL_INPUT) {
        ns_buf_char(b, '(');
        for (uint32_t i = 0; i < v->count; i++) {
            ns_buf_text(b, i > 0 ? " " : "");
            print_value(s, b, &v->items[i]);
        }
        ns_buf_char(b, ')');
    } else if (v->kind > GQL_NULL) {
        ns_buf_char(b, ' ');
        gql_json_value(b, v);
    }
}

static void echo(const struct gql_call *call, struct gql_out *out) {
    struct tiny *t = call->ctx;
    struct ns_buf b = NS_BUF(1 << 16);
    const struct gql_field_def *def = &t->schema->fields[call->field];
    for (uint16_t i = 0; i < def->arg_count; i++) {
        if (call->args[i].kind != GQL_ABSENT) {
            ns_buf_fmt(&b, "%s%s=", b.len > 0 ? ", " : "",
                       t->schema->args[def->first_arg + i].name);
            print_value(t->schema, &b, &call->args[i]);
        }
    }
    gql_cstr(out, ns_arena_copy(call->arena, ns_buf_view(&b)));
    ns_buf_fini(&b);
}

static void root_get(const struct gql_call *call, const void *object, struct gql_out *out) {
    (void)object;
    struct tiny *t;
    struct ns_str f = field_name(call, &t);
    if (t->log_count < NS_COUNT(t->log)) {
        t->log[t->log_count++] = t->schema->fields[call->field].name;
    }
    if (ns_str_is(f, "dog")) {
        gql_object(out,
                   call->args[0].kind == GQL_STRING && ns_str_is(call->args[0].text, "none")
                       ? NULL
                       : &dogs[0]);
    } else if (ns_str_is(f, "mustDog")) {
        gql_object(out, &dogs[0]);
    } else if (ns_str_is(f, "dogs")) {
        gql_array(out, dogs, (size_t)call->args[0].integer, sizeof *dogs);
    } else if (ns_str_is(f, "dogsMaybe")) {
        static const void *const some[] = {&dogs[0], NULL, &dogs[1]};
        gql_objects(out, some, NS_COUNT(some));
    } else if (ns_str_is(f, "echo")) {
        echo(call, out);
    } else if (ns_str_is(f, "must") || ns_str_is(f, "needed")) {
        gql_int(out, call->args[0].integer);
    } else if (ns_str_is(f, "huge")) {
        gql_int(out, (int64_t)1 << 40);
    } else if (ns_str_is(f, "first")) {
        gql_int(out, 1);
    } else if (ns_str_is(f, "second")) {
        gql_int(out, 2);
    } else if (ns_str_is(f, "slow")) {
        gql_pending(out);
    } else if (ns_str_is(f, "fail")) {
        gql_fail(out, GQL_CODE_CONFLICT, "no");
    }
}

static uint16_t number(const struct tiny *t, const char *type, const char *field) {
    uint16_t n = gql_schema_type(t->schema, ns_str_of(type));
    return field == NULL ? n : gql_schema_field(t->schema, n, ns_str_of(field));
}

void tiny_init(struct tiny *t, struct gql_limits limits) {
    *t = (struct tiny){.response = NS_BUF(4 << 20)};
    struct ns_err err = {0};
    if (gql_schema_compile(&t->schema_arena, ns_str_of(tiny_sdl), &t->schema, &err) != NS_OK) {
        abort();
    }
    static const char *const roots[] = {"dog",  "mustDog", "dogs",   "dogsMaybe",
                                        "echo", "must",    "needed", "huge"};
    static const char *const mutations[] = {"first", "second", "slow", "fail"};
    struct gql_root_bind bind[16];
    size_t n = 0;
    for (size_t i = 0; i < NS_COUNT(roots); i++) {
        bind[n++] = (struct gql_root_bind){number(t, "Query", roots[i]), root_get};
    }
    for (size_t i = 0; i < NS_COUNT(mutations); i++) {
        bind[n++] = (struct gql_root_bind){number(t, "Mutation", mutations[i]), root_get};
    }
    bind[n++] = (struct gql_root_bind){number(t, "Subscription", "barked"), NULL};
    const struct gql_type_bind types[] = {{number(t, "Dog", NULL), dog_get}};
    const struct gql_field_bind fields[] = {{number(t, "Dog", "count"), count_batch}};
    const struct gql_scalar_bind scalars[] = {
        {number(t, "Date", NULL), gql_scalar_date},
        {number(t, "DateTime", NULL), gql_scalar_datetime},
        {number(t, "Decimal", NULL), gql_scalar_decimal},
        {number(t, "JSON", NULL), gql_scalar_json},
        {number(t, "Money", NULL), gql_scalar_money}};
    const struct gql_config config = {.schema = t->schema,
                                      .roots = bind,
                                      .root_count = n,
                                      .types = types,
                                      .type_count = NS_COUNT(types),
                                      .fields = fields,
                                      .field_count = NS_COUNT(fields),
                                      .scalars = scalars,
                                      .scalar_count = NS_COUNT(scalars),
                                      .limits = limits};
    if (gql_engine_new(&config, &t->engine, &err) != NS_OK) {
        abort();
    }
}

void tiny_fini(struct tiny *t) {
    gql_exec_free(t->exec);
    gql_engine_free(t->engine);
    ns_buf_fini(&t->response);
    ns_arena_fini(&t->arena);
    ns_arena_fini(&t->schema_arena);
}

static struct gql_exec *start(struct tiny *t, const char *query, const char *name,
                              const char *variables) {
    gql_exec_free(t->exec);
    t->exec = NULL;
    ns_arena_reset(&t->arena);
    t->log_count = 0;
    struct gql_body body = {.query = ns_str_of(query)};
    if (name != NULL) {
        body.operation_name = ns_str_of(name);
    }
    if (variables != NULL &&
        gql_json_read(&t->arena, ns_str_of(variables), &body.variables, NULL, NULL) != NS_OK) {
        abort();
    }
    return gql_exec_new(t->engine, &t->arena, &body, true, &t->response);
}

struct gql_exec *tiny_start(struct tiny *t, const char *query, const char *variables) {
    t->exec = start(t, query, NULL, variables);
    return t->exec;
}

const char *tiny_run_named(struct tiny *t, const char *query, const char *name,
                           const char *variables) {
    t->exec = start(t, query, name, variables);
    if (t->exec != NULL && gql_exec_operation(t->exec) != GQL_SUBSCRIPTION) {
        enum gql_state state = gql_exec_run(t->exec, t);
        while (state == GQL_WAITING) {
            struct gql_out out;
            gql_int(&out, 100 + (int64_t)t->log_count);
            state = gql_exec_resume(t->exec, &out);
        }
    } else if (t->exec != NULL) {
        ns_buf_clear(&t->response);
        ns_buf_text(&t->response, "subscribed");
    }
    return t->response.data;
}

const char *tiny_run(struct tiny *t, const char *query, const char *variables) {
    return tiny_run_named(t, query, NULL, variables);
}
