/* wal.c: sealed WAL frames, written whole in one call.
 *
 * On disk a frame is [page number 4][commit size 4][MAC 8][masked checksum 8][sealed page]; the WAL
 * header of 32 bytes has a MAC where SQLite has its checksum, which follows from the other 24.
 * docs/store-format.md, section WAL. */
#include "agent/store/vfs/nest.h"

#include <string.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

#define FRAME_HEAD 24
#define WAL_HEAD NEST_WAL_HEAD
#define FOLLOWS_SYNC 0x80000000u /* beside the frame's index in its MAC */

static struct nest_file *of(sqlite3_file *base) {
    return (struct nest_file *)(void *)base;
}

static int64_t frame_at(const struct nest_file *wal, int64_t frame) {
    return WAL_HEAD + frame * (int64_t)(FRAME_HEAD + wal->page_size);
}

static void put_le64(uint8_t *p, uint64_t v) {
    for (int i = 0; i < 8; i++) {
        p[i] = (uint8_t)(v >> (8 * i));
    }
}

static void mask(const struct ns_vault *vault, const uint8_t *nonce, const uint8_t in[8], uint8_t out[8]) {
    uint8_t m[8];
    put_le64(m, ns_crypto_siphash(vault->keys->walmask, nonce, NS_NONCE_BYTES));
    for (int i = 0; i < 8; i++) {
        out[i] = in[i] ^ m[i];
    }
}

static void frame_mac(const struct ns_vault *vault, uint32_t frame, bool follows_sync, const uint8_t logical[FRAME_HEAD],
                      const uint8_t *tag, uint8_t out[8]) {
    uint8_t message[4 + FRAME_HEAD + NS_TAG_BYTES];
    nest_put32(message, follows_sync ? frame | FOLLOWS_SYNC : frame);
    memcpy(message + 4, logical, FRAME_HEAD);
    memcpy(message + 4 + FRAME_HEAD, tag, NS_TAG_BYTES);
    put_le64(out, ns_crypto_siphash(vault->keys->walmac, message, sizeof message));
}

/* The header as SQLite wrote it, if its MAC fits these salts (and whether all frames before it had been
 * synced when it was written) or the zero salts of a frame that awaits its checksum. */
enum nest_frame nest_frame_genuine(const struct ns_vault *vault, const uint8_t salts[8], uint32_t frame,
                                   const uint8_t stored[FRAME_HEAD], const uint8_t *trailer,
                                   uint8_t logical[FRAME_HEAD]) {
    static const uint8_t none[8];
    uint8_t mac[8];
    memcpy(logical, stored, 8);
    memcpy(logical + 8, salts, 8);
    mask(vault, trailer, stored + 16, logical + 16);
    for (int i = 0; i < 3; i++) {
        if (i == 2) {
            memcpy(logical + 8, none, 8);
            memcpy(logical + 16, none, 8); /* no checksum yet: the mask was not used */
        }
        frame_mac(vault, frame, i == 1, logical, trailer + NS_NONCE_BYTES, mac);
        if (ns_crypto_equal(mac, stored + 8, sizeof mac)) {
            return i == 1 ? NEST_FRAME_FOLLOWS_SYNC : NEST_FRAME_GENUINE;
        }
    }
    return NEST_FRAME_BAD;
}

static bool waits(const uint8_t logical[FRAME_HEAD]) { /* for its checksum */
    static const uint8_t none[16];
    return memcmp(logical + 8, none, sizeof none) == 0;
}

/* The 24 bytes that stand on disk for a header, given nonce and tag of its page. */
static void store_head(struct nest_file *wal, uint32_t frame, const uint8_t logical[FRAME_HEAD],
                       const uint8_t *trailer, uint8_t out[FRAME_HEAD]) {
    bool synced = false;
    memcpy(out, logical, 8);
    if (waits(logical)) {
        memset(out + 16, 0, 8);
    } else {
        mask(wal->vault, trailer, logical + 16, out + 16);
        if (memcmp(wal->own_salts, logical + 8, 8) != 0) { /* another connection began this generation */
            memcpy(wal->own_salts, logical + 8, 8);
            wal->top = wal->durable = 0;
        }
        synced = frame == wal->durable;
    }
    frame_mac(wal->vault, frame, synced, logical, trailer + NS_NONCE_BYTES, out + 8);
}

