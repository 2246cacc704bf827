/* header.h: the 16 KiB before page 1: two copies of identity, key slots and limits.
 *
 * Pure bytes here (parse, format, subkeys, slot wrap); reading and writing the file is vault.c's.
 * Format: docs/store-format.md. Threads: values. */
#pragma once
#include "agent/store/vfs/vault.h"

#define NEST_H 16384
#define NEST_COPY 8192
#define NEST_SLOT 256
#define NEST_RESERVE 40
#define NEST_SUITE_XCHACHA 1
#define NEST_FORMAT 1
#define NEST_AT_PAGE_EPOCH 68 /* of a header copy */
#define NEST_EPOCHS 4 /* page keys kept, by epoch modulo this */

struct nest_slot {
    uint8_t type;
    struct ns_kdf cost;
    uint8_t salt[NS_SALT_BYTES];
    uint8_t nonce[NS_NONCE_BYTES];
    uint8_t wrapped[NS_WRAPPED_BYTES];
    char label[NS_VAULT_LABEL];
};

struct nest_header {
    uint64_t sequence;
    uint8_t file_id[16], vault_id[16];
    uint32_t page_size, epoch;
    uint32_t page_epoch; /* 0: as epoch. Pages are written under this one */
    uint32_t old_epoch;  /* while a rekey is under way: pages may still stand under it; else 0 */
    uint8_t suite;
    uint8_t later[128]; /* the freshness record (fresh.h) */
    struct nest_slot slot[NS_VAULT_SLOTS];
};

/* Subkeys of one file; lives in secret memory. */
struct nest_keys {
    uint8_t master[NS_KEY_BYTES];
    uint8_t page[NEST_EPOCHS][NS_KEY_BYTES], walmask[NS_KEY_BYTES], walmac[NS_KEY_BYTES];
    uint8_t jrnlmask[NS_KEY_BYTES], header[NS_KEY_BYTES], audit[NS_KEY_BYTES];
};

static inline uint32_t nest_page_epoch(const struct nest_header *header) {
    return header->page_epoch == 0 ? header->epoch : header->page_epoch;
}

enum nest_shape { NEST_OK, NEST_FOREIGN, NEST_NEWER, NEST_BROKEN };

static inline void nest_put32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}
static inline uint32_t nest_get32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Field ranges are checked here, the MAC is not (nobody has the key yet). */
enum nest_shape nest_header_parse(const uint8_t copy[NEST_COPY], struct nest_header *out);
bool nest_header_format(uint8_t copy[NEST_COPY], const struct nest_header *header,
                        const struct nest_keys *keys) NS_MUST_USE;
bool nest_header_genuine(const uint8_t copy[NEST_COPY], const struct nest_keys *keys);
bool nest_keys_derive(struct nest_keys *keys, const struct nest_header *header) NS_MUST_USE; /* from master */
bool nest_page_key(struct nest_keys *keys, const struct nest_header *header, uint32_t epoch) NS_MUST_USE;

/* secret: passphrase bytes, or the 32 bytes of a recovery or machine key. */
ns_rc nest_slot_seal(struct nest_header *header, unsigned index, enum ns_slot_type type,
                     struct ns_str secret, struct ns_kdf cost, const uint8_t *master) NS_MUST_USE;
/* NS_E_KEY: does not open; NS_E_LIMIT: the cost it asks for is out of bounds. */
ns_rc nest_slot_open(const struct nest_header *header, unsigned index, struct ns_str secret,
                     uint8_t *master) NS_MUST_USE;
