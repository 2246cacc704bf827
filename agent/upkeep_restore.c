/* upkeep_restore.c: nestsync restore: look at the copy, say what would be, ask, put it in place.
 *
 * The store that was there is set aside, never deleted. At every point a crash leaves either the
 * old store or the new one under its name, whole. */
#include "agent/erased.h"
#include "agent/privacy/audit.h"
#include "agent/store/migrate.h"
#include "agent/store/rows.h"
#include "agent/upkeep_parts.h"
#include "shared/crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct restore {
    struct upkeep *u;
    bool yes, machine;
    char source[NS_PATH];
    char fresh[NS_PATH + 16]; /* the copy on its way */
    struct ns_backup_facts facts;
};

static ns_rc cannot(struct ns_err *err, const char *path) {
    return ns_err_say(err, ns_rc_from_errno(errno), NS_MSG_store_io, path, strerror(errno), NULL);
}

/* What is there now, when the same keys open it. */
static void preview_present(struct restore *r) {
    struct upkeep *u = r->u;
    const struct ns_db_options options = {.vfs = "nest", .read_only = true};
    struct ns_backup_facts present;
    struct ns_db *db = NULL;
    if (access(u->paths.store, F_OK) != 0) {
        UPKEEP_SAY(u, NS_MSG_restore_no_store, u->paths.store);
        return;
    }
    ns_rc rc = ns_db_open(u->paths.store, &options, &db, NULL);
    if (rc == NS_OK) {
        rc = ns_backup_facts(db, &present, NULL);
    }
    ns_db_close(db);
    if (rc != NS_OK) {
        UPKEEP_SAY(u, NS_MSG_restore_unreadable, u->paths.store);
        return;
    }
    upkeep_say_facts(u, NS_MSG_restore_present, u->paths.store, &present);
    if (present.logs > r->facts.logs) {
        int64_t n = present.logs - r->facts.logs;
        struct ns_buf fewer = NS_BUF(200);
        upkeep_count(u, n, NS_MSG_count_change_one, NS_MSG_count_change_other, &fewer);
        UPKEEP_SAY(u, ns_msg_plural(u->lang, n, NS_MSG_restore_loses_one, NS_MSG_restore_loses_other), fewer.data);
        ns_buf_fini(&fewer);
    }
}

/* A file with an id of its own, so that its pages and the backup's are never taken for each other. */
static ns_rc make_fresh(struct restore *r, struct ns_err *err) {
    const struct ns_db_options options = {.vfs = "nest", .read_only = true};
    struct ns_backup_facts facts;
    struct ns_db *db = NULL;
    snprintf(r->fresh, sizeof r->fresh, "%s.restored", r->u->paths.store);
    unlink(r->fresh); /* of a restore that was interrupted */
    ns_rc rc = ns_db_open(r->source, &options, &db, err);
    if (rc == NS_OK) {
        rc = ns_backup_copy(db, r->fresh, err);
    }
    ns_db_close(db);
    return rc == NS_OK ? ns_backup_check(r->fresh, "nest", &facts, err) : rc;
}

/* A copy that was out of reach of an erasure does not bring anybody back. */
static ns_rc leave_out_erased(struct restore *r, struct ns_db *db, struct ns_err *err) {
    struct upkeep *u = r->u;
    const struct ns_migrate_options migrate = {.now = u->now};
    int count = 0;
    if (!ns_erased_any(u->setup->env, u->paths.data)) {
        return NS_OK;
    }
    ns_rc rc = ns_migrate_up(db, &migrate, err);
    if (rc == NS_OK) {
        rc = ns_erased_apply(u->setup->env, u->paths.data, db, u->now, &count, err);
    }
    if (rc == NS_OK && count > 0) {
        char text[16];
        snprintf(text, sizeof text, "%d", count);
        UPKEEP_SAY(u, NS_MSG_restore_erased, text);
    }
    return rc;
}

/* The trail says what happened; the key file of a lost machine opens nothing any more. */
static ns_rc finish_fresh(struct restore *r, struct ns_err *err) {
    const struct ns_db_options options = {.vfs = "nest"};
    struct ns_arena arena = {0};
    struct ns_household home;
    struct ns_db *db = NULL;
    bool found = false;
    ns_rc rc = ns_db_open(r->fresh, &options, &db, err);
    if (rc == NS_OK) {
        rc = leave_out_erased(r, db, err);
    }
    if (rc == NS_OK && r->facts.schema > 0) {
        rc = ns_row_household(db, &arena, &home, &found, err);
    }
    if (rc == NS_OK && found) {
        const struct ns_actor actor = {.user = home.owner_id};
        rc = ns_db_begin(db, err);
        if (rc == NS_OK) {
            rc = ns_audit_append(db, r->u->setup->env, r->u->now, &actor, "STORE_RESTORED", "store", home.id, NULL, err);
        }
        if (rc == NS_OK) {
            rc = ns_db_commit(db, err);
        } else {
            ns_db_rollback(db);
        }
    }
    if (rc == NS_OK) {
        rc = ns_db_checkpoint(db, err);
    }
    ns_db_close(db); /* takes -wal and -shm away with it */
    ns_arena_fini(&arena);
    return rc;
}

