/* json.c: strict JSON in, JSON text out. */
#include "agent/graphql/lex.h"
#include "agent/graphql/value.h"

#include <string.h>

#define DEPTH_MAX 64
#define VALUES_MAX 65536

struct reader {
    struct ns_arena *arena;
    const char *p;
    size_t n;
    size_t i;
    const char *problem;
    size_t problem_at;
    uint32_t depth;
    uint32_t values;
};

static bool bad(struct reader *r, size_t at, const char *problem) {
    if (r->problem == NULL) {
        r->problem = problem;
        r->problem_at = at;
    }
    return false;
}

static int peek(const struct reader *r) {
    return r->i < r->n ? (unsigned char)r->p[r->i] : -1;
}

static void blanks(struct reader *r) {
    while (r->i < r->n && (r->p[r->i] == ' ' || r->p[r->i] == '\t' || r->p[r->i] == '\n' ||
                           r->p[r->i] == '\r')) {
        r->i++;
    }
}

static int32_t hex4(const struct reader *r, size_t at) {
    if (at > r->n || r->n - at < 4) {
        return -1;
    }
    int32_t code = 0;
    for (size_t k = at; k < at + 4; k++) {
        char c = r->p[k];
        int32_t h = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (h < 0) {
            return -1;
        }
        code = code << 4 | h;
    }
    return code;
}

/* The escape at r->i, decoded to out: bytes written, 0 when bad. */
static size_t escape(struct reader *r, char *out) {
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (r->n - r->i < 2) {
        bad(r, r->i, "a string does not end");
        return 0;
    }
    char e = r->p[r->i + 1];
    const char *simple = e == '\0' ? NULL : strchr(from, e);
    if (simple != NULL) {
        *out = to[simple - from];
        r->i += 2;
        return 1;
    }
    int32_t code = e == 'u' ? hex4(r, r->i + 2) : -1;
    if (code < 0) {
        bad(r, r->i, "an escape in a string is not valid");
        return 0;
    }
    size_t used = 6;
    if (code >= 0xD800 && code <= 0xDFFF) {
        bool pair = code < 0xDC00 && r->n - r->i >= 12 && r->p[r->i + 6] == '\\' &&
                    r->p[r->i + 7] == 'u';
        int32_t low = pair ? hex4(r, r->i + 8) : -1;
        if (low < 0xDC00 || low > 0xDFFF) {
            bad(r, r->i, "half of a surrogate pair stands alone");
            return 0;
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        used = 12;
    }
    r->i += used;
    return gql_utf8_encode((uint32_t)code, out);
}

/* After the opening quote. */
static bool string(struct reader *r, struct ns_str *out) {
    size_t start = r->i;
    bool escaped = false;
    for (;;) {
        int c = peek(r);
        if (c == -1) {
            return bad(r, start, "a string does not end");
        }
        if (c < 0x20) {
            return bad(r, r->i, "a control character stands bare in a string");
        }
        if (c == '"') {
            break;
        }
        if (c == '\\') {
            escaped = true;
            r->i += r->n - r->i >= 2 ? 2 : 1;
            continue;
        }
        uint32_t code;
        size_t len = gql_utf8_decode(r->p + r->i, r->n - r->i, &code);
        if (len == 0) {
            return bad(r, r->i, "the text is not UTF-8");
        }
        r->i += len;
    }
    size_t end = r->i;
    *out = (struct ns_str){r->p + start, end - start};
    if (escaped) {
        char *text = ns_arena_alloc(r->arena, end - start + 1);
        size_t n = 0;
        for (r->i = start; r->i < end;) {
            if (r->p[r->i] != '\\') {
                text[n++] = r->p[r->i++];
                continue;
            }
            size_t len = escape(r, text + n);
            if (len == 0) {
                return false;
            }
            n += len;
        }
        *out = (struct ns_str){text, n};
    }
    r->i = end + 1;
    return true;
}

static bool digits(struct reader *r) {
    size_t start = r->i;
    while (r->i < r->n && r->p[r->i] >= '0' && r->p[r->i] <= '9') {
        r->i++;
    }
    return r->i > start;
}

static bool number(struct reader *r, struct gql_value *out) {
    size_t start = r->i;
    if (peek(r) == '-') {
        r->i++;
    }
    if (peek(r) == '0') {
        r->i++;
    } else if (!digits(r)) {
        return bad(r, start, "a value was expected");
    }
    if (peek(r) == '.') {
        r->i++;
        if (!digits(r)) {
            return bad(r, start, "a number is not valid");
        }
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->i++;
        if (peek(r) == '+' || peek(r) == '-') {
            r->i++;
        }
        if (!digits(r)) {
            return bad(r, start, "a number is not valid");
        }
    }
    out->kind = GQL_NUMBER;
    out->text = (struct ns_str){r->p + start, r->i - start};
    return true;
}

static bool word(struct reader *r, const char *text) {
    size_t n = strlen(text);
    if (r->n - r->i < n || memcmp(r->p + r->i, text, n) != 0) {
        return bad(r, r->i, "a value was expected");
    }
    r->i += n;
    return true;
}

static bool value(struct reader *r, struct gql_value *out);

struct cell {
    struct cell *next;
    struct gql_entry entry;
};

/* Members of a list (close ']') or a map (close '}'), after the opening mark. */
static bool members(struct reader *r, struct gql_value *out, char close) {
    struct cell *first = NULL;
    struct cell **tail = &first;
    uint32_t count = 0;
    blanks(r);
    while (count > 0 || peek(r) != close) {
        struct cell *cell = NS_NEW(r->arena, struct cell);
        *tail = cell;
        tail = &cell->next;
        count++;
        blanks(r);
        if (close == '}') {
            if (peek(r) != '"') {
                return bad(r, r->i, "a member's name was expected");
            }
            r->i++;
            if (!string(r, &cell->entry.key)) {
                return false;
            }
            blanks(r);
            if (peek(r) != ':') {
                return bad(r, r->i, "a colon was expected");
            }
            r->i++;
        }
        if (!value(r, &cell->entry.value)) {
            return false;
        }
        blanks(r);
        if (peek(r) == close) {
            break;
        }
        if (peek(r) != ',') {
            return bad(r, r->i, "a comma or the closing mark was expected");
        }
        r->i++;
    }
    r->i++;
    out->count = count;
    out->kind = close == '}' ? GQL_MAP : GQL_LIST;
    if (close == '}') {
        struct gql_entry *entries = NS_NEW_N(r->arena, struct gql_entry, count);
        out->entries = entries;
        for (; first != NULL; first = first->next) {
            *entries++ = first->entry;
        }
    } else {
        struct gql_value *items = NS_NEW_N(r->arena, struct gql_value, count);
        out->items = items;
        for (; first != NULL; first = first->next) {
            *items++ = first->entry.value;
        }
    }
    return true;
}

static bool value(struct reader *r, struct gql_value *out) {
    *out = (struct gql_value){.kind = GQL_NULL};
    blanks(r);
    if (++r->values > VALUES_MAX) {
        return bad(r, r->i, "there are too many values");
    }
    switch (peek(r)) {
    case '{':
    case '[': {
        char close = peek(r) == '{' ? '}' : ']';
        if (++r->depth > DEPTH_MAX) {
            return bad(r, r->i, "the text is nested too deeply");
        }
        r->i++;
        bool good = members(r, out, close);
        r->depth--;
        return good;
    }
    case '"':
        r->i++;
        out->kind = GQL_STRING;
        return string(r, &out->text);
    case 't':
    case 'f':
        out->kind = GQL_BOOL;
        out->boolean = peek(r) == 't';
        return word(r, out->boolean ? "true" : "false");
    case 'n':
        return word(r, "null");
    default:
        return number(r, out);
    }
}

ns_rc gql_json_read(struct ns_arena *arena, struct ns_str text, struct gql_value *out,
                    const char **problem, size_t *offset) {
    struct reader r = {.arena = arena, .p = text.p, .n = text.n};
    bool good = value(&r, out);
    if (good) {
        blanks(&r);
        good = r.i == r.n || bad(&r, r.i, "something follows the value");
    }
    if (problem != NULL) {
        *problem = r.problem;
    }
    if (offset != NULL) {
        *offset = r.problem_at;
    }
    return good ? NS_OK : NS_E_INPUT;
}

const struct gql_value *gql_map_get(const struct gql_value *map, const char *key) {
    const struct gql_value *found = NULL;
    for (uint32_t i = 0; map->kind == GQL_MAP && i < map->count; i++) {
        if (ns_str_is(map->entries[i].key, key)) {
            found = &map->entries[i].value;
        }
    }
    return found;
}

/* ---- out ---- */

static void escape_out(struct ns_buf *out, unsigned char c) {
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *simple = c == '\0' ? NULL : strchr(from, c);
    if (simple != NULL) {
        const char pair[2] = {'\\', to[simple - from]};
        ns_buf_add(out, pair, 2);
    } else {
        const char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        ns_buf_add(out, code, 6);
    }
}

void gql_json_string(struct ns_buf *out, struct ns_str text) {
    ns_buf_char(out, '"');
    size_t start = 0;
    for (size_t i = 0; i < text.n;) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            i++;
            continue;
        }
        uint32_t code;
        size_t len = c < 0x80 ? 0 : gql_utf8_decode(text.p + i, text.n - i, &code);
        if (len > 0) {
            i += len;
            continue;
        }
        ns_buf_add(out, text.p + start, i - start);
        if (c < 0x80) {
            escape_out(out, c);
        } else {
            ns_buf_text(out, "\xEF\xBF\xBD");
        }
        start = ++i;
    }
    if (text.n > start) {
        ns_buf_add(out, text.p + start, text.n - start);
    }
    ns_buf_char(out, '"');
}

