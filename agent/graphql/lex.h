/* lex.h: tokens of GraphQL documents and of SDL (September 2025 edition).
 * Ownership: tokens point into the source; decoded strings live in the arena.
 * Threads: one lexer, one owner. */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/err.h"

enum gql_token_kind {
    GQL_TOK_EOF,
    GQL_TOK_NAME,
    GQL_TOK_INT,
    GQL_TOK_FLOAT,
    GQL_TOK_STRING,
    GQL_TOK_BLOCK_STRING,
    GQL_TOK_SPREAD, /* ... */
    GQL_TOK_PUNCT,  /* text is the one character */
    GQL_TOK_BAD
};

struct gql_token {
    enum gql_token_kind kind;
    uint32_t at;         /* byte offset of the first byte */
    struct ns_str text;  /* as written */
    struct ns_str value; /* of a string: decoded */
};

struct gql_lexer {
    struct ns_arena *arena;
    struct ns_str source;
    size_t pos;
    uint32_t count; /* tokens read */
    uint32_t limit;
    /* The first fault; later calls return GQL_TOK_BAD again. */
    const char *message;
    uint32_t message_at;
    bool over_limit;
};

void gql_lex_init(struct gql_lexer *lex, struct ns_arena *arena, struct ns_str source,
                  uint32_t limit);
struct gql_token gql_lex_next(struct gql_lexer *lex);

/* Line and column, from 1. Lines end with LF, CR or CR LF; a column is one code point (as in
 * graphql-js for the Basic Multilingual Plane; an emoji counts one here, two there). */
void gql_locate(struct ns_str source, uint32_t at, uint32_t *line, uint32_t *column);

/* One code point of UTF-8 at p (n bytes left): its length, or 0 when malformed. */
size_t gql_utf8_decode(const char *p, size_t n, uint32_t *code);
size_t gql_utf8_encode(uint32_t code, char out[4]);
