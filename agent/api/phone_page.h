/* phone_page.h: the page for phones at /, compiled in from agent/api/phone: HTML, CSS, modules of
 * JavaScript, nothing from elsewhere and nothing about a home. What it shows it asks for over
 * GraphQL like any other client.
 * Ownership: everything borrowed. Threads: the loop thread. */
#pragma once
#include "agent/net/server.h"

struct ns_page_file {
    const char *path;
    const char *type;
    const char *etag; /* with its quotes */
    struct ns_str bytes;
};

extern const struct ns_page_file ns_page_files[]; /* made by gen/page.c */
extern const size_t ns_page_file_count;

/* /trust.crt and /trust.mobileconfig are the household's root (DER; n 0: 404), for a phone to install.
 * Answers when the path is one of the page's; false: it is not, and nothing was done. */
bool ns_phone_page_serve(struct ns_exchange *x, struct ns_str root);
