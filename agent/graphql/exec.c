/* exec.c: runs a plan straight into the response buffer. Where a value may not be null but is,
 * the buffer is cut back to where the nearest nullable parent began. */
#include "agent/graphql/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gql_exec {
    struct gql_engine *engine;
    struct gql_plan *plan;
    struct ns_arena *arena;
    struct ns_buf *response;
    void *ctx;
    struct gql_value *variables;
    const struct gql_value **root_args;
    struct gql_errors errors;
    const struct gql_plan_field *at; /* root field in work */
    size_t at_index;
    size_t resumed_from; /* in response: the field that was resumed last */
    size_t resumed_to;
    uint32_t cost;
    uint32_t access; /* set of bits, see gql_exec_grant() */
    bool began;
    bool dead;    /* data is null */
    bool stopped; /* over the limit of objects */
    bool waiting;
};

/* Batched results for one list of objects. */
struct batch {
    const struct batch *next;
    const struct gql_plan_field *field;
    const struct gql_out *results;
};

const struct gql_schema *gql_exec_schema(const struct gql_exec *exec) {
    return exec->engine->schema;
}

/* ---- errors and conditions ---- */

static bool holds(const struct gql_exec *x, const struct gql_cond *cond) {
    for (; cond != NULL; cond = cond->outer) {
        if (cond->variable < 0 || x->variables[cond->variable].boolean != cond->expect) {
            return false;
        }
    }
    return true;
}

static bool included(const struct gql_exec *x, const struct gql_plan_field *f) {
    if (f->always) {
        return true;
    }
    for (const struct gql_occurrence *o = f->occurrences; o != NULL; o = o->next) {
        if (holds(x, o->cond)) {
            return true;
        }
    }
    return false;
}

static void report(struct gql_exec *x, const struct gql_plan_field *f, enum gql_code code,
                   const char *message, const struct gql_path *path, struct ns_str extra) {
    struct gql_place_at places[8];
    size_t n = 0;
    if (x->errors.count > x->errors.limit) {
        return;
    }
    for (const struct gql_occurrence *o = f->occurrences; o != NULL && n < NS_COUNT(places);
         o = o->next) {
        if (holds(x, o->cond)) {
            gql_locate(x->plan->query, o->at, &places[n].line, &places[n].column);
            n++;
        }
    }
    gql_errors_add(&x->errors, code, message, places, n, path, extra);
}

static const char *coordinate(const struct gql_exec *x, const struct gql_plan_field *f,
                              struct ns_arena *arena) {
    return ns_arena_printf(arena, "%s.%s", x->engine->schema->types[f->def->owner].name,
                           f->def->name);
}

/* ---- leaves ---- */

static void write_float(struct ns_buf *out, double d) {
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d) {
            break;
        }
    }
    ns_buf_text(out, text);
}

static void quoted(struct ns_buf *out, const char *text) {
    ns_buf_char(out, '"');
    ns_buf_text(out, text);
    ns_buf_char(out, '"');
}

static bool leaf_number(struct gql_exec *x, uint16_t type, const struct gql_out *out) {
    struct ns_buf *b = x->response;
    bool custom = type >= GQL_BUILT_IN_TYPES;
    if (out->kind == GQL_OUT_FLOAT) {
        if (!isfinite(out->number) || (type != GQL_T_Float && !custom)) {
            return false;
        }
        write_float(b, out->number);
        return true;
    }
    bool wide = type == GQL_T_Float || custom;
    if ((type != GQL_T_Int && !wide) ||
        (!wide && (out->integer < INT32_MIN || out->integer > INT32_MAX))) {
        return false;
    }
    ns_buf_int(b, out->integer);
    return true;
}

