/* backup.c: copies of the store, and what stands in them. */
#include "agent/store/backup.h"
#include "agent/store/migrate.h"
#include "agent/store/rows.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { COPY_INTO, VERIFY_PAGES, NEWEST_LOG, TARGETS, TARGET_ADD, TARGET_REMOVE, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [COPY_INTO] = "VACUUM INTO ?",
    [VERIFY_PAGES] = "PRAGMA nest_verify",
    [NEWEST_LOG] = "SELECT created_at FROM usage_logs ORDER BY seq DESC LIMIT 1",
    [TARGETS] = "SELECT path, jurisdiction, network FROM backup_targets ORDER BY seq",
    [TARGET_ADD] = "INSERT INTO backup_targets (path, jurisdiction, network, added_at) VALUES (?, ?, ?, ?) "
                   "ON CONFLICT (path) DO UPDATE SET jurisdiction = excluded.jurisdiction, "
                   "network = excluded.network, added_at = excluded.added_at",
    [TARGET_REMOVE] = "DELETE FROM backup_targets WHERE path = ?",
};
const struct ns_query_table ns_queries_backup = {"backup", queries, Q_COUNT};

static ns_rc cannot(struct ns_err *err, int error, const char *path) {
    ns_rc rc = ns_rc_from_errno(error);
    return ns_err_say(err, rc, NS_MSG_store_io, path, strerror(error), NULL);
}

static ns_rc sync_path(const char *path, int flags, struct ns_err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    ns_rc rc = fd >= 0 && fsync(fd) == 0 ? NS_OK : cannot(err, errno, path);
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}

ns_rc ns_backup_copy(struct ns_db *db, const char *path, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[COPY_INTO]);
    ns_query_text(&q, path);
    ns_rc rc = ns_query_run(&q, err);
    if (rc == NS_OK && chmod(path, 0600) != 0) {
        rc = cannot(err, errno, path);
    }
    return rc == NS_OK ? sync_path(path, 0, err) : rc;
}

/* ---- what a copy holds ---- */

ns_rc ns_backup_facts(struct ns_db *db, struct ns_backup_facts *out, struct ns_err *err) {
    *out = (struct ns_backup_facts){.newest = NS_TIME_NONE};
    ns_rc rc = ns_migrate_version(db, &out->schema, err);
    if (rc != NS_OK || out->schema < 2) {
        return rc; /* tables of the first evening are not there yet */
    }
    rc = ns_row_counts(db, &out->children, &out->logs, &out->audit_lines, err);
    if (rc == NS_OK) {
        struct ns_query q;
        ns_query_start(&q, db, queries[NEWEST_LOG]);
        if (ns_query_row(&q)) {
            out->newest = ns_col_opt(&q, 0, NS_TIME_NONE);
        }
        rc = ns_query_end(&q, err);
    }
    return rc;
}

static ns_rc pages_sound(struct ns_db *db, const char *path, struct ns_err *err) {
    struct ns_query q;
    bool sound = true;
    ns_query_start(&q, db, queries[VERIFY_PAGES]);
    if (ns_query_row(&q)) { /* the plain VFS of tests has no answer */
        sound = ns_str_is(ns_col_bytes(&q, 0), "ok");
    }
    ns_rc rc = ns_query_end(&q, err);
    return rc == NS_OK && !sound ? ns_err_say(err, NS_E_DAMAGED, NS_MSG_backup_damaged, path, NULL, NULL) : rc;
}

