#include "tests/harness/venv.h"
#include "shared/base/arena.h"

#include <stdlib.h>
#include <string.h>

static ns_time v_now(void *self) {
    return ((struct venv *)self)->now;
}

static int64_t v_steady(void *self) {
    return ((struct venv *)self)->steady_us;
}

/* splitmix64 */
static void v_random(void *self, void *out, size_t n) {
    struct venv *v = self;
    unsigned char *p = out;
    for (size_t i = 0; i < n; i++) {
        v->seed += 0x9E3779B97F4A7C15ULL;
        uint64_t z = v->seed;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        p[i] = (unsigned char)(z >> 56);
    }
}

static struct venv_file *find(struct venv *v, const char *path) {
    for (size_t i = 0; i < v->file_count; i++) {
        if (strcmp(v->files[i].path, path) == 0) {
            return &v->files[i];
        }
    }
    return NULL;
}

static ns_rc v_read(void *self, const char *path, struct ns_buf *out, struct ns_err *err) {
    struct venv_file *f = find(self, path);
    if (f == NULL) {
        return ns_err_note(err, NS_E_NOT_FOUND, "open %s", path);
    }
    return ns_buf_add(out, f->bytes, f->n) ? NS_OK : ns_err_note(err, NS_E_LIMIT, "%s", path);
}

static ns_rc v_write(void *self, const char *path, const void *bytes, size_t n, mode_t mode,
                     struct ns_err *err) {
    struct venv *v = self;
    (void)mode;
    if (v->fail_next_write != NS_OK) {
        ns_rc rc = v->fail_next_write;
        v->fail_next_write = NS_OK;
        return ns_err_note(err, rc, "write %s", path);
    }
    struct venv_file *f = find(v, path);
    if (f == NULL) {
        if (v->file_count == NS_COUNT(v->files)) {
            return ns_err_note(err, NS_E_FULL, "write %s", path);
        }
        f = &v->files[v->file_count++];
        f->path = ns_xstrdup(path);
    }
    free(f->bytes);
    f->bytes = ns_xcalloc(1, n + 1);
    memcpy(f->bytes, bytes, n);
    f->n = n;
    return NS_OK;
}

static ns_rc v_remove(void *self, const char *path, struct ns_err *err) {
    struct venv *v = self;
    struct venv_file *f = find(v, path);
    if (f == NULL) {
        return ns_err_note(err, NS_E_NOT_FOUND, "remove %s", path);
    }
    free(f->path);
    free(f->bytes);
    *f = v->files[--v->file_count];
    return NS_OK;
}

static ns_rc v_dir(void *self, const char *path, mode_t mode, struct ns_err *err) {
    (void)self;
    (void)path;
    (void)mode;
    (void)err;
    return NS_OK;
}

void venv_init(struct venv *v, ns_time now, uint64_t seed) {
    *v = (struct venv){.now = now, .steady_us = NS_HOUR, .seed = seed};
    v->env = (struct ns_env){v, v_now, v_steady, v_random, v_read, v_write, v_remove, v_dir};
}

void venv_fini(struct venv *v) {
    for (size_t i = 0; i < v->file_count; i++) {
        free(v->files[i].path);
        free(v->files[i].bytes);
    }
    v->file_count = 0;
}

void venv_advance(struct venv *v, int64_t microseconds) {
    v->now += microseconds;
    v->steady_us += microseconds;
}

void venv_put(struct venv *v, const char *path, const char *text) {
    ns_rc rc = v_write(v, path, text, strlen(text), 0600, NULL);
    (void)rc;
}

const struct venv_file *venv_get(const struct venv *v, const char *path) {
    for (size_t i = 0; i < v->file_count; i++) {
        if (strcmp(v->files[i].path, path) == 0) {
            return &v->files[i];
        }
    }
    return NULL;
}
