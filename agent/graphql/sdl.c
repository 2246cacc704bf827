/* sdl.c: SDL to schema tables. Two passes: number everything, then fill and check. */
#include "agent/graphql/ast.h"
#include "agent/graphql/literal.h"
#include "agent/graphql/schema.h"

#include <stdlib.h>
#include <string.h>

struct compiler {
    struct ns_arena *arena;
    struct gql_schema *s;
    struct gql_type_def *types;
    struct gql_field_def *fields;
    struct gql_arg_def *args;
    struct gql_enum_def *values;
    struct gql_directive_def *directives;
    struct ns_str source; /* of the part being read */
    struct gql_node **type_nodes;
    uint32_t *arg_at; /* where each argument stands, for messages */
    struct ns_err *err;
    ns_rc rc;
};

static void wrong(struct compiler *c, uint32_t at, const char *what, struct ns_str name) {
    if (c->rc != NS_OK) {
        return;
    }
    uint32_t line;
    uint32_t column;
    gql_locate(c->source, at, &line, &column);
    c->rc = ns_err_note(c->err, NS_E_INPUT, "line %u: %s: %.*s", line, what,
                        (int)(name.n < 80 ? name.n : 80), name.p);
}

static const char *copy_text(struct compiler *c, struct ns_str text) {
    return text.p == NULL ? NULL : ns_arena_copy(c->arena, text);
}

static const struct gql_node *find_directive(const struct gql_node *n, const char *name) {
    for (const struct gql_node *d = n->directives; d != NULL; d = d->next) {
        if (ns_str_is(d->name, name)) {
            return d;
        }
    }
    return NULL;
}

static const char *directive_text(struct compiler *c, const struct gql_node *n,
                                  const char *name, const char *fallback) {
    const struct gql_node *d = find_directive(n, name);
    if (d == NULL) {
        return NULL;
    }
    if (d->args != NULL && d->args->value->kind == GQL_N_STRING) {
        return copy_text(c, d->args->value->text);
    }
    if (d->args != NULL || fallback == NULL) {
        wrong(c, d->at, "the directive's argument must be a string", d->name);
    }
    return fallback;
}

static void check_directives(struct compiler *c, const struct gql_node *n,
                             const char *const *allowed, size_t count) {
    for (const struct gql_node *d = n->directives; d != NULL; d = d->next) {
        bool good = false;
        for (size_t i = 0; i < count; i++) {
            good = good || ns_str_is(d->name, allowed[i]);
        }
        if (!good) {
            wrong(c, d->at, "directive may not stand here", d->name);
        }
        for (const struct gql_node *e = n->directives; e != d; e = e->next) {
            if (ns_str_eq(e->name, d->name)) {
                wrong(c, d->at, "directive given twice", d->name);
            }
        }
    }
}

static size_t list_length(const struct gql_node *n) {
    size_t count = 0;
    for (; n != NULL; n = n->next) {
        count++;
    }
    return count;
}

static enum gql_kind kind_of(const struct gql_node *n) {
    return ns_str_is(n->text, "type")    ? GQL_KIND_OBJECT
           : ns_str_is(n->text, "enum")  ? GQL_KIND_ENUM
           : ns_str_is(n->text, "input") ? GQL_KIND_INPUT
                                         : GQL_KIND_SCALAR;
}

/* ---- sizes and names ---- */

struct totals {
    size_t types, fields, args, values, directives;
};

static void count_all(const struct gql_document *doc, struct totals *t) {
    for (const struct gql_node *n = doc->definitions; n != NULL; n = n->next) {
        if (n->kind == GQL_N_DIRECTIVE_DEF) {
            t->directives++;
            t->args += list_length(n->args);
        }
        if (n->kind != GQL_N_TYPE_DEF) {
            continue;
        }
        t->types++;
        switch (kind_of(n)) {
        case GQL_KIND_OBJECT:
            t->fields += list_length(n->args);
            for (const struct gql_node *f = n->args; f != NULL; f = f->next) {
                t->args += list_length(f->args);
            }
            break;
        case GQL_KIND_INPUT:
            t->args += list_length(n->args);
            break;
        case GQL_KIND_ENUM:
            t->values += list_length(n->args);
            break;
        case GQL_KIND_SCALAR:
        default:
            break;
        }
    }
}

