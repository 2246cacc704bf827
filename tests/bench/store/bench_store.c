/* bench_store.c: times of the encrypted store beside plain SQLite and SQLCipher, in pairs of the same run.
 * usage: bench-store [--pairs N] [--only WORDS] [--folder DIR] [--disk DIR] [JSON]
 *        bench-store --page seal|open N     N pages, for callgrind
 *        bench-store --make FILE KEYFILE    an empty store that this key opens */
#include "shared/crypto/page.h"
#include "shared/base/log.h"
#include "tests/bench/store/loads.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAIRS_MOST 101

struct result {
    int64_t plain_us, nest_us, cipher_us;          /* medians */
    int64_t ratio_ppm, low_ppm, high_ppm, cipher_ppm; /* nest to plain: median, quartiles; SQLCipher to nest */
    int64_t plain_cpu_us, cpu_ppm; /* the same ratio of processor time, which a busy host moves less */
    struct counts plain_calls, nest_calls;
    bool cipher;
};

static int64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int order(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t part(int64_t *v, int n, int percent) {
    qsort(v, (size_t)n, sizeof *v, order);
    return v[(n - 1) * percent / 100];
}

static int64_t time_once(const struct load *l, const struct engine *e, const char *folder, struct counts *calls,
                         int64_t *cpu) {
    sqlite3 *db = engine_new(e, folder);
    engine_run(e, db, l->settings);
    if (l->prepare != NULL) {
        l->prepare(e, db);
    }
    if (l->again) {
        e->close(db);
        db = engine_again(e, folder);
        engine_run(e, db, l->settings);
    }
    engine_counts(calls);
    int64_t from = now_ns(CLOCK_MONOTONIC), cpu_from = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    l->work(e, db);
    int64_t took = now_ns(CLOCK_MONOTONIC) - from;
    *cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_from;
    engine_counts(calls);
    e->close(db);
    engine_drop(e, folder);
    return took;
}

static void measure(const struct load *l, int pairs, const char *folder, struct result *r) {
    const struct engine *plain = engine_get("plain"), *nest = engine_get("nest"), *cipher = engine_get("cipher");
    int64_t p[PAIRS_MOST], s[PAIRS_MOST], c[PAIRS_MOST], ratio[PAIRS_MOST], gain[PAIRS_MOST];
    int64_t cpu[PAIRS_MOST], plain_cpu, nest_cpu;
    struct counts ignored;
    *r = (struct result){.cipher = cipher != NULL && l->mixed};
    time_once(l, nest, folder, &ignored, &nest_cpu); /* to warm up */
    for (int i = 0; i < pairs; i++) { /* who goes first changes */
        if (i % 2 == 0) {
            p[i] = time_once(l, plain, folder, &r->plain_calls, &plain_cpu);
            s[i] = time_once(l, nest, folder, &r->nest_calls, &nest_cpu);
        } else {
            s[i] = time_once(l, nest, folder, &r->nest_calls, &nest_cpu);
            p[i] = time_once(l, plain, folder, &r->plain_calls, &plain_cpu);
        }
        ratio[i] = s[i] * 1000000 / p[i];
        r->plain_cpu_us = plain_cpu / 1000;
        cpu[i] = nest_cpu * 1000000 / (plain_cpu > 0 ? plain_cpu : 1);
        if (r->cipher) {
            c[i] = time_once(l, cipher, folder, &ignored, &plain_cpu);
            gain[i] = c[i] * 1000000 / s[i];
        }
    }
    r->plain_us = part(p, pairs, 50) / 1000;
    r->nest_us = part(s, pairs, 50) / 1000;
    r->low_ppm = part(ratio, pairs, 25);
    r->high_ppm = part(ratio, pairs, 75);
    r->ratio_ppm = part(ratio, pairs, 50);
    r->cpu_ppm = part(cpu, pairs, 50);
    if (r->cipher) {
        r->cipher_us = part(c, pairs, 50) / 1000;
        r->cipher_ppm = part(gain, pairs, 50);
    }
}

static int64_t page_calls(const struct counts *c) {
    return c->reads + c->writes;
}

static void print_result(const struct load *l, const struct result *r, FILE *json, bool first) {
    char goal[40] = "", gain[90] = "";
    if (l->goal_ppm > 0) {
        snprintf(goal, sizeof goal, "goal %lld.%02lld %s", (long long)l->goal_ppm / 1000000,
                 (long long)l->goal_ppm / 10000 % 100, r->ratio_ppm <= l->goal_ppm ? "met" : "MISSED");
    }
    if (r->cipher) {
        snprintf(gain, sizeof gain, "  SQLCipher takes %lld.%02lld times as long as ours (goal 1.50)",
                 (long long)r->cipher_ppm / 1000000, (long long)r->cipher_ppm / 10000 % 100);
    }
    printf("%-28s plain %7lld us  nest %7lld us  ratio %lld.%03lld (%lld.%02lld..%lld.%02lld) processor %lld.%03lld  %s%s\n", l->name,
           (long long)r->plain_us, (long long)r->nest_us, (long long)r->ratio_ppm / 1000000,
           (long long)r->ratio_ppm / 1000 % 1000, (long long)r->low_ppm / 1000000, (long long)r->low_ppm / 10000 % 100,
           (long long)r->high_ppm / 1000000, (long long)r->high_ppm / 10000 % 100, (long long)r->cpu_ppm / 1000000,
           (long long)r->cpu_ppm / 1000 % 1000, goal, gain);
    printf("%-28s plain reads %lld writes %lld fsyncs %lld; nest reads %lld writes %lld fsyncs %lld; %lld page calls a ms of plain's processor time\n", "",
           (long long)r->plain_calls.reads, (long long)r->plain_calls.writes, (long long)r->plain_calls.syncs,
           (long long)r->nest_calls.reads, (long long)r->nest_calls.writes, (long long)r->nest_calls.syncs,
           (long long)(page_calls(&r->plain_calls) * 1000 / (r->plain_cpu_us > 0 ? r->plain_cpu_us : 1)));
    fflush(stdout);
    fprintf(json, "%s\n {\"load\":\"%s\",\"plainUs\":%lld,\"nestUs\":%lld,\"ratioPpm\":%lld,\"processorRatioPpm\":%lld,\"quartilesPpm\":[%lld,%lld],\"goalPpm\":%lld,"
            "\"plainCalls\":[%lld,%lld,%lld],\"nestCalls\":[%lld,%lld,%lld],\"sqlcipherUs\":%lld,\"sqlcipherToNestPpm\":%lld}",
            first ? "" : ",", l->name, (long long)r->plain_us, (long long)r->nest_us, (long long)r->ratio_ppm,
            (long long)r->cpu_ppm, (long long)r->low_ppm, (long long)r->high_ppm, (long long)l->goal_ppm, (long long)r->plain_calls.reads,
            (long long)r->plain_calls.writes, (long long)r->plain_calls.syncs, (long long)r->nest_calls.reads,
            (long long)r->nest_calls.writes, (long long)r->nest_calls.syncs, (long long)r->cipher_us, (long long)r->cipher_ppm);
}

/* Bytes a connection in use takes, malloc's and SQLite's together. */
static int64_t memory_of(const struct engine *e, const char *folder) {
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    sqlite3 *db = engine_new(e, folder);
    engine_run(e, db, "PRAGMA cache_size=500; PRAGMA journal_mode=WAL; CREATE TABLE t(i INTEGER PRIMARY KEY, x); "
                      "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<20000) "
                      "INSERT INTO t SELECT i, hex(randomblob(200)) FROM c");
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    e->close(db);
    engine_drop(e, folder);
    return (int64_t)after - (int64_t)before;
}

static int64_t unlock_us(const char *folder) {
    static const uint8_t key[NS_KEY_BYTES] = {7};
    int64_t took[21];
    const struct engine *e = engine_get("nest");
    e->close(engine_new(e, folder));
    for (int i = 0; i < 21; i++) {
        struct ns_vault *v = NULL;
        int64_t from = now_ns(CLOCK_MONOTONIC);
        if (ns_vault_unlock_machine(engine_path(folder), key, &v, NULL) != NS_OK) {
            return -1;
        }
        took[i] = (now_ns(CLOCK_MONOTONIC) - from) / 1000;
        ns_vault_release(v);
    }
    engine_drop(e, folder);
    return part(took, 21, 50);
}

static int pages(const char *what, long n) {
    static uint8_t key[NS_KEY_BYTES] = {3}, page[4096], trailer[NS_TRAILER_BYTES];
    static const uint8_t id[16] = {9};
    struct ns_page_cipher *cipher = ns_page_cipher_new(key, true);
    struct ns_page_place place = {NS_PAGE_MAIN, 1, 1, id, 1, 0};
    static uint8_t sealed[4096], sealed_trailer[NS_TRAILER_BYTES];
    bool ok = cipher != NULL && ns_page_seal(cipher, &place, sealed, page, 4056, sealed_trailer);
    for (long i = 0; ok && i < n; i++) {
        ok = strcmp(what, "seal") == 0 ? ns_page_seal(cipher, &place, sealed, page, 4056, trailer)
                                       : ns_page_open(cipher, &place, page, sealed, 4056, sealed_trailer);
    }
    ns_page_cipher_free(cipher);
    return ok ? 0 : 1;
}

static int make(const char *file, const char *key_file) {
    static const struct ns_kdf cheap = {64, 1};
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    uint8_t key[NS_KEY_BYTES];
    char words[NS_WORDS_TEXT], path[400];
    struct ns_vault *v = NULL;
    struct ns_vault_options options = {.machine_key = key, .cost = &cheap};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", file, ends[i]);
        unlink(path);
    }
    unlink(key_file);
    bool ok = ns_vault_key_write(key_file, key, NULL) == NS_OK && ns_vault_create(file, &options, words, &v, NULL) == NS_OK;
    ns_vault_release(v);
    return ok ? 0 : 1;
}

