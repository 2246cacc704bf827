/* vault.h: the keys of one encrypted file, and the VFS "nest" that reads and writes it.
 *
 * A vault is the unlocked master key and header of one file. Attach it, then open the file with
 * sqlite3_open_v2("file:/path/home.db?vfs=nest", ...); every file of the same vault (backups
 * made by VACUUM INTO, files attached to a connection) opens with it too.
 * Ownership: refcounted; open files keep their keys until they close, ns_vault_release gives
 * back the caller's share, takes it off the list that sqlite3_open searches, and the last
 * share wipes. Threads: any. Format: docs/store-format.md. */
#pragma once
#include "shared/base/buf.h"
#include "shared/crypto/crypto.h"
#include "shared/crypto/words.h"

#define NS_VAULT_SLOTS 8
#define NS_VAULT_LABEL 64

struct ns_vault;

enum ns_slot_type { NS_SLOT_EMPTY = 0, NS_SLOT_PASSPHRASE = 1, NS_SLOT_RECOVERY = 2, NS_SLOT_MACHINE = 3 };

struct ns_slot_info {
    enum ns_slot_type type;
    struct ns_kdf cost; /* passphrase only */
    char label[NS_VAULT_LABEL];
};

struct ns_vault_options {
    struct ns_str passphrase;   /* empty: no passphrase slot */
    bool recovery;              /* make a recovery slot and return its words */
    const uint8_t *machine_key; /* 32 bytes, or NULL: no machine slot */
    uint32_t page_size;         /* 0: 4096 */
    const struct ns_kdf *cost;  /* NULL: calibrated (the product); tests may pass a cheap one */
};

/* Register the VFS; may be called again. */
ns_rc ns_vfs_register(struct ns_err *err) NS_MUST_USE;

/* Makes the file (it must not exist: NS_E_CONFLICT; mode 0600) with at least one slot. The words
 * are shown once and stored nowhere; wipe them after use. */
ns_rc ns_vault_create(const char *path, const struct ns_vault_options *options,
                      char words[NS_WORDS_TEXT], struct ns_vault **out,
                      struct ns_err *err) NS_MUST_USE;

/* NS_E_NOT_FOUND no such file, NS_E_INPUT not our file, NS_E_VERSION newer format, NS_E_KEY wrong
 * key, NS_E_DAMAGED header damaged. Passphrase: 1 s of work; call it off the loop. */
ns_rc ns_vault_unlock(const char *path, struct ns_str passphrase, struct ns_vault **out,
                      struct ns_err *err) NS_MUST_USE;
ns_rc ns_vault_unlock_words(const char *path, struct ns_str words, struct ns_vault **out,
                            struct ns_err *err) NS_MUST_USE;
ns_rc ns_vault_unlock_machine(const char *path, const uint8_t key[NS_KEY_BYTES],
                              struct ns_vault **out, struct ns_err *err) NS_MUST_USE;

/* A key file is 32 bytes, mode 0400 (others may not read it: NS_E_DENIED). write: new random key,
 * never over an existing file. */
ns_rc ns_vault_key_write(const char *path, uint8_t key[NS_KEY_BYTES], struct ns_err *err) NS_MUST_USE;
ns_rc ns_vault_key_read(const char *path, uint8_t key[NS_KEY_BYTES], struct ns_err *err) NS_MUST_USE;

/* A new file of the same master key and slots, one epoch on (it must not exist). */
ns_rc ns_vault_next_epoch(const struct ns_vault *vault, const char *path, struct ns_vault **out,
                          struct ns_err *err) NS_MUST_USE;
/* The vault of another file of the same keys (a backup, a copy on its way): NS_E_KEY when it is not. */
ns_rc ns_vault_sibling_of(const struct ns_vault *vault, const char *path, struct ns_vault **out,
                          struct ns_err *err) NS_MUST_USE;

/* A rekey in place, while the store is in use by whomever: a new epoch, every page written anew (one
 * transaction beside the readers), then the old epoch is dropped. It may stop at any point: the file
 * opens as before, and the next call goes on. NS_E_BUSY: a reader holds on to old pages, call again later. */
ns_rc ns_vault_rekey(struct ns_vault *vault, struct ns_err *err) NS_MUST_USE;
void ns_vault_epochs(struct ns_vault *vault, uint32_t *now, uint32_t *old); /* old: 0 unless a rekey is under way */

ns_rc ns_vault_attach(struct ns_vault *vault, struct ns_err *err) NS_MUST_USE;
struct ns_vault *ns_vault_ref(struct ns_vault *vault);
void ns_vault_release(struct ns_vault *vault); /* NULL is fine */
const char *ns_vault_path(const struct ns_vault *vault);

/* Slots. Listing needs no key. Adding needs the vault; index of the new slot in *slot. */
ns_rc ns_vault_slots(const char *path, struct ns_slot_info out[NS_VAULT_SLOTS],
                     struct ns_err *err) NS_MUST_USE;
