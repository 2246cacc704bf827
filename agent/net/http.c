/* http.c: head line by line, body piece by piece. A line is judged only when it is whole, and
 * in order, so that how the bytes were cut cannot change the verdict. */
#include "agent/net/http.h"

#include <string.h>

enum { AT_REQUEST_LINE, AT_FIELDS, AT_BODY, AT_CHUNK_SIZE, AT_CHUNK_DATA, AT_CHUNK_END,
       AT_TRAILERS, AT_END, AT_ERROR };

/* method and version around a target of the greatest length */
#define REQUEST_LINE_MOST (NS_HTTP_TARGET_MOST + 48)

void ns_http_begin(struct ns_http_reader *r, uint64_t body_most) {
    memset(r, 0, sizeof *r);
    r->body_most = body_most;
}

static enum ns_http_step refuse(struct ns_http_reader *r, int status, const char *why) {
    r->state = AT_ERROR;
    r->status = status;
    r->why = why;
    return NS_HTTP_ERROR;
}

/* tchar of RFC 9110 5.6.2 */
static bool is_token_char(unsigned char c) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
        return true;
    }
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct ns_str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (!is_token_char((unsigned char)s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

static struct ns_http_span span_of(const char *bytes, struct ns_str s) {
    return (struct ns_http_span){(uint32_t)(s.p - bytes), (uint32_t)s.n};
}

struct ns_str ns_http_text(const char *bytes, struct ns_http_span span) {
    return (struct ns_str){bytes + span.at, span.n};
}

static bool known_method(struct ns_str m) {
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT",
                                          "OPTIONS", "TRACE", "PATCH"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (ns_str_is(m, methods[i])) {
            return true;
        }
    }
    return false;
}

/* Absolute form is cut to what follows the authority; the Host field must still be there. */
static bool read_target(struct ns_http_reader *r, const char *bytes, struct ns_str target) {
    for (size_t i = 0; i < target.n; i++) {
        unsigned char c = (unsigned char)target.p[i];
        if (c <= 0x20 || c >= 0x7F || c == '#') {
            return false;
        }
    }
    struct ns_str method = ns_http_text(bytes, r->method);
    if (ns_str_is(target, "*")) {
        r->path = span_of(bytes, target);
        return ns_str_is(method, "OPTIONS");
    }
    size_t scheme = ns_str_starts(target, "http://")    ? 7
                    : ns_str_starts(target, "https://") ? 8
                                                        : 0;
    if (scheme > 0) {
        const char *slash = memchr(target.p + scheme, '/', target.n - scheme);
        if (slash == NULL || slash == target.p + scheme) {
            return false;
        }
        target.n -= (size_t)(slash - target.p);
        target.p = slash;
    }
    if (target.n == 0 || target.p[0] != '/') {
        return false;
    }
    const char *mark = memchr(target.p, '?', target.n);
    struct ns_str path = {target.p, mark != NULL ? (size_t)(mark - target.p) : target.n};
    r->path = span_of(bytes, path);
    if (mark != NULL) {
        r->query = span_of(bytes, (struct ns_str){mark + 1, target.n - path.n - 1});
    }
    return true;
}

static enum ns_http_step read_request_line(struct ns_http_reader *r, const char *bytes,
                                           struct ns_str line) {
    struct ns_str rest = line;
    struct ns_str method = ns_str_cut(&rest, ' ');
    struct ns_str target = ns_str_cut(&rest, ' ');
    struct ns_str version = rest;
    if (!is_token(method) || version.p == NULL) {
        return refuse(r, 400, "request line is not METHOD TARGET VERSION");
    }
    if (target.n > NS_HTTP_TARGET_MOST) {
        return refuse(r, 414, "target is too long");
    }
    if (version.n != 8 || !ns_str_starts(version, "HTTP/") || version.p[6] != '.' ||
        version.p[5] < '0' || version.p[5] > '9' || version.p[7] < '0' || version.p[7] > '9') {
        return refuse(r, 400, "version is not HTTP/1.1");
    }
    if (version.p[5] != '1' || version.p[7] > '1') {
        return refuse(r, 505, "only HTTP/1.1 and 1.0 are spoken here");
    }
    r->minor = version.p[7] - '0';
    if (!known_method(method)) {
        return refuse(r, 501, "unknown method");
    }
    r->method = span_of(bytes, method);
    if (!read_target(r, bytes, target)) {
        return refuse(r, 400, "target is not a path");
    }
    r->state = AT_FIELDS;
    return NS_HTTP_MORE;
}

static enum ns_http_step read_length(struct ns_http_reader *r, struct ns_str value) {
    uint64_t length = 0;
    if (value.n < 1 || value.n > 19) {
        return refuse(r, 400, "Content-Length is not 1 to 19 digits");
    }
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9') {
            return refuse(r, 400, "Content-Length is not 1 to 19 digits");
        }
        length = length * 10 + (uint64_t)(value.p[i] - '0');
    }
    if (r->have_length && length != r->length) {
        return refuse(r, 400, "two different Content-Length");
    }
    r->have_length = true;
    r->length = length;
    return NS_HTTP_MORE;
}

