/* The JSON reader and writer, and request bodies. */
#include "agent/graphql/graphql.h"

#include <criterion/criterion.h>
#include <string.h>

/* Read and write again; NULL when refused. */
static char *again(struct ns_arena *arena, struct ns_str text) {
    struct gql_value v;
    if (gql_json_read(arena, text, &v, NULL, NULL) != NS_OK) {
        return NULL;
    }
    struct ns_buf b = NS_BUF(1 << 20);
    gql_json_value(&b, &v);
    char *copy = ns_arena_copy(arena, ns_buf_view(&b));
    ns_buf_fini(&b);
    return copy;
}

Test(graphql_json, what_is_json_is_read_exactly) {
    static const char *const rows[][2] = {
        {" {\"a\" : [ 1 , -0.50e+2, true,false, null ], \"b\":{}, \"c\":[] } ",
         "{\"a\":[1,-0.50e+2,true,false,null],\"b\":{},\"c\":[]}"},
        {"12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"},
        {"\"a\\u0041\\n\\/\\\\\\\"\\ud83d\\ude00\"", "\"aA\\n/\\\\\\\"\xF0\x9F\x98\x80\""},
        {"\"\\u0000\\u001f\"", "\"\\u0000\\u001f\""},
        {"\"\xC3\xA9\"", "\"\xC3\xA9\""},
        {"0", "0"},
        {"-0", "-0"},
    };
    struct ns_arena arena = {0};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        const char *got = again(&arena, ns_str_of(rows[i][0]));
        cr_assert_not_null(got, "%s", rows[i][0]);
        cr_assert_str_eq(got, rows[i][1]);
    }
    ns_arena_fini(&arena);
}

Test(graphql_json, what_is_not_json_is_refused) {
    static const char *const rows[] = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "-",
        "--1",
        "0x1",
        "NaN",
        "Infinity",
        "tru",
        "nulll",
        "1 2",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800\\ud800\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"\xFF\"",
        "\"\xC0\x80\"",
        "\"\xED\xA0\x80\"",
        "\"\xF4\x90\x80\x80\"",
        "\"\xE2\x82\"",
        "\xEF\xBB\xBF{}",
        "{} // c",
        "[1}",
    };
    struct ns_arena arena = {0};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        cr_assert_null(again(&arena, ns_str_of(rows[i])), "%s", rows[i]);
    }
    ns_arena_fini(&arena);
}

Test(graphql_json, depth_and_number_of_values_have_borders) {
    struct ns_arena arena = {0};
    struct ns_buf b = NS_BUF(1 << 20);
    for (int depth = 64; depth <= 65; depth++) {
        ns_buf_clear(&b);
        for (int i = 0; i < depth; i++) {
            ns_buf_char(&b, '[');
        }
        for (int i = 0; i < depth; i++) {
            ns_buf_char(&b, ']');
        }
        cr_assert_eq(again(&arena, ns_buf_view(&b)) != NULL, depth == 64);
    }
    ns_buf_clear(&b);
    ns_buf_char(&b, '[');
    for (int i = 0; i < 65535; i++) {
        ns_buf_text(&b, "0,");
    }
    ns_buf_text(&b, "0]");
    cr_assert_null(again(&arena, ns_buf_view(&b)));
    ns_buf_fini(&b);
    ns_arena_fini(&arena);
}

Test(graphql_json, bytes_that_are_no_text_become_the_replacement_mark) {
    struct ns_buf b = NS_BUF(256);
    gql_json_string(&b, (struct ns_str){"a\xFF\x7F\xE2\x82z", 6});
    cr_assert_str_eq(b.data, "\"a\xEF\xBF\xBD\x7F\xEF\xBF\xBD\xEF\xBF\xBDz\"");
    ns_buf_fini(&b);
}

Test(graphql_body, members_are_checked_one_by_one) {
    static const struct {
        const char *json;
        const char *want; /* NULL: accepted */
    } rows[] = {
        {"{\"query\":\"{a}\"}", NULL},
        {"{\"query\":\"{a}\",\"operationName\":null,\"variables\":null,\"extensions\":{}}",
         NULL},
        {"{\"query\":\"{a}\",\"operationName\":\"A\",\"variables\":{\"x\":1},\"more\":1}",
         NULL},
        {"{}", "\\\"query\\\" is missing."},
        {"{\"query\":1}", "\\\"query\\\" must be a string."},
        {"{\"query\":\"{a}\",\"operationName\":1}", "\\\"operationName\\\" must be"},
        {"{\"query\":\"{a}\",\"variables\":[]}", "\\\"variables\\\" must be an object."},
        {"{\"query\":\"{a}\",\"extensions\":\"\"}", "\\\"extensions\\\" must be an object."},
        {"[{\"query\":\"{a}\"}]", "Several requests"},
        {"3", "must be a JSON object"},
        {"{\"query\":", "not valid JSON"},
    };
    struct ns_arena arena = {0};
    struct ns_buf response = NS_BUF(4096);
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct gql_body body;
        ns_rc rc = gql_body_read(&arena, ns_str_of(rows[i].json), &body, &response);
        cr_assert_eq(rc == NS_OK, rows[i].want == NULL, "%s", rows[i].json);
        if (rows[i].want == NULL) {
            cr_assert(ns_str_is(body.query, "{a}"));
        } else {
            cr_assert(strstr(response.data, rows[i].want) != NULL &&
                          strstr(response.data, "BAD_USER_INPUT") != NULL,
                      "%s", response.data);
        }
    }
    ns_buf_fini(&response);
    ns_arena_fini(&arena);
}
