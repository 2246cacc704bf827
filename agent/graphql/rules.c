/* rules.c: the rules that follow fragments from operation to operation (cycles, variables,
 * unused fragments) and the limits on the expanded document. They run over the notes of
 * validate.c. */
#include "agent/graphql/check.h"

/* ---- rules that follow fragments ---- */

/* The spreads of a fragment's body: those of the outermost selections first, then of the inner
 * ones, the last inner one first. It decides which way round a cycle is told, and is the order
 * in which other tools tell it. */
struct spreads {
    const struct gql_node **nodes;
    uint32_t count, room;
};

static void push(struct gql_check *c, struct spreads *s, const struct gql_node *n) {
    if (s->count == s->room) {
        const struct gql_node **old = s->nodes;
        s->room = s->room == 0 ? 16 : 2 * s->room;
        s->nodes = NS_NEW_N(c->arena, const struct gql_node *, s->room);
        for (uint32_t i = 0; i < s->count; i++) {
            s->nodes[i] = old[i];
        }
    }
    s->nodes[s->count++] = n;
}

static struct spreads spreads_of(struct gql_check *c, const struct gql_node *list) {
    struct spreads found = {0};
    struct spreads open = {0}; /* first selections of the sets to look into */
    push(c, &open, list);
    while (open.count > 0) {
        for (const struct gql_node *n = open.nodes[--open.count]; n != NULL; n = n->next) {
            if (n->kind == GQL_N_SPREAD) {
                push(c, &found, n);
            } else if (n->selections != NULL) {
                push(c, &open, n->selections);
            }
        }
    }
    return found;
}

static void report_cycle(struct gql_check *c, const struct spreads *path, uint32_t first) {
    struct ns_buf via = NS_BUF(4096);
    uint32_t at[64];
    uint32_t n = 0;
    for (uint32_t i = first; i < path->count; i++) {
        if (n < NS_COUNT(at)) {
            at[n++] = path->nodes[i]->at;
        }
        if (i + 1 < path->count) {
            ns_buf_fmt(&via, "%s\"%.*s\"", i == first ? " via " : ", ",
                       SHORT(path->nodes[i]->name));
        }
    }
    gql_fault_at(c, at, n, "Cannot spread fragment \"%.*s\" within itself%s.",
                 SHORT(path->nodes[path->count - 1]->name), via.len > 0 ? via.data : "");
    ns_buf_fini(&via);
}

static bool same_fragment(const struct gql_part *a, const struct gql_part *b) {
    return a->node->kind == b->node->kind && ns_str_eq(a->node->name, b->node->name);
}

/* body: usually p's own; of two fragments with one name the first is begun with, and spreads
 * lead to the last. */
static void follow_cycle(struct gql_check *c, struct gql_part *p, const struct gql_part *body,
                         struct spreads *path) {
    if (p->visited || body->spreads == NULL) {
        return;
    }
    p->visited = true;
    p->place = path->count + 1;
    struct spreads s = spreads_of(c, body->node->selections);
    for (uint32_t i = 0; i < s.count; i++) {
        struct gql_part *target = gql_part_of(c, s.nodes[i]->note);
        push(c, path, s.nodes[i]);
        if (target != NULL && target->place > 0) {
            report_cycle(c, path, target->place - 1);
        } else if (target != NULL) {
            follow_cycle(c, target, target, path);
        }
        path->count--;
    }
    p->place = 0;
}

void gql_check_cycles(struct gql_check *c) {
    struct spreads path = {0};
    for (struct gql_part *p = c->parts; p != NULL; p = p->next) {
        struct gql_part *last = p;
        for (struct gql_part *q = p->spreads == NULL ? NULL : p->next; q != NULL; q = q->next) {
            last = same_fragment(q, p) ? q : last;
        }
        if (p->node->kind == GQL_N_FRAGMENT) {
            follow_cycle(c, last, p, &path);
        }
    }
}

