/* slots.c: the ways in: list, add, remove, change; key files. */
#include "agent/store/vfs/nest.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ns_rc ns_vault_slots(const char *path, struct ns_slot_info out[NS_VAULT_SLOTS], struct ns_err *err) {
    struct nest_disk *disk = NULL;
    uint8_t *bytes = malloc(NEST_H);
    if (bytes == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "slots: no memory");
    }
    ns_rc rc = nest_disk_open(path, false, &disk, err);
    if (rc == NS_OK) {
        rc = nest_header_read(disk, path, bytes, err);
    }
    if (rc == NS_OK) {
        struct nest_header a, b;
        enum nest_shape sa = nest_header_parse(bytes, &a), sb = nest_header_parse(bytes + NEST_COPY, &b);
        if (sa != NEST_OK && sb != NEST_OK) {
            rc = sa == NEST_NEWER || sb == NEST_NEWER
                     ? ns_err_say(err, NS_E_VERSION, NS_MSG_store_newer, path, NULL, NULL)
                     : ns_err_say(err, NS_E_INPUT, NS_MSG_store_not_ours, path, NULL, NULL);
        } else {
            const struct nest_header *h = sa == NEST_OK && (sb != NEST_OK || a.sequence >= b.sequence) ? &a : &b;
            for (int i = 0; i < NS_VAULT_SLOTS; i++) {
                out[i] = (struct ns_slot_info){(enum ns_slot_type)h->slot[i].type, h->slot[i].cost, ""};
                memcpy(out[i].label, h->slot[i].label, sizeof out[i].label);
            }
        }
    }
    nest_disk_close(disk);
    free(bytes);
    return rc;
}

/* Another process may have changed the slots: take the file's lock (flock does not touch SQLite's
 * record locks), read what stands there, change it, write the older copy first. */
struct change {
    struct nest_header before;
    int first; /* copy to write first */
};

static ns_rc begin(struct ns_vault *vault, struct change *c, struct ns_err *err) {
    uint8_t *bytes = malloc(NEST_H);
    /* Connections use vault->keys meanwhile: the copies are tried with keys of our own. */
    struct nest_keys *keys = ns_secret_new(sizeof *keys);
    ns_rc opened = bytes == NULL || keys == NULL ? NS_E_MEMORY : NS_OK;
    if (opened == NS_OK && vault->disk == NULL) {
        opened = nest_disk_open(vault->path, false, &vault->disk, err);
    }
    if (opened != NS_OK) {
        free(bytes);
        ns_secret_free(keys);
        return ns_err_note(err, opened, "slots: no memory");
    }
    *keys = *vault->keys;
    ns_rc rc = nest_header_lock(vault);
    bool locked = rc == NS_OK;
    if (rc == NS_OK) {
        rc = nest_header_read(vault->disk, vault->path, bytes, err);
    }
    c->before = vault->header;
    if (rc == NS_OK) {
        struct nest_header now;
        rc = nest_header_choose(bytes, keys, &now);
        if (rc == NS_OK) {
            vault->header = now;
            struct nest_header a;
            bool first_is_newest = nest_header_parse(bytes, &a) == NEST_OK &&
                                   a.sequence == now.sequence && nest_header_genuine(bytes, keys);
            struct nest_header b;
            bool second_as_new = nest_header_parse(bytes + NEST_COPY, &b) == NEST_OK &&
                                 b.sequence == now.sequence &&
                                 nest_header_genuine(bytes + NEST_COPY, keys);
            c->first = first_is_newest && !second_as_new ? 1 : 0;
            vault->header.sequence++;
        } else {
            ns_err_say(err, rc, NS_MSG_store_header_damaged, vault->path, NULL, NULL);
        }
    }
    if (rc != NS_OK && locked) {
        nest_header_unlock(vault);
    }
    ns_secret_free(keys);
    free(bytes);
    return rc;
}

static ns_rc finish(struct ns_vault *vault, const struct change *c, ns_rc rc, struct ns_err *err) {
    if (rc == NS_OK) {
        rc = nest_header_write(vault, c->first, err);
    }
    if (rc != NS_OK) {
        vault->header = c->before;
        ns_err_note(err, rc, "the keys were not changed");
    }
    nest_header_unlock(vault);
    return rc;
}

static ns_rc add(struct ns_vault *vault, enum ns_slot_type type, struct ns_str secret,
                 struct ns_kdf cost, int *slot, struct ns_err *err) {
    struct change c;
    ns_rc rc = begin(vault, &c, err);
    if (rc != NS_OK) {
        return rc;
    }
    unsigned free_slot = 0;
    while (free_slot < NS_VAULT_SLOTS && vault->header.slot[free_slot].type != NS_SLOT_EMPTY) {
        free_slot++;
    }
    if (free_slot == NS_VAULT_SLOTS) {
        rc = ns_err_say(err, NS_E_LIMIT, NS_MSG_store_slots_full, vault->path, NULL, NULL);
    } else {
        rc = nest_slot_seal(&vault->header, free_slot, type, secret, cost, vault->keys->master);
    }
    *slot = (int)free_slot;
    return finish(vault, &c, rc, err);
}

ns_rc ns_vault_add_passphrase(struct ns_vault *vault, struct ns_str passphrase,
                              const struct ns_kdf *cost, int *slot, struct ns_err *err) {
    struct ns_kdf chosen = cost != NULL ? *cost : ns_kdf_calibrate(ns_env_thread_cpu_us);
    return add(vault, NS_SLOT_PASSPHRASE, passphrase, chosen, slot, err);
}

