/* judge.c: is what stands there what was last written here? And the hold when it is not. */
#include "agent/store/vfs/nest.h"
#include "shared/text/message.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

void nest_hold(struct ns_vault *vault, enum ns_hold why) {
    int none = NS_HOLD_NONE;
    if (atomic_compare_exchange_strong(&vault->held, &none, (int)why)) {
        LOG_ERROR("event=store-held reason=%d", (int)why);
    }
}

enum ns_hold ns_vault_held(const struct ns_vault *vault) {
    return (enum ns_hold)atomic_load_explicit(&vault->held, memory_order_relaxed);
}

void ns_vault_hold(struct ns_vault *vault, enum ns_hold why) {
    atomic_store(&vault->held, (int)why);
}

/* A checkpoint that was interrupted needs its WAL: without it the file is a mixture of two states. */
int nest_wal_needed(const struct nest_file *file) {
    for (int tries = 0; tries < 3; tries++) { /* another process may be just at it */
        struct nest_record record;
        uint64_t sequence;
        char path[PATH_MAX];
        uint8_t salts[8] = {0};
        struct stat st = {0};
        int rc = nest_record_read(file->vault, &record, &sequence);
        if (rc != SQLITE_OK || record.mode != NEST_FRESH_OPEN) {
            return rc;
        }
        int n = snprintf(path, sizeof path, "%s-wal", file->name);
        int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        bool fits = fd >= 0 && fstat(fd, &st) == 0 && pread(fd, salts, 8, 16) == 8 &&
                    memcmp(salts, record.salts, 8) == 0 &&
                    st.st_size >= NEST_WAL_HEAD + (int64_t)record.frames * (24 + (int64_t)file->page_size);
        if (fd >= 0) {
            close(fd); /* a WAL carries no record locks that this could drop */
        }
        if (fits) {
            return SQLITE_OK;
        }
    }
    LOG_ERROR("event=wal-needed file=missing-or-cut");
    return SQLITE_IOERR_DATA;
}

/* ---- sums of what stands on disk ---- */

struct look {
    struct ns_vault *vault;
    const struct nest_source *main_file, *wal;
    int64_t main_size, wal_size;
};

/* Pages of the first n frames; false when one is not genuine. */
static ns_rc frames_hold(const struct look *l, const struct nest_record *record, struct nest_bits *pages, bool *whole) {
    uint32_t page = l->vault->header.page_size;
    int64_t step = 24 + (int64_t)page;
    *whole = l->wal_size >= NEST_WAL_HEAD + (int64_t)record->frames * step;
    for (uint32_t f = 0; *whole && f < record->frames; f++) {
        uint8_t stored[24], trailer[NS_TRAILER_BYTES], logical[24];
        int64_t got = 0, at = NEST_WAL_HEAD + f * step;
        if (l->wal->read(l->wal->self, stored, 24, at, &got) != 0 ||
            l->wal->read(l->wal->self, trailer, NS_TRAILER_BYTES, at + step - NS_TRAILER_BYTES, &got) != 0) {
            return NS_E_IO;
        }
        *whole = nest_frame_genuine(l->vault, record->salts, f, stored, trailer, logical) != NEST_FRAME_BAD;
        if (*whole) {
            if (!nest_bits_room(pages, nest_get32(logical))) {
                return NS_E_MEMORY;
            }
            nest_bits_put(pages, nest_get32(logical));
        }
    }
    return NS_OK;
}

