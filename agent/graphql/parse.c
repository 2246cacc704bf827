/* parse.c: tokens to nodes, recursive with a counted depth. */
#include "agent/graphql/ast.h"

#include <stdio.h>
#include <string.h>

struct parser {
    struct gql_lexer lex;
    struct ns_arena *arena;
    struct gql_token token; /* the one looked at */
    struct gql_parse_error *error;
    uint32_t depth;
    bool failed;
};

/* Appends to a list of nodes: *tail is where the next one goes. */
static struct gql_node *node(struct parser *p, enum gql_node_kind kind,
                             struct gql_node ***tail) {
    struct gql_node *n = NS_NEW(p->arena, struct gql_node);
    n->kind = (uint8_t)kind;
    n->at = p->token.at;
    n->name_at = p->token.at;
    if (tail != NULL) {
        **tail = n;
        *tail = &n->next;
    }
    return n;
}

static void set_error(struct parser *p, uint32_t at, const char *message) {
    if (p->failed) {
        return;
    }
    p->failed = true;
    p->error->at = at;
    p->error->over_limit = p->lex.over_limit;
    snprintf(p->error->message, sizeof p->error->message, "Syntax Error: %s", message);
}

static void advance(struct parser *p) {
    p->token = gql_lex_next(&p->lex);
    if (p->token.kind == GQL_TOK_BAD) {
        set_error(p, p->lex.message_at, p->lex.message);
    }
}

static const char *describe(struct parser *p) {
    static const char *const kind[] = {"<EOF>",       "Name", "Int", "Float", "String",
                                       "BlockString", "",     "",    ""};
    struct gql_token t = p->token;
    switch (t.kind) {
    case GQL_TOK_EOF:
        return kind[0];
    case GQL_TOK_SPREAD:
        return "\"...\"";
    case GQL_TOK_PUNCT:
        return ns_arena_printf(p->arena, "\"%c\"", t.text.p[0]);
    case GQL_TOK_NAME:
    case GQL_TOK_INT:
    case GQL_TOK_FLOAT:
    case GQL_TOK_STRING:
    case GQL_TOK_BLOCK_STRING:
    case GQL_TOK_BAD:
    default: {
        struct ns_str v = t.value.p != NULL ? t.value : t.text;
        return ns_arena_printf(p->arena, "%s \"%.*s\"", kind[t.kind],
                               (int)(v.n < 80 ? v.n : 80), v.p);
    }
    }
}

static void unexpected(struct parser *p) {
    if (!p->failed) {
        set_error(p, p->token.at, ns_arena_printf(p->arena, "Unexpected %s.", describe(p)));
    }
}

static void expected(struct parser *p, const char *what) {
    if (!p->failed) {
        set_error(p, p->token.at,
                  ns_arena_printf(p->arena, "Expected %s, found %s.", what, describe(p)));
    }
}

static bool at_punct(const struct parser *p, char c) {
    return !p->failed && p->token.kind == GQL_TOK_PUNCT && p->token.text.p[0] == c;
}

static bool at_word(const struct parser *p, const char *word) {
    return !p->failed && p->token.kind == GQL_TOK_NAME && ns_str_is(p->token.text, word);
}

static bool skip_punct(struct parser *p, char c) {
    if (!at_punct(p, c)) {
        return false;
    }
    advance(p);
    return true;
}

static void need_punct(struct parser *p, char c) {
    if (!skip_punct(p, c)) {
        const char what[] = {'"', c, '"', '\0'};
        expected(p, what);
    }
}

static struct ns_str need_name(struct parser *p, struct gql_node *n) {
    struct ns_str name = p->token.text;
    if (p->failed || p->token.kind != GQL_TOK_NAME) {
        expected(p, "Name");
        return (struct ns_str){"", 0};
    }
    if (n != NULL) {
        n->name_at = p->token.at;
        n->name = name;
    }
    advance(p);
    return name;
}

static bool deeper(struct parser *p) {
    if (++p->depth > GQL_NESTING_MAX) {
        p->lex.over_limit = true;
        set_error(p, p->token.at, "Document is nested too deeply.");
    }
    return !p->failed;
}

static struct gql_node *value(struct parser *p, bool constant, struct gql_node ***tail);