static enum ns_http_step read_coding(struct ns_http_reader *r, struct ns_str value) {
    struct ns_str rest = value;
    while (rest.p != NULL) {
        struct ns_str coding = ns_str_trim(ns_str_cut(&rest, ','));
        if (r->coding_chunked) {
            return refuse(r, 400, "chunked must be the last transfer coding, once");
        }
        if (coding.n == 0) {
            return refuse(r, 400, "empty transfer coding");
        }
        if (!ns_str_is_nocase(coding, "chunked")) {
            return refuse(r, 501, "transfer coding is not chunked");
        }
        r->coding_chunked = true;
    }
    r->have_coding = true;
    return NS_HTTP_MORE;
}

static enum ns_http_step read_host(struct ns_http_reader *r, struct ns_str value) {
    if (++r->hosts > 1) {
        return refuse(r, 400, "several Host fields");
    }
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!plain && (c == '\0' || strchr("-._~%!$&'()*+;=:[]", c) == NULL)) {
            return refuse(r, 400, "Host holds a wrong character");
        }
    }
    return NS_HTTP_MORE;
}

static void read_connection(struct ns_http_reader *r, struct ns_str value) {
    struct ns_str rest = value;
    while (rest.p != NULL) {
        struct ns_str option = ns_str_trim(ns_str_cut(&rest, ','));
        r->say_close |= ns_str_is_nocase(option, "close");
        r->say_keep_alive |= ns_str_is_nocase(option, "keep-alive");
        r->say_upgrade |= ns_str_is_nocase(option, "upgrade");
    }
}

static enum ns_http_step understand(struct ns_http_reader *r, struct ns_str name,
                                    struct ns_str value) {
    if (ns_str_is_nocase(name, "content-length")) {
        return read_length(r, value);
    }
    if (ns_str_is_nocase(name, "transfer-encoding")) {
        return read_coding(r, value);
    }
    if (ns_str_is_nocase(name, "host")) {
        return read_host(r, value);
    }
    if (ns_str_is_nocase(name, "connection")) {
        read_connection(r, value);
    } else if (ns_str_is_nocase(name, "expect")) {
        if (!ns_str_is_nocase(value, "100-continue")) {
            return refuse(r, 417, "unknown expectation");
        }
        r->expect_continue = true;
    }
    return NS_HTTP_MORE;
}

/* false: not "name: value" with allowed characters. Also used for trailers. */
static bool split_field(struct ns_str line, struct ns_str *name, struct ns_str *value) {
    struct ns_str rest = line;
    *name = ns_str_cut(&rest, ':');
    if (rest.p == NULL || !is_token(*name)) {
        return false;
    }
    for (size_t i = 0; i < rest.n; i++) {
        unsigned char c = (unsigned char)rest.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F) {
            return false;
        }
    }
    *value = ns_str_trim(rest);
    return true;
}

static enum ns_http_step read_field(struct ns_http_reader *r, const char *bytes,
                                    struct ns_str line) {
    struct ns_str name;
    struct ns_str value;
    if (line.p[0] == ' ' || line.p[0] == '\t') {
        return refuse(r, 400, "folded header line");
    }
    if (!split_field(line, &name, &value)) {
        return refuse(r, 400, "header line is not Name: value");
    }
    if (r->field_count == NS_HTTP_FIELDS_MOST) {
        return refuse(r, 431, "too many header fields");
    }
    r->fields[r->field_count++] =
        (struct ns_http_field){span_of(bytes, name), span_of(bytes, value)};
    return understand(r, name, value);
}

