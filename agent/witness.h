/* witness.h: is this store the newest one, by its own record and by a witness elsewhere?
 *
 * The store's record (agent/store/vfs) notices old pages and old WALs. A whole older file set fits itself; only
 * what was seen of it elsewhere tells: a head is the number of changes in the audit trail and the digest of
 * the last, which fixes all before it. The witness of the settings is a small file on another disk, sealed
 * with a key of the vault; a device can keep a head as well and ask ns_witness_ask.
 * Threads: the connection's. */
#pragma once
#include "agent/agent.h"
#include "agent/store/db.h"
#include "agent/store/vfs/vault.h"

struct ns_witness_head {
    int64_t changes; /* 0: an empty trail */
    uint8_t digest[32];
    ns_time at; /* when it was seen */
};

enum ns_witness_says { NS_WITNESS_AGREES, NS_WITNESS_OLDER, NS_WITNESS_OTHER };

ns_rc ns_witness_head(struct ns_db *db, ns_time now, struct ns_witness_head *out, struct ns_err *err) NS_MUST_USE;
/* Does the store hold what was seen? A restore that the trail tells of after that time answers for itself. */
ns_rc ns_witness_ask(struct ns_db *db, const struct ns_witness_head *seen, enum ns_witness_says *out,
                     struct ns_err *err) NS_MUST_USE;

/* The head as a text that a device keeps and only this household's store can make: WITNESS_BYTES in
 * hexadecimal, under a key of the vault, so that no device can make the store look old. */
#define NS_WITNESS_MARK 193
ns_rc ns_witness_mark(struct ns_vault *vault, struct ns_db *db, ns_time now, struct ns_witness_head *head,
                      char out[NS_WITNESS_MARK], struct ns_err *err) NS_MUST_USE;
/* A device shows what it kept. NS_E_INPUT: it is no mark of this store. NS_E_READONLY, in words, when the store is
 * not the one that was seen: the vault is then held. `who`: the device, for the words. */
ns_rc ns_witness_shown(struct ns_vault *vault, struct ns_db *db, const char *mark, const char *who,
                       struct ns_err *err) NS_MUST_USE;

/* Before the first connection: the store's own record. Holds the vault if it does not fit. */
ns_rc ns_freshness_look(struct ns_vault *vault, struct ns_fresh *out, struct ns_err *err) NS_MUST_USE;
/* A WAL that is missing, or no page left: NS_E_DAMAGED, in words; every other state NS_OK. */
ns_rc ns_freshness_words(const struct ns_vault *vault, const struct ns_fresh *fresh, struct ns_err *err) NS_MUST_USE;
/* With the first connection: an acceptance goes into the trail, then the witness is asked. When the vault is held the
 * connection is made read-only and *why has the words (rc NS_E_READONLY there). */
ns_rc ns_freshness_settle(const struct ns_agent_setup *setup, struct ns_vault *vault, const struct ns_fresh *fresh,
                          struct ns_db *db, struct ns_err *why, struct ns_err *err) NS_MUST_USE;
/* The newest head to the witness, if there is one and the vault is not held. last: as written; 0 at first. */
void ns_witness_tell(const struct ns_agent_setup *setup, struct ns_vault *vault, struct ns_db *db, int64_t *last);

/* Every page and frame, by a worker: NS_E_DAMAGED in words that name file, page and remedy. */
ns_rc ns_freshness_verify(struct ns_vault *vault, struct ns_err *err) NS_MUST_USE;
