/* The HTTP reader: what it takes, what it refuses, and that cutting the bytes changes nothing. */
#include "agent/net/http.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MOST 1000

struct outcome {
    enum ns_http_step step; /* END, ERROR or MORE */
    int status;
    char body[4096];
    size_t body_n;
    size_t used;
    struct ns_http_reader r;
};

/* Hand in `piece` bytes more each time, as a connection would. */
static struct outcome read_all(const char *bytes, size_t n, size_t piece) {
    struct outcome o = {0};
    size_t seen = 0;
    ns_http_begin(&o.r, BODY_MOST);
    o.step = NS_HTTP_MORE;
    while (o.step == NS_HTTP_MORE && seen < n) {
        seen = n - seen < piece ? n : seen + piece;
        /* a copy without slack, so that reading past the end is seen */
        char *exact = malloc(seen);
        memcpy(exact, bytes, seen);
        o.step = ns_http_head(&o.r, exact, seen);
        free(exact);
    }
    size_t at = o.r.head_bytes;
    while (o.step != NS_HTTP_ERROR && o.step != NS_HTTP_END && o.r.head_bytes > 0) {
        size_t used = 0;
        struct ns_str body;
        char *exact = malloc(seen - at + 1);
        memcpy(exact, bytes + at, seen - at);
        o.step = ns_http_body(&o.r, exact, seen - at, &used, &body);
        if (body.n > 0) {
            memcpy(o.body + o.body_n, body.p, body.n);
        }
        o.body_n += body.n;
        at += used;
        free(exact);
        if (o.step == NS_HTTP_MORE) {
            if (seen == n) {
                break;
            }
            seen = n - seen < piece ? n : seen + piece;
        }
    }
    o.used = at;
    o.status = o.step == NS_HTTP_ERROR ? o.r.status : 0;
    return o;
}

