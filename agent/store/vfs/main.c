/* main.c: pages of the main file. */
#include "agent/store/vfs/nest.h"

#include <string.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

#define WRITE_LOCK 0 /* of the -shm locks */
#define CHECKPOINT_LOCK 1

static struct nest_file *of(sqlite3_file *base) {
    return (struct nest_file *)(void *)base;
}

static int64_t disk_at(const struct nest_file *file, int64_t page) {
    return NEST_H + page * file->page_size;
}

static int bad_page(struct nest_file *file, int64_t page) {
    file->damaged = true;
    LOG_ERROR("event=page-damaged kind=main page=%lld", (long long)page + 1);
    return SQLITE_IOERR_DATA;
}

/* A page that was read; for another epoch than the first it is read again. */
static bool open_in_place(struct nest_file *file, uint8_t *out, int64_t page, uint8_t trailer[NS_TRAILER_BYTES]) {
    uint32_t body = file->page_size - NEST_RESERVE, epoch;
    struct nest_try t = {0};
    bool good = false;
    while (!good && (epoch = nest_try_next(file, &t)) != 0) {
        if (t.n > 1 && file->real->pMethods->xRead(file->real, out, (int)file->page_size, disk_at(file, page)) != SQLITE_OK) {
            return false;
        }
        memcpy(trailer, out + body, NS_TRAILER_BYTES);
        good = nest_open(file, epoch, NS_PAGE_MAIN, (uint32_t)page + 1, out, out, trailer);
    }
    return good;
}

