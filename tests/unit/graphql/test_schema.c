/* The schema compiler, introspection, the compiled household schema and the documents. */
#include "agent/graphql/schema_gen.h"
#include "shared/base/env.h"
#include "tests/unit/graphql/tiny.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(graphql_schema, mistakes_are_refused_with_their_line) {
    static const char *const rows[][2] = {
        {"type Query { a: Int }\ntype Query { b: Int }", "line 2: type defined twice"},
        {"type Query {\n a: Int\n a: Int }", "line 3: name used twice"},
        {"type Query {\n a: Cat }", "line 2: unknown type: Cat"},
        {"type Query { a(x: Query): Int }", "line 1: an object type cannot be input"},
        {"input I { a: Int }\ntype Query { a: I }", "line 2: an input type cannot be"},
        {"type Query { a: Int }\ntype __X { a: Int }", "line 2: names that begin"},
        {"type Query { __a: Int }", "names that begin"},
        {"type Cat { a: Int }", "no query root"},
        {"type Query { a(n: Int = \"x\"): Int }", "bad default: Int cannot represent"},
        {"enum E { A }\ntype Query { a(e: E = B): Int }", "line 2: bad default: Value"},
        {"input A { b: B! }\ninput B { a: A! }\ntype Query { a(x: A): Int }",
         "line 1: input type that requires itself"},
        {"input A @oneOf { b: Int! }\ntype Query { a(x: A): Int }", "@oneOf"},
        {"type Query { a(x: Int! @deprecated): Int }", "what is required cannot be deprecated"},
        {"type Query { a: Int @nothing }", "directive may not stand here"},
        {"enum E { true }\ntype Query { e: E }", "no name for an enum value"},
        {"interface X { a: Int }", "not supported"},
        {"directive @mine on OBJECT\ntype Query { a: Int }", "directives of one's own"},
        {"enum A { ALL OWN }\ndirective @access(to: A!) on OBJECT | FIELD_DEFINITION\n"
         "type Query {\n a: Int @access(to: ALL)\n b: Int }",
         "line 5: a field that does not say who may ask for it"},
        {"enum A { ALL OWN }\ndirective @access(to: A!) on OBJECT | FIELD_DEFINITION\n"
         "type Query @access(to: SOME) {\n a: Int }",
         "@access takes a value of its enum"},
        {"type Query {\n  a: Int\n", "line 3: mistake: Syntax Error: Expected Name"},
        {"type Query { }", "Syntax Error"},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_arena arena = {0};
        struct ns_err err = {0};
        const struct gql_schema *s;
        cr_assert_eq(gql_schema_compile(&arena, ns_str_of(rows[i][0]), &s, &err), NS_E_INPUT,
                     "%s", rows[i][0]);
        cr_assert_not_null(strstr(err.note, rows[i][1]), "%s\n%s", rows[i][0], err.note);
        ns_arena_fini(&arena);
    }
}

Test(graphql_schema, every_name_is_found_where_it_is) {
    const struct gql_schema *s = &gql_schema_nestsync;
    for (uint16_t t = 0; t < s->type_count; t++) {
        const struct gql_type_def *type = &s->types[t];
        cr_assert_eq(gql_schema_type(s, ns_str_of(type->name)), t);
        for (uint16_t i = 0; i < type->count; i++) {
            uint16_t n = (uint16_t)(type->first + i);
            if (type->kind == GQL_KIND_OBJECT && t != s->query && t != GQL_T__Root) {
                cr_assert_eq(gql_schema_field(s, t, ns_str_of(s->fields[n].name)), n);
            } else if (type->kind == GQL_KIND_INPUT) {
                struct ns_str name = ns_str_of(s->args[n].name);
                cr_assert_eq(gql_schema_arg(s, type->first, type->count, name), i);
            } else if (type->kind == GQL_KIND_ENUM) {
                cr_assert_eq(gql_schema_value(s, t, ns_str_of(s->values[n].name)), i);
            }
        }
    }
    cr_assert_eq(gql_schema_type(s, NS_STR("Hous")), GQL_NONE);
    cr_assert_eq(gql_schema_type(s, NS_STR("Householdx")), GQL_NONE);
    cr_assert_eq(gql_schema_field(s, s->query, NS_STR("household")), GQL_F_Query_household);
}

