/* fresh.c: keeping the freshness record while a connection writes.
 *
 * In WAL mode the main file changes in checkpoints only. Before the first page of one is written the
 * header says so (open), with the sum of the pages that are not concerned; it is on disk before any
 * page is. At its end the new sum is written under the sync that SQLite asks for anyway. Crash in
 * between: the WAL still holds every page that may be half written, and the sum of all others must
 * fit. Cost: two sums a page (0.2 us), one header (8 KiB) at each end and one sync a checkpoint, which is
 * won back where SQLite syncs a WAL twice. */
#include "agent/store/vfs/nest.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

#define INDEX_BACKFILLED 24
#define INDEX_HEAD 34    /* words of the -shm file before the first page number */
#define INDEX_FIRST 4062 /* page numbers in its first region, 4096 in the others */

static pthread_mutex_t header_turn = PTHREAD_MUTEX_INITIALIZER;

/* One writer of a header at a time: in this process by the mutex, across processes by flock, which does
 * not touch SQLite's record locks. */
ns_rc nest_header_lock(struct ns_vault *vault) {
    pthread_mutex_lock(&header_turn);
    ns_rc rc = vault->disk != NULL ? NS_OK : nest_disk_open(vault->path, false, &vault->disk, NULL);
    if (rc == NS_OK) {
        int done;
        while ((done = flock(vault->disk->fd, LOCK_EX)) != 0 && errno == EINTR) {
        }
        rc = done == 0 ? NS_OK : NS_E_IO;
    }
    if (rc != NS_OK) {
        pthread_mutex_unlock(&header_turn);
    }
    return rc;
}

void nest_header_unlock(struct ns_vault *vault) {
    flock(vault->disk->fd, LOCK_UN);
    pthread_mutex_unlock(&header_turn);
}

/* ---- the header on disk ---- */

struct turn {
    struct nest_header header;
    struct nest_record record;
    int which; /* copy to write: the older or damaged one */
};

/* Both copies as they stand; keys are the vault's, only the header key is used. */
static int read_turn(const struct ns_vault *vault, struct turn *t) {
    uint8_t bytes[NEST_H];
    bool found = false;
    if (nest_header_read(vault->disk, vault->path, bytes, NULL) != NS_OK) {
        return SQLITE_IOERR_READ;
    }
    for (int i = 0; i < 2; i++) {
        struct nest_header h;
        if (nest_header_parse(bytes + i * NEST_COPY, &h) == NEST_OK &&
            nest_header_genuine(bytes + i * NEST_COPY, vault->keys) &&
            (!found || h.sequence > t->header.sequence)) {
            t->header = h;
            t->which = 1 - i;
            found = true;
        }
    }
    if (!found) {
        return SQLITE_IOERR_DATA;
    }
    nest_record_parse(t->header.later, &t->record);
    return SQLITE_OK;
}

int nest_record_read(struct ns_vault *vault, struct nest_record *out, uint64_t *sequence) {
    struct turn t;
    if (vault->disk == NULL && nest_disk_open(vault->path, false, &vault->disk, NULL) != NS_OK) {
        return SQLITE_CANTOPEN;
    }
    int rc = SQLITE_IOERR_DATA;
    for (int i = 0; i < 3 && rc == SQLITE_IOERR_DATA; i++) { /* another process may be writing one copy */
        rc = read_turn(vault, &t);
    }
    if (rc == SQLITE_OK && (nest_page_epoch(&t.header) != atomic_load(&vault->epoch) ||
                            t.header.old_epoch != atomic_load(&vault->old_epoch))) {
        /* Another process is changing the epoch: what names it must be safe before it is written under. */
        rc = t.header.old_epoch != 0 && fdatasync(vault->disk->fd) != 0 ? SQLITE_IOERR_FSYNC
             : nest_epoch_adopt(vault, &t.header)                       ? SQLITE_OK
                                                                        : SQLITE_NOMEM;
    }
    if (rc == SQLITE_OK) {
        *out = t.record;
        *sequence = t.header.sequence;
    }
    return rc;
}

