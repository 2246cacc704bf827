/* phone_page.c: files that never change while the agent runs. A browser asks each time whether
 * its copy is still the one (ETag), so that a new agent's page is seen at once. */
#include "agent/api/phone_page.h"

#include "shared/base/buf.h"
#include "shared/base/id.h"

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

static void add_base64(struct ns_buf *out, struct ns_str bytes) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.n; i += 3) {
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++) {
            v = v << 8 | (i + k < bytes.n ? (uint8_t)bytes.p[i + k] : 0);
        }
        ns_buf_char(out, letters[v >> 18]);
        ns_buf_char(out, letters[v >> 12 & 63]);
        ns_buf_char(out, i + 1 < bytes.n ? letters[v >> 6 & 63] : '=');
        ns_buf_char(out, i + 2 < bytes.n ? letters[v & 63] : '=');
    }
}

/* A profile as iPhones install it. Its names come from the end of the root's signature, so that the
 * same root is the same profile. */
static void write_profile(struct ns_buf *out, struct ns_str root) {
    char id[2][NS_ID_TEXT];
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[16];
        memcpy(bytes, root.p + root.n - 16 * (i + 1), sizeof bytes);
        ns_id_format(ns_id_from_bytes(bytes), id[i]);
    }
    ns_buf_fmt(out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
               "<plist version=\"1.0\"><dict>\n<key>PayloadType</key><string>Configuration</string>\n"
               "<key>PayloadVersion</key><integer>1</integer>\n<key>PayloadIdentifier</key><string>nestsync.home.%s</string>\n"
               "<key>PayloadUUID</key><string>%s</string>\n<key>PayloadDisplayName</key><string>NestSync</string>\n"
               "<key>PayloadContent</key><array><dict>\n<key>PayloadType</key><string>com.apple.security.root</string>\n"
               "<key>PayloadVersion</key><integer>1</integer>\n<key>PayloadIdentifier</key><string>nestsync.root.%s</string>\n"
               "<key>PayloadUUID</key><string>%s</string>\n<key>PayloadDisplayName</key><string>NestSync</string>\n"
               "<key>PayloadContent</key><data>",
               id[0], id[0], id[1], id[1]);
    add_base64(out, root);
    ns_buf_text(out, "</data>\n</dict></array>\n</dict></plist>\n");
}

static void serve_root(struct ns_exchange *x, struct ns_str root, bool profile) {
    struct ns_buf text = NS_BUF(16384);
    if (root.n < 32) {
        ns_exchange_respond(x, 404, "text/plain; charset=utf-8", NULL, NS_STR("404: no certificate was made yet\n"));
    } else if (profile) {
        write_profile(&text, root);
        ns_exchange_respond(x, 200, "application/x-apple-aspen-config", "Content-Disposition: attachment; filename=nestsync.mobileconfig\r\n", ns_buf_view(&text));
    } else {
        ns_exchange_respond(x, 200, "application/x-x509-ca-cert", "Content-Disposition: attachment; filename=nestsync.crt\r\n", root);
    }
    ns_buf_fini(&text);
}

bool ns_phone_page_serve(struct ns_exchange *x, struct ns_str root) {
    struct ns_str path = ns_exchange_path(x);
    struct ns_str method = ns_exchange_method(x);
    const struct ns_page_file *file = NULL;
    char guards[1536];
    for (size_t i = 0; i < ns_page_file_count && file == NULL; i++) {
        file = ns_str_is(path, ns_page_files[i].path) ? &ns_page_files[i] : NULL;
    }
    bool profile = ns_str_is(path, "/trust.mobileconfig");
    bool trust = profile || ns_str_is(path, "/trust.crt");
    if (file == NULL && !trust) {
        return false;
    }
    if (!ns_str_is(method, "GET") && !ns_str_is(method, "HEAD")) {
        ns_exchange_respond(x, 405, "text/plain; charset=utf-8", "Allow: GET, HEAD\r\n", NS_STR("405: GET or HEAD\n"));
        return true;
    }
    if (trust) {
        serve_root(x, root, profile);
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
