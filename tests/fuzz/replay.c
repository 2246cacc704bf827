/* replay.c: runs a fuzz target over its seeds and over seeded mutations of them, prints TAP.
 * A crash, a sanitizer report or a hang (the runner's time limit) fails the run. */
#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/env.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUTATIONS 2000

static uint64_t state = 0x6e657374ULL;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* One of: flip a bit, set a byte, cut the end, repeat a piece, remove a piece. */
static void mutate(struct ns_buf *b) {
    size_t at = b->len == 0 ? 0 : next() % b->len;
    switch (next() % 5) {
    case 0:
        if (b->len > 0) {
            b->data[at] = (char)(b->data[at] ^ (1 << (next() % 8)));
        }
        break;
    case 1:
        if (b->len > 0) {
            b->data[at] = (char)next();
        }
        break;
    case 2:
        ns_buf_cut(b, at);
        break;
    case 3: {
        size_t n = b->len == 0 ? 0 : next() % (b->len - at < 64 ? b->len - at + 1 : 64);
        char piece[64];
        memcpy(piece, b->data == NULL ? "" : b->data + at, n);
        ns_buf_add(b, piece, n);
        break;
    }
    default:
        if (b->len > at + 1) {
            size_t n = 1 + next() % (b->len - at - 1);
            memmove(b->data + at, b->data + at + n, b->len - at - n);
            ns_buf_cut(b, b->len - n);
        }
        break;
    }
}

/* Exactly sized copy on the heap, so that the sanitizer sees a read past the end. */
static void feed(const struct ns_buf *b) {
    uint8_t *copy = ns_xcalloc(1, b->len == 0 ? 1 : b->len);
    if (b->len > 0) {
        memcpy(copy, b->data, b->len);
    }
    LLVMFuzzerTestOneInput(copy, b->len);
    free(copy);
}

int main(int argc, char **argv) {
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    if (dir == NULL) {
        fputs("not ok 1 - no corpus folder\n", stdout);
        return 1;
    }
    int seeds = 0;
    struct ns_buf pool[256];
    for (struct dirent *e = readdir(dir); e != NULL && seeds < 256; e = readdir(dir)) {
        if (e->d_name[0] == '.') {
            continue;
        }
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        pool[seeds] = NS_BUF(1 << 20);
        if (ns_env_system()->read_file(NULL, path, &pool[seeds], NULL) == NS_OK) {
            feed(&pool[seeds]);
            seeds++;
        }
    }
    closedir(dir);
    printf("%s 1 - %d seeds read\n", seeds > 0 ? "ok" : "not ok", seeds);
    struct ns_buf work = NS_BUF(1 << 20);
    for (int i = 0; i < MUTATIONS && seeds > 0; i++) {
        ns_buf_clear(&work);
        ns_buf_str(&work, ns_buf_view(&pool[next() % (uint64_t)seeds]));
        for (uint64_t n = 1 + next() % 4; n > 0; n--) {
            mutate(&work);
        }
        feed(&work);
    }
    ns_buf_fini(&work);
    for (int i = 0; i < seeds; i++) {
        ns_buf_fini(&pool[i]);
    }
    printf("ok 2 - %d mutations survived\n", MUTATIONS);
    return 0;
}
