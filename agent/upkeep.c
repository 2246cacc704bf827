/* upkeep.c: unlock, do the one thing asked, lock again. */
#include "agent/upkeep.h"
#include "agent/process.h"
#include "agent/store/migrate.h"
#include "agent/unlock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct upkeep {
    const struct ns_agent_setup *setup;
    struct ns_paths paths; /* of the store that is worked on */
    int lock;
    struct ns_vault *vault;
    struct ns_db *db;
    struct ns_buf out;
};

/* --store moves everything that stands beside the store with it. */
static ns_rc choose_paths(struct upkeep *u, struct ns_err *err) {
    const struct ns_options *o = u->setup->options;
    struct ns_paths *p = &u->paths;
    *p = *u->setup->paths;
    bool fits = true;
    if (o->store != NULL) {
        const char *slash = strrchr(o->store, '/');
        size_t n = slash == NULL ? 1 : slash == o->store ? 1 : (size_t)(slash - o->store);
        struct ns_str folder = slash == NULL ? NS_STR(".") : (struct ns_str){o->store, n};
        int len = snprintf(p->machine_key, NS_PATH, "%.*s/machine.key", (int)folder.n, folder.p);
        fits = ns_str_copy(ns_str_of(o->store), p->store, NS_PATH) &&
               ns_str_copy(folder, p->data, NS_PATH) && len > 0 && len < NS_PATH &&
               snprintf(p->lock, NS_PATH, "%s/agent.lock", p->data) < NS_PATH &&
               snprintf(p->backups, NS_PATH, "%s/backups", p->data) < NS_PATH;
    }
    if (fits && o->keyring != NULL) {
        fits = ns_str_copy(ns_str_of(o->keyring), p->machine_key, NS_PATH);
    }
    return fits ? NS_OK : ns_err_note(err, NS_E_LIMIT, "a path is too long");
}

/* Nobody else may hold the store meanwhile. */
static ns_rc open_alone(struct upkeep *u, struct ns_err *err) {
    ns_rc rc = ns_unlock_look(&u->paths, err);
    if (rc == NS_OK) {
        rc = ns_process_lock(u->paths.lock, &u->lock, err);
    }
    if (rc == NS_OK) {
        rc = ns_crypto_init(err);
    }
    if (rc == NS_OK) {
        rc = ns_unlock(&u->paths, u->setup->options, &u->vault, err);
    }
    if (rc == NS_OK) {
        rc = ns_vault_attach(u->vault, err);
    }
    if (rc == NS_OK) {
        const struct ns_db_options options = {.vfs = "nest"};
        rc = ns_db_open(u->paths.store, &options, &u->db, err);
    }
    return rc;
}

static void close_all(struct upkeep *u) {
    ns_db_close(u->db);
    ns_vault_release(u->vault);
    if (u->lock >= 0) {
        close(u->lock);
    }
}

static ns_rc migrate(struct upkeep *u, struct ns_err *err) {
    const struct ns_options *o = u->setup->options;
    const struct ns_migrate_options options = {.backup_dir = u->paths.backups,
                                               .now = ns_env_now(u->setup->env)};
    ns_rc rc = open_alone(u, err);
    return rc == NS_OK ? ns_migrate_command(u->db, o->upkeep_count, o->upkeep_words, &options,
                                            o->lang == NS_LANG_FR, &u->out, err)
                       : rc;
}

ns_rc ns_upkeep_run(const struct ns_agent_setup *setup, struct ns_err *err) {
    struct upkeep u = {.setup = setup, .lock = -1, .out = NS_BUF((size_t)1 << 20)};
    ns_rc rc = choose_paths(&u, err);
    if (rc == NS_OK) {
        switch (setup->options->upkeep) {
        case NS_UPKEEP_MIGRATE:
            rc = migrate(&u, err);
            break;
        case NS_UPKEEP_NONE:
            break;
        }
    }
    close_all(&u);
    fputs(u.out.data != NULL ? u.out.data : "", stdout);
    ns_buf_fini(&u.out);
    return rc;
}