/* False when the resolver's result does not fit the type. */
static bool write_leaf(struct gql_exec *x, uint16_t type, const struct gql_out *out) {
    struct ns_buf *b = x->response;
    const struct gql_type_def *t = &x->engine->schema->types[type];
    bool custom = type >= GQL_BUILT_IN_TYPES && t->kind == GQL_KIND_SCALAR;
    char text[64];
    switch ((enum gql_out_kind)out->kind) {
    case GQL_OUT_BOOL:
        ns_buf_text(b, out->boolean ? "true" : "false");
        return type == GQL_T_Boolean || custom;
    case GQL_OUT_INT:
    case GQL_OUT_FLOAT:
        return t->kind == GQL_KIND_SCALAR && leaf_number(x, type, out);
    case GQL_OUT_TEXT:
        gql_json_string(b, out->text);
        return type == GQL_T_String || type == GQL_T_ID || custom;
    case GQL_OUT_ENUM:
        if (t->kind != GQL_KIND_ENUM || out->integer < 0 || out->integer >= t->count) {
            return false;
        }
        quoted(b, x->engine->schema->values[t->first + out->integer].name);
        return true;
    case GQL_OUT_DATE:
        ns_date_format((ns_date)out->integer, text);
        quoted(b, text);
        return type == GQL_T_String || custom;
    case GQL_OUT_TIME:
        ns_time_format(out->integer, text);
        quoted(b, text);
        return type == GQL_T_String || custom;
    case GQL_OUT_MONEY:
        ns_money_format(out->integer, text);
        if (x->engine->number_type[type]) {
            ns_buf_text(b, text);
        } else {
            quoted(b, text);
        }
        return type == GQL_T_String || type == GQL_T_Float || custom;
    case GQL_OUT_ID:
        ns_id_format(out->id, text);
        quoted(b, text);
        return type == GQL_T_ID || type == GQL_T_String;
    case GQL_OUT_RAW:
        ns_buf_str(b, out->text);
        return custom;
    case GQL_OUT_UNSET:
    case GQL_OUT_NULL:
    case GQL_OUT_OBJECT:
    case GQL_OUT_OBJECTS:
    case GQL_OUT_ARRAY:
    case GQL_OUT_LIST:
    case GQL_OUT_ERROR:
    case GQL_OUT_PENDING:
    default:
        return false;
    }
}

/* ---- values ---- */

static bool complete(struct gql_exec *x, const struct gql_plan_field *f, struct gql_ref ref,
                     const struct gql_out *out, const struct gql_path *path,
                     const struct batch *batches, size_t index);

static const struct gql_value *arguments(struct gql_exec *x, const struct gql_plan_field *f,
                                         const char **bad_place) {
    if (!f->dynamic) {
        return f->args;
    }
    struct gql_value *args = NS_NEW_N(x->arena, struct gql_value, f->def->arg_count);
    return gql_args_fill(&x->engine->inputs, x->arena, f->def->first_arg, f->def->arg_count,
                         f->args, x->variables, args, bad_place)
               ? args
               : NULL;
}

static void bad_argument(struct gql_exec *x, const char *name, struct gql_out *out) {
    gql_fail(
        out, GQL_CODE_BAD_USER_INPUT,
        ns_arena_printf(x->arena, "Argument \"%s\" of non-null type must not be null.", name));
}

static void call_get(struct gql_exec *x, const struct gql_plan_field *f, gql_get_fn *get,
                     const struct gql_value *args, const void *object, struct gql_out *out) {
    struct gql_call call = {x->ctx, x->arena, f->field, args, f, x};
    get(&call, object, out);
}

/* The field's result from a batch, or by asking now. */
static void resolve(struct gql_exec *x, const struct gql_plan_field *f, const void *object,
                    const struct batch *batches, size_t index, struct gql_out *out) {
    for (; batches != NULL; batches = batches->next) {
        if (batches->field == f) {
            *out = batches->results[index];
            return;
        }
    }
    const char *bad = NULL;
    const struct gql_value *args = arguments(x, f, &bad);
    if (bad != NULL) {
        bad_argument(x, bad, out);
        return;
    }
    gql_get_fn *get = x->engine->get_of_type[f->def->owner];
    if (get != NULL) {
        call_get(x, f, get, args, object, out);
    }
}

/* Fields without a rule: of the introspection, and of schemas that declare none. */
static bool granted(const struct gql_exec *x, const struct gql_plan_field *f) {
    return f->def->access == 0 || (x->access >> (f->def->access - 1) & 1U) != 0;
}

static bool write_object(struct gql_exec *x, const struct gql_plan_set *set, const void *object,
                         const struct gql_path *path, const struct batch *batches,
                         size_t index) {
    struct ns_buf *b = x->response;
    if (++x->cost > x->engine->limits.objects) {
        x->stopped = true;
        return false;
    }
    char sep = '{';
    for (const struct gql_plan_field *f = set->fields; f != NULL; f = f->next) {
        if (!included(x, f)) {
            continue;
        }
        ns_buf_char(b, sep);
        sep = ',';
        ns_buf_str(b, f->key);
        if (f->def == NULL) {
            quoted(b, x->engine->schema->types[set->type].name);
            continue;
        }
        struct gql_out out = {0};
        if (granted(x, f)) {
            resolve(x, f, object, batches, index, &out);
        } else {
            gql_fail(&out, GQL_CODE_PERMISSION_DENIED, x->engine->denied);
        }
        struct gql_path here = {.up = path, .name = f->name};
        if (!complete(x, f, f->def->ref, &out, &here, NULL, 0)) {
            return false;
        }
    }
    if (sep == '{') {
        ns_buf_char(b, '{');
    }
    ns_buf_char(b, '}');
    return !x->stopped;
}

