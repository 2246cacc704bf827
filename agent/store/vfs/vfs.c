/* vfs.c: the VFS "nest": opening files, and what all kinds share. */
#include "agent/store/vfs/nest.h"
#include "shared/text/message.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LOG_MODULE "store"
#include "shared/base/log.h"

sqlite3_vfs *nest_real_vfs;
bool nest_ask_terminal;
static sqlite3_vfs nest_vfs;
static struct nest_file *open_mains; /* under nest_lock */

struct nest_file *nest_main_list(void) {
    return open_mains;
}

/* Buffers and contexts, once the keys are known. */
int nest_file_ready(struct nest_file *file, struct ns_vault *vault) {
    uint32_t size = vault->header.page_size;
    file->scratch = malloc(size + 24);
    file->cipher_epoch = atomic_load(&vault->epoch);
    file->cipher = ns_page_cipher_new(vault->keys->page[file->cipher_epoch % NEST_EPOCHS], true);
    if (file->scratch == NULL || file->cipher == NULL) {
        ns_vault_unref(vault);
        return SQLITE_NOMEM;
    }
    file->vault = vault;
    file->page_size = size;
    return SQLITE_OK;
}

void nest_file_free(struct nest_file *file) {
    if (file->scratch != NULL) {
        ns_crypto_wipe(file->scratch, file->page_size + 24);
        free(file->scratch);
    }
    ns_page_cipher_free(file->cipher);
    ns_crypto_wipe(file->head, sizeof file->head);
    file->scratch = NULL;
    file->cipher = NULL;
}

/* The passphrase from the terminal itself: never from arguments or standard input. */
static ns_rc ask(const char *path, struct ns_vault **out, struct ns_err *err) {
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) {
        return NS_E_KEY;
    }
    enum ns_lang lang = NS_LANG_EN;
    const char *env = getenv("LC_ALL");
    env = env == NULL || *env == '\0' ? getenv("LANG") : env;
    ns_lang_parse(ns_str_of(env), &lang);
    struct ns_buf prompt = NS_BUF(1024);
    NS_MSG_TO(&prompt, lang, NS_MSG_store_ask, path);
    ns_buf_char(&prompt, ' ');
    ssize_t put = prompt.failed ? -1 : write(tty, prompt.data, prompt.len);
    (void)put;
    ns_buf_fini(&prompt);
    struct termios before, silent;
    bool quiet = tcgetattr(tty, &before) == 0;
    if (quiet) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(tty, TCSAFLUSH, &silent);
    }
    char line[1024];
    ssize_t n = read(tty, line, sizeof line);
    if (quiet) {
        tcsetattr(tty, TCSAFLUSH, &before);
        put = write(tty, "\n", 1);
    }
    close(tty);
    ns_rc rc = NS_E_KEY;
    if (n > 0) {
        size_t len = (size_t)n;
        len -= line[len - 1] == '\n' ? 1 : 0;
        rc = ns_vault_unlock(path, (struct ns_str){line, len}, out, err);
    }
    ns_crypto_wipe(line, sizeof line);
    return rc;
}

static bool read_key_fd(int64_t fd, uint8_t key[NS_KEY_BYTES]) {
    uint8_t extra;
    return fd >= 0 && fd < 1 << 20 && read((int)fd, key, NS_KEY_BYTES) == NS_KEY_BYTES &&
           read((int)fd, &extra, 1) == 0;
}

/* From keyring=, keyfd= or the terminal; the vault is put on the list, so that further
 * connections and files of this process find it. */
static int unlock_by_uri(const char *name, struct ns_vault **out) {
    const char *keyring = sqlite3_uri_parameter(name, "keyring");
    int64_t fd = sqlite3_uri_int64(name, "keyfd", -1);
    uint8_t key[NS_KEY_BYTES];
    struct ns_err err = {0};
    ns_rc rc = NS_E_KEY;
    if (keyring != NULL) {
        rc = ns_vault_key_read(keyring, key, &err);
        if (rc != NS_OK) {
            LOG_ERROR("event=keyring-unreadable code=%s", ns_rc_key(rc));
            return SQLITE_CANTOPEN;
        }
        rc = ns_vault_unlock_machine(name, key, out, &err);
    } else if (fd >= 0) {
        rc = read_key_fd(fd, key) ? ns_vault_unlock_machine(name, key, out, &err) : NS_E_KEY;
    } else if (nest_ask_terminal) {
        rc = ask(name, out, &err);
    }
    ns_crypto_wipe(key, sizeof key);
    if (rc == NS_OK) {
        rc = ns_vault_attach(*out, &err);
    }
    if (rc != NS_OK) {
        LOG_ERROR("event=unlock-failed code=%s", ns_rc_key(rc));
        return rc == NS_E_MEMORY ? SQLITE_NOMEM : rc == NS_E_IO ? SQLITE_IOERR : SQLITE_NOTADB;
    }
    return SQLITE_OK;
}

