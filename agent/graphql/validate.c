/* validate.c: the rules of section 5 of the specification.
 *
 * One walk over every definition notes what it uses (variables, fragments); then the rules that
 * follow fragments run over those notes. Every rule is linear in the document, or bounded by
 * tokens times the fragments or variables of one operation. */
#include "agent/graphql/check.h"

#include <stdarg.h>
#include <stdio.h>

#define ARGS_MAX 256 /* at one field or directive */

static struct gql_place_at place(const struct gql_check *c, uint32_t at) {
    struct gql_place_at p;
    gql_locate(c->doc->source, at, &p.line, &p.column);
    return p;
}

static void report(struct gql_check *c, enum gql_code code, const uint32_t *at, uint32_t n,
                   const char *message) {
    c->bad = true;
    if (c->errors->count > c->errors->limit) {
        return;
    }
    struct gql_place_at *places = NS_NEW_N(c->arena, struct gql_place_at, n);
    for (uint32_t i = 0; i < n; i++) {
        places[i] = place(c, at[i]);
    }
    gql_errors_add(c->errors, code, message, places, n, NULL, NS_STR(""));
}

void gql_fault2(struct gql_check *c, uint32_t at, uint32_t at2, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const uint32_t places[] = {at, at2};
    report(c, GQL_CODE_GRAPHQL_VALIDATION_FAILED, places, at2 == UINT32_MAX ? 1 : 2, text);
}

void gql_fault_at(struct gql_check *c, const uint32_t *at, uint32_t n, const char *format,
                  ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report(c, GQL_CODE_GRAPHQL_VALIDATION_FAILED, at, n, text);
}

void gql_over(struct gql_check *c, uint32_t at, const char *format, uint32_t limit) {
    report(c, GQL_CODE_QUERY_TOO_COMPLEX, &at, 1, ns_arena_printf(c->arena, format, limit));
}

const char *gql_ref_text(struct gql_check *c, struct gql_ref ref) {
    struct ns_buf text = NS_BUF(4096);
    gql_ref_print(c->s, ref, &text);
    const char *copy = ns_arena_copy(c->arena, ns_buf_view(&text));
    ns_buf_fini(&text);
    return copy;
}

/* " Did you mean ..." when hints are allowed, else "". */
static const char *hint(struct gql_check *c, struct ns_str name, const char *const *names,
                        size_t n) {
    if (!c->may_introspect || c->errors->count > c->errors->limit) {
        return "";
    }
    struct ns_buf text = NS_BUF(4096);
    gql_suggest(&text, name, names, n);
    const char *copy = ns_arena_copy(c->arena, ns_buf_view(&text));
    ns_buf_fini(&text);
    return copy;
}

/* ---- variables in values ---- */

static void use_variable(struct gql_check *c, const struct gql_node *n, struct gql_ref ref,
                         bool has_default, bool one_of) {
    struct gql_usage *u = NS_NEW(c->arena, struct gql_usage);
    *u = (struct gql_usage){c->part->usages, n, ref, has_default, one_of};
    c->part->usages = u;
}

static uint32_t on_variable(void *ctx, const struct gql_node *n, struct gql_ref ref,
                            bool has_default, bool one_of) {
    use_variable(ctx, n, ref, has_default, one_of);
    return 0;
}

static void on_complaint(void *ctx, uint32_t at, const char *message) {
    report(ctx, GQL_CODE_GRAPHQL_VALIDATION_FAILED, &at, 1, message);
}

static void use_variables(struct gql_check *c, const struct gql_node *v) {
    if (v->kind == GQL_N_VARIABLE) {
        use_variable(c, v, (struct gql_ref){GQL_NONE, 0}, false, false);
    }
    for (const struct gql_node *i = v->args; i != NULL; i = i->next) {
        use_variables(c, v->kind == GQL_N_OBJECT ? i->value : i);
    }
}

/* In every object of the value, also where its type is unknown. */
static void check_field_names(struct gql_check *c, const struct gql_node *v) {
    for (const struct gql_node *f = v->args; f != NULL; f = f->next) {
        if (v->kind != GQL_N_OBJECT) {
            check_field_names(c, f);
            continue;
        }
        for (const struct gql_node *g = v->args; g != f; g = g->next) {
            if (ns_str_eq(f->name, g->name)) {
                gql_fault2(c, g->name_at, f->name_at,
                           "There can be only one input field named \"%.*s\".", SHORT(f->name));
                break;
            }
        }
        check_field_names(c, f->value);
    }
}