static ns_rc new_machine_key(struct restore *r, struct ns_err *err) {
    const char *path = r->u->paths.machine_key;
    struct ns_slot_info slots[NS_VAULT_SLOTS];
    struct ns_vault *fresh = NULL;
    uint8_t *key = ns_secret_new(NS_KEY_BYTES);
    char aside[NS_PATH + 8];
    int slot = 0;
    if (key == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no locked memory for a key");
    }
    snprintf(aside, sizeof aside, "%s.old", path);
    if (access(path, F_OK) == 0 && rename(path, aside) != 0) {
        ns_secret_free(key);
        return cannot(err, path);
    }
    ns_rc rc = ns_vault_key_write(path, key, err);
    if (rc == NS_OK) {
        rc = ns_vault_sibling_of(r->u->vault, r->fresh, &fresh, err);
    }
    if (rc == NS_OK) {
        rc = ns_vault_slots(r->fresh, slots, err);
    }
    if (rc == NS_OK) {
        rc = ns_vault_add_machine(fresh, key, &slot, err);
    }
    for (int i = 0; rc == NS_OK && i < NS_VAULT_SLOTS; i++) {
        if (slots[i].type == NS_SLOT_MACHINE) {
            rc = ns_vault_remove_slot(fresh, i, err);
        }
    }
    ns_vault_release(fresh);
    ns_secret_free(key);
    return rc;
}

/* Everything of the WAL into the old file, so that it can be set aside as one. */
static void settle_present(const struct restore *r) {
    const struct ns_db_options options = {.vfs = "nest"};
    struct ns_db *db = NULL;
    struct ns_err err = {0};
    if (ns_db_open(r->u->paths.store, &options, &db, &err) == NS_OK) {
        (void)!ns_db_checkpoint(db, &err);
    }
    ns_db_close(db);
}

static ns_rc put_in_place(struct restore *r, char aside[NS_PATH + 32], struct ns_err *err) {
    struct ns_paths *p = &r->u->paths;
    char from[NS_PATH + 8], to[NS_PATH + 40];
    aside[0] = '\0';
    if (access(p->store, F_OK) == 0) {
        settle_present(r);
        snprintf(aside, NS_PATH + 32, "%s.before-%lld", p->store, (long long)(r->u->now / NS_SECOND));
        if (link(p->store, aside) != 0) {
            return cannot(err, aside);
        }
        snprintf(from, sizeof from, "%s-wal", p->store);
        snprintf(to, sizeof to, "%s-wal", aside);
        if (access(from, F_OK) == 0 && rename(from, to) != 0) { /* a file that no key opens keeps its log */
            return cannot(err, to);
        }
    }
    if (rename(r->fresh, p->store) != 0) {
        return cannot(err, p->store);
    }
    snprintf(from, sizeof from, "%s-shm", p->store);
    unlink(from);
    int fd = open(p->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return synced ? NS_OK : cannot(err, p->data);
}

static ns_rc carry_out(struct restore *r, struct ns_err *err) {
    struct upkeep *u = r->u;
    char aside[NS_PATH + 32];
    ns_rc rc = make_fresh(r, err);
    if (rc == NS_OK) {
        rc = finish_fresh(r, err);
    }
    if (rc == NS_OK && r->machine) {
        rc = new_machine_key(r, err);
    }
    if (rc == NS_OK) {
        rc = put_in_place(r, aside, err);
    }
    if (rc != NS_OK) {
        unlink(r->fresh);
        return rc;
    }
    UPKEEP_SAY(u, NS_MSG_restore_done, u->paths.store);
    if (aside[0] != '\0') {
        UPKEEP_SAY(u, NS_MSG_restore_aside, aside);
    }
    if (r->machine) {
        UPKEEP_SAY(u, NS_MSG_restore_new_key, u->paths.machine_key);
    }
    return NS_OK;
}

ns_rc upkeep_restore(struct upkeep *u, struct ns_err *err) {
    struct restore r = {.u = u};
    const char *word = NULL;
    for (int i = 0; i < u->count; i++) {
        if (strcmp(u->words[i], "--yes") == 0) {
            r.yes = true;
        } else if (strcmp(u->words[i], "--new-machine-key") == 0) {
            r.machine = true;
        } else if (u->words[i][0] != '-' && word == NULL) {
            word = u->words[i];
        } else {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_restore_usage, u->words[i], NULL, NULL);
        }
    }
    ns_rc rc = upkeep_find_backup(u, word, r.source, err);
    if (rc == NS_OK) {
        rc = upkeep_lock(u, err);
    }
    if (rc == NS_OK) {
        rc = upkeep_unlock(u, r.source, err);
    }
    if (rc == NS_OK) {
        rc = ns_backup_check(r.source, "nest", &r.facts, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    upkeep_say_facts(u, NS_MSG_restore_source, r.source, &r.facts);
    preview_present(&r);
    upkeep_flush(u);
    if (!r.yes && !upkeep_yes(u, NS_MSG_restore_question)) {
        UPKEEP_SAY(u, NS_MSG_restore_left, "");
        return NS_OK;
    }
    return carry_out(&r, err);
}
