/* header.c: bytes of the file header. */
#include "agent/store/vfs/header.h"

#include <string.h>

static const uint8_t magic[8] = {'N', 'E', 'S', 'T', 'S', 'T', 'O', 'R'};

enum {
    AT_FORMAT = 8,
    AT_RESERVE = 10,
    AT_SUITE = 11,
    AT_PAGE_SIZE = 12,
    AT_SEQUENCE = 16,
    AT_FILE_ID = 24,
    AT_VAULT_ID = 40,
    AT_EPOCH = 56,
    AT_KDF_KIB = 60,
    AT_KDF_PASSES = 64,
    AT_PAGE_EPOCH = NEST_AT_PAGE_EPOCH,
    AT_OLD_EPOCH = 72,
    AT_LATER = 128,
    AT_SLOTS = 256,
    AT_MAC = NEST_COPY - 32,
    /* in a slot */
    S_TYPE = 0,
    S_KDF = 1,
    S_KIB = 4,
    S_PASSES = 8,
    S_SALT = 12,
    S_NONCE = 28,
    S_WRAPPED = 52,
    S_LABEL = 104,
};

static void put64(uint8_t *p, uint64_t v) {
    nest_put32(p, (uint32_t)(v >> 32));
    nest_put32(p + 4, (uint32_t)v);
}

static bool page_size_fits(uint32_t n) {
    return n >= 4096 && n <= 65536 && (n & (n - 1)) == 0;
}

enum nest_shape nest_header_parse(const uint8_t copy[NEST_COPY], struct nest_header *out) {
    memset(out, 0, sizeof *out);
    if (memcmp(copy, magic, sizeof magic) != 0) {
        return NEST_FOREIGN;
    }
    unsigned format = (unsigned)copy[AT_FORMAT] << 8 | copy[AT_FORMAT + 1];
    if (format > NEST_FORMAT) {
        return NEST_NEWER;
    }
    out->page_size = nest_get32(copy + AT_PAGE_SIZE);
    out->suite = copy[AT_SUITE];
    out->epoch = nest_get32(copy + AT_EPOCH);
    out->page_epoch = nest_get32(copy + AT_PAGE_EPOCH);
    out->old_epoch = nest_get32(copy + AT_OLD_EPOCH);
    if (format != NEST_FORMAT || copy[AT_RESERVE] != NEST_RESERVE ||
        out->suite != NEST_SUITE_XCHACHA || !page_size_fits(out->page_size)) {
        return NEST_BROKEN;
    }
    out->sequence = (uint64_t)nest_get32(copy + AT_SEQUENCE) << 32 | nest_get32(copy + AT_SEQUENCE + 4);
    memcpy(out->file_id, copy + AT_FILE_ID, 16);
    memcpy(out->vault_id, copy + AT_VAULT_ID, 16);
    memcpy(out->later, copy + AT_LATER, sizeof out->later);
    for (unsigned i = 0; i < NS_VAULT_SLOTS; i++) {
        const uint8_t *p = copy + AT_SLOTS + i * NEST_SLOT;
        struct nest_slot *slot = &out->slot[i];
        slot->type = p[S_TYPE] <= NS_SLOT_MACHINE ? p[S_TYPE] : NS_SLOT_EMPTY;
        slot->cost = (struct ns_kdf){nest_get32(p + S_KIB), nest_get32(p + S_PASSES)};
        memcpy(slot->salt, p + S_SALT, sizeof slot->salt);
        memcpy(slot->nonce, p + S_NONCE, sizeof slot->nonce);
        memcpy(slot->wrapped, p + S_WRAPPED, sizeof slot->wrapped);
        memcpy(slot->label, p + S_LABEL, sizeof slot->label);
        slot->label[sizeof slot->label - 1] = '\0';
    }
    return NEST_OK;
}

bool nest_header_format(uint8_t copy[NEST_COPY], const struct nest_header *header,
                        const struct nest_keys *keys) {
    memset(copy, 0, NEST_COPY);
    memcpy(copy, magic, sizeof magic);
    copy[AT_FORMAT + 1] = NEST_FORMAT;
    copy[AT_RESERVE] = NEST_RESERVE;
    copy[AT_SUITE] = header->suite;
    nest_put32(copy + AT_PAGE_SIZE, header->page_size);
    put64(copy + AT_SEQUENCE, header->sequence);
    memcpy(copy + AT_FILE_ID, header->file_id, 16);
    memcpy(copy + AT_VAULT_ID, header->vault_id, 16);
    nest_put32(copy + AT_EPOCH, header->epoch);
    nest_put32(copy + AT_KDF_KIB, NS_KDF_MAX_KIB);
    nest_put32(copy + AT_KDF_PASSES, NS_KDF_MAX_PASSES);
    nest_put32(copy + AT_PAGE_EPOCH, header->page_epoch);
    nest_put32(copy + AT_OLD_EPOCH, header->old_epoch);
    memcpy(copy + AT_LATER, header->later, sizeof header->later);
    for (unsigned i = 0; i < NS_VAULT_SLOTS; i++) {
        const struct nest_slot *slot = &header->slot[i];
        uint8_t *p = copy + AT_SLOTS + i * NEST_SLOT;
        if (slot->type == NS_SLOT_EMPTY) {
            continue; /* nothing of a removed slot stays */
        }
        p[S_TYPE] = slot->type;
        p[S_KDF] = slot->type == NS_SLOT_PASSPHRASE ? 1 : 0;
        nest_put32(p + S_KIB, slot->cost.memory_kib);
        nest_put32(p + S_PASSES, slot->cost.passes);
        memcpy(p + S_SALT, slot->salt, sizeof slot->salt);
        memcpy(p + S_NONCE, slot->nonce, sizeof slot->nonce);
        memcpy(p + S_WRAPPED, slot->wrapped, sizeof slot->wrapped);
        memcpy(p + S_LABEL, slot->label, sizeof slot->label);
    }
    return ns_crypto_mac(copy + AT_MAC, keys->header, copy, AT_MAC);
}