static void check_value(struct gql_check *c, const struct gql_node *v, struct gql_ref ref,
                        bool has_default, bool constant) {
    check_field_names(c, v);
    struct gql_value ignored;
    struct gql_literal l = {.inputs = &c->engine->inputs,
                            .arena = c->arena,
                            .complain = on_complaint,
                            .variable = constant ? NULL : on_variable,
                            .ctx = c,
                            .names_checked = true,
                            .hints = c->may_introspect && c->errors->count <= c->errors->limit};
    gql_literal_coerce(&l, v, ref, has_default, &ignored);
}

/* A value where none belongs. */
static void use_unplaced(struct gql_check *c, const struct gql_node *v) {
    check_field_names(c, v);
    use_variables(c, v);
}

/* ---- arguments and directives ---- */

#define SAME_MAX 64 /* names told of in one error */

/* Each name once in a list of arguments or variables. form holds one %.*s. */
static void check_unique(struct gql_check *c, const struct gql_node *list, const char *form) {
    for (const struct gql_node *a = list; a != NULL; a = a->next) {
        uint32_t at[SAME_MAX];
        uint32_t n = 0;
        const struct gql_node *b = list;
        while (b != a && !ns_str_eq(a->name, b->name)) {
            b = b->next;
        }
        if (b != a) {
            continue; /* told at the first of them */
        }
        for (; b != NULL; b = b->next) {
            if (n < SAME_MAX && ns_str_eq(a->name, b->name)) {
                at[n++] = b->name_at;
            }
        }
        if (n > 1) {
            char text[400];
            snprintf(text, sizeof text, form, SHORT(a->name));
            gql_fault_at(c, at, n, "%s", text);
        }
    }
}

static bool too_many(struct gql_check *c, const struct gql_node *list, uint32_t limit,
                     const char *form) {
    uint32_t n = 0;
    for (const struct gql_node *i = list; i != NULL; i = i->next) {
        if (++n > limit) {
            gql_over(c, i->at, form, limit);
            return true;
        }
    }
    return false;
}

/* True when the list may be looked at further. */
static bool check_arg_names(struct gql_check *c, const struct gql_node *args) {
    if (too_many(c, args, ARGS_MAX, "More than %u arguments at one place.")) {
        return false;
    }
    check_unique(c, args, "There can be only one argument named \"%.*s\".");
    return true;
}

/* Arguments of something unknown. */
static void check_loose_args(struct gql_check *c, const struct gql_node *args) {
    for (const struct gql_node *a = check_arg_names(c, args) ? args : NULL; a != NULL;
         a = a->next) {
        use_unplaced(c, a->value);
    }
}

static void check_args(struct gql_check *c, const struct gql_node *n, uint16_t first,
                       uint16_t count, const char *owner, bool directive, bool constant) {
    bool *seen = NS_NEW_N(c->arena, bool, count);
    if (!check_arg_names(c, n->args)) {
        return;
    }
    for (const struct gql_node *a = n->args; a != NULL; a = a->next) {
        uint16_t i = gql_schema_arg(c->s, first, count, a->name);
        if (i == GQL_NONE) {
            const char *names[64];
            size_t k = 0;
            for (; k < count && k < NS_COUNT(names); k++) {
                names[k] = c->s->args[first + k].name;
            }
            fault(c, a->at, "Unknown argument \"%.*s\" on %s \"%s\".%s", SHORT(a->name),
                  directive ? "directive" : "field", owner, hint(c, a->name, names, k));
            use_unplaced(c, a->value);
            continue;
        }
        seen[i] = true;
        const struct gql_arg_def *def = &c->s->args[first + i];
        check_value(c, a->value, def->ref, def->default_text != NULL, constant);
    }
    for (uint16_t i = 0; i < count; i++) {
        const struct gql_arg_def *def = &c->s->args[first + i];
        if (!seen[i] && gql_ref_non_null(def->ref) && def->default_text == NULL) {
            fault(c, n->at,
                  "%s \"%s%.*s\" argument \"%s\" of type \"%s\" is required, but it was not "
                  "provided.",
                  directive ? "Directive" : "Field", directive ? "@" : "", SHORT(n->name),
                  def->name, gql_ref_text(c, def->ref));
        }
    }
}

