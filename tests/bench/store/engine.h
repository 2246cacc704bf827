/* engine.h: three ways to keep a SQLite file, behind one table: plain, nest, and SQLCipher's own
 * library beside them when it is installed. The stock library's system calls are counted.
 *
 * Ownership: engines are static; a connection belongs to its caller. Threads: one. */
#pragma once
#include "agent/store/vfs/vault.h"

#include <sqlite3.h>

struct engine {
    const char *name;
    int (*open)(const char *, sqlite3 **, int, const char *);
    int (*close)(sqlite3 *);
    int (*exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
    int (*prepare)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    int (*step)(sqlite3_stmt *);
    int (*reset)(sqlite3_stmt *);
    int (*finalize)(sqlite3_stmt *);
    int (*bind_int64)(sqlite3_stmt *, int, sqlite3_int64);
    int (*bind_text)(sqlite3_stmt *, int, const char *, int, void (*)(void *));
    sqlite3_int64 (*column_int64)(sqlite3_stmt *, int);
    const char *(*errmsg)(sqlite3 *);
    bool sealed, cipher;
};

struct counts {
    int64_t reads, writes, syncs;
};

/* NULL for "cipher" when the library is not there. */
const struct engine *engine_get(const char *name);
void engine_counts(struct counts *out); /* since the last call; plain and nest only */

/* A new file of that engine in the folder, opened; ends the program on failure. */
sqlite3 *engine_new(const struct engine *e, const char *folder);
sqlite3 *engine_again(const struct engine *e, const char *folder); /* the same file, opened again */
void engine_drop(const struct engine *e, const char *folder);      /* removes its files */
void engine_run(const struct engine *e, sqlite3 *db, const char *sql);
struct ns_vault *engine_vault(void);
const char *engine_path(const char *folder);
