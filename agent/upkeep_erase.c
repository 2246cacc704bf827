/* upkeep_erase.c: nestsync privacy erase CHILD: in the store, in every copy there is, and said what
 * stays out of reach. Asks for the passphrase even where a machine key would do; No is the default. */
#include "agent/erased.h"
#include "agent/forget.h"
#include "agent/privacy/audit.h"
#include "agent/store/erase.h"
#include "agent/store/migrate.h"
#include "agent/store/person.h"
#include "agent/store/rows.h"
#include "agent/upkeep_parts.h"
#include "shared/crypto/crypto.h"
#include "shared/text/fold.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct erase {
    struct upkeep *u;
    struct ns_arena arena;
    struct ns_erasable child;
    struct ns_forget forget;
    int rewritten, untouched, failed;
};

static bool same_name(const char *a, const char *b) {
    struct ns_buf x = NS_BUF(4096), y = NS_BUF(4096);
    bool same = ns_fold_to(&x, ns_str_of(a)) && ns_fold_to(&y, ns_str_of(b)) && x.len == y.len &&
                (x.len == 0 || memcmp(x.data, y.data, x.len) == 0);
    ns_buf_fini(&x);
    ns_buf_fini(&y);
    return same;
}

/* By id, or by its whole name; capitals and accents do not matter. */
static ns_rc find_child(struct erase *e, const char *word, struct ns_err *err) {
    struct ns_erasable *all = NULL;
    int count = 0, fits = 0;
    ns_id id;
    bool by_id = ns_id_parse(ns_str_of(word), &id);
    ns_rc rc = ns_row_children_erasable(e->u->db, &e->arena, &all, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (by_id ? ns_id_eq(all[i].id, id) : same_name(all[i].name, word)) {
            e->child = all[i];
            fits++;
        }
    }
    if (rc == NS_OK && fits != 1) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, fits == 0 ? NS_MSG_erase_no_child : NS_MSG_erase_many, word, NULL, NULL);
    }
    return rc;
}

