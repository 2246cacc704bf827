/* literal.c: literals into typed values, with the messages of graphql-js. */
#include "agent/graphql/literal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- scalars ---- */

static bool number_of(struct ns_str text, double *out) {
    char copy[400];
    if (!ns_str_copy(text, copy, sizeof copy)) {
        return false;
    }
    char *end;
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

static const char *int_of(const struct gql_value *raw, struct gql_value *out) {
    if (raw->kind != GQL_NUMBER) {
        return "Int cannot represent non-integer value: ";
    }
    double d;
    int64_t whole;
    if (ns_str_int(raw->text, INT32_MIN, INT32_MAX, &whole)) {
        out->integer = whole;
    } else {
        if (!number_of(raw->text, &d)) {
            return "Int cannot represent non 32-bit signed integer value: ";
        }
        if (d < -4e15 || d > 4e15 || (double)(int64_t)d != d) {
            return d < -4e15 || d > 4e15
                       ? "Int cannot represent non 32-bit signed integer value: "
                       : "Int cannot represent non-integer value: ";
        }
        if (d < INT32_MIN || d > INT32_MAX) {
            return "Int cannot represent non 32-bit signed integer value: ";
        }
        out->integer = (int64_t)d;
    }
    out->kind = GQL_INT;
    out->text = raw->text;
    return NULL;
}

/* Literal integers may have no fraction; JSON's 1.0 is an integer. */
static bool looks_whole(struct ns_str text) {
    return memchr(text.p, '.', text.n) == NULL && memchr(text.p, 'e', text.n) == NULL &&
           memchr(text.p, 'E', text.n) == NULL;
}

/* NULL, or the beginning of a message that the value follows. */
const char *gql_built_in(uint16_t type, const struct gql_value *raw, bool literal,
                         struct gql_value *out) {
    *out = *raw;
    switch (type) {
    case GQL_T_Int:
        if (literal && raw->kind == GQL_NUMBER && !looks_whole(raw->text)) {
            return "Int cannot represent non-integer value: ";
        }
        return int_of(raw, out);
    case GQL_T_Float:
        if (raw->kind != GQL_NUMBER || !number_of(raw->text, &out->number)) {
            return "Float cannot represent non numeric value: ";
        }
        out->kind = GQL_FLOAT;
        return NULL;
    case GQL_T_String:
        return raw->kind == GQL_STRING ? NULL : "String cannot represent a non string value: ";
    case GQL_T_Boolean:
        return raw->kind == GQL_BOOL ? NULL : "Boolean cannot represent a non boolean value: ";
    default:
        if (raw->kind == GQL_STRING || (raw->kind == GQL_NUMBER && looks_whole(raw->text))) {
            out->kind = GQL_STRING;
            return NULL;
        }
        return "ID cannot represent a non-string and non-integer value: ";
    }
}

/* ---- printing ---- */

void gql_print_literal(const struct gql_node *n, struct ns_buf *out) {
    const char *sep = "";
    switch ((enum gql_node_kind)n->kind) {
    case GQL_N_VARIABLE:
        ns_buf_char(out, '$');
        ns_buf_str(out, n->name);
        break;
    case GQL_N_STRING:
        gql_json_string(out, n->text);
        break;
    case GQL_N_NULL:
        ns_buf_text(out, "null");
        break;
    case GQL_N_LIST:
    case GQL_N_OBJECT:
        ns_buf_char(out, n->kind == GQL_N_LIST ? '[' : '{');
        for (const struct gql_node *i = n->args; i != NULL; i = i->next) {
            ns_buf_text(out, sep);
            sep = ", ";
            if (n->kind == GQL_N_OBJECT) {
                ns_buf_str(out, i->name);
                ns_buf_text(out, ": ");
                gql_print_literal(i->value, out);
            } else {
                gql_print_literal(i, out);
            }
        }
        ns_buf_char(out, n->kind == GQL_N_LIST ? ']' : '}');
        break;
    case GQL_N_INT:
    case GQL_N_FLOAT:
    case GQL_N_BOOLEAN:
    case GQL_N_ENUM:
    case GQL_N_OPERATION:
    case GQL_N_FRAGMENT:
    case GQL_N_FIELD:
    case GQL_N_SPREAD:
    case GQL_N_INLINE:
    case GQL_N_VARIABLE_DEF:
    case GQL_N_ARGUMENT:
    case GQL_N_DIRECTIVE:
    case GQL_N_NAMED_TYPE:
    case GQL_N_LIST_TYPE:
    case GQL_N_NON_NULL_TYPE:
    case GQL_N_TYPE_DEF:
    case GQL_N_MEMBER_DEF:
    case GQL_N_DIRECTIVE_DEF:
    case GQL_N_SCHEMA_DEF:
    default:
        ns_buf_str(out, n->text);
    }
}

/* Levenshtein distance, cut at 64 bytes. */
static size_t distance(struct ns_str a, struct ns_str b) {
    size_t row[65];
    if (a.n > 64 || b.n > 64) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b.n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t change = corner + ((a.p[i - 1] | 0x20) != (b.p[j - 1] | 0x20));
            corner = row[j];
            size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < step ? change : step;
        }
    }
    return row[b.n];
}

