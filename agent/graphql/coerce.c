/* coerce.c: variables from JSON into typed values, and variables into the places of literals.
 */
#include "agent/graphql/literal.h"

struct step {
    const struct step *up;
    struct ns_str key; /* p == NULL: an index */
    uint32_t index;
};

struct coerce {
    const struct gql_inputs *inputs;
    struct ns_arena *arena;
    struct ns_buf *complaint;
};

static void print_path(const struct step *step, struct ns_buf *out) {
    if (step->up != NULL) {
        print_path(step->up, out);
        if (step->key.p == NULL) {
            ns_buf_fmt(out, "[%u]", step->index);
        } else {
            ns_buf_fmt(out, ".%.*s", (int)step->key.n, step->key.p);
        }
    } else {
        ns_buf_str(out, step->key);
    }
}

/* ` "value" at "input.a"; message` : the caller puts `Variable "$input" got invalid value`
 * before. */
static bool refuse(struct coerce *c, const struct step *step, const struct gql_value *raw,
                   const char *message, bool with_value) {
    struct ns_buf value = NS_BUF(1 << 20);
    gql_json_value(&value, raw);
    ns_buf_cut(&value, 200);
    const char *shown = value.data == NULL ? "(a long value)" : value.data;
    ns_buf_fmt(c->complaint, " %s", shown);
    if (step->up != NULL) {
        ns_buf_text(c->complaint, " at \"");
        print_path(step, c->complaint);
        ns_buf_text(c->complaint, "\"");
    }
    ns_buf_fmt(c->complaint, "; %s%s", message, with_value ? shown : "");
    ns_buf_fini(&value);
    return false;
}

static bool json_coerce(struct coerce *c, const struct gql_value *raw, struct gql_ref ref,
                        const struct step *at, struct gql_value *out);

static bool json_input(struct coerce *c, const struct gql_value *raw, struct gql_ref ref,
                       const struct step *at, struct gql_value *out) {
    const struct gql_schema *s = c->inputs->schema;
    const struct gql_type_def *t = &s->types[ref.type];
    if (raw->kind != GQL_MAP) {
        return refuse(
            c, at, raw,
            ns_arena_printf(c->arena, "Expected type \"%s\" to be an object.", t->name), false);
    }
    struct gql_value *items = NS_NEW_N(c->arena, struct gql_value, t->count);
    *out = (struct gql_value){.kind = GQL_INPUT, .count = t->count, .items = items};
    bool *seen = NS_NEW_N(c->arena, bool, t->count);
    uint32_t given = 0;
    bool null_given = false;
    for (uint32_t k = 0; k < raw->count; k++) {
        const struct gql_entry *e = &raw->entries[k];
        uint16_t i = gql_schema_arg(s, t->first, t->count, e->key);
        if (i == GQL_NONE) {
            struct ns_buf text = NS_BUF(4096);
            gql_unknown_field(s, ref.type, e->key, false, &text);
            refuse(c, at, raw, text.data, false);
            ns_buf_fini(&text);
            return false;
        }
        struct step step = {.up = at, .key = e->key};
        if (!json_coerce(c, &e->value, s->args[t->first + i].ref, &step, &items[i])) {
            return false;
        }
        given += seen[i] ? 0 : 1;
        seen[i] = true;
        null_given = null_given || e->value.kind == GQL_NULL;
    }
    for (uint16_t i = 0; i < t->count; i++) {
        const struct gql_arg_def *a = &s->args[t->first + i];
        if (!seen[i] && gql_ref_non_null(a->ref) && a->default_text == NULL) {
            struct ns_buf text = NS_BUF(4096);
            gql_missing_field(s, ref.type, (uint16_t)(t->first + i), &text);
            refuse(c, at, raw, text.data, false);
            ns_buf_fini(&text);
            return false;
        }
        if (!seen[i]) {
            items[i] = c->inputs->defaults[t->first + i];
        }
    }
    if (t->one_of && (given != 1 || null_given)) {
        return refuse(c, at, raw,
                      ns_arena_printf(c->arena,
                                      given == 1
                                          ? "The one field of \"%s\" must be non-null."
                                          : "Exactly one key must be specified for OneOf "
                                            "type \"%s\".",
                                      t->name),
                      false);
    }
    return true;
}

static bool json_leaf(struct coerce *c, const struct gql_value *raw, uint16_t type,
                      const struct step *at, struct gql_value *out) {
    const struct gql_schema *s = c->inputs->schema;
    const char *name = s->types[type].name;
    if (s->types[type].kind == GQL_KIND_ENUM) {
        uint16_t i = raw->kind == GQL_STRING ? gql_schema_value(s, type, raw->text) : GQL_NONE;
        if (i == GQL_NONE) {
            const char *form = raw->kind == GQL_STRING
                                   ? "Value does not exist in \"%s\" enum: "
                                   : "Enum \"%s\" cannot represent non-string value: ";
            return refuse(c, at, raw, ns_arena_printf(c->arena, form, name), true);
        }
        *out = (struct gql_value){.kind = GQL_ENUM, .text = raw->text, .integer = i};
        return true;
    }
    if (type < GQL_BUILT_IN_TYPES) {
        const char *reason = gql_built_in(type, raw, false, out);
        return reason == NULL || refuse(c, at, raw, reason, true);
    }
    *out = *raw;
    const char *reason =
        c->inputs->parse[type] == NULL ? NULL : c->inputs->parse[type](c->arena, raw, out);
    return reason == NULL ||
           refuse(c, at, raw, ns_arena_printf(c->arena, "%s: %s", name, reason), false);
}

