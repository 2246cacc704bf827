/* sink.c: loaded before a program, writes down every place outside that it turns to, and lets nothing
 * leave this machine. One line each into the file NS_SINK names: "connect ADDRESS PORT", "send ADDRESS
 * PORT" or "lookup NAME". Only loopback is passed on; the rest is refused after it was written down. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

VISIBLE int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t len);
VISIBLE ssize_t sendto(int fd, const void *bytes, size_t n, int flags, __CONST_SOCKADDR_ARG to, socklen_t len);
VISIBLE ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
VISIBLE int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out);

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        abort();
    }
    return found;
}

static void write_down(const char *what, const char *where, int port) {
    const char *path = getenv("NS_SINK");
    char line[400];
    int n = snprintf(line, sizeof line, "%s %s %d\n", what, where, port);
    int fd = path == NULL ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || n <= 0 || write(fd, line, (size_t)n) != n) {
        abort(); /* a sink that cannot write proves nothing */
    }
    close(fd);
}

/* Sockets of this machine's own kinds are nobody's business; true: it may go on. */
static bool passes(const char *what, const struct sockaddr *to) {
    char text[INET6_ADDRSTRLEN] = "?";
    if (to == NULL || (to->sa_family != AF_INET && to->sa_family != AF_INET6)) {
        return true;
    }
    if (to->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, to, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        write_down(what, text, ntohs(v4.sin_port));
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, to, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    write_down(what, text, ntohs(v6.sin6_port));
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t len) {
    int (*real)(int, __CONST_SOCKADDR_ARG, socklen_t);
    *(void **)&real = next("connect");
    if (!passes("connect", to.__sockaddr__)) {
        errno = ENETUNREACH;
        return -1;
    }
    return real(fd, to, len);
}

ssize_t sendto(int fd, const void *bytes, size_t n, int flags, __CONST_SOCKADDR_ARG to, socklen_t len) {
    ssize_t (*real)(int, const void *, size_t, int, __CONST_SOCKADDR_ARG, socklen_t);
    *(void **)&real = next("sendto");
    if (!passes("send", to.__sockaddr__)) {
        errno = ENETUNREACH;
        return -1;
    }
    return real(fd, bytes, n, flags, to, len);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    ssize_t (*real)(int, const struct msghdr *, int);
    *(void **)&real = next("sendmsg");
    if (!passes("send", message->msg_name)) {
        errno = ENETUNREACH;
        return -1;
    }
    return real(fd, message, flags);
}

/* An address in digits asks nobody; a name would ask the network. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    uint8_t digits[sizeof(struct in6_addr)];
    *(void **)&real = next("getaddrinfo");
    if (name != NULL && inet_pton(AF_INET, name, digits) != 1 && inet_pton(AF_INET6, name, digits) != 1) {
        write_down("lookup", name, 0);
        return EAI_FAIL;
    }
    return real(name, service, hints, out);
}
