#include "agent/retail/sigv4.h"

#include "shared/crypto/crypto.h"

#include <string.h>

#define FIELDS 64
#define MOST_BYTES 65536

struct pair {
    struct ns_str name;
    struct ns_str value;
    size_t order;
};

static void hex(const uint8_t *bytes, char out[65]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[64] = '\0';
}

static void sha256_hex(struct ns_str text, char out[65]) {
    uint8_t digest[32];
    ns_crypto_sha256(digest, text.p, text.n);
    hex(digest, out);
}

static bool unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

static void encode(struct ns_buf *out, struct ns_str text, bool keep_slash) {
    for (size_t i = 0; i < text.n; i++) {
        if (unreserved(text.p[i]) || (keep_slash && text.p[i] == '/')) {
            ns_buf_char(out, text.p[i]);
        } else {
            ns_buf_fmt(out, "%%%02X", (unsigned)(uint8_t)text.p[i]);
        }
    }
}

static int nibble(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10
         : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Fields of a query are encoded once, whether they came encoded or not. */
static void decode(struct ns_buf *out, struct ns_str text) {
    for (size_t i = 0; i < text.n; i++) {
        int high = i + 2 < text.n && text.p[i] == '%' ? nibble(text.p[i + 1]) : -1;
        int low = high >= 0 ? nibble(text.p[i + 2]) : -1;
        if (low >= 0) {
            ns_buf_char(out, (char)(high * 16 + low));
            i += 2;
        } else {
            ns_buf_char(out, text.p[i]);
        }
    }
}

static int by_bytes(struct ns_str a, struct ns_str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    return order != 0 ? order : a.n < b.n ? -1 : a.n > b.n;
}

/* Insertion sort: at most 64 rows, nearly in order. `values`: of equal names the values decide,
 * else their order stands. */
static void sort(struct pair *at, size_t count, bool values) {
    for (size_t i = 1; i < count; i++) {
        struct pair p = at[i];
        size_t k = i;
        for (; k > 0; k--) {
            int order = by_bytes(at[k - 1].name, p.name);
            if (order == 0 && values) {
                order = by_bytes(at[k - 1].value, p.value);
            }
            if (order <= 0) {
                break;
            }
            at[k] = at[k - 1];
        }
        at[k] = p;
    }
}

/* "." and ".." and empty steps go, as RFC 3986 5.2.4 has it; a closing slash stays. */
static void clean_path(struct ns_buf *out, struct ns_str path) {
    struct ns_str rest = path;
    bool slash_at_end = path.n > 0 && path.p[path.n - 1] == '/';
    while (rest.p != NULL) {
        struct ns_str step = ns_str_cut(&rest, '/');
        bool last = rest.p == NULL;
        if (ns_str_is(step, "..")) {
            while (out->len > 0 && out->data[out->len - 1] != '/') {
                ns_buf_cut(out, out->len - 1);
            }
            if (out->len > 0) {
                ns_buf_cut(out, out->len - 1);
            }
            slash_at_end = slash_at_end || last;
        } else if (step.n > 0 && !ns_str_is(step, ".")) {
            ns_buf_char(out, '/');
            ns_buf_str(out, step);
        } else {
            slash_at_end = slash_at_end || (last && step.n > 0);
        }
    }
    if (out->len == 0 || slash_at_end) {
        ns_buf_char(out, '/');
    }
}

static void add_path(struct ns_buf *out, const struct ns_sigv4_request *r) {
    struct ns_buf clean = NS_BUF(MOST_BYTES);
    if (r->normalize) {
        clean_path(&clean, r->path);
    } else if (r->path.n == 0) {
        ns_buf_char(&clean, '/');
    } else {
        ns_buf_str(&clean, r->path);
    }
    encode(out, ns_buf_view(&clean), true);
    ns_buf_fini(&clean);
}

static ns_rc add_query(struct ns_buf *out, struct ns_str query, struct ns_err *err) {
    struct pair field[FIELDS];
    struct ns_buf text = NS_BUF(MOST_BYTES);
    size_t span[FIELDS][2];
    size_t count = 0;
    struct ns_str rest = query;
    while (rest.n > 0) {
        struct ns_str value = ns_str_cut(&rest, '&');
        if (count == FIELDS) {
            ns_buf_fini(&text);
            return ns_err_note(err, NS_E_LIMIT, "sigv4: over %d query fields", FIELDS);
        }
        struct ns_str parts[2];
        parts[0] = ns_str_cut(&value, '=');
        parts[1] = value;
        for (int k = 0; k < 2; k++) {
            struct ns_buf plain = NS_BUF(MOST_BYTES);
            decode(&plain, parts[k]);
            encode(&text, ns_buf_view(&plain), false);
            ns_buf_fini(&plain);
            span[count][k] = text.len;
        }
        count++;
    }
    size_t from = 0;
    for (size_t i = 0; i < count && !text.failed; i++) {
        field[i] = (struct pair){{text.data + from, span[i][0] - from},
                                 {text.data + span[i][0], span[i][1] - span[i][0]}, i};
        from = span[i][1];
    }
    if (text.failed) {
        return ns_err_note(err, NS_E_LIMIT, "sigv4: the query is too long");
    }
    sort(field, count, true);
    for (size_t i = 0; i < count; i++) {
        ns_buf_text(out, i == 0 ? "" : "&");
        ns_buf_str(out, field[i].name);
        ns_buf_char(out, '=');
        ns_buf_str(out, field[i].value);
    }
    ns_buf_fini(&text);
    return NS_OK;
}

struct lowered {
    char text[80];
};

/* Names in small letters, in order; those the signer adds included. */
static ns_rc gather(const struct ns_sigv4_request *r, struct ns_sigv4_answer *out, struct lowered *names,
                    struct pair *at, size_t *count, struct ns_err *err) {
    const struct ns_sigv4_header added[] = {
        {NS_STR("x-amz-date"), {r->date, 16}},
        {NS_STR("x-amz-security-token"), r->token},
        {NS_STR("x-amz-content-sha256"), {out->body_hash, r->sign_body ? 64u : 0u}},
    };
    *count = 0;
    for (size_t i = 0; i < r->header_count + NS_COUNT(added); i++) {
        bool own = i >= r->header_count;
        struct ns_sigv4_header h = own ? added[i - r->header_count] : r->headers[i];
        bool there = own && h.value.n == 0;
        for (size_t k = 0; own && k < r->header_count; k++) {
            char name[80];
            there = there || (ns_str_copy(h.name, name, sizeof name) && ns_str_is_nocase(r->headers[k].name, name));
        }
        if (there) {
            continue;
        }
        if (*count == NS_SIGV4_HEADERS || h.name.n >= sizeof names->text) {
            return ns_err_note(err, NS_E_LIMIT, "sigv4: too many headers, or a name too long");
        }
        if (memchr(h.value.p, '\n', h.value.n) != NULL || memchr(h.value.p, '\r', h.value.n) != NULL) {
            return ns_err_note(err, NS_E_INPUT, "sigv4: a line break in a header");
        }
        char *name = names[*count].text;
        for (size_t k = 0; k < h.name.n; k++) {
            char c = h.name.p[k];
            name[k] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        }
        at[(*count)++] = (struct pair){{name, h.name.n}, ns_str_trim(h.value), i};
    }
    sort(at, *count, false);
    return NS_OK;
}

static void add_value(struct ns_buf *out, struct ns_str value) {
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != ' ' || i == 0 || value.p[i - 1] != ' ') {
            ns_buf_char(out, value.p[i]);
        }
    }
}

