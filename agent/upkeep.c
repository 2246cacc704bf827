/* upkeep.c: unlock, do the one thing asked, lock again. */
#include "agent/process.h"
#include "agent/store/migrate.h"
#include "agent/upkeep_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --store moves everything that stands beside the store with it. */
static ns_rc choose_paths(struct upkeep *u, struct ns_err *err) {
    const struct ns_options *o = u->setup->options;
    struct ns_paths *p = &u->paths;
    *p = *u->setup->paths;
    bool fits = true;
    if (o->store != NULL) {
        const char *slash = strrchr(o->store, '/');
        struct ns_str folder = slash == NULL ? NS_STR(".")
                                             : (struct ns_str){o->store, slash == o->store ? 1 : (size_t)(slash - o->store)};
        fits = ns_str_copy(ns_str_of(o->store), p->store, NS_PATH) && ns_str_copy(folder, p->data, NS_PATH) &&
               snprintf(p->machine_key, NS_PATH, "%s/machine.key", p->data) < NS_PATH &&
               snprintf(p->lock, NS_PATH, "%s/agent.lock", p->data) < NS_PATH &&
               snprintf(p->backups, NS_PATH, "%s/backups", p->data) < NS_PATH;
    }
    if (fits && o->keyring != NULL) {
        fits = ns_str_copy(ns_str_of(o->keyring), p->machine_key, NS_PATH);
    }
    return fits ? NS_OK : ns_err_note(err, NS_E_LIMIT, "a path is too long");
}

ns_rc upkeep_lock(struct upkeep *u, struct ns_err *err) {
    return ns_process_lock(u->paths.lock, &u->lock, err);
}

ns_rc upkeep_unlock(struct upkeep *u, const char *file, struct ns_err *err) {
    struct ns_paths paths = u->paths;
    ns_rc rc = NS_OK;
    if (file != NULL && !ns_str_copy(ns_str_of(file), paths.store, NS_PATH)) {
        rc = ns_err_note(err, NS_E_LIMIT, "a path is too long");
    }
    if (rc == NS_OK) {
        struct ns_options options = *u->setup->options;
        options.credentials = u->by_person ? NULL : options.credentials;
        rc = ns_unlock(&paths, &options, &u->vault, err);
    }
    return rc == NS_OK ? ns_vault_attach(u->vault, err) : rc;
}

ns_rc upkeep_open(struct upkeep *u, struct ns_err *err) {
    const struct ns_db_options options = {.vfs = "nest"};
    ns_rc rc = ns_unlock_look(&u->paths, err);
    if (rc == NS_OK) {
        rc = upkeep_unlock(u, NULL, err);
    }
    return rc == NS_OK ? ns_db_open(u->paths.store, &options, &u->db, err) : rc;
}

void upkeep_flush(struct upkeep *u) {
    fputs(u->out.data != NULL ? u->out.data : "", stdout);
    fflush(stdout);
    ns_buf_clear(&u->out);
}

bool upkeep_yes(struct upkeep *u, enum ns_msg question) {
    char line[32] = "";
    if (!isatty(STDIN_FILENO)) {
        return false;
    }
    ns_buf_fmt(&u->out, "%s ", ns_msg(u->lang, question));
    upkeep_flush(u);
    if (fgets(line, sizeof line, stdin) == NULL) {
        return false;
    }
    struct ns_str word = ns_str_trim(ns_str_of(line));
    return ns_str_is_nocase(word, "y") || ns_str_is_nocase(word, "yes") ||
           ns_str_is_nocase(word, "o") || ns_str_is_nocase(word, "oui");
}

static ns_rc migrate(struct upkeep *u, struct ns_err *err) {
    const struct ns_migrate_options options = {.backup_dir = u->paths.backups, .vfs = "nest", .now = u->now};
    ns_rc rc = ns_unlock_look(&u->paths, err);
    if (rc == NS_OK) {
        rc = upkeep_lock(u, err);
    }
    if (rc == NS_OK) {
        rc = upkeep_open(u, err);
    }
    return rc == NS_OK ? ns_migrate_command(u->db, u->count, u->words, &options,
                                            u->lang == NS_LANG_FR, &u->out, err)
                       : rc;
}

ns_rc ns_upkeep_run(const struct ns_agent_setup *setup, struct ns_err *err) {
    struct upkeep u = {.setup = setup,
                       .lock = -1,
                       .out = NS_BUF((size_t)1 << 20),
                       .lang = setup->options->lang,
                       .now = ns_env_now(setup->env),
                       .count = setup->options->upkeep_count,
                       .words = setup->options->upkeep_words};
    ns_rc rc = choose_paths(&u, err);
    if (rc == NS_OK) {
        rc = ns_crypto_init(err); /* before anything asks for locked memory */
    }
    if (rc == NS_OK) {
        switch (setup->options->upkeep) {
        case NS_UPKEEP_MIGRATE:
            rc = migrate(&u, err);
            break;
        case NS_UPKEEP_BACKUP:
            rc = upkeep_backup(&u, err);
            break;
        case NS_UPKEEP_RESTORE:
            rc = upkeep_restore(&u, err);
            break;
        case NS_UPKEEP_REKEY:
            rc = upkeep_rekey(&u, err);
            break;
        case NS_UPKEEP_ERASE:
            rc = upkeep_erase(&u, err);
            break;
        case NS_UPKEEP_NONE:
            break;
        }
    }
    ns_db_close(u.db);
    ns_vault_release(u.vault);
    if (u.lock >= 0) {
        close(u.lock);
    }
    upkeep_flush(&u);
    ns_buf_fini(&u.out);
    return rc;
}