static bool json_coerce(struct coerce *c, const struct gql_value *raw, struct gql_ref ref,
                        const struct step *at, struct gql_value *out) {
    *out = (struct gql_value){.kind = GQL_NULL};
    if (gql_ref_non_null(ref)) {
        if (raw->kind == GQL_NULL) {
            struct ns_buf text = NS_BUF(1024);
            ns_buf_text(&text, "Expected non-nullable type \"");
            gql_ref_print(c->inputs->schema, ref, &text);
            ns_buf_text(&text, "\" not to be null.");
            refuse(c, at, raw, text.data, false);
            ns_buf_fini(&text);
            return false;
        }
        ref = gql_ref_inner(ref);
    }
    if (raw->kind == GQL_NULL) {
        return true;
    }
    if (gql_ref_list(ref)) {
        uint32_t count = raw->kind == GQL_LIST ? raw->count : 1;
        struct gql_value *items = NS_NEW_N(c->arena, struct gql_value, count);
        *out = (struct gql_value){.kind = GQL_LIST, .count = count, .items = items};
        if (raw->kind != GQL_LIST) {
            return json_coerce(c, raw, gql_ref_inner(ref), at, items);
        }
        for (uint32_t i = 0; i < count; i++) {
            struct step step = {.up = at, .index = i};
            if (!json_coerce(c, &raw->items[i], gql_ref_inner(ref), &step, &items[i])) {
                return false;
            }
        }
        return true;
    }
    return c->inputs->schema->types[ref.type].kind == GQL_KIND_INPUT
               ? json_input(c, raw, ref, at, out)
               : json_leaf(c, raw, ref.type, at, out);
}

bool gql_json_coerce(const struct gql_inputs *inputs, struct ns_arena *arena,
                     struct ns_str name, const struct gql_value *raw, struct gql_ref ref,
                     struct gql_value *out, struct ns_buf *complaint) {
    struct coerce c = {inputs, arena, complaint};
    struct step root = {.key = name};
    return json_coerce(&c, raw, ref, &root, out);
}

/* ---- filling in variables ---- */

const char *gql_value_fill(const struct gql_inputs *inputs, struct ns_arena *arena,
                           const struct gql_value *from, const struct gql_value *variables,
                           struct gql_ref ref, const struct gql_value *fallback,
                           struct gql_value *out) {
    const struct gql_schema *s = inputs->schema;
    if (from->kind == GQL_VARIABLE) {
        *out = variables[from->count];
        if (out->kind == GQL_ABSENT) {
            *out = *fallback;
        }
        return out->kind <= GQL_NULL && gql_ref_non_null(ref) ? s->types[ref.type].name : NULL;
    }
    *out = *from;
    if (gql_ref_non_null(ref)) {
        ref = gql_ref_inner(ref);
    }
    const struct gql_value null = {.kind = GQL_NULL};
    if (from->kind == GQL_LIST && gql_ref_list(ref)) {
        struct gql_value *items = NS_NEW_N(arena, struct gql_value, from->count);
        out->items = items;
        for (uint32_t i = 0; i < from->count; i++) {
            const char *place = gql_value_fill(inputs, arena, &from->items[i], variables,
                                               gql_ref_inner(ref), &null, &items[i]);
            if (place != NULL) {
                return place;
            }
        }
    } else if (from->kind == GQL_INPUT) {
        const struct gql_type_def *t = &s->types[ref.type];
        struct gql_value *items = NS_NEW_N(arena, struct gql_value, from->count);
        out->items = items;
        for (uint16_t i = 0; i < t->count; i++) {
            uint16_t a = (uint16_t)(t->first + i);
            const char *place = gql_value_fill(inputs, arena, &from->items[i], variables,
                                               s->args[a].ref, &inputs->defaults[a], &items[i]);
            if (place != NULL) {
                return place;
            }
        }
    }
    return NULL;
}

bool gql_args_fill(const struct gql_inputs *inputs, struct ns_arena *arena, uint16_t first,
                   uint16_t count, const struct gql_value *from,
                   const struct gql_value *variables, struct gql_value *out,
                   const char **bad_place) {
    for (uint16_t i = 0; i < count; i++) {
        uint16_t a = (uint16_t)(first + i);
        if (gql_value_fill(inputs, arena, &from[i], variables, inputs->schema->args[a].ref,
                           &inputs->defaults[a], &out[i]) != NULL) {
            *bad_place = inputs->schema->args[a].name;
            return false;
        }
    }
    return true;
}
