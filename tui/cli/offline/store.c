/* store.c: nestsync store new|verify|accept|slots: encrypted files without an agent.
 *
 * Passphrases and words come from the terminal itself or a descriptor that the caller names, never
 * from arguments or the environment. */
#include "tui/cli/offline/store_parts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void store_say(FILE *to, enum ns_lang lang, enum ns_msg id, const char *a, const char *b, const char *c) {
    struct ns_buf text = NS_BUF(4096);
    NS_MSG_TO(&text, lang, id, a, b, c);
    if (!text.failed) {
        fprintf(to, "%s\n", text.data);
    }
    ns_buf_fini(&text);
}

int store_complain(enum ns_lang lang, const struct ns_err *err, ns_rc rc) {
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
    store_say(stderr, lang, NS_MSG_store_usage_new, NULL, NULL, NULL);
    store_say(stderr, lang, NS_MSG_store_usage_verify, NULL, NULL, NULL);
    store_say(stderr, lang, NS_MSG_store_usage_accept, NULL, NULL, NULL);
    store_say(stderr, lang, NS_MSG_store_usage_slots, NULL, NULL, NULL);
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
static bool from_terminal(const struct store_ask *a, enum ns_msg prompt, char out[STORE_SECRET_MOST], size_t *n) {
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
    ssize_t got = read(tty, out, STORE_SECRET_MOST);
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
ns_rc store_new_passphrase(const struct store_ask *a, int fd, struct store_secret *out, struct ns_err *err) {
    out->n = 0;
    if (fd >= 0) {
        out->n = read_all(fd, out->text, sizeof out->text);
    } else {
        size_t again = 0;
        if (!from_terminal(a, NS_MSG_store_ask_new, out->text, &out->n)) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_store_ask_nowhere, NULL, NULL, NULL);
        }
        if (!from_terminal(a, NS_MSG_store_ask_again, out->again, &again) || again != out->n ||
            memcmp(out->again, out->text, again) != 0) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_store_ask_differs, NULL, NULL, NULL);
        }
    }
    return out->n < 8 ? ns_err_say(err, NS_E_INPUT, NS_MSG_store_ask_short, NULL, NULL, NULL) : NS_OK;
}

static ns_rc by_keyring(const struct store_ask *a, struct ns_vault **out, struct ns_err *err) {
    uint8_t *key = ns_secret_new(NS_KEY_BYTES);
    if (key == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no locked memory for a key");
    }
    ns_rc rc = ns_vault_key_read(a->keyring, key, err);
    rc = rc == NS_OK ? ns_vault_unlock_machine(a->file, key, out, err) : rc;
    ns_secret_free(key);
    return rc;
}

ns_rc store_unlock(const struct store_ask *a, struct ns_vault **out, struct ns_err *err) {
    ns_rc rc = ns_crypto_init(err);
    if (rc == NS_OK && a->keyring != NULL) {
        return by_keyring(a, out, err);
    }
    /* Wrong names and foreign files are told before anybody types. */
    struct ns_slot_info slots[NS_VAULT_SLOTS];
    rc = rc == NS_OK ? ns_vault_slots(a->file, slots, err) : rc;
    if (rc != NS_OK) {
        return rc;
    }
    struct store_secret *secret = ns_secret_new(sizeof *secret);
    if (secret == NULL) {
        return ns_err_note(err, NS_E_MEMORY, "no locked memory for a passphrase");
    }
    bool words = a->words_fd >= 0, ask_words = a->slots == SLOTS_CHECK && a->passphrase_fd < 0;
    int fd = words ? a->words_fd : a->passphrase_fd;
    if (fd >= 0) {
        secret->n = read_all(fd, secret->text, sizeof secret->text);
    } else if (!from_terminal(a, ask_words ? NS_MSG_store_ask_words : NS_MSG_store_ask, secret->text, &secret->n)) {
        rc = ns_err_say(err, NS_E_USAGE, NS_MSG_store_ask_nowhere, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        struct ns_str text = {secret->text, secret->n};
        rc = words || ask_words ? ns_vault_unlock_words(a->file, text, out, err) : ns_vault_unlock(a->file, text, out, err);
    }
    ns_secret_free(secret);
    return rc;
}

/* ---- new ---- */

void store_print_words(const char *words) {
    for (int w = 0; w < NS_WORDS; w++) {
        printf("%.4s%c", words + w * 5, w % 6 == 5 ? '\n' : ' ');
    }
    fflush(stdout);
}

/* Everything secret of a new file; in locked memory. */
struct made {
    struct store_secret passphrase;
    char words[NS_WORDS_TEXT];
    uint8_t key[NS_KEY_BYTES];
};

static ns_rc make(const struct store_ask *a, struct made *made, struct ns_err *err) {
    struct ns_vault *vault = NULL;
    ns_rc rc = store_new_passphrase(a, a->passphrase_fd, &made->passphrase, err);
    if (rc == NS_OK && a->machine_key != NULL) {
        rc = ns_vault_key_write(a->machine_key, made->key, err);
    }
    if (rc == NS_OK) {
        struct ns_vault_options options = {.passphrase = {made->passphrase.text, made->passphrase.n},
                                           .recovery = true,
                                           .machine_key = a->machine_key == NULL ? NULL : made->key};
        rc = ns_vault_create(a->file, &options, made->words, &vault, err);
        if (rc != NS_OK && a->machine_key != NULL) {
            unlink(a->machine_key);
        }
    }
    ns_vault_release(vault);
    return rc;
}

static int store_new(const struct store_ask *a) {
    struct ns_err err = {0};
    ns_rc rc = access(a->file, F_OK) == 0 ? ns_err_say(&err, NS_E_CONFLICT, NS_MSG_store_exists, a->file, NULL, NULL)
                                          : ns_crypto_init(&err);
    if (rc != NS_OK) {
        return store_complain(a->lang, &err, rc);
    }
    struct made *made = ns_secret_new(sizeof *made);
    rc = made == NULL ? ns_err_note(&err, NS_E_MEMORY, "no locked memory for keys") : make(a, made, &err);
    if (rc == NS_OK) {
        store_say(stderr, a->lang, NS_MSG_store_made, a->file, NULL, NULL);
        store_print_words(made->words);
    }
    ns_secret_free(made);
    return rc == NS_OK ? 0 : store_complain(a->lang, &err, rc);
}

/* ---- verify ---- */

struct finding {
    const struct store_ask *ask;
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
        enum ns_msg text = kind == NS_DAMAGE_OLD               ? ages[place]
                           : kind == NS_DAMAGE_WAL && place == 0 ? NS_MSG_store_damage_wal_head
                                                                 : texts[kind];
        store_say(stdout, f->ask->lang, text, f->ask->file, number, NULL);
    }
    f->shown++;
}

