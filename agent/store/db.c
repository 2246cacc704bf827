#include "agent/store/db.h"
#include "agent/store/person.h"

#include "shared/text/message.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENTS 512 /* a power of two, well above the number of statement texts */

struct ns_db {
    sqlite3 *handle;
    bool in_transaction;
    ns_db_commit_fn *before; /* NULL: nothing to do */
    void *before_arg;
    struct {
        const char *sql;
        sqlite3_stmt *st;
    } cache[STATEMENTS];
};

enum { BYTES, TABLES, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [TABLES] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    [BYTES] = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
};
const struct ns_query_table ns_queries_db = {"db", queries, Q_COUNT};

static const struct {
    const char *sql;
    bool write_only;
} settings[] = {
    {"PRAGMA journal_mode = WAL", true},   {"PRAGMA synchronous = FULL", false},
    {"PRAGMA foreign_keys = ON", false},   {"PRAGMA temp_store = MEMORY", false},
    {"PRAGMA secure_delete = ON", true},   {"PRAGMA trusted_schema = OFF", false},
    {"PRAGMA cell_size_check = ON", false}, {"PRAGMA cache_size = -4096", false},
};

ns_rc ns_db_error(struct ns_db *db, int sqlite_code, struct ns_err *err) {
    const char *why = db != NULL && db->handle != NULL ? sqlite3_errstr(sqlite_code) : "no store";
    int extended = db != NULL && db->handle != NULL ? sqlite3_extended_errcode(db->handle)
                                                    : sqlite_code;
    switch (sqlite_code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return NS_OK;
    case SQLITE_FULL:
        return ns_err_say(err, NS_E_FULL, NS_MSG_hh_store_full, NULL, NULL, NULL);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ns_err_say(err, NS_E_READONLY, NS_MSG_hh_store_readonly, NULL, NULL, NULL);
    case SQLITE_CORRUPT:
        return ns_err_say(err, NS_E_DAMAGED, NS_MSG_hh_store_damaged, NULL, NULL, NULL);
    case SQLITE_NOTADB:
    case SQLITE_AUTH:
        return ns_err_say(err, NS_E_KEY, NS_MSG_hh_store_key, NULL, NULL, NULL);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ns_err_say(err, NS_E_BUSY, NS_MSG_hh_store_busy, NULL, NULL, NULL);
    case SQLITE_NOMEM:
        return ns_err_note(err, NS_E_MEMORY, "sqlite: %s", why);
    case SQLITE_IOERR:
        if (extended == SQLITE_IOERR_DATA || sqlite_code == SQLITE_IOERR_DATA) { /* a page failed its check */
            return ns_err_say(err, NS_E_DAMAGED, NS_MSG_hh_store_damaged, NULL, NULL, NULL);
        }
        return ns_err_note(err, NS_E_IO, "sqlite: %s (%d)", why, extended);
    case SQLITE_CANTOPEN:
        return ns_err_note(err, NS_E_IO, "sqlite: %s (%d)", why, extended);
    case SQLITE_CONSTRAINT:
        return ns_err_note(err, NS_E_CONFLICT, "sqlite: %s (%d)", why, extended);
    case SQLITE_INTERRUPT:
        return ns_err_note(err, NS_E_CANCELLED, "sqlite: %s", why);
    default:
        return ns_err_note(err, NS_E_INTERNAL, "sqlite: %s (%d)", why, extended);
    }
}

static ns_rc configure(struct ns_db *db, bool read_only, int busy_ms, struct ns_err *err) {
    sqlite3 *h = db->handle;
    int on = 0;
    sqlite3_extended_result_codes(h, 1);
    sqlite3_busy_timeout(h, busy_ms > 0 ? busy_ms : 5000);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, &on);
    sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 1); /* VACUUM INTO needs one */
    for (size_t i = 0; i < NS_COUNT(settings); i++) {
        if (settings[i].write_only && read_only) {
            continue;
        }
        int code = sqlite3_exec(h, settings[i].sql, NULL, NULL, NULL);
        if (code != SQLITE_OK) {
            return ns_db_error(db, code, err);
        }
    }
    /* The first real read: a wrong key or a damaged header shows here, not at the first log. */
    return ns_db_error(db, sqlite3_exec(h, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL),
                       err);
}