/* May a variable of type `have` stand where `want` is expected? */
static bool fits(struct gql_ref have, struct gql_ref want) {
    if (have.type != want.type) {
        return false;
    }
    for (;;) {
        if (gql_ref_non_null(want)) {
            if (!gql_ref_non_null(have)) {
                return false;
            }
            want = gql_ref_inner(want);
            have = gql_ref_inner(have);
        } else if (gql_ref_non_null(have)) {
            have = gql_ref_inner(have);
        } else if (gql_ref_list(want) != gql_ref_list(have)) {
            return false;
        } else if (!gql_ref_list(want)) {
            return true;
        } else {
            want = gql_ref_inner(want);
            have = gql_ref_inner(have);
        }
    }
}

static void check_usage(struct gql_check *c, const struct gql_node *op,
                        const struct gql_usage *u) {
    struct gql_node *v = NULL; /* the last of that name, where there should be one */
    for (struct gql_node *d = op->args; d != NULL; d = d->next) {
        if (ns_str_eq(d->name, u->node->name)) {
            d->seen = true;
            v = d;
        }
    }
    if (v == NULL) {
        if (op->name.n > 0) {
            gql_fault2(c, u->node->at, op->at,
                       "Variable \"$%.*s\" is not defined by operation \"%.*s\".",
                       SHORT(u->node->name), SHORT(op->name));
        } else {
            gql_fault2(c, u->node->at, op->at, "Variable \"$%.*s\" is not defined.",
                       SHORT(u->node->name));
        }
        return;
    }
    if (v->note == NULL || u->ref.type == GQL_NONE) {
        return;
    }
    struct gql_ref have = *(const struct gql_ref *)v->note;
    struct gql_ref want = u->ref;
    if (u->one_of && !gql_ref_non_null(have)) {
        gql_fault2(c, v->at, u->node->at,
                   "Variable \"$%.*s\" is of type \"%s\" but must be non-nullable to be used "
                   "for OneOf "
                   "Input Object.",
                   SHORT(v->name), gql_ref_text(c, have));
        return;
    }
    bool own_default = v->value != NULL && v->value->kind != GQL_N_NULL;
    if (gql_ref_non_null(want) && !gql_ref_non_null(have) && (own_default || u->has_default)) {
        want = gql_ref_inner(want);
    }
    if (!fits(have, want)) {
        gql_fault2(c, v->at, u->node->at,
                   "Variable \"$%.*s\" of type \"%s\" used in position expecting type \"%s\".",
                   SHORT(v->name), gql_ref_text(c, have), gql_ref_text(c, u->ref));
    }
}

static void follow(struct gql_check *c, struct gql_part *p, const struct gql_node *op,
                   uint32_t mark) {
    p->mark = mark;
    p->used = true;
    for (const struct gql_usage *u = p->usages; u != NULL; u = u->next) {
        check_usage(c, op, u);
    }
    for (const struct gql_spread *s = p->spreads; s != NULL; s = s->next) {
        if (s->target->mark != mark) {
            follow(c, s->target, op, mark);
        }
    }
}

/* Of two fragments with one name a spread means both. */
static bool twin_used(const struct gql_check *c, const struct gql_part *p) {
    for (const struct gql_part *q = c->parts; q != NULL; q = q->next) {
        if (q->used && ns_str_eq(q->node->name, p->node->name)) {
            return true;
        }
    }
    return false;
}

void gql_check_uses(struct gql_check *c) {
    uint32_t mark = 0;
    for (struct gql_part *p = c->parts; p != NULL; p = p->next) {
        if (p->node->kind != GQL_N_OPERATION) {
            continue;
        }
        follow(c, p, p->node, ++mark);
        for (const struct gql_node *v = p->node->args; v != NULL; v = v->next) {
            if (!v->seen && p->node->name.n > 0) {
                fault(c, v->at, "Variable \"$%.*s\" is never used in operation \"%.*s\".",
                      SHORT(v->name), SHORT(p->node->name));
            } else if (!v->seen) {
                fault(c, v->at, "Variable \"$%.*s\" is never used.", SHORT(v->name));
            }
        }
    }
    for (const struct gql_part *p = c->parts; p != NULL; p = p->next) {
        if (p->node->kind == GQL_N_FRAGMENT && !p->used && !twin_used(c, p)) {
            fault(c, p->node->at, "Fragment \"%.*s\" is never used.", SHORT(p->node->name));
        }
    }
}

/* ---- limits ---- */

