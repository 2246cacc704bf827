/* Execution: results, null propagation, batches, variables, mutations, events, the plan cache.
 */
#include "tests/unit/graphql/tiny.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *query;
    const char *variables;
    const char *want; /* the whole answer */
};

static void check_rows(const struct row *rows, size_t n) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    for (size_t i = 0; i < n; i++) {
        for (int again = 0; again < 2; again++) { /* the second time from the plan cache */
            const char *got = tiny_run(&t, rows[i].query, rows[i].variables);
            cr_assert_str_eq(got, rows[i].want, "%s\n%s", rows[i].query, got);
        }
    }
    tiny_fini(&t);
}

#define AT(column) "\"locations\":[{\"line\":1,\"column\":" #column "}]"

Test(graphql_exec, results_follow_the_document) {
    static const struct row rows[] = {
        {"{ dog { id name size age weight good } }", NULL,
         "{\"data\":{\"dog\":{\"id\":\"1\",\"name\":\"Rex\",\"size\":\"BIG\",\"age\":7,"
         "\"weight\":0.1,\"good\":true}}}"},
        {"{ dog { price exact born seen extra } }", NULL,
         "{\"data\":{\"dog\":{\"price\":12.50,\"exact\":\"12.50\",\"born\":\"2024-10-04\","
         "\"seen\":\"1970-01-02T00:00:00Z\",\"extra\":{\"a\":[1]}}}}"},
        {"{ b: dog { y: name x: id } a: dog { __typename } }", NULL,
         "{\"data\":{\"b\":{\"y\":\"Rex\",\"x\":\"1\"},\"a\":{\"__typename\":\"Dog\"}}}"},
        {"{ dog { ...F ... on Dog { age } ... { good } } } fragment F on Dog { id ...G } "
         "fragment G on Dog { name }",
         NULL, "{\"data\":{\"dog\":{\"id\":\"1\",\"name\":\"Rex\",\"age\":7,\"good\":true}}}"},
        {"{ dog { friend { id } } dog { friend { name } id } }", NULL,
         "{\"data\":{\"dog\":{\"friend\":{\"id\":\"2\",\"name\":\"Ada\"},\"id\":\"1\"}}}"},
        {"{ dogs(n: 3) { name } }", NULL,
         "{\"data\":{\"dogs\":[{\"name\":\"Rex\"},{\"name\":\"Ada\"},"
         "{\"name\":\"Lou \\\"x\\\"\\n\"}]}}"},
        {"{ dogs(n: 0) { name } dogsMaybe { id } }", NULL,
         "{\"data\":{\"dogs\":[],\"dogsMaybe\":[{\"id\":\"1\"},null,{\"id\":\"2\"}]}}"},
        {"{ dog { tricks(first: 3) } }", NULL,
         "{\"data\":{\"dog\":{\"tricks\":[\"sit\",null,\"sit\"]}}}"},
        {"{ dog(id: \"none\") { name } }", NULL, "{\"data\":{\"dog\":null}}"},
        {"{ unserved }", NULL,
         "{\"data\":{\"unserved\":null},\"errors\":[{\"message\":\"This part of the agent is "
         "not "
         "set up.\"," AT(
             3) ",\"path\":[\"unserved\"],\"extensions\":{\"code\":\"NOT_SET_UP\"}}]}"},
        {"{ huge }", NULL,
         "{\"data\":{\"huge\":null},\"errors\":[{\"message\":\"The result does not fit the "
         "type of "
         "Query.huge.\"," AT(
             3) ",\"path\":[\"huge\"],\"extensions\":{\"code\":\"INTERNAL\"}}]}"},
    };
    check_rows(rows, NS_COUNT(rows));
}

