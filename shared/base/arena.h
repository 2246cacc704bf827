/* arena.h: memory that lives as long as one request, one frame or one forecast run.
 *
 * Allocation is a pointer bump; everything goes at once by reset (keeps the first block) or
 * fini. When the system is out of memory the program ends with a message: nothing that runs on
 * an arena may leave a half-done state behind (store writes are transactions).
 * Threads: one owner at a time. */
#pragma once
#include "shared/base/str.h"

#include <stddef.h>
#include <stdint.h>

struct ns_arena_block;

struct ns_arena {
    struct ns_arena_block *first; /* kept by reset */
    struct ns_arena_block *last;
    size_t used;                  /* in last */
    size_t total;                 /* bytes handed out since the last reset */
};

/* A zeroed struct ns_arena is valid and empty. */
void ns_arena_reset(struct ns_arena *arena);
void ns_arena_fini(struct ns_arena *arena);

/* Zeroed memory aligned for any type; size 0 gives a valid pointer. */
void *ns_arena_alloc(struct ns_arena *arena, size_t size) __attribute__((returns_nonnull));
/* count * size with the overflow checked. */
void *ns_arena_array(struct ns_arena *arena, size_t count, size_t size)
    __attribute__((returns_nonnull));
char *ns_arena_copy(struct ns_arena *arena, struct ns_str text); /* NUL-terminated */
char *ns_arena_printf(struct ns_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

#define NS_NEW(arena, type) ((type *)ns_arena_alloc((arena), sizeof(type)))
#define NS_NEW_N(arena, type, count) ((type *)ns_arena_array((arena), (count), sizeof(type)))

/* malloc that ends the program when memory runs out; free with free(). */
void *ns_xcalloc(size_t count, size_t size) __attribute__((returns_nonnull));
void *ns_xrealloc(void *old, size_t size) __attribute__((returns_nonnull));
char *ns_xstrdup(const char *text) __attribute__((returns_nonnull));
