/* journal.c: the rollback journal.
 *
 * A record is page number 4, sealed page (domain "journal"), masked checksum 4. The header gets a MAC in bytes 28..43 of its sector (SQLite leaves them zero), so that the number
 * of records it promises can be trusted: a bad or missing record among those is damage and
 * fails the read; beyond them it is a torn tail, which SQLite sees as a bad checksum.
 * docs/store-format.md, section journal. */
#include "agent/store/vfs/nest.h"

#include <string.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

#define HEAD 28
#define HEAD_MAC 16
#define SECTOR 512
#define PROMISE_OPEN 0xFFFFFFFFu

static const uint8_t magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

static struct nest_file *of(sqlite3_file *base) {
    return (struct nest_file *)(void *)base;
}

static uint32_t seed(const struct nest_file *j) {
    return nest_get32(j->journal_head + 12);
}

static uint32_t mask(const struct nest_file *j) {
    return (uint32_t)ns_crypto_siphash(j->vault->keys->jrnlmask, j->body_nonce, NS_NONCE_BYTES);
}

/* SQLite's own sum over sampled bytes. */
static uint32_t page_sum(const struct nest_file *j, const uint8_t *page) {
    uint32_t sum = seed(j);
    for (int64_t i = (int64_t)j->page_size - 200; i > 0; i -= 200) {
        sum += page[i];
    }
    return sum;
}

static bool head_mac(const struct nest_file *j, int64_t at, uint8_t out[HEAD_MAC]) {
    uint8_t message[8 + HEAD], mac[32];
    nest_put32(message, (uint32_t)(at >> 32));
    nest_put32(message + 4, (uint32_t)at);
    memcpy(message + 8, j->journal_head, HEAD);
    if (!ns_crypto_mac(mac, j->vault->keys->jrnlmask, message, sizeof message)) {
        return false;
    }
    memcpy(out, mac, HEAD_MAC);
    return true;
}

/* Records between the header in force and offset at. */
static int64_t record_index(const struct nest_file *j, int64_t at) {
    return j->head_at < 0 ? -1 : (at - j->head_at - SECTOR) / (int64_t)(j->page_size + 8);
}

static bool vouched(const struct nest_file *j, int64_t at) {
    int64_t index = record_index(j, at);
    return !j->writing && index >= 0 && j->promised != PROMISE_OPEN && index < (int64_t)j->promised;
}

static int bad_record(struct nest_file *j, int64_t at) {
    j->db->damaged = true;
    LOG_ERROR("event=page-damaged kind=journal record=%lld", (long long)record_index(j, at) + 1);
    return SQLITE_IOERR_DATA;
}

static int write_head(struct nest_file *j, const uint8_t *in, int n, int64_t at) {
    uint8_t out[SECTOR] = {0};
    if (n == SECTOR) {
        memcpy(out, in, SECTOR);
        memcpy(j->journal_head, in, HEAD);
    } else {
        memcpy(j->journal_head, in, (size_t)n);
        n = HEAD + HEAD_MAC;
    }
    j->head_at = at;
    j->promised = nest_get32(j->journal_head + 8);
    j->writing = true;
    memcpy(out, j->journal_head, HEAD);
    if (!head_mac(j, at, out + HEAD)) {
        return SQLITE_IOERR_WRITE;
    }
    return j->real->pMethods->xWrite(j->real, out, n, at);
}

static int write_body(struct nest_file *j, const uint8_t *in, int64_t at) {
    uint32_t n = j->page_size - NEST_RESERVE;
    uint8_t trailer[NS_TRAILER_BYTES];
    if (!nest_seal(j, NS_PAGE_JOURNAL, j->number, j->scratch, in, trailer)) {
        return SQLITE_IOERR_WRITE;
    }
    memcpy(j->scratch + n, trailer, sizeof trailer);
    memcpy(j->body_nonce, trailer, NS_NONCE_BYTES);
    j->body_at = at;
    j->body_good = true;
    return j->real->pMethods->xWrite(j->real, j->scratch, (int)j->page_size, at);
}

static int journal_write(sqlite3_file *base, const void *data, int n, sqlite3_int64 at) {
    struct nest_file *j = of(base);
    const uint8_t *in = data;
    if (n == (int)j->page_size && j->number_at >= 0 && at == j->number_at + 4 && j->head_at >= 0) {
        j->number_at = -1;
        return write_body(j, in, at);
    }
    if (n == 4) {
        if (j->body_good && j->body_at >= 0 && at == j->body_at + j->page_size) {
            uint8_t sum[4];
            nest_put32(sum, nest_get32(in) ^ mask(j));
            j->body_at = -1;
            return j->real->pMethods->xWrite(j->real, sum, 4, at);
        }
        j->number = nest_get32(in);
        j->number_at = at;
        return j->real->pMethods->xWrite(j->real, in, n, at);
    }
    j->number_at = -1;
    if (at % SECTOR == 0 && n == SECTOR) { /* a header; the promise of its records comes later */
        return write_head(j, in, n, at);
    }
    if (n == 12 && at == j->head_at && memcmp(in, magic, sizeof magic) == 0) {
        return write_head(j, in, n, at);
    }
    if (n == HEAD && at == 0) { /* zeroed at the end of a transaction (persist) */
        j->head_at = -1;
        j->writing = false;
        return j->real->pMethods->xWrite(j->real, in, n, at);
    }
    if (n < (int)j->page_size) { /* name of a super-journal and its sum, magic at its end */
        return j->real->pMethods->xWrite(j->real, in, n, at);
    }
    LOG_ERROR("event=write-refused kind=journal bytes=%d", n);
    return SQLITE_IOERR_WRITE;
}

