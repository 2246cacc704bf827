/* test_warm.c: a request whose plan is known takes no memory from the system. Every malloc of
 * the program is counted: by the sanitizer's hooks where it runs, else by standing in front of
 * the C library's functions. */
#include "tests/unit/graphql/tiny.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static size_t allocations;

#ifdef __SANITIZE_ADDRESS__
#define HOOKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOOKED 1
#endif
#endif

#ifdef HOOKED
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));
static void on_malloc(const volatile void *p, size_t n) {
    (void)p;
    (void)n;
    allocations++;
}
static void on_free(const volatile void *p) {
    (void)p;
}
static void count_from_now(void) {
    static bool installed;
    if (!installed) {
        cr_assert(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0);
        installed = true;
    }
    allocations = 0;
}
#else
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n) {
    allocations++;
    return __libc_malloc(n);
}
void *calloc(size_t n, size_t size) {
    allocations++;
    return __libc_calloc(n, size);
}
void *realloc(void *p, size_t n) {
    allocations++;
    return __libc_realloc(p, n);
}
static void count_from_now(void) {
    allocations = 0;
}
#endif

Test(graphql_warm, the_counter_counts) {
    count_from_now();
    char *volatile p = malloc(10);
    cr_assert_geq(allocations, 1);
    free(p);
}

Test(graphql_warm, a_known_document_takes_no_memory_from_the_system) {
    static const struct {
        const char *query, *variables;
        size_t allowed;
    } rows[] = {
        {"{ dogs(n: 3) { id name size price born seen extra puppies { name tricks } count } }",
         NULL, 0},
        {"query ($n: Int!, $c: Collar) { must(n: $n) echo(n: $n, collar: $c, list: [1, 2]) }",
         "{\"n\": 7, \"c\": {\"owner\": \"Ada\", \"tags\": [\"a\", \"b\"]}}",
         1 /* the test's own resolver of echo */},
        {"mutation { first(n: 3) second slow(n: 1) }", NULL, 0},
        {"{ a: dog(id: 1) { bad } dog(id: 2) { maybeBad friend { name } } __typename }", NULL,
         1 /* a text for the errors */},
    };
    struct tiny t;
    tiny_init(&t, (struct gql_limits){0});
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        tiny_run(&t, rows[i].query, rows[i].variables);
        tiny_run(&t, rows[i].query, rows[i].variables);
        count_from_now();
        const char *answer = tiny_run(&t, rows[i].query, rows[i].variables);
        size_t n = allocations;
        cr_assert_not_null(strstr(answer, "\"data\""), "%s", answer);
        cr_assert_eq(n, rows[i].allowed, "%zu allocations for %s: %s", n, rows[i].query,
                     answer);
    }
    tiny_fini(&t);
}
