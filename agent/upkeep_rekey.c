/* upkeep_rekey.c: nestsync store rekey: the same data under new keys.
 *
 * A new epoch keeps master key and slots, and is given to the file where it stands, while the agent runs
 * (ns_vault_rekey). --new-keys makes a new master key, asks for a passphrase and shows new words; it and
 * an erasure write a whole new file beside the old one and swap it in by one rename: at every point of an
 * interruption the old file or the new one stands there, whole. */
#include "agent/process.h"
#include "agent/upkeep_parts.h"
#include "shared/crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct rekey {
    struct upkeep *u;
    bool new_keys;
    int new_fd; /* the new passphrase; -1: asked for */
    char fresh[NS_PATH + 16], fresh_key[NS_PATH + 8];
    bool machine;
    struct ns_vault *next;
    char *words; /* secret memory */
    struct ns_backup_facts facts;
};

static ns_rc cannot(struct ns_err *err, const char *path) {
    return ns_err_say(err, ns_rc_from_errno(errno), NS_MSG_store_io, path, strerror(errno), NULL);
}

/* What an interrupted run left; the keys were found before: one of them may be the .new one. */
static void sweep(const struct rekey *r) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[NS_PATH + 32];
    for (size_t i = 0; i < NS_COUNT(ends); i++) {
        snprintf(path, sizeof path, "%s%s", r->fresh, ends[i]);
        unlink(path);
    }
    unlink(r->fresh_key);
}

static ns_rc read_passphrase(struct rekey *r, char *secret, size_t *n, struct ns_err *err) {
    if (r->new_fd >= 0) {
        return ns_process_read_secret(r->new_fd, secret, n, err);
    }
    struct ns_buf prompt = NS_BUF(1024);
    NS_MSG_TO(&prompt, r->u->lang, NS_MSG_store_ask_new, r->u->paths.store);
    ns_buf_char(&prompt, ' ');
    ns_rc rc = ns_process_ask_secret(prompt.data, secret, n, err);
    ns_buf_fini(&prompt);
    if (rc == NS_OK) {
        char *again = ns_secret_new(NS_SECRET_MOST);
        size_t m = 0;
        rc = again == NULL ? NS_E_MEMORY
                           : ns_process_ask_secret(ns_msg(r->u->lang, NS_MSG_store_ask_again), again, &m, err);
        if (rc == NS_OK && (m != *n || memcmp(again, secret, m) != 0)) {
            rc = ns_err_say(err, NS_E_INPUT, NS_MSG_store_ask_differs, NULL, NULL, NULL);
        }
        ns_secret_free(again);
    }
    return rc == NS_E_NOT_FOUND ? ns_err_say(err, NS_E_USAGE, NS_MSG_rekey_no_passphrase, NULL, NULL, NULL) : rc;
}

static ns_rc make_new_vault(struct rekey *r, struct ns_err *err) {
    char *secret = ns_secret_new(NS_SECRET_MOST);
    uint8_t *key = ns_secret_new(NS_KEY_BYTES);
    size_t n = 0;
    r->words = ns_secret_new(NS_WORDS_TEXT);
    ns_rc rc = secret == NULL || key == NULL || r->words == NULL ? ns_err_note(err, NS_E_MEMORY, "no locked memory") : NS_OK;
    if (rc == NS_OK) {
        rc = read_passphrase(r, secret, &n, err);
    }
    if (rc == NS_OK && n < 8) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_store_ask_short, NULL, NULL, NULL);
    }
    r->machine = access(r->u->paths.machine_key, F_OK) == 0;
    if (rc == NS_OK && r->machine) {
        rc = ns_vault_key_write(r->fresh_key, key, err);
    }
    if (rc == NS_OK) {
        const struct ns_vault_options options = {.passphrase = {secret, n}, .recovery = true, .machine_key = r->machine ? key : NULL};
        rc = ns_vault_create(r->fresh, &options, r->words, &r->next, err);
    }
    ns_secret_free(secret);
    ns_secret_free(key);
    return rc;
}

/* Everything over, and looked at. */
static ns_rc fill(struct rekey *r, struct ns_err *err) {
    struct ns_backup_facts copy;
    ns_rc rc = ns_vault_attach(r->next, err);
    if (rc == NS_OK) {
        rc = ns_backup_facts(r->u->db, &r->facts, err);
    }
    if (rc == NS_OK) {
        rc = ns_backup_copy(r->u->db, r->fresh, err);
    }
    if (rc == NS_OK) {
        rc = ns_backup_check(r->fresh, "nest", &copy, err);
    }
    if (rc == NS_OK && (copy.schema != r->facts.schema || copy.children != r->facts.children ||
                        copy.logs != r->facts.logs || copy.audit_lines != r->facts.audit_lines)) {
        rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_backup_damaged, r->fresh, NULL, NULL);
    }
    return rc;
}

