/* world.h: the disk under a test. The system calls of this process stand here before the C library's, for
 * libsqlite3 too: what is written can be recorded and searched, and the n-th call can fail.
 * Threads: one. Files outside the watched folder pass through. */
#pragma once
#include "tests/fault/store_kit.h"

/* ---- searched: every byte that is written anywhere ---- */
void world_seek(const void *needle, size_t n); /* at most 16; n = 0 forgets them */
bool world_found(void);                        /* and forgets it */
int64_t world_bytes(void);                     /* searched so far */

/* ---- failing ---- */
enum world_fault { WORLD_NONE, WORLD_EIO, WORLD_FULL, WORLD_SHORT, WORLD_SYNC, WORLD_READ };
/* The n-th call of that kind from now on fails, and with `all` every one after it. */
void world_fail(enum world_fault kind, long n, bool all);
bool world_failed(void); /* it came to that */

/* ---- recorded, and replayed as power cuts ---- */
void world_record(const char *folder); /* NULL: stop; the record is kept until the next start */
void world_mark(int64_t value);        /* acknowledged */
long world_events(void);
/* Calls cut() for each of `cuts` moments in order: the folder `to` holds what a disk may hold then. Writes since a
 * file's last sync are there, lost, or torn at 512 bytes, each by itself; acknowledged is the last mark. */
bool world_replay(const char *to, long cuts, uint64_t seed, bool (*cut)(void *self, int64_t acknowledged), void *self);
