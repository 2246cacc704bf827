/* The agent's own process: command line, the one-agent lock, secrets, readiness, health. */
#include "agent/health/health.h"
#include "agent/options.h"
#include "agent/process.h"
#include "tests/harness/venv.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW ((ns_time)1773000000 * NS_SECOND)

static int words(const char *const *argv) {
    int n = 0;
    while (argv[n] != NULL) {
        n++;
    }
    return n;
}

Test(options, good_command_lines_are_read) {
    const char *argv[] = {"nestsyncd", "--home=/srv/family", "--passphrase-fd", "3", "--ready-fd=4",
                    "--lang", "fr", "--foreground", NULL};
    struct ns_options o;
    cr_assert_eq(ns_options_read(words(argv), argv, &o, NULL), NS_OK);
    cr_assert_str_eq(o.home, "/srv/family");
    cr_assert_eq(o.passphrase_fd, 3);
    cr_assert_eq(o.ready_fd, 4);
    cr_assert_eq(o.words_fd, -1);
    cr_assert(o.lang_given);
    cr_assert_eq(o.lang, NS_LANG_FR);
    cr_assert_eq(o.upkeep, NS_UPKEEP_NONE);
}

Test(options, what_follows_migrate_is_left_to_it) {
    const char *argv[] = {"nestsyncd", "--home", "/h", "--store=/f.db", "--migrate", "--to", "1", "--dry-run", NULL};
    struct ns_options o;
    cr_assert_eq(ns_options_read(words(argv), argv, &o, NULL), NS_OK);
    cr_assert_eq(o.upkeep, NS_UPKEEP_MIGRATE);
    cr_assert_str_eq(o.store, "/f.db");
    cr_assert_eq(o.upkeep_count, 3);
    cr_assert_str_eq(o.upkeep_words[2], "--dry-run");
}

Test(options, bad_command_lines_are_refused_by_name) {
    static const char *const bad[][4] = {
        {"nestsyncd", "--nothing", NULL},          {"nestsyncd", "word", NULL},
        {"nestsyncd", "--passphrase-fd", NULL},    {"nestsyncd", "--passphrase-fd=x", NULL},
        {"nestsyncd", "--ready-fd", "-1", NULL},   {"nestsyncd", "--lang=de", NULL},
        {"nestsyncd", "--version=2", NULL},        {"nestsyncd", "--home=", NULL},
        {"nestsyncd", "-h", NULL},
    };
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        const char *const *argv = bad[i];
        struct ns_options o;
        struct ns_err err = {0};
        cr_assert_eq(ns_options_read(words(argv), argv, &o, &err), NS_E_USAGE, "%s", argv[1]);
        struct ns_buf text = NS_BUF(1000);
        ns_err_text(&text, NS_LANG_EN, &err);
        cr_assert(strstr(text.data, "nestsyncd --help") != NULL, "%s", text.data);
        ns_buf_fini(&text);
    }
}

Test(options, help_lists_every_option_in_both_languages) {
    for (int lang = 0; lang < 2; lang++) {
        struct ns_buf out = NS_BUF(8000);
        ns_options_help(&out, (enum ns_lang)lang);
        static const char *const names[] = {"--home DIR", "--passphrase-fd N", "--words-fd N",
            "--ready-fd N", "--lang en|fr", "--foreground", "--check-config", "--migrate",
            "--store FILE", "--keyring FILE", "--version", "--help"};
        for (size_t i = 0; i < NS_COUNT(names); i++) {
            cr_assert(strstr(out.data, names[i]) != NULL, "%s", names[i]);
        }
        ns_buf_fini(&out);
    }
}

Test(options, language_comes_from_the_first_variable_that_is_set) {
    cr_assert_eq(ns_options_env_lang("fr_CA.UTF-8", "en", "en"), NS_LANG_FR);
    cr_assert_eq(ns_options_env_lang("", NULL, "fr_FR"), NS_LANG_FR);
    cr_assert_eq(ns_options_env_lang("C", "fr", "fr"), NS_LANG_EN);
    cr_assert_eq(ns_options_env_lang(NULL, NULL, NULL), NS_LANG_EN);
}

static void folder(char out[64]) {
    snprintf(out, 64, "/tmp/ns-agent-XXXXXX");
    cr_assert(mkdtemp(out) != NULL);
}

Test(process, a_home_has_one_agent_and_the_refusal_names_its_process) {
    char dir[64];
    folder(dir);
    char path[96];
    snprintf(path, sizeof path, "%s/agent.lock", dir);
    int first;
    int second;
    struct ns_err err = {0};
    cr_assert_eq(ns_process_lock(path, &first, &err), NS_OK);
    cr_assert_eq(ns_process_lock(path, &second, &err), NS_E_BUSY);
    char own[16];
    snprintf(own, sizeof own, "%ld", (long)getpid());
    cr_assert_str_eq(err.arg[1], own);
    cr_assert_eq(second, -1);
    close(first);
    cr_assert_eq(ns_process_lock(path, &second, NULL), NS_OK, "free again once it is closed");
    close(second);
    unlink(path);
    rmdir(dir);
}

Test(process, a_lock_in_a_missing_folder_is_refused) {
    int fd;
    struct ns_err err = {0};
    cr_assert_neq(ns_process_lock("/tmp/ns-no-such-folder/agent.lock", &fd, &err), NS_OK);
    cr_assert_eq(err.msg, NS_MSG_agent_folder_readonly);
}

static ns_rc secret_of(const char *bytes, size_t n, char *out, size_t *got) {
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], bytes, n), (ssize_t)n);
    close(ends[1]);
    ns_rc rc = ns_process_read_secret(ends[0], out, got, NULL);
    close(ends[0]);
    return rc;
}

