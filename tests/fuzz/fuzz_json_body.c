/* Any bytes as a request body. What is read is written and read again: the same tree. */
#include "agent/graphql/graphql.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ns_arena arena = {0};
    struct ns_buf first = NS_BUF(8 << 20);
    struct ns_buf second = NS_BUF(8 << 20);
    struct ns_str text = {(const char *)data, size};
    struct gql_body body;
    struct gql_value v;
    (void)!gql_body_read(&arena, text, &body, &first);
    ns_buf_clear(&first);
    if (gql_json_read(&arena, text, &v, NULL, NULL) == NS_OK) {
        gql_json_value(&first, &v);
        if (gql_json_read(&arena, ns_buf_view(&first), &v, NULL, NULL) != NS_OK) {
            abort();
        }
        gql_json_value(&second, &v);
        if (!ns_str_eq(ns_buf_view(&first), ns_buf_view(&second))) {
            abort();
        }
    }
    ns_buf_fini(&first);
    ns_buf_fini(&second);
    ns_arena_fini(&arena);
    return 0;
}