static int load_salts(struct nest_file *wal) {
    int rc = wal->real->pMethods->xRead(wal->real, wal->salts, 8, 16);
    wal->salts_known = rc == SQLITE_OK;
    return rc;
}

static bool genuine(struct nest_file *wal, int64_t frame, const uint8_t *stored, const uint8_t *trailer,
                    uint8_t logical[FRAME_HEAD]) {
    bool fresh = !wal->salts_known;
    if (fresh && load_salts(wal) != SQLITE_OK) {
        return false;
    }
    if (nest_frame_genuine(wal->vault, wal->salts, (uint32_t)frame, stored, trailer, logical) != NEST_FRAME_BAD) {
        return true;
    }
    /* Another connection may have begun a new generation. */
    return !fresh && load_salts(wal) == SQLITE_OK &&
           nest_frame_genuine(wal->vault, wal->salts, (uint32_t)frame, stored, trailer, logical) != NEST_FRAME_BAD;
}

/* From the beginning of a frame on. */
static int put(struct nest_file *wal, const uint8_t *bytes, int n, int64_t frame) {
    wal->dirty = true;
    wal->db->checkpoint_synced = false;
    wal->top = (uint32_t)frame + 1 > wal->top ? (uint32_t)frame + 1 : wal->top;
    return wal->real->pMethods->xWrite(wal->real, bytes, n, frame_at(wal, frame));
}

/* scratch + 24 holds nothing yet; body may stand in scratch + 24 itself. */
static int write_frame(struct nest_file *wal, int64_t frame, const uint8_t logical[FRAME_HEAD],
                       const uint8_t *body) {
    uint32_t n = wal->page_size - NEST_RESERVE;
    uint8_t trailer[NS_TRAILER_BYTES];
    uint8_t *out = wal->scratch;
    if (!nest_seal(wal, NS_PAGE_MAIN, nest_get32(logical), out + FRAME_HEAD, body, trailer)) {
        return SQLITE_IOERR_WRITE;
    }
    memcpy(out + FRAME_HEAD + n, trailer, sizeof trailer);
    store_head(wal, (uint32_t)frame, logical, trailer, out);
    return put(wal, out, (int)(FRAME_HEAD + wal->page_size), frame);
}

/* The frame into scratch; false when it is not whole or not genuine. */
static bool load_frame(struct nest_file *wal, int64_t frame, uint8_t logical[FRAME_HEAD], int *rc) {
    uint8_t *p = wal->scratch;
    *rc = wal->real->pMethods->xRead(wal->real, p, (int)(FRAME_HEAD + wal->page_size), frame_at(wal, frame));
    return *rc == SQLITE_OK &&
           genuine(wal, frame, p, p + FRAME_HEAD + wal->page_size - NEST_RESERVE, logical);
}

/* The body in scratch; it may be opened where it stands, and is read again for another epoch then. */
static bool open_frame(struct nest_file *wal, int64_t frame, uint32_t page, uint8_t *out) {
    struct nest_try t = {0};
    uint8_t *p = wal->scratch + FRAME_HEAD;
    uint32_t epoch;
    bool good = false;
    while (!good && (epoch = nest_try_next(wal, &t)) != 0) {
        if (t.n > 1 && out == p &&
            wal->real->pMethods->xRead(wal->real, p, (int)wal->page_size, frame_at(wal, frame) + FRAME_HEAD) != SQLITE_OK) {
            return false;
        }
        good = nest_open(wal, epoch, NS_PAGE_MAIN, page, out, p, p + wal->page_size - NEST_RESERVE);
    }
    return good;
}

static bool open_body(struct nest_file *wal, int64_t frame, const uint8_t *logical, uint8_t *out) {
    uint32_t n = wal->page_size - NEST_RESERVE;
    bool good = open_frame(wal, frame, nest_get32(logical), out);
    memset(out + n, 0, NEST_RESERVE);
    return good;
}

static int bad_frame(struct nest_file *wal, int64_t frame) {
    wal->db->damaged = true;
    LOG_ERROR("event=page-damaged kind=wal frame=%lld", (long long)frame + 1);
    return SQLITE_IOERR_DATA;
}

/* A new header for a frame whose body is on disk; it stands in scratch when `loaded`. The mask of one
 * nonce must not cover two checksums: unless the frame was waiting for its first one, it is sealed afresh. */
