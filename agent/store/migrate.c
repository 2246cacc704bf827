#include "agent/store/migrate.h"

#include "agent/store/backup.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <stdio.h>
#include <string.h>

enum { HAS_TABLE, MAKE_TABLE, NEWEST, ADD, REMOVE, KEYS_OFF, KEYS_ON, KEYS_CHECK, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [HAS_TABLE] = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
    [MAKE_TABLE] = "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, "
                   "name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
    [NEWEST] = "SELECT max(number) FROM schema_migrations",
    [ADD] = "INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)",
    [REMOVE] = "DELETE FROM schema_migrations WHERE number = ?",
    [KEYS_OFF] = "PRAGMA foreign_keys = OFF",
    [KEYS_ON] = "PRAGMA foreign_keys = ON",
    [KEYS_CHECK] = "PRAGMA foreign_key_check",
};

int ns_migrate_newest(void) {
    return (int)ns_migration_count;
}

ns_rc ns_migrate_version(struct ns_db *db, int *out, struct ns_err *err) {
    struct ns_query q;
    *out = 0;
    ns_query_start(&q, db, queries[HAS_TABLE]);
    bool has = ns_query_row(&q);
    ns_rc rc = ns_query_end(&q, err);
    if (rc != NS_OK || !has) {
        return rc;
    }
    ns_query_start(&q, db, queries[NEWEST]);
    if (ns_query_row(&q)) {
        *out = (int)ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

static void number_text(int number, char out[16]) {
    snprintf(out, 16, "%d", number);
}

static ns_rc check_range(int version, int target, struct ns_err *err) {
    char have[16], want[16];
    number_text(version, have);
    number_text(ns_migrate_newest(), want);
    if (version > ns_migrate_newest()) {
        return ns_err_say(err, NS_E_VERSION, NS_MSG_hh_store_newer, have, want, NULL);
    }
    if (target < 0 || target > ns_migrate_newest()) {
        number_text(target, have);
        return ns_err_say(err, NS_E_USAGE, NS_MSG_hh_migrate_range, have, want, NULL);
    }
    return NS_OK;
}

static ns_rc snapshot(struct ns_db *db, int next, const struct ns_migrate_options *o,
                      struct ns_err *err) {
    char path[NS_BACKUP_PATH];
    ns_rc rc = ns_backup_make_before(db, o->vfs, o->backup_dir, next, o->now, path, NULL);
    return rc == NS_OK ? NS_OK : ns_err_say(err, rc, NS_MSG_hh_migrate_backup, o->backup_dir, NULL, NULL);
}

/* Inside a transaction: one number up or down, with its line. */
static ns_rc apply(struct ns_db *db, int number, bool up, ns_time now, struct ns_err *err) {
    const struct ns_migration *m = &ns_migrations[number - 1];
    struct ns_query q;
    ns_rc rc = ns_db_script(db, up ? m->up : m->down, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[up ? ADD : REMOVE]);
    ns_query_int(&q, number);
    if (up) {
        ns_query_text(&q, m->name);
        ns_query_int(&q, now);
    }
    return ns_query_run(&q, err);
}

/* A table that is rebuilt is gone for a moment, so references are looked at before the commit only. */
static ns_rc check_keys(struct ns_db *db, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[KEYS_CHECK]);
    bool broken = ns_query_row(&q);
    ns_rc rc = ns_query_end(&q, err);
    return rc == NS_OK && broken ? ns_err_note(err, NS_E_CONFLICT, "a migration broke a reference") : rc;
}

static ns_rc run_plain(struct ns_db *db, int query, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[query]);
    return ns_query_run(&q, err);
}

static ns_rc walk(struct ns_db *db, int version, int target, bool together, ns_time now,
                  struct ns_err *err) {
    ns_rc rc = NS_OK;
    while (rc == NS_OK && version != target) {
        bool up = version < target;
        rc = together ? NS_OK : ns_db_begin(db, err);
        if (rc == NS_OK) {
            rc = run_plain(db, MAKE_TABLE, err);
        }
        if (rc == NS_OK) {
            rc = apply(db, up ? version + 1 : version, up, now, err);
        }
        if (rc == NS_OK) {
            rc = check_keys(db, err);
        }
        if (!together) {
            if (rc == NS_OK) {
                rc = ns_db_commit(db, err);
            } else {
                ns_db_rollback(db);
            }
        }
        version += up ? 1 : -1;
    }
    return rc;
}