static int read_page(struct nest_file *file, uint8_t *out, int64_t page) {
    uint32_t size = file->page_size, body = size - NEST_RESERVE;
    uint8_t trailer[NS_TRAILER_BYTES];
    int rc = file->real->pMethods->xRead(file->real, out, (int)size, disk_at(file, page));
    if (rc == SQLITE_IOERR_SHORT_READ) {
        sqlite3_int64 bytes = 0;
        memset(out, 0, size);
        if (file->real->pMethods->xFileSize(file->real, &bytes) != SQLITE_OK) {
            return SQLITE_IOERR_READ;
        }
        if (bytes > disk_at(file, page)) { /* cut inside this page: zeros would be a lie */
            return bad_page(file, page);
        }
        /* Committed pages that stand neither in the WAL nor here were cut away. Only a page new in
         * the running transaction may be beyond the end (wal-index header: count at word 5). */
        if (file->wal != NULL && file->index[0] != NULL && page > 0 &&
            (uint64_t)page < file->index[0][5]) {
            return bad_page(file, page);
        }
        return SQLITE_IOERR_SHORT_READ;
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    bool good = open_in_place(file, out, page, trailer);
    memset(out + body, 0, NEST_RESERVE);
    if (!good) {
        return bad_page(file, page);
    }
    nest_tag_seen(file, page + 1, trailer + NS_NONCE_BYTES);
    if (page == 0) {
        memcpy(file->head, out, sizeof file->head);
        memcpy(file->head_trailer, trailer, sizeof trailer);
        file->head_known = true;
    }
    return SQLITE_OK;
}

/* SQLite peeks at page 1 before it finds the journal or WAL that would repair a torn one, so a
 * peek never fails: the full read decides. */
static void made_up_head(const struct nest_file *file, uint8_t head[100]) {
    memset(head, 0, 100);
    memcpy(head, "SQLite format 3", 16);
    uint32_t size = file->page_size == 65536 ? 1 : file->page_size;
    head[16] = (uint8_t)(size >> 8);
    head[17] = (uint8_t)size;
    head[18] = head[19] = 1;
    head[20] = NEST_RESERVE;
    head[21] = 64;
    head[22] = head[23] = 32;
}

static int peek(struct nest_file *file, uint8_t *out, int n, int64_t at) {
    uint8_t trailer[NS_TRAILER_BYTES];
    uint32_t body = file->page_size - NEST_RESERVE;
    int rc = file->real->pMethods->xRead(file->real, trailer, sizeof trailer, NEST_H + body);
    if (rc == SQLITE_IOERR_SHORT_READ) {
        sqlite3_int64 bytes = 0;
        rc = file->real->pMethods->xFileSize(file->real, &bytes);
        if (rc == SQLITE_OK && bytes <= NEST_H) {
            memset(out, 0, (size_t)n);
            return SQLITE_IOERR_SHORT_READ;
        }
        memset(trailer, 0, sizeof trailer);
        file->head_known = false;
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (!file->head_known || memcmp(trailer, file->head_trailer, sizeof trailer) != 0) {
        file->head_known = false;
        bool before = file->damaged;
        rc = file->real->pMethods->xRead(file->real, file->scratch, (int)file->page_size, NEST_H);
        if (rc == SQLITE_OK && open_in_place(file, file->scratch, 0, trailer)) {
            memcpy(file->head, file->scratch, sizeof file->head);
            memcpy(file->head_trailer, trailer, sizeof trailer);
            file->head_known = true;
        } else {
            file->damaged = before;
        }
    }
    uint8_t made_up[100];
    if (!file->head_known) {
        made_up_head(file, made_up);
    }
    memcpy(out, (file->head_known ? file->head : made_up) + at, (size_t)n);
    return SQLITE_OK;
}

static int main_read(sqlite3_file *base, void *out, int n, sqlite3_int64 at) {
    struct nest_file *file = of(base);
    if (file->vault == NULL) { /* an empty file before its header */
        memset(out, 0, (size_t)n);
        return SQLITE_IOERR_SHORT_READ;
    }
    if (at >= 0 && at + n <= 100) {
        return peek(file, out, n, at);
    }
    if (n != (int)file->page_size || at % file->page_size != 0 || at < 0) {
        memset(out, 0, (size_t)n);
        return SQLITE_IOERR_READ;
    }
    return read_page(file, out, at / file->page_size);
}

/* A sealed page to its place; in a checkpoint the freshness record follows. */
static int put_page(struct nest_file *file, const uint8_t *sealed, int64_t page) {
    const uint8_t *tag = sealed + file->page_size - NS_TAG_BYTES;
    int rc = file->checkpoint ? nest_checkpoint_page(file, page + 1, tag, page < file->pages) : SQLITE_OK;
    if (rc == SQLITE_OK) {
        rc = file->real->pMethods->xWrite(file->real, sealed, (int)file->page_size, disk_at(file, page));
        nest_tag_seen(file, page + 1, rc == SQLITE_OK ? tag : NULL);
    }
    return rc;
}

static int seal_page(struct nest_file *file, const uint8_t *in, int64_t page) {
    uint32_t size = file->page_size, body = size - NEST_RESERVE;
    uint8_t trailer[NS_TRAILER_BYTES];
    if (!nest_seal(file, NS_PAGE_MAIN, (uint32_t)page + 1, file->scratch, in, trailer)) {
        return SQLITE_IOERR_WRITE;
    }
    memcpy(file->scratch + body, trailer, sizeof trailer);
    return put_page(file, file->scratch, page);
}

static int count_pages(struct nest_file *file) {
    sqlite3_int64 bytes = 0;
    int rc = file->real->pMethods->xFileSize(file->real, &bytes);
    if (rc == SQLITE_OK) {
        file->pages = bytes <= NEST_H ? 0 : (bytes - NEST_H) / file->page_size;
    }
    return rc;
}

/* A page that was never written must not read as anything: sealed zeros stand in the gap. */
int nest_fill_to(struct nest_file *file, int64_t pages) {
    static const uint8_t zeros[65536];
    int rc = SQLITE_OK;
    if (file->pages < pages) {
        rc = count_pages(file);
    }
    while (rc == SQLITE_OK && file->pages < pages) {
        rc = seal_page(file, zeros, file->pages);
        if (rc == SQLITE_OK) {
            file->pages++;
        }
    }
    return rc;
}

static bool first_page_fits(const struct nest_file *file, const uint8_t *in) {
    uint32_t size = (uint32_t)in[16] << 8 | in[17];
    return in[20] == NEST_RESERVE && (size == 1 ? 65536u : size) == file->page_size;
}

/* Before the first page of a checkpoint, or of a transaction with a rollback journal. */
static int follow(struct nest_file *file) {
    int rc = SQLITE_OK;
    if (file->checkpoint) {
        rc = file->writer == NULL || !file->writer->begun ? nest_checkpoint_begin(file) : SQLITE_OK;
        rc = rc == SQLITE_OK && file->pages < 0 ? count_pages(file) : rc;
    } else if (!file->off_sure) {
        rc = nest_fresh_off(file);
        file->off_sure = rc == SQLITE_OK;
    }
    return rc;
}

static int main_write(sqlite3_file *base, const void *in, int n, sqlite3_int64 at) {
    struct nest_file *file = of(base);
    if (file->vault == NULL || n != (int)file->page_size || at < 0 || at % file->page_size != 0) {
        LOG_ERROR("event=write-refused kind=main bytes=%d", n);
        return SQLITE_IOERR_WRITE;
    }
    int64_t page = at / file->page_size;
    if (atomic_load_explicit(&file->vault->held, memory_order_relaxed) != NS_HOLD_NONE) {
        return SQLITE_READONLY;
    }
    if (page == 0) {
        file->head_known = false;
    }
    if (!file->checkpoint && page == 0 && !first_page_fits(file, in)) {
        LOG_ERROR("event=write-refused kind=main reason=reserve-or-page-size: this page comes from a file that is not "
                  "encrypted, or of another page size; copy its tables into the store with SQL, page by page will not do");
        return SQLITE_IOERR_WRITE;
    }
    int rc = follow(file);
    if (rc == SQLITE_OK) {
        rc = nest_fill_to(file, page);
    }
    if (rc == SQLITE_OK) {
        rc = file->checkpoint ? put_page(file, in, page) : seal_page(file, in, page);
    }
    if (rc == SQLITE_OK && page >= file->pages) {
        file->pages = page + 1;
    }
    return rc;
}

static int main_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct nest_file *file = of(base);
    if (file->vault == NULL) {
        return size == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
    }
    if (atomic_load_explicit(&file->vault->held, memory_order_relaxed) != NS_HOLD_NONE) {
        return SQLITE_READONLY;
    }
    int64_t pages = (size + file->page_size - 1) / file->page_size;
    bool moved = file->writer != NULL && file->writer->begun; /* SQLite cuts the file at the end of a checkpoint */
    int rc = count_pages(file);
    if (rc == SQLITE_OK && pages != file->pages && !moved) {
        /* With nothing copied there may still be pages to cut. */
        file->checkpoint = file->checkpoint_lock;
        rc = follow(file);
        moved = rc == SQLITE_OK && file->checkpoint;
    }
    file->checkpoint = moved;
    if (rc == SQLITE_OK && pages > file->pages) {
        rc = nest_fill_to(file, pages);
    } else if (rc == SQLITE_OK && pages < file->pages) {
        rc = moved ? nest_checkpoint_cut(file, file->pages, pages) : SQLITE_OK;
        if (rc == SQLITE_OK) {
            file->pages = pages;
            file->head_known = false;
            rc = file->real->pMethods->xTruncate(file->real, disk_at(file, pages));
        }
    }
    if (rc == SQLITE_OK && moved) {
        rc = nest_checkpoint_end(file, pages);
    }
    file->checkpoint = false;
    return rc;
}

static int main_sync(sqlite3_file *base, int flags) {
    int rc = of(base)->real->pMethods->xSync(of(base)->real, flags);
    if (rc == SQLITE_OK && of(base)->vault != NULL) {
        atomic_store(&of(base)->vault->header_unsynced, false);
    }
    return rc;
}

static int main_size(sqlite3_file *base, sqlite3_int64 *out) {
    struct nest_file *file = of(base);
    int rc = file->real->pMethods->xFileSize(file->real, out);
    *out = rc == SQLITE_OK && *out > NEST_H ? *out - NEST_H : 0;
    return rc;
}

static int write_header(struct nest_file *file, struct ns_vault *like) {
    static const int once = SQLITE_SYNC_FULL;
    struct ns_vault *vault = NULL;
    uint8_t *bytes = sqlite3_malloc(NEST_H);
    if (bytes == NULL) {
        return SQLITE_NOMEM;
    }
    int rc = nest_vault_sibling(file->name, like, bytes, &vault) == NS_OK ? SQLITE_OK : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        rc = file->real->pMethods->xWrite(file->real, bytes, NEST_H, 0);
    }
    if (rc == SQLITE_OK) {
        rc = file->real->pMethods->xSync(file->real, once);
    }
    if (rc == SQLITE_OK) {
        rc = nest_file_ready(file, vault);
    } else {
        ns_vault_unref(vault);
    }
    sqlite3_free(bytes);
    return rc;
}

