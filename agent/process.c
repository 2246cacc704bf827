/* process.c: limits, lock file, secrets, readiness. */
#include "agent/process.h"
#include "shared/base/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define LOG_MODULE "agent"
#include "shared/base/log.h"

#define DESCRIPTORS_MOST 8192

void ns_process_harden(void) {
    ns_harden();
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max < DESCRIPTORS_MOST ? files.rlim_max : DESCRIPTORS_MOST;
        (void)setrlimit(RLIMIT_NOFILE, &files); /* another table is a wish, not a need */
    }
    umask(077);
    signal(SIGPIPE, SIG_IGN);
}

/* The number the other agent left in the file; it is only shown. */
static void read_owner(int fd, char out[16]) {
    ssize_t got = pread(fd, out, 15, 0);
    out[got > 0 ? got : 0] = '\0';
    out[strspn(out, "0123456789")] = '\0';
    if (out[0] == '\0') {
        snprintf(out, 16, "?");
    }
}

ns_rc ns_process_lock(const char *path, int *fd, struct ns_err *err) {
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) {
        ns_rc rc = ns_rc_from_errno(errno);
        return ns_err_say(err, rc, rc == NS_E_FULL ? NS_MSG_agent_disk_full
                                                   : NS_MSG_agent_folder_readonly,
                          path, strerror(errno), NULL);
    }
    if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        char owner[16] = "";
        read_owner(*fd, owner);
        close(*fd);
        *fd = -1;
        return ns_err_say(err, NS_E_BUSY, NS_MSG_agent_second, path, owner, NULL);
    }
    char text[16];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(*fd, 0) != 0 || pwrite(*fd, text, (size_t)n, 0) != n) {
        int error = errno;
        close(*fd);
        *fd = -1;
        return ns_err_say(err, ns_rc_from_errno(error), NS_MSG_agent_disk_full, path,
                          strerror(error), NULL);
    }
    return NS_OK;
}

ns_rc ns_process_read_secret(int fd, char *out, size_t *n, struct ns_err *err) {
    *n = 0;
    for (;;) {
        char c;
        ssize_t got = read(fd, &c, 1); /* byte by byte: what follows the line is not ours */
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return ns_err_say(err, NS_E_IO, NS_MSG_agent_secret_unreadable, strerror(errno), NULL,
                              NULL);
        }
        if (got == 0 || c == '\n') {
            break;
        }
        if (*n == NS_SECRET_MOST) {
            return ns_err_say(err, NS_E_LIMIT, NS_MSG_agent_secret_long, NULL, NULL, NULL);
        }
        out[(*n)++] = c;
    }
    if (*n > 0 && out[*n - 1] == '\r') {
        (*n)--;
    }
    return NS_OK;
}

static int tty_fd = -1;
static struct termios tty_before;

/* Only calls that are safe in a signal handler. */
static void give_echo_back(int number) {
    tcsetattr(tty_fd, TCSANOW, &tty_before);
    signal(number, SIG_DFL);
    raise(number);
}

static ns_rc write_all(int fd, const char *text) {
    size_t n = strlen(text);
    return write(fd, text, n) == (ssize_t)n ? NS_OK : NS_E_IO;
}

ns_rc ns_process_ask_secret(const char *prompt, char *out, size_t *n, struct ns_err *err) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || tcgetattr(fd, &tty_before) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return NS_E_NOT_FOUND;
    }
    tty_fd = fd;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction before[NS_COUNT(signals)];
    const struct sigaction ours = {.sa_handler = give_echo_back};
    for (size_t i = 0; i < NS_COUNT(signals); i++) {
        sigaction(signals[i], &ours, &before[i]);
    }
    struct termios quiet = tty_before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    ns_rc rc = NS_E_IO;
    if (tcsetattr(fd, TCSAFLUSH, &quiet) == 0 && write_all(fd, prompt) == NS_OK) {
        rc = ns_process_read_secret(fd, out, n, err);
        (void)write_all(fd, "\n"); /* looks only */
    }
    tcsetattr(fd, TCSAFLUSH, &tty_before);
    for (size_t i = 0; i < NS_COUNT(signals); i++) {
        sigaction(signals[i], &before[i], NULL);
    }
    close(fd);
    tty_fd = -1;
    return rc;
}

/* sd_notify(3): one datagram, an abstract name begins with @. */
static void notify(const char *socket_path, const char *state) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (socket_path == NULL || (socket_path[0] != '/' && socket_path[0] != '@') ||
        !ns_str_copy(ns_str_of(socket_path), address.sun_path, sizeof address.sun_path)) {
        return;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(socket_path));
    if (socket_path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, size) < 0) {
        LOG_WARN("the supervisor could not be told: %s", strerror(errno));
    }
    close(fd);
}

void ns_process_tell_ready(int ready_fd, const char *notify_socket) {
    if (ready_fd >= 0) {
        if (write_all(ready_fd, "ready\n") != NS_OK) {
            LOG_WARN("whoever started the agent no longer listens");
        }
        close(ready_fd);
    }
    notify(notify_socket, "READY=1");
}

void ns_process_tell_stopping(const char *notify_socket) {
    notify(notify_socket, "STOPPING=1");
}