static int open_main(struct nest_file *file) {
    uint8_t *bytes = malloc(NEST_H);
    struct ns_vault *vault = NULL;
    sqlite3_int64 size = 0;
    int rc = bytes == NULL ? SQLITE_NOMEM : file->real->pMethods->xFileSize(file->real, &size);
    if (rc == SQLITE_OK) {
        rc = file->real->pMethods->xRead(file->real, bytes, NEST_H, 0);
        rc = rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
    }
    if (rc == SQLITE_OK) {
        struct nest_header h;
        bool ours = nest_header_parse(bytes, &h) == NEST_OK ||
                    nest_header_parse(bytes + NEST_COPY, &h) == NEST_OK;
        ns_rc found = ours ? nest_vault_for(file->name, bytes, &vault) : NS_E_INPUT;
        if (found == NS_E_MEMORY) {
            rc = SQLITE_NOMEM;
        } else if (ours && found != NS_OK) {
            rc = unlock_by_uri(file->name, &vault);
        } else if (!ours && size > NEST_H) {
            rc = SQLITE_NOTADB; /* never a new header over somebody's file */
        }
    }
    if (rc == SQLITE_OK && vault != NULL) {
        rc = nest_file_ready(file, vault);
    }
    free(bytes);
    return rc;
}

/* A WAL or journal belongs to the main file of the same pager. */
static int open_beside(struct nest_file *file, const char *name) {
    struct nest_file *db = (struct nest_file *)(void *)sqlite3_database_file_object(name);
    if (db == NULL || db->base.pMethods != &nest_main_methods || db->vault == NULL) {
        return SQLITE_CANTOPEN;
    }
    file->db = db;
    int rc = nest_file_ready(file, ns_vault_ref(db->vault));
    if (rc == SQLITE_OK && file->kind == NEST_WAL) {
        db->wal = file;
        if (!db->read_only && db->writer == NULL) {
            db->writer = nest_writer_new();
            rc = db->writer == NULL ? SQLITE_NOMEM : SQLITE_OK;
        }
    }
    return rc;
}

static int open_temp(struct nest_file *file) {
    ns_crypto_random(file->temp_key, sizeof file->temp_key);
    ns_crypto_random(file->temp_id, sizeof file->temp_id);
    file->scratch = malloc(4096 + 24);
    file->block = malloc(4096);
    file->page_size = 4096;
    file->cipher = ns_page_cipher_new(file->temp_key, true);
    file->block_index = -1;
    return file->scratch == NULL || file->block == NULL || file->cipher == NULL ? SQLITE_NOMEM
                                                                                : SQLITE_OK;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out) {
    (void)vfs;
    struct nest_file *file = (struct nest_file *)(void *)base;
    memset(file, 0, sizeof *file);
    const sqlite3_io_methods *methods;
    if ((flags & SQLITE_OPEN_SUPER_JOURNAL) != 0) { /* file names only: passed through */
        return nest_real_vfs->xOpen(nest_real_vfs, name, base, flags, out);
    }
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
        file->kind = NEST_MAIN;
        file->read_only = (flags & SQLITE_OPEN_READONLY) != 0;
        methods = &nest_main_methods;
    } else if ((flags & SQLITE_OPEN_WAL) != 0) {
        file->kind = NEST_WAL;
        methods = &nest_wal_methods;
    } else if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0) {
        file->kind = NEST_JOURNAL;
        methods = &nest_journal_methods;
    } else {
        file->kind = NEST_TEMP;
        methods = &nest_temp_methods;
    }
    file->real = (sqlite3_file *)(void *)(file + 1);
    file->name = name;
    file->pages = file->whole_frame = file->stop_frame = file->head_at = -1;
    file->number_at = file->body_at = -1;
    int rc = nest_real_vfs->xOpen(nest_real_vfs, name, file->real, flags, out);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = file->kind == NEST_MAIN   ? open_main(file)
         : file->kind == NEST_TEMP ? open_temp(file)
                                   : open_beside(file, name);
    if (rc != SQLITE_OK) {
        struct ns_vault *vault = file->vault;
        if (file->db != NULL && file->db->wal == file) {
            file->db->wal = NULL;
        }
        nest_file_free(file);
        free(file->block);
        file->real->pMethods->xClose(file->real);
        ns_vault_unref(vault);
        return rc;
    }
    base->pMethods = methods;
    if (file->kind == NEST_MAIN) {
        nest_lock();
        file->next = open_mains;
        open_mains = file;
        nest_unlock();
    }
    return SQLITE_OK;
}

