/* unlock.c: the keys in order, and the refusals in words. */
#include "agent/unlock.h"
#include "agent/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_MODULE "agent"
#include "shared/base/log.h"

#define TRIES 3

ns_rc ns_unlock_look(const struct ns_paths *paths, struct ns_err *err) {
    if (access(paths->store, F_OK) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_agent_no_store, paths->data, NULL,
                              NULL);
        }
        return ns_err_say(err, NS_E_READONLY, NS_MSG_agent_store_unreadable, paths->store,
                          strerror(errno), NULL);
    }
    if (access(paths->store, R_OK | W_OK) != 0) {
        return ns_err_say(err, NS_E_READONLY, NS_MSG_agent_store_unreadable, paths->store,
                          strerror(errno), NULL);
    }
    if (access(paths->data, W_OK | X_OK) != 0) {
        return ns_err_say(err, NS_E_READONLY, NS_MSG_agent_folder_readonly, paths->data,
                          strerror(errno), NULL);
    }
    return NS_OK;
}

/* The vault's refusal in the agent's words where the remedy is the agent's to give. */
static ns_rc refused(ns_rc rc, enum ns_msg wrong_key, const char *path, const char *store,
                     struct ns_err *err) {
    if (rc == NS_E_KEY) {
        ns_err_clear(err);
        return ns_err_say(err, rc, (int)wrong_key, path, NULL, NULL);
    }
    if (rc == NS_E_DAMAGED || rc == NS_E_INPUT) {
        ns_err_clear(err);
        return ns_err_say(err, NS_E_DAMAGED, NS_MSG_agent_damaged, store, NULL, NULL);
    }
    return rc;
}

static ns_rc by_key_file(const struct ns_paths *paths, const char *path, struct ns_vault **out,
                         struct ns_err *err) {
    uint8_t *key = ns_secret_new(NS_KEY_BYTES);
    if (key == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no locked memory for a key");
    }
    ns_rc rc = ns_vault_key_read(path, key, err);
    if (rc == NS_OK) {
        rc = ns_vault_unlock_machine(paths->store, key, out, err);
        rc = refused(rc, NS_MSG_agent_wrong_machine_key, path, paths->store, err);
    }
    ns_secret_free(key);
    return rc;
}

/* A rekey that ended between its two renames left the store's new key beside the old one. */
static ns_rc by_machine_key(const struct ns_paths *paths, struct ns_vault **out,
                            struct ns_err *err) {
    char path[NS_PATH + 8];
    ns_rc rc = by_key_file(paths, paths->machine_key, out, err);
    snprintf(path, sizeof path, "%s.new", paths->machine_key);
    if (rc == NS_E_KEY && access(path, F_OK) == 0 && by_key_file(paths, path, out, NULL) == NS_OK) {
        ns_err_clear(err);
        rc = NS_OK;
        if (rename(path, paths->machine_key) != 0) {
            LOG_WARN("machine.key.new could not take its place: %s", strerror(errno));
        }
    }
    return rc;
}

/* $CREDENTIALS_DIRECTORY/nestsync.machine-key: the folder is ours alone, the file's mode may show an ACL. */
static ns_rc by_credential(const struct ns_paths *paths, const char *folder, struct ns_vault **out,
                           struct ns_err *err) {
    char path[NS_PATH];
    int n = snprintf(path, sizeof path, "%s/nestsync.machine-key", folder);
    int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return NS_E_NOT_FOUND;
    }
    uint8_t *key = ns_secret_new(NS_KEY_BYTES + 1);
    ns_rc rc = key == NULL ? NS_E_MEMORY : read(fd, key, NS_KEY_BYTES + 1) == NS_KEY_BYTES ? NS_OK : NS_E_KEY;
    close(fd);
    if (rc == NS_OK) {
        rc = ns_vault_unlock_machine(paths->store, key, out, err);
    }
    ns_secret_free(key);
    return refused(rc, NS_MSG_agent_wrong_machine_key, path, paths->store, err);
}

