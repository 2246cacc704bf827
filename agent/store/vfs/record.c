/* record.c: the freshness record as bytes, and sums of pages. */
#include "agent/store/vfs/fresh.h"

#include <stdlib.h>
#include <string.h>

enum { AT_MODE = 0, AT_ACCEPTED = 1, AT_COUNTER = 8, AT_SET = 16, AT_SETTLED = 48, AT_BASE = 80, AT_SALTS = 112, AT_FRAMES = 120, AT_LIMIT = 124 };

static void get_sum(const uint8_t *p, struct nest_sum *out) {
    for (int i = 0; i < 4; i++) {
        out->word[i] = 0;
        for (int b = 7; b >= 0; b--) {
            out->word[i] = out->word[i] << 8 | p[i * 8 + b];
        }
    }
}

static void put_sum(uint8_t *p, const struct nest_sum *sum) {
    for (int i = 0; i < 32; i++) {
        p[i] = (uint8_t)(sum->word[i / 8] >> (i % 8 * 8));
    }
}

void nest_record_parse(const uint8_t later[128], struct nest_record *out) {
    out->mode = later[AT_MODE] <= NEST_FRESH_OPEN ? later[AT_MODE] : NEST_FRESH_OFF;
    out->accepted = later[AT_ACCEPTED] == 1 ? 1 : 0;
    out->counter = (uint64_t)nest_get32(later + AT_COUNTER) << 32 | nest_get32(later + AT_COUNTER + 4);
    get_sum(later + AT_SET, &out->set);
    get_sum(later + AT_SETTLED, &out->settled);
    get_sum(later + AT_BASE, &out->base);
    memcpy(out->salts, later + AT_SALTS, sizeof out->salts);
    out->frames = nest_get32(later + AT_FRAMES);
    out->limit = nest_get32(later + AT_LIMIT);
}

void nest_record_format(uint8_t later[128], const struct nest_record *record) {
    memset(later, 0, 128);
    later[AT_MODE] = record->mode;
    later[AT_ACCEPTED] = record->accepted;
    nest_put32(later + AT_COUNTER, (uint32_t)(record->counter >> 32));
    nest_put32(later + AT_COUNTER + 4, (uint32_t)record->counter);
    put_sum(later + AT_SET, &record->set);
    put_sum(later + AT_SETTLED, &record->settled);
    put_sum(later + AT_BASE, &record->base);
    memcpy(later + AT_SALTS, record->salts, sizeof record->salts);
    nest_put32(later + AT_FRAMES, record->frames);
    nest_put32(later + AT_LIMIT, record->limit);
}

void nest_sum_add(struct nest_sum *sum, const struct nest_sum *more) {
    unsigned carry = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t a = sum->word[i], b = a + more->word[i], c = b + carry;
        carry = (b < a ? 1u : 0u) | (c < b ? 1u : 0u);
        sum->word[i] = c;
    }
}

void nest_sum_take(struct nest_sum *sum, const struct nest_sum *less) {
    unsigned borrow = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t a = sum->word[i], b = a - less->word[i], c = b - borrow;
        borrow = (b > a ? 1u : 0u) | (c > b ? 1u : 0u);
        sum->word[i] = c;
    }
}

bool nest_sum_same(const struct nest_sum *a, const struct nest_sum *b) {
    return ns_crypto_equal(a->word, b->word, sizeof a->word);
}

void nest_sum_of(const struct nest_keys *keys, const uint8_t tag[NS_TAG_BYTES], struct nest_sum *out) {
    uint8_t bytes[32];
    ns_crypto_prf(bytes, keys->audit, tag);
    get_sum(bytes, out);
}

bool nest_bits_room(struct nest_bits *bits, int64_t pages) {
    if (pages < bits->room) {
        return true;
    }
    int64_t room = bits->room == 0 ? 65536 : bits->room;
    while (room <= pages) {
        room *= 2;
    }
    uint64_t *more = realloc(bits->word, (size_t)room / 8);
    if (more == NULL) {
        return false;
    }
    memset(more + bits->room / 64, 0, (size_t)(room - bits->room) / 8);
    bits->word = more;
    bits->room = room;
    return true;
}

bool nest_bits_has(const struct nest_bits *bits, int64_t page) {
    return page < bits->room && (bits->word[page / 64] >> (page % 64) & 1) != 0;
}

void nest_bits_put(struct nest_bits *bits, int64_t page) {
    bits->word[page / 64] |= (uint64_t)1 << (page % 64);
}

void nest_bits_drop(struct nest_bits *bits, int64_t page) {
    if (page < bits->room) {
        bits->word[page / 64] &= ~((uint64_t)1 << (page % 64));
    }
}

void nest_bits_clear(struct nest_bits *bits) {
    if (bits->word != NULL) {
        memset(bits->word, 0, (size_t)bits->room / 8);
    }
}