static int rewrite_header(struct nest_file *wal, int64_t frame, const uint8_t header[FRAME_HEAD], bool loaded) {
    uint8_t old[FRAME_HEAD];
    uint8_t *p = wal->scratch;
    const uint8_t *trailer = p + FRAME_HEAD + wal->page_size - NEST_RESERVE;
    int rc = SQLITE_OK;
    bool good = loaded ? genuine(wal, frame, p, trailer, old) : load_frame(wal, frame, old, &rc);
    if (!good) {
        return rc == SQLITE_OK ? bad_frame(wal, frame) : rc;
    }
    if (memcmp(old, header, 4) != 0) {
        return SQLITE_IOERR_WRITE; /* the body belongs to another page */
    }
    if (waits(old) && loaded) { /* its tag was checked when it was read */
        uint8_t out[FRAME_HEAD];
        store_head(wal, (uint32_t)frame, header, trailer, out);
        return put(wal, out, FRAME_HEAD, frame);
    }
    if (!open_body(wal, frame, old, p + FRAME_HEAD)) {
        return bad_frame(wal, frame);
    }
    return write_frame(wal, frame, header, p + FRAME_HEAD);
}

int nest_wal_flush(struct nest_file *wal) {
    if (!wal->pending) {
        return SQLITE_OK;
    }
    wal->pending = false;
    return rewrite_header(wal, wal->pending_frame, wal->pending_header, false);
}

static bool reserve_is_zero(const uint8_t *page, uint32_t size) {
    uint8_t all = 0;
    for (uint32_t i = size - NEST_RESERVE; i < size; i++) {
        all |= page[i];
    }
    return all == 0;
}

static int write_body(struct nest_file *wal, int64_t frame, const uint8_t *in) {
    uint8_t logical[FRAME_HEAD];
    if (!reserve_is_zero(in, wal->page_size)) {
        LOG_ERROR("event=write-refused kind=wal reason=reserved-bytes: this page comes from a file that is not encrypted; copy its "
                  "tables into the store with SQL, page by page will not do");
        wal->pending = false;
        return SQLITE_IOERR_WRITE;
    }
    if (wal->pending && wal->pending_frame == frame) {
        wal->pending = false;
        return write_frame(wal, frame, wal->pending_header, in);
    }
    int rc = nest_wal_flush(wal);
    if (rc != SQLITE_OK) {
        return rc;
    }
    /* A frame of the running transaction is overwritten: SQLite computes its checksum and those of all
     * that follow when it commits, so the new header waits. */
    uint32_t page = 0;
    rc = nest_frame_page(wal->db, (uint32_t)frame + 1, &page);
    if (rc != SQLITE_OK) {
        return rc;
    }
    memset(logical, 0, sizeof logical);
    nest_put32(logical, page);
    return write_frame(wal, frame, logical, in);
}

/* SipHash-2-4 over the first 24 bytes and the sum of pages that this WAL begins on. */
void nest_wal_head_mac(const struct ns_vault *vault, const uint8_t head[24], const struct nest_sum *base, uint8_t out[8]) {
    uint8_t message[24 + 32];
    memcpy(message, head, 24);
    for (size_t i = 0; i < 4; i++) {
        put_le64(message + 24 + i * 8, base->word[i]);
    }
    put_le64(out, ns_crypto_siphash(vault->keys->walmac, message, sizeof message));
}

