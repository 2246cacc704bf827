/* Any bytes as answers of resolvers and a query over them: values, nulls, errors, lists with
 * holes, mutations that answer later. The response is JSON, and no null stands where the schema
 * forbids it. Input: a line of answers, a line break, the query. One engine serves all runs, so
 * plans come from its cache. */
#include "agent/graphql/graphql.h"
#include "agent/graphql/schema.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char sdl[] =
    "enum E { X Y }\n"
    "type T { a: T b: T! list: [T!]! maybe: [T] leaves: [Int!]! i: Int j: Int! s: String e: E!\n"
    "  batch: Int! }\n"
    "type Query { a: T b: T! list: [T!]! maybe: [T] leaves: [Int!]! i: Int j: Int! s: String\n"
    "  e: E! }\n"
    "type Mutation { a: T b: T! list: [T!]! i: Int j: Int! }\n";

static const char *const query_roots[] = {"a", "b", "list", "maybe", "leaves", "i", "j", "s", "e"};
static const char *const mutation_roots[] = {"a", "b", "list", "i", "j"};

/* What stands here is never null, nor are the members of the two lists. */
static const char *const never_null[] = {"b", "list", "leaves", "j", "e", "batch"};

static struct ns_arena schema_arena;
static const struct gql_schema *schema;
static struct gql_engine *engine;

struct answers {
    struct ns_str bytes;
    size_t at;
};

static unsigned next(struct answers *a) {
    return a->bytes.n == 0 ? 1 : (unsigned char)a->bytes.p[a->at++ % a->bytes.n];
}

static const char things[4];

static void answer(const struct gql_call *call, struct gql_out *out, bool root) {
    struct answers *a = call->ctx;
    const char *name = schema->fields[call->field].name;
    unsigned dice = next(a);
    if (dice % 16 == 0) {
        gql_null(out);
    } else if (dice % 16 == 2) {
        gql_fail(out, GQL_CODE_NOT_FOUND, "not \"there\"\n");
    } else if (dice % 16 == 4 && root) {
        gql_pending(out);
    } else if (strcmp(name, "list") == 0) {
        gql_array(out, things, dice % 4, 1);
    } else if (strcmp(name, "maybe") == 0) {
        const void **some = NS_NEW_N(call->arena, const void *, 3);
        for (size_t i = 0; i < 3; i++) {
            some[i] = next(a) % 2 == 0 ? NULL : things;
        }
        gql_objects(out, some, 3);
    } else if (strcmp(name, "leaves") == 0) {
        struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, 2);
        gql_int(&items[0], next(a));
        if (next(a) % 4 == 0) {
            gql_null(&items[1]);
        } else {
            gql_int(&items[1], 1);
        }
        gql_list(out, items, 2);
    } else if (strcmp(name, "s") == 0) {
        gql_text(out, a->bytes); /* any bytes: made UTF-8 and quoted by the writer */
    } else if (strcmp(name, "e") == 0) {
        gql_enum(out, (int)(dice & 1));
    } else if (strcmp(name, "a") == 0 || strcmp(name, "b") == 0) {
        gql_object(out, things);
    } else {
        gql_int(out, dice % 8 == 7 ? (int64_t)1 << 40 : dice); /* beyond 32 bits is an error */
    }
}

static void get_thing(const struct gql_call *call, const void *object, struct gql_out *out) {
    (void)object;
    answer(call, out, false);
}

static void get_root(const struct gql_call *call, const void *object, struct gql_out *out) {
    (void)object;
    answer(call, out, true);
}

static void get_batch(const struct gql_call *call, const void *const *objects, size_t n,
                      struct gql_out *out) {
    (void)objects;
    for (size_t i = 0; i < n; i++) {
        answer(call, &out[i], false);
    }
}

static uint16_t field_of(const char *type, const char *name) {
    return gql_schema_field(schema, gql_schema_type(schema, ns_str_of(type)), ns_str_of(name));
}

