/* vault.c: create and unlock files, the list of attached vaults. */
#include "agent/store/vfs/nest.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

static pthread_mutex_t lists = PTHREAD_MUTEX_INITIALIZER;
static struct nest_disk *disks;
static struct ns_vault *attached;

void nest_lock(void) {
    pthread_mutex_lock(&lists);
}

void nest_unlock(void) {
    pthread_mutex_unlock(&lists);
}

static ns_rc io_error(struct ns_err *err, const char *path, int error) {
    ns_rc rc = ns_rc_from_errno(error);
    if (rc == NS_E_NOT_FOUND) {
        return ns_err_say(err, rc, NS_MSG_store_no_file, path, NULL, NULL);
    }
    if (rc == NS_E_CONFLICT) {
        return ns_err_say(err, rc, NS_MSG_store_exists, path, NULL, NULL);
    }
    return ns_err_say(err, rc, NS_MSG_store_io, path, strerror(error), NULL);
}

static struct nest_disk *disk_known(const struct stat *st) {
    for (struct nest_disk *d = disks; d != NULL; d = d->next) {
        if (d->dev == st->st_dev && d->ino == st->st_ino) {
            d->refs++;
            return d;
        }
    }
    return NULL;
}

ns_rc nest_disk_open(const char *path, bool create, struct nest_disk **out, struct ns_err *err) {
    struct stat st;
    ns_rc rc = NS_OK;
    *out = NULL;
    nest_lock();
    if (!create && stat(path, &st) == 0) {
        *out = disk_known(&st);
    }
    if (*out == NULL) {
        struct nest_disk *d = calloc(1, sizeof *d);
        int flags = O_CLOEXEC | (create ? O_RDWR | O_CREAT | O_EXCL : O_RDWR);
        int fd = d == NULL ? -1 : open(path, flags, 0600);
        if (d != NULL && fd < 0 && !create && (errno == EACCES || errno == EROFS)) {
            fd = open(path, O_RDONLY | O_CLOEXEC);
        }
        if (d == NULL) {
            rc = NS_E_MEMORY;
        } else if (fd < 0 || fstat(fd, &st) != 0) {
            rc = io_error(err, path, errno);
            if (fd >= 0) {
                close(fd);
            }
            free(d);
        } else if (!S_ISREG(st.st_mode)) {
            rc = ns_err_say(err, NS_E_INPUT, NS_MSG_store_not_ours, path, NULL, NULL);
            close(fd);
            free(d);
        } else {
            *d = (struct nest_disk){.next = disks, .dev = st.st_dev, .ino = st.st_ino, .fd = fd, .refs = 1};
            disks = d;
            *out = d;
        }
    }
    nest_unlock();
    return rc;
}

void nest_disk_close(struct nest_disk *disk) {
    if (disk == NULL) {
        return;
    }
    nest_lock();
    if (--disk->refs == 0) {
        struct nest_disk **at = &disks;
        while (*at != disk) {
            at = &(*at)->next;
        }
        *at = disk->next;
        close(disk->fd);
        free(disk);
    }
    nest_unlock();
}

static struct ns_vault *vault_new(const char *path) {
    struct ns_vault *vault = calloc(1, sizeof *vault);
    if (vault == NULL) {
        return NULL;
    }
    vault->refs = 1;
    vault->keys = ns_secret_new(sizeof *vault->keys);
    vault->path = realpath(path, NULL);
    if (vault->path == NULL) {
        vault->path = strdup(path);
    }
    if (vault->keys == NULL || vault->path == NULL) {
        ns_secret_free(vault->keys);
        free(vault->path);
        free(vault);
        return NULL;
    }
    return vault;
}

struct ns_vault *ns_vault_ref(struct ns_vault *vault) {
    nest_lock();
    vault->refs++;
    nest_unlock();
    return vault;
}

static void vault_drop(struct ns_vault *vault) {
    nest_lock();
    bool last = --vault->refs == 0;
    nest_unlock();
    if (last) {
        nest_disk_close(vault->disk);
        ns_secret_free(vault->keys);
        free(vault->path);
        free(vault);
    }
}

void ns_vault_unref(struct ns_vault *vault) {
    if (vault != NULL) {
        vault_drop(vault);
    }
}

static void vault_detach(struct ns_vault *vault) {
    bool was = false;
    nest_lock();
    for (struct ns_vault **at = &attached; *at != NULL; at = &(*at)->next) {
        if (*at == vault) {
            *at = vault->next;
            vault->next = NULL;
            vault->attached = false;
            was = true;
            break;
        }
    }
    nest_unlock();
    if (was) {
        vault_drop(vault);
    }
}

