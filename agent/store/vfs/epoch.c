/* epoch.c: the epoch of page keys, and its change while the store is in use.
 *
 * Pages are written under the epoch in force. During a rekey the header names the old one beside it and
 * either opens a page; when no page stands under the old one any more the header drops it. Other
 * processes learn of a change as they begin to write (4 bytes are read), or from a page that does not open. */
#include "agent/store/vfs/nest.h"

#include <string.h>
#include <unistd.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

static struct ns_page_place place_of(const struct nest_file *file, uint32_t epoch, uint8_t domain, uint32_t number) {
    const struct nest_header *h = &file->vault->header;
    return (struct ns_page_place){domain, h->suite, epoch, h->file_id, number, 0};
}

static void use(struct nest_file *file, uint32_t epoch) {
    if (file->cipher_epoch != epoch) {
        ns_page_cipher_use(file->cipher, file->vault->keys->page[epoch % NEST_EPOCHS]);
        file->cipher_epoch = epoch;
    }
}

bool nest_seal(struct nest_file *file, uint8_t domain, uint32_t number, uint8_t *out, const uint8_t *in,
               uint8_t trailer[NS_TRAILER_BYTES]) {
    uint32_t epoch = atomic_load_explicit(&file->vault->epoch, memory_order_acquire);
    struct ns_page_place place = place_of(file, epoch, domain, number);
    use(file, epoch);
    return ns_page_seal(file->cipher, &place, out, in, file->page_size - NEST_RESERVE, trailer);
}

bool nest_open(struct nest_file *file, uint32_t epoch, uint8_t domain, uint32_t number, uint8_t *out, const uint8_t *in,
               const uint8_t trailer[NS_TRAILER_BYTES]) {
    struct ns_page_place place = place_of(file, epoch, domain, number);
    use(file, epoch);
    return ns_page_open(file->cipher, &place, out, in, file->page_size - NEST_RESERVE, trailer);
}

static bool put(struct nest_try *t, uint32_t epoch) {
    bool fresh = epoch != 0;
    for (int i = 0; fresh && i < t->n; i++) {
        fresh = t->tried[i] != epoch;
    }
    if (!fresh || t->n == (int)NS_COUNT(t->tried)) {
        return false;
    }
    t->tried[t->n++] = epoch;
    return true;
}

/* The one that opened the last page comes first. Before a page is called damaged the header is read
 * again: another process may have changed the epoch. */
uint32_t nest_try_next(struct nest_file *file, struct nest_try *t) {
    for (;;) {
        uint32_t now = atomic_load_explicit(&file->vault->epoch, memory_order_acquire);
        uint32_t old = atomic_load_explicit(&file->vault->old_epoch, memory_order_acquire);
        uint32_t first = old != 0 && file->cipher_epoch == old ? old : now;
        if (put(t, first)) {
            return first;
        }
        if (put(t, first == now ? old : now)) {
            return first == now ? old : now;
        }
        struct nest_record record;
        uint64_t sequence;
        if (t->reread || nest_record_read(file->vault, &record, &sequence) != SQLITE_OK) {
            return 0;
        }
        t->reread = true;
    }
}

bool nest_open_any(struct nest_file *file, uint8_t domain, uint32_t number, uint8_t *out, const uint8_t *sealed) {
    struct nest_try t = {0};
    uint32_t epoch;
    bool good = false;
    while (!good && (epoch = nest_try_next(file, &t)) != 0) {
        good = nest_open(file, epoch, domain, number, out, sealed, sealed + file->page_size - NEST_RESERVE);
    }
    return good;
}

bool nest_epoch_adopt(struct ns_vault *vault, const struct nest_header *header) {
    uint32_t now = nest_page_epoch(header), old = header->old_epoch;
    bool ok = true;
    if (now == atomic_load(&vault->epoch) && old == atomic_load(&vault->old_epoch)) {
        return true;
    }
    nest_lock();
    if (now != atomic_load(&vault->epoch)) {
        ok = nest_page_key(vault->keys, header, now);
    }
    if (ok && old != 0 && old != atomic_load(&vault->old_epoch) && old != atomic_load(&vault->epoch)) {
        ok = nest_page_key(vault->keys, header, old);
    }
    if (ok) {
        atomic_store_explicit(&vault->old_epoch, old, memory_order_release);
        atomic_store_explicit(&vault->epoch, now, memory_order_release);
    }
    nest_unlock();
    return ok;
}