Test(graphql_exec, null_climbs_to_the_nearest_place_that_may_be_null) {
    static const struct row rows[] = {
        {"{ dog { id maybeBad name } }", NULL,
         "{\"data\":{\"dog\":{\"id\":\"1\",\"maybeBad\":null,\"name\":\"Rex\"}},\"errors\":["
         "{\"message\":\"not yours\"," AT(
             12) ",\"path\":[\"dog\",\"maybeBad\"],"
                 "\"extensions\":{\"code\":\"PERMISSION_DENIED\"}}]}"},
        {"{ a: dog { id } dog { id bad } b: dog { id } }", NULL,
         "{\"data\":{\"a\":{\"id\":\"1\"},\"dog\":null,\"b\":{\"id\":\"1\"}},\"errors\":["
         "{\"message\":\"bad dog\"," AT(26) ",\"path\":[\"dog\",\"bad\"],\"extensions\":"
                                            "{\"code\":\"NOT_FOUND\",\"field\":\"bad\"}}]}"},
        {"{ dog { id } mustDog { bad } }", NULL,
         "{\"data\":null,\"errors\":[{\"message\":\"bad dog\"," AT(
             24) ",\"path\":[\"mustDog\","
                 "\"bad\"],\"extensions\":{\"code\":\"NOT_FOUND\",\"field\":\"bad\"}}]}"},
        {"{ dog { friend { puppies { id } mother { id } } } }", NULL,
         "{\"data\":{\"dog\":{\"friend\":null}},\"errors\":[{\"message\":\"Cannot return null "
         "for "
         "non-nullable field Dog.mother.\"," AT(
             33) ",\"path\":[\"dog\",\"friend\",\"mother\"],"
                 "\"extensions\":{\"code\":\"INTERNAL\"}}]}"},
        {"{ dog { id puppies { x: bad } } }", NULL,
         "{\"data\":{\"dog\":null},\"errors\":[{\"message\":\"bad dog\"," AT(
             22) ",\"path\":"
                 "[\"dog\",\"puppies\",0,\"x\"],\"extensions\":{\"code\":\"NOT_FOUND\","
                 "\"field\":\"bad\"}}]}"},
    };
    check_rows(rows, NS_COUNT(rows));
}

Test(graphql_exec, skip_and_include_decide_for_each_occurrence) {
    static const char query[] =
        "query ($a: Boolean!, $b: Boolean = true) { dog { id @skip(if: $a) name @include(if: "
        "$b) "
        "... @include(if: $a) { age } ...F @skip(if: $a) age @skip(if: true) } "
        "none: dog @include(if: false) { id } } fragment F on Dog { good }";
    static const struct row rows[] = {
        {query, "{\"a\":true}", "{\"data\":{\"dog\":{\"name\":\"Rex\",\"age\":7}}}"},
        {query, "{\"a\":false,\"b\":false}",
         "{\"data\":{\"dog\":{\"id\":\"1\",\"good\":true}}}"},
        {"query ($x: Boolean!) { dog { friend @skip(if: $x) { id } friend { name } } }",
         "{\"x\":true}", "{\"data\":{\"dog\":{\"friend\":{\"name\":\"Ada\"}}}}"},
        {"{ dog { id @skip(if: true) } }", NULL, "{\"data\":{\"dog\":{}}}"},
        {query, "{\"a\":true,\"b\":null}",
         "{\"errors\":[{\"message\":\"Argument \\\"if\\\" of non-null type \\\"Boolean!\\\" "
         "must "
         "not be null.\"," AT(22) ",\"extensions\":{\"code\":\"BAD_USER_INPUT\"}}]}"},
    };
    check_rows(rows, NS_COUNT(rows));
}

#define ECHO(text) "{\"data\":{\"echo\":\"" text "\"}}"

