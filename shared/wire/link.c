/* link.c: a Unix stream socket and HTTP answers with a Content-Length, as our agent sends them. */
#include "shared/wire/link.h"

#include "shared/text/message.h"
#include "shared/wire/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PIECE 16384

static ns_rc away(const char *path, int why, struct ns_err *err) {
    bool nobody = why == ENOENT || why == ECONNREFUSED || why == ENOTDIR;
    if (nobody) {
        return ns_err_say(err, NS_E_OFFLINE, NS_MSG_err_agent_away, path, NULL, NULL);
    }
    return ns_err_say(err, NS_E_IO, NS_MSG_wire_lost, path, strerror(why), NULL);
}

ns_rc link_open(struct link *link, const char *path, size_t most, struct ns_err *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *link = (struct link){.fd = -1, .in = NS_BUF(most), .out = NS_BUF(most)};
    if (path[0] == '\0' || strlen(path) > NS_SOCKET_PATH_MOST) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_wire_path_too_long, path, NULL, NULL);
    }
    memcpy(address.sun_path, path, strlen(path));
    link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->fd < 0) {
        return away(path, errno, err);
    }
    if (connect(link->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int why = errno;
        if (why == EINPROGRESS) {
            link->connecting = true;
            return NS_OK;
        }
        link_close(link);
        /* a full queue of waiting connections: somebody is there, but too busy */
        return why == EAGAIN ? ns_err_say(err, NS_E_TIMEOUT, NS_MSG_wire_no_answer, path, NULL,
                                          NULL)
                             : away(path, why, err);
    }
    return NS_OK;
}

void link_close(struct link *link) {
    if (link->fd >= 0) {
        close(link->fd);
        link->fd = -1;
    }
    ns_buf_fini(&link->in);
    ns_buf_fini(&link->out);
}

short link_wants(const struct link *link) {
    short wants = link->ended ? 0 : POLLIN;
    return (short)(wants | (link->connecting || link->out.len > 0 ? POLLOUT : 0));
}

static ns_rc send_some(struct link *link, const char *path, struct ns_err *err) {
    while (link->out.len > 0) {
        ssize_t n = send(link->fd, link->out.data, link->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            /* A peer that has closed may have answered before: let the reading tell. */
            bool later = errno == EAGAIN || errno == EPIPE || errno == ECONNRESET;
            if (errno == EPIPE || errno == ECONNRESET) {
                ns_buf_clear(&link->out);
            }
            return later ? NS_OK : away(path, errno, err);
        }
        ns_buf_drop(&link->out, (size_t)n);
    }
    return NS_OK;
}

static ns_rc receive_some(struct link *link, const char *path, struct ns_err *err) {
    char piece[PIECE];
    while (!link->ended && link->in.len < link->in.max) {
        size_t room = link->in.max - link->in.len;
        ssize_t n = recv(link->fd, piece, room < PIECE ? room : PIECE, MSG_DONTWAIT);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno == EAGAIN) {
                return NS_OK;
            }
            if (errno != ECONNRESET) {
                return away(path, errno, err);
            }
            n = 0;
        }
        link->ended = n == 0;
        ns_buf_add(&link->in, piece, (size_t)n);
    }
    return NS_OK;
}

ns_rc link_move(struct link *link, const char *path, struct ns_err *err) {
    if (link->connecting) {
        struct pollfd ready = {link->fd, POLLOUT, 0};
        if (poll(&ready, 1, 0) == 0) {
            return NS_OK;
        }
        int why = 0;
        socklen_t n = sizeof why;
        if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &why, &n) != 0 || why != 0) {
            return away(path, why != 0 ? why : errno, err);
        }
        link->connecting = false;
    }
    ns_rc rc = send_some(link, path, err);
    return rc == NS_OK ? receive_some(link, path, err) : rc;
}

/* ---- HTTP answers ---------------------------------------------------------------------- */

struct ns_str link_answer_field(const struct link_answer *answer, const char *name) {
    struct ns_str rest = answer->head;
    ns_str_cut(&rest, '\n'); /* status line */
    while (rest.p != NULL) {
        struct ns_str value = ns_str_cut(&rest, '\n');
        struct ns_str key = ns_str_cut(&value, ':');
        if (ns_str_is_nocase(key, name)) {
            return ns_str_trim(value);
        }
    }
    return (struct ns_str){0};
}

int link_answer_read(const struct link *link, struct link_answer *answer) {
    const struct ns_buf *in = &link->in;
    int64_t status = 0;
    int64_t length = 0;
    *answer = (struct link_answer){0};
    const char *end = in->len > 0 ? memmem(in->data, in->len, "\r\n\r\n", 4) : NULL;
    if (end == NULL) {
        return in->len > LINK_HEAD_MOST || (in->len >= 5 && memcmp(in->data, "HTTP/", 5) != 0)
                   ? -1
                   : 0;
    }
    answer->head = (struct ns_str){in->data, (size_t)(end - in->data) + 2};
    answer->head_bytes = answer->head.n + 2;
    if (answer->head.n < 13 || !ns_str_starts(answer->head, "HTTP/1.") ||
        !ns_str_int((struct ns_str){in->data + 9, 3}, 100, 599, &status)) {
        return -1;
    }
    answer->status = (int)status;
    struct ns_str field = link_answer_field(answer, "content-length");
    if (field.p != NULL && !ns_str_int(field, 0, (int64_t)in->max, &length)) {
        return -1;
    }
    answer->bytes = answer->head_bytes + (size_t)length;
    if (in->len < answer->bytes) {
        return answer->bytes > in->max ? -1 : 0;
    }
    answer->body = (struct ns_str){in->data + answer->head_bytes, (size_t)length};
    return 1;
}
