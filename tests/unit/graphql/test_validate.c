/* Parsing and validation: verdicts, messages and places, one table a subject. */
#include "tests/unit/graphql/tiny.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *query;
    const char *want; /* part of the answer; NULL: the document is accepted */
};

static void check_rows(const struct row *rows, size_t n, const char *code) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    for (size_t i = 0; i < n; i++) {
        const char *got = tiny_start(&t, rows[i].query, NULL) == NULL ? t.response.data : "";
        bool refused = strstr(got, code) != NULL;
        /* Variables without values are the only refusal a good document may meet here. */
        if (rows[i].want == NULL) {
            cr_assert(got[0] == '\0' || strstr(got, "was not provided") != NULL, "%s\n%s",
                      rows[i].query, got);
        } else {
            cr_assert(refused && strstr(got, rows[i].want) != NULL, "%s\nwanted %s\ngot %s",
                      rows[i].query, rows[i].want, got);
        }
    }
    tiny_fini(&t);
}

#define CHECK(rows, code) check_rows(rows, NS_COUNT(rows), code)

Test(graphql_parse, faults_are_told_with_line_and_column) {
    static const struct row rows[] = {
        {"", "Unexpected <EOF>.\",\"locations\":[{\"line\":1,\"column\":1}]"},
        {"# only a comment", "Unexpected <EOF>."},
        {"{", "Expected Name, found <EOF>.\",\"locations\":[{\"line\":1,\"column\":2}]"},
        {"{ }", "Expected Name, found \\\"}\\\"."},
        {"{ dog { name }", "found <EOF>"},
        {"{ dog }}", "Unexpected \\\"}\\\""},
        {"query Q { dog { name } } x", "Unexpected Name \\\"x\\\""},
        {"{\r\n  dog {\r\n    ?\r\n", "Unexpected character: \\\"?\\\".\",\"locations\":"
                                      "[{\"line\":3,\"column\":5}]"},
        {"{ echo(text: \"\xF0\x9F\x98\x80\") ? }", "\"column\":19"},
        /* The mark at the beginning counts as a character, as it does for graphql-js. */
        {"\xEF\xBB\xBF{ ? }", "\"line\":1,\"column\":4"},
        {"{ echo(text: \"a", "Unterminated string."},
        {"{ echo(text: \"a\n\") }", "Unterminated string."},
        {"{ echo(text: \"\"\"a", "Unterminated string."},
        {"{ echo(text: \"\\q\") }", "Invalid character escape sequence"},
        {"{ echo(text: \"\\uD83D\") }", "Invalid Unicode escape sequence"},
        {"{ echo(text: \"\\uDE00\\uD83D\") }", "Invalid Unicode escape sequence"},
        {"{ echo(text: \"\\u{110000}\") }", "Invalid Unicode escape sequence"},
        {"{ echo(text: \"\\u{D800}\") }", "Invalid Unicode escape sequence"},
        {"{ echo(text: \"\\u{}\") }", "Invalid Unicode escape sequence"},
        {"{ echo(text: \"\xFF\") }", "not UTF-8"},
        {"{ echo(text: \"\xC0\xAF\") }", "not UTF-8"},
        {"{ echo(n: 01) }", "unexpected digit after 0"},
        {"{ echo(n: 1.) }", "expected digit but got"},
        {"{ echo(n: 1e) }", "expected digit but got"},
        {"{ echo(n: -) }", "expected digit but got"},
        {"{ echo(n: 1a) }", "expected digit but got"},
        {"{ echo() }", "Expected Name, found \\\")\\\""},
        {"{ dog { ...on } }", "Expected Name"},
        {"fragment on on Dog { name }", "Unexpected Name \\\"on\\\""},
        {"query ($a: Int = $b) { dog { name } }", "Unexpected variable \\\"$b\\\" in constant"},
        {"\"words\" { dog { name } }", "Unexpected description"},
        {"{ dog .. { name } }", "Unexpected character"},
    };
    CHECK(rows, "GRAPHQL_PARSE_FAILED");
}

