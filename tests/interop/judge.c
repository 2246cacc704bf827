/* judge.c: the engine's verdict on documents, for the comparison with graphql-js.
 * judge SCHEMA.graphql: reads one JSON string a line, answers one line of JSON each:
 * {} when the document is accepted, else {"errors":[...]}. Custom scalars take any value, as
 * those of graphql-js's buildSchema() do. */
#include "agent/graphql/graphql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 22 };

static struct ns_str read_file(struct ns_arena *arena, const char *path) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    char *text = ns_arena_alloc(arena, TEXT_MAX);
    size_t n = fread(text, 1, TEXT_MAX, f);
    fclose(f);
    return (struct ns_str){text, n};
}

static struct gql_engine *make_engine(struct ns_arena *arena, const char *path) {
    struct ns_err err = {0};
    const struct gql_schema *schema;
    if (gql_schema_compile(arena, read_file(arena, path), &schema, &err) != NS_OK) {
        fprintf(stderr, "%s: %s\n", path, err.note);
        exit(2);
    }
    struct gql_scalar_bind *scalars =
        NS_NEW_N(arena, struct gql_scalar_bind, schema->type_count);
    size_t n = 0;
    for (uint16_t t = GQL_BUILT_IN_TYPES; t < schema->type_count; t++) {
        if (schema->types[t].kind == GQL_KIND_SCALAR) {
            scalars[n++] = (struct gql_scalar_bind){t, gql_scalar_json};
        }
    }
    enum { MANY = 1000000 };
    struct gql_config config = {.schema = schema,
                                .scalars = scalars,
                                .scalar_count = n,
                                .limits = {.tokens = MANY,
                                           .depth = MANY,
                                           .aliases = MANY,
                                           .root_fields = MANY,
                                           .selections = MANY,
                                           .directives = MANY,
                                           .variables = MANY,
                                           .errors = 1000,
                                           .plans = 1}};
    struct gql_engine *engine;
    if (gql_engine_new(&config, &engine, &err) != NS_OK) {
        fprintf(stderr, "%s: %s\n", path, err.note);
        exit(2);
    }
    return engine;
}

static void judge(struct gql_engine *engine, struct ns_str line) {
    struct ns_arena arena = {0};
    struct gql_value text;
    size_t offset;
    struct ns_buf response = NS_BUF(TEXT_MAX);
    if (gql_json_read(&arena, line, &text, NULL, &offset) != NS_OK || text.kind != GQL_STRING) {
        fprintf(stderr, "a line is no JSON string\n");
        exit(2);
    }
    struct gql_body body = {.query = text.text};
    struct gql_exec *exec = gql_exec_new(engine, &arena, &body, true, &response);
    /* Refusals after validation (a variable that was not given, several operations) do not
     * concern the document. */
    bool bad = exec == NULL && strstr(response.data, "\"code\":\"BAD_USER_INPUT\"") == NULL;
    printf("%s\n", bad ? response.data : "{}");
    gql_exec_free(exec);
    ns_buf_fini(&response);
    ns_arena_fini(&arena);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: judge SCHEMA.graphql\n");
        return 2;
    }
    struct ns_arena arena = {0};
    struct gql_engine *engine = make_engine(&arena, argv[1]);
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, stdin)) > 0) {
        judge(engine, (struct ns_str){line, (size_t)n - (line[n - 1] == '\n' ? 1 : 0)});
    }
    free(line);
    gql_engine_free(engine);
    ns_arena_fini(&arena);
    return 0;
}