/* Ask the batched fields of a selection for all objects at once. */
static const struct batch *make_batches(struct gql_exec *x, const struct gql_plan_set *set,
                                        const void *const *objects, size_t n) {
    const struct batch *all = NULL;
    for (const struct gql_plan_field *f = set->fields; f != NULL && n > 0; f = f->next) {
        gql_batch_fn *fn = f->def == NULL ? NULL : x->engine->batch_of_field[f->field];
        if (fn == NULL || !included(x, f) || !granted(x, f)) {
            continue;
        }
        struct gql_out *results = NS_NEW_N(x->arena, struct gql_out, n);
        const char *bad = NULL;
        const struct gql_value *args = arguments(x, f, &bad);
        if (bad == NULL) {
            struct gql_call call = {x->ctx, x->arena, f->field, args, f, x};
            fn(&call, objects, n, results);
        }
        for (size_t i = 0; i < n && bad != NULL; i++) {
            bad_argument(x, bad, &results[i]);
        }
        struct batch *batch = NS_NEW(x->arena, struct batch);
        *batch = (struct batch){all, f, results};
        all = batch;
    }
    return all;
}

static bool has_batches(const struct gql_exec *x, const struct gql_plan_set *set) {
    for (const struct gql_plan_field *f = set->fields; f != NULL; f = f->next) {
        if (f->def != NULL && x->engine->batch_of_field[f->field] != NULL) {
            return true;
        }
    }
    return false;
}

static const void *object_at(const struct gql_out *out, size_t i) {
    return out->kind == GQL_OUT_ARRAY ? (const char *)out->object + i * out->stride
                                      : out->objects[i];
}

/* Batches for the objects of a list; NULL when there are none. A null object takes part as
 * a hole would: it is left out, and `order` tells where each object's results stand. */
static const struct batch *list_batches(struct gql_exec *x, const struct gql_plan_field *f,
                                        const struct gql_out *out) {
    bool objects = out->kind == GQL_OUT_OBJECTS || out->kind == GQL_OUT_ARRAY;
    if (!objects || f->set == NULL || out->count > x->engine->limits.objects ||
        !has_batches(x, f->set)) {
        return NULL;
    }
    const void **all = NS_NEW_N(x->arena, const void *, out->count);
    size_t n = 0;
    for (size_t i = 0; i < out->count; i++) {
        const void *object = object_at(out, i);
        if (object != NULL) {
            all[n++] = object;
        }
    }
    return make_batches(x, f->set, all, n);
}

static bool write_list(struct gql_exec *x, const struct gql_plan_field *f, struct gql_ref inner,
                       const struct gql_out *out, const struct gql_path *path) {
    const struct batch *batches = list_batches(x, f, out);
    size_t index = 0; /* among objects that are not null */
    ns_buf_char(x->response, '[');
    for (uint32_t i = 0; i < out->count; i++) {
        struct gql_path here = {.up = path, .index = i};
        struct gql_out one;
        if (i > 0) {
            ns_buf_char(x->response, ',');
        }
        if (out->kind == GQL_OUT_LIST) {
            one = out->items[i];
        } else {
            gql_object(&one, object_at(out, i));
        }
        if (!complete(x, f, inner, &one, &here, batches, index)) {
            return false;
        }
        index += one.kind == GQL_OUT_OBJECT ? 1 : 0;
    }
    ns_buf_char(x->response, ']');
    return true;
}

static bool write_one_object(struct gql_exec *x, const struct gql_plan_field *f,
                             const struct gql_out *out, const struct gql_path *path,
                             const struct batch *batches, size_t index) {
    if (batches == NULL && has_batches(x, f->set)) {
        batches = make_batches(x, f->set, &out->object, 1);
        index = 0;
    }
    return write_object(x, f->set, out->object, path, batches, index);
}

