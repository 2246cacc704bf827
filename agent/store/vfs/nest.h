/* nest.h: what the files of the VFS share with one another; nobody else includes it.
 *
 * Locks: one mutex (nest_lock) guards the lists of attached vaults and open main files; a file
 * object itself is used under its connection's mutex only. No allocation after xOpen except for
 * the tags of temporary files. */
#pragma once
#include "agent/store/vfs/fresh.h"
#include "shared/crypto/page.h"

#include <sqlite3.h>
#include <stdatomic.h>

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
    atomic_bool header_unsynced; /* a copy of the header was written and not yet synced */
    atomic_uint epoch, old_epoch; /* of pages: written under, may still stand under (0: none) */
    atomic_bool epoch_unsynced;   /* the header that says so may not be on disk yet */
    atomic_int held; /* enum ns_hold: nothing is written before somebody decides */
};

#define NEST_TAGS 8192   /* tags kept by a writing connection: pages 1 to 8191, 128 KiB */
#define NEST_NEAR 32
#define NEST_REGIONS 64  /* of the wal-index; further ones are read from the WAL */

/* What a connection that may write keeps for the freshness record. */
struct nest_writer {
    bool begun, tracking;
    uint64_t sequence;          /* header's, when tags were last known to be right */
    struct nest_record record;  /* of the checkpoint under way */
    struct nest_sum settled, moved; /* pages that the WAL does not hold, and those it does */
    uint32_t frames;
    int64_t limit;              /* settled counts pages up to this one */
    int64_t top;                /* highest page of the WAL */
    struct nest_bits covered, waiting, tag_known;
    int64_t near_first, near_n; /* tags of a run of pages beyond the table, read at once */
    uint8_t near_tag[NEST_NEAR][NS_TAG_BYTES];
    uint8_t tag[NEST_TAGS][NS_TAG_BYTES];
};

enum nest_kind { NEST_MAIN, NEST_WAL, NEST_JOURNAL, NEST_TEMP };

struct nest_file {
    sqlite3_file base;
    enum nest_kind kind;
    sqlite3_file *real;      /* the stock VFS's file, right behind this struct */
    struct nest_file *db;    /* of a WAL or journal: the main file beside it */
    struct ns_vault *vault;  /* main: NULL until the header is there */
    struct ns_page_cipher *cipher;
    uint32_t cipher_epoch;   /* whose key it has */
    uint8_t *scratch;        /* 24 + page size */
    uint32_t page_size;
    bool damaged;            /* main: something failed its check since open */

    /* main */
    struct nest_file *next;
    const char *name;
    sqlite3 *connection;
    struct nest_file *wal;
    bool reserve_set, checkpoint, head_known, read_only;
    bool off_sure; /* the record is off: looked at under this lock */
    bool checkpoint_lock, checkpoint_synced;
    uint32_t checkpoint_frames; /* of the WAL when the checkpoint under way synced it */
    struct nest_writer *writer; /* NULL: this connection only reads */
    int lock;
    int64_t pages;                        /* -1: ask the disk */
    uint8_t head[100], head_trailer[NS_TRAILER_BYTES];
    volatile uint32_t *index[NEST_REGIONS]; /* of -shm; [0] begins with its header */

