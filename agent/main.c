/* main.c: nestsyncd: arguments, settings, start, run, stop, exit status. */
#include "agent/agent.h"
#include "agent/process.h"
#include "agent/selling.h"
#include "agent/upkeep.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MODULE "agent"
#include "shared/base/log.h"

#define SETTINGS_FILE_MOST ((size_t)64 << 10)

static const char *variable(const char *name) {
    return getenv(name);
}

static int failed(enum ns_lang lang, const struct ns_err *err) {
    struct ns_buf text = NS_BUF(4096);
    ns_err_text(&text, lang, err);
    fprintf(stderr, "nestsyncd: %s\n", text.data != NULL ? text.data : ns_rc_key(err->rc));
    if (err->msg == NS_MSG_NONE) {
        LOG_ERROR("%s: %s", ns_rc_key(err->rc), err->note);
    }
    ns_buf_fini(&text);
    return ns_rc_exit_status(err->rc);
}

/* Settings of the file, or the defaults without one. */
static ns_rc read_settings(const struct ns_env *env, const char *path, struct ns_settings *out,
                           bool *there, struct ns_err *err) {
    ns_settings_defaults(out, ns_agent_settings, ns_agent_setting_count);
    struct ns_buf text = NS_BUF(SETTINGS_FILE_MOST);
    struct ns_err inner = {0};
    ns_rc rc = env->read_file(env->self, path, &text, &inner);
    *there = rc != NS_E_NOT_FOUND;
    if (rc == NS_OK) {
        rc = ns_settings_read(out, path, ns_buf_view(&text), err);
    } else if (rc == NS_E_NOT_FOUND) {
        rc = NS_OK;
    } else {
        rc = ns_err_say(err, NS_E_CONFIG, NS_MSG_agent_config_unreadable, path, inner.note, NULL);
    }
    ns_buf_fini(&text);
    return rc;
}

static void apply_log_level(const struct ns_settings *settings) {
    static const struct {
        const char *name;
        enum ns_log_level level;
    } levels[] = {{"error", NS_LOG_ERROR}, {"warn", NS_LOG_WARN}, {"info", NS_LOG_INFO},
                  {"debug", NS_LOG_DEBUG}};
    for (size_t i = 0; i < NS_COUNT(levels); i++) {
        if (strcmp(ns_settings_text(settings, NS_SET_LOG_LEVEL), levels[i].name) == 0) {
            ns_log_set_level(levels[i].level);
        }
    }
}

static void print(struct ns_buf *text) {
    fputs(text->data != NULL ? text->data : "", stdout);
    ns_buf_fini(text);
}

static void say_config(enum ns_lang lang, const char *path, bool there) {
    struct ns_buf text = NS_BUF(4096);
    NS_MSG_TO(&text, lang, there ? NS_MSG_agent_config_good : NS_MSG_agent_config_absent, path);
    ns_buf_char(&text, '\n');
    print(&text);
}

static ns_rc run_agent(const struct ns_agent_setup *setup, struct ns_err *err) {
    struct ns_agent *agent = NULL;
    ns_rc rc = ns_agent_start(setup, &agent, err);
    if (rc == NS_OK) {
        ns_agent_run(agent);
        ns_agent_stop(agent);
        LOG_INFO("stopped");
    }
    return rc;
}

static ns_rc run(const struct ns_options *options, struct ns_err *err) {
    const struct ns_env *env = ns_env_system();
    struct ns_paths paths;
    struct ns_settings settings;
    bool there;
    ns_rc rc = ns_paths_resolve(variable, options->home, &paths, err);
    if (rc == NS_OK) {
        rc = read_settings(env, paths.agent_ini, &settings, &there, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (options->check_config) {
        rc = ns_selling_check(env, &settings, options->env_file, err);
        if (rc != NS_OK) {
            return rc;
        }
        struct ns_buf report = NS_BUF((size_t)16 << 10);
        rc = ns_selling_report(env, &settings, &paths, options->env_file, options->lang, options->json, &report, err);
        if (rc == NS_OK && !options->json) {
            say_config(options->lang, paths.agent_ini, there);
        }
        print(&report);
        return rc;
    }
    apply_log_level(&settings);
    const struct ns_agent_setup setup = {.env = env,
                                         .options = options,
                                         .paths = &paths,
                                         .settings = &settings,
                                         .notify_socket = getenv("NOTIFY_SOCKET")};
    return options->upkeep != NS_UPKEEP_NONE ? ns_upkeep_run(&setup, err) : run_agent(&setup, err);
}

int main(int argc, char **argv) {
    enum ns_lang lang = ns_options_env_lang(getenv("LC_ALL"), getenv("LC_MESSAGES"),
                                            getenv("LANG"));
    struct ns_options options;
    struct ns_err err = {0};
    ns_process_harden();
    if (ns_options_read(argc, (const char *const *)argv, &options, &err) != NS_OK) {
        return failed(lang, &err);
    }
    options.credentials = getenv("CREDENTIALS_DIRECTORY");
    options.lang = options.lang_given ? options.lang : lang;
    if (options.help) {
        struct ns_buf text = NS_BUF(8192);
        ns_options_help(&text, options.lang);
        print(&text);
        return 0;
    }
    if (options.version) {
        puts("nestsyncd " NS_VERSION);
        return 0;
    }
    ns_rc rc = run(&options, &err);
    return rc == NS_OK ? 0 : failed(options.lang, &err);
}
