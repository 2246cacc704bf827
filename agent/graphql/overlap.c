/* overlap.c: the rule "fields in set can merge", with the places a reader needs: the fields
 * that clash and every field around them, on both sides. And the rule that a subscription has
 * one root field, which groups fields the same way.
 *
 * plan.c finds out whether an operation merges, in linear time, while it makes the plan. This
 * file runs only for documents that are refused, to say where; its work is counted and ends at
 * a bound, so that a hostile document costs no more than a friendly one. */
#include "agent/graphql/check.h"

#include <stdio.h>
#include <string.h>

#define STEPS_MAX 300000 /* comparisons for one document */
#define NESTING_MAX 1200 /* of comparisons inside comparisons */
#define PLACES_MAX 20    /* named on one side of a clash */
#define REASON_MAX 1000  /* bytes of "because ..." */

struct entry {
    struct entry *next;
    const struct gql_node *node;
    const struct gql_field_def *def; /* NULL: unknown, or a meta field */
    uint16_t parent;                 /* GQL_NONE: no object type */
};

struct group {
    struct group *next;
    struct ns_str name; /* response name */
    struct entry *entries;
    struct entry **tail;
};

struct spread {
    struct spread *next;
    const struct gql_node *fragment; /* NULL: there is none of that name */
};

struct seen_pair {
    struct seen_pair *next;
    const void *a, *b;
    bool exclusive;
};

/* What one selection set asks for on its own level, inline fragments dissolved. */
struct fields {
    struct fields *next;
    const struct gql_node *list;
    uint16_t parent;
    struct group *groups;
    struct group **groups_tail;
    struct spread *spreads;
    struct spread **spreads_tail;
    struct seen_pair *compared; /* with fragments: a is the fragment */
};

struct clash {
    struct clash *next;
    struct ns_str name;
    const char *reason;
    uint32_t at[2][PLACES_MAX];
    uint32_t count[2];
};

struct clashes {
    struct clash *first;
    struct clash **tail;
};

enum { BUCKETS = 256 };

struct overlap {
    struct gql_check *c;
    struct ns_arena *arena;
    struct fields *known[BUCKETS];
    struct seen_pair *pairs; /* of fragments */
    uint32_t nesting;
};

static bool spend(struct gql_check *c) {
    c->steps += c->steps < STEPS_MAX ? 1 : 0;
    return c->steps < STEPS_MAX;
}

/* ---- what a selection set asks for ---- */

static struct group *group_of(struct gql_check *c, struct fields *f, struct ns_str name) {
    for (struct group *g = f->groups; g != NULL; g = g->next) {
        if (ns_str_eq(g->name, name) || !spend(c)) {
            return g;
        }
    }
    struct group *g = NS_NEW(c->arena, struct group);
    g->name = name;
    g->tail = &g->entries;
    *f->groups_tail = g;
    f->groups_tail = &g->next;
    return g;
}

static void put_field(struct gql_check *c, struct fields *f, const struct gql_node *n,
                      uint16_t parent) {
    struct group *g = group_of(c, f, n->alias.n > 0 ? n->alias : n->name);
    struct entry *e = NS_NEW(c->arena, struct entry);
    const struct gql_field_def *def = n->note;
    *e = (struct entry){.node = n,
                        .def = def != NULL && def->owner == GQL_T__Root ? NULL : def,
                        .parent = parent};
    *g->tail = e;
    g->tail = &e->next;
}

static uint16_t object_type(const struct gql_check *c, const struct gql_node *named) {
    uint16_t type = gql_schema_type(c->s, named->name);
    return type != GQL_NONE && c->s->types[type].kind == GQL_KIND_OBJECT ? type : GQL_NONE;
}

static void put_spread(struct overlap *o, struct fields *f, const struct gql_node *n) {
    for (const struct spread *s = f->spreads; s != NULL; s = s->next) {
        if (s->fragment == n->note || !spend(o->c)) {
            return;
        }
    }
    struct spread *s = NS_NEW(o->arena, struct spread);
    s->fragment = n->note;
    *f->spreads_tail = s;
    f->spreads_tail = &s->next;
}

static void put_all(struct overlap *o, struct fields *f, const struct gql_node *list,
                    uint16_t parent) {
    for (const struct gql_node *n = list; n != NULL && spend(o->c); n = n->next) {
        if (n->kind == GQL_N_FIELD) {
            put_field(o->c, f, n, parent);
        } else if (n->kind == GQL_N_SPREAD) {
            put_spread(o, f, n);
        } else {
            put_all(o, f, n->selections, n->type == NULL ? parent : object_type(o->c, n->type));
        }
    }
}