Test(graphql_parse, all_of_the_grammar_is_read) {
    static const struct row rows[] = {
        {"{dog{name}}", NULL},
        {"\xEF\xBB\xBF # c\r\n query,Q,{,dog,{,name,},}", NULL},
        {"\"about\" query Q(\"about a\" $a: Int = 3) { echo(n: $a) }", NULL},
        {"\"\"\"about\"\"\" fragment F on Dog { name } { dog { ...F } }", NULL},
        {"{ echo(text: \"\"\"\n  a\n    b \\\"\"\" c\n  \"\"\") }", NULL},
        {"{ a: echo(f: -1.5e+3) b: echo(f: 1E3) c: echo(f: 0) d: echo(list: []) }", NULL},
        {"{ query: dog { fragment: name } }", NULL},
        {"{ dog { ... { name } ... @include(if: true) { id } } }", NULL},
        {"query Q @skip(if: true) { dog { name } }", "may not be used on QUERY"},
    };
    CHECK(rows, "GRAPHQL_VALIDATION_FAILED");
}

Test(graphql_validate, every_rule_has_good_and_bad_documents) {
    static const struct row rows[] = {
        {"query A { dog { name } } query A { dog { id } }",
         "only one operation named \\\"A\\\""},
        {"{ dog { name } } query B { dog { id } }", "anonymous operation must be the only"},
        {"{ dog { ...F } } fragment F on Dog { id } fragment F on Dog { id }",
         "only one fragment named \\\"F\\\""},
        {"{ dog { ...G } }", "Unknown fragment \\\"G\\\"."},
        {"{ dog { id } } fragment F on Dog { id }", "Fragment \\\"F\\\" is never used."},
        {"{ dog { ...A } } fragment A on Dog { ...B } fragment B on Dog { friend { ...A } }",
         "Cannot spread fragment \\\"A\\\" within itself via \\\"B\\\"."},
        {"{ dog { ... on Cat { id } } }", "Unknown type \\\"Cat\\\"."},
        {"{ dog { ... on Int { id } } }", "cannot condition on non composite type \\\"Int\\\""},
        {"{ dog { ...F } } fragment F on Size { id }",
         "Fragment \\\"F\\\" cannot condition on non composite type \\\"Size\\\"."},
        {"{ dog { ...F } } fragment F on Query { __typename }",
         "objects of type \\\"Dog\\\" can never be of type \\\"Query\\\""},
        {"{ dog { ... on Query { __typename } } }", "Fragment cannot be spread here"},
        {"{ dog { nothing } }", "Cannot query field \\\"nothing\\\" on type \\\"Dog\\\"."},
        {"{ dog { nam } }", "Did you mean \\\"name\\\""},
        {"{ dog }", "must have a selection of subfields"},
        {"{ dog { name { x } } }", "must not have a selection since type \\\"String!\\\""},
        {"{ dog { __typename } __typename }", NULL},
        {"{ dog { __schema { description } } }", "Cannot query field \\\"__schema\\\""},
        {"{ dog(x: 1) { id } }", "Unknown argument \\\"x\\\" on field \\\"Query.dog\\\"."},
        {"{ dog(id: 1, id: 2) { id } }", "only one argument named \\\"id\\\""},
        {"{ must }", "argument \\\"n\\\" of type \\\"Int!\\\" is required"},
        {"{ needed }", NULL},
        {"{ must(n: null) }", "Expected value of type \\\"Int!\\\", found null."},
        {"{ dog @nothing { id } }", "Unknown directive \\\"@nothing\\\"."},
        {"{ dog @deprecated { id } }", "\\\"@deprecated\\\" may not be used on FIELD."},
        {"{ dog @skip { id } }", "Directive \\\"@skip\\\" argument \\\"if\\\""},
        {"{ dog @skip(if: 1) { id } }", "Boolean cannot represent a non boolean value: 1"},
        {"{ dog @skip(if: true) @skip(if: true) { id } }", "can only be used once"},
        {"query ($a: Int, $a: Int) { echo(n: $a) }", "only one variable named \\\"$a\\\""},
        {"query ($a: Dog) { echo(text: $a) }", "cannot be non-input type \\\"Dog\\\""},
        {"query ($a: Cat) { echo(text: $a) }", "Unknown type \\\"Cat\\\""},
        {"{ echo(n: $a) }", "Variable \\\"$a\\\" is not defined."},
        {"query Q { ...F } fragment F on Query { echo(n: $a) }",
         "not defined by operation \\\"Q\\\""},
        {"query Q($a: Int) { dog { id } }", "\\\"$a\\\" is never used in operation \\\"Q\\\""},
        {"query ($a: Int) { ...F } fragment F on Query { echo(n: $a) }", NULL},
        {"query ($a: String) { echo(n: $a) }",
         "\\\"$a\\\" of type \\\"String\\\" used in position expecting type \\\"Int\\\""},
        {"query ($a: Int) { must(n: $a) }", "expecting type \\\"Int!\\\""},
        {"query ($a: Int = 1) { must(n: $a) }", NULL},
        {"query ($a: Int = null) { must(n: $a) }", "expecting type \\\"Int!\\\""},
        {"query ($a: Int) { needed(n: $a) }", NULL},
        {"query ($a: [Int]) { echo(list: $a) }", "expecting type \\\"[Int!]\\\""},
        {"query ($a: [Int!]!) { echo(list: $a) }", NULL},
        {"query ($a: Int!) { echo(list: [1, $a]) }", NULL},
        {"query ($a: Int = \"x\") { echo(n: $a) }", "Int cannot represent non-integer"},
        {"{ echo(n: 1.0) }", "Int cannot represent non-integer value: 1.0"},
        {"{ echo(n: 2147483647) }", NULL},
        {"{ echo(n: 2147483648) }", "non 32-bit signed integer value: 2147483648"},
        {"{ echo(n: \"1\") }", "Int cannot represent non-integer value: \\\"1\\\""},
        {"{ echo(f: true) }", "Float cannot represent non numeric value: true"},
        {"{ echo(b: 1) }", "Boolean cannot represent a non boolean value: 1"},
        {"{ echo(id: 1) }", NULL},
        {"{ echo(id: 1.5) }", "ID cannot represent"},
        {"{ echo(text: 1) }", "String cannot represent a non string value: 1"},
        {"{ echo(text: SMALL) }", "String cannot represent a non string value: SMALL"},
        {"{ echo(size: \"BIG\") }", "cannot represent non-enum value: \\\"BIG\\\"."},
        {"{ echo(size: BIGG) }",
         "does not exist in \\\"Size\\\" enum. Did you mean \\\"BIG\\\"?"},
        {"{ echo(list: [1, \"x\"]) }", "Int cannot represent non-integer value: \\\"x\\\""},
        {"{ echo(list: 1) }", NULL},
        {"{ echo(list: [null]) }", "Expected value of type \\\"Int!\\\", found null."},
        {"{ echo(collar: 1) }", "Expected value of type \\\"Collar\\\", found 1."},
        {"{ echo(collar: {}) }", "\\\"Collar.owner\\\" of required type \\\"String!\\\""},
        {"{ echo(collar: {owner: \"a\", x: 1}) }", "not defined by type \\\"Collar\\\""},
        {"{ echo(collar: {owner: \"a\", owner: \"b\"}) }", "only one input field named"},
        {"{ echo(collar: {owner: \"a\", color: null}) }", "found null"},
        {"{ echo(find: {}) }", "must specify exactly one key"},
        {"{ echo(find: {id: 1, name: \"a\"}) }", "must specify exactly one key"},
        {"{ echo(find: {id: null}) }", "\\\"Find.id\\\" must be non-null."},
        {"query ($a: ID) { echo(find: {id: $a}) }",
         "must be non-nullable to be used for OneOf"},
        {"query ($a: ID!) { echo(find: {id: $a}) }", NULL},
        {"{ echo(day: \"2026-02-30\") }", "Date cannot represent value"},
        {"{ echo(money: 1.234) }", "at most two decimals"},
        {"{ echo(exact: \"1e3\") }", "expected a decimal number"},
        {"{ echo(at: \"2026-02-03\") }", "RFC 3339"},
        {"{ echo(json: {a: [1, {b: null}]}) }", NULL},
        {"subscription { barked(id: 1) { id } other }", "only one top level field"},
        {"subscription S { __typename }", "\\\"S\\\" must not select an introspection"},
        {"subscription { ...F } fragment F on Subscription { other }", NULL},
        {"subscription ($a: Boolean!) { other @skip(if: $a) }", "root of a subscription"},
        {"subscription ($a: Boolean!) { ... @include(if: $a) { other } }",
         "root of a subscription"},
    };
    CHECK(rows, "GRAPHQL_VALIDATION_FAILED");
}