ns_rc ns_migrate_to(struct ns_db *db, int target, const struct ns_migrate_options *o,
                    struct ns_err *err) {
    int version = 0;
    ns_rc rc = ns_migrate_version(db, &version, err);
    if (rc == NS_OK) {
        rc = check_range(version, target, err);
    }
    if (rc != NS_OK || version == target) {
        return rc;
    }
    if (!o->dry_run && version > 0 && o->backup_dir != NULL) {
        rc = snapshot(db, version < target ? version + 1 : version, o, err);
    }
    if (rc == NS_OK) {
        rc = run_plain(db, KEYS_OFF, err); /* outside of a transaction, or it does nothing */
    }
    if (rc == NS_OK && o->dry_run) {
        rc = ns_db_begin(db, err);
        if (rc == NS_OK) {
            rc = walk(db, version, target, true, o->now, err);
            ns_db_rollback(db);
        }
    } else if (rc == NS_OK) {
        rc = walk(db, version, target, false, o->now, err);
    }
    ns_rc back = run_plain(db, KEYS_ON, rc == NS_OK ? err : NULL);
    return rc == NS_OK ? back : rc;
}

ns_rc ns_migrate_up(struct ns_db *db, const struct ns_migrate_options *options,
                    struct ns_err *err) {
    return ns_migrate_to(db, ns_migrate_newest(), options, err);
}

static ns_rc status(struct ns_db *db, enum ns_lang lang, struct ns_buf *out, struct ns_err *err) {
    int version = 0;
    ns_rc rc = ns_migrate_version(db, &version, err);
    char have[16], newest[16];
    number_text(version, have);
    number_text(ns_migrate_newest(), newest);
    if (rc != NS_OK) {
        return rc;
    }
    NS_MSG_TO(out, lang, NS_MSG_hh_migrate_status, have, newest);
    ns_buf_char(out, '\n');
    for (size_t i = 0; i < ns_migration_count; i++) {
        const struct ns_migration *m = &ns_migrations[i];
        ns_buf_fmt(out, "  %s %s\n", m->number <= version ? "*" : "-", m->name);
    }
    return NS_OK;
}

/* head, one step back, or a number. */
static bool read_target(const char *word, int version, int64_t *out) {
    if (strcmp(word, "head") == 0) {
        *out = ns_migrate_newest();
        return true;
    }
    if (strcmp(word, "-1") == 0) {
        *out = version > 0 ? version - 1 : 0;
        return true;
    }
    return ns_str_int(ns_str_of(word), 0, 9999, out);
}

ns_rc ns_migrate_command(struct ns_db *db, int count, const char *const *words,
                         const struct ns_migrate_options *options, bool french,
                         struct ns_buf *out, struct ns_err *err) {
    enum ns_lang lang = french ? NS_LANG_FR : NS_LANG_EN;
    struct ns_migrate_options o = *options;
    bool only_status = false;
    int version = 0;
    ns_rc rc = ns_migrate_version(db, &version, err);
    if (rc != NS_OK) {
        return rc;
    }
    int64_t target = ns_migrate_newest();
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "--dry-run") == 0) {
            o.dry_run = true;
        } else if (strcmp(words[i], "--status") == 0) {
            only_status = true;
        } else if (strcmp(words[i], "--to") != 0 || i + 1 == count ||
                   !read_target(words[++i], version, &target)) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_hh_migrate_usage, words[i], NULL, NULL);
        }
    }
    if (only_status) {
        return status(db, lang, out, err);
    }
    rc = ns_migrate_to(db, (int)target, &o, err);
    if (rc != NS_OK) {
        return rc;
    }
    char before[16], after[16];
    number_text(version, before);
    number_text((int)target, after);
    NS_MSG_TO(out, lang, o.dry_run ? NS_MSG_hh_migrate_dry : NS_MSG_hh_migrate_done, before, after);
    ns_buf_char(out, '\n');
    return NS_OK;
}

const struct ns_query_table ns_queries_migrate = {"migrate", queries, Q_COUNT};