void ns_vault_release(struct ns_vault *vault) {
    if (vault == NULL) {
        return;
    }
    nest_lock();
    /* The list's share and the caller's are all that is left besides open files. */
    bool listed = vault->attached;
    nest_unlock();
    if (listed) {
        vault_detach(vault);
    }
    vault_drop(vault);
}

ns_rc ns_vault_attach(struct ns_vault *vault, struct ns_err *err) {
    ns_rc rc = ns_vfs_register(err);
    if (rc != NS_OK) {
        return rc;
    }
    nest_lock();
    if (!vault->attached) {
        vault->attached = true;
        vault->refs++;
        vault->next = attached;
        attached = vault;
    }
    nest_unlock();
    return NS_OK;
}

const char *ns_vault_path(const struct ns_vault *vault) {
    return vault->path;
}

bool ns_vault_mac(const struct ns_vault *vault, const char *name, const void *message, size_t n,
                  uint8_t out[32]) {
    uint8_t key[NS_KEY_BYTES];
    bool ok = ns_crypto_subkey(key, vault->keys->master, vault->header.vault_id, name, "", 0) &&
              ns_crypto_mac(out, key, message, n);
    ns_crypto_wipe(key, sizeof key);
    return ok;
}

/* The genuine copy of the highest sequence under keys->master; false when neither is. */
static bool choose_copy(const uint8_t bytes[NEST_H], struct nest_keys *keys,
                        struct nest_header *out) {
    bool found = false;
    for (int i = 0; i < 2; i++) {
        struct nest_header header;
        if (nest_header_parse(bytes + i * NEST_COPY, &header) == NEST_OK &&
            nest_keys_derive(keys, &header) &&
            nest_header_genuine(bytes + i * NEST_COPY, keys) &&
            (!found || header.sequence > out->sequence)) {
            *out = header;
            found = true;
        }
    }
    return found && nest_keys_derive(keys, out);
}

/* What the header says of epochs, as a vault begins. */
static void take_epochs(struct ns_vault *vault) {
    atomic_store(&vault->epoch, nest_page_epoch(&vault->header));
    atomic_store(&vault->old_epoch, vault->header.old_epoch);
    atomic_store(&vault->epoch_unsynced, vault->header.old_epoch != 0);
}

ns_rc nest_header_choose(const uint8_t bytes[NEST_H], struct nest_keys *keys,
                         struct nest_header *out) {
    return choose_copy(bytes, keys, out) ? NS_OK : NS_E_DAMAGED;
}

ns_rc nest_vault_for(const char *path, const uint8_t bytes[NEST_H], struct ns_vault **out) {
    struct ns_vault *vault = NULL;
    ns_rc rc = NS_E_KEY;
    *out = NULL;
    nest_lock();
    for (struct ns_vault *v = attached; v != NULL && rc != NS_OK; v = v->next) {
        if (vault == NULL) {
            vault = vault_new(path);
        }
        if (vault == NULL) {
            rc = NS_E_MEMORY;
            break;
        }
        memcpy(vault->keys->master, v->keys->master, NS_KEY_BYTES);
        if (choose_copy(bytes, vault->keys, &vault->header)) {
            if (memcmp(vault->header.file_id, v->header.file_id, 16) == 0) {
                v->refs++;
                *out = v;
            } else {
                take_epochs(vault);
                *out = vault;
                vault = NULL;
            }
            rc = NS_OK;
        }
    }
    nest_unlock();
    if (vault != NULL) {
        vault_drop(vault);
    }
    return rc;
}

static bool both_copies(uint8_t bytes[NEST_H], const struct ns_vault *vault) {
    if (!nest_header_format(bytes, &vault->header, vault->keys)) {
        return false;
    }
    memcpy(bytes + NEST_COPY, bytes, NEST_COPY);
    return true;
}

ns_rc nest_vault_sibling(const char *path, const struct ns_vault *like, uint8_t bytes[NEST_H],
                         struct ns_vault **out) {
    *out = NULL;
    struct ns_vault *vault = vault_new(path);
    if (vault == NULL) {
        return NS_E_MEMORY;
    }
    vault->header = like->header;
    vault->header.sequence = 1;
    vault->header.epoch = atomic_load(&like->epoch);
    vault->header.page_epoch = vault->header.old_epoch = 0;
    memset(vault->header.later, 0, sizeof vault->header.later);
    ns_crypto_random(vault->header.file_id, sizeof vault->header.file_id);
    memcpy(vault->keys->master, like->keys->master, NS_KEY_BYTES);
    if (!nest_keys_derive(vault->keys, &vault->header) || !both_copies(bytes, vault)) {
        vault_drop(vault);
        return NS_E_INTERNAL;
    }
    take_epochs(vault);
    *out = vault;
    return NS_OK;
}

