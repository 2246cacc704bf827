/* venv.h: a virtual environment table: the clock moves by hand, randomness has a seed, files
 * live in memory, faults come on request. */
#pragma once
#include "shared/base/env.h"

struct venv_file {
    char *path;
    char *bytes;
    size_t n;
};

struct venv {
    struct ns_env env; /* hand out &venv->env */
    ns_time now;
    int64_t steady_us;
    uint64_t seed;
    struct venv_file files[64];
    size_t file_count;
    ns_rc fail_next_write; /* NS_OK: none; else the next write_file answers this and writes nothing */
};

void venv_init(struct venv *v, ns_time now, uint64_t seed);
void venv_fini(struct venv *v);
void venv_advance(struct venv *v, int64_t microseconds); /* both clocks */
void venv_put(struct venv *v, const char *path, const char *text);
const struct venv_file *venv_get(const struct venv *v, const char *path); /* NULL: none */