ns_rc ns_backup_check(const char *path, const char *vfs, struct ns_backup_facts *out,
                      struct ns_err *err) {
    const struct ns_db_options options = {.vfs = vfs, .read_only = true};
    struct ns_db *db = NULL;
    struct ns_err inner = {0};
    ns_rc rc = ns_db_open(path, &options, &db, &inner);
    if (rc == NS_OK) {
        rc = pages_sound(db, path, &inner);
    }
    if (rc == NS_OK) {
        rc = ns_db_integrity(db, &inner);
    }
    if (rc == NS_OK) {
        rc = ns_backup_facts(db, out, &inner);
    }
    ns_db_close(db);
    if (rc == NS_E_DAMAGED || rc == NS_E_IO) {
        return ns_err_say(err, NS_E_DAMAGED, NS_MSG_backup_damaged, path, NULL, NULL);
    }
    if (rc != NS_OK && err != NULL) {
        *err = inner;
    }
    return rc;
}

/* ---- making one ---- */

/* 2026-06-15T17:00:00.000000Z as 20260615T170000Z */
static void stamp_of(ns_time at, char out[20]) {
    char text[NS_TIME_TEXT];
    size_t n = 0;
    ns_time_format(at, text);
    for (size_t i = 0; text[i] != '\0' && text[i] != '.' && n < 18; i++) {
        if (text[i] != ':' && text[i] != '-' && text[i] != 'Z') {
            out[n++] = text[i];
        }
    }
    out[n++] = 'Z';
    out[n] = '\0';
}

static ns_rc lock_folder(const char *folder, int *out, struct ns_err *err) {
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return cannot(err, errno, folder);
    }
    *out = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*out < 0) {
        return cannot(err, errno, folder);
    }
    if (flock(*out, LOCK_EX) != 0 && errno != ENOLCK && errno != EOPNOTSUPP) {
        int error = errno;
        close(*out);
        *out = -1;
        return cannot(err, error, folder);
    }
    return NS_OK;
}

static void remove_part(const char *part) {
    char side[NS_BACKUP_PATH + 16];
    unlink(part);
    snprintf(side, sizeof side, "%s-journal", part);
    unlink(side);
}

/* Rows only ever come: a copy made meanwhile lies between the two counts. */
static bool lies_between(const struct ns_backup_facts *before, const struct ns_backup_facts *copy,
                         const struct ns_backup_facts *after) {
    if (copy->schema != before->schema || copy->audit_lines < before->audit_lines ||
        copy->audit_lines > after->audit_lines) {
        return false;
    }
    return before->audit_lines != after->audit_lines ||
           (copy->children == before->children && copy->logs == before->logs);
}

static ns_rc copy_and_check(struct ns_db *db, const char *vfs, const char *part, struct ns_err *err) {
    struct ns_backup_facts before, copy, after;
    ns_rc rc = ns_backup_facts(db, &before, err);
    if (rc == NS_OK) {
        rc = ns_backup_copy(db, part, err);
    }
    if (rc == NS_OK) {
        rc = ns_backup_check(part, vfs, &copy, err);
    }
    if (rc == NS_OK) {
        rc = ns_backup_facts(db, &after, err);
    }
    if (rc == NS_OK && !lies_between(&before, &copy, &after)) {
        rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_backup_damaged, part, NULL, NULL);
    }
    return rc;
}

/* Under a hidden name until it has been read whole; folder locked. */
static ns_rc make(struct ns_db *db, const char *vfs, const char *folder, const char *path, struct ns_err *err) {
    char part[NS_BACKUP_PATH + 32];
    size_t at = strlen(folder) + 1;
    bool ours = strncmp(path + at, "nestsync-", 9) == 0;
    snprintf(part, sizeof part, "%s/.%s%s.part", folder, ours ? "" : "nestsync-", path + at);
    remove_part(part);
    ns_rc rc = copy_and_check(db, vfs, part, err);
    if (rc == NS_OK && rename(part, path) != 0) {
        rc = cannot(err, errno, path);
    }
    if (rc == NS_OK) {
        rc = sync_path(folder, O_DIRECTORY, err);
    } else {
        remove_part(part);
    }
    return rc;
}

