/* bare_writes SOCKETS MESSAGES BYTES [tls]: what writing alone costs. MESSAGES times BYTES to each of
 * SOCKETS connections on the loopback, one system call or one TLS record each, read by a child.
 * Prints microseconds of processor time a write. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 4000 };

static int listener(struct sockaddr_in *at) {
    socklen_t n = sizeof *at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr *)at, n) != 0 || listen(fd, 512) != 0 ||
        getsockname(fd, (struct sockaddr *)at, &n) != 0) {
        perror("bare_writes");
        exit(1);
    }
    return fd;
}

/* The other end: connects, shakes hands when asked to, then throws away what comes. */
static void reader(const struct sockaddr_in *at, int sockets, SSL_CTX *tls) {
    static char sink[1 << 16];
    struct epoll_event events[256];
    int poll = epoll_create1(0);
    int open = 0;
    for (int i = 0; i < sockets; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (const struct sockaddr *)at, sizeof *at) != 0) {
            _exit(1);
        }
        if (tls != NULL) {
            SSL *s = SSL_new(tls);
            SSL_set_fd(s, fd);
            if (SSL_connect(s) != 1) {
                _exit(1);
            }
        }
        struct epoll_event want = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &want);
        open++;
    }
    while (open > 0) {
        int n = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            if (read(events[i].data.fd, sink, sizeof sink) <= 0) {
                close(events[i].data.fd);
                open--;
            }
        }
    }
    _exit(0);
}

/* P-256 and TLS 1.3, as the agent has it. */
static SSL_CTX *server_side(void) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *leaf = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(leaf), 0);
    X509_gmtime_adj(X509_getm_notAfter(leaf), 3600);
    X509_set_pubkey(leaf, key);
    X509_sign(leaf, key, EVP_sha256());
    SSL_CTX_use_certificate(ctx, leaf);
    SSL_CTX_use_PrivateKey(ctx, key);
    return ctx;
}

static double cpu_us(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int main(int argc, char **argv) {
    static int fds[MOST];
    static SSL *sessions[MOST];
    static char message[1 << 16];
    struct sockaddr_in at;
    int sockets = argc > 3 ? atoi(argv[1]) : 0, messages = argc > 3 ? atoi(argv[2]) : 0;
    int bytes = argc > 3 ? atoi(argv[3]) : 0;
    bool tls = argc > 4 && strcmp(argv[4], "tls") == 0;
    if (sockets < 1 || sockets > MOST || messages < 1 || bytes < 1 || bytes > (int)sizeof message) {
        fputs("use: bare_writes SOCKETS MESSAGES BYTES [tls]\n", stderr);
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    int door = listener(&at);
    pid_t child = fork();
    if (child == 0) {
        close(door);
        reader(&at, sockets, tls ? SSL_CTX_new(TLS_client_method()) : NULL);
    }
    SSL_CTX *ctx = tls ? server_side() : NULL;
    for (int i = 0; i < sockets; i++) {
        fds[i] = accept(door, NULL, NULL);
        if (tls) {
            sessions[i] = SSL_new(ctx);
            SSL_set_fd(sessions[i], fds[i]);
            if (SSL_accept(sessions[i]) != 1) {
                fputs("bare_writes: no handshake\n", stderr);
                return 1;
            }
        }
    }
    memset(message, 'x', (size_t)bytes);
    double began = cpu_us();
    for (int m = 0; m < messages; m++) {
        for (int i = 0; i < sockets; i++) {
            int n = tls ? SSL_write(sessions[i], message, bytes) : (int)write(fds[i], message, (size_t)bytes);
            if (n != bytes) {
                fprintf(stderr, "bare_writes: wrote %d: %s\n", n, strerror(errno));
                return 1;
            }
        }
        usleep(20000); /* the reader keeps up, as it does beside the agent */
    }
    printf("%.3f\n", (cpu_us() - began) / ((double)messages * sockets));
    for (int i = 0; i < sockets; i++) {
        close(fds[i]);
    }
    waitpid(child, NULL, 0);
    return 0;
}
