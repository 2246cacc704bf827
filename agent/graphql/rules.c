/* rules.c: the rules that follow fragments from operation to operation (cycles, variables,
 * unused fragments) and the limits on the expanded document. They run over the notes of
 * validate.c. */
#include "agent/graphql/check.h"

/* ---- rules that follow fragments ---- */

void gql_check_cycles(struct gql_check *c, struct gql_part *p) {
    p->color = 1;
    for (const struct gql_spread *s = p->spreads; s != NULL; s = s->next) {
        if (s->target->color == 1) {
            bool self = s->target == p;
            fault(c, s->node->at, "Cannot spread fragment \"%.*s\" within itself%s%.*s%s.",
                  SHORT(s->target->node->name), self ? "" : " via \"",
                  self ? 0 : (int)(p->node->name.n < 120 ? p->node->name.n : 120),
                  p->node->name.p, self ? "" : "\"");
        } else if (s->target->color == 0) {
            gql_check_cycles(c, s->target);
        }
    }
    p->color = 2;
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
    struct gql_node *v = op->args;
    while (v != NULL && !ns_str_eq(v->name, u->node->name)) {
        v = v->next;
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
    v->seen = true;
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
        if (p->node->kind == GQL_N_FRAGMENT && !p->used) {
            fault(c, p->node->at, "Fragment \"%.*s\" is never used.", SHORT(p->node->name));
        }
    }
}

/* ---- limits ---- */

struct size {
    uint32_t selections, depth, lists;
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
        p->lists = size.lists;
        p->measured = true;
    }
    return (struct size){p->selections, p->depth, p->lists};
}

static struct gql_part *part_of(struct gql_check *c, const struct gql_node *fragment) {
    struct gql_part *p = c->parts;
    while (p->node != fragment) {
        p = p->next;
    }
    return p;
}

/* Everything below list, fragments counted each time they are spread. */
static struct size measure(struct gql_check *c, const struct gql_node *list) {
    struct size all = {0};
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        struct size one = n->kind == GQL_N_SPREAD ? measure_part(c, part_of(c, n->note))
                                                  : measure(c, n->selections);
        const struct gql_field_def *def = n->kind == GQL_N_FIELD ? n->note : NULL;
        if (n->kind == GQL_N_FIELD) {
            bool of_type =
                def != NULL && def->owner == GQL_T___Type && ns_str_is(n->name, "ofType");
            bool meta_list =
                def != NULL && def->owner == GQL_T___Type && gql_ref_list(def->ref);
            one.depth += of_type ? 0 : 1;
            one.lists += meta_list ? 1 : 0;
        }
        all.selections = add(all.selections, add(one.selections, 1));
        all.depth = one.depth > all.depth ? one.depth : all.depth;
        all.lists = one.lists > all.lists ? one.lists : all.lists;
    }
    return all;
}

#define INTROSPECTION_LISTS 3

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
        if (size.lists > INTROSPECTION_LISTS) {
            gql_over(c, p->node->at, "Introspection lists are nested more than %u deep.",
                     INTROSPECTION_LISTS);
        }
    }
    if (total > l->selections) {
        gql_over(c, 0,
                 "More than %u selections, counting fragments as often as they are spread.",
                 l->selections);
    }
}
