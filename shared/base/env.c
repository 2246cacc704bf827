/* env.c: the real clocks, randomness and files. */
#include "shared/base/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static ns_time read_clock(clockid_t clock) {
    struct timespec ts;
    if (clock_gettime(clock, &ts) != 0) {
        return 0;
    }
    return (ns_time)ts.tv_sec * NS_SECOND + ts.tv_nsec / 1000;
}

static ns_time system_now(void *self) {
    (void)self;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_steady_us(void *self) {
    (void)self;
    return read_clock(CLOCK_BOOTTIME);
}

static void system_random(void *self, void *out, size_t n) {
    (void)self;
    char *p = out;
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            /* Without randomness no key, id or nonce may be made. */
            static const char said[] = "<2>nestsync: the system gives no random bytes\n";
            ssize_t told = write(STDERR_FILENO, said, sizeof said - 1);
            (void)told; /* the end comes whether it was heard or not */
            abort();
        }
        p += got;
        n -= (size_t)got;
    }
}

ns_rc ns_rc_from_errno(int error) {
    switch (error) {
    case 0:
        return NS_OK;
    case ENOENT:
    case ENOTDIR:
        return NS_E_NOT_FOUND;
    case EEXIST:
        return NS_E_CONFLICT;
    case ENOSPC:
    case EDQUOT:
        return NS_E_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
        return NS_E_READONLY;
    case ENOMEM:
        return NS_E_MEMORY;
    case EAGAIN:
    case EBUSY:
        return NS_E_BUSY;
    default:
        return NS_E_IO;
    }
}

static ns_rc failed(struct ns_err *err, const char *act, const char *path) {
    int error = errno;
    return ns_err_note(err, ns_rc_from_errno(error), "%s %s: %s", act, path, strerror(error));
}

static ns_rc system_read_file(void *self, const char *path, struct ns_buf *out,
                              struct ns_err *err) {
    (void)self;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return failed(err, "open", path);
    }
    ns_rc rc = NS_OK;
    char chunk[16384];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            rc = failed(err, "read", path);
            break;
        }
        if (got == 0) {
            break;
        }
        if (!ns_buf_add(out, chunk, (size_t)got)) {
            rc = ns_err_note(err, NS_E_LIMIT, "%s is larger than %zu bytes", path, out->max);
            break;
        }
    }
    close(fd);
    return rc;
}

static bool write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t put = write(fd, bytes, n);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return false;
        }
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

/* After a rename the folder itself must reach the disk, or the old name may come back. */
static void sync_folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    char folder[4096] = ".";
    if (slash != NULL && (size_t)(slash - path) < sizeof folder) {
        size_t n = slash == path ? 1 : (size_t)(slash - path);
        memcpy(folder, path, n);
        folder[n] = '\0';
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

static ns_rc system_write_file(void *self, const char *path, const void *bytes, size_t n,
                               mode_t mode, struct ns_err *err) {
    (void)self;
    char temporary[4096];
    int len = snprintf(temporary, sizeof temporary, "%s.new-%ld", path, (long)getpid());
    if (len < 0 || (size_t)len >= sizeof temporary) {
        return ns_err_note(err, NS_E_INPUT, "path too long");
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        return failed(err, "create", temporary);
    }
    ns_rc rc = NS_OK;
    if (!write_all(fd, bytes, n) || fchmod(fd, mode) != 0 || fsync(fd) != 0) {
        rc = failed(err, "write", temporary);
    }
    if (close(fd) != 0 && rc == NS_OK) {
        rc = failed(err, "close", temporary);
    }
    if (rc == NS_OK && rename(temporary, path) != 0) {
        rc = failed(err, "rename", path);
    }
    if (rc != NS_OK) {
        (void)unlink(temporary);
        return rc;
    }
    sync_folder_of(path);
    return NS_OK;
}

static ns_rc system_remove_file(void *self, const char *path, struct ns_err *err) {
    (void)self;
    return unlink(path) == 0 ? NS_OK : failed(err, "remove", path);
}

static ns_rc system_make_dir(void *self, const char *path, mode_t mode, struct ns_err *err) {
    (void)self;
    if (mkdir(path, mode) == 0 || errno == EEXIST) {
        return NS_OK;
    }
    return failed(err, "make folder", path);
}

int64_t ns_env_thread_cpu_us(void) {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

const struct ns_env *ns_env_system(void) {
    static const struct ns_env env = {
        .self = NULL,
        .now = system_now,
        .steady_us = system_steady_us,
        .random = system_random,
        .read_file = system_read_file,
        .write_file = system_write_file,
        .remove_file = system_remove_file,
        .make_dir = system_make_dir,
    };
    return &env;
}