Test(graphql_exec, arguments_arrive_coerced) {
    static const struct row rows[] = {
        {"{ echo }", NULL, ECHO("size=enum \\\"SMALL\\\"")},
        {"{ echo(size: null, n: null) }", NULL, ECHO("n=null, size=null")},
        {"{ echo(size: HUGE, list: 5, id: 7) }", NULL,
         ECHO("size=enum \\\"HUGE\\\", list=list(int 5), id=string \\\"7\\\"")},
        {"{ echo(size: BIG, collar: {owner: \"o\"}) }", NULL,
         ECHO("size=enum \\\"BIG\\\", collar=input(string \\\"red\\\" absent string \\\"o\\\" "
              "absent)")},
        {"{ echo(size: BIG, day: \"2026-02-03\", money: 12.5, exact: 0.10) }", NULL,
         ECHO("size=enum \\\"BIG\\\", day=int 20487, money=int 1250, exact=string "
              "\\\"0.10\\\"")},
        {"{ echo(size: BIG, json: {a: [1, \"x\", null]}) }", NULL,
         ECHO("size=enum \\\"BIG\\\", json=map {\\\"a\\\":[1,\\\"x\\\",null]}")},
        {"{ echo(size: BIG, text: \"\\uD83D\\uDE00\\u{1F600}\\t\") }", NULL,
         ECHO("text=string \\\"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\\\\t\\\", size=enum "
              "\\\"BIG\\\"")},
        {"{ echo(size: BIG, text: \"\"\"\n    a\n      b\n\n    \\\"\"\"\n  \"\"\") }", NULL,
         ECHO("text=string \\\"a\\\\n  b\\\\n\\\\n\\\\\\\"\\\\\\\"\\\\\\\"\\\", "
              "size=enum \\\"BIG\\\"")},
        {"query ($n: Int, $s: Size) { echo(n: $n, size: $s) }", "{}",
         ECHO("size=enum \\\"SMALL\\\"")},
        {"query ($n: Int, $s: Size) { echo(n: $n, size: $s) }", "{\"n\":null,\"s\":null}",
         ECHO("n=null, size=null")},
        {"query ($n: Int = 4) { echo(n: $n, size: BIG) }", "{}",
         ECHO("n=int 4, size=enum \\\"BIG\\\"")},
        {"query ($n: Int!) { echo(list: [1, $n], size: BIG) }", "{\"n\":1.0}",
         ECHO("size=enum \\\"BIG\\\", list=list(int 1 int 1)")},
        {"query ($o: String!, $c: String) { echo(size: BIG, collar: {owner: $o, tags: [$o]}, "
         "text: $c) }",
         "{\"o\":\"me\"}",
         ECHO("size=enum \\\"BIG\\\", collar=input(string \\\"red\\\" absent string \\\"me\\\" "
              "list(string \\\"me\\\"))")},
        {"query ($c: Collar, $s: Size) { echo(collar: $c, size: $s) }",
         "{\"s\":\"BIG\",\"c\":{\"owner\":\"x\",\"tags\":\"a\",\"length\":null}}",
         ECHO("size=enum \\\"BIG\\\", collar=input(string \\\"red\\\" null string \\\"x\\\" "
              "list(string \\\"a\\\"))")},
        {"query ($f: Find) { echo(find: $f, size: BIG) }", "{\"f\":{\"id\":3}}",
         ECHO("size=enum \\\"BIG\\\", find=input(string \\\"3\\\" absent)")},
        {"query ($i: ID!) { echo(find: {id: $i}, size: BIG) }", "{\"i\":\"q\"}",
         ECHO("size=enum \\\"BIG\\\", find=input(string \\\"q\\\" absent)")},
        {"query ($n: Int) { needed(n: $n) }", "{}", "{\"data\":{\"needed\":7}}"},
        {"query ($n: Int) { needed(n: $n) }", "{\"n\":null}",
         "{\"data\":{\"needed\":null},\"errors\":[{\"message\":\"Argument \\\"n\\\" of "
         "non-null "
         "type must not be null.\"," AT(19) ",\"path\":[\"needed\"],\"extensions\":"
                                            "{\"code\":\"BAD_USER_INPUT\"}}]}"},
    };
    check_rows(rows, NS_COUNT(rows));
}

