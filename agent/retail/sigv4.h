/* sigv4.h: AWS Signature Version 4 in the Authorization header, for the retired product API of
 * Amazon. Judged by the public vectors in tests/data/sigv4.
 *
 * Pure: the time is handed in. The secret stays in the caller's memory and the keys made of it are
 * wiped. Threads: pure. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"

struct ns_sigv4_header {
    struct ns_str name;
    struct ns_str value;
};

struct ns_sigv4_request {
    struct ns_str method;
    struct ns_str path;  /* as it stands in the request line, before '?' */
    struct ns_str query; /* after '?', without it */
    const struct ns_sigv4_header *headers; /* with Host; x-amz-date and the token's are added when absent */
    size_t header_count;
    struct ns_str body;
    struct ns_str region;
    struct ns_str service;
    struct ns_str access_key;
    struct ns_str secret_key;
    struct ns_str token;    /* empty: none */
    char date[17];          /* "20150830T123600Z" */
    bool normalize;         /* clean "." and ".." and doubled slashes out of the path */
    bool sign_body;         /* adds x-amz-content-sha256 */
};

struct ns_sigv4_answer { /* the caller's buffers; each may be NULL */
    struct ns_buf *canonical;
    struct ns_buf *to_sign;
    struct ns_buf *authorization; /* value of the header */
    char body_hash[65];
    char signature[65];
};

#define NS_SIGV4_HEADERS 32

/* NS_E_INPUT: a header value with a line break, a date of another form; NS_E_LIMIT: too many headers
 * or query fields, over 64 KiB of canonical request. */
ns_rc ns_sigv4_sign(const struct ns_sigv4_request *request, struct ns_sigv4_answer *out,
                    struct ns_err *err) NS_MUST_USE;
