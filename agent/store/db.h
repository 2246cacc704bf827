/* db.h: one connection to the household's store.
 *
 * Ownership: open/close; statements are prepared once per SQL text (a pointer to a literal of a
 * query table) and live with the connection. Threads: one connection, one thread at a time.
 * Every statement text stands in a table of its file, so that a test can explain each one. */
#pragma once
#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/time.h"

struct ns_db;
struct sqlite3;
struct sqlite3_stmt;

struct ns_db_options {
    const char *vfs; /* NULL: the plain one (tests only) */
    bool read_only;
    int busy_ms; /* how long to wait for another writer; 0: 5000 */
};

/* The file is made when missing (unless read_only). It is not migrated: see migrate.h. */
ns_rc ns_db_open(const char *path, const struct ns_db_options *options, struct ns_db **out,
                 struct ns_err *err) NS_MUST_USE;
void ns_db_close(struct ns_db *db); /* NULL is fine */
struct sqlite3 *ns_db_handle(struct ns_db *db); /* borrowed; for agent/store only */

/* One transaction at a time; nested calls are a programming error and answer NS_E_INTERNAL. */
ns_rc ns_db_begin(struct ns_db *db, struct ns_err *err) NS_MUST_USE; /* takes the write lock */
ns_rc ns_db_begin_read(struct ns_db *db, struct ns_err *err) NS_MUST_USE; /* one snapshot */
ns_rc ns_db_commit(struct ns_db *db, struct ns_err *err) NS_MUST_USE;
/* Once, in the next transaction that commits here: fn runs just before and can stop it. NULL: no
 * longer. */
typedef ns_rc ns_db_commit_fn(struct ns_db *db, void *arg, struct ns_err *err);
void ns_db_before_commit(struct ns_db *db, ns_db_commit_fn *fn, void *arg);
void ns_db_rollback(struct ns_db *db); /* nothing happens without a transaction */
bool ns_db_in_transaction(const struct ns_db *db);

ns_rc ns_db_read_only(struct ns_db *db, struct ns_err *err) NS_MUST_USE; /* from here on; NS_E_READONLY for writes */
ns_rc ns_db_checkpoint(struct ns_db *db, struct ns_err *err) NS_MUST_USE;
ns_rc ns_db_integrity(struct ns_db *db, struct ns_err *err) NS_MUST_USE; /* quick_check + keys */
int64_t ns_db_bytes(struct ns_db *db);
int64_t ns_db_changes(struct ns_db *db); /* rows of the last statement */

/* Do these bytes stand in any text or blob of any table? Slow: it is the proof of an erasure. */
ns_rc ns_db_search(struct ns_db *db, struct ns_str bytes, bool *found, struct ns_err *err) NS_MUST_USE;

/* Several statements separated by semicolons; for migrations. */
ns_rc ns_db_script(struct ns_db *db, const char *sql, struct ns_err *err) NS_MUST_USE;

/* What SQLite's code means to us, with the text a person reads. */
ns_rc ns_db_error(struct ns_db *db, int sqlite_code, struct ns_err *err);

/* One run of one statement: start, bind in order, read rows, end. Errors stick until end. */
struct ns_query {
    struct ns_db *db;
    struct sqlite3_stmt *st;
    int next;
    int code;
};

void ns_query_start(struct ns_query *q, struct ns_db *db, const char *sql);
void ns_query_int(struct ns_query *q, int64_t value);
void ns_query_opt(struct ns_query *q, int64_t value, int64_t none); /* NULL when value == none */
void ns_query_real(struct ns_query *q, double value);               /* NAN binds NULL */
void ns_query_text(struct ns_query *q, const char *text);           /* NULL binds NULL */
void ns_query_id(struct ns_query *q, ns_id id);                     /* zero binds NULL */
void ns_query_blob(struct ns_query *q, const void *bytes, size_t n);
bool ns_query_row(struct ns_query *q);
ns_rc ns_query_end(struct ns_query *q, struct ns_err *err);
/* Runs a statement without rows to its end. */
ns_rc ns_query_run(struct ns_query *q, struct ns_err *err);

bool ns_col_null(const struct ns_query *q, int i);
int64_t ns_col_int(const struct ns_query *q, int i);
int64_t ns_col_opt(const struct ns_query *q, int i, int64_t none);
double ns_col_real(const struct ns_query *q, int i); /* NAN for NULL */
ns_id ns_col_id(const struct ns_query *q, int i);    /* zero for NULL */
const char *ns_col_text(const struct ns_query *q, int i, struct ns_arena *arena); /* NULL */
struct ns_str ns_col_bytes(const struct ns_query *q, int i); /* until the next row */

/* Every statement text of the store, for the test that explains them. */
struct ns_query_table {
    const char *name;
    const char *const *sql;
    size_t count;
};
extern const struct ns_query_table *const ns_query_tables[];
extern const size_t ns_query_table_count;
