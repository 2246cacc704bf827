/* bench_graphql: parse + validate + plan of the documented dashboard query, and the same
 * request answered from the plan cache. Prints microseconds per request. */
#include "agent/graphql/graphql.h"
#include "agent/graphql/schema_gen.h"
#include "shared/base/env.h"

#include <stdio.h>
#include <time.h>

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct gql_engine *engine_of(uint32_t plans) {
    static const struct gql_scalar_bind scalars[] = {{GQL_T_Date, gql_scalar_date},
                                                     {GQL_T_DateTime, gql_scalar_datetime},
                                                     {GQL_T_Decimal, gql_scalar_decimal},
                                                     {GQL_T_JSON, gql_scalar_json},
                                                     {GQL_T_Money, gql_scalar_money}};
    const struct gql_config config = {.schema = &gql_schema_nestsync,
                                      .scalars = scalars,
                                      .scalar_count = NS_COUNT(scalars),
                                      .limits = {.plans = plans}};
    struct gql_engine *e = NULL;
    struct ns_err err = {0};
    return gql_engine_new(&config, &e, &err) == NS_OK ? e : NULL;
}

/* Two texts in turn with room for one plan: every request is a miss. With 64 plans: hits. */
static double run(uint32_t plans, struct ns_str text, int rounds) {
    struct gql_engine *e = engine_of(plans);
    struct ns_arena arena = {0};
    struct ns_buf response = NS_BUF(1 << 20);
    struct ns_buf other = NS_BUF(1 << 16);
    ns_buf_str(&other, text);
    ns_buf_text(&other, "\n");
    const struct ns_str texts[2] = {text, ns_buf_view(&other)};
    double began = now_us();
    for (int i = 0; i < rounds; i++) {
        struct gql_body body = {.query = texts[i % 2]};
        struct gql_exec *x = gql_exec_new(e, &arena, &body, false, &response);
        if (x == NULL) {
            puts(response.data);
            break;
        }
        gql_exec_free(x);
        ns_arena_reset(&arena);
    }
    double took = (now_us() - began) / rounds;
    ns_buf_fini(&other);
    ns_buf_fini(&response);
    ns_arena_fini(&arena);
    gql_engine_free(e);
    return took;
}

int main(int argc, char **argv) {
    struct ns_buf text = NS_BUF(1 << 16);
    if (argc != 2 || ns_env_system()->read_file(NULL, argv[1], &text, NULL) != NS_OK) {
        fputs("use: bench_graphql DOCUMENT.graphql\n", stderr);
        return 64;
    }
    printf("miss_us %.2f\n", run(1, ns_buf_view(&text), 20000));
    printf("hit_us %.2f\n", run(64, ns_buf_view(&text), 200000));
    ns_buf_fini(&text);
    return 0;
}
