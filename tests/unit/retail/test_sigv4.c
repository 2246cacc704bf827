/* The public vectors, stage by stage, and what is refused. */
#include "agent/retail/sigv4.h"
#include "shared/wire/json.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA NS_TEST_SOURCE_ROOT "/tests/data/sigv4/"

static char *file(const char *dir, const char *name) {
    char path[512];
    (void)snprintf(path, sizeof path, DATA "%s/%s", dir, name);
    FILE *in = fopen(path, "rb");
    cr_assert_not_null(in, "%s", path);
    char *text = calloc(1, 20000);
    size_t n = fread(text, 1, 19999, in);
    fclose(in);
    while (n > 0 && text[n - 1] == '\n') {
        text[--n] = '\0';
    }
    return text;
}

static struct ns_str member(const struct ns_json *root, const char *name) {
    return ns_str_of(ns_json_text(ns_json_path(root, name)));
}

/* "2015-08-30T12:36:00Z" without its marks. */
static void compact(struct ns_str stamp, char out[17]) {
    size_t n = 0;
    for (size_t i = 0; i < stamp.n && n < 16; i++) {
        if (stamp.p[i] != '-' && stamp.p[i] != ':') {
            out[n++] = stamp.p[i];
        }
    }
    out[n] = '\0';
}

/* Header lines up to an empty one; a line that begins with a blank belongs to the one before. */
static struct ns_str headers(struct ns_str rest, struct ns_sigv4_header *at, size_t *count) {
    *count = 0;
    while (rest.p != NULL) {
        struct ns_str line = ns_str_cut(&rest, '\n');
        if (line.n == 0) {
            break;
        }
        at[*count].name = ns_str_cut(&line, ':');
        at[(*count)++].value = line;
    }
    return rest;
}

static void judge(const char *dir) {
    char *context = file(dir, "context.json");
    char *request = file(dir, "request.txt");
    struct ns_json *c = NULL;
    cr_assert_eq(ns_json_read(ns_str_of(context), 10000, &c, NULL), NS_OK);
    struct ns_sigv4_header h[NS_SIGV4_HEADERS];
    struct ns_str rest = ns_str_of(request);
    struct ns_str line = ns_str_cut(&rest, '\n');
    struct ns_sigv4_request r = {
        .region = member(c, "region"), .service = member(c, "service"), .headers = h,
        .access_key = member(c, "credentials.access_key_id"),
        .secret_key = member(c, "credentials.secret_access_key"),
        .token = member(c, "credentials.token"),
        .normalize = ns_json_bool(ns_json_get(c, "normalize"), false),
        .sign_body = ns_json_bool(ns_json_get(c, "sign_body"), false)};
    compact(member(c, "timestamp"), r.date);
    r.method = ns_str_cut(&line, ' ');
    line.n -= strlen(" HTTP/1.1");
    r.path = ns_str_cut(&line, '?');
    r.query = line;
    r.body = headers(rest, h, &r.header_count);

    struct ns_buf canonical = NS_BUF(10000);
    struct ns_buf to_sign = NS_BUF(10000);
    struct ns_buf authorization = NS_BUF(10000);
    struct ns_sigv4_answer a = {.canonical = &canonical, .to_sign = &to_sign, .authorization = &authorization};
    struct ns_err err = {0};
    cr_assert_eq(ns_sigv4_sign(&r, &a, &err), NS_OK, "%s: %s", dir, err.note);
    char *want[] = {file(dir, "header-canonical-request.txt"), file(dir, "header-string-to-sign.txt"),
                    file(dir, "header-signature.txt"), file(dir, "header-signed-request.txt")};
    cr_expect_str_eq(canonical.data, want[0], "%s", dir);
    cr_expect_str_eq(to_sign.data, want[1], "%s", dir);
    cr_expect_str_eq(a.signature, want[2], "%s", dir);
    cr_expect_not_null(strstr(want[3], authorization.data), "%s: %s", dir, authorization.data);
    for (size_t i = 0; i < NS_COUNT(want); i++) {
        free(want[i]);
    }
    ns_buf_fini(&canonical);
    ns_buf_fini(&to_sign);
    ns_buf_fini(&authorization);
    ns_json_free(c);
    free(context);
    free(request);
}

Test(sigv4, every_public_vector_at_every_stage) {
    int cases = 0;
    DIR *d = opendir(DATA "cases");
    cr_assert_not_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            char dir[300];
            (void)snprintf(dir, sizeof dir, "cases/%s", e->d_name);
            judge(dir);
            cases++;
        }
    }
    closedir(d);
    cr_assert_eq(cases, 20);
}

Test(sigv4, requests_of_the_product_api) {
    char *text = file(".", "paapi-examples.json");
    struct ns_json *root = NULL;
    int cases = 0;
    cr_assert_eq(ns_json_read(ns_str_of(text), 100000, &root, NULL), NS_OK);
    for (const struct ns_json *c = ns_json_first(ns_json_get(root, "cases")); c != NULL; c = ns_json_next(c)) {
        struct ns_sigv4_header h[NS_SIGV4_HEADERS];
        struct ns_sigv4_request r = {
            .method = member(c, "method"), .path = member(c, "path"), .body = member(c, "body"),
            .region = member(c, "region"), .service = member(c, "service"), .headers = h,
            .access_key = member(c, "access_key_id"), .secret_key = member(c, "secret_access_key"),
            .token = member(c, "session_token"), .normalize = true};
        for (const struct ns_json *m = ns_json_first(ns_json_get(c, "headers")); m != NULL; m = ns_json_next(m)) {
            h[r.header_count++] = (struct ns_sigv4_header){ns_str_of(ns_json_name(m)), ns_str_of(ns_json_text(m))};
        }
        cr_assert(ns_str_copy(member(c, "amz_date"), r.date, sizeof r.date));
        struct ns_buf authorization = NS_BUF(10000);
        struct ns_sigv4_answer a = {.authorization = &authorization};
        cr_assert_eq(ns_sigv4_sign(&r, &a, NULL), NS_OK);
        cr_expect_str_eq(a.body_hash, ns_json_text(ns_json_get(c, "body_sha256")));
        cr_expect_str_eq(authorization.data, ns_json_text(ns_json_get(c, "authorization")));
        ns_buf_fini(&authorization);
        cases++;
    }
    cr_assert_eq(cases, 3);
    ns_json_free(root);
    free(text);
}

Test(sigv4, what_cannot_be_signed_is_refused) {
    struct ns_sigv4_header h[40] = {{NS_STR("host"), NS_STR("a\r\nb: c")}};
    struct ns_sigv4_request r = {.method = NS_STR("GET"), .path = NS_STR("/"), .headers = h,
                                 .header_count = 1, .date = "20150830T123600Z"};
    struct ns_sigv4_answer a = {0};
    cr_assert_eq(ns_sigv4_sign(&r, &a, NULL), NS_E_INPUT);
    for (size_t i = 0; i < NS_COUNT(h); i++) {
        h[i] = (struct ns_sigv4_header){NS_STR("x"), NS_STR("y")};
    }
    r.header_count = NS_COUNT(h);
    cr_assert_eq(ns_sigv4_sign(&r, &a, NULL), NS_E_LIMIT);
    r.header_count = 1;
    r.date[0] = 'x';
    cr_assert_eq(ns_sigv4_sign(&r, &a, NULL), NS_E_INPUT);
}