static enum ns_http_step finish_head(struct ns_http_reader *r, const char *bytes) {
    if (r->minor == 1 && r->hosts == 0) {
        return refuse(r, 400, "no Host");
    }
    if (r->have_coding && (r->have_length || r->minor == 0)) {
        return refuse(r, 400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0");
    }
    if (r->have_length && r->length > r->body_most) {
        return refuse(r, 413, "body is too long");
    }
    r->keep_alive = !r->say_close && (r->minor == 1 || r->say_keep_alive);
    if (r->minor == 0) {
        r->keep_alive = false; /* 1.0 closes: simpler than guessing what its peers mean */
        r->expect_continue = false;
    }
    r->upgrade = r->minor == 1 && r->say_upgrade && ns_http_field(r, bytes, "upgrade").p != NULL;
    r->body = r->have_coding                      ? NS_HTTP_CHUNKED
              : r->have_length && r->length > 0 ? NS_HTTP_LENGTH
                                                : NS_HTTP_NO_BODY;
    r->left = r->body == NS_HTTP_LENGTH ? r->length : 0;
    r->state = r->body == NS_HTTP_CHUNKED  ? AT_CHUNK_SIZE
               : r->body == NS_HTTP_LENGTH ? AT_BODY
                                           : AT_END;
    r->head_bytes = r->line_at;
    return NS_HTTP_HEAD;
}

/* One whole line that begins at line_at and whose LF is at `lf`. */
static enum ns_http_step read_line(struct ns_http_reader *r, const char *bytes, uint32_t lf) {
    struct ns_str line = {bytes + r->line_at, lf - r->line_at};
    bool first = r->state == AT_REQUEST_LINE;
    if (first && line.n > REQUEST_LINE_MOST) {
        return refuse(r, 414, "request line is too long");
    }
    if (lf >= NS_HTTP_HEAD_MOST) {
        return refuse(r, 431, "header is too long");
    }
    if (line.n == 0 || line.p[line.n - 1] != '\r') {
        return refuse(r, 400, "line does not end in CR LF");
    }
    line.n--;
    if (memchr(line.p, '\r', line.n) != NULL || memchr(line.p, '\0', line.n) != NULL) {
        return refuse(r, 400, "bare CR or NUL in the header");
    }
    uint32_t begins = r->line_at;
    r->line_at = lf + 1;
    if (first) {
        if (line.n == 0 && begins < 4) {
            return NS_HTTP_MORE; /* up to two empty lines before the request: RFC 9112 2.2 */
        }
        return read_request_line(r, bytes, line);
    }
    return line.n == 0 ? finish_head(r, bytes) : read_field(r, bytes, line);
}

enum ns_http_step ns_http_head(struct ns_http_reader *r, const char *bytes, size_t n) {
    if (r->state == AT_ERROR) {
        return NS_HTTP_ERROR;
    }
    while (r->at < n) {
        size_t most = n < NS_HTTP_HEAD_MOST + 1 ? n : NS_HTTP_HEAD_MOST + 1;
        if (r->at >= most) {
            break;
        }
        const char *lf = memchr(bytes + r->at, '\n', most - r->at);
        if (lf == NULL) {
            r->at = (uint32_t)most;
            break;
        }
        r->at = (uint32_t)(lf - bytes) + 1;
        enum ns_http_step step = read_line(r, bytes, r->at - 1);
        if (step != NS_HTTP_MORE) {
            return step;
        }
    }
    if (r->state == AT_REQUEST_LINE && r->at - r->line_at > REQUEST_LINE_MOST) {
        return refuse(r, 414, "request line is too long");
    }
    if (n > NS_HTTP_HEAD_MOST) {
        return refuse(r, 431, "header is too long");
    }
    return NS_HTTP_MORE;
}

/* ---- body ------------------------------------------------------------------------------ */

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1a" with perhaps blanks and an extension behind; -1: broken. */
static int64_t chunk_size(struct ns_str line) {
    int64_t size = 0;
    size_t i = 0;
    for (; i < line.n && hex_value(line.p[i]) >= 0; i++) {
        if (i == 15) {
            return -1;
        }
        size = size * 16 + hex_value(line.p[i]);
    }
    if (i == 0) {
        return -1;
    }
    while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t')) {
        i++;
        if (i == line.n) {
            return -1; /* blanks belong only before an extension */
        }
    }
    if (i < line.n && line.p[i] != ';') {
        return -1;
    }
    for (; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F) {
            return -1;
        }
    }
    return size;
}

static enum ns_http_step read_chunk_size(struct ns_http_reader *r, struct ns_str line) {
    int64_t size = chunk_size(line);
    if (size < 0) {
        return refuse(r, 400, "chunk size is broken");
    }
    if ((uint64_t)size > r->body_most - r->taken) {
        return refuse(r, 413, "body is too long");
    }
    r->left = (uint64_t)size;
    r->state = size > 0 ? AT_CHUNK_DATA : AT_TRAILERS;
    r->part_bytes = 0;
    return NS_HTTP_MORE;
}

static enum ns_http_step read_trailer(struct ns_http_reader *r, struct ns_str line) {
    struct ns_str name;
    struct ns_str value;
    if (line.n == 0) {
        r->state = AT_END;
        return NS_HTTP_END;
    }
    if (line.p[0] == ' ' || line.p[0] == '\t' || !split_field(line, &name, &value)) {
        return refuse(r, 400, "trailer line is not Name: value");
    }
    r->part_bytes += (uint32_t)line.n + 2;
    if (r->part_bytes > NS_HTTP_HEAD_MOST) {
        return refuse(r, 431, "trailers are too long");
    }
    return NS_HTTP_MORE;
}

