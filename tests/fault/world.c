/* world.c */
#include "tests/fault/world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEEDLES 16
#define FILES 16
#define SECTOR 512

enum what { WRITE, CUT, SYNC, REMOVE, MARK };

struct event {
    enum what what;
    int file;
    int64_t at, n; /* MARK: value in at */
    uint8_t *bytes;
};

static struct {
    const void *p;
    size_t n;
} needles[NEEDLES];
static int needle_count;
static bool found;
static int64_t searched;

static enum world_fault fault;
static long fault_at;
static bool fault_all, fault_came;

static char folder[200];
static bool recording;
static struct event *events;
static long event_count, event_room;
static char names[FILES][80]; /* after the folder's name */
static int name_count;

#define OURS(name) __asm__(name) __attribute__((visibility("default")))
ssize_t world_pread(int fd, void *buf, size_t n, off_t at) OURS("pread64");
ssize_t world_pwrite(int fd, const void *buf, size_t n, off_t at) OURS("pwrite64");
int world_ftruncate(int fd, off_t size) OURS("ftruncate64");
int world_fsync(int fd) OURS("fsync");
int world_fdatasync(int fd) OURS("fdatasync");
int world_unlink(const char *path) OURS("unlink");

/* ---- failing ---- */

void world_fail(enum world_fault kind, long n, bool all) {
    fault = kind;
    fault_at = n;
    fault_all = all;
    fault_came = false;
}

bool world_failed(void) {
    return fault_came;
}

static bool fails(enum world_fault a, enum world_fault b, enum world_fault c) {
    if (fault == WORLD_NONE || (fault != a && fault != b && fault != c)) {
        return false;
    }
    fault_at--;
    bool now = fault_at == 0 || (fault_all && fault_at < 0);
    fault_came = fault_came || now;
    return now;
}

/* ---- recording ---- */

static int file_of_name(const char *path) {
    size_t n = strlen(folder);
    if (!recording || strncmp(path, folder, n) != 0 || path[n] != '/') {
        return -1;
    }
    for (int i = 0; i < name_count; i++) {
        if (strcmp(names[i], path + n + 1) == 0) {
            return i;
        }
    }
    if (name_count == FILES || strlen(path + n + 1) >= sizeof names[0]) {
        abort();
    }
    snprintf(names[name_count], sizeof names[0], "%s", path + n + 1);
    return name_count++;
}

static int file_of(int fd) {
    char link[40], path[300];
    if (!recording) {
        return -1;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) {
        return -1;
    }
    path[n] = '\0';
    return strstr(path, "(deleted)") != NULL || strstr(path, "-shm") != NULL ? -1 : file_of_name(path);
}

static void note(enum what what, int file, int64_t at, const void *bytes, int64_t n) {
    if (file < 0 && what != MARK) {
        return;
    }
    if (event_count == event_room) {
        event_room = event_room == 0 ? 4096 : event_room * 2;
        events = realloc(events, (size_t)event_room * sizeof *events);
        if (events == NULL) {
            abort();
        }
    }
    struct event e = {what, file, at, n, NULL};
    if (bytes != NULL && n > 0) {
        e.bytes = malloc((size_t)n);
        if (e.bytes == NULL) {
            abort();
        }
        memcpy(e.bytes, bytes, (size_t)n);
    }
    events[event_count++] = e;
}

void world_record(const char *in) {
    recording = in != NULL;
    if (in == NULL) {
        return;
    }
    for (long i = 0; i < event_count; i++) {
        free(events[i].bytes);
    }
    free(events);
    events = NULL;
    event_count = event_room = 0;
    name_count = 0;
    snprintf(folder, sizeof folder, "%s", in);
}

void world_mark(int64_t value) {
    note(MARK, -1, value, NULL, 0);
}

long world_events(void) {
    return event_count;
}

/* ---- searching ---- */

void world_seek(const void *needle, size_t n) {
    if (n == 0) {
        needle_count = 0;
        return;
    }
    if (needle_count == NEEDLES) {
        abort();
    }
    needles[needle_count].p = needle;
    needles[needle_count++].n = n;
}

bool world_found(void) {
    bool was = found;
    found = false;
    return was;
}

int64_t world_bytes(void) {
    return searched;
}

static void search(const void *bytes, size_t n) {
    searched += needle_count > 0 ? (int64_t)n : 0;
    for (int i = 0; i < needle_count && !found; i++) {
        found = memmem(bytes, n, needles[i].p, needles[i].n) != NULL;
    }
}

/* ---- the calls ---- */

ssize_t world_pread(int fd, void *buf, size_t n, off_t at) {
    if (fails(WORLD_READ, WORLD_READ, WORLD_READ)) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, buf, n, at);
}

ssize_t world_pwrite(int fd, const void *buf, size_t n, off_t at) {
    search(buf, n);
    if (fails(WORLD_EIO, WORLD_FULL, WORLD_SHORT)) {
        bool sector = at % SECTOR + (off_t)n <= SECTOR; /* one sector is written or is not */
        if (fault == WORLD_SHORT && !sector) { /* half of it, then the disk is full */
            ssize_t put = syscall(SYS_pwrite64, fd, buf, n / 2, at);
            fault = WORLD_FULL;
            fault_at = 1;
            return put;
        }
        errno = fault == WORLD_EIO ? EIO : ENOSPC;
        return -1;
    }
    ssize_t put = syscall(SYS_pwrite64, fd, buf, n, at);
    note(WRITE, file_of(fd), at, buf, put);
    return put;
}