/* The other copy must be safe before this one is overwritten: with both torn the keys would be gone. */
static int write_turn(struct ns_vault *vault, struct turn *t) {
    uint8_t copy[NEST_COPY];
    if (atomic_exchange(&vault->header_unsynced, true) && fdatasync(vault->disk->fd) != 0) {
        return SQLITE_IOERR_FSYNC;
    }
    nest_record_format(t->header.later, &t->record);
    t->header.sequence++;
    if (!nest_header_format(copy, &t->header, vault->keys)) {
        return SQLITE_IOERR_WRITE;
    }
    ssize_t put;
    while ((put = pwrite(vault->disk->fd, copy, NEST_COPY, (off_t)t->which * NEST_COPY)) < 0 && errno == EINTR) {
    }
    if (put != NEST_COPY) {
        return put < 0 && errno != ENOSPC ? SQLITE_IOERR_WRITE : SQLITE_FULL;
    }
    t->which = 1 - t->which;
    return SQLITE_OK;
}

static int sync_header(struct ns_vault *vault) {
    if (fdatasync(vault->disk->fd) != 0) {
        return SQLITE_IOERR_FSYNC;
    }
    atomic_store(&vault->header_unsynced, false);
    return SQLITE_OK;
}

int nest_header_epochs(struct ns_vault *vault, uint32_t page_epoch, uint32_t old_epoch) {
    struct turn t;
    if (nest_header_lock(vault) != NS_OK) {
        return SQLITE_IOERR;
    }
    int rc = read_turn(vault, &t);
    t.header.page_epoch = page_epoch;
    t.header.old_epoch = old_epoch;
    for (int i = 0; rc == SQLITE_OK && i < 2; i++) {
        rc = write_turn(vault, &t);
        rc = rc == SQLITE_OK ? sync_header(vault) : rc;
    }
    nest_header_unlock(vault);
    return rc == SQLITE_OK && !nest_epoch_adopt(vault, &t.header) ? SQLITE_NOMEM : rc;
}

/* sequence: of the header as written; may be NULL. */
static int change_record(struct ns_vault *vault, void (*change)(struct nest_record *, const void *), const void *how,
                         bool sync, uint64_t *sequence) {
    struct turn t;
    if (nest_header_lock(vault) != NS_OK) {
        return SQLITE_IOERR;
    }
    int rc = read_turn(vault, &t);
    if (rc == SQLITE_OK) {
        change(&t.record, how);
        rc = write_turn(vault, &t);
    }
    if (rc == SQLITE_OK && sync) {
        rc = sync_header(vault);
    }
    nest_header_unlock(vault);
    if (sequence != NULL && rc == SQLITE_OK) {
        *sequence = t.header.sequence;
    }
    return rc;
}

/* ---- tags of pages as they stand ---- */

int nest_tag_read(struct nest_file *file, int64_t page, uint8_t tag[NS_TAG_BYTES]) {
    return file->real->pMethods->xRead(file->real, tag, NS_TAG_BYTES,
                                       NEST_H + page * (int64_t)file->page_size - NS_TAG_BYTES);
}

/* The tags of a run of pages in one call: what lies between them goes to a place nobody reads. */
static const uint8_t *near_tag(struct nest_file *file, int64_t page) {
    static uint8_t nowhere[65536 - NS_TAG_BYTES];
    struct nest_writer *w = file->writer;
    if (page < w->near_first || page >= w->near_first + w->near_n) {
        struct iovec part[2 * NEST_NEAR];
        for (int i = 0; i < NEST_NEAR; i++) {
            part[2 * i] = (struct iovec){nowhere, file->page_size - NS_TAG_BYTES};
            part[2 * i + 1] = (struct iovec){w->near_tag[i], NS_TAG_BYTES};
        }
        ssize_t got = preadv(file->vault->disk->fd, part, 2 * NEST_NEAR, NEST_H + (page - 1) * (int64_t)file->page_size);
        w->near_first = page;
        w->near_n = got < 0 ? 0 : got / (ssize_t)file->page_size;
    }
    return page < w->near_first + w->near_n ? w->near_tag[page - w->near_first] : NULL;
}

