/* lex.c: bytes to tokens. */
#include "agent/graphql/lex.h"

#include <string.h>

#define BOM "\xEF\xBB\xBF"

size_t gql_utf8_decode(const char *p, size_t n, uint32_t *code) {
    const unsigned char *b = (const unsigned char *)p;
    if (n == 0) {
        return 0;
    }
    if (b[0] < 0x80) {
        *code = b[0];
        return 1;
    }
    size_t len = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    if (b[0] < 0xC2 || b[0] > 0xF4 || n < len) {
        return 0;
    }
    uint32_t c = b[0] & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((b[i] & 0xC0) != 0x80) {
            return 0;
        }
        c = c << 6 | (b[i] & 0x3FU);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 0;
    }
    *code = c;
    return len;
}

size_t gql_utf8_encode(uint32_t c, char out[4]) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

void gql_locate(struct ns_str source, uint32_t at, uint32_t *line, uint32_t *column) {
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at && i < source.n; i++) {
        char c = source.p[i];
        if (c == '\n' || (c == '\r' && !(i + 1 < source.n && source.p[i + 1] == '\n'))) {
            ++*line;
            *column = 1;
        } else if (c != '\r' && ((unsigned char)c & 0xC0) != 0x80) {
            ++*column;
        }
    }
}

void gql_lex_init(struct gql_lexer *lex, struct ns_arena *arena, struct ns_str source,
                  uint32_t limit) {
    *lex = (struct gql_lexer){.arena = arena, .source = source, .limit = limit};
    if (source.n >= 3 && memcmp(source.p, BOM, 3) == 0) {
        lex->pos = 3;
    }
}

static struct gql_token fault(struct gql_lexer *lex, size_t at, const char *message) {
    if (lex->message == NULL) {
        lex->message = message;
        lex->message_at = (uint32_t)at;
    }
    lex->pos = lex->source.n;
    return (struct gql_token){.kind = GQL_TOK_BAD, .at = (uint32_t)at};
}

static int peek(const struct gql_lexer *lex, size_t i) {
    return i < lex->source.n ? (unsigned char)lex->source.p[i] : -1;
}

static bool name_start(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool digit(int c) {
    return c >= '0' && c <= '9';
}

/* Blanks, commas, comments and byte order marks between tokens. */
static void skip_ignored(struct gql_lexer *lex) {
    for (;;) {
        int c = peek(lex, lex->pos);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',') {
            lex->pos++;
        } else if (c == '#') {
            while (c != -1 && c != '\n' && c != '\r') {
                c = peek(lex, ++lex->pos);
            }
        } else if (c == 0xEF && lex->source.n - lex->pos >= 3 &&
                   memcmp(lex->source.p + lex->pos, BOM, 3) == 0) {
            lex->pos += 3;
        } else {
            return;
        }
    }
}

static const char *unexpected(struct gql_lexer *lex, size_t at) {
    uint32_t code;
    size_t n =
        at < lex->source.n ? gql_utf8_decode(lex->source.p + at, lex->source.n - at, &code) : 0;
    if (at >= lex->source.n) {
        return "<EOF>";
    }
    if (n == 0) {
        return "a byte that is not UTF-8";
    }
    if (code == '"') {
        return "'\"'";
    }
    if (code < 0x20 || code > 0x7E) {
        return ns_arena_printf(lex->arena, "U+%04X", code);
    }
    return ns_arena_printf(lex->arena, "\"%c\"", (int)code);
}

static struct gql_token number(struct gql_lexer *lex) {
    size_t start = lex->pos;
    size_t i = start;
    enum gql_token_kind kind = GQL_TOK_INT;
    if (peek(lex, i) == '-') {
        i++;
    }
    if (peek(lex, i) == '0') {
        i++;
        if (digit(peek(lex, i))) {
            return fault(lex, i,
                         ns_arena_printf(lex->arena,
                                         "Invalid number, unexpected digit after 0: %s.",
                                         unexpected(lex, i)));
        }
    } else {
        if (!digit(peek(lex, i))) {
            goto bad;
        }
        while (digit(peek(lex, i))) {
            i++;
        }
    }
    if (peek(lex, i) == '.') {
        kind = GQL_TOK_FLOAT;
        i++;
        if (!digit(peek(lex, i))) {
            goto bad;
        }
        while (digit(peek(lex, i))) {
            i++;
        }
    }
    if (peek(lex, i) == 'e' || peek(lex, i) == 'E') {
        kind = GQL_TOK_FLOAT;
        i++;
        if (peek(lex, i) == '+' || peek(lex, i) == '-') {
            i++;
        }
        if (!digit(peek(lex, i))) {
            goto bad;
        }
        while (digit(peek(lex, i))) {
            i++;
        }
    }
    if (peek(lex, i) == '.' || name_start(peek(lex, i))) {
        goto bad;
    }
    lex->pos = i;
    return (struct gql_token){
        .kind = kind, .at = (uint32_t)start, .text = {lex->source.p + start, i - start}};
bad:
    return fault(lex, i,
                 ns_arena_printf(lex->arena, "Invalid number, expected digit but got: %s.",
                                 unexpected(lex, i)));
}

