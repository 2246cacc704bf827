/* env.h: the one door to the world: clocks, randomness, small files.
 *
 * Programs use ns_env_system(); tests hand in a virtual one (tests/harness/venv.h) whose clock
 * moves by hand, whose randomness has a seed and whose files live in memory, with faults on
 * request. Sockets and the store's own file access have their owners (agent/net, agent/store).
 * Threads: the system environment may be used from any thread. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/time.h"

#include <sys/types.h>

struct ns_env {
    void *self;
    ns_time (*now)(void *self);         /* wall clock, UTC */
    int64_t (*steady_us)(void *self);   /* since boot, sleep included; for durations */
    void (*random)(void *self, void *out, size_t n); /* cannot fail: ends the program instead */
    /* Whole file into out (its max is the limit: NS_E_LIMIT). Missing file: NS_E_NOT_FOUND. */
    ns_rc (*read_file)(void *self, const char *path, struct ns_buf *out, struct ns_err *err);
    /* Temporary file, fsync, rename, fsync of the folder: the old content or the new, whole. */
    ns_rc (*write_file)(void *self, const char *path, const void *bytes, size_t n, mode_t mode,
                        struct ns_err *err);
    ns_rc (*remove_file)(void *self, const char *path, struct ns_err *err);
    ns_rc (*make_dir)(void *self, const char *path, mode_t mode, struct ns_err *err); /* exists: ok */
};

const struct ns_env *ns_env_system(void);
int64_t ns_env_thread_cpu_us(void); /* this thread's processor time: what others use meanwhile does not count */

static inline ns_time ns_env_now(const struct ns_env *env) {
    return env->now(env->self);
}
static inline int64_t ns_env_steady_us(const struct ns_env *env) {
    return env->steady_us(env->self);
}
static inline void ns_env_random(const struct ns_env *env, void *out, size_t n) {
    env->random(env->self, out, n);
}

/* Result code for an errno value (ENOSPC: NS_E_FULL, EROFS and EACCES: NS_E_READONLY, ...). */
ns_rc ns_rc_from_errno(int error);