static int store_verify(const struct store_ask *a) {
    struct ns_err err = {0};
    struct ns_vault *vault = NULL;
    ns_rc rc = store_unlock(a, &vault, &err);
    if (rc != NS_OK) {
        return store_complain(a->lang, &err, rc);
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
        return store_complain(a->lang, &err, rc);
    }
    if (!a->json) {
        bool sound = report.damaged == 0;
        store_say(sound ? stdout : stderr, a->lang, sound ? NS_MSG_store_sound : NS_MSG_store_damaged_total, a->file,
            sound ? pages : places, frames);
    }
    return report.damaged == 0 ? 0 : ns_rc_exit_status(NS_E_DAMAGED);
}

/* The file as it stands is wanted: a restore made on purpose. */
static int store_accept(const struct store_ask *a) {
    struct ns_err err = {0};
    struct ns_vault *vault = NULL;
    ns_rc rc = store_unlock(a, &vault, &err);
    if (rc == NS_OK) {
        rc = ns_vault_accept(vault, &err);
    }
    ns_vault_release(vault);
    if (rc != NS_OK) {
        return store_complain(a->lang, &err, rc);
    }
    store_say(stdout, a->lang, NS_MSG_store_accepted, a->file, NULL, NULL);
    return 0;
}

/* ---- arguments ---- */

/* What to do with the slots; false: not understood. */
static bool parse_slots(struct store_ask *a, int argc, char **argv, int *at) {
    const char *verb = argv[*at], *what = *at + 1 < argc ? argv[*at + 1] : "";
    int64_t n;
    if (a->slots != SLOTS_LIST) {
        return false;
    }
    (*at)++;
    if (strcmp(verb, "add") == 0 && strcmp(what, "passphrase") == 0) {
        a->slots = SLOTS_ADD_PASSPHRASE;
    } else if (strcmp(verb, "add") == 0 && strcmp(what, "words") == 0) {
        a->slots = SLOTS_ADD_WORDS;
    } else if (strcmp(verb, "add") == 0 && strcmp(what, "machine-key") == 0 && *at + 1 < argc) {
        a->slots = SLOTS_ADD_KEY;
        a->new_key = argv[++(*at)];
    } else if (strcmp(verb, "change") == 0 && strcmp(what, "passphrase") == 0) {
        a->slots = SLOTS_CHANGE;
    } else if (strcmp(verb, "check") == 0 && strcmp(what, "words") == 0) {
        a->slots = SLOTS_CHECK;
    } else if (strcmp(verb, "remove") == 0 && ns_str_int(ns_str_of(what), 1, NS_VAULT_SLOTS, &n)) {
        a->slots = SLOTS_REMOVE;
        a->slot = (int)n - 1;
    } else {
        return false;
    }
    return true;
}

static bool take_fd(const char *text, int *out) {
    int64_t n;
    if (text == NULL || !ns_str_int(ns_str_of(text), 0, 65535, &n)) {
        return false;
    }
    *out = (int)n;
    return true;
}

static bool parse(struct store_ask *a, int argc, char **argv) {
    for (int at = 2; at < argc; at++) {
        const char *word = argv[at], *next = at + 1 < argc ? argv[at + 1] : NULL;
        if (strcmp(word, "--json") == 0) {
            a->json = true;
            continue;
        }
        if (word[0] != '-') {
            if (a->file != NULL && !parse_slots(a, argc, argv, &at)) {
                return false;
            }
            a->file = a->file == NULL ? word : a->file;
            continue;
        }
        at++;
        if (strcmp(word, "--machine-key") == 0 && next != NULL) {
            a->machine_key = next;
        } else if (strcmp(word, "--keyring") == 0 && next != NULL) {
            a->keyring = next;
        } else if (!(strcmp(word, "--passphrase-fd") == 0 && take_fd(next, &a->passphrase_fd)) &&
                   !(strcmp(word, "--words-fd") == 0 && take_fd(next, &a->words_fd)) &&
                   !(strcmp(word, "--new-passphrase-fd") == 0 && take_fd(next, &a->new_fd))) {
            return false;
        }
    }
    return a->file != NULL;
}

int ns_offline_store(enum ns_lang lang, int argc, char **argv) {
    struct store_ask a = {.lang = lang, .passphrase_fd = -1, .words_fd = -1, .new_fd = -1};
    if (argc < 3 || !parse(&a, argc, argv)) {
        return usage(lang);
    }
    a.verb = argv[1];
    bool changes = a.slots != SLOTS_LIST;
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
        return changes ? store_slots_change(&a) : store_slots_list(&a);
    }
    return usage(lang);
}