static bool write_at(int fd, const uint8_t *bytes, size_t n, off_t at) {
    while (n > 0) {
        ssize_t put = pwrite(fd, bytes, n, at);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        bytes += put;
        n -= (size_t)put;
        at += put;
    }
    return true;
}

/* The whole header; short files are filled with zeros. */
ns_rc nest_header_read(const struct nest_disk *disk, const char *path, uint8_t bytes[NEST_H],
                       struct ns_err *err) {
    size_t have = 0;
    memset(bytes, 0, NEST_H);
    while (have < NEST_H) {
        ssize_t got = pread(disk->fd, bytes + have, NEST_H - have, (off_t)have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return io_error(err, path, errno);
        }
        if (got == 0) {
            break;
        }
        have += (size_t)got;
    }
    return NS_OK;
}

ns_rc nest_header_write(const struct ns_vault *vault, int first, struct ns_err *err) {
    uint8_t copy[NEST_COPY];
    if (!nest_header_format(copy, &vault->header, vault->keys)) {
        return ns_err_note(err, NS_E_INTERNAL, "header could not be sealed");
    }
    for (int i = 0; i < 2; i++) {
        int which = i == 0 ? first : 1 - first;
        if (!write_at(vault->disk->fd, copy, NEST_COPY, (off_t)which * NEST_COPY) ||
            fsync(vault->disk->fd) != 0) {
            return io_error(err, vault->path, errno);
        }
    }
    return NS_OK;
}

static ns_rc fill_slots(struct ns_vault *vault, const struct ns_vault_options *options,
                        char words[NS_WORDS_TEXT]) {
    unsigned next = 0;
    ns_rc rc = NS_OK;
    const uint8_t *master = vault->keys->master;
    if (options->passphrase.n > 0) {
        struct ns_kdf cost = options->cost != NULL ? *options->cost : ns_kdf_calibrate(ns_env_thread_cpu_us);
        rc = nest_slot_seal(&vault->header, next++, NS_SLOT_PASSPHRASE, options->passphrase, cost, master);
    }
    if (rc == NS_OK && options->recovery) {
        uint8_t key[NS_KEY_BYTES];
        ns_crypto_random(key, sizeof key);
        ns_words_from_key(key, words);
        rc = nest_slot_seal(&vault->header, next++, NS_SLOT_RECOVERY,
                            (struct ns_str){(const char *)key, sizeof key}, (struct ns_kdf){0}, master);
        ns_crypto_wipe(key, sizeof key);
    }
    if (rc == NS_OK && options->machine_key != NULL) {
        rc = nest_slot_seal(&vault->header, next++, NS_SLOT_MACHINE,
                            (struct ns_str){(const char *)options->machine_key, NS_KEY_BYTES},
                            (struct ns_kdf){0}, master);
    }
    return rc;
}

static bool sync_folder(const char *path) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = slash == NULL ? snprintf(folder, sizeof folder, ".")
                          : snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    if (n < 0 || (size_t)n >= sizeof folder) {
        return false;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

ns_rc ns_vault_create(const char *path, const struct ns_vault_options *options,
                      char words[NS_WORDS_TEXT], struct ns_vault **out, struct ns_err *err) {
    struct ns_vault *vault = NULL;
    bool made = false;
    *out = NULL;
    words[0] = '\0';
    uint32_t size = options->page_size == 0 ? 4096 : options->page_size;
    ns_rc rc = ns_crypto_init(err);
    if (rc != NS_OK) {
        return rc;
    }
    if (options->passphrase.n == 0 && !options->recovery && options->machine_key == NULL) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_store_no_way_in, NULL, NULL, NULL);
    }
    if (size < 4096 || size > 65536 || (size & (size - 1)) != 0) {
        return ns_err_note(err, NS_E_INPUT, "page size %u", size);
    }
    vault = vault_new(path);
    if (vault == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no secure memory for the keys");
    }
    rc = nest_disk_open(path, true, &vault->disk, err);
    if (rc != NS_OK) {
        goto out;
    }
    made = true;
    free(vault->path);
    vault->path = realpath(path, NULL);
    if (vault->path == NULL) {
        vault->path = strdup(path);
        if (vault->path == NULL) {
            rc = NS_E_MEMORY;
            goto out;
        }
    }
    vault->header = (struct nest_header){.sequence = 1, .page_size = size, .epoch = 1,
                                         .suite = NEST_SUITE_XCHACHA};
    ns_crypto_random(vault->header.file_id, 16);
    ns_crypto_random(vault->header.vault_id, 16);
    ns_crypto_random(vault->keys->master, NS_KEY_BYTES);
    if (!nest_keys_derive(vault->keys, &vault->header)) {
        rc = NS_E_INTERNAL;
        goto out;
    }
    rc = fill_slots(vault, options, words);
    if (rc == NS_OK) {
        rc = nest_header_write(vault, 0, err);
    }
    if (rc == NS_OK && !sync_folder(vault->path)) {
        rc = io_error(err, vault->path, errno);
    }