void gql_suggest(struct ns_buf *out, struct ns_str name, const char *const *names, size_t n) {
    const char *best[3] = {NULL};
    size_t score[3] = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(name, ns_str_of(names[i]));
        if (d > name.n * 2 / 5 + 1) {
            continue;
        }
        const char *who = names[i];
        for (size_t k = 0; k < 3; k++) {
            if (d < score[k]) {
                size_t other = score[k];
                const char *them = best[k];
                score[k] = d;
                best[k] = who;
                d = other;
                who = them;
            }
        }
    }
    for (size_t k = 0; k < 3 && best[k] != NULL; k++) {
        bool last = k == 2 || best[k + 1] == NULL;
        ns_buf_fmt(out, "%s\"%s\"%s",
                   k == 0 ? " Did you mean "
                   : last ? " or "
                          : ", ",
                   best[k], last ? "?" : "");
    }
}

/* ---- literals ---- */

static bool say(struct gql_literal *l, const struct gql_node *n, struct ns_buf *text) {
    l->complain(l->ctx, n->at, text->failed ? "Value is too long." : text->data);
    ns_buf_fini(text);
    return false;
}

static bool say_value(struct gql_literal *l, const struct gql_node *n, const char *before,
                      const char *after) {
    struct ns_buf text = NS_BUF(1 << 20);
    struct ns_buf value = NS_BUF(1 << 20);
    gql_print_literal(n, &value);
    ns_buf_cut(&value, 200);
    ns_buf_fmt(&text, "%s%s%s", before, value.data == NULL ? "" : value.data, after);
    ns_buf_fini(&value);
    return say(l, n, &text);
}

static bool wrong_type(struct gql_literal *l, const struct gql_node *n, struct gql_ref ref) {
    struct ns_buf before = NS_BUF(1024);
    ns_buf_text(&before, "Expected value of type \"");
    gql_ref_print(l->inputs->schema, ref, &before);
    ns_buf_text(&before, "\", found ");
    say_value(l, n, before.data, ".");
    ns_buf_fini(&before);
    return false;
}

/* A literal as a raw tree, for scalars. Enum names become text; false when a variable is
 * inside. */
static bool raw_of(struct ns_arena *arena, const struct gql_node *n, struct gql_value *out) {
    *out = (struct gql_value){.kind = GQL_NULL, .text = n->text};
    uint32_t count = 0;
    for (const struct gql_node *i = n->args; i != NULL; i = i->next) {
        count++;
    }
    switch (n->kind) {
    case GQL_N_INT:
    case GQL_N_FLOAT:
        out->kind = GQL_NUMBER;
        return true;
    case GQL_N_STRING:
    case GQL_N_ENUM:
        out->kind = GQL_STRING;
        return true;
    case GQL_N_BOOLEAN:
        out->kind = GQL_BOOL;
        out->boolean = ns_str_is(n->text, "true");
        return true;
    case GQL_N_LIST: {
        struct gql_value *items = NS_NEW_N(arena, struct gql_value, count);
        *out = (struct gql_value){.kind = GQL_LIST, .count = count, .items = items};
        for (const struct gql_node *i = n->args; i != NULL; i = i->next) {
            if (!raw_of(arena, i, items++)) {
                return false;
            }
        }
        return true;
    }
    case GQL_N_OBJECT: {
        struct gql_entry *entries = NS_NEW_N(arena, struct gql_entry, count);
        *out = (struct gql_value){.kind = GQL_MAP, .count = count, .entries = entries};
        for (const struct gql_node *i = n->args; i != NULL; i = i->next, entries++) {
            entries->key = i->name;
            if (!raw_of(arena, i->value, &entries->value)) {
                return false;
            }
        }
        return true;
    }
    case GQL_N_NULL:
        return true;
    default:
        return false;
    }
}