Test(graphql_schema, every_field_says_who_may_ask) {
    const struct gql_schema *s = &gql_schema_nestsync;
    for (uint16_t f = 0; f < s->field_count; f++) {
        bool own = s->fields[f].owner >= GQL_BUILT_IN_TYPES;
        cr_assert_eq(s->fields[f].access != 0, own, "%s.%s", s->types[s->fields[f].owner].name,
                     s->fields[f].name);
    }
    cr_assert_eq(s->fields[GQL_F_Query_me].access, GQL_E_Access_ANYONE + 1);
    cr_assert_eq(s->fields[GQL_F_ChildProfile_name].access, GQL_E_Access_MEMBER + 1);
    cr_assert_eq(s->fields[GQL_F_ChildProfile_allergiesNotes].access, GQL_E_Access_FAMILY + 1);
}

static void null_get(const struct gql_call *call, const void *object, struct gql_out *out) {
    (void)call;
    (void)object;
    gql_null(out);
}

Test(graphql_schema, an_engine_names_what_is_missing) {
    struct gql_engine *e = NULL;
    struct ns_err err = {0};
    struct gql_config config = {.schema = &gql_schema_nestsync};
    cr_assert_eq(gql_engine_new(&config, &e, &err), NS_E_CONFIG);
    cr_assert_not_null(strstr(err.note, "scalar Date has no hook"), "%s", err.note);
    const struct gql_scalar_bind scalars[] = {{GQL_T_Date, gql_scalar_date},
                                              {GQL_T_DateTime, gql_scalar_datetime},
                                              {GQL_T_Decimal, gql_scalar_decimal},
                                              {GQL_T_JSON, gql_scalar_json},
                                              {GQL_T_Money, gql_scalar_money}};
    config.scalars = scalars;
    config.scalar_count = NS_COUNT(scalars);
    struct gql_root_bind root = {GQL_F_Query_household, null_get};
    config.roots = &root;
    config.root_count = 1;
    ns_err_clear(&err);
    cr_assert_eq(gql_engine_new(&config, &e, &err), NS_E_CONFIG);
    cr_assert_not_null(strstr(err.note, "nothing answers Household.id"), "%s", err.note);
    root.get = NULL;
    ns_err_clear(&err);
    cr_assert_eq(gql_engine_new(&config, &e, &err), NS_E_CONFIG);
    cr_assert_not_null(strstr(err.note, "household has no resolver"), "%s", err.note);
    cr_assert_null(e);
}

/* The household schema with no root served: enough to validate. */
static struct gql_engine *bare_engine(void) {
    static const struct gql_scalar_bind scalars[] = {{GQL_T_Date, gql_scalar_date},
                                                     {GQL_T_DateTime, gql_scalar_datetime},
                                                     {GQL_T_Decimal, gql_scalar_decimal},
                                                     {GQL_T_JSON, gql_scalar_json},
                                                     {GQL_T_Money, gql_scalar_money}};
    const struct gql_config config = {
        .schema = &gql_schema_nestsync, .scalars = scalars, .scalar_count = NS_COUNT(scalars)};
    struct gql_engine *e = NULL;
    struct ns_err err = {0};
    cr_assert_eq(gql_engine_new(&config, &e, &err), NS_OK, "%s", err.note);
    return e;
}

Test(graphql_documents, the_documented_operations_are_valid) {
    static const char *const rows[][2] = {
        {"GetSubscriptionDashboard", NULL},
        {"SearchProducts", "{\"retailerType\":\"AMAZON_CA\",\"searchQuery\":\"x\"}"},
        {"CreateSubscription", NULL},
        {"CreateManualOrder", NULL},
        {"OrderStatusUpdates", "{\"userId\":\"u\"}"},
    };
    struct gql_engine *e = bare_engine();
    struct ns_arena arena = {0};
    struct ns_buf response = NS_BUF(1 << 20);
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/tests/data/documents/%s.graphql", NS_TEST_SOURCE_ROOT,
                 rows[i][0]);
        struct ns_buf text = NS_BUF(1 << 16);
        cr_assert_eq(ns_env_system()->read_file(NULL, path, &text, NULL), NS_OK, "%s", path);
        struct gql_body body = {.query = ns_buf_view(&text)};
        if (rows[i][1] != NULL) {
            cr_assert_eq(
                gql_json_read(&arena, ns_str_of(rows[i][1]), &body.variables, NULL, NULL),
                NS_OK);
        }
        struct gql_exec *x = gql_exec_new(e, &arena, &body, false, &response);
        bool needs_input =
            x == NULL && strstr(response.data, "\\\"$input\\\" of required") != NULL;
        cr_assert(x != NULL || needs_input, "%s: %s", rows[i][0], response.data);
        gql_exec_free(x);
        ns_buf_fini(&text);
    }
    ns_buf_fini(&response);
    ns_arena_fini(&arena);
    gql_engine_free(e);
}