static void declare_types(struct compiler *c, const struct gql_document *doc, bool prelude) {
    c->source = doc->source;
    for (struct gql_node *n = doc->definitions; n != NULL; n = n->next) {
        if (n->kind != GQL_N_TYPE_DEF) {
            continue;
        }
        for (uint16_t i = 0; i < c->s->type_count; i++) {
            if (ns_str_is(n->name, c->types[i].name)) {
                wrong(c, n->at, "type defined twice", n->name);
            }
        }
        if (!prelude && ns_str_starts(n->name, "__")) {
            wrong(c, n->at, "names that begin with two underscores are reserved", n->name);
        }
        c->type_nodes[c->s->type_count] = n;
        c->types[c->s->type_count++] = (struct gql_type_def){
            .name = ns_arena_copy(c->arena, n->name),
            .description = copy_text(c, n->description),
            .kind = (uint8_t)kind_of(n),
        };
    }
}

/* ---- references and members ---- */

static uint16_t find_type(const struct compiler *c, struct ns_str name) {
    for (uint16_t i = 0; i < c->s->type_count; i++) {
        if (ns_str_is(name, c->types[i].name)) {
            return i;
        }
    }
    return GQL_NONE;
}

static struct gql_ref make_ref(struct compiler *c, const struct gql_node *t, bool input) {
    unsigned wrap = 0;
    unsigned shift = 0;
    for (; t->kind != GQL_N_NAMED_TYPE; t = t->type) {
        if (shift >= 2 * GQL_WRAP_MAX - 2) {
            wrong(c, t->at, "type nested too deeply", NS_STR("list"));
            return (struct gql_ref){0, 0};
        }
        wrap |= (t->kind == GQL_N_LIST_TYPE ? 2U : 1U) << shift;
        shift += 2;
    }
    uint16_t type = find_type(c, t->name);
    if (type == GQL_NONE) {
        wrong(c, t->at, "unknown type", t->name);
        return (struct gql_ref){0, 0};
    }
    uint8_t kind = c->types[type].kind;
    if (input ? kind == GQL_KIND_OBJECT : kind == GQL_KIND_INPUT) {
        wrong(c, t->at,
              input ? "an object type cannot be input"
                    : "an input type cannot be a "
                      "field's result",
              t->name);
    }
    return (struct gql_ref){type, (uint16_t)wrap};
}

static void check_member_name(struct compiler *c, const struct gql_node *first,
                              const struct gql_node *n, bool prelude) {
    for (const struct gql_node *other = first; other != n; other = other->next) {
        if (ns_str_eq(other->name, n->name)) {
            wrong(c, n->at, "name used twice", n->name);
        }
    }
    if (!prelude && ns_str_starts(n->name, "__")) {
        wrong(c, n->at, "names that begin with two underscores are reserved", n->name);
    }
}

static void add_args(struct compiler *c, const struct gql_node *list, bool prelude) {
    static const char *const allowed[] = {"deprecated"};
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        check_member_name(c, list, n, prelude);
        check_directives(c, n, allowed, 1);
        if (n->args != NULL) {
            wrong(c, n->at, "an input takes no arguments", n->name);
        }
        struct gql_arg_def *a = &c->args[c->s->arg_count];
        c->arg_at[c->s->arg_count++] = n->at;
        a->name = ns_arena_copy(c->arena, n->name);
        a->description = copy_text(c, n->description);
        a->ref = make_ref(c, n->type, true);
        a->deprecated = directive_text(c, n, "deprecated", "No longer supported");
        if (n->value != NULL) {
            struct ns_buf text = NS_BUF(1 << 16);
            gql_print_literal(n->value, &text);
            a->default_text = ns_arena_copy(c->arena, ns_buf_view(&text));
            ns_buf_fini(&text);
        }
        if (a->deprecated != NULL && gql_ref_non_null(a->ref) && a->default_text == NULL) {
            wrong(c, n->at, "what is required cannot be deprecated", n->name);
        }
    }
}

