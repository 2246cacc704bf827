/* engine.c: set-up and its checks, the plan cache, and the way from a body to an exec. */
#include "agent/graphql/internal.h"

#include <stdlib.h>
#include <string.h>

#define ERRORS_TEXT_MAX (256 * 1024)
#define QUERY_MAX (1024 * 1024)
#define PLAN_KEEP_MAX (128 * 1024) /* a plan of more arena bytes is not kept */

/* ---- set-up ---- */

static void set_limits(struct gql_limits *l) {
    static const struct gql_limits usual = {.tokens = 10000,
                                            .depth = 12,
                                            .aliases = 200,
                                            .root_fields = 20,
                                            .selections = 5000,
                                            .directives = 50,
                                            .variables = 256,
                                            .objects = 20000,
                                            .errors = 20,
                                            .plans = 64};
    uint32_t *own[] = {&l->tokens,     &l->depth,      &l->aliases,   &l->root_fields,
                       &l->selections, &l->directives, &l->variables, &l->objects,
                       &l->errors,     &l->plans};
    const uint32_t normal[] = {
        usual.tokens,     usual.depth,     usual.aliases, usual.root_fields, usual.selections,
        usual.directives, usual.variables, usual.objects, usual.errors,      usual.plans};
    for (size_t i = 0; i < NS_COUNT(own); i++) {
        *own[i] = *own[i] == 0 ? normal[i] : *own[i];
    }
}

static void bind_all(struct gql_engine *e, const struct gql_config *c, gql_scalar_fn **parse) {
    for (size_t i = 0; i < c->root_count; i++) {
        e->root_of_field[c->roots[i].field] = c->roots[i].get;
        e->served[c->roots[i].field] = true;
    }
    for (size_t i = 0; i < c->type_count; i++) {
        e->get_of_type[c->types[i].type] = c->types[i].get;
    }
    for (size_t i = 0; i < c->field_count; i++) {
        e->batch_of_field[c->fields[i].field] = c->fields[i].batch;
    }
    for (size_t i = 0; i < c->scalar_count; i++) {
        parse[c->scalars[i].type] = c->scalars[i].parse;
    }
    for (uint16_t t = GQL_T__Root; t <= GQL_T___Directive; t++) {
        e->get_of_type[t] = gql_introspect;
    }
}

struct reach {
    struct gql_engine *e;
    struct ns_err *err;
    bool *seen;
    ns_rc rc;
};

/* Every object type that can be reached must be able to answer all its fields. */
static void reach(struct reach *r, uint16_t type, const char *from) {
    const struct gql_schema *s = r->e->schema;
    if (r->rc != NS_OK || s->types[type].kind != GQL_KIND_OBJECT || r->seen[type]) {
        return;
    }
    r->seen[type] = true;
    const struct gql_type_def *t = &s->types[type];
    for (uint16_t f = t->first; f < t->first + t->count; f++) {
        if (r->e->get_of_type[type] == NULL && r->e->batch_of_field[f] == NULL) {
            r->rc = ns_err_note(r->err, NS_E_CONFIG,
                                "graphql: nothing answers %s.%s, reached "
                                "through %s",
                                t->name, s->fields[f].name, from);
            return;
        }
        reach(r, s->fields[f].ref.type, s->fields[f].name);
    }
}

static void complain(void *ctx, uint32_t at, const char *message) {
    (void)at;
    struct reach *r = ctx;
    r->rc = ns_err_note(r->err, NS_E_CONFIG, "graphql: a default of the schema: %s", message);
}

