/* Settings files and folders: what is taken, and what is refused with place and remedy. */
#include "shared/config/paths.h"
#include "shared/config/settings.h"
#include "shared/text/message.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void agent_defaults(struct ns_settings *s) {
    ns_settings_defaults(s, ns_agent_settings, ns_agent_setting_count);
}

Test(config, every_default_fits_its_own_row) {
    struct ns_settings s;
    agent_defaults(&s);
    for (size_t i = 0; i < s.count; i++) {
        cr_assert_eq(ns_settings_set(&s, (int)i, ns_str_of(ns_agent_settings[i].fallback), NULL), NS_OK);
    }
    ns_settings_defaults(&s, ns_console_settings, ns_console_setting_count);
    for (size_t i = 0; i < s.count; i++) {
        cr_assert_eq(ns_settings_set(&s, (int)i, ns_str_of(ns_console_settings[i].fallback), NULL), NS_OK);
    }
}

Test(config, a_good_file_is_taken_and_written_back) {
    struct ns_settings s;
    agent_defaults(&s);
    struct ns_str text = NS_STR("# ours\n[log]\nlevel = debug\r\n\n[forecast]\n nightly_hour=4\n");
    cr_assert_eq(ns_settings_read(&s, "nestsync.conf", text, NULL), NS_OK);
    cr_assert_str_eq(ns_settings_text(&s, NS_SET_LOG_LEVEL), "debug");
    cr_assert_eq(ns_settings_int(&s, NS_SET_NIGHTLY_HOUR), 4);
    cr_assert_eq(ns_settings_int(&s, NS_SET_FORECAST_EVERY), 10);
    struct ns_buf out = NS_BUF(1000);
    ns_settings_write(&s, &out);
    cr_assert_str_eq(out.data, "[log]\nlevel = debug\n[forecast]\nnightly_hour = 4\n");
    ns_buf_fini(&out);
}

Test(config, faults_name_file_line_and_remedy_and_change_nothing) {
    static const struct {
        const char *text;
        const char *place;
        const char *word;
    } rows[] = {
        {"[log]\nlevel = loud\n", "nestsync.conf:2", "error warn info debug"},
        {"[log]\n\nvolume = 3\n", "nestsync.conf:3", "volume"},
        {"[noise]\n", "nestsync.conf:1", "noise"},
        {"level = info\n", "nestsync.conf:1", "level"},
        {"[log]\nlevel = info\nlevel = info\n", "nestsync.conf:3", "level"},
        {"[forecast]\nnightly_hour = 24\n", "nestsync.conf:2", "0–23"},
        {"[forecast]\nnightly_hour = 3h\n", "nestsync.conf:2", "0–23"},
        {"[forecast\n", "nestsync.conf:1", "[forecast"},
        {"[log]\nhello\n", "nestsync.conf:2", "hello"},
        {"[limits]\nconnections = 0\n", "nestsync.conf:2", "4–4096"},
        {"[limits]\nconnections = off\n", "nestsync.conf:2", "4–4096"},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_settings s;
        agent_defaults(&s);
        struct ns_err err = {0};
        cr_assert_eq(ns_settings_read(&s, "nestsync.conf", ns_str_of(rows[i].text), &err), NS_E_CONFIG);
        struct ns_buf text = NS_BUF(1000);
        ns_err_text(&text, NS_LANG_EN, &err);
        cr_assert_not_null(strstr(text.data, rows[i].place), "%s", text.data);
        cr_assert_not_null(strstr(text.data, rows[i].word), "%s", text.data);
        ns_buf_fini(&text);
        cr_assert_str_eq(ns_settings_text(&s, NS_SET_LOG_LEVEL), "info");
        cr_assert_eq(ns_settings_int(&s, NS_SET_CONNECTIONS), 64);
    }
}

static const char *home_only(const char *name) {
    return strcmp(name, "HOME") == 0 ? "/home/test" : NULL;
}
static const char *one_folder(const char *name) {
    return strcmp(name, "NESTSYNC_HOME") == 0 ? "/srv/nest" : home_only(name);
}
static const char *xdg(const char *name) {
    return strcmp(name, "XDG_RUNTIME_DIR") == 0 ? "/run/user/7"
           : strcmp(name, "XDG_CONFIG_HOME") == 0 ? "relative"
                                                  : home_only(name);
}
static const char *nothing(const char *name) {
    (void)name;
    return NULL;
}

Test(config, folders_follow_the_environment) {
    struct ns_paths p;
    cr_assert_eq(ns_paths_resolve(one_folder, NULL, &p, NULL), NS_OK);
    cr_assert_str_eq(p.store, "/srv/nest/nestsync.db");
    cr_assert_str_eq(p.socket, "/srv/nest/endpoint.sock");
    cr_assert_str_eq(p.agent_ini, "/srv/nest/nestsync.conf");
    cr_assert_eq(ns_paths_resolve(one_folder, "/tmp/other", &p, NULL), NS_OK);
    cr_assert_str_eq(p.store, "/tmp/other/nestsync.db");
    cr_assert_eq(ns_paths_resolve(home_only, NULL, &p, NULL), NS_OK);
    cr_assert_str_eq(p.store, "/home/test/.local/share/nestsync/nestsync.db");
    cr_assert_str_eq(p.socket, "/home/test/.local/share/nestsync/endpoint.sock");
    cr_assert_eq(ns_paths_resolve(xdg, NULL, &p, NULL), NS_OK);
    cr_assert_str_eq(p.socket, "/run/user/7/nestsync/endpoint.sock");
    cr_assert_str_eq(p.console_ini, "/home/test/.config/nestsync/console.ini");
}

Test(config, no_home_and_long_names_are_refused) {
    struct ns_paths p;
    struct ns_err err = {0};
    cr_assert_eq(ns_paths_resolve(nothing, NULL, &p, &err), NS_E_CONFIG);
    cr_assert_eq(err.msg, NS_MSG_config_no_home);
    char path[200];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[107 - strlen("/endpoint.sock")] = '\0';
    cr_assert_eq(ns_paths_resolve(nothing, path, &p, NULL), NS_OK);
    cr_assert_eq(strlen(p.socket), 107);
    path[107 - strlen("/endpoint.sock")] = 'a';
    path[108 - strlen("/endpoint.sock")] = '\0';
    ns_err_clear(&err);
    cr_assert_eq(ns_paths_resolve(nothing, path, &p, &err), NS_E_CONFIG);
    cr_assert_eq(err.msg, NS_MSG_config_path_long);
}