/* Writes the value, or false when it is null or failed (an error is then on the list). */
static bool write_value(struct gql_exec *x, const struct gql_plan_field *f, struct gql_ref ref,
                        const struct gql_out *out, const struct gql_path *path,
                        const struct batch *batches, size_t index) {
    bool is_list =
        out->kind == GQL_OUT_LIST || out->kind == GQL_OUT_OBJECTS || out->kind == GQL_OUT_ARRAY;
    if (out->kind == GQL_OUT_ERROR) {
        char message[1024];
        ns_str_copy(out->text.n < sizeof message
                        ? out->text
                        : (struct ns_str){out->text.p, sizeof message - 1},
                    message, sizeof message);
        report(x, f, (enum gql_code)out->code, message, path, out->extra);
        return false;
    }
    if (gql_ref_list(ref) && is_list) {
        return write_list(x, f, gql_ref_inner(ref), out, path);
    }
    if (f->set != NULL && out->kind == GQL_OUT_RAW) {
        ns_buf_str(x->response, out->text);
        return true;
    }
    if (!gql_ref_list(ref) && f->set != NULL && out->kind == GQL_OUT_OBJECT) {
        return write_one_object(x, f, out, path, batches, index);
    }
    if (!gql_ref_list(ref) && f->set == NULL && write_leaf(x, ref.type, out)) {
        return true;
    }
    const char *text = out->kind == GQL_OUT_UNSET ? "No resolver answered for %s."
                                                  : "The result does not fit the type of %s.";
    char message[256];
    snprintf(message, sizeof message, text, coordinate(x, f, x->arena));
    report(x, f, GQL_CODE_INTERNAL, message, path, NS_STR(""));
    return false;
}

/* Writes the value or null; false when null must go further up. */
static bool complete(struct gql_exec *x, const struct gql_plan_field *f, struct gql_ref ref,
                     const struct gql_out *out, const struct gql_path *path,
                     const struct batch *batches, size_t index) {
    bool non_null = gql_ref_non_null(ref);
    size_t start = x->response->len;
    if (out->kind == GQL_OUT_NULL) {
        if (!non_null) {
            ns_buf_text(x->response, "null");
            return true;
        }
        char message[256];
        snprintf(message, sizeof message, "Cannot return null for non-nullable field %s.",
                 coordinate(x, f, x->arena));
        report(x, f, GQL_CODE_INTERNAL, message, path, NS_STR(""));
        return false;
    }
    if (write_value(x, f, non_null ? gql_ref_inner(ref) : ref, out, path, batches, index)) {
        return true;
    }
    if (non_null || x->stopped) {
        return false;
    }
    ns_buf_cut(x->response, start);
    ns_buf_text(x->response, "null");
    return true;
}

/* ---- roots ---- */

static enum gql_state finish(struct gql_exec *x) {
    struct ns_buf *b = x->response;
    if (x->stopped) {
        gql_errors_add(&x->errors, GQL_CODE_QUERY_TOO_COMPLEX,
                       "The answer would hold too many objects; ask for less at once.", NULL, 0,
                       NULL, NS_STR(""));
    }
    if (x->dead) {
        ns_buf_cut(b, 0);
        ns_buf_text(b, "{\"data\":null");
    } else {
        ns_buf_char(b, '}');
    }
    if (x->errors.count > 0) {
        ns_buf_text(b, ",\"errors\":[");
        ns_buf_str(b, ns_buf_view(&x->errors.text));
        ns_buf_char(b, ']');
    }
    ns_buf_char(b, '}');
    if (b->failed || x->errors.text.failed) {
        ns_buf_clear(b);
        ns_buf_text(b,
                    "{\"data\":null,\"errors\":[{\"message\":\"The answer is too large; ask "
                    "for less at once.\",\"extensions\":{\"code\":\"QUERY_TOO_COMPLEX\"}}]}");
    }
    x->waiting = false;
    return GQL_DONE;
}

static void resolve_root(struct gql_exec *x, const struct gql_plan_field *f,
                         const struct gql_value *args, struct gql_out *out) {
    const struct gql_schema *s = x->engine->schema;
    if (f->def->owner == GQL_T__Root) {
        call_get(x, f, gql_introspect, args, s, out);
    } else if (x->engine->root_of_field[f->field] != NULL) {
        call_get(x, f, x->engine->root_of_field[f->field], args, NULL, out);
    } else {
        gql_fail(out, GQL_CODE_NOT_SET_UP, x->engine->not_served);
    }
}

static void begin(struct gql_exec *x) {
    ns_buf_clear(x->response);
    ns_buf_text(x->response, "{\"data\":{");
    x->at = x->plan->root->fields;
    x->at_index = 0;
    x->dead = false;
    x->stopped = false;
    x->began = true;
}

static void write_root(struct gql_exec *x, const struct gql_out *out) {
    struct gql_path here = {.name = x->at->name};
    if (!complete(x, x->at, x->at->def->ref, out, &here, NULL, 0)) {
        x->dead = true;
    }
}

static void next_root(struct gql_exec *x) {
    x->at = x->at->next;
    x->at_index++;
}

static void write_root_key(struct gql_exec *x) {
    if (x->response->len > 0 && x->response->data[x->response->len - 1] != '{') {
        ns_buf_char(x->response, ',');
    }
    ns_buf_str(x->response, x->at->key);
}