static ns_rc check_engine(struct gql_engine *e, gql_scalar_fn *const *parse,
                          struct ns_err *err) {
    const struct gql_schema *s = e->schema;
    struct reach r = {.e = e, .err = err, .seen = NS_NEW_N(&e->arena, bool, s->type_count)};
    for (uint16_t t = GQL_BUILT_IN_TYPES; t < s->type_count; t++) {
        if (s->types[t].kind == GQL_KIND_SCALAR && parse[t] == NULL) {
            return ns_err_note(err, NS_E_CONFIG, "graphql: scalar %s has no hook",
                               s->types[t].name);
        }
    }
    for (uint16_t f = 0; f < s->field_count; f++) {
        uint16_t owner = s->fields[f].owner;
        bool root = owner == s->query || owner == s->mutation || owner == s->subscription;
        if (e->served[f] && !root) {
            return ns_err_note(err, NS_E_CONFIG, "graphql: %s.%s is no root field",
                               s->types[owner].name, s->fields[f].name);
        }
        if (e->served[f] && owner != s->subscription && e->root_of_field[f] == NULL) {
            return ns_err_note(err, NS_E_CONFIG, "graphql: root field %s has no resolver",
                               s->fields[f].name);
        }
        if (e->served[f]) {
            reach(&r, s->fields[f].ref.type, s->fields[f].name);
        }
    }
    return r.rc;
}

/* Defaults may lean on defaults of other input types, so every one is made again until all of
 * them stand: as many rounds as input types nest, at most eight. */
static ns_rc make_defaults(struct gql_engine *e, struct gql_value *defaults,
                           struct ns_err *err) {
    const struct gql_schema *s = e->schema;
    struct reach r = {.e = e, .err = err};
    for (int round = 0; round < 8; round++) {
        for (uint16_t a = 0; a < s->arg_count && r.rc == NS_OK; a++) {
            if (s->args[a].default_text == NULL) {
                continue;
            }
            struct gql_literal l = {
                .inputs = &e->inputs, .arena = &e->arena, .complain = complain, .ctx = &r};
            struct gql_node *n = gql_parse_value(&e->arena, ns_str_of(s->args[a].default_text));
            if (n != NULL) {
                gql_literal_coerce(&l, n, s->args[a].ref, true, &defaults[a]);
            }
        }
        bool nested = false;
        for (uint16_t a = 0; a < s->arg_count; a++) {
            nested = nested || (s->args[a].default_text != NULL &&
                                s->types[s->args[a].ref.type].kind == GQL_KIND_INPUT);
        }
        if (!nested) {
            break;
        }
    }
    return r.rc;
}

ns_rc gql_engine_new(const struct gql_config *config, struct gql_engine **out,
                     struct ns_err *err) {
    const struct gql_schema *s = config->schema;
    struct gql_engine *e = ns_xcalloc(1, sizeof *e);
    e->schema = s;
    e->limits = config->limits;
    set_limits(&e->limits);
    e->not_served = config->not_served != NULL ? config->not_served
                                               : "This part of the agent is not set up.";
    e->denied = config->denied != NULL ? config->denied : "You may not ask for this.";
    e->get_of_type = NS_NEW_N(&e->arena, gql_get_fn *, s->type_count);
    e->batch_of_field = NS_NEW_N(&e->arena, gql_batch_fn *, s->field_count);
    e->root_of_field = NS_NEW_N(&e->arena, gql_get_fn *, s->field_count);
    e->served = NS_NEW_N(&e->arena, bool, s->field_count);
    e->number_type = NS_NEW_N(&e->arena, bool, s->type_count);
    gql_scalar_fn **parse = NS_NEW_N(&e->arena, gql_scalar_fn *, s->type_count);
    struct gql_value *defaults = NS_NEW_N(&e->arena, struct gql_value, s->arg_count);
    e->inputs = (struct gql_inputs){s, defaults, parse};
    e->plans = NS_NEW_N(&e->arena, struct gql_plan *, e->limits.plans);
    bind_all(e, config, parse);
    e->number_type[GQL_T_Float] = true;
    for (uint16_t t = GQL_BUILT_IN_TYPES; t < s->type_count; t++) {
        e->number_type[t] = parse[t] == gql_scalar_money;
    }
    ns_rc rc = check_engine(e, parse, err);
    if (rc == NS_OK) {
        rc = make_defaults(e, defaults, err);
    }
    if (rc != NS_OK) {
        gql_engine_free(e);
        e = NULL;
    }
    *out = e;
    return rc;
}

