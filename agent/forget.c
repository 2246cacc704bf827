/* forget.c: a child taken out of a copy. */
#include "agent/forget.h"
#include "agent/erased.h"
#include "agent/store/backup.h"
#include "agent/store/erase.h"
#include "agent/store/migrate.h"
#include "agent/store/person.h"
#include "shared/base/env.h"
#include "shared/crypto/crypto.h"
#include "shared/text/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_MODULE "forget"
#include "shared/base/log.h"

static ns_rc erase_rows(const struct ns_forget *f, struct ns_db *db, struct ns_erased *done, struct ns_err *err) {
    ns_rc rc = ns_db_begin(db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_child_erase(db, f->child, f->now, done, err);
    if (rc == NS_OK) {
        return ns_db_commit(db, err);
    }
    ns_db_rollback(db);
    return rc;
}

/* The key stands nowhere in the file any more: whatever was sealed under it is noise. */
ns_rc ns_forget_search(const struct ns_forget *f, const char *path, struct ns_err *err) {
    const struct ns_db_options options = {.vfs = "nest", .read_only = true};
    struct ns_db *db = NULL;
    bool key = false;
    ns_rc rc = ns_db_open(path, &options, &db, err);
    if (rc == NS_OK) {
        rc = ns_db_search(db, (struct ns_str){(const char *)f->key, NS_KEY_BYTES}, &key, err);
    }
    ns_db_close(db);
    return rc == NS_OK && key ? ns_err_say(err, NS_E_INTERNAL, NS_MSG_erase_left_over, path, NULL, NULL) : rc;
}

/* A working copy is brought to the newest layout, erased, copied again without free pages, searched,
 * and takes the place of the old one by a rename. *found false: the child is not in it. */
ns_rc ns_forget_in_copy(const struct ns_forget *f, const char *folder, const char *name, bool *found,
                        struct ns_err *err) {
    const struct ns_db_options reading = {.vfs = "nest", .read_only = true}, writing = {.vfs = "nest"};
    const struct ns_migrate_options migrate = {.now = f->now};
    char path[NS_BACKUP_PATH], work[NS_BACKUP_PATH], fresh[NS_BACKUP_PATH];
    struct ns_backup_facts facts;
    struct ns_erased done = {0};
    struct ns_db *db = NULL;
    *found = false;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path ||
        snprintf(work, sizeof work, "%s/.nestsync-work.part", folder) >= (int)sizeof work ||
        snprintf(fresh, sizeof fresh, "%s/.nestsync-fresh.part", folder) >= (int)sizeof fresh) {
        return ns_err_note(err, NS_E_LIMIT, "a path is too long");
    }
    unlink(work);
    unlink(fresh);
    ns_rc rc = ns_db_open(path, &reading, &db, err);
    if (rc == NS_OK) {
        rc = ns_backup_copy(db, work, err);
    }
    ns_db_close(db);
    db = NULL;
    if (rc == NS_OK) {
        rc = ns_db_open(work, &writing, &db, err);
    }
    if (rc == NS_OK) {
        rc = ns_migrate_up(db, &migrate, err);
    }
    if (rc == NS_OK && ns_person_key_read(db, f->child, f->key, NULL) == NS_OK) { /* this copy's own */
        rc = erase_rows(f, db, &done, err);
    }
    *found = rc == NS_OK && done.found;
    if (*found) {
        rc = ns_backup_copy(db, fresh, err);
    }
    ns_db_close(db);
    if (*found && rc == NS_OK) {
        rc = ns_backup_check(fresh, "nest", &facts, err);
    }
    if (*found && rc == NS_OK) {
        rc = ns_forget_search(f, fresh, err);
    }
    if (*found && rc == NS_OK && rename(fresh, path) != 0) {
        rc = ns_err_say(err, ns_rc_from_errno(errno), NS_MSG_store_io, path, strerror(errno), NULL);
    }
    unlink(work);
    unlink(fresh);
    return rc;
}

/* ---- whoever was ever erased, in every copy of a folder ---- */

/* Asked of the copy as it lies; one of before there were keys has nobody that could be told apart. */
static ns_rc erased_in(const struct ns_env *env, const char *data, const char *path, struct ns_arena *arena,
                       ns_id **out, int *count) {
    const struct ns_db_options options = {.vfs = "nest", .read_only = true};
    struct ns_db *db = NULL;
    struct ns_err err = {0};
    *count = 0;
    ns_rc rc = ns_db_open(path, &options, &db, &err);
    if (rc == NS_OK) {
        rc = ns_erased_in(env, data, db, arena, out, count, &err);
    }
    ns_db_close(db);
    return rc;
}

void ns_forget_in_folder(const struct ns_env *env, const char *data, const char *folder, ns_time now) {
    struct ns_arena arena = {0};
    struct ns_backup *list = NULL;
    struct ns_forget f = {.now = now, .key = ns_secret_new(NS_KEY_BYTES)};
    struct ns_err err = {0};
    int count = 0;
    if (f.key == NULL || !ns_erased_any(env, data) || ns_backup_list(folder, &arena, &list, &count, &err) != NS_OK) {
        count = 0;
    }
    for (int i = 0; i < count; i++) {
        char path[NS_BACKUP_PATH];
        ns_id *ids = NULL;
        int found = 0;
        bool changed = false;
        if (snprintf(path, sizeof path, "%s/%s", folder, list[i].name) >= (int)sizeof path ||
            erased_in(env, data, path, &arena, &ids, &found) != NS_OK) {
            continue;
        }
        for (int k = 0; k < found; k++) {
            f.child = ids[k];
            ns_err_clear(&err);
            if (ns_forget_in_copy(&f, folder, list[i].name, &changed, &err) == NS_OK) {
                LOG_INFO("a copy was rewritten without who was erased");
            } else {
                LOG_WARN("a copy still holds who was erased: %s", ns_rc_key(err.rc));
            }
        }
    }
    ns_secret_free(f.key);
    ns_arena_fini(&arena);
}