Test(process, a_secret_is_one_line) {
    char out[NS_SECRET_MOST];
    size_t n;
    cr_assert_eq(secret_of("correct horse\nmore", 18, out, &n), NS_OK);
    cr_assert(ns_str_is((struct ns_str){out, n}, "correct horse"));
    cr_assert_eq(secret_of("no end", 6, out, &n), NS_OK);
    cr_assert_eq(n, 6);
    cr_assert_eq(secret_of("dos\r\n", 5, out, &n), NS_OK);
    cr_assert_eq(n, 3);
    cr_assert_eq(secret_of("", 0, out, &n), NS_OK);
    cr_assert_eq(n, 0);
    char many[NS_SECRET_MOST + 1];
    memset(many, 'x', sizeof many);
    cr_assert_eq(secret_of(many, NS_SECRET_MOST, out, &n), NS_OK);
    cr_assert_eq(n, NS_SECRET_MOST);
    cr_assert_eq(secret_of(many, sizeof many, out, &n), NS_E_LIMIT);
    cr_assert_eq(ns_process_read_secret(999, out, &n, NULL), NS_E_IO);
}

Test(process, whoever_started_the_agent_and_the_supervisor_hear_that_it_is_ready) {
    char dir[64];
    folder(dir);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", dir);
    int notify = socket(AF_UNIX, SOCK_DGRAM, 0);
    cr_assert_eq(bind(notify, (struct sockaddr *)&address, sizeof address), 0);
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    ns_process_tell_ready(ends[1], address.sun_path);
    char text[32] = "";
    cr_assert_eq(read(ends[0], text, sizeof text), 6);
    cr_assert_eq(memcmp(text, "ready\n", 6), 0);
    cr_assert_eq(read(ends[0], text, sizeof text), 0, "the descriptor is closed");
    cr_assert_eq(recv(notify, text, sizeof text, MSG_DONTWAIT), 7);
    cr_assert_eq(memcmp(text, "READY=1", 7), 0);
    ns_process_tell_stopping(address.sun_path);
    cr_assert_eq(recv(notify, text, sizeof text, MSG_DONTWAIT), 10);
    ns_process_tell_ready(-1, "relative-path-is-ignored");
    ns_process_tell_ready(-1, NULL);
    close(notify);
    close(ends[0]);
    unlink(address.sun_path);
    rmdir(dir);
}

Test(health, the_whole_is_the_worst_part_that_is_needed) {
    struct venv v;
    venv_init(&v, NOW, 1);
    struct ns_health *health = ns_health_new(&v.env, "/tmp");
    struct ns_health_view view;
    ns_health_look(health, NS_LANG_EN, &view);
    cr_assert_eq(view.parts[NS_HEALTH_FORECAST].state, NS_HEALTH_UNCONFIGURED);
    cr_assert_eq(view.parts[NS_HEALTH_FORECAST].last_ok, NS_TIME_NONE);
    ns_health_good(health, NS_HEALTH_STORE);
    ns_health_good(health, NS_HEALTH_ENDPOINT);
    venv_advance(&v, 90 * NS_SECOND);
    ns_health_bad(health, NS_HEALTH_FORECAST, NS_HEALTH_DOWN, NULL);
    ns_health_look(health, NS_LANG_EN, &view);
    cr_assert_eq(view.state, NS_HEALTH_DEGRADED, "a dead forecast leaves the log usable");
    cr_assert_eq(view.uptime_seconds, 90);
    cr_assert_eq(view.started, NOW);
    cr_assert_eq(view.parts[NS_HEALTH_STORE].last_ok, NOW);
    struct ns_err err = {.rc = NS_E_FULL, .note = "no room"};
    ns_health_bad(health, NS_HEALTH_STORE, NS_HEALTH_DOWN, &err);
    ns_health_look(health, NS_LANG_FR, &view);
    cr_assert_eq(view.state, NS_HEALTH_DOWN);
    cr_assert(strstr(view.parts[NS_HEALTH_STORE].detail, "no room") != NULL);
    cr_assert_eq(view.parts[NS_HEALTH_STORE].last_ok, NOW, "the last good time stays");
    ns_health_free(health);
    venv_fini(&v);
}

Test(health, what_went_well_before_this_start_is_told_with_its_time) {
    struct venv v;
    venv_init(&v, NOW, 1);
    struct ns_health *health = ns_health_new(&v.env, "/tmp");
    struct ns_health_view view;
    ns_health_good_at(health, NS_HEALTH_FORECAST, NOW - NS_HOUR);
    ns_health_look(health, NS_LANG_EN, &view);
    cr_assert_eq(view.parts[NS_HEALTH_FORECAST].state, NS_HEALTH_UP);
    cr_assert_eq(view.parts[NS_HEALTH_FORECAST].last_ok, NOW - NS_HOUR);
    ns_health_free(health);
}

Test(health, the_disk_is_judged_by_the_room_that_is_left) {
    cr_assert_eq(ns_health_disk_state(-1), NS_HEALTH_DEGRADED);
    cr_assert_eq(ns_health_disk_state(0), NS_HEALTH_DOWN);
    cr_assert_eq(ns_health_disk_state((int64_t)20 << 20), NS_HEALTH_DEGRADED);
    cr_assert_eq(ns_health_disk_state((int64_t)1 << 30), NS_HEALTH_UP);
    struct venv v;
    venv_init(&v, NOW, 1);
    struct ns_health *health = ns_health_new(&v.env, "/no/such/folder");
    struct ns_health_view view;
    ns_health_look(health, NS_LANG_EN, &view);
    cr_assert_eq(view.parts[NS_HEALTH_DISK].state, NS_HEALTH_DEGRADED);
    ns_health_free(health);
    venv_fini(&v);
}