/* The first lock of an empty file: no page is held yet, so the library may be asked for the
 * reserve; a file without a header takes keys and slots of a file of the same connection. */
int nest_main_prepare(struct nest_file *file) {
    sqlite3_int64 bytes = 0;
    int rc = file->real->pMethods->xFileSize(file->real, &bytes);
    if (rc == SQLITE_OK && bytes > NEST_H) {
        rc = nest_wal_needed(file);
        file->damaged = file->damaged || rc == SQLITE_IOERR_DATA;
    }
    if (rc != SQLITE_OK || bytes > NEST_H) {
        file->reserve_set = rc == SQLITE_OK;
        return rc;
    }
    if (file->vault == NULL) {
        struct ns_vault *like = NULL;
        nest_lock();
        for (struct nest_file *f = nest_main_list(); f != NULL && like == NULL; f = f->next) {
            if (f->connection == file->connection && f->vault != NULL) {
                like = f->vault;
                like->refs++;
            }
        }
        nest_unlock();
        if (like == NULL) {
            LOG_ERROR("event=open-refused reason=no-header");
            return SQLITE_CANTOPEN;
        }
        rc = write_header(file, like);
        ns_vault_unref(like);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    if (file->connection == NULL) {
        return SQLITE_OK;
    }
    for (int i = 0;; i++) {
        const char *schema = sqlite3_db_name(file->connection, i);
        sqlite3_file *theirs = NULL;
        if (schema == NULL) {
            break;
        }
        if (sqlite3_file_control(file->connection, schema, SQLITE_FCNTL_FILE_POINTER, &theirs) == SQLITE_OK &&
            theirs == &file->base) {
            int reserve = NEST_RESERVE;
            sqlite3_file_control(file->connection, schema, SQLITE_FCNTL_RESERVE_BYTES, &reserve);
            file->reserve_set = true;
            break;
        }
    }
    return SQLITE_OK;
}

static int main_lock(sqlite3_file *base, int level) {
    struct nest_file *file = of(base);
    int before = file->lock;
    int rc = file->real->pMethods->xLock(file->real, level);
    if (rc != SQLITE_OK) {
        return rc;
    }
    file->pages = -1; /* another process may have truncated */
    file->off_sure = file->off_sure && level > SQLITE_LOCK_SHARED;
    file->lock = level;
    if (level >= SQLITE_LOCK_RESERVED && before < SQLITE_LOCK_RESERVED) {
        rc = nest_epoch_peek(file);
        if (rc != SQLITE_OK) {
            file->real->pMethods->xUnlock(file->real, before);
            file->lock = before;
            return rc;
        }
    }
    if (!file->reserve_set && level == SQLITE_LOCK_SHARED) {
        rc = nest_main_prepare(file);
        if (rc != SQLITE_OK) {
            file->real->pMethods->xUnlock(file->real, SQLITE_LOCK_NONE);
            file->lock = SQLITE_LOCK_NONE;
        }
    }
    return rc;
}

static int main_unlock(sqlite3_file *base, int level) {
    struct nest_file *file = of(base);
    int flushed = file->wal != NULL ? nest_wal_flush(file->wal) : SQLITE_OK;
    file->lock = level;
    file->checkpoint = false;
    int rc = file->real->pMethods->xUnlock(file->real, level);
    return rc == SQLITE_OK ? flushed : rc;
}

static int main_check(sqlite3_file *base, int *out) {
    return of(base)->real->pMethods->xCheckReservedLock(of(base)->real, out);
}
static int main_sector(sqlite3_file *base) {
    return of(base)->real->pMethods->xSectorSize(of(base)->real);
}
/* A sealed page is no longer one small overwrite, and WAL frames must come whole. */
static int main_traits(sqlite3_file *base) {
    int traits = of(base)->real->pMethods->xDeviceCharacteristics(of(base)->real);
    return (traits & ~(0x1FF | SQLITE_IOCAP_BATCH_ATOMIC)) | SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int main_shm_map(sqlite3_file *base, int region, int n, int extend, void volatile **out) {
    struct nest_file *file = of(base);
    int rc = file->real->pMethods->xShmMap(file->real, region, n, extend, out);
    if (rc == SQLITE_OK && region < NEST_REGIONS) {
        file->index[region] = *out;
    }
    return rc;
}
static int main_shm_lock(sqlite3_file *base, int at, int n, int flags) {
    struct nest_file *file = of(base);
    int flushed = SQLITE_OK;
    if ((flags & SQLITE_SHM_UNLOCK) != 0 && file->wal != NULL) {
        flushed = nest_wal_flush(file->wal);
    }
    int rc = file->real->pMethods->xShmLock(file->real, at, n, flags);
    if (rc == SQLITE_OK && at <= CHECKPOINT_LOCK && at + n > CHECKPOINT_LOCK && (flags & SQLITE_SHM_EXCLUSIVE) != 0) {
        file->checkpoint_lock = (flags & SQLITE_SHM_LOCK) != 0;
        file->checkpoint_synced = false;
        if (file->writer != NULL) {
            file->writer->begun = false;
        }
    }
    if (rc == SQLITE_OK && at == WRITE_LOCK && flags == (SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE)) {
        rc = nest_epoch_peek(file);
        if (rc != SQLITE_OK) {
            file->real->pMethods->xShmLock(file->real, at, n, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
        }
    }
    return rc == SQLITE_OK ? flushed : rc;
}
static void main_shm_barrier(sqlite3_file *base) {
    of(base)->real->pMethods->xShmBarrier(of(base)->real);
}
static int main_shm_unmap(sqlite3_file *base, int drop) {
    memset(of(base)->index, 0, sizeof of(base)->index);
    return of(base)->real->pMethods->xShmUnmap(of(base)->real, drop);
}

const sqlite3_io_methods nest_main_methods = {
    .iVersion = 2, /* no xFetch: SQLite cannot map the file */
    .xClose = nest_close,
    .xRead = main_read,
    .xWrite = main_write,
    .xTruncate = main_truncate,
    .xSync = main_sync,
    .xFileSize = main_size,
    .xLock = main_lock,
    .xUnlock = main_unlock,
    .xCheckReservedLock = main_check,
    .xFileControl = nest_main_control,
    .xSectorSize = main_sector,
    .xDeviceCharacteristics = main_traits,
    .xShmMap = main_shm_map,
    .xShmLock = main_shm_lock,
    .xShmBarrier = main_shm_barrier,
    .xShmUnmap = main_shm_unmap,
};