static void add_headers(struct ns_buf *out, struct ns_buf *names, const struct pair *at, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && ns_str_eq(at[i].name, at[i - 1].name)) {
            ns_buf_cut(out, out->len - 1);
            ns_buf_char(out, ',');
        } else {
            ns_buf_str(out, at[i].name);
            ns_buf_char(out, ':');
            ns_buf_text(names, i == 0 ? "" : ";");
            ns_buf_str(names, at[i].name);
        }
        add_value(out, at[i].value);
        ns_buf_char(out, '\n');
    }
    ns_buf_char(out, '\n');
}

static ns_rc canonical(const struct ns_sigv4_request *r, struct ns_sigv4_answer *answer, struct ns_buf *out,
                       struct ns_buf *names, struct ns_err *err) {
    struct lowered lowered[NS_SIGV4_HEADERS];
    struct pair at[NS_SIGV4_HEADERS];
    size_t count;
    ns_rc rc = gather(r, answer, lowered, at, &count, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_str(out, r->method);
    ns_buf_char(out, '\n');
    add_path(out, r);
    ns_buf_char(out, '\n');
    rc = add_query(out, r->query, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_char(out, '\n');
    add_headers(out, names, at, count);
    ns_buf_str(out, ns_buf_view(names));
    ns_buf_char(out, '\n');
    ns_buf_text(out, answer->body_hash);
    return out->failed || names->failed ? ns_err_note(err, NS_E_LIMIT, "sigv4: the request is too long") : NS_OK;
}

static void sign(const struct ns_sigv4_request *r, struct ns_str to_sign, char out[65]) {
    uint8_t key[32];
    struct ns_buf first = NS_BUF(1024);
    ns_buf_text(&first, "AWS4");
    ns_buf_str(&first, r->secret_key);
    ns_crypto_hmac_sha256(key, first.data, first.len, r->date, 8);
    if (first.data != NULL) {
        ns_crypto_wipe(first.data, first.len);
    }
    ns_buf_fini(&first);
    const struct ns_str steps[] = {r->region, r->service, NS_STR("aws4_request"), to_sign};
    for (size_t i = 0; i < NS_COUNT(steps); i++) {
        ns_crypto_hmac_sha256(key, key, sizeof key, steps[i].p, steps[i].n);
    }
    hex(key, out);
    ns_crypto_wipe(key, sizeof key);
}

static bool date_fits(const char date[17]) {
    for (int i = 0; i < 16; i++) {
        bool mark = i == 8 || i == 15;
        if (mark ? date[i] != (i == 8 ? 'T' : 'Z') : date[i] < '0' || date[i] > '9') {
            return false;
        }
    }
    return true;
}

static void copy(struct ns_buf *to, const struct ns_buf *from) {
    if (to != NULL) {
        ns_buf_str(to, ns_buf_view(from));
    }
}

ns_rc ns_sigv4_sign(const struct ns_sigv4_request *request, struct ns_sigv4_answer *out,
                    struct ns_err *err) {
    if (!date_fits(request->date) || request->secret_key.n > 1000) {
        return ns_err_note(err, NS_E_INPUT, "sigv4: date or key of another form");
    }
    struct ns_buf text = NS_BUF(MOST_BYTES);
    struct ns_buf names = NS_BUF(4096);
    struct ns_buf to_sign = NS_BUF(4096);
    struct ns_buf scope = NS_BUF(512);
    sha256_hex(request->body, out->body_hash);
    ns_rc rc = canonical(request, out, &text, &names, err);
    if (rc == NS_OK) {
        char digest[65];
        sha256_hex(ns_buf_view(&text), digest);
        ns_buf_fmt(&scope, "%.8s/%.*s/%.*s/aws4_request", request->date, (int)request->region.n,
                   request->region.p, (int)request->service.n, request->service.p);
        ns_buf_fmt(&to_sign, "AWS4-HMAC-SHA256\n%s\n%s\n%s", request->date, scope.data, digest);
        rc = scope.failed || to_sign.failed ? ns_err_note(err, NS_E_LIMIT, "sigv4: region or service too long")
                                            : NS_OK;
    }
    if (rc == NS_OK) {
        sign(request, ns_buf_view(&to_sign), out->signature);
        if (out->authorization != NULL) {
            ns_buf_fmt(out->authorization, "AWS4-HMAC-SHA256 Credential=%.*s/%s, SignedHeaders=%s, Signature=%s",
                       (int)request->access_key.n, request->access_key.p, scope.data, names.data,
                       out->signature);
        }
        copy(out->canonical, &text);
        copy(out->to_sign, &to_sign);
    }
    ns_buf_fini(&text);
    ns_buf_fini(&names);
    ns_buf_fini(&to_sign);
    ns_buf_fini(&scope);
    return rc;
}
