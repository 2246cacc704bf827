#include "agent/net/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

ns_rc ns_fetch_begin(struct ns_err *err) {
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NS_OK
                                                             : ns_err_note(err, NS_E_INTERNAL, "libcurl does not start");
}

static size_t take_body(char *bytes, size_t size, size_t n, void *to) {
    struct ns_fetch_answer *a = to;
    return ns_buf_add(&a->body, bytes, size * n) ? size * n : 0; /* too much: the transfer ends */
}

static ns_time instant(const char *text) {
    time_t at = curl_getdate(text, NULL);
    return at <= 0 ? NS_TIME_NONE : (ns_time)at * NS_SECOND;
}

static void retry_after(struct ns_fetch_answer *a, struct ns_str value) {
    char text[64];
    if (ns_str_int(value, 0, 10000000, &a->retry_after_s)) {
        return;
    }
    a->retry_after_s = -1;
    if (ns_str_copy(value, text, sizeof text) && a->date != NS_TIME_NONE) {
        ns_time at = instant(text);
        a->retry_after_s = at == NS_TIME_NONE ? -1 : at > a->date ? (at - a->date) / NS_SECOND : 0;
    }
}

static size_t take_header(char *bytes, size_t size, size_t n, void *to) {
    struct ns_fetch_answer *a = to;
    struct ns_str rest = {bytes, size * n};
    struct ns_str name = ns_str_trim(ns_str_cut(&rest, ':'));
    struct ns_str value = ns_str_trim(rest.p == NULL ? NS_STR("") : rest);
    char text[64];
    if (ns_str_is_nocase(name, "request-id")) {
        (void)ns_str_copy(value, a->request_id, sizeof a->request_id);
    } else if (ns_str_is_nocase(name, "idempotent-replayed")) {
        a->replayed = ns_str_is_nocase(value, "true");
    } else if (ns_str_is_nocase(name, "stripe-should-retry")) {
        a->should_retry = ns_str_is_nocase(value, "true") ? 1 : ns_str_is_nocase(value, "false") ? 0 : -1;
    } else if (ns_str_is_nocase(name, "date") && ns_str_copy(value, text, sizeof text)) {
        a->date = instant(text);
    } else if (ns_str_is_nocase(name, "retry-after")) {
        retry_after(a, value);
    }
    return size * n;
}

static int on_progress(void *to, curl_off_t dt, curl_off_t dn, curl_off_t ut, curl_off_t un) {
    const atomic_bool *stop = to;
    (void)dt, (void)dn, (void)ut, (void)un;
    return stop != NULL && atomic_load(stop) ? 1 : 0;
}

static struct curl_slist *headers_of(const struct ns_fetch_request *r) {
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; list != NULL && r->headers != NULL && r->headers[i] != NULL; i++) {
        if (strpbrk(r->headers[i], "\r\n") != NULL) { /* nobody slips in a second header */
            curl_slist_free_all(list);
            return NULL;
        }
        struct curl_slist *more = curl_slist_append(list, r->headers[i]);
        if (more == NULL) {
            curl_slist_free_all(list);
        }
        list = more;
    }
    return list;
}

/* Options that are refused by the library count as a refusal of the request. */
static bool prepare(CURL *c, const struct ns_fetch_request *r, struct ns_fetch_answer *a, struct curl_slist *headers) {
    const char *schemes = strncmp(r->url, "http://", 7) == 0 ? "http" : "https";
    bool well = curl_easy_setopt(c, CURLOPT_URL, r->url) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, schemes) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)NS_FETCH_CONNECT_MS) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, r->most_ms) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_WRITEDATA, a) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_HEADERDATA, a) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_XFERINFODATA, r->stop) == CURLE_OK;
    if (well && r->body != NULL) {
        well = curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(r->body)) == CURLE_OK &&
               curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body) == CURLE_OK;
    }
    return well && curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method) == CURLE_OK;
}

static void run(CURL *c, const struct ns_fetch_request *r, struct ns_fetch_answer *a) {
    struct curl_slist *headers = headers_of(r);
    CURLcode code = CURLE_BAD_FUNCTION_ARGUMENT;
    long status = 0;
    if (headers != NULL && prepare(c, r, a, headers)) {
        code = curl_easy_perform(c);
    }
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    a->status = (int)status;
    a->arrived = code == CURLE_OK && status >= 100;
    if (!a->arrived) {
        snprintf(a->why, sizeof a->why, "%s", a->body.failed ? "the answer is too long" : curl_easy_strerror(code));
    }
    curl_slist_free_all(headers);
}

void ns_fetch(const struct ns_fetch_request *request, struct ns_fetch_answer *out) {
    *out = (struct ns_fetch_answer){.body = NS_BUF(NS_FETCH_BODY_MOST), .should_retry = -1,
                                    .retry_after_s = -1, .date = NS_TIME_NONE};
    CURL *c = curl_easy_init();
    if (c == NULL) {
        snprintf(out->why, sizeof out->why, "libcurl has no memory");
        return;
    }
    run(c, request, out);
    curl_easy_cleanup(c);
}

void ns_fetch_answer_fini(struct ns_fetch_answer *answer) {
    ns_buf_fini(&answer->body);
}
