/* tiny.h: a small schema of kennels and dogs with resolvers, for the engine's tests. */
#pragma once
#include "agent/graphql/graphql.h"

struct tiny {
    struct ns_arena schema_arena;
    struct ns_arena arena;
    const struct gql_schema *schema;
    struct gql_engine *engine;
    struct ns_buf response;
    struct gql_exec *exec; /* of tiny_start() */
    /* What the resolvers do and saw. */
    const char *log[32];
    size_t log_count;
    size_t batch_calls;
    size_t batch_objects;
};

extern const char tiny_sdl[];

void tiny_init(struct tiny *t, struct gql_limits limits);
void tiny_fini(struct tiny *t);
/* Run a request to its end: the response. variables is JSON text or NULL. A mutation that
 * waits is resumed at once with what tiny_pending() says. */
const char *tiny_run(struct tiny *t, const char *query, const char *variables);
const char *tiny_run_named(struct tiny *t, const char *query, const char *name,
                           const char *variables);
struct gql_exec *tiny_start(struct tiny *t, const char *query, const char *variables);
