/* check.h: what validate.c notes of a document and rules.c reads. Not for other files.
 * Ownership: the plan's arena. Threads: one. */
#pragma once
#include "agent/graphql/internal.h"

struct gql_usage {
    struct gql_usage *next;
    const struct gql_node *node;
    struct gql_ref ref; /* type GQL_NONE: position unknown */
    bool has_default;
    bool one_of;
};

struct gql_spread {
    struct gql_spread *next;
    const struct gql_node *node;
    struct gql_part *target;
};

/* What one definition uses. */
struct gql_part {
    struct gql_part *next;
    struct gql_node *node;
    struct gql_usage *usages;
    struct gql_spread *spreads;
    uint32_t mark; /* number of the operation that visited it */
    uint8_t color; /* cycles: 0 new, 1 open, 2 done */
    bool used;
    bool measured;
    uint32_t selections, depth, lists; /* expanded */
};

struct gql_check {
    const struct gql_engine *engine;
    const struct gql_schema *s;
    struct ns_arena *arena;
    struct gql_document *doc;
    struct gql_errors *errors;
    struct gql_part *parts;
    struct gql_part *part; /* being walked */
    uint32_t aliases;
    bool may_introspect;
    bool bad;
};

/* The precision and pointer of "%.*s" for a name, cut at 120 bytes. */
#define SHORT(str) (int)((str).n < 120 ? (str).n : 120), (str).p

/* A broken rule at one place of the document, or at two. */
void gql_fault2(struct gql_check *c, uint32_t at, uint32_t at2, const char *format, ...)
    NS_PRINTF(4, 5);
#define fault(c, at, ...) gql_fault2((c), (at), UINT32_MAX, __VA_ARGS__)
/* A limit passed; format holds one %u. */
void gql_over(struct gql_check *c, uint32_t at, const char *format, uint32_t limit);
const char *gql_ref_text(struct gql_check *c, struct gql_ref ref);

void gql_check_cycles(struct gql_check *c, struct gql_part *p);
void gql_check_uses(struct gql_check *c);
void gql_check_limits(struct gql_check *c);