static void check_directives(struct gql_check *c, const struct gql_node *n,
                             enum gql_place where, bool constant) {
    static const char *const places[] = {
#define PLACE_TEXT(name) #name,
        GQL_PLACES(PLACE_TEXT)
#undef PLACE_TEXT
    };
    if (too_many(c, n->directives, c->engine->limits.directives,
                 "More than %u directives at one place.")) {
        return;
    }
    for (const struct gql_node *d = n->directives; d != NULL; d = d->next) {
        const struct gql_directive_def *def = gql_schema_directive(c->s, d->name);
        if (def == NULL) {
            fault(c, d->at, "Unknown directive \"@%.*s\".", SHORT(d->name));
            check_loose_args(c, d->args);
            continue;
        }
        if ((def->places & 1U << where) == 0) {
            fault(c, d->at, "Directive \"@%s\" may not be used on %s.", def->name,
                  places[where]);
        }
        for (const struct gql_node *e = n->directives; e != d && !def->repeatable;
             e = e->next) {
            if (ns_str_eq(e->name, d->name)) {
                gql_fault2(c, e->at, d->at,
                           "The directive \"@%s\" can only be used once at this location.",
                           def->name);
                break;
            }
        }
        check_args(c, d, def->first_arg, def->arg_count,
                   ns_arena_printf(c->arena, "@%s", def->name), true, constant);
    }
}

/* ---- selections ---- */

static void walk(struct gql_check *c, struct gql_node *list, uint16_t type);

static uint16_t condition(struct gql_check *c, const struct gql_node *n,
                          struct ns_str fragment) {
    uint16_t type = gql_schema_type(c->s, n->type->name);
    if (type == GQL_NONE) {
        fault(c, n->type->at, "Unknown type \"%.*s\".", SHORT(n->type->name));
    } else if (c->s->types[type].kind != GQL_KIND_OBJECT) {
        fault(c, n->type->at,
              "Fragment%s%.*s%s cannot condition on non composite type \"%.*s\".",
              fragment.n > 0 ? " \"" : "", SHORT(fragment), fragment.n > 0 ? "\"" : "",
              SHORT(n->type->name));
        return GQL_NONE;
    }
    return type;
}

static void walk_field(struct gql_check *c, struct gql_node *n, uint16_t type) {
    check_directives(c, n, GQL_PLACE_FIELD, false);
    if (n->alias.n > 0) {
        c->aliases++;
    }
    if (type != GQL_NONE && ns_str_is(n->name, "__typename")) {
        check_args(c, n, 0, 0,
                   ns_arena_printf(c->arena, "%s.__typename", c->s->types[type].name), false,
                   false);
        if (n->selections != NULL) {
            fault(c, n->number,
                  "Field \"__typename\" must not have a selection since "
                  "type \"String!\" has no subfields.");
        }
        return;
    }
    uint16_t f = type == GQL_NONE ? GQL_NONE : gql_schema_field(c->s, type, n->name);
    if (f == GQL_NONE) {
        check_loose_args(c, n->args);
        if (type != GQL_NONE) {
            const char *names[512];
            size_t k = 0;
            const struct gql_type_def *t = &c->s->types[type];
            for (; k < t->count && k < NS_COUNT(names); k++) {
                names[k] = c->s->fields[t->first + k].name;
            }
            fault(c, n->at, "Cannot query field \"%.*s\" on type \"%s\".%s", SHORT(n->name),
                  t->name, hint(c, n->name, names, k));
        }
        walk(c, n->selections, GQL_NONE);
        return;
    }
    const struct gql_field_def *def = &c->s->fields[f];
    n->note = def;
    if (def->owner == GQL_T__Root && !c->may_introspect) {
        fault(c, n->at,
              "GraphQL introspection is not allowed, but the query contained "
              "__schema or __type.");
    }
    check_args(c, n, def->first_arg, def->arg_count,
               ns_arena_printf(c->arena, "%s.%s", c->s->types[type].name, def->name), false,
               false);
    bool object = c->s->types[def->ref.type].kind == GQL_KIND_OBJECT;
    if (!object && n->selections != NULL) {
        fault(c, n->number,
              "Field \"%s\" must not have a selection since type \"%s\" has no subfields.",
              def->name, gql_ref_text(c, def->ref));
    } else if (object && n->selections == NULL) {
        fault(c, n->at,
              "Field \"%s\" of type \"%s\" must have a selection of subfields. "
              "Did you mean \"%s { ... }\"?",
              def->name, gql_ref_text(c, def->ref), def->name);
    }
    walk(c, n->selections, object ? def->ref.type : GQL_NONE);
}