static struct fields *fields_of(struct overlap *o, const struct gql_node *list,
                                uint16_t parent) {
    size_t bucket = ((size_t)list >> 4) % BUCKETS;
    for (struct fields *f = o->known[bucket]; f != NULL; f = f->next) {
        if (f->list == list && f->parent == parent) {
            return f;
        }
    }
    struct fields *f = NS_NEW(o->arena, struct fields);
    *f = (struct fields){.next = o->known[bucket], .list = list, .parent = parent};
    f->groups_tail = &f->groups;
    f->spreads_tail = &f->spreads;
    o->known[bucket] = f;
    put_all(o, f, list, parent);
    return f;
}

static struct fields *fields_of_fragment(struct overlap *o, const struct gql_node *fragment) {
    return fields_of(o, fragment->selections, object_type(o->c, fragment->type));
}

/* True when the pair was compared as strictly before; else notes it. */
static bool seen_before(struct overlap *o, struct seen_pair **list, const void *a,
                        const void *b, bool exclusive) {
    for (struct seen_pair *p = *list; p != NULL && spend(o->c); p = p->next) {
        if ((p->a == a && p->b == b) || (p->a == b && p->b == a)) {
            if (exclusive || !p->exclusive) {
                return true;
            }
            p->exclusive = false;
            return false;
        }
    }
    struct seen_pair *p = NS_NEW(o->arena, struct seen_pair);
    *p = (struct seen_pair){*list, a, b, exclusive};
    *list = p;
    return false;
}

/* ---- two fields ---- */

static bool types_clash(const struct gql_check *c, struct gql_ref a, struct gql_ref b) {
    for (; a.wrap != 0 || b.wrap != 0; a = gql_ref_inner(a), b = gql_ref_inner(b)) {
        if (gql_ref_list(a) != gql_ref_list(b) || gql_ref_non_null(a) != gql_ref_non_null(b)) {
            return true;
        }
    }
    bool leaf = c->s->types[a.type].kind != GQL_KIND_OBJECT ||
                c->s->types[b.type].kind != GQL_KIND_OBJECT;
    return leaf && a.type != b.type;
}

/* In any order. Of an argument given twice, which is told elsewhere, the last counts. */
static bool same_args(const struct gql_node *a, const struct gql_node *b) {
    size_t counts = 0;
    for (const struct gql_node *i = a; i != NULL; i = i->next) {
        counts++;
    }
    for (const struct gql_node *i = b; i != NULL; i = i->next) {
        counts--;
    }
    bool same = counts == 0;
    for (; same && a != NULL; a = a->next) {
        const struct gql_node *twin = NULL;
        for (const struct gql_node *i = b; i != NULL; i = i->next) {
            twin = ns_str_eq(i->name, a->name) ? i : twin;
        }
        same = twin != NULL && gql_same_value(a->value, twin->value);
    }
    return same;
}

static const char *own_reason(struct overlap *o, const struct entry *a, const struct entry *b,
                              bool exclusive) {
    if (!exclusive && !ns_str_eq(a->node->name, b->node->name)) {
        return ns_arena_printf(o->arena, "\"%.*s\" and \"%.*s\" are different fields",
                               SHORT(a->node->name), SHORT(b->node->name));
    }
    if (!exclusive && !same_args(a->node->args, b->node->args)) {
        return "they have differing arguments";
    }
    if (a->def != NULL && b->def != NULL && types_clash(o->c, a->def->ref, b->def->ref)) {
        return ns_arena_printf(o->arena, "they return conflicting types \"%s\" and \"%s\"",
                               gql_ref_text(o->c, a->def->ref),
                               gql_ref_text(o->c, b->def->ref));
    }
    return NULL;
}

static struct clash *add_clash(struct overlap *o, struct clashes *out, struct ns_str name,
                               const char *reason, const struct gql_node *a,
                               const struct gql_node *b) {
    struct clash *k = NS_NEW(o->arena, struct clash);
    k->name = name;
    k->reason = reason;
    k->at[0][0] = a->at;
    k->at[1][0] = b->at;
    k->count[0] = k->count[1] = 1;
    *out->tail = k;
    out->tail = &k->next;
    return k;
}

/* The places of the inner clash, the deepest first when room is short. */
static void take_places(struct clash *outer, const struct clash *inner, int side) {
    uint32_t room = PLACES_MAX - outer->count[side];
    uint32_t n = inner->count[side] < room ? inner->count[side] : room;
    memcpy(outer->at[side] + outer->count[side], inner->at[side] + inner->count[side] - n,
           n * sizeof outer->at[0][0]);
    outer->count[side] += n;
}