ns_rc ns_backup_make(struct ns_db *db, const char *vfs, const char *folder, ns_time now,
                     char path[NS_BACKUP_PATH], struct ns_err *err) {
    char stamp[20];
    int lock = -1;
    stamp_of(now, stamp);
    int n = snprintf(path, NS_BACKUP_PATH, "%s/nestsync-%s.db", folder, stamp);
    if (n < 0 || n >= NS_BACKUP_PATH) {
        return ns_err_note(err, NS_E_LIMIT, "the backup folder's name is too long");
    }
    ns_rc rc = lock_folder(folder, &lock, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = access(path, F_OK) == 0 ? ns_err_say(err, NS_E_CONFLICT, NS_MSG_store_exists, path, NULL, NULL)
                                 : make(db, vfs, folder, path, err);
    close(lock);
    return rc;
}

ns_rc ns_backup_make_before(struct ns_db *db, const char *vfs, const char *folder, int number, ns_time now,
                            char path[NS_BACKUP_PATH], struct ns_err *err) {
    char stamp[20], again[16] = "";
    int lock = -1;
    stamp_of(now, stamp);
    ns_rc rc = lock_folder(folder, &lock, err);
    for (int i = 1; rc == NS_OK; i++) { /* several within one second are told apart */
        int n = snprintf(path, NS_BACKUP_PATH, "%s/pre-%04d-%s%s.db", folder, number, stamp, again);
        if (n < 0 || n >= NS_BACKUP_PATH || i > 99) {
            rc = ns_err_note(err, NS_E_LIMIT, "no name is left for a copy");
        } else if (access(path, F_OK) != 0) {
            break;
        }
        snprintf(again, sizeof again, "-%d", i);
    }
    rc = rc == NS_OK ? make(db, vfs, folder, path, err) : rc;
    if (lock >= 0) {
        close(lock);
    }
    return rc;
}

/* ---- targets ---- */

ns_rc ns_backup_targets(struct ns_db *db, struct ns_arena *arena, struct ns_backup_target **out,
                        int *count, struct ns_err *err) {
    struct ns_backup_target *list = NULL;
    int n = 0, cap = 0;
    struct ns_query q;
    ns_query_start(&q, db, queries[TARGETS]);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, list, n, cap, struct ns_backup_target);
        list[n++] = (struct ns_backup_target){ns_col_text(&q, 0, arena), ns_col_text(&q, 1, arena),
                                              ns_col_int(&q, 2) != 0};
    }
    *out = list;
    *count = n;
    return ns_query_end(&q, err);
}

ns_rc ns_backup_target_add(struct ns_db *db, const struct ns_backup_target *in, ns_time now,
                           struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TARGET_ADD]);
    ns_query_text(&q, in->path);
    ns_query_text(&q, in->jurisdiction);
    ns_query_int(&q, in->network ? 1 : 0);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

ns_rc ns_backup_target_remove(struct ns_db *db, const char *path, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TARGET_REMOVE]);
    ns_query_text(&q, path);
    ns_rc rc = ns_query_run(&q, err);
    return rc == NS_OK && ns_db_changes(db) == 0
               ? ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_backup_no_target, path, NULL, NULL)
               : rc;
}

/* statfs(2); a folder that is kept in step by a program on this machine cannot be told apart. */
bool ns_backup_on_network(const char *folder) {
    static const uint32_t kinds[] = {
        0x6969 /* NFS */,   0x517B /* SMB */,  0xFF534D42 /* CIFS */, 0xFE534D42 /* SMB2 */,
        0x5346414F /* AFS */, 0x00C36400 /* Ceph */, 0x01021997 /* 9P */, 0x65735546 /* FUSE */,
        0x73757245 /* Coda */, 0x013111A8 /* IBRIX */, 0x0BD00BD0 /* Lustre */,
    };
    struct statfs info;
    if (statfs(folder, &info) != 0) {
        return false;
    }
    for (size_t i = 0; i < NS_COUNT(kinds); i++) {
        if ((uint32_t)info.f_type == kinds[i]) {
            return true;
        }
    }
    return false;
}