static int sum_on_disk(struct nest_file *file, int64_t page, struct nest_sum *out) {
    struct nest_writer *w = file->writer;
    uint8_t read[NS_TAG_BYTES];
    const uint8_t *tag = read;
    if (page < NEST_TAGS && nest_bits_has(&w->tag_known, page)) {
        tag = w->tag[page];
    } else if ((tag = near_tag(file, page)) == NULL) {
        tag = read;
        int rc = nest_tag_read(file, page, read);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    nest_sum_of(file->vault->keys, tag, out);
    return SQLITE_OK;
}

/* A page was read from or written to the main file; NULL: nobody knows what stands there. */
void nest_tag_seen(struct nest_file *file, int64_t page, const uint8_t *tag) {
    struct nest_writer *w = file->writer;
    if (w == NULL) {
        return;
    }
    if (page >= w->near_first && page < w->near_first + w->near_n) {
        w->near_n = 0;
    }
    if (page >= NEST_TAGS) {
        return;
    }
    if (tag == NULL) {
        nest_bits_drop(&w->tag_known, page);
        return;
    }
    memcpy(w->tag[page], tag, NS_TAG_BYTES);
    nest_bits_put(&w->tag_known, page);
}

struct nest_writer *nest_writer_new(void) {
    struct nest_writer *w = calloc(1, sizeof *w);
    if (w != NULL && (!nest_bits_room(&w->tag_known, NEST_TAGS) || !nest_bits_room(&w->covered, 1) ||
                      !nest_bits_room(&w->waiting, 1))) {
        nest_writer_free(w);
        w = NULL;
    }
    return w;
}

void nest_writer_free(struct nest_writer *w) {
    if (w != NULL) {
        free(w->tag_known.word);
        free(w->covered.word);
        free(w->waiting.word);
        free(w);
    }
}

static void off(struct nest_record *record, const void *how) {
    (void)how;
    *record = (struct nest_record){.mode = NEST_FRESH_OFF, .accepted = record->accepted, .counter = record->counter + 1};
}

/* ---- a checkpoint ---- */

/* Page number of frame from 1: from the wal-index where it is mapped, else from the WAL. */
int nest_frame_page(struct nest_file *file, uint32_t frame, uint32_t *page) {
    uint32_t region = frame <= INDEX_FIRST ? 0 : 1 + (frame - INDEX_FIRST - 1) / 4096;
    if (region < NEST_REGIONS && file->index[region] != NULL) {
        *page = region == 0 ? file->index[0][INDEX_HEAD + frame - 1]
                            : file->index[region][(frame - INDEX_FIRST - 1) % 4096];
        return SQLITE_OK;
    }
    uint8_t bytes[4];
    sqlite3_file *wal = file->wal->real;
    int rc = wal->pMethods->xRead(wal, bytes, 4, 32 + (int64_t)(frame - 1) * (24 + file->page_size));
    *page = nest_get32(bytes);
    return rc;
}

/* Pages of frames from..to join the covered ones: out of settled, waiting to be written. */
static int cover(struct nest_file *file, uint32_t from, uint32_t to, int64_t pages, bool settled) {
    struct nest_writer *w = file->writer;
    for (uint32_t f = from; f <= to; f++) {
        uint32_t page;
        struct nest_sum old;
        int rc = nest_frame_page(file, f, &page);
        if (rc != SQLITE_OK) {
            return rc;
        }
        if (!nest_bits_room(&w->covered, page) || !nest_bits_room(&w->waiting, page)) {
            return SQLITE_NOMEM;
        }
        if (page == 0 || nest_bits_has(&w->covered, page)) {
            continue;
        }
        nest_bits_put(&w->covered, page);
        nest_bits_put(&w->waiting, page);
        w->top = page > w->top ? page : w->top;
        if (settled && page <= pages && page <= w->limit) {
            rc = sum_on_disk(file, page, &old);
            if (rc != SQLITE_OK) {
                return rc;
            }
            nest_sum_take(&w->settled, &old);
        }
    }
    return SQLITE_OK;
}

/* Settled goes from the pages up to w->limit to those up to `limit`; the ones between that no frame holds
 * are about to be cut away, or were holes. */
static int move_limit(struct nest_file *file, int64_t limit, int64_t pages) {
    struct nest_writer *w = file->writer;
    int64_t low = limit < w->limit ? limit : w->limit, high = limit < w->limit ? w->limit : limit;
    int rc = SQLITE_OK;
    for (int64_t p = low + 1; rc == SQLITE_OK && p <= high && p <= pages; p++) {
        struct nest_sum sum;
        if (nest_bits_has(&w->covered, p)) {
            continue;
        }
        rc = sum_on_disk(file, p, &sum);
        if (rc == SQLITE_OK && limit < w->limit) {
            nest_sum_take(&w->settled, &sum);
        } else if (rc == SQLITE_OK) {
            nest_sum_add(&w->settled, &sum);
        }
    }
    w->limit = limit;
    return rc;
}

/* The size in pages that the commit in this frame gives the file. */
static int frame_commit(struct nest_file *file, uint32_t frame, int64_t *size) {
    uint8_t bytes[4];
    sqlite3_file *wal = file->wal->real;
    int rc = wal->pMethods->xRead(wal, bytes, 4, 32 + (int64_t)(frame - 1) * (24 + file->page_size) + 4);
    *size = nest_get32(bytes);
    return rc;
}

/* Frames that are safely on disk when pages are copied: what was there when SQLite synced the WAL. */
static uint32_t frames_now(const struct nest_file *file) {
    return file->checkpoint_synced ? file->checkpoint_frames : file->index[0] != NULL ? file->index[0][4] : 0;
}

static int begin_locked(struct nest_file *file) {
    struct nest_writer *w = file->writer;
    struct turn t;
    sqlite3_int64 bytes = 0;
    int rc = read_turn(file->vault, &t);
    if (rc == SQLITE_OK) {
        rc = file->real->pMethods->xFileSize(file->real, &bytes);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    w->tracking = t.record.mode != NEST_FRESH_OFF && file->index[0] != NULL;
    if (!w->tracking) {
        if (t.record.mode == NEST_FRESH_OFF) {
            return SQLITE_OK;
        }
        off(&t.record, NULL); /* no wal-index (exclusive locking): pages cannot be followed */
        return write_turn(file->vault, &t);
    }
    if (w->sequence != t.header.sequence) { /* somebody else may have moved pages */
        nest_bits_clear(&w->tag_known);
    }
    w->near_n = 0;
    nest_bits_clear(&w->covered);
    nest_bits_clear(&w->waiting);
    w->moved = (struct nest_sum){{0}};
    w->top = 0;
    w->settled = t.record.set;
    int64_t pages = bytes <= NEST_H ? 0 : (bytes - NEST_H) / file->page_size, size = 0;
    w->limit = pages;
    uint8_t salts[8];
    uint32_t frames = frames_now(file), known = 0;
    for (int i = 0; i < 2; i++) {
        uint32_t salt = file->index[0][8 + i];
        memcpy(salts + i * 4, &salt, 4); /* as it stands in the WAL's header */
    }
    if (t.record.frames > 0 && memcmp(t.record.salts, salts, 8) == 0) {
        known = t.record.frames;
        w->settled = t.record.settled;
        w->limit = t.record.limit == 0 ? pages : t.record.limit;
        rc = cover(file, 1, known, pages, false);
        /* Their sum is known too, if this wal-index saw the checkpoint come to its end: after a crash pages of
         * a record that reads as closed may still be the old ones. */
        if (t.record.mode == NEST_FRESH_CLOSED && file->index[0][INDEX_BACKFILLED] >= known && pages == w->limit) {
            w->moved = t.record.set;
            nest_sum_take(&w->moved, &t.record.settled);
            nest_bits_clear(&w->waiting);
        }
    } else {
        if (t.record.mode == NEST_FRESH_OPEN) { /* the WAL of a checkpoint that never ended is gone */
            file->damaged = true;
            LOG_ERROR("event=checkpoint-refused reason=another-wal");
            return SQLITE_IOERR_DATA;
        }
        t.record.base = t.record.set;
        memcpy(t.record.salts, salts, 8);
    }
    if (rc == SQLITE_OK && frames > known) {
        rc = cover(file, known + 1, frames, pages, true);
    }
    w->frames = frames > known ? frames : known;
    if (rc == SQLITE_OK && w->frames > 0) {
        rc = frame_commit(file, w->frames, &size);
    }
    if (rc == SQLITE_OK) {
        rc = move_limit(file, w->frames > 0 && size < pages ? size : pages, pages);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    w->record = t.record;
    t.record.mode = NEST_FRESH_OPEN;
    t.record.settled = w->settled;
    t.record.frames = w->frames;
    t.record.limit = (uint32_t)w->limit;
    rc = write_turn(file->vault, &t);
    w->sequence = t.header.sequence;
    if (rc == SQLITE_OK && file->checkpoint_synced) {
        rc = sync_header(file->vault);
    }
    w->tracking = rc == SQLITE_OK;
    return rc;
}

/* Before the first page of a checkpoint is written. */
int nest_checkpoint_begin(struct nest_file *file) {
    if (file->writer == NULL) {
        return SQLITE_READONLY;
    }
    if (nest_header_lock(file->vault) != NS_OK) {
        return SQLITE_IOERR;
    }
    int rc = begin_locked(file);
    nest_header_unlock(file->vault);
    file->writer->begun = rc == SQLITE_OK;
    return rc;
}

/* Page is about to be overwritten with a sealed page of this tag (checkpoint, or a gap being filled). */
int nest_checkpoint_page(struct nest_file *file, int64_t page, const uint8_t *tag, bool exists) {
    struct nest_writer *w = file->writer;
    struct nest_sum sum;
    if (!w->tracking) {
        return SQLITE_OK;
    }
    bool covered = nest_bits_has(&w->covered, page);
    struct nest_sum *side = covered || page > w->limit ? &w->moved : &w->settled;
    if (covered && nest_bits_has(&w->waiting, page)) {
        nest_bits_drop(&w->waiting, page);
    } else if (exists) {
        int rc = sum_on_disk(file, page, &sum);
        if (rc != SQLITE_OK) {
            return rc;
        }
        nest_sum_take(side, &sum);
    }
    nest_sum_of(file->vault->keys, tag, &sum);
    nest_sum_add(side, &sum);
    return SQLITE_OK;
}

/* Pages beyond `pages` go; called before the file is cut. */
int nest_checkpoint_cut(struct nest_file *file, int64_t before, int64_t pages) {
    struct nest_writer *w = file->writer;
    for (int64_t p = pages + 1; w->tracking && p <= before; p++) {
        struct nest_sum sum;
        bool covered = nest_bits_has(&w->covered, p);
        if (covered && nest_bits_has(&w->waiting, p)) {
            nest_bits_drop(&w->waiting, p);
        } else if (covered || p <= w->limit) { /* beyond it none is counted */
            int rc = sum_on_disk(file, p, &sum);
            if (rc != SQLITE_OK) {
                return rc;
            }
            nest_sum_take(covered ? &w->moved : &w->settled, &sum);
        }
        nest_tag_seen(file, p, NULL);
    }
    return SQLITE_OK;
}

static void closed(struct nest_record *record, const void *how) {
    const struct nest_writer *w = how;
    *record = w->record;
    record->mode = NEST_FRESH_CLOSED;
    record->settled = w->settled;
    record->frames = w->frames;
    record->limit = (uint32_t)w->limit;
    record->set = w->settled;
    nest_sum_add(&record->set, &w->moved);
    record->counter++;
}

/* All frames were copied and the file has its length; SQLite syncs it next. */
int nest_checkpoint_end(struct nest_file *file, int64_t pages) {
    struct nest_writer *w = file->writer;
    if (!w->begun || !w->tracking) {
        return SQLITE_OK;
    }
    for (int64_t p = 1; p <= w->top && p <= pages; p++) { /* a page of an older frame: it stands as it is */
        struct nest_sum sum;
        if (nest_bits_has(&w->waiting, p)) {
            int rc = sum_on_disk(file, p, &sum);
            if (rc != SQLITE_OK) {
                return rc;
            }
            nest_sum_add(&w->moved, &sum);
            nest_bits_drop(&w->waiting, p);
        }
    }
    w->begun = false;
    return change_record(file->vault, closed, w, false, &w->sequence);
}

/* ---- rollback journals, a new WAL ---- */

/* A page is written outside a checkpoint: from here on nothing is known of the set. */
int nest_fresh_off(struct nest_file *file) {
    struct nest_record record;
    uint64_t sequence;
    int rc = nest_record_read(file->vault, &record, &sequence);
    if (rc == SQLITE_OK && record.mode != NEST_FRESH_OFF) {
        rc = change_record(file->vault, off, NULL, true, NULL);
    }
    return rc;
}

struct adopt {
    struct nest_sum set;
    bool wanted; /* by a person */
};

static void adopted(struct nest_record *record, const void *how) {
    const struct adopt *a = how;
    *record = (struct nest_record){.mode = NEST_FRESH_CLOSED, .accepted = a->wanted ? 1 : record->accepted,
                                   .counter = record->counter + 1, .set = a->set};
}

static int sum_all(struct nest_file *file, struct nest_sum *out) {
    sqlite3_int64 bytes = 0;
    int rc = file->real->pMethods->xFileSize(file->real, &bytes);
    int64_t pages = bytes <= NEST_H ? 0 : (bytes - NEST_H) / file->page_size;
    *out = (struct nest_sum){{0}};
    for (int64_t p = 1; rc == SQLITE_OK && p <= pages; p++) {
        uint8_t tag[NS_TAG_BYTES];
        struct nest_sum sum;
        rc = nest_tag_read(file, p, tag);
        if (rc == SQLITE_OK) {
            nest_sum_of(file->vault->keys, tag, &sum);
            nest_sum_add(out, &sum);
        }
    }
    return rc;
}

/* A WAL begins: what its header is bound to. After a rollback journal the pages are taken as they are. */
int nest_fresh_base(struct nest_file *file, struct nest_sum *base) {
    struct nest_record record;
    uint64_t sequence;
    int rc = nest_record_read(file->vault, &record, &sequence);
    if (rc == SQLITE_OK && record.mode == NEST_FRESH_OFF) {
        struct adopt a = {.wanted = false};
        rc = sum_all(file, &a.set);
        if (rc == SQLITE_OK) {
            rc = change_record(file->vault, adopted, &a, true, NULL);
        }
        record.set = a.set;
    } else if (rc == SQLITE_OK && record.mode == NEST_FRESH_OPEN) {
        rc = SQLITE_IOERR_DATA; /* the WAL that this checkpoint needs would be lost */
    }
    *base = record.set;
    return rc;
}

/* The file is as somebody wants it (a restore made on purpose): its sum is taken as it stands. */
int nest_fresh_adopt(struct nest_file *file) {
    struct adopt a = {.wanted = true};
    int rc = sum_all(file, &a.set);
    return rc == SQLITE_OK ? change_record(file->vault, adopted, &a, true, NULL) : rc;
}

static void noted(struct nest_record *record, const void *how) {
    (void)how;
    record->accepted = 0;
}

ns_rc ns_vault_accepted_noted(struct ns_vault *vault, struct ns_err *err) {
    if (change_record(vault, noted, NULL, true, NULL) != SQLITE_OK) {
        return ns_err_note(err, NS_E_IO, "the header could not be written");
    }
    return NS_OK;
}