static void add_fields(struct compiler *c, uint16_t type, const struct gql_node *list,
                       bool prelude) {
    static const char *const allowed[] = {"deprecated", "access"};
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        check_member_name(c, list, n, prelude);
        check_directives(c, n, allowed, 2);
        if (n->value != NULL) {
            wrong(c, n->at, "a field takes no default", n->name);
        }
        struct gql_field_def *f = &c->fields[c->s->field_count++];
        f->name = ns_arena_copy(c->arena, n->name);
        f->description = copy_text(c, n->description);
        f->deprecated = directive_text(c, n, "deprecated", "No longer supported");
        f->ref = make_ref(c, n->type, false);
        f->owner = type;
        f->first_arg = c->s->arg_count;
        f->arg_count = (uint16_t)list_length(n->args);
        add_args(c, n->args, prelude);
    }
}

static void add_values(struct compiler *c, const struct gql_node *list, bool prelude) {
    static const char *const allowed[] = {"deprecated"};
    for (const struct gql_node *n = list; n != NULL; n = n->next) {
        check_member_name(c, list, n, prelude);
        check_directives(c, n, allowed, 1);
        if (ns_str_is(n->name, "true") || ns_str_is(n->name, "false") ||
            ns_str_is(n->name, "null")) {
            wrong(c, n->at, "no name for an enum value", n->name);
        }
        c->values[c->s->value_count++] = (struct gql_enum_def){
            .name = ns_arena_copy(c->arena, n->name),
            .description = copy_text(c, n->description),
            .deprecated = directive_text(c, n, "deprecated", "No longer supported"),
        };
    }
}

static void fill_type(struct compiler *c, uint16_t type, bool prelude) {
    static const char *const scalar_allowed[] = {"specifiedBy"};
    static const char *const input_allowed[] = {"oneOf"};
    static const char *const object_allowed[] = {"access"};
    const struct gql_node *n = c->type_nodes[type];
    struct gql_type_def *t = &c->types[type];
    t->count = (uint16_t)list_length(n->args);
    switch ((enum gql_kind)t->kind) {
    case GQL_KIND_OBJECT:
        check_directives(c, n, object_allowed, 1);
        t->first = c->s->field_count;
        add_fields(c, type, n->args, prelude);
        break;
    case GQL_KIND_INPUT:
        check_directives(c, n, input_allowed, 1);
        t->one_of = find_directive(n, "oneOf") != NULL;
        t->first = c->s->arg_count;
        add_args(c, n->args, prelude);
        for (uint16_t i = t->first; t->one_of && i < c->s->arg_count; i++) {
            if (gql_ref_non_null(c->args[i].ref) || c->args[i].default_text != NULL) {
                wrong(c, c->arg_at[i],
                      "a field of a @oneOf input must be nullable and without "
                      "default",
                      ns_str_of(c->args[i].name));
            }
        }
        break;
    case GQL_KIND_ENUM:
        check_directives(c, n, NULL, 0);
        t->first = c->s->value_count;
        add_values(c, n->args, prelude);
        break;
    case GQL_KIND_SCALAR:
    default:
        check_directives(c, n, scalar_allowed, 1);
        t->specified_by = directive_text(c, n, "specifiedBy", NULL);
    }
    if (t->kind != GQL_KIND_SCALAR && t->count == 0) {
        wrong(c, n->at, "type without members", n->name);
    }
}

