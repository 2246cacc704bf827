/* erased.c: one small file of hashes. */
#include "agent/erased.h"
#include "agent/store/erase.h"
#include "shared/base/env.h"
#include "shared/crypto/crypto.h"

#include <stdio.h>
#include <string.h>

#define FILE_MOST ((size_t)1 << 20)
#define LINE 65 /* 64 digits and a line break */

static bool name_file(const char *folder, char out[600]) {
    int n = snprintf(out, 600, "%s/erased", folder);
    return n > 0 && n < 600;
}

static void hash_of(ns_id child, char out[LINE + 1]) {
    static const char label[] = "nestsync erased 1";
    uint8_t message[sizeof label + sizeof child.b], digest[32];
    memcpy(message, label, sizeof label);
    memcpy(message + sizeof label, child.b, sizeof child.b);
    ns_crypto_sha256(digest, message, sizeof message);
    for (size_t i = 0; i < sizeof digest; i++) {
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
    memcpy(out + LINE - 1, "\n", 2);
}

static ns_rc read_all(const struct ns_env *env, const char *folder, char path[600], struct ns_buf *out,
                      struct ns_err *err) {
    if (!name_file(folder, path)) {
        return ns_err_note(err, NS_E_LIMIT, "a path is too long");
    }
    ns_rc rc = env->read_file(env->self, path, out, NULL);
    return rc == NS_E_NOT_FOUND ? NS_OK : rc == NS_OK ? NS_OK : ns_err_note(err, rc, "the list of the erased cannot be read");
}

ns_rc ns_erased_note(const struct ns_env *env, const char *folder, ns_id child, struct ns_err *err) {
    struct ns_buf text = NS_BUF(FILE_MOST);
    char path[600], line[LINE + 1];
    ns_rc rc = read_all(env, folder, path, &text, err);
    hash_of(child, line);
    ns_buf_text(&text, line);
    if (rc == NS_OK) {
        rc = text.failed ? ns_err_note(err, NS_E_LIMIT, "the list of the erased is full")
                         : env->write_file(env->self, path, text.data, text.len, 0600, err);
    }
    ns_buf_fini(&text);
    return rc;
}

bool ns_erased_any(const struct ns_env *env, const char *folder) {
    struct ns_buf text = NS_BUF(FILE_MOST);
    char path[600];
    bool any = read_all(env, folder, path, &text, NULL) != NS_OK || text.len > 0;
    ns_buf_fini(&text);
    return any;
}

static ns_rc erase_one(struct ns_db *db, ns_id child, ns_time now, struct ns_err *err) {
    struct ns_erased done;
    ns_rc rc = ns_db_begin(db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_child_erase(db, child, now, &done, err);
    if (rc == NS_OK) {
        return ns_db_commit(db, err);
    }
    ns_db_rollback(db);
    return rc;
}

ns_rc ns_erased_in(const struct ns_env *env, const char *folder, struct ns_db *db, struct ns_arena *arena,
                   ns_id **out, int *count, struct ns_err *err) {
    struct ns_buf text = NS_BUF(FILE_MOST);
    struct ns_erasable *all = NULL;
    char path[600], line[LINE + 1];
    int n = 0;
    *count = 0;
    ns_rc rc = read_all(env, folder, path, &text, err);
    if (rc == NS_OK) {
        rc = ns_row_children_erasable(db, arena, &all, &n, err);
    }
    *out = NS_NEW_N(arena, ns_id, (size_t)n + 1);
    for (int i = 0; rc == NS_OK && i < n; i++) {
        hash_of(all[i].id, line);
        if (text.data != NULL && strstr(text.data, line) != NULL) {
            (*out)[(*count)++] = all[i].id;
        }
    }
    ns_buf_fini(&text);
    return rc;
}

ns_rc ns_erased_apply(const struct ns_env *env, const char *folder, struct ns_db *db, ns_time now,
                      int *count, struct ns_err *err) {
    struct ns_arena arena = {0};
    ns_id *ids = NULL;
    int n = 0;
    *count = 0;
    ns_rc rc = ns_erased_in(env, folder, db, &arena, &ids, &n, err);
    for (int i = 0; rc == NS_OK && i < n; i++) {
        rc = erase_one(db, ids[i], now, err);
        *count += rc == NS_OK ? 1 : 0;
    }
    ns_arena_fini(&arena);
    return rc;
}
