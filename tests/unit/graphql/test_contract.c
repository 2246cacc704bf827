/* The contract is a floor: whatever tests/data/contract/schema.graphql holds, our schema holds. */
#include "agent/graphql/schema_gen.h"
#include "shared/base/env.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct gql_schema *const ours = &gql_schema_nestsync;

struct comparison {
    const struct gql_schema *contract;
    int missing;
    int compared;
};

static void miss(struct comparison *c, const char *owner, const char *name, const char *what) {
    fprintf(stderr, "contract: %s.%s: %s\n", owner, name, what);
    c->missing++;
}

static bool same_type(const struct comparison *c, struct gql_ref theirs, struct gql_ref own) {
    return theirs.wrap == own.wrap &&
           strcmp(c->contract->types[theirs.type].name, ours->types[own.type].name) == 0;
}

static bool same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Ours may take more, as long as nobody has to give it. */
static void compare_args(struct comparison *c, const char *owner, const char *name,
                         const struct gql_arg_def *theirs, uint16_t count, uint16_t first,
                         uint16_t own_count) {
    for (uint16_t i = 0; i < count; i++) {
        uint16_t a = gql_schema_arg(ours, first, own_count, ns_str_of(theirs[i].name));
        c->compared++;
        if (a == GQL_NONE) {
            miss(c, owner, theirs[i].name, name);
        } else if (!same_type(c, theirs[i].ref, ours->args[first + a].ref) ||
                   !same_text(theirs[i].default_text, ours->args[first + a].default_text)) {
            miss(c, owner, theirs[i].name, "another type or default");
        }
    }
}

static bool in(const struct gql_arg_def *args, uint16_t count, const char *name) {
    for (uint16_t i = 0; i < count; i++) {
        if (strcmp(args[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void refuse_new_duties(struct comparison *c, const char *owner,
                              const struct gql_arg_def *theirs, uint16_t count, uint16_t first,
                              uint16_t own_count) {
    for (uint16_t i = first; i < first + own_count; i++) {
        const struct gql_arg_def *a = &ours->args[i];
        if (gql_ref_non_null(a->ref) && a->default_text == NULL && !in(theirs, count, a->name)) {
            miss(c, owner, a->name, "required here and unknown to the contract");
        }
    }
}

static void compare_fields(struct comparison *c, const struct gql_type_def *t, uint16_t own) {
    for (uint16_t i = t->first; i < t->first + t->count; i++) {
        const struct gql_field_def *theirs = &c->contract->fields[i];
        uint16_t f = gql_schema_field(ours, own, ns_str_of(theirs->name));
        c->compared++;
        if (f == GQL_NONE) {
            miss(c, t->name, theirs->name, "missing");
            continue;
        }
        const struct gql_field_def *mine = &ours->fields[f];
        const struct gql_arg_def *args = &c->contract->args[theirs->first_arg];
        if (!same_type(c, theirs->ref, mine->ref)) {
            miss(c, t->name, theirs->name, "another type");
        }
        compare_args(c, theirs->name, "argument missing", args, theirs->arg_count,
                     mine->first_arg, mine->arg_count);
        refuse_new_duties(c, theirs->name, args, theirs->arg_count, mine->first_arg,
                          mine->arg_count);
    }
}

static void compare_type(struct comparison *c, uint16_t type) {
    const struct gql_type_def *t = &c->contract->types[type];
    uint16_t own = gql_schema_type(ours, ns_str_of(t->name));
    if (own == GQL_NONE || ours->types[own].kind != t->kind || ours->types[own].one_of != t->one_of) {
        miss(c, t->name, "", "missing, or of another kind");
        return;
    }
    const struct gql_type_def *mine = &ours->types[own];
    switch ((enum gql_kind)t->kind) {
    case GQL_KIND_OBJECT:
        compare_fields(c, t, own);
        break;
    case GQL_KIND_INPUT:
        compare_args(c, t->name, "input missing", &c->contract->args[t->first], t->count,
                     mine->first, mine->count);
        refuse_new_duties(c, t->name, &c->contract->args[t->first], t->count, mine->first,
                          mine->count);
        break;
    case GQL_KIND_ENUM:
        for (uint16_t v = t->first; v < t->first + t->count; v++) {
            const char *name = c->contract->values[v].name;
            c->compared++;
            if (gql_schema_value(ours, own, ns_str_of(name)) == GQL_NONE) {
                miss(c, t->name, name, "value missing");
            }
        }
        break;
    case GQL_KIND_SCALAR:
        break;
    }
}

Test(contract, all_of_it_is_in_our_schema) {
    const char *path = NS_TEST_SOURCE_ROOT "/tests/data/contract/schema.graphql";
    struct ns_arena arena = {0};
    struct ns_buf text = NS_BUF(1 << 20);
    struct ns_err err = {0};
    struct comparison c = {0};
    cr_assert_eq(ns_env_system()->read_file(NULL, path, &text, NULL), NS_OK);
    cr_assert_eq(gql_schema_compile(&arena, ns_buf_view(&text), &c.contract, &err), NS_OK, "%s",
                 err.note);
    for (uint16_t t = GQL_BUILT_IN_TYPES; t < c.contract->type_count; t++) {
        compare_type(&c, t);
    }
    cr_assert_eq(c.missing, 0, "%d places differ, see above", c.missing);
    cr_assert_gt(c.compared, 1500, "only %d compared", c.compared);
    ns_buf_fini(&text);
    ns_arena_fini(&arena);
}