static void add_directive(struct compiler *c, const struct gql_node *n, bool prelude) {
    static const char *const places[] = {
#define PLACE_TEXT(name) #name,
        GQL_PLACES(PLACE_TEXT)
#undef PLACE_TEXT
    };
    if (!prelude && !ns_str_is(n->name, "access")) {
        wrong(c, n->at, "directives of one's own are not supported here", n->name);
    }
    struct gql_directive_def *d = &c->directives[c->s->directive_count++];
    d->name = ns_arena_copy(c->arena, n->name);
    d->description = copy_text(c, n->description);
    d->repeatable = n->number == 1;
    d->first_arg = c->s->arg_count;
    d->arg_count = (uint16_t)list_length(n->args);
    add_args(c, n->args, prelude);
    for (const struct gql_node *p = n->selections; p != NULL; p = p->next) {
        for (size_t i = 0; i < NS_COUNT(places); i++) {
            d->places |= ns_str_is(p->name, places[i]) ? 1U << i : 0;
        }
    }
}

static void fill_all(struct compiler *c, const struct gql_document *doc, bool prelude,
                     uint16_t first_type) {
    c->source = doc->source;
    for (uint16_t t = first_type; t < c->s->type_count; t++) {
        fill_type(c, t, prelude);
    }
    for (const struct gql_node *n = doc->definitions; n != NULL; n = n->next) {
        if (n->kind == GQL_N_DIRECTIVE_DEF) {
            add_directive(c, n, prelude);
        }
    }
}

/* ---- who may ask ---- */

/* The enum whose values @access(to:) takes; GQL_NONE when the schema knows no such rule. */
static uint16_t access_type(const struct compiler *c) {
    for (uint16_t i = 0; i < c->s->directive_count; i++) {
        const struct gql_directive_def *d = &c->directives[i];
        if (strcmp(d->name, "access") == 0 && d->arg_count == 1) {
            return c->args[d->first_arg].ref.type;
        }
    }
    return GQL_NONE;
}

static uint8_t access_of(struct compiler *c, const struct gql_node *n, uint16_t levels) {
    const struct gql_node *d = find_directive(n, "access");
    const struct gql_type_def *t = &c->types[levels];
    if (d == NULL) {
        return 0;
    }
    const struct gql_node *given = d->args == NULL ? NULL : d->args->value;
    for (uint16_t v = 0; given != NULL && v < t->count && v < 31; v++) {
        if (ns_str_is(d->args->name, "to") && ns_str_is(given->text, c->values[t->first + v].name)) {
            return (uint8_t)(v + 1);
        }
    }
    wrong(c, d->at, "@access takes a value of its enum", n->name);
    return 0;
}

/* Default deny begins here: what nobody thought about does not compile. */
static void set_access(struct compiler *c, uint16_t first_type) {
    uint16_t levels = access_type(c);
    if (levels == GQL_NONE || c->types[levels].kind != GQL_KIND_ENUM) {
        return;
    }
    for (uint16_t t = first_type; t < c->s->type_count; t++) {
        const struct gql_node *n = c->type_nodes[t];
        if (c->types[t].kind != GQL_KIND_OBJECT) {
            continue;
        }
        uint8_t of_type = access_of(c, n, levels);
        uint16_t f = c->types[t].first;
        for (const struct gql_node *m = n->args; m != NULL; m = m->next, f++) {
            uint8_t own = access_of(c, m, levels);
            c->fields[f].access = own != 0 ? own : of_type;
            if (c->fields[f].access == 0) {
                wrong(c, m->at, "a field that does not say who may ask for it (@access)", m->name);
            }
        }
    }
}

/* ---- roots, defaults, cycles ---- */

static void set_root(struct compiler *c, const struct gql_node *schema_def, const char *role,
                     const char *usual, uint16_t *out) {
    struct ns_str name = schema_def == NULL ? ns_str_of(usual) : (struct ns_str){NULL, 0};
    uint32_t at = 0;
    for (const struct gql_node *n = schema_def == NULL ? NULL : schema_def->args; n != NULL;
         n = n->next) {
        if (ns_str_is(n->name, role)) {
            name = n->type->name;
            at = n->at;
        }
    }
    *out = name.p == NULL ? GQL_NONE : find_type(c, name);
    if (*out != GQL_NONE && c->types[*out].kind != GQL_KIND_OBJECT) {
        wrong(c, at, "a root must be an object type", name);
    }
    if (*out == GQL_NONE && schema_def != NULL && name.p != NULL) {
        wrong(c, at, "unknown root type", name);
    }
}

