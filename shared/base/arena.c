/* arena.c: bump allocation. */
#include "shared/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)64 * 1024)
#define ALIGN (sizeof(max_align_t))

struct ns_arena_block {
    struct ns_arena_block *next;
    size_t cap;
    max_align_t data[];
};

static _Noreturn void out_of_memory(void) {
    fputs("<2>nestsync: out of memory; nothing unfinished was kept\n", stderr);
    exit(71);
}

void *ns_xcalloc(size_t count, size_t size) {
    void *p = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
    if (p == NULL) {
        out_of_memory();
    }
    return p;
}

void *ns_xrealloc(void *old, size_t size) {
    void *p = realloc(old, size == 0 ? 1 : size);
    if (p == NULL) {
        out_of_memory();
    }
    return p;
}

char *ns_xstrdup(const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = ns_xcalloc(1, n);
    memcpy(copy, text, n);
    return copy;
}

static struct ns_arena_block *block_new(size_t cap) {
    if (cap > SIZE_MAX - sizeof(struct ns_arena_block)) {
        out_of_memory();
    }
    struct ns_arena_block *block = malloc(sizeof *block + cap);
    if (block == NULL) {
        out_of_memory();
    }
    block->next = NULL;
    block->cap = cap;
    return block;
}

void *ns_arena_alloc(struct ns_arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) {
        out_of_memory();
    }
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (arena->last == NULL || arena->last->cap - arena->used < size) {
        size_t cap = arena->last == NULL ? FIRST_BLOCK : arena->last->cap * 2;
        struct ns_arena_block *block = block_new(cap < size ? size : cap);
        if (arena->last == NULL) {
            arena->first = block;
        } else {
            arena->last->next = block;
        }
        arena->last = block;
        arena->used = 0;
    }
    void *p = (char *)arena->last->data + arena->used;
    arena->used += size;
    arena->total += size;
    memset(p, 0, size);
    return p;
}

void *ns_arena_array(struct ns_arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        out_of_memory();
    }
    return ns_arena_alloc(arena, bytes);
}

char *ns_arena_copy(struct ns_arena *arena, struct ns_str text) {
    char *copy = ns_arena_alloc(arena, text.n + 1);
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    return copy;
}

char *ns_arena_printf(struct ns_arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = ns_arena_alloc(arena, n < 0 ? 1 : (size_t)n + 1);
    if (n > 0) {
        vsnprintf(text, (size_t)n + 1, format, again);
    }
    va_end(again);
    return text;
}

static void free_chain(struct ns_arena_block *block) {
    while (block != NULL) {
        struct ns_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void ns_arena_reset(struct ns_arena *arena) {
    if (arena->first != NULL) {
        free_chain(arena->first->next);
        arena->first->next = NULL;
    }
    arena->last = arena->first;
    arena->used = 0;
    arena->total = 0;
}

void ns_arena_fini(struct ns_arena *arena) {
    free_chain(arena->first);
    *arena = (struct ns_arena){0};
}