static ns_rc erase_rows(struct erase *e, struct ns_db *db, struct ns_erased *done, struct ns_err *err) {
    struct ns_household home;
    bool found = false;
    ns_rc rc = ns_db_begin(db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_child_erase(db, e->child.id, e->u->now, done, err);
    if (rc == NS_OK) {
        rc = ns_row_household(db, &e->arena, &home, &found, err);
    }
    if (rc == NS_OK) {
        const struct ns_actor actor = {.user = found ? home.owner_id : (ns_id){{0}}};
        rc = ns_audit_append(db, e->u->setup->env, e->u->now, &actor, "CHILD_ERASED", "child", e->child.id, NULL, err);
    }
    if (rc == NS_OK) {
        return ns_db_commit(db, err);
    }
    ns_db_rollback(db);
    return rc;
}

static void say_failed(struct erase *e, const char *path, const struct ns_err *err) {
    struct ns_buf why = NS_BUF(2048);
    ns_err_text(&why, e->u->lang, err);
    UPKEEP_SAY(e->u, NS_MSG_erase_not_reached, path, why.data != NULL ? why.data : "");
    ns_buf_fini(&why);
    e->failed++;
}

static void rewrite_folder(struct erase *e, const char *folder) {
    struct ns_backup *list = NULL;
    struct ns_err err = {0};
    int count = 0;
    if (access(folder, W_OK | X_OK) != 0) {
        if (errno != ENOENT || strcmp(folder, e->u->paths.backups) != 0) {
            (void)ns_err_say(&err, ns_rc_from_errno(errno), NS_MSG_store_io, folder, strerror(errno), NULL);
            say_failed(e, folder, &err);
        }
        return;
    }
    if (ns_backup_list(folder, &e->arena, &list, &count, &err) != NS_OK) {
        say_failed(e, folder, &err);
        return;
    }
    for (int i = 0; i < count; i++) {
        char path[NS_BACKUP_PATH];
        bool found = false;
        ns_err_clear(&err);
        snprintf(path, sizeof path, "%s/%s", folder, list[i].name);
        if (ns_forget_in_copy(&e->forget, folder, list[i].name, &found, &err) != NS_OK) {
            say_failed(e, path, &err);
        } else if (found) {
            UPKEEP_SAY(e->u, NS_MSG_erase_rewritten, path);
            e->rewritten++;
        } else {
            e->untouched++;
        }
        upkeep_flush(e->u);
    }
}

/* What a restore had set aside is a store of its own, of whatever age: it goes. */
static void remove_set_aside(struct erase *e) {
    DIR *dir = opendir(e->u->paths.data);
    for (struct dirent *d = dir == NULL ? NULL : readdir(dir); d != NULL; d = readdir(dir)) {
        if (strncmp(d->d_name, "nestsync.db.before-", 19) == 0 && unlinkat(dirfd(dir), d->d_name, 0) == 0) {
            UPKEEP_SAY(e->u, NS_MSG_erase_removed, d->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

static ns_rc carry_out(struct erase *e, struct ns_err *err) {
    struct upkeep *u = e->u;
    struct ns_backup_target *targets = NULL;
    struct ns_erased done = {0};
    int count = 0;
    ns_rc rc = ns_backup_targets(u->db, &e->arena, &targets, &count, err);
    if (rc == NS_OK) { /* first: a list too long does no harm */
        rc = ns_erased_note(u->setup->env, u->paths.data, e->child.id, err);
    }
    if (rc == NS_OK) {
        rc = erase_rows(e, u->db, &done, err);
    }
    if (rc == NS_OK) { /* a whole new file under a new epoch: nothing stays in free pages or the log */
        rc = upkeep_new_epoch(u, err);
    }
    if (rc == NS_OK) {
        rc = ns_forget_search(&e->forget, u->paths.store, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    char rows[24];
    snprintf(rows, sizeof rows, "%lld", (long long)done.rows);
    UPKEEP_SAY(u, NS_MSG_erase_store, u->paths.store, rows);
    upkeep_flush(u);
    rewrite_folder(e, u->paths.backups);
    for (int i = 0; i < count; i++) {
        rewrite_folder(e, targets[i].path);
    }
    remove_set_aside(e);
    UPKEEP_SAY(u, e->failed > 0 ? NS_MSG_erase_partly : NS_MSG_erase_done, "");
    UPKEEP_SAY(u, NS_MSG_erase_limits, "");
    return e->failed > 0 ? ns_err_say(err, NS_E_IO, NS_MSG_erase_again, NULL, NULL, NULL) : NS_OK;
}

ns_rc upkeep_erase(struct upkeep *u, struct ns_err *err) {
    struct erase e = {.u = u};
    const char *word = NULL;
    bool yes = false;
    for (int i = 0; i < u->count; i++) {
        if (strcmp(u->words[i], "--yes") == 0) {
            yes = true;
        } else if (u->words[i][0] != '-' && word == NULL) {
            word = u->words[i];
        } else {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_erase_usage, u->words[i], NULL, NULL);
        }
    }
    if (word == NULL) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_erase_usage, "", NULL, NULL);
    }
    u->paths.machine_key[0] = '\0'; /* a person has to show who they are */
    u->by_person = true;
    e.forget = (struct ns_forget){.now = u->now, .key = ns_secret_new(NS_KEY_BYTES)};
    ns_rc rc = e.forget.key == NULL ? ns_err_note(err, NS_E_MEMORY, "no locked memory") : ns_unlock_look(&u->paths, err);
    if (rc == NS_OK) {
        rc = upkeep_lock(u, err);
    }
    if (rc == NS_OK) {
        rc = upkeep_open(u, err);
    }
    if (rc == NS_OK) {
        const struct ns_migrate_options migrate = {.backup_dir = u->paths.backups, .vfs = "nest", .now = u->now};
        rc = ns_migrate_up(u->db, &migrate, err);
    }
    if (rc == NS_OK) {
        rc = find_child(&e, word, err);
    }
    if (rc == NS_OK) {
        e.forget.child = e.child.id;
        rc = ns_person_key_read(u->db, e.child.id, e.forget.key, err);
    }
    if (rc == NS_OK) {
        UPKEEP_SAY(u, NS_MSG_erase_preview, e.child.name, u->paths.store, u->paths.backups);
        upkeep_flush(u);
        if (!yes && !upkeep_yes(u, NS_MSG_erase_question)) {
            UPKEEP_SAY(u, NS_MSG_restore_left, "");
        } else {
            rc = carry_out(&e, err);
        }
    }
    ns_secret_free(e.forget.key);
    ns_arena_fini(&e.arena);
    return rc;
}
