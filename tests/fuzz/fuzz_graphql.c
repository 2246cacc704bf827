/* Any bytes as a query against the household schema: lexer, parser, rules, plan; what is
 * accepted runs, with every root field unserved. */
#include "agent/graphql/graphql.h"
#include "agent/graphql/schema_gen.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct gql_scalar_bind scalars[] = {{GQL_T_Date, gql_scalar_date},
                                                     {GQL_T_DateTime, gql_scalar_datetime},
                                                     {GQL_T_Decimal, gql_scalar_decimal},
                                                     {GQL_T_JSON, gql_scalar_json},
                                                     {GQL_T_Money, gql_scalar_money}};
    const struct gql_config config = {
        .schema = &gql_schema_nestsync, .scalars = scalars, .scalar_count = NS_COUNT(scalars)};
    struct gql_engine *engine = NULL;
    struct ns_err err = {0};
    if (gql_engine_new(&config, &engine, &err) != NS_OK) {
        abort();
    }
    struct ns_arena arena = {0};
    struct ns_buf response = NS_BUF(1 << 20);
    struct gql_body body = {.query = {(const char *)data, size}};
    struct gql_exec *x = gql_exec_new(engine, &arena, &body, true, &response);
    if (x != NULL && gql_exec_operation(x) != GQL_SUBSCRIPTION &&
        gql_exec_run(x, NULL) != GQL_DONE) {
        abort();
    }
    /* Every answer is JSON. */
    bool subscription = x != NULL && gql_exec_operation(x) == GQL_SUBSCRIPTION;
    struct gql_value answer;
    if (!subscription && response.len < 60000 &&
        gql_json_read(&arena, ns_buf_view(&response), &answer, NULL, NULL) != NS_OK) {
        abort();
    }
    gql_exec_free(x);
    ns_buf_fini(&response);
    ns_arena_fini(&arena);
    gql_engine_free(engine);
    return 0;
}