Test(graphql_validate, fields_of_one_key_must_be_the_same_field) {
    static const struct row rows[] = {
        {"{ dog { name name } }", NULL},
        {"{ dog { a: name a: id } }", "\\\"name\\\" and \\\"id\\\" are different fields"},
        {"{ dog { name: id name } }", "are different fields"},
        {"{ dog(id: 1) { id } dog(id: 1) { name } }", NULL},
        {"{ dog(id: 1) { id } dog(id: 2) { name } }", "differing arguments"},
        {"{ dog(id: 1) { id } dog { name } }", "differing arguments"},
        {"{ echo(collar: {owner: \"a\", length: 1}) echo(collar: {length: 1, owner: \"a\"}) }",
         NULL},
        {"{ echo(list: [1, 2]) echo(list: [2, 1]) }", "differing arguments"},
        {"query ($a: ID, $b: ID) { dog(id: $a) { id } dog(id: $b) { id } }",
         "differing arguments"},
        {"{ dog { friend { a: name } } dog { friend { a: id } } }", "are different fields"},
        {"{ dog { ...F a: id } } fragment F on Dog { a: name }", "are different fields"},
        {"{ dog { a: name @skip(if: true) a: id @include(if: false) } }",
         "are different fields"},
        {"query A { dog { a: name a: id } } ", "are different fields"},
        {"{ a: __typename a: dog { name } }", "are different fields"},
        {"{ a: dog { name } a: __typename }", "are different fields"},
        {"query A { dog { a: name a: id } } query B { dog { id } }", "are different fields"},
        {"{ dog { name } } type Dog { a: Int }", "\\\"Dog\\\" definition is not executable."},
    };
    CHECK(rows, "GRAPHQL_VALIDATION_FAILED");
}

