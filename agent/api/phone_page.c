/* phone_page.c: files that never change while the agent runs. A browser asks each time whether
 * its copy is still the one (ETag), so that a new agent's page is seen at once. */
#include "agent/api/phone_page.h"

#include <stdio.h>
#include <string.h>

/* Only our own files run, and they may talk to this agent alone. Where a browser does not count
 * wss: as the page's own origin, the name it asked for is named; lan.c checked it. */
static void write_guards(const struct ns_exchange *x, const struct ns_page_file *file, char *out, size_t cap) {
    struct ns_str host = ns_exchange_peer(x)->kind == NS_PEER_LAN ? ns_exchange_header(x, "host") : (struct ns_str){0};
    bool named = host.p != NULL && host.n < 256;
    snprintf(out, cap,
             "Cache-Control: no-cache\r\nETag: %s\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
             "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
             "manifest-src 'self'; worker-src 'self'; connect-src 'self'%s%.*s; base-uri 'none'; form-action 'none'; "
             "frame-ancestors 'none'\r\nCross-Origin-Opener-Policy: same-origin\r\n"
             "Cross-Origin-Resource-Policy: same-origin\r\n"
             "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=()\r\n",
             file->etag, named ? " wss://" : "", named ? (int)host.n : 0, named ? host.p : "");
}

/* If-None-Match: a list of tags, weak or not, or a star. */
static bool has_it(struct ns_str known, const char *etag) {
    struct ns_str rest = known;
    while (rest.p != NULL) {
        struct ns_str tag = ns_str_trim(ns_str_cut(&rest, ','));
        if (tag.n > 2 && memcmp(tag.p, "W/", 2) == 0) {
            tag = (struct ns_str){tag.p + 2, tag.n - 2};
        }
        if (ns_str_is(tag, "*") || ns_str_is(tag, etag)) {
            return true;
        }
    }
    return false;
}

bool ns_phone_page_serve(struct ns_exchange *x) {
    struct ns_str path = ns_exchange_path(x);
    struct ns_str method = ns_exchange_method(x);
    const struct ns_page_file *file = NULL;
    char guards[1536];
    for (size_t i = 0; i < ns_page_file_count && file == NULL; i++) {
        file = ns_str_is(path, ns_page_files[i].path) ? &ns_page_files[i] : NULL;
    }
    if (file == NULL) {
        return false;
    }
    if (!ns_str_is(method, "GET") && !ns_str_is(method, "HEAD")) {
        ns_exchange_respond(x, 405, "text/plain; charset=utf-8", "Allow: GET, HEAD\r\n", NS_STR("405: GET or HEAD\n"));
        return true;
    }
    write_guards(x, file, guards, sizeof guards);
    if (has_it(ns_exchange_header(x, "if-none-match"), file->etag)) {
        ns_exchange_respond_guarded(x, 304, NULL, guards, NS_STR(""));
    } else {
        ns_exchange_respond_guarded(x, 200, file->type, guards, file->bytes);
    }
    return true;
}