static void walk_spread(struct gql_check *c, struct gql_node *n, uint16_t type) {
    check_directives(c, n, GQL_PLACE_FRAGMENT_SPREAD, false);
    struct gql_part *target = NULL; /* the last of that name, where there should be one */
    for (struct gql_part *p = c->parts; p != NULL; p = p->next) {
        if (p->node->kind == GQL_N_FRAGMENT && ns_str_eq(p->node->name, n->name)) {
            target = p;
        }
    }
    if (target == NULL) {
        fault(c, n->name_at, "Unknown fragment \"%.*s\".", SHORT(n->name));
        return;
    }
    n->note = target->node;
    struct gql_spread *s = NS_NEW(c->arena, struct gql_spread);
    *s = (struct gql_spread){c->part->spreads, n, target};
    c->part->spreads = s;
    uint16_t other = gql_schema_type(c->s, target->node->type->name);
    if (type != GQL_NONE && other != GQL_NONE && other != type &&
        c->s->types[other].kind == GQL_KIND_OBJECT) {
        fault(
            c, n->at,
            "Fragment \"%.*s\" cannot be spread here as objects of type \"%s\" can never be of "
            "type \"%s\".",
            SHORT(n->name), c->s->types[type].name, c->s->types[other].name);
    }
}

static void walk_inline(struct gql_check *c, struct gql_node *n, uint16_t type) {
    check_directives(c, n, GQL_PLACE_INLINE_FRAGMENT, false);
    uint16_t inner = type;
    if (n->type != NULL) {
        inner = condition(c, n, NS_STR(""));
        if (type != GQL_NONE && inner != GQL_NONE && inner != type) {
            fault(
                c, n->at,
                "Fragment cannot be spread here as objects of type \"%s\" can never be of type "
                "\"%s\".",
                c->s->types[type].name, c->s->types[inner].name);
        }
    }
    walk(c, n->selections, inner);
}

static void walk(struct gql_check *c, struct gql_node *list, uint16_t type) {
    for (struct gql_node *n = list; n != NULL; n = n->next) {
        if (n->kind == GQL_N_FIELD) {
            walk_field(c, n, type);
        } else if (n->kind == GQL_N_SPREAD) {
            walk_spread(c, n, type);
        } else {
            walk_inline(c, n, type);
        }
    }
}

/* ---- definitions ---- */

static struct gql_ref variable_ref(struct gql_check *c, const struct gql_node *t) {
    unsigned wrap = 0;
    unsigned shift = 0;
    for (; t->kind != GQL_N_NAMED_TYPE; t = t->type, shift += 2) {
        if (shift < 2 * GQL_WRAP_MAX) {
            wrap |= (t->kind == GQL_N_LIST_TYPE ? 2U : 1U) << shift;
        }
    }
    uint16_t type = gql_schema_type(c->s, t->name);
    if (shift >= 2 * GQL_WRAP_MAX) {
        fault(c, t->at, "Type is nested too deeply.");
        type = GQL_NONE;
    } else if (type == GQL_NONE) {
        fault(c, t->at, "Unknown type \"%.*s\".", SHORT(t->name));
    }
    return (struct gql_ref){type, (uint16_t)wrap};
}

static void check_variables(struct gql_check *c, struct gql_node *op) {
    if (too_many(c, op->args, c->engine->limits.variables, "More than %u variables.")) {
        return;
    }
    check_unique(c, op->args, "There can be only one variable named \"$%.*s\".");
    for (struct gql_node *v = op->args; v != NULL; v = v->next) {
        struct gql_ref ref = variable_ref(c, v->type);
        check_directives(c, v, GQL_PLACE_VARIABLE_DEFINITION, true);
        if (ref.type == GQL_NONE) {
            if (v->value != NULL) {
                check_field_names(c, v->value);
            }
            continue;
        }
        struct gql_ref *kept = NS_NEW(c->arena, struct gql_ref);
        *kept = ref;
        v->note = kept;
        if (c->s->types[ref.type].kind == GQL_KIND_OBJECT) {
            fault(c, v->type->at, "Variable \"$%.*s\" cannot be non-input type \"%s\".",
                  SHORT(v->name), gql_ref_text(c, ref));
        } else if (v->value != NULL) {
            check_value(c, v->value, ref, false, true);
        }
    }
}