static bool coerce_scalar(struct gql_literal *l, const struct gql_node *n, uint16_t type,
                          struct gql_value *out) {
    struct gql_value raw;
    const char *reason;
    if (type < GQL_BUILT_IN_TYPES) {
        if (n->kind == GQL_N_LIST || n->kind == GQL_N_OBJECT || n->kind == GQL_N_ENUM) {
            raw = (struct gql_value){.kind = GQL_MAP};
        } else {
            raw_of(l->arena, n, &raw);
        }
        reason = gql_built_in(type, &raw, true, out);
        return reason == NULL || say_value(l, n, reason, "");
    }
    if (!raw_of(l->arena, n, &raw)) {
        return say_value(l, n, "A variable may not stand inside a scalar literal: ", ".");
    }
    *out = raw;
    reason = l->inputs->parse == NULL || l->inputs->parse[type] == NULL
                 ? NULL
                 : l->inputs->parse[type](l->arena, &raw, out);
    if (reason != NULL) {
        struct ns_buf before = NS_BUF(512);
        ns_buf_fmt(&before, "%s cannot represent value: ", l->inputs->schema->types[type].name);
        struct ns_buf after = NS_BUF(512);
        ns_buf_fmt(&after, " (%s)", reason);
        say_value(l, n, before.data, after.data);
        ns_buf_fini(&before);
        ns_buf_fini(&after);
    }
    return reason == NULL;
}

static void suggest_value(const struct gql_schema *s, uint16_t type, struct ns_str name,
                          struct ns_buf *text) {
    const struct gql_type_def *t = &s->types[type];
    const char *names[256];
    size_t n = 0;
    for (; n < t->count && n < NS_COUNT(names); n++) {
        names[n] = s->values[t->first + n].name;
    }
    gql_suggest(text, name, names, n);
}

static bool coerce_enum(struct gql_literal *l, const struct gql_node *n, uint16_t type,
                        struct gql_value *out) {
    const char *name = l->inputs->schema->types[type].name;
    struct ns_buf text = NS_BUF(4096);
    if (n->kind != GQL_N_ENUM) {
        ns_buf_fmt(&text, "Enum \"%s\" cannot represent non-enum value: ", name);
        say_value(l, n, text.data, ".");
        ns_buf_fini(&text);
        return false;
    }
    uint16_t i = gql_schema_value(l->inputs->schema, type, n->text);
    if (i == GQL_NONE) {
        ns_buf_fmt(&text, "Value \"%.*s\" does not exist in \"%s\" enum.",
                   (int)(n->text.n < 200 ? n->text.n : 200), n->text.p, name);
        if (l->hints) {
            suggest_value(l->inputs->schema, type, n->text, &text);
        }
        return say(l, n, &text);
    }
    *out = (struct gql_value){.kind = GQL_ENUM, .text = n->text, .integer = i};
    return true;
}

static bool coerce_one_of(struct gql_literal *l, const struct gql_node *n, uint16_t type) {
    const struct gql_node *only = n->args;
    const char *name = l->inputs->schema->types[type].name;
    struct ns_buf text = NS_BUF(4096);
    if (only == NULL || only->next != NULL) {
        ns_buf_fmt(&text, "OneOf Input Object \"%s\" must specify exactly one key.", name);
        return say(l, n, &text);
    }
    if (only->value->kind == GQL_N_NULL) {
        ns_buf_fmt(&text, "Field \"%s.%.*s\" must be non-null.", name,
                   (int)(only->name.n < 200 ? only->name.n : 200), only->name.p);
        return say(l, n, &text);
    }
    return true;
}

void gql_missing_field(const struct gql_schema *s, uint16_t type, uint16_t field,
                       struct ns_buf *text) {
    ns_buf_fmt(text, "Field \"%s.%s\" of required type \"", s->types[type].name,
               s->args[field].name);
    gql_ref_print(s, s->args[field].ref, text);
    ns_buf_text(text, "\" was not provided.");
}

void gql_unknown_field(const struct gql_schema *s, uint16_t type, struct ns_str name,
                       bool hints, struct ns_buf *text) {
    const struct gql_type_def *t = &s->types[type];
    ns_buf_fmt(text, "Field \"%.*s\" is not defined by type \"%s\".",
               (int)(name.n < 200 ? name.n : 200), name.p, t->name);
    const char *names[256];
    size_t n = 0;
    for (; hints && n < t->count && n < NS_COUNT(names); n++) {
        names[n] = s->args[t->first + n].name;
    }
    gql_suggest(text, name, names, n);
}