Test(graphql_exec, bad_variables_are_refused_before_anything_runs) {
    static const struct {
        const char *query;
        const char *variables;
        const char *want;
    } rows[] = {
        {"query ($n: Int!) { must(n: $n) }", "{}", "of required type \\\"Int!\\\" was not"},
        {"query ($n: Int!) { must(n: $n) }", "{\"n\":null}", "must not be null"},
        {"query ($n: Int!) { must(n: $n) }", "{\"n\":1.5}", "value 1.5; Int cannot represent"},
        {"query ($n: Int!) { must(n: $n) }", "{\"n\":3e9}", "non 32-bit"},
        {"query ($n: Int!) { must(n: $n) }", "{\"n\":true}", "non-integer value: true"},
        {"query ($b: Boolean) { echo(b: $b) }", "{\"b\":0}", "non boolean value: 0"},
        {"query ($s: Size) { echo(size: $s) }", "{\"s\":\"TINY\"}", "does not exist in"},
        {"query ($s: Size) { echo(size: $s) }", "{\"s\":1}", "non-string value: 1"},
        {"query ($l: [Int!]) { echo(list: $l) }", "{\"l\":[1,null]}", "at \\\"l[1]\\\""},
        {"query ($c: Collar) { echo(collar: $c) }", "{\"c\":{\"owner\":\"a\",\"tags\":[1]}}",
         "value 1 at \\\"c.tags[0]\\\""},
        {"query ($c: Collar) { echo(collar: $c) }", "{\"c\":{}}", "\\\"Collar.owner\\\" of"},
        {"query ($c: Collar) { echo(collar: $c) }", "{\"c\":{\"owner\":\"a\",\"x\":1}}",
         "not defined by type"},
        {"query ($c: Collar) { echo(collar: $c) }", "{\"c\":[]}", "to be an object"},
        {"query ($f: Find) { echo(find: $f) }", "{\"f\":{\"id\":1,\"name\":\"a\"}}",
         "Exactly one key"},
        {"query ($f: Find) { echo(find: $f) }", "{\"f\":{\"id\":null}}", "must be non-null"},
        {"query ($d: Date) { echo(day: $d) }", "{\"d\":\"2026-13-01\"}", "calendar day"},
        {"query ($m: Money) { echo(money: $m) }", "{\"m\":1.999}", "at most two decimals"},
        {"query ($i: ID) { echo(id: $i) }", "{\"i\":1.5}", "ID cannot represent"},
    };
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        cr_assert_null(tiny_start(&t, rows[i].query, rows[i].variables), "%s", rows[i].query);
        const char *got = t.response.data;
        cr_assert(strstr(got, rows[i].want) != NULL && strstr(got, "BAD_USER_INPUT") != NULL &&
                      strstr(got, "\"data\"") == NULL,
                  "%s %s\n%s", rows[i].query, rows[i].variables, got);
        cr_assert_eq(t.log_count, 0);
    }
    tiny_fini(&t);
}

Test(graphql_exec, the_operation_is_chosen_by_name) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    static const char two[] = "query A { needed } query B { must(n: 3) }";
    cr_assert_str_eq(tiny_run_named(&t, two, "B", NULL), "{\"data\":{\"must\":3}}");
    cr_assert_str_eq(tiny_run_named(&t, two, "A", NULL), "{\"data\":{\"needed\":7}}");
    cr_assert_not_null(strstr(tiny_run_named(&t, two, "C", NULL), "Unknown operation named"));
    cr_assert_not_null(strstr(tiny_run(&t, two, NULL), "Must provide operation name"));
    tiny_fini(&t);
}

Test(graphql_exec, a_list_asks_a_batched_field_once) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    const char *got = tiny_run(&t, "{ dogs { name count } }", NULL);
    cr_assert_not_null(
        strstr(got, "{\"name\":\"Rex\",\"count\":2},{\"name\":\"Ada\",\"count\":0}"));
    cr_assert_eq(t.batch_calls, 1);
    cr_assert_eq(t.batch_objects, 3);
    got = tiny_run(&t, "{ dogsMaybe { count } dog { count } }", NULL);
    cr_assert_str_eq(got, "{\"data\":{\"dogsMaybe\":[{\"count\":2},null,{\"count\":0}],"
                          "\"dog\":{\"count\":2}}}");
    cr_assert_eq(t.batch_calls, 3);
    cr_assert_eq(t.batch_objects, 6);
    tiny_fini(&t);
}

Test(graphql_exec, mutations_wait_and_keep_their_order) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    struct gql_exec *x =
        tiny_start(&t, "mutation { a: slow(n: 1) first b: slow(n: 2) second }", NULL);
    cr_assert_not_null(x);
    cr_assert_eq(gql_exec_operation(x), GQL_MUTATION);
    uint16_t field;
    const struct gql_value *args;
    cr_assert(gql_exec_root(x, 2, &field, &args));
    cr_assert_str_eq(t.schema->fields[field].name, "slow");
    cr_assert_eq(args[0].integer, 2);
    cr_assert_not(gql_exec_root(x, 4, &field, &args));
    cr_assert_eq(gql_exec_run(x, &t), GQL_WAITING);
    cr_assert_eq(t.log_count, 1, "nothing runs behind a field that waits");
    struct gql_out out;
    gql_int(&out, 10);
    cr_assert_eq(gql_exec_resume(x, &out), GQL_WAITING);
    cr_assert_eq(t.log_count, 3);
    gql_fail(&out, GQL_CODE_CONFLICT, "taken");
    cr_assert_eq(gql_exec_resume(x, &out), GQL_DONE);
    cr_assert_eq(t.log_count, 4);
    cr_assert_str_eq(t.response.data,
                     "{\"data\":{\"a\":10,\"first\":1,\"b\":null,\"second\":2},\"errors\":["
                     "{\"message\":\"taken\",\"locations\":[{\"line\":1,\"column\":32}],"
                     "\"path\":[\"b\"],\"extensions\":{\"code\":\"CONFLICT\"}}]}");
    tiny_fini(&t);
}

