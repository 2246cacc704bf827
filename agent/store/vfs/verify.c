/* verify.c: read everything and check every tag. */
#include "agent/store/vfs/nest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void report_damage(struct ns_verify *report, enum ns_damage kind, uint64_t place) {
    report->damaged++;
    if (report->found != NULL) {
        report->found(report->self, kind, place);
    }
}

struct pages {
    struct ns_vault *vault;
    struct ns_page_cipher *cipher;
    uint32_t epoch[2]; /* that pages may stand under, the likelier first; 0: no other */
    uint8_t *buf;      /* 24 + page size, as read */
    uint8_t *clear;    /* page size */
};

static ns_rc pages_init(struct pages *p, struct ns_vault *vault, uint32_t only) {
    *p = (struct pages){.vault = vault};
    ns_vault_epochs(vault, &p->epoch[0], &p->epoch[1]);
    if (only != 0) {
        p->epoch[0] = only;
        p->epoch[1] = 0;
    }
    p->cipher = ns_page_cipher_new(vault->keys->page[p->epoch[0] % NEST_EPOCHS], true);
    p->buf = malloc(2 * (size_t)vault->header.page_size + 24);
    p->clear = p->buf == NULL ? NULL : p->buf + vault->header.page_size + 24;
    return p->cipher == NULL || p->buf == NULL ? NS_E_MEMORY : NS_OK;
}

static void pages_fini(struct pages *p) {
    if (p->buf != NULL) {
        ns_crypto_wipe(p->clear, p->vault->header.page_size);
    }
    free(p->buf);
    ns_page_cipher_free(p->cipher);
}

static bool page_opens(struct pages *p, const uint8_t *page, uint32_t number) {
    const struct nest_header *h = &p->vault->header;
    uint32_t n = h->page_size - NEST_RESERVE;
    for (int i = 0; i < 2 && p->epoch[0] != 0; i++) {
        struct ns_page_place place = {NS_PAGE_MAIN, h->suite, p->epoch[0], h->file_id, number, 0};
        if (ns_page_open(p->cipher, &place, p->clear, page, n, page + n)) {
            return true;
        }
        if (p->epoch[1] == 0) {
            return false;
        }
        uint32_t other = p->epoch[1];
        p->epoch[1] = p->epoch[0];
        p->epoch[0] = other;
        ns_page_cipher_use(p->cipher, p->vault->keys->page[other % NEST_EPOCHS]);
    }
    return false;
}

/* Frames up to the first bad one count; what follows it is the tail of a crash unless a frame there says
 * that all before it had been synced. *bad: the frame that was whole once, or -1. */
static int read_frames(struct pages *p, const struct nest_source *wal, uint64_t *whole, bool *all_open, int64_t *bad) {
    uint32_t page = p->vault->header.page_size;
    uint8_t *buf = p->buf;
    uint8_t salts[8], after[8], logical[24];
    int64_t got = 0, first_bad = -1, step = 24 + (int64_t)page, size = wal->size(wal->self);
    int64_t frames = size < 32 ? 0 : (size - 32) / step;
    *whole = 0;
    *bad = -1;
    if (size < 0 || (frames > 0 && (wal->read(wal->self, salts, 8, 16, &got) != 0 || got != 8))) {
        return -1;
    }
    for (int64_t f = 0; f < frames; f++) {
        if (wal->read(wal->self, buf, (int)step, 32 + f * step, &got) != 0) {
            return -1;
        }
        enum nest_frame frame = got != step ? NEST_FRAME_BAD
            : nest_frame_genuine(p->vault, salts, (uint32_t)f, buf, buf + 24 + page - NEST_RESERVE, logical);
        bool good = frame != NEST_FRAME_BAD && page_opens(p, buf + 24, nest_get32(logical));
        *all_open = *all_open && (good || frame == NEST_FRAME_BAD);
        if (good && first_bad < 0) {
            (*whole)++;
        } else if (good && frame == NEST_FRAME_FOLLOWS_SYNC) {
            *bad = first_bad;
        } else if (!good && first_bad < 0) {
            first_bad = f;
        }
    }
    /* Frames of an older generation behind the end are normal: they do not fit these salts. Unless a new
     * one began meanwhile: then those read last were of it, and nothing is wrong. */
    if (*bad >= 0 && (wal->read(wal->self, after, 8, 16, &got) != 0 || got != 8)) {
        return -1;
    }
    *bad = *bad >= 0 && memcmp(salts, after, 8) != 0 ? -1 : *bad;
    return 0;
}

