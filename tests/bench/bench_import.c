/* bench_import.c: 100,000 changes read, staged and written in chunks. Prints one line of JSON. */
#include "agent/household/import.h"
#include "agent/store/migrate.h"
#include "shared/base/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EVENTS 100000

static void must(ns_rc rc, const struct ns_err *err, const char *what) {
    if (rc != NS_OK) {
        fprintf(stderr, "bench_import: %s: %s %s\n", what, ns_rc_key(rc), err->note);
        exit(1);
    }
}

static void text_of(struct ns_buf *b) {
    ns_date day = ns_date_of((struct ns_civil){2019, 1, 1});
    ns_buf_text(b, "date,time,type\n");
    for (int i = 0; i < EVENTS; i++) {
        char date[NS_DATE_TEXT];
        ns_date_format(day + i / 48, date);
        ns_buf_fmt(b, "%s,%02d:%02d,%s\n", date, i % 48 / 2, i % 2 * 30, i % 3 == 0 ? "mixed" : "wet");
    }
}

int main(void) {
    const struct ns_env *env = ns_env_system();
    struct ns_arena arena = {0};
    struct ns_err err = {0};
    struct ns_db *db = NULL;
    struct ns_buf text = NS_BUF(NS_IMPORT_BYTES_MAX);
    char path[] = "/tmp/ns-bench-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) {
        return 1;
    }
    close(fd);
    must(ns_db_open(path, NULL, &db, &err), &err, "open");
    struct ns_migrate_options o = {.now = ns_env_now(env)};
    must(ns_migrate_up(db, &o, &err), &err, "migrate");
    struct ns_act act = {.db = db, .env = env, .zone = ns_zone_find("America/Toronto"),
                         .now = ns_env_now(env), .arena = &arena};
    struct ns_user owner;
    struct ns_setup_input setup = {.display_name = "Bench", .province = "ON"};
    must(ns_household_set_up(&act, &setup, &owner, &err), &err, "set up");
    act.actor.user = owner.id;
    must(ns_consent_set(db, env, act.now, &act.actor, NS_CONSENT_CHILD_DATA, true, "1", "en", &err),
         &err, "consent");
    struct ns_child child;
    struct ns_child_input in = {.set = NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE, .name = "B",
                                .date_of_birth = ns_date_of((struct ns_civil){2018, 12, 31}),
                                .current_size = NS_SIZE_3};
    must(ns_child_create(&act, &in, &child, NULL, &err), &err, "child");
    text_of(&text);
    struct ns_import_job job;
    int64_t start = ns_env_steady_us(env);
    must(ns_import_stage(&act, child.id, NS_STR("bench.csv"), ns_buf_view(&text), NULL, &job, &err),
         &err, "stage");
    int64_t staged = ns_env_steady_us(env), longest = 0;
    for (bool done = false; !done;) {
        int64_t before = ns_env_steady_us(env);
        must(ns_import_write_chunk(&act, job.id, &job, &done, &err), &err, "write");
        int64_t took = ns_env_steady_us(env) - before;
        longest = took > longest ? took : longest;
    }
    int64_t end = ns_env_steady_us(env);
    printf("{\"bench\":\"import\",\"events\":%lld,\"stage_ms\":%lld,\"write_ms\":%lld,"
           "\"total_ms\":%lld,\"longest_chunk_ms\":%lld}\n", (long long)job.written,
           (long long)(staged - start) / 1000, (long long)(end - staged) / 1000,
           (long long)(end - start) / 1000, (long long)longest / 1000);
    ns_db_close(db);
    ns_buf_fini(&text);
    ns_arena_fini(&arena);
    unlink(path);
    return job.written == EVENTS ? 0 : 1;
}