struct gql_part *gql_part_of(const struct gql_check *c, const struct gql_node *fragment) {
    struct gql_part *p = c->parts;
    while (p != NULL && p->node != fragment) {
        p = p->next;
    }
    return p;
}

/* Lists of the meta fields inside each other multiply with every level. */
#define INTROSPECTION_LISTS 3

static bool meta_list(const struct gql_node *n) {
    return ns_str_is(n->name, "fields") || ns_str_is(n->name, "interfaces") ||
           ns_str_is(n->name, "possibleTypes") || ns_str_is(n->name, "inputFields");
}

/* Do lists nest too deep in n, which stands below `lists` of them? A fragment is looked into
 * again only when it is reached deeper than before. */
static bool lists_too_deep(struct gql_check *c, const struct gql_node *n, uint32_t lists,
                           uint32_t root) {
    const struct gql_node *inner = n->selections;
    if (n->kind == GQL_N_SPREAD) {
        struct gql_part *p = gql_part_of(c, n->note);
        if (p == NULL || (p->lists_root == root && p->lists > lists)) {
            return false;
        }
        p->lists_root = root;
        p->lists = lists + 1;
        inner = p->node->selections;
    } else if (n->kind == GQL_N_FIELD && meta_list(n) && ++lists >= INTROSPECTION_LISTS) {
        return true;
    }
    for (; inner != NULL; inner = inner->next) {
        if (lists_too_deep(c, inner, lists, root)) {
            return true;
        }
    }
    return false;
}

static void check_meta(struct gql_check *c, const struct gql_node *list, uint32_t *root) {
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        bool meta = n->kind == GQL_N_FIELD &&
                    (ns_str_is(n->name, "__schema") || ns_str_is(n->name, "__type"));
        if (meta && lists_too_deep(c, n, 0, ++*root)) {
            gql_over(c, n->at, "Introspection lists are nested %u deep or more.",
                     INTROSPECTION_LISTS);
        } else {
            check_meta(c, n->selections, root);
        }
    }
}

void gql_check_introspection(struct gql_check *c) {
    uint32_t root = 0;
    for (const struct gql_part *p = c->parts; p != NULL; p = p->next) {
        check_meta(c, p->node->selections, &root);
    }
}

struct size {
    uint32_t selections, depth;
};

static uint32_t add(uint32_t a, uint32_t b) {
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static struct size measure(struct gql_check *c, const struct gql_node *list);

static struct size measure_part(struct gql_check *c, struct gql_part *p) {
    if (!p->measured) {
        struct size size = measure(c, p->node->selections);
        p->selections = size.selections;
        p->depth = size.depth;
        p->measured = true;
    }
    return (struct size){p->selections, p->depth};
}

/* Everything below list, fragments counted each time they are spread. */
static struct size measure(struct gql_check *c, const struct gql_node *list) {
    struct size all = {0};
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        struct size one = n->kind == GQL_N_SPREAD ? measure_part(c, gql_part_of(c, n->note))
                                                  : measure(c, n->selections);
        if (n->kind == GQL_N_FIELD) {
            const struct gql_field_def *def = n->note;
            bool of_type =
                def != NULL && def->owner == GQL_T___Type && ns_str_is(n->name, "ofType");
            one.depth += of_type ? 0 : 1;
        }
        all.selections = add(all.selections, add(one.selections, 1));
        all.depth = one.depth > all.depth ? one.depth : all.depth;
    }
    return all;
}

void gql_check_limits(struct gql_check *c) {
    const struct gql_limits *l = &c->engine->limits;
    uint32_t total = 0;
    if (c->aliases > l->aliases) {
        gql_over(c, 0, "More than %u aliases.", l->aliases);
    }
    for (struct gql_part *p = c->parts; p != NULL; p = p->next) {
        if (p->node->kind != GQL_N_OPERATION) {
            continue;
        }
        struct size size = measure_part(c, p);
        total = add(total, size.selections);
        if (size.depth > l->depth) {
            gql_over(c, p->node->at, "Fields are nested more than %u deep.", l->depth);
        }
    }
    if (total > l->selections) {
        gql_over(c, 0,
                 "More than %u selections, counting fragments as often as they are spread.",
                 l->selections);
    }
}