/* The first read of a header is its magic: check the whole of it there. */
static int read_magic(struct nest_file *j, uint8_t *out, int64_t at) {
    uint8_t head[HEAD + HEAD_MAC], mac[HEAD_MAC];
    int rc = j->real->pMethods->xRead(j->real, head, sizeof head, at);
    if (rc != SQLITE_OK || memcmp(head, magic, sizeof magic) != 0) {
        return j->real->pMethods->xRead(j->real, out, 8, at);
    }
    memcpy(j->journal_head, head, HEAD);
    if (!head_mac(j, at, mac) || !ns_crypto_equal(mac, head + HEAD, sizeof mac)) {
        memset(out, 0, 8);
        j->db->damaged = true;
        LOG_ERROR("event=journal-header-damaged");
        return SQLITE_IOERR_DATA;
    }
    j->head_at = at;
    j->promised = nest_get32(head + 8);
    memcpy(out, head, 8);
    return SQLITE_OK;
}

static int read_body(struct nest_file *j, uint8_t *out, int64_t at) {
    uint32_t n = j->page_size - NEST_RESERVE;
    uint8_t number[4];
    int rc = j->real->pMethods->xRead(j->real, number, 4, at - 4);
    if (rc == SQLITE_OK) {
        rc = j->real->pMethods->xRead(j->real, j->scratch, (int)j->page_size, at);
    }
    if (rc != SQLITE_OK) {
        memset(out, 0, j->page_size);
        return rc == SQLITE_IOERR_SHORT_READ && vouched(j, at) ? bad_record(j, at) : rc;
    }
    memcpy(j->body_nonce, j->scratch + n, NS_NONCE_BYTES);
    j->body_at = at;
    j->body_good = nest_open_any(j, NS_PAGE_JOURNAL, nest_get32(number), out, j->scratch);
    memset(out + n, 0, NEST_RESERVE);
    if (j->body_good) {
        j->body_sum = page_sum(j, out);
    } else if (j->writing || vouched(j, at)) { /* our own record, or one that was synced */
        return bad_record(j, at);
    }
    return SQLITE_OK;
}

static int journal_read(sqlite3_file *base, void *data, int n, sqlite3_int64 at) {
    struct nest_file *j = of(base);
    uint8_t *out = data;
    if (n == (int)j->page_size && at >= 4) {
        return read_body(j, out, at);
    }
    if (n == 8 && at % SECTOR == 0 && !j->writing) {
        return read_magic(j, out, at);
    }
    int rc = j->real->pMethods->xRead(j->real, out, n, at);
    if (rc == SQLITE_IOERR_SHORT_READ && vouched(j, at)) {
        return bad_record(j, at);
    }
    if (rc == SQLITE_OK && n == 4 && j->body_at >= 0 && at == j->body_at + j->page_size) {
        uint32_t sum = nest_get32(out) ^ mask(j);
        if (!j->body_good) {
            sum = ~seed(j); /* the sum of the zeros that SQLite got is the seed itself */
        } else if (vouched(j, j->body_at)) {
            sum = j->body_sum; /* the body is authentic: an edited sum must not end the rollback */
        }
        nest_put32(out, sum);
        j->body_at = -1;
    }
    return rc;
}

static int journal_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct nest_file *j = of(base);
    if (size == 0) {
        j->head_at = j->number_at = j->body_at = -1;
        j->writing = false;
    }
    return j->real->pMethods->xTruncate(j->real, size);
}
static int journal_sync(sqlite3_file *base, int flags) {
    return of(base)->real->pMethods->xSync(of(base)->real, flags);
}
static int journal_size(sqlite3_file *base, sqlite3_int64 *out) {
    return of(base)->real->pMethods->xFileSize(of(base)->real, out);
}
static int journal_lock(sqlite3_file *base, int level) {
    return of(base)->real->pMethods->xLock(of(base)->real, level);
}
static int journal_unlock(sqlite3_file *base, int level) {
    return of(base)->real->pMethods->xUnlock(of(base)->real, level);
}
static int journal_check(sqlite3_file *base, int *out) {
    return of(base)->real->pMethods->xCheckReservedLock(of(base)->real, out);
}
static int journal_control(sqlite3_file *base, int op, void *arg) {
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_OK;
    }
    return of(base)->real->pMethods->xFileControl(of(base)->real, op, arg);
}
static int journal_sector(sqlite3_file *base) {
    (void)base;
    return SECTOR;
}
static int journal_traits(sqlite3_file *base) {
    int traits = of(base)->real->pMethods->xDeviceCharacteristics(of(base)->real);
    return (traits & ~(0x1FF | SQLITE_IOCAP_BATCH_ATOMIC)) | SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods nest_journal_methods = {
    .iVersion = 1,
    .xClose = nest_close,
    .xRead = journal_read,
    .xWrite = journal_write,
    .xTruncate = journal_truncate,
    .xSync = journal_sync,
    .xFileSize = journal_size,
    .xLock = journal_lock,
    .xUnlock = journal_unlock,
    .xCheckReservedLock = journal_check,
    .xFileControl = journal_control,
    .xSectorSize = journal_sector,
    .xDeviceCharacteristics = journal_traits,
};