static void wrap_clashes(struct overlap *o, struct clashes *out, const struct clash *inner,
                         struct ns_str name, const struct gql_node *a,
                         const struct gql_node *b) {
    struct ns_buf reason = NS_BUF(REASON_MAX + 4096);
    struct clash *k = add_clash(o, out, name, "", a, b);
    for (const struct clash *i = inner; i != NULL; i = i->next) {
        if (reason.len <= REASON_MAX) {
            ns_buf_fmt(&reason, "%ssubfields \"%.*s\" conflict because %.1200s",
                       reason.len > 0 ? " and " : "", SHORT(i->name), i->reason);
        }
        take_places(k, i, 0);
        take_places(k, i, 1);
    }
    bool cut = reason.len > REASON_MAX;
    k->reason = ns_arena_printf(o->arena, "%.*s%s", cut ? REASON_MAX : (int)reason.len,
                                reason.data, cut ? "..." : "");
    ns_buf_fini(&reason);
}

static void compare_sub(struct overlap *o, struct clashes *out, const struct entry *a,
                        const struct entry *b, bool exclusive);

static void compare_fields(struct overlap *o, struct clashes *out, struct ns_str name,
                           const struct entry *a, const struct entry *b, bool exclusive) {
    exclusive =
        exclusive || (a->parent != b->parent && a->parent != GQL_NONE && b->parent != GQL_NONE);
    if (!spend(o->c) || o->nesting > NESTING_MAX) {
        return;
    }
    const char *reason = own_reason(o, a, b, exclusive);
    if (reason != NULL) {
        add_clash(o, out, name, reason, a->node, b->node);
    } else if (a->node->selections != NULL && b->node->selections != NULL) {
        struct clashes inner = {NULL, &inner.first};
        o->nesting++;
        compare_sub(o, &inner, a, b, exclusive);
        o->nesting--;
        if (inner.first != NULL) {
            wrap_clashes(o, out, inner.first, name, a->node, b->node);
        }
    }
}

/* ---- two sets, and sets with fragments ---- */

static void compare_sets(struct overlap *o, struct clashes *out, const struct fields *f,
                         const struct fields *g, bool exclusive) {
    for (const struct group *x = f->groups; x != NULL && spend(o->c); x = x->next) {
        const struct group *y = g->groups;
        while (y != NULL && spend(o->c) && !ns_str_eq(x->name, y->name)) {
            y = y->next;
        }
        for (const struct entry *a = x->entries; y != NULL && a != NULL; a = a->next) {
            for (const struct entry *b = y->entries; b != NULL && spend(o->c); b = b->next) {
                compare_fields(o, out, x->name, a, b, exclusive);
            }
        }
    }
}

static void compare_with_fragment(struct overlap *o, struct clashes *out, struct fields *f,
                                  const struct gql_node *fragment, bool exclusive) {
    if (!spend(o->c) || fragment == NULL || o->nesting > NESTING_MAX ||
        seen_before(o, &f->compared, fragment, NULL, exclusive)) {
        return;
    }
    struct fields *g = fields_of_fragment(o, fragment);
    if (f == g) {
        return;
    }
    o->nesting++;
    compare_sets(o, out, f, g, exclusive);
    for (const struct spread *s = g->spreads; s != NULL; s = s->next) {
        compare_with_fragment(o, out, f, s->fragment, exclusive);
    }
    o->nesting--;
}

static void compare_fragments(struct overlap *o, struct clashes *out, const struct gql_node *a,
                              const struct gql_node *b, bool exclusive) {
    if (!spend(o->c) || a == NULL || b == NULL || a == b || o->nesting > NESTING_MAX ||
        seen_before(o, &o->pairs, a, b, exclusive)) {
        return;
    }
    const struct fields *f = fields_of_fragment(o, a);
    const struct fields *g = fields_of_fragment(o, b);
    o->nesting++;
    compare_sets(o, out, f, g, exclusive);
    for (const struct spread *s = g->spreads; s != NULL; s = s->next) {
        compare_fragments(o, out, a, s->fragment, exclusive);
    }
    for (const struct spread *s = f->spreads; s != NULL; s = s->next) {
        compare_fragments(o, out, s->fragment, b, exclusive);
    }
    o->nesting--;
}

static void compare_sub(struct overlap *o, struct clashes *out, const struct entry *a,
                        const struct entry *b, bool exclusive) {
    struct fields *f =
        fields_of(o, a->node->selections, a->def == NULL ? GQL_NONE : a->def->ref.type);
    struct fields *g =
        fields_of(o, b->node->selections, b->def == NULL ? GQL_NONE : b->def->ref.type);
    compare_sets(o, out, f, g, exclusive);
    for (const struct spread *s = g->spreads; s != NULL; s = s->next) {
        compare_with_fragment(o, out, f, s->fragment, exclusive);
    }
    for (const struct spread *s = f->spreads; s != NULL; s = s->next) {
        compare_with_fragment(o, out, g, s->fragment, exclusive);
    }
    for (const struct spread *s = f->spreads; s != NULL; s = s->next) {
        for (const struct spread *t = g->spreads; t != NULL && spend(o->c); t = t->next) {
            compare_fragments(o, out, s->fragment, t->fragment, exclusive);
        }
    }
}

