/* http.h: a strict reader of HTTP/1.1 requests (RFC 9112, RFC 9110). Pure: bytes in, a verdict
 * out; no allocation, no input or output.
 *
 * Head: hand in all bytes from the first one of the request each time more came; the reader
 * remembers where it was. Body: hand in only what it has not used yet; chunked coding is taken
 * off and pieces point into the bytes handed in. The same bytes give the same verdict however
 * they are cut.
 * Ownership: none; slices point into the caller's bytes. Threads: a value. */
#pragma once
#include "shared/base/str.h"

#define NS_HTTP_HEAD_MOST 16384
#define NS_HTTP_FIELDS_MOST 64
#define NS_HTTP_TARGET_MOST 8192
#define NS_HTTP_CHUNK_LINE_MOST 256

enum ns_http_step {
    NS_HTTP_MORE,  /* give more bytes */
    NS_HTTP_HEAD,  /* the head is whole: head_bytes long */
    NS_HTTP_PIECE, /* a piece of the body; call again */
    NS_HTTP_END,   /* the request is whole */
    NS_HTTP_ERROR  /* answer `status` and close */
};

struct ns_http_span {
    uint32_t at; /* from the first byte of the request */
    uint32_t n;
};

struct ns_http_field {
    struct ns_http_span name;
    struct ns_http_span value; /* without blanks around */
};

enum ns_http_body { NS_HTTP_NO_BODY, NS_HTTP_LENGTH, NS_HTTP_CHUNKED };

struct ns_http_reader {
    /* result, valid from NS_HTTP_HEAD on */
    struct ns_http_span method;
    struct ns_http_span path;  /* "*" for OPTIONS * */
    struct ns_http_span query; /* at == 0: none */
    struct ns_http_field fields[NS_HTTP_FIELDS_MOST];
    size_t field_count;
    uint32_t head_bytes;
    int minor; /* HTTP/1.minor: 0 or 1 */
    enum ns_http_body body;
    uint64_t length; /* of NS_HTTP_LENGTH */
    bool keep_alive;
    bool expect_continue;
    bool upgrade; /* Connection: upgrade with an Upgrade field */
    /* result of NS_HTTP_ERROR */
    int status;
    const char *why; /* English, for the answer's text */
    /* the reader's own */
    uint64_t body_most;
    uint64_t taken;
    uint64_t left;
    uint32_t at;
    uint32_t line_at;
    uint32_t part_bytes;
    int state;
    int hosts;
    bool have_length, have_coding, coding_chunked, say_close, say_keep_alive, say_upgrade;
};

void ns_http_begin(struct ns_http_reader *r, uint64_t body_most);
/* bytes[0..n) begins with the request's first byte and holds all of its head seen so far. */
enum ns_http_step ns_http_head(struct ns_http_reader *r, const char *bytes, size_t n);
/* After NS_HTTP_HEAD. *used bytes may be forgotten after each call. */
enum ns_http_step ns_http_body(struct ns_http_reader *r, const char *bytes, size_t n,
                               size_t *used, struct ns_str *piece);

/* Look-ups in a head that is whole. First field of that name; p NULL: none. */
struct ns_str ns_http_text(const char *bytes, struct ns_http_span span);
struct ns_str ns_http_field(const struct ns_http_reader *r, const char *bytes, const char *name);
const char *ns_http_reason(int status);

/* Percent-decoding of one query parameter (+ is a blank). false: absent; *bad: broken escapes,
 * NUL, or longer than out. */
bool ns_http_parameter(struct ns_str query, const char *name, char *out, size_t cap, size_t *n,
                       bool *bad);
