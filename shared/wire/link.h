/* link.h: inside of shared/wire: the client's end of the socket: connect, send, receive, and the
 * little HTTP a client needs. Never waits by itself. Threads: one owner at a time. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"

#define LINK_HEAD_MOST 16384

struct link {
    int fd;          /* -1: closed */
    bool connecting;
    bool ended;      /* the peer will send nothing more */
    struct ns_buf in;
    struct ns_buf out;
};

/* Begin to connect. NS_E_CONFIG, NS_E_OFFLINE, NS_E_IO. */
ns_rc link_open(struct link *link, const char *path, size_t most, struct ns_err *err);
void link_close(struct link *link);
short link_wants(const struct link *link);
/* Send and receive what goes without waiting. NS_E_OFFLINE: nobody there; NS_E_IO: lost. */
ns_rc link_move(struct link *link, const char *path, struct ns_err *err);

/* An answer at the beginning of link->in: 1 whole (fields set), 0 not yet, -1 none of HTTP. */
struct link_answer {
    int status;
    size_t head_bytes;
    struct ns_str head; /* valid until link->in changes */
    struct ns_str body;
    size_t bytes;       /* of the whole answer */
};
int link_answer_read(const struct link *link, struct link_answer *answer);
struct ns_str link_answer_field(const struct link_answer *answer, const char *name);

#define LINK_HEALTH_REQUEST "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
/* "ok <version>" of our own version, else NS_E_VERSION, NS_E_BUSY or NS_E_INPUT. */
ns_rc link_check_health(const struct link_answer *answer, const char *path, char version[32],
                        struct ns_err *err);
/* {"query":..,"variables":..}; false when variables_json is no object. */
bool link_request_body(struct ns_buf *body, const char *query, const char *variables_json);