out:
    if (rc != NS_OK) {
        ns_err_note(err, rc, "the store could not be made");
        ns_crypto_wipe(words, NS_WORDS_TEXT);
        if (made) {
            unlink(path);
        }
        vault_drop(vault);
        return rc;
    }
    take_epochs(vault);
    *out = vault;
    return NS_OK;
}

/* What the two copies look like before any key was tried. */
static ns_rc look(const uint8_t bytes[NEST_H], const char *path, struct nest_header copy[2],
                  bool usable[2], struct ns_err *err) {
    bool newer = false, ours = false;
    for (int i = 0; i < 2; i++) {
        enum nest_shape shape = nest_header_parse(bytes + i * NEST_COPY, &copy[i]);
        usable[i] = shape == NEST_OK;
        newer = newer || shape == NEST_NEWER;
        ours = ours || shape != NEST_FOREIGN;
    }
    if (usable[0] || usable[1]) {
        return NS_OK;
    }
    if (newer) {
        return ns_err_say(err, NS_E_VERSION, NS_MSG_store_newer, path, NULL, NULL);
    }
    return ours ? ns_err_say(err, NS_E_DAMAGED, NS_MSG_store_header_damaged, path, NULL, NULL)
                : ns_err_say(err, NS_E_INPUT, NS_MSG_store_not_ours, path, NULL, NULL);
}

/* Tries every slot of the type, newer copy first; a slot equal in both copies costs one KDF run. */
static ns_rc try_slots(const struct nest_header copy[2], const bool usable[2],
                       enum ns_slot_type type, struct ns_str secret, uint8_t *master) {
    ns_rc rc = NS_E_DAMAGED; /* no slot of any kind: cut or overwritten */
    int first = usable[1] && (!usable[0] || copy[1].sequence > copy[0].sequence) ? 1 : 0;
    for (int k = 0; k < 2; k++) {
        int i = k == 0 ? first : 1 - first;
        if (!usable[i]) {
            continue;
        }
        for (unsigned s = 0; s < NS_VAULT_SLOTS; s++) {
            if (copy[i].slot[s].type != NS_SLOT_EMPTY && rc == NS_E_DAMAGED) {
                rc = NS_E_KEY;
            }
            if (copy[i].slot[s].type != type) {
                continue;
            }
            if (k == 1 && usable[first] &&
                memcmp(&copy[i].slot[s], &copy[first].slot[s], sizeof copy[i].slot[s]) == 0 &&
                memcmp(copy[i].vault_id, copy[first].vault_id, 16) == 0) {
                continue;
            }
            ns_rc tried = nest_slot_open(&copy[i], s, secret, master);
            if (tried == NS_OK) {
                return NS_OK;
            }
            if (tried == NS_E_MEMORY || tried == NS_E_LIMIT) {
                rc = tried;
            }
        }
    }
    return rc;
}

