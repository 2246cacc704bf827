/* value.h: one tree for JSON as it came and for coerced arguments.
 *
 * Raw (from JSON or a literal of a JSON scalar): NULL, BOOL, NUMBER, STRING, LIST, MAP.
 * Coerced (what resolvers see): NULL, ABSENT, BOOL, INT, FLOAT, STRING, ENUM, LIST, INPUT, and
 * for custom scalars whatever the hook made of it (JSON scalar: a raw tree).
 * Ownership: an arena. Threads: read only once made. */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

enum gql_value_kind {
    GQL_ABSENT, /* not given and without default: not the same as null */
    GQL_NULL,
    GQL_BOOL,
    GQL_INT,
    GQL_FLOAT,
    GQL_STRING,
    GQL_NUMBER, /* raw: text is the number as written */
    GQL_ENUM,   /* integer is the value's position in its enum: GQL_E_<Enum>_<VALUE> */
    GQL_LIST,
    GQL_INPUT,   /* items by position of the input field: GQL_I_<Input>_<field> */
    GQL_MAP,     /* entries */
    GQL_VARIABLE /* inside the engine only: filled in when the operation runs */
};

struct gql_entry;

struct gql_value {
    uint8_t kind;
    uint32_t count;     /* of items or entries */
    struct ns_str text; /* STRING; NUMBER, INT and FLOAT: as written; ENUM: its name */
    union {
        bool boolean;
        int64_t integer;
        double number;
    };
    union {
        const struct gql_value *items;
        const struct gql_entry *entries;
    };
};

struct gql_entry {
    struct ns_str key;
    struct gql_value value;
};

/* True for a value that is neither absent nor null. */
static inline bool gql_given(const struct gql_value *v) {
    return v->kind != GQL_ABSENT && v->kind != GQL_NULL;
}
/* A MAP's member, the last of that name; NULL when there is none. */
const struct gql_value *gql_map_get(const struct gql_value *map, const char *key);

/* Strict RFC 8259 reader: UTF-8 checked, depth at most 64, at most 65,536 values, numbers kept
 * as text, escapes joined, lone surrogates refused. The tree points into text where it can, so
 * text must live as long as the arena. problem (may be NULL) gets a constant English sentence,
 * at the offset of the fault. */
ns_rc gql_json_read(struct ns_arena *arena, struct ns_str text, struct gql_value *out,
                    const char **problem, size_t *offset) NS_MUST_USE;

/* Append JSON: a quoted string (bytes that are no UTF-8 become U+FFFD), a raw tree. */
void gql_json_string(struct ns_buf *out, struct ns_str text);
void gql_json_value(struct ns_buf *out, const struct gql_value *v);
