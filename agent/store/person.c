/* person.c: the texts that say who somebody is are sealed under that person's own key.
 *
 * SQL of this folder calls person_seal(person, text) when it writes and person_open(person, text)
 * when it reads; the keys stand in person_keys. Without its row a person's texts are noise, in
 * every copy of the file whose row is gone. A sealed text is "~" and hexadecimal digits of nonce,
 * ciphertext and tag (XChaCha20-Poly1305, bound to the person's id). */
#include "agent/store/person.h"
#include "shared/crypto/crypto.h"

#include <sqlite3.h>
#include <string.h>

enum { KEY, ADD, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [KEY] = "SELECT key FROM person_keys WHERE person_id = ?",
    [ADD] = "INSERT INTO person_keys (person_id, key, made_at) VALUES (?, person_key(), ?)",
};
const struct ns_query_table ns_queries_person = {"person", queries, Q_COUNT};

#define MARK '~'
#define OVERHEAD (NS_NONCE_BYTES + NS_TAG_BYTES)

/* False without a key (erased, or not a person). */
static bool key_of(struct ns_db *db, ns_id person, uint8_t key[NS_KEY_BYTES], ns_rc *rc) {
    struct ns_query q;
    bool found = false;
    ns_query_start(&q, db, queries[KEY]);
    ns_query_id(&q, person);
    if (ns_query_row(&q)) {
        struct ns_str bytes = ns_col_bytes(&q, 0);
        found = bytes.n == NS_KEY_BYTES;
        if (found) {
            memcpy(key, bytes.p, NS_KEY_BYTES);
        }
    }
    *rc = ns_query_end(&q, NULL);
    return found && *rc == NS_OK;
}

static bool find_key(struct ns_db *db, sqlite3_value *person, uint8_t key[NS_KEY_BYTES], ns_rc *rc) {
    ns_id id = {{0}};
    *rc = NS_OK;
    if (sqlite3_value_bytes(person) != (int)sizeof id.b) {
        return false;
    }
    memcpy(id.b, sqlite3_value_blob(person), sizeof id.b);
    return key_of(db, id, key, rc);
}

static void answer_hex(sqlite3_context *ctx, const uint8_t *bytes, size_t n) {
    static const char digits[] = "0123456789abcdef";
    char *text = sqlite3_malloc64(2 * n + 2);
    if (text == NULL) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    text[0] = MARK;
    for (size_t i = 0; i < n; i++) {
        text[1 + 2 * i] = digits[bytes[i] >> 4];
        text[2 + 2 * i] = digits[bytes[i] & 15];
    }
    text[1 + 2 * n] = '\0';
    sqlite3_result_text64(ctx, text, 2 * n + 1, sqlite3_free, SQLITE_UTF8);
}

static void person_seal(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
    (void)argc;
    uint8_t key[NS_KEY_BYTES] = {0};
    ns_rc rc;
    if (sqlite3_value_type(argv[1]) == SQLITE_NULL) {
        return;
    }
    const uint8_t *text = sqlite3_value_text(argv[1]);
    size_t n = (size_t)sqlite3_value_bytes(argv[1]);
    if (!find_key(sqlite3_user_data(ctx), argv[0], key, &rc)) {
        sqlite3_result_error(ctx, "a text of a person without a key", -1);
        return;
    }
    uint8_t *out = sqlite3_malloc64(n + OVERHEAD);
    if (out == NULL) {
        sqlite3_result_error_nomem(ctx);
    } else {
        ns_crypto_random(out, NS_NONCE_BYTES);
        if (ns_crypto_seal(out + NS_NONCE_BYTES, text, n, key, out, sqlite3_value_blob(argv[0]), 16)) {
            answer_hex(ctx, out, n + OVERHEAD);
        } else {
            sqlite3_result_error(ctx, "a text could not be sealed", -1);
        }
    }
    sqlite3_free(out);
    ns_crypto_wipe(key, sizeof key);
}

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes behind the mark; NULL: not a sealed text. */
static uint8_t *read_hex(const char *text, size_t n, size_t *out_n) {
    if (n < 1 + 2 * OVERHEAD || n % 2 == 0 || text[0] != MARK) {
        return NULL;
    }
    *out_n = (n - 1) / 2;
    uint8_t *bytes = sqlite3_malloc64(*out_n);
    for (size_t i = 0; bytes != NULL && i < *out_n; i++) {
        int high = digit(text[1 + 2 * i]), low = digit(text[2 + 2 * i]);
        if (high < 0 || low < 0) {
            sqlite3_free(bytes);
            return NULL;
        }
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return bytes;
}

/* What was written before there were keys is given back as it is; an erased person's text is "". */
static void person_open(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
    (void)argc;
    uint8_t key[NS_KEY_BYTES] = {0};
    ns_rc rc;
    size_t n = 0;
    if (sqlite3_value_type(argv[1]) == SQLITE_NULL) {
        return;
    }
    const char *text = (const char *)sqlite3_value_text(argv[1]);
    uint8_t *bytes = read_hex(text, (size_t)sqlite3_value_bytes(argv[1]), &n);
    if (bytes == NULL) {
        sqlite3_result_value(ctx, argv[1]);
        return;
    }
    if (!find_key(sqlite3_user_data(ctx), argv[0], key, &rc)) {
        if (rc == NS_OK) {
            sqlite3_result_text(ctx, "", 0, SQLITE_STATIC);
        } else {
            sqlite3_result_error(ctx, "the keys of persons cannot be read", -1);
        }
    } else if (ns_crypto_open(bytes + NS_NONCE_BYTES, bytes + NS_NONCE_BYTES, n - NS_NONCE_BYTES, key, bytes,
                              sqlite3_value_blob(argv[0]), 16)) {
        sqlite3_result_text64(ctx, (const char *)bytes + NS_NONCE_BYTES, n - OVERHEAD, SQLITE_TRANSIENT, SQLITE_UTF8);
    } else {
        sqlite3_result_error(ctx, "a person's text does not open", -1);
    }
    ns_crypto_wipe(bytes, n);
    sqlite3_free(bytes);
    ns_crypto_wipe(key, sizeof key);
}

static void person_key(sqlite3_context *ctx, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    uint8_t key[NS_KEY_BYTES];
    ns_crypto_random(key, sizeof key);
    sqlite3_result_blob(ctx, key, sizeof key, SQLITE_TRANSIENT);
    ns_crypto_wipe(key, sizeof key);
}

ns_rc ns_person_functions(struct ns_db *db, struct ns_err *err) {
    static const struct {
        const char *name;
        int args;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"person_key", 0, person_key}, {"person_seal", 2, person_seal}, {"person_open", 2, person_open}};
    ns_rc rc = ns_crypto_init(err);
    for (size_t i = 0; rc == NS_OK && i < NS_COUNT(functions); i++) {
        int code = sqlite3_create_function(ns_db_handle(db), functions[i].name, functions[i].args,
                                           SQLITE_UTF8 | SQLITE_DIRECTONLY, db, functions[i].run, NULL, NULL);
        rc = ns_db_error(db, code, err);
    }
    return rc;
}

ns_rc ns_person_key_add(struct ns_db *db, ns_id person, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, person);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

ns_rc ns_person_key_read(struct ns_db *db, ns_id person, uint8_t key[NS_KEY_BYTES], struct ns_err *err) {
    ns_rc rc;
    if (!key_of(db, person, key, &rc)) {
        return ns_err_note(err, rc == NS_OK ? NS_E_NOT_FOUND : rc, "a person without a key");
    }
    return NS_OK;
}