ns_rc ns_vault_add_passphrase(struct ns_vault *vault, struct ns_str passphrase,
                              const struct ns_kdf *cost, int *slot, struct ns_err *err) NS_MUST_USE;
ns_rc ns_vault_add_recovery(struct ns_vault *vault, char words[NS_WORDS_TEXT], int *slot,
                            struct ns_err *err) NS_MUST_USE;
ns_rc ns_vault_add_machine(struct ns_vault *vault, const uint8_t key[NS_KEY_BYTES], int *slot,
                           struct ns_err *err) NS_MUST_USE;
/* Is it the passphrase of one of the slots as they stand in the file now? NS_E_KEY: it is not; NS_E_NOT_FOUND: there is
 * no passphrase slot. 1 s of work; call it off the loop. Nothing waits for it. */
ns_rc ns_vault_try_passphrase(struct ns_vault *vault, struct ns_str passphrase, struct ns_err *err) NS_MUST_USE;
ns_rc ns_vault_remove_slot(struct ns_vault *vault, int slot, struct ns_err *err) NS_MUST_USE; /* the last one: NS_E_CONFLICT */
ns_rc ns_vault_change_passphrase(struct ns_vault *vault, struct ns_str old_passphrase,
                                 struct ns_str new_passphrase, const struct ns_kdf *cost,
                                 struct ns_err *err) NS_MUST_USE;

/* Freshness: is this the newest state that was written here? Old pages, an old WAL beside a newer file
 * (or a newer one beside an older file) and a WAL cut below its last checkpoint are found; a whole file
 * set put back is not (that takes a witness elsewhere), nor are the commits after the last checkpoint. */
enum ns_fresh_state {
    NS_FRESH_GOOD,
    NS_FRESH_OFF,       /* a rollback journal was in use: nothing is recorded */
    NS_FRESH_OLD_PAGES, /* pages do not fit the recorded sum: some are of another time */
    NS_FRESH_OLD_WAL,   /* the WAL belongs to another state of the file */
    NS_FRESH_CUT_WAL    /* frames that a checkpoint needs are missing */
};
struct ns_fresh {
    enum ns_fresh_state state;
    bool accepted;    /* by ns_vault_accept, and nobody has taken note yet */
    uint64_t counter; /* grows with every checkpoint */
    uint64_t pages;
};
/* 16 bytes of every page are read. Anything but GOOD and OFF holds the vault: see ns_vault_held. */
ns_rc ns_vault_fresh(struct ns_vault *vault, struct ns_fresh *out, struct ns_err *err) NS_MUST_USE;

/* A held vault can be read; every write answers SQLITE_READONLY until somebody accepts it as it is. */
enum ns_hold {
    NS_HOLD_NONE,
    NS_HOLD_OLD_PAGES,
    NS_HOLD_OLD_WAL,    /* the WAL was left aside */
    NS_HOLD_CUT_WAL,
    NS_HOLD_WAL_DAMAGE, /* whole commits stand beyond a damaged frame */
    NS_HOLD_WITNESS     /* the caller's: a witness elsewhere knows a newer state */
};
enum ns_hold ns_vault_held(const struct ns_vault *vault);
void ns_vault_hold(struct ns_vault *vault, enum ns_hold why);
/* This file as it stands is wanted (a restore made on purpose): what the WAL holds is moved, the sum is
 * taken anew, the hold ends. No other connection may be open. */
ns_rc ns_vault_accept(struct ns_vault *vault, struct ns_err *err) NS_MUST_USE;

/* The acceptance was written into the trail: it does not count a second time. */
ns_rc ns_vault_accepted_noted(struct ns_vault *vault, struct ns_err *err) NS_MUST_USE;

/* BLAKE2b-256 under a key that every file of this vault has, for what its owner keeps elsewhere. */
bool ns_vault_mac(const struct ns_vault *vault, const char *name, const void *message, size_t n,
                  uint8_t out[32]) NS_MUST_USE;

/* Reads every page of the file and every frame of its WAL. */
enum ns_damage { NS_DAMAGE_HEADER, NS_DAMAGE_PAGE, NS_DAMAGE_SIZE, NS_DAMAGE_WAL, NS_DAMAGE_OLD };
struct ns_verify {
    uint64_t pages, frames; /* checked */
    uint64_t damaged;       /* places found; 0: sound */
    struct ns_fresh fresh;  /* not good counts as damage too: NS_DAMAGE_OLD, place = its state */
    void (*found)(void *self, enum ns_damage kind, uint64_t place); /* page or frame from 1; may be NULL */
    void *self;
};
/* NS_OK also when damage was found: look at report->damaged. */
ns_rc ns_vault_verify(struct ns_vault *vault, struct ns_verify *report, struct ns_err *err) NS_MUST_USE;