Test(graphql_exec, a_failed_mutation_that_may_not_be_null_ends_the_request) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    const char *got = tiny_run(&t, "mutation { first fail second }", NULL);
    cr_assert_not_null(strstr(got, "{\"data\":null,\"errors\":[{\"message\":\"no\""), "%s",
                       got);
    cr_assert_eq(t.log_count, 2);
    tiny_fini(&t);
}

Test(graphql_exec, an_exec_can_be_dropped_while_it_waits) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    struct gql_exec *x = tiny_start(&t, "mutation { slow(n: 1) }", NULL);
    cr_assert_eq(gql_exec_run(x, &t), GQL_WAITING);
    tiny_fini(&t);
}

Test(graphql_exec, a_subscription_writes_one_answer_an_event) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    struct gql_exec *x = tiny_start(
        &t, "subscription ($id: ID!) { b: barked(id: $id) { name bad @skip(if: true) } }",
        "{\"id\":5}");
    cr_assert_not_null(x, "%s", t.response.data);
    cr_assert_eq(gql_exec_operation(x), GQL_SUBSCRIPTION);
    uint16_t field;
    const struct gql_value *args;
    cr_assert(gql_exec_root(x, 0, &field, &args));
    cr_assert_str_eq(t.schema->fields[field].name, "barked");
    cr_assert(ns_str_is(args[0].text, "5"));
    struct ns_arena arena = {0};
    struct ns_buf b = NS_BUF(4096);
    struct dog_like {
        const char *id;
        const char *name;
        size_t puppies;
    } dog = {"9", "Max", 0};
    struct gql_out out;
    for (int i = 0; i < 3; i++) {
        gql_object(&out, &dog);
        gql_exec_event(x, &t, &out, &arena, &b);
        cr_assert_str_eq(b.data, "{\"data\":{\"b\":{\"name\":\"Max\"}}}");
        gql_null(&out);
        gql_exec_event(x, &t, &out, &arena, &b);
        cr_assert_not_null(strstr(b.data, "{\"data\":null,\"errors\":[{\"message\":\"Cannot"));
        ns_arena_reset(&arena);
    }
    ns_buf_fini(&b);
    ns_arena_fini(&arena);
    tiny_fini(&t);
}

Test(graphql_exec, answers_beyond_the_limits_are_errors) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){.objects = 5});
    const char *got = tiny_run(&t, "{ dogs { puppies { id } } }", NULL);
    cr_assert_not_null(strstr(got, "{\"data\":null,\"errors\":[{"), "%s", got);
    cr_assert_not_null(strstr(got, "QUERY_TOO_COMPLEX"), "%s", got);
    cr_assert_not_null(strstr(tiny_run(&t, "{ dogs { id } }", NULL), "\"id\":\"3\""));
    cr_assert_eq(gql_exec_cost(t.exec), 3);
    tiny_fini(&t);
    tiny_init(&t, (struct gql_limits){0});
    t.response.max = 200;
    got = tiny_run(&t, "{ dogs { a: name b: name c: name d: name e: name f: name g: name } }",
                   NULL);
    cr_assert_not_null(strstr(got, "QUERY_TOO_COMPLEX"), "%s", got);
    tiny_fini(&t);
}

Test(graphql_exec, the_plan_cache_forgets_the_oldest_and_stays_right) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){.plans = 3});
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 8; i++) {
            char query[64];
            char want[64];
            snprintf(query, sizeof query, "{ a%d: must(n: %d) }", i, i);
            snprintf(want, sizeof want, "{\"data\":{\"a%d\":%d}}", i, i);
            cr_assert_str_eq(tiny_run(&t, query, NULL), want);
        }
    }
    tiny_fini(&t);
}