Test(graphql_validate, both_places_of_a_conflict_are_named) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    cr_assert_null(tiny_start(&t, "{ dog {\n  a: name\n  a: id\n} }", NULL));
    cr_assert_not_null(strstr(t.response.data, "\"locations\":[{\"line\":2,\"column\":3},"
                                               "{\"line\":3,\"column\":3}]"),
                       "%s", t.response.data);
    tiny_fini(&t);
}

Test(graphql_validate, introspection_needs_leave) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    struct gql_body body = {.query = NS_STR("{ __schema { description } }")};
    cr_assert_null(gql_exec_new(t.engine, &t.arena, &body, false, &t.response));
    cr_assert_not_null(strstr(t.response.data, "introspection is not allowed"));
    body.query = NS_STR("{ dog { nam } }");
    cr_assert_null(gql_exec_new(t.engine, &t.arena, &body, false, &t.response));
    cr_assert_null(strstr(t.response.data, "Did you mean"), "%s", t.response.data);
    body.query = NS_STR("{ __typename }");
    struct gql_exec *x = gql_exec_new(t.engine, &t.arena, &body, false, &t.response);
    cr_assert_not_null(x);
    gql_exec_free(x);
    tiny_fini(&t);
}

/* ---- limits ---- */

static struct ns_buf repeat(const char *before, const char *piece, size_t n,
                            const char *after) {
    struct ns_buf b = NS_BUF(1 << 22);
    ns_buf_text(&b, before);
    for (size_t i = 0; i < n; i++) {
        ns_buf_text(&b, piece);
    }
    ns_buf_text(&b, after);
    return b;
}