int nest_close(sqlite3_file *base) {
    struct nest_file *file = (struct nest_file *)(void *)base;
    struct ns_vault *vault = file->vault;
    int rc = SQLITE_OK;
    if (file->kind == NEST_WAL) {
        rc = nest_wal_flush(file);
        if (file->db->wal == file) {
            file->db->wal = NULL;
        }
    }
    if (file->kind == NEST_MAIN) {
        nest_lock();
        for (struct nest_file **at = &open_mains; *at != NULL; at = &(*at)->next) {
            if (*at == file) {
                *at = file->next;
                break;
            }
        }
        nest_unlock();
    }
    nest_file_free(file);
    nest_writer_free(file->writer);
    free(file->trailers);
    if (file->block != NULL) {
        ns_crypto_wipe(file->block, 4096);
        free(file->block);
    }
    ns_crypto_wipe(file->temp_key, sizeof file->temp_key);
    int closed = file->real->pMethods->xClose(file->real);
    ns_vault_unref(vault);
    return rc == SQLITE_OK ? closed : rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    return nest_real_vfs->xDelete(nest_real_vfs, name, sync);
}
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs;
    return nest_real_vfs->xAccess(nest_real_vfs, name, flags, out);
}
static int vfs_full(sqlite3_vfs *vfs, const char *name, int n, char *out) {
    (void)vfs;
    return nest_real_vfs->xFullPathname(nest_real_vfs, name, n, out);
}
static int vfs_random(sqlite3_vfs *vfs, int n, char *out) {
    (void)vfs;
    return nest_real_vfs->xRandomness(nest_real_vfs, n, out);
}
static int vfs_sleep(sqlite3_vfs *vfs, int us) {
    (void)vfs;
    return nest_real_vfs->xSleep(nest_real_vfs, us);
}
static int vfs_now(sqlite3_vfs *vfs, double *out) {
    (void)vfs;
    return nest_real_vfs->xCurrentTime(nest_real_vfs, out);
}
static int vfs_now64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
    (void)vfs;
    return nest_real_vfs->xCurrentTimeInt64(nest_real_vfs, out);
}
static int vfs_last_error(sqlite3_vfs *vfs, int n, char *out) {
    (void)vfs;
    return nest_real_vfs->xGetLastError(nest_real_vfs, n, out);
}

ns_rc ns_vfs_register(struct ns_err *err) {
    ns_rc rc = ns_crypto_init(err);
    if (rc != NS_OK) {
        return rc;
    }
    if (sqlite3_initialize() != SQLITE_OK) {
        return ns_err_note(err, NS_E_INTERNAL, "SQLite does not start");
    }
    nest_lock();
    if (nest_real_vfs == NULL) {
        sqlite3_vfs *real = sqlite3_vfs_find("unix");
        if (real == NULL || real->iVersion < 2) {
            rc = ns_err_note(err, NS_E_INTERNAL, "no stock VFS to stand on");
        } else {
            nest_vfs = (sqlite3_vfs){.iVersion = 2,
                                     .szOsFile = (int)sizeof(struct nest_file) + real->szOsFile,
                                     .mxPathname = real->mxPathname,
                                     .zName = "nest",
                                     .xOpen = vfs_open,
                                     .xDelete = vfs_delete,
                                     .xAccess = vfs_access,
                                     .xFullPathname = vfs_full,
                                     .xRandomness = vfs_random,
                                     .xSleep = vfs_sleep,
                                     .xCurrentTime = vfs_now,
                                     .xGetLastError = vfs_last_error,
                                     .xCurrentTimeInt64 = vfs_now64};
            nest_real_vfs = real;
        }
    }
    nest_unlock();
    if (rc == NS_OK && sqlite3_vfs_find("nest") == NULL &&
        sqlite3_vfs_register(&nest_vfs, 0) != SQLITE_OK) {
        rc = ns_err_note(err, NS_E_INTERNAL, "the VFS could not be registered");
    }
    return rc;
}