bool nest_wal_head_known(const uint8_t head[NEST_WAL_HEAD], uint32_t page_size) {
    return (nest_get32(head) & ~1u) == 0x377f0682u && nest_get32(head + 4) == 3007000u && nest_get32(head + 8) == page_size;
}

static int head_known(struct pages *p, const struct nest_source *wal, bool *known) {
    uint8_t head[NEST_WAL_HEAD];
    int64_t got = 0;
    *known = true;
    if (wal->size(wal->self) < 32 + 24 + (int64_t)p->vault->header.page_size) {
        return 0;
    }
    if (wal->read(wal->self, head, sizeof head, 0, &got) != 0 || got != sizeof head) {
        return -1;
    }
    *known = nest_wal_head_known(head, p->vault->header.page_size);
    return 0;
}

static int verify_wal(struct pages *p, const struct nest_source *wal, struct ns_verify *report, bool *all_open) {
    int64_t bad = 0;
    uint64_t whole = 0;
    bool known = true;
    if (head_known(p, wal, &known) != 0) {
        return -1;
    }
    if (!known) {
        report_damage(report, NS_DAMAGE_WAL, 0);
        return 0;
    }
    for (int attempt = 0; bad >= 0 && attempt < 3; attempt++) { /* a frame may be half written just now */
        if (read_frames(p, wal, &whole, all_open, &bad) != 0) {
            return -1;
        }
    }
    report->frames += whole;
    if (bad >= 0) {
        report_damage(report, NS_DAMAGE_WAL, (uint64_t)bad + 1);
    }
    return 0;
}

/* The number of pages that page 1 (opened) names; 0 when it names none that can be trusted. */
static int64_t pages_named(const uint8_t *page) {
    return memcmp(page + 24, page + 92, 4) == 0 ? (int64_t)nest_get32(page + 28) : 0;
}

ns_rc nest_verify_pages(struct ns_vault *vault, const struct nest_source *main_file,
                        const struct nest_source *wal, bool settled, struct ns_verify *report) {
    uint32_t page = vault->header.page_size;
    struct pages p;
    bool ignored = true;
    ns_rc rc = pages_init(&p, vault, 0);
    int64_t size = main_file->size(main_file->self), named = 0;
    rc = rc == NS_OK && size < 0 ? NS_E_IO : rc;
    int64_t pages = size <= NEST_H ? 0 : (size - NEST_H) / page;
    for (int64_t i = 0; rc == NS_OK && i < pages; i++) {
        bool good = false;
        for (int attempt = 0; !good && attempt < 3; attempt++) { /* a writer may be at work */
            int64_t got = 0;
            if (main_file->read(main_file->self, p.buf, (int)page, NEST_H + i * page, &got) != 0) {
                rc = NS_E_IO;
                break;
            }
            good = got == page && page_opens(&p, p.buf, (uint32_t)i + 1);
        }
        if (rc == NS_OK && !good) { /* a checkpoint may have cut the file meanwhile */
            size = main_file->size(main_file->self);
            pages = size <= NEST_H ? 0 : (size - NEST_H) / page;
            if (i >= pages) {
                break;
            }
        }
        report->pages++;
        named = i == 0 && good ? pages_named(p.clear) : named;
        if (rc == NS_OK && !good) {
            report_damage(report, NS_DAMAGE_PAGE, (uint64_t)i + 1);
        }
    }
    bool wrong = (size > NEST_H && (size - NEST_H) % page != 0) || (settled && named > pages);
    for (int attempt = 0; rc == NS_OK && wrong && attempt < 3; attempt++) { /* it may be growing just now */
        size = main_file->size(main_file->self);
        wrong = (size > NEST_H && (size - NEST_H) % page != 0) ||
                (settled && size == NEST_H + pages * page && named > pages && (wal == NULL || wal->size(wal->self) == 0));
    }
    if (rc == NS_OK && wrong) {
        report_damage(report, NS_DAMAGE_SIZE, (uint64_t)pages + 1);
    }
    if (rc == NS_OK && wal != NULL && verify_wal(&p, wal, report, &ignored) != 0) {
        rc = NS_E_IO;
    }
    if (rc == NS_OK) {
        rc = nest_judge(vault, main_file, wal, &report->fresh);
    }
    if (rc == NS_OK && report->fresh.state != NS_FRESH_GOOD && report->fresh.state != NS_FRESH_OFF) {
        report_damage(report, NS_DAMAGE_OLD, (uint64_t)report->fresh.state);
    }
    pages_fini(&p);
    return rc;
}