static bool coerce_input(struct gql_literal *l, const struct gql_node *n, struct gql_ref ref,
                         struct gql_value *out) {
    const struct gql_schema *s = l->inputs->schema;
    const struct gql_type_def *t = &s->types[ref.type];
    if (n->kind != GQL_N_OBJECT) {
        return wrong_type(l, n, ref);
    }
    bool good = true;
    struct gql_value *items = NS_NEW_N(l->arena, struct gql_value, t->count);
    *out = (struct gql_value){.kind = GQL_INPUT, .count = t->count, .items = items};
    bool *seen = NS_NEW_N(l->arena, bool, t->count);
    for (const struct gql_node *f = n->args; f != NULL; f = f->next) {
        uint16_t i = gql_schema_arg(s, t->first, t->count, f->name);
        struct ns_buf text = NS_BUF(4096);
        if (i == GQL_NONE) {
            gql_unknown_field(s, ref.type, f->name, l->hints, &text);
            good = say(l, f, &text);
            continue;
        }
        if (seen[i] && !l->names_checked) {
            ns_buf_fmt(&text, "There can be only one input field named \"%s\".",
                       s->args[t->first + i].name);
            good = say(l, f, &text);
            continue;
        }
        seen[i] = true;
        const struct gql_arg_def *a = &s->args[t->first + i];
        if (t->one_of && f->value->kind == GQL_N_VARIABLE && l->variable != NULL) {
            uint32_t v = l->variable(l->ctx, f->value, a->ref, false, true);
            l->dynamic = true;
            items[i] = (struct gql_value){.kind = GQL_VARIABLE, .count = v};
            continue;
        }
        good =
            gql_literal_coerce(l, f->value, a->ref, a->default_text != NULL, &items[i]) && good;
    }
    for (uint16_t i = 0; i < t->count; i++) {
        const struct gql_arg_def *a = &s->args[t->first + i];
        if (seen[i]) {
            continue;
        }
        if (gql_ref_non_null(a->ref) && a->default_text == NULL) {
            struct ns_buf text = NS_BUF(4096);
            gql_missing_field(s, ref.type, (uint16_t)(t->first + i), &text);
            good = say(l, n, &text);
        }
        items[i] = l->inputs->defaults[t->first + i];
    }
    return good && (!t->one_of || coerce_one_of(l, n, ref.type));
}

static bool coerce_list(struct gql_literal *l, const struct gql_node *n, struct gql_ref ref,
                        struct gql_value *out) {
    struct gql_ref inner = gql_ref_inner(ref);
    uint32_t count = 1;
    if (n->kind == GQL_N_LIST) {
        count = 0;
        for (const struct gql_node *i = n->args; i != NULL; i = i->next) {
            count++;
        }
    }
    struct gql_value *items = NS_NEW_N(l->arena, struct gql_value, count);
    *out = (struct gql_value){.kind = GQL_LIST, .count = count, .items = items};
    if (n->kind != GQL_N_LIST) {
        return gql_literal_coerce(l, n, inner, false, items);
    }
    bool good = true;
    for (const struct gql_node *i = n->args; i != NULL; i = i->next) {
        good = gql_literal_coerce(l, i, inner, false, items++) && good;
    }
    return good;
}

bool gql_literal_coerce(struct gql_literal *l, const struct gql_node *n, struct gql_ref ref,
                        bool has_default, struct gql_value *out) {
    *out = (struct gql_value){.kind = GQL_NULL};
    if (n->kind == GQL_N_VARIABLE && l->variable != NULL) {
        l->dynamic = true;
        *out = (struct gql_value){.kind = GQL_VARIABLE,
                                  .count = l->variable(l->ctx, n, ref, has_default, false)};
        return true;
    }
    if (gql_ref_non_null(ref)) {
        if (n->kind == GQL_N_NULL) {
            return wrong_type(l, n, ref);
        }
        ref = gql_ref_inner(ref);
    }
    if (n->kind == GQL_N_NULL) {
        return true;
    }
    if (gql_ref_list(ref)) {
        return coerce_list(l, n, ref, out);
    }
    switch ((enum gql_kind)l->inputs->schema->types[ref.type].kind) {
    case GQL_KIND_ENUM:
        return coerce_enum(l, n, ref.type, out);
    case GQL_KIND_INPUT:
        return coerce_input(l, n, ref, out);
    case GQL_KIND_SCALAR:
    case GQL_KIND_OBJECT:
    default:
        return coerce_scalar(l, n, ref.type, out);
    }
}