ns_rc ns_db_open(const char *path, const struct ns_db_options *options, struct ns_db **out,
                 struct ns_err *err) {
    static const struct ns_db_options plain;
    const struct ns_db_options *o = options != NULL ? options : &plain;
    struct ns_db *db = ns_xcalloc(1, sizeof *db);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (o->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    *out = NULL;
    int code = sqlite3_open_v2(path, &db->handle, flags, o->vfs);
    ns_rc rc = code == SQLITE_OK ? configure(db, o->read_only, o->busy_ms, err)
                                 : ns_db_error(db, code, err);
    if (rc == NS_OK) {
        rc = ns_person_functions(db, err);
    }
    if (rc != NS_OK) {
        ns_db_close(db);
        return rc;
    }
    *out = db;
    return NS_OK;
}

void ns_db_close(struct ns_db *db) {
    if (db == NULL) {
        return;
    }
    for (size_t i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(db->cache[i].st);
    }
    sqlite3_close(db->handle);
    free(db);
}

struct sqlite3 *ns_db_handle(struct ns_db *db) {
    return db->handle;
}

static ns_rc transaction(struct ns_db *db, const char *sql, struct ns_err *err) {
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return ns_db_error(db, code, err);
}

static ns_rc begin(struct ns_db *db, const char *sql, struct ns_err *err) {
    if (db->in_transaction) {
        return ns_err_note(err, NS_E_INTERNAL, "a transaction is already open");
    }
    ns_rc rc = transaction(db, sql, err);
    db->in_transaction = rc == NS_OK;
    return rc;
}

ns_rc ns_db_begin(struct ns_db *db, struct ns_err *err) {
    return begin(db, "BEGIN IMMEDIATE", err);
}

ns_rc ns_db_begin_read(struct ns_db *db, struct ns_err *err) {
    return begin(db, "BEGIN", err);
}

ns_rc ns_db_commit(struct ns_db *db, struct ns_err *err) {
    ns_rc rc = NS_OK;
    if (db->before != NULL) {
        ns_db_commit_fn *before = db->before;
        db->before = NULL;
        rc = before(db, db->before_arg, err);
    }
    rc = rc == NS_OK ? transaction(db, "COMMIT", err) : rc;
    if (rc == NS_OK) {
        db->in_transaction = false;
    } else {
        ns_db_rollback(db); /* a commit that failed is as if it never began */
    }
    return rc;
}

void ns_db_before_commit(struct ns_db *db, ns_db_commit_fn *fn, void *arg) {
    db->before = fn;
    db->before_arg = arg;
}

void ns_db_rollback(struct ns_db *db) {
    if (db->in_transaction && sqlite3_get_autocommit(db->handle) == 0) {
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    }
    db->in_transaction = false;
}

bool ns_db_in_transaction(const struct ns_db *db) {
    return db->in_transaction;
}

ns_rc ns_db_read_only(struct ns_db *db, struct ns_err *err) {
    int code = sqlite3_exec(db->handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
    return ns_db_error(db, code, err);
}

ns_rc ns_db_checkpoint(struct ns_db *db, struct ns_err *err) {
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return ns_db_error(db, code, err);
}

ns_rc ns_db_integrity(struct ns_db *db, struct ns_err *err) {
    static const char *const checks[] = {"PRAGMA quick_check(1)", "PRAGMA foreign_key_check"};
    for (size_t i = 0; i < NS_COUNT(checks); i++) {
        sqlite3_stmt *st = NULL;
        int code = sqlite3_prepare_v2(db->handle, checks[i], -1, &st, NULL);
        bool sound = code == SQLITE_OK;
        if (sound) {
            code = sqlite3_step(st);
            const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
            sound = i == 0 ? said != NULL && strcmp(said, "ok") == 0 : code == SQLITE_DONE;
        }
        sqlite3_finalize(st);
        if (!sound) {
            return ns_err_say(err, NS_E_DAMAGED, NS_MSG_hh_store_damaged, NULL, NULL, NULL);
        }
    }
    return NS_OK;
}

int64_t ns_db_bytes(struct ns_db *db) {
    struct ns_query q;
    ns_query_start(&q, db, queries[BYTES]);
    int64_t bytes = ns_query_row(&q) ? ns_col_int(&q, 0) : 0;
    return ns_query_end(&q, NULL) == NS_OK ? bytes : 0;
}

/* One table, row by row; its name comes from the schema itself. */
static ns_rc search_table(struct ns_db *db, const char *table, struct ns_str bytes, bool *found, struct ns_err *err) {
    sqlite3_stmt *st = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    int code = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL);
    code = code == SQLITE_OK ? SQLITE_ROW : code;
    while (code == SQLITE_ROW && !*found) {
        code = sqlite3_step(st);
        for (int i = 0; code == SQLITE_ROW && !*found && i < sqlite3_column_count(st); i++) {
            const void *have = sqlite3_column_blob(st, i);
            int n = sqlite3_column_bytes(st, i);
            *found = have != NULL && memmem(have, (size_t)n, bytes.p, bytes.n) != NULL;
        }
    }
    sqlite3_finalize(st);
    sqlite3_free(sql);
    return ns_db_error(db, code, err);
}

ns_rc ns_db_search(struct ns_db *db, struct ns_str bytes, bool *found, struct ns_err *err) {
    struct ns_arena arena = {0};
    const char *names[200];
    size_t count = 0;
    struct ns_query q;
    *found = false;
    ns_query_start(&q, db, queries[TABLES]);
    while (ns_query_row(&q) && count < NS_COUNT(names)) {
        names[count++] = ns_col_text(&q, 0, &arena);
    }
    ns_rc rc = ns_query_end(&q, err);
    if (rc == NS_OK && count == NS_COUNT(names)) {
        rc = ns_err_note(err, NS_E_LIMIT, "more tables than a search expects");
    }
    for (size_t i = 0; rc == NS_OK && !*found && i < count; i++) {
        rc = search_table(db, names[i], bytes, found, err);
    }
    ns_arena_fini(&arena);
    return rc;
}

int64_t ns_db_changes(struct ns_db *db) {
    return sqlite3_changes64(db->handle);
}

ns_rc ns_db_script(struct ns_db *db, const char *sql, struct ns_err *err) {
    char *why = NULL;
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, &why);
    if (why != NULL) {
        int primary = code & 0xff;
        if (primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT) {
            ns_err_note(err, NS_E_INTERNAL, "sqlite: %s", why);
        }
        sqlite3_free(why);
    }
    return ns_db_error(db, code, err);
}

