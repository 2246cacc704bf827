/* plan.c: a validated operation to the compact form that exec.c runs. Selection sets are merged
 * (whether they may be is found on the way, overlap.c tells where), fragments dissolved,
 * arguments coerced. Work is bounded by limits.selections, which counts fragments expanded. */
#include "agent/graphql/internal.h"

#include <stdio.h>
#include <string.h>

/* One selection list that flows into a set, with the condition it stands under. */
struct source {
    struct source *next;
    const struct gql_node *list;
    const struct gql_cond *cond;
};

struct build_field {
    struct gql_plan_field f; /* first: the plan links these */
    const struct gql_node *node;
    struct source *sources;
    struct source **sources_tail;
    struct gql_occurrence **occurrences_tail;
};

struct build {
    const struct gql_engine *engine;
    struct gql_plan *plan;
    struct ns_arena *arena;
    struct gql_document *doc;
    struct gql_errors *errors;
    const struct gql_node *op;
    bool keep; /* the chosen operation: make arguments and keys */
    bool bad;
    bool clash; /* fields that may not be merged */
};

static void fault(struct build *b, const char *message, uint32_t at, uint32_t at2) {
    struct gql_place_at places[2];
    gql_locate(b->doc->source, at, &places[0].line, &places[0].column);
    gql_locate(b->doc->source, at2, &places[1].line, &places[1].column);
    gql_errors_add(b->errors, GQL_CODE_GRAPHQL_VALIDATION_FAILED, message, places,
                   at == at2 ? 1 : 2, NULL, NS_STR(""));
    b->bad = true;
}

/* ---- the merging rule ---- */

static bool same_value(const struct gql_node *a, const struct gql_node *b);

static bool same_members(const struct gql_node *a, const struct gql_node *b) {
    size_t na = 0;
    size_t nb = 0;
    for (const struct gql_node *n = b; n != NULL; n = n->next) {
        nb++;
    }
    const struct gql_node *guess = b; /* usually in the same order */
    for (; a != NULL; a = a->next, na++) {
        const struct gql_node *n = guess != NULL && ns_str_eq(guess->name, a->name) ? guess : b;
        while (n != NULL && !ns_str_eq(n->name, a->name)) {
            n = n->next;
        }
        if (n == NULL || !same_value(a->value, n->value)) {
            return false;
        }
        guess = n->next;
    }
    return na == nb;
}

static bool same_value(const struct gql_node *a, const struct gql_node *b) {
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == GQL_N_OBJECT) {
        return same_members(a->args, b->args);
    }
    if (a->kind == GQL_N_LIST) {
        a = a->args;
        b = b->args;
        for (; a != NULL && b != NULL; a = a->next, b = b->next) {
            if (!same_value(a, b)) {
                return false;
            }
        }
        return a == b;
    }
    return ns_str_eq(a->text, b->text) && ns_str_eq(a->name, b->name);
}

bool gql_same_value(const struct gql_node *a, const struct gql_node *b) {
    return same_value(a, b);
}

/* ---- conditions ---- */

static uint32_t variable_index(void *ctx, const struct gql_node *n, struct gql_ref ref,
                               bool has_default, bool one_of) {
    (void)ref;
    (void)has_default;
    (void)one_of;
    const struct build *b = ctx;
    uint32_t i = 0;
    for (const struct gql_node *v = b->op->args; v != NULL; v = v->next, i++) {
        if (ns_str_eq(v->name, n->name)) {
            return i;
        }
    }
    return 0; /* validation has seen to it that every variable is defined */
}

static const struct gql_cond *condition(struct build *b, const struct gql_node *n,
                                        const struct gql_cond *outer) {
    for (const struct gql_node *d = n->directives; d != NULL; d = d->next) {
        bool expect = ns_str_is(d->name, "include");
        if (!expect && !ns_str_is(d->name, "skip")) {
            continue;
        }
        const struct gql_node *v = d->args->value;
        bool fixed = v->kind != GQL_N_VARIABLE;
        if (fixed && ns_str_is(v->text, "true") == expect) {
            continue;
        }
        struct gql_cond *cond = NS_NEW(b->arena, struct gql_cond);
        *cond = (struct gql_cond){.outer = outer, .variable = -1, .expect = expect};
        if (!fixed) {
            uint32_t i = variable_index(b, v, (struct gql_ref){0, 0}, false, false);
            cond->variable = (int32_t)i;
            if (b->keep) {
                b->plan->variables[i].condition = true;
            }
        }
        outer = cond;
    }
    return outer;
}

