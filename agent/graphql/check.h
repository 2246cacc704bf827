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
    uint16_t type;  /* what it selects from; GQL_NONE */
    uint32_t mark;  /* number of the operation that visited it */
    uint32_t flat;  /* the same, of the rule on subscriptions */
    bool visited;   /* cycles */
    uint32_t place; /* 1 + index in the path being followed; 0: not in it */
    bool used;
    bool measured;
    uint32_t selections, depth; /* expanded */
    uint32_t lists;             /* 1 + introspection lists above it, as last looked at */
    uint32_t lists_root;        /* for which field */
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
    uint32_t steps; /* of overlap.c */
    bool may_introspect;
    bool bad;
};

/* The precision and pointer of "%.*s" for a name, cut at 120 bytes. */
#define SHORT(str) (int)((str).n < 120 ? (str).n : 120), (str).p

/* A broken rule at one place of the document, or at two. */
void gql_fault2(struct gql_check *c, uint32_t at, uint32_t at2, const char *format, ...)
    NS_PRINTF(4, 5);
#define fault(c, at, ...) gql_fault2((c), (at), UINT32_MAX, __VA_ARGS__)
/* At any number of places. */
void gql_fault_at(struct gql_check *c, const uint32_t *at, uint32_t n, const char *format, ...)
    NS_PRINTF(4, 5);
/* A limit passed; format holds one %u. */
void gql_over(struct gql_check *c, uint32_t at, const char *format, uint32_t limit);
const char *gql_ref_text(struct gql_check *c, struct gql_ref ref);

/* The part of a fragment's node; NULL for NULL. */
struct gql_part *gql_part_of(const struct gql_check *c, const struct gql_node *fragment);

/* rules.c */
void gql_check_cycles(struct gql_check *c);
void gql_check_uses(struct gql_check *c);
void gql_check_introspection(struct gql_check *c);
void gql_check_limits(struct gql_check *c);
/* overlap.c. True when it found something. */
bool gql_check_overlap(struct gql_check *c);
/* mark: a number of the operation's own, not 0. */
void gql_check_subscription(struct gql_check *c, const struct gql_part *p, uint32_t mark);
