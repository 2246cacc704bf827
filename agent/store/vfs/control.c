/* control.c: file controls and pragmas of the main file. */
#include "agent/store/vfs/nest.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int real_read(void *self, void *out, int n, int64_t at, int64_t *got) {
    sqlite3_file *file = self;
    int rc = file->pMethods->xRead(file, out, n, at);
    *got = rc == SQLITE_OK ? n : 0;
    return rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ ? 0 : -1;
}

static int64_t real_size(void *self) {
    sqlite3_file *file = self;
    sqlite3_int64 size = 0;
    return file->pMethods->xFileSize(file, &size) == SQLITE_OK ? size : -1;
}

struct nest_source nest_source_of(sqlite3_file *real) {
    return (struct nest_source){real_read, real_size, real};
}

static char *verify_text(struct nest_file *file) {
    struct nest_source main_file = nest_source_of(file->real), wal = nest_source_of(NULL);
    struct ns_verify report = {0};
    int64_t wal_size = 0;
    if (file->vault == NULL) {
        return sqlite3_mprintf("empty");
    }
    if (file->wal != NULL) {
        wal.self = file->wal->real;
        if (nest_wal_flush(file->wal) != SQLITE_OK || (wal_size = wal.size(wal.self)) < 0) {
            return sqlite3_mprintf("error: the WAL cannot be read");
        }
    }
    ns_rc rc = nest_verify_pages(file->vault, &main_file, wal.self == NULL ? NULL : &wal,
                                 wal.self != NULL && wal_size == 0, &report);
    if (rc != NS_OK) {
        return sqlite3_mprintf("error: %s", ns_rc_key(rc));
    }
    if (report.damaged > 0) {
        file->damaged = true;
        return sqlite3_mprintf("damaged: %llu places", (unsigned long long)report.damaged);
    }
    return sqlite3_mprintf("ok");
}

static char *status_text(const struct nest_file *file) {
    static const char *const holds[] = {"none", "old-pages", "old-wal", "cut-wal", "wal-damage", "witness"};
    struct nest_record record = {0};
    uint64_t sequence;
    if (file->vault == NULL) {
        return sqlite3_mprintf("empty");
    }
    bool known = nest_record_read(file->vault, &record, &sequence) == SQLITE_OK;
    uint32_t old = atomic_load(&file->vault->old_epoch);
    return sqlite3_mprintf("format=%d suite=xchacha20-poly1305 page_size=%u epoch=%u freshness=%s counter=%llu hold=%s damage=%s%s",
                           NEST_FORMAT, file->page_size, atomic_load(&file->vault->epoch),
                           known && record.mode != NEST_FRESH_OFF ? "on" : "off", (unsigned long long)record.counter,
                           holds[ns_vault_held(file->vault)], file->damaged ? "found" : "none", old != 0 ? " rekey=under-way" : "");
}

static int refuse(char **answer, const char *text) {
    *answer = sqlite3_mprintf("%s", text);
    return SQLITE_ERROR;
}

static int pragma(struct nest_file *file, char **text) {
    const char *name = text[1], *value = text[2];
    if (strcasecmp(name, "nest_verify") == 0) {
        text[0] = verify_text(file);
        return text[0] == NULL ? SQLITE_NOMEM : SQLITE_OK;
    }
    if (strcasecmp(name, "nest_status") == 0) {
        text[0] = status_text(file);
        return text[0] == NULL ? SQLITE_NOMEM : SQLITE_OK;
    }
    if (value == NULL) {
        return SQLITE_NOTFOUND;
    }
    if (strcasecmp(name, "nest_rekey") == 0 && file->vault != NULL) { /* the steps of ns_vault_rekey */
        bool begin = strcasecmp(value, "begin") == 0;
        if (!begin && (strcasecmp(value, "finish") != 0 || file->lock < SQLITE_LOCK_SHARED)) {
            return refuse(&text[0], "nest_rekey: begin, then VACUUM, then finish with the right to write");
        }
        return begin ? nest_epoch_begin(file) : nest_epoch_finish(file);
    }
    if (strcasecmp(name, "page_size") == 0 && file->vault != NULL &&
        strtoul(value, NULL, 10) != file->page_size) {
        return refuse(&text[0], "the page size of an encrypted store is fixed; VACUUM INTO a file made with another one");
    }
    if (strcasecmp(name, "mmap_size") == 0 && strtol(value, NULL, 10) > 0) {
        return refuse(&text[0], "an encrypted store cannot be mapped into memory");
    }
    if (strcasecmp(name, "journal_mode") == 0 && strcasecmp(value, "off") == 0) {
        return refuse(&text[0], "an encrypted store keeps a journal: wal, delete, truncate, persist or memory");
    }
    return SQLITE_NOTFOUND;
}

int nest_main_control(sqlite3_file *base, int op, void *arg) {
    struct nest_file *file = (struct nest_file *)(void *)base;
    int rc;
    switch (op) {
    case SQLITE_FCNTL_PDB:
        nest_lock();
        file->connection = arg == NULL ? NULL : *(sqlite3 **)arg;
        nest_unlock();
        return SQLITE_OK;
    case SQLITE_FCNTL_PRAGMA:
        return pragma(file, arg);
    case SQLITE_FCNTL_SIZE_HINT:
    case SQLITE_FCNTL_CHUNK_SIZE: /* they would extend the file with zeros */
        return SQLITE_OK;
    case SQLITE_FCNTL_MMAP_SIZE:
        *(sqlite3_int64 *)arg = 0;
        return SQLITE_OK;
    case SQLITE_FCNTL_CKPT_START:
        file->pages = -1;
        file->head_known = false;
        file->checkpoint = file->wal != NULL;
        file->real->pMethods->xFileControl(file->real, op, arg);
        return SQLITE_OK;
    case SQLITE_FCNTL_CKPT_DONE:
        file->checkpoint = false;
        file->head_known = false;
        file->real->pMethods->xFileControl(file->real, op, arg);
        return SQLITE_OK;
    case SQLITE_FCNTL_PERSIST_WAL: /* a WAL left aside is kept for whoever decides */
        if (file->vault != NULL && ns_vault_held(file->vault) != NS_HOLD_NONE && *(int *)arg < 0) {
            *(int *)arg = 1;
            return SQLITE_OK;
        }
        return file->real->pMethods->xFileControl(file->real, op, arg);
    case NEST_FCNTL_ADOPT:
        return nest_fresh_adopt(file);
    case SQLITE_FCNTL_VFSNAME:
        rc = file->real->pMethods->xFileControl(file->real, op, arg);
        if (rc == SQLITE_OK) {
            char **name = arg;
            char *longer = sqlite3_mprintf("nest/%z", *name);
            *name = longer;
        }
        return rc;
    default:
        return file->real->pMethods->xFileControl(file->real, op, arg);
    }
}