static void compare_within(struct overlap *o, struct clashes *out, struct fields *f) {
    for (const struct group *g = f->groups; g != NULL; g = g->next) {
        for (const struct entry *a = g->entries; a != NULL; a = a->next) {
            for (const struct entry *b = a->next; b != NULL && spend(o->c); b = b->next) {
                compare_fields(o, out, g->name, a, b, false);
            }
        }
    }
    for (const struct spread *s = f->spreads; s != NULL; s = s->next) {
        compare_with_fragment(o, out, f, s->fragment, false);
        for (const struct spread *t = s->next; t != NULL && spend(o->c); t = t->next) {
            compare_fragments(o, out, s->fragment, t->fragment, false);
        }
    }
}

/* ---- the document ---- */

static void report(struct overlap *o, const struct clash *k) {
    uint32_t at[2 * PLACES_MAX];
    memcpy(at, k->at[0], k->count[0] * sizeof *at);
    memcpy(at + k->count[0], k->at[1], k->count[1] * sizeof *at);
    gql_fault_at(o->c, at, k->count[0] + k->count[1],
                 "Fields \"%.*s\" conflict because %s. Use different aliases on the fields to "
                 "fetch both if this was intentional.",
                 SHORT(k->name), k->reason);
}

static void visit(struct overlap *o, const struct gql_node *list, uint16_t type, bool inside) {
    bool several =
        list != NULL && (list->next != NULL || list->kind == GQL_N_INLINE) && !inside;
    if (several) {
        struct clashes found = {NULL, &found.first};
        compare_within(o, &found, fields_of(o, list, type));
        for (const struct clash *k = found.first; k != NULL; k = k->next) {
            report(o, k);
        }
    }
    for (const struct gql_node *n = list; n != NULL && spend(o->c); n = n->next) {
        if (n->kind == GQL_N_INLINE) {
            visit(o, n->selections, n->type == NULL ? type : object_type(o->c, n->type), true);
        } else if (n->kind == GQL_N_FIELD) {
            const struct gql_field_def *def = n->note;
            visit(o, n->selections, def == NULL ? GQL_NONE : def->ref.type, false);
        }
    }
}

bool gql_check_overlap(struct gql_check *c) {
    struct overlap *o = NS_NEW(c->arena, struct overlap);
    o->c = c;
    o->arena = c->arena;
    bool before = c->bad;
    c->bad = false;
    for (const struct gql_part *p = c->parts; p != NULL; p = p->next) {
        visit(o, p->node->selections, p->type, false);
    }
    bool found = c->bad;
    c->bad = c->bad || before;
    return found;
}

/* ---- subscriptions ---- */

static void flatten(struct gql_check *c, struct fields *f, const struct gql_node *list,
                    uint16_t root, uint32_t mark) {
    for (const struct gql_node *n = list; n != NULL && spend(c); n = n->next) {
        if (n->kind == GQL_N_FIELD) {
            put_field(c, f, n, root);
        } else if (n->kind == GQL_N_INLINE) {
            if (n->type == NULL || object_type(c, n->type) == root) {
                flatten(c, f, n->selections, root, mark);
            }
        } else {
            struct gql_part *p = gql_part_of(c, n->note);
            if (p != NULL && p->flat != mark && object_type(c, p->node->type) == root) {
                p->flat = mark;
                flatten(c, f, p->node->selections, root, mark);
            }
        }
    }
}

static void report_group(struct gql_check *c, const struct gql_node *op,
                         const struct group *first, bool rest, const char *what) {
    uint32_t at[2 * PLACES_MAX];
    uint32_t n = 0;
    for (const struct group *g = first; g != NULL; g = rest ? g->next : NULL) {
        for (const struct entry *e = g->entries; e != NULL && n < NS_COUNT(at); e = e->next) {
            at[n++] = e->node->at;
        }
    }
    if (op->name.n == 0) {
        gql_fault_at(c, at, n, "Anonymous Subscription %s", what);
    } else {
        gql_fault_at(c, at, n, "Subscription \"%.*s\" %s", SHORT(op->name), what);
    }
}

void gql_check_subscription(struct gql_check *c, const struct gql_part *p, uint32_t mark) {
    struct fields f = {.groups_tail = &f.groups};
    flatten(c, &f, p->node->selections, p->type, mark);
    if (f.groups != NULL && f.groups->next != NULL) {
        report_group(c, p->node, f.groups->next, true, "must select only one top level field.");
    }
    for (const struct group *g = f.groups; g != NULL; g = g->next) {
        struct ns_str name = g->entries->node->name;
        if (name.n >= 2 && memcmp(name.p, "__", 2) == 0) {
            report_group(c, p->node, g, false,
                         "must not select an introspection top level field.");
        }
    }
}