static ns_rc unlock(const char *path, enum ns_slot_type type, struct ns_str secret,
                    struct ns_vault **out, struct ns_err *err) {
    struct nest_header copy[2];
    bool usable[2];
    uint8_t bytes[NEST_H];
    *out = NULL;
    ns_rc rc = ns_crypto_init(err);
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_vault *vault = vault_new(path);
    if (vault == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no secure memory for the keys");
    }
    rc = nest_disk_open(path, false, &vault->disk, err);
    if (rc == NS_OK) {
        rc = nest_header_read(vault->disk, path, bytes, err);
    }
    if (rc == NS_OK) {
        rc = look(bytes, path, copy, usable, err);
    }
    if (rc == NS_OK) {
        rc = try_slots(copy, usable, type, secret, vault->keys->master);
        if (rc == NS_E_KEY) {
            ns_err_say(err, rc, NS_MSG_store_wrong_key, path, NULL, NULL);
        } else if (rc == NS_E_LIMIT) {
            ns_err_say(err, rc, NS_MSG_store_kdf_greedy, path, NULL, NULL);
        } else if (rc == NS_E_DAMAGED) {
            rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_store_header_damaged, path, NULL, NULL);
        } else if (rc != NS_OK) {
            ns_err_note(err, rc, "key derivation had no memory");
        }
    }
    if (rc == NS_OK && !choose_copy(bytes, vault->keys, &vault->header)) {
        rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_store_header_damaged, path, NULL, NULL);
    }
    if (rc != NS_OK) {
        vault_drop(vault);
        return rc;
    }
    if (!usable[0] || !usable[1]) {
        LOG_WARN("event=header-copy-damaged copy=%d", usable[0] ? 2 : 1);
    }
    take_epochs(vault);
    *out = vault;
    return NS_OK;
}

ns_rc ns_vault_unlock(const char *path, struct ns_str passphrase, struct ns_vault **out,
                      struct ns_err *err) {
    return unlock(path, NS_SLOT_PASSPHRASE, passphrase, out, err);
}

ns_rc ns_vault_unlock_words(const char *path, struct ns_str words, struct ns_vault **out,
                            struct ns_err *err) {
    uint8_t key[NS_KEY_BYTES];
    int bad = 0;
    *out = NULL;
    if (ns_words_to_key(words.p, words.n, key, &bad) != NS_OK) {
        char place[12];
        snprintf(place, sizeof place, "%d", bad);
        return bad > 0 ? ns_err_say(err, NS_E_KEY, NS_MSG_store_words_wrong, place, NULL, NULL)
                       : ns_err_say(err, NS_E_KEY, NS_MSG_store_words_sum, NULL, NULL, NULL);
    }
    ns_rc rc = unlock(path, NS_SLOT_RECOVERY, (struct ns_str){(const char *)key, sizeof key}, out, err);
    ns_crypto_wipe(key, sizeof key);
    return rc;
}

ns_rc ns_vault_unlock_machine(const char *path, const uint8_t key[NS_KEY_BYTES],
                              struct ns_vault **out, struct ns_err *err) {
    return unlock(path, NS_SLOT_MACHINE, (struct ns_str){(const char *)key, NS_KEY_BYTES}, out, err);
}

ns_rc ns_vault_sibling_of(const struct ns_vault *vault, const char *path, struct ns_vault **out,
                          struct ns_err *err) {
    uint8_t bytes[NEST_H];
    *out = NULL;
    struct ns_vault *other = vault_new(path);
    if (other == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no secure memory for the keys");
    }
    ns_rc rc = nest_disk_open(path, false, &other->disk, err);
    if (rc == NS_OK) {
        rc = nest_header_read(other->disk, path, bytes, err);
    }
    if (rc == NS_OK) {
        memcpy(other->keys->master, vault->keys->master, NS_KEY_BYTES);
        if (!choose_copy(bytes, other->keys, &other->header)) {
            rc = ns_err_say(err, NS_E_KEY, NS_MSG_store_wrong_key, path, NULL, NULL);
        }
    }
    if (rc != NS_OK) {
        vault_drop(other);
        return rc;
    }
    take_epochs(other);
    *out = other;
    return NS_OK;
}

ns_rc ns_vault_next_epoch(const struct ns_vault *vault, const char *path, struct ns_vault **out,
                          struct ns_err *err) {
    uint8_t bytes[NEST_H];
    struct ns_vault *next = NULL;
    struct nest_disk *disk = NULL;
    *out = NULL;
    ns_rc rc = nest_disk_open(path, true, &disk, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = nest_vault_sibling(path, vault, bytes, &next);
    if (rc == NS_OK) {
        next->disk = disk;
        disk = NULL;
        next->header.epoch++;
        take_epochs(next);
        rc = nest_keys_derive(next->keys, &next->header) ? nest_header_write(next, 0, err) : NS_E_INTERNAL;
    }
    if (rc == NS_OK && !sync_folder(next->path)) {
        rc = io_error(err, path, errno);
    }
    if (rc != NS_OK) {
        ns_err_note(err, rc, "the next file could not be made");
        unlink(path);
        nest_disk_close(disk);
        ns_vault_unref(next);
        return rc;
    }
    *out = next;
    return NS_OK;
}