void gql_engine_free(struct gql_engine *e) {
    if (e == NULL) {
        return;
    }
    for (uint32_t i = 0; i < e->plan_count; i++) {
        gql_plan_release(e->plans[i]);
    }
    ns_arena_fini(&e->arena);
    free(e);
}

/* ---- plans ---- */

void gql_plan_release(struct gql_plan *plan) {
    if (plan != NULL && --plan->refs == 0) {
        ns_arena_fini(&plan->arena);
        free(plan);
    }
}

/* FNV-1a; the text is compared too, so a collision costs nothing but time. */
static uint64_t hash_of(struct ns_str text) {
    uint64_t h = 14695981039346656037ULL;
    for (size_t i = 0; i < text.n; i++) {
        h = (h ^ (unsigned char)text.p[i]) * 1099511628211ULL;
    }
    return h;
}

static struct gql_plan *find_plan(struct gql_engine *e, const struct gql_body *body,
                                  bool may_introspect, uint64_t hash) {
    for (uint32_t i = 0; i < e->plan_count; i++) {
        struct gql_plan *p = e->plans[i];
        if (p->hash == hash && p->may_introspect == may_introspect &&
            ns_str_eq(p->query, body->query) &&
            ns_str_eq(p->operation_name, body->operation_name)) {
            p->used = ++e->tick;
            p->refs++;
            return p;
        }
    }
    return NULL;
}

static void keep_plan(struct gql_engine *e, struct gql_plan *p) {
    if (p->arena.total > PLAN_KEEP_MAX) {
        return;
    }
    uint32_t slot = e->plan_count;
    if (slot == e->limits.plans) {
        slot = 0;
        for (uint32_t i = 1; i < e->plan_count; i++) {
            slot = e->plans[i]->used < e->plans[slot]->used ? i : slot;
        }
        gql_plan_release(e->plans[slot]);
    } else {
        e->plan_count++;
    }
    p->used = ++e->tick;
    p->refs++;
    e->plans[slot] = p;
}

static void simple_error(struct gql_errors *errors, enum gql_code code, const char *message) {
    gql_errors_add(errors, code, message, NULL, 0, NULL, NS_STR(""));
}

/* The operation to run; NULL when there is none of that name, or several and no name. */
static struct gql_node *choose(const struct gql_document *doc, struct ns_str name) {
    struct gql_node *found = NULL;
    for (struct gql_node *n = doc->definitions; n != NULL; n = n->next) {
        if (n->kind != GQL_N_OPERATION) {
            continue;
        }
        if (name.n == 0 && found != NULL) {
            return NULL;
        }
        if (name.n == 0 || ns_str_eq(n->name, name)) {
            found = found == NULL ? n : found;
        }
    }
    return found;
}

static void say_not_chosen(const struct gql_document *doc, struct ns_str name,
                           struct ns_arena *arena, struct gql_errors *errors) {
    bool any = false;
    for (const struct gql_node *n = doc->definitions; n != NULL; n = n->next) {
        any = any || n->kind == GQL_N_OPERATION;
    }
    const char *message = "Must provide operation name if query contains multiple operations.";
    if (!any) {
        message = "Must provide an operation.";
    } else if (name.n > 0) {
        message = ns_arena_printf(arena, "Unknown operation named \"%.*s\".",
                                  (int)(name.n < 200 ? name.n : 200), name.p);
    }
    simple_error(errors, GQL_CODE_BAD_USER_INPUT, message);
}