    /* WAL */
    uint8_t salts[8];
    bool salts_known, pending;
    int64_t pending_frame, whole_frame;   /* held-back header; last frame read whole (-1) */
    uint8_t pending_header[24];
    int64_t stop_frame;                   /* where a recovery stopped, -1 */
    uint32_t vouched;                     /* frames that a checkpoint has moved: they must be there */
    uint8_t own_salts[8];                 /* generation that top and durable speak of */
    bool dirty;                           /* written since the last sync of ours */
    uint32_t top, durable;                /* frames written by us; frames known to be on disk */

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
/* Around every read-change-write of a header, in this process and across processes (fresh.c). */
ns_rc nest_header_lock(struct ns_vault *vault) NS_MUST_USE;
void nest_header_unlock(struct ns_vault *vault);

void ns_vault_unref(struct ns_vault *vault); /* an open file's share; NULL is fine */

#define NEST_FCNTL_ADOPT 0x4E535401 /* file control of ours: take the sum of the pages as they stand */

/* vfs.c */
int nest_close(sqlite3_file *base);
int nest_file_ready(struct nest_file *file, struct ns_vault *vault); /* takes the ref */
void nest_file_free(struct nest_file *file);
struct nest_file *nest_main_list(void);

/* epoch.c: a page under the epoch of its day. */
bool nest_seal(struct nest_file *file, uint8_t domain, uint32_t number, uint8_t *out, const uint8_t *in,
               uint8_t trailer[NS_TRAILER_BYTES]) NS_MUST_USE;
bool nest_open(struct nest_file *file, uint32_t epoch, uint8_t domain, uint32_t number, uint8_t *out, const uint8_t *in,
               const uint8_t trailer[NS_TRAILER_BYTES]) NS_MUST_USE;
/* Out of place: the epochs that a page may stand under, one after the other. */
bool nest_open_any(struct nest_file *file, uint8_t domain, uint32_t number, uint8_t *out, const uint8_t *sealed) NS_MUST_USE;
struct nest_try { /* zero to begin */
    uint32_t tried[4];
    int n;
    bool reread;
};
uint32_t nest_try_next(struct nest_file *file, struct nest_try *t); /* 0: none left */
bool nest_epoch_adopt(struct ns_vault *vault, const struct nest_header *header) NS_MUST_USE; /* as it stands on disk */
int nest_epoch_peek(struct nest_file *file);    /* a transaction that writes begins */
int nest_epoch_begin(struct nest_file *file);   /* of a rekey, or go on with one */
int nest_epoch_finish(struct nest_file *file);  /* SQLITE_BUSY: something stands under the old one yet */
int nest_header_epochs(struct ns_vault *vault, uint32_t page_epoch, uint32_t old_epoch); /* fresh.c: both copies, synced */

/* main.c */
int nest_fill_to(struct nest_file *file, int64_t pages);
int nest_main_prepare(struct nest_file *file); /* first lock of an empty file */
int nest_main_control(sqlite3_file *base, int op, void *arg); /* control.c */

/* fresh.c: page number of a frame from 1. */
int nest_frame_page(struct nest_file *file, uint32_t frame, uint32_t *page);

/* wal.c */
int nest_wal_flush(struct nest_file *wal);
enum nest_frame { NEST_FRAME_BAD, NEST_FRAME_GENUINE, NEST_FRAME_FOLLOWS_SYNC };
enum nest_frame nest_frame_genuine(const struct ns_vault *vault, const uint8_t salts[8], uint32_t frame,
                                   const uint8_t stored[24], const uint8_t *trailer, uint8_t logical[24]);

#define NEST_WAL_HEAD 32
/* Stored form of a WAL header: its checksum makes room for a MAC bound to base. */
void nest_wal_head_mac(const struct ns_vault *vault, const uint8_t head[24], const struct nest_sum *base, uint8_t out[8]);

/* fresh.c */
struct nest_writer *nest_writer_new(void);
void nest_writer_free(struct nest_writer *writer); /* NULL is fine */
int nest_record_read(struct ns_vault *vault, struct nest_record *out, uint64_t *sequence);
int nest_tag_read(struct nest_file *file, int64_t page, uint8_t tag[NS_TAG_BYTES]); /* page from 1 */
void nest_tag_seen(struct nest_file *file, int64_t page, const uint8_t *tag);
int nest_checkpoint_begin(struct nest_file *file);
int nest_checkpoint_page(struct nest_file *file, int64_t page, const uint8_t *tag, bool exists);
int nest_checkpoint_cut(struct nest_file *file, int64_t before, int64_t pages);
int nest_checkpoint_end(struct nest_file *file, int64_t pages);
int nest_fresh_off(struct nest_file *file);
int nest_fresh_base(struct nest_file *file, struct nest_sum *base);
int nest_fresh_adopt(struct nest_file *file);

/* judge.c: is what stands there what was last written? */
int nest_wal_needed(const struct nest_file *file); /* before the first read of a file */
void nest_hold(struct ns_vault *vault, enum ns_hold why);

/* verify.c: reads through either a descriptor or SQLite's file. */
struct nest_source {
    int (*read)(void *self, void *out, int n, int64_t at, int64_t *got);
    int64_t (*size)(void *self); /* now; -1: it cannot be told */
    void *self;
};
/* SQLite takes a WAL whose first 12 bytes are not its own for an empty one. They are the same from one generation
 * to the next, so no crash leaves others in front of frames. */
bool nest_wal_head_known(const uint8_t head[NEST_WAL_HEAD], uint32_t page_size);
ns_rc nest_verify_pages(struct ns_vault *vault, const struct nest_source *main_file,
                        const struct nest_source *wal,
                        bool settled, /* no WAL or journal holds what the file may lack */
                        struct ns_verify *report);

/* Does every page of the file, and every frame of the WAL's generation, stand under this epoch? */
ns_rc nest_verify_epoch(struct ns_vault *vault, uint32_t epoch, const struct nest_source *main_file,
                        const struct nest_source *wal, bool *all);
struct nest_source nest_source_of(sqlite3_file *real); /* control.c */

/* NS_E_BUSY: somebody wrote at every try; nothing is known and nothing held. */
ns_rc nest_judge(struct ns_vault *vault, const struct nest_source *main_file, const struct nest_source *wal,
                 struct ns_fresh *out);

/* extension.c switches this on: a person at a terminal may be asked for the passphrase. */
extern bool nest_ask_terminal;
