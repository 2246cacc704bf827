/* store_kit.c */
#include "tests/fault/store_kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(bool ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "store_kit: %s\n", what);
        abort();
    }
}

void kit_make(struct kit *k) {
    static const struct ns_kdf cheap = {64, 1};
    const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(k->folder, sizeof k->folder, "%s/ns-store-XXXXXX", shm);
    must(mkdtemp(k->folder) != NULL, "mkdtemp");
    snprintf(k->path, sizeof k->path, "%s/home.db", k->folder);
    must(ns_crypto_init(NULL) == NS_OK, "crypto");
    ns_crypto_random(k->key, sizeof k->key);
    struct ns_vault_options options = {.passphrase = NS_STR(KIT_PASSPHRASE), .recovery = true,
                                       .machine_key = k->key, .cost = &cheap};
    struct ns_err err = {0};
    if (ns_vault_create(k->path, &options, k->words, &k->vault, &err) != NS_OK) {
        must(false, err.note);
    }
    must(ns_vault_attach(k->vault, NULL) == NS_OK, "attach");
}

void kit_reopen(struct kit *k) {
    ns_vault_release(k->vault);
    k->vault = NULL;
    must(ns_vault_unlock_machine(k->path, k->key, &k->vault, NULL) == NS_OK, "unlock");
    must(ns_vault_attach(k->vault, NULL) == NS_OK, "attach");
}

void kit_remove(struct kit *k) {
    ns_vault_release(k->vault);
    k->vault = NULL;
    DIR *dir = opendir(k->folder);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", k->folder, e->d_name);
        unlink(path);
    }
    if (dir != NULL) {
        closedir(dir);
    }
    rmdir(k->folder);
}

sqlite3 *kit_open(const char *path) {
    char uri[400];
    sqlite3 *db = NULL;
    snprintf(uri, sizeof uri, "file:%s?vfs=nest", path);
    int rc = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL);
    if (rc != SQLITE_OK) {
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_busy_timeout(db, 5000);
    return db;
}

int kit_exec(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int64_t kit_int(sqlite3 *db, const char *sql) {
    sqlite3_stmt *st = NULL;
    int64_t value = INT64_MIN;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
        value = sqlite3_column_int64(st, 0);
    }
    return sqlite3_finalize(st) == SQLITE_OK ? value : INT64_MIN;
}

bool kit_text_is(sqlite3 *db, const char *sql, const char *want) {
    sqlite3_stmt *st = NULL;
    bool same = sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
                sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0) != NULL &&
                strcmp((const char *)sqlite3_column_text(st, 0), want) == 0;
    if (!same && st != NULL) {
        const unsigned char *got = sqlite3_column_text(st, 0);
        fprintf(stderr, "%s gave %s (%s)\n", sql, got == NULL ? (const unsigned char *)"nothing" : got, sqlite3_errmsg(db));
    }
    sqlite3_finalize(st);
    return same;
}

long kit_load(const char *path, uint8_t **out) {
    FILE *in = fopen(path, "rb");
    *out = NULL;
    if (in == NULL) {
        return -1;
    }
    fseek(in, 0, SEEK_END);
    long n = ftell(in);
    rewind(in);
    *out = malloc(n > 0 ? (size_t)n : 1);
    must(*out != NULL && fread(*out, 1, (size_t)n, in) == (size_t)n, "read");
    fclose(in);
    return n;
}

void kit_save(const char *path, const uint8_t *bytes, long n) {
    if (n < 0) {
        unlink(path);
        return;
    }
    FILE *out = fopen(path, "wb");
    must(out != NULL && fwrite(bytes, 1, (size_t)n, out) == (size_t)n && fclose(out) == 0, "write");
}