static int hex(int c) {
    return digit(c)               ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* the four hex digits of a \u escape at i; -1 when malformed. */
static int32_t hex4(const struct gql_lexer *lex, size_t i) {
    int32_t code = 0;
    for (size_t k = 0; k < 4; k++) {
        int h = hex(peek(lex, i + k));
        if (h < 0) {
            return -1;
        }
        code = code << 4 | h;
    }
    return code;
}

/* An escape \u... whose backslash stands at i: its length, 0 when it is no scalar value. */
static size_t unicode_escape(const struct gql_lexer *lex, size_t i, uint32_t *code) {
    if (peek(lex, i + 2) == '{') {
        uint32_t c = 0;
        size_t k = i + 3;
        for (; hex(peek(lex, k)) >= 0 && c <= 0x10FFFF; k++) {
            c = c << 4 | (uint32_t)hex(peek(lex, k));
        }
        bool good =
            peek(lex, k) == '}' && k > i + 3 && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
        *code = c;
        return good ? k + 1 - i : 0;
    }
    int32_t c = hex4(lex, i + 2);
    if (c < 0 || (c >= 0xDC00 && c <= 0xDFFF)) {
        return 0;
    }
    if (c < 0xD800 || c > 0xDBFF) {
        *code = (uint32_t)c;
        return 6;
    }
    int32_t low = peek(lex, i + 6) == '\\' && peek(lex, i + 7) == 'u' ? hex4(lex, i + 8) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
        return 0;
    }
    *code = 0x10000U + (((uint32_t)c - 0xD800U) << 10) + ((uint32_t)low - 0xDC00U);
    return 12;
}

static struct gql_token string(struct gql_lexer *lex) {
    size_t start = lex->pos;
    size_t end = start + 1; /* first an upper bound of the decoded length */
    while (peek(lex, end) != -1 && peek(lex, end) != '"' && peek(lex, end) != '\n') {
        end += peek(lex, end) == '\\' ? 2 : 1;
    }
    char *value = ns_arena_alloc(lex->arena, end - start + 4);
    size_t n = 0;
    for (size_t i = start + 1;;) {
        int c = peek(lex, i);
        if (c == '"') {
            lex->pos = i + 1;
            return (struct gql_token){.kind = GQL_TOK_STRING,
                                      .at = (uint32_t)start,
                                      .text = {lex->source.p + start, i + 1 - start},
                                      .value = {value, n}};
        }
        if (c == -1 || c == '\n' || c == '\r') {
            return fault(lex, i, "Unterminated string.");
        }
        if (c != '\\') {
            uint32_t code;
            size_t len = gql_utf8_decode(lex->source.p + i, lex->source.n - i, &code);
            if (len == 0) {
                return fault(lex, i, "Invalid character within String: not UTF-8.");
            }
            memcpy(value + n, lex->source.p + i, len);
            n += len;
            i += len;
            continue;
        }
        static const char from[] = "\"\\/bfnrt";
        static const char to[] = "\"\\/\b\f\n\r\t";
        int e = peek(lex, i + 1);
        const char *simple = e > 0 ? strchr(from, e) : NULL;
        uint32_t code = 0;
        size_t len = 2;
        if (simple != NULL) {
            code = (uint32_t)(unsigned char)to[simple - from];
        } else if (e == 'u') {
            len = unicode_escape(lex, i, &code);
            if (len == 0) {
                return fault(lex, i, "Invalid Unicode escape sequence.");
            }
        } else {
            return fault(lex, i,
                         ns_arena_printf(lex->arena,
                                         "Invalid character escape sequence: \\ before %s.",
                                         unexpected(lex, i + 1)));
        }
        n += gql_utf8_encode(code, value + n);
        i += len;
    }
}