static uint16_t root_type(struct gql_check *c, const struct gql_node *op) {
    uint16_t type = ns_str_is(op->text, "query")      ? c->s->query
                    : ns_str_is(op->text, "mutation") ? c->s->mutation
                                                      : c->s->subscription;
    if (type == GQL_NONE) {
        fault(c, op->at, "The schema has no %.*s root.", SHORT(op->text));
    }
    return type;
}

static void walk_part(struct gql_check *c, struct gql_part *p) {
    c->part = p;
    if (p->node->kind == GQL_N_FRAGMENT) {
        p->type = condition(c, p->node, p->node->name);
        check_directives(c, p->node, GQL_PLACE_FRAGMENT_DEFINITION, false);
        walk(c, p->node->selections, p->type);
        return;
    }
    check_variables(c, p->node);
    check_directives(c, p->node,
                     ns_str_is(p->node->text, "query")      ? GQL_PLACE_QUERY
                     : ns_str_is(p->node->text, "mutation") ? GQL_PLACE_MUTATION
                                                            : GQL_PLACE_SUBSCRIPTION,
                     false);
    p->type = root_type(c, p->node);
    walk(c, p->node->selections, p->type);
}

static void check_names(struct gql_check *c) {
    uint32_t operations = 0;
    for (const struct gql_part *p = c->parts; p != NULL; p = p->next) {
        operations += p->node->kind == GQL_N_OPERATION ? 1 : 0;
        for (const struct gql_part *q = c->parts; q != p && p->node->name.n > 0; q = q->next) {
            if (q->node->kind == p->node->kind && ns_str_eq(q->node->name, p->node->name)) {
                gql_fault2(c, q->node->name_at, p->node->name_at,
                           "There can be only one %s named \"%.*s\".",
                           p->node->kind == GQL_N_OPERATION ? "operation" : "fragment",
                           SHORT(p->node->name));
                break;
            }
        }
    }
    for (const struct gql_part *p = c->parts; p != NULL && operations > 1; p = p->next) {
        if (p->node->kind == GQL_N_OPERATION && p->node->name.n == 0) {
            fault(c, p->node->at,
                  "This anonymous operation must be the only defined operation.");
        }
    }
}

static void not_executable(struct gql_check *c, const struct gql_node *n) {
    if (n->kind == GQL_N_SCHEMA_DEF) {
        fault(c, n->at, "The schema definition is not executable.");
    } else {
        fault(c, n->at, "The \"%.*s\" definition is not executable.", SHORT(n->name));
    }
}

static void make_parts(struct gql_check *c) {
    struct gql_part **tail = &c->parts;
    for (struct gql_node *n = c->doc->definitions; n != NULL; n = n->next) {
        if (n->kind != GQL_N_OPERATION && n->kind != GQL_N_FRAGMENT) {
            not_executable(c, n);
            continue;
        }
        struct gql_part *p = NS_NEW(c->arena, struct gql_part);
        p->node = n;
        *tail = p;
        tail = &p->next;
    }
}

static void check_subscriptions(struct gql_check *c) {
    uint32_t mark = 0;
    for (const struct gql_part *p = c->parts; p != NULL; p = p->next) {
        if (p->node->kind == GQL_N_OPERATION && ns_str_is(p->node->text, "subscription") &&
            p->type != GQL_NONE) {
            gql_check_subscription(c, p, ++mark);
        }
    }
}

bool gql_validate(const struct gql_engine *engine, struct ns_arena *arena,
                  struct gql_document *doc, bool may_introspect, bool merging,
                  struct gql_errors *errors) {
    struct gql_check c = {.engine = engine,
                          .s = engine->schema,
                          .arena = arena,
                          .doc = doc,
                          .errors = errors,
                          .may_introspect = may_introspect};
    make_parts(&c);
    check_names(&c);
    for (struct gql_part *p = c.parts; p != NULL; p = p->next) {
        walk_part(&c, p);
    }
    gql_check_cycles(&c);
    gql_check_uses(&c);
    gql_check_introspection(&c);
    check_subscriptions(&c);
    if (!c.bad) {
        gql_check_limits(&c);
    }
    if ((c.bad || merging) && !gql_check_overlap(&c) && merging) {
        fault(&c, 0, "Fields conflict. Use different aliases on them.");
    }
    return !c.bad;
}