static void arguments(struct parser *p, bool constant, struct gql_node **out, char open,
                      char close) {
    if (!skip_punct(p, open)) {
        return;
    }
    struct gql_node **tail = out;
    if (open == '(' && at_punct(p, close)) {
        expected(p, "Name");
    }
    while (!p->failed && !at_punct(p, close)) {
        struct gql_node *arg = node(p, GQL_N_ARGUMENT, &tail);
        need_name(p, arg);
        need_punct(p, ':');
        arg->value = value(p, constant, NULL);
    }
    need_punct(p, close);
}

static struct gql_node *scalar_value(struct parser *p, struct gql_node *n,
                                     enum gql_node_kind kind, struct ns_str text) {
    n->kind = (uint8_t)kind;
    n->text = text;
    advance(p);
    return n;
}

static struct gql_node *word_value(struct parser *p, struct gql_node *n) {
    struct ns_str t = p->token.text;
    enum gql_node_kind kind = ns_str_is(t, "true") || ns_str_is(t, "false") ? GQL_N_BOOLEAN
                              : ns_str_is(t, "null")                        ? GQL_N_NULL
                                                                            : GQL_N_ENUM;
    return scalar_value(p, n, kind, t);
}

static struct gql_node *punct_value(struct parser *p, bool constant, struct gql_node *n) {
    char c = p->token.text.p[0];
    if (c == '$') {
        advance(p);
        if (constant) {
            if (!p->failed && p->token.kind == GQL_TOK_NAME) {
                set_error(p, n->at,
                          ns_arena_printf(p->arena,
                                          "Unexpected variable \"$%.*s\" in constant value.",
                                          (int)(p->token.text.n < 80 ? p->token.text.n : 80),
                                          p->token.text.p));
            } else {
                unexpected(p);
            }
            return n;
        }
        n->kind = GQL_N_VARIABLE;
        need_name(p, n);
        return n;
    }
    if (c == '[') {
        n->kind = GQL_N_LIST;
        advance(p);
        struct gql_node **items = &n->args;
        while (!p->failed && !at_punct(p, ']')) {
            value(p, constant, &items);
        }
        need_punct(p, ']');
        return n;
    }
    if (c == '{') {
        n->kind = GQL_N_OBJECT;
        arguments(p, constant, &n->args, '{', '}');
        return n;
    }
    unexpected(p);
    return n;
}

static struct gql_node *value(struct parser *p, bool constant, struct gql_node ***tail) {
    struct gql_node *n = node(p, GQL_N_NULL, tail);
    if (!deeper(p)) {
        return n;
    }
    switch (p->token.kind) {
    case GQL_TOK_INT:
        scalar_value(p, n, GQL_N_INT, p->token.text);
        break;
    case GQL_TOK_FLOAT:
        scalar_value(p, n, GQL_N_FLOAT, p->token.text);
        break;
    case GQL_TOK_STRING:
    case GQL_TOK_BLOCK_STRING:
        scalar_value(p, n, GQL_N_STRING, p->token.value);
        break;
    case GQL_TOK_NAME:
        word_value(p, n);
        break;
    case GQL_TOK_PUNCT:
        punct_value(p, constant, n);
        break;
    case GQL_TOK_EOF:
    case GQL_TOK_SPREAD:
    case GQL_TOK_BAD:
    default:
        unexpected(p);
    }
    p->depth--;
    return n;
}

static void directives(struct parser *p, bool constant, struct gql_node **out) {
    struct gql_node **tail = out;
    while (at_punct(p, '@')) {
        struct gql_node *d = node(p, GQL_N_DIRECTIVE, &tail);
        advance(p);
        need_name(p, d);
        arguments(p, constant, &d->args, '(', ')');
    }
}

static struct gql_node *type_ref(struct parser *p) {
    struct gql_node *n = node(p, GQL_N_NAMED_TYPE, NULL);
    if (!deeper(p)) {
        return n;
    }
    if (skip_punct(p, '[')) {
        n->kind = GQL_N_LIST_TYPE;
        n->type = type_ref(p);
        need_punct(p, ']');
    } else {
        need_name(p, n);
    }
    if (at_punct(p, '!')) {
        struct gql_node *outer = node(p, GQL_N_NON_NULL_TYPE, NULL);
        outer->at = n->at;
        outer->type = n;
        advance(p);
        n = outer;
    }
    p->depth--;
    return n;
}

