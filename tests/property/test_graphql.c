/* Properties of the engine over seeded random queries that are valid by construction:
 * the answer is JSON, and it does not depend on blanks, commas and comments, on whether a part
 * stands in a fragment, on repeating a field, or on the plan cache. */
#include "tests/unit/graphql/tiny.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint32_t next(uint32_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 11) % n;
}

enum style { PLAIN, SPACED, IN_FRAGMENTS, TWICE, STYLES };

/* Between two tokens. */
static void gap(struct ns_buf *b, enum style style) {
    static const char *const gaps[] = {"  ", ",\n", " # note }\r\n", "\t,,"};
    ns_buf_text(b, style == SPACED ? gaps[b->len % 4] : " ");
}

/* A selection set on Dog. The random choices are the same for every style: only `style`
 * decides how it is written. */
static void dog_set(struct ns_buf *b, enum style style, int depth, struct ns_buf *fragments,
                    int *fragment_count) {
    static const char *const leaves[] = {
        "id",         "name",     "size", "age",   "weight",
        "price",      "maybeBad", "bad",  "count", "tricks(first:3)",
        "__typename", "extra"};
    static const char *const objects[] = {"friend", "puppies", "mother"};
    uint32_t n = 1 + next(4);
    struct ns_buf body = NS_BUF(1 << 20);
    for (uint32_t i = 0; i < n; i++) {
        gap(&body, style);
        ns_buf_fmt(&body, "k%u:", i);
        gap(&body, style);
        if (depth > 0 && next(3) == 0) {
            /* mother is always null and not allowed to be: rare, so that data is left over */
            uint32_t which = next(8);
            ns_buf_text(&body, objects[which < 7 ? which % 2 : 2]);
            dog_set(&body, style, depth - 1, fragments, fragment_count);
        } else {
            uint32_t which = next(40);
            ns_buf_text(&body, leaves[which < NS_COUNT(leaves) ? which : which % 6]);
        }
    }
    gap(&body, style);
    ns_buf_char(b, '{');
    if (style == IN_FRAGMENTS) {
        int k = (*fragment_count)++;
        ns_buf_fmt(b, "...F%d", k);
        ns_buf_fmt(fragments, " fragment F%d on Dog { ... {%s} }", k, body.data);
    } else {
        ns_buf_str(b, ns_buf_view(&body));
    }
    if (style == TWICE) {
        ns_buf_str(b, ns_buf_view(&body));
    }
    ns_buf_char(b, '}');
    ns_buf_fini(&body);
}

static struct ns_buf query_of(uint64_t seed, enum style style) {
    struct ns_buf b = NS_BUF(1 << 20);
    struct ns_buf fragments = NS_BUF(1 << 20);
    int count = 0;
    state = seed;
    ns_buf_text(&b, "query");
    gap(&b, style);
    ns_buf_text(&b, next(2) == 0 ? "{ dogs" : "{ dogsMaybe");
    dog_set(&b, style, 3, &fragments, &count);
    ns_buf_text(&b, "}");
    ns_buf_str(&b, ns_buf_view(&fragments));
    ns_buf_fini(&fragments);
    return b;
}

/* The answer without its errors, whose places and number differ between the styles. */
static char *data_of(struct tiny *t, const char *query) {
    const char *got = tiny_run(t, query, NULL);
    struct gql_value answer;
    cr_assert_eq(gql_json_read(&t->arena, ns_str_of(got), &answer, NULL, NULL), NS_OK, "%s",
                 got);
    const struct gql_value *data = gql_map_get(&answer, "data");
    cr_assert_not_null(data, "%s\n%s", query, got);
    struct ns_buf b = NS_BUF(1 << 20);
    gql_json_value(&b, data);
    return ns_buf_take(&b);
}

Test(graphql_property, the_answer_does_not_depend_on_how_the_query_is_written) {
    struct tiny t;
    tiny_init(&t, (struct gql_limits){.plans = 4, .aliases = 5000, .selections = 100000});
    size_t with_data = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        char *answers[STYLES + 1];
        for (int style = 0; style <= STYLES; style++) { /* the last: PLAIN, from the cache */
            struct ns_buf q = query_of(seed * 0x9E3779B97F4A7C15ULL,
                                       style == STYLES ? PLAIN : (enum style)style);
            answers[style] = data_of(&t, q.data);
            cr_assert_str_eq(answers[style], answers[0], "seed %llu style %d\n%s",
                             (unsigned long long)seed, style, q.data);
            ns_buf_fini(&q);
        }
        with_data += strcmp(answers[0], "null") != 0 ? 1 : 0;
        for (int style = 0; style <= STYLES; style++) {
            free(answers[style]);
        }
    }
    cr_assert_gt(with_data, 100, "most queries must have data: %zu", with_data);
    tiny_fini(&t);
}