int world_ftruncate(int fd, off_t size) {
    if (fails(WORLD_EIO, WORLD_EIO, WORLD_EIO)) {
        errno = EIO;
        return -1;
    }
    note(CUT, file_of(fd), size, NULL, 0);
    return (int)syscall(SYS_ftruncate, fd, size);
}

static int synced(int fd) {
    if (fails(WORLD_SYNC, WORLD_EIO, WORLD_EIO)) {
        errno = EIO;
        return -1;
    }
    note(SYNC, file_of(fd), 0, NULL, 0);
    return 0; /* no test needs the real disk to be waited for */
}
int world_fsync(int fd) {
    return synced(fd);
}
int world_fdatasync(int fd) {
    return synced(fd);
}

int world_unlink(const char *path) {
    if (recording) {
        note(REMOVE, file_of_name(path), 0, NULL, 0);
    }
    return (int)syscall(SYS_unlink, path);
}

/* ---- power cuts ---- */

struct image {
    uint8_t *bytes;
    int64_t n, room;
    bool there;
};

static struct {
    uint64_t state;
} dice;

static uint64_t roll(void) {
    dice.state += 0x9E3779B97F4A7C15u;
    uint64_t z = dice.state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void grow(struct image *m, int64_t n) {
    if (n > m->room) {
        m->room = n * 2;
        m->bytes = realloc(m->bytes, (size_t)m->room);
        if (m->bytes == NULL) {
            abort();
        }
    }
    if (n > m->n) {
        memset(m->bytes + m->n, 0, (size_t)(n - m->n));
        m->n = n;
    }
}

static void apply(struct image *m, const struct event *e, bool torn) {
    m->there = m->there || e->what != REMOVE;
    if (e->what == REMOVE) {
        m->there = false;
        m->n = 0;
    } else if (e->what == CUT) {
        if (e->at < m->n) {
            m->n = e->at;
        } else {
            grow(m, e->at);
        }
    } else if (e->what == WRITE) {
        grow(m, e->at + e->n);
        for (int64_t done = 0; done < e->n;) { /* sector by sector */
            int64_t room = SECTOR - (e->at + done) % SECTOR, part = e->n - done < room ? e->n - done : room;
            if (!torn || roll() % 2 == 0) {
                memcpy(m->bytes + e->at + done, e->bytes + done, (size_t)part);
            }
            done += part;
        }
    }
}

static void copy_image(struct image *to, const struct image *from) {
    to->n = 0;
    grow(to, from->n);
    if (from->n > 0) {
        memcpy(to->bytes, from->bytes, (size_t)from->n);
    }
    to->there = from->there;
}

/* The disk as it may be after events [..cut): safe images, and what came to them since. */
static void put_cut(const char *to, const struct image *safe, const long *since, long cut, struct image *scratch) {
    for (int f = 0; f < name_count; f++) {
        char path[300];
        copy_image(scratch, &safe[f]);
        for (long i = since[f]; i < cut; i++) {
            if (events[i].file != f || events[i].what == SYNC || events[i].what == MARK) {
                continue;
            }
            uint64_t luck = roll() % 3;
            if (events[i].what != WRITE || luck > 0) { /* names and lengths keep their order */
                apply(scratch, &events[i], luck == 1);
            } else {
                scratch->there = true;
                grow(scratch, events[i].at + events[i].n > scratch->n && roll() % 2 == 0 ? events[i].at + events[i].n : scratch->n);
            }
        }
        snprintf(path, sizeof path, "%.200s/%.79s", to, names[f]);
        kit_save(path, scratch->bytes != NULL ? scratch->bytes : (const uint8_t *)"", scratch->there ? (long)scratch->n : -1);
    }
}

static int order(const void *a, const void *b) {
    long x = *(const long *)a, y = *(const long *)b;
    return x < y ? -1 : x > y;
}

bool world_replay(const char *to, long cuts, uint64_t seed, bool (*cut)(void *, int64_t), void *self) {
    struct image safe[FILES] = {{0}}, scratch = {0};
    long since[FILES] = {0};
    long *at = malloc((size_t)(cuts > 0 ? cuts : 1) * sizeof *at);
    bool ok = at != NULL && event_count > 0;
    int64_t acknowledged = INT64_MIN;
    dice.state = seed;
    long first = 0; /* a file whose making never ended is no file yet */
    while (first < event_count && events[first].what != SYNC) {
        first++;
    }
    ok = ok && first < event_count;
    for (long i = 0; ok && i < cuts; i++) {
        at[i] = first + 1 + (long)(roll() % (uint64_t)(event_count - first));
    }
    if (ok) {
        qsort(at, (size_t)cuts, sizeof *at, order);
    }
    long next = 0;
    for (long i = 0; ok && i < event_count; i++) {
        const struct event *e = &events[i];
        if (e->what == MARK) {
            acknowledged = e->at;
        } else if (e->what == SYNC) {
            for (long k = since[e->file]; k < i; k++) {
                if (events[k].file == e->file && events[k].what != MARK) {
                    apply(&safe[e->file], &events[k], false);
                }
            }
            since[e->file] = i + 1;
        }
        for (; ok && next < cuts && at[next] == i + 1; next++) {
            put_cut(to, safe, since, i + 1, &scratch);
            ok = cut(self, acknowledged);
        }
    }
    for (int f = 0; f < name_count; f++) {
        free(safe[f].bytes);
    }
    free(scratch.bytes);
    free(at);
    return ok;
}
