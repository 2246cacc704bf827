/* store.c: nestsync store new|verify|accept|slots: encrypted files without an agent.
 *
 * Passphrases and words come from the terminal itself or a descriptor that the caller names, never
 * from arguments or the environment. */
#include "agent/store/vfs/vault.h"
#include "tui/cli/offline/offline.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_MAX 1024

struct ask {
    enum ns_lang lang;
    const char *verb, *file, *keyring, *machine_key;
    int passphrase_fd, words_fd, new_fd; /* -1: not given */
    bool json, add, remove;
    int slot; /* from 0 */
};

static void say(FILE *to, enum ns_lang lang, enum ns_msg id, const char *a, const char *b, const char *c) {
    struct ns_buf text = NS_BUF(4096);
    NS_MSG_TO(&text, lang, id, a, b, c);
    if (!text.failed) {
        fprintf(to, "%s\n", text.data);
    }
    ns_buf_fini(&text);
}

static int complain(enum ns_lang lang, const struct ns_err *err, ns_rc rc) {
    struct ns_buf text = NS_BUF(4096);
    struct ns_err copy = *err;
    if (copy.rc == NS_OK) {
        copy.rc = rc;
    }
    if (ns_err_text(&text, lang, &copy)) {
        fprintf(stderr, "%s\n", text.data);
    }
    ns_buf_fini(&text);
    return ns_rc_exit_status(rc);
}

static int usage(enum ns_lang lang) {
    say(stderr, lang, NS_MSG_store_usage_new, NULL, NULL, NULL);
    say(stderr, lang, NS_MSG_store_usage_verify, NULL, NULL, NULL);
    say(stderr, lang, NS_MSG_store_usage_accept, NULL, NULL, NULL);
    say(stderr, lang, NS_MSG_store_usage_slots, NULL, NULL, NULL);
    return ns_rc_exit_status(NS_E_USAGE);
}

/* ---- secrets ---- */

static size_t read_all(int fd, char *out, size_t cap) {
    size_t n = 0;
    while (n < cap) {
        ssize_t got = read(fd, out + n, cap - n);
        if (got <= 0) {
            break;
        }
        n += (size_t)got;
    }
    while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == '\r')) {
        n--;
    }
    return n;
}

/* One line from /dev/tty without echo; false: no terminal. */
static bool from_terminal(const struct ask *a, enum ns_msg prompt, char out[SECRET_MAX], size_t *n) {
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) {
        return false;
    }
    struct ns_buf text = NS_BUF(1024);
    NS_MSG_TO(&text, a->lang, prompt, a->file);
    ns_buf_char(&text, ' ');
    ssize_t put = text.failed ? 0 : write(tty, text.data, text.len);
    ns_buf_fini(&text);
    struct termios before, silent;
    bool quiet = tcgetattr(tty, &before) == 0;
    if (quiet) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(tty, TCSAFLUSH, &silent);
    }
    ssize_t got = read(tty, out, SECRET_MAX);
    if (quiet) {
        tcsetattr(tty, TCSAFLUSH, &before);
        put = write(tty, "\n", 1);
    }
    (void)put;
    close(tty);
    *n = got > 0 ? (size_t)got : 0;
    *n -= *n > 0 && out[*n - 1] == '\n' ? 1 : 0;
    return true;
}

/* A new passphrase: from the descriptor, or typed twice. */
static ns_rc new_passphrase(const struct ask *a, int fd, char out[SECRET_MAX], size_t *n) {
    char again[SECRET_MAX];
    ns_rc rc = NS_OK;
    *n = 0;
    if (fd >= 0) {
        *n = read_all(fd, out, SECRET_MAX);
    } else {
        size_t m = 0;
        if (!from_terminal(a, NS_MSG_store_ask_new, out, n)) {
            say(stderr, a->lang, NS_MSG_store_ask_nowhere, NULL, NULL, NULL);
            return NS_E_USAGE;
        }
        if (!from_terminal(a, NS_MSG_store_ask_again, again, &m) || m != *n || memcmp(again, out, m) != 0) {
            say(stderr, a->lang, NS_MSG_store_ask_differs, NULL, NULL, NULL);
            rc = NS_E_INPUT;
        }
        ns_crypto_wipe(again, sizeof again);
    }
    if (rc == NS_OK && *n < 8) {
        say(stderr, a->lang, NS_MSG_store_ask_short, NULL, NULL, NULL);
        rc = NS_E_INPUT;
    }
    return rc;
}