bool nest_header_genuine(const uint8_t copy[NEST_COPY], const struct nest_keys *keys) {
    uint8_t mac[32];
    return ns_crypto_mac(mac, keys->header, copy, AT_MAC) &&
           ns_crypto_equal(mac, copy + AT_MAC, sizeof mac);
}

bool nest_page_key(struct nest_keys *keys, const struct nest_header *header, uint32_t epoch) {
    uint8_t message[4];
    nest_put32(message, epoch);
    return ns_crypto_subkey(keys->page[epoch % NEST_EPOCHS], keys->master, header->file_id, "page", message, 4);
}

bool nest_keys_derive(struct nest_keys *keys, const struct nest_header *header) {
    uint8_t epoch[4];
    nest_put32(epoch, header->epoch);
    const uint8_t *salt = header->file_id;
    return nest_page_key(keys, header, nest_page_epoch(header)) &&
           (header->old_epoch == 0 || nest_page_key(keys, header, header->old_epoch)) &&
           ns_crypto_subkey(keys->walmask, keys->master, salt, "walmask", epoch, 4) &&
           ns_crypto_subkey(keys->walmac, keys->master, salt, "walmac", epoch, 4) &&
           ns_crypto_subkey(keys->jrnlmask, keys->master, salt, "jrnlmask", epoch, 4) &&
           ns_crypto_subkey(keys->header, keys->master, salt, "header", "", 0) &&
           ns_crypto_subkey(keys->audit, keys->master, salt, "audit", "", 0);
}

#define SLOT_AAD 28

static void slot_aad(uint8_t aad[SLOT_AAD], const struct nest_header *header, unsigned index) {
    const struct nest_slot *slot = &header->slot[index];
    memcpy(aad, header->vault_id, 16);
    aad[16] = (uint8_t)index;
    aad[17] = slot->type;
    aad[18] = slot->type == NS_SLOT_PASSPHRASE ? 1 : 0;
    aad[19] = header->suite;
    nest_put32(aad + 20, slot->cost.memory_kib);
    nest_put32(aad + 24, slot->cost.passes);
}

static ns_rc slot_key(uint8_t out[NS_KEY_BYTES], const struct nest_slot *slot,
                      struct ns_str secret) {
    if (slot->type == NS_SLOT_PASSPHRASE) {
        return ns_kdf_run(out, secret.p, secret.n, slot->salt, slot->cost);
    }
    if (secret.n != NS_KEY_BYTES) {
        return NS_E_INPUT;
    }
    const char *name = slot->type == NS_SLOT_RECOVERY ? "recovery" : "machine";
    uint8_t key[NS_KEY_BYTES];
    memcpy(key, secret.p, sizeof key);
    bool ok = ns_crypto_subkey(out, key, slot->salt, name, "", 0);
    ns_crypto_wipe(key, sizeof key);
    return ok ? NS_OK : NS_E_INTERNAL;
}

ns_rc nest_slot_seal(struct nest_header *header, unsigned index, enum ns_slot_type type,
                     struct ns_str secret, struct ns_kdf cost, const uint8_t *master) {
    struct nest_slot made = {.type = (uint8_t)type};
    uint8_t key[NS_KEY_BYTES];
    uint8_t aad[SLOT_AAD];
    if (type == NS_SLOT_PASSPHRASE) {
        made.cost = cost;
    }
    ns_crypto_random(made.salt, sizeof made.salt);
    ns_crypto_random(made.nonce, sizeof made.nonce);
    ns_rc rc = slot_key(key, &made, secret);
    if (rc == NS_OK) {
        struct nest_slot before = header->slot[index];
        header->slot[index] = made;
        slot_aad(aad, header, index);
        if (!ns_crypto_wrap(header->slot[index].wrapped, master, key, made.nonce, aad, sizeof aad)) {
            header->slot[index] = before;
            rc = NS_E_INTERNAL;
        }
    }
    ns_crypto_wipe(key, sizeof key);
    return rc;
}

ns_rc nest_slot_open(const struct nest_header *header, unsigned index, struct ns_str secret,
                     uint8_t *master) {
    const struct nest_slot *slot = &header->slot[index];
    uint8_t key[NS_KEY_BYTES];
    uint8_t aad[SLOT_AAD];
    slot_aad(aad, header, index);
    ns_rc rc = slot_key(key, slot, secret);
    if (rc == NS_OK && !ns_crypto_unwrap(master, slot->wrapped, key, slot->nonce, aad, sizeof aad)) {
        rc = NS_E_KEY;
    }
    ns_crypto_wipe(key, sizeof key);
    return rc;
}
