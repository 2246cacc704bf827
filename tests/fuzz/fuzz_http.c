/* The HTTP reader: no cut of the bytes may change what it says, and nothing may be read past
 * the end. The first byte chooses the size of the pieces. */
#include "agent/net/http.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MOST 4096

struct verdict {
    enum ns_http_step step;
    int status;
    size_t body_n;
    uint64_t body_sum;
    uint32_t head_bytes;
};

static void add(struct verdict *v, struct ns_str piece) {
    for (size_t i = 0; i < piece.n; i++) {
        v->body_sum = v->body_sum * 31 + (unsigned char)piece.p[i];
    }
    v->body_n += piece.n;
}

static struct verdict read_in_pieces(const char *bytes, size_t n, size_t piece) {
    struct ns_http_reader r;
    struct verdict v = {.step = NS_HTTP_MORE};
    size_t seen = 0;
    ns_http_begin(&r, BODY_MOST);
    while (v.step == NS_HTTP_MORE && seen < n) {
        seen = n - seen < piece ? n : seen + piece;
        v.step = ns_http_head(&r, bytes, seen);
    }
    size_t at = v.step == NS_HTTP_HEAD ? r.head_bytes : 0;
    while (v.step == NS_HTTP_HEAD || v.step == NS_HTTP_PIECE || (at > 0 && v.step == NS_HTTP_MORE)) {
        size_t used = 0;
        struct ns_str body;
        v.step = ns_http_body(&r, bytes + at, seen - at, &used, &body);
        add(&v, body);
        at += used;
        if (v.step == NS_HTTP_MORE) {
            if (seen == n) {
                break;
            }
            seen = n - seen < piece ? n : seen + piece;
        }
    }
    v.status = v.step == NS_HTTP_ERROR ? r.status : 0;
    v.head_bytes = r.head_bytes;
    if (v.step == NS_HTTP_END) {
        char value[64];
        size_t value_n;
        bool bad;
        struct ns_str query = r.query.at > 0 ? ns_http_text(bytes, r.query) : (struct ns_str){0};
        (void)ns_http_parameter(query, "query", value, sizeof value, &value_n, &bad);
        (void)ns_http_field(&r, bytes, "accept");
    }
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n < 2) {
        return 0;
    }
    size_t piece = 1 + data[0] % 64;
    char *bytes = malloc(n - 1); /* exact, so that one byte too far is seen */
    memcpy(bytes, data + 1, n - 1);
    struct verdict whole = read_in_pieces(bytes, n - 1, n);
    struct verdict cut = read_in_pieces(bytes, n - 1, piece);
    if (whole.step != cut.step || whole.status != cut.status || whole.head_bytes != cut.head_bytes ||
        (whole.step == NS_HTTP_END && (whole.body_n != cut.body_n || whole.body_sum != cut.body_sum)) ||
        whole.body_n > BODY_MOST) {
        abort();
    }
    free(bytes);
    return 0;
}