static ns_rc unlock(const struct ask *a, struct ns_vault **out, struct ns_err *err) {
    char secret[SECRET_MAX];
    uint8_t key[NS_KEY_BYTES];
    size_t n = 0;
    ns_rc rc;
    if (a->keyring != NULL) {
        rc = ns_vault_key_read(a->keyring, key, err);
        rc = rc == NS_OK ? ns_vault_unlock_machine(a->file, key, out, err) : rc;
        ns_crypto_wipe(key, sizeof key);
        return rc;
    }
    /* Wrong names and foreign files are told before anybody types. */
    struct ns_slot_info slots[NS_VAULT_SLOTS];
    rc = ns_vault_slots(a->file, slots, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (a->words_fd >= 0) {
        n = read_all(a->words_fd, secret, sizeof secret);
        rc = ns_vault_unlock_words(a->file, (struct ns_str){secret, n}, out, err);
    } else if (a->passphrase_fd >= 0) {
        n = read_all(a->passphrase_fd, secret, sizeof secret);
        rc = ns_vault_unlock(a->file, (struct ns_str){secret, n}, out, err);
    } else if (from_terminal(a, NS_MSG_store_ask, secret, &n)) {
        rc = ns_vault_unlock(a->file, (struct ns_str){secret, n}, out, err);
    } else {
        rc = ns_err_say(err, NS_E_USAGE, NS_MSG_store_ask_nowhere, NULL, NULL, NULL);
    }
    ns_crypto_wipe(secret, sizeof secret);
    return rc;
}

/* ---- new ---- */

static int store_new(const struct ask *a) {
    char secret[SECRET_MAX], words[NS_WORDS_TEXT];
    uint8_t key[NS_KEY_BYTES];
    struct ns_err err = {0};
    struct ns_vault *vault = NULL;
    size_t n = 0;
    if (access(a->file, F_OK) == 0) {
        ns_rc there = ns_err_say(&err, NS_E_CONFLICT, NS_MSG_store_exists, a->file, NULL, NULL);
        return complain(a->lang, &err, there);
    }
    ns_rc rc = new_passphrase(a, a->passphrase_fd, secret, &n);
    if (rc != NS_OK) {
        ns_crypto_wipe(secret, sizeof secret);
        return ns_rc_exit_status(rc);
    }
    if (a->machine_key != NULL) {
        rc = ns_vault_key_write(a->machine_key, key, &err);
    }
    if (rc == NS_OK) {
        struct ns_vault_options options = {.passphrase = {secret, n}, .recovery = true,
                                           .machine_key = a->machine_key == NULL ? NULL : key};
        rc = ns_vault_create(a->file, &options, words, &vault, &err);
        if (rc != NS_OK && a->machine_key != NULL) {
            unlink(a->machine_key);
        }
    }
    ns_crypto_wipe(secret, sizeof secret);
    ns_crypto_wipe(key, sizeof key);
    if (rc != NS_OK) {
        return complain(a->lang, &err, rc);
    }
    say(stderr, a->lang, NS_MSG_store_made, a->file, NULL, NULL);
    for (int w = 0; w < NS_WORDS; w++) { /* six a line, for the paper */
        printf("%.4s%c", words + w * 5, w % 6 == 5 ? '\n' : ' ');
    }
    fflush(stdout);
    ns_crypto_wipe(words, sizeof words);
    ns_vault_release(vault);
    return 0;
}

/* ---- verify ---- */

struct finding {
    const struct ask *ask;
    uint64_t shown;
};

static const char *const damage_names[] = {"header", "page", "size", "wal", "old"};

static void found(void *self, enum ns_damage kind, uint64_t place) {
    static const enum ns_msg texts[] = {NS_MSG_store_damage_header, NS_MSG_store_damage_page,
                                        NS_MSG_store_damage_size, NS_MSG_store_damage_wal};
    static const enum ns_msg ages[] = {[NS_FRESH_OLD_PAGES] = NS_MSG_store_old_pages,
                                       [NS_FRESH_OLD_WAL] = NS_MSG_store_old_wal,
                                       [NS_FRESH_CUT_WAL] = NS_MSG_store_cut_wal};
    struct finding *f = self;
    char number[24];
    snprintf(number, sizeof number, "%llu", (unsigned long long)place);
    if (f->ask->json) {
        printf("%s{\"kind\":\"%s\",\"place\":%s}", f->shown > 0 ? "," : "", damage_names[kind], number);
    } else {
        say(stdout, f->ask->lang, kind == NS_DAMAGE_OLD ? ages[place] : texts[kind], f->ask->file, number, NULL);
    }
    f->shown++;
}

static int store_verify(const struct ask *a) {
    struct ns_err err = {0};
    struct ns_vault *vault = NULL;
    ns_rc rc = unlock(a, &vault, &err);
    if (rc != NS_OK) {
        return complain(a->lang, &err, rc);
    }
    struct finding finding = {a, 0};
    struct ns_verify report = {.found = found, .self = &finding};
    if (a->json) {
        printf("{\"damage\":[");
    }
    rc = ns_vault_verify(vault, &report, &err);
    ns_vault_release(vault);
    char pages[24], frames[24], places[24];
    snprintf(pages, sizeof pages, "%llu", (unsigned long long)report.pages);
    snprintf(frames, sizeof frames, "%llu", (unsigned long long)report.frames);
    snprintf(places, sizeof places, "%llu", (unsigned long long)report.damaged);
    if (a->json) {
        printf("],\"pages\":%s,\"frames\":%s,\"damaged\":%s,\"ok\":%s}\n", pages, frames, places,
               rc == NS_OK && report.damaged == 0 ? "true" : "false");
    }
    if (rc != NS_OK) {
        return complain(a->lang, &err, rc);
    }
    if (!a->json) {
        bool sound = report.damaged == 0;
        say(sound ? stdout : stderr, a->lang, sound ? NS_MSG_store_sound : NS_MSG_store_damaged_total, a->file,
            sound ? pages : places, frames);
    }
    return report.damaged == 0 ? 0 : ns_rc_exit_status(NS_E_DAMAGED);
}

/* The file as it stands is wanted: a restore made on purpose. */
static int store_accept(const struct ask *a) {
    struct ns_err err = {0};
    struct ns_vault *vault = NULL;
    ns_rc rc = unlock(a, &vault, &err);
    if (rc == NS_OK) {
        rc = ns_vault_accept(vault, &err);
    }
    ns_vault_release(vault);
    if (rc != NS_OK) {
        return complain(a->lang, &err, rc);
    }
    say(stdout, a->lang, NS_MSG_store_accepted, a->file, NULL, NULL);
    return 0;
}

/* ---- slots ---- */

static int change_slots(const struct ask *a) {
    char secret[SECRET_MAX], number[12];
    struct ns_err err = {0};
    struct ns_vault *vault = NULL;
    size_t n = 0;
    int slot = a->slot;
    ns_rc rc = unlock(a, &vault, &err);
    if (rc != NS_OK) {
        return complain(a->lang, &err, rc);
    }
    if (a->add) {
        rc = new_passphrase(a, a->new_fd, secret, &n);
        if (rc != NS_OK) { /* the reason was said */
            ns_crypto_wipe(secret, sizeof secret);
            ns_vault_release(vault);
            return ns_rc_exit_status(rc);
        }
        rc = ns_vault_add_passphrase(vault, (struct ns_str){secret, n}, NULL, &slot, &err);
        ns_crypto_wipe(secret, sizeof secret);
    } else {
        rc = ns_vault_remove_slot(vault, slot, &err);
    }
    ns_vault_release(vault);
    if (rc != NS_OK) {
        return complain(a->lang, &err, rc);
    }
    snprintf(number, sizeof number, "%d", slot + 1);
    say(stdout, a->lang, a->add ? NS_MSG_store_slot_added : NS_MSG_store_slot_removed, a->file, number, NULL);
    return 0;
}

static int list_slots(const struct ask *a) {
    static const enum ns_msg kinds[] = {NS_MSG_NONE, NS_MSG_store_slot_passphrase,
                                        NS_MSG_store_slot_recovery, NS_MSG_store_slot_machine};
    static const char *const names[] = {"", "passphrase", "recovery", "machine"};
    struct ns_slot_info slots[NS_VAULT_SLOTS];
    struct ns_err err = {0};
    ns_rc rc = ns_vault_slots(a->file, slots, &err);
    if (rc != NS_OK) {
        return complain(a->lang, &err, rc);
    }
    bool first = true;
    for (int i = 0; i < NS_VAULT_SLOTS; i++) {
        if (slots[i].type == NS_SLOT_EMPTY) {
            continue;
        }
        if (a->json) {
            printf("%s{\"slot\":%d,\"type\":\"%s\",\"memoryKib\":%u,\"passes\":%u}", first ? "[" : ",", i + 1,
                   names[slots[i].type], slots[i].cost.memory_kib, slots[i].cost.passes);
        } else {
            char number[12];
            snprintf(number, sizeof number, "%d", i + 1);
            say(stdout, a->lang, NS_MSG_store_slot_row, number, ns_msg(a->lang, kinds[slots[i].type]), NULL);
        }
        first = false;
    }
    if (a->json) {
        printf("%s]\n", first ? "[" : "");
    }
    return 0;
}

/* ---- arguments ---- */

static bool parse(struct ask *a, int argc, char **argv) {
    int at = 2;
    for (; at < argc; at++) {
        const char *word = argv[at];
        bool more = at + 1 < argc;
        int64_t n;
        if (strcmp(word, "--json") == 0) {
            a->json = true;
        } else if (strcmp(word, "--machine-key") == 0 && more) {
            a->machine_key = argv[++at];
        } else if (strcmp(word, "--keyring") == 0 && more) {
            a->keyring = argv[++at];
        } else if (strcmp(word, "--passphrase-fd") == 0 && more && ns_str_int(ns_str_of(argv[at + 1]), 0, 65535, &n)) {
            a->passphrase_fd = (int)n;
            at++;
        } else if (strcmp(word, "--words-fd") == 0 && more && ns_str_int(ns_str_of(argv[at + 1]), 0, 65535, &n)) {
            a->words_fd = (int)n;
            at++;
        } else if (strcmp(word, "--new-passphrase-fd") == 0 && more && ns_str_int(ns_str_of(argv[at + 1]), 0, 65535, &n)) {
            a->new_fd = (int)n;
            at++;
        } else if (word[0] == '-') {
            return false;
        } else if (a->file == NULL) {
            a->file = word;
        } else if (strcmp(word, "add") == 0 && more && strcmp(argv[at + 1], "passphrase") == 0) {
            a->add = true;
            at++;
        } else if (strcmp(word, "remove") == 0 && more && ns_str_int(ns_str_of(argv[at + 1]), 1, NS_VAULT_SLOTS, &n)) {
            a->remove = true;
            a->slot = (int)n - 1;
            at++;
        } else {
            return false;
        }
    }
    return a->file != NULL && !(a->add && a->remove);
}

int ns_offline_store(enum ns_lang lang, int argc, char **argv) {
    struct ask a = {.lang = lang, .passphrase_fd = -1, .words_fd = -1, .new_fd = -1};
    if (argc < 3 || !parse(&a, argc, argv)) {
        return usage(lang);
    }
    a.verb = argv[1];
    bool changes = a.add || a.remove;
    if (strcmp(a.verb, "new") == 0 && !changes && a.keyring == NULL && a.words_fd < 0) {
        return store_new(&a);
    }
    if (strcmp(a.verb, "verify") == 0 && !changes && a.machine_key == NULL) {
        return store_verify(&a);
    }
    if (strcmp(a.verb, "accept") == 0 && !changes && a.machine_key == NULL) {
        return store_accept(&a);
    }
    if (strcmp(a.verb, "slots") == 0 && a.machine_key == NULL) {
        return changes ? change_slots(&a) : list_slots(&a);
    }
    return usage(lang);
}