static struct gql_node *named_type(struct parser *p) {
    struct gql_node *n = node(p, GQL_N_NAMED_TYPE, NULL);
    need_name(p, n);
    return n;
}

static void selection_set(struct parser *p, struct gql_node **out);

static void fragment_selection(struct parser *p, struct gql_node *n) {
    advance(p);
    if (p->token.kind == GQL_TOK_NAME && !at_word(p, "on")) {
        n->kind = GQL_N_SPREAD;
        need_name(p, n);
        directives(p, false, &n->directives);
        return;
    }
    n->kind = GQL_N_INLINE;
    if (at_word(p, "on")) {
        advance(p);
        n->type = named_type(p);
    }
    directives(p, false, &n->directives);
    selection_set(p, &n->selections);
}

static void selection_set(struct parser *p, struct gql_node **out) {
    need_punct(p, '{');
    if (!deeper(p)) {
        return;
    }
    if (at_punct(p, '}')) {
        expected(p, "Name");
    }
    struct gql_node **tail = out;
    while (!p->failed && !at_punct(p, '}')) {
        struct gql_node *n = node(p, GQL_N_FIELD, &tail);
        if (p->token.kind == GQL_TOK_SPREAD) {
            fragment_selection(p, n);
            continue;
        }
        need_name(p, n);
        if (skip_punct(p, ':')) {
            n->alias = n->name;
            need_name(p, n);
        }
        arguments(p, false, &n->args, '(', ')');
        directives(p, false, &n->directives);
        if (at_punct(p, '{')) {
            n->number = p->token.at;
            selection_set(p, &n->selections);
        }
    }
    need_punct(p, '}');
    p->depth--;
}

static struct ns_str description(struct parser *p) {
    struct ns_str text = {NULL, 0};
    if (!p->failed &&
        (p->token.kind == GQL_TOK_STRING || p->token.kind == GQL_TOK_BLOCK_STRING)) {
        text = p->token.value;
        advance(p);
    }
    return text;
}

static void variables(struct parser *p, struct gql_node **out) {
    if (!skip_punct(p, '(')) {
        return;
    }
    struct gql_node **tail = out;
    if (at_punct(p, ')')) {
        expected(p, "\"$\"");
    }
    while (!p->failed && !at_punct(p, ')')) {
        struct ns_str text = description(p);
        struct gql_node *n = node(p, GQL_N_VARIABLE_DEF, &tail);
        n->description = text;
        need_punct(p, '$');
        need_name(p, n);
        need_punct(p, ':');
        n->type = type_ref(p);
        if (skip_punct(p, '=')) {
            n->value = value(p, true, NULL);
        }
        directives(p, true, &n->directives);
    }
    need_punct(p, ')');
}

/* Fields, input fields, arguments or enum values between open and close. */
static void members(struct parser *p, struct gql_node **out, char open, char close,
                    bool values) {
    if (!skip_punct(p, open)) {
        return;
    }
    struct gql_node **tail = out;
    if (at_punct(p, close)) {
        expected(p, "Name");
    }
    while (!p->failed && !at_punct(p, close)) {
        struct ns_str text = description(p);
        struct gql_node *n = node(p, GQL_N_MEMBER_DEF, &tail);
        n->description = text;
        need_name(p, n);
        if (!values) {
            members(p, &n->args, '(', ')', false);
            need_punct(p, ':');
            n->type = type_ref(p);
            if (skip_punct(p, '=')) {
                n->value = value(p, true, NULL);
            }
        }
        directives(p, true, &n->directives);
    }
    need_punct(p, close);
}

static void directive_def(struct parser *p, struct gql_node *n) {
    n->kind = GQL_N_DIRECTIVE_DEF;
    need_punct(p, '@');
    need_name(p, n);
    members(p, &n->args, '(', ')', false);
    if (at_word(p, "repeatable")) {
        n->number = 1;
        advance(p);
    }
    if (!at_word(p, "on")) {
        expected(p, "\"on\"");
    }
    advance(p);
    struct gql_node **tail = &n->selections;
    skip_punct(p, '|');
    do {
        struct gql_node *place = node(p, GQL_N_NAMED_TYPE, &tail);
        need_name(p, place);
    } while (skip_punct(p, '|'));
}

