/* backup.h: whole copies of the store: made, verified, listed, thinned out.
 *
 * A copy is VACUUM INTO a file of its own id with every key slot, so it opens by the recovery
 * words alone. It is written under a hidden name ending in .part, synced, opened, every page and
 * index read and its rows counted; only then it gets its name, nestsync-<utc>.db. Whatever was
 * interrupted never looks like a backup and is swept away by the next round.
 * Threads: the connection's; rounds in one folder take turns by a lock on the folder. */
#pragma once
#include "agent/store/db.h"

#define NS_BACKUP_NAME 48
#define NS_BACKUP_PATH 600

struct ns_backup {
    char name[NS_BACKUP_NAME]; /* file name inside the folder */
    ns_time at;
    int64_t bytes;
    int before; /* the migration it was made before; 0: an ordinary one */
};

/* What a copy holds; the preview of a restore shows it. */
struct ns_backup_facts {
    int schema;
    int64_t children, logs, audit_lines;
    ns_time newest; /* newest change logged; NS_TIME_NONE: none */
};

/* Makes and verifies one copy; its full path in path. */
ns_rc ns_backup_make(struct ns_db *db, const char *vfs, const char *folder, ns_time now,
                     char path[NS_BACKUP_PATH], struct ns_err *err) NS_MUST_USE;
/* The same before a migration to or from that number, under the name that says so. */
ns_rc ns_backup_make_before(struct ns_db *db, const char *vfs, const char *folder, int number, ns_time now,
                            char path[NS_BACKUP_PATH], struct ns_err *err) NS_MUST_USE;
/* Opens it, reads every page, checks structure and references, counts. NS_E_DAMAGED names the file. */
ns_rc ns_backup_check(const char *path, const char *vfs, struct ns_backup_facts *out,
                      struct ns_err *err) NS_MUST_USE;
ns_rc ns_backup_facts(struct ns_db *db, struct ns_backup_facts *out, struct ns_err *err) NS_MUST_USE;
/* Newest first. A folder that is not there holds none. */
ns_rc ns_backup_list(const char *folder, struct ns_arena *arena, struct ns_backup **out,
                     int *count, struct ns_err *err) NS_MUST_USE;
/* Which of them stay: the newest of each of 7 days, 4 weeks, 12 months; copies from before a
 * migration for 7 days; always the newest three. Pure; in the order of the list. */
void ns_backup_keep(const struct ns_backup *list, int count, ns_time now, bool *keep);
/* Removes the others and what interrupted rounds left. */
ns_rc ns_backup_rotate(const char *folder, ns_time now, int *removed, struct ns_err *err) NS_MUST_USE;

/* A fresh copy of an open file under a name that does not exist yet, synced. */
ns_rc ns_backup_copy(struct ns_db *db, const char *path, struct ns_err *err) NS_MUST_USE;

/* Folders besides the home's own that copies go to. */
struct ns_backup_target {
    const char *path;
    const char *jurisdiction; /* "CA", or another country's two letters */
    bool network;
};
ns_rc ns_backup_targets(struct ns_db *db, struct ns_arena *arena, struct ns_backup_target **out,
                        int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_backup_target_add(struct ns_db *db, const struct ns_backup_target *in, ns_time now,
                           struct ns_err *err) NS_MUST_USE; /* the same path: replaced */
ns_rc ns_backup_target_remove(struct ns_db *db, const char *path, struct ns_err *err) NS_MUST_USE;
/* A file system that lives on another machine, or may (FUSE). */
bool ns_backup_on_network(const char *folder);