static void make_engine(void) {
    struct ns_err err = {0};
    struct gql_root_bind roots[NS_COUNT(query_roots) + NS_COUNT(mutation_roots)];
    size_t n = 0;
    if (gql_schema_compile(&schema_arena, ns_str_of(sdl), &schema, &err) != NS_OK) {
        abort();
    }
    for (size_t i = 0; i < NS_COUNT(query_roots); i++) {
        roots[n++] = (struct gql_root_bind){field_of("Query", query_roots[i]), get_root};
    }
    for (size_t i = 0; i < NS_COUNT(mutation_roots); i++) {
        roots[n++] = (struct gql_root_bind){field_of("Mutation", mutation_roots[i]), get_root};
    }
    const struct gql_type_bind types[] = {
        {gql_schema_type(schema, NS_STR("T")), get_thing}};
    const struct gql_field_bind fields[] = {{field_of("T", "batch"), get_batch}};
    const struct gql_config config = {.schema = schema,
                                      .roots = roots,
                                      .root_count = n,
                                      .types = types,
                                      .type_count = 1,
                                      .fields = fields,
                                      .field_count = 1,
                                      .limits = {.objects = 500, .plans = 8}};
    if (gql_engine_new(&config, &engine, &err) != NS_OK) {
        abort();
    }
}

static bool forbidden(const struct gql_entry *member) {
    for (size_t i = 0; i < NS_COUNT(never_null); i++) {
        if (ns_str_is(member->key, never_null[i])) {
            return true;
        }
    }
    return false;
}

/* Without aliases the key names the field, so that the schema's word can be looked up. */
static void look(const struct gql_value *object) {
    for (uint32_t i = 0; object->kind == GQL_MAP && i < object->count; i++) {
        const struct gql_entry *member = &object->entries[i];
        const struct gql_value *value = &member->value;
        if (value->kind == GQL_NULL && forbidden(member)) {
            abort();
        }
        for (uint32_t k = 0; value->kind == GQL_LIST && k < value->count; k++) {
            if (value->items[k].kind == GQL_NULL && forbidden(member)) {
                abort();
            }
            look(&value->items[k]);
        }
        look(value);
    }
}

static void look_at_response(struct ns_arena *arena, struct ns_str response, bool aliases) {
    struct gql_value root;
    if (gql_json_read(arena, response, &root, NULL, NULL) != NS_OK || root.kind != GQL_MAP) {
        abort();
    }
    const struct gql_value *data = gql_map_get(&root, "data");
    const struct gql_value *errors = gql_map_get(&root, "errors");
    if (data == NULL && errors == NULL) {
        abort();
    }
    if (data != NULL && data->kind == GQL_NULL && errors == NULL) {
        abort(); /* nothing vanishes without a word */
    }
    if (data != NULL && !aliases) {
        look(data);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ns_str rest = {(const char *)data, size};
    struct answers answers = {.bytes = ns_str_cut(&rest, '\n')};
    struct ns_arena arena = {0};
    struct ns_buf response = NS_BUF(1 << 18);
    if (rest.p == NULL) {
        return 0;
    }
    if (engine == NULL) {
        make_engine();
    }
    const struct gql_body body = {.query = rest};
    struct gql_exec *exec = gql_exec_new(engine, &arena, &body, true, &response);
    if (exec != NULL) {
        enum gql_state state = gql_exec_run(exec, &answers);
        while (state == GQL_WAITING) {
            struct gql_out late = {0};
            if (next(&answers) % 3 == 0) {
                gql_fail(&late, GQL_CODE_CONFLICT, "late");
            } else {
                gql_null(&late);
            }
            state = gql_exec_resume(exec, &late);
        }
    }
    if (!response.failed && response.len < 60000) {
        bool introspects = memmem(rest.p, rest.n, "__", 2) != NULL;
        bool aliases = memchr(rest.p, ':', rest.n) != NULL;
        look_at_response(&arena, ns_buf_view(&response), aliases || introspects);
    }
    gql_exec_free(exec);
    ns_buf_fini(&response);
    ns_arena_fini(&arena);
    return 0;
}