static ns_rc sums(const struct look *l, const struct nest_bits *without, uint32_t limit, struct nest_sum *all, struct nest_sum *rest) {
    uint32_t page = l->vault->header.page_size;
    int64_t pages = l->main_size <= NEST_H ? 0 : (l->main_size - NEST_H) / page;
    *all = *rest = (struct nest_sum){{0}};
    for (int64_t p = 1; p <= pages; p++) {
        uint8_t tag[NS_TAG_BYTES];
        struct nest_sum sum;
        int64_t got = 0;
        if (l->main_file->read(l->main_file->self, tag, NS_TAG_BYTES, NEST_H + p * page - NS_TAG_BYTES, &got) != 0) {
            return NS_E_IO;
        }
        nest_sum_of(l->vault->keys, tag, &sum);
        nest_sum_add(all, &sum);
        if (!nest_bits_has(without, p) && (limit == 0 || p <= (int64_t)limit)) {
            nest_sum_add(rest, &sum);
        }
    }
    return NS_OK;
}

static ns_rc judge(const struct look *l, const struct nest_record *record, struct ns_fresh *out) {
    struct nest_bits covered = {0};
    struct nest_sum all, rest;
    uint8_t head[NEST_WAL_HEAD], mac[8];
    int64_t got = 0;
    bool whole = true, any = false;
    ns_rc rc = NS_OK;
    out->counter = record->counter;
    out->accepted = record->accepted != 0;
    out->pages = l->main_size <= NEST_H ? 0 : (uint64_t)(l->main_size - NEST_H) / l->vault->header.page_size;
    out->state = NS_FRESH_OFF;
    if (record->mode == NEST_FRESH_OFF) {
        return NS_OK;
    }
    if (l->wal != NULL && l->wal_size >= NEST_WAL_HEAD) {
        rc = l->wal->read(l->wal->self, head, sizeof head, 0, &got) == 0 ? NS_OK : NS_E_IO;
        any = rc == NS_OK && got == NEST_WAL_HEAD;
    }
    if (any && l->wal_size >= NEST_WAL_HEAD + 24 + (int64_t)l->vault->header.page_size &&
        !nest_wal_head_known(head, l->vault->header.page_size)) {
        out->state = NS_FRESH_OLD_WAL; /* SQLite would begin it anew over the commits in it */
        return NS_OK;
    }
    bool known = any && record->frames > 0 && memcmp(record->salts, head + 16, 8) == 0;
    if (known) {
        rc = frames_hold(l, record, &covered, &whole);
    } else if (rc == NS_OK && any) {
        uint8_t stored[24], trailer[NS_TRAILER_BYTES], logical[24];
        int64_t step = 24 + (int64_t)l->vault->header.page_size;
        nest_wal_head_mac(l->vault, head, &record->set, mac);
        if (!ns_crypto_equal(mac, head + 24, sizeof mac) && l->wal_size >= NEST_WAL_HEAD + step &&
            l->wal->read(l->wal->self, stored, 24, NEST_WAL_HEAD, &got) == 0 &&
            l->wal->read(l->wal->self, trailer, NS_TRAILER_BYTES, NEST_WAL_HEAD + step - NS_TRAILER_BYTES, &got) == 0 &&
            nest_frame_genuine(l->vault, head + 16, 0, stored, trailer, logical) != NEST_FRAME_BAD) {
            out->state = NS_FRESH_OLD_WAL;
            goto out;
        }
    }
    if (rc == NS_OK) {
        rc = sums(l, &covered, record->limit, &all, &rest);
    }
    if (rc != NS_OK) {
        goto out;
    }
    if (!whole || (record->mode == NEST_FRESH_OPEN && !known)) {
        out->state = NS_FRESH_CUT_WAL;
    } else if ((record->mode == NEST_FRESH_CLOSED && nest_sum_same(&all, &record->set)) ||
               (known && nest_sum_same(&rest, &record->settled))) {
        out->state = NS_FRESH_GOOD;
    } else {
        out->state = NS_FRESH_OLD_PAGES;
    }
out:
    free(covered.word);
    return rc;
}

#define TRIES 50

/* The salts name a generation of the WAL; zeros: there is none. */
static void salts_of(const struct nest_source *wal, uint8_t out[8]) {
    int64_t got = 0;
    memset(out, 0, 8);
    if (wal != NULL && (wal->read(wal->self, out, 8, 16, &got) != 0 || got != 8)) {
        memset(out, 0, 8);
    }
}