Test(graphql_introspection, types_fields_and_deprecations_are_told) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    cr_assert_str_eq(
        tiny_run(&t,
                 "{ __type(name: \"Find\") { kind name isOneOf fields { name } "
                 "inputFields { name type { kind name ofType { name } } defaultValue } } }",
                 NULL),
        "{\"data\":{\"__type\":{\"kind\":\"INPUT_OBJECT\",\"name\":\"Find\",\"isOneOf\":true,"
        "\"fields\":null,\"inputFields\":["
        "{\"name\":\"id\",\"type\":{\"kind\":\"SCALAR\",\"name\":\"ID\",\"ofType\":null},"
        "\"defaultValue\":null},"
        "{\"name\":\"name\",\"type\":{\"kind\":\"SCALAR\",\"name\":\"String\",\"ofType\":null},"
        "\"defaultValue\":null}]}}}");
    cr_assert_str_eq(
        tiny_run(&t,
                 "{ __type(name: \"Size\") { enumValues { name } "
                 "all: enumValues(includeDeprecated: true) { name isDeprecated "
                 "deprecationReason } } none: __type(name: \"Cat\") { name } }",
                 NULL),
        "{\"data\":{\"__type\":{\"enumValues\":[{\"name\":\"SMALL\"},{\"name\":\"BIG\"}],"
        "\"all\":["
        "{\"name\":\"SMALL\",\"isDeprecated\":false,\"deprecationReason\":null},"
        "{\"name\":\"BIG\",\"isDeprecated\":false,\"deprecationReason\":null},"
        "{\"name\":\"HUGE\",\"isDeprecated\":true,\"deprecationReason\":\"no such dog\"}]},"
        "\"none\":null}}");
    cr_assert_str_eq(
        tiny_run(&t,
                 "{ __schema { queryType { name } mutationType { name } "
                 "directives { name locations isRepeatable args { name type { kind "
                 "ofType { name } } } } } }",
                 NULL),
        "{\"data\":{\"__schema\":{\"queryType\":{\"name\":\"Query\"},\"mutationType\":{"
        "\"name\":"
        "\"Mutation\"},\"directives\":["
        "{\"name\":\"include\",\"locations\":[\"FIELD\",\"FRAGMENT_SPREAD\",\"INLINE_"
        "FRAGMENT\"],"
        "\"isRepeatable\":false,\"args\":[{\"name\":\"if\",\"type\":{\"kind\":\"NON_NULL\","
        "\"ofType\":{\"name\":\"Boolean\"}}}]},"
        "{\"name\":\"skip\",\"locations\":[\"FIELD\",\"FRAGMENT_SPREAD\",\"INLINE_FRAGMENT\"],"
        "\"isRepeatable\":false,\"args\":[{\"name\":\"if\",\"type\":{\"kind\":\"NON_NULL\","
        "\"ofType\":{\"name\":\"Boolean\"}}}]},"
        "{\"name\":\"deprecated\",\"locations\":[\"FIELD_DEFINITION\",\"ARGUMENT_DEFINITION\","
        "\"ENUM_VALUE\",\"INPUT_FIELD_DEFINITION\"],\"isRepeatable\":false,\"args\":[{\"name\":"
        "\"reason\",\"type\":{\"kind\":\"NON_NULL\",\"ofType\":{\"name\":\"String\"}}}]},"
        "{\"name\":\"specifiedBy\",\"locations\":[\"SCALAR\"],\"isRepeatable\":false,\"args\":["
        "{\"name\":\"url\",\"type\":{\"kind\":\"NON_NULL\",\"ofType\":{\"name\":\"String\"}}}]}"
        ","
        "{\"name\":\"oneOf\",\"locations\":[\"INPUT_OBJECT\"],\"isRepeatable\":false,"
        "\"args\":[]}]}}}");
    const char *deep =
        "{ __schema { types { fields { type { fields { type { name } } } } } } }";
    cr_assert_not_null(tiny_start(&t, deep, NULL), "%s", t.response.data);
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    cr_assert_null(tiny_start(&t, deep, NULL));
    cr_assert_not_null(strstr(t.response.data, "Introspection lists are nested 3 deep"));
    tiny_fini(&t);
}