static int write_wal_head(struct nest_file *wal, const uint8_t *in) {
    uint8_t out[WAL_HEAD];
    struct nest_sum base;
    int rc = nest_wal_flush(wal);
    if (rc == SQLITE_OK) {
        rc = nest_fresh_base(wal->db, &base);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    memcpy(out, in, 24);
    nest_wal_head_mac(wal->vault, in, &base, out + 24);
    memcpy(wal->salts, in + 16, 8);
    wal->salts_known = true;
    wal->stop_frame = -1;
    wal->dirty = true;
    memcpy(wal->own_salts, in + 16, 8);
    wal->top = wal->durable = wal->vouched = 0;
    return wal->real->pMethods->xWrite(wal->real, out, WAL_HEAD, 0);
}

static int wal_write(sqlite3_file *base, const void *in, int n, sqlite3_int64 at) {
    struct nest_file *wal = of(base);
    if (ns_vault_held(wal->vault) != NS_HOLD_NONE) {
        wal->pending = false;
        return SQLITE_READONLY;
    }
    int64_t step = FRAME_HEAD + wal->page_size;
    int64_t whole = wal->whole_frame;
    wal->whole_frame = -1;
    if (at == 0 && n == WAL_HEAD) {
        return write_wal_head(wal, in);
    }
    int64_t frame = (at - WAL_HEAD) / step, within = (at - WAL_HEAD) % step;
    if (at < WAL_HEAD || frame >= FOLLOWS_SYNC) {
        return SQLITE_IOERR_WRITE;
    }
    if (within == 0 && n == FRAME_HEAD) {
        int rc = nest_wal_flush(wal);
        if (rc == SQLITE_OK && whole == frame) {
            return rewrite_header(wal, frame, in, true);
        }
        memcpy(wal->pending_header, in, FRAME_HEAD);
        wal->pending_frame = frame;
        wal->pending = rc == SQLITE_OK;
        return rc;
    }
    if (within == FRAME_HEAD && n == (int)wal->page_size) {
        return write_body(wal, frame, in);
    }
    LOG_ERROR("event=write-refused kind=wal bytes=%d", n);
    return SQLITE_IOERR_WRITE;
}

/* Recovery stops at the first bad frame: the tail of a crash, unless a frame beyond it says that all before
 * it had been synced. Then the bad one was whole once, and what follows it was committed. */
static void look_beyond(struct nest_file *wal, int64_t bad) {
    sqlite3_int64 size = 0;
    bool damage = false;
    uint32_t n = wal->page_size - NEST_RESERVE;
    if (wal->stop_frame == bad || wal->real->pMethods->xFileSize(wal->real, &size) != SQLITE_OK) {
        return;
    }
    wal->stop_frame = bad;
    for (int64_t f = bad + 1; !damage && frame_at(wal, f + 1) <= size; f++) {
        uint8_t stored[FRAME_HEAD], trailer[NS_TRAILER_BYTES], logical[FRAME_HEAD];
        if (wal->real->pMethods->xRead(wal->real, stored, FRAME_HEAD, frame_at(wal, f)) != SQLITE_OK ||
            wal->real->pMethods->xRead(wal->real, trailer, NS_TRAILER_BYTES,
                                       frame_at(wal, f) + FRAME_HEAD + n) != SQLITE_OK) {
            return;
        }
        damage = nest_frame_genuine(wal->vault, wal->salts, (uint32_t)f, stored, trailer, logical) == NEST_FRAME_FOLLOWS_SYNC;
    }
    if (damage) {
        wal->db->damaged = true;
        nest_hold(wal->vault, NS_HOLD_WAL_DAMAGE);
        LOG_ERROR("event=wal-damaged frame=%lld", (long long)bad + 1);
    }
}

static int read_whole(struct nest_file *wal, uint8_t *out, int64_t frame) {
    int rc;
    int n = (int)(FRAME_HEAD + wal->page_size);
    if (load_frame(wal, frame, out, &rc) && open_body(wal, frame, out, out + FRAME_HEAD)) {
        wal->whole_frame = frame;
        return SQLITE_OK;
    }
    memset(out, 0, (size_t)n);
    if ((rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ) && frame < (int64_t)wal->vouched) {
        return bad_frame(wal, frame); /* a checkpoint has moved it: without it older pages would show */
    }
    if (rc == SQLITE_OK) { /* zero salts: to SQLite a torn tail */
        look_beyond(wal, frame);
    }
    return rc;
}

static int read_body(struct nest_file *wal, uint8_t *out, int64_t frame) {
    uint8_t logical[FRAME_HEAD];
    int rc;
    if (!load_frame(wal, frame, logical, &rc)) {
        memset(out, 0, wal->page_size);
        return rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ ? bad_frame(wal, frame) : rc;
    }
    if (wal->db->checkpoint) { /* on its way to the main file as it is */
        memcpy(out, wal->scratch + FRAME_HEAD, wal->page_size);
        return SQLITE_OK;
    }
    return open_body(wal, frame, logical, out) ? SQLITE_OK : bad_frame(wal, frame);
}

/* A part of one frame header, as SQLite wrote it. */
static int read_header(struct nest_file *wal, uint8_t *out, int n, int64_t frame, int64_t within) {
    uint8_t stored[FRAME_HEAD], trailer[NS_TRAILER_BYTES], logical[FRAME_HEAD];
    int rc = wal->real->pMethods->xRead(wal->real, stored, FRAME_HEAD, frame_at(wal, frame));
    if (rc == SQLITE_OK) {
        rc = wal->real->pMethods->xRead(wal->real, trailer, NS_TRAILER_BYTES,
                                        frame_at(wal, frame + 1) - NS_TRAILER_BYTES);
    }
    if (rc == SQLITE_OK && !genuine(wal, frame, stored, trailer, logical)) {
        rc = bad_frame(wal, frame);
    }
    if (rc != SQLITE_OK) {
        memset(out, 0, (size_t)n);
        return rc;
    }
    memcpy(out, logical + within, (size_t)n);
    return SQLITE_OK;
}

/* SQLite's own checksum of a WAL header, which it expects to read. */
static void head_checksum(uint8_t head[WAL_HEAD]) {
    bool big = (head[3] & 1) != 0;
    uint32_t s1 = 0, s2 = 0, word[2];
    for (int i = 0; i < 24; i += 8) {
        for (int k = 0; k < 2; k++) {
            const uint8_t *p = head + i + k * 4;
            word[k] = big ? nest_get32(p) : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
        }
        s1 += word[0] + s2;
        s2 += word[1] + s1;
    }
    nest_put32(head + 24, s1);
    nest_put32(head + 28, s2);
}

/* A part of the header. When a transaction has written its first frame anew, SQLite begins the chain of checksums here. */
static int read_head_part(struct nest_file *wal, uint8_t *out, int n, int64_t at) {
    uint8_t head[WAL_HEAD];
    int rc = wal->real->pMethods->xRead(wal->real, head, WAL_HEAD, 0);
    if (rc == SQLITE_OK) {
        head_checksum(head);
        memcpy(out, head + at, (size_t)n);
    } else {
        memset(out, 0, (size_t)n);
    }
    return rc;
}

static bool first_frame_fits(struct nest_file *wal, const uint8_t salts[8]) {
    uint8_t logical[FRAME_HEAD];
    uint8_t *p = wal->scratch;
    return wal->real->pMethods->xRead(wal->real, p, (int)(FRAME_HEAD + wal->page_size), frame_at(wal, 0)) == SQLITE_OK &&
           nest_frame_genuine(wal->vault, salts, 0, p, p + FRAME_HEAD + wal->page_size - NEST_RESERVE, logical) != NEST_FRAME_BAD;
}

/* Recovery reads this first. A WAL that does not belong to the main file as it stands is answered with
 * zeros, which SQLite takes for an empty one. */
static int read_wal_head(struct nest_file *wal, uint8_t *out) {
    struct nest_record record;
    uint64_t sequence;
    uint8_t mac[8];
    sqlite3_int64 size = 0;
    int rc = wal->real->pMethods->xRead(wal->real, out, WAL_HEAD, 0);
    if (rc == SQLITE_OK) {
        rc = wal->real->pMethods->xFileSize(wal->real, &size);
    }
    if (rc == SQLITE_OK) {
        rc = nest_record_read(wal->vault, &record, &sequence);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    bool known = record.frames > 0 && memcmp(record.salts, out + 16, 8) == 0;
    nest_wal_head_mac(wal->vault, out, known ? &record.base : &record.set, mac);
    bool fits = record.mode != NEST_FRESH_OFF && ns_crypto_equal(mac, out + 24, sizeof mac);
    bool whole = !known || size >= frame_at(wal, record.frames);
    wal->vouched = fits && known ? record.frames : 0;
    if (fits && whole) {
        memcpy(wal->salts, out + 16, 8);
        wal->salts_known = true;
        wal->stop_frame = -1;
        head_checksum(out);
        return SQLITE_OK;
    }
    if (record.mode == NEST_FRESH_OPEN) { /* half the pages stand in the WAL alone */
        wal->db->damaged = true;
        LOG_ERROR("event=wal-needed frames=%u", record.frames);
        memset(out, 0, WAL_HEAD);
        return SQLITE_IOERR_DATA;
    }
    if (fits) {
        nest_hold(wal->vault, NS_HOLD_CUT_WAL);
    } else if (first_frame_fits(wal, out + 16)) {
        nest_hold(wal->vault, NS_HOLD_OLD_WAL);
    } /* else the header itself was torn, before anything was committed under it */
    memset(out, 0, WAL_HEAD);
    return SQLITE_OK;
}

static int wal_read(sqlite3_file *base, void *out, int n, sqlite3_int64 at) {
    struct nest_file *wal = of(base);
    int64_t step = FRAME_HEAD + wal->page_size;
    int rc = nest_wal_flush(wal);
    wal->whole_frame = -1;
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (at >= 0 && at + n <= WAL_HEAD) {
        return at == 0 && n == WAL_HEAD ? read_wal_head(wal, out) : read_head_part(wal, out, n, at);
    }
    int64_t frame = (at - WAL_HEAD) / step, within = (at - WAL_HEAD) % step;
    if (at >= WAL_HEAD && frame < FOLLOWS_SYNC) {
        if (within == 0 && n == step) {
            return read_whole(wal, out, frame);
        }
        if (within == FRAME_HEAD && n == (int)wal->page_size) {
            return read_body(wal, out, frame);
        }
        if (within + n <= FRAME_HEAD) {
            return read_header(wal, out, n, frame, within);
        }
    }
    memset(out, 0, (size_t)n);
    return SQLITE_IOERR_READ;
}

static int wal_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct nest_file *wal = of(base);
    if (ns_vault_held(wal->vault) != NS_HOLD_NONE) {
        return SQLITE_READONLY;
    }
    int rc = nest_wal_flush(wal);
    wal->whole_frame = -1;
    return rc == SQLITE_OK ? wal->real->pMethods->xTruncate(wal->real, size) : rc;
}

/* A checkpoint syncs the WAL even when every commit has done so: that one is left out if nobody has
 * written since (the wal-index tells of other connections). */
static int wal_sync(sqlite3_file *base, int flags) {
    struct nest_file *wal = of(base), *db = wal->db;
    int rc = nest_wal_flush(wal);
    if (rc != SQLITE_OK) {
        return rc;
    }
    uint32_t frames = db->index[0] != NULL ? db->index[0][4] : 0;
    bool same = db->index[0] != NULL;
    for (int i = 0; same && i < 2; i++) {
        uint32_t salt = db->index[0][8 + i];
        same = memcmp(&salt, wal->own_salts + i * 4, 4) == 0;
    }
    if (!same || wal->dirty || frames > wal->durable) {
        rc = wal->real->pMethods->xSync(wal->real, flags);
        if (rc == SQLITE_OK) {
            wal->dirty = false;
            wal->durable = same && frames > wal->top ? frames : wal->top;
        }
    }
    if (rc == SQLITE_OK) { /* also at the last close, which takes no lock of -shm */
        db->checkpoint_synced = true;
        db->checkpoint_frames = frames;
    }
    return rc;
}
static int wal_size(sqlite3_file *base, sqlite3_int64 *out) {
    int rc = nest_wal_flush(of(base));
    return rc == SQLITE_OK ? of(base)->real->pMethods->xFileSize(of(base)->real, out) : rc;
}
static int wal_lock(sqlite3_file *base, int level) {
    return of(base)->real->pMethods->xLock(of(base)->real, level);
}
static int wal_unlock(sqlite3_file *base, int level) {
    return of(base)->real->pMethods->xUnlock(of(base)->real, level);
}
static int wal_check(sqlite3_file *base, int *out) {
    return of(base)->real->pMethods->xCheckReservedLock(of(base)->real, out);
}
static int wal_control(sqlite3_file *base, int op, void *arg) {
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_OK;
    }
    return of(base)->real->pMethods->xFileControl(of(base)->real, op, arg);
}
static int wal_sector(sqlite3_file *base) {
    return of(base)->real->pMethods->xSectorSize(of(base)->real);
}
static int wal_traits(sqlite3_file *base) {
    int traits = of(base)->real->pMethods->xDeviceCharacteristics(of(base)->real);
    return (traits & ~(0x1FF | SQLITE_IOCAP_BATCH_ATOMIC)) | SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods nest_wal_methods = {
    .iVersion = 1,
    .xClose = nest_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_check,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector,
    .xDeviceCharacteristics = wal_traits,
};
