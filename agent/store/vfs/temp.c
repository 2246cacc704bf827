/* temp.c: temporary files (sorter, VACUUM, statement journals) under a random key of their own.
 *
 * 4096-byte blocks; nonce and tag of each are kept in memory, since such a file never outlives
 * its process. One clear block is cached. */
#include "agent/store/vfs/nest.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

#define BLOCK 4096

static struct nest_file *of(sqlite3_file *base) {
    return (struct nest_file *)(void *)base;
}

static struct ns_page_place place_of(const struct nest_file *t, int64_t block) {
    return (struct ns_page_place){NS_PAGE_TEMP, NEST_SUITE_XCHACHA, 0, t->temp_id, (uint32_t)block, 0};
}

/* Block into t->block. A block that was never written is zeros. */
static int load(struct nest_file *t, int64_t block) {
    if (t->block_index == block) {
        return SQLITE_OK;
    }
    t->block_index = -1;
    static const uint8_t none[NS_TRAILER_BYTES];
    if (block >= t->blocks ||
        memcmp(t->trailers + block * NS_TRAILER_BYTES, none, sizeof none) == 0) {
        memset(t->block, 0, BLOCK);
        t->block_index = block;
        return SQLITE_OK;
    }
    int rc = t->real->pMethods->xRead(t->real, t->scratch, BLOCK, block * BLOCK);
    if (rc != SQLITE_OK) {
        return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_IOERR_DATA : rc;
    }
    struct ns_page_place place = place_of(t, block);
    if (!ns_page_open(t->cipher, &place, t->block, t->scratch, BLOCK,
                      t->trailers + block * NS_TRAILER_BYTES)) {
        LOG_ERROR("event=page-damaged kind=temporary block=%lld", (long long)block);
        return SQLITE_IOERR_DATA;
    }
    t->block_index = block;
    return SQLITE_OK;
}

static int make_room(struct nest_file *t, int64_t blocks) {
    if (blocks > t->block_cap) {
        int64_t cap = t->block_cap == 0 ? 64 : t->block_cap;
        while (cap < blocks) {
            cap *= 2;
        }
        uint8_t *more = realloc(t->trailers, (size_t)cap * NS_TRAILER_BYTES);
        if (more == NULL) {
            return SQLITE_IOERR_NOMEM;
        }
        memset(more + t->block_cap * NS_TRAILER_BYTES, 0, (size_t)(cap - t->block_cap) * NS_TRAILER_BYTES);
        t->trailers = more;
        t->block_cap = cap;
    }
    if (blocks > t->blocks) {
        t->blocks = blocks;
    }
    return SQLITE_OK;
}

static int store(struct nest_file *t, int64_t block) {
    struct ns_page_place place = place_of(t, block);
    uint8_t trailer[NS_TRAILER_BYTES];
    if (!ns_page_seal(t->cipher, &place, t->scratch, t->block, BLOCK, trailer)) {
        return SQLITE_IOERR_WRITE;
    }
    int rc = t->real->pMethods->xWrite(t->real, t->scratch, BLOCK, block * BLOCK);
    if (rc == SQLITE_OK) {
        memcpy(t->trailers + block * NS_TRAILER_BYTES, trailer, sizeof trailer);
    } else {
        t->block_index = -1;
    }
    return rc;
}

static int temp_read(sqlite3_file *base, void *data, int n, sqlite3_int64 at) {
    struct nest_file *t = of(base);
    uint8_t *out = data;
    int want = at >= t->size ? 0 : t->size - at < n ? (int)(t->size - at) : n;
    for (int done = 0; done < want;) {
        int64_t block = (at + done) / BLOCK;
        int from = (int)((at + done) % BLOCK);
        int part = want - done < BLOCK - from ? want - done : BLOCK - from;
        int rc = load(t, block);
        if (rc != SQLITE_OK) {
            memset(out, 0, (size_t)n);
            return rc;
        }
        memcpy(out + done, t->block + from, (size_t)part);
        done += part;
    }
    memset(out + want, 0, (size_t)(n - want));
    return want < n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int temp_write(sqlite3_file *base, const void *data, int n, sqlite3_int64 at) {
    struct nest_file *t = of(base);
    const uint8_t *in = data;
    if (at < 0 || (at + n) / BLOCK >= UINT32_MAX) {
        return SQLITE_FULL;
    }
    int rc = make_room(t, (at + n + BLOCK - 1) / BLOCK);
    for (int done = 0; rc == SQLITE_OK && done < n;) {
        int64_t block = (at + done) / BLOCK;
        int from = (int)((at + done) % BLOCK);
        int part = n - done < BLOCK - from ? n - done : BLOCK - from;
        if (part == BLOCK) {
            t->block_index = block;
        } else {
            rc = load(t, block);
        }
        if (rc == SQLITE_OK) {
            memcpy(t->block + from, in + done, (size_t)part);
            rc = store(t, block);
        }
        done += part;
    }
    if (rc == SQLITE_OK && at + n > t->size) {
        t->size = at + n;
    }
    return rc;
}

static int temp_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct nest_file *t = of(base);
    if (size >= t->size) {
        return SQLITE_OK;
    }
    int64_t keep = (size + BLOCK - 1) / BLOCK;
    if (size % BLOCK != 0) { /* what is cut off must read as zeros if the file grows again */
        int rc = load(t, size / BLOCK);
        if (rc != SQLITE_OK) {
            return rc;
        }
        memset(t->block + size % BLOCK, 0, (size_t)(BLOCK - size % BLOCK));
        rc = store(t, size / BLOCK);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    if (t->blocks > keep) {
        memset(t->trailers + keep * NS_TRAILER_BYTES, 0, (size_t)(t->blocks - keep) * NS_TRAILER_BYTES);
        t->blocks = keep;
    }
    if (t->block_index >= keep) {
        t->block_index = -1;
    }
    t->size = size;
    return t->real->pMethods->xTruncate(t->real, keep * BLOCK);
}

static int temp_sync(sqlite3_file *base, int flags) {
    return of(base)->real->pMethods->xSync(of(base)->real, flags);
}
static int temp_size(sqlite3_file *base, sqlite3_int64 *out) {
    *out = of(base)->size;
    return SQLITE_OK;
}
static int temp_lock(sqlite3_file *base, int level) {
    return of(base)->real->pMethods->xLock(of(base)->real, level);
}
static int temp_unlock(sqlite3_file *base, int level) {
    return of(base)->real->pMethods->xUnlock(of(base)->real, level);
}
static int temp_check(sqlite3_file *base, int *out) {
    return of(base)->real->pMethods->xCheckReservedLock(of(base)->real, out);
}
static int temp_control(sqlite3_file *base, int op, void *arg) {
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_OK;
    }
    if (op == SQLITE_FCNTL_MMAP_SIZE) {
        *(sqlite3_int64 *)arg = 0;
        return SQLITE_OK;
    }
    return of(base)->real->pMethods->xFileControl(of(base)->real, op, arg);
}
static int temp_sector(sqlite3_file *base) {
    return of(base)->real->pMethods->xSectorSize(of(base)->real);
}
static int temp_traits(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods nest_temp_methods = {
    .iVersion = 1,
    .xClose = nest_close,
    .xRead = temp_read,
    .xWrite = temp_write,
    .xTruncate = temp_truncate,
    .xSync = temp_sync,
    .xFileSize = temp_size,
    .xLock = temp_lock,
    .xUnlock = temp_unlock,
    .xCheckReservedLock = temp_check,
    .xFileControl = temp_control,
    .xSectorSize = temp_sector,
    .xDeviceCharacteristics = temp_traits,
};