/* The key slots of the file that goes are overwritten: without them its pages are noise. */
static void forget(int old) {
    static const char zeros[16384];
    if (old >= 0) {
        if (pwrite(old, zeros, sizeof zeros, 0) == (ssize_t)sizeof zeros) {
            fsync(old);
        }
        close(old);
    }
}

static ns_rc swap(struct rekey *r, struct ns_err *err) {
    struct ns_paths *p = &r->u->paths;
    ns_rc rc = ns_db_checkpoint(r->u->db, err);
    ns_db_close(r->u->db); /* the last connection: its WAL goes, too */
    r->u->db = NULL;
    if (rc != NS_OK) {
        return rc;
    }
    int old = open(p->store, O_WRONLY | O_CLOEXEC);
    int folder = open(p->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || rename(r->fresh, p->store) != 0) {
        rc = cannot(err, p->store);
    } else if (fsync(folder) != 0) {
        rc = cannot(err, p->data);
    }
    if (rc == NS_OK && r->machine && rename(r->fresh_key, p->machine_key) != 0) {
        rc = cannot(err, p->machine_key);
    }
    if (rc == NS_OK) {
        fsync(folder);
        forget(old);
    } else if (old >= 0) {
        close(old);
    }
    if (folder >= 0) {
        close(folder);
    }
    return rc;
}

static void report(struct rekey *r) {
    struct upkeep *u = r->u;
    UPKEEP_SAY(u, NS_MSG_rekey_words, u->paths.store);
    for (int w = 0; w < NS_WORDS; w++) {
        ns_buf_fmt(&u->out, "%.4s%c", r->words + w * 5, w % 6 == 5 ? '\n' : ' ');
    }
    UPKEEP_SAY(u, NS_MSG_rekey_backups, u->paths.backups);
    upkeep_flush(u);
}

static void name_files(struct rekey *r) {
    snprintf(r->fresh, sizeof r->fresh, "%s.rekeyed", r->u->paths.store);
    snprintf(r->fresh_key, sizeof r->fresh_key, "%s.new", r->u->paths.machine_key);
}

/* Of a store that is open and locked; u->db is closed afterwards. */
static ns_rc write_anew(struct rekey *r, struct ns_err *err) {
    sweep(r);
    ns_rc rc = r->new_keys ? make_new_vault(r, err) : ns_vault_next_epoch(r->u->vault, r->fresh, &r->next, err);
    if (rc == NS_OK) {
        rc = fill(r, err);
    }
    if (rc == NS_OK) {
        rc = swap(r, err);
    } else {
        sweep(r);
    }
    ns_vault_release(r->next);
    return rc;
}

ns_rc upkeep_new_epoch(struct upkeep *u, struct ns_err *err) {
    struct rekey r = {.u = u, .new_fd = -1};
    name_files(&r);
    return write_anew(&r, err);
}

#define TRIES 20 /* a quarter of a second apart: a reader may hold on to old pages */

static ns_rc in_place(struct rekey *r, struct ns_err *err) {
    struct upkeep *u = r->u;
    uint32_t now, old;
    ns_rc rc = upkeep_unlock(u, NULL, err);
    for (int i = 0; rc == NS_OK || rc == NS_E_BUSY; i++) {
        ns_err_clear(err);
        rc = ns_vault_rekey(u->vault, err);
        if (rc != NS_E_BUSY || i == TRIES) {
            break;
        }
        nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
    }
    if (rc == NS_OK) {
        char epoch[16];
        ns_vault_epochs(u->vault, &now, &old);
        snprintf(epoch, sizeof epoch, "%u", now);
        UPKEEP_SAY(u, NS_MSG_rekey_done, u->paths.store, epoch);
    } else if (rc == NS_E_BUSY) {
        rc = ns_err_say(err, rc, NS_MSG_rekey_busy, u->paths.store, NULL, NULL);
    }
    return rc;
}

ns_rc upkeep_rekey(struct upkeep *u, struct ns_err *err) {
    struct rekey r = {.u = u, .new_fd = -1};
    for (int i = 0; i < u->count; i++) {
        int64_t fd;
        if (strcmp(u->words[i], "--new-keys") == 0) {
            r.new_keys = true;
        } else if (strcmp(u->words[i], "--new-passphrase-fd") == 0 && i + 1 < u->count &&
                   ns_str_int(ns_str_of(u->words[i + 1]), 0, 1 << 20, &fd)) {
            r.new_fd = (int)fd;
            i++;
        } else {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_rekey_usage, u->words[i], NULL, NULL);
        }
    }
    name_files(&r);
    ns_rc rc = ns_unlock_look(&u->paths, err);
    if (rc == NS_OK && !r.new_keys) {
        return in_place(&r, err);
    }
    if (rc == NS_OK) {
        rc = upkeep_lock(u, err);
    }
    if (rc == NS_OK) {
        rc = upkeep_open(u, err);
    }
    if (rc == NS_OK) {
        rc = write_anew(&r, err);
    }
    if (rc == NS_OK) {
        report(&r);
    }
    ns_secret_free(r.words);
    return rc;
}
