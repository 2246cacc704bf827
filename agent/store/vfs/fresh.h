/* fresh.h: what the sealed header says about the pages and the WAL, so that an old page, a stale WAL or
 * a WAL cut short is noticed. docs/store-format.md, section Freshness.
 *
 * set:     sum over all pages of PRF(tag), as they stand after the last checkpoint.
 * settled: the same over the pages up to `limit` that the first `frames` frames of the WAL do not hold; while
 *          that WAL lies beside the file its frames stand before the others, whatever a crash left of them.
 *          Beyond the limit are pages that the checkpoint cuts away, and holes that it fills.
 * base:    what `set` was when that WAL began; its header is bound to it.
 * Threads: values here; a nest_fresh belongs to its file's connection. */
#pragma once
#include "agent/store/vfs/header.h"

enum nest_fresh_mode {
    NEST_FRESH_OFF = 0,    /* a rollback journal is in use: nothing is known */
    NEST_FRESH_CLOSED = 1, /* set holds */
    NEST_FRESH_OPEN = 2    /* a checkpoint is under way, or was when the machine stopped: settled holds */
};

struct nest_sum { /* 256 bits, little-endian */
    uint64_t word[4];
};

struct nest_record {
    uint8_t mode;
    uint8_t accepted; /* 1: a person took the file as it stands; whoever keeps a witness takes note */
    uint64_t counter; /* one up at every change of set */
    struct nest_sum set, settled, base;
    uint8_t salts[8];
    uint32_t frames;
    uint32_t limit; /* settled counts pages up to this one; 0: all */
};

void nest_record_parse(const uint8_t later[128], struct nest_record *out);
void nest_record_format(uint8_t later[128], const struct nest_record *record);

void nest_sum_add(struct nest_sum *sum, const struct nest_sum *more);
void nest_sum_take(struct nest_sum *sum, const struct nest_sum *less);
bool nest_sum_same(const struct nest_sum *a, const struct nest_sum *b);
void nest_sum_of(const struct nest_keys *keys, const uint8_t tag[NS_TAG_BYTES], struct nest_sum *out);

/* A set of page numbers from 1. */
struct nest_bits {
    uint64_t *word;
    int64_t room; /* pages it can hold */
};
bool nest_bits_room(struct nest_bits *bits, int64_t pages) NS_MUST_USE; /* false: no memory */
bool nest_bits_has(const struct nest_bits *bits, int64_t page);
void nest_bits_put(struct nest_bits *bits, int64_t page);
void nest_bits_drop(struct nest_bits *bits, int64_t page);
void nest_bits_clear(struct nest_bits *bits);