static ns_rc try_secret(const struct ns_paths *paths, bool words, const char *secret, size_t n,
                        struct ns_vault **out, struct ns_err *err) {
    struct ns_str text = {secret, n};
    if (words) {
        ns_rc rc = ns_vault_unlock_words(paths->store, text, out, err);
        struct ns_slot_info slots[NS_VAULT_SLOTS];
        if (rc == NS_E_INPUT && ns_vault_slots(paths->store, slots, NULL) == NS_OK) {
            rc = NS_E_KEY; /* the file is sound, so the words are not words */
        }
        return refused(rc, NS_MSG_agent_wrong_words, paths->store, paths->store, err);
    }
    return refused(ns_vault_unlock(paths->store, text, out, err), NS_MSG_agent_wrong_passphrase,
                   paths->store, paths->store, err);
}

static ns_rc by_descriptor(const struct ns_paths *paths, bool words, int fd,
                           struct ns_vault **out, struct ns_err *err) {
    char *secret = ns_secret_new(NS_SECRET_MOST);
    if (secret == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no locked memory for a passphrase");
    }
    size_t n;
    ns_rc rc = ns_process_read_secret(fd, secret, &n, err);
    close(fd);
    if (rc == NS_OK) {
        rc = try_secret(paths, words, secret, n, out, err);
    }
    ns_secret_free(secret);
    return rc;
}

static ns_rc by_terminal(const struct ns_paths *paths, enum ns_lang lang, struct ns_vault **out,
                         struct ns_err *err) {
    struct ns_buf prompt = NS_BUF(2048);
    NS_MSG_TO(&prompt, lang, NS_MSG_agent_ask_passphrase, paths->data);
    ns_buf_char(&prompt, ' ');
    char *secret = ns_secret_new(NS_SECRET_MOST);
    ns_rc rc = NS_E_MEMORY;
    for (int i = 0; secret != NULL && i < TRIES; i++) {
        size_t n;
        ns_err_clear(err);
        rc = ns_process_ask_secret(prompt.data, secret, &n, err);
        if (rc == NS_OK) {
            rc = try_secret(paths, false, secret, n, out, err);
        }
        if (rc != NS_E_KEY) {
            break;
        }
    }
    ns_secret_free(secret);
    ns_buf_fini(&prompt);
    return rc;
}

ns_rc ns_unlock(const struct ns_paths *paths, const struct ns_options *options,
                struct ns_vault **out, struct ns_err *err) {
    bool machine = access(paths->machine_key, F_OK) == 0;
    struct ns_err first = {0};
    if (options->credentials != NULL) {
        ns_rc rc = by_credential(paths, options->credentials, out, &first);
        if (rc != NS_E_KEY && rc != NS_E_NOT_FOUND) {
            *err = first;
            return rc;
        }
        if (rc == NS_E_KEY) {
            LOG_WARN("the credential nestsync.machine-key does not open the store");
        }
        ns_err_clear(&first);
    }
    if (machine) {
        ns_rc rc = by_machine_key(paths, out, &first);
        if (rc != NS_E_KEY) {
            *err = first;
            return rc;
        }
        LOG_WARN("machine.key does not open the store");
    }
    if (options->words_fd >= 0) {
        return by_descriptor(paths, true, options->words_fd, out, err);
    }
    if (options->passphrase_fd >= 0) {
        return by_descriptor(paths, false, options->passphrase_fd, out, err);
    }
    ns_rc rc = by_terminal(paths, options->lang, out, err);
    if (rc == NS_E_NOT_FOUND) { /* no terminal */
        ns_err_clear(err);
        if (machine) {
            *err = first;
            return NS_E_KEY;
        }
        return ns_err_say(err, NS_E_KEY, NS_MSG_agent_no_key, paths->data, NULL, NULL);
    }
    return rc;
}