struct default_check {
    struct compiler *c;
    uint32_t at;
};

static void complain(void *ctx, uint32_t at, const char *message) {
    (void)at;
    const struct default_check *check = ctx;
    wrong(check->c, check->at, "bad default", ns_str_of(message));
}

static void check_defaults(struct compiler *c, uint16_t first) {
    struct gql_value *none = NS_NEW_N(c->arena, struct gql_value, c->s->arg_count);
    struct gql_inputs inputs = {.schema = c->s, .defaults = none};
    for (uint16_t i = first; i < c->s->arg_count; i++) {
        if (c->args[i].default_text == NULL || c->rc != NS_OK) {
            continue;
        }
        struct default_check check = {c, c->arg_at[i]};
        struct gql_literal l = {
            .inputs = &inputs, .arena = c->arena, .complain = complain, .ctx = &check};
        struct gql_value value;
        struct gql_node *n = gql_parse_value(c->arena, ns_str_of(c->args[i].default_text));
        gql_literal_coerce(&l, n, c->args[i].ref, true, &value);
    }
}

/* An input object that needs itself without end can never be written. */
static bool needs(const struct compiler *c, uint16_t type, uint8_t *state) {
    if (state[type] != 0) {
        return state[type] == 1;
    }
    state[type] = 1;
    const struct gql_type_def *t = &c->types[type];
    for (uint16_t i = t->first; i < t->first + t->count; i++) {
        struct gql_ref ref = c->args[i].ref;
        if (ref.wrap == GQL_WRAP_NON_NULL && c->types[ref.type].kind == GQL_KIND_INPUT &&
            needs(c, ref.type, state)) {
            return true;
        }
    }
    state[type] = 2;
    return false;
}

static void check_cycles(struct compiler *c) {
    uint8_t *state = NS_NEW_N(c->arena, uint8_t, c->s->type_count);
    for (uint16_t t = 0; t < c->s->type_count; t++) {
        if (c->types[t].kind == GQL_KIND_INPUT && needs(c, t, state)) {
            wrong(c, c->type_nodes[t]->at, "input type that requires itself",
                  ns_str_of(c->types[t].name));
            return;
        }
    }
}

/* ---- name order ---- */

static int by_name(const void *a, const void *b, void *names) {
    const char *const *n = names;
    return strcmp(n[*(const uint16_t *)a], n[*(const uint16_t *)b]);
}

static void sort_range(uint16_t *order, const char **names, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++) {
        order[i] = (uint16_t)i;
    }
    if (count > 1) {
        qsort_r(order + first, count, sizeof *order, by_name, names);
    }
}

#define NAMES_OF(c, table, count, out)                                                         \
    do {                                                                                       \
        for (size_t i_ = 0; i_ < (count); i_++) {                                              \
            (out)[i_] = (table)[i_].name;                                                      \
        }                                                                                      \
    } while (0)

static void sort_names(struct compiler *c) {
    struct gql_schema *s = c->s;
    size_t most = (size_t)s->type_count + s->field_count + s->arg_count + s->value_count;
    const char **names = NS_NEW_N(c->arena, const char *, most);
    uint16_t *types = NS_NEW_N(c->arena, uint16_t, s->type_count);
    uint16_t *fields = NS_NEW_N(c->arena, uint16_t, s->field_count);
    uint16_t *args = NS_NEW_N(c->arena, uint16_t, s->arg_count);
    uint16_t *values = NS_NEW_N(c->arena, uint16_t, s->value_count);
    NAMES_OF(c, c->types, s->type_count, names);
    sort_range(types, names, 0, s->type_count);
    NAMES_OF(c, c->fields, s->field_count, names);
    for (uint16_t t = 0; t < s->type_count; t++) {
        if (c->types[t].kind == GQL_KIND_OBJECT) {
            sort_range(fields, names, c->types[t].first, c->types[t].count);
        }
    }
    NAMES_OF(c, c->args, s->arg_count, names);
    for (uint16_t t = 0; t < s->type_count; t++) {
        if (c->types[t].kind == GQL_KIND_INPUT) {
            sort_range(args, names, c->types[t].first, c->types[t].count);
        }
    }
    for (uint16_t f = 0; f < s->field_count; f++) {
        sort_range(args, names, c->fields[f].first_arg, c->fields[f].arg_count);
    }
    for (uint16_t d = 0; d < s->directive_count; d++) {
        sort_range(args, names, c->directives[d].first_arg, c->directives[d].arg_count);
    }
    NAMES_OF(c, c->values, s->value_count, names);
    for (uint16_t t = 0; t < s->type_count; t++) {
        if (c->types[t].kind == GQL_KIND_ENUM) {
            sort_range(values, names, c->types[t].first, c->types[t].count);
        }
    }
    s->types_by_name = types;
    s->fields_by_name = fields;
    s->args_by_name = args;
    s->values_by_name = values;
}