/* BlockStringValue() of the specification: common indent and blank first and last lines go. */
static struct ns_str block_value(struct ns_arena *arena, struct ns_str raw) {
    char *out = ns_arena_alloc(arena, raw.n + 1);
    size_t common = SIZE_MAX;
    size_t first = SIZE_MAX; /* first and last line that are not blank */
    size_t last = 0;
    size_t line = 0;
    for (size_t i = 0; i <= raw.n; line++) {
        size_t end = i;
        size_t indent = 0;
        while (end < raw.n && raw.p[end] != '\n') {
            end++;
        }
        while (i + indent < end && (raw.p[i + indent] == ' ' || raw.p[i + indent] == '\t')) {
            indent++;
        }
        if (i + indent < end) {
            first = first == SIZE_MAX ? line : first;
            last = line;
            common = line > 0 && indent < common ? indent : common;
        }
        i = end + 1;
    }
    size_t n = 0;
    line = 0;
    for (size_t i = 0; i <= raw.n && first != SIZE_MAX; line++) {
        size_t end = i;
        while (end < raw.n && raw.p[end] != '\n') {
            end++;
        }
        if (line >= first && line <= last) {
            if (line > first) {
                out[n++] = '\n';
            }
            size_t cut = line == 0 || common == SIZE_MAX ? 0 : common;
            size_t from = i + cut < end ? i + cut : end;
            memcpy(out + n, raw.p + from, end - from);
            n += end - from;
        }
        i = end + 1;
    }
    return (struct ns_str){out, n};
}

/* Three double quotes at i. */
static bool quotes_at(const struct gql_lexer *lex, size_t i) {
    return peek(lex, i) == '"' && peek(lex, i + 1) == '"' && peek(lex, i + 2) == '"';
}

static struct gql_token block_string(struct gql_lexer *lex) {
    size_t start = lex->pos;
    size_t i = start + 3;
    size_t bound =
        i; /* of the decoded text: the same walk, so that nothing is allocated twice */
    while (bound < lex->source.n && !quotes_at(lex, bound)) {
        bound += lex->source.p[bound] == '\\' && quotes_at(lex, bound + 1) ? 4 : 1;
    }
    char *raw = ns_arena_alloc(lex->arena, bound - start + 1);
    size_t n = 0;
    for (;;) {
        int c = peek(lex, i);
        if (c == -1) {
            return fault(lex, i, "Unterminated string.");
        }
        if (quotes_at(lex, i)) {
            lex->pos = i + 3;
            return (struct gql_token){.kind = GQL_TOK_BLOCK_STRING,
                                      .at = (uint32_t)start,
                                      .text = {lex->source.p + start, i + 3 - start},
                                      .value =
                                          block_value(lex->arena, (struct ns_str){raw, n})};
        }
        uint32_t code;
        size_t len = gql_utf8_decode(lex->source.p + i, lex->source.n - i, &code);
        if (len == 0) {
            return fault(lex, i, "Invalid character within String: not UTF-8.");
        }
        if (c == '\\' && quotes_at(lex, i + 1)) {
            memcpy(raw + n, "\"\"\"", 3);
            n += 3;
            i += 4;
        } else if (c == '\r') {
            raw[n++] = '\n';
            i += peek(lex, i + 1) == '\n' ? 2 : 1;
        } else {
            memcpy(raw + n, lex->source.p + i, len);
            n += len;
            i += len;
        }
    }
}

struct gql_token gql_lex_next(struct gql_lexer *lex) {
    if (lex->message != NULL) {
        return (struct gql_token){.kind = GQL_TOK_BAD, .at = lex->message_at};
    }
    skip_ignored(lex);
    size_t at = lex->pos;
    int c = peek(lex, at);
    if (c == -1) {
        return (struct gql_token){.kind = GQL_TOK_EOF, .at = (uint32_t)at};
    }
    if (++lex->count > lex->limit) {
        lex->over_limit = true;
        return fault(lex, at,
                     ns_arena_printf(lex->arena,
                                     "Document contains more than %u tokens. "
                                     "Parsing aborted.",
                                     lex->limit));
    }
    if (name_start(c)) {
        size_t i = at;
        while (name_start(peek(lex, i)) || digit(peek(lex, i))) {
            i++;
        }
        lex->pos = i;
        return (struct gql_token){
            .kind = GQL_TOK_NAME, .at = (uint32_t)at, .text = {lex->source.p + at, i - at}};
    }
    if (digit(c) || c == '-') {
        return number(lex);
    }
    if (c == '"') {
        return peek(lex, at + 1) == '"' && peek(lex, at + 2) == '"' ? block_string(lex)
                                                                    : string(lex);
    }
    if (c == '.' && peek(lex, at + 1) == '.' && peek(lex, at + 2) == '.') {
        lex->pos = at + 3;
        return (struct gql_token){
            .kind = GQL_TOK_SPREAD, .at = (uint32_t)at, .text = {lex->source.p + at, 3}};
    }
    if (strchr("!$&():=@[]{|}", c) != NULL && c != 0) {
        lex->pos = at + 1;
        return (struct gql_token){
            .kind = GQL_TOK_PUNCT, .at = (uint32_t)at, .text = {lex->source.p + at, 1}};
    }
    return fault(lex, at,
                 ns_arena_printf(lex->arena, "Unexpected character: %s.", unexpected(lex, at)));
}