/* Texts are literals, so the pointer is the key. */
static int statement(struct ns_db *db, const char *sql, sqlite3_stmt **out) {
    size_t slot = ((uintptr_t)sql >> 3) * 0x9E3779B1u % STATEMENTS;
    for (size_t tried = 0; tried < STATEMENTS; tried++, slot = (slot + 1) % STATEMENTS) {
        if (db->cache[slot].sql == sql) {
            *out = db->cache[slot].st;
            return SQLITE_OK;
        }
        if (db->cache[slot].sql == NULL) {
            int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
            if (code == SQLITE_OK) {
                db->cache[slot].sql = sql;
                db->cache[slot].st = *out;
            }
            return code;
        }
    }
    return SQLITE_FULL;
}

void ns_query_start(struct ns_query *q, struct ns_db *db, const char *sql) {
    *q = (struct ns_query){.db = db, .next = 1};
    q->code = statement(db, sql, &q->st);
    if (q->code != SQLITE_OK) {
        q->st = NULL;
    }
}

static void bound(struct ns_query *q, int code) {
    q->next++;
    if (q->code == SQLITE_OK) {
        q->code = code;
    }
}

void ns_query_int(struct ns_query *q, int64_t value) {
    if (q->st != NULL) {
        bound(q, sqlite3_bind_int64(q->st, q->next, value));
    }
}