void gql_json_value(struct ns_buf *out, const struct gql_value *v) {
    switch ((enum gql_value_kind)v->kind) {
    case GQL_BOOL:
        ns_buf_text(out, v->boolean ? "true" : "false");
        break;
    case GQL_NUMBER:
        ns_buf_str(out, v->text);
        break;
    case GQL_INT:
        ns_buf_int(out, v->integer);
        break;
    case GQL_FLOAT:
        ns_buf_fmt(out, "%.17g", v->number);
        break;
    case GQL_STRING:
    case GQL_ENUM:
        gql_json_string(out, v->text);
        break;
    case GQL_LIST:
    case GQL_INPUT:
        ns_buf_char(out, '[');
        for (uint32_t i = 0; i < v->count; i++) {
            if (i > 0) {
                ns_buf_char(out, ',');
            }
            gql_json_value(out, &v->items[i]);
        }
        ns_buf_char(out, ']');
        break;
    case GQL_MAP:
        ns_buf_char(out, '{');
        for (uint32_t i = 0; i < v->count; i++) {
            if (i > 0) {
                ns_buf_char(out, ',');
            }
            gql_json_string(out, v->entries[i].key);
            ns_buf_char(out, ':');
            gql_json_value(out, &v->entries[i].value);
        }
        ns_buf_char(out, '}');
        break;
    case GQL_ABSENT:
    case GQL_NULL:
    case GQL_VARIABLE:
    default:
        ns_buf_text(out, "null");
    }
}