/* Everything is read between two looks at the record and the WAL's salts; only when the second finds both as
 * they were do record, file and WAL belong together. A checkpoint changes the record before its first page and
 * after its last; a WAL that begins anew changes its salts alone. */
ns_rc nest_judge(struct ns_vault *vault, const struct nest_source *main_file, const struct nest_source *wal,
                 struct ns_fresh *out) {
    static const enum ns_hold holds[] = {
        [NS_FRESH_GOOD] = NS_HOLD_NONE, [NS_FRESH_OFF] = NS_HOLD_NONE, [NS_FRESH_OLD_PAGES] = NS_HOLD_OLD_PAGES,
        [NS_FRESH_OLD_WAL] = NS_HOLD_OLD_WAL, [NS_FRESH_CUT_WAL] = NS_HOLD_CUT_WAL};
    for (int i = 0; i < TRIES; i++) {
        struct nest_record record, after;
        uint64_t sequence = 0, again = 0;
        uint8_t salts[8], salts_after[8];
        if (nest_record_read(vault, &record, &sequence) != SQLITE_OK) {
            return NS_E_DAMAGED;
        }
        struct look l = {vault, main_file, wal, main_file->size(main_file->self), wal == NULL ? 0 : wal->size(wal->self)};
        salts_of(wal, salts);
        ns_rc rc = l.main_size < 0 || l.wal_size < 0 ? NS_E_IO : judge(&l, &record, out);
        if (rc != NS_OK || holds[out->state] == NS_HOLD_NONE) {
            return rc;
        }
        salts_of(wal, salts_after);
        if (memcmp(salts, salts_after, sizeof salts) == 0 && nest_record_read(vault, &after, &again) == SQLITE_OK &&
            again == sequence) {
            nest_hold(vault, holds[out->state]);
            return NS_OK;
        }
    }
    out->state = NS_FRESH_OFF;
    return NS_E_BUSY;
}

/* ---- taking it as it is ---- */

static ns_rc accept_with(struct ns_vault *vault, sqlite3 *db, struct ns_err *err) {
    char sql[] = "PRAGMA wal_checkpoint(TRUNCATE)";
    int code = sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    ns_vault_hold(vault, NS_HOLD_NONE); /* found again at that first read */
    if (code == SQLITE_OK) {
        code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_file_control(db, "main", NEST_FCNTL_ADOPT, NULL);
    }
    if (code != SQLITE_OK) {
        return ns_err_note(err, (code & 0xff) == SQLITE_BUSY ? NS_E_BUSY : NS_E_IO, "accept: %s", sqlite3_errmsg(db));
    }
    return NS_OK;
}

ns_rc ns_vault_accept(struct ns_vault *vault, struct ns_err *err) {
    sqlite3 *db = NULL;
    char uri[PATH_MAX + 32];
    enum ns_hold before = ns_vault_held(vault);
    struct ns_fresh fresh = {0};
    ns_rc rc = ns_vault_fresh(vault, &fresh, err);
    if (rc == NS_OK && fresh.state == NS_FRESH_OLD_PAGES && fresh.pages == 0) { /* nobody wants that */
        rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_store_cut_all, vault->path, NULL, NULL);
    }
    rc = rc == NS_OK ? ns_vault_attach(vault, err) : rc;
    if (rc != NS_OK) {
        return rc;
    }
    snprintf(uri, sizeof uri, "%s", vault->path);
    if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READWRITE, "nest") != SQLITE_OK) {
        rc = ns_err_note(err, NS_E_IO, "accept: %s", sqlite3_errmsg(db));
    } else {
        rc = accept_with(vault, db, err);
    }
    sqlite3_close(db);
    if (rc != NS_OK) {
        ns_vault_hold(vault, before);
    } else {
        LOG_WARN("event=store-accepted hold=%d", (int)before);
    }
    return rc;
}