int main(int argc, char **argv) {
    const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", *disk = ".", *only = NULL, *out = NULL;
    int pairs_wanted = 9;
    ns_log_set_level(0);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--page") == 0 && i + 2 < argc) {
            return ns_crypto_init(NULL) == NS_OK ? pages(argv[i + 1], strtol(argv[i + 2], NULL, 10)) : 1;
        } else if (strcmp(argv[i], "--make") == 0 && i + 2 < argc) {
            return make(argv[i + 1], argv[i + 2]);
        } else if (strcmp(argv[i], "--pairs") == 0 && i + 1 < argc) {
            pairs_wanted = (int)strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            only = argv[++i];
        } else if (strcmp(argv[i], "--folder") == 0 && i + 1 < argc) {
            shm = argv[++i];
        } else if (strcmp(argv[i], "--disk") == 0 && i + 1 < argc) {
            disk = argv[++i];
        } else {
            out = argv[i];
        }
    }
    pairs_wanted = pairs_wanted < 1 ? 1 : pairs_wanted > PAIRS_MOST ? PAIRS_MOST : pairs_wanted;
    char folder[300], disk_folder[300];
    snprintf(folder, sizeof folder, "%s/ns-bench-XXXXXX", shm);
    snprintf(disk_folder, sizeof disk_folder, "%s/ns-bench-XXXXXX", disk);
    FILE *json = out == NULL ? fopen("/dev/null", "w") : fopen(out, "w");
    if (mkdtemp(folder) == NULL || mkdtemp(disk_folder) == NULL || json == NULL || ns_vfs_register(NULL) != NS_OK) {
        perror("bench-store");
        return 1;
    }
    fprintf(json, "{\"pairs\":%d,\"sqlcipher\":%s,\"loads\":[", pairs_wanted, engine_get("cipher") != NULL ? "true" : "false");
    bool first = true;
    for (int i = 0; i < load_count; i++) {
        struct result r;
        if (only != NULL && strstr(loads[i].name, only) == NULL) {
            continue;
        }
        measure(&loads[i], pairs_wanted, loads[i].disk ? disk_folder : folder, &r);
        print_result(&loads[i], &r, json, first);
        first = false;
    }
    int64_t plain = memory_of(engine_get("plain"), folder), nest = memory_of(engine_get("nest"), folder);
    int64_t unlock = unlock_us(folder);
    printf("%-28s %lld KiB more than plain (goal 256)\n", "memory", (long long)(nest - plain) / 1024);
    printf("%-28s %lld us (goal 5000)\n", "unlock by machine slot", (long long)unlock);
    fprintf(json, "],\n\"extraBytes\":%lld,\"unlockUs\":%lld}\n", (long long)(nest - plain), (long long)unlock);
    rmdir(folder);
    rmdir(disk_folder);
    return fclose(json) == 0 ? 0 : 1;
}