ns_rc ns_vault_add_recovery(struct ns_vault *vault, char words[NS_WORDS_TEXT], int *slot,
                            struct ns_err *err) {
    uint8_t key[NS_KEY_BYTES];
    ns_crypto_random(key, sizeof key);
    ns_words_from_key(key, words);
    ns_rc rc = add(vault, NS_SLOT_RECOVERY, (struct ns_str){(const char *)key, sizeof key},
                   (struct ns_kdf){0}, slot, err);
    ns_crypto_wipe(key, sizeof key);
    if (rc != NS_OK) {
        ns_crypto_wipe(words, NS_WORDS_TEXT);
    }
    return rc;
}

ns_rc ns_vault_add_machine(struct ns_vault *vault, const uint8_t key[NS_KEY_BYTES], int *slot,
                           struct ns_err *err) {
    return add(vault, NS_SLOT_MACHINE, (struct ns_str){(const char *)key, NS_KEY_BYTES},
               (struct ns_kdf){0}, slot, err);
}

ns_rc ns_vault_remove_slot(struct ns_vault *vault, int slot, struct ns_err *err) {
    struct change c;
    ns_rc rc = begin(vault, &c, err);
    if (rc != NS_OK) {
        return rc;
    }
    int used = 0;
    for (int i = 0; i < NS_VAULT_SLOTS; i++) {
        used += vault->header.slot[i].type != NS_SLOT_EMPTY ? 1 : 0;
    }
    if (slot < 0 || slot >= NS_VAULT_SLOTS || vault->header.slot[slot].type == NS_SLOT_EMPTY) {
        char number[12];
        snprintf(number, sizeof number, "%d", slot + 1);
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_store_no_slot, vault->path, number, NULL);
    } else if (used < 2) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_store_last_slot, vault->path, NULL, NULL);
    } else {
        vault->header.slot[slot] = (struct nest_slot){0};
    }
    return finish(vault, &c, rc, err);
}

ns_rc ns_vault_change_passphrase(struct ns_vault *vault, struct ns_str old_passphrase,
                                 struct ns_str new_passphrase, const struct ns_kdf *cost,
                                 struct ns_err *err) {
    struct ns_kdf chosen = cost != NULL ? *cost : ns_kdf_calibrate(ns_env_thread_cpu_us);
    struct change c;
    ns_rc rc = begin(vault, &c, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = NS_E_KEY;
    for (unsigned i = 0; i < NS_VAULT_SLOTS && rc == NS_E_KEY; i++) {
        uint8_t master[NS_KEY_BYTES];
        if (vault->header.slot[i].type == NS_SLOT_PASSPHRASE &&
            nest_slot_open(&vault->header, i, old_passphrase, master) == NS_OK) {
            rc = nest_slot_seal(&vault->header, i, NS_SLOT_PASSPHRASE, new_passphrase, chosen,
                                vault->keys->master);
        }
        ns_crypto_wipe(master, sizeof master);
    }
    if (rc == NS_E_KEY) {
        ns_err_say(err, rc, NS_MSG_store_wrong_key, vault->path, NULL, NULL);
    }
    return finish(vault, &c, rc, err);
}

ns_rc ns_vault_try_passphrase(struct ns_vault *vault, struct ns_str passphrase, struct ns_err *err) {
    struct change c;
    ns_rc rc = begin(vault, &c, err);
    if (rc != NS_OK) {
        return rc;
    }
    const struct nest_header now = vault->header;
    rc = finish(vault, &c, NS_E_NOT_FOUND, NULL); /* it was read only: the lock is given back before the work */
    for (unsigned i = 0; i < NS_VAULT_SLOTS && rc != NS_OK; i++) {
        uint8_t master[NS_KEY_BYTES];
        if (now.slot[i].type == NS_SLOT_PASSPHRASE) {
            rc = nest_slot_open(&now, i, passphrase, master) == NS_OK ? NS_OK : NS_E_KEY;
        }
        ns_crypto_wipe(master, sizeof master);
    }
    return rc;
}

ns_rc ns_vault_key_write(const char *path, uint8_t key[NS_KEY_BYTES], struct ns_err *err) {
    ns_rc rc = ns_crypto_init(err);
    if (rc != NS_OK) {
        return rc;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (fd < 0) {
        rc = ns_rc_from_errno(errno);
        return rc == NS_E_CONFLICT ? ns_err_say(err, rc, NS_MSG_store_exists, path, NULL, NULL)
                                   : ns_err_say(err, rc, NS_MSG_store_io, path, strerror(errno), NULL);
    }
    ns_crypto_random(key, NS_KEY_BYTES);
    if (write(fd, key, NS_KEY_BYTES) != NS_KEY_BYTES || fsync(fd) != 0) {
        rc = ns_err_say(err, NS_E_IO, NS_MSG_store_io, path, strerror(errno), NULL);
        unlink(path);
        ns_crypto_wipe(key, NS_KEY_BYTES);
    }
    close(fd);
    return rc;
}

ns_rc ns_vault_key_read(const char *path, uint8_t key[NS_KEY_BYTES], struct ns_err *err) {
    uint8_t bytes[NS_KEY_BYTES + 1];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return ns_err_say(err, ns_rc_from_errno(error), NS_MSG_store_io, path, strerror(error), NULL);
    }
    ns_rc rc = NS_OK;
    if (!S_ISREG(st.st_mode) || st.st_size != NS_KEY_BYTES) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_store_key_bad, path, NULL, NULL);
    } else if ((st.st_mode & 077) != 0) {
        rc = ns_err_say(err, NS_E_DENIED, NS_MSG_store_key_open, path, NULL, NULL);
    } else if (read(fd, bytes, sizeof bytes) != NS_KEY_BYTES) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_store_key_bad, path, NULL, NULL);
    } else {
        memcpy(key, bytes, NS_KEY_BYTES);
    }
    ns_crypto_wipe(bytes, sizeof bytes);
    close(fd);
    return rc;
}