static bool never(const struct gql_cond *cond) {
    for (; cond != NULL; cond = cond->outer) {
        if (cond->variable < 0) {
            return true;
        }
    }
    return false;
}

/* ---- sets ---- */

static void add_field(struct build *b, struct gql_plan_set *set, const struct gql_node *n,
                      const struct gql_cond *cond) {
    struct ns_str name = n->alias.n > 0 ? n->alias : n->name;
    struct gql_plan_field **tail = &set->fields;
    while (*tail != NULL && !ns_str_eq((*tail)->name, name)) {
        tail = &(*tail)->next;
    }
    struct build_field *f = (struct build_field *)*tail;
    if (f == NULL) {
        f = NS_NEW(b->arena, struct build_field);
        f->f.name = name;
        f->f.def = n->note;
        f->f.field =
            n->note == NULL
                ? GQL_NONE
                : (uint16_t)((const struct gql_field_def *)n->note - b->engine->schema->fields);
        f->node = n;
        f->sources_tail = &f->sources;
        f->occurrences_tail = &f->f.occurrences;
        *tail = &f->f;
        set->count++;
    } else {
        const struct gql_node *a = f->node;
        if (a != n && !(ns_str_eq(a->name, n->name) && same_members(a->args, n->args))) {
            b->clash = true;
            return; /* what is below the two has nothing in common */
        }
    }
    struct gql_occurrence *o = NS_NEW(b->arena, struct gql_occurrence);
    o->cond = cond;
    o->node = n;
    o->at = n->at;
    *f->occurrences_tail = o;
    f->occurrences_tail = &o->next;
    f->f.always = f->f.always || cond == NULL;
    if (n->selections != NULL) {
        struct source *s = NS_NEW(b->arena, struct source);
        s->list = n->selections;
        s->cond = cond;
        *f->sources_tail = s;
        f->sources_tail = &s->next;
    }
}

static void collect(struct build *b, struct gql_plan_set *set, const struct gql_node *list,
                    const struct gql_cond *cond) {
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        const struct gql_cond *inner = condition(b, n, cond);
        if (n->kind == GQL_N_FIELD) {
            add_field(b, set, n, inner);
        } else if (n->kind == GQL_N_SPREAD) {
            collect(b, set, ((const struct gql_node *)n->note)->selections, inner);
        } else {
            collect(b, set, n->selections, inner);
        }
    }
}

static void complain(void *ctx, uint32_t at, const char *message) {
    fault(ctx, message, at, at);
}

static void make_args(struct build *b, struct build_field *f) {
    const struct gql_schema *s = b->engine->schema;
    const struct gql_field_def *def = f->f.def;
    if (def == NULL || def->arg_count == 0) {
        return;
    }
    struct gql_value *args = NS_NEW_N(b->arena, struct gql_value, def->arg_count);
    memcpy(args, b->engine->inputs.defaults + def->first_arg, def->arg_count * sizeof *args);
    for (const struct gql_node *a = f->node->args; a != NULL; a = a->next) {
        uint16_t i = gql_schema_arg(s, def->first_arg, def->arg_count, a->name);
        struct gql_literal l = {.inputs = &b->engine->inputs,
                                .arena = b->arena,
                                .complain = complain,
                                .variable = variable_index,
                                .ctx = b};
        gql_literal_coerce(&l, a->value, s->args[def->first_arg + i].ref, true, &args[i]);
        f->f.dynamic = f->f.dynamic || l.dynamic;
    }
    f->f.args = args;
}

static struct ns_str make_key(struct build *b, struct ns_str name) {
    return ns_str_of(ns_arena_printf(b->arena, "\"%.*s\":", (int)name.n, name.p));
}

