/* migrate.h: the numbered steps of the schema, compiled in from schema/migrations/.
 *
 * Each step runs in one transaction together with its line in schema_migrations. Before a store
 * that holds data is changed, a copy is written beside it (backups/pre-NNNN-<utc>.db).
 * Threads: the thread of the connection. */
#pragma once
#include "agent/store/db.h"
#include "shared/base/buf.h"

struct ns_migration {
    int number;
    const char *name;
    const char *up;
    const char *down;
};
extern const struct ns_migration ns_migrations[];
extern const size_t ns_migration_count;

int ns_migrate_newest(void);
ns_rc ns_migrate_version(struct ns_db *db, int *out, struct ns_err *err) NS_MUST_USE; /* 0: empty */

struct ns_migrate_options {
    const char *backup_dir; /* made when missing; NULL: no snapshot (new files, tests) */
    const char *vfs;        /* of the store: the snapshot is read through it before it counts */
    ns_time now;
    bool dry_run; /* every step runs inside one transaction that is rolled back */
};

/* Up or down to `target` (0: everything gone). A store newer than the program: NS_E_VERSION. */
ns_rc ns_migrate_to(struct ns_db *db, int target, const struct ns_migrate_options *options,
                    struct ns_err *err) NS_MUST_USE;
/* What the agent does at start: to the newest. */
ns_rc ns_migrate_up(struct ns_db *db, const struct ns_migrate_options *options,
                    struct ns_err *err) NS_MUST_USE;

/* The words of `nestsync store migrate`: [--to head|-1|NUMBER] [--dry-run|--status]; without
 * --to: head. Runs and writes what it did as text for a person. */
ns_rc ns_migrate_command(struct ns_db *db, int count, const char *const *words,
                         const struct ns_migrate_options *options, bool french,
                         struct ns_buf *out, struct ns_err *err) NS_MUST_USE;