static const struct gql_node *schema_definition(struct compiler *c,
                                                const struct gql_document *doc) {
    const struct gql_node *found = NULL;
    for (const struct gql_node *n = doc->definitions; n != NULL; n = n->next) {
        if (n->kind == GQL_N_SCHEMA_DEF) {
            if (found != NULL) {
                wrong(c, n->at, "schema defined twice", NS_STR("schema"));
            }
            found = n;
            c->s->description = copy_text(c, n->description);
        }
    }
    return found;
}

ns_rc gql_schema_compile(struct ns_arena *arena, struct ns_str sdl,
                         const struct gql_schema **out, struct ns_err *err) {
    struct gql_document prelude;
    struct gql_document doc;
    struct gql_parse_error bad;
    struct compiler c = {.arena = arena, .err = err, .source = sdl};
    if (!gql_parse(arena, ns_str_of(gql_prelude), true, UINT32_MAX, &prelude, &bad) ||
        !gql_parse(arena, sdl, true, UINT32_MAX, &doc, &bad)) {
        wrong(&c, bad.at, "mistake", ns_str_of(bad.message));
        return c.rc;
    }
    struct totals t = {0};
    count_all(&prelude, &t);
    count_all(&doc, &t);
    if (t.types >= GQL_NONE || t.fields >= GQL_NONE || t.args >= GQL_NONE ||
        t.values >= GQL_NONE) {
        return ns_err_note(err, NS_E_LIMIT, "line 1: the schema is too large");
    }
    c.s = NS_NEW(arena, struct gql_schema);
    c.types = NS_NEW_N(arena, struct gql_type_def, t.types);
    c.fields = NS_NEW_N(arena, struct gql_field_def, t.fields);
    c.args = NS_NEW_N(arena, struct gql_arg_def, t.args);
    c.values = NS_NEW_N(arena, struct gql_enum_def, t.values);
    c.directives = NS_NEW_N(arena, struct gql_directive_def, t.directives);
    c.type_nodes = NS_NEW_N(arena, struct gql_node *, t.types);
    c.arg_at = NS_NEW_N(arena, uint32_t, t.args);
    c.s->types = c.types;
    c.s->fields = c.fields;
    c.s->args = c.args;
    c.s->values = c.values;
    c.s->directives = c.directives;
    declare_types(&c, &prelude, true);
    fill_all(&c, &prelude, true, 0);
    uint16_t own_args = c.s->arg_count;
    uint16_t own_types = c.s->type_count;
    declare_types(&c, &doc, false);
    fill_all(&c, &doc, false, own_types);
    const struct gql_node *def = schema_definition(&c, &doc);
    set_root(&c, def, "query", "Query", &c.s->query);
    set_root(&c, def, "mutation", "Mutation", &c.s->mutation);
    set_root(&c, def, "subscription", "Subscription", &c.s->subscription);
    if (c.s->query == GQL_NONE) {
        wrong(&c, 0, "no query root", NS_STR("Query"));
    }
    if (c.rc == NS_OK) {
        set_access(&c, own_types);
        sort_names(&c);
        check_defaults(&c, own_args);
        check_cycles(&c);
    }
    *out = c.s;
    return c.rc;
}