/* Nothing is written under an epoch before the header that names it is safe. */
int nest_epoch_peek(struct nest_file *file) {
    struct ns_vault *vault = file->vault;
    uint8_t bytes[4];
    if (vault == NULL) {
        return SQLITE_OK;
    }
    int rc = file->real->pMethods->xRead(file->real, bytes, 4, NEST_AT_PAGE_EPOCH);
    if (rc == SQLITE_IOERR_SHORT_READ) { /* no header yet */
        return SQLITE_OK;
    }
    uint32_t now = rc == SQLITE_OK ? nest_get32(bytes) : 0;
    now = now == 0 ? vault->header.epoch : now;
    if (rc == SQLITE_OK && now != atomic_load(&vault->epoch)) {
        struct nest_record record;
        uint64_t sequence;
        rc = nest_record_read(vault, &record, &sequence);
    }
    if (rc == SQLITE_OK && atomic_load(&vault->epoch_unsynced)) {
        struct nest_disk *disk = NULL;
        rc = nest_disk_open(vault->path, false, &disk, NULL) == NS_OK && fdatasync(disk->fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;
        nest_disk_close(disk);
        if (rc == SQLITE_OK) {
            atomic_store(&vault->epoch_unsynced, false);
        }
    }
    return rc;
}

int nest_epoch_begin(struct nest_file *file) {
    struct nest_record record;
    uint64_t sequence;
    int rc = nest_record_read(file->vault, &record, &sequence);
    uint32_t now = atomic_load(&file->vault->epoch), old = atomic_load(&file->vault->old_epoch);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (ns_vault_held(file->vault) != NS_HOLD_NONE) {
        return SQLITE_READONLY;
    }
    /* One that was interrupted goes on: both copies must name its epochs before a page follows. */
    return old != 0 ? nest_header_epochs(file->vault, now, old) : nest_header_epochs(file->vault, now + 1, now);
}

/* Called with the right to write held, so that nobody else writes meanwhile. */
int nest_epoch_finish(struct nest_file *file) {
    struct nest_source main_file = nest_source_of(file->real), wal = nest_source_of(NULL);
    uint32_t now = atomic_load(&file->vault->epoch);
    bool all = false;
    if (atomic_load(&file->vault->old_epoch) == 0) {
        return SQLITE_OK;
    }
    int rc = SQLITE_OK;
    if (file->wal != NULL) {
        wal = nest_source_of(file->wal->real);
        rc = nest_wal_flush(file->wal);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (nest_verify_epoch(file->vault, now, &main_file, file->wal != NULL ? &wal : NULL, &all) != NS_OK) {
        return SQLITE_IOERR;
    }
    return all ? nest_header_epochs(file->vault, now, 0) : SQLITE_BUSY;
}

static int step(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int is_zero(void *zero, int columns, char **values, char **names) {
    (void)names;
    *(bool *)zero = columns > 0 && values[0] != NULL && strcmp(values[0], "0") == 0;
    return 0;
}

static bool first_column_is_zero(sqlite3 *db, const char *sql) {
    bool zero = false;
    return sqlite3_exec(db, sql, is_zero, &zero, NULL) == SQLITE_OK && zero;
}

/* VACUUM writes every page anew, in one transaction beside the readers; the log that holds the old ones
 * must then go before the old epoch may. */
static ns_rc rewrite(sqlite3 *db, struct ns_err *err) {
    static const char busy[] = "somebody reads on: what is left is done the next time";
    sqlite3_busy_timeout(db, 20000);
    int code = step(db, "PRAGMA nest_rekey=begin");
    code = code == SQLITE_OK ? step(db, "VACUUM") : code;
    if (code != SQLITE_OK) {
        return ns_err_note(err, (code & 0xff) == SQLITE_BUSY ? NS_E_BUSY : (code & 0xff) == SQLITE_READONLY ? NS_E_CONFLICT : NS_E_IO,
                           "rekey: %s", sqlite3_errmsg(db));
    }
    /* Without a WAL the answer is 0 too. */
    if (!first_column_is_zero(db, "PRAGMA wal_checkpoint(TRUNCATE)")) {
        return ns_err_note(err, NS_E_BUSY, "rekey: %s", busy);
    }
    code = step(db, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK) {
        code = step(db, "PRAGMA nest_rekey=finish");
        int ended = step(db, "ROLLBACK");
        code = code == SQLITE_OK ? ended : code;
    }
    if (code != SQLITE_OK) {
        return ns_err_note(err, (code & 0xff) == SQLITE_BUSY ? NS_E_BUSY : NS_E_IO, "rekey: %s",
                           (code & 0xff) == SQLITE_BUSY ? busy : sqlite3_errmsg(db));
    }
    return NS_OK;
}

ns_rc ns_vault_rekey(struct ns_vault *vault, struct ns_err *err) {
    sqlite3 *db = NULL;
    ns_rc rc = ns_vault_attach(vault, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (sqlite3_open_v2(vault->path, &db, SQLITE_OPEN_READWRITE, "nest") != SQLITE_OK) {
        rc = ns_err_note(err, NS_E_IO, "rekey: %s", sqlite3_errmsg(db));
    } else {
        rc = rewrite(db, err);
    }
    sqlite3_close(db);
    return rc;
}

void ns_vault_epochs(struct ns_vault *vault, uint32_t *now, uint32_t *old) {
    struct nest_record record;
    uint64_t sequence;
    int known = nest_record_read(vault, &record, &sequence); /* else what was known last */
    (void)known;
    *now = atomic_load(&vault->epoch);
    *old = atomic_load(&vault->old_epoch);
}