ns_rc nest_verify_epoch(struct ns_vault *vault, uint32_t epoch, const struct nest_source *main_file,
                        const struct nest_source *wal, bool *all) {
    uint32_t page = vault->header.page_size;
    struct pages p;
    struct ns_verify unused = {0};
    ns_rc rc = pages_init(&p, vault, epoch);
    int64_t size = main_file->size(main_file->self);
    rc = rc == NS_OK && size < 0 ? NS_E_IO : rc;
    *all = true;
    for (int64_t i = 0; rc == NS_OK && *all && NEST_H + (i + 1) * page <= size; i++) {
        int64_t got = 0;
        rc = main_file->read(main_file->self, p.buf, (int)page, NEST_H + i * page, &got) == 0 ? NS_OK : NS_E_IO;
        *all = rc == NS_OK && got == page && page_opens(&p, p.buf, (uint32_t)i + 1);
    }
    if (rc == NS_OK && *all && wal != NULL && verify_wal(&p, wal, &unused, all) != 0) {
        rc = NS_E_IO;
    }
    pages_fini(&p);
    return rc;
}

static int fd_read(void *self, void *out, int n, int64_t at, int64_t *got) {
    int fd = *(int *)self;
    int have = 0;
    while (have < n) {
        ssize_t r = pread(fd, (char *)out + have, (size_t)(n - have), at + have);
        if (r < 0 && errno == EINTR) {
            continue;
        }
        if (r < 0) {
            return -1;
        }
        if (r == 0) {
            break;
        }
        have += (int)r;
    }
    *got = have;
    return 0;
}

static int64_t fd_size(void *self) {
    struct stat st;
    return fstat(*(int *)self, &st) == 0 ? st.st_size : -1;
}

/* The WAL beside the file: whoever closes last removes it, and the next makes a new one. A WAL carries no
 * record locks that closing it could drop. */
struct wal_file {
    int fd; /* first: fd_read reads it; -1: there is none */
    char path[PATH_MAX];
};

static bool wal_of(struct wal_file *w, const struct ns_vault *vault) {
    int n = snprintf(w->path, sizeof w->path, "%s-wal", vault->path);
    w->fd = -1;
    return n > 0 && (size_t)n < sizeof w->path;
}

static void wal_close(struct wal_file *w) {
    if (w->fd >= 0) {
        close(w->fd);
    }
    w->fd = -1;
}