/* Root fields in document order, until one is pending or all are done. */
static enum gql_state go_on(struct gql_exec *x) {
    for (; x->at != NULL && !x->dead; next_root(x)) {
        const struct gql_plan_field *f = x->at;
        if (!included(x, f)) {
            continue;
        }
        write_root_key(x);
        if (f->def == NULL) {
            quoted(x->response, x->engine->schema->types[x->plan->root->type].name);
            continue;
        }
        struct gql_out out = {0};
        const struct gql_value *args = x->root_args[x->at_index];
        if (!granted(x, f)) {
            gql_fail(&out, GQL_CODE_PERMISSION_DENIED, x->engine->denied);
        } else if (args == NULL && f->dynamic) {
            const char *bad = NULL;
            arguments(x, f, &bad);
            bad_argument(x, bad, &out);
        } else {
            resolve_root(x, f, args, &out);
        }
        if (out.kind == GQL_OUT_PENDING) {
            x->waiting = true;
            return GQL_WAITING;
        }
        write_root(x, &out);
    }
    return finish(x);
}

enum gql_state gql_exec_run(struct gql_exec *x, void *ctx) {
    x->ctx = ctx;
    begin(x);
    return go_on(x);
}

enum gql_state gql_exec_resume(struct gql_exec *x, const struct gql_out *result) {
    if (!x->waiting) {
        return GQL_DONE;
    }
    x->waiting = false;
    x->resumed_from = x->response->len;
    write_root(x, result);
    x->resumed_to = x->response->len;
    next_root(x);
    return go_on(x);
}

void gql_exec_event(struct gql_exec *x, void *ctx, const struct gql_out *value,
                    struct ns_arena *arena, struct ns_buf *response) {
    struct ns_arena *own_arena = x->arena;
    struct ns_buf *own_response = x->response;
    x->arena = arena;
    x->response = response;
    x->ctx = ctx;
    x->cost = 0;
    ns_buf_clear(&x->errors.text);
    x->errors.count = 0;
    begin(x);
    write_root_key(x);
    write_root(x, value);
    finish(x);
    x->arena = own_arena;
    x->response = own_response;
}

/* ---- making one ---- */

enum gql_operation gql_exec_operation(const struct gql_exec *x) {
    return x->plan->operation;
}

void gql_exec_grant(struct gql_exec *x, uint32_t access) {
    x->access = access;
}

struct ns_str gql_exec_resumed(const struct gql_exec *x) {
    if (x->dead || x->response->failed || x->resumed_to > x->response->len) {
        return NS_STR("");
    }
    return (struct ns_str){x->response->data + x->resumed_from, x->resumed_to - x->resumed_from};
}

uint32_t gql_exec_cost(const struct gql_exec *x) {
    return x->cost;
}

bool gql_selects(const struct gql_call *call, uint16_t child) {
    const struct gql_plan_field *f = call->plan;
    for (const struct gql_plan_field *c = f->set == NULL ? NULL : f->set->fields; c != NULL;
         c = c->next) {
        if (c->def != NULL && c->field == child && included(call->exec, c)) {
            return true;
        }
    }
    return false;
}

bool gql_exec_root(const struct gql_exec *x, size_t index, uint16_t *field,
                   const struct gql_value **args) {
    const struct gql_plan_field *f = x->plan->root->fields;
    for (size_t i = 0; f != NULL && i < index; i++) {
        f = f->next;
    }
    if (f == NULL) {
        return false;
    }
    *field = f->field;
    *args = x->root_args[index];
    return true;
}

struct gql_exec *gql_exec_make(struct gql_engine *engine, struct gql_plan *plan,
                               struct ns_arena *arena, struct gql_value *variables,
                               struct ns_buf *response) {
    struct gql_exec *x = NS_NEW(arena, struct gql_exec);
    x->engine = engine;
    x->plan = plan;
    x->arena = arena;
    x->response = response;
    x->variables = variables;
    x->errors = (struct gql_errors){.text = NS_BUF(256 * 1024), .limit = engine->limits.errors};
    x->root_args = NS_NEW_N(arena, const struct gql_value *, plan->root->count);
    size_t i = 0;
    for (const struct gql_plan_field *f = plan->root->fields; f != NULL; f = f->next, i++) {
        const char *bad = NULL;
        x->root_args[i] = f->def == NULL ? NULL : arguments(x, f, &bad);
    }
    return x;
}

void gql_exec_free(struct gql_exec *x) {
    if (x == NULL) {
        return;
    }
    ns_buf_fini(&x->errors.text);
    gql_plan_release(x->plan);
}
