/* nest.h: what the files of the VFS share with one another; nobody else includes it.
 *
 * Locks: one mutex (nest_lock) guards the lists of attached vaults and open main files; a file
 * object itself is used under its connection's mutex only. No allocation after xOpen except for
 * the tags of temporary files. */
#pragma once
#include "agent/store/vfs/header.h"
#include "shared/crypto/page.h"

#include <sqlite3.h>

/* Every open of one inode in this process shares this descriptor: closing another one would drop
 * SQLite's POSIX locks on the file. */
struct nest_disk {
    struct nest_disk *next;
    uint64_t dev, ino;
    int fd, refs;
};

struct ns_vault {
    int refs; /* under nest_lock */
    bool attached;
    struct ns_vault *next; /* attached ones */
    struct nest_disk *disk;
    struct nest_keys *keys; /* secret memory */
    struct nest_header header;
    char *path;
};

enum nest_kind { NEST_MAIN, NEST_WAL, NEST_JOURNAL, NEST_TEMP };

struct nest_file {
    sqlite3_file base;
    enum nest_kind kind;
    sqlite3_file *real;      /* the stock VFS's file, right behind this struct */
    struct nest_file *db;    /* of a WAL or journal: the main file beside it */
    struct ns_vault *vault;  /* main: NULL until the header is there */
    struct ns_page_cipher *cipher;
    uint8_t *scratch;        /* 24 + page size */
    uint32_t page_size;
    bool damaged;            /* main: something failed its check since open */

    /* main */
    struct nest_file *next;
    const char *name;
    sqlite3 *connection;
    struct nest_file *wal;
    bool reserve_set, checkpoint, head_known, shared;
    int lock;
    int64_t pages;                        /* -1: ask the disk */
    uint8_t head[100], head_trailer[NS_TRAILER_BYTES];
    volatile uint32_t *index_head;        /* first region of -shm */

    /* WAL */
    uint8_t salts[8];
    bool salts_known, pending;
    int64_t pending_frame, whole_frame;   /* held-back header; last frame read whole (-1) */
    uint8_t pending_header[24];
    int64_t stop_frame;                   /* where a recovery stopped, -1 */

    /* journal */
    int64_t number_at, body_at;           /* last page number; last body written or read */
    uint32_t number;
    uint8_t body_nonce[NS_NONCE_BYTES];
    bool body_good, body_mine;
    uint32_t body_sum;
    int64_t head_at;                      /* header in force, -1 */
    uint8_t journal_head[28];
    uint32_t promised;                    /* records that header vouches for */
    bool writing;

    /* temporary */
    uint8_t temp_key[NS_KEY_BYTES], temp_id[16];
    uint8_t *trailers;
    uint8_t *block;                       /* clear text of block_index */
    int64_t blocks, block_cap, block_index, size;
};

extern sqlite3_vfs *nest_real_vfs;
extern const sqlite3_io_methods nest_main_methods, nest_wal_methods, nest_journal_methods,
    nest_temp_methods;

void nest_lock(void);
void nest_unlock(void);

/* vault.c; lists under nest_lock */
ns_rc nest_disk_open(const char *path, bool create, struct nest_disk **out, struct ns_err *err);
void nest_disk_close(struct nest_disk *disk);
/* An attached vault whose master key fits these 16 KiB, as a vault of that file, with one ref.
 * NS_E_KEY when none fits. */
ns_rc nest_vault_for(const char *path, const uint8_t header[NEST_H], struct ns_vault **out);
/* A new file of the same vault beside `like`: its header bytes, and the vault. */
ns_rc nest_vault_sibling(const char *path, const struct ns_vault *like, uint8_t header[NEST_H],
                         struct ns_vault **out);

ns_rc nest_header_choose(const uint8_t bytes[NEST_H], struct nest_keys *keys,
                         struct nest_header *out); /* newest genuine copy, else NS_E_DAMAGED */
ns_rc nest_header_read(const struct nest_disk *disk, const char *path, uint8_t bytes[NEST_H],
                       struct ns_err *err);
ns_rc nest_header_write(const struct ns_vault *vault, int first, struct ns_err *err);

void ns_vault_unref(struct ns_vault *vault); /* an open file's share; NULL is fine */

/* vfs.c */
int nest_close(sqlite3_file *base);
int nest_file_ready(struct nest_file *file, struct ns_vault *vault); /* takes the ref */
void nest_file_free(struct nest_file *file);
struct nest_file *nest_main_list(void);

struct ns_page_place nest_place(const struct nest_file *file, uint8_t domain, uint32_t number,
                                uint32_t extra);

/* main.c */
int nest_fill_to(struct nest_file *file, int64_t pages);
int nest_main_prepare(struct nest_file *file); /* first lock of an empty file */
int nest_main_control(sqlite3_file *base, int op, void *arg); /* control.c */

/* wal.c */
int nest_wal_flush(struct nest_file *wal);
bool nest_frame_genuine(const struct ns_vault *vault, const uint8_t salts[8], uint32_t frame,
                        const uint8_t stored[24], const uint8_t *trailer, uint8_t logical[24]);

/* verify.c: reads through either a descriptor or SQLite's file. */
struct nest_source {
    int (*read)(void *self, void *out, int n, int64_t at, int64_t *got);
    void *self;
};
ns_rc nest_verify_pages(const struct ns_vault *vault, const struct nest_source *main_file,
                        int64_t main_size, const struct nest_source *wal, int64_t wal_size,
                        bool settled, /* no WAL or journal holds what the file may lack */
                        struct ns_verify *report);

/* extension.c switches this on: a person at a terminal may be asked for the passphrase. */
extern bool nest_ask_terminal;