static const struct gql_plan_set *make_set(struct build *b, uint16_t type,
                                           const struct source *sources) {
    struct gql_plan_set *set = NS_NEW(b->arena, struct gql_plan_set);
    set->type = type;
    for (; sources != NULL; sources = sources->next) {
        collect(b, set, sources->list, sources->cond);
    }
    struct gql_plan_field **link = &set->fields;
    while (*link != NULL) {
        struct build_field *f = (struct build_field *)*link;
        if (f->sources != NULL) {
            f->f.set = make_set(b, f->f.def->ref.type, f->sources);
        }
        bool possible = false;
        for (const struct gql_occurrence *o = f->f.occurrences; o != NULL; o = o->next) {
            possible = possible || !never(o->cond);
        }
        if (b->keep && !possible) {
            *link = f->f.next;
            set->count--;
            continue;
        }
        if (b->keep) {
            f->f.key = make_key(b, f->f.name);
            make_args(b, f);
        }
        link = &f->f.next;
    }
    return set;
}

/* ---- subscriptions ---- */

/* @skip and @include may not stand at the root of a subscription, in fragments either. */
static void check_root_conditions(struct build *b, const struct gql_node *list) {
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        for (const struct gql_node *d = n->directives; d != NULL; d = d->next) {
            if (ns_str_is(d->name, "skip") || ns_str_is(d->name, "include")) {
                fault(b, "@skip and @include may not be used at the root of a subscription.",
                      d->at, d->at);
            }
        }
        if (n->kind == GQL_N_SPREAD) {
            check_root_conditions(b, ((const struct gql_node *)n->note)->selections);
        } else if (n->kind == GQL_N_INLINE) {
            check_root_conditions(b, n->selections);
        }
    }
}

static void make_variables(struct build *b) {
    struct gql_plan *p = b->plan;
    for (const struct gql_node *v = b->op->args; v != NULL; v = v->next) {
        p->variable_count++;
    }
    p->variables = NS_NEW_N(b->arena, struct gql_plan_variable, p->variable_count);
    struct gql_plan_variable *out = p->variables;
    for (const struct gql_node *v = b->op->args; v != NULL; v = v->next, out++) {
        out->name = v->name;
        out->ref = *(const struct gql_ref *)v->note;
        out->at = v->at;
        if (v->value != NULL) {
            struct gql_literal l = {.inputs = &b->engine->inputs,
                                    .arena = b->arena,
                                    .complain = complain,
                                    .ctx = b};
            gql_literal_coerce(&l, v->value, out->ref, false, &out->fallback);
        }
    }
}

bool gql_plan_build(const struct gql_engine *engine, struct gql_plan *plan,
                    struct gql_document *doc, struct gql_node *chosen,
                    struct gql_errors *errors) {
    const struct gql_schema *s = engine->schema;
    bool good = true;
    bool clash = false;
    for (const struct gql_node *n = doc->definitions; n != NULL; n = n->next) {
        if (n->kind != GQL_N_OPERATION) {
            continue;
        }
        struct build b = {.engine = engine,
                          .plan = plan,
                          .arena = &plan->arena,
                          .doc = doc,
                          .errors = errors,
                          .op = n,
                          .keep = n == chosen};
        enum gql_operation kind = ns_str_is(n->text, "query")      ? GQL_QUERY
                                  : ns_str_is(n->text, "mutation") ? GQL_MUTATION
                                                                   : GQL_SUBSCRIPTION;
        uint16_t type = kind == GQL_QUERY      ? s->query
                        : kind == GQL_MUTATION ? s->mutation
                                               : s->subscription;
        struct source root = {.list = n->selections};
        if (b.keep) {
            make_variables(&b);
        }
        const struct gql_plan_set *set = make_set(&b, type, &root);
        if (kind == GQL_SUBSCRIPTION) {
            check_root_conditions(&b, n->selections);
        }
        if (set->count > engine->limits.root_fields && kind != GQL_SUBSCRIPTION) {
            gql_errors_add(errors, GQL_CODE_QUERY_TOO_COMPLEX,
                           ns_arena_printf(&plan->arena, "More than %u root fields.",
                                           engine->limits.root_fields),
                           NULL, 0, NULL, NS_STR(""));
            b.bad = true;
        }
        if (n == chosen) {
            plan->operation = kind;
            plan->root = set;
        }
        clash = clash || b.clash;
        good = good && !b.bad;
    }
    if (clash) {
        gql_validate(engine, &plan->arena, doc, plan->may_introspect, true, errors);
    }
    return good && !clash;
}