/* A new plan, with one count; NULL when refused. */
static struct gql_plan *make_plan(struct gql_engine *e, const struct gql_body *body,
                                  bool may_introspect, uint64_t hash,
                                  struct gql_errors *errors) {
    struct gql_plan *p = ns_xcalloc(1, sizeof *p);
    struct ns_arena *arena = &p->arena;
    p->refs = 1;
    p->hash = hash;
    p->may_introspect = may_introspect;
    p->query = (struct ns_str){ns_arena_copy(arena, body->query), body->query.n};
    p->operation_name =
        (struct ns_str){ns_arena_copy(arena, body->operation_name), body->operation_name.n};
    struct gql_document doc;
    struct gql_parse_error bad;
    bool good = gql_parse(arena, p->query, false, e->limits.tokens, &doc, &bad);
    if (!good) {
        struct gql_place_at place;
        gql_locate(p->query, bad.at, &place.line, &place.column);
        gql_errors_add(
            errors, bad.over_limit ? GQL_CODE_QUERY_TOO_COMPLEX : GQL_CODE_GRAPHQL_PARSE_FAILED,
            bad.message, &place, 1, NULL, NS_STR(""));
    }
    good = good && gql_validate(e, arena, &doc, may_introspect, false, errors);
    struct gql_node *chosen = good ? choose(&doc, p->operation_name) : NULL;
    good = good && gql_plan_build(e, p, &doc, chosen, errors);
    if (good && chosen == NULL) {
        say_not_chosen(&doc, p->operation_name, arena, errors);
        good = false;
    }
    if (!good) {
        gql_plan_release(p);
        return NULL;
    }
    keep_plan(e, p);
    return p;
}

/* ---- variables ---- */

static void variable_error(struct gql_errors *errors, const struct gql_plan *p,
                           const struct gql_plan_variable *v, const char *message) {
    struct gql_place_at place;
    gql_locate(p->query, v->at, &place.line, &place.column);
    gql_errors_add(errors, GQL_CODE_BAD_USER_INPUT, message, &place, 1, NULL, NS_STR(""));
}

static void required_error(struct gql_engine *e, struct ns_arena *arena,
                           const struct gql_plan *p, const struct gql_plan_variable *v,
                           bool is_null, struct gql_errors *errors) {
    struct ns_buf type = NS_BUF(4096);
    gql_ref_print(e->schema, v->ref, &type);
    const char *form = is_null ? "Variable \"$%.*s\" of non-null type \"%s\" must not be null."
                               : "Variable \"$%.*s\" of required type \"%s\" was not provided.";
    variable_error(errors, p, v,
                   ns_arena_printf(arena, form, (int)v->name.n, v->name.p, type.data));
    ns_buf_fini(&type);
}

static struct gql_value *coerce_variables(struct gql_engine *e, struct ns_arena *arena,
                                          const struct gql_plan *p,
                                          const struct gql_value *given,
                                          struct gql_errors *errors) {
    struct gql_value *values = NS_NEW_N(arena, struct gql_value, p->variable_count);
    const struct gql_value **raw = NS_NEW_N(arena, const struct gql_value *, p->variable_count);
    for (uint32_t k = 0; given->kind == GQL_MAP && k < given->count; k++) {
        for (uint32_t i = 0; i < p->variable_count; i++) {
            if (ns_str_eq(given->entries[k].key, p->variables[i].name)) {
                raw[i] = &given->entries[k].value;
            }
        }
    }
    for (uint32_t i = 0; i < p->variable_count; i++) {
        const struct gql_plan_variable *v = &p->variables[i];
        struct ns_buf text = NS_BUF(8192);
        if (raw[i] == NULL) {
            values[i] = v->fallback;
            if (v->fallback.kind == GQL_ABSENT && gql_ref_non_null(v->ref)) {
                required_error(e, arena, p, v, false, errors);
            }
        } else if (raw[i]->kind == GQL_NULL && gql_ref_non_null(v->ref)) {
            required_error(e, arena, p, v, true, errors);
        } else if (!gql_json_coerce(&e->inputs, arena, v->name, raw[i], v->ref, &values[i],
                                    &text)) {
            variable_error(errors, p, v,
                           ns_arena_printf(arena, "Variable \"$%.*s\" got invalid value%s",
                                           (int)v->name.n, v->name.p,
                                           text.data == NULL ? "." : text.data));
        }
        ns_buf_fini(&text);
        if (v->condition && errors->count == 0 && values[i].kind != GQL_BOOL) {
            variable_error(errors, p, v,
                           "Argument \"if\" of non-null type \"Boolean!\" must not be "
                           "null.");
        }
    }
    return errors->count == 0 ? values : NULL;
}