static void must_refuse(struct tiny *t, struct ns_buf *query, const char *want) {
    cr_assert_null(tiny_start(t, query->data, NULL), "accepted: %.200s", query->data);
    cr_assert_not_null(strstr(t->response.data, want), "%s", t->response.data);
    cr_assert_not_null(strstr(t->response.data, "QUERY_TOO_COMPLEX"), "%s", t->response.data);
    ns_buf_fini(query);
}

static void must_accept(struct tiny *t, struct ns_buf *query) {
    cr_assert_not_null(tiny_start(t, query->data, NULL), "%s", t->response.data);
    ns_buf_fini(query);
}

Test(graphql_limits, tokens_nesting_aliases_and_roots_stop_at_their_border) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    struct ns_buf q = repeat("{ dog {", " id", 9996, " } }");
    must_refuse(&t, &q, "more than 10000 tokens");
    q = repeat("{ dog {", " id", 4000, " } }");
    must_accept(&t, &q);
    q = repeat("{ dog {", " friend {", 100, "");
    must_refuse(&t, &q, "nested too deeply");
    q = repeat("{ echo(json: ", "[", 5000, "");
    must_refuse(&t, &q, "nested too deeply");
    q = repeat("query ($a: ", "[", 5000, "");
    must_refuse(&t, &q, "nested too deeply");
    q = repeat("{ dog {", " friend {", 11, " id } } } } } } } } } } } } }");
    must_refuse(&t, &q, "nested more than 12 deep");
    q = repeat("{ dog {", " friend {", 10, " id } } } } } } } } } } } }");
    must_accept(&t, &q);
    q = repeat("{ dog {", " a: id", 201, " } }");
    must_refuse(&t, &q, "More than 200 aliases");
    q = repeat("{ dog {", " a: id", 200, " } }");
    must_accept(&t, &q);
    q = repeat(
        "{", " a1: huge a2: huge a3: huge a4: huge a5: huge a6: huge a7: huge", 1,
        " b1: huge b2: huge b3: huge b4: huge b5: huge b6: huge b7: huge c1: huge c2: huge"
        " c3: huge c4: huge c5: huge c6: huge huge }");
    must_refuse(&t, &q, "More than 20 root fields");
    q = repeat("{ dog {", " id", 5000, " } }");
    must_refuse(&t, &q, "More than 5000 selections");
    q = repeat("{ dog", " @skip(if: true)", 51, " { id } }");
    cr_assert_null(tiny_start(&t, q.data, NULL));
    cr_assert_not_null(strstr(t.response.data, "More than 50 directives"));
    ns_buf_fini(&q);
    tiny_fini(&t);
}

Test(graphql_limits, doubling_fragments_are_refused_without_being_walked) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    struct ns_buf q = NS_BUF(1 << 20);
    ns_buf_text(&q, "{ dog { ...F0 } }");
    for (int i = 0; i < 900; i++) {
        ns_buf_fmt(&q, " fragment F%d on Dog { ...F%d ...F%d }", i, i + 1, i + 1);
    }
    ns_buf_text(&q, " fragment F900 on Dog { id }");
    must_refuse(&t, &q, "counting fragments as often as they are spread");
    q = NS_BUF(1 << 20);
    ns_buf_text(&q, "{ dog { ...F0 } }");
    for (int i = 0; i < 40; i++) {
        ns_buf_fmt(&q, " fragment F%d on Dog { a: friend { ...F%d } b: friend { ...F%d } }", i,
                   i + 1, i + 1);
    }
    ns_buf_text(&q, " fragment F40 on Dog { id }");
    must_refuse(&t, &q, "nested more than 12 deep");
    tiny_fini(&t);
}

Test(graphql_limits, the_list_of_errors_ends_after_twenty) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    struct ns_buf q = repeat("{ dog {", " x", 500, " } }");
    cr_assert_null(tiny_start(&t, q.data, NULL));
    size_t n = 0;
    for (const char *p = t.response.data; (p = strstr(p, "\"message\"")) != NULL; p++) {
        n++;
    }
    cr_assert_eq(n, 21);
    cr_assert_not_null(strstr(t.response.data, "TOO_MANY_ERRORS"));
    ns_buf_fini(&q);
    tiny_fini(&t);
}