void ns_query_opt(struct ns_query *q, int64_t value, int64_t none) {
    if (q->st != NULL) {
        bound(q, value == none ? sqlite3_bind_null(q->st, q->next)
                               : sqlite3_bind_int64(q->st, q->next, value));
    }
}

void ns_query_real(struct ns_query *q, double value) {
    if (q->st != NULL) {
        bound(q, isnan(value) ? sqlite3_bind_null(q->st, q->next)
                              : sqlite3_bind_double(q->st, q->next, value));
    }
}

void ns_query_text(struct ns_query *q, const char *text) {
    if (q->st != NULL) {
        bound(q, sqlite3_bind_text(q->st, q->next, text, -1, SQLITE_TRANSIENT));
    }
}

void ns_query_blob(struct ns_query *q, const void *bytes, size_t n) {
    if (q->st != NULL) {
        bound(q, sqlite3_bind_blob64(q->st, q->next, bytes, n, SQLITE_TRANSIENT));
    }
}

void ns_query_id(struct ns_query *q, ns_id id) {
    if (ns_id_is_zero(id)) {
        ns_query_text(q, NULL);
    } else {
        ns_query_blob(q, id.b, sizeof id.b);
    }
}

bool ns_query_row(struct ns_query *q) {
    if (q->st == NULL || (q->code != SQLITE_OK && q->code != SQLITE_ROW)) {
        return false;
    }
    q->code = sqlite3_step(q->st);
    return q->code == SQLITE_ROW;
}

ns_rc ns_query_end(struct ns_query *q, struct ns_err *err) {
    ns_rc rc = ns_db_error(q->db, q->code, err);
    if (q->st != NULL) {
        sqlite3_reset(q->st);
        sqlite3_clear_bindings(q->st); /* no family data stays behind in memory */
        q->st = NULL;
    }
    return rc;
}

ns_rc ns_query_run(struct ns_query *q, struct ns_err *err) {
    while (ns_query_row(q)) {
    }
    return ns_query_end(q, err);
}

bool ns_col_null(const struct ns_query *q, int i) {
    return sqlite3_column_type(q->st, i) == SQLITE_NULL;
}

int64_t ns_col_int(const struct ns_query *q, int i) {
    return sqlite3_column_int64(q->st, i);
}

int64_t ns_col_opt(const struct ns_query *q, int i, int64_t none) {
    return ns_col_null(q, i) ? none : sqlite3_column_int64(q->st, i);
}

double ns_col_real(const struct ns_query *q, int i) {
    return ns_col_null(q, i) ? (double)NAN : sqlite3_column_double(q->st, i);
}

ns_id ns_col_id(const struct ns_query *q, int i) {
    ns_id id = {{0}};
    const void *bytes = sqlite3_column_blob(q->st, i);
    if (bytes != NULL && sqlite3_column_bytes(q->st, i) == (int)sizeof id.b) {
        memcpy(id.b, bytes, sizeof id.b);
    }
    return id;
}

struct ns_str ns_col_bytes(const struct ns_query *q, int i) {
    const void *bytes = sqlite3_column_blob(q->st, i);
    int n = sqlite3_column_bytes(q->st, i);
    return (struct ns_str){bytes, bytes != NULL && n > 0 ? (size_t)n : 0};
}

const char *ns_col_text(const struct ns_query *q, int i, struct ns_arena *arena) {
    if (ns_col_null(q, i)) {
        return NULL;
    }
    return ns_arena_copy(arena, ns_col_bytes(q, i));
}