struct gql_exec *gql_exec_new(struct gql_engine *e, struct ns_arena *arena,
                              const struct gql_body *body, bool may_introspect,
                              struct ns_buf *response) {
    struct gql_errors errors = {.text = NS_BUF(ERRORS_TEXT_MAX), .limit = e->limits.errors};
    struct gql_exec *x = NULL;
    struct gql_plan *p = NULL;
    if (body->query.n > QUERY_MAX) {
        simple_error(&errors, GQL_CODE_QUERY_TOO_COMPLEX, "The query is too long.");
        goto out;
    }
    uint64_t hash = hash_of(body->query);
    p = find_plan(e, body, may_introspect, hash);
    if (p == NULL) {
        p = make_plan(e, body, may_introspect, hash, &errors);
    }
    if (p == NULL) {
        goto out;
    }
    struct gql_value *values = coerce_variables(e, arena, p, &body->variables, &errors);
    if (values != NULL) {
        x = gql_exec_make(e, p, arena, values, response);
        p = NULL; /* the exec holds the count now */
    }
out:
    if (x == NULL) {
        gql_errors_refuse(&errors, response);
        gql_plan_release(p);
    }
    ns_buf_fini(&errors.text);
    return x;
}

/* ---- bodies ---- */

static const char *read_members(const struct gql_value *root, struct gql_body *out) {
    for (uint32_t i = 0; i < root->count; i++) {
        struct ns_str key = root->entries[i].key;
        const struct gql_value *v = &root->entries[i].value;
        if (ns_str_is(key, "query")) {
            if (v->kind != GQL_STRING) {
                return "\"query\" must be a string.";
            }
            out->query = v->text;
        } else if (ns_str_is(key, "operationName")) {
            if (v->kind != GQL_STRING && v->kind != GQL_NULL) {
                return "\"operationName\" must be a string.";
            }
            out->operation_name = v->kind == GQL_NULL ? (struct ns_str){NULL, 0} : v->text;
        } else if (ns_str_is(key, "variables")) {
            if (v->kind != GQL_MAP && v->kind != GQL_NULL) {
                return "\"variables\" must be an object.";
            }
            out->variables = *v;
        } else if (ns_str_is(key, "extensions")) {
            if (v->kind != GQL_MAP && v->kind != GQL_NULL) {
                return "\"extensions\" must be an object.";
            }
            out->extensions = *v;
        }
    }
    return out->query.p == NULL ? "\"query\" is missing." : NULL;
}

ns_rc gql_body_read(struct ns_arena *arena, struct ns_str json, struct gql_body *out,
                    struct ns_buf *response) {
    struct gql_value root;
    const char *problem = NULL;
    size_t offset = 0;
    *out = (struct gql_body){0};
    if (gql_json_read(arena, json, &root, &problem, &offset) != NS_OK) {
        problem = ns_arena_printf(arena, "The body is not valid JSON: %s (byte %zu).", problem,
                                  offset);
    } else if (root.kind == GQL_LIST) {
        problem = "Several requests in one body are not supported.";
    } else if (root.kind != GQL_MAP) {
        problem = "The body must be a JSON object.";
    } else {
        problem = read_members(&root, out);
    }
    if (problem != NULL) {
        gql_refusal(response, GQL_CODE_BAD_USER_INPUT, problem);
    }
    return problem == NULL ? NS_OK : NS_E_INPUT;
}