static int64_t wal_size(void *self) {
    struct wal_file *w = self;
    struct stat mine, there;
    bool gone = stat(w->path, &there) != 0;
    if (w->fd >= 0 && !gone && fstat(w->fd, &mine) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev) {
        return mine.st_size;
    }
    wal_close(w);
    w->fd = gone ? -1 : open(w->path, O_RDONLY | O_CLOEXEC);
    return w->fd < 0 ? 0 : fd_size(&w->fd);
}

static bool has_journal(const char *path) {
    char journal[PATH_MAX];
    struct stat st;
    int n = snprintf(journal, sizeof journal, "%s-journal", path);
    return n > 0 && (size_t)n < sizeof journal && stat(journal, &st) == 0 && st.st_size > 0;
}

ns_rc ns_vault_fresh(struct ns_vault *vault, struct ns_fresh *out, struct ns_err *err) {
    struct nest_disk *disk = NULL;
    struct wal_file w;
    *out = (struct ns_fresh){0};
    ns_rc rc = nest_disk_open(vault->path, false, &disk, err);
    if (rc != NS_OK) {
        return rc;
    }
    struct nest_source main_file = {fd_read, fd_size, &disk->fd}, wal = {fd_read, wal_size, &w};
    rc = wal_of(&w, vault) ? nest_judge(vault, &main_file, &wal, out) : NS_E_IO;
    if (rc != NS_OK) {
        ns_err_note(err, rc, rc == NS_E_BUSY ? "freshness: somebody writes all the time" : "freshness: the file cannot be read");
    }
    wal_close(&w);
    nest_disk_close(disk);
    return rc;
}

/* Both copies, read as often as somebody may just be writing one. */
static ns_rc verify_headers(struct ns_vault *vault, struct nest_disk *disk, struct ns_verify *report, struct ns_err *err) {
    uint8_t *bytes = malloc(NEST_H);
    struct nest_keys *keys = ns_secret_new(sizeof *keys);
    bool good[2] = {false, false};
    ns_rc rc = bytes == NULL || keys == NULL ? ns_err_note(err, NS_E_MEMORY, "verify: no memory") : NS_OK;
    for (int attempt = 0; rc == NS_OK && attempt < 3 && !(good[0] && good[1]); attempt++) {
        rc = nest_header_read(disk, vault->path, bytes, err);
        for (int i = 0; rc == NS_OK && i < 2; i++) {
            struct nest_header h;
            *keys = *vault->keys;
            good[i] = good[i] || (nest_header_parse(bytes + i * NEST_COPY, &h) == NEST_OK && nest_keys_derive(keys, &h) &&
                                  nest_header_genuine(bytes + i * NEST_COPY, keys));
        }
    }
    for (int i = 0; rc == NS_OK && i < 2; i++) {
        if (!good[i]) {
            report_damage(report, NS_DAMAGE_HEADER, (uint64_t)i + 1);
        }
    }
    ns_secret_free(keys);
    free(bytes);
    return rc;
}

ns_rc ns_vault_verify(struct ns_vault *vault, struct ns_verify *report, struct ns_err *err) {
    struct nest_disk *disk = NULL;
    struct wal_file w;
    report->pages = report->frames = report->damaged = 0;
    ns_rc rc = nest_disk_open(vault->path, false, &disk, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = verify_headers(vault, disk, report, err);
    if (rc == NS_OK) {
        struct nest_source main_file = {fd_read, fd_size, &disk->fd}, wal = {fd_read, wal_size, &w};
        rc = wal_of(&w, vault) ? NS_OK : NS_E_IO;
        bool settled = rc == NS_OK && wal_size(&w) == 0 && !has_journal(vault->path);
        rc = rc == NS_OK ? nest_verify_pages(vault, &main_file, &wal, settled, report) : rc;
        if (rc != NS_OK) {
            ns_err_note(err, rc, rc == NS_E_BUSY ? "verify: somebody writes all the time" : "verify: the file cannot be read");
        }
        wal_close(&w);
    }
    nest_disk_close(disk);
    return rc;
}