/* Lines between chunks: nothing is used until the line is whole, so it must fit in `most`. */
static enum ns_http_step body_line(struct ns_http_reader *r, const char *bytes, size_t n,
                                   size_t *used) {
    size_t most = r->state == AT_CHUNK_SIZE  ? NS_HTTP_CHUNK_LINE_MOST
                  : r->state == AT_CHUNK_END ? 2
                                             : NS_HTTP_HEAD_MOST;
    const char *lf = n > 0 ? memchr(bytes, '\n', n < most ? n : most) : NULL;
    if (lf == NULL) {
        if (n >= most) {
            return r->state == AT_TRAILERS ? refuse(r, 431, "trailers are too long")
                                           : refuse(r, 400, "chunk line is too long");
        }
        return NS_HTTP_MORE;
    }
    struct ns_str line = {bytes, (size_t)(lf - bytes)};
    if (line.n == 0 || line.p[line.n - 1] != '\r') {
        return refuse(r, 400, "chunk line does not end in CR LF");
    }
    line.n--;
    if (memchr(line.p, '\r', line.n) != NULL || memchr(line.p, '\0', line.n) != NULL) {
        return refuse(r, 400, "bare CR or NUL between chunks");
    }
    *used += line.n + 2;
    if (r->state == AT_CHUNK_SIZE) {
        return read_chunk_size(r, line);
    }
    if (r->state == AT_TRAILERS) {
        return read_trailer(r, line);
    }
    if (line.n != 0) {
        return refuse(r, 400, "chunk is longer than its size");
    }
    r->state = AT_CHUNK_SIZE;
    return NS_HTTP_MORE;
}

enum ns_http_step ns_http_body(struct ns_http_reader *r, const char *bytes, size_t n,
                               size_t *used, struct ns_str *piece) {
    *used = 0;
    *piece = (struct ns_str){0};
    for (;;) {
        if (r->state == AT_ERROR) {
            return NS_HTTP_ERROR;
        }
        if (r->state == AT_END) {
            return NS_HTTP_END;
        }
        if (r->state == AT_BODY || r->state == AT_CHUNK_DATA) {
            size_t have = n - *used;
            if (have == 0) {
                return NS_HTTP_MORE;
            }
            size_t take = have < r->left ? have : (size_t)r->left;
            *piece = (struct ns_str){bytes + *used, take};
            *used += take;
            r->left -= take;
            r->taken += take;
            if (r->left == 0) {
                r->state = r->state == AT_BODY ? AT_END : AT_CHUNK_END;
            }
            return NS_HTTP_PIECE;
        }
        int before = r->state;
        size_t used_before = *used;
        enum ns_http_step step = body_line(r, bytes + *used, n - *used, used);
        if (step != NS_HTTP_MORE || (r->state == before && *used == used_before)) {
            return step;
        }
    }
}

/* ---- look-ups -------------------------------------------------------------------------- */

struct ns_str ns_http_field(const struct ns_http_reader *r, const char *bytes,
                            const char *name) {
    for (size_t i = 0; i < r->field_count; i++) {
        if (ns_str_is_nocase(ns_http_text(bytes, r->fields[i].name), name)) {
            return ns_http_text(bytes, r->fields[i].value);
        }
    }
    return (struct ns_str){0};
}

const char *ns_http_reason(int status) {
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {100, "Continue"}, {101, "Switching Protocols"}, {200, "OK"}, {204, "No Content"}, {304, "Not Modified"},
        {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"},
        {411, "Length Required"}, {413, "Content Too Large"}, {414, "URI Too Long"},
        {415, "Unsupported Media Type"}, {417, "Expectation Failed"}, {421, "Misdirected Request"},
        {426, "Upgrade Required"}, {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
        {501, "Not Implemented"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return "Status";
}

static bool decode(struct ns_str text, char *out, size_t cap, size_t *n) {
    *n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int c = (unsigned char)text.p[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            bool whole = text.n - i > 2;
            int high = whole ? hex_value(text.p[i + 1]) : -1;
            int low = whole ? hex_value(text.p[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = high * 16 + low;
            i += 2;
        }
        if (c == 0 || *n + 1 >= cap) {
            return false;
        }
        out[(*n)++] = (char)c;
    }
    out[*n] = '\0';
    return true;
}

bool ns_http_parameter(struct ns_str query, const char *name, char *out, size_t cap, size_t *n,
                       bool *bad) {
    struct ns_str rest = query;
    *bad = false;
    *n = 0;
    while (rest.p != NULL) {
        struct ns_str value = ns_str_cut(&rest, '&');
        struct ns_str key = ns_str_cut(&value, '=');
        if (ns_str_is(key, name)) {
            *bad = !decode(value, out, cap, n);
            return true;
        }
    }
    return false;
}