#define HOST "Host: localhost\r\n"
#define POST "POST /graphql HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static const struct {
    const char *what;
    const char *bytes;
    int status; /* 0: taken */
} requests[] = {
    {"plain GET", "GET / HTTP/1.1\r\n" HOST "\r\n", 0},
    {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 0},
    {"an empty line before", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0},
    {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0},
    {"three empty lines before", "\r\n\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"absolute form", "GET http://localhost/graphql?x=1 HTTP/1.1\r\n" HOST "\r\n", 0},
    {"absolute form without path", "GET http://localhost HTTP/1.1\r\n" HOST "\r\n", 400},
    {"absolute form without authority", "GET http:///x HTTP/1.1\r\n" HOST "\r\n", 400},
    {"asterisk for OPTIONS", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0},
    {"asterisk for GET", "GET * HTTP/1.1\r\n" HOST "\r\n", 400},
    {"authority form", "CONNECT localhost:1 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"no slash", "GET graphql HTTP/1.1\r\n" HOST "\r\n", 400},
    {"fragment in the target", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"eight-bit target", "GET /\xC3\xA9 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"two blanks after the method", "GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"blank at the end of the line", "GET / HTTP/1.1 \r\n" HOST "\r\n", 400},
    {"no version", "GET /\r\n" HOST "\r\n", 400},
    {"tab for blank", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400},
    {"method with a wrong character", "GE(T / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"unknown method", "BREW / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"method in small letters", "get / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"version 2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", 505},
    {"version 1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", 505},
    {"version 0.9", "GET / HTTP/0.9\r\n" HOST "\r\n", 505},
    {"version of two digits", "GET / HTTP/1.10\r\n" HOST "\r\n", 400},
    {"version in small letters", "GET / http/1.1\r\n" HOST "\r\n", 400},
    {"bare LF in the request line", "GET / HTTP/1.1\n" HOST "\r\n", 400},
    {"bare LF in a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
    {"bare LF at the end", "GET / HTTP/1.1\r\n" HOST "\n", 400},
    {"bare CR in a value", "GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400},
    {"bare CR in the request line", "GET /\r HTTP/1.1\r\n" HOST "\r\n", 400},
    {"folded line", "GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", 400},
    {"folded with a tab", "GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n", 400},
    {"blank before the first field", "GET / HTTP/1.1\r\n " HOST "\r\n", 400},
    {"blank before the colon", "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400},
    {"empty field name", "GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n", 400},
    {"field without colon", "GET / HTTP/1.1\r\n" HOST "nothing\r\n\r\n", 400},
    {"name with a wrong character", "GET / HTTP/1.1\r\n" HOST "a(b): x\r\n\r\n", 400},
    {"name with eight bits", "GET / HTTP/1.1\r\n" HOST "\xE9: x\r\n\r\n", 400},
    {"control character in a value", "GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", 400},
    {"DEL in a value", "GET / HTTP/1.1\r\n" HOST "X: a\x7F\r\n\r\n", 400},
    {"eight-bit value", "GET / HTTP/1.1\r\n" HOST "X: caf\xC3\xA9\r\n\r\n", 0},
    {"empty value", "GET / HTTP/1.1\r\n" HOST "X:\r\n\r\n", 0},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"two Hosts in 1.0", "GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400},
    {"Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"Host with a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
    {"Host by address", "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", 0},
    {"length", POST "Content-Length: 3\r\n\r\nabc", 0},
    {"length 0", POST "Content-Length: 0\r\n\r\n", 0},
    {"length in words", POST "Content-Length: five\r\n\r\n", 400},
    {"length with plus", POST "Content-Length: +3\r\n\r\nabc", 400},
    {"negative length", POST "Content-Length: -3\r\n\r\n", 400},
    {"empty length", POST "Content-Length:\r\n\r\n", 400},
    {"hexadecimal length", POST "Content-Length: 0x3\r\n\r\nabc", 400},
    {"length of 20 digits", POST "Content-Length: 00000000000000000003\r\n\r\nabc", 400},
    {"list of lengths", POST "Content-Length: 3, 3\r\n\r\nabc", 400},
    {"length twice, the same", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 0},
    {"length twice, different", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"length over the limit", POST "Content-Length: 1001\r\n\r\n", 413},
    {"greatest length", POST "Content-Length: 9999999999999999999\r\n\r\n", 413},
    {"length and chunked",
     POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"chunked and length",
     POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
    {"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"unknown coding", POST "Transfer-Encoding: gzip\r\n\r\n", 501},
    {"unknown coding before chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"chunked not last", POST "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
    {"chunked twice", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
    {"chunked in two fields",
     POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"empty coding", POST "Transfer-Encoding:\r\n\r\n", 400},
    {"coding with a character too much", POST "Transfer-Encoding: xchunked\r\n\r\n", 501},
    {"chunked in capitals", POST "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 0},
    {"expectation", POST "Expect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc", 0},
    {"unknown expectation", POST "Expect: wonders\r\nContent-Length: 3\r\n\r\nabc", 417},
    {"chunks", CHUNKED "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", 0},
    {"chunk with extension", CHUNKED "3;a=b\r\nabc\r\n0;x\r\n\r\n", 0},
    {"chunk with blank and extension", CHUNKED "3 ;a\r\nabc\r\n0\r\n\r\n", 0},
    {"chunk with trailing blank", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", 400},
    {"chunk without size", CHUNKED "\r\nabc\r\n0\r\n\r\n", 400},
    {"chunk with 0x", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 400},
    {"negative chunk", CHUNKED "-3\r\nabc\r\n0\r\n\r\n", 400},
    {"chunk of sixteen digits", CHUNKED "0000000000000003\r\nabc\r\n0\r\n\r\n", 400},
    {"chunk over the limit", CHUNKED "3e9\r\n", 413},
    {"chunk line with LF only", CHUNKED "3\nabc\r\n0\r\n\r\n", 400},
    {"chunk longer than its size", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 400},
    {"chunk shorter than its size", CHUNKED "5\r\nabc\r\n0\r\n\r\n", 400},
    {"chunk end with LF only", CHUNKED "3\r\nabc\n0\r\n\r\n", 400},
    {"control character in an extension", CHUNKED "3;\x01\r\nabc\r\n0\r\n\r\n", 400},
    {"trailers", CHUNKED "0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", 0},
    {"broken trailer", CHUNKED "0\r\nnothing\r\n\r\n", 400},
    {"folded trailer", CHUNKED "0\r\nX: 1\r\n 2\r\n\r\n", 400},
};

Test(http, every_rule_holds_however_the_bytes_are_cut) {
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const char *bytes = requests[i].bytes;
        size_t n = strlen(bytes);
        struct outcome whole = read_all(bytes, n, n);
        cr_assert_eq(whole.step, requests[i].status != 0 ? NS_HTTP_ERROR : NS_HTTP_END,
                     "%s: step %d status %d", requests[i].what, whole.step, whole.status);
        cr_assert_eq(whole.status, requests[i].status, "%s: %d", requests[i].what, whole.status);
        for (size_t piece = 1; piece < n && piece < 12; piece++) {
            struct outcome cut = read_all(bytes, n, piece);
            cr_assert_eq(cut.step, whole.step, "%s cut by %zu", requests[i].what, piece);
            cr_assert_eq(cut.status, whole.status, "%s cut by %zu", requests[i].what, piece);
            cr_assert_eq(cut.body_n, whole.body_n, "%s cut by %zu", requests[i].what, piece);
            cr_assert_eq(memcmp(cut.body, whole.body, whole.body_n), 0);
        }
    }
}

Test(http, an_unfinished_request_is_never_taken) {
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        size_t n = strlen(requests[i].bytes);
        for (size_t cut = 1; cut < n && requests[i].status == 0; cut++) {
            struct outcome o = read_all(requests[i].bytes, cut, cut);
            cr_assert_eq(o.step, NS_HTTP_MORE, "%s after %zu bytes", requests[i].what, cut);
        }
    }
}

Test(http, a_nul_is_refused_anywhere_in_the_head) {
    static const char good[] = "GET /a HTTP/1.1\r\n" HOST "X: y\r\n\r\n";
    char bad[sizeof good];
    for (size_t i = 0; i + 3 < sizeof good; i++) { /* the last LF and NUL aside */
        memcpy(bad, good, sizeof good);
        bad[i] = '\0';
        struct outcome o = read_all(bad, sizeof good - 1, sizeof good);
        cr_assert_eq(o.step, NS_HTTP_ERROR, "byte %zu", i);
    }
}

Test(http, parts_of_the_request_are_found) {
    static const char bytes[] = "POST /graphql?query=%7Ba%7D&x=1 HTTP/1.1\r\nHost: localhost\r\n"
                                "content-TYPE:  application/json \t\r\nContent-Length: 2\r\n\r\n{}"
                                "GET /next";
    struct outcome o = read_all(bytes, sizeof bytes - 1, sizeof bytes);
    cr_assert_eq(o.step, NS_HTTP_END);
    cr_assert(ns_str_is(ns_http_text(bytes, o.r.method), "POST"));
    cr_assert(ns_str_is(ns_http_text(bytes, o.r.path), "/graphql"));
    cr_assert(ns_str_is(ns_http_text(bytes, o.r.query), "query=%7Ba%7D&x=1"));
    cr_assert(ns_str_is(ns_http_field(&o.r, bytes, "Content-Type"), "application/json"));
    cr_assert_null(ns_http_field(&o.r, bytes, "Accept").p);
    cr_assert(o.r.keep_alive);
    cr_assert_eq(o.body_n, 2);
    cr_assert_str_eq(bytes + o.used, "GET /next", "the next request is left alone");
}

Test(http, connection_options_are_read) {
    static const struct {
        const char *bytes;
        bool keep_alive, upgrade;
    } table[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", true, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: x, CLOSE\r\n\r\n", false, false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
         true, true},
        {"GET / HTTP/1.1\r\n" HOST "Upgrade: websocket\r\n\r\n", true, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: upgrade\r\n\r\n", true, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct outcome o = read_all(table[i].bytes, strlen(table[i].bytes), 1000);
        cr_assert_eq(o.step, NS_HTTP_END);
        cr_assert_eq(o.r.keep_alive, table[i].keep_alive, "%s", table[i].bytes);
        cr_assert_eq(o.r.upgrade, table[i].upgrade, "%s", table[i].bytes);
    }
}

/* A request with `fill` times a character at a place, all cuts giving the same status. */
static int status_of_long(const char *before, char c, size_t fill, const char *after) {
    size_t n = strlen(before) + fill + strlen(after);
    char *bytes = malloc(n + 1);
    memcpy(bytes, before, strlen(before));
    memset(bytes + strlen(before), c, fill);
    memcpy(bytes + strlen(before) + fill, after, strlen(after) + 1);
    struct outcome whole = read_all(bytes, n, n);
    struct outcome cut = read_all(bytes, n, 997);
    cr_assert_eq(whole.step, cut.step);
    cr_assert_eq(whole.status, cut.status);
    free(bytes);
    return whole.step == NS_HTTP_END ? 0 : whole.step == NS_HTTP_MORE ? 1 : whole.status;
}

Test(http, limits_of_length_are_exact) {
    const char *rest = " HTTP/1.1\r\n" HOST "\r\n";
    cr_assert_eq(status_of_long("GET /", 'a', NS_HTTP_TARGET_MOST - 1, rest), 0);
    cr_assert_eq(status_of_long("GET /", 'a', NS_HTTP_TARGET_MOST, rest), 414);
    cr_assert_eq(status_of_long("GET /", 'a', 20000, ""), 414);
    const char *head = "GET / HTTP/1.1\r\n" HOST "X: ";
    size_t room = NS_HTTP_HEAD_MOST - strlen(head) - 4;
    cr_assert_eq(status_of_long(head, 'a', room, "\r\n\r\n"), 0);
    cr_assert_eq(status_of_long(head, 'a', room + 1, "\r\n\r\n"), 431);
    cr_assert_eq(status_of_long(head, 'a', 20000, ""), 431);
    cr_assert_eq(status_of_long(CHUNKED "3;", 'a', 252, "\r\nabc\r\n0\r\n\r\n"), 0);
    cr_assert_eq(status_of_long(CHUNKED "3;", 'a', 253, "\r\nabc\r\n0\r\n\r\n"), 400);
    cr_assert_eq(status_of_long(CHUNKED "0\r\nX: ", 'a', 20000, ""), 431);
    cr_assert_eq(status_of_long(POST "Content-Length: 1000\r\n\r\n", 'a', 1000, ""), 0);
}

Test(http, the_65th_field_and_endless_trailers_are_refused) {
    char bytes[40000];
    for (size_t fields = 63; fields <= 64; fields++) { /* beside Host */
        size_t n = (size_t)snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n" HOST);
        for (size_t i = 0; i < fields; i++) {
            n += (size_t)snprintf(bytes + n, sizeof bytes - n, "X: y\r\n");
        }
        n += (size_t)snprintf(bytes + n, sizeof bytes - n, "\r\n");
        struct outcome o = read_all(bytes, n, n);
        cr_assert_eq(o.status, fields == 63 ? 0 : 431);
    }
    size_t n = (size_t)snprintf(bytes, sizeof bytes, CHUNKED "0\r\n");
    while (n < sizeof bytes - 100) {
        n += (size_t)snprintf(bytes + n, sizeof bytes - n, "X: some trailer of forty letters and more\r\n");
    }
    cr_assert_eq(read_all(bytes, n, 1000).status, 431);
}

Test(http, chunks_together_obey_the_body_limit) {
    char bytes[4096];
    size_t n = (size_t)snprintf(bytes, sizeof bytes, CHUNKED);
    for (int i = 0; i < 10; i++) { /* 10 x 100 fit exactly */
        n += (size_t)snprintf(bytes + n, sizeof bytes - n, "64\r\n%0100d\r\n", i);
    }
    size_t end = n;
    n += (size_t)snprintf(bytes + n, sizeof bytes - n, "0\r\n\r\n");
    struct outcome o = read_all(bytes, n, 33);
    cr_assert_eq(o.step, NS_HTTP_END);
    cr_assert_eq(o.body_n, 1000);
    n = end + (size_t)snprintf(bytes + end, sizeof bytes - end, "1\r\nx\r\n0\r\n\r\n");
    cr_assert_eq(read_all(bytes, n, n).status, 413);
}

Test(http, query_parameters_are_decoded) {
    static const struct {
        const char *query, *name, *value;
        bool there, bad;
    } table[] = {
        {"query=%7Ba%7D&x=1", "query", "{a}", true, false},
        {"query=%7Ba%7D&x=1", "x", "1", true, false},
        {"a=b+c%2B", "a", "b c+", true, false},
        {"a=%C3%A9", "a", "\xC3\xA9", true, false},
        {"a", "a", "", true, false},
        {"a=", "a", "", true, false},
        {"ab=1", "a", "", false, false},
        {"", "a", "", false, false},
        {"a=%4", "a", "", true, true},
        {"a=%", "a", "", true, true},
        {"a=%zz", "a", "", true, true},
        {"a=%00", "a", "", true, true},
        {"a=0123456789012345", "a", "", true, true},
        {"a=%41", "a", "A", true, false},
        {"a=1&a=2", "a", "1", true, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char out[16];
        size_t n = 99;
        bool bad = false;
        bool there = ns_http_parameter(ns_str_of(table[i].query), table[i].name, out, sizeof out,
                                       &n, &bad);
        cr_assert_eq(there, table[i].there, "%s", table[i].query);
        cr_assert_eq(bad, table[i].bad, "%s", table[i].query);
        if (there && !bad) {
            cr_assert_str_eq(out, table[i].value);
            cr_assert_eq(n, strlen(table[i].value));
        }
    }
}