static bool sdl_word(const struct parser *p) {
    static const char *const known[] = {"scalar", "type",      "enum",
                                        "input",  "directive", "schema"};
    bool good = false;
    for (size_t i = 0; i < NS_COUNT(known); i++) {
        good = good || at_word(p, known[i]);
    }
    return good;
}

static void type_definition(struct parser *p, struct gql_node *n) {
    n->kind = GQL_N_TYPE_DEF;
    n->text = p->token.text;
    if (!sdl_word(p)) {
        if (at_word(p, "interface") || at_word(p, "union") || at_word(p, "extend")) {
            set_error(p, p->token.at, "interface, union and extend are not supported here.");
        }
        unexpected(p);
        return;
    }
    advance(p);
    if (ns_str_is(n->text, "directive")) {
        directive_def(p, n);
        return;
    }
    if (ns_str_is(n->text, "schema")) {
        n->kind = GQL_N_SCHEMA_DEF;
        directives(p, true, &n->directives);
        members(p, &n->args, '{', '}', false);
        return;
    }
    need_name(p, n);
    if (at_word(p, "implements")) {
        set_error(p, p->token.at, "interfaces are not supported here.");
    }
    directives(p, true, &n->directives);
    if (!ns_str_is(n->text, "scalar")) {
        if (!at_punct(p, '{')) {
            expected(p, "\"{\"");
        }
        members(p, &n->args, '{', '}', ns_str_is(n->text, "enum"));
    }
}

static void type_system(struct parser *p, struct gql_node ***tail) {
    struct ns_str text = description(p);
    struct gql_node *n = node(p, GQL_N_TYPE_DEF, tail);
    n->description = text;
    type_definition(p, n);
}

static void executable(struct parser *p, struct gql_node ***tail) {
    bool described = p->token.kind == GQL_TOK_STRING || p->token.kind == GQL_TOK_BLOCK_STRING;
    struct gql_node *n = node(p, GQL_N_OPERATION, tail);
    n->description = description(p);
    if (at_punct(p, '{')) {
        if (described) {
            set_error(p, n->at,
                      "Unexpected description, descriptions are not supported on "
                      "shorthand queries.");
            return;
        }
        n->text = NS_STR("query");
        selection_set(p, &n->selections);
        return;
    }
    if (at_word(p, "fragment")) {
        n->kind = GQL_N_FRAGMENT;
        advance(p);
        if (at_word(p, "on")) {
            unexpected(p);
        }
        need_name(p, n);
        if (!at_word(p, "on")) {
            expected(p, "\"on\"");
        }
        advance(p);
        n->type = named_type(p);
        directives(p, false, &n->directives);
        selection_set(p, &n->selections);
        return;
    }
    if (sdl_word(p)) {
        /* Read, so that validation can refuse the definition and tell what else is wrong. */
        type_definition(p, n);
        return;
    }
    if (!at_word(p, "query") && !at_word(p, "mutation") && !at_word(p, "subscription")) {
        unexpected(p);
        return;
    }
    n->text = p->token.text;
    advance(p);
    if (p->token.kind == GQL_TOK_NAME) {
        need_name(p, n);
    }
    variables(p, &n->args);
    directives(p, false, &n->directives);
    selection_set(p, &n->selections);
}

bool gql_parse(struct ns_arena *arena, struct ns_str source, bool sdl, uint32_t token_limit,
               struct gql_document *out, struct gql_parse_error *error) {
    struct parser p = {.arena = arena, .error = error};
    *out = (struct gql_document){.source = source};
    *error = (struct gql_parse_error){0};
    gql_lex_init(&p.lex, arena, source, token_limit);
    struct gql_node **tail = &out->definitions;
    advance(&p);
    if (!p.failed && p.token.kind == GQL_TOK_EOF) {
        unexpected(&p);
    }
    while (!p.failed && p.token.kind != GQL_TOK_EOF) {
        if (sdl) {
            type_system(&p, &tail);
        } else {
            executable(&p, &tail);
        }
    }
    out->tokens = p.lex.count;
    return !p.failed;
}

struct gql_node *gql_parse_value(struct ns_arena *arena, struct ns_str source) {
    struct gql_parse_error error = {0};
    struct parser p = {.arena = arena, .error = &error};
    gql_lex_init(&p.lex, arena, source, UINT32_MAX);
    advance(&p);
    struct gql_node *n = value(&p, true, NULL);
    return p.failed || p.token.kind != GQL_TOK_EOF ? NULL : n;
}
